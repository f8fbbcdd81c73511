//! The folder where setups, keys and the embedded chain are kept.

use crate::{failure::Failure, hearing::Hearing, output::Ui};
use alloy_primitives::Address;
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use veilmark::{
    Event, Progress, Store,
    chain::registry::RegistryClient,
    files::FileError,
    keys::KeyCache,
    srs::{self, Srs, SrsError, SrsId},
};

/// Veilmark's folder.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    store: Store,
    chain: PathBuf,
    /// Where the contracts are on other chains, and what was read there.
    contracts: PathBuf,
    index: PathBuf,
}

impl Home {
    /// `$VEILMARK_HOME`, or else `veilmark` in the user's data folder. Nothing is made yet.
    pub(crate) fn find() -> Result<Self, Failure> {
        let srs = srs::default_dir()?;
        let folder = srs.parent().ok_or(SrsError::NoHome)?.to_owned();
        Ok(Self::at(&folder))
    }

    /// The same layout in another folder.
    pub(crate) fn at(folder: &Path) -> Self {
        let [chain, contracts, index] = ["chain", "contracts", "index"].map(|name| folder.join(name));
        Self { store: Store::at(folder), chain, contracts, index }
    }

    /// Setups and keys.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn srs_dir(&self) -> &Path {
        self.store.srs_dir()
    }

    pub(crate) fn keys_dir(&self) -> &Path {
        self.store.keys_dir()
    }

    pub(crate) fn chain_dir(&self) -> &Path {
        &self.chain
    }

    /// The deployment file of a chain.
    pub(crate) fn deployment(&self, chain_id: u64) -> PathBuf {
        self.contracts.join(format!("{chain_id}.json"))
    }

    /// The fingerprints of a registry, as they were read last; the folder is made.
    pub(crate) fn index(&self, chain_id: u64, registry: Address) -> Result<PathBuf, Failure> {
        make_folder(&self.index)?;
        Ok(self.index.join(format!("{chain_id}-{registry:#x}.index")))
    }

    /// The setup for `k`: of an id, or else the best there is.
    pub(crate) fn load_srs(&self, ui: &Ui, k: u32, id: Option<SrsId>) -> Result<Srs, Failure> {
        Ok(self.store.setup(k, id, &Hearing::new(ui))?)
    }

    pub(crate) fn keys(&self) -> Result<KeyCache, Failure> {
        Ok(self.store.keys()?)
    }

    /// The chain of `--chain`, or else the one at home; it is made if need be.
    pub(crate) fn registry(&self, chain: Option<&Path>) -> Result<RegistryClient, Failure> {
        Ok(RegistryClient::open(chain.unwrap_or(&self.chain))?)
    }

    /// The same for whoever only looks: `None` where there is no folder.
    pub(crate) fn existing_registry(&self, chain: Option<&Path>) -> Result<Option<RegistryClient>, Failure> {
        let folder = chain.unwrap_or(&self.chain);
        if fs::symlink_metadata(folder).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            return Ok(None);
        }
        self.registry(chain).map(Some)
    }
}

/// Makes a folder, and those above it.
pub(crate) fn make_folder(path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(path).map_err(|source| FileError::Io { doing: "make", path: path.into(), source }.into())
}

/// What every command says that uses the development setup.
pub(crate) fn warn_unsafe(ui: &Ui, id: SrsId) {
    if id.is_unsafe() {
        Hearing::new(ui).event(Event::UnsafeSetup);
    }
}
