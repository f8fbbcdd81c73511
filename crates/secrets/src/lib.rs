//! One secret for everything that must not be lost: openings, latents, seals and salted fingerprints follow from it.
//!
//! [`master`] is the secret as 24 words, and what follows from it. [`sealed`] closes files with a password, as `age` does.
//! [`machine`] is what a machine remembers: its name, and which numbers it has taken. [`keeper`] is the folder of both, and the one way to a
//! fresh seed. [`backup`] puts what cannot be made again into one sealed file. Nothing here prints, and no secret is in an error.

pub mod backup;
mod error;
pub mod keeper;
pub mod machine;
pub mod master;
pub mod sealed;

pub use error::SecretError;
