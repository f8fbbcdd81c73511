//! The running sums: every late cell as a polynomial in `sigma` over cells of the first phase, and what is then left to hold.
//!
//! # Why this is sound
//! A gate's equation in which one late cell is not yet known, alone and with a constant factor, fixes that cell. So by
//! induction, in whatever order, each late cell is the polynomial that is computed here, for every witness. Where every cell of an equation
//! is known, the equation is a polynomial in `sigma` that is fixed before `sigma` is squeezed. So all its coefficients are
//! zero, but for its degree's share of the `r` challenges, and no more is said. An equation with a cell that nothing fixes is refused:
//! the prover could choose it.
use crate::{
    Fault,
    laid::Laid,
    lookups::Form,
    poly::{Mono, Poly, Var},
    rows::{Names, RowEquation},
};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
};

/// A polynomial in cells of the first phase that is zero: one coefficient of an identity in `sigma`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equation {
    /// The row whose gate closes the identity.
    pub row: usize,
    /// The power of `sigma`.
    pub sigma: i64,
    /// The polynomial.
    pub form: Form,
}

/// What the sums say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    pub(crate) equations: Vec<Equation>,
    /// Identities in `sigma`, and those of them that say nothing.
    pub(crate) identities: usize,
    pub(crate) trivial: usize,
    /// The greatest degree of an identity.
    pub(crate) degree: i64,
}

/// A late cell.
#[derive(Default)]
struct Late {
    value: Option<Poly>,
    known: bool,
    /// Equations it stands in.
    equations: Vec<usize>,
    /// How many of them still need its value.
    uses: usize,
}

struct Solver<'a> {
    names: &'a Names,
    equations: Vec<RowEquation>,
    /// The distinct late cells of each equation, and how many are unknown.
    cells: Vec<Vec<usize>>,
    unknown: Vec<usize>,
    done: Vec<bool>,
    late: Vec<Late>,
    index: HashMap<Var, usize>,
}

impl Sums {
    pub(crate) fn of(laid: &Laid, names: &Names, equations: Vec<RowEquation>) -> Result<Self, Fault> {
        let mut solver = Solver::new(names, equations);
        let mut sums = Self::default();
        let mut ready: Vec<usize> = (0..solver.equations.len()).rev().filter(|&e| solver.unknown[e] <= 1).collect();
        // A row fixes the cells below it, as chains run; only when no row does that any more, others may be solved for.
        let mut backwards: BinaryHeap<Reverse<(usize, usize)>> = BinaryHeap::new();
        loop {
            let (at, forwards) = match ready.pop() {
                Some(at) => (at, true),
                None => match backwards.pop() {
                    Some(Reverse((_, at))) => (at, false),
                    None => break,
                },
            };
            if solver.done[at] {
                continue;
            }
            let RowEquation { gate, row, .. } = solver.equations[at];
            let context = |fault: Fault| fault.at(row, &laid.gates[gate].name);
            if solver.unknown[at] == 0 {
                let mut poly = solver.evaluate(at, None, Fr::ONE).map_err(context)?;
                poly.normalise();
                sums.identity(row, &poly);
            } else if let Some((cell, factor)) = solver.fixes(at) {
                if forwards && !solver.is_ahead(at, cell) {
                    backwards.push(Reverse((row, at)));
                    continue;
                }
                let inverse = factor.invert().expect("terms are not zero");
                let value = solver.evaluate(at, Some(cell), -inverse).map_err(context)?;
                let late = &mut solver.late[cell];
                late.known = true;
                if late.uses > 0 {
                    late.value = Some(value);
                }
                for &equation in &late.equations {
                    solver.unknown[equation] -= 1;
                    if solver.unknown[equation] <= 1 && !solver.done[equation] {
                        ready.push(equation);
                    }
                }
            }
        }
        let stuck = (0..solver.equations.len()).filter(|&at| !solver.done[at]);
        let Some(at) = stuck.min_by_key(|&at| solver.equations[at].row) else { return Ok(sums) };
        let RowEquation { gate, row, ref poly, .. } = solver.equations[at];
        let free = poly.terms().flat_map(|(key, _)| key.mono.vars()).find(|&var| solver.is_unknown(var));
        let free = free.map_or_else(String::new, |cell| laid.cells.name(cell));
        Err(Fault::new(format!("nothing fixes {free}: the prover may choose it")).at(row, &laid.gates[gate].name))
    }

    fn identity(&mut self, row: usize, poly: &Poly) {
        self.identities += 1;
        self.trivial += usize::from(poly.is_zero());
        let first = self.equations.len();
        for (key, value) in poly.terms() {
            match self.equations[first..].last_mut() {
                Some(last) if last.sigma == key.sigma => last.form.push((key.mono, value)),
                _ => self.equations.push(Equation { row, sigma: key.sigma, form: vec![(key.mono, value)] }),
            }
        }
        let powers = self.equations[first..].iter().map(|equation| equation.sigma);
        self.degree = self.degree.max(powers.clone().max().unwrap_or(0) - powers.min().unwrap_or(0));
    }
}

impl<'a> Solver<'a> {
    fn new(names: &'a Names, equations: Vec<RowEquation>) -> Self {
        let mut solver = Self {
            names,
            cells: Vec::with_capacity(equations.len()),
            unknown: Vec::with_capacity(equations.len()),
            done: vec![false; equations.len()],
            late: Vec::new(),
            index: HashMap::new(),
            equations,
        };
        for (at, equation) in solver.equations.iter().enumerate() {
            let mut cells = Vec::new();
            for var in equation.poly.terms().flat_map(|(key, _)| key.mono.vars()).filter(|&var| !names.is_known(var)) {
                let next = solver.index.len();
                let cell = *solver.index.entry(var).or_insert(next);
                if cell == solver.late.len() {
                    solver.late.push(Late::default());
                }
                if !cells.contains(&cell) {
                    cells.push(cell);
                    solver.late[cell].equations.push(at);
                    solver.late[cell].uses += 1;
                }
            }
            solver.unknown.push(cells.len());
            solver.cells.push(cells);
        }
        solver
    }

    fn is_unknown(&self, var: Var) -> bool {
        self.index.get(&var).is_some_and(|&cell| !self.late[cell].known)
    }

    /// Whether a cell is below the row of an equation, or its only late one.
    fn is_ahead(&self, at: usize, cell: usize) -> bool {
        self.cells[at].len() == 1 || self.equations[at].ahead.iter().any(|var| self.index.get(var) == Some(&cell))
    }

    /// The unknown cell that an equation fixes, and its factor.
    fn fixes(&self, at: usize) -> Option<(usize, Fr)> {
        let mut found =
            self.equations[at].poly.terms().filter(|(key, _)| key.mono.vars().any(|var| self.is_unknown(var)));
        let (key, factor) = found.next()?;
        let var = key.mono.single().filter(|_| key.sigma == 0 && found.next().is_none())?;
        Some((self.index[&var], factor))
    }

    /// The equation's polynomial times a constant, with every late cell's value put in; without the terms of the cell that it fixes.
    fn evaluate(&mut self, at: usize, but: Option<usize>, by: Fr) -> Result<Poly, Fault> {
        self.done[at] = true;
        let equation = std::mem::take(&mut self.equations[at].poly);
        // (coefficient, power, first-phase cells, late cells)
        let mut terms: Vec<(Fr, i64, Mono, Vec<usize>)> = Vec::with_capacity(equation.size());
        for (key, value) in equation.terms() {
            let (mut known, mut late) = (Mono::ONE, Vec::new());
            for var in key.mono.vars() {
                if self.names.is_known(var) {
                    known = known.times(Mono::var(var))?;
                } else {
                    late.push(self.index[&var]);
                }
            }
            if !late.iter().any(|&cell| Some(cell) == but) {
                terms.push((value * by, key.sigma, known, late));
            }
        }
        let cells = std::mem::take(&mut self.cells[at]);
        for &cell in &cells {
            let late = &mut self.late[cell];
            if late.uses > 1
                && let Some(value) = &mut late.value
            {
                value.normalise();
            }
        }
        // a sum that nobody needs any more is gone on with, not copied
        let appears = |cell: usize, terms: &[(Fr, i64, Mono, Vec<usize>)]| {
            terms.iter().filter(|(.., late)| late.contains(&cell)).count()
        };
        let is_last = |(_, _, known, late): &(Fr, i64, Mono, Vec<usize>)| match late[..] {
            [cell] => *known == Mono::ONE && self.late[cell].uses == 1 && appears(cell, &terms) == 1,
            _ => false,
        };
        let size = |at: &usize| self.late[terms[*at].3[0]].value.as_ref().map_or(0, Poly::size);
        let last = (0..terms.len()).filter(|&at| is_last(&terms[at])).max_by_key(size);
        let mut sum = match last {
            Some(last) => {
                let (value, power, _, late) = terms.swap_remove(last);
                let mut sum = self.late[late[0]].value.take().expect("known, and not dropped before its last use");
                sum.scale(value);
                sum.shift(power);
                sum
            }
            None => Poly::zero(),
        };
        for (value, power, known, late) in terms {
            let mut product = Poly::constant(Fr::ONE);
            for &cell in &late {
                let factor = self.late[cell].value.as_mut().expect("known, and not dropped before its last use");
                factor.normalise();
                if late.len() == 1 {
                    sum.add(factor, value, power, known)?;
                } else {
                    product = product.times(factor)?;
                }
            }
            if late.len() != 1 {
                sum.add(&product, value, power, known)?;
            }
        }
        for cell in cells {
            let late = &mut self.late[cell];
            late.uses -= 1;
            if late.uses == 0 {
                late.value = None;
            }
        }
        Ok(sum)
    }
}
