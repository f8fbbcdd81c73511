//! Samples of a row to pixels of 8-bit R, G, B: alpha over a background, and 16 bits rounded.

use crate::{
    error::Problem,
    note::{Note, Notes},
};

/// The colour behind pixels that are not opaque: 8-bit R, G, B.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Background(pub [u8; 3]);

/// How samples stand for pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// Grey, grey and alpha, RGB, RGB and alpha: 1 to 4.
    pub(crate) channels: usize,
    /// The sample of white and of opaqueness: 255 or 65535.
    pub(crate) white: u16,
    /// Colours are already weakened by alpha.
    pub(crate) is_premultiplied: bool,
}

/// Makes pixels of rows.
pub(crate) struct Pixels {
    layout: Layout,
    background: Option<Background>,
    is_composed: bool,
    row: Vec<[u8; 3]>,
}

impl Pixels {
    pub(crate) fn new(layout: Layout, background: Option<Background>) -> Self {
        Self { layout, background, is_composed: false, row: Vec::new() }
    }

    /// The pixels of a row, one for each `channels` samples.
    ///
    /// # Errors
    /// [`Problem::Transparent`] where a pixel is not opaque and there is no background.
    pub(crate) fn row(&mut self, samples: &[u16]) -> Result<&[[u8; 3]], Problem> {
        self.row.clear();
        let white = self.layout.white;
        for pixel in samples.chunks_exact(self.layout.channels) {
            let (colour, alpha) = match *pixel {
                [grey] => ([grey; 3], white),
                [grey, alpha] => ([grey; 3], alpha),
                [r, g, b] => ([r, g, b], white),
                [r, g, b, alpha] => ([r, g, b], alpha),
                _ => continue,
            };
            self.row.push(if alpha == white {
                colour.map(|sample| to_byte(u64::from(sample), white))
            } else {
                let Background(behind) = self.background.ok_or(Problem::Transparent)?;
                self.is_composed = true;
                std::array::from_fn(|c| self.compose(colour[c], alpha, behind[c]))
            });
        }
        Ok(&self.row)
    }

    /// `alpha * front + (1 - alpha) * behind` in the samples as they stand, rounded to nearest.
    fn compose(&self, front: u16, alpha: u16, behind: u8) -> u8 {
        let white = u64::from(self.layout.white);
        let [front, alpha] = [front, alpha].map(u64::from);
        let behind = u64::from(behind) * (white / 255) * (white - alpha);
        let front = front * if self.layout.is_premultiplied { white } else { alpha };
        to_byte(((front + behind + white / 2) / white).min(white), self.layout.white)
    }

    pub(crate) fn note(&self, notes: &mut Notes) {
        if self.layout.white > 255 {
            notes.add(Note::Rounded);
        }
        if self.is_composed {
            notes.add(Note::OnBackground);
        }
    }
}

/// `round(255 * sample / white)`.
fn to_byte(sample: u64, white: u16) -> u8 {
    ((sample * 255 + u64::from(white / 2)) / u64::from(white)) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bits_are_rounded_to_the_nearest() {
        for sample in 0..=65_535u16 {
            assert_eq!(to_byte(u64::from(sample), 65_535), (f64::from(sample) / 257.0).round() as u8);
        }
    }

    #[test]
    fn alpha_is_weighed_in_either_depth() {
        let eight = Layout { channels: 2, white: 255, is_premultiplied: false };
        let sixteen = Layout { channels: 2, white: 65_535, is_premultiplied: false };
        for alpha in 0..=255u16 {
            for (front, behind) in [(0u16, 255u8), (200, 10), (255, 255), (17, 90)] {
                let exact = (f64::from(front) * f64::from(alpha) + f64::from(behind) * f64::from(255 - alpha)) / 255.0;
                for (layout, scale) in [(eight, 1), (sixteen, 257)] {
                    let mut pixels = Pixels::new(layout, Some(Background([behind; 3])));
                    let got = pixels.row(&[front * scale, alpha * scale]).map(|row| row.to_vec());
                    assert!(
                        got.is_ok_and(|row| (f64::from(row[0][0]) - exact).abs() <= 0.51),
                        "{front} {alpha} {behind}"
                    );
                }
            }
        }
        assert!(matches!(Pixels::new(eight, None).row(&[9, 254]), Err(Problem::Transparent)));
        let mut premultiplied = Pixels::new(Layout { is_premultiplied: true, ..eight }, Some(Background([100; 3])));
        assert!(premultiplied.row(&[50, 155]).is_ok_and(|row| row == [[89; 3]]));
    }
}
