//! `veilmark commit`.

use crate::{
    claim::Claim,
    commands::{
        image::{checking, picture},
        secret::keeping::{self, SecretArguments},
    },
    failure::Failure,
    hearing::Hearing,
    home::Home,
    output::{Report, Ui},
};
use alloy_primitives::B256;
use serde_json::json;
use std::path::PathBuf;
use veilmark::{
    again::{self, Which},
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
/// from it. Where there is a master secret (veilmark secret new) it follows from it, under the picture's next number.
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
    #[command(flatten)]
    secret: SecretArguments,
    /// Make a lost opening again from the master secret: it shows and discloses the very picture, and proves nothing.
    #[arg(long, conflicts_with = "public")]
    again: bool,
    /// With --again: the commitment that was made, as a bundle or a record has it.
    #[arg(long, value_name = "HASH", value_parser = hash, requires = "again")]
    commitment: Option<B256>,
    /// With --again, where there were several: the number, from 0.
    #[arg(long, value_name = "N", requires = "again")]
    number: Option<u32>,
    /// With --again: the machine on which it was made [default: this one, and those before it].
    #[arg(long, value_name = "NAME", requires = "again")]
    machine: Option<String>,
    /// No salts: the commitment of a published picture, which anyone who has the picture can recompute.
    #[arg(long)]
    public: bool,
    /// Replace an existing file; no picture, and no secret file: another opening stays, and what was proved or reserved with it.
    #[arg(long)]
    force: bool,
}

fn hash(text: &str) -> Result<B256, String> {
    text.parse().map_err(|_| "a commitment is 0x and 64 hex digits".to_owned())
}

/// What a commitment under the development setup is worth.
const NOT_BINDING: &str = "nobody: under the development setup anyone can open it to any picture, and it does not carry over to a ceremony's. \
For a commitment that counts: veilmark srs ceremonies";

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    let claim = claim::Claim::from(arguments.claim);
    if arguments.public {
        ui.warn("--public: no salts, so anyone who has the picture can recompute the commitment");
    }
    let secret = match (arguments.public, arguments.again) {
        (true, _) => None,
        (false, true) => Some(arguments.secret.required(ui, home)?),
        (false, false) => arguments.secret.keeper(ui, home)?,
    };
    if secret.is_none() && !arguments.public {
        keeping::say_random(ui, "an opening");
    }
    let request = CommitRequest {
        image: arguments.image.clone(),
        reading: arguments.reading.options(),
        claim,
        model: arguments.model.as_deref().map(|path| checking::read_committed(ui, path)).transpose()?,
        k: arguments.k,
        public: arguments.public,
        secret: secret.clone(),
        output: arguments.output.clone(),
        existing: picture::existing(arguments.force),
    };
    let hearing = Hearing::new(ui);
    let committed = match &secret {
        Some(keeper) if arguments.again => {
            let which = Which {
                commitment: arguments.commitment.map(Into::into),
                number: arguments.number,
                machine: arguments.machine.clone(),
            };
            again::commit_again(home.store(), &request, keeper, &which, &hearing)?
        }
        _ => committing::commit(home.store(), &request, &hearing)?,
    };
    let Committed { commitment, picture, pdq, srs_id, k, derived } = committed;
    picture::say(ui, &picture.notes);
    let estimate = Estimate::new(claim, k, machine::threads());
    if let Err(error) = estimate.require(ui.memory()) {
        ui.warn(&format!("{}: a proof of this claim cannot be made here", Failure::from(error).message));
    }
    let (width, height) = (picture.raster.width(), picture.raster.height());
    let digest = hex0x(&commitment.digest());
    let proofs = if arguments.again { 0 } else { MAX_PROOFS };
    let json = json!({
        "image_commitment": digest, "opening": crate::output::json_path(&arguments.output), "fingerprint": pdq.fingerprint.to_string(),
        "quality": pdq.quality, "width": width, "height": height, "k": k, "srs_id": srs_id.word(),
        "unsafe_development": srs_id.is_unsafe(), "hiding": !arguments.public,
        "binding": !srs_id.is_unsafe(), "proofs_left": (!arguments.public).then_some(proofs), "machine": derived.as_ref().map(|derived| &derived.machine),
        "number": derived.as_ref().map(|derived| derived.number), "made_again": arguments.again, "decoder": picture.decoder,
        "notes": picture::json_notes(&picture.notes),
    });
    let kept = if arguments.public {
        "the opening holds no salts: the picture is not hidden".to_owned()
    } else if arguments.again {
        "made again: it shows and discloses the very picture, and proves nothing".to_owned()
    } else {
        format!("keep it secret; it serves {MAX_PROOFS} proofs")
    };
    let mut rows = vec![
        ("commitment", digest),
        ("fingerprint", pdq.fingerprint.to_string()),
        ("quality", pdq.quality.to_string()),
        ("opening", format!("{} ({kept})", arguments.output.display())),
    ];
    rows.extend(derived.map(|derived| ("salts", keeping::told(&derived.machine, derived.number))));
    if srs_id.is_unsafe() {
        rows.push(("binds", NOT_BINDING.to_owned()));
    }
    Ok(Report::new(json, crate::output::table(&rows)))
}
