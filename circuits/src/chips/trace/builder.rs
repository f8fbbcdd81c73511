//! The trace builder: gadgets open accumulators at cells, add instructions, and get the cell of the result.
//!
//! A gadget never sees a row number: it names cells, and every cell that it names becomes a copy constraint.
use super::{CellRef, Instruction, LatentEntry, Layout, Lookup, Neuron, ONE, Part, TABLE_ROWS, TableRow, half};
use crate::chips::horner::Opcode;
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;

/// Instructions in two parts, in the order in which they were written.
#[derive(Clone, Debug, Default)]
pub struct TraceBuilder {
    pub(super) looked_up: Vec<Instruction>,
    pub(super) plain: Vec<Instruction>,
    pub(crate) order: Vec<(Part, usize)>,
    pub(crate) equal: Vec<(CellRef, CellRef)>,
    pub(super) tables: Vec<TableRow>,
    pub(super) latent: Vec<LatentEntry>,
    spans: Vec<Span>,
}

/// The instructions of one accumulator, under its label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// What the accumulator is for: `chip/purpose`.
    pub label: &'static str,
    /// Its part of the trace.
    pub part: Part,
    /// Its first instruction, counted in the part.
    pub first: usize,
    /// The instruction whose sum is its last.
    pub last: usize,
}

/// The accumulator being written; dropping it without [`Accumulator::end`] would lose its last sum.
#[must_use]
#[derive(Debug)]
pub struct Accumulator<'s> {
    builder: &'s mut TraceBuilder,
    part: Part,
    start: Option<CellRef>,
    label: &'static str,
    first: usize,
}

impl Accumulator<'_> {
    fn line(&mut self, step: Opcode, factor: CellRef, constant: Fr, weight: Fr, cell: Option<Fr>) {
        let tagged = self.part == Part::Plain || constant == Fr::ZERO || constant == half();
        assert!(tagged, "a looked-up line's constant is its tag: zero or one half");
        // an instruction without a cell looks up the byte or the bit zero
        self.push(step, factor, constant, weight, cell.unwrap_or(Fr::ZERO), Lookup::Pair);
    }

    fn push(&mut self, step: Opcode, factor: CellRef, constant: Fr, weight: Fr, cell: Fr, kind: Lookup) {
        let start = self.start.take();
        self.builder.push(self.part, Instruction { start, factor: Some(factor), constant, weight, cell, step, kind });
    }

    /// Multiplies by `sigma` if `shift`, then adds `factor * weight * cell`, the cell being the one written under `address`.
    pub fn read(&mut self, shift: bool, factor: CellRef, weight: Fr, address: u64, cell: Fr) {
        assert_eq!(self.part, Part::LookedUp, "only the looked-up part reads");
        let step = if shift { Opcode::Shift } else { Opcode::Add };
        self.push(step, factor, Fr::ZERO, weight, cell, Lookup::Read { address });
    }

    /// Multiplies by `sigma` if `shift`, then adds `factor * accumulator`, the accumulator of `neuron` under the table of this
    /// tag.
    pub fn neuron(&mut self, shift: bool, factor: CellRef, tag: Fr, accumulator: Fr, neuron: Neuron) {
        assert_eq!(self.part, Part::LookedUp, "only the looked-up part writes");
        assert_ne!(neuron.reads, 0, "a row of no reads is no neuron's");
        let step = if shift { Opcode::Shift } else { Opcode::Add };
        self.push(step, factor, tag, Fr::ONE, accumulator - tag, Lookup::Neuron(neuron));
    }

    /// Multiplies by a cell. Only in the plain part.
    pub fn scale(&mut self, factor: CellRef) {
        assert_eq!(self.part, Part::Plain, "a looked-up cell would be added");
        self.line(Opcode::Scale, factor, Fr::ZERO, Fr::ZERO, None);
    }

    /// Multiplies by `sigma` if `shift`, then adds `factor * cell`, the cell being free. Only in the plain part.
    pub fn add_free(&mut self, shift: bool, factor: CellRef, cell: Fr) {
        assert_eq!(self.part, Part::Plain, "only the plain part has free cells");
        self.line(if shift { Opcode::Shift } else { Opcode::Add }, factor, Fr::ZERO, Fr::ONE, Some(cell));
    }

    /// Adds `factor * constant`. In the looked-up part `constant` is one half.
    pub fn add(&mut self, factor: CellRef, constant: Fr) {
        self.line(Opcode::Add, factor, constant, Fr::ZERO, None);
    }

    /// Multiplies by `sigma`, then adds `factor * constant`. In the looked-up part `constant` is one half.
    pub fn shift(&mut self, factor: CellRef, constant: Fr) {
        self.line(Opcode::Shift, factor, constant, Fr::ZERO, None);
    }

    /// Adds `factor * weight * cell`; in the looked-up part `cell` is proved a byte, in the plain part it is free.
    pub fn add_cell(&mut self, factor: CellRef, weight: Fr, cell: Fr) {
        self.line(Opcode::Add, factor, Fr::ZERO, weight, Some(cell));
    }

    /// Adds `factor * (1/2 - bit)` for a cell proved 0 or 1. Only in the looked-up part.
    pub fn add_centred_bit(&mut self, factor: CellRef, bit: Fr) {
        assert_eq!(self.part, Part::LookedUp, "only the looked-up part proves a bit");
        self.line(Opcode::Add, factor, half(), -Fr::ONE, Some(bit));
    }

    /// Adds `factor * weight` if the flag is one: a row of the picture begins at the sum so far. Only in the looked-up part.
    pub fn row_start(&mut self, factor: CellRef, weight: Fr, flag: Fr) {
        assert_eq!(self.part, Part::LookedUp, "only the looked-up part writes");
        self.push(Opcode::Add, factor, Fr::ZERO, weight, flag, Lookup::RowStart);
    }

    /// The cell of the sum so far.
    pub fn here(&self) -> CellRef {
        CellRef::Instruction(self.part, self.builder.part(self.part).len())
    }

    /// Ends the accumulator: the cell of its sum.
    pub fn end(self) -> CellRef {
        let none = Instruction {
            start: self.start,
            factor: None,
            constant: Fr::ZERO,
            weight: Fr::ZERO,
            cell: Fr::ZERO,
            step: Opcode::None,
            kind: Lookup::Pair,
        };
        let end = self.builder.push(self.part, none);
        let (label, part, first, last) = (self.label, self.part, self.first, self.builder.part(self.part).len() - 1);
        self.builder.spans.push(Span { label, part, first, last });
        end
    }
}

impl TraceBuilder {
    /// Opens an accumulator whose first sum is a copy of `start`. The label is for whoever looks for its instructions.
    pub fn accumulator(&mut self, label: &'static str, part: Part, start: CellRef) -> Accumulator<'_> {
        let first = self.part(part).len();
        Accumulator { builder: self, part, start: Some(start), label, first }
    }

    /// The accumulators of a label, in the order of writing.
    pub fn spans<'s>(&'s self, label: &'s str) -> impl Iterator<Item = Span> + 's {
        self.spans.iter().copied().filter(move |span| span.label == label)
    }

    /// The cell of a sum that is zero.
    pub fn zero(&mut self) -> CellRef {
        let mut acc = self.accumulator("zero", Part::Plain, ONE);
        acc.add(ONE, -Fr::ONE);
        acc.end()
    }

    /// Sends `weight * factor` to an address, under a tag.
    pub fn send(&mut self, tag: u64, to: CellRef, weight: Fr, factor: CellRef) {
        let (constant, kind) = (Fr::from(tag), Lookup::Send);
        let (start, factor, cell, step) = (Some(to), Some(factor), Fr::ZERO, Opcode::None);
        self.push(Part::LookedUp, Instruction { start, factor, constant, weight, cell, step, kind });
    }

    /// Copies two sums, or a sum and a public input, onto each other.
    pub fn assert_equal(&mut self, a: CellRef, b: CellRef) {
        self.equal.push((a, b));
    }

    /// Lines written so far: a bound for [`TraceBuilder::evaluate`].
    pub fn written(&self) -> usize {
        self.order.len()
    }

    fn push(&mut self, part: Part, line: Instruction) -> CellRef {
        let lines = match part {
            Part::LookedUp => &mut self.looked_up,
            Part::Plain => &mut self.plain,
        };
        lines.push(line);
        let index = lines.len() - 1;
        self.order.push((part, index));
        CellRef::Instruction(part, index)
    }

    /// Rows that the trace and its tables take below the pixels, with the row of its last sum.
    pub fn rows(&self) -> usize {
        self.layout(0).end + 1
    }

    pub(crate) fn part(&self, part: Part) -> &[Instruction] {
        match part {
            Part::LookedUp => &self.looked_up,
            Part::Plain => &self.plain,
        }
    }

    /// Adds a model's tables and the entries of its latent.
    pub fn model(&mut self, tables: Vec<TableRow>, latent: Vec<LatentEntry>) {
        (self.tables, self.latent) = (tables, latent);
    }

    /// Where each part lies when the pixels end before row `pixels`.
    pub fn layout(&self, pixels: usize) -> Layout {
        let tables = pixels + self.latent.len();
        let looked_up = tables + TABLE_ROWS + self.tables.len();
        let bound = looked_up + self.looked_up.len();
        Layout { pixels, tables, looked_up, bound, plain: bound + 1, end: bound + 1 + self.plain.len() }
    }
}
