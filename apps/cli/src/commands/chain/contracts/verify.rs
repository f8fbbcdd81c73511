//! `veilmark contracts verify`.

use super::{Keys, acts::open_proposals, codes, require_node};
use crate::{
    commands::chain::{
        connection::ChainArguments,
        lookup::{ended, reason_name},
        reach::Reached,
    },
    failure::{Failure, Kind},
    home::Home,
    output::{self, Report, Ui},
};
use alloy_primitives::{B256, keccak256};
use serde_json::{Value, json};
use veilmark::chain::client::claims::{Key, Reason};
use veilmark_contract_bindings::claims;

/// Compare what is deployed with this program's contracts, and say whom the chain trusts.
///
/// Every contract's address is recomputed from this program's code and the constructor's arguments, which proves that storage
/// began as the constructor left it. Ends with 0 only if that holds, every claim in use is checked by this program's verifier,
/// and every reviewed key in use was computed here (--bundle, --model) or is one that you accept (--accept-key). Keys that
/// nobody reviewed are listed, and are no failure: anyone can add them, and records under them say so.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    keys: Keys,
    /// A reviewed key that you trust though it is not computed here; may be given several times.
    #[arg(long, value_name = "HASH")]
    accept_key: Vec<B256>,
    /// Verifying keys under unsafe development parameters are no failure.
    #[arg(long)]
    allow_unsafe: bool,
    #[command(flatten)]
    chain: ChainArguments,
}

/// What was found: lines, JSON, and what is wrong.
#[derive(Default)]
struct Findings {
    lines: Vec<String>,
    wrong: Vec<String>,
}

fn contracts(reached: &Reached, findings: &mut Findings) -> Result<Vec<Value>, Failure> {
    let mut contracts = Vec::new();
    for (address, artifact) in reached.client.deployment().addresses() {
        let code = reached.chain().code(address)?;
        let verdict = match (code.is_empty(), artifact.is_code_of(&code)) {
            (true, _) => "missing",
            (false, true) => "this program's, address recomputed",
            (false, false) => "another code",
        };
        if !artifact.is_code_of(&code) {
            findings.wrong.push(format!("{} at {address}: {verdict}", artifact.name));
        }
        findings.lines.push(format!("{:<22} {address}  {verdict}", artifact.name));
        contracts.push(json!({ "name": artifact.name, "address": output::account(address), "code": verdict }));
    }
    Ok(contracts)
}

fn routed_claims(reached: &Reached, findings: &mut Findings) -> Result<Vec<Value>, Failure> {
    let mut rows = Vec::new();
    for entry in reached.client.claims()? {
        let known = claims::by_id(entry.claimId);
        let is_ours = match known {
            Some(claim) => {
                claim.verifier.is_code_of(&reached.chain().code(entry.verifier)?)
                    && reached.client.claim_of_verifier(entry.verifier)? == claim.id
            }
            None => false,
        };
        let name = known.map_or_else(|| entry.claimId.to_string(), |claim| claim.claim.name().to_owned());
        let verdict = if is_ours { "this program's" } else { "another code" };
        if !is_ours && entry.reason == Reason::None {
            findings.wrong.push(format!("the verifier of the claim {name} is not this program's"));
        }
        let paused = entry.pausedUntil > output::now();
        let mut state = reason_name(entry.reason).to_owned();
        // most claims that end were paused before: the end is what lasts
        if entry.endedAt != 0 {
            state = ended(entry.endedAt, entry.reason, entry.doubtfulSince);
        } else if paused {
            state = format!("paused until {}", output::utc(entry.pausedUntil));
        }
        findings.lines.push(format!("claim {name:<21} {}  {verdict}, {state}", entry.verifier));
        rows.push(json!({
            "claim": name, "claim_id": entry.claimId, "verifier": output::account(entry.verifier), "code": verdict,
            "state": reason_name(entry.reason), "paused_until": paused.then_some(entry.pausedUntil),
            "ended_at": (entry.endedAt != 0).then_some(entry.endedAt),
            "doubtful_since": (entry.endedAt != 0).then_some(entry.doubtfulSince),
        }));
    }
    Ok(rows)
}

/// How far a key is trusted: in words, and whether that is a failure of a key in use.
fn trust(key: &Key, intact: bool, computed: bool, arguments: &Arguments) -> (&'static str, bool) {
    match (intact, computed) {
        (false, _) => ("its code is another than its hash says", true),
        (true, true) if key.unsafeDevelopment => {
            ("computed here, UNSAFE development parameters", !arguments.allow_unsafe)
        }
        (true, true) => ("computed here", false),
        (true, false) if arguments.accept_key.contains(&key.vkHash) => ("accepted, not computed here", false),
        // of a key that was not made again nothing is known: not even that it is unsafe
        (true, false) => ("NOT computed here", true),
    }
}

fn routed_keys(
    reached: &Reached,
    arguments: &Arguments,
    computed: &[B256],
    findings: &mut Findings,
) -> Result<Vec<Value>, Failure> {
    let mut rows = Vec::new();
    for key in reached.client.keys()? {
        let intact = keccak256(reached.chain().code(key.vk)?) == key.vkHash;
        let (trust, fails) = trust(&key, intact, computed.contains(&key.vkHash), arguments);
        let in_use = key.reviewed && key.endedAt == 0;
        if in_use && fails {
            findings.wrong.push(format!("verifying key {}: {trust}", key.vkHash));
        }
        let claim = claims::by_id(key.claimId);
        let claim = claim.map_or_else(|| key.claimId.to_string(), |claim| claim.claim.name().to_owned());
        let standing = match (key.endedAt, key.reviewed) {
            (0, true) => "reviewed".to_owned(),
            (0, false) => "unreviewed".to_owned(),
            (at, _) => ended(at, key.reason, key.doubtfulSince),
        };
        let says = if key.unsafeDevelopment { "unsafe setup" } else { "setup" };
        findings.lines.push(format!(
            "key {} {standing}  {trust}; it says: {claim}, k = {}, {says} {}",
            key.vkHash, key.k, key.srsId
        ));
        rows.push(json!({
            "vk_hash": key.vkHash, "vk": output::account(key.vk), "claim": claim, "reviewed": key.reviewed,
            "in_use": in_use, "state": standing, "computed_here": computed.contains(&key.vkHash), "intact": intact,
            "unsafe_development": key.unsafeDevelopment, "srs_id": key.srsId, "k": key.k.saturating_to::<u32>(),
            "ended_at": (key.endedAt != 0).then_some(key.endedAt),
            "doubtful_since": (key.endedAt != 0).then_some(key.doubtfulSince),
        }));
    }
    Ok(rows)
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    require_node(&arguments.chain)?;
    let expected: Vec<B256> = codes(ui, home, &arguments.keys)?.iter().map(keccak256).collect();
    let reached = Reached::open(ui, home, &arguments.chain, None)?;
    let mut findings = Findings::default();
    let contracts = contracts(&reached, &mut findings)?;
    if !findings.wrong.is_empty() {
        let failure =
            Failure::new(Kind::UntrustedDeployment, findings.wrong.join("; "), "do not rely on this deployment");
        let report = Report::new(json!({ "contracts": contracts, "ok": false }), findings.lines.join("\n"));
        return Ok(Report { failure: Some(failure), ..report });
    }
    let claims = routed_claims(&reached, &mut findings)?;
    let keys = routed_keys(&reached, arguments, &expected, &mut findings)?;
    for vk_hash in expected.iter().filter(|hash| !keys.iter().any(|key| key["vk_hash"] == json!(hash))) {
        findings.wrong.push(format!("the router does not know verifying key {vk_hash}"));
    }
    let governance = reached.client.governance()?;
    let pending = governance.pending_owner.map(|owner| format!(", offered to {owner}")).unwrap_or_default();
    findings.lines.push(format!("owner {}{pending}; changes wait {} s", governance.owner, governance.delay));
    let same = if governance.owner == governance.guardian { ", who is the owner too" } else { "" };
    findings.lines.push(format!("guardian {}{same}", governance.guardian));
    let (lines, proposals) = open_proposals(&reached)?;
    findings.lines.extend(lines);
    let ok = findings.wrong.is_empty();
    let json = json!({
        "chain_id": reached.chain().chain_id()?, "contracts": contracts, "claims": claims, "keys": keys,
        "owner": output::account(governance.owner), "pending_owner": governance.pending_owner.map(output::account),
        "guardian": output::account(governance.guardian), "delay": governance.delay, "proposals": proposals, "ok": ok,
    });
    let mut report = Report::new(json, findings.lines.join("\n"));
    if !ok {
        report.failure = Some(Failure::new(
            Kind::UntrustedDeployment,
            findings.wrong.join("; "),
            "do not rely on this deployment; name what makes the key (--bundle, --model), or accept it (--accept-key HASH); \
             --allow-unsafe is for development",
        ));
    }
    Ok(report)
}
