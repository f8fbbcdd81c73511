//! Where setups are kept, and how one is chosen.
//!
//! A folder of `*.srs` files; whatever else lies there is passed over, and said to be. Choosing reads headers only, and the header of a
//! file says what its maker wanted: nothing of it is to be believed before [`Srs::read`] has checked the points.

use super::{Srs, SrsError, SrsId, file::Header};
use etcetera::BaseStrategy;
use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};
use veilmark_files::{self as files, Existing};

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

/// What a folder of setups holds.
#[derive(Debug)]
pub struct Listing {
    /// The folder.
    pub dir: PathBuf,
    /// Every setup, the best to use first: ceremonies before development, then the smallest.
    pub setups: Vec<Stored>,
    /// What is wrong with `*.srs` files that are no setup, or whose header is damaged.
    pub unusable: Vec<SrsError>,
}

impl Listing {
    /// The setup to use for `k`: of the given id, or else of any; a ceremony's rather than the development one, and then
    /// the smallest that is large enough.
    ///
    /// # Errors
    /// [`SrsError::Missing`] or [`SrsError::MissingId`], with what is wrong with files that might have been it.
    pub fn find(&self, k: u32, id: Option<SrsId>) -> Result<Stored, SrsError> {
        let fits = |stored: &&Stored| stored.k >= k && id.is_none_or(|id| id == stored.id);
        self.setups.iter().find(fits).cloned().ok_or_else(|| {
            let (dir, unusable) = (self.dir.clone(), self.unusable.iter().map(ToString::to_string).collect());
            match id {
                Some(id) => SrsError::MissingId { id, k, dir, unusable },
                None => SrsError::Missing { k, dir, unusable },
            }
        })
    }
}

/// Every setup in `dir`. A folder that does not exist holds nothing.
pub fn list(dir: &Path) -> Result<Listing, SrsError> {
    let failed = |source| SrsError::Io { path: dir.into(), source };
    let mut listing = Listing { dir: dir.into(), setups: Vec::new(), unusable: Vec::new() };
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(listing),
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_none_or(|extension| extension != "srs") {
            continue;
        }
        match header(&path) {
            Ok(Header { k, id, .. }) => listing.setups.push(Stored { path, k, id }),
            Err(error) => listing.unusable.push(error),
        }
    }
    listing.setups.sort_by(|a, b| (a.id.is_unsafe(), a.k, &a.path).cmp(&(b.id.is_unsafe(), b.k, &b.path)));
    listing.unusable.sort_by_key(ToString::to_string);
    Ok(listing)
}

/// The setup in `dir` to use for `k`, as [`Listing::find`] chooses it.
pub fn find(dir: &Path, k: u32, id: Option<SrsId>) -> Result<Stored, SrsError> {
    list(dir)?.find(k, id)
}

/// The setup whose file this is, as its header has it; `None` where there is no file.
pub fn stored_at(path: &Path) -> Result<Option<Stored>, SrsError> {
    match header(path) {
        Ok(Header { k, id, .. }) => Ok(Some(Stored { path: path.into(), k, id })),
        Err(SrsError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The name that [`Srs::store`] gives the file of a setup.
pub fn file_name(id: SrsId, k: u32) -> String {
    let hex = hex::encode(id.0);
    let short = hex.get(..16).unwrap_or(&hex);
    format!("{}{short}-k{k}.srs", if id.is_unsafe() { super::UNSAFE_PREFIX } else { "" })
}

fn header(path: &Path) -> Result<Header, SrsError> {
    let mut file = files::open(path)?;
    Header::read(&mut file).map_err(|error| error.at(path))
}

impl Srs {
    /// The name that [`Srs::store`] gives the file.
    pub fn file_name(&self) -> String {
        file_name(self.id(), self.k())
    }

    /// Keeps the setup in `dir`, which is made if need be, and says where.
    ///
    /// Where the same setup is there already, as when another process was faster, that is as good.
    pub fn store(&self, dir: &Path, existing: Existing) -> Result<PathBuf, SrsError> {
        fs::create_dir_all(dir).map_err(|source| SrsError::Io { path: dir.into(), source })?;
        let path = dir.join(self.file_name());
        match self.write(&path, existing) {
            Err(SrsError::Exists { .. }) if header(&path).is_ok_and(|h| (h.k, h.id) == (self.k(), self.id())) => {
                Ok(path)
            }
            written => written.map(|()| path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::dev;
    use super::*;
    use veilmark_files::{Classified, Kind};

    /// A setup of another id; only its header is looked at.
    fn other(k: u32, byte: u8) -> Srs {
        dev(k).renamed(SrsId([byte; 32]))
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
        assert!(matches!(&error, SrsError::Missing { k: 6, dir: named, .. } if *named == dir));
        assert!(error.to_string().contains("k = 6") && !error.to_string().contains("veilmark srs"), "{error}");
        assert_eq!(error.kind(), Kind::SetupMissing);

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
        assert!(error.to_string().contains(&SrsId([7; 32]).to_string()), "{error}");
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
        let listing = list(dir).expect("listed");
        let stored = Stored { path: whole.clone(), k: 6, id: SrsId::DEVELOPMENT };
        assert_eq!(listing.setups, std::slice::from_ref(&stored));
        let said: Vec<_> = listing.unusable.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 4, "{said:?}");
        for (said, word) in
            said.iter().zip(["cut.srs: damaged", "empty.srs: not", "folder.srs: not a regular", "text.srs: not"])
        {
            assert!(said.contains(word), "{said}");
        }
        // Passed over in silence where another serves; named where none does.
        assert_eq!(listing.find(6, None).expect("there"), stored);
        let error = listing.find(7, None).expect_err("too small").to_string();
        assert!(error.contains("passed over") && error.contains("cut.srs: damaged"), "{error}");
        let error = listing.find(6, Some(SrsId([7; 32]))).expect_err("another").to_string();
        assert!(error.contains("cut.srs: damaged"), "{error}");
        assert_eq!(stored_at(&whole).expect("whole"), Some(stored));
        assert_eq!(stored_at(&dir.join("none.srs")).expect("none"), None);
        assert!(stored_at(&dir.join("cut.srs")).is_err());
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
