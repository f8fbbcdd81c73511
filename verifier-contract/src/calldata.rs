//! The call to a generated verifier: `verify(address vk, uint256[] publicInputs, bytes proof)`.
//!
//! There is one encoding of a call, and a verifier accepts no other: selector, the key's address, the offsets of `publicInputs`
//! and `proof`, the number of public inputs, these, the proof's length, its bytes. A proof is a whole number of words, so nothing
//! is padded. The signature is the same for every circuit, so that one caller serves verifiers of any number of public inputs.

use halo2_proofs::halo2curves::bn256::Fr;
use sha3::{Digest, Keccak256};
use veilmark_transcript::{WORD, scalar_to_word};

/// Bytes of a function selector.
pub const SELECTOR: usize = 4;

/// The signature of `verify`.
pub const VERIFY_SIGNATURE: &str = "verify(address,uint256[],bytes)";
/// Words of a call before the public inputs: the key's address, two offsets, and the number of public inputs.
pub(crate) const HEAD_WORDS: usize = 4;

/// The selector of a function or an error.
pub fn selector(signature: &str) -> [u8; SELECTOR] {
    let digest = Keccak256::digest(signature);
    let mut selector = [0; SELECTOR];
    selector.copy_from_slice(&digest[..SELECTOR]);
    selector
}

/// Where the proof's first byte is in a call's data.
pub fn proof_offset(public_inputs: usize) -> usize {
    SELECTOR + (HEAD_WORDS + public_inputs + 1) * WORD
}

/// What a call says of where the public inputs are: counted from behind the selector.
pub(crate) const fn inputs_offset() -> usize {
    (HEAD_WORDS - 1) * WORD
}

/// What a call says of where the proof is, length first: counted from behind the selector.
pub(crate) const fn proof_length_offset(public_inputs: usize) -> usize {
    (HEAD_WORDS + public_inputs) * WORD
}

/// The data of a call of `verify`. The lengths are the caller's: a verifier refuses any but its own by a typed error.
pub fn encode_verify_call(vk: [u8; 20], public_inputs: &[Fr], proof: &[u8]) -> Vec<u8> {
    let word = |value: usize| {
        let mut word = [0; WORD];
        word[WORD - 8..].copy_from_slice(&(value as u64).to_be_bytes());
        word
    };
    let mut data = Vec::with_capacity(proof_offset(public_inputs.len()) + proof.len().next_multiple_of(WORD));
    data.extend(selector(VERIFY_SIGNATURE));
    data.extend([0; WORD - 20]);
    data.extend(vk);
    data.extend(word(inputs_offset()));
    data.extend(word(proof_length_offset(public_inputs.len())));
    data.extend(word(public_inputs.len()));
    public_inputs.iter().for_each(|input| data.extend(scalar_to_word(*input)));
    data.extend(word(proof.len()));
    data.extend(proof);
    let padding = proof.len().next_multiple_of(WORD) - proof.len();
    data.resize(data.len() + padding, 0);
    data
}
