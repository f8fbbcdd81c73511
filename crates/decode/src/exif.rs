//! The orientation that EXIF data name.

/// How the stored picture must be turned to be upright, EXIF's 1 to 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orientation(u8);

impl Orientation {
    /// As stored.
    pub const UPRIGHT: Self = Self(1);

    /// The orientation of EXIF's number, 1 to 8.
    pub fn from_exif(number: u32) -> Option<Self> {
        u8::try_from(number).ok().filter(|number| (1..=8).contains(number)).map(Self)
    }

    /// EXIF's number.
    pub(crate) fn number(self) -> u8 {
        self.0
    }

    /// Whether rows become columns.
    pub fn is_transposed(self) -> bool {
        self.0 >= 5
    }

    /// Whether stored rows run from right to left.
    pub(crate) fn reverses_rows(self) -> bool {
        matches!(self.0, 2 | 3 | 7 | 8)
    }

    /// Whether the stored rows come from the bottom up.
    pub(crate) fn reverses_columns(self) -> bool {
        matches!(self.0, 3 | 4 | 6 | 7)
    }
}

/// What EXIF data say that matters to pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exif {
    /// The orientation, where there is one.
    pub(crate) orientation: Option<Orientation>,
    /// There is an orientation, but none that there is.
    pub(crate) is_unclear: bool,
    /// The samples are in the Adobe RGB colour space.
    pub(crate) is_adobe_rgb: bool,
}

/// EXIF data that say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExifError {
    /// Not the structure that EXIF data have.
    Unreadable,
    /// Two orientations.
    Contradictory,
}

const ORIENTATION: u16 = 0x0112;
const EXIF_DIRECTORY: u16 = 0x8769;
const COLOUR_SPACE: u16 = 0xa001;

/// The value of [`COLOUR_SPACE`] that cameras write for Adobe RGB.
const ADOBE_RGB: u32 = 2;

const SHORT: u16 = 3;

/// Reads EXIF data: a TIFF of directories without a picture.
pub(crate) fn read(data: &[u8]) -> Result<Exif, ExifError> {
    // PNG's and WebP's chunks leave JPEG's prefix out, and some writers do not.
    let tiff = Tiff::new(data.strip_prefix(b"Exif\0\0").unwrap_or(data)).ok_or(ExifError::Unreadable)?;
    let main = tiff.directory(tiff.number(4, 4)).ok_or(ExifError::Unreadable)?;
    let mut exif = Exif::default();
    for entry in main.clone().filter(|entry| entry.tag == ORIENTATION) {
        // 0 is written by many for "nobody knows", which is no orientation
        match Orientation::from_exif(entry.value) {
            Some(found) if entry.kind == SHORT && entry.count == 1 => {
                if exif.orientation.is_some_and(|orientation| orientation != found) {
                    return Err(ExifError::Contradictory);
                }
                exif.orientation = Some(found);
            }
            _ => exif.is_unclear |= entry.value != 0,
        }
    }
    let mut pointers = main.filter(|entry| entry.tag == EXIF_DIRECTORY);
    if let Some(mut entries) = pointers.next().and_then(|entry| tiff.directory(Some(entry.value))) {
        exif.is_adobe_rgb = entries.any(|entry| entry.tag == COLOUR_SPACE && entry.value == ADOBE_RGB);
    }
    Ok(exif)
}

#[derive(Clone, Copy)]
struct Tiff<'a> {
    bytes: &'a [u8],
    is_little: bool,
}

struct Entry {
    tag: u16,
    kind: u16,
    count: u32,
    /// The value where it is in the entry itself, else where it is.
    value: u32,
}

impl<'a> Tiff<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let is_little = match bytes.get(..2)? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        let tiff = Self { bytes, is_little };
        (tiff.number(2, 2)? == 42).then_some(tiff)
    }

    /// The number of two or four bytes at a place.
    fn number(&self, at: usize, length: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..at.checked_add(length)?)?;
        let join = |sum: u32, &byte: &u8| sum << 8 | u32::from(byte);
        Some(if self.is_little { bytes.iter().rev().fold(0, join) } else { bytes.iter().fold(0, join) })
    }

    fn directory(self, at: Option<u32>) -> Option<impl Iterator<Item = Entry> + Clone + use<'a>> {
        let at = usize::try_from(at?).ok()?;
        let entries = self.number(at, 2)? as usize;
        // All entries must be there, or the directory is not one.
        self.bytes.get(at..at.checked_add(2 + 12 * entries)?)?;
        Some((0..entries).filter_map(move |index| {
            let at = at + 2 + 12 * index;
            let [tag, kind] = [at, at + 2].map(|at| self.number(at, 2).map(|number| number as u16));
            let (kind, count) = (kind?, self.number(at + 4, 4)?);
            let length = if kind == SHORT { 2 } else { 4 };
            Some(Entry { tag: tag?, kind, count, value: self.number(at + 8, length)? })
        }))
    }
}
