//! Small circuits that between them have every feature the generator has code for.

use ff::Field;
use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner, Value},
    halo2curves::bn256::Fr,
    plonk::{
        Advice, Challenge, Circuit, Column, ConstraintSystem, Error, Expression, FirstPhase, Fixed, Instance,
        SecondPhase, Selector,
    },
    poly::Rotation,
};
use veilmark_circuits::{
    claims::fingerprint::FingerprintClaim,
    column::Salts,
    relation::{Picture, Relation, Shape},
    statement::{pdq::pdq, public::PublicInputs, raster::Raster},
};

fn number(value: u64) -> Value<Fr> {
    Value::known(Fr::from(value))
}

/// The real claim, about a picture of 16 x 12 pixels, with its instance and the smallest `k` that holds it.
pub(crate) fn fingerprint_claim() -> (u32, FingerprintClaim, Vec<Fr>) {
    let (width, height) = (16, 12);
    let pixels = (0..width * height).map(|i: u32| [i * 7 % 251, i * i % 241, 255 - i].map(|sample| sample as u8));
    let image = Raster::new(width, height, pixels.collect()).expect("large enough");
    let public = PublicInputs::new(pdq(&image).fingerprint, 31, [9; 31]);
    let k = FingerprintClaim::min_k(&Shape::Picture { width, height }, 0).expect("large enough");
    let picture = Picture { image, salts: Salts::public() };
    (k, FingerprintClaim::new(picture, &public), FingerprintClaim::instance(&public))
}

/// A Fibonacci sequence in one column (rotations -1 to 1), its fourth powers (degree 5), and seven equality-enabled
/// columns: three permutation products. `constant` is a fixed content, public too.
#[derive(Clone, Debug)]
pub(crate) struct Fibonacci {
    pub(crate) constant: u64,
    pub(crate) steps: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct FibonacciConfig {
    advice: [Column<Advice>; 5],
    constant: Column<Fixed>,
    q_step: Column<Fixed>,
    q_power: Selector,
    instance: Column<Instance>,
}

impl Fibonacci {
    fn sequence(&self) -> Vec<Fr> {
        let mut values = vec![Fr::ONE, Fr::from(2)];
        while values.len() <= self.steps {
            values.push(values[values.len() - 1] + values[values.len() - 2]);
        }
        values
    }

    /// The last number, the constant, the last number's fourth power, and a row that no gate reads.
    pub(crate) fn instances(&self) -> Vec<Fr> {
        let last = self.sequence()[self.steps];
        vec![last, Fr::from(self.constant), last.square().square(), Fr::from(77)]
    }
}

impl Circuit<Fr> for Fibonacci {
    type Config = FibonacciConfig;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        self.clone()
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> FibonacciConfig {
        let advice = [(); 5].map(|()| meta.advice_column());
        let [constant, q_step] = [(); 2].map(|()| meta.fixed_column());
        let q_power = meta.selector();
        let instance = meta.instance_column();
        advice.iter().for_each(|column| meta.enable_equality(*column));
        meta.enable_equality(constant);
        meta.enable_equality(instance);
        let [a, b, c, d, e] = advice;
        meta.create_gate("fibonacci", |meta| {
            let [before, now, next] = [-1, 0, 1].map(|rotation| meta.query_advice(a, Rotation(rotation)));
            let q = meta.query_fixed(q_step, Rotation::cur());
            vec![("the next is the sum of the last two", q * (next - now - before))]
        });
        meta.create_gate("power", |meta| {
            let [a, b] = [a, b].map(|column| meta.query_advice(column, Rotation::cur()));
            let q = meta.query_selector(q_power);
            let square = a.clone() * a;
            vec![("b is the fourth power of a", q * (b - square.clone() * square))]
        });
        meta.create_gate("sum */ \n \u{202e}of copies", |meta| {
            let total = meta.query_advice(e, Rotation::next());
            let [c, d, e] = [c, d, e].map(|column| meta.query_advice(column, Rotation::cur()));
            let q = meta.query_fixed(constant, Rotation::cur());
            vec![q * (c * Fr::from(3) + d * -Fr::from(2) + e - total + Expression::Constant(Fr::ZERO))]
        });
        FibonacciConfig { advice, constant, q_step, q_power, instance }
    }

    fn synthesize(&self, config: FibonacciConfig, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let sequence = self.sequence();
        let publics = layouter.assign_region(
            || "everything",
            |mut region| {
                let [a, b, c, d, e] = config.advice;
                let mut last = None;
                for (row, value) in sequence.iter().enumerate() {
                    let value_cell = region.assign_advice(a, row, Value::known(*value));
                    let power = region.assign_advice(b, row, Value::known(value.square().square()));
                    config.q_power.enable(&mut region, row)?;
                    if (1..self.steps).contains(&row) {
                        region.assign_fixed(config.q_step, row, Fr::ONE);
                    }
                    last = Some((value_cell, power));
                }
                let (value, power) = last.ok_or(Error::Synthesis)?;
                let c0 = value.copy_advice(&mut region, c, 0);
                let d0 = power.copy_advice(&mut region, d, 0);
                let fixed = region.assign_fixed(config.constant, 0, Fr::from(self.constant));
                let e0 = region.assign_advice(e, 0, number(self.constant));
                region.constrain_equal(fixed, e0.cell());
                let last = sequence[self.steps];
                let total = last * Fr::from(3) - Fr::from(2) * last.square().square() + Fr::from(self.constant);
                region.assign_advice(e, 1, Value::known(total));
                Ok([c0.cell(), e0.cell(), d0.cell()])
            },
        )?;
        for (row, cell) in publics.into_iter().enumerate() {
            layouter.constrain_instance(cell, config.instance, row);
        }
        Ok(())
    }
}

/// Byte lookups from a challenge: the shape of the real claims. The first pixel's red is public.
#[derive(Clone, Debug)]
pub(crate) struct Bytes {
    pub(crate) pixels: Vec<[u8; 3]>,
}

#[derive(Clone, Debug)]
pub(crate) struct BytesConfig {
    pixel: [Column<Advice>; 3],
    multiplicity: Column<Advice>,
    h: Column<Advice>,
    acc: Column<Advice>,
    table: Column<Fixed>,
    q_pixel: Column<Fixed>,
    q_acc: Column<Fixed>,
    q_ends: Column<Fixed>,
    instance: Column<Instance>,
    alpha: Challenge,
}

impl Bytes {
    pub(crate) fn instances(&self) -> Vec<Fr> {
        vec![Fr::from(u64::from(self.pixels[0][0]))]
    }
}

impl Circuit<Fr> for Bytes {
    type Config = BytesConfig;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        self.clone()
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> BytesConfig {
        let pixel = [(); 3].map(|()| meta.advice_column());
        let multiplicity = meta.advice_column();
        let alpha = meta.challenge_usable_after(FirstPhase);
        let [h, acc] = [(); 2].map(|()| meta.advice_column_in(SecondPhase));
        let [table, q_pixel, q_acc, q_ends] = [(); 4].map(|()| meta.fixed_column());
        let instance = meta.instance_column();
        meta.enable_equality(pixel[0]);
        meta.enable_equality(instance);
        meta.create_gate("lookup", |meta| {
            let alpha = meta.query_challenge(alpha);
            let [x, y, z] = pixel.map(|column| alpha.clone() - meta.query_advice(column, Rotation::cur()));
            let h = meta.query_advice(h, Rotation::cur());
            let q = meta.query_fixed(q_pixel, Rotation::cur());
            let [xy, xz, yz] = [x.clone() * y.clone(), x * z.clone(), y * z.clone()];
            vec![("h is the sum of three inverses", q * (h * xy.clone() * z - xy - xz - yz))]
        });
        meta.create_gate("running sum", |meta| {
            let alpha = meta.query_challenge(alpha);
            let [t, q] = [table, q_acc].map(|column| meta.query_fixed(column, Rotation::cur()));
            let [m, h] = [multiplicity, h].map(|column| meta.query_advice(column, Rotation::cur()));
            let [now, next] = [0, 1].map(|rotation| meta.query_advice(acc, Rotation(rotation)));
            vec![("a row adds h and takes its share", q * ((next - now - h) * (alpha - t) + m))]
        });
        meta.create_gate("running sum", |meta| {
            let q = meta.query_fixed(q_ends, Rotation::cur());
            vec![("it starts and ends at zero", q * meta.query_advice(acc, Rotation::cur()))]
        });
        BytesConfig { pixel, multiplicity, h, acc, table, q_pixel, q_acc, q_ends, instance, alpha }
    }

    fn synthesize(&self, config: BytesConfig, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let rows = self.pixels.len().max(256);
        let mut counts = [0u64; 256];
        self.pixels.iter().flatten().for_each(|byte| counts[usize::from(*byte)] += 1);
        let first = layouter.assign_region(
            || "phase 0",
            |mut region| {
                let mut first = None;
                for (row, pixel) in self.pixels.iter().enumerate() {
                    for (column, byte) in config.pixel.into_iter().zip(pixel) {
                        let cell = region.assign_advice(column, row, number(u64::from(*byte)));
                        first.get_or_insert(cell.cell());
                    }
                    region.assign_fixed(config.q_pixel, row, Fr::ONE);
                }
                for row in 0..rows {
                    region.assign_fixed(config.table, row, Fr::from(if row < 256 { row as u64 } else { 0 }));
                    region.assign_fixed(config.q_acc, row, Fr::ONE);
                    region.assign_advice(config.multiplicity, row, number(counts.get(row).copied().unwrap_or(0)));
                }
                region.assign_fixed(config.q_ends, 0, Fr::ONE);
                region.assign_fixed(config.q_ends, rows, Fr::ONE);
                first.ok_or(Error::Synthesis)
            },
        )?;
        layouter.constrain_instance(first, config.instance, 0);
        layouter.next_phase();
        let mut alpha = Fr::ZERO;
        layouter.get_challenge(config.alpha).map(|value| alpha = value);
        let inverse: Vec<_> = (0..256).map(|byte| (alpha - Fr::from(byte)).invert().unwrap_or(Fr::ZERO)).collect();
        layouter.assign_region(
            || "phase 1",
            |mut region| {
                let mut acc = Fr::ZERO;
                for row in 0..rows {
                    let pixel = self.pixels.get(row);
                    let h = pixel.map_or(Fr::ZERO, |p| p.iter().map(|byte| inverse[usize::from(*byte)]).sum());
                    region.assign_advice(config.h, row, Value::known(h));
                    region.assign_advice(config.acc, row, Value::known(acc));
                    acc += h - counts.get(row).map_or(Fr::ZERO, |count| Fr::from(*count) * inverse[row]);
                }
                region.assign_advice(config.acc, rows, Value::known(acc));
                Ok(())
            },
        )
    }
}

/// Two challenges at once and one alone that only a gate reads, no permutation at all, degree 3, deep expressions.
#[derive(Clone, Debug)]
pub(crate) struct Phases {
    pub(crate) value: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct PhasesConfig {
    columns: [Column<Advice>; 3],
    q: Column<Fixed>,
    challenges: [Challenge; 2],
}

/// Length of the sums and depth of the nesting in [`Phases`]: more than the EVM's stack holds.
const DEEP: u64 = 40;

impl Phases {
    pub(crate) fn instances(&self) -> Vec<Fr> {
        vec![Fr::from(self.value), Fr::ZERO]
    }
}

/// `v (v (v ... + 3) + 2) + 1`, nested on the left or on the right.
fn nested(value: &Expression<Fr>, left: bool) -> Expression<Fr> {
    (1..=DEEP).rev().fold(Expression::Constant(Fr::ZERO), |inner, i| {
        let step = Expression::Constant(Fr::from(i));
        let outer = if left { (inner + step) * Expression::Constant(Fr::from(7 * i)) } else { step + inner };
        outer + value.clone()
    })
}

/// A balanced tree of sums of scaled values.
fn balanced(value: &Expression<Fr>, depth: u64, salt: u64) -> Expression<Fr> {
    if depth == 0 {
        value.clone() * Fr::from(salt * salt + 5)
    } else {
        (balanced(value, depth - 1, 2 * salt) - balanced(value, depth - 1, 2 * salt + 1)) * Fr::from(salt)
    }
}

impl Circuit<Fr> for Phases {
    type Config = PhasesConfig;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        self.clone()
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> PhasesConfig {
        let p = meta.advice_column();
        let challenges = [0, 1].map(|_| meta.challenge_usable_after(FirstPhase));
        let [s, t] = [(); 2].map(|()| meta.advice_column_in(SecondPhase));
        let third = meta.challenge_usable_after(SecondPhase);
        let q = meta.fixed_column();
        let instance = meta.instance_column();
        meta.create_gate("phases", |meta| {
            let [p, s, t] = [p, s, t].map(|column| meta.query_advice(column, Rotation::cur()));
            let public = meta.query_instance(instance, Rotation::cur());
            let [a, b] = challenges.map(|challenge| meta.query_challenge(challenge));
            let c = meta.query_challenge(third);
            let q = meta.query_fixed(q, Rotation::cur());
            let difference = p.clone() - public.clone();
            vec![
                ("the first is public", q.clone() * difference.clone() * (p.clone() + public)),
                ("two rows fold with one challenge", q.clone() * (s.clone() - p * a - b + c * (t - s.clone() - s))),
                (
                    "nested left",
                    q.clone() * (nested(&difference, true) - nested(&Expression::Constant(Fr::ZERO), true)),
                ),
                (
                    "nested right",
                    q.clone() * (nested(&difference, false) - Expression::Constant(Fr::from(DEEP * (DEEP + 1) / 2))),
                ),
                ("balanced", q * balanced(&difference, 6, 1)),
            ]
        });
        PhasesConfig { columns: [p, s, t], q, challenges }
    }

    fn synthesize(&self, config: PhasesConfig, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let value = Fr::from(self.value);
        let [p, s, t] = config.columns;
        let mut known = [Fr::ZERO; 2];
        layouter.assign_region(
            || "phase 0",
            |mut region| {
                region.assign_fixed(config.q, 0, Fr::ONE);
                region.assign_advice(p, 0, Value::known(value));
                Ok(())
            },
        )?;
        layouter.next_phase();
        layouter.get_challenge(config.challenges[0]).map(|challenge| known[0] = challenge);
        layouter.get_challenge(config.challenges[1]).map(|challenge| known[1] = challenge);
        let second = value * known[0] + known[1];
        layouter.assign_region(
            || "phase 1",
            |mut region| {
                region.assign_advice(s, 0, Value::known(second));
                region.assign_advice(t, 0, Value::known(second.double()));
                Ok(())
            },
        )
    }
}
