//! The registry of claims: for each claim the circuit that keys and proofs are made with.
//!
//! A claim more is one line in [`ALL`] (and its description in [`Claim::ALL`]). Whoever iterates over claims iterates over one of
//! the two; nobody matches on a claim.
use crate::proof::{self, ProofError};
use halo2_proofs::{
    halo2curves::bn256::{Fr, G1Affine},
    plonk::{Circuit, ConstraintSystem, VerifyingKey},
};
use std::{fmt, marker::PhantomData};
use veilmark_circuits::{
    claims::{
        authenticity::AuthenticityClaim, committed_fingerprint::CommittedFingerprintClaim,
        fingerprint::FingerprintClaim, generation::GenerationClaim,
    },
    commitment::Commitment,
    relation::{Inputs, Relation, Shape, ShapeError},
    statement::{claim::Claim, public::PublicInputs},
};
use veilmark_halo2::{self as halo2, Options, ProvingKey, Setup};
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

    /// Computes the verifying key of a shape, for the rows of the setup.
    ///
    /// # Errors
    /// [`KeygenError`].
    fn verifying_key(&self, setup: &Setup<'_>, shape: &Shape) -> Result<VerifyingKey<G1Affine>, KeygenError>;

    /// The verifying key whose points these are, which the caller knows to be this claim's: fixed columns first.
    ///
    /// # Errors
    /// [`KeygenError`] where there are more or fewer than the claim's.
    fn verifying_key_of_points(&self, k: u32, points: &[G1Affine]) -> Result<VerifyingKey<G1Affine>, KeygenError>;

    /// Computes the proving key to a verifying key of the same shape.
    ///
    /// # Errors
    /// [`KeygenError`].
    fn proving_key(&self, shape: &Shape, key: VerifyingKey<G1Affine>) -> Result<ProvingKey, KeygenError>;

    /// Proves the claim: [`proof::prove`] with whatever of `inputs` it needs.
    ///
    /// # Errors
    /// [`ProofError`].
    fn prove(
        &self,
        under: Under<'_>,
        inputs: Inputs,
        commitments: &[Commitment],
        public: &PublicInputs,
        options: &Options<'_>,
    ) -> Result<Vec<u8>, ProofError>;
}

/// What a proof is made under: the same for every proof of a shape.
#[derive(Clone, Copy, Debug)]
pub struct Under<'a> {
    /// The setup.
    pub srs: &'a Srs,
    /// The key of the shape.
    pub key: &'a ProvingKey,
    /// The name of the verifying key on chain.
    pub vk_hash: &'a [u8; 32],
}

/// A key could not be computed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeygenError {
    /// The shape is none of this claim's.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// The proof system refused.
    #[error(transparent)]
    Halo2(#[from] halo2::Error),
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

    fn verifying_key(&self, setup: &Setup<'_>, shape: &Shape) -> Result<VerifyingKey<G1Affine>, KeygenError> {
        Ok(halo2::verifying_key(setup, &R::blank(shape)?, &Options::default())?)
    }

    fn verifying_key_of_points(&self, k: u32, points: &[G1Affine]) -> Result<VerifyingKey<G1Affine>, KeygenError> {
        Ok(halo2::verifying_key_of_points::<R>(k, R::Params::default(), points)?)
    }

    fn proving_key(&self, shape: &Shape, key: VerifyingKey<G1Affine>) -> Result<ProvingKey, KeygenError> {
        Ok(ProvingKey::new(key, &R::blank(shape)?, &Options::default())?)
    }

    fn prove(
        &self,
        Under { srs, key, vk_hash }: Under<'_>,
        inputs: Inputs,
        commitments: &[Commitment],
        public: &PublicInputs,
        options: &Options<'_>,
    ) -> Result<Vec<u8>, ProofError> {
        proof::prove::<R>(srs, key, vk_hash, R::witness(inputs)?, commitments, public, options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;
    use halo2_proofs::{plonk::Expression, poly::Rotation};
    use veilmark_circuits::{
        column::SALT_ROWS,
        commitment::{MAX_PROOFS, POINTS_PER_PROOF, max_proofs, salt_rows},
    };

    #[test]
    fn descriptions_and_circuits_are_the_same_list() {
        assert_eq!(ALL.map(AnyClaim::claim), Claim::ALL);
        for entry in ALL {
            let (claim, system) = (entry.claim(), entry.constraint_system());
            // halo2 draws a proof's points phase by phase: the committed columns are of the first
            let phases = system.advice_column_phase();
            assert!(phases[..claim.committed_points()].iter().all(|&phase| phase == 0), "{claim:?}");
            assert_eq!(system.num_instance_columns(), 1, "{claim:?}");
            assert!(proof::shows_one_point(&system, claim.committed_points()), "{claim:?}");
        }
    }

    /// A claim that would open a committed column twice, or has no copy product, is not proved: the salts are not counted for it.
    #[test]
    fn salts_are_counted_for_one_opening() {
        let with = |rotations: &[i32], copies: bool| {
            let mut system = ConstraintSystem::<Fr>::default();
            let [committed, other] = [(); 2].map(|()| system.advice_column());
            if copies {
                system.enable_equality(other);
            }
            system.create_gate("rotations", |cells| {
                let mut at = |rotation| cells.query_advice(committed, Rotation(rotation));
                let read =
                    rotations.iter().map(|rotation| at(*rotation)).fold(Expression::Constant(Fr::ZERO), |a, b| a + b);
                vec![read + cells.query_advice(other, Rotation(1))]
            });
            proof::shows_one_point(&system, 1)
        };
        assert!(with(&[0], true) && with(&[0, 0], true));
        assert!(!with(&[0, 1], true) && !with(&[-1], true) && !with(&[0], false));

        let shown = |proofs: usize| 1 + proofs * POINTS_PER_PROOF;
        assert_eq!((POINTS_PER_PROOF, MAX_PROOFS), (1, 63));
        assert!(shown(MAX_PROOFS as usize) <= SALT_ROWS && shown(MAX_PROOFS as usize + 1) > SALT_ROWS);
        for proofs in [1, 63, 1000] {
            assert_eq!((salt_rows(proofs), max_proofs(salt_rows(proofs))), (shown(proofs), proofs));
        }
        assert_eq!([0, 1].map(max_proofs), [0; 2]);
    }
}
