//! The Solidity sources that are generated: one entry per file of `contracts/src/generated/`.
//!
//! One for each claim of [`Claim::ALL`].

use anyhow::{Context, Result};
use std::sync::Arc;
use veilmark::{
    keys::{ClaimShape, generate_verifying_key},
    srs::Srs,
};
use veilmark_circuits::statement::{claim::Claim, model::Model, raster::MIN_SIDE_PX};
use veilmark_verifier_contract::{Protocol, solidity};

/// A generated source.
pub(crate) struct Source {
    /// File name below `contracts/src/generated/`.
    pub(crate) file: String,
    claim: Claim,
}

/// Every generated source: the verifier of each claim.
pub(crate) fn sources() -> Vec<Source> {
    let of = |claim: Claim| Source { file: claim.verifier() + ".sol", claim };
    Claim::ALL.map(of).into()
}

impl Source {
    /// Makes the file's contents.
    pub(crate) fn generate(&self) -> Result<String> {
        verifier(self.claim, &self.claim.verifier())
    }
}

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
    Ok(solidity::render(&Protocol::new(&vk, claim.inputs.len())?, name)?)
}
