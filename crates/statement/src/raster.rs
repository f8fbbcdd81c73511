//! A picture as the statement sees it: three bytes a pixel, rows from the top, no colour profile, no alpha.

/// The smallest width and height with a fingerprint.
pub const MIN_SIDE_PX: u32 = 5;

/// The most pixels with a fingerprint: up to here the coefficients provably fit the circuit's comparisons.
pub const MAX_PIXELS: u64 = 1 << 24;

/// Width by height pixels of 8-bit R, G, B in raster order.
#[derive(Clone, PartialEq, Eq)]
pub struct Raster {
    width: u32,
    height: u32,
    pixels: Vec<[u8; 3]>,
}

/// Not a raster.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RasterError {
    /// A side is below [`MIN_SIDE_PX`].
    #[error("the picture is {width}x{height} pixels, each side must be at least {MIN_SIDE_PX}")]
    TooSmall {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// There are more than [`MAX_PIXELS`] pixels.
    #[error("the picture is {width}x{height} pixels, there must be at most {MAX_PIXELS} in all")]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The number of pixels is not width times height.
    #[error("{width}x{height} is {expected} pixels, got {got}")]
    Pixels {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// `width * height`.
        expected: usize,
        /// Pixels given.
        got: usize,
    },
}

/// The number of pixels of a picture whose size is one a raster can have.
///
/// # Errors
/// [`RasterError`] where a side is too small or the area too large.
pub fn checked_area(width: u32, height: u32) -> Result<usize, RasterError> {
    if width.min(height) < MIN_SIDE_PX {
        return Err(RasterError::TooSmall { width, height });
    }
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_PIXELS {
        return Err(RasterError::TooLarge { width, height });
    }
    Ok(pixels as usize)
}

impl Raster {
    /// A raster of `width * height` pixels, each side at least [`MIN_SIDE_PX`], at most [`MAX_PIXELS`] in all.
    ///
    /// # Errors
    /// [`RasterError`] where a side is too small, the area too large, or the count is not `width * height`.
    pub fn new(width: u32, height: u32, pixels: Vec<[u8; 3]>) -> Result<Self, RasterError> {
        let expected = checked_area(width, height)?;
        if expected != pixels.len() {
            return Err(RasterError::Pixels { width, height, expected, got: pixels.len() });
        }
        Ok(Self { width, height, pixels })
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The pixels in raster order.
    pub fn pixels(&self) -> &[[u8; 3]] {
        &self.pixels
    }
}

/// A picture may be secret: its pixels stay out of logs.
impl std::fmt::Debug for Raster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Raster").field("width", &self.width).field("height", &self.height).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_checked_before_anything_is_allocated() {
        assert_eq!(checked_area(5, 5), Ok(25));
        assert_eq!(checked_area(4096, 4096), Ok(1 << 24));
        assert_eq!(checked_area(4, 500), Err(RasterError::TooSmall { width: 4, height: 500 }));
        assert_eq!(checked_area(4097, 4096), Err(RasterError::TooLarge { width: 4097, height: 4096 }));
        assert_eq!(checked_area(u32::MAX, u32::MAX), Err(RasterError::TooLarge { width: u32::MAX, height: u32::MAX }));
        let wrong = Raster::new(5, 6, vec![[0; 3]; 29]);
        assert_eq!(wrong, Err(RasterError::Pixels { width: 5, height: 6, expected: 30, got: 29 }));
    }
}
