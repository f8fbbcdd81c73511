//! Import: from an ONNX file to an integer [`Model`], and how far the two are apart.
//!
//! The file is read by code of our own (`tract`'s types parse the protobuf, and `tract` is a second reader of the floats): every tensor
//! is a list of elements, each a constant or a function of one accumulator of a linear layer. So whatever moves elements (reshapes,
//! transposes, concatenations, nearest upsampling, pixel shuffles) costs nothing, whatever acts on single elements ends in a table, and
//! whatever depends on no input is computed at once. The result is a function of the file and the options alone; it depends on no
//! library's numerics but `libm`'s.
//!
//! One way: what is said of elements (`tensor`, `function`) is below the `graph`, whose constants the `float` inference computes;
//! `operators` write the graph, `program` calls them in the file's order, `lower` makes it a `network` of layers, and over that are
//! `statistics`, `quantise` and `measure`, whose numbers the `report` holds and `html` shows.
//!
//! What the caller must believe: the model's pictures are those of [`Report`] near to the floats that *this* reading of the file gives.
//! A second reader that differs from it is named in the report.

mod error;
mod file;
mod float;
mod function;
mod graph;
mod html;
mod inputs;
mod lower;
mod measure;
mod network;
mod operators;
mod pairwise;
mod picture;
mod program;
mod proto;
mod quantise;
mod reference;
mod report;
mod statistics;
mod tensor;
#[cfg(test)]
mod tests;
mod wire;

pub use error::{Fault, ImportError, Kind};
pub use file::{MAX_FILE_BYTES, OnnxFile};
pub use operators::{NEWEST_OPERATOR_SET, OPERATORS, Operator, operator_table};
pub use picture::OutputRange;
pub use report::{Imported, LayerReport, Outcome, Report, Sample, SecondReading};

use error::{graph_error, whole};
use program::Onnx;
use quantise::Choices;
#[cfg(doc)]
use veilmark_statement::model::Model;

/// Below so many dB a model is refused, unless asked for.
pub const QUALITY_FLOOR_DB: f64 = 25.0;

/// What the file does not say.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// What the output's numbers are; guessed from the last activation if `None`.
    pub output_range: Option<OutputRange>,
    /// The output that is the picture, where there are several.
    pub output: Option<String>,
    /// The label that an input beside the latent is fixed to.
    pub label: Option<u32>,
    /// How many of the latent's last entries are a class, one of them 1.
    pub classes: u32,
    /// Width and height of the picture, where the output's shape does not say it.
    pub size: Option<(u32, u32)>,
    /// How many latents the scales are measured on.
    pub calibration: u32,
    /// How many other latents the integer model is compared with the floats on; fewer where a network is very large.
    pub compared: u32,
    /// Takes a model below [`QUALITY_FLOOR_DB`].
    pub accept_low_quality: bool,
    choices: Choices,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            output_range: None,
            output: None,
            label: None,
            classes: 0,
            size: None,
            calibration: 256,
            compared: 1000,
            accept_low_quality: false,
            choices: Choices::default(),
        }
    }
}

/// The most operations of one float inference.
const MAX_OPERATIONS: u64 = 1 << 34;

/// The integer model of an ONNX file. `progress` hears of shares from 0 to 1.
///
/// # Errors
/// [`ImportError`], which says what is wrong and where.
pub fn import(file: &OnnxFile, options: &Options, progress: &dyn Fn(f64)) -> Result<Imported, ImportError> {
    progress(0.0);
    let onnx = Onnx::read(file, options.output.as_deref(), options.label)?;
    let (mut graph, output) = onnx.interpret()?;
    let entries = onnx.input_shape.iter().product::<usize>() as u32;
    if options.classes >= entries {
        let expected = format!("fewer than the latent's {entries} entries");
        return Err(graph_error(Kind::Inputs, "the classes", expected, options.classes));
    }
    let (picture, order, frame) = picture::picture(&output, options)?;
    let (range, samples) = picture::samples(&mut graph, &picture, options)?;
    let mut network = lower::lower(graph, &samples).map_err(whole)?;
    network.gather_samples(frame.channels as usize, [frame.height as usize, frame.width as usize]).map_err(whole)?;
    progress(0.05);
    let operations = network.operations();
    if operations > MAX_OPERATIONS {
        return Err(graph_error(Kind::TooLarge, "the operations", format!("at most {MAX_OPERATIONS}"), operations));
    }
    measure::Measured { onnx, network: &network, frame, range, order: &order, options, entries }.import(progress)
}

/// The numbers that the importer's floats give for a latent, in the order of the file's output. They are rounded to about
/// 2^-13, and cut off at 1,000 in absolute value: for comparison with other runtimes.
///
/// # Errors
/// [`ImportError`], which says what is wrong and where.
pub fn floats(file: &OnnxFile, options: &Options, latent: &[f32]) -> Result<Vec<f32>, ImportError> {
    const SCALE: f64 = 1.0 / 8.0;
    const SHIFT: f64 = 128.0;
    let onnx = Onnx::read(file, options.output.as_deref(), options.label)?;
    let entries = onnx.input_shape.iter().product::<usize>();
    if latent.len() != entries {
        return Err(graph_error(Kind::Inputs, "the latent", format!("of {entries} entries"), latent.len()));
    }
    let (mut graph, output) = onnx.interpret()?;
    let output = tensor::Tensor { kind: tensor::Type::Float, ..output };
    // within a sample's 0..=255, whatever they are
    let samples = graph.uniform(&output, SCALE, SHIFT).map_err(whole)?;
    let flat = samples.with_shape(vec![samples.len()]);
    let network = lower::lower(graph, &flat).map_err(whole)?;
    let operations = network.operations();
    if operations > MAX_OPERATIONS {
        return Err(graph_error(Kind::TooLarge, "the operations", format!("at most {MAX_OPERATIONS}"), operations));
    }
    let runner = float::Runner::new(&network);
    let picture = runner.picture(&runner.run(latent));
    Ok(picture.into_iter().map(|sample| ((f64::from(sample) - SHIFT) / SCALE) as f32).collect())
}
