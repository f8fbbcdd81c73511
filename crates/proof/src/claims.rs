//! The registry of claims: for each claim the circuit that keys and proofs are made with.
//!
//! A claim more is one line in [`ALL`] (and its description in [`Claim::ALL`]). Whoever iterates over claims iterates over one of
//! the two; nobody matches on a claim.
use crate::proof::{self, Phase, ProofError};
use halo2_proofs::{
    SerdeFormat,
    halo2curves::bn256::{Bn256, Fr, G1Affine},
    plonk::{Circuit, ConstraintSystem, Error, ProvingKey, VerifyingKey, keygen_pk, keygen_vk},
    poly::kzg::commitment::ParamsKZG,
};
use std::{fmt, io, io::Read, marker::PhantomData};
use veilmark_circuits::{
    claims::{
        authenticity::AuthenticityClaim, committed_fingerprint::CommittedFingerprintClaim,
        fingerprint::FingerprintClaim, generation::GenerationClaim,
    },
    commitment::Commitment,
    relation::{Inputs, Relation, Shape, ShapeError},
    statement::{claim::Claim, public::PublicInputs},
};
use veilmark_srs::Srs;

/// Every claim of this program, in the order of [`Claim::ALL`].
pub static ALL: [&dyn AnyClaim; 4] = [
    &Registered::<FingerprintClaim>::NEW,
    &Registered::<GenerationClaim>::NEW,
    &Registered::<AuthenticityClaim>::NEW,
    &Registered::<CommittedFingerprintClaim>::NEW,
];

/// The circuit of a claim of this program; `None` for a claim from elsewhere.
pub fn find(claim: Claim) -> Option<&'static dyn AnyClaim> {
    ALL.into_iter().find(|entry| entry.claim() == claim)
}

/// How keys are written and read. The files are checked by their digests.
const FORMAT: SerdeFormat = SerdeFormat::RawBytesUnchecked;

/// A [`Relation`] whose types are forgotten: what keys and proofs are made with where the claim is known at run time only.
pub trait AnyClaim: Send + Sync + fmt::Debug {
    /// The claim.
    fn claim(&self) -> Claim;

    /// The constraint system: the same for every shape.
    fn constraint_system(&self) -> ConstraintSystem<Fr>;

    /// The rows that a shape needs, with so many rows of salts in the columns of a model's weights.
    ///
    /// # Errors
    /// [`ShapeError`] where the shape is none of this claim's.
    fn rows(&self, shape: &Shape, weight_salts: usize) -> Result<usize, ShapeError>;

    /// Computes the verifying key of a shape.
    ///
    /// # Errors
    /// [`KeygenError`].
    fn verifying_key(&self, params: &ParamsKZG<Bn256>, shape: &Shape) -> Result<VerifyingKey<G1Affine>, KeygenError>;

    /// Computes the proving key to a verifying key of the same shape.
    ///
    /// # Errors
    /// [`KeygenError`].
    fn proving_key(
        &self,
        params: &ParamsKZG<Bn256>,
        shape: &Shape,
        key: VerifyingKey<G1Affine>,
    ) -> Result<ProvingKey<G1Affine>, KeygenError>;

    /// Reads a verifying key. The bytes must be trusted: halo2's reader allocates and unwraps as they tell it.
    ///
    /// # Errors
    /// Where they end early.
    fn read_verifying_key(&self, reader: &mut dyn Read) -> io::Result<VerifyingKey<G1Affine>>;

    /// Reads a proving key, as [`AnyClaim::read_verifying_key`].
    ///
    /// # Errors
    /// Where the bytes end early.
    fn read_proving_key(&self, reader: &mut dyn Read) -> io::Result<ProvingKey<G1Affine>>;

    /// Proves the claim: [`proof::prove`] with whatever of `inputs` it needs.
    ///
    /// # Errors
    /// [`ProofError`].
    fn prove(
        &self,
        srs: &Srs,
        key: &ProvingKey<G1Affine>,
        inputs: Inputs,
        commitments: &[Commitment],
        public: &PublicInputs,
        progress: &dyn Fn(Phase),
    ) -> Result<Vec<u8>, ProofError>;
}

/// A key could not be computed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeygenError {
    /// The shape is none of this claim's.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// The proof system refused.
    #[error("{0:?}")]
    Halo2(Error),
}

/// The registry's entry of a relation.
pub struct Registered<R>(PhantomData<fn() -> R>);

impl<R> Registered<R> {
    /// The entry.
    pub const NEW: Self = Self(PhantomData);
}

impl<R: Relation> fmt::Debug for Registered<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        R::CLAIM.fmt(f)
    }
}

impl<R: Relation> AnyClaim for Registered<R>
where
    <R as Circuit<Fr>>::Params: Default,
{
    fn claim(&self) -> Claim {
        R::CLAIM
    }

    fn constraint_system(&self) -> ConstraintSystem<Fr> {
        let mut system = ConstraintSystem::default();
        R::configure(&mut system);
        system
    }

    fn rows(&self, shape: &Shape, weight_salts: usize) -> Result<usize, ShapeError> {
        R::rows(shape, weight_salts)
    }

    fn verifying_key(&self, params: &ParamsKZG<Bn256>, shape: &Shape) -> Result<VerifyingKey<G1Affine>, KeygenError> {
        keygen_vk(params, &R::blank(shape)?).map_err(KeygenError::Halo2)
    }

    fn proving_key(
        &self,
        params: &ParamsKZG<Bn256>,
        shape: &Shape,
        key: VerifyingKey<G1Affine>,
    ) -> Result<ProvingKey<G1Affine>, KeygenError> {
        keygen_pk(params, key, &R::blank(shape)?).map_err(KeygenError::Halo2)
    }

    fn read_verifying_key(&self, reader: &mut dyn Read) -> io::Result<VerifyingKey<G1Affine>> {
        VerifyingKey::read::<_, R>(&mut { reader }, FORMAT, R::Params::default())
    }

    fn read_proving_key(&self, reader: &mut dyn Read) -> io::Result<ProvingKey<G1Affine>> {
        ProvingKey::read::<_, R>(&mut { reader }, FORMAT, R::Params::default())
    }

    fn prove(
        &self,
        srs: &Srs,
        key: &ProvingKey<G1Affine>,
        inputs: Inputs,
        commitments: &[Commitment],
        public: &PublicInputs,
        progress: &dyn Fn(Phase),
    ) -> Result<Vec<u8>, ProofError> {
        proof::prove::<R>(srs, key, R::witness(inputs)?, commitments, public, progress)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_and_circuits_are_the_same_list() {
        assert_eq!(ALL.map(AnyClaim::claim), Claim::ALL);
        for entry in ALL {
            let (claim, system) = (entry.claim(), entry.constraint_system());
            // halo2 draws a proof's points phase by phase: the committed columns are of the first
            let phases = system.advice_column_phase();
            assert!(phases[..claim.committed_points()].iter().all(|&phase| phase == 0), "{claim:?}");
            assert_eq!(system.num_instance_columns(), 1, "{claim:?}");
        }
    }
}
