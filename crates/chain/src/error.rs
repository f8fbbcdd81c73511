//! What can go wrong on a chain.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolError;
use std::path::PathBuf;
use veilmark_contract_bindings::{
    ContractError, Revert,
    interfaces::{
        IAuthenticityToken::IAuthenticityTokenErrors as Token, IClaimRouter::IClaimRouterErrors as Router,
        IContentRegistry::IContentRegistryErrors as Content, IInherited::IInheritedErrors as Inherited,
        IModelRegistry::IModelRegistryErrors as Models,
    },
};
use veilmark_files::{Classified, Kind};

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
        "the contract at {address} has another code than this program's: it is of another version, or of somebody else"
    )]
    OtherCode {
        /// Where the contract is.
        address: Address,
    },
    /// A contract has the right code, and its address does not follow from it.
    #[error(
        "the contract at {address} has this program's code but was not made by its constructor: whoever made it wrote its \
         history"
    )]
    UnknownOrigin {
        /// Where the contract is.
        address: Address,
    },
    /// The claim is checked by another contract than this program's.
    #[error(
        "the chain's router has {got} for the claim {claim}, this program's verifier would be {expected}: use the \
         version of the program that made the chain, or another chain"
    )]
    OtherVerifier {
        /// The claim's name.
        claim: String,
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
    #[error("{endpoint} returned an invalid response to {method}: {what}")]
    Garbage {
        /// The node.
        endpoint: String,
        /// What it was asked.
        method: &'static str,
        /// What is wrong, or what should have been.
        what: &'static str,
    },
    /// The node's answer is longer than any of its kind.
    #[error("{endpoint} answers {method} with more than {limit} bytes")]
    AnswerTooLong {
        /// The node.
        endpoint: String,
        /// What it was asked.
        method: &'static str,
        /// Bytes that are read.
        limit: u64,
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
    /// A transaction costs more than was allowed.
    #[error("the transaction may cost {got} wei, more than the {most} allowed")]
    CostTooHigh {
        /// Wei.
        got: U256,
        /// The most allowed.
        most: U256,
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

impl ChainError {
    /// A contract's refusal.
    pub(crate) fn reverted(data: &[u8], gas_used: u64) -> Self {
        Self::Reverted { revert: Box::new(Revert::decode(data)), gas_used }
    }

    /// The contract's error, where it refused with this one.
    pub fn contract_error<E: SolError>(&self) -> Option<E> {
        match self {
            Self::Reverted { revert, .. } => E::abi_decode_validate(&revert.data).ok(),
            _ => None,
        }
    }

    /// The contract's error, if a contract refused.
    pub fn refusal(&self) -> Option<&ContractError> {
        match self {
            Self::Reverted { revert, .. } => Some(&revert.error),
            _ => None,
        }
    }

    /// The name of the contract's error, if a contract refused with one that is known.
    pub fn revert_name(&self) -> Option<&str> {
        match self {
            Self::Reverted { revert, .. } => Some(revert.name).filter(|name| !name.is_empty()),
            _ => None,
        }
    }
}

impl Classified for ChainError {
    fn kind(&self) -> Kind {
        match self {
            Self::Reverted { revert, .. } => kind_of_refusal(&revert.error),
            Self::NotRegistered { .. } => Kind::NotRegistered,
            Self::UnsafeKey { .. } => Kind::UntrustedSetup,
            Self::BadUrl => Kind::Usage,
            Self::NoKey { .. } => Kind::NotAllowed,
            Self::OtherChain { .. } => Kind::WrongChain,
            Self::Damaged { .. } | Self::OtherVersion { .. } => Kind::ChainDamaged,
            Self::Io { source, .. } => Kind::of_io(source),
            Self::Unreachable { .. } => Kind::NodeUnreachable,
            Self::Node { .. } | Self::Rejected { .. } | Self::Restless => Kind::NodeRefused,
            Self::Unsettled { .. }
            | Self::NotIncluded { .. }
            | Self::Unconfirmed { .. }
            | Self::Outstanding { .. }
            | Self::NonceTaken { .. } => Kind::TransactionPending,
            Self::OutOfFunds { .. } => Kind::OutOfFunds,
            Self::FeeTooHigh { .. } | Self::CostTooHigh { .. } => Kind::FeeTooHigh,
            Self::OtherCode { .. } | Self::UnknownOrigin { .. } | Self::NoCode { .. } | Self::OtherVerifier { .. } => {
                Kind::UntrustedDeployment
            }
            Self::Garbage { .. }
            | Self::AnswerTooLong { .. }
            | Self::BadReceipt { .. }
            | Self::ListTooLong { .. }
            | Self::NoEffect { .. }
            | Self::Malformed { .. } => Kind::NodeUntrustworthy,
            Self::OutOfGas { .. } | Self::CodeTooLarge { .. } | Self::Halted { .. } => Kind::ContractRefused,
        }
    }
}

/// The kind of a contract's refusal.
fn kind_of_refusal(error: &ContractError) -> Kind {
    match error {
        ContractError::Verifier(_) => Kind::ProofInvalid,
        ContractError::Router(error) => kind_of_router(error),
        ContractError::Content(error) => kind_of_content(error),
        ContractError::Models(error) => kind_of_models(error),
        ContractError::Token(error) => kind_of_token(error),
        ContractError::Inherited(error) => match error {
            Inherited::OwnableUnauthorizedAccount(_) => Kind::NotAllowed,
            Inherited::ERC721NonexistentToken(_) => Kind::NotRegistered,
            _ => Kind::ContractRefused,
        },
        _ => Kind::ContractRefused,
    }
}

fn kind_of_router(error: &Router) -> Kind {
    match error {
        Router::ProofTooShort(_) => Kind::ProofInvalid,
        Router::CommitmentMismatch(_) => Kind::Mismatch,
        Router::NotGuardian(_) => Kind::NotAllowed,
        Router::ToleranceTooLarge(_)
        | Router::NotInTheClaim(_)
        | Router::ExtraWords(_)
        | Router::InputCount(_)
        | Router::BadReason(_)
        | Router::BadDoubt(_) => Kind::Usage,
        Router::AlreadyProposed(_) | Router::AlreadyReviewed(_) | Router::KeyTaken(_) | Router::ClaimIdTaken(_) => {
            Kind::AlreadyDone
        }
        Router::UnknownVerifyingKey(_) | Router::UnknownClaim(_) => Kind::UnknownKey,
        Router::UnsafeDevelopmentKey(_) => Kind::UntrustedSetup,
        Router::ClaimHasEnded(_) | Router::ClaimIsPaused(_) | Router::KeyHasEnded(_) => Kind::ClaimStopped,
        Router::CodeChanged(_) | Router::KeyNotReviewed(_) => Kind::UntrustedDeployment,
        _ => Kind::ContractRefused,
    }
}

fn kind_of_content(error: &Content) -> Kind {
    match error {
        Content::NoPicture(_) | Content::NoModel(_) => Kind::Usage,
        Content::NotRegistrant(_) => Kind::NotAllowed,
        Content::AlreadyRegistered(_) | Content::AlreadyShown(_) => Kind::AlreadyDone,
        Content::ModelOfAnotherKey(_) | Content::InvalidSignature(_) => Kind::Mismatch,
        Content::UnknownRecord(_) => Kind::NotRegistered,
        Content::AlreadyRevoked(_) => Kind::Revoked,
        Content::SignatureExpired(_) => Kind::Expired,
        Content::NotReserved(_) => Kind::NotReserved,
        _ => Kind::ContractRefused,
    }
}

fn kind_of_models(error: &Models) -> Kind {
    match error {
        Models::ModelNotFound(_) | Models::ModelIsDeprecated(_) | Models::VerificationRefused_ModelDeprecated(_) => {
            Kind::NotRegistered
        }
        Models::NotModelOwner(_) | Models::NotPendingModelOwner(_) => Kind::NotAllowed,
        Models::ModelAlreadyRegistered(_) => Kind::AlreadyDone,
        Models::ModelMismatch(_) | Models::CircuitMismatch(_) => Kind::Mismatch,
        Models::InputCommitmentMismatch(_) | Models::OutputMismatch(_) => Kind::ProofInvalid,
        Models::NotAModelKey(_) => Kind::UnknownKey,
        _ => Kind::ContractRefused,
    }
}

fn kind_of_token(error: &Token) -> Kind {
    match error {
        Token::PromptMismatch(_) | Token::TokenMismatch(_) => Kind::Mismatch,
        Token::NotCreator(_) | Token::NotAuthorized(_) => Kind::NotAllowed,
        Token::AlreadyMinted(_) | Token::AlreadyPublished(_) | Token::NothingToRefresh(_) => Kind::AlreadyDone,
        Token::RoyaltyTooHigh(_) | Token::BadUri(_) | Token::NotAGeneratedContent(_) => Kind::Usage,
        _ => Kind::ContractRefused,
    }
}
