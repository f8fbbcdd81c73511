//! Veilmark's library: everything the `veilmark` command does, without its words.
//!
//! [`srs`] holds the trusted setup, [`keys`] what is derived from it, [`proof`] makes and checks proofs, [`chain`] is the
//! chain they are registered on. Nothing here prints, and no secret is in an error.

pub mod committing;
mod error;
pub mod estimate;
pub mod machine;
pub mod outputs;
pub mod progress;
pub mod proving;
mod recognise;
pub mod store;
pub mod verifying;

pub use error::{Budget, Error};
pub use progress::{Event, Progress};
pub use recognise::{recognise, recognise_bytes};
pub use store::Store;
pub use veilmark_chain as chain;
pub use veilmark_decode as decode;
pub use veilmark_files as files;
pub use veilmark_onnx as import;
pub use veilmark_proof::{bundle, claims, fingerprint_file, keys, latent_file, model_file, opening, proof};
pub use veilmark_srs as srs;
pub use veilmark_statement as statement;
