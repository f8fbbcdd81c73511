//! What a verifier has to know of a circuit, read from halo2's `ConstraintSystem`, and nothing else.
//!
//! Everything of a proof follows from it: which points and scalars it holds and in which order ([`Protocol::points`],
//! [`Protocol::scalars`]), when challenges are squeezed, what is opened where ([`Protocol::rotation_sets`]).
//! [`Protocol::new`] asserts what halo2 only assumes, and refuses by a typed [`Error`] whatever the contract has no
//! code for.
//!
//! What the caller must believe: two circuits with the same [`Protocol::digest`] are checked by the same contract. The
//! digest covers all of the above and every constraint; names, fixed contents, copies and `k` are not part of it, they
//! live in the verifying key.

use crate::{
    Error,
    expression::{Graph, Node, NodeId},
};
use halo2_proofs::{
    halo2curves::bn256::{Fr, G1Affine},
    plonk::{Any, Expression, VerifyingKey},
    poly::Rotation,
};
use sha3::{Digest, Keccak256};
use std::{
    collections::HashSet,
    fmt::{self, Write as _},
};
use veilmark_transcript::{POINT, WORD, scalar_to_word};

/// The first line of [`Protocol::canonical`]: a change of what that text means changes this line.
const CANONICAL_HEADER: &str = "veilmark constraint system v1";

/// The highest degree halo2-axiom builds correct proofs for without being told.
pub const MAX_DEGREE: usize = 5;
/// The lowest: the permutation argument's own.
pub const MIN_DEGREE: usize = 3;
/// Public inputs of a claim.
pub const MAX_PUBLIC_INPUTS: usize = 64;
/// Columns of one kind, queries of one kind, challenges, constraints: far above any circuit whose verifier fits
/// EIP-170.
pub const MAX_ITEMS: usize = 512;

/// A commitment a proof opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Commitment {
    /// An advice column's, from the proof.
    Advice(usize),
    /// A permutation product's, from the proof.
    Product(usize),
    /// A fixed column's, from the verifying key.
    Fixed(usize),
    /// A permutation polynomial's, from the verifying key.
    Sigma(usize),
    /// The quotient: its pieces folded with powers of `x^n`.
    Quotient,
    /// The vanishing argument's random polynomial, from the proof.
    Random,
}

/// A point of the proof, in the proof's own order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProofPoint {
    /// Commitment of an advice column.
    Advice(usize),
    /// Commitment of a permutation product.
    Product(usize),
    /// Commitment of the random polynomial.
    Random,
    /// Commitment of one piece of the quotient.
    QuotientPiece(usize),
    /// SHPLONK's first point.
    OpeningW,
    /// SHPLONK's second point.
    OpeningWPrime,
}

/// An evaluation of a polynomial at a rotation of `x`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Evaluation {
    /// Of an advice query, by its index.
    Advice(usize),
    /// Of a fixed query, by its index.
    Fixed(usize),
    /// Of the random polynomial.
    Random,
    /// Of a permutation polynomial.
    Sigma(usize),
    /// Of a permutation product at `x`.
    Product(usize),
    /// Of a permutation product at `omega x`.
    ProductNext(usize),
    /// Of a permutation product at `omega^last x`; every product but the last one has it.
    ProductLast(usize),
    /// Of the quotient: not sent, computed from the constraints.
    Quotient,
}

/// A query: a column of its kind, and a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Query {
    /// The column's index among those of its kind.
    pub column: usize,
    /// The rotation.
    pub rotation: i32,
}

/// One phase: the advice columns committed in it and the challenges squeezed after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phase {
    /// Advice columns, in the order of their commitments.
    pub columns: Vec<usize>,
    /// Challenges, in the order they are squeezed.
    pub challenges: Vec<usize>,
}

/// A constraint: its names, and its polynomial.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// `gate/constraint`, as the circuit names it.
    pub name: String,
    /// The polynomial.
    pub root: NodeId,
}

/// What the permutation argument reads of one of its columns: the evaluation at the current row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PermutedColumn {
    /// Of an advice query, by its index.
    Advice(usize),
    /// Of a fixed query, by its index.
    Fixed(usize),
    /// Of the instance column.
    Instance,
}

/// Commitments opened at the same set of points.
#[derive(Clone, Debug)]
pub struct RotationSet {
    /// The points, as rotations of `x`, ascending.
    pub rotations: Vec<i32>,
    /// The commitments, in halo2's order, each with its evaluations at [`Self::rotations`].
    pub members: Vec<(Commitment, Vec<Evaluation>)>,
}

/// A circuit's constraint system as its verifier sees it.
#[derive(Clone, Debug)]
pub struct Protocol {
    public_inputs: usize,
    degree: usize,
    blinding_factors: usize,
    fixed_columns: usize,
    phases: Vec<Phase>,
    challenges: usize,
    advice_queries: Vec<Query>,
    fixed_queries: Vec<Query>,
    instance_queried: bool,
    permutation: Vec<PermutedColumn>,
    graph: Graph,
    constraints: Vec<Constraint>,
}

fn at_most(what: &'static str, limit: usize, got: usize) -> Result<(), Error> {
    if got > limit { Err(Error::TooMany { what, limit, got }) } else { Ok(()) }
}

impl Protocol {
    /// Reads a verifying key's constraint system, for a claim of `public_inputs` public inputs.
    pub fn new(vk: &VerifyingKey<G1Affine>, public_inputs: usize) -> Result<Self, Error> {
        let cs = vk.cs();
        if public_inputs == 0 {
            return Err(Error::NoPublicInputs { limit: MAX_PUBLIC_INPUTS });
        }
        at_most("public inputs", MAX_PUBLIC_INPUTS, public_inputs)?;
        if !cs.lookups().is_empty() {
            return Err(Error::NativeLookups { got: cs.lookups().len() });
        }
        if cs.num_instance_columns() != 1 {
            return Err(Error::InstanceColumns { expected: 1, got: cs.num_instance_columns() });
        }
        if cs.num_selectors() != 0 {
            return Err(Error::Selectors { got: cs.num_selectors() });
        }
        at_most("advice columns", MAX_ITEMS, cs.num_advice_columns())?;
        at_most("fixed columns", MAX_ITEMS, cs.num_fixed_columns())?;
        at_most("challenges", MAX_ITEMS, cs.num_challenges())?;
        at_most("advice queries", MAX_ITEMS, cs.advice_queries().len())?;
        at_most("fixed queries", MAX_ITEMS, cs.fixed_queries().len())?;

        let degree = cs.degree();
        if !(MIN_DEGREE..=MAX_DEGREE).contains(&degree) {
            return Err(Error::Degree { limit: MAX_DEGREE, got: degree });
        }
        let pieces = vk.get_domain().get_quotient_poly_degree();
        if pieces != degree - 1 {
            return Err(Error::QuotientPieces { expected: degree - 1, got: pieces });
        }

        let queries = |kind: &str, queries: Vec<(usize, Rotation)>, columns: usize| {
            let mut seen = HashSet::new();
            queries
                .into_iter()
                .map(|(column, rotation)| {
                    let query = Query { column, rotation: rotation.0 };
                    let name = || format!("{kind} column {column}");
                    if column >= columns {
                        return Err(Error::NoSuchColumn { column: name(), limit: columns });
                    }
                    if !seen.insert(query) {
                        return Err(Error::DuplicateQuery { column: name(), rotation: rotation.0 });
                    }
                    Ok(query)
                })
                .collect::<Result<Vec<_>, _>>()
        };
        let advice_queries = queries(
            "advice",
            cs.advice_queries().iter().map(|(c, r)| (c.index(), *r)).collect(),
            cs.num_advice_columns(),
        )?;
        let fixed_queries = queries(
            "fixed",
            cs.fixed_queries().iter().map(|(c, r)| (c.index(), *r)).collect(),
            cs.num_fixed_columns(),
        )?;
        let instance_queries =
            queries("instance", cs.instance_queries().iter().map(|(c, r)| (c.index(), *r)).collect(), 1)?;
        if let Some(query) = instance_queries.iter().find(|query| query.rotation != 0) {
            return Err(Error::InstanceRotation { rotation: query.rotation });
        }

        let mut protocol = Self {
            public_inputs,
            degree,
            blinding_factors: cs.blinding_factors(),
            fixed_columns: cs.num_fixed_columns(),
            phases: phases(&cs.advice_column_phase(), &cs.challenge_phase())?,
            challenges: cs.num_challenges(),
            advice_queries,
            fixed_queries,
            instance_queried: !instance_queries.is_empty(),
            permutation: Vec::new(),
            graph: Graph::default(),
            constraints: Vec::new(),
        };
        for column in cs.permutation().get_columns() {
            let column = match column.column_type() {
                Any::Advice(_) => PermutedColumn::Advice(protocol.advice_query(column.index(), 0)?),
                Any::Fixed => PermutedColumn::Fixed(protocol.fixed_query(column.index(), 0)?),
                Any::Instance => protocol.instance_query(0).map(|()| PermutedColumn::Instance)?,
            };
            protocol.permutation.push(column);
        }
        at_most("equality-enabled columns", MAX_ITEMS, protocol.permutation.len())?;
        // A product, its column factors and `l_active`; `l_last z^2` in any case.
        let columns = protocol.permutation.len().min(protocol.permutation_chunk());
        let mut reached = if columns == 0 { 0 } else { (columns + 2).max(3) };
        for gate in cs.gates() {
            for (index, polynomial) in gate.polynomials().iter().enumerate() {
                let constraint = gate.constraint_name(index);
                let name = match constraint {
                    "" => gate.name().to_owned(),
                    _ => format!("{}/{constraint}", gate.name()),
                };
                if polynomial.degree() > degree {
                    return Err(Error::ConstraintDegree { constraint: name, limit: degree, got: polynomial.degree() });
                }
                reached = reached.max(polynomial.degree());
                let root = protocol.read_expression(polynomial)?;
                protocol.constraints.push(Constraint { name, root });
            }
        }
        at_most("constraints", MAX_ITEMS, protocol.constraints.len())?;
        if reached < degree {
            return Err(Error::DegreeNotReached { expected: degree, got: reached });
        }
        Ok(protocol)
    }

    fn advice_query(&self, column: usize, rotation: i32) -> Result<usize, Error> {
        find(&self.advice_queries, "advice", Query { column, rotation })
    }

    fn fixed_query(&self, column: usize, rotation: i32) -> Result<usize, Error> {
        find(&self.fixed_queries, "fixed", Query { column, rotation })
    }

    fn instance_query(&self, rotation: i32) -> Result<(), Error> {
        match (self.instance_queried, rotation) {
            (true, 0) => Ok(()),
            _ => Err(Error::MissingQuery { column: "the instance column".to_owned(), rotation }),
        }
    }

    fn read_expression(&mut self, expression: &Expression<Fr>) -> Result<NodeId, Error> {
        Ok(match expression {
            Expression::Constant(value) => self.graph.intern(Node::Constant(*value)),
            Expression::Selector(_) => return Err(Error::Selectors { got: 1 }),
            Expression::Fixed(query) => {
                let index = self.fixed_query(query.column_index(), query.rotation().0)?;
                self.graph.intern(Node::Fixed(index))
            }
            Expression::Advice(query) => {
                let index = self.advice_query(query.column_index(), query.rotation().0)?;
                self.graph.intern(Node::Advice(index))
            }
            Expression::Instance(query) => {
                self.instance_query(query.rotation().0)?;
                self.graph.intern(Node::Instance)
            }
            Expression::Challenge(challenge) => {
                at_most("challenges", self.challenges, challenge.index() + 1)?;
                self.graph.intern(Node::Challenge(challenge.index()))
            }
            Expression::Negated(a) => {
                let a = self.read_expression(a)?;
                self.graph.negate(a)
            }
            Expression::Sum(a, b) => {
                let (a, b) = (self.read_expression(a)?, self.read_expression(b)?);
                self.graph.add(a, b)
            }
            Expression::Product(a, b) => {
                let (a, b) = (self.read_expression(a)?, self.read_expression(b)?);
                self.graph.multiply(a, b)
            }
            Expression::Scaled(a, factor) => {
                let (a, factor) = (self.read_expression(a)?, self.graph.intern(Node::Constant(*factor)));
                self.graph.multiply(a, factor)
            }
        })
    }

    /// How many public inputs the claim has.
    pub fn public_inputs(&self) -> usize {
        self.public_inputs
    }

    /// The constraint system's degree.
    pub fn degree(&self) -> usize {
        self.degree
    }

    /// Rows at the end of every column that hold blinding factors.
    pub fn blinding_factors(&self) -> usize {
        self.blinding_factors
    }

    /// The rotation of the last usable row: `l_last` is one there.
    pub fn last_rotation(&self) -> i32 {
        -(self.blinding_factors as i32 + 1)
    }

    /// Fixed columns.
    pub fn fixed_columns(&self) -> usize {
        self.fixed_columns
    }

    /// Phases, in order.
    pub fn phases(&self) -> &[Phase] {
        &self.phases
    }

    /// The circuit's own challenges.
    pub fn challenges(&self) -> usize {
        self.challenges
    }

    /// Advice queries, in the order of their evaluations.
    pub fn advice_queries(&self) -> &[Query] {
        &self.advice_queries
    }

    /// Fixed queries, in the order of their evaluations.
    pub fn fixed_queries(&self) -> &[Query] {
        &self.fixed_queries
    }

    /// Whether any constraint or copy reads the instance column. (It is part of the transcript in any case.)
    pub fn instance_queried(&self) -> bool {
        self.instance_queried
    }

    /// Columns of the permutation argument.
    pub fn permutation(&self) -> &[PermutedColumn] {
        &self.permutation
    }

    /// Columns one permutation product covers.
    pub fn permutation_chunk(&self) -> usize {
        self.degree - 2
    }

    /// Permutation products.
    pub fn products(&self) -> usize {
        self.permutation.len().div_ceil(self.permutation_chunk())
    }

    /// Pieces of the quotient.
    pub fn quotient_pieces(&self) -> usize {
        self.degree - 1
    }

    /// The graph that [`Self::constraints`] point into.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Constraints, in the order in which they are folded with `y`.
    pub fn constraints(&self) -> &[Constraint] {
        &self.constraints
    }

    /// The points at the start of a proof, in order: all but the two of the opening, which come after the scalars.
    pub fn points(&self) -> Vec<ProofPoint> {
        let advice = self.phases.iter().flat_map(|phase| &phase.columns).map(|&column| ProofPoint::Advice(column));
        advice
            .chain((0..self.products()).map(ProofPoint::Product))
            .chain([ProofPoint::Random])
            .chain((0..self.quotient_pieces()).map(ProofPoint::QuotientPiece))
            .collect()
    }

    /// The scalars of a proof, in order.
    pub fn scalars(&self) -> Vec<Evaluation> {
        let last = self.products().saturating_sub(1);
        let products = (0..self.products()).flat_map(|index| {
            [Evaluation::Product(index), Evaluation::ProductNext(index)]
                .into_iter()
                .chain((index != last).then_some(Evaluation::ProductLast(index)))
        });
        (0..self.advice_queries.len())
            .map(Evaluation::Advice)
            .chain((0..self.fixed_queries.len()).map(Evaluation::Fixed))
            .chain([Evaluation::Random])
            .chain((0..self.permutation.len()).map(Evaluation::Sigma))
            .chain(products)
            .collect()
    }

    /// The exact length of a proof, in bytes.
    pub fn proof_length(&self) -> usize {
        (self.points().len() + 2) * POINT + self.scalars().len() * WORD
    }

    /// Everything opened, in halo2's order.
    fn openings(&self) -> Vec<(Commitment, i32, Evaluation)> {
        let advice = self
            .advice_queries
            .iter()
            .enumerate()
            .map(|(index, query)| (Commitment::Advice(query.column), query.rotation, Evaluation::Advice(index)));
        let products = (0..self.products()).flat_map(|index| {
            let product = Commitment::Product(index);
            [(product, 0, Evaluation::Product(index)), (product, 1, Evaluation::ProductNext(index))]
        });
        let products_last = (0..self.products().saturating_sub(1))
            .rev()
            .map(|index| (Commitment::Product(index), self.last_rotation(), Evaluation::ProductLast(index)));
        let fixed = self
            .fixed_queries
            .iter()
            .enumerate()
            .map(|(index, query)| (Commitment::Fixed(query.column), query.rotation, Evaluation::Fixed(index)));
        let sigmas = (0..self.permutation.len()).map(|index| (Commitment::Sigma(index), 0, Evaluation::Sigma(index)));
        advice
            .chain(products)
            .chain(products_last)
            .chain(fixed)
            .chain(sigmas)
            .chain([(Commitment::Quotient, 0, Evaluation::Quotient), (Commitment::Random, 0, Evaluation::Random)])
            .collect()
    }

    /// Commitments grouped by the set of points they are opened at: sets, and commitments in a set, in the order of
    /// their first query, which is the order SHPLONK's powers run in.
    pub fn rotation_sets(&self) -> Vec<RotationSet> {
        let mut by_commitment: Vec<(Commitment, Vec<(i32, Evaluation)>)> = Vec::new();
        for (commitment, rotation, evaluation) in self.openings() {
            match by_commitment.iter_mut().find(|(known, _)| *known == commitment) {
                Some((_, openings)) => openings.push((rotation, evaluation)),
                None => by_commitment.push((commitment, vec![(rotation, evaluation)])),
            }
        }
        let mut sets: Vec<RotationSet> = Vec::new();
        for (commitment, mut openings) in by_commitment {
            openings.sort_by_key(|(rotation, _)| *rotation);
            let (rotations, evaluations): (Vec<_>, Vec<_>) = openings.into_iter().unzip();
            match sets.iter_mut().find(|set| set.rotations == rotations) {
                Some(set) => set.members.push((commitment, evaluations)),
                None => sets.push(RotationSet { rotations, members: vec![(commitment, evaluations)] }),
            }
        }
        sets
    }

    /// Every rotation at which anything is opened, ascending.
    pub fn rotations(&self) -> Vec<i32> {
        let mut rotations: Vec<_> = self.openings().into_iter().map(|(_, rotation, _)| rotation).collect();
        rotations.sort_unstable();
        rotations.dedup();
        rotations
    }

    /// The constraint system as text: what [`Self::digest`] is the hash of.
    pub fn canonical(&self) -> String {
        let mut text = String::new();
        // Writing to a `String` cannot fail.
        let _ = self.write_canonical(&mut text);
        text
    }

    fn write_canonical(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "{CANONICAL_HEADER}")?;
        writeln!(out, "public inputs {}", self.public_inputs)?;
        writeln!(out, "degree {}", self.degree)?;
        writeln!(out, "blinding factors {}", self.blinding_factors)?;
        writeln!(out, "fixed columns {}", self.fixed_columns)?;
        for (index, phase) in self.phases.iter().enumerate() {
            writeln!(out, "phase {index}: advice {:?} challenges {:?}", phase.columns, phase.challenges)?;
        }
        for (kind, queries) in [("advice", &self.advice_queries), ("fixed", &self.fixed_queries)] {
            for query in queries {
                writeln!(out, "{kind} query {} {}", query.column, query.rotation)?;
            }
        }
        writeln!(out, "instance queried {}", self.instance_queried)?;
        for column in &self.permutation {
            match column {
                PermutedColumn::Advice(query) => writeln!(out, "copies of advice query {query}")?,
                PermutedColumn::Fixed(query) => writeln!(out, "copies of fixed query {query}")?,
                PermutedColumn::Instance => writeln!(out, "copies of instance")?,
            }
        }
        for (NodeId(index), node) in self.graph.nodes() {
            match node {
                Node::Constant(value) => writeln!(out, "{index} = {}", hex::encode(scalar_to_word(value)))?,
                Node::Advice(query) => writeln!(out, "{index} = advice query {query}")?,
                Node::Fixed(query) => writeln!(out, "{index} = fixed query {query}")?,
                Node::Instance => writeln!(out, "{index} = instance")?,
                Node::Challenge(challenge) => writeln!(out, "{index} = challenge {challenge}")?,
                Node::Negated(NodeId(a)) => writeln!(out, "{index} = -{a}")?,
                Node::Sum(NodeId(a), NodeId(b)) => writeln!(out, "{index} = {a} + {b}")?,
                Node::Product(NodeId(a), NodeId(b)) => writeln!(out, "{index} = {a} * {b}")?,
            }
        }
        for constraint in &self.constraints {
            writeln!(out, "{} vanishes", constraint.root.0)?;
        }
        Ok(())
    }

    /// Identifies the constraint system: a verifying key carries it, a verifier demands it.
    pub fn digest(&self) -> [u8; WORD] {
        Keccak256::digest(self.canonical()).into()
    }
}

fn find(queries: &[Query], kind: &str, query: Query) -> Result<usize, Error> {
    queries.iter().position(|known| *known == query).ok_or_else(|| Error::MissingQuery {
        column: format!("{kind} column {}", query.column),
        rotation: query.rotation,
    })
}

/// Halo2 runs through the phases up to the last one with an advice column.
fn phases(column_phases: &[u8], challenge_phases: &[u8]) -> Result<Vec<Phase>, Error> {
    let last = usize::from(column_phases.iter().copied().max().unwrap_or_default());
    let mut phases = vec![Phase::default(); last + 1];
    for (column, &phase) in column_phases.iter().enumerate() {
        phases[usize::from(phase)].columns.push(column);
    }
    for (challenge, &phase) in challenge_phases.iter().enumerate() {
        let phase = usize::from(phase);
        phases.get_mut(phase).ok_or(Error::ChallengePhase { challenge, phase, last })?.challenges.push(challenge);
    }
    Ok(phases)
}
