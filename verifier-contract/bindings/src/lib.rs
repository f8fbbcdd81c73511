//! The compiled contracts: committed artefacts, their ABI in Rust, their errors, their addresses, and the claims as they say them.
//!
//! The artefacts are written by `cargo xtask contracts` and are part of this crate, so nobody needs a compiler at run time. What
//! the caller must believe: that they come from the sources in `contracts/`, which `cargo xtask contracts --check` shows by making
//! them again.
//!
//! - [`interfaces`]: Rust types of the Solidity interfaces; a record and a statement become them by `From`.
//! - [`artifact`]: bytecode of every contract, and whose code some code is.
//! - [`addresses`]: where each contract of a deployment is, from the arguments of its constructor. Equal code proves nothing: whoever
//!   deploys chooses what is in storage. Equal *addresses* prove that our creation code ran with those arguments.
//! - [`claims`]: what each claim is on chain.
//! - [`error`]: why a call reverted.

pub mod addresses;
pub mod artifact;
pub mod claims;
pub mod error;
pub mod interfaces;
mod record;

pub use artifact::Artifact;
pub use error::{ContractError, Revert};
