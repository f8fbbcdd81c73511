//! WebP by crate `image-webp`, behind a walk over its chunks.
//!
//! # What the caller must believe
//! The crate decodes both kinds of WebP. Lossy data are arithmetic-coded and have no checksum: damage inside them can
//! give another picture; that none are missing is checked by decoding them twice. A picture is held in memory whole.

mod partitions;

use crate::{
    check, colour,
    error::{Format, Problem},
    exif::Orientation,
    note::{self, Notes},
    samples::{Background, Layout, Pixels},
    sink::Sink,
};
use image_webp::{DecodingError, WebPDecoder};
use std::io::Cursor;

/// Who decodes WebP.
pub(crate) const DECODER: &str = "image-webp 0.2.4";

/// Bytes a pixel that decoding takes: planes or ARGB, the picture, and the picture decoded a second time.
const BYTES_PER_PIXEL: u64 = 11;

fn malformed(what: &'static str) -> Problem {
    Problem::Malformed { format: Format::WebP, what }
}

fn decoder(error: DecodingError) -> Problem {
    Problem::Decoder { format: Format::WebP, cause: Box::new(error) }
}

/// What a file holds beside its pixels.
#[derive(Default)]
struct Chunks<'a> {
    pictures: usize,
    lossy: Option<&'a [u8]>,
    is_animated: bool,
    profile: Option<&'a [u8]>,
    exif: Option<&'a [u8]>,
    xmp: Option<&'a [u8]>,
}

impl<'a> Chunks<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, Problem> {
        let truncated = || Problem::Truncated { format: Format::WebP };
        let size =
            |bytes: &[u8]| bytes.first_chunk().map(|size| u32::from_le_bytes(*size) as usize).ok_or_else(truncated);
        let length = size(bytes.get(4..).unwrap_or_default())?;
        let mut rest =
            bytes.get(8..).and_then(|rest| rest.get(..length)).ok_or_else(truncated)?.get(4..).unwrap_or_default();
        let mut chunks = Self::default();
        while !rest.is_empty() {
            let (kind, after) = rest.split_first_chunk::<4>().ok_or_else(truncated)?;
            let length = size(after)?;
            let data = after.get(4..).and_then(|after| after.get(..length)).ok_or_else(truncated)?;
            // chunks are padded to even lengths; the last one's padding is left out by some
            rest = after.get(4 + length + length % 2..).unwrap_or_default();
            match kind {
                b"VP8 " | b"VP8L" => {
                    chunks.pictures += 1;
                    chunks.lossy = (kind == b"VP8 ").then_some(data);
                }
                b"ANIM" | b"ANMF" => chunks.is_animated = true,
                b"ICCP" => chunks.profile = chunks.profile.or(Some(data)),
                b"EXIF" => chunks.exif = chunks.exif.or(Some(data)),
                b"XMP " => chunks.xmp = chunks.xmp.or(Some(data)),
                _ => {}
            }
        }
        Ok(chunks)
    }
}

/// Reads a WebP.
pub(crate) fn read(
    bytes: &[u8],
    background: Option<Background>,
    sink: &mut impl Sink,
    notes: &mut Notes,
) -> Result<(), Problem> {
    let chunks = Chunks::new(bytes)?;
    if chunks.is_animated {
        return Err(Problem::Animated { format: Format::WebP });
    }
    if chunks.pictures != 1 {
        return Err(malformed("it does not have one picture"));
    }
    let mut reader = WebPDecoder::new(Cursor::new(bytes)).map_err(decoder)?;
    let (width, height) = reader.dimensions();
    check::size(width, height)?;
    check::memory(u64::from(width) * u64::from(height) * BYTES_PER_PIXEL)?;
    let exif = note::exif(chunks.exif, notes, Format::WebP)?;
    if exif.orientation.is_none() {
        note::xmp(chunks.xmp, notes);
    }
    if let Some(profile) = chunks.profile {
        colour::note_profile(profile, notes);
    }
    sink.begin(width, height, exif.orientation.unwrap_or(Orientation::UPRIGHT))?;

    let channels = if reader.has_alpha() { 4 } else { 3 };
    let picture = decoded(&mut reader)?;
    if let Some(data) = chunks.lossy {
        let file = partitions::followed(data)?;
        let mut again = WebPDecoder::new(Cursor::new(&file[..])).map_err(decoder)?;
        let again = if again.dimensions() == (width, height) { decoded(&mut again)? } else { vec![] };
        let colours = picture.chunks_exact(channels).flat_map(|pixel| pixel.iter().take(3));
        if !colours.eq(&again) {
            return Err(Problem::Damaged {
                format: Format::WebP,
                what: "it ends before its last block: data are missing",
            });
        }
    }
    let mut pixels = Pixels::new(Layout { channels, white: 255, is_premultiplied: false }, background);
    let mut samples: Vec<u16> = Vec::new();
    for row in picture.chunks_exact(channels * width as usize) {
        samples.clear();
        samples.extend(row.iter().map(|&sample| u16::from(sample)));
        sink.row(pixels.row(&samples)?)?;
    }
    pixels.note(notes);
    Ok(())
}

fn decoded(reader: &mut WebPDecoder<Cursor<&[u8]>>) -> Result<Vec<u8>, Problem> {
    let mut picture = vec![0; reader.output_buffer_size().unwrap_or_default()];
    reader.read_image(&mut picture).map_err(decoder)?;
    Ok(picture)
}
