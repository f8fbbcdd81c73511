//! `cargo xtask test licences`: every package that this workspace is built from has a licence that `deny.toml` allows, and comes from the
//! registry.
use crate::{read, root};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use spdx::{Expression, Licensee, ParseMode};
use std::process::Command;

pub(crate) fn run() -> Result<()> {
    let policy: toml::Table = read(&root().join("deny.toml"))?.parse().context("deny.toml")?;
    let allowed = policy["licenses"]["allow"].as_array().context("deny.toml: licenses.allow is no list")?;
    let allowed = allowed
        .iter()
        .map(|name| Licensee::parse(name.as_str().unwrap_or_default()).with_context(|| format!("deny.toml: {name}")))
        .collect::<Result<Vec<_>>>()?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(root())
        .output()
        .context("cannot run cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata is not JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let mut problems = Vec::new();
    for package in packages {
        let name = format!("{} {}", text(&package["name"]), text(&package["version"]));
        let source = text(&package["source"]);
        if !source.is_empty() && !source.starts_with("registry+") {
            problems.push(format!("{name} comes from {source}"));
        }
        // `MIT/Apache-2.0` is an old spelling of "or"
        let licence = text(&package["license"]);
        let expression = Expression::parse_mode(licence, ParseMode::LAX);
        if !expression.is_ok_and(|licence| licence.evaluate(|wanted| allowed.iter().any(|ours| ours.satisfies(wanted))))
        {
            problems.push(format!("{name}: the licence {licence:?} is not one that deny.toml allows"));
        }
    }
    eprintln!("{} packages", packages.len());
    if problems.is_empty() { Ok(()) } else { bail!("{}", problems.join("\n")) }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
