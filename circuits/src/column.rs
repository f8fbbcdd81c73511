//! Columns of small values and secrets, as prover and circuit pass them around; [`crate::committed`] says what stands in them.
//!
//! Small integers stay small: a prover commits to bytes faster than to field elements. After the last run zeros follow up to the
//! end of the domain.
//!
//! What the caller must believe: a column and its salts are secret, are erased when they are dropped, and are never shown by
//! `Debug`.
use ff::Field;
use halo2_proofs::halo2curves::{bn256::Fr, ff::FromUniformBytes};
use rand_core::{CryptoRng, RngCore};
use sha3::{
    Shake256,
    digest::{ExtendableOutput, Update, XofReader},
};
use std::fmt;
use zeroize::Zeroize;

/// Rows of random field elements in the columns of a picture, a latent and a fingerprint.
pub const SALT_ROWS: usize = 64;

/// Separates expanded salts from every other hash of ours.
const SALTS_DOMAIN: &[u8] = b"veilmark salts v1";

/// The random rows of committed columns: three of a picture, one of a latent, eight of a model's weights. Secret: with
/// them a guess at what is committed can be confirmed.
#[derive(Clone, PartialEq, Eq)]
pub struct Salts<const COLUMNS: usize = 3>(Vec<[Fr; COLUMNS]>);

impl<const COLUMNS: usize> Salts<COLUMNS> {
    /// Fresh salts, [`SALT_ROWS`] of them.
    pub fn random(mut rng: impl RngCore + CryptoRng) -> Self {
        Self((0..SALT_ROWS).map(|_| [(); COLUMNS].map(|()| Fr::random(&mut rng))).collect())
    }

    /// Salts of `rows` rows from a secret seed: row by row, 64 bytes of SHAKE256 a scalar.
    pub fn expand(seed: &[u8; 32], rows: usize) -> Self {
        let mut hash = Shake256::default();
        hash.update(SALTS_DOMAIN);
        hash.update(seed);
        let mut stream = hash.finalize_xof();
        let mut scalar = || {
            let mut wide = [0; 64];
            stream.read(&mut wide);
            let scalar = Fr::from_uniform_bytes(&wide);
            wide.zeroize();
            scalar
        };
        Self((0..rows).map(|_| [(); COLUMNS].map(|()| scalar())).collect())
    }

    /// No hiding: the commitment of something published, which anyone can recompute.
    pub fn public() -> Self {
        Self(vec![[Fr::ZERO; COLUMNS]; SALT_ROWS])
    }

    /// Salts from their rows; `None` unless there are [`SALT_ROWS`] of them.
    pub fn from_rows(rows: Vec<[Fr; COLUMNS]>) -> Option<Self> {
        (rows.len() == SALT_ROWS).then_some(Self(rows))
    }

    /// The rows: a scalar for each column.
    pub fn rows(&self) -> &[[Fr; COLUMNS]] {
        &self.0
    }

    /// The salts of one column.
    pub(crate) fn of(&self, column: usize) -> Run {
        Run::Scalars(self.0.iter().map(|row| row[column]).collect())
    }
}

impl<const COLUMNS: usize> Drop for Salts<COLUMNS> {
    fn drop(&mut self) {
        erase(self.0.as_flattened_mut());
    }
}

impl<const COLUMNS: usize> fmt::Debug for Salts<COLUMNS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salts(secret)")
    }
}

/// Writes zeros; a field element has no `Zeroize` of its own.
fn erase(scalars: &mut [Fr]) {
    scalars.fill(Fr::ZERO);
    std::hint::black_box(scalars);
}

/// A signed integer as a field element.
pub fn signed(value: i64) -> Fr {
    let magnitude = Fr::from(value.unsigned_abs());
    if value < 0 { -magnitude } else { magnitude }
}

/// Values of one kind, on rows that follow each other.
#[derive(Clone, PartialEq, Eq)]
pub enum Run {
    /// As many zeros.
    Zeros(usize),
    /// Numbers from 0 to 255.
    Bytes(Vec<u8>),
    /// Numbers from -128 to 127.
    SignedBytes(Vec<i8>),
    /// Small integers.
    Integers(Vec<i32>),
    /// Field elements.
    Scalars(Vec<Fr>),
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Run(secret)")
    }
}

impl Run {
    /// Rows of the run.
    pub fn len(&self) -> usize {
        match self {
            Self::Zeros(rows) => *rows,
            Self::Bytes(values) => values.len(),
            Self::SignedBytes(values) => values.len(),
            Self::Integers(values) => values.len(),
            Self::Scalars(values) => values.len(),
        }
    }

    /// Whether the run has no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn get(&self, row: usize) -> Fr {
        match self {
            Self::Zeros(_) => Fr::ZERO,
            Self::Bytes(values) => Fr::from(u64::from(values[row])),
            Self::SignedBytes(values) => signed(i64::from(values[row])),
            Self::Integers(values) => signed(i64::from(values[row])),
            Self::Scalars(values) => values[row],
        }
    }
}

/// A committed column: its runs from the first row on. Secret, unless what it holds is public.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Column {
    runs: Vec<Run>,
}

impl fmt::Debug for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Column(secret)")
    }
}

impl Drop for Column {
    fn drop(&mut self) {
        for run in &mut self.runs {
            match run {
                Run::Zeros(_) => {}
                Run::Bytes(values) => values.zeroize(),
                Run::SignedBytes(values) => values.zeroize(),
                Run::Integers(values) => values.zeroize(),
                Run::Scalars(values) => erase(values),
            }
        }
    }
}

impl Column {
    /// A column of these runs.
    pub const fn new(runs: Vec<Run>) -> Self {
        Self { runs }
    }

    /// The runs, from the first row on.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Rows that hold something; zeros follow.
    pub fn len(&self) -> usize {
        self.runs.iter().map(Run::len).sum()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a row, zero after the last one.
    pub fn get(&self, mut row: usize) -> Fr {
        for run in &self.runs {
            if row < run.len() {
                return run.get(row);
            }
            row -= run.len();
        }
        Fr::ZERO
    }

    /// Every value, from the first row on.
    pub fn values(&self) -> impl Iterator<Item = Fr> + '_ {
        self.runs.iter().flat_map(|run| (0..run.len()).map(|row| run.get(row)))
    }

    /// The column as the prover takes it: what is small stays small.
    pub fn typed(&self) -> veilmark_halo2::Column {
        let mut typed = veilmark_halo2::Column::zeros(0);
        for run in &self.runs {
            match run {
                Run::Zeros(rows) => typed.extend_bytes(&vec![0; *rows]),
                Run::Bytes(values) => typed.extend_bytes(values),
                Run::SignedBytes(values) => typed.extend_integers(values.iter().copied().map(i32::from)),
                Run::Integers(values) => typed.extend_integers(values.iter().copied()),
                Run::Scalars(values) => values.iter().for_each(|value| typed.push(*value)),
            }
        }
        typed
    }

    /// Writes a value over another, for who forges.
    #[cfg(test)]
    pub(crate) fn set(&mut self, row: usize, value: Fr) {
        let mut scalars: Vec<Fr> = self.values().collect();
        scalars[row] = value;
        self.runs = vec![Run::Scalars(scalars)];
    }
}
