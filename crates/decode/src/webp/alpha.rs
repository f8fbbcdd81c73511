//! The plane of alpha beside a lossy WebP.

use super::{lossless, malformed, missing};
use crate::error::Problem;

/// Alpha of each pixel.
pub(super) fn plane(data: &[u8], width: u32, height: u32) -> Result<Vec<u8>, Problem> {
    let (&head, data) = data.split_first().ok_or_else(missing)?;
    let row = width as usize;
    let count = row * height as usize;
    let mut plane = match head & 3 {
        0 => data.get(..count).ok_or_else(missing)?.to_vec(),
        1 => lossless::stream(data, width, height)?.into_iter().map(|pixel| (pixel >> 8) as u8).collect(),
        _ => return Err(malformed("its alpha is written in a way that there is none of")),
    };
    if head >> 4 & 3 > 1 || head >> 6 > 1 {
        return Err(malformed("its alpha is written in a way that there is none of"));
    }
    let filter = head >> 2 & 3;
    for at in (0..count).filter(|_| filter > 0) {
        let level = |back: usize| at.checked_sub(back).and_then(|at| plane.get(at)).copied();
        let left = level(1).filter(|_| at % row > 0);
        let prediction = match (filter, left, level(row)) {
            (_, left, None) => left.unwrap_or(0),
            (_, None, Some(above)) => above,
            (1, Some(left), _) => left,
            (2, _, Some(above)) => above,
            (_, Some(left), Some(above)) => {
                let corner = i16::from(level(row + 1).unwrap_or(0));
                (i16::from(left) + i16::from(above) - corner).clamp(0, 255) as u8
            }
        };
        if let Some(level) = plane.get_mut(at) {
            *level = level.wrapping_add(prediction);
        }
    }
    Ok(plane)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn filters_are_undone() {
        let written = [10, 1, 2, 250, 3, 4];
        for (filter, expected) in
            [(0, written), (1, [10, 11, 13, 4, 7, 11]), (2, [10, 11, 13, 4, 14, 17]), (3, [10, 11, 13, 4, 8, 14])]
        {
            let data = [&[filter << 2][..], &written].concat();
            assert_eq!(plane(&data, 3, 2).unwrap(), expected, "{filter}");
            assert!(plane(&data[..6], 3, 2).is_err());
        }
        for head in [2, 3, 0x20, 0x80] {
            assert!(plane(&[head, 0, 0], 1, 2).is_err());
        }
    }
}
