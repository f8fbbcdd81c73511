//! What to do about a master secret that cannot be used.

use crate::failure::Failure;
use veilmark::{files::Classified, secrets::SecretError};

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::File(error) => error.into(),
            error => Self::new(error.kind(), error.to_string(), hint(&error)),
        }
    }
}

fn hint(error: &SecretError) -> &'static str {
    match error {
        SecretError::Machine { .. } => {
            "delete the file: the machine then gets a new name, and takes no number twice; do not put an older copy back"
        }
        SecretError::Words { .. } => "give the 24 words that veilmark secret new showed, in their order",
        SecretError::Malformed { .. } => "name the right file; veilmark inspect FILE says what one is",
        SecretError::WrongPassword { .. } => "check the password, or the file that it is in",
        SecretError::Damaged { .. } | SecretError::Backup { .. } => "take another copy of the file",
        SecretError::Expensive { .. } => "open it with age, and seal it again",
        SecretError::Sealed => "name its password's file, or set VEILMARK_SECRET_PASSWORD",
        SecretError::Exists { .. } => {
            "it stays, since what follows from it would be lost: veilmark secret show shows its words; VEILMARK_HOME names another home"
        }
        SecretError::Name { .. } => "leave --machine out, or name another",
        SecretError::NoNumber => "commit to another copy of the picture",
        _ => "run the command again",
    }
}
