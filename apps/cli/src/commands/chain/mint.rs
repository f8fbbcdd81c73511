//! `veilmark mint`.

use crate::{
    commands::{
        chain::{
            connection::{ChainArguments, SigningArguments},
            reach::{self, Reached},
            register::{self, ModelArguments},
        },
        image::checking,
    },
    failure::{Failure, Kind},
    home::Home,
    output::{self, Report, Ui},
};
use alloy_primitives::{Address, B256};
use serde_json::json;
use std::path::PathBuf;
use veilmark::{
    chain::client::{
        models::Model,
        tokens::{Minted, Minting},
    },
    registrar,
};

/// Mint the token of a generated picture to its creator (ERC-721, ERC-7007).
///
/// The token's contract runs the verifier; a picture's commitment mints once. The bundle is checked here first. Running it
/// again finds the token that is there.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A bundle of a claim with a model.
    bundle: PathBuf,
    #[command(flatten)]
    model: ModelArguments,
    /// Where the picture is published.
    #[arg(long, value_name = "URI", default_value = "")]
    uri: String,
    /// The creator's part of a sale, in hundredths of a percent.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=1000))]
    royalty_bps: u16,
    #[command(flatten)]
    chain: ChainArguments,
    #[command(flatten)]
    signing: SigningArguments,
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    let bundle = checking::read_bundle(&arguments.bundle)?;
    if registrar::model_hash(&bundle).is_none() {
        let hint = "tokens are of generated pictures: prove generation or authenticity";
        return Err(Failure::new(Kind::Usage, format!("the {} claim has no model", bundle.claim.name()), hint));
    }
    if arguments.chain.rpc.is_none() {
        register::require_practice(&bundle)?;
    }
    let reached = Reached::open(ui, home, &arguments.chain, Some(&arguments.signing))?;
    let registrar = register::registrar(&reached);
    registrar.require_bound(bundle.binding)?;
    let creator = Address::from(bundle.binding.registrant);
    if !reached.sends_nothing() {
        reached.chain().require_sender(creator)?;
    }
    let (srs, key, shape) = register::checked(ui, home, &bundle, arguments.model.model.as_deref())?;
    register::ensure_key(&reached, &srs, &key, &shape)?;
    let model = registrar.model(&bundle, arguments.model.choice())?;
    let submission = registrar::submission(&bundle, model.as_ref().map(|model| model.model_id));
    let minting = Minting { submission, uri: &arguments.uri, royalty_bps: arguments.royalty_bps };
    let token = reached.client.deployment().token();
    if let Some(report) = reached.instead("mint a token", creator, token, &minting.call())? {
        return Ok(report);
    }
    let minted = reached.client.mint(&minting)?;
    report(&reached, &minted, model.as_ref())
}

fn report(reached: &Reached, minted: &Minted, model: Option<&Model>) -> Result<Report, Failure> {
    let (content, owner) = reached.client.token(minted.token_id)?;
    let id = B256::from(minted.token_id);
    let json = json!({
        "token_id": id, "token": output::account(reached.client.deployment().token()),
        "already_done": minted.receipt.is_none(),
        "gas_used": minted.receipt.as_ref().map(|receipt| receipt.gas_used),
        "creator": output::account(content.creator), "owner": output::account(owner), "model_hash": content.modelHash,
        "model_id": content.modelId, "model_owner": model.map(|model| output::account(model.owner)), "uri": content.uri,
        "chain_id": reached.chain().chain_id()?, "chain": reached.name(),
    });
    let mut rows =
        vec![("token", id.to_string()), ("creator", content.creator.to_string()), ("owner", owner.to_string())];
    rows.extend(
        model.map(|model| ("model", format!("registration {}, which {} answers for", model.model_id, model.owner))),
    );
    rows.push(("gas", reach::gas(minted.receipt.as_ref(), "it was minted already")));
    Ok(reached.marked(Report::new(json, output::table(&rows))))
}
