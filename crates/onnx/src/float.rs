//! Floating-point inference of the lowered network: what calibration sees. One order of evaluation, no fused operations, and
//! elementary functions from `libm`: the same numbers on every machine.
use super::{
    function::Tape,
    graph::Geometry,
    lower::{FloatLayer, FloatMap, Network, Read},
};

/// Runs a network; keeps room between runs.
#[derive(Debug)]
pub(super) struct Runner<'a> {
    network: &'a Network,
    tapes: Vec<Vec<(u32, Tape)>>,
}

/// What one run gives.
#[derive(Debug)]
pub(super) struct Trace {
    /// Every neuron, the latent's first.
    pub(super) neurons: Vec<f32>,
    /// The least and the greatest accumulator of each layer's channels.
    pub(super) reach: Vec<Vec<(f32, f32)>>,
}

fn value(read: Read, neurons: &[f32]) -> f32 {
    match read {
        Read::Neuron(at) => neurons[at as usize],
        Read::Constant(c) => c,
    }
}

impl Geometry {
    /// Sides of the plane that holds the product and all outputs.
    pub(super) fn full(&self, outputs: [usize; 2]) -> [usize; 2] {
        std::array::from_fn(|d| {
            let product =
                self.input_step[d] * (self.input_shape[d + 1] - 1) + self.kernel_step[d] * (self.kernel[d] - 1);
            let kept = self.output_step[d] * (outputs[d] - 1) + self.offset[d];
            product.max(kept) + 1
        })
    }
}

impl<'a> Runner<'a> {
    pub(super) fn new(network: &'a Network) -> Self {
        let tapes = network.layers.iter().map(|layer| {
            let mut known: Vec<(u32, Tape)> = Vec::new();
            for function in &layer.functions {
                if let Err(at) = known.binary_search_by_key(function, |(id, _)| *id) {
                    known.insert(at, (*function, network.graph.functions.tape(*function)));
                }
            }
            known
        });
        Self { network, tapes: tapes.collect() }
    }

    /// The network on a latent of numbers.
    pub(super) fn run(&self, latent: &[f32]) -> Trace {
        let mut neurons = latent.to_vec();
        let mut reach = Vec::with_capacity(self.network.layers.len());
        let mut room = Vec::new();
        for (layer, tapes) in self.network.layers.iter().zip(&self.tapes) {
            let sums = accumulate(layer, &neurons);
            let plane = layer.plane();
            let mut ends = Vec::with_capacity(layer.shape[0]);
            for (channel, sums) in sums.chunks_exact(plane).enumerate() {
                let fold = |(low, high): (f32, f32), &x: &f32| (low.min(x), high.max(x));
                ends.push(sums.iter().fold((f32::INFINITY, f32::NEG_INFINITY), fold));
                let Ok(at) = tapes.binary_search_by_key(&layer.functions[channel], |(id, _)| *id) else { continue };
                let tape = &tapes[at].1;
                neurons.extend(sums.iter().map(|&x| tape.at(f64::from(x), &mut room) as f32));
            }
            reach.push(ends);
        }
        Trace { neurons, reach }
    }

    /// The picture's samples of a trace, within 0..=255.
    pub(super) fn picture(&self, trace: &Trace) -> Vec<f32> {
        self.network.output.iter().map(|read| value(*read, &trace.neurons)).collect()
    }
}

/// The accumulators of a layer.
pub(super) fn accumulate(layer: &FloatLayer, neurons: &[f32]) -> Vec<f32> {
    let gather = |view: &[Read]| -> Vec<f32> { view.iter().map(|read| value(*read, neurons)).collect() };
    match &layer.map {
        FloatMap::Product { input, geometry, weights, bias } => product(layer, geometry, &gather(input), weights, bias),
        FloatMap::Sum(terms) => {
            let mut sums = vec![0.0f64; layer.len()];
            for (coefficient, view) in terms {
                sums.iter_mut()
                    .zip(view)
                    .for_each(|(sum, read)| *sum += coefficient * f64::from(value(*read, neurons)));
            }
            sums.into_iter().map(|sum| sum as f32).collect()
        }
        FloatMap::Mul(left, right) => gather(left).iter().zip(gather(right)).map(|(a, b)| a * b).collect(),
    }
}

fn product(layer: &FloatLayer, geometry: &Geometry, input: &[f32], weights: &[f32], bias: &[f64]) -> Vec<f32> {
    let outputs = [layer.shape[1], layer.shape[2]];
    let [rows, columns] = geometry.full(outputs);
    let [inputs, height, width] = geometry.input_shape;
    let [kernel_height, kernel_width] = geometry.kernel;
    let per_group = layer.shape[0] / geometry.groups;
    let group_inputs = inputs / geometry.groups;
    let len = geometry.kernel_len();
    let mut made = Vec::with_capacity(layer.len());
    let mut plane = vec![0.0f32; rows * columns];
    for (co, kernel) in weights.chunks_exact(len).enumerate() {
        plane.fill(0.0);
        let first = co / per_group * group_inputs;
        for (at, &weight) in kernel.iter().enumerate().filter(|(_, weight)| **weight != 0.0) {
            let (ci, m) = (at / (kernel_height * kernel_width), at % (kernel_height * kernel_width));
            let [my, mx] = [m / kernel_width * geometry.kernel_step[0], m % kernel_width * geometry.kernel_step[1]];
            let input = &input[(first + ci) * height * width..][..height * width];
            for (y, row) in input.chunks_exact(width).enumerate() {
                let line = &mut plane[(y * geometry.input_step[0] + my) * columns + mx..];
                if geometry.input_step[1] == 1 {
                    line.iter_mut().zip(row).for_each(|(sum, &x)| *sum += weight * x);
                } else {
                    let sums = line.iter_mut().step_by(geometry.input_step[1]);
                    sums.zip(row).for_each(|(sum, &x)| *sum += weight * x);
                }
            }
        }
        let bias = bias[co] as f32;
        for y in 0..outputs[0] {
            let line = (y * geometry.output_step[0] + geometry.offset[0]) * columns + geometry.offset[1];
            made.extend((0..outputs[1]).map(|x| plane[line + x * geometry.output_step[1]] + bias));
        }
    }
    made
}
