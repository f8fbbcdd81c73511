//! Lookups as one running sum of inverses (LogUp): every looked-up value is in the table.
//!
//! Phase 0 commits the looked-up values `f` and, beside each table value `t`, its multiplicity `m`. Then `alpha` is
//! squeezed, and one phase-1 column sums, from zero to zero,
//!
//! ```text
//! sum 1/(alpha - f)  -  sum m/(alpha - t)  =  0
//! ```
//!
//! # Why this is sound
//! As rational functions of `alpha` both sums are fixed before `alpha` is known. If some `f` is not in the table, the
//! pole at `f` has residue equal to the number of times `f` is looked up, which is below the field's characteristic and
//! hence not zero, so the difference is not the zero function; with `N` lookups and `T` table rows it vanishes at no more
//! than `N + T` of the `r` challenges (a pole among them included: there a gate is void, and `alpha` is not the prover's
//! choice). Haböck, *Multivariate lookups based on logarithmic derivatives*, 2022/1530, lemma 5, in one variable.
//!
//! Several tables share the one argument: a value is [`compress`]ed from a tag and its parts, and tables differ by tag.
//! With one part, `f + tag` for tags further apart than the tables are long needs no challenge; tuples need a challenge
//! squeezed after phase 0, and `alpha` may be squeezed in the same breath: two different tuples of `l` parts collide for
//! at most `l` of the `r` values.
//!
//! | constraint            | degree | what breaks without it                                     |
//! |-----------------------|--------|------------------------------------------------------------|
//! | `three pixel samples` | 5      | a sample that is no byte                                    |
//! | `looked-up value`     | 5      | a cell of a line that is not in its table                   |
//! | `table row`           | 5      | multiplicities at will: any sum can be cancelled            |
//! | `sum is zero`         | 4      | a sum that starts, or ends, where the prover likes          |
//!
//! The sum passes through every row from the first pixel to the row marked [`Role::Bound`]: the caller must leave no gap
//! there, and must have committed values and multiplicities in phase 0.
//!
//! # Layout
//! ```text
//! | three values | selector | value | table | multiplicity | role   | sum  |
//! | R  G  B      | 1        |       |       |              | Bound  | 0    |  first row
//! | R  G  B      | 1        |       |       |              | -      | s1   |
//! |              |          |       | t     | m            | Table  | s2   |
//! |              |          | f     |       |              | Lookup | s3   |
//! |              |          |       |       |              | Bound  | 0    |  last row
//! ```
use super::lines::Role;
use ff::{Field, PrimeField};
use halo2_proofs::{
    circuit::{Region, Value},
    halo2curves::bn256::Fr,
    plonk::{Advice, Challenge, Column, ConstraintSystem, Expression, Fixed, VirtualCells},
    poly::Rotation,
};

/// What stands in the looked-up part of a row.
#[derive(Clone, Copy, Debug)]
pub enum Entry {
    /// Three values at once: the samples of a pixel.
    Three([Fr; 3]),
    /// One value.
    One(Fr),
    /// A table's value and how often it is looked up.
    Table {
        /// The table's value.
        value: Fr,
        /// How often it is looked up.
        multiplicity: Fr,
    },
}

/// The expressions a row of each kind is made of.
#[derive(Clone, Debug)]
pub struct Queries {
    /// Nonzero exactly on rows with three values.
    pub three_selector: Expression<Fr>,
    /// The three values.
    pub three: [Expression<Fr>; 3],
    /// The value of a [`Role::Lookup`] row, of degree 1.
    pub value: Expression<Fr>,
    /// The value of a [`Role::Table`] row, of degree 1.
    pub table: Expression<Fr>,
    /// The multiplicity of a [`Role::Table`] row.
    pub multiplicity: Expression<Fr>,
}

/// The running sum's column and the roles of the rows.
#[derive(Clone, Debug)]
pub struct LogUpConfig {
    sum: Column<Advice>,
}

impl LogUpConfig {
    /// Adds the argument's gates over the phase-1 column `sum`; `alpha` must be squeezed after every queried advice
    /// column is committed. Enables equality on nothing.
    pub fn configure(
        meta: &mut ConstraintSystem<Fr>,
        sum: Column<Advice>,
        role: Column<Fixed>,
        alpha: Challenge,
        queries: impl Fn(&mut VirtualCells<'_, Fr>) -> Queries,
    ) -> Self {
        let step = |meta: &mut VirtualCells<'_, Fr>| {
            meta.query_advice(sum, Rotation::next()) - meta.query_advice(sum, Rotation::cur())
        };
        meta.create_gate("logup", |meta| {
            let alpha = meta.query_challenge(alpha);
            let step = step(meta);
            let now = meta.query_advice(sum, Rotation::cur());
            let role = meta.query_fixed(role, Rotation::cur());
            let Queries { three_selector, three, value, table, multiplicity } = queries(meta);
            let [x, y, z] = three.map(|value| alpha.clone() - value);
            let (xy, z_of_sum) = (x.clone() * y.clone(), x.clone() + y);
            let one = Expression::Constant(Fr::ONE);
            vec![
                ("three pixel samples", three_selector * ((step.clone() * z.clone() - one.clone()) * xy - z_of_sum * z)),
                ("looked-up value", Role::Lookup.selector(&role) * (step.clone() * (alpha.clone() - value) - one)),
                ("table row", Role::Table.selector(&role) * (step * (alpha - table) + multiplicity)),
                ("sum is zero", Role::Bound.selector(&role) * now),
            ]
        });
        Self { sum }
    }

    /// Writes the running sum: zero on row `first`, then one row for each entry, then the sum's last value on the row
    /// after. `forge` is what a cheating prover adds to the sum on a row: zero for an honest one.
    ///
    /// # Trust
    /// Takes nothing: `entries` are read again by the gates from the cells they were assigned to.
    pub fn assign(
        &self,
        region: &mut Region<'_, Fr>,
        first: usize,
        entries: impl Iterator<Item = Entry>,
        alpha: Fr,
        forge: impl Fn(usize) -> Fr,
    ) {
        let inverses = Inverses::new(alpha);
        let mut sum = Fr::ZERO;
        let mut row = first;
        for entry in entries {
            sum += forge(row);
            region.assign_advice(self.sum, row, Value::known(sum));
            sum += match entry {
                Entry::Three(values) => values.into_iter().map(|v| inverses.of(v)).sum(),
                Entry::One(value) => inverses.of(value),
                Entry::Table { value, multiplicity } => -multiplicity * inverses.of(value),
            };
            row += 1;
        }
        region.assign_advice(self.sum, row, Value::known(sum + forge(row)));
    }
}

/// `1/(alpha - v)`, at hand for bytes.
struct Inverses {
    alpha: Fr,
    bytes: Vec<Fr>,
}

impl Inverses {
    fn new(alpha: Fr) -> Self {
        let invert = |v: u64| (alpha - Fr::from(v)).invert().unwrap_or(Fr::ZERO);
        Self { alpha, bytes: (0..256).map(invert).collect() }
    }

    fn of(&self, value: Fr) -> Fr {
        let repr = value.to_repr();
        match repr[1..].iter().all(|&b| b == 0) {
            true => self.bytes[usize::from(repr[0])],
            false => (self.alpha - value).invert().unwrap_or(Fr::ZERO),
        }
    }
}

/// One value for a tuple under a tag: `tag + theta part_0 + theta^2 part_1 + …`.
pub fn compress(theta: &Expression<Fr>, tag: Expression<Fr>, parts: &[Expression<Fr>]) -> Expression<Fr> {
    let inner = parts.iter().rev().cloned().reduce(|sum, part| sum * theta.clone() + part);
    inner.map_or(tag.clone(), |inner| tag + theta.clone() * inner)
}

/// The native twin of [`compress`].
pub fn compress_values(theta: Fr, tag: Fr, parts: &[Fr]) -> Fr {
    tag + theta * parts.iter().rev().fold(Fr::ZERO, |sum, part| sum * theta + part)
}
