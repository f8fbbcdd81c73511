//! Laying a circuit: Halo2's `Assignment` for what a key holds (fixed cells, selectors, copies) and for a witness (advice cells, phase
//! by phase).
//!
//! Halo2's own implementations panic on cells out of range; these note the first error, ignore what follows, and return it.
//!
//! `assign_advice` should give back a reference that outlives the assignment; safe code has none, so it answers
//! `Value::unknown()`. A circuit that reads the value of an assigned cell back gets nothing, and a cell made of it is
//! [`Error::NoValue`].
use crate::{
    column::Column as Cells,
    error::Error,
    field::{Limbs, scalar_limbs},
};
use halo2_proofs::{
    circuit::Value,
    halo2curves::bn256::Fr,
    plonk::{
        self, Advice, Any, Assigned, Assignment, Challenge, Circuit, Column, ConstraintSystem, Fixed, FloorPlanner,
        Instance, Selector,
    },
};

/// Regions, names and notes are for people.
macro_rules! no_names {
    () => {
        fn enter_region<NR: Into<String>, N: FnOnce() -> NR>(&mut self, _: N) {}
        fn exit_region(&mut self) {}
        fn annotate_column<A: FnOnce() -> AR, AR: Into<String>>(&mut self, _: A, _: Column<Any>) {}
        fn push_namespace<NR: Into<String>, N: FnOnce() -> NR>(&mut self, _: N) {}
        fn pop_namespace(&mut self, _: Option<String>) {}
    };
}

/// What a circuit fixes.
pub(crate) struct Shape {
    /// The cells of the fixed columns.
    pub(crate) fixed: Vec<Cells>,
    /// The rows on which each selector is enabled.
    pub(crate) selectors: Vec<Vec<bool>>,
    /// The copies.
    pub(crate) copies: Copies,
    usable: usize,
    error: Option<Error>,
}

/// Copies as cycles of cells; a cell is `column n + row` among the columns under equality.
pub(crate) struct Copies {
    columns: Vec<Column<Any>>,
    n: usize,
    /// The cell that follows in the cycle.
    pub(crate) next: Vec<u32>,
    /// Names the cycle: one of its cells.
    cycle: Vec<u32>,
    /// The cycle's cells, at the one that names it.
    size: Vec<u32>,
}

impl Copies {
    fn new(columns: Vec<Column<Any>>, n: usize) -> Self {
        let cells = (columns.len() * n) as u32;
        Self { columns, n, next: (0..cells).collect(), cycle: (0..cells).collect(), size: vec![1; cells as usize] }
    }

    fn cell(&self, column: Column<Any>, row: usize) -> Result<usize, Error> {
        let position = self.columns.iter().position(|c| *c == column);
        let position = position.ok_or(Error::Circuit(plonk::Error::ColumnNotInPermutation(column)))?;
        Ok(position * self.n + row)
    }

    /// Joins the cycles of two cells: the smaller into the larger, the second's into the first's where they are equal. The order is part of
    /// the key: it is the one of Halo2's key generation.
    fn join(&mut self, left: usize, right: usize) {
        let (mut large, mut small) = (self.cycle[left], self.cycle[right]);
        if large == small {
            return;
        }
        if self.size[large as usize] < self.size[small as usize] {
            std::mem::swap(&mut large, &mut small);
        }
        self.size[large as usize] += self.size[small as usize];
        let mut cell = small;
        loop {
            self.cycle[cell as usize] = large;
            cell = self.next[cell as usize];
            if cell == small {
                break;
            }
        }
        self.next.swap(left, right);
    }
}

impl Shape {
    /// Lays the circuit on `2^k` rows.
    pub(crate) fn of<C: Circuit<Fr>>(
        k: u32,
        circuit: &C,
        cs: &ConstraintSystem<Fr>,
        config: C::Config,
    ) -> Result<Self, Error> {
        let n = 1usize << k;
        let columns = cs.permutation().get_columns();
        if n < cs.minimum_rows() {
            return Err(Error::Size { what: "rows", expected: cs.minimum_rows(), got: n });
        }
        if columns.len() << k >= u32::MAX as usize {
            return Err(Error::Size {
                what: "cells under equality",
                expected: u32::MAX as usize,
                got: columns.len() << k,
            });
        }
        let mut shape = Self {
            fixed: vec![Cells::zeros(n); cs.num_fixed_columns()],
            selectors: vec![vec![false; n]; cs.num_selectors()],
            copies: Copies::new(columns, n),
            usable: n - (cs.blinding_factors() + 1),
            error: None,
        };
        let laid = C::FloorPlanner::synthesize(&mut shape, circuit, config, cs.constants().clone());
        match shape.error.take() {
            Some(error) => Err(error),
            None => laid.map(|()| shape).map_err(Error::Circuit),
        }
    }

    fn note(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }

    fn set(&mut self, column: Column<Fixed>, row: usize, value: &Limbs) {
        match self.fixed.get_mut(column.index()) {
            Some(cells) if row < self.usable => cells.set(row, value),
            Some(_) => self.note(Error::Row { row, usable: self.usable }),
            None => self.note(Error::Circuit(plonk::Error::BoundsFailure)),
        }
    }
}

impl Assignment<Fr> for Shape {
    no_names!();

    fn enable_selector<A: FnOnce() -> AR, AR: Into<String>>(
        &mut self,
        _: A,
        selector: &Selector,
        row: usize,
    ) -> Result<(), plonk::Error> {
        if row >= self.usable {
            self.note(Error::Row { row, usable: self.usable });
            return Err(plonk::Error::BoundsFailure);
        }
        let rows = self.selectors.get_mut(selector.index()).ok_or(plonk::Error::BoundsFailure)?;
        rows[row] = true;
        Ok(())
    }

    fn query_instance(&self, _: Column<Instance>, row: usize) -> Result<Value<Fr>, plonk::Error> {
        if row < self.usable { Ok(Value::unknown()) } else { Err(plonk::Error::BoundsFailure) }
    }

    fn assign_advice<'v>(&mut self, _: Column<Advice>, _: usize, _: Value<Assigned<Fr>>) -> Value<&'v Assigned<Fr>> {
        Value::unknown()
    }

    fn assign_fixed(&mut self, column: Column<Fixed>, row: usize, to: Assigned<Fr>) {
        self.set(column, row, &scalar_limbs(&to.evaluate()));
    }

    fn copy(&mut self, left: Column<Any>, left_row: usize, right: Column<Any>, right_row: usize) {
        let row = left_row.max(right_row);
        if row >= self.usable {
            return self.note(Error::Row { row, usable: self.usable });
        }
        match (self.copies.cell(left, left_row), self.copies.cell(right, right_row)) {
            (Ok(left), Ok(right)) => self.copies.join(left, right),
            (Err(error), _) | (_, Err(error)) => self.note(error),
        }
    }

    fn fill_from_row(
        &mut self,
        column: Column<Fixed>,
        from: usize,
        to: Value<Assigned<Fr>>,
    ) -> Result<(), plonk::Error> {
        let value = known(to).ok_or(plonk::Error::Synthesis)?;
        if from >= self.usable {
            self.note(Error::Row { row: from, usable: self.usable });
            return Err(plonk::Error::BoundsFailure);
        }
        (from..self.usable).for_each(|row| self.set(column, row, &value));
        Ok(())
    }

    fn get_challenge(&self, _: Challenge) -> Value<Fr> {
        Value::unknown()
    }
}

/// The value, reduced, where there is one.
fn known(value: Value<Assigned<Fr>>) -> Option<Limbs> {
    let mut limbs = None;
    value.map(|value| limbs = Some(scalar_limbs(&value.evaluate())));
    limbs
}

/// Cells of a witness between two looks at whether the work goes on.
const CELLS: u64 = 1 << 14;

/// What a witness is laid for: commits to the columns of a phase.
pub(crate) trait Phases {
    /// Takes the finished columns of a phase, and gives the challenges that follow it, by their numbers.
    fn commit(&mut self, phase: u8, advice: &mut [Cells]) -> Result<Vec<(usize, Fr)>, Error>;
    /// Counts cells; `false` where the work is cancelled.
    fn tick(&mut self, cells: u64) -> bool;
}

/// The advice cells of a witness.
pub(crate) struct Witness<'a, P> {
    advice: Vec<Cells>,
    challenges: Vec<Option<Fr>>,
    instances: &'a [&'a [Fr]],
    phase: u8,
    phases: P,
    cells: u64,
    usable: usize,
    error: Option<Error>,
}

impl<'a, P: Phases> Witness<'a, P> {
    /// Lays the circuit on `2^k` rows: its advice columns, and the challenges.
    pub(crate) fn lay<C: Circuit<Fr>>(
        k: u32,
        circuit: &C,
        cs: &ConstraintSystem<Fr>,
        instances: &'a [&'a [Fr]],
        phases: P,
    ) -> Result<(Vec<Cells>, Vec<Fr>), Error> {
        let mut own = ConstraintSystem::default();
        let config = C::configure_with_params(&mut own, circuit.params());
        let count = cs.advice_column_phase().into_iter().max().map_or(1, |last| last + 1);
        let mut witness = Self {
            advice: vec![Cells::zeros(1 << k); cs.num_advice_columns()],
            challenges: vec![None; cs.num_challenges()],
            instances,
            phase: 0,
            phases,
            cells: 0,
            usable: (1 << k) - (cs.blinding_factors() + 1),
            error: None,
        };
        // once where the circuit asks for its phases itself, else once for every phase
        while witness.phase < count && witness.error.is_none() {
            let laid = C::FloorPlanner::synthesize(&mut witness, circuit, config.clone(), cs.constants().clone());
            if let Err(error) = laid {
                witness.note(Error::Circuit(error));
            }
            if witness.phase < count {
                witness.next_phase();
            }
        }
        if let Some(error) = witness.error {
            return Err(error);
        }
        let challenges = witness.challenges.into_iter().collect::<Option<_>>();
        Ok((witness.advice, challenges.ok_or(Error::Unsupported { what: "challenges of a phase without columns" })?))
    }

    fn note(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }
}

impl<P: Phases> Assignment<Fr> for Witness<'_, P> {
    no_names!();

    fn enable_selector<A: FnOnce() -> AR, AR: Into<String>>(
        &mut self,
        _: A,
        _: &Selector,
        _: usize,
    ) -> Result<(), plonk::Error> {
        if self.error.is_some() { Err(plonk::Error::Synthesis) } else { Ok(()) }
    }

    fn query_instance(&self, column: Column<Instance>, row: usize) -> Result<Value<Fr>, plonk::Error> {
        let value = self.instances.get(column.index()).and_then(|column| column.get(row));
        value.map(|value| Value::known(*value)).ok_or(plonk::Error::BoundsFailure)
    }

    fn assign_advice<'v>(
        &mut self,
        column: Column<Advice>,
        row: usize,
        to: Value<Assigned<Fr>>,
    ) -> Value<&'v Assigned<Fr>> {
        // a column of a phase before is committed to: halo2 ignores what is written there again
        if self.error.is_some() || column.column_type().phase() < self.phase {
            return Value::unknown();
        }
        self.cells += 1;
        if self.cells.is_multiple_of(CELLS) && !self.phases.tick(CELLS) {
            self.note(Error::Cancelled);
            return Value::unknown();
        }
        // a column of a later phase is laid again then
        let value = match known(to) {
            Some(value) => value,
            None if column.column_type().phase() > self.phase => return Value::unknown(),
            None => {
                self.note(Error::NoValue { column: column.index(), row });
                return Value::unknown();
            }
        };
        match self.advice.get_mut(column.index()) {
            Some(cells) if row < self.usable => cells.set(row, &value),
            Some(_) => self.note(Error::Row { row, usable: self.usable }),
            None => self.note(Error::Circuit(plonk::Error::BoundsFailure)),
        }
        Value::unknown()
    }

    fn assign_fixed(&mut self, _: Column<Fixed>, _: usize, _: Assigned<Fr>) {}

    fn copy(&mut self, _: Column<Any>, _: usize, _: Column<Any>, _: usize) {}

    fn fill_from_row(&mut self, _: Column<Fixed>, _: usize, _: Value<Assigned<Fr>>) -> Result<(), plonk::Error> {
        Ok(())
    }

    fn get_challenge(&self, challenge: Challenge) -> Value<Fr> {
        self.challenges.get(challenge.index()).copied().flatten().map_or(Value::unknown(), Value::known)
    }

    fn next_phase(&mut self) {
        if self.error.is_none() {
            match self.phases.commit(self.phase, &mut self.advice) {
                Ok(challenges) => challenges.into_iter().for_each(|(i, value)| self.challenges[i] = Some(value)),
                Err(error) => self.note(error),
            }
        }
        self.phase += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;

    #[test]
    fn copies_make_cycles() {
        let mut cs = ConstraintSystem::<Fr>::default();
        let columns: Vec<Column<Any>> = (0..2).map(|_| cs.fixed_column().into()).collect();
        let other = cs.fixed_column();
        let mut copies = Copies::new(columns.clone(), 4);
        for (left, right) in [((0, 0), (1, 3)), ((1, 3), (0, 2)), ((0, 0), (0, 2)), ((1, 1), (1, 1))] {
            let [left, right] = [left, right].map(|(c, row)| copies.cell(columns[c], row).expect("under equality"));
            copies.join(left, right);
        }
        let mut cell = 0;
        let cycle: Vec<u32> = (0..3)
            .map(|_| {
                cell = copies.next[cell as usize];
                cell
            })
            .collect();
        assert_eq!(cell, 0);
        let mut cells = cycle.clone();
        cells.sort_unstable();
        assert_eq!(cells, [0, 2, 7]);
        assert!([1, 3, 4, 5, 6].iter().all(|cell| copies.next[*cell as usize] == *cell));
        assert!(copies.cell(other.into(), 0).is_err());
        assert_eq!(scalar_limbs(&Fr::ZERO), [0; 4]);
    }
}
