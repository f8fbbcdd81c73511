//! Who takes rows of pixels: a raster, or the sums of a fingerprint.

use crate::{error::Problem, exif::Orientation, limits};
use veilmark_statement::{
    pdq::{Decimation, Pdq},
    raster::{self, Raster},
};

/// Takes a picture row by row, as it is stored.
pub(crate) trait Sink {
    /// The size as stored, and how the picture is turned. Comes first, once.
    fn begin(&mut self, width: u32, height: u32, orientation: Orientation) -> Result<(), Problem>;

    /// The next row.
    fn row(&mut self, row: &[[u8; 3]]) -> Result<(), Problem>;
}

/// Makes a raster.
#[derive(Default)]
pub(crate) struct ToRaster {
    width: usize,
    height: usize,
    orientation: Option<Orientation>,
    pixels: Vec<[u8; 3]>,
    /// Stored rows so far.
    rows: usize,
}

impl Sink for ToRaster {
    fn begin(&mut self, width: u32, height: u32, orientation: Orientation) -> Result<(), Problem> {
        let area = raster::checked_area(width, height).map_err(|_| Problem::TooLarge {
            width,
            height,
            limit: raster::MAX_PIXELS,
        })?;
        let pixels = vec![[0; 3]; area];
        let (width, height) = (width as usize, height as usize);
        *self = Self { width, height, orientation: Some(orientation), pixels, rows: 0 };
        Ok(())
    }

    fn row(&mut self, row: &[[u8; 3]]) -> Result<(), Problem> {
        let orientation = self.orientation.unwrap_or(Orientation::UPRIGHT);
        let y = if orientation.reverses_columns() { self.height - 1 - self.rows } else { self.rows };
        self.rows += 1;
        let (start, step) = if orientation.is_transposed() { (y, self.height) } else { (y * self.width, 1) };
        let places = self.pixels.iter_mut().skip(start).step_by(step).take(self.width);
        if orientation.reverses_rows() {
            places.zip(row.iter().rev()).for_each(|(place, pixel)| *place = *pixel);
        } else {
            places.zip(row).for_each(|(place, pixel)| *place = *pixel);
        }
        Ok(())
    }
}

impl ToRaster {
    /// The upright picture.
    pub(crate) fn finish(self) -> Result<Raster, Problem> {
        let is_transposed = self.orientation.is_some_and(Orientation::is_transposed);
        let (width, height) = if is_transposed { (self.height, self.width) } else { (self.width, self.height) };
        let (width, height) = (width as u32, height as u32);
        Raster::new(width, height, self.pixels).map_err(|_| Problem::TooSmall { width, height })
    }
}

/// Makes a fingerprint, without the picture.
#[derive(Default)]
pub(crate) struct ToPdq {
    sums: Option<Decimation>,
    width: u32,
    height: u32,
    orientation: Option<Orientation>,
    rows: u32,
    reversed: Vec<[u8; 3]>,
}

impl Sink for ToPdq {
    fn begin(&mut self, width: u32, height: u32, orientation: Orientation) -> Result<(), Problem> {
        limits::check_size(width, height)?;
        let sums = Some(Decimation::new(width, height));
        *self = Self { sums, width, height, orientation: Some(orientation), rows: 0, reversed: Vec::new() };
        Ok(())
    }

    fn row(&mut self, row: &[[u8; 3]]) -> Result<(), Problem> {
        let orientation = self.orientation.unwrap_or(Orientation::UPRIGHT);
        let y = if orientation.reverses_columns() { self.height - 1 - self.rows } else { self.rows };
        self.rows += 1;
        let row = if orientation.reverses_rows() {
            self.reversed.clear();
            self.reversed.extend(row.iter().rev());
            &self.reversed
        } else {
            row
        };
        if let Some(sums) = &mut self.sums {
            sums.add_row(y, row);
        }
        Ok(())
    }
}

impl ToPdq {
    /// The fingerprint of the upright picture, and its size.
    pub(crate) fn finish(self) -> Option<(Pdq, u32, u32)> {
        let is_transposed = self.orientation?.is_transposed();
        let (width, height) = if is_transposed { (self.height, self.width) } else { (self.width, self.height) };
        let sums = self.sums?;
        Some((if is_transposed { sums.transposed() } else { sums }.finish(), width, height))
    }
}
