//! Commitments: KZG commitments that are also the first points of every proof about what is committed to.
//!
//! A claim's circuit has its committed columns ([`crate::column`]) as its first advice columns, so its proof begins with their
//! commitments and binds itself to them with no hash in the circuit. On chain and in files a commitment is one digest,
//! [`Commitment::digest`], under the domain and words of its [`Segment`].
//!
//! # Why proof and commitment agree
//! halo2-axiom overwrites the last rows of every advice column with blinding scalars; for phase-0 columns it draws them
//! first, column by column in order of index, 64 bytes a scalar. [`CommittedColumnsRng`] yields zeros for exactly those
//! bytes of the committed columns and operating-system randomness from then on. That rests on the crate's order of
//! drawing, so a prover must compare the finished proof's first points with the commitment ([`leading_points`]) and
//! throw the proof away if they differ.
//!
//! # Why it hides
//! The salts stand in for the blinding rows. Evaluations of a column at up to as many points outside the domain as it has salts are
//! jointly uniform, whatever else is in it: the salts' Lagrange polynomials, at that many points, form an
//! invertible (Cauchy) matrix. The commitment shows one point's worth, a proof opens each column at one point. The two
//! points of its multi-opening follow from commitments and evaluations and show nothing more. The limbs of the quotient do:
//! halo2 does not blind them, and they depend on all columns at once. There are [`LIMBS`] a proof.
//!
//! How many points a proof shows of one column therefore depends on how many columns are secret *together*
//! ([`points_per_proof`]): the limbs are spread over them. Three columns of a picture take two limbs each, eight of weights one; a
//! latent or a fingerprint is one column, which may be the only secret of a proof (an open model, a published picture), and
//! takes all four. That a limb shows no more than one point of one column is argued, not proved. [`max_proofs`] proofs stay
//! within the budget. Past that an opening must not be used again: commit anew.
//!
//! A model is proved with more often than a picture, so its salts are as many as its owner asks for ([`salt_rows`]), and are
//! the output of SHAKE256 on a secret seed ([`Salts::expand`](crate::column::Salts::expand)): as good as random to whoever cannot break
//! SHAKE256.
//!
//! # What binds
//! A commitment depends on the parameters and on `k`; the digest covers both. Rows after the content are free: many
//! commitments open to one picture, none opens to two.
use crate::{
    column::{Column, SALT_ROWS},
    statement::claim::{Header, Segment, Word},
    transcript::{POINT, point_from_words, point_to_words},
};
use group::Curve;
use halo2_proofs::{
    halo2curves::bn256::{Bn256, Fr, G1Affine},
    poly::{
        EvaluationDomain,
        commitment::{Blind, Params},
        kzg::commitment::ParamsKZG,
    },
};
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroize;

/// Columns of a picture.
pub const PICTURE_COLUMNS: usize = 3;

/// Limbs of a proof's quotient: the claims' degree less one.
pub const LIMBS: usize = 4;

/// Points of a column that one proof may show, where `columns` columns are secret together: one is opened, and its share of
/// the quotient's limbs.
pub const fn points_per_proof(columns: usize) -> usize {
    1 + LIMBS.div_ceil(columns)
}

/// How many proofs `salt_rows` rows of salts in each of `columns` columns can hide. The commitment itself takes one row.
pub const fn max_proofs(columns: usize, salt_rows: usize) -> usize {
    salt_rows.saturating_sub(1) / points_per_proof(columns)
}

/// How many rows of salts hide `proofs` proofs, in each of `columns` columns.
pub const fn salt_rows(columns: usize, proofs: usize) -> usize {
    proofs * points_per_proof(columns) + 1
}

/// Proofs that may be made from one opening of a picture.
pub const MAX_PICTURE_PROOFS: u32 = max_proofs(PICTURE_COLUMNS, SALT_ROWS) as u32;

/// Proofs that may be made from one latent.
pub const MAX_LATENT_PROOFS: u32 = max_proofs(1, SALT_ROWS) as u32;

/// The points of a segment's columns, and the words they are hashed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    segment: &'static Segment,
    words: Vec<[u8; 32]>,
    points: Vec<G1Affine>,
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

impl Commitment {
    /// Commits to columns on the domain of `params`, which `header` must name.
    ///
    /// # Errors
    /// [`DoesNotFit`] where the domain has too few rows.
    ///
    /// # Panics
    /// Where there are more or fewer columns than the segment has points.
    pub fn new(
        params: &ParamsKZG<Bn256>,
        segment: &'static Segment,
        header: &Header,
        columns: &[Column],
    ) -> Result<Self, DoesNotFit> {
        let points = columns.iter().map(|column| commit_column(params, column)).collect::<Result<_, _>>()?;
        Ok(Self::of_points(segment, header, points))
    }

    /// The commitment of these points.
    ///
    /// # Panics
    /// Where there are more or fewer points than the segment has.
    pub fn of_points(segment: &'static Segment, header: &Header, points: Vec<G1Affine>) -> Self {
        assert_eq!(points.len(), segment.points, "the points of a {} commitment", segment.role.name());
        Self { segment, words: segment.words.iter().map(|&word| header.word(word)).collect(), points }
    }

    /// The commitments that a proof begins with; `None` where it is too short or begins with no points.
    pub fn of_proof(segments: &'static [Segment], header: &Header, proof: &[u8]) -> Option<Vec<Self>> {
        let mut points = leading_points(proof, segments.iter().map(|segment| segment.points).sum())?.into_iter();
        let of = |segment: &'static Segment| {
            Self::of_points(segment, header, points.by_ref().take(segment.points).collect())
        };
        Some(segments.iter().map(of).collect())
    }

    /// What is committed to, and how it is hashed.
    pub const fn segment(&self) -> &'static Segment {
        self.segment
    }

    /// The commitments of the columns.
    pub fn points(&self) -> &[G1Affine] {
        &self.points
    }

    /// A word of the digest; zero where it does not enter.
    pub fn word(&self, word: Word) -> [u8; 32] {
        let words = self.segment.words.iter().zip(&self.words);
        words.filter(|(own, _)| **own == word).map(|(_, value)| *value).next().unwrap_or_default()
    }

    /// The domain has `2^k` rows.
    pub fn k(&self) -> u32 {
        self.number(Word::K)
    }

    /// The trusted setup's id.
    pub fn srs_id(&self) -> [u8; 32] {
        self.word(Word::SetupId)
    }

    /// A word that is a number below `2^32`.
    pub fn number(&self, word: Word) -> u32 {
        let [.., a, b, c, d] = self.word(word);
        u32::from_be_bytes([a, b, c, d])
    }

    /// `keccak256(abi.encode(keccak256(domain), words…, points…))`.
    ///
    /// A point at infinity (a column of zeros) has the coordinates `(0, 0)`; no proof contains one.
    pub fn digest(&self) -> [u8; 32] {
        let points = self.points.iter().map(|point| point_to_words(*point).unwrap_or([0; POINT]));
        self.segment.digest(&self.words, &points.collect::<Vec<_>>())
    }
}

/// The commitment of one column.
///
/// # Errors
/// [`DoesNotFit`] where the domain has too few rows.
pub fn commit_column(params: &ParamsKZG<Bn256>, column: &Column) -> Result<G1Affine, DoesNotFit> {
    let (k, rows) = (params.k(), column.len());
    if rows > 1 << k {
        return Err(DoesNotFit { rows, k });
    }
    let mut values: Vec<Fr> = Vec::with_capacity(1 << k);
    values.extend(column.values());
    values.resize(1 << k, Fr::default());
    let values = EvaluationDomain::<Fr>::new(1, k).lagrange_from_vec(values);
    Ok(params.commit_lagrange(&values, Blind::default()).to_affine())
}

/// The first points of a proof: those of its committed columns. `None` where the proof is too short or they are no points.
pub fn leading_points(proof: &[u8], points: usize) -> Option<Vec<G1Affine>> {
    let (words, _) = proof.get(..points.checked_mul(POINT)?)?.as_chunks::<POINT>();
    words.iter().map(point_from_words).collect()
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
