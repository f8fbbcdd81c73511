//! The most that is ever read.

/// Longer files are not read.
pub const MAX_FILE_BYTES: u64 = 512 << 20;

/// Pictures with a longer side are refused.
pub const MAX_SIDE_PX: u32 = 65_535;

/// The most pixels of which a fingerprint is made: 134 million.
pub const MAX_PIXELS: u64 = 1 << 27;

/// The most memory that a picture may need beside its file, where it does not come row by row: 1 GiB.
pub const MAX_WORKING_BYTES: u64 = 1 << 30;
