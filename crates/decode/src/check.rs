//! What a picture needs against the limits, before anything of that size is allocated.

use crate::{
    error::Problem,
    limits::{MAX_PIXELS, MAX_SIDE_PX, MAX_WORKING_BYTES},
};
use veilmark_statement::raster::MIN_SIDE_PX;

/// Refuses sides that are too short or too long, and too many pixels.
pub(crate) fn size(width: u32, height: u32) -> Result<(), Problem> {
    if width.min(height) < MIN_SIDE_PX {
        return Err(Problem::TooSmall { width, height });
    }
    if width.max(height) > MAX_SIDE_PX || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Problem::TooLarge { width, height, limit: MAX_PIXELS });
    }
    Ok(())
}

/// Refuses what would need more memory than [`MAX_WORKING_BYTES`].
pub(crate) fn memory(bytes: u64) -> Result<usize, Problem> {
    let limit = MAX_WORKING_BYTES;
    usize::try_from(bytes).ok().filter(|_| bytes <= limit).ok_or(Problem::Memory { bytes, limit })
}
