//! Strips and tiles as they were before they were packed: all of their bytes, or none.

use crate::error::{Format, Problem};
use flate2::{Decompress, FlushDecompress, Status};
use weezl::{BitOrder, LzwStatus, decode::Decoder};

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

fn lzw(mut packed: &[u8], length: usize) -> Result<Vec<u8>, Problem> {
    let mut decoder = Decoder::with_tiff_size_switch(BitOrder::Msb, 8);
    let mut made = vec![0; length];
    let mut filled = 0;
    while let Some(room) = made.get_mut(filled..).filter(|room| !room.is_empty()) {
        let result = decoder.decode_bytes(packed, room);
        filled += result.consumed_out;
        packed = packed.get(result.consumed_in..).unwrap_or_default();
        match result.status {
            Ok(LzwStatus::Ok) if result.consumed_in + result.consumed_out > 0 => {}
            Ok(_) => break,
            Err(_) => return Err(damaged("a code of a strip or tile that its table does not have")),
        }
    }
    if filled == length { Ok(made) } else { Err(short()) }
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

    #[test]
    fn codes_of_growing_length() {
        let data: Vec<u8> = (0..20_000u32).map(|i| (i / 3 * i % 251) as u8).collect();
        let packed = weezl::encode::Encoder::with_tiff_size_switch(BitOrder::Msb, 8).encode(&data).unwrap();
        for length in [1, 19_999, 20_000] {
            assert_eq!(unpack(Packing::Lzw, &packed, length).unwrap(), data[..length]);
        }
        assert!(unpack(Packing::Lzw, &packed, 20_001).is_err());
        assert!(unpack(Packing::Lzw, &packed[..packed.len() / 2], 20_000).is_err());
    }

    #[test]
    fn bytes_as_they_are() {
        assert_eq!(unpack(Packing::None, b"abc", 2).unwrap(), b"ab");
        assert!(unpack(Packing::None, b"abc", 4).is_err());
    }
}
