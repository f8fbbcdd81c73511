//! What the router says: claims, verifying keys, who owns and guards it, and what is proposed.

use super::{RegistryClient, not_registered, unless};
use crate::{
    CallResult, Chain, ChainError, LogFilter,
    abi::{IClaimRouter, IClaimVerifier, Statement},
    call::{READER, decode},
    ownable::IOwnable,
};
use alloy_primitives::{Address, B256, Bytes, FixedBytes, U256, keccak256};
use alloy_sol_types::{SolCall, SolEvent};

pub use IClaimRouter::{Claim as RouterClaim, Key, Reason, Standing};
pub use veilmark_contract_bindings::interfaces::ClaimDescription;

/// ERC-7992's name of the proof system.
pub const PROOF_SYSTEM: &str = "halo2-kzg-bn254-v1";

/// [`PROOF_SYSTEM`] as contracts have it.
pub fn proof_system_id() -> FixedBytes<4> {
    FixedBytes::from_slice(&keccak256(PROOF_SYSTEM)[..4])
}

/// Whom a router trusts, and how long it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Governance {
    /// May add claims and review keys after the delay, and remove keys at once.
    pub owner: Address,
    /// To whom ownership is offered; `None` where it is not.
    pub pending_owner: Option<Address>,
    /// May pause and cancel.
    pub guardian: Address,
    /// Seconds that a change waits.
    pub delay: u64,
    /// Whether one account may be owner and guardian.
    pub same_guardian_allowed: bool,
}

/// How long a proposal can be carried out once it is ready; then it is void.
pub const PROPOSAL_LIFETIME: u64 = 30 * 86_400;

/// A change that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Identifies the proposal.
    pub id: B256,
    /// When it can be carried out, in seconds since 1970.
    pub ready_at: u64,
    /// When it becomes void.
    pub void_after: u64,
    /// What the owner will call.
    pub call: Bytes,
}

/// What became of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It waits, or is void and was not cleared away.
    Open,
    /// It was withdrawn.
    Withdrawn,
    /// What it proposed was done.
    CarriedOut,
}

impl<C: Chain> RegistryClient<C> {
    /// A verifying key that was added, whatever became of it; `None` where none was.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn key(&self, vk_hash: B256) -> Result<Option<Key>, ChainError> {
        let key = self.ask(self.deployment().router(), &IClaimRouter::keyOfCall { vkHash: vk_hash });
        unless::<IClaimRouter::UnknownVerifyingKey, _>(key)
    }

    /// What a record under a key is worth; `None` where the key was never added.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn standing(&self, vk_hash: B256) -> Result<Option<Standing>, ChainError> {
        let standing = self.ask(self.deployment().router(), &IClaimRouter::standingOfCall { vkHash: vk_hash });
        unless::<IClaimRouter::UnknownVerifyingKey, _>(standing)
    }

    /// What the router has of a claim; `None` where it was never added.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn claim(&self, claim_id: B256) -> Result<Option<RouterClaim>, ChainError> {
        let claim = self.ask(self.deployment().router(), &IClaimRouter::claimOfCall { claimId: claim_id });
        unless::<IClaimRouter::UnknownClaim, _>(claim)
    }

    /// Every claim that the router was ever given, in that order.
    ///
    /// # Errors
    ///
    /// If the chain fails, or the list is longer than anybody reads.
    pub fn claims(&self) -> Result<Vec<RouterClaim>, ChainError> {
        let router = self.deployment().router();
        let count: U256 = self.ask(router, &IClaimRouter::claimCountCall {})?;
        self.list(count, |index| self.ask(router, &IClaimRouter::claimAtCall { index }))
    }

    /// Every verifying key that was ever added, in that order, whoever added it.
    ///
    /// # Errors
    ///
    /// If the chain fails, or the list is longer than anybody reads.
    pub fn keys(&self) -> Result<Vec<Key>, ChainError> {
        let router = self.deployment().router();
        let count: U256 = self.ask(router, &IClaimRouter::keyCountCall {})?;
        self.list(count, |index| self.ask(router, &IClaimRouter::keyAtCall { index }))
    }

    /// Whom the router trusts.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn governance(&self) -> Result<Governance, ChainError> {
        let router = self.deployment().router();
        let pending: Address = self.ask(router, &IOwnable::pendingOwnerCall {})?;
        let delay: U256 = self.ask(router, &IClaimRouter::ADDITION_DELAYCall {})?;
        Ok(Governance {
            owner: self.ask(router, &IOwnable::ownerCall {})?,
            pending_owner: (!pending.is_zero()).then_some(pending),
            guardian: self.ask(router, &IClaimRouter::guardianCall {})?,
            delay: delay.saturating_to(),
            same_guardian_allowed: self.ask(router, &IClaimRouter::SAME_GUARDIAN_ALLOWEDCall {})?,
        })
    }

    /// When a proposal can be carried out; `None` where there is none of this id.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn ready_at(&self, proposal: B256) -> Result<Option<u64>, ChainError> {
        let time: U256 = self.ask(self.deployment().router(), &IClaimRouter::readyAtCall { proposal })?;
        Ok((!time.is_zero()).then(|| time.saturating_to()))
    }

    /// Every change that waits, oldest first.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn proposals(&self, first_block: u64) -> Result<Vec<Proposal>, ChainError> {
        self.require()?;
        let router = self.deployment().router();
        let logs = self.chain().logs(&LogFilter {
            address: router,
            topics: vec![Some(IClaimRouter::Proposed::SIGNATURE_HASH)],
            from_block: first_block,
            to_block: None,
        })?;
        super::within_bounds(logs.len())?;
        let mut open: Vec<Proposal> = Vec::new();
        for log in logs {
            let event = IClaimRouter::Proposed::decode_raw_log_validate(log.topics.iter().copied(), &log.data)
                .map_err(|_| ChainError::Malformed { address: router, function: "Proposed" })?;
            // proposed again after it was void: one proposal
            open.retain(|known| known.id != event.proposal);
            if let Some(ready_at) = self.ready_at(event.proposal)? {
                let void_after = ready_at.saturating_add(PROPOSAL_LIFETIME);
                open.push(Proposal { id: event.proposal, ready_at, void_after, call: event.call });
            }
        }
        Ok(open)
    }

    /// What became of a proposal; `None` where there never was one of this id.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn fate(&self, proposal: B256, first_block: u64) -> Result<Option<Fate>, ChainError> {
        if self.ready_at(proposal)?.is_some() {
            return Ok(Some(Fate::Open));
        }
        let logs = self.chain().logs(&LogFilter {
            address: self.deployment().router(),
            topics: vec![None, Some(proposal)],
            from_block: first_block,
            to_block: None,
        })?;
        let kind = |signature| move |log: &crate::ChainLog| log.topics.first() == Some(&signature);
        let proposed = logs.iter().rposition(kind(IClaimRouter::Proposed::SIGNATURE_HASH));
        let withdrawn = logs.iter().rposition(kind(IClaimRouter::Cancelled::SIGNATURE_HASH));
        Ok(proposed.map(|at| if withdrawn > Some(at) { Fate::Withdrawn } else { Fate::CarriedOut }))
    }

    /// Whether a claim is paused, by the chain's clock: whether its pause can be ended.
    ///
    /// # Errors
    ///
    /// If the router has no such claim, or the claim has ended, or the chain fails.
    pub fn is_paused(&self, claim_id: B256) -> Result<bool, ChainError> {
        self.require()?;
        let router = self.deployment().router();
        let guardian = self.ask(router, &IClaimRouter::guardianCall {})?;
        match self.chain().query(guardian, router, IClaimRouter::unpauseCall { claimId: claim_id }.abi_encode()) {
            Ok(_) => Ok(true),
            Err(error) if error.contract_error::<IClaimRouter::ClaimIsNotPaused>().is_some() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The public inputs of a statement, as the router makes them.
    ///
    /// # Errors
    ///
    /// If the statement is none of the claim's, or the chain fails.
    pub fn public_inputs(&self, claim_id: B256, statement: &Statement, context: U256) -> Result<Vec<U256>, ChainError> {
        let statement = statement.clone();
        let call = IClaimRouter::publicInputsOfCall { claimId: claim_id, statement, context };
        self.ask(self.deployment().router(), &call)
    }

    /// Calls the verifier of a verifying key, as the router does.
    ///
    /// # Errors
    ///
    /// If the router does not know the key or the verifier refuses.
    pub fn verify(&self, vk_hash: B256, public_inputs: &[U256], proof: &[u8]) -> Result<CallResult, ChainError> {
        let unknown = || not_registered(format!("verifying key {vk_hash}"));
        let key = self.key(vk_hash)?.ok_or_else(unknown())?;
        let claim = self.claim(key.claimId)?.ok_or_else(unknown())?;
        let call = IClaimVerifier::verifyCall {
            vk: key.vk,
            publicInputs: public_inputs.to_vec(),
            proof: proof.to_vec().into(),
        };
        self.chain().call(READER, claim.verifier, call.abi_encode())
    }

    /// The claim that the verifier at an address says it checks.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn claim_of_verifier(&self, verifier: Address) -> Result<B256, ChainError> {
        let answer = self.chain().query(READER, verifier, IClaimVerifier::claimIdCall {}.abi_encode())?;
        decode::<IClaimVerifier::claimIdCall>(verifier, &answer)
    }
}
