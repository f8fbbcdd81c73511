//! Keys, proofs and bundles, and the files of whoever proves.
//!
//! [`claims`] is the registry of circuits. [`keys`] are derived from a trusted setup and a claim's shape, [`proof`] makes and checks proofs under them, a [`bundle`]
//! is a proof and what one needs to check it, a [`disclosure_file`] shows what was committed to. [`opening`], [`model_file`], [`latent_file`] and [`fingerprint_file`] hold what
//! proofs are made of. Nothing here prints, and no secret is in an error.

pub mod bundle;
pub mod claims;
pub mod disclosure_file;
pub mod fingerprint_file;
pub mod keys;
pub mod latent_file;
pub mod model_file;
pub mod opening;
pub mod proof;
