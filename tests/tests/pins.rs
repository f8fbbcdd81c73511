//! What must not change unnoticed: the constraint system, the verifying keys, and that stored proofs still verify.
//!
//! `VEILMARK_BLESS=1 cargo test --release -p veilmark-tests --test pins` writes the pins anew; a changed key is an entry
//! tagged `[vk]` in `CHANGELOG.md` and a new circuit version.
use std::{fmt::Write, fs, path::PathBuf};
use veilmark::{
    bundle::Bundle,
    chain::practice::{self, CHAIN_ID},
    files::Existing,
    keys::{self, vk_hash},
    proof::verify,
    statement::public::Binding,
};
use veilmark_circuits::{
    statement::{claim::Claim, model::Model},
    testing::constraints_of,
};
use veilmark_tests::{Proof, Prover, generator::Generator, picture};
use veilmark_verifier_contract::Protocol;

const SIZES: [(u32, u32); 3] = [(5, 5), (24, 17), (100, 37)];
const STORED: (u32, u32) = (24, 17);

fn pin(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("pins").join(name)
}

fn blessing() -> bool {
    std::env::var_os("VEILMARK_BLESS").is_some()
}

/// The circuit in words: what a reviewer of a change has to read.
fn described(claim: Claim) -> String {
    let mut text = String::new();
    let prover = Prover::of_claim(claim, STORED.0, STORED.1);
    let vk = prover.key.vk();
    let protocol = Protocol::new(vk, claim.inputs.len()).unwrap();
    writeln!(text, "constraint system {}", hex::encode(protocol.digest())).unwrap();
    writeln!(text, "degree {}, proof {} bytes", protocol.degree(), protocol.proof_length()).unwrap();
    let cs = vk.cs();
    writeln!(
        text,
        "advice {}, fixed {}, challenges {}",
        cs.num_advice_columns(),
        cs.num_fixed_columns(),
        cs.num_challenges()
    )
    .unwrap();
    for name in constraints_of(cs) {
        writeln!(text, "constraint {name}").unwrap();
    }
    for (width, height) in SIZES {
        let prover = Prover::of_claim(claim, width, height);
        let hash = vk_hash(&prover.srs, prover.key.vk(), &prover.shape).unwrap();
        writeln!(text, "vk {width}x{height} k={} {}", prover.shape.k, hex::encode(hash)).unwrap();
    }
    text
}

#[test]
fn the_circuit_and_its_keys_are_the_pinned_ones() {
    for claim in Claim::ALL.into_iter().filter(|claim| !claim.has_model()) {
        let path = pin(&format!("{}.txt", claim.name()));
        let described = described(claim);
        if blessing() {
            fs::write(&path, &described).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), described, "a verifying key changed: see this file's header");
    }
}

/// The same for the claims with a model, by the smallest one.
#[test]
fn the_circuits_of_models_are_the_pinned_ones() {
    let mut text = String::new();
    for claim in Claim::ALL.into_iter().filter(|claim| claim.has_model()) {
        let generator = Generator::new(Model::smallest(), claim, 1);
        let vk = generator.key.vk();
        let protocol = Protocol::new(vk, claim.inputs.len()).unwrap();
        writeln!(text, "{}: constraint system {}", claim.circuit(), hex::encode(protocol.digest())).unwrap();
        let cs = vk.cs();
        let (advice, fixed) = (cs.num_advice_columns(), cs.num_fixed_columns());
        let (degree, bytes) = (protocol.degree(), protocol.proof_length());
        writeln!(text, "degree {degree}, proof {bytes} bytes, advice {advice}, fixed {fixed}").unwrap();
        constraints_of(cs).iter().for_each(|name| writeln!(text, "constraint {name}").unwrap());
        let architecture = hex::encode(generator.shape.architecture_hash());
        let hash = hex::encode(vk_hash(&generator.srs, vk, &generator.shape).unwrap());
        writeln!(text, "smallest model {architecture}, k={}, vk {hash}", generator.shape.k).unwrap();
    }
    let path = pin("models.txt");
    if blessing() {
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), text, "a verifying key changed: see this file's header");
}

#[test]
fn a_stored_proof_still_verifies() {
    let path = pin("fingerprint-24x17.veil.json");
    let prover = Prover::of(STORED.0, STORED.1);
    if blessing() {
        let proof = Proof::of(&picture(STORED.0, STORED.1, 1), practice::default_registrant());
        let bundle = Bundle {
            vk_hash: vk_hash(&prover.srs, prover.key.vk(), &prover.shape).unwrap(),
            srs_id: prover.srs.id(),
            claim: Claim::FINGERPRINT,
            k: prover.shape.k,
            size: prover.shape.size(),
            architecture: [0; 32],
            commitments: vec![proof.commitment.digest()],
            extra: Vec::new(),
            fingerprint: proof.public.fingerprint,
            tolerance: proof.public.tolerance,
            binding: Binding {
                chain_id: CHAIN_ID,
                registry: practice::deployment().content().into(),
                registrant: practice::default_registrant().into(),
            },
            decoder: "none: a generated raster".to_owned(),
            proof: proof.bytes,
        };
        bundle.write(&path, Existing::Replace).unwrap();
    }
    // the key's code, for those who check the bundle elsewhere: the tests of the npm package do, on a chain
    let key = keys::vk_data(&prover.srs, prover.key.vk(), &prover.shape).unwrap().runtime_code();
    let (code, code_path) = (format!("0x{}\n", hex::encode(key)), pin("fingerprint-24x17.key"));
    if blessing() {
        fs::write(&code_path, &code).unwrap();
    }
    assert_eq!(fs::read_to_string(&code_path).unwrap(), code, "a verifying key changed: see this file's header");
    let bundle = Bundle::read(&path).unwrap();
    verify(&prover.srs, prover.key.vk(), &prover.vk_hash, bundle.claim, &bundle.public(), &bundle.proof).unwrap();
    assert_eq!(bundle.vk_hash, vk_hash(&prover.srs, prover.key.vk(), &prover.shape).unwrap());
}
