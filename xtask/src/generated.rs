//! The Solidity sources that are generated: one entry per file of `contracts/src/generated/`.
//!
//! One verifier for each claim of [`Claim::ALL`]. Beside the verifiers there are the constants that Rust defines and Solidity reads: the
//! layout of a verifying key, and, for the contracts' own tests, the claims as data.

use anyhow::{Context, Result};
use std::{fmt::Write as _, sync::Arc};
use veilmark_contract_bindings::{artifact::verifiers, claims};
use veilmark_proof::keys::{ClaimShape, generate_verifying_key, on_chain};
use veilmark_srs::Srs;
use veilmark_statement::{claim::Claim, model::Model, raster::MIN_SIDE_PX};
use veilmark_verifier_contract::{Protocol, solidity, vk};

/// A generated source.
pub(crate) struct Source {
    /// File name below `contracts/src/generated/`.
    pub(crate) file: String,
    /// The claim of a verifier; none for the layout of keys.
    claim: Option<Claim>,
}

/// Every generated source: the layout of keys, and the verifier of each claim.
pub(crate) fn sources() -> Vec<Source> {
    let layout = Source { file: "VerifyingKeyLayout.sol".into(), claim: None };
    let of = |claim: Claim| Source { file: claim.verifier() + ".sol", claim: Some(claim) };
    [layout].into_iter().chain(Claim::ALL.map(of)).collect()
}

impl Source {
    /// Makes the file's contents.
    pub(crate) fn generate(&self) -> Result<String> {
        self.claim.map_or_else(|| Ok(layout()), |claim| verifier(claim, &claim.verifier()))
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
    Ok(solidity::render(&Protocol::new(&vk, claim.inputs.len())?, &on_chain(claim), name)?)
}

/// The layout of a verifying key's header, as the generator defines it.
fn layout() -> String {
    let words = [
        ("MAGIC", "Names the format and its version: `VK_MAGIC`."),
        ("CLAIM_ID", "The claim that the key is for: so nobody can add it to another."),
        ("CONSTRAINT_SYSTEM", "The constraint system that the key is of."),
        ("SRS_ID", "The trusted setup."),
        ("FLAGS", "`VK_FLAG_UNSAFE_DEVELOPMENT` or nothing."),
        ("K", "The circuit has `2^k` rows."),
        ("SUBJECT_WORDS", "How many words follow that say what the key is for."),
    ];
    assert_eq!(words.len(), vk::HEADER_WORDS, "a word of the header is not described");
    let mut text = format!(
        "// SPDX-License-Identifier: MIT OR Apache-2.0\n\
         // Generated from the generator's own constants. Do not edit: `cargo xtask contracts` makes this file.\n\
         pragma solidity {};\n\n\
         // The part of a verifying key's code that every circuit has: one STOP byte, then words.\n\n\
         /// @dev Names the format and its version.\n\
         bytes32 constant VK_MAGIC = keccak256(\"{}\");\n\
         /// @dev Words before those that say what the key is for.\n\
         uint256 constant VK_HEADER_WORDS = {};\n\
         /// @dev Most words that say what a key is for.\n\
         uint256 constant VK_MAX_SUBJECT_WORDS = {};\n\
         /// @dev How many words the router reads.\n\
         uint256 constant VK_READ_WORDS = {};\n\
         /// @dev The only flag: someone knows the secret of the setup.\n\
         uint256 constant VK_FLAG_UNSAFE_DEVELOPMENT = {};\n",
        solidity::SOLC_VERSION,
        vk::MAGIC_TEXT,
        vk::HEADER_WORDS,
        vk::MAX_SUBJECT_WORDS,
        vk::HEADER_WORDS + vk::MAX_SUBJECT_WORDS,
        vk::FLAG_UNSAFE_DEV,
    );
    for (position, (name, meaning)) in words.into_iter().enumerate() {
        let _ = write!(text, "/// @dev {meaning}\nuint256 constant VK_WORD_{name} = {position};\n");
    }
    text
}

/// The claims as data, for tests in Solidity.
pub(crate) fn claims_for_tests() -> String {
    let mut text = format!(
        "// SPDX-License-Identifier: MIT OR Apache-2.0\n\
         // Generated from the claims' descriptions in Rust. Do not edit: `cargo xtask contracts` makes this file.\n\
         pragma solidity {};\n\n\
         import {{ClaimDescription}} from \"../../src/Types.sol\";\n",
        solidity::SOLC_VERSION
    );
    for claim in claims::all() {
        let name = claim.verifier.name.trim_end_matches("Verifier");
        let _ = write!(
            text,
            "\nfunction describe{name}() pure returns (ClaimDescription memory) {{\n    return abi.decode(\n        \
             hex\"{}\",\n        (ClaimDescription)\n    );\n}}\n",
            claims::encode(&claim.description)
        );
    }
    assert_eq!(claims::all().len(), verifiers().len(), "a claim without a verifier, or the other way round");
    text
}
