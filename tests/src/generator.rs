//! Proofs about a model, on development parameters.
use crate::TestChain;
use alloy_primitives::{Address, B256, U256};
use halo2_proofs::halo2curves::bn256::Fr;
use rand_core::OsRng;
use std::sync::Arc;
use veilmark::{
    chain::{
        client::{
            claims::proof_system_id,
            records::{Record, Submission},
        },
        deployment::verifier_contract,
        practice,
    },
    claims::Under,
    halo2::{Options, ProvingKey},
    keys::{self, ClaimShape},
    proof::{ProofError, verify_instance},
    srs::Srs,
};
use veilmark_circuits::{
    column::{SALT_ROWS, Salts},
    commitment::Commitment,
    committed,
    relation::{self, Inputs, Picture, WeightColumns, instance},
    statement::{
        claim::{Claim, MODEL, PICTURE, PROMPT},
        model::Model,
        pdq,
        public::PublicInputs,
        raster::Raster,
        record::Statement,
    },
};
use veilmark_contract_bindings::{claims, interfaces::IModelRegistry};

/// A model, its salts, and the proving key of a claim about it.
#[derive(Debug)]
pub struct Generator {
    /// Development parameters.
    pub srs: Srs,
    /// What the key is for.
    pub shape: ClaimShape,
    /// The key.
    pub key: ProvingKey,
    /// The key's name on chain.
    pub vk_hash: [u8; 32],
    /// The model.
    pub model: Model,
    /// The columns of weights, salts included.
    pub weights: WeightColumns,
    /// Their commitment.
    pub commitment: Commitment,
}

/// A proof about a model, and what it is of.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The claim.
    pub claim: Claim,
    /// The public inputs.
    pub public: PublicInputs,
    /// The commitment to the picture.
    pub image: Commitment,
    /// The commitment to the latent.
    pub prompt: Commitment,
    /// The commitment to the model.
    pub model: Commitment,
    /// Whom it is bound to.
    pub registrant: Address,
    /// The proof's bytes.
    pub bytes: Vec<u8>,
}

impl Generator {
    /// The generator of a model; `seed` is its salts'.
    ///
    /// # Panics
    /// For the claim without a model.
    pub fn new(model: Model, claim: Claim, seed: u8) -> Self {
        let architecture = Arc::new(model.architecture().clone());
        let mut shape = ClaimShape::of_model(claim, architecture.clone(), 0).expect("a claim with a model");
        shape.k = shape.min_k().expect("a size with a circuit");
        let srs = Srs::dev(shape.k, &mut |_| {}).expect("development parameters");
        let verifying_key = keys::generate_verifying_key(&srs, &shape).expect("a verifying key");
        let key = keys::generate_proving_key(&srs, &shape, verifying_key).expect("a proving key");
        let weights = Arc::new(committed::weights(&model, &Salts::expand(&[seed; 32], SALT_ROWS)));
        let commitment = Commitment::new(&srs.setup(), &MODEL, &shape.header(&srs), &weights).expect("weights fit");
        let vk_hash = keys::vk_hash(&srs, key.vk(), &shape).expect("a key with a form on chain");
        Self { srs, shape, key, vk_hash, model, weights, commitment }
    }

    /// A latent of the model's.
    ///
    /// # Panics
    /// For models with classes.
    pub fn latent(&self, seed: u64) -> Vec<i8> {
        veilmark_circuits::statement::latent::latent(self.model.architecture(), "a test", seed, None)
            .expect("a model without classes")
    }

    /// The public inputs of an honest proof.
    pub fn public(&self, image: &Raster, registrant: Address) -> PublicInputs {
        let claimed = self.shape.claim().has_fingerprint();
        let fingerprint = if claimed { pdq::pdq(image).fingerprint } else { Default::default() };
        PublicInputs::new(fingerprint, 0, practice::context(registrant))
    }

    /// Proves that the model made the picture of this latent, with everything as honest as `cheat` leaves it.
    ///
    /// # Errors
    /// As [`veilmark::proof::prove`].
    ///
    /// # Panics
    /// Where something does not fit the domain.
    pub fn prove_with(
        &self,
        latent: &[i8],
        registrant: Address,
        cheat: impl FnOnce(&mut Cheat),
    ) -> Result<Generated, ProofError> {
        let image = self.model.generate(latent);
        let mut cheat_with = Cheat {
            public: self.public(&image, registrant),
            image,
            latent: latent.to_vec(),
            model: self.model.clone(),
            salts: Salts::random(OsRng),
            latent_salts: Salts::random(OsRng),
            weights: self.weights.clone(),
            commitment: self.commitment.clone(),
        };
        cheat(&mut cheat_with);
        let Cheat { public, image, latent, model, salts, latent_salts, weights, commitment } = cheat_with;
        let (setup, header) = (self.srs.setup(), self.shape.header(&self.srs));
        let picture = Picture { image, salts };
        let generator = relation::Generator::new(&model, latent, latent_salts, weights)?;
        let image = Commitment::new(&setup, &PICTURE, &header, &picture.columns()).expect("it fits");
        let prompt = Commitment::new(&setup, &PROMPT, &header, &[generator.latent_column()]).expect("it fits");
        let commitments = [image.clone(), prompt.clone(), commitment.clone()];
        let inputs = Inputs { pictures: vec![picture], generator: Some(generator), ..Inputs::default() };
        let under = Under { srs: &self.srs, key: &self.key, vk_hash: &self.vk_hash };
        let bytes = self.shape.entry().prove(under, inputs, &commitments, &public, &Options::default())?;
        let claim = self.shape.claim();
        Ok(Generated { claim, public, image, prompt, model: commitment, registrant, bytes })
    }

    /// An honest proof.
    ///
    /// # Panics
    /// Where the honest prover fails.
    pub fn prove(&self, latent: &[i8], registrant: Address) -> Generated {
        self.prove_with(latent, registrant, |_| {}).expect("a true statement has a proof")
    }

    /// Whether the native verifier accepts bytes and public inputs.
    pub fn accepts(&self, instance: &[Fr], proof: &[u8]) -> bool {
        verify_instance(&self.srs, self.key.vk(), &self.vk_hash, instance, proof).is_ok()
    }

    /// Pins the key and registers the model for an owner: the key's hash and the registration.
    ///
    /// # Panics
    /// Where a contract refuses.
    pub fn register(&self, chain: &TestChain, owner: Address) -> (B256, u64) {
        let code = keys::vk_data(&self.srs, self.key.vk(), &self.shape).expect("a key on chain").runtime_code();
        let claim = claims::of(self.shape.claim());
        let (description, verifier) = (&claim.description, verifier_contract(claim.verifier));
        let vk = practice::ensure_key(&chain.registry, description, &verifier, &code).expect("a key that is added");
        (vk, self.register_model(chain, vk, owner))
    }

    /// Registers the model alone.
    ///
    /// # Panics
    /// Where the contract refuses.
    pub fn register_model(&self, chain: &TestChain, vk: B256, owner: Address) -> u64 {
        let commitment = IModelRegistry::ModelCommitment {
            modelHash: self.commitment.digest().into(),
            circuitHash: self.shape.architecture_hash().into(),
            vkHash: vk,
            proofSystemId: proof_system_id(),
            uri: String::new(),
        };
        chain.registry.register_model(commitment, owner).expect("a registration").model_id
    }
}

/// What a prover may lie about.
#[derive(Debug)]
pub struct Cheat {
    /// The public inputs.
    pub public: PublicInputs,
    /// The picture committed to.
    pub image: Raster,
    /// The latent committed to and computed from.
    pub latent: Vec<i8>,
    /// The model computed with.
    pub model: Model,
    /// The picture's salts.
    pub salts: Salts,
    /// The latent's salts.
    pub latent_salts: Salts<1>,
    /// The columns of weights that are laid.
    pub weights: WeightColumns,
    /// The weights' commitment that the proof has to begin with.
    pub commitment: Commitment,
}

impl Generated {
    /// The public inputs as field elements.
    pub fn instance(&self) -> Vec<Fr> {
        instance(self.claim, &self.public)
    }

    /// The public inputs as words of the ABI.
    pub fn words(&self) -> [U256; 4] {
        let words = self.public.to_words(self.claim);
        std::array::from_fn(|row| U256::from_be_bytes(words[row]))
    }

    /// What the chain is sent; zero names no registration of a model.
    pub fn submission(&self, vk_hash: B256, model_id: u64) -> Submission<'_> {
        let commitments = [&self.image, &self.prompt, &self.model].map(Commitment::digest);
        let statement = Statement::new(self.claim, &self.public, &commitments).into();
        let model_id = U256::from(model_id);
        let record = Record { vkHash: vk_hash, registrant: self.registrant, modelId: model_id, statement };
        Submission { record, proof: &self.bytes }
    }
}
