//! How a command ends when the answer is not yes: one type of exit codes, and for each error what to do about it.

use super::import_hint;
use std::{fmt::Write as _, process::ExitCode};
use veilmark::{
    bundle::BundleError,
    chain::{ChainError, authorisation::AuthorisationError, seal::SealError},
    decode::{self, DecodeError},
    files::{FileError, envelope::HeadError},
    import::{ImportError, Kind},
    keys::KeyError,
    latent_file::LatentError,
    model_file::ModelFileError,
    opening::OpeningError,
    proof::ProofError,
    srs::{FileProblem, ImportProblem, SrsError},
};
use veilmark_circuits::statement::raster::RasterError;
use veilmark_verifier_contract::artifacts::VERIFIER;

/// The exit codes; `veilmark --help` has them in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Yes.
    Yes = 0,
    /// The proof is invalid, or the claim is false.
    Invalid = 1,
    /// The command line is not one, or an opening has no proofs left.
    Usage = 2,
    /// A file does not match the statement.
    Mismatch = 3,
    /// Not registered.
    NotRegistered = 4,
    /// Untrusted parameters.
    Untrusted = 5,
    /// Unsupported input.
    Unsupported = 6,
    /// Input and output, or the chain.
    Io = 7,
    /// A bug in this program.
    Internal = 70,
    /// Ctrl-C.
    Interrupted = 130,
}

impl Exit {
    /// The exit code that a library's error names.
    pub(crate) fn of_code(code: u8) -> Self {
        let all = [
            Self::Invalid,
            Self::Usage,
            Self::Mismatch,
            Self::NotRegistered,
            Self::Untrusted,
            Self::Unsupported,
            Self::Io,
        ];
        all.into_iter().find(|exit| u8::from(*exit) == code).unwrap_or(Self::Internal)
    }
}

impl From<Exit> for u8 {
    fn from(exit: Exit) -> Self {
        exit as Self
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(u8::from(exit))
    }
}

/// Why the answer is not yes, and what to do.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: hint.into() }
    }

    /// An error of a library, under the exit code that it names.
    fn of(code: u8, error: &dyn std::error::Error, hint: impl Into<String>) -> Self {
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
        Self::new(Exit::of_code(code), message, hint)
    }

    /// What clap says, in our form.
    pub(crate) fn of_usage(error: &clap::Error) -> Self {
        let text = error.render().to_string();
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let about_usage = |line: &&str| !line.starts_with("Usage:") && !line.starts_with("For more information");
        let message: Vec<_> = lines.by_ref().take_while(about_usage).collect();
        let message = message.join(" ");
        let message = message.strip_prefix("error: ").unwrap_or(&message);
        Self::new(Exit::Usage, message, "veilmark --help lists commands, veilmark COMMAND --help their options")
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
        Self::of(error.exit_code(), &error, hint)
    }
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        let exit = if error.kind() == decode::Kind::Io { Exit::Io } else { Exit::Unsupported };
        let hint = match &error {
            DecodeError::Refused { problem: decode::Problem::Transparent, .. } => {
                "--background RRGGBB says which colour is behind it; or remove the alpha channel"
            }
            _ => error.hint(),
        };
        Self::of(exit.into(), &error, hint)
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
        let code = error.exit_code();
        let (message, hint) = match &error {
            SrsError::Missing { k, dir, unusable } => (
                format!("no trusted setup for k = {k} in {}{}", dir.display(), passed_over(unusable)),
                format!("{}; veilmark srs import FILE takes a ceremony's{}", make(k), delete(unusable)),
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
            SrsError::Import { problem: ImportProblem::Own, .. } => {
                (error.to_string(), "copy it to where veilmark doctor lists setups, after veilmark srs verify".into())
            }
            SrsError::Import { .. } => (error.to_string(), "fetch the ceremony's file again".into()),
            SrsError::Memory { .. } => (error.to_string(), "close other programs, or take a smaller k".into()),
            _ => (error.to_string(), "check the path and the disk".into()),
        };
        Self::new(Exit::of_code(code), message, hint)
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let error = match error {
            KeyError::Setup(error) => return error.into(),
            error => error,
        };
        let hint = match &error {
            KeyError::Raster(_) => "take a larger picture",
            KeyError::TooFewRows { .. } => "commit again, with --k at least what veilmark estimate says",
            KeyError::Io { .. } => "check the folder, or set VEILMARK_HOME to another",
            _ => "please report it, with the command",
        };
        Self::of(error.exit_code(), &error, hint)
    }
}

impl From<RasterError> for Failure {
    fn from(error: RasterError) -> Self {
        Self::of(u8::from(Exit::Unsupported), &error, "take a picture within the limits that veilmark estimate shows")
    }
}

impl From<ProofError> for Failure {
    fn from(error: ProofError) -> Self {
        match &error {
            ProofError::ClaimFalse { .. } => Self::of(
                u8::from(Exit::Invalid),
                &error,
                "nothing was proved; name the picture's own fingerprint, or a --tolerance it is within (at most 31)",
            ),
            ProofError::Malformed(_) | ProofError::Length { .. } | ProofError::Invalid => {
                Self::of(u8::from(Exit::Invalid), &error, "do not believe the statement; ask for the original bundle")
            }
            ProofError::EmptyChannel => {
                Self::of(u8::from(Exit::Unsupported), &error, "commit without --public: salts make it a point")
            }
            ProofError::OtherPicture { .. } => Self::of(
                u8::from(Exit::Invalid),
                &error,
                "nothing was proved; name the very picture that veilmark generate made from this latent with this model",
            ),
            ProofError::PictureSize { .. } | ProofError::Latent { .. } => {
                Self::of(u8::from(Exit::Mismatch), &error, "name the model that the picture and its latent are of")
            }
            ProofError::OtherCommitment | ProofError::Size { .. } => Self::of(
                u8::from(Exit::Mismatch),
                &error,
                "commit to the picture again, and prove with the new opening",
            ),
            _ => Self::of(u8::from(Exit::Internal), &error, "please report it, with the command"),
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
                Self::of(error.exit_code(), &error, hint)
            }
        }
    }
}

impl From<OpeningError> for Failure {
    fn from(error: OpeningError) -> Self {
        match error {
            OpeningError::File(error) => error.into(),
            error => {
                let hint = match &error {
                    OpeningError::UsedUp { .. } => {
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
                Self::of(error.exit_code(), &error, hint)
            }
        }
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        let exit = if error.kind() == Kind::Io { Exit::Io } else { Exit::Unsupported };
        Self::of(exit.into(), &error, import_hint::hint(&error))
    }
}

impl From<HeadError> for Failure {
    fn from(error: HeadError) -> Self {
        match error {
            HeadError::File(error) => error.into(),
            error => Self::of(
                error.exit_code(),
                &error,
                "name a file of the right kind; veilmark inspect FILE says what one is",
            ),
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
                Self::of(error.exit_code(), &error, hint)
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
                    LatentError::UsedUp { .. } => {
                        "generate the picture again with --latent-out: the same prompt gives it again"
                    }
                    _ => "name the model that the picture was generated with",
                };
                Self::of(error.exit_code(), &error, hint)
            }
        }
    }
}

impl From<AuthorisationError> for Failure {
    fn from(error: AuthorisationError) -> Self {
        match error {
            AuthorisationError::Head(error) => error.into(),
            error => {
                let hint = match &error {
                    AuthorisationError::Expired { .. } => {
                        "ask the registrant for another: veilmark sign BUNDLE --valid-for DAYS"
                    }
                    AuthorisationError::Value { .. } => "ask for the file again",
                    _ => "ask the registrant for a signature of this very bundle: veilmark sign BUNDLE",
                };
                Self::of(error.exit_code(), &error, hint)
            }
        }
    }
}

impl From<SealError> for Failure {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Head(error) => error.into(),
            error => Self::of(error.exit_code(), &error, "name another file, or take this one from a backup"),
        }
    }
}

impl From<ChainError> for Failure {
    fn from(error: ChainError) -> Self {
        let hint = match (&error, error.revert_name()) {
            (_, Some("AlreadyRegistered")) => "nothing is left to do: veilmark lookup shows the record",
            (_, Some("UnknownVerifyingKey")) => "register with the bundle that this program made",
            (_, Some("SignatureExpired")) => "ask the registrant for another signature: veilmark sign BUNDLE",
            (_, Some("InvalidSignature")) => {
                "ask the registrant for a signature of this very bundle: veilmark sign BUNDLE"
            }
            (_, Some("NotReserved")) => "a reservation counts for records that came after it, of its own registrant",
            (_, Some("NotAParent")) => {
                "a model has one parent, said once, and registered before it: veilmark model show"
            }
            (_, Some("NotPendingModelOwner")) => "its owner offers it first: veilmark model transfer MODEL ADDRESS",
            (ChainError::NotRegistered { what }, _) if what.starts_with("token ") => "veilmark mint BUNDLE mints it",
            (ChainError::NotRegistered { what }, _) if what.starts_with("model ") => {
                "veilmark model register M.pub registers one"
            }
            (ChainError::NotRegistered { .. }, _) => "veilmark register BUNDLE registers a proof",
            (_, Some("ClaimInactive")) => {
                "the claim was stopped or removed on this chain, for good: veilmark contracts verify says which are"
            }
            (_, Some("KeyIsRemoved")) => "the verifying key was removed on this chain, for good",
            (_, Some("NotGuardian")) => "sign with the key of the router's guardian or owner",
            (_, Some("AlreadyRevoked")) => "nothing is left to do",
            (_, Some(name)) if name.starts_with("ERC721") => {
                "the token's owner gives it on, to an account or to a contract that takes tokens"
            }
            (ChainError::Reverted { revert, .. }, _) if revert.contract == Some(VERIFIER) => {
                "the proof is not of this statement: ask for the original bundle"
            }
            (ChainError::Reverted { .. }, _) => {
                "the contract's error says why; veilmark contracts verify shows what this chain trusts"
            }
            (ChainError::Damaged { .. } | ChainError::OtherVersion { .. } | ChainError::OtherRegistry { .. }, _) => {
                "name another folder with --chain"
            }
            (ChainError::BadUrl, _) => "--rpc http://localhost:8545, for example",
            (ChainError::Unreachable { .. }, _) => {
                "check the URL, and that the node runs; then run the command again: nothing is done twice"
            }
            (ChainError::Unsettled { .. } | ChainError::NotIncluded { .. } | ChainError::Unconfirmed { .. }, _) => {
                "run the command again: it finds out what happened, and does nothing twice"
            }
            (ChainError::Garbage { .. } | ChainError::BadReceipt { .. } | ChainError::NoEffect { .. }, _) => {
                "do not believe this node; run the command again with another one"
            }
            (ChainError::Node { .. } | ChainError::Rejected { .. }, _) => {
                "see what the node says; another one may take it"
            }
            (ChainError::Restless, _) => "run the command again, later",
            (ChainError::OtherChain { .. }, _) => "name a node of the right chain",
            (ChainError::NoKey { .. }, _) => "sign with that account's key: --keystore FILE or VEILMARK_PRIVATE_KEY",
            (ChainError::OutOfFunds { .. }, _) => "send it some, then run the command again",
            (ChainError::FeeTooHigh { .. }, _) => "wait until gas is cheaper, or ask another node",
            (ChainError::Outstanding { .. }, _) => {
                "wait, then run the command again: it does nothing twice; a wallet can send them for a higher fee"
            }
            (ChainError::NonceTaken { .. }, _) => "stop the other program, then run the command again",
            (ChainError::UnsafeKey { .. }, _) => "use a ceremony's parameters: veilmark srs import FILE",
            (ChainError::NoCode { .. }, _) => "check the addresses, and that the node is of the right chain",
            (ChainError::OtherDeployment { .. }, _) => "name the addresses of one deployment",
            (ChainError::Io { .. }, _) => "check the folder and the disk, or name another with --chain",
            _ => "please report it, with the command",
        };
        Self::of(error.exit_code(), &error, hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn library_codes_become_exits() {
        for code in [1, 2, 3, 4, 5, 6, 7, 70] {
            assert_eq!(u8::from(Exit::of_code(code)), code);
        }
        assert_eq!(Exit::of_code(0), Exit::Internal, "a failure never ends with 0");
        assert_eq!(Exit::of_code(99), Exit::Internal);
    }

    #[test]
    fn what_clap_says_fits_on_one_line() {
        use clap::Parser;
        let error = super::super::Arguments::try_parse_from(["veilmark", "prove", "--claim", "other"]).unwrap_err();
        let failure = Failure::of_usage(&error);
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.message.contains("fingerprint") && !failure.message.contains('\n'), "{}", failure.message);
        assert!(!failure.message.contains("Usage:"));
    }
}
