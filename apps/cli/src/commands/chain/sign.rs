//! `veilmark sign`.

use crate::{
    commands::{
        chain::{
            connection::{self, ChainArguments},
            reach::Reached,
            register::{self, ModelArguments},
        },
        image::{checking, picture},
    },
    failure::{Failure, Kind},
    home::Home,
    output::{self, Report, Ui},
};
use alloy_primitives::Address;
use serde_json::json;
use std::path::{Path, PathBuf};
use veilmark::{
    bundle::Bundle,
    chain::authorization::Authorization,
    registrar::{self, ModelChoice, RegistrarError},
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
    #[command(flatten)]
    model: ModelArguments,
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

/// That the bundle is for the chain named, and the model's registration there.
fn model_id(ui: &Ui, home: &Home, bundle: &Bundle, arguments: &Arguments) -> Result<Option<u64>, Failure> {
    let (choice, has_model) = (arguments.model.choice(), registrar::model_hash(bundle).is_some());
    if !has_model && choice != ModelChoice::Default {
        return Err(RegistrarError::NoModel { claim: bundle.claim.name() }.into());
    }
    let told = arguments.model.model_id;
    if let (Some(chain_id), Some(registry)) = (arguments.chain_id, arguments.chain.registry) {
        let (expected, expected_chain) = (Address::from(bundle.binding.registry), bundle.binding.chain_id);
        if (expected, expected_chain) != (registry, chain_id) {
            let (got, got_chain) = (registry, chain_id);
            return Err(RegistrarError::OtherRegistry { expected, expected_chain, got, got_chain }.into());
        }
        if has_model && told.is_none() {
            let message = "the signature names the model's registration, which only the chain knows";
            return Err(Failure::new(Kind::Usage, message, "name it with --model-id, or ask a node with --rpc"));
        }
        return Ok(told);
    }
    if arguments.chain.rpc.is_none() {
        // no chain is made, nor needed, for a claim without a model
        register::require_practice(bundle)?;
        if !has_model || told.is_some() {
            arguments.chain.node(ui, None)?;
            return Ok(told);
        }
    }
    let reached = Reached::existing(ui, home, &arguments.chain, None)?;
    let registrar = register::registrar(&reached);
    registrar.require_bound(bundle.binding)?;
    Ok(registrar.model(bundle, choice)?.map(|model| model.model_id))
}

/// The signature that is there already, if it is as good as a new one.
fn found(bundle: &Bundle, path: &Path) -> Option<Authorization> {
    let found = Authorization::read(path).ok()?;
    found.check(bundle.binding, &registrar::submission(bundle, found.model_id)).ok()?;
    found.check_time(output::now()).ok().map(|()| found)
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    let bundle = checking::read_bundle(&arguments.bundle)?;
    let model_id = model_id(ui, home, &bundle, arguments)?;
    if !arguments.force
        && let Some(found) = found(&bundle, &arguments.output)
        && model_id == found.model_id
    {
        return Ok(report(arguments, &bundle, &found, true));
    }
    let existing = picture::existing(arguments.force);
    picture::check_output(&arguments.output, existing, &[&arguments.bundle], picture::MayReplace::Nothing)?;
    // anyone can prove for anyone: what is signed is looked at first
    register::checked(ui, home, &bundle, arguments.model.model.as_deref())?;
    let signer = connection::key(ui, arguments.keystore.as_deref(), arguments.password_file.as_deref())?;
    let (registrant, have) = (Address::from(bundle.binding.registrant), signer.address());
    if have != registrant {
        let message = format!("the proof is for registrant {registrant}, the key is of {have}");
        return Err(Failure::new(Kind::NotAllowed, message, "sign with the registrant's key: --keystore FILE"));
    }
    let deadline = output::now() + arguments.valid_for * 86_400;
    let signed = Authorization::sign(bundle.binding, &registrar::submission(&bundle, model_id), deadline, &signer)?;
    signed.write(&arguments.output, existing)?;
    ui.warn("whoever has this file and the bundle can register the bundle for you until then; it cannot be taken back");
    Ok(report(arguments, &bundle, &signed, false))
}

fn report(arguments: &Arguments, bundle: &Bundle, signed: &Authorization, already: bool) -> Report {
    let [registrant, registry] = [signed.binding.registrant, signed.binding.registry].map(Address::from);
    let until = output::utc(signed.deadline);
    let commitment = registrar::statement_of(bundle).imageCommitment;
    let json = json!({
        "file": output::json_path(&arguments.output), "already_done": already,
        "registrant": output::account(registrant), "chain_id": signed.binding.chain_id,
        "registry": output::account(registry), "model_id": signed.model_id, "image_commitment": commitment,
        "fingerprint": bundle.fingerprint.to_string(), "claim": bundle.claim.name(), "deadline": signed.deadline,
        "deadline_time": until, "signed": signed.digest,
    });
    let again = if already { " (it was there already)" } else { "" };
    let mut rows = vec![
        ("signature", format!("{}{again}", arguments.output.display())),
        ("registrant", registrant.to_string()),
        ("registry", format!("{registry} on chain {}", signed.binding.chain_id)),
        ("commitment", commitment.to_string()),
    ];
    if bundle.claim.has_fingerprint() {
        rows.push((checking::fingerprint_label(bundle.claim), bundle.fingerprint.to_string()));
    }
    rows.extend(signed.model_id.map(|id| ("model", format!("registration {id}"))));
    rows.push(("good until", until));
    Report::new(json, output::table(&rows))
}
