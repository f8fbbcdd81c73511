//! What every command asks of a picture.

use super::failure::{Exit, Failure};
use std::{fs, path::Path};
use veilmark::{
    decode::{self, Decoded},
    files,
    opening::Opening,
    srs::Existing,
};
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

/// Refuses an output early: one that cannot be written, and one that is an input or otherwise cannot be made again.
/// `--force` replaces what a command wrote before; it destroys no picture, and only `commit` may replace an opening.
pub(crate) fn check_output(
    output: &Path,
    existing: Existing,
    inputs: &[&Path],
    may_replace_opening: bool,
) -> Result<(), Failure> {
    files::check_writable(output, existing)?;
    let Ok(target) = fs::canonicalize(output) else { return Ok(()) };
    let refused = |what: String| Err(Failure::new(Exit::Usage, what, "choose another name for the output"));
    for input in inputs {
        if fs::canonicalize(input).is_ok_and(|input| input == target) || is_hard_link(&target, input) {
            return refused(format!(
                "the output {} is the same file as the input {}",
                output.display(),
                input.display()
            ));
        }
    }
    if decode::decode(&target).is_ok() {
        return refused(format!("{} is a picture, which --force does not destroy", output.display()));
    }
    if !may_replace_opening && Opening::read(&target).is_ok() {
        return refused(format!("{} is an opening, without which its commitment is worth nothing", output.display()));
    }
    Ok(())
}

#[cfg(unix)]
fn is_hard_link(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_hard_link(_: &Path, _: &Path) -> bool {
    false
}
