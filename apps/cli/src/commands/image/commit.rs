//! `veilmark commit`.

use crate::{
    claim::Claim,
    commands::image::{checking, picture},
    failure::Failure,
    hearing::Hearing,
    home::Home,
    output::{Report, Ui},
};
use serde_json::json;
use std::path::PathBuf;
use veilmark::{
    committing::{self, CommitRequest, Committed},
    estimate::Estimate,
    files::hex0x,
    machine,
    srs::MAX_K,
};
use veilmark_circuits::{commitment::MAX_PROOFS, statement::claim};

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
    /// Replace an existing file; no picture, and no secret file: another opening stays, and what was proved or reserved with it.
    #[arg(long)]
    force: bool,
}

/// What a commitment under the development setup is worth.
const NOT_BINDING: &str = "nobody: under the development setup anyone can open it to any picture, and it does not carry over to a ceremony's. \
For a commitment that counts: veilmark srs ceremonies";

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    let claim = claim::Claim::from(arguments.claim);
    if arguments.public {
        ui.warn("--public: no salts, so anyone who has the picture can recompute the commitment");
    }
    let request = CommitRequest {
        image: arguments.image.clone(),
        reading: arguments.reading.options(),
        claim,
        model: arguments.model.as_deref().map(|path| checking::read_committed(ui, path)).transpose()?,
        k: arguments.k,
        public: arguments.public,
        output: arguments.output.clone(),
        existing: picture::existing(arguments.force),
    };
    let Committed { commitment, picture, pdq, srs_id, k } =
        committing::commit(home.store(), &request, &Hearing::new(ui))?;
    picture::say(ui, &picture.notes);
    let estimate = Estimate::new(claim, k, machine::threads());
    if let Err(error) = estimate.require(ui.memory()) {
        ui.warn(&format!("{}: a proof of this claim cannot be made here", Failure::from(error).message));
    }
    let (width, height) = (picture.raster.width(), picture.raster.height());
    let digest = hex0x(&commitment.digest());
    let json = json!({
        "image_commitment": digest, "opening": crate::output::json_path(&arguments.output), "fingerprint": pdq.fingerprint.to_string(),
        "quality": pdq.quality, "width": width, "height": height, "k": k, "srs_id": srs_id.word(),
        "unsafe_development": srs_id.is_unsafe(), "hiding": !arguments.public,
        "binding": !srs_id.is_unsafe(), "proofs_left": (!arguments.public).then_some(MAX_PROOFS), "decoder": picture.decoder,
        "notes": picture::json_notes(&picture.notes),
    });
    let kept = if arguments.public {
        "the opening holds no salts: the picture is not hidden".to_owned()
    } else {
        format!("keep it secret; it serves {MAX_PROOFS} proofs")
    };
    let mut rows = vec![
        ("commitment", digest),
        ("fingerprint", pdq.fingerprint.to_string()),
        ("quality", pdq.quality.to_string()),
        ("opening", format!("{} ({kept})", arguments.output.display())),
    ];
    if srs_id.is_unsafe() {
        rows.push(("binds", NOT_BINDING.to_owned()));
    }
    Ok(Report::new(json, crate::output::table(&rows)))
}
