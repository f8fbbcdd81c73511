//! WebP behind a walk over its chunks: lossless ones and alpha are ours, lossy frames are crate `image-webp`'s.
//!
//! # What the caller must believe
//! Lossy data have no checksum: damage inside them can give another picture. They are read strictly before the crate
//! decodes them ([`frame`]): none are missing, and none are of a kind about which decoders differ. A picture is held in
//! memory whole.

mod alpha;
mod bools;
mod codes;
mod frame;
mod lossless;
mod tables;
mod transforms;

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

/// Who decodes lossy WebP.
pub(crate) const DECODER: &str = "image-webp 0.2.4";

/// Who decodes lossless WebP. The number grows with every change of a sample.
const LOSSLESS_DECODER: &str = "veilmark-webp 1";

/// Bytes a pixel of a lossy picture: its planes, its colours, and what is held of its blocks.
const BYTES_PER_LOSSY_PIXEL: u64 = 6;

fn malformed(what: &'static str) -> Problem {
    Problem::Malformed { format: Format::WebP, what }
}

fn missing() -> Problem {
    Problem::Damaged { format: Format::WebP, what: "it ends before its last block: data are missing" }
}

fn decoder(error: DecodingError) -> Problem {
    Problem::Decoder { format: Format::WebP, cause: Box::new(error) }
}

/// The data of the picture.
#[derive(Clone, Copy)]
enum Picture<'a> {
    Lossy(&'a [u8]),
    Lossless(&'a [u8]),
}

/// What a file holds.
#[derive(Default)]
struct Chunks<'a> {
    picture: Option<Picture<'a>>,
    /// Alpha of a lossy picture.
    alpha: Option<&'a [u8]>,
    /// Width and height that the file says beside its picture, and whether it has alpha.
    canvas: Option<((u32, u32), bool)>,
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
        let mut is_first = true;
        while !rest.is_empty() {
            let (kind, after) = rest.split_first_chunk::<4>().ok_or_else(truncated)?;
            let length = size(after)?;
            let data = after.get(4..).and_then(|after| after.get(..length)).ok_or_else(truncated)?;
            // chunks are padded to even lengths; the last one's padding is left out by some
            rest = after.get(4 + length + length % 2..).unwrap_or_default();
            match kind {
                b"VP8X" if is_first => chunks.extend(data)?,
                b"VP8 " | b"VP8L" => {
                    let picture = if kind == b"VP8 " { Picture::Lossy(data) } else { Picture::Lossless(data) };
                    if chunks.picture.replace(picture).is_some() {
                        return Err(malformed("it does not have one picture"));
                    }
                }
                _ if is_first => return Err(malformed("it begins with neither a picture nor its size")),
                b"ALPH" if chunks.picture.is_some() || chunks.alpha.is_some() => {
                    return Err(malformed("its alpha is there twice, or behind its picture"));
                }
                b"ALPH" => chunks.alpha = Some(data),
                b"ANIM" | b"ANMF" => chunks.is_animated = true,
                b"ICCP" => chunks.profile = chunks.profile.or(Some(data)),
                b"EXIF" => chunks.exif = chunks.exif.or(Some(data)),
                b"XMP " => chunks.xmp = chunks.xmp.or(Some(data)),
                _ => {}
            }
            is_first = false;
        }
        Ok(chunks)
    }

    /// What the first chunk says of the others.
    fn extend(&mut self, data: &[u8]) -> Result<(), Problem> {
        let [flags, _, _, _, w0, w1, w2, h0, h1, h2] = *data else {
            return Err(malformed("the chunk of its size has another size"));
        };
        if flags & !0b11_1110 != 0 {
            return Err(malformed("flags that there are none of"));
        }
        self.is_animated = flags & 2 != 0;
        let side = |a, b, c| u32::from_le_bytes([a, b, c, 0]) + 1;
        self.canvas = Some(((side(w0, w1, w2), side(h0, h1, h2)), flags & 16 != 0));
        Ok(())
    }
}

/// Reads a WebP; who decoded it.
pub(crate) fn read(
    bytes: &[u8],
    background: Option<Background>,
    sink: &mut impl Sink,
    notes: &mut Notes,
) -> Result<&'static str, Problem> {
    let chunks = Chunks::new(bytes)?;
    if chunks.is_animated {
        return Err(Problem::Animated { format: Format::WebP });
    }
    let picture = chunks.picture.ok_or_else(|| malformed("it does not have one picture"))?;
    let (width, height, has_alpha) = match picture {
        Picture::Lossless(data) => lossless::header(data)?,
        Picture::Lossy(data) => {
            let (width, height) = frame::size(data)?;
            (width, height, chunks.alpha.is_some())
        }
    };
    check::size(width, height)?;
    if let Some((size, says_alpha)) = chunks.canvas {
        if size != (width, height) {
            return Err(malformed("its picture has another size than it says"));
        }
        if matches!(picture, Picture::Lossy(_)) && has_alpha && !says_alpha {
            return Err(malformed("its alpha is there, and its header says that it is not"));
        }
    }
    check::memory(
        u64::from(width)
            * u64::from(height)
            * match picture {
                Picture::Lossy(_) if has_alpha => lossless::BYTES_PER_PIXEL.max(BYTES_PER_LOSSY_PIXEL) + 1,
                Picture::Lossy(_) => BYTES_PER_LOSSY_PIXEL,
                Picture::Lossless(_) => lossless::BYTES_PER_PIXEL,
            },
    )?;
    let exif = note::exif(chunks.exif, notes, Format::WebP)?;
    if exif.orientation.is_none() {
        note::xmp(chunks.xmp, notes);
    }
    if let Some(profile) = chunks.profile {
        colour::note_profile(profile, notes);
    }
    sink.begin(width, height, exif.orientation.unwrap_or(Orientation::UPRIGHT))?;

    let channels = if has_alpha { 4 } else { 3 };
    let mut pixels = Pixels::new(Layout { channels, white: 255, is_premultiplied: false }, background);
    let mut samples: Vec<u16> = Vec::new();
    let row = width as usize;
    match picture {
        Picture::Lossless(data) => {
            for colours in lossless::pixels(data)?.chunks_exact(row) {
                samples.clear();
                for colour in colours {
                    let [alpha, red, green, blue] = colour.to_be_bytes();
                    samples.extend([red, green, blue, alpha].iter().take(channels).map(|&sample| u16::from(sample)));
                }
                sink.row(pixels.row(&samples)?)?;
            }
        }
        Picture::Lossy(data) => {
            let alpha = chunks.alpha.map(|alpha| alpha::plane(alpha, width, height)).transpose()?;
            let mut alpha = alpha.iter().flatten();
            for colours in decoded(data)?.chunks_exact(3 * row) {
                samples.clear();
                for colour in colours.chunks_exact(3) {
                    samples.extend(colour.iter().chain(alpha.next()).map(|&sample| u16::from(sample)));
                }
                sink.row(pixels.row(&samples)?)?;
            }
        }
    }
    pixels.note(notes);
    Ok(match picture {
        Picture::Lossy(_) => DECODER,
        Picture::Lossless(_) => LOSSLESS_DECODER,
    })
}

/// The colours of a lossy frame, which is put into a file of its own.
fn decoded(data: &[u8]) -> Result<Vec<u8>, Problem> {
    let length = |bytes: usize| u32::try_from(bytes).map(u32::to_le_bytes).map_err(|_| malformed("it is too long"));
    let padded = data.len() + data.len() % 2;
    let mut file = [b"RIFF", &length(12 + padded)?[..], b"WEBPVP8 ", &length(data.len())?[..], data].concat();
    file.resize(20 + padded, 0);
    let mut reader = WebPDecoder::new(Cursor::new(file)).map_err(decoder)?;
    let mut colours = vec![0; reader.output_buffer_size().unwrap_or_default()];
    reader.read_image(&mut colours).map_err(decoder)?;
    Ok(colours)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::{Background, Options, Problem, decode_bytes};

    const SOFT: &[u8] = include_bytes!("../../tests/cases/soft_alpha.webp");
    const FLAGS: usize = 20;
    const ALPHA: usize = 30;

    /// Why a picture is refused that has a colour behind it.
    fn refusal(bytes: &[u8]) -> String {
        let options = Options { background: Some(Background([0; 3])) };
        decode_bytes(bytes, &options).map(|_| ()).unwrap_err().to_string()
    }

    /// The file with other chunks behind its first.
    fn with(chunks: &[&[u8]]) -> Vec<u8> {
        let mut file = [&SOFT[..ALPHA], &chunks.concat()].concat();
        let length = (file.len() as u32 - 8).to_le_bytes();
        file[4..8].copy_from_slice(&length);
        file
    }

    #[test]
    fn what_the_header_says_must_be_so() {
        for (flip, expected) in [(16, "its alpha is there"), (1, "flags"), (0x40, "flags"), (2, "animated")] {
            let mut file = SOFT.to_vec();
            file[FLAGS] ^= flip;
            assert!(refusal(&file).contains(expected), "{flip}: {}", refusal(&file));
        }
        for side in [FLAGS + 4, FLAGS + 7] {
            let mut file = SOFT.to_vec();
            file[side] += 1;
            assert!(refusal(&file).contains("another size"));
        }
    }

    #[test]
    fn chunks_are_there_once_and_in_order() {
        let length = 8 + u32::from_le_bytes(SOFT[ALPHA + 4..ALPHA + 8].try_into().unwrap()) as usize;
        let (alpha, picture) = SOFT[ALPHA..].split_at(length + length % 2);
        assert!(alpha.starts_with(b"ALPH") && picture.starts_with(b"VP8 "));
        assert!(matches!(decode_bytes(&with(&[alpha, picture]), &Options::default()), Err(Problem::Transparent)));
        assert!(decode_bytes(&with(&[picture]), &Options::default()).is_ok());
        for (chunks, expected) in [
            (&[alpha, alpha, picture][..], "twice, or behind"),
            (&[picture, alpha], "twice, or behind"),
            (&[alpha], "does not have one picture"),
            (&[alpha, picture, picture], "does not have one picture"),
        ] {
            assert!(refusal(&with(chunks)).contains(expected));
        }
        let bare = [&SOFT[..12], alpha, picture].concat();
        let mut file = bare;
        let length = (file.len() as u32 - 8).to_le_bytes();
        file[4..8].copy_from_slice(&length);
        assert!(refusal(&file).contains("begins with neither"));
    }

    #[test]
    fn alpha_that_is_cut_is_refused() {
        let length = u32::from_le_bytes(SOFT[ALPHA + 4..ALPHA + 8].try_into().unwrap()) as usize;
        let picture = &SOFT[ALPHA + 8 + length + length % 2..];
        for left in 0..length - 1 {
            let mut alpha = [b"ALPH", &(left as u32).to_le_bytes()[..], &SOFT[ALPHA + 8..][..left]].concat();
            alpha.resize(8 + left + left % 2, 0);
            assert!(!refusal(&with(&[&alpha, picture])).is_empty(), "{left}");
        }
    }
}
