//! Curve arithmetic in affine coordinates on many points at once.
//!
//! An addition in affine coordinates is short but divides; lanes that run side by side share one division, which makes
//! each addition some six field multiplications, and each multiple of a point, with its scalar cut in two by the
//! curve's endomorphism, some fifteen hundred.
//!
//! What the caller must believe: every result is exact, infinity and equal points included; timing depends on the
//! values, so secrets do not belong here.

use halo2_proofs::halo2curves::{
    bn256::{Fq, Fr, G1Affine},
    ff::{Field, PrimeField, WithSmallOrderMulGroup},
    group::{Curve, prime::PrimeCurveAffine},
};

/// Lanes that share a division: few enough for the cache, enough to make the division's share small.
pub(super) const LANES: usize = 512;
/// Bits of a window of [`multiply`].
const WIDTH: u32 = 4;
/// Multiples of a point that a window chooses from.
const MULTIPLES: usize = 1 << (WIDTH - 1);
/// Windows of half a scalar: its 127 bits and a carry.
const WINDOWS: usize = (i128::BITS).div_ceil(WIDTH) as usize;

/// Replaces every value that is not 0 by its inverse.
fn invert_all(values: &mut [Fq], products: &mut Vec<Fq>) {
    products.clear();
    let mut product = Fq::ONE;
    for value in values.iter().filter(|value| !bool::from(value.is_zero())) {
        products.push(product);
        product *= value;
    }
    let mut inverse = product.invert().unwrap_or(Fq::ZERO);
    for value in values.iter_mut().rev().filter(|value| !bool::from(value.is_zero())) {
        if let Some(before) = products.pop() {
            let next = inverse * *value;
            *value = inverse * before;
            inverse = next;
        }
    }
}

/// Room for intermediate values, reused from call to call.
#[derive(Default)]
pub(super) struct Scratch {
    denominators: Vec<Fq>,
    products: Vec<Fq>,
}

/// `sums[i] += addends[i]`.
pub(super) fn add(sums: &mut [G1Affine], addends: &[G1Affine], scratch: &mut Scratch) {
    let Scratch { denominators, products } = scratch;
    denominators.clear();
    denominators.extend(sums.iter().zip(addends).map(|(sum, addend)| {
        // The chord through two points needs two x that differ, and finite points; 0 marks the lanes without.
        if bool::from(sum.is_identity() | addend.is_identity()) { Fq::ZERO } else { addend.x - sum.x }
    }));
    invert_all(denominators, products);
    for ((sum, addend), inverse) in sums.iter_mut().zip(addends).zip(denominators) {
        if !bool::from(inverse.is_zero()) {
            let slope = (addend.y - sum.y) * *inverse;
            let x = slope.square() - sum.x - addend.x;
            let y = slope * (sum.x - x) - sum.y;
            *sum = G1Affine { x, y };
        } else if bool::from(sum.is_identity()) {
            *sum = *addend;
        } else if !bool::from(addend.is_identity()) {
            *sum = (sum.to_curve() + addend).to_affine();
        }
    }
}

/// `points[i] += points[i]`.
pub(super) fn double(points: &mut [G1Affine], scratch: &mut Scratch) {
    let Scratch { denominators, products } = scratch;
    denominators.clear();
    // Only infinity has y = 0 here: the order of the group is odd.
    denominators.extend(points.iter().map(|point| point.y.double()));
    invert_all(denominators, products);
    for (point, inverse) in points.iter_mut().zip(denominators) {
        if !bool::from(inverse.is_zero()) {
            let square = point.x.square();
            let slope = (square.double() + square) * *inverse;
            let x = slope.square() - point.x.double();
            let y = slope * (point.x - x) - point.y;
            *point = G1Affine { x, y };
        }
    }
}

/// `points[i] *= scalars[i]`.
pub(super) fn multiply(points: &mut [G1Affine], scalars: &[Fr], scratch: &mut Scratch) {
    let lanes = points.len().min(scalars.len());
    let mut digits = vec![[0i8; 2]; WINDOWS * lanes];
    for (lane, scalar) in scalars.iter().take(lanes).enumerate() {
        for (half, part) in halves(*scalar).into_iter().enumerate() {
            for (window, digit) in signed_digits(part).into_iter().enumerate() {
                digits[window * lanes + lane][half] = digit;
            }
        }
    }
    // tables[m] holds the multiples of all lanes by m + 1.
    let mut tables = vec![points[..lanes].to_vec()];
    let mut next = tables[0].clone();
    double(&mut next, scratch);
    while tables.len() < MULTIPLES {
        tables.push(next.clone());
        add(&mut next, &tables[0], scratch);
    }

    let sums = &mut points[..lanes];
    sums.fill(G1Affine::identity());
    let mut addends = vec![G1Affine::identity(); lanes];
    for digits in digits.chunks_exact(lanes.max(1)).rev() {
        for _ in 0..WIDTH {
            double(sums, scratch);
        }
        for half in 0..2 {
            for (lane, (addend, digits)) in addends.iter_mut().zip(digits).enumerate() {
                let digit = digits[half];
                *addend = match usize::from(digit.unsigned_abs()) {
                    0 => G1Affine::identity(),
                    multiple => tables[multiple - 1][lane],
                };
                if digit < 0 {
                    addend.y = -addend.y;
                }
                if half == 1 {
                    addend.x *= Fq::ZETA;
                }
            }
            add(sums, &addends, scratch);
        }
    }
}

/// `scalar = a + b zeta` with `|a|, |b| < 2^127`, where multiplying by `zeta`, a cube root of 1 modulo `r`, is the
/// endomorphism `(x, y) -> (zeta x, y)`, with a cube root of 1 modulo `q`.
///
/// With the curve's parameter `t`, the lattice of `(a, b)` with `a + b zeta = 0` has the short basis
/// `(6t^2 + 2t, -(2t + 1))`, `(2t + 1, 6t^2 + 4t + 1)` of determinant `r`; the part of `(scalar, 0)` that is whole in
/// this basis is taken off.
fn halves(scalar: Fr) -> [i128; 2] {
    const T: u128 = 4_965_661_367_192_848_881;
    const SHORT: u128 = 2 * T + 1;
    const LONG: [u128; 2] = [6 * T * T + 2 * T, 6 * T * T + 4 * T + 1];
    /// `LONG[1] 2^256 / r`, rounded down, in limbs from the lowest.
    const LONG_RATIO: [u64; 3] = [0x5398_fd03_00ff_6565, 0x4cce_f014_a773_d2d2, 2];
    /// `SHORT 2^256 / r`, rounded down.
    const SHORT_RATIO: [u64; 3] = [0xd91d_232e_c7e0_b3d7, 2, 0];

    let limbs = limbs(scalar);
    let (first, second) = (product_high(limbs, LONG_RATIO), product_high(limbs, SHORT_RATIO));
    let [first, second, short] = [first, second, SHORT].map(Fr::from_u128);
    let a = scalar - first * Fr::from_u128(LONG[0]) - second * short;
    let b = first * short - second * Fr::from_u128(LONG[1]);
    [a, b].map(signed)
}

/// `a b / 2^256`, rounded down, where it fits 128 bits.
fn product_high(a: [u64; 4], b: [u64; 3]) -> u128 {
    let mut product = [0u64; 7];
    for (i, a) in a.into_iter().enumerate() {
        let mut carry = 0;
        for (j, b) in b.into_iter().enumerate() {
            let sum = u128::from(a) * u128::from(b) + u128::from(product[i + j]) + carry;
            product[i + j] = sum as u64;
            carry = sum >> 64;
        }
        product[i + 3] = carry as u64;
    }
    u128::from(product[4]) | (u128::from(product[5]) << 64)
}

fn limbs(scalar: Fr) -> [u64; 4] {
    let mut limbs = [0; 4];
    for (limb, bytes) in limbs.iter_mut().zip(scalar.to_repr().chunks_exact(8)) {
        *limb = bytes.iter().rev().fold(0, |limb, &byte| (limb << 8) | u64::from(byte));
    }
    limbs
}

/// A scalar near 0 as the integer it stands for.
fn signed(scalar: Fr) -> i128 {
    let magnitude = |scalar| match limbs(scalar) {
        [low, high, 0, 0] => i128::try_from(u128::from(low) | (u128::from(high) << 64)).ok(),
        _ => None,
    };
    magnitude(scalar).or_else(|| magnitude(-scalar).map(|magnitude| -magnitude)).expect("halves of scalars are short")
}

/// Digits in `-8 < d <= 8`, from the lowest, with `value = sum d_w 16^w`.
fn signed_digits(value: i128) -> [i8; WINDOWS] {
    let (sign, mut rest) = (value.signum() as i8, value.unsigned_abs());
    let mut carry = 0;
    std::array::from_fn(|_| {
        let digit = (rest & ((1 << WIDTH) - 1)) as i8 + carry;
        rest >>= WIDTH;
        carry = i8::from(digit > MULTIPLES as i8);
        sign * (digit - (carry << WIDTH))
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use halo2_proofs::halo2curves::bn256::G1;
    use halo2_proofs::halo2curves::group::Group;

    fn g(factor: u64) -> G1Affine {
        (G1Affine::generator() * Fr::from(factor)).to_affine()
    }

    /// Scalars where a digit, a limb or a sign turns, and some that look random.
    pub(in super::super) fn scalars() -> Vec<Fr> {
        let half = -Fr::from(2).invert().expect("2 is not 0");
        let mut scalars = vec![Fr::ZERO, Fr::ONE, Fr::from(2), -Fr::ONE, -Fr::from(2), half, half + Fr::ONE];
        scalars.extend([Fr::ZETA, -Fr::ZETA, Fr::ZETA.square(), Fr::ZETA + Fr::ONE]);
        for bit in [3, 4, 7, 8, 15, 16, 17, 63, 64, 126, 127, 128, 252, 253] {
            let power = Fr::from(2).pow([bit]);
            scalars.extend([power, power - Fr::ONE, power + Fr::ONE, -power, power * Fr::ZETA]);
        }
        scalars.extend((0..700).map(|i| Fr::from(0x9e37_79b9_7f4a_7c15).pow([i])));
        scalars
    }

    #[test]
    fn lanes_add_like_the_group() {
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
        add(&mut sums, &addends, &mut Scratch::default());
        for (sum, (a, b)) in sums.iter().zip(pairs) {
            assert_eq!(sum.to_curve(), a.to_curve() + b.to_curve());
        }
        assert!(bool::from(sums[5].is_identity()));
        let (mut doubled, _): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        double(&mut doubled, &mut Scratch::default());
        for (doubled, (a, _)) in doubled.iter().zip(pairs) {
            assert_eq!(doubled.to_curve(), a.to_curve().double());
        }
    }

    #[test]
    fn halves_are_short_and_recombine() {
        for scalar in scalars() {
            let value = |half: i128| match half {
                0.. => Fr::from_u128(half.unsigned_abs()),
                _ => -Fr::from_u128(half.unsigned_abs()),
            };
            let [a, b] = halves(scalar);
            assert_eq!(value(a) + value(b) * Fr::ZETA, scalar);
            assert!(a.unsigned_abs() < 1 << 127 && b.unsigned_abs() < 1 << 127, "{scalar:?}");
        }
    }

    #[test]
    fn digits_recombine() {
        for value in [0, 1, -1, 7, 8, 9, -8, -9, 16, 0x8888, i128::MAX, -i128::MAX, i128::MAX / 3] {
            let digits = signed_digits(value);
            assert!(digits.iter().all(|digit| (-8..=8).contains(digit)));
            let sum = digits.iter().rev().fold(Fr::ZERO, |sum, &digit| {
                let magnitude = Fr::from(u64::from(digit.unsigned_abs()));
                sum * Fr::from(16) + if digit < 0 { -magnitude } else { magnitude }
            });
            let expected = Fr::from_u128(value.unsigned_abs());
            assert_eq!(sum, if value < 0 { -expected } else { expected });
        }
    }

    #[test]
    fn lanes_multiply_like_the_group() {
        let scalars = scalars();
        let mut points: Vec<G1Affine> = (0..scalars.len() as u64).map(|i| g(i % 50)).collect();
        let expected: Vec<G1> = points.iter().zip(&scalars).map(|(point, scalar)| point * scalar).collect();
        multiply(&mut points, &scalars, &mut Scratch::default());
        for (i, (point, expected)) in points.iter().zip(expected).enumerate() {
            assert_eq!(point.to_curve(), expected, "{i}");
        }
        multiply(&mut [], &[], &mut Scratch::default());
    }
}
