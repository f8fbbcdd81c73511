//! The sheet below the pixels: chains of lines, written by gadgets, laid in rows and evaluated here.
//!
//! A gadget never sees a row number. It opens a chain at a [`Wire`], adds lines to it and gets the wire of its end; the
//! sheet turns each wire into a copy constraint. The sheet has two parts, one after the other: the *looked-up* part,
//! where every line's pair `(constant, cell)` must be in the table, and the *plain* part, where cells are free.
//!
//! The table is the pairs `(0, byte)` and `(1/2, bit)`. So in the looked-up part a line's constant is also its tag: with
//! the constant 0 the cell is a byte, with one half it is a bit, and there are no other constants.
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

/// Rows of the two tables: 256 bytes, 2 bits.
pub const TABLE_ROWS: usize = 258;

/// One half: the tag of the bits.
pub fn half() -> Fr {
    Fr::from(2).invert().expect("2 is not 0")
}

/// The table's pairs of tag and value: every byte under zero, then the two bits under one half.
pub fn table() -> impl Iterator<Item = (Fr, Fr)> {
    let bytes = (0..256).map(|byte| (Fr::ZERO, Fr::from(byte)));
    bytes.chain([Fr::ZERO, Fr::ONE].map(|bit| (half(), bit)))
}

/// A pair of the table as one value: no other pair of phase-0 cells has it, but for one in `r` challenges.
fn tagged(sigma: Fr, (tag, value): (Fr, Fr)) -> Fr {
    value + sigma * tag
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
        let tagged = self.part == Part::Plain || constant == Fr::ZERO || constant == half();
        assert!(tagged, "a looked-up line's constant is its tag: zero or one half");
        let start = self.start.take();
        // a line without a cell looks up the byte or the bit zero
        let cell = cell.unwrap_or(Fr::ZERO);
        self.sheet.push(self.part, Line { start, factor: Some(factor), constant, weight, cell, step });
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

    /// How often each row of the table is looked up. `samples` counts the bytes looked up by the pixels.
    pub fn multiplicities(&self, samples: &[u64; 256]) -> Vec<Fr> {
        let mut counts: BTreeMap<_, u64> = table().zip(samples.iter().copied().chain([0; 2])).collect();
        for line in &self.looked_up {
            counts.entry((line.constant, line.cell)).and_modify(|count| *count += 1);
        }
        table().map(|pair| Fr::from(counts[&pair])).collect()
    }

    /// What the lookup argument reads below the pixels, row by row: the table with its `multiplicities`, then the
    /// looked-up part.
    pub fn entries<'s>(&'s self, multiplicities: &'s [Fr], sigma: Fr) -> impl Iterator<Item = Entry> + 's {
        let row = move |(pair, &multiplicity)| Entry::Table { value: tagged(sigma, pair), multiplicity };
        let line = move |line: &Line| Entry::One(tagged(sigma, (line.constant, line.cell)));
        table().zip(multiplicities).map(row).chain(self.looked_up.iter().map(line))
    }

    /// Lays fixed cells and phase-0 cells.
    pub fn assign_cells(&self, c: &HornerConfig, region: &mut Region<'_, Fr>, layout: &Layout, multiplicities: &[Fr]) {
        let mut fixed = |column, row, value: Fr| {
            if value != Fr::ZERO {
                region.assign_fixed(column, row, value);
            }
        };
        fixed(c.role, 0, Fr::from(Role::Bound as u64));
        fixed(c.role, layout.bound, Fr::from(Role::Bound as u64));
        for (row, (tag, value)) in (layout.pixels..).zip(table()) {
            fixed(c.role, row, Fr::from(Role::Table as u64));
            fixed(c.constant, row, tag);
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
        for (row, multiplicity) in (layout.pixels..).zip(multiplicities) {
            region.assign_advice(c.cell, row, Value::known(*multiplicity));
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

    #[test]
    fn the_table_is_the_bytes_and_the_bits() {
        let bytes = (0..=u8::MAX).map(|byte| (Fr::ZERO, Fr::from(u64::from(byte))));
        let bits = [(half(), Fr::ZERO), (half(), Fr::ONE)];
        assert_eq!(table().collect::<Vec<_>>(), bytes.chain(bits).collect::<Vec<_>>());
        assert_eq!(table().count(), TABLE_ROWS);
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
        distance::within_tolerance(&mut sheet, zero, &bits, &hint);
        let free: Vec<_> = sheet.plain.iter().filter(|line| line.weight != Fr::ZERO).map(|line| line.cell).collect();
        assert_eq!(free, [Fr::from(127)]);
    }
}
