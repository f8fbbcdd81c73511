//! The claim *fingerprint* of a picture of any size, under one key for each `k`.
//!
//! The clauses, in the order of `synthesize` (see `docs/statement.md`):
//!
//! 1. `S1-samples`: every sample of every pixel is a byte ([`canvas`]).
//! 2. `S2-coefficients`: the 256 coefficients are those of the pixels ([`canvas`], [`area`]).
//! 3. `S3-split`: the bits are the coefficients' split at their 128th smallest ([`split`]).
//! 4. `S4-tolerance`: the bits are within the tolerance of the fingerprint ([`distance`]).
//! 5. `S5-size`: width and height are public, and each is at least 5.
//!
//! # Layout
//! Phase 0: `r0 g0 b0 r1 g1 b1 cell`; phase 1, after `sigma`: `factor sum`; phase 2, after `alpha`, `rho` and `x`: `first second lookup power
//! weighed`; fixed: `q_pixel kind constant weight step role`.
//! Rows: the pixels; slots for columns (the salts lie beside them); the row that joins; the tables; the looked-up part of the trace; one bound row; the
//! plain part.
use super::{assign_columns, challenges};
use crate::{
    chips::{
        area::{self, AreaHint, Side},
        bilinear::LUMA_WEIGHTS,
        canvas::{ADDRESS, COLUMNS, CanvasConfig, Challenges, Kind, ROWS},
        distance::{self, DistanceHint, Fingerprints},
        horner::HornerConfig,
        logup::{Entry, LogUpConfig, Queries},
        split::{self, SplitHint},
        trace::{CellRef, InputColumns, InputValues, Layout, Lookup, ONE, Part, Tamper, Target, TraceBuilder, Values, half},
    },
    column::{self, Run, SALT_ROWS, Salts},
    statement::{claim::Claim, fingerprint::Fingerprint, pdq, public::PublicInputs, raster::Raster},
};
use ff::{BatchInvert, Field};
use halo2_proofs::{
    circuit::{Cell, Layouter, Region, SimpleFloorPlanner, Value},
    halo2curves::bn256::Fr,
    plonk::{Advice, Challenge, Circuit, Column, ConstraintSystem, Error, FirstPhase, SecondPhase, ThirdPhase},
    poly::Rotation,
};
use std::collections::HashMap;

/// Positions of width and height in the instance column.
const SIZE: [CellRef; 2] = [CellRef::Public(4), CellRef::Public(5)];
/// The shortest side.
const MIN_SIDE: u64 = 5;

/// The claim's columns and chips.
#[derive(Clone, Debug)]
pub struct SizedConfig {
    given: InputColumns,
    sigma: Challenge,
    challenges: Challenges,
    horner: HornerConfig,
    canvas: CanvasConfig,
    logup: LogUpConfig,
}

/// What the prover supplies about the size; nothing of it is trusted.
#[derive(Clone, Debug)]
pub struct SizeHint {
    /// Rows of the circuit for a row of the picture.
    pub step: Fr,
    /// Whether the width is odd.
    pub odd: Fr,
    /// The bytes of width and height less five.
    pub spare: [[Fr; 2]; 2],
    /// The places of the filter across and down.
    pub areas: [AreaHint; 2],
    /// For each slot, whether a row of the picture starts, or the last has ended.
    pub starts: Vec<Fr>,
    /// The flags of the rows of pixels.
    pub flags: Vec<usize>,
}

impl SizeHint {
    /// The honest hint.
    pub fn of(width: u32, height: u32) -> Self {
        let spare = |side: u32| {
            let spare = u64::from(side).saturating_sub(MIN_SIDE);
            [Fr::from(spare % 256), Fr::from(spare / 256)]
        };
        let step = width.div_ceil(2);
        Self {
            step: Fr::from(u64::from(step)),
            odd: Fr::from(u64::from(width % 2)),
            spare: [width, height].map(spare),
            areas: [width, height].map(AreaHint::of),
            starts: vec![Fr::ONE; height as usize + 1],
            flags: (0..=height as usize).map(|y| y * step as usize).collect(),
        }
    }
}

/// The circuit with its witness.
#[derive(Clone)]
pub struct SizedClaim {
    k: u32,
    image: Raster,
    salts: Salts<6>,
    public: Vec<Fr>,
    size: SizeHint,
    split: SplitHint,
    distance: DistanceHint,
    tamper: Tamper,
}

/// The witness stays out of logs.
impl std::fmt::Debug for SizedClaim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SizedClaim").field("k", &self.k).finish_non_exhaustive()
    }
}

/// What `2^k` rows hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Rows of pixels.
    pub pixels: usize,
    /// Slots for columns; as many for rows.
    pub slots: usize,
}

impl Room {
    /// The room of a `k`; `None` where nothing fits.
    pub fn of(k: u32) -> Option<Self> {
        let slots = (1usize << k.checked_sub(6)?).min((1 << 16) + 2);
        let blank = SizedClaim::blank_hints();
        let below = Trace::build(slots, 0, &blank.0, &blank.1, &blank.2).builder.rows();
        let mut cs = ConstraintSystem::default();
        SizedClaim::configure(&mut cs);
        let pixels = (1usize << k).checked_sub(cs.blinding_factors() + 1 + below + slots + 1)?;
        (pixels > SALT_ROWS).then_some(Self { pixels, slots })
    }

    /// Whether a picture fits.
    pub fn holds(self, width: u32, height: u32) -> bool {
        (width.max(height) as usize) + 2 <= self.slots
            && (width.div_ceil(2) as usize) * (height as usize) < self.pixels
    }

    /// The smallest `k` whose room holds a picture.
    pub fn k(width: u32, height: u32) -> Option<u32> {
        (8..=24).find(|&k| Self::of(k).is_some_and(|room| room.holds(width, height)))
    }

    /// The row that joins.
    const fn join(self) -> usize {
        self.pixels + self.slots
    }

    /// The row of a column's slot.
    const fn slot(self, column: usize) -> usize {
        self.join() - 1 - column
    }
}

/// The columns of a picture: R, G and B of each pixel whose place in its row is even, then of the others.
pub fn columns(image: &Raster, salts: &Salts<6>, room: Room) -> Vec<column::Column> {
    let width = image.width() as usize;
    let samples = |side: usize, channel: usize| -> Vec<u8> {
        let rows = image.pixels().chunks(width);
        rows.flat_map(|row| row.chunks(2).map(move |pair| pair.get(side).map_or(0, |pixel| pixel[channel]))).collect()
    };
    (0..6)
        .map(|at| {
            let samples = samples(at / 3, at % 3);
            let rest = room.pixels - samples.len();
            column::Column::new(vec![Run::Bytes(samples), Run::Zeros(rest), salts.of(at)])
        })
        .collect()
}

/// The trace, and what is needed to lay it.
struct Trace {
    builder: TraceBuilder,
    /// The cell of a zero.
    zero: CellRef,
    /// Lines that are evaluated before the canvas; the others need it.
    before: usize,
}

impl Trace {
    fn build(slots: usize, join: usize, size: &SizeHint, split: &SplitHint, distance: &DistanceHint) -> Self {
        let mut builder = TraceBuilder::default();
        let zero = builder.zero();
        let [width, height] = SIZE;
        // S5-size
        for (side, spare) in [width, height].into_iter().zip(size.spare) {
            let mut acc = builder.accumulator("size/less five", Part::Plain, side);
            acc.add(ONE, -Fr::from(MIN_SIDE));
            let less = acc.end();
            let mut acc = builder.accumulator("size/spare", Part::LookedUp, zero);
            acc.add_cell(ONE, Fr::ONE, spare[0]);
            acc.add_cell(ONE, Fr::from(256), spare[1]);
            let spare = acc.end();
            builder.assert_equal(spare, less);
        }
        // 2 step - width is a bit
        let mut acc = builder.accumulator("size/step", Part::Plain, zero);
        acc.add_cell(ONE, Fr::ONE, size.step);
        let step = acc.end();
        let mut acc = builder.accumulator("size/odd", Part::Plain, zero);
        acc.add(step, Fr::from(2));
        acc.add(width, -Fr::ONE);
        let odd = acc.end();
        let mut acc = builder.accumulator("size/half", Part::Plain, zero);
        acc.add(ONE, half());
        let one_half = acc.end();
        let mut acc = builder.accumulator("size/odd bit", Part::LookedUp, odd);
        acc.add_centred_bit(ONE, size.odd);
        let bit = acc.end();
        builder.assert_equal(bit, one_half);
        // the rows start at 0, step, …, height step
        let mut acc = builder.accumulator("size/rows", Part::LookedUp, zero);
        for slot in 0..slots {
            acc.row_start(step, Fr::from(ADDRESS), size.starts.get(slot).copied().unwrap_or(Fr::ZERO));
        }
        let after = acc.end();
        let mut acc = builder.accumulator("size/all rows", Part::Plain, height);
        acc.add(ONE, Fr::ONE);
        acc.scale(step);
        let rows = acc.end();
        let mut acc = builder.accumulator("size/addresses", Part::Plain, zero);
        acc.add(rows, Fr::from(ADDRESS));
        let expected = acc.end();
        builder.assert_equal(after, expected);
        // S2-coefficients
        let mut acc = builder.accumulator("size/sigma^16", Part::Plain, ONE);
        (0..16).for_each(|_| acc.shift(ONE, Fr::ZERO));
        let tau = acc.end();
        let [across, down] = [None, Some(tau)].map(|x| area::powers(&mut builder, zero, x));
        let [hint_across, hint_down] = &size.areas;
        area::send(&mut builder, zero, Side { length: width, step: ONE, tag: COLUMNS }, &across, hint_across);
        area::send(&mut builder, zero, Side { length: height, step, tag: ROWS }, &down, hint_down);
        let before = builder.written();
        // S3-split
        let bits = split::median_split(&mut builder, zero, &[(0, CellRef::Pixel(join))], split);
        // S4-tolerance
        distance::within_tolerance(&mut builder, zero, &bits, Fingerprints::of(Claim::FINGERPRINT), distance);
        Self { builder, zero, before }
    }
}

/// The trace laid in a room.
struct Plan {
    trace: Trace,
    layout: Layout,
    room: Room,
}

/// The values of the last phase.
struct Canvas {
    first: Vec<Fr>,
    second: Vec<Fr>,
    power: Vec<Fr>,
    weighed: Vec<Fr>,
    /// What each row of pixels and slot adds to the lookup sum.
    terms: Vec<Fr>,
}

impl SizedClaim {
    /// The honest witness: `near` is the fingerprint that the picture's is compared with.
    pub fn new(k: u32, image: Raster, salts: Salts<6>, public: &PublicInputs) -> Self {
        let coefficients = pdq::coefficients(&image);
        let mut instance = crate::relation::instance(Claim::FINGERPRINT, public);
        instance.extend([image.width(), image.height()].map(|side| Fr::from(u64::from(side))));
        Self {
            k,
            size: SizeHint::of(image.width(), image.height()),
            split: SplitHint::of(&coefficients, pdq::median(&coefficients)),
            distance: DistanceHint::of(pdq::split(&coefficients), public.fingerprint, public.tolerance),
            public: instance,
            image,
            salts,
            tamper: Tamper::default(),
        }
    }

    /// The circuit of a `k`, for key generation: a witness of nothing.
    pub fn blank(k: u32) -> Self {
        let image = Raster::new(5, 5, vec![[0; 3]; 25]).expect("a size of pictures");
        Self::new(k, image, Salts::expand(&[0; 32], SALT_ROWS), &PublicInputs::new(Fingerprint::default(), 0, [0; 31]))
    }

    /// The instance column.
    pub fn public(&self) -> &[Fr] {
        &self.public
    }

    fn blank_hints() -> (SizeHint, SplitHint, DistanceHint) {
        let blank = Self::blank(0);
        (blank.size, blank.split, blank.distance)
    }

    fn plan(&self) -> Plan {
        let room = Room::of(self.k).expect("a k with room");
        let trace = Trace::build(room.slots, room.join(), &self.size, &self.split, &self.distance);
        let layout = trace.builder.layout(room.join() + 1);
        Plan { trace, layout, room }
    }

    /// Every value of phase 1, under the challenge `sigma`.
    fn values(&self, plan: &Plan, sigma: Fr) -> Values {
        let Plan { trace: Trace { builder, before, .. }, layout, room } = plan;
        let given = InputValues { public: self.public.clone(), committed: column::Column::default() };
        let mut values = Values::new(layout, sigma, given, &self.tamper);
        builder.evaluate(0, *before, layout, &mut values);
        // what was sent, by address
        let (width, step) = (self.image.width() as usize, (self.image.width() as usize).div_ceil(2));
        let [mut across, mut down] = [(); 2].map(|()| HashMap::<usize, Fr>::new());
        for (index, line) in builder.part(Part::LookedUp).iter().enumerate().filter(|(_, line)| line.kind == Lookup::Send) {
            let row = layout.row(CellRef::Instruction(Part::LookedUp, index));
            let address = small_address(values.sums[row]);
            let sent = if line.constant == Fr::from(ROWS) { &mut down } else { &mut across };
            *sent.entry(address).or_insert(Fr::ZERO) += line.weight * values.factors[row];
        }
        let mut weight = Fr::ZERO;
        for row in (0..room.pixels).rev() {
            weight += down.get(&row).copied().unwrap_or(Fr::ZERO);
            values.set(Target::Factor, row, weight);
        }
        let mut contents = vec![Fr::ZERO; room.slots];
        for (y, pixels) in self.image.pixels().chunks(width).enumerate() {
            let weight = values.factors[y * step + 1];
            for (sum, pixel) in contents.iter_mut().zip(pixels) {
                *sum += weight * luma(pixel);
            }
        }
        let (mut weight, mut total) = (Fr::ZERO, Fr::ZERO);
        for (p, content) in contents.iter().enumerate().rev() {
            values.set(Target::Factor, room.slot(p), weight);
            values.set(Target::Sum, room.slot(p), *content);
            total += weight * content;
            weight += across.get(&p).copied().unwrap_or(Fr::ZERO);
        }
        values.set(Target::Factor, room.join(), weight);
        values.set(Target::Sum, room.join(), total);
        builder.evaluate(*before, builder.written(), layout, &mut values);
        values
    }

    /// Every value of the last phase beside the lookup sum's.
    fn canvas(&self, plan: &Plan, values: &Values, of: Challenges<Fr>) -> Canvas {
        let Plan { room, layout, .. } = plan;
        let width = self.image.width() as usize;
        let mut inverses: Vec<Fr> = (0..256).map(|byte| of.alpha - Fr::from(byte)).collect();
        inverses.iter_mut().batch_invert();
        let pairs = || self.image.pixels().chunks(width).flat_map(|row| row.chunks(2));
        let inverse = |pixel: Option<&[u8; 3]>| -> Fr {
            pixel.unwrap_or(&[0; 3]).iter().map(|&sample| inverses[usize::from(sample)]).sum()
        };
        let rows = layout.end + 1;
        let [mut first, mut second] = [(); 2].map(|()| vec![inverse(None); room.pixels]);
        for (row, pair) in pairs().enumerate() {
            first[row] = self.tamper.apply(Target::First, row, inverse(pair.first()));
            second[row] = self.tamper.apply(Target::Second, row, inverse(pair.get(1)));
        }
        let mut flags = vec![false; room.pixels + 1];
        self.size.flags.iter().for_each(|&row| flags[row] = true);

        let [mut power, mut weighed] = [(); 2].map(|()| vec![Fr::ZERO; rows]);
        power[room.join()] = self.tamper.apply(Target::Power, room.join(), Fr::ONE);
        for row in (room.pixels..room.join()).rev() {
            power[row] = self.tamper.apply(Target::Power, row, of.x * power[row + 1]);
        }
        let lumas: Vec<Fr> = pairs()
            .map(|pair| luma(&pair[0]) + pair.get(1).map_or(Fr::ZERO, |pixel| of.x * luma(pixel)))
            .collect();
        let square = of.x.square();
        for row in (0..room.pixels).rev() {
            let below = if flags[row + 1] { Fr::ZERO } else { square * power[row + 1] };
            let own = lumas.get(row).copied().unwrap_or(Fr::ZERO);
            power[row] = self.tamper.apply(Target::Power, row, own + below);
        }
        for row in 0..room.join() {
            let added = if row >= room.pixels {
                values.sums[row] * (of.rho * values.factors[row] - power[row + 1])
            } else if flags[row] {
                power[row] * values.factors[row + 1]
            } else {
                Fr::ZERO
            };
            weighed[row + 1] = self.tamper.apply(Target::Weighed, row + 1, weighed[row] + added);
        }
        // what is sent, and the flags
        let mut terms = vec![Fr::ZERO; room.join() + 1];
        for row in 0..room.join() {
            let change = values.factors[row] - values.factors[row + 1];
            let (address, numerator) = if row < room.pixels {
                let flag = if flags[row] { Fr::ONE } else { Fr::ZERO };
                (tagged(ADDRESS * row as u64, values.sigma, ROWS), flag + of.rho * change)
            } else {
                let column = (room.join() - 1 - row) as u64;
                (tagged(ADDRESS * column, values.sigma, COLUMNS), -of.rho * change)
            };
            if numerator != Fr::ZERO {
                terms[row] = numerator * (of.alpha - address).invert().unwrap_or(Fr::ZERO);
            }
            if row < room.pixels {
                terms[row] += first[row] + second[row];
            }
        }
        Canvas { first, second, power, weighed, terms }
    }
}

/// The weighted luma of a pixel.
fn luma(pixel: &[u8; 3]) -> Fr {
    Fr::from(pixel.iter().zip(LUMA_WEIGHTS).map(|(&sample, weight)| u64::from(sample) * weight).sum::<u64>())
}

/// An address in steps; anything that is none is out of reach.
fn small_address(address: Fr) -> usize {
    use ff::PrimeField;
    let repr = address.to_repr();
    let low = u64::from_le_bytes(repr[..8].try_into().expect("eight bytes"));
    if repr[8..].iter().any(|&byte| byte != 0) || low % ADDRESS != 0 { usize::MAX } else { (low / ADDRESS) as usize }
}

fn tagged(value: u64, sigma: Fr, tag: u64) -> Fr {
    Fr::from(value) + sigma * Fr::from(tag)
}

impl Circuit<Fr> for SizedClaim {
    type Config = SizedConfig;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        Self::blank(self.k)
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> SizedConfig {
        // the committed columns: first of all, so that their points come first in every proof
        let samples = [(); 6].map(|()| meta.advice_column());
        let cell = meta.advice_column();
        let sigma = meta.challenge_usable_after(FirstPhase);
        let [factor, sum] = [(); 2].map(|()| meta.advice_column_in(SecondPhase));
        let [alpha, rho, x] = [(); 3].map(|()| meta.challenge_usable_after(SecondPhase));
        let [first, second, lookup, power, weighed] = [(); 5].map(|()| meta.advice_column_in(ThirdPhase));
        let [q_pixel, kind, constant, weight, step, role] = [(); 6].map(|()| meta.fixed_column());
        let public = meta.instance_column();
        meta.enable_equality(public);

        let horner = HornerConfig { cell, factor, sum, constant, weight, step, role }.configure(meta, sigma);
        let challenges = Challenges { alpha, rho, x };
        let canvas = CanvasConfig { samples, q_pixel, kind, helpers: [first, second], lookup, power, weighed }
            .configure(meta, &horner, sigma, challenges);
        let logup = LogUpConfig::configure(meta, lookup, role, alpha, |meta| {
            let [constant, weight] = [constant, weight].map(|c| meta.query_fixed(c, Rotation::cur()));
            let cell = meta.query_advice(cell, Rotation::cur());
            // the tag is multiplied by a challenge: added as it is, it could be part of the prover's cell
            let tag = constant * meta.query_challenge(sigma);
            Queries {
                three: None,
                value: cell.clone() + tag.clone(),
                table: weight + tag,
                multiplicity: cell,
                network: None,
            }
        });
        SizedConfig { given: InputColumns { public, committed: None }, sigma, challenges, horner, canvas, logup }
    }

    fn synthesize(&self, config: SizedConfig, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let plan = self.plan();
        let Plan { trace: Trace { builder, zero, .. }, layout, room } = &plan;
        let mut samples = [0; 256];
        self.image.pixels().iter().flatten().for_each(|&sample| samples[usize::from(sample)] += 1);
        samples[0] += 6 * room.pixels as u64 - 3 * self.image.pixels().len() as u64;
        let multiplicities = builder.multiplicities(&samples);
        let SizedConfig { horner, canvas, .. } = &config;

        layouter.assign_region(
            || "phase 0",
            |mut region| {
                assign_columns(&mut region, canvas.samples, &columns(&self.image, &self.salts, *room));
                for row in 0..room.pixels {
                    region.assign_fixed(canvas.q_pixel, row, Fr::ONE);
                    region.assign_fixed(horner.constant, row, Fr::from(ADDRESS * row as u64));
                }
                for column in 0..room.slots {
                    region.assign_fixed(canvas.kind, room.slot(column), Fr::from(Kind::Column as u64));
                    region.assign_fixed(horner.constant, room.slot(column), Fr::from(ADDRESS * column as u64));
                }
                region.assign_fixed(canvas.kind, room.join(), Fr::from(Kind::Send as u64));
                for &row in &self.size.flags {
                    region.assign_advice(horner.cell, row, Value::known(Fr::ONE));
                }
                builder.assign_cells(horner, None, Some(canvas.kind), &mut region, layout, &multiplicities);
                Ok(())
            },
        )?;
        layouter.next_phase();
        let [sigma] = challenges(&layouter, [config.sigma]);
        let values = self.values(&plan, sigma);

        layouter.assign_region(
            || "phase 1",
            |mut region| {
                let lay = |region: &mut Region<'_, Fr>, column: Column<Advice>, row: usize, value: Fr| {
                    region.assign_advice(column, row, Value::known(value)).cell()
                };
                lay(&mut region, horner.sum, 0, values.sums[0]);
                for row in 0..=room.join() {
                    let factor = lay(&mut region, horner.factor, row, values.factors[row]);
                    if row >= room.pixels {
                        lay(&mut region, horner.sum, row, values.sums[row]);
                    }
                    if row == room.pixels {
                        // nothing is sent beyond the last row, and the last column
                        let zero = Cell { row_offset: layout.row(*zero), column: horner.sum.into() };
                        region.constrain_equal(factor, zero);
                    }
                }
                builder.assign_sums(horner, &config.given, &mut region, layout, &values);
                Ok(())
            },
        )?;
        layouter.next_phase();
        let Challenges { alpha, rho, x } = config.challenges;
        let [alpha, rho, x] = challenges(&layouter, [alpha, rho, x]);
        let of = Challenges { alpha, rho, x };
        let rows = self.canvas(&plan, &values, of);

        layouter.assign_region(
            || "phase 2",
            |mut region| {
                self.lay_canvas(canvas, &mut region, &plan, &rows);
                let mut lookup = Fr::ZERO;
                for (row, term) in rows.terms[..room.join()].iter().enumerate() {
                    let laid = self.tamper.apply(Target::Lookup, row, lookup);
                    region.assign_advice(canvas.lookup, row, Value::known(laid));
                    lookup = laid + term;
                }
                let looked_up = |index| layout.row(CellRef::Instruction(Part::LookedUp, index));
                let written = |index: usize, line: &crate::chips::trace::Instruction| {
                    let row = looked_up(index);
                    let sum = values.sums[row];
                    match line.kind {
                        Lookup::Send => Entry::Table {
                            value: sum + sigma * line.constant,
                            multiplicity: rho * line.weight * values.factors[row],
                        },
                        _ => Entry::Table { value: sum + sigma * Fr::from(ROWS), multiplicity: line.cell },
                    }
                };
                // the row that joins adds nothing
                let join = Entry::Table { value: values.sums[room.join()], multiplicity: Fr::ZERO };
                let entries = std::iter::once(join).chain(builder.entries(&multiplicities, sigma, written));
                config.logup.assign(&mut region, (room.join(), lookup), entries, alpha, |row, sum| {
                    self.tamper.apply(Target::Lookup, row, sum)
                });
                for (index, _) in
                    builder.part(Part::LookedUp).iter().enumerate().filter(|(_, line)| line.kind == Lookup::Send)
                {
                    let row = looked_up(index);
                    region.assign_advice(canvas.power, row, Value::known(Fr::ONE));
                    region.assign_advice(canvas.weighed, row, Value::known(rho * values.sums[row]));
                }
                Ok(())
            },
        )
    }
}

impl SizedClaim {
    fn lay_canvas(&self, canvas: &CanvasConfig, region: &mut Region<'_, Fr>, plan: &Plan, rows: &Canvas) {
        for (column, values) in [(canvas.helpers[0], &rows.first), (canvas.helpers[1], &rows.second)] {
            for (row, value) in values.iter().enumerate() {
                region.assign_advice(column, row, Value::known(*value));
            }
        }
        for (column, values) in [(canvas.power, &rows.power), (canvas.weighed, &rows.weighed)] {
            for (row, value) in values[..=plan.room.join()].iter().enumerate() {
                region.assign_advice(column, row, Value::known(*value));
            }
        }
    }
}

#[cfg(test)]
mod tests;
