//! Columns by what they hold: bytes, small integers or field elements, with exceptions in few rows.
//!
//! A column begins as bytes of zero and is widened when too many rows do not fit. What it holds decides what its commitment costs:
//! an addition a row for bytes and small integers, nothing for zeros, an addition for a value that occurs often.
use crate::{
    error::Error,
    field::{Limbs, Scalar, ZERO, add, from_i64, integer, neg, scalar, scalar_limbs},
    msm::{self, Point},
    work::{Options, Phase, Work},
};
use group::Curve;
use halo2_proofs::halo2curves::bn256::{Fr, G1, G1Affine};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    hash::{BuildHasherDefault, Hasher},
};

/// The rows of a column, from the first on.
#[derive(Clone)]
pub struct Column {
    cells: Cells,
    /// Rows whose values do not fit the cells, which are zero there.
    exceptions: BTreeMap<u32, Limbs>,
}

#[derive(Clone)]
enum Cells {
    Bytes(Vec<u8>),
    Integers(Vec<i32>),
    Field(Vec<Limbs>),
}

/// The values stay out of logs: columns hold secrets.
impl fmt::Debug for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.cells {
            Cells::Bytes(_) => "bytes",
            Cells::Integers(_) => "integers",
            Cells::Field(_) => "field",
        };
        f.debug_struct("Column").field("kind", &kind).field("rows", &self.rows()).finish_non_exhaustive()
    }
}

impl Column {
    /// Zeros.
    pub fn zeros(rows: usize) -> Self {
        Self::from_bytes(vec![0; rows])
    }

    /// Bytes, from the first row on.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self { cells: Cells::Bytes(bytes), exceptions: BTreeMap::new() }
    }

    /// Small signed integers, from the first row on.
    pub fn from_integers(integers: Vec<i32>) -> Self {
        Self { cells: Cells::Integers(integers), exceptions: BTreeMap::new() }
    }

    /// Reduced field elements, from the first row on.
    pub(crate) fn from_limbs(limbs: Vec<Limbs>) -> Self {
        Self { cells: Cells::Field(limbs), exceptions: BTreeMap::new() }
    }

    /// Appends a field element (a salt) after the last row.
    pub fn push(&mut self, value: Fr) {
        let row = self.rows();
        match &mut self.cells {
            Cells::Bytes(cells) => cells.push(0),
            Cells::Integers(cells) => cells.push(0),
            Cells::Field(cells) => cells.push(ZERO),
        }
        self.set(row, &scalar_limbs(&value));
    }

    /// Appends bytes after the last row.
    pub fn extend_bytes(&mut self, bytes: &[u8]) {
        match &mut self.cells {
            Cells::Bytes(cells) => cells.extend_from_slice(bytes),
            Cells::Integers(cells) => cells.extend(bytes.iter().copied().map(i32::from)),
            Cells::Field(cells) => cells.extend(bytes.iter().map(|byte| from_i64::<Scalar>(i64::from(*byte)))),
        }
    }

    /// Appends small signed integers after the last row.
    pub fn extend_integers(&mut self, integers: impl IntoIterator<Item = i32>) {
        if matches!(self.cells, Cells::Bytes(_)) {
            self.widen();
        }
        match &mut self.cells {
            Cells::Integers(cells) => cells.extend(integers),
            _ => integers.into_iter().for_each(|value| self.push(scalar(&from_i64::<Scalar>(i64::from(value))))),
        }
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        match &self.cells {
            Cells::Bytes(cells) => cells.len(),
            Cells::Integers(cells) => cells.len(),
            Cells::Field(cells) => cells.len(),
        }
    }

    /// The value of a row.
    ///
    /// # Panics
    /// Where the row is not there.
    pub fn value(&self, row: usize) -> Fr {
        scalar(&self.get(row))
    }

    /// The reduced value of a row.
    pub(crate) fn get(&self, row: usize) -> Limbs {
        let value = match &self.cells {
            Cells::Bytes(cells) => from_i64::<Scalar>(i64::from(cells[row])),
            Cells::Integers(cells) => from_i64::<Scalar>(i64::from(cells[row])),
            Cells::Field(cells) => return cells[row],
        };
        if value == ZERO
            && !self.exceptions.is_empty()
            && let Some(value) = self.exceptions.get(&(row as u32))
        {
            return *value;
        }
        value
    }

    /// Sets a row to a reduced value; the row is there.
    pub(crate) fn set(&mut self, row: usize, value: &Limbs) {
        match &mut self.cells {
            Cells::Field(cells) => return cells[row] = *value,
            Cells::Bytes(cells) => {
                if let Some(byte) = small_integer(value).and_then(|value| u8::try_from(value).ok()) {
                    cells[row] = byte;
                    if !self.exceptions.is_empty() {
                        self.exceptions.remove(&(row as u32));
                    }
                    return;
                }
                cells[row] = 0;
            }
            Cells::Integers(cells) => {
                if let Some(integer) = small_integer(value) {
                    cells[row] = integer;
                    if !self.exceptions.is_empty() {
                        self.exceptions.remove(&(row as u32));
                    }
                    return;
                }
                cells[row] = 0;
            }
        }
        self.exceptions.insert(row as u32, *value);
        if self.exceptions.len() > 128 + self.rows() / 32 {
            self.widen();
        }
    }

    /// Takes the next wider kind.
    fn widen(&mut self) {
        let exceptions = std::mem::take(&mut self.exceptions);
        self.cells = match std::mem::replace(&mut self.cells, Cells::Bytes(Vec::new())) {
            Cells::Bytes(cells) => Cells::Integers(cells.into_iter().map(i32::from).collect()),
            Cells::Integers(cells) => {
                Cells::Field(cells.into_iter().map(|cell| from_i64::<Scalar>(i64::from(cell))).collect())
            }
            field @ Cells::Field(_) => field,
        };
        for (row, value) in exceptions {
            self.set(row as usize, &value);
        }
    }

    /// Whether it takes less memory than its field elements would.
    pub(crate) fn is_narrow(&self) -> bool {
        !matches!(self.cells, Cells::Field(_))
    }

    /// Writes all rows, then zeros, to where `place` puts each of them.
    pub(crate) fn write(&self, to: &mut [Limbs], place: impl Fn(usize) -> usize) {
        match &self.cells {
            Cells::Bytes(cells) => {
                let table: Vec<Limbs> = (0..=255).map(from_i64::<Scalar>).collect();
                cells.iter().enumerate().for_each(|(row, cell)| to[place(row)] = table[usize::from(*cell)]);
            }
            Cells::Integers(cells) => cells.iter().enumerate().for_each(|(row, cell)| {
                to[place(row)] = if *cell == 0 { ZERO } else { from_i64::<Scalar>(i64::from(*cell)) };
            }),
            Cells::Field(cells) => cells.iter().enumerate().for_each(|(row, cell)| to[place(row)] = *cell),
        }
        (self.rows()..to.len()).for_each(|row| to[place(row)] = ZERO);
        for (row, value) in &self.exceptions {
            to[place(*row as usize)] = *value;
        }
    }

    /// `sum_i value_i point_i`.
    pub(crate) fn combine(&self, points: &[G1Affine], work: &Work<'_>) -> G1 {
        let point = |i: usize| Point::new(&points[i]);
        let exceptions: Vec<(u32, Limbs)> = self.exceptions.iter().map(|(row, value)| (*row, *value)).collect();
        let rare = msm::combination(exceptions.len(), |i| exceptions[i].1, |i| point(exceptions[i].0 as usize), work);
        let cells = match &self.cells {
            Cells::Bytes(cells) => {
                let largest = cells.iter().max().map_or(0, |largest| u64::from(*largest));
                msm::small(cells.len(), largest, |i| i64::from(cells[i]), point, work)
            }
            Cells::Integers(cells) => {
                let largest = cells.iter().map(|cell| cell.unsigned_abs()).max().map_or(0, u64::from);
                msm::small(cells.len(), largest, |i| i64::from(cells[i]), point, work)
            }
            Cells::Field(cells) => combine_field(cells, points, work),
        };
        rare + cells
    }
}

/// The integer, where it fits 32 bits with its sign.
fn small_integer(value: &Limbs) -> Option<i32> {
    if *value == ZERO {
        return Some(0);
    }
    let positive = integer::<Scalar>(value);
    if positive[1..] == [0; 3] {
        return i32::try_from(positive[0]).ok();
    }
    let negative = integer::<Scalar>(&neg::<Scalar>(value));
    if negative[1..] == [0; 3] { i32::try_from(negative[0]).ok().map(|value| -value) } else { None }
}

/// Rows of a sample that tells whether values repeat.
const SAMPLE: usize = 4096;
/// Values that occur less often are not worth a bucket.
const OFTEN: u32 = 4;

/// `sum_i value_i point_i` for field elements: zeros cost nothing, a value that occurs often an addition for each of its rows.
///
/// Whether to look for such values is told by a sample of rows.
fn combine_field(values: &[Limbs], points: &[G1Affine], work: &Work<'_>) -> G1 {
    let point = |i: usize| Point::new(&points[i]);
    let step = values.len().div_ceil(SAMPLE).max(1);
    let sample: Vec<&Limbs> = values.iter().step_by(step).collect();
    let different: std::collections::HashSet<&Limbs, BuildHasherDefault<LimbHasher>> = sample.iter().copied().collect();
    if different.len() * 10 > sample.len() * 9 {
        return msm::combination(values.len(), |i| values[i], point, work);
    }
    let mut counts: HashMap<&Limbs, u32, BuildHasherDefault<LimbHasher>> = HashMap::default();
    for value in values.iter().filter(|value| **value != ZERO) {
        *counts.entry(value).or_insert(0) += 1;
    }
    // in place of a count, the bucket; in the order of the rows, for no reason but to be the same in every run
    let (mut buckets, mut rare) = (Vec::new(), Vec::new());
    let mut of_row = vec![u32::MAX; values.len()];
    let mut numbers: HashMap<&Limbs, u32, BuildHasherDefault<LimbHasher>> = HashMap::default();
    for (row, value) in values.iter().enumerate() {
        if row.is_multiple_of(1 << 16) && !work.tick(0) {
            return G1::default();
        }
        if *value == ZERO {
            continue;
        }
        if counts.get(value).is_some_and(|count| *count >= OFTEN) {
            of_row[row] = *numbers.entry(value).or_insert_with(|| {
                buckets.push(*value);
                buckets.len() as u32 - 1
            });
        } else {
            rare.push(row as u32);
        }
    }
    drop((counts, numbers));
    let number = |row: usize| Some(of_row[row]).filter(|bucket| *bucket != u32::MAX);
    let sums = if buckets.is_empty() {
        Vec::new()
    } else {
        msm::bucket_sums_parallel(values.len(), buckets.len(), number, point, work)
    };
    let often = buckets.len();
    msm::combination(
        often + rare.len(),
        |i| if i < often { buckets[i] } else { values[rare[i - often] as usize] },
        |i| if i < often { Point::new(&sums[i]) } else { point(rare[i - often] as usize) },
        work,
    )
}

/// A hash for field elements that are not chosen to collide; if they are, time is lost and nothing else.
#[derive(Default)]
struct LimbHasher(u64);

impl Hasher for LimbHasher {
    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 29
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
}

/// The KZG commitment of a column: `lagrange` are the setup's points in the Lagrange basis of the domain; rows after the column's last
/// are zero.
///
/// # Errors
/// [`Error::Size`] where the column has more rows than the domain, [`Error::Threads`], [`Error::Cancelled`].
pub fn commit(lagrange: &[G1Affine], column: &Column, options: &Options<'_>) -> Result<G1Affine, Error> {
    if column.rows() > lagrange.len() {
        return Err(Error::Size { what: "rows of the column", expected: lagrange.len(), got: column.rows() });
    }
    let cost = match column.cells {
        Cells::Field(_) => msm::cost(column.rows()),
        _ => msm::small_cost(column.rows()),
    };
    let work = Work::new(options, cost, Phase::Witness)?;
    work.stage(Phase::Witness, cost, cost)?;
    let point = work.run(|| column.combine(lagrange, &work));
    work.check()?;
    Ok(point.to_affine())
}

/// Adds `by from` to `to`, all reduced.
pub(crate) fn add_scaled(to: &mut [Limbs], from: &[Limbs], by: Fr) {
    use rayon::prelude::*;
    let by = scalar_limbs(&by);
    to.par_iter_mut()
        .with_min_len(1 << 12)
        .zip(from)
        .for_each(|(to, from)| *to = add::<Scalar>(to, &crate::field::mul::<Scalar>(from, &by)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;
    use group::Group;
    use rand_chacha::{
        ChaCha20Rng,
        rand_core::{RngCore, SeedableRng},
    };

    fn points(n: usize) -> Vec<G1Affine> {
        let mut point = G1::generator();
        (0..n)
            .map(|_| {
                point = point.double() + G1::generator();
                point.to_affine()
            })
            .collect()
    }

    /// Whatever is written, in whatever order, is what is read, written out and committed to.
    #[test]
    fn columns_hold_what_was_set() {
        let mut rng = ChaCha20Rng::seed_from_u64(4);
        let n = 700;
        let points = points(n);
        for kind in 0..6 {
            let mut column = Column::zeros(n);
            let mut expected = vec![Fr::ZERO; n];
            for _ in 0..2 * n {
                let row = rng.next_u32() as usize % n;
                let small = Fr::from(u64::from(rng.next_u32() % 256));
                let value = match kind {
                    0 => small,
                    1 if row < n - 64 => small,
                    2 if !row.is_multiple_of(7) => -Fr::from(u64::from(rng.next_u32() % 100_000)),
                    3 if !row.is_multiple_of(50) => Fr::ZERO,
                    4 => small.square().square().square().square().square().square(),
                    _ => Fr::random(&mut rng),
                };
                column.set(row, &scalar_limbs(&value));
                expected[row] = value;
            }
            assert!((0..n).all(|row| column.value(row) == expected[row]), "kind {kind}");
            let mut written = vec![[7; 4]; n + 5];
            column.write(&mut written, |row| row);
            assert!(written.iter().map(scalar).eq(expected.iter().copied().chain([Fr::ZERO; 5])), "kind {kind}");
            let sum = points.iter().zip(&expected).fold(G1::identity(), |sum, (p, s)| sum + *p * s).to_affine();
            for threads in [1, 3] {
                let options = Options { threads, ..Options::default() };
                assert_eq!(commit(&points, &column, &options).expect("fits"), sum, "kind {kind}, {threads} threads");
            }
            assert!(matches!(
                commit(&points[1..], &column, &Options::default()),
                Err(Error::Size { expected: 699, got: 700, .. })
            ));
        }
    }

    #[test]
    fn bytes_with_salts_stay_bytes() {
        let mut rng = ChaCha20Rng::seed_from_u64(5);
        let mut column = Column::from_bytes((0..=255).collect());
        (0..64).for_each(|_| column.push(Fr::random(&mut rng)));
        assert!(matches!(column.cells, Cells::Bytes(_)));
        assert_eq!((column.rows(), column.value(17), column.exceptions.len()), (320, Fr::from(17), 64));
        let mut mixed = Column::zeros(2);
        mixed.extend_bytes(&[5, 255]);
        mixed.push(-Fr::from(7));
        mixed.extend_integers([-1, i32::MIN]);
        mixed.extend_bytes(&[9]);
        let expected = [0i64, 0, 5, 255, -7, -1, i64::from(i32::MIN), 9];
        assert_eq!(mixed.rows(), expected.len());
        for (row, value) in expected.into_iter().enumerate() {
            assert_eq!(mixed.value(row), scalar(&from_i64::<Scalar>(value)), "row {row}");
        }
        let mut column = Column::from_integers(vec![-3, i32::MAX, i32::MIN + 1]);
        column.push(Fr::from(9));
        assert_eq!(
            [column.value(0), column.value(2), column.value(3)],
            [-Fr::from(3), -Fr::from(2_147_483_647), Fr::from(9)]
        );
    }
}
