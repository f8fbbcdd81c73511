//! What a verifying key's code says of itself.

use alloy_primitives::{B256, U256, keccak256};

/// The first words of a verifying key's code, which every circuit has; what they say is the key's maker's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHeader {
    /// The claim that the key is for.
    pub claim_id: B256,
    /// Identifies the trusted setup.
    pub srs_id: B256,
    /// Whether somebody knows the setup's secret.
    pub unsafe_development: bool,
    /// The circuit has `2^k` rows.
    pub k: u32,
    /// What the key is for, word by word: width and height of a picture, then the architecture of a model.
    pub subject: Vec<B256>,
}

impl KeyHeader {
    /// Reads a key's code: a STOP byte, then the format's magic word, claim, constraint system, setup, flags, `k`, and how many words
    /// of the subject follow.
    /// `None` where it is no key.
    pub fn read(code: &[u8]) -> Option<Self> {
        let words = code.strip_prefix(&[0])?;
        let word = |at: usize| words.get(32 * at..32 * at + 32).map(B256::from_slice);
        if word(0)? != keccak256("veilmark verifying key v1") {
            return None;
        }
        let number = |at: usize| word(at).map(|word| U256::from_be_bytes(word.0));
        let unsafe_development = match number(4)? {
            U256::ZERO => false,
            flags if flags == U256::from(1) => true,
            _ => return None,
        };
        let k = number(5)?.try_into().ok()?;
        let words: usize = number(6)?.try_into().ok()?;
        let subject = (0..words).map(|at| word(7 + at)).collect::<Option<_>>()?;
        Some(Self { claim_id: word(1)?, srs_id: word(3)?, unsafe_development, k, subject })
    }
}
