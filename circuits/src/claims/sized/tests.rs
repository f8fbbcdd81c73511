//! The claim against cheating provers.
use super::*;
use crate::testing::failures;
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::collections::BTreeSet;

const K: u32 = 16;

fn picture(width: u32, height: u32, seed: u64) -> Raster {
    let mut rng = StdRng::seed_from_u64(seed);
    Raster::new(width, height, (0..width * height).map(|_| rng.r#gen()).collect()).unwrap()
}

fn claim(image: &Raster) -> SizedClaim {
    let public = PublicInputs::new(pdq::pdq(image).fingerprint, 0, [7; 31]);
    SizedClaim::new(K, image.clone(), Salts::expand(&[1; 32], SALT_ROWS), &public)
}

#[test]
fn every_size_agrees_with_native_under_one_key() {
    println!("{:?}", (13..20).map(|k| (k, Room::of(k))).collect::<Vec<_>>());
    for (width, height) in [(5, 5), (64, 64), (9, 7), (33, 40), (512, 30), (7, 511), (200, 300)] {
        let honest = claim(&picture(width, height, 1));
        assert_eq!(failures(K, &honest, vec![honest.public.clone()]), BTreeSet::new(), "{width}x{height}");
    }
}
