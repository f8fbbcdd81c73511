//! The circuits that are proved. Each has the image's three columns first, so each proof begins with the commitment.

pub mod fingerprint;
pub mod model;

use ff::Field;
use halo2_proofs::{circuit::Layouter, halo2curves::bn256::Fr, plonk::Challenge};

/// The challenges of the phase that has begun. They are unknown while keys are generated, and zero then: nothing that is laid
/// depends on them but witnesses.
fn challenges<const N: usize>(layouter: &impl Layouter<Fr>, which: [Challenge; N]) -> [Fr; N] {
    which.map(|challenge| {
        let mut value = Fr::ZERO;
        layouter.get_challenge(challenge).map(|known| value = known);
        value
    })
}
