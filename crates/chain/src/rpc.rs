//! A chain behind JSON-RPC.
//!
//! # Whom this believes
//!
//! The node answers what it likes about the state of the chain: whoever runs it can hide records or invent them. What it
//! cannot do is make this program sign for another chain, pay more than a bound, or take an answer for another question:
//! transactions carry the chain id that was told first, and their hashes are known before they are sent. A receipt has to
//! name that hash, sender and recipient, and its block has to be the chain's block of that number after the confirmations;
//! callers read again what the transaction should have changed.
//!
//! # What happens to a transaction
//!
//! Its gas is estimated, so that what would be refused costs nothing. After a send whose answer was lost the transaction is
//! looked up by its hash, and the very same bytes are sent again: twice the same bytes are one transaction. If another
//! transaction took its nonce, it can never happen, and is made anew with the next nonce. What an earlier run sent and no
//! block has yet is waited for before the chain is asked what is left to do ([`RpcChain::wait_for_earlier`]).

use super::{CallResult, Chain, ChainError, ChainLog, LogFilter, Receipt};
use alloy_consensus::{SignableTransaction, TxEip1559};
use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use alloy_signer::SignerSync;
use base64::Engine;
use serde_json::{Value, json};
use std::{
    cell::RefCell,
    collections::HashSet,
    fmt,
    thread::sleep,
    time::{Duration, Instant},
};
use veilmark_verifier_contract::artifacts::Revert;

pub use alloy_signer_local::PrivateKeySigner as Signer;

/// Gas limit of a transaction: EIP-7825's.
pub const GAS_LIMIT: u64 = super::embedded::GAS_LIMIT;
/// Nothing longer is read from a node.
const MAX_BODY: u64 = 64 << 20;
/// Blocks asked for at once, until the node says that it is too many.
const RANGE: u64 = 50_000;
/// How often a transaction is made anew because another one took its nonce.
const NONCES: u32 = 4;
/// How much of a node's own words is repeated.
const WORDS: usize = 300;

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
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            confirmations: 1,
            timeout: Duration::from_secs(20),
            attempts: 5,
            patience: Duration::from_secs(300),
            pause: Duration::from_millis(100),
            max_fee_per_gas: 2_000_000_000_000,
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

type Tell = Box<dyn Fn(&Step)>;

/// A chain behind JSON-RPC.
pub struct RpcChain {
    agent: ureq::Agent,
    url: String,
    authorization: Option<String>,
    endpoint: String,
    chain_id: u64,
    signer: Option<Signer>,
    settings: Settings,
    tell: Tell,
    /// Addresses that were seen to have code: contracts here are not destroyed.
    has_code: RefCell<HashSet<Address>>,
}

impl fmt::Debug for RpcChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signer = self.signer.as_ref().map(Signer::address);
        let mut shown = f.debug_struct("RpcChain");
        shown.field("endpoint", &self.endpoint).field("chain_id", &self.chain_id).field("signer", &signer);
        shown.finish_non_exhaustive()
    }
}

/// What went wrong with one question.
enum Trouble {
    /// No answer, or not a whole one.
    Connection(String),
    /// An answer that is none.
    Garbage(&'static str),
    /// The node refuses.
    Node { code: i64, message: String, data: Option<Bytes> },
}

/// A transaction that is signed.
struct Signed {
    hash: B256,
    raw: String,
    nonce: u64,
    gas_limit: u64,
    from: Address,
    to: Option<Address>,
    data: Vec<u8>,
}

enum Fate {
    Done(Box<Receipt>),
    NonceTaken,
}

/// A URL in parts: without user and password, the header for these, and what may be shown.
fn parts(url: &str) -> Option<(String, Option<String>, String)> {
    let (scheme, rest) = url.split_once("://")?;
    if !matches!(scheme, "http" | "https") {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    let clean = format!("{scheme}://{host}{path}");
    clean.parse::<ureq::http::Uri>().ok().filter(|uri| uri.host().is_some_and(|host| !host.is_empty()))?;
    let header =
        user.map(|user| format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(percent_decoded(user))));
    // Keys of paid nodes are in the path or the query.
    let hidden = if path.is_empty() || path == "/" { "" } else { "/…" };
    Some((clean, header, format!("{scheme}://{host}{hidden}")))
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match (byte, digit(ahead.next()), digit(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or_default());
                bytes = ahead;
            }
            _ => out.push(byte),
        }
    }
    out
}

/// What may be shown of a node's URL: paths and passwords may be keys.
pub fn endpoint(url: &str) -> String {
    parts(url).map_or_else(|| "the URL".to_owned(), |(_, _, shown)| shown)
}

/// Whether the node is on this machine.
pub fn is_loopback(url: &str) -> bool {
    let host = parts(url).and_then(|(clean, _, _)| Some(clean.parse::<ureq::http::Uri>().ok()?.host()?.to_owned()));
    host.is_some_and(|host| {
        let host = host.trim_matches(['[', ']']);
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    })
}

/// Short, of one line, and without anything a terminal would obey.
fn words(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WORDS).collect()
}

impl RpcChain {
    /// Connects to a node and asks for the chain's id.
    ///
    /// # Errors
    ///
    /// If the URL is none, or the node does not answer.
    pub fn connect(url: &str, signer: Option<Signer>, settings: Settings, tell: Tell) -> Result<Self, ChainError> {
        let (clean, authorization, endpoint) = parts(url).ok_or(ChainError::BadUrl)?;
        let mut config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(settings.timeout))
            .user_agent(concat!("veilmark/", env!("CARGO_PKG_VERSION")));
        if is_loopback(url) {
            config = config.proxy(None);
        }
        let agent = ureq::Agent::new_with_config(config.build());
        let has_code = RefCell::default();
        let mut chain =
            Self { agent, url: clean, authorization, endpoint, chain_id: 0, signer, settings, tell, has_code };
        chain.chain_id = chain.asked_chain_id()?;
        Ok(chain)
    }

    /// What may be shown of the URL.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Who signs here.
    pub fn signer(&self) -> Option<Address> {
        self.signer.as_ref().map(Signer::address)
    }

    /// Waits until what the account here has sent before is in a block: only then does the chain say what is left to do, and
    /// nothing is done twice.
    ///
    /// # Errors
    ///
    /// [`ChainError::Outstanding`] where that takes longer than the patience, or if the node cannot be asked.
    pub fn wait_for_earlier(&self) -> Result<(), ChainError> {
        let Some(account) = self.signer() else { return Ok(()) };
        let start = Instant::now();
        let (mut pause, mut told) = (self.settings.pause, false);
        loop {
            let (mined, sent) = (self.nonce(account, "latest")?, self.nonce(account, "pending")?);
            let Some(count) = sent.checked_sub(mined).filter(|count| *count > 0) else { return Ok(()) };
            if !std::mem::replace(&mut told, true) {
                (self.tell)(&Step::Earlier { count });
            }
            if start.elapsed() > self.settings.patience {
                return Err(ChainError::Outstanding { account, count, waited: self.settings.patience });
            }
            sleep(pause);
            pause = longer(pause);
        }
    }

    /// Gas that a transaction would take, by the node's estimate.
    ///
    /// # Errors
    ///
    /// As [`Chain::call`].
    pub fn estimate(&self, from: Address, to: Option<Address>, data: &[u8]) -> Result<u64, ChainError> {
        let question = transaction_json(from, to, data);
        let gas = match self.ask("eth_estimateGas", json!([question])) {
            Ok(answer) => quantity(&answer).ok_or_else(|| self.garbage("eth_estimateGas", "gas is a number"))?,
            Err(trouble) => return Err(self.refused("eth_estimateGas", trouble)),
        };
        if gas > GAS_LIMIT { Err(ChainError::OutOfGas { limit: GAS_LIMIT }) } else { Ok(gas) }
    }

    /// What an account has, in wei.
    ///
    /// # Errors
    ///
    /// If the chain cannot be asked.
    pub fn balance(&self, account: Address) -> Result<U256, ChainError> {
        let answer = self.read("eth_getBalance", json!([account, "latest"]))?;
        big(&answer).ok_or_else(|| self.garbage("eth_getBalance", "a balance is a number"))
    }

    /// The most that gas costs now, and the part of it that goes to whoever makes the block.
    ///
    /// # Errors
    ///
    /// If the chain cannot be asked, or has no such fees, or they are beyond [`Settings::max_fee_per_gas`].
    pub fn fees(&self) -> Result<(u128, u128), ChainError> {
        let block = self.read("eth_getBlockByNumber", json!(["latest", false]))?;
        let base = quantity(&block["baseFeePerGas"])
            .ok_or_else(|| self.garbage("eth_getBlockByNumber", "the last block has a base fee (EIP-1559)"))?;
        let tip = match self.ask("eth_maxPriorityFeePerGas", json!([])) {
            Ok(answer) => {
                quantity(&answer).ok_or_else(|| self.garbage("eth_maxPriorityFeePerGas", "a fee is a number"))?
            }
            Err(Trouble::Node { .. }) => 1_000_000_000,
            Err(trouble) => return Err(self.failed("eth_maxPriorityFeePerGas", trouble)),
        };
        let most = u128::from(base) * 2 + u128::from(tip);
        if most > self.settings.max_fee_per_gas {
            return Err(ChainError::FeeTooHigh { got: most, most: self.settings.max_fee_per_gas });
        }
        Ok((most, u128::from(tip)))
    }

    fn asked_chain_id(&self) -> Result<u64, ChainError> {
        let answer = self.read("eth_chainId", json!([]))?;
        quantity(&answer).ok_or_else(|| self.garbage("eth_chainId", "a chain id is a number"))
    }

    /// One question, one answer.
    fn exchange(&self, method: &str, params: &Value) -> Result<Value, Trouble> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let mut request = self.agent.post(&self.url).header("Content-Type", "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        // ureq's own message of a bad URL would repeat it
        let lost = |error: ureq::Error| match error {
            ureq::Error::BodyExceedsLimit(_) => Trouble::Garbage("it is longer than 64 MiB"),
            ureq::Error::Timeout(_) => Trouble::Connection(format!("no answer within {:?}", self.settings.timeout)),
            ureq::Error::BadUri(_) => Trouble::Connection("the URL cannot be used".to_owned()),
            error => Trouble::Connection(words(&error.to_string())),
        };
        let mut response = request.send(body.as_bytes()).map_err(lost)?;
        let status = response.status().as_u16();
        let bytes = response.body_mut().with_config().limit(MAX_BODY).read_to_vec().map_err(lost)?;
        let answer: Value = match serde_json::from_slice(&bytes) {
            Ok(answer) => answer,
            Err(_) if status != 200 => {
                return Err(Trouble::Connection(format!("the node answers HTTP status {status}")));
            }
            Err(_) => return Err(Trouble::Garbage("it is not JSON")),
        };
        if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
            let code = error["code"].as_i64().unwrap_or_default();
            let message = words(error["message"].as_str().unwrap_or("no reason given"));
            let data = [&error["data"], &error["data"]["data"]].into_iter().find_map(bytes_of);
            return Err(Trouble::Node { code, message, data });
        }
        if status != 200 {
            return Err(Trouble::Connection(format!("the node answers HTTP status {status}")));
        }
        if answer["id"] != 1 {
            return Err(Trouble::Garbage("it is the answer to another question"));
        }
        answer.get("result").cloned().ok_or(Trouble::Garbage("it has neither result nor error"))
    }

    /// Asks something that may be asked any number of times.
    #[allow(clippy::needless_pass_by_value)] // every caller makes it for this question
    fn ask(&self, method: &str, params: Value) -> Result<Value, Trouble> {
        let mut pause = self.settings.pause;
        for attempt in 1.. {
            let trouble = match self.exchange(method, &params) {
                Ok(answer) => return Ok(answer),
                Err(trouble) => trouble,
            };
            let again = match &trouble {
                Trouble::Connection(reason) => Some(reason.clone()),
                Trouble::Garbage(what) => Some(format!("the answer is no use: {what}")),
                // slow down, please
                Trouble::Node { code: 429, message, .. } => Some(message.clone()),
                Trouble::Node { .. } => None,
            };
            let Some(reason) = again.filter(|_| attempt < self.settings.attempts) else { return Err(trouble) };
            (self.tell)(&Step::Retrying { reason });
            sleep(pause);
            pause = longer(pause);
        }
        Err(Trouble::Garbage("it was not asked"))
    }

    /// The same, where a refusal has no meaning of its own.
    fn read(&self, method: &'static str, params: Value) -> Result<Value, ChainError> {
        self.ask(method, params).map_err(|trouble| self.failed(method, trouble))
    }

    fn failed(&self, method: &'static str, trouble: Trouble) -> ChainError {
        let endpoint = self.endpoint.clone();
        match trouble {
            Trouble::Connection(reason) => ChainError::Unreachable { endpoint, reason },
            Trouble::Garbage(what) => ChainError::Garbage { endpoint, method, what },
            Trouble::Node { code, message, .. } => ChainError::Node { endpoint, method, code, message },
        }
    }

    fn garbage(&self, method: &'static str, what: &'static str) -> ChainError {
        ChainError::Garbage { endpoint: self.endpoint.clone(), method, what }
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
            let revert = Revert::decode(&data.unwrap_or_default());
            return ChainError::Reverted { revert: Box::new(revert), gas_used: 0 };
        }
        self.failed(method, Trouble::Node { code, message, data: None })
    }

    fn require_code(&self, address: Address) -> Result<(), ChainError> {
        if !self.has_code.borrow().contains(&address) && self.code(address)?.is_empty() {
            return Err(ChainError::NoCode { address });
        }
        Ok(())
    }

    fn nonce(&self, account: Address, block: &str) -> Result<u64, ChainError> {
        let answer = self.read("eth_getTransactionCount", json!([account, block]))?;
        quantity(&answer).ok_or_else(|| self.garbage("eth_getTransactionCount", "a nonce is a number"))
    }

    /// Signs, sends and waits.
    #[allow(clippy::needless_pass_by_value)] // every caller makes it for this transaction
    fn send(&self, from: Address, to: Option<Address>, data: Vec<u8>) -> Result<Receipt, ChainError> {
        let signer = self.signer.as_ref().filter(|signer| signer.address() == from);
        let signer = signer.ok_or(ChainError::NoKey { from, have: self.signer() })?;
        let got = self.asked_chain_id()?;
        if got != self.chain_id {
            return Err(ChainError::OtherChain { expected: self.chain_id, got });
        }
        if let Some(to) = to {
            self.require_code(to)?;
        }
        let mut taken = 0;
        for _ in 0..NONCES {
            let signed = self.sign(signer, from, to, &data)?;
            taken = signed.nonce;
            if self.submit(&signed)?
                && let Fate::Done(receipt) = self.wait(&signed)?
            {
                return Ok(*receipt);
            }
            (self.tell)(&Step::NonceTaken { nonce: signed.nonce });
        }
        Err(ChainError::NonceTaken { account: from, nonce: taken })
    }

    fn sign(&self, signer: &Signer, from: Address, to: Option<Address>, data: &[u8]) -> Result<Signed, ChainError> {
        let estimate = self.estimate(from, to, data)?;
        let gas_limit = (estimate + estimate / 5 + 5_000).min(GAS_LIMIT);
        let (max_fee_per_gas, max_priority_fee_per_gas) = self.fees()?;
        let most = U256::from(gas_limit) * U256::from(max_fee_per_gas);
        let balance = self.balance(from)?;
        if balance < most {
            return Err(ChainError::OutOfFunds { account: from, balance, needed: most });
        }
        let nonce = self.nonce(from, "pending")?;
        let transaction = TxEip1559 {
            chain_id: self.chain_id,
            nonce,
            gas_limit,
            max_fee_per_gas,
            max_priority_fee_per_gas,
            to: to.map_or(TxKind::Create, TxKind::Call),
            value: U256::ZERO,
            access_list: Default::default(),
            input: Bytes::copy_from_slice(data),
        };
        let signature =
            signer.sign_hash_sync(&transaction.signature_hash()).map_err(|_| ChainError::NoKey { from, have: None })?;
        let signed = transaction.into_signed(signature);
        let hash = *signed.hash();
        let mut raw = Vec::new();
        signed.eip2718_encode(&mut raw);
        (self.tell)(&Step::Sending { hash, nonce, most });
        let raw = format!("0x{}", hex::encode(raw));
        Ok(Signed { hash, raw, nonce, gas_limit, from, to, data: data.to_vec() })
    }

    /// Gives the transaction to the node; false if its nonce is another's.
    fn submit(&self, signed: &Signed) -> Result<bool, ChainError> {
        const METHOD: &str = "eth_sendRawTransaction";
        let mut pause = self.settings.pause;
        let mut lost = String::new();
        for _ in 0..self.settings.attempts {
            match self.exchange(METHOD, &json!([signed.raw])) {
                Ok(answer) if hash_of(&answer) == Some(signed.hash) => return Ok(true),
                Ok(_) => "the answer names another transaction".clone_into(&mut lost),
                Err(Trouble::Connection(reason)) => lost = reason,
                Err(Trouble::Garbage(what)) => lost = format!("the answer is no use: {what}"),
                Err(Trouble::Node { message, .. }) => {
                    let lower = message.to_lowercase();
                    let says = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
                    if says(&["already known", "already imported", "known transaction"]) || self.knows(signed.hash)? {
                        return Ok(true);
                    }
                    if says(&["nonce too low", "replacement", "nonce has already been used", "same nonce"]) {
                        return Ok(false);
                    }
                    if says(&["insufficient funds"]) {
                        let balance = self.balance(signed.from)?;
                        let needed = U256::from(signed.gas_limit) * U256::from(self.fees()?.0);
                        return Err(ChainError::OutOfFunds { account: signed.from, balance, needed });
                    }
                    return Err(ChainError::Rejected { reason: message });
                }
            }
            (self.tell)(&Step::Retrying { reason: lost.clone() });
            // Did it arrive? Asked once: if nobody can tell, the same bytes are sent again.
            let found = self.exchange("eth_getTransactionByHash", &json!([signed.hash]));
            if found.is_ok_and(|found| hash_of(&found["hash"]) == Some(signed.hash)) {
                return Ok(true);
            }
            sleep(pause);
            pause = longer(pause);
        }
        Err(ChainError::Unsettled { hash: signed.hash, endpoint: self.endpoint.clone(), reason: lost })
    }

    fn knows(&self, hash: B256) -> Result<bool, ChainError> {
        Ok(hash_of(&self.read("eth_getTransactionByHash", json!([hash]))?["hash"]) == Some(hash))
    }

    /// Waits for the block and its confirmations.
    fn wait(&self, signed: &Signed) -> Result<Fate, ChainError> {
        let start = Instant::now();
        let mut pause = self.settings.pause;
        let (mut missing, mut last, mut told) = (0, None, 0);
        let hash = signed.hash;
        loop {
            let unsettled = |error: ChainError| match error {
                ChainError::Unreachable { endpoint, reason } => ChainError::Unsettled { hash, endpoint, reason },
                error => error,
            };
            let answer = self.read("eth_getTransactionReceipt", json!([hash])).map_err(unsettled)?;
            if answer.is_null() {
                if let Some((block, _)) = last.take() {
                    (self.tell)(&Step::Reorganised { block });
                }
                // A node that lags knows of the nonce before it knows of the receipt.
                missing += u32::from(self.nonce(signed.from, "latest").map_err(unsettled)? > signed.nonce);
                if missing >= 5 {
                    return Ok(Fate::NonceTaken);
                }
            } else {
                missing = 0;
                let (block, block_hash, succeeded, gas_used, logs) = self.checked(signed, &answer)?;
                let head = self.block_number().map_err(unsettled)?;
                let (confirmations, wanted) = ((head + 1).saturating_sub(block), self.settings.confirmations);
                if last != Some((block, block_hash)) || confirmations > told {
                    (self.tell)(&Step::Included { block, confirmations, wanted });
                    told = confirmations;
                }
                last = Some((block, block_hash));
                if confirmations >= wanted {
                    let found =
                        self.read("eth_getBlockByNumber", json!([quantity_json(block), false])).map_err(unsettled)?;
                    let ours = json!(hash);
                    let contains = found["transactions"]
                        .as_array()
                        .is_some_and(|all| all.iter().any(|one| hash_of(one) == hash_of(&ours)));
                    if hash_of(&found["hash"]) == Some(block_hash) && contains {
                        let timestamp = quantity(&found["timestamp"])
                            .ok_or_else(|| self.garbage("eth_getBlockByNumber", "a block has a time"))?;
                        let receipt = Receipt {
                            block_number: block,
                            timestamp,
                            gas_used,
                            created: signed.to.is_none().then(|| signed.from.create(signed.nonce)),
                            output: Bytes::new(),
                            logs,
                        };
                        return self.settled(signed, succeeded, receipt).map(|receipt| Fate::Done(Box::new(receipt)));
                    }
                    (self.tell)(&Step::Reorganised { block });
                }
            }
            if start.elapsed() > self.settings.patience {
                return Err(match last {
                    Some((block, _)) => ChainError::Unconfirmed { hash, block },
                    None => ChainError::NotIncluded { hash, waited: self.settings.patience },
                });
            }
            sleep(pause);
            pause = longer(pause);
        }
    }

    /// What a receipt says, if it is about the transaction.
    #[allow(clippy::type_complexity)] // used once
    fn checked(&self, signed: &Signed, answer: &Value) -> Result<(u64, B256, bool, u64, Vec<ChainLog>), ChainError> {
        let wrong = |what| ChainError::BadReceipt { hash: signed.hash, what };
        if hash_of(&answer["transactionHash"]) != Some(signed.hash) {
            return Err(wrong("it is about another transaction"));
        }
        if address_of(&answer["from"]) != Some(signed.from) {
            return Err(wrong("it names another sender"));
        }
        let named = |key: &str| answer.get(key).filter(|value| !value.is_null());
        match signed.to {
            Some(to) if named("to").and_then(address_of) != Some(to) => {
                return Err(wrong("it names another recipient"));
            }
            None if named("to").is_some() => return Err(wrong("it names a recipient")),
            None if named("contractAddress").and_then(address_of) != Some(signed.from.create(signed.nonce)) => {
                return Err(wrong("it names another contract than the transaction makes"));
            }
            _ => {}
        }
        let block = quantity(&answer["blockNumber"]).ok_or_else(|| wrong("it names no block"))?;
        let block_hash = hash_of(&answer["blockHash"]).ok_or_else(|| wrong("it names no block"))?;
        let succeeded = match quantity(&answer["status"]) {
            Some(1) => true,
            Some(0) => false,
            _ => return Err(wrong("it does not say whether the transaction succeeded")),
        };
        let gas_used = quantity(&answer["gasUsed"]).filter(|gas| *gas <= signed.gas_limit);
        let gas_used = gas_used.ok_or_else(|| wrong("it names more gas than the transaction allowed"))?;
        let logs = answer["logs"].as_array().into_iter().flatten().map(log_of).collect::<Option<_>>();
        Ok((block, block_hash, succeeded, gas_used, logs.ok_or_else(|| wrong("its events are none"))?))
    }

    /// The end of a transaction that is in the chain.
    fn settled(&self, signed: &Signed, succeeded: bool, receipt: Receipt) -> Result<Receipt, ChainError> {
        if !succeeded {
            let question = match signed.to {
                Some(to) => self.query(signed.from, to, signed.data.clone()),
                None => self.estimate(signed.from, None, &signed.data).map(|_| Bytes::new()),
            };
            return Err(match question {
                Err(ChainError::Reverted { revert, .. }) => ChainError::Reverted { revert, gas_used: receipt.gas_used },
                _ => ChainError::Halted { reason: format!("transaction {} failed on the chain", signed.hash) },
            });
        }
        if self.nonce(signed.from, "latest")? <= signed.nonce {
            return Err(ChainError::BadReceipt { hash: signed.hash, what: "the sender's nonce was not used" });
        }
        if let Some(created) = receipt.created
            && self.code(created)?.is_empty()
        {
            return Err(ChainError::BadReceipt {
                hash: signed.hash,
                what: "there is no code where it made a contract",
            });
        }
        Ok(receipt)
    }

    fn logs_between(&self, filter: &LogFilter, from: u64, to: u64) -> Result<Vec<ChainLog>, Trouble> {
        let question = json!([{
            "address": filter.address, "topics": filter.topics,
            "fromBlock": quantity_json(from), "toBlock": quantity_json(to),
        }]);
        let answer = self.ask("eth_getLogs", question)?;
        let events = answer.as_array().ok_or(Trouble::Garbage("events are a list"))?;
        let mut logs = Vec::with_capacity(events.len());
        for event in events {
            let log = log_of(event).ok_or(Trouble::Garbage("an event is none"))?;
            let asked = |(at, topic): (usize, &Option<B256>)| topic.is_none() || log.topics.get(at) == topic.as_ref();
            let fits = log.address == filter.address && filter.topics.iter().enumerate().all(asked);
            if !fits || !(from..=to).contains(&log.block_number) {
                return Err(Trouble::Garbage("an event is not what was asked for"));
            }
            if event["removed"] != true {
                let order = (log.block_number, quantity(&event["logIndex"]).unwrap_or_default());
                logs.push((order, log));
            }
        }
        logs.sort_by_key(|(order, _)| *order);
        Ok(logs.into_iter().map(|(_, log)| log).collect())
    }
}

impl Chain for RpcChain {
    fn chain_id(&self) -> Result<u64, ChainError> {
        Ok(self.chain_id)
    }

    fn block_number(&self) -> Result<u64, ChainError> {
        let answer = self.read("eth_blockNumber", json!([]))?;
        quantity(&answer).ok_or_else(|| self.garbage("eth_blockNumber", "a block's number is a number"))
    }

    fn block_hash(&self, number: u64) -> Result<Option<B256>, ChainError> {
        let block = self.read("eth_getBlockByNumber", json!([quantity_json(number), false]))?;
        if block.is_null() {
            return Ok(None);
        }
        if quantity(&block["number"]) != Some(number) {
            return Err(self.garbage("eth_getBlockByNumber", "the block has the number asked for"));
        }
        hash_of(&block["hash"]).map(Some).ok_or_else(|| self.garbage("eth_getBlockByNumber", "a block has a hash"))
    }

    fn code(&self, address: Address) -> Result<Bytes, ChainError> {
        let answer = self.read("eth_getCode", json!([address, "latest"]))?;
        let code = bytes_of(&answer).ok_or_else(|| self.garbage("eth_getCode", "code is bytes"))?;
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
        match self.ask("eth_call", json!([question, "latest"])) {
            Ok(answer) => bytes_of(&answer).ok_or_else(|| self.garbage("eth_call", "an output is bytes")),
            Err(trouble) => Err(self.refused("eth_call", trouble)),
        }
    }

    fn transact(&self, from: Address, to: Address, data: Vec<u8>) -> Result<Receipt, ChainError> {
        self.send(from, Some(to), data)
    }

    fn deploy(&self, from: Address, init_code: Vec<u8>) -> Result<Receipt, ChainError> {
        self.send(from, None, init_code)
    }

    fn logs(&self, filter: &LogFilter) -> Result<Vec<ChainLog>, ChainError> {
        let last = match filter.to_block {
            Some(last) => last,
            None => self.block_number()?,
        };
        let (mut from, mut range, mut logs) = (filter.from_block, RANGE, Vec::new());
        while from <= last {
            let to = last.min(from.saturating_add(range - 1));
            match self.logs_between(filter, from, to) {
                Ok(found) => {
                    logs.extend(found);
                    from = to + 1;
                    range = (range * 2).min(RANGE);
                }
                // Nodes say "too many" in many ways: whatever they refuse is asked for in halves.
                Err(Trouble::Node { .. } | Trouble::Garbage("it is longer than 64 MiB")) if to > from => {
                    range = (to - from).div_ceil(2);
                }
                Err(trouble) => return Err(self.failed("eth_getLogs", trouble)),
            }
        }
        Ok(logs)
    }
}

fn longer(pause: Duration) -> Duration {
    (pause * 2).min(Duration::from_secs(2))
}

fn transaction_json(from: Address, to: Option<Address>, data: &[u8]) -> Value {
    let mut transaction = json!({ "from": from, "data": format!("0x{}", hex::encode(data)) });
    if let Some(to) = to {
        transaction["to"] = json!(to);
    }
    transaction
}

fn quantity_json(number: u64) -> Value {
    json!(format!("{number:#x}"))
}

fn digits(value: &Value) -> Option<&str> {
    value.as_str()?.strip_prefix("0x")
}

fn quantity(value: &Value) -> Option<u64> {
    u64::from_str_radix(digits(value).filter(|digits| !digits.starts_with('+'))?, 16).ok()
}

fn big(value: &Value) -> Option<U256> {
    U256::from_str_radix(digits(value).filter(|digits| !digits.is_empty())?, 16).ok()
}

fn bytes_of(value: &Value) -> Option<Bytes> {
    hex::decode(digits(value)?).ok().map(Bytes::from)
}

fn hash_of(value: &Value) -> Option<B256> {
    B256::try_from(&bytes_of(value)?[..]).ok()
}

fn address_of(value: &Value) -> Option<Address> {
    Address::try_from(&bytes_of(value)?[..]).ok()
}

fn log_of(value: &Value) -> Option<ChainLog> {
    Some(ChainLog {
        block_number: quantity(&value["blockNumber"])?,
        address: address_of(&value["address"])?,
        topics: value["topics"].as_array()?.iter().map(hash_of).collect::<Option<_>>()?,
        data: bytes_of(&value["data"])?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpListener;

    #[test]
    fn of_a_url_only_scheme_and_host_are_shown() {
        for (url, clean, header, shown) in [
            ("http://localhost:8545", "http://localhost:8545", None, "http://localhost:8545"),
            ("https://a.example/", "https://a.example/", None, "https://a.example"),
            ("https://a.example/v3/key", "https://a.example/v3/key", None, "https://a.example/…"),
            ("https://a.example?key=1", "https://a.example?key=1", None, "https://a.example/…"),
            ("https://u:p%40w@a.example/k", "https://a.example/k", Some("Basic dTpwQHc="), "https://a.example/…"),
        ] {
            let expected = (clean.to_owned(), header.map(str::to_owned), shown.to_owned());
            assert_eq!(parts(url), Some(expected), "{url}");
        }
        for wrong in ["", "localhost:8545", "ftp://a.example", "http://", "http:///key", "file:///etc/passwd"] {
            assert_eq!(parts(wrong), None, "{wrong}");
            assert_eq!(endpoint(wrong), "the URL");
        }
        assert!(
            is_loopback("http://localhost:1") && is_loopback("http://127.0.0.1") && is_loopback("http://[::1]:1/k")
        );
        assert!(!is_loopback("http://localhost.example") && !is_loopback("http://10.0.0.1"));
    }

    #[test]
    fn numbers_are_what_the_protocol_says() {
        assert_eq!(quantity(&json!("0x1f")), Some(31));
        for wrong in [json!(31), json!("31"), json!("0x"), json!("0x+1"), json!("0x-1"), json!("0x1ffffffffffffffff")] {
            assert_eq!(quantity(&wrong), None, "{wrong}");
        }
        assert_eq!(words("a\u{1b}[2Jb\nc"), "a [2Jb c");
        assert_eq!(words(&"x".repeat(1000)).len(), WORDS);
    }

    /// A node that has one event in every block from 10 to 14, and refuses to tell of more than two blocks at once.
    #[test]
    fn events_are_asked_for_in_halves_where_they_are_too_many() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(stream);
                let mut length = 0;
                loop {
                    let mut line = String::new();
                    reader.read_line(&mut line).unwrap();
                    if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                    if line.trim().is_empty() {
                        break;
                    }
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                let question: Value = serde_json::from_slice(&body).unwrap();
                let at = |key: &str| quantity(&question["params"][0][key]).unwrap();
                let answer = match question["method"].as_str().unwrap() {
                    "eth_chainId" => json!({ "id": 1, "result": "0x1" }),
                    "eth_blockNumber" => json!({ "id": 1, "result": "0x186a0" }),
                    _ if at("toBlock") - at("fromBlock") > 1 && at("toBlock") >= 10 && at("fromBlock") <= 14 => {
                        json!({ "id": 1, "error": { "code": -32005, "message": "query returned more than 2 results" } })
                    }
                    _ => {
                        let blocks = (at("fromBlock")..=at("toBlock")).filter(|block| (10..=14).contains(block));
                        let event = |block: u64| {
                            json!({
                                "address": Address::repeat_byte(1), "topics": [B256::repeat_byte(2)], "data": "0x",
                                "blockNumber": quantity_json(block), "logIndex": "0x0",
                            })
                        };
                        json!({ "id": 1, "result": blocks.map(event).collect::<Vec<_>>() })
                    }
                };
                let answer = answer.to_string();
                let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", answer.len());
                reader.get_mut().write_all((head + &answer).as_bytes()).unwrap();
            }
        });
        let chain = RpcChain::connect(&url, None, Settings::default(), Box::new(|_| ())).unwrap();
        let topics = vec![Some(B256::repeat_byte(2))];
        let filter = LogFilter { address: Address::repeat_byte(1), topics, from_block: 3, to_block: None };
        let blocks: Vec<_> = chain.logs(&filter).unwrap().iter().map(|log| log.block_number).collect();
        assert_eq!(blocks, [10, 11, 12, 13, 14]);
        // Events that nobody asked for are not believed.
        let other =
            LogFilter { topics: vec![Some(B256::repeat_byte(3))], from_block: 10, to_block: Some(11), ..filter };
        let mut impatient = chain;
        impatient.settings.attempts = 1;
        assert!(matches!(impatient.logs(&other), Err(ChainError::Garbage { .. })));
    }
}
