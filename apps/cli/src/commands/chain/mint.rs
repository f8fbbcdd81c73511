//! `veilmark mint`.

use crate::{
    commands::{
        chain::{
            connection::{self, ChainArguments, SigningArguments},
            register,
        },
        image::checking,
    },
    failure::{Failure, Kind},
    home::Home,
    output::{self, Report, Ui},
};
use alloy_primitives::Address;
use alloy_sol_types::SolCall;
use serde_json::{Value, json};
use std::path::PathBuf;
use veilmark::{
    bundle::Bundle,
    chain::{
        Chain,
        embedded::CHAIN_ID,
        registry::{Minted, Minting, RegistryClient},
    },
    files::hex0x,
};

/// Mint the token of a generated picture to its creator (ERC-721, ERC-7007).
///
/// The token's contract runs the verifier; a picture's commitment mints once. The bundle is checked here first. Running it
/// again finds the token that is there.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A bundle of a claim with a model.
    bundle: PathBuf,
    /// The model's public file, or its owner's.
    #[arg(long, value_name = "M.pub")]
    model: Option<PathBuf>,
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

fn minting<'b>(bundle: &'b Bundle, model_id: Option<u64>, arguments: &'b Arguments) -> Option<Minting<'b>> {
    let (model_hash, prompt_commitment) = (bundle.model_hash()?, bundle.prompt_commitment()?);
    Some(Minting {
        submission: register::submission(bundle, model_id),
        image_commitment: bundle.image_commitment().into(),
        model_hash: model_hash.into(),
        prompt_commitment: prompt_commitment.into(),
        uri: &arguments.uri,
        royalty_bps: arguments.royalty_bps,
    })
}

fn no_model() -> Failure {
    let hint = "tokens are of generated pictures: prove generation or authenticity";
    Failure::new(Kind::Usage, "the fingerprint claim has no model", hint)
}

fn mint<C: Chain>(client: &RegistryClient<C>, bundle: &Bundle, arguments: &Arguments) -> Result<Minted, Failure> {
    let model_id = register::model_id(client, bundle)?;
    let minting = minting(bundle, model_id, arguments).ok_or_else(no_model)?;
    Ok(client.mint(&minting)?)
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    let bundle = checking::read_bundle(&arguments.bundle)?;
    if !bundle.claim.has_model() {
        return Err(no_model());
    }
    let model = arguments.model.as_deref();
    if let Some(node) = arguments.chain.node(ui, Some(&arguments.signing))? {
        let (client, _) = arguments.chain.client(home, node)?;
        let node = client.chain();
        register::require_binding(&bundle, node.chain_id()?, client.deployment().content)?;
        let creator = Address::from(bundle.binding.registrant);
        if !arguments.signing.dry_run {
            connection::require_signer(node, creator)?;
        }
        register::checked(ui, home, &bundle, model)?;
        register::require_key(&client, bundle.vk_hash)?;
        if arguments.signing.dry_run {
            let model_id = register::model_id(&client, &bundle)?;
            let call = minting(&bundle, model_id, arguments).ok_or_else(no_model)?.call().abi_encode();
            return connection::dry_run(node, "mint a token", creator, client.token_address()?, &call);
        }
        let minted = mint(&client, &bundle, arguments)?;
        return report(&client, &bundle, &minted, &json!(node.endpoint()));
    }
    register::require_binding(&bundle, CHAIN_ID, RegistryClient::address())?;
    let (srs, key, shape) = register::checked(ui, home, &bundle, model)?;
    let client = home.registry(arguments.chain.chain.as_deref())?;
    register::pin(&client, &srs, &key, &shape)?;
    let minted = mint(&client, &bundle, arguments)?;
    report(&client, &bundle, &minted, &output::json_path(client.chain().folder()))
}

fn report<C: Chain>(
    client: &RegistryClient<C>,
    bundle: &Bundle,
    minted: &Minted,
    chain: &Value,
) -> Result<Report, Failure> {
    let (content, owner) = client.token(minted.token_id)?;
    let gas_used = minted.receipt.as_ref().map(|receipt| receipt.gas_used);
    let id = hex0x(&minted.token_id.to_be_bytes::<32>());
    let json = json!({
        "token_id": id, "token": client.token_address()?, "already_minted": gas_used.is_none(), "gas_used": gas_used,
        "creator": content.creator, "owner": owner, "model_hash": content.modelHash, "uri": content.uri,
        "chain_id": bundle.binding.chain_id, "chain": chain,
    });
    let text = output::table(&[
        ("token", id),
        ("creator", content.creator.to_string()),
        ("owner", owner.to_string()),
        ("gas", gas_used.map_or_else(|| "none: it was minted already".to_owned(), |gas| gas.to_string())),
    ]);
    Ok(Report::new(json, text))
}
