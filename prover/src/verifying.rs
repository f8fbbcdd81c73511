//! Checking a proof, with nothing taken from whoever made it.
//!
//! What the caller must believe: the key is made here, or was made here earlier and kept. A verdict is about the proof alone:
//! what the setup is worth is [`Verified::setup`]'s to say.

use crate::{
    error::Error,
    progress::{Event, Progress},
    store::Store,
};
use halo2_proofs::{halo2curves::bn256::G1Affine, plonk::VerifyingKey};
use std::{io::Read, path::Path, sync::Arc};
use veilmark_files::{self as files, Classified, FileError, Kind, hex0x};
use veilmark_proof::{
    bundle::Bundle,
    keys::{self, ClaimShape},
    model_file::{self, ModelFile, PublicModel},
    proof::{self, ProofError},
};
use veilmark_srs::SrsVerifier;
use veilmark_statement::{fingerprint::MATCH_DISTANCE, model::Architecture};

/// Why a proof is not believed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// The bundle is for another key than this program makes for its claim and size.
    #[error("the bundle is for verifying key {bundles}, this program's for its claim and size is {ours}")]
    OtherKey {
        /// The bundle's.
        bundles: String,
        /// This program's.
        ours: String,
    },
    /// The tolerance is one at which different pictures match.
    #[error("the proof allows {tolerance} bits between the fingerprints, and above {MATCH_DISTANCE} they do not match")]
    Tolerance {
        /// Bits.
        tolerance: u8,
    },
    /// The proof does not hold.
    #[error(transparent)]
    Proof(ProofError),
}

impl Classified for Invalid {
    fn kind(&self) -> Kind {
        Kind::ProofInvalid
    }
}

/// What was found out about a proof.
#[derive(Debug)]
pub struct Verified {
    /// Why it is not believed; `None` where it holds.
    pub invalid: Option<Invalid>,
    /// The key it was checked under.
    pub key: VerifyingKey<G1Affine>,
    /// The setup it was checked under.
    pub setup: SrsVerifier,
}

/// Checks a bundle's proof. The whole setup is read only where no key is kept for the bundle's claim, size and setup.
///
/// # Errors
/// [`Error`] where no verdict can be given.
pub fn verify(store: &Store, bundle: &Bundle, shape: &ClaimShape, progress: &dyn Progress) -> Result<Verified, Error> {
    let say = |text: &str| progress.event(Event::Keys(text));
    let cache = store.keys()?;
    let setup = store.verifier_setup(bundle.k, bundle.srs_id)?;
    let key = match cache.known_verifying_key(&setup, shape, &say)? {
        Some(key) => key,
        None => {
            let srs = store.setup(bundle.k, Some(bundle.srs_id), progress)?;
            cache.verifying_key(&srs, shape, &say)?
        }
    };
    let invalid = judge(&setup, &key, shape, bundle)?;
    Ok(Verified { invalid, key, setup })
}

/// Whether a bundle's proof holds under a key that was made for its shape.
///
/// # Errors
/// [`Error::Key`] where the key has no form on chain.
pub fn judge(
    setup: &impl AsRef<SrsVerifier>,
    key: &VerifyingKey<G1Affine>,
    shape: &ClaimShape,
    bundle: &Bundle,
) -> Result<Option<Invalid>, Error> {
    let vk_hash = keys::vk_hash(setup, key, shape)?;
    if vk_hash != bundle.vk_hash {
        return Ok(Some(Invalid::OtherKey { bundles: hex0x(&bundle.vk_hash), ours: hex0x(&vk_hash) }));
    }
    if bundle.tolerance > MATCH_DISTANCE {
        return Ok(Some(Invalid::Tolerance { tolerance: bundle.tolerance }));
    }
    match proof::verify(setup, key, bundle.claim, &bundle.public(), &bundle.proof) {
        Ok(()) => Ok(None),
        Err(error) if error.kind() == Kind::ProofInvalid => Ok(Some(Invalid::Proof(error))),
        Err(error) => Err(error.into()),
    }
}

/// The shape of a bundle's claim. A claim with a model takes the model's file, the public one or the owner's, and the
/// model must be the bundle's.
///
/// # Errors
/// [`Error`] where the two do not belong together.
pub fn shape_of(bundle: &Bundle, model: Option<&Path>) -> Result<ClaimShape, Error> {
    let claim = bundle.claim;
    let Some(claimed) = bundle.model_hash() else {
        if model.is_some() {
            return Err(Error::HasNo { claim, what: "model" });
        }
        return ClaimShape::of_picture(claim, bundle.size, bundle.k).ok_or(Error::NoModelNamed);
    };
    let path = model.ok_or(Error::Needs { claim, what: "the model's public file to be checked" })?;
    let (architecture, got) = read_model(path)?.identity();
    if got != claimed {
        let (expected, got) = (hex0x(&claimed), hex0x(&got));
        return Err(Error::OtherModel { path: path.into(), expected, got });
    }
    let shape = ClaimShape::of_model(claim, Arc::new(architecture), bundle.k).ok_or(Error::OtherArchitecture)?;
    if shape.size() != bundle.size || shape.architecture_hash() != bundle.architecture {
        return Err(Error::OtherArchitecture);
    }
    Ok(shape)
}

/// A model's file, of either kind.
#[derive(Debug)]
pub enum AnyModel {
    /// The owner's.
    Owner(Box<ModelFile>),
    /// The public one.
    Public(Box<PublicModel>),
}

impl AnyModel {
    /// Architecture and `modelHash`.
    pub fn identity(self) -> (Architecture, [u8; 32]) {
        match self {
            Self::Owner(owned) => (owned.model.architecture().clone(), owned.model_hash),
            Self::Public(public) => {
                let hash = public.commitment.digest();
                (public.architecture, hash)
            }
        }
    }
}

/// Reads a model's file, of either kind.
///
/// # Errors
/// [`Error::File`] or [`Error::Model`].
pub fn read_model(path: &Path) -> Result<AnyModel, Error> {
    let mut start = Vec::new();
    let failed = |source| FileError::Io { doing: "read", path: path.into(), source };
    files::open(path)?.take(64).read_to_end(&mut start).map_err(failed)?;
    let at = |source| Error::Model { path: path.into(), source };
    Ok(match model_file::is_owners(&start) {
        Some(true) => AnyModel::Owner(Box::new(ModelFile::read(path).map_err(at)?)),
        _ => AnyModel::Public(Box::new(PublicModel::read(path).map_err(at)?)),
    })
}

/// Reads a bundle.
///
/// # Errors
/// [`Error::Bundle`].
pub fn read_bundle(path: &Path) -> Result<Bundle, Error> {
    Bundle::read(path).map_err(|source| Error::Bundle { path: path.into(), source })
}
