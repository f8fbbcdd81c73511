//! The folder of setups and keys.

use crate::{
    error::Error,
    progress::{Event, Progress},
};
use std::path::{Path, PathBuf};
use veilmark_proof::keys::KeyCache;
use veilmark_srs::{self as srs, Srs, SrsError, SrsId, SrsVerifier};

/// From this `k` on reading a setup takes long enough to be told.
const TOLD_FROM: u32 = 18;

/// Where setups and keys are kept.
#[derive(Clone, Debug)]
pub struct Store {
    srs: PathBuf,
    keys: PathBuf,
}

impl Store {
    /// `srs` and `keys` in a folder; nothing is made yet.
    pub fn at(folder: &Path) -> Self {
        Self { srs: folder.join("srs"), keys: folder.join("keys") }
    }

    /// The folder of setups.
    pub fn srs_dir(&self) -> &Path {
        &self.srs
    }

    /// The folder of keys.
    pub fn keys_dir(&self) -> &Path {
        &self.keys
    }

    /// The folder of keys, which is made.
    ///
    /// # Errors
    /// [`Error::Key`] where it cannot be.
    pub fn keys(&self) -> Result<KeyCache, Error> {
        Ok(KeyCache::open(&self.keys)?)
    }

    /// The setup for `k`: of an id, or else the best there is.
    ///
    /// # Errors
    /// [`Error::Setup`].
    pub fn setup(&self, k: u32, id: Option<SrsId>, progress: &dyn Progress) -> Result<Srs, Error> {
        let listing = srs::list(&self.srs)?;
        let stored = listing.find(k, id)?;
        for error in &listing.unusable {
            progress.event(Event::SetupPassedOver(&error.to_string()));
        }
        if stored.k >= TOLD_FROM {
            progress.event(Event::ReadingSetup(&stored.path));
        }
        if stored.k == k {
            return Ok(Srs::read(&stored.path)?);
        }
        if !stored.id.is_unsafe() {
            progress.event(Event::CuttingSetup { id: stored.id, from: stored.k, to: k });
        }
        Ok(Srs::read_at(&stored.path, k, &mut |_| ())?)
    }

    /// What a verifier needs of a setup, from a file of any `k`.
    ///
    /// # Errors
    /// [`Error::Setup`] where no file is of this setup.
    pub fn verifier_setup(&self, k: u32, id: SrsId) -> Result<SrsVerifier, Error> {
        let listing = srs::list(&self.srs)?;
        let stored = listing.find(srs::MIN_K, Some(id)).or_else(|_| listing.find(k, Some(id)))?;
        let setup = SrsVerifier::read(&stored.path, k)?;
        if setup.id() == id {
            return Ok(setup);
        }
        Err(SrsError::MissingId { id, k, dir: self.srs.clone(), unusable: Vec::new() }.into())
    }
}
