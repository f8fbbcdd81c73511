//! The network of floating-point layers: what the graph becomes, what is run, measured and quantised.
//!
//! Layers stand in the order of evaluation. Neurons are numbered through, the latent's first, and a layer reads smaller
//! numbers than its own only.
use super::function::{FunctionId, Functions};
use std::{collections::HashMap, sync::Arc};

/// The node that is being evaluated, for whoever asks later where a layer came from.
pub(super) type Origin = Arc<str>;

/// A product of polynomials; the fields are those of the integer model's.
#[derive(Clone, Debug)]
pub(super) struct Geometry {
    pub(super) input_shape: [usize; 3],
    pub(super) groups: usize,
    pub(super) kernel: [usize; 2],
    pub(super) input_step: [usize; 2],
    pub(super) kernel_step: [usize; 2],
    pub(super) output_step: [usize; 2],
    pub(super) offset: [usize; 2],
}

impl Geometry {
    /// Every output of a channel is a combination of all inputs at its own place.
    pub(super) fn pointwise(channels: usize, plane: [usize; 2], groups: usize) -> Self {
        Self {
            input_shape: [channels, plane[0], plane[1]],
            groups,
            kernel: [1; 2],
            input_step: [1; 2],
            kernel_step: [1; 2],
            output_step: [1; 2],
            offset: [0; 2],
        }
    }

    pub(super) fn kernel_len(&self) -> usize {
        self.input_shape[0] / self.groups * self.kernel[0] * self.kernel[1]
    }
}

/// What is read: a neuron, or a constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Read {
    Neuron(u32),
    Constant(f32),
}

#[derive(Clone, Debug)]
pub(super) enum FloatMap {
    Product { input: Vec<Read>, geometry: Geometry, weights: Arc<Vec<f32>>, bias: Vec<f64> },
    Sum(Vec<(f64, Vec<Read>)>),
    Mul(Vec<Read>, Vec<Read>),
}

/// A layer of floating-point numbers.
#[derive(Clone, Debug)]
pub(super) struct FloatLayer {
    pub(super) shape: [usize; 3],
    pub(super) map: FloatMap,
    /// Of each channel.
    pub(super) functions: Vec<FunctionId>,
    pub(super) exact: bool,
    /// The node of the file that made it.
    pub(super) origin: Origin,
}

impl FloatLayer {
    /// Multiplications of one inference.
    pub(super) fn multiplications(&self) -> u64 {
        match &self.map {
            FloatMap::Product { geometry, .. } => {
                let inputs = geometry.input_shape[1] as u64 * geometry.input_shape[2] as u64;
                (self.shape[0] as u64).saturating_mul(geometry.kernel_len() as u64).saturating_mul(inputs)
            }
            FloatMap::Sum(terms) => terms.len() as u64 * self.len() as u64,
            FloatMap::Mul(..) => self.len() as u64,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.shape.iter().product()
    }

    pub(super) fn plane(&self) -> usize {
        self.shape[1] * self.shape[2]
    }
}

/// The whole network.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) latent: usize,
    pub(super) layers: Vec<FloatLayer>,
    pub(super) output: Vec<Read>,
    /// What the layers' functions are.
    pub(super) functions: Functions,
}

impl Network {
    /// Operations of one inference: multiplications, and the steps of functions.
    pub(super) fn operations(&self) -> u64 {
        let mut sizes: HashMap<FunctionId, u64> = HashMap::new();
        let mut steps = |layer: &FloatLayer| -> u64 {
            let of = |function: &FunctionId| {
                *sizes.entry(*function).or_insert_with(|| self.functions.size(*function) as u64)
            };
            layer.functions.iter().map(of).fold(0, u64::saturating_add).saturating_mul(layer.plane() as u64)
        };
        let of = |layer: &FloatLayer| layer.multiplications().saturating_add(steps(layer));
        self.layers.iter().map(of).fold(0, u64::saturating_add)
    }
}
