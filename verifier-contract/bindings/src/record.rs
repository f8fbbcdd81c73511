//! A record as the contracts take it.
//!
//! What a record says, and its id, stand in [`veilmark_statement::record`]; here it becomes Solidity's.

use crate::interfaces::{Record, Statement};
use alloy_primitives::{B256, U256};
use veilmark_statement::record;

impl From<record::Statement> for Statement {
    fn from(statement: record::Statement) -> Self {
        Self {
            imageCommitment: statement.image_commitment.into(),
            sourceCommitment: statement.source_commitment.into(),
            fingerprint: statement.fingerprint.into(),
            modelHash: statement.model_hash.into(),
            promptCommitment: statement.prompt_commitment.into(),
            tolerance: statement.tolerance,
            extra: statement.extra.into_iter().map(B256::from).collect(),
        }
    }
}

impl From<record::Record> for Record {
    fn from(record: record::Record) -> Self {
        Self {
            vkHash: record.vk_hash.into(),
            registrant: record.registrant.into(),
            modelId: U256::from_be_bytes(record.model_id),
            statement: record.statement.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::keccak256;
    use alloy_sol_types::SolValue;

    /// The statement's own ABI encoder against alloy's: the contract's id is the hash of the same bytes.
    #[test]
    fn an_id_is_the_hash_of_what_a_registry_is_given() {
        for extra in [vec![], vec![[7; 32]], vec![[8; 32], [9; 32]]] {
            let statement = record::Statement {
                image_commitment: [1; 32],
                source_commitment: [2; 32],
                fingerprint: [3; 32],
                model_hash: [4; 32],
                prompt_commitment: [5; 32],
                tolerance: 31,
                extra,
            };
            let record = record::Record { vk_hash: [10; 32], registrant: [11; 20], model_id: [12; 32], statement };
            assert_eq!(keccak256(Record::from(record.clone()).abi_encode()), record.id());
        }
    }
}
