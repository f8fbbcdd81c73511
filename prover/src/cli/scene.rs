//! The pictures of the demonstration: drawn here, so that it needs no file.

use image::{Rgb, RgbImage};

/// Width and height of a scene, in pixels.
const SIZE: (u32, u32) = (240, 180);

/// A colour between two others.
fn mix(a: [f32; 3], b: [f32; 3], share: f32) -> [f32; 3] {
    let share = share.clamp(0.0, 1.0);
    std::array::from_fn(|channel| a[channel] + (b[channel] - a[channel]) * share)
}

/// Draws a scene: `colour` answers for the point `(x, y)`, both from 0 to 1.
fn draw(colour: impl Fn(f32, f32) -> [f32; 3]) -> RgbImage {
    #[allow(clippy::cast_precision_loss)]
    let point = |at: u32, of: u32| (at as f32 + 0.5) / of as f32;
    RgbImage::from_fn(SIZE.0, SIZE.1, |x, y| {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let sample = |value: f32| value.clamp(0.0, 255.0) as u8;
        Rgb(colour(point(x, SIZE.0), point(y, SIZE.1)).map(sample))
    })
}

/// A house by a lake below mountains, at sunset.
pub(crate) fn lake() -> RgbImage {
    draw(|x, y| {
        let ridge =
            0.42 - 0.16 * (1.0 - ((x - 0.3) / 0.22).abs()).max(0.0) - 0.22 * (1.0 - ((x - 0.72) / 0.3).abs()).max(0.0);
        let sun = ((x - 0.46).powi(2) * 1.78 + (y - 0.22).powi(2)).sqrt();
        let wall = (0.1..0.3).contains(&x) && (0.58..0.8).contains(&y);
        let roof = (0.44..0.58).contains(&y) && (x - 0.2).abs() < (y - 0.44) * 1.0;
        let window = [0.14, 0.22].iter().any(|at| (*at..at + 0.045).contains(&x)) && (0.64..0.71).contains(&y);
        if window {
            [250.0, 220.0, 120.0]
        } else if roof {
            [120.0, 40.0, 30.0]
        } else if wall {
            [214.0, 196.0, 170.0]
        } else if y < ridge && sun < 0.07 {
            [255.0, 236.0, 160.0]
        } else if y < ridge {
            mix([52.0, 70.0, 140.0], [246.0, 150.0, 90.0], y / 0.45)
        } else if y < ridge + 0.06 && ridge < 0.34 {
            [236.0, 236.0, 244.0]
        } else if y < 0.55 {
            mix([70.0, 74.0, 96.0], [34.0, 60.0, 48.0], (y - 0.3) / 0.25)
        } else if y > 0.8 - 0.12 * x || x < 0.34 {
            mix([62.0, 110.0, 44.0], [26.0, 54.0, 24.0], (y - 0.6) / 0.4 + 0.2 * (x * 40.0).sin())
        } else {
            mix([190.0, 120.0, 96.0], [30.0, 50.0, 96.0], (y - 0.55) / 0.3 + 0.15 * (y * 150.0 + x * 9.0).sin())
        }
    })
}

/// A town at night: another picture altogether.
pub(crate) fn town() -> RgbImage {
    draw(|x, y| {
        let house = (x * 7.0).floor();
        let top = 0.35 + 0.3 * ((house * 2.7).sin() * 0.5 + 0.5);
        let moon = ((x - 0.8).powi(2) * 1.78 + (y - 0.16).powi(2)).sqrt();
        let (column, row) = ((x * 42.0).floor(), (y * 32.0).floor());
        let lit = (column * 12.99 + row * 78.23).sin() > 0.3;
        if y > 0.9 {
            [40.0, 40.0, 44.0]
        } else if y > top && (x * 42.0).fract() > 0.35 && (y * 32.0).fract() > 0.4 && lit {
            [250.0, 210.0, 110.0]
        } else if y > top {
            mix([60.0, 52.0, 70.0], [24.0, 22.0, 34.0], (house * 1.9).sin() * 0.5 + 0.5)
        } else if moon < 0.08 {
            [240.0, 240.0, 226.0]
        } else {
            mix([6.0, 8.0, 30.0], [60.0, 60.0, 110.0], y * 1.4)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use veilmark_circuits::statement::{
        fingerprint::MATCH_DISTANCE,
        pdq::{MIN_QUALITY, pdq},
        raster::Raster,
    };

    #[test]
    fn the_scenes_are_worth_a_fingerprint_and_unlike() {
        let [lake, town] = [lake(), town()].map(|scene| {
            let pixels = scene.pixels().map(|pixel| pixel.0).collect();
            pdq(&Raster::new(SIZE.0, SIZE.1, pixels).unwrap())
        });
        assert!(lake.quality >= MIN_QUALITY && town.quality >= MIN_QUALITY, "{lake:?} {town:?}");
        assert!(lake.fingerprint.distance(town.fingerprint) > 2 * u32::from(MATCH_DISTANCE));
    }
}
