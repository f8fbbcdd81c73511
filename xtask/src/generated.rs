//! The Solidity sources that are generated: one entry per file of `contracts/src/generated/`.
//!
//! A new claim is one line in [`SOURCES`].

use anyhow::Result;
use veilmark::{
    keys::{ClaimShape, PUBLIC_INPUTS, generate_verifying_key},
    srs::Srs,
};
use veilmark_circuits::{claims::fingerprint::FingerprintClaim, statement::raster::MIN_SIDE_PX};
use veilmark_verifier_contract::{Protocol, solidity};

/// A generated source.
pub(crate) struct Source {
    /// File name below `contracts/src/generated/`.
    pub(crate) file: &'static str,
    /// Makes the file's contents.
    pub(crate) generate: fn() -> Result<String>,
}

/// Every generated source.
pub(crate) const SOURCES: &[Source] = &[Source { file: "FingerprintVerifier.sol", generate: fingerprint_verifier }];

/// The verifier depends on the constraint system only, so a key for the smallest picture will do.
fn fingerprint_verifier() -> Result<String> {
    let (width, height) = (MIN_SIDE_PX, MIN_SIDE_PX);
    let k = FingerprintClaim::min_k(width, height)?;
    let srs = Srs::dev(k, &mut |_| {})?;
    let vk = generate_verifying_key(&srs, &ClaimShape::fingerprint(width, height, k))?;
    Ok(solidity::render(&Protocol::new(&vk, PUBLIC_INPUTS)?, "FingerprintVerifier")?)
}
