//! What every command asks of a picture.

use super::failure::{Exit, Failure};
use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};
use veilmark::{
    decode::{self, Decoded},
    files, fingerprint_file,
    opening::Opening,
    seal,
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
/// `--force` replaces what a command wrote before; it destroys no picture, no committed fingerprint and no seal, and only
/// `commit` may replace an opening.
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
    let mut start = Vec::new();
    let read = files::open(&target).is_ok_and(|file| file.take(64).read_to_end(&mut start).is_ok());
    if read && fingerprint_file::is_fingerprint(&start) {
        let what = "a fingerprint file, without which nobody opens its salted hash";
        return refused(format!("{} is {what}", output.display()));
    }
    if read && seal::is_seal(&start) {
        return refused(format!("{} is a seal, without which its reservation is lost", output.display()));
    }
    if !may_replace_opening && Opening::read(&target).is_ok() {
        return refused(format!("{} is an opening, without which its commitment is worth nothing", output.display()));
    }
    Ok(())
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
