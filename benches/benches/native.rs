//! What is fast: the fingerprint of a picture, a commitment, a verification. `cargo bench -p veilmark-benches`.
use alloy_primitives::{Address, B256, keccak256};
use criterion::{Criterion, criterion_group, criterion_main};
use rand_core::OsRng;
use std::hint::black_box;
use veilmark::{
    chain::index::{Index, IndexEntry},
    halo2::Options,
    keys::{self, ClaimShape},
    proof::{prove, verify},
    srs::Srs,
};
use veilmark_benches::picture;
use veilmark_circuits::{
    claims::fingerprint::FingerprintClaim,
    column::Salts,
    commitment::Commitment,
    relation::Picture,
    statement::{
        claim::{Claim, PICTURE},
        fingerprint::Fingerprint,
        pdq,
        public::PublicInputs,
    },
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
    let mut shape = ClaimShape::of_picture(Claim::FINGERPRINT, (width, height), 0).expect("a claim about a picture");
    shape.k = shape.min_k().expect("a size with a circuit");
    let shape = &shape;
    let srs = Srs::dev(shape.k, &mut |_| {}).expect("parameters");
    let vk = keys::generate_verifying_key(&srs, shape).expect("a key");
    let key = keys::generate_proving_key(&srs, shape, vk).expect("a key");
    let picture = Picture { image: image.clone(), salts: Salts::random(OsRng) };
    let header = shape.header(&srs);
    let commit = || Commitment::new(&srs.setup(), &PICTURE, &header, &picture.columns()).expect("it fits");
    criterion.bench_function("commit 64x48", |bench| bench.iter(commit));

    let public = PublicInputs::new(pdq::pdq(&image).fingerprint, 0, [1; 31]);
    let vk_hash = keys::vk_hash(&srs, key.vk(), shape).expect("a key with a form on chain");
    let witness = picture.clone();
    let proof = prove::<FingerprintClaim>(&srs, &key, &vk_hash, witness, &[commit()], &public, &Options::default())
        .expect("a proof");
    criterion.bench_function("verify", |bench| {
        bench.iter(|| {
            verify(&srs, key.vk(), &vk_hash, Claim::FINGERPRINT, &public, black_box(&proof)).expect("it verifies");
        });
    });
}

/// `lookup` once everything is indexed: the file is read, and a picture's copy looked for.
fn a_million_records(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("million.index");
    let mut index = Index::new(1, Address::ZERO);
    let mut last = B256::ZERO;
    for block in 0..1_000_000 {
        last = keccak256(last);
        let fingerprint = Some(Fingerprint::from_bytes(last.0));
        index.insert(IndexEntry { block, fingerprint, commitment: last, source: B256::ZERO, record_id: last });
    }
    index.write(&path).expect("room for 140 MB");
    let near = Fingerprint::from_bits(|k| Fingerprint::from_bytes(last.0).bit(k) != k.is_multiple_of(10));
    criterion.bench_function("lookup among 1,000,000", |bench| {
        bench.iter(|| Index::read(&path, 1, Address::ZERO).near(black_box(near), 31));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = fingerprints, commitment_and_verification, a_million_records
}
criterion_main!(benches);
