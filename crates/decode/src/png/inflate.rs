//! That a PNG's compressed data are whole: all rows, and the checksum behind them.
//!
//! The crate that decodes takes an unfinished stream for a finished one once it has the last row, and rows out of a last code
//! of which bits are missing. libpng refuses such a file. Inflating a second time costs little beside everything else.

use super::{Colours, Header, damaged};
use crate::error::Problem;
use flate2::{Decompress, FlushDecompress, Status};

/// Left edge, top edge, and the steps between columns and rows of each pass of an interlaced picture.
const PASSES: [[u64; 4]; 7] =
    [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];

/// Bytes of all rows with the filter's byte in front of each.
fn raw_bytes(header: &Header<'_>) -> u64 {
    let channels = match header.colours {
        Colours::Grey | Colours::Indexed => 1,
        Colours::GreyAlpha => 2,
        Colours::Rgb => 3,
        Colours::RgbAlpha => 4,
    };
    let bits = channels * u64::from(header.depth);
    let (width, height) = (u64::from(header.width), u64::from(header.height));
    let pass = |[left, top, across, down]: [u64; 4]| {
        let columns = width.saturating_sub(left).div_ceil(across);
        let rows = height.saturating_sub(top).div_ceil(down);
        if columns == 0 { 0 } else { rows * (1 + (columns * bits).div_ceil(8)) }
    };
    if header.is_interlaced { PASSES.into_iter().map(pass).sum() } else { pass([0, 0, 1, 1]) }
}

/// Bytes of a packed text that are looked at: EXIF data are at most 64 KiB, and their digits twice as many.
const MAX_TEXT_BYTES: usize = 1 << 18;

/// The start of what a packed text was; nothing of one that is damaged.
pub(super) fn start(packed: &[u8]) -> Vec<u8> {
    let mut text = vec![0; MAX_TEXT_BYTES];
    let mut stream = Decompress::new(true);
    let is_sound = stream.decompress(packed, &mut text, FlushDecompress::None).is_ok();
    text.truncate(if is_sound { usize::try_from(stream.total_out()).unwrap_or_default() } else { 0 });
    text
}

/// Inflates the picture data, chunk by chunk, and keeps nothing.
pub(super) fn check(header: &Header<'_>) -> Result<(), Problem> {
    let expected = raw_bytes(header);
    let mut stream = Decompress::new(true);
    let mut room = vec![0; 1 << 15];
    for mut data in header.data.iter().copied() {
        loop {
            let before = (stream.total_in(), stream.total_out());
            let status = stream
                .decompress(data, &mut room, FlushDecompress::None)
                .map_err(|_| damaged("its compressed data are none"))?;
            if stream.total_out() > expected {
                return Err(damaged("more picture data than it has rows for"));
            }
            if status == Status::StreamEnd {
                return if stream.total_out() == expected { Ok(()) } else { Err(damaged("rows are missing")) };
            }
            let taken = usize::try_from(stream.total_in() - before.0).unwrap_or(usize::MAX);
            data = data.get(taken..).unwrap_or_default();
            if before == (stream.total_in(), stream.total_out()) {
                break;
            }
        }
    }
    Err(damaged("its compressed data end before their checksum"))
}
