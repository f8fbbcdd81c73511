//! The contracts' client: what is registered on a chain, by whom and when.
//!
//! [`Chain`] is what the client asks of a chain. `embedded` is an EVM inside this process with its state in a folder:
//! everything works on a fresh machine, with no node and no keys, and convinces nobody but its owner. `rpc` is any
//! chain behind a node's JSON-RPC. [`deployment`] says where the contracts are and proves it, [`client`] asks them,
//! [`acts`] are the deeds of the router's owner and guardian, [`index`] keeps the fingerprints of a registry on disk.
//!
//! What the caller must believe: of a chain behind a node, what its node says of the present state; of a deployment, only
//! that its constructors ran as they were compiled, for every address is computed here and none is taken on trust.

pub mod acts;
pub mod authorization;
mod call;
mod checksummed;
pub mod client;
pub mod deployment;
#[cfg(feature = "embedded")]
pub mod embedded;
mod error;
mod event;
pub mod header;
pub mod index;
#[cfg(feature = "rpc")]
pub mod keystore;
mod ownable;
pub mod practice;
#[cfg(feature = "rpc")]
pub mod rpc;
pub mod safe;
pub mod seal;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use error::ChainError;
pub(crate) use veilmark_contract_bindings::interfaces as abi;

use alloy_primitives::{Address, B256, Bytes, U256};

/// Gas limit of a transaction: EIP-7825's.
pub const GAS_LIMIT: u64 = 1 << 24;
/// Most bytes of a contract's code: EIP-170's.
pub const CODE_LIMIT: usize = 24_576;

/// Whom a chain convinces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// A folder on this machine: its time is this machine's clock, and whoever writes to the folder writes its history.
    Practice,
    /// A chain behind a node.
    Node,
}

/// What a transaction would cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Gas, by the chain's estimate.
    pub gas: u64,
    /// Wei per unit of gas, at the most.
    pub max_fee_per_gas: u128,
}

impl Quote {
    /// Wei, at the most.
    pub fn cost(&self) -> U256 {
        U256::from(self.gas) * U256::from(self.max_fee_per_gas)
    }
}

/// What the contracts' client asks of a chain.
///
/// Whatever a chain answers may be a lie of whoever runs it; an implementation says in its own documentation whom it
/// believes. Every method may block for as long as the chain needs, and the implementation bounds how long that is.
pub trait Chain: std::fmt::Debug {
    /// Whom the chain convinces.
    fn nature(&self) -> Nature;

    /// Names the chain in reports: a folder, or what may be shown of a node's URL.
    fn name(&self) -> String;

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

    /// The output of a call, where nobody asks what it costs.
    ///
    /// # Errors
    ///
    /// As [`Self::call`].
    fn query(&self, from: Address, to: Address, data: Vec<u8>) -> Result<Bytes, ChainError> {
        Ok(self.call(from, to, data)?.output)
    }

    /// The account whose key is here; `None` where there is none, or where nobody signs.
    fn signer(&self) -> Option<Address>;

    /// Refuses a sender for whom nothing can be sent here.
    ///
    /// # Errors
    ///
    /// [`ChainError::NoKey`].
    fn require_sender(&self, from: Address) -> Result<(), ChainError>;

    /// What a transaction would cost.
    ///
    /// # Errors
    ///
    /// As [`Self::call`].
    fn quote(&self, from: Address, to: Address, data: &[u8]) -> Result<Quote, ChainError>;

    /// Sends a transaction and returns when it is final enough for the implementation's purposes.
    ///
    /// # Errors
    ///
    /// As [`Self::call`]; or if the chain does not take it, or `from` cannot sign here. After an error of the connection
    /// the transaction may still happen: callers that must not do a thing twice ask the chain what has happened.
    fn transact(&self, from: Address, to: Address, data: Vec<u8>) -> Result<Receipt, ChainError>;

    /// Sends the creation of a contract; [`Receipt::created`] is its address.
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

macro_rules! forward {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $answer:ty;)*) => {
        /// A chain of either kind: commands do the same on both.
        impl<C: Chain + ?Sized> Chain for Box<C> {
            $(fn $name(&self $(, $argument: $kind)*) -> $answer {
                (**self).$name($($argument),*)
            })*
        }
    };
}

forward! {
    nature() -> Nature;
    name() -> String;
    chain_id() -> Result<u64, ChainError>;
    block_number() -> Result<u64, ChainError>;
    block_hash(number: u64) -> Result<Option<B256>, ChainError>;
    code(address: Address) -> Result<Bytes, ChainError>;
    call(from: Address, to: Address, data: Vec<u8>) -> Result<CallResult, ChainError>;
    query(from: Address, to: Address, data: Vec<u8>) -> Result<Bytes, ChainError>;
    signer() -> Option<Address>;
    require_sender(from: Address) -> Result<(), ChainError>;
    quote(from: Address, to: Address, data: &[u8]) -> Result<Quote, ChainError>;
    transact(from: Address, to: Address, data: Vec<u8>) -> Result<Receipt, ChainError>;
    deploy(from: Address, init_code: Vec<u8>) -> Result<Receipt, ChainError>;
    logs(filter: &LogFilter) -> Result<Vec<ChainLog>, ChainError>;
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
    /// Number of the transaction's block.
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
