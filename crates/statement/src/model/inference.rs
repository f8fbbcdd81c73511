//! Native inference: exact integers, no choice anywhere.
use super::{Architecture, Layer, Map, Model, Product, Source, View, Weights};
use crate::raster::Raster;
use zeroize::Zeroize;

/// Everything an inference computes. Secret, like the latent.
#[derive(Clone)]
pub struct Activations {
    /// Every neuron, the latent's first.
    pub neurons: Vec<i16>,
    /// The accumulators of each layer.
    pub accumulators: Vec<Vec<i64>>,
    /// For each [`Map::Product`] its full product without bias, `output channels x full height x full width`; empty for
    /// other layers.
    pub products: Vec<Vec<i64>>,
}

impl std::fmt::Debug for Activations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Activations").field("neurons", &self.neurons.len()).finish_non_exhaustive()
    }
}

impl Drop for Activations {
    fn drop(&mut self) {
        self.neurons.zeroize();
        self.accumulators.zeroize();
        self.products.zeroize();
    }
}

/// The value of a source.
pub(super) fn value(source: Source, neurons: &[i16]) -> i64 {
    match source {
        Source::Neuron(neuron) => i64::from(neurons[neuron as usize]),
        Source::Constant(constant) => i64::from(constant),
    }
}

impl Product {
    /// The full product, without bias.
    pub fn multiply(&self, input: &[i64], weights: &Weights, layer: &Layer) -> Vec<i64> {
        let [rows, columns] = self.full([layer.shape[1], layer.shape[2]]);
        let [inputs, height, width] = self.input_shape.map(|side| side as usize);
        let [kernel_height, kernel_width] = self.kernel.map(|side| side as usize);
        let [input_step, kernel_step] = [self.input_step, self.kernel_step].map(|step| step.map(|side| side as usize));
        let per_group = layer.shape[0] as usize / self.groups as usize;
        let group_inputs = inputs / self.groups as usize;
        let mut full = vec![0; layer.shape[0] as usize * rows * columns];
        for (co, plane) in full.chunks_exact_mut(rows * columns).enumerate() {
            let first = co / per_group * group_inputs;
            let kernel = &weights.kernel[co * self.kernel_len()..][..self.kernel_len()];
            for (at, &weight) in kernel.iter().enumerate().filter(|(_, weight)| **weight != 0) {
                let (ci, m) = (at / (kernel_height * kernel_width), at % (kernel_height * kernel_width));
                let [my, mx] = [m / kernel_width * kernel_step[0], m % kernel_width * kernel_step[1]];
                let weight = i64::from(weight);
                let input = &input[(first + ci) * height * width..][..height * width];
                for (y, row) in input.chunks_exact(width).enumerate() {
                    let sums = plane[(y * input_step[0] + my) * columns + mx..].iter_mut().step_by(input_step[1]);
                    sums.zip(row).for_each(|(sum, &x)| *sum += weight * x);
                }
            }
        }
        full
    }

    /// Where output `o` of a plane of `width` columns stands in the full product.
    pub fn kept(&self, o: usize, width: usize) -> [usize; 2] {
        let [y, x] = [o / width, o % width];
        [
            y * self.output_step[0] as usize + self.offset[0] as usize,
            x * self.output_step[1] as usize + self.offset[1] as usize,
        ]
    }
}

impl Model {
    /// Runs the model on a latent.
    ///
    /// # Panics
    /// If the latent has another length than the architecture says.
    pub fn run(&self, latent: &[i8]) -> Activations {
        self.run_with(latent, |_, neuron| neuron)
    }

    /// [`Model::run`] with every neuron passed through `change`, by its number: how cheating provers compute.
    pub fn run_with(&self, latent: &[i8], change: impl Fn(usize, i16) -> i16) -> Activations {
        let architecture = self.architecture();
        assert_eq!(latent.len(), architecture.latent as usize, "the latent's length");
        let mut neurons: Vec<i16> = latent.iter().map(|&entry| i16::from(entry)).collect();
        neurons.reserve_exact(architecture.neurons() - neurons.len());
        let (mut accumulators, mut products) = (Vec::new(), Vec::new());
        for (layer, weights) in architecture.layers.iter().zip(self.weights()) {
            let (sums, full) = accumulate(layer, weights.as_ref(), &neurons);
            let (plane, first) = (layer.plane(), neurons.len());
            neurons.extend(sums.iter().enumerate().map(|(e, &sum)| {
                let table = &architecture.tables[layer.tables[e / plane] as usize];
                change(first + e, table.apply(sum).expect("a model's accumulators stay in the domain of their table"))
            }));
            accumulators.push(sums);
            products.push(full);
        }
        Activations { neurons, accumulators, products }
    }

    /// The picture that the model makes of a latent.
    ///
    /// # Panics
    /// If the latent has another length than the architecture says.
    pub fn generate(&self, latent: &[i8]) -> Raster {
        self.run(latent).picture(self.architecture())
    }
}

impl Activations {
    /// The picture that the output's neurons are.
    pub fn picture(&self, architecture: &Architecture) -> Raster {
        let samples: Vec<u8> = architecture
            .output
            .sources()
            .map(|source| u8::try_from(value(source, &self.neurons)).expect("a model's samples are bytes"))
            .collect();
        let pixels = architecture.width as usize * architecture.height as usize;
        let channel = |c: usize| if architecture.channels == 1 { 0 } else { c };
        let pixel = |at: usize| [0, 1, 2].map(|c| samples[channel(c) * pixels + at]);
        Raster::new(architecture.width, architecture.height, (0..pixels).map(pixel).collect())
            .expect("a model's picture is a raster")
    }
}

/// The accumulators of a layer, and the full product of one that has weights.
fn accumulate(layer: &Layer, weights: Option<&Weights>, neurons: &[i16]) -> (Vec<i64>, Vec<i64>) {
    let gather = |view: &View| -> Vec<i64> { view.sources().map(|source| value(source, neurons)).collect() };
    match &layer.map {
        Map::Product(product) => {
            let weights = weights.expect("a checked model has weights for every product");
            let full = product.multiply(&gather(&product.input), weights, layer);
            let [rows, columns] = product.full([layer.shape[1], layer.shape[2]]);
            let sums = full.chunks_exact(rows * columns).zip(&weights.bias).flat_map(|(plane, &bias)| {
                (0..layer.plane()).map(move |o| {
                    let [y, x] = product.kept(o, layer.shape[2] as usize);
                    plane[y * columns + x] + i64::from(bias)
                })
            });
            (sums.collect(), full)
        }
        Map::Sum(terms) => {
            let mut sums = vec![0; layer.len()];
            for (coefficient, view) in terms {
                let values = view.sources().map(|source| i64::from(*coefficient) * value(source, neurons));
                sums.iter_mut().zip(values).for_each(|(sum, term)| *sum += term);
            }
            (sums, Vec::new())
        }
        Map::Mul(left, right) => {
            let pairs = left.sources().zip(right.sources());
            (pairs.map(|(a, b)| value(a, neurons) * value(b, neurons)).collect(), Vec::new())
        }
    }
}
