//! Picture files to the pixels that everybody has of them, or to a reason why not.
//!
//! A fingerprint and a commitment are made of pixels, so a wrong pixel is worse than none: whatever decoders disagree
//! about, whatever is damaged, and whatever depends on what is behind the picture is refused with its reason.
//! `docs/pictures.md` has one rule for each doubtful thing, and the corpus by which the rules are tested.
//!
//! [`decode`] gives a picture's [`Raster`]; [`fingerprint`] its fingerprint alone, in little memory, of much larger
//! pictures. Colours are taken as they stand in the file: what that ignores is in the [`Note`]s.
//!
//! # What the caller must believe
//! JPEG, TIFF and lossless WebP are decoded here, to the samples of libjpeg-turbo, libtiff and libwebp; PNG and lossy WebP by the crates
//! that [`Decoded::decoder`] names. Sizes are checked in the header before anything of that size is allocated, and a file is read up
//! to [`MAX_FILE_BYTES`]. A crate that panics on a file is that file's fault: it is refused.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod check;
mod colour;
mod error;
mod exif;
mod jpeg;
mod limits;
mod note;
mod png;
mod samples;
mod sink;
mod tiff;
mod webp;

#[cfg(test)]
mod tests;

pub use error::{Cause, DecodeError, Format, Kind, Problem};
pub use exif::Orientation;
pub use limits::{MAX_FILE_BYTES, MAX_PIXELS, MAX_SIDE_PX, MAX_WORKING_BYTES};
pub use note::Note;
pub use samples::Background;

use note::Notes;
use sink::{Sink, ToPdq, ToRaster};
use std::{
    fs::{self, File},
    io::{ErrorKind, Read},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};
use veilmark_statement::{pdq::Pdq, raster::Raster};

/// Who decodes JPEG, as [`Decoded::decoder`] has it. The number grows with every change of a sample.
const JPEG_DECODER: &str = "veilmark-jpeg 1";

/// What the reader of a picture decides.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The colour behind pixels that are not opaque; such pictures are refused without one.
    pub background: Option<Background>,
}

/// A picture out of a file.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// Its pixels, upright.
    pub raster: Raster,
    /// Who decoded it, with its version.
    pub decoder: String,
    /// What its file says that was not followed.
    pub notes: Vec<Note>,
}

/// A picture's fingerprint, without the picture.
#[derive(Clone, Debug)]
pub struct Fingerprinted {
    /// Fingerprint and quality.
    pub pdq: Pdq,
    /// Width in pixels, upright.
    pub width: u32,
    /// Height in pixels, upright.
    pub height: u32,
    /// Who decoded it, with its version.
    pub decoder: String,
    /// What its file says that was not followed.
    pub notes: Vec<Note>,
}

/// Reads a picture.
///
/// # Errors
/// [`DecodeError`]: it names the file, [`DecodeError::hint`] says what to do.
pub fn decode(path: &Path, options: &Options) -> Result<Decoded, DecodeError> {
    decode_bytes(&read_file(path)?, options).map_err(|problem| DecodeError::Refused { path: path.into(), problem })
}

/// Makes a picture's fingerprint, of up to [`MAX_PIXELS`] pixels.
///
/// # Errors
/// [`DecodeError`], as [`decode`].
pub fn fingerprint(path: &Path, options: &Options) -> Result<Fingerprinted, DecodeError> {
    fingerprint_bytes(&read_file(path)?, options).map_err(|problem| DecodeError::Refused { path: path.into(), problem })
}

/// [`decode`] for a file's bytes.
///
/// # Errors
/// [`Problem`].
pub fn decode_bytes(bytes: &[u8], options: &Options) -> Result<Decoded, Problem> {
    let mut sink = ToRaster::default();
    let (decoder, notes) = read(bytes, options, &mut sink)?;
    Ok(Decoded { raster: sink.finish()?, decoder: decoder.to_owned(), notes })
}

/// [`fingerprint()`] for a file's bytes.
///
/// # Errors
/// [`Problem`].
pub fn fingerprint_bytes(bytes: &[u8], options: &Options) -> Result<Fingerprinted, Problem> {
    let mut sink = ToPdq::default();
    let (decoder, notes) = read(bytes, options, &mut sink)?;
    let (pdq, width, height) = sink.finish().ok_or(Problem::NotAPicture)?;
    Ok(Fingerprinted { pdq, width, height, decoder: decoder.to_owned(), notes })
}

/// Whether a file begins as pictures do, read or not: nobody wants such a file overwritten by mistake.
pub fn is_picture(path: &Path) -> bool {
    let mut start = Vec::new();
    // What cannot be read is no picture.
    let _ = fs::metadata(path)
        .and_then(|metadata| if metadata.is_file() { File::open(path) } else { Err(ErrorKind::InvalidInput.into()) })
        .and_then(|file| file.take(64).read_to_end(&mut start));
    !matches!(format_of(&start), Err(Problem::Empty | Problem::NotAPicture))
}

fn read_file(path: &Path) -> Result<Vec<u8>, DecodeError> {
    // A pipe would wait for its writer when it is opened.
    if !fs::metadata(path).map_err(DecodeError::io(path))?.is_file() {
        return Err(DecodeError::NotAFile { path: path.into() });
    }
    let file = File::open(path).map_err(DecodeError::io(path))?;
    let length = file.metadata().map_err(DecodeError::io(path))?.len();
    let too_long = || DecodeError::TooLong { path: path.into(), limit: MAX_FILE_BYTES };
    if length > MAX_FILE_BYTES {
        return Err(too_long());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    // it may be growing
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(DecodeError::io(path))?;
    if bytes.len() as u64 > MAX_FILE_BYTES { Err(too_long()) } else { Ok(bytes) }
}

fn read(bytes: &[u8], options: &Options, sink: &mut impl Sink) -> Result<(&'static str, Vec<Note>), Problem> {
    let format = format_of(bytes)?;
    let mut notes = Notes::default();
    let mut read = || match format {
        Format::Jpeg => jpeg::read(bytes, sink, &mut notes).map(|()| JPEG_DECODER),
        Format::Png => png::read(bytes, options.background, sink, &mut notes).map(|()| png::DECODER),
        Format::WebP => webp::read(bytes, options.background, sink, &mut notes),
        Format::Tiff => tiff::read(bytes, options.background, sink, &mut notes).map(|()| tiff::DECODER),
    };
    let decoder = catch_unwind(AssertUnwindSafe(&mut read)).map_err(|_| Problem::DecoderPanicked { format })??;
    Ok((decoder, notes.into_vec()))
}

/// What other pictures begin with: name, offset, bytes.
const OTHER_FORMATS: &[(&str, usize, &[u8])] = &[
    ("GIF", 0, b"GIF8"),
    ("AVIF", 4, b"ftypavi"),
    ("HEIF", 4, b"ftyphe"),
    ("HEIF", 4, b"ftypmif1"),
    ("HEIF", 4, b"ftypmsf1"),
    ("a video", 4, b"ftyp"),
    ("BigTIFF", 0, b"II+\0"),
    ("BigTIFF", 0, b"MM\0+"),
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
    let begins = |offset, magic: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    if begins(0, png::SIGNATURE) {
        Ok(Format::Png)
    } else if begins(0, b"\xff\xd8\xff") {
        Ok(Format::Jpeg)
    } else if begins(0, b"RIFF") && begins(8, b"WEBP") {
        Ok(Format::WebP)
    } else if begins(0, b"II*\0") || begins(0, b"MM\0*") {
        Ok(Format::Tiff)
    } else {
        match OTHER_FORMATS.iter().find(|(_, offset, magic)| begins(*offset, magic)) {
            Some((name, ..)) => Err(Problem::Format { name }),
            None => Err(Problem::NotAPicture),
        }
    }
}
