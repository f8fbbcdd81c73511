//! A generator as the statement sees it: a network of integers.
//!
//! A *neuron* is an integer of one byte's order of magnitude. The first neurons are the latent's entries; every layer adds
//! as many as it has outputs. A layer computes an exact *accumulator* for each of its outputs, linear (or bilinear) in
//! earlier neurons, and a [`Table`] turns it into the neuron: `a = T[(y + half) >> shift]`. The table folds rounding, clamp
//! and nonlinearity. The output picture's samples are neurons.
//!
//! Layers read neurons through [`View`]s, lists of sources: reshaping, transposing, slicing, padding, concatenating and
//! repeating are views and cost nothing of their own.
//!
//! What the caller must believe: a [`Model`] that exists is consistent ([`Model::new`] checks it): every source is an earlier
//! neuron, every accumulator is in its table's domain *for every latent*, every sample of the picture is a byte. So
//! [`Model::run`] cannot fail, and is the meaning of the model: the same bytes on every machine.

mod codec;
mod inference;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod view;

pub use codec::{ARCHITECTURE_DOMAIN, CodecError, MODEL_FORMAT};
pub use inference::Activations;
pub use view::{Source, View};

use super::raster::{MIN_SIDE_PX, RasterError, checked_area};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The most neurons of a model.
pub const MAX_NEURONS: usize = 1 << 23;
/// The most weights of a model, biases included.
pub const MAX_WEIGHTS: usize = 1 << 27;
/// The most sources in all views of a model.
pub const MAX_SOURCES: usize = 1 << 26;
/// The most monomials of all layers' products together, over all channels.
pub const MAX_PRODUCT: usize = 1 << 25;
/// The most entries of a latent.
pub const MAX_LATENT: u32 = 1 << 14;
/// The most layers of a model.
pub const MAX_LAYERS: usize = 4096;
/// The most terms of a sum.
pub const MAX_TERMS: usize = 4096;
/// The most tables of a model.
pub const MAX_TABLES: usize = 1 << 16;
/// The largest shift of a table.
pub const MAX_SHIFT: u8 = 20;
/// The most rows of a table.
pub const MAX_TABLE_ROWS: usize = 1 << 20;
/// The most rows of all tables and of their remainders' ranges together.
pub const MAX_ALL_TABLE_ROWS: usize = 1 << 25;
/// Accumulators are at most this large in absolute value.
pub const MAX_ACCUMULATOR: i64 = 1 << 46;
/// A latent's entry `v` stands for the number `v / 32`.
pub const LATENT_UNIT: i8 = 32;

/// How an accumulator becomes a neuron: `outputs[((y + half) >> shift) - first]`, `half = 2^(shift-1)`, or 0 without a shift.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Table {
    /// Bits that are rounded away.
    pub shift: u8,
    /// The smallest quotient of the domain.
    pub first: i32,
    /// The neuron for each quotient of the domain.
    pub outputs: Vec<i16>,
}

impl Table {
    /// What is added before the shift: one half of the divisor.
    pub fn half(&self) -> i64 {
        if self.shift == 0 { 0 } else { 1 << (self.shift - 1) }
    }

    /// The quotient of an accumulator.
    pub fn quotient(&self, accumulator: i64) -> i64 {
        (accumulator + self.half()) >> self.shift
    }

    /// What is left of an accumulator: `0..2^shift`.
    pub fn remainder(&self, accumulator: i64) -> i64 {
        accumulator + self.half() - (self.quotient(accumulator) << self.shift)
    }

    /// The neuron; `None` outside the domain.
    pub fn apply(&self, accumulator: i64) -> Option<i16> {
        let index = self.quotient(accumulator) - i64::from(self.first);
        usize::try_from(index).ok().and_then(|index| self.outputs.get(index)).copied()
    }

    /// The least and the greatest accumulator of the domain.
    pub fn domain(&self) -> (i64, i64) {
        let rows = i64::try_from(self.outputs.len()).unwrap_or(i64::MAX);
        let first = i64::from(self.first);
        ((first << self.shift) - self.half(), ((first + rows) << self.shift) - self.half() - 1)
    }

    fn range(&self) -> (i16, i16) {
        let least = self.outputs.iter().copied().min().unwrap_or(0);
        (least, self.outputs.iter().copied().max().unwrap_or(0))
    }
}

/// A product of polynomials in two position variables: every dense and every (transposed, strided, dilated, grouped)
/// convolutional layer.
///
/// With `n`, `i`, `m` pairs of indices (vertical, horizontal) and all products component-wise,
///
/// ```text
/// full[co][n] = sum over ci, i, m with input_step i + kernel_step m = n of  x[ci][i] w[co][ci][m]
/// y[co][o]    = bias[co] + full[co][output_step o + offset]
/// ```
///
/// where `ci` runs over the input channels of `co`'s group. A convolution of stride `s`, dilation `d` and padding `p` has
/// `input_step = 1`, `kernel_step = d`, `output_step = s`, `offset = d (K - 1) - p` and its kernel *reversed*; a transposed one has
/// `input_step = s`, `kernel_step = d`, `output_step = 1`, `offset = p`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// The input, `channels x height x width`.
    pub input: View,
    /// Channels, height and width of the input.
    pub input_shape: [u32; 3],
    /// Groups of channels.
    pub groups: u32,
    /// Height and width of the kernel.
    pub kernel: [u32; 2],
    /// See the type.
    pub input_step: [u32; 2],
    /// See the type.
    pub kernel_step: [u32; 2],
    /// See the type.
    pub output_step: [u32; 2],
    /// See the type.
    pub offset: [u32; 2],
}

impl Product {
    /// A dense layer's of so many inputs: every one meets every output once.
    pub fn dense(input: View, inputs: u32) -> Self {
        Self {
            input,
            input_shape: [inputs, 1, 1],
            groups: 1,
            kernel: [1; 2],
            input_step: [1; 2],
            kernel_step: [1; 2],
            output_step: [1; 2],
            offset: [0; 2],
        }
    }

    /// Height and width of the product that hold every monomial of it and of `outputs` (height, width) outputs.
    ///
    /// Sides are below `2^26` once the layer is checked.
    pub fn full(&self, outputs: [u32; 2]) -> [usize; 2] {
        std::array::from_fn(|d| {
            let last = |step: u32, count: u32| u64::from(step) * u64::from(count.saturating_sub(1));
            let product = last(self.input_step[d], self.input_shape[d + 1]) + last(self.kernel_step[d], self.kernel[d]);
            let kept = last(self.output_step[d], outputs[d]) + u64::from(self.offset[d]);
            usize::try_from(product.max(kept) + 1).unwrap_or(usize::MAX)
        })
    }

    /// Input channels of a group.
    pub fn group_inputs(&self) -> usize {
        (self.input_shape[0] / self.groups) as usize
    }

    /// Weights of one output channel.
    pub fn kernel_len(&self) -> usize {
        self.group_inputs() * self.kernel[0] as usize * self.kernel[1] as usize
    }
}

/// What a layer computes before its tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Map {
    /// A product with the model's weights.
    Product(Product),
    /// `y_e = sum_t c_t x_t[e]` with public coefficients: residual sums, average pooling, requantisation.
    Sum(#[serde(deserialize_with = "codec::at_most::<MAX_TERMS, _, _>")] Vec<(i32, View)>),
    /// `y_e = x[e] z[e]`.
    Mul(View, View),
}

/// A layer: `channels x height x width` accumulators, and a table for each channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Channels, height and width of the output.
    pub shape: [u32; 3],
    /// The accumulators.
    pub map: Map,
    /// For each channel its table's index in [`Architecture::tables`].
    pub tables: Vec<u32>,
}

impl Layer {
    /// Outputs of the layer.
    pub fn len(&self) -> usize {
        self.shape.iter().map(|&side| side as usize).product()
    }

    /// Whether the layer has no outputs; no checked layer is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Outputs of one channel.
    pub fn plane(&self) -> usize {
        self.shape[1] as usize * self.shape[2] as usize
    }
}

/// Everything of a model but its weights: what a verifying key fixes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Architecture {
    /// Entries of the latent; each is an integer from -128 to 127.
    pub latent: u32,
    /// The last so many of them say the class: [`LATENT_UNIT`] at its place, 0 elsewhere. 0 for an unconditional model.
    pub classes: u32,
    /// Width of the picture in pixels.
    pub width: u32,
    /// Height of the picture in pixels.
    pub height: u32,
    /// Samples of a pixel: 1, grey, or 3.
    pub channels: u32,
    /// Distinct tables.
    #[serde(deserialize_with = "codec::at_most::<MAX_TABLES, _, _>")]
    pub tables: Vec<Table>,
    /// Layers, each reading only earlier ones.
    #[serde(deserialize_with = "codec::at_most::<MAX_LAYERS, _, _>")]
    pub layers: Vec<Layer>,
    /// The samples, `channels x height x width`.
    pub output: View,
}

/// The weights of one [`Product`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weights {
    /// `output channels x group's input channels x kernel height x kernel width`.
    pub kernel: Vec<i8>,
    /// One for each output channel.
    pub bias: Vec<i32>,
}

/// Weights may be secret: they stay out of logs.
impl std::fmt::Debug for Weights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Weights").field("kernel", &self.kernel.len()).field("bias", &self.bias.len()).finish()
    }
}

/// A consistent integer model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    architecture: Architecture,
    weights: Vec<Option<Weights>>,
}

/// Not a model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The picture's size is not a raster's.
    #[error("the model's output: {0}")]
    Raster(#[from] RasterError),
    /// A number is outside its limits.
    #[error("{place}: {what} must be {expected}, got {got}")]
    Limit {
        /// The layer, table or part.
        place: String,
        /// What is limited.
        what: &'static str,
        /// The limits.
        expected: String,
        /// What it is.
        got: String,
    },
    /// An accumulator can leave its table's domain.
    #[error("layer {layer}, channel {channel}: accumulators reach {reach:?}, the table's domain is {domain:?}")]
    Domain {
        /// The layer.
        layer: usize,
        /// The channel.
        channel: usize,
        /// The least and the greatest accumulator.
        reach: (i64, i64),
        /// The least and the greatest of the domain.
        domain: (i64, i64),
    },
}

#[allow(clippy::needless_pass_by_value)] // numbers, texts and lists alike
fn limit(place: &str, what: &'static str, expected: impl ToString, got: impl ToString) -> ModelError {
    ModelError::Limit { place: place.to_owned(), what, expected: expected.to_string(), got: got.to_string() }
}

#[allow(clippy::needless_pass_by_value)] // numbers, texts and lists alike
fn require(
    holds: bool,
    place: &str,
    what: &'static str,
    expected: impl ToString,
    got: impl ToString,
) -> Result<(), ModelError> {
    if holds { Ok(()) } else { Err(limit(place, what, expected, got)) }
}

impl Architecture {
    /// Neurons in all: the latent's and every layer's.
    pub fn neurons(&self) -> usize {
        self.latent as usize + self.layers.iter().map(Layer::len).sum::<usize>()
    }

    /// The first neuron of each layer.
    pub fn first_neurons(&self) -> Vec<usize> {
        let mut next = self.latent as usize;
        let first = |layer: &Layer| {
            let first = next;
            next += layer.len();
            first
        };
        self.layers.iter().map(first).collect()
    }

    /// Weights and biases in all.
    pub fn parameters(&self) -> usize {
        let of = |layer: &Layer| match &layer.map {
            Map::Product(product) => layer.shape[0] as usize * (product.kernel_len() + 1),
            _ => 0,
        };
        self.layers.iter().map(of).sum()
    }

    /// Multiplications of one inference, those with zero padding included.
    pub fn multiplications(&self) -> u64 {
        let of = |layer: &Layer| match &layer.map {
            Map::Product(product) => {
                let inputs = u64::from(product.input_shape[1]) * u64::from(product.input_shape[2]);
                u64::from(layer.shape[0])
                    * product.kernel_len() as u64
                    * inputs.min(match product.input_step {
                        [1, 1] => layer.plane() as u64,
                        _ => inputs,
                    })
            }
            Map::Sum(_) => 0,
            Map::Mul(..) => layer.len() as u64,
        };
        self.layers.iter().map(of).sum()
    }

    /// How often each neuron is read: by views of layers, and by the samples of the picture (three times for grey).
    pub fn reads(&self) -> Vec<u32> {
        let mut reads = vec![0; self.neurons()];
        let mut count = |view: &View, times: u32| {
            for source in view.sources() {
                if let Source::Neuron(neuron) = source {
                    reads[neuron as usize] += times;
                }
            }
        };
        for layer in &self.layers {
            match &layer.map {
                Map::Product(product) => count(&product.input, 1),
                Map::Sum(terms) => terms.iter().for_each(|(_, view)| count(view, 1)),
                Map::Mul(left, right) => [left, right].into_iter().for_each(|view| count(view, 1)),
            }
        }
        count(&self.output, if self.channels == 1 { 3 } else { 1 });
        reads
    }

    /// Checks everything that needs no weights; sizes before anything of that size is made.
    fn check(&self) -> Result<(), ModelError> {
        let pixels = checked_area(self.width, self.height)?;
        require([1, 3].contains(&self.channels), "output", "the channels", "1 or 3", self.channels)?;
        require(
            (1..=MAX_LATENT).contains(&self.latent),
            "latent",
            "its entries",
            format!("1..={MAX_LATENT}"),
            self.latent,
        )?;
        require(
            self.classes < self.latent,
            "latent",
            "the classes",
            format!("fewer than {}", self.latent),
            self.classes,
        )?;
        let layers = self.layers.len();
        require((1..=MAX_LAYERS).contains(&layers), "model", "the layers", format!("1..={MAX_LAYERS}"), layers)?;
        let tables = self.tables.len();
        require(tables <= MAX_TABLES, "model", "the tables", format!("at most {MAX_TABLES}"), tables)?;
        let (mut distinct, mut all_rows) = (HashSet::with_capacity(self.tables.len()), 0);
        for (index, table) in self.tables.iter().enumerate() {
            let place = format!("table {index}");
            require(table.shift <= MAX_SHIFT, &place, "the shift", format!("at most {MAX_SHIFT}"), table.shift)?;
            let rows = table.outputs.len();
            require((1..=MAX_TABLE_ROWS).contains(&rows), &place, "the rows", format!("1..={MAX_TABLE_ROWS}"), rows)?;
            let (low, high) = table.domain();
            let bound = MAX_ACCUMULATOR;
            require(
                -bound <= low && high <= bound,
                &place,
                "the domain",
                format!("within {bound}"),
                format!("{low}..={high}"),
            )?;
            require(distinct.insert(table), &place, "a table", "listed once", "a copy")?;
            all_rows += rows + (1 << table.shift);
            let most = MAX_ALL_TABLE_ROWS;
            require(all_rows <= most, &place, "the rows of all tables", format!("at most {most}"), all_rows)?;
        }
        let mut used = vec![false; self.tables.len()];
        let mut known = self.latent as usize;
        let mut sources = 0;
        let mut parameters = 0usize;
        let mut monomials = 0usize;
        for (index, layer) in self.layers.iter().enumerate() {
            let place = format!("layer {index}");
            let size = layer.shape.iter().try_fold(1usize, |size, &side| size.checked_mul(side as usize));
            let size = size.filter(|size| (1..=MAX_NEURONS).contains(size));
            let size = size.ok_or_else(|| {
                limit(&place, "the outputs", format!("1..={MAX_NEURONS}"), format!("{:?}", layer.shape))
            })?;
            require(
                layer.tables.len() == layer.shape[0] as usize,
                &place,
                "the tables",
                layer.shape[0],
                layer.tables.len(),
            )?;
            for &table in &layer.tables {
                let slot = used.get_mut(table as usize);
                *slot.ok_or_else(|| limit(&place, "a table", format!("below {}", self.tables.len()), table))? = true;
            }
            let mut view = |view: &View, what, expected: usize| {
                sources += expected;
                require(sources <= MAX_SOURCES, &place, "the sources", format!("at most {MAX_SOURCES}"), sources)?;
                view.check(&place, what, expected, known)
            };
            match &layer.map {
                Map::Product(product) => {
                    let input =
                        product.input_shape.iter().try_fold(1usize, |size, &side| size.checked_mul(side as usize));
                    let input = input.filter(|size| (1..=MAX_SOURCES).contains(size));
                    let input = input
                        .ok_or_else(|| limit(&place, "the input", "1 or more", format!("{:?}", product.input_shape)))?;
                    view(&product.input, "the input", input)?;
                    let (own, plane) = product.check(&place, layer)?;
                    parameters = parameters.saturating_add(own);
                    monomials = monomials.saturating_add(plane);
                    require(
                        monomials <= MAX_PRODUCT,
                        &place,
                        "the products",
                        format!("at most {MAX_PRODUCT} monomials in all"),
                        monomials,
                    )?;
                    require(
                        parameters <= MAX_WEIGHTS,
                        &place,
                        "the weights",
                        format!("at most {MAX_WEIGHTS}"),
                        parameters,
                    )?;
                }
                Map::Sum(terms) => {
                    require(
                        (1..=MAX_TERMS).contains(&terms.len()),
                        &place,
                        "the terms",
                        format!("1..={MAX_TERMS}"),
                        terms.len(),
                    )?;
                    for (coefficient, term) in terms {
                        require(*coefficient != 0, &place, "a coefficient", "not 0", coefficient)?;
                        view(term, "a term", size)?;
                    }
                }
                Map::Mul(left, right) => {
                    view(left, "the left factor", size)?;
                    view(right, "the right factor", size)?;
                }
            }
            known += size;
            require(known <= MAX_NEURONS, &place, "the neurons", format!("at most {MAX_NEURONS}"), known)?;
        }
        require(used.iter().all(|&used| used), "model", "a table", "used", "an unused one")?;
        self.output.check("output", "the samples", pixels * self.channels as usize, known)?;
        let constant = self.output.sources().any(|source| matches!(source, Source::Constant(_)));
        require(!constant, "output", "a sample", "computed", "a constant")?;
        let latent = self.output.sources().any(|source| matches!(source, Source::Neuron(n) if n < self.latent));
        require(!latent, "output", "a sample", "a layer's output", "an entry of the latent")?;
        let strides = self.samples().map(|[r, g, b]| [i64::from(g) - i64::from(r), i64::from(b) - i64::from(g)]);
        let uneven = strides.into_iter().find(|[first, second]| first != second);
        let got = format!("{:?}", uneven.unwrap_or_default());
        require(uneven.is_none(), "output", "the distances of a pixel's samples", "equal", got)?;
        // here and not with the weights: whoever checks a proof has the architecture alone, and no circuit says it again
        let ranges = self.ranges();
        for source in self.output.sources() {
            let Source::Neuron(neuron) = source else { continue };
            let (low, high) = ranges[neuron as usize];
            require(low >= 0 && high <= 255, "output", "a sample", "0..=255", format!("{low}..={high}"))?;
        }
        Ok(())
    }

    /// Rows that every circuit of the architecture has at least, by a count that makes nothing of that size.
    pub fn least_rows(&self) -> usize {
        let tables = self.tables.iter().map(|table| table.outputs.len() + (1 << table.shift));
        let neurons = |view: &View| view.sources().filter(|source| matches!(source, Source::Neuron(_))).count();
        let layers = self.layers.iter().map(|layer| match &layer.map {
            Map::Product(product) => {
                let [rows, columns] = product.full([layer.shape[1], layer.shape[2]]);
                neurons(&product.input) + rows * columns * layer.shape[0] as usize
            }
            Map::Sum(terms) => layer.len() + terms.iter().map(|(_, view)| neurons(view)).sum::<usize>(),
            Map::Mul(left, right) => layer.len() + neurons(left) + neurons(right),
        });
        let pixels = self.width as usize * self.height as usize;
        pixels + self.latent as usize + tables.sum::<usize>() + layers.sum::<usize>()
    }

    /// For each pixel the neurons that are its R, G and B samples: the same three times in a grey picture. Equally far apart in
    /// a consistent model.
    pub fn samples(&self) -> impl Iterator<Item = [u32; 3]> + use<> {
        let pixels = self.width as usize * self.height as usize;
        let neuron = |source| if let Source::Neuron(neuron) = source { neuron } else { 0 };
        let all: Vec<u32> = self.output.sources().map(neuron).collect();
        let stride = if self.channels == 1 { 0 } else { pixels };
        (0..pixels).map(move |at| [0, 1, 2].map(|c| all[c * stride + at]))
    }

    /// The least and the greatest value of each neuron, from its table alone.
    fn ranges(&self) -> Vec<(i16, i16)> {
        let tables: Vec<_> = self.tables.iter().map(Table::range).collect();
        let mut ranges = vec![(i16::from(i8::MIN), i16::from(i8::MAX)); self.latent as usize];
        for layer in &self.layers {
            for &table in &layer.tables {
                ranges.extend(std::iter::repeat_n(tables[table as usize], layer.plane()));
            }
        }
        ranges
    }
}

impl Product {
    /// How many weights and biases there are, and how many monomials over all channels; everything about the geometry is
    /// checked.
    fn check(&self, place: &str, layer: &Layer) -> Result<(usize, usize), ModelError> {
        let [outputs, height, width] = layer.shape;
        let inputs = self.input_shape[0];
        let whole = self.groups > 0 && inputs.is_multiple_of(self.groups) && outputs.is_multiple_of(self.groups);
        require(whole, place, "the groups", format!("a divisor of {inputs} and {outputs}"), self.groups)?;
        let steps = [self.input_step, self.kernel_step, self.output_step, self.kernel];
        let sane = steps.iter().flatten().all(|step| (1..=1 << 12).contains(step));
        require(sane, place, "kernel and steps", "1..=4096", format!("{steps:?}"))?;
        require(
            self.input_step.iter().all(|&step| step <= 64),
            place,
            "the input's step",
            "at most 64",
            self.input_step[0],
        )?;
        let sane = self.offset.iter().all(|&offset| offset < 1 << 24);
        require(sane, place, "the offset", "below 2^24", format!("{:?}", self.offset))?;
        let [rows, columns] = self.full([height, width]);
        let monomials = rows.checked_mul(columns).and_then(|plane| plane.checked_mul(outputs as usize));
        let monomials = monomials.filter(|monomials| *monomials <= MAX_PRODUCT).ok_or_else(|| {
            let got = format!("{rows}x{columns}x{outputs}");
            limit(place, "the product", format!("at most {MAX_PRODUCT} monomials"), got)
        })?;
        let kernel = u64::from(outputs)
            * u64::from(inputs / self.groups)
            * u64::from(self.kernel[0])
            * u64::from(self.kernel[1]);
        let parameters = usize::try_from(kernel + u64::from(outputs)).unwrap_or(usize::MAX);
        require(parameters <= MAX_WEIGHTS, place, "the weights", format!("at most {MAX_WEIGHTS}"), parameters)?;
        Ok((parameters, monomials))
    }

    /// The least and the greatest accumulator of each output channel over all inputs in their ranges.
    fn reach(&self, weights: &Weights, ranges: &[(i64, i64)], outputs: usize) -> Vec<(i64, i64)> {
        let [height, width] = self.kernel.map(|side| side as usize);
        let inputs = self.group_inputs();
        let per_group = outputs / self.groups as usize;
        let step = self.input_step.map(|step| step as usize);
        let mut reach = Vec::with_capacity(outputs);
        for (co, kernel) in weights.kernel.chunks_exact(self.kernel_len()).enumerate() {
            let first = co / per_group * inputs;
            // an output reads only the kernel's positions of its own phase
            let mut phases = vec![(0i64, 0i64); step[0] * step[1]];
            for (at, &weight) in kernel.iter().enumerate() {
                let (ci, m) = (at / (height * width), at % (height * width));
                let [y, x] = [m / width, m % width];
                let phase =
                    (y * self.kernel_step[0] as usize % step[0]) * step[1] + x * self.kernel_step[1] as usize % step[1];
                let (low, high) = ranges[first + ci];
                let terms = [i64::from(weight) * low, i64::from(weight) * high];
                phases[phase].0 += terms[0].min(terms[1]).min(0);
                phases[phase].1 += terms[0].max(terms[1]).max(0);
            }
            let bias = i64::from(weights.bias[co]);
            let low = phases.iter().map(|phase| phase.0).min().unwrap_or(0);
            let high = phases.iter().map(|phase| phase.1).max().unwrap_or(0);
            reach.push((low + bias, high + bias));
        }
        reach
    }
}

impl Model {
    /// A model of an architecture and the weights of each of its layers.
    ///
    /// # Errors
    /// [`ModelError`] where they are not consistent.
    pub fn new(architecture: Architecture, weights: Vec<Option<Weights>>) -> Result<Self, ModelError> {
        architecture.check()?;
        let layers = architecture.layers.len();
        require(weights.len() == layers, "model", "the weights", format!("of {layers} layers"), weights.len())?;
        let model = Self { architecture, weights };
        model.check_weights()?;
        let reach = model.reach();
        for (index, (layer, reach)) in model.architecture.layers.iter().zip(reach).enumerate() {
            for (channel, (&table, reach)) in layer.tables.iter().zip(reach).enumerate() {
                let domain = model.architecture.tables[table as usize].domain();
                if reach.0 < domain.0 || reach.1 > domain.1 {
                    return Err(ModelError::Domain { layer: index, channel, reach, domain });
                }
            }
        }
        Ok(model)
    }

    /// The smallest model there is: a latent of one entry, one dense layer, 5x5 grey pixels. For whatever is the same for
    /// every model.
    pub fn smallest() -> Self {
        let side = MIN_SIDE_PX;
        let product = Product::dense(View::neurons(0, 1), 1);
        let pixels = side * side;
        let bias = 128;
        let architecture = Architecture {
            latent: 1,
            classes: 0,
            width: side,
            height: side,
            channels: 1,
            tables: vec![Table { shift: 0, first: 0, outputs: (0..=255).collect() }],
            layers: vec![Layer { shape: [pixels, 1, 1], map: Map::Product(product), tables: vec![0; pixels as usize] }],
            output: View::neurons(1, pixels as usize),
        };
        let weights = Weights { kernel: vec![1; pixels as usize], bias: vec![bias; pixels as usize] };
        Self::new(architecture, vec![Some(weights)]).expect("the smallest model is consistent")
    }

    fn check_weights(&self) -> Result<(), ModelError> {
        for (index, (layer, weights)) in self.architecture.layers.iter().zip(&self.weights).enumerate() {
            let place = format!("layer {index}");
            match (&layer.map, weights) {
                (Map::Product(product), Some(weights)) => {
                    let outputs = layer.shape[0] as usize;
                    let kernel = outputs * product.kernel_len();
                    require(weights.kernel.len() == kernel, &place, "the weights", kernel, weights.kernel.len())?;
                    require(weights.bias.len() == outputs, &place, "the biases", outputs, weights.bias.len())?;
                }
                (Map::Product(_), None) => return Err(limit(&place, "the weights", "there", "none")),
                (_, Some(_)) => return Err(limit(&place, "the weights", "none", "some")),
                (_, None) => {}
            }
        }
        Ok(())
    }

    /// For each layer and channel the least and the greatest accumulator over all latents, or something wider.
    pub fn reach(&self) -> Vec<Vec<(i64, i64)>> {
        reach(&self.architecture, &self.weights)
    }

    /// The architecture.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// The weights of each layer; `None` where a layer has none.
    pub fn weights(&self) -> &[Option<Weights>] {
        &self.weights
    }
}

/// [`Model::reach`] for layers whose tables' *outputs* are known, and their domains need not be. The architecture must be
/// otherwise consistent, and the weights of its layers' sizes.
pub fn reach(architecture: &Architecture, weights: &[Option<Weights>]) -> Vec<Vec<(i64, i64)>> {
    let ranges = architecture.ranges();
    let layers = architecture.layers.iter().zip(weights);
    layers.map(|(layer, weights)| layer_reach(layer, weights.as_ref(), &ranges)).collect()
}

/// For each channel of one layer the least and the greatest accumulator where every earlier neuron is within its range:
/// what an importer sizes the tables' domains with. The same conditions as for [`reach`].
pub fn layer_reach(layer: &Layer, weights: Option<&Weights>, ranges: &[(i16, i16)]) -> Vec<(i64, i64)> {
    let range = |source: Source| match source {
        Source::Neuron(neuron) => {
            let (low, high) = ranges[neuron as usize];
            (i64::from(low), i64::from(high))
        }
        Source::Constant(value) => (i64::from(value), i64::from(value)),
    };
    let union = |a: (i64, i64), b: (i64, i64)| (a.0.min(b.0), a.1.max(b.1));
    let planes = |view: &View, plane: usize| -> Vec<(i64, i64)> {
        let all: Vec<_> = view.sources().map(range).collect();
        all.chunks(plane).map(|plane| plane.iter().copied().reduce(union).unwrap_or((0, 0))).collect()
    };
    match &layer.map {
        Map::Product(product) => {
            let inputs = planes(&product.input, product.input_shape[1] as usize * product.input_shape[2] as usize);
            weights.map_or_else(Vec::new, |weights| product.reach(weights, &inputs, layer.shape[0] as usize))
        }
        Map::Sum(terms) => {
            let mut sums = vec![(0, 0); layer.shape[0] as usize];
            for (coefficient, view) in terms {
                for (sum, (low, high)) in sums.iter_mut().zip(planes(view, layer.plane())) {
                    let ends = [i64::from(*coefficient) * low, i64::from(*coefficient) * high];
                    *sum = (sum.0 + ends[0].min(ends[1]), sum.1 + ends[0].max(ends[1]));
                }
            }
            sums
        }
        Map::Mul(left, right) => {
            let pairs = planes(left, layer.plane()).into_iter().zip(planes(right, layer.plane()));
            let product = |(a, b): ((i64, i64), (i64, i64))| {
                let ends = [a.0 * b.0, a.0 * b.1, a.1 * b.0, a.1 * b.1];
                (ends.into_iter().min().unwrap_or(0), ends.into_iter().max().unwrap_or(0))
            };
            pairs.map(product).collect()
        }
    }
}

#[cfg(test)]
mod tests;
