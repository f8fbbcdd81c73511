//! Registration on another's behalf: the registrant signs (EIP-712), and anyone may send and pay.
//!
//! What is signed is everything that is registered, the proof's hash and a deadline, for one chain and one registry.
//! What the caller must believe: until the deadline nobody can take a signature back.

use super::{
    Chain, ChainError,
    registry::{Registration, RegistryClient, Submission},
};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::{Eip712Domain, SolStruct, eip712_domain};
use veilmark_verifier_contract::artifacts::IContentRegistry;

pub use typed::Register;

#[allow(missing_docs, clippy::all)]
mod typed {
    alloy_sol_types::sol! {
        /// What a registrant signs; the contract's type of the same name.
        #[derive(Debug)]
        struct Register {
            address registrant;
            bytes32 vkHash;
            bytes32 fingerprint;
            uint8 tolerance;
            uint256 modelId;
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
    let call = submission.call();
    Register {
        registrant: submission.registrant,
        vkHash: call.vkHash,
        fingerprint: call.fingerprint,
        tolerance: call.tolerance,
        modelId: call.modelId,
        proofHash: keccak256(&call.proof),
        deadline: U256::from(deadline),
    }
}

/// The hash that the registrant's key signs.
pub fn digest(chain_id: u64, registry: Address, submission: &Submission<'_>, deadline: u64) -> B256 {
    terms(submission, deadline).eip712_signing_hash(&domain(chain_id, registry))
}

/// The call of the content registry that registers for the registrant.
pub fn call(submission: &Submission<'_>, deadline: u64, signature: &[u8]) -> IContentRegistry::registerForCall {
    let IContentRegistry::registerCall { vkHash, fingerprint, tolerance, modelId, proof } = submission.call();
    IContentRegistry::registerForCall {
        vkHash,
        fingerprint,
        tolerance,
        modelId,
        proof,
        registrant: submission.registrant,
        deadline: U256::from(deadline),
        signature: Bytes::copy_from_slice(signature),
    }
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
        let (output, receipt) = self.once(payer, self.deployment().content, &call, "AlreadyRegistered", "recordId")?;
        let record_id = B256::from(output);
        Ok(Registration { record_id, record: self.record(record_id)?, receipt })
    }
}
