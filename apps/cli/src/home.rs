//! The folder where setups, keys and the embedded chain are kept.

use crate::{failure::Failure, hearing::Hearing, output::Ui};
use alloy_primitives::{Address, B256};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use veilmark::{
    Event, Progress, Store,
    files::{self, Access, Existing, FileError},
    keys::KeyCache,
    secrets::keeper::Folder,
    srs::{self, Srs, SrsError, SrsId},
};

/// Bytes of the longest list of keys that were computed here.
const MAX_COMPUTED: u64 = 1 << 20;

/// Veilmark's folder.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    store: Store,
    chain: PathBuf,
    secret: Folder,
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
        let [chain, contracts, index] = ["chain", "deployments", "index"].map(|name| folder.join(name));
        Self { store: Store::at(folder), chain, secret: Folder::at(folder), contracts, index }
    }

    /// Setups and keys.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// The folder of the master secret.
    pub(crate) fn secret(&self) -> Folder {
        self.secret.clone()
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

    /// Remembers that a verifying key was computed on this machine.
    pub(crate) fn remember_key(&self, vk_hash: B256) -> Result<(), Failure> {
        let mut known = self.computed_keys();
        if known.contains(&vk_hash) {
            return Ok(());
        }
        known.push(vk_hash);
        make_folder(self.keys_dir())?;
        let text: String = known.iter().map(|hash| format!("{hash}\n")).collect();
        files::write_atomically(&self.computed(), Existing::Replace, Access::Umask, |file| {
            io::Write::write_all(file, text.as_bytes())
        })?;
        Ok(())
    }

    /// The verifying keys that were computed on this machine.
    pub(crate) fn computed_keys(&self) -> Vec<B256> {
        let text = files::read_limited(&self.computed(), MAX_COMPUTED).unwrap_or_default();
        String::from_utf8_lossy(&text).lines().filter_map(|line| line.parse().ok()).collect()
    }

    fn computed(&self) -> PathBuf {
        self.keys_dir().join("computed.txt")
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
