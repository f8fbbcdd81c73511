//! What is committed to, as columns: built here once, for the commitment and for the circuit that lays them.
//!
//! | content | column |
//! |---|---|
//! | picture, `R`, `G` and `B` | a sample for each pixel in raster order, the salts |
//! | latent | zeros beside the pixels, the entries, a one, the salts |
//! | weights, eight columns | the rows of their program ([`weight_columns`]), a one, the salts |
//! | fingerprint | its lower and its higher 128 bits, as numbers, the salts |
//!
//! The ones are there so that no column is all zeros: every commitment is then a point with coordinates.
//!
//! What the caller must believe: whoever changes a layout here changes every commitment of its kind.
use crate::{
    chips::network::weight_columns,
    column::{Column, Run, Salts},
    statement::{
        fingerprint::Fingerprint,
        model::{Architecture, Model},
        raster::Raster,
    },
};
use ff::PrimeField;
use halo2_proofs::halo2curves::bn256::Fr;

/// The columns of a picture: R, G, B.
pub fn picture(image: &Raster, salts: &Salts) -> Vec<Column> {
    let samples = |channel: usize| Run::Bytes(image.pixels().iter().map(|pixel| pixel[channel]).collect());
    (0..3).map(|channel| Column::new(vec![samples(channel), salts.of(channel)])).collect()
}

/// The column of a latent.
pub fn latent(architecture: &Architecture, latent: &[i8], salts: &Salts<1>) -> Column {
    let pixels = architecture.width as usize * architecture.height as usize;
    Column::new(vec![Run::Zeros(pixels), Run::SignedBytes(latent.to_vec()), Run::Integers(vec![1]), salts.of(0)])
}

/// The column of a fingerprint that is not shown.
pub fn fingerprint(fingerprint: Fingerprint, salts: &Salts<1>) -> Column {
    let halves = [fingerprint.low(), fingerprint.high()].map(Fr::from_u128);
    Column::new(vec![Run::Scalars(halves.to_vec()), salts.of(0)])
}

/// The columns of a model's weights.
pub fn weights(model: &Model, salts: &Salts<8>) -> Vec<Column> {
    let columns = weight_columns(model.architecture(), model.weights());
    let salted = |(j, weights)| Column::new(vec![Run::Integers(weights), salts.of(j)]);
    columns.into_iter().enumerate().map(salted).collect()
}
