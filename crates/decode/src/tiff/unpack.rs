//! Strips and tiles as they were before they were packed: all of their bytes, or none.

use crate::error::{Format, Problem};
use flate2::{Decompress, FlushDecompress, Status};

/// How strips and tiles are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    None,
    Lzw,
    Deflate,
    PackBits,
}

fn damaged(what: &'static str) -> Problem {
    Problem::Damaged { format: Format::Tiff, what }
}

fn short() -> Problem {
    damaged("a strip or tile ends before its last sample: data are missing")
}

/// The first `length` bytes of what is packed.
pub(super) fn unpack(packing: Packing, packed: &[u8], length: usize) -> Result<Vec<u8>, Problem> {
    match packing {
        Packing::None => packed.get(..length).map(<[u8]>::to_vec).ok_or_else(short),
        Packing::Lzw => lzw(packed, length),
        Packing::Deflate => deflate(packed, length),
        Packing::PackBits => pack_bits(packed, length),
    }
}

/// Codes of LZW that stand for no bytes: a new table begins, the data end.
const CLEAR: u16 = 256;
const END: u16 = 257;

/// The longest codes, in bits.
const MAX_WIDTH: u32 = 12;

/// Codes that may follow a full table: libtiff gives up behind as many.
const MAX_BEYOND: usize = 1023;

/// What a code stands for: the bytes of another code, and one more.
#[derive(Clone, Copy)]
struct Entry {
    before: u16,
    first: u8,
    last: u8,
    length: usize,
}

/// LZW as TIFF has it: the upper bit first, codes longer by one bit one code early. Strictly: each table begins with a
/// [`CLEAR`], and no code is used before it is in the table, as readers differ about what it would be.
fn lzw(packed: &[u8], length: usize) -> Result<Vec<u8>, Problem> {
    let wrong = || damaged("a code of a strip or tile that its table does not have");
    let mut table: Vec<Entry> =
        (0..=u8::MAX).map(|byte| Entry { before: 0, first: byte, last: byte, length: 1 }).collect();
    table.extend([Entry { before: 0, first: 0, last: 0, length: 0 }; 2]);
    let (mut bytes, mut bits, mut held) = (packed.iter(), 0u32, 0);
    let (mut width, mut beyond) = (9, 0);
    let mut has_begun = false;
    let mut last: Option<u16> = None;
    let mut made = Vec::with_capacity(length);
    while made.len() < length {
        while held < width {
            bits = bits << 8 | u32::from(*bytes.next().ok_or_else(short)?);
            held += 8;
        }
        held -= width;
        let code = (bits >> held) as u16;
        bits &= (1 << held) - 1;
        match (code, last) {
            (END, _) => return Err(short()),
            (CLEAR, _) => {
                table.truncate(258);
                (width, beyond, has_begun, last) = (9, 0, true, None);
                continue;
            }
            (_, None) if has_begun && code < CLEAR => {}
            (_, None) => return Err(wrong()),
            (_, Some(before)) => {
                let known = table.get(usize::from(code)).or(table.get(usize::from(before)));
                if usize::from(code) > table.len() || beyond > MAX_BEYOND {
                    return Err(wrong());
                }
                if table.len() < 1 << MAX_WIDTH {
                    let (Some(known), Some(old)) = (known, table.get(usize::from(before))) else { return Err(wrong()) };
                    let entry = Entry { before, first: old.first, last: known.first, length: old.length + 1 };
                    table.push(entry);
                } else {
                    beyond += 1;
                }
                if table.len() >= (1 << width) - 1 && width < MAX_WIDTH {
                    width += 1;
                }
            }
        }
        last = Some(code);
        let start = made.len();
        let mut entry = *table.get(usize::from(code)).ok_or_else(wrong)?;
        made.resize(start + entry.length, 0);
        for place in made.iter_mut().skip(start).rev() {
            *place = entry.last;
            entry = *table.get(usize::from(entry.before)).ok_or_else(wrong)?;
        }
    }
    made.truncate(length);
    Ok(made)
}

/// The checksum behind the data counts, so that all of them are inflated: some writers fill up the last strip.
fn deflate(mut packed: &[u8], length: usize) -> Result<Vec<u8>, Problem> {
    let mut stream = Decompress::new(true);
    let mut made = vec![0; length];
    let mut filled = 0;
    let mut rest = [0; 512];
    loop {
        let room = made.get_mut(filled..).filter(|room| !room.is_empty());
        let is_rest = room.is_none();
        let before = (stream.total_in(), stream.total_out());
        let status = stream
            .decompress(packed, room.unwrap_or(&mut rest), FlushDecompress::None)
            .map_err(|_| damaged("the compressed data of a strip or tile are none, or their checksum is wrong"))?;
        let step = |now: u64, before: u64| usize::try_from(now - before).unwrap_or(usize::MAX);
        let (taken, given) = (step(stream.total_in(), before.0), step(stream.total_out(), before.1));
        packed = packed.get(taken..).unwrap_or_default();
        filled += if is_rest { 0 } else { given };
        if status == Status::StreamEnd {
            return if filled == length { Ok(made) } else { Err(short()) };
        }
        // twice as many bytes as there are samples are no filling up
        if taken + given == 0 || stream.total_out() > 2 * length as u64 + 65_536 {
            return Err(short());
        }
    }
}

fn pack_bits(packed: &[u8], length: usize) -> Result<Vec<u8>, Problem> {
    let mut made = Vec::with_capacity(length);
    let mut rest = packed;
    while made.len() < length {
        let (&head, after) = rest.split_first().ok_or_else(short)?;
        rest = after;
        let left = length - made.len();
        match head {
            0..=127 => {
                let count = usize::from(head) + 1;
                let (bytes, after) = rest.split_at_checked(count).ok_or_else(short)?;
                made.extend(bytes.iter().take(left));
                rest = after;
            }
            128 => {}
            _ => {
                let (&byte, after) = rest.split_first().ok_or_else(short)?;
                made.extend(std::iter::repeat_n(byte, (257 - usize::from(head)).min(left)));
                rest = after;
            }
        }
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use std::io::Write as _;

    #[test]
    fn runs_and_copies() {
        // the example of the format's specification
        let packed = [0xfe, 0xaa, 2, 0x80, 0, 0x2a, 0xfd, 0xaa, 3, 0x80, 0, 0x2a, 0x22, 0xf7, 0xaa];
        let mut expected = vec![0xaa, 0xaa, 0xaa, 0x80, 0, 0x2a, 0xaa, 0xaa, 0xaa, 0xaa, 0x80, 0, 0x2a, 0x22];
        expected.extend([0xaa; 10]);
        assert_eq!(unpack(Packing::PackBits, &packed, 24).unwrap(), expected);
        assert_eq!(unpack(Packing::PackBits, &packed, 2).unwrap(), [0xaa; 2]);
        for end in 0..packed.len() {
            assert!(unpack(Packing::PackBits, &packed[..end], 24).is_err(), "{end}");
        }
        assert!(unpack(Packing::PackBits, &packed, 25).is_err());
    }

    #[test]
    fn deflated_data_are_whole_with_their_checksum() {
        let data: Vec<u8> = (0..3000u32).map(|i| (i * i / 7) as u8).collect();
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&data).unwrap();
        let packed = encoder.finish().unwrap();
        for length in [1, 2999, 3000] {
            assert_eq!(unpack(Packing::Deflate, &packed, length).unwrap(), data[..length]);
        }
        assert!(unpack(Packing::Deflate, &packed, 3001).is_err());
        for end in 0..packed.len() {
            assert!(unpack(Packing::Deflate, &packed[..end], 3000).is_err(), "{end}");
        }
        let mut other = packed;
        *other.last_mut().unwrap() ^= 1;
        assert!(unpack(Packing::Deflate, &other, 3000).is_err());
    }

    /// Codes of 9 bits.
    fn coded(codes: &[u16]) -> Vec<u8> {
        let bits: Vec<u8> = codes.iter().flat_map(|code| (0..9).rev().map(move |at| (code >> at & 1) as u8)).collect();
        let byte = |bits: &[u8]| bits.iter().fold(0, |byte, bit| byte << 1 | bit) << (8 - bits.len());
        bits.chunks(8).map(byte).collect()
    }

    #[test]
    fn codes_and_their_table() {
        // the example of the format's specification
        let packed = coded(&[CLEAR, 7, 258, 8, 8, 258, 6, 6, END]);
        let expected = [7, 7, 7, 8, 8, 7, 7, 6, 6];
        for length in 0..=expected.len() {
            assert_eq!(unpack(Packing::Lzw, &packed, length).unwrap(), expected[..length]);
        }
        assert!(unpack(Packing::Lzw, &packed, expected.len() + 1).is_err());
        for (codes, length) in [(&[7, 8][..], 2), (&[CLEAR, 258], 2), (&[CLEAR, 7, 259], 2), (&[CLEAR, CLEAR, END], 1)]
        {
            assert!(unpack(Packing::Lzw, &coded(codes), length).is_err(), "{codes:?}");
        }
    }

    #[test]
    fn bytes_as_they_are() {
        assert_eq!(unpack(Packing::None, b"abc", 2).unwrap(), b"ab");
        assert!(unpack(Packing::None, b"abc", 4).is_err());
    }
}
