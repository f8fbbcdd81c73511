//! What is ever read, checked before anything of that size is allocated.

use crate::error::Problem;
use veilmark_statement::raster::MIN_SIDE_PX;

/// Longer files are not read.
pub const MAX_FILE_BYTES: u64 = 512 << 20;

/// Pictures with a longer side are refused.
pub const MAX_SIDE_PX: u32 = 65_535;

/// The most pixels of which a fingerprint is made: 134 million.
pub const MAX_PIXELS: u64 = 1 << 27;

/// The most memory that a picture may need beside its file, where it does not come row by row: 1 GiB.
pub const MAX_WORKING_BYTES: u64 = 1 << 30;

pub(crate) fn check_size(width: u32, height: u32) -> Result<(), Problem> {
    if width.min(height) < MIN_SIDE_PX {
        return Err(Problem::TooSmall { width, height });
    }
    if width.max(height) > MAX_SIDE_PX || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Problem::TooLarge { width, height, limit: MAX_PIXELS });
    }
    Ok(())
}

/// Refuses what would need more memory than [`MAX_WORKING_BYTES`].
pub(crate) fn check_memory(bytes: u64) -> Result<usize, Problem> {
    let limit = MAX_WORKING_BYTES;
    usize::try_from(bytes).ok().filter(|_| bytes <= limit).ok_or(Problem::Memory { bytes, limit })
}
