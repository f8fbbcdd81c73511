//! What the event of a registration tells.
//!
//! A record's id is the hash of all that it says: an event that says something else than its id is none of the contract's.

use crate::{
    ChainError,
    abi::{IContentRegistry, Record},
};
use alloy_primitives::{Address, B256, keccak256};
use alloy_sol_types::{SolEvent, SolValue};
use veilmark_statement::fingerprint::Fingerprint;

pub use IContentRegistry::ContentRegistered;

/// The id of a record, as the contract makes it.
pub fn record_id(record: &Record) -> B256 {
    keccak256(record.abi_encode())
}

/// Half of a fingerprint's bits are set, and no tolerance reaches from there to none.
pub(crate) fn fingerprint_of(word: B256) -> Option<Fingerprint> {
    (!word.is_zero()).then(|| Fingerprint::from_bytes(word.0))
}

/// The registration that an event tells of.
pub(crate) fn registered(topics: &[B256], data: &[u8], address: Address) -> Result<ContentRegistered, ChainError> {
    let malformed = ChainError::Malformed { address, function: "ContentRegistered" };
    let event = ContentRegistered::decode_raw_log_validate(topics.iter().copied(), data);
    event.ok().filter(|event| record_id(&event.record) == event.recordId).ok_or(malformed)
}
