//! A chain behind JSON-RPC.
//!
//! # Whom this believes
//!
//! The node answers what it likes about the state of the chain: whoever runs it can hide records or invent them. What it
//! cannot do is make this program sign for another chain, pay more than [`Settings::max_fee_per_gas`] and
//! [`Settings::max_cost`] say, hold more memory than an answer of its method may take, or pass an answer for that of another
//! question: transactions carry the chain id that was told first, and their hashes are known before they are sent. A
//! receipt has to name that hash, sender and recipient, and its block has to be the chain's block of that number after the
//! confirmations; callers read again what the transaction should have changed.
//!
//! [`url`] keeps what is secret in a URL out of sight, [`transport`] asks one question, [`parse`] reads its answer, [`fees`]
//! says what gas costs, [`sending`] makes a transaction happen, [`events`] reads events.

mod events;
mod fees;
mod parse;
mod sending;
mod transport;
mod url;

use crate::{CallResult, Chain, ChainError, ChainLog, LogFilter, Nature, Quote, Receipt};
use alloy_primitives::{Address, B256, Bytes, U256};
use parse::{Big, Block, Data, Quantity, quantity_json, transaction_json};
use serde_json::json;
use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
    fmt,
    time::Duration,
};
use transport::Trouble;

pub use alloy_signer_local::PrivateKeySigner as Signer;
pub use url::{endpoint, is_loopback};

/// Gas limit of a transaction: EIP-7825's.
pub use crate::GAS_LIMIT;

/// How patient the client is, and how much it pays.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Blocks that a transaction has to be deep, its own included.
    pub confirmations: u64,
    /// How long an answer may take.
    pub timeout: Duration,
    /// How often a question is asked before the node counts as unreachable.
    pub attempts: u32,
    /// How long a transaction may wait for its block, and the block for its confirmations.
    pub patience: Duration,
    /// The first pause between two questions; it doubles up to two seconds.
    pub pause: Duration,
    /// Wei per gas beyond which nothing is sent.
    pub max_fee_per_gas: u128,
    /// Wei beyond which a transaction needs [`Observer::approve`], all its resendings with other nonces counted.
    pub max_cost: U256,
    /// The only chain that will do; `None` for any.
    pub expect_chain_id: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            confirmations: 1,
            timeout: Duration::from_secs(20),
            attempts: 5,
            patience: Duration::from_secs(300),
            pause: Duration::from_millis(100),
            max_fee_per_gas: 100_000_000_000,
            max_cost: U256::from(50_000_000_000_000_000_u64),
            expect_chain_id: None,
        }
    }
}

/// What happens to a transaction, for whoever waits.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Step {
    /// It is signed and about to be sent.
    Sending {
        /// Identifies the transaction.
        hash: B256,
        /// The sender's nonce.
        nonce: u64,
        /// The most that it can cost, in wei.
        most: U256,
    },
    /// It is in a block.
    Included {
        /// Number of the block.
        block: u64,
        /// Blocks deep.
        confirmations: u64,
        /// Blocks deep it has to be.
        wanted: u64,
    },
    /// Transactions that were sent earlier are not in a block yet, and are waited for.
    Earlier {
        /// How many.
        count: u64,
    },
    /// Another transaction took the nonce; it is made anew.
    NonceTaken {
        /// The nonce.
        nonce: u64,
    },
    /// Its block was taken back.
    Reorganised {
        /// Number of the block.
        block: u64,
    },
    /// The connection failed, and is tried again.
    Retrying {
        /// Why.
        reason: String,
    },
}

/// Whoever watches what the client does.
pub trait Observer {
    /// Something happened to a transaction or a question.
    fn notice(&self, step: &Step);

    /// Whether a transaction may cost `most` wei, which is beyond [`Settings::max_cost`]. No, unless somebody was asked.
    fn approve(&self, _most: U256) -> bool {
        false
    }
}

impl<F: Fn(&Step)> Observer for F {
    fn notice(&self, step: &Step) {
        self(step);
    }
}

/// A chain behind JSON-RPC.
pub struct RpcChain {
    agent: ureq::Agent,
    url: String,
    authorization: Option<String>,
    endpoint: String,
    chain_id: u64,
    signer: Option<Signer>,
    settings: Settings,
    observer: Box<dyn Observer>,
    /// Addresses that were seen to have code: contracts here are not destroyed.
    has_code: RefCell<HashSet<Address>>,
    /// What somebody approved beyond [`Settings::max_cost`].
    approved: Cell<U256>,
}

impl fmt::Debug for RpcChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signer = self.signer.as_ref().map(Signer::address);
        let mut shown = f.debug_struct("RpcChain");
        shown.field("endpoint", &self.endpoint).field("chain_id", &self.chain_id).field("signer", &signer);
        shown.finish_non_exhaustive()
    }
}

impl RpcChain {
    /// Connects to a node and asks for the chain's id.
    ///
    /// # Errors
    ///
    /// If the URL is none, the node does not answer, or the chain is not [`Settings::expect_chain_id`].
    pub fn connect(
        url: &str,
        signer: Option<Signer>,
        settings: Settings,
        observer: Box<dyn Observer>,
    ) -> Result<Self, ChainError> {
        let url::Parts { clean, authorization, shown } = url::parts(url).ok_or(ChainError::BadUrl)?;
        let mut config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(settings.timeout))
            .user_agent(concat!("veilmark/", env!("CARGO_PKG_VERSION")));
        if is_loopback(url) {
            config = config.proxy(None);
        }
        let agent = ureq::Agent::new_with_config(config.build());
        let expected = settings.expect_chain_id;
        let mut chain = Self {
            agent,
            url: clean,
            authorization,
            endpoint: shown,
            chain_id: 0,
            signer,
            settings,
            observer,
            has_code: RefCell::default(),
            approved: Cell::default(),
        };
        let got = chain.asked_chain_id()?;
        if let Some(expected) = expected.filter(|expected| *expected != got) {
            return Err(ChainError::OtherChain { expected, got });
        }
        chain.chain_id = got;
        Ok(chain)
    }

    /// Gas that a transaction would take, by the node's estimate.
    ///
    /// # Errors
    ///
    /// As [`Chain::call`].
    pub fn estimate(&self, from: Address, to: Option<Address>, data: &[u8]) -> Result<u64, ChainError> {
        let question = transaction_json(from, to, data);
        let gas = match self.ask::<Quantity>("eth_estimateGas", json!([question])) {
            Ok(gas) => gas.0,
            Err(trouble) => return Err(self.refused("eth_estimateGas", trouble)),
        };
        if gas > GAS_LIMIT { Err(ChainError::OutOfGas { limit: GAS_LIMIT }) } else { Ok(gas) }
    }

    /// The balance of an account, in wei.
    ///
    /// # Errors
    ///
    /// If the chain cannot be asked.
    pub fn balance(&self, account: Address) -> Result<U256, ChainError> {
        Ok(self.read::<Big>("eth_getBalance", json!([account, "latest"]))?.0)
    }

    fn asked_chain_id(&self) -> Result<u64, ChainError> {
        Ok(self.read::<Quantity>("eth_chainId", json!([]))?.0)
    }

    /// The block of a number; `None` where there is none.
    fn block(&self, number: u64) -> Result<Option<Block>, ChainError> {
        let block: Option<Block> = self.read("eth_getBlockByNumber", json!([quantity_json(number), false]))?;
        match &block {
            Some(block) if block.number.0 != number => {
                Err(self.garbage("eth_getBlockByNumber", "the block has another number than was asked for"))
            }
            _ => Ok(block),
        }
    }

    /// What the node says about a call that a contract may have refused.
    fn refused(&self, method: &'static str, trouble: Trouble) -> ChainError {
        let Trouble::Node { code, message, data } = trouble else { return self.failed(method, trouble) };
        let lower = message.to_lowercase();
        if lower.contains("insufficient funds") {
            return ChainError::Rejected { reason: message };
        }
        if lower.contains("out of gas") || lower.contains("gas required exceeds") {
            return ChainError::OutOfGas { limit: GAS_LIMIT };
        }
        if code == 3 || data.is_some() || lower.contains("revert") {
            return ChainError::reverted(&data.unwrap_or_default(), 0);
        }
        self.failed(method, Trouble::Node { code, message, data: None })
    }

    fn require_code(&self, address: Address) -> Result<(), ChainError> {
        if !self.has_code.borrow().contains(&address) && self.code(address)?.is_empty() {
            return Err(ChainError::NoCode { address });
        }
        Ok(())
    }
}

impl Chain for RpcChain {
    fn nature(&self) -> Nature {
        Nature::Node
    }

    fn name(&self) -> String {
        self.endpoint.clone()
    }

    fn chain_id(&self) -> Result<u64, ChainError> {
        Ok(self.chain_id)
    }

    fn block_number(&self) -> Result<u64, ChainError> {
        Ok(self.read::<Quantity>("eth_blockNumber", json!([]))?.0)
    }

    fn block_hash(&self, number: u64) -> Result<Option<B256>, ChainError> {
        Ok(self.block(number)?.map(|block| block.hash))
    }

    fn code(&self, address: Address) -> Result<Bytes, ChainError> {
        let Data(code) = self.read("eth_getCode", json!([address, "latest"]))?;
        if !code.is_empty() {
            self.has_code.borrow_mut().insert(address);
        }
        Ok(code)
    }

    fn call(&self, from: Address, to: Address, data: Vec<u8>) -> Result<CallResult, ChainError> {
        let output = self.query(from, to, data.clone())?;
        Ok(CallResult { output, gas_used: self.estimate(from, Some(to), &data)? })
    }

    fn query(&self, from: Address, to: Address, data: Vec<u8>) -> Result<Bytes, ChainError> {
        self.require_code(to)?;
        let mut question = transaction_json(from, Some(to), &data);
        question["gas"] = quantity_json(GAS_LIMIT);
        match self.ask::<Data>("eth_call", json!([question, "latest"])) {
            Ok(answer) => Ok(answer.0),
            Err(trouble) => Err(self.refused("eth_call", trouble)),
        }
    }

    fn signer(&self) -> Option<Address> {
        self.signer.as_ref().map(Signer::address)
    }

    fn require_sender(&self, from: Address) -> Result<(), ChainError> {
        match self.signer() {
            Some(have) if have == from => Ok(()),
            have => Err(ChainError::NoKey { from, have }),
        }
    }

    fn quote(&self, from: Address, to: Address, data: &[u8]) -> Result<Quote, ChainError> {
        let gas = self.estimate(from, Some(to), data)?;
        let fees = self.fees()?;
        Ok(Quote { gas, max_fee_per_gas: fees.max_fee_per_gas })
    }

    fn transact(&self, from: Address, to: Address, data: Vec<u8>) -> Result<Receipt, ChainError> {
        self.send(from, Some(to), data)
    }

    fn deploy(&self, from: Address, init_code: Vec<u8>) -> Result<Receipt, ChainError> {
        self.send(from, None, init_code)
    }

    fn logs(&self, filter: &LogFilter) -> Result<Vec<ChainLog>, ChainError> {
        self.events(filter)
    }
}
