//! What every command asks of a picture.

use super::failure::{Exit, Failure};
use veilmark::{decode::Decoded, srs::Existing};
use veilmark_circuits::statement::pdq::{self, MIN_QUALITY, Pdq};

/// Fingerprint and quality of a picture.
pub(crate) fn pdq(picture: &Decoded) -> Pdq {
    pdq::pdq(&picture.raster)
}

/// Refuses pictures so plain that their fingerprint matches too many others.
pub(crate) fn require_quality(pdq: &Pdq) -> Result<(), Failure> {
    if pdq.quality >= MIN_QUALITY {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Unsupported,
        format!("the picture's quality is {}, at least {MIN_QUALITY} is needed", pdq.quality),
        "so plain a picture matches too many others: take one with more to see",
    ))
}

/// What `--force` means.
pub(crate) fn existing(force: bool) -> Existing {
    if force { Existing::Replace } else { Existing::Keep }
}
