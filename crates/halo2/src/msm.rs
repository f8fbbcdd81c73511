//! Sums of points in buckets, by affine additions that share their inversions, and what is built on them: linear combinations with small
//! and with arbitrary scalars.
//!
//! Every point may be infinity, equal or opposite to any other. All results are group elements, so neither the order of additions
//! nor the number of threads shows in them.
use crate::{
    field::{Base, Limbs, Modulus, Scalar, ZERO, add, base, base_limbs, integer, mul, neg, sub},
    work::Work,
};
use group::Group;
use halo2_proofs::halo2curves::bn256::{G1, G1Affine};
use rayon::prelude::*;

/// An affine point of G1; infinity is `(0, 0)`, which is not on the curve.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Point {
    x: Limbs,
    y: Limbs,
}

/// The neutral element.
pub(crate) const INFINITY: Point = Point { x: ZERO, y: ZERO };

impl Point {
    /// From the library's form.
    #[inline(always)]
    pub(crate) fn new(point: &G1Affine) -> Self {
        Self { x: base_limbs(&point.x), y: base_limbs(&point.y) }
    }

    fn affine(&self) -> G1Affine {
        G1Affine { x: base(&self.x), y: base(&self.y) }
    }

    #[inline(always)]
    fn negated(&self) -> Self {
        Self { x: self.x, y: neg::<Base>(&self.y) }
    }
}

/// Additions that share an inversion.
const BATCH: usize = 512;

/// Field multiplications of an affine addition and its share of an inversion, the unit of progress.
const ADDITION: u64 = 8;

/// Affine additions waiting for their common inversion.
struct Batch {
    operands: Vec<(Point, Point)>,
    targets: Vec<u32>,
    denominators: Vec<Limbs>,
    prefixes: Vec<Limbs>,
}

impl Batch {
    fn new() -> Self {
        Self {
            operands: Vec::with_capacity(BATCH),
            targets: Vec::with_capacity(BATCH),
            denominators: Vec::with_capacity(BATCH),
            prefixes: Vec::with_capacity(BATCH),
        }
    }

    /// Adds two points into `sums[target]`, sooner or later.
    #[inline(always)]
    fn push(&mut self, p: Point, q: Point, target: u32, sums: &mut [Point]) {
        let mut denominator = sub::<Base>(&q.x, &p.x);
        if denominator == ZERO || p == INFINITY || q == INFINITY {
            match rare_sum(&p, &q) {
                Some(sum) => return sums[target as usize] = sum,
                None => denominator = add::<Base>(&p.y, &p.y),
            }
        }
        let prefix = match self.prefixes.last().zip(self.denominators.last()) {
            Some((prefix, denominator)) => mul::<Base>(prefix, denominator),
            None => Base::ONE,
        };
        self.operands.push((p, q));
        self.targets.push(target);
        self.denominators.push(denominator);
        self.prefixes.push(prefix);
        if self.operands.len() == BATCH {
            self.flush(sums);
        }
    }

    fn flush(&mut self, sums: &mut [Point]) {
        let Some((prefix, denominator)) = self.prefixes.last().zip(self.denominators.last()) else {
            return;
        };
        let product = base(&mul::<Base>(prefix, denominator));
        let mut inverse = base_limbs(&product.invert().expect("no denominator is zero"));
        for (i, (p, q)) in self.operands.iter().enumerate().rev() {
            let denominator_inverse = mul::<Base>(&inverse, &self.prefixes[i]);
            inverse = mul::<Base>(&inverse, &self.denominators[i]);
            let numerator = if p.x == q.x {
                let square = mul::<Base>(&p.x, &p.x);
                add::<Base>(&add::<Base>(&square, &square), &square)
            } else {
                sub::<Base>(&q.y, &p.y)
            };
            let slope = mul::<Base>(&numerator, &denominator_inverse);
            let x = sub::<Base>(&sub::<Base>(&mul::<Base>(&slope, &slope), &p.x), &q.x);
            let y = sub::<Base>(&mul::<Base>(&slope, &sub::<Base>(&p.x, &x)), &p.y);
            sums[self.targets[i] as usize] = Point { x, y };
        }
        self.operands.clear();
        self.targets.clear();
        self.denominators.clear();
        self.prefixes.clear();
    }
}

/// The sum of points of which one is infinity, or that are opposite; `None` for a doubling.
#[cold]
fn rare_sum(p: &Point, q: &Point) -> Option<Point> {
    if *p == INFINITY {
        Some(*q)
    } else if *q == INFINITY {
        Some(*p)
    } else if p.y == q.y {
        // no point of the curve has y = 0: its order is odd
        None
    } else {
        Some(INFINITY)
    }
}

/// What a point is added to: nothing, or a bucket, with or without its sign turned.
#[derive(Clone, Copy)]
struct Key(u32);

impl Key {
    const NONE: Self = Self(u32::MAX);

    #[inline(always)]
    fn new(bucket: u32, negative: bool) -> Self {
        Self(bucket << 1 | u32::from(negative))
    }

    /// The key of a signed integer: bucket `|value| - 1`.
    #[inline(always)]
    fn of(value: i64) -> Self {
        if value == 0 { Self::NONE } else { Self::new((value.unsigned_abs() - 1) as u32, value < 0) }
    }

    #[inline(always)]
    fn bucket(self) -> Option<usize> {
        (self.0 != u32::MAX).then_some((self.0 >> 1) as usize)
    }
}

/// The sum of each of `buckets` buckets over the points `0..n`; `n < 2^31`.
fn bucket_sums(
    n: usize,
    buckets: usize,
    key: impl Fn(usize) -> Key,
    point: impl Fn(usize) -> Point,
    work: &Work<'_>,
) -> Vec<Point> {
    // the points' numbers, sorted by bucket
    let mut next = vec![0u32; buckets + 1];
    for i in 0..n {
        if let Some(bucket) = key(i).bucket() {
            next[bucket + 1] += 1;
        }
    }
    let mut sizes: Vec<u32> = next[1..].to_vec();
    for bucket in 0..buckets {
        next[bucket + 1] += next[bucket];
    }
    let mut order = vec![0u32; next[buckets] as usize];
    for i in 0..n {
        let key = key(i);
        if let Some(bucket) = key.bucket() {
            order[next[bucket] as usize] = (i as u32) << 1 | key.0 & 1;
            next[bucket] += 1;
        }
    }
    drop(next);
    let get = |place: usize| {
        let entry = order[place];
        let point = point((entry >> 1) as usize);
        if entry & 1 == 1 { point.negated() } else { point }
    };
    let mut sums = add_neighbours(&mut sizes, get, work);
    while work.goes_on() && sizes.iter().any(|size| *size > 1) {
        sums = add_neighbours(&mut sizes, |place| sums[place], work);
    }
    let mut sums = sums.into_iter();
    sizes.iter().map(|size| if *size == 0 { INFINITY } else { sums.next().unwrap_or(INFINITY) }).collect()
}

/// Adds the first to the second point of each bucket, the third to the fourth, and so on: halves the sizes of the buckets.
fn add_neighbours(sizes: &mut [u32], get: impl Fn(usize) -> Point, work: &Work<'_>) -> Vec<Point> {
    let total: usize = sizes.iter().map(|size| size.div_ceil(2) as usize).sum();
    let mut sums = vec![INFINITY; total];
    let mut batch = Batch::new();
    let (mut from, mut to, mut told) = (0, 0, 0);
    for size in sizes {
        for _ in 0..*size / 2 {
            batch.push(get(from), get(from + 1), to as u32, &mut sums);
            (from, to) = (from + 2, to + 1);
        }
        if *size % 2 == 1 {
            sums[to] = get(from);
            (from, to) = (from + 1, to + 1);
        }
        *size = size.div_ceil(2);
        if to - told > 1 << 14 {
            if !work.tick((to - told) as u64 * ADDITION) {
                return sums;
            }
            told = to;
        }
    }
    batch.flush(&mut sums);
    work.tick((to - told) as u64 * ADDITION);
    sums
}

/// `sum_b (b + 1) S_b`.
///
/// Many buckets are summed by the upper and by the lower half of their number's bits first, by affine additions.
fn weighted_sum(sums: &[Point], work: &Work<'_>) -> G1 {
    if sums.len() <= 512 {
        return running_sum(sums);
    }
    let low_bits = sums.len().ilog2() / 2;
    let low = |i: usize| (i + 1) & ((1 << low_bits) - 1);
    let high = |i: usize| (i + 1) >> low_bits;
    let by = |part: &dyn Fn(usize) -> usize| {
        let keys = |i: usize| if part(i) == 0 { Key::NONE } else { Key::new(part(i) as u32 - 1, false) };
        let largest = (0..sums.len()).map(part).max().unwrap_or(0);
        running_sum(&bucket_sums(sums.len(), largest, keys, |i| sums[i], work))
    };
    (0..low_bits).fold(by(&high), |sum, _| sum.double()) + by(&low)
}

/// `sum_b (b + 1) S_b`, by two additions a bucket.
fn running_sum(sums: &[Point]) -> G1 {
    let (mut running, mut total) = (G1::identity(), G1::identity());
    for sum in sums.iter().rev() {
        if *sum != INFINITY {
            running += sum.affine();
        }
        total += running;
    }
    total
}

/// Points of one piece of a sum over few buckets: they stay in the cache.
const CHUNK: usize = 1 << 14;

/// Bucket sums over all threads of the pool, piece by piece.
pub(crate) fn bucket_sums_parallel(
    n: usize,
    buckets: usize,
    key: impl Fn(usize) -> Option<u32> + Sync,
    point: impl Fn(usize) -> Point + Sync,
    work: &Work<'_>,
) -> Vec<G1Affine> {
    let key = |i: usize| key(i).map_or(Key::NONE, |bucket| Key::new(bucket, false));
    pieces(n, buckets, key, point, work).iter().map(Point::affine).collect()
}

fn pieces(
    n: usize,
    buckets: usize,
    key: impl Fn(usize) -> Key + Sync,
    point: impl Fn(usize) -> Point + Sync,
    work: &Work<'_>,
) -> Vec<Point> {
    let chunk = CHUNK.max(16 * buckets).min(n.max(1));
    let parts: Vec<Vec<Point>> = (0..n.div_ceil(chunk))
        .into_par_iter()
        .map(|part| {
            let first = part * chunk;
            bucket_sums(chunk.min(n - first), buckets, |i| key(first + i), |i| point(first + i), work)
        })
        .collect();
    let parts = parts.concat();
    bucket_sums(parts.len(), buckets, |i| Key::new((i % buckets) as u32, false), |i| parts[i], work)
}

/// `sum_i value(i) point(i)` for signed integers of magnitude at most `largest`.
pub(crate) fn small(
    n: usize,
    largest: u64,
    value: impl Fn(usize) -> i64 + Sync,
    point: impl Fn(usize) -> Point + Sync,
    work: &Work<'_>,
) -> G1 {
    if largest == 0 || n == 0 {
        return G1::identity();
    }
    // one window where its buckets are few beside the points, several else
    let bits = u64::BITS - largest.leading_zeros();
    let single = largest <= 256 || largest <= n as u64 / 8;
    let width = if single { bits } else { bits.div_ceil(bits.div_ceil(window(n))) };
    let windows = if single { 1 } else { bits.div_ceil(width) };
    let mask = (1u64 << width) - 1;
    let buckets = if single { largest as usize } else { mask as usize };
    (0..windows)
        .into_par_iter()
        .map(|w| {
            let digit = |i: usize| {
                let value = value(i);
                let digit = (value.unsigned_abs() >> (w * width) & mask) as i64;
                Key::of(if value < 0 { -digit } else { digit })
            };
            let sum = weighted_sum(&pieces(n, buckets, digit, &point, work), work);
            (0..w * width).fold(sum, |sum, _| sum.double())
        })
        .reduce(G1::identity, |a, b| a + b)
}

/// The best window for so many points, in bits.
const fn window(n: usize) -> u32 {
    match n {
        0..32 => 3,
        32..128 => 5,
        128..512 => 6,
        512..2048 => 8,
        2048..8192 => 9,
        8192..32_768 => 11,
        32_768..131_072 => 13,
        131_072..262_144 => 14,
        262_144..524_288 => 15,
        _ => 16,
    }
}

/// Points that are taken at once: what is allocated for them stays bounded.
const LARGEST: usize = 1 << 21;

/// `sum_i scalar(i) point(i)` for reduced scalars.
pub(crate) fn combination(
    n: usize,
    scalar: impl Fn(usize) -> Limbs + Sync,
    point: impl Fn(usize) -> Point + Sync,
    work: &Work<'_>,
) -> G1 {
    (0..n.div_ceil(LARGEST))
        .map(|part| {
            let first = part * LARGEST;
            let (scalar, point) = (|i: usize| scalar(first + i), |i: usize| point(first + i));
            pippenger(LARGEST.min(n - first), window(n), scalar, point, work)
        })
        .fold(G1::identity(), |sum, part| sum + part)
}

/// Bits of a scalar.
const BITS: u32 = 254;

fn pippenger(
    n: usize,
    width: u32,
    scalar: impl Fn(usize) -> Limbs + Sync,
    point: impl Fn(usize) -> Point + Sync,
    work: &Work<'_>,
) -> G1 {
    // the top window is unsigned and takes a carry: it needs a bit to spare
    let mut windows = BITS.div_ceil(width);
    if BITS - width * (windows - 1) == width {
        windows += 1;
    }
    // half a window's range added to every window but the top one makes their digits signed, without carries between windows
    let mut offset = ZERO;
    for w in 0..windows - 1 {
        let bit = w * width + width - 1;
        offset[(bit / 64) as usize] |= 1 << (bit % 64);
    }
    let scalars: Vec<Limbs> =
        (0..n).into_par_iter().map(|i| crate::field::add_raw(&integer::<Scalar>(&scalar(i)), &offset)).collect();
    let sums: Vec<G1> = (0..windows)
        .into_par_iter()
        .map(|w| {
            let half = if w + 1 == windows { 0 } else { 1i64 << (width - 1) };
            let (limb, shift) = ((w * width / 64) as usize, w * width % 64);
            let digit = |i: usize| {
                let scalar = &scalars[i];
                let mut bits = scalar[limb] >> shift;
                if shift + width > 64 && limb < 3 {
                    bits |= scalar[limb + 1] << (64 - shift);
                }
                Key::of((bits & ((1 << width) - 1)) as i64 - half)
            };
            weighted_sum(&bucket_sums(n, 1 << (width - 1), digit, &point, work), work)
        })
        .collect();
    sums.into_iter().rev().fold(G1::identity(), |sum, window| (0..width).fold(sum, |sum, _| sum.double()) + window)
}

/// Multiplications of a combination of arbitrary scalars, about, the unit of progress.
pub(crate) const fn cost(n: usize) -> u64 {
    n as u64 * 17 * ADDITION
}

/// Multiplications of a sum of bytes.
pub(crate) const fn small_cost(n: usize) -> u64 {
    n as u64 * ADDITION
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        field::scalar_limbs,
        work::{Options, Phase},
    };
    use ff::Field;
    use group::Curve;
    use halo2_proofs::halo2curves::bn256::Fr;
    use rand_chacha::{
        ChaCha20Rng,
        rand_core::{RngCore, SeedableRng},
    };

    fn work() -> Work<'static> {
        Work::new(&Options::default(), 1, Phase::Key).expect("the global pool")
    }

    /// Points among which many are infinity, equal or opposite.
    fn points(n: usize, rng: &mut ChaCha20Rng) -> Vec<G1Affine> {
        let few: Vec<G1Affine> = (0..4).map(|_| (G1::generator() * Fr::random(&mut *rng)).to_affine()).collect();
        (0..n)
            .map(|_| match rng.next_u32() % 8 {
                0 => G1Affine::default(),
                1 => few[0],
                2 => -few[0],
                i @ 3..6 => few[i as usize % 4],
                _ => (G1::generator() * Fr::random(&mut *rng)).to_affine(),
            })
            .collect()
    }

    fn naive(points: &[G1Affine], scalars: &[Fr]) -> G1Affine {
        points.iter().zip(scalars).fold(G1::identity(), |sum, (p, s)| sum + *p * s).to_affine()
    }

    #[test]
    fn combinations_are_sums_at_every_small_size() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        for n in (0..12).chain([31, 64, 127, 300]) {
            let points = points(n, &mut rng);
            let get = |i: usize| Point::new(&points[i]);
            let scalars: Vec<Fr> = (0..n)
                .map(|_| match rng.next_u32() % 7 {
                    0 => Fr::ZERO,
                    1 => Fr::ONE,
                    2 => -Fr::ONE,
                    3 => Fr::from(u64::from(rng.next_u32() % 8)),
                    // around the half of every window
                    4 => Fr::from(2).pow_vartime([u64::from(rng.next_u32() % 254)]),
                    5 => Fr::from(2).pow_vartime([u64::from(rng.next_u32() % 254)]) - Fr::ONE,
                    _ => Fr::random(&mut rng),
                })
                .collect();
            let expected = naive(&points, &scalars);
            for width in 2..=9 {
                let sum = pippenger(n, width, |i| scalar_limbs(&scalars[i]), get, &work());
                assert_eq!(sum.to_affine(), expected, "{n} points, windows of {width} bits");
            }
            assert_eq!(combination(n, |i| scalar_limbs(&scalars[i]), get, &work()).to_affine(), expected);
            for largest in [1u64, 2, 127, 255, 256, 257, 65_535, u64::from(u32::MAX)] {
                let values: Vec<i64> = (0..n)
                    .map(|_| {
                        let magnitude = (rng.next_u64() % (largest + 1)) as i64;
                        if rng.next_u32().is_multiple_of(2) { magnitude } else { -magnitude }
                    })
                    .collect();
                let scalars: Vec<Fr> = values
                    .iter()
                    .map(|v| if *v < 0 { -Fr::from(v.unsigned_abs()) } else { Fr::from(v.unsigned_abs()) })
                    .collect();
                let sum = small(n, largest, |i| values[i], get, &work());
                assert_eq!(sum.to_affine(), naive(&points, &scalars), "{n} points, values up to {largest}");
            }
        }
    }

    #[test]
    fn wide_windows_and_many_buckets() {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let n = 3000;
        let points = points(n, &mut rng);
        let scalars: Vec<Fr> = (0..n).map(|_| Fr::random(&mut rng)).collect();
        let expected = naive(&points, &scalars);
        for width in [10, 11, 12, 13, 14, 15, 16] {
            let sum = pippenger(n, width, |i| scalar_limbs(&scalars[i]), |i| Point::new(&points[i]), &work());
            assert_eq!(sum.to_affine(), expected, "windows of {width} bits");
        }
    }

    #[test]
    fn one_bucket_holds_infinity_equal_and_opposite_points() {
        let p = G1Affine::generator();
        let zero = G1Affine::default();
        for points in [
            vec![p, p],
            vec![p, -p],
            vec![zero, p],
            vec![p, zero],
            vec![zero, zero],
            vec![p, p, p],
            vec![p, p, -p, -p],
            vec![p, -p, zero, p, p, p, -p],
        ] {
            let sums = bucket_sums(points.len(), 1, |_| Key::new(0, false), |i| Point::new(&points[i]), &work());
            let expected = points.iter().fold(G1::identity(), |sum, p| sum + p).to_affine();
            assert_eq!(sums[0].affine(), expected, "{points:?}");
        }
    }
}
