//! What single forgeries cannot show: which column is of which phase, what the gates read, what is on every row.
use super::*;

#[test]
fn what_is_checked_is_committed_before_the_challenges() {
    let mut cs = ConstraintSystem::default();
    let config = AuthenticityClaim::configure(&mut cs);
    let committed = config.rgb.into_iter().chain([config.network.latent]).chain(config.products.weights);
    assert_eq!(committed.map(|c| c.index()).collect::<Vec<_>>(), (0..COLUMNS).collect::<Vec<_>>());
    let phases = cs.advice_column_phase();
    let HornerConfig { cell, factor, sum, .. } = config.horner;
    let first = [cell, config.network.remainder, config.network.neuron].map(|column| column.index());
    assert!((0..COLUMNS).chain(first).all(|column| phases[column] == 0));
    let second = [factor, sum, config.products.factor, config.products.sum].map(|column| column.index());
    assert!(second.into_iter().all(|column| phases[column] == 1));
    assert_eq!([config.alpha, config.sigma].map(|challenge| challenge.phase()), [0; 2]);
    assert_ne!(config.alpha.index(), config.sigma.index());
}

/// What the gates read, found by asking for the one next sum that satisfies them: `MockProver`'s challenges are constants,
/// and that the gates use challenges at all shows only here.
#[test]
fn the_sums_are_over_tagged_values_under_the_challenges() {
    let mut cs = ConstraintSystem::default();
    let config = GenerationClaim::configure(&mut cs);
    let mut rng = StdRng::seed_from_u64(5);
    let mut random = || Fr::random(&mut rng);
    let [a, s, r, g, b, latent, cell, remainder, neuron] = [(); 9].map(|()| random());
    let [factor, sum, constant, weight, address] = [(); 5].map(|()| random());
    let weights = [(); 8].map(|()| random());
    let inverse = |value: Fr| (a - value).invert().unwrap();
    let term = factor * (constant + weight * cell);
    let [five, three] = [5, 3].map(Fr::from);
    let written = |value: Fr| inverse(value + s * address);
    let activation = neuron + s * constant + s * s * (cell - remainder);
    let in_range = remainder + s * (constant + Fr::from(RANGE_OFFSET));
    let weighted: Fr = weights.iter().rev().fold(Fr::ZERO, |sum, weight| sum * s + weight);
    let sample = |value: Fr, c: u64| inverse(value + s * (constant + Fr::from(c) * weight));
    let [none, lookup, table] = [RowKind::None, RowKind::Lookup, RowKind::Table].map(|role| Fr::from(role as u64));
    // gate, constraint, fixed (pixel, role, step, neuron reads, latent reads, op), next sum
    let zero = Fr::ZERO;
    let one = Fr::ONE;
    let two = Fr::from(2);
    for (gate, name, [pixel, role, step, reads, entry_reads, op], next) in [
        ("horner", "step", [zero, none, Fr::from(Opcode::Add as u64), zero, zero, zero], sum + term),
        ("horner", "step", [zero, none, Fr::from(Opcode::Shift as u64), zero, zero, zero], s * sum + term),
        ("horner", "step", [zero, none, Fr::from(Opcode::Scale as u64), zero, zero, zero], factor * sum + term),
        ("product", "weighted factor", [zero, none, zero, zero, zero, one], sum + factor * weighted),
        ("product", "scaled sum", [zero, none, zero, zero, zero, two], factor * sum),
        ("product", "sum starts anew", [zero, none, zero, zero, zero, three], zero),
        (
            "logup",
            "three pixel samples",
            [one, none, zero, zero, zero, zero],
            sum + sample(r, 0) + sample(g, 1) + sample(b, 2),
        ),
        (
            "logup",
            "looked-up value",
            [zero, lookup, zero, zero, zero, zero],
            sum + inverse(cell + s * (constant + address)),
        ),
        (
            "logup",
            "table row",
            [zero, table, zero, zero, zero, zero],
            sum - cell * inverse(weight + s * constant + s * s * address),
        ),
        (
            "logup",
            "neuron",
            [zero, none, zero, five, zero, zero],
            sum + inverse(activation) + inverse(in_range) - five * written(neuron),
        ),
        (
            "logup",
            "latent entry",
            [zero, none, zero, zero, five, zero],
            sum + inverse(latent + Fr::from(128)) - five * written(latent),
        ),
    ] {
        let fixed = [
            (config.q_pixel, pixel),
            (config.horner.role, role),
            (config.horner.step, step),
            (config.horner.constant, constant),
            (config.horner.weight, weight),
            (config.network.address, address),
            (config.network.neuron_reads, reads),
            (config.network.latent_reads, entry_reads),
            (config.products.op, op),
        ];
        let mut advice = vec![
            (config.rgb[0], r),
            (config.rgb[1], g),
            (config.rgb[2], b),
            (config.network.latent, latent),
            (config.network.remainder, remainder),
            (config.network.neuron, neuron),
            (config.horner.cell, cell),
            (config.horner.factor, factor),
            (config.products.factor, factor),
        ];
        advice.extend(config.products.weights.into_iter().zip(weights));
        let row = SumRow { fixed: &fixed, advice: &advice, challenges: &[(config.alpha, a), (config.sigma, s)], sum };
        let at = |next: Fr| row.evaluate(&cs, gate, name, next);
        assert_eq!(at(next), Fr::ZERO, "{name}");
        assert_ne!(at(next + Fr::ONE), Fr::ZERO, "{name}");
    }
}

/// Every row from the first to the bound one has exactly one kind of lookup: a row without one would let the sum jump.
#[test]
fn the_lookup_sum_passes_through_every_row() {
    let model = every_kind(11);
    let honest = generation(&model, &latent(&model, 11));
    let Layout { pixels, tables, looked_up, bound, .. } = honest.plan().layout;
    let mut rng = StdRng::seed_from_u64(1);
    let mut rows: Vec<usize> = (0..25).map(|_| rng.gen_range(looked_up..bound)).collect();
    rows.extend([0, 1, pixels - 1, pixels, tables - 1, tables, looked_up - 1, looked_up, bound - 1]);
    for row in rows {
        let mut lie = honest.clone();
        lie.tamper.set(Target::Lookup, row + 1, Fr::ONE);
        let verdict = broken(&lie);
        assert!(verdict.len() == 2 && verdict.contains("logup/sum is zero"), "row {row}: {verdict:?}");
    }
}

/// What the verifying key says of every row: one kind of lookup from the first row to the bound one and none after, and
/// in the tables the bytes, the bits, each table's pairs and the range of its remainders, nothing else.
#[test]
fn every_row_of_the_lookup_sum_has_one_kind() {
    let model = every_kind(16);
    let honest = authenticity(&model, &latent(&model, 16));
    let Layout { pixels, tables, looked_up, bound, .. } = honest.plan().layout;
    let mut cs = ConstraintSystem::default();
    let config = AuthenticityClaim::configure(&mut cs);
    let prover = MockProver::run(k(&honest), &honest, vec![honest.public.clone()]).unwrap();
    let fixed = |column| -> Vec<Fr> {
        let value = |cell: &CellValue<Fr>| if let CellValue::Assigned(value) = cell { *value } else { Fr::ZERO };
        prover.fixed_values(column).iter().map(value).collect()
    };
    let [pixel, role, neuron, entry] =
        [config.q_pixel, config.horner.role, config.network.neuron_reads, config.network.latent_reads].map(fixed);
    let [constant, weight, address] = [config.horner.constant, config.horner.weight, config.network.address].map(fixed);
    let [of_lookup, of_table, of_bound] =
        [RowKind::Lookup, RowKind::Table, RowKind::Bound].map(|role| Fr::from(role as u64));
    let mut rows = BTreeSet::new();
    for row in 0..pixel.len() {
        let kinds = [
            pixel[row] != Fr::ZERO,
            entry[row] != Fr::ZERO,
            role[row] == of_table,
            role[row] == of_lookup,
            neuron[row] != Fr::ZERO,
        ];
        let expected = match row {
            row if row < pixels => [true, false, false, false, false],
            row if row < tables => [false, true, false, false, false],
            row if row < looked_up => [false, false, true, false, false],
            row if row < bound => [false, false, false, neuron[row] == Fr::ZERO, neuron[row] != Fr::ZERO],
            _ => [false; 5],
        };
        assert_eq!(kinds, expected, "row {row}");
        assert_eq!(role[row] == of_bound, row == 0 || row == bound, "row {row}");
        if kinds[2] {
            assert!(rows.insert([constant[row], weight[row], address[row]]), "listed twice");
        }
    }
    let number = signed;
    let zero = Fr::ZERO;
    let mut expected: BTreeSet<_> = (0..256).map(|byte| [zero, number(byte), zero]).collect();
    expected.extend([0, 1].map(|bit| [Fr::from(2).invert().unwrap(), number(bit), zero]));
    for (table, index) in model.architecture().tables.iter().zip(0..) {
        let (tag, unit) = ((1i64 << 33) + index, 1i64 << table.shift);
        for (&value, q) in table.outputs.iter().zip(i64::from(table.first)..) {
            // the second is the least accumulator of the quotient, and the tag less, as it is in the instruction's cell
            expected.insert([number(tag), number(i64::from(value)), number(q * unit - table.half() - tag)]);
        }
        expected.extend((0..unit).map(|remainder| [number(tag + (1 << 33)), number(remainder), zero]));
    }
    assert_eq!(rows, expected);
}

/// The committed columns are what `commitment` commits to, row by row.
#[test]
fn the_circuit_lays_what_is_committed() {
    let model = every_kind(12);
    let latent = latent(&model, 12);
    let honest = authenticity(&model, &latent);
    let seen = trace(k(&honest), &honest, std::slice::from_ref(&honest.public));
    let laid = |column: usize, row: usize| seen.cells.get(&(column, row)).copied().unwrap_or(Fr::ZERO);
    let salts = Salts::expand(&[2; 32], SALT_ROWS);
    let committed = committed::latent(&honest.architecture, &latent, &salts);
    let rows = 1 << k(&honest);
    for row in 0..rows {
        assert_eq!(laid(LATENT, row), committed.get(row));
        for (j, column) in honest.weights.iter().enumerate() {
            assert_eq!(laid(LATENT + 1 + j, row), column.get(row));
        }
    }
    assert_eq!(honest.weights[0].len(), network::program_rows(&honest.architecture) + 1 + WEIGHT_SALTS);
}

/// The fingerprint's clauses bite in the authenticity claim as they do alone.
#[test]
fn another_fingerprint_is_refused_in_the_authenticity_claim() {
    let model = every_kind(13);
    let latent = latent(&model, 13);
    let own = pdq::pdq(&model.generate(&latent)).fingerprint;
    for bit in [0, 100, 255] {
        let fingerprint = Fingerprint::from_bits(|k| own.bit(k) != (k == bit));
        for (tolerance, accepted) in [(0, false), (1, true)] {
            let public = PublicInputs::new(fingerprint, tolerance, CONTEXT);
            let claim: AuthenticityClaim = claimed(&model, &latent, model.run(&latent), &public);
            assert_eq!(broken(&claim).is_empty(), accepted, "bit {bit}");
        }
    }
    let mut lie = authenticity(&model, &latent);
    lie.public[2] = Fr::from(512);
    assert!(!broken(&lie).is_empty(), "the impossible statement");
    lie.public[2] = -Fr::ONE;
    assert!(!broken(&lie).is_empty());
    assert!(Fr::from(2).to_repr()[0] == 2);
}

/// The rows that are counted are no more than there are.
#[test]
fn least_rows_is_a_lower_bound() {
    use crate::statement::model::testing::any_product;
    for model in [every_kind(0), perceptron(0), Model::smallest(), any_product(1), any_product(2)] {
        let architecture = std::sync::Arc::new(model.architecture().clone());
        let (least, rows) =
            (architecture.least_rows(), GenerationClaim::rows(&Shape::Model(architecture.clone()), 0).unwrap());
        assert!(least < rows, "{least} {rows}");
    }
}
