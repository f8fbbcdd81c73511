//! What a network's layers do on sample latents: what the scales are measured with.
use super::{
    float::Trace,
    lower::{FloatLayer, Network},
};

/// The most values of a layer that are kept for its quantiles.
const KEPT: usize = 1 << 17;

/// What a layer does on the sample latents.
#[derive(Clone, Debug)]
pub(super) struct Statistics {
    /// The least and the greatest accumulator of each channel.
    pub(super) reach: Vec<(f32, f32)>,
    least: f32,
    most: f32,
    kept: Vec<f32>,
    /// One of so many values is kept.
    every: usize,
}

impl Statistics {
    pub(super) fn of(network: &Network, runs: usize) -> Vec<Self> {
        let of = |layer: &FloatLayer| Self {
            reach: vec![(f32::INFINITY, f32::NEG_INFINITY); layer.shape[0]],
            least: f32::INFINITY,
            most: f32::NEG_INFINITY,
            kept: Vec::new(),
            every: (layer.len() * runs).div_ceil(KEPT).max(1),
        };
        network.layers.iter().map(of).collect()
    }

    /// Adds a run.
    pub(super) fn add(list: &mut [Self], network: &Network, run: usize, trace: &Trace) {
        let mut first = network.latent;
        for ((statistics, layer), reach) in list.iter_mut().zip(&network.layers).zip(&trace.reach) {
            let values = &trace.neurons[first..first + layer.len()];
            first += layer.len();
            for (own, new) in statistics.reach.iter_mut().zip(reach) {
                *own = (own.0.min(new.0), own.1.max(new.1));
            }
            for (at, &value) in values.iter().enumerate() {
                statistics.least = statistics.least.min(value);
                statistics.most = statistics.most.max(value);
                if (at + run * layer.len()).is_multiple_of(statistics.every) {
                    statistics.kept.push(value);
                }
            }
        }
    }

    /// No more runs come.
    pub(super) fn finish(&mut self) {
        self.kept.sort_by(f32::total_cmp);
    }

    /// The values between which all but a share `tail` on either side are.
    pub(super) fn range(&self, tail: f64) -> (f64, f64) {
        let cut = (self.kept.len() as f64 * tail) as usize;
        if tail == 0.0 || self.kept.len() < 1000 {
            return (f64::from(self.least), f64::from(self.most));
        }
        (f64::from(self.kept[cut]), f64::from(self.kept[self.kept.len() - 1 - cut]))
    }
}
