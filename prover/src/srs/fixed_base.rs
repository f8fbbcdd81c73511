//! Many multiples of the generator: windows over one table, additions in affine coordinates.
//!
//! A scalar is cut into signed digits of `width` bits; digit `d` of window `w` stands for `d * 2^(width w)` times the
//! generator, which the table holds, so a multiple costs one addition a window and no doubling. The additions of many
//! lanes share one inversion, which makes each of them some six field multiplications.
//!
//! What the caller must believe: results are exact for every scalar, 0 included; timing depends on the scalars, so
//! secrets do not belong here.

use halo2_proofs::halo2curves::{
    bn256::{Fq, Fr, G1Affine},
    ff::{Field, PrimeField},
    group::{Curve, prime::PrimeCurveAffine},
};
use rayon::prelude::*;

/// Lanes that share an inversion: few enough for the cache, enough to make the inversion's share small.
pub(super) const LANES: usize = 512;
/// Bits that digits must cover: the 254 of a scalar and the carry of the last digit.
const BITS: u32 = Fr::NUM_BITS + 1;

/// Multiples of the generator that all others are summed from.
pub(super) struct FixedBase {
    width: u32,
    /// For each window, the multiples by 1 to `2^(width - 1)`.
    windows: Vec<Vec<G1Affine>>,
}

impl FixedBase {
    /// The table that makes `count` multiples cheapest.
    pub(super) fn generator(count: usize) -> Self {
        let additions = |width: &u32| BITS.div_ceil(*width) as usize * (count + (1 << (width - 1)));
        let width = (4..=16).min_by_key(additions).unwrap_or(8);
        let shift = Fr::from(1 << width);
        let bases: Vec<G1Affine> = std::iter::successors(Some(Fr::ONE), |factor| Some(*factor * shift))
            .take(BITS.div_ceil(width) as usize)
            .map(|factor| (G1Affine::generator() * factor).to_affine())
            .collect();
        Self { width, windows: bases.into_par_iter().map(|base| multiples(base, 1 << (width - 1))).collect() }
    }

    /// `points[i] = scalars[i]` times the generator; the shorter of the two ends it.
    pub(super) fn multiply(&self, scalars: &[Fr], points: &mut [G1Affine]) {
        let mut digits = vec![0i32; self.windows.len() * LANES];
        let mut addends = vec![G1Affine::identity(); LANES];
        let mut products = Vec::with_capacity(LANES);
        for (scalars, points) in scalars.chunks(LANES).zip(points.chunks_mut(LANES)) {
            for (lane, scalar) in scalars.iter().enumerate() {
                self.signed_digits(*scalar, |window, digit| digits[window * LANES + lane] = digit);
            }
            points.fill(G1Affine::identity());
            for (table, digits) in self.windows.iter().zip(digits.chunks_exact(LANES)) {
                for (addend, &digit) in addends.iter_mut().zip(digits).take(scalars.len()) {
                    *addend = match digit {
                        0 => G1Affine::identity(),
                        1.. => table[digit.unsigned_abs() as usize - 1],
                        _ => -table[digit.unsigned_abs() as usize - 1],
                    };
                }
                add_lanes(points, &addends, &mut products);
            }
        }
    }

    /// Digits in `-2^(width - 1) < d <= 2^(width - 1)`, from the lowest, with `scalar = sum d_w 2^(width w)`.
    fn signed_digits(&self, scalar: Fr, mut digit_at: impl FnMut(usize, i32)) {
        let repr = scalar.to_repr();
        let mut carry = 0;
        for window in 0..self.windows.len() {
            let first = window * self.width as usize;
            // Three bytes hold any 16 bits, wherever they start.
            let bits = (0..3).fold(0, |bits, i| {
                let byte = repr.get(first / 8 + i).copied().unwrap_or(0);
                bits | (i32::from(byte) << (8 * i))
            });
            let digit = ((bits >> (first % 8)) & ((1 << self.width) - 1)) + carry;
            carry = i32::from(digit > 1 << (self.width - 1));
            digit_at(window, digit - (carry << self.width));
        }
    }
}

/// The multiples of `base` by 1 to `count`.
fn multiples(base: G1Affine, count: usize) -> Vec<G1Affine> {
    let mut table = vec![base];
    let mut products = Vec::new();
    while table.len() < count {
        // m*base + (1..=m)*base = (m+1..=2m)*base
        let mut next = table.clone();
        next.truncate(count - table.len());
        let top = vec![*table.last().unwrap_or(&base); next.len()];
        add_lanes(&mut next, &top, &mut products);
        table.extend(next);
    }
    table
}

/// `sums[i] += addends[i]`, all lanes with one inversion; `products` is scratch.
fn add_lanes(sums: &mut [G1Affine], addends: &[G1Affine], products: &mut Vec<Fq>) {
    // The chord through two points needs two x that differ, and finite points.
    let width = |sum: &G1Affine, addend: &G1Affine| {
        let infinite = bool::from(sum.is_identity() | addend.is_identity());
        Some(addend.x - sum.x).filter(|dx| !infinite && !bool::from(dx.is_zero()))
    };
    products.clear();
    let mut product = Fq::ONE;
    for (sum, addend) in sums.iter().zip(addends) {
        products.push(product);
        if let Some(dx) = width(sum, addend) {
            product *= dx;
        }
    }
    let mut inverse = product.invert().unwrap_or(Fq::ZERO);
    for ((sum, addend), product) in sums.iter_mut().zip(addends).zip(products.iter()).rev() {
        match width(sum, addend) {
            Some(dx) => {
                let slope = (addend.y - sum.y) * (inverse * product);
                inverse *= dx;
                let x = slope.square() - sum.x - addend.x;
                let y = slope * (sum.x - x) - sum.y;
                *sum = G1Affine { x, y };
            }
            None if bool::from(sum.is_identity()) => *sum = *addend,
            None if bool::from(addend.is_identity()) => {}
            None => *sum = (sum.to_curve() + addend).to_affine(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_proofs::halo2curves::group::Group;

    #[test]
    fn multiples_are_exact_for_edge_scalars_and_every_width() {
        let half = -Fr::from(2).invert().expect("2 is not 0");
        let mut scalars = vec![Fr::ZERO, Fr::ONE, Fr::from(2), -Fr::ONE, -Fr::from(2), half, half + Fr::ONE];
        for bit in [3, 4, 7, 8, 15, 16, 17, 127, 252, 253] {
            let power = Fr::from(2).pow([bit]);
            scalars.extend([power, power - Fr::ONE, power + Fr::ONE, -power]);
        }
        scalars.extend((0..LANES as u64).map(|i| Fr::from(0x9e37_79b9_7f4a_7c15).pow([i])));
        for count in [1, 40, 600, 5_000, 100_000, 10_000_000] {
            let base = FixedBase::generator(count);
            let mut points = vec![G1Affine::generator(); scalars.len()];
            base.multiply(&scalars, &mut points);
            for (point, scalar) in points.iter().zip(&scalars) {
                assert_eq!(*point, (G1Affine::generator() * scalar).to_affine(), "width {}, {scalar:?}", base.width);
            }
        }
    }

    #[test]
    fn lanes_add_like_the_group() {
        let g = |factor: u64| (G1Affine::generator() * Fr::from(factor)).to_affine();
        let infinity = G1Affine::identity();
        let pairs = [
            (g(3), g(4)),
            (infinity, g(5)),
            (g(6), infinity),
            (infinity, infinity),
            (g(7), g(7)),
            (g(8), -g(8)),
            (g(9), g(1)),
        ];
        let (mut sums, addends): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        add_lanes(&mut sums, &addends, &mut Vec::new());
        for (sum, (a, b)) in sums.iter().zip(pairs) {
            assert_eq!(sum.to_curve(), a.to_curve() + b.to_curve());
        }
        assert!(bool::from(sums[5].to_curve().is_identity()));
    }
}
