//! Bringing the contracts to a chain.
//!
//! Every address is known before anything is sent, it is the same on every chain, and a run that was broken off is
//! completed by running it again, with nothing written down meanwhile. Nobody else can put another code there.

use super::{Beginnings, DEPLOYER, DEPLOYER_CODE, Deployment, Manifest, ManifestKey};
use crate::{CODE_LIMIT, Chain, ChainError, Receipt, abi::IClaimRouter::ClaimInput, header::KeyHeader};
use alloy_primitives::{Address, U256, keccak256};
use veilmark_contract_bindings::{Artifact, addresses, claims::Claim};

/// Chains for development.
pub const DEVELOPMENT_CHAINS: [u64; 2] = [31337, 1337];
/// The router's shortest delay on every other chain, in seconds.
pub const MIN_DELAY: u64 = 172_800;

/// Who owns a deployment, and what it begins with.
#[derive(Clone, Debug)]
pub struct Plan {
    /// May add and review, after the delay, and remove.
    pub owner: Address,
    /// May pause and cancel.
    pub guardian: Address,
    /// Seconds that a change waits.
    pub delay: u64,
    /// Whether one account may be owner and guardian.
    pub allow_same_guardian: bool,
    /// The claims that the router begins with.
    pub claims: Vec<&'static Claim>,
    /// Verifying keys that count as reviewed from the beginning, as their runtime code.
    pub keys: Vec<Vec<u8>>,
}

/// A contract that is to be.
#[derive(Clone, Debug)]
pub struct Planned {
    /// What it is called.
    pub name: String,
    /// Where it will be.
    pub address: Address,
    /// What makes it.
    pub init_code: Vec<u8>,
    /// What its code has to be; `None` for a data contract, whose code is the last part of `init_code`.
    pub artifact: Option<&'static Artifact>,
    #[cfg(test)]
    mock: bool,
}

impl Planned {
    pub(super) fn of(artifact: Option<&'static Artifact>, made: addresses::Deployment) -> Self {
        let name = artifact.map_or("data", |artifact| artifact.name).to_owned();
        Self {
            name,
            address: made.address,
            init_code: made.init_code,
            artifact,
            #[cfg(test)]
            mock: false,
        }
    }

    /// A contract of a test's, of which any code will do.
    #[cfg(test)]
    pub(crate) fn mock(made: addresses::Deployment) -> Self {
        Self { mock: true, ..Self::of(None, made) }
    }

    /// What the deployer is called with.
    pub fn calldata(&self) -> Vec<u8> {
        addresses::Deployment { address: self.address, init_code: self.init_code.clone() }.call()
    }

    /// The constructor's arguments, encoded; empty for a data contract.
    pub fn arguments(&self) -> &[u8] {
        let code = self.artifact.map_or(self.init_code.len(), |artifact| artifact.init_code.len());
        self.init_code.get(code..).unwrap_or_default()
    }

    fn is_code(&self, code: &[u8]) -> bool {
        #[cfg(test)]
        if self.mock {
            return !code.is_empty();
        }
        match self.artifact {
            Some(artifact) => artifact.is_code_of(code),
            // ten bytes make a data contract, and the data follow
            None => self.init_code.get(10..) == Some(code),
        }
    }

    /// Whether it is there already.
    ///
    /// # Errors
    ///
    /// [`ChainError::OtherCode`] if something else is there, or the chain cannot be asked.
    pub fn exists<C: Chain + ?Sized>(&self, chain: &C) -> Result<bool, ChainError> {
        let code = chain.code(self.address)?;
        match code.is_empty() || self.is_code(&code) {
            true => Ok(!code.is_empty()),
            false => Err(ChainError::OtherCode { address: self.address }),
        }
    }

    /// Makes it, unless it is there.
    ///
    /// # Errors
    ///
    /// If the chain has no deployer, or fails.
    pub fn make<C: Chain + ?Sized>(&self, chain: &C, from: Address) -> Result<Option<Receipt>, ChainError> {
        if self.exists(chain)? {
            return Ok(None);
        }
        require_deployer(chain)?;
        let sent = chain.transact(from, DEPLOYER, self.calldata());
        match (self.exists(chain), sent) {
            (Ok(true), Ok(receipt)) => Ok(Some(receipt)),
            // somebody else was faster, and the chain refused ours
            (Ok(true), Err(ChainError::Reverted { .. } | ChainError::Rejected { .. })) => Ok(None),
            // what became of the transaction says more than a question after it that was not answered
            (_, Err(error)) | (Err(error), Ok(_)) => Err(error),
            (Ok(false), Ok(_)) => Err(ChainError::NoEffect { what: "there is no code where it made a contract" }),
        }
    }
}

/// Looks for the deterministic deployer.
///
/// # Errors
///
/// If it is not there, or is something else.
pub fn require_deployer<C: Chain + ?Sized>(chain: &C) -> Result<(), ChainError> {
    match chain.code(DEPLOYER)?[..] {
        [] => Err(ChainError::NoCode { address: DEPLOYER }),
        ref code if code != DEPLOYER_CODE => Err(ChainError::OtherCode { address: DEPLOYER }),
        _ => Ok(()),
    }
}

/// A verifying key's contract.
///
/// # Errors
///
/// If it is longer than a chain accepts.
pub fn key_contract(code: &[u8]) -> Result<Planned, ChainError> {
    let made = addresses::data_contract(code).ok_or(ChainError::CodeTooLarge { limit: CODE_LIMIT })?;
    Ok(Planned { name: format!("verifying key {}", keccak256(code)), ..Planned::of(None, made) })
}

/// A generated verifier.
pub fn verifier_contract(artifact: &'static Artifact) -> Planned {
    Planned::of(Some(artifact), addresses::verifier(artifact))
}

/// Refuses unsafe keys for chains that are not for development.
///
/// # Errors
///
/// [`ChainError::UnsafeKey`].
pub fn check_key(chain_id: u64, code: &[u8]) -> Result<(), ChainError> {
    let is_unsafe = KeyHeader::read(code).is_none_or(|header| header.unsafe_development);
    match is_unsafe && !DEVELOPMENT_CHAINS.contains(&chain_id) {
        true => Err(ChainError::UnsafeKey { vk_hash: keccak256(code), chain_id }),
        false => Ok(()),
    }
}

impl Plan {
    /// Every contract, in an order in which each finds those that it needs; and the manifest that says where they will be.
    ///
    /// # Errors
    ///
    /// If a verifying key is unsafe and the chain is not for development, or too long.
    pub fn contracts(&self, chain_id: u64, first_block: u64) -> Result<(Vec<Planned>, Manifest), ChainError> {
        let (mut all, mut keys, mut claims) = (Vec::new(), Vec::new(), Vec::new());
        for claim in &self.claims {
            let verifier = verifier_contract(claim.verifier);
            let mut of_claim = Vec::new();
            let mut contracts = Vec::new();
            let of = |code: &&Vec<u8>| KeyHeader::read(code).is_some_and(|header| header.claim_id == claim.id);
            for code in self.keys.iter().filter(of) {
                check_key(chain_id, code)?;
                let contract = key_contract(code)?;
                keys.push(ManifestKey::read(code, contract.address));
                of_claim.push(contract.address);
                contracts.push(contract);
            }
            claims.push(ClaimInput {
                description: claim.description.clone(),
                verifier: verifier.address,
                keys: of_claim,
            });
            all.push(verifier);
            all.extend(contracts);
        }
        let beginnings = Beginnings {
            owner: self.owner,
            guardian: self.guardian,
            delay: U256::from(self.delay),
            allowSameGuardian: self.allow_same_guardian,
            claims,
        };
        all.extend(Deployment::contracts(&beginnings));
        Ok((all, Manifest { chain_id, first_block, beginnings, keys, complete: false }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use veilmark_contract_bindings::claims;

    #[test]
    fn addresses_follow_from_what_is_deployed() {
        let plan = Plan {
            owner: DEPLOYER,
            guardian: DEPLOYER,
            delay: 0,
            allow_same_guardian: true,
            claims: claims::all().iter().collect(),
            keys: Vec::new(),
        };
        let (contracts, manifest) = plan.contracts(31337, 0).unwrap();
        assert_eq!(contracts.len(), claims::all().len() + 4);
        assert_eq!(contracts.last().unwrap().address, manifest.deployment().token());
        let (_, again) = plan.contracts(31337, 0).unwrap();
        assert_eq!(manifest, again);
        let other = Plan { delay: 1, ..plan }.contracts(31337, 0).unwrap().1.deployment();
        let same = manifest.deployment();
        assert!(other.router() != same.router() && other.content() != same.content() && other.token() != same.token());
    }

    #[test]
    fn what_is_no_key_is_taken_for_an_unsafe_one() {
        assert!(check_key(31337, &[1, 2, 3]).is_ok());
        assert!(matches!(check_key(1, &[1, 2, 3]), Err(ChainError::UnsafeKey { chain_id: 1, .. })));
    }
}
