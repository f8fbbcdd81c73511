//! Phase-1 values: the native twin of the gates.
use super::{CellRef, Layout, Tamper, Target, TraceBuilder};
use crate::chips::horner;
use crate::column::Column as CommittedColumn;
use ff::Field;
use halo2_proofs::{
    halo2curves::bn256::Fr,
    plonk::{Advice, Column, Instance},
};

/// The columns outside the trace that are copied into it.
#[derive(Clone, Copy, Debug)]
pub struct InputColumns {
    /// The instance column.
    pub public: Column<Instance>,
    /// The column of the committed fingerprint, in the claim that has one.
    pub committed: Option<Column<Advice>>,
}

/// The values of [`InputColumns`]. The committed ones are secret.
#[derive(Clone)]
pub struct InputValues {
    /// Of the instance column.
    pub public: Vec<Fr>,
    /// The committed fingerprint's column, or an empty one.
    pub committed: CommittedColumn,
}

impl std::fmt::Debug for InputValues {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InputValues").field("public", &self.public).finish_non_exhaustive()
    }
}

impl TraceBuilder {
    /// Computes the sums of instructions `from..to` in the order of writing.
    pub fn evaluate(&self, from: usize, to: usize, layout: &Layout, values: &mut Values) {
        for &(part, index) in &self.order[from..to] {
            let line = &self.part(part)[index];
            let row = layout.row(CellRef::Instruction(part, index));
            let sum = line.start.map_or(values.sums[row], |start| values.get(layout, start));
            let sum = values.set(Target::Sum, row, sum);
            if let Some(factor) = line.factor {
                let factor = values.get(layout, factor);
                let factor = values.set(Target::Factor, row, factor);
                let term = line.constant + line.weight * line.cell;
                values.sums[row + 1] = horner::step(line.step, values.sigma, sum, factor, term);
            }
        }
    }

    /// How the sum on a cell changes with each sum, by row.
    #[cfg(test)]
    pub(crate) fn derivatives(&self, layout: &Layout, values: &Values, of: CellRef) -> Vec<Fr> {
        let mut derivatives = vec![Fr::ZERO; layout.end + 1];
        derivatives[layout.row(of)] = Fr::ONE;
        for &(part, index) in self.order.iter().rev() {
            let line = &self.part(part)[index];
            let row = layout.row(CellRef::Instruction(part, index));
            if let Some(wire) = line.factor {
                let (next, sum, factor) = (derivatives[row + 1], values.sums[row], values.factors[row]);
                let [zero, one] =
                    [Fr::ZERO, Fr::ONE].map(|x| horner::step(line.step, values.sigma, x, factor, Fr::ZERO));
                derivatives[row] += next * (one - zero);
                if !wire.is_given() {
                    let term = line.constant + line.weight * line.cell;
                    let [zero, one] = [Fr::ZERO, Fr::ONE].map(|x| horner::step(line.step, values.sigma, sum, x, term));
                    derivatives[layout.row(wire)] += next * (one - zero);
                }
            }
            if let Some(start) = line.start.filter(|start| !start.is_given()) {
                let own = derivatives[row];
                derivatives[layout.row(start)] += own;
            }
        }
        derivatives
    }

    /// The rows of accumulators and of free cells, each with the factor of its cell.
    #[cfg(test)]
    pub(crate) fn unknowns(&self, layout: &Layout, values: &Values) -> Vec<(usize, Fr)> {
        let of = |(row, line): (usize, &super::Instruction)| {
            let unknown =
                matches!(line.kind, super::Lookup::Neuron(_)) || row >= layout.plain && line.weight != Fr::ZERO;
            unknown.then(|| (row, line.weight * values.factors[row]))
        };
        layout.rows(self).filter_map(of).collect()
    }
}

/// Phase-1 values by row.
pub struct Values {
    pub(crate) sigma: Fr,
    given: InputValues,
    pub(crate) tamper: Tamper,
    /// Horner sums.
    pub sums: Vec<Fr>,
    /// Factors.
    pub factors: Vec<Fr>,
}

/// The witness stays out of logs.
impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Values(secret)")
    }
}

impl Values {
    /// Nothing evaluated yet but the one on row 0.
    pub fn new(layout: &Layout, sigma: Fr, given: InputValues, tamper: &Tamper) -> Self {
        let (sums, factors) = (vec![Fr::ZERO; layout.end + 1], vec![Fr::ZERO; layout.end]);
        let mut values = Self { sigma, given, tamper: tamper.clone(), sums, factors };
        values.set(Target::Sum, 0, Fr::ONE);
        values
    }

    /// Sets a factor or a sum; what is laid is what the seam makes of it ([`Tamper`]).
    ///
    /// # Panics
    /// For a column that is not the Horner chip's.
    pub fn set(&mut self, target: Target, row: usize, honest: Fr) -> Fr {
        let value = self.tamper.apply(target, row, honest);
        match target {
            Target::Factor => self.factors[row] = value,
            Target::Sum => self.sums[row] = value,
            _ => unreachable!("a column of another chip"),
        }
        value
    }

    /// The value on a cell.
    pub fn get(&self, layout: &Layout, wire: CellRef) -> Fr {
        match wire {
            CellRef::Public(row) => self.given.public[row],
            CellRef::Committed(row) => self.given.committed.get(row),
            other => self.sums[layout.row(other)],
        }
    }
}
