//! Commands that ask a chain or write to it.

pub(crate) mod address;
pub(crate) mod connection;
pub(crate) mod contracts;
pub(crate) mod key;
pub(crate) mod lookup;
pub(crate) mod mint;
pub(crate) mod reach;
pub(crate) mod register;
pub(crate) mod relay;
pub(crate) mod reserve;
pub(crate) mod reveal;
pub(crate) mod revoke;
pub(crate) mod sign;
pub(crate) mod transfer;
