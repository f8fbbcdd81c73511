//! Constraints as straight-line programs over blocks of rows.
//!
//! All constraints share one graph of operations, each of which is in it once ([`Graph`]). Some of them at a time are compiled to a
//! [`Program`], which reads few columns and reuses its memory, so that a block's intermediate values stay in the cache.
use crate::{
    fft::reverse,
    field::{Limbs, Scalar, ZERO, add, mul, scalar_limbs, sub},
    work::Work,
};
use ff::Field;
use halo2_proofs::{halo2curves::bn256::Fr, plonk::Expression};
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// An operation's place in its graph.
pub(crate) type Node = usize;

/// One operation on a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Op {
    /// The same in every row.
    Constant(Fr),
    /// The cell of a column, by number, in the row that is so many rows further on.
    Cell(usize, i32),
    /// A sum.
    Add(Node, Node),
    /// A difference.
    Sub(Node, Node),
    /// A product.
    Mul(Node, Node),
}

/// Operations of which no two are equal; constants are folded.
#[derive(Default)]
pub(crate) struct Graph {
    ops: Vec<Op>,
    places: HashMap<Op, Node>,
}

impl Graph {
    fn value(&self, node: Node) -> Option<Fr> {
        match self.ops[node] {
            Op::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// Adds an operation, simplified.
    pub(crate) fn push(&mut self, op: Op) -> Node {
        let op = match op {
            Op::Add(a, b) => match (self.value(a), self.value(b)) {
                (Some(x), Some(y)) => Op::Constant(x + y),
                (Some(x), None) if x == Fr::ZERO => return b,
                (None, Some(y)) if y == Fr::ZERO => return a,
                _ => Op::Add(a.min(b), a.max(b)),
            },
            Op::Sub(a, b) => match (self.value(a), self.value(b)) {
                (Some(x), Some(y)) => Op::Constant(x - y),
                (None, Some(y)) if y == Fr::ZERO => return a,
                _ => op,
            },
            Op::Mul(a, b) => match (self.value(a), self.value(b)) {
                (Some(x), Some(y)) => Op::Constant(x * y),
                (Some(x), None) | (None, Some(x)) if x == Fr::ZERO => Op::Constant(Fr::ZERO),
                (Some(x), None) if x == Fr::ONE => return b,
                (None, Some(y)) if y == Fr::ONE => return a,
                _ => Op::Mul(a.min(b), a.max(b)),
            },
            op => op,
        };
        if let Some(&node) = self.places.get(&op) {
            return node;
        }
        self.ops.push(op);
        self.places.insert(op, self.ops.len() - 1);
        self.ops.len() - 1
    }

    /// Adds a constant.
    pub(crate) fn constant(&mut self, value: Fr) -> Node {
        self.push(Op::Constant(value))
    }

    /// Adds a cell.
    pub(crate) fn cell(&mut self, column: usize, rotation: i32) -> Node {
        self.push(Op::Cell(column, rotation))
    }

    /// Adds an expression; `column` numbers the columns of its queries. `None` where a selector is in it, which keys replace.
    pub(crate) fn expression(
        &mut self,
        expression: &Expression<Fr>,
        column: &impl Fn(&Expression<Fr>) -> usize,
        challenges: &[Fr],
    ) -> Option<Node> {
        let mut of = |e: &Expression<Fr>| self.expression(e, column, challenges);
        let op = match expression {
            Expression::Constant(value) => Op::Constant(*value),
            Expression::Selector(_) => return None,
            Expression::Fixed(query) => Op::Cell(column(expression), query.rotation().0),
            Expression::Advice(query) => Op::Cell(column(expression), query.rotation().0),
            Expression::Instance(query) => Op::Cell(column(expression), query.rotation().0),
            Expression::Challenge(challenge) => Op::Constant(*challenges.get(challenge.index())?),
            Expression::Negated(a) => {
                let a = of(a)?;
                Op::Sub(self.constant(Fr::ZERO), a)
            }
            Expression::Sum(a, b) => match &**b {
                // what halo2 makes of a difference
                Expression::Negated(b) => Op::Sub(of(a)?, of(b)?),
                b => Op::Add(of(a)?, of(b)?),
            },
            Expression::Product(a, b) => Op::Mul(of(a)?, of(b)?),
            Expression::Scaled(a, value) => {
                let a = of(a)?;
                Op::Mul(a, self.constant(*value))
            }
        };
        Some(self.push(op))
    }

    /// The columns that a node reads.
    pub(crate) fn columns(&self, root: Node) -> BTreeSet<usize> {
        let (mut columns, mut seen, mut open) = (BTreeSet::new(), BTreeSet::new(), vec![root]);
        while let Some(node) = open.pop() {
            if !seen.insert(node) {
                continue;
            }
            match self.ops[node] {
                Op::Constant(_) => {}
                Op::Cell(column, _) => {
                    columns.insert(column);
                }
                Op::Add(a, b) | Op::Sub(a, b) | Op::Mul(a, b) => open.extend([a, b]),
            }
        }
        columns
    }

    /// Compiles `sum_i factor_i root_i`.
    pub(crate) fn compile(&mut self, roots: &[(Node, Fr)]) -> Program {
        let total = roots.iter().fold(None, |sum: Option<Node>, (root, factor)| {
            let factor = self.constant(*factor);
            let term = self.push(Op::Mul(*root, factor));
            Some(sum.map_or(term, |sum| self.push(Op::Add(sum, term))))
        });
        let total = total.unwrap_or_else(|| self.constant(Fr::ZERO));
        Compiler::new(self).compile(total)
    }
}

/// Where an operand is.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// An intermediate value.
    Slot(usize),
    /// One of the program's constants.
    Constant(usize),
    /// One of the program's cells.
    Cell(usize),
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Add,
    Sub,
    Mul,
}

struct Instruction {
    kind: Kind,
    operands: [Source; 2],
    to: usize,
}

/// A compiled sum of constraints.
pub(crate) struct Program {
    instructions: Vec<Instruction>,
    constants: Vec<Limbs>,
    /// Columns and rotations.
    cells: Vec<(usize, i32)>,
    slots: usize,
    result: Source,
}

struct Compiler<'g> {
    graph: &'g Graph,
    program: Program,
    sources: HashMap<Node, Source>,
    /// Uses of a node that are still to come.
    uses: HashMap<Node, usize>,
    free: Vec<usize>,
}

impl<'g> Compiler<'g> {
    fn new(graph: &'g Graph) -> Self {
        let (instructions, constants, cells) = (Vec::new(), Vec::new(), Vec::new());
        let program = Program { instructions, constants, cells, slots: 0, result: Source::Constant(0) };
        Self { graph, program, sources: HashMap::new(), uses: HashMap::new(), free: Vec::new() }
    }

    fn compile(mut self, root: Node) -> Program {
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            if let Op::Add(a, b) | Op::Sub(a, b) | Op::Mul(a, b) = self.graph.ops[node] {
                for operand in [a, b] {
                    let uses = self.uses.entry(operand).or_insert(0);
                    *uses += 1;
                    if *uses == 1 {
                        open.push(operand);
                    }
                }
            }
        }
        self.program.result = self.emit(root);
        self.program
    }

    /// Emits what a node needs, first operand first, and the node.
    fn emit(&mut self, root: Node) -> Source {
        // a stack of its own: sums of many constraints are deep
        let mut open = vec![(root, false)];
        while let Some((node, ready)) = open.pop() {
            if self.sources.contains_key(&node) {
                continue;
            }
            let source = match self.graph.ops[node] {
                Op::Constant(value) => {
                    self.program.constants.push(scalar_limbs(&value));
                    Source::Constant(self.program.constants.len() - 1)
                }
                Op::Cell(column, rotation) => {
                    self.program.cells.push((column, rotation));
                    Source::Cell(self.program.cells.len() - 1)
                }
                Op::Add(a, b) | Op::Sub(a, b) | Op::Mul(a, b) if !ready => {
                    open.extend([(node, true), (b, false), (a, false)]);
                    continue;
                }
                Op::Add(a, b) => self.instruction(Kind::Add, a, b),
                Op::Sub(a, b) => self.instruction(Kind::Sub, a, b),
                Op::Mul(a, b) => self.instruction(Kind::Mul, a, b),
            };
            self.sources.insert(node, source);
        }
        self.sources[&root]
    }

    fn instruction(&mut self, kind: Kind, a: Node, b: Node) -> Source {
        let operands = [self.sources[&a], self.sources[&b]];
        for (node, source) in [a, b].into_iter().zip(operands) {
            let uses = self.uses.entry(node).or_insert(1);
            *uses -= 1;
            if *uses == 0
                && let Source::Slot(slot) = source
            {
                self.free.push(slot);
            }
        }
        let to = self.free.pop().unwrap_or_else(|| {
            self.program.slots += 1;
            self.program.slots - 1
        });
        self.program.instructions.push(Instruction { kind, operands, to });
        Source::Slot(to)
    }
}

/// Rows that go through a program at once.
const ROWS: usize = 64;
/// Rows of one piece of work for a thread.
const PIECE: usize = 1 << 13;

type Block = [Limbs; ROWS];

impl Program {
    /// Multiplications a row.
    pub(crate) fn cost(&self) -> u64 {
        self.instructions.iter().filter(|i| matches!(i.kind, Kind::Mul)).count() as u64
    }

    /// Adds the program's values to `out`: all values are reduced, all rows in bit-reversed order. `column` gives the columns by number.
    pub(crate) fn run<'c>(&self, column: impl Fn(usize) -> &'c [Limbs], out: &mut [Limbs], work: &Work<'_>) {
        let k = out.len().ilog2();
        let rows = ROWS.min(out.len());
        let constants: Vec<Block> = self.constants.iter().map(|constant| [*constant; ROWS]).collect();
        let cells: Vec<(&[Limbs], i32)> = self.cells.iter().map(|(c, rotation)| (column(*c), *rotation)).collect();
        out.par_chunks_mut(PIECE).enumerate().for_each(|(piece, out)| {
            let mut slots = vec![[ZERO; ROWS]; self.slots];
            let mut gathered = vec![[ZERO; ROWS]; cells.len()];
            let mut places = vec![None; cells.len()];
            for (block, out) in out.chunks_mut(rows).enumerate() {
                let first = piece * PIECE + block * rows;
                for ((place, gathered), (column, rotation)) in places.iter_mut().zip(&mut gathered).zip(&cells) {
                    *place = contiguous(first, *rotation, k, rows);
                    if place.is_none() {
                        for (i, to) in gathered[..rows].iter_mut().enumerate() {
                            *to = column[rotated(first + i, *rotation, k)];
                        }
                    }
                }
                for Instruction { kind, operands, to } in &self.instructions {
                    let mut result = [ZERO; ROWS];
                    {
                        let [a, b] = operands.map(|source| match source {
                            Source::Slot(slot) => &slots[slot][..rows],
                            Source::Constant(constant) => &constants[constant][..rows],
                            Source::Cell(cell) => match places[cell] {
                                Some(place) => &cells[cell].0[place..place + rows],
                                None => &gathered[cell][..rows],
                            },
                        });
                        let each = result.iter_mut().zip(a).zip(b);
                        match kind {
                            Kind::Add => each.for_each(|((to, a), b)| *to = add::<Scalar>(a, b)),
                            Kind::Sub => each.for_each(|((to, a), b)| *to = sub::<Scalar>(a, b)),
                            Kind::Mul => each.for_each(|((to, a), b)| *to = mul::<Scalar>(a, b)),
                        }
                    }
                    slots[*to] = result;
                }
                let values = match self.result {
                    Source::Slot(slot) => &slots[slot][..rows],
                    Source::Constant(constant) => &constants[constant][..rows],
                    Source::Cell(cell) => match places[cell] {
                        Some(place) => &cells[cell].0[place..place + rows],
                        None => &gathered[cell][..rows],
                    },
                };
                out.iter_mut().zip(values).for_each(|(to, value)| *to = add::<Scalar>(to, value));
            }
            work.tick(out.len() as u64 * self.cost());
        });
    }
}

/// The place of the row `rotation` further on than the one at place `j`.
fn rotated(j: usize, rotation: i32, k: u32) -> usize {
    let row = reverse(j, k).wrapping_add_signed(rotation as isize) & ((1 << k) - 1);
    reverse(row, k)
}

/// Where the rotated block of rows from place `first` on begins, if it is in one piece and in order.
///
/// The rows of a block differ in their upper bits. A rotation changes the lower ones, the same way in all rows, unless it carries
/// into the upper ones.
fn contiguous(first: usize, rotation: i32, k: u32, rows: usize) -> Option<usize> {
    let period = (1usize << k) / rows;
    let row = reverse(first, k).checked_add_signed(rotation as isize)?;
    (row < period).then(|| reverse(row, k))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        field::scalar,
        work::{Options, Phase},
    };
    use rand_chacha::{
        ChaCha20Rng,
        rand_core::{RngCore, SeedableRng},
    };

    /// Random graphs, evaluated row by row.
    #[test]
    fn programs_compute_their_graphs() {
        let mut rng = ChaCha20Rng::seed_from_u64(6);
        let work = Work::new(&Options::default(), 1, Phase::Quotient).expect("the global pool");
        for k in [3u32, 5, 6, 7, 9, 14] {
            let n = 1usize << k;
            let columns: Vec<Vec<Fr>> = (0..4).map(|_| (0..n).map(|_| Fr::random(&mut rng)).collect()).collect();
            let reversed: Vec<Vec<Limbs>> =
                columns.iter().map(|c| (0..n).map(|j| scalar_limbs(&c[reverse(j, k)])).collect()).collect();
            let mut graph = Graph::default();
            let mut nodes: Vec<Node> = (0..10).map(|i| graph.cell(i % 4, (rng.next_u32() % 9) as i32 - 4)).collect();
            nodes.extend([Fr::ZERO, Fr::ONE, Fr::from(5)].map(|c| graph.constant(c)));
            for _ in 0..60 {
                let [a, b] = [(); 2].map(|()| nodes[rng.next_u32() as usize % nodes.len()]);
                nodes.push(graph.push(match rng.next_u32() % 3 {
                    0 => Op::Add(a, b),
                    1 => Op::Sub(a, b),
                    _ => Op::Mul(a, b),
                }));
            }
            let ops = graph.ops.clone();
            let roots: Vec<(Node, Fr)> = nodes.iter().rev().take(7).map(|node| (*node, Fr::random(&mut rng))).collect();
            let program = graph.compile(&roots);
            assert!(program.slots < 60, "slots are used again");
            let mut out = vec![scalar_limbs(&Fr::from(3)); n];
            program.run(|c| &reversed[c], &mut out, &work);
            for row in [0, 1, n / 2, n - 1, n / 3] {
                let mut values: Vec<Fr> = Vec::new();
                for op in &ops {
                    values.push(match *op {
                        Op::Constant(value) => value,
                        Op::Cell(c, rotation) => columns[c][(row + n).wrapping_add_signed(rotation as isize) % n],
                        Op::Add(a, b) => values[a] + values[b],
                        Op::Sub(a, b) => values[a] - values[b],
                        Op::Mul(a, b) => values[a] * values[b],
                    });
                }
                let expected = roots.iter().fold(Fr::from(3), |sum, (node, factor)| sum + values[*node] * factor);
                assert_eq!(scalar(&out[reverse(row, k)]), expected, "k = {k}, row {row}");
            }
        }
    }
}
