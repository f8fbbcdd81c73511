//! The real claim before the real contracts: what is accepted, and that nothing else is.
use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use rand_core::OsRng;
use veilmark::chain::{
    ChainError,
    embedded::EmbeddedChain,
    registry::{Deployment, RegistryClient, Status, claim_id, statement_of},
};
use veilmark_circuits::{
    column::Salts,
    statement::{claim::Claim, fingerprint::Fingerprint, pdq},
};
use veilmark_tests::{Proof, Prover, TestChain, picture};
use veilmark_verifier_contract::artifacts::{self, IClaimRouter, verifier};

const SIZES: [(u32, u32); 3] = [(24, 17), (40, 9), (7, 31)];

fn alice() -> Address {
    RegistryClient::default_registrant()
}

fn error_of<T: std::fmt::Debug>(result: Result<T, ChainError>) -> String {
    let error = result.expect_err("refused");
    error.revert_name().unwrap_or_else(|| panic!("no typed error: {error:?}")).to_owned()
}

/// One verifier, three sizes, three keys: each proof is accepted under its own key and under no other.
#[test]
fn one_contract_serves_three_sizes() {
    let chain = TestChain::new();
    let proofs = SIZES.map(|(width, height)| Proof::of(&picture(width, height, 1), alice()));
    let keys = SIZES.map(|(width, height)| chain.pin(&Prover::of(width, height)));
    let verifiers = keys.map(|key| chain.registry.pin(key).unwrap().verifier);
    assert!(verifiers.iter().all(|verifier| *verifier == verifiers[0]), "one contract");
    assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[2] != keys[0], "three keys");
    for (i, proof) in proofs.iter().enumerate() {
        for (j, key) in keys.into_iter().enumerate() {
            let verdict = chain.registry.verify(key, proof.words(), &proof.bytes);
            let prover = Prover::of(SIZES[j].0, SIZES[j].1);
            assert_eq!(prover.accepts(&proof.instance(), &proof.bytes), i == j, "native: proof {i} under key {j}");
            match i == j {
                true => assert!(verdict.is_ok(), "proof {i}: {verdict:?}"),
                false => assert_eq!(error_of(verdict), "ProofInvalid", "proof {i} under key {j}"),
            }
        }
    }
}

#[test]
fn registration_records_what_was_proved_and_refuses_everything_else() {
    let (width, height) = SIZES[0];
    let (prover, image) = (Prover::of(width, height), picture(width, height, 2));
    let chain = TestChain::new();
    let key = chain.pin(&prover);
    let proof = Proof::of(&image, alice());
    let mallory = Address::repeat_byte(0x66);
    let registry = &chain.registry;
    let register =
        |who, fingerprint, tolerance, bytes: &[u8]| registry.register(key, fingerprint, tolerance, who, bytes);
    let own = proof.public.fingerprint;

    // a copied proof is worthless to the copier
    assert_eq!(error_of(register(mallory, own, 0, &proof.bytes)), "ProofInvalid");
    // another fingerprint, another tolerance
    let other = Fingerprint::from_bits(|k| own.bit(k) != (k == 77));
    assert_eq!(error_of(register(alice(), other, 0, &proof.bytes)), "ProofInvalid");
    assert_eq!(error_of(register(alice(), own, 1, &proof.bytes)), "ProofInvalid");
    assert_eq!(error_of(register(alice(), own, 32, &proof.bytes)), "ToleranceTooLarge");
    assert_eq!(error_of(register(alice(), own, 0, &proof.bytes[..100])), "ProofTooShort");
    assert_eq!(error_of(registry.register(B256::repeat_byte(1), own, 0, alice(), &proof.bytes)), "UnknownVerifyingKey");
    assert_eq!(registry.record_count().unwrap(), 0, "a refusal leaves nothing");

    let done = register(alice(), own, 0, &proof.bytes).expect("the proof is hers");
    assert_eq!(
        done.record.imageCommitment,
        B256::from(proof.commitment.digest()),
        "recomputed from the proof's points"
    );
    assert_eq!((done.record.registrant, done.record.tolerance), (alice(), 0));
    assert_eq!(done.record.fingerprint, B256::from(own.to_bytes()));
    assert!(!done.already());
    // again: the record that there is, and nothing sent
    let again = register(alice(), own, 0, &proof.bytes).expect("found");
    assert!(again.already() && again.record == done.record && again.record_id == done.record_id);
    assert_eq!(registry.record_count().unwrap(), 1);
    // somebody else's own proof of a copy of the picture: another commitment, another record, found by the same fingerprint
    let theirs = Proof::of(&image, mallory);
    register(mallory, own, 0, &theirs.bytes).expect("many registrants to a fingerprint");
    assert_eq!(registry.records_by_fingerprint(own).unwrap().len(), 2);
    assert_eq!(registry.records_by_commitment(proof.commitment.digest().into()).unwrap().len(), 1);
    // check: what register would say, for anybody to ask
    let commitment = B256::from(proof.commitment.digest());
    registry.check(key, commitment, own, 0, alice(), &proof.bytes).expect("it was accepted");
    let elsewhere = registry.check(key, B256::from(theirs.commitment.digest()), own, 0, alice(), &proof.bytes);
    assert_eq!(error_of(elsewhere), "CommitmentMismatch");
}

/// Every word of a proof and every public input, changed in six ways, before the contract and the native verifier.
#[test]
fn no_word_of_a_proof_is_free() {
    let (width, height) = SIZES[0];
    let (prover, proof) = (Prover::of(width, height), Proof::of(&picture(width, height, 3), alice()));
    let chain = TestChain::new();
    let key = chain.pin(&prover);
    let accepted = chain.registry.verify(key, proof.words(), &proof.bytes).expect("the honest proof").gas_used;
    let [r, q] = [
        "30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001",
        "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47",
    ]
    .map(|hex| U256::from_str_radix(hex, 16).unwrap());
    let changes = |word: U256| {
        let near = [word.wrapping_add(U256::ONE), word.wrapping_sub(U256::ONE)];
        let same = [word.wrapping_add(r), word.wrapping_add(q)];
        near.into_iter().chain(same).chain([U256::ZERO, U256::MAX]).filter(move |changed| *changed != word)
    };
    let refused = |words: [U256; 4], bytes: &[u8], what: &str| {
        let error = chain.registry.verify(key, words, bytes).expect_err(what);
        let ChainError::Reverted { revert, gas_used } = &error else { panic!("{what}: {error:?}") };
        assert!(!revert.error.is_empty(), "{what}: no typed error");
        assert!(
            *gas_used * 10 <= accepted * 13,
            "{what}: {} costs {gas_used} gas, acceptance {accepted}",
            revert.error
        );
    };
    for row in 0..4 {
        for changed in changes(proof.words()[row]) {
            let mut words = proof.words();
            words[row] = changed;
            refused(words, &proof.bytes, &format!("public input {row} = {changed:#x}"));
        }
    }
    for at in (0..proof.bytes.len()).step_by(32) {
        let word = U256::from_be_slice(&proof.bytes[at..at + 32]);
        for changed in changes(word) {
            let mut bytes = proof.bytes.clone();
            bytes[at..at + 32].copy_from_slice(&changed.to_be_bytes::<32>());
            refused(proof.words(), &bytes, &format!("word {} = {changed:#x}", at / 32));
            assert!(!prover.accepts(&proof.instance(), &bytes), "native: word {} = {changed:#x}", at / 32);
        }
    }
    // points swapped, truncated, extended, another proof's beginning
    let mut swapped = proof.bytes.clone();
    swapped[..128].rotate_left(64);
    let mut grafted = proof.bytes.clone();
    grafted[..192].copy_from_slice(&Proof::of(&picture(width, height, 4), alice()).bytes[..192]);
    let length = proof.bytes.len();
    let mut extended = proof.bytes.clone();
    extended.extend([0; 32]);
    let cut = [&proof.bytes[..length - 1], &proof.bytes[..length - 32], &proof.bytes[..0]];
    for bytes in [&swapped[..], &grafted, &extended, cut[0], cut[1], cut[2]] {
        refused(proof.words(), bytes, "another shape");
        assert!(!prover.accepts(&proof.instance(), bytes));
    }
}

#[test]
fn a_match_within_the_tolerance_registers() {
    let (width, height) = SIZES[1];
    let (prover, image) = (Prover::of(width, height), picture(width, height, 5));
    let chain = TestChain::new();
    let key = chain.pin(&prover);
    let near = Fingerprint::from_bits(|k| pdq::pdq(&image).fingerprint.bit(k) != (k % 10 == 3));
    let distance = pdq::pdq(&image).fingerprint.distance(near);
    assert_eq!(distance, 26);
    let salts = Salts::random(OsRng);
    assert!(prover.prove(&image, &salts, near, 25, alice()).is_err(), "the honest prover refuses a falsehood");
    let proof = prover.prove(&image, &salts, near, 26, alice()).unwrap();
    chain.registry.register(key, near, 26, alice(), &proof.bytes).expect("26 bits are within 26");
    let found = chain.registry.search(pdq::pdq(&image).fingerprint).unwrap();
    assert_eq!(found.iter().map(|m| m.distance).collect::<Vec<_>>(), [26]);
}

/// EIP-7825 for every deployment, on a chain that enforces it; and what the steps cost, for `benches/RESULTS.md`
/// (`--nocapture` shows it). The same proof before another registry is refused.
#[test]
fn deployments_fit_a_transaction_and_registries_do_not_share_proofs() {
    let (width, height) = SIZES[0];
    let (prover, image) = (Prover::of(width, height), picture(width, height, 6));
    let folder = tempfile::tempdir().unwrap();
    let chain = EmbeddedChain::open(folder.path()).unwrap();
    let from = Address::repeat_byte(1);
    let deploy = |name: &str, init_code: Vec<u8>| {
        let receipt = chain.deploy(init_code, from).unwrap_or_else(|error| panic!("{name}: {error}"));
        println!("deploy {name}: {} gas", receipt.gas_used);
        assert!(receipt.gas_used < 1 << 24, "{name}: EIP-7825");
        receipt.created.expect("a contract")
    };
    let verifier = deploy("FingerprintVerifier", verifier(Claim::FINGERPRINT).init_code.clone());
    let vk = deploy("verifying key", artifacts::data_contract_init_code(&prover.key_code()).unwrap());
    let claim = IClaimRouter::ClaimInput {
        claimId: claim_id(Claim::FINGERPRINT),
        statement: statement_of(Claim::FINGERPRINT),
        verifier,
        keys: vec![vk],
    };
    let router = deploy("ClaimRouter", artifacts::router_init_code(from, from, 0, vec![claim]));
    let models = deploy("ModelRegistry", artifacts::model_registry_init_code(router));
    let content = deploy("ContentRegistry", artifacts::content_registry_init_code(router, models));
    let token = deploy("AuthenticityToken", artifacts::token_init_code(router, models, content));
    let elsewhere = RegistryClient::new(chain, Deployment { router, models, content, token: Some(token) });

    let home = TestChain::new();
    let key = home.pin(&prover);
    let proof = Proof::of(&image, alice());
    let own = proof.public.fingerprint;
    assert_eq!(error_of(elsewhere.register(key, own, 0, alice(), &proof.bytes)), "ProofInvalid");
    let verify = home.registry.verify(key, proof.words(), &proof.bytes).unwrap().gas_used;
    let done = home.registry.register(key, own, 0, alice(), &proof.bytes).unwrap();
    println!("verify: {verify} gas, register: {} gas", done.receipt.expect("registered now").gas_used);
    let facts = home.registry.route(key, proof.words(), &proof.bytes).unwrap();
    assert_eq!(facts.imageCommitment, done.record.imageCommitment);

    // The true verifier behind the emergency stop: a valid proof of what is possible stops nothing.
    let stop =
        IClaimRouter::stopWithProofCall { vkHash: key, publicInputs: proof.words(), proof: proof.bytes.clone().into() };
    let router = home.registry.deployment().router;
    let stop = home.registry.chain().transact(Address::repeat_byte(9), router, stop.abi_encode());
    assert_eq!(error_of(stop), "NotImpossible");
    let mut words = proof.words();
    words[2] = U256::from(512);
    let stop = IClaimRouter::stopWithProofCall { vkHash: key, publicInputs: words, proof: proof.bytes.clone().into() };
    let stop = home.registry.chain().transact(Address::repeat_byte(9), router, stop.abi_encode());
    assert_eq!(error_of(stop), "ProofInvalid");
    assert_eq!(home.registry.status(done.record_id).unwrap(), Status::Valid);
}
