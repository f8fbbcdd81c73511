//! The deployment of every practice chain: the tool owns the router, waits for nothing, and adds the keys that it computed.
//!
//! Nobody signs on a practice chain, so a name makes an account. Every practice chain has the same accounts and the same
//! addresses: its registrant is everybody's.

use crate::{
    Chain, ChainError,
    abi::ClaimDescription,
    acts::{Act, Outcome},
    client::RegistryClient,
    deployment::{Beginnings, Deployment, Planned, key_contract, require_deployer},
};
use alloy_primitives::{Address, B256, U256, address, hex, keccak256};
use std::sync::LazyLock;
use veilmark_contract_bindings::claims;
use veilmark_statement::public;

/// Chain id of every practice chain.
pub const CHAIN_ID: u64 = 31337;
/// Whose first contract the deterministic deployer is, on every chain.
const DEPLOYER_S_MAKER: Address = address!("3fAB184622Dc19b6109349B94811493BF2a45362");
/// What makes the deterministic deployer of the code that follows.
const DEPLOYER_PREFIX: [u8; 14] = hex!("604580600e600039806000f350fe");

/// What people are told who use a practice chain.
pub const NOTICE: &str = "practice chain, on this machine only: its time is your clock, its registrant is everybody's; it proves \
nothing to anyone else";

fn account(role: &str) -> Address {
    Address::from_word(keccak256(["veilmark practice chain ", role].concat()))
}

/// The router's owner and guardian on every practice chain.
pub fn owner() -> Address {
    account("router owner")
}

/// Who registers on a practice chain, unless somebody else is named.
pub fn default_registrant() -> Address {
    account("registrant")
}

/// What the router of every practice chain begins with: no claim, no key, no delay.
pub fn beginnings() -> Beginnings {
    Beginnings { owner: owner(), guardian: owner(), delay: U256::ZERO, allowSameGuardian: true, claims: Vec::new() }
}

/// Where the contracts are on every practice chain, whether they are there yet or not.
pub fn deployment() -> Deployment {
    static DEPLOYMENT: LazyLock<Deployment> = LazyLock::new(|| Deployment::of(&beginnings()));
    *DEPLOYMENT
}

/// The context of a proof by `registrant` for every practice chain.
pub fn context(registrant: Address) -> [u8; 31] {
    public::context(CHAIN_ID, deployment().content().into(), registrant.into())
}

/// Makes sure that the contracts are there.
///
/// # Errors
///
/// If the chain is no practice chain, holds another code at an address, or fails.
pub fn ensure_contracts<C: Chain>(client: &RegistryClient<C>) -> Result<(), ChainError> {
    if client.exists()? {
        return Ok(());
    }
    let chain = client.chain();
    if let Err(ChainError::NoCode { .. }) = require_deployer(chain) {
        let init_code = [&DEPLOYER_PREFIX[..], crate::deployment::DEPLOYER_CODE].concat();
        // another process may have been faster
        let made = chain.deploy(DEPLOYER_S_MAKER, init_code);
        require_deployer(chain).or(made.map(|_| ()))?;
    }
    for contract in Deployment::contracts(&beginnings()) {
        contract.make(chain, owner())?;
    }
    client.require()
}

/// Makes sure that a verifying key stands for a claim and counts as reviewed, deploying what is missing; returns its hash.
/// It must be a key that was made here: nobody else reviews it.
///
/// # Errors
///
/// If the router refuses the key, has another verifier for the claim, or the chain fails.
pub fn ensure_key<C: Chain>(
    client: &RegistryClient<C>,
    description: &ClaimDescription,
    verifier: &Planned,
    vk_code: &[u8],
) -> Result<B256, ChainError> {
    let vk_hash = keccak256(vk_code);
    ensure_contracts(client)?;
    let (chain, id) = (client.chain(), claims::id(description));
    match client.claim(id)? {
        Some(claim) if claim.verifier != verifier.address => {
            let (claim_name, got) = (description.name.clone(), claim.verifier);
            return Err(ChainError::OtherVerifier { claim: claim_name, expected: verifier.address, got });
        }
        Some(_) => {}
        None => {
            verifier.make(chain, owner())?;
            let act = Act::AddClaim { description: description.clone(), verifier: verifier.address };
            done(client, &act, || Ok(client.claim(id)?.is_some()))?;
        }
    }
    if client.key(vk_hash)?.is_none() {
        let contract = key_contract(vk_code)?;
        contract.make(chain, owner())?;
        done(client, &Act::AddKey { vk: contract.address }, || Ok(client.key(vk_hash)?.is_some()))?;
    }
    let reviewed = || Ok(client.key(vk_hash)?.is_some_and(|key| key.reviewed));
    if !reviewed()? {
        done(client, &Act::ReviewKey { vk_hash }, reviewed)?;
    }
    Ok(vk_hash)
}

/// Does an act as the owner; another process may have been faster.
fn done<C: Chain>(
    client: &RegistryClient<C>,
    act: &Act,
    holds: impl Fn() -> Result<bool, ChainError>,
) -> Result<(), ChainError> {
    let outcome = client.carry_out(act, owner());
    match (holds()?, outcome) {
        (true, _) => Ok(()),
        (false, Err(error)) => Err(error),
        (false, Ok(Outcome::Done(_) | Outcome::Waits { .. })) => {
            Err(ChainError::NoEffect { what: "the router did not do what it was told" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::DEPLOYER;

    #[test]
    fn the_deployer_is_its_maker_s_first_contract() {
        assert_eq!(DEPLOYER_S_MAKER.create(0), DEPLOYER);
    }
}
