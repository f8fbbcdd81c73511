//! Words: 32 big-endian bytes, as the EVM reads numbers.

/// At most 32 big-endian bytes as a word.
pub(crate) fn word(bytes: &[u8]) -> [u8; 32] {
    let mut word = [0; 32];
    word[32 - bytes.len()..].copy_from_slice(bytes);
    word
}
