//! What the circuits prove, in plain Rust: no proof system is imported here.

pub mod claim;
mod claim_id;
pub mod fingerprint;
pub mod latent;
pub mod model;
pub mod pdq;
pub mod public;
pub mod raster;
pub mod record;
mod word;

pub use claim_id::{KEY_HEADER_WORDS, KEY_WORD_K, KEY_WORD_SRS_ID};
