//! The public inputs of a proof, and what binds it to a chain, a contract and a registrant.

use super::{
    claim::{Claim, Meaning},
    fingerprint::Fingerprint,
};
use sha3::{Digest, Keccak256};

/// Separates contexts from every other hash of ours.
pub const CONTEXT_DOMAIN: &str = "veilmark context v1";

/// The public inputs of a claim. A field that the claim says nothing about is zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicInputs {
    /// The fingerprint claimed, or the salted hash of a committed one.
    pub fingerprint: Fingerprint,
    /// The largest Hamming distance accepted, in bits: at most 255 by type.
    pub tolerance: u8,
    /// What the proof is bound to: 31 bytes, big-endian, so that it is below every field's modulus.
    pub context: [u8; 31],
    /// Public inputs without a field here ([`Meaning::Other`]), in their order: big-endian words.
    pub extra: Vec<[u8; 32]>,
}

impl PublicInputs {
    /// The public inputs of a claim that has no others than these.
    pub const fn new(fingerprint: Fingerprint, tolerance: u8, context: [u8; 31]) -> Self {
        Self { fingerprint, tolerance, context, extra: Vec::new() }
    }

    /// Whether a claim has every field that is not zero here, and as many extra words.
    ///
    /// # Errors
    /// [`NotInTheClaim`].
    pub fn check(&self, claim: Claim) -> Result<(), NotInTheClaim> {
        let extra = claim.inputs.iter().filter(|meaning| matches!(meaning, Meaning::Other(_))).count();
        let has_tolerance = claim.position(Meaning::Tolerance).is_some();
        for (field, fits) in [
            ("fingerprint", claim.has_fingerprint() || self.fingerprint == Fingerprint::default()),
            ("tolerance", has_tolerance || self.tolerance == 0),
            ("number of extra words", self.extra.len() == extra),
        ] {
            if !fits {
                return Err(NotInTheClaim { claim: claim.name, field });
            }
        }
        Ok(())
    }

    /// The instance column of a claim as big-endian words: the one place that knows the order.
    ///
    /// An extra word that is missing is zero, and so is what the claim says nothing about.
    pub fn to_words(&self, claim: Claim) -> Vec<[u8; 32]> {
        let mut extra = self.extra.iter().copied();
        let word = |meaning: &Meaning| match meaning {
            Meaning::Zero => [0; 32],
            Meaning::FingerprintLow => word(&self.fingerprint.low().to_be_bytes()),
            Meaning::FingerprintHigh => word(&self.fingerprint.high().to_be_bytes()),
            Meaning::Tolerance => word(&[self.tolerance]),
            Meaning::Context => word(&self.context),
            Meaning::Other(_) => extra.next().unwrap_or_default(),
        };
        claim.inputs.iter().map(word).collect()
    }
}

/// A public input that is not in the claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {claim} claim has no such {field}")]
pub struct NotInTheClaim {
    /// The claim's name.
    pub claim: &'static str,
    /// The field.
    pub field: &'static str,
}

/// Big-endian bytes as a word.
pub(crate) fn word(bytes: &[u8]) -> [u8; 32] {
    let mut word = [0; 32];
    word[32 - bytes.len()..].copy_from_slice(bytes);
    word
}

/// What a proof is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The chain's id.
    pub chain_id: u64,
    /// The registry's address.
    pub registry: [u8; 20],
    /// The account that may register with the proof.
    pub registrant: [u8; 20],
}

impl Binding {
    /// The public input.
    pub fn context(&self) -> [u8; 31] {
        context(self.chain_id, self.registry, self.registrant)
    }
}

/// The context of a proof: what the registry recomputes from its chain, its own address and the registrant.
///
/// `keccak256(abi.encode(keccak256("veilmark context v1"), chainId, registry, registrant)) >> 8`
pub fn context(chain_id: u64, registry: [u8; 20], registrant: [u8; 20]) -> [u8; 31] {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_follow_the_claims_list() {
        let fingerprint = Fingerprint::from_bits(|k| k == 1 || k == 130);
        let inputs = PublicInputs::new(fingerprint, 3, [5; 31]);
        let [low, high, tolerance] = [2u8, 4, 3].map(|byte| word(&[byte]));
        assert_eq!(inputs.to_words(Claim::FINGERPRINT), [low, high, tolerance, word(&[5; 31])]);
        assert!(inputs.check(Claim::FINGERPRINT).is_ok());
        assert_eq!(inputs.check(Claim::GENERATION).unwrap_err().field, "fingerprint");
        assert_eq!(
            PublicInputs::new(Fingerprint::default(), 1, [0; 31]).check(Claim::GENERATION).unwrap_err().field,
            "tolerance"
        );
        let more = PublicInputs { extra: vec![[0; 32]], ..inputs.clone() };
        assert!(more.check(Claim::FINGERPRINT).is_err());
        assert_eq!(inputs.to_words(Claim::GENERATION), [[0; 32], [0; 32], [0; 32], word(&[5; 31])]);
    }
}
