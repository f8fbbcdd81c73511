//! Where setups are kept, and how one is chosen.
//!
//! A folder of `*.srs` files; whatever else lies there is passed over. Choosing reads headers only, and the header of a
//! file says what its maker wanted: nothing of it is to be believed before [`Srs::read`] has checked the points.

use super::{Existing, Srs, SrsError, SrsId, file::Header};
use crate::files;
use etcetera::BaseStrategy;
use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

/// The environment variable that names Veilmark's folder.
const HOME_VARIABLE: &str = "VEILMARK_HOME";

/// Where setups are kept: `srs` in `$VEILMARK_HOME`, or else in `veilmark` in the user's data folder.
pub fn default_dir() -> Result<PathBuf, SrsError> {
    let data = || etcetera::choose_base_strategy().ok().map(|base| base.data_dir());
    dir_of(std::env::var_os(HOME_VARIABLE), data).ok_or(SrsError::NoHome)
}

fn dir_of(home: Option<OsString>, data: impl FnOnce() -> Option<PathBuf>) -> Option<PathBuf> {
    let home = home.filter(|home| !home.is_empty()).map(PathBuf::from);
    Some(home.or_else(|| Some(data()?.join("veilmark")))?.join("srs"))
}

/// A stored setup, as its header has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The file.
    pub path: PathBuf,
    /// The `k` it was made for.
    pub k: u32,
    /// The setup it is of.
    pub id: SrsId,
}

/// Every setup in `dir`, the best to use first: ceremonies before development, then the smallest.
///
/// Files that are no setup, or whose header is damaged, are passed over with a warning. A folder that does not exist
/// holds nothing.
pub fn list(dir: &Path) -> Result<Vec<Stored>, SrsError> {
    let failed = |source| SrsError::Io { path: dir.into(), source };
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_none_or(|extension| extension != "srs") {
            continue;
        }
        match header(&path) {
            Ok(Header { k, id, .. }) => found.push(Stored { path, k, id }),
            Err(error) => tracing::warn!("passed over: {error}"),
        }
    }
    found.sort_by(|a, b| (a.id.is_unsafe(), a.k, &a.path).cmp(&(b.id.is_unsafe(), b.k, &b.path)));
    Ok(found)
}

/// The setup in `dir` to use for `k`: of the given id, or else of any; a ceremony's rather than the development one,
/// and then the smallest that is large enough.
pub fn find(dir: &Path, k: u32, id: Option<SrsId>) -> Result<Stored, SrsError> {
    let fits = |stored: &Stored| stored.k >= k && id.is_none_or(|id| id == stored.id);
    list(dir)?.into_iter().find(fits).ok_or_else(|| match id {
        Some(id) => SrsError::MissingId { id, k, dir: dir.into() },
        None => SrsError::Missing { k, dir: dir.into() },
    })
}

fn header(path: &Path) -> Result<Header, SrsError> {
    let mut file = files::open(path)?;
    Header::read(&mut file).map_err(|error| error.at(path))
}

impl Srs {
    /// The name that [`Srs::store`] gives the file.
    pub fn file_name(&self) -> String {
        let hex = hex::encode(self.id.0);
        let short = hex.get(..16).unwrap_or(&hex);
        format!("{}{short}-k{}.srs", if self.is_unsafe() { super::UNSAFE_PREFIX } else { "" }, self.k())
    }

    /// Keeps the setup in `dir`, which is made if need be, and says where.
    ///
    /// Where the same setup is there already, as when another process was faster, that is as good.
    pub fn store(&self, dir: &Path, existing: Existing) -> Result<PathBuf, SrsError> {
        fs::create_dir_all(dir).map_err(|source| SrsError::Io { path: dir.into(), source })?;
        let path = dir.join(self.file_name());
        match self.write(&path, existing) {
            Err(SrsError::Exists { .. }) if header(&path).is_ok_and(|h| (h.k, h.id) == (self.k(), self.id)) => Ok(path),
            written => written.map(|()| path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::dev;
    use super::*;

    /// A setup of another id; only its header is looked at.
    fn other(k: u32, byte: u8) -> Srs {
        Srs { id: SrsId([byte; 32]), ..dev(k) }
    }

    #[test]
    fn the_folder_follows_the_environment() {
        let data = || Some(PathBuf::from("/data"));
        assert_eq!(dir_of(Some("/home".into()), data), Some("/home/srs".into()));
        assert_eq!(dir_of(Some("".into()), data), Some("/data/veilmark/srs".into()));
        assert_eq!(dir_of(None, data), Some("/data/veilmark/srs".into()));
        assert_eq!(dir_of(None, || None), None);
    }

    #[test]
    fn the_smallest_that_fits_is_found_and_ceremonies_come_first() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dir = folder.path().join("veilmark/srs");
        let error = find(&dir, 6, None).expect_err("nothing there");
        assert!(matches!(&error, SrsError::Missing { k: 6, dir: named } if *named == dir));
        assert!(error.to_string().contains("veilmark srs dev --k 6"), "{error}");
        assert_eq!(error.exit_code(), 7);

        for k in [9, 6, 7] {
            let path = dev(k).store(&dir, Existing::Keep).expect("stored");
            assert!(path.ends_with(dev(k).file_name()));
            assert!(dev(k).file_name().starts_with("unsafe-dev-"));
        }
        let found = |k, id| find(&dir, k, id).map(|stored| (stored.k, stored.id)).expect("there");
        assert_eq!(found(5, None), (6, SrsId::DEVELOPMENT));
        assert_eq!(found(7, None), (7, SrsId::DEVELOPMENT));
        assert_eq!(found(8, None), (9, SrsId::DEVELOPMENT));
        assert!(matches!(find(&dir, 10, None), Err(SrsError::Missing { k: 10, .. })));

        other(8, 7).store(&dir, Existing::Keep).expect("stored");
        assert_eq!(found(6, None), (8, SrsId([7; 32])));
        assert_eq!(found(9, None), (9, SrsId::DEVELOPMENT));
        assert_eq!(found(6, Some(SrsId::DEVELOPMENT)), (6, SrsId::DEVELOPMENT));
        let error = find(&dir, 9, Some(SrsId([7; 32]))).expect_err("too small");
        assert!(matches!(&error, SrsError::MissingId { k: 9, .. }));
        assert!(!error.to_string().contains("srs dev"), "{error}");
        let error = find(&dir, 10, Some(SrsId::DEVELOPMENT)).expect_err("too small");
        assert!(error.to_string().contains("veilmark srs dev --k 10"), "{error}");
    }

    #[test]
    fn what_is_no_setup_is_passed_over() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dir = folder.path();
        fs::write(dir.join("empty.srs"), "").expect("written");
        fs::write(dir.join("text.srs"), "hello, not a setup").expect("written");
        fs::create_dir(dir.join("folder.srs")).expect("made");
        let whole = dev(6).store(dir, Existing::Keep).expect("stored");
        let bytes = fs::read(&whole).expect("read");
        fs::write(dir.join("cut.srs"), &bytes[..bytes.len() / 2]).expect("written");
        fs::write(dir.join(".srs-x.partial"), &bytes).expect("written");
        assert_eq!(list(dir).expect("listed"), [Stored { path: whole, k: 6, id: SrsId::DEVELOPMENT }]);
        assert!(matches!(list(&dir.join("text.srs")), Err(SrsError::Io { .. })));
    }

    #[test]
    fn a_headers_word_for_the_id_is_not_taken() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let id = SrsId([7; 32]);
        let path = other(6, 7).store(folder.path(), Existing::Keep).expect("stored");
        assert_eq!(find(folder.path(), 6, Some(id)).expect("says so"), Stored { path: path.clone(), k: 6, id });
        let problem = super::super::FileProblem::Disguised;
        assert!(matches!(Srs::read(&path), Err(SrsError::File { problem: p, .. }) if p == problem));
    }

    #[test]
    fn storing_twice_is_storing_once() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let first = dev(6).store(folder.path(), Existing::Keep).expect("stored");
        assert_eq!(dev(6).store(folder.path(), Existing::Keep).expect("there already"), first);
        fs::write(&first, "something else").expect("written");
        assert!(matches!(dev(6).store(folder.path(), Existing::Keep), Err(SrsError::Exists { .. })));
        dev(6).store(folder.path(), Existing::Replace).expect("told to");
        Srs::read(&first).expect("whole again");
    }
}
