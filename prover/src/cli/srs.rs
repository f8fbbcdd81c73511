//! `veilmark srs`.

use super::{
    failure::Failure,
    home::{self, Home},
    picture,
    ui::{self, Report, Ui},
};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    time::Instant,
};
use veilmark::{
    files,
    srs::{self, Existing, MAX_K, MIN_K, Srs, SrsId, Trust},
};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make the development setup. UNSAFE: its secret is public, so anyone can forge every proof under it.
    Dev(Dev),
    /// Import a ceremony's setup: halo2 raw or snarkjs .ptau.
    ///
    /// Every point is checked, and that they are the powers of one secret; the setup must be of a ceremony pinned in this
    /// program (Hermez, Axiom), or the one whose id you name.
    Import(Import),
    /// Check every point of a setup's file, and that they are the powers of one secret.
    Verify(Verify),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Dev {
    /// For domains of 2^K rows and below; veilmark estimate says which K a picture needs.
    #[arg(long, value_parser = clap::value_parser!(u32).range(i64::from(MIN_K)..=i64::from(MAX_K)))]
    k: u32,
    /// Where to write it [default: where the other commands look].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace an existing file.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// The ceremony's file.
    file: PathBuf,
    /// For domains of 2^K rows and below [default: the largest the file serves].
    #[arg(long, value_parser = clap::value_parser!(u32).range(i64::from(MIN_K)..=i64::from(MAX_K)))]
    k: Option<u32>,
    /// Take the setup of this id, which you know from elsewhere, though no ceremony pinned here made it.
    #[arg(long, value_name = "ID")]
    trust_id: Option<SrsId>,
    /// Where to write it [default: where the other commands look].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace an existing file.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// The setup's file.
    file: PathBuf,
}

pub(crate) fn run(ui: &Ui, home: &Home, command: Command) -> Result<Report, Failure> {
    match command {
        Command::Dev(arguments) => dev(ui, home, &arguments),
        Command::Import(arguments) => import(ui, home, &arguments),
        Command::Verify(arguments) => verify(ui, &arguments),
    }
}

/// Who made a setup, in words.
pub(crate) fn origin(srs: &Srs) -> String {
    match srs.ceremony() {
        Some(ceremony) => ceremony.to_string(),
        None if srs.is_unsafe() => "none: UNSAFE, for development; its secret is public".to_owned(),
        None => "none that is pinned in this program: it is worth what whoever made it is worth".to_owned(),
    }
}

/// Puts a setup where it belongs.
fn keep(srs: &Srs, home: &Home, output: Option<&Path>, existing: Existing) -> Result<PathBuf, Failure> {
    Ok(match output {
        Some(path) => srs.write(path, existing).map(|()| path.to_owned())?,
        None => srs.store(home.srs_dir(), existing)?,
    })
}

fn report(srs: &Srs, path: &Path, time: std::time::Duration) -> Report {
    let json = json!({
        "file": ui::json_path(path), "k": srs.k(), "srs_id": srs.id().to_string(), "unsafe_development": srs.is_unsafe(),
        "ceremony": srs.ceremony().map(|ceremony| ceremony.to_string()), "seconds": ui::json_seconds(time),
    });
    let text = ui::table(&[
        ("file", path.display().to_string()),
        ("ceremony", origin(srs)),
        ("k", format!("{} (2^{} points in each basis)", srs.k(), srs.k())),
        ("id", srs.id().to_string()),
        ("time", ui::seconds(time)),
    ]);
    Report::new(json, text)
}

fn dev(ui: &Ui, home: &Home, arguments: &Dev) -> Result<Report, Failure> {
    let existing = picture::existing(arguments.force);
    if let Some(path) = &arguments.output {
        files::check_writable(path, existing)?;
    }
    let progress = ui.progress(&format!("making the development setup for k = {}", arguments.k));
    let made = Srs::dev(arguments.k, &mut |done| progress.fraction(done))?;
    let time = progress.end();
    let path = keep(&made, home, arguments.output.as_deref(), existing)?;
    home::warn_unsafe(ui, made.id());
    Ok(report(&made, &path, time))
}

fn import(ui: &Ui, home: &Home, arguments: &Import) -> Result<Report, Failure> {
    let existing = picture::existing(arguments.force);
    if let Some(path) = &arguments.output {
        files::check_writable(path, existing)?;
    }
    let trust = arguments.trust_id.map_or(Trust::Pinned, Trust::Id);
    let progress = ui.progress("importing: reading and checking every point");
    let imported = Srs::import(&arguments.file, arguments.k, trust, &mut |done| progress.fraction(done))?;
    let time = progress.end();
    let path = keep(&imported, home, arguments.output.as_deref(), existing)?;
    Ok(report(&imported, &path, time))
}

fn verify(ui: &Ui, arguments: &Verify) -> Result<Report, Failure> {
    let start = Instant::now();
    let read = Srs::read(&arguments.file)?;
    ui.note(&format!("read; checking all powers and the Lagrange basis of k = {}", read.k()));
    read.verify_full()?;
    home::warn_unsafe(ui, read.id());
    let mut report = report(&read, &arguments.file, start.elapsed());
    report.text.push_str("\nevery point is on the curve, and the powers are those of one secret");
    Ok(report)
}

/// What is stored, for people.
pub(crate) fn stored(home: &Home) -> Result<Vec<srs::Stored>, Failure> {
    Ok(srs::list(home.srs_dir())?)
}
