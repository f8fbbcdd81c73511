//! From the float network to the integer model, by measurement: scales on some latents, quality on others.
use super::{
    Options, QUALITY_FLOOR_DB,
    error::{ImportError, Kind, fault, graph_error, whole},
    float::{Runner, Trace},
    network::{FloatLayer, FloatMap, Network},
    picture::{Frame, OutputRange},
    program::Onnx,
    quantise::{Choices, Quantised, quantise},
    reference::Reference,
    report::{Imported, LayerReport, Outcome, Report, Sample, SecondReading},
    statistics::Statistics,
};
use rayon::prelude::*;
use std::collections::BTreeSet;
use veilmark_statement::{
    latent::latent,
    model::{Activations, Architecture, LATENT_UNIT, Model, Source, View},
};

/// Operations of all calibration runs together, and of all compared ones.
const BUDGET: u64 = 1 << 34;
/// Latents that a second reader is compared on.
const SECOND_COMPARED: u32 = 16;
/// Latents of the calibration on which the share that saturates is chosen.
const CHOSEN_ON: u32 = 32;
/// Shares of saturated values that are tried.
const TAILS: [f64; 2] = [0.0, 1e-4];
/// Runs side by side.
const CHUNK: usize = 8;
/// Pictures that are kept for the report, the worst aside.
const SHOWN: u32 = 7;
/// Differences that are counted one by one.
const DIFFERENCES: usize = 33;
/// A picture depends on the latent where a sample changes by so much, of 255.
const CHANGES: f32 = 0.5;

/// A network that is about to be measured.
#[derive(Debug)]
pub(crate) struct Measured<'a> {
    pub(crate) onnx: Onnx,
    pub(crate) network: &'a Network,
    pub(crate) frame: Frame,
    pub(crate) range: OutputRange,
    /// Where each sample of the picture is in the file's output.
    pub(crate) order: &'a [usize],
    pub(crate) options: &'a Options,
    pub(crate) entries: u32,
}

impl Measured<'_> {
    pub(crate) fn import(self, progress: &dyn Fn(f64)) -> Result<Imported, ImportError> {
        let affordable = u32::try_from(BUDGET / self.network.operations().max(1)).unwrap_or(u32::MAX).max(2);
        let runner = Runner::new(self.network);
        let (quantised, saturated, jumps) = self.calibrate(&runner, affordable, progress)?;
        let compared = self.compare(&quantised, &runner, affordable, &|done| progress(0.6 + 0.35 * done))?;
        let architecture = quantised.model.architecture();
        let mut report = Report {
            output_range: self.range,
            width: self.frame.width,
            height: self.frame.height,
            channels: self.frame.channels,
            latent: self.entries,
            psnr_db: psnr(compared.squares / (f64::from(compared.count) * self.order.len() as f64)),
            worst_psnr_db: compared.worst.0,
            worst_seed: compared.worst.1,
            largest_difference: compared.largest,
            compared: compared.count,
            differences: compared.differences,
            second: SecondReading { reader: "tract", outcome: Outcome::CannotRun, difference: None, reason: None },
            saturated,
            by_layer: self.layers(&compared.powers, &jumps),
            layers: architecture.layers.len(),
            parameters: architecture.parameters(),
            multiplications: architecture.multiplications(),
            neurons: architecture.neurons(),
            tables: architecture.tables.len(),
            table_rows: architecture.tables.iter().map(|table| table.outputs.len()).sum(),
            largest_shift: architecture.tables.iter().map(|table| table.shift).max().unwrap_or(0),
        };
        if report.psnr_db < QUALITY_FLOOR_DB && !self.options.accept_low_quality {
            let (layer, signal_db) = report.worst_layer().map_or((String::new(), 0.0), |(at, layer)| {
                (format!("layer {at}, of node {}", layer.origin), layer.signal_db)
            });
            let (psnr_db, floor_db) = (report.psnr_db, QUALITY_FLOOR_DB);
            return Err(ImportError::Quality { psnr_db, floor_db, layer, signal_db });
        }
        let samples = self.samples(&quantised.model, &runner, report.worst_seed, affordable);
        report.second = self.second(&runner, SECOND_COMPARED.min(affordable));
        progress(1.0);
        Ok(Imported { model: quantised.model, report, samples })
    }

    fn latents(&self, prompt: &str, count: u32) -> Vec<Vec<i8>> {
        sample_latents(prompt, count, self.entries, self.options.classes)
    }

    /// The integer model, the share that saturates in it, and which layers' functions jump.
    fn calibrate(
        &self,
        runner: &Runner<'_>,
        affordable: u32,
        progress: &dyn Fn(f64),
    ) -> Result<(Quantised, f64, Vec<bool>), ImportError> {
        let network = self.network;
        let runs = self.options.calibration.max(1).min(affordable);
        let chosen_on = runs.min(affordable / 4).clamp(1, CHOSEN_ON);
        let latents = self.latents("calibration", runs);
        let mut statistics = Statistics::of(network, runs as usize);
        let mut pictures = Vec::new();
        let mut reach: Option<Vec<(f32, f32)>> = None;
        // runs side by side, added up in their order
        for (first, some) in latents.chunks(4).enumerate().map(|(chunk, some)| (chunk * 4, some)) {
            let traces: Vec<_> = some.par_iter().map(|latent| runner.run(&floats(latent))).collect();
            for (run, trace) in (first..).zip(&traces) {
                self.check_finite(trace)?;
                Statistics::add(&mut statistics, network, run, trace);
                let picture = runner.picture(trace);
                let reach = reach.get_or_insert_with(|| picture.iter().map(|sample| (*sample, *sample)).collect());
                for (reach, sample) in reach.iter_mut().zip(&picture) {
                    *reach = (reach.0.min(*sample), reach.1.max(*sample));
                }
                if run < chosen_on as usize {
                    pictures.push(picture);
                }
            }
            progress(0.05 + 0.4 * (first + some.len()) as f64 / f64::from(runs));
        }
        let changes = reach.into_iter().flatten().any(|(low, high)| high - low >= CHANGES);
        if runs > 1 && !changes {
            return Err(ImportError::ConstantPicture { reason: "no sample changes by half a level of 255" });
        }
        statistics.iter_mut().for_each(Statistics::finish);
        let mut best: Option<(f64, f64, Quantised)> = None;
        for (at, tail) in TAILS.into_iter().enumerate() {
            let made = quantise(network, &statistics, &self.frame, Choices { tail, ..self.options.choices })?;
            let error_of = |(floats, latent): (&Vec<f32>, &Vec<i8>)| {
                let samples = samples(&made.model, &made.model.run(latent));
                samples.iter().zip(floats).map(|(a, b)| (a - f64::from(b.round())).powi(2)).sum()
            };
            let errors: Vec<f64> = pictures.par_iter().zip(&latents).map(error_of).collect();
            let error: f64 = errors.iter().sum();
            if best.as_ref().is_none_or(|(least, ..)| error < *least) {
                best = Some((error, tail, made));
            }
            progress(0.45 + 0.075 * (at + 1) as f64);
        }
        let (_, saturated, quantised) = best.ok_or_else(|| whole(fault("the quantisation", "possible", "nothing")))?;
        let jumps = network.layers.iter().zip(&statistics).map(|(layer, statistics)| self.jumps(layer, statistics));
        Ok((quantised, saturated, jumps.collect()))
    }

    /// Whether a function of the layer jumps where its accumulators are.
    fn jumps(&self, layer: &FloatLayer, statistics: &Statistics) -> bool {
        let union = |a: (f32, f32), b: &(f32, f32)| (a.0.min(b.0), a.1.max(b.1));
        let (low, high) = statistics.reach.iter().fold((f32::INFINITY, f32::NEG_INFINITY), union);
        let functions: BTreeSet<_> = layer.functions.iter().copied().collect();
        functions.into_iter().any(|of| self.network.functions.tape(of).jumps(low.into(), high.into()))
    }

    fn check_finite(&self, trace: &Trace) -> Result<(), ImportError> {
        let Some(bad) = trace.neurons.iter().position(|value| !value.is_finite()) else { return Ok(()) };
        let mut first = self.network.latent;
        let layer = self.network.layers.iter().find(|layer| {
            first += layer.len();
            bad < first
        });
        let origin = layer.map_or("the latent", |layer| &layer.origin);
        let got = format!("an overflow, a division by 0 or a root of a negative number at {origin}");
        Err(graph_error(Kind::Overflow, "the activations on sample latents", "finite", got))
    }

    /// Compares the integer model with the floats, on latents that calibration has not seen.
    fn compare(
        &self,
        quantised: &Quantised,
        runner: &Runner<'_>,
        affordable: u32,
        progress: &dyn Fn(f64),
    ) -> Result<Compared, ImportError> {
        let count = self.options.compared.max(1).min(affordable);
        let latents = self.latents("comparison", count);
        let mut all = Compared {
            squares: 0.0,
            worst: (f64::INFINITY, 0),
            largest: 0,
            count,
            differences: vec![0; DIFFERENCES],
            powers: vec![(0.0, 0.0); self.network.layers.len()],
        };
        let mut first: Option<Vec<f64>> = None;
        let mut changes = count == 1;
        for (start, some) in latents.chunks(CHUNK).enumerate().map(|(chunk, some)| (chunk * CHUNK, some)) {
            let runs: Vec<_> = some
                .par_iter()
                .map(|latent| {
                    let trace = runner.run(&floats(latent));
                    let activations = quantised.model.run(latent);
                    let powers = self.powers(quantised, &trace, &activations);
                    (runner.picture(&trace), samples(&quantised.model, &activations), powers, trace)
                })
                .collect();
            for (seed, (floats, integers, powers, trace)) in (start as u32..).zip(runs) {
                self.check_finite(&trace)?;
                let mut squares = 0.0;
                for (float, integer) in floats.iter().zip(&integers) {
                    let apart = (integer - f64::from(float.round())).abs();
                    squares += apart * apart;
                    all.largest = all.largest.max(apart as u32);
                    all.differences[(apart as usize).min(DIFFERENCES - 1)] += 1;
                }
                all.squares += squares;
                let own = psnr(squares / self.order.len() as f64);
                if own < all.worst.0 {
                    all.worst = (own, seed);
                }
                for (sum, (signal, noise)) in all.powers.iter_mut().zip(powers) {
                    *sum = (sum.0 + signal, sum.1 + noise);
                }
                changes |= *first.get_or_insert_with(|| integers.clone()) != integers;
            }
            progress((start + some.len()) as f64 / f64::from(count));
        }
        if changes {
            return Ok(all);
        }
        Err(ImportError::ConstantPicture { reason: "what changes is lost in bytes" })
    }

    /// The power of each layer's floats and of its errors.
    fn powers(&self, quantised: &Quantised, trace: &Trace, activations: &Activations) -> Vec<(f64, f64)> {
        let mut first = self.network.latent;
        let of = |layer: &FloatLayer| {
            let range = first..first + layer.len();
            first = range.end;
            let mut sums = (0.0, 0.0);
            for at in range {
                let float = f64::from(trace.neurons[at]);
                let integer = f64::from(activations.neurons[quantised.places[at] as usize]) * quantised.scales[at];
                sums = (sums.0 + float * float, sums.1 + (integer - float).powi(2));
            }
            sums
        };
        self.network.layers.iter().map(of).collect()
    }

    fn layers(&self, powers: &[(f64, f64)], jumps: &[bool]) -> Vec<LayerReport> {
        let of = |((layer, &(signal, noise)), &jumps): ((&FloatLayer, &(f64, f64)), &bool)| {
            let outputs = layer.len() as u64;
            let (kind, read) = match &layer.map {
                FloatMap::Product { input, geometry, .. } => {
                    let [rows, columns] = geometry.full([layer.shape[1], layer.shape[2]]);
                    ("product", input.len() as u64 + (rows * columns * layer.shape[0]) as u64 - outputs)
                }
                FloatMap::Sum(terms) => ("sum", terms.iter().map(|(_, view)| view.len() as u64).sum()),
                FloatMap::Mul(left, right) => ("elementwise product", (left.len() + right.len()) as u64),
            };
            let ratio = if noise == 0.0 { 100.0 } else { (10.0 * (signal / noise).log10()).clamp(-100.0, 100.0) };
            LayerReport {
                origin: layer.origin.to_string(),
                shape: layer.shape,
                kind,
                rows: outputs + read,
                multiplications: layer.multiplications(),
                signal_db: ratio,
                jumps,
            }
        };
        self.network.layers.iter().zip(powers).zip(jumps).map(of).collect()
    }

    /// The worst picture and the first ones.
    fn samples(&self, model: &Model, runner: &Runner<'_>, worst: u32, affordable: u32) -> Vec<Sample> {
        let count = self.options.compared.max(1).min(affordable);
        let latents = self.latents("comparison", count);
        let seeds = std::iter::once(worst).chain((0..count).filter(|seed| *seed != worst).take(SHOWN as usize));
        let of = |seed: u32| {
            let latent = latents.get(seed as usize)?;
            let float: Vec<u8> =
                runner.picture(&runner.run(&floats(latent))).iter().map(|sample| sample.round() as u8).collect();
            let integer: Vec<u8> = samples(model, &model.run(latent)).iter().map(|sample| *sample as u8).collect();
            let squares: f64 = float.iter().zip(&integer).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
            Some(Sample { seed, psnr_db: psnr(squares / float.len() as f64), float, integer })
        };
        seeds.filter_map(of).collect()
    }

    /// What a second reader makes of the same file.
    fn second(self, runner: &Runner<'_>, count: u32) -> SecondReading {
        let latents = self.latents("comparison", count);
        let (low, high) = self.range.ends();
        let cannot = |reason: String| SecondReading {
            reader: "tract",
            outcome: Outcome::CannotRun,
            difference: None,
            reason: Some(reason.chars().take(400).collect()),
        };
        let reference = match Reference::new(self.onnx) {
            Ok(reference) => reference,
            Err(reason) => return cannot(reason),
        };
        let mut difference = 0.0f64;
        for latent in latents {
            let numbers = floats(&latent);
            let list = match reference.run(&numbers) {
                Ok(list) if list.len() == self.order.len() => list,
                Ok(list) => return cannot(format!("it gives {} samples", list.len())),
                Err(reason) => return cannot(reason),
            };
            let own = runner.picture(&runner.run(&numbers));
            for (own, at) in own.iter().zip(self.order) {
                let theirs = ((f64::from(list[*at]) - low) * 255.0 / (high - low)).clamp(0.0, 255.0);
                let apart = (f64::from(*own) - theirs).abs();
                difference = if apart.is_nan() { f64::INFINITY } else { difference.max(apart) };
            }
        }
        let outcome = if difference <= 1.0 { Outcome::Agrees } else { Outcome::Disagrees };
        if outcome == Outcome::Disagrees {
            tracing::warn!("tract reads this file otherwise: its samples are up to {difference:.1} levels away");
        }
        let difference = Some(difference.min(255.0));
        SecondReading { reader: "tract", outcome, difference, reason: None }
    }
}

#[derive(Debug)]
struct Compared {
    squares: f64,
    /// The PSNR of the worst picture, and its seed.
    worst: (f64, u32),
    largest: u32,
    count: u32,
    differences: Vec<u64>,
    /// Of each layer the power of its floats and of its errors.
    powers: Vec<(f64, f64)>,
}

/// The PSNR of a mean square error of bytes; at most 100.
fn psnr(error: f64) -> f64 {
    if error == 0.0 { 100.0 } else { (10.0 * (255.0 * 255.0 / error).log10()).min(100.0) }
}

/// Fixed latents, of all classes in turn.
fn sample_latents(prompt: &str, count: u32, entries: u32, classes: u32) -> Vec<Vec<i8>> {
    let architecture = Architecture {
        latent: entries,
        classes,
        width: 0,
        height: 0,
        channels: 1,
        tables: vec![],
        layers: vec![],
        output: View::neurons(0, 0),
    };
    let one = |seed: u32| {
        let class = (classes > 0).then(|| seed % classes);
        latent(&architecture, &format!("veilmark import {prompt}"), u64::from(seed), class)
    };
    (0..count).filter_map(|seed| one(seed).ok()).collect()
}

fn floats(latent: &[i8]) -> Vec<f32> {
    latent.iter().map(|entry| f32::from(*entry) / f32::from(LATENT_UNIT)).collect()
}

/// The samples of a model's picture, channels of planes.
fn samples(model: &Model, activations: &Activations) -> Vec<f64> {
    let of = |source| match source {
        Source::Neuron(at) => f64::from(activations.neurons[at as usize]),
        Source::Constant(c) => f64::from(c),
    };
    model.architecture().output.sources().map(of).collect()
}
