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
use alloy_primitives::{Address, B256};
use clap::ValueEnum;
use serde_json::json;
use veilmark::{
    chain::{
        acts::{Act, Due, Outcome, Reason, Who},
        deployment::{DEPLOYER, verifier_contract},
        safe::Transaction,
    },
    statement::claim,
};
use veilmark_contract_bindings::claims;

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

/// Offer the router to another owner, or accept it.
#[derive(Debug, clap::Args)]
pub(crate) struct Owner {
    /// To whom it is offered.
    #[arg(value_name = "ADDRESS", value_parser = address::parse, required_unless_present = "accept", conflicts_with = "accept")]
    owner: Option<Address>,
    /// Accept what was offered to whoever signs.
    #[arg(long)]
    accept: bool,
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
    Ok(match act.who() {
        Who::Owner | Who::Anyone => governance.owner,
        Who::Guardian => governance.guardian,
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
        let mut all = before.to_vec();
        if before.is_empty() {
            match reached.client.due(act, sender)? {
                Due::Waits { ready_at } => return Ok(report("proposed", Some(ready_at), 0)),
                Due::Now(data) => all.push(transaction(reached, what.clone(), data)),
                Due::Proposal(data) => all.push(transaction(reached, format!("propose to {what}"), data)),
            }
        } else {
            let calls = act.calls();
            all.push(transaction(reached, format!("propose to {what}"), calls.propose.unwrap_or(calls.act)));
        }
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

/// Whether a claim is paused by the chain's clock, which runs about as this machine's does.
fn is_paused(reached: &Reached, claim_id: B256) -> Result<bool, Failure> {
    Ok(reached.client.claim(claim_id)?.is_some_and(|claim| claim.pausedUntil > output::now()))
}

pub(crate) fn pause(ui: &Ui, home: &Home, arguments: &Pause) -> Result<Report, Failure> {
    let reached = open(ui, home, &arguments.common)?;
    let claim_id = id_of(arguments.claim);
    perform(&reached, &Act::Pause { claim_id }, &[], || is_paused(&reached, claim_id))
}

pub(crate) fn unpause(ui: &Ui, home: &Home, arguments: &Unpause) -> Result<Report, Failure> {
    let reached = open(ui, home, &arguments.common)?;
    let claim_id = id_of(arguments.claim);
    perform(&reached, &Act::Unpause { claim_id }, &[], || Ok(!is_paused(&reached, claim_id)?))
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
        let who = reached.signer();
        let accepted = || Ok(Some(reached.client.governance()?.owner) == who);
        return perform(&reached, &Act::AcceptOwnership, &[], accepted);
    };
    let offered = || {
        let governance = reached.client.governance()?;
        Ok(governance.owner == owner || governance.pending_owner == Some(owner))
    };
    perform(&reached, &Act::OfferOwnership { owner }, &[], offered)
}

pub(crate) fn cancel(ui: &Ui, home: &Home, arguments: &Cancel) -> Result<Report, Failure> {
    let reached = open(ui, home, &arguments.common)?;
    let proposal = arguments.proposal;
    perform(&reached, &Act::Cancel { proposal }, &[], || Ok(reached.client.ready_at(proposal)?.is_none()))
}

/// The changes that wait, in words and in JSON.
pub(super) fn open_proposals(reached: &Reached) -> Result<(Vec<String>, Vec<serde_json::Value>), Failure> {
    let (mut text, mut rows) = (Vec::new(), Vec::new());
    for proposal in reached.client.proposals(reached.first_block)? {
        let what = Act::of_call(&proposal.call).map_or_else(|| "something unknown".to_owned(), |act| act.describe());
        let when = output::utc(proposal.ready_at);
        text.push(format!("proposal {}  {what}, from {when} on", proposal.id));
        rows.push(json!({
            "proposal": proposal.id, "what": what, "ready_at": proposal.ready_at, "time": when, "call": proposal.call,
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
