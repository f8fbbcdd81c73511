//! Why a changed circuit that still passes means the same: decided on the solved systems, not by the clauses.
//!
//! Two systems whose equations (up to factors), lookups, tables and reads are the same have the same witnesses. An equation that
//! is the only one of a free cell can always be solved for that cell, so whatever it says is nothing; likewise a lookup of
//! a cell that stands nowhere else.
use crate::{
    Solved,
    claims::Prepared,
    lookups::{Form, Row},
    meaning::lone_cell,
    poly::Var,
    solved::scaled,
};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Why a change changes nothing of what is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Explanation {
    /// The solved systems are the same: every equation up to a factor, every lookup, table and read.
    Same,
    /// They differ only in the one equation of a cell that stands nowhere else, or in a lookup of such a cell.
    FreeCell,
    /// They differ only in equations of places of weights that hold none, of which the statement says nothing.
    UnusedWeights,
}

impl std::fmt::Display for Explanation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Same => "equivalent: after elimination every equation, lookup, table and read is the same",
            Self::FreeCell => {
                "equivalent: only the one equation, or lookup, of a cell that stands nowhere else differs"
            }
            Self::UnusedWeights => "no part of the statement: only equations of places that hold no weight differ",
        })
    }
}

/// What a solved system says, in one way of writing.
#[derive(PartialEq, Eq)]
struct Normal {
    equations: BTreeSet<Form>,
    members: BTreeMap<(Fr, Row<Form>), usize>,
    tables: BTreeMap<Fr, BTreeSet<Row<Fr>>>,
    written: BTreeMap<Fr, Var>,
    reads: BTreeMap<Var, Var>,
}

impl Normal {
    fn of(solved: &Solved, prepared: &Prepared) -> Self {
        let monic = |form: &Form| {
            let factor = form.first().and_then(|(_, value)| Option::<Fr>::from(value.invert())).unwrap_or(Fr::ONE);
            scaled(form, factor)
        };
        let mut members = BTreeMap::new();
        for member in &solved.members {
            *members.entry((member.tag, member.value.clone())).or_insert(0) += 1;
        }
        // which cell of the prover's own reads is told by its name already
        let given = |cell: &Var| prepared.is_given(&solved.cells, *cell);
        Self {
            equations: solved.equations.iter().map(|equation| monic(&equation.form)).collect(),
            members,
            tables: solved.tables.clone(),
            written: solved.written.clone(),
            reads: solved.reads.iter().map(|(a, b)| (*a, *b)).filter(|(reader, _)| given(reader)).collect(),
        }
    }

    /// Drops what a cell that stands nowhere else absorbs, as long as there is such a thing.
    fn without_free_cells(mut self, solved: &Solved, prepared: &Prepared) -> Self {
        loop {
            let mut stands: HashMap<Var, usize> = HashMap::new();
            for var in self.equations.iter().flat_map(|form| distinct(form.iter())) {
                *stands.entry(var).or_default() += 1;
            }
            for ((_, value), times) in &self.members {
                distinct(value.values().flatten()).into_iter().for_each(|var| *stands.entry(var).or_default() += times);
            }
            self.written.values().for_each(|&var| *stands.entry(var).or_default() += 1);
            let alone = |var: Var| stands.get(&var) == Some(&1) && !prepared.is_given(&solved.cells, var);
            let before = self.equations.len() + self.members.len();
            self.equations.retain(|form| lone_cell(form, alone).is_none());
            self.members.retain(|(tag, value), _| {
                let form = value.get(&0).filter(|_| value.len() == 1 && self.tables.contains_key(tag));
                !form.is_some_and(|form| matches!(form[..], [(mono, Fr::ONE)] if mono.single().is_some_and(alone)))
            });
            if self.equations.len() + self.members.len() == before {
                return self;
            }
        }
    }
}

fn distinct<'f>(terms: impl Iterator<Item = &'f (crate::poly::Mono, Fr)>) -> BTreeSet<Var> {
    terms.flat_map(|(mono, _)| mono.vars()).collect()
}

/// Why a changed system that was accepted says what the original says; `None` where nothing here shows it.
pub fn explain(prepared: &Prepared, original: &Solved, changed: &Solved) -> Option<Explanation> {
    let [a, b] = [original, changed].map(|solved| Normal::of(solved, prepared));
    if a == b {
        return Some(Explanation::Same);
    }
    let [mut a, mut b] =
        [(a, original), (b, changed)].map(|(normal, solved)| normal.without_free_cells(solved, prepared));
    if a == b {
        return Some(Explanation::FreeCell);
    }
    for normal in [&mut a, &mut b] {
        normal.equations.retain(|form| !prepared.is_padding(form));
    }
    (a == b).then_some(Explanation::UnusedWeights)
}
