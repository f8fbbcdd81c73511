//! What every command asks of a picture.

use crate::failure::{Failure, Kind};
use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};
use veilmark::{
    chain::seal,
    decode::{self, Decoded},
    files::{self, Existing},
    fingerprint_file, latent_file, model_file,
    opening::Opening,
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
        Kind::Unsupported,
        format!("the picture's quality is {}, at least {MIN_QUALITY} is needed", pdq.quality),
        "so plain a picture matches too many others: take one with more to see",
    ))
}

/// What `--force` means.
pub(crate) fn existing(force: bool) -> Existing {
    if force { Existing::Replace } else { Existing::Keep }
}

/// What a command may replace with `--force` though it cannot be made again: its own kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MayReplace {
    Nothing,
    Opening,
    Model,
    Latent,
}

/// Refuses an output early: one that cannot be written, and one that is an input or otherwise cannot be made again.
/// `--force` replaces what a command wrote before; it destroys no picture, no committed fingerprint and no seal, and an
/// opening, an owner's model or a latent is replaced by the command that makes such files only.
pub(crate) fn check_output(
    output: &Path,
    existing: Existing,
    inputs: &[&Path],
    may_replace: MayReplace,
) -> Result<(), Failure> {
    files::check_writable(output, existing)?;
    let Ok(target) = fs::canonicalize(output) else { return Ok(()) };
    let refused = |what: String| Err(Failure::new(Kind::Usage, what, "choose another name for the output"));
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
    let mut start = Vec::new();
    // what cannot be read is no file of ours
    let _ = files::open(&target).map(|file| file.take(64).read_to_end(&mut start));
    let what = if fingerprint_file::is_fingerprint(&start) {
        "a fingerprint file, without which nobody opens its salted hash"
    } else if seal::is_seal(&start) {
        "a seal, without which its reservation is lost"
    } else if may_replace != MayReplace::Model && model_file::is_owners(&start) == Some(true) {
        "an owner's model, without which nobody proves with it"
    } else if may_replace != MayReplace::Latent && latent_file::is_latent(&start) {
        "a latent, without which its picture is not proved again"
    } else if may_replace != MayReplace::Opening && Opening::read(&target).is_ok() {
        "an opening, without which its commitment is worth nothing"
    } else {
        return Ok(());
    };
    refused(format!("{} is {what}", output.display()))
}

/// Whether two outputs would be one file, whether they exist or not.
pub(crate) fn is_one_output(a: &Path, b: &Path) -> bool {
    let place = |path: &Path| -> PathBuf {
        fs::canonicalize(path).unwrap_or_else(|_| {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let name = path.file_name().unwrap_or_default();
            fs::canonicalize(folder).unwrap_or_else(|_| folder.into()).join(name)
        })
    };
    place(a) == place(b) || is_hard_link(a, b)
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
