//! Random small circuits: what this crate proves the stock verifier accepts, and its keys are the stock ones.
mod support;

use ff::Field;
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use proptest::prelude::*;
use std::ops::ControlFlow;
use support::{
    Known, assert_same_key,
    random::{K, Random, Spec, some},
    stock_vk,
};
use veilmark_halo2::{Column as Values, Error, Options, Phase, Progress, ProvingKey, Setup, commit};

fn spec() -> impl Strategy<Value = Spec> {
    (any::<u32>(), 3usize..=9, 1usize..=5, 1usize..=5, 1u8..=3, 0usize..=40, any::<bool>()).prop_map(
        |(seed, degree, free, gates, phases, copies, selector)| Spec {
            seed: u64::from(seed),
            degree,
            free,
            gates: gates.max(usize::from(phases)),
            phases,
            copies,
            selector,
        },
    )
}

/// The point at the start of a proof.
fn first_point(proof: &[u8]) -> G1Affine {
    veilmark_transcript::point_from_words(proof[..64].try_into().unwrap()).unwrap()
}

/// Everything that must hold of one circuit.
fn check(known: &Known, spec: Spec, all: bool) {
    let circuit = Random { spec, wrong: Fr::ZERO };
    let instance = circuit.instance();
    let instances: &[&[Fr]] = &[&instance];
    let vk = stock_vk(known, &circuit);
    let key = ProvingKey::generate(&known.setup(), &circuit, &Options::default()).unwrap();
    assert_same_key(&vk, key.vk());
    let options = Options::default();
    let proof = known.own(&key, &circuit, instances, 0, 7, &options).unwrap();
    assert!(known.accepts(&vk, instances, &proof), "the stock key refuses");
    assert!(known.accepts(key.vk(), instances, &proof), "the light key refuses");

    // the stock prover panics after a third phase
    if circuit.spec.phases < 3 {
        let stock = known.stock(&vk, &circuit, instances);
        assert!(known.accepts(key.vk(), instances, &stock));
        assert_eq!(stock.len(), proof.len());
    }
    let mut other = instance.clone();
    other[1] += Fr::ONE;
    assert!(!known.accepts(&vk, &[&other], &proof), "another instance");

    // a committed column: the point of its values alone
    let committed = known.own(&key, &circuit, instances, 1, 7, &options).unwrap();
    assert!(known.accepts(&vk, instances, &committed));
    let mut column = Values::zeros(0);
    circuit.first_column().iter().for_each(|value| column.push(*value));
    let point = commit(&known.lagrange, &column, &options).unwrap();
    assert_eq!(first_point(&committed), point);
    assert_ne!(first_point(&proof), point, "other columns are blinded");

    let wrong = Random { wrong: Fr::ONE, ..circuit.clone() };
    let error = known.own(&key, &wrong, instances, 0, 7, &options).unwrap_err();
    assert!(matches!(error, Error::Unsatisfied), "{error}");
    if !all {
        return;
    }

    let again = ProvingKey::new(vk.clone(), &circuit, &options).unwrap();
    for threads in [1, 2, 8] {
        let options = Options { threads, ..options };
        assert!(known.own(&again, &circuit, instances, 0, 7, &options).unwrap() == proof, "{threads} threads");
    }
    // another seed: every point but those that no blinding changes differs
    assert!(known.own(&key, &circuit, instances, 0, 8, &options).unwrap() != proof);

    // with less memory, the same proof
    let Err(Error::Memory { needed, .. }) =
        known.own(&key, &circuit, instances, 1, 7, &Options { memory: Some(1), ..options })
    else {
        panic!("no proof takes a byte")
    };
    let least = Options { memory: Some(needed), ..options };
    assert!(known.own(&key, &circuit, instances, 1, 7, &least).unwrap() == committed, "less memory");
    let less = Options { memory: Some(needed - 1), ..options };
    assert!(matches!(known.own(&key, &circuit, instances, 1, 7, &less), Err(Error::Memory { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_stock_verifier_accepts(spec in spec()) {
        let known = KNOWN.get_or_init(|| Known::new(K));
        check(known, spec, false);
    }
}

static KNOWN: std::sync::OnceLock<Known> = std::sync::OnceLock::new();

#[test]
fn the_same_proof_on_any_threads_and_in_little_memory() {
    let known = KNOWN.get_or_init(|| Known::new(K));
    for degree in [3, 5, 9] {
        check(known, some(degree, 3).spec, true);
    }
}

#[test]
fn a_setup_without_the_power_past_the_rows_is_refused_by_name() {
    let known = KNOWN.get_or_init(|| Known::new(K));
    let error = Setup::new(&known.powers[..1 << K], &known.lagrange).unwrap_err();
    assert!(matches!(error, Error::Powers { expected: 65, got: 64 }), "{error}");
    assert!(Setup::new(&known.powers, &known.lagrange[1..]).is_err());
}

#[test]
fn what_does_not_fit_is_refused() {
    let known = KNOWN.get_or_init(|| Known::new(K));
    let circuit = some(4, 2);
    let options = Options::default();
    let key = ProvingKey::generate(&known.setup(), &circuit, &options).unwrap();
    let instance = circuit.instance();
    let refused =
        |instances: &[&[Fr]], committed| known.own(&key, &circuit, instances, committed, 1, &options).unwrap_err();
    assert!(matches!(refused(&[], 0), Error::Size { what: "instance columns", .. }));
    assert!(matches!(refused(&[&vec![Fr::ONE; 64]], 0), Error::Size { what: "rows of an instance column", .. }));
    // the seventh column is of the second phase
    assert!(matches!(refused(&[&instance], 6), Error::Committed { committed: 6 }));
    assert!(matches!(refused(&[&instance], 99), Error::Committed { .. }));
    let other = Known::new(K - 1);
    assert!(matches!(
        other.own(&key, &circuit, &[&instance], 0, 1, &options),
        Err(Error::Size { what: "rows of the setup", .. })
    ));
    let small = Known::new(4);
    let error = ProvingKey::generate(&small.setup(), &circuit, &options).unwrap_err();
    assert!(matches!(error, Error::Row { .. } | Error::Size { .. }), "{error}");
    // a committed column of zeros is no point that a proof can hold
    let vk = stock_vk(known, &some(4, 1));
    assert!(matches!(ProvingKey::new(vk, &some(4, 2), &options), Ok(_) | Err(Error::Size { .. })));
}

#[test]
fn progress_grows_to_the_end_and_cancels() {
    let known = KNOWN.get_or_init(|| Known::new(K));
    let circuit = some(5, 2);
    let key = ProvingKey::generate(&known.setup(), &circuit, &Options::default()).unwrap();
    let instance = circuit.instance();
    let heard = std::sync::Mutex::new(Vec::new());
    let listen = |progress: Progress| {
        heard.lock().unwrap().push(progress);
        ControlFlow::Continue(())
    };
    let options = Options { progress: Some(&listen), ..Options::default() };
    known.own(&key, &circuit, &[&instance], 1, 1, &options).unwrap();
    let heard = heard.into_inner().unwrap();
    assert!(heard.is_sorted_by_key(|progress| progress.done), "{heard:?}");
    assert!(heard.iter().all(|p| p.done <= p.total && p.total == heard[0].total));
    assert_eq!(heard[0].phase, Phase::Witness);

    let stop = |_: Progress| ControlFlow::Break(());
    let options = Options { progress: Some(&stop), ..Options::default() };
    assert!(matches!(known.own(&key, &circuit, &[&instance], 1, 1, &options), Err(Error::Cancelled)));
    assert!(matches!(commit(&known.lagrange, &Values::from_bytes(vec![1; 9]), &options), Err(Error::Cancelled)));
    assert!(matches!(ProvingKey::generate(&known.setup(), &circuit, &options), Err(Error::Cancelled)));
}

/// Blinding: two proofs of one witness share no point but the committed column's, and no evaluation of a blinded column.
#[test]
fn every_point_is_fresh() {
    let known = KNOWN.get_or_init(|| Known::new(K));
    let circuit = some(5, 2);
    let key = ProvingKey::generate(&known.setup(), &circuit, &Options::default()).unwrap();
    let instance = circuit.instance();
    let [a, b] = [1, 2].map(|seed| known.own(&key, &circuit, &[&instance], 1, seed, &Options::default()).unwrap());
    let cs = key.vk().cs();
    let points = cs.num_advice_columns() + key.vk().permutation().commitments().len().div_ceil(cs.degree() - 2) + 1 + 4;
    let shown = |proof: &[u8]| -> Vec<Vec<u8>> { proof[..64 * points].chunks(64).map(<[u8]>::to_vec).collect() };
    let same: Vec<usize> = (0..points).filter(|i| shown(&a)[*i] == shown(&b)[*i]).collect();
    assert_eq!(same, [0], "the committed column's point, and no other");
}
