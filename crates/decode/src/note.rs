//! What a file says of its pixels and its reader does not follow, or follows by a rule of its own.

use crate::{
    error::{Format, Problem},
    exif::{self, Exif},
};
use std::fmt;

/// Something that whoever compares pictures should know. The pixels are read all the same.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// A profile says what colours the samples are; they are taken as they stand.
    ProfileIgnored {
        /// The profile's own description, cut and made printable; empty where it has none.
        description: String,
    },
    /// The samples are of another brightness curve than sRGB's; they are taken as they stand.
    GammaIgnored {
        /// The exponent of the file's curve.
        gamma: f64,
    },
    /// The samples are of another colour space than sRGB; they are taken as they stand.
    ColourSpaceIgnored {
        /// What the file calls it.
        space: String,
    },
    /// Samples had 16 bits and were rounded to 8.
    Rounded,
    /// Pixels that are not opaque were put on the background that the caller gave.
    OnBackground,
    /// The EXIF data cannot be read, or name an orientation that there is none of: none is applied.
    OrientationUnclear,
    /// A second EXIF segment has another orientation; as everywhere, the first counts.
    LaterExifIgnored,
    /// XMP data name an orientation that no EXIF data have; as everywhere, it is not applied.
    XmpOrientationIgnored {
        /// The orientation, 2 to 8.
        orientation: u8,
    },
    /// A text holds EXIF data, as ImageMagick once wrote them, with an orientation; few readers look there: it is not applied.
    TextOrientationIgnored {
        /// The orientation, 2 to 8.
        orientation: u8,
    },
    /// A block has values that no picture has, as the blocks behind damage often do.
    PerhapsDamaged,
    /// Bytes that belong to no segment lay between segments, or zeros behind a scan.
    BytesSkipped {
        /// How many.
        count: usize,
    },
}

impl Note {
    /// A word for scripts.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ProfileIgnored { .. } => "profile_ignored",
            Self::GammaIgnored { .. } => "gamma_ignored",
            Self::ColourSpaceIgnored { .. } => "colour_space_ignored",
            Self::Rounded => "rounded_to_8_bits",
            Self::OnBackground => "on_background",
            Self::OrientationUnclear => "orientation_unclear",
            Self::LaterExifIgnored => "later_exif_ignored",
            Self::XmpOrientationIgnored { .. } => "xmp_orientation_ignored",
            Self::TextOrientationIgnored { .. } => "text_orientation_ignored",
            Self::PerhapsDamaged => "perhaps_damaged",
            Self::BytesSkipped { .. } => "bytes_skipped",
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ProfileIgnored { description } if description.is_empty() => {
                write!(f, "the colour profile is ignored: the samples are taken as they stand")
            }
            Self::ProfileIgnored { description } => {
                write!(f, "the colour profile \"{description}\" is ignored: the samples are taken as they stand")
            }
            Self::GammaIgnored { gamma } => {
                write!(f, "the samples have gamma {gamma:.3}, which is ignored: they are taken as they stand, as sRGB")
            }
            Self::ColourSpaceIgnored { space } => {
                write!(f, "the colour space {space} is ignored: the samples are taken as they stand")
            }
            Self::Rounded => write!(f, "16 bits a sample, rounded to 8"),
            Self::OnBackground => write!(f, "transparent pixels are put on the background given"),
            Self::OrientationUnclear => {
                write!(f, "the EXIF data have no orientation that can be read: none is applied")
            }
            Self::LaterExifIgnored => {
                write!(f, "two EXIF segments name different orientations: the first counts")
            }
            Self::XmpOrientationIgnored { orientation } => {
                write!(f, "XMP data name orientation {orientation}, which is not applied: only EXIF's is")
            }
            Self::TextOrientationIgnored { orientation } => {
                write!(
                    f,
                    "EXIF data in a text name orientation {orientation}, which is not applied: only an eXIf chunk's is"
                )
            }
            Self::PerhapsDamaged => {
                write!(f, "the picture has values that no camera or editor writes: it may be damaged, look at it")
            }
            Self::BytesSkipped { count } => {
                write!(f, "{count} bytes that belong to nothing are skipped: the file may have been changed")
            }
        }
    }
}

/// Notes in the order of their finding, each once.
#[derive(Debug, Default)]
pub(crate) struct Notes(Vec<Note>);

impl Notes {
    pub(crate) fn add(&mut self, note: Note) {
        if !self.0.contains(&note) {
            self.0.push(note);
        }
    }

    pub(crate) fn into_vec(self) -> Vec<Note> {
        self.0
    }
}

/// Reads EXIF data, which may be missing; says so where their orientation is unclear.
pub(crate) fn exif(data: Option<&[u8]>, notes: &mut Notes, format: Format) -> Result<Exif, Problem> {
    let Some(data) = data else { return Ok(Exif::default()) };
    match exif::read(data) {
        Ok(exif) => {
            if exif.is_unclear {
                notes.add(Note::OrientationUnclear);
            }
            Ok(exif)
        }
        Err(exif::ExifError::Unreadable) => {
            notes.add(Note::OrientationUnclear);
            Ok(Exif::default())
        }
        Err(exif::ExifError::Contradictory) => {
            Err(Problem::Malformed { format, what: "its EXIF data have two orientations" })
        }
    }
}

/// Notes an orientation that only XMP data have.
pub(crate) fn xmp(data: Option<&[u8]>, notes: &mut Notes) {
    const NAME: &[u8] = b"tiff:Orientation";
    let data = data.unwrap_or_default();
    let Some(at) = data.windows(NAME.len()).position(|window| window == NAME) else { return };
    // an attribute's ="6" or an element's >6<
    let value = data.get(at + NAME.len()..).unwrap_or_default().iter().take(4).find(|byte| byte.is_ascii_digit());
    if let Some(orientation @ 2..=8) = value.map(|byte| byte - b'0') {
        notes.add(Note::XmpOrientationIgnored { orientation });
    }
}

/// Notes an orientation that EXIF data in hexadecimal digits have: a name of their kind, their length, then the digits.
pub(crate) fn text(digits: &[u8], notes: &mut Notes) {
    let words = digits.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).skip(2);
    let digits: Vec<u8> =
        words.flatten().filter_map(|&digit| char::from(digit).to_digit(16)).map(|digit| digit as u8).collect();
    let data: Vec<u8> = digits.as_chunks::<2>().0.iter().map(|[high, low]| high << 4 | low).collect();
    let found = exif::read(&data).ok().and_then(|exif| exif.orientation).map(exif::Orientation::number);
    if let Some(orientation @ 2..=8) = found {
        notes.add(Note::TextOrientationIgnored { orientation });
    }
}
