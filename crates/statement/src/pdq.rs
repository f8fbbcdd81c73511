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
//! Luma is at most `255 * 1000`. `J A` is non-negative with rows summing to `48 side`, so 64 terms of at most `2^16`
//! give a row of `L` an absolute sum of at most `64 * 2^16 * 48 side < 2^27.6 side`, and
//!
//! ```text
//! |B[i][j]| <= 255000 * (64 * 2^16 * 48)^2 * W H < 2^74 W H
//! ```
//!
//! With `W H <= 2^24` ([`MAX_PIXELS`]) that is below `2^98` ([`COEFFICIENT_BITS`]), and two coefficients are less than
//! `2^99` apart: 13 bytes ([`GAP_BYTES`]) hold every difference.
//!
//! # What to believe
//! Rows of `C` sum to zero: a flat picture, or stripes, has all coefficients zero. Ties are legal: nothing is then
//! above the median and all bits are zero. The statement knows no quality; whoever registers a picture should refuse
//! one below [`MIN_QUALITY`] (a flat one has 0, stripes may have more). PDQ is linear: anyone can make a picture with a
//! given fingerprint. It finds and matches pictures, it does not identify them.

use super::{
    fingerprint::{BITS, Fingerprint},
    raster::{MAX_PIXELS, Raster},
};

/// Luma in thousandths: `299 R + 587 G + 114 B`.
pub const LUMA_WEIGHTS: [u64; 3] = [299, 587, 114];

/// Fingerprints of pictures below this quality find too much: they are refused where pictures are registered.
pub const MIN_QUALITY: u8 = 50;

/// With more bits than this near the median, half of which turn, a copy is beyond [`MATCH_DISTANCE`].
///
/// [`MATCH_DISTANCE`]: super::fingerprint::MATCH_DISTANCE
pub const MAX_UNSTABLE_BITS: u16 = 62;

/// The deviation of what saving again does to the decimated luma, in levels: a numerator and a denominator.
const NOISE: (u128, u128) = (1, 10);

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
    /// Of the 256 bits, those that a faint noise may turn: 0..=256; see [`Pdq::is_stable`].
    pub unstable_bits: u16,
}

impl Pdq {
    /// Whether copies of the picture will be found by its fingerprint: at most [`MAX_UNSTABLE_BITS`] may turn.
    ///
    /// The quality does not tell: symmetric pictures, chessboards and flat halves have a high one, but half or all of
    /// their coefficients are zero, and bits of zeros are noise.
    pub fn is_stable(&self) -> bool {
        self.unstable_bits <= MAX_UNSTABLE_BITS
    }
}

/// Fingerprint and quality of a picture.
pub fn pdq(raster: &Raster) -> Pdq {
    decimate(raster).finish()
}

/// `B[i][j]` at index `16 i + j`: vertical frequency `i + 1`, horizontal frequency `j + 1`.
pub fn coefficients(raster: &Raster) -> Box<[i128; BITS]> {
    transform(&decimate(raster).sums)
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
    decimate(raster).quality()
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
pub fn cosine(i: usize, t: usize) -> i64 {
    match (i + 1) * (2 * t + 1) % 256 {
        m @ 0..=64 => QUARTER_WAVE[m],
        m @ 65..=128 => -QUARTER_WAVE[128 - m],
        m @ 129..=192 => -QUARTER_WAVE[m - 128],
        m => QUARTER_WAVE[256 - m],
    }
}

/// A row of `J`: the first place tapped of the 512, and the weights from there on. No two rows tap one place.
pub fn tent(t: usize) -> (u64, &'static [u32]) {
    if t == DECIMATED_SIDE - 1 { (506, &[3, 6, 9, 13, 10, 7]) } else { (8 * t as u64 + 2, &[3, 6, 9, 12, 9, 6, 3]) }
}

/// A row of `J A`: zero before `first` and after the weights.
#[derive(Clone)]
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

/// `(J A_H) Y (J A_W)^T`: the decimated luma, `1000 * 48^2 * W * H` times too large, while rows of pixels come in.
///
/// A fingerprint needs no picture, only its rows, each once and in any order.
///
/// A row's sums are at most `255000 * 48 W < 2^24 W`, the result at most `255000 * 48^2 * W H < 2^30 W H`: with 32-bit
/// sides neither overflows its type, and coefficients of at most `2^32` pixels stay below `2^106`.
#[derive(Clone)]
pub struct Decimation {
    width: u32,
    height: u32,
    across: Vec<Tap>,
    down: Vec<Tap>,
    luma: Vec<u64>,
    sums: Box<Decimated>,
}

impl Decimation {
    /// No row yet of a picture of `width * height` pixels.
    pub fn new(width: u32, height: u32) -> Self {
        let (across, down) = (taps(width), taps(height));
        let sums = Box::new([[0; DECIMATED_SIDE]; DECIMATED_SIDE]);
        Self { width, height, across, down, luma: vec![0; width as usize], sums }
    }

    /// Adds row `y`, `width` pixels.
    pub fn add_row(&mut self, y: u32, pixels: &[[u8; 3]]) {
        for (luma, pixel) in self.luma.iter_mut().zip(pixels) {
            *luma = (0..3).map(|c| LUMA_WEIGHTS[c] * u64::from(pixel[c])).sum();
        }
        let mut row = [0u128; DECIMATED_SIDE];
        for (sum, tap) in row.iter_mut().zip(&self.across) {
            let products =
                self.luma[tap.first..].iter().zip(&tap.weights).map(|(&luma, &weight)| luma * u64::from(weight));
            *sum = u128::from(products.sum::<u64>());
        }
        for (sums, tap) in self.sums.iter_mut().zip(&self.down) {
            // A row above the tap or below it has no weight.
            let index = (y as usize).checked_sub(tap.first);
            let Some(&weight) = index.and_then(|index| tap.weights.get(index)) else { continue };
            for (sum, value) in sums.iter_mut().zip(&row) {
                *sum += u128::from(weight) * value;
            }
        }
    }

    /// The same of the picture with rows and columns exchanged.
    #[must_use]
    pub fn transposed(self) -> Self {
        let sums = std::array::from_fn(|t| std::array::from_fn(|s| self.sums[s][t]));
        Self {
            width: self.height,
            height: self.width,
            across: self.down,
            down: self.across,
            sums: Box::new(sums),
            ..self
        }
    }

    /// Fingerprint and quality, once every row is added.
    pub fn finish(&self) -> Pdq {
        let coefficients = transform(&self.sums);
        let (fingerprint, unstable_bits) = (split(&coefficients), unstable_bits(&coefficients, self.unit()));
        Pdq { fingerprint, quality: self.quality(), unstable_bits }
    }

    /// What one level of luma, 1/255 of white, is in the sums.
    fn unit(&self) -> u128 {
        u128::from(1000 * TENT_SUM * TENT_SUM) * u128::from(self.width) * u128::from(self.height)
    }

    fn quality(&self) -> u8 {
        // A hundredth of white is 255/100 units: multiplied out, so that it is an integer.
        let hundredths = |u: u128, v: u128| u.abs_diff(v) * 100 / (255 * self.unit());
        let mut sum = 0;
        for (t, row) in self.sums.iter().enumerate() {
            sum += row.windows(2).map(|pair| hundredths(pair[0], pair[1])).sum::<u128>();
            if let Some(below) = self.sums.get(t + 1) {
                sum += row.iter().zip(below).map(|(&u, &v)| hundredths(u, v)).sum::<u128>();
            }
        }
        (sum / 90).min(100) as u8
    }
}

/// Sizes alone: a picture may be secret.
impl std::fmt::Debug for Decimation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decimation").field("width", &self.width).field("height", &self.height).finish_non_exhaustive()
    }
}

fn decimate(raster: &Raster) -> Decimation {
    let mut decimation = Decimation::new(raster.width(), raster.height());
    for (y, pixels) in (0..).zip(raster.pixels().chunks_exact(raster.width() as usize)) {
        decimation.add_row(y, pixels);
    }
    decimation
}

/// How many coefficients are nearer to the median than a faint noise moves them.
///
/// Independent noise of deviation `d` on the decimated luma moves a coefficient by `2^32 * 32 d` in its scale: each of
/// `C`'s cosines has a mean square of a half, over 64 places. Here `d` is [`NOISE`], what saving a picture again does.
fn unstable_bits(coefficients: &[i128; BITS], unit: u128) -> u16 {
    let median = median(coefficients);
    let (part, of) = NOISE;
    let reach = (unit << 37) * part / of;
    coefficients.iter().filter(|coefficient| coefficient.abs_diff(median) < reach).count() as u16
}

/// `C D C^T`.
fn transform(decimated: &Decimated) -> Box<[i128; BITS]> {
    let mut coefficients = Box::new([0; BITS]);
    for i in 0..FREQUENCIES {
        let mut row = [0i128; DECIMATED_SIDE];
        for (t, values) in decimated.iter().enumerate() {
            for (sum, &value) in row.iter_mut().zip(values) {
                // Below 2^30 W H, see `Decimation`: no sign is lost.
                *sum += i128::from(cosine(i, t)) * value as i128;
            }
        }
        for j in 0..FREQUENCIES {
            coefficients[FREQUENCIES * i + j] = row.iter().enumerate().map(|(s, v)| i128::from(cosine(j, s)) * v).sum();
        }
    }
    coefficients
}

#[cfg(test)]
mod tests {
    use super::*;
    use pdqhash::image::{DynamicImage, RgbImage};
    use rand::{Rng, SeedableRng, rngs::StdRng};

    /// A picture from a function of `(x, y)`, every value taken modulo 256.
    fn raster(width: u32, height: u32, pixel: impl Fn(i64, i64) -> [i64; 3]) -> Raster {
        let places = (0..i64::from(height)).flat_map(|y| (0..i64::from(width)).map(move |x| (x, y)));
        let pixels = places.map(|(x, y)| pixel(x, y).map(|v| (v & 255) as u8)).collect();
        Raster::new(width, height, pixels).unwrap()
    }

    fn noise(width: u32, height: u32, random: &mut StdRng) -> Raster {
        Raster::new(width, height, (0..width * height).map(|_| random.r#gen()).collect()).unwrap()
    }

    /// PDQ by crate `pdqhash` without its downscaling.
    fn oracle(raster: &Raster) -> Fingerprint {
        let bytes = raster.pixels().iter().flatten().copied().collect();
        let image = RgbImage::from_raw(raster.width(), raster.height(), bytes).unwrap();
        Fingerprint::from_bytes(pdqhash::generate_pdq_full_size(&DynamicImage::ImageRgb8(image)).0)
    }

    // ---- Foreign vectors: the reference implementation in C++ (PyPI's pdqhash 0.2.8).

    #[test]
    fn vectors_of_the_reference() {
        let wave = |m: i64| {
            move |x: i64, y: i64| [x * x / m + y, x * y / m, (x - 200).pow(2) / m + (y - 300).pow(2) / (m + 50)]
        };
        let published =
            |x: i64, y: i64| [x * x / 97 + 3 * y, x * y / 61 + 5 * x, (x - 200).pow(2) / 53 + (y - 300).pow(2) / 41];
        for (raster, fingerprint, quality) in [
            (raster(512, 512, published), "177e707ff93970ffc3f08f003f7f8f00d9f98f0007ff8f1167c68f8610390000", 100),
            (raster(512, 512, wave(1500)), "aa9c54b0007f54a3556efd5800ff5553aab6aaac00ffaaa98aaa555600ff7555", 91),
            (raster(512, 512, wave(3000)), "aab68aa8803f63ab55568aa4803faaa938aad554003f555538ab8aaa687fcfff", 73),
            (raster(512, 512, wave(6000)), "4b8a6c54070fb655dbab6c56fe0fb555938b4cea800f645493156caa031f6cfa", 56),
        ] {
            let pdq = pdq(&raster);
            assert_eq!((pdq.fingerprint, pdq.quality), (fingerprint.parse().unwrap(), quality));
        }
    }

    #[test]
    fn quality_of_one_step() {
        // Black and white halves: one decimated column lies on the edge, 3/48 of white, so 64 rows have the differences
        // 6.25 and 93.75 hundredths, cut to 6 and 93, and 64 * 99 / 90 = 70.4.
        assert_eq!(quality(&raster(512, 512, |x, _| [if x < 256 { 0 } else { 255 }; 3])), 70);
        assert_eq!(quality(&raster(512, 512, |_, y| [if y < 256 { 0 } else { 255 }; 3])), 70);
        assert_eq!(quality(&raster(512, 512, |_, _| [255; 3])), 0);
    }

    // ---- The reference implementation on generated pictures.

    /// Smooth noise of `octaves`, 0..=255: random values on grids, interpolated.
    fn smooth_noise(width: u32, height: u32, octaves: &[u32], random: &mut StdRng) -> Vec<f64> {
        let mut field = vec![0.0; (width * height) as usize];
        let mut amplitude = 1.0;
        for &cells in octaves {
            let grid: Vec<f64> = (0..(cells + 2) * (cells + 2)).map(|_| random.gen_range(-1.0..1.0)).collect();
            let at = |cx: usize, cy: usize| grid[cy * (cells as usize + 2) + cx];
            for y in 0..height {
                let fy = f64::from(y) * f64::from(cells) / f64::from(height);
                let (cy, dy) = (fy as usize, fy.fract());
                for x in 0..width {
                    let fx = f64::from(x) * f64::from(cells) / f64::from(width);
                    let (cx, dx) = (fx as usize, fx.fract());
                    let above = at(cx, cy) * (1.0 - dx) + at(cx + 1, cy) * dx;
                    let below = at(cx, cy + 1) * (1.0 - dx) + at(cx + 1, cy + 1) * dx;
                    field[(y * width + x) as usize] += amplitude * (above * (1.0 - dy) + below * dy);
                }
            }
            amplitude *= 0.6;
        }
        field.iter().map(|v| (127.5 + 127.5 * v).clamp(0.0, 255.0)).collect()
    }

    /// A picture of one of four kinds: clouds, shapes on a gradient, woven texture, grain over large forms.
    fn picture(kind: u64, width: u32, height: u32, random: &mut StdRng) -> Raster {
        let (w, h) = (f64::from(width), f64::from(height));
        let octaves: &[u32] = match kind {
            0 => &[5, 11, 23, 47],
            1 => &[2],
            2 => &[3, 40],
            _ => &[4, 9],
        };
        let clouds: [Vec<f64>; 3] = std::array::from_fn(|_| smooth_noise(width, height, octaves, random));
        let shapes: Vec<[f64; 8]> = (0..random.gen_range(12..40)).map(|_| random.r#gen()).collect();
        let waves: Vec<[f64; 3]> = (0..3).map(|_| random.r#gen()).collect();
        let grain: Vec<[f64; 3]> = (0..width * height).map(|_| random.r#gen()).collect();
        let mut pixels = Vec::with_capacity((width * height) as usize);
        for y in 0..height {
            for x in 0..width {
                let index = (y * width + x) as usize;
                let (u, v) = (f64::from(x) / w, f64::from(y) / h);
                let mut colour = [clouds[0][index], clouds[1][index], clouds[2][index]];
                match kind {
                    0 => {}
                    1 => {
                        for [cx, cy, rx, ry, r, g, b, square] in &shapes {
                            let (dx, dy) = ((u - cx) / (0.03 + 0.2 * rx), (v - cy) / (0.03 + 0.2 * ry));
                            let inside =
                                if *square < 0.5 { dx.abs().max(dy.abs()) < 1.0 } else { dx * dx + dy * dy < 1.0 };
                            if inside {
                                colour = [r * 255.0, g * 255.0, b * 255.0];
                            }
                        }
                    }
                    2 => {
                        for (sample, [a, b, phase]) in colour.iter_mut().zip(&waves) {
                            *sample += 90.0 * (60.0 * a * u + 45.0 * b * v + 6.0 * phase).sin();
                        }
                    }
                    _ => {
                        for (sample, grain) in colour.iter_mut().zip(grain[index]) {
                            *sample += 200.0 * (grain - 0.5);
                        }
                    }
                }
                pixels.push(colour.map(|sample| sample.clamp(0.0, 255.0) as u8));
            }
        }
        Raster::new(width, height, pixels).unwrap()
    }

    /// The bits of 130 tiles of a kind, of a quality that counts.
    fn assert_reference_bits_on_512_tiles(kind: u64) {
        const TILES: usize = 130;
        let mut kept = 0;
        for seed in (0..2 * TILES as u64).map(|n| 4 * n + kind) {
            let tile = picture(kind, 512, 512, &mut StdRng::seed_from_u64(seed));
            let pdq = pdq(&tile);
            if pdq.quality < MIN_QUALITY {
                continue;
            }
            assert_eq!(pdq.fingerprint, oracle(&tile), "seed {seed}, quality {}", pdq.quality);
            kept += 1;
            if kept == TILES {
                break;
            }
        }
        assert_eq!(kept, TILES);
    }

    #[test]
    fn reference_bits_on_clouds() {
        assert_reference_bits_on_512_tiles(0);
    }

    #[test]
    fn reference_bits_on_shapes() {
        assert_reference_bits_on_512_tiles(1);
    }

    #[test]
    fn reference_bits_on_texture() {
        assert_reference_bits_on_512_tiles(2);
    }

    #[test]
    fn reference_bits_on_grain() {
        assert_reference_bits_on_512_tiles(3);
    }

    /// Resized to 512x512 by area, each colour in floats, rounded.
    fn area_resized(raster: &Raster) -> Raster {
        let overlaps = |side: u32| -> Vec<Vec<(usize, f64)>> {
            let scale = f64::from(side) / 512.0;
            let place = |p: usize| {
                let (from, to) = (p as f64 * scale, (p + 1) as f64 * scale);
                let pixels = from as usize..(to.ceil() as usize).min(side as usize);
                pixels.map(|x| (x, (to.min(x as f64 + 1.0) - from.max(x as f64)) / scale)).collect()
            };
            (0..512).map(place).collect()
        };
        let (across, down) = (overlaps(raster.width()), overlaps(raster.height()));
        let mut pixels = Vec::with_capacity(512 * 512);
        for rows in &down {
            for columns in &across {
                let mut colour = [0.0; 3];
                for &(y, tall) in rows {
                    for &(x, wide) in columns {
                        let pixel = raster.pixels()[y * raster.width() as usize + x];
                        colour.iter_mut().zip(pixel).for_each(|(sum, v)| *sum += tall * wide * f64::from(v));
                    }
                }
                pixels.push(colour.map(|v| v.round() as u8));
            }
        }
        Raster::new(512, 512, pixels).unwrap()
    }

    #[test]
    fn within_two_bits_of_the_reference_when_downscaling() {
        let mut seed = 1000;
        for (width, height) in
            [(1280, 720), (777, 1031), (513, 600), (1024, 1024), (512, 2000), (1601, 515), (640, 4099)]
        {
            for _ in 0..4 {
                seed += 1;
                let picture = picture(seed % 4, width, height, &mut StdRng::seed_from_u64(seed));
                let pdq = pdq(&picture);
                let distance = pdq.fingerprint.distance(oracle(&area_resized(&picture)));
                assert!(pdq.quality >= MIN_QUALITY, "{width}x{height}, seed {seed}: a picture that does not count");
                assert!(distance <= 2, "{width}x{height}, seed {seed}: {distance} bits");
            }
        }
    }

    // ---- The same value the slow way: dense matrices straight from the definition.

    /// `J` times 48, from the reference's two box passes of width 4 that shrink at the border, and its decimation.
    fn dense_tent() -> Vec<[i128; 512]> {
        // One pass: `out[o]` is the mean of those of `in[o - 1..=o + 2]` that exist; 12 is a multiple of every count.
        let window = |o: usize| o.saturating_sub(1)..(o + 3).min(512);
        let tent = |t: usize| {
            let mut row = [0; 512];
            for p in window(8 * t + 4) {
                let count = window(p).len() as i128;
                window(p).for_each(|q| row[q] += 48 / 4 / count);
            }
            row
        };
        (0..64).map(tent).collect()
    }

    fn dense_area(side: u32) -> Vec<Vec<i128>> {
        let side = i128::from(side);
        let overlap = |u: i128, x: i128| ((u + 1) * side).min(512 * (x + 1)) - (u * side).max(512 * x);
        (0..512).map(|u| (0..side).map(|x| overlap(u, x).max(0)).collect()).collect()
    }

    fn dense_cosines() -> Vec<Vec<i128>> {
        let exact = |i: usize, t: usize| (std::f64::consts::PI * ((i + 1) * (2 * t + 1)) as f64 / 128.0).cos();
        (0..16).map(|i| (0..64).map(|t| (65536.0 * exact(i, t)).round() as i128).collect()).collect()
    }

    fn product<R: AsRef<[i128]>>(left: &[R], right: &[Vec<i128>]) -> Vec<Vec<i128>> {
        let columns = right[0].len();
        let row = |row: &[i128]| {
            let entry = |j: usize| row.iter().zip(right).map(|(&a, b)| a * b[j]).sum();
            (0..columns).map(entry).collect()
        };
        left.iter().map(|r| row(r.as_ref())).collect()
    }

    fn transposed(matrix: &[Vec<i128>]) -> Vec<Vec<i128>> {
        (0..matrix[0].len()).map(|j| matrix.iter().map(|row| row[j]).collect()).collect()
    }

    fn assert_agrees_with_dense(raster: &Raster) {
        let (width, height) = (raster.width(), raster.height());
        let luma: Vec<Vec<i128>> = raster
            .pixels()
            .chunks(width as usize)
            .map(|row| {
                row.iter().map(|p| p.iter().zip([299, 587, 114]).map(|(&v, w)| i128::from(v) * w).sum()).collect()
            })
            .collect();
        let [across, down] = [width, height].map(|side| product(&dense_tent(), &dense_area(side)));
        let [basis_across, basis_down] = [&across, &down].map(|m| product(&dense_cosines(), m));
        for (side, dense) in [(width, &basis_across), (height, &basis_down)] {
            let columns = transposed(dense);
            let fast = basis(side).into_iter().map(|column| column.map(i128::from).to_vec()).collect::<Vec<_>>();
            assert_eq!(fast, columns, "basis of {side}");
        }
        let dense = product(&product(&basis_down, &luma), &transposed(&basis_across)).concat();
        assert_eq!(coefficients(raster).to_vec(), dense, "{width}x{height}");

        let mut sorted = dense.clone();
        sorted.sort_unstable();
        let bits = Fingerprint::from_bits(|k| dense[k] > sorted[127]);
        let decimated = product(&product(&down, &luma), &transposed(&across));
        let one = 1000 * 48 * 48 * i128::from(width) * i128::from(height);
        let step = |u: i128, v: i128| ((u - v) * 100 / (255 * one)).abs();
        let gradient = |m: &[Vec<i128>]| m.iter().flat_map(|r| r.windows(2)).map(|p| step(p[0], p[1])).sum::<i128>();
        let quality = ((gradient(&decimated) + gradient(&transposed(&decimated))) / 90).min(100) as u8;
        let pdq = pdq(raster);
        assert_eq!((pdq.fingerprint, pdq.quality), (bits, quality), "{width}x{height}");
    }

    #[test]
    fn agrees_with_dense_matrices() {
        let mut random = StdRng::seed_from_u64(7);
        let mut sizes =
            vec![(5, 5), (5, 1025), (1030, 5), (6, 7), (64, 64), (511, 9), (13, 513), (512, 512), (700, 31)];
        sizes.extend((0..12).map(|_| (random.gen_range(5..90), random.gen_range(5..90))));
        for (index, (width, height)) in sizes.into_iter().enumerate() {
            let picture =
                if index % 2 == 0 { noise(width, height, &mut random) } else { picture(1, width, height, &mut random) };
            assert_agrees_with_dense(&picture);
        }
    }

    #[test]
    fn one_pixel_wide_blocks() {
        for pixel in
            [|x: i64, _: i64| [255 * (x & 1); 3], |x, y| [255 * ((x ^ y) & 1); 3], |x, y| [x, 255 * (y & 1), 0]]
        {
            for (width, height) in [(5, 5), (17, 33), (64, 65), (513, 7)] {
                assert_agrees_with_dense(&raster(width, height, pixel));
            }
        }
    }

    // ---- The split.

    #[test]
    fn flat_and_striped_pictures_have_no_bits() {
        for pixel in [|_: i64, _: i64| [90; 3], |x, _| [x * x; 3], |_, y| [y * 3, y / 5, y]] {
            for (width, height) in [(512, 512), (333, 77)] {
                let raster = raster(width, height, pixel);
                assert_eq!(coefficients(&raster).as_slice(), [0; BITS]);
                assert_eq!(pdq(&raster).fingerprint, Fingerprint::default());
            }
        }
    }

    #[test]
    fn median_is_the_128th_smallest() {
        let descending: [i128; BITS] = std::array::from_fn(|k| 1000 - k as i128);
        assert_eq!(median(&descending), 1000 - 128);
        assert_eq!(split(&descending), Fingerprint::from_bits(|k| k < 128));
        // Ties: what equals the median is not above it.
        let tied: [i128; BITS] = std::array::from_fn(|k| i128::from(k >= 100) + i128::from(k >= 200));
        assert_eq!(median(&tied), 1);
        assert_eq!(split(&tied), Fingerprint::from_bits(|k| k >= 200));
    }

    // ---- The bounds.

    #[test]
    fn extreme_pictures_stay_within_the_bounds() {
        // The two coefficients of the largest rows of L, and the picture that drives them furthest apart.
        let largest = (15, 15);
        for (other, (width, height)) in
            [(7, 7), (0, 15), (15, 11)].into_iter().zip([(4096, 4096), (65_535, 256), (512, 32_768)])
        {
            assert!(u64::from(width) * u64::from(height) <= MAX_PIXELS);
            let (across, down) = (basis(width), basis(height));
            let weight = |(i, j): (usize, usize), x: i64, y: i64| down[y as usize][i] * across[x as usize][j];
            let apart =
                raster(width, height, |x, y| [if weight(largest, x, y) > weight(other, x, y) { 255 } else { 0 }; 3]);
            let coefficients = coefficients(&apart);
            let gap = coefficients[16 * largest.0 + largest.1] - coefficients[16 * other.0 + other.1];
            assert!(gap < 1 << (8 * GAP_BYTES as u32), "{gap}");
            assert!(coefficients.iter().all(|c| c.unsigned_abs() < 1 << COEFFICIENT_BITS));
            // The picture is extreme indeed: it needs nearly twelve bytes.
            assert!(gap > 1 << 94, "{gap}");
        }
    }

    #[test]
    fn rows_are_bounded_for_every_side() {
        for side in (5..1200).chain([4095, 4096, 65_535, 3_355_443]) {
            let columns = basis(side);
            for i in 0..FREQUENCIES {
                let sum: i128 = columns.iter().map(|column| i128::from(column[i])).sum();
                let absolute: i128 = columns.iter().map(|column| i128::from(column[i]).abs()).sum();
                assert_eq!(sum, 0, "row {i}, side {side}");
                // The square of this times 255000 is the bound on a coefficient.
                assert!(absolute <= 64 * 65_536 * 48 * i128::from(side), "row {i}, side {side}");
            }
            assert!(columns.iter().flatten().all(|entry| entry.abs() <= 65_536 * 13 * 512));
        }
    }
}
