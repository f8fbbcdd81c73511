//! The claims about a picture alone: the committed image's PDQ-512 is within the public tolerance of a fingerprint, which is
//! public ([`FingerprintClaim`]) or committed itself ([`CommittedFingerprintClaim`]).
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
//! Rows: the pixels; the tables (the salts lie beside them, in `r g b` only); the looked-up part of the sheet; one
//! bound row; the plain part.
use super::challenges;
use crate::{
    chips::{
        bilinear::{self, BilinearConfig, LUMA_WEIGHTS},
        distance::{self, COMMITTED_HALVES, DistanceHint, PUBLIC_HALVES},
        horner::HornerConfig,
        lines::{Forgery, GivenColumns, GivenValues, Layout, Sheet, Values, Wire},
        logup::{Entry, LogUpConfig, Queries},
        split::{self, SplitHint},
    },
    commitment::{SALT_ROWS, Salts, fingerprint_column},
    statement::{
        fingerprint::Fingerprint,
        pdq,
        public::FingerprintPublic,
        raster::{MIN_SIDE_PX, Raster, RasterError, checked_area},
    },
    transcript::scalar_reduced,
};
use ff::{Field, PrimeField};
use halo2_proofs::{
    circuit::{Layouter, Region, SimpleFloorPlanner, Value},
    halo2curves::bn256::Fr,
    plonk::{Advice, Challenge, Circuit, Column, ConstraintSystem, Error, FirstPhase, Fixed, SecondPhase},
    poly::Rotation,
};

/// The picture's fingerprint is near the public one.
pub type FingerprintClaim = PictureClaim<false>;
/// The picture's fingerprint is near one that is committed and not shown. In the public fingerprint's place is its salted hash, which
/// no gate reads: whoever checks a proof compares it with the proof's fourth point.
pub type CommittedFingerprintClaim = PictureClaim<true>;

/// The claim's columns and chips.
#[derive(Clone, Debug)]
pub struct FingerprintConfig {
    rgb: [Column<Advice>; 3],
    q_pixel: Column<Fixed>,
    given: GivenColumns,
    alpha: Challenge,
    sigma: Challenge,
    logup: LogUpConfig,
    horner: HornerConfig,
    bilinear: BilinearConfig,
}

/// The witness of the claim: the image, its salts, the committed fingerprint's column, and hints nobody trusts.
#[derive(Clone)]
pub struct PictureClaim<const COMMITTED: bool> {
    image: Raster,
    salts: Salts,
    public: Vec<Fr>,
    fingerprint: Vec<Fr>,
    split: SplitHint,
    distance: DistanceHint,
    forgery: Forgery,
}

/// The witness stays out of logs.
impl<const COMMITTED: bool> std::fmt::Debug for PictureClaim<COMMITTED> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PictureClaim").field("committed", &COMMITTED).finish_non_exhaustive()
    }
}

impl FingerprintClaim {
    /// The honest witness. Where the statement is false the prover makes no valid proof of it.
    pub fn new(image: Raster, salts: Salts, public: &FingerprintPublic) -> Self {
        Self::with(image, salts, public, public.fingerprint, Vec::new())
    }

    /// The instance column, in the order of [`PublicRow`](crate::statement::public::PublicRow).
    pub fn instance(public: &FingerprintPublic) -> Vec<Fr> {
        let mut context = [0; 32];
        context[1..].copy_from_slice(&public.context);
        vec![
            Fr::from_u128(public.fingerprint.low()),
            Fr::from_u128(public.fingerprint.high()),
            Fr::from(u64::from(public.tolerance)),
            scalar_reduced(context),
        ]
    }
}

impl CommittedFingerprintClaim {
    /// The honest witness: `fingerprint` is what the column of the proof's fourth point holds, under `fingerprint_salts`.
    pub fn new(
        image: Raster,
        salts: Salts,
        fingerprint: Fingerprint,
        fingerprint_salts: &Salts<1>,
        public: &FingerprintPublic,
    ) -> Self {
        Self::with(image, salts, public, fingerprint, fingerprint_column(fingerprint, fingerprint_salts))
    }
}

impl<const COMMITTED: bool> PictureClaim<COMMITTED> {
    fn with(image: Raster, salts: Salts, public: &FingerprintPublic, given: Fingerprint, column: Vec<Fr>) -> Self {
        let coefficients = pdq::coefficients(&image);
        Self {
            split: SplitHint::of(&coefficients, pdq::median(&coefficients)),
            distance: DistanceHint::of(pdq::split(&coefficients), given, public.tolerance),
            public: FingerprintClaim::instance(public),
            fingerprint: column,
            forgery: Forgery::default(),
            image,
            salts,
        }
    }

    /// The claim's shape for a picture of this size, for key generation: a witness of nothing.
    ///
    /// # Errors
    /// [`RasterError`] where the size is not a raster's.
    pub fn shape(width: u32, height: u32) -> Result<Self, RasterError> {
        let pixels = vec![[0; 3]; checked_area(width, height)?];
        let public = FingerprintPublic { fingerprint: Default::default(), tolerance: 0, context: [0; 31] };
        let column = if COMMITTED { fingerprint_column(public.fingerprint, &Salts::public()) } else { Vec::new() };
        Ok(Self::with(Raster::new(width, height, pixels)?, Salts::public(), &public, public.fingerprint, column))
    }

    /// The smallest `k` whose `2^k` rows hold this claim for a picture of this size.
    ///
    /// # Errors
    /// [`RasterError`] where the size is not a raster's.
    pub fn min_k(width: u32, height: u32) -> Result<u32, RasterError> {
        Ok(Self::rows(width, height)?.next_power_of_two().ilog2())
    }

    /// The rows that this claim needs for a picture of this size, blinding rows included.
    ///
    /// # Errors
    /// [`RasterError`] where the size is not a raster's.
    pub fn rows(width: u32, height: u32) -> Result<usize, RasterError> {
        let pixels = checked_area(width, height)?;
        let blank = Self::shape(MIN_SIDE_PX, MIN_SIDE_PX)?;
        let Plan { layout, .. } = Plan::new::<COMMITTED>(width, height, &blank.split, &blank.distance);
        let mut cs = ConstraintSystem::default();
        Self::configure(&mut cs);
        // one row below the last line holds its sum; the blinding rows follow
        // (the committed fingerprint has two rows and its salts, fewer than the table)
        Ok(layout.end.max(pixels + SALT_ROWS) + 1 + cs.blinding_factors() + 1)
    }

    fn plan(&self) -> Plan {
        Plan::new::<COMMITTED>(self.image.width(), self.image.height(), &self.split, &self.distance)
    }

    /// Every phase-1 value of the sheet and the pixels, under the challenge `sigma`.
    fn values(&self, plan: &Plan, sigma: Fr) -> Values {
        let Plan { sheet, layout, powers, before_pixels } = plan;
        let given = GivenValues { public: self.public.clone(), committed: self.fingerprint.clone() };
        let mut values = Values::new(layout, sigma, given, &self.forgery);
        sheet.evaluate(0, *before_pixels, layout, &mut values, &self.forgery);
        BilinearConfig::evaluate(luma(&self.image), powers, layout, &mut values, &self.forgery);
        sheet.evaluate(*before_pixels, sheet.written(), layout, &mut values, &self.forgery);
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

/// Lays the image's committed columns, and which rows are pixels.
pub(super) fn assign_image(
    rgb: [Column<Advice>; 3],
    q_pixel: Column<Fixed>,
    region: &mut Region<'_, Fr>,
    image: &Raster,
    salts: &Salts,
) {
    let pixels = image.pixels();
    for (channel, column) in rgb.into_iter().enumerate() {
        for (row, pixel) in pixels.iter().enumerate() {
            region.assign_advice(column, row, Value::known(Fr::from(u64::from(pixel[channel]))));
        }
        for (i, salt) in salts.rows().iter().enumerate() {
            region.assign_advice(column, pixels.len() + i, Value::known(salt[channel]));
        }
    }
    (0..pixels.len()).for_each(|row| {
        region.assign_fixed(q_pixel, row, Fr::ONE);
    });
}

/// The sheet of a picture's size, and what is needed to lay it.
struct Plan {
    sheet: Sheet,
    layout: Layout,
    /// The wires of the powers `V_x`.
    powers: Vec<Wire>,
    /// Lines that are evaluated before the pixels' sum, the others need it.
    before_pixels: usize,
}

impl Plan {
    fn new<const COMMITTED: bool>(width: u32, height: u32, split: &SplitHint, distance: &DistanceHint) -> Self {
        let mut sheet = Sheet::default();
        let zero = sheet.zero();
        // S2-coefficients
        let powers = bilinear::powers(&mut sheet, zero, &pdq::basis(width));
        let before_pixels = sheet.written();
        let rows = bilinear::rows(&mut sheet, zero, &pdq::basis(height), width as usize);
        // S3-split
        let bits = split::median_split(&mut sheet, zero, &rows, split);
        // S4-tolerance
        let halves = if COMMITTED { COMMITTED_HALVES } else { PUBLIC_HALVES };
        distance::within_tolerance(&mut sheet, zero, &bits, halves, distance);
        let layout = sheet.layout(width as usize * height as usize);
        Self { sheet, layout, powers, before_pixels }
    }
}

impl<const COMMITTED: bool> Circuit<Fr> for PictureClaim<COMMITTED> {
    type Config = FingerprintConfig;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        Self::shape(self.image.width(), self.image.height()).expect("the image is a raster")
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> FingerprintConfig {
        // the committed columns: first of all, so that their points come first in every proof
        let rgb = [(); 3].map(|()| meta.advice_column());
        let committed = COMMITTED.then(|| meta.advice_column());
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
                three_selector: q_pixel,
                three: rgb.map(|c| meta.query_advice(c, Rotation::cur())),
                value: cell.clone() + tag.clone(),
                table: weight + tag,
                multiplicity: cell,
                network: None,
            }
        });
        let given = GivenColumns { public, committed };
        FingerprintConfig { rgb, q_pixel, given, alpha, sigma, logup, horner, bilinear }
    }

    fn synthesize(&self, config: FingerprintConfig, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let plan = self.plan();
        let Plan { sheet, layout, powers, .. } = &plan;
        let pixels = self.image.pixels();
        let mut samples = [0; 256];
        pixels.iter().flatten().for_each(|&sample| samples[usize::from(sample)] += 1);
        let multiplicities = sheet.multiplicities(&samples);

        layouter.assign_region(
            || "phase 0",
            |mut region| {
                assign_image(config.rgb, config.q_pixel, &mut region, &self.image, &self.salts);
                if let Some(column) = config.given.committed {
                    for (row, &value) in self.fingerprint.iter().enumerate() {
                        region.assign_advice(column, row, Value::known(value));
                    }
                }
                sheet.assign_cells(&config.horner, None, &mut region, layout, &multiplicities);
                Ok(())
            },
        )?;
        layouter.next_phase();
        let [alpha, sigma] = challenges(&layouter, [config.alpha, config.sigma]);

        let values = self.values(&plan, sigma);

        layouter.assign_region(
            || "phase 1",
            |mut region| {
                // S1-samples, and every lookup of the sheet
                let three = pixels.iter().map(|pixel| Entry::Three(pixel.map(|sample| Fr::from(u64::from(sample)))));
                let entries = three.chain(sheet.entries(&multiplicities, sigma));
                config.logup.assign(&mut region, 0, entries, alpha, |row| Forgery::of(&self.forgery.lookup, row));
                config.bilinear.assign(&mut region, powers, layout, &values);
                sheet.assign_sums(&config.horner, &config.given, &mut region, layout, &values);
                Ok(())
            },
        )
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod committed_tests;
