//! The circuits that are proved. Each has the image's three columns first, so each proof begins with the commitment.

pub mod fingerprint;
pub mod model;
