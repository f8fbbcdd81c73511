//! How a command ends when the answer is not yes: the one place of exit codes, and for each error what to do
//! about it.

use crate::import_hint;
use std::fmt::Write as _;
pub(crate) use veilmark::files::Kind;
use veilmark::{
    bundle::BundleError,
    chain::{
        ChainError, authorization::AuthorizationError, deployment::ManifestError, keystore::KeystoreError,
        seal::SealError,
    },
    decode::{self, DecodeError},
    files::{Classified, FileError, envelope::EnvelopeError},
    import::ImportError,
    keys::KeyError,
    latent_file::LatentError,
    model_file::ModelFileError,
    opening::OpeningError,
    proof::ProofError,
    registrar::RegistrarError,
    srs::{FileProblem, ImportProblem, SrsError},
};
use veilmark_circuits::{
    relation::{Falsehood, ShapeError},
    statement::raster::RasterError,
};
use veilmark_contract_bindings::{
    ContractError,
    interfaces::{
        IClaimRouter::IClaimRouterErrors as Router, IContentRegistry::IContentRegistryErrors as Content,
        IInherited::IInheritedErrors as Inherited, IModelRegistry::IModelRegistryErrors as Models,
    },
};

/// The exit code of a kind of failure; `veilmark --help` has them in words.
pub(crate) fn exit_code(kind: Kind) -> u8 {
    match kind {
        Kind::ProofInvalid | Kind::ClaimFalse => 1,
        Kind::Usage | Kind::AlreadyDone | Kind::ProofsUsedUp | Kind::Expired | Kind::NotAllowed => 2,
        Kind::Mismatch | Kind::ChangedMeanwhile | Kind::WrongChain => 3,
        Kind::NotRegistered | Kind::Revoked | Kind::NotReserved | Kind::UnknownKey => 4,
        Kind::UntrustedSetup | Kind::BadSetup | Kind::UntrustedDeployment | Kind::ClaimStopped => 5,
        Kind::WrongFile | Kind::FileDamaged | Kind::Unsupported => 6,
        Kind::FileMissing
        | Kind::FileExists
        | Kind::FileDenied
        | Kind::DiskFull
        | Kind::FileIo
        | Kind::SetupMissing => 7,
        Kind::NodeUnreachable
        | Kind::NodeRefused
        | Kind::NodeUntrustworthy
        | Kind::TransactionPending
        | Kind::ContractRefused
        | Kind::OutOfFunds
        | Kind::FeeTooHigh
        | Kind::ChainDamaged => 8,
        Kind::MemoryShort | Kind::Unhealthy => 9,
        Kind::Cancelled => 130,
        // a kind that is not known here is one that this program forgot
        _ => 70,
    }
}

/// Why the answer is not yes, and what to do.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: hint.into() }
    }

    /// A library's error, with what to do about it.
    fn of<E: Classified + std::error::Error>(error: &E, hint: impl Into<String>) -> Self {
        Self::new(error.kind(), message_of(error), hint)
    }

    /// What clap says, in our form.
    pub(crate) fn of_usage(error: &clap::Error) -> Self {
        let text = error.render().to_string();
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let about_usage = |line: &&str| !line.starts_with("Usage:") && !line.starts_with("For more information");
        let message: Vec<_> = lines.by_ref().take_while(about_usage).collect();
        let message = message.join(" ");
        let message = message.strip_prefix("error: ").unwrap_or(&message);
        Self::new(Kind::Usage, message, "veilmark --help lists commands, veilmark COMMAND --help their options")
    }

    /// Says what a file is that was taken for another kind, where its beginning says so.
    pub(crate) fn recognise(mut self, path: &std::path::Path) -> Self {
        if matches!(self.kind, Kind::WrongFile | Kind::Unsupported | Kind::BadSetup | Kind::FileDamaged)
            && let Some(what) = veilmark::recognise(path)
        {
            self.hint = format!("that is {what}; {}", self.hint);
        }
        self
    }

    /// Names the file that the failure is about.
    pub(crate) fn at(mut self, path: &std::path::Path) -> Self {
        let name = path.display().to_string();
        if !self.message.contains(&name) {
            self.message = format!("{name}: {}", self.message);
        }
        self
    }
}

/// An error's words, and those of its causes.
fn message_of(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        // many errors end with their cause already
        if !message.contains(&text) {
            let _ = write!(message, ": {text}");
        }
        source = cause.source();
    }
    message
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        let hint = match &error {
            FileError::Exists { .. } => "choose another name, or replace it with --force",
            FileError::NotAFile { .. } => "name a regular file",
            FileError::TooLong { .. } => "name a file of the right kind; veilmark inspect FILE says what one is",
            FileError::Io { source, .. } => match source.kind() {
                std::io::ErrorKind::NotFound => "check the path",
                std::io::ErrorKind::PermissionDenied => "check who may read and write there",
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::FileTooLarge => {
                    "make room, or name a file on another disk; no half-written file was left"
                }
                _ => "check the path and the disk",
            },
        };
        Self::of(&error, hint)
    }
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        let hint = match &error {
            DecodeError::Refused { problem: decode::Problem::Transparent, .. } => {
                "--background RRGGBB says which colour is behind it; or remove the alpha channel"
            }
            _ => error.hint(),
        };
        Self::of(&error, hint)
    }
}

/// What is wrong with files that might have been the setup.
fn passed_over(unusable: &[String]) -> String {
    if unusable.is_empty() { String::new() } else { format!("; passed over: {}", unusable.join("; ")) }
}

fn delete(unusable: &[String]) -> &'static str {
    if unusable.is_empty() { "" } else { "; delete what is damaged" }
}

impl From<SrsError> for Failure {
    fn from(error: SrsError) -> Self {
        let make = |k: &u32| format!("veilmark srs dev --k {k} makes an unsafe one, for development");
        let kind = error.kind();
        let (message, hint) = match &error {
            SrsError::Missing { k, dir, unusable } => (
                format!("no trusted setup for k = {k} in {}{}", dir.display(), passed_over(unusable)),
                format!(
                    "veilmark srs ceremonies --k {k} names a ceremony's file, veilmark srs import FILE takes it; {}{}",
                    make(k),
                    delete(unusable)
                ),
            ),
            SrsError::MissingId { id, k, dir, unusable } => (
                format!("trusted setup {id} for k = {k} is not in {}{}", dir.display(), passed_over(unusable)),
                if id.is_unsafe() { make(k) } else { "import it: veilmark srs import FILE".into() } + delete(unusable),
            ),
            SrsError::TooSmall { wanted, have } => (
                format!("a trusted setup of k = {have} does not serve k = {wanted}"),
                format!("name a smaller k, or take a larger file of the same ceremony; {}", make(wanted)),
            ),
            SrsError::File { problem: FileProblem::Magic { .. }, .. } => {
                (error.to_string(), "veilmark srs import FILE checks and takes a ceremony's file".into())
            }
            SrsError::NoHome => ("no home folder to keep files in".into(), "set VEILMARK_HOME to a folder".into()),
            SrsError::Exists { .. } => (error.to_string(), "choose another name, or replace it with --force".into()),
            SrsError::File { .. } | SrsError::Powers | SrsError::Lagrange => (
                error.to_string(),
                "do not use it; make it again (veilmark srs dev --k K --force) or fetch it again".into(),
            ),
            SrsError::Import { problem: ImportProblem::UnknownCeremony { .. }, .. } => {
                (error.to_string(), "--trust-id ID takes it, if you know its id from a source you trust".into())
            }
            SrsError::Import { path, problem: ImportProblem::Unrecognised { .. } } => {
                let what = veilmark::recognise(path).map_or_else(String::new, |what| format!("that is {what}; "));
                (
                    error.to_string(),
                    format!("{what}fetch the ceremony's file, .ptau or halo2 raw: veilmark srs ceremonies names them"),
                )
            }
            SrsError::Import { problem: ImportProblem::Own, .. } => {
                (error.to_string(), "copy it to where veilmark doctor lists setups, after veilmark srs verify".into())
            }
            SrsError::Import { .. } => (error.to_string(), "fetch the ceremony's file again".into()),
            SrsError::Memory { .. } => (error.to_string(), "close other programs, or take a smaller k".into()),
            _ => (error.to_string(), "check the path and the disk".into()),
        };
        Self::new(kind, message, hint)
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let error = match error {
            KeyError::Setup(error) => return error.into(),
            error => error,
        };
        let hint = match &error {
            KeyError::Shape(_) => "take a larger picture",
            KeyError::TooFewRows { .. } => "commit again, with --k at least what veilmark estimate says",
            KeyError::Io { .. } => "check the folder, or set VEILMARK_HOME to another",
            _ => "please report it, with the command",
        };
        Self::of(&error, hint)
    }
}

impl From<RasterError> for Failure {
    fn from(error: RasterError) -> Self {
        let hint = "take a picture within the limits that veilmark estimate shows";
        Self::new(Kind::Unsupported, message_of(&error), hint)
    }
}

impl From<ProofError> for Failure {
    fn from(error: ProofError) -> Self {
        match &error {
            ProofError::False(falsehood) => (*falsehood).into(),
            ProofError::Malformed(_) | ProofError::Length { .. } | ProofError::Invalid => {
                Self::of(&error, "do not believe the statement; ask for the original bundle")
            }
            ProofError::EmptyChannel => Self::of(&error, "commit without --public: salts make it a point"),
            ProofError::OtherCommitment | ProofError::Size { .. } => {
                Self::of(&error, "commit to the picture again, and prove with the new opening")
            }
            _ => Self::of(&error, "please report it, with the command"),
        }
    }
}

impl From<Falsehood> for Failure {
    fn from(error: Falsehood) -> Self {
        let hint = match &error {
            Falsehood::Distance { .. } => {
                "nothing was proved; name the picture's own fingerprint, or a --tolerance it is within (at most 31)"
            }
            Falsehood::OtherPicture { .. } => {
                "nothing was proved; name the very picture that veilmark generate made from this latent with this model"
            }
            Falsehood::PictureSize { .. } | Falsehood::Latent { .. } => {
                "name the model that the picture and its latent are of"
            }
            _ => "nothing was proved: the statement is false",
        };
        Self::of(&ProofError::False(error), hint)
    }
}

impl From<ShapeError> for Failure {
    fn from(error: ShapeError) -> Self {
        match error {
            ShapeError::Raster(error) => error.into(),
            error => Self::new(Kind::Usage, message_of(&error), "say another claim"),
        }
    }
}

impl From<BundleError> for Failure {
    fn from(error: BundleError) -> Self {
        match error {
            BundleError::File(error) => error.into(),
            error => {
                let hint = match &error {
                    BundleError::Digest { .. } | BundleError::Contradiction { .. } => {
                        "do not believe it; ask for the original bundle"
                    }
                    BundleError::Unsupported { .. } => "use the version of veilmark that made it",
                    _ => "name a bundle as veilmark prove writes it; veilmark inspect FILE says what a file is",
                };
                Self::of(&error, hint)
            }
        }
    }
}

impl From<OpeningError> for Failure {
    fn from(error: OpeningError) -> Self {
        match error {
            OpeningError::File(error) => {
                let lost = matches!(error, FileError::Io { doing: "read", .. }) && error.kind() == Kind::FileMissing;
                let mut failure = Self::from(error);
                if lost {
                    failure.hint =
                        "check the path; if the opening is lost, so are further proofs of its commitment: commit to the picture anew \
                         (veilmark commit); under a master secret --again makes one that shows the picture"
                            .into();
                }
                failure
            }
            error => {
                let hint = match &error {
                    OpeningError::UsedUp { .. } | OpeningError::MadeAgain => {
                        "commit to the picture anew (veilmark commit), and prove with the new opening"
                    }
                    OpeningError::OtherPicture(_) => {
                        "name the very file that was committed to, not a copy made from it"
                    }
                    OpeningError::OtherCommitment { .. } | OpeningError::Digest => {
                        "take the file from a backup, or commit anew"
                    }
                    _ => "name an opening file as veilmark commit writes it",
                };
                Self::of(&error, hint)
            }
        }
    }
}

impl From<veilmark::verifying::Invalid> for Failure {
    fn from(error: veilmark::verifying::Invalid) -> Self {
        use veilmark::verifying::Invalid;
        match error {
            Invalid::Proof(error) => error.into(),
            error => {
                let hint = match &error {
                    Invalid::OtherKey { .. } => {
                        "check it with the version of veilmark that made it, or do not believe it"
                    }
                    _ => "ask for a proof with a smaller tolerance",
                };
                Self::of(&error, hint)
            }
        }
    }
}

impl From<veilmark::Error> for Failure {
    fn from(error: veilmark::Error) -> Self {
        use veilmark::Error;
        let hint = match &error {
            Error::Needs { what, .. } if what.contains("fingerprint") => {
                "say with --fingerprint-out X.fingerprint where fingerprint and salts go"
            }
            Error::Needs { what, .. } if what.contains("latent") => {
                "name them with --model and --latent: veilmark generate --latent-out writes the latent's"
            }
            Error::Needs { what, .. } if what.contains("public file") => {
                "name it with --model; its owner writes it with veilmark model export"
            }
            Error::Needs { .. } => "name its file with --model",
            Error::HasNo { what, .. } if what.contains("hide") => {
                "leave --fingerprint-out out, or say --claim committed-fingerprint"
            }
            Error::HasNo { what, .. } if what.contains("tolerance") => "leave --against and --tolerance out",
            Error::HasNo { .. } => "leave --model and --latent out, or say another claim, as authenticity",
            Error::OneOutput => "name two files",
            Error::OutputIsInput { .. } => "choose another name for the output",
            Error::Precious { .. } => {
                "choose another name for the output, or delete the file yourself: --force destroys nothing that cannot be made again"
            }
            Error::Quality { .. } => {
                "so plain a picture matches too many others: take one with more to see; of a generated picture the claim \
                 generation can be proved all the same"
            }
            Error::Unsalted { .. } => "commit without --public",
            Error::NothingHidden { .. } => {
                "nothing has to be disclosed: veilmark verify BUNDLE --image P --opening O shows it"
            }
            Error::OtherCommitment { what: "salts", .. } => "take the opening from a backup: its salts were changed",
            Error::OtherCommitment { .. } => {
                "name the file that belongs to this very commitment; there may be several of one picture"
            }
            Error::DisclosureOf { .. } => "name the other disclosure; veilmark inspect FILE says what one is of",
            Error::NothingTaken => "name --commitment, as the bundle or the record has it, or --machine and --number",
            Error::SeveralTaken { .. } => "name one: --commitment, as the bundle or the record has it, or --number",
            Error::NotOfThisSecret { .. } => {
                "name the very picture, the claim and k it was committed for, and --machine"
            }
            Error::OtherDomain { .. } => "commit with --for authenticity and --model",
            Error::UsedUp { .. } => "generate the picture, or import the model, anew",
            Error::DoesNotFit(_) => "commit again, or import the model, with a larger --k",
            Error::ChangedMeanwhile { .. } => "run the command again",
            Error::OtherModel { .. } => "name the file of the model that the proof is about",
            Error::OtherArchitecture => "name the right model",
            Error::NoModelNamed => "ask for the bundle again",
            Error::TooFewRows { .. } => "leave --k out, or give a larger one",
            Error::ModelRows { .. } => "leave --k out, or import the model with that --k",
            Error::Memory { .. } => "take a smaller model or picture, or a larger machine",
            _ => "run the command again",
        };
        match error {
            Error::File(error) => error.into(),
            Error::Picture(error) => error.into(),
            Error::Raster(error) => error.into(),
            Error::Setup(error) => error.into(),
            Error::Secret(error) => error.into(),
            Error::Key(error) => error.into(),
            Error::Proof(error) => error.into(),
            Error::Opening { path, source } => Self::from(source).at(&path).recognise(&path),
            Error::Model { path, source } => Self::from(source).at(&path).recognise(&path),
            Error::Latent { path, source } => Self::from(source).at(&path).recognise(&path),
            Error::FingerprintFile { path, source } => Self::from(source).at(&path).recognise(&path),
            Error::Disclosure { path, source } => Self::from(source).at(&path).recognise(&path),
            Error::Bundle { path, source } => Self::from(source).at(&path).recognise(&path),
            error => Self::of(&error, hint),
        }
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        Self::of(&error, import_hint::hint(&error))
    }
}

impl From<EnvelopeError> for Failure {
    fn from(error: EnvelopeError) -> Self {
        match error {
            EnvelopeError::File(error) => error.into(),
            error => Self::of(&error, "name a file of the right kind; veilmark inspect FILE says what one is"),
        }
    }
}

impl From<ModelFileError> for Failure {
    fn from(error: ModelFileError) -> Self {
        match error {
            ModelFileError::Head(error) => error.into(),
            error => {
                let hint = match &error {
                    ModelFileError::UsedUp { .. } => {
                        "import the model anew, with more --proofs: that is another modelHash"
                    }
                    ModelFileError::OtherSetup { .. } => {
                        "import the model under this setup, or commit under the model's"
                    }
                    ModelFileError::DoesNotFit(_) => "take a larger --k, or fewer --proofs",
                    _ => "take the file from a backup, or import the model again",
                };
                Self::of(&error, hint)
            }
        }
    }
}

impl From<LatentError> for Failure {
    fn from(error: LatentError) -> Self {
        match error {
            LatentError::Head(error) => error.into(),
            error => {
                let hint = match &error {
                    LatentError::UsedUp { .. } | LatentError::MadeAgain => {
                        "generate the picture again with --latent-out: the same prompt gives it again"
                    }
                    _ => "name the model that the picture was generated with",
                };
                Self::of(&error, hint)
            }
        }
    }
}

impl From<AuthorizationError> for Failure {
    fn from(error: AuthorizationError) -> Self {
        match error {
            AuthorizationError::Head(error) => error.into(),
            error => {
                let hint = match &error {
                    AuthorizationError::Expired { .. } => {
                        "ask the registrant for another: veilmark sign BUNDLE --valid-for DAYS"
                    }
                    AuthorizationError::Value { .. } => "ask for the file again",
                    _ => "ask the registrant for a signature of this very bundle: veilmark sign BUNDLE",
                };
                Self::of(&error, hint)
            }
        }
    }
}

impl From<SealError> for Failure {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Head(error) => error.into(),
            error => Self::of(&error, "name another file, or take this one from a backup"),
        }
    }
}

impl From<ManifestError> for Failure {
    fn from(error: ManifestError) -> Self {
        match error {
            ManifestError::File(error) => error.into(),
            error => {
                let hint = match &error {
                    ManifestError::Malformed { .. } => "name a file that veilmark contracts deploy wrote",
                    ManifestError::OtherChain { .. } => "name the manifest of this chain",
                    _ => "do not rely on this deployment, or use the version of veilmark that made it",
                };
                Self::of(&error, hint)
            }
        }
    }
}

impl From<KeystoreError> for Failure {
    fn from(error: KeystoreError) -> Self {
        let hint = match &error {
            KeystoreError::Malformed { .. } => "name a keystore as wallets write it (version 3)",
            KeystoreError::Expensive { .. } => "write it again with a wallet, with its usual parameters",
            KeystoreError::WrongPassword => "check the password, or name its file: --password-file FILE",
            _ => "check the file",
        };
        Self::of(&error, hint)
    }
}

impl From<RegistrarError> for Failure {
    fn from(error: RegistrarError) -> Self {
        let hint = match &error {
            RegistrarError::OtherRegistry { .. } => "prove again for this chain",
            RegistrarError::UnknownKey { .. } => {
                "anyone adds it: veilmark contracts add --bundle BUNDLE --rpc URL, or --model M.pub"
            }
            RegistrarError::NoModel { .. } => "leave --model-id and --model-owner out",
            RegistrarError::ModelNotRegistered { .. } => "its owner registers it first: veilmark model register M.pub",
            RegistrarError::ModelDeprecated { .. } => "generate the picture with a model that is in use",
            RegistrarError::ModelAmbiguous { .. } | RegistrarError::NotTheOwner { .. } => {
                "name whose registration you rely on: --model-id N, or --model-owner ADDRESS"
            }
            RegistrarError::OtherModel { .. } => "leave --model-id out, or name a registration of this model",
            _ => "",
        };
        match error {
            RegistrarError::Chain(error) => error.into(),
            error => Self::of(&error, hint),
        }
    }
}

/// What to do about a contract's refusal.
fn hint_of_refusal(error: &ContractError) -> &'static str {
    match error {
        ContractError::Verifier(_) => "the proof is not of this statement: ask for the original bundle",
        ContractError::Router(error) => match error {
            Router::UnknownVerifyingKey(_) => "anyone adds it: veilmark contracts add --bundle BUNDLE --rpc URL",
            Router::ClaimHasEnded(_) => {
                "the claim has ended on this chain, for good: veilmark contracts verify says when"
            }
            Router::ClaimIsPaused(_) => "wait until the pause ends: veilmark contracts verify says when",
            Router::KeyHasEnded(_) => "the verifying key has ended on this chain, for good",
            Router::KeyNotReviewed(_) => "the router's owner reviews it: veilmark contracts review HASH",
            Router::NotGuardian(_) => {
                "sign with the key of the router's guardian or owner; to keep a guardian's replacement from coming, the owner's"
            }
            Router::GuardianIsOwner(_) => "name another account: owner and guardian are two here",
            Router::BadDoubt(_) => {
                "doubt is about what has ended: it only grows, to at most thirty days before the end"
            }
            Router::NotImpossible(_) => {
                "an impossible statement is one that veilmark contracts stop-with-proof --help names"
            }
            Router::PausedLately(_) => "a pause cannot be repeated at once: end the claim with veilmark contracts stop",
            _ => "the contract's error says why; veilmark contracts verify shows what this chain trusts",
        },
        ContractError::Content(error) => match error {
            Content::AlreadyRegistered(_) => "nothing is left to do: veilmark lookup shows the record",
            Content::SignatureExpired(_) => "ask the registrant for another signature: veilmark sign BUNDLE",
            Content::InvalidSignature(_) => {
                "ask the registrant for a signature of this very bundle: veilmark sign BUNDLE"
            }
            Content::NotReserved(_) => "a reservation counts for records that came after it, of its own registrant",
            Content::AlreadyRevoked(_) => "nothing is left to do",
            Content::ModelOfAnotherKey(_) => "register the model with this key: veilmark model register M.pub",
            _ => "the contract's error says why",
        },
        ContractError::Models(error) => match error {
            Models::NotAParent(_) => "a model has one parent, said once, and registered before it: veilmark model show",
            Models::NotPendingModelOwner(_) => "its owner offers it first: veilmark model transfer MODEL ADDRESS",
            Models::ModelNotFound(_) => "veilmark model register M.pub registers one",
            _ => "the contract's error says why; veilmark model show says how the model stands",
        },
        ContractError::Inherited(Inherited::OwnableUnauthorizedAccount(_)) => "sign with the key of the router's owner",
        ContractError::Inherited(_) => {
            "the token's owner gives it on, to an account or to a contract that takes tokens"
        }
        _ => "the contract's error says why; veilmark contracts verify shows what this chain trusts",
    }
}

impl From<ChainError> for Failure {
    fn from(error: ChainError) -> Self {
        let hint = match &error {
            ChainError::Reverted { revert, .. } => hint_of_refusal(&revert.error),
            ChainError::NotRegistered { what } if what.starts_with("token ") => "veilmark mint BUNDLE mints it",
            ChainError::NotRegistered { what } if what.starts_with("model ") => {
                "veilmark model register M.pub registers one"
            }
            ChainError::NotRegistered { .. } => "veilmark register BUNDLE registers a proof",
            ChainError::Damaged { .. } | ChainError::OtherVersion { .. } => "name another folder with --chain",
            ChainError::OtherCode { .. } => "use the version of veilmark that made it, or another chain or folder",
            ChainError::UnknownOrigin { .. } => "do not rely on it: its records may be invented",
            ChainError::OtherVerifier { .. } => "use the version of veilmark that made the chain, or another folder",
            ChainError::BadUrl => "--rpc http://localhost:8545, for example",
            ChainError::Unreachable { .. } => {
                "check the URL, and that the node runs; then run the command again: nothing is done twice"
            }
            ChainError::Unsettled { .. } | ChainError::NotIncluded { .. } | ChainError::Unconfirmed { .. } => {
                "run the command again: it finds out what happened, and does nothing twice"
            }
            ChainError::Garbage { .. }
            | ChainError::AnswerTooLong { .. }
            | ChainError::ListTooLong { .. }
            | ChainError::Malformed { .. }
            | ChainError::BadReceipt { .. }
            | ChainError::NoEffect { .. } => "do not believe this node; run the command again with another one",
            ChainError::Node { .. } | ChainError::Rejected { .. } => "see what the node says; another one may take it",
            ChainError::Restless => "run the command again, later",
            ChainError::OtherChain { .. } => "name a node of the right chain",
            ChainError::NoKey { .. } => "sign with that account's key: --keystore FILE or VEILMARK_PRIVATE_KEY",
            ChainError::OutOfFunds { .. } => "send it some, then run the command again",
            ChainError::FeeTooHigh { .. } => {
                "wait until gas is cheaper, ask another node, or allow more: --max-fee GWEI"
            }
            ChainError::CostTooHigh { .. } => {
                "wait until gas is cheaper, ask another node, or allow more: --max-cost ETH"
            }
            ChainError::Outstanding { .. } => {
                "wait, then run the command again: it does nothing twice; a wallet can send them for a higher fee"
            }
            ChainError::NonceTaken { .. } => "stop the other program, then run the command again",
            ChainError::UnsafeKey { .. } => {
                "use a ceremony's parameters: veilmark srs ceremonies names files, veilmark srs import FILE takes one"
            }
            ChainError::NoCode { .. } => "check the addresses, and that the node is of the right chain",
            ChainError::Io { .. } => "check the folder and the disk, or name another with --chain",
            _ => "please report it, with the command",
        };
        Self::of(&error, hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_an_exit_code_and_only_bugs_are_bugs() {
        for &kind in Kind::ALL {
            let code = exit_code(kind);
            assert_ne!(code, 0, "{kind:?}: a failure never ends with 0");
            assert_eq!(code == 70, kind == Kind::Bug, "{kind:?}");
        }
    }

    #[test]
    fn what_clap_says_fits_on_one_line() {
        use clap::Parser;
        let error = crate::args::Arguments::try_parse_from(["veilmark", "prove", "--claim", "other"]).unwrap_err();
        let failure = Failure::of_usage(&error);
        assert_eq!(failure.kind, Kind::Usage);
        assert!(failure.message.contains("fingerprint") && !failure.message.contains('\n'), "{}", failure.message);
        assert!(!failure.message.contains("Usage:"));
    }
}
