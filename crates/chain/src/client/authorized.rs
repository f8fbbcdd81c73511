//! Registration on another's behalf: the registrant signs (EIP-712), and anyone may send and pay.
//!
//! What is signed is the whole record, the proof's hash and a deadline, for one chain and one registry: a wallet that shows
//! what it signs shows the commitment and the fingerprint. What the caller must believe: until the deadline nobody can take
//! a signature back.

use super::{
    RegistryClient,
    records::{Registration, Submission},
};
use crate::{Chain, ChainError, abi::IContentRegistry};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::{Eip712Domain, SolStruct, eip712_domain};

pub use typed::Register;

#[allow(missing_docs, clippy::all)]
mod typed {
    alloy_sol_types::sol! {
        #[derive(Debug)]
        struct Statement {
            bytes32 imageCommitment;
            bytes32 sourceCommitment;
            bytes32 fingerprint;
            bytes32 modelHash;
            bytes32 promptCommitment;
            uint8 tolerance;
            bytes32[] extra;
        }
        #[derive(Debug)]
        struct Record {
            bytes32 vkHash;
            address registrant;
            uint256 modelId;
            Statement statement;
        }
        /// What a registrant signs; the contract's type of the same name.
        #[derive(Debug)]
        struct Register {
            Record record;
            bytes32 proofHash;
            uint256 deadline;
        }
    }
}

/// The contract's domain on a chain.
pub fn domain(chain_id: u64, registry: Address) -> Eip712Domain {
    eip712_domain! {
        name: "Veilmark ContentRegistry",
        version: "1",
        chain_id: chain_id,
        verifying_contract: registry,
    }
}

/// What is signed of a submission; `deadline` is in seconds since 1970.
pub fn terms(submission: &Submission<'_>, deadline: u64) -> Register {
    let record = submission.record.clone();
    let statement = record.statement;
    Register {
        record: typed::Record {
            vkHash: record.vkHash,
            registrant: record.registrant,
            modelId: record.modelId,
            statement: typed::Statement {
                imageCommitment: statement.imageCommitment,
                sourceCommitment: statement.sourceCommitment,
                fingerprint: statement.fingerprint,
                modelHash: statement.modelHash,
                promptCommitment: statement.promptCommitment,
                tolerance: statement.tolerance,
                extra: statement.extra,
            },
        },
        proofHash: keccak256(submission.proof),
        deadline: U256::from(deadline),
    }
}

/// The hash that the registrant's key signs.
pub fn digest(chain_id: u64, registry: Address, submission: &Submission<'_>, deadline: u64) -> B256 {
    terms(submission, deadline).eip712_signing_hash(&domain(chain_id, registry))
}

/// The call of the content registry that registers for the registrant.
pub fn call(submission: &Submission<'_>, deadline: u64, signature: &[u8]) -> IContentRegistry::registerForCall {
    let IContentRegistry::registerCall { record, proof } = submission.call();
    let (deadline, signature) = (U256::from(deadline), Bytes::copy_from_slice(signature));
    IContentRegistry::registerForCall { record, proof, deadline, signature }
}

impl<C: Chain> RegistryClient<C> {
    /// Registers a registrant who signed for it; `payer` sends. Finds the record where it is there already, as long as the
    /// deadline has not passed.
    ///
    /// # Errors
    ///
    /// If registry, router or verifier refuses; `SignatureExpired` and `InvalidSignature` are about the signature.
    pub fn register_for(
        &self,
        submission: &Submission<'_>,
        deadline: u64,
        signature: &[u8],
        payer: Address,
    ) -> Result<Registration, ChainError> {
        let call = call(submission, deadline, signature);
        let named = |error: IContentRegistry::AlreadyRegistered| U256::from_be_bytes(error.recordId.0);
        let (output, receipt) = self.once(payer, self.deployment().content(), &call, named)?;
        self.registration(&submission.record, output, receipt)
    }
}
