//! Commands about trusted setups.

pub(crate) mod srs;
