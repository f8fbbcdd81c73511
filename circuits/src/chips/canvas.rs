//! A picture of any size under one key: pixels two to a row, rows of the picture that begin where flags say, and weights that are sent to them.
//!
//! # What stands where
//! A picture of `W x H` pixels fills `H ceil(W/2)` rows from the first on, raster order, two neighbours to a row. All `A` rows that a key has
//! for pixels are read by the same gates. Then come `S` *slots* for the columns, from the last to the first, and a row that joins; below them, in the
//! trace, `S` slots for the rows of the picture, and the places of the area filter ([`super::area`]).
//!
//! With `x`, `rho`, `alpha` challenges, `Y` the weighted luma, `w` the flags of row starts:
//!
//! ```text
//! pixels   s = Y_0 + x Y_1 + x^2 (1 - w') s'         at the start of a row of the picture: sum_p x^p Y(y, p)
//!          t' = t + w s F'                           the sum of these, weighed
//! slots    s = x s'                                  x^(p+1) at column p
//!          t' = t + C (rho F - s')                   column p's value C, weighed
//! join     s = 1,  t = rho B                         B, the coefficients by their powers of sigma
//! ```
//!
//! `F` are running sums of what is sent: `F - F'` at a row of pixels, `F' - F` at a slot. All that is sent, and the flags, are terms of the
//! lookup sum ([`super::logup`]): with addresses `512 i` on row `i` of the pixels and `512 p` at column `p`,
//!
//! ```text
//! sum_i (w_i + rho (F_i - F_(i+1))) / (alpha - 512 i - sigma ROWS)  +  sum_p rho (F' - F) / (alpha - 512 p - sigma COLUMNS)
//!   =  sum_y a_y / (alpha - e_y - sigma ROWS)  +  rho sum_sent value / (alpha - address - sigma tag)
//! ```
//!
//! # Why this is sound
//! Both sides are fixed before `alpha` and `rho` are known, up to those two, and the addresses on the left differ. So pole by pole and
//! power by power of `rho`: the flag on row `i` is the number of slots `y` with `a_y = 1` and `e_y = 512 i`, and what `F` changes by is what was
//! sent there; what is sent to where no row or slot is fails. The slots' `a_y` are bits, `e` grows by `512 ceil(W/2)` after a one
//! and must end at `512 ceil(W/2) (H + 1)`: so the rows start at `0, ceil(W/2), …, H ceil(W/2)`, each once, and nowhere else.
//!
//! So `s` at the start of row `y < H` is that row's polynomial in `x`, as the row below starts anew; `F'` there is the sum of what was
//! sent to `S_n` for `n > y`. The weights `U_y = F'` of the rows are those of the statement, by `area`. `t` at the end of the pixels is
//! `T = sum_p x^p sum_y U_y Y(y, p)`; rows from the last pixel on start no row of the picture and add nothing.
//! The slots subtract `sum_p x^p C_p` and add `rho sum_p V_p C_p`, with `V_p` the weights of the columns. `x` and `rho` are squeezed after `C`, and
//! the join says `T - sum x^p C_p + rho (sum V_p C_p - B) = 0`: by powers of `rho` and `x`, `C_p = sum_y U_y Y(y, p)` and
//! `B = sum_p V_p C_p`, which is `sum_ij sigma^(16 i + j) B_ij` of the statement. A column beyond the last has no weight.
//!
//! | constraint               | degree | what breaks without it                             |
//! |--------------------------|--------|-----------------------------------------------------|
//! | `first samples`, `second samples` | 5 | samples that are no bytes                         |
//! | `row of pixels`          | 3      | flags and weights at will                            |
//! | `polynomial of a row`    | 4      | any pixels                                           |
//! | `weighted rows`          | 4      | the same                                             |
//! | `column weight`          | 5      | any weights of columns                               |
//! | `power`                  | 4      | columns exchanged                                    |
//! | `weighted columns`       | 5      | columns' values at will                              |
//! | `sent`                   | 5      | weights that nobody sent                             |
//! | `power of column 0`      | 4      | all columns' values scaled                           |
//! | `joined`                 | 4      | coefficients of another picture                      |
//! | `flag`                   | 5      | rows that start by halves                            |
//! | `row start`              | 5      | rows that start anywhere                             |
//! | `weighed from zero`      | 4      | any coefficients                                     |
use super::{bilinear::LUMA_WEIGHTS, horner::HornerConfig, logup::RowKind};
use ff::Field;
use halo2_proofs::{
    halo2curves::bn256::Fr,
    plonk::{Advice, Challenge, Column, ConstraintSystem, Expression, Fixed},
    poly::Rotation,
};

/// The tag of the addresses of rows of pixels: of no table, of no neuron.
pub const ROWS: u64 = 1 << 40;
/// The tag of the addresses of columns.
pub const COLUMNS: u64 = ROWS + 1;
/// Addresses are multiples of this.
pub const ADDRESS: u64 = super::area::PLACES as u64;

/// What a row is to the canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Kind {
    /// Nothing, or pixels.
    None = 0,
    /// Something is sent.
    Send = 1,
    /// A slot for a row of the picture.
    RowStart = 2,
    /// A slot for a column.
    Column = 3,
}

impl Kind {
    /// Nonzero exactly where the fixed column holds this kind; of degree 3.
    fn selector(self, kind: &Expression<Fr>) -> Expression<Fr> {
        let others = [Self::None, Self::Send, Self::RowStart, Self::Column].into_iter().filter(|&other| other != self);
        let factors = others.map(|other| kind.clone() - Expression::Constant(Fr::from(other as u64)));
        factors.reduce(|product, factor| product * factor).expect("three other kinds")
    }
}

/// The challenges that are squeezed before the last phase.
#[derive(Clone, Copy, Debug)]
pub struct Challenges<T = Challenge> {
    /// Of the lookup sum.
    pub alpha: T,
    /// Separates flags from weights, and columns' values from coefficients.
    pub rho: T,
    /// Of the rows' polynomials.
    pub x: T,
}

/// The chip's columns, lent by the claim.
#[derive(Clone, Debug)]
pub struct CanvasConfig {
    /// Committed: R, G and B of the left pixel, then of the right one.
    pub samples: [Column<Advice>; 6],
    /// One on the rows of pixels.
    pub q_pixel: Column<Fixed>,
    /// What a row is: [`Kind`].
    pub kind: Column<Fixed>,
    /// Sums of inverses: of the left pixel, of the right pixel.
    pub helpers: [Column<Advice>; 2],
    /// The running sum of the lookup argument.
    pub lookup: Column<Advice>,
    /// `s`.
    pub power: Column<Advice>,
    /// `t`.
    pub weighed: Column<Advice>,
}

impl CanvasConfig {
    /// Adds the chip's gates over its columns and the Horner chip's: `cell` holds flags, `factor` `F`, `sum` the columns' values.
    pub fn configure(self, meta: &mut ConstraintSystem<Fr>, c: &HornerConfig, sigma: Challenge, of: Challenges) -> Self {
        meta.create_gate("canvas", |meta| {
            let one = Expression::Constant(Fr::ONE);
            let [sigma, alpha, rho, x] = [sigma, of.alpha, of.rho, of.x].map(|at| meta.query_challenge(at));
            let [q, kind, constant, weight, role] =
                [self.q_pixel, self.kind, c.constant, c.weight, c.role].map(|at| meta.query_fixed(at, Rotation::cur()));
            let mut both = |column| [Rotation::cur(), Rotation::next()].map(|at| meta.query_advice(column, at));
            let ([cell, cell_next], [factor, factor_next]) = (both(c.cell), both(c.factor));
            let ([lookup, lookup_next], [s, s_next], [t, t_next]) =
                (both(self.lookup), both(self.power), both(self.weighed));
            let [first, second] = self.helpers.map(|at| meta.query_advice(at, Rotation::cur()));
            let sum = meta.query_advice(c.sum, Rotation::cur());
            let samples = self.samples.map(|at| meta.query_advice(at, Rotation::cur()));

            let inverses = |helper: &Expression<Fr>, samples: &[Expression<Fr>]| {
                let [a, b, c] = [0, 1, 2].map(|i| alpha.clone() - samples[i].clone());
                let (ab, a_and_b) = (a.clone() * b.clone(), a + b);
                helper.clone() * ab.clone() * c.clone() - ab - a_and_b * c
            };
            let luma = |samples: &[Expression<Fr>]| {
                let terms = samples.iter().zip(LUMA_WEIGHTS).map(|(sample, weight)| sample.clone() * Fr::from(weight));
                terms.reduce(|sum, term| sum + term).expect("three samples")
            };
            let step = lookup_next - lookup;
            let tagged = |address: Expression<Fr>, tag: u64| alpha.clone() - address - sigma.clone() * Fr::from(tag);
            let [send, start, column] = [Kind::Send, Kind::RowStart, Kind::Column].map(|at| at.selector(&kind));
            let sent = alpha.clone() - sum.clone() - sigma.clone() * constant.clone();
            vec![
                ("first samples", q.clone() * inverses(&first, &samples[..3])),
                ("second samples", q.clone() * inverses(&second, &samples[3..])),
                (
                    "row of pixels",
                    q.clone()
                        * ((step.clone() - first - second) * tagged(constant.clone(), ROWS)
                            - cell.clone()
                            - rho.clone() * (factor.clone() - factor_next.clone())),
                ),
                (
                    "polynomial of a row",
                    q.clone()
                        * (s.clone()
                            - luma(&samples[..3])
                            - x.clone() * luma(&samples[3..])
                            - x.clone() * x.clone() * (one.clone() - cell_next) * s_next.clone()),
                ),
                (
                    "weighted rows",
                    q * (t_next.clone() - t.clone() - cell.clone() * s.clone() * factor_next.clone()),
                ),
                (
                    "column weight",
                    column.clone()
                        * (step.clone() * tagged(constant, COLUMNS) - rho.clone() * (factor_next - factor.clone())),
                ),
                ("power", column.clone() * (s.clone() - x * s_next.clone())),
                (
                    "weighted columns",
                    column * (t_next - t.clone() - sum.clone() * (rho.clone() * factor.clone() - s_next)),
                ),
                ("sent", send.clone() * (step.clone() * sent + rho.clone() * weight * factor)),
                ("power of column 0", send.clone() * (s - one.clone())),
                ("joined", send * (t.clone() - rho * sum.clone())),
                ("flag", start.clone() * cell.clone() * (cell.clone() - one)),
                ("row start", start * (step * tagged(sum, ROWS) + cell)),
                ("weighed from zero", RowKind::Bound.selector(&role) * t),
            ]
        });
        self
    }
}
