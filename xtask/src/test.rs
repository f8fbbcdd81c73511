//! `cargo xtask test`: every check there is, in the order in which they fail fastest; stops at the first that fails.

use crate::{contracts, contracts_dir, install_packages, root};
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

pub(crate) fn run() -> Result<()> {
    step("formatting", || cargo(&["fmt", "--all", "--check"], &[]))?;
    step("pinned packages", install_packages)?;
    step("contracts", || contracts::run(true))?;
    step("contract tests", forge)?;
    step("lints", || {
        cargo(&["clippy", "--release", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"], &[])
    })?;
    step("documentation", || {
        cargo(
            &["doc", "--release", "--workspace", "--no-deps", "--document-private-items", "--quiet"],
            &[("RUSTDOCFLAGS", "-D warnings -A rustdoc::private-intra-doc-links")],
        )
    })?;
    step("tests", tests)
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

/// Runs one step and says on stderr how long it took.
fn step(name: &str, run: impl FnOnce() -> Result<()>) -> Result<()> {
    eprintln!("==> {name}");
    let start = Instant::now();
    let outcome = run().with_context(|| format!("step `{name}` failed"));
    let verdict = if outcome.is_ok() { "ok" } else { "FAILED" };
    eprintln!("==> {name}: {verdict}, {:.1} s", start.elapsed().as_secs_f64());
    outcome
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
