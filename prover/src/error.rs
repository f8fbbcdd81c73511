//! Why a use case ended without its result.

use std::path::PathBuf;
use veilmark_files::{Classified, FileError, Kind, envelope::EnvelopeError};
use veilmark_proof::{
    bundle::BundleError, keys::KeyError, latent_file::LatentError, model_file::ModelFileError, opening::OpeningError,
    proof::ProofError,
};
use veilmark_srs::{SrsError, SrsId};
use veilmark_statement::{claim::Claim, pdq::MIN_QUALITY, raster::RasterError};

/// A secret that counts its proofs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// A latent's.
    Latent,
    /// A model's.
    Model,
}

/// A use case ended without its result. Where a file was written before, that is said.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A picture is refused.
    #[error(transparent)]
    Picture(#[from] veilmark_decode::DecodeError),
    /// The picture's size has no circuit.
    #[error(transparent)]
    Raster(#[from] RasterError),
    /// An opening cannot be used.
    #[error("{}: {source}", path.display())]
    Opening {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: OpeningError,
    },
    /// A model's file cannot be used.
    #[error("{}: {source}", path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: ModelFileError,
    },
    /// A latent cannot be used.
    #[error("{}: {source}", path.display())]
    Latent {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: LatentError,
    },
    /// A committed fingerprint's file cannot be used.
    #[error("{}: {source}", path.display())]
    FingerprintFile {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: EnvelopeError,
    },
    /// A disclosure cannot be used.
    #[error("{}: {source}", path.display())]
    Disclosure {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: EnvelopeError,
    },
    /// What is to show a picture is about another commitment.
    #[error("the {what} is of commitment {got}, and not of {expected}")]
    OtherCommitment {
        /// What it is.
        what: &'static str,
        /// The commitment asked about.
        expected: String,
        /// The one that it is of.
        got: String,
    },
    /// A disclosure of a prompt where one of a picture is wanted, or the other way round.
    #[error("the disclosure is of a {got}, and not of a {expected}")]
    DisclosureOf {
        /// What is asked about.
        expected: &'static str,
        /// What it is of.
        got: &'static str,
    },
    /// A commitment without salts has nothing to disclose.
    #[error("{}: the opening holds no salts: whoever has the picture can make the commitment again", path.display())]
    NothingHidden {
        /// The opening.
        path: PathBuf,
    },
    /// A bundle cannot be used.
    #[error("{}: {source}", path.display())]
    Bundle {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: BundleError,
    },
    /// A master secret, or what belongs to it, cannot be used.
    #[cfg(feature = "prove")]
    #[error(transparent)]
    Secret(#[from] veilmark_secrets::SecretError),
    /// Nothing of the picture was committed to, as far as the machine remembers.
    #[error("nothing was made of this under the master secret, as far as this machine remembers")]
    NothingTaken,
    /// Several things were made, and which is meant is not said.
    #[error("{count} were made of this under the master secret")]
    SeveralTaken {
        /// How many.
        count: usize,
    },
    /// No number gives what was asked for.
    #[error("{commitment} does not follow from this master secret and this picture: {tried} numbers were tried")]
    NotOfThisSecret {
        /// What was looked for.
        commitment: String,
        /// Numbers tried.
        tried: usize,
    },
    /// There is no setup, or none that can be used.
    #[error(transparent)]
    Setup(#[from] SrsError),
    /// There is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The proof was not made, or does not hold.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The claim needs files that were not named.
    #[error("the {} claim needs {what}", claim.name())]
    Needs {
        /// The claim.
        claim: Claim,
        /// What it needs.
        what: &'static str,
    },
    /// The claim has no place for something that was named.
    #[error("the {} claim has no {what}", claim.name())]
    HasNo {
        /// The claim.
        claim: Claim,
        /// What it has not.
        what: &'static str,
    },
    /// Bundle and fingerprint would go to one file.
    #[error("bundle and fingerprint cannot go to the same file")]
    OneOutput,
    /// An output is an input.
    #[error("the output {} is the same file as the input {}", output.display(), input.display())]
    OutputIsInput {
        /// The output.
        output: PathBuf,
        /// The input.
        input: PathBuf,
    },
    /// An output would destroy something that cannot be made again.
    #[error("{} is {what}", path.display())]
    Precious {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// The picture is so plain that its fingerprint matches too many others.
    #[error("the picture's quality is {quality}, at least {MIN_QUALITY} is needed")]
    Quality {
        /// The quality.
        quality: u8,
    },
    /// An opening without salts is to hide a fingerprint.
    #[error(
        "{}: the opening holds no salts: whoever guesses the picture can confirm it, and has its fingerprint",
        path.display()
    )]
    Unsalted {
        /// The opening.
        path: PathBuf,
    },
    /// Picture and model are committed under other setups or sizes.
    #[error(
        "{}: the picture is committed under {} at k = {}, the model under {} at k = {}",
        path.display(), picture.0, picture.1, model.0, model.1
    )]
    OtherDomain {
        /// The opening.
        path: PathBuf,
        /// Setup and `k` of the picture.
        picture: (SrsId, u32),
        /// Setup and `k` of the model.
        model: (SrsId, u32),
    },
    /// A latent or a model has no proofs left.
    #[error("{} has no proofs left that its salts would hide", match budget { Budget::Latent => "the latent", Budget::Model => "the model" })]
    UsedUp {
        /// Whose budget.
        budget: Budget,
    },
    /// A column does not fit its domain.
    #[error("{0}")]
    DoesNotFit(String),
    /// A file became another one while it was used.
    #[error("{} became another file meanwhile", path.display())]
    ChangedMeanwhile {
        /// The file.
        path: PathBuf,
    },
    /// The proof is about another model than the file.
    #[error("the proof is about model {expected}, {} is model {got}", path.display())]
    OtherModel {
        /// The file.
        path: PathBuf,
        /// The bundle's `modelHash`.
        expected: String,
        /// The file's.
        got: String,
    },
    /// The model makes pictures of another size, or has another architecture than the bundle says.
    #[error("the model makes pictures of another size")]
    OtherArchitecture,
    /// A bundle's claim has a model and the bundle names none.
    #[error("the bundle names no model")]
    NoModelNamed,
    /// The rows asked for are too few.
    #[error("a {width}x{height} picture needs k = {needed} for this claim, got k = {k}")]
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
    /// The model fixes the number of rows.
    #[error("the model is committed at k = {needed}, got k = {k}: a proof needs both at one k")]
    ModelRows {
        /// The model's `k`.
        needed: u32,
        /// The `k` asked for.
        k: u32,
    },
    /// More memory than there is or than was allowed.
    #[error("2^{k} rows take about {needed} bytes of memory, {}", match limit {
        Limit::Machine(total) => format!("and this machine has {total}"),
        Limit::Allowed(most) => format!("more than the {most} allowed"),
    })]
    Memory {
        /// Rows as a power of two.
        k: u32,
        /// Bytes needed.
        needed: u64,
        /// Bytes there are.
        limit: Limit,
    },
    /// The caller stopped the work before a proof was counted.
    #[error("stopped; no proof was counted")]
    Cancelled,
}

/// What bounds the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The machine has so many bytes.
    Machine(u64),
    /// The caller allows so many bytes.
    Allowed(u64),
}

impl Classified for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::File(error) => error.kind(),
            Self::Picture(error) => Classified::kind(error),
            Self::Opening { source, .. } => source.kind(),
            Self::Model { source, .. } => source.kind(),
            Self::Latent { source, .. } => source.kind(),
            Self::FingerprintFile { source, .. } | Self::Disclosure { source, .. } => source.kind(),
            Self::Bundle { source, .. } => source.kind(),
            #[cfg(feature = "prove")]
            Self::Secret(error) => error.kind(),
            Self::NothingTaken | Self::SeveralTaken { .. } => Kind::Usage,
            Self::NotOfThisSecret { .. } => Kind::Mismatch,
            Self::Setup(error) => error.kind(),
            Self::Key(error) => error.kind(),
            Self::Proof(error) => error.kind(),
            Self::Needs { .. }
            | Self::HasNo { .. }
            | Self::OneOutput
            | Self::OutputIsInput { .. }
            | Self::Precious { .. }
            | Self::Unsalted { .. }
            | Self::NothingHidden { .. }
            | Self::TooFewRows { .. }
            | Self::ModelRows { .. } => Kind::Usage,
            Self::Raster(_) | Self::Quality { .. } | Self::DoesNotFit(_) => Kind::Unsupported,
            Self::OtherDomain { .. }
            | Self::OtherModel { .. }
            | Self::OtherArchitecture
            | Self::OtherCommitment { .. }
            | Self::DisclosureOf { .. } => Kind::Mismatch,
            Self::UsedUp { .. } => Kind::ProofsUsedUp,
            Self::ChangedMeanwhile { .. } => Kind::ChangedMeanwhile,
            Self::NoModelNamed => Kind::ProofInvalid,
            Self::Memory { .. } => Kind::MemoryShort,
            Self::Cancelled => Kind::Cancelled,
        }
    }
}
