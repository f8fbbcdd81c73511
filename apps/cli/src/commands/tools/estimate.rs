//! `veilmark estimate`: what a proof takes, before it is begun.

use crate::{
    claim::Claim,
    commands::{image::checking, model::import, setup::srs},
    failure::{Failure, Kind},
    home::Home,
    output::{self, Report, Ui},
};
use serde_json::{Value, json};
use std::{io::Read, path::Path, sync::Arc};
use veilmark::{
    decode::{self, Options},
    estimate::{Estimate, largest_copy},
    files,
    keys::ClaimShape,
    machine,
    model_file::{self, DEFAULT_PROOFS, ModelFile},
    srs::MAX_K,
};
use veilmark_circuits::statement::{claim, model::Architecture, raster::MAX_PIXELS};

/// What a proof takes, and whether this machine has it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A size in pixels, as 1280x720, a picture, a model's file, or an ONNX file.
    #[arg(value_name = "WIDTHxHEIGHT|IMAGE|MODEL")]
    what: String,
    /// The claim [default: fingerprint for a picture, authenticity for a model].
    #[arg(long, value_enum)]
    claim: Option<Claim>,
}

/// Says what a large proof will take before it is begun, and warns where the memory is not there.
pub(crate) fn announce(ui: &Ui, estimate: &Estimate) {
    if estimate.k >= 17 {
        ui.note(&format!(
            "2^{} rows: about {} to prove, {} for the key (the first time), {} of memory",
            estimate.k,
            output::seconds(estimate.prove),
            output::seconds(estimate.keys),
            output::bytes(estimate.memory)
        ));
    }
    if estimate.fits() == Some(false) {
        let available = machine::memory_available().map_or_else(String::new, output::bytes);
        ui.warn(&format!(
            "this takes at least {} of memory and {available} are free: the system may end the program",
            output::bytes(estimate.least_memory)
        ));
    }
}

/// [`announce`], and refuses what this machine cannot hold at all, before any work.
pub(crate) fn require(ui: &Ui, estimate: &Estimate) -> Result<(), Failure> {
    estimate.require(ui.memory())?;
    announce(ui, estimate);
    Ok(())
}

fn size_of(what: &str) -> Result<(u32, u32), Failure> {
    let size = what.split_once(['x', 'X']).and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    if let (Some(size), false) = (size, Path::new(what).exists()) {
        return Ok(size);
    }
    let picture = decode::decode(Path::new(what), &Options::default())?;
    Ok((picture.raster.width(), picture.raster.height()))
}

/// The setup that a proof for `k` would take, or how to get one.
fn setup(home: &Home, k: u32) -> Result<(Value, String), Failure> {
    Ok(match srs::stored(home)?.find(k, None) {
        Ok(stored) => {
            let mark = if stored.id.is_unsafe() { ", UNSAFE, for development" } else { "" };
            // the development setup is cut down at once
            let cut = if stored.k > k && !stored.id.is_unsafe() {
                format!("; cut down every time: veilmark srs truncate --from {} --k {k} does it once", stored.id)
            } else {
                String::new()
            };
            let json = json!({
                "file": output::json_path(&stored.path), "k": stored.k, "srs_id": stored.id.word(),
                "unsafe_development": stored.id.is_unsafe(),
            });
            (json, format!("k = {}{mark}, {}{cut}", stored.k, stored.path.display()))
        }
        Err(error) => {
            let Failure { message, hint, .. } = error.into();
            (Value::Null, format!("MISSING: {message}; {hint}"))
        }
    })
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    if is_model(Path::new(&arguments.what)) {
        return of_model(ui, home, Path::new(&arguments.what), arguments.claim.unwrap_or(Claim::Authenticity));
    }
    if Path::new(&arguments.what).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("onnx")) {
        return of_onnx(ui, home, Path::new(&arguments.what), arguments.claim.unwrap_or(Claim::Authenticity));
    }
    let claim = claim::Claim::from(arguments.claim.unwrap_or(Claim::Fingerprint));
    if claim.has_model() {
        let message = format!("{} is no model's file, which the {} claim needs", arguments.what, claim.name());
        return Err(Failure::new(Kind::Usage, message, "name a model's file, the owner's or the public one"));
    }
    let (width, height) = size_of(&arguments.what)?;
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_PIXELS {
        return Err(Failure::new(
            Kind::Unsupported,
            format!("{width}x{height} is {pixels} pixels; the fingerprint claim holds at most {MAX_PIXELS}"),
            "take a smaller picture",
        ));
    }
    let k = checking::shape(claim, (width, height), 0)?.min_k()?;
    if k > MAX_K {
        let copy = fitting_copy((width, height)).unwrap_or_default();
        let message = format!("{width}x{height} needs 2^{k} rows; there are at most 2^{MAX_K}{copy}");
        return Err(Failure::new(Kind::Unsupported, message, "take a smaller copy"));
    }
    shown(ui, home, claim, k, ("picture", format!("{width}x{height}, {pixels} pixels")), (width, height))
}

/// Whether a file begins like a model's.
fn is_model(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = files::open(path).ok().and_then(|file| file.take(64).read_to_end(&mut start).ok());
    read.is_some() && model_file::is_owners(&start).is_some()
}

fn of_model(ui: &Ui, home: &Home, path: &Path, claim: Claim) -> Result<Report, Failure> {
    let (architecture, _) = checking::read_model(ui, path)?;
    require_room(&architecture, checking::read_committed(ui, path)?.k).map_err(|failure| failure.at(path))?;
    of_architecture(ui, home, path, claim, architecture, 0)
}

/// A model as its exporter wrote it: read as `model import` reads it, with nothing but its file said.
fn of_onnx(ui: &Ui, home: &Home, path: &Path, claim: Claim) -> Result<Report, Failure> {
    let imported = import::quantised(ui, path, &veilmark::import::Options::default())?;
    let architecture = imported.model.architecture().clone();
    require_room(&architecture, MAX_K).map_err(|failure| failure.at(path))?;
    of_architecture(ui, home, path, claim, architecture, ModelFile::salt_rows_for(DEFAULT_PROOFS) as usize)
}

fn of_architecture(
    ui: &Ui,
    home: &Home,
    path: &Path,
    claim: Claim,
    architecture: Architecture,
    salts: usize,
) -> Result<Report, Failure> {
    let claim = claim::Claim::from(claim);
    let what = format!(
        "{} parameters, {} multiplications, {} neurons",
        architecture.parameters(),
        architecture.multiplications(),
        architecture.neurons()
    );
    let size = (architecture.width, architecture.height);
    let shape = ClaimShape::of_model(claim, Arc::new(architecture), 0).ok_or_else(|| {
        Failure::new(Kind::Usage, "the fingerprint claim has no model", "give the picture's size, or another --claim")
    })?;
    let k = shape.min_k_with(salts)?;
    if k > MAX_K {
        let message = format!("the model needs 2^{k} rows; there are at most 2^{MAX_K}");
        return Err(Failure::new(Kind::Unsupported, message, "take a smaller model").at(path));
    }
    shown(ui, home, claim, k, ("model", what), size)
}

/// The largest copy that fits this machine's free memory, in words.
fn fitting_copy(size: (u32, u32)) -> Option<String> {
    let (width, height) = largest_copy(size, machine::memory_available()?)?;
    Some(format!("; a copy of up to {width}x{height} would fit"))
}

/// A model's file may be anybody's: its circuit is counted out only where it can fit the rows that the file itself names.
fn require_room(architecture: &Architecture, k: u32) -> Result<(), Failure> {
    let most = 1_usize << k.min(MAX_K);
    if architecture.least_rows() <= most {
        return Ok(());
    }
    let message = format!("the model needs at least {} rows, and it is committed in {most}", architecture.least_rows());
    Err(Failure::new(
        Kind::Unsupported,
        message,
        "its owner cannot have proved anything with it: ask for the right file",
    ))
}

fn shown(
    ui: &Ui,
    home: &Home,
    claim: claim::Claim,
    k: u32,
    what: (&'static str, String),
    (width, height): (u32, u32),
) -> Result<Report, Failure> {
    let estimate = Estimate::new(claim, k, machine::threads());
    let fits = estimate.fits();
    let (setup, setup_text) = setup(home, k)?;
    let json = json!({
        "claim": claim.name(), "width": width, "height": height, "k": k, "rows": 1u64 << k,
        "threads": machine::threads(),
        "estimated_keys_seconds": output::json_seconds(estimate.keys), "estimated_prove_seconds": output::json_seconds(estimate.prove),
        "memory_bytes": estimate.memory, "least_memory_bytes": estimate.least_memory, "disk_bytes": estimate.disk,
        "memory_available_bytes": machine::memory_available(), "fits": fits,
        "setup": setup,
    });
    let verdict = match fits {
        Some(true) => "yes".to_owned(),
        Some(false) => {
            let copy = if claim.has_model() { None } else { fitting_copy((width, height)) };
            format!("no: there is not that much memory free{}", copy.unwrap_or_default())
        }
        None => "unknown: this system does not tell its free memory".to_owned(),
    };
    let text = output::table(&[
        what,
        ("rows", format!("2^{k} = {}", 1u64 << k)),
        ("key", format!("about {} the first time, kept afterwards", output::seconds(estimate.keys))),
        ("prove", format!("about {} on {} threads", output::seconds(estimate.prove), machine::threads())),
        (
            "memory",
            format!(
                "about {}; with --memory down to {}, and longer",
                output::bytes(estimate.memory),
                output::bytes(estimate.least_memory)
            ),
        ),
        ("disk", format!("about {} for the setup", output::bytes(estimate.disk))),
        ("fits here", verdict),
        ("setup", setup_text),
    ]);
    let failure = estimate.require(ui.memory()).err().map(Failure::from);
    Ok(Report { failure, ..Report::new(json, text) })
}
