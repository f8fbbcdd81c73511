//! The inverse cosine transform of a block: the accurate integer one of libjpeg ("islow", after Loeffler, Ligtenberg and
//! Moschytz), to the bit.
//!
//! 13 bits of each constant's fraction, 2 bits more kept between the passes, rounding to nearest after each. libjpeg's
//! vector code works in 16 bits and its C code in 32 or 64; they agree while nothing leaves 16 bits. No encoder writes a
//! block that does, so a block with a value beyond [`LIMIT`] is refused as damaged instead of read in one of two ways.

/// The largest value before and between the passes: sums of the pass stay below `2^31`, sums of two below `2^15`.
const LIMIT: i32 = 12_000;

/// Beyond this and a quantiser no coefficient of 8-bit samples is: 1024 at most, half as much again for encoders that
/// overshoot on purpose.
const PLAUSIBLE: i32 = 1536;

const CONST_BITS: u32 = 13;
const PASS1_BITS: u32 = 2;

/// `round(2^13 * factor)`; the names are the factors.
const F0_298631336: i32 = 2446;
const F0_390180644: i32 = 3196;
const F0_541196100: i32 = 4433;
const F0_765366865: i32 = 6270;
const F0_899976223: i32 = 7373;
const F1_175875602: i32 = 9633;
const F1_501321110: i32 = 12299;
const F1_847759065: i32 = 15137;
const F1_961570560: i32 = 16069;
const F2_053119869: i32 = 16819;
const F2_562915447: i32 = 20995;
const F3_072711026: i32 = 25172;

/// A block of samples.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Samples {
    pub(super) rows: [[u8; 8]; 8],
    /// A coefficient is larger than any picture's: the levels have slipped, as they do behind damage.
    pub(super) is_doubtful: bool,
}

/// Samples of a block from its coefficients and their quantisers, both in raster order; `None` where a value is beyond
/// what a picture can have.
pub(super) fn inverse(coefficients: &[i16; 64], quantisers: &[u16; 64]) -> Option<Samples> {
    if coefficients.iter().skip(1).all(|&coefficient| coefficient == 0) {
        let level = i32::from(coefficients[0]) * i32::from(quantisers[0]);
        if level.abs() > LIMIT {
            return None;
        }
        let sample = sample_of(level << PASS1_BITS, PASS1_BITS + 3);
        let is_doubtful = level.abs() > PLAUSIBLE + i32::from(quantisers[0]);
        return Some(Samples { rows: [[sample; 8]; 8], is_doubtful });
    }
    let mut block = [[0i32; 8]; 8];
    let (mut beyond, mut doubtful) = (0, 0);
    for ((row, coefficients), quantisers) in
        block.iter_mut().zip(coefficients.as_chunks::<8>().0).zip(quantisers.as_chunks::<8>().0)
    {
        for ((value, &coefficient), &quantiser) in row.iter_mut().zip(coefficients).zip(quantisers) {
            *value = i32::from(coefficient) * i32::from(quantiser);
            beyond |= i32::from(value.abs() > LIMIT);
            doubtful |= i32::from(value.abs() > PLAUSIBLE + i32::from(quantiser));
        }
    }
    if beyond != 0 {
        return None;
    }
    let mut between = [[0i32; 8]; 8];
    for x in 0..8 {
        let column = one_dimension(std::array::from_fn(|y| block[y][x]));
        for (y, value) in column.into_iter().enumerate() {
            let value = (value + (1 << (CONST_BITS - PASS1_BITS - 1))) >> (CONST_BITS - PASS1_BITS);
            beyond |= i32::from(value.abs() > LIMIT);
            between[y][x] = value;
        }
    }
    (beyond == 0).then(|| Samples {
        rows: between.map(|row| one_dimension(row).map(|value| sample_of(value, CONST_BITS + PASS1_BITS + 3))),
        is_doubtful: doubtful != 0,
    })
}

/// Rounds away `bits` bits, moves zero to the middle grey, and cuts to a byte.
fn sample_of(value: i32, bits: u32) -> u8 {
    (((value + (1 << (bits - 1))) >> bits) + 128).clamp(0, 255) as u8
}

/// One pass: eight values, `2^13` times too large.
fn one_dimension(v: [i32; 8]) -> [i32; 8] {
    let z1 = (v[2] + v[6]) * F0_541196100;
    let (even2, even3) = (z1 - v[6] * F1_847759065, z1 + v[2] * F0_765366865);
    let (even0, even1) = ((v[0] + v[4]) << CONST_BITS, (v[0] - v[4]) << CONST_BITS);
    let even = [even0 + even3, even1 + even2, even1 - even2, even0 - even3];

    let z5 = (v[7] + v[3] + v[5] + v[1]) * F1_175875602;
    let z1 = -(v[7] + v[1]) * F0_899976223;
    let z2 = -(v[5] + v[3]) * F2_562915447;
    let z3 = z5 - (v[7] + v[3]) * F1_961570560;
    let z4 = z5 - (v[5] + v[1]) * F0_390180644;
    let odd = [
        v[1] * F1_501321110 + z1 + z4,
        v[3] * F3_072711026 + z2 + z3,
        v[5] * F2_053119869 + z2 + z4,
        v[7] * F0_298631336 + z1 + z3,
    ];
    std::array::from_fn(|i| if i < 4 { even[i] + odd[i] } else { even[7 - i] - odd[7 - i] })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn cosine_sum(block: &[i16; 64], x: usize, y: usize) -> f64 {
        let factor = |k: usize| if k == 0 { 0.5f64.sqrt() } else { 1.0 };
        let wave =
            |k: usize, p: usize| factor(k) * (((2 * p + 1) * k) as f64 * std::f64::consts::PI / 16.0).cos() / 2.0;
        (0..64).map(|k| f64::from(block[k]) * wave(k % 8, x) * wave(k / 8, y)).sum()
    }

    #[test]
    fn is_the_cosine_transform() {
        let mut state = 1u32;
        for round in 0..200 {
            let mut block = [0i16; 64];
            for (k, value) in block.iter_mut().enumerate() {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if k < 1 + round % 64 {
                    *value = ((state >> 16) as i16) % 90;
                }
            }
            let samples = inverse(&block, &[1; 64]).unwrap();
            for (y, row) in samples.rows.iter().enumerate() {
                for (x, &sample) in row.iter().enumerate() {
                    let exact = (cosine_sum(&block, x, y) + 128.0).clamp(0.0, 255.0);
                    assert!((exact - f64::from(sample)).abs() < 0.6, "{exact} {sample}");
                }
            }
        }
    }

    #[test]
    fn slipped_levels_are_doubtful() {
        for (level, quantiser, is_doubtful) in [(1024, 1, false), (-1537, 1, false), (1538, 1, true), (-20, 80, false)]
        {
            for k in [0, 5] {
                let mut block = [0; 64];
                block[k] = level;
                assert_eq!(inverse(&block, &[quantiser; 64]).unwrap().is_doubtful, is_doubtful);
            }
        }
    }

    #[test]
    fn impossible_values_are_refused_and_extreme_ones_do_not_overflow() {
        for k in 0..64 {
            let mut block = [0; 64];
            block[k] = 12_001;
            assert_eq!(inverse(&block, &[1; 64]), None);
            block[k] = 300;
            assert!(inverse(&block, &[1; 64]).is_some());
            assert_eq!(inverse(&block, &[u16::MAX; 64]), None);
        }
        // Every sign pattern that drives one output furthest.
        for y in 0..8 {
            let mut block = [0; 64];
            for k in 0..8 {
                block[8 * k] = if ((2 * y + 1) * k) % 32 < 8 || ((2 * y + 1) * k) % 32 > 24 { 12_000 } else { -12_000 };
            }
            assert_eq!(inverse(&block, &[1; 64]), None);
        }
    }
}
