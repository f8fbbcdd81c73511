//! Commit and reveal: a seal is reserved before a registration, and shown after it.
//!
//! A seal is a hash of commitment, registrant and a random salt, for one chain and one registry. Who reserves it says
//! nothing, and does not matter: it is good for the registrant's records only. Shown, it gives a record the time at which
//! it was reserved.

use super::{RegistryClient, records::Record, took_effect};
use crate::{Chain, ChainError, Receipt, abi::IContentRegistry};
use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolValue;

/// Separates seals from every other hash of ours.
pub const SEAL_DOMAIN: &str = "veilmark reservation v1";

/// The seal, as the contract makes it.
pub fn seal(chain_id: u64, registry: Address, image_commitment: B256, registrant: Address, salt: B256) -> B256 {
    let domain = keccak256(SEAL_DOMAIN);
    keccak256((domain, U256::from(chain_id), registry, image_commitment, registrant, salt).abi_encode())
}

impl<C: Chain> RegistryClient<C> {
    /// When a seal was reserved, in seconds since 1970; `None` where it was not.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn reserved_at(&self, seal: B256) -> Result<Option<u64>, ChainError> {
        let time = self.ask(self.deployment().content(), &IContentRegistry::reservedAtCall { seal })?;
        Ok((time != 0).then_some(time))
    }

    /// Reserves a seal, unless that was done; returns the time, and the receipt if it was done now. Anyone may pay.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn reserve(&self, seal: B256, payer: Address) -> Result<(u64, Option<Receipt>), ChainError> {
        if let Some(time) = self.reserved_at(seal)? {
            return Ok((time, None));
        }
        let receipt = self.send(payer, self.deployment().content(), &IContentRegistry::reserveCall { seal })?;
        let time = self.reserved_at(seal)?.ok_or(ChainError::NoEffect { what: "the seal is not reserved" })?;
        Ok((time, Some(receipt)))
    }

    /// Shows a seal: the record says from now on when it was reserved. The record's registrant sends.
    ///
    /// # Errors
    ///
    /// If the registry refuses: `NotReserved` where the seal is another's, or reserved after the registration;
    /// `AlreadyShown` where the record has a reservation.
    pub fn show_reservation(&self, record: &Record, salt: B256) -> Result<Receipt, ChainError> {
        let call = IContentRegistry::showReservationCall { record: record.clone(), salt };
        let receipt = self.send(record.registrant, self.deployment().content(), &call)?;
        let shown = self.stored(record)?.reserved_at().is_some();
        took_effect(shown, "the record has no reservation").map(|()| receipt)
    }
}
