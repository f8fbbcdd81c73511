//! The circuits that are proved. Each has its committed columns first, so each proof begins with the commitments.
//!
//! A claim has a file of its own, which names it and says what its witness is; circuits that serve several claims are in
//! [`picture`] and [`model`].

pub mod authenticity;
pub mod committed_fingerprint;
pub mod fingerprint;
pub mod generation;
pub mod model;
pub mod picture;
pub mod sized;

use crate::column;
use ff::Field;
use halo2_proofs::{
    circuit::{Layouter, Region, Value},
    halo2curves::bn256::Fr,
    plonk::{Advice, Challenge, Column},
};

/// The challenges of the phase that has begun. They are unknown while keys are generated, and zero then: nothing that is laid
/// depends on them but witnesses.
fn challenges<const N: usize>(layouter: &impl Layouter<Fr>, which: [Challenge; N]) -> [Fr; N] {
    which.map(|challenge| {
        let mut value = Fr::ZERO;
        layouter.get_challenge(challenge).map(|known| value = known);
        value
    })
}

/// Lays committed columns, row by row as they were committed to.
fn assign_columns(
    region: &mut Region<'_, Fr>,
    columns: impl IntoIterator<Item = Column<Advice>>,
    values: &[column::Column],
) {
    for (column, values) in columns.into_iter().zip(values) {
        for (row, value) in values.values().enumerate() {
            region.assign_advice(column, row, Value::known(value));
        }
    }
}
