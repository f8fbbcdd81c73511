//! The claims with a model, with the real prover and before the real contracts.
use alloy_primitives::{Address, B256, U256};
use rand_core::OsRng;
use std::sync::Arc;
use veilmark::{
    bundle::Bundle,
    chain::{
        ChainError,
        client::{
            records::{Record, Status},
            tokens::Minting,
        },
        practice,
    },
    halo2::Error::Unsatisfied,
    proof::ProofError,
};
use veilmark_circuits::{
    claims::generation::GenerationClaim,
    column::{Column, Run, Salts},
    commitment::Commitment,
    committed,
    relation::{self, Falsehood, Inputs, Picture, Relation},
    statement::{
        claim::{Claim, MODEL},
        fingerprint::Fingerprint,
        model::{
            Model,
            testing::{every_kind, perceptron},
        },
        raster::Raster,
    },
};
use veilmark_tests::{
    TestChain,
    generator::{Generated, Generator},
    instance, no_word_is_free, stock_proof,
};

fn alice() -> Address {
    practice::default_registrant()
}

fn error_of<T: std::fmt::Debug>(result: Result<T, ChainError>) -> String {
    let error = result.expect_err("refused");
    error.revert_name().unwrap_or_else(|| panic!("no typed error: {error:?}")).to_owned()
}

fn proved(claim: Claim) -> (Generator, Generated, TestChain, B256, u64) {
    let generator = Generator::new(every_kind(1), claim, 1);
    let proof = generator.prove(&generator.latent(1), alice());
    let chain = TestChain::new();
    let (vk, id) = generator.register(&chain, alice());
    (generator, proof, chain, vk, id)
}

#[test]
fn a_generated_picture_is_registered_under_its_model_and_nothing_else_is() {
    for claim in [Claim::GENERATION, Claim::AUTHENTICITY] {
        let (generator, proof, chain, vk, id) = proved(claim);
        let registry = &chain.registry;
        let honest = proof.submission(vk, id);
        let lie = |change: &dyn Fn(&mut Record)| {
            let mut lie = honest.clone();
            change(&mut lie.record);
            error_of(registry.register(&lie))
        };

        // a copied proof, another fingerprint, no model, a model that is not there, another model
        assert_eq!(lie(&|record| record.registrant = Address::repeat_byte(0x66)), "ProofInvalid");
        let other = Fingerprint::from_bits(|k| proof.public.fingerprint.bit(k) != (k == 3));
        let expected = if claim.has_fingerprint() { "ProofInvalid" } else { "NotInTheClaim" };
        assert_eq!(lie(&|record| record.statement.fingerprint = other.to_bytes().into()), expected);
        assert_eq!(lie(&|record| record.modelId = U256::ZERO), "ModelNotFound");
        assert_eq!(lie(&|record| record.modelId = U256::from(9)), "ModelNotFound");
        // the same weights with other salts are another modelHash
        let other = Generator::new(every_kind(1), claim, 2);
        let other_id = U256::from(other.register_model(&chain, vk, alice()));
        assert_eq!(lie(&|record| record.modelId = other_id), "ModelMismatch");
        let renamed = |record: &mut Record| {
            record.modelId = other_id;
            record.statement.modelHash = other.commitment.digest().into();
        };
        assert_eq!(lie(&renamed), "CommitmentMismatch");
        // commitments that the proof does not begin with
        let word = B256::repeat_byte(7);
        assert_eq!(lie(&|record| record.statement.imageCommitment = word), "CommitmentMismatch");
        assert_eq!(lie(&|record| record.statement.promptCommitment = word), "CommitmentMismatch");
        assert_eq!(lie(&|record| record.statement.sourceCommitment = word), "NotInTheClaim");
        assert_eq!(chain.records(), 0, "a refusal leaves nothing");

        let done = registry.register(&honest).expect("the proof is hers");
        let header = generator.shape.header(&generator.srs);
        let digests = Bundle::commitments_of(claim, &header, &proof.bytes).unwrap();
        assert_eq!(digests, [&proof.image, &proof.prompt, &generator.commitment].map(Commitment::digest));
        assert_eq!(registry.record(done.stored.record_id).unwrap(), done.stored, "its event says what was registered");
        // again: the record that is there
        assert!(registry.register(&honest).unwrap().already());
        assert_eq!(chain.records(), 1);

        // a deprecated model makes nothing new
        let second = generator.prove(&generator.latent(2), alice());
        registry.deprecate_model(id, alice()).unwrap();
        assert_eq!(error_of(registry.register(&second.submission(vk, id))), "ModelIsDeprecated");
        assert_eq!(registry.stored(&honest.record).unwrap().status, Status::Valid, "what was registered stays");
    }
}

#[test]
fn a_token_is_minted_once_upon_the_real_proof() {
    let (_, proof, chain, vk, id) = proved(Claim::AUTHENTICITY);
    let honest = Minting { submission: proof.submission(vk, id), uri: "", royalty_bps: 250 };
    chain.registry.verify_token(&honest).expect("ERC-7007's verify runs the verifier");
    let mut damaged = proof.bytes.clone();
    *damaged.last_mut().unwrap() ^= 1;
    let mut lie = honest.clone();
    lie.submission.proof = &damaged;
    assert!(chain.registry.verify_token(&lie).is_err());
    let minted = chain.registry.mint(&honest).expect("hers to mint");
    assert_eq!(minted.token_id, honest.token_id());
    let (content, owner) = chain.registry.token(minted.token_id).unwrap();
    assert_eq!((content.imageCommitment.0, owner), (proof.image.digest(), alice()));
    assert!(chain.registry.mint(&honest).unwrap().receipt.is_none(), "once");
    chain.registry.transfer_token(minted.token_id, alice(), Address::repeat_byte(7)).unwrap();
}

/// Every word of a proof, changed, before the contract and the native verifier.
#[test]
fn no_word_of_a_proof_is_free() {
    for claim in [Claim::GENERATION, Claim::AUTHENTICITY] {
        let (generator, proof, chain, vk, _) = proved(claim);
        // the native verifier is asked for the words that are changed, as field elements
        no_word_is_free(&chain, vk, proof.words(), &proof.bytes, |words, bytes| {
            generator.accepts(&instance(words), bytes)
        });
    }
}

/// Provers who lie with the real prover: what they get is refused by it, or is no proof.
#[test]
fn a_lying_prover_gets_no_proof() {
    let generator = Generator::new(every_kind(3), Claim::GENERATION, 1);
    let latent = generator.latent(1);
    let prove = |cheat: &dyn Fn(&mut veilmark_tests::generator::Cheat)| {
        generator.prove_with(&latent, alice(), cheat).map(|_| ())
    };
    assert!(prove(&|_| {}).is_ok());

    // a picture that the model does not make
    let touched = |image: &Raster| {
        let mut pixels = image.pixels().to_vec();
        pixels[4][0] ^= 1;
        Raster::new(image.width(), image.height(), pixels).unwrap()
    };
    let refused = prove(&|cheat| cheat.image = touched(&cheat.image));
    assert!(matches!(refused, Err(ProofError::False(Falsehood::OtherPicture { different: 1, .. }))), "{refused:?}");

    // what a prover gets that does not look whether the inference is the weights'
    let image = generator.model.generate(&latent);
    let public = generator.public(&image, alice());
    let blind = |weights: Arc<Vec<Column>>| {
        let witness =
            relation::Generator::new(&generator.model, latent.clone(), Salts::random(OsRng), weights).unwrap();
        let pictures = vec![Picture { image: image.clone(), salts: Salts::random(OsRng) }];
        let inputs = Inputs { pictures, generator: Some(witness), ..Inputs::default() };
        let circuit = GenerationClaim::new(GenerationClaim::witness(inputs).unwrap(), &public);
        let bytes = stock_proof(&generator.srs, &generator.vk_hash, circuit, &public);
        bytes.is_some_and(|bytes| generator.accepts(&GenerationClaim::instance(&public), &bytes))
    };
    assert!(blind(generator.weights.clone()));

    // one weight changed, or two swapped, in the committed columns: our prover sees it before it proves, and the other's proof does not verify
    let row = (0..).find(|&row| generator.weights[0].get(row) != generator.weights[1].get(row)).unwrap();
    let changed = |swap: bool| {
        let mut columns: Vec<Vec<_>> = generator.weights.iter().map(|column| column.values().collect()).collect();
        if swap {
            let (first, second) = (columns[0][row], columns[1][row]);
            (columns[0][row], columns[1][row]) = (second, first);
        } else {
            columns[0][row] += halo2_proofs::halo2curves::bn256::Fr::one();
        }
        Arc::new(columns.into_iter().map(|values| Column::new(vec![Run::Scalars(values)])).collect::<Vec<_>>())
    };
    for swap in [false, true] {
        let weights = changed(swap);
        let refused = prove(&|cheat| cheat.weights = weights.clone());
        assert!(matches!(refused, Err(ProofError::Prover(Unsatisfied))), "{refused:?}");
        assert!(!blind(weights.clone()));
        // and where the prover commits to them
        let refused = prove(&|cheat| {
            cheat.weights = weights.clone();
            let header = generator.shape.header(&generator.srs);
            cheat.commitment = Commitment::new(&generator.srs.setup(), &MODEL, &header, &weights).unwrap();
        });
        assert!(matches!(refused, Err(ProofError::Prover(Unsatisfied))), "{refused:?}");
    }

    // another model's weights under this model's hash
    let other = every_kind(4);
    let refused = prove(&|cheat| cheat.model = other.clone());
    assert!(matches!(refused, Err(ProofError::False(Falsehood::OtherPicture { .. }))), "{refused:?}");
    // a layer computed from another latent than the committed one; a latent of another length
    let second = generator.latent(2);
    let refused = prove(&|cheat| cheat.latent = second.clone());
    assert!(matches!(refused, Err(ProofError::False(Falsehood::OtherPicture { .. }))), "{refused:?}");
    let refused = prove(&|cheat| cheat.latent = vec![0; 2]);
    assert!(matches!(refused, Err(ProofError::False(Falsehood::Latent { expected: 5, got: 2 }))), "{refused:?}");
    // a fingerprint in a claim without one
    let refused = prove(&|cheat| cheat.public.fingerprint = Fingerprint::from_bits(|k| k == 0));
    assert!(matches!(refused, Err(ProofError::Public(_))), "{refused:?}");
}

/// What is public of two proofs: the commitments that are the same, and nothing else that repeats.
#[test]
fn proofs_share_the_models_points_and_nothing_else() {
    let generator = Generator::new(every_kind(5), Claim::GENERATION, 1);
    let [a, b] = [1, 2].map(|seed| generator.prove(&generator.latent(seed), alice()).bytes);
    let weights = 4 * 64..12 * 64;
    assert_eq!(a[weights.clone()], b[weights.clone()], "one model");
    let words = |proof: &[u8]| -> std::collections::BTreeSet<Vec<u8>> {
        let rest = [&proof[..weights.start], &proof[weights.end..]].concat();
        rest.chunks(32).map(<[u8]>::to_vec).collect()
    };
    assert!(words(&a).is_disjoint(&words(&b)));
    // an open model's hash is anybody's to compute; a hidden one's is not
    let open = |model: &Model| {
        let columns = committed::weights(model, &Salts::public());
        let header = generator.shape.header(&generator.srs);
        Commitment::new(&generator.srs.setup(), &MODEL, &header, &columns).unwrap().digest()
    };
    assert_eq!(open(&generator.model), open(&every_kind(5)));
    assert_ne!(open(&generator.model), open(&every_kind(6)));
}

/// The same picture of a model, read in lines of another length: 7x5 and 5x7 have the same samples in the same order.
fn reshaped(model: &Model) -> Model {
    let mut architecture = model.architecture().clone();
    std::mem::swap(&mut architecture.width, &mut architecture.height);
    let last = architecture.layers.last_mut().unwrap();
    last.shape = [last.shape[0], last.shape[2], last.shape[1]];
    Model::new(architecture, model.weights().to_vec()).unwrap()
}

/// Two models may have one circuit, and nothing in its key but what the key says of itself tells the one from the other. The
/// hash of all of that begins the transcript: a proof holds under one of the two.
#[test]
fn a_proof_does_not_hold_under_a_key_with_the_same_circuit() {
    let model = perceptron(1);
    let size = |model: &Model| (model.architecture().width, model.architecture().height);
    let twins = [model.clone(), reshaped(&model)];
    assert_eq!(twins.each_ref().map(size), [(5, 7), (7, 5)]);
    let twins = twins.map(|model| Generator::new(model, Claim::GENERATION, 1));
    let [one, two] = &twins;
    let representation = |twin: &Generator| twin.key.vk().transcript_repr();
    assert_eq!(representation(one), representation(two), "one circuit");
    assert_ne!(one.vk_hash, two.vk_hash, "two keys");

    let chain = TestChain::new();
    let keys = twins.each_ref().map(|twin| twin.register(&chain, alice()));
    for (own, other) in [(0, 1), (1, 0)] {
        let proof = twins[own].prove(&twins[own].latent(1), alice());
        let accepts = |at: usize| {
            let on_chain = chain.registry.verify(keys[at].0, &proof.words(), &proof.bytes);
            (
                twins[at].accepts(&proof.instance(), &proof.bytes),
                on_chain.map(|_| ()).map_err(|error| error_of::<()>(Err(error))),
            )
        };
        assert_eq!(accepts(own), (true, Ok(())));
        assert_eq!(accepts(other), (false, Err("ProofInvalid".to_owned())));
        let (vk, id) = keys[other];
        assert_eq!(error_of(chain.registry.register(&proof.submission(vk, id))), "ModelMismatch");
        // what tells them apart is the hash, and nothing else
        let (srs, key) = (&twins[other].srs, twins[other].key.vk());
        veilmark::proof::verify_instance(srs, key, &twins[own].vk_hash, &proof.instance(), &proof.bytes).unwrap();
    }
}
