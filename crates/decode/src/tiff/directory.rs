//! A TIFF's directories: the tags that say what its pixels are must be there once, of a type they can have, and inside of
//! the file, and so must the pixels.
//!
//! The crate takes what it finds of damaged directories, libtiff takes other things, and each makes a picture of it.

use super::{MAX_PAGES, MAX_TAG_BYTES, malformed};
use crate::error::{Format, Problem};
use std::collections::BTreeMap;

const NEW_SUBFILE_TYPE: u16 = 254;
const STRIP_OFFSETS: u16 = 273;
const STRIP_BYTE_COUNTS: u16 = 279;
const TILE_OFFSETS: u16 = 324;
const TILE_BYTE_COUNTS: u16 = 325;
const ICC_PROFILE: u16 = 34_675;

/// Tags that decide about pixels: sides, depth, compression, colours, fill order, place of strips, orientation, samples,
/// rows a strip, planes, predictor, palette, tiles, further samples, their format, and the colour profile.
const DECIDING: [u16; 21] = [
    NEW_SUBFILE_TYPE,
    256,
    257,
    258,
    259,
    262,
    266,
    STRIP_OFFSETS,
    274,
    277,
    278,
    STRIP_BYTE_COUNTS,
    284,
    317,
    320,
    322,
    323,
    TILE_OFFSETS,
    TILE_BYTE_COUNTS,
    338,
    339,
];

/// Bytes of a file, in one of two orders.
#[derive(Clone, Copy)]
struct Bytes<'a> {
    bytes: &'a [u8],
    is_little: bool,
}

impl<'a> Bytes<'a> {
    fn slice(self, at: usize, length: usize) -> Option<&'a [u8]> {
        self.bytes.get(at..at.checked_add(length)?)
    }

    fn number(self, at: usize, length: usize) -> Option<u32> {
        self.slice(at, length).map(|bytes| self.join(bytes))
    }

    fn join(self, bytes: &[u8]) -> u32 {
        let join = |sum: u32, &byte: &u8| sum << 8 | u32::from(byte);
        if self.is_little { bytes.iter().rev().fold(0, join) } else { bytes.iter().fold(0, join) }
    }
}

/// Numbers of a tag, as they lie in the file.
struct Numbers<'a> {
    file: Bytes<'a>,
    size: usize,
    data: &'a [u8],
}

impl Numbers<'_> {
    fn iter(&self) -> impl Iterator<Item = u32> {
        self.data.chunks_exact(self.size).map(|bytes| self.file.join(bytes))
    }
}

/// Checks all directories.
pub(super) fn check(bytes: &[u8]) -> Result<(), Problem> {
    let truncated = || Problem::Truncated { format: Format::Tiff };
    let file = Bytes { bytes, is_little: bytes.starts_with(b"II") };
    let mut at = file.number(4, 4).ok_or_else(truncated)? as usize;
    for _ in 0..MAX_PAGES {
        let count = file.number(at, 2).ok_or_else(truncated)? as usize;
        let entries = file.slice(at.saturating_add(2), 12 * count).ok_or_else(truncated)?;
        let mut tags = BTreeMap::new();
        for (index, entry) in entries.chunks_exact(12).enumerate() {
            let (tag, kind) = entry.split_at(2);
            let (kind, rest) = kind.split_at(2);
            let (length, _) = rest.split_at(4);
            let (tag, kind, length) = (file.join(tag) as u16, file.join(kind), file.join(length) as usize);
            if !DECIDING.contains(&tag) && tag != ICC_PROFILE {
                continue;
            }
            let size = match kind {
                1 => 1,
                3 => 2,
                4 => 4,
                7 if tag == ICC_PROFILE => 1,
                _ => return Err(malformed("a tag that decides about its pixels is of a type it cannot have")),
            };
            let bytes = size * length;
            // what fits stands in the entry itself, else the entry says where
            let value = at + 2 + 12 * index + 8;
            let place = if bytes <= 4 { value } else { file.number(value, 4).ok_or_else(truncated)? as usize };
            let data = file.slice(place, bytes).filter(|_| bytes > 0 && bytes <= MAX_TAG_BYTES);
            let data = data.ok_or_else(|| malformed("a tag that decides about its pixels lies outside of the file"))?;
            if tags.insert(tag, Numbers { file, size, data }).is_some() {
                return Err(malformed("a tag that decides about its pixels is there twice"));
            }
        }
        for (places, lengths) in [(STRIP_OFFSETS, STRIP_BYTE_COUNTS), (TILE_OFFSETS, TILE_BYTE_COUNTS)] {
            check_places(file, tags.get(&places), tags.get(&lengths))?;
        }
        at = file.number(at + 2 + 12 * count, 4).ok_or_else(truncated)? as usize;
        if at == 0 {
            return Ok(());
        }
    }
    Err(Problem::Pages)
}

/// Checks that strips or tiles lie inside of the file.
fn check_places(file: Bytes<'_>, places: Option<&Numbers<'_>>, lengths: Option<&Numbers<'_>>) -> Result<(), Problem> {
    match (places, lengths) {
        (None, None) => Ok(()),
        (Some(places), Some(lengths)) if places.iter().count() == lengths.iter().count() => {
            let inside = |(at, length): (u32, u32)| file.slice(at as usize, length as usize).is_some();
            if places.iter().zip(lengths.iter()).all(inside) {
                Ok(())
            } else {
                Err(Problem::Truncated { format: Format::Tiff })
            }
        }
        _ => Err(malformed("it does not say of each strip or tile where it is and how long")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIFF: &[u8] = include_bytes!("../../tests/seeds/tiff-tiff_lzw-rgb-17.tif");

    fn word(value: u16) -> [u8; 2] {
        value.to_le_bytes()
    }

    /// Where the entry of a tag begins.
    fn entry(tag: u16) -> usize {
        let file = Bytes { bytes: TIFF, is_little: true };
        let first = file.number(4, 4).unwrap_or_default() as usize;
        let count = file.number(first, 2).unwrap_or_default() as usize;
        let places = (0..count).map(|index| first + 2 + 12 * index);
        places.into_iter().find(|at| file.number(*at, 2) == Some(tag.into())).unwrap_or_default()
    }

    /// What is said with some bytes replaced.
    fn said(at: usize, bytes: &[u8]) -> String {
        let mut file = TIFF.to_vec();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        check(&file).map_or_else(|problem| problem.to_string(), |()| String::new())
    }

    #[test]
    fn directories_that_do_not_say_which_pixels() {
        assert_eq!(said(0, b"II"), "");
        assert!(said(entry(258) + 2, &word(2)).contains("of a type it cannot have"));
        assert!(said(entry(258) + 8, &[0xff; 4]).contains("outside of the file"));
        assert!(said(entry(257), &word(256)).contains("there twice"));
        assert!(said(entry(279) + 8, &[0xff; 4]).contains("truncated"));
        assert!(said(entry(279), &word(300)).contains("of each strip or tile"));
        assert!(said(4, &[0xff; 4]).contains("truncated"));
        // a directory that comes round to itself has no last page
        let round = TIFF[4..8].to_vec();
        let end = entry(256) - 2;
        let count = usize::from(u16::from_le_bytes([TIFF[end], TIFF[end + 1]]));
        assert!(said(end + 2 + 12 * count, &round).contains("several pages"));
    }
}
