//! `veilmark contracts`: bringing the contracts to a chain, running them, and seeing whom a chain trusts.

mod acts;
mod add;
mod deploy;
mod export;
mod verify;

use crate::{
    claim::Claim,
    commands::{
        chain::{connection::ChainArguments, reach::Reached},
        image::checking,
        model::import,
    },
    failure::{Failure, Kind},
    home::{self, Home},
    output::{Report, Ui},
};
use alloy_primitives::keccak256;
use std::path::PathBuf;
use veilmark::{keys, registrar};

/// What is done with the contracts.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Deploy(deploy::Arguments),
    Add(add::Arguments),
    AddClaim(acts::AddClaim),
    Review(acts::Review),
    Remove(acts::Remove),
    Pause(acts::Pause),
    Unpause(acts::Unpause),
    Stop(acts::Stop),
    Doubt(acts::Doubt),
    Guardian(acts::Guardian),
    Owner(acts::Owner),
    Cancel(acts::Cancel),
    StopWithProof(acts::StopWithProof),
    Proposals(acts::Proposals),
    Verify(verify::Arguments),
    Export(export::Arguments),
}

// Whose verifying keys: computed here, never read from a file.
#[derive(Debug, clap::Args)]
struct Keys {
    /// The verifying key of this bundle's claim, size and setup; may be given several times.
    #[arg(long, value_name = "BUNDLE")]
    bundle: Vec<PathBuf>,
    /// The verifying keys of this model's public file, or its owner's; may be given several times.
    #[arg(long, value_name = "M.pub")]
    model: Vec<PathBuf>,
    /// With --model: for which claim.
    #[arg(long = "for", value_enum, value_name = "CLAIM", default_value = "authenticity")]
    claim: Claim,
}

pub(crate) fn run(ui: &Ui, home: &Home, command: Command) -> Result<Report, Failure> {
    match command {
        Command::Deploy(arguments) => deploy::run(ui, home, &arguments),
        Command::Add(arguments) => add::run(ui, home, &arguments),
        Command::AddClaim(arguments) => acts::add_claim(ui, home, &arguments),
        Command::Review(arguments) => acts::review(ui, home, &arguments),
        Command::Remove(arguments) => acts::remove(ui, home, &arguments),
        Command::Pause(arguments) => acts::pause(ui, home, &arguments),
        Command::Unpause(arguments) => acts::unpause(ui, home, &arguments),
        Command::Stop(arguments) => acts::stop(ui, home, &arguments),
        Command::Doubt(arguments) => acts::doubt(ui, home, &arguments),
        Command::Guardian(arguments) => acts::guardian(ui, home, &arguments),
        Command::Owner(arguments) => acts::owner(ui, home, &arguments),
        Command::Cancel(arguments) => acts::cancel(ui, home, &arguments),
        Command::StopWithProof(arguments) => acts::stop_with_proof(ui, home, &arguments),
        Command::Proposals(arguments) => acts::proposals(ui, home, &arguments),
        Command::Verify(arguments) => verify::run(ui, home, &arguments),
        Command::Export(arguments) => export::run(ui, home, &arguments),
    }
}

/// That a node is named: a practice chain's contracts are the tool's own affair.
fn require_node(chain: &ChainArguments) -> Result<(), Failure> {
    if chain.rpc.is_some() {
        return Ok(());
    }
    let hint = "name the node with --rpc URL; on a practice chain the tool does it by itself";
    Err(Failure::new(Kind::Usage, "contracts are brought to a chain behind a node", hint))
}

/// The verifying keys' codes, which this machine remembers that it computed.
fn codes(ui: &Ui, home: &Home, keys: &Keys) -> Result<Vec<Vec<u8>>, Failure> {
    let mut codes: Vec<Vec<u8>> = Vec::new();
    for path in &keys.bundle {
        let bundle = checking::read_bundle(path)?;
        let model = keys.model.iter().find(|model| {
            let hash = checking::read_model(ui, model).map(|(_, hash)| hash.into()).ok();
            hash.is_some() && hash == registrar::model_hash(&bundle)
        });
        let shape = checking::shape_of(ui, &bundle, model.map(PathBuf::as_path))?;
        let srs = home.load_srs(ui, bundle.k, Some(bundle.srs_id))?;
        home::warn_unsafe(ui, srs.id());
        let key = home.keys()?.verifying_key(&srs, &shape, &|text| ui.note(text))?;
        codes.push(keys::vk_data(&srs, &key, &shape)?.runtime_code());
    }
    for path in &keys.model {
        codes.push(import::registrable(ui, home, path, keys.claim.into(), "")?.key_code);
    }
    let mut known = std::collections::HashSet::new();
    codes.retain(|code| known.insert(code.clone()));
    for code in &codes {
        home.remember_key(keccak256(code))?;
    }
    Ok(codes)
}

/// Adds keys that were computed here to the manifest at home, where there is one.
fn remember(reached: &Reached, codes: &[Vec<u8>]) -> Result<(), Failure> {
    use veilmark::{
        chain::deployment::{ManifestKey, key_contract},
        files::Existing,
    };
    let Some((path, mut manifest)) = reached.manifest.clone() else { return Ok(()) };
    for code in codes {
        manifest.add_key(ManifestKey::read(code, key_contract(code)?.address));
    }
    Ok(manifest.write(&path, Existing::Replace)?)
}
