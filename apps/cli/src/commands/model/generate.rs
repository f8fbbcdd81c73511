//! `veilmark generate`.

use crate::{
    commands::{
        image::picture,
        model::prompt::Prompt,
        secret::keeping::{self, SecretArguments},
    },
    failure::{Failure, Kind},
    home::Home,
    output::{self, Report, Ui},
    secrets,
};
use image::{ImageFormat, RgbImage};
use serde_json::json;
use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};
use veilmark::{
    again::{self, Which},
    files::{self, Access, Existing, hex0x},
    latent_file::{self, LatentFile},
    secrets::{
        keeper::Taken,
        master::{Purpose, Subject},
    },
};
use veilmark_circuits::statement::{
    model::{Architecture, Model},
    pdq::{self, MIN_QUALITY},
    raster::Raster,
};

/// Make a picture with a model, by the integers that the circuit proves.
///
/// The latent follows from prompt and seed by a public function (SHAKE256; see the documentation), so the same command
/// gives the same picture everywhere. Keep the latent's file, a secret, to prove where the picture comes from.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The model, as veilmark model import wrote it.
    #[arg(long, value_name = "M.model")]
    model: PathBuf,
    /// The prompt: any text.
    #[arg(long, value_name = "TEXT", conflicts_with = "prompt_file", required_unless_present = "prompt_file")]
    prompt: Option<String>,
    /// A file with the prompt, which keeps it out of the list of processes: JSON `{"prompt": "…", "class": 3}`, the
    /// class for models that take one.
    #[arg(long, value_name = "FILE")]
    prompt_file: Option<PathBuf>,
    /// Another number, another picture of the same prompt.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Where the picture goes: PNG.
    #[arg(short, long, value_name = "OUT.png")]
    output: PathBuf,
    /// Where the latent goes, a secret file, which proofs need.
    #[arg(long, value_name = "L.latent")]
    latent_out: Option<PathBuf>,
    #[command(flatten)]
    secret: SecretArguments,
    /// Make a lost latent again from the master secret: it shows that these were the words, and proves nothing.
    #[arg(long, requires = "latent_out")]
    again: bool,
    /// With --again, where there were several: the number, from 0.
    #[arg(long, value_name = "N", requires = "again")]
    number: Option<u32>,
    /// With --again: the machine on which it was made [default: this one, and those before it].
    #[arg(long, value_name = "NAME", requires = "again")]
    machine: Option<String>,
    /// Replace existing files; no picture, which may be the only one, and no secret file but a latent.
    #[arg(long)]
    force: bool,
}

/// Writes a raster as PNG, whole or not at all.
pub(crate) fn write_png(path: &Path, raster: &Raster, existing: Existing) -> Result<(), Failure> {
    let pixels = raster.pixels().as_flattened().to_vec();
    let picture = RgbImage::from_vec(raster.width(), raster.height(), pixels).unwrap_or_default();
    files::write_atomically(path, existing, Access::Umask, |file| {
        let mut file = BufWriter::new(file);
        picture.write_to(&mut file, ImageFormat::Png).map_err(|error| match error {
            image::ImageError::IoError(error) => error,
            error => io::Error::other(error),
        })?;
        file.flush()
    })?;
    Ok(())
}

/// Seeds that are tried where a picture is too plain.
const SEEDS_TRIED: u64 = 32;

/// The first of the seeds after this one whose picture has the quality that fingerprints need.
fn next_seed(model: &Model, prompt: &Prompt, seed: u64) -> Option<u64> {
    (1..=SEEDS_TRIED).filter_map(|step| seed.checked_add(step)).find(|seed| {
        let entries = prompt.latent(model.architecture(), *seed);
        entries.is_ok_and(|entries| pdq::pdq(&model.generate(&entries)).quality >= MIN_QUALITY)
    })
}

/// The latent's file. Under a master secret its salts follow from the next number, or from an earlier one.
fn latent_file(
    ui: &Ui,
    home: &Home,
    arguments: &Arguments,
    architecture: &Architecture,
    entries: Vec<i8>,
) -> Result<(LatentFile, Option<Taken>), Failure> {
    let subject = Subject { digest: latent_file::latent_digest(architecture, &entries), setup: [0; 32], k: 0 };
    let secret = &arguments.secret;
    let taken = if arguments.again {
        let which = Which { commitment: None, number: arguments.number, machine: arguments.machine.clone() };
        let keeper = secret.required(ui, home)?;
        again::only(again::candidates(&keeper, Purpose::Latent, &subject, &which)?)?
    } else {
        let Some(keeper) = secret.keeper(ui, home)? else {
            keeping::say_random(ui, "a latent");
            return Ok((LatentFile::new(architecture, entries), None));
        };
        keeper.take(Purpose::Latent, &subject)?
    };
    let mut latent = LatentFile::with_seed(architecture, entries, taken.seed.clone());
    latent.made_again = arguments.again;
    Ok((latent, Some(taken)))
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    let existing = picture::existing(arguments.force);
    let mut inputs: Vec<&Path> = vec![&arguments.model];
    inputs.extend(arguments.prompt_file.as_deref());
    picture::check_output(&arguments.output, existing, &inputs, picture::MayReplace::Nothing)?;
    if let Some(path) = &arguments.latent_out {
        picture::check_output(path, existing, &inputs, picture::MayReplace::Latent)?;
        if picture::is_one_output(path, &arguments.output) {
            let message = "picture and latent cannot go to the same file";
            return Err(Failure::new(Kind::Usage, message, "name two files"));
        }
    }
    let owned = secrets::owned_model(ui, &arguments.model)?;
    let architecture = owned.model.architecture();
    let prompt = Prompt::read(ui, arguments.prompt.as_deref(), arguments.prompt_file.as_ref())?;
    let entries = prompt.latent(architecture, arguments.seed)?;
    let picture = owned.model.generate(&entries);
    let mut taken = None;
    if let Some(path) = &arguments.latent_out {
        let (latent, derived) = latent_file(ui, home, arguments, architecture, entries)?;
        taken = derived;
        latent.write(path, existing).map_err(|error| Failure::from(error).at(path))?;
    } else {
        ui.note("without --latent-out there is no file to prove from; the same command with it gives the same picture");
    }
    write_png(&arguments.output, &picture, existing)?;
    let quality = pdq::pdq(&picture).quality;
    let next = (quality < MIN_QUALITY).then(|| next_seed(&owned.model, &prompt, arguments.seed)).flatten();
    if quality < MIN_QUALITY {
        let other = next.map_or_else(
            || format!("none of the next {SEEDS_TRIED} seeds gives a better one"),
            |seed| format!("--seed {seed} gives one that will do"),
        );
        ui.warn(&format!(
            "the picture's quality is {quality}, and claims with a fingerprint need {MIN_QUALITY}: {other}; the claim \
             generation takes this picture as it is"
        ));
    }
    let json = json!({
        "image": output::json_path(&arguments.output), "width": picture.width(), "height": picture.height(),
        "model_hash": hex0x(&owned.model_hash), "seed": arguments.seed,
        "quality": quality, "min_quality": MIN_QUALITY, "next_seed": next,
        "latent": arguments.latent_out.as_deref().map(output::json_path), "made_again": arguments.again,
        "machine": taken.as_ref().map(|taken| &taken.machine), "number": taken.as_ref().map(|taken| taken.number),
    });
    let mut rows = vec![
        ("picture", format!("{} ({}x{} pixels)", arguments.output.display(), picture.width(), picture.height())),
        ("model", hex0x(&owned.model_hash)),
    ];
    if let Some(path) = &arguments.latent_out {
        let kept =
            if arguments.again { "made again: it shows the words, and proves nothing" } else { "keep it secret" };
        rows.push(("latent", format!("{} ({kept})", path.display())));
        rows.extend(taken.map(|taken| ("salts", keeping::told(&taken.machine, taken.number))));
    }
    Ok(Report::new(json, output::table(&rows)))
}
