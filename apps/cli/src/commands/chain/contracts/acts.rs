//! What the router's owner and guardian do, each as a command that sends, shows, or writes for a multisignature.

use super::require_node;
use crate::{
    claim::Claim,
    commands::chain::{
        address,
        connection::{ChainArguments, SigningArguments},
        reach::Reached,
    },
    failure::{Failure, Kind},
    home::Home,
    output::{self, Report, Ui},
};
use alloy_primitives::{Address, B256, U256};
use clap::ValueEnum;
use serde_json::json;
use std::path::{Path, PathBuf};
use veilmark::{
    chain::{
        acts::{Act, Calls, Due, Outcome, Reason, Who},
        client::claims::Fate,
        deployment::{DEPLOYER, verifier_contract},
        safe::Transaction,
    },
    files,
    statement::claim,
};
use veilmark_contract_bindings::{claims, interfaces::IClaimRouter};

/// Bytes of the longest file of a proof: no verifier takes as many, written as digits.
const MAX_PROOF: u64 = 1 << 20;

// Not a doc comment: which chain, and who signs.
#[derive(Clone, Debug, clap::Args)]
struct Common {
    #[command(flatten)]
    chain: ChainArguments,
    #[command(flatten)]
    signing: SigningArguments,
}

/// Why something ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Why {
    /// Nothing is known to be wrong with it.
    Retired,
    /// It is broken, or its setup's secret leaked.
    Broken,
}

impl From<Why> for Reason {
    fn from(why: Why) -> Self {
        match why {
            Why::Retired => Self::Retired,
            Why::Broken => Self::Broken,
        }
    }
}

/// Add a claim of this program to a router, as its owner; its verifier is deployed first.
///
/// Where the router has a delay, the first run proposes and a run after the delay adds.
#[derive(Debug, clap::Args)]
pub(crate) struct AddClaim {
    /// The claim.
    #[arg(long, value_enum)]
    claim: Claim,
    #[command(flatten)]
    common: Common,
}

/// Vouch for a verifying key that was added, as the router's owner.
///
/// Make the key yourself before you do: veilmark contracts verify --bundle or --model says whether it is this program's.
/// Where the router has a delay, the first run proposes and a run after the delay does it.
#[derive(Debug, clap::Args)]
pub(crate) struct Review {
    /// The key's hash.
    #[arg(value_name = "HASH")]
    vk_hash: B256,
    #[command(flatten)]
    common: Common,
}

/// End a verifying key, for good and at once, as the router's owner. Records under it keep a standing of their own.
#[derive(Debug, clap::Args)]
pub(crate) struct Remove {
    /// The key's hash.
    #[arg(value_name = "HASH")]
    vk_hash: B256,
    /// Why.
    #[arg(long, value_enum)]
    reason: Why,
    #[command(flatten)]
    common: Common,
}

/// Refuse new proofs of a claim for fourteen days, as the router's guardian or owner. Records stay what they are.
#[derive(Debug, clap::Args)]
pub(crate) struct Pause {
    /// The claim.
    #[arg(long, value_enum)]
    claim: Claim,
    #[command(flatten)]
    common: Common,
}

/// End a pause early, as the router's guardian or owner.
#[derive(Debug, clap::Args)]
pub(crate) struct Unpause {
    /// The claim.
    #[arg(long, value_enum)]
    claim: Claim,
    #[command(flatten)]
    common: Common,
}

/// End a claim, for good, as the router's owner: nothing is registered under it any more. Records older than the doubt keep
/// a standing of their own.
///
/// Where the router has a delay, the first run proposes and a run after the delay ends it; veilmark contracts pause works at
/// once.
#[derive(Debug, clap::Args)]
pub(crate) struct Stop {
    /// The claim.
    #[arg(long, value_enum)]
    claim: Claim,
    /// Why.
    #[arg(long, value_enum)]
    reason: Why,
    #[command(flatten)]
    common: Common,
}

/// Say since when records of an ended claim or key are in doubt, as the router's owner.
#[derive(Debug, clap::Args)]
pub(crate) struct Doubt {
    /// A key's hash, or a claim's id.
    #[arg(value_name = "HASH")]
    id: B256,
    /// In seconds since 1970: at most thirty days before the end.
    #[arg(long, value_name = "SECONDS")]
    since: u64,
    #[command(flatten)]
    common: Common,
}

/// Replace the router's guardian, as its owner.
#[derive(Debug, clap::Args)]
pub(crate) struct Guardian {
    /// The guardian to be.
    #[arg(value_name = "ADDRESS", value_parser = address::parse)]
    guardian: Address,
    #[command(flatten)]
    common: Common,
}

/// Offer the router to another owner, accept it, or take the offer back.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["owner", "accept", "withdraw"])))]
pub(crate) struct Owner {
    /// To whom it is offered.
    #[arg(value_name = "ADDRESS", value_parser = address::parse)]
    owner: Option<Address>,
    /// Accept what was offered to whoever signs.
    #[arg(long)]
    accept: bool,
    /// Take an offer back that was not accepted yet.
    #[arg(long)]
    withdraw: bool,
    #[command(flatten)]
    common: Common,
}

/// Withdraw a proposal, as the router's owner or guardian.
#[derive(Debug, clap::Args)]
pub(crate) struct Cancel {
    /// The proposal, as veilmark contracts proposals shows it.
    #[arg(value_name = "PROPOSAL")]
    proposal: B256,
    #[command(flatten)]
    common: Common,
}

/// End a verifying key by a proof of what can never be true, as anyone: at once and for good.
///
/// Such a proof shows that circuit, verifier or setup is broken. An impossible statement is a tolerance above 511 or, for the
/// claim generation, a first public input that is not zero. The claim itself ends only with a second such proof under a
/// reviewed key of another setup. Simulated first: what the verifier refuses is not sent. Whoever copies the transaction
/// ends the same key.
#[derive(Debug, clap::Args)]
pub(crate) struct StopWithProof {
    /// The hash of the key under which the proof holds.
    #[arg(value_name = "HASH")]
    vk_hash: B256,
    /// The impossible statement: the public inputs as the verifier takes them, decimal or after 0x hexadecimal.
    #[arg(long, value_name = "WORD,WORD,...", required = true, value_delimiter = ',')]
    inputs: Vec<U256>,
    /// The proof's file, as the verifier takes it: its bytes, or the same as hexadecimal digits.
    #[arg(long, value_name = "FILE")]
    proof: PathBuf,
    #[command(flatten)]
    common: Common,
}

/// List the changes of a router that wait, with the time from which they are possible.
#[derive(Debug, clap::Args)]
pub(crate) struct Proposals {
    #[command(flatten)]
    chain: ChainArguments,
}

fn open(ui: &Ui, home: &Home, common: &Common) -> Result<Reached, Failure> {
    require_node(&common.chain)?;
    Reached::open(ui, home, &common.chain, Some(&common.signing))
}

/// Who is taken for the sender where nothing is sent.
fn expected_sender(reached: &Reached, act: &Act) -> Result<Address, Failure> {
    let governance = reached.client.governance()?;
    let router = reached.client.deployment().router();
    Ok(match act.who() {
        Who::Owner | Who::Anyone => governance.owner,
        // not a proposal that replaces it
        Who::Guardian => match reached.chain().query(governance.guardian, router, act.calls().act) {
            Err(error) if error.contract_error::<IClaimRouter::NotGuardian>().is_some() => governance.owner,
            _ => governance.guardian,
        },
        Who::PendingOwner => governance.pending_owner.unwrap_or(governance.owner),
    })
}

/// Does an act, or shows it; `holds` says whether it was done before.
fn perform(
    reached: &Reached,
    act: &Act,
    before: &[Transaction],
    holds: impl Fn() -> Result<bool, Failure>,
) -> Result<Report, Failure> {
    let what = act.describe();
    let report = |state: &str, ready_at: Option<u64>, gas: u64| {
        let json = json!({ "what": what, "state": state, "ready_at": ready_at, "gas_used": gas });
        let when = ready_at.map_or_else(String::new, |at| format!(": run this again after {}", output::utc(at)));
        Report::new(json, format!("{what}: {state}, {gas} gas{when}"))
    };
    if holds()? {
        return Ok(report("done already", None, 0));
    }
    let sender = match reached.signer() {
        Some(signer) => signer,
        None => expected_sender(reached, act)?,
    };
    if reached.sends_nothing() {
        let due = match before {
            [] => reached.client.due(act, sender)?,
            // the router cannot be asked about what is not there yet
            _ => match act.calls() {
                Calls { propose: Some(propose), .. } if reached.client.governance()?.delay > 0 => {
                    Due::Proposal(propose)
                }
                Calls { act, .. } => Due::Now(act),
            },
        };
        let transaction = match due {
            Due::Waits { ready_at } => {
                let mut report = report("proposed", Some(ready_at), 0);
                report.json.insert("dry_run".into(), json!(true));
                report.json.insert("transactions".into(), json!([]));
                return Ok(report);
            }
            Due::Now(data) => transaction(reached, what, data),
            Due::Proposal(data) => transaction(reached, format!("propose to {what}"), data),
        };
        let all = [before, &[transaction]].concat();
        return Ok(reached.instead_of(sender, &all)?.unwrap_or_default());
    }
    let (state, ready_at, receipts) = match reached.client.carry_out(act, sender)? {
        Outcome::Done(receipts) => ("done", None, receipts),
        Outcome::Waits { ready_at, receipts } => ("proposed", Some(ready_at), receipts),
    };
    if ready_at.is_none() && !holds()? {
        let message = "the chain says that the transaction succeeded, but nothing changed";
        return Err(Failure::new(Kind::NodeUntrustworthy, message, "do not believe this node; ask another"));
    }
    Ok(report(state, ready_at, receipts.iter().map(|receipt| receipt.gas_used).sum()))
}

fn transaction(reached: &Reached, what: String, data: Vec<u8>) -> Transaction {
    Transaction { what, to: reached.client.deployment().router(), data }
}

fn id_of(claim: Claim) -> B256 {
    claims::of(claim::Claim::from(claim)).id
}

pub(crate) fn add_claim(ui: &Ui, home: &Home, arguments: &AddClaim) -> Result<Report, Failure> {
    let reached = open(ui, home, &arguments.common)?;
    let claim = claims::of(arguments.claim.into());
    let verifier = verifier_contract(claim.verifier);
    let mut before = Vec::new();
    if !verifier.exists(reached.chain())? {
        if reached.sends_nothing() {
            let what = format!("deploy {}", verifier.name);
            before.push(Transaction { what, to: DEPLOYER, data: verifier.calldata() });
        } else {
            verifier.make(reached.chain(), reached.signer().unwrap_or_default())?;
        }
    }
    let act = Act::AddClaim { description: claim.description.clone(), verifier: verifier.address };
    perform(&reached, &act, &before, || Ok(reached.client.claim(claim.id)?.is_some()))
}

pub(crate) fn review(ui: &Ui, home: &Home, arguments: &Review) -> Result<Report, Failure> {
    let reached = open(ui, home, &arguments.common)?;
    let vk_hash = arguments.vk_hash;
    if !home.computed_keys().contains(&vk_hash) {
        ui.warn("this key was not computed on this machine: it may prove anything");
    }
    let reviewed = || Ok(reached.client.key(vk_hash)?.is_some_and(|key| key.reviewed));
    perform(&reached, &Act::ReviewKey { vk_hash }, &[], reviewed)
}

pub(crate) fn remove(ui: &Ui, home: &Home, arguments: &Remove) -> Result<Report, Failure> {
    let reached = open(ui, home, &arguments.common)?;
    let (vk_hash, reason) = (arguments.vk_hash, arguments.reason.into());
    let ended = || Ok(reached.client.key(vk_hash)?.is_some_and(|key| key.endedAt != 0));
    perform(&reached, &Act::RemoveKey { vk_hash, reason }, &[], ended)
}

pub(crate) fn pause(ui: &Ui, home: &Home, arguments: &Pause) -> Result<Report, Failure> {
    let reached = open(ui, home, &arguments.common)?;
    let claim_id = id_of(arguments.claim);
    perform(&reached, &Act::Pause { claim_id }, &[], || Ok(reached.client.is_paused(claim_id)?))
}

pub(crate) fn unpause(ui: &Ui, home: &Home, arguments: &Unpause) -> Result<Report, Failure> {
    let reached = open(ui, home, &arguments.common)?;
    let claim_id = id_of(arguments.claim);
    perform(&reached, &Act::Unpause { claim_id }, &[], || Ok(!reached.client.is_paused(claim_id)?))
}

pub(crate) fn stop(ui: &Ui, home: &Home, arguments: &Stop) -> Result<Report, Failure> {
    let reached = open(ui, home, &arguments.common)?;
    let (claim_id, reason) = (id_of(arguments.claim), arguments.reason.into());
    let ended = || Ok(reached.client.claim(claim_id)?.is_some_and(|claim| claim.endedAt != 0));
    perform(&reached, &Act::StopClaim { claim_id, reason }, &[], ended)
}

pub(crate) fn doubt(ui: &Ui, home: &Home, arguments: &Doubt) -> Result<Report, Failure> {
    let reached = open(ui, home, &arguments.common)?;
    let (id, since) = (arguments.id, arguments.since);
    let cast = || {
        let claim = reached.client.claim(id)?.map(|claim| claim.doubtfulSince);
        let key = reached.client.key(id)?.map(|key| key.doubtfulSince);
        Ok(claim.or(key) == Some(since))
    };
    perform(&reached, &Act::CastDoubt { id, since }, &[], cast)
}

pub(crate) fn guardian(ui: &Ui, home: &Home, arguments: &Guardian) -> Result<Report, Failure> {
    let reached = open(ui, home, &arguments.common)?;
    let guardian = arguments.guardian;
    let changed = || Ok(reached.client.governance()?.guardian == guardian);
    perform(&reached, &Act::SetGuardian { guardian }, &[], changed)
}

pub(crate) fn owner(ui: &Ui, home: &Home, arguments: &Owner) -> Result<Report, Failure> {
    let reached = open(ui, home, &arguments.common)?;
    let Some(owner) = arguments.owner else {
        if arguments.withdraw {
            let withdrawn = || Ok(reached.client.governance()?.pending_owner.is_none());
            return perform(&reached, &Act::WithdrawOffer, &[], withdrawn);
        }
        let who = reached.signer();
        let accepted = || Ok(Some(reached.client.governance()?.owner) == who);
        return perform(&reached, &Act::AcceptOwnership, &[], accepted);
    };
    let governance = reached.client.governance()?;
    if owner.is_zero() || (owner == governance.owner && governance.pending_owner.is_some()) {
        let message = format!("nobody is to be offered what {} has", governance.owner);
        return Err(Failure::new(Kind::Usage, message, "veilmark contracts owner --withdraw takes an offer back"));
    }
    let offered = || {
        let governance = reached.client.governance()?;
        Ok(governance.owner == owner || governance.pending_owner == Some(owner))
    };
    perform(&reached, &Act::OfferOwnership { owner }, &[], offered)
}

pub(crate) fn cancel(ui: &Ui, home: &Home, arguments: &Cancel) -> Result<Report, Failure> {
    let reached = open(ui, home, &arguments.common)?;
    let proposal = arguments.proposal;
    let list = "veilmark contracts proposals lists what waits";
    perform(&reached, &Act::Cancel { proposal }, &[], || match reached.client.fate(proposal, reached.first_block)? {
        Some(Fate::Open) => Ok(false),
        Some(Fate::Withdrawn) => Ok(true),
        Some(Fate::CarriedOut) => {
            let message = format!("proposal {proposal} was carried out, and cannot be withdrawn any more");
            Err(Failure::new(Kind::AlreadyDone, message, list))
        }
        None => Err(Failure::new(Kind::NotRegistered, format!("there is no proposal {proposal}"), list)),
    })
}

/// A proof as it comes in a file: its bytes, or the same as hexadecimal digits.
fn proof_of(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = files::read_limited(path, MAX_PROOF)?;
    let text = std::str::from_utf8(&bytes).map(str::trim).ok();
    let digits = text.map(|text| text.strip_prefix("0x").unwrap_or(text));
    Ok(digits.and_then(|digits| hex::decode(digits).ok()).unwrap_or(bytes))
}

pub(crate) fn stop_with_proof(ui: &Ui, home: &Home, arguments: &StopWithProof) -> Result<Report, Failure> {
    let proof = proof_of(&arguments.proof)?.into();
    let reached = open(ui, home, &arguments.common)?;
    let vk_hash = arguments.vk_hash;
    let act = Act::StopWithProof { vk_hash, public_inputs: arguments.inputs.clone(), proof };
    let ended = || Ok(reached.client.key(vk_hash)?.is_some_and(|key| key.endedAt != 0));
    let mut report = perform(&reached, &act, &[], ended)?;
    if let Some(standing) = reached.client.standing(vk_hash)? {
        let claim_ended = reached.client.claim(standing.claimId)?.is_some_and(|claim| claim.endedAt != 0);
        report.json.insert("claim_ended".into(), json!(claim_ended));
        if claim_ended {
            report.text.push_str("; its claim has ended too");
        }
    }
    Ok(report)
}

/// The changes that wait, in words and in JSON.
pub(super) fn open_proposals(reached: &Reached) -> Result<(Vec<String>, Vec<serde_json::Value>), Failure> {
    let (mut text, mut rows) = (Vec::new(), Vec::new());
    for proposal in reached.client.proposals(reached.first_block)? {
        let what = Act::of_call(&proposal.call).map_or_else(|| "something unknown".to_owned(), |act| act.describe());
        let [when, void] = [proposal.ready_at, proposal.void_after].map(output::utc);
        text.push(format!("proposal {}  {what}, from {when} on; void after {void}", proposal.id));
        rows.push(json!({
            "proposal": proposal.id, "what": what, "ready_at": proposal.ready_at, "ready_time": when,
            "void_after": proposal.void_after, "call": proposal.call,
        }));
    }
    Ok((text, rows))
}

pub(crate) fn proposals(ui: &Ui, home: &Home, arguments: &Proposals) -> Result<Report, Failure> {
    require_node(&arguments.chain)?;
    let reached = Reached::open(ui, home, &arguments.chain, None)?;
    let (text, rows) = open_proposals(&reached)?;
    let text = if text.is_empty() { "nothing is proposed".to_owned() } else { text.join("\n") };
    Ok(Report::new(json!({ "proposals": rows }), text))
}
