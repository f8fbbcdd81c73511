//! From floating-point layers to the integer model.
//!
//! Each layer's neurons stand for multiples of one *scale*; a nonlinearity's table maps accumulators, which are multiples of
//! the layer's *unit*, to them. See `docs/decisions/0008-quantisation.md`.
use super::{
    float::Trace,
    function::{FunctionId, INPUT},
    graph::Geometry,
    lower::{FloatLayer, FloatMap, Network, Read},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use veilmark_circuits::statement::model::{
    Architecture, LATENT_UNIT, Layer, MAX_SHIFT, MAX_TABLE_ROWS, Map, Model, ModelError, Product, Source, Table, View,
    Weights, layer_reach,
};

/// The most values of a layer that are kept for its quantiles.
const KEPT: usize = 1 << 17;
/// A table's step in the output's steps is at most this, where the function is steepest.
const STEP: f64 = 0.5;
/// Tables of more rows take twice that step.
const ROWS: i64 = 4096;
/// How many factors of two a channel's weights may be finer than the layer's.
const FINER: u32 = 2;
/// Neurons are within these.
const LEAST: f64 = -127.0;
const MOST: f64 = 255.0;

/// What a layer does on the sample latents.
#[derive(Clone, Debug)]
pub(super) struct Statistics {
    /// The least and the greatest accumulator of each channel.
    reach: Vec<(f32, f32)>,
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
    fn range(&self, tail: f64) -> (f64, f64) {
        let cut = (self.kept.len() as f64 * tail) as usize;
        if tail == 0.0 || self.kept.len() < 1000 {
            return (f64::from(self.least), f64::from(self.most));
        }
        (f64::from(self.kept[cut]), f64::from(self.kept[self.kept.len() - 1 - cut]))
    }
}

/// The integer model of a network, `tail` of each layer's values on either side saturating.
pub(super) fn quantise(
    network: &Network,
    statistics: &[Statistics],
    frame: &Frame,
    tail: f64,
) -> Result<Model, ModelError> {
    let latent = network.latent;
    let mut quantiser = Quantiser {
        network,
        scales: vec![1.0 / f64::from(LATENT_UNIT); latent],
        places: (0..latent as u32).collect(),
        ranges: vec![(i16::from(i8::MIN), i16::from(i8::MAX)); latent],
        layers: Vec::new(),
        weights: Vec::new(),
        tables: Vec::new(),
        index: HashMap::new(),
    };
    for (layer, statistics) in network.layers.iter().zip(statistics) {
        quantiser.layer(layer, statistics, tail)?;
    }
    let output = network.output.iter().map(|read| quantiser.source(*read, 1.0)).collect();
    let architecture = Architecture {
        latent: latent as u32,
        classes: frame.classes,
        width: frame.width,
        height: frame.height,
        channels: frame.channels,
        tables: quantiser.tables,
        layers: quantiser.layers,
        output,
    };
    Model::new(architecture, quantiser.weights)
}

/// What the network does not say itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) classes: u32,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) channels: u32,
}

#[derive(Debug)]
struct Quantiser<'a> {
    network: &'a Network,
    /// What each floating-point neuron's integer is multiplied by.
    scales: Vec<f64>,
    /// Each floating-point neuron's number among the integer ones.
    places: Vec<u32>,
    /// The range of each integer neuron.
    ranges: Vec<(i16, i16)>,
    layers: Vec<Layer>,
    weights: Vec<Option<Weights>>,
    tables: Vec<Table>,
    index: HashMap<Table, u32>,
}

/// Accumulators that have no table yet.
#[derive(Debug)]
struct Accumulators {
    map: Map,
    weights: Option<Weights>,
    /// What the accumulators of a channel with `finer` 0 are multiplied by.
    unit: f64,
    /// By how many factors of two each channel's unit is smaller.
    finer: Vec<u32>,
}

/// How neurons are made of accumulators.
#[derive(Clone, Copy, Debug)]
struct Target {
    scale: f64,
    least: f64,
    most: f64,
}

impl Quantiser<'_> {
    fn layer(&mut self, layer: &FloatLayer, statistics: &Statistics, tail: f64) -> Result<(), ModelError> {
        let picture = layer.functions.iter().any(|function| self.network.graph.functions.is_picture(*function));
        let mut target = if picture {
            Target { scale: 1.0, least: 0.0, most: 255.0 }
        } else {
            let (low, high) = statistics.range(tail);
            let never_negative =
                layer.functions.iter().all(|f| self.network.graph.functions.tape(*f).bounds().0 >= 0.0);
            let scale = (high / MOST).max(low / LEAST).max(f64::from(f32::MIN_POSITIVE));
            Target { scale, least: if never_negative { 0.0 } else { LEAST }, most: MOST }
        };
        let slope = self.slope(layer, statistics);
        let accumulators = match &layer.map {
            FloatMap::Product { input, geometry, weights, bias } => {
                self.product(layer, input, geometry, weights, bias)?
            }
            FloatMap::Sum(terms) => {
                if layer.exact
                    && !picture
                    && let Some(scale) = self.common_scale(terms)
                    && self.keeps_scale(layer)
                {
                    target.scale = scale;
                }
                self.sum(layer.shape, terms, target.scale / slope)
            }
            FloatMap::Mul(left, right) => {
                let (left, a) = self.unified(left)?;
                let (right, b) = self.unified(right)?;
                let map = Map::Mul(left.into_iter().collect(), right.into_iter().collect());
                Accumulators { map, weights: None, unit: a * b, finer: vec![0; layer.shape[0]] }
            }
        };
        let first = self.ranges.len() as u32;
        self.push(layer.shape, &layer.functions, accumulators, target, slope)?;
        self.places.extend((0..layer.len() as u32).map(|at| first + at));
        self.scales.extend(std::iter::repeat_n(target.scale, layer.len()));
        Ok(())
    }

    /// The steepest slope of the layer's functions where its accumulators are.
    fn slope(&self, layer: &FloatLayer, statistics: &Statistics) -> f64 {
        let union = |a: (f32, f32), b: &(f32, f32)| (a.0.min(b.0), a.1.max(b.1));
        let (low, high) = statistics.reach.iter().fold((f32::INFINITY, f32::NEG_INFINITY), union);
        let (low, high) = (f64::from(low), f64::from(high));
        if low.partial_cmp(&high) != Some(std::cmp::Ordering::Less) {
            return 1.0;
        }
        let mut room = Vec::new();
        let mut steepest = 0.0f64;
        for &function in layer.functions.iter().collect::<BTreeSet<_>>() {
            let tape = self.network.graph.functions.tape(function);
            let points = 256;
            let step = (high - low) / f64::from(points);
            let values: Vec<f64> = (0..=points).map(|i| tape.at(low + f64::from(i) * step, &mut room)).collect();
            let slopes =
                values.windows(2).map(|pair| ((pair[1] - pair[0]) / step).abs()).filter(|slope| slope.is_finite());
            steepest = slopes.fold(steepest, f64::max);
        }
        if steepest > 0.0 { steepest } else { 1.0 }
    }

    fn keeps_scale(&self, layer: &FloatLayer) -> bool {
        let mut room = Vec::new();
        layer.functions.iter().collect::<BTreeSet<_>>().into_iter().all(|&function| {
            function == INPUT || {
                let tape = self.network.graph.functions.tape(function);
                [-2.0, -0.5, 0.5, 3.0].iter().all(|&x| tape.at(x, &mut room) == x.max(0.0))
            }
        })
    }

    /// The scale of all neurons that are read, where it is one and they are only added and subtracted.
    fn common_scale(&self, terms: &[(f64, Vec<Read>)]) -> Option<f64> {
        let mut scales = terms.iter().flat_map(|(_, view)| view).map(|read| match read {
            Read::Neuron(at) => Some(self.scales[*at as usize]),
            Read::Constant(_) => None,
        });
        let first = scales.next()??;
        (scales.all(|scale| scale == Some(first)) && terms.iter().all(|(c, _)| c.abs() == 1.0)).then_some(first)
    }

    fn source(&self, read: Read, scale: f64) -> Source {
        match read {
            Read::Neuron(at) => Source::Neuron(self.places[at as usize]),
            Read::Constant(c) => {
                let steps = (f64::from(c) / scale).round().clamp(f64::from(i16::MIN), f64::from(i16::MAX));
                Source::Constant(steps as i16)
            }
        }
    }

    /// The only scale of what is read; for constants alone one that fits them. `None` where there are several.
    fn scale_of(&self, reads: &[Read]) -> Option<f64> {
        let mut scale = None;
        let mut largest = 0.0f64;
        for read in reads {
            match *read {
                Read::Neuron(at) => {
                    let own = self.scales[at as usize];
                    if *scale.get_or_insert(own) != own {
                        return None;
                    }
                }
                Read::Constant(c) => largest = largest.max(f64::from(c).abs()),
            }
        }
        let alone = if largest > 0.0 { largest / MOST } else { 1.0 };
        Some(scale.unwrap_or(alone))
    }

    /// Sources of one scale; neurons of other scales are rounded to it by a layer of their own.
    fn unified(&mut self, reads: &[Read]) -> Result<(Vec<Source>, f64), ModelError> {
        if let Some(scale) = self.scale_of(reads) {
            return Ok((reads.iter().map(|read| self.source(*read, scale)).collect(), scale));
        }
        let neurons: BTreeSet<u32> =
            reads.iter().filter_map(|r| if let Read::Neuron(at) = r { Some(*at) } else { None }).collect();
        let scale = neurons.iter().map(|at| self.scales[*at as usize]).fold(0.0, f64::max);
        let other: Vec<u32> = neurons.into_iter().filter(|at| self.scales[*at as usize] != scale).collect();
        let negative = other.iter().any(|at| self.ranges[self.places[*at as usize] as usize].0 < 0);
        let target = Target { scale, least: if negative { LEAST } else { 0.0 }, most: MOST };
        let view = other.iter().map(|at| Read::Neuron(*at)).collect();
        let accumulators = self.sum([1, 1, other.len()], &[(1.0, view)], scale);
        let first = self.ranges.len() as u32;
        self.push([1, 1, other.len()], &[INPUT], accumulators, target, 1.0)?;
        let sources = reads.iter().map(|read| match read {
            Read::Neuron(at) => match other.binary_search(at) {
                Ok(index) => Source::Neuron(first + index as u32),
                Err(_) => self.source(*read, scale),
            },
            Read::Constant(_) => self.source(*read, scale),
        });
        Ok((sources.collect(), scale))
    }

    fn product(
        &mut self,
        layer: &FloatLayer,
        input: &[Read],
        geometry: &Geometry,
        weights: &[f32],
        bias: &[f64],
    ) -> Result<Accumulators, ModelError> {
        let plane = geometry.input_shape[1] * geometry.input_shape[2];
        let scales: Option<Vec<f64>> = input.chunks(plane).map(|plane| self.scale_of(plane)).collect();
        let (sources, scales) = match scales {
            Some(scales) => {
                let of = |(at, read): (usize, &Read)| self.source(*read, scales[at / plane]);
                (input.iter().enumerate().map(of).collect(), scales)
            }
            None => {
                let (sources, scale) = self.unified(input)?;
                (sources, vec![scale; geometry.input_shape[0]])
            }
        };
        let len = geometry.kernel_len();
        let kernel = geometry.kernel[0] * geometry.kernel[1];
        let per_group = layer.shape[0] / geometry.groups;
        let group_inputs = geometry.input_shape[0] / geometry.groups;
        // weights in the units of what they multiply
        let real = |co: usize, at: usize| {
            f64::from(weights[co * len + at]) * scales[co / per_group * group_inputs + at / kernel]
        };
        let largest: Vec<f64> =
            (0..layer.shape[0]).map(|co| (0..len).map(|at| real(co, at).abs()).fold(0.0, f64::max)).collect();
        let bias_bound = bias.iter().fold(0.0f64, |most, b| most.max(b.abs())) / f64::from(1 << 26);
        let unit =
            (largest.iter().copied().fold(0.0, f64::max) / 127.0).max(bias_bound).max(f64::from(f32::MIN_POSITIVE));
        let mut finer = Vec::with_capacity(layer.shape[0]);
        let mut quantised =
            Weights { kernel: Vec::with_capacity(weights.len()), bias: Vec::with_capacity(layer.shape[0]) };
        for co in 0..layer.shape[0] {
            let fits = |finer: u32| largest[co] * f64::from(1 << finer) <= 127.0 * unit;
            let own = if largest[co] > 0.0 { (0..=FINER).rev().find(|finer| fits(*finer)).unwrap_or(0) } else { 0 };
            let unit = unit / f64::from(1 << own);
            finer.push(own);
            quantised.kernel.extend((0..len).map(|at| (real(co, at) / unit).round().clamp(-127.0, 127.0) as i8));
            quantised.bias.push((bias[co] / unit).round().clamp(f64::from(i32::MIN), f64::from(i32::MAX)) as i32);
        }
        let side = |sides: [usize; 2]| sides.map(|side| side as u32);
        let product = Product {
            input: sources.into_iter().collect(),
            input_shape: geometry.input_shape.map(|side| side as u32),
            groups: geometry.groups as u32,
            kernel: side(geometry.kernel),
            input_step: side(geometry.input_step),
            kernel_step: side(geometry.kernel_step),
            output_step: side(geometry.output_step),
            offset: side(geometry.offset),
        };
        Ok(Accumulators { map: Map::Product(product), weights: Some(quantised), unit, finer })
    }

    /// A sum with small whole coefficients, accurate to a part of `step`, what the neurons can tell apart.
    fn sum(&self, shape: [usize; 3], terms: &[(f64, Vec<Read>)], step: f64) -> Accumulators {
        // terms by scale: other neurons are 0 there
        let mut split: Vec<(f64, View)> = Vec::new();
        for (coefficient, reads) in terms {
            let mut scales: BTreeMap<u64, f64> = BTreeMap::new();
            let mut largest = 0.0f64;
            for read in reads {
                match *read {
                    Read::Neuron(at) => {
                        let scale = self.scales[at as usize];
                        scales.insert(scale.to_bits(), scale);
                    }
                    Read::Constant(c) => largest = largest.max(f64::from(c).abs()),
                }
            }
            for scale in scales.into_values() {
                let of = |read: &Read| match *read {
                    Read::Neuron(at) if self.scales[at as usize] == scale => self.source(*read, scale),
                    _ => Source::Constant(0),
                };
                split.push((coefficient * scale, reads.iter().map(of).collect()));
            }
            if largest > 0.0 {
                let scale = largest / MOST;
                let of = |read: &Read| match read {
                    Read::Constant(_) => self.source(*read, scale),
                    Read::Neuron(_) => Source::Constant(0),
                };
                split.push((coefficient * scale, reads.iter().map(of).collect()));
            }
        }
        let largest = split.iter().map(|(ratio, _)| ratio.abs()).fold(f64::from(f32::MIN_POSITIVE), f64::max);
        let fits = |parts: u32| {
            let unit = largest / f64::from(parts);
            let lost: f64 = split.iter().map(|(ratio, _)| ((ratio / unit).round() * unit - ratio).abs() * MOST).sum();
            lost <= 0.15 * step && unit <= STEP * step
        };
        let parts = if split.len() == 1 { 1 } else { (1..=4096).find(|parts| fits(*parts)).unwrap_or(4096) };
        let unit = largest / f64::from(parts);
        let mut whole: Vec<(i32, View)> = split
            .iter()
            .map(|(ratio, view)| ((ratio / unit).round() as i32, view.clone()))
            .filter(|(c, _)| *c != 0)
            .collect();
        if whole.is_empty() {
            whole.extend(split.into_iter().take(1).map(|(_, view)| (1, view)));
        }
        Accumulators { map: Map::Sum(whole), weights: None, unit, finer: vec![0; shape[0]] }
    }

    /// Gives accumulators their tables.
    fn push(
        &mut self,
        shape: [usize; 3],
        functions: &[FunctionId],
        accumulators: Accumulators,
        target: Target,
        slope: f64,
    ) -> Result<(), ModelError> {
        let Accumulators { map, weights, unit, finer } = accumulators;
        let mut layer = Layer { shape: shape.map(|side| side as u32), map, tables: vec![] };
        let reach = layer_reach(&layer, weights.as_ref(), &self.ranges);
        let finest = finer.iter().copied().max().unwrap_or(0);
        let most = u32::from(MAX_SHIFT) - finest;
        let ideal = (STEP * target.scale / slope / unit).log2().floor();
        let mut shift = ideal.clamp(0.0, f64::from(most)) as u32;
        let rows = |shift: u32| {
            let of = |((low, high), finer): (&(i64, i64), &u32)| (high - low) >> (shift + finer);
            reach.iter().zip(&finer).map(of).max().unwrap_or(0)
        };
        if rows(shift) > ROWS && shift < most && ideal >= 0.0 {
            shift += 1;
        }
        while rows(shift) + 2 > MAX_TABLE_ROWS as i64 && shift < most {
            shift += 1;
        }
        // channels of one function and one shift share a table
        let mut domains: BTreeMap<(FunctionId, u32), (i64, i64)> = BTreeMap::new();
        for (channel, &(low, high)) in reach.iter().enumerate() {
            let domain = domains.entry((functions[channel], finer[channel])).or_insert((low, high));
            *domain = (domain.0.min(low), domain.1.max(high));
        }
        let mut made = BTreeMap::new();
        for (&(function, finer), &domain) in &domains {
            let table = self.table(function, (shift + finer) as u8, domain, unit * f64::from(1 << shift), target);
            let next = self.tables.len() as u32;
            let at = *self.index.entry(table.clone()).or_insert(next);
            if at == next {
                self.tables.push(table);
            }
            made.insert((function, finer), at);
        }
        layer.tables = (0..shape[0]).map(|channel| made[&(functions[channel], finer[channel])]).collect();
        for &table in &layer.tables {
            let outputs = &self.tables[table as usize].outputs;
            let range = (outputs.iter().copied().min().unwrap_or(0), outputs.iter().copied().max().unwrap_or(0));
            self.ranges.extend(std::iter::repeat_n(range, layer.plane()));
        }
        self.layers.push(layer);
        self.weights.push(weights);
        Ok(())
    }

    /// The table of a function over a domain of accumulators; its quotients stand for multiples of `step`.
    fn table(&self, function: FunctionId, shift: u8, (low, high): (i64, i64), step: f64, target: Target) -> Table {
        let mut table = Table { shift, first: 0, outputs: vec![] };
        let (first, last) = (table.quotient(low), table.quotient(high));
        // a domain that is too large is the model's error, not a table that is made here
        let last = last.min(first.saturating_add(MAX_TABLE_ROWS as i64 + 1));
        let tape = self.network.graph.functions.tape(function);
        let mut room = Vec::new();
        let mut values: Vec<f64> = (first..=last).map(|q| tape.at(q as f64 * step, &mut room) / target.scale).collect();
        // where a formula overflows (inf / inf), the value nearer to 0 goes on
        let middle = usize::try_from(-first).unwrap_or(0).min(values.len().saturating_sub(1));
        let mut known = 0.0;
        for value in &mut values[middle..] {
            if value.is_nan() { *value = known } else { known = *value }
        }
        known = values.get(middle).copied().unwrap_or(0.0);
        for value in values[..middle].iter_mut().rev() {
            if value.is_nan() { *value = known } else { known = *value }
        }
        table.first = i32::try_from(first).unwrap_or(i32::MIN);
        table.outputs = values.iter().map(|value| value.round().clamp(target.least, target.most) as i16).collect();
        table
    }
}
