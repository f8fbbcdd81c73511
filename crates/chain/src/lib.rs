//! Chains that hold the registries.
//!
//! [`Chain`] is what the client asks of one. [`embedded`] is an EVM inside this process with its state in a folder:
//! everything works on a fresh machine, with no node and no keys. [`rpc`] is any chain behind a node's JSON-RPC.
//! [`registry`] is the contracts' client, for any chain, [`authorised`] and [`reservations`] are parts of it that need files
//! of their own; [`deploying`] brings the contracts to one; [`index`] keeps the
//! fingerprints of one on disk.
//!
//! What the caller must believe: whoever can write to the folder can write any history into it. An embedded chain
//! convinces nobody but its owner; it is there to try things, to test, and to keep one's own records.

pub mod authorisation;
pub mod authorised;
pub mod deploying;
pub mod embedded;
pub mod index;
mod models;
pub mod registry;
pub mod reservations;
pub mod rpc;
pub mod seal;
mod state;

use alloy_primitives::{Address, B256, Bytes, U256};
use std::path::PathBuf;
use veilmark_files::{Classified, Kind};
use veilmark_verifier_contract::artifacts::{Revert, VERIFIER};

/// What the contracts' client asks of a chain.
///
/// Whatever a chain answers may be a lie of whoever runs it; an implementation says in its own documentation whom it
/// believes. Every method may block for as long as the chain needs, and the implementation bounds how long that is.
pub trait Chain {
    /// The chain's id, which proofs are bound to. The same for as long as the value lives.
    ///
    /// # Errors
    ///
    /// If the chain cannot be asked.
    fn chain_id(&self) -> Result<u64, ChainError>;

    /// The number of the last block.
    ///
    /// # Errors
    ///
    /// If the chain cannot be asked.
    fn block_number(&self) -> Result<u64, ChainError>;

    /// The hash of a block, by which a reorganisation is noticed; `None` where there is no such block, or where a chain
    /// never takes one back.
    ///
    /// # Errors
    ///
    /// If the chain cannot be asked.
    fn block_hash(&self, number: u64) -> Result<Option<B256>, ChainError>;

    /// The runtime code at an address; empty where there is none.
    ///
    /// # Errors
    ///
    /// If the chain cannot be asked.
    fn code(&self, address: Address) -> Result<Bytes, ChainError>;

    /// Runs a call upon the last block and keeps nothing.
    ///
    /// # Errors
    ///
    /// [`ChainError::Reverted`] where a contract refuses, [`ChainError::NoCode`] where there is none; or if the chain
    /// cannot be asked.
    fn call(&self, from: Address, to: Address, data: Vec<u8>) -> Result<CallResult, ChainError>;

    /// The same, for whoever does not ask what it costs.
    ///
    /// # Errors
    ///
    /// As [`Self::call`].
    fn query(&self, from: Address, to: Address, data: Vec<u8>) -> Result<Bytes, ChainError> {
        Ok(self.call(from, to, data)?.output)
    }

    /// Sends a transaction and returns when it is final enough for the implementation's purposes.
    ///
    /// # Errors
    ///
    /// As [`Self::call`]; or if the chain does not take it, or `from` cannot sign here. After an error of the connection
    /// the transaction may still happen: callers that must not do a thing twice ask the chain what has happened.
    fn transact(&self, from: Address, to: Address, data: Vec<u8>) -> Result<Receipt, ChainError>;

    /// The same for the creation of a contract; [`Receipt::created`] is its address.
    ///
    /// # Errors
    ///
    /// As [`Self::transact`].
    fn deploy(&self, from: Address, init_code: Vec<u8>) -> Result<Receipt, ChainError>;

    /// The events that a filter lets through, oldest first. An implementation asks in as many ranges as its chain needs.
    ///
    /// # Errors
    ///
    /// If the chain cannot be asked.
    fn logs(&self, filter: &LogFilter) -> Result<Vec<ChainLog>, ChainError>;
}

/// Which events are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFilter {
    /// The contract.
    pub address: Address,
    /// Each given topic must be equal; `None` stands for any.
    pub topics: Vec<Option<B256>>,
    /// The first block.
    pub from_block: u64,
    /// The last block; `None` for the chain's last.
    pub to_block: Option<u64>,
}

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
    /// Gas that the same call would cost as a transaction, 21,000 and calldata included; the chain's estimate of it where
    /// the chain tells no more.
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
    /// A contract on this chain is not this program's.
    #[error(
        "the contract at {address} was deployed by another version of this program: use that one, or another chain"
    )]
    OtherRegistry {
        /// Where the contract is.
        address: Address,
    },
    /// The contracts named do not belong together.
    #[error("the contract at {address} works with {got} as its {role}, not with {expected}")]
    OtherDeployment {
        /// The contract.
        address: Address,
        /// What it was asked for.
        role: &'static str,
        /// What was named.
        expected: Address,
        /// What it answers.
        got: Address,
    },
    /// The claim is checked by another contract than this program's.
    #[error(
        "the chain's router has {got} for the claim {claim}, this program's verifier would be {expected}: use the \
         version of the program that made the chain, or another chain"
    )]
    OtherVerifier {
        /// The claim's name.
        claim: &'static str,
        /// Where this program's verifier would be.
        expected: Address,
        /// What the router has.
        got: Address,
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
    /// The URL is no URL of a node.
    #[error("that is no URL of a node: it begins with http:// or https:// and names a host")]
    BadUrl,
    /// The node does not answer, or not with HTTP.
    #[error("{endpoint} cannot be reached: {reason}")]
    Unreachable {
        /// The node, without what may be secret in its URL.
        endpoint: String,
        /// Why.
        reason: String,
    },
    /// The node's answer is no answer.
    #[error("{endpoint} answers {method} with something else than the protocol says: {what}")]
    Garbage {
        /// The node.
        endpoint: String,
        /// What it was asked.
        method: &'static str,
        /// What is wrong, or what should have been.
        what: &'static str,
    },
    /// The node refuses to answer.
    #[error("{endpoint} refuses {method}: {message} (code {code})")]
    Node {
        /// The node.
        endpoint: String,
        /// What it was asked.
        method: &'static str,
        /// Its number for the reason.
        code: i64,
        /// Its words, cut short.
        message: String,
    },
    /// The chain is not the one that was meant.
    #[error("the chain's id is {got}, not {expected}")]
    OtherChain {
        /// The chain that was meant.
        expected: u64,
        /// The chain that answers.
        got: u64,
    },
    /// Nobody here can sign for the sender.
    #[error("the transaction is to be sent by {from}, {}", match have {
        Some(have) => format!("the key is of {have}"),
        None => "and there is no key for it".to_owned(),
    })]
    NoKey {
        /// Who was to send.
        from: Address,
        /// Whose key there is.
        have: Option<Address>,
    },
    /// The sender has not enough to pay for the gas.
    #[error("{account} has {balance} wei, the transaction may cost {needed}")]
    OutOfFunds {
        /// The sender.
        account: Address,
        /// What it has.
        balance: U256,
        /// What it needs.
        needed: U256,
    },
    /// Gas costs more than was allowed.
    #[error("gas costs up to {got} wei now, more than the {most} allowed")]
    FeeTooHigh {
        /// Wei per gas.
        got: u128,
        /// The most allowed.
        most: u128,
    },
    /// Another program sends with the same key.
    #[error("another program sends from {account} at the same time: nonce {nonce} was taken, as those before it")]
    NonceTaken {
        /// The sender.
        account: Address,
        /// The last nonce tried.
        nonce: u64,
    },
    /// What was sent before is not in a block yet.
    #[error("{count} transactions of {account} were sent earlier and are not in a block after {waited:?}")]
    Outstanding {
        /// The sender.
        account: Address,
        /// How many.
        count: u64,
        /// How long they were waited for.
        waited: std::time::Duration,
    },
    /// The connection broke after a transaction was sent.
    #[error("transaction {hash} was sent, and what became of it is not known, for {endpoint} was lost: {reason}")]
    Unsettled {
        /// Identifies the transaction.
        hash: B256,
        /// The node.
        endpoint: String,
        /// Why.
        reason: String,
    },
    /// No block took the transaction.
    #[error("transaction {hash} is in no block after {waited:?}; it may still come into one")]
    NotIncluded {
        /// Identifies the transaction.
        hash: B256,
        /// How long that was waited for.
        waited: std::time::Duration,
    },
    /// The transaction's block has not become, or is no more, a part of the chain.
    #[error(
        "transaction {hash} was said to be in block {block}, but that block was taken back, or has not had its \
         confirmations"
    )]
    Unconfirmed {
        /// Identifies the transaction.
        hash: B256,
        /// Number of the block.
        block: u64,
    },
    /// The node's receipt of a transaction does not fit it.
    #[error("the receipt of transaction {hash} is not to be believed: {what}")]
    BadReceipt {
        /// Identifies the transaction.
        hash: B256,
        /// What is wrong.
        what: &'static str,
    },
    /// A list on the chain is longer than anybody reads.
    #[error("the list is longer than {limit} entries: somebody made it so, or the node invents it")]
    ListTooLong {
        /// Entries that are read at the most.
        limit: usize,
    },
    /// A transaction is said to have succeeded, and nothing of it is on the chain.
    #[error("the chain says that the transaction succeeded, but {what}")]
    NoEffect {
        /// What is not as it should be.
        what: &'static str,
    },
    /// A verifying key under unsafe development parameters is for development chains.
    #[error(
        "verifying key {vk_hash} is under unsafe development parameters, and chain {chain_id} is not for development: \
         nothing was sent"
    )]
    UnsafeKey {
        /// The key.
        vk_hash: B256,
        /// The chain.
        chain_id: u64,
    },
    /// The chain was reorganised while it was read.
    #[error("the chain was reorganised again and again while it was read")]
    Restless,
    /// A contract answered with something that is not what its interface says.
    #[error("the contract at {address} answers {function} with something else than its interface says")]
    Malformed {
        /// The contract.
        address: Address,
        /// The function.
        function: &'static str,
    },
}

impl Classified for ChainError {
    fn kind(&self) -> Kind {
        match self {
            Self::Reverted { revert, .. } => match (revert.contract, revert.error.as_str()) {
                (Some(VERIFIER), _) => Kind::ProofInvalid,
                (Some(_), error) => kind_of_revert(error),
                (None, _) => Kind::ContractRefused,
            },
            Self::NotRegistered { .. } => Kind::NotRegistered,
            Self::UnsafeKey { .. } => Kind::UntrustedSetup,
            Self::BadUrl => Kind::Usage,
            Self::NoKey { .. } => Kind::NotAllowed,
            Self::OtherChain { .. } => Kind::WrongChain,
            Self::Damaged { .. } | Self::OtherVersion { .. } | Self::OtherRegistry { .. } => Kind::ChainDamaged,
            Self::Io { source, .. } => Kind::of_io(source),
            Self::Unreachable { .. } => Kind::NodeUnreachable,
            Self::Node { .. } | Self::Rejected { .. } | Self::Restless => Kind::NodeRefused,
            Self::Unsettled { .. }
            | Self::NotIncluded { .. }
            | Self::Unconfirmed { .. }
            | Self::Outstanding { .. }
            | Self::NonceTaken { .. } => Kind::TransactionPending,
            Self::OutOfFunds { .. } => Kind::OutOfFunds,
            Self::FeeTooHigh { .. } => Kind::FeeTooHigh,
            Self::NoCode { .. } | Self::OtherDeployment { .. } | Self::OtherVerifier { .. } => {
                Kind::UntrustedDeployment
            }
            Self::Garbage { .. }
            | Self::BadReceipt { .. }
            | Self::ListTooLong { .. }
            | Self::NoEffect { .. }
            | Self::Malformed { .. } => Kind::NodeUntrustworthy,
            Self::OutOfGas { .. } | Self::CodeTooLarge { .. } | Self::Halted { .. } => Kind::ContractRefused,
        }
    }
}

/// The kind of one of the contracts' errors.
fn kind_of_revert(error: &str) -> Kind {
    match error {
        "ProofTooShort" | "ModelMismatch" | "InputCommitmentMismatch" | "OutputMismatch" => Kind::ProofInvalid,
        "NotGuardian" => Kind::NotAllowed,
        "ToleranceTooLarge" | "NoModel" | "NoFingerprint" => Kind::Usage,
        "AlreadyRegistered" | "AlreadyMinted" | "AlreadyShown" => Kind::AlreadyDone,
        "SignatureExpired" => Kind::Expired,
        "CommitmentMismatch" | "FingerprintMismatch" | "ContentMismatch" | "PromptMismatch" | "InvalidSignature" => {
            Kind::Mismatch
        }
        "UnknownVerifyingKey" => Kind::UnknownKey,
        "UnknownRecord"
        | "ModelNotFound"
        | "ModelIsDeprecated"
        | "VerificationRefused_ModelDeprecated"
        | "ERC721NonexistentToken" => Kind::NotRegistered,
        "NotReserved" => Kind::NotReserved,
        "AlreadyRevoked" => Kind::Revoked,
        "UnsafeDevelopmentKey" => Kind::UntrustedSetup,
        "ClaimInactive" | "KeyIsRemoved" => Kind::ClaimStopped,
        "CodeChanged" => Kind::UntrustedDeployment,
        _ => Kind::ContractRefused,
    }
}

impl ChainError {
    /// The name of the contract's error, if a contract refused with one of ours.
    pub fn revert_name(&self) -> Option<&str> {
        match self {
            Self::Reverted { revert, .. } if !revert.error.is_empty() => Some(&revert.error),
            _ => None,
        }
    }
}
