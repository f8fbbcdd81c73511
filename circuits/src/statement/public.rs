//! The public inputs: one list of named rows, used by circuits, bundles, the contract generator and the registry.

use super::fingerprint::Fingerprint;
use sha3::{Digest, Keccak256};

/// Separates contexts from every other hash of ours.
pub const CONTEXT_DOMAIN: &str = "veilmark context v1";

/// Rows of the one instance column of the fingerprint claim.
///
/// A later claim with a *committed* fingerprint keeps the layout: the two fingerprint rows then carry the halves of the
/// salted hash instead, and the claim's own verifier says which of the two it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum PublicRow {
    /// Bits 0..128 of the fingerprint, as `sum b_k 2^k`.
    FingerprintLow = 0,
    /// Bits 128..256 of the fingerprint, as `sum b_(128+k) 2^k`.
    FingerprintHigh = 1,
    /// The largest Hamming distance accepted between the image's fingerprint and the public one.
    Tolerance = 2,
    /// What the proof is bound to: chain, registry and registrant (see `docs/statement.md`); no gate reads it.
    Context = 3,
}

impl PublicRow {
    /// Every row, in order.
    pub const ALL: [Self; 4] = [Self::FingerprintLow, Self::FingerprintHigh, Self::Tolerance, Self::Context];

    /// The row's name in bundles and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FingerprintLow => "fingerprint_low",
            Self::FingerprintHigh => "fingerprint_high",
            Self::Tolerance => "tolerance",
            Self::Context => "context",
        }
    }
}

/// The public inputs of the fingerprint claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FingerprintPublic {
    /// The fingerprint claimed, as registered on chain.
    pub fingerprint: Fingerprint,
    /// The largest Hamming distance accepted, in bits: at most 255 by type.
    pub tolerance: u8,
    /// What the proof is bound to: 31 bytes, big-endian, so that it is below every field's modulus.
    pub context: [u8; 31],
}

/// The context of a proof: what the registry recomputes from its chain, its own address and the registrant.
///
/// `keccak256(abi.encode(keccak256("veilmark context v1"), chainId, registry, registrant)) >> 8`
pub fn context(chain_id: u64, registry: [u8; 20], registrant: [u8; 20]) -> [u8; 31] {
    let word = |bytes: &[u8]| {
        let mut word = [0; 32];
        word[32 - bytes.len()..].copy_from_slice(bytes);
        word
    };
    let mut hash = Keccak256::new();
    hash.update(Keccak256::digest(CONTEXT_DOMAIN));
    for part in [word(&chain_id.to_be_bytes()), word(&registry), word(&registrant)] {
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut context = [0; 31];
    context.copy_from_slice(&digest[..31]);
    context
}
