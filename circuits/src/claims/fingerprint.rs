//! The claim *fingerprint*: the committed picture's fingerprint is near the public one.
use super::picture::PictureClaim;
use crate::{
    column::Column,
    relation::{Falsehood, Inputs, MissingInput, Named, Picture, Relation, Shape, ShapeError},
    statement::{
        claim::{Claim, Header},
        public::PublicInputs,
    },
};

/// The claim's name.
#[derive(Clone, Copy, Debug)]
pub struct Name;

impl Named for Name {
    const CLAIM: Claim = Claim::FINGERPRINT;
}

/// The claim's circuit.
pub type FingerprintClaim = PictureClaim<Name>;

impl Relation for FingerprintClaim {
    const CLAIM: Claim = Name::CLAIM;
    type Witness = Picture;

    fn blank(shape: &Shape) -> Result<Self, ShapeError> {
        Self::of_shape(shape)
    }

    fn rows(shape: &Shape, _: usize) -> Result<usize, ShapeError> {
        Self::rows_of(shape)
    }

    fn witness(mut inputs: Inputs) -> Result<Picture, MissingInput> {
        inputs.picture()
    }

    fn header(picture: &Picture) -> Header {
        picture.header()
    }

    fn columns(picture: &Picture) -> Vec<Column> {
        picture.columns()
    }

    fn check(picture: &Picture, public: &PublicInputs) -> Result<(), Falsehood> {
        picture.check_distance(public.fingerprint, public.tolerance)
    }

    fn new(picture: Picture, public: &PublicInputs) -> Self {
        Self::with(picture, public.fingerprint, None, public)
    }
}
