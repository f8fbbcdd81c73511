//! Commitments: KZG commitments that are also the first points of every proof about an image, a latent and a model.
//!
//! Column `R` holds pixel `i`'s red sample on row `i`, then [`SALT_ROWS`] uniformly random field elements, then zeros;
//! `G` and `B` alike. A claim's circuit has these as its first three advice columns, so its proof begins with their
//! commitments and binds itself to the image with no hash in the circuit. On chain and in files the commitment is one
//! digest, see [`ImageCommitment::digest`].
//!
//! A claim with a model goes on with the *latent's* column and the eight columns of *weights*, in this order: twelve points.
//! The latent's entries stand on the rows after the pixels, weights on the rows of their program from the first one on
//! ([`crate::chips::network::weight_columns`]); after either comes a row of ones, so that no column is all zeros and every
//! commitment has coordinates, and then the salts. [`PromptCommitment`] and [`ModelCommitment`] are their digests.
//!
//! # Why proof and commitment agree
//! halo2-axiom overwrites the last rows of every advice column with blinding scalars; for phase-0 columns it draws them
//! first, column by column in order of index, 64 bytes a scalar. [`CommittedColumnsRng`] yields zeros for exactly those
//! bytes of the committed columns and operating-system randomness from then on. That rests on the crate's order of
//! drawing, so a prover must compare the finished proof's first points with the commitment ([`leading_points`]) and
//! throw the proof away if they differ.
//!
//! # Why it hides
//! The salts stand in for the blinding rows. Evaluations of a column at up to `SALT_ROWS` points outside the domain are
//! jointly uniform, whatever the pixels are: the `SALT_ROWS` Lagrange polynomials, at that many points, form an
//! invertible (Cauchy) matrix. The commitment shows one point's worth, a proof opens each column at one point. The two
//! points of its multi-opening follow from commitments and evaluations and show nothing more. The limbs of the quotient do:
//! halo2 does not blind them, and they depend on all columns at once. There are four a proof (the claim's degree less
//! one); counting three points a proof and column leaves six for them. That a limb shows no more than one point of one
//! column is argued, not proved. So [`MAX_PROOFS`] proofs stay within the budget. Past that an opening must not be used
//! again: commit anew.
//!
//! A model is proved with more often than a picture, so its salts are as many as its owner asks for ([`max_proofs`]), and are
//! the output of SHAKE256 on a secret seed ([`Salts::expand`]): as good as random to whoever cannot break SHAKE256.
//!
//! # What binds
//! A commitment depends on the parameters and on `k`; the digest covers both, and width and height. Rows after the pixels
//! are free: many commitments open to one image, none opens to two.
use crate::{
    chips::{bilinear::signed, network::weight_columns, products::WEIGHT_COLUMNS},
    statement::{
        fingerprint::Fingerprint,
        model::{Architecture, Model},
        raster::Raster,
    },
    transcript::{POINT, point_from_words, point_to_words},
};
use ff::{Field, PrimeField};
use group::Curve;
use halo2_proofs::{
    halo2curves::{
        bn256::{Bn256, Fr, G1Affine},
        ff::FromUniformBytes,
    },
    poly::{
        EvaluationDomain,
        commitment::{Blind, Params},
        kzg::commitment::ParamsKZG,
    },
};
use rand_core::{CryptoRng, RngCore};
use sha3::{
    Digest, Keccak256, Shake256,
    digest::{ExtendableOutput, Update, XofReader},
};
use zeroize::Zeroize;

/// Rows of random field elements after the pixels.
pub const SALT_ROWS: usize = 64;

/// Points of a column that one proof may show: one is opened, two are kept for the limbs of the quotient.
const POINTS_PER_PROOF: usize = 3;

/// Proofs that may be made from one opening.
pub const MAX_PROOFS: u32 = ((SALT_ROWS - 1) / POINTS_PER_PROOF) as u32;

/// Bytes of the committed columns' points at the start of a proof.
pub const COMMITTED_BYTES: usize = 3 * POINT;

/// Separates image commitments from every other hash of ours.
pub use veilmark_statement::description::IMAGE_DOMAIN as COMMITMENT_DOMAIN;

/// Proofs that so many rows of salts hide.
pub const fn max_proofs(salt_rows: usize) -> usize {
    salt_rows.saturating_sub(1) / POINTS_PER_PROOF
}

/// Rows of salts that hide so many proofs.
pub const fn salt_rows(proofs: usize) -> usize {
    proofs * POINTS_PER_PROOF + 1
}

/// The random rows of committed columns: three of an image, one of a latent, eight of a model's weights. Secret: with
/// them a guess at what is committed can be confirmed.
#[derive(Clone, PartialEq, Eq)]
pub struct Salts<const COLUMNS: usize = 3>(Vec<[Fr; COLUMNS]>);

/// Separates expanded salts from every other hash of ours.
const SALTS_DOMAIN: &[u8] = b"veilmark salts v1";

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
}

impl<const COLUMNS: usize> Drop for Salts<COLUMNS> {
    fn drop(&mut self) {
        for row in &mut self.0 {
            for salt in row {
                // a field element has no Zeroize of its own here; this write may not be elided through the slice
                *salt = Fr::ZERO;
            }
        }
        std::hint::black_box(&self.0);
    }
}

impl<const COLUMNS: usize> std::fmt::Debug for Salts<COLUMNS> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salts(secret)")
    }
}

/// Three points, and what they are points of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageCommitment {
    /// The parameters the points were computed with.
    pub srs_id: [u8; 32],
    /// The domain has `2^k` rows.
    pub k: u32,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Commitments of the R, G and B columns.
    pub points: [G1Affine; 3],
}

/// A commitment could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rows} rows of values and salts do not fit a domain of 2^{k} rows")]
pub struct DoesNotFit {
    /// Rows of the column.
    pub rows: usize,
    /// The domain has `2^k` rows.
    pub k: u32,
}

impl ImageCommitment {
    /// Commits to `image` with `salts` on the domain of `params`.
    ///
    /// # Errors
    /// [`DoesNotFit`] where the domain has too few rows.
    pub fn new(params: &ParamsKZG<Bn256>, srs_id: [u8; 32], image: &Raster, salts: &Salts) -> Result<Self, DoesNotFit> {
        let column = |channel: usize| {
            let samples = image.pixels().iter().map(|pixel| Fr::from(u64::from(pixel[channel])));
            commit_column(params, samples.chain(salts.rows().iter().map(|row| row[channel])).collect())
        };
        let points = [column(0)?, column(1)?, column(2)?];
        Ok(Self { srs_id, k: params.k(), width: image.width(), height: image.height(), points })
    }

    /// `keccak256(abi.encode(keccak256(domain), srsId, k, width, height, R.x, R.y, G.x, G.y, B.x, B.y))`.
    ///
    /// A point at infinity (a column of zeros) has the coordinates `(0, 0)`; no proof contains one.
    pub fn digest(&self) -> [u8; 32] {
        let numbers = [self.k, self.width, self.height].map(number);
        digest(COMMITMENT_DOMAIN, &[&[self.srs_id], &numbers[..]].concat(), &self.points)
    }
}

fn number(number: u32) -> [u8; 32] {
    let mut word = [0; 32];
    word[28..].copy_from_slice(&number.to_be_bytes());
    word
}

/// `keccak256(abi.encode(keccak256(domain), words…, points…))`.
fn digest(domain: &str, words: &[[u8; 32]], points: &[G1Affine]) -> [u8; 32] {
    let mut content = Keccak256::digest(domain).to_vec();
    words.iter().for_each(|word| content.extend(word));
    points.iter().for_each(|point| content.extend(point_to_words(*point).unwrap_or([0; POINT])));
    Keccak256::digest(content).into()
}

/// The commitment of one column: zeros follow its values.
///
/// # Errors
/// [`DoesNotFit`] where the domain has too few rows.
pub fn commit_column(params: &ParamsKZG<Bn256>, mut column: Vec<Fr>) -> Result<G1Affine, DoesNotFit> {
    let (k, rows) = (params.k(), column.len());
    if rows > 1 << k {
        return Err(DoesNotFit { rows, k });
    }
    column.resize(1 << k, Fr::ZERO);
    let column = EvaluationDomain::<Fr>::new(1, k).lagrange_from_vec(column);
    Ok(params.commit_lagrange(&column, Blind::default()).to_affine())
}

/// Separates model commitments from every other hash of ours.
pub use veilmark_statement::description::MODEL_DOMAIN;

/// Separates prompt commitments from every other hash of ours.
pub use veilmark_statement::description::PROMPT_DOMAIN;

/// The commitment of a model's weights under its architecture: its digest is the `modelHash`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelCommitment {
    /// The parameters the points were computed with.
    pub srs_id: [u8; 32],
    /// The domain has `2^k` rows.
    pub k: u32,
    /// [`crate::statement::model::Architecture::hash`].
    pub architecture: [u8; 32],
    /// Commitments of the weights' columns.
    pub points: [G1Affine; WEIGHT_COLUMNS],
}

impl ModelCommitment {
    /// Commits to columns of weights, salts included ([`salted_weights`]).
    ///
    /// # Errors
    /// [`DoesNotFit`] where the domain has too few rows.
    pub fn new(
        params: &ParamsKZG<Bn256>,
        srs_id: [u8; 32],
        architecture: [u8; 32],
        columns: &[Vec<Fr>; WEIGHT_COLUMNS],
    ) -> Result<Self, DoesNotFit> {
        let mut points = [G1Affine::default(); WEIGHT_COLUMNS];
        for (point, column) in points.iter_mut().zip(columns) {
            *point = commit_column(params, column.clone())?;
        }
        Ok(Self { srs_id, k: params.k(), architecture, points })
    }

    /// `keccak256(abi.encode(keccak256(domain), srsId, k, architecture, W0.x, W0.y, …, W7.x, W7.y))`.
    pub fn digest(&self) -> [u8; 32] {
        digest(MODEL_DOMAIN, &[self.srs_id, number(self.k), self.architecture], &self.points)
    }
}

/// The commitment of a latent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PromptCommitment {
    /// The parameters the point was computed with.
    pub srs_id: [u8; 32],
    /// The domain has `2^k` rows.
    pub k: u32,
    /// [`crate::statement::model::Architecture::hash`]: on which rows the entries stand follows from it.
    pub architecture: [u8; 32],
    /// Commitment of the latent's column.
    pub point: G1Affine,
}

impl PromptCommitment {
    /// Commits to a latent's column ([`latent_column`]).
    ///
    /// # Errors
    /// [`DoesNotFit`] where the domain has too few rows.
    pub fn new(
        params: &ParamsKZG<Bn256>,
        srs_id: [u8; 32],
        architecture: [u8; 32],
        column: Vec<Fr>,
    ) -> Result<Self, DoesNotFit> {
        Ok(Self { srs_id, k: params.k(), architecture, point: commit_column(params, column)? })
    }

    /// `keccak256(abi.encode(keccak256(domain), srsId, k, architecture, L.x, L.y))`.
    pub fn digest(&self) -> [u8; 32] {
        digest(PROMPT_DOMAIN, &[self.srs_id, number(self.k), self.architecture], &[self.point])
    }
}

/// Separates commitments of fingerprints from every other hash of ours.
pub use veilmark_statement::description::FINGERPRINT_DOMAIN;

/// The commitment of a fingerprint that is not shown: its salted hash on chain is the digest.
///
/// It names neither picture nor claim; whoever has fingerprint and salts can open it ([`fingerprint_column`]), and nobody
/// can open it to two: rows after the salts are free to its maker, the first two are the fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FingerprintCommitment {
    /// The parameters the point was computed with.
    pub srs_id: [u8; 32],
    /// The domain has `2^k` rows.
    pub k: u32,
    /// Commitment of the fingerprint's column.
    pub point: G1Affine,
}

impl FingerprintCommitment {
    /// Commits to a fingerprint.
    ///
    /// # Errors
    /// [`DoesNotFit`] where the domain has too few rows.
    pub fn new(
        params: &ParamsKZG<Bn256>,
        srs_id: [u8; 32],
        fingerprint: Fingerprint,
        salts: &Salts<1>,
    ) -> Result<Self, DoesNotFit> {
        Ok(Self { srs_id, k: params.k(), point: commit_column(params, fingerprint_column(fingerprint, salts))? })
    }

    /// `keccak256(abi.encode(keccak256(domain), srsId, k, F.x, F.y))`.
    pub fn digest(&self) -> [u8; 32] {
        digest(FINGERPRINT_DOMAIN, &[self.srs_id, number(self.k)], &[self.point])
    }
}

/// A fingerprint's column: its lower and its higher 128 bits, as numbers, and the salts.
pub fn fingerprint_column(fingerprint: Fingerprint, salts: &Salts<1>) -> Vec<Fr> {
    let halves = [fingerprint.low(), fingerprint.high()].map(Fr::from_u128);
    halves.into_iter().chain(salts.rows().iter().map(|[salt]| *salt)).collect()
}

/// The columns of weights: the program's rows, a row of ones, the salts.
pub fn salted_weights(model: &Model, salts: &Salts<WEIGHT_COLUMNS>) -> [Vec<Fr>; WEIGHT_COLUMNS] {
    let mut columns = weight_columns(model.architecture(), model.weights());
    for (j, column) in columns.iter_mut().enumerate() {
        column.extend(salts.rows().iter().map(|row| row[j]));
    }
    columns
}

/// The latent's column: zeros beside the picture's pixels, the entries, a one, the salts.
pub fn latent_column(architecture: &Architecture, latent: &[i8], salts: &Salts<1>) -> Vec<Fr> {
    let pixels = architecture.width as usize * architecture.height as usize;
    let entries = latent.iter().map(|&entry| signed(i64::from(entry)));
    let salts = salts.rows().iter().map(|[salt]| *salt);
    std::iter::repeat_n(Fr::ZERO, pixels).chain(entries).chain([Fr::ONE]).chain(salts).collect()
}

/// The first points of a proof: three of an image's columns, or twelve with the latent's and the weights'. `None` where the proof is
/// too short or they are no points.
pub fn leading_points<const POINTS: usize>(proof: &[u8]) -> Option<[G1Affine; POINTS]> {
    let (words, _) = proof.get(..POINTS * POINT)?.as_chunks::<POINT>();
    let mut points = [G1Affine::default(); POINTS];
    for (point, words) in points.iter_mut().zip(words) {
        *point = point_from_words(words)?;
    }
    Some(points)
}

/// The prover's randomness: zeros for the blinding rows of the committed columns, `R` for everything else.
#[derive(Debug)]
pub struct CommittedColumnsRng<R> {
    zeros: usize,
    inner: R,
}

impl<R: RngCore + CryptoRng> CommittedColumnsRng<R> {
    /// For a circuit whose first `columns` are committed and whose columns have `blinding_rows` rows overwritten:
    /// `cs.blinding_factors() + 1`.
    pub fn new(columns: usize, blinding_rows: usize, inner: R) -> Self {
        const BYTES_PER_SCALAR: usize = 64;
        Self { zeros: columns * blinding_rows * BYTES_PER_SCALAR, inner }
    }
}

impl<R: RngCore> RngCore for CommittedColumnsRng<R> {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        let (zero, random) = out.split_at_mut(self.zeros.min(out.len()));
        self.zeros -= zero.len();
        zero.zeroize();
        self.inner.fill_bytes(random);
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(out);
        Ok(())
    }
}
