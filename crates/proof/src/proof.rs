//! Making and checking proofs. The one place where the prover's secrets meet the proof system.
//!
//! What the caller must believe: a proof that leaves [`prove`] begins with the points of the
//! commitments it was asked for and has passed [`verify`] in this process; no proof leaves for a false statement. `vk_hash` is the
//! key's name on chain ([`crate::keys::vk_hash`]), with which the transcript begins: a proof holds under that key only.
use halo2_proofs::{
    halo2curves::bn256::{Bn256, Fr, G1Affine},
    plonk::{ConstraintSystem, VerifyingKey, verify_proof},
    poly::kzg::{commitment::KZGCommitmentScheme, multiopen::VerifierSHPLONK, strategy::SingleStrategy},
};
use rand_core::OsRng;
use veilmark_circuits::{
    commitment::{Commitment, leading_points},
    relation::{Falsehood, MissingInput, Relation, instance},
    statement::{
        claim::{Claim, Role, Segment, Word},
        fingerprint::Fingerprint,
        public::{NotInTheClaim, PublicInputs},
    },
    transcript::KeccakTranscript,
};
use veilmark_files::{Classified, Kind};
use veilmark_halo2::{self as halo2, Options, ProvingKey};
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
    /// A committed column would be opened at more than one point, or nothing would hide the quotient: its salts are not counted for that.
    #[error("the {} claim shows more of its commitments than their salts are counted for", .0.name)]
    ShowsTooMuch(Claim),
    /// The prover failed, or was stopped.
    #[error("no proof was made: {0}")]
    Prover(#[from] halo2::Error),
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
            Self::Prover(halo2::Error::Cancelled) => Kind::Cancelled,
            Self::Prover(halo2::Error::Memory { .. }) => Kind::MemoryShort,
            Self::Domain { .. } | Self::ShowsTooMuch(_) | Self::Prover(_) => Kind::Bug,
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
    key: &ProvingKey,
    vk_hash: &[u8; 32],
    witness: R::Witness,
    commitments: &[Commitment],
    public: &PublicInputs,
    options: &Options<'_>,
) -> Result<Vec<u8>, ProofError> {
    let (expected, got) = (srs.k(), key.k());
    if got != expected {
        return Err(ProofError::Domain { what: "proving key", expected, got });
    }
    public.check(R::CLAIM)?;
    check_commitments::<R>(srs, &witness, commitments, public)?;
    R::check(&witness, public)?;

    let points: Vec<G1Affine> = commitments.iter().flat_map(Commitment::points).copied().collect();
    if !shows_one_point(key.vk().cs(), points.len()) {
        return Err(ProofError::ShowsTooMuch(R::CLAIM));
    }
    let instance = R::instance(public);
    let mut transcript = KeccakTranscript::new(vk_hash, Vec::new());
    let circuit = R::new(witness, public);
    halo2::prove(&srs.setup(), key, &circuit, &[&instance], points.len(), &mut OsRng, &mut transcript, options)?;
    drop(circuit);
    let proof = transcript.into_stream();

    if leading_points(&proof, points.len()) != Some(points) {
        return Err(ProofError::OtherCommitment);
    }
    verify_instance(srs, key.vk(), vk_hash, &instance, &proof)?;
    Ok(proof)
}

/// What the count of a commitment's proofs rests on (`docs/zero-knowledge.md`): each of the first `committed` advice columns is opened at one
/// point, and there is a copy product, which hides the quotient.
pub(crate) fn shows_one_point(cs: &ConstraintSystem<Fr>, committed: usize) -> bool {
    let mut queries = cs.advice_queries().iter().filter(|(column, _)| column.index() < committed);
    queries.all(|(_, rotation)| rotation.0 == 0) && !cs.permutation().get_columns().is_empty()
}

/// That the commitments are the claim's, of this setup's domain and of the witness's sizes, and that a proof can begin with them.
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
        // such a point has no coordinates, which a proof consists of
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
    vk_hash: &[u8; 32],
    claim: Claim,
    public: &PublicInputs,
    proof: &[u8],
) -> Result<(), ProofError> {
    public.check(claim)?;
    verify_instance(setup, key, vk_hash, &instance(claim, public), proof)
}

/// [`verify`] for public inputs as field elements.
///
/// # Errors
/// As there.
pub fn verify_instance(
    setup: &impl AsRef<SrsVerifier>,
    key: &VerifyingKey<G1Affine>,
    vk_hash: &[u8; 32],
    instance: &[Fr],
    proof: &[u8],
) -> Result<(), ProofError> {
    use halo2_proofs::plonk::Error;
    let mut transcript = KeccakTranscript::new(vk_hash, proof);
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
