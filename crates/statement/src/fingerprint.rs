//! A 256-bit fingerprint and the Hamming distance between two.

use std::{fmt, str::FromStr};

/// Bits of a fingerprint.
pub const BITS: usize = 256;

/// Fingerprints at most this many bits apart match (PDQ's own limit).
pub const MATCH_DISTANCE: u8 = 31;

/// 256 bits; bit `16 i + j` belongs to vertical frequency `i + 1`, horizontal frequency `j + 1`.
///
/// The text form is 64 hexadecimal digits of `sum b_k 2^k`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Fingerprint {
    /// `[high, low]`: the number's two halves, most significant first.
    halves: [u128; 2],
}

impl Fingerprint {
    /// The fingerprint with exactly the bits for which `bit` answers true.
    pub fn from_bits(bit: impl Fn(usize) -> bool) -> Self {
        let half = |from: usize| (0..128).fold(0, |sum, k| sum | (u128::from(bit(from + k)) << k));
        Self { halves: [half(128), half(0)] }
    }

    /// The fingerprint of a number's big-endian bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        let half = |from: usize| bytes[from..from + 16].iter().fold(0, |sum, &b| (sum << 8) | u128::from(b));
        Self { halves: [half(0), half(16)] }
    }

    /// Big-endian bytes of `sum b_k 2^k`: a `bytes32` or `uint256` of the chain.
    pub fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&self.halves[0].to_be_bytes());
        bytes[16..].copy_from_slice(&self.halves[1].to_be_bytes());
        bytes
    }

    /// Bit `k`, `k < 256`.
    pub fn bit(self, k: usize) -> bool {
        (self.halves[1 - k / 128] >> (k % 128)) & 1 == 1
    }

    /// Bits 0..128 as a number.
    pub fn low(self) -> u128 {
        self.halves[1]
    }

    /// Bits 128..256 as a number.
    pub fn high(self) -> u128 {
        self.halves[0]
    }

    /// In how many bits two fingerprints differ, 0..=256.
    pub fn distance(self, other: Self) -> u32 {
        self.halves.iter().zip(other.halves).map(|(a, b)| (a ^ b).count_ones()).sum()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:032x}{:032x}", self.halves[0], self.halves[1])
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// Not 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is 64 hexadecimal digits, got {got} characters{}", if *.got == 64 { ", not all of them hexadecimal" } else { "" })]
pub struct ParseFingerprintError {
    /// Characters given.
    pub got: usize,
}

impl FromStr for Fingerprint {
    type Err = ParseFingerprintError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix("0x").unwrap_or(text);
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes)
            .map(|()| Self::from_bytes(bytes))
            .map_err(|_| ParseFingerprintError { got: digits.chars().count() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_bytes_and_bits_are_one_number() {
        let text = "0x177e707ff93970ffc3f08f003f7f8f00d9f98f0007ff8f1167c68f8610390000";
        let f: Fingerprint = text.parse().unwrap();
        assert_eq!(f.to_string(), text);
        assert_eq!(text[2..].parse(), Ok(f), "as hashers of PDQ print it");
        assert_eq!(Fingerprint::from_bytes(f.to_bytes()), f);
        assert_eq!(Fingerprint::from_bits(|k| f.bit(k)), f);
        assert!(f.bit(16) && !f.bit(0) && !f.bit(255) && f.bit(252));
        assert_eq!(f.low() & 0xffff, 0);
        assert_eq!(f.high() >> 120, 0x17);
    }

    #[test]
    fn distance_counts_bits() {
        let zero = Fingerprint::default();
        assert_eq!(zero.distance(Fingerprint::from_bits(|_| true)), 256);
        assert_eq!(zero.distance(Fingerprint::from_bits(|k| k % 3 == 0)), 86);
    }

    #[test]
    fn refuses_other_text() {
        for text in ["", "0x", "zz", &"g".repeat(64), &"0".repeat(63), &"0".repeat(65), &"é".repeat(32)] {
            assert!(text.parse::<Fingerprint>().is_err(), "{text}");
        }
    }
}
