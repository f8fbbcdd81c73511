//! Costs are golden: a slower circuit or verifier is a diff of `cost.json`, to be explained in the commit that makes it.
//!
//! `VEILMARK_BLESS=1 cargo test --release -p veilmark-benches` writes the file anew.
use rand_core::OsRng;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, path::Path, sync::Arc};
use veilmark::{
    chain::practice,
    fingerprint_file::FingerprintFile,
    halo2::Options,
    keys::{self, ClaimShape},
    proof::prove,
    srs::Srs,
};
use veilmark_benches::{
    cost::{self, Cost},
    models, picture,
};
use veilmark_circuits::{
    claims::fingerprint::FingerprintClaim,
    column::Salts,
    commitment::Commitment,
    relation::Picture,
    statement::{
        claim::{Claim, PICTURE},
        model::Model,
        pdq,
        public::PublicInputs,
    },
};
use veilmark_tests::{Prover, generator::Generator};

/// The sizes whose rows are golden.
const SIZES: [(u32, u32); 5] = [(5, 5), (64, 48), (512, 512), (1280, 720), (1920, 1080)];

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Golden {
    /// The cost of a 64x48 proof; of these only `k` and, by 61 for each unit of `k`, the gas depend on the size.
    fingerprint: Cost,
    /// The same of a committed fingerprint.
    committed_fingerprint: Cost,
    /// The cost of a claim with the smallest model, by claim; gas and bytes are the same for every model but by `k`.
    models: BTreeMap<String, Cost>,
    /// Rows needed, by size.
    rows: BTreeMap<String, usize>,
    /// Rows that the generation claim needs, by model.
    model_rows: BTreeMap<String, usize>,
}

fn of_model(claim: Claim) -> Cost {
    let generator = Generator::new(Model::smallest(), claim, 1);
    let proof = generator.prove(&generator.latent(1), practice::default_registrant());
    cost::of_proof(&generator.srs, generator.key.vk(), &generator.shape, &proof.public, &proof.bytes)
}

fn committed(width: u32, height: u32) -> Cost {
    let prover = Prover::of_claim(Claim::COMMITTED_FINGERPRINT, width, height);
    let image = picture(width, height);
    let file = FingerprintFile::new(pdq::pdq(&image).fingerprint);
    let registrant = practice::default_registrant();
    let proof = prover.prove_committed(&image, &Salts::random(OsRng), &file, 0, registrant).unwrap();
    cost::of_proof(&prover.srs, prover.key.vk(), &prover.shape, &proof.public, &proof.bytes)
}

fn model_rows(model: &Model) -> usize {
    let architecture = Arc::new(model.architecture().clone());
    cost::rows(&ClaimShape::of_model(Claim::GENERATION, architecture, 0).unwrap())
}

fn measured() -> Golden {
    let (width, height) = (64, 48);
    let image = picture(width, height);
    let of = |size| ClaimShape::of_picture(Claim::FINGERPRINT, size, 0).unwrap();
    let mut shape = of((width, height));
    shape.k = shape.min_k().unwrap();
    let shape = &shape;
    let srs = Srs::dev(shape.k, &mut |_| {}).unwrap();
    let key = keys::generate_proving_key(&srs, shape, keys::generate_verifying_key(&srs, shape).unwrap()).unwrap();
    let public = PublicInputs::new(pdq::pdq(&image).fingerprint, 0, [1; 31]);
    let picture = Picture { image, salts: Salts::random(OsRng) };
    let commitment = Commitment::new(&srs.setup(), &PICTURE, &shape.header(&srs), &picture.columns()).unwrap();
    let vk_hash = keys::vk_hash(&srs, key.vk(), shape).unwrap();
    let proof =
        prove::<FingerprintClaim>(&srs, &key, &vk_hash, picture, &[commitment], &public, &Options::default()).unwrap();
    let rows = SIZES.map(|(width, height)| (format!("{width}x{height}"), of((width, height)).rows(0).unwrap()));
    let claims = [Claim::GENERATION, Claim::AUTHENTICITY];
    let named = [("dcgan32", models::dcgan(64, &[64, 32, 16, 3])), ("mlp", models::perceptron())];
    Golden {
        fingerprint: cost::of_proof(&srs, key.vk(), shape, &public, &proof),
        committed_fingerprint: committed(width, height),
        models: claims.map(|claim| (claim.name().to_owned(), of_model(claim))).into(),
        rows: rows.into(),
        model_rows: named.map(|(name, model)| (name.to_owned(), model_rows(&model))).into(),
    }
}

#[test]
fn costs_are_the_golden_ones() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cost.json");
    let measured = measured();
    if std::env::var_os("VEILMARK_BLESS").is_some() {
        fs::write(&path, serde_json::to_string_pretty(&measured).unwrap() + "\n").unwrap();
    }
    let golden: Golden = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(golden, measured, "a cost changed: explain it, then bless it");
    assert!(measured.fingerprint.verifier_gas + 21_000 + 16 * 1_900 < 400_000, "the promise of the README");
    assert!(measured.fingerprint.verifier_bytes < 10_240, "the promise of the README");
    for (claim, gas) in [("generation", 480_000), ("authenticity", 560_000)] {
        let cost = &measured.models[claim];
        assert!(cost.verifier_gas + 21_000 + 16 * (cost.proof_bytes as u64 + 300) < gas, "{claim}: {cost:?}");
        assert!(cost.proof_bytes <= 5 * 1024 && cost.verifier_bytes < 24_576, "{claim}: {cost:?}");
    }
}
