//! `veilmark commit`.

use super::{
    Claim, checking,
    failure::{Exit, Failure},
    home::{self, Home},
    picture,
    ui::{Report, Ui},
};
use rand_core::OsRng;
use serde_json::json;
use std::path::{Path, PathBuf};
use veilmark::{
    decode::Decoded,
    files::{Existing, hex0x},
    keys,
    opening::Opening,
    proof::ProofError,
    srs::{MAX_K, Srs},
};
use veilmark_circuits::{
    claims::fingerprint::FingerprintClaim,
    commitment::{ImageCommitment, MAX_PROOFS, Salts},
    statement::public,
};

/// Commit to a picture without showing it.
///
/// The commitment is one number; it hides the picture and binds to it. The opening file is the secret that goes with
/// it: keep it, and the picture, to prove anything later. It is written for its owner alone and counts the proofs made
/// from it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The picture: PNG, JPEG, WebP or TIFF, up to 16,777,216 pixels.
    image: PathBuf,
    #[command(flatten)]
    reading: picture::Reading,
    /// Where the opening goes, a secret file.
    #[arg(short, long, value_name = "X.opening")]
    output: PathBuf,
    /// The claim that the commitment has to serve; it decides the smallest k.
    #[arg(long = "for", value_enum, value_name = "CLAIM", default_value = "fingerprint")]
    claim: Claim,
    /// In a claim with a model: the model's file, the owner's or the public one, which decides k and setup.
    #[arg(long, value_name = "M.model")]
    model: Option<PathBuf>,
    /// Rows, as a power of two: more than the claim needs, to serve larger claims later.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_K)))]
    k: Option<u32>,
    /// No salts: the commitment of a published picture, which anyone who has the picture can recompute.
    #[arg(long)]
    public: bool,
    /// Replace an existing file.
    #[arg(long)]
    force: bool,
}

/// Commits and writes the opening.
pub(crate) fn commit(
    srs: &Srs,
    picture: &Decoded,
    path: &Path,
    output: &Path,
    public: bool,
    existing: Existing,
) -> Result<ImageCommitment, Failure> {
    let salts = if public { Salts::public() } else { Salts::random(OsRng) };
    let commitment = ImageCommitment::new(srs.params(), srs.id().0, &picture.raster, &salts)
        .map_err(|error| Failure::new(Exit::Unsupported, error.to_string(), "take a larger --k"))?;
    Opening::new(&commitment, &picture.raster, salts, !public, path, &picture.decoder).write(output, existing)?;
    Ok(commitment)
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    let claim = public::Claim::from(arguments.claim);
    let model = match (&arguments.model, claim.has_model()) {
        (Some(path), true) => Some(checking::read_committed(path)?),
        (None, false) => None,
        (None, true) => {
            let message = format!("the {} claim needs the model that the picture was generated with", claim.name());
            return Err(Failure::new(Exit::Usage, message, "name its file with --model"));
        }
        (Some(_), false) => {
            let message = format!("the {} claim has no model", claim.name());
            return Err(Failure::new(Exit::Usage, message, "leave --model out, or say --for authenticity"));
        }
    };
    let existing = picture::existing(arguments.force);
    picture::check_output(&arguments.output, existing, &[&arguments.image], picture::MayReplace::Opening)?;
    let picture = arguments.reading.decode(ui, &arguments.image)?;
    let pdq = picture::pdq(&picture);
    if claim.has_fingerprint() {
        picture::require_quality(&pdq)?;
    }
    let (width, height) = (picture.raster.width(), picture.raster.height());
    let (needed, id) = match &model {
        None => (FingerprintClaim::min_k(width, height)?, None),
        Some(model) if model.size == (width, height) => (model.k, Some(model.srs_id)),
        Some(model) => {
            let (expected, got) = (model.size, (width, height));
            return Err(ProofError::PictureSize { expected, got }.into());
        }
    };
    let k = arguments.k.unwrap_or(needed);
    if model.is_some() && k != needed {
        let message = format!("the model is committed at k = {needed}, got --k {k}: a proof needs both at one k");
        return Err(Failure::new(Exit::Usage, message, "leave --k out, or import the model with that --k"));
    }
    if k < needed {
        return Err(Failure::new(
            Exit::Usage,
            format!("a {width}x{height} picture needs k = {needed} for this claim, got --k {k}"),
            format!("leave --k out, or give at least {needed}"),
        ));
    }
    let srs = home.load_srs(ui, k, id)?;
    home::warn_unsafe(ui, srs.id());
    // commitments to points that are not the powers of one secret need not hide
    keys::check_powers(&srs, &|text| ui.note(text))?;
    if arguments.public {
        ui.warn("--public: no salts, so anyone who has the picture can recompute the commitment");
    }
    let commitment = commit(&srs, &picture, &arguments.image, &arguments.output, arguments.public, existing)?;
    let digest = hex0x(&commitment.digest());
    let json = json!({
        "image_commitment": digest, "opening": super::ui::json_path(&arguments.output), "fingerprint": pdq.fingerprint.to_string(),
        "quality": pdq.quality, "width": width, "height": height, "k": k, "srs_id": srs.id().to_string(),
        "unsafe_development": srs.is_unsafe(), "hiding": !arguments.public,
        "proofs_left": (!arguments.public).then_some(MAX_PROOFS), "decoder": picture.decoder,
        "notes": picture::json_notes(&picture.notes),
    });
    let kept = if arguments.public {
        "the opening holds no salts: the picture is not hidden".to_owned()
    } else {
        format!("keep it secret; it serves {MAX_PROOFS} proofs")
    };
    let text = super::ui::table(&[
        ("commitment", digest),
        ("fingerprint", pdq.fingerprint.to_string()),
        ("quality", pdq.quality.to_string()),
        ("opening", format!("{} ({kept})", arguments.output.display())),
    ]);
    Ok(Report::new(json, text))
}
