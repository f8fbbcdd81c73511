//! Making and checking proofs. The one place where the prover's secrets meet the proof system.
//!
//! What the caller must believe: a proof that leaves [`prove`] begins with the points of the
//! commitments it was asked for and has passed [`verify`] in this process; no proof leaves for a false statement.
use halo2_proofs::{
    halo2curves::bn256::{Bn256, Fr, G1Affine},
    plonk::{ConstraintSystem, ProvingKey, VerifyingKey, create_proof, verify_proof},
    poly::kzg::{
        commitment::KZGCommitmentScheme,
        multiopen::{ProverSHPLONK, VerifierSHPLONK},
        strategy::SingleStrategy,
    },
    transcript::{Transcript, TranscriptWrite},
};
use rand_core::OsRng;
use std::{cell::Cell, io};
use veilmark_circuits::{
    commitment::{Commitment, CommittedColumnsRng, leading_points},
    relation::{Falsehood, MissingInput, Relation, instance},
    statement::{
        claim::{Claim, Role, Segment, Word},
        fingerprint::Fingerprint,
        public::{NotInTheClaim, PublicInputs},
    },
    transcript::{KeccakChallenge, KeccakTranscript},
};
use veilmark_files::{Classified, Kind};
use veilmark_srs::{Srs, SrsVerifier};

/// A proof was not made, or is none.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The statement is false: nothing was proved.
    #[error(transparent)]
    False(#[from] Falsehood),
    /// A public input is not in the claim.
    #[error(transparent)]
    Public(#[from] NotInTheClaim),
    /// Something that the claim is proved from is not there.
    #[error(transparent)]
    Missing(#[from] MissingInput),
    /// The keys are for a domain of another size than the parameters or the commitment.
    #[error("the {what} is for 2^{got} rows, the parameters for 2^{expected}")]
    Domain {
        /// What does not fit.
        what: &'static str,
        /// `k` of the parameters.
        expected: u32,
        /// Its own `k`.
        got: u32,
    },
    /// The proof does not begin with the points of the commitment: salts, picture or parameters are others.
    #[error("the finished proof does not open the commitment it was made for, and was thrown away")]
    OtherCommitment,
    /// A channel of an unsalted picture is all zeros: its commitment is the point at infinity, which no proof can hold.
    #[error("a colour channel of the picture is all zeros, and without salts its commitment is no point")]
    EmptyChannel,
    /// The commitment is for a picture of another size.
    #[error("the commitment is for {}x{} pixels, the picture has {}x{}", expected.0, expected.1, got.0, got.1)]
    Size {
        /// Width and height of the commitment.
        expected: (u32, u32),
        /// Width and height of the picture.
        got: (u32, u32),
    },
    /// The commitments are not those that a proof of the claim begins with.
    #[error("these are not the commitments of the {} claim", .0.name)]
    Segments(Claim),
    /// The prover failed.
    #[error("no proof could be made: {0}")]
    Prover(String),
    /// The bytes are no proof: wrong length, a scalar or coordinate out of range, a point off the curve.
    #[error("the bytes are no proof of this claim: {0}")]
    Malformed(String),
    /// Bytes follow the proof.
    #[error("a proof of this claim has {expected} bytes, got {got}")]
    Length {
        /// Bytes of a proof.
        expected: usize,
        /// Bytes given.
        got: usize,
    },
    /// The proof is one, but not of this statement.
    #[error("the proof does not verify")]
    Invalid,
}

impl Classified for ProofError {
    fn kind(&self) -> Kind {
        match self {
            Self::False(Falsehood::PictureSize { .. } | Falsehood::Latent { .. }) => Kind::Mismatch,
            Self::False(_) => Kind::ClaimFalse,
            Self::Public(_) | Self::Missing(_) => Kind::Usage,
            Self::Malformed(_) | Self::Length { .. } | Self::Invalid => Kind::ProofInvalid,
            Self::EmptyChannel => Kind::Unsupported,
            Self::OtherCommitment | Self::Size { .. } | Self::Segments(_) => Kind::Mismatch,
            Self::Domain { .. } | Self::Prover(_) => Kind::Bug,
        }
    }
}

/// Steps of proving, for progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Laying out the witness and committing to pixels and cells.
    Witness,
    /// Running sums under the challenges.
    Sums,
    /// The copy argument.
    Copies,
    /// The quotient of all constraints.
    Quotient,
    /// Opening all commitments at one point.
    Opening,
    /// Checking the finished proof.
    Check,
}

impl Phase {
    /// What a person is told.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Witness => "committing to the picture",
            Self::Sums => "running sums under the challenges",
            Self::Copies => "copy argument",
            Self::Quotient => "quotient of all constraints",
            Self::Opening => "opening the commitments",
            Self::Check => "checking the finished proof",
        }
    }

    /// The fraction of the work done when the phase begins (measured at 2^19 rows; see `benches/RESULTS.md`).
    pub const fn fraction(self) -> f64 {
        match self {
            Self::Witness => 0.0,
            Self::Sums => 0.08,
            Self::Copies => 0.28,
            Self::Quotient => 0.40,
            Self::Opening => 0.85,
            Self::Check => 0.99,
        }
    }
}

/// Proves a claim of the witness that `commitments` open to, one for each of the claim's segments.
///
/// The statement is checked first, the finished proof last: it begins with the commitments' points and verifies.
///
/// # Errors
/// [`ProofError`]; of the witness it holds no more than its owner is told of a false statement.
pub fn prove<R: Relation>(
    srs: &Srs,
    key: &ProvingKey<G1Affine>,
    witness: R::Witness,
    commitments: &[Commitment],
    public: &PublicInputs,
    progress: &dyn Fn(Phase),
) -> Result<Vec<u8>, ProofError> {
    let expected = srs.k();
    let got = key.get_vk().get_domain().k();
    if got != expected {
        return Err(ProofError::Domain { what: "proving key", expected, got });
    }
    public.check(R::CLAIM)?;
    check_commitments::<R>(srs, &witness, commitments, public)?;
    R::check(&witness, public)?;

    progress(Phase::Witness);
    let points: Vec<G1Affine> = commitments.iter().flat_map(Commitment::points).copied().collect();
    let instance = R::instance(public);
    let rng = CommittedColumnsRng::new(points.len(), key.get_vk().cs().blinding_factors() + 1, OsRng);
    let mut transcript = Watched::new(progress, key.get_vk().cs());
    create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, _>, _, _, _, _>(
        srs.params(),
        key,
        &[R::new(witness, public)],
        &[&[&instance]],
        rng,
        &mut transcript,
    )
    .map_err(|error| ProofError::Prover(format!("{error:?}")))?;
    let proof = transcript.inner.into_stream();

    progress(Phase::Check);
    if leading_points(&proof, points.len()) != Some(points) {
        return Err(ProofError::OtherCommitment);
    }
    verify_instance(srs, key.get_vk(), &instance, &proof)?;
    Ok(proof)
}

/// That the commitments are the claim's, of this setup's domain and of the witness's sizes, and that halo2 can put them into
/// a proof.
fn check_commitments<R: Relation>(
    srs: &Srs,
    witness: &R::Witness,
    commitments: &[Commitment],
    public: &PublicInputs,
) -> Result<(), ProofError> {
    let segments = commitments.iter().map(Commitment::segment);
    if !segments.eq(R::CLAIM.segments) {
        return Err(ProofError::Segments(R::CLAIM));
    }
    let mut header = R::header(witness);
    (header.srs_id, header.k) = (srs.id().0, srs.k());
    for commitment in commitments {
        let (expected, got) = (header.k, commitment.k());
        let &Segment { role, words, .. } = commitment.segment();
        if expected != got {
            return Err(ProofError::Domain { what: domain_of(role), expected, got });
        }
        let sizes = [[Word::Width, Word::Height], [Word::SourceWidth, Word::SourceHeight]];
        for size in sizes.into_iter().filter(|[width, _]| words.contains(width)) {
            let [got, expected] =
                [size.map(|word| number(header.word(word))), size.map(|word| commitment.number(word))]
                    .map(<(_, _)>::from);
            if expected != got {
                return Err(ProofError::Size { expected, got });
            }
        }
        // halo2 panics on such a point
        if commitment.points().contains(&G1Affine::default()) {
            return Err(ProofError::EmptyChannel);
        }
        // no gate compares the salted hash with the point
        let shown = Fingerprint::from_bytes(commitment.digest());
        if role == Role::Fingerprint && R::CLAIM.has_fingerprint() && public.fingerprint != shown {
            return Err(ProofError::OtherCommitment);
        }
    }
    Ok(())
}

const fn domain_of(role: Role) -> &'static str {
    match role {
        Role::Picture => "picture's commitment",
        Role::Source => "source's commitment",
        Role::Prompt => "prompt commitment",
        Role::Model => "model commitment",
        Role::Fingerprint => "fingerprint commitment",
        Role::Other => "commitment",
    }
}

fn number([.., a, b, c, d]: [u8; 32]) -> u32 {
    u32::from_be_bytes([a, b, c, d])
}

/// Checks a proof under a key that the caller made or pinned: it is the key that says of what. Of a committed
/// fingerprint the public one means nothing until it is compared with the proof's point ([`Bundle::parse`] does).
///
/// [`Bundle::parse`]: crate::bundle::Bundle::parse
///
/// # Errors
/// [`ProofError::Malformed`], [`ProofError::Length`] or [`ProofError::Invalid`].
pub fn verify(
    setup: &impl AsRef<SrsVerifier>,
    key: &VerifyingKey<G1Affine>,
    claim: Claim,
    public: &PublicInputs,
    proof: &[u8],
) -> Result<(), ProofError> {
    public.check(claim)?;
    verify_instance(setup, key, &instance(claim, public), proof)
}

/// [`verify`] for public inputs as field elements.
///
/// # Errors
/// As there.
pub fn verify_instance(
    setup: &impl AsRef<SrsVerifier>,
    key: &VerifyingKey<G1Affine>,
    instance: &[Fr],
    proof: &[u8],
) -> Result<(), ProofError> {
    use halo2_proofs::plonk::Error;
    let mut transcript = KeccakTranscript::new(proof);
    let params = setup.as_ref().params();
    let verdict = verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
        params,
        key,
        SingleStrategy::new(params),
        &[&[instance]],
        &mut transcript,
    );
    match verdict {
        Err(Error::Transcript(error)) => return Err(ProofError::Malformed(error.to_string())),
        Err(_) => return Err(ProofError::Invalid),
        Ok(()) => {}
    }
    let left = transcript.into_stream().len();
    if left != 0 {
        return Err(ProofError::Length { expected: proof.len() - left, got: proof.len() });
    }
    Ok(())
}

/// The transcript of a prover, telling how far it is: halo2 has no other hook, but its messages come in a known order.
struct Watched<'p> {
    inner: KeccakTranscript<Vec<u8>>,
    progress: &'p dyn Fn(Phase),
    advice_columns: usize,
    /// Copy products.
    products: usize,
    points: usize,
    phase: Cell<Phase>,
}

impl<'p> Watched<'p> {
    fn new(progress: &'p dyn Fn(Phase), cs: &ConstraintSystem<Fr>) -> Self {
        let inner = KeccakTranscript::new(Vec::new());
        let advice_columns = cs.num_advice_columns();
        let products = cs.permutation().get_columns().len().div_ceil(cs.degree() - 2);
        Self { inner, progress, advice_columns, products, points: 0, phase: Cell::new(Phase::Witness) }
    }

    fn enter(&self, phase: Phase) {
        if self.phase.replace(phase) != phase {
            (self.progress)(phase);
        }
    }
}

impl Transcript<G1Affine, KeccakChallenge> for Watched<'_> {
    fn squeeze_challenge(&mut self) -> KeccakChallenge {
        // after phase 0: alpha; after phase 1: theta; after the copy product and the blinding polynomial: y; after the
        // quotient: x
        let advice = self.advice_columns;
        match self.points {
            points if points < advice => self.enter(Phase::Sums),
            points if points == advice => self.enter(Phase::Copies),
            points if points <= advice + self.products + 1 => self.enter(Phase::Quotient),
            _ => self.enter(Phase::Opening),
        }
        self.inner.squeeze_challenge()
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.inner.common_point(point)
    }

    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.inner.common_scalar(scalar)
    }
}

impl TranscriptWrite<G1Affine, KeccakChallenge> for Watched<'_> {
    fn write_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.points += 1;
        self.inner.write_point(point)
    }

    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.inner.write_scalar(scalar)
    }
}
