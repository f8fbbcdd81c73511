//! Why a secret cannot be used.

use std::path::PathBuf;
use veilmark_files::{Classified, FileError, Kind, envelope::EnvelopeError};

/// A master secret, or what belongs to it, cannot be used. No secret is in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// What the machine remembers cannot be used.
    #[error("{}: {source}", path.display())]
    Machine {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: EnvelopeError,
    },
    /// The words are no master secret. Which word is wrong is said, the word is not.
    #[error("the words are no master secret: {problem}")]
    Words {
        /// What is wrong with them.
        problem: String,
    },
    /// The file is none that is sealed with a password.
    #[error("the {what} is not a file sealed with a password: {problem}")]
    Malformed {
        /// What it should be.
        what: &'static str,
        /// What is wrong.
        problem: &'static str,
    },
    /// The password is another file's, or the beginning of the file was changed.
    #[error("the {what} cannot be opened: the password is another's")]
    WrongPassword {
        /// What is sealed.
        what: &'static str,
    },
    /// The right password, and a content that was changed or cut.
    #[error("the {what} was changed, or it is cut short")]
    Damaged {
        /// What is sealed.
        what: &'static str,
    },
    /// The password would take more memory than is allowed.
    #[error("the {what}'s password asks for 2^{got} blocks of work, at most 2^{most} are allowed")]
    Expensive {
        /// What is sealed.
        what: &'static str,
        /// What the file says.
        got: u32,
        /// What is allowed.
        most: u32,
    },
    /// The file is sealed, and no password was given.
    #[error("the master secret is sealed: it needs its password")]
    Sealed,
    /// There is a master secret already.
    #[error("there is a master secret already: {}", path.display())]
    Exists {
        /// Its file.
        path: PathBuf,
    },
    /// A machine's name is not of the form that names have, or is taken.
    #[error("`{name}` is no name for this machine: {problem}")]
    Name {
        /// The name.
        name: String,
        /// Why not.
        problem: &'static str,
    },
    /// A backup's content is not what belongs there.
    #[error("the backup's `{field}` is not {expected}")]
    Backup {
        /// The field.
        field: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// As many numbers were taken as there are.
    #[error("no number is left for this picture")]
    NoNumber,
}

impl Classified for SecretError {
    fn kind(&self) -> Kind {
        match self {
            Self::File(error) => error.kind(),
            Self::Machine { source, .. } => source.kind(),
            Self::Words { .. } | Self::Sealed | Self::Name { .. } | Self::NoNumber => Kind::Usage,
            Self::Malformed { .. } => Kind::WrongFile,
            Self::WrongPassword { .. } => Kind::NotAllowed,
            Self::Damaged { .. } | Self::Backup { .. } => Kind::FileDamaged,
            Self::Expensive { .. } => Kind::Unsupported,
            Self::Exists { .. } => Kind::FileExists,
        }
    }
}
