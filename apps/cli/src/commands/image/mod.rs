//! Commands about pictures: fingerprint, commitment, proof, check.

pub(crate) mod checking;
pub(crate) mod commit;
pub(crate) mod disclose;
pub(crate) mod fingerprint;
pub(crate) mod picture;
pub(crate) mod prove;
pub(crate) mod verify;
pub(crate) mod very;
