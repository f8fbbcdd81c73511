//! What may be written where: nothing that cannot be made again is overwritten.

use crate::{decode, error::Error, recognise};
use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};
use veilmark_files::{self as files, Existing};
use veilmark_proof::{fingerprint_file, latent_file, model_file, opening::Opening};

/// How the files of reservations begin. The chain's client, which this crate can be without, writes them.
const SEAL: &[u8] = b"{\"format\":\"veilmark seal\"";

/// How files begin that are sealed with a password; this crate can be without what opens them.
const SEALED: &[u8] = b"age-encryption.org/";
/// How the file begins in which numbers are taken.
const MACHINE: &[u8] = b"{\"format\":\"veilmark machine\"";

/// What a use case may replace though it cannot be made again: files of the kind that it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MayReplace {
    /// Nothing of value.
    Nothing,
    /// An owner's model.
    Model,
    /// A latent.
    Latent,
}

/// Refuses an output early: one that cannot be written, and one that is an input or otherwise cannot be made again.
///
/// # Errors
/// [`Error::File`], [`Error::OutputIsInput`] or [`Error::Precious`].
pub fn check_output(output: &Path, existing: Existing, inputs: &[&Path], may_replace: MayReplace) -> Result<(), Error> {
    files::check_writable(output, existing)?;
    let Ok(target) = fs::canonicalize(output) else { return Ok(()) };
    for input in inputs {
        if fs::canonicalize(input).is_ok_and(|input| input == target) || is_hard_link(&target, input) {
            return Err(Error::OutputIsInput { output: output.into(), input: input.into() });
        }
    }
    let precious = |what| Err(Error::Precious { path: output.into(), what });
    if decode::is_picture(&target) {
        return precious("a picture, which is not destroyed");
    }
    let mut start = Vec::new();
    // what cannot be read is no file of ours
    let _ = files::open(&target).map(|file| file.take(512).read_to_end(&mut start));
    if fingerprint_file::is_fingerprint(&start) {
        precious("a fingerprint file, without which nobody opens its salted hash")
    } else if recognise::is_keystore(&start) {
        precious("a keystore, without which its key is lost")
    } else if start.starts_with(SEALED) {
        precious("a file sealed with a password: a master secret or a backup")
    } else if start.starts_with(MACHINE) {
        precious("what a machine remembers of its master secret")
    } else if start.starts_with(SEAL) {
        precious("a seal, without which its reservation is lost")
    } else if may_replace != MayReplace::Model && model_file::is_owners(&start) == Some(true) {
        precious("an owner's model, without which nobody proves with it")
    } else if may_replace != MayReplace::Latent && latent_file::is_latent(&start) {
        precious("a latent, without which its picture is not proved again")
    } else if Opening::read(&target).is_ok() {
        precious("an opening, without which its commitment is worth nothing")
    } else {
        Ok(())
    }
}

/// Whether two outputs would be one file, whether they exist or not.
pub fn is_one_output(a: &Path, b: &Path) -> bool {
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
