//! Samples of components to rows of pixels, as libjpeg does it, to the bit: chroma is interpolated ("fancy
//! upsampling"), and converted in 16-bit fixed point.
//!
//! Only the last two bands of samples are kept, so a picture of any height takes little memory.

use super::{
    frame::{Component, Frame},
    transform,
};
use crate::{error::Problem, sink::Sink};

/// What three components mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colours {
    Grey,
    Ycc,
    Rgb,
}

/// The planes of a frame while rows of them are complete.
pub(super) struct Planes<'s, S> {
    sink: &'s mut S,
    colours: Colours,
    width: usize,
    height: u32,
    planes: Vec<Plane>,
    /// The next row of pixels.
    next: u32,
    lines: Vec<Vec<u8>>,
    row: Vec<[u8; 3]>,
    is_doubtful: bool,
}

/// The last rows of a component.
struct Plane {
    samples: Vec<u8>,
    /// Samples from row to row.
    stride: usize,
    /// Rows kept: two bands.
    kept: usize,
    /// Rows of a band.
    band: u32,
    /// Rows that have been read.
    read: u32,
    /// Samples across and down, without those that fill blocks up.
    width: usize,
    height: u32,
    /// Pixels a sample, across and down.
    across: u32,
    down: u32,
    quantisers: [u16; 64],
    /// Three times a row plus its neighbour.
    sums: Vec<u16>,
}

impl Plane {
    fn new(frame: &Frame, component: &Component) -> Option<Self> {
        let (stride, band) = (8 * frame.stride(component) as usize, 8 * component.v);
        let kept = 2 * band as usize;
        Some(Self {
            samples: vec![0; stride * kept],
            stride,
            kept,
            band,
            read: 0,
            width: component.width as usize,
            height: component.height,
            across: frame.max_h / component.h,
            down: frame.max_v / component.v,
            quantisers: component.quantisers?,
            sums: vec![0; component.width as usize],
        })
    }

    fn row(&self, y: u32) -> &[u8] {
        let at = (y as usize % self.kept) * self.stride;
        &self.samples[at..at + self.width]
    }

    /// Whether rows are interpolated: from two neighbours down, where there are three across.
    fn is_smooth_down(&self) -> bool {
        self.down == 2 && (self.across == 1 || (self.across == 2 && self.width > 2))
    }

    /// The last row of samples that a row of pixels needs.
    fn needs(&self, y: u32) -> u32 {
        let row = y / self.down;
        if self.is_smooth_down() { (row + 1).min(self.height - 1) } else { row }
    }

    /// A row of samples for a row of pixels, as wide as the pixels or a little wider.
    fn line(&mut self, y: u32, line: &mut Vec<u8>) {
        line.clear();
        let row = y / self.down;
        let smooth_across = self.across == 2 && self.width > 2;
        if self.is_smooth_down() {
            let above = y.is_multiple_of(2);
            let neighbour = if above { row.saturating_sub(1) } else { (row + 1).min(self.height - 1) };
            let mut sums = std::mem::take(&mut self.sums);
            for ((sum, &near), &far) in sums.iter_mut().zip(self.row(row)).zip(self.row(neighbour)) {
                *sum = 3 * u16::from(near) + u16::from(far);
            }
            if smooth_across {
                double::<4>(&sums, [8, 7], line);
            } else {
                let rounding = if above { 1 } else { 2 };
                line.extend(sums.iter().map(|sum| ((sum + rounding) >> 2) as u8));
            }
            self.sums = sums;
        } else if smooth_across && self.down == 1 {
            let mut sums = std::mem::take(&mut self.sums);
            sums.iter_mut().zip(self.row(row)).for_each(|(sum, &sample)| *sum = u16::from(sample));
            double::<2>(&sums, [1, 2], line);
            self.sums = sums;
        } else {
            let across = self.across as usize;
            line.extend(self.row(row).iter().flat_map(|&sample| std::iter::repeat_n(sample, across)));
        }
    }
}

/// Twice as many values, each three quarters the nearer and one quarter the farther, `2^BITS` times too large before.
fn double<const BITS: u32>(values: &[u16], rounding: [u16; 2], line: &mut Vec<u8>) {
    for (index, &value) in values.iter().enumerate() {
        let left = index.checked_sub(1).and_then(|index| values.get(index)).unwrap_or(&value);
        let right = values.get(index + 1).unwrap_or(&value);
        line.push(((3 * value + left + rounding[0]) >> BITS) as u8);
        line.push(((3 * value + right + rounding[1]) >> BITS) as u8);
    }
}

impl<'s, S: Sink> Planes<'s, S> {
    /// Planes of a frame all of whose components have had a scan.
    pub(super) fn new(frame: &Frame, colours: Colours, sink: &'s mut S) -> Option<Self> {
        let planes: Option<Vec<_>> = frame.components.iter().map(|component| Plane::new(frame, component)).collect();
        let planes = planes?;
        let width = frame.width as usize;
        Some(Self {
            sink,
            colours,
            width,
            height: frame.height,
            lines: vec![Vec::with_capacity(width + 8); planes.len()],
            planes,
            next: 0,
            row: Vec::with_capacity(width),
            is_doubtful: false,
        })
    }

    /// Puts a block at its place.
    pub(super) fn put(&mut self, component: usize, x: u32, y: u32, block: &[i16; 64]) -> Result<(), Problem> {
        let Some(plane) = self.planes.get_mut(component) else { return Ok(()) };
        let samples = transform::inverse(block, &plane.quantisers)
            .ok_or_else(|| super::damaged("a block with values that no picture has"))?;
        self.is_doubtful |= samples.is_doubtful;
        let first = 8 * y as usize;
        for (row, samples) in (first..).zip(&samples.rows) {
            let at = (row % plane.kept) * plane.stride + 8 * x as usize;
            if let Some(place) = plane.samples.get_mut(at..at + 8) {
                place.copy_from_slice(samples);
            }
        }
        Ok(())
    }

    /// Whether a block was put that no picture has: see [`transform::Samples`].
    pub(super) fn is_doubtful(&self) -> bool {
        self.is_doubtful
    }

    /// A band is complete: gives on the rows of pixels that it completes.
    pub(super) fn end_band(&mut self) -> Result<(), Problem> {
        self.planes.iter_mut().for_each(|plane| plane.read += plane.band);
        while self.next < self.height && self.planes.iter().all(|plane| plane.needs(self.next) < plane.read) {
            for (plane, line) in self.planes.iter_mut().zip(&mut self.lines) {
                plane.line(self.next, line);
            }
            self.next += 1;
            self.row.clear();
            match (self.colours, &*self.lines) {
                (Colours::Rgb, [r, g, b]) => {
                    self.row.extend(r.iter().zip(g).zip(b).take(self.width).map(|((&r, &g), &b)| [r, g, b]));
                }
                (_, [y, cb, cr]) => {
                    let pixels = y.iter().zip(cb).zip(cr).take(self.width);
                    self.row.extend(pixels.map(|((&y, &cb), &cr)| rgb(y, cb, cr)));
                }
                (_, [grey, ..]) => self.row.extend(grey.iter().take(self.width).map(|&grey| [grey; 3])),
                _ => {}
            }
            self.sink.row(&self.row)?;
        }
        Ok(())
    }
}

/// JFIF's conversion, constants times `2^16`.
fn rgb(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    let [y, cb, cr] = [i32::from(y), i32::from(cb) - 128, i32::from(cr) - 128];
    let half = 1 << 15;
    [
        y + ((91_881 * cr + half) >> 16),
        y + ((-22_554 * cb - 46_802 * cr + half) >> 16),
        y + ((116_130 * cb + half) >> 16),
    ]
    .map(|sample| sample.clamp(0, 255) as u8)
}
