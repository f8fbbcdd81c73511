//! PNG by crate `png`, behind a walk over its chunks.
//!
//! # What the caller must believe
//! The crate inflates and unfilters; everything between samples and pixels is here. The walk checks the order of the
//! chunks that matter and every checksum, those of chunks beside the picture included: an orientation out of a damaged
//! chunk would be another picture. That the compressed data are whole is checked by inflating them once more.

mod inflate;

use crate::{
    check, colour,
    error::{Format, Problem},
    exif::Orientation,
    note::{self, Note, Notes},
    samples::{Background, Layout, Pixels},
    sink::Sink,
};
use png::{Decoder, DecodingError, Transformations};
use std::io::Cursor;

/// Who decodes PNG.
pub(crate) const DECODER: &str = "png 0.18.1";

pub(crate) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// sRGB's white and primaries, as `cHRM` has them: hundred-thousandths.
const SRGB_CHROMATICITIES: [u32; 8] = [31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000];

/// How far from sRGB's a chromaticity may be that is written as sRGB's.
const CHROMATICITY_SLACK: u32 = 1_000;

fn malformed(what: &'static str) -> Problem {
    Problem::Malformed { format: Format::Png, what }
}

fn damaged(what: &'static str) -> Problem {
    Problem::Damaged { format: Format::Png, what }
}

fn decoder(error: DecodingError) -> Problem {
    Problem::Decoder { format: Format::Png, cause: Box::new(error) }
}

/// What samples are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Colours {
    Grey,
    Rgb,
    Indexed,
    GreyAlpha,
    RgbAlpha,
}

/// What a PNG says of itself, found without decoding.
#[derive(Debug)]
struct Header<'a> {
    width: u32,
    height: u32,
    depth: u8,
    colours: Colours,
    is_interlaced: bool,
    /// The picture data's chunks.
    data: Vec<&'a [u8]>,
    palette: &'a [[u8; 3]],
    /// Alpha of palette entries, or the colour that is transparent.
    transparency: Option<&'a [u8]>,
    exif: Option<&'a [u8]>,
    xmp: Option<&'a [u8]>,
    /// EXIF data as a text, as they are in the file: packed, or not.
    text: Option<(&'a [u8], bool)>,
    gamma: Option<u32>,
    chromaticities: Option<[u32; 8]>,
    /// Colour information that goes before gamma and chromaticities.
    is_srgb: bool,
    profile_name: Option<&'a [u8]>,
    cicp: Option<&'a [u8]>,
}

/// Reads a PNG row by row.
pub(crate) fn read(
    bytes: &[u8],
    background: Option<Background>,
    sink: &mut impl Sink,
    notes: &mut Notes,
) -> Result<(), Problem> {
    let header = Header::new(bytes)?;
    inflate::check(&header)?;
    let exif = note::exif(header.exif, notes, Format::Png)?;
    if exif.orientation.is_none() {
        note::xmp(header.xmp, notes);
        match header.text {
            // behind the method's byte
            Some((packed, true)) => note::text(&inflate::start(packed.get(1..).unwrap_or_default()), notes),
            Some((text, false)) => note::text(text, notes),
            None => {}
        }
    }
    let mut options = png::DecodeOptions::default();
    options.set_ignore_adler32(false);
    options.set_ignore_crc(true);
    options.set_ignore_text_chunk(true);
    let mut decoder = Decoder::new_with_options(Cursor::new(bytes), options);
    decoder.set_transformations(Transformations::IDENTITY);
    let mut reader = decoder.read_info().map_err(self::decoder)?;
    header.note_colours(reader.info().icc_profile.as_deref(), notes);
    if (reader.info().width, reader.info().height) != (header.width, header.height) {
        return Err(malformed("it has two sizes"));
    }

    sink.begin(header.width, header.height, exif.orientation.unwrap_or(Orientation::UPRIGHT))?;
    let mut pixels = Pixels::new(header.layout(), background);
    let mut samples = Vec::new();
    if header.is_interlaced {
        let size = reader.output_buffer_size().unwrap_or(usize::MAX);
        let mut picture = vec![0; check::memory(size as u64)?];
        let line = reader.next_frame(&mut picture).map_err(self::decoder)?.line_size;
        for row in picture.chunks_exact(line.max(1)).take(header.height as usize) {
            header.samples(row, &mut samples)?;
            sink.row(pixels.row(&samples)?)?;
        }
    } else {
        for _ in 0..header.height {
            let row = reader.next_row().map_err(self::decoder)?.ok_or_else(|| damaged("rows are missing"))?;
            header.samples(row.data(), &mut samples)?;
            sink.row(pixels.row(&samples)?)?;
        }
    }
    reader.finish().map_err(self::decoder)?;
    pixels.note(notes);
    Ok(())
}

impl<'a> Header<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, Problem> {
        let mut rest = bytes.get(SIGNATURE.len()..).unwrap_or_default();
        let Chunk { kind, data, after } = chunk(rest)?;
        match kind {
            b"IHDR" => {}
            b"CgBI" => return Err(Problem::Feature { what: "a PNG as Apple packs it into apps, which is no PNG" }),
            _ => return Err(malformed("it does not begin with its header")),
        }
        let mut header = Self::of(data)?;
        rest = after;
        // Picture data come as one run of chunks.
        let (mut begun, mut ended) = (false, false);
        let mut frames = Frames::default();
        loop {
            let Chunk { kind, data, after } = chunk(rest)?;
            rest = after;
            if begun && kind != b"IDAT" {
                ended = true;
            }
            match kind {
                b"IEND" => break,
                b"IDAT" if ended => return Err(malformed("its picture data are in two places")),
                b"IDAT" => {
                    begun = true;
                    header.data.push(data);
                }
                b"IHDR" => return Err(malformed("it has two headers")),
                b"PLTE" => header.read_palette(data, begun)?,
                b"tRNS" if begun || header.transparency.is_some() => {
                    return Err(malformed("its transparency is in the wrong place"));
                }
                b"tRNS" => header.transparency = Some(data),
                b"acTL" | b"fcTL" | b"fdAT" => frames.read(kind, data, begun),
                b"eXIf" => header.exif = header.exif.or(Some(data)),
                b"iTXt" => header.xmp = header.xmp.or(data.strip_prefix(b"XML:com.adobe.xmp\0")),
                b"tEXt" | b"zTXt" => {
                    let is_exif = |name: &&[u8]| data.starts_with(name);
                    let name = [&b"Raw profile type exif\0"[..], b"Raw profile type APP1\0"].into_iter().find(is_exif);
                    let text = name.and_then(|name| data.get(name.len()..)).map(|text| (text, kind == b"zTXt"));
                    header.text = header.text.or(text);
                }
                b"gAMA" if !begun => header.gamma = data.first_chunk().map(|gamma| u32::from_be_bytes(*gamma)),
                b"cHRM" if !begun => header.chromaticities = chromaticities(data),
                b"sRGB" if !begun => header.is_srgb = true,
                b"iCCP" if !begun => header.profile_name = data.split(|&byte| byte == 0).next(),
                b"cICP" if !begun => header.cicp = Some(data),
                [first, ..] if first.is_ascii_uppercase() => {
                    return Err(malformed("a chunk that is needed to read it and that nobody knows"));
                }
                _ => {}
            }
        }
        if !begun {
            return Err(damaged("it has no picture data"));
        }
        if frames.are_animated() {
            return Err(Problem::Animated { format: Format::Png });
        }
        header.check_transparency()?;
        Ok(header)
    }

    /// The header's own chunk.
    fn of(data: &[u8]) -> Result<Self, Problem> {
        let &[w0, w1, w2, w3, h0, h1, h2, h3, depth, colours, compression, filter, interlace] = data else {
            return Err(malformed("its header chunk has the wrong length"));
        };
        let (width, height) = (u32::from_be_bytes([w0, w1, w2, w3]), u32::from_be_bytes([h0, h1, h2, h3]));
        let colours = match (colours, depth) {
            (0, 1 | 2 | 4 | 8 | 16) => Colours::Grey,
            (2, 8 | 16) => Colours::Rgb,
            (3, 1 | 2 | 4 | 8) => Colours::Indexed,
            (4, 8 | 16) => Colours::GreyAlpha,
            (6, 8 | 16) => Colours::RgbAlpha,
            _ => return Err(malformed("colours of a depth that there is none of")),
        };
        if (compression, filter) != (0, 0) || interlace > 1 {
            return Err(malformed("a method of compression, filtering or interlacing that there is none of"));
        }
        check::size(width, height)?;
        Ok(Self {
            width,
            height,
            depth,
            colours,
            is_interlaced: interlace == 1,
            data: vec![],
            palette: &[],
            transparency: None,
            exif: None,
            xmp: None,
            text: None,
            gamma: None,
            chromaticities: None,
            is_srgb: false,
            profile_name: None,
            cicp: None,
        })
    }

    fn read_palette(&mut self, data: &'a [u8], begun: bool) -> Result<(), Problem> {
        let (colours, rest) = data.as_chunks::<3>();
        if begun || !self.palette.is_empty() || !rest.is_empty() || !(1..=256).contains(&colours.len()) {
            return Err(malformed("a palette that is none"));
        }
        self.palette = colours;
        Ok(())
    }

    fn check_transparency(&self) -> Result<(), Problem> {
        if self.colours == Colours::Indexed && self.palette.is_empty() {
            return Err(malformed("its palette is missing"));
        }
        let Some(transparency) = self.transparency else { return Ok(()) };
        let fits = match self.colours {
            Colours::Grey => transparency.len() == 2,
            Colours::Rgb => transparency.len() == 6,
            Colours::Indexed => transparency.len() <= self.palette.len(),
            Colours::GreyAlpha | Colours::RgbAlpha => false,
        };
        if fits { Ok(()) } else { Err(malformed("transparency that does not fit its colours")) }
    }

    fn note_colours(&self, profile: Option<&[u8]>, notes: &mut Notes) {
        match (self.cicp, self.profile_name) {
            // sRGB: BT.709 primaries, its own curve, full range
            (Some([1, 13, 0, 1]), _) => {}
            (Some(_), _) => notes.add(Note::ColourSpaceIgnored { space: "cICP".into() }),
            (None, Some(name)) => match profile {
                Some(profile) => colour::note_profile(profile, notes),
                None => {
                    let description = colour::printable(&String::from_utf8_lossy(name));
                    notes.add(Note::ProfileIgnored { description });
                }
            },
            _ if self.is_srgb => {}
            _ => {
                colour::note_gamma(self.gamma.unwrap_or_default(), notes);
                let near = |(a, b): (u32, u32)| a.abs_diff(b) <= CHROMATICITY_SLACK;
                if self.chromaticities.is_some_and(|c| !c.into_iter().zip(SRGB_CHROMATICITIES).all(near)) {
                    notes.add(Note::ColourSpaceIgnored { space: "cHRM".into() });
                }
            }
        }
    }

    fn layout(&self) -> Layout {
        let has_key = self.transparency.is_some();
        let channels = match self.colours {
            Colours::Grey => 1 + usize::from(has_key),
            Colours::Rgb => 3 + usize::from(has_key),
            Colours::GreyAlpha => 2,
            Colours::Indexed | Colours::RgbAlpha => 4,
        };
        Layout { channels, white: if self.depth == 16 { u16::MAX } else { 255 }, is_premultiplied: false }
    }

    /// Samples of a row of packed bytes, as [`Header::layout`] has them.
    fn samples(&self, row: &[u8], samples: &mut Vec<u16>) -> Result<(), Problem> {
        samples.clear();
        let white = self.layout().white;
        let key: Option<Vec<u16>> = self
            .transparency
            .filter(|_| self.colours != Colours::Indexed)
            .map(|key| key.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect());
        let alpha = |is_key: bool| if is_key { 0 } else { white };
        let packed = Packed { row, depth: self.depth };
        match (self.colours, key.as_deref()) {
            (Colours::Indexed, _) => {
                for index in packed.iter().take(self.width as usize) {
                    let index = usize::from(index);
                    let colour =
                        self.palette.get(index).ok_or_else(|| damaged("a colour that its palette does not have"))?;
                    let alpha = self.transparency.and_then(|alpha| alpha.get(index)).copied().unwrap_or(255);
                    samples.extend(colour.iter().chain([&alpha]).map(|&sample| u16::from(sample)));
                }
            }
            (Colours::Grey, key) => {
                let scale = if self.depth < 8 { 255 / ((1 << self.depth) - 1) } else { 1 };
                let key = key.and_then(|key| key.first());
                for grey in packed.iter().take(self.width as usize) {
                    samples.push(grey * scale);
                    samples.extend(key.map(|&key| alpha(grey == key)));
                }
            }
            (_, Some(key)) => {
                let mut all = packed.iter();
                for _ in 0..self.width {
                    let colour: [u16; 3] = std::array::from_fn(|_| all.next().unwrap_or_default());
                    samples.extend(colour);
                    samples.push(alpha(colour == *key));
                }
            }
            _ => samples.extend(packed.iter()),
        }
        Ok(())
    }
}

/// Samples of 1 to 16 bits, packed into bytes.
struct Packed<'a> {
    row: &'a [u8],
    depth: u8,
}

impl Packed<'_> {
    fn iter(&self) -> impl Iterator<Item = u16> {
        let (depth, per_byte) = (u32::from(self.depth), (8 / usize::from(self.depth)).max(1));
        let count = if depth == 16 { self.row.len() / 2 } else { self.row.len() * per_byte };
        let byte = |at: usize| u16::from(self.row.get(at).copied().unwrap_or_default());
        (0..count).map(move |index| match depth {
            16 => byte(2 * index) << 8 | byte(2 * index + 1),
            8 => byte(index),
            _ => byte(index / per_byte) >> (8 - depth - depth * (index % per_byte) as u32) & ((1 << depth) - 1),
        })
    }
}

/// The animation of a PNG.
#[derive(Default)]
struct Frames {
    /// Frames announced.
    count: Option<u32>,
    /// The still picture is a frame.
    has_still: bool,
    /// Frames that are not the still picture.
    others: bool,
}

impl Frames {
    fn read(&mut self, kind: &[u8; 4], data: &[u8], begun: bool) {
        match kind {
            b"acTL" => self.count = data.first_chunk().map(|count| u32::from_be_bytes(*count)).or(Some(0)),
            b"fcTL" if !begun => self.has_still = true,
            _ => self.others = true,
        }
    }

    /// Whether anything is shown but the still picture.
    fn are_animated(&self) -> bool {
        self.count.is_some_and(|count| count != 1 || self.others || !self.has_still)
    }
}

fn chromaticities(data: &[u8]) -> Option<[u32; 8]> {
    let values = data.as_chunks::<4>().0;
    let values: Vec<u32> = values.iter().map(|value| u32::from_be_bytes(*value)).collect();
    values.try_into().ok()
}

/// A chunk, and what follows it.
struct Chunk<'a> {
    kind: &'a [u8; 4],
    data: &'a [u8],
    after: &'a [u8],
}

/// The chunk at the start of `bytes`.
fn chunk(bytes: &[u8]) -> Result<Chunk<'_>, Problem> {
    let truncated = || Problem::Truncated { format: Format::Png };
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or_else(truncated)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| truncated())?;
    let (named, after) = rest.split_at_checked(length.saturating_add(4)).ok_or_else(truncated)?;
    let (checksum, after) = after.split_first_chunk::<4>().ok_or_else(truncated)?;
    let (kind, data) = named.split_first_chunk::<4>().ok_or_else(truncated)?;
    // the third letter's case is for later versions of the format, and libpng reads none of them
    if !kind.iter().all(u8::is_ascii_alphabetic) || kind[2].is_ascii_lowercase() {
        return Err(malformed("a chunk without a name"));
    }
    if crc32fast::hash(named) != u32::from_be_bytes(*checksum) {
        return Err(damaged("the checksum of a chunk is wrong"));
    }
    Ok(Chunk { kind, data, after })
}
