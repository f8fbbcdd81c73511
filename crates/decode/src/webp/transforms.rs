//! What the encoder of a lossless WebP did to its pixels before it wrote them, undone.

use super::lossless::blocks;

const BLACK: u32 = 0xff00_0000;

/// A transform. Data are one pixel for each block of `1 << bits` by `1 << bits`.
pub(super) enum Transform {
    /// Pixels are what a prediction lacks.
    Predict { width: u32, bits: u32, data: Vec<u32> },
    /// Red and blue lack a share of green, blue one of red.
    Colour { width: u32, bits: u32, data: Vec<u32> },
    /// Red and blue lack green.
    Green,
    /// Green is a place in a palette, that of `1 << bits` pixels in one.
    Palette { width: u32, bits: u32, colours: Vec<u32> },
}

/// The sums of the bytes, each without a carry.
fn sum(a: u32, b: u32) -> u32 {
    const EVEN: u32 = 0x00ff_00ff;
    ((a & EVEN) + (b & EVEN)) & EVEN | ((a & !EVEN).wrapping_add(b & !EVEN)) & !EVEN
}

/// The means of the bytes, rounded down.
fn mean(a: u32, b: u32) -> u32 {
    (a & b) + (((a ^ b) & 0xfefe_fefe) >> 1)
}

/// The bytes of three pixels, joined by a function.
fn each(a: u32, b: u32, c: u32, join: impl Fn(i32, i32, i32) -> i32) -> u32 {
    let [a, b, c] = [a, b, c].map(u32::to_le_bytes);
    let byte = |i: usize| join(a[i].into(), b[i].into(), c[i].into()).clamp(0, 255) as u8;
    u32::from_le_bytes(std::array::from_fn(byte))
}

/// The sum of how far the bytes are apart.
fn apart(a: u32, b: u32) -> u32 {
    let [a, b] = [a, b].map(u32::to_le_bytes);
    a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(b))).sum()
}

/// A pixel by those to its left, above it, to the right of that and to the left of that.
fn predicted(kind: u32, left: u32, above: u32, right: u32, corner: u32) -> u32 {
    match kind {
        1 => left,
        2 => above,
        3 => right,
        4 => corner,
        5 => mean(mean(left, right), above),
        6 => mean(left, corner),
        7 => mean(left, above),
        8 => mean(corner, above),
        9 => mean(above, right),
        10 => mean(mean(left, corner), mean(above, right)),
        11 if apart(above, corner) < apart(left, corner) => left,
        11 => above,
        12 => each(left, above, corner, |left, above, corner| left + above - corner),
        13 => each(mean(left, above), corner, 0, |mean, corner, _| mean + (mean - corner) / 2),
        _ => BLACK,
    }
}

impl Transform {
    /// A palette whose colours are written as their differences.
    pub(super) fn palette(width: u32, mut colours: Vec<u32>) -> Self {
        let bits = match colours.len() {
            0..=2 => 3,
            3..=4 => 2,
            5..=16 => 1,
            _ => 0,
        };
        let mut last = 0;
        for colour in &mut colours {
            last = sum(last, *colour);
            *colour = last;
        }
        Self::Palette { width, bits, colours }
    }

    /// The width of the picture as it is written.
    pub(super) fn packed_width(&self) -> u32 {
        match self {
            Self::Palette { width, bits, .. } => blocks(*width, *bits),
            Self::Predict { width, .. } | Self::Colour { width, .. } => *width,
            Self::Green => 0,
        }
    }

    /// The pixels before it.
    pub(super) fn undo(&self, mut pixels: Vec<u32>) -> Vec<u32> {
        match self {
            Self::Green => {
                for pixel in &mut pixels {
                    let green = *pixel >> 8 & 255;
                    *pixel = sum(*pixel, green << 16 | green);
                }
            }
            Self::Colour { width, bits, data } => {
                let row = blocks(*width, *bits) as usize;
                for (y, pixels) in pixels.chunks_exact_mut(*width as usize).enumerate() {
                    let shares = data.get((y >> bits) * row..).unwrap_or_default();
                    for (pixels, share) in pixels.chunks_mut(1 << bits).zip(shares) {
                        pixels.iter_mut().for_each(|pixel| *pixel = coloured(*pixel, *share));
                    }
                }
            }
            Self::Predict { width, bits, data } => predict(&mut pixels, *width as usize, *bits, data),
            Self::Palette { width, bits, colours } => {
                let row = blocks(*width, *bits) as usize;
                let size = 8 >> bits;
                let mut unpacked = Vec::with_capacity(pixels.len() / row.max(1) * *width as usize);
                for packed in pixels.chunks_exact(row) {
                    unpacked.extend((0..*width).map(|x| {
                        let places = packed.get((x >> bits) as usize).copied().unwrap_or_default() >> 8 & 255;
                        let place = places >> (size * (x & ((1 << bits) - 1))) & ((1 << size) - 1);
                        // a place that the palette does not have is transparent black
                        colours.get(place as usize).copied().unwrap_or(0)
                    }));
                }
                return unpacked;
            }
        }
        pixels
    }
}

/// A pixel with the shares of green and red put back.
fn coloured(pixel: u32, share: u32) -> u32 {
    let signed = |byte: u32| i32::from(byte as u8 as i8);
    let part = |share: u32, level: u32| ((signed(share) * signed(level)) >> 5) as u32;
    let green = pixel >> 8;
    let red = (pixel >> 16).wrapping_add(part(share, green)) & 255;
    let blue = pixel.wrapping_add(part(share >> 8, green)).wrapping_add(part(share >> 16, red)) & 255;
    pixel & 0xff00_ff00 | red << 16 | blue
}

fn predict(pixels: &mut [u32], width: usize, bits: u32, data: &[u32]) {
    let row = blocks(width as u32, bits) as usize;
    let (mut left, mut corner) = (0, 0);
    for at in 0..pixels.len() {
        let (x, y) = (at % width, at / width);
        // to the right of a row's end is the beginning of the next row
        let above = |right: usize| at.checked_sub(width).and_then(|above| pixels.get(above + right)).copied();
        let kind = || data.get((y >> bits) * row + (x >> bits)).map_or(0, |kind| kind >> 8 & 15);
        let prediction = match (above(0), above(1)) {
            (Some(above), Some(right)) if x > 0 => predicted(kind(), left, above, right, corner),
            (Some(above), _) => above,
            (None, _) if at > 0 => left,
            _ => BLACK,
        };
        corner = above(0).unwrap_or(0);
        if let Some(pixel) = pixels.get_mut(at) {
            *pixel = sum(*pixel, prediction);
            left = *pixel;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_do_not_mix() {
        assert_eq!(sum(0xff01_80ff, 0x0201_8001), 0x0102_0000);
        assert_eq!(mean(0xff00_01fe, 0xfe01_02ff), 0xfe00_01fe);
        assert_eq!(apart(0x0102_0304, 0x0401_0304), 4);
    }

    #[test]
    fn predictions_of_a_pixel() {
        let (left, above, right, corner) = (0xff10_2030, 0xff40_1020, 0xff00_0000, 0xff05_2022);
        let expected = [
            BLACK,
            left,
            above,
            right,
            corner,
            0xff24_101c,
            0xff0a_2029,
            0xff28_1828,
            0xff22_1821,
            0xff20_0810,
            0xff15_141c,
            above,
            0xff4b_102e,
            0xff39_142b,
        ];
        for (kind, expected) in (0..).zip(expected) {
            assert_eq!(predicted(kind, left, above, right, corner), expected, "{kind}");
        }
    }

    #[test]
    fn pixels_of_a_palette_are_unpacked_and_unknown_ones_are_transparent() {
        let palette = Transform::palette(5, vec![0xff00_0001, 0x0000_0102, 0x0001_0000]);
        assert_eq!(palette.packed_width(), 2);
        let unpacked = palette.undo(vec![0b11_10_01_00 << 8, 0b10 << 8]);
        assert_eq!(unpacked, [0xff00_0001, 0xff00_0103, 0xff01_0103, 0, 0xff01_0103]);
    }

    #[test]
    fn shares_have_signs() {
        assert_eq!(coloured(0x1210_4030, 0x0000_20e0), 0x12d0_4070);
        // blue has its share of the red that is put back
        assert_eq!(coloured(0x0010_2000, 0x0010_0020), 0x0030_2018);
    }
}
