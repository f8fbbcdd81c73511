//! A picture as the statement sees it: three bytes a pixel, rows from the top, no colour profile, no alpha.

/// The smallest width and height with a fingerprint.
pub const MIN_SIDE_PX: u32 = 5;

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
    /// The number of pixels is not width times height.
    #[error("{width}x{height} is {expected} pixels, got {got}")]
    Pixels {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// `width * height`.
        expected: u64,
        /// Pixels given.
        got: usize,
    },
}

impl Raster {
    /// A raster of `width * height` pixels, each side at least [`MIN_SIDE_PX`].
    ///
    /// # Errors
    /// [`RasterError`] where a side is too small or the count is not `width * height`.
    pub fn new(width: u32, height: u32, pixels: Vec<[u8; 3]>) -> Result<Self, RasterError> {
        if width.min(height) < MIN_SIDE_PX {
            return Err(RasterError::TooSmall { width, height });
        }
        let expected = u64::from(width) * u64::from(height);
        if expected != pixels.len() as u64 {
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
