//! The Solidity sources that are generated: one entry per file of `contracts/src/generated/`.
//!
//! A new claim is one line in [`SOURCES`].

use anyhow::Result;

/// A generated source.
pub(crate) struct Source {
    /// File name below `contracts/src/generated/`.
    pub(crate) file: &'static str,
    /// Makes the file's contents.
    pub(crate) generate: fn() -> Result<String>,
}

/// Every generated source.
pub(crate) const SOURCES: &[Source] = &[];
