//! The committed artefacts: what the compiler made of each contract.

use alloy_primitives::hex;
use serde_json::Value;
use std::ops::Range;
use std::sync::LazyLock;

/// A compiled contract.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// The contract's name.
    pub name: &'static str,
    /// The committed artefact: ABI, bytecodes, the compiler and its settings.
    pub json: &'static str,
    /// What a transaction that deploys it carries, constructor arguments excepted.
    pub init_code: Vec<u8>,
    /// What is at its address afterwards, but for what the constructor writes into it.
    pub runtime_code: Vec<u8>,
    /// Where that is.
    immutables: Vec<Range<usize>>,
}

/// The router: which verifiers and keys stand for a claim.
pub static CLAIM_ROUTER: LazyLock<Artifact> =
    LazyLock::new(|| Artifact::parse("ClaimRouter", include_str!("../../artifacts/ClaimRouter.json")));

/// The registry of models.
pub static MODEL_REGISTRY: LazyLock<Artifact> =
    LazyLock::new(|| Artifact::parse("ModelRegistry", include_str!("../../artifacts/ModelRegistry.json")));

/// The registry of content.
pub static CONTENT_REGISTRY: LazyLock<Artifact> =
    LazyLock::new(|| Artifact::parse("ContentRegistry", include_str!("../../artifacts/ContentRegistry.json")));

/// The tokens.
pub static AUTHENTICITY_TOKEN: LazyLock<Artifact> =
    LazyLock::new(|| Artifact::parse("AuthenticityToken", include_str!("../../artifacts/AuthenticityToken.json")));

/// The verifier of the fingerprint claim, for every size of picture.
pub static FINGERPRINT_VERIFIER: LazyLock<Artifact> =
    LazyLock::new(|| Artifact::parse("FingerprintVerifier", include_str!("../../artifacts/FingerprintVerifier.json")));

/// The verifier of the claim of a committed fingerprint, for every size of picture.
pub static COMMITTED_FINGERPRINT_VERIFIER: LazyLock<Artifact> = LazyLock::new(|| {
    Artifact::parse("CommittedFingerprintVerifier", include_str!("../../artifacts/CommittedFingerprintVerifier.json"))
});

/// The verifier of the generation claim, for every model.
pub static GENERATION_VERIFIER: LazyLock<Artifact> =
    LazyLock::new(|| Artifact::parse("GenerationVerifier", include_str!("../../artifacts/GenerationVerifier.json")));

/// The verifier of the authenticity claim, for every model.
pub static AUTHENTICITY_VERIFIER: LazyLock<Artifact> = LazyLock::new(|| {
    Artifact::parse("AuthenticityVerifier", include_str!("../../artifacts/AuthenticityVerifier.json"))
});

/// The contracts written by hand, in the order in which a deployment makes them.
pub fn written() -> [&'static Artifact; 4] {
    [&CLAIM_ROUTER, &MODEL_REGISTRY, &CONTENT_REGISTRY, &AUTHENTICITY_TOKEN]
}

/// The generated verifiers.
pub fn verifiers() -> [&'static Artifact; 4] {
    [&FINGERPRINT_VERIFIER, &GENERATION_VERIFIER, &AUTHENTICITY_VERIFIER, &COMMITTED_FINGERPRINT_VERIFIER]
}

/// Every contract of a deployment.
pub fn all() -> impl Iterator<Item = &'static Artifact> {
    written().into_iter().chain(verifiers())
}

impl Artifact {
    /// Reads a committed artefact.
    ///
    /// # Panics
    ///
    /// If it is not what `cargo xtask contracts` writes: it is a part of this program, not input.
    fn parse(name: &'static str, json: &'static str) -> Self {
        let artifact: Value = serde_json::from_str(json).expect("a committed artefact is JSON");
        assert_eq!(artifact["contractName"], name, "a committed artefact carries the name of its file");
        let code = |kind: &str| {
            let text = artifact[kind].as_str().expect("a committed artefact has bytecode");
            hex::decode(text).expect("a committed artefact's bytecode is hexadecimal")
        };
        let place = |text: &str| {
            let (start, length) = text.split_once('+').expect("a place in code is a start and a length");
            let number = |text: &str| text.parse::<usize>().expect("a place in code is two numbers");
            number(start)..number(start) + number(length)
        };
        let immutables = artifact["immutables"].as_str().unwrap_or_default().split_whitespace().map(place).collect();
        Self { name, json, init_code: code("bytecode"), runtime_code: code("deployedBytecode"), immutables }
    }

    /// Whether code on a chain is this contract's, whatever its constructor was given. It says nothing about what is in the
    /// contract's storage, nor about how it came there: for that its address has to be recomputed
    /// ([`addresses`](crate::addresses)).
    pub fn is_code_of(&self, code: &[u8]) -> bool {
        let mut blank = code.to_vec();
        for place in &self.immutables {
            let Some(bytes) = blank.get_mut(place.clone()) else { return false };
            bytes.fill(0);
        }
        blank == self.runtime_code
    }

    /// The contract's ABI.
    pub(crate) fn abi(&self) -> Vec<Value> {
        let artifact: Value = serde_json::from_str(self.json).expect("a committed artefact is JSON");
        artifact["abi"].as_array().cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_contract_fits_the_chain() {
        for artifact in all() {
            assert!(artifact.runtime_code.len() <= 24_576, "{}: EIP-170", artifact.name);
            assert!(artifact.init_code.len() <= 2 * 24_576, "{}: EIP-3860", artifact.name);
        }
    }

    #[test]
    fn code_is_known_whatever_the_constructor_wrote() {
        let mut code = MODEL_REGISTRY.runtime_code.clone();
        assert!(MODEL_REGISTRY.is_code_of(&code));
        let place = MODEL_REGISTRY.immutables[0].clone();
        code[place].fill(7);
        assert!(MODEL_REGISTRY.is_code_of(&code));
        code[0] ^= 1;
        assert!(!MODEL_REGISTRY.is_code_of(&code));
        assert!(!MODEL_REGISTRY.is_code_of(&[]));
        assert!(!CONTENT_REGISTRY.is_code_of(&MODEL_REGISTRY.runtime_code));
    }
}
