//! The claim against cheating provers. Every forgery states a falsehood; its test says which one constraint stops it.
use super::*;
use crate::{
    chips::{
        horner::Opcode,
        logup::RowKind,
        trace::{ONE, Part, Span},
    },
    claims::fingerprint::FingerprintClaim,
    commitment::Commitment,
    relation::Relation,
    statement::{
        claim::{Header, PICTURE},
        fingerprint::BITS,
    },
    testing::{At, SumRow, accepted_lies, broken_copies, challenges, constraints, failures, small, some_grafts, trace},
    transcript::point_to_words,
};
use ff::PrimeField;
use halo2_proofs::{halo2curves::bn256::G1Affine, plonk::Any};
use proptest::prelude::*;
use rand::{Rng, SeedableRng, rngs::StdRng};
use sha3::{Digest, Keccak256};
use std::collections::{BTreeMap, BTreeSet};

mod laid;

const K: u32 = 14;
const SIDES: (u32, u32) = (9, 7);
const CONTEXT: [u8; 31] = [7; 31];

fn picture(width: u32, height: u32, seed: u64) -> Raster {
    let mut rng = StdRng::seed_from_u64(seed);
    Raster::new(width, height, (0..width * height).map(|_| rng.r#gen()).collect()).unwrap()
}

fn fingerprint(image: &Raster) -> Fingerprint {
    pdq::pdq(image).fingerprint
}

fn public(fingerprint: Fingerprint, tolerance: u8) -> PublicInputs {
    PublicInputs::new(fingerprint, tolerance, CONTEXT)
}

fn salts() -> Salts {
    let mut rng = StdRng::seed_from_u64(3);
    Salts::from_rows((0..SALT_ROWS).map(|_| [(); 3].map(|()| Fr::random(&mut rng))).collect()).unwrap()
}

/// The smallest `k` of a size.
fn min_k(width: u32, height: u32) -> Result<u32, ShapeError> {
    FingerprintClaim::min_k(&Shape::Picture { width, height }, 0)
}

fn claim(image: &Raster, public: &PublicInputs) -> FingerprintClaim {
    FingerprintClaim::new(Picture { image: image.clone(), salts: salts() }, public)
}

fn broken(claim: &FingerprintClaim) -> BTreeSet<String> {
    failures(K, claim, vec![claim.public.clone()])
}

fn only(name: &str) -> BTreeSet<String> {
    BTreeSet::from([name.to_owned()])
}

/// The challenges `[alpha, sigma]` that MockProver uses.
fn mock_challenges(claim: &FingerprintClaim) -> [Fr; 2] {
    challenges(K, claim, vec![claim.public.clone()]).try_into().unwrap()
}

fn flipped(fingerprint: Fingerprint, bits: usize) -> Fingerprint {
    Fingerprint::from_bits(|k| fingerprint.bit(k) != (k % 19 == 5 && k / 19 < bits))
}

// ---- completeness: the circuit means what the native statement means

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_native(width in 5u32..40, height in 5u32..40, seed: u64, block in 1u32..6) {
        let fine = picture(width, height, seed);
        let pixel = |i: u32| fine.pixels()[((i / width / block) * width + i % width / block) as usize];
        let image = Raster::new(width, height, (0..width * height).map(pixel).collect()).unwrap();
        let honest = claim(&image, &public(fingerprint(&image), 0));
        prop_assert_eq!(broken(&honest), BTreeSet::new());
    }

    #[test]
    fn tolerance_at_its_limit(seed: u64, distance in 1usize..13) {
        let image = picture(SIDES.0, SIDES.1, seed);
        let other = flipped(fingerprint(&image), distance);
        prop_assert_eq!(fingerprint(&image).distance(other), distance as u32);
        for (tolerance, accepted) in [(distance - 1, false), (distance, true), (distance + 1, true)] {
            let verdict = broken(&claim(&image, &public(other, tolerance as u8)));
            prop_assert_eq!(verdict.is_empty(), accepted, "distance {} of {}: {:?}", distance, tolerance, verdict);
        }
    }
}

#[test]
fn odd_shapes_and_ties_agree_with_native() {
    let stripes = |w: u32, h: u32| {
        Raster::new(w, h, (0..w * h).map(|i| if (i % w).is_multiple_of(2) { [255; 3] } else { [0; 3] }).collect())
            .unwrap()
    };
    let flat = Raster::new(6, 11, vec![[0; 3]; 66]).unwrap();
    for image in [picture(5, 5, 1), picture(150, 5, 2), picture(5, 150, 3), stripes(16, 8), stripes(33, 7), flat] {
        let print = fingerprint(&image);
        assert_eq!(broken(&claim(&image, &public(print, 0))), BTreeSet::new());
        assert!(!broken(&claim(&image, &public(flipped(print, 1), 0))).is_empty());
    }
}

#[test]
fn min_k_is_exact() {
    for (width, height, k) in [(5, 5, K), (100, 37, K)] {
        assert_eq!(min_k(width, height), Ok(k));
    }
    let image = picture(100, 37, 5);
    let honest = claim(&image, &public(fingerprint(&image), 0));
    assert_eq!(failures(K, &honest, vec![honest.public.clone()]), BTreeSet::new());
    assert_eq!([512, 1280].map(|w| min_k(w, w * 9 / 16 / 144 * 144 + 224 * u32::from(w == 512))), [Ok(19), Ok(20)]);
    assert!(min_k(4, 100).is_err());
}

#[test]
fn the_largest_width_that_fits_is_laid_and_the_next_is_not() {
    let fits = |width| min_k(width, 20) == Ok(K);
    let widest = (20..400).take_while(|&width| fits(width)).last().unwrap();
    let image = picture(widest, 20, 6);
    assert_eq!(broken(&claim(&image, &public(fingerprint(&image), 0))), BTreeSet::new());
    assert_eq!(min_k(widest + 1, 20), Ok(K + 1));
}

// ---- soundness: each constraint has somebody who tried to cheat it

/// A claim about one picture with the hints of another: what stops it depends on the forgery that goes with it.
fn about_another(image: &Raster, other: &Raster) -> FingerprintClaim {
    let mut lie = claim(other, &public(fingerprint(other), 0));
    lie.image = image.clone();
    lie
}

/// The factor that makes the accumulator of this label end at zero, put on an instruction that it needs.
fn bend(lie: &mut FingerprintClaim, (part, line): (Part, usize), label: &str) {
    let [_, sigma] = mock_challenges(lie);
    let plan = lie.plan();
    let end = span(lie, label);
    let (row, end) =
        (plan.layout.row(CellRef::Instruction(part, line)), plan.layout.row(CellRef::Instruction(end.part, end.last)));
    let mut at = |bent: Fr| {
        lie.tamper.set(Target::Factor, row, bent);
        lie.values(&plan, sigma).sums[end]
    };
    // the end is affine in the factor
    let (zero, one) = (at(Fr::ZERO), at(Fr::ONE));
    let root = -zero * (one - zero).invert().expect("the line has weight");
    assert_eq!(at(root), Fr::ZERO);
}

/// The accumulator of a label that occurs once.
fn span(claim: &FingerprintClaim, label: &str) -> Span {
    let plan = claim.plan();
    let mut spans = plan.builder.spans(label);
    let span = spans.next().unwrap_or_else(|| panic!("nothing is labelled {label}"));
    assert!(spans.next().is_none(), "{label} occurs more than once");
    span
}

/// An instruction of a labelled accumulator.
fn instruction(claim: &FingerprintClaim, label: &str, at: usize) -> (Part, usize) {
    let Span { part, first, last, .. } = span(claim, label);
    assert!(first + at < last, "{label} has no instruction {at}");
    (part, first + at)
}

/// The instruction of an accumulator of one instruction, the `nth` of its label.
fn nth(claim: &FingerprintClaim, label: &str, nth: usize) -> (Part, usize) {
    let plan = claim.plan();
    let span = plan.builder.spans(label).nth(nth).unwrap();
    (span.part, span.first)
}

#[test]
fn every_constraint_bites() {
    let (a, b) = (picture(SIDES.0, SIDES.1, 1), picture(SIDES.0, SIDES.1, 2));
    let honest = claim(&a, &public(fingerprint(&a), 0));
    let mock = mock_challenges(&honest);
    let plan = honest.plan();
    let row = |(part, line)| plan.layout.row(CellRef::Instruction(part, line));
    let mut cases = Vec::new();

    // a gap of bytes (x + 256, y - 1) for (x, y): the same number, and with it any sign
    // of coefficient 255 the first byte, after the threshold and the bit
    let gap = instruction(&honest, "split/identity above", 2);
    let mut lie = honest.clone();
    let bytes = &mut lie.split.above.gaps[BITS - 1];
    (bytes[0], bytes[1]) = (bytes[0] + Fr::from(256), bytes[1] - Fr::ONE);
    let not_a_byte = lie.clone();
    // the sum no longer ends at zero
    cases.push(("logup/sum is zero", not_a_byte.clone()));
    // made up for at the start, at a pixel, at a table row, at the lookup itself: one gate each
    for (name, at) in [
        ("logup/sum is zero", 0),
        ("logup/three pixel samples", 1),
        ("logup/table row", plan.layout.pixels + 1),
        ("logup/looked-up value", row(gap) + 1),
    ] {
        let mut lie = not_a_byte.clone();
        // the entries' multiplicities count what is in the table, so the sum misses exactly the foreign value
        let honest_sum = lookup_end(&lie, mock);
        lie.tamper.set(Target::Lookup, at, -honest_sum);
        cases.push((name, lie));
    }

    // another fingerprint's distance, its sum bent at the last instruction
    let mut lie = claim(&a, &public(flipped(fingerprint(&a), 9), 3));
    lie.distance.spare = Fr::ZERO;
    let [_, sigma] = mock_challenges(&lie);
    let end = span(&lie, "distance/relations");
    let end = row((end.part, end.last));
    let difference = lie.values(&lie.plan(), sigma).sums[end];
    assert_ne!(difference, Fr::ZERO);
    lie.tamper.set(Target::Sum, end, -difference);
    // the accumulator's last instruction carries no start, so the forgery adds to what the step gave
    cases.push(("horner/step", lie));

    // with one = 0 every sum is 0, and the zero fingerprint is everybody's
    let mut lie = claim(&a, &public(Fingerprint::default(), 0));
    lie.distance.spare = Fr::ZERO;
    lie.tamper.set(Target::Sum, 0, -Fr::ONE);
    // the pixels' prefixes are no longer one more than zero: rows are differences, so they do not notice
    cases.push(("horner/one", lie));

    // the picture's prefixes replaced by another's, where they are read
    let mut lie = about_another(&a, &b);
    let [_, sigma] = mock_challenges(&lie);
    let truth = claim(&b, &public(fingerprint(&b), 0)).values(&plan, sigma);
    let mine = lie.values(&plan, sigma);
    let width = SIDES.0 as usize;
    let mut carried = Fr::ZERO;
    for y in 1..=SIDES.1 as usize {
        let delta = truth.sums[y * width] - mine.sums[y * width];
        lie.tamper.set(Target::Sum, y * width, delta - carried);
        carried = delta;
    }
    cases.push(("bilinear/weighted luma", lie));

    let mut bitten = BTreeSet::new();
    for (name, lie) in cases {
        let verdict = broken(&lie);
        assert_eq!(verdict, only(name));
        bitten.insert(name.to_owned());
    }
    assert_eq!(bitten, constraints::<FingerprintClaim>(), "a constraint has no forgery");
}

/// Where the honest running sum of lookups ends: not zero where a value is not in the table.
fn lookup_end(claim: &FingerprintClaim, [alpha, sigma]: [Fr; 2]) -> Fr {
    let mut samples = [0; 256];
    claim.image.pixels().iter().flatten().for_each(|&s| samples[usize::from(s)] += 1);
    let inverse = |v: Fr| (alpha - v).invert().unwrap();
    let builder = claim.plan().builder;
    let multiplicities = builder.multiplicities(&samples);
    let below = builder.entries(&multiplicities, sigma, |_, _| unreachable!()).map(|entry| entry.term(alpha));
    let pixels = samples.iter().enumerate().map(|(v, &n)| Fr::from(n) * inverse(Fr::from(v as u64)));
    below.chain(pixels).sum()
}

/// What a lie breaks is one copy: the end of a relation, copied to zero. With that one sum bent, it is one step.
fn stopped_by_relation(lie: &FingerprintClaim, label: &str) {
    let plan = lie.plan();
    let [_, sigma] = mock_challenges(lie);
    let end = span(lie, label);
    let row = plan.layout.row(CellRef::Instruction(end.part, end.last));
    let off = lie.values(&plan, sigma).sums[row];
    assert_ne!(off, Fr::ZERO);
    assert_eq!(broken(lie), only("copy"));
    let mut bent = lie.clone();
    bent.tamper.set(Target::Sum, row, -off);
    assert_eq!(broken(&bent), only("horner/step"));
}

/// What a lie breaks is the one copy of a factor: with the factor it needs, everything else holds.
fn stopped_by_factor(mut lie: FingerprintClaim, at: (Part, usize), label: &str) {
    assert!(!broken(&lie).is_empty());
    bend(&mut lie, at, label);
    assert_eq!(broken(&lie), only("copy"));
    // both sides of a broken copy are reported: no more than two cells
    let cells = broken_copies(K, &lie, vec![lie.public.clone()]);
    assert!((1..=2).contains(&cells.len()), "{cells:?}");
}

/// The median moved by `places` in the sorted coefficients: the bits of everything between change.
fn moved_median(image: &Raster, places: isize) -> FingerprintClaim {
    let coefficients = pdq::coefficients(image);
    let mut sorted = *coefficients;
    sorted.sort_unstable();
    let median = sorted[127usize.checked_add_signed(places).unwrap()];
    let bits = Fingerprint::from_bits(|k| coefficients[k] > median);
    assert_ne!(bits, fingerprint(image));
    let mut lie = claim(image, &public(bits, 0));
    lie.split = SplitHint::of(&coefficients, median);
    lie.distance = DistanceHint::of(bits, bits, 0);
    lie
}

#[test]
fn a_median_too_low_is_stopped_by_the_count_above() {
    let mut lie = moved_median(&picture(SIDES.0, SIDES.1, 1), -1);
    assert_eq!(broken(&lie), only("logup/sum is zero"), "minus one is no byte");
    lie.split.spare_above = Fr::ZERO;
    stopped_by_relation(&lie, "split/at most 128 above");
    let bit = instruction(&lie, "split/at most 128 above", BITS - 4);
    stopped_by_factor(lie, bit, "split/at most 128 above");
}

#[test]
fn a_median_too_high_is_stopped_by_the_count_not_below() {
    let mut lie = moved_median(&picture(SIDES.0, SIDES.1, 1), 1);
    assert_eq!(broken(&lie), only("logup/sum is zero"), "minus one is no byte");
    lie.split.spare_not_below = Fr::ZERO;
    stopped_by_relation(&lie, "split/at least 129 not below");
    let bit = instruction(&lie, "split/at least 129 not below", BITS - 4);
    stopped_by_factor(lie, bit, "split/at least 129 not below");
}

#[test]
fn a_median_too_high_with_another_count_is_stopped_by_the_identity_below() {
    let image = picture(SIDES.0, SIDES.1, 1);
    let mut lie = moved_median(&image, 1);
    lie.split.not_below = SplitHint::of(&pdq::coefficients(&image), pdq::median(&pdq::coefficients(&image))).not_below;
    lie.split.spare_not_below = Fr::ZERO;
    stopped_by_relation(&lie, "split/identity not below");
}

#[test]
fn a_forged_bit_is_stopped_by_the_identity_above() {
    let image = picture(SIDES.0, SIDES.1, 1);
    let honest = fingerprint(&image);
    // one bit up, one bit down: the counts hold
    let (up, down) = ((0..BITS).find(|&k| !honest.bit(k)).unwrap(), (0..BITS).find(|&k| honest.bit(k)).unwrap());
    let swapped = Fingerprint::from_bits(|k| honest.bit(k) != (k == up || k == down));
    let mut lie = claim(&image, &public(swapped, 0));
    lie.split.above.bits.swap(up, down);
    lie.distance = DistanceHint::of(swapped, swapped, 0);
    stopped_by_relation(&lie, "split/identity above");
    // the threshold, a bit, the same bit at a gap's byte, and E_15 of coefficient 240's group
    for at in [0, 1, 2, 16 * 15] {
        let at = instruction(&lie, "split/identity above", at);
        stopped_by_factor(lie.clone(), at, "split/identity above");
    }
}

#[test]
fn a_distance_too_large_is_stopped_by_the_tolerance() {
    let image = picture(SIDES.0, SIDES.1, 1);
    let mut lie = claim(&image, &public(flipped(fingerprint(&image), 8), 7));
    assert_eq!(broken(&lie), only("logup/sum is zero"), "minus one is no byte");
    lie.distance.spare = Fr::ONE;
    stopped_by_relation(&lie, "distance/relations");
    // a bit of the public fingerprint, what the public inputs ask, the spare
    let relations = [BITS - 7, BITS, BITS + 1].map(|at| instruction(&lie, "distance/relations", at));
    // a half, one, the other half, the tolerance, a power of sigma
    let expected = [0, 1, 2, 4].map(|at| instruction(&lie, "distance/expected", at));
    let power = nth(&lie, "distance/factor", 99);
    for at in relations.into_iter().chain(expected).chain([power]) {
        stopped_by_factor(lie.clone(), at, "distance/relations");
    }
}

#[test]
fn another_fingerprints_bits_are_stopped_by_the_halves() {
    let image = picture(SIDES.0, SIDES.1, 1);
    for bit in [3, 200] {
        let other = Fingerprint::from_bits(|k| fingerprint(&image).bit(k) != (k == bit));
        let mut lie = claim(&image, &public(other, 0));
        lie.distance = DistanceHint::of(fingerprint(&image), fingerprint(&image), 0);
        stopped_by_relation(&lie, "distance/relations");
    }
}

#[test]
fn public_inputs_out_of_range_are_refused_by_the_circuit() {
    let image = picture(SIDES.0, SIDES.1, 1);
    let honest = claim(&image, &public(fingerprint(&image), 4));
    let power = |k: u64| Fr::from(2).pow_vartime([k]);
    // a half of 2^128 more, a tolerance whose spare is no byte, one half's overflow moved to the other
    for (row, forged) in [(0, power(128)), (1, power(128)), (2, Fr::from(256)), (2, -Fr::from(5)), (0, -Fr::ONE)] {
        let mut lie = honest.clone();
        lie.public[row] += forged;
        if row == 2 {
            lie.distance.spare += forged;
        }
        assert!(!broken(&lie).is_empty(), "row {row} {forged:?}");
    }
}

#[test]
fn the_context_is_free_in_the_circuit_and_nothing_else_is() {
    // no gate reads the context: it is bound by the transcript, which the contract's tests show
    let image = picture(SIDES.0, SIDES.1, 1);
    let honest = claim(&image, &public(fingerprint(&image), 4));
    for row in 0..4 {
        let mut other = honest.clone();
        other.public[row] += Fr::ONE;
        assert_eq!(broken(&other).is_empty(), row == 3);
    }
}

/// The pixels in another order, and the copies that say so.
#[test]
fn swapped_columns_are_stopped_by_the_copies_of_the_powers() {
    let image = picture(SIDES.0, SIDES.1, 1);
    let width = SIDES.0 as usize;
    let swapped = image.pixels().chunks(width).flat_map(|row| [&[row[1], row[0]], &row[2..]].concat()).collect();
    let other = Raster::new(SIDES.0, SIDES.1, swapped).unwrap();
    assert_ne!(fingerprint(&image), fingerprint(&other));
    let mut lie = about_another(&image, &other);
    let [_, sigma] = mock_challenges(&lie);
    let plan = lie.plan();
    let values = lie.values(&plan, sigma);
    let [first, second] = [0, 1].map(|x| values.get(&plan.layout, plan.powers[x]));
    for y in 0..SIDES.1 as usize {
        lie.tamper.set(Target::Factor, y * width, second - first);
        lie.tamper.set(Target::Factor, y * width + 1, first - second);
    }
    assert_eq!(broken(&lie), only("copy"));
}

#[test]
fn swapped_rows_are_stopped_by_the_copies_of_the_prefixes() {
    let image = picture(SIDES.0, SIDES.1, 1);
    let width = SIDES.0 as usize;
    let rows: Vec<_> = image.pixels().chunks(width).collect();
    let other = [&[rows[0], rows[2], rows[1]], &rows[3..]].concat().concat();
    let other = Raster::new(SIDES.0, SIDES.1, other).unwrap();
    assert_ne!(fingerprint(&image), fingerprint(&other));
    let mut lie = about_another(&image, &other);
    let [_, sigma] = mock_challenges(&lie);
    let plan = lie.plan();
    let sums = lie.values(&plan, sigma).sums;
    // P_2 is the one prefix that differs: P_1 + D_2 instead of P_1 + D_1
    let delta = (sums[3 * width] - sums[2 * width]) - (sums[2 * width] - sums[width]);
    let mut found = 0;
    for (part, index) in &plan.builder.order {
        let row = plan.layout.row(CellRef::Instruction(*part, *index));
        if plan.builder.part(*part)[*index].factor == Some(CellRef::Pixel(2 * width)) {
            lie.tamper.set(Target::Factor, row, delta);
            found += 1;
        }
    }
    assert_eq!(found, 16, "one line for each of E_0 … E_15");
    assert_eq!(broken(&lie), only("copy"));
}

/// Every cell is a copy constraint, and there is no other: found by reading the constraints, not by cheating.
#[test]
fn every_wire_is_a_copy() {
    let image = picture(SIDES.0, SIDES.1, 1);
    let honest = claim(&image, &public(fingerprint(&image), 0));
    let (plan, seen) = (honest.plan(), trace(K, &honest, std::slice::from_ref(&honest.public)));
    let mut cs = ConstraintSystem::default();
    let config = FingerprintClaim::configure(&mut cs);
    let [factor, sum] = [config.horner.factor, config.horner.sum].map(|column| ("advice", column.index()));
    let source = |wire| match wire {
        CellRef::Public(row) => (("instance", config.given.public.index()), row),
        other => (sum, plan.layout.row(other)),
    };
    let mut expected = BTreeSet::new();
    for (part, index) in &plan.builder.order {
        let (row, line) = (plan.layout.row(CellRef::Instruction(*part, *index)), &plan.builder.part(*part)[*index]);
        expected.extend(line.start.map(|start| [(sum, row), source(start)]));
        expected.extend(line.factor.map(|wire| [(factor, row), source(wire)]));
    }
    expected.extend(plan.builder.equal.iter().map(|&(a, b)| [source(a), source(b)]));
    let width = SIDES.0 as usize;
    expected.extend((0..plan.layout.pixels).map(|row| [(factor, row), source(plan.powers[row % width])]));
    let kind = |any| match any {
        Any::Advice(_) => "advice",
        Any::Fixed => "fixed",
        Any::Instance => "instance",
    };
    let copies = seen.copies.iter().map(|sides| sides.map(|(any, column, row)| ((kind(any), column), row)));
    assert_eq!(copies.collect::<BTreeSet<_>>(), expected);
    assert_eq!(plan.builder.equal.len(), 5, "two identities, two counts, one distance");
    assert!(plan.powers.iter().all(|wire| *wire != ONE));
}

/// The statement of a grafted witness: its pixels are bytes, and their fingerprint is within the public tolerance.
fn holds(cells: &BTreeMap<At, Fr>, public: &[Fr]) -> bool {
    let sample = |channel, row| small(cells[&(channel, row)]).and_then(|v| u8::try_from(v).ok());
    let pixels: Option<Vec<_>> = (0..(SIDES.0 * SIDES.1) as usize)
        .map(|row| Some([sample(0, row)?, sample(1, row)?, sample(2, row)?]))
        .collect();
    let half = |row: usize| {
        let repr = public[row].to_repr();
        repr[16..].iter().all(|&b| b == 0).then(|| u128::from_le_bytes(repr[..16].try_into().unwrap()))
    };
    let (Some(pixels), Some(low), Some(high)) = (pixels, half(0), half(1)) else { return false };
    let claimed = Fingerprint::from_bits(|k| [low, high][k / 128] >> (k % 128) & 1 == 1);
    let image = Raster::new(SIDES.0, SIDES.1, pixels).unwrap();
    small(public[2]).is_some_and(|tolerance| u64::from(fingerprint(&image).distance(claimed)) <= tolerance)
}

#[test]
fn no_single_cell_and_no_window_of_another_witness_makes_a_lie_accepted() {
    let (a, b) = (picture(SIDES.0, SIDES.1, 1), picture(SIDES.0, SIDES.1, 2));
    let [mine, donor] = [&a, &b].map(|image| claim(image, &public(fingerprint(image), 0)));
    let public = vec![mine.public.clone()];
    let (here, there) = (trace(K, &mine, &public), trace(K, &donor, std::slice::from_ref(&donor.public)));
    let tried = some_grafts(&here, &there, 11, 60);
    let lies = accepted_lies(K, &mine, &public, tried, |trace| holds(&trace.cells, &trace.public[0]));
    assert!(lies.is_empty(), "{} accepted", lies.len());
}
