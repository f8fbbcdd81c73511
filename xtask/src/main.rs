//! `cargo xtask`: what the README, CI and people call.
//!
//! Everything runs from the workspace's root, whatever the current directory is. Nothing is installed outside the
//! workspace; what is missing on the machine is named, with what to do about it.

mod contracts;
mod generated;
mod layers;
mod licences;
mod npm;
mod test;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// Chores of the workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Generate the verifiers, compile the contracts and write the committed artefacts.
    Contracts {
        /// Write nothing; fail if a generated source or an artefact is not what would be written.
        #[arg(long)]
        check: bool,
    },
    /// Check that every circuit says what the statement says, coefficient by coefficient; see docs/checker.md.
    CheckCircuits {
        /// What the checker takes: `--mutate N --seed S` tries it on changed circuits, `--only NAME` takes some circuits.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Check that dependencies point one way, inside packages too, and that docs/architecture.md draws them.
    Layers {
        /// Write the drawing into the page.
        #[arg(long)]
        write: bool,
    },
    /// Run every check and every test, or the steps named.
    Test {
        /// Steps to run, in this order; all where none is named.
        #[arg(value_enum)]
        steps: Vec<test::Step>,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().chore {
        Chore::Contracts { check } => contracts::run(check),
        Chore::CheckCircuits { arguments } => check_circuits(&arguments),
        Chore::Layers { write } => layers::run(write),
        Chore::Test { steps } => test::run(&steps),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the checker of laid systems: a program of its own, so that nothing else is built with the models it tries.
fn check_circuits(arguments: &[String]) -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--release", "--quiet", "--bin", "veilmark-soundness", "--"])
        .args(arguments)
        .current_dir(root())
        .status()
        .context("cannot run cargo")?;
    if !status.success() {
        bail!("the check of circuits ended with {status}");
    }
    Ok(())
}

/// The workspace's root.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The project of the Solidity contracts.
fn contracts_dir() -> PathBuf {
    root().join("verifier-contract/contracts")
}

/// Installs the pinned packages (solc, forge, OpenZeppelin's contracts) below the contracts' folder, where they are missing or
/// not what the lock file says.
fn install_packages() -> Result<()> {
    for (tool, what) in [("node", "runs the Solidity compiler"), ("npm", "installs the pinned Solidity tools")] {
        let found = Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !found.is_ok_and(|status| status.success()) {
            bail!("`{tool}` is not on the PATH; it {what}: install Node.js 18 or newer with npm, and run this again");
        }
    }
    install(&contracts_dir())
}

/// Installs what a folder's lock file says.
fn install(folder: &Path) -> Result<()> {
    // A copy of the lock file, written after an install: `npm ci` empties the folder first, so a failed one leaves none.
    let lock = read(&folder.join("package-lock.json"))?;
    let installed = folder.join("node_modules/.veilmark-lock.json");
    if std::fs::read_to_string(&installed).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let status = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund"])
        .current_dir(folder)
        // The last lines of the standard output belong to the test runner.
        .stdout(std::io::stderr())
        .status()
        .context("cannot run npm")?;
    if !status.success() {
        bail!("`npm ci` in {} ended with {status}: it needs the npm registry, or npm's cache", folder.display());
    }
    std::fs::write(&installed, lock).with_context(|| format!("cannot write {}", installed.display()))
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
