//! The project's claims at small sizes: both provers' proofs verify under one key, and begin with the same commitments.
mod support;

use halo2_proofs::{
    halo2curves::bn256::{Bn256, Fr, G1Affine},
    plonk::{Circuit, create_proof, keygen_pk},
    poly::kzg::{commitment::KZGCommitmentScheme, multiopen::ProverSHPLONK},
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use std::sync::Arc;
use support::{Known, VK_HASH, assert_same_key, stock_vk};
use veilmark_circuits::{
    claims::{
        authenticity::AuthenticityClaim,
        committed_fingerprint::{self, CommittedFingerprintClaim},
        fingerprint::FingerprintClaim,
        generation::GenerationClaim,
        model::Generated,
    },
    column::{self, SALT_ROWS, Salts},
    committed,
    relation::{Generator, HiddenFingerprint, Picture, Relation, Shape},
    testing::stock::CommittedColumnsRng,
};
use veilmark_halo2::{Column, Options, ProvingKey, commit};
use veilmark_statement::{fingerprint::Fingerprint, model::Model, pdq, public::PublicInputs, raster::Raster};
use veilmark_transcript::{KeccakTranscript, POINT};

fn picture(width: u32, height: u32) -> Raster {
    let pixel = |i: u32| {
        let (x, y) = (i % width, i / width);
        [x * x * 5 / 7 + 3 * y, x * y * 5 / 3 + 11 * x, (x + 2) * (y + 1) * 13 / 3]
            .map(|sample| sample.to_le_bytes()[0])
    };
    Raster::new(width, height, (0..width * height).map(pixel).collect()).unwrap()
}

/// Proves one claim with both provers.
fn both<C: Relation + Circuit<Fr> + Clone>(k: u32, circuit: &C, public: &PublicInputs) -> (Known, Vec<u8>) {
    let (known, committed) = (Known::new(k), C::CLAIM.committed_points());
    let instance = C::instance(public);
    let instances: &[&[Fr]] = &[&instance];
    let vk = stock_vk(&known, circuit);
    let key = ProvingKey::generate(&known.setup(), circuit, &Options::default()).unwrap();
    assert_same_key(&vk, key.vk());

    let own = known.own(&key, circuit, instances, committed, 3, &Options::default()).unwrap();
    assert!(known.accepts(&vk, instances, &own) && known.accepts(key.vk(), instances, &own));
    let pk = keygen_pk(&known.params, vk.clone(), circuit).unwrap();
    let rng = CommittedColumnsRng::new(committed, vk.cs().blinding_factors() + 1, ChaCha20Rng::seed_from_u64(1));
    let mut transcript = KeccakTranscript::new(&VK_HASH, Vec::new());
    create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
        &known.params,
        &pk,
        std::slice::from_ref(circuit),
        &[instances],
        rng,
        &mut transcript,
    )
    .unwrap();
    let stock = transcript.into_stream();
    assert!(known.accepts(key.vk(), instances, &stock));
    assert_eq!(own.len(), stock.len());
    let points = POINT * committed;
    assert!(own[..points] == stock[..points], "the committed points");
    assert!(own[points..points + POINT] != stock[points..points + POINT], "other points are blinded");

    // the same proof again, on one thread and in the least memory
    let least = [1, u64::MAX].map(|memory| Options { threads: 1, memory: Some(memory), ..Options::default() });
    let Err(veilmark_halo2::Error::Memory { needed, .. }) =
        known.own(&key, circuit, instances, committed, 3, &least[0])
    else {
        panic!("no proof takes a byte")
    };
    let least = Options { memory: Some(needed), ..least[1] };
    assert!(known.own(&key, circuit, instances, committed, 3, &least).unwrap() == own, "in {needed} bytes");

    for place in [0, 300, own.len() / 2, own.len() - 1] {
        let mut bent = own.clone();
        bent[place] ^= 1;
        assert!(!known.accepts(&vk, instances, &bent), "byte {place}");
    }
    (known, own)
}

fn point(proof: &[u8], i: usize) -> G1Affine {
    veilmark_transcript::point_from_words(proof[i * POINT..(i + 1) * POINT].try_into().unwrap()).unwrap()
}

/// A committed column as this crate's prover takes it.
fn own_column(column: &column::Column) -> Column {
    let mut own = Column::zeros(0);
    column.values().for_each(|value| own.push(value));
    own
}

#[test]
fn fingerprints() {
    let shape = Shape::Picture { width: 16, height: 12 };
    let picture = Picture { image: picture(16, 12), salts: Salts::expand(&[1; 32], SALT_ROWS) };
    let fingerprint = pdq::pdq(&picture.image).fingerprint;
    let public = PublicInputs::new(fingerprint, 3, [7; 31]);
    let k = FingerprintClaim::min_k(&shape, 0).unwrap();
    let (known, proof) = both(k, &FingerprintClaim::new(picture.clone(), &public), &public);
    for (channel, column) in picture.columns().iter().enumerate() {
        let commitment = commit(&known.lagrange, &own_column(column), &Options::default()).unwrap();
        assert_eq!(commitment, point(&proof, channel));
    }

    let hidden = HiddenFingerprint { fingerprint, salts: Salts::expand(&[4; 32], SALT_ROWS) };
    let column = own_column(&hidden.column());
    let k = CommittedFingerprintClaim::min_k(&shape, 0).unwrap();
    let witness = committed_fingerprint::Witness { picture, fingerprint: hidden };
    let (known, proof) = both(k, &CommittedFingerprintClaim::new(witness, &public), &public);
    assert_eq!(commit(&known.lagrange, &column, &Options::default()).unwrap(), point(&proof, 3));
}

#[test]
fn models() {
    let model = Model::smallest();
    let latent: Vec<i8> = (0..model.architecture().latent).map(|i| (i * 37 % 256) as u8 as i8).collect();
    let weight_salts = 10;
    let weights = Arc::new(committed::weights(&model, &Salts::expand(&[3; 32], weight_salts)));
    let image = model.generate(&latent);
    let fingerprint = pdq::pdq(&image).fingerprint;
    let generator = Generator::new(&model, latent, Salts::expand(&[2; 32], SALT_ROWS), weights).unwrap();
    let picture = Picture { image, salts: Salts::expand(&[1; 32], SALT_ROWS) };
    let witness = Generated { picture, generator };
    let shape = Shape::Model(Arc::new(model.architecture().clone()));

    let public = PublicInputs::new(Fingerprint::default(), 0, [7; 31]);
    let k = GenerationClaim::min_k(&shape, weight_salts).unwrap();
    both(k, &GenerationClaim::new(witness.clone(), &public), &public);
    let public = PublicInputs::new(fingerprint, 3, [7; 31]);
    let k = AuthenticityClaim::min_k(&shape, weight_salts).unwrap();
    both(k, &AuthenticityClaim::new(witness, &public), &public);
}
