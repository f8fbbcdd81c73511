//! Bringing the contracts to a chain.
//!
//! Every contract is made by the deterministic deployer that nearly every chain has (`0x4e59…956C`, CREATE2), so its
//! address follows from its code and its constructor's arguments: it is known before anything is sent, it is the same
//! on every chain, and a run that was broken off is completed by running it again, with nothing written down meanwhile.
//! Nobody else can put another code there.

use super::registry::{Deployment, RegistryClient, claim_id, statement_of};
use super::{Chain, ChainError, Receipt};
use alloy_primitives::{Address, B256, address, b256, hex, keccak256};
use alloy_sol_types::SolCall;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use veilmark_statement::claim::Claim;
use veilmark_verifier_contract::{
    VkHeader,
    artifacts::{self, Artifact, IClaimRouter, data_contract_init_code},
};

/// The deterministic deployer.
pub const DEPLOYER: Address = address!("4e59b44847b379578588920cA78FbF26c0B4956C");
const DEPLOYER_CODE: &[u8] = &hex!(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f580151560395781\
     82fd5b8082525050506014600cf3"
);
/// The same for every contract: what differs is in the code.
const SALT: B256 = b256!("0000000000000000000000000000000000000000000000000000000000000001");
/// Chains for development.
pub const DEVELOPMENT_CHAINS: [u64; 2] = [31337, 1337];
/// The router's shortest delay on every other chain, in seconds.
pub const MIN_DELAY: u64 = 172_800;

/// Where the contracts are on a chain, as a file tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeploymentFile {
    /// Names the format.
    pub format: String,
    /// The chain.
    pub chain_id: u64,
    /// A block before the first event.
    pub first_block: u64,
    /// The router's owner at the beginning.
    pub owner: Address,
    /// The router's guardian at the beginning.
    pub guardian: Address,
    /// Seconds that an addition waits.
    pub delay: u64,
    /// The router.
    pub router: Address,
    /// The registry of models.
    pub models: Address,
    /// The registry of content, which proofs are bound to.
    pub content: Address,
    /// The tokens.
    pub token: Address,
    /// The verifiers, by claim.
    pub verifiers: BTreeMap<String, Address>,
    /// The verifying keys that the router was made with, by hash.
    pub keys: BTreeMap<B256, Address>,
    /// Whether everything was seen on the chain.
    pub complete: bool,
}

impl DeploymentFile {
    /// The format's name.
    pub const FORMAT: &'static str = "veilmark deployment v1";

    /// Where the client finds the contracts.
    pub fn deployment(&self) -> Deployment {
        let Self { router, models, content, token, .. } = *self;
        Deployment { router, models, content, token: Some(token) }
    }
}

/// Who owns a deployment, and what it begins with.
#[derive(Clone, Debug)]
pub struct Plan {
    /// May add to the router, after the delay, and remove.
    pub owner: Address,
    /// May stop claims.
    pub guardian: Address,
    /// Seconds that an addition waits.
    pub delay: u64,
    /// Verifying keys that are there from the beginning: the claim, and the key's runtime code.
    pub keys: Vec<(Claim, Vec<u8>)>,
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
    /// What its code has to be; `None` for a verifying key, whose code is the last part of `init_code`.
    artifact: Option<&'static Artifact>,
}

impl Planned {
    fn new(name: impl Into<String>, init_code: Vec<u8>, artifact: Option<&'static Artifact>) -> Self {
        let address = DEPLOYER.create2(SALT, keccak256(&init_code));
        Self { name: name.into(), address, init_code, artifact }
    }

    /// What the deployer is called with.
    pub fn calldata(&self) -> Vec<u8> {
        [SALT.as_slice(), &self.init_code].concat()
    }

    fn is_code(&self, code: &[u8]) -> bool {
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
    /// [`ChainError::OtherRegistry`] if something else is there, or the chain cannot be asked.
    pub fn exists<C: Chain>(&self, chain: &C) -> Result<bool, ChainError> {
        let code = chain.code(self.address)?;
        match code.is_empty() || self.is_code(&code) {
            true => Ok(!code.is_empty()),
            false => Err(ChainError::OtherRegistry { address: self.address }),
        }
    }

    /// Makes it, unless it is there.
    ///
    /// # Errors
    ///
    /// If the chain has no deployer, or fails.
    pub fn make<C: Chain>(&self, chain: &C, from: Address) -> Result<Option<Receipt>, ChainError> {
        if self.exists(chain)? {
            return Ok(None);
        }
        require_deployer(chain)?;
        let receipt = chain.transact(from, DEPLOYER, self.calldata())?;
        match self.exists(chain)? {
            true => Ok(Some(receipt)),
            false => Err(ChainError::NoEffect { what: "there is no code where it made a contract" }),
        }
    }
}

/// Looks for the deterministic deployer.
///
/// # Errors
///
/// If it is not there, or is something else.
pub fn require_deployer<C: Chain>(chain: &C) -> Result<(), ChainError> {
    match chain.code(DEPLOYER)?[..] {
        [] => Err(ChainError::NoCode { address: DEPLOYER }),
        ref code if code != DEPLOYER_CODE => Err(ChainError::OtherRegistry { address: DEPLOYER }),
        _ => Ok(()),
    }
}

/// A verifying key's contract.
///
/// # Errors
///
/// If it is longer than a chain accepts.
pub fn key_contract(code: &[u8]) -> Result<Planned, ChainError> {
    let too_large = ChainError::CodeTooLarge { limit: super::embedded::CODE_LIMIT };
    let init_code = data_contract_init_code(code).ok_or(too_large)?;
    Ok(Planned::new(format!("verifying key {}", keccak256(code)), init_code, None))
}

/// Refuses unsafe keys for chains that are not for development.
///
/// # Errors
///
/// [`ChainError::UnsafeKey`].
pub fn check_key(chain_id: u64, code: &[u8]) -> Result<(), ChainError> {
    let is_unsafe = VkHeader::read(code).map_or(true, |header| header.subject.unsafe_dev);
    match is_unsafe && !DEVELOPMENT_CHAINS.contains(&chain_id) {
        true => Err(ChainError::UnsafeKey { vk_hash: keccak256(code), chain_id }),
        false => Ok(()),
    }
}

impl Plan {
    /// Every contract, in an order in which each finds those that it needs; and the file that says where they will be.
    ///
    /// # Errors
    ///
    /// If a verifying key is unsafe and the chain is not for development, or too long.
    pub fn contracts(&self, chain_id: u64, first_block: u64) -> Result<(Vec<Planned>, DeploymentFile), ChainError> {
        let mut all = Vec::new();
        let mut add = |planned: Planned| {
            let address = planned.address;
            all.push(planned);
            address
        };
        let (mut verifiers, mut keys, mut inputs) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for claim in Claim::ALL {
            let artifact = artifacts::verifier(claim);
            let verifier = add(Planned::new(artifact.name, artifact.init_code.clone(), Some(artifact)));
            verifiers.insert(claim.name().to_owned(), verifier);
            let mut of_claim = Vec::new();
            for (_, code) in self.keys.iter().filter(|(of, _)| *of == claim) {
                check_key(chain_id, code)?;
                let address = add(key_contract(code)?);
                keys.insert(keccak256(code), address);
                of_claim.push(address);
            }
            inputs.push(IClaimRouter::ClaimInput {
                claimId: claim_id(claim),
                statement: statement_of(claim),
                verifier,
                keys: of_claim,
            });
        }
        let Self { owner, guardian, delay, .. } = *self;
        let mut contract =
            |artifact: &'static Artifact, init_code| add(Planned::new(artifact.name, init_code, Some(artifact)));
        let router = contract(&artifacts::CLAIM_ROUTER, artifacts::router_init_code(owner, guardian, delay, inputs));
        let models = contract(&artifacts::MODEL_REGISTRY, artifacts::model_registry_init_code(router));
        let content = contract(&artifacts::CONTENT_REGISTRY, artifacts::content_registry_init_code(router, models));
        let token = contract(&artifacts::AUTHENTICITY_TOKEN, artifacts::token_init_code(router, models, content));
        let file = DeploymentFile {
            format: DeploymentFile::FORMAT.to_owned(),
            chain_id,
            first_block,
            owner,
            guardian,
            delay,
            router,
            models,
            content,
            token,
            verifiers,
            keys,
            complete: false,
        };
        Ok((all, file))
    }
}

/// What became of a verifying key.
#[derive(Clone, Debug)]
pub enum Pinned {
    /// It was there already.
    Already,
    /// It is there now.
    Added(Vec<Receipt>),
    /// It is proposed: from the time named, in seconds since 1970, doing it again adds it.
    Proposed {
        /// When.
        ready_at: u64,
        /// What was sent.
        receipts: Vec<Receipt>,
    },
}

/// Adds a verifying key to the router; `owner` is the router's.
///
/// # Errors
///
/// If the key is unsafe and the chain is not for development, the router refuses, or the chain fails.
pub fn pin<C: Chain>(
    client: &RegistryClient<C>,
    claim: Claim,
    code: &[u8],
    owner: Address,
) -> Result<Pinned, ChainError> {
    let (chain, router) = (client.chain(), client.deployment().router);
    check_key(chain.chain_id()?, code)?;
    let vk_hash = keccak256(code);
    if client.knows_key(vk_hash)? {
        return Ok(Pinned::Already);
    }
    let contract = key_contract(code)?;
    let (id, vk) = (claim_id(claim), contract.address);
    let mut receipts: Vec<_> = contract.make(chain, owner)?.into_iter().collect();
    let add = IClaimRouter::addKeyCall { claimId: id, vk }.abi_encode();
    match chain.query(owner, router, add.clone()) {
        Ok(_) => {
            receipts.push(chain.transact(owner, router, add)?);
            match client.knows_key(vk_hash)? {
                true => Ok(Pinned::Added(receipts)),
                false => Err(ChainError::NoEffect { what: "the router does not know the verifying key" }),
            }
        }
        Err(error) => match error.revert_name() {
            Some("NotReady") => Ok(Pinned::Proposed { ready_at: ready_at(&error), receipts }),
            Some("NotProposed") => {
                let propose = IClaimRouter::proposeKeyCall { claimId: id, vk }.abi_encode();
                receipts.push(chain.transact(owner, router, propose)?);
                match chain.query(owner, router, add) {
                    Err(error) if error.revert_name() == Some("NotReady") => {
                        Ok(Pinned::Proposed { ready_at: ready_at(&error), receipts })
                    }
                    _ => Err(ChainError::NoEffect { what: "the router does not know the proposal" }),
                }
            }
            _ => Err(error),
        },
    }
}

fn ready_at(error: &ChainError) -> u64 {
    let ChainError::Reverted { revert, .. } = error else { return 0 };
    let value = revert.arguments.iter().find(|(name, _)| name == "readyAt").map(|(_, value)| value.parse());
    value.and_then(Result::ok).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use veilmark_files::{Classified, Kind};

    #[test]
    fn addresses_follow_from_what_is_deployed() {
        let plan = Plan { owner: DEPLOYER, guardian: DEPLOYER, delay: 0, keys: Vec::new() };
        let (contracts, file) = plan.contracts(31337, 0).unwrap();
        assert_eq!(contracts.len(), 8);
        assert_eq!(contracts[7].address, file.token);
        let (_, again) = plan.contracts(31337, 0).unwrap();
        assert_eq!(file, again);
        let other = Plan { delay: 1, ..plan }.contracts(31337, 0).unwrap().1;
        assert_eq!(other.verifiers, file.verifiers);
        assert!(other.router != file.router && other.content != file.content && other.token != file.token);
        let text = serde_json::to_string(&file).unwrap();
        assert_eq!(serde_json::from_str::<DeploymentFile>(&text).unwrap(), file);
    }

    #[test]
    fn what_is_no_key_is_taken_for_an_unsafe_one() {
        assert!(check_key(31337, &[1, 2, 3]).is_ok());
        let error = check_key(1, &[1, 2, 3]).unwrap_err();
        assert!(matches!(error, ChainError::UnsafeKey { chain_id: 1, .. }) && error.kind() == Kind::UntrustedSetup);
    }
}
