//! What the circuits prove, in plain Rust: no proof system is imported here.

pub mod claim;
pub mod fingerprint;
pub mod latent;
pub mod model;
pub mod pdq;
pub mod public;
pub mod raster;
pub mod record;
