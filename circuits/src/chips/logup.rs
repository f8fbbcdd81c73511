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
//! hence not zero, so the difference is not the zero function; with `N` lookups and `T` table rows fewer than `2 (N + T)`
//! of the `r` challenges let it pass: its zeros, and its poles, where a gate may be void. Haböck, *Multivariate lookups
//! based on logarithmic derivatives*, 2022/1530, lemma 5, in one variable.
//!
//! Several tables share the one argument: a value is compressed from a tag and its parts by powers of a challenge `theta`, and
//! tables differ by tag. (The claims use `f + sigma tag + sigma^2 second`; see [`TableRow`](super::trace::TableRow).) The challenge that
//! compresses is squeezed after phase 0, and `alpha` may be squeezed in the same breath: two different
//! tuples of `l` parts collide for at most `l` of the `r` values. A tag without
//! a challenge separates nothing, however large it is: `f` is the prover's, and `f = t' - tag` is in the other table.
//!
//! | constraint            | degree | what breaks without it                                     |
//! |-----------------------|--------|------------------------------------------------------------|
//! | `three pixel samples` | 5      | a sample that is no byte                                    |
//! | `looked-up value`     | 5      | a cell of an instruction that is not in its table                   |
//! | `table row`           | 5      | multiplicities at will: any sum can be cancelled            |
//! | `sum is zero`         | 4      | a sum that starts, or ends, where the prover likes          |
//! | `neuron`              | 5      | a neuron that is not its table's, a remainder at will, reads of other values |
//! | `latent entry`        | 4      | an entry that is no byte, a network that reads another latent |
//!
//! # Memory
//! Claims with a model also *write* and *read* by this argument ([`NetworkQueries`]). A write of `a` under the address `t` that
//! is read `m` times is the term `- m/(alpha - (a + sigma t))`, a read is `+ 1/(alpha - (v + sigma t))`; addresses and `m` are
//! fixed, addresses differ from each other and from every tag of a table. A read of `v != a` is a pole that nothing
//! cancels: no other term has the tag `t`. So every read is the written cell's value; `m` counts the reads, so that honest
//! sums vanish.
//!
//! The sum passes through every row from the first pixel to the row marked [`RowKind::Bound`]: the caller must leave no gap
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
use ff::{BatchInvert, Field, PrimeField};
use halo2_proofs::{
    circuit::{Region, Value},
    halo2curves::bn256::Fr,
    plonk::{Advice, Challenge, Column, ConstraintSystem, Expression, Fixed, VirtualCells},
    poly::Rotation,
};

/// What a row is in the lookup argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum RowKind {
    /// Nothing, or a pixel.
    None = 0,
    /// The pair `(constant, cell)` is looked up.
    Lookup = 1,
    /// `(constant, weight)` is a row of the table, `cell` its multiplicity.
    Table = 2,
    /// The lookup sum is zero, and the Horner sum is one.
    Bound = 3,
}

impl RowKind {
    /// Nonzero exactly where the fixed column holds this role; of degree 3.
    pub fn selector(self, role: &Expression<Fr>) -> Expression<Fr> {
        let others = [Self::None, Self::Lookup, Self::Table, Self::Bound].into_iter().filter(|&other| other != self);
        let factors = others.map(|other| role.clone() - Expression::Constant(Fr::from(other as u64)));
        factors.reduce(|product, factor| product * factor).expect("three other roles")
    }
}

/// What stands in the looked-up part of a row.
#[derive(Clone, Copy, Debug)]
pub enum Entry {
    /// Three values at once: the samples of a pixel.
    Three([Fr; 3]),
    /// One value.
    One(Fr),
    /// A neuron: its pair of table values, its remainder, and what is written.
    Neuron {
        /// Accumulator less remainder, and neuron, under the table's tag.
        activation: Fr,
        /// The remainder under its range's tag.
        remainder: Fr,
        /// The neuron under its address.
        written: Fr,
        /// How often it is read.
        reads: Fr,
    },
    /// An entry of the latent.
    Latent {
        /// The entry as a byte.
        byte: Fr,
        /// The entry under its address.
        written: Fr,
        /// How often it is read.
        reads: Fr,
    },
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
    /// Rows with three values: what is nonzero exactly there, and the values.
    pub three: Option<(Expression<Fr>, [Expression<Fr>; 3])>,
    /// The value of a [`RowKind::Lookup`] row, of degree 1.
    pub value: Expression<Fr>,
    /// The value of a [`RowKind::Table`] row, of degree 1.
    pub table: Expression<Fr>,
    /// The multiplicity of a [`RowKind::Table`] row.
    pub multiplicity: Expression<Fr>,
    /// For claims with a model.
    pub network: Option<NetworkQueries>,
}

/// What the rows of neurons and of the latent are made of. Every value is of degree 1.
#[derive(Clone, Debug)]
pub struct NetworkQueries {
    /// On a row of a neuron how often it is read, which is not zero; zero on every other row.
    pub neuron_reads: Expression<Fr>,
    /// What [`Entry::Neuron`] looks up: activation, remainder.
    pub neuron: [Expression<Fr>; 2],
    /// What [`Entry::Neuron`] writes.
    pub neuron_written: Expression<Fr>,
    /// On a row of the latent how often the entry is read, which is not zero; zero on every other row.
    pub latent_reads: Expression<Fr>,
    /// What [`Entry::Latent`] looks up.
    pub latent: Expression<Fr>,
    /// What [`Entry::Latent`] writes.
    pub latent_written: Expression<Fr>,
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
            let Queries { three, value, table, multiplicity, network } = queries(meta);
            let one = Expression::Constant(Fr::ONE);
            let mut constraints = Vec::new();
            if let Some((selector, values)) = three {
                let [x, y, z] = values.map(|value| alpha.clone() - value);
                let (xy, z_of_sum) = (x.clone() * y.clone(), x + y);
                let sum = selector * ((step.clone() * z.clone() - one.clone()) * xy - z_of_sum * z);
                constraints.push(("three pixel samples", sum));
            }
            constraints.extend([
                ("looked-up value", RowKind::Lookup.selector(&role) * (step.clone() * (alpha.clone() - value) - one)),
                ("table row", RowKind::Table.selector(&role) * (step.clone() * (alpha.clone() - table) + multiplicity)),
                ("sum is zero", RowKind::Bound.selector(&role) * now),
            ]);
            if let Some(network) = network {
                let reads = network.neuron_reads;
                let [x, y] = network.neuron.map(|value| alpha.clone() - value);
                let z = alpha.clone() - network.neuron_written;
                let xy = x.clone() * y.clone();
                let sum = reads.clone() * ((step.clone() * z.clone() + reads) * xy - (x + y) * z);
                constraints.push(("neuron", sum));
                let reads = network.latent_reads;
                let [x, y] = [network.latent, network.latent_written].map(|value| alpha.clone() - value);
                constraints.push((
                    "latent entry",
                    reads.clone() * ((step * x.clone() - Expression::Constant(Fr::ONE)) * y + reads * x),
                ));
            }
            constraints
        });
        Self { sum }
    }

    /// Writes the running sum: `sum` on row `first`, then one row for each entry, then the sum's last value on the row
    /// after. `lay` is given each row's sum and answers what is laid there: the same.
    ///
    /// # Trust
    /// Takes nothing: `entries` are read again by the gates from the cells they were assigned to.
    pub fn assign(
        &self,
        region: &mut Region<'_, Fr>,
        (first, mut sum): (usize, Fr),
        entries: impl Iterator<Item = Entry>,
        alpha: Fr,
        lay: impl Fn(usize, Fr) -> Fr,
    ) {
        let mut inverses = Inverses::new(alpha);
        let mut row = first;
        let mut entries = entries.peekable();
        while entries.peek().is_some() {
            let batch: Vec<Entry> = entries.by_ref().take(Inverses::BATCH).collect();
            inverses.load(&batch);
            for entry in batch {
                sum = lay(row, sum);
                region.assign_advice(self.sum, row, Value::known(sum));
                sum += inverses.term(&entry);
                row += 1;
            }
        }
        region.assign_advice(self.sum, row, Value::known(lay(row, sum)));
    }
}

impl Entry {
    /// The looked-up and written values, each with its numerator.
    fn poles(&self) -> [Option<(Fr, Fr)>; 3] {
        let one = Fr::ONE;
        match *self {
            Self::Three(values) => values.map(|value| Some((value, one))),
            Self::One(value) => [Some((value, one)), None, None],
            Self::Neuron { activation, remainder, written, reads } => {
                [Some((activation, one)), Some((remainder, one)), Some((written, -reads))]
            }
            Self::Latent { byte, written, reads } => [Some((byte, one)), Some((written, -reads)), None],
            Self::Table { value, multiplicity } => [Some((value, -multiplicity)), None, None],
        }
    }

    /// What the entry adds to the sum.
    #[cfg(test)]
    pub(crate) fn term(&self, alpha: Fr) -> Fr {
        let pole = |(value, numerator): (Fr, Fr)| numerator * (alpha - value).invert().unwrap_or(Fr::ZERO);
        self.poles().into_iter().flatten().map(pole).sum()
    }
}

/// `1/(alpha - v)`: at hand for bytes, computed a batch at a time for everything else.
struct Inverses {
    alpha: Fr,
    bytes: Vec<Fr>,
    /// The batch's inverses, last first.
    others: Vec<Fr>,
}

impl Inverses {
    /// Entries of a batch.
    const BATCH: usize = 1 << 12;

    fn new(alpha: Fr) -> Self {
        let mut bytes: Vec<Fr> = (0..256).map(|byte| alpha - Fr::from(byte)).collect();
        bytes.iter_mut().batch_invert();
        Self { alpha, bytes, others: Vec::new() }
    }

    fn byte(value: Fr) -> Option<usize> {
        let repr = value.to_repr();
        repr[1..].iter().all(|&b| b == 0).then_some(usize::from(repr[0]))
    }

    /// Inverts what the entries, in order, need. (An inverse of zero is zero: such a proof fails, and nobody can choose it.)
    fn load(&mut self, entries: &[Entry]) {
        let values = entries.iter().rev().flat_map(|entry| entry.poles().into_iter().rev().flatten());
        self.others
            .extend(values.filter(|(value, _)| Self::byte(*value).is_none()).map(|(value, _)| self.alpha - value));
        self.others.iter_mut().batch_invert();
    }

    fn term(&mut self, entry: &Entry) -> Fr {
        let pole = |(value, numerator): (Fr, Fr)| {
            let inverse = match Self::byte(value) {
                Some(byte) => self.bytes[byte],
                None => self.others.pop().expect("the batch was loaded"),
            };
            if numerator == Fr::ONE { inverse } else { numerator * inverse }
        };
        entry.poles().into_iter().flatten().map(pole).sum()
    }
}

#[cfg(test)]
mod tests {
    //! The chip on its own, with tuples and two tables: bytes below 4, and pairs `(x, x^2)` under a tag.
    use super::*;
    use crate::testing::{challenges, constraints, failures};
    use halo2_proofs::{
        circuit::{Layouter, SimpleFloorPlanner},
        plonk::{Circuit, Error, FirstPhase, SecondPhase},
    };
    use std::collections::BTreeSet;

    const K: u32 = 6;
    /// `(tag, parts)` of every table row.
    const TABLE: [(u64, [u64; 2]); 8] =
        [(0, [0, 0]), (0, [1, 0]), (0, [2, 0]), (0, [3, 0]), (7, [0, 0]), (7, [1, 1]), (7, [2, 4]), (7, [3, 9])];

    /// One value for a tuple under a tag: `tag + theta part_0 + theta^2 part_1 + …`.
    fn compress(theta: &Expression<Fr>, tag: Expression<Fr>, parts: &[Expression<Fr>]) -> Expression<Fr> {
        let inner = parts.iter().rev().cloned().reduce(|sum, part| sum * theta.clone() + part);
        inner.map_or(tag.clone(), |inner| tag + theta.clone() * inner)
    }

    /// The native twin of [`compress`].
    fn compress_values(theta: Fr, tag: Fr, parts: &[Fr]) -> Fr {
        tag + theta * parts.iter().rev().fold(Fr::ZERO, |sum, part| sum * theta + part)
    }

    #[derive(Clone)]
    struct Lookups {
        three: Vec<[u64; 3]>,
        /// `(tag, parts)`: the tag is fixed, the parts are the prover's.
        tuples: Vec<(u64, [u64; 2])>,
        counts: [u64; 8],
        forge: Vec<(usize, Fr)>,
    }

    impl Lookups {
        fn new(three: Vec<[u64; 3]>, tuples: Vec<(u64, [u64; 2])>) -> Self {
            let singles = three.iter().flatten().map(|&x| (0, [x, 0]));
            let all: Vec<_> = singles.chain(tuples.iter().copied()).collect();
            let counts = TABLE.map(|row| all.iter().filter(|&&looked_up| looked_up == row).count() as u64);
            Self { three, tuples, counts, forge: vec![] }
        }

        fn honest() -> Self {
            Self::new(vec![[0, 1, 2], [3, 3, 3], [1, 0, 2]], vec![(7, [2, 4]), (0, [3, 0]), (7, [3, 9]), (7, [0, 0])])
        }

        fn broken(&self) -> BTreeSet<String> {
            failures(K, self, vec![])
        }

        fn entries(&self, theta: Fr) -> Vec<Entry> {
            let value = |(tag, parts): (u64, [u64; 2])| compress_values(theta, Fr::from(tag), &parts.map(Fr::from));
            let three = self.three.iter().map(|row| Entry::Three(row.map(|x| value((0, [x, 0])))));
            let table = TABLE
                .iter()
                .zip(self.counts)
                .map(|(&row, count)| Entry::Table { value: value(row), multiplicity: Fr::from(count) });
            three.chain(table).chain(self.tuples.iter().map(|&tuple| Entry::One(value(tuple)))).collect()
        }
    }

    #[derive(Clone)]
    struct Config {
        three: [Column<Advice>; 3],
        parts: [Column<Advice>; 2],
        multiplicity: Column<Advice>,
        q_three: Column<Fixed>,
        role: Column<Fixed>,
        tag: Column<Fixed>,
        table: [Column<Fixed>; 2],
        challenges: [Challenge; 2],
        logup: LogUpConfig,
    }

    impl Circuit<Fr> for Lookups {
        type Config = Config;
        type FloorPlanner = SimpleFloorPlanner;
        type Params = ();

        fn without_witnesses(&self) -> Self {
            self.clone()
        }

        fn configure(meta: &mut ConstraintSystem<Fr>) -> Config {
            let three = [(); 3].map(|()| meta.advice_column());
            let parts = [(); 2].map(|()| meta.advice_column());
            let multiplicity = meta.advice_column();
            let [alpha, theta] = [(); 2].map(|()| meta.challenge_usable_after(FirstPhase));
            let sum = meta.advice_column_in(SecondPhase);
            let [q_three, role, tag] = [(); 3].map(|()| meta.fixed_column());
            let table = [(); 2].map(|()| meta.fixed_column());
            let logup = LogUpConfig::configure(meta, sum, role, alpha, |meta| {
                let theta = meta.query_challenge(theta);
                let advice = |meta: &mut VirtualCells<'_, Fr>, c| meta.query_advice(c, Rotation::cur());
                let fixed = |meta: &mut VirtualCells<'_, Fr>, c| meta.query_fixed(c, Rotation::cur());
                let zero = Expression::Constant(Fr::ZERO);
                let tag = fixed(meta, tag);
                Queries {
                    three: Some((
                        fixed(meta, q_three),
                        three.map(|c| compress(&theta, zero.clone(), &[advice(meta, c)])),
                    )),
                    value: compress(&theta, tag.clone(), &parts.map(|c| advice(meta, c))),
                    table: compress(&theta, tag, &table.map(|c| fixed(meta, c))),
                    multiplicity: advice(meta, multiplicity),
                    network: None,
                }
            });
            Config { three, parts, multiplicity, q_three, role, tag, table, challenges: [alpha, theta], logup }
        }

        fn synthesize(&self, c: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
            layouter.assign_region(
                || "phase 0",
                |mut region| {
                    let known = |x: u64| Value::known(Fr::from(x));
                    for (row, values) in self.three.iter().enumerate() {
                        region.assign_fixed(c.q_three, row, Fr::ONE);
                        for (column, &value) in c.three.into_iter().zip(values) {
                            region.assign_advice(column, row, known(value));
                        }
                    }
                    let mut row = self.three.len();
                    for ((tag, parts), count) in TABLE.into_iter().zip(self.counts) {
                        region.assign_fixed(c.role, row, Fr::from(RowKind::Table as u64));
                        region.assign_fixed(c.tag, row, Fr::from(tag));
                        for (column, part) in c.table.into_iter().zip(parts) {
                            region.assign_fixed(column, row, Fr::from(part));
                        }
                        region.assign_advice(c.multiplicity, row, known(count));
                        row += 1;
                    }
                    for &(tag, parts) in &self.tuples {
                        region.assign_fixed(c.role, row, Fr::from(RowKind::Lookup as u64));
                        region.assign_fixed(c.tag, row, Fr::from(tag));
                        for (column, part) in c.parts.into_iter().zip(parts) {
                            region.assign_advice(column, row, known(part));
                        }
                        row += 1;
                    }
                    for row in [0, row] {
                        region.assign_fixed(c.role, row, Fr::from(RowKind::Bound as u64));
                    }
                    Ok(())
                },
            )?;
            layouter.next_phase();
            let [alpha, theta] = c.challenges.map(|which| {
                let mut value = Fr::ZERO;
                layouter.get_challenge(which).map(|known| value = known);
                value
            });
            layouter.assign_region(
                || "phase 1",
                |mut region| {
                    let forge = |row, sum: Fr| {
                        self.forge.iter().filter(|(at, _)| *at == row).fold(sum, |sum, (_, by)| sum + by)
                    };
                    c.logup.assign(&mut region, (0, Fr::ZERO), self.entries(theta).into_iter(), alpha, forge);
                    Ok(())
                },
            )
        }
    }

    #[test]
    fn what_is_in_the_tables_is_accepted() {
        assert_eq!(Lookups::honest().broken(), BTreeSet::new());
        // nothing but tables, and every entry many times
        assert_eq!(Lookups::new(vec![[1; 3]; 20], vec![(7, [3, 9]); 20]).broken(), BTreeSet::new());
    }

    #[test]
    fn every_constraint_bites() {
        let three = Lookups::new(vec![[0, 1, 4]], Lookups::honest().tuples);
        // a wrong second part, a row of the other table, a part that is a row of neither
        let [wrong, other_tag, neither] =
            [(7, [2, 5]), (7, [2, 0]), (0, [1, 1])].map(|lie| Lookups::new(Lookups::honest().three, vec![lie]));
        let mut bitten = BTreeSet::new();
        for lie in [three, wrong, other_tag, neither] {
            assert_eq!(lie.broken(), BTreeSet::from(["logup/sum is zero".to_owned()]));
            // what the sum lacks, added on a row of each kind
            let [alpha, theta] = challenges(K, &lie, vec![]).try_into().unwrap();
            let end: Fr = lie.entries(theta).iter().map(|entry| entry.term(alpha)).sum();
            let table = lie.three.len();
            for (row, name) in [
                (0, "logup/sum is zero"),
                (1, "logup/three pixel samples"),
                (table + 1, "logup/table row"),
                (table + TABLE.len() + 1, "logup/looked-up value"),
            ] {
                let mut lie = lie.clone();
                lie.forge.push((row, -end));
                assert_eq!(lie.broken(), BTreeSet::from([name.to_owned()]));
                bitten.insert(name.to_owned());
            }
        }
        assert_eq!(bitten, constraints::<Lookups>());
    }

    #[test]
    fn multiplicities_off_by_one_are_refused() {
        for row in 0..TABLE.len() {
            let mut lie = Lookups::honest();
            lie.counts[row] += 1;
            assert_eq!(lie.broken(), BTreeSet::from(["logup/sum is zero".to_owned()]), "table row {row}");
        }
    }
}
