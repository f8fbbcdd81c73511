//! `veilmark estimate`: what a proof takes, before it is begun.

use super::{
    Claim,
    failure::{Exit, Failure},
    home::Home,
    machine, srs,
    ui::{self, Report, Ui},
};
use serde_json::{Value, json};
use std::{path::Path, time::Duration};
use veilmark::decode;
use veilmark_circuits::{claims::fingerprint::FingerprintClaim, statement::raster::MAX_PIXELS};

/// What a proof takes, and whether this machine has it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A size in pixels, as 1280x720, or a picture.
    #[arg(value_name = "WIDTHxHEIGHT|IMAGE")]
    what: String,
    /// The claim.
    #[arg(long, value_enum, default_value = "fingerprint")]
    claim: Claim,
}

/// Seconds of one thread a row, and bytes a row, measured from 2^16 to 2^19 rows; times differ from machine to machine.
const PROVE_THREAD_SECONDS: f64 = 120e-6;
const KEYS_THREAD_SECONDS: f64 = 25e-6;
const PEAK_BYTES: u64 = 2600;
const PROVING_KEY_BYTES: u64 = 608;
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
    /// For a domain of `2^k` rows on this machine.
    pub(crate) fn new(k: u32) -> Self {
        let rows = 1u64 << k.min(32);
        #[allow(clippy::cast_precision_loss)]
        let time = |a_row: f64| Duration::from_secs_f64(rows as f64 * a_row / machine::threads() as f64);
        Self {
            k,
            prove: time(PROVE_THREAD_SECONDS),
            keys: time(KEYS_THREAD_SECONDS),
            memory: BASE_BYTES + rows * PEAK_BYTES,
            disk: rows * (PROVING_KEY_BYTES + SETUP_BYTES),
        }
    }

    /// Whether this machine has the memory; `None` where it does not tell.
    pub(crate) fn fits(&self) -> Option<bool> {
        machine::memory_available().map(|available| available >= self.memory)
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
    let picture = decode::decode(Path::new(what))?;
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
    let Claim::Fingerprint = arguments.claim;
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
    let estimate = Estimate::new(k);
    let fits = estimate.fits();
    let (setup, setup_text) = setup(home, k)?;
    let json = json!({
        "claim": "fingerprint", "width": width, "height": height, "k": k, "rows": 1u64 << k,
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
        ("picture", format!("{width}x{height}, {pixels} pixels")),
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
