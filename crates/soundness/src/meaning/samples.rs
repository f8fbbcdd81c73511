//! S1: every sample is a byte.
use super::{Clause, Reading, numbers};
use crate::{Fault, poly::Mono};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;

/// The first three columns' first rows hold bytes.
#[derive(Clone, Copy, Debug)]
pub struct Samples {
    /// Pixels of the picture.
    pub pixels: usize,
}

impl Clause for Samples {
    fn take(&self, reading: &mut Reading<'_>) -> Result<String, Fault> {
        let bytes = numbers(256);
        for channel in 0..3 {
            for row in 0..self.pixels {
                let cell = reading.solved.cells.advice(channel, row);
                reading.only_member(cell, "a sample", &vec![(Mono::var(cell), Fr::ONE)], &bytes)?;
            }
        }
        Ok(format!("{} samples are bytes", 3 * self.pixels))
    }
}
