//! The claim *authenticity*: the committed model made the committed picture of the committed latent, and then//! picture's fingerprint is near the public one.
use super::model::ModelClaim;
use crate::{relation::Named, statement::claim::Claim};

/// The claim's name.
#[derive(Clone, Copy, Debug)]
pub struct Name;

impl Named for Name {
    const CLAIM: Claim = Claim::AUTHENTICITY;
}

/// The claim's circuit; its relation is [`ModelClaim`]'s.
pub type AuthenticityClaim = ModelClaim<Name>;
