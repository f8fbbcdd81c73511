//! The soundness harness: cheating provers over `MockProver`. For tests only.
//!
//! Four questions, in the order they should be asked:
//! 1. [`failures`]: which named constraints does a forged witness break? A negative test expects exactly one.
//! 2. [`constraints`]: which names exist? Their set must equal the set the negative tests broke.
//! 3. [`accepted_lies`] over [`single_cells`]: may one advice cell change and a false statement be accepted?
//! 4. [`accepted_lies`] over [`windows`]: may a run of cells of another honest witness be grafted in? That is what a
//!    forgotten copy looks like.
//!
//! Grafts wrap the floor planner, so the circuit under test is the production code, unchanged. The public inputs follow
//! the grafted witness through their copies, as a cheating prover's would. `MockProver` reads unassigned cells as zero,
//! and its challenges are constants: whoever forges may know them ([`challenges`]), which a real prover does not.
pub mod stock;

use ff::{Field, PrimeField};
use halo2_proofs::{
    circuit::{Layouter, Value, layouter::SyncDeps},
    dev::{MockProver, VerifyFailure},
    halo2curves::bn256::Fr,
    plonk::{
        Advice, Any, Assigned, Assignment, Challenge, Circuit, Column, ConstraintSystem, Error, Fixed, FloorPlanner,
        Instance, Selector,
    },
    poly::Rotation,
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    marker::PhantomData,
    ops::Range,
};

/// An advice cell: column index and row.
pub type At = (usize, usize);

/// One witness and its public inputs, as laid out.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Advice cells by position.
    pub cells: BTreeMap<At, Fr>,
    /// Advice cells in order of assignment.
    pub order: Vec<At>,
    /// The instance columns.
    pub public: Vec<Vec<Fr>>,
    /// Every copy constraint: kind and index of a column, and row, on both sides.
    pub copies: Vec<[(Any, usize, usize); 2]>,
}

/// The names of the constraints that a witness breaks; a broken copy is named `copy`.
pub fn failures<C: Circuit<Fr>>(k: u32, circuit: &C, public: Vec<Vec<Fr>>) -> BTreeSet<String> {
    let verdict = MockProver::run(k, circuit, public).expect("synthesis").verify();
    verdict.err().into_iter().flatten().map(|failure| name(&failure)).collect()
}

/// The positions of the cells whose copies a witness breaks, as `column kind, index, row`.
pub fn broken_copies<C: Circuit<Fr>>(k: u32, circuit: &C, public: Vec<Vec<Fr>>) -> BTreeSet<String> {
    let verdict = MockProver::run(k, circuit, public).expect("synthesis").verify();
    let position = |failure| match failure {
        VerifyFailure::Permutation { column, location } => Some(format!("{column:?} {location:?}")),
        _ => None,
    };
    verdict.err().into_iter().flatten().filter_map(position).collect()
}

/// Every named constraint of the circuit: `gate/constraint`.
pub fn constraints<C: Circuit<Fr>>() -> BTreeSet<String> {
    let mut cs = ConstraintSystem::default();
    C::configure(&mut cs);
    constraints_of(&cs)
}

/// Every named constraint of a constraint system: `gate/constraint`.
pub fn constraints_of(cs: &ConstraintSystem<Fr>) -> BTreeSet<String> {
    let gates = cs.gates().iter();
    gates.flat_map(|g| (0..g.polynomials().len()).map(|i| format!("{}/{}", g.name(), g.constraint_name(i)))).collect()
}

fn name(failure: &VerifyFailure) -> String {
    match failure {
        // displays as: Constraint 1 ('name') in gate 0 ('gate')
        VerifyFailure::ConstraintNotSatisfied { constraint, .. } => {
            let text = constraint.to_string();
            let quoted: Vec<_> = text.split('\'').collect();
            format!("{}/{}", quoted[3], quoted[1])
        }
        VerifyFailure::Permutation { .. } => "copy".into(),
        other => other.to_string(),
    }
}

/// `MockProver`'s challenges for a circuit: the same on every run.
pub fn challenges<C: Circuit<Fr>>(k: u32, circuit: &C, public: Vec<Vec<Fr>>) -> Vec<Fr> {
    graft(&BTreeMap::new());
    MockProver::run(k, &Grafted(circuit), public).expect("synthesis");
    TAPE.with_borrow(|tape| tape.challenges.values().copied().collect())
}

/// The witness of a circuit as `synthesize` lays it.
pub fn trace<C: Circuit<Fr>>(k: u32, circuit: &C, public: &[Vec<Fr>]) -> Trace {
    grafted(k, circuit, public, &BTreeMap::new())
}

/// Each cell of a trace on its own, with `change` applied.
pub fn single_cells(trace: &Trace, change: impl Fn(Fr) -> Fr) -> Vec<BTreeMap<At, Fr>> {
    trace.order.iter().map(|at| BTreeMap::from([(*at, change(trace.cells[at]))])).collect()
}

/// Runs of cells, in order of assignment, with the donor's values.
pub fn windows(trace: &Trace, donor: &Trace, runs: impl IntoIterator<Item = Range<usize>>) -> Vec<BTreeMap<At, Fr>> {
    assert_eq!(trace.order, donor.order, "the circuit's shape must not depend on the witness");
    runs.into_iter().map(|run| trace.order[run].iter().map(|at| (*at, donor.cells[at])).collect()).collect()
}

/// What is tried where trying everything takes too long: some cells changed by one, as many random runs of every length, and each
/// whole column, of the donor.
#[cfg(test)]
pub(crate) fn some_grafts(trace: &Trace, donor: &Trace, seed: u64, each: usize) -> Vec<BTreeMap<At, Fr>> {
    use rand::{Rng, SeedableRng, rngs::StdRng};
    let mut rng = StdRng::seed_from_u64(seed);
    let mut cells = single_cells(trace, |value| value + Fr::ONE);
    let mut grafts: Vec<_> = (0..each).map(|_| cells.swap_remove(rng.gen_range(0..cells.len()))).collect();
    let total = trace.order.len();
    let runs = (0..each).map(|_| {
        let (from, length) = (rng.gen_range(0..total), 1 << rng.gen_range(0..15));
        from..(from + length).min(total)
    });
    grafts.extend(windows(trace, donor, runs));
    let columns: BTreeSet<usize> = trace.order.iter().map(|(column, _)| *column).collect();
    grafts.extend(columns.into_iter().map(|column| {
        let cells = trace.order.iter().filter(|(other, _)| *other == column);
        cells.map(|at| (*at, donor.cells[at])).collect()
    }));
    grafts
}

/// The grafts with which a statement that `holds` denies is accepted.
pub fn accepted_lies<C: Circuit<Fr>>(
    k: u32,
    circuit: &C,
    public: &[Vec<Fr>],
    grafts: impl IntoIterator<Item = BTreeMap<At, Fr>>,
    holds: impl Fn(&Trace) -> bool,
) -> Vec<BTreeMap<At, Fr>> {
    let accepted = |cells: &BTreeMap<At, Fr>| {
        let trace = grafted(k, circuit, public, cells);
        graft(cells);
        !holds(&trace) && failures(k, &Grafted(circuit), trace.public).is_empty()
    };
    grafts.into_iter().filter(accepted).collect()
}

fn grafted<C: Circuit<Fr>>(k: u32, circuit: &C, public: &[Vec<Fr>], cells: &BTreeMap<At, Fr>) -> Trace {
    graft(cells);
    MockProver::run(k, &Grafted(circuit), public.to_vec()).expect("synthesis");
    let Tape { mut trace, .. } = TAPE.take();
    trace.public = public.to_vec();
    for [a, b] in &trace.copies {
        for ((kind, index, row), other) in [(a, b), (b, a)] {
            if let (Any::Instance, (Any::Advice(_), column, at)) = (kind, other) {
                trace.public[*index][*row] = trace.cells[&(*column, *at)];
            }
        }
    }
    trace
}

#[derive(Default)]
struct Tape {
    graft: BTreeMap<At, Fr>,
    trace: Trace,
    challenges: BTreeMap<usize, Fr>,
}

thread_local!(static TAPE: RefCell<Tape> = RefCell::default());

fn graft(cells: &BTreeMap<At, Fr>) {
    TAPE.set(Tape { graft: cells.clone(), ..Tape::default() });
}

/// One field's element as another's of the same modulus: the trait is generic, the circuits are not.
fn transmute<A: Field, B: Field>(value: A) -> B {
    *(&value as &dyn std::any::Any).downcast_ref::<B>().expect("the scalar field of BN254")
}

struct Recorder<'a, CS>(&'a mut CS);

impl<F: Field, CS: Assignment<F>> Assignment<F> for Recorder<'_, CS> {
    fn assign_advice<'v>(
        &mut self,
        column: Column<Advice>,
        row: usize,
        to: Value<Assigned<F>>,
    ) -> Value<&'v Assigned<F>> {
        let at = (column.index(), row);
        let to = to.map(|value| {
            TAPE.with_borrow_mut(|tape| {
                let used = tape.graft.get(&at).copied().unwrap_or_else(|| transmute(value.evaluate()));
                if tape.trace.cells.insert(at, used).is_none() {
                    tape.trace.order.push(at);
                }
                transmute::<Fr, F>(used).into()
            })
        });
        self.0.assign_advice(column, row, to)
    }

    fn copy(&mut self, left: Column<Any>, left_row: usize, right: Column<Any>, right_row: usize) {
        let side = |column: Column<Any>, row| (*column.column_type(), column.index(), row);
        TAPE.with_borrow_mut(|tape| tape.trace.copies.push([side(left, left_row), side(right, right_row)]));
        self.0.copy(left, left_row, right, right_row);
    }

    fn get_challenge(&self, challenge: Challenge) -> Value<F> {
        let value = self.0.get_challenge(challenge);
        value.map(|value| {
            TAPE.with_borrow_mut(|tape| tape.challenges.insert(challenge.index(), transmute(value)));
            value
        })
    }

    fn enter_region<NR: Into<String>, N: FnOnce() -> NR>(&mut self, name: N) {
        self.0.enter_region(name);
    }

    fn annotate_column<A: FnOnce() -> AR, AR: Into<String>>(&mut self, annotation: A, column: Column<Any>) {
        self.0.annotate_column(annotation, column);
    }

    fn exit_region(&mut self) {
        self.0.exit_region();
    }

    fn enable_selector<A: FnOnce() -> AR, AR: Into<String>>(
        &mut self,
        annotation: A,
        selector: &Selector,
        row: usize,
    ) -> Result<(), Error> {
        self.0.enable_selector(annotation, selector, row)
    }

    fn query_instance(&self, column: Column<Instance>, row: usize) -> Result<Value<F>, Error> {
        self.0.query_instance(column, row)
    }

    fn assign_fixed(&mut self, column: Column<Fixed>, row: usize, to: Assigned<F>) {
        self.0.assign_fixed(column, row, to);
    }

    fn fill_from_row(&mut self, column: Column<Fixed>, row: usize, to: Value<Assigned<F>>) -> Result<(), Error> {
        self.0.fill_from_row(column, row, to)
    }

    fn push_namespace<NR: Into<String>, N: FnOnce() -> NR>(&mut self, name: N) {
        self.0.push_namespace(name);
    }

    fn pop_namespace(&mut self, name: Option<String>) {
        self.0.pop_namespace(name);
    }

    fn next_phase(&mut self) {
        self.0.next_phase();
    }
}

struct RecordingPlanner<P>(PhantomData<P>);

impl<P: FloorPlanner> FloorPlanner for RecordingPlanner<P> {
    fn synthesize<F: Field, CS: Assignment<F> + SyncDeps, C: Circuit<F>>(
        cs: &mut CS,
        circuit: &C,
        config: C::Config,
        constants: Vec<Column<Fixed>>,
    ) -> Result<(), Error> {
        P::synthesize(&mut Recorder(cs), circuit, config, constants)
    }
}

/// The circuit under the recording floor planner.
struct Grafted<'c, C>(&'c C);

impl<C: Circuit<Fr>> Circuit<Fr> for Grafted<'_, C> {
    type Config = C::Config;
    type FloorPlanner = RecordingPlanner<C::FloorPlanner>;
    type Params = C::Params;

    fn without_witnesses(&self) -> Self {
        Grafted(self.0)
    }

    fn params(&self) -> C::Params {
        self.0.params()
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> C::Config {
        C::configure(meta)
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, params: C::Params) -> C::Config {
        C::configure_with_params(meta, params)
    }

    fn synthesize(&self, config: C::Config, layouter: impl Layouter<Fr>) -> Result<(), Error> {
        self.0.synthesize(config, layouter)
    }
}

/// One row as a gate reads it that ties a sum to the next row's.
#[derive(Debug)]
pub struct SumRow<'a> {
    /// The fixed cells.
    pub fixed: &'a [(Column<Fixed>, Fr)],
    /// The advice cells; a column that is not among them is a sum's.
    pub advice: &'a [(Column<Advice>, Fr)],
    /// The challenges.
    pub challenges: &'a [(Challenge, Fr)],
    /// The sum on this row.
    pub sum: Fr,
}

impl SumRow<'_> {
    /// The value of a named constraint where the sum goes on to `next`.
    pub fn evaluate(&self, cs: &ConstraintSystem<Fr>, gate: &str, constraint: &str, next: Fr) -> Fr {
        let gate = cs.gates().iter().find(|g| g.name() == gate).expect("a gate of this name");
        let mut indices = 0..gate.polynomials().len();
        let index = indices.find(|&i| gate.constraint_name(i) == constraint).expect("a constraint of this name");
        gate.polynomials()[index].evaluate(
            &|constant| constant,
            &|_| unreachable!("the selectors are fixed columns"),
            &|query| self.fixed.iter().find(|(c, _)| c.index() == query.column_index()).expect("a fixed cell").1,
            &|query| match self.advice.iter().find(|(column, _)| column.index() == query.column_index()) {
                Some((_, value)) => *value,
                None if query.rotation() == Rotation::next() => next,
                None => self.sum,
            },
            &|_| unreachable!("public inputs enter by copies"),
            &|asked| self.challenges.iter().find(|(c, _)| c.index() == asked.index()).expect("a challenge").1,
            &|value| -value,
            &|x, y| x + y,
            &|x, y| x * y,
            &|value, constant| value * constant,
        )
    }
}

/// A field element's number, where it is below `2^64`.
pub fn small(value: Fr) -> Option<u64> {
    let repr = value.to_repr();
    let (low, high) = repr.split_at(8);
    high.iter().all(|&b| b == 0).then(|| low.iter().rev().fold(0, |sum, &b| (sum << 8) | u64::from(b)))
}
