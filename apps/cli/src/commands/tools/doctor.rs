//! `veilmark doctor`: what is here.

use crate::{
    commands::setup::srs,
    failure::{Failure, Kind},
    home::Home,
    output::{self, Report},
};
use serde_json::{Value, json};
use veilmark::{
    chain::{client::RegistryClient, embedded::EmbeddedChain, practice},
    machine,
};
use veilmark_circuits::statement::claim::Claim;

/// Say what is here: setups, keys, the chain, disk and memory.
///
/// Ends with 9 where something is damaged, after saying all the same what is here. That nothing is here yet is no
/// problem. Of setups only the headers are looked at: veilmark srs verify checks one in full.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}

/// What the chain holds, or why that cannot be told. Looking must not make a folder.
fn chain(home: &Home, problems: &mut Vec<String>) -> (Value, String) {
    let folder = home.chain_dir();
    if !folder.is_dir() {
        return (
            json!({ "folder": output::json_path(folder), "exists": false, "practice_chain": true }),
            "none yet; veilmark register makes it".into(),
        );
    }
    let looked = EmbeddedChain::open(folder).and_then(|chain| {
        let client = RegistryClient::new(chain, practice::deployment());
        Ok((client.chain().block_number()?, client.index(0)?.len()))
    });
    match looked {
        Ok((blocks, records)) => (
            json!({
                "folder": output::json_path(folder), "exists": true, "blocks": blocks, "records": records,
                "practice_chain": true,
            }),
            format!("{records} records, {blocks} blocks in {} ({})", folder.display(), practice::NOTICE),
        ),
        Err(error) => {
            problems.push(error.to_string());
            (
                json!({ "folder": output::json_path(folder), "exists": true, "practice_chain": true, "problem": error.to_string() }),
                format!("PROBLEM: {error}"),
            )
        }
    }
}

/// Whether there is a master secret, and this machine's name; it is not opened.
fn secret(home: &Home, problems: &mut Vec<String>) -> (Value, String) {
    let folder = home.secret();
    if !folder.exists() {
        return (Value::Null, "none; veilmark secret new makes one, so that lost files can be made again".into());
    }
    let looked = folder.is_sealed().and_then(|sealed| Ok((sealed, folder.machines()?)));
    match looked {
        Ok((sealed, machines)) => {
            let how = if sealed { "sealed with a password" } else { "NOT sealed" };
            let text = format!("{how}, in {}; this machine is {}", folder.master().display(), machines[0]);
            (json!({ "file": output::json_path(&folder.master()), "sealed": sealed, "machine": machines[0] }), text)
        }
        Err(error) => {
            problems.push(error.to_string());
            (
                json!({ "file": output::json_path(&folder.master()), "problem": error.to_string() }),
                format!("PROBLEM: {error}"),
            )
        }
    }
}

pub(crate) fn run(home: &Home) -> Result<Report, Failure> {
    let listing = srs::stored(home)?;
    let setups = &listing.setups;
    let mut problems: Vec<String> = listing.unusable.iter().map(ToString::to_string).collect();
    let unusable = problems.clone();
    let (keys, key_bytes) = machine::folder_size(home.keys_dir());
    let (chain, chain_text) = chain(home, &mut problems);
    let disk = machine::disk_free(home.srs_dir());
    let (available, total) = (machine::memory_available(), machine::memory_total());
    let listed: Vec<_> = setups
        .iter()
        .map(
            |s| json!({ "file": output::json_path(&s.path), "k": s.k, "srs_id": s.id.word(), "unsafe_development": s.id.is_unsafe() }),
        )
        .collect();
    let (secret, secret_text) = secret(home, &mut problems);
    let circuits = Claim::ALL.map(|claim| claim.circuit());
    let json = json!({
        "version": env!("CARGO_PKG_VERSION"), "circuits": circuits, "setups": listed,
        "key_cache": { "folder": output::json_path(home.keys_dir()), "file_count": keys, "bytes": key_bytes },
        "practice": chain, "master_secret": secret, "threads": machine::threads(),
        "memory_total_bytes": total, "memory_available_bytes": available, "disk_free_bytes": disk,
        "problems": problems,
    });
    let unknown = || "unknown".to_owned();
    let mut rows = vec![
        ("version", format!("veilmark {}, circuits {}", env!("CARGO_PKG_VERSION"), circuits.join(", "))),
        ("threads", machine::threads().to_string()),
        (
            "memory",
            format!(
                "{} free of {}",
                available.map_or_else(unknown, output::bytes),
                total.map_or_else(unknown, output::bytes)
            ),
        ),
        ("disk", format!("{} free", disk.map_or_else(unknown, output::bytes))),
        ("keys", format!("{keys} files, {} in {}", output::bytes(key_bytes), home.keys_dir().display())),
        ("chain", chain_text),
        ("secret", secret_text),
    ];
    if setups.is_empty() {
        let text = format!(
            "none in {}; veilmark srs ceremonies names files that veilmark srs import takes; veilmark srs dev --k K makes one, unsafe, for practice",
            home.srs_dir().display()
        );
        rows.push(("setups", text));
    }
    for setup in setups {
        let mark = if setup.id.is_unsafe() { "UNSAFE, for development" } else { "a ceremony's" };
        rows.push(("setup", format!("k = {}, {mark}, {}, id {}", setup.k, setup.path.display(), setup.id)));
    }
    for problem in unusable {
        rows.push(("setup", format!("PROBLEM: {problem}")));
    }
    let mut report = Report::new(json, output::table(&rows));
    if !problems.is_empty() {
        report.failure = Some(Failure::new(
            Kind::Unhealthy,
            format!("damaged: {}", problems.join("; ")),
            "delete a damaged setup and make or import it again; for a damaged chain name another folder with --chain",
        ));
    }
    Ok(report)
}
