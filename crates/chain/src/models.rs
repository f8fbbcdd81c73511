//! What the owner of a model's registration does with it: another owner, another address to read about it, its lineage.

use super::{
    Chain, ChainError, Receipt,
    registry::{ModelCommitment, RegistryClient, not_found, took_effect},
};
use alloy_primitives::{Address, U256};
use veilmark_verifier_contract::artifacts::IModelRegistry;

impl<C: Chain> RegistryClient<C> {
    /// To whom a model is offered; zero where it is offered to nobody.
    ///
    /// # Errors
    ///
    /// [`ChainError::NotRegistered`] if there is no such model.
    pub fn pending_model_owner(&self, model_id: u64) -> Result<Address, ChainError> {
        let call = IModelRegistry::pendingOwnerOfCall { modelId: U256::from(model_id) };
        not_found(self.ask(self.deployment().models, &call))?
            .ok_or_else(|| ChainError::NotRegistered { what: format!("model {model_id}") })
    }

    /// Offers a model to an account, which has to accept it; zero takes an offer back.
    ///
    /// # Errors
    ///
    /// If the registry refuses.
    pub fn offer_model(&self, model_id: u64, owner: Address, to: Address) -> Result<Receipt, ChainError> {
        let call = IModelRegistry::transferModelCall { modelId: U256::from(model_id), newOwner: to };
        let receipt = self.send(owner, self.deployment().models, &call)?;
        took_effect(self.pending_model_owner(model_id)? == to, "the model is offered to another").map(|()| receipt)
    }

    /// Accepts a model that was offered to `to`.
    ///
    /// # Errors
    ///
    /// If the registry refuses.
    pub fn accept_model(&self, model_id: u64, to: Address) -> Result<Receipt, ChainError> {
        let call = IModelRegistry::acceptModelCall { modelId: U256::from(model_id) };
        let receipt = self.send(to, self.deployment().models, &call)?;
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
        let receipt = self.send(owner, self.deployment().models, &call)?;
        took_effect(self.model(model_id)?.commitment.uri == uri, "the model has another uri").map(|()| receipt)
    }

    /// What a model was made from; `None` where nothing is said.
    ///
    /// # Errors
    ///
    /// [`ChainError::NotRegistered`] if there is no such model.
    pub fn parent_of(&self, model_id: u64) -> Result<Option<u64>, ChainError> {
        let call = IModelRegistry::parentOfCall { childId: U256::from(model_id) };
        let parent: U256 = not_found(self.ask(self.deployment().models, &call))?
            .ok_or_else(|| ChainError::NotRegistered { what: format!("model {model_id}") })?;
        Ok((!parent.is_zero()).then(|| parent.saturating_to()))
    }
}
