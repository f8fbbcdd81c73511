//! Proofs about a model, on development parameters.
use crate::TestChain;
use alloy_primitives::{Address, B256, U256};
use halo2_proofs::{halo2curves::bn256::Fr, halo2curves::bn256::G1Affine, plonk::ProvingKey};
use rand_core::OsRng;
use std::sync::Arc;
use veilmark::{
    chain::registry::{RegistryClient, Submission, proof_system_id},
    keys::{self, ClaimShape},
    proof::{ProofError, verify_instance},
    srs::Srs,
};
use veilmark_circuits::{
    column::{self, SALT_ROWS, Salts},
    commitment::Commitment,
    relation::{self, Inputs, Picture, WeightColumns, instance},
    statement::{
        claim::{Claim, MODEL, PICTURE, PROMPT},
        model::Model,
        pdq,
        public::PublicInputs,
        raster::Raster,
    },
};
use veilmark_verifier_contract::artifacts::{IModelRegistry, verifier};

/// A model, its salts, and the proving key of a claim about it.
#[derive(Debug)]
pub struct Generator {
    /// Development parameters.
    pub srs: Srs,
    /// What the key is for.
    pub shape: ClaimShape,
    /// The key.
    pub key: ProvingKey<G1Affine>,
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
        let weights = Arc::new(column::of_weights(&model, &Salts::expand(&[seed; 32], SALT_ROWS)));
        let commitment = Commitment::new(srs.params(), &MODEL, &shape.header(&srs), &weights).expect("weights fit");
        Self { srs, shape, key, model, weights, commitment }
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
        PublicInputs::new(fingerprint, 0, RegistryClient::context(registrant))
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
        let (params, header) = (self.srs.params(), self.shape.header(&self.srs));
        let picture = Picture { image, salts };
        let generator = relation::Generator::new(&model, latent, latent_salts, weights)?;
        let image = Commitment::new(params, &PICTURE, &header, &picture.columns()).expect("it fits");
        let prompt = Commitment::new(params, &PROMPT, &header, &[generator.latent_column()]).expect("it fits");
        let commitments = [image.clone(), prompt.clone(), commitment];
        let inputs = Inputs { pictures: vec![picture], generator: Some(generator), ..Inputs::default() };
        let bytes = self.shape.entry().prove(&self.srs, &self.key, inputs, &commitments, &public, &|_| {})?;
        Ok(Generated { claim: self.shape.claim(), public, image, prompt, registrant, bytes })
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
        verify_instance(&self.srs, self.key.get_vk(), instance, proof).is_ok()
    }

    /// Pins the key and registers the model for an owner: the key's hash and the registration.
    ///
    /// # Panics
    /// Where a contract refuses.
    pub fn register(&self, chain: &TestChain, owner: Address) -> (B256, u64) {
        let code = keys::vk_data(&self.srs, self.key.get_vk(), &self.shape).expect("a key on chain").runtime_code();
        let init_code = &verifier(self.shape.claim()).init_code;
        let vk = chain.registry.ensure_pinned(self.shape.claim(), init_code, &code).expect("a pinned key");
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

    /// What the chain is sent.
    pub fn submission(&self, claim: Claim, vk_hash: B256, model_id: Option<u64>) -> Submission<'_> {
        Submission {
            vk_hash,
            fingerprint: claim.has_fingerprint().then_some(self.public.fingerprint),
            tolerance: self.public.tolerance,
            model_id,
            registrant: self.registrant,
            proof: &self.bytes,
        }
    }
}
