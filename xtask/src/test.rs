//! `cargo xtask test`: every check there is. All steps run and each reports, so that one failure hides no other; the command fails if
//! any step did.

use crate::{contracts, contracts_dir, install, install_packages, layers, licences, npm, root};
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

/// One of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    /// Rust is formatted.
    Format,
    /// Dependencies point down, and the documents' drawing and line numbers are right.
    Layers,
    /// Every dependency's licence is one of those that `deny.toml` allows.
    Licences,
    /// Generated verifiers and compiled artefacts are what the sources make.
    Contracts,
    /// The contracts' own tests and costs.
    Forge,
    /// The npm package builds, and does on a chain what it says.
    Npm,
    /// No warning from clippy.
    Lint,
    /// Documentation builds, and no link in it is broken.
    Docs,
    /// Every Rust test, verifying keys and golden costs among them.
    Test,
}

/// Runs the steps named, or all.
pub(crate) fn run(steps: &[Step]) -> Result<()> {
    let steps = if steps.is_empty() { Step::value_variants() } else { steps };
    let failed: Vec<_> = steps.iter().filter(|step| !report(**step)).map(|step| step.name()).collect();
    if failed.is_empty() { Ok(()) } else { bail!("failed: {}", failed.join(", ")) }
}

impl Step {
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    fn check(self) -> Result<()> {
        match self {
            Self::Format => cargo(&["fmt", "--all", "--check"], &[]),
            Self::Layers => layers::run(false),
            Self::Licences => licences::run(),
            Self::Contracts => contracts::run(true),
            Self::Forge => install_packages().and_then(|()| forge()),
            Self::Npm => install_packages().and_then(|()| package()),
            Self::Lint => {
                cargo(&["clippy", "--release", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"], &[])
            }
            Self::Docs => cargo(
                &["doc", "--release", "--workspace", "--no-deps", "--document-private-items", "--quiet"],
                &[("RUSTDOCFLAGS", "-D warnings -A rustdoc::private-intra-doc-links")],
            ),
            Self::Test => install_packages().and_then(|()| tests()),
        }
    }
}

/// Runs one step, and says on stderr how it ended and how long it took.
fn report(step: Step) -> bool {
    let name = step.name();
    eprintln!("==> {name}");
    let start = Instant::now();
    let outcome = step.check();
    let seconds = start.elapsed().as_secs_f64();
    match &outcome {
        Ok(()) => eprintln!("==> {name}: ok, {seconds:.1} s"),
        Err(error) => eprintln!("==> {name}: FAILED, {seconds:.1} s: {error:#}"),
    }
    outcome.is_ok()
}

/// Checks the hand-written contracts' formatting, runs their own tests with the pinned forge, and compares what things cost
/// with `snapshots/`.
fn forge() -> Result<()> {
    // The program itself: the package's wrapper in JavaScript ends with 0 whatever the program ended with.
    let program = platform_binary("forge")?;
    for arguments in [&["fmt", "--check"][..], &["test", "--offline"]] {
        let status = Command::new(&program)
            .args(arguments)
            .env("FORGE_SNAPSHOT_CHECK", "true")
            .current_dir(contracts_dir())
            .stdout(std::io::stderr())
            .status()
            .context("cannot run forge")?;
        if !status.success() {
            bail!(
                "`forge {}` ended with {status}; where only a cost differs, `npx forge test` in {} writes the snapshots \
                 anew",
                arguments.join(" "),
                contracts_dir().display()
            );
        }
    }
    Ok(())
}

/// Builds the npm package and runs its tests, which start the contracts' anvil.
fn package() -> Result<()> {
    let folder = npm::folder();
    install(&folder)?;
    for arguments in [&["run", "build"][..], &["test"]] {
        let status = Command::new("npm").args(arguments).current_dir(&folder).stdout(std::io::stderr()).status();
        let status = status.context("cannot run npm")?;
        if !status.success() {
            bail!("`npm {}` in {} ended with {status}", arguments.join(" "), folder.display());
        }
    }
    Ok(())
}

/// A Foundry program as npm installed it for this platform.
fn platform_binary(name: &str) -> Result<PathBuf> {
    let scope = contracts_dir().join("node_modules/@foundry-rs");
    let prefix = format!("{name}-");
    for entry in std::fs::read_dir(&scope).with_context(|| format!("cannot list {}", scope.display()))? {
        let entry = entry?;
        let program = entry.path().join("bin").join(name);
        if entry.file_name().to_string_lossy().starts_with(&prefix) && program.is_file() {
            return Ok(program);
        }
    }
    bail!("npm installed no `{name}` for this platform below {}", scope.display())
}

/// The cargo that runs this.
fn program() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn cargo(arguments: &[&str], environment: &[(&str, &str)]) -> Result<()> {
    let status = Command::new(program())
        .args(arguments)
        .envs(environment.iter().copied())
        .current_dir(root())
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("cannot run cargo {}", arguments.join(" ")))?;
    if !status.success() {
        bail!("`cargo {}` ended with {status}", arguments.join(" "));
    }
    Ok(())
}

/// Runs the workspace's tests, passes their output on, and ends it with the sums over all of them.
fn tests() -> Result<()> {
    // All the tests run, so that the sums are of all of them: one failing crate must not hide another's failures.
    let mut child = Command::new(program())
        .args(["test", "--release", "--workspace", "--no-fail-fast"])
        .current_dir(root())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run cargo test")?;
    let output = child.stdout.take().context("cargo test has no standard output")?;
    let (mut passed, mut failed) = (0, 0);
    let mut stdout = std::io::stdout().lock();
    for line in BufReader::new(output).split(b'\n') {
        let line = line.context("cannot read what cargo test says")?;
        stdout.write_all(&line).and_then(|()| stdout.write_all(b"\n")).context("cannot write to standard output")?;
        if let Some((p, f)) = sums(&String::from_utf8_lossy(&line)) {
            passed += p;
            failed += f;
        }
    }
    let status = child.wait().context("cannot wait for cargo test")?;
    writeln!(stdout, "{passed} passed, {failed} failed").context("cannot write to standard output")?;
    if !status.success() {
        bail!("`cargo test` ended with {status}");
    }
    Ok(())
}

/// Passed and failed tests of one test binary, from the line that ends its report.
fn sums(line: &str) -> Option<(u64, u64)> {
    let counts = line.strip_prefix("test result: ")?;
    let count = |what: &str| counts.split(['.', ';']).find_map(|part| part.trim().strip_suffix(what)?.parse().ok());
    Some((count(" passed")?, count(" failed")?))
}

#[cfg(test)]
mod tests {
    use super::sums;

    #[test]
    fn the_runners_last_line_is_understood() {
        let line = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 7 filtered out; finished in 0.10s";
        assert_eq!(sums(line), Some((12, 3)));
        assert_eq!(sums("test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured"), Some((0, 0)));
        assert_eq!(sums("test veil::result ... ok"), None);
    }
}
