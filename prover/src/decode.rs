//! Picture files to pixels: PNG and 8-bit JPEG, told by their content.
//!
//! The pixels are what a fingerprint and a commitment are made of, so whatever another viewer might show differently is
//! refused, not guessed: transparency, more than 8 bits, CMYK, animation, files that end early. An EXIF orientation is
//! applied. An embedded colour profile is ignored: the samples are taken as they stand in the file.
//!
//! # What the caller must believe
//! A JPEG's samples depend on who decodes it, hence [`Decoded::decoder`]: the same file gives the same pixels under the
//! same decoder only. A JPEG whose end is there but whose middle is damaged gives whatever the decoder makes of it.
//! Sizes are checked in the header before anything of that size is allocated; a file is read up to [`MAX_FILE_BYTES`].
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use image::{
    DynamicImage, ImageDecoder, ImageError, LumaA, Rgb, Rgba,
    codecs::{jpeg::JpegDecoder, png::PngDecoder},
    metadata::Orientation,
};
use std::{
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};
use veilmark_circuits::statement::raster::{MAX_PIXELS, MIN_SIDE_PX, Raster};
use veilmark_files::{self as files, Classified, FileError, Kind};

/// Longer files are not read.
pub const MAX_FILE_BYTES: u64 = 256 << 20;

/// Pictures with a longer side are refused.
pub const MAX_SIDE_PX: u32 = 65_535;

/// Who decodes PNG, as [`Decoded::decoder`] has it.
pub const PNG_DECODER: &str = "image 0.25.10 / png 0.18.1";

/// Who decodes JPEG, as [`Decoded::decoder`] has it.
pub const JPEG_DECODER: &str = "image 0.25.10 / zune-jpeg 0.5.15";

/// A picture out of a file.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// Its pixels, upright.
    pub raster: Raster,
    /// The crates that decoded it, with their versions.
    pub decoder: String,
}

/// The formats read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Portable Network Graphics.
    Png,
    /// JPEG, baseline or progressive.
    Jpeg,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
        })
    }
}

/// No picture was read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is no picture that this program takes.
    #[error("{}: {problem}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: Problem,
    },
}

impl DecodeError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::File(FileError::TooLong { .. } | FileError::NotAFile { .. }) => "name a PNG or JPEG file",
            Self::File(_) => "check the path, and who may read it",
            Self::Refused { problem, .. } => problem.hint(),
        }
    }
}

impl Classified for DecodeError {
    fn kind(&self) -> Kind {
        match self {
            Self::File(error) => error.kind(),
            Self::Refused { .. } => Kind::Unsupported,
        }
    }
}

/// Why a file is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// No bytes.
    #[error("the file is empty")]
    Empty,
    /// The first bytes are those of no picture we know.
    #[error("not a picture: neither PNG nor JPEG by its first bytes")]
    NotAPicture,
    /// Another format.
    #[error("{name} is not read, only PNG and 8-bit JPEG are")]
    Format {
        /// What it seems to be.
        name: &'static str,
    },
    /// The end is missing.
    #[error("the {format} is truncated: it ends before its end marker")]
    Truncated {
        /// What it began as.
        format: Format,
    },
    /// Not laid out as its format demands.
    #[error("the {format} is malformed: {what}")]
    Malformed {
        /// What it began as.
        format: Format,
        /// What is wrong.
        what: &'static str,
    },
    /// The decoder gave up.
    #[error("the {format} is damaged: {cause}")]
    Damaged {
        /// What it began as.
        format: Format,
        /// What the decoder says.
        cause: Box<ImageError>,
    },
    /// The decoder has a bug that this file shows.
    #[error("the {format} is damaged in a way its decoder cannot handle")]
    DecoderPanicked {
        /// What it began as.
        format: Format,
    },
    /// A side too short for a fingerprint.
    #[error("{width}x{height} pixels are too few, each side must have at least {MIN_SIDE_PX}")]
    TooSmall {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// More than is ever read.
    #[error("{width}x{height} pixels are too many, at most {MAX_PIXELS} in all and {MAX_SIDE_PX} a side are read")]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// Samples of more than 8 bits.
    #[error("{bits} bits a sample, at most 8 are read")]
    Depth {
        /// Bits a sample.
        bits: u8,
    },
    /// A JPEG that is neither grey nor of three colours.
    #[error("{}", if *.components == 4 {
        "a CMYK JPEG, only RGB and grey ones are read".to_owned()
    } else {
        format!("a JPEG of {components} components, only RGB and grey ones are read")
    })]
    Components {
        /// Colour components.
        components: u8,
    },
    /// A JPEG coded in a rare way.
    #[error("a JPEG of process {process} (SOF{process}), only baseline (SOF0) and progressive (SOF2) ones are read")]
    Process {
        /// The number of its start-of-frame marker.
        process: u8,
    },
    /// Pixels that are not opaque.
    #[error("the picture is transparent in places: what it looks like depends on what is behind it")]
    Transparent,
    /// More than one frame.
    #[error("the PNG is animated")]
    Animated,
}

impl Problem {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty | Self::NotAPicture => "name a PNG or JPEG file",
            Self::Truncated { .. } => "fetch or copy the whole file again",
            Self::Malformed { .. } | Self::Damaged { .. } | Self::DecoderPanicked { .. } => {
                "fetch the file again, or open it in an image editor and save it as PNG"
            }
            Self::TooSmall { .. } => "take a larger picture",
            Self::TooLarge { .. } => "scale the picture down",
            Self::Format { .. } => "convert to PNG",
            Self::Depth { .. } => "convert to PNG with 8 bits a sample",
            Self::Components { .. } => "convert to RGB and save as PNG",
            Self::Process { .. } => "convert to PNG or to a baseline JPEG",
            Self::Transparent => "put it on an opaque background (remove the alpha channel)",
            Self::Animated => "save one frame as a PNG of its own",
        }
    }
}

/// Reads a picture.
///
/// # Errors
/// [`DecodeError`]: it names the file, [`DecodeError::hint`] says what to do.
pub fn decode(path: &Path) -> Result<Decoded, DecodeError> {
    let bytes = files::read_limited(path, MAX_FILE_BYTES)?;
    decode_bytes(&bytes).map_err(|problem| DecodeError::Refused { path: path.into(), problem })
}

fn decode_bytes(bytes: &[u8]) -> Result<Decoded, Problem> {
    let format = format_of(bytes)?;
    let (header, decoder) = match format {
        Format::Png => (png_header(bytes)?, PNG_DECODER),
        Format::Jpeg => (jpeg_header(bytes)?, JPEG_DECODER),
    };
    // Decoders are large and ours to survive: whatever a crafted file makes them trip over is that file's fault.
    let image = catch_unwind(AssertUnwindSafe(|| image_of(bytes, format, &header)))
        .map_err(|_| Problem::DecoderPanicked { format })??;
    let (width, height) = (image.width(), image.height());
    Raster::new(width, height, opaque_pixels(image, format)?)
        .map(|raster| Decoded { raster, decoder: decoder.to_owned() })
        .map_err(|_| Problem::TooSmall { width, height })
}

const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// What other pictures begin with: name, offset, bytes.
const OTHER_FORMATS: &[(&str, usize, &[u8])] = &[
    ("GIF", 0, b"GIF8"),
    ("WebP", 8, b"WEBP"),
    ("AVIF", 4, b"ftypavi"),
    ("HEIF", 4, b"ftyphe"),
    ("HEIF", 4, b"ftypmif1"),
    ("a video", 4, b"ftyp"),
    ("TIFF", 0, b"II*\0"),
    ("TIFF", 0, b"MM\0*"),
    ("BigTIFF", 0, b"II+\0"),
    ("JPEG XL", 0, b"\xff\x0a"),
    ("JPEG XL", 4, b"JXL \r\n"),
    ("JPEG 2000", 4, b"jP  \r\n"),
    ("JPEG 2000", 0, b"\xff\x4f\xff\x51"),
    ("BMP", 0, b"BM"),
    ("ICO", 0, b"\0\0\x01\0"),
    ("PSD", 0, b"8BPS"),
    ("QOI", 0, b"qoif"),
    ("OpenEXR", 0, b"\x76\x2f\x31\x01"),
    ("Radiance HDR", 0, b"#?RADIANCE"),
    ("JNG", 0, b"\x8bJNG"),
    ("MNG", 0, b"\x8aMNG"),
    ("PNM", 0, b"P5"),
    ("PNM", 0, b"P6"),
    ("PDF", 0, b"%PDF"),
    ("SVG", 0, b"<svg"),
    ("SVG or other XML", 0, b"<?xml"),
];

/// The format by content; names of files lie.
fn format_of(bytes: &[u8]) -> Result<Format, Problem> {
    if bytes.is_empty() {
        return Err(Problem::Empty);
    }
    if bytes.starts_with(PNG_SIGNATURE) {
        return Ok(Format::Png);
    }
    if bytes.starts_with(b"\xff\xd8\xff") {
        return Ok(Format::Jpeg);
    }
    let begins = |offset, magic: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    match OTHER_FORMATS.iter().find(|(_, offset, magic)| begins(*offset, magic)) {
        Some((name, ..)) => Err(Problem::Format { name }),
        None => Err(Problem::NotAPicture),
    }
}

/// What a file says of itself, found without decoding.
struct Header<'a> {
    width: u32,
    height: u32,
    /// A PNG's EXIF. The decoder reads a JPEG's itself.
    exif: Option<&'a [u8]>,
}

impl Header<'_> {
    fn new(width: u32, height: u32) -> Result<Self, Problem> {
        if width.min(height) < MIN_SIDE_PX {
            return Err(Problem::TooSmall { width, height });
        }
        if width.max(height) > MAX_SIDE_PX || u64::from(width) * u64::from(height) > MAX_PIXELS {
            return Err(Problem::TooLarge { width, height });
        }
        Ok(Self { width, height, exif: None })
    }
}

/// Walks a PNG's chunks to its end.
///
/// The decoder alone would stop at the last pixel: it would not miss the end, nor see an orientation after the pixels.
fn png_header(bytes: &[u8]) -> Result<Header<'_>, Problem> {
    let malformed = |what| Problem::Malformed { format: Format::Png, what };
    let mut rest = bytes.get(PNG_SIGNATURE.len()..).unwrap_or_default();
    let mut header: Option<Header<'_>> = None;
    loop {
        let (kind, data, after) = png_chunk(rest).ok_or(Problem::Truncated { format: Format::Png })?;
        rest = after;
        match (kind, &mut header) {
            (b"IHDR", None) => {
                let [w0, w1, w2, w3, h0, h1, h2, h3, depth, ..] = *data else {
                    return Err(malformed("its header chunk is too short"));
                };
                if depth > 8 {
                    return Err(Problem::Depth { bits: depth });
                }
                header = Some(Header::new(u32::from_be_bytes([w0, w1, w2, w3]), u32::from_be_bytes([h0, h1, h2, h3]))?);
            }
            (b"IHDR", Some(_)) => return Err(malformed("it has two headers")),
            (_, None) => return Err(malformed("it does not begin with its header")),
            (b"acTL", _) => return Err(Problem::Animated),
            (b"eXIf", Some(header)) => header.exif = header.exif.or(Some(data)),
            (b"IEND", _) => break,
            _ => {}
        }
    }
    header.ok_or(malformed("it has no header"))
}

/// Kind and data of the chunk at the start of `bytes`, and what follows it.
fn png_chunk(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    let (data, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    // the checksum is the decoder's matter
    let (_, rest) = rest.split_first_chunk::<4>()?;
    Some((kind, data, rest))
}

/// Walks a JPEG's segments and scans to its end marker.
///
/// The decoder alone would fill a truncated picture up with grey, and convert CMYK in a way of its own.
fn jpeg_header(bytes: &[u8]) -> Result<Header<'_>, Problem> {
    let malformed = |what| Problem::Malformed { format: Format::Jpeg, what };
    let truncated = || Problem::Truncated { format: Format::Jpeg };
    // behind the start-of-image marker
    let mut rest = bytes.get(2..).unwrap_or_default();
    let mut header: Option<Header<'_>> = None;
    loop {
        let (&first, after) = rest.split_first().ok_or_else(truncated)?;
        if first != 0xff {
            return Err(malformed("bytes between its segments"));
        }
        let fill = after.iter().take_while(|&&byte| byte == 0xff).count();
        let (&marker, after) = after.get(fill..).and_then(<[u8]>::split_first).ok_or_else(truncated)?;
        match marker {
            // EOI
            0xd9 => return header.ok_or(malformed("it has no picture")),
            // No segment: stuffing, TEM, restarts and SOI
            0x00..=0x01 | 0xd0..=0xd8 => return Err(malformed("a marker where none may be")),
            _ => {}
        }
        let (length, _) = after.split_first_chunk::<2>().ok_or_else(truncated)?;
        let (segment, after) =
            after.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or_else(truncated)?;
        rest = after;
        match marker {
            // SOF0 .. SOF15, but for DHT, JPG and DAC
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let [_, _, bits, h0, h1, w0, w1, components, ..] = *segment else {
                    return Err(malformed("its frame header is too short"));
                };
                if header.is_some() {
                    return Err(malformed("it has two frames"));
                }
                if !matches!(marker, 0xc0 | 0xc2) {
                    return Err(Problem::Process { process: marker - 0xc0 });
                }
                if bits != 8 {
                    return Err(Problem::Depth { bits });
                }
                if !matches!(components, 1 | 3) {
                    return Err(Problem::Components { components });
                }
                let [width, height] = [[w0, w1], [h0, h1]].map(|side| u32::from(u16::from_be_bytes(side)));
                header = Some(Header::new(width, height)?);
            }
            // SOS: coded data up to a marker that is neither stuffing nor a restart
            0xda => {
                if header.is_none() {
                    return Err(malformed("a scan before the frame header"));
                }
                let marks = |pair: &[u8]| matches!(*pair, [0xff, next] if !matches!(next, 0x00 | 0xd0..=0xd7 | 0xff));
                let end = rest.windows(2).position(marks).ok_or_else(truncated)?;
                rest = rest.get(end..).unwrap_or_default();
            }
            _ => {}
        }
    }
}

/// The decoder's picture, upright.
fn image_of(bytes: &[u8], format: Format, header: &Header<'_>) -> Result<DynamicImage, Problem> {
    let damaged = |error| Problem::Damaged { format, cause: Box::new(error) };
    match format {
        Format::Png => {
            // for what chunks beside the pixels unpack to
            let mut limits = image::Limits::no_limits();
            limits.max_alloc = Some(MAX_FILE_BYTES);
            let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits).map_err(damaged)?;
            let orientation = header.exif.and_then(Orientation::from_exif_chunk);
            upright(decoder, orientation.unwrap_or(Orientation::NoTransforms), format, header)
        }
        Format::Jpeg => {
            let mut decoder = JpegDecoder::new(Cursor::new(bytes)).map_err(damaged)?;
            let orientation = decoder.orientation().map_err(damaged)?;
            upright(decoder, orientation, format, header)
        }
    }
}

fn upright(
    decoder: impl ImageDecoder,
    orientation: Orientation,
    format: Format,
    header: &Header<'_>,
) -> Result<DynamicImage, Problem> {
    if decoder.dimensions() != (header.width, header.height) {
        return Err(Problem::Malformed { format, what: "it has two sizes" });
    }
    let mut image =
        DynamicImage::from_decoder(decoder).map_err(|error| Problem::Damaged { format, cause: Box::new(error) })?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn opaque_pixels(image: DynamicImage, format: Format) -> Result<Vec<[u8; 3]>, Problem> {
    match image {
        DynamicImage::ImageRgb8(image) => Ok(image.pixels().map(|&Rgb(pixel)| pixel).collect()),
        DynamicImage::ImageLuma8(image) => Ok(image.pixels().map(|&image::Luma([grey])| [grey; 3]).collect()),
        DynamicImage::ImageRgba8(image) => {
            let opaque = |&Rgba([r, g, b, alpha]): &Rgba<u8>| (alpha == 255).then_some([r, g, b]);
            image.pixels().map(opaque).collect::<Option<_>>().ok_or(Problem::Transparent)
        }
        DynamicImage::ImageLumaA8(image) => {
            let opaque = |&LumaA([grey, alpha]): &LumaA<u8>| (alpha == 255).then_some([grey; 3]);
            image.pixels().map(opaque).collect::<Option<_>>().ok_or(Problem::Transparent)
        }
        _ => Err(Problem::Malformed { format, what: "its samples are not the bytes that its header announces" }),
    }
}

#[cfg(test)]
mod tests;
