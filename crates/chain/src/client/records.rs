//! Records of the content registry.
//!
//! The chain stores of a record only when it was made and under which key. What it says is in its event; its id is the hash
//! of all of that, so whatever an event says is compared with what the chain stores.

use super::{RegistryClient, not_registered, took_effect, unless};
use crate::{
    Chain, ChainError, LogFilter, Receipt,
    abi::IContentRegistry,
    event::{fingerprint_of, registered},
};
use alloy_primitives::{B256, U256};
use alloy_sol_types::{SolCall, SolEvent};
use veilmark_statement::fingerprint::Fingerprint;

pub use crate::{
    abi::{Record, Statement},
    event::{ContentRegistered, record_id},
};
pub use IContentRegistry::{Entry, Status};

/// What is to be registered, and the proof of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission<'p> {
    /// What the record will say.
    pub record: Record,
    /// The proof.
    pub proof: &'p [u8],
}

impl Submission<'_> {
    /// The call of the content registry that registers it.
    pub fn call(&self) -> IContentRegistry::registerCall {
        IContentRegistry::registerCall { record: self.record.clone(), proof: self.proof.to_vec().into() }
    }
}

/// A record as the chain has it: what it says, when it was made, and whether it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Identifies the record.
    pub record_id: B256,
    /// What it says.
    pub record: Record,
    /// When it was made, and what became of it.
    pub entry: Entry,
    /// Whether it counts.
    pub status: Status,
}

impl Stored {
    /// The statement that was proved.
    pub fn statement(&self) -> &Statement {
        &self.record.statement
    }

    /// The fingerprint, or the salted hash of one; `None` for a claim without either.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        fingerprint_of(self.record.statement.fingerprint)
    }

    /// When the commitment was reserved, in seconds since 1970, where a reservation was shown.
    pub fn reserved_at(&self) -> Option<u64> {
        (self.entry.reservedAt != 0).then_some(self.entry.reservedAt)
    }

    /// When it was revoked, in seconds since 1970.
    pub fn revoked_at(&self) -> Option<u64> {
        (self.entry.revokedAt != 0).then_some(self.entry.revokedAt)
    }
}

/// A registration that the chain accepted, now or earlier.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The record, as the chain has it.
    pub stored: Stored,
    /// What the transaction did and cost; `None` where the record was there already and nothing was sent.
    pub receipt: Option<Receipt>,
}

impl Registration {
    /// Whether the record was there already.
    pub fn already(&self) -> bool {
        self.receipt.is_none()
    }
}

impl<C: Chain> RegistryClient<C> {
    /// Registers content; finds the record where it is there already.
    ///
    /// # Errors
    ///
    /// If registry, router or verifier refuses.
    pub fn register(&self, submission: &Submission<'_>) -> Result<Registration, ChainError> {
        let registrant = submission.record.registrant;
        let named = |error: IContentRegistry::AlreadyRegistered| U256::from_be_bytes(error.recordId.0);
        let (output, receipt) = self.once(registrant, self.deployment().content(), &submission.call(), named)?;
        self.registration(&submission.record, output, receipt)
    }

    pub(super) fn registration(
        &self,
        record: &Record,
        output: U256,
        receipt: Option<Receipt>,
    ) -> Result<Registration, ChainError> {
        took_effect(B256::from(output) == record_id(record), "the registry names another record")?;
        Ok(Registration { stored: self.stored(record)?, receipt })
    }

    /// Asks the chain whether [`Self::register`] would find the proof valid, and returns the gas it takes.
    ///
    /// # Errors
    ///
    /// If the registry or the verifier refuses; `CommitmentMismatch` if the proof is about something else.
    pub fn check(&self, submission: &Submission<'_>, accept_unreviewed: bool) -> Result<u64, ChainError> {
        let call = IContentRegistry::checkCall {
            record: submission.record.clone(),
            acceptUnreviewed: accept_unreviewed,
            proof: submission.proof.to_vec().into(),
        };
        self.require()?;
        let registrant = submission.record.registrant;
        Ok(self.chain().call(registrant, self.deployment().content(), call.abi_encode())?.gas_used)
    }

    /// A record that the caller knows, as the chain has it.
    ///
    /// # Errors
    ///
    /// [`ChainError::NotRegistered`] if there is none.
    pub fn stored(&self, record: &Record) -> Result<Stored, ChainError> {
        let record_id = record_id(record);
        let answer = self.ask(self.deployment().content(), &IContentRegistry::readCall { record: record.clone() });
        let answer = unless::<IContentRegistry::UnknownRecord, _>(answer)?;
        let IContentRegistry::readReturn { entry, recordStatus: status } =
            answer.ok_or_else(not_registered(format!("record {record_id}")))?;
        if entry.vkHash != record.vkHash || status == Status::__Invalid {
            return Err(ChainError::Malformed { address: self.deployment().content(), function: "read" });
        }
        Ok(Stored { record_id, record: record.clone(), entry, status })
    }

    /// The record of an id, with what its event says.
    ///
    /// # Errors
    ///
    /// [`ChainError::NotRegistered`] if there is none.
    pub fn record(&self, record_id: B256) -> Result<Stored, ChainError> {
        let content = self.deployment().content();
        let missing = || not_registered(format!("record {record_id}"));
        let entry = self.ask(content, &IContentRegistry::entryOfCall { recordId: record_id });
        let entry: Entry = unless::<IContentRegistry::UnknownRecord, _>(entry)?.ok_or_else(missing())?;
        let at = self.registrations(entry.blockNumber, Some(entry.blockNumber), Vec::new())?;
        let event = at.into_iter().find(|(_, event)| event.recordId == record_id).ok_or_else(missing())?;
        self.stored(&event.1.record)
    }

    /// The registrations of some blocks, oldest first: block and event. Each topic must be equal where one is given:
    /// commitment, fingerprint, registrant.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn registrations(
        &self,
        from_block: u64,
        to_block: Option<u64>,
        topics: Vec<Option<B256>>,
    ) -> Result<Vec<(u64, ContentRegistered)>, ChainError> {
        self.require()?;
        let address = self.deployment().content();
        let topics = [vec![Some(ContentRegistered::SIGNATURE_HASH)], topics].concat();
        let logs = self.chain().logs(&LogFilter { address, topics, from_block, to_block })?;
        logs.iter().map(|log| Ok((log.block_number, registered(&log.topics, &log.data, address)?))).collect()
    }

    /// Takes a record back, for good; its registrant sends.
    ///
    /// # Errors
    ///
    /// If the registry refuses.
    pub fn revoke(&self, record: &Record) -> Result<Receipt, ChainError> {
        let call = IContentRegistry::revokeCall { record: record.clone() };
        let receipt = self.send(record.registrant, self.deployment().content(), &call)?;
        took_effect(self.stored(record)?.status == Status::Revoked, "the record is not revoked").map(|()| receipt)
    }
}
