//! `veilmark lookup`.

use crate::{
    commands::{chain::connection::ChainArguments, image::picture},
    failure::{Failure, Kind},
    home::Home,
    output::{self, Report, Ui},
};
use alloy_primitives::B256;
use serde_json::{Value, json};
use std::path::Path;
use veilmark::{
    chain::{
        Chain,
        index::DiskIndex,
        registry::{Match, Record, RegistryClient, Status, hides_fingerprint, record_id},
    },
    files::hex0x,
};
use veilmark_circuits::statement::{
    fingerprint::{Fingerprint, MATCH_DISTANCE},
    pdq::MIN_QUALITY,
};

/// Find the records of a picture, a fingerprint or a commitment.
///
/// A picture is found by its fingerprint, up to 31 bits away, so that copies that were re-compressed or resized are found
/// too. 64 hex digits are looked for as a fingerprint, as a salted hash of one and as a commitment. Every record is listed, the nearest
/// first: a fingerprint identifies nothing, so several registrants may have records near it, and none excludes another.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A picture's file, or 64 hex digits of a fingerprint or a commitment.
    #[arg(value_name = "IMAGE|HASH|COMMITMENT")]
    what: String,
    #[command(flatten)]
    reading: picture::Reading,
    /// With --rpc: forget the index on disk and read every record anew, as after a node that cannot be believed.
    #[arg(long, requires = "rpc")]
    reread: bool,
    #[command(flatten)]
    chain: ChainArguments,
}

/// A record, and how it was found.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    pub(crate) by: &'static str,
    pub(crate) distance: Option<u32>,
    pub(crate) record_id: B256,
    pub(crate) record: Record,
    pub(crate) status: Status,
}

/// What a status is called.
pub(crate) fn status_name(status: Status) -> &'static str {
    match status {
        Status::Valid => "valid",
        Status::Revoked => "revoked",
        // the other value of the enumeration is for answers that the decoder has refused
        Status::VerifierStopped | Status::__Invalid => "verifier stopped",
    }
}

/// The records near a fingerprint, nearest first.
pub(crate) fn by_fingerprint<C: Chain>(
    client: &RegistryClient<C>,
    fingerprint: Fingerprint,
) -> Result<Vec<Hit>, Failure> {
    near(client, client.search(fingerprint)?)
}

/// The same by the index on disk, which is brought up to date.
fn by_index<C: Chain>(
    ui: &Ui,
    home: &Home,
    client: &RegistryClient<C>,
    first_block: u64,
    fingerprint: Fingerprint,
    reread: bool,
) -> Result<Vec<Hit>, Failure> {
    let (chain_id, registry) = (client.chain().chain_id()?, client.deployment().content);
    let path = home.index(chain_id, registry)?;
    let before = DiskIndex::read(&path, chain_id, registry);
    let mut index = if reread { DiskIndex::new(chain_id, registry) } else { before.clone() };
    let update = index.update(client.chain(), first_block)?;
    if update.taken_back > 0 {
        ui.note(&format!("the chain was reorganised: {} records were taken back", update.taken_back));
    }
    if index != before {
        index.write(&path)?;
    }
    near(client, client.search_in(&index.fingerprints(), fingerprint)?)
}

fn near<C: Chain>(client: &RegistryClient<C>, matches: Vec<Match>) -> Result<Vec<Hit>, Failure> {
    let hit = |found: Match| {
        let status = client.status(found.record_id)?;
        let Match { distance, record_id, record } = found;
        let (by, distance) = match hides_fingerprint(&record) {
            true => ("salted hash", None),
            false => ("fingerprint", Some(distance)),
        };
        Ok(Hit { by, distance, record_id, record, status })
    };
    matches.into_iter().map(hit).collect()
}

fn by_commitment<C: Chain>(client: &RegistryClient<C>, commitment: B256) -> Result<Vec<Hit>, Failure> {
    let hit = |record: Record| {
        let record_id = record_id(&record);
        Ok(Hit { by: "commitment", distance: None, record_id, status: client.status(record_id)?, record })
    };
    client.records_by_commitment(commitment)?.into_iter().map(hit).collect()
}

/// When the commitment was reserved, in seconds since 1970, where a reservation was shown.
pub(crate) fn reserved_at(record: &Record) -> Option<u64> {
    (record.reservedAt != 0).then_some(record.reservedAt)
}

fn json_of(hit: &Hit) -> Value {
    json!({
        "found_by": hit.by, "distance": hit.distance, "record_id": hex0x(hit.record_id.as_slice()),
        "image_commitment": hex0x(hit.record.imageCommitment.as_slice()),
        "fingerprint": hex::encode(hit.record.fingerprint),
        "fingerprint_committed": hides_fingerprint(&hit.record), "tolerance": hit.record.tolerance,
        "registrant": hex0x(hit.record.registrant.as_slice()), "timestamp": hit.record.timestamp,
        "time": output::utc(hit.record.timestamp), "block": hit.record.blockNumber,
        "reserved_at": reserved_at(&hit.record), "reserved_time": reserved_at(&hit.record).map(output::utc),
        "vk_hash": hex0x(hit.record.vkHash.as_slice()), "status": status_name(hit.status),
        "model_hash": (!hit.record.modelHash.is_zero()).then(|| hex0x(hit.record.modelHash.as_slice())),
    })
}

fn text_of(hit: &Hit) -> String {
    let how = match hit.distance {
        None => format!("this {}", hit.by),
        Some(distance) => format!("{distance} bits away"),
    };
    let what = if hides_fingerprint(&hit.record) { "  salted hash" } else { "  fingerprint" };
    let mut rows = vec![
        ("found", how),
        ("  commitment", hex0x(hit.record.imageCommitment.as_slice())),
        (what, format!("{}, proved within {} bits", hex::encode(hit.record.fingerprint), hit.record.tolerance)),
        ("  registrant", hex0x(hit.record.registrant.as_slice())),
        ("  time", format!("{} (block {})", output::utc(hit.record.timestamp), hit.record.blockNumber)),
        ("  status", status_name(hit.status).to_owned()),
    ];
    rows.extend(reserved_at(&hit.record).map(|time| ("  reserved", output::utc(time))));
    output::table(&rows)
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    let path = Path::new(&arguments.what);
    // A name that is 64 hex digits and a file too is taken for the file.
    let (fingerprint, commitment) = match arguments.what.parse::<Fingerprint>() {
        Ok(fingerprint) if !path.exists() => (fingerprint, Some(B256::from(fingerprint.to_bytes()))),
        _ => {
            let pdq = arguments.reading.fingerprint(ui, path).map_err(|mut failure| {
                if !path.exists() {
                    failure.hint = "name a picture, or give 64 hex digits of a fingerprint or a commitment".into();
                }
                failure
            })?;
            let pdq = pdq.pdq;
            if pdq.quality < MIN_QUALITY {
                ui.warn(&format!("quality {}: a picture this plain is near many others", pdq.quality));
            }
            (pdq.fingerprint, None)
        }
    };
    let (mut hits, mut records) = (Vec::new(), 0);
    if let Some(node) = arguments.chain.node(ui, None)? {
        let (client, first_block) = arguments.chain.client(home, node)?;
        if let Some(commitment) = commitment {
            hits.extend(by_commitment(&client, commitment)?);
        }
        hits.extend(by_index(ui, home, &client, first_block, fingerprint, arguments.reread)?);
        of_picture(&mut hits, commitment);
        let place = format!("{} on chain {}", client.deployment().content, client.chain().chain_id()?);
        return Ok(report(fingerprint, commitment, &hits, client.record_count()?, &place));
    }
    let folder = arguments.chain.chain.as_deref().unwrap_or(home.chain_dir());
    let client = home.existing_registry(Some(folder))?;
    if client.is_none() && arguments.chain.chain.is_some() {
        // a mistyped folder is not the answer "not registered"
        let message = format!("there is no chain in {}", folder.display());
        return Err(Failure::new(Kind::FileMissing, message, "check --chain; veilmark register makes a chain"));
    }
    if let Some(client) = client {
        if let Some(commitment) = commitment {
            hits.extend(by_commitment(&client, commitment)?);
        }
        hits.extend(by_fingerprint(&client, fingerprint)?);
        of_picture(&mut hits, commitment);
        records = client.record_count()?;
    }
    Ok(report(fingerprint, commitment, &hits, records, &folder.display().to_string()))
}

/// A picture with any given fingerprint can be made, a salted hash for one included: it is found by those who name it.
fn of_picture(hits: &mut Vec<Hit>, commitment: Option<B256>) {
    hits.retain(|hit| commitment.is_some() || !hides_fingerprint(&hit.record));
}

fn report(fingerprint: Fingerprint, commitment: Option<B256>, hits: &[Hit], records: u64, place: &str) -> Report {
    let json = json!({
        "looked_for": {
            "fingerprint": fingerprint.to_string(),
            "commitment": commitment.map(|commitment| hex0x(commitment.as_slice())),
        },
        "max_distance": MATCH_DISTANCE, "records_on_chain": records,
        "matches": hits.iter().map(json_of).collect::<Vec<_>>(),
    });
    let mut report = Report::new(json, hits.iter().map(text_of).collect::<Vec<_>>().join("\n"));
    if hits.is_empty() {
        report.failure = Some(Failure::new(
            Kind::NotRegistered,
            format!("no record within {MATCH_DISTANCE} bits of {fingerprint} among the {records} in {place}"),
            "veilmark register BUNDLE registers a proof; --chain DIR or --rpc URL asks another chain",
        ));
    } else if hits.iter().all(|hit| hit.status != Status::Valid) {
        report.failure = Some(Failure::new(
            Kind::NotRegistered,
            "no record found counts any more: each was revoked by its registrant, or its verifier was stopped",
            "the status of each is in the list",
        ));
    }
    report
}
