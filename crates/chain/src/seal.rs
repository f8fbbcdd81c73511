//! Seal files: the secret of a reservation, from before it is reserved until it is shown.
//!
//! Whoever reads one learns which commitment was reserved, no more: it is good for the registrant's records only. Losing it
//! loses the reservation, so it is on disk before anything is sent.
use crate::{checksummed, client::reservations};
use alloy_primitives::{Address, B256, keccak256};
use rand_core::{OsRng, RngCore};
use serde::{Deserialize, Serialize};
use std::{fmt, path::Path};
use veilmark_files::envelope::{Envelope, EnvelopeError};
use veilmark_files::{self as files, Access, Classified, Existing, Kind, hex0x};
use zeroize::Zeroizing;

const KIND: Envelope = Envelope { format: "veilmark seal", version: 1, max_bytes: 1 << 16, access: Access::Owner };
const WARNING: &str = "secret until it is shown: keep this file, without it the reservation is lost";

/// A seal file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The file is not of its kind, or cannot be read or written.
    #[error(transparent)]
    Head(#[from] EnvelopeError),
    /// A field is not what it must be.
    #[error("the seal file's `{field}` is not {expected}")]
    Value {
        /// The field.
        field: &'static str,
        /// What belongs there.
        expected: &'static str,
    },
    /// The seal covers something else.
    #[error("the seal is of {what} {expected}, not {got}")]
    Other {
        /// What differs.
        what: &'static str,
        /// The seal's.
        expected: String,
        /// The one asked for.
        got: String,
    },
}

impl Classified for SealError {
    fn kind(&self) -> Kind {
        match self {
            Self::Head(error) => error.kind(),
            Self::Value { .. } => Kind::FileDamaged,
            Self::Other { .. } => Kind::Mismatch,
        }
    }
}

/// What a seal covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Covered {
    /// The chain.
    pub chain_id: u64,
    /// The content registry.
    pub registry: Address,
    /// The commitment that will be registered.
    pub image_commitment: B256,
    /// Who will register it.
    pub registrant: Address,
}

/// A seal and its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Seal {
    /// What it covers.
    pub covered: Covered,
    salt: Zeroizing<[u8; 32]>,
}

/// The salt stays out of logs.
impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seal").field("covered", &self.covered).finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    warning: String,
    chain_id: u64,
    #[serde(with = "checksummed")]
    registry: Address,
    image_commitment: B256,
    #[serde(with = "checksummed")]
    registrant: Address,
    seal: B256,
    salt: Zeroizing<String>,
}

impl Covered {
    /// A digest of all of it, from which a salt may follow.
    pub fn digest(&self) -> [u8; 32] {
        let Self { chain_id, registry, image_commitment, registrant } = self;
        keccak256([&chain_id.to_be_bytes()[..], &registry[..], &image_commitment[..], &registrant[..]].concat()).0
    }
}

impl Seal {
    /// A seal of a fresh salt.
    pub fn new(covered: Covered) -> Self {
        let mut salt = Zeroizing::new([0; 32]);
        OsRng.fill_bytes(&mut *salt);
        Self::with_salt(covered, salt)
    }

    /// A seal whose salt follows from a secret: the same one again for the same thing.
    pub const fn with_salt(covered: Covered, salt: Zeroizing<[u8; 32]>) -> Self {
        Self { covered, salt }
    }

    /// The salt, which is public once the reservation is shown.
    pub fn salt(&self) -> B256 {
        B256::from(*self.salt)
    }

    /// What is reserved.
    pub fn hash(&self) -> B256 {
        let Covered { chain_id, registry, image_commitment, registrant } = self.covered;
        reservations::seal(chain_id, registry, image_commitment, registrant, self.salt())
    }

    /// That it covers what is asked for.
    ///
    /// # Errors
    /// [`SealError::Other`] with the first thing that differs.
    pub fn check(&self, wanted: &Covered) -> Result<(), SealError> {
        let (own, other) = (self.covered, *wanted);
        let pairs = [
            ("chain", own.chain_id.to_string(), other.chain_id.to_string()),
            ("registry", own.registry.to_string(), other.registry.to_string()),
            ("commitment", own.image_commitment.to_string(), other.image_commitment.to_string()),
            ("registrant", own.registrant.to_string(), other.registrant.to_string()),
        ];
        match pairs.into_iter().find(|(_, expected, got)| expected != got) {
            Some((what, expected, got)) => Err(SealError::Other { what, expected, got }),
            None => Ok(()),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`SealError`]; no secret is in it.
    pub fn read(path: &Path) -> Result<Self, SealError> {
        let (wire, body) = KIND.read::<Wire>(&files::open(path).map_err(EnvelopeError::File)?, path)?;
        if !body.is_empty() {
            return Err(KIND.malformed("something follows its head").into());
        }
        let mut salt = Zeroizing::new([0; 32]);
        let digits = wire.salt.strip_prefix("0x").unwrap_or_default();
        hex::decode_to_slice(digits, &mut *salt)
            .map_err(|_| SealError::Value { field: "salt", expected: "0x and 64 hexadecimal digits" })?;
        let Wire { chain_id, registry, image_commitment, registrant, .. } = wire;
        let read = Self { covered: Covered { chain_id, registry, image_commitment, registrant }, salt };
        if read.hash() != wire.seal {
            return Err(SealError::Value { field: "seal", expected: "the hash of the other fields" });
        }
        Ok(read)
    }

    /// Writes the file for its owner alone, whole or not at all; it is on disk when this returns.
    ///
    /// # Errors
    /// [`SealError::Head`].
    pub fn write(&self, path: &Path, existing: Existing) -> Result<(), SealError> {
        let Covered { chain_id, registry, image_commitment, registrant } = self.covered;
        let wire = Wire {
            warning: WARNING.to_owned(),
            chain_id,
            registry,
            image_commitment,
            registrant,
            seal: self.hash(),
            salt: Zeroizing::new(hex0x(&*self.salt)),
        };
        Ok(KIND.write(path, existing, &wire, &[])?)
    }
}

/// Whether a file begins like one of these.
pub fn is_seal(first_bytes: &[u8]) -> bool {
    KIND.is_begun_by(first_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_is_kept_for_its_owner_and_of_one_thing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.seal");
        let covered = Covered {
            chain_id: 31337,
            registry: Address::repeat_byte(1),
            image_commitment: B256::repeat_byte(2),
            registrant: Address::repeat_byte(3),
        };
        let (seal, other) = (Seal::new(covered), Seal::new(covered));
        assert_ne!(seal.hash(), other.hash(), "the salt is random");
        seal.write(&path, Existing::Keep).unwrap();
        assert_eq!(Seal::read(&path).unwrap(), seal);
        assert!(other.write(&path, Existing::Keep).is_err(), "a seal is not lost to another");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let digits = hex::encode(seal.salt());
        assert!(!format!("{seal:?}").contains(&digits));
        seal.check(&covered).unwrap();
        for wrong in [
            Covered { chain_id: 1, ..covered },
            Covered { registry: Address::ZERO, ..covered },
            Covered { image_commitment: B256::ZERO, ..covered },
            Covered { registrant: Address::ZERO, ..covered },
        ] {
            let error = seal.check(&wrong).unwrap_err();
            assert!(error.kind() == Kind::Mismatch && !error.to_string().contains(&digits), "{error}");
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for changed in [text.replace("31337", "31338"), text.replace(&digits, &"0".repeat(64)), text[..90].to_owned()] {
            std::fs::write(&path, changed).unwrap();
            let error = Seal::read(&path).unwrap_err();
            assert!(error.kind() == Kind::FileDamaged && !error.to_string().contains(&digits), "{error}");
        }
    }
}
