//! The real claim before the real contracts: what is accepted, and that nothing else is.
use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use rand_core::OsRng;
use veilmark::chain::{
    ChainError,
    client::{
        RegistryClient,
        records::{Record, Status, Submission},
        search::{By, Wanted},
    },
    deployment::Plan,
    embedded::EmbeddedChain,
    practice,
};
use veilmark_circuits::{
    column::Salts,
    statement::{claim::Claim, fingerprint::Fingerprint, pdq},
};
use veilmark_contract_bindings::{claims, interfaces::IClaimRouter};
use veilmark_tests::{Proof, Prover, TestChain, picture};

const SIZES: [(u32, u32); 3] = [(24, 17), (40, 9), (7, 31)];

fn alice() -> Address {
    practice::default_registrant()
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
    let claims = keys.map(|key| chain.registry.key(key).unwrap().unwrap().claimId);
    assert!(claims.iter().all(|claim| claim.0 == Claim::FINGERPRINT.id()), "one claim, and so one contract");
    assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[2] != keys[0], "three keys");
    for (i, proof) in proofs.iter().enumerate() {
        for (j, key) in keys.into_iter().enumerate() {
            let verdict = chain.registry.verify(key, &proof.words(), &proof.bytes);
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
    let honest = proof.submission(key);
    let lie = |change: &dyn Fn(&mut Record)| {
        let mut lie = honest.clone();
        change(&mut lie.record);
        error_of(registry.register(&lie))
    };
    let own = proof.public.fingerprint;

    // a copied proof is worthless to the copier
    assert_eq!(lie(&|record| record.registrant = mallory), "ProofInvalid");
    // another fingerprint, another tolerance, another commitment, a source that nothing was proved of
    let other = Fingerprint::from_bits(|k| own.bit(k) != (k == 77));
    assert_eq!(lie(&|record| record.statement.fingerprint = other.to_bytes().into()), "ProofInvalid");
    assert_eq!(lie(&|record| record.statement.tolerance = 1), "ProofInvalid");
    assert_eq!(lie(&|record| record.statement.tolerance = 32), "ToleranceTooLarge");
    assert_eq!(lie(&|record| record.statement.imageCommitment = B256::repeat_byte(1)), "CommitmentMismatch");
    assert_eq!(lie(&|record| record.statement.sourceCommitment = B256::repeat_byte(1)), "NotInTheClaim");
    assert_eq!(lie(&|record| record.statement.extra.push(B256::ZERO)), "ExtraWords");
    assert_eq!(lie(&|record| record.vkHash = B256::repeat_byte(1)), "UnknownVerifyingKey");
    let short = Submission { proof: &proof.bytes[..100], ..honest.clone() };
    assert_eq!(error_of(registry.register(&short)), "ProofTooShort");
    assert_eq!(chain.records(), 0, "a refusal leaves nothing");

    let done = registry.register(&honest).expect("the proof is hers");
    assert!(!done.already() && done.stored.record == honest.record);
    // again: the record that there is, and nothing sent
    let again = registry.register(&honest).expect("found");
    assert!(again.already() && again.stored == done.stored);
    assert_eq!(chain.records(), 1);
    // somebody else's own proof of a copy of the picture: another commitment, another record, found by the same fingerprint
    let theirs = Proof::of(&image, mallory);
    registry.register(&theirs.submission(key)).expect("many registrants to a fingerprint");
    assert_eq!(chain.search(Wanted::Picture(own)).len(), 2);
    let [found] = &chain.search(Wanted::Word(proof.commitment.digest().into()))[..] else { panic!("one record") };
    assert_eq!((found.by, &found.stored), (By::Commitment, &done.stored));
    // check: what register would say, for anybody to ask
    registry.check(&honest, false).expect("it was accepted");
    let mut elsewhere = honest.clone();
    elsewhere.record.statement.imageCommitment = theirs.commitment.digest().into();
    assert_eq!(error_of(registry.check(&elsewhere, false)), "CommitmentMismatch");
}

/// Every word of a proof and every public input, changed in six ways, before the contract and the native verifier.
#[test]
fn no_word_of_a_proof_is_free() {
    let (width, height) = SIZES[0];
    let (prover, proof) = (Prover::of(width, height), Proof::of(&picture(width, height, 3), alice()));
    let chain = TestChain::new();
    let key = chain.pin(&prover);
    let accepted = chain.registry.verify(key, &proof.words(), &proof.bytes).expect("the honest proof").gas_used;
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
        let error = chain.registry.verify(key, &words, bytes).expect_err(what);
        let ChainError::Reverted { revert, gas_used } = &error else { panic!("{what}: {error:?}") };
        assert!(!revert.name.is_empty(), "{what}: no typed error");
        assert!(*gas_used * 10 <= accepted * 13, "{what}: {} costs {gas_used} gas, acceptance {accepted}", revert.name);
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
    chain.registry.register(&proof.submission(key)).expect("26 bits are within 26");
    let found = chain.search(Wanted::Picture(pdq::pdq(&image).fingerprint));
    assert_eq!(found.iter().map(|found| found.by).collect::<Vec<_>>(), [By::Fingerprint(26)]);
}

/// EIP-7825 for every deployment, on a chain that enforces it; and what the steps cost, for `benches/RESULTS.md`
/// (`--nocapture` shows it). The same proof before another registry is refused.
#[test]
fn deployments_fit_a_transaction_and_registries_do_not_share_proofs() {
    let (width, height) = SIZES[0];
    let (prover, image) = (Prover::of(width, height), picture(width, height, 6));
    let folder = tempfile::tempdir().unwrap();
    // what a practice chain begins with brings the deterministic deployer
    let elsewhere = RegistryClient::new(EmbeddedChain::open(folder.path()).unwrap(), practice::deployment());
    practice::ensure_contracts(&elsewhere).unwrap();
    let from = Address::repeat_byte(1);
    let plan = Plan {
        owner: from,
        guardian: Address::repeat_byte(2),
        delay: 0,
        allow_same_guardian: false,
        claims: vec![claims::of(Claim::FINGERPRINT)],
        keys: vec![prover.key_code()],
    };
    let (contracts, manifest) = plan.contracts(practice::CHAIN_ID, 0).unwrap();
    for contract in contracts {
        let name = &contract.name;
        let made = contract.make(elsewhere.chain(), from).unwrap_or_else(|error| panic!("{name}: {error}"));
        let gas = made.expect("made now").gas_used;
        println!("deploy {name}: {gas} gas");
        assert!(gas < 1 << 24, "{name}: EIP-7825");
    }
    drop(elsewhere);
    let elsewhere = RegistryClient::new(EmbeddedChain::open(folder.path()).unwrap(), manifest.deployment());

    let home = TestChain::new();
    let key = home.pin(&prover);
    let proof = Proof::of(&image, alice());
    let submission = proof.submission(key);
    assert_eq!(error_of(elsewhere.register(&submission)), "ProofInvalid");
    let verify = home.registry.verify(key, &proof.words(), &proof.bytes).unwrap().gas_used;
    let done = home.registry.register(&submission).unwrap();
    println!("verify: {verify} gas, register: {} gas", done.receipt.expect("registered now").gas_used);
    // what the router makes of the statement is what was proved
    let context = U256::from_be_slice(&proof.public.context);
    let statement = &submission.record.statement;
    let inputs = home.registry.public_inputs(Claim::FINGERPRINT.id().into(), statement, context).unwrap();
    assert_eq!(inputs, proof.words());

    // The true verifier behind the emergency stop: a valid proof of what is possible stops nothing.
    let stop = |words: [U256; 4]| {
        let (inputs, proof) = (words.to_vec(), proof.bytes.clone().into());
        let call = IClaimRouter::stopWithProofCall { vkHash: key, publicInputs: inputs, proof };
        let router = home.registry.deployment().router();
        error_of(home.registry.chain().transact(Address::repeat_byte(9), router, call.abi_encode()))
    };
    assert_eq!(stop(proof.words()), "NotImpossible");
    let mut words = proof.words();
    words[2] = U256::from(512);
    assert_eq!(stop(words), "ProofInvalid");
    assert_eq!(home.registry.stored(&submission.record).unwrap().status, Status::Valid);
}
