//! The claim of a committed fingerprint, with the real prover and before the real contracts: the chain has a salted hash, and only
//! its opener can compare.
use alloy_primitives::{Address, U256};
use rand_core::OsRng;
use veilmark::{
    bundle::Bundle,
    chain::{
        ChainError,
        client::{
            records::Record,
            search::{By, Wanted, hides_fingerprint},
        },
        practice,
    },
    fingerprint_file::FingerprintFile,
    halo2::Options,
    proof::{ProofError, prove},
};
use veilmark_circuits::{
    claims::committed_fingerprint::{CommittedFingerprintClaim, Witness},
    column::Salts,
    relation::{Falsehood, HiddenFingerprint, Picture, Relation},
    statement::{claim::Claim, fingerprint::Fingerprint, pdq, public::PublicInputs},
};
use veilmark_tests::{Proof, Prover, TestChain, instance, no_word_is_free, picture, stock_proof};

const SIDES: (u32, u32) = (24, 17);

fn alice() -> Address {
    practice::default_registrant()
}

fn prover() -> std::sync::Arc<Prover> {
    Prover::of_claim(Claim::COMMITTED_FINGERPRINT, SIDES.0, SIDES.1)
}

fn refused<T: std::fmt::Debug>(answer: Result<T, ChainError>) -> String {
    let error = answer.expect_err("refused");
    error.revert_name().unwrap_or_else(|| panic!("{error}")).to_owned()
}

#[test]
fn a_salted_hash_is_registered_and_found_by_whoever_can_name_it() {
    let (prover, chain) = (prover(), TestChain::new());
    let image = picture(SIDES.0, SIDES.1, 1);
    let own = pdq::pdq(&image).fingerprint;
    let given = Fingerprint::from_bits(|k| own.bit(k) != (k % 50 == 7));
    let file = FingerprintFile::new(given);
    let salts = Salts::random(OsRng);
    let distance = own.distance(given) as u8;
    let too_near = prover.prove_committed(&image, &salts, &file, distance - 1, alice());
    assert!(matches!(too_near, Err(ProofError::False(Falsehood::Distance { .. }))), "{too_near:?}");
    let proof = prover.prove_committed(&image, &salts, &file, distance, alice()).unwrap();
    let vk = chain.pin(&prover);
    let done = chain.registry.register(&proof.submission(vk)).unwrap();
    let statement = done.stored.statement();
    let salted = proof.public.fingerprint;
    assert_eq!(statement.fingerprint.0, salted.to_bytes());
    assert_eq!(statement.imageCommitment.0, proof.commitment.digest());
    let claim_id = chain.registry.key(vk).unwrap().unwrap().claimId;
    assert!(claim_id.0 == Claim::COMMITTED_FINGERPRINT.id() && hides_fingerprint(claim_id));
    assert!(chain.registry.register(&proof.submission(vk)).unwrap().already());
    // nobody who looks for the picture finds it, nor for a picture made to have this hash, and whoever names the hash does
    for fingerprint in [own, given, salted] {
        assert!(chain.search(Wanted::Picture(fingerprint)).is_empty());
    }
    let [found] = &chain.search(Wanted::Word(statement.fingerprint))[..] else { panic!("one record") };
    assert_eq!((found.by, found.stored.record_id), (By::SaltedHash, done.stored.record_id));
    let near = Fingerprint::from_bits(|k| salted.bit(k) != (k == 3));
    let near = Wanted::Word(near.to_bytes().into());
    assert!(chain.search(near).is_empty(), "a distance to a hash means nothing");
    // and nothing of it is in the proof or on chain
    let halves = [own, given].map(|print| [print.low().to_be_bytes(), print.high().to_be_bytes()]);
    for half in halves.as_flattened() {
        assert!(!proof.bytes.windows(16).any(|window| window == half));
    }
}

/// The circuit reads no public fingerprint: a proof of any word verifies, and whoever takes one compares it with the point.
#[test]
fn the_word_in_the_fingerprints_place_is_compared_with_the_proofs_point() {
    let (prover, chain) = (prover(), TestChain::new());
    let image = picture(SIDES.0, SIDES.1, 1);
    let own = pdq::pdq(&image).fingerprint;
    let (file, salts) = (FingerprintFile::new(own), Salts::random(OsRng));
    let vk = chain.pin(&prover);
    let committed = file.commitment(&prover.srs).unwrap();
    for word in [own, Fingerprint::default(), Fingerprint::from_bits(|k| k % 2 == 0)] {
        let context = practice::context(alice());
        let public = PublicInputs::new(word, 0, context);
        let commitment = prover.commit(&image, &salts);
        let picture = Picture { image: image.clone(), salts: salts.clone() };
        let witness = Witness { picture, fingerprint: file.opened() };
        let (srs, key) = (&prover.srs, &prover.key);
        let commitments = [commitment.clone(), committed.clone()];
        let (hash, witness_too) = (&prover.vk_hash, witness.clone());
        let refusal =
            prove::<CommittedFingerprintClaim>(srs, key, hash, witness_too, &commitments, &public, &Options::default());
        assert!(matches!(refusal, Err(ProofError::OtherCommitment)), "{refusal:?}");
        // a cheating prover makes the proof all the same
        let circuit = CommittedFingerprintClaim::new(witness, &public);
        let bytes = stock_proof(&prover.srs, &prover.vk_hash, circuit, &public).expect("it satisfies the circuit");
        let proof = Proof { claim: Claim::COMMITTED_FINGERPRINT, public, commitment, registrant: alice(), bytes };
        assert!(prover.accepts(&proof.instance(), &proof.bytes), "the circuit leaves the word free");
        assert_eq!(refused(chain.registry.register(&proof.submission(vk))), "CommitmentMismatch");
        let header = prover.shape.header(&prover.srs);
        let digests = Bundle::commitments_of(proof.claim, &header, &proof.bytes).unwrap();
        assert_ne!(digests[1], word.to_bytes(), "and no bundle of it is read");
    }
    assert_eq!(chain.records(), 0);
}

/// A committed fingerprint too far from the picture's: what the real prover makes of it does not verify. (A column other than the
/// one that the distance is of is tried in the circuit's own tests, which can lay it.)
#[test]
fn a_committed_fingerprint_too_far_away_gives_no_proof() {
    let prover = prover();
    let (image, other) = (picture(SIDES.0, SIDES.1, 1), picture(SIDES.0, SIDES.1, 2));
    let [own, theirs] = [&image, &other].map(|image| pdq::pdq(image).fingerprint);
    assert!(own.distance(theirs) > 31);
    let context = practice::context(alice());
    let public = PublicInputs::new(theirs, 31, context);
    let salts = Salts::random(OsRng);
    let fingerprint: HiddenFingerprint = FingerprintFile::new(theirs).opened();
    let circuit = CommittedFingerprintClaim::new(Witness { picture: Picture { image, salts }, fingerprint }, &public);
    let instance = CommittedFingerprintClaim::instance(&public);
    let bytes = stock_proof(&prover.srs, &prover.vk_hash, circuit, &public);
    assert!(bytes.is_none_or(|bytes| !prover.accepts(&instance, &bytes)));
}

#[test]
fn a_copied_proof_or_another_tolerance_is_refused() {
    let (prover, chain) = (prover(), TestChain::new());
    let image = picture(SIDES.0, SIDES.1, 3);
    let file = FingerprintFile::new(pdq::pdq(&image).fingerprint);
    let proof = prover.prove_committed(&image, &Salts::random(OsRng), &file, 0, alice()).unwrap();
    let vk = chain.pin(&prover);
    let honest = proof.submission(vk);
    let lie = |change: &dyn Fn(&mut Record)| {
        let mut lie = honest.clone();
        change(&mut lie.record);
        refused(chain.registry.register(&lie))
    };
    assert_eq!(lie(&|record| record.registrant = Address::repeat_byte(6)), "ProofInvalid");
    assert_eq!(lie(&|record| record.statement.tolerance = 1), "ProofInvalid");
    assert_eq!(lie(&|record| record.modelId = U256::ONE), "NoModel");
    // under the key of the claim that shows it, the same bytes are nothing
    let shown = chain.pin(&Prover::of(SIDES.0, SIDES.1));
    assert!(!lie(&|record| record.vkHash = shown).is_empty());
    chain.registry.register(&honest).unwrap();
}

/// Every word of a proof, changed, before the contract and the native verifier.
#[test]
fn no_word_of_a_proof_is_free() {
    let (prover, chain) = (prover(), TestChain::new());
    let image = picture(SIDES.0, SIDES.1, 1);
    let file = FingerprintFile::new(pdq::pdq(&image).fingerprint);
    let proof = prover.prove_committed(&image, &Salts::random(OsRng), &file, 0, alice()).unwrap();
    let vk = chain.pin(&prover);
    no_word_is_free(&chain, vk, proof.words(), &proof.bytes, |words, bytes| prover.accepts(&instance(words), bytes));
}
