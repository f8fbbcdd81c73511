//! A strict reader of VP8 frames, in front of the decoder of lossy WebP: it reads all that a frame says, and refuses
//! the frames of which decoders have different pixels.
//!
//! The data are arithmetic-coded, without a checksum. What differed from libwebp in what `image-webp` read, by a fuzz:
//!
//! - Data that end too soon: both go on with zeros, but not equally long. libwebp's rule is kept, see [`Bools`].
//! - Coefficients larger than those of any picture: libwebp holds them in 16 bits, and its transforms add in 16 bits
//!   on most machines; the other holds 32.
//! - Levels of the loop filter outside of their range, which one cuts to it before the level's change by the kind of
//!   prediction, the other behind it.
//!
//! Time and memory are those of the entropy decoding alone; a row of contexts is all that is held.

use super::{
    bools::Bools,
    malformed, missing,
    tables::{AC_STEPS, BANDS, CHANGES, Coefficients, DC_STEPS, DEFAULTS, RANGES, SMALL_KINDS, ZIGZAG},
};
use crate::error::{Format, Problem};

/// Frame tag, start code, width and height.
const HEAD: usize = 10;

/// The largest sum of a block's sizes of coefficients. No step of the inverse transform is larger than 1.92 times it
/// (1.31 for the columns, 1.46 for the rows), so all stay within 16 bits. A block of a picture has at most 8 * 255
/// of energy, and thus 8160 in its sizes, beside what rounding to steps adds.
const MOST_OF_A_BLOCK: i32 = 16_384;

/// The kinds of prediction of 4x4 pixels that those of 16x16 count as.
const DC: u8 = 0;
const TM: u8 = 1;
const VERTICAL: u8 = 2;
const HORIZONTAL: u8 = 3;

fn too_large() -> Problem {
    Problem::Damaged { format: Format::WebP, what: "a coefficient is larger than that of any picture" }
}

/// Reads a frame to its end.
///
/// # Errors
/// [`Problem`]: data are missing, or decoders do not agree about them.
pub(super) fn size(data: &[u8]) -> Result<(u32, u32), Problem> {
    let Parts { width, height, first, coefficients } = Parts::new(data)?;
    let mut modes = Bools::new(first);
    let header = Header::new(&mut modes)?;
    let mut readers: Vec<Bools<'_>> = coefficients.into_iter().map(Bools::new).collect();
    let count = readers.len();
    let mut above = vec![Context::default(); width.div_ceil(16) as usize];
    for row in 0..height.div_ceil(16) as usize {
        let Some(reader) = readers.get_mut(row % count) else { continue };
        let mut left = Context::default();
        for above in &mut above {
            header.block(&mut modes, reader, above, &mut left)?;
        }
        if modes.is_past_end() || reader.is_past_end() {
            return Err(missing());
        }
    }
    Ok((width, height))
}

/// The parts of a frame's data.
struct Parts<'a> {
    width: u32,
    height: u32,
    /// Header and kinds of prediction.
    first: &'a [u8],
    /// Rows of blocks, by turns.
    coefficients: Vec<&'a [u8]>,
}

impl<'a> Parts<'a> {
    fn new(data: &'a [u8]) -> Result<Self, Problem> {
        let truncated = || Problem::Truncated { format: Format::WebP };
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0usize, |sum, &byte| sum << 8 | usize::from(byte));
        let (head, rest) = data.split_first_chunk::<HEAD>().ok_or_else(truncated)?;
        let [a, b, c, start @ .., w0, w1, h0, h1] = *head;
        let tag = number(&[a, b, c]);
        if tag & 1 != 0 || tag >> 4 & 1 == 0 {
            return Err(malformed("a frame of a film, not a picture"));
        }
        if tag >> 1 & 7 > 3 {
            return Err(malformed("a version of its data that there is none of"));
        }
        if start != [0x9d, 0x01, 0x2a] {
            return Err(malformed("its data do not begin as a frame does"));
        }
        // the upper two bits say how much to enlarge, which nobody follows
        let [width, height] = [[w0, w1], [h0, h1]].map(|side| u32::from(u16::from_le_bytes(side) & 0x3fff));
        let (first, rest) = rest.split_at_checked(tag >> 5).ok_or_else(truncated)?;
        let count = Header::parts(&mut Bools::new(first));
        let (sizes, mut rest) = rest.split_at_checked(3 * (count - 1)).ok_or_else(truncated)?;
        let mut coefficients = Vec::with_capacity(count);
        for size in sizes.chunks_exact(3) {
            let (part, after) = rest.split_at_checked(number(size)).ok_or_else(truncated)?;
            coefficients.push(part);
            rest = after;
        }
        if rest.is_empty() {
            return Err(truncated());
        }
        coefficients.push(rest);
        Ok(Self { width, height, first, coefficients })
    }
}

/// What the segments of a frame change.
#[derive(Default)]
struct Segments {
    is_used: bool,
    /// Probabilities of a block's segment, where blocks say it.
    map: Option<[u8; 3]>,
    is_added: bool,
    quantisers: [i32; 4],
    levels: [i32; 4],
}

impl Segments {
    fn new(bools: &mut Bools<'_>) -> Self {
        let mut segments = Self { is_used: bools.bit(), ..Self::default() };
        if segments.is_used {
            let (has_map, has_data) = (bools.bit(), bools.bit());
            if has_data {
                segments.is_added = !bools.bit();
                segments.quantisers = std::array::from_fn(|_| bools.signed(7).unwrap_or(0));
                segments.levels = std::array::from_fn(|_| bools.signed(6).unwrap_or(0));
            }
            segments.map = has_map.then(|| std::array::from_fn(|_| if bools.bit() { byte(bools) } else { 255 }));
        }
        segments
    }

    /// A value of each segment, of the frame's one.
    fn values(&self, frame: i32, own: [i32; 4]) -> [i32; 4] {
        own.map(|own| match (self.is_used, self.is_added) {
            (false, _) => frame,
            (true, true) => frame + own,
            (true, false) => own,
        })
    }
}

/// Levels of the loop filter.
struct Filter {
    level: i32,
    /// Whether kinds of prediction change the level.
    is_changed: bool,
}

impl Filter {
    fn new(bools: &mut Bools<'_>) -> Self {
        bools.bit(); // which of two filters
        let level = bools.number(6);
        bools.number(3); // sharpness
        let mut is_changed = false;
        if bools.bit() && bools.bit() {
            // four by the frame predicted from, four by the kind of prediction
            for _ in 0..8 {
                is_changed |= bools.signed(6).is_some_and(|change| change != 0);
            }
        }
        Self { level, is_changed }
    }

    /// Whether all decoders have the same levels.
    fn is_clear(&self, segments: &Segments) -> bool {
        let levels = segments.values(self.level, segments.levels);
        self.level == 0 || !self.is_changed || levels.iter().all(|level| (0..64).contains(level))
    }
}

/// Steps of the coefficients of a segment: of the first of a block, and of the others.
#[derive(Clone, Copy, Default)]
struct Steps {
    luma: [i32; 2],
    means: [i32; 2],
    chroma: [i32; 2],
}

impl Steps {
    fn all(bools: &mut Bools<'_>, segments: &Segments) -> [Self; 4] {
        let base = bools.number(7);
        let [luma, mean, means, chroma, chromas] = std::array::from_fn(|_| bools.signed(4).unwrap_or(0));
        segments.values(base, segments.quantisers).map(|base| {
            let step = |table: &[i32; 128], change: i32| {
                table.get((base + change).clamp(0, 127) as usize).copied().unwrap_or_default()
            };
            Self {
                luma: [step(&DC_STEPS, luma), step(&AC_STEPS, 0)],
                means: [2 * step(&DC_STEPS, mean), (step(&AC_STEPS, means) * 155 / 100).max(8)],
                chroma: [step(&DC_STEPS, chroma).min(132), step(&AC_STEPS, chromas)],
            }
        })
    }
}

/// What blocks leave to those below and to the right: how each 4x4 was predicted, and whether it has coefficients.
#[derive(Clone, Copy, Default)]
struct Context {
    kinds: [u8; 4],
    luma: [bool; 4],
    /// Of the two planes of colour.
    chroma: [[bool; 2]; 2],
    means: bool,
}

/// What a frame's header says of its blocks.
struct Header {
    segments: Segments,
    steps: [Steps; 4],
    probabilities: Box<Coefficients>,
    /// How likely a block has coefficients, where blocks may have none.
    coded: Option<u8>,
}

fn byte(bools: &mut Bools<'_>) -> u8 {
    bools.number(8) as u8
}

impl Header {
    /// The part in front of the number of parts.
    fn begin(bools: &mut Bools<'_>) -> (bool, Segments, Filter) {
        let is_other_space = bools.bit();
        bools.bit(); // whether samples need no clamping, which nobody follows
        (is_other_space, Segments::new(bools), Filter::new(bools))
    }

    /// How many parts there are with coefficients.
    fn parts(bools: &mut Bools<'_>) -> usize {
        Self::begin(bools);
        1 << bools.number(2)
    }

    fn new(bools: &mut Bools<'_>) -> Result<Self, Problem> {
        let (is_other_space, segments, filter) = Self::begin(bools);
        if is_other_space {
            return Err(malformed("a colour space that there is none of"));
        }
        if !filter.is_clear(&segments) {
            return Err(Problem::Feature {
                what: "a lossy WebP whose loop filter leaves its range in a segment: decoders differ about it",
            });
        }
        bools.number(2); // the number of parts
        let steps = Steps::all(bools, &segments);
        bools.bit(); // whether later frames keep the probabilities
        let mut probabilities = Box::new(DEFAULTS);
        let changes = CHANGES.as_flattened().as_flattened().as_flattened();
        let all = probabilities.as_flattened_mut().as_flattened_mut().as_flattened_mut();
        for (probability, &change) in all.iter_mut().zip(changes) {
            if bools.flag(change) {
                *probability = byte(bools);
            }
        }
        let coded = bools.bit().then(|| byte(bools));
        Ok(Self { segments, steps, probabilities, coded })
    }

    /// Reads a block of 16x16 pixels.
    fn block(
        &self,
        modes: &mut Bools<'_>,
        reader: &mut Bools<'_>,
        above: &mut Context,
        left: &mut Context,
    ) -> Result<(), Problem> {
        let segment = match self.segments.map {
            Some([which, _, high]) if modes.flag(which) => 2 + usize::from(modes.flag(high)),
            Some([_, low, _]) => usize::from(modes.flag(low)),
            None => 0,
        };
        let is_skipped = self.coded.is_some_and(|coded| modes.flag(coded));
        let is_small = kinds(modes, &mut above.kinds, &mut left.kinds);
        // how its colours are predicted
        let _ = modes.flag(142) && modes.flag(114) && modes.flag(183);
        if is_skipped {
            (above.luma, above.chroma, left.luma, left.chroma) = Default::default();
            if !is_small {
                (above.means, left.means) = (false, false);
            }
            return Ok(());
        }
        let steps = self.steps.get(segment).copied().unwrap_or_default();
        let mut means = [0; 16];
        let (first, kind) = if is_small {
            (0, 3)
        } else {
            let before = usize::from(above.means) + usize::from(left.means);
            let (written, block) = self.coefficients(reader, 1, before, 0, steps.means);
            (above.means, left.means) = (written, written);
            if block.iter().any(|coefficient| coefficient.abs() > i32::from(i16::MAX)) {
                return Err(too_large());
            }
            means = walsh(block);
            (1, 0)
        };
        let mut means = means.into_iter();
        for left in &mut left.luma {
            for above in &mut above.luma {
                let before = usize::from(*above) + usize::from(*left);
                let (written, block) = self.coefficients(reader, kind, before, first, steps.luma);
                (*above, *left) = (written, written);
                fits(block, means.next().unwrap_or_default())?;
            }
        }
        for (above, left) in above.chroma.iter_mut().zip(&mut left.chroma) {
            for left in left {
                for above in &mut *above {
                    let before = usize::from(*above) + usize::from(*left);
                    let (written, block) = self.coefficients(reader, 2, before, 0, steps.chroma);
                    (*above, *left) = (written, written);
                    fits(block, 0)?;
                }
            }
        }
        Ok(())
    }

    /// The coefficients of 4x4 from the `first` on, times their steps; and whether any is written.
    fn coefficients(
        &self,
        reader: &mut Bools<'_>,
        kind: usize,
        before: usize,
        first: usize,
        [first_step, step]: [i32; 2],
    ) -> (bool, [i32; 16]) {
        let mut block = [0; 16];
        let (mut before, mut may_end, mut is_written) = (before, true, false);
        let bands = self.probabilities.get(kind);
        for (&band, &place) in BANDS.iter().zip(&ZIGZAG).skip(first) {
            let Some(nodes) = bands.and_then(|bands| bands.get(band)).and_then(|band| band.get(before)) else { break };
            if may_end && !reader.flag(nodes[0]) {
                break;
            }
            is_written = true;
            let size = if reader.flag(nodes[1]) { size_of(reader, nodes) } else { 0 };
            // what is zero is not the last
            may_end = size > 0;
            before = size.min(2) as usize;
            if size > 0 {
                let value = if reader.bit() { -size } else { size };
                if let Some(coefficient) = block.get_mut(place) {
                    *coefficient = value * if place == 0 { first_step } else { step };
                }
            }
        }
        (is_written, block)
    }
}

/// The size of a coefficient that is not zero.
fn size_of(reader: &mut Bools<'_>, nodes: &[u8; 11]) -> i32 {
    if !reader.flag(nodes[2]) {
        return 1;
    }
    if !reader.flag(nodes[3]) {
        return if reader.flag(nodes[4]) { 3 + i32::from(reader.flag(nodes[5])) } else { 2 };
    }
    let range = if !reader.flag(nodes[6]) {
        usize::from(reader.flag(nodes[7]))
    } else if reader.flag(nodes[8]) {
        4 + usize::from(reader.flag(nodes[10]))
    } else {
        2 + usize::from(reader.flag(nodes[9]))
    };
    let (least, bits) = RANGES.get(range).copied().unwrap_or_default();
    least + bits.iter().fold(0, |place, &bit| place << 1 | i32::from(reader.flag(bit)))
}

/// Reads how luma is predicted; whether each 4x4 is on its own.
fn kinds(modes: &mut Bools<'_>, above: &mut [u8; 4], left: &mut [u8; 4]) -> bool {
    if modes.flag(145) {
        let kind = match modes.flag(156) {
            false if modes.flag(163) => VERTICAL,
            false => DC,
            true if modes.flag(128) => TM,
            true => HORIZONTAL,
        };
        (*above, *left) = ([kind; 4], [kind; 4]);
        return false;
    }
    for left in left {
        for above in &mut *above {
            let nodes = SMALL_KINDS.get(usize::from(*above)).and_then(|kinds| kinds.get(usize::from(*left)));
            let kind = nodes.map_or(DC, |nodes| small_kind(modes, nodes));
            (*above, *left) = (kind, kind);
        }
    }
    true
}

/// How 4x4 pixels are predicted.
fn small_kind(modes: &mut Bools<'_>, nodes: &[u8; 9]) -> u8 {
    if let Some(kind) = (0..3).find(|&node| !modes.flag(nodes[usize::from(node)])) {
        return kind;
    }
    if !modes.flag(nodes[3]) {
        return match modes.flag(nodes[4]) {
            true => 5 + u8::from(modes.flag(nodes[5])),
            false => HORIZONTAL,
        };
    }
    match (6..8).position(|node| !modes.flag(nodes[node])) {
        Some(0) => 4,
        Some(_) => 7,
        None => 8 + u8::from(modes.flag(nodes[8])),
    }
}

/// The first coefficients of the 16 blocks of luma, by the inverse Walsh-Hadamard transform (section 14.3).
fn walsh(block: [i32; 16]) -> [i32; 16] {
    let step = |[a, b, c, d]: [i32; 4]| [a + b + c + d, a + b - c - d, a - b - c + d, a - b + c - d];
    let mut columns = [0; 16];
    for column in 0..4 {
        let sums = step([0, 4, 8, 12].map(|row| block[row + column]));
        for (row, sum) in sums.into_iter().enumerate() {
            columns[4 * row + column] = sum;
        }
    }
    let mut means = [0; 16];
    for (row, means) in columns.chunks_exact(4).zip(means.chunks_exact_mut(4)) {
        let sums = step([row[0], row[1], row[2], row[3]]);
        means.copy_from_slice(&sums.map(|sum| (sum + 3) >> 3));
    }
    means
}

/// Refuses a block in whose transform decoders differ.
fn fits(block: [i32; 16], mean: i32) -> Result<(), Problem> {
    // no sum of sixteen coefficients nears the end of 32 bits
    let sum: i32 = block.iter().map(|coefficient| coefficient.abs()).sum();
    if sum + mean.abs() > MOST_OF_A_BLOCK { Err(too_large()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const LOSSY: &[u8] = include_bytes!("../../tests/seeds/webp-50-17.webp");

    #[test]
    fn a_frame_is_read_to_its_end() {
        let data = &LOSSY[20..];
        assert_eq!(size(data).unwrap(), (17, 33));
        let parts = Parts::new(data).unwrap();
        assert_eq!(parts.coefficients.len(), 1);
        let first = HEAD + parts.first.len();
        assert_eq!(first + parts.coefficients[0].len(), data.len());
        for end in 0..=first {
            assert!(matches!(size(&data[..end]), Err(Problem::Truncated { .. })), "{end}");
        }
        // the last bytes of an encoder may decide nothing
        for end in first + 1..data.len() - 2 {
            assert!(matches!(size(&data[..end]), Err(Problem::Damaged { .. })), "{end}");
        }
    }

    #[test]
    fn the_first_part_is_read_to_its_end_too() {
        let data = &LOSSY[20..];
        let first = Parts::new(data).unwrap().first.len();
        for lost in 3..first - 20 {
            let tag = ((first - lost) as u32) << 5 | u32::from(data[0] & 31);
            let mut short = data.to_vec();
            short[..3].copy_from_slice(&tag.to_le_bytes()[..3]);
            short.drain(HEAD + first - lost..HEAD + first);
            assert!(size(&short).is_err(), "{lost}");
        }
    }

    #[test]
    fn frames_that_are_no_pictures() {
        let data = &LOSSY[20..];
        for (at, bits, expected) in [(0, 1, "film"), (0, 16, "film"), (0, 8, "version"), (3, 1, "begin")] {
            let mut data = data.to_vec();
            data[at] ^= bits;
            assert!(size(&data).unwrap_err().to_string().contains(expected));
        }
    }

    #[test]
    fn levels_that_are_cut_before_they_are_changed_are_doubtful() {
        let segments =
            |is_added, level| Segments { is_used: true, is_added, levels: [0, level, 0, 0], ..Default::default() };
        let filter = |level, is_changed| Filter { level, is_changed };
        for (is_added, level, is_clear) in [
            (true, 23, true),
            (true, 24, false),
            (true, -40, true),
            (true, -41, false),
            (false, -1, false),
            (false, 63, true),
        ] {
            assert_eq!(filter(40, true).is_clear(&segments(is_added, level)), is_clear, "{level}");
            assert!(filter(40, false).is_clear(&segments(is_added, level)));
            assert!(filter(0, true).is_clear(&segments(is_added, level)));
        }
        assert!(filter(63, true).is_clear(&Segments::default()));
    }

    #[test]
    fn means_of_a_block() {
        let mut block = [0; 16];
        block[0] = 805;
        assert_eq!(walsh(block), [101; 16]);
        block[6] = 80;
        // the third column is in turns, the second row has two signs
        assert_eq!(walsh(block)[..8], [111, 91, 91, 111, 111, 91, 91, 111]);
        assert_eq!(walsh(block)[8..], [91, 111, 111, 91, 91, 111, 111, 91]);
    }

    /// The largest step of the inverse transform (section 14.4), with its products as libwebp has them in 16 bits.
    fn largest_step(block: [i32; 16]) -> i32 {
        let mut largest = 0;
        let mut pass = |[a, b, c, d]: [i32; 4]| {
            let high = |x: i32, factor: i32| (x * factor) >> 16;
            let (k1, k2) = (20_091, 35_468 - 65_536);
            let c3 = b - d;
            let c4 = high(b, k2) - high(d, k1);
            let d3 = b + d;
            let d4 = high(b, k1) + high(d, k2);
            let out = [a + c + d3 + d4, a - c + c3 + c4, a - c - c3 - c4, a + c - d3 - d4];
            let steps = [a + c, a - c, c3, c4, c3 + c4, d3, d4, d3 + d4, a + c + 4, a - c + 4];
            for step in steps.into_iter().chain(out).chain(out.map(|out| out + 4)) {
                largest = largest.max(step.abs());
            }
            out
        };
        let mut turned = [0; 16];
        for column in 0..4 {
            let sums = pass([0, 4, 8, 12].map(|row| block[row + column]));
            (0..4).for_each(|row| turned[4 * row + column] = sums[row]);
        }
        for row in turned.chunks_exact(4) {
            pass([row[0], row[1], row[2], row[3]]);
        }
        largest
    }

    #[test]
    fn blocks_that_fit_stay_within_16_bits_and_larger_ones_do_not() {
        let mut worst = 0;
        for first in 0..16 {
            for second in 0..16 {
                for (part, sign) in (0..=16).flat_map(|part| [(part, 1), (part, -1)]) {
                    let mut block = [0; 16];
                    block[first] = MOST_OF_A_BLOCK * part / 16;
                    block[second] += sign * (MOST_OF_A_BLOCK - block[first]);
                    if fits(block, 0).is_ok() {
                        worst = worst.max(largest_step(block));
                    }
                }
            }
        }
        assert!((27_000..=i32::from(i16::MAX)).contains(&worst), "{worst}");
        let mut block = [0; 16];
        block[5] = -MOST_OF_A_BLOCK;
        assert!(fits(block, 0).is_ok() && fits(block, 1).is_err() && fits(block, -1).is_err());
    }
}
