//! What the router's owner and guardian do, as calls that any account can be given: a key here, or a multisignature
//! elsewhere.
//!
//! A change that could make the router accept more has two steps, a proposal and after the delay the change itself; what
//! only takes away has one. [`Act::calls`] is both, [`RegistryClient::carry_out`] does what is due.

use crate::{
    Chain, ChainError, Receipt,
    abi::{ClaimDescription, IClaimRouter},
    client::RegistryClient,
    ownable::IOwnable,
};
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{SolCall, SolInterface};

pub use IClaimRouter::Reason;

/// Who may do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The router's owner.
    Owner,
    /// The router's guardian, or its owner.
    Guardian,
    /// The account to which ownership is offered.
    PendingOwner,
    /// Any account.
    Anyone,
}

/// Something to be done with the router.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Adds a claim.
    AddClaim {
        /// What it is.
        description: ClaimDescription,
        /// Its verifier, deployed already.
        verifier: Address,
    },
    /// Adds a verifying key, unreviewed.
    AddKey {
        /// Its data contract.
        vk: Address,
    },
    /// Vouches for a verifying key.
    ReviewKey {
        /// The key.
        vk_hash: B256,
    },
    /// Replaces the guardian.
    SetGuardian {
        /// The guardian to be.
        guardian: Address,
    },
    /// Ends a claim, for good.
    StopClaim {
        /// The claim.
        claim_id: B256,
        /// Why.
        reason: Reason,
    },
    /// Ends a verifying key, for good.
    RemoveKey {
        /// The key.
        vk_hash: B256,
        /// Why.
        reason: Reason,
    },
    /// Says since when records of what has ended are in doubt.
    CastDoubt {
        /// A claim's id or a key's hash.
        id: B256,
        /// In seconds since 1970.
        since: u64,
    },
    /// Withdraws a proposal.
    Cancel {
        /// The proposal.
        proposal: B256,
    },
    /// Refuses new proofs of a claim for fourteen days.
    Pause {
        /// The claim.
        claim_id: B256,
    },
    /// Ends a pause early.
    Unpause {
        /// The claim.
        claim_id: B256,
    },
    /// Offers ownership.
    OfferOwnership {
        /// To whom.
        owner: Address,
    },
    /// Takes back an offer of ownership.
    WithdrawOffer,
    /// Accepts ownership.
    AcceptOwnership,
    /// Ends a verifying key by a proof of what can never be true.
    StopWithProof {
        /// The key under which the proof holds.
        vk_hash: B256,
        /// The impossible statement.
        public_inputs: Vec<U256>,
        /// The proof of it.
        proof: Bytes,
    },
}

/// The calls of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calls {
    /// The proposal that comes first where the router has a delay; `None` where none is needed.
    pub propose: Option<Vec<u8>>,
    /// The change itself.
    pub act: Vec<u8>,
}

/// What became of an act.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is done now.
    Done(Vec<Receipt>),
    /// It waits: from the time named, in seconds since 1970, doing it again completes it.
    Waits {
        /// When.
        ready_at: u64,
        /// What was sent now.
        receipts: Vec<Receipt>,
    },
}

impl Act {
    /// Who may do it.
    pub fn who(&self) -> Who {
        match self {
            Self::AddKey { .. } | Self::StopWithProof { .. } => Who::Anyone,
            Self::Cancel { .. } | Self::Pause { .. } | Self::Unpause { .. } => Who::Guardian,
            Self::AcceptOwnership => Who::PendingOwner,
            _ => Who::Owner,
        }
    }

    /// What it does, for people.
    pub fn describe(&self) -> String {
        let why = |reason: &Reason| match reason {
            Reason::Retired => "retired",
            Reason::Broken => "broken",
            Reason::Impossible => "impossible proved",
            Reason::None | Reason::__Invalid => "no reason",
        };
        match self {
            Self::AddClaim { description, verifier } => {
                format!("add the claim {} with verifier {verifier}", description.name)
            }
            Self::AddKey { vk } => format!("add the verifying key at {vk}, unreviewed"),
            Self::ReviewKey { vk_hash } => format!("vouch for verifying key {vk_hash}"),
            Self::SetGuardian { guardian } => format!("make {guardian} the guardian"),
            Self::StopClaim { claim_id, reason } => format!("end claim {claim_id}, for good: {}", why(reason)),
            Self::RemoveKey { vk_hash, reason } => format!("end verifying key {vk_hash}, for good: {}", why(reason)),
            Self::CastDoubt { id, since } => format!("records of {id} are in doubt since {since} (seconds since 1970)"),
            Self::Cancel { proposal } => format!("withdraw proposal {proposal}"),
            Self::Pause { claim_id } => format!("pause claim {claim_id} for fourteen days"),
            Self::Unpause { claim_id } => format!("end the pause of claim {claim_id}"),
            Self::OfferOwnership { owner } => format!("offer ownership to {owner}"),
            Self::WithdrawOffer => "take back the offer of ownership".to_owned(),
            Self::AcceptOwnership => "accept ownership".to_owned(),
            Self::StopWithProof { vk_hash, .. } => {
                format!("end verifying key {vk_hash}, for good, by a proof of the impossible")
            }
        }
    }

    /// The calls of the router that do it.
    pub fn calls(&self) -> Calls {
        let at_once = |act: Vec<u8>| Calls { propose: None, act };
        let after = |propose: Vec<u8>, act: Vec<u8>| Calls { propose: Some(propose), act };
        match self.clone() {
            Self::AddClaim { description, verifier } => after(
                IClaimRouter::proposeClaimCall { description: description.clone(), verifier }.abi_encode(),
                IClaimRouter::addClaimCall { description, verifier }.abi_encode(),
            ),
            Self::AddKey { vk } => at_once(IClaimRouter::addKeyCall { vk }.abi_encode()),
            Self::ReviewKey { vk_hash } => after(
                IClaimRouter::proposeReviewCall { vkHash: vk_hash }.abi_encode(),
                IClaimRouter::reviewKeyCall { vkHash: vk_hash }.abi_encode(),
            ),
            Self::SetGuardian { guardian } => after(
                IClaimRouter::proposeGuardianCall { newGuardian: guardian }.abi_encode(),
                IClaimRouter::setGuardianCall { newGuardian: guardian }.abi_encode(),
            ),
            Self::StopClaim { claim_id, reason } => after(
                IClaimRouter::proposeStopCall { claimId: claim_id, reason }.abi_encode(),
                IClaimRouter::stopClaimCall { claimId: claim_id, reason }.abi_encode(),
            ),
            Self::RemoveKey { vk_hash, reason } => {
                at_once(IClaimRouter::removeKeyCall { vkHash: vk_hash, reason }.abi_encode())
            }
            Self::CastDoubt { id, since } => after(
                IClaimRouter::proposeDoubtCall { id, since }.abi_encode(),
                IClaimRouter::castDoubtCall { id, since }.abi_encode(),
            ),
            Self::Cancel { proposal } => at_once(IClaimRouter::cancelCall { proposal }.abi_encode()),
            Self::Pause { claim_id } => at_once(IClaimRouter::pauseCall { claimId: claim_id }.abi_encode()),
            Self::Unpause { claim_id } => at_once(IClaimRouter::unpauseCall { claimId: claim_id }.abi_encode()),
            Self::OfferOwnership { owner } => at_once(IOwnable::transferOwnershipCall { newOwner: owner }.abi_encode()),
            Self::WithdrawOffer => at_once(IOwnable::transferOwnershipCall { newOwner: Address::ZERO }.abi_encode()),
            Self::AcceptOwnership => at_once(IOwnable::acceptOwnershipCall {}.abi_encode()),
            Self::StopWithProof { vk_hash, public_inputs, proof } => at_once(
                IClaimRouter::stopWithProofCall { vkHash: vk_hash, publicInputs: public_inputs, proof }.abi_encode(),
            ),
        }
    }

    /// The act that a proposal's call is; `None` for a call of something else.
    pub fn of_call(call: &[u8]) -> Option<Self> {
        use IClaimRouter::IClaimRouterCalls as Call;
        Some(match Call::abi_decode_validate(call).ok()? {
            Call::addClaim(call) => Self::AddClaim { description: call.description, verifier: call.verifier },
            Call::reviewKey(call) => Self::ReviewKey { vk_hash: call.vkHash },
            Call::setGuardian(call) => Self::SetGuardian { guardian: call.newGuardian },
            Call::stopClaim(call) => Self::StopClaim { claim_id: call.claimId, reason: call.reason },
            Call::castDoubt(call) => Self::CastDoubt { id: call.id, since: call.since },
            _ => return None,
        })
    }
}

/// When a proposal is ready, where that is why a call was refused.
fn not_ready(error: &ChainError) -> Option<u64> {
    error.contract_error::<IClaimRouter::NotReady>().map(|error| error.readyAt.saturating_to())
}

impl<C: Chain> RegistryClient<C> {
    /// The call of an act that is due: the change where it is possible now, its proposal where that comes first; and, where
    /// it waits, when it will be possible.
    ///
    /// # Errors
    ///
    /// If the router refuses, or the chain fails.
    pub fn due(&self, act: &Act, from: Address) -> Result<Due, ChainError> {
        self.require()?;
        let router = self.deployment().router();
        let Calls { propose, act } = act.calls();
        let error = match self.chain().query(from, router, act.clone()) {
            Ok(_) => return Ok(Due::Now(act)),
            Err(error) => error,
        };
        if let Some(ready_at) = not_ready(&error) {
            return Ok(Due::Waits { ready_at });
        }
        match (propose, error.contract_error::<IClaimRouter::NotProposed>()) {
            (Some(propose), Some(_)) => {
                self.chain().query(from, router, propose.clone())?;
                Ok(Due::Proposal(propose))
            }
            _ => Err(error),
        }
    }

    /// Does what is due of an act. Whether it is done already is for the caller to ask.
    ///
    /// # Errors
    ///
    /// If the router refuses, or the chain fails.
    pub fn carry_out(&self, act: &Act, from: Address) -> Result<Outcome, ChainError> {
        let router = self.deployment().router();
        match self.due(act, from)? {
            Due::Waits { ready_at } => Ok(Outcome::Waits { ready_at, receipts: Vec::new() }),
            Due::Now(call) => Ok(Outcome::Done(vec![self.chain().transact(from, router, call)?])),
            Due::Proposal(call) => {
                let receipts = vec![self.chain().transact(from, router, call)?];
                match self.due(act, from)? {
                    Due::Waits { ready_at } => Ok(Outcome::Waits { ready_at, receipts }),
                    _ => Err(ChainError::NoEffect { what: "the router does not know the proposal" }),
                }
            }
        }
    }
}

/// What is due of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// This call does it.
    Now(Vec<u8>),
    /// This call proposes it.
    Proposal(Vec<u8>),
    /// It is proposed.
    Waits {
        /// When it can be carried out, in seconds since 1970.
        ready_at: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposal_s_call_is_read_as_the_act_that_it_is() {
        let acts = [
            Act::AddClaim { description: ClaimDescription::default(), verifier: Address::repeat_byte(1) },
            Act::ReviewKey { vk_hash: B256::repeat_byte(2) },
            Act::SetGuardian { guardian: Address::repeat_byte(3) },
            Act::StopClaim { claim_id: B256::repeat_byte(4), reason: Reason::Broken },
            Act::CastDoubt { id: B256::repeat_byte(5), since: 6 },
        ];
        for act in acts {
            let calls = act.calls();
            assert_eq!(Act::of_call(&calls.act).as_ref(), Some(&act));
            assert_eq!(Act::of_call(&calls.propose.unwrap()), None);
            assert_eq!(act.who(), Who::Owner);
        }
        for none in [&b""[..], &[1, 2, 3], &[0; 100]] {
            assert_eq!(Act::of_call(none), None);
        }
    }
}
