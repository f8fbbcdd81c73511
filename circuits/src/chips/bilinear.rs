//! The fingerprint's coefficients `B = L_H Y L_W^T`, read off the pixels at a random point.
//!
//! ```text
//! E_i(sigma) = sum_j sigma^j B_ij = sum_y L_H[i][y] sum_x V_x Y(y, x)        V_x = sum_j sigma^j L_W[j][x]
//! ```
//!
//! # Why this is sound
//! `V_x` is Horner's rule over the constants `L_W[.][x]`: no prover's value enters. Along the pixels one sum runs on,
//! `sum' = sum + V_x * (299 R + 587 G + 114 B)`, where the factor of pixel `(x, y)` is a *copy* of `V_x`; nothing in the
//! gate knows the width, so one constraint system serves every size and the copies make the difference. The sum before
//! pixel `(0, y)` is a prefix `P_y`; with `D_y = P_(y+1) - P_y` the sum over rows is summation by parts,
//! `sum_y L_H[i][y] D_y = sum_y (L_H[i][y-1] - L_H[i][y]) P_y`, again with constants and copies only. So each `E_i` is the
//! polynomial in `sigma` it should be, of degree 15, fixed by the pixels.
//!
//! | constraint      | degree | what breaks without it                                   |
//! |-----------------|--------|-----------------------------------------------------------|
//! | `weighted luma` | 3      | the prefixes are the prover's: any picture, any coefficient |
//! | copies of `V_x` | -      | columns swapped, scaled or dropped                         |
//! | copies of `P_y` | -      | rows swapped, scaled or dropped                            |
//!
//! # Layout
//! ```text
//! | r | g | b | factor | sum  | q_pixel |
//! | R | G | B | V_x    | s    | 1       |
//! |   |   |   |        | s'   |         |
//! ```
use super::{
    horner::HornerConfig,
    trace::{CellRef, Layout, ONE, Part, Target, TraceBuilder, Values},
};
use crate::column::signed;
use halo2_proofs::{
    circuit::{Cell, Region, Value},
    halo2curves::bn256::Fr,
    plonk::{Advice, Column, ConstraintSystem, Expression, Fixed},
    poly::Rotation,
};

/// Luma in thousandths: `299 R + 587 G + 114 B`.
pub const LUMA_WEIGHTS: [u64; 3] = crate::statement::pdq::LUMA_WEIGHTS;

/// The columns the pixels' sum runs over.
#[derive(Clone, Debug)]
pub struct BilinearConfig {
    factor: Column<Advice>,
    sum: Column<Advice>,
}

impl BilinearConfig {
    /// Adds the gate over the pixels' columns and the factor and sum of the Horner chip.
    pub fn configure(
        meta: &mut ConstraintSystem<Fr>,
        q_pixel: Column<Fixed>,
        rgb: [Column<Advice>; 3],
        horner: &HornerConfig,
    ) -> Self {
        let HornerConfig { factor, sum, .. } = *horner;
        meta.create_gate("bilinear", |meta| {
            let q = meta.query_fixed(q_pixel, Rotation::cur());
            let [r, g, b] = [0, 1, 2]
                .map(|i| meta.query_advice(rgb[i], Rotation::cur()) * Expression::Constant(Fr::from(LUMA_WEIGHTS[i])));
            let factor = meta.query_advice(factor, Rotation::cur());
            let [now, next] = [Rotation::cur(), Rotation::next()].map(|at| meta.query_advice(sum, at));
            vec![("weighted luma", q * (next - now - factor * (r + g + b)))]
        });
        Self { factor, sum }
    }

    /// Runs the sum over the pixels: `luma` in raster order, `powers` the cells of `V_x`.
    pub fn evaluate(luma: impl Iterator<Item = Fr>, powers: &[CellRef], layout: &Layout, values: &mut Values) {
        let columns: Vec<Fr> = powers.iter().map(|&wire| values.get(layout, wire)).collect();
        for ((row, luma), factor) in luma.enumerate().zip(columns.iter().cycle()) {
            let factor = values.set(Target::Factor, row, *factor);
            values.set(Target::Sum, row + 1, values.sums[row] + factor * luma);
        }
    }

    /// Lays the sum and the factors over the pixels, each factor a copy of its `V_x`.
    pub fn assign(&self, region: &mut Region<'_, Fr>, powers: &[CellRef], layout: &Layout, values: &Values) {
        let sources = powers.iter().map(|&wire| Cell { row_offset: layout.row(wire), column: self.sum.into() });
        for (row, source) in (0..layout.pixels).zip(sources.collect::<Vec<_>>().into_iter().cycle()) {
            region.assign_advice(self.sum, row, Value::known(values.sums[row]));
            let factor = region.assign_advice(self.factor, row, Value::known(values.factors[row]));
            region.constrain_equal(factor.cell(), source);
        }
        region.assign_advice(self.sum, layout.pixels, Value::known(values.sums[layout.pixels]));
    }
}

/// The cells of `V_x` for every column `x` of a picture.
pub fn powers(builder: &mut TraceBuilder, zero: CellRef, columns: &[[i64; 16]]) -> Vec<CellRef> {
    let column = |constants: &[i64; 16]| {
        let mut acc = builder.accumulator("bilinear/power", Part::Plain, zero);
        constants.iter().rev().for_each(|&constant| acc.shift(ONE, signed(constant)));
        acc.end()
    };
    columns.iter().map(column).collect()
}

/// The cells of `E_0 … E_15`, each with the power of `sigma` that it stands at.
pub fn rows(builder: &mut TraceBuilder, zero: CellRef, rows: &[[i64; 16]], width: usize) -> [(usize, CellRef); 16] {
    std::array::from_fn(|i| {
        let mut acc = builder.accumulator("bilinear/coefficients", Part::Plain, zero);
        let mut above = 0;
        for (y, below) in rows.iter().map(|row| row[i]).chain([0]).enumerate() {
            acc.add(CellRef::Pixel(y * width), signed(above) - signed(below));
            above = below;
        }
        (16 * i, acc.end())
    })
}
