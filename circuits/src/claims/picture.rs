//! The circuit of claims about a picture alone: the committed picture's PDQ-512 is within the public tolerance of a fingerprint,
//! which is public ([`FingerprintClaim`](super::fingerprint::FingerprintClaim)) or committed itself
//! ([`CommittedFingerprintClaim`](super::committed_fingerprint::CommittedFingerprintClaim)).
//!
//! The clauses, in the order of `synthesize` (see `docs/statement.md`):
//!
//! 1. `S1-samples`: every sample of every pixel is a byte ([`crate::chips::logup`]).
//! 2. `S2-coefficients`: the 256 coefficients are those of the pixels ([`bilinear`]).
//! 3. `S3-split`: the bits are the coefficients' split at their 128th smallest ([`split`]).
//! 4. `S4-tolerance`: the bits are within the tolerance of the fingerprint ([`distance`]), whose halves are copied from the
//!    instance column, or from the first two rows of a committed column.
//!
//! One constraint system for each claim serves every size: width and height are in the fixed values and copies of the
//! verifying key.
//!
//! # Layout
//! Phase 0: `r g b cell`, with a committed fingerprint `r g b fingerprint cell`; phase 1, after `alpha` and `sigma`: `factor
//! sum lookup`; fixed: `q_pixel constant weight step role`.
//! Rows: the pixels; the tables (the salts lie beside them, in `r g b` only); the looked-up part of the trace; one
//! bound row; the plain part.
use super::{assign_columns, challenges};
use crate::{
    chips::{
        bilinear::{self, BilinearConfig, LUMA_WEIGHTS},
        distance::{self, DistanceHint, Fingerprints},
        horner::HornerConfig,
        logup::{Entry, LogUpConfig, Queries},
        split::{self, SplitHint},
        trace::{CellRef, InputColumns, InputValues, Layout, Tamper, Target, TraceBuilder, Values},
    },
    column::{self, SALT_ROWS, Salts},
    committed,
    relation::{Named, Picture, Shape, ShapeError, instance},
    statement::{
        fingerprint::Fingerprint,
        pdq,
        public::PublicInputs,
        raster::{MIN_SIDE_PX, Raster, checked_area},
    },
};
use ff::Field;
use halo2_proofs::{
    circuit::{Layouter, Region, SimpleFloorPlanner},
    halo2curves::bn256::Fr,
    plonk::{Advice, Challenge, Circuit, Column, ConstraintSystem, Error, FirstPhase, Fixed, SecondPhase},
    poly::Rotation,
};
use std::marker::PhantomData;

/// The claim's columns and chips.
#[derive(Clone, Debug)]
pub struct PictureConfig {
    rgb: [Column<Advice>; 3],
    q_pixel: Column<Fixed>,
    given: InputColumns,
    alpha: Challenge,
    sigma: Challenge,
    logup: LogUpConfig,
    horner: HornerConfig,
    bilinear: BilinearConfig,
}

/// The circuit with its witness: the picture, its salts, the committed fingerprint's column, and hints nobody trusts.
#[derive(Clone)]
pub struct PictureClaim<C> {
    image: Raster,
    salts: Salts,
    public: Vec<Fr>,
    fingerprint: Option<column::Column>,
    split: SplitHint,
    distance: DistanceHint,
    tamper: Tamper,
    claim: PhantomData<C>,
}

/// The witness stays out of logs.
impl<C: Named> std::fmt::Debug for PictureClaim<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PictureClaim").field("claim", &C::CLAIM).finish_non_exhaustive()
    }
}

impl<C: Named> PictureClaim<C> {
    /// The honest witness: `near` is the fingerprint that the picture's is compared with, `column` the committed one's.
    pub(super) fn with(
        picture: Picture,
        near: Fingerprint,
        column: Option<column::Column>,
        public: &PublicInputs,
    ) -> Self {
        let Picture { image, salts } = picture;
        let coefficients = pdq::coefficients(&image);
        Self {
            split: SplitHint::of(&coefficients, pdq::median(&coefficients)),
            distance: DistanceHint::of(pdq::split(&coefficients), near, public.tolerance),
            public: instance(C::CLAIM, public),
            fingerprint: column,
            tamper: Tamper::default(),
            image,
            salts,
            claim: PhantomData,
        }
    }

    /// The circuit of a size, for key generation: a witness of nothing.
    pub(super) fn of_shape(shape: &Shape) -> Result<Self, ShapeError> {
        let &Shape::Picture { width, height } = shape else { return Err(ShapeError::Kind(C::CLAIM)) };
        let image = Raster::new(width, height, vec![[0; 3]; checked_area(width, height)?])?;
        let public = PublicInputs::new(Fingerprint::default(), 0, [0; 31]);
        let committed = C::CLAIM.hides_fingerprint();
        let column = committed.then(|| committed::fingerprint(public.fingerprint, &Salts::public()));
        Ok(Self::with(Picture { image, salts: Salts::public() }, public.fingerprint, column, &public))
    }

    /// The rows of a size, blinding rows included.
    pub(super) fn rows_of(shape: &Shape) -> Result<usize, ShapeError> {
        let &Shape::Picture { width, height } = shape else { return Err(ShapeError::Kind(C::CLAIM)) };
        let pixels = checked_area(width, height)?;
        let blank = Self::of_shape(&Shape::Picture { width: MIN_SIDE_PX, height: MIN_SIDE_PX })?;
        let Plan { layout, .. } = Plan::new(Fingerprints::of(C::CLAIM), width, height, &blank.split, &blank.distance);
        let mut cs = ConstraintSystem::default();
        Self::configure(&mut cs);
        // one row below the last instruction holds its sum; the blinding rows follow
        // (the committed fingerprint has two rows and its salts, fewer than the table)
        Ok(layout.end.max(pixels + SALT_ROWS) + 1 + cs.blinding_factors() + 1)
    }

    fn plan(&self) -> Plan {
        let fingerprints = Fingerprints::of(C::CLAIM);
        Plan::new(fingerprints, self.image.width(), self.image.height(), &self.split, &self.distance)
    }

    /// Every phase-1 value of the trace and the pixels, under the challenge `sigma`.
    fn values(&self, plan: &Plan, sigma: Fr) -> Values {
        let Plan { builder, layout, powers, before_pixels } = plan;
        let given =
            InputValues { public: self.public.clone(), committed: self.fingerprint.clone().unwrap_or_default() };
        let mut values = Values::new(layout, sigma, given, &self.tamper);
        builder.evaluate(0, *before_pixels, layout, &mut values);
        BilinearConfig::evaluate(luma(&self.image), powers, layout, &mut values);
        builder.evaluate(*before_pixels, builder.written(), layout, &mut values);
        values
    }
}

/// The weighted luma of every pixel.
pub(super) fn luma(image: &Raster) -> impl Iterator<Item = Fr> + '_ {
    image.pixels().iter().map(|pixel| {
        let weighted = pixel.iter().zip(LUMA_WEIGHTS).map(|(&sample, weight)| u64::from(sample) * weight);
        Fr::from(weighted.sum::<u64>())
    })
}

/// Marks the rows of the pixels.
pub(super) fn assign_pixels(q_pixel: Column<Fixed>, region: &mut Region<'_, Fr>, pixels: usize) {
    (0..pixels).for_each(|row| {
        region.assign_fixed(q_pixel, row, Fr::ONE);
    });
}

/// The trace of a picture's size, and what is needed to lay it.
struct Plan {
    builder: TraceBuilder,
    layout: Layout,
    /// The cells of the powers `V_x`.
    powers: Vec<CellRef>,
    /// Lines that are evaluated before the pixels' sum, the others need it.
    before_pixels: usize,
}

impl Plan {
    fn new(fingerprints: Fingerprints, width: u32, height: u32, split: &SplitHint, distance: &DistanceHint) -> Self {
        let mut builder = TraceBuilder::default();
        let zero = builder.zero();
        // S2-coefficients
        let powers = bilinear::powers(&mut builder, zero, &pdq::basis(width));
        let before_pixels = builder.written();
        let rows = bilinear::rows(&mut builder, zero, &pdq::basis(height), width as usize);
        // S3-split
        let bits = split::median_split(&mut builder, zero, &rows, split);
        // S4-tolerance
        distance::within_tolerance(&mut builder, zero, &bits, fingerprints, distance);
        let layout = builder.layout(width as usize * height as usize);
        Self { builder, layout, powers, before_pixels }
    }
}

impl<C: Named> Circuit<Fr> for PictureClaim<C> {
    type Config = PictureConfig;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        let (width, height) = (self.image.width(), self.image.height());
        Self::of_shape(&Shape::Picture { width, height }).expect("the image is a raster")
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> PictureConfig {
        // the committed columns: first of all, so that their points come first in every proof
        let rgb = [(); 3].map(|()| meta.advice_column());
        let committed = C::CLAIM.hides_fingerprint().then(|| meta.advice_column());
        let cell = meta.advice_column();
        let alpha = meta.challenge_usable_after(FirstPhase);
        let sigma = meta.challenge_usable_after(FirstPhase);
        let [factor, sum, lookup] = [(); 3].map(|()| meta.advice_column_in(SecondPhase));
        let [q_pixel, constant, weight, step, role] = [(); 5].map(|()| meta.fixed_column());
        let public = meta.instance_column();
        meta.enable_equality(public);
        if let Some(column) = committed {
            meta.enable_equality(column);
        }

        let horner = HornerConfig { cell, factor, sum, constant, weight, step, role }.configure(meta, sigma);
        let bilinear = BilinearConfig::configure(meta, q_pixel, rgb, &horner);
        let logup = LogUpConfig::configure(meta, lookup, role, alpha, |meta| {
            let [constant, weight, q_pixel] = [constant, weight, q_pixel].map(|c| meta.query_fixed(c, Rotation::cur()));
            let cell = meta.query_advice(cell, Rotation::cur());
            // the tag is multiplied by a challenge: added as it is, it could be part of the prover's cell
            let tag = constant * meta.query_challenge(sigma);
            Queries {
                three: Some((q_pixel, rgb.map(|c| meta.query_advice(c, Rotation::cur())))),
                value: cell.clone() + tag.clone(),
                table: weight + tag,
                multiplicity: cell,
                network: None,
            }
        });
        let given = InputColumns { public, committed };
        PictureConfig { rgb, q_pixel, given, alpha, sigma, logup, horner, bilinear }
    }

    fn synthesize(&self, config: PictureConfig, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let plan = self.plan();
        let Plan { builder, layout, powers, .. } = &plan;
        let pixels = self.image.pixels();
        let mut samples = [0; 256];
        pixels.iter().flatten().for_each(|&sample| samples[usize::from(sample)] += 1);
        let multiplicities = builder.multiplicities(&samples);

        layouter.assign_region(
            || "phase 0",
            |mut region| {
                assign_columns(&mut region, config.rgb, &committed::picture(&self.image, &self.salts));
                assign_columns(&mut region, config.given.committed, self.fingerprint.as_slice());
                assign_pixels(config.q_pixel, &mut region, pixels.len());
                builder.assign_cells(&config.horner, None, None, &mut region, layout, &multiplicities);
                Ok(())
            },
        )?;
        layouter.next_phase();
        let [alpha, sigma] = challenges(&layouter, [config.alpha, config.sigma]);

        let values = self.values(&plan, sigma);

        layouter.assign_region(
            || "phase 1",
            |mut region| {
                // S1-samples, and every lookup of the trace
                let three = pixels.iter().map(|pixel| Entry::Three(pixel.map(|sample| Fr::from(u64::from(sample)))));
                let entries = three.chain(builder.entries(&multiplicities, sigma, |_, _| unreachable!("no canvas")));
                config
                    .logup
                    .assign(&mut region, (0, Fr::ZERO), entries, alpha, |row, sum| self.tamper.apply(Target::Lookup, row, sum));
                config.bilinear.assign(&mut region, powers, layout, &values);
                builder.assign_sums(&config.horner, &config.given, &mut region, layout, &values);
                Ok(())
            },
        )
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod committed_tests;
