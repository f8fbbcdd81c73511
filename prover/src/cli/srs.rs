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
    srs::{self, MAX_K, MIN_K, Srs},
};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make the development setup. UNSAFE: its secret is public, so anyone can forge every proof under it.
    Dev(Dev),
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
pub(crate) struct Verify {
    /// The setup's file.
    file: PathBuf,
}

pub(crate) fn run(ui: &Ui, home: &Home, command: Command) -> Result<Report, Failure> {
    match command {
        Command::Dev(arguments) => dev(ui, home, &arguments),
        Command::Verify(arguments) => verify(ui, &arguments),
    }
}

fn report(srs: &Srs, path: &Path, time: std::time::Duration) -> Report {
    let json = json!({
        "file": path, "k": srs.k(), "srs_id": srs.id().to_string(), "unsafe_development": srs.is_unsafe(),
        "seconds": ui::json_seconds(time),
    });
    let text = ui::table(&[
        ("file", path.display().to_string()),
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
    let path = match &arguments.output {
        Some(path) => made.write(path, existing).map(|()| path.clone())?,
        None => made.store(home.srs_dir(), existing)?,
    };
    home::warn_unsafe(ui, made.id());
    Ok(report(&made, &path, time))
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
