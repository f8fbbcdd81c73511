//! Secrets on this machine: every secret file that a command reads is read here, so that whoever left one open to others is
//! told; and no core dump holds what was read.
//!
//! What the caller must believe: who may read a file is what its permissions say now. Whoever read it before is not known.

use crate::{failure::Failure, output::Ui};
use std::{io::Read, path::Path};
use veilmark::{
    chain::seal::Seal,
    files,
    fingerprint_file::FingerprintFile,
    latent_file::LatentFile,
    model_file::{self, ModelFile},
    opening::Opening,
    secrets::keeper::{Folder, Keeper},
    verifying::{self, AnyModel},
};
use zeroize::Zeroizing;

/// Says once that a secret file can be read by others.
pub(crate) fn warn(ui: &Ui, path: &Path) {
    ui.warn_once(&format!("{} is readable by others: chmod 600 keeps it secret", path.display()));
}

fn warn_if_readable(ui: &Ui, path: &Path) {
    if files::is_readable_by_others(path) {
        warn(ui, path);
    }
}

/// What was read, of a file that is secret.
fn secret<T>(ui: &Ui, path: &Path, read: Result<T, impl Into<Failure>>) -> Result<T, Failure> {
    // what cannot be read as a secret file may be anything
    let read = read.map_err(|error| Failure::at(error.into(), path))?;
    warn_if_readable(ui, path);
    Ok(read)
}

pub(crate) fn opening(ui: &Ui, path: &Path) -> Result<Opening, Failure> {
    secret(ui, path, Opening::read(path))
}

/// The master secret, opened with its password.
pub(crate) fn keeper(ui: &Ui, folder: &Folder, password: Option<&str>) -> Result<Keeper, Failure> {
    let path = folder.master();
    let opened = folder.open(password).map_err(|error| Failure::from(error).at(&path))?;
    warn_if_readable(ui, &path);
    Ok(opened)
}

pub(crate) fn latent(ui: &Ui, path: &Path) -> Result<LatentFile, Failure> {
    secret(ui, path, LatentFile::read(path))
}

pub(crate) fn fingerprint(ui: &Ui, path: &Path) -> Result<FingerprintFile, Failure> {
    secret(ui, path, FingerprintFile::read(path))
}

pub(crate) fn seal(ui: &Ui, path: &Path) -> Result<Seal, Failure> {
    secret(ui, path, Seal::read(path))
}

/// A model's file that has to be its owner's.
pub(crate) fn owned_model(ui: &Ui, path: &Path) -> Result<ModelFile, Failure> {
    secret(ui, path, ModelFile::read(path))
}

/// A model's file, which is secret if it is the owner's.
pub(crate) fn any_model(ui: &Ui, path: &Path) -> Result<AnyModel, Failure> {
    let model = verifying::read_model(path)?;
    if matches!(model, AnyModel::Owner(_)) {
        warn_if_readable(ui, path);
    }
    Ok(model)
}

/// Warns of a model's file that the library has read, if it is the owner's.
pub(crate) fn warn_of_model(ui: &Ui, path: &Path) {
    let mut start = Vec::new();
    let read = files::open(path).map(|file| file.take(64).read_to_end(&mut start));
    if matches!(read, Ok(Ok(_))) && model_file::is_owners(&start) == Some(true) {
        warn_if_readable(ui, path);
    }
}

/// What is no file of ours: a keystore, a password, a prompt.
pub(crate) fn bytes(ui: &Ui, path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let bytes = Zeroizing::new(files::read_limited(path, limit)?);
    warn_if_readable(ui, path);
    Ok(bytes)
}

/// Sees to it that the process leaves no core dump, which would hold whatever it has read. A system that refuses is no reason
/// to do nothing.
pub(crate) fn leave_no_core_dump() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
    // the limit does not bind a handler that the kernel pipes dumps to
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::PathBuf};

    fn sources(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
    }

    #[test]
    fn every_secret_file_is_read_where_it_is_warned_about() {
        let all = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        assert!(all.len() > 30);
        for path in all.iter().filter(|path| !path.ends_with("secrets.rs")) {
            let text = fs::read_to_string(path).unwrap();
            for kind in ["Opening", "LatentFile", "FingerprintFile", "Seal", "ModelFile"] {
                assert!(!text.contains(&format!("{kind}::read(")), "{}: {kind}", path.display());
            }
            assert!(!text.contains("verifying::read_model("), "{}", path.display());
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_file_that_others_may_read_is_named_once() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        fs::write(&path, "secret").unwrap();
        let ui = Ui::new(false);
        for (mode, warned) in [(0o600, 0), (0o640, 1), (0o604, 1)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(*bytes(&ui, &path, 100).unwrap(), b"secret");
            assert_eq!(ui.warned(), warned, "{mode:o}");
        }
    }

    /// It ends core dumps of the tests too, which nobody misses.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_that_reads_secrets_leaves_no_core_dump() {
        use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};
        leave_no_core_dump();
        let limit = getrlimit(Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    }
}
