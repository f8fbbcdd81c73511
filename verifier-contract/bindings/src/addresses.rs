//! Where the contracts of a deployment are, by CREATE2 from the arguments of their constructors.
//!
//! All contracts are deployed through [`DEPLOYER`] with [`SALT`]. So an address says which creation code ran, with which arguments,
//! and that storage was empty before: whoever recomputes the addresses of a registry need not believe the code that is there, nor
//! what it says of itself. Addresses depend on no chain; which chain is meant has to be said beside them.

use crate::{
    artifact::{AUTHENTICITY_TOKEN, Artifact, CLAIM_ROUTER, CONTENT_REGISTRY, MODEL_REGISTRY},
    interfaces::IClaimRouter,
};
use alloy_primitives::{Address, B256, address, keccak256};
use alloy_sol_types::SolValue;

/// The deployer that is at the same address on every chain (EIP-7997): it runs the creation code behind a salt of 32 bytes.
pub const DEPLOYER: Address = address!("4e59b44847b379578588920cA78FbF26c0B4956C");
/// The salt of every deployment. Deployments differ by the arguments of the router.
pub const SALT: B256 = B256::ZERO;

/// Code that deploys something, and where it ends up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// The contract's address.
    pub address: Address,
    /// Creation code with the constructor's arguments.
    pub init_code: Vec<u8>,
}

impl Deployment {
    /// By any creation code.
    pub fn of(init_code: Vec<u8>) -> Self {
        Self { address: DEPLOYER.create2(SALT, keccak256(&init_code)), init_code }
    }

    /// The data of the transaction to [`DEPLOYER`] that deploys it.
    pub fn call(&self) -> Vec<u8> {
        [SALT.as_slice(), &self.init_code].concat()
    }

    fn with(artifact: &Artifact, arguments: Vec<u8>) -> Self {
        Self::of([artifact.init_code.clone(), arguments].concat())
    }
}

/// A router.
pub fn router(deployment: &IClaimRouter::Deployment) -> Deployment {
    Deployment::with(&CLAIM_ROUTER, deployment.abi_encode())
}

/// The registry of models of a router.
pub fn models(router: Address) -> Deployment {
    Deployment::with(&MODEL_REGISTRY, router.abi_encode())
}

/// The registry of content of a router and a registry of models.
pub fn registry(router: Address, models: Address) -> Deployment {
    Deployment::with(&CONTENT_REGISTRY, (router, models).abi_encode_params())
}

/// The tokens of a router, a registry of models and a registry of content, to which proofs are bound.
pub fn token(router: Address, models: Address, registry: Address) -> Deployment {
    Deployment::with(&AUTHENTICITY_TOKEN, (router, models, registry).abi_encode_params())
}

/// A generated verifier, which has no arguments.
pub fn verifier(artifact: &Artifact) -> Deployment {
    Deployment::with(artifact, Vec::new())
}

/// A data contract: whatever `runtime_code` is, it is what lies at the address afterwards. `None` if the code is longer than
/// EIP-170 allows.
pub fn data_contract(runtime_code: &[u8]) -> Option<Deployment> {
    data_contract_init_code(runtime_code).map(Deployment::of)
}

/// The addresses of everything that stands on a router.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The router.
    pub router: Address,
    /// The registry of models.
    pub models: Address,
    /// The registry of content.
    pub registry: Address,
    /// The tokens.
    pub token: Address,
}

impl Addresses {
    /// What stands on the router at an address.
    pub fn on(router: Address) -> Self {
        let models = models(router).address;
        let registry = registry(router, models).address;
        Self { router, models, registry, token: token(router, models, registry).address }
    }
}

/// The code that deploys a data contract: whatever `runtime_code` is, it is what lies at the address afterwards.
///
/// `None` if the code is longer than EIP-170 allows.
pub fn data_contract_init_code(runtime_code: &[u8]) -> Option<Vec<u8>> {
    const EIP170_LIMIT: usize = 24_576;
    let length = u16::try_from(runtime_code.len()).ok().filter(|length| usize::from(*length) <= EIP170_LIMIT)?;
    let [high, low] = length.to_be_bytes();
    // PUSH2 length, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN: ten bytes, so the data begins at byte 10.
    let prefix = [0x61, high, low, 0x80, 0x60, 10, 0x5f, 0x39, 0x5f, 0xf3];
    Some([&prefix[..], runtime_code].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims;
    use alloy_primitives::{U256, hex};

    fn deployment() -> IClaimRouter::Deployment {
        IClaimRouter::Deployment {
            owner: Address::repeat_byte(1),
            guardian: Address::repeat_byte(2),
            delay: U256::from(172_800),
            allowSameGuardian: false,
            claims: claims::all()
                .iter()
                .map(|claim| IClaimRouter::ClaimInput {
                    description: claim.description.clone(),
                    verifier: verifier(claim.verifier).address,
                    keys: vec![Address::repeat_byte(7)],
                })
                .collect(),
        }
    }

    /// EIP-1014's own vectors, for the deployer's rule.
    #[test]
    fn create2_is_eip_1014_s() {
        let expected = address!("4D1A2e2bB4F88F0250f26Ffff098B0b30B26BF38");
        assert_eq!(Address::ZERO.create2(B256::ZERO, keccak256([0])), expected);
        let expected = address!("60f3f640a8508fC6a86d45DF051962668E1e8AC7");
        let deployer = address!("00000000000000000000000000000000deadbeef");
        let salt: B256 = hex!("00000000000000000000000000000000000000000000000000000000cafebabe").into();
        assert_eq!(deployer.create2(salt, keccak256(hex!("deadbeef"))), expected);
    }

    #[test]
    fn every_argument_moves_the_router_and_all_that_stands_on_it() {
        let base = deployment();
        let changes: [fn(&mut IClaimRouter::Deployment); 8] = [
            |d| d.owner = Address::repeat_byte(9),
            |d| d.guardian = Address::repeat_byte(9),
            |d| d.delay = U256::ZERO,
            |d| d.allowSameGuardian = true,
            |d| d.claims.truncate(1),
            |d| d.claims[0].verifier = Address::repeat_byte(9),
            |d| d.claims[0].keys.clear(),
            |d| d.claims[0].description.maxTolerance += 1,
        ];
        let mut seen = vec![Addresses::on(router(&base).address)];
        for change in changes {
            let mut changed = base.clone();
            change(&mut changed);
            let addresses = Addresses::on(router(&changed).address);
            for earlier in &seen {
                assert_ne!(addresses.router, earlier.router);
                assert_ne!(addresses.models, earlier.models);
                assert_ne!(addresses.registry, earlier.registry);
                assert_ne!(addresses.token, earlier.token);
            }
            seen.push(addresses);
        }
    }

    #[test]
    fn the_call_is_the_salt_and_the_code() {
        let deployed = data_contract(&[0, 1, 2]).unwrap();
        assert_eq!(deployed.call()[..32], SALT[..]);
        assert_eq!(deployed.call()[32..], deployed.init_code);
        assert_eq!(deployed.init_code[10..], [0, 1, 2]);
    }

    #[test]
    fn a_data_contract_is_no_longer_than_the_chain_allows() {
        assert!(data_contract_init_code(&vec![0; 24_576]).is_some());
        assert!(data_contract_init_code(&vec![0; 24_577]).is_none());
        assert!(data_contract_init_code(&vec![0; 70_000]).is_none());
    }
}
