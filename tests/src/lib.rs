//! What the whole-path tests share: pictures, proofs of them on development parameters, and a chain that knows the keys.

pub mod generator;

use alloy_primitives::{Address, B256, U256};
use halo2_proofs::{
    halo2curves::bn256::{Bn256, Fr},
    plonk::{create_proof, keygen_pk, keygen_vk},
    poly::kzg::{commitment::KZGCommitmentScheme, multiopen::ProverSHPLONK},
};
use rand_core::OsRng;
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock, Mutex},
};
use tempfile::TempDir;
use veilmark::{
    chain::{
        ChainError,
        client::{
            RegistryClient,
            records::{Record, Submission},
            search::{Found, Wanted},
        },
        deployment::verifier_contract,
        embedded::EmbeddedChain,
        practice,
    },
    fingerprint_file::FingerprintFile,
    halo2::{Options, ProvingKey},
    keys::{self, ClaimShape},
    proof::{ProofError, prove, verify_instance},
    srs::Srs,
};
use veilmark_circuits::{
    claims::{
        committed_fingerprint::{self, CommittedFingerprintClaim},
        fingerprint::FingerprintClaim,
    },
    column::Salts,
    commitment::Commitment,
    relation::{Picture, Relation, instance as instance_of},
    statement::{
        claim::{Claim, PICTURE},
        fingerprint::Fingerprint,
        pdq,
        public::PublicInputs,
        raster::Raster,
        record::Statement,
    },
    testing::stock::CommittedColumnsRng,
    transcript::KeccakTranscript,
    transcript::scalar_reduced,
};
use veilmark_contract_bindings::claims;

/// A picture without symmetry; other seeds, other pictures.
///
/// # Panics
/// Where a side is below five pixels.
pub fn picture(width: u32, height: u32, seed: u32) -> Raster {
    let pixel = |i: u32| {
        let (x, y) = (i % width, i / width);
        [x * x * (seed + 3) / 7 + 3 * y, x * y * 5 / (seed + 2) + 11 * x, (x + 2) * (y + seed) * 13 / 3]
            .map(|sample| sample.to_le_bytes()[0])
    };
    Raster::new(width, height, (0..width * height).map(pixel).collect()).expect("sides of five pixels at least")
}

/// What halo2's own prover makes of a circuit, satisfied or not: ours, which looks first, makes no proof of a lie. `None` where it refuses as well.
///
/// # Panics
/// Where the circuit has no key under the setup.
pub fn stock_proof<R: Relation>(srs: &Srs, vk_hash: &[u8; 32], circuit: R, public: &PublicInputs) -> Option<Vec<u8>> {
    let params = srs.to_params();
    let key =
        keygen_vk(&params, &circuit).and_then(|key| keygen_pk(&params, key, &circuit)).expect("a circuit that fits");
    let blinded = key.get_vk().cs().blinding_factors() + 1;
    let rng = CommittedColumnsRng::new(R::CLAIM.committed_points(), blinded, OsRng);
    let mut transcript = KeccakTranscript::new(vk_hash, Vec::new());
    create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, _>, _, _, _, _>(
        &params,
        &key,
        &[circuit],
        &[&[&R::instance(public)]],
        rng,
        &mut transcript,
    )
    .ok()?;
    Some(transcript.into_stream())
}

/// Parameters and proving key of one size.
#[derive(Debug)]
pub struct Prover {
    /// Development parameters.
    pub srs: Srs,
    /// The key.
    pub key: ProvingKey,
    /// The key's name on chain.
    pub vk_hash: [u8; 32],
    /// What the key is for.
    pub shape: ClaimShape,
}

impl Prover {
    /// The prover of the fingerprint claim for a size, made once in a process.
    ///
    /// # Panics
    /// Where the size has no circuit.
    pub fn of(width: u32, height: u32) -> Arc<Self> {
        Self::of_claim(Claim::FINGERPRINT, width, height)
    }

    /// The same of any claim about a picture alone.
    ///
    /// # Panics
    /// For a claim with a model, and where the size has no circuit.
    pub fn of_claim(claim: Claim, width: u32, height: u32) -> Arc<Self> {
        type Made = BTreeMap<(Claim, u32, u32), Arc<Prover>>;
        static MADE: LazyLock<Mutex<Made>> = LazyLock::new(Mutex::default);
        let make = || {
            let mut shape = ClaimShape::of_picture(claim, (width, height), 0).expect("a claim about a picture alone");
            shape.k = shape.min_k().expect("the size has a circuit");
            let k = shape.k;
            let srs = Srs::dev(k, &mut |_| {}).expect("development parameters");
            let verifying_key = keys::generate_verifying_key(&srs, &shape).expect("a verifying key");
            let key = keys::generate_proving_key(&srs, &shape, verifying_key).expect("a proving key");
            let vk_hash = keys::vk_hash(&srs, key.vk(), &shape).expect("a key with a form on chain");
            Arc::new(Self { srs, key, vk_hash, shape })
        };
        MADE.lock()
            .expect("no test panics while making keys")
            .entry((claim, width, height))
            .or_insert_with(make)
            .clone()
    }

    /// A commitment to a picture of this size.
    ///
    /// # Panics
    /// Where the picture is of another size.
    pub fn commit(&self, image: &Raster, salts: &Salts) -> Commitment {
        let picture = Picture { image: image.clone(), salts: salts.clone() };
        let header = self.shape.header(&self.srs);
        Commitment::new(&self.srs.setup(), &PICTURE, &header, &picture.columns()).expect("the picture fits")
    }

    /// The runtime code of the verifying key's data contract.
    ///
    /// # Panics
    /// Where the generator refuses the key.
    pub fn key_code(&self) -> Vec<u8> {
        keys::vk_data(&self.srs, self.key.vk(), &self.shape).expect("a key with a form on chain").runtime_code()
    }

    /// Proves that a picture has a fingerprint, with a registrant's context.
    ///
    /// # Errors
    /// As [`prove`].
    pub fn prove(
        &self,
        image: &Raster,
        salts: &Salts,
        fingerprint: Fingerprint,
        tolerance: u8,
        registrant: Address,
    ) -> Result<Proof, ProofError> {
        let public = PublicInputs::new(fingerprint, tolerance, practice::context(registrant));
        let commitment = self.commit(image, salts);
        let picture = Picture { image: image.clone(), salts: salts.clone() };
        let commitments = std::slice::from_ref(&commitment);
        let bytes = prove::<FingerprintClaim>(
            &self.srs,
            &self.key,
            &self.vk_hash,
            picture,
            commitments,
            &public,
            &Options::default(),
        )?;
        Ok(Proof { claim: self.shape.claim(), public, commitment, registrant, bytes })
    }

    /// Proves that a picture has a committed fingerprint.
    ///
    /// # Errors
    /// As [`prove`].
    ///
    /// # Panics
    /// Where the setup has no room for the fingerprint's column.
    pub fn prove_committed(
        &self,
        image: &Raster,
        salts: &Salts,
        file: &FingerprintFile,
        tolerance: u8,
        registrant: Address,
    ) -> Result<Proof, ProofError> {
        let own = file.commitment(&self.srs).expect("the fingerprint fits");
        let fingerprint = Fingerprint::from_bytes(own.digest());
        let public = PublicInputs::new(fingerprint, tolerance, practice::context(registrant));
        let commitment = self.commit(image, salts);
        let picture = Picture { image: image.clone(), salts: salts.clone() };
        let witness = committed_fingerprint::Witness { picture, fingerprint: file.opened() };
        let commitments = [commitment.clone(), own];
        let (srs, key) = (&self.srs, &self.key);
        let bytes = prove::<CommittedFingerprintClaim>(
            srs,
            key,
            &self.vk_hash,
            witness,
            &commitments,
            &public,
            &Options::default(),
        )?;
        Ok(Proof { claim: self.shape.claim(), public, commitment, registrant, bytes })
    }

    /// Whether the native verifier accepts bytes and public inputs.
    pub fn accepts(&self, instance: &[Fr], proof: &[u8]) -> bool {
        verify_instance(&self.srs, self.key.vk(), &self.vk_hash, instance, proof).is_ok()
    }
}

/// A proof and what it is of.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The claim.
    pub claim: Claim,
    /// The public inputs.
    pub public: PublicInputs,
    /// The commitment it opens.
    pub commitment: Commitment,
    /// Whom it is bound to.
    pub registrant: Address,
    /// The proof's bytes.
    pub bytes: Vec<u8>,
}

impl Proof {
    /// A picture's own fingerprint, proved with fresh salts.
    ///
    /// # Panics
    /// Where the honest prover fails.
    pub fn of(image: &Raster, registrant: Address) -> Self {
        let prover = Prover::of(image.width(), image.height());
        let own = pdq::pdq(image).fingerprint;
        prover.prove(image, &Salts::random(OsRng), own, 0, registrant).expect("a true statement has a proof")
    }

    /// The public inputs as field elements.
    pub fn instance(&self) -> Vec<Fr> {
        instance_of(self.claim, &self.public)
    }

    /// The public inputs as words of the ABI.
    pub fn words(&self) -> [U256; 4] {
        let words = self.public.to_words(self.claim);
        std::array::from_fn(|row| U256::from_be_bytes(words[row]))
    }

    /// What the chain is sent.
    pub fn submission(&self, vk_hash: B256) -> Submission<'_> {
        let statement = Statement::new(self.claim, &self.public, &[self.commitment.digest()]).into();
        let record = Record { vkHash: vk_hash, registrant: self.registrant, modelId: U256::ZERO, statement };
        Submission { record, proof: &self.bytes }
    }
}

/// A chain in a folder of its own.
#[derive(Debug)]
pub struct TestChain {
    /// The registry's client.
    pub registry: RegistryClient<EmbeddedChain>,
    folder: TempDir,
}

impl TestChain {
    /// An empty chain.
    ///
    /// # Panics
    /// Where the machine has no room for one.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let chain = EmbeddedChain::open(folder.path()).expect("a chain");
        Self { registry: RegistryClient::new(chain, practice::deployment()), folder }
    }

    /// The chain's folder.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// How many records there are.
    ///
    /// # Panics
    /// Where the chain cannot be read.
    pub fn records(&self) -> usize {
        self.registry.index(0).expect("an index").len()
    }

    /// The records that are looked for.
    ///
    /// # Panics
    /// Where the chain cannot be read.
    pub fn search(&self, wanted: Wanted) -> Vec<Found> {
        let index = self.registry.index(0).expect("an index");
        self.registry.search(&index, wanted).expect("an answer")
    }

    /// Pins the key of a size and returns its hash.
    ///
    /// # Panics
    /// Where the registry refuses it.
    pub fn pin(&self, prover: &Prover) -> B256 {
        let claim = claims::of(prover.shape.claim());
        let (description, verifier) = (&claim.description, verifier_contract(claim.verifier));
        practice::ensure_key(&self.registry, description, &verifier, &prover.key_code()).expect("a key that is added")
    }
}

/// Words of the ABI as an instance column.
pub fn instance(words: [U256; 4]) -> Vec<Fr> {
    words.iter().map(|word| scalar_reduced(word.to_be_bytes())).collect()
}

/// Every public input and every word of a proof that is accepted, changed: the contract refuses each with a typed error and for
/// little more gas than it accepts for, and the native verifier refuses too.
///
/// # Panics
/// Where one is accepted.
pub fn no_word_is_free(
    chain: &TestChain,
    vk: B256,
    words: [U256; 4],
    proof: &[u8],
    native: impl Fn([U256; 4], &[u8]) -> bool,
) {
    let accepted = chain.registry.verify(vk, &words, proof).expect("the honest proof").gas_used;
    let refused = |words: [U256; 4], bytes: &[u8], what: &str| {
        let error = chain.registry.verify(vk, &words, bytes).expect_err(what);
        let ChainError::Reverted { revert, gas_used } = &error else { panic!("{what}: {error:?}") };
        assert!(!revert.name.is_empty() && *gas_used * 10 <= accepted * 13, "{what}: {revert}, {gas_used} gas");
        assert!(!native(words, bytes), "native: {what}");
    };
    assert!(native(words, proof), "the honest proof");
    for row in 0..4 {
        let mut words = words;
        words[row] += U256::ONE;
        refused(words, proof, &format!("public input {row}"));
    }
    for at in (0..proof.len()).step_by(32) {
        let word = U256::from_be_slice(&proof[at..at + 32]);
        for changed in [word.wrapping_add(U256::ONE), U256::ZERO, U256::MAX].into_iter().filter(|c| *c != word) {
            let mut bytes = proof.to_vec();
            bytes[at..at + 32].copy_from_slice(&changed.to_be_bytes::<32>());
            refused(words, &bytes, &format!("word {}", at / 32));
        }
    }
    refused(words, &proof[..proof.len() - 1], "a byte less");
    refused(words, &[proof, &[0]].concat(), "a byte more");
}

impl Default for TestChain {
    fn default() -> Self {
        Self::new()
    }
}
