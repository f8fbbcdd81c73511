//! `veilmark transfer`.

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
use veilmark::{chain::client::tokens::token_id, registrar};
use veilmark_contract_bindings::interfaces::IERC721;

/// Give a token to another account. Its creator stays who it is.
///
/// A contract that does not say that it takes tokens gets none. Running it again finds that the token is there.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The token, as 64 hex digits, or the bundle that it was minted from.
    #[arg(value_name = "TOKEN|BUNDLE")]
    what: String,
    /// Whom it is given to.
    #[arg(value_name = "ADDRESS", value_parser = address::parse)]
    to: Address,
    #[command(flatten)]
    chain: ChainArguments,
    #[command(flatten)]
    signing: SigningArguments,
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    let (path, to) = (Path::new(&arguments.what), arguments.to);
    if to.is_zero() {
        return Err(Failure::new(Kind::Usage, "nobody has the zero address", "name the account to give the token to"));
    }
    let reached = Reached::existing(ui, home, &arguments.chain, Some(&arguments.signing))?;
    let client = &reached.client;
    let token_id = match arguments.what.parse::<B256>() {
        Ok(id) if !path.exists() => U256::from_be_bytes(id.0),
        _ => {
            let record = registrar::record_of(&checking::read_bundle(path)?, None);
            token_id(record.statement.imageCommitment, record.vkHash)
        }
    };
    let id = B256::from(token_id);
    let (content, from) = client.token(token_id)?;
    let mut receipt = None;
    if from != to {
        let call = IERC721::safeTransferFromCall { from, to, tokenId: token_id };
        if let Some(report) = reached.instead("transfer the token", from, client.deployment().token(), &call)? {
            return Ok(report);
        }
        receipt = Some(client.transfer_token(token_id, from, to)?);
    }
    let json = json!({
        "token_id": id, "token": output::account(client.deployment().token()), "creator": output::account(content.creator),
        "from": output::account(from), "owner": output::account(to),
        "already_done": receipt.is_none(), "gas_used": receipt.as_ref().map(|receipt| receipt.gas_used),
        "chain": reached.name(),
    });
    let text = output::table(&[
        ("token", id.to_string()),
        ("creator", content.creator.to_string()),
        ("owner", to.to_string()),
        ("gas", reach::gas(receipt.as_ref(), "it was there already")),
    ]);
    Ok(reached.marked(Report::new(json, text)))
}
