//! The claim *committed-fingerprint*: the committed picture's fingerprint is near one that is committed itself and not shown.
//! In the public fingerprint's place is its salted hash, which no gate reads.
use super::picture::PictureClaim;
use crate::{
    column::Column,
    relation::{Falsehood, HiddenFingerprint, Inputs, MissingInput, Named, Picture, Relation, Shape, ShapeError},
    statement::{
        claim::{Claim, Header},
        public::PublicInputs,
    },
};

/// The claim's name.
#[derive(Clone, Copy, Debug)]
pub struct Name;

impl Named for Name {
    const CLAIM: Claim = Claim::COMMITTED_FINGERPRINT;
}

/// The claim's circuit.
pub type CommittedFingerprintClaim = PictureClaim<Name>;

/// The claim's witness.
#[derive(Clone, Debug)]
pub struct Witness {
    /// The picture.
    pub picture: Picture,
    /// The fingerprint that its own is near.
    pub fingerprint: HiddenFingerprint,
}

impl Relation for CommittedFingerprintClaim {
    const CLAIM: Claim = Name::CLAIM;
    type Witness = Witness;

    fn blank(shape: &Shape) -> Result<Self, ShapeError> {
        Self::of_shape(shape)
    }

    fn rows(shape: &Shape, _: usize) -> Result<usize, ShapeError> {
        Self::rows_of(shape)
    }

    fn witness(mut inputs: Inputs) -> Result<Witness, MissingInput> {
        Ok(Witness { picture: inputs.picture()?, fingerprint: inputs.fingerprint()? })
    }

    fn header(witness: &Witness) -> Header {
        witness.picture.header()
    }

    fn columns(witness: &Witness) -> Vec<Column> {
        let mut columns = witness.picture.columns();
        columns.push(witness.fingerprint.column());
        columns
    }

    fn check(witness: &Witness, public: &PublicInputs) -> Result<(), Falsehood> {
        witness.picture.check_distance(witness.fingerprint.fingerprint, public.tolerance)
    }

    fn new(witness: Witness, public: &PublicInputs) -> Self {
        let column = witness.fingerprint.column();
        Self::with(witness.picture, witness.fingerprint.fingerprint, Some(column), public)
    }
}
