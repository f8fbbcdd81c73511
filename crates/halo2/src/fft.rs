//! Transforms between coefficients (natural order) and values on a coset (bit-reversed order), in place and depth first: after the
//! first passes everything happens in the cache.
//!
//! A node of the recursion is a polynomial modulo `X^m - a^2`; it splits into those modulo `X^(m/2) - a` and `X^(m/2) + a`.
//! Node `b` of level `l` has `a = s_l w_b`: `w_b` is the power of `omega` whose exponent is `b` bit-reversed, the same on all levels
//! and cosets, and stored once ([`Domain`]); `s_l` is the shift to the power of half the node's size. A coset's products of the
//! two fill one table ([`CosetTable`]) that serves all its transforms.
use crate::{
    field::{
        Limbs, Modulus, Scalar, ZERO, add_raw, mul, mul_lazy, neg, reduce, reduce_once, scalar, scalar_limbs, sub_raw,
    },
    work::Work,
};
use ff::{Field, PrimeField};
use halo2_proofs::halo2curves::bn256::Fr;
use rayon::prelude::*;

/// Nodes of so many elements are transformed without leaving the cache.
const BLOCK: usize = 1 << 12;
/// Nodes above this size split their passes over threads.
const PARALLEL: usize = 1 << 14;
/// Elements of one piece of a pass that is split.
const PIECE: usize = 1 << 12;

/// The generator of the domain of `2^k` elements.
pub(crate) fn generator(k: u32) -> Fr {
    (k..Fr::S).fold(Fr::ROOT_OF_UNITY, |root, _| root.square())
}

/// Multiplications of a transform, the unit of progress.
pub(crate) const fn cost(k: u32) -> u64 {
    (1u64 << k) / 2 * k as u64
}

/// `i` with its `k` bits in reverse.
#[inline(always)]
pub(crate) const fn reverse(i: usize, k: u32) -> usize {
    if k == 0 { 0 } else { i.reverse_bits() >> (usize::BITS - k) }
}

/// The subgroup of order `2^k`.
pub(crate) struct Domain {
    k: u32,
    /// `w_b` for `b < n / 2`.
    twiddles: Vec<Limbs>,
    n_inverse: Fr,
}

/// Twiddle factors of one coset: node `b` of level `l` at `2^l + b`.
pub(crate) struct CosetTable(Vec<Limbs>);

impl Domain {
    /// Computes the twiddles: `n / 2` multiplications.
    pub(crate) fn new(k: u32) -> Self {
        let n = 1usize << k;
        let omega = generator(k);
        let mut twiddles = vec![ZERO; (n / 2).max(1)];
        twiddles[0] = Scalar::ONE;
        let mut have = 1;
        while have < n / 2 {
            // the next block's exponents are the ones before plus n / (4 have)
            let step = scalar_limbs(&omega.pow_vartime([(n / (4 * have)) as u64]));
            let (before, after) = twiddles.split_at_mut(have);
            after[..have].par_iter_mut().zip(before).for_each(|(to, from)| *to = mul::<Scalar>(from, &step));
            have *= 2;
        }
        let n_inverse = Fr::from(n as u64).invert().expect("a power of two is no multiple of r");
        Self { k, twiddles, n_inverse }
    }

    /// The logarithm of the number of elements.
    pub(crate) fn k(&self) -> u32 {
        self.k
    }

    /// `omega^exponent` for `exponent < n`.
    #[inline(always)]
    pub(crate) fn power(&self, exponent: usize) -> Limbs {
        let half = self.twiddles.len();
        if self.k == 0 {
            return Scalar::ONE;
        }
        let power = self.twiddles[reverse(exponent & (half - 1), self.k - 1)];
        if exponent & half == 0 { power } else { neg::<Scalar>(&power) }
    }

    /// The elements of the coset `shift H` in bit-reversed order.
    pub(crate) fn elements(&self, shift: Fr) -> Vec<Limbs> {
        let (shift, half) = (scalar_limbs(&shift), self.twiddles.len());
        let n = 1usize << self.k;
        (0..n)
            .into_par_iter()
            .map(|j| {
                // the lowest bit of a position is the highest of the exponent: a sign
                let power = self.twiddles[(j >> 1) & (half - 1)];
                let power = mul::<Scalar>(&power, &shift);
                if j & 1 == 0 { power } else { neg::<Scalar>(&power) }
            })
            .collect()
    }

    /// Fills a table for the coset of this shift, in the memory of another one.
    pub(crate) fn coset(&self, shift: Fr, table: Option<CosetTable>) -> CosetTable {
        let n = 1usize << self.k;
        let mut table = table.map_or_else(Vec::new, |table| table.0);
        table.resize(n, ZERO);
        for level in 0..self.k {
            let scale = scalar_limbs(&shift.pow_vartime([(n >> (level + 1)) as u64]));
            let nodes = 1 << level;
            table[nodes..2 * nodes]
                .par_iter_mut()
                .zip(&self.twiddles[..nodes])
                .for_each(|(to, twiddle)| *to = mul::<Scalar>(twiddle, &scale));
        }
        CosetTable(table)
    }

    /// Coefficients (loose) to reduced values on the table's coset, in bit-reversed order.
    pub(crate) fn evaluate(&self, table: &CosetTable, a: &mut [Limbs], work: &Work<'_>) {
        forward(&table.0, a, 0, 0, work);
        a.par_chunks_mut(PIECE).for_each(|piece| piece.iter_mut().for_each(|x| *x = reduce::<Scalar>(x)));
    }

    /// Reduced values on the coset of this shift in bit-reversed order to reduced coefficients.
    pub(crate) fn interpolate(&self, shift: Fr, a: &mut [Limbs], work: &Work<'_>) {
        inverse(&self.twiddles, a, 0, work);
        let unshift = shift.invert().expect("a coset has no zero");
        a.par_chunks_mut(PIECE).enumerate().for_each(|(i, piece)| {
            let mut scale = scalar_limbs(&(self.n_inverse * unshift.pow_vartime([(i * PIECE) as u64])));
            let unshift = scalar_limbs(&unshift);
            let shifted = unshift != Scalar::ONE;
            for x in piece {
                *x = mul::<Scalar>(x, &scale);
                if shifted {
                    scale = mul::<Scalar>(&scale, &unshift);
                }
            }
        });
    }
}

/// Loose to loose.
#[inline(always)]
fn butterfly(x: &mut Limbs, y: &mut Limbs, w: &Limbs) {
    let u = reduce_once(x, &Scalar::P2);
    let t = mul_lazy::<Scalar>(y, w);
    *x = add_raw(&u, &t);
    *y = sub_raw(&add_raw(&u, &Scalar::P2), &t).0;
}

/// Lazy to lazy, with the twiddle negated.
#[inline(always)]
fn butterfly_back(x: &mut Limbs, y: &mut Limbs, negated: &Limbs) {
    let sum = reduce_once(&add_raw(x, y), &Scalar::P2);
    let difference = sub_raw(&add_raw(y, &Scalar::P2), x).0;
    *x = sum;
    *y = mul_lazy::<Scalar>(&difference, negated);
}

/// The negated inverse of `w_b`: for `b > 0` it is another `w`, at the mirrored place of the same power-of-two block.
#[inline(always)]
fn negated_inverse(twiddles: &[Limbs], b: usize) -> Limbs {
    if b == 0 { MINUS_ONE } else { twiddles[(3usize << b.ilog2()) - 1 - b] }
}

const MINUS_ONE: Limbs = sub_raw(&Scalar::P, &Scalar::ONE).0;

/// The quarters of a slice.
fn quarters(a: &mut [Limbs]) -> [&mut [Limbs]; 4] {
    let (low, high) = a.split_at_mut(a.len() / 2);
    let (a0, a1) = low.split_at_mut(low.len() / 2);
    let (a2, a3) = high.split_at_mut(high.len() / 2);
    [a0, a1, a2, a3]
}

/// Applies `f` to matching pieces of the quarters of `a`, on several threads where it is large.
fn pass(a: &mut [Limbs], f: impl Fn(&mut Limbs, &mut Limbs, &mut Limbs, &mut Limbs) + Sync) {
    let apply = |a0: &mut [Limbs], a1: &mut [Limbs], a2: &mut [Limbs], a3: &mut [Limbs]| {
        for (((x0, x1), x2), x3) in a0.iter_mut().zip(a1).zip(a2).zip(a3) {
            f(x0, x1, x2, x3);
        }
    };
    let large = a.len() > PARALLEL;
    let [a0, a1, a2, a3] = quarters(a);
    if large {
        a0.par_chunks_mut(PIECE)
            .zip(a1.par_chunks_mut(PIECE))
            .zip(a2.par_chunks_mut(PIECE))
            .zip(a3.par_chunks_mut(PIECE))
            .for_each(|(((a0, a1), a2), a3)| apply(a0, a1, a2, a3));
    } else {
        apply(a0, a1, a2, a3);
    }
}

/// Runs `f` on the quarters of a node that does not fit the cache.
fn descend(a: &mut [Limbs], f: impl Fn(usize, &mut [Limbs]) + Sync) {
    let (large, quarter) = (a.len() > PARALLEL, a.len() / 4);
    if large {
        a.par_chunks_exact_mut(quarter).enumerate().for_each(|(i, part)| f(i, part));
    } else {
        a.chunks_exact_mut(quarter).enumerate().for_each(|(i, part)| f(i, part));
    }
}

/// Two levels in one pass over a node.
fn two_levels(table: &[Limbs], a: &mut [Limbs], level: u32, node: usize) {
    let (w, u, v) = (table[(1 << level) + node], table[(2 << level) + 2 * node], table[(2 << level) + 2 * node + 1]);
    pass(a, |x0, x1, x2, x3| {
        butterfly(x0, x2, &w);
        butterfly(x1, x3, &w);
        butterfly(x0, x1, &u);
        butterfly(x2, x3, &v);
    });
}

fn forward(table: &[Limbs], a: &mut [Limbs], level: u32, node: usize, work: &Work<'_>) {
    let n = a.len();
    if n > BLOCK {
        if !work.goes_on() {
            return;
        }
        two_levels(table, a, level, node);
        descend(a, |i, part| forward(table, part, level + 2, 4 * node + i, work));
        work.tick(n as u64);
        return;
    }
    let (mut level, mut size, mut first) = (level, n, node);
    while size >= 4 {
        for (i, part) in a.chunks_exact_mut(size).enumerate() {
            two_levels(table, part, level, first + i);
        }
        (level, size, first) = (level + 2, size / 4, first * 4);
    }
    if size == 2 {
        for (i, pair) in a.as_chunks_mut::<2>().0.iter_mut().enumerate() {
            let [x, y] = pair;
            butterfly(x, y, &table[(1 << level) + first + i]);
        }
    }
    work.tick(n as u64 / 2 * u64::from(n.ilog2()));
}

fn two_levels_back(twiddles: &[Limbs], a: &mut [Limbs], node: usize) {
    let [w, u, v] = [node, 2 * node, 2 * node + 1].map(|b| negated_inverse(twiddles, b));
    pass(a, |x0, x1, x2, x3| {
        butterfly_back(x0, x1, &u);
        butterfly_back(x2, x3, &v);
        butterfly_back(x0, x2, &w);
        butterfly_back(x1, x3, &w);
    });
}

fn inverse(twiddles: &[Limbs], a: &mut [Limbs], node: usize, work: &Work<'_>) {
    let n = a.len();
    if n > BLOCK {
        if !work.goes_on() {
            return;
        }
        descend(a, |i, part| inverse(twiddles, part, 4 * node + i, work));
        two_levels_back(twiddles, a, node);
        work.tick(n as u64);
        return;
    }
    let levels = n.ilog2();
    if levels % 2 == 1 {
        let first = node << (levels - 1);
        for (i, pair) in a.as_chunks_mut::<2>().0.iter_mut().enumerate() {
            let [x, y] = pair;
            butterfly_back(x, y, &negated_inverse(twiddles, first + i));
        }
    }
    let mut level = levels - levels % 2;
    while level >= 2 {
        level -= 2;
        for (i, part) in a.chunks_exact_mut(n >> level).enumerate() {
            two_levels_back(twiddles, part, (node << level) + i);
        }
    }
    work.tick(n as u64 / 2 * u64::from(levels));
}

/// The value of a polynomial of reduced coefficients.
pub(crate) fn evaluate_at(polynomial: &[Limbs], x: Fr) -> Fr {
    let (at, step) = (scalar_limbs(&x), x.pow_vartime([PIECE as u64]));
    let pieces: Vec<Fr> = polynomial
        .par_chunks(PIECE)
        .map(|piece| {
            scalar(
                &piece
                    .iter()
                    .rev()
                    .fold(ZERO, |sum, c| reduce_once(&add_raw(&mul::<Scalar>(&sum, &at), c), &Scalar::P)),
            )
        })
        .collect();
    pieces.into_iter().rev().fold(Fr::ZERO, |sum, piece| sum * step + piece)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::{Options, Phase};
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    fn work() -> Work<'static> {
        Work::new(&Options::default(), 1, Phase::Key).expect("the global pool")
    }

    #[test]
    fn transforms_are_horner_at_every_small_size() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        for k in 0..=15 {
            let n = 1usize << k;
            let domain = Domain::new(k);
            let coefficients: Vec<Fr> = (0..n).map(|_| Fr::random(&mut rng)).collect();
            for shift in [Fr::ONE, Fr::from(7), Fr::random(&mut rng)] {
                let mut a: Vec<Limbs> = coefficients.iter().map(scalar_limbs).collect();
                let table = domain.coset(shift, None);
                domain.evaluate(&table, &mut a, &work());
                let places: Vec<usize> = if n <= 256 { (0..n).collect() } else { vec![0, 1, n / 3, n / 2, n - 1] };
                let elements = domain.elements(shift);
                for i in places {
                    let x = shift * generator(k).pow_vartime([i as u64]);
                    let expected = coefficients.iter().rev().fold(Fr::ZERO, |sum, c| sum * x + c);
                    assert_eq!(scalar(&a[reverse(i, k)]), expected, "k = {k}, element {i}");
                    assert_eq!(scalar(&elements[reverse(i, k)]), x, "k = {k}, element {i}");
                    assert_eq!(scalar(&domain.power(i)), generator(k).pow_vartime([i as u64]));
                }
                domain.interpolate(shift, &mut a, &work());
                assert!(a.iter().zip(&coefficients).all(|(x, c)| scalar(x) == *c), "k = {k}: back");
            }
            let x = Fr::random(&mut rng);
            let a: Vec<Limbs> = coefficients.iter().map(scalar_limbs).collect();
            assert_eq!(evaluate_at(&a, x), coefficients.iter().rev().fold(Fr::ZERO, |sum, c| sum * x + c));
        }
    }

    #[test]
    fn a_table_serves_again() {
        let domain = Domain::new(6);
        let used = domain.coset(Fr::from(3), None);
        assert!(domain.coset(Fr::from(5), Some(used)).0 == domain.coset(Fr::from(5), None).0);
    }
}
