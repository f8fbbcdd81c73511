//! Many multiples of the generator: windows over one table, additions in affine coordinates.
//!
//! A scalar is cut into signed digits of `width` bits; digit `d` of window `w` stands for `d * 2^(width w)` times the
//! generator, which the table holds, so a multiple costs one addition a window and no doubling.
//!
//! What the caller must believe: results are exact for every scalar, 0 included; timing depends on the scalars, so
//! secrets do not belong here.

use super::lanes::{self, LANES, Scratch};
use halo2_proofs::halo2curves::{
    bn256::{Fr, G1Affine},
    ff::{Field, PrimeField},
    group::{Curve, prime::PrimeCurveAffine},
};
use rayon::prelude::*;

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
        let mut scratch = Scratch::default();
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
                lanes::add(points, &addends, &mut scratch);
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
    let mut scratch = Scratch::default();
    while table.len() < count {
        // m*base + (1..=m)*base = (m+1..=2m)*base
        let mut next = table.clone();
        next.truncate(count - table.len());
        let top = vec![*table.last().unwrap_or(&base); next.len()];
        lanes::add(&mut next, &top, &mut scratch);
        table.extend(next);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::lanes::tests::scalars;
    use super::*;

    #[test]
    fn multiples_are_exact_for_edge_scalars_and_every_width() {
        let scalars = scalars();
        for count in [1, 40, 600, 5_000, 100_000, 10_000_000] {
            let base = FixedBase::generator(count);
            let mut points = vec![G1Affine::generator(); scalars.len()];
            base.multiply(&scalars, &mut points);
            for (point, scalar) in points.iter().zip(&scalars) {
                assert_eq!(*point, (G1Affine::generator() * scalar).to_affine(), "width {}, {scalar:?}", base.width);
            }
        }
    }
}
