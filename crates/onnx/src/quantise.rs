//! From floating-point layers to the integer model.
//!
//! Each layer's neurons stand for multiples of one *scale*; a nonlinearity's table maps accumulators, which are multiples of
//! the layer's *unit*, to them. See `docs/decisions/0008-quantisation.md`.
use super::{
    function::{FunctionId, INPUT},
    graph::Geometry,
    lower::{FloatLayer, FloatMap, Network, Read},
    statistics::Statistics,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use veilmark_statement::model::{
    Architecture, LATENT_UNIT, Layer, MAX_ALL_TABLE_ROWS, MAX_SHIFT, MAX_TABLE_ROWS, Map, Model, ModelError, Product,
    Source, Table, View, Weights, layer_reach,
};

/// What is weighed against each other; the figures are in the decision record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choices {
    /// A table's step in the output's steps is at most this, where the function is steepest.
    pub(super) step: f64,
    /// Tables of more rows take twice that step, tables of more than four times as many take four times it; the picture's tables
    /// may have four times as many rows, so that no shade is lost.
    pub(super) rows: i64,
    /// What a channel's largest value is multiplied by where few values show it.
    pub(super) headroom: f64,
    /// The largest shift of a table before its step is doubled: `2^shift` rows are needed for remainders.
    pub(super) shift: u32,
    /// Whether channels have scales of their own where they can.
    pub(super) own: bool,
    /// How many factors of two a channel's weights may be finer than the layer's.
    pub(super) finer: u32,
    /// The largest neuron; the least is minus half of it.
    pub(super) most: f64,
    /// The share of each layer's values that saturates on either side.
    pub(super) tail: f64,
}

impl Default for Choices {
    fn default() -> Self {
        Self { step: 0.5, rows: 1024, shift: 10, own: true, headroom: 1.15, finer: 2, most: 255.0, tail: 0.0 }
    }
}

impl Choices {
    fn least(&self) -> f64 {
        -(self.most / 2.0).floor()
    }
}

/// The integer model of a network.
pub(super) fn quantise(
    network: &Network,
    statistics: &[Statistics],
    frame: &Frame,
    choices: Choices,
) -> Result<Quantised, ModelError> {
    let latent = network.latent;
    let mut quantiser = Quantiser {
        network,
        choices,
        scales: vec![1.0 / f64::from(LATENT_UNIT); latent],
        places: (0..latent as u32).collect(),
        ranges: vec![(i16::from(i8::MIN), i16::from(i8::MAX)); latent],
        layers: Vec::new(),
        weights: Vec::new(),
        slots: Vec::new(),
        first_slot: 0,
        rows: 0,
    };
    let groups = scale_groups(network);
    for ((layer, statistics), groups) in network.layers.iter().zip(statistics).zip(&groups) {
        quantiser.layer(layer, statistics, groups)?;
    }
    let (tables, numbers) = quantiser.tables();
    for table in quantiser.layers.iter_mut().flat_map(|layer| &mut layer.tables) {
        *table = numbers[*table as usize];
    }
    let output = network.output.iter().map(|read| quantiser.source(*read, 1.0)).collect();
    let architecture = Architecture {
        latent: latent as u32,
        classes: frame.classes,
        width: frame.width,
        height: frame.height,
        channels: frame.channels,
        tables,
        layers: quantiser.layers,
        output,
    };
    let Quantiser { weights, scales, places, .. } = quantiser;
    Ok(Quantised { model: Model::new(architecture, weights)?, scales, places })
}

/// The integer model, and where the network's neurons are in it.
#[derive(Debug)]
pub(super) struct Quantised {
    pub(super) model: Model,
    /// What each floating-point neuron's integer is multiplied by.
    pub(super) scales: Vec<f64>,
    /// Each floating-point neuron's number among the integer ones.
    pub(super) places: Vec<u32>,
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
    choices: Choices,
    /// What each floating-point neuron's integer is multiplied by.
    scales: Vec<f64>,
    /// Each floating-point neuron's number among the integer ones.
    places: Vec<u32>,
    /// The range of each integer neuron.
    ranges: Vec<(i16, i16)>,
    layers: Vec<Layer>,
    weights: Vec<Option<Weights>>,
    slots: Vec<Slot>,
    /// The first slot of the layer being made.
    first_slot: usize,
    /// Rows of all tables so far, shared ones counted each time.
    rows: usize,
}

/// A table whose domain may still grow.
#[derive(Clone, Debug)]
struct Slot {
    function: FunctionId,
    shift: u32,
    /// What one quotient stands for.
    step: f64,
    target: Target,
    domain: (i64, i64),
    /// Other layers may use it.
    shared: bool,
}

impl Slot {
    /// About how many rows its table has.
    fn rows(&self) -> usize {
        usize::try_from((self.domain.1 - self.domain.0) >> self.shift).unwrap_or(usize::MAX).min(MAX_TABLE_ROWS + 1)
    }
}

/// For each layer the group of each channel whose neurons must have one scale, by the number of its first channel: those
/// that a product reads as one plane, and all that anything else reads. A product takes any scale of a plane into its
/// weights.
fn scale_groups(network: &Network) -> Vec<Vec<usize>> {
    let mut firsts = vec![network.latent];
    for layer in &network.layers {
        firsts.push(firsts[firsts.len() - 1] + layer.len());
    }
    let mut groups: Vec<Vec<usize>> = network.layers.iter().map(|layer| (0..layer.shape[0]).collect()).collect();
    let owner = |read: &Read| match *read {
        Read::Neuron(at) if at as usize >= network.latent => {
            let layer = firsts.partition_point(|first| *first <= at as usize) - 1;
            Some((layer, (at as usize - firsts[layer]) / network.layers[layer].plane()))
        }
        _ => None,
    };
    fn root(groups: &mut [usize], mut at: usize) -> usize {
        while groups[at] != at {
            groups[at] = groups[groups[at]];
            at = groups[at];
        }
        at
    }
    let mut join = |view: &[Read]| {
        let mut of_layer: BTreeMap<usize, usize> = BTreeMap::new();
        let mut last = None;
        for (layer, channel) in view.iter().filter_map(owner) {
            if last.replace((layer, channel)) == Some((layer, channel)) {
                continue;
            }
            let other = *of_layer.entry(layer).or_insert(channel);
            let [a, b] = [other, channel].map(|channel| root(&mut groups[layer], channel));
            groups[layer][a.max(b)] = a.min(b);
        }
    };
    for layer in &network.layers {
        match &layer.map {
            FloatMap::Product { input, geometry, .. } => {
                let plane = geometry.input_shape[1] * geometry.input_shape[2];
                input.chunks(plane).for_each(&mut join);
            }
            FloatMap::Sum(terms) => terms.iter().for_each(|(_, view)| join(view)),
            FloatMap::Mul(left, right) => [left, right].into_iter().for_each(|view| join(view)),
        }
    }
    join(&network.output);
    groups.iter_mut().for_each(|groups| (0..groups.len()).for_each(|channel| groups[channel] = root(groups, channel)));
    groups
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
    /// The shift and the scale of each channel, where they have their own.
    own: Option<Vec<(u32, f64)>>,
}

/// How neurons are made of accumulators.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Target {
    scale: f64,
    least: f64,
    most: f64,
}

impl Quantiser<'_> {
    fn layer(&mut self, layer: &FloatLayer, statistics: &Statistics, groups: &[usize]) -> Result<(), ModelError> {
        let picture = layer.functions.iter().any(|function| self.network.graph.functions.is_picture(*function));
        let mut target = if picture {
            Target { scale: 1.0, least: 0.0, most: 255.0 }
        } else {
            let (low, high) = statistics.range(self.choices.tail);
            let never_negative =
                layer.functions.iter().all(|f| self.network.graph.functions.tape(*f).bounds().0 >= 0.0);
            let scale = (high / self.choices.most).max(low / self.choices.least()).max(f64::from(f32::MIN_POSITIVE));
            Target { scale, least: if never_negative { 0.0 } else { self.choices.least() }, most: self.choices.most }
        };
        let slope = self.slope(layer, statistics);
        let own = self.choices.own && !picture;
        let needed = if own { self.needed_scales(layer, statistics, target, groups) } else { None };
        let accumulators = match &layer.map {
            FloatMap::Product { input, geometry, weights, bias } => {
                self.product(layer, input, geometry, (weights, bias), needed.as_deref())?
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
                Accumulators { map, weights: None, unit: a * b, finer: vec![0; layer.shape[0]], own: None }
            }
        };
        let first = self.ranges.len() as u32;
        let scales = match &accumulators.own {
            Some(own) => own.iter().map(|(_, scale)| *scale).collect(),
            None => vec![target.scale; layer.shape[0]],
        };
        self.push(layer.shape, &layer.functions, accumulators, target, slope)?;
        self.places.extend((0..layer.len() as u32).map(|at| first + at));
        self.scales.extend(scales.into_iter().flat_map(|scale| std::iter::repeat_n(scale, layer.plane())));
        Ok(())
    }

    /// The least scale of each channel of a product whose functions keep factors (`f(a x) = a f(x)` for positive `a`).
    ///
    /// Channels of one group have one; given with each channel's group.
    fn needed_scales(
        &self,
        layer: &FloatLayer,
        statistics: &Statistics,
        target: Target,
        groups: &[usize],
    ) -> Option<Vec<(f64, usize)>> {
        let FloatMap::Product { .. } = layer.map else { return None };
        let mut room = Vec::new();
        let mut tapes = BTreeMap::new();
        for &function in &layer.functions {
            tapes.entry(function).or_insert_with(|| self.network.graph.functions.tape(function));
        }
        for tape in tapes.values() {
            for x in [-3.0, -0.625, 0.625, 3.0] {
                if tape.at(8.0 * x, &mut room) != 8.0 * tape.at(x, &mut room) {
                    return None;
                }
            }
        }
        let all = statistics.range(0.0);
        let kept = statistics.range(self.choices.tail);
        let all = (all.1 / self.choices.most).max(all.0 / self.choices.least());
        let kept = (kept.1 / self.choices.most).max(kept.0 / self.choices.least());
        let saturate = if all > 0.0 { kept / all } else { 1.0 };
        let of = |(function, &(low, high)): (&FunctionId, &(f32, f32))| {
            let ends = [low, high].map(|end| tapes[function].at(f64::from(end), &mut room));
            let (low, high) = (ends[0].min(ends[1]).min(0.0), ends[0].max(ends[1]).max(0.0));
            let scale = (high / self.choices.most).max(low / self.choices.least());
            (scale * saturate).max(target.scale / 16.0)
        };
        let mut needed: Vec<f64> = layer.functions.iter().zip(&statistics.reach).map(of).collect();
        let mut members = vec![0; groups.len()];
        for (channel, &group) in groups.iter().enumerate() {
            members[group] += 1;
            needed[group] = needed[group].max(needed[channel]);
        }
        // few values do not show the largest
        let few = layer.plane() < 64;
        let headroom = |group: usize| if few && members[group] == 1 { self.choices.headroom } else { 1.0 };
        Some(groups.iter().map(|&group| (needed[group] * headroom(group), group)).collect())
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
            Read::Constant(0.0) => Source::Constant(0),
            Read::Constant(c) => {
                let steps = (f64::from(c) / scale).round().clamp(f64::from(i16::MIN), f64::from(i16::MAX));
                Source::Constant(steps as i16)
            }
        }
    }

    /// The only scale of what is read; for constants alone one that fits them, 0 for zeros: weights of padding must not make
    /// those of neurons coarser. `None` where there are several.
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
        Some(scale.unwrap_or(largest / self.choices.most))
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
        let target =
            Target { scale, least: if negative { self.choices.least() } else { 0.0 }, most: self.choices.most };
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
        (weights, bias): (&[f32], &[f64]),
        needed: Option<&[(f64, usize)]>,
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
        // the smallest unit in which a channel's weights and bias are small enough
        let least = |co: usize| (largest[co] / 127.0).max(bias[co].abs() / f64::from(1 << 26));
        // of each group of channels the largest such unit, and how many they are
        let mut grouped = vec![(0.0f64, 0); layer.shape[0]];
        for (co, &(_, group)) in needed.iter().flat_map(|needed| needed.iter().enumerate()) {
            grouped[group] = (grouped[group].0.max(least(co)), grouped[group].1 + 1);
        }
        let mut finer = Vec::with_capacity(layer.shape[0]);
        let mut own = Vec::new();
        let mut quantised =
            Weights { kernel: Vec::with_capacity(weights.len()), bias: Vec::with_capacity(layer.shape[0]) };
        for co in 0..layer.shape[0] {
            let fits = |finer: u32| largest[co] * f64::from(1 << finer) <= 127.0 * unit;
            let unit = if let Some(needed) = needed {
                // one step of the table is `step` steps of the neuron: unit 2^shift = step scale
                let group = needed[co].1;
                let wanted = self.choices.step * needed[co].0.max(grouped[group].0 / self.choices.step);
                let shift = if least(co) > 0.0 { (wanted / least(co)).log2() } else { 0.0 };
                // what does not fit the power of two coarsens the weights, or, where nothing else has this scale, the neurons
                let alone = grouped[group].1 == 1;
                let shift = if alone { shift.round() } else { shift.floor() };
                let shift = shift.clamp(0.0, f64::from(self.choices.shift)) as u32;
                let unit = wanted / f64::from(1 << shift);
                let unit = if alone { unit.max(least(co)) } else { unit };
                own.push((shift, unit * f64::from(1 << shift) / self.choices.step));
                unit
            } else {
                let own = (0..=self.choices.finer).rev().find(|finer| fits(*finer)).filter(|_| largest[co] > 0.0);
                finer.push(own.unwrap_or(0));
                unit / f64::from(1 << own.unwrap_or(0))
            };
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
        Ok(Accumulators { map: Map::Product(product), weights: Some(quantised), unit, finer, own: needed.map(|_| own) })
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
            // whole constants beside samples of the picture are of their scale
            let samples = scales.len() == 1 && scales.contains_key(&1.0f64.to_bits()) && largest <= self.choices.most;
            let broken = |read: &Read| matches!(read, Read::Constant(c) if c.fract() != 0.0);
            let samples = samples && !reads.iter().any(broken);
            if samples {
                largest = 0.0;
            }
            for scale in scales.into_values() {
                let of = |read: &Read| match *read {
                    Read::Neuron(at) if self.scales[at as usize] == scale => self.source(*read, scale),
                    Read::Constant(_) if samples => self.source(*read, scale),
                    _ => Source::Constant(0),
                };
                split.push((coefficient * scale, reads.iter().map(of).collect()));
            }
            if largest > 0.0 {
                let scale = largest / self.choices.most;
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
            let lost: f64 =
                split.iter().map(|(ratio, _)| ((ratio / unit).round() * unit - ratio).abs() * self.choices.most).sum();
            lost <= 0.15 * step && unit <= self.choices.step * step
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
        Accumulators { map: Map::Sum(whole), weights: None, unit, finer: vec![0; shape[0]], own: None }
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
        let Accumulators { map, weights, unit, finer, own } = accumulators;
        let mut layer = Layer { shape: shape.map(|side| side as u32), map, tables: vec![] };
        let reach = layer_reach(&layer, weights.as_ref(), &self.ranges);
        // each channel's shift, and by how many factors of two the step of all tables is larger
        let shifts: Vec<u32> = match &own {
            Some(own) => own.iter().map(|(shift, _)| *shift).collect(),
            None => {
                let finest = finer.iter().copied().max().unwrap_or(0);
                let ideal = (self.choices.step * target.scale / slope / unit).log2().floor();
                let shift = ideal.clamp(0.0, f64::from(u32::from(MAX_SHIFT) - finest - 2)) as u32;
                finer.iter().map(|finer| shift + finer).collect()
            }
        };
        self.first_slot = self.slots.len();
        let most = u32::from(MAX_SHIFT) - shifts.iter().copied().max().unwrap_or(0);
        let rows = |coarser: u32| {
            let of = |((low, high), shift): (&(i64, i64), &u32)| (high - low) >> (shift + coarser);
            reach.iter().zip(&shifts).map(of).max().unwrap_or(0)
        };
        let mut coarser = 0;
        let limit = if target.scale == 1.0 && own.is_none() { 4 * self.choices.rows } else { self.choices.rows };
        while coarser < most
            && (coarser < 2 && rows(coarser) > limit << coarser || rows(coarser) + 2 > MAX_TABLE_ROWS as i64)
        {
            coarser += 1;
        }
        let slots: Vec<u32> = (0..shape[0])
            .map(|channel| {
                let shift = shifts[channel] + coarser;
                let (step, target) = match &own {
                    Some(_) => (self.choices.step * f64::from(1 << coarser), Target { scale: 1.0, ..target }),
                    None => (unit / f64::from(1 << finer[channel]) * f64::from(1 << shift), target),
                };
                let domain = reach[channel];
                self.slot(Slot { function: functions[channel], shift, step, target, domain, shared: own.is_some() })
            })
            .collect();
        let mut ranges = BTreeMap::new();
        for &number in &slots {
            let slot = &self.slots[number as usize];
            let range = if let Some(range) = ranges.get(&number) {
                *range
            } else if slot.shared {
                (slot.target.least as i16, slot.target.most as i16)
            } else {
                // bounded before they are made
                self.rows = self.rows.saturating_add(slot.rows());
                if self.rows > MAX_ALL_TABLE_ROWS {
                    let (expected, got) = (format!("at most {MAX_ALL_TABLE_ROWS}"), self.rows.to_string());
                    let place = format!("layer {}", self.layers.len());
                    return Err(ModelError::Limit { place, what: "the rows of all tables", expected, got });
                }
                let outputs = self.table(slot).outputs;
                (outputs.iter().copied().min().unwrap_or(0), outputs.iter().copied().max().unwrap_or(0))
            };
            ranges.insert(number, range);
            self.ranges.extend(std::iter::repeat_n(range, shape[1] * shape[2]));
        }
        layer.tables = slots;
        self.layers.push(layer);
        self.weights.push(weights);
        Ok(())
    }

    /// The number of a slot, made or grown.
    fn slot(&mut self, slot: Slot) -> u32 {
        let same = |old: &Slot| {
            (old.function, old.shift, old.step, old.target, old.shared)
                == (slot.function, slot.shift, slot.step, slot.target, slot.shared)
        };
        // a table that is shared lets its neurons be anything within the target; others must not grow once they are read
        let from = if slot.shared { 0 } else { self.first_slot };
        if let Some(at) = self.slots[from..].iter().position(same) {
            let domain = &mut self.slots[from + at].domain;
            *domain = (domain.0.min(slot.domain.0), domain.1.max(slot.domain.1));
            return (from + at) as u32;
        }
        self.slots.push(slot);
        (self.slots.len() - 1) as u32
    }

    /// The tables, each once, and for each slot its table's number.
    fn tables(&self) -> (Vec<Table>, Vec<u32>) {
        let mut tables = Vec::new();
        let mut index = HashMap::new();
        let numbers = self.slots.iter().map(|slot| {
            let table = self.table(slot);
            let next = tables.len() as u32;
            let at = *index.entry(table.clone()).or_insert(next);
            if at == next {
                tables.push(table);
            }
            at
        });
        let numbers = numbers.collect();
        (tables, numbers)
    }

    /// The table of a function over a domain of accumulators; its quotients stand for multiples of `step`.
    fn table(&self, slot: &Slot) -> Table {
        let Slot { function, shift, step, target, domain: (low, high), .. } = *slot;
        let mut table = Table { shift: shift as u8, first: 0, outputs: vec![] };
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
