//! x
pub mod srs;
