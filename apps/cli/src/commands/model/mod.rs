//! Commands about models and what they generate.

pub(crate) mod generate;
pub(crate) mod import;
pub(crate) mod import_hint;
pub(crate) mod owner;
