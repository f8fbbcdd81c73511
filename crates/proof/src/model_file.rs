//! Model files: the owner's, which is the integer model with its salts, and the public one, which is what checkers need.
//!
//! The owner's file (`*.model`) is secret unless the model is open: its head has the seed of the salts and counts the proofs made, its body
//! is the model's canonical bytes. The public file (`*.pub`) has the architecture as its body and the weights'
//! commitments in its head: enough to compute the verifying key and the `modelHash`, and nothing of the weights.
//!
//! What the caller must believe: a copy of an owner's file counts for itself.
use halo2_proofs::halo2curves::bn256::G1Affine;
use rand_core::{OsRng, RngCore};
use serde::{Deserialize, Serialize};
use std::{fmt, fs::File, path::Path};
use veilmark_circuits::{
    chips::products::WEIGHT_COLUMNS,
    column::Salts,
    commitment::{self, Commitment, DoesNotFit},
    committed,
    relation::WeightColumns,
    statement::{
        claim::{Header, MODEL},
        model::{Architecture, CodecError, Model},
    },
    transcript::{POINT, point_from_words, point_to_words},
};
use veilmark_files::envelope::{Envelope, EnvelopeError};
use veilmark_files::{self as files, Access, Classified, Existing, Kind, hex0x};
use veilmark_srs::{Srs, SrsId};
use zeroize::Zeroizing;

/// Proofs that a model's salts hide, unless its owner asks for another number.
pub const DEFAULT_PROOFS: u32 = 1000;
/// The most proofs that a model's salts can be asked to hide.
pub const MAX_PROOFS: u32 = 1_000_000;

const OWNER: Envelope = Envelope { format: "veilmark model", version: 1, max_bytes: 1 << 29, access: Access::Owner };
const PUBLIC: Envelope =
    Envelope { format: "veilmark public model", version: 1, max_bytes: 1 << 27, access: Access::Umask };

const WARNING: &str = "secret unless the model is open: keep this file to yourself, and do not copy it";

/// A model file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelFileError {
    /// The file is not of its kind, or cannot be read or written.
    #[error(transparent)]
    Head(#[from] EnvelopeError),
    /// The body is no model.
    #[error(transparent)]
    Model(#[from] CodecError),
    /// A field of the head is not what it must be.
    #[error("the model file's `{field}` is not {expected}")]
    Value {
        /// The field.
        field: &'static str,
        /// What belongs there.
        expected: &'static str,
    },
    /// The setup is not the one the model was committed under.
    #[error("the model is committed under setup {expected}, got {got}")]
    OtherSetup {
        /// The model's setup and its `k`.
        expected: String,
        /// The other one's.
        got: String,
    },
    /// The commitment recomputed is another one.
    #[error("weights and salts do not open modelHash {expected}, but {got}")]
    OtherCommitment {
        /// The file's.
        expected: String,
        /// The one recomputed.
        got: String,
    },
    /// The weights do not fit the domain.
    #[error(transparent)]
    DoesNotFit(#[from] DoesNotFit),
    /// The salts have hidden as many proofs as they can.
    #[error("{made} proofs were made with this model, the most that its salts hide ({most})")]
    UsedUp {
        /// Proofs counted.
        made: u32,
        /// Proofs there can be.
        most: u32,
    },
}

impl Classified for ModelFileError {
    fn kind(&self) -> Kind {
        match self {
            Self::Head(error) => error.kind(),
            Self::Model(_) | Self::Value { .. } => Kind::FileDamaged,
            Self::DoesNotFit(_) => Kind::Unsupported,
            Self::OtherSetup { .. } | Self::OtherCommitment { .. } => Kind::Mismatch,
            Self::UsedUp { .. } => Kind::ProofsUsedUp,
        }
    }
}

/// What an owner has.
#[derive(Clone)]
pub struct ModelFile {
    /// The model.
    pub model: Model,
    /// The trusted setup of the commitment.
    pub srs_id: SrsId,
    /// The domain of the commitment has `2^k` rows.
    pub k: u32,
    /// The commitment's digest.
    pub model_hash: [u8; 32],
    /// Proofs counted.
    pub proofs_made: u32,
    /// The name of the file that the model was imported from, for people.
    pub source: String,
    /// Rows of salts; none for an open model.
    salt_rows: u32,
    seed: Zeroizing<[u8; 32]>,
}

/// Weights and salts stay out of logs.
impl fmt::Debug for ModelFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelFile").field("model_hash", &hex0x(&self.model_hash)).finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnerHead {
    warning: String,
    source: String,
    srs_id: String,
    k: u32,
    model_hash: String,
    salt_rows: u32,
    proofs_made: u32,
    seed: Zeroizing<String>,
}

fn word(field: &'static str, text: &str) -> Result<[u8; 32], ModelFileError> {
    let bytes = text.strip_prefix("0x").and_then(|digits| hex::decode(digits).ok());
    let word = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()).filter(|word| hex0x(word) == text);
    word.ok_or(ModelFileError::Value { field, expected: "0x and 64 lower-case hexadecimal digits" })
}

fn srs_id(text: &str) -> Result<SrsId, ModelFileError> {
    text.parse().map_err(|_| ModelFileError::Value { field: "srs_id", expected: "a setup's id" })
}

/// The words of a model's commitment.
fn header(srs_id: SrsId, k: u32, architecture: &Architecture) -> Header {
    Header { srs_id: srs_id.0, k, architecture: architecture.hash(), ..Header::default() }
}

impl ModelFile {
    /// Commits to a model: with fresh salts for so many proofs, or without any.
    ///
    /// # Errors
    /// [`ModelFileError::DoesNotFit`] where the setup's domain is too small.
    pub fn new(model: Model, srs: &Srs, proofs: Option<u32>, source: &str) -> Result<Self, ModelFileError> {
        let mut seed = Zeroizing::new([0; 32]);
        if proofs.is_some() {
            OsRng.fill_bytes(&mut *seed);
        }
        let salt_rows = proofs.map_or(0, Self::salt_rows_for);
        let (srs_id, k) = (srs.id(), srs.k());
        let mut file =
            Self { model, srs_id, k, model_hash: [0; 32], proofs_made: 0, source: source.to_owned(), salt_rows, seed };
        let (commitment, _) = file.commit(srs)?;
        file.model_hash = commitment.digest();
        Ok(file)
    }

    /// Rows of salts for so many proofs.
    pub fn salt_rows_for(proofs: u32) -> u32 {
        u32::try_from(commitment::salt_rows(proofs as usize)).unwrap_or(u32::MAX)
    }

    /// Whether weights are hidden.
    pub fn is_hiding(&self) -> bool {
        self.salt_rows > 0
    }

    /// Rows of salts below the weights.
    pub fn salt_rows(&self) -> usize {
        self.salt_rows as usize
    }

    /// Proofs that may still be made; `None` for an open model.
    pub fn remaining(&self) -> Option<u32> {
        self.is_hiding().then(|| self.most().saturating_sub(self.proofs_made))
    }

    fn most(&self) -> u32 {
        u32::try_from(commitment::max_proofs(self.salt_rows())).unwrap_or(u32::MAX)
    }

    fn commit(&self, srs: &Srs) -> Result<(Commitment, WeightColumns), ModelFileError> {
        let (rows, k) = (self.salt_rows(), srs.k());
        if rows > 1 << k {
            // before they are made: a file may ask for as many as it likes
            return Err(DoesNotFit { rows, k }.into());
        }
        let columns = committed::weights(&self.model, &Salts::expand(&self.seed, self.salt_rows()));
        let header = header(srs.id(), srs.k(), self.model.architecture());
        let commitment = Commitment::new(&srs.setup(), &MODEL, &header, &columns)?;
        Ok((commitment, WeightColumns::new(columns)))
    }

    /// The commitment, and the committed columns: recomputed, and compared with the file's.
    ///
    /// # Errors
    /// [`ModelFileError::OtherSetup`] under another setup, [`ModelFileError::OtherCommitment`] where they differ.
    pub fn open(&self, srs: &Srs) -> Result<(Commitment, WeightColumns), ModelFileError> {
        if (srs.id(), srs.k()) != (self.srs_id, self.k) {
            let name = |id: SrsId, k: u32| format!("{id}, k = {k}");
            return Err(ModelFileError::OtherSetup {
                expected: name(self.srs_id, self.k),
                got: name(srs.id(), srs.k()),
            });
        }
        let (commitment, columns) = self.commit(srs)?;
        if commitment.digest() != self.model_hash {
            let (expected, got) = (hex0x(&self.model_hash), hex0x(&commitment.digest()));
            return Err(ModelFileError::OtherCommitment { expected, got });
        }
        Ok((commitment, columns))
    }

    /// Reads a file. It may be spent by another process at once; see [`ModelFile::spend`].
    ///
    /// # Errors
    /// [`ModelFileError`]; no secret is in it.
    pub fn read(path: &Path) -> Result<Self, ModelFileError> {
        Self::read_from(&files::open(path).map_err(EnvelopeError::File)?, path)
    }

    fn read_from(file: &File, path: &Path) -> Result<Self, ModelFileError> {
        let (head, body) = OWNER.read::<OwnerHead>(file, path)?;
        let model = Model::from_bytes(&body)?;
        let bounded = head.salt_rows <= Self::salt_rows_for(MAX_PROOFS);
        if !bounded {
            return Err(ModelFileError::Value {
                field: "salt_rows",
                expected: "the salts of at most 1,000,000 proofs",
            });
        }
        Ok(Self {
            model,
            srs_id: srs_id(&head.srs_id)?,
            k: head.k,
            model_hash: word("model_hash", &head.model_hash)?,
            proofs_made: head.proofs_made,
            source: head.source,
            salt_rows: head.salt_rows,
            seed: Zeroizing::new(word("seed", &head.seed)?),
        })
    }

    /// Writes the file for its owner alone, whole or not at all.
    ///
    /// # Errors
    /// [`ModelFileError::Head`].
    pub fn write(&self, path: &Path, existing: Existing) -> Result<(), ModelFileError> {
        let head = OwnerHead {
            warning: WARNING.into(),
            source: self.source.clone(),
            srs_id: self.srs_id.word(),
            k: self.k,
            model_hash: hex0x(&self.model_hash),
            salt_rows: self.salt_rows,
            proofs_made: self.proofs_made,
            seed: Zeroizing::new(hex0x(&*self.seed)),
        };
        Ok(OWNER.write(path, existing, &head, &Zeroizing::new(self.model.to_bytes()))?)
    }

    /// Counts one proof, before it is made, and returns the model to make it with.
    ///
    /// # Errors
    /// [`ModelFileError::UsedUp`] where the budget is spent; nothing is counted then.
    pub fn spend(path: &Path) -> Result<Self, ModelFileError> {
        let count = |file: &File| {
            let mut owned = Self::read_from(file, path)?;
            if owned.remaining() == Some(0) {
                return Err(ModelFileError::UsedUp { made: owned.proofs_made, most: owned.most() });
            }
            owned.proofs_made = owned.proofs_made.saturating_add(1);
            Ok(owned)
        };
        OWNER.update(path, count, |owned: &Self| owned.write(path, Existing::Replace))
    }
}

/// What checkers need of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicModel {
    /// The architecture.
    pub architecture: Architecture,
    /// The trusted setup of the commitment.
    pub srs_id: SrsId,
    /// The commitment of the weights.
    pub commitment: Commitment,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PublicHead {
    srs_id: String,
    k: u32,
    model_hash: String,
    weights: Vec<String>,
}

impl PublicModel {
    /// The public part of an owner's model.
    ///
    /// # Errors
    /// As [`ModelFile::open`].
    pub fn of(owned: &ModelFile, srs: &Srs) -> Result<Self, ModelFileError> {
        let (commitment, _) = owned.open(srs)?;
        Ok(Self { architecture: owned.model.architecture().clone(), srs_id: owned.srs_id, commitment })
    }

    /// Reads a file: architecture and commitments fit the `modelHash` that it names.
    ///
    /// # Errors
    /// [`ModelFileError`].
    pub fn read(path: &Path) -> Result<Self, ModelFileError> {
        let file = files::open(path).map_err(EnvelopeError::File)?;
        let (head, body) = PUBLIC.read::<PublicHead>(&file, path)?;
        let architecture = Architecture::from_bytes(&body)?;
        let wrong = || ModelFileError::Value { field: "weights", expected: "eight points of the curve" };
        let point = |text: &String| -> Option<G1Affine> {
            let bytes = hex::decode(text.strip_prefix("0x")?).ok().filter(|bytes| hex0x(bytes) == *text)?;
            point_from_words(&<[u8; POINT]>::try_from(bytes).ok()?)
        };
        let points: Option<Vec<G1Affine>> = head.weights.iter().map(point).collect();
        let points = points.filter(|points| points.len() == WEIGHT_COLUMNS).ok_or_else(wrong)?;
        let srs_id = srs_id(&head.srs_id)?;
        let commitment = Commitment::of_points(&MODEL, &header(srs_id, head.k, &architecture), points);
        let (expected, got) = (head.model_hash, hex0x(&commitment.digest()));
        if expected != got {
            return Err(ModelFileError::OtherCommitment { expected, got });
        }
        Ok(Self { architecture, srs_id, commitment })
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// [`ModelFileError::Head`].
    pub fn write(&self, path: &Path, existing: Existing) -> Result<(), ModelFileError> {
        let point = |point: &G1Affine| hex0x(&point_to_words(*point).unwrap_or([0; POINT]));
        let head = PublicHead {
            srs_id: self.srs_id.word(),
            k: self.commitment.k(),
            model_hash: hex0x(&self.commitment.digest()),
            weights: self.commitment.points().iter().map(point).collect(),
        };
        Ok(PUBLIC.write(path, existing, &head, &self.architecture.to_bytes())?)
    }
}

/// Which of the two kinds of model files these first bytes begin, if any: whether it is the owner's.
pub fn is_owners(first_bytes: &[u8]) -> Option<bool> {
    let kinds = [(OWNER, true), (PUBLIC, false)];
    kinds.into_iter().find_map(|(kind, owners)| kind.is_begun_by(first_bytes).then_some(owners))
}
