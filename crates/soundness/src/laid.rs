//! A circuit as it is laid: gates, fixed cells and copies, all from the proof system's own key generation.
//!
//! What the caller must believe: [`Laid::of`] compares what it recorded with the proving key that halo2 makes, cell by cell and
//! cycle by cycle, and the proving key's polynomials with the commitments of the verifying key. So what is checked is what
//! proofs are verified under.
use crate::{
    Fault,
    node::Node,
    poly::{POLE, Var},
};
use ff::{Field, PrimeField};
use group::Curve;
use halo2_proofs::{
    circuit::Value,
    halo2curves::bn256::{Bn256, Fr, G1Affine},
    plonk::{
        Advice, Any, Assigned, Assignment, Challenge, Circuit, Column, ConstraintSystem, Error, Fixed, FloorPlanner,
        Instance, ProvingKey, Selector, VerifyingKey, keygen_pk, keygen_vk,
    },
    poly::{
        commitment::{Blind, Params},
        kzg::commitment::ParamsKZG,
    },
};
use std::collections::HashMap;
use veilmark_halo2::Options;
use veilmark_srs::Srs;

/// The numbers of a circuit's advice and instance cells: a column's cells follow each other.
#[derive(Clone, Copy, Debug)]
pub struct Cells {
    /// Rows, blinding rows included.
    pub rows: usize,
    /// Advice columns; the instance columns follow.
    pub advice: usize,
    /// Instance columns.
    pub instance: usize,
}

impl Cells {
    /// An advice cell.
    pub fn advice(&self, column: usize, row: usize) -> Var {
        (1 + column * self.rows + row) as Var
    }

    /// An instance cell.
    pub fn instance(&self, column: usize, row: usize) -> Var {
        self.advice(self.advice + column, row)
    }

    /// Column and row of a cell; instance columns come after the advice columns.
    pub fn place(&self, cell: Var) -> (usize, usize) {
        let index = cell as usize - 1;
        (index / self.rows, index % self.rows)
    }

    /// Whether it is a cell of an instance column.
    pub fn is_instance(&self, cell: Var) -> bool {
        cell != POLE && self.place(cell).0 >= self.advice
    }

    /// One more than the largest number.
    pub fn end(&self) -> usize {
        1 + (self.advice + self.instance) * self.rows
    }

    /// The cell for people.
    pub fn name(&self, cell: Var) -> String {
        if cell == POLE {
            return "the poles' challenge".into();
        }
        match self.place(cell) {
            (column, row) if column >= self.advice => format!("instance[{}, row {row}]", column - self.advice),
            (column, row) => format!("advice[{column}, row {row}]"),
        }
    }
}

/// One polynomial of a gate.
#[derive(Clone, Debug)]
pub struct Gate {
    /// The gate's name and the constraint's.
    pub name: String,
    /// What must vanish on every row.
    pub node: Node,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Laid {
    /// Numbers of cells.
    pub cells: Cells,
    /// Rows before the blinding rows.
    pub usable: usize,
    /// The challenge at which the lookups' poles are taken; the other one is `sigma`.
    pub pole: usize,
    /// Every gate's polynomials.
    pub gates: Vec<Gate>,
    /// Fixed columns, row by row.
    pub fixed: Vec<Vec<Fr>>,
    /// Cells that are copies of each other.
    pub copies: Vec<[Var; 2]>,
    /// The phase of each advice column.
    pub phases: Vec<u8>,
}

/// Representatives of copied cells.
#[derive(Clone, Debug)]
pub(crate) struct Classes(Vec<Var>);

impl Classes {
    pub(crate) fn of(laid: &Laid) -> Self {
        let mut classes = Self((0..laid.cells.end() as Var).collect());
        for &[a, b] in &laid.copies {
            let [a, b] = [classes.find(a), classes.find(b)];
            classes.0[a.max(b) as usize] = a.min(b);
        }
        classes
    }

    /// The least cell of a class.
    pub(crate) fn find(&mut self, cell: Var) -> Var {
        let mut root = cell;
        while self.0[root as usize] != root {
            root = self.0[root as usize];
        }
        let mut at = cell;
        while self.0[at as usize] != root {
            at = std::mem::replace(&mut self.0[at as usize], root);
        }
        root
    }
}

impl Laid {
    /// Lays a circuit, and compares it with its keys under this setup: halo2's, which tell what they hold, and ours, which have the same points.
    ///
    /// # Errors
    /// [`Fault`] where the circuit does not fit, uses what the checker does not know, or its keys are of another one.
    pub fn of<C: Circuit<Fr>>(srs: &Srs, circuit: &C) -> Result<Self, Fault> {
        let failed = |error: Error| Fault::new(format!("key generation: {error:?}"));
        let params = &srs.to_params();
        let vk = keygen_vk(params, circuit).map_err(failed)?;
        let pk = keygen_pk(params, vk, circuit).map_err(failed)?;
        let ours = veilmark_halo2::verifying_key(&srs.setup(), circuit, &Options::default())
            .map_err(|error| Fault::new(format!("key generation: {error}")))?;
        let points =
            |key: &VerifyingKey<G1Affine>| [key.fixed_commitments().clone(), key.permutation().commitments().clone()];
        if points(&ours) != points(pk.get_vk()) {
            return Err(Fault::new("the key that proofs are made under is not the one that is checked here"));
        }
        let cs = pk.get_vk().cs();
        if !cs.lookups().is_empty() {
            return Err(Fault::new("the circuit uses the proof system's lookups, which the checker does not know"));
        }
        let columns = cs.permutation().get_columns();
        if columns.iter().any(|column| matches!(column.column_type(), Any::Fixed)) {
            return Err(Fault::new("a fixed column can be copied, which the checker does not know"));
        }
        let late = cs.advice_column_phase().iter().any(|&phase| phase > 1);
        if late || cs.num_challenges() != 2 || cs.challenge_phase().iter().any(|&phase| phase != 0) {
            return Err(Fault::new(
                "other challenges than two after the first phase, or a third phase, which the checker does not know",
            ));
        }
        let laid = Self::recorded(params.n() as usize, cs, circuit).map_err(failed)?;
        laid.compare(params, &pk, &columns)?;
        Ok(laid)
    }

    fn recorded<C: Circuit<Fr>>(rows: usize, cs: &ConstraintSystem<Fr>, circuit: &C) -> Result<Self, Error> {
        let cells = Cells { rows, advice: cs.num_advice_columns(), instance: cs.num_instance_columns() };
        let mut fresh = ConstraintSystem::default();
        let config = C::configure_with_params(&mut fresh, circuit.params());
        let mut recorder =
            Recorder { cells, fixed: vec![vec![Fr::ZERO; rows]; fresh.num_fixed_columns()], copies: Vec::new() };
        C::FloorPlanner::synthesize(&mut recorder, circuit, config, fresh.constants().clone())?;
        let gate = |gate: &halo2_proofs::plonk::Gate<Fr>| {
            let name = |at| format!("{}/{}", gate.name(), gate.constraint_name(at));
            let polynomials = gate.polynomials().iter().enumerate();
            polynomials.map(|(at, poly)| Gate { name: name(at), node: poly.into() }).collect::<Vec<_>>()
        };
        let gates: Vec<Gate> = cs.gates().iter().flat_map(gate).collect();
        // either challenge may play either part; the one that fewer gates know is the one that makes sense
        let gates_with = |challenge| {
            gates.iter().filter(|gate: &&Gate| gate.node.any(|node| *node == Node::Challenge(challenge))).count()
        };
        let pole = (0..cs.num_challenges()).min_by_key(|&challenge| gates_with(challenge)).unwrap_or(0);
        Ok(Self {
            cells,
            usable: rows - (cs.blinding_factors() + 1),
            pole,
            gates,
            fixed: recorder.fixed,
            copies: recorder.copies,
            phases: cs.advice_column_phase(),
        })
    }

    /// Whether the proving key holds these fixed cells and copies, and the verifying key commits to what it holds.
    fn compare(
        &self,
        params: &ParamsKZG<Bn256>,
        pk: &ProvingKey<G1Affine>,
        columns: &[Column<Any>],
    ) -> Result<(), Fault> {
        let same_fixed = pk.fixed_values().len() == self.fixed.len()
            && pk.fixed_values().iter().zip(&self.fixed).all(|(theirs, ours)| theirs[..] == ours[..]);
        if !same_fixed {
            return Err(Fault::new("the proving key's fixed columns are not those that were laid"));
        }
        // a permutation polynomial holds delta^column omega^row of the next cell of the cycle
        let omega = pk.get_vk().get_domain().get_omega();
        let mut place = HashMap::new();
        let mut column_generator = Fr::ONE;
        for column in columns {
            let first = self.column_cell(*column, 0);
            let mut value = column_generator;
            for row in 0..self.cells.rows {
                place.insert(value, first + row as Var);
                value *= omega;
            }
            column_generator *= Fr::DELTA;
        }
        let mut theirs = Self { copies: Vec::new(), ..self.clone() };
        for (column, next) in columns.iter().zip(pk.permutation().permutations()) {
            for (row, value) in next.iter().enumerate() {
                let next = place.get(value).ok_or_else(|| Fault::new("the permutation leaves its cells"))?;
                let cell = self.column_cell(*column, row);
                if *next != cell {
                    theirs.copies.push([cell, *next]);
                }
            }
        }
        let (mut ours, mut keys) = (Classes::of(self), Classes::of(&theirs));
        if let Some(cell) = (1..self.cells.end() as Var).find(|&cell| ours.find(cell) != keys.find(cell)) {
            let cell = self.cells.name(cell);
            return Err(Fault::new(format!("the proving key copies {cell} elsewhere than it was laid")));
        }
        let commit = |poly| params.commit_lagrange(poly, Blind::default()).to_affine();
        let fixed = pk.fixed_values().iter().map(commit);
        if !fixed.eq(pk.get_vk().fixed_commitments().iter().copied()) {
            return Err(Fault::new("the verifying key commits to other fixed columns"));
        }
        let copies = pk.permutation().permutations().iter().map(commit);
        if !copies.eq(pk.get_vk().permutation().commitments().iter().copied()) {
            return Err(Fault::new("the verifying key commits to another permutation"));
        }
        Ok(())
    }

    fn column_cell(&self, column: Column<Any>, row: usize) -> Var {
        column_cell(&self.cells, column, row)
    }
}

fn column_cell(cells: &Cells, column: Column<Any>, row: usize) -> Var {
    match column.column_type() {
        Any::Advice(_) => cells.advice(column.index(), row),
        Any::Instance => cells.instance(column.index(), row),
        Any::Fixed => unreachable!("refused: no fixed column can be copied"),
    }
}

/// Records what key generation is told.
struct Recorder {
    cells: Cells,
    fixed: Vec<Vec<Fr>>,
    copies: Vec<[Var; 2]>,
}

impl Assignment<Fr> for Recorder {
    fn enter_region<NR: Into<String>, N: FnOnce() -> NR>(&mut self, _: N) {}

    fn annotate_column<A: FnOnce() -> AR, AR: Into<String>>(&mut self, _: A, _: Column<Any>) {}

    fn exit_region(&mut self) {}

    fn enable_selector<A: FnOnce() -> AR, AR: Into<String>>(
        &mut self,
        _: A,
        _: &Selector,
        _: usize,
    ) -> Result<(), Error> {
        // the key's fixed columns are one more than were laid then, and the comparison says so
        Ok(())
    }

    fn query_instance(&self, _: Column<Instance>, _: usize) -> Result<Value<Fr>, Error> {
        Ok(Value::unknown())
    }

    fn assign_advice<'v>(&mut self, _: Column<Advice>, _: usize, _: Value<Assigned<Fr>>) -> Value<&'v Assigned<Fr>> {
        Value::unknown()
    }

    fn assign_fixed(&mut self, column: Column<Fixed>, row: usize, to: Assigned<Fr>) {
        self.fixed[column.index()][row] = to.evaluate();
    }

    fn copy(&mut self, left: Column<Any>, left_row: usize, right: Column<Any>, right_row: usize) {
        let copied = [(left, left_row), (right, right_row)];
        self.copies.push(copied.map(|(column, row)| column_cell(&self.cells, column, row)));
    }

    fn fill_from_row(&mut self, column: Column<Fixed>, row: usize, to: Value<Assigned<Fr>>) -> Result<(), Error> {
        to.map(|value| self.fixed[column.index()][row..].fill(value.evaluate()));
        Ok(())
    }

    fn get_challenge(&self, _: Challenge) -> Value<Fr> {
        Value::unknown()
    }

    fn push_namespace<NR: Into<String>, N: FnOnce() -> NR>(&mut self, _: N) {}

    fn pop_namespace(&mut self, _: Option<String>) {}
}
