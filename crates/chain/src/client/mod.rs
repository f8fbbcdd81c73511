//! The contracts' client, for any chain.
//!
//! [`claims`] asks the router which claims and keys stand, [`records`] the content registry, [`models`] the registry of
//! models, [`tokens`] the tokens; [`authorized`] registers for somebody who signed, [`reservations`] reserves a time,
//! [`search`] finds records by what they say.
//!
//! What the caller must believe: the chain, for the present state of contracts whose addresses were computed here. Before
//! anything is asked the code at each address is compared with this program's; that the storage behind it is honest
//! follows from the address ([`crate::deployment`]).

pub mod authorized;
pub mod claims;
pub mod models;
pub mod records;
pub mod reservations;
pub mod search;
pub mod tokens;

use crate::{
    Chain, ChainError, Receipt,
    call::{READER, decode},
    deployment::Deployment,
};
use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolError};
use std::sync::OnceLock;
use veilmark_statement::public;

/// Entries of a list that are read at the most: whoever makes one longer, node or griefer, is not waited for.
pub(crate) const MOST_LISTED: usize = 100_000;

/// The contracts' client.
#[derive(Debug)]
pub struct RegistryClient<C> {
    chain: C,
    deployment: Deployment,
    /// Set once the contracts were found to be there.
    known: OnceLock<()>,
}

impl<C: Chain> RegistryClient<C> {
    /// The client of contracts on a chain. Nothing is asked yet.
    pub fn new(chain: C, deployment: Deployment) -> Self {
        Self { chain, deployment, known: OnceLock::new() }
    }

    /// The chain itself.
    pub fn chain(&self) -> &C {
        &self.chain
    }

    /// Where the contracts are.
    pub fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// The context of a proof by `registrant` for this chain and registry.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn context_of(&self, registrant: Address) -> Result<[u8; 31], ChainError> {
        Ok(public::context(self.chain.chain_id()?, self.deployment.content().into(), registrant.into()))
    }

    /// Whether the contracts are deployed. That their code is this program's is asked once.
    ///
    /// # Errors
    ///
    /// [`ChainError::OtherCode`] where something else is at an address, or if the chain fails.
    pub fn exists(&self) -> Result<bool, ChainError> {
        if self.known.get().is_some() {
            return Ok(true);
        }
        let mut found = true;
        for (address, artifact) in self.deployment.addresses() {
            let code = self.chain.code(address)?;
            if !code.is_empty() && !artifact.is_code_of(&code) {
                return Err(ChainError::OtherCode { address });
            }
            found &= !code.is_empty();
        }
        if found {
            let _ = self.known.set(());
        }
        Ok(found)
    }

    /// Refuses to go on where there are no contracts.
    ///
    /// # Errors
    ///
    /// [`ChainError::NotRegistered`].
    pub fn require(&self) -> Result<(), ChainError> {
        if self.exists()? {
            return Ok(());
        }
        let what = format!("there is no registry at {} on this chain", self.deployment.content());
        Err(ChainError::NotRegistered { what })
    }

    pub(crate) fn ask<F: SolCall>(&self, to: Address, call: &F) -> Result<F::Return, ChainError> {
        self.require()?;
        decode::<F>(to, &self.chain.query(READER, to, call.abi_encode())?)
    }

    /// The entries of a list on the chain, of a count that the chain says.
    pub(crate) fn list<T>(
        &self,
        count: U256,
        entry: impl Fn(U256) -> Result<T, ChainError>,
    ) -> Result<Vec<T>, ChainError> {
        let limit = MOST_LISTED;
        let count = usize::try_from(count).ok().filter(|count| *count <= limit);
        let count = count.ok_or(ChainError::ListTooLong { limit })?;
        (0..count).map(|index| entry(U256::from(index))).collect()
    }

    pub(crate) fn send<F: SolCall>(&self, from: Address, to: Address, call: &F) -> Result<Receipt, ChainError> {
        self.require()?;
        self.chain.transact(from, to, call.abi_encode())
    }

    /// Sends a call that succeeds at most once, or finds what it made earlier: the contract then refuses with `E`, which names
    /// it. Simulated first, so a refusal costs no gas.
    ///
    /// Returns what `E` names, and the receipt if it was made now.
    pub(crate) fn once<F: SolCall, E: SolError>(
        &self,
        from: Address,
        to: Address,
        call: &F,
        named: impl Fn(E) -> U256,
    ) -> Result<(U256, Option<Receipt>), ChainError> {
        self.require()?;
        let ask = || self.chain.query(from, to, call.abi_encode());
        let earlier = |error: ChainError| error.contract_error::<E>().map(&named).ok_or(error);
        if let Err(error) = ask() {
            return earlier(error).map(|value| (value, None));
        }
        match self.chain.transact(from, to, call.abi_encode()) {
            // A receipt has no output on every chain: what the contract says now tells the id, and whether it is true.
            Ok(receipt) if receipt.output.len() != 32 => match ask() {
                Err(error) => earlier(error).map(|value| (value, Some(receipt))),
                Ok(_) => Err(ChainError::NoEffect { what: "the contract would do it once more" }),
            },
            Ok(receipt) => Ok((U256::from_be_slice(&receipt.output), Some(receipt))),
            Err(error) => earlier(error).map(|value| (value, None)),
        }
    }
}

pub(crate) fn took_effect(holds: bool, what: &'static str) -> Result<(), ChainError> {
    if holds { Ok(()) } else { Err(ChainError::NoEffect { what }) }
}

pub(crate) fn within_bounds(listed: usize) -> Result<(), ChainError> {
    if listed <= MOST_LISTED { Ok(()) } else { Err(ChainError::ListTooLong { limit: MOST_LISTED }) }
}

/// `None` where the contract says, by the error `E`, that there is no such thing.
pub(crate) fn unless<E: SolError, T>(answer: Result<T, ChainError>) -> Result<Option<T>, ChainError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(ChainError::NotRegistered { .. }) => Ok(None),
        Err(error) if error.contract_error::<E>().is_some() => Ok(None),
        Err(error) => Err(error),
    }
}

pub(crate) fn not_registered(what: String) -> impl FnOnce() -> ChainError {
    move || ChainError::NotRegistered { what }
}

#[cfg(all(test, feature = "embedded"))]
mod testing;
#[cfg(all(test, feature = "embedded"))]
mod tests;
