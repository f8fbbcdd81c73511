//! Veilmark's library: everything the `veilmark` command does, without its words.
//!
//! [`srs`] holds the trusted setup, [`keys`] what is derived from it, [`proof`] makes and checks proofs, [`chain`] is the
//! chain they are registered on. Nothing here prints, and no secret is in an error.

pub mod authorisation;
pub mod bundle;
pub mod chain;
pub mod decode;
pub mod files;
pub mod fingerprint_file;
pub mod headed;
pub mod import;
pub mod keys;
pub mod latent_file;
pub mod model_file;
pub mod opening;
pub mod proof;
pub mod seal;
pub mod srs;
