//! Import: from the bytes of an ONNX file to an integer [`Model`], and how far the two are apart.
//!
//! The file is read by code of our own (`tract` parses the protobuf and is the float reference): every tensor is a list of
//! elements, each a constant or a function of one accumulator of a linear layer. So whatever moves elements (reshapes,
//! transposes, concatenations, nearest upsampling, pixel shuffles) costs nothing, and whatever acts on single elements ends in
//! a table. The result is a function of the file and the options alone; it depends on no library's numerics but `libm`'s.

mod error;
mod float;
mod function;
mod graph;
mod lower;
mod operators;
mod proto;
mod quantise;
mod reference;
#[cfg(test)]
mod tests;

pub use error::ImportError;
pub use operators::OPERATORS;
pub use proto::MAX_FILE_BYTES;

use error::{Fault, fault};
use graph::{Data, Element, Graph, Tensor};
use proto::Onnx;
use quantise::{Choices, Frame, Statistics, quantise};
use rayon::prelude::*;
use reference::Reference;
use serde::Serialize;
use std::{collections::HashMap, path::Path};
use veilmark_circuits::statement::{
    latent::latent,
    model::{Architecture, LATENT_UNIT, Model, View},
    raster::checked_area,
};

/// What the numbers of the network's output are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputRange {
    /// Samples from 0 to 1.
    ZeroToOne,
    /// Samples from -1 to 1.
    MinusOneToOne,
    /// Samples from 0 to 255.
    Bytes,
}

impl OutputRange {
    fn ends(self) -> (f64, f64) {
        match self {
            Self::ZeroToOne => (0.0, 1.0),
            Self::MinusOneToOne => (-1.0, 1.0),
            Self::Bytes => (0.0, 255.0),
        }
    }

    /// The range whose ends these are.
    fn of(low: f64, high: f64) -> Option<Self> {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-3 * (high - low);
        [Self::ZeroToOne, Self::MinusOneToOne, Self::Bytes]
            .into_iter()
            .find(|range| near(range.ends().0, low) && near(range.ends().1, high))
    }
}

/// What the file does not say.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// What the output's numbers are; guessed from the last activation if `None`.
    pub output_range: Option<OutputRange>,
    /// How many of the latent's last entries are a class, one of them 1.
    pub classes: u32,
    /// Width and height of the picture, where the output's shape does not say it.
    pub size: Option<(u32, u32)>,
    /// How many latents the scales are measured on.
    pub calibration: u32,
    choices: Choices,
}

impl Default for Options {
    fn default() -> Self {
        Self { output_range: None, classes: 0, size: None, calibration: 256, choices: Choices::default() }
    }
}

/// How well and how large.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// What the output's numbers were taken for.
    pub output_range: OutputRange,
    /// Width of the picture in pixels.
    pub width: u32,
    /// Height of the picture in pixels.
    pub height: u32,
    /// Samples of a pixel.
    pub channels: u32,
    /// Entries of the latent, those of the class included.
    pub latent: u32,
    /// Peak signal-to-noise ratio of the integer model's pictures against the float model's, all samples in one; at most
    /// 100, which stands for equal.
    pub psnr_db: f64,
    /// That of the worst picture.
    pub worst_psnr_db: f64,
    /// Sample latents compared.
    pub compared: u32,
    /// The float model: `tract`, or `own` where tract cannot run the file.
    pub reference: &'static str,
    /// The largest difference of a sample, of 255, between tract's floats and our own.
    pub float_difference: Option<f64>,
    /// The share of each layer's values, on either side, that saturates.
    pub saturated: f64,
    /// Layers of the integer model.
    pub layers: usize,
    /// Weights and biases.
    pub parameters: usize,
    /// Multiplications of one inference.
    pub multiplications: u64,
    /// Neurons, the latent's included.
    pub neurons: usize,
    /// Tables.
    pub tables: usize,
    /// Rows of all tables.
    pub table_rows: usize,
    /// The largest shift of a table.
    pub largest_shift: u8,
}

/// A model and its report.
#[derive(Debug)]
#[non_exhaustive]
pub struct Imported {
    /// The integer model.
    pub model: Model,
    /// How it compares.
    pub report: Report,
}

/// The most multiplications of one float inference.
const MAX_MULTIPLICATIONS: u64 = 1 << 34;
/// Multiplications of all calibration runs together.
const CALIBRATION_BUDGET: u64 = 1 << 34;
/// Latents on which pictures are compared.
const COMPARED: u32 = 16;
/// Latents of the calibration on which the share that saturates is chosen.
const CHOSEN_ON: u32 = 32;
/// Shares of saturated values that are tried.
const TAILS: [f64; 2] = [0.0, 1e-4];

/// Reads a file of at most [`MAX_FILE_BYTES`].
///
/// # Errors
/// [`ImportError::Io`] and [`ImportError::FileSize`].
pub fn read(path: &Path) -> Result<Vec<u8>, ImportError> {
    use std::io::Read as _;
    let io = |source| ImportError::Io { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(io)?;
    let size = file.metadata().map_err(io)?.len();
    if size > MAX_FILE_BYTES {
        return Err(ImportError::FileSize { limit: MAX_FILE_BYTES, got: size });
    }
    let mut bytes = Vec::new();
    // a pipe or a device has no size of its own
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(ImportError::FileSize { limit: MAX_FILE_BYTES, got: bytes.len() as u64 });
    }
    Ok(bytes)
}

/// The integer model of an ONNX file. `progress` hears of shares from 0 to 1.
///
/// # Errors
/// [`ImportError`], which says what is wrong and where.
pub fn import(bytes: &[u8], options: &Options, progress: &dyn Fn(f64)) -> Result<Imported, ImportError> {
    progress(0.0);
    let onnx = Onnx::read(bytes)?;
    let (mut graph, output) = interpret(&onnx)?;
    onnx.check_output(&output.shape)?;
    let entries = onnx.input_shape.iter().product::<usize>() as u32;
    if options.classes >= entries {
        let (expected, got) = (format!("fewer than the latent's {entries} entries"), options.classes.to_string());
        return Err(ImportError::Graph { what: "the classes", expected, got });
    }
    let (picture, order, frame) = picture(&output, options)?;
    let (range, samples) = samples(&mut graph, &picture, options)?;
    let network = lower::lower(graph, &samples).map_err(whole)?;
    progress(0.05);
    let multiplications = network.multiplications();
    if multiplications > MAX_MULTIPLICATIONS {
        let (expected, got) = (format!("at most {MAX_MULTIPLICATIONS}"), multiplications.to_string());
        return Err(ImportError::Graph { what: "the multiplications", expected, got });
    }
    let affordable = u32::try_from(CALIBRATION_BUDGET / multiplications.max(1)).unwrap_or(u32::MAX).max(2);
    let runner = float::Runner::new(&network);
    let runs = options.calibration.max(1).min(affordable);
    let chosen_on = runs.min(affordable / 4).clamp(1, CHOSEN_ON);
    let latents = sample_latents("calibration", runs, entries, options.classes);
    let mut statistics = Statistics::of(&network, runs as usize);
    let mut pictures = Vec::new();
    // runs side by side, added up in their order
    for (first, some) in latents.chunks(4).enumerate().map(|(chunk, some)| (chunk * 4, some)) {
        let traces: Vec<_> = some.par_iter().map(|latent| runner.run(&floats(latent))).collect();
        for (run, trace) in (first..).zip(&traces) {
            if !trace.neurons.iter().all(|value| value.is_finite()) {
                let (expected, got) = ("finite".to_owned(), "an overflow or a division by 0".to_owned());
                return Err(ImportError::Graph { what: "the activations on sample latents", expected, got });
            }
            Statistics::add(&mut statistics, &network, run, trace);
            if run < chosen_on as usize {
                pictures.push(runner.picture(trace));
            }
        }
        progress(0.05 + 0.5 * (first + some.len()) as f64 / f64::from(runs));
    }
    statistics.iter_mut().for_each(Statistics::finish);
    let mut best: Option<(f64, f64, Model)> = None;
    for (at, tail) in TAILS.into_iter().enumerate() {
        let model = quantise(&network, &statistics, &frame, Choices { tail, ..options.choices })?;
        let errors: Vec<f64> =
            pictures.par_iter().zip(&latents).map(|(floats, latent)| squares(&model, latent, floats)).collect();
        let error: f64 = errors.iter().sum();
        if best.as_ref().is_none_or(|(least, ..)| error < *least) {
            best = Some((error, tail, model));
        }
        progress(0.55 + 0.15 * (at + 1) as f64);
    }
    let Some((_, saturated, model)) = best else {
        return Err(whole(fault("the quantisation", "possible", "nothing")));
    };
    let compared = compare(onnx, &model, &runner, &order, range, (entries, options.classes, COMPARED.min(affordable)));
    progress(1.0);
    let architecture = model.architecture();
    let report = Report {
        output_range: range,
        width: frame.width,
        height: frame.height,
        channels: frame.channels,
        latent: entries,
        psnr_db: compared.psnr,
        worst_psnr_db: compared.worst,
        compared: compared.count,
        reference: if compared.difference.is_some() { "tract" } else { "own" },
        float_difference: compared.difference,
        saturated,
        layers: architecture.layers.len(),
        parameters: architecture.parameters(),
        multiplications: architecture.multiplications(),
        neurons: architecture.neurons(),
        tables: architecture.tables.len(),
        table_rows: architecture.tables.iter().map(|table| table.outputs.len()).sum(),
        largest_shift: architecture.tables.iter().map(|table| table.shift).max().unwrap_or(0),
    };
    Ok(Imported { model, report })
}

/// An error that belongs to no node.
fn whole(fault: Fault) -> ImportError {
    ImportError::Node {
        node: "output".to_owned(),
        operator: "the whole network".to_owned(),
        what: fault.what,
        expected: fault.expected,
        got: fault.got,
    }
}

/// Evaluates the nodes on elements instead of numbers; the graph and the output.
fn interpret(onnx: &Onnx) -> Result<(Graph, Tensor), ImportError> {
    let nodes = onnx.nodes();
    let entries = onnx.input_shape.iter().product();
    let mut readers: HashMap<&str, usize> = HashMap::from([(onnx.output.as_str(), 1)]);
    for &index in &onnx.order {
        for name in &nodes[index].input {
            *readers.entry(name).or_default() += 1;
        }
    }
    let mut values: HashMap<&str, Tensor> = HashMap::new();
    for stored in onnx.initializers() {
        if readers.contains_key(stored.name.as_str()) {
            values.insert(&stored.name, proto::tensor(stored)?);
        }
    }
    let mut graph = Graph::new(entries);
    let of = |accumulator| Element::Of { accumulator, form: graph::PLAIN };
    let latent = Tensor::elements(onnx.input_shape.clone(), (0..entries as u32).map(of).collect());
    values.insert(&onnx.input, latent);
    for &index in &onnx.order {
        let node = &nodes[index];
        let foreign = !(node.domain.is_empty() || node.domain == "ai.onnx");
        let operator = if foreign { format!("{}.{}", node.domain, node.op_type) } else { node.op_type.clone() };
        let inputs = node.input.iter().map(|name| values.get(name.as_str())).collect();
        let call = operators::Call::new(node, inputs, onnx.opset);
        let made = if foreign { None } else { operators::evaluate(&mut graph, &call) };
        let name = proto::node_name(node);
        let made = made.ok_or_else(|| ImportError::Operator {
            node: name.clone(),
            operator: operator.chars().take(120).collect(),
            supported: OPERATORS,
        })?;
        let named = |fault: Fault| ImportError::Node {
            node: name,
            operator,
            what: fault.what,
            expected: fault.expected,
            got: fault.got,
        };
        let made = made.map_err(named)?;
        for name in &node.input {
            if let Some(left) = readers.get_mut(name.as_str()) {
                *left -= 1;
                if *left == 0 {
                    values.remove(name.as_str());
                }
            }
        }
        for (name, tensor) in node.output.iter().zip(made) {
            if readers.contains_key(name.as_str()) {
                values.insert(name, tensor);
            }
        }
    }
    let output = values.remove(onnx.output.as_str());
    let output = output.ok_or_else(|| whole(fault("the output", "made by a node", "nothing")))?;
    Ok((graph, output))
}

/// The output as channels of planes; where each of its elements is among the output's, and the picture's frame.
fn picture(output: &Tensor, options: &Options) -> Result<(Tensor, Vec<usize>, Frame), ImportError> {
    let error = |expected: &str| ImportError::Graph {
        what: "the output's shape",
        expected: expected.to_owned(),
        got: format!("{:?}", output.shape),
    };
    let Data::Elements(list) = &output.data else {
        let (expected, got) = ("a function of the latent".to_owned(), output.kind().to_owned());
        return Err(ImportError::Graph { what: "the output", expected, got });
    };
    let sides: &[usize] = match &output.shape[..] {
        [1, rest @ ..] if rest.len() != 1 || list.len() == rest[0] => rest,
        rest => rest,
    };
    let (channels, height, width, last) = match *sides {
        [c @ (1 | 3), h, w] => (c, h, w, false),
        [h, w, c @ (1 | 3)] => (c, h, w, true),
        [h, w] => (1, h, w, false),
        [n] => {
            let side = n.isqrt();
            match options.size {
                Some((w, h)) => {
                    let area = (w as usize).saturating_mul(h as usize);
                    let channels = [1, 3].into_iter().find(|c| area.checked_mul(*c) == Some(n));
                    (
                        channels.ok_or_else(|| error(&format!("{w}x{h} pixels of 1 or 3 samples")))?,
                        h as usize,
                        w as usize,
                        false,
                    )
                }
                None if side * side == n => (1, side, side, false),
                None => return Err(error("[1, C, H, W], [1, H, W, C], or a flat picture whose size is given")),
            }
        }
        _ => return Err(error("[1, C, H, W] or [1, H, W, C] with 1 or 3 channels")),
    };
    let (Ok(w), Ok(h)) = (u32::try_from(width), u32::try_from(height)) else { return Err(error("of a picture")) };
    if options.size.is_some_and(|size| size != (w, h)) {
        return Err(error(&format!("of {:?} pixels, as asked", options.size)));
    }
    checked_area(w, h).map_err(veilmark_circuits::statement::model::ModelError::from)?;
    if let Some(at) = list.iter().position(|element| matches!(element, Element::Constant(_))) {
        let (expected, got) = ("a function of the latent".to_owned(), format!("a constant at {at}"));
        return Err(ImportError::Graph { what: "each sample of the picture", expected, got });
    }
    let plane = width * height;
    let order: Vec<usize> =
        (0..channels * plane).map(|at| if last { at % plane * channels + at / plane } else { at }).collect();
    let picture = Tensor::elements(vec![1, channels, height, width], order.iter().map(|at| list[*at]).collect());
    Ok((picture, order, Frame { classes: options.classes, width: w, height: h, channels: channels as u32 }))
}

/// The samples as numbers from 0 to 255.
fn samples(graph: &mut Graph, picture: &Tensor, options: &Options) -> Result<(OutputRange, Tensor), ImportError> {
    let list = picture.as_elements("the output").map_err(whole)?;
    let mut bounds = (f64::INFINITY, f64::NEG_INFINITY);
    let mut known: HashMap<u32, (f64, f64)> = HashMap::new();
    for element in list.iter() {
        let Element::Of { form, .. } = *element else { continue };
        let (low, high) = *known.entry(form).or_insert_with(|| {
            let form = graph.forms[form as usize];
            let (low, high) = graph.functions.tape(form.function).bounds();
            let ends = [low, high].map(|end| end * form.post.0.get() + form.post.1.get());
            (ends[0].min(ends[1]), ends[0].max(ends[1]))
        });
        bounds = (bounds.0.min(low), bounds.1.max(high));
    }
    let guessed = OutputRange::of(bounds.0, bounds.1);
    let range = options.output_range.or(guessed).ok_or(ImportError::OutputRange { low: bounds.0, high: bounds.1 })?;
    let (low, high) = range.ends();
    let scale = 255.0 / (high - low);
    let pairs = vec![(scale, -low * scale); picture.len()];
    Ok((range, graph.affine(picture, &pairs).map_err(whole)?))
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

/// The sum of squared differences of the samples of a model's picture and rounded floats.
fn squares(model: &Model, latent: &[i8], floats: &[f32]) -> f64 {
    let activations = model.run(latent);
    let of = |source| match source {
        veilmark_circuits::statement::model::Source::Neuron(at) => f64::from(activations.neurons[at as usize]),
        veilmark_circuits::statement::model::Source::Constant(c) => f64::from(c),
    };
    let samples = model.architecture().output.sources().map(of);
    samples.zip(floats).map(|(sample, float)| (sample - f64::from(float.round())).powi(2)).sum()
}

struct Compared {
    psnr: f64,
    worst: f64,
    count: u32,
    difference: Option<f64>,
}

/// Compares with tract's pictures, or our own floats where tract has none.
fn compare(
    onnx: Onnx,
    model: &Model,
    runner: &float::Runner<'_>,
    order: &[usize],
    range: OutputRange,
    (entries, classes, count): (u32, u32, u32),
) -> Compared {
    let reference = Reference::new(onnx).inspect_err(|why| tracing::warn!("tract cannot run this file: {why}")).ok();
    let (low, high) = range.ends();
    let mut compared = Compared { psnr: 0.0, worst: f64::INFINITY, count, difference: None };
    let mut total = 0.0;
    let psnr = |error: f64| if error == 0.0 { 100.0 } else { (10.0 * (255.0 * 255.0 / error).log10()).min(100.0) };
    for latent in sample_latents("comparison", count, entries, classes) {
        let numbers = floats(&latent);
        let own = runner.picture(&runner.run(&numbers));
        let theirs = reference.as_ref().and_then(|reference| reference.run(&numbers).ok()).and_then(|list| {
            let byte = |at: &usize| {
                list.get(*at).map(|v| ((f64::from(*v) - low) * 255.0 / (high - low)).clamp(0.0, 255.0) as f32)
            };
            order.iter().map(byte).collect::<Option<Vec<f32>>>()
        });
        if let Some(theirs) = &theirs {
            let apart = own.iter().zip(theirs).map(|(a, b)| f64::from((a - b).abs())).fold(0.0, f64::max);
            compared.difference = Some(compared.difference.unwrap_or(0.0).max(apart));
        }
        let error = squares(model, &latent, theirs.as_ref().unwrap_or(&own)) / order.len() as f64;
        compared.worst = compared.worst.min(psnr(error));
        total += error;
    }
    compared.psnr = psnr(total / f64::from(count));
    compared
}
