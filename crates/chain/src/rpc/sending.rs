//! Making a transaction happen, once.
//!
//! Its gas is estimated, so that what would be refused costs nothing. After a send whose answer was lost the transaction is
//! looked up by its hash, and the very same bytes are sent again: twice the same bytes are one transaction. If another
//! transaction took its nonce, it can never happen, and is made anew with the next nonce. What an earlier run sent and no
//! block has yet is waited for before the chain is asked what is left to do ([`RpcChain::wait_for_earlier`]).

use super::{
    GAS_LIMIT, RpcChain, Signer, Step,
    parse::{Quantity, ReceiptAnswer, Transaction},
    transport::{Trouble, longer},
};
use crate::{Chain, ChainError, ChainLog, Receipt};
use alloy_consensus::{SignableTransaction, TxEip1559};
use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use alloy_signer::SignerSync;
use serde_json::json;
use std::{thread::sleep, time::Instant};

/// How often a transaction is made anew because another one took its nonce.
const NONCES: u32 = 4;

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

/// What a receipt says that fits its transaction.
struct Inclusion {
    block: u64,
    block_hash: B256,
    succeeded: bool,
    gas_used: u64,
    logs: Vec<ChainLog>,
}

impl RpcChain {
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
                self.observer.notice(&Step::Earlier { count });
            }
            if start.elapsed() > self.settings.patience {
                return Err(ChainError::Outstanding { account, count, waited: self.settings.patience });
            }
            sleep(pause);
            pause = longer(pause);
        }
    }

    pub(super) fn nonce(&self, account: Address, block: &str) -> Result<u64, ChainError> {
        Ok(self.read::<Quantity>("eth_getTransactionCount", json!([account, block]))?.0)
    }

    /// Signs, sends and waits.
    #[allow(clippy::needless_pass_by_value)] // every caller makes it for this transaction
    pub(super) fn send(&self, from: Address, to: Option<Address>, data: Vec<u8>) -> Result<Receipt, ChainError> {
        self.require_sender(from)?;
        let signer = self.signer.as_ref().ok_or(ChainError::NoKey { from, have: None })?;
        let got = self.asked_chain_id()?;
        if got != self.chain_id {
            return Err(ChainError::OtherChain { expected: self.chain_id, got });
        }
        if let Some(to) = to {
            self.require_code(to)?;
        }
        let (mut taken, mut spent) = (0, U256::ZERO);
        for _ in 0..NONCES {
            let signed = self.sign(signer, from, to, &data, &mut spent)?;
            taken = signed.nonce;
            if self.submit(&signed)?
                && let Fate::Done(receipt) = self.wait(&signed)?
            {
                return Ok(*receipt);
            }
            self.observer.notice(&Step::NonceTaken { nonce: signed.nonce });
        }
        Err(ChainError::NonceTaken { account: from, nonce: taken })
    }

    /// Signs; `spent` is what transactions that were signed before for the same purpose may still cost.
    fn sign(
        &self,
        signer: &Signer,
        from: Address,
        to: Option<Address>,
        data: &[u8],
        spent: &mut U256,
    ) -> Result<Signed, ChainError> {
        let estimate = self.estimate(from, to, data)?;
        let gas_limit = (estimate + estimate / 5 + 5_000).min(GAS_LIMIT);
        let fees = self.fees()?;
        let most = U256::from(gas_limit) * U256::from(fees.max_fee_per_gas);
        *spent = spent.saturating_add(most);
        self.approve(*spent)?;
        let balance = self.balance(from)?;
        if balance < most {
            return Err(ChainError::OutOfFunds { account: from, balance, needed: most });
        }
        let nonce = self.nonce(from, "pending")?;
        let transaction = TxEip1559 {
            chain_id: self.chain_id,
            nonce,
            gas_limit,
            max_fee_per_gas: fees.max_fee_per_gas,
            max_priority_fee_per_gas: fees.tip,
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
        self.observer.notice(&Step::Sending { hash, nonce, most });
        let raw = format!("0x{}", hex::encode(raw));
        Ok(Signed { hash, raw, nonce, gas_limit, from, to, data: data.to_vec() })
    }

    /// Refuses what costs more than was allowed, unless somebody allows it now.
    fn approve(&self, cost: U256) -> Result<(), ChainError> {
        let most = self.settings.max_cost;
        if cost <= most.max(self.approved.get()) {
            return Ok(());
        }
        if !self.observer.approve(cost) {
            return Err(ChainError::CostTooHigh { got: cost, most });
        }
        self.approved.set(cost);
        Ok(())
    }

    /// Gives the transaction to the node; false if its nonce is another's.
    fn submit(&self, signed: &Signed) -> Result<bool, ChainError> {
        const METHOD: &str = "eth_sendRawTransaction";
        let mut pause = self.settings.pause;
        let mut lost = String::new();
        for _ in 0..self.settings.attempts {
            match self.exchange::<B256>(METHOD, &json!([signed.raw])) {
                Ok(hash) if hash == signed.hash => return Ok(true),
                Ok(_) => "the answer names another transaction".clone_into(&mut lost),
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
                        let needed = U256::from(signed.gas_limit) * U256::from(self.fees()?.max_fee_per_gas);
                        return Err(ChainError::OutOfFunds { account: signed.from, balance, needed });
                    }
                    return Err(ChainError::Rejected { reason: message });
                }
                Err(trouble) => {
                    if let Trouble::Busy { pause: Some(asked), .. } = &trouble {
                        pause = pause.max(*asked).min(std::time::Duration::from_secs(60));
                    }
                    lost = match self.failed(METHOD, trouble) {
                        ChainError::Unreachable { reason, .. } => reason,
                        ChainError::Garbage { what, .. } => format!("the answer is no use: {what}"),
                        error => error.to_string(),
                    };
                }
            }
            self.observer.notice(&Step::Retrying { reason: lost.clone() });
            // Did it arrive? Asked once: if nobody can tell, the same bytes are sent again.
            let found = self.exchange::<Option<Transaction>>("eth_getTransactionByHash", &json!([signed.hash]));
            if found.is_ok_and(|found| found.is_some_and(|found| found.hash == signed.hash)) {
                return Ok(true);
            }
            sleep(pause);
            pause = longer(pause);
        }
        Err(ChainError::Unsettled { hash: signed.hash, endpoint: self.endpoint.clone(), reason: lost })
    }

    fn knows(&self, hash: B256) -> Result<bool, ChainError> {
        let found: Option<Transaction> = self.read("eth_getTransactionByHash", json!([hash]))?;
        Ok(found.is_some_and(|found| found.hash == hash))
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
            let answer: Option<ReceiptAnswer> =
                self.read("eth_getTransactionReceipt", json!([hash])).map_err(|error| match error {
                    ChainError::Garbage { .. } => ChainError::BadReceipt { hash, what: "a field of it is none" },
                    error => unsettled(error),
                })?;
            if let Some(answer) = answer {
                missing = 0;
                let included = checked(signed, answer)?;
                let (block, block_hash) = (included.block, included.block_hash);
                let head = self.block_number().map_err(unsettled)?;
                let (confirmations, wanted) =
                    (head.saturating_add(1).saturating_sub(block), self.settings.confirmations);
                if last != Some((block, block_hash)) || confirmations > told {
                    self.observer.notice(&Step::Included { block, confirmations, wanted });
                    told = confirmations;
                }
                last = Some((block, block_hash));
                if confirmations >= wanted {
                    let found = self.block(block).map_err(unsettled)?;
                    if let Some(found) =
                        found.filter(|found| found.hash == block_hash && found.transactions.contains(&hash))
                    {
                        let receipt = Receipt {
                            block_number: block,
                            timestamp: found.timestamp.0,
                            gas_used: included.gas_used,
                            created: signed.to.is_none().then(|| signed.from.create(signed.nonce)),
                            output: Bytes::new(),
                            logs: included.logs,
                        };
                        let settled = self.settled(signed, included.succeeded, receipt);
                        return settled.map(|receipt| Fate::Done(Box::new(receipt)));
                    }
                    self.observer.notice(&Step::Reorganised { block });
                }
            } else {
                if let Some((block, _)) = last.take() {
                    self.observer.notice(&Step::Reorganised { block });
                }
                // A node that lags knows of the nonce before it knows of the receipt.
                missing += u32::from(self.nonce(signed.from, "latest").map_err(unsettled)? > signed.nonce);
                if missing >= 5 {
                    return Ok(Fate::NonceTaken);
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
}

/// What a receipt says, if it is about the transaction.
fn checked(signed: &Signed, answer: ReceiptAnswer) -> Result<Inclusion, ChainError> {
    let wrong = |what| ChainError::BadReceipt { hash: signed.hash, what };
    if answer.transaction_hash != signed.hash {
        return Err(wrong("it is about another transaction"));
    }
    if answer.from != signed.from {
        return Err(wrong("it names another sender"));
    }
    match signed.to {
        Some(_) if answer.to != signed.to => return Err(wrong("it names another recipient")),
        None if answer.to.is_some() => return Err(wrong("it names a recipient")),
        None if answer.contract_address != Some(signed.from.create(signed.nonce)) => {
            return Err(wrong("it names another contract than the transaction makes"));
        }
        _ => {}
    }
    let succeeded = match answer.status.0 {
        1 => true,
        0 => false,
        _ => return Err(wrong("it does not say whether the transaction succeeded")),
    };
    if answer.gas_used.0 > signed.gas_limit {
        return Err(wrong("it names more gas than the transaction allowed"));
    }
    Ok(Inclusion {
        block: answer.block_number.0,
        block_hash: answer.block_hash,
        succeeded,
        gas_used: answer.gas_used.0,
        logs: answer.logs.into_iter().map(ChainLog::from).collect(),
    })
}
