//! Veilmark's library: everything the `veilmark` command does, without its words.
//!
//! [`srs`] holds the trusted setup, [`keys`] what is derived from it, [`proof`] makes and checks proofs, [`chain`] is the
//! chain they are registered on. Nothing here prints, and no secret is in an error.


pub use veilmark_chain as chain;
pub use veilmark_decode as decode;
pub use veilmark_files as files;
pub use veilmark_onnx as import;
pub use veilmark_proof::{bundle, fingerprint_file, keys, latent_file, model_file, opening, proof};
pub use veilmark_srs as srs;
pub use veilmark_statement as statement;
