//! The claims against cheating provers. Every forgery states a falsehood; its test says which one constraint stops it.
use super::*;
use crate::{
    chips::{
        horner::Opcode,
        network::weight_columns,
        products::Op,
        trace::{FIRST_TABLE, Lookup, Part},
    },
    claims::{authenticity::AuthenticityClaim, generation::GenerationClaim},
    column::signed,
    statement::model::{
        Activations, Layer, Map, Model, Weights,
        testing::{any_product, every_kind, perceptron},
    },
    testing::{At, SumRow, accepted_lies, challenges, constraints, failures, small, some_grafts, trace},
};
use ff::{Field, PrimeField};
use halo2_proofs::{
    dev::{CellValue, MockProver},
    plonk::Any,
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::collections::{BTreeMap, BTreeSet};

mod laid;

const CONTEXT: [u8; 31] = [7; 31];
const WEIGHT_SALTS: usize = 10;
/// Committed columns: the picture's, the latent's, the weights'.
const COLUMNS: usize = 3 + 1 + WEIGHT_COLUMNS;

fn latent(model: &Model, seed: u64) -> Vec<i8> {
    let mut rng = StdRng::seed_from_u64(seed);
    (0..model.architecture().latent).map(|_| rng.r#gen()).collect()
}

/// The columns of the latent, in every claim with a model: after the picture's.
const LATENT: usize = 3;

/// The claim about what a model computed, in truth or not.
fn claimed<C: Named>(model: &Model, latent: &[i8], activations: Activations, public: &PublicInputs) -> ModelClaim<C> {
    let picture =
        Picture { image: activations.picture(model.architecture()), salts: Salts::expand(&[1; 32], SALT_ROWS) };
    let weights = Arc::new(committed::weights(model, &Salts::expand(&[3; 32], WEIGHT_SALTS)));
    let salts = Salts::expand(&[2; 32], SALT_ROWS);
    let generator = Generator { activations, ..Generator::new(model, latent.to_vec(), salts, weights).unwrap() };
    ModelClaim::new(Generated { picture, generator }, public)
}

fn generation(model: &Model, latent: &[i8]) -> GenerationClaim {
    claimed(model, latent, model.run(latent), &PublicInputs::new(Fingerprint::default(), 0, CONTEXT))
}

fn authenticity(model: &Model, latent: &[i8]) -> AuthenticityClaim {
    let fingerprint = pdq::pdq(&model.generate(latent)).fingerprint;
    claimed(model, latent, model.run(latent), &PublicInputs::new(fingerprint, 3, CONTEXT))
}

/// A generation claim with one neuron of the prover's choice, and everything after it computed from that.
fn with_neuron(model: &Model, latent: &[i8], neuron: usize, value: i16) -> GenerationClaim {
    let activations = model.run_with(latent, |at, honest| if at == neuron { value } else { honest });
    claimed(model, latent, activations, &PublicInputs::new(Fingerprint::default(), 0, CONTEXT))
}

fn k<C: Named>(claim: &ModelClaim<C>) -> u32 {
    ModelClaim::<C>::min_k(&Shape::Model(claim.architecture.clone()), WEIGHT_SALTS).unwrap()
}

fn broken<C: Named>(claim: &ModelClaim<C>) -> BTreeSet<String> {
    failures(k(claim), claim, vec![claim.public.clone()])
}

fn only(name: &str) -> BTreeSet<String> {
    BTreeSet::from([name.to_owned()])
}

/// The challenges `[alpha, sigma]` that MockProver uses.
fn mock_challenges<C: Named>(claim: &ModelClaim<C>) -> [Fr; 2] {
    challenges(k(claim), claim, vec![claim.public.clone()]).try_into().unwrap()
}

/// Where the running sum of lookups ends without a forgery.
fn lookup_end<C: Named>(claim: &ModelClaim<C>) -> Fr {
    let [alpha, sigma] = mock_challenges(claim);
    let builder = claim.plan().builder;
    let multiplicities = builder.multiplicities(&[0; 256]);
    let entries = claim.pixel_entries(sigma).chain(builder.entries(&multiplicities, sigma, |_, _| unreachable!()));
    entries.map(|entry| entry.term(alpha)).sum()
}

/// A lie that the lookup sum alone stops; with the sum bent on a row of this kind, that row's gate.
fn stopped_by_lookup<C: Named>(lie: &ModelClaim<C>, row: usize, gate: &str) {
    assert_eq!(broken(lie), only("logup/sum is zero"));
    let mut bent = lie.clone();
    bent.tamper.set(Target::Lookup, row + 1, -lookup_end(lie));
    assert_eq!(broken(&bent), only(gate));
}

/// The row of the neuron under an address.
fn neuron_row<C: Named>(claim: &ModelClaim<C>, neuron: usize) -> usize {
    let plan = claim.plan();
    let lines = plan.builder.part(Part::LookedUp);
    let at = lines
        .iter()
        .position(|line| matches!(line.kind, Lookup::Neuron(cells) if cells.address == address(neuron as u32)));
    plan.layout.row(CellRef::Instruction(Part::LookedUp, at.expect("a neuron that is read")))
}

/// A neuron of each layer whose value is far from its table's ends.
fn neurons(model: &Model) -> Vec<usize> {
    let reads = model.architecture().reads();
    let first = model.architecture().first_neurons();
    let of = |(layer, first): (&crate::statement::model::Layer, usize)| {
        (first..first + layer.len()).find(|&neuron| reads[neuron] > 0).unwrap()
    };
    model.architecture().layers.iter().zip(first).map(of).collect()
}

// ---- completeness

#[test]
fn agrees_with_native() {
    for seed in 0..4 {
        for model in [every_kind(seed), perceptron(seed), Model::smallest()] {
            let latent = latent(&model, seed);
            assert_eq!(broken(&generation(&model, &latent)), BTreeSet::new());
            assert_eq!(broken(&authenticity(&model, &latent)), BTreeSet::new());
        }
    }
}

#[test]
fn min_k_is_exact_and_counts_the_salts() {
    let model = perceptron(1);
    let architecture = Arc::new(model.architecture().clone());
    let shape = Shape::Model(architecture.clone());
    let rows = |salts| GenerationClaim::rows(&shape, salts).unwrap();
    let base = rows(0);
    assert_eq!(rows(10), base, "the builder is longer than the weights");
    assert_eq!(rows(1 << 14), network::program_rows(&architecture) + 1 + (1 << 14) + base_blinding());
    assert_eq!(GenerationClaim::min_k(&shape, 0).unwrap(), base.next_power_of_two().ilog2());
}

fn base_blinding() -> usize {
    let mut cs = ConstraintSystem::<Fr>::default();
    GenerationClaim::configure(&mut cs);
    cs.blinding_factors() + 1
}

// ---- soundness

#[test]
fn every_constraint_bites() {
    let model = every_kind(1);
    let honest = generation(&model, &latent(&model, 1));
    let plan = honest.plan();
    let pixels = plan.layout.pixels;
    let mut bitten = BTreeSet::from(["logup/sum is zero".to_owned()]);

    // a neuron off by one, and everything after it computed from that: made up for at a row of each kind
    let neuron = neurons(&model)[1];
    let value = small_signed(honest.network.neurons[neuron]) as i16;
    let lie = with_neuron(&model, &latent(&model, 1), neuron, value + 1);
    let reading = plan.builder.part(Part::LookedUp).iter().position(|l| matches!(l.kind, Lookup::Read { .. })).unwrap();
    let reading = plan.layout.row(CellRef::Instruction(Part::LookedUp, reading));
    for (row, gate) in [
        (neuron_row(&lie, neuron), "logup/neuron"),
        (3, "logup/three pixel samples"),
        (pixels + 1, "logup/latent entry"),
        (plan.layout.tables + 7, "logup/table row"),
        (reading, "logup/looked-up value"),
    ] {
        stopped_by_lookup(&lie, row, gate);
        bitten.insert(gate.to_owned());
    }

    // another weight than the committed ones' outputs were computed with
    let mut lie = honest.clone();
    let row = plan.program.ops.iter().position(|op| matches!(op, Op::Add(_))).unwrap();
    let column = &mut Arc::make_mut(&mut lie.weights)[2];
    column.set(row, column.get(row) + Fr::ONE);
    assert_eq!(broken(&lie), only("product/sum is the output"));
    bitten.insert("product/sum is the output".into());
    let [_, sigma] = mock_challenges(&lie);
    let delta = |lie: &GenerationClaim, from: usize| {
        // what the sum on the closing row lacks, and how much a change of the sum on `from` gives
        let mut values = lie.values(&plan, sigma);
        let close = (from..).find(|&row| matches!(plan.program.ops[row], Op::Close(_))).unwrap();
        let mut end = |tamper: Tamper| {
            values.tamper = tamper;
            let (sums, factors) = crate::chips::products::run(&plan.program, &lie.weights, &plan.layout, &values);
            sums[close] - factors[close]
        };
        let none = end(Tamper::default());
        let mut one = Tamper::default();
        one.set(Target::ProductSum, from, Fr::ONE);
        -none * (end(one) - none).invert().unwrap()
    };
    let scale = plan.program.ops.iter().position(|op| matches!(op, Op::Scale(_))).unwrap();
    for (row, gate) in
        [(row + 1, "product/weighted factor"), (scale + 1, "product/scaled sum"), (1, "product/sum starts anew")]
    {
        let mut bent = lie.clone();
        bent.tamper.set(Target::ProductSum, row, delta(&lie, row));
        assert_eq!(broken(&bent), only(gate));
        bitten.insert(gate.to_owned());
    }

    // a picture that is not the model's
    let mut lie = honest.clone();
    let mut pixels = lie.image.pixels().to_vec();
    pixels[9][1] ^= 1;
    lie.image = Raster::new(lie.image.width(), lie.image.height(), pixels).unwrap();
    stopped_by_lookup(&lie, 9, "logup/three pixel samples");

    // a fingerprint in a claim without one
    let mut lie = honest.clone();
    lie.public[0] = Fr::ONE;
    assert_eq!(broken(&lie), only("public/no fingerprint is claimed"));
    bitten.insert("public/no fingerprint is claimed".into());

    // an end of an accumulator bent to zero; all sums zero
    let (difference, _) = plan.builder.equal[0];
    let mut lie = honest.clone();
    let first = model.architecture().first_neurons();
    let sum = model.architecture().layers.iter().position(|layer| matches!(layer.map, Map::Sum(_))).unwrap();
    let computed = first[sum] - model.architecture().latent as usize;
    lie.network.accumulators[computed] += Fr::from(2);
    let values = lie.values(&lie.plan(), sigma);
    let end = plan.layout.row(difference);
    lie.tamper.set(Target::Sum, end, -values.sums[end]);
    lie.tamper.set(Target::Lookup, neuron_row(&lie, first[sum]) + 1, -lookup_end(&lie));
    assert_eq!(broken(&lie), BTreeSet::from(["horner/step", "logup/neuron"].map(str::to_owned)));
    bitten.insert("horner/step".into());
    let mut lie = honest.clone();
    lie.tamper.set(Target::Sum, 0, Fr::ONE);
    assert!(broken(&lie).contains("horner/one"));
    bitten.insert("horner/one".into());

    assert_eq!(bitten, constraints::<GenerationClaim>(), "a constraint has no forgery");
    let with_fingerprint: BTreeSet<_> = constraints::<AuthenticityClaim>();
    let difference: BTreeSet<_> = with_fingerprint.symmetric_difference(&bitten).cloned().collect();
    let expected = ["bilinear/weighted luma", "public/no fingerprint is claimed"].map(str::to_owned);
    assert_eq!(difference, BTreeSet::from(expected));
}

/// Activations that are not their table's, at every layer: off by one, rounded the other way, not saturated, out of a
/// table of another layer.
#[test]
fn an_activation_of_its_own_is_refused_at_every_layer() {
    let model = every_kind(2);
    let entries = latent(&model, 2);
    let honest = generation(&model, &entries);
    let architecture = model.architecture();
    let latent = architecture.latent as usize;
    let first = architecture.first_neurons();
    for (layer, neuron) in neurons(&model).into_iter().enumerate() {
        let at = architecture.layers[layer].tables[(neuron - first[layer]) / architecture.layers[layer].plane()];
        let table = &architecture.tables[at as usize];
        let unit = Fr::from(1 << table.shift);
        let row = neuron_row(&honest, neuron);
        let sum = small_signed(honest.network.accumulators[neuron - latent]);
        let own = table.apply(sum).unwrap();
        // in the picture a sample is a byte whatever the prover does
        let last = layer + 1 == architecture.layers.len();
        let lying =
            |value: i16| (!last || (0..=255).contains(&value)).then(|| with_neuron(&model, &entries, neuron, value));
        // up and down by one; the quotient itself, beyond what the table clamps
        let beyond = table.outputs.iter().max().unwrap() + 1;
        for lie in [own + 1, own - 1, beyond].into_iter().filter_map(lying) {
            stopped_by_lookup(&lie, row, "logup/neuron");
        }
        // rounded the other way: the remainder gives way
        for (by, remainder) in [(1, -unit), (-1, unit)] {
            let quotient = table.quotient(sum) + by - i64::from(table.first);
            let Some(&value) = usize::try_from(quotient).ok().and_then(|q| table.outputs.get(q)) else { continue };
            let Some(mut lie) = lying(value) else { continue };
            lie.network.remainders[neuron - latent] += remainder;
            stopped_by_lookup(&lie, row, "logup/neuron");
        }
    }
}

fn small_signed(value: Fr) -> i64 {
    small(value).map_or_else(|| -(small(-value).unwrap() as i64), |value| value as i64)
}

/// An accumulator that is not the layer's, with remainder and neuron to match: what stops it is the layer's identity.
#[test]
fn an_accumulator_of_its_own_is_refused_at_every_layer() {
    let model = every_kind(3);
    let honest = generation(&model, &latent(&model, 3));
    let architecture = model.architecture();
    let latent = architecture.latent as usize;
    let first = architecture.first_neurons();
    for (layer, neuron) in neurons(&model).into_iter().enumerate() {
        let at = architecture.layers[layer].tables[(neuron - first[layer]) / architecture.layers[layer].plane()];
        let table = &architecture.tables[at as usize];
        for by in [1, -1, 64, -300] {
            let sum = small_signed(honest.network.accumulators[neuron - latent]) + by;
            let Some(value) = table.apply(sum) else { continue };
            let mut lie = honest.clone();
            let [signed_sum, remainder, value] = [sum, table.remainder(sum), i64::from(value)].map(signed);
            lie.network.accumulators[neuron - latent] = signed_sum;
            lie.network.remainders[neuron - latent] = remainder;
            // whoever reads the neuron computes with the value that the model has
            let verdict = if value == lie.network.neurons[neuron] {
                broken(&lie)
            } else {
                lie.network.neurons[neuron] = value;
                let verdict = broken(&lie);
                assert!(!verdict.is_empty());
                continue;
            };
            let expected = match architecture.layers[layer].map {
                Map::Product(_) => "product/sum is the output",
                _ => "copy",
            };
            assert_eq!(verdict, only(expected), "layer {layer}, {by}");
        }
    }
}

/// What cropping drops stands at no output's monomial: it cannot make up for a wrong output.
#[test]
fn dropped_hides_nothing() {
    let model = every_kind(4);
    let honest = generation(&model, &latent(&model, 4));
    for (layer, full) in honest.network.products.iter().enumerate() {
        for at in [0, full.len() / 2, full.len().saturating_sub(1)] {
            let mut lie = honest.clone();
            let Some(cell) = lie.network.products[layer].get_mut(at) else { continue };
            *cell += Fr::ONE;
            let verdict = broken(&lie);
            // monomials that are kept have no cell of their own: the change is not laid at all
            assert!(verdict.is_empty() || verdict == only("product/sum is the output"), "layer {layer}: {verdict:?}");
        }
    }
    // an output and every dropped cell of its plane: the identity is of polynomials, not of sums
    let mut lie = honest.clone();
    lie.network.accumulators[0] += Fr::ONE;
    lie.network.remainders[0] += Fr::ONE;
    assert!(!broken(&lie).is_empty());
}

/// Every accumulator and every free cell of a layer stands alone at a monomial, and every monomial of the layer's plane has
/// one: so the identity fixes each of them, and none makes up for another.
#[test]
fn every_cell_of_a_layer_has_a_monomial_of_its_own() {
    let models = [every_kind(14), perceptron(14), Model::smallest()].into_iter().chain((0..6).map(any_product));
    for model in models {
        let honest = generation(&model, &latent(&model, 14));
        let (plan, architecture) = (honest.plan(), model.architecture());
        let sigma = Fr::random(StdRng::seed_from_u64(14));
        let values = honest.values(&plan, sigma);
        let unknowns = plan.builder.unknowns(&plan.layout, &values);
        let mut products = plan.program.ops.iter().skip(1).filter_map(|op| match op {
            Op::Close(total) => Some(*total),
            _ => None,
        });
        let mut others = plan.builder.equal.iter().map(|(difference, _)| *difference);
        // positions of channels: eight to a block in a product, of a group or of a part of it
        let positions = |layer: &Layer| -> Vec<u64> {
            let Map::Product(product) = &layer.map else { return (0..u64::from(layer.shape[0])).collect() };
            let group = u64::from(layer.shape[0] / product.groups);
            let of =
                |channel: u64| (channel / group * group.div_ceil(8) + channel % group / 8) * 8 + channel % group % 8;
            (0..u64::from(layer.shape[0])).map(of).collect()
        };
        let last = architecture.layers.iter().map(|layer| *positions(layer).last().unwrap()).max().unwrap();
        let tau = sigma.pow([(last / 8 + 1) * 8]);
        let mut used = 0;
        for (index, layer) in architecture.layers.iter().enumerate() {
            let (end, monomials) = match &layer.map {
                Map::Product(product) => {
                    let [rows, columns] = product.full([layer.shape[1], layer.shape[2]]);
                    (products.next().unwrap(), rows * columns)
                }
                _ => (others.next().unwrap(), layer.plane()),
            };
            let mut expected = BTreeSet::new();
            for position in positions(layer) {
                let power = sigma.pow([position]);
                expected.extend((0..monomials as u64).map(|n| power * tau.pow([n])));
            }
            assert_eq!(expected.len(), layer.shape[0] as usize * monomials);
            let derivatives = plan.builder.derivatives(&plan.layout, &values, end);
            let found: Vec<Fr> = unknowns.iter().map(|(row, factor)| derivatives[row + 1] * factor).collect();
            let found: Vec<Fr> = found.into_iter().filter(|derivative| *derivative != Fr::ZERO).collect();
            assert_eq!(found.len(), expected.len(), "layer {index}");
            assert_eq!(found.iter().copied().collect::<BTreeSet<_>>(), expected, "layer {index}");
            used += found.len();
        }
        assert_eq!(used, unknowns.len(), "a free cell of no layer");
        assert_eq!((products.next(), others.next()), (None, None));
    }
}

/// Steps, offsets, kernels, groups and blocks as no importer combines them.
#[test]
fn products_of_any_geometry_agree_with_native() {
    for seed in 0..24 {
        let model = any_product(seed);
        assert_eq!(broken(&generation(&model, &latent(&model, seed))), BTreeSet::new(), "seed {seed}");
    }
}

#[test]
fn no_gate_is_beyond_the_degree_of_the_proof_system() {
    fn degree<C: Circuit<Fr>>() -> usize {
        let mut cs = ConstraintSystem::default();
        C::configure(&mut cs);
        cs.gates().iter().flat_map(|gate| gate.polynomials()).map(|polynomial| polynomial.degree()).max().unwrap()
    }
    assert_eq!([degree::<GenerationClaim>(), degree::<AuthenticityClaim>()], [5; 2]);
}

/// Columns of weights are weights and salts in clear, instructions of a trace are neurons.
#[test]
fn no_secret_is_in_debug_output() {
    let model = perceptron(15);
    let claim = generation(&model, &latent(&model, 15));
    let weights = &claim.weights;
    let negative = |value: &Fr| small(-*value).is_some_and(|magnitude| magnitude > 0);
    let weight = weights[0].values().find(negative).unwrap();
    let neuron = claim.network.neurons.iter().copied().find(negative).unwrap();
    let shown = format!("{weights:?} {:?} {claim:?} {:?}", weights[0].runs(), claim.plan().builder);
    for secret in [weight, neuron, weights[7].values().last().unwrap()] {
        assert!(!shown.contains(&format!("{secret:?}")), "{secret:?}");
    }
}

#[test]
fn a_read_of_another_value_is_refused() {
    let model = every_kind(5);
    let honest = generation(&model, &latent(&model, 5));
    let reads: usize = model.architecture().reads().iter().map(|&reads| reads as usize).sum();
    let mut rng = StdRng::seed_from_u64(5);
    for _ in 0..12 {
        let mut lie = honest.clone();
        lie.network.reads.insert(rng.gen_range(0..reads / 2), Fr::ONE);
        assert!(broken(&lie).contains("logup/sum is zero"));
    }
}

#[test]
fn a_latent_that_is_no_byte_or_another_one_is_refused() {
    let model = perceptron(6);
    let honest = generation(&model, &latent(&model, 6));
    let pixels = honest.plan().layout.pixels;
    // 128 is one too many: with everything computed from it
    for value in [128, -129, 1 << 20] {
        let mut lie = honest.clone();
        lie.network.neurons[2] = signed(value);
        lie.latent.set(pixels + 2, lie.network.neurons[2]);
        let verdict = broken(&lie);
        assert!(verdict.contains("logup/sum is zero"), "{verdict:?}");
    }
    // the committed entry is another than the one that is read: bent where it could be
    let (k, public) = (k(&honest), vec![honest.public.clone()]);
    let seen = trace(k, &honest, &public);
    let mut cs = ConstraintSystem::default();
    let config = GenerationClaim::configure(&mut cs);
    let at = (config.network.latent.index(), pixels + 2);
    let changed = BTreeMap::from([(at, seen.cells[&at] + Fr::ONE)]);
    assert!(accepted_lies(k, &honest, &public, [changed], |_| false).is_empty());
    // zeros, a one and salts after the entries are nobody's business
    let free = (config.network.latent.index(), pixels + 8);
    let changed = BTreeMap::from([(free, seen.cells[&free] + Fr::ONE)]);
    assert_eq!(accepted_lies(k, &honest, &public, [changed], |_| false).len(), 1);
}

/// Weights swapped, moved, scaled: of two layers, two channels, two positions of a kernel.
#[test]
fn other_weights_are_refused() {
    let model = every_kind(7);
    let honest = generation(&model, &latent(&model, 7));
    let plan = honest.plan();
    let rows: Vec<usize> = (0..plan.program.rows()).filter(|&r| matches!(plan.program.ops[r], Op::Add(_))).collect();
    let mut rng = StdRng::seed_from_u64(7);
    for _ in 0..12 {
        let [a, b] = [(); 2].map(|()| (rng.gen_range(0..8), rows[rng.gen_range(0..rows.len())]));
        let mut lie = honest.clone();
        let columns = Arc::make_mut(&mut lie.weights);
        let (x, y) = (columns[a.0].get(a.1), columns[b.0].get(b.1));
        if x == y {
            continue;
        }
        columns[a.0].set(a.1, y);
        columns[b.0].set(b.1, x);
        assert_eq!(broken(&lie), only("product/sum is the output"));
    }
    // what no channel uses is committed and has no effect where its inputs are zero; the salts never have
    let mut lie = honest.clone();
    for column in Arc::make_mut(&mut lie.weights) {
        let last = column.len() - 1;
        column.set(last, column.get(last) + Fr::ONE);
    }
    assert_eq!(broken(&lie), BTreeSet::new(), "salts");
}

/// Every cell is a copy constraint, and there is no other.
#[test]
fn every_wire_is_a_copy() {
    let model = every_kind(8);
    every_wire_of(&generation(&model, &latent(&model, 8)));
    every_wire_of(&authenticity(&model, &latent(&model, 8)));
}

fn every_wire_of<C: Named>(honest: &ModelClaim<C>) {
    let (plan, seen) = (honest.plan(), trace(k(honest), honest, std::slice::from_ref(&honest.public)));
    let mut cs = ConstraintSystem::default();
    let config = ModelClaim::<C>::configure(&mut cs);
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
    let product = ("advice", config.products.factor.index());
    expected.extend(plan.program.ops.iter().enumerate().map(|(row, op)| [(product, row), source(op.wire())]));
    if C::CLAIM.has_fingerprint() {
        let width = honest.image.width() as usize;
        expected.extend((0..plan.layout.pixels).map(|row| [(factor, row), source(plan.powers[row % width])]));
    }
    let kind = |any| match any {
        Any::Advice(_) => "advice",
        Any::Fixed => "fixed",
        Any::Instance => "instance",
    };
    let copies = seen.copies.iter().map(|sides| sides.map(|(any, column, row)| ((kind(any), column), row)));
    assert_eq!(copies.collect::<BTreeSet<_>>(), expected);
}

/// Addresses are written once, read as often as the verifying key says, and are no table's tag.
#[test]
fn addresses_are_written_once_and_apart_from_tags() {
    let model = every_kind(9);
    let honest = generation(&model, &latent(&model, 9));
    let plan = honest.plan();
    let (mut written, mut read) = (BTreeMap::new(), BTreeMap::new());
    for entry in 0..model.architecture().latent {
        written.insert(address(entry), model.architecture().reads()[entry as usize].max(1));
    }
    for line in plan.builder.part(Part::LookedUp) {
        match line.kind {
            Lookup::Neuron(cells) => assert!(written.insert(cells.address, cells.reads).is_none(), "written twice"),
            Lookup::Read { address } => *read.entry(address).or_insert(0) += 1,
            Lookup::Pair => {}
        }
    }
    for neuron in honest.architecture.samples().flatten() {
        *read.entry(address(neuron)).or_insert(0) += 1;
    }
    assert_eq!(written, read);
    assert!(written.keys().all(|&address| 0 < address && address < FIRST_TABLE));
}

/// The statement of a grafted witness: its picture is what the model makes of its latent.
fn holds(model: &Model, cells: &BTreeMap<At, Fr>) -> bool {
    let architecture = model.architecture();
    let pixels = architecture.width as usize * architecture.height as usize;
    let byte = |at| small(cells[&at]).and_then(|v| u8::try_from(v).ok());
    let entry = |at: usize| {
        let value = cells[&(LATENT, pixels + at)];
        i8::try_from(small(value).map(|v| v as i64).or_else(|| small(-value).map(|v| -(v as i64)))?).ok()
    };
    let latent: Option<Vec<i8>> = (0..architecture.latent as usize).map(entry).collect();
    let Some(latent) = latent else { return false };
    // places that hold no weight (a block's outputs that there are not, rows between the layers) may hold anything
    let ones = |w: &Weights| Weights { kernel: vec![1; w.kernel.len()], bias: vec![1; w.bias.len()] };
    let marks: Vec<_> = model.weights().iter().map(|weights| weights.as_ref().map(ones)).collect();
    let places = weight_columns(architecture, &marks);
    let weights = weight_columns(architecture, model.weights());
    let same = places.iter().zip(&weights).enumerate().all(|(j, (places, weights))| {
        let all = places[..places.len() - 1].iter().zip(weights).enumerate();
        let mut held = all.filter(|(_, (place, _))| **place != 0);
        held.all(|(row, (_, weight))| cells[&(LATENT + 1 + j, row)] == signed(i64::from(*weight)))
    });
    let made = model.generate(&latent);
    same && made.pixels().iter().enumerate().all(|(row, pixel)| (0..3).all(|c| byte((c, row)) == Some(pixel[c])))
}

#[test]
fn no_single_cell_and_no_window_of_another_witness_makes_a_lie_accepted() {
    let model = every_kind(10);
    let [mine, donor] = [1, 2].map(|seed| generation(&model, &latent(&model, seed)));
    let k = k(&mine);
    let public = vec![mine.public.clone()];
    let (here, there) = (trace(k, &mine, &public), trace(k, &donor, &public));
    assert!(holds(&model, &here.cells));
    let tried = some_grafts(&here, &there, 11, 40);
    let lies = accepted_lies(k, &mine, &public, tried, |trace| holds(&model, &trace.cells));
    let which: Vec<_> = lies.iter().map(|lie| (lie.len(), lie.iter().next())).collect();
    assert!(lies.is_empty(), "accepted, as (cells, the first): {which:?}");
}
