//! Commitments: KZG commitments that are also the first points of every proof about what is committed to.
//!
//! A claim's circuit has its committed columns ([`crate::column`]) as its first advice columns, so its proof begins with their
//! commitments and binds itself to them with no hash in the circuit. On chain and in files a commitment is one digest,
//! [`Commitment::digest`], under the domain and words of its [`Segment`].
//!
//! # Why proof and commitment agree
//! The prover takes the committed columns as what they are: their last rows, which blind every other column, are zeros
//! ([`veilmark_halo2::prove`]). So their points are those of [`veilmark_halo2::commit`]. Whoever proves compares the finished proof's first points
//! with the commitment all the same ([`leading_points`]), and throws the proof away if they differ.
//!
//! # Why it hides
//! The salts stand in for the blinding rows. A proof shows each column's value at one point that no other proof shows, and at the setup's
//! secret, which is the same in all of them; nothing else in it depends on the columns. `docs/zero-knowledge.md` has the proof. So a row of salts serves a
//! proof, and one serves the commitment ([`max_proofs`]). Past that an opening must not be used again: commit anew.
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
use halo2_proofs::halo2curves::bn256::G1Affine;
use veilmark_halo2::{Options, Setup};

/// Points that a proof shows of a committed column, beside the one that is the same in every proof: it is opened at one rotation.
pub const POINTS_PER_PROOF: usize = 1;

/// How many proofs `salt_rows` rows of salts can hide. The commitment itself takes one row.
pub const fn max_proofs(salt_rows: usize) -> usize {
    salt_rows.saturating_sub(1) / POINTS_PER_PROOF
}

/// How many rows of salts hide `proofs` proofs.
pub const fn salt_rows(proofs: usize) -> usize {
    proofs * POINTS_PER_PROOF + 1
}

/// Proofs that may be made from one opening of a picture, and from one latent.
pub const MAX_PROOFS: u32 = max_proofs(SALT_ROWS) as u32;

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
    /// Commits to columns on the domain of a setup, which `header` must name.
    ///
    /// # Errors
    /// [`DoesNotFit`] where the domain has too few rows.
    ///
    /// # Panics
    /// Where there are more or fewer columns than the segment has points.
    pub fn new(
        setup: &Setup<'_>,
        segment: &'static Segment,
        header: &Header,
        columns: &[Column],
    ) -> Result<Self, DoesNotFit> {
        let points = columns.iter().map(|column| commit_column(setup, column)).collect::<Result<_, _>>()?;
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
pub fn commit_column(setup: &Setup<'_>, column: &Column) -> Result<G1Affine, DoesNotFit> {
    let (rows, k) = (column.len(), setup.k());
    if rows > 1 << k {
        // before a copy of it is made
        return Err(DoesNotFit { rows, k });
    }
    // nothing else can fail: no threads are asked for, and nobody cancels
    veilmark_halo2::commit(setup.lagrange(), &column.typed(), &Options::default()).map_err(|_| DoesNotFit { rows, k })
}

/// The first points of a proof: those of its committed columns. `None` where the proof is too short or they are no points.
pub fn leading_points(proof: &[u8], points: usize) -> Option<Vec<G1Affine>> {
    let (words, _) = proof.get(..points.checked_mul(POINT)?)?.as_chunks::<POINT>();
    words.iter().map(point_from_words).collect()
}
