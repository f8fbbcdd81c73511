//! Proving and verifying keys, and the folder that keeps them.
//!
//! A key is a function of the claim's circuit, the picture's size, `k` and the trusted setup; its file is named by a
//! hash of all of these: of the constraint system as the proof system has it, and of the circuit's and this crate's
//! versions. A file holds a digest of its content: a damaged file is rebuilt, not trusted. What the digest does not
//! defend against is somebody who can write to the folder: such a person could also replace the program.
//!
//! No key is kept that was computed from unchecked points. A setup's id covers `[tau]_1` and `[tau]_2` only, so a file
//! under a ceremony's id may hold any other points, and from such points comes a key of a circuit of its maker's
//! choice.
use crate::claims::{self, AnyClaim, KeygenError};
use halo2_proofs::{
    SerdeFormat,
    halo2curves::bn256::G1Affine,
    plonk::{ProvingKey, VerifyingKey},
};
use sha3::{Digest, Keccak256};
use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Seek, Write},
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
use veilmark_files::{self as files, Access, Classified, Existing, Kind};
use veilmark_srs::{Srs, SrsError, SrsId, SrsVerifier};
use veilmark_verifier_contract::{Protocol, Subject, VkData};

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
    srs.verify_full()
}

/// The verifying key, computed afresh.
///
/// # Errors
/// [`KeyError`] where the shape or the parameters do not fit.
pub fn generate_verifying_key(srs: &Srs, shape: &ClaimShape) -> Result<VerifyingKey<G1Affine>, KeyError> {
    shape.check(srs.as_ref())?;
    Ok(shape.entry.verifying_key(srs.params(), &shape.shape)?)
}

/// The proving key to a verifying key of the same shape, computed afresh.
///
/// # Errors
/// [`KeyError`] where the shape or the parameters do not fit.
pub fn generate_proving_key(
    srs: &Srs,
    shape: &ClaimShape,
    verifying_key: VerifyingKey<G1Affine>,
) -> Result<ProvingKey<G1Affine>, KeyError> {
    shape.check(srs.as_ref())?;
    Ok(shape.entry.proving_key(srs.params(), &shape.shape, verifying_key)?)
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
    let protocol = Protocol::new(key, shape.claim().inputs.len()).map_err(refused)?;
    let ((width, height), architecture) = (shape.size(), shape.architecture_hash());
    let setup = setup.as_ref();
    let unsafe_dev = setup.is_unsafe();
    let subject = Subject { srs_id: setup.id().0, unsafe_dev, k: shape.k, width, height, architecture };
    VkData::new(&protocol, key, &subject, setup.tau_g2()).map_err(refused)
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

const MAGIC: &[u8; 8] = b"VEILKEY1";
const FORMAT: SerdeFormat = SerdeFormat::RawBytesUnchecked;

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
        let path = self.path("vk", srs.id(), shape);
        if let Some(key) = self.read_verifying_key(&path, shape, say) {
            return Ok(key);
        }
        check_powers(srs, say)?;
        say("computing the verifying key");
        let key = generate_verifying_key(srs, shape)?;
        keep(&path, say, |writer| key.write(&mut { writer }, FORMAT));
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
        Ok(self.read_verifying_key(&self.path("vk", setup.id(), shape), shape, say))
    }

    fn read_verifying_key(
        &self,
        path: &Path,
        shape: &ClaimShape,
        say: &dyn Fn(&str),
    ) -> Option<VerifyingKey<G1Affine>> {
        let read = |reader: &mut dyn Read| shape.entry.read_verifying_key(reader);
        load(path, say, read)
    }

    /// The proving key, from the cache or computed and kept. `say` hears what takes time.
    ///
    /// # Errors
    /// As [`KeyCache::verifying_key`].
    pub fn proving_key(
        &self,
        srs: &Srs,
        shape: &ClaimShape,
        say: &dyn Fn(&str),
    ) -> Result<ProvingKey<G1Affine>, KeyError> {
        shape.check(srs.as_ref())?;
        let path = self.path("pk", srs.id(), shape);
        let read = |reader: &mut dyn Read| shape.entry.read_proving_key(reader);
        if let Some(key) = load(&path, say, read) {
            return Ok(key);
        }
        let verifying_key = self.verifying_key(srs, shape, say)?;
        say("computing the proving key");
        let key = generate_proving_key(srs, shape, verifying_key)?;
        keep(&path, say, |writer| key.write(&mut { writer }, FORMAT));
        Ok(key)
    }

    fn path(&self, kind: &str, srs_id: SrsId, shape: &ClaimShape) -> PathBuf {
        let (circuit, (width, height), k) = (shape.claim().circuit(), shape.size(), shape.k);
        let mut hash = Keccak256::new();
        let [setup, architecture] = [srs_id.0, shape.architecture_hash()].map(hex::encode);
        let version = env!("CARGO_PKG_VERSION");
        hash.update(format!("{kind} {circuit} {version} {setup} {k} {width} {height} {architecture}"));
        hash.update(format!("{:?}", shape.entry.constraint_system().pinned()));
        let name = hex::encode(&hash.finalize()[..16]);
        self.dir.join(format!("{circuit}-{width}x{height}-k{k}-{name}.{kind}"))
    }
}

/// Everything that passes is hashed.
struct Hashing<S> {
    stream: S,
    hash: Keccak256,
}

impl<S: Read> Read for Hashing<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)?;
        self.hash.update(&buffer[..count]);
        Ok(count)
    }
}

impl<S: Write> Write for Hashing<S> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let count = self.stream.write(buffer)?;
        self.hash.update(&buffer[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// The key in a file, unless there is none or it is damaged. The digest is checked before anything is parsed: halo2's
/// readers allocate and unwrap as the bytes tell them.
fn load<T>(path: &Path, say: &dyn Fn(&str), read: impl FnOnce(&mut dyn Read) -> io::Result<T>) -> Option<T> {
    let attempt = || -> io::Result<T> {
        let mut file = File::open(path)?;
        let mut head = [0; MAGIC.len() + 32];
        file.read_exact(&mut head)?;
        let (magic, digest) = head.split_at(MAGIC.len());
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "its digest is not that of its content");
        let mut hashing = Hashing { stream: BufReader::with_capacity(1 << 20, &mut file), hash: Keccak256::new() };
        io::copy(&mut hashing, &mut io::sink())?;
        if magic != MAGIC || hashing.hash.finalize()[..] != *digest {
            return Err(damaged());
        }
        // The very file that was checked, whatever has taken its name since.
        file.seek(io::SeekFrom::Start(head.len() as u64))?;
        read(&mut BufReader::with_capacity(1 << 20, file))
    };
    match attempt() {
        Ok(key) => Some(key),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            say(&format!("{} is damaged ({error}): building it again", path.display()));
            None
        }
    }
}

/// Writes a key's file in one step: its digest first, then the key.
fn keep(path: &Path, say: &dyn Fn(&str), write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
    let kept = files::write_atomically(path, Existing::Replace, Access::Umask, |file| {
        file.write_all(MAGIC)?;
        file.write_all(&[0; 32])?;
        let digest = {
            let stream = BufWriter::with_capacity(1 << 20, &mut *file);
            let mut hashing = Hashing { stream, hash: Keccak256::new() };
            write(&mut hashing)?;
            hashing.flush()?;
            hashing.hash.finalize()
        };
        file.seek(io::SeekFrom::Start(MAGIC.len() as u64))?;
        file.write_all(&digest)
    });
    if let Err(error) = kept {
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
            vk_hash(&srs, key.get_vk(), shape).unwrap()
        };
        let first = hash();
        assert_eq!(said.take(), ["computing the verifying key", "computing the proving key"]);
        assert_eq!(hash(), first);
        assert_eq!(said.take(), [""; 0], "found again");
        // one bit of each file, anywhere, or its end
        for (at, cut) in [(3, false), (20, false), (60, false), (5_000_000, false), (100, true)] {
            for path in [cache.path("vk", srs.id(), shape), cache.path("pk", srs.id(), shape)] {
                let mut bytes = fs::read(&path).unwrap();
                let at = at.min(bytes.len() - 1);
                bytes[at] ^= 4;
                bytes.truncate(if cut { at } else { bytes.len() });
                fs::write(&path, bytes).unwrap();
            }
            assert_eq!(hash(), first);
            let said = said.take();
            assert_eq!(said.iter().filter(|text| text.contains("damaged")).count(), 2, "{said:?}");
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
