//! A TIFF's directories: the tags that say what its pixels are must be there once, of a type they can have, and inside of
//! the file, and so must the pixels.
//!
//! Readers make different pictures of damaged directories: each takes what it can use. Tags that do not decide about pixels
//! are not looked at.

use super::malformed;
use crate::error::{Format, Problem};
use std::collections::BTreeMap;

/// The numbers of tags.
pub(super) mod tag {
    pub(in super::super) const NEW_SUBFILE_TYPE: u16 = 254;
    pub(in super::super) const WIDTH: u16 = 256;
    pub(in super::super) const HEIGHT: u16 = 257;
    pub(in super::super) const DEPTH: u16 = 258;
    pub(in super::super) const COMPRESSION: u16 = 259;
    pub(in super::super) const COLOURS: u16 = 262;
    pub(in super::super) const FILL_ORDER: u16 = 266;
    pub(in super::super) const STRIP_OFFSETS: u16 = 273;
    pub(in super::super) const ORIENTATION: u16 = 274;
    pub(in super::super) const CHANNELS: u16 = 277;
    pub(in super::super) const ROWS_PER_STRIP: u16 = 278;
    pub(in super::super) const STRIP_BYTE_COUNTS: u16 = 279;
    const LEAST_SAMPLE: u16 = 280;
    const LARGEST_SAMPLE: u16 = 281;
    pub(in super::super) const PLANES: u16 = 284;
    pub(in super::super) const PREDICTOR: u16 = 317;
    pub(in super::super) const PALETTE: u16 = 320;
    pub(in super::super) const TILE_WIDTH: u16 = 322;
    pub(in super::super) const TILE_HEIGHT: u16 = 323;
    pub(in super::super) const TILE_OFFSETS: u16 = 324;
    pub(in super::super) const TILE_BYTE_COUNTS: u16 = 325;
    pub(in super::super) const EXTRA_SAMPLES: u16 = 338;
    pub(in super::super) const SAMPLE_FORMAT: u16 = 339;
    pub(in super::super) const ICC_PROFILE: u16 = 34_675;

    /// Those that are looked at; libtiff reads no picture where those of the least and the largest sample are unsound.
    pub(super) const ALL: [u16; 24] = [
        NEW_SUBFILE_TYPE,
        WIDTH,
        HEIGHT,
        DEPTH,
        COMPRESSION,
        COLOURS,
        FILL_ORDER,
        STRIP_OFFSETS,
        ORIENTATION,
        CHANNELS,
        ROWS_PER_STRIP,
        STRIP_BYTE_COUNTS,
        LEAST_SAMPLE,
        LARGEST_SAMPLE,
        PLANES,
        PREDICTOR,
        PALETTE,
        TILE_WIDTH,
        TILE_HEIGHT,
        TILE_OFFSETS,
        TILE_BYTE_COUNTS,
        EXTRA_SAMPLES,
        SAMPLE_FORMAT,
        ICC_PROFILE,
    ];
}

/// Tags of which each has one number.
const SINGLE: [u16; 13] = [
    tag::NEW_SUBFILE_TYPE,
    tag::WIDTH,
    tag::HEIGHT,
    tag::COMPRESSION,
    tag::COLOURS,
    tag::FILL_ORDER,
    tag::ORIENTATION,
    tag::CHANNELS,
    tag::ROWS_PER_STRIP,
    tag::PLANES,
    tag::PREDICTOR,
    tag::TILE_WIDTH,
    tag::TILE_HEIGHT,
];

/// Pages looked at for one that is no smaller copy.
const MAX_PAGES: usize = 64;

/// Bytes of the largest tag: the offsets of many strips, a colour profile.
const MAX_TAG_BYTES: usize = 16 << 20;

/// Bytes of a file, in one of two orders.
#[derive(Clone, Copy, Debug)]
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

/// A tag's value, as it lies in the file.
#[derive(Clone, Copy, Debug)]
struct Value<'a> {
    size: usize,
    data: &'a [u8],
}

/// A directory, and with it a picture.
#[derive(Debug)]
pub(super) struct Page<'a> {
    file: Bytes<'a>,
    tags: BTreeMap<u16, Value<'a>>,
}

impl<'a> Page<'a> {
    /// The numbers of a tag; none where it is missing.
    pub(super) fn numbers(&self, tag: u16) -> impl Iterator<Item = u32> {
        let value = self.tags.get(&tag).copied().unwrap_or(Value { size: 1, data: &[] });
        let file = self.file;
        value.data.chunks_exact(value.size).map(move |bytes| file.join(bytes))
    }

    /// A tag's first number.
    pub(super) fn number(&self, tag: u16) -> Option<u32> {
        self.numbers(tag).next()
    }

    /// A tag's bytes.
    pub(super) fn bytes(&self, tag: u16) -> Option<&'a [u8]> {
        self.tags.get(&tag).map(|value| value.data)
    }

    /// The bytes of each strip or tile.
    pub(super) fn chunks(&self, is_tiled: bool) -> Result<Vec<&'a [u8]>, Problem> {
        let strips = (tag::STRIP_OFFSETS, tag::STRIP_BYTE_COUNTS);
        let tiles = (tag::TILE_OFFSETS, tag::TILE_BYTE_COUNTS);
        let ((places, lengths), others) = if is_tiled { (tiles, strips) } else { (strips, tiles) };
        if self.tags.contains_key(&others.0) || self.tags.contains_key(&others.1) {
            return Err(malformed("it has strips and tiles"));
        }
        if self.numbers(places).count() != self.numbers(lengths).count() {
            return Err(malformed("it does not say of each strip or tile where it is and how long"));
        }
        let inside = |(at, length): (u32, u32)| self.file.slice(at as usize, length as usize);
        let found = self.numbers(places).zip(self.numbers(lengths)).map(inside);
        found.collect::<Option<_>>().ok_or(Problem::Truncated { format: Format::Tiff })
    }

    /// The upper 8 of the 16 bits of a palette's colours.
    pub(super) fn palette(&self, depth: u32) -> Result<Vec<[u16; 3]>, Problem> {
        let colours = 1 << depth;
        let list: Vec<u32> = self.numbers(tag::PALETTE).collect();
        if list.len() != 3 * colours {
            return Err(malformed("a palette that is none"));
        }
        // libtiff takes such numbers for 8 bits, others for black
        if list.iter().all(|sample| *sample < 256) && list.iter().any(|sample| *sample > 0) {
            return Err(malformed("a palette of 8 bits where 16 belong"));
        }
        let sample = |at: usize| list.get(at).map_or(0, |sample| (sample >> 8 & 255) as u16);
        Ok((0..colours).map(|at| [sample(at), sample(colours + at), sample(2 * colours + at)]).collect())
    }
}

/// Reads all directories.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Page<'_>>, Problem> {
    let truncated = || Problem::Truncated { format: Format::Tiff };
    let file = Bytes { bytes, is_little: bytes.starts_with(b"II") };
    let mut at = file.number(4, 4).ok_or_else(truncated)? as usize;
    let mut pages = Vec::new();
    while pages.len() < MAX_PAGES {
        let count = file.number(at, 2).ok_or_else(truncated)? as usize;
        let entries = file.slice(at.saturating_add(2), 12 * count).ok_or_else(truncated)?;
        let mut tags = BTreeMap::new();
        for (index, entry) in entries.chunks_exact(12).enumerate() {
            let (tag, kind) = entry.split_at(2);
            let (kind, rest) = kind.split_at(2);
            let (length, _) = rest.split_at(4);
            let (tag, kind, length) = (file.join(tag) as u16, file.join(kind), file.join(length) as usize);
            if !tag::ALL.contains(&tag) {
                continue;
            }
            let size = match kind {
                3 => 2,
                4 => 4,
                7 if tag == tag::ICC_PROFILE => 1,
                _ => return Err(malformed("a tag that decides about its pixels is of a type it cannot have")),
            };
            if length != 1 && SINGLE.contains(&tag) {
                return Err(malformed("a tag that decides about its pixels has several numbers, or none"));
            }
            let bytes = length.saturating_mul(size);
            // what fits stands in the entry itself, else the entry says where
            let value = at + 2 + 12 * index + 8;
            let place = if bytes <= 4 { value } else { file.number(value, 4).ok_or_else(truncated)? as usize };
            let data = file.slice(place, bytes).filter(|_| bytes > 0 && bytes <= MAX_TAG_BYTES);
            let data = data.ok_or_else(|| malformed("a tag that decides about its pixels lies outside of the file"))?;
            if tags.insert(tag, Value { size, data }).is_some() {
                return Err(malformed("a tag that decides about its pixels is there twice"));
            }
        }
        pages.push(Page { file, tags });
        at = file.number(at + 2 + 12 * count, 4).ok_or_else(truncated)? as usize;
        if at == 0 {
            return Ok(pages);
        }
    }
    Err(Problem::Pages)
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
        let read = read(&file).and_then(|pages| pages.iter().try_for_each(|page| page.chunks(false).map(|_| ())));
        read.map_or_else(|problem| problem.to_string(), |()| String::new())
    }

    #[test]
    fn directories_that_do_not_say_which_pixels() {
        assert_eq!(said(0, b"II"), "");
        assert!(said(entry(258) + 2, &word(2)).contains("of a type it cannot have"));
        assert!(said(entry(258) + 8, &[0xff; 4]).contains("outside of the file"));
        assert!(said(entry(257) + 4, &[2, 0, 0, 0]).contains("several numbers"));
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
