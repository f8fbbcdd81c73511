//! Registering what a bundle proves: which record, of which model, under which key, on which registry.
//!
//! What the caller must believe: nothing here checks the proof. A caller that sends a transaction checks the bundle first,
//! under a verifying key of its own, so that no invalid proof costs gas.

use crate::{
    bundle::Bundle,
    chain::{
        Chain, ChainError,
        client::{
            RegistryClient,
            models::Model,
            records::{Record, Statement, Stored, Submission},
        },
    },
};
use alloy_primitives::{Address, B256, U256};
use veilmark_files::{Classified, Kind};
use veilmark_statement::{claim::Role, public::Binding, record};

/// A bundle cannot be registered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrarError {
    /// The chain, its node or a contract refused.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The proof is bound to another chain or registry.
    #[error("the proof is for registry {expected} on chain {expected_chain}, this one is {got} on chain {got_chain}")]
    OtherRegistry {
        /// The proof's registry.
        expected: Address,
        /// The proof's chain.
        expected_chain: u64,
        /// This registry.
        got: Address,
        /// This chain.
        got_chain: u64,
    },
    /// The router does not know the verifying key.
    #[error("the chain's router does not know verifying key {vk_hash}")]
    UnknownKey {
        /// The key.
        vk_hash: B256,
    },
    /// The claim has no model, and a registration of one was named.
    #[error("the {claim} claim has no model")]
    NoModel {
        /// The claim's name.
        claim: &'static str,
    },
    /// Nobody registered the model.
    #[error("model {model_hash} is not registered on this chain")]
    ModelNotRegistered {
        /// The model.
        model_hash: B256,
    },
    /// Nobody's registration of the model is in use.
    #[error("every registration of model {model_hash} is deprecated by its owner")]
    ModelDeprecated {
        /// The model.
        model_hash: B256,
    },
    /// Several accounts registered the model, and none of them is the registrant.
    #[error("model {model_hash} has several registrations, and nobody said which: {}", candidates.iter()
        .map(|(id, owner)| format!("{id} of {owner}")).collect::<Vec<_>>().join(", "))]
    ModelAmbiguous {
        /// The model.
        model_hash: B256,
        /// Registrations and their owners.
        candidates: Vec<(u64, Address)>,
    },
    /// The account named has no registration of the model that is in use.
    #[error("{owner} has no registration of model {model_hash} that is in use")]
    NotTheOwner {
        /// The model.
        model_hash: B256,
        /// Who was named.
        owner: Address,
    },
    /// The registration named is of another model.
    #[error("model {model_id} is another than the bundle's")]
    OtherModel {
        /// The registration.
        model_id: u64,
    },
}

impl Classified for RegistrarError {
    fn kind(&self) -> Kind {
        match self {
            Self::Chain(error) => error.kind(),
            Self::OtherRegistry { .. } | Self::OtherModel { .. } => Kind::Mismatch,
            Self::UnknownKey { .. } => Kind::UnknownKey,
            Self::NoModel { .. } | Self::ModelAmbiguous { .. } => Kind::Usage,
            Self::ModelNotRegistered { .. } | Self::ModelDeprecated { .. } | Self::NotTheOwner { .. } => {
                Kind::NotRegistered
            }
        }
    }
}

/// Which registration of its model a record is to name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ModelChoice {
    /// The registrant's own, or else the only one there is.
    #[default]
    Default,
    /// The one of this account.
    OfOwner(Address),
    /// This one.
    Id(u64),
}

/// What a bundle proves, as contracts take it.
pub fn statement_of(bundle: &Bundle) -> Statement {
    record::Statement::new(bundle.claim, &bundle.public(), &bundle.commitments).into()
}

/// The model that a bundle is about.
pub fn model_hash(bundle: &Bundle) -> Option<B256> {
    bundle.commitment(Role::Model).map(B256::from)
}

/// The record that a bundle would make.
pub fn record_of(bundle: &Bundle, model_id: Option<u64>) -> Record {
    Record {
        vkHash: bundle.vk_hash.into(),
        registrant: bundle.binding.registrant.into(),
        modelId: U256::from(model_id.unwrap_or_default()),
        statement: statement_of(bundle),
    }
}

/// The registration that a bundle is for, with its proof.
pub fn submission(bundle: &Bundle, model_id: Option<u64>) -> Submission<'_> {
    Submission { record: record_of(bundle, model_id), proof: &bundle.proof }
}

/// The use cases of registering, on the contracts of one chain.
#[derive(Debug)]
pub struct Registrar<'c, C> {
    client: &'c RegistryClient<C>,
    first_block: u64,
}

impl<'c, C: Chain> Registrar<'c, C> {
    /// The use cases on a client; no event that matters is before `first_block`.
    pub fn new(client: &'c RegistryClient<C>, first_block: u64) -> Self {
        Self { client, first_block }
    }

    /// Refuses what is bound to another registry.
    ///
    /// # Errors
    ///
    /// [`RegistrarError::OtherRegistry`].
    pub fn require_bound(&self, binding: Binding) -> Result<(), RegistrarError> {
        let (expected, got) = (Address::from(binding.registry), self.client.deployment().content());
        let (expected_chain, got_chain) = (binding.chain_id, self.client.chain().chain_id()?);
        match (expected, expected_chain) == (got, got_chain) {
            true => Ok(()),
            false => Err(RegistrarError::OtherRegistry { expected, expected_chain, got, got_chain }),
        }
    }

    /// Refuses a key that the router was never given.
    ///
    /// # Errors
    ///
    /// [`RegistrarError::UnknownKey`].
    pub fn require_key(&self, vk_hash: [u8; 32]) -> Result<(), RegistrarError> {
        let vk_hash = B256::from(vk_hash);
        match self.client.key(vk_hash)? {
            Some(_) => Ok(()),
            None => Err(RegistrarError::UnknownKey { vk_hash }),
        }
    }

    /// The registration of a bundle's model that its record is to name: anyone may register a model, so one of a stranger's
    /// is not taken where there is a choice.
    ///
    /// # Errors
    ///
    /// [`RegistrarError`] that says which registrations there are.
    pub fn model(&self, bundle: &Bundle, choice: ModelChoice) -> Result<Option<Model>, RegistrarError> {
        let Some(model_hash) = model_hash(bundle) else {
            return match choice {
                ModelChoice::Default => Ok(None),
                _ => Err(RegistrarError::NoModel { claim: bundle.claim.name() }),
            };
        };
        if let ModelChoice::Id(model_id) = choice {
            let model = self.client.model(model_id)?;
            return match model.commitment.modelHash == model_hash {
                true => Ok(Some(model)),
                false => Err(RegistrarError::OtherModel { model_id }),
            };
        }
        let mut models = self.client.models_by_hash(model_hash)?;
        if models.is_empty() {
            return Err(RegistrarError::ModelNotRegistered { model_hash });
        }
        models.retain(|model| !model.deprecated);
        let of = |owner: Address| models.iter().find(|model| model.owner == owner).cloned();
        if let ModelChoice::OfOwner(owner) = choice {
            return of(owner).map(Some).ok_or(RegistrarError::NotTheOwner { model_hash, owner });
        }
        if let Some(own) = of(bundle.binding.registrant.into()) {
            return Ok(Some(own));
        }
        match &models[..] {
            [] => Err(RegistrarError::ModelDeprecated { model_hash }),
            [only] => Ok(Some(only.clone())),
            several => {
                let candidates = several.iter().map(|model| (model.model_id, model.owner)).collect();
                Err(RegistrarError::ModelAmbiguous { model_hash, candidates })
            }
        }
    }

    /// What the chain has of a bundle's statement by its registrant, whichever registration of the model it names; the oldest
    /// that was not revoked, or else the oldest.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn existing(&self, bundle: &Bundle) -> Result<Option<Stored>, RegistrarError> {
        if !self.client.exists()? {
            return Ok(None);
        }
        let record = record_of(bundle, None);
        if model_hash(bundle).is_none() {
            return match self.client.stored(&record) {
                Ok(stored) => Ok(Some(stored)),
                Err(ChainError::NotRegistered { .. }) => Ok(None),
                Err(error) => Err(error.into()),
            };
        }
        let topics = vec![Some(record.statement.imageCommitment), None, Some(record.registrant.into_word())];
        let mut found = Vec::new();
        for (_, event) in self.client.registrations(self.first_block, None, topics)? {
            if (event.record.vkHash, &event.record.statement) == (record.vkHash, &record.statement) {
                match self.client.stored(&event.record) {
                    Ok(stored) => found.push(stored),
                    Err(ChainError::NotRegistered { .. }) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        let in_force = found.iter().position(|stored| stored.revoked_at().is_none()).unwrap_or_default();
        Ok((!found.is_empty()).then(|| found.swap_remove(in_force)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::{
        client::{claims::proof_system_id, models::ModelCommitment},
        deployment::verifier_contract,
        embedded::EmbeddedChain,
        practice, testing,
    };
    use veilmark_contract_bindings::claims;
    use veilmark_srs::SrsId;
    use veilmark_statement::{claim::Claim, fingerprint::Fingerprint};

    const REGISTRANT: Address = Address::repeat_byte(1);
    const OTHER: Address = Address::repeat_byte(2);
    const THIRD: Address = Address::repeat_byte(3);

    /// A practice chain with a key of a claim with a model, under which anyone may register a model.
    struct World {
        _folder: tempfile::TempDir,
        client: RegistryClient<EmbeddedChain>,
        vk_hash: B256,
    }

    impl World {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let client = RegistryClient::new(EmbeddedChain::open(folder.path()).unwrap(), practice::deployment());
            practice::ensure_contracts(&client).unwrap();
            let claim = claims::of(Claim::GENERATION);
            let verifier = verifier_contract(claim.verifier);
            verifier.make(client.chain(), practice::owner()).unwrap();
            let code = testing::key_of(client.chain(), claim, 1).unwrap();
            let vk_hash = practice::ensure_key(&client, &claim.description, &verifier, &code).unwrap();
            Self { _folder: folder, client, vk_hash }
        }

        fn register(&self, model_hash: B256, owner: Address) -> u64 {
            let commitment = ModelCommitment {
                modelHash: model_hash,
                circuitHash: self.client.key(self.vk_hash).unwrap().unwrap().architecture,
                vkHash: self.vk_hash,
                proofSystemId: proof_system_id(),
                uri: String::new(),
            };
            self.client.register_model(commitment, owner).unwrap().model_id
        }

        /// The registration that is chosen for a bundle of [`REGISTRANT`]'s.
        fn chosen(&self, model_hash: B256, choice: ModelChoice) -> Result<Option<u64>, RegistrarError> {
            let bundle = bundle(Claim::GENERATION, model_hash);
            let model = Registrar::new(&self.client, 0).model(&bundle, choice)?;
            Ok(model.map(|model| model.model_id))
        }
    }

    /// A bundle whose commitments are all this word; there is no proof in it.
    fn bundle(claim: Claim, word: B256) -> Bundle {
        Bundle {
            claim,
            vk_hash: [0; 32],
            srs_id: SrsId::DEVELOPMENT,
            k: 18,
            size: (8, 8),
            architecture: [1; 32],
            commitments: vec![word.0; claim.segments.len()],
            fingerprint: Fingerprint::default(),
            tolerance: 0,
            binding: Binding { chain_id: practice::CHAIN_ID, registry: [0; 20], registrant: REGISTRANT.into() },
            extra: Vec::new(),
            decoder: String::new(),
            proof: Vec::new(),
        }
    }

    /// Anyone may register a model that somebody else made, and be first.
    #[test]
    fn a_stranger_s_registration_of_a_model_is_never_taken_where_there_is_a_choice() {
        let world = World::new();
        let model = B256::repeat_byte(9);
        let chosen = |choice| world.chosen(model, choice);
        assert!(
            matches!(chosen(ModelChoice::Default), Err(RegistrarError::ModelNotRegistered { model_hash }) if model_hash == model)
        );
        let first = world.register(model, OTHER);
        assert_eq!(chosen(ModelChoice::Default).unwrap(), Some(first), "there is no other");
        let second = world.register(model, THIRD);
        let error = chosen(ModelChoice::Default).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage, "{error}");
        let RegistrarError::ModelAmbiguous { candidates, .. } = error else { panic!("{error}") };
        assert_eq!(candidates, [(first, OTHER), (second, THIRD)]);
        let own = world.register(model, REGISTRANT);
        assert_eq!(chosen(ModelChoice::Default).unwrap(), Some(own), "not the oldest: the registrant's");

        // what its owner takes out of use is no candidate
        world.client.deprecate_model(own, REGISTRANT).unwrap();
        assert!(matches!(chosen(ModelChoice::Default), Err(RegistrarError::ModelAmbiguous { .. })));
        world.client.deprecate_model(first, OTHER).unwrap();
        assert_eq!(chosen(ModelChoice::Default).unwrap(), Some(second));
        world.client.deprecate_model(second, THIRD).unwrap();
        assert!(matches!(chosen(ModelChoice::Default), Err(RegistrarError::ModelDeprecated { .. })));
    }

    #[test]
    fn the_registration_that_is_named_is_taken_and_no_other() {
        let world = World::new();
        let (model, another) = (B256::repeat_byte(9), B256::repeat_byte(8));
        let (of_other, of_third) = (world.register(model, OTHER), world.register(model, THIRD));
        let chosen = |choice| world.chosen(model, choice);
        for (owner, id) in [(OTHER, of_other), (THIRD, of_third)] {
            assert_eq!(chosen(ModelChoice::OfOwner(owner)).unwrap(), Some(id));
            assert_eq!(chosen(ModelChoice::Id(id)).unwrap(), Some(id));
        }
        let error = chosen(ModelChoice::OfOwner(REGISTRANT)).unwrap_err();
        assert!(matches!(error, RegistrarError::NotTheOwner { owner, .. } if owner == REGISTRANT), "{error}");
        let foreign = world.register(another, OTHER);
        let error = chosen(ModelChoice::Id(foreign)).unwrap_err();
        assert!(matches!(error, RegistrarError::OtherModel { model_id } if model_id == foreign), "{error}");
        assert_eq!(chosen(ModelChoice::Id(foreign + 1)).unwrap_err().kind(), Kind::NotRegistered);
        world.client.deprecate_model(of_other, OTHER).unwrap();
        assert!(matches!(chosen(ModelChoice::OfOwner(OTHER)), Err(RegistrarError::NotTheOwner { .. })));

        // a claim without a model has none to name
        let bundle = bundle(Claim::FINGERPRINT, model);
        let registrar = Registrar::new(&world.client, 0);
        assert_eq!(registrar.model(&bundle, ModelChoice::Default).unwrap(), None);
        for choice in [ModelChoice::Id(of_third), ModelChoice::OfOwner(THIRD)] {
            assert!(matches!(registrar.model(&bundle, choice), Err(RegistrarError::NoModel { .. })));
        }
    }
}
