//! What is fast: the fingerprint of a picture, a commitment, a verification. `cargo bench -p veilmark-benches`.
use criterion::{Criterion, criterion_group, criterion_main};
use rand_core::OsRng;
use std::hint::black_box;
use veilmark::{
    keys::{self, ClaimShape},
    proof::{prove_fingerprint, verify},
    srs::Srs,
};
use veilmark_benches::picture;
use veilmark_circuits::{
    claims::fingerprint::FingerprintClaim,
    commitment::{ImageCommitment, Salts},
    statement::{pdq, public::FingerprintPublic},
};

fn fingerprints(criterion: &mut Criterion) {
    for (width, height) in [(512, 512), (1280, 720)] {
        let image = picture(width, height);
        criterion.bench_function(&format!("fingerprint {width}x{height}"), |bench| {
            bench.iter(|| pdq::pdq(black_box(&image)));
        });
    }
}

fn commitment_and_verification(criterion: &mut Criterion) {
    let (width, height) = (64, 48);
    let image = picture(width, height);
    let k = FingerprintClaim::min_k(width, height).expect("a size with a circuit");
    let shape = &ClaimShape::fingerprint(width, height, k);
    let srs = Srs::dev(shape.k, &mut |_| {}).expect("parameters");
    let vk = keys::generate_verifying_key(&srs, shape).expect("a key");
    let key = keys::generate_proving_key(&srs, shape, vk).expect("a key");
    let salts = Salts::random(OsRng);
    let commit = || ImageCommitment::new(srs.params(), srs.id().0, &image, &salts).expect("it fits");
    criterion.bench_function("commit 64x48", |bench| bench.iter(commit));

    let public = FingerprintPublic { fingerprint: pdq::pdq(&image).fingerprint, tolerance: 0, context: [1; 31] };
    let proof = prove_fingerprint(&srs, &key, &image, &salts, &commit(), &public, &|_| {}).expect("a proof");
    criterion.bench_function("verify", |bench| {
        bench.iter(|| verify(&srs, key.get_vk(), &public, black_box(&proof)).expect("it verifies"));
    });
}

criterion_group!(benches, fingerprints, commitment_and_verification);
criterion_main!(benches);
