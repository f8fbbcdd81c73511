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
};
use alloy_primitives::B256;
use serde_json::json;
use std::path::{Path, PathBuf};
use veilmark::chain::{
    Chain,
    registry::{Record, record_id},
    seal::{Covered, Seal},
};
use veilmark_verifier_contract::artifacts::IContentRegistry;

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

/// The record that is meant.
fn record(reached: &Reached, seal: &Seal, what: Option<&str>) -> Result<(B256, Record), Failure> {
    let client = &reached.client;
    if let Some(what) = what {
        let path = Path::new(what);
        let id = match what.parse::<B256>() {
            Ok(id) if !path.exists() => id,
            _ => register::record_id(&checking::read_bundle(path)?),
        };
        return Ok((id, client.record(id)?));
    }
    let mut own = client.records_by_commitment(seal.covered.image_commitment)?;
    own.retain(|record| record.registrant == seal.covered.registrant);
    match (own.pop(), own.is_empty()) {
        (Some(record), true) => Ok((record_id(&record), record)),
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
    let seal = Seal::read(&arguments.seal).map_err(at)?;
    let reached = Reached::existing(ui, home, &arguments.chain, Some(&arguments.signing))?;
    let client = &reached.client;
    let (chain_id, registry) = (client.chain().chain_id()?, client.deployment().content);
    seal.check(&Covered { chain_id, registry, ..seal.covered }).map_err(at)?;
    let (id, found) = record(&reached, &seal, arguments.what.as_deref())?;
    let Record { imageCommitment: image_commitment, registrant, .. } = found;
    seal.check(&Covered { chain_id, registry, image_commitment, registrant }).map_err(at)?;
    let mut receipt = None;
    let reserved = client.reserved_at(seal.hash())?;
    if found.reservedAt != 0 && reserved != Some(found.reservedAt) {
        let message = format!("the record has another reservation, of {}", output::utc(found.reservedAt));
        return Err(Failure::new(Kind::Usage, message, "a record has one, which stays"));
    }
    if found.reservedAt == 0 {
        let hint = "a reservation counts for records that came after it";
        match reserved {
            None => return Err(Failure::new(Kind::NotRegistered, "the seal was never reserved", hint)),
            Some(time) if time > found.timestamp => {
                let (time, since) = (output::utc(time), output::utc(found.timestamp));
                let message = format!("the record is of {since}, before the seal was reserved on {time}");
                return Err(Failure::new(Kind::Mismatch, message, hint));
            }
            Some(_) => {}
        }
        let call = IContentRegistry::showReservationCall { recordId: id, salt: seal.salt() };
        if let Some(report) = reached.dry_run("show the reservation", registrant, registry, &call)? {
            return Ok(report);
        }
        receipt = Some(client.show_reservation(id, seal.salt(), registrant)?);
    }
    let time = client.record(id)?.reservedAt;
    let json = json!({
        "record_id": id, "seal": seal.hash(), "reserved_at": time, "time": output::utc(time), "registered_at": found.timestamp,
        "registrant": registrant, "already_shown": receipt.is_none(), "chain": reached.name,
        "gas_used": receipt.as_ref().map(|receipt| receipt.gas_used),
    });
    let text = output::table(&[
        ("record", id.to_string()),
        ("reserved", output::utc(time)),
        ("registered", output::utc(found.timestamp)),
        ("gas", reach::gas(receipt.as_ref(), "the record has a reservation already")),
    ]);
    Ok(Report::new(json, text))
}
