//! Chains that hold the registry.
//!
//! [`embedded`] is an EVM inside this process with its state in a folder: everything works on a fresh machine, with no
//! node and no keys. [`registry`] is the registry's client on it.
//!
//! What the caller must believe: whoever can write to the folder can write any history into it. An embedded chain
//! convinces nobody but its owner; it is there to try things, to test, and to keep one's own records.

pub mod embedded;
pub mod registry;
mod state;

use alloy_primitives::{Address, B256, Bytes};
use std::path::PathBuf;
use veilmark_verifier_contract::artifacts::{Revert, VERIFIER};

/// What a transaction that succeeded did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Number of the transaction's block; every transaction has its own.
    pub block_number: u64,
    /// Time of the block, in seconds since 1970.
    pub timestamp: u64,
    /// Gas that the sender pays for.
    pub gas_used: u64,
    /// The contract that the transaction made.
    pub created: Option<Address>,
    /// What the call returned.
    pub output: Bytes,
    /// The events, in order.
    pub logs: Vec<ChainLog>,
}

/// What a call that changes nothing returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallResult {
    /// What the call returned.
    pub output: Bytes,
    /// Gas that the same call would cost as a transaction, 21,000 and calldata included.
    pub gas_used: u64,
}

/// An event on the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainLog {
    /// Number of the block.
    pub block_number: u64,
    /// The contract that emitted the event.
    pub address: Address,
    /// The event's signature and indexed parameters, at most four.
    pub topics: Vec<B256>,
    /// The other parameters.
    pub data: Bytes,
}

/// What can go wrong on a chain.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// A file or a folder cannot be used.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was tried, as in "cannot …".
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The chain's state is not what was written.
    #[error(
        "the chain's state file {} is damaged: {what}; put a copy back, or move the file away to begin an empty chain",
        path.display()
    )]
    Damaged {
        /// The state file.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The chain's state is in a format of another version of this program.
    #[error(
        "the chain's state file {} has format version {got}, this program reads {expected}: use the program that wrote \
         it, or another folder",
        path.display()
    )]
    OtherVersion {
        /// The state file.
        path: PathBuf,
        /// The version of this program.
        expected: u8,
        /// The version of the file.
        got: u8,
    },
    /// The registry on this chain is not this program's.
    #[error(
        "the registry at {address} was deployed by another version of this program: use that one, or another folder \
         for the chain"
    )]
    OtherRegistry {
        /// Where the registry is.
        address: Address,
    },
    /// A contract refused.
    #[error("the contract refused: {revert}")]
    Reverted {
        /// Why.
        revert: Box<Revert>,
        /// Gas that the refusal cost.
        gas_used: u64,
    },
    /// The gas limit did not suffice.
    #[error("the call ran out of gas; the limit is {limit}")]
    OutOfGas {
        /// Gas limit of a transaction.
        limit: u64,
    },
    /// A contract to be deployed is longer than a chain accepts.
    #[error("the contract's code is longer than {limit} bytes, the most a chain accepts")]
    CodeTooLarge {
        /// Bytes of code allowed.
        limit: usize,
    },
    /// The EVM stopped without a reason given by a contract.
    #[error("the call failed: {reason}")]
    Halted {
        /// The EVM's reason.
        reason: String,
    },
    /// The chain did not accept the transaction.
    #[error("the chain does not accept the transaction: {reason}")]
    Rejected {
        /// The chain's reason.
        reason: String,
    },
    /// A call to this address would succeed without doing anything.
    #[error("there is no contract at {address}")]
    NoCode {
        /// The address.
        address: Address,
    },
    /// The registry has nothing of the kind.
    #[error("not registered: {what}")]
    NotRegistered {
        /// What was looked for.
        what: String,
    },
    /// A contract answered with something that is not what its interface says.
    #[error("the contract at {address} answers {function} with something else than its interface says")]
    Malformed {
        /// The contract.
        address: Address,
        /// The function.
        function: &'static str,
    },
}

impl ChainError {
    /// The exit code of the command line for this error: 1 proof invalid, 2 usage, 3 the proof is about something else,
    /// 4 not registered, 5 untrusted parameters, 7 I/O or chain.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NotRegistered { .. } => 4,
            Self::Reverted { revert, .. } => match (revert.contract, revert.error.as_str()) {
                (Some("ContentRegistry"), error) => match error {
                    "ProofTooShort" => 1,
                    "ToleranceTooLarge" | "AlreadyRegistered" => 2,
                    "CommitmentMismatch" => 3,
                    "UnknownVerifyingKey" | "UnknownRecord" => 4,
                    "UnsafeDevelopmentKey" => 5,
                    _ => 7,
                },
                (Some(VERIFIER), _) => 1,
                _ => 7,
            },
            _ => 7,
        }
    }

    /// The name of the contract's error, if a contract refused with one of ours.
    pub fn revert_name(&self) -> Option<&str> {
        match self {
            Self::Reverted { revert, .. } if !revert.error.is_empty() => Some(&revert.error),
            _ => None,
        }
    }
}
