//! The arithmetic decoder of VP8 (RFC 6386, section 7): yes and no by their probabilities.

/// Reads yes and no, and numbers made of them.
pub(super) struct Bools<'a> {
    rest: &'a [u8],
    /// Bits read and not used up, the last one lowest.
    value: u64,
    /// How many bits `value` has.
    count: u32,
    /// From 128 to 255.
    range: u32,
    is_past_end: bool,
}

impl<'a> Bools<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, value: 0, count: 0, range: 255, is_past_end: false }
    }

    /// Whether a decision hung on bits behind the last byte. Each looks at eight bits, even where fewer would do: libwebp
    /// gives up by the same rule.
    pub(super) fn is_past_end(&self) -> bool {
        self.is_past_end
    }

    fn fill(&mut self) {
        while self.count <= 48 {
            let Some((first, rest)) = self.rest.split_first() else { break };
            self.rest = rest;
            self.value = self.value << 8 | u64::from(*first);
            self.count += 8;
        }
        if self.count < 8 {
            self.is_past_end = true;
            self.value <<= 8;
            self.count += 8;
        }
    }

    /// A decision that is no with `probability` of 256.
    pub(super) fn flag(&mut self, probability: u8) -> bool {
        if self.count < 8 {
            self.fill();
        }
        let split = 1 + (((self.range - 1) * u32::from(probability)) >> 8);
        let above = u64::from(split) << (self.count - 8);
        let is_set = self.value >= above;
        if is_set {
            self.value -= above;
            self.range -= split;
        } else {
            self.range = split;
        }
        let shift = self.range.leading_zeros() - 24;
        self.range <<= shift;
        self.count -= shift;
        is_set
    }

    /// A decision of even odds.
    pub(super) fn bit(&mut self) -> bool {
        self.flag(128)
    }

    /// A number, the highest bit first.
    pub(super) fn number(&mut self, bits: u32) -> i32 {
        (0..bits).fold(0, |number, _| number << 1 | i32::from(self.bit()))
    }

    /// A number that is there or not, with its sign behind it.
    pub(super) fn signed(&mut self, bits: u32) -> Option<i32> {
        self.bit().then(|| {
            let size = self.number(bits);
            if self.bit() { -size } else { size }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes what [`Bools`] reads (RFC 6386, section 7.3), to the last bit that decides.
    fn written(decisions: &[(bool, u8)]) -> Vec<u8> {
        // the whole of the code as one number in base 256, with a carry where it is needed
        let (mut low, mut range, mut bits) = (vec![0u8], 255u32, 0u32);
        let add = |low: &mut Vec<u8>, number: u32, bits: u32| {
            // `number` has its lowest bit at bit `bits` behind the first byte
            let (byte, shift) = ((bits / 8) as usize, bits % 8);
            low.resize(low.len().max(byte + 2), 0);
            let mut carry = u32::from(low[byte]) << 8 | u32::from(low[byte + 1]);
            carry += number << 8 >> shift;
            low[byte + 1] = carry as u8;
            low[byte] = (carry >> 8) as u8;
            let (mut carry, mut at) = (carry >> 16, byte);
            while carry > 0 {
                at -= 1;
                carry += u32::from(low[at]);
                low[at] = carry as u8;
                carry >>= 8;
            }
        };
        for &(is_set, probability) in decisions {
            let split = 1 + (((range - 1) * u32::from(probability)) >> 8);
            if is_set {
                add(&mut low, split, bits);
                range -= split;
            } else {
                range = split;
            }
            while range < 128 {
                range <<= 1;
                bits += 1;
            }
        }
        low
    }

    #[test]
    fn what_is_written_is_read_and_the_end_is_seen() {
        let mut state = 1u32;
        let decisions: Vec<(bool, u8)> = (0..5000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let probability = (state >> 24) as u8;
                ((state >> 8 & 255) as u8 >= probability, probability)
            })
            .collect();
        let bytes = written(&decisions);
        let mut bools = Bools::new(&bytes);
        for &(is_set, probability) in &decisions {
            assert_eq!(bools.flag(probability), is_set);
        }
        assert!(!bools.is_past_end());
        let mut bools = Bools::new(&bytes[..bytes.len() - 3]);
        decisions.iter().for_each(|&(_, probability)| {
            bools.flag(probability);
        });
        assert!(bools.is_past_end());
    }

    #[test]
    fn a_decision_looks_at_eight_bits() {
        let mut bools = Bools::new(&[0]);
        assert!(!bools.flag(1) && !bools.is_past_end());
        // seven bits were used up
        bools.flag(128);
        assert!(bools.is_past_end());
        let mut nothing = Bools::new(&[]);
        assert!(!nothing.bit() && nothing.is_past_end());
    }

    #[test]
    fn numbers_have_their_highest_bit_first() {
        let number = [true, false, true, true, true, true, false].map(|is_set| (is_set, 128));
        let bytes = written(&number);
        assert_eq!(Bools::new(&bytes).number(4), 0b1011);
        assert_eq!(Bools::new(&bytes).signed(3), Some(-0b011));
    }
}
