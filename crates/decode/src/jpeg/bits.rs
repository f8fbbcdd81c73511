//! Entropy-coded bytes as bits, and Huffman codes read from them.
//!
//! A reader never goes past a marker and never makes bits up: a scan that wants more than there is has lost some, and
//! bytes that nothing asked for were put in or belong elsewhere. Both are errors.

use super::{damaged, malformed};
use crate::error::{Format, Problem};

/// Bits of the codes that one look-up decodes.
const FAST_BITS: u32 = 9;

/// Reads bits up to the next marker that is not a stuffed byte.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// The next byte to be taken; the first `0xff` of a marker once there is one.
    at: usize,
    /// The next bits, from the top; zeros after the last.
    window: u64,
    /// Bits in the window.
    count: u32,
    /// What stopped the reader.
    stop: Stop,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    NotYet,
    Marker,
    EndOfFile,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, window: 0, count: 0, stop: Stop::NotYet }
    }

    /// Fills the window to more than 32 bits, or to the next marker.
    fn fill(&mut self) {
        while self.count <= 32 && self.stop == Stop::NotYet {
            let four = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<4>());
            if let Some(word) = four.map(|four| u32::from_be_bytes(*four)) {
                // No byte of the word is 0xff when no byte of its complement is zero.
                let complement = !word;
                if complement.wrapping_sub(0x0101_0101) & !complement & 0x8080_8080 == 0 {
                    self.window |= u64::from(word) << (32 - self.count);
                    self.count += 32;
                    self.at += 4;
                    continue;
                }
            }
            self.take_byte();
        }
    }

    fn take_byte(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (byte, length) = match rest {
            [] => return self.stop = Stop::EndOfFile,
            [0xff, after @ ..] => {
                let fill = after.iter().take_while(|&&byte| byte == 0xff).count();
                match after.get(fill) {
                    None => return self.stop = Stop::EndOfFile,
                    Some(0) => (0xff, fill + 2),
                    Some(_) => return self.stop = Stop::Marker,
                }
            }
            [byte, ..] => (*byte, 1),
        };
        self.window |= u64::from(byte) << (56 - self.count);
        self.count += 8;
        self.at += length;
    }

    fn short(&self) -> Problem {
        match self.stop {
            Stop::EndOfFile => Problem::Truncated { format: Format::Jpeg },
            _ => damaged("a scan ends before its last block: data are missing"),
        }
    }

    fn drop_bits(&mut self, bits: u32) -> Result<(), Problem> {
        if bits > self.count {
            return Err(self.short());
        }
        self.window <<= bits;
        self.count -= bits;
        Ok(())
    }

    /// The next `bits` bits as a number, at most 16.
    pub(super) fn number(&mut self, bits: u32) -> Result<u32, Problem> {
        if bits == 0 {
            return Ok(0);
        }
        if self.count < bits {
            self.fill();
        }
        let value = (self.window >> (64 - bits)) as u32;
        self.drop_bits(bits)?;
        Ok(value)
    }

    /// The next bit.
    pub(super) fn bit(&mut self) -> Result<bool, Problem> {
        Ok(self.number(1)? == 1)
    }

    /// The next `bits` bits as a signed number of that many bits: those that begin with 0 are negative.
    pub(super) fn signed(&mut self, bits: u32) -> Result<i32, Problem> {
        if bits == 0 {
            return Ok(0);
        }
        let value = self.number(bits)? as i32;
        Ok(if value < 1 << (bits - 1) { value - (1 << bits) + 1 } else { value })
    }

    /// The next symbol of a Huffman code.
    pub(super) fn symbol(&mut self, code: &Huffman) -> Result<u8, Problem> {
        if self.count < 16 {
            self.fill();
        }
        let next = (self.window >> 48) as u32;
        let fast = code.fast.get((next >> (16 - FAST_BITS)) as usize).copied().unwrap_or_default();
        let (length, symbol) = if fast == 0 {
            let Some(found) = code.long(next) else {
                return Err(if self.count < 16 {
                    self.short()
                } else {
                    damaged("a code that its table does not have")
                });
            };
            found
        } else {
            (u32::from(fast >> 8), fast as u8)
        };
        self.drop_bits(length)?;
        Ok(symbol)
    }

    /// Passes the restart marker of a number, which must be next.
    pub(super) fn restart(&mut self, number: u8) -> Result<(), Problem> {
        self.fill();
        if self.count >= 8 {
            return Err(damaged("data are left over before a restart marker"));
        }
        if self.stop != Stop::Marker {
            return Err(self.short());
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let fill = rest.iter().take_while(|&&byte| byte == 0xff).count();
        if rest.get(fill) != Some(&(0xd0 + number)) {
            return Err(damaged("a restart marker is missing or out of order"));
        }
        *self = Self::new(self.bytes, self.at + fill + 1);
        Ok(())
    }

    /// Ends a scan: where its marker is, and how many zero bytes somebody put in front of it.
    pub(super) fn finish(mut self) -> Result<(usize, usize), Problem> {
        let mut padding = 0;
        self.window <<= self.count % 8;
        self.count -= self.count % 8;
        loop {
            self.fill();
            if self.window != 0 {
                return Err(damaged("data are left over at the end of a scan"));
            }
            if self.count == 0 {
                break;
            }
            padding += (self.count / 8) as usize;
            self.count = 0;
        }
        match self.stop {
            Stop::Marker => Ok((self.at, padding)),
            _ => Err(Problem::Truncated { format: Format::Jpeg }),
        }
    }
}

/// A Huffman code.
#[derive(Clone)]
pub(super) struct Huffman {
    /// By the next [`FAST_BITS`] bits: length and symbol, 0 where the code is longer or there is none.
    fast: Vec<u16>,
    /// By length: the first code that is longer, among the next 16 bits.
    limits: [u32; 17],
    /// By length: what to add to a code to get its symbol's index.
    offsets: [i32; 17],
    symbols: Vec<u8>,
}

impl Huffman {
    /// A code from the number of codes of each length, 1 to 16, and their symbols.
    pub(super) fn new(lengths: &[u8; 16], symbols: &[u8], is_dc: bool) -> Result<Self, Problem> {
        let impossible = || malformed("a Huffman table that is none");
        if symbols.len() > 256 || (is_dc && symbols.iter().any(|&symbol| symbol > 15)) {
            return Err(impossible());
        }
        let mut table =
            Self { fast: vec![0; 1 << FAST_BITS], limits: [0; 17], offsets: [0; 17], symbols: symbols.to_vec() };
        let (mut code, mut index) = (0u32, 0usize);
        for (length, &count) in (1u32..).zip(lengths) {
            if let Some(offset) = table.offsets.get_mut(length as usize) {
                *offset = index as i32 - code as i32;
            }
            for &symbol in symbols.get(index..index + usize::from(count)).ok_or_else(impossible)? {
                if code >= 1 << length {
                    return Err(impossible());
                }
                if length <= FAST_BITS {
                    let shift = FAST_BITS - length;
                    let places = (code << shift) as usize..((code + 1) << shift) as usize;
                    let entry = (length as u16) << 8 | u16::from(symbol);
                    table.fast.get_mut(places).unwrap_or_default().fill(entry);
                }
                code += 1;
            }
            index += usize::from(count);
            if let Some(limit) = table.limits.get_mut(length as usize) {
                *limit = code << (16 - length);
            }
            code <<= 1;
        }
        Ok(table)
    }

    /// Length and symbol of the code at the start of 16 bits.
    fn long(&self, next: u32) -> Option<(u32, u8)> {
        let length = (1..17).find(|&length| self.limits.get(length).is_some_and(|&limit| next < limit))?;
        let index = (next >> (16 - length)) as i32 + self.offsets.get(length)?;
        Some((length as u32, *self.symbols.get(usize::try_from(index).ok()?)?))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn bits(bytes: &[u8]) -> Bits<'_> {
        Bits::new(bytes, 0)
    }

    #[test]
    fn stuffed_bytes_are_data_and_markers_are_not() {
        let mut reader = bits(&[0x12, 0xff, 0x00, 0xff, 0xff, 0x00, 0x34, 0xff, 0xd9]);
        let bytes: Vec<u32> = (0..5).map_while(|_| reader.number(8).ok()).collect();
        assert_eq!(bytes, [0x12, 0xff, 0xff, 0x34]);
        assert!(matches!(reader.number(1), Err(Problem::Damaged { .. })));
        assert_eq!(reader.finish().unwrap(), (7, 0));
        assert!(matches!(bits(&[1, 2]).number(16).and(bits(&[]).number(1)), Err(Problem::Truncated { .. })));
    }

    #[test]
    fn what_is_left_over_is_damage_unless_it_is_zero() {
        for (bytes, expected) in [
            (&[0xa0, 0, 0, 0xff, 0xd9][..], Some((3, 2))),
            (&[0xa0, 0xff, 0xff, 0xd9], Some((1, 0))),
            (&[0xa0, 0, 1, 0xff, 0xd9], None),
        ] {
            let mut reader = bits(bytes);
            assert_eq!(reader.number(3).unwrap(), 5);
            assert_eq!(reader.finish().ok(), expected);
        }
    }

    #[test]
    fn numbers_have_signs() {
        // 3 bits: 000 is -7, 011 is -4, 100 is 4, 111 is 7
        let mut reader = bits(&[0b0000_1110, 0b0111_0000, 0xff, 0xd9]);
        assert_eq!([3; 4].map(|n| reader.signed(n).unwrap()), [-7, -4, 4, 7]);
    }

    #[test]
    fn codes_of_every_length() {
        // one code each of 1 to 16 bits: 0, 10, 110, ...
        let code = Huffman::new(&[1; 16], &(0..16).collect::<Vec<_>>(), true).unwrap();
        for length in 1..=16u32 {
            let word = (((1u32 << length) - 2) << (32 - length)).to_be_bytes();
            let stuffed: Vec<u8> = word.iter().flat_map(|&b| if b == 0xff { vec![0xff, 0] } else { vec![b] }).collect();
            assert_eq!(u32::from(bits(&stuffed).symbol(&code).unwrap()), length - 1);
        }
        assert!(matches!(bits(&[0xff, 0, 0xff, 0, 0]).symbol(&code), Err(Problem::Damaged { .. })));
    }

    #[test]
    fn impossible_tables() {
        let mut lengths = [0; 16];
        lengths[0] = 3;
        assert!(Huffman::new(&lengths, &[1, 2, 3], false).is_err(), "three codes of one bit");
        lengths[0] = 2;
        assert!(Huffman::new(&lengths, &[1], false).is_err(), "a symbol is missing");
        assert!(Huffman::new(&lengths, &[1, 16], true).is_err(), "a difference of 16 bits");
        assert!(Huffman::new(&lengths, &[1, 16], false).is_ok());
    }
}
