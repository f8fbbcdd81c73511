//! What every command asks of a picture and of the files it writes.

use crate::failure::Failure;
use std::path::Path;
use veilmark::{decode::Decoded, files::Existing, outputs};
use veilmark_circuits::statement::pdq::{self, Pdq};

pub(crate) use veilmark::outputs::{MayReplace, is_one_output};

/// Fingerprint and quality of a picture.
pub(crate) fn pdq(picture: &Decoded) -> Pdq {
    pdq::pdq(&picture.raster)
}

/// What `--force` means.
pub(crate) fn existing(force: bool) -> Existing {
    if force { Existing::Replace } else { Existing::Keep }
}

/// Refuses an output early: one that cannot be written, and one that is an input or otherwise cannot be made again.
pub(crate) fn check_output(
    output: &Path,
    existing: Existing,
    inputs: &[&Path],
    may_replace: MayReplace,
) -> Result<(), Failure> {
    Ok(outputs::check_output(output, existing, inputs, may_replace)?)
}
