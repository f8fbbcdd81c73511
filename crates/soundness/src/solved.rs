//! A laid system after every late cell is eliminated: equations and lookups over the cells of the first phase.
use crate::{
    Fault,
    laid::{Cells, Laid},
    lookups::{Form, Lookups, Member, Row},
    poly::{Mono, Var},
    rows::{Names, Rows},
    sums::{Equation, Sums},
};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// See the module. A cell that reads another one has that one's name everywhere but in [`Solved::reads`].
#[derive(Clone, Debug)]
pub struct Solved {
    /// The numbers of cells.
    pub cells: Cells,
    /// What is zero.
    pub equations: Vec<Equation>,
    /// What is in a table.
    pub members: Vec<Member>,
    /// The tables, by tag.
    pub tables: BTreeMap<Fr, BTreeSet<Row<Fr>>>,
    /// The cell that is written under each tag.
    pub written: BTreeMap<Fr, Var>,
    /// Each cell that reads, and the one it reads: equal, by a lookup.
    pub reads: HashMap<Var, Var>,
    /// Identities in `sigma`.
    pub identities: usize,
    /// Those that say nothing.
    pub trivial: usize,
    /// Terms of the lookups' sums.
    pub lookups: usize,
    /// The greatest degree of an identity in `sigma`.
    pub degree: i64,
}

impl Solved {
    /// # Errors
    /// [`Fault`] where a late cell is free, a lookup's sum has a gap, or anything else that no sound circuit has.
    pub fn of(laid: &Laid) -> Result<Self, Fault> {
        let names = Names::of(laid)?;
        let Rows { equations, steps } = Rows::of(laid, &names)?;
        let lookup_sums: HashSet<Var> = steps.iter().flat_map(|step| [step.from, step.to]).collect();
        let (mut zeros, mut sums) = (HashSet::new(), Vec::with_capacity(equations.len()));
        for equation in equations {
            let of_lookups = |cell| lookup_sums.contains(&cell);
            if !equation.poly.terms().flat_map(|(key, _)| key.mono.vars()).any(of_lookups) {
                sums.push(equation);
                continue;
            }
            let mut terms = equation.poly.terms();
            match (terms.next().and_then(|(key, _)| key.mono.single()), terms.next()) {
                (Some(cell), None) => zeros.insert(cell),
                _ => {
                    return Err(
                        Fault::new("a lookups' sum in an equation").at(equation.row, &laid.gates[equation.gate].name)
                    );
                }
            };
        }
        let steps_count = steps.len();
        let lookups = Lookups::of(laid, &names, &steps, &zeros)?;
        let sums = Sums::of(laid, &names, sums)?;
        let mut solved = Self {
            cells: laid.cells,
            equations: sums.equations,
            members: lookups.members,
            tables: lookups.tables,
            written: lookups.written,
            reads: lookups.reads,
            identities: sums.identities,
            trivial: sums.trivial,
            lookups: steps_count,
            degree: sums.degree,
        };
        solved.follow_reads();
        solved.uncounted(&lookups.multiplicities)?;
        Ok(solved)
    }

    fn follow_reads(&mut self) {
        let reads = &self.reads;
        if reads.is_empty() {
            return;
        }
        let name = |var: Var| reads.get(&var).copied().unwrap_or(var);
        let members = self.members.iter_mut().flat_map(|member| member.value.values_mut());
        for form in self.equations.iter_mut().map(|equation| &mut equation.form).chain(members) {
            if form.iter().any(|(mono, _)| mono.vars().any(|var| reads.contains_key(&var))) {
                *form = collected(form.iter().map(|&(mono, value)| (mono.renamed(name), value)));
            }
        }
        self.equations.retain(|equation| !equation.form.is_empty());
    }

    /// What a cell counts for the lookups is the prover's, so nothing else may be said of it.
    fn uncounted(&self, multiplicities: &HashSet<Var>) -> Result<(), Fault> {
        let counts =
            |form: &Form| form.iter().flat_map(|(mono, _)| mono.vars()).find(|var| multiplicities.contains(var));
        let members = self.members.iter().flat_map(|member| member.value.values().map(|form| (member.row, form)));
        let equations = self.equations.iter().map(|equation| (equation.row, &equation.form));
        for (row, form) in members.chain(equations) {
            if let Some(cell) = counts(form) {
                let cell = self.cells.name(cell);
                return Err(Fault::new(format!("{cell} counts lookups, and more is said of it")).at(row, ""));
            }
        }
        match self
            .reads
            .iter()
            .flat_map(|(a, b)| [*a, *b])
            .chain(self.written.values().copied())
            .find(|cell| multiplicities.contains(cell))
        {
            Some(cell) => Err(Fault::new(format!("{} counts lookups, and is read or written", self.cells.name(cell)))),
            None => Ok(()),
        }
    }

    /// The cell whose value this one is.
    pub fn named(&self, cell: Var) -> Var {
        self.reads.get(&cell).copied().unwrap_or(cell)
    }
}

/// A form of terms in any order: like ones added, zeros dropped, sorted.
pub(crate) fn collected(terms: impl Iterator<Item = (Mono, Fr)>) -> Form {
    let mut terms: Form = terms.collect();
    terms.sort_unstable_by_key(|(mono, _)| *mono);
    let mut form: Form = Vec::with_capacity(terms.len());
    for (mono, value) in terms {
        match form.last_mut() {
            Some((last, sum)) if *last == mono => *sum += value,
            _ => form.push((mono, value)),
        }
    }
    form.retain(|(_, value)| *value != Fr::ZERO);
    form
}

/// The coefficient of a product of cells.
pub(crate) fn coefficient(form: &Form, mono: Mono) -> Fr {
    form.binary_search_by_key(&mono, |(mono, _)| *mono).map_or(Fr::ZERO, |at| form[at].1)
}

/// A form times a constant.
pub(crate) fn scaled(form: &Form, by: Fr) -> Form {
    form.iter().map(|&(mono, value)| (mono, value * by)).collect()
}
