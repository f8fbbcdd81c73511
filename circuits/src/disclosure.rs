//! Disclosures: a short proof that a commitment is one of *this* content, which shows nothing of its salts.
//!
//! Whoever has a picture and an opening can show that the one is committed to by the other; but then whoever was shown can prove with it
//! as well. A [`Disclosure`] serves everybody who has the content: it is a proof of knowledge of the salts.
//!
//! # The protocol
//! Let `C_c` be the commitment's points, `D_c` what the same columns commit to without salts (anybody computes it from the content), and
//! `G_j = [L_(first + j)]_1` the points of the [`SALT_ROWS`] rows where the salts stand. It is proved that for every column `c`
//!
//! ```text
//! C_c - D_c = sum_j r_(c,j) G_j            for salts r that the prover knows
//!
//! 1.  rho   challenge, after the commitment's digest and the content's
//! 2.  T   = sum_j a_j G_j                  a_j: nonces
//! 3.  e     challenge, after T
//! 4.  z_j = a_j + e sum_c rho^c r_(c,j)
//!
//! accepted where   sum_j z_j G_j  =  T + e sum_c rho^c (C_c - D_c)
//! ```
//!
//! # Why it is sound
//! Accepted answers to two challenges `e` after one `T` give, divided by their difference, `m_j` with
//! `sum_j m_j G_j = sum_c rho^c (C_c - D_c)`. Such `m_j` for as many `rho` as there are columns give the `r_(c,j)`: a Vandermonde system.
//! So whoever convinces with more than the probability of guessing (about `3 / r`; `r` is the group's order) can be made to give the salts:
//! an opening of the commitment whose content is the one shown. A commitment opens to one content, unless its owner knows the setup's
//! secret or can take discrete logarithms. What kind of content it is, of which size or architecture, is not in the columns but in the commitment's
//! words, with which the content is compared. Both challenges are Keccak hashes of everything before them ([`crate::transcript`]): the setup's
//! id, `k`, size or architecture, the points (all in the commitment's digest), role and rows of the content, and the content itself.
//!
//! It has to be *knowledge*: as an equation of points alone it says nothing. Whoever were to send the points `C_c - D_c` could
//! send those of another content as well, and the sum would be right.
//!
//! # What it shows
//! Given the content, nothing: for any `rho`, `e` and uniform `z_j` there is one `T` that fits, so the whole can be made without the salts
//! where the challenges may be chosen. It is no opening either: a proof about the commitment opens its columns at a point drawn after it, and
//! whoever does not know the salts knows these values as little as before. (The proofs made before show one value of a column each; as long as there are
//! fewer of them than rows of salts, the salts stay undetermined.)
//!
//! Without the content it lets a guess be confirmed, as everything must that shows which content it is: of all of it at once,
//! since `rho` and `e` follow from all of it.
//!
//! # What it is not
//! A signature: it does not say who made it, when, or for whom, and whoever has it can pass it on.
use crate::{
    column::{Column, Run, SALT_ROWS, Salts},
    commitment::{Commitment, DoesNotFit, commit_column},
    committed,
    statement::{
        claim::{Role, Word},
        model::Architecture,
        raster::Raster,
    },
    transcript::{KeccakTranscript, POINT, WORD},
};
use ff::{Field, PrimeField};
use group::{Curve, Group};
use halo2_proofs::{
    halo2curves::bn256::{Fr, G1, G1Affine},
    transcript::{EncodedChallenge, Transcript, TranscriptRead, TranscriptWrite},
};
use rand_core::{CryptoRng, RngCore};
use sha3::{Digest, Keccak256};
use std::fmt;
use veilmark_halo2::Setup;
use zeroize::{Zeroize, Zeroizing};

/// Separates disclosures from every other hash of ours.
pub const DOMAIN: &str = "veilmark disclosure v1";
/// Separates their nonces.
const NONCE_DOMAIN: &str = "veilmark disclosure nonces v1";
/// Bytes of a disclosure: a point, and a scalar for each row of salts.
pub const BYTES: usize = POINT + SALT_ROWS * WORD;

/// What is shown to be committed to.
#[derive(Clone, Copy)]
pub enum Content<'a> {
    /// A picture.
    Picture(&'a Raster),
    /// A latent: what a prompt became.
    Latent(&'a Architecture, &'a [i8]),
}

/// It may be shown to some, and to nobody who reads a log.
impl fmt::Debug for Content<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Content(secret)")
    }
}

impl Content<'_> {
    /// The columns, with zeros where the salts stand.
    fn columns(self) -> Vec<Column> {
        match self {
            Self::Picture(image) => committed::picture(image, &Salts::public()),
            Self::Latent(architecture, latent) => vec![committed::latent(architecture, latent, &Salts::public())],
        }
    }

    /// Whether a commitment says that it is of such content. The columns do not: 5x6 pixels in the same order fill the rows that 6x5 fill, and
    /// latents of two architectures may be as long.
    fn is_named_by(self, commitment: &Commitment) -> bool {
        let role = commitment.segment().role;
        match self {
            Self::Picture(image) => {
                let size = [Word::Width, Word::Height].map(|side| commitment.number(side));
                role == Role::Picture && size == [image.width(), image.height()]
            }
            Self::Latent(architecture, _) => {
                role == Role::Prompt && commitment.word(Word::Architecture) == architecture.hash()
            }
        }
    }

    fn digest(self) -> [u8; 32] {
        let mut hash = Keccak256::new();
        match self {
            Self::Picture(image) => {
                hash.update([1]);
                hash.update(image.width().to_be_bytes());
                hash.update(image.height().to_be_bytes());
                hash.update(image.pixels().as_flattened());
            }
            Self::Latent(architecture, latent) => {
                hash.update([2]);
                hash.update(architecture.hash());
                hash.update(latent.iter().map(|entry| entry.cast_unsigned()).collect::<Vec<_>>());
            }
        }
        hash.finalize().into()
    }
}

/// A disclosure as bytes: the point `T` and the scalars `z_j`, as in proofs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosure([u8; BYTES]);

/// A disclosure could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DisclosureError {
    /// The content does not fit the setup's domain.
    #[error(transparent)]
    DoesNotFit(#[from] DoesNotFit),
    /// Content and salts are not those of the commitment.
    #[error("content and salts do not open the commitment")]
    NotAnOpening,
}

/// Both sides' view of the statement: the content's columns, and where the salts begin.
struct Statement {
    columns: Vec<Column>,
    first: usize,
    hash: [u8; 32],
}

impl Statement {
    /// `None` where the commitment says that it is of something else, or of another domain.
    fn new(setup: &Setup<'_>, commitment: &Commitment, content: Content<'_>) -> Option<Self> {
        content.is_named_by(commitment).then(|| Self::of_columns(setup, commitment, content))?
    }

    /// `None` where there are not as many columns as points, or the domain is another one.
    fn of_columns(setup: &Setup<'_>, commitment: &Commitment, content: Content<'_>) -> Option<Self> {
        let columns = content.columns();
        let rows = columns.first()?.len();
        let fits = rows <= 1 << setup.k() && commitment.k() == setup.k();
        if !fits || columns.len() != commitment.points().len() || columns.iter().any(|column| column.len() != rows) {
            return None;
        }
        let first = rows - SALT_ROWS;
        let mut hash = Keccak256::new_with_prefix(Keccak256::digest(DOMAIN));
        hash.update(commitment.digest());
        hash.update((first as u64).to_be_bytes());
        hash.update(content.digest());
        Some(Self { columns, first, hash: hash.finalize().into() })
    }

    /// `1, rho, rho^2, …`, one for each column.
    fn powers(&self, rho: Fr) -> Vec<Fr> {
        std::iter::successors(Some(Fr::ONE), |power| Some(*power * rho)).take(self.columns.len()).collect()
    }
}

/// Nonces, uniform as long as the generator or the salts are secret: a generator that repeats itself must not betray the salts.
fn nonces<const N: usize>(statement: &Statement, salts: &Salts<N>, mut rng: impl RngCore + CryptoRng) -> Salts<1> {
    let mut fresh = Zeroizing::new([0; 32]);
    rng.fill_bytes(&mut *fresh);
    let mut hash = Keccak256::new_with_prefix(Keccak256::digest(NONCE_DOMAIN));
    hash.update(*fresh);
    hash.update(statement.hash);
    for salt in salts.rows().iter().flatten() {
        hash.update(*Zeroizing::new(salt.to_repr()));
    }
    let mut seed: [u8; 32] = hash.finalize().into();
    let nonces = Salts::expand(&seed, SALT_ROWS);
    seed.zeroize();
    nonces
}

impl Disclosure {
    /// Shows that `commitment` is of `content`. Content and salts must open it, which the caller checks.
    ///
    /// # Errors
    /// [`DisclosureError`] where they have other columns or another domain.
    pub fn new<const N: usize>(
        setup: &Setup<'_>,
        commitment: &Commitment,
        content: Content<'_>,
        salts: &Salts<N>,
        rng: impl RngCore + CryptoRng,
    ) -> Result<Self, DisclosureError> {
        let statement = Statement::new(setup, commitment, content).ok_or(DisclosureError::NotAnOpening)?;
        Self::of_statement(setup, &statement, salts, rng)
    }

    fn of_statement<const N: usize>(
        setup: &Setup<'_>,
        statement: &Statement,
        salts: &Salts<N>,
        rng: impl RngCore + CryptoRng,
    ) -> Result<Self, DisclosureError> {
        if salts.rows().len() != SALT_ROWS || N != statement.columns.len() {
            return Err(DisclosureError::NotAnOpening);
        }
        let nonces = nonces(statement, salts, rng);
        let point = commit_column(setup, &Column::new(vec![Run::Zeros(statement.first), nonces.of(0)]))?;
        let mut transcript = KeccakTranscript::new(&statement.hash, Vec::with_capacity(BYTES));
        let rho = transcript.squeeze_challenge().get_scalar();
        // nobody meets nonces whose sum is no point
        transcript.write_point(point).map_err(|_| DisclosureError::NotAnOpening)?;
        let e = transcript.squeeze_challenge().get_scalar();
        let powers = statement.powers(rho);
        for ([nonce], row) in nonces.rows().iter().zip(salts.rows()) {
            let folded: Fr = powers.iter().zip(row).map(|(power, salt)| *power * salt).sum();
            transcript.write_scalar(*nonce + e * folded).map_err(|_| DisclosureError::NotAnOpening)?;
        }
        let bytes = transcript.into_stream();
        Ok(Self(bytes.try_into().map_err(|_| DisclosureError::NotAnOpening)?))
    }

    /// A disclosure of these bytes, whatever they are worth.
    pub const fn from_bytes(bytes: [u8; BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; BYTES] {
        &self.0
    }

    /// Whether it shows that `commitment` is of `content`. The setup's points must be the powers of one secret.
    pub fn shows(&self, setup: &Setup<'_>, commitment: &Commitment, content: Content<'_>) -> bool {
        self.check(setup, commitment, content).unwrap_or(false)
    }

    fn check(&self, setup: &Setup<'_>, commitment: &Commitment, content: Content<'_>) -> Option<bool> {
        let statement = Statement::new(setup, commitment, content)?;
        let mut transcript = KeccakTranscript::new(&statement.hash, &self.0[..]);
        let rho = transcript.squeeze_challenge().get_scalar();
        let point = transcript.read_point().ok()?;
        let e = transcript.squeeze_challenge().get_scalar();
        let factors: Vec<Fr> = statement.powers(rho).into_iter().map(|power| e * power).collect();
        // one column for both sides' rows: e sum_c rho^c (content of c), then the z_j
        let mut values = vec![Fr::ZERO; statement.first];
        for (factor, column) in factors.iter().zip(&statement.columns) {
            for (sum, value) in values.iter_mut().zip(column.values()) {
                *sum += *factor * value;
            }
        }
        for _ in 0..SALT_ROWS {
            values.push(transcript.read_scalar().ok()?);
        }
        let left = commit_column(setup, &Column::new(vec![Run::Scalars(values)])).ok()?;
        let points = factors.iter().zip(commitment.points()).map(|(factor, point)| *point * factor);
        let right: G1 = points.fold(G1::identity() + point, |sum, point| sum + point);
        let right: G1Affine = right.to_affine();
        Some(left == right)
    }
}

#[cfg(test)]
mod tests;
