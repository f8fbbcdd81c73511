//! What single forgeries cannot show: which column is of which phase, what the gates read, what is on every row.
use super::*;

/// The columns' order and phases: `C_R, C_G, C_B` first in the proof; the challenges after everything they check.
#[test]
fn what_is_checked_is_committed_before_the_challenges() {
    let mut cs = ConstraintSystem::default();
    let config = FingerprintClaim::configure(&mut cs);
    assert_eq!(config.rgb.map(|column| column.index()), [0, 1, 2]);
    let HornerConfig { cell, factor, sum, .. } = config.horner;
    assert_eq!([config.rgb[0], config.rgb[1], config.rgb[2], cell].map(|column| column.column_type().phase()), [0; 4]);
    assert_eq!([factor, sum].map(|column| column.column_type().phase()), [1; 2]);
    assert_eq!([config.alpha, config.sigma].map(|challenge| challenge.phase()), [0; 2]);
}

/// Both sums are tied from row to row: no row between the first and the last is left out, where kinds of rows meet
/// least of all.
#[test]
fn the_sums_pass_through_every_row() {
    let image = picture(SIDES.0, SIDES.1, 1);
    let honest = claim(&image, &public(fingerprint(&image), 0));
    let Layout { pixels, looked_up, bound, .. } = honest.plan().layout;
    let lookup = |row: usize| match row {
        _ if row < pixels => "logup/three pixel samples",
        _ if row < looked_up => "logup/table row",
        _ => "logup/looked-up value",
    };
    for row in [0, 1, pixels - 1, pixels, pixels + 1, looked_up - 1, looked_up, looked_up + 1, bound - 2, bound - 1] {
        // wrong from the row after on: the step on `row`, and the end
        let mut lie = honest.clone();
        lie.tamper.set(Target::Lookup, row + 1, Fr::ONE);
        assert_eq!(broken(&lie), [lookup(row), "logup/sum is zero"].map(str::to_owned).into(), "row {row}");
    }
    for row in [0, 1, pixels - 2, pixels - 1] {
        let mut lie = honest.clone();
        lie.tamper.set(Target::Sum, row + 1, Fr::ONE);
        assert!(broken(&lie).contains("bilinear/weighted luma"), "row {row}");
    }
}

/// The distance and the two halves are three relations, not one: what one lacks another cannot make up for.
#[test]
fn the_relations_of_the_distance_hold_one_by_one() {
    let image = picture(SIDES.0, SIDES.1, 1);
    let honest = claim(&image, &public(fingerprint(&image), 4));
    let mut exchanged = honest.clone();
    exchanged.public.swap(0, 1);
    let mut carried = honest.clone();
    carried.public[0] += Fr::ONE;
    carried.public[1] -= Fr::ONE;
    let paid = [0, 1].map(|half| {
        let mut lie = honest.clone();
        lie.public[half] += Fr::ONE;
        lie.distance.spare += Fr::from(2);
        lie
    });
    let [low, high] = paid;
    for lie in [exchanged, carried, low, high] {
        stopped_by_relation(&lie, "distance/relations");
    }
}

/// What the gates read, found by asking for the one next sum that satisfies them. Whoever knows the challenges in
/// advance can cheat, and `MockProver`'s are constants: that the gates use challenges at all shows only here.
#[test]
fn the_sums_are_over_samples_and_tagged_pairs_under_the_challenges() {
    let mut cs = ConstraintSystem::default();
    let PictureConfig { rgb, q_pixel, alpha, sigma, horner, .. } = FingerprintClaim::configure(&mut cs);
    let mut rng = StdRng::seed_from_u64(5);
    let [a, s, r, g, b, cell, factor, sum, constant, weight] = [(); 10].map(|()| Fr::random(&mut rng));
    let inverse = |value: Fr| (a - value).invert().unwrap();
    let luma = Fr::from(299) * r + Fr::from(587) * g + Fr::from(114) * b;
    let term = factor * (constant + weight * cell);
    for (gate, name, kind, next) in [
        ("bilinear", "weighted luma", (1, RowKind::None, Opcode::None), sum + factor * luma),
        ("horner", "step", (0, RowKind::None, Opcode::Add), sum + term),
        ("horner", "step", (0, RowKind::None, Opcode::Shift), s * sum + term),
        ("logup", "three pixel samples", (1, RowKind::None, Opcode::None), sum + inverse(r) + inverse(g) + inverse(b)),
        // a tag times a challenge: two pairs make one value only where phase-0 cells have met sigma
        ("logup", "looked-up value", (0, RowKind::Lookup, Opcode::None), sum + inverse(cell + s * constant)),
        ("logup", "table row", (0, RowKind::Table, Opcode::None), sum - cell * inverse(weight + s * constant)),
    ] {
        let fixed = [
            (q_pixel, Fr::from(kind.0)),
            (horner.role, Fr::from(kind.1 as u64)),
            (horner.step, Fr::from(kind.2 as u64)),
            (horner.constant, constant),
            (horner.weight, weight),
        ];
        let advice = [(rgb[0], r), (rgb[1], g), (rgb[2], b), (horner.cell, cell), (horner.factor, factor)];
        let row = SumRow { fixed: &fixed, advice: &advice, challenges: &[(alpha, a), (sigma, s)], sum };
        let at = |next: Fr| row.evaluate(&cs, gate, name, next);
        assert_eq!(at(next), Fr::ZERO, "{name}");
        assert_ne!(at(next + Fr::ONE), Fr::ZERO, "{name}");
    }
    assert_ne!(alpha.index(), sigma.index());
}

/// Tags that are added, not multiplied by a challenge, would let a bit be `byte - tag/2`. Two such bits, one where the
/// image has a one and one where it has none, shorten the distance to anybody's fingerprint to nothing.
#[test]
fn bits_out_of_the_table_of_bytes_are_refused() {
    let image = picture(SIDES.0, SIDES.1, 1);
    let (own, target) = (fingerprint(&image), fingerprint(&picture(SIDES.0, SIDES.1, 2)));
    assert!(own.distance(target) > 100);
    let [clear, set] = [false, true].map(|bit| (0..60).find(|&k| own.bit(k) == bit).unwrap());
    for tag in [1 << 10, 1 << 16, 1 << 17] {
        // the two bits, and the others of the lower half so that the half is the target's
        let forged = |bytes: [i64; 2]| -> Option<Vec<i64>> {
            let [a, b] = bytes.map(|byte| byte - tag / 2);
            let made_up = [(a, clear), (b, set)].map(|(value, k)| u128::from(value.unsigned_abs()) << k);
            let rest = target.low().checked_add(made_up[0])?.checked_add(made_up[1])?;
            let bit = |k| i64::from(if k < 128 { rest >> k & 1 == 1 } else { target.bit(k) });
            let mut bits: Vec<_> = (0..BITS).map(bit).collect();
            let unused = bits[clear] == 0 && bits[set] == 0;
            (bits[clear], bits[set]) = (a, b);
            unused.then_some(bits)
        };
        // the tolerance is 0: minus the "distance"
        let spare = |bits: &[i64]| {
            let products = bits.iter().enumerate().map(|(k, bit)| (1 - 2 * i64::from(own.bit(k))) * (1 - 2 * bit));
            products.sum::<i64>() / 2 - 128
        };
        let (bytes, bits, spare) = (0..1 << 16)
            .map(|bytes| [bytes % 256, bytes / 256])
            .filter_map(|bytes| forged(bytes).map(|bits| (bytes, bits)))
            .find_map(|(bytes, bits)| u8::try_from(spare(&bits)).ok().map(|spare| (bytes, bits, spare)))
            .unwrap();
        let mut lie = claim(&image, &public(target, 0));
        let bits = bits.into_iter().map(crate::column::signed).collect();
        lie.distance = DistanceHint { bits, spare: Fr::from(u64::from(spare)) };
        // the prover counts the two cells among the bytes
        let ([alpha, _], pixels) = (mock_challenges(&lie), lie.plan().layout.pixels);
        let mut counts = BTreeMap::new();
        for byte in bytes {
            let row = pixels + byte as usize;
            lie.tamper.add(Target::Lookup, row + 1, -(alpha - Fr::from(byte as u64)).invert().unwrap());
            counts.insert((3, row), Fr::ZERO);
        }
        let seen = trace(K, &lie, &[lie.public.clone()]);
        counts.iter_mut().for_each(|(at, count)| {
            *count =
                seen.cells[at] + Fr::from(bytes.iter().filter(|&&byte| pixels + byte as usize == at.1).count() as u64);
        });
        assert!(broken(&lie).iter().all(|name| name.starts_with("logup/")), "every relation holds");
        assert!(accepted_lies(K, &lie, &[lie.public.clone()], [counts], |_| false).is_empty(), "tag {tag}");
    }
}

#[test]
fn the_digest_covers_every_field_of_a_commitment() {
    let point = |n: u64| G1Affine::from(G1Affine::generator() * Fr::from(n));
    let header = Header { srs_id: [9; 32], k: 14, size: (9, 7), ..Header::default() };
    let of = |points: [G1Affine; 3]| Commitment::of_points(&PICTURE, &header, points.to_vec());
    let honest = of([1, 2, 3].map(point));
    let mut words = Keccak256::digest("veilmark image commitment v1").to_vec();
    words.extend([9; 32]);
    for number in [14, 9, 7] {
        words.extend([0; 31]);
        words.push(number);
    }
    honest.points().iter().for_each(|&p| words.extend(point_to_words(p).unwrap()));
    assert_eq!(honest.digest(), <[u8; 32]>::from(Keccak256::digest(words)));
    // nobody's picture: a column of zeros has no point with coordinates, and a digest of its own
    let zero = of([G1Affine::default(), point(2), point(3)]);
    assert_ne!(zero.digest(), honest.digest());
}

/// The committed columns are what `commitment` commits to, row by row.
#[test]
fn the_circuit_lays_what_is_committed() {
    let image = picture(SIDES.0, SIDES.1, 1);
    let own = public(fingerprint(&image), 0);
    let witness = Picture { image, salts: salts() };
    let columns = FingerprintClaim::columns(&witness);
    let honest = FingerprintClaim::new(witness, &own);
    let seen = trace(K, &honest, std::slice::from_ref(&honest.public));
    for (index, column) in columns.iter().enumerate() {
        for row in 0..1 << K {
            assert_eq!(seen.cells.get(&(index, row)).copied().unwrap_or(Fr::ZERO), column.get(row));
        }
    }
}
