//! The sheet below the pixels: chains of lines, written by gadgets, laid in rows and evaluated here.
//!
//! A gadget never sees a row number. It opens a chain at a [`Wire`], adds lines to it and gets the wire of its end; the
//! sheet turns each wire into a copy constraint. The sheet has two parts, one after the other: the *looked-up* part,
//! where every line's `cell + TAG * constant` must be in the table, and the *plain* part, where cells are free.
//!
//! What the caller must believe: every wire that is used becomes a copy ([`Sheet::assign_sums`] is the only place that
//! lays factors and chain starts), and every cell is laid in phase 0.
use super::{
    horner::{self, HornerConfig},
    logup::Entry,
};
use ff::Field;
use halo2_proofs::{
    circuit::{Cell, Region, Value},
    halo2curves::bn256::Fr,
    plonk::{Any, Column, Expression, Instance},
};
use std::collections::BTreeMap;

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
}

/// What a row is in the lookup argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Role {
    /// Nothing, or a pixel.
    None = 0,
    /// `cell + TAG * constant` is looked up.
    Lookup = 1,
    /// `weight` is a table value, `cell` its multiplicity.
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

/// Tables differ by this times the line's constant: bytes have constant 0, bits one half.
pub const TAG: u64 = 1 << 16;

/// Rows of the two tables: 256 bytes, 2 bits.
pub const TABLE_ROWS: usize = 258;

fn half() -> Fr {
    Fr::from(2).invert().expect("2 is not 0")
}

/// The table: every byte, then the two bits under the tag of the constant one half.
pub fn table() -> impl Iterator<Item = Fr> {
    (0..256).chain([TAG / 2, TAG / 2 + 1]).map(Fr::from)
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
}

/// The sum on the first row.
pub const ONE: Wire = Wire::Pixel(0);

#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) start: Option<Wire>,
    pub(crate) factor: Option<Wire>,
    constant: Fr,
    weight: Fr,
    cell: Fr,
    step: Step,
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

/// Lines in two parts, in the order in which they were written.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    looked_up: Vec<Line>,
    plain: Vec<Line>,
    pub(crate) order: Vec<(Part, usize)>,
    pub(crate) equal: Vec<(Wire, Wire)>,
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
        // a line without a cell looks up the byte zero
        let filler = match self.part {
            Part::LookedUp => -constant * Fr::from(TAG),
            Part::Plain => Fr::ZERO,
        };
        let start = self.start.take();
        let cell = cell.unwrap_or(filler);
        self.sheet.push(self.part, Line { start, factor: Some(factor), constant, weight, cell, step });
    }

    /// Adds `factor * constant`.
    pub fn add(&mut self, factor: Wire, constant: Fr) {
        self.line(Step::Add, factor, constant, Fr::ZERO, None);
    }

    /// Multiplies by `sigma`, then adds `factor * constant`.
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

    /// Ends the chain: the wire of its sum.
    pub fn end(self) -> Wire {
        let none = Line {
            start: self.start,
            factor: None,
            constant: Fr::ZERO,
            weight: Fr::ZERO,
            cell: Fr::ZERO,
            step: Step::None,
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

    /// Where each part lies when the pixels end before row `pixels`.
    pub fn layout(&self, pixels: usize) -> Layout {
        let looked_up = pixels + TABLE_ROWS;
        let bound = looked_up + self.looked_up.len();
        Layout { pixels, looked_up, bound, plain: bound + 1, end: bound + 1 + self.plain.len() }
    }

    /// What the lookup argument reads below the pixels, row by row: the tables, then the looked-up part. `samples` counts
    /// the bytes looked up by the pixels.
    pub fn entries(&self, samples: &[u64; 256]) -> Vec<Entry> {
        let looked_up: Vec<Fr> = self.looked_up.iter().map(|l| l.cell + l.constant * Fr::from(TAG)).collect();
        let mut counts: BTreeMap<Fr, u64> = table().zip(samples.iter().copied().chain([0; 2])).collect();
        for value in &looked_up {
            counts.entry(*value).and_modify(|count| *count += 1);
        }
        let rows = table().map(|value| Entry::Table { value, multiplicity: Fr::from(counts[&value]) });
        rows.chain(looked_up.into_iter().map(Entry::One)).collect()
    }

    /// Lays fixed cells and phase-0 cells. `entries` are those of [`Sheet::entries`].
    pub fn assign_cells(&self, c: &HornerConfig, region: &mut Region<'_, Fr>, layout: &Layout, entries: &[Entry]) {
        let mut fixed = |column, row, value: Fr| {
            if value != Fr::ZERO {
                region.assign_fixed(column, row, value);
            }
        };
        fixed(c.role, 0, Fr::from(Role::Bound as u64));
        fixed(c.role, layout.bound, Fr::from(Role::Bound as u64));
        for (row, value) in (layout.pixels..).zip(table()) {
            fixed(c.role, row, Fr::from(Role::Table as u64));
            fixed(c.weight, row, value);
        }
        for (row, line) in layout.rows(self) {
            fixed(c.constant, row, line.constant);
            fixed(c.weight, row, line.weight);
            fixed(c.step, row, Fr::from(line.step as u64));
            if row < layout.bound {
                fixed(c.role, row, Fr::from(Role::Lookup as u64));
            }
        }
        for (row, entry) in (layout.pixels..).zip(entries) {
            if let Entry::Table { multiplicity, .. } = entry {
                region.assign_advice(c.cell, row, Value::known(*multiplicity));
            }
        }
        for (row, line) in layout.rows(self) {
            region.assign_advice(c.cell, row, Value::known(line.cell));
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

    /// Lays phase-1 cells and every copy.
    pub fn assign_sums(
        &self,
        c: &HornerConfig,
        public: Column<Instance>,
        region: &mut Region<'_, Fr>,
        layout: &Layout,
        values: &Values,
    ) {
        let source = |wire| match wire {
            Wire::Public(row) => Cell { row_offset: row, column: Column::<Any>::from(public) },
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
    /// Pixels occupy rows `0..pixels`; the tables follow.
    pub pixels: usize,
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
    /// For a public input, which is no sum.
    pub fn row(&self, wire: Wire) -> usize {
        match wire {
            Wire::Pixel(row) => row,
            Wire::Line(Part::LookedUp, index) => self.looked_up + index,
            Wire::Line(Part::Plain, index) => self.plain + index,
            Wire::Public(_) => unreachable!("a public input has no row among the sums"),
        }
    }

    fn rows<'s>(&self, sheet: &'s Sheet) -> impl Iterator<Item = (usize, &'s Line)> + use<'s> {
        (self.looked_up..).zip(&sheet.looked_up).chain((self.plain..).zip(&sheet.plain))
    }
}

/// Phase-1 values by row.
#[derive(Debug)]
pub struct Values {
    sigma: Fr,
    public: Vec<Fr>,
    /// Horner sums.
    pub sums: Vec<Fr>,
    /// Factors.
    pub factors: Vec<Fr>,
}

impl Values {
    /// Nothing evaluated yet but the one on row 0.
    pub fn new(layout: &Layout, sigma: Fr, public: Vec<Fr>, forgery: &Forgery) -> Self {
        let mut sums = vec![Fr::ZERO; layout.end + 1];
        sums[0] = Fr::ONE + Forgery::of(&forgery.sum, 0);
        Self { sigma, public, sums, factors: vec![Fr::ZERO; layout.end] }
    }

    /// The value on a wire.
    pub fn get(&self, layout: &Layout, wire: Wire) -> Fr {
        match wire {
            Wire::Public(row) => self.public[row],
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

    /// A cell that nobody looks up is the prover's to choose, even against the field's wrap-around.
    #[test]
    fn the_median_is_the_one_free_cell_of_the_fingerprint() {
        let mut sheet = Sheet::default();
        let zero = sheet.zero();
        let coefficients: [i128; 256] = std::array::from_fn(|k| k as i128);
        let rows = bilinear::rows(&mut sheet, zero, &[[1; 16]; 5], 5);
        let bits = split::median_split(&mut sheet, zero, &rows, &SplitHint::of(&coefficients, 127));
        let hint = DistanceHint::of(Default::default(), Default::default(), 0);
        distance::within_tolerance(&mut sheet, zero, &bits, &hint);
        let free: Vec<_> = sheet.plain.iter().filter(|line| line.weight != Fr::ZERO).map(|line| line.cell).collect();
        assert_eq!(free, [Fr::from(127)]);
    }
}
