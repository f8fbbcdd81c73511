//! PDQ-512: the perceptual fingerprint of a picture of any size, in exact integers.
//!
//! ```text
//! Y = 299 R + 587 G + 114 B      B = L_H Y L_W^T      L = C J A      bit 16 i + j = [B[i][j] > the 128th smallest]
//! ```
//!
//! - `A` (512 x side) resamples to 512 by area: overlap lengths in units of 1/512 pixel, so rows sum to the side and
//!   columns to 512;
//! - `J` (64 x 512) is the reference's two box passes of width 4 and the decimation, at 512: a tent of common
//!   denominator 48, rows sum to 48, no two rows tap the same place;
//! - `C` (16 x 64) is the cosine transform without its constant row, `round(2^16 cos(pi (i + 1)(2 t + 1) / 128))`.
//!
//! Width and height use the same matrix. Nothing is rounded after `C`, so circuit and this module agree to the bit. At
//! 512x512 the bits are those of the reference implementation of PDQ.
//!
//! # Bounds
//! Luma is at most `255 * 1000`. `J A` is non-negative with rows summing to `48 side`, so 64 terms of at most `2^16` give
//! a row of `L` an absolute sum below `64 * 2^16 * 48 side < 2^27.6 side`, and
//!
//! ```text
//! |B[i][j]| <= 255000 * (64 * 2^16 * 48)^2 * W H < 2^74 W H
//! ```
//!
//! With `W H <= 2^24` ([`MAX_PIXELS`]) that is below `2^98` ([`COEFFICIENT_BITS`]), and two coefficients are less than
//! `2^99` apart: 13 bytes ([`GAP_BYTES`]) hold every difference.
//!
//! # What to believe
//! Rows of `C` sum to zero: a flat picture, or stripes, has all coefficients zero. Ties are legal: no coefficient is then
//! above the median and all bits are zero. Such a picture has a low quality and should be refused by whoever registers
//! it ([`MIN_QUALITY`]); the statement itself knows no quality. PDQ is linear: anyone can make a picture with a given
//! fingerprint. It finds and matches pictures, it does not identify them.

use super::{
    fingerprint::{BITS, Fingerprint},
    raster::Raster,
};

/// Luma in thousandths: `299 R + 587 G + 114 B`.
pub const LUMA_WEIGHTS: [u64; 3] = [299, 587, 114];

/// Fingerprints of pictures below this quality find too much: they are refused where pictures are registered.
pub const MIN_QUALITY: u8 = 50;

/// The most pixels for which [`COEFFICIENT_BITS`] holds.
pub const MAX_PIXELS: u64 = 1 << 24;

/// Every coefficient of a picture of at most [`MAX_PIXELS`] is below two to this power, in absolute value.
pub const COEFFICIENT_BITS: u32 = 74 + MAX_PIXELS.ilog2();

/// Bytes that hold the difference of any two coefficients of a picture of at most [`MAX_PIXELS`].
pub const GAP_BYTES: usize = 13;

const _: () = assert!(COEFFICIENT_BITS < 8 * GAP_BYTES as u32, "a difference has one bit more than a coefficient");

/// Side of the picture the tent filter is defined on.
const WORKING_SIDE: u64 = 512;

/// Side of the decimated picture.
const DECIMATED_SIDE: usize = 64;

/// Frequencies a direction.
const FREQUENCIES: usize = 16;

/// The sum of the weights of a tent.
const TENT_SUM: u64 = 48;

/// `round(2^16 cos(pi m / 128))`, `m <= 64`: constants of the statement, so not left to a machine's cosine.
const QUARTER_WAVE: [i64; 65] = [
    65536, 65516, 65457, 65358, 65220, 65043, 64827, 64571, 64277, 63944, 63572, 63162, 62714, 62228, 61705, 61145,
    60547, 59914, 59244, 58538, 57798, 57022, 56212, 55368, 54491, 53581, 52639, 51665, 50660, 49624, 48559, 47464,
    46341, 45190, 44011, 42806, 41576, 40320, 39040, 37736, 36410, 35062, 33692, 32303, 30893, 29466, 28020, 26558,
    25080, 23586, 22078, 20557, 19024, 17479, 15924, 14359, 12785, 11204, 9616, 8022, 6424, 4821, 3216, 1608, 0,
];

/// A picture's fingerprint and how far it is to be relied upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pdq {
    /// The 256 bits.
    pub fingerprint: Fingerprint,
    /// 0..=100; see [`quality`].
    pub quality: u8,
}

/// Fingerprint and quality of a picture.
pub fn pdq(raster: &Raster) -> Pdq {
    let decimated = decimate(raster);
    Pdq { fingerprint: split(&transform(&decimated)), quality: quality_of(&decimated, raster) }
}

/// `B[i][j]` at index `16 i + j`: vertical frequency `i + 1`, horizontal frequency `j + 1`.
pub fn coefficients(raster: &Raster) -> Box<[i128; BITS]> {
    transform(&decimate(raster))
}

/// The 128th smallest coefficient.
pub fn median(coefficients: &[i128; BITS]) -> i128 {
    *coefficients.clone().select_nth_unstable(BITS / 2 - 1).1
}

/// Which coefficients are above the median.
pub fn split(coefficients: &[i128; BITS]) -> Fingerprint {
    let median = median(coefficients);
    Fingerprint::from_bits(|k| coefficients[k] > median)
}

/// How much there is to see, 0..=100: the differences of neighbours in the decimated luma, each in hundredths of white
/// and cut to an integer, summed, divided by 90.
pub fn quality(raster: &Raster) -> u8 {
    quality_of(&decimate(raster), raster)
}

/// The columns of `L = C J A` for a side of `side_px`: `L[0][x], …, L[15][x]` at index `x`.
///
/// Each is at most `2^16 * 13 * 512 < 2^29` in absolute value, as the columns of `A` sum to 512.
pub fn basis(side_px: u32) -> Vec<[i64; FREQUENCIES]> {
    let mut columns = vec![[0; FREQUENCIES]; side_px as usize];
    for (t, tap) in taps(side_px).iter().enumerate() {
        for (column, &weight) in columns[tap.first..].iter_mut().zip(&tap.weights) {
            for (i, entry) in column.iter_mut().enumerate() {
                *entry += cosine(i, t) * i64::from(weight);
            }
        }
    }
    columns
}

/// `C[i][t]`.
fn cosine(i: usize, t: usize) -> i64 {
    match (i + 1) * (2 * t + 1) % 256 {
        m @ 0..=64 => QUARTER_WAVE[m],
        m @ 65..=128 => -QUARTER_WAVE[128 - m],
        m @ 129..=192 => -QUARTER_WAVE[m - 128],
        m => QUARTER_WAVE[256 - m],
    }
}

/// A row of `J`: the first place tapped of the 512, and the weights from there on.
fn tent(t: usize) -> (u64, &'static [u32]) {
    if t == DECIMATED_SIDE - 1 { (506, &[3, 6, 9, 13, 10, 7]) } else { (8 * t as u64 + 2, &[3, 6, 9, 12, 9, 6, 3]) }
}

/// A row of `J A`: zero before `first` and after the weights.
struct Tap {
    first: usize,
    /// Each at most `13 * 512`.
    weights: Vec<u32>,
}

/// The 64 rows of `J A` for a side of `side_px`.
fn taps(side_px: u32) -> Vec<Tap> {
    let side = u64::from(side_px);
    let row = |t| {
        let (place, tent) = tent(t);
        let first = place * side / WORKING_SIDE;
        let end = ((place + tent.len() as u64) * side).div_ceil(WORKING_SIDE);
        let mut weights = vec![0; (end - first) as usize];
        for (place, &height) in (place..).zip(tent) {
            // In units of 1/512 pixel, pixel x is [512 x, 512 (x + 1)] and place p is [side p, side (p + 1)].
            let (from, to) = (place * side, (place + 1) * side);
            for x in from / WORKING_SIDE..to.div_ceil(WORKING_SIDE) {
                let overlap = to.min(WORKING_SIDE * (x + 1)) - from.max(WORKING_SIDE * x);
                weights[(x - first) as usize] += height * overlap as u32;
            }
        }
        Tap { first: first as usize, weights }
    };
    (0..DECIMATED_SIDE).map(row).collect()
}

type Decimated = [[u128; DECIMATED_SIDE]; DECIMATED_SIDE];

/// `(J A_H) Y (J A_W)^T`: the decimated luma, `1000 * 48^2 * W * H` times too large.
///
/// A row's sums are at most `255000 * 48 W < 2^24 W`, the result at most `255000 * 48^2 * W H < 2^30 W H`: with 32-bit
/// sides neither overflows its type.
fn decimate(raster: &Raster) -> Box<Decimated> {
    let (across, down) = (taps(raster.width()), taps(raster.height()));
    let mut decimated = Box::new([[0; DECIMATED_SIDE]; DECIMATED_SIDE]);
    let mut luma = vec![0u64; raster.width() as usize];
    for (y, pixels) in raster.pixels().chunks_exact(luma.len()).enumerate() {
        for (luma, pixel) in luma.iter_mut().zip(pixels) {
            *luma = (0..3).map(|c| LUMA_WEIGHTS[c] * u64::from(pixel[c])).sum();
        }
        let mut row = [0u128; DECIMATED_SIDE];
        for (sum, tap) in row.iter_mut().zip(&across) {
            let products = luma[tap.first..].iter().zip(&tap.weights).map(|(&luma, &weight)| luma * u64::from(weight));
            *sum = u128::from(products.sum::<u64>());
        }
        for (sums, tap) in decimated.iter_mut().zip(&down) {
            // A row above the tap or below it has no weight.
            let Some(&weight) = y.checked_sub(tap.first).and_then(|index| tap.weights.get(index)) else { continue };
            for (sum, value) in sums.iter_mut().zip(&row) {
                *sum += u128::from(weight) * value;
            }
        }
    }
    decimated
}

/// `C D C^T`.
fn transform(decimated: &Decimated) -> Box<[i128; BITS]> {
    let mut coefficients = Box::new([0; BITS]);
    for i in 0..FREQUENCIES {
        let mut row = [0i128; DECIMATED_SIDE];
        for (t, values) in decimated.iter().enumerate() {
            for (sum, &value) in row.iter_mut().zip(values) {
                // Below 2^30 W H, see `decimate`: no sign is lost.
                *sum += i128::from(cosine(i, t)) * value as i128;
            }
        }
        for j in 0..FREQUENCIES {
            coefficients[FREQUENCIES * i + j] = row.iter().enumerate().map(|(s, v)| i128::from(cosine(j, s)) * v).sum();
        }
    }
    coefficients
}

/// The quality, from the decimated luma.
fn quality_of(decimated: &Decimated, raster: &Raster) -> u8 {
    // A hundredth of white in the decimated luma's unit is 255/100 of this: multiplied out, so that it is an integer.
    let unit = u128::from(1000 * TENT_SUM * TENT_SUM) * u128::from(raster.width()) * u128::from(raster.height());
    let hundredths = |u: u128, v: u128| u.abs_diff(v) * 100 / (255 * unit);
    let mut sum = 0;
    for (t, row) in decimated.iter().enumerate() {
        sum += row.windows(2).map(|pair| hundredths(pair[0], pair[1])).sum::<u128>();
        if let Some(below) = decimated.get(t + 1) {
            sum += row.iter().zip(below).map(|(&u, &v)| hundredths(u, v)).sum::<u128>();
        }
    }
    (sum / 90).min(100) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use pdqhash::image::{DynamicImage, RgbImage};
    use rand::{Rng, SeedableRng, rngs::StdRng};

    fn raster(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 3]) -> Raster {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| pixel(x, y)).collect();
        Raster::new(width, height, pixels).unwrap()
    }

    fn oracle(raster: &Raster) -> Fingerprint {
        let bytes = raster.pixels().iter().flatten().copied().collect();
        let image = RgbImage::from_raw(raster.width(), raster.height(), bytes).unwrap();
        Fingerprint::from_bytes(pdqhash::generate_pdq_full_size(&DynamicImage::ImageRgb8(image)).0)
    }

    fn synthetic() -> Raster {
        raster(512, 512, |x, y| {
            let (x, y) = (i64::from(x), i64::from(y));
            let blue = (x - 200).pow(2) / 53 + (y - 300).pow(2) / 41;
            [x * x / 97 + 3 * y, x * y / 61 + 5 * x, blue].map(|v| (v & 255) as u8)
        })
    }

    #[test]
    fn published_vector() {
        let expected = "177e707ff93970ffc3f08f003f7f8f00d9f98f0007ff8f1167c68f8610390000";
        let pdq = pdq(&synthetic());
        assert_eq!(pdq, Pdq { fingerprint: expected.parse().unwrap(), quality: 100 });
    }

    #[test]
    fn cosines_are_rounded_cosines() {
        for i in 0..FREQUENCIES {
            for t in 0..DECIMATED_SIDE {
                let exact = 65536.0 * (std::f64::consts::PI * ((i + 1) * (2 * t + 1)) as f64 / 128.0).cos();
                assert_eq!(cosine(i, t) as f64, exact.round());
            }
            assert_eq!((0..DECIMATED_SIDE).map(|t| cosine(i, t)).sum::<i64>(), 0);
        }
    }
}
