//! Laying a trace: fixed cells and phase-0 cells, then sums, factors and every copy.
use super::{CellRef, InputColumns, Layout, Lookup, TraceBuilder, Values};
use crate::chips::{canvas::Kind, horner::HornerConfig, logup::RowKind};
use ff::Field;
use halo2_proofs::{
    circuit::{Cell, Region, Value},
    halo2curves::bn256::Fr,
    plonk::{Advice, Any, Column, Fixed},
};

/// The columns that a claim with a model adds to the trace.
#[derive(Clone, Copy, Debug)]
pub struct NetworkColumns {
    /// Committed: the latent's entries.
    pub latent: Column<Advice>,
    /// Phase 0: what is left of an accumulator.
    pub remainder: Column<Advice>,
    /// Phase 0: neurons.
    pub neuron: Column<Advice>,
    /// The address of a neuron, of an entry or of a read; the second value of a table's row.
    pub address: Column<Fixed>,
    /// How often a neuron is read; not zero exactly on the rows of neurons.
    pub neuron_reads: Column<Fixed>,
    /// How often an entry is read; not zero exactly on the rows of entries.
    pub latent_reads: Column<Fixed>,
}

impl TraceBuilder {
    /// Lays fixed cells and phase-0 cells. `network` holds the columns of a claim with a model; without them the trace
    /// has neither neurons nor reads.
    pub fn assign_cells(
        &self,
        c: &HornerConfig,
        network: Option<&NetworkColumns>,
        kind: Option<Column<Fixed>>,
        region: &mut Region<'_, Fr>,
        layout: &Layout,
        multiplicities: &[Fr],
    ) {
        let mut fixed = |column, row, value: Fr| {
            if value != Fr::ZERO {
                region.assign_fixed(column, row, value);
            }
        };
        fixed(c.role, 0, Fr::from(RowKind::Bound as u64));
        fixed(c.role, layout.bound, Fr::from(RowKind::Bound as u64));
        let model = || network.expect("a builder with a model has its columns");
        for (row, at) in (layout.tables..).zip(self.table()) {
            fixed(c.role, row, Fr::from(RowKind::Table as u64));
            fixed(c.constant, row, at.tag);
            fixed(c.weight, row, at.value);
            if at.second != Fr::ZERO {
                fixed(model().address, row, at.second);
            }
        }
        for (row, entry) in (layout.pixels..).zip(&self.latent) {
            fixed(model().address, row, Fr::from(entry.address));
            fixed(model().latent_reads, row, Fr::from(u64::from(entry.reads)));
        }
        for (row, line) in layout.rows(self) {
            fixed(c.constant, row, line.constant);
            fixed(c.weight, row, line.weight);
            fixed(c.step, row, Fr::from(line.step as u64));
            match line.kind {
                Lookup::Neuron(neuron) => {
                    fixed(model().address, row, Fr::from(neuron.address));
                    fixed(model().neuron_reads, row, Fr::from(u64::from(neuron.reads)));
                }
                Lookup::Read { address } => {
                    fixed(model().address, row, Fr::from(address));
                    fixed(c.role, row, Fr::from(RowKind::Lookup as u64));
                }
                Lookup::Send | Lookup::RowStart => {
                    let of = if line.kind == Lookup::Send { Kind::Send } else { Kind::RowStart };
                    fixed(kind.expect("a builder with a canvas has its column"), row, Fr::from(of as u64));
                }
                Lookup::Pair if row < layout.bound => fixed(c.role, row, Fr::from(RowKind::Lookup as u64)),
                Lookup::Pair => {}
            }
        }
        for (row, multiplicity) in (layout.tables..).zip(multiplicities) {
            region.assign_advice(c.cell, row, Value::known(*multiplicity));
        }
        for (row, line) in layout.rows(self) {
            region.assign_advice(c.cell, row, Value::known(line.cell));
            if let Lookup::Neuron(neuron) = line.kind {
                region.assign_advice(model().remainder, row, Value::known(neuron.remainder));
                region.assign_advice(model().neuron, row, Value::known(neuron.value));
            }
        }
    }

    /// Lays phase-1 cells and every copy.
    pub fn assign_sums(
        &self,
        c: &HornerConfig,
        given: &InputColumns,
        region: &mut Region<'_, Fr>,
        layout: &Layout,
        values: &Values,
    ) {
        let source = |wire| match wire {
            CellRef::Public(row) => Cell { row_offset: row, column: Column::<Any>::from(given.public) },
            CellRef::Committed(row) => {
                let column = given.committed.expect("a claim of a committed fingerprint has its column");
                Cell { row_offset: row, column: column.into() }
            }
            other => Cell { row_offset: layout.row(other), column: c.sum.into() },
        };
        region.assign_advice(c.sum, layout.bound, Value::known(Fr::ONE));
        for (row, line) in layout.rows(self) {
            let sum = region.assign_advice(c.sum, row, Value::known(values.sums[row])).cell();
            if let Some(start) = line.start {
                region.constrain_equal(sum, source(start));
            }
            if let Some(wire) = line.factor {
                let factor = region.assign_advice(c.factor, row, Value::known(values.factors[row])).cell();
                region.constrain_equal(factor, source(wire));
            }
        }
        for &(a, b) in &self.equal {
            region.constrain_equal(source(a), source(b));
        }
    }
}
