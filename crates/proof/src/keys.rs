//! Proving and verifying keys, and the folder that keeps them.
//!
//! A key is a function of the claim's circuit, the picture's size, `k` and the trusted setup; its file is named by a
//! hash of all of these: of the constraint system as the proof system has it, and of the circuit's and this crate's
//! versions. A file holds a digest of its content: a damaged file is rebuilt, not trusted. What the digest does not
//! defend against is somebody who can write to the folder: such a person could also replace the program.
//!
//! Only verifying keys are kept, a kilobyte each. What a proving key has beyond is made again for each proof, which takes less time than
//! reading and checking its gigabytes did (`docs/decisions/0016-a-prover-of-our-own.md`).
//!
//! No key is kept that was computed from unchecked points. A setup's id covers `[tau]_1` and `[tau]_2` only, so a file
//! under a ceremony's id may hold any other points, and from such points comes a key of a circuit of its maker's
//! choice.
use crate::claims::{self, AnyClaim, KeygenError};
use halo2_proofs::{
    halo2curves::{bn256::G1Affine, serde::SerdeObject},
    plonk::VerifyingKey,
};
use sha3::{Digest, Keccak256};
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};
use veilmark_circuits::{
    relation::{Shape, ShapeError},
    statement::{
        claim::{Claim, Header},
        model::Architecture,
    },
};
use veilmark_files::{self as files, Access, Classified, Existing, FileError, Kind};
use veilmark_halo2::ProvingKey;
use veilmark_srs::{Srs, SrsError, SrsId, SrsVerifier};
use veilmark_verifier_contract::{Protocol, Subject, VkData, vk};

/// What a key is for: a claim's circuit, its shape and the rows of its domain.
#[derive(Clone, Debug)]
pub struct ClaimShape {
    entry: &'static dyn AnyClaim,
    shape: Shape,
    /// The domain has `2^k` rows.
    pub k: u32,
}

impl ClaimShape {
    /// A shape of a claim; `None` where the claim is not of this program, or the shape none of the claim's.
    pub fn new(claim: Claim, shape: Shape, k: u32) -> Option<Self> {
        Self::of(claims::find(claim)?, shape, k)
    }

    /// A shape of a claim that need not be in the registry.
    pub fn of(entry: &'static dyn AnyClaim, shape: Shape, k: u32) -> Option<Self> {
        (entry.claim().has_model() == shape.architecture().is_some()).then_some(Self { entry, shape, k })
    }

    /// A claim about pictures of this size alone; `None` for a claim with a model.
    pub fn of_picture(claim: Claim, (width, height): (u32, u32), k: u32) -> Option<Self> {
        Self::new(claim, Shape::Picture { width, height }, k)
    }

    /// A claim with a model's architecture; `None` for a claim that has none.
    pub fn of_model(claim: Claim, architecture: Arc<Architecture>, k: u32) -> Option<Self> {
        Self::new(claim, Shape::Model(architecture), k)
    }

    /// The claim.
    pub fn claim(&self) -> Claim {
        self.entry.claim()
    }

    /// The claim's circuit.
    pub fn entry(&self) -> &'static dyn AnyClaim {
        self.entry
    }

    /// Width and height of the picture in pixels.
    pub fn size(&self) -> (u32, u32) {
        self.shape.size()
    }

    /// The model's architecture.
    pub fn architecture(&self) -> Option<&Arc<Architecture>> {
        self.shape.architecture()
    }

    /// The hash of the model's architecture, zero without one: what a key's header carries.
    pub fn architecture_hash(&self) -> [u8; 32] {
        self.architecture().map_or([0; 32], |architecture| architecture.hash())
    }

    /// The words of the key's header, and of the commitments that proofs under the key begin with.
    pub fn header(&self, setup: &impl AsRef<SrsVerifier>) -> Header {
        self.shape.header(setup.as_ref().id().0, self.k)
    }

    /// The rows that the claim needs, with so many rows of salts in the columns of a model's weights.
    ///
    /// # Errors
    /// [`ShapeError`] where the picture's size has no circuit.
    pub fn rows(&self, weight_salts: usize) -> Result<usize, ShapeError> {
        self.entry.rows(&self.shape, weight_salts)
    }

    /// The smallest `k` for the claim, with so many rows of salts in the columns of a model's weights.
    ///
    /// # Errors
    /// As [`ClaimShape::rows`].
    pub fn min_k_with(&self, weight_salts: usize) -> Result<u32, ShapeError> {
        Ok(self.rows(weight_salts)?.next_power_of_two().ilog2())
    }

    /// The smallest `k` for the claim, without salts for a model's weights.
    ///
    /// # Errors
    /// As [`ClaimShape::rows`].
    pub fn min_k(&self) -> Result<u32, ShapeError> {
        self.min_k_with(0)
    }

    fn check(&self, setup: &SrsVerifier) -> Result<(), KeyError> {
        let ((width, height), k) = (self.size(), self.k);
        // an architecture may be anybody's: its circuit is not even counted out where it cannot fit
        let least = self.architecture().map_or(0, |architecture| architecture.least_rows());
        let least = least.checked_next_power_of_two().map_or(usize::BITS, usize::ilog2);
        let needed = if least > k { least } else { self.min_k()? };
        if k < needed {
            return Err(KeyError::TooFewRows { width, height, needed, k });
        }
        if setup.k() != k {
            return Err(KeyError::Parameters { expected: k, got: setup.k() });
        }
        Ok(())
    }
}

/// A key could not be made or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The shape has no circuit.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// The claim needs more rows.
    #[error("a {width}x{height} picture needs 2^{needed} rows for this claim, got 2^{k}")]
    TooFewRows {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The smallest `k`.
        needed: u32,
        /// The `k` asked for.
        k: u32,
    },
    /// The setup is for another number of rows.
    #[error("the parameters are for 2^{got} rows, the key for 2^{expected}")]
    Parameters {
        /// The key's `k`.
        expected: u32,
        /// The parameters' `k`.
        got: u32,
    },
    /// The setup's points are not what its id promises.
    #[error(transparent)]
    Setup(#[from] SrsError),
    /// The folder of keys cannot be used.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What happened.
        source: io::Error,
    },
    /// Key generation failed, or the key has no form on chain.
    #[error("no key could be made: {0}")]
    Generation(String),
}

impl Classified for KeyError {
    fn kind(&self) -> Kind {
        match self {
            Self::Setup(error) => error.kind(),
            Self::Shape(_) | Self::TooFewRows { .. } => Kind::Unsupported,
            Self::Io { source, .. } => Kind::of_io(source),
            Self::Parameters { .. } | Self::Generation(_) => Kind::Bug,
        }
    }
}

impl From<KeygenError> for KeyError {
    fn from(error: KeygenError) -> Self {
        match error {
            KeygenError::Shape(error) => Self::Shape(error),
            error => Self::Generation(error.to_string()),
        }
    }
}

/// Checks every point of a setup that is to be relied on for more than one proof. The development setup is taken as it
/// is: under a public secret there is nothing to defend.
///
/// # Errors
/// [`SrsError::Powers`] or [`SrsError::Lagrange`].
pub fn check_powers(srs: &Srs, say: &dyn Fn(&str)) -> Result<(), SrsError> {
    if srs.is_unsafe() {
        return Ok(());
    }
    say("checking every power of the trusted setup");
    srs.verify_full(&mut |_| ())
}

/// The verifying key, computed afresh.
///
/// # Errors
/// [`KeyError`] where the shape or the parameters do not fit.
pub fn generate_verifying_key(srs: &Srs, shape: &ClaimShape) -> Result<VerifyingKey<G1Affine>, KeyError> {
    shape.check(srs.as_ref())?;
    Ok(shape.entry.verifying_key(&srs.setup(), &shape.shape)?)
}

/// The proving key to a verifying key of the same shape.
///
/// # Errors
/// [`KeyError`] where the shape or the key's rows do not fit.
pub fn generate_proving_key(
    srs: &Srs,
    shape: &ClaimShape,
    verifying_key: VerifyingKey<G1Affine>,
) -> Result<ProvingKey, KeyError> {
    shape.check(srs.as_ref())?;
    Ok(shape.entry.proving_key(&shape.shape, verifying_key)?)
}

/// The verifying key in the form the chain holds it.
///
/// # Errors
/// [`KeyError::Generation`] where the generator refuses the circuit.
pub fn vk_data(
    setup: &impl AsRef<SrsVerifier>,
    key: &VerifyingKey<G1Affine>,
    shape: &ClaimShape,
) -> Result<VkData, KeyError> {
    let refused = |error: veilmark_verifier_contract::Error| KeyError::Generation(error.to_string());
    let (claim, setup) = (shape.claim(), setup.as_ref());
    let protocol = Protocol::new(key, claim.inputs.len()).map_err(refused)?;
    let (size, architecture) = (shape.size(), shape.architecture_hash());
    let header = Header { srs_id: setup.id().0, k: shape.k, size, architecture, ..Header::default() };
    let words = claim.subject.iter().map(|word| header.word(*word)).collect();
    let subject = Subject { srs_id: header.srs_id, unsafe_dev: setup.is_unsafe(), k: shape.k, words };
    VkData::new(&protocol, key, &on_chain(claim), &subject, setup.tau_g2()).map_err(refused)
}

/// The claim as its verifier and its keys name it.
pub fn on_chain(claim: Claim) -> vk::Claim {
    vk::Claim { id: claim.id(), subject: claim.subject.iter().map(|word| word.name()).collect() }
}

/// The key's name on chain: the hash of its data contract's code.
///
/// # Errors
/// As [`vk_data`].
pub fn vk_hash(
    setup: &impl AsRef<SrsVerifier>,
    key: &VerifyingKey<G1Affine>,
    shape: &ClaimShape,
) -> Result<[u8; 32], KeyError> {
    Ok(vk_data(setup, key, shape)?.vk_hash())
}

/// A folder of keys.
#[derive(Clone, Debug)]
pub struct KeyCache {
    dir: PathBuf,
}

const MAGIC: &[u8; 8] = b"VEILKEY2";
/// Bytes of a point: the Montgomery limbs of its coordinates.
const POINT: usize = 64;
/// Bytes of the longest file that is read: a constraint system with a thousand columns.
const MAX_BYTES: u64 = 1 << 16;

impl KeyCache {
    /// The cache in `dir`, which is made if need be.
    ///
    /// # Errors
    /// [`KeyError::Io`] where it cannot be.
    pub fn open(dir: &Path) -> Result<Self, KeyError> {
        fs::create_dir_all(dir).map_err(|source| KeyError::Io { path: dir.into(), source })?;
        Ok(Self { dir: dir.into() })
    }

    /// The verifying key, from the cache or computed and kept. `say` hears what takes time.
    ///
    /// # Errors
    /// [`KeyError`] where the key cannot be made; that it cannot be *kept* is said, and is no error.
    pub fn verifying_key(
        &self,
        srs: &Srs,
        shape: &ClaimShape,
        say: &dyn Fn(&str),
    ) -> Result<VerifyingKey<G1Affine>, KeyError> {
        shape.check(srs.as_ref())?;
        let path = self.path(srs.id(), shape);
        if let Some(key) = load(&path, shape, say) {
            return Ok(key);
        }
        check_powers(srs, say)?;
        say("computing the verifying key");
        let key = generate_verifying_key(srs, shape)?;
        keep(&path, &key, say);
        Ok(key)
    }

    /// The verifying key, if it is in the cache: what checks a proof without the whole setup.
    ///
    /// # Errors
    /// [`KeyError`] where the shape or the parameters do not fit.
    pub fn known_verifying_key(
        &self,
        setup: &SrsVerifier,
        shape: &ClaimShape,
        say: &dyn Fn(&str),
    ) -> Result<Option<VerifyingKey<G1Affine>>, KeyError> {
        shape.check(setup)?;
        Ok(load(&self.path(setup.id(), shape), shape, say))
    }

    /// The proving key: the verifying key from the cache, or computed and kept, and the rest made anew. `say` hears what takes time.
    ///
    /// # Errors
    /// As [`KeyCache::verifying_key`].
    pub fn proving_key(&self, srs: &Srs, shape: &ClaimShape, say: &dyn Fn(&str)) -> Result<ProvingKey, KeyError> {
        let verifying_key = self.verifying_key(srs, shape, say)?;
        generate_proving_key(srs, shape, verifying_key)
    }

    fn path(&self, srs_id: SrsId, shape: &ClaimShape) -> PathBuf {
        let (circuit, (width, height), k) = (shape.claim().circuit(), shape.size(), shape.k);
        let mut hash = Keccak256::new();
        let [setup, architecture] = [srs_id.0, shape.architecture_hash()].map(hex::encode);
        let version = env!("CARGO_PKG_VERSION");
        hash.update(format!("{circuit} {version} {setup} {k} {width} {height} {architecture}"));
        hash.update(format!("{:?}", shape.entry.constraint_system().pinned()));
        let name = hex::encode(&hash.finalize()[..16]);
        self.dir.join(format!("{circuit}-{width}x{height}-k{k}-{name}.vk"))
    }
}

/// The key in a file, unless there is none or it is damaged.
fn load(path: &Path, shape: &ClaimShape, say: &dyn Fn(&str)) -> Option<VerifyingKey<G1Affine>> {
    let damaged = |why: &dyn std::fmt::Display| {
        say(&format!("{} is damaged ({why}): building it again", path.display()));
        None
    };
    let bytes = match files::read_limited(path, MAX_BYTES) {
        Ok(bytes) => bytes,
        Err(FileError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => return damaged(&error),
    };
    let content = bytes.strip_prefix(MAGIC).and_then(|rest| rest.split_at_checked(32));
    let content = content.and_then(|(digest, content)| (Keccak256::digest(content)[..] == *digest).then_some(content));
    let Some(content) = content else { return damaged(&"its digest is not that of its content") };
    let (points, rest) = content.as_chunks::<POINT>();
    let points: Option<Vec<_>> = points.iter().map(|bytes| G1Affine::from_raw_bytes(bytes)).collect();
    match points.filter(|_| rest.is_empty()).map(|points| shape.entry.verifying_key_of_points(shape.k, &points)) {
        Some(Ok(key)) => Some(key),
        Some(Err(error)) => damaged(&error),
        None => damaged(&"its points are none"),
    }
}

/// Writes a key's file in one step: its digest, then the points of fixed columns and permutation.
fn keep(path: &Path, key: &VerifyingKey<G1Affine>, say: &dyn Fn(&str)) {
    let points = key.fixed_commitments().iter().chain(key.permutation().commitments());
    let content: Vec<u8> = points.flat_map(SerdeObject::to_raw_bytes).collect();
    let bytes = [&MAGIC[..], &Keccak256::digest(&content), &content].concat();
    if let Err(error) = files::write_atomically(path, Existing::Replace, Access::Umask, |file| file.write_all(&bytes)) {
        say(&format!("{error}: the key is not kept, and the next run computes it again"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn a_key_is_kept_found_and_rebuilt_when_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let cache = KeyCache::open(&folder.path().join("keys")).unwrap();
        let (width, height) = (6, 5);
        let of = |size, k| ClaimShape::of_picture(Claim::FINGERPRINT, size, k).unwrap();
        let k = of((width, height), 0).min_k().unwrap();
        let srs = Srs::dev(k, &mut |_| {}).unwrap();
        let shape = &of((width, height), k);
        let said = RefCell::new(Vec::new());
        let say = |text: &str| said.borrow_mut().push(text.to_owned());
        let hash = || {
            let key = cache.proving_key(&srs, shape, &say).unwrap();
            vk_hash(&srs, key.vk(), shape).unwrap()
        };
        let first = hash();
        assert_eq!(said.take(), ["computing the verifying key"]);
        assert_eq!(hash(), first);
        assert_eq!(said.take(), [""; 0], "found again");
        // one bit of the file, anywhere, or its end; or another circuit's, with a digest that fits
        let path = cache.path(srs.id(), shape);
        let honest = fs::read(&path).unwrap();
        let mut flawed: Vec<Vec<u8>> = [3, 20, 60, honest.len() - 1]
            .map(|at| {
                let mut bytes = honest.clone();
                bytes[at] ^= 4;
                bytes
            })
            .to_vec();
        flawed.extend([honest[..100].to_vec(), honest[..5].to_vec(), Vec::new(), vec![0; 1 << 17]]);
        for content in [&honest[40..honest.len() - POINT], &honest[40..honest.len() - 1], &vec![7; honest.len() - 40]] {
            flawed.push([&MAGIC[..], &Keccak256::digest(content), content].concat());
        }
        for bytes in flawed {
            fs::write(&path, &bytes).unwrap();
            assert_eq!(hash(), first);
            let said = said.take();
            assert_eq!(said.iter().filter(|text| text.contains("damaged")).count(), 1, "{said:?}");
            assert_eq!(fs::read(&path).unwrap(), honest);
        }
        // another size is another key
        let other = &of((5, 6), k);
        let key = cache.verifying_key(&srs, other, &say).unwrap();
        assert_ne!(vk_hash(&srs, &key, other).unwrap(), first);
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused() {
        let srs = Srs::dev(8, &mut |_| {}).unwrap();
        let refused = |width, height, k| {
            let shape = ClaimShape::of_picture(Claim::FINGERPRINT, (width, height), k).unwrap();
            generate_verifying_key(&srs, &shape).unwrap_err()
        };
        assert!(matches!(refused(8, 8, 8), KeyError::TooFewRows { needed: 14, .. }));
        assert!(matches!(refused(8, 8, 14), KeyError::Parameters { expected: 14, got: 8 }));
        assert!(matches!(refused(4, 8, 14), KeyError::Shape(_)));
        assert!(matches!(refused(u32::MAX, u32::MAX, 20), KeyError::Shape(_)));
    }
}
