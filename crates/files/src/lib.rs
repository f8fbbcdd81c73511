//! Files written whole or not at all, and read no further than they may be long.
//!
//! A file is written under a temporary name in its own folder and takes its name in one step, so no reader sees half of
//! it and of two writers one wins. [`abandon`] removes what is being written: a handler of Ctrl-C calls it before the
//! process ends. What the caller must believe: nothing beyond what the file system promises of `rename` and `link`.
pub mod classified;
pub mod envelope;

pub use classified::{Classified, Kind};

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// What to do with a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Leave it and report it.
    Keep,
    /// Put the new one in its place.
    Replace,
}

/// Bytes as `0x` and lower-case digits.
pub fn hex0x(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

/// An account or a contract as people compare them: `0x` and digits whose case is a check of them (EIP-55).
pub fn eip55(address: &[u8; 20]) -> String {
    use sha3::{Digest, Keccak256};
    let digits = hex::encode(address);
    let hash = Keccak256::digest(digits.as_bytes());
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let cased = |(digit, nibble): (char, u8)| if nibble > 7 { digit.to_ascii_uppercase() } else { digit };
    std::iter::once("0x".to_owned()).chain(digits.chars().zip(nibbles).map(|pair| cased(pair).to_string())).collect()
}

/// A file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refused.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was tried, as in "cannot …".
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// A file is in the way.
    #[error("{} exists already and is left as it is", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A folder, a pipe, a device.
    #[error("{} is not a regular file", path.display())]
    NotAFile {
        /// What is there.
        path: PathBuf,
    },
    /// Longer than a file of its kind can be.
    #[error("{} is longer than {limit} bytes, the most a file of its kind has", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Bytes allowed.
        limit: u64,
    },
}

impl FileError {
    fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.into(), source }
    }
}

impl Classified for FileError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotAFile { .. } | Self::TooLong { .. } => Kind::WrongFile,
            Self::Exists { .. } => Kind::FileExists,
            Self::Io { source, .. } => Kind::of_io(source),
        }
    }
}

/// Who may read a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Its owner alone.
    Owner,
    /// Whoever the user's umask lets.
    Umask,
}

/// Paths that must not outlive an interrupted process.
static IN_FLIGHT: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn in_flight() -> MutexGuard<'static, Vec<PathBuf>> {
    IN_FLIGHT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes everything that is in flight, for a process about to end. Whoever would write afterwards waits for that end.
pub fn abandon() {
    let paths = in_flight();
    for path in paths.iter() {
        // Nobody is left to tell of a failure, and the other paths still have to go.
        let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    }
    std::mem::forget(paths);
}

/// A path that [`abandon`] removes for as long as this lives.
#[derive(Debug)]
pub struct Temporary(PathBuf);

impl Temporary {
    /// Names a file or folder that must not outlive an interrupted process.
    pub fn new(path: &Path) -> Self {
        in_flight().push(path.into());
        Self(path.into())
    }

    fn forget(&self, paths: &mut Vec<PathBuf>) {
        if let Some(at) = paths.iter().position(|path| *path == self.0) {
            paths.swap_remove(at);
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        self.forget(&mut in_flight());
    }
}

/// Refuses early what [`write_atomically`] would refuse late: for commands that work for minutes before they write.
///
/// # Errors
/// [`FileError`] where the file may not be written, or its folder is not there.
pub fn check_writable(path: &Path, existing: Existing) -> Result<(), FileError> {
    match fs::symlink_metadata(path) {
        Ok(_) if existing == Existing::Keep => return Err(FileError::Exists { path: path.into() }),
        // what a name stands for is replaced, and nobody means to replace a device or a folder by a file
        Ok(_) if !path.is_file() => return Err(FileError::NotAFile { path: path.into() }),
        _ => {}
    }
    temporary_in(folder_of(path), &tempfile::Builder::new()).map(drop)
}

/// What temporary names begin with.
const PREFIX: &str = ".veilmark-";

/// A new file under a name of its own.
fn temporary_in(folder: &Path, like: &tempfile::Builder<'_, '_>) -> Result<tempfile::NamedTempFile, FileError> {
    let failed = FileError::io("write to", folder);
    match fs::metadata(folder) {
        Err(error) => Err(failed(error)),
        // the error of a file nobody asked for: its kind is enough
        Ok(_) => like.clone().prefix(PREFIX).tempfile_in(folder).map_err(|error| failed(error.kind().into())),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the file at `path` by `fill`, or nothing.
///
/// # Errors
/// [`FileError`]; then no file was made and none was changed.
pub fn write_atomically(
    path: &Path,
    existing: Existing,
    access: Access,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), FileError> {
    if existing == Existing::Keep && fs::symlink_metadata(path).is_ok() {
        return Err(FileError::Exists { path: path.into() });
    }
    // a link's target is replaced, not the link
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.into());
    if target.exists() && !target.is_file() {
        return Err(FileError::NotAFile { path: path.into() });
    }
    let folder = folder_of(&target);
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    if access == Access::Umask {
        // temporary files are the owner's alone by default
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    }
    // declared in this order, the file is removed before it is forgotten
    let (temporary, mut file) = {
        let mut paths = in_flight();
        let file = temporary_in(folder, &builder)?;
        paths.push(file.path().into());
        (Temporary(file.path().into()), file)
    };
    let failed = FileError::io("write", path);
    fill(file.as_file_mut()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    let persisted = {
        let mut paths = in_flight();
        temporary.forget(&mut paths);
        match existing {
            Existing::Keep => file.persist_noclobber(&target),
            Existing::Replace => file.persist(&target),
        }
    };
    persisted.map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => FileError::Exists { path: path.into() },
        _ => FileError::io("write", path)(error.error),
    })?;
    // the name is durable once the folder is; where a folder cannot be synchronised, the file system does it in its time
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// The whole content of a regular file of at most `limit` bytes.
///
/// # Errors
/// [`FileError`]; nothing longer than `limit` is read.
pub fn read_limited(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    read_opened(&open(path)?, path, limit)
}

/// Opens a regular file for reading. A pipe is refused before it could make the opener wait.
///
/// # Errors
/// [`FileError`] where it is none, or cannot be opened.
pub fn open(path: &Path) -> Result<File, FileError> {
    let metadata = fs::metadata(path).map_err(FileError::io("read", path))?;
    if !metadata.is_file() {
        return Err(FileError::NotAFile { path: path.into() });
    }
    File::open(path).map_err(FileError::io("read", path))
}

/// [`read_limited`] for a file that is open.
///
/// # Errors
/// As there.
pub fn read_opened(file: &File, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let metadata = file.metadata().map_err(FileError::io("read", path))?;
    if metadata.len() > limit {
        return Err(FileError::TooLong { path: path.into(), limit });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    // it may be growing
    file.take(limit + 1).read_to_end(&mut bytes).map_err(FileError::io("read", path))?;
    if bytes.len() as u64 > limit {
        return Err(FileError::TooLong { path: path.into(), limit });
    }
    Ok(bytes)
}

/// Whether others than its owner may read the file.
#[cfg(unix)]
pub fn is_readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

/// Whether others than its owner may read the file.
#[cfg(not(unix))]
pub fn is_readable_by_others(_: &Path) -> bool {
    false
}

/// Opens a regular file for changing it: nobody else has it from [`lock`] until what is returned is closed.
///
/// # Errors
/// [`FileError`] where it cannot be opened or locked.
pub fn lock(path: &Path) -> Result<File, FileError> {
    loop {
        let file = open(path)?;
        file.lock().map_err(FileError::io("lock", path))?;
        // whoever had the lock may have put a new file in the place of this one
        if is_at(&file, path) {
            return Ok(file);
        }
    }
}

/// Whether `path` still names this very file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    matches!((file.metadata().map(id), std::fs::metadata(path).map(id)), (Ok(own), Ok(there)) if own == there)
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn write(path: &Path, existing: Existing, text: &str) -> Result<(), FileError> {
        write_atomically(path, existing, Access::Umask, |file| file.write_all(text.as_bytes()))
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_kept_or_replaced_as_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        check_writable(&path, Existing::Keep).unwrap();
        write(&path, Existing::Keep, "one").unwrap();
        let kept = write(&path, Existing::Keep, "two").unwrap_err();
        assert!(matches!(&kept, FileError::Exists { path: named } if *named == path), "{kept}");
        assert_eq!(kept.kind(), Kind::FileExists);
        assert!(matches!(check_writable(&path, Existing::Keep), Err(FileError::Exists { .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        check_writable(&path, Existing::Replace).unwrap();
        write(&path, Existing::Replace, "two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(names(folder.path()), ["a"]);
    }

    #[test]
    fn a_failure_leaves_nothing_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "one").unwrap();
        let error = write_atomically(&path, Existing::Replace, Access::Owner, |file| {
            file.write_all(b"tw")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(matches!(error, Err(FileError::Io { doing: "write", .. })));
        assert_eq!((names(folder.path()), fs::read_to_string(&path).unwrap()), (vec!["a".into()], "one".into()));
        assert!(in_flight().iter().all(|path| !path.starts_with(folder.path())));

        let nowhere = folder.path().join("no/such");
        assert!(matches!(write(&nowhere, Existing::Keep, ""), Err(FileError::Io { .. })));
        assert!(matches!(check_writable(&nowhere, Existing::Keep), Err(FileError::Io { .. })));
        for existing in [Existing::Keep, Existing::Replace] {
            assert!(write(folder.path(), existing, "").is_err(), "a folder is not replaced by a file");
            assert!(check_writable(folder.path(), existing).is_err());
        }
    }

    #[cfg(unix)]
    #[test]
    fn secrets_are_the_owners_alone_and_links_stay_links() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        write_atomically(&path, Existing::Keep, Access::Owner, |file| file.write_all(b"s")).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!is_readable_by_others(&path));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(is_readable_by_others(&path));
        let link = folder.path().join("link");
        symlink(&path, &link).unwrap();
        write(&link, Existing::Replace, "t").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "t");
    }

    #[test]
    fn reading_stops_at_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "12345").unwrap();
        assert_eq!(read_limited(&path, 5).unwrap(), b"12345");
        assert!(matches!(read_limited(&path, 4), Err(FileError::TooLong { limit: 4, .. })));
        assert!(matches!(read_limited(folder.path(), 4), Err(FileError::NotAFile { .. })));
        assert_eq!(read_limited(&folder.path().join("b"), 4).unwrap_err().kind(), Kind::FileMissing);
        // a file without a length that never ends
        assert!(read_limited(Path::new("/dev/zero"), 4).is_err());
    }
}
