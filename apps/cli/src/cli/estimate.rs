//! `veilmark estimate`: what a proof takes, before it is begun.

use super::{
    Claim, checking,
    failure::{Exit, Failure},
    home::Home,
    machine, srs,
    ui::{self, Report, Ui},
};
use serde_json::{Value, json};
use std::{io::Read, path::Path, sync::Arc, time::Duration};
use veilmark::{
    decode::{self, Options},
    files,
    keys::ClaimShape,
    model_file,
    srs::MAX_K,
};
use veilmark_circuits::{
    claims::fingerprint::FingerprintClaim,
    statement::{model::Architecture, public, raster::MAX_PIXELS},
};

/// What a proof takes, and whether this machine has it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A size in pixels, as 1280x720, a picture, or a model's file.
    #[arg(value_name = "WIDTHxHEIGHT|IMAGE|MODEL")]
    what: String,
    /// The claim [default: fingerprint for a picture, authenticity for a model].
    #[arg(long, value_enum)]
    claim: Option<Claim>,
}

/// What a row takes, measured from 2^16 to 2^19 rows; times differ from machine to machine.
struct Row {
    /// Seconds of one thread to prove.
    prove: f64,
    /// Seconds of one thread for both keys.
    keys: f64,
    /// Bytes of memory.
    peak: u64,
    /// Bytes of the proving key's file.
    key: u64,
}

const FINGERPRINT_ROW: Row = Row { prove: 120e-6, keys: 25e-6, peak: 2600, key: 608 };
const MODEL_ROW: Row = Row { prove: 320e-6, keys: 50e-6, peak: 5200, key: 1100 };
const SETUP_BYTES: u64 = 128;
/// Bytes a process has before the first row.
const BASE_BYTES: u64 = 40_000_000;

/// What a proof takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    pub(crate) k: u32,
    pub(crate) prove: Duration,
    pub(crate) keys: Duration,
    pub(crate) memory: u64,
    pub(crate) disk: u64,
}

impl Estimate {
    /// For a claim and a domain of `2^k` rows on this machine.
    pub(crate) fn new(claim: public::Claim, k: u32) -> Self {
        let rows = 1u64 << k.min(32);
        let row = if claim.has_model() { MODEL_ROW } else { FINGERPRINT_ROW };
        #[allow(clippy::cast_precision_loss)]
        let time = |a_row: f64| Duration::from_secs_f64(rows as f64 * a_row / machine::threads() as f64);
        Self {
            k,
            prove: time(row.prove),
            keys: time(row.keys),
            memory: BASE_BYTES + rows * row.peak,
            disk: rows * (row.key + SETUP_BYTES),
        }
    }

    /// Whether this machine has the memory; `None` where it does not tell.
    pub(crate) fn fits(&self) -> Option<bool> {
        machine::memory_available().map(|available| available >= self.memory)
    }

    /// [`Estimate::announce`], and refuses what this machine cannot hold at all, before any work.
    pub(crate) fn require(&self, ui: &Ui) -> Result<(), Failure> {
        if let Some(total) = machine::memory_total().filter(|total| *total < self.memory) {
            let message = format!(
                "2^{} rows take about {} of memory, and this machine has {}",
                self.k,
                ui::bytes(self.memory),
                ui::bytes(total)
            );
            return Err(Failure::new(
                Exit::Unsupported,
                message,
                "take a smaller model or picture, or a larger machine",
            ));
        }
        self.announce(ui);
        Ok(())
    }

    /// Says what a large proof will take before it is begun, and warns where the memory is not there.
    pub(crate) fn announce(&self, ui: &Ui) {
        if self.k >= 17 {
            ui.note(&format!(
                "2^{} rows: about {} for the keys (the first time), {} to prove, {} of memory",
                self.k,
                ui::seconds(self.keys),
                ui::seconds(self.prove),
                ui::bytes(self.memory)
            ));
        }
        if self.fits() == Some(false) {
            let available = machine::memory_available().map_or_else(String::new, ui::bytes);
            ui.warn(&format!(
                "this takes about {} of memory and {available} are free: the system may end the program",
                ui::bytes(self.memory)
            ));
        }
    }
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
                "file": ui::json_path(&stored.path), "k": stored.k, "srs_id": stored.id.to_string(),
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

pub(crate) fn run(home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    if is_model(Path::new(&arguments.what)) {
        return of_model(home, Path::new(&arguments.what), arguments.claim.unwrap_or(Claim::Authenticity));
    }
    let claim = public::Claim::from(arguments.claim.unwrap_or(Claim::Fingerprint));
    if claim.has_model() {
        let message = format!("{} is no model's file, which the {} claim needs", arguments.what, claim.name());
        return Err(Failure::new(Exit::Usage, message, "name a model's file, the owner's or the public one"));
    }
    let (width, height) = size_of(&arguments.what)?;
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_PIXELS {
        return Err(Failure::new(
            Exit::Unsupported,
            format!("{width}x{height} is {pixels} pixels; the fingerprint claim holds at most {MAX_PIXELS}"),
            "take a smaller picture",
        ));
    }
    let k = FingerprintClaim::min_k(width, height)?;
    shown(home, claim, k, ("picture", format!("{width}x{height}, {pixels} pixels")), (width, height))
}

/// Whether a file begins like a model's.
fn is_model(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = files::open(path).ok().and_then(|file| file.take(64).read_to_end(&mut start).ok());
    read.is_some() && model_file::is_owners(&start).is_some()
}

fn of_model(home: &Home, path: &Path, claim: Claim) -> Result<Report, Failure> {
    let claim = public::Claim::from(claim);
    let (architecture, _) = checking::read_model(path)?;
    require_room(&architecture, checking::read_committed(path)?.k).map_err(|failure| failure.at(path))?;
    let what = format!(
        "{} parameters, {} multiplications, {} neurons",
        architecture.parameters(),
        architecture.multiplications(),
        architecture.neurons()
    );
    let size = (architecture.width, architecture.height);
    let shape = ClaimShape::of_model(claim, Arc::new(architecture), 0).ok_or_else(|| {
        Failure::new(Exit::Usage, "the fingerprint claim has no model", "give the picture's size, or another --claim")
    })?;
    let k = shape.min_k()?;
    if k > MAX_K {
        let message = format!("the model needs 2^{k} rows; there are at most 2^{MAX_K}");
        return Err(Failure::new(Exit::Unsupported, message, "take a smaller model").at(path));
    }
    shown(home, claim, k, ("model", what), size)
}

/// A model's file may be anybody's: its circuit is counted out only where it can fit the rows that the file itself names.
fn require_room(architecture: &Architecture, k: u32) -> Result<(), Failure> {
    let most = 1_usize << k.min(MAX_K);
    if architecture.least_rows() <= most {
        return Ok(());
    }
    let message = format!("the model needs at least {} rows, and it is committed in {most}", architecture.least_rows());
    Err(Failure::new(
        Exit::Unsupported,
        message,
        "its owner cannot have proved anything with it: ask for the right file",
    ))
}

fn shown(
    home: &Home,
    claim: public::Claim,
    k: u32,
    what: (&'static str, String),
    (width, height): (u32, u32),
) -> Result<Report, Failure> {
    let estimate = Estimate::new(claim, k);
    let fits = estimate.fits();
    let (setup, setup_text) = setup(home, k)?;
    let json = json!({
        "claim": claim.name(), "width": width, "height": height, "k": k, "rows": 1u64 << k,
        "threads": machine::threads(),
        "keys_seconds": ui::json_seconds(estimate.keys), "prove_seconds": ui::json_seconds(estimate.prove),
        "memory_bytes": estimate.memory, "disk_bytes": estimate.disk,
        "memory_available_bytes": machine::memory_available(), "fits": fits,
        "setup": setup,
    });
    let verdict = match fits {
        Some(true) => "yes".to_owned(),
        Some(false) => "no: there is not that much memory free".to_owned(),
        None => "unknown: this system does not tell its free memory".to_owned(),
    };
    let text = ui::table(&[
        what,
        ("rows", format!("2^{k} = {}", 1u64 << k)),
        ("keys", format!("about {} the first time, kept afterwards", ui::seconds(estimate.keys))),
        ("prove", format!("about {} on {} threads", ui::seconds(estimate.prove), machine::threads())),
        ("memory", format!("about {}", ui::bytes(estimate.memory))),
        ("disk", format!("about {} for setup and keys", ui::bytes(estimate.disk))),
        ("fits here", verdict),
        ("setup", setup_text),
    ]);
    Ok(Report::new(json, text))
}
