//! G1 to G3: the picture is what the model makes of the latent, with the committed weights.
//!
//! For each neuron that a circuit writes, exactly these relations hold, `a` its cell, `y'` and `rem` cells of its own:
//!
//! ```text
//! y' + d = the layer's formula, over the cells of earlier neurons and the committed weights       d a constant
//! (a, y' - rem + e) is a row of { (T[q], (q << shift) - half - d + e) }                           e a constant
//! rem is in 0..2^shift
//! ```
//!
//! So `y = y' + d` is the accumulator, `y + half = (q << shift) + rem` and `a = T[q]`. Formulas are written down here from
//! the definition of a layer in the statement, tables too; entries of the latent are bytes less 128, and a pixel's samples read the
//! neurons that the architecture names.
use super::{Clause, Reading, numbers, row};
use crate::{
    Fault,
    lookups::Form,
    poly::{Mono, Var},
    solved::{coefficient, collected, scaled},
};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use veilmark_statement::model::{Architecture, Layer, Map, Product, Source, Table};

/// Where the weights of a layer stand in the committed columns: column and row among them.
#[derive(Clone, Debug, Default)]
pub struct LayerPlaces {
    /// As `Weights::kernel`.
    pub kernel: Vec<(usize, usize)>,
    /// As `Weights::bias`.
    pub bias: Vec<(usize, usize)>,
}

/// Where a model's weights are committed.
#[derive(Clone, Debug)]
pub struct Places {
    /// Layer by layer; nothing where a layer has none.
    pub layers: Vec<LayerPlaces>,
    /// Rows of weights in each column; a row of ones and the salts follow.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
}

/// The committed columns of a claim with a model.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    /// The latent's, whose entries stand after the pixels' rows.
    pub latent: usize,
    /// The weights' first.
    pub weights: usize,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Network {
    architecture: Arc<Architecture>,
    places: Arc<Places>,
    columns: Columns,
    rows: usize,
    /// Cells of columns of weights that hold one.
    used: HashSet<Var>,
}

impl Network {
    /// The clauses of a model of this architecture, in a circuit of so many rows.
    pub fn new(architecture: Arc<Architecture>, places: Arc<Places>, columns: Columns, rows: usize) -> Self {
        let mut network = Self { architecture, places, columns, rows, used: HashSet::new() };
        let places = network.places.clone();
        let all = places.layers.iter().flat_map(|layer| layer.kernel.iter().chain(&layer.bias));
        network.used = all.map(|&place| network.weight(place)).collect();
        network
    }

    fn weight(&self, (column, row): (usize, usize)) -> Var {
        (1 + (self.columns.weights + column) * self.rows + row) as Var
    }

    fn pixels(&self) -> usize {
        self.architecture.width as usize * self.architecture.height as usize
    }

    /// The latent's entries, and the tag of the first one's address.
    fn latent(&self, reading: &mut Reading<'_>) -> Result<Fr, Fault> {
        let cell = |entry: usize| reading.solved.cells.advice(self.columns.latent, self.pixels() + entry);
        let cells: Vec<Var> = (0..self.architecture.latent as usize).map(cell).collect();
        let first = reading.tag_of(cells[0]).ok_or_else(|| Fault::new("the latent's first entry is not written"))?;
        let bytes = numbers(256);
        for (entry, &cell) in cells.iter().enumerate() {
            if reading.tag_of(cell) != Some(first + Fr::from(entry as u64)) {
                return Err(Fault::new(format!("entry {entry} of the latent is not written under its address")));
            }
            let byte = vec![(Mono::ONE, Fr::from(128)), (Mono::var(cell), Fr::ONE)];
            reading.only_member(cell, "an entry of the latent", &byte, &bytes)?;
            reading.role(cell, "an entry of the latent")?;
        }
        Ok(first)
    }

    /// What a layer's accumulator is.
    fn formula(
        &self,
        layer: &Prepared<'_>,
        output: usize,
        cell: &impl Fn(u32) -> Result<Var, Fault>,
    ) -> Result<Form, Fault> {
        let mut terms = Vec::new();
        let mut source = |source: Source, factor: Mono, by: Fr| {
            terms.push(match source {
                Source::Neuron(neuron) => (factor.times(Mono::var(cell(neuron)?))?, by),
                Source::Constant(value) => (factor, by * signed(i64::from(value))),
            });
            Ok::<_, Fault>(())
        };
        match &layer.layer.map {
            Map::Product(product) => {
                let plane = layer.layer.plane();
                let (channel, at) = (output / plane, output % plane);
                for (weight, input) in terms_of(product, layer.layer, channel, at) {
                    let weight = Mono::var(self.weight(layer.places.kernel[weight]));
                    source(layer.sources[0][input], weight, Fr::ONE)?;
                }
                terms.push((Mono::var(self.weight(layer.places.bias[channel])), Fr::ONE));
            }
            Map::Sum(coefficients) => {
                for ((by, _), sources) in coefficients.iter().zip(&layer.sources) {
                    source(sources[output], Mono::ONE, signed(i64::from(*by)))?;
                }
            }
            Map::Mul(..) => {
                let [left, right] = [0, 1].map(|side: usize| layer.sources[side][output]);
                match left {
                    Source::Neuron(neuron) => source(right, Mono::var(cell(neuron)?), Fr::ONE)?,
                    Source::Constant(value) => source(right, Mono::ONE, signed(i64::from(value)))?,
                }
            }
        }
        Ok(collected(terms.into_iter()))
    }

    /// Takes everything that is said of one neuron.
    fn neuron(&self, reading: &mut Reading<'_>, known: &mut Known, this: &Neuron<'_>) -> Result<(), Fault> {
        let Neuron { number, cell, table, ref formula } = *this;
        let what = |what: &str| format!("neuron {number}: {what}");
        if reading.is_given(cell) {
            return Err(Fault::new(what("its cell is given")));
        }
        reading.role(cell, "a neuron")?;
        let [member] = *reading.members(cell) else {
            return Err(Fault::new(what("its cell is not looked up once")));
        };
        let activation = &reading.solved.members[member as usize];
        let refuse = |text: &str| Fault::new(what(text)).at(activation.row, "");
        let plain = |form: Option<&Form>| form == Some(&vec![(Mono::var(cell), Fr::ONE)]);
        let second = activation.value.get(&2);
        if !plain(activation.value.get(&0)) || activation.value.keys().any(|power| ![0, 2].contains(power)) {
            return Err(refuse("its activation is looked up otherwise"));
        }
        // accumulator less remainder, and a constant
        let second = second.ok_or_else(|| refuse("its accumulator is not looked up"))?;
        let one_of = |value: Fr| {
            second.iter().find(|(mono, c)| *c == value && mono.degree() == 1).and_then(|(mono, _)| mono.single())
        };
        let (Some(sum), Some(remainder)) = (one_of(Fr::ONE), one_of(-Fr::ONE)) else {
            return Err(refuse("no accumulator less a remainder is looked up"));
        };
        let extra = coefficient(second, Mono::ONE);
        let expected = [(Mono::ONE, extra), (Mono::var(sum), Fr::ONE), (Mono::var(remainder), -Fr::ONE)];
        if *second != collected(expected.into_iter()) {
            return Err(refuse("more than its accumulator less its remainder is looked up"));
        }
        for (cell, role) in [(sum, "an accumulator"), (remainder, "a remainder")] {
            if reading.is_given(cell) || reading.tag_of(cell).is_some() {
                return Err(refuse(&format!("{role} is given, or a neuron")));
            }
            reading.role(cell, role)?;
        }
        // the remainder's range
        let ranges: Vec<u32> = reading.members(remainder).iter().copied().filter(|&other| other != member).collect();
        let [range] = ranges[..] else { return Err(refuse("its remainder is not in one range")) };
        let found = &reading.solved.members[range as usize];
        let in_range = found.value.len() == 1 && found.value.get(&0) == Some(&vec![(Mono::var(remainder), Fr::ONE)]);
        if !in_range || !known.range(reading, found.tag, table.shift) {
            return Err(refuse("its remainder is in another range"));
        }
        if reading.members(sum) != [member] {
            return Err(refuse("its accumulator is looked up twice"));
        }
        reading.take_member(member)?;
        reading.take_member(range)?;
        // the formula, but for a constant
        let equation = reading.only_equation(sum, &what("its accumulator"))?;
        let form = reading.form(equation);
        let inverse = Option::<Fr>::from(coefficient(form, Mono::var(sum)).invert());
        let inverse = inverse.ok_or_else(|| reading.fault(equation, what("its accumulator does not stand alone")))?;
        let form = scaled(form, inverse);
        let constant = coefficient(&form, Mono::ONE) + coefficient(formula, Mono::ONE);
        let mut expected = scaled(formula, -Fr::ONE);
        expected.extend([(Mono::var(sum), Fr::ONE), (Mono::ONE, constant)]);
        reading.take_equation(equation, &form, &collected(expected.into_iter()), &what("its formula"))?;
        if !known.table(reading, activation.tag, table, constant, extra) {
            return Err(refuse("its table is not the architecture's"));
        }
        Ok(())
    }

    /// Whether every term holds exactly one cell of the rows of weights that no weight stands in.
    fn is_unused(&self, form: &Form) -> bool {
        let unused = |var: Var| {
            let (column, row) = ((var as usize - 1) / self.rows, (var as usize - 1) % self.rows);
            let weights = self.columns.weights..self.columns.weights + self.places.columns;
            weights.contains(&column) && row < self.places.rows && !self.used.contains(&var)
        };
        form.iter().all(|(mono, _)| mono.vars().filter(|&var| unused(var)).count() == 1)
    }
}

/// A layer with what is looked up often.
struct Prepared<'a> {
    layer: &'a Layer,
    places: &'a LayerPlaces,
    sources: Vec<Vec<Source>>,
}

struct Neuron<'a> {
    number: usize,
    cell: Var,
    table: &'a Table,
    formula: Form,
}

/// Tables that were compared already.
#[derive(Default)]
struct Known {
    ranges: HashSet<(Fr, u8)>,
    tables: HashSet<(Fr, *const Table, Fr, Fr)>,
}

impl Known {
    fn range(&mut self, reading: &Reading<'_>, tag: Fr, shift: u8) -> bool {
        self.ranges.contains(&(tag, shift)) || {
            let same = reading.solved.tables[&tag] == numbers(1 << shift);
            same && self.ranges.insert((tag, shift))
        }
    }

    fn table(&mut self, reading: &Reading<'_>, tag: Fr, table: &Table, constant: Fr, extra: Fr) -> bool {
        let key = (tag, std::ptr::from_ref(table), constant, extra);
        self.tables.contains(&key) || {
            let quotients = i64::from(table.first)..;
            let rows = quotients.zip(&table.outputs).map(|(q, &output)| {
                let second = signed((q << table.shift) - table.half()) - constant + extra;
                row(&[(0, signed(i64::from(output))), (2, second)])
            });
            reading.solved.tables[&tag] == rows.collect() && self.tables.insert(key)
        }
    }
}

/// The weights and the inputs that an output of a product multiplies, from the definition of [`Product`].
fn terms_of(product: &Product, layer: &Layer, channel: usize, output: usize) -> Vec<(usize, usize)> {
    let [inputs, height, width] = product.input_shape.map(|side| side as usize);
    let of_group = inputs / product.groups as usize;
    let group = channel / (layer.shape[0] as usize / product.groups as usize);
    let o = [output / layer.shape[2] as usize, output % layer.shape[2] as usize];
    let positions = product.kernel.map(|side| side as usize);
    let mut terms = Vec::new();
    for ci in 0..of_group {
        for m in 0..positions[0] * positions[1] {
            let m2 = [m / positions[1], m % positions[1]];
            let input = |d: usize| {
                let [kernel, output, offset, step] =
                    [product.kernel_step[d], product.output_step[d], product.offset[d], product.input_step[d]]
                        .map(|n| n as usize);
                let place = (output * o[d] + offset).checked_sub(kernel * m2[d])?;
                (place.is_multiple_of(step)).then_some(place / step)
            };
            let (Some(y), Some(x)) = (input(0), input(1)) else { continue };
            if y < height && x < width {
                let weight = (channel * of_group + ci) * positions[0] * positions[1] + m;
                terms.push((weight, ((group * of_group + ci) * height + y) * width + x));
            }
        }
    }
    terms
}

fn signed(value: i64) -> Fr {
    let magnitude = Fr::from(value.unsigned_abs());
    if value < 0 { -magnitude } else { magnitude }
}

impl Clause for Network {
    fn take(&self, reading: &mut Reading<'_>) -> Result<String, Fault> {
        let first = self.latent(reading)?;
        let written: HashMap<usize, Var> = {
            let neurons = self.architecture.neurons();
            let cell = |neuron: usize| Some((neuron, *reading.solved.written.get(&(first + Fr::from(neuron as u64)))?));
            (0..neurons).filter_map(cell).collect()
        };
        if written.len() != reading.solved.written.len() {
            return Err(Fault::new("something is written that is no neuron"));
        }
        let cell = |neuron: u32| {
            let found = written.get(&(neuron as usize)).copied();
            found.ok_or_else(|| Fault::new(format!("neuron {neuron} is needed, and written nowhere")))
        };
        let (mut number, mut known) = (self.architecture.latent as usize, Known::default());
        for (layer, places) in self.architecture.layers.iter().zip(&self.places.layers) {
            let views = match &layer.map {
                Map::Product(product) => vec![&product.input],
                Map::Sum(terms) => terms.iter().map(|(_, view)| view).collect(),
                Map::Mul(left, right) => vec![left, right],
            };
            let sources = views.into_iter().map(|view| view.sources().collect()).collect();
            let prepared = Prepared { layer, places, sources };
            for output in 0..layer.len() {
                if let Some(&own) = written.get(&number) {
                    let table = &self.architecture.tables[layer.tables[output / layer.plane()] as usize];
                    let formula = self.formula(&prepared, output, &cell)?;
                    self.neuron(reading, &mut known, &Neuron { number, cell: own, table, formula })?;
                }
                number += 1;
            }
        }
        for (pixel, samples) in self.architecture.samples().enumerate() {
            for (channel, neuron) in samples.into_iter().enumerate() {
                let sample = reading.solved.cells.advice(channel, pixel);
                if reading.solved.reads.get(&sample) != Some(&cell(neuron)?) {
                    return Err(Fault::new(format!("sample {channel} of pixel {pixel} does not read neuron {neuron}"))
                        .at(pixel, ""));
                }
                reading.role(sample, "a sample")?;
            }
        }
        let mut unused = 0;
        for equation in reading.left() {
            if self.is_unused(reading.form(equation)) {
                reading.take_padding(equation)?;
                unused += 1;
            }
        }
        let neurons = written.len() - self.architecture.latent as usize;
        Ok(format!("{neurons} neurons' formulas and tables, {unused} equations of places of weights that hold none"))
    }

    fn is_padding(&self, form: &Form) -> bool {
        self.is_unused(form)
    }
}
