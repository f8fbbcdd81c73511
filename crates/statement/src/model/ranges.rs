//! How far accumulators reach: bounds over all latents, by which tables are sized and checked.
use super::{Architecture, Layer, Map, Model, Product, Source, Table, View, Weights};

impl Architecture {
    /// The least and the greatest value of each neuron, from its table alone.
    pub(super) fn ranges(&self) -> Vec<(i16, i16)> {
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
    /// The least and the greatest accumulator of each output channel over all inputs in their ranges.
    pub(super) fn reach(&self, weights: &Weights, ranges: &[(i64, i64)], outputs: usize) -> Vec<(i64, i64)> {
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
    /// For each layer and channel the least and the greatest accumulator over all latents, or something wider.
    pub fn reach(&self) -> Vec<Vec<(i64, i64)>> {
        reach(&self.architecture, &self.weights)
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
