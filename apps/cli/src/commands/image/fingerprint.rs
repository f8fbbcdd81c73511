//! `veilmark fingerprint`.

use crate::{
    commands::image::picture,
    failure::Failure,
    output::{Report, Ui},
};
use serde_json::json;
use std::path::PathBuf;
use veilmark_circuits::statement::pdq::MIN_QUALITY;

/// The perceptual fingerprint of a picture, and its quality.
///
/// 64 hexadecimal digits of PDQ-512: Meta's PDQ on the picture resampled to 512x512 by area. Two pictures match up to 31
/// bits apart; below quality 50 a picture matches too many others. Flavours of PDQ that hash at native size differ from
/// this one by about 11 bits.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A picture: PNG, JPEG, WebP or TIFF, up to 134 million pixels.
    image: PathBuf,
    #[command(flatten)]
    reading: picture::Reading,
}

pub(crate) fn run(ui: &Ui, arguments: &Arguments) -> Result<Report, Failure> {
    let picture = arguments.reading.fingerprint(ui, &arguments.image)?;
    let pdq = picture.pdq;
    let usable = pdq.quality >= MIN_QUALITY;
    if !usable {
        ui.warn(&format!(
            "quality {} is below {MIN_QUALITY}: so plain a picture matches too many others, and commit refuses it",
            pdq.quality
        ));
    }
    let (width, height) = (picture.width, picture.height);
    let json = json!({
        "fingerprint": pdq.fingerprint.to_string(), "quality": pdq.quality, "usable": usable, "algorithm": "PDQ-512",
        "width": width, "height": height, "decoder": picture.decoder,
        "unstable_bits": pdq.unstable_bits, "stable": pdq.is_stable(), "notes": picture::json_notes(&picture.notes),
    });
    Ok(Report::new(json, format!("{}\nquality {} (PDQ-512, {width}x{height})", pdq.fingerprint, pdq.quality)))
}
