//! Costs are golden: a slower circuit or verifier is a diff of `cost.json`, to be explained in the commit that makes it.
//!
//! `VEILMARK_BLESS=1 cargo test --release -p veilmark-benches` writes the file anew.
use rand_core::OsRng;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, path::Path};
use veilmark::{
    keys::{self, ClaimShape},
    proof::prove_fingerprint,
    srs::Srs,
};
use veilmark_benches::{
    cost::{self, Cost},
    picture,
};
use veilmark_circuits::{
    claims::fingerprint::FingerprintClaim,
    commitment::{ImageCommitment, Salts},
    statement::{pdq, public::FingerprintPublic},
};

/// The sizes whose rows are golden.
const SIZES: [(u32, u32); 5] = [(5, 5), (64, 48), (512, 512), (1280, 720), (1920, 1080)];

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Golden {
    /// The cost of a 64x48 proof; of these only `k` and, by 61 for each unit of `k`, the gas depend on the size.
    fingerprint: Cost,
    /// Rows needed, by size.
    rows: BTreeMap<String, usize>,
}

fn measured() -> Golden {
    let (width, height) = (64, 48);
    let image = picture(width, height);
    let shape = &ClaimShape::fingerprint(width, height, FingerprintClaim::min_k(width, height).unwrap());
    let srs = Srs::dev(shape.k, &mut |_| {}).unwrap();
    let key = keys::generate_proving_key(&srs, shape, keys::generate_verifying_key(&srs, shape).unwrap()).unwrap();
    let salts = Salts::random(OsRng);
    let commitment = ImageCommitment::new(srs.params(), srs.id().0, &image, &salts).unwrap();
    let public = FingerprintPublic { fingerprint: pdq::pdq(&image).fingerprint, tolerance: 0, context: [1; 31] };
    let proof = prove_fingerprint(&srs, &key, &image, &salts, &commitment, &public, &|_| {}).unwrap();
    let rows =
        SIZES.map(|(width, height)| (format!("{width}x{height}"), FingerprintClaim::rows(width, height).unwrap()));
    Golden { fingerprint: cost::of_proof(&srs, key.get_vk(), shape, &public, &proof), rows: rows.into() }
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
}
