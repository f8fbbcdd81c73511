//! The image commitment: three KZG commitments that are also the first three points of every proof about the image.
//!
//! Column `R` holds pixel `i`'s red sample on row `i`, then [`SALT_ROWS`] uniformly random field elements, then zeros;
//! `G` and `B` alike. A claim's circuit has these as its first three advice columns, so its proof begins with their
//! commitments and binds itself to the image with no hash in the circuit. On chain and in files the commitment is one
//! digest, see [`ImageCommitment::digest`].
//!
//! # Why proof and commitment agree
//! halo2-axiom overwrites the last rows of every advice column with blinding scalars; for phase-0 columns it draws them
//! first, column by column in order of index, 64 bytes a scalar. [`CommittedColumnsRng`] yields zeros for exactly those
//! bytes of the first three columns and operating-system randomness from then on. That rests on the crate's order of
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
//! # What binds
//! A commitment depends on the parameters and on `k`; the digest covers both, and width and height. Rows after the pixels
//! are free: many commitments open to one image, none opens to two.
use crate::{
    statement::raster::Raster,
    transcript::{POINT, point_from_words, point_to_words},
};
use ff::Field;
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
use sha3::{Digest, Keccak256};
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
pub const COMMITMENT_DOMAIN: &str = "veilmark image commitment v1";

/// The random rows of the three columns. Secret: with them a guess at the image can be confirmed.
#[derive(Clone, PartialEq, Eq)]
pub struct Salts(Vec<[Fr; 3]>);

impl Salts {
    /// Fresh salts.
    pub fn random(mut rng: impl RngCore + CryptoRng) -> Self {
        Self((0..SALT_ROWS).map(|_| [(); 3].map(|()| Fr::random(&mut rng))).collect())
    }

    /// No hiding: the commitment of a published image, which anyone can recompute.
    pub fn public() -> Self {
        Self(vec![[Fr::ZERO; 3]; SALT_ROWS])
    }

    /// Salts from their rows; `None` unless there are [`SALT_ROWS`] of them.
    pub fn from_rows(rows: Vec<[Fr; 3]>) -> Option<Self> {
        (rows.len() == SALT_ROWS).then_some(Self(rows))
    }

    /// The rows: R, G and B of each.
    pub fn rows(&self) -> &[[Fr; 3]] {
        &self.0
    }
}

impl Drop for Salts {
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

impl std::fmt::Debug for Salts {
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
#[error("{pixels} pixels and {SALT_ROWS} salt rows do not fit a domain of 2^{k} rows")]
pub struct DoesNotFit {
    /// Pixels of the picture.
    pub pixels: usize,
    /// The domain has `2^k` rows.
    pub k: u32,
}

impl ImageCommitment {
    /// Commits to `image` with `salts` on the domain of `params`.
    ///
    /// # Errors
    /// [`DoesNotFit`] where the domain has too few rows.
    pub fn new(params: &ParamsKZG<Bn256>, srs_id: [u8; 32], image: &Raster, salts: &Salts) -> Result<Self, DoesNotFit> {
        let (k, pixels) = (params.k(), image.pixels().len());
        let domain = EvaluationDomain::<Fr>::new(1, k);
        if pixels + SALT_ROWS > 1 << k {
            return Err(DoesNotFit { pixels, k });
        }
        let points = std::array::from_fn(|channel| {
            let samples = image.pixels().iter().map(|pixel| Fr::from(u64::from(pixel[channel])));
            let mut column: Vec<Fr> = samples.chain(salts.rows().iter().map(|row| row[channel])).collect();
            column.resize(1 << k, Fr::ZERO);
            let column = domain.lagrange_from_vec(column);
            params.commit_lagrange(&column, Blind::default()).to_affine()
        });
        Ok(Self { srs_id, k, width: image.width(), height: image.height(), points })
    }

    /// `keccak256(abi.encode(keccak256(domain), srsId, k, width, height, R.x, R.y, G.x, G.y, B.x, B.y))`.
    ///
    /// A point at infinity (a column of zeros) has the coordinates `(0, 0)`; no proof contains one.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Keccak256::new();
        hash.update(Keccak256::digest(COMMITMENT_DOMAIN));
        hash.update(self.srs_id);
        for number in [self.k, self.width, self.height] {
            hash.update([0; 28]);
            hash.update(number.to_be_bytes());
        }
        for point in self.points {
            hash.update(point_to_words(point).unwrap_or([0; POINT]));
        }
        hash.finalize().into()
    }
}

/// The committed columns' points at the start of a proof; `None` where the proof is too short or they are no points.
pub fn leading_points(proof: &[u8]) -> Option<[G1Affine; 3]> {
    let (words, _) = proof.get(..COMMITTED_BYTES)?.as_chunks::<POINT>();
    let mut points = words.iter().map(point_from_words);
    Some([points.next()??, points.next()??, points.next()??])
}

/// The prover's randomness: zeros for the blinding rows of the three committed columns, `R` for everything else.
#[derive(Debug)]
pub struct CommittedColumnsRng<R> {
    zeros: usize,
    inner: R,
}

impl<R: RngCore + CryptoRng> CommittedColumnsRng<R> {
    /// For a circuit whose columns have `blinding_rows` rows overwritten: `cs.blinding_factors() + 1`.
    pub fn new(blinding_rows: usize, inner: R) -> Self {
        const BYTES_PER_SCALAR: usize = 64;
        Self { zeros: 3 * blinding_rows * BYTES_PER_SCALAR, inner }
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
