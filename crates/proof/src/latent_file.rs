//! The latent file: what a picture was made from, the salts' seed, and the count of the proofs made from it.
//!
//! Secret: whoever has it and the model makes the picture again. It says which architecture the latent is for, and
//! holds the entries, not the prompt.
//!
//! A latent whose seed follows from a master secret can be made again; it is marked then, as openings are, and proves nothing.
//!
//! What the caller must believe: a copy of the file counts for itself.
use rand_core::{OsRng, RngCore};
use serde::{Deserialize, Serialize};
use sha3::{Digest, Keccak256};
use std::{fmt, fs::File, path::Path};
use veilmark_circuits::{
    column::{SALT_ROWS, Salts},
    commitment::MAX_PROOFS,
    statement::model::{Architecture, MAX_LATENT},
};
use veilmark_files::envelope::{Envelope, EnvelopeError};
use veilmark_files::{self as files, Access, Classified, Existing, Kind, hex0x};
use zeroize::{Zeroize, Zeroizing};

const KIND: Envelope =
    Envelope { format: "veilmark latent", version: 1, max_bytes: (1 << 16) + MAX_LATENT as u64, access: Access::Owner };

const WARNING: &str = "secret: keep this file to yourself, and do not copy it";

/// A latent file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LatentError {
    /// The file is not of its kind, or cannot be read or written.
    #[error(transparent)]
    Head(#[from] EnvelopeError),
    /// The latent is for another model.
    #[error("the latent is for a model of architecture {expected}, this one's is {got}")]
    OtherModel {
        /// The latent's.
        expected: String,
        /// The model's.
        got: String,
    },
    /// The salts have hidden as many proofs as they can.
    #[error("{made} proofs were made from this latent, the most that its salts hide ({MAX_PROOFS})")]
    UsedUp {
        /// Proofs counted.
        made: u32,
    },
    /// It was made again, and how many proofs its salts hide already is not known.
    #[error(
        "the latent was made again after it was lost, and nobody knows how many proofs its salts hide already: it proves nothing"
    )]
    MadeAgain,
}

impl Classified for LatentError {
    fn kind(&self) -> Kind {
        match self {
            Self::Head(error) => error.kind(),
            Self::OtherModel { .. } => Kind::Mismatch,
            Self::UsedUp { .. } | Self::MadeAgain => Kind::ProofsUsedUp,
        }
    }
}

/// A latent and its salts.
#[derive(Clone)]
pub struct LatentFile {
    /// The hash of the architecture that it is for.
    pub architecture: [u8; 32],
    /// Proofs counted.
    pub proofs_made: u32,
    /// Whether it was made again after it was lost, and proves nothing.
    pub made_again: bool,
    entries: Zeroizing<Vec<i8>>,
    seed: Zeroizing<[u8; 32]>,
}

/// Entries and salts stay out of logs.
impl fmt::Debug for LatentFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LatentFile").field("architecture", &hex0x(&self.architecture)).finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    warning: String,
    architecture: String,
    proofs_made: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    made_again: bool,
    seed: Zeroizing<String>,
}

/// A digest of a latent for its architecture, to tell one from another.
pub fn latent_digest(architecture: &Architecture, entries: &[i8]) -> [u8; 32] {
    let mut hash = Keccak256::new();
    hash.update(architecture.hash());
    entries.iter().for_each(|entry| hash.update(entry.to_be_bytes()));
    hash.finalize().into()
}

impl LatentFile {
    /// A latent with fresh salts.
    pub fn new(architecture: &Architecture, entries: Vec<i8>) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        OsRng.fill_bytes(&mut *seed);
        Self::with_seed(architecture, entries, seed)
    }

    /// A latent whose salts follow from a seed that no other file has.
    pub fn with_seed(architecture: &Architecture, entries: Vec<i8>, seed: Zeroizing<[u8; 32]>) -> Self {
        let entries = Zeroizing::new(entries);
        Self { architecture: architecture.hash(), proofs_made: 0, made_again: false, entries, seed }
    }

    /// The entries.
    pub fn entries(&self) -> &[i8] {
        &self.entries
    }

    /// The salts.
    pub fn salts(&self) -> Salts<1> {
        Salts::expand(&self.seed, SALT_ROWS)
    }

    /// Proofs that may still be made.
    pub fn remaining(&self) -> u32 {
        if self.made_again { 0 } else { MAX_PROOFS.saturating_sub(self.proofs_made) }
    }

    /// That another proof may be made.
    ///
    /// # Errors
    /// [`LatentError::UsedUp`] or [`LatentError::MadeAgain`].
    pub fn require_proofs_left(&self) -> Result<(), LatentError> {
        match self.remaining() {
            0 if self.made_again => Err(LatentError::MadeAgain),
            0 => Err(LatentError::UsedUp { made: self.proofs_made }),
            _ => Ok(()),
        }
    }

    /// Whether the latent is for a model of this architecture.
    ///
    /// # Errors
    /// [`LatentError::OtherModel`].
    pub fn check_model(&self, architecture: &Architecture) -> Result<(), LatentError> {
        let (expected, got) = (hex0x(&self.architecture), hex0x(&architecture.hash()));
        if expected == got { Ok(()) } else { Err(LatentError::OtherModel { expected, got }) }
    }

    /// Reads a file. It may be spent by another process at once; see [`LatentFile::spend`].
    ///
    /// # Errors
    /// [`LatentError`]; no secret is in it.
    pub fn read(path: &Path) -> Result<Self, LatentError> {
        Self::read_from(&files::open(path).map_err(EnvelopeError::File)?, path)
    }

    fn read_from(file: &File, path: &Path) -> Result<Self, LatentError> {
        let bytes = Zeroizing::new(files::read_opened(file, path, KIND.max_bytes).map_err(EnvelopeError::File)?);
        Self::parse(&bytes)
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// [`LatentError`]; no secret is in it.
    pub fn parse(bytes: &[u8]) -> Result<Self, LatentError> {
        let (wire, body) = KIND.parse::<Wire>(bytes)?;
        let word = |field: &str, text: &str| -> Result<[u8; 32], LatentError> {
            let bytes = text.strip_prefix("0x").and_then(|digits| hex::decode(digits).ok()).map(Zeroizing::new);
            let word = bytes.and_then(|bytes| <[u8; 32]>::try_from(&bytes[..]).ok());
            Ok(word.ok_or_else(|| KIND.malformed(format!("its `{field}` is no word")))?)
        };
        Ok(Self {
            architecture: word("architecture", &wire.architecture)?,
            proofs_made: wire.proofs_made,
            made_again: wire.made_again,
            entries: Zeroizing::new(body.iter().map(|&byte| byte.cast_signed()).collect()),
            seed: Zeroizing::new(word("seed", &wire.seed)?),
        })
    }

    /// Writes the file for its owner alone, whole or not at all.
    ///
    /// # Errors
    /// [`LatentError::Head`].
    pub fn write(&self, path: &Path, existing: Existing) -> Result<(), LatentError> {
        let wire = Wire {
            warning: WARNING.into(),
            architecture: hex0x(&self.architecture),
            proofs_made: self.proofs_made,
            made_again: self.made_again,
            seed: Zeroizing::new(hex0x(&*self.seed)),
        };
        let mut body: Vec<u8> = self.entries.iter().map(|entry| entry.cast_unsigned()).collect();
        let written = KIND.write(path, existing, &wire, &body);
        body.zeroize();
        Ok(written?)
    }

    /// Counts one proof, before it is made, and returns the latent to make it from.
    ///
    /// # Errors
    /// [`LatentError::UsedUp`] where the budget is spent; nothing is counted then.
    pub fn spend(path: &Path) -> Result<Self, LatentError> {
        let count = |file: &File| {
            let mut latent = Self::read_from(file, path)?;
            latent.require_proofs_left()?;
            latent.proofs_made += 1;
            Ok(latent)
        };
        KIND.update(path, count, |latent: &Self| latent.write(path, Existing::Replace))
    }
}

/// Whether a file that begins with these bytes is a latent file.
pub fn is_latent(first_bytes: &[u8]) -> bool {
    KIND.is_begun_by(first_bytes)
}
