//! A model in the trace: every neuron of a hidden inference follows from the latent and the committed weights.
//!
//! This gadget owns no column. It writes instructions into the trace and rows of weights into the program of
//! [`super::products`].
//!
//! # The monomials
//! With `C` at least the channels of every layer (a multiple of eight), `tau = sigma^C`. A channel at position `p < C` and the monomial
//! `n` of a layer's plane together have the monomial `sigma^p tau^n`; different pairs have different ones. In a plane of `w` columns
//! the position `(y, x)` has `n = w y + x`, where `w` is so wide that a product of polynomials does not carry from one row
//! into the next: so one variable does for two.
//!
//! # Layers are polynomial identities
//! For a product (dense and convolutional layers, see [`Product`]), with `X_ci = sum_i tau^(input_step i) x[ci][i]`:
//!
//! ```text
//! sum_co sigma^co ( sum_o tau^kept(o) y[co][o]  +  sum_j tau^j dropped[co][j] )
//!     = sum_m tau^(kernel_step m) sum_co sigma^co sum_ci X_ci w[co][ci][m]  +  sum_co sigma^co bias[co] sum_o tau^kept(o)
//! ```
//!
//! Both sides are polynomials in `sigma` fixed by phase-0 cells, so all their coefficients agree: at `kept(o)` the
//! coefficient says that `y[co][o]` is the layer's output and nothing else. What the product has at other monomials, where
//! cropping and striding drop it, is taken up by the free cells `dropped`, one for each monomial that is *not* kept. So a dropped cell can
//! hide nothing: it stands at no output's monomial.
//!
//! For sums and element-wise products the identity is the layer's formula, element by element under `sigma^c tau^e`.
//!
//! # Neurons
//! `constant + cell` of a neuron's row is its accumulator `y`. Two lookups say `0 <= rem < 2^shift` and that
//! `(y - rem, a)` is a row of the channel's table; as `(q, rem)` is unique for `y`, so is `a`. The row writes `a` under
//! the neuron's address; whoever uses it reads it there ([`super::logup`]). A read is a cell of its own, so the accumulators that
//! fold a layer's inputs know nothing of where they come from.
//!
//! A neuron that nobody reads has no row: its accumulator is one more dropped cell.
//!
//! # The error
//! The identities' degree in `sigma` is below `C (n_max + 1)`, both over all layers, less than `2^52`; with at most `2^12` layers a
//! false model is accepted for fewer than `2^64` of the `r` challenges, besides LogUp's share.
use super::{
    bilinear::signed,
    products::{Op, Program, WEIGHT_COLUMNS},
    trace::{
        Accumulator, CellRef, FIRST_ADDRESS, FIRST_TABLE, LatentEntry, Neuron, ONE, Part, RANGE_OFFSET, TableRow,
        TraceBuilder,
    },
};
use crate::statement::model::{Activations, Architecture, Layer, Map, Product, Source, Weights};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use std::collections::{BTreeMap, HashMap};

/// What the prover supplies; nothing of it is trusted.
#[derive(Clone)]
pub struct NetworkHint {
    /// Every neuron, the latent's entries first.
    pub neurons: Vec<Fr>,
    /// The accumulator of every neuron that is no latent's.
    pub accumulators: Vec<Fr>,
    /// What is left of each accumulator.
    pub remainders: Vec<Fr>,
    /// The full product of each layer, without biases.
    pub products: Vec<Vec<Fr>>,
    /// What is added to a read, by its number: empty for an honest prover.
    pub reads: BTreeMap<usize, Fr>,
}

impl std::fmt::Debug for NetworkHint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NetworkHint").field("neurons", &self.neurons.len()).finish_non_exhaustive()
    }
}

impl NetworkHint {
    /// The honest hint.
    pub fn of(architecture: &Architecture, activations: &Activations) -> Self {
        let mut remainders = Vec::new();
        for (layer, sums) in architecture.layers.iter().zip(&activations.accumulators) {
            let plane = layer.plane();
            let table = |e: usize| &architecture.tables[layer.tables[e / plane] as usize];
            remainders.extend(sums.iter().enumerate().map(|(e, &sum)| signed(table(e).remainder(sum))));
        }
        Self {
            neurons: activations.neurons.iter().map(|&neuron| signed(i64::from(neuron))).collect(),
            accumulators: activations.accumulators.iter().flatten().map(|&sum| signed(sum)).collect(),
            remainders,
            products: activations.products.iter().map(|full| full.iter().map(|&sum| signed(sum)).collect()).collect(),
            reads: BTreeMap::new(),
        }
    }

    /// A witness of nothing, for key generation.
    pub fn blank(architecture: &Architecture) -> Self {
        let neurons = architecture.neurons();
        let computed = neurons - architecture.latent as usize;
        let full = |layer: &Layer| match &layer.map {
            Map::Product(product) => vec![Fr::ZERO; layer.shape[0] as usize * Plane::of(product, layer).monomials],
            _ => vec![],
        };
        Self {
            neurons: vec![Fr::ZERO; neurons],
            accumulators: vec![Fr::ZERO; computed],
            remainders: vec![Fr::ZERO; computed],
            products: architecture.layers.iter().map(full).collect(),
            reads: BTreeMap::new(),
        }
    }
}

/// The address of a neuron, as a tag.
pub fn address(neuron: u32) -> u64 {
    FIRST_ADDRESS + u64::from(neuron)
}

/// The tag of a table.
fn tag(table: u32) -> Fr {
    Fr::from(FIRST_TABLE + u64::from(table))
}

/// Rows of a model's tables: for each table its pairs, then the range of its remainders.
fn tables(architecture: &Architecture) -> Vec<TableRow> {
    let mut rows = Vec::new();
    for (index, table) in (0u32..).zip(&architecture.tables) {
        let tag = tag(index);
        for (q, &value) in (i64::from(table.first)..).zip(&table.outputs) {
            let second = signed((q << table.shift) - table.half()) - tag;
            rows.push(TableRow { tag, value: signed(i64::from(value)), second });
        }
        let range = tag + Fr::from(RANGE_OFFSET);
        rows.extend((0..1u64 << table.shift).map(|v| TableRow { tag: range, value: Fr::from(v), second: Fr::ZERO }));
    }
    rows
}

/// The monomials of a product's plane.
struct Plane {
    columns: usize,
    monomials: usize,
}

impl Plane {
    fn of(product: &Product, layer: &Layer) -> Self {
        let [rows, columns] = product.full([layer.shape[1], layer.shape[2]]);
        Self { columns, monomials: rows * columns }
    }

    fn at(&self, [y, x]: [usize; 2]) -> usize {
        y * self.columns + x
    }
}

/// Up to eight output channels of one group: those whose weights share a row.
#[derive(Clone, Copy, Debug)]
struct Block {
    first_output: usize,
    outputs: usize,
    first_input: usize,
}

fn blocks(product: &Product, layer: &Layer) -> Vec<Block> {
    let groups = product.groups as usize;
    let (outputs, inputs) = (layer.shape[0] as usize / groups, product.group_inputs());
    let of = move |group: usize| {
        (0..outputs).step_by(WEIGHT_COLUMNS).map(move |first| Block {
            first_output: group * outputs + first,
            outputs: WEIGHT_COLUMNS.min(outputs - first),
            first_input: group * inputs,
        })
    };
    (0..groups).flat_map(of).collect()
}

/// The position of each output channel: eight to a block.
fn positions(layer: &Layer) -> Vec<usize> {
    match &layer.map {
        Map::Product(product) => {
            let blocks = blocks(product, layer);
            let of = |(at, block): (usize, &Block)| (0..block.outputs).map(move |j| at * WEIGHT_COLUMNS + j);
            blocks.iter().enumerate().flat_map(of).collect()
        }
        _ => (0..layer.shape[0] as usize).collect(),
    }
}

/// A row of a layer's part of the program, in the order of falling monomials.
enum Row {
    /// From one block to the one before it.
    Block,
    /// From the first block at one position of the kernel to the last block at the position before it, so many
    /// monomials lower.
    Position { monomials: usize },
    /// The weights of a block for an input channel, at a position of the kernel.
    Weights { block: usize, input: usize, at: usize },
    /// The block's biases.
    Bias { block: usize },
}

/// The program of a product layer, as its weights and its cells both follow it.
fn schedule(product: &Product, layer: &Layer, blocks: &[Block], mut row: impl FnMut(Row)) {
    let plane = Plane::of(product, layer);
    let width = product.kernel[1] as usize;
    let step = product.kernel_step.map(|step| step as usize);
    let monomial = |at: usize| plane.at([at / width * step[0], at % width * step[1]]);
    let mut above = None;
    for at in (0..product.kernel[0] as usize * width).rev() {
        if let Some(above) = above.replace(monomial(at)) {
            row(Row::Position { monomials: above - monomial(at) });
        }
        for block in (0..blocks.len()).rev() {
            if block + 1 < blocks.len() {
                row(Row::Block);
            }
            (0..product.group_inputs()).for_each(|input| row(Row::Weights { block, input, at }));
            if at == 0 {
                row(Row::Bias { block });
            }
        }
    }
}

/// The committed weights, row by row of the program: what stands in each of the eight columns.
///
/// One row more than the program has: the last one holds a one in each column, so that no column is all zeros and its
/// commitment always a point.
pub fn weight_columns(architecture: &Architecture, weights: &[Option<Weights>]) -> [Vec<i32>; WEIGHT_COLUMNS] {
    let mut columns: [Vec<i32>; WEIGHT_COLUMNS] = Default::default();
    let mut push = |weights: &dyn Fn(usize) -> i32| {
        columns.iter_mut().enumerate().for_each(|(j, column)| column.push(weights(j)));
    };
    push(&|_| 0); // the program's first row: Close
    for (layer, weights) in architecture.layers.iter().zip(weights) {
        let (Map::Product(product), Some(weights)) = (&layer.map, weights) else { continue };
        let blocks = blocks(product, layer);
        let positions = product.kernel[0] as usize * product.kernel[1] as usize;
        schedule(product, layer, &blocks, |row| match row {
            Row::Block | Row::Position { .. } => push(&|_| 0),
            Row::Weights { block, input, at } => push(&|j| match blocks[block] {
                Block { outputs, first_output, .. } if j < outputs => {
                    let kernel = &weights.kernel[(first_output + j) * product.kernel_len()..];
                    i32::from(kernel[input * positions + at])
                }
                _ => 0,
            }),
            Row::Bias { block } => push(&|j| match blocks[block] {
                Block { outputs, first_output, .. } if j < outputs => weights.bias[first_output + j],
                _ => 0,
            }),
        });
        push(&|_| 0); // Close
    }
    push(&|_| 1);
    columns
}

/// Rows of the program: the same for every model of the architecture.
pub fn program_rows(architecture: &Architecture) -> usize {
    let of = |layer: &Layer| {
        let mut rows = 0;
        if let Map::Product(product) = &layer.map {
            schedule(product, layer, &blocks(product, layer), |_| rows += 1);
            rows += 1;
        }
        rows
    };
    1 + architecture.layers.iter().map(of).sum::<usize>()
}

/// A sum over channels by Horner's rule, from the last position to the first.
struct Channels<'s> {
    acc: Accumulator<'s>,
    shifts: usize,
    position: Option<usize>,
}

impl<'s> Channels<'s> {
    fn new(builder: &'s mut TraceBuilder, label: &'static str, part: Part, zero: CellRef) -> Self {
        Self { acc: builder.accumulator(label, part, zero), shifts: 0, position: None }
    }

    /// The channel at this position comes next.
    fn enter(&mut self, position: usize) {
        self.shifts += self.position.replace(position).map_or(0, |above| above - position);
    }

    /// One instruction; it multiplies by `sigma` first if it is told so.
    fn line(&mut self, line: impl FnOnce(&mut Accumulator<'s>, bool)) {
        let shift = self.shifts > 0;
        self.skip(1);
        line(&mut self.acc, shift);
    }

    fn skip(&mut self, but: usize) {
        for _ in but..self.shifts {
            self.acc.shift(ONE, Fr::ZERO);
        }
        self.shifts = 0;
    }

    fn end(mut self) -> CellRef {
        self.enter(0);
        self.skip(0);
        self.acc.end()
    }
}

/// The writer of one model.
struct Writer<'a> {
    builder: &'a mut TraceBuilder,
    program: &'a mut Program,
    hint: &'a NetworkHint,
    reads: Vec<u32>,
    zero: CellRef,
    sigma: Vec<CellRef>,
    tau: Vec<CellRef>,
    read: usize,
}

/// Writes a model: its tables, latent, neurons and weights.
///
/// # Trust
/// Takes: `zero`, the cell of a sum that is zero; that the claim reads each of the picture's samples exactly once for
/// each channel of its pixels, by [`address`]. Gives: every neuron is the model's for the latent under the addresses, for
/// the weights that [`weight_columns`] lays.
pub fn network(
    builder: &mut TraceBuilder,
    program: &mut Program,
    zero: CellRef,
    architecture: &Architecture,
    hint: &NetworkHint,
) {
    let channels = architecture.layers.iter().filter_map(|layer| positions(layer).last().copied()).max().unwrap_or(0);
    let channels = (channels + 1).next_multiple_of(WEIGHT_COLUMNS);
    let monomials = architecture.layers.iter().map(|layer| match &layer.map {
        Map::Product(product) => Plane::of(product, layer).monomials,
        _ => layer.plane(),
    });
    let monomials = monomials.max().unwrap_or(1);

    let mut acc = builder.accumulator("network/power of sigma", Part::Plain, ONE);
    let mut sigma = Vec::with_capacity(channels + 1);
    for _ in 0..channels {
        sigma.push(acc.here());
        acc.shift(ONE, Fr::ZERO);
    }
    sigma.push(acc.end());
    let mut acc = builder.accumulator("network/power of tau", Part::Plain, ONE);
    let mut tau = Vec::with_capacity(monomials);
    for _ in 1..monomials {
        tau.push(acc.here());
        acc.scale(sigma[channels]);
    }
    tau.push(acc.end());

    let mut reads = architecture.reads();
    let latent = architecture.latent as usize;
    let unread: Vec<u32> = (0..architecture.latent).filter(|&entry| reads[entry as usize] == 0).collect();
    unread.iter().for_each(|&entry| reads[entry as usize] = 1);
    let entries = (0..latent).map(|entry| LatentEntry {
        address: FIRST_ADDRESS + entry as u64,
        reads: reads[entry],
        value: hint.neurons[entry],
    });
    builder.model(tables(architecture), entries.collect());

    let mut writer = Writer { builder, program, hint, reads, zero, sigma, tau, read: 0 };
    // an entry that no layer reads is read here, and multiplied by zero: its row must take part in the lookup sum
    if !unread.is_empty() {
        let mut acc = writer.builder.accumulator("network/unread entries", Part::LookedUp, zero);
        for &entry in &unread {
            acc.read(false, zero, Fr::ONE, address(entry), hint.neurons[entry as usize]);
        }
        let _ = acc.end();
    }
    writer.program.push(Op::Close(zero));
    let mut first = latent;
    for (layer, product) in architecture.layers.iter().zip(&hint.products) {
        writer.layer(layer, first, latent, product);
        first += layer.len();
    }
}

impl Writer<'_> {
    /// The cell that reads a neuron.
    fn read_cell(&mut self, neuron: u32) -> Fr {
        let forged = self.hint.reads.get(&self.read).copied().unwrap_or(Fr::ZERO);
        self.read += 1;
        self.hint.neurons[neuron as usize] + forged
    }

    fn layer(&mut self, layer: &Layer, first: usize, latent: usize, full: &[Fr]) {
        match &layer.map {
            Map::Product(product) => {
                let inputs = self.inputs(product, layer);
                let total = self.outputs(product, layer, first, latent, full);
                self.weights(product, layer, &inputs, total);
            }
            Map::Sum(terms) => {
                let terms: Vec<(Fr, Vec<Source>)> =
                    terms.iter().map(|(c, view)| (signed(i64::from(*c)), view.sources().collect())).collect();
                self.elementwise(layer, first, latent, |writer, e| {
                    let mut found = Vec::with_capacity(terms.len());
                    for (coefficient, sources) in &terms {
                        found.push(match sources[e] {
                            Source::Constant(value) => Term::Constant(*coefficient * signed(i64::from(value))),
                            Source::Neuron(neuron) => Term::Read(None, *coefficient, neuron, writer.read_cell(neuron)),
                        });
                    }
                    found
                });
            }
            Map::Mul(left, right) => {
                let pairs: Vec<(Source, Source)> = left.sources().zip(right.sources()).collect();
                let plane = layer.plane();
                self.elementwise(layer, first, latent, |writer, e| {
                    let factor = writer.tau[e % plane];
                    let (left, right) = pairs[e];
                    // tau^e times the left factor
                    let scaled = match left {
                        Source::Neuron(neuron) => {
                            let cell = writer.read_cell(neuron);
                            let mut acc =
                                writer.builder.accumulator("network/scaled read", Part::LookedUp, writer.zero);
                            acc.read(false, factor, Fr::ONE, address(neuron), cell);
                            acc.end()
                        }
                        Source::Constant(value) => {
                            let mut acc =
                                writer.builder.accumulator("network/scaled constant", Part::Plain, writer.zero);
                            acc.add(factor, signed(i64::from(value)));
                            acc.end()
                        }
                    };
                    vec![match right {
                        Source::Neuron(neuron) => Term::Read(Some(scaled), Fr::ONE, neuron, writer.read_cell(neuron)),
                        Source::Constant(value) => Term::Scaled(scaled, signed(i64::from(value))),
                    }]
                });
            }
        }
    }

    /// The cells `X_ci`.
    fn inputs(&mut self, product: &Product, layer: &Layer) -> Vec<CellRef> {
        let plane = Plane::of(product, layer);
        let [channels, height, width] = product.input_shape.map(|side| side as usize);
        let step = product.input_step.map(|step| step as usize);
        let monomial = |i: usize| plane.at([i / width * step[0], i % width * step[1]]);
        let sources: Vec<Source> = product.input.sources().collect();
        let mut wires = Vec::with_capacity(channels);
        for channel in sources.chunks(height * width) {
            let mut cells = Vec::with_capacity(channel.len());
            for (i, source) in channel.iter().enumerate() {
                if let Source::Neuron(neuron) = *source {
                    cells.push((i, neuron, self.read_cell(neuron)));
                }
            }
            let mut acc = self.builder.accumulator("network/input", Part::LookedUp, self.zero);
            for (i, neuron, cell) in cells {
                acc.read(false, self.tau[monomial(i)], Fr::ONE, address(neuron), cell);
            }
            let mut wire = acc.end();
            let constant = |source: &Source| match *source {
                Source::Constant(value) if value != 0 => Some(signed(i64::from(value))),
                _ => None,
            };
            if channel.iter().any(|source| constant(source).is_some()) {
                let mut acc = self.builder.accumulator("network/constant input", Part::Plain, wire);
                for (i, value) in channel.iter().enumerate().filter_map(|(i, source)| Some((i, constant(source)?))) {
                    acc.add(self.tau[monomial(i)], value);
                }
                wire = acc.end();
            }
            wires.push(wire);
        }
        wires
    }

    /// The left side of a product's identity: outputs and dropped.
    fn outputs(&mut self, product: &Product, layer: &Layer, first: usize, latent: usize, full: &[Fr]) -> CellRef {
        let plane = Plane::of(product, layer);
        let (outputs, width) = (layer.plane(), layer.shape[2] as usize);
        let kept: HashMap<usize, usize> = (0..outputs).map(|o| (plane.at(product.kept(o, width)), o)).collect();
        let positions = positions(layer);
        let mut channels = Channels::new(self.builder, "network/live outputs", Part::LookedUp, self.zero);
        for (co, &position) in positions.iter().enumerate().rev() {
            channels.enter(position);
            for o in 0..outputs {
                let factor = self.tau[plane.at(product.kept(o, width))];
                let neuron = first + co * outputs + o;
                if let Some(line) = neuron_line(self.hint, &self.reads, layer.tables[co], neuron, latent) {
                    channels.line(|acc, shift| line(acc, shift, factor));
                }
            }
        }
        let total = channels.end();
        let dead = |neuron: usize| self.reads[neuron] == 0;
        let neurons = first..first + layer.len();
        if plane.monomials == kept.len() && !neurons.clone().any(dead) {
            return total;
        }
        let mut channels = Channels::new(self.builder, "network/dropped coefficients", Part::Plain, self.zero);
        for (co, &position) in positions.iter().enumerate().rev() {
            channels.enter(position);
            for n in 0..plane.monomials {
                let cell = match kept.get(&n) {
                    None => full[co * plane.monomials + n],
                    Some(o) if self.reads[first + co * outputs + o] == 0 => {
                        self.hint.accumulators[first + co * outputs + o - latent]
                    }
                    Some(_) => continue,
                };
                channels.line(|acc, shift| acc.add_free(shift, self.tau[n], cell));
            }
        }
        let dropped = channels.end();
        let mut acc = self.builder.accumulator("network/outputs", Part::Plain, total);
        acc.add(dropped, Fr::ONE);
        acc.end()
    }

    /// The right side of a product's identity, closed against the left one.
    fn weights(&mut self, product: &Product, layer: &Layer, inputs: &[CellRef], total: CellRef) {
        let plane = Plane::of(product, layer);
        let width = layer.shape[2] as usize;
        let mut acc = self.builder.accumulator("network/biases", Part::Plain, self.zero);
        for o in 0..layer.plane() {
            acc.add(self.tau[plane.at(product.kept(o, width))], Fr::ONE);
        }
        let ones = acc.end();
        let blocks = blocks(product, layer);
        // from sigma^0 tau^n to the last block's position at tau^(n - 1)
        let back = self.sigma[self.sigma.len() - 1 - WEIGHT_COLUMNS * (blocks.len() - 1)];
        let mut jumps: HashMap<usize, CellRef> = HashMap::new();
        let (builder, program, tau) = (&mut *self.builder, &mut *self.program, &self.tau);
        let next_block = self.sigma[WEIGHT_COLUMNS.min(self.sigma.len() - 1)];
        schedule(product, layer, &blocks, |row| match row {
            Row::Block => program.push(Op::Scale(next_block)),
            Row::Position { monomials } => {
                let wire = jumps.entry(monomials).or_insert_with(|| {
                    let mut acc = builder.accumulator("network/step back", Part::Plain, tau[monomials - 1]);
                    acc.scale(back);
                    acc.end()
                });
                program.push(Op::Scale(*wire));
            }
            Row::Weights { block, input, .. } => program.push(Op::Add(inputs[blocks[block].first_input + input])),
            Row::Bias { .. } => program.push(Op::Add(ones)),
        });
        program.push(Op::Close(total));
    }

    /// A layer whose identity is `sum (y - terms) = 0`, element by element.
    fn elementwise(
        &mut self,
        layer: &Layer,
        first: usize,
        latent: usize,
        mut terms: impl FnMut(&mut Self, usize) -> Vec<Term>,
    ) {
        let plane = layer.plane();
        // terms may write instructions of their own, so they come first
        let terms: Vec<Vec<Term>> = (0..layer.len()).map(|e| terms(self, e)).collect();
        let (mut looked_up, mut plain) = (Vec::new(), Vec::new());
        for (e, terms) in terms.into_iter().enumerate() {
            for term in terms {
                if let Term::Read(..) = term { looked_up.push((e, term)) } else { plain.push((e, term)) }
            }
        }
        let of_channel = |all: &[(usize, Term)], c: usize| {
            let from = all.partition_point(|(e, _)| *e < c * plane);
            let to = all.partition_point(|(e, _)| *e < (c + 1) * plane);
            from..to
        };
        let mut channels = Channels::new(self.builder, "network/elements", Part::LookedUp, self.zero);
        for c in (0..layer.shape[0] as usize).rev() {
            channels.enter(c);
            for o in 0..plane {
                let neuron = first + c * plane + o;
                if let Some(line) = neuron_line(self.hint, &self.reads, layer.tables[c], neuron, latent) {
                    channels.line(|acc, shift| line(acc, shift, self.tau[o]));
                }
            }
            for &(e, term) in &looked_up[of_channel(&looked_up, c)] {
                let Term::Read(scaled, weight, neuron, cell) = term else { continue };
                let factor = scaled.unwrap_or(self.tau[e % plane]);
                channels.line(|acc, shift| acc.read(shift, factor, -weight, address(neuron), cell));
            }
        }
        let total = channels.end();
        let mut channels = Channels::new(self.builder, "network/constants and unread", Part::Plain, self.zero);
        for c in (0..layer.shape[0] as usize).rev() {
            channels.enter(c);
            for o in 0..plane {
                let neuron = first + c * plane + o;
                if self.reads[neuron] == 0 {
                    let cell = self.hint.accumulators[neuron - latent];
                    channels.line(|acc, shift| acc.add_free(shift, self.tau[o], cell));
                }
            }
            for &(e, term) in &plain[of_channel(&plain, c)] {
                let (factor, value) = match term {
                    Term::Constant(value) => (self.tau[e % plane], value),
                    Term::Scaled(factor, value) => (factor, value),
                    Term::Read(..) => continue,
                };
                channels.line(|acc, shift| if shift { acc.shift(factor, -value) } else { acc.add(factor, -value) });
            }
        }
        let rest = channels.end();
        let mut acc = self.builder.accumulator("network/difference", Part::Plain, total);
        acc.add(rest, Fr::ONE);
        let difference = acc.end();
        self.builder.assert_equal(difference, self.zero);
    }
}

/// A term of an element-wise layer.
#[derive(Clone, Copy)]
enum Term {
    /// A constant under the element's own monomial.
    Constant(Fr),
    /// A constant times a cell.
    Scaled(CellRef, Fr),
    /// The cell, or the element's own monomial, times a weight times the cell that reads a neuron.
    Read(Option<CellRef>, Fr, u32, Fr),
}

/// The instruction of a neuron; `None` where nobody reads it.
fn neuron_line<'s>(
    hint: &NetworkHint,
    reads: &[u32],
    table: u32,
    neuron: usize,
    latent: usize,
) -> Option<impl FnOnce(&mut Accumulator<'s>, bool, CellRef) + use<'s>> {
    let reads = reads[neuron];
    let cells = Neuron {
        address: FIRST_ADDRESS + neuron as u64,
        reads,
        remainder: hint.remainders[neuron - latent],
        value: hint.neurons[neuron],
    };
    let accumulator = hint.accumulators[neuron - latent];
    (reads > 0).then_some(move |acc: &mut Accumulator<'s>, shift, factor| {
        acc.neuron(shift, factor, tag(table), accumulator, cells);
    })
}
