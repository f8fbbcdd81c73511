//! Bits and prefix codes of lossless WebP.

use super::missing;
use crate::error::{Format, Problem};

/// The longest code.
const LONGEST: usize = 15;

/// Codes up to this length are found in one step.
const TABLE_BITS: u32 = 8;

/// Stands in a table for codes that are longer than it. No symbol is so high.
const LONGER: u16 = u16::MAX;

/// Reads bits, the lowest of each byte first.
pub(super) struct Bits<'a> {
    rest: &'a [u8],
    value: u64,
    count: u32,
    is_past_end: bool,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, value: 0, count: 0, is_past_end: false }
    }

    /// The next bits, which stay; zeros behind the end. At most 24.
    fn peek(&mut self, bits: u32) -> u32 {
        if self.count < bits {
            while self.count <= 56 {
                let Some((first, rest)) = self.rest.split_first() else { break };
                self.rest = rest;
                self.value |= u64::from(*first) << self.count;
                self.count += 8;
            }
        }
        (self.value & ((1 << bits) - 1)) as u32
    }

    fn skip(&mut self, bits: u32) {
        self.is_past_end |= bits > self.count;
        self.value >>= bits;
        self.count = self.count.saturating_sub(bits);
    }

    /// A number of at most 24 bits.
    pub(super) fn number(&mut self, bits: u32) -> u32 {
        let number = self.peek(bits);
        self.skip(bits);
        number
    }

    pub(super) fn bit(&mut self) -> bool {
        self.number(1) == 1
    }

    /// Refuses what was read behind the end.
    pub(super) fn check(&self) -> Result<(), Problem> {
        if self.is_past_end { Err(missing()) } else { Ok(()) }
    }
}

fn no_code() -> Problem {
    Problem::Damaged { format: Format::WebP, what: "a prefix code is none" }
}

/// A prefix code. A lone symbol takes no bits.
pub(super) struct Code {
    /// Symbols by the codes' order.
    symbols: Vec<u16>,
    /// Codes of each length.
    counts: [u16; LONGEST + 1],
    /// A symbol and, in the lowest four bits, the length of its code, by the next bits.
    table: Vec<u16>,
    table_bits: u32,
}

impl Code {
    /// The code whose symbols have these lengths; 0 for those that it does not have.
    fn new(lengths: &[u8]) -> Result<Self, Problem> {
        let mut counts = [0u16; LONGEST + 1];
        for &length in lengths {
            *counts.get_mut(usize::from(length)).ok_or_else(no_code)? += 1;
        }
        counts[0] = 0;
        let mut symbols = Vec::new();
        for length in 1..=LONGEST as u8 {
            let own = lengths.iter().zip(0..).filter(|(other, _)| **other == length);
            if counts[usize::from(length)] > 0 {
                symbols.extend(own.map(|(_, symbol)| symbol));
            }
        }
        if let [symbol] = symbols[..] {
            return Ok(Self { symbols, counts, table: vec![symbol << 4], table_bits: 0 });
        }
        let used: u32 = (0..).zip(counts).map(|(length, count)| u32::from(count) << LONGEST >> length).sum();
        if used != 1 << LONGEST {
            return Err(no_code());
        }
        let longest = (0..).zip(counts).filter(|(_, count)| *count > 0).map(|(length, _)| length).last();
        let table_bits = longest.unwrap_or(0).min(TABLE_BITS);
        let mut table = vec![LONGER; 1 << table_bits];
        let (mut code, mut left) = (0u32, &symbols[..]);
        for (length, &count) in (1..=table_bits).zip(&counts[1..]) {
            let (own, after) = left.split_at_checked(usize::from(count)).unwrap_or_default();
            left = after;
            for symbol in own {
                let first = (code.reverse_bits() >> (32 - length)) as usize;
                for entry in table.iter_mut().skip(first).step_by(1 << length) {
                    *entry = symbol << 4 | length as u16;
                }
                code += 1;
            }
            code <<= 1;
        }
        Ok(Self { symbols, counts, table, table_bits })
    }

    /// Reads a code for symbols below `count`.
    pub(super) fn read(bits: &mut Bits<'_>, count: usize) -> Result<Self, Problem> {
        let mut lengths = vec![0u8; count];
        if bits.bit() {
            let is_pair = bits.bit();
            let size = if bits.bit() { 8 } else { 1 };
            for size in [size, 8].into_iter().take(1 + usize::from(is_pair)) {
                *lengths.get_mut(bits.number(size) as usize).ok_or_else(no_code)? = 1;
            }
        } else {
            Self::lengths(bits, &mut lengths)?;
        }
        bits.check()?;
        Self::new(&lengths)
    }

    /// Reads the lengths of codes, which are in a code themselves.
    fn lengths(bits: &mut Bits<'_>, lengths: &mut [u8]) -> Result<(), Problem> {
        const ORDER: [usize; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
        let mut own = [0; ORDER.len()];
        let count = bits.number(4) as usize + 4;
        for &place in ORDER.iter().take(count) {
            own[place] = bits.number(3) as u8;
        }
        let code = Self::new(&own)?;
        let mut left = lengths.len();
        if bits.bit() {
            let size = 2 + 2 * bits.number(3);
            let most = 2 + bits.number(size) as usize;
            if most > left {
                return Err(no_code());
            }
            left = most;
        }
        let (mut at, mut last) = (0, 8);
        while at < lengths.len() && left > 0 {
            left -= 1;
            let symbol = code.symbol(bits);
            let (length, repeat) = match symbol {
                0..=15 => (symbol as u8, 1),
                16 => (last, 3 + bits.number(2)),
                17 => (0, 3 + bits.number(3)),
                _ => (0, 11 + bits.number(7)),
            };
            if length > 0 {
                last = length;
            }
            let end = at + repeat as usize;
            lengths.get_mut(at..end).ok_or_else(no_code)?.fill(length);
            at = end;
        }
        Ok(())
    }

    /// Reads a symbol.
    pub(super) fn symbol(&self, bits: &mut Bits<'_>) -> u16 {
        let next = bits.peek(LONGEST as u32);
        let entry = self.table.get((next & ((1 << self.table_bits) - 1)) as usize).copied().unwrap_or_default();
        if entry != LONGER {
            bits.skip(u32::from(entry & 15));
            return entry >> 4;
        }
        // codes of one length are numbers in order, which begin behind those of the lengths before
        let (mut code, mut first, mut before) = (0, 0, 0);
        for (length, &count) in (1..).zip(&self.counts[1..]) {
            code = code << 1 | next >> (length - 1) & 1;
            let count = u32::from(count);
            if code < first + count {
                bits.skip(length);
                return self.symbols.get((before + code - first) as usize).copied().unwrap_or_default();
            }
            before += count;
            first = (first + count) << 1;
        }
        0
    }

    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> u64 {
        (size_of::<Self>() + 2 * (self.symbols.capacity() + self.table.capacity())) as u64
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn codes_of_all_lengths() {
        // lengths 1, 2, ..., 14, 15, 15, at symbols in another order
        let mut lengths = vec![0u8; 40];
        let symbols = [7, 3, 39, 0, 12, 13, 14, 9, 8, 30, 31, 5, 2, 33, 20, 21];
        for (&symbol, length) in symbols.iter().zip((1..=15).chain([15])) {
            lengths[symbol] = length;
        }
        let code = Code::new(&lengths).unwrap();
        for (index, &symbol) in symbols.iter().enumerate() {
            // so many ones, then a zero
            let bytes = ((1u32 << index) - 1).to_le_bytes();
            assert_eq!(usize::from(code.symbol(&mut Bits::new(&bytes))), symbol, "{index}");
        }
        assert!(matches!(code.symbols.len(), 16));
    }

    #[test]
    fn codes_that_are_none() {
        for lengths in [&[0, 0, 0][..], &[1, 1, 1], &[1, 2], &[2, 2, 2], &[16, 1]] {
            assert!(Code::new(lengths).is_err(), "{lengths:?}");
        }
    }

    #[test]
    fn a_lone_symbol_takes_no_bits_be_it_written_twice() {
        // simple, two symbols, of 8 bits: 5 and 5
        let mut bits = Bits::new(&[0b0010_1111, 0b0010_1000, 0]);
        let code = Code::read(&mut bits, 256).unwrap();
        assert_eq!(code.symbols, [5]);
        assert_eq!(code.symbol(&mut Bits::new(&[])), 5);
        // of two, the lesser is the code 0, in whatever order they are written
        let mut bits = Bits::new(&[0b0011_1111, 0b0010_1000, 0]);
        let code = Code::read(&mut bits, 256).unwrap();
        assert_eq!([0, 1].map(|byte| code.symbol(&mut Bits::new(&[byte]))), [5, 7]);
        // a symbol that the alphabet does not have
        assert!(Code::read(&mut Bits::new(&[0b1111_1101, 0xff, 0]), 40).is_err());
    }

    #[test]
    fn bits_behind_the_end_are_noticed() {
        let mut bits = Bits::new(&[0xa5, 0x0f]);
        assert_eq!((bits.number(4), bits.number(8), bits.number(4)), (5, 0xfa, 0));
        assert!(bits.check().is_ok());
        assert_eq!(bits.number(1), 0);
        assert!(bits.check().is_err());
    }
}
