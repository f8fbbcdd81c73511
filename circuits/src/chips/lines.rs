//! The sheet below the pixels: chains of lines, written by gadgets, laid in rows and evaluated here.
//!
//! A gadget never sees a row number. It opens a chain at a [`Wire`], adds lines to it and gets the wire of its end; the
//! sheet turns each wire into a copy constraint. The sheet has two parts, one after the other: the *looked-up* part,
//! where every line's pair `(constant, cell)` must be in the table, and the *plain* part, where cells are free.
//!
//! The table begins with the pairs `(0, byte)` and `(1/2, bit)`. So in the looked-up part a line's constant is also its tag:
//! with the constant 0 the cell is a byte, with one half it is a bit, and there are no other constants.
//!
//! A claim with a model adds its own tables, rows for the latent's entries between the pixels and the tables, and two
//! kinds of looked-up lines ([`Kind`]): one reads a cell that was written elsewhere, one writes a neuron. What they mean
//! is in [`super::logup`] and [`super::network`].
//!
//! What the caller must believe: every wire that is used becomes a copy ([`Sheet::assign_sums`] is the only place that
//! lays factors and chain starts), and every cell is laid in phase 0.
use super::{
    horner::{self, HornerConfig},
    logup::Entry,
};
use crate::column::Column as CommittedColumn;
use ff::Field;
use halo2_proofs::{
    circuit::{Cell, Region, Value},
    halo2curves::bn256::Fr,
    plonk::{Advice, Any, Column, Expression, Fixed, Instance},
};
use std::collections::{BTreeMap, HashMap};

/// What a row's Horner step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Step {
    /// Nothing: the sum below is free.
    None = 0,
    /// `sum' = sum + factor * (constant + weight * cell)`.
    Add = 1,
    /// `sum' = sigma * sum + factor * (constant + weight * cell)`.
    Shift = 2,
    /// `sum' = factor * sum`: constant and weight are zero.
    Scale = 3,
}

impl Step {
    /// One where the fixed column holds this step, zero where it holds another but [`Step::None`]; of degree 2.
    pub(crate) fn among_others(self, step: &Expression<Fr>) -> Expression<Fr> {
        let others = [Self::Add, Self::Shift, Self::Scale].into_iter().filter(|&other| other != self);
        let factors = others.map(|other| {
            let [own, other] = [self, other].map(|step| Fr::from(step as u64));
            let scale = (own - other).invert().expect("two steps differ");
            (step.clone() - Expression::Constant(other)) * scale
        });
        factors.reduce(|product, factor| product * factor).expect("two other steps")
    }
}

/// What a row is in the lookup argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Role {
    /// Nothing, or a pixel.
    None = 0,
    /// The pair `(constant, cell)` is looked up.
    Lookup = 1,
    /// `(constant, weight)` is a row of the table, `cell` its multiplicity.
    Table = 2,
    /// The lookup sum is zero, and the Horner sum is one.
    Bound = 3,
}

impl Role {
    /// Nonzero exactly where the fixed column holds this role; of degree 3.
    pub fn selector(self, role: &Expression<Fr>) -> Expression<Fr> {
        let others = [Self::None, Self::Lookup, Self::Table, Self::Bound].into_iter().filter(|&other| other != self);
        let factors = others.map(|other| role.clone() - Expression::Constant(Fr::from(other as u64)));
        factors.reduce(|product, factor| product * factor).expect("three other roles")
    }
}

/// Rows of the tables that every claim has: 256 bytes, 2 bits.
pub const TABLE_ROWS: usize = 258;

/// The tag of neuron `0`'s address; neuron `n` has the one `n` higher.
pub const FIRST_ADDRESS: u64 = 1;
/// The tag of table `0` of a model; table `t` has the one `t` higher.
pub const FIRST_TABLE: u64 = 1 << 33;
/// What is added to a table's tag for the range of its remainders.
pub const RANGE_OFFSET: u64 = 1 << 33;

/// A row of a table: what is looked up as `value + sigma tag + sigma^2 second`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TableRow {
    /// Names the table.
    pub tag: Fr,
    /// The value, or the pair's first.
    pub value: Fr,
    /// The pair's second, or zero.
    pub second: Fr,
}

/// One half: the tag of the bits.
pub fn half() -> Fr {
    Fr::from(2).invert().expect("2 is not 0")
}

/// The rows every claim has: every byte under zero, then the two bits under one half.
pub fn base_table() -> impl Iterator<Item = TableRow> {
    let row = |tag, value| TableRow { tag, value, second: Fr::ZERO };
    let bytes = (0..256).map(move |byte| row(Fr::ZERO, Fr::from(byte)));
    bytes.chain([Fr::ZERO, Fr::ONE].map(|bit| row(half(), bit)))
}

/// A tagged value as one: no other of phase-0 cells has it, but for one in `r` challenges.
fn tagged(sigma: Fr, tag: Fr, value: Fr) -> Fr {
    value + sigma * tag
}

impl TableRow {
    fn compressed(&self, sigma: Fr) -> Fr {
        self.value + sigma * (self.tag + sigma * self.second)
    }
}

/// What a line is in the lookup argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Of the looked-up part: the pair `(constant, cell)` is in the table. Of the plain part: nothing.
    Pair,
    /// The cell is the one written under this address.
    Read {
        /// The address, as a tag.
        address: u64,
    },
    /// A neuron: `constant + cell` is its accumulator.
    Neuron(Neuron),
}

/// The cells of a neuron's row beside its line's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Neuron {
    /// The address, as a tag.
    pub address: u64,
    /// How often it is read: not zero.
    pub reads: u32,
    /// What is left of the accumulator.
    pub remainder: Fr,
    /// The neuron.
    pub value: Fr,
}

impl std::fmt::Debug for Neuron {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Neuron").field("address", &self.address).field("reads", &self.reads).finish_non_exhaustive()
    }
}

/// An entry of the latent.
#[derive(Clone, Copy)]
pub struct LatentEntry {
    /// The address, as a tag.
    pub address: u64,
    /// How often it is read: not zero.
    pub reads: u32,
    /// The entry: an integer from -128 to 127.
    pub value: Fr,
}

impl std::fmt::Debug for LatentEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LatentEntry").field("address", &self.address).finish_non_exhaustive()
    }
}

/// What an entry of the latent is looked up as.
pub fn latent_byte(value: Fr) -> Fr {
    value + Fr::from(128)
}

/// [`latent_byte`] as the gates see it.
pub fn latent_byte_query(value: Expression<Fr>) -> Expression<Fr> {
    value + Expression::Constant(Fr::from(128))
}

/// A part of the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Every line is looked up.
    LookedUp,
    /// Cells are free.
    Plain,
}

/// Where a factor or a chain's first sum is copied from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// The sum before pixel `i`; before pixel 0 it is one.
    Pixel(usize),
    /// The sum before line `i` of a part.
    Line(Part, usize),
    /// A row of the instance column.
    Public(usize),
    /// A row of the committed fingerprint's column.
    Committed(usize),
}

impl Wire {
    /// Whether it is no sum.
    #[cfg(test)]
    fn is_given(self) -> bool {
        matches!(self, Self::Public(_) | Self::Committed(_))
    }
}

/// The columns outside the sheet that are copied into it.
#[derive(Clone, Copy, Debug)]
pub struct GivenColumns {
    /// The instance column.
    pub public: Column<Instance>,
    /// The column of the committed fingerprint, in the claim that has one.
    pub committed: Option<Column<Advice>>,
}

/// The values of [`GivenColumns`]. The committed ones are secret.
#[derive(Clone)]
pub struct GivenValues {
    /// Of the instance column.
    pub public: Vec<Fr>,
    /// The committed fingerprint's column, or an empty one.
    pub committed: CommittedColumn,
}

impl std::fmt::Debug for GivenValues {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GivenValues").field("public", &self.public).finish_non_exhaustive()
    }
}

/// The sum on the first row.
pub const ONE: Wire = Wire::Pixel(0);

#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) start: Option<Wire>,
    pub(crate) factor: Option<Wire>,
    constant: Fr,
    weight: Fr,
    cell: Fr,
    step: Step,
    pub(crate) kind: Kind,
}

/// Cells are the witness.
impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").field("step", &self.step).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// What a cheating prover adds to the honest value of a phase-1 cell, by row; everything after follows the forged value.
/// Empty for an honest prover: phase-0 forgeries are hints instead.
#[derive(Clone, Debug, Default)]
pub struct Forgery {
    /// Added to factors.
    pub factor: BTreeMap<usize, Fr>,
    /// Added to Horner sums.
    pub sum: BTreeMap<usize, Fr>,
    /// Added to the lookup sum.
    pub lookup: BTreeMap<usize, Fr>,
}

impl Forgery {
    pub(crate) fn of(map: &BTreeMap<usize, Fr>, row: usize) -> Fr {
        map.get(&row).copied().unwrap_or(Fr::ZERO)
    }
}

/// The columns that a claim with a model adds to the sheet.
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

/// Lines in two parts, in the order in which they were written.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    looked_up: Vec<Line>,
    plain: Vec<Line>,
    pub(crate) order: Vec<(Part, usize)>,
    pub(crate) equal: Vec<(Wire, Wire)>,
    tables: Vec<TableRow>,
    latent: Vec<LatentEntry>,
}

/// The chain being written; dropping it without [`Chain::end`] would lose its last sum.
#[must_use]
#[derive(Debug)]
pub struct Chain<'s> {
    sheet: &'s mut Sheet,
    part: Part,
    start: Option<Wire>,
}

impl Chain<'_> {
    fn line(&mut self, step: Step, factor: Wire, constant: Fr, weight: Fr, cell: Option<Fr>) {
        let tagged = self.part == Part::Plain || constant == Fr::ZERO || constant == half();
        assert!(tagged, "a looked-up line's constant is its tag: zero or one half");
        // a line without a cell looks up the byte or the bit zero
        self.push(step, factor, constant, weight, cell.unwrap_or(Fr::ZERO), Kind::Pair);
    }

    fn push(&mut self, step: Step, factor: Wire, constant: Fr, weight: Fr, cell: Fr, kind: Kind) {
        let start = self.start.take();
        self.sheet.push(self.part, Line { start, factor: Some(factor), constant, weight, cell, step, kind });
    }

    /// Multiplies by `sigma` if `shift`, then adds `factor * weight * cell`, the cell being the one written under `address`.
    pub fn read(&mut self, shift: bool, factor: Wire, weight: Fr, address: u64, cell: Fr) {
        assert_eq!(self.part, Part::LookedUp, "only the looked-up part reads");
        let step = if shift { Step::Shift } else { Step::Add };
        self.push(step, factor, Fr::ZERO, weight, cell, Kind::Read { address });
    }

    /// Multiplies by `sigma` if `shift`, then adds `factor * accumulator`, the accumulator of `neuron` under the table of this
    /// tag.
    pub fn neuron(&mut self, shift: bool, factor: Wire, tag: Fr, accumulator: Fr, neuron: Neuron) {
        assert_eq!(self.part, Part::LookedUp, "only the looked-up part writes");
        assert_ne!(neuron.reads, 0, "a row of no reads is no neuron's");
        let step = if shift { Step::Shift } else { Step::Add };
        self.push(step, factor, tag, Fr::ONE, accumulator - tag, Kind::Neuron(neuron));
    }

    /// Multiplies by a wire. Only in the plain part.
    pub fn scale(&mut self, factor: Wire) {
        assert_eq!(self.part, Part::Plain, "a looked-up cell would be added");
        self.line(Step::Scale, factor, Fr::ZERO, Fr::ZERO, None);
    }

    /// Multiplies by `sigma` if `shift`, then adds `factor * cell`, the cell being free. Only in the plain part.
    pub fn add_free(&mut self, shift: bool, factor: Wire, cell: Fr) {
        assert_eq!(self.part, Part::Plain, "only the plain part has free cells");
        self.line(if shift { Step::Shift } else { Step::Add }, factor, Fr::ZERO, Fr::ONE, Some(cell));
    }

    /// Adds `factor * constant`. In the looked-up part `constant` is one half.
    pub fn add(&mut self, factor: Wire, constant: Fr) {
        self.line(Step::Add, factor, constant, Fr::ZERO, None);
    }

    /// Multiplies by `sigma`, then adds `factor * constant`. In the looked-up part `constant` is one half.
    pub fn shift(&mut self, factor: Wire, constant: Fr) {
        self.line(Step::Shift, factor, constant, Fr::ZERO, None);
    }

    /// Adds `factor * weight * cell`; in the looked-up part `cell` is proved a byte, in the plain part it is free.
    pub fn add_cell(&mut self, factor: Wire, weight: Fr, cell: Fr) {
        self.line(Step::Add, factor, Fr::ZERO, weight, Some(cell));
    }

    /// Adds `factor * (1/2 - bit)` for a cell proved 0 or 1. Only in the looked-up part.
    pub fn add_centred_bit(&mut self, factor: Wire, bit: Fr) {
        assert_eq!(self.part, Part::LookedUp, "only the looked-up part proves a bit");
        self.line(Step::Add, factor, half(), -Fr::ONE, Some(bit));
    }

    /// The wire of the sum so far.
    pub fn here(&self) -> Wire {
        Wire::Line(self.part, self.sheet.part(self.part).len())
    }

    /// Ends the chain: the wire of its sum.
    pub fn end(self) -> Wire {
        let none = Line {
            start: self.start,
            factor: None,
            constant: Fr::ZERO,
            weight: Fr::ZERO,
            cell: Fr::ZERO,
            step: Step::None,
            kind: Kind::Pair,
        };
        self.sheet.push(self.part, none)
    }
}

impl Sheet {
    /// Opens a chain whose first sum is a copy of `start`.
    pub fn chain(&mut self, part: Part, start: Wire) -> Chain<'_> {
        Chain { sheet: self, part, start: Some(start) }
    }

    /// The wire of a sum that is zero.
    pub fn zero(&mut self) -> Wire {
        let mut chain = self.chain(Part::Plain, ONE);
        chain.add(ONE, -Fr::ONE);
        chain.end()
    }

    /// Copies two sums, or a sum and a public input, onto each other.
    pub fn assert_equal(&mut self, a: Wire, b: Wire) {
        self.equal.push((a, b));
    }

    /// Lines written so far: a bound for [`Sheet::evaluate`].
    pub fn written(&self) -> usize {
        self.order.len()
    }

    fn push(&mut self, part: Part, line: Line) -> Wire {
        let lines = match part {
            Part::LookedUp => &mut self.looked_up,
            Part::Plain => &mut self.plain,
        };
        lines.push(line);
        let index = lines.len() - 1;
        self.order.push((part, index));
        Wire::Line(part, index)
    }

    pub(crate) fn part(&self, part: Part) -> &[Line] {
        match part {
            Part::LookedUp => &self.looked_up,
            Part::Plain => &self.plain,
        }
    }

    /// Adds a model's tables and the entries of its latent.
    pub fn model(&mut self, tables: Vec<TableRow>, latent: Vec<LatentEntry>) {
        (self.tables, self.latent) = (tables, latent);
    }

    fn table(&self) -> impl Iterator<Item = TableRow> + '_ {
        base_table().chain(self.tables.iter().copied())
    }

    /// Where each part lies when the pixels end before row `pixels`.
    pub fn layout(&self, pixels: usize) -> Layout {
        let tables = pixels + self.latent.len();
        let looked_up = tables + TABLE_ROWS + self.tables.len();
        let bound = looked_up + self.looked_up.len();
        Layout { pixels, tables, looked_up, bound, plain: bound + 1, end: bound + 1 + self.plain.len() }
    }

    /// How often each row of the table is looked up. `samples` counts the bytes looked up by the pixels.
    pub fn multiplicities(&self, samples: &[u64; 256]) -> Vec<Fr> {
        let rows: Vec<TableRow> = self.table().collect();
        let positions: HashMap<TableRow, usize> = rows.iter().enumerate().map(|(at, &row)| (row, at)).collect();
        let mut counts: Vec<u64> = vec![0; rows.len()];
        counts[..256].copy_from_slice(samples);
        // what is in no table is not counted: the sum will not vanish
        let mut count = |tag, value, second| {
            if let Some(&at) = positions.get(&TableRow { tag, value, second }) {
                counts[at] += 1;
            }
        };
        for entry in &self.latent {
            count(Fr::ZERO, latent_byte(entry.value), Fr::ZERO);
        }
        for line in &self.looked_up {
            match line.kind {
                Kind::Pair => count(line.constant, line.cell, Fr::ZERO),
                Kind::Read { .. } => {}
                Kind::Neuron(neuron) => {
                    count(line.constant, neuron.value, line.cell - neuron.remainder);
                    count(line.constant + Fr::from(RANGE_OFFSET), neuron.remainder, Fr::ZERO);
                }
            }
        }
        counts.into_iter().map(Fr::from).collect()
    }

    /// What the lookup argument reads below the pixels, row by row: the latent, the table with its `multiplicities`, then
    /// the looked-up part.
    pub fn entries<'s>(&'s self, multiplicities: &'s [Fr], sigma: Fr) -> impl Iterator<Item = Entry> + 's {
        let address = move |address: u64, value: Fr| tagged(sigma, Fr::from(address), value);
        let latent = move |entry: &LatentEntry| Entry::Latent {
            byte: latent_byte(entry.value),
            written: address(entry.address, entry.value),
            reads: Fr::from(u64::from(entry.reads)),
        };
        let row =
            move |(row, &multiplicity): (TableRow, &Fr)| Entry::Table { value: row.compressed(sigma), multiplicity };
        let line = move |line: &Line| match line.kind {
            Kind::Pair => Entry::One(tagged(sigma, line.constant, line.cell)),
            Kind::Read { address: at } => Entry::One(address(at, line.cell)),
            Kind::Neuron(neuron) => {
                let second = line.cell - neuron.remainder;
                Entry::Neuron {
                    activation: TableRow { tag: line.constant, value: neuron.value, second }.compressed(sigma),
                    remainder: tagged(sigma, line.constant + Fr::from(RANGE_OFFSET), neuron.remainder),
                    written: address(neuron.address, neuron.value),
                    reads: Fr::from(u64::from(neuron.reads)),
                }
            }
        };
        let tables = self.table().zip(multiplicities).map(row);
        self.latent.iter().map(latent).chain(tables).chain(self.looked_up.iter().map(line))
    }

    /// Lays fixed cells and phase-0 cells. `network` holds the columns of a claim with a model; without them the sheet
    /// has neither neurons nor reads.
    pub fn assign_cells(
        &self,
        c: &HornerConfig,
        network: Option<&NetworkColumns>,
        region: &mut Region<'_, Fr>,
        layout: &Layout,
        multiplicities: &[Fr],
    ) {
        let mut fixed = |column, row, value: Fr| {
            if value != Fr::ZERO {
                region.assign_fixed(column, row, value);
            }
        };
        fixed(c.role, 0, Fr::from(Role::Bound as u64));
        fixed(c.role, layout.bound, Fr::from(Role::Bound as u64));
        let model = || network.expect("a sheet with a model has its columns");
        for (row, at) in (layout.tables..).zip(self.table()) {
            fixed(c.role, row, Fr::from(Role::Table as u64));
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
                Kind::Neuron(neuron) => {
                    fixed(model().address, row, Fr::from(neuron.address));
                    fixed(model().neuron_reads, row, Fr::from(u64::from(neuron.reads)));
                }
                Kind::Read { address } => {
                    fixed(model().address, row, Fr::from(address));
                    fixed(c.role, row, Fr::from(Role::Lookup as u64));
                }
                Kind::Pair if row < layout.bound => fixed(c.role, row, Fr::from(Role::Lookup as u64)),
                Kind::Pair => {}
            }
        }
        for (row, multiplicity) in (layout.tables..).zip(multiplicities) {
            region.assign_advice(c.cell, row, Value::known(*multiplicity));
        }
        for (row, line) in layout.rows(self) {
            region.assign_advice(c.cell, row, Value::known(line.cell));
            if let Kind::Neuron(neuron) = line.kind {
                region.assign_advice(model().remainder, row, Value::known(neuron.remainder));
                region.assign_advice(model().neuron, row, Value::known(neuron.value));
            }
        }
    }

    /// Computes the sums of lines `from..to` in the order of writing.
    pub fn evaluate(&self, from: usize, to: usize, layout: &Layout, values: &mut Values, forgery: &Forgery) {
        for &(part, index) in &self.order[from..to] {
            let line = &self.part(part)[index];
            let row = layout.row(Wire::Line(part, index));
            let sum = match line.start {
                Some(start) => values.get(layout, start),
                None => values.sums[row],
            } + Forgery::of(&forgery.sum, row);
            values.sums[row] = sum;
            if let Some(factor) = line.factor {
                let factor = values.get(layout, factor) + Forgery::of(&forgery.factor, row);
                values.factors[row] = factor;
                let term = line.constant + line.weight * line.cell;
                values.sums[row + 1] = horner::step(line.step, values.sigma, sum, factor, term);
            }
        }
    }

    /// How the sum on a wire changes with each sum, by row.
    #[cfg(test)]
    pub(crate) fn derivatives(&self, layout: &Layout, values: &Values, of: Wire) -> Vec<Fr> {
        let mut derivatives = vec![Fr::ZERO; layout.end + 1];
        derivatives[layout.row(of)] = Fr::ONE;
        for &(part, index) in self.order.iter().rev() {
            let line = &self.part(part)[index];
            let row = layout.row(Wire::Line(part, index));
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
        let of = |(row, line): (usize, &Line)| {
            let unknown = matches!(line.kind, Kind::Neuron(_)) || row >= layout.plain && line.weight != Fr::ZERO;
            unknown.then(|| (row, line.weight * values.factors[row]))
        };
        layout.rows(self).filter_map(of).collect()
    }

    /// Lays phase-1 cells and every copy.
    pub fn assign_sums(
        &self,
        c: &HornerConfig,
        given: &GivenColumns,
        region: &mut Region<'_, Fr>,
        layout: &Layout,
        values: &Values,
    ) {
        let source = |wire| match wire {
            Wire::Public(row) => Cell { row_offset: row, column: Column::<Any>::from(given.public) },
            Wire::Committed(row) => {
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

/// Where the parts lie, in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Pixels occupy rows `0..pixels`; the latent's entries follow.
    pub pixels: usize,
    /// First row of the tables.
    pub tables: usize,
    /// First row of the looked-up part.
    pub looked_up: usize,
    /// The row of [`Role::Bound`] that ends the lookup sum.
    pub bound: usize,
    /// First row of the plain part.
    pub plain: usize,
    /// One past the last row.
    pub end: usize,
}

impl Layout {
    /// The row of a sum.
    ///
    /// # Panics
    /// For what stands outside the sheet, which is no sum.
    pub fn row(&self, wire: Wire) -> usize {
        match wire {
            Wire::Pixel(row) => row,
            Wire::Line(Part::LookedUp, index) => self.looked_up + index,
            Wire::Line(Part::Plain, index) => self.plain + index,
            Wire::Public(_) | Wire::Committed(_) => unreachable!("what is given has no row among the sums"),
        }
    }

    fn rows<'s>(&self, sheet: &'s Sheet) -> impl Iterator<Item = (usize, &'s Line)> + use<'s> {
        (self.looked_up..).zip(&sheet.looked_up).chain((self.plain..).zip(&sheet.plain))
    }
}

/// Phase-1 values by row.
pub struct Values {
    sigma: Fr,
    given: GivenValues,
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
    pub fn new(layout: &Layout, sigma: Fr, given: GivenValues, forgery: &Forgery) -> Self {
        let mut sums = vec![Fr::ZERO; layout.end + 1];
        sums[0] = Fr::ONE + Forgery::of(&forgery.sum, 0);
        Self { sigma, given, sums, factors: vec![Fr::ZERO; layout.end] }
    }

    /// The value on a wire.
    pub fn get(&self, layout: &Layout, wire: Wire) -> Fr {
        match wire {
            Wire::Public(row) => self.given.public[row],
            Wire::Committed(row) => self.given.committed.get(row),
            other => self.sums[layout.row(other)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chips::{
        bilinear,
        distance::{self, DistanceHint},
        split::{self, SplitHint},
    };

    #[test]
    fn the_table_is_the_bytes_and_the_bits() {
        let row = |tag, value| TableRow { tag, value, second: Fr::ZERO };
        let bytes = (0..=u8::MAX).map(|byte| row(Fr::ZERO, Fr::from(u64::from(byte))));
        let bits = [row(half(), Fr::ZERO), row(half(), Fr::ONE)];
        assert_eq!(base_table().collect::<Vec<_>>(), bytes.chain(bits).collect::<Vec<_>>());
        assert_eq!(base_table().count(), TABLE_ROWS);
    }

    /// A cell that nobody looks up is the prover's to choose, even against the field's wrap-around.
    #[test]
    fn the_median_is_the_one_free_cell_of_the_fingerprint() {
        let mut sheet = Sheet::default();
        let zero = sheet.zero();
        let coefficients: [i128; 256] = std::array::from_fn(|k| k as i128);
        let rows = bilinear::rows(&mut sheet, zero, &[[1; 16]; 5], 5);
        let bits = split::median_split(&mut sheet, zero, &rows, &SplitHint::of(&coefficients, 127));
        let hint = DistanceHint::of(Default::default(), Default::default(), 0);
        let fingerprints = distance::Fingerprints::of(crate::statement::claim::Claim::FINGERPRINT);
        distance::within_tolerance(&mut sheet, zero, &bits, fingerprints, &hint);
        let free: Vec<_> = sheet.plain.iter().filter(|line| line.weight != Fr::ZERO).map(|line| line.cell).collect();
        assert_eq!(free, [Fr::from(127)]);
    }
}
