//! `veilmark lookup`.

use crate::{
    commands::{
        chain::{connection::ChainArguments, reach::Reached},
        image::picture,
    },
    failure::{Failure, Kind},
    home::Home,
    output::{self, Report, Ui},
};
use alloy_primitives::B256;
use serde_json::{Value, json};
use std::path::Path;
use veilmark::chain::client::{
    claims::{Reason, Standing},
    records::Status,
    search::{By, Found, Wanted, hides_fingerprint},
};
use veilmark_circuits::statement::{
    fingerprint::{Fingerprint, MATCH_DISTANCE},
    pdq::MIN_QUALITY,
};
use veilmark_contract_bindings::claims;

/// Find the records of a picture, a fingerprint or a commitment.
///
/// A picture is found by its fingerprint, up to 31 bits away, so that copies that were re-compressed or resized are found
/// too. 64 hex digits are looked for as a fingerprint, as a salted hash of one, as a commitment and as the commitment of a
/// source. Every record is listed: a fingerprint identifies nothing, so several registrants may have records near it, and none
/// excludes another. Records are looked for in an index on this machine; the node is not told what is looked for.
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
    /// A verifying key that you trust though it was not computed on this machine; may be given several times.
    #[arg(long, value_name = "HASH")]
    accept_key: Vec<B256>,
    #[command(flatten)]
    chain: ChainArguments,
}

/// What a status is called.
pub(crate) fn status_name(status: Status) -> &'static str {
    match status {
        Status::Valid => "valid",
        Status::Unreviewed => "unreviewed key",
        Status::ValidBeforeStop => "valid before the stop",
        Status::Revoked => "revoked",
        // the other value of the enumeration is for answers that the decoder has refused
        Status::VerifierStopped | Status::__Invalid => "verifier stopped",
    }
}

/// What a reason of an end is called.
pub(crate) fn reason_name(reason: Reason) -> &'static str {
    match reason {
        Reason::None | Reason::__Invalid => "in force",
        Reason::Retired => "retired",
        Reason::Broken => "broken",
        Reason::Impossible => "the impossible was proved",
    }
}

/// When a claim or a key ended and why, and which records that leaves in doubt.
pub(crate) fn ended(at: u64, reason: Reason, doubtful_since: u64) -> String {
    let (at, doubt) = (output::utc(at), output::utc(doubtful_since));
    format!("ended {at} ({}), records from {doubt} on are in doubt", reason_name(reason))
}

/// That a record's key or its claim has ended; `None` where both are in force.
pub(crate) fn ending(standing: &Standing) -> Option<String> {
    let ended = || ended(standing.endedAt, standing.reason, standing.doubtfulSince);
    (standing.endedAt != 0).then(|| format!("the key or claim {}", ended()))
}

/// A record that was found, and whether its key was computed on this machine.
struct Hit {
    found: Found,
    computed_here: bool,
}

impl Hit {
    fn counts(&self) -> bool {
        match self.found.stored.status {
            Status::Valid | Status::ValidBeforeStop => true,
            // whoever made the key again has reviewed it
            Status::Unreviewed => self.computed_here,
            _ => false,
        }
    }

    fn claim(&self) -> String {
        let id = self.found.key.claimId;
        claims::by_id(id).map_or_else(|| id.to_string(), |claim| claim.claim.name().to_owned())
    }

    fn json(&self) -> Value {
        let Found { by, stored, key, standing } = &self.found;
        let (entry, statement) = (&stored.entry, stored.statement());
        let (by, distance) = match by {
            By::Fingerprint(distance) => ("fingerprint", Some(*distance)),
            By::SaltedHash => ("salted hash", None),
            By::Commitment => ("commitment", None),
            By::Source => ("source", None),
        };
        let some = |word: B256| (!word.is_zero()).then_some(word);
        json!({
            "found_by": by, "distance": distance, "record_id": stored.record_id,
            "image_commitment": statement.imageCommitment, "source_commitment": some(statement.sourceCommitment),
            "fingerprint": stored.fingerprint().map(|fingerprint| fingerprint.to_string()),
            "fingerprint_committed": hides_fingerprint(key.claimId), "tolerance": statement.tolerance,
            "registrant": output::account(stored.record.registrant), "timestamp": entry.timestamp,
            "time": output::utc(entry.timestamp), "block": entry.blockNumber,
            "reserved_at": stored.reserved_at(), "reserved_time": stored.reserved_at().map(output::utc),
            "claim": self.claim(), "vk_hash": stored.record.vkHash, "status": status_name(stored.status),
            "key": {
                "reviewed": key.reviewed, "computed_here": self.computed_here, "srs_id": key.srsId,
                "unsafe_development": key.unsafeDevelopment, "k": key.k.saturating_to::<u32>(),
                "ended_at": (key.endedAt != 0).then_some(key.endedAt), "reason": reason_name(key.reason),
            },
            "paused": standing.paused, "ended_at": (standing.endedAt != 0).then_some(standing.endedAt),
            "doubtful_since": (standing.endedAt != 0).then_some(standing.doubtfulSince),
            "model_hash": some(statement.modelHash),
            "model_id": (!stored.record.modelId.is_zero()).then(|| stored.record.modelId.saturating_to::<u64>()),
        })
    }

    fn text(&self) -> String {
        let Found { by, stored, key, standing } = &self.found;
        let statement = stored.statement();
        let how = match by {
            By::Fingerprint(distance) => format!("{distance} bits away"),
            By::SaltedHash => "this salted hash".to_owned(),
            By::Commitment => "this commitment".to_owned(),
            By::Source => "made from the picture under this commitment".to_owned(),
        };
        let mut rows = vec![
            ("found", how),
            ("  record", stored.record_id.to_string()),
            ("  commitment", statement.imageCommitment.to_string()),
        ];
        if let Some(fingerprint) = stored.fingerprint() {
            let what = if hides_fingerprint(key.claimId) { "  salted hash" } else { "  fingerprint" };
            rows.push((what, format!("{fingerprint}, proved within {} bits", statement.tolerance)));
        }
        if !statement.modelHash.is_zero() {
            rows.push(("  model", format!("{}, registration {}", statement.modelHash, stored.record.modelId)));
        }
        let setup = if key.unsafeDevelopment { "UNSAFE development setup" } else { "setup" };
        let mut trust = format!("{} under {setup} {}", self.claim(), key.srsId);
        if !self.computed_here {
            trust.push_str("; NOT COMPUTED HERE");
        }
        if !key.reviewed {
            trust.push_str("; not reviewed by the router's owner");
        }
        let mut status = status_name(stored.status).to_owned();
        if let Some(ending) = ending(standing) {
            status.push_str(&format!("; {ending}"));
        }
        if standing.paused {
            status.push_str("; the claim is paused: nothing new is registered under it");
        }
        rows.extend([
            ("  registrant", stored.record.registrant.to_string()),
            ("  time", format!("{} (block {})", output::utc(stored.entry.timestamp), stored.entry.blockNumber)),
            ("  key", stored.record.vkHash.to_string()),
            ("  claim", trust),
            ("  status", status),
        ]);
        rows.extend(stored.reserved_at().map(|time| ("  reserved", output::utc(time))));
        output::table(&rows)
    }
}

/// What is looked for: a picture's fingerprint, or a word.
fn wanted(ui: &Ui, arguments: &Arguments) -> Result<Wanted, Failure> {
    let what = arguments.what.as_str();
    let path = Path::new(what);
    // A name that is 64 hex digits and a file too is taken for the file.
    if let (Ok(fingerprint), false) = (what.trim_start_matches("0x").parse::<Fingerprint>(), path.exists()) {
        return Ok(Wanted::Word(fingerprint.to_bytes().into()));
    }
    let picture = arguments.reading.fingerprint(ui, path).map_err(|mut failure| {
        if !path.exists() {
            failure.hint = "name a picture, or give 64 hex digits of a fingerprint or a commitment".into();
        }
        failure
    })?;
    let pdq = picture.pdq;
    if pdq.quality < MIN_QUALITY {
        ui.warn(&format!("quality {}: a picture this plain is near many others", pdq.quality));
    }
    Ok(Wanted::Picture(pdq.fingerprint))
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    let wanted = wanted(ui, arguments)?;
    let folder = arguments.chain.chain.as_deref().unwrap_or(home.chain_dir());
    if arguments.chain.rpc.is_none() && !folder.exists() {
        if arguments.chain.chain.is_some() {
            // a mistyped folder is not the answer "not registered"
            let message = format!("there is no chain in {}", folder.display());
            return Err(Failure::new(Kind::FileMissing, message, "check --chain; veilmark register makes a chain"));
        }
        arguments.chain.node(ui, None)?;
        // a practice chain that is still to be made: nothing is on it, and what it is is said all the same
        let mut report = report(wanted, &[], 0, &folder.display().to_string());
        report.json.insert("practice_chain".into(), json!(true));
        return Ok(report);
    }
    let reached = Reached::open(ui, home, &arguments.chain, None)?;
    let index = reached.index(ui, home, arguments.reread)?;
    let known: Vec<_> = home.computed_keys().into_iter().chain(arguments.accept_key.iter().copied()).collect();
    let hits: Vec<_> = reached
        .client
        .search(&index, wanted)?
        .into_iter()
        .map(|found| Hit { computed_here: known.contains(&found.stored.record.vkHash), found })
        .collect();
    let place = match reached.is_practice() {
        true => reached.chain().name(),
        false => format!("{} on chain {}", reached.client.deployment().content(), reached.chain().chain_id()?),
    };
    Ok(reached.marked(report(wanted, &hits, index.len(), &place)))
}

fn report(wanted: Wanted, hits: &[Hit], records: usize, place: &str) -> Report {
    let (fingerprint, word) = match wanted {
        Wanted::Picture(fingerprint) => (fingerprint, None),
        Wanted::Word(word) => (Fingerprint::from_bytes(word.0), Some(word)),
    };
    let json = json!({
        "looked_for": { "fingerprint": fingerprint.to_string(), "commitment": word },
        "max_distance": MATCH_DISTANCE, "records_on_chain": records,
        "matches": hits.iter().map(Hit::json).collect::<Vec<_>>(),
    });
    let mut report = Report::new(json, hits.iter().map(Hit::text).collect::<Vec<_>>().join("\n"));
    if hits.is_empty() {
        report.failure = Some(Failure::new(
            Kind::NotRegistered,
            format!("no record within {MATCH_DISTANCE} bits of {fingerprint} among the {records} in {place}"),
            "veilmark register BUNDLE registers a proof; --chain DIR or --rpc URL asks another chain",
        ));
    } else if !hits.iter().any(Hit::counts) {
        let unreviewed = hits.iter().any(|hit| hit.found.stored.status == Status::Unreviewed);
        report.failure = Some(match unreviewed {
            true => Failure::new(
                Kind::UntrustedDeployment,
                "every record found is under a verifying key that nobody reviewed, or does not count any more",
                "make the key again: veilmark verify BUNDLE; --accept-key HASH takes a key that you trust",
            ),
            false => Failure::new(
                Kind::NotRegistered,
                "no record found counts any more: each was revoked by its registrant, or its verifier was stopped",
                "the status of each is in the list",
            ),
        });
    }
    report
}
