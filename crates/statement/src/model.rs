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

mod checks;
mod codec;
mod inference;
mod ranges;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod view;

pub use checks::ModelError;
pub use codec::{ARCHITECTURE_DOMAIN, CodecError, MODEL_FORMAT};
pub use inference::Activations;
pub use ranges::{layer_reach, reach};
pub use view::{Source, View};

use super::raster::MIN_SIDE_PX;
use serde::{Deserialize, Serialize};

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
    /// A dense layer with `inputs` inputs, as a 1x1 product.
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

impl Architecture {
    /// Samples of a picture that the model makes.
    pub fn output_samples(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height) * u64::from(self.channels)
    }

    /// Whether a latent has more than an eighth as many entries as a picture has samples: a model so shaped may make any
    /// picture, or a recognisable copy of it, from a latent that holds it.
    pub fn may_copy_its_latent(&self) -> bool {
        u64::from(self.latent) * 8 > self.output_samples()
    }

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
}

impl Model {
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

    /// The architecture.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// The weights of each layer; `None` where a layer has none.
    pub fn weights(&self) -> &[Option<Weights>] {
        &self.weights
    }
}

#[cfg(test)]
mod tests;
