//! Lossless WebP (VP8L), to the pixels of libwebp, and the planes of alpha of lossy ones, which are written alike.
//!
//! It is our own, as the crate that decodes lossy WebP differs from libwebp in this one in three ways: places of the cache
//! that were never filled, a code of one symbol written twice or of two in falling order, and predictors that there are
//! none of.

use super::{
    codes::{Bits, Code},
    malformed,
    transforms::Transform,
};
use crate::{
    check,
    error::{Format, Problem},
};

/// Symbols of green that are lengths of copies follow the levels of green.
const LENGTHS: usize = 256;

/// Symbols of green that are places in the cache follow the lengths.
const CACHED: usize = LENGTHS + 24;

/// Distances up to this are places nearby.
const NEARBY: usize = 120;

/// Bytes for each pixel: the pixel, and what it is before colours are looked up.
pub(super) const BYTES_PER_PIXEL: u64 = 8;

/// What the data say first: width, height, and whether alpha counts.
pub(super) fn header(data: &[u8]) -> Result<(u32, u32, bool), Problem> {
    let mut bits = Bits::new(data);
    let signature = bits.number(8);
    let [width, height] = [bits.number(14) + 1, bits.number(14) + 1];
    let has_alpha = bits.bit();
    if signature != 0x2f || bits.number(3) != 0 {
        return Err(malformed("its data do not begin as a lossless picture does"));
    }
    bits.check()?;
    Ok((width, height, has_alpha))
}

/// Pixels as alpha, red, green and blue, from the highest byte to the lowest.
pub(super) fn pixels(data: &[u8]) -> Result<Vec<u32>, Problem> {
    let (width, height, _) = header(data)?;
    stream(data.get(5..).unwrap_or_default(), width, height)
}

/// Pixels of a picture of known size.
pub(super) fn stream(data: &[u8], width: u32, height: u32) -> Result<Vec<u32>, Problem> {
    let mut reader = Reader { bits: Bits::new(data), bytes: BYTES_PER_PIXEL * u64::from(width) * u64::from(height) };
    let mut transforms: Vec<Transform> = Vec::new();
    // the width shrinks where several pixels are in one
    let mut packed = width;
    while reader.bits.bit() {
        let transform = reader.transform(&mut packed, height)?;
        if transforms.iter().any(|other| std::mem::discriminant(other) == std::mem::discriminant(&transform)) {
            return Err(malformed("the same transform twice"));
        }
        transforms.push(transform);
    }
    let mut pixels = reader.picture(packed, height, true)?;
    for transform in transforms.iter().rev() {
        pixels = transform.undo(pixels);
    }
    Ok(pixels)
}

/// How many blocks of `1 << bits` cover a side.
pub(super) fn blocks(side: u32, bits: u32) -> u32 {
    side.div_ceil(1 << bits)
}

struct Reader<'a> {
    bits: Bits<'a>,
    /// Bytes in use.
    bytes: u64,
}

/// Codes of green (with lengths and places), red, blue, alpha, distances.
struct Group {
    green: Code,
    others: [Code; 3],
    distance: Code,
}

impl Reader<'_> {
    fn transform(&mut self, width: &mut u32, height: u32) -> Result<Transform, Problem> {
        let kind = self.bits.number(2);
        Ok(match kind {
            0 | 1 => {
                let width = *width;
                let bits = 2 + self.bits.number(3);
                let data = self.picture(blocks(width, bits), blocks(height, bits), false)?;
                if kind == 1 {
                    Transform::Colour { width, bits, data }
                } else if data.iter().any(|kind| kind >> 8 & 255 > 13) {
                    return Err(malformed("a predictor that there is none of"));
                } else {
                    Transform::Predict { width, bits, data }
                }
            }
            2 => Transform::Green,
            _ => {
                let count = self.bits.number(8) + 1;
                let data = self.picture(count, 1, false)?;
                let transform = Transform::palette(*width, data);
                *width = transform.packed_width();
                transform
            }
        })
    }

    /// The picture itself, or a small one that says something of it.
    fn picture(&mut self, width: u32, height: u32, is_whole: bool) -> Result<Vec<u32>, Problem> {
        let mut cache = None;
        if self.bits.bit() {
            let bits = self.bits.number(4);
            if !(1..=11).contains(&bits) {
                return Err(malformed("a cache of a size that there is none of"));
            }
            cache = Some(Cache { colours: vec![0; 1 << bits], shift: 32 - bits });
        }
        let (mut block_bits, mut choice) = (0, Vec::new());
        if is_whole && self.bits.bit() {
            block_bits = 2 + self.bits.number(3);
            choice = self.picture(blocks(width, block_bits), blocks(height, block_bits), false)?;
            choice.iter_mut().for_each(|choice| *choice = *choice >> 8 & 0xffff);
        }
        let count = choice.iter().max().map_or(1, |most| most + 1);
        let cached = cache.as_ref().map_or(0, |cache| cache.colours.len());
        let groups: Vec<Group> = (0..count).map(|_| self.group(CACHED + cached)).collect::<Result<_, _>>()?;
        let row = blocks(width, block_bits) as usize;
        let group = |at: usize| {
            let (x, y) = (at % width as usize, at / width as usize);
            let group = choice.get((y >> block_bits) * row + (x >> block_bits)).copied().unwrap_or(0);
            groups.get(group as usize)
        };
        self.data(width as usize, width as usize * height as usize, block_bits, group, cache)
    }

    fn group(&mut self, count: usize) -> Result<Group, Problem> {
        let green = Code::read(&mut self.bits, count)?;
        let mut level = || Code::read(&mut self.bits, 256);
        let others = [level()?, level()?, level()?];
        let distance = Code::read(&mut self.bits, 40)?;
        self.bytes += [&green, &distance].into_iter().chain(&others).map(Code::bytes).sum::<u64>();
        check::memory(self.bytes)?;
        Ok(Group { green, others, distance })
    }

    fn data<'g>(
        &mut self,
        width: usize,
        count: usize,
        block_bits: u32,
        group: impl Fn(usize) -> Option<&'g Group>,
        mut cache: Option<Cache>,
    ) -> Result<Vec<u32>, Problem> {
        let damaged = |what| Problem::Damaged { format: Format::WebP, what };
        let mut pixels: Vec<u32> = Vec::with_capacity(count);
        // codes change where a block begins; a copy may end anywhere
        let (mut current, mut is_moved) = (None, false);
        let (mut x, mask) = (0, if block_bits == 0 { usize::MAX } else { (1 << block_bits) - 1 });
        while pixels.len() < count {
            if x & mask == 0 || is_moved {
                current = group(pixels.len());
            }
            let Some(Group { green, others, distance }) = current else { break };
            is_moved = false;
            let bits = &mut self.bits;
            let symbol = usize::from(green.symbol(bits));
            if symbol < LENGTHS {
                let [red, blue, alpha] = others.each_ref().map(|code| u32::from(code.symbol(bits)));
                let pixel = alpha << 24 | red << 16 | (symbol as u32) << 8 | blue;
                pixels.push(pixel);
                cache.iter_mut().for_each(|cache| cache.fill(pixel));
                x += 1;
            } else if symbol < CACHED {
                let length = value(bits, symbol - LENGTHS);
                let symbol = usize::from(distance.symbol(bits));
                let distance = pixels_back(value(bits, symbol), width);
                bits.check()?;
                if distance > pixels.len() || length > count - pixels.len() {
                    return Err(damaged("a copy reaches outside of the picture"));
                }
                let from = pixels.len() - distance;
                for at in from..from + length {
                    let pixel = pixels.get(at).copied().unwrap_or_default();
                    pixels.push(pixel);
                    cache.iter_mut().for_each(|cache| cache.fill(pixel));
                }
                x += length;
                is_moved = true;
            } else {
                let place = cache.as_mut().and_then(|cache| cache.take(symbol - CACHED));
                pixels.push(place.ok_or_else(|| damaged("a colour out of a cache that there is none of"))?);
                x += 1;
            }
            self.bits.check()?;
            if x >= width {
                x = pixels.len() % width;
            }
        }
        Ok(pixels)
    }
}

/// A length or a distance by its symbol and the bits behind it.
fn value(bits: &mut Bits<'_>, symbol: usize) -> usize {
    if symbol < 4 {
        return symbol + 1;
    }
    let more = (symbol as u32 - 2) >> 1;
    ((2 + (symbol & 1)) << more) + bits.number(more) as usize + 1
}

/// How many pixels back a distance is.
fn pixels_back(distance: usize, width: usize) -> usize {
    if let Some(far) = distance.checked_sub(NEARBY).filter(|far| *far > 0) {
        return far;
    }
    let [x, y] = nearby().get(distance.saturating_sub(1)).copied().unwrap_or_default();
    usize::try_from(i64::from(y) * width as i64 + i64::from(x)).unwrap_or(0).max(1)
}

/// Places nearby, to the left and up, the nearest first.
fn nearby() -> &'static [[i32; 2]] {
    static PLACES: std::sync::LazyLock<Vec<[i32; 2]>> = std::sync::LazyLock::new(|| {
        let mut places: Vec<[i32; 2]> = (0..8).flat_map(|y| (-7..9).map(move |x| [x, y])).collect();
        places.retain(|[x, y]| *y > 0 || *x > 0);
        places.sort_by_key(|[x, y]| (x * x + y * y, x.abs(), *x < 0));
        places
    });
    &PLACES
}

/// Colours that were there, by their hash.
struct Cache {
    colours: Vec<u32>,
    shift: u32,
}

impl Cache {
    fn fill(&mut self, pixel: u32) {
        let place = pixel.wrapping_mul(0x1e35_a7bd) >> self.shift;
        self.colours.get_mut(place as usize).into_iter().for_each(|colour| *colour = pixel);
    }

    /// A colour. It is filled in again: one that never was filled is 0, whose own place is another.
    fn take(&mut self, place: usize) -> Option<u32> {
        let pixel = self.colours.get(place).copied()?;
        self.fill(pixel);
        Some(pixel)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn places_nearby_are_those_of_the_format() {
        let places = nearby();
        assert_eq!(places.len(), NEARBY);
        assert_eq!(places[..8], [[0, 1], [1, 0], [1, 1], [-1, 1], [0, 2], [2, 0], [1, 2], [-1, 2]]);
        assert_eq!(places[34..40], [[0, 5], [3, 4], [-3, 4], [4, 3], [-4, 3], [5, 0]]);
        assert_eq!(places[110..118], [[8, 4], [6, 7], [-6, 7], [7, 6], [-7, 6], [8, 5], [7, 7], [-7, 7]]);
    }
}
