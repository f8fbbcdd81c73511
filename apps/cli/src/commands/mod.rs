//! One file for each subcommand, sorted by what it is about.

pub(crate) mod chain;
pub(crate) mod image;
pub(crate) mod model;
pub(crate) mod secret;
pub(crate) mod setup;
pub(crate) mod tools;
