//! The parts of lossy WebP data: whether they are there, and what they are once something follows each of them.
//!
//! Data are arithmetic-coded, without a checksum and without an end that could be missed: a decoder that runs out of them
//! goes on with zeros. Crate `image-webp` lets it do so for one byte, libwebp does not. [`followed`] shows whether a
//! picture depends on such a byte: if so, it is another one with other bytes behind its parts.

use super::malformed;
use crate::error::{Format, Problem};

/// Frame tag, start code, width and height.
const HEAD: usize = 10;

/// Bytes put behind each part: more than a decoder holds at once.
const MORE: usize = 16;

/// Reads flags of even odds and numbers of them, all that stands in front of the number of parts.
struct Flags<'a> {
    bytes: &'a [u8],
    value: u32,
    range: u32,
    /// Bits shifted out of the lower byte of `value`.
    shifted: u32,
}

impl<'a> Flags<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let mut flags = Self { bytes, value: 0, range: 255, shifted: 0 };
        flags.value = flags.byte() << 8;
        flags.value |= flags.byte();
        flags
    }

    /// The next byte; zero behind the last.
    fn byte(&mut self) -> u32 {
        let (first, rest) = self.bytes.split_first().unwrap_or((&0, &[]));
        self.bytes = rest;
        u32::from(*first)
    }

    fn flag(&mut self) -> bool {
        let split = 1 + (self.range - 1) / 2;
        let is_set = self.value >= split << 8;
        if is_set {
            self.range -= split;
            self.value -= split << 8;
        } else {
            self.range = split;
        }
        while self.range < 128 {
            self.range *= 2;
            self.value *= 2;
            self.shifted += 1;
            if self.shifted == 8 {
                self.shifted = 0;
                self.value |= self.byte();
            }
        }
        is_set
    }

    fn number(&mut self, bits: u32) -> u32 {
        (0..bits).fold(0, |number, _| number << 1 | u32::from(self.flag()))
    }

    /// Numbers of which each is there or not.
    fn skip(&mut self, count: u32, bits: u32) {
        for _ in 0..count {
            if self.flag() {
                self.number(bits);
            }
        }
    }
}

/// How many parts hold coefficients.
fn count(first: &[u8]) -> usize {
    let mut flags = Flags::new(first);
    flags.number(2); // colour space, clamping
    if flags.flag() {
        let (map, data) = (flags.flag(), flags.flag());
        if data {
            flags.flag();
            flags.skip(4, 8);
            flags.skip(4, 7);
        }
        if map {
            flags.skip(3, 8);
        }
    }
    flags.number(10); // the loop filter
    if flags.flag() && flags.flag() {
        flags.skip(8, 7);
    }
    1 << flags.number(2)
}

/// The parts of a frame's data: the first, and those of coefficients.
fn parts(data: &[u8]) -> Result<Vec<&[u8]>, Problem> {
    let truncated = || Problem::Truncated { format: Format::WebP };
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0usize, |sum, &byte| sum << 8 | usize::from(byte));
    let (head, rest) = data.split_at_checked(HEAD).ok_or_else(truncated)?;
    let tag = number(head.get(..3).unwrap_or_default());
    if tag & 1 != 0 || tag >> 4 & 1 == 0 {
        return Err(malformed("a frame of a film, not a picture"));
    }
    if tag >> 1 & 7 > 3 {
        return Err(malformed("a version of its data that there is none of"));
    }
    let (first, rest) = rest.split_at_checked(tag >> 5).ok_or_else(truncated)?;
    let mut parts = vec![first];
    let count = count(first);
    let (sizes, mut rest) = rest.split_at_checked(3 * (count - 1)).ok_or_else(truncated)?;
    for size in sizes.chunks_exact(3) {
        let (part, after) = rest.split_at_checked(number(size)).ok_or_else(truncated)?;
        parts.push(part);
        rest = after;
    }
    if rest.is_empty() {
        return Err(truncated());
    }
    parts.push(rest);
    Ok(parts)
}

/// A WebP of the same frame, each of whose parts is followed by bytes with all bits set.
pub(super) fn followed(data: &[u8]) -> Result<Vec<u8>, Problem> {
    let parts = parts(data)?;
    let [first, .., _] = &parts[..] else { return Err(malformed("it has no parts")) };
    let too_long = || malformed("a part that is too long");
    // three bytes, of which the first part's length has 19 bits
    let size = |bytes: usize, most: u32| {
        let length = u32::try_from(bytes + MORE).ok().filter(|length| *length < 1 << most);
        length.map(u32::to_le_bytes).ok_or_else(too_long)
    };
    let mut frame = Vec::with_capacity(data.len() + parts.len() * MORE);
    frame.extend_from_slice(data.get(..HEAD).unwrap_or_default());
    let [a, b, c, _] = size(first.len(), 19)?.map(u32::from);
    let length = a | b << 8 | c << 16;
    let flags = u32::from(data.first().copied().unwrap_or_default()) & 31;
    let tag = (length << 5 | flags).to_le_bytes();
    frame.get_mut(..3).into_iter().for_each(|place| place.copy_from_slice(&tag[..3]));
    let more = [0xff; MORE];
    frame.extend_from_slice(first);
    frame.extend_from_slice(&more);
    let (_, coefficients) = parts.split_at(1);
    for part in coefficients.split_last().map(|(_, sized)| sized).unwrap_or_default() {
        frame.extend_from_slice(&size(part.len(), 24)?[..3]);
    }
    for part in coefficients {
        frame.extend_from_slice(part);
        frame.extend_from_slice(&more);
    }
    let chunk = frame.len() + frame.len() % 2;
    let length = |bytes: usize| u32::try_from(bytes).map(u32::to_le_bytes).map_err(|_| too_long());
    let mut file = [b"RIFF", &length(12 + chunk)?[..], b"WEBPVP8 ", &length(frame.len())?[..]].concat();
    file.append(&mut frame);
    file.resize(20 + chunk, 0);
    Ok(file)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const LOSSY: &[u8] = include_bytes!("../../tests/seeds/webp-50-17.webp");

    #[test]
    fn parts_are_found_and_followed() {
        let data = &LOSSY[20..];
        let found = parts(data).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found.iter().map(|part| part.len()).sum::<usize>() + HEAD, data.len());
        let file = followed(data).unwrap();
        let again = parts(&file[20..]).unwrap();
        for (part, longer) in found.iter().zip(again) {
            assert_eq!(longer.strip_prefix(*part).unwrap(), [0xff; MORE]);
        }
    }

    #[test]
    fn frames_that_are_no_pictures() {
        let data = &LOSSY[20..];
        for (bits, expected) in
            [(1, "a frame of a film, not a picture"), (16, "a frame of a film, not a picture"), (8, "version")]
        {
            let mut data = data.to_vec();
            data[0] ^= bits;
            assert!(followed(&data).unwrap_err().to_string().contains(expected));
        }
        for end in [0, 9, 12, HEAD + parts(data).unwrap()[0].len()] {
            assert!(matches!(followed(&data[..end]), Err(Problem::Truncated { .. })), "{end}");
        }
    }
}
