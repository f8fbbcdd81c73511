//! `veilmark contracts export`.

use crate::{
    commands::{
        chain::{connection::ChainArguments, reach},
        image::picture,
    },
    failure::Failure,
    home::{self, Home},
    output::{self, Report, Ui},
};
use serde_json::json;
use std::{io::Write, path::PathBuf};
use veilmark::{
    chain::Chain,
    files::{self, Access},
};
use veilmark_contract_bindings::artifact;

/// Write the contracts' interfaces, bytecodes and, where a chain is named, its manifest.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The folder to write to; it is made if it is missing.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Replace existing files.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    chain: ChainArguments,
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    let existing = picture::existing(arguments.force);
    home::make_folder(&arguments.output)?;
    let mut names = Vec::new();
    for artifact in artifact::all() {
        let name = format!("{}.json", artifact.name);
        files::write_atomically(&arguments.output.join(&name), existing, Access::Umask, |file| {
            file.write_all(artifact.json.as_bytes())
        })?;
        names.push(name);
    }
    if let Some(node) = arguments.chain.node(ui, None)?
        && let Some((_, manifest)) = reach::manifest(home, &arguments.chain, node.chain_id()?)?
    {
        manifest.write(&arguments.output.join("deployment.json"), existing)?;
        names.push("deployment.json".to_owned());
    }
    let text = names.join("\n");
    Ok(Report::new(json!({ "folder": output::json_path(&arguments.output), "files": names }), text))
}
