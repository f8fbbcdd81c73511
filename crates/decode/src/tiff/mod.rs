//! TIFF by crate `tiff`, strip by strip or one row of tiles at a time.
//!
//! # What the caller must believe
//! The crate unpacks strips and tiles (none, LZW, deflate, PackBits; with and without predictors). Which pictures are
//! read is decided here, by their tags, and that these are sound. Only deflate has a checksum: other damage may give
//! another picture.

mod directory;

use crate::{
    check, colour,
    error::{Format, Problem},
    exif::Orientation,
    limits,
    note::{Note, Notes},
    samples::{Background, Layout, Pixels},
    sink::Sink,
};
use std::io::Cursor;
use tiff::{
    TiffError,
    decoder::{Decoder, DecodingResult, Limits},
    tags::Tag,
};

/// Who decodes TIFF.
pub(crate) const DECODER: &str = "tiff 0.11.3";

/// The bit of `NewSubfileType` that a smaller copy of another page has.
const REDUCED: u32 = 1;

/// Pages looked at for one that is no smaller copy.
const MAX_PAGES: usize = 64;

/// Bytes of the largest tag: the offsets of many strips, a colour profile.
const MAX_TAG_BYTES: usize = 16 << 20;

fn decoder(error: TiffError) -> Problem {
    let format = Format::Tiff;
    match error {
        TiffError::UnsupportedError(_) => Problem::Feature { what: "a TIFF of a kind that its decoder does not read" },
        TiffError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Problem::Truncated { format },
        error => Problem::Decoder { format, cause: Box::new(error) },
    }
}

fn malformed(what: &'static str) -> Problem {
    Problem::Malformed { format: Format::Tiff, what }
}

fn unsupported<T>(what: &'static str) -> Result<T, Problem> {
    Err(Problem::Feature { what })
}

type Reader<'a> = Decoder<Cursor<&'a [u8]>>;

fn number(reader: &mut Reader<'_>, tag: Tag) -> Result<Option<u32>, Problem> {
    reader.find_tag_unsigned(tag).map_err(decoder)
}

fn numbers(reader: &mut Reader<'_>, tag: Tag) -> Result<Vec<u16>, Problem> {
    Ok(reader.find_tag_unsigned_vec(tag).map_err(decoder)?.unwrap_or_default())
}

/// Reads a TIFF.
pub(crate) fn read(
    bytes: &[u8],
    background: Option<Background>,
    sink: &mut impl Sink,
    notes: &mut Notes,
) -> Result<(), Problem> {
    directory::check(bytes)?;
    let mut limits = Limits::default();
    limits.decoding_buffer_size = limits::MAX_WORKING_BYTES as usize / 2;
    limits.intermediate_buffer_size = limits::MAX_WORKING_BYTES as usize / 2;
    limits.ifd_value_size = MAX_TAG_BYTES;
    let mut reader = Decoder::new(Cursor::new(bytes)).map_err(decoder)?.with_limits(limits);
    find_page(&mut reader)?;
    let (width, height) = reader.dimensions().map_err(decoder)?;
    check::size(width, height)?;
    let layout = layout(&mut reader)?;
    let orientation = match number(&mut reader, Tag::Orientation)? {
        None | Some(0) => Orientation::UPRIGHT,
        Some(number) => Orientation::from_exif(number).unwrap_or_else(|| {
            notes.add(Note::OrientationUnclear);
            Orientation::UPRIGHT
        }),
    };
    if let Some(profile) = reader.find_tag(Tag::IccProfile).map_err(decoder)? {
        colour::note_profile(&profile.into_u8_vec().map_err(decoder)?, notes);
    }
    sink.begin(width, height, orientation)?;
    let mut pixels = Pixels::new(layout, background);
    rows(&mut reader, (width, height), layout.channels, &mut pixels, sink)?;
    pixels.note(notes);
    Ok(())
}

/// Goes to the page that is the picture: the only one that is no smaller copy.
fn find_page(reader: &mut Reader<'_>) -> Result<(), Problem> {
    let mut page = None;
    for index in 0..MAX_PAGES {
        let is_reduced = number(reader, Tag::NewSubfileType)?.unwrap_or_default() & REDUCED != 0;
        if !is_reduced && page.replace(index).is_some() {
            return Err(Problem::Pages);
        }
        if !reader.more_images() {
            return match page {
                Some(page) if page == index => Ok(()),
                page => reader.seek_to_image(page.unwrap_or(0)).map_err(decoder),
            };
        }
        reader.next_image().map_err(decoder)?;
    }
    Err(Problem::Pages)
}

/// How the samples stand for pixels, once unpacked.
fn layout(reader: &mut Reader<'_>) -> Result<Layout, Problem> {
    if number(reader, Tag::PlanarConfiguration)?.unwrap_or(1) != 1 {
        return unsupported("a TIFF whose colours are in planes of their own is not read");
    }
    match number(reader, Tag::Compression)?.unwrap_or(1) {
        1 | 5 | 8 | 32_773 | 32_946 => {}
        6 | 7 => return unsupported("a TIFF with JPEG inside is not read"),
        _ => return unsupported("a TIFF of this compression is not read: only none, LZW, deflate and PackBits are"),
    }
    if number(reader, Tag::FillOrder)?.unwrap_or(1) != 1 {
        return unsupported("a TIFF with its bits in reverse is not read");
    }
    if numbers(reader, Tag::SampleFormat)?.iter().any(|&format| format != 1) {
        return unsupported("a TIFF of signed or floating-point samples is not read");
    }
    let bits = numbers(reader, Tag::BitsPerSample)?;
    let depth = bits.first().copied().unwrap_or(1);
    if !matches!(depth, 8 | 16) || bits.iter().any(|&bits| bits != depth) {
        return Err(Problem::Depth { format: Format::Tiff, bits: depth });
    }
    let colours = match number(reader, Tag::PhotometricInterpretation)? {
        // the crate turns white-is-zero round
        Some(0 | 1) => 1,
        Some(2) => 3,
        Some(3) => return unsupported("a TIFF with a palette is not read"),
        Some(5) => return unsupported("a CMYK TIFF is not read: which colours it shows depends on inks"),
        _ => return unsupported("a TIFF of these colours is not read: only grey and RGB are"),
    };
    let channels = number(reader, Tag::SamplesPerPixel)?.unwrap_or(1);
    let extra = numbers(reader, Tag::ExtraSamples)?;
    let is_premultiplied = match (channels.checked_sub(colours), &*extra) {
        (Some(0), []) => false,
        (Some(1), [1]) => true,
        (Some(1), [2]) => false,
        _ => return unsupported("a TIFF with channels of which it does not say what they are is not read"),
    };
    let white = if depth == 16 { u16::MAX } else { 255 };
    Ok(Layout { channels: channels as usize, white, is_premultiplied })
}

/// Gives all rows on.
fn rows(
    reader: &mut Reader<'_>,
    (width, height): (u32, u32),
    channels: usize,
    pixels: &mut Pixels,
    sink: &mut impl Sink,
) -> Result<(), Problem> {
    let (chunk_width, chunk_height) = reader.chunk_dimensions();
    if chunk_width == 0 || chunk_height == 0 {
        return Err(malformed("strips or tiles of no size"));
    }
    let (across, down) = (width.div_ceil(chunk_width), height.div_ceil(chunk_height));
    let stored = u64::from(across) * u64::from(chunk_width) * u64::from(chunk_height.min(height)) * channels as u64;
    check::memory(2 * stored)?;
    let line = channels * width as usize;
    let mut band: Vec<u16> = Vec::new();
    for y in 0..down {
        let lines = chunk_height.min(height - y * chunk_height) as usize;
        band.clear();
        band.resize(line * lines, 0);
        for x in 0..across {
            let index = y * across + x;
            let (tile_width, _) = reader.chunk_data_dimensions(index);
            let samples = match reader.read_chunk(index).map_err(decoder)? {
                DecodingResult::U8(samples) => samples.into_iter().map(u16::from).collect(),
                DecodingResult::U16(samples) => samples,
                _ => return unsupported("a TIFF of samples that are neither 8 nor 16 bits is not read"),
            };
            let tile_line = channels * tile_width as usize;
            if samples.len() < tile_line * lines {
                return Err(Problem::Truncated { format: Format::Tiff });
            }
            let at = channels * (x * chunk_width) as usize;
            for (place, samples) in band.chunks_exact_mut(line).zip(samples.chunks_exact(tile_line)) {
                if let Some(place) = place.get_mut(at..at + tile_line) {
                    place.copy_from_slice(samples);
                }
            }
        }
        for samples in band.chunks_exact(line) {
            sink.row(pixels.row(samples)?)?;
        }
    }
    Ok(())
}
