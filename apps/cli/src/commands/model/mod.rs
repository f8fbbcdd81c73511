//! Commands about models and what they generate.

pub(crate) mod generate;
pub(crate) mod import;
pub(crate) mod owner;
pub(crate) mod prompt;
