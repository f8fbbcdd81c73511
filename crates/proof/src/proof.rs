//! Making and checking proofs. The one place where the prover's secrets meet the proof system.
//!
//! What the caller must believe: a proof that leaves one of the functions that prove begins with the points of the
//! commitments it was asked for and has passed [`verify`] in this process; no proof leaves for a false statement. `vk_hash` is the
//! key's name on chain ([`crate::keys::vk_hash`]), with which the transcript begins: a proof holds under that key only.
use halo2_proofs::{
    halo2curves::bn256::{Bn256, Fr, G1Affine},
    plonk::{Circuit, ConstraintSystem, ProvingKey, VerifyingKey, create_proof, verify_proof},
    poly::kzg::{
        commitment::KZGCommitmentScheme,
        multiopen::{ProverSHPLONK, VerifierSHPLONK},
        strategy::SingleStrategy,
    },
    transcript::{Transcript, TranscriptWrite},
};
use rand_core::OsRng;
use std::{cell::Cell, fmt, io};
use veilmark_circuits::{
    claims::{
        fingerprint::{CommittedFingerprintClaim, FingerprintClaim},
        model::{AuthenticityClaim, COMMITTED_COLUMNS, GenerationClaim, Secrets},
    },
    commitment::{
        CommittedColumnsRng, FingerprintCommitment, ImageCommitment, ModelCommitment, PromptCommitment, Salts,
        leading_points,
    },
    statement::{
        fingerprint::Fingerprint,
        model::Model,
        pdq,
        public::{Claim, FingerprintPublic},
        raster::Raster,
    },
    transcript::{KeccakChallenge, KeccakTranscript},
};
use veilmark_files::{Classified, Kind};
use veilmark_srs::Srs;

/// A proof was not made, or is none.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The statement is false: nothing was proved.
    #[error("the picture's fingerprint is {distance} bits from the one claimed, the tolerance is {tolerance}")]
    ClaimFalse {
        /// Hamming distance in bits.
        distance: u32,
        /// The public tolerance in bits.
        tolerance: u8,
    },
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
    /// The model makes pictures of another size.
    #[error("the model makes pictures of {}x{} pixels, this one has {}x{}", expected.0, expected.1, got.0, got.1)]
    PictureSize {
        /// Width and height of the model's pictures.
        expected: (u32, u32),
        /// Width and height of this one.
        got: (u32, u32),
    },
    /// The model makes another picture of this latent.
    #[error("the model makes another picture of this latent: {different} of {pixels} pixels differ")]
    OtherPicture {
        /// Pixels that differ.
        different: usize,
        /// Pixels in all.
        pixels: usize,
    },
    /// The latent has another length than the model takes.
    #[error("the model takes a latent of {expected} entries, this one has {got}")]
    Latent {
        /// Entries that the model takes.
        expected: usize,
        /// Entries there are.
        got: usize,
    },
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
            Self::ClaimFalse { .. } | Self::OtherPicture { .. } => Kind::ClaimFalse,
            Self::Malformed(_) | Self::Length { .. } | Self::Invalid => Kind::ProofInvalid,
            Self::EmptyChannel => Kind::Unsupported,
            Self::PictureSize { .. } | Self::Latent { .. } | Self::OtherCommitment | Self::Size { .. } => {
                Kind::Mismatch
            }
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

/// Proves that the image under `commitment` has a fingerprint within the tolerance of the public one.
///
/// # Errors
/// [`ProofError`]; of the witness it holds no more than the distance of a false claim, for its owner.
pub fn prove_fingerprint(
    srs: &Srs,
    key: &ProvingKey<G1Affine>,
    vk_hash: &[u8; 32],
    image: &Raster,
    salts: &Salts,
    commitment: &ImageCommitment,
    public: &FingerprintPublic,
    progress: &dyn Fn(Phase),
) -> Result<Vec<u8>, ProofError> {
    check_picture(srs, key, image, commitment)?;
    check_distance(image, public.fingerprint, public.tolerance)?;
    let circuit = FingerprintClaim::new(image.clone(), salts.clone(), public);
    prove(srs, key, vk_hash, circuit, public, commitment.points, progress)
}

/// A fingerprint that is not shown, and what hides it.
#[derive(Clone, Copy)]
pub struct Committed<'c> {
    /// The fingerprint.
    pub fingerprint: Fingerprint,
    /// The salts of its column.
    pub salts: &'c Salts<1>,
    /// Their commitment.
    pub commitment: &'c FingerprintCommitment,
}

/// The fingerprint stays out of logs.
impl fmt::Debug for Committed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Committed").field("commitment", self.commitment).finish_non_exhaustive()
    }
}

/// Proves that the image under `image_commitment` has a fingerprint within the tolerance of a committed one. The public
/// fingerprint must be the digest of its commitment.
///
/// # Errors
/// As [`prove_fingerprint`].
#[allow(clippy::too_many_arguments)] // one more than the fingerprint's
pub fn prove_committed_fingerprint(
    srs: &Srs,
    key: &ProvingKey<G1Affine>,
    vk_hash: &[u8; 32],
    image: &Raster,
    salts: &Salts,
    image_commitment: &ImageCommitment,
    committed: Committed<'_>,
    public: &FingerprintPublic,
    progress: &dyn Fn(Phase),
) -> Result<Vec<u8>, ProofError> {
    check_picture(srs, key, image, image_commitment)?;
    let Committed { fingerprint, salts: fingerprint_salts, commitment } = committed;
    let (expected, got) = (srs.k(), commitment.k);
    if expected != got {
        return Err(ProofError::Domain { what: "fingerprint commitment", expected, got });
    }
    if public.fingerprint != Fingerprint::from_bytes(commitment.digest()) {
        return Err(ProofError::OtherCommitment);
    }
    check_distance(image, fingerprint, public.tolerance)?;
    let [r, g, b] = image_commitment.points;
    let circuit = CommittedFingerprintClaim::new(image.clone(), salts.clone(), fingerprint, fingerprint_salts, public);
    prove(srs, key, vk_hash, circuit, public, [r, g, b, commitment.point], progress)
}

/// That key, picture and commitment are of one shape, and that halo2 can put the commitment into a proof.
fn check_picture(
    srs: &Srs,
    key: &ProvingKey<G1Affine>,
    image: &Raster,
    commitment: &ImageCommitment,
) -> Result<(), ProofError> {
    let expected = srs.k();
    for (what, got) in [("proving key", key.get_vk().get_domain().k()), ("commitment", commitment.k)] {
        if got != expected {
            return Err(ProofError::Domain { what, expected, got });
        }
    }
    let (expected, got) = ((commitment.width, commitment.height), (image.width(), image.height()));
    if expected != got {
        return Err(ProofError::Size { expected, got });
    }
    // halo2 panics on such a point
    if commitment.points.contains(&G1Affine::default()) {
        return Err(ProofError::EmptyChannel);
    }
    Ok(())
}

/// That the picture's fingerprint is within the tolerance of the one given.
fn check_distance(image: &Raster, given: Fingerprint, tolerance: u8) -> Result<(), ProofError> {
    let distance = pdq::pdq(image).fingerprint.distance(given);
    if distance > u32::from(tolerance) {
        return Err(ProofError::ClaimFalse { distance, tolerance });
    }
    Ok(())
}

/// What a claim with a model is proved about: the commitments that the proof must begin with.
#[derive(Clone, Copy, Debug)]
pub struct Commitments<'c> {
    /// Of the picture.
    pub image: &'c ImageCommitment,
    /// Of the latent.
    pub prompt: &'c PromptCommitment,
    /// Of the weights.
    pub model: &'c ModelCommitment,
}

/// Proves that the committed model makes the committed picture of the committed latent, and in the authenticity claim
/// that its fingerprint is within the tolerance of the public one.
///
/// # Errors
/// As [`prove_fingerprint`], and [`ProofError::OtherPicture`] where the model makes another picture.
#[allow(clippy::too_many_arguments)] // two more than the fingerprint's: the model and its latent
pub fn prove_model(
    srs: &Srs,
    key: &ProvingKey<G1Affine>,
    vk_hash: &[u8; 32],
    claim: Claim,
    model: &Model,
    latent: &[i8],
    image: &Raster,
    secrets: Secrets,
    commitments: Commitments<'_>,
    public: &FingerprintPublic,
    progress: &dyn Fn(Phase),
) -> Result<Vec<u8>, ProofError> {
    let Commitments { image: image_commitment, prompt, model: model_commitment } = commitments;
    let expected = srs.k();
    let domains = [
        ("proving key", key.get_vk().get_domain().k()),
        ("image commitment", image_commitment.k),
        ("prompt commitment", prompt.k),
        ("model commitment", model_commitment.k),
    ];
    for (what, got) in domains {
        if got != expected {
            return Err(ProofError::Domain { what, expected, got });
        }
    }
    let architecture = model.architecture();
    let (expected, got) = (architecture.latent as usize, latent.len());
    if expected != got {
        return Err(ProofError::Latent { expected, got });
    }
    let (expected, got) = ((architecture.width, architecture.height), (image.width(), image.height()));
    if expected != got {
        return Err(ProofError::PictureSize { expected, got });
    }
    // halo2 panics on such a point
    if image_commitment.points.contains(&G1Affine::default()) {
        return Err(ProofError::EmptyChannel);
    }
    let activations = model.run(latent);
    let made = activations.picture(architecture);
    let different = made.pixels().iter().zip(image.pixels()).filter(|(a, b)| a != b).count();
    if different > 0 {
        return Err(ProofError::OtherPicture { different, pixels: image.pixels().len() });
    }
    if claim.has_fingerprint() {
        check_distance(image, public.fingerprint, public.tolerance)?;
    }
    let mut points = [G1Affine::default(); COMMITTED_COLUMNS];
    points[..3].copy_from_slice(&image_commitment.points);
    points[3] = prompt.point;
    points[4..].copy_from_slice(&model_commitment.points);
    match claim {
        Claim::Fingerprint | Claim::CommittedFingerprint => {
            Err(ProofError::Prover(format!("the claim {} has no model", claim.name())))
        }
        Claim::Generation => {
            let circuit = GenerationClaim::new(model, &activations, secrets, public);
            prove(srs, key, vk_hash, circuit, public, points, progress)
        }
        Claim::Authenticity => {
            let circuit = AuthenticityClaim::new(model, &activations, secrets, public);
            prove(srs, key, vk_hash, circuit, public, points, progress)
        }
    }
}

/// Makes a proof, and believes it only once it begins with the committed `points` and verifies.
fn prove<C: Circuit<Fr>, const POINTS: usize>(
    srs: &Srs,
    key: &ProvingKey<G1Affine>,
    vk_hash: &[u8; 32],
    circuit: C,
    public: &FingerprintPublic,
    points: [G1Affine; POINTS],
    progress: &dyn Fn(Phase),
) -> Result<Vec<u8>, ProofError> {
    progress(Phase::Witness);
    let instance = FingerprintClaim::instance(public);
    let rng = CommittedColumnsRng::new(POINTS, key.get_vk().cs().blinding_factors() + 1, OsRng);
    let mut transcript = Watched::new(vk_hash, progress, key.get_vk().cs());
    create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, _>, _, _, _, _>(
        srs.params(),
        key,
        &[circuit],
        &[&[&instance]],
        rng,
        &mut transcript,
    )
    .map_err(|error| ProofError::Prover(format!("{error:?}")))?;
    let proof = transcript.inner.into_stream();

    progress(Phase::Check);
    if leading_points(&proof) != Some(points) {
        return Err(ProofError::OtherCommitment);
    }
    verify(srs, key.get_vk(), vk_hash, public, &proof)?;
    Ok(proof)
}

/// Checks a proof under a key that the caller made or pinned: it is the key that says which claim, and of what. Of a committed
/// fingerprint the public one means nothing until it is compared with the proof's fourth point ([`Bundle::parse`] does).
///
/// [`Bundle::parse`]: crate::bundle::Bundle::parse
///
/// # Errors
/// [`ProofError::Malformed`], [`ProofError::Length`] or [`ProofError::Invalid`].
pub fn verify(
    srs: &Srs,
    key: &VerifyingKey<G1Affine>,
    vk_hash: &[u8; 32],
    public: &FingerprintPublic,
    proof: &[u8],
) -> Result<(), ProofError> {
    verify_instance(srs, key, vk_hash, &FingerprintClaim::instance(public), proof)
}

/// [`verify`] for public inputs as field elements.
///
/// # Errors
/// As there.
pub fn verify_instance(
    srs: &Srs,
    key: &VerifyingKey<G1Affine>,
    vk_hash: &[u8; 32],
    instance: &[Fr],
    proof: &[u8],
) -> Result<(), ProofError> {
    use halo2_proofs::plonk::Error;
    let mut transcript = KeccakTranscript::new(vk_hash, proof);
    let params = srs.params();
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
    fn new(vk_hash: &[u8; 32], progress: &'p dyn Fn(Phase), cs: &ConstraintSystem<Fr>) -> Self {
        let inner = KeccakTranscript::new(vk_hash, Vec::new());
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
