//! The claims against cheating provers.
use super::*;
use crate::{
    statement::model::testing::{every_kind, perceptron},
    testing::failures,
};
use rand::{SeedableRng, rngs::StdRng};
use std::collections::BTreeSet;

const CONTEXT: [u8; 31] = [7; 31];

fn latent(model: &Model, seed: u64) -> Vec<i8> {
    use rand::Rng;
    let mut rng = StdRng::seed_from_u64(seed);
    (0..model.architecture().latent).map(|_| rng.r#gen()).collect()
}

fn secrets(model: &Model) -> Secrets {
    Secrets {
        image: Salts::expand(&[1; 32], SALT_ROWS),
        latent: Salts::expand(&[2; 32], SALT_ROWS),
        weights: Arc::new(crate::commitment::salted_weights(model, &Salts::expand(&[3; 32], 10))),
    }
}

fn generation(model: &Model, latent: &[i8]) -> GenerationClaim {
    let public = FingerprintPublic { fingerprint: Default::default(), tolerance: 0, context: CONTEXT };
    ModelClaim::new(model, &model.run(latent), secrets(model), &public)
}

fn authenticity(model: &Model, latent: &[i8]) -> AuthenticityClaim {
    let fingerprint = pdq::pdq(&model.generate(latent)).fingerprint;
    let public = FingerprintPublic { fingerprint, tolerance: 3, context: CONTEXT };
    ModelClaim::new(model, &model.run(latent), secrets(model), &public)
}

fn broken<const F: bool>(claim: &ModelClaim<F>) -> BTreeSet<String> {
    let k = ModelClaim::<F>::min_k(&claim.architecture, 10);
    failures(k, claim, vec![claim.public.clone()])
}

#[test]
fn agrees_with_native() {
    for seed in 0..3 {
        for model in [every_kind(seed), perceptron(seed)] {
            let latent = latent(&model, seed);
            assert_eq!(broken(&generation(&model, &latent)), BTreeSet::new());
            assert_eq!(broken(&authenticity(&model, &latent)), BTreeSet::new());
        }
    }
}
