//! `veilmark contracts`.

use crate::{
    args::Claim,
    commands::{
        chain::{
            address,
            connection::{self, ChainArguments, SigningArguments},
        },
        image::{checking, picture},
        model::import,
    },
    failure::{Failure, Kind},
    home::{self, Home},
    output::{self, Report, Ui},
};
use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall;
use serde_json::{Value, json};
use std::{
    io::Write,
    path::{Path, PathBuf},
};
use veilmark::{
    chain::{
        Chain,
        deploying::{self, DEPLOYER, DEVELOPMENT_CHAINS, DeploymentFile, MIN_DELAY, Pinned, Plan},
        registry::{RegistryClient, State, claim_id, statement_of},
        rpc::RpcChain,
    },
    files::{self, Access, Existing, hex0x},
    keys,
    srs::SrsId,
};
use veilmark_circuits::statement::claim;
use veilmark_verifier_contract::{
    VkHeader,
    artifacts::{self, IClaimRouter},
};

/// What is done with the contracts.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Deploy(Deploy),
    Pin(Pin),
    Stop(Stop),
    Verify(Verify),
    Export(Export),
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

/// Bring router, registries, tokens and verifiers to a chain.
///
/// Every address follows from what is deployed, so a run that was broken off is completed by running it again with the
/// same arguments, and nothing is deployed twice. Verifying keys under unsafe development parameters are refused off chain
/// ids 31337 and 1337, before anything is sent. The verifying keys named are in the router from the beginning; others
/// wait for the delay (veilmark contracts pin).
#[derive(Debug, clap::Args)]
pub(crate) struct Deploy {
    #[command(flatten)]
    keys: Keys,
    /// The router's owner, who may add and remove [default: whoever signs].
    #[arg(long, value_name = "ADDRESS", value_parser = address::parse)]
    owner: Option<Address>,
    /// Who may stop a claim in an emergency [default: the owner].
    #[arg(long, value_name = "ADDRESS", value_parser = address::parse)]
    guardian: Option<Address>,
    /// How long an addition to the router waits [default: two days, the least; 0 on a development chain].
    #[arg(long, value_name = "SECONDS")]
    delay: Option<u64>,
    #[command(flatten)]
    chain: ChainArguments,
    #[command(flatten)]
    signing: SigningArguments,
}

/// Add verifying keys to a router, as its owner.
///
/// Where the router has a delay, the first run proposes and a run after the delay adds.
#[derive(Debug, clap::Args)]
pub(crate) struct Pin {
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    chain: ChainArguments,
    #[command(flatten)]
    signing: SigningArguments,
}

/// Stop a claim, for good, as the router's guardian or owner: nothing is registered under it any more.
#[derive(Debug, clap::Args)]
pub(crate) struct Stop {
    /// The claim.
    #[arg(long, value_enum)]
    claim: Claim,
    #[command(flatten)]
    chain: ChainArguments,
    #[command(flatten)]
    signing: SigningArguments,
}

/// Compare what is deployed with this program's contracts, and say whom the chain trusts.
///
/// Ends with 0 only if every contract is this program's and every verifying key in use is one that was named here, or is
/// under a ceremony's parameters.
#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    keys: Keys,
    /// Verifying keys under unsafe development parameters are no failure.
    #[arg(long)]
    allow_unsafe: bool,
    #[command(flatten)]
    chain: ChainArguments,
}

/// Write the contracts' interfaces, bytecodes and, where a chain is named, addresses.
#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// The folder to write to; it is made if it is missing.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Replace existing files.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    chain: ChainArguments,
}

pub(crate) fn run(ui: &Ui, home: &Home, command: Command) -> Result<Report, Failure> {
    match command {
        Command::Deploy(arguments) => deploy(ui, home, &arguments),
        Command::Pin(arguments) => pin(ui, home, &arguments),
        Command::Stop(arguments) => stop(ui, home, &arguments),
        Command::Verify(arguments) => verify(ui, home, &arguments),
        Command::Export(arguments) => export(ui, home, &arguments),
    }
}

fn required(node: Option<RpcChain>) -> Result<RpcChain, Failure> {
    let hint = "name the node with --rpc URL; on an embedded chain the tool does it by itself";
    node.ok_or_else(|| Failure::new(Kind::Usage, "contracts are brought to a chain behind a node", hint))
}

/// The verifying keys' codes.
fn codes(ui: &Ui, home: &Home, keys: &Keys) -> Result<Vec<(claim::Claim, Vec<u8>)>, Failure> {
    let mut codes: Vec<(claim::Claim, Vec<u8>)> = Vec::new();
    for path in &keys.bundle {
        let bundle = checking::read_bundle(path)?;
        let model = keys.model.iter().find(|model| {
            let hash = checking::read_model(model).map(|(_, hash)| hash).ok();
            hash.is_some() && hash == bundle.model_hash()
        });
        let shape = checking::shape_of(&bundle, model.map(PathBuf::as_path))?;
        let srs = home.load_srs(ui, bundle.k, Some(bundle.srs_id))?;
        home::warn_unsafe(ui, srs.id());
        let key = home.keys()?.verifying_key(&srs, &shape, &|text| ui.note(text))?;
        codes.push((shape.claim(), keys::vk_data(&srs, &key, &shape)?.runtime_code()));
    }
    for path in &keys.model {
        let claim = keys.claim.into();
        codes.push((claim, import::registrable(ui, home, path, claim, "")?.key_code));
    }
    let mut known = std::collections::HashSet::new();
    codes.retain(|(_, code)| known.insert(code.clone()));
    Ok(codes)
}

fn write(path: &Path, bytes: &[u8], existing: Existing) -> Result<(), Failure> {
    files::write_atomically(path, existing, Access::Umask, |file| file.write_all(bytes))?;
    Ok(())
}

fn write_file(path: &Path, file: &DeploymentFile) -> Result<(), Failure> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        home::make_folder(folder)?;
    }
    let text = serde_json::to_string_pretty(file).unwrap_or_default();
    write(path, format!("{text}\n").as_bytes(), Existing::Replace)
}

fn deploy(ui: &Ui, home: &Home, arguments: &Deploy) -> Result<Report, Failure> {
    let node = required(arguments.chain.node(ui, Some(&arguments.signing))?)?;
    let chain_id = node.chain_id()?;
    let owner = arguments.owner.or(node.signer()).ok_or_else(|| {
        Failure::new(Kind::Usage, "nobody is named who owns the router", "name the account with --owner")
    })?;
    let sender = node.signer().unwrap_or(owner);
    let development = DEVELOPMENT_CHAINS.contains(&chain_id);
    let delay = arguments.delay.unwrap_or(if development { 0 } else { MIN_DELAY });
    if !development && delay < MIN_DELAY {
        let message = format!("the delay is at least {MIN_DELAY} seconds on chain {chain_id}");
        return Err(Failure::new(Kind::Usage, message, "leave --delay out, or give more"));
    }
    let guardian = arguments.guardian.unwrap_or(owner);
    let plan = Plan { owner, guardian, delay, keys: codes(ui, home, &arguments.keys)? };
    let path = arguments.chain.contracts.clone().unwrap_or_else(|| home.deployment(chain_id));
    let before = match path.exists() {
        true => arguments.chain.file(home, chain_id)?,
        false => None,
    };
    let first_block = match &before {
        Some(file) => file.first_block,
        None => node.block_number()?,
    };
    let (contracts, mut file) = plan.contracts(chain_id, first_block)?;
    if let Some(before) = before.filter(|before| before.content != file.content) {
        let message = format!("the file is of another deployment, whose content registry is at {}", before.content);
        let hint = "give the arguments that it was made with, or name another file with --contracts";
        return Err(Failure::new(Kind::Usage, message, hint).at(&path));
    }
    deploying::require_deployer(&node)?;
    let mut rows = Vec::new();
    let mut gas_total = 0;
    if !arguments.signing.dry_run {
        write_file(&path, &file)?;
    }
    for contract in &contracts {
        let mut row =
            json!({ "name": contract.name, "address": contract.address, "code_bytes": contract.init_code.len() });
        if arguments.signing.dry_run {
            let there = contract.exists(&node)?;
            // what needs contracts that are not there yet cannot be estimated
            let gas = if there { None } else { node.estimate(sender, Some(DEPLOYER), &contract.calldata()).ok() };
            row["already"] = json!(there);
            row["gas_estimate"] = json!(gas);
            row["to"] = json!(DEPLOYER);
            row["data"] = json!(hex0x(&contract.calldata()));
            gas_total += gas.unwrap_or_default();
        } else {
            let receipt = contract.make(&node, sender)?;
            let gas = receipt.map(|receipt| receipt.gas_used);
            let told = gas.map_or_else(|| "there already".to_owned(), |gas| format!("{gas} gas"));
            ui.note(&format!("{} at {}: {told}", contract.name, contract.address));
            row["already"] = json!(gas.is_none());
            row["gas_used"] = json!(gas);
            gas_total += gas.unwrap_or_default();
        }
        rows.push(row);
    }
    if !arguments.signing.dry_run {
        // asked once, that all of them know each other
        RegistryClient::new(node, file.deployment()).record_count()?;
        file.complete = true;
        write_file(&path, &file)?;
    }
    let json = json!({
        "dry_run": arguments.signing.dry_run, "chain_id": chain_id, "contracts": rows, "gas": gas_total,
        "owner": owner, "guardian": guardian, "delay": delay, "router": file.router, "models": file.models,
        "content": file.content, "token": file.token, "file": output::json_path(&path),
    });
    let text = output::table(&[
        ("router", file.router.to_string()),
        ("models", file.models.to_string()),
        ("content", file.content.to_string()),
        ("token", file.token.to_string()),
        ("owner", format!("{owner}, additions wait {delay} s")),
        ("guardian", guardian.to_string()),
        ("gas", gas_total.to_string()),
        ("file", path.display().to_string()),
    ]);
    Ok(Report::new(json, text))
}

fn pin(ui: &Ui, home: &Home, arguments: &Pin) -> Result<Report, Failure> {
    let codes = codes(ui, home, &arguments.keys)?;
    if codes.is_empty() {
        return Err(Failure::new(Kind::Usage, "no verifying key is named", "name one with --bundle or --model"));
    }
    let node = required(arguments.chain.node(ui, Some(&arguments.signing))?)?;
    let chain_id = node.chain_id()?;
    for (_, code) in &codes {
        deploying::check_key(chain_id, code)?;
    }
    let (client, _) = arguments.chain.client(home, node)?;
    let owner = client.chain().signer();
    if arguments.signing.dry_run || owner.is_none() {
        let all = codes.iter().map(|(claim, code)| {
            let contract = deploying::key_contract(code)?;
            let add = IClaimRouter::addKeyCall { claimId: claim_id(*claim), vk: contract.address }.abi_encode();
            Ok(json!({
                "vk": contract.address, "deployer": DEPLOYER, "deployer_data": hex0x(&contract.calldata()),
                "router": client.deployment().router, "router_data": hex0x(&add),
            }))
        });
        let all: Vec<Value> = all.collect::<Result<_, Failure>>()?;
        let text = serde_json::to_string_pretty(&all).unwrap_or_default();
        return Ok(Report::new(json!({ "dry_run": true, "transactions": all }), text));
    }
    // before a key costs gas that no router takes
    for (claim, _) in &codes {
        let state = client.claim(*claim)?.state;
        if matches!(state, State::Stopped | State::Removed) {
            let message = format!("the claim {} was stopped or removed on this chain, for good", claim.name());
            let hint = "veilmark contracts verify says what this chain trusts";
            return Err(Failure::new(Kind::UntrustedDeployment, message, hint));
        }
    }
    let mut rows = Vec::new();
    let mut text = Vec::new();
    for (claim, code) in codes {
        let vk_hash = alloy_primitives::keccak256(&code);
        let pinned = deploying::pin(&client, claim, &code, owner.unwrap_or_default())?;
        let (state, ready_at, receipts) = match pinned {
            Pinned::Already => ("there already", None, Vec::new()),
            Pinned::Added(receipts) => ("added", None, receipts),
            Pinned::Proposed { ready_at, receipts } => ("proposed", Some(ready_at), receipts),
        };
        let gas: u64 = receipts.iter().map(|receipt| receipt.gas_used).sum();
        rows.push(json!({
            "vk_hash": vk_hash, "claim": claim.name(), "state": state, "ready_at": ready_at, "gas_used": gas,
        }));
        let when = ready_at.map_or_else(String::new, |at| format!(": run this again after {}", output::utc(at)));
        text.push(format!("{vk_hash} ({}): {state}, {gas} gas{when}", claim.name()));
    }
    Ok(Report::new(json!({ "keys": rows }), text.join("\n")))
}

fn stop(ui: &Ui, home: &Home, arguments: &Stop) -> Result<Report, Failure> {
    let claim = claim::Claim::from(arguments.claim);
    let node = required(arguments.chain.node(ui, Some(&arguments.signing))?)?;
    let (client, _) = arguments.chain.client(home, node)?;
    let (guardian, _) = client.router_facts()?;
    let sender = client.chain().signer().unwrap_or(guardian);
    if arguments.signing.dry_run {
        let call = IClaimRouter::stopCall { claimId: claim_id(claim) }.abi_encode();
        let router = client.deployment().router;
        return connection::dry_run(client.chain(), "stop the claim", sender, router, &call);
    }
    let gas_used = match client.claim(claim)?.state {
        State::Stopped => None,
        _ => Some(client.stop(claim, sender)?.gas_used),
    };
    let json = json!({ "claim": claim.name(), "state": "stopped", "already_stopped": gas_used.is_none(), "gas_used": gas_used });
    let how = gas_used.map_or_else(|| "was stopped already".to_owned(), |gas| format!("is stopped, {gas} gas"));
    Ok(Report::new(json, format!("the {} claim {how}: for good", claim.name())))
}

fn state_name(state: State) -> &'static str {
    match state {
        State::Active => "active",
        State::Stopped => "stopped",
        State::Removed => "removed",
        State::Unknown | State::__Invalid => "unknown",
    }
}

fn verify(ui: &Ui, home: &Home, arguments: &Verify) -> Result<Report, Failure> {
    let node = required(arguments.chain.node(ui, None)?)?;
    let expected = codes(ui, home, &arguments.keys)?;
    let expected: Vec<B256> = expected.iter().map(|(_, code)| alloy_primitives::keccak256(code)).collect();
    let (client, _) = arguments.chain.client(home, node)?;
    let chain = client.chain();
    let (mut wrong, mut lines) = (Vec::new(), Vec::new());
    let mut contracts = Vec::new();
    for (address, artifact) in client.deployment().contracts() {
        let code = chain.code(address)?;
        let verdict = match (code.is_empty(), artifact.is_code_of(&code)) {
            (true, _) => "missing",
            (false, true) => "this program's",
            (false, false) => "another code",
        };
        if verdict != "this program's" {
            wrong.push(format!("{} at {address}: {verdict}", artifact.name));
        }
        lines.push(format!("{:<22} {address}  {verdict}", artifact.name));
        contracts.push(json!({ "name": artifact.name, "address": address, "code": verdict }));
    }
    if !wrong.is_empty() {
        let failure = Failure::new(Kind::UntrustedDeployment, wrong.join("; "), "do not rely on this deployment");
        return Ok(Report {
            failure: Some(failure),
            ..Report::new(json!({ "contracts": contracts }), lines.join("\n"))
        });
    }
    let (guardian, delay) = client.router_facts()?;
    let mut claims = Vec::new();
    for entry in client.claims()? {
        let ours = claim::Claim::ALL.into_iter().find(|claim| claim_id(*claim) == entry.claimId);
        let is_ours = match ours {
            Some(claim) => {
                // the right verifier under another statement: the registry would compare other things
                entry.statement == statement_of(claim)
                    && artifacts::verifier(claim).is_code_of(&chain.code(entry.verifier)?)
            }
            None => false,
        };
        let name = ours.map_or_else(|| entry.claimId.to_string(), |claim| claim.name().to_owned());
        let verdict = if is_ours { "this program's" } else { "another code" };
        if !is_ours && entry.state == State::Active {
            wrong.push(format!("the verifier of the claim {name} is not this program's"));
        }
        lines.push(format!("claim {name:<16} {}  {verdict}, {}", entry.verifier, state_name(entry.state)));
        claims.push(json!({
            "claim": name, "verifier": entry.verifier, "code": verdict, "state": state_name(entry.state),
        }));
    }
    let mut keys = Vec::new();
    for key in client.pins()? {
        let code = chain.code(key.vk)?;
        let intact = alloy_primitives::keccak256(&code) == key.vkHash && VkHeader::read(&code).is_ok();
        let named = expected.contains(&key.vkHash);
        let trust = match (intact, named, key.unsafeDevelopment) {
            (false, _, _) => "its code is another than its hash says",
            (true, true, _) => "computed here",
            (true, false, true) => "UNSAFE development parameters",
            (true, false, false) => "not computed here",
        };
        let active = key.state == State::Active;
        if active && (!intact || key.unsafeDevelopment && !arguments.allow_unsafe) {
            wrong.push(format!(
                "verifying key {}: {}",
                key.vkHash,
                if intact { "UNSAFE development parameters" } else { trust }
            ));
        }
        let srs = SrsId(key.srsId.0).to_string();
        lines.push(format!(
            "key {} {}  {trust}; {}x{}, k = {}, setup {srs}",
            key.vkHash,
            state_name(key.state),
            key.width,
            key.height,
            key.k
        ));
        keys.push(json!({
            "vk_hash": key.vkHash, "vk": key.vk, "state": state_name(key.state), "computed_here": named, "intact": intact,
            "unsafe_development": key.unsafeDevelopment, "srs_id": srs, "k": key.k.to_string(),
            "width": key.width.to_string(), "height": key.height.to_string(),
        }));
    }
    for vk_hash in expected.iter().filter(|hash| !keys.iter().any(|key| key["vk_hash"] == json!(hash))) {
        wrong.push(format!("the router does not know verifying key {vk_hash}"));
    }
    lines.push(format!("guardian {guardian}; additions wait {delay} s"));
    let json = json!({
        "chain_id": chain.chain_id()?, "contracts": contracts, "claims": claims, "keys": keys, "guardian": guardian,
        "delay": delay, "ok": wrong.is_empty(),
    });
    let mut report = Report::new(json, lines.join("\n"));
    if !wrong.is_empty() {
        report.failure = Some(Failure::new(
            Kind::UntrustedDeployment,
            wrong.join("; "),
            "do not rely on this deployment; --allow-unsafe is for development",
        ));
    }
    Ok(report)
}

fn export(ui: &Ui, home: &Home, arguments: &Export) -> Result<Report, Failure> {
    let existing = picture::existing(arguments.force);
    home::make_folder(&arguments.output)?;
    let mut names = Vec::new();
    for artifact in artifacts::exported() {
        let name = format!("{}.json", artifact.name);
        write(&arguments.output.join(&name), artifact.json.as_bytes(), existing)?;
        names.push(name);
    }
    if let Some(node) = arguments.chain.node(ui, None)? {
        let chain_id = node.chain_id()?;
        if let Some(file) = arguments.chain.file(home, chain_id)? {
            let text = serde_json::to_string_pretty(&file).unwrap_or_default();
            write(&arguments.output.join("deployment.json"), format!("{text}\n").as_bytes(), existing)?;
            names.push("deployment.json".to_owned());
        }
    }
    let text = names.join("\n");
    Ok(Report::new(json!({ "folder": output::json_path(&arguments.output), "files": names }), text))
}
