//! What statements mean, as relations between committed, public and auxiliary cells.
//!
//! A clause of a statement is one file here, a [`Clause`]: it finds its auxiliary cells in a [`Reading`], writes down from the statement
//! what must be said of them, and takes the equations and lookups that say exactly that. A claim is a list of
//! clauses. [`Reading::finish`] refuses whatever no clause took. So a new claim is a new list, or a new file; the checker stays.
//!
//! A cell is *given* if it is public or in a committed column: its meaning is the statement's. Every other cell is the
//! prover's, and there is nothing to it but what is said of it.
pub mod model;
pub mod picture;
pub mod public;
pub mod samples;

use crate::{
    Fault, Solved,
    lookups::{Form, Row},
    poly::{Mono, Var},
};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use std::collections::{BTreeSet, HashMap, HashSet};

/// A part of a statement.
pub trait Clause {
    /// Takes everything of the reading that says what the clause says, and tells people what that was.
    ///
    /// # Errors
    /// [`Fault`] where something is missing, or said otherwise.
    fn take(&self, reading: &mut Reading<'_>) -> Result<String, Fault>;

    /// Whether an equation says nothing of the statement: of given cells that it does not name, and that are zero for the honest.
    fn is_padding(&self, _: &Form) -> bool {
        false
    }
}

/// A solved system while clauses take from it.
#[derive(Debug)]
pub struct Reading<'a> {
    /// The system.
    pub solved: &'a Solved,
    /// The first so many advice columns are committed.
    committed: usize,
    taken_equations: Vec<bool>,
    taken_members: Vec<bool>,
    equations_of: HashMap<Var, Vec<u32>>,
    members_of: HashMap<Var, Vec<u32>>,
    written: HashMap<Var, Fr>,
    /// What auxiliary cells are, and which given cells are read or written as the statement says.
    roles: HashMap<Var, &'static str>,
}

/// The rows of the table of the numbers below `count`.
pub fn numbers(count: u64) -> BTreeSet<Row<Fr>> {
    (0..count).map(|value| row(&[(0, Fr::from(value))])).collect()
}

/// A table's row.
pub fn row(values: &[(i64, Fr)]) -> Row<Fr> {
    values.iter().copied().filter(|(_, value)| *value != Fr::ZERO).collect()
}

impl<'a> Reading<'a> {
    /// Nothing is taken yet.
    pub fn new(solved: &'a Solved, committed: usize) -> Self {
        let (mut equations_of, mut members_of) = (HashMap::<Var, Vec<u32>>::new(), HashMap::<Var, Vec<u32>>::new());
        let note = |of: &mut HashMap<Var, Vec<u32>>, form: &Form, at: usize| {
            for var in form.iter().flat_map(|(mono, _)| mono.vars()) {
                let places = of.entry(var).or_default();
                if places.last() != Some(&(at as u32)) {
                    places.push(at as u32);
                }
            }
        };
        solved.equations.iter().enumerate().for_each(|(at, equation)| note(&mut equations_of, &equation.form, at));
        for (at, member) in solved.members.iter().enumerate() {
            member.value.values().for_each(|form| note(&mut members_of, form, at));
        }
        Self {
            solved,
            committed,
            taken_equations: vec![false; solved.equations.len()],
            taken_members: vec![false; solved.members.len()],
            equations_of,
            members_of,
            written: solved.written.iter().map(|(&tag, &cell)| (cell, tag)).collect(),
            roles: HashMap::new(),
        }
    }

    /// Whether a cell is public or committed.
    pub fn is_given(&self, cell: Var) -> bool {
        let (column, _) = self.solved.cells.place(cell);
        self.solved.cells.is_instance(cell) || column < self.committed
    }

    /// Whether nothing but equations speaks of a cell, and it is not given.
    pub fn is_free(&self, cell: Var) -> bool {
        let read = || self.solved.reads.contains_key(&cell) || self.written.contains_key(&cell);
        !self.is_given(cell) && !self.members_of.contains_key(&cell) && !read()
    }

    /// A cell for people.
    pub fn name(&self, cell: Var) -> String {
        self.solved.cells.name(cell)
    }

    /// The equations that a cell stands in.
    pub fn equations(&self, cell: Var) -> &[u32] {
        self.equations_of.get(&cell).map_or(&[], Vec::as_slice)
    }

    /// The lookups that a cell stands in.
    pub fn members(&self, cell: Var) -> &[u32] {
        self.members_of.get(&cell).map_or(&[], Vec::as_slice)
    }

    /// The one equation of a given cell.
    ///
    /// # Errors
    /// [`Fault`] where there is none, or more than one.
    pub fn only_equation(&self, cell: Var, what: &str) -> Result<u32, Fault> {
        match self.equations(cell) {
            [only] => Ok(*only),
            all => {
                Err(Fault::new(format!("{what}, {}, stands in {} equations, not in one", self.name(cell), all.len())))
            }
        }
    }

    /// An equation's polynomial.
    pub fn form(&self, equation: u32) -> &'a Form {
        &self.solved.equations[equation as usize].form
    }

    /// Where an equation comes from, for people.
    pub fn fault(&self, equation: u32, what: impl Into<String>) -> Fault {
        let of = &self.solved.equations[equation as usize];
        Fault::new(format!("coefficient of sigma^{}: {}", of.sigma, what.into())).at(of.row, "")
    }

    /// The tag under which a cell is written.
    pub fn tag_of(&self, cell: Var) -> Option<Fr> {
        self.written.get(&cell).copied()
    }

    /// Compares an equation with what the statement says, and takes it.
    ///
    /// # Errors
    /// [`Fault`] with the first coefficient that differs.
    pub fn take_equation(&mut self, equation: u32, got: &Form, expected: &Form, what: &str) -> Result<(), Fault> {
        if let Some(difference) = difference(got, expected) {
            let (mono, got, expected) = difference;
            let cells: Vec<String> = mono.vars().map(|var| self.name(var)).collect();
            let cells = if cells.is_empty() { "the constant".into() } else { cells.join(" * ") };
            let what = format!("{what}: {cells} has the coefficient {got:?}, the statement says {expected:?}");
            return Err(self.fault(equation, what));
        }
        self.take_padding(equation)
    }

    /// Takes an equation that a clause has judged.
    ///
    /// # Errors
    /// [`Fault`] where it is taken already.
    pub fn take_padding(&mut self, equation: u32) -> Result<(), Fault> {
        match std::mem::replace(&mut self.taken_equations[equation as usize], true) {
            true => Err(self.fault(equation, "one equation stands for two of the statement's")),
            false => Ok(()),
        }
    }

    /// Takes a lookup.
    ///
    /// # Errors
    /// [`Fault`] where it is taken already.
    pub fn take_member(&mut self, member: u32) -> Result<(), Fault> {
        let row = self.solved.members[member as usize].row;
        match std::mem::replace(&mut self.taken_members[member as usize], true) {
            true => Err(Fault::new("one lookup stands for two of the statement's").at(row, "")),
            false => Ok(()),
        }
    }

    /// Gives an auxiliary cell its part, or marks a given one as read or written.
    ///
    /// # Errors
    /// [`Fault`] where it has one already.
    pub fn role(&mut self, cell: Var, role: &'static str) -> Result<(), Fault> {
        match self.roles.insert(cell, role) {
            None => Ok(()),
            Some(other) => Err(Fault::new(format!("{} is {other}, and {role} too", self.name(cell)))),
        }
    }

    /// Gives an auxiliary cell its part, and takes its one lookup, which is in the table of these rows.
    ///
    /// # Errors
    /// [`Fault`] where it is given, is looked up not once, or in another table.
    pub fn looked_up(&mut self, cell: Var, role: &'static str, table: &BTreeSet<Row<Fr>>) -> Result<(), Fault> {
        if self.is_given(cell) {
            return Err(Fault::new(format!("{} is {role}, and given", self.name(cell))));
        }
        self.role(cell, role)?;
        self.only_member(cell, role, &vec![(Mono::var(cell), Fr::ONE)], table)
    }

    /// Takes the one lookup of a cell: this form of it, in the table of these rows.
    ///
    /// # Errors
    /// [`Fault`] where it is looked up not once, otherwise, or in another table.
    pub fn only_member(&mut self, cell: Var, role: &str, form: &Form, table: &BTreeSet<Row<Fr>>) -> Result<(), Fault> {
        let [member] = *self.members(cell) else {
            let times = self.members(cell).len();
            return Err(Fault::new(format!("{role}, {}, is looked up {times} times, not once", self.name(cell))));
        };
        let found = &self.solved.members[member as usize];
        if found.value.len() != 1 || found.value.get(&0) != Some(form) || self.solved.tables[&found.tag] != *table {
            let what = format!("{role}, {}, is looked up otherwise, or in another table", self.name(cell));
            return Err(Fault::new(what).at(found.row, ""));
        }
        self.take_member(member)
    }

    /// The equations nobody took.
    pub fn left(&self) -> Vec<u32> {
        (0..self.taken_equations.len()).filter(|&at| !self.taken_equations[at]).map(|at| at as u32).collect()
    }

    /// Refuses whatever says more than the clauses took: every equation left must be the only one of a free cell, which the
    /// prover can then always choose, and every lookup left one of a cell that stands nowhere else.
    ///
    /// # Errors
    /// [`Fault`] with the first equation or lookup that no clause took.
    pub fn finish(self) -> Result<String, Fault> {
        let left = self.left();
        let mut alone = HashSet::new();
        for &equation in &left {
            let free = |var: Var| self.is_free(var) && !self.roles.contains_key(&var);
            let Some(cell) = lone_cell(self.form(equation), |var| free(var) && self.equations(var).len() == 1) else {
                return Err(self.fault(equation, "the statement says nothing like it, and no free cell absorbs it"));
            };
            alone.insert(cell);
        }
        let mut idle = 0;
        for (at, member) in self.solved.members.iter().enumerate().filter(|(at, _)| !self.taken_members[*at]) {
            let form = member.value.get(&0).filter(|_| member.value.len() == 1);
            let cell = form.and_then(|form| if let [(mono, Fr::ONE)] = form[..] { mono.single() } else { None });
            let idles = |cell: &Var| {
                let speaks = self.is_given(*cell) || self.roles.contains_key(cell) || self.written.contains_key(cell);
                !speaks && self.equations(*cell).is_empty() && *self.members(*cell) == [at as u32]
            };
            if cell.filter(idles).is_none() {
                return Err(Fault::new("a lookup that the statement knows nothing of").at(member.row, ""));
            }
            idle += 1;
        }
        let mut touched: Vec<Var> = self.solved.reads.keys().chain(self.solved.written.values()).copied().collect();
        touched.sort_unstable();
        if let Some(cell) = touched.into_iter().find(|cell| self.is_given(*cell) && !self.roles.contains_key(cell)) {
            return Err(Fault::new(format!(
                "{} is read or written, and the statement says nothing of it",
                self.name(cell)
            )));
        }
        Ok(format!("{} free cells each alone in one equation, {idle} idle lookups", alone.len()))
    }
}

/// The cell of an equation that stands alone, in one term.
pub(crate) fn lone_cell(form: &Form, is: impl Fn(Var) -> bool) -> Option<Var> {
    let alone = |cell: &Var| form.iter().filter(|(mono, _)| mono.vars().any(|var| var == *cell)).count() == 1;
    form.iter().filter_map(|(mono, _)| mono.single()).find(|&cell| is(cell) && alone(&cell))
}

fn difference(got: &Form, expected: &Form) -> Option<(Mono, Fr, Fr)> {
    if got == expected {
        return None;
    }
    let minus = expected.iter().map(|&(mono, value)| (mono, -value));
    let (mono, _) = *crate::solved::collected(got.iter().copied().chain(minus)).first()?;
    let [got, expected] = [got, expected].map(|form| crate::solved::coefficient(form, mono));
    Some((mono, got, expected))
}
