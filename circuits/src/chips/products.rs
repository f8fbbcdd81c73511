//! Weights: their products with channels' values, eight to a row, beside the trace.
//!
//! A *program* runs over one phase-1 sum, from the first row on. With `w_0 … w_7` the committed weights of a row, `factor` a
//! copy of a sum of the trace, and the fixed column `op` saying which:
//!
//! ```text
//! Add     sum' = sum + factor * (w_0 + sigma w_1 + … + sigma^7 w_7)
//! Scale   sum' = factor * sum
//! Close   sum  = factor,  sum' = 0
//! ```
//!
//! # Why this is sound
//! A program begins with a `Close`, so the sum starts at zero. Between two `Close`s it is a polynomial in `sigma` and in the
//! cells copied to `factor`, whose coefficients are committed weights, and nothing of the prover's choice enters: every
//! factor is a copy of a cell of the trace, which is itself such a polynomial ([`super::horner`]). The closing `Close`
//! makes it equal to one more cell. So two polynomials in `sigma`, both fixed before `sigma` was squeezed, are equal at
//! `sigma`, hence equal, but for `degree / r` of the challenges.
//!
//! Weights are not range-checked. The commitment fixes them, whatever they are, and with them the model; a registered
//! model of other numbers than the tool's int8 is still one function of the latent.
//!
//! | constraint          | degree | what breaks without it                                 |
//! |---------------------|--------|---------------------------------------------------------|
//! | `weighted factor`   | 5      | a layer's output of any weights                          |
//! | `scaled sum`        | 5      | weights moved between outputs, or dropped                |
//! | `sum is the output` | 4      | outputs that have nothing to do with the weights         |
//! | `sum starts anew`   | 4      | a layer that starts with what its output lacks           |
//! | copies of `factor`  | -      | inputs of another layer, channel or picture              |
//!
//! Rows after the program have no `op`: weights' salts lie there and no gate reads them.
//!
//! # Layout
//! ```text
//! | w_0 … w_7 | factor | sum | op    |
//! |           | 0      | 0   | Close |  first row
//! | w         | X      | 0   | Add   |
//! |           | sigma  | s   | Scale |
//! |           | Y      | s'  | Close |
//! ```
use super::trace::{CellRef, Layout, Target, Values};
use crate::column::Column as CommittedColumn;
use ff::Field;
use halo2_proofs::{
    circuit::{Cell, Region, Value},
    halo2curves::bn256::Fr,
    plonk::{Advice, Challenge, Column, ConstraintSystem, Expression, Fixed},
    poly::Rotation,
};

/// Weights of a row: committed columns.
pub const WEIGHT_COLUMNS: usize = 8;

/// What a row does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Adds the cell times the row's weights.
    Add(CellRef),
    /// Multiplies by the cell.
    Scale(CellRef),
    /// The sum is the cell's; the next one is zero.
    Close(CellRef),
}

impl Op {
    const ADD: u64 = 1;
    const SCALE: u64 = 2;
    const CLOSE: u64 = 3;

    fn code(self) -> u64 {
        match self {
            Self::Add(_) => Self::ADD,
            Self::Scale(_) => Self::SCALE,
            Self::Close(_) => Self::CLOSE,
        }
    }

    /// The cell that is copied to `factor`.
    pub(crate) fn wire(self) -> CellRef {
        match self {
            Self::Add(wire) | Self::Scale(wire) | Self::Close(wire) => wire,
        }
    }
}

/// Rows in order; row `i` of the program is row `i` of the circuit.
#[derive(Clone, Debug, Default)]
pub struct Program {
    pub(crate) ops: Vec<Op>,
}

impl Program {
    /// Adds a row.
    pub fn push(&mut self, op: Op) {
        self.ops.push(op);
    }

    /// Rows of the program; one more holds its last sum.
    pub fn rows(&self) -> usize {
        self.ops.len()
    }
}

/// The chip's columns, lent by the claim.
#[derive(Clone, Debug)]
pub struct ProductConfig {
    /// Committed weights.
    pub weights: [Column<Advice>; WEIGHT_COLUMNS],
    /// Phase-1 copies.
    pub factor: Column<Advice>,
    /// Phase-1 sums.
    pub sum: Column<Advice>,
    /// What a row does.
    pub op: Column<Fixed>,
}

impl ProductConfig {
    /// Adds the chip's gates.
    ///
    /// # Side effects
    /// Enables equality on `factor`.
    pub fn configure(self, meta: &mut ConstraintSystem<Fr>, sigma: Challenge) -> Self {
        meta.enable_equality(self.factor);
        meta.create_gate("product", |meta| {
            let sigma = meta.query_challenge(sigma);
            let op = meta.query_fixed(self.op, Rotation::cur());
            let weights = self.weights.map(|column| meta.query_advice(column, Rotation::cur()));
            let [factor, sum] = [self.factor, self.sum].map(|column| meta.query_advice(column, Rotation::cur()));
            let next = meta.query_advice(self.sum, Rotation::next());
            let only = |code: u64| {
                let others = (0..4).filter(|&other| other != code);
                let factors = others.map(|other| op.clone() - Expression::Constant(Fr::from(other)));
                factors.reduce(|product, factor| product * factor).expect("three other codes")
            };
            let weighted = weights.into_iter().rev().reduce(|sum, weight| sum * sigma.clone() + weight);
            let weighted = weighted.expect("eight weights");
            vec![
                ("weighted factor", only(Op::ADD) * (next.clone() - sum.clone() - factor.clone() * weighted)),
                ("scaled sum", only(Op::SCALE) * (next.clone() - factor.clone() * sum.clone())),
                ("sum is the output", only(Op::CLOSE) * (sum - factor)),
                ("sum starts anew", only(Op::CLOSE) * next),
            ]
        });
        self
    }

    /// Lays what each row does.
    pub fn assign_ops(&self, region: &mut Region<'_, Fr>, program: &Program) {
        for (row, op) in program.ops.iter().enumerate() {
            region.assign_fixed(self.op, row, Fr::from(op.code()));
        }
    }

    /// Computes and lays the sums and the factors, each factor a copy of its cell in the column `source`.
    pub fn assign_sums(
        &self,
        source: Column<Advice>,
        region: &mut Region<'_, Fr>,
        program: &Program,
        columns: &[CommittedColumn],
        layout: &Layout,
        values: &Values,
    ) {
        let (sums, factors) = run(program, columns, layout, values);
        for (row, (op, factor)) in program.ops.iter().zip(factors).enumerate() {
            let factor = region.assign_advice(self.factor, row, Value::known(factor)).cell();
            let wire = Cell { row_offset: layout.row(op.wire()), column: source.into() };
            region.constrain_equal(factor, wire);
        }
        for (row, sum) in sums.into_iter().enumerate() {
            region.assign_advice(self.sum, row, Value::known(sum));
        }
    }
}

/// The sums, one more than rows, and the factors: the native twin of the gates.
pub(crate) fn run(
    program: &Program,
    columns: &[CommittedColumn],
    layout: &Layout,
    values: &Values,
) -> (Vec<Fr>, Vec<Fr>) {
    let (sigma, tamper) = (values.sigma, &values.tamper);
    let mut sum = tamper.apply(Target::ProductSum, 0, Fr::ZERO);
    let (mut sums, mut factors) = (vec![sum], Vec::with_capacity(program.ops.len()));
    for (row, op) in program.ops.iter().enumerate() {
        let factor = tamper.apply(Target::ProductFactor, row, values.get(layout, op.wire()));
        let next = match op {
            Op::Add(_) => {
                let weights = columns.iter().rev().map(|column| column.get(row));
                sum + factor * weights.reduce(|sum, weight| sum * sigma + weight).unwrap_or(Fr::ZERO)
            }
            Op::Scale(_) => factor * sum,
            Op::Close(_) => Fr::ZERO,
        };
        sum = tamper.apply(Target::ProductSum, row + 1, next);
        sums.push(sum);
        factors.push(factor);
    }
    (sums, factors)
}
