//! A deployment of which only the content registry's address is known.
//!
//! What the chain says of it is a conjecture, and is proved by recomputing: the registry names its router, the router's first
//! events name its constructor's arguments, and from these the address of every contract is computed. A registry whose
//! storage was forged has the right code and another address.

use super::{Beginnings, Deployment};
use crate::{
    Chain, ChainError, ChainLog, LogFilter,
    abi::{IClaimRouter, IContentRegistry},
    call::{READER, decode},
    ownable::IOwnable,
};
use alloy_primitives::Address;
use alloy_sol_types::{SolCall, SolEvent};

/// Events of a router's first block that are read, and their bytes: no deployment has more.
const MOST_EVENTS: usize = 500;
const MOST_BYTES: usize = 1 << 18;

/// Finds the deployment that a content registry is of.
///
/// # Errors
///
/// [`ChainError::NotRegistered`] where there is nothing, [`ChainError::UnknownOrigin`] where the addresses do not follow from
/// this program's contracts; or if the chain cannot be asked.
pub fn of_registry<C: Chain + ?Sized>(chain: &C, content: Address) -> Result<(Deployment, Beginnings), ChainError> {
    let code = chain.code(content)?;
    if code.is_empty() {
        return Err(ChainError::NotRegistered { what: format!("there is no registry at {content}") });
    }
    if !veilmark_contract_bindings::artifact::CONTENT_REGISTRY.is_code_of(&code) {
        return Err(ChainError::OtherCode { address: content });
    }
    let answer = chain.query(READER, content, IContentRegistry::routerCall {}.abi_encode())?;
    let router = decode::<IContentRegistry::routerCall>(content, &answer)?;
    let unknown = |address| ChainError::UnknownOrigin { address };
    // known before any event is read: it is most of what a forger would have to get right
    if Deployment::around(router).content() != content {
        return Err(unknown(content));
    }
    for beginnings in conjectures(&first_events(chain, router)?, chain, router)? {
        let deployment = Deployment::of(&beginnings);
        if deployment.router() == router {
            return Ok((deployment, beginnings));
        }
    }
    Err(unknown(router))
}

/// The events of the router's first block.
fn first_events<C: Chain + ?Sized>(chain: &C, router: Address) -> Result<Vec<ChainLog>, ChainError> {
    let mut logs = chain.logs(&LogFilter { address: router, topics: Vec::new(), from_block: 0, to_block: None })?;
    let first = logs.first().map(|log| log.block_number);
    logs.retain(|log| Some(log.block_number) == first);
    let bytes: usize = logs.iter().map(|log| log.data.len()).sum();
    if logs.len() > MOST_EVENTS || bytes > MOST_BYTES {
        return Err(ChainError::UnknownOrigin { address: router });
    }
    Ok(logs)
}

/// The constructor's arguments that the first events speak of: all of them, or those before any of the later ones, since what
/// was done afterwards may have come into the same block.
fn conjectures<C: Chain + ?Sized>(
    logs: &[ChainLog],
    chain: &C,
    router: Address,
) -> Result<Vec<Beginnings>, ChainError> {
    let ask = |data: Vec<u8>| chain.query(READER, router, data);
    let delay =
        decode::<IClaimRouter::ADDITION_DELAYCall>(router, &ask(IClaimRouter::ADDITION_DELAYCall {}.abi_encode())?)?;
    let may_be_one = decode::<IClaimRouter::SAME_GUARDIAN_ALLOWEDCall>(
        router,
        &ask(IClaimRouter::SAME_GUARDIAN_ALLOWEDCall {}.abi_encode())?,
    )?;
    let (mut owner, mut guardian, mut claims) = (None, None, Vec::<IClaimRouter::ClaimInput>::new());
    let mut found = Vec::new();
    for log in logs {
        let topics = || log.topics.iter().copied();
        if let Ok(event) = IOwnable::OwnershipTransferred::decode_raw_log_validate(topics(), &log.data) {
            owner = owner.or(Some(event.newOwner));
        } else if let Ok(event) = IClaimRouter::GuardianChanged::decode_raw_log_validate(topics(), &log.data) {
            guardian = guardian.or(Some(event.guardian));
        } else if let Ok(event) = IClaimRouter::ClaimAdded::decode_raw_log_validate(topics(), &log.data) {
            claims.push(IClaimRouter::ClaimInput {
                description: event.description,
                verifier: event.verifier,
                keys: Vec::new(),
            });
        } else if let Ok(event) = IClaimRouter::KeyAdded::decode_raw_log_validate(topics(), &log.data) {
            if let Some(claim) = claims.last_mut() {
                claim.keys.push(event.vk);
            }
        } else {
            continue;
        }
        if let (Some(owner), Some(guardian)) = (owner, guardian) {
            // on a development chain the router says that one account may be both, whatever it was told
            for told in if may_be_one { &[false, true][..] } else { &[false][..] } {
                let claims = claims.clone();
                found.push(Beginnings { owner, guardian, delay, allowSameGuardian: *told, claims });
            }
        }
    }
    found.reverse();
    Ok(found)
}
