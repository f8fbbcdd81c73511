//! What the claim of a committed fingerprint has that the other has not: a fourth committed column, read by copies. All else is the
//! same code, and is tried in `tests`.
use super::*;
use crate::{
    claims::{
        committed_fingerprint::{CommittedFingerprintClaim, Witness},
        fingerprint::FingerprintClaim,
    },
    commitment::Commitment,
    relation::{HiddenFingerprint, Relation},
    statement::claim::{Claim, FINGERPRINT, Header, Meaning},
    testing::{At, accepted_lies, broken_copies, constraints, failures, small, some_grafts, trace},
    transcript::point_to_words,
};
use ff::PrimeField;
use halo2_proofs::{halo2curves::bn256::G1Affine, plonk::Any};
use rand::{Rng, SeedableRng, rngs::StdRng};
use sha3::{Digest, Keccak256};
use std::collections::{BTreeMap, BTreeSet};

const K: u32 = 14;
const SIDES: (u32, u32) = (9, 7);
/// The column of the committed fingerprint.
const COLUMN: usize = 3;

fn picture(seed: u64) -> Raster {
    let mut rng = StdRng::seed_from_u64(seed);
    Raster::new(SIDES.0, SIDES.1, (0..SIDES.0 * SIDES.1).map(|_| rng.r#gen()).collect()).unwrap()
}

fn fingerprint(image: &Raster) -> Fingerprint {
    pdq::pdq(image).fingerprint
}

fn flipped(fingerprint: Fingerprint, bits: usize) -> Fingerprint {
    Fingerprint::from_bits(|k| fingerprint.bit(k) != (k % 19 == 5 && k / 19 < bits))
}

fn claim(image: &Raster, given: Fingerprint, tolerance: u8) -> CommittedFingerprintClaim {
    let public = PublicInputs::new(Fingerprint::default(), tolerance, [7; 31]);
    let rng = || StdRng::seed_from_u64(4);
    let picture = Picture { image: image.clone(), salts: Salts::random(rng()) };
    let fingerprint = HiddenFingerprint { fingerprint: given, salts: Salts::random(rng()) };
    CommittedFingerprintClaim::new(Witness { picture, fingerprint }, &public)
}

fn broken(claim: &CommittedFingerprintClaim) -> BTreeSet<String> {
    failures(K, claim, vec![claim.public.clone()])
}

fn only(name: &str) -> BTreeSet<String> {
    BTreeSet::from([name.to_owned()])
}

#[test]
fn a_committed_fingerprint_is_near_or_is_not() {
    let image = picture(1);
    let own = fingerprint(&image);
    for distance in [0, 1, 9] {
        let given = flipped(own, distance);
        assert_eq!(own.distance(given), distance as u32);
        for tolerance in [distance as u8, 12] {
            assert_eq!(broken(&claim(&image, given, tolerance)), BTreeSet::new());
        }
        if distance > 0 {
            assert!(!broken(&claim(&image, given, distance as u8 - 1)).is_empty());
        }
    }
}

#[test]
fn the_same_constraints_and_one_more_column() {
    assert_eq!(constraints::<CommittedFingerprintClaim>(), constraints::<FingerprintClaim>());
    let mut systems = [(); 2].map(|()| ConstraintSystem::<Fr>::default());
    FingerprintClaim::configure(&mut systems[0]);
    let config = CommittedFingerprintClaim::configure(&mut systems[1]);
    let [public, committed] = systems.map(|cs| (cs.num_advice_columns(), cs.num_fixed_columns(), cs.degree()));
    assert_eq!(committed, (public.0 + 1, public.1, public.2));
    // its point is the proof's fourth, and it is committed before any challenge
    let column = config.given.committed.unwrap();
    assert_eq!((column.index(), column.column_type().phase()), (COLUMN, 0));
    assert_eq!(config.rgb.map(|column| column.index()), [0, 1, 2]);
    for side in [5, 40, 512] {
        let shape = Shape::Picture { width: side, height: side };
        assert_eq!(CommittedFingerprintClaim::rows(&shape, 0), FingerprintClaim::rows(&shape, 0));
    }
}

/// The halves that the trace reads are the committed cells: each on its own, exchanged, and carried over.
#[test]
fn another_fingerprint_in_the_column_is_stopped_by_a_copy_or_a_relation() {
    let image = picture(1);
    let honest = claim(&image, fingerprint(&image), 4);
    let column = honest.fingerprint.clone().unwrap();
    let [low, high] = [0, 1].map(|half| column.get(half));
    let with = |halves: [Fr; 2]| {
        let (mut lie, mut column) = (honest.clone(), column.clone());
        halves.into_iter().enumerate().for_each(|(half, value)| column.set(half, value));
        lie.fingerprint = Some(column);
        lie
    };
    let exchanged = with([high, low]);
    let carried = with([low + Fr::ONE, high - Fr::ONE]);
    let beyond = with([low + Fr::from(2).pow([128]), high - Fr::ONE]);
    let [low, high] = [with([low + Fr::ONE, high]), with([low, high + Fr::ONE])];
    for lie in [exchanged, carried, beyond, low, high] {
        // the trace follows the column: the relation of the halves no longer ends at zero
        assert_eq!(broken(&lie), only("copy"));
    }
    // the column is another's, and the trace reads what it was to read: one copy for each half
    let other = fingerprint(&picture(2));
    for half in 0..2 {
        let public = vec![honest.public.clone()];
        let changed = column::of_fingerprint(other, &Salts::public()).get(half);
        let graft = [BTreeMap::from([((COLUMN, half), changed)])];
        assert!(accepted_lies(K, &honest, &public, graft, |_| false).is_empty());
    }
    assert_eq!(broken_copies(K, &honest, vec![honest.public.clone()]), BTreeSet::new());
}

/// What is copied from where: the two halves from the committed column, the tolerance from the instance, and no public
/// fingerprint at all.
#[test]
fn the_halves_are_copied_from_the_committed_column() {
    let image = picture(1);
    let honest = claim(&image, fingerprint(&image), 0);
    let seen = trace(K, &honest, std::slice::from_ref(&honest.public));
    let rows = |of: &dyn Fn(&Any, usize) -> bool| -> BTreeSet<usize> {
        let sides = seen.copies.iter().flatten();
        sides.filter(|(kind, column, _)| of(kind, *column)).map(|(_, _, row)| *row).collect()
    };
    let tolerance = Claim::COMMITTED_FINGERPRINT.position(Meaning::Tolerance).unwrap();
    let halves = Fingerprints::of(Claim::COMMITTED_FINGERPRINT).halves;
    let committed = rows(&|kind, column| matches!(kind, Any::Advice(_)) && column == COLUMN);
    assert_eq!(committed, [0, 1].into());
    assert_eq!(rows(&|kind, _| matches!(kind, Any::Instance)), [tolerance].into());
    // each is the factor of the instruction that reads it, and of no other
    let (layout, builder) = (honest.plan().layout, honest.plan().builder);
    let mut cs = ConstraintSystem::default();
    let factor = CommittedFingerprintClaim::configure(&mut cs).horner.factor.index();
    let place = |(kind, column, row): &(Any, usize, usize)| (matches!(kind, Any::Advice(_)), *column, *row);
    for (half, wire) in halves.into_iter().enumerate() {
        let reads = builder.order.iter().filter(|(part, index)| builder.part(*part)[*index].factor == Some(wire));
        let expected =
            reads.map(|&(part, index)| (true, factor, layout.row(CellRef::Instruction(part, index)))).collect();
        let pairs = seen.copies.iter().map(|sides| sides.each_ref().map(place));
        let source = (true, COLUMN, half);
        let copied: BTreeSet<_> =
            pairs.filter_map(|[a, b]| (b == source).then_some(a).or((a == source).then_some(b))).collect();
        assert!(copied == expected && copied.len() == 1, "half {half}: {copied:?}");
    }
    // and no others of the trace's cells leave it
    let given = builder.order.iter().filter_map(|&(part, index)| builder.part(part)[index].factor);
    let given: Vec<_> = given.filter(|wire| matches!(wire, CellRef::Public(_) | CellRef::Committed(_))).collect();
    assert_eq!(given, [halves[1], halves[0], CellRef::Public(tolerance)]);
}

/// The statement of a grafted witness.
fn holds(cells: &BTreeMap<At, Fr>, public: &[Fr]) -> bool {
    let sample = |channel, row| small(cells[&(channel, row)]).and_then(|v| u8::try_from(v).ok());
    let pixels: Option<Vec<_>> = (0..(SIDES.0 * SIDES.1) as usize)
        .map(|row| Some([sample(0, row)?, sample(1, row)?, sample(2, row)?]))
        .collect();
    let half = |row: usize| {
        let repr = cells[&(COLUMN, row)].to_repr();
        repr[16..].iter().all(|&b| b == 0).then(|| u128::from_le_bytes(repr[..16].try_into().unwrap()))
    };
    let (Some(pixels), Some(low), Some(high)) = (pixels, half(0), half(1)) else { return false };
    let given = Fingerprint::from_bits(|k| [low, high][k / 128] >> (k % 128) & 1 == 1);
    let image = Raster::new(SIDES.0, SIDES.1, pixels).unwrap();
    let tolerance = small(public[2]);
    tolerance.is_some_and(|tolerance| u64::from(fingerprint(&image).distance(given)) <= tolerance)
}

#[test]
fn no_single_cell_and_no_window_of_another_witness_makes_a_lie_accepted() {
    let (a, b) = (picture(1), picture(2));
    let [mine, donor] = [&a, &b].map(|image| claim(image, fingerprint(image), 0));
    let public = vec![mine.public.clone()];
    let (here, there) = (trace(K, &mine, &public), trace(K, &donor, std::slice::from_ref(&donor.public)));
    let mut tried = some_grafts(&here, &there, 12, 20);
    tried.extend((0..2).map(|row| BTreeMap::from([((COLUMN, row), here.cells[&(COLUMN, row)] + Fr::ONE)])));
    let lies = accepted_lies(K, &mine, &public, tried, |trace| holds(&trace.cells, &trace.public[0]));
    assert!(lies.is_empty(), "{} accepted", lies.len());
}

#[test]
fn the_digest_covers_every_field() {
    let point = |n: u64| G1Affine::from(G1Affine::generator() * Fr::from(n));
    let header = Header { srs_id: [9; 32], k: 14, size: (1, 2), ..Header::default() };
    let honest = Commitment::of_points(&FINGERPRINT, &header, vec![point(5)]);
    let mut words = Keccak256::digest("veilmark fingerprint commitment v1").to_vec();
    words.extend([9; 32]);
    words.extend([0; 31]);
    words.push(14);
    words.extend(point_to_words(point(5)).unwrap());
    assert_eq!(honest.digest(), <[u8; 32]>::from(Keccak256::digest(words)));
}

#[test]
fn a_column_is_two_numbers_and_salts() {
    let print = Fingerprint::from_bits(|k| k == 0 || k == 129);
    let column = column::of_fingerprint(print, &Salts::random(StdRng::seed_from_u64(1)));
    assert_eq!(column.len(), 2 + SALT_ROWS);
    let values: Vec<Fr> = column.values().collect();
    assert_eq!(values[..2], [Fr::ONE, Fr::from(2)]);
    assert_eq!(values[2..].iter().map(|salt| salt.to_repr()).collect::<BTreeSet<_>>().len(), SALT_ROWS);
}

#[test]
fn no_secret_is_in_debug_output() {
    let image = picture(1);
    let text = format!("{:?}", claim(&image, fingerprint(&image), 0));
    assert_eq!(text, "PictureClaim { claim: committed-fingerprint-v1, .. }");
}
