//! The Solidity sources that are generated: one entry per file of `contracts/src/generated/`.
//!
//! A new claim is one line in [`SOURCES`].

use anyhow::{Context, Result};
use std::sync::Arc;
use veilmark::{
    keys::{ClaimShape, PUBLIC_INPUTS, generate_verifying_key},
    srs::Srs,
};
use veilmark_circuits::statement::{model::Model, public::Claim, raster::MIN_SIDE_PX};
use veilmark_verifier_contract::{Protocol, solidity};

/// A generated source.
pub(crate) struct Source {
    /// File name below `contracts/src/generated/`.
    pub(crate) file: &'static str,
    /// Makes the file's contents.
    pub(crate) generate: fn() -> Result<String>,
}

/// Every generated source.
pub(crate) const SOURCES: &[Source] = &[
    Source { file: "FingerprintVerifier.sol", generate: || verifier(Claim::Fingerprint, "FingerprintVerifier") },
    Source {
        file: "CommittedFingerprintVerifier.sol",
        generate: || verifier(Claim::CommittedFingerprint, "CommittedFingerprintVerifier"),
    },
    Source { file: "GenerationVerifier.sol", generate: || verifier(Claim::Generation, "GenerationVerifier") },
    Source { file: "AuthenticityVerifier.sol", generate: || verifier(Claim::Authenticity, "AuthenticityVerifier") },
];

/// The verifier depends on the constraint system only, so a key for the smallest picture or model will do.
fn verifier(claim: Claim, name: &str) -> Result<String> {
    let mut shape = match ClaimShape::of_picture(claim, (MIN_SIDE_PX, MIN_SIDE_PX), 0) {
        Some(shape) => shape,
        None => {
            let architecture = Arc::new(Model::smallest().architecture().clone());
            ClaimShape::of_model(claim, architecture, 0).context("a claim with a model")?
        }
    };
    shape.k = shape.min_k()?;
    let srs = Srs::dev(shape.k, &mut |_| {})?;
    let vk = generate_verifying_key(&srs, &shape)?;
    Ok(solidity::render(&Protocol::new(&vk, PUBLIC_INPUTS)?, name)?)
}
