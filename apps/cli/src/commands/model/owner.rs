//! What the owner of a model's registration does with it: `veilmark model deprecate|transfer|accept|update`, and `show`.

use crate::{
    commands::{
        chain::{
            address,
            connection::{ChainArguments, SigningArguments},
            reach::{self, Reached},
        },
        image::checking,
    },
    failure::{Failure, Kind},
    home::Home,
    output::{self, Report, Ui},
};
use alloy_primitives::{Address, B256, U256};
use serde_json::json;
use std::path::Path;
use veilmark::chain::{
    Receipt,
    client::models::{Model, ModelCommitment},
};
use veilmark_contract_bindings::interfaces::IModelRegistry;

// Which registration, where, and who signs.
#[derive(Debug, clap::Args)]
pub(crate) struct Registered {
    /// The registration's number, or the model's file where it has one registration (or one of whoever signs).
    #[arg(value_name = "MODEL")]
    model: String,
    #[command(flatten)]
    chain: ChainArguments,
    #[command(flatten)]
    signing: SigningArguments,
}

/// Take a model out of use, for good: no picture is registered with it any more. What is registered stays.
#[derive(Debug, clap::Args)]
pub(crate) struct Deprecate {
    #[command(flatten)]
    registered: Registered,
}

/// Offer a model's registration to another account, which has to accept it.
#[derive(Debug, clap::Args)]
pub(crate) struct Transfer {
    #[command(flatten)]
    registered: Registered,
    /// Whom it is offered to.
    #[arg(value_name = "ADDRESS", value_parser = address::parse, required_unless_present = "withdraw", conflicts_with = "withdraw")]
    to: Option<Address>,
    /// Take an offer back.
    #[arg(long)]
    withdraw: bool,
}

/// Accept a model's registration that was offered to whoever signs.
#[derive(Debug, clap::Args)]
pub(crate) struct Accept {
    #[command(flatten)]
    registered: Registered,
}

/// Say what a model was made from, once, or where more is written about it.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["parent", "uri"])))]
pub(crate) struct Update {
    #[command(flatten)]
    registered: Registered,
    /// The registration of the model that it was made from, an older one.
    #[arg(long, value_name = "MODEL")]
    parent: Option<String>,
    /// With --parent: a hash of whatever describes the making.
    #[arg(long, value_name = "HASH", requires = "parent", default_value_t = B256::ZERO, hide_default_value = true)]
    hash: B256,
    /// Where more is written about the model.
    #[arg(long, value_name = "URI")]
    uri: Option<String>,
}

/// Show a model's registration: owner, state, and what was made from it.
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    /// The registration's number, or the model's file where it has one registration.
    #[arg(value_name = "MODEL")]
    model: String,
    #[command(flatten)]
    chain: ChainArguments,
}

/// The registration that is meant; of several of one model, the one that `chosen` says.
fn find(
    ui: &Ui,
    reached: &Reached,
    what: &str,
    chosen: impl Fn(&Model) -> Result<bool, Failure>,
) -> Result<Model, Failure> {
    let path = Path::new(what);
    if let (Ok(id), false) = (what.parse::<u64>(), path.exists()) {
        return Ok(reached.client.model(id)?);
    }
    let (_, hash) = checking::read_model(ui, path)?;
    let all = reached.client.models_by_hash(hash.into())?;
    let one = |mut models: Vec<Model>| if models.len() == 1 { models.pop() } else { None };
    let mut fitting = Vec::new();
    for model in &all {
        if chosen(model)? {
            fitting.push(model.clone());
        }
    }
    let ids = all.iter().map(|model| model.model_id.to_string()).collect::<Vec<_>>().join(", ");
    one(fitting).or_else(|| one(all)).ok_or_else(|| match ids.is_empty() {
        true => {
            Failure::new(Kind::NotRegistered, "the model is not registered", "veilmark model register registers it")
        }
        false => Failure::new(Kind::Usage, format!("the model has the registrations {ids}"), "name one by its number"),
    })
}

/// The registration, on a chain that is open for its owner.
fn open(ui: &Ui, home: &Home, registered: &Registered) -> Result<(Reached, Model), Failure> {
    let reached = Reached::existing(ui, home, &registered.chain, Some(&registered.signing))?;
    let model = find(ui, &reached, &registered.model, |model| Ok(Some(model.owner) == reached.signer()))?;
    Ok((reached, model))
}

/// What became of it.
fn done(reached: &Reached, model_id: u64, receipt: Option<&Receipt>) -> Result<Report, Failure> {
    let mut report = shown(reached, model_id)?;
    report.json.insert("already_done".into(), json!(receipt.is_none()));
    report.json.insert("gas_used".into(), json!(receipt.map(|receipt| receipt.gas_used)));
    report.text = format!("{}\n{}", report.text, output::table(&[("gas", reach::gas(receipt, "it was so already"))]));
    Ok(report)
}

pub(crate) fn deprecate(ui: &Ui, home: &Home, arguments: &Deprecate) -> Result<Report, Failure> {
    let (reached, Model { model_id, owner, deprecated, .. }) = open(ui, home, &arguments.registered)?;
    let models = reached.client.deployment().models();
    if deprecated {
        return done(&reached, model_id, None);
    }
    let call = IModelRegistry::deprecateModelCall { modelId: U256::from(model_id) };
    if let Some(report) = reached.instead("deprecate the model", owner, models, &call)? {
        return Ok(report);
    }
    let receipt = reached.client.deprecate_model(model_id, owner)?;
    done(&reached, model_id, Some(&receipt))
}

pub(crate) fn transfer(ui: &Ui, home: &Home, arguments: &Transfer) -> Result<Report, Failure> {
    let (reached, Model { model_id, owner, .. }) = open(ui, home, &arguments.registered)?;
    let (models, to) = (reached.client.deployment().models(), arguments.to.unwrap_or_default());
    if to == owner || to == reached.client.pending_model_owner(model_id)? {
        return done(&reached, model_id, None);
    }
    let call = IModelRegistry::transferModelCall { modelId: U256::from(model_id), newOwner: to };
    if let Some(report) = reached.instead("offer the model", owner, models, &call)? {
        return Ok(report);
    }
    let receipt = reached.client.offer_model(model_id, owner, to)?;
    done(&reached, model_id, Some(&receipt))
}

pub(crate) fn accept(ui: &Ui, home: &Home, arguments: &Accept) -> Result<Report, Failure> {
    let Registered { model, chain, signing } = &arguments.registered;
    let reached = Reached::existing(ui, home, chain, Some(signing))?;
    let signer = reached.signer();
    let offered = |model: &Model| {
        let pending = reached.client.pending_model_owner(model.model_id)?;
        Ok(if pending.is_zero() { Some(model.owner) == signer } else { signer.is_none_or(|signer| signer == pending) })
    };
    let Model { model_id, owner, .. } = find(ui, &reached, model, offered)?;
    let pending = reached.client.pending_model_owner(model_id)?;
    if pending.is_zero() && signer == Some(owner) {
        return done(&reached, model_id, None);
    }
    if pending.is_zero() {
        let message = format!("model {model_id} of {owner} is offered to nobody");
        return Err(Failure::new(
            Kind::Usage,
            message,
            "its owner offers it first: veilmark model transfer MODEL ADDRESS",
        ));
    }
    let call = IModelRegistry::acceptModelCall { modelId: U256::from(model_id) };
    if let Some(report) = reached.instead("accept the model", pending, reached.client.deployment().models(), &call)? {
        return Ok(report);
    }
    let receipt = reached.client.accept_model(model_id, pending)?;
    done(&reached, model_id, Some(&receipt))
}

pub(crate) fn update(ui: &Ui, home: &Home, arguments: &Update) -> Result<Report, Failure> {
    let (reached, model) = open(ui, home, &arguments.registered)?;
    let (client, models) = (&reached.client, reached.client.deployment().models());
    let Model { model_id, commitment, owner, .. } = model;
    let id = U256::from(model_id);
    if let Some(uri) = &arguments.uri {
        if *uri == commitment.uri {
            return done(&reached, model_id, None);
        }
        let changed = ModelCommitment { uri: uri.clone(), ..commitment };
        let call = IModelRegistry::updateModelCall { modelId: id, newCommitment: changed.clone() };
        if let Some(report) = reached.instead("describe the model", owner, models, &call)? {
            return Ok(report);
        }
        let receipt = client.describe_model(model_id, changed, owner)?;
        return done(&reached, model_id, Some(&receipt));
    }
    let parent = find(ui, &reached, arguments.parent.as_deref().unwrap_or_default(), |_| Ok(true))?.model_id;
    let updates = client.updates(parent)?;
    match (client.parent_of(model_id)?, updates.iter().find(|update| update.childId == id)) {
        (Some(said), Some(update)) if said == parent && update.updateHash == arguments.hash => {
            return done(&reached, model_id, None);
        }
        (Some(said), _) => {
            let message = format!("model {model_id} was said to be made from model {said} already, which stays");
            return Err(Failure::new(Kind::Mismatch, message, "register the model anew to say something else"));
        }
        (None, _) if parent >= model_id => {
            let message = format!("model {parent} is not older than model {model_id}");
            return Err(Failure::new(Kind::Usage, message, "the parent is registered before the child"));
        }
        (None, _) => {}
    }
    let call =
        IModelRegistry::submitUpdateCall { parentId: U256::from(parent), childId: id, updateHash: arguments.hash };
    if let Some(report) = reached.instead("say what the model was made from", owner, models, &call)? {
        return Ok(report);
    }
    let receipt = client.submit_update(parent, model_id, arguments.hash, owner)?;
    done(&reached, model_id, Some(&receipt))
}

pub(crate) fn show(ui: &Ui, home: &Home, arguments: &Show) -> Result<Report, Failure> {
    let reached = Reached::existing(ui, home, &arguments.chain, None)?;
    let model = find(ui, &reached, &arguments.model, |_| Ok(true))?;
    shown(&reached, model.model_id)
}

fn shown(reached: &Reached, model_id: u64) -> Result<Report, Failure> {
    let client = &reached.client;
    let Model { commitment, deprecated, owner, .. } = client.model(model_id)?;
    let (pending, parent) = (client.pending_model_owner(model_id)?, client.parent_of(model_id)?);
    let pending = (!pending.is_zero()).then_some(pending);
    let (mut updates, mut made) = (Vec::new(), Vec::new());
    for update in client.updates(model_id)? {
        let agreed = if update.byParentOwner { "" } else { ", which this model's owner did not say" };
        made.push(format!("model {}, {}{agreed}", update.childId, output::utc(update.timestamp)));
        updates.push(json!({
            "model_id": update.childId.saturating_to::<u64>(), "update_hash": update.updateHash,
            "submitter": output::account(update.submitter), "timestamp": update.timestamp, "by_parent_owner": update.byParentOwner,
        }));
    }
    let json = json!({
        "model_id": model_id, "model_hash": commitment.modelHash, "architecture": commitment.circuitHash,
        "vk_hash": commitment.vkHash, "uri": commitment.uri, "owner": output::account(owner),
        "offered_to": pending.map(output::account),
        "deprecated": deprecated, "parent": parent, "updates": updates, "chain": reached.name(),
    });
    let mut rows = vec![
        ("model id", model_id.to_string()),
        ("model hash", commitment.modelHash.to_string()),
        ("owner", owner.to_string()),
        ("state", if deprecated { "deprecated" } else { "in use" }.to_owned()),
    ];
    rows.extend(pending.map(|pending| ("offered to", pending.to_string())));
    rows.extend((!commitment.uri.is_empty()).then(|| ("uri", format!("{:?}", commitment.uri))));
    rows.extend(parent.map(|parent| ("made from", format!("model {parent}, its owner says"))));
    rows.extend(made.into_iter().map(|made| ("made of it", made)));
    Ok(reached.marked(Report::new(json, output::table(&rows))))
}
