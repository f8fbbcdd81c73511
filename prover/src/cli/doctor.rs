//! `veilmark doctor`: what is here.

use super::{
    failure::Failure,
    home::Home,
    machine, srs,
    ui::{self, Report},
};
use serde_json::{Value, json};
use veilmark::chain::registry::RegistryClient;
use veilmark_circuits::statement::public::Claim;

/// Say what is here: setups, keys, the chain, disk and memory.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}

/// What the chain holds, or why that cannot be told. Looking must not make a folder.
fn chain(home: &Home) -> (Value, String) {
    let folder = home.chain_dir();
    if !folder.is_dir() {
        return (
            json!({ "folder": ui::json_path(folder), "exists": false }),
            "none yet; veilmark register makes it".into(),
        );
    }
    let looked =
        RegistryClient::open(folder).and_then(|client| Ok((client.chain().block_number()?, client.record_count()?)));
    match looked {
        Ok((blocks, records)) => (
            json!({ "folder": ui::json_path(folder), "exists": true, "blocks": blocks, "records": records }),
            format!("{records} records, {blocks} blocks in {}", folder.display()),
        ),
        Err(error) => (
            json!({ "folder": ui::json_path(folder), "exists": true, "error": error.to_string() }),
            format!("PROBLEM: {error}"),
        ),
    }
}

pub(crate) fn run(home: &Home) -> Result<Report, Failure> {
    let setups = srs::stored(home)?;
    let (keys, key_bytes) = machine::folder_size(home.keys_dir());
    let (chain, chain_text) = chain(home);
    let disk = machine::disk_free(home.srs_dir());
    let (available, total) = (machine::memory_available(), machine::memory_total());
    let listed: Vec<_> = setups
        .iter()
        .map(
            |s| json!({ "file": ui::json_path(&s.path), "k": s.k, "srs_id": s.id.to_string(), "unsafe_development": s.id.is_unsafe() }),
        )
        .collect();
    let circuits = Claim::ALL.map(Claim::circuit);
    let json = json!({
        "version": env!("CARGO_PKG_VERSION"), "circuits": circuits, "srs": listed,
        "keys": { "folder": ui::json_path(home.keys_dir()), "files": keys, "bytes": key_bytes },
        "chain": chain, "threads": machine::threads(),
        "memory": { "total_bytes": total, "available_bytes": available }, "disk_free_bytes": disk,
    });
    let unknown = || "unknown".to_owned();
    let mut rows = vec![
        ("version", format!("veilmark {}, circuits {}", env!("CARGO_PKG_VERSION"), circuits.join(", "))),
        ("threads", machine::threads().to_string()),
        (
            "memory",
            format!("{} free of {}", available.map_or_else(unknown, ui::bytes), total.map_or_else(unknown, ui::bytes)),
        ),
        ("disk", format!("{} free", disk.map_or_else(unknown, ui::bytes))),
        ("keys", format!("{keys} files, {} in {}", ui::bytes(key_bytes), home.keys_dir().display())),
        ("chain", chain_text),
    ];
    if setups.is_empty() {
        let text =
            format!("none in {}; veilmark srs dev --k K makes one, unsafe, for development", home.srs_dir().display());
        rows.push(("setups", text));
    }
    for setup in &setups {
        let mark = if setup.id.is_unsafe() { "UNSAFE, for development" } else { "a ceremony's" };
        rows.push(("setup", format!("k = {}, {mark}, {}", setup.k, setup.path.display())));
    }
    Ok(Report::new(json, ui::table(&rows)))
}
