//! `veilmark sign`.

use crate::{
    commands::{
        chain::{
            connection::{self, ChainArguments},
            reach::Reached,
            register,
        },
        image::{checking, picture},
    },
    failure::{Failure, Kind},
    home::Home,
    output::{self, Report, Ui},
};
use alloy_primitives::Address;
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};
use veilmark::{
    bundle::Bundle,
    chain::{Chain, authorisation::Authorisation, embedded::CHAIN_ID, registry::RegistryClient},
    files::hex0x,
};

/// Let somebody else register a bundle for you, at their cost: sign for it.
///
/// The key is the registrant's; nothing is sent. The signature file is no secret, but it is an authorisation: until it
/// expires whoever has it and the bundle can register the bundle for you, once, and it cannot be taken back (veilmark
/// register BUNDLE --signature X.sig). Running it again finds the signature that is there.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The bundle that veilmark prove wrote.
    bundle: PathBuf,
    /// How long the signature is good for.
    #[arg(long, value_name = "DAYS", default_value_t = 7, value_parser = clap::value_parser!(u64).range(1..=365))]
    valid_for: u64,
    #[command(flatten)]
    chain: ChainArguments,
    /// Without a node: the id of the chain; --registry names the content registry there.
    #[arg(long, value_name = "N", requires = "registry", conflicts_with_all = ["rpc", "chain"])]
    chain_id: Option<u64>,
    /// In a claim with a model: its registration [default: asked of the chain, the oldest in use].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=u64::from(u32::MAX)))]
    model_id: Option<u64>,
    /// The key's file, as wallets write it. Without one the key is taken from the variable VEILMARK_PRIVATE_KEY, or asked
    /// for.
    #[arg(long, value_name = "FILE")]
    keystore: Option<PathBuf>,
    /// The keystore's password, in a file; without one it is asked for.
    #[arg(long, value_name = "FILE", requires = "keystore")]
    password_file: Option<PathBuf>,
    /// Where the signature goes.
    #[arg(short, long, value_name = "X.sig")]
    output: PathBuf,
    /// Replace an existing file.
    #[arg(long)]
    force: bool,
}

/// Seconds since 1970 by this machine's clock.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// That the bundle is for the chain named, and the model's registration there.
fn model_id(ui: &Ui, home: &Home, bundle: &Bundle, arguments: &Arguments) -> Result<Option<u64>, Failure> {
    if !bundle.claim.has_model() && arguments.model_id.is_some() {
        let message = format!("the {} claim has no model", bundle.claim.name());
        return Err(Failure::new(Kind::Usage, message, "leave --model-id out"));
    }
    if let (Some(chain_id), Some(registry)) = (arguments.chain_id, arguments.chain.registry) {
        register::require_binding(bundle, chain_id, registry)?;
        if bundle.claim.has_model() && arguments.model_id.is_none() {
            let message = "the signature names the model's registration, which only the chain knows";
            return Err(Failure::new(Kind::Usage, message, "name it with --model-id, or ask a node with --rpc"));
        }
        return Ok(arguments.model_id);
    }
    if arguments.chain.rpc.is_none() {
        // no chain is made, nor needed, for a claim without a model
        register::require_binding(bundle, CHAIN_ID, RegistryClient::address())?;
        if !bundle.claim.has_model() || arguments.model_id.is_some() {
            arguments.chain.node(ui, None)?;
            return Ok(arguments.model_id);
        }
    }
    let reached = Reached::existing(ui, home, &arguments.chain, None)?;
    let client = &reached.client;
    register::require_binding(bundle, client.chain().chain_id()?, client.deployment().content)?;
    match (arguments.model_id, bundle.model_hash()) {
        (Some(id), Some(model)) if client.model(id)?.commitment.modelHash.0 != model => {
            let message = format!("model {id} is another than the bundle's");
            Err(Failure::new(Kind::Mismatch, message, "leave --model-id out, or name a registration of this model"))
        }
        (Some(id), _) => Ok(Some(id)),
        (None, _) => register::model_id(client, bundle),
    }
}

/// The signature that is there already, if it is as good as a new one.
fn found(bundle: &Bundle, path: &Path) -> Option<Authorisation> {
    let found = Authorisation::read(path).ok()?;
    found.check(bundle.binding, &register::submission(bundle, found.model_id)).ok()?;
    found.check_time(now()).ok().map(|()| found)
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    let bundle = checking::read_bundle(&arguments.bundle)?;
    let model_id = model_id(ui, home, &bundle, arguments)?;
    if !arguments.force
        && let Some(found) = found(&bundle, &arguments.output)
        && model_id == found.model_id
    {
        return Ok(report(arguments, &found, true));
    }
    let existing = picture::existing(arguments.force);
    picture::check_output(&arguments.output, existing, &[&arguments.bundle], picture::MayReplace::Nothing)?;
    let signer = connection::key(arguments.keystore.as_deref(), arguments.password_file.as_deref())?;
    let (registrant, have) = (Address::from(bundle.binding.registrant), signer.address());
    if have != registrant {
        let message = format!("the proof is for registrant {registrant}, the key is of {have}");
        return Err(Failure::new(Kind::Usage, message, "sign with the registrant's key: --keystore FILE"));
    }
    let deadline = now() + arguments.valid_for * 86_400;
    let signed = Authorisation::sign(bundle.binding, &register::submission(&bundle, model_id), deadline, &signer)?;
    signed.write(&arguments.output, existing)?;
    ui.warn("whoever has this file and the bundle can register the bundle for you until then; it cannot be taken back");
    Ok(report(arguments, &signed, false))
}

fn report(arguments: &Arguments, signed: &Authorisation, already: bool) -> Report {
    let (registrant, until) = (hex0x(&signed.binding.registrant), output::utc(signed.deadline));
    let json = json!({
        "signature": output::json_path(&arguments.output), "already_signed": already, "registrant": registrant,
        "chain_id": signed.binding.chain_id, "registry": hex0x(&signed.binding.registry), "model_id": signed.model_id,
        "deadline": signed.deadline, "until": until, "signed": signed.digest,
    });
    let again = if already { " (it was there already)" } else { "" };
    let text = output::table(&[
        ("signature", format!("{}{again}", arguments.output.display())),
        ("registrant", registrant),
        ("registry", format!("{} on chain {}", hex0x(&signed.binding.registry), signed.binding.chain_id)),
        ("good until", until),
    ]);
    Report::new(json, text)
}
