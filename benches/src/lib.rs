//! What the benches share: the picture they prove, and the costs that do not depend on the machine.

pub mod cost;
pub mod models;
pub mod sweep;

use veilmark_circuits::statement::raster::Raster;

/// A picture with structure at every scale, the same on every machine.
///
/// # Panics
/// Where a side is too small for a raster.
pub fn picture(width: u32, height: u32) -> Raster {
    let pixel = |x: u64, y: u64| {
        let texture = (x * x / 97 + 3 * y) ^ (x * y / 61 + 5 * x);
        [texture & 255, (x * 255 / u64::from(width) + texture / 7) & 255, (y * y / 41 + x) & 255].map(|s| s as u8)
    };
    let pixels = (0..u64::from(height)).flat_map(|y| (0..u64::from(width)).map(move |x| pixel(x, y))).collect();
    Raster::new(width, height, pixels).expect("sides of at least 5 pixels")
}
