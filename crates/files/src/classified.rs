//! Kinds of errors, for programs that act on an error without reading its text.
//!
//! What the caller must believe: a [`Kind`]'s name is stable, and says nothing of any command line. Every error of this
//! project's libraries is [`Classified`]; exit codes and advice are made of kinds and errors by whoever talks to people.

use std::io::{self, ErrorKind};

/// An error whose kind a program can act on.
pub trait Classified {
    /// The kind of the error.
    fn kind(&self) -> Kind;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, retry: $retry:literal;)*) => {
        /// What went wrong, as far as a program has to know.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Kind {
            $($(#[$doc])* $variant,)*
        }

        impl Kind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name that scripts compare: lower case, words joined by `_`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whether the same request can succeed later though its caller changes nothing.
            pub fn retry(self) -> bool {
                match self { $(Self::$variant => $retry,)* }
            }
        }
    };
}

kinds! {
    /// The request contradicts itself or leaves something out.
    Usage = "usage", retry: false;
    /// What was asked for has been done before, and nothing is left to do.
    AlreadyDone = "already_done", retry: false;
    /// A secret hides no further proof: its budget is spent.
    ProofsUsedUp = "proofs_used_up", retry: false;
    /// A permission or a signature has expired.
    Expired = "expired", retry: false;
    /// The account may not do this, or its key is not at hand.
    NotAllowed = "not_allowed", retry: false;
    /// The proof does not hold, or it is not the proof of the statement beside it.
    ProofInvalid = "proof_invalid", retry: false;
    /// The claim is false, so nothing can be proved.
    ClaimFalse = "claim_false", retry: false;
    /// Two inputs do not belong together.
    Mismatch = "mismatch", retry: false;
    /// A file was replaced by another while it was used.
    ChangedMeanwhile = "changed_meanwhile", retry: true;
    /// The chain holds no such record, model or token.
    NotRegistered = "not_registered", retry: false;
    /// The record was revoked.
    Revoked = "revoked", retry: false;
    /// The chain holds no reservation that counts.
    NotReserved = "not_reserved", retry: false;
    /// The chain does not know the verifying key.
    UnknownKey = "unknown_key", retry: false;
    /// The trusted setup is worth no trust: an unsafe one, or of unknown origin.
    UntrustedSetup = "untrusted_setup", retry: false;
    /// The points of a trusted setup are not what they have to be.
    BadSetup = "bad_setup", retry: false;
    /// The contracts on the chain are not this project's.
    UntrustedDeployment = "untrusted_deployment", retry: false;
    /// The claim or the key was stopped or removed on the chain.
    ClaimStopped = "claim_stopped", retry: false;
    /// There is no such file or folder.
    FileMissing = "file_missing", retry: false;
    /// A file is in the way.
    FileExists = "file_exists", retry: false;
    /// The system does not let this user read or write there.
    FileDenied = "file_denied", retry: false;
    /// The disk is full.
    DiskFull = "disk_full", retry: false;
    /// Reading or writing failed for another reason.
    FileIo = "file_io", retry: true;
    /// A file is of another kind than was asked for.
    WrongFile = "wrong_file", retry: false;
    /// A file was changed or damaged.
    FileDamaged = "file_damaged", retry: false;
    /// A file, picture or model is beyond what is supported.
    Unsupported = "unsupported", retry: false;
    /// The trusted setup is not on this machine.
    SetupMissing = "setup_missing", retry: false;
    /// The machine has too little memory.
    MemoryShort = "memory_short", retry: false;
    /// Nobody answers at the node's address.
    NodeUnreachable = "node_unreachable", retry: true;
    /// The node answered with an error.
    NodeRefused = "node_refused", retry: true;
    /// The node's answers contradict the protocol, the chain or each other.
    NodeUntrustworthy = "node_untrustworthy", retry: false;
    /// A transaction is on its way, and its outcome is not known yet.
    TransactionPending = "transaction_pending", retry: true;
    /// A contract refused the call.
    ContractRefused = "contract_refused", retry: false;
    /// The account cannot pay.
    OutOfFunds = "out_of_funds", retry: false;
    /// The chain's fees are above the bound.
    FeeTooHigh = "fee_too_high", retry: true;
    /// The chain is another one than the request is for.
    WrongChain = "wrong_chain", retry: false;
    /// The files of an embedded chain are damaged or of another version.
    ChainDamaged = "chain_damaged", retry: false;
    /// The work was cancelled.
    Cancelled = "interrupted", retry: true;
    /// Something on this machine is not in order.
    Unhealthy = "unhealthy", retry: false;
    /// A bug in this program.
    Bug = "bug", retry: false;
}

impl Kind {
    /// The kind of what the operating system says about a file.
    pub fn of_io(error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => Self::FileMissing,
            ErrorKind::AlreadyExists => Self::FileExists,
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::FileDenied,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Self::DiskFull,
            _ => Self::FileIo,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_words_and_no_two_kinds_share_one() {
        let names: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        assert_eq!(names.len(), Kind::ALL.len());
        for name in names {
            assert!(!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
        }
    }
}
