//! What an import says of itself.
use super::picture::OutputRange;
use serde::Serialize;
use veilmark_statement::model::Model;

/// What a second reader of the same file gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Its floats are ours, within one level of 255.
    Agrees,
    /// Its floats are others, and were not used.
    Disagrees,
    /// It cannot run the file.
    CannotRun,
}

/// A second reading of the floats, by another library.
#[derive(Clone, Debug, Serialize)]
pub struct SecondReading {
    /// The library.
    pub reader: &'static str,
    /// What came of it.
    pub outcome: Outcome,
    /// The largest difference of a sample, of 255, between its floats and ours.
    pub difference: Option<f64>,
    /// Why it cannot run the file.
    pub reason: Option<String>,
}

/// A layer of the integer model against its floats.
#[derive(Clone, Debug, Serialize)]
pub struct LayerReport {
    /// The node of the file that it comes from, and its operator.
    pub origin: String,
    /// Channels, height and width.
    pub shape: [usize; 3],
    /// What it is: `product`, `sum` or `elementwise product`.
    pub kind: &'static str,
    /// Rows that it needs in a circuit, tables aside: its outputs, and what it reads.
    pub rows: u64,
    /// Multiplications of one inference.
    pub multiplications: u64,
    /// The power of its floats against that of its errors, those of all layers before included; at most 100.
    pub signal_db: f64,
    /// Its function jumps: where a value is at the jump, the smallest error decides on which side it falls.
    pub jumps: bool,
}

/// A picture of both models.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The seed of its latent.
    pub seed: u32,
    /// Its samples by the float model, rounded; channels of planes.
    pub float: Vec<u8>,
    /// Its samples by the integer model.
    pub integer: Vec<u8>,
    /// Their peak signal-to-noise ratio; at most 100.
    pub psnr_db: f64,
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
    #[serde(rename = "latent_entries")]
    pub latent: u32,
    /// Peak signal-to-noise ratio of the integer model's pictures against the float model's, all samples in one; at most
    /// 100, which stands for equal.
    pub psnr_db: f64,
    /// That of the worst picture.
    pub worst_psnr_db: f64,
    /// The seed of the worst picture's latent.
    pub worst_seed: u32,
    /// The largest difference of a sample, of 255.
    pub largest_difference: u32,
    /// Sample latents compared.
    pub compared: u32,
    /// How many samples differ by so many levels: the last entry counts all that differ by more.
    pub differences: Vec<u64>,
    /// What a second reader makes of the file.
    pub second: SecondReading,
    /// The share of each layer's values, on either side, that saturates.
    pub saturated: f64,
    /// The layers, in order.
    pub by_layer: Vec<LayerReport>,
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

impl Report {
    /// The first layer whose function jumps: no sample of latents bounds the error of those that it has not.
    pub fn first_jump(&self) -> Option<(usize, &LayerReport)> {
        self.by_layer.iter().enumerate().find(|(_, layer)| layer.jumps)
    }

    /// The layer whose integers are furthest from its floats.
    pub fn worst_layer(&self) -> Option<(usize, &LayerReport)> {
        self.by_layer.iter().enumerate().min_by(|a, b| a.1.signal_db.total_cmp(&b.1.signal_db))
    }
}

/// A model and its report.
#[derive(Debug)]
#[non_exhaustive]
pub struct Imported {
    /// The integer model.
    pub model: Model,
    /// How it compares.
    pub report: Report,
    /// The worst picture and some others, of both models.
    pub samples: Vec<Sample>,
}
