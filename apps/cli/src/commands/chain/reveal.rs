//! `veilmark reveal`.

use crate::{
    commands::{
        chain::{
            connection::{ChainArguments, SigningArguments},
            reach::{self, Reached},
            register,
        },
        image::checking,
    },
    failure::{Failure, Kind},
    home::Home,
    output::{self, Report, Ui},
    secrets,
};
use alloy_primitives::B256;
use serde_json::json;
use std::path::{Path, PathBuf};
use veilmark::chain::{
    client::records::Stored,
    seal::{Covered, Seal},
};
use veilmark_contract_bindings::interfaces::IContentRegistry;

/// Show a reservation: the record says from now on when its commitment was reserved.
///
/// Only the record's registrant can, and only for a record that came after the reservation. The salt is public
/// afterwards. Running it again finds the reservation that was shown.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The file that veilmark reserve wrote.
    seal: PathBuf,
    /// The bundle that was registered, or 64 hex digits of its record [default: the registrant's only record of the
    /// commitment].
    #[arg(value_name = "BUNDLE|RECORD")]
    what: Option<String>,
    #[command(flatten)]
    chain: ChainArguments,
    #[command(flatten)]
    signing: SigningArguments,
}

/// The record that a bundle's file, or the digits of an id, name.
pub(crate) fn named(reached: &Reached, what: &str) -> Result<Stored, Failure> {
    let path = Path::new(what);
    match what.parse::<B256>() {
        Ok(id) if !path.exists() => Ok(reached.client.record(id)?),
        _ => {
            let bundle = checking::read_bundle(path)?;
            let missing = || {
                let message = "the chain has no record of this bundle's statement by its registrant";
                Failure::new(Kind::NotRegistered, message, "veilmark register BUNDLE registers it")
            };
            register::registrar(reached).existing(&bundle)?.ok_or_else(missing)
        }
    }
}

/// The record that is meant.
fn record(reached: &Reached, seal: &Seal, what: Option<&str>) -> Result<Stored, Failure> {
    let client = &reached.client;
    if let Some(what) = what {
        return named(reached, what);
    }
    let Covered { image_commitment, registrant, .. } = seal.covered;
    let topics = vec![Some(image_commitment), None, Some(registrant.into_word())];
    let mut own = Vec::new();
    for (_, event) in client.registrations(reached.first_block, None, topics)? {
        own.push(client.stored(&event.record)?);
    }
    match (own.pop(), own.is_empty()) {
        (Some(record), true) => Ok(record),
        (None, _) => {
            let message = "the registrant has no record of the commitment yet";
            Err(Failure::new(Kind::NotRegistered, message, "register it first: veilmark register BUNDLE"))
        }
        (Some(_), false) => {
            let message = format!("the registrant has {} records of the commitment", own.len() + 1);
            Err(Failure::new(Kind::Usage, message, "name the bundle, or the record: veilmark reveal X.seal BUNDLE"))
        }
    }
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    let at = |error| Failure::from(error).at(&arguments.seal);
    let seal = secrets::seal(ui, &arguments.seal)?;
    let reached = Reached::existing(ui, home, &arguments.chain, Some(&arguments.signing))?;
    let client = &reached.client;
    let (chain_id, registry) = (reached.chain().chain_id()?, client.deployment().content());
    seal.check(&Covered { chain_id, registry, ..seal.covered }).map_err(at)?;
    let found = record(&reached, &seal, arguments.what.as_deref())?;
    let (image_commitment, registrant) = (found.statement().imageCommitment, found.record.registrant);
    seal.check(&Covered { chain_id, registry, image_commitment, registrant }).map_err(at)?;
    let mut receipt = None;
    let (reserved, registered) = (client.reserved_at(seal.hash())?, found.entry.timestamp);
    match found.reserved_at() {
        Some(shown) if reserved != Some(shown) => {
            let message = format!("the record has another reservation, of {}", output::utc(shown));
            return Err(Failure::new(Kind::Usage, message, "a record has one, which stays"));
        }
        Some(_) => {}
        None => {
            let hint = "a reservation counts for records that came after it";
            match reserved {
                None => return Err(Failure::new(Kind::NotReserved, "the seal was never reserved", hint)),
                Some(time) if time > registered => {
                    let (time, since) = (output::utc(time), output::utc(registered));
                    let message = format!("the record is of {since}, before the seal was reserved on {time}");
                    return Err(Failure::new(Kind::Mismatch, message, hint));
                }
                Some(_) => {}
            }
            let (record, salt) = (found.record.clone(), seal.salt());
            let call = IContentRegistry::showReservationCall { record, salt };
            if let Some(report) = reached.instead("show the reservation", registrant, registry, &call)? {
                return Ok(report);
            }
            receipt = Some(client.show_reservation(&found.record, seal.salt())?);
        }
    }
    let time = client.stored(&found.record)?.reserved_at().unwrap_or_default();
    let json = json!({
        "record_id": found.record_id, "seal": seal.hash(), "reserved_at": time, "reserved_time": output::utc(time),
        "timestamp": registered, "time": output::utc(registered), "registrant": output::account(registrant), "already_done": receipt.is_none(),
        "chain": reached.name(), "gas_used": receipt.as_ref().map(|receipt| receipt.gas_used),
    });
    let text = output::table(&[
        ("record", found.record_id.to_string()),
        ("reserved", output::utc(time)),
        ("registered", output::utc(registered)),
        ("gas", reach::gas(receipt.as_ref(), "the record has a reservation already")),
    ]);
    Ok(reached.marked(Report::new(json, text)))
}
