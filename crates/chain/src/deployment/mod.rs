//! Where the contracts are, and why that is believed.
//!
//! Every contract is made by the deterministic deployer that nearly every chain has (`0x4e59…956C`, CREATE2), so its
//! address is a hash of its code and its constructor's arguments. An address that was recomputed here proves that this very
//! constructor ran with these very arguments, and with it that storage began as the constructor left it. Equal code alone
//! proves nothing of the kind: whoever deploys chooses what storage holds before the code is in place.
//!
//! A [`Deployment`] is made by [`Deployment::of`] alone, which recomputes everything. What is left to believe is the router's
//! beginnings ([`Beginnings`]): who owns and guards it, how long its changes wait, which claims and keys it began with.

mod manifest;
mod plan;
mod provenance;

pub use manifest::{Manifest, ManifestError, ManifestKey};
pub use plan::{
    DEVELOPMENT_CHAINS, MIN_DELAY, Plan, Planned, check_key, key_contract, require_deployer, verifier_contract,
};
pub use provenance::of_registry;

use crate::abi::IClaimRouter;
use alloy_primitives::{Address, hex};
use veilmark_contract_bindings::{
    Artifact,
    addresses::{self, Addresses},
    artifact,
};

/// The router's constructor arguments: who owns and guards it, how long changes wait, and what it begins with.
pub use IClaimRouter::Deployment as Beginnings;
pub use addresses::{DEPLOYER, SALT};

/// The deployer's code.
pub(crate) const DEPLOYER_CODE: &[u8] = &hex!(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f580151560395781\
     82fd5b8082525050506014600cf3"
);

/// Where the contracts of one deployment are. The addresses were computed, not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deployment(Addresses);

impl Deployment {
    /// Computes the addresses of the deployment that begins like this.
    pub fn of(beginnings: &Beginnings) -> Self {
        Self::around(addresses::router(beginnings).address)
    }

    /// The contracts that work with a router, wherever the router comes from.
    fn around(router: Address) -> Self {
        Self(Addresses::on(router))
    }

    /// Every contract, in an order in which each finds those that it needs.
    pub fn contracts(beginnings: &Beginnings) -> [Planned; 4] {
        let Addresses { router, models, registry, .. } = Self::of(beginnings).0;
        let made = [
            addresses::router(beginnings),
            addresses::models(router),
            addresses::registry(router, models),
            addresses::token(router, models, registry),
        ];
        let mut artifacts = artifact::written().into_iter();
        made.map(|made| Planned::of(artifacts.next(), made))
    }

    /// The router.
    pub fn router(&self) -> Address {
        self.0.router
    }

    /// The registry of models.
    pub fn models(&self) -> Address {
        self.0.models
    }

    /// The registry of content, which proofs are bound to.
    pub fn content(&self) -> Address {
        self.0.registry
    }

    /// The tokens.
    pub fn token(&self) -> Address {
        self.0.token
    }

    /// Every contract's address, and what its code has to be.
    pub fn addresses(&self) -> [(Address, &'static Artifact); 4] {
        let Addresses { router, models, registry, token } = self.0;
        let [of_router, of_models, of_registry, of_token] = artifact::written();
        [(router, of_router), (models, of_models), (registry, of_registry), (token, of_token)]
    }
}
