//! S2 to S4: the fingerprint of the picture is near the given one.
//!
//! With `B_k` the 256 coefficients of the committed pixels, from the statement's basis, exactly these relations hold between them and
//! auxiliary cells, each of which has one part only:
//!
//! ```text
//! B_k - m - 1/2 = -(1/2 - a_k)(2 gap_k + 1)            a_k a bit, gap_k 13 bytes
//! B_k - m + 1/2 = -(1/2 - b_k)(2 gap'_k + 1)           b_k a bit, gap'_k 13 bytes
//! 128 - sum a_k = spare,  sum b_k - 129 = spare'       two bytes
//! sum (1/2 - a_k)(1/2 - f_k) = 64 - (tolerance - spare'')/2      f_k bits, a byte
//! low = sum 2^k f_k,  high = sum 2^k f_(128+k)
//! ```
//!
//! That they say that `a_k = [B_k > the 128th smallest]` and that the distance is at most the tolerance is argued in
//! `circuits/src/chips/split.rs` and `distance.rs`. Here is shown that the circuit says them, all of them, and nothing else.
use super::{Clause, Reading, numbers};
use crate::{
    Fault,
    lookups::Form,
    poly::{Mono, Var},
    solved::{coefficient, collected, scaled},
};
use ff::{Field, PrimeField};
use halo2_proofs::halo2curves::bn256::Fr;
use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};
use veilmark_statement::{
    fingerprint::BITS,
    pdq::{GAP_BYTES, LUMA_WEIGHTS, basis},
};

const HALF: usize = BITS / 2;

/// See the module.
#[derive(Clone, Debug)]
pub struct Picture {
    width: usize,
    across: Vec<[Fr; 16]>,
    down: Vec<[Fr; 16]>,
    halves: [Var; 2],
    tolerance: Var,
}

/// A comparison of a coefficient with a threshold.
struct Comparison {
    equation: u32,
    form: Form,
    bit: Var,
}

fn signed(value: i64) -> Fr {
    let magnitude = Fr::from(value.unsigned_abs());
    if value < 0 { -magnitude } else { magnitude }
}

fn half() -> Fr {
    Fr::from(2).invert().expect("2 is not 0")
}

impl Picture {
    /// The clauses of a picture of this size, whose given fingerprint's halves, and the tolerance, are these cells.
    pub fn new(width: u32, height: u32, halves: [Var; 2], tolerance: Var) -> Self {
        let side = |side| basis(side).into_iter().map(|column| column.map(signed)).collect();
        Self { width: width as usize, across: side(width), down: side(height), halves, tolerance }
    }

    /// `B_k` as a form of the samples' cells.
    fn coefficient(&self, reading: &Reading<'_>, k: usize) -> Form {
        let solved = reading.solved;
        let weights = LUMA_WEIGHTS.map(Fr::from);
        let sample = |channel: usize| {
            self.down.iter().enumerate().flat_map(move |(y, down)| {
                let down = down[k / 16] * weights[channel];
                self.across.iter().enumerate().map(move |(x, across)| {
                    let cell = solved.named(solved.cells.advice(channel, x + self.width * y));
                    (Mono::var(cell), down * across[k % 16])
                })
            })
        };
        collected((0..3).flat_map(sample))
    }

    /// The given fingerprint's bits `f_k`.
    fn given_bits(&self, reading: &mut Reading<'_>) -> Result<Vec<Var>, Fault> {
        let mut bits = Vec::with_capacity(BITS);
        for half in self.halves {
            let equation = reading.only_equation(half, "a half of the given fingerprint")?;
            let form = normalised(reading, equation, half, Fr::ONE)?;
            let by_weight: HashMap<Fr, Var> =
                form.iter().filter_map(|(mono, value)| Some((-*value, mono.single()?))).collect();
            let mut expected = vec![(Mono::var(half), Fr::ONE)];
            for k in 0..HALF {
                let weight = Fr::from_u128(1 << k);
                let Some(&bit) = by_weight.get(&weight) else {
                    return Err(reading.fault(equation, format!("no bit of weight 2^{k}")));
                };
                bits.push(bit);
                expected.push((Mono::var(bit), -weight));
            }
            reading.take_equation(
                equation,
                &form,
                &collected(expected.into_iter()),
                "a half is the sum of its bits",
            )?;
        }
        let table = numbers(2);
        bits.iter().try_for_each(|&bit| reading.looked_up(bit, "a bit of the given fingerprint", &table))?;
        Ok(bits)
    }

    /// The picture's bits `a_k`, by the distance.
    fn distance(&self, reading: &mut Reading<'_>, given: &[Var]) -> Result<(u32, Vec<Var>), Fault> {
        let equation = reading.only_equation(self.tolerance, "the tolerance")?;
        let form = normalised(reading, equation, self.tolerance, half())?;
        let index: HashMap<Var, usize> = given.iter().enumerate().map(|(k, &bit)| (bit, k)).collect();
        let mut own = vec![None; BITS];
        for (mono, _) in form.iter().filter(|(mono, _)| mono.degree() == 2) {
            let vars: Vec<Var> = mono.vars().collect();
            let pair =
                [[vars[0], vars[1]], [vars[1], vars[0]]].into_iter().find_map(|[f, a]| Some((*index.get(&f)?, a)));
            if let Some((k, a)) = pair {
                own[k] = Some(a);
            }
        }
        let own: Option<Vec<Var>> = own.into_iter().collect();
        let own = own.ok_or_else(|| reading.fault(equation, "the distance misses a bit of the fingerprint"))?;
        let linear = form.iter().filter_map(|(mono, _)| mono.single());
        let mut others = linear.filter(|var| *var != self.tolerance && !index.contains_key(var) && !own.contains(var));
        let spare = others.next().ok_or_else(|| reading.fault(equation, "the distance has no spare part"))?;
        let quarter = half() * half();
        let mut expected =
            vec![(Mono::ONE, -Fr::from(64)), (Mono::var(self.tolerance), half()), (Mono::var(spare), -half())];
        for (&a, &f) in own.iter().zip(given) {
            let one =
                [(Mono::ONE, quarter), (Mono::var(a), -half()), (Mono::var(f), -half()), (Mono::pair(a, f), Fr::ONE)];
            expected.extend(one);
        }
        reading.take_equation(equation, &form, &collected(expected.into_iter()), "the distance")?;
        reading.looked_up(spare, "the distance's spare part", &numbers(256))?;
        let table = numbers(2);
        own.iter().try_for_each(|&bit| reading.looked_up(bit, "a bit of the picture", &table))?;
        Ok((equation, own))
    }

    /// The equation of a picture's bit that is quadratic, and the one that counts.
    fn split_of(&self, reading: &Reading<'_>, bit: Var, but: Option<u32>) -> Result<[u32; 2], Fault> {
        let quadratic = |equation: &u32| reading.form(*equation).iter().any(|(mono, _)| mono.degree() > 1);
        let all = reading.equations(bit).iter().copied().filter(|equation| Some(*equation) != but);
        let (comparisons, counts): (Vec<u32>, Vec<u32>) = all.partition(quadratic);
        match (&comparisons[..], &counts[..]) {
            ([comparison], [count]) => Ok([*comparison, *count]),
            _ => Err(Fault::new(format!(
                "{} is compared {} times and counted {} times, not once each",
                reading.name(bit),
                comparisons.len(),
                counts.len()
            ))),
        }
    }

    /// Takes a comparison: `constant` is 0 above the median, 1 not below it.
    fn compare(
        &self,
        reading: &mut Reading<'_>,
        comparison: &Comparison,
        median: Var,
        k: usize,
        constant: u64,
    ) -> Result<(), Fault> {
        let Comparison { equation, form, bit } = comparison;
        let mut expected = self.coefficient(reading, k);
        expected.extend([(Mono::var(median), -Fr::ONE), (Mono::var(*bit), -Fr::ONE), (Mono::ONE, Fr::from(constant))]);
        let mut gaps = Vec::with_capacity(GAP_BYTES);
        let mut weight = Fr::ONE;
        for byte in 0..GAP_BYTES {
            let double = -weight.double();
            let pair = form.iter().find(|(mono, value)| mono.degree() == 2 && *value == double);
            let gap = pair.and_then(|(mono, _)| mono.vars().find(|var| var != bit));
            let gap = gap.ok_or_else(|| reading.fault(*equation, format!("byte {byte} of a gap is missing")))?;
            expected.extend([(Mono::var(gap), weight), (Mono::pair(*bit, gap), double)]);
            gaps.push(gap);
            weight *= Fr::from(256);
        }
        let what = format!("the comparison of coefficient {k}");
        reading.take_equation(*equation, form, &collected(expected.into_iter()), &what)?;
        let bytes = numbers(256);
        gaps.into_iter().try_for_each(|gap| reading.looked_up(gap, "a byte of a gap", &bytes))
    }

    /// Takes the equation that counts bits: `constant + sign * (sum + spare...)`.
    fn count(
        &self,
        reading: &mut Reading<'_>,
        equation: u32,
        bits: &[Var],
        [sign, constant, spare_sign]: [Fr; 3],
    ) -> Result<(), Fault> {
        let form = normalised(reading, equation, bits[0], sign)?;
        let spare = form.iter().filter_map(|(mono, _)| mono.single()).find(|var| !bits.contains(var));
        let spare = spare.ok_or_else(|| reading.fault(equation, "a count has no spare part"))?;
        let mut expected = vec![(Mono::ONE, constant), (Mono::var(spare), spare_sign)];
        expected.extend(bits.iter().map(|&bit| (Mono::var(bit), sign)));
        reading.take_equation(equation, &form, &collected(expected.into_iter()), "the count of bits")?;
        reading.looked_up(spare, "a count's spare part", &numbers(256))
    }
}

impl Clause for Picture {
    fn take(&self, reading: &mut Reading<'_>) -> Result<String, Fault> {
        let given = self.given_bits(reading)?;
        let (distance, own) = self.distance(reading, &given)?;
        let [first, above_count] = self.split_of(reading, own[0], Some(distance))?;
        let free = reading.form(first).iter().filter_map(|(mono, _)| mono.single()).find(|&var| reading.is_free(var));
        let median = free.ok_or_else(|| reading.fault(first, "a comparison without a median"))?;
        reading.role(median, "the median")?;

        let mut above = Vec::with_capacity(BITS);
        for (k, &bit) in own.iter().enumerate() {
            let [equation, count] = self.split_of(reading, bit, Some(distance))?;
            if count != above_count {
                return Err(reading.fault(count, "two counts of the picture's bits"));
            }
            let form = normalised(reading, equation, median, -Fr::ONE)?;
            self.compare(reading, &Comparison { equation, form, bit }, median, k, 0)?;
            above.push(equation);
        }
        self.count(reading, above_count, &own, [-Fr::ONE, Fr::from(128), -Fr::ONE])?;

        // the other comparisons are told apart by their coefficients
        let mut by_samples: HashMap<u64, Vec<usize>> = HashMap::new();
        (0..BITS).rev().for_each(|k| by_samples.entry(hash(self.coefficient(reading, k).iter())).or_default().push(k));
        let others: Vec<u32> =
            reading.equations(median).iter().copied().filter(|equation| !above.contains(equation)).collect();
        if others.len() != BITS {
            return Err(Fault::new(format!("{} comparisons with the median less one half, not {BITS}", others.len())));
        }
        let samples = self.samples(reading);
        let (mut not_below, mut count) = (Vec::with_capacity(BITS), None);
        for equation in others {
            let form = normalised(reading, equation, median, -Fr::ONE)?;
            let pairs: Vec<[Var; 2]> =
                form.iter().filter(|(mono, _)| mono.degree() == 2).map(|(mono, _)| two(*mono)).collect();
            let shared =
                |pairs: &[[Var; 2]]| pairs[0].into_iter().find(|var| pairs.iter().all(|pair| pair.contains(var)));
            let bit = if pairs.len() > 1 { shared(&pairs) } else { None };
            let bit = bit.ok_or_else(|| reading.fault(equation, "a comparison without its bit"))?;
            let own_samples = form.iter().filter(|(mono, _)| mono.single().is_some_and(|var| samples.contains(&var)));
            let k = by_samples.get_mut(&hash(own_samples)).and_then(Vec::pop);
            let k =
                k.ok_or_else(|| reading.fault(equation, "a comparison of what is no coefficient, or of one twice"))?;
            let [_, counted] = self.split_of(reading, bit, None)?;
            if *count.get_or_insert(counted) != counted {
                return Err(reading.fault(counted, "two counts of the bits not below the median"));
            }
            self.compare(reading, &Comparison { equation, form, bit }, median, k, 1)?;
            reading.looked_up(bit, "a bit not below the median", &numbers(2))?;
            not_below.push(bit);
        }
        let count = count.expect("there are comparisons");
        self.count(reading, count, &not_below, [Fr::ONE, -Fr::from(129), -Fr::ONE])?;
        Ok(format!("{} comparisons of coefficients of {} samples, 2 counts, the distance", 2 * BITS, samples.len()))
    }
}

impl Picture {
    fn samples(&self, reading: &Reading<'_>) -> HashSet<Var> {
        let solved = reading.solved;
        let pixels = self.width * self.down.len();
        (0..3).flat_map(|channel| (0..pixels).map(move |row| solved.named(solved.cells.advice(channel, row)))).collect()
    }
}

fn two(mono: Mono) -> [Var; 2] {
    let mut vars = mono.vars();
    [vars.next(), vars.next()].map(Option::unwrap_or_default)
}

fn hash<'f>(terms: impl Iterator<Item = &'f (Mono, Fr)>) -> u64 {
    let mut hasher = DefaultHasher::new();
    terms.for_each(|term| term.hash(&mut hasher));
    hasher.finish()
}

/// An equation scaled so that a cell has this coefficient.
fn normalised(reading: &Reading<'_>, equation: u32, cell: Var, to: Fr) -> Result<Form, Fault> {
    let form = reading.form(equation);
    let inverse = coefficient(form, Mono::var(cell)).invert();
    let inverse = Option::<Fr>::from(inverse);
    let inverse =
        inverse.ok_or_else(|| reading.fault(equation, format!("{} does not stand in it alone", reading.name(cell))))?;
    Ok(scaled(form, inverse * to))
}
