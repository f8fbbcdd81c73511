//! `veilmark revoke`.

use crate::{
    commands::{
        chain::{
            connection::{self, ChainArguments, SigningArguments},
            lookup, register,
        },
        image::checking,
    },
    failure::{Failure, Kind},
    home::Home,
    output::{self, Report, Ui},
};
use alloy_primitives::B256;
use alloy_sol_types::SolCall;
use serde_json::json;
use std::path::Path;
use veilmark::chain::{
    Chain,
    registry::{RegistryClient, Status},
};
use veilmark_verifier_contract::artifacts::IContentRegistry;

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
    let path = Path::new(&arguments.what);
    let record_id = match arguments.what.parse::<B256>() {
        Ok(record_id) if !path.exists() => record_id,
        _ => register::record_id(&checking::read_bundle(path)?),
    };
    if let Some(node) = arguments.chain.node(ui, Some(&arguments.signing))? {
        let (client, _) = arguments.chain.client(home, node)?;
        let registrant = client.record(record_id)?.registrant;
        if arguments.signing.dry_run {
            let call = IContentRegistry::revokeCall { recordId: record_id }.abi_encode();
            let content = client.deployment().content;
            return connection::dry_run(client.chain(), "revoke the record", registrant, content, &call);
        }
        connection::require_signer(client.chain(), registrant)?;
        return revoke(&client, record_id);
    }
    let client = home.existing_registry(arguments.chain.chain.as_deref())?.ok_or_else(|| {
        Failure::new(Kind::NotRegistered, "there is no chain here yet", "veilmark register BUNDLE registers a proof")
    })?;
    revoke(&client, record_id)
}

fn revoke<C: Chain>(client: &RegistryClient<C>, record_id: B256) -> Result<Report, Failure> {
    let record = client.record(record_id)?;
    let gas_used = match client.status(record_id)? {
        Status::Revoked => None,
        _ => Some(client.revoke(record_id, record.registrant)?.gas_used),
    };
    let status = lookup::status_name(client.status(record_id)?);
    let json = json!({
        "record_id": record_id, "status": status, "already_revoked": gas_used.is_none(), "gas_used": gas_used,
    });
    let text = output::table(&[
        ("record", record_id.to_string()),
        ("status", status.to_owned()),
        ("gas", gas_used.map_or_else(|| "none: it was revoked already".to_owned(), |gas| gas.to_string())),
    ]);
    Ok(Report::new(json, text))
}
