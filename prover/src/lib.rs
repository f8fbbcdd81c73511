//! Proves where an image comes from without showing the image.
//!
//! The use cases, in the order in which one meets them: [`committing`] to a picture, [`proving`] a claim about it,
//! [`verifying`] a proof, registering it (`registrar`), [`disclosing`] that a picture is the committed one, making a lost file `again`. [`estimate`] says before what a proof takes. A [`Store`] is the folder
//! of setups and keys, a [`Progress`] hears how long work goes on, an [`Error`] says why it ended; none of them prints, and none
//! knows a command line. The parts below are here too: [`srs`] holds trusted setups, [`keys`], [`proof`] and [`bundle`] the proof system's own
//! things, `chain` the chain that proofs are registered on.
//!
//! Features, all on by default: `prove` commits and proves, `onnx` reads models, `chain` talks to chains. Without them the
//! library checks proofs:
//!
//! ```no_run
//! use std::path::Path;
//! use veilmark::{Store, verifying};
//!
//! # fn main() -> Result<(), veilmark::Error> {
//! let bundle = verifying::read_bundle(Path::new("picture.veil.json"))?;
//! let shape = verifying::shape_of(&bundle, None)?;
//! let verified = verifying::verify(&Store::at(Path::new("home")), &bundle, &shape, &())?;
//! // a valid proof is worth what its setup is worth
//! let believed = verified.invalid.is_none() && verified.setup.ceremony().is_some();
//! println!("{}", if believed { "proved" } else { "not proved" });
//! # Ok(())
//! # }
//! ```
//!
//! What the caller must believe: no secret is in an error, and no file is overwritten that cannot be made again. The examples
//! `prove` and `verify` are whole programs.

#[cfg(feature = "prove")]
pub mod again;
pub mod ceremonies;
#[cfg(feature = "prove")]
pub mod committing;
pub mod disclosing;
mod error;
pub mod estimate;
pub mod machine;
pub mod outputs;
pub mod progress;
#[cfg(feature = "prove")]
pub mod proving;
mod recognise;
#[cfg(feature = "chain")]
pub mod registrar;
pub mod store;
#[cfg(all(test, feature = "prove"))]
mod testing;
pub mod verifying;

pub use error::{Budget, Error, Limit};
pub use progress::{Event, Progress};
pub use recognise::{recognise, recognise_bytes};
pub use store::Store;
#[cfg(feature = "chain")]
pub use veilmark_chain as chain;
pub use veilmark_decode as decode;
pub use veilmark_files as files;
pub use veilmark_halo2 as halo2;
#[cfg(feature = "onnx")]
pub use veilmark_onnx as import;
pub use veilmark_proof::{
    bundle, claims, disclosure_file, fingerprint_file, keys, latent_file, model_file, opening, proof,
};
#[cfg(feature = "prove")]
pub use veilmark_secrets as secrets;
pub use veilmark_srs as srs;
pub use veilmark_statement as statement;
