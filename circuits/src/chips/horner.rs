//! Identities between committed cells, checked at a random point by Horner's rule.
//!
//! An *accumulator* is a run of rows over the phase-1 column `sum`; a row adds to it a product with one committed cell, and may
//! first multiply it by the challenge `sigma`; or it multiplies it by a factor:
//!
//! ```text
//! sum' = (sigma or 1) * sum + factor * (constant + weight * cell)
//! sum' = factor * sum
//! ```
//!
//! `constant` and `weight` are fixed, `cell` is a phase-0 cell, and `factor`, like the accumulator's first `sum`, is a *copy*
//! of a `sum` elsewhere or of a public input.
//!
//! # Why this is sound
//! By induction along the copies every `sum` is a polynomial in `sigma` whose coefficients are fixed by phase-0 cells,
//! public inputs and the verifying key: nothing else feeds an accumulator. An accumulator that starts at zero and is copied to zero at
//! its end therefore says that one such polynomial vanishes at `sigma`, and as the polynomial was fixed before `sigma` was
//! squeezed, all its coefficients are zero, but for `degree / r` of the challenges. So relations separated by powers
//! of `sigma` hold one by one, and an accumulator without any `sigma` holds outright.
//!
//! The constants enter at one place: `sum` is one on [`RowKind::Bound`] rows; zero is one minus one.
//!
//! | constraint | degree | what breaks without it                          |
//! |------------|--------|--------------------------------------------------|
//! | `step`     | 5      | any relation at all                               |
//! | `one`      | 4      | every accumulator at once: with one = 0 all sums are 0   |
//! | copies of `factor` and of the first `sum` | - | a factor of the prover's choice solves any relation |
//!
//! # Layout
//! ```text
//! | cell | factor | sum  | constant | weight | step |
//! | a    | v      | s    | c        | w      | Add  |
//! |      |        | s'   |          |        |      |
//! ```
use super::logup::RowKind;
use ff::Field;
use halo2_proofs::{
    halo2curves::bn256::Fr,
    plonk::{Advice, Challenge, Column, ConstraintSystem, Expression, Fixed},
    poly::Rotation,
};

/// What a row's Horner step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Opcode {
    /// Nothing: the sum below is free.
    None = 0,
    /// `sum' = sum + factor * (constant + weight * cell)`.
    Add = 1,
    /// `sum' = sigma * sum + factor * (constant + weight * cell)`.
    Shift = 2,
    /// `sum' = factor * sum`: constant and weight are zero.
    Scale = 3,
}

impl Opcode {
    /// One where the fixed column holds this step, zero where it holds another but [`Opcode::None`]; of degree 2.
    pub(crate) fn among_others(self, step: &Expression<Fr>) -> Expression<Fr> {
        let others = [Self::Add, Self::Shift, Self::Scale].into_iter().filter(|&other| other != self);
        let factors = others.map(|other| {
            let [own, other] = [self, other].map(|step| Fr::from(step as u64));
            let scale = (own - other).invert().expect("two steps differ");
            (step.clone() - Expression::Constant(other)) * scale
        });
        factors.reduce(|product, factor| product * factor).expect("two other steps")
    }
}

/// The chip's columns, lent by the claim.
#[derive(Clone, Debug)]
pub struct HornerConfig {
    /// Phase-0 cells.
    pub cell: Column<Advice>,
    /// Phase-1 copies that multiply.
    pub factor: Column<Advice>,
    /// Phase-1 accumulators.
    pub sum: Column<Advice>,
    /// The constant of a row.
    pub constant: Column<Fixed>,
    /// The weight of a row's cell.
    pub weight: Column<Fixed>,
    /// What a row does: [`Opcode`].
    pub step: Column<Fixed>,
    /// What a row is in the lookup argument: [`RowKind`].
    pub role: Column<Fixed>,
}

impl HornerConfig {
    /// Adds the chip's gates.
    ///
    /// # Side effects
    /// Enables equality on `factor` and `sum`.
    pub fn configure(self, meta: &mut ConstraintSystem<Fr>, sigma: Challenge) -> Self {
        meta.enable_equality(self.factor);
        meta.enable_equality(self.sum);
        meta.create_gate("horner", |meta| {
            let sigma = meta.query_challenge(sigma);
            let [cell, factor, sum] = [self.cell, self.factor, self.sum].map(|c| meta.query_advice(c, Rotation::cur()));
            let next = meta.query_advice(self.sum, Rotation::next());
            let [constant, weight, step, role] =
                [self.constant, self.weight, self.step, self.role].map(|c| meta.query_fixed(c, Rotation::cur()));
            let one = Expression::Constant(Fr::ONE);
            // by interpolation over Opcode::Add, Shift and Scale: what multiplies the sum, and whether the factor does
            let [add, shift, scale] = [Opcode::Add, Opcode::Shift, Opcode::Scale].map(|at| at.among_others(&step));
            let term = constant + weight * cell + scale * sum.clone();
            vec![
                ("step", step * (next - (add + shift * sigma) * sum.clone() - factor * term)),
                ("one", RowKind::Bound.selector(&role) * (sum - one)),
            ]
        });
        self
    }
}

/// `sum'` of one row: the native twin of the gate.
pub fn step(step: Opcode, sigma: Fr, sum: Fr, factor: Fr, term: Fr) -> Fr {
    match step {
        Opcode::None => Fr::ZERO,
        Opcode::Add => sum + factor * term,
        Opcode::Shift => sum * sigma + factor * term,
        Opcode::Scale => factor * (sum + term),
    }
}
