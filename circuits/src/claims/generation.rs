//! The claim *generation*: the committed model made the committed picture of the committed latent.
use super::model::ModelClaim;
use crate::{relation::Named, statement::claim::Claim};

/// The claim's name.
#[derive(Clone, Copy, Debug)]
pub struct Name;

impl Named for Name {
    const CLAIM: Claim = Claim::GENERATION;
}

/// The claim's circuit; its relation is [`ModelClaim`]'s.
pub type GenerationClaim = ModelClaim<Name>;
