//! `veilmark revoke`.

use crate::{
    commands::chain::{
        connection::{ChainArguments, SigningArguments},
        lookup,
        reach::{self, Reached},
        reveal,
    },
    failure::Failure,
    home::Home,
    output::{self, Report, Ui},
};
use serde_json::json;
use veilmark::chain::client::records::Status;
use veilmark_contract_bindings::interfaces::IContentRegistry;

/// Take a record back, for good. Only its registrant can.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The bundle that was registered, or 64 hex digits of its record.
    #[arg(value_name = "BUNDLE|RECORD")]
    what: String,
    #[command(flatten)]
    chain: ChainArguments,
    #[command(flatten)]
    signing: SigningArguments,
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    let reached = Reached::existing(ui, home, &arguments.chain, Some(&arguments.signing))?;
    let stored = reveal::named(&reached, &arguments.what)?;
    let (registrant, content) = (stored.record.registrant, reached.client.deployment().content());
    let mut receipt = None;
    if stored.status != Status::Revoked {
        let call = IContentRegistry::revokeCall { record: stored.record.clone() };
        if let Some(report) = reached.instead("revoke the record", registrant, content, &call)? {
            return Ok(report);
        }
        receipt = Some(reached.client.revoke(&stored.record)?);
    }
    let status = lookup::status_name(reached.client.stored(&stored.record)?.status);
    let json = json!({
        "record_id": stored.record_id, "status": status, "already_done": receipt.is_none(),
        "gas_used": receipt.as_ref().map(|receipt| receipt.gas_used),
    });
    let text = output::table(&[
        ("record", stored.record_id.to_string()),
        ("status", status.to_owned()),
        ("gas", reach::gas(receipt.as_ref(), "it was revoked already")),
    ]);
    Ok(reached.marked(Report::new(json, text)))
}
