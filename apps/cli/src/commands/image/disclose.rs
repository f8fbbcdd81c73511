//! `veilmark disclose`.

use crate::{
    commands::image::picture,
    failure::{Failure, Kind},
    hearing::Hearing,
    home::Home,
    output::{self, Report, Ui},
    secrets,
};
use serde_json::json;
use std::{io::Read, path::PathBuf};
use veilmark::{
    disclosing::{self, LatentRequest, PictureRequest},
    files::{self, hex0x},
    latent_file,
};

/// Write a file that shows which picture, or which prompt, a commitment is of.
///
/// A court, an editor or the public checks with it that the picture you publish later is the committed one: veilmark verify
/// --image P --disclosure FILE. It does not let them prove anything with the picture, which your opening would; no proof is counted.
/// Whoever has this file but not the picture can confirm a guess of it, so send it to those who may see the picture. It can be passed
/// on, and does not say who made it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Your opening of the picture, or your latent of a prompt.
    #[arg(value_name = "OPENING|LATENT")]
    secret: PathBuf,
    /// The picture [default: the file that the opening names].
    #[arg(long, value_name = "PICTURE")]
    image: Option<PathBuf>,
    #[command(flatten)]
    reading: picture::Reading,
    /// Of a latent: the model's file, the public one or the owner's.
    #[arg(long, value_name = "M.pub")]
    model: Option<PathBuf>,
    /// Where the disclosure goes.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Replace an existing file, other than a picture or a secret file.
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    let path = &arguments.secret;
    let mut start = Vec::new();
    let failed = |source| Failure::from(files::FileError::Io { doing: "read", path: path.clone(), source });
    files::open(path)?.take(64).read_to_end(&mut start).map_err(failed)?;
    let existing = picture::existing(arguments.force);
    let output = arguments.output.clone();
    let hearing = Hearing::new(ui);
    let file = if latent_file::is_latent(&start) {
        let Some(model) = arguments.model.clone() else {
            let hint = "name the model's file with --model";
            return Err(Failure::new(Kind::Usage, "a latent is for a model, which is not named", hint));
        };
        // read here as well, so that whoever left it open to others is told
        secrets::latent(ui, path)?;
        let request = LatentRequest { latent: path.clone(), model, output, existing };
        disclosing::disclose_latent(home.store(), &request, &hearing)?
    } else {
        if arguments.model.is_some() {
            let hint = "leave --model out, or name the latent instead of the opening";
            return Err(Failure::new(Kind::Usage, "a picture is disclosed without a model", hint));
        }
        secrets::opening(ui, path).map_err(|failure| failure.recognise(path))?;
        let (image, reading) = (arguments.image.clone(), arguments.reading.options());
        let request = PictureRequest { opening: path.clone(), image, reading, output, existing };
        disclosing::disclose_picture(home.store(), &request, &hearing)?
    };
    let (role, commitment) = (file.role().name(), hex0x(&file.commitment.digest()));
    let json = json!({
        "disclosure": output::json_path(&arguments.output), "about": role, "commitment": commitment,
        "srs_id": file.srs_id().word(), "unsafe_development": file.srs_id().is_unsafe(), "k": file.commitment.k(),
    });
    let given =
        format!("{} (give it to those who may see the {role}; nobody can prove with it)", arguments.output.display());
    let mut rows = vec![("disclosure", given), ("commitment", commitment)];
    if file.srs_id().is_unsafe() {
        rows.push(("parameters", "UNSAFE development parameters: anyone can make such a file for any picture".into()));
    }
    Ok(Report::new(json, output::table(&rows)))
}
