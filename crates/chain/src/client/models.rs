//! Models: their registrations, and what the owner of one does with it.

use super::{RegistryClient, not_registered, took_effect, unless, within_bounds};
use crate::{Chain, ChainError, Receipt, abi::IModelRegistry};
use alloy_primitives::{Address, B256, U256};

pub use IModelRegistry::{ModelCommitment, Update};

/// Entries in one answer of the registry.
const PAGE: u64 = 100;

/// A model's registration that the chain accepted, now or earlier.
#[derive(Clone, Debug)]
pub struct ModelRegistration {
    /// Identifies the registration.
    pub model_id: u64,
    /// What the transaction did and cost; `None` where the registration was there already and nothing was sent.
    pub receipt: Option<Receipt>,
}

/// A registered model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// Identifies the registration.
    pub model_id: u64,
    /// The model.
    pub commitment: ModelCommitment,
    /// Its owner took it out of use.
    pub deprecated: bool,
    /// Who answers for it.
    pub owner: Address,
}

impl<C: Chain> RegistryClient<C> {
    /// Registers a model for `owner`; finds the registration where it is there already.
    ///
    /// # Errors
    ///
    /// If the registry refuses.
    pub fn register_model(&self, model: ModelCommitment, owner: Address) -> Result<ModelRegistration, ChainError> {
        let call = IModelRegistry::registerModelCall { commitment: model };
        let named = |error: IModelRegistry::ModelAlreadyRegistered| error.modelId;
        let (output, receipt) = self.once(owner, self.deployment().models(), &call, named)?;
        Ok(ModelRegistration { model_id: output.saturating_to(), receipt })
    }

    /// A registered model.
    ///
    /// # Errors
    ///
    /// [`ChainError::NotRegistered`] if there is none.
    pub fn model(&self, model_id: u64) -> Result<Model, ChainError> {
        let call = IModelRegistry::getModelCall { modelId: U256::from(model_id) };
        let answer = unless::<IModelRegistry::ModelNotFound, _>(self.ask(self.deployment().models(), &call))?;
        let IModelRegistry::getModelReturn { commitment, deprecated, owner } =
            answer.ok_or_else(not_registered(format!("model {model_id}")))?;
        Ok(Model { model_id, commitment, deprecated, owner })
    }

    /// Every registration of a model, oldest first.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn models_by_hash(&self, model_hash: B256) -> Result<Vec<Model>, ChainError> {
        let mut models = Vec::new();
        if !self.exists()? {
            return Ok(models);
        }
        loop {
            let (offset, limit) = (U256::from(models.len()), U256::from(PAGE));
            let call = IModelRegistry::modelsByHashCall { modelHash: model_hash, offset, limit };
            let page = self.ask(self.deployment().models(), &call)?;
            if page.is_empty() {
                return Ok(models);
            }
            within_bounds(models.len() + page.len())?;
            for model_id in page {
                models.push(self.model(model_id.saturating_to())?);
            }
        }
    }

    /// Takes a model out of use, for good; `owner` is its owner.
    ///
    /// # Errors
    ///
    /// If the registry refuses.
    pub fn deprecate_model(&self, model_id: u64, owner: Address) -> Result<Receipt, ChainError> {
        let call = IModelRegistry::deprecateModelCall { modelId: U256::from(model_id) };
        let receipt = self.send(owner, self.deployment().models(), &call)?;
        took_effect(self.model(model_id)?.deprecated, "the model is not deprecated").map(|()| receipt)
    }

    /// Declares what a model was made from; `owner` is the child's owner.
    ///
    /// # Errors
    ///
    /// If the registry refuses.
    pub fn submit_update(
        &self,
        parent_id: u64,
        child_id: u64,
        update_hash: B256,
        owner: Address,
    ) -> Result<Receipt, ChainError> {
        let (parent, child) = (U256::from(parent_id), U256::from(child_id));
        let call = IModelRegistry::submitUpdateCall { parentId: parent, childId: child, updateHash: update_hash };
        let receipt = self.send(owner, self.deployment().models(), &call)?;
        took_effect(self.parent_of(child_id)? == Some(parent_id), "the model has another parent").map(|()| receipt)
    }

    /// What was made from a model, oldest first.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn updates(&self, parent_id: u64) -> Result<Vec<Update>, ChainError> {
        let mut updates = Vec::new();
        loop {
            let (offset, limit) = (U256::from(updates.len()), U256::from(PAGE));
            let call = IModelRegistry::getUpdatesCall { parentId: U256::from(parent_id), offset, limit };
            let page = self.ask(self.deployment().models(), &call)?;
            if page.is_empty() {
                return Ok(updates);
            }
            within_bounds(updates.len() + page.len())?;
            updates.extend(page);
        }
    }

    /// To whom a model is offered; zero where it is offered to nobody.
    ///
    /// # Errors
    ///
    /// [`ChainError::NotRegistered`] if there is no such model.
    pub fn pending_model_owner(&self, model_id: u64) -> Result<Address, ChainError> {
        let call = IModelRegistry::pendingOwnerOfCall { modelId: U256::from(model_id) };
        unless::<IModelRegistry::ModelNotFound, _>(self.ask(self.deployment().models(), &call))?
            .ok_or_else(not_registered(format!("model {model_id}")))
    }

    /// Offers a model to an account, which has to accept it; zero takes an offer back.
    ///
    /// # Errors
    ///
    /// If the registry refuses.
    pub fn offer_model(&self, model_id: u64, owner: Address, to: Address) -> Result<Receipt, ChainError> {
        let call = IModelRegistry::transferModelCall { modelId: U256::from(model_id), newOwner: to };
        let receipt = self.send(owner, self.deployment().models(), &call)?;
        took_effect(self.pending_model_owner(model_id)? == to, "the model is offered to another").map(|()| receipt)
    }

    /// Accepts a model that was offered to `to`.
    ///
    /// # Errors
    ///
    /// If the registry refuses.
    pub fn accept_model(&self, model_id: u64, to: Address) -> Result<Receipt, ChainError> {
        let call = IModelRegistry::acceptModelCall { modelId: U256::from(model_id) };
        let receipt = self.send(to, self.deployment().models(), &call)?;
        took_effect(self.model(model_id)?.owner == to, "the model has another owner").map(|()| receipt)
    }

    /// Changes where more is written about a model; `commitment` is the model's, with another `uri`.
    ///
    /// # Errors
    ///
    /// If the registry refuses.
    pub fn describe_model(
        &self,
        model_id: u64,
        commitment: ModelCommitment,
        owner: Address,
    ) -> Result<Receipt, ChainError> {
        let uri = commitment.uri.clone();
        let call = IModelRegistry::updateModelCall { modelId: U256::from(model_id), newCommitment: commitment };
        let receipt = self.send(owner, self.deployment().models(), &call)?;
        took_effect(self.model(model_id)?.commitment.uri == uri, "the model has another uri").map(|()| receipt)
    }

    /// What a model was made from; `None` where nothing is said.
    ///
    /// # Errors
    ///
    /// [`ChainError::NotRegistered`] if there is no such model.
    pub fn parent_of(&self, model_id: u64) -> Result<Option<u64>, ChainError> {
        let call = IModelRegistry::parentOfCall { childId: U256::from(model_id) };
        let parent: U256 = unless::<IModelRegistry::ModelNotFound, _>(self.ask(self.deployment().models(), &call))?
            .ok_or_else(not_registered(format!("model {model_id}")))?;
        Ok((!parent.is_zero()).then(|| parent.saturating_to()))
    }
}
