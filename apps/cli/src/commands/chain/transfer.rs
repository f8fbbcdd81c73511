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
use veilmark_verifier_contract::artifacts::IERC721;

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
    let id = match arguments.what.parse::<B256>() {
        Ok(id) if !path.exists() => id,
        _ => checking::read_bundle(path)?.image_commitment().into(),
    };
    let token_id = U256::from_be_bytes(id.0);
    let reached = Reached::existing(ui, home, &arguments.chain, Some(&arguments.signing))?;
    let client = &reached.client;
    let (content, from) = client.token(token_id)?;
    let mut receipt = None;
    if from != to {
        let call = IERC721::safeTransferFromCall { from, to, tokenId: token_id };
        if let Some(report) = reached.dry_run("transfer the token", from, client.token_address()?, &call)? {
            return Ok(report);
        }
        receipt = Some(client.transfer_token(token_id, from, to)?);
    }
    let json = json!({
        "token_id": id, "token": client.token_address()?, "creator": content.creator, "from": from, "owner": to,
        "already_there": receipt.is_none(), "gas_used": receipt.as_ref().map(|receipt| receipt.gas_used),
        "chain": reached.name,
    });
    let text = output::table(&[
        ("token", id.to_string()),
        ("creator", content.creator.to_string()),
        ("owner", to.to_string()),
        ("gas", reach::gas(receipt.as_ref(), "it was there already")),
    ]);
    Ok(Report::new(json, text))
}
