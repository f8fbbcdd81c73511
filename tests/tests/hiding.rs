//! What a commitment and a proof show, and that they agree.
use alloy_primitives::Address;
use rand_core::OsRng;
use std::collections::BTreeSet;
use veilmark_circuits::{
    claims::fingerprint::FingerprintClaim,
    column::Salts,
    commitment::leading_points,
    relation::Picture,
    statement::{pdq, raster::Raster},
};
use veilmark_tests::{Proof, Prover, picture};

const SIZE: (u32, u32) = (24, 17);
/// Three points.
const COMMITTED_BYTES: usize = 3 * 64;

fn words(bytes: &[u8]) -> BTreeSet<&[u8]> {
    bytes.chunks(32).collect()
}

#[test]
fn two_proofs_from_one_opening_share_the_commitment_and_nothing_else() {
    let (prover, image) = (Prover::of(SIZE.0, SIZE.1), picture(SIZE.0, SIZE.1, 1));
    let salts = Salts::random(OsRng);
    let own = pdq::pdq(&image).fingerprint;
    let [a, b] = [1, 2].map(|who| prover.prove(&image, &salts, own, 0, Address::repeat_byte(who)).unwrap());
    assert_eq!(a.commitment, b.commitment);
    assert_eq!(leading_points(&a.bytes, 3).unwrap(), a.commitment.points());
    assert_eq!(a.bytes[..COMMITTED_BYTES], b.bytes[..COMMITTED_BYTES]);
    assert!(words(&a.bytes[COMMITTED_BYTES..]).is_disjoint(&words(&b.bytes[COMMITTED_BYTES..])));
}

#[test]
fn one_picture_committed_twice_is_unlinkable() {
    let image = picture(SIZE.0, SIZE.1, 1);
    let [a, b] = [(); 2].map(|()| Proof::of(&image, Address::ZERO));
    assert_ne!(a.commitment.digest(), b.commitment.digest());
    assert!(words(&a.bytes).is_disjoint(&words(&b.bytes)), "no word of one is in the other");
}

/// Two different pictures with one fingerprint: their proofs differ like two proofs of one of them.
#[test]
fn pictures_of_equal_fingerprints_have_proofs_of_equal_form() {
    let image = picture(SIZE.0, SIZE.1, 1);
    let own = pdq::pdq(&image).fingerprint;
    // one sample changed by one, where no bit notices
    let other = (0..image.pixels().len())
        .map(|at| {
            let mut pixels = image.pixels().to_vec();
            pixels[at][2] ^= 1;
            Raster::new(SIZE.0, SIZE.1, pixels).unwrap()
        })
        .find(|other| pdq::pdq(other).fingerprint == own)
        .expect("some blue sample does not matter");
    let [a, b] = [&image, &other].map(|image| Proof::of(image, Address::ZERO));
    assert_eq!(a.public, b.public, "nothing public tells them apart");
    assert_eq!(a.bytes.len(), b.bytes.len());
    assert!(words(&a.bytes).is_disjoint(&words(&b.bytes)));
}

/// Without salts anybody can recompute the commitment of a published picture; with them nobody can.
#[test]
fn a_public_commitment_is_a_function_of_the_picture_and_a_salted_one_is_not() {
    let (prover, image) = (Prover::of(SIZE.0, SIZE.1), picture(SIZE.0, SIZE.1, 1));
    let public = prover.commit(&image, &Salts::public());
    assert_eq!(public, prover.commit(&image, &Salts::public()));
    let own = pdq::pdq(&image).fingerprint;
    let proof = prover.prove(&image, &Salts::public(), own, 0, Address::ZERO).unwrap();
    assert_eq!(proof.commitment, public);
    let salted = prover.commit(&image, &Salts::random(OsRng));
    assert!((0..3).all(|channel| salted.points()[channel] != public.points()[channel]));
}

#[test]
fn a_prover_whose_salts_or_picture_are_not_the_commitments_is_stopped() {
    let (prover, image) = (Prover::of(SIZE.0, SIZE.1), picture(SIZE.0, SIZE.1, 1));
    let salts = Salts::random(OsRng);
    let commitment = prover.commit(&image, &salts);
    let proof = prover.prove(&image, &salts, pdq::pdq(&image).fingerprint, 0, Address::ZERO).unwrap();
    let attempt = |image: &Raster, salts: &Salts| {
        let public = veilmark_circuits::statement::public::PublicInputs {
            fingerprint: pdq::pdq(image).fingerprint,
            ..proof.public.clone()
        };
        let picture = Picture { image: image.clone(), salts: salts.clone() };
        let (srs, key, commitments) = (&prover.srs, &prover.key, std::slice::from_ref(&commitment));
        veilmark::proof::prove::<FingerprintClaim>(
            srs,
            key,
            &prover.vk_hash,
            picture,
            commitments,
            &public,
            &Options::default(),
        )
    };
    use veilmark::{halo2::Options, proof::ProofError::OtherCommitment};
    assert!(matches!(attempt(&image, &Salts::random(OsRng)), Err(OtherCommitment)));
    assert!(matches!(attempt(&picture(SIZE.0, SIZE.1, 2), &salts), Err(OtherCommitment)));
    assert!(attempt(&image, &salts).is_ok());
}

/// A channel of zeros commits to the point at infinity where no salts are in it: refused with a reason, not by a panic.
#[test]
fn an_empty_channel_needs_salts() {
    let (prover, image) = (Prover::of(SIZE.0, SIZE.1), picture(SIZE.0, SIZE.1, 1));
    let pixels = image.pixels().iter().map(|&[r, g, _]| [r, g, 0]).collect();
    let image = Raster::new(SIZE.0, SIZE.1, pixels).unwrap();
    let own = pdq::pdq(&image).fingerprint;
    let attempt = |salts: &Salts| prover.prove(&image, salts, own, 0, Address::ZERO);
    assert!(matches!(attempt(&Salts::public()), Err(veilmark::proof::ProofError::EmptyChannel)));
    assert!(attempt(&Salts::random(OsRng)).is_ok());
}
