//! `veilmark contracts add`.

use super::{Keys, codes, remember, require_node};
use crate::{
    commands::chain::{
        connection::{ChainArguments, SigningArguments},
        reach::Reached,
    },
    failure::{Failure, Kind},
    home::Home,
    output::{self, Report, Ui},
};
use alloy_primitives::{B256, keccak256};
use serde_json::json;
use veilmark::chain::{
    Receipt,
    acts::{Act, Outcome},
    deployment::{self, DEPLOYER},
    header::KeyHeader,
    safe::Transaction,
};
use veilmark_contract_bindings::claims;

/// Add verifying keys to a router, and vouch for them as its owner.
///
/// Anyone may add a key of a claim that the router has: it is unreviewed, and records under it say so. Where the owner signs,
/// the key is reviewed too: with a delay the first run proposes that and a run after the delay does it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    chain: ChainArguments,
    #[command(flatten)]
    signing: SigningArguments,
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    require_node(&arguments.chain)?;
    let codes = codes(ui, home, &arguments.keys)?;
    if codes.is_empty() {
        return Err(Failure::new(Kind::Usage, "no verifying key is named", "name one with --bundle or --model"));
    }
    let reached = Reached::open(ui, home, &arguments.chain, Some(&arguments.signing))?;
    let chain_id = reached.chain().chain_id()?;
    // before a key costs gas that no router takes
    for code in &codes {
        deployment::check_key(chain_id, code)?;
        require_claim(&reached, code)?;
    }
    let governance = reached.client.governance()?;
    if reached.sends_nothing() {
        let mut all = Vec::new();
        for code in &codes {
            all.extend(transactions(&reached, code, governance.delay)?);
        }
        return Ok(reached.instead_of(governance.owner, &all)?.unwrap_or_default());
    }
    let signer = reached.signer().unwrap_or_default();
    let (mut rows, mut text) = (Vec::new(), Vec::new());
    for code in &codes {
        let vk_hash = keccak256(code);
        let mut receipts = added(&reached, code)?;
        let reviewed = reached.client.key(vk_hash)?.is_some_and(|key| key.reviewed);
        let (state, ready_at) = match (reviewed, signer == governance.owner) {
            (true, _) if receipts.is_empty() => ("there already", None),
            (true, _) => ("reviewed", None),
            (false, false) => ("unreviewed", None),
            (false, true) => match reached.client.carry_out(&Act::ReviewKey { vk_hash }, signer)? {
                Outcome::Done(more) => {
                    receipts.extend(more);
                    ("reviewed", None)
                }
                Outcome::Waits { ready_at, receipts: more } => {
                    receipts.extend(more);
                    ("review proposed", Some(ready_at))
                }
            },
        };
        let gas: u64 = receipts.iter().map(|receipt| receipt.gas_used).sum();
        rows.push(json!({ "vk_hash": vk_hash, "state": state, "ready_at": ready_at, "gas_used": gas }));
        let when = ready_at.map_or_else(String::new, |at| format!(": run this again after {}", output::utc(at)));
        text.push(format!("{vk_hash}: {state}, {gas} gas{when}"));
    }
    remember(&reached, &codes)?;
    Ok(Report::new(json!({ "keys": rows }), text.join("\n")))
}

/// That the router has the key's claim, and it has not ended.
fn require_claim(reached: &Reached, code: &[u8]) -> Result<(), Failure> {
    let id = KeyHeader::read(code).map_or(B256::ZERO, |header| header.claim_id);
    let name = claims::by_id(id).map_or_else(|| id.to_string(), |claim| claim.claim.name().to_owned());
    match reached.client.claim(id)? {
        Some(claim) if claim.endedAt == 0 => Ok(()),
        Some(_) => {
            let message = format!("the claim {name} has ended on this chain, for good");
            Err(Failure::new(Kind::ClaimStopped, message, "veilmark contracts verify says what this chain trusts"))
        }
        None => {
            let message = format!("the router has no claim {name}");
            Err(Failure::new(Kind::UnknownKey, message, "its owner adds it: veilmark contracts add-claim"))
        }
    }
}

/// What is still to be sent for a key, its review included.
fn transactions(reached: &Reached, code: &[u8], delay: u64) -> Result<Vec<Transaction>, Failure> {
    let (vk_hash, router) = (keccak256(code), reached.client.deployment().router());
    let contract = deployment::key_contract(code)?;
    let mut all = Vec::new();
    if !contract.exists(reached.chain())? {
        all.push(Transaction { what: format!("deploy {}", contract.name), to: DEPLOYER, data: contract.calldata() });
    }
    let known = reached.client.key(vk_hash)?;
    if known.is_none() {
        let act = Act::AddKey { vk: contract.address };
        all.push(Transaction { what: act.describe(), to: router, data: act.calls().act });
    }
    if !known.as_ref().is_some_and(|key| key.reviewed) {
        let act = Act::ReviewKey { vk_hash };
        let calls = act.calls();
        // a proposal that is ready is carried out; otherwise it is made
        let ready = known.is_some() && reached.chain().query(owner(reached)?, router, calls.act.clone()).is_ok();
        let (what, data) = match calls.propose {
            Some(propose) if delay > 0 && !ready => (format!("propose to {}", act.describe()), propose),
            _ => (act.describe(), calls.act),
        };
        all.push(Transaction { what, to: router, data });
    }
    Ok(all)
}

fn owner(reached: &Reached) -> Result<alloy_primitives::Address, Failure> {
    Ok(reached.client.governance()?.owner)
}

/// Adds a key, unless it is there.
fn added(reached: &Reached, code: &[u8]) -> Result<Vec<Receipt>, Failure> {
    if reached.client.key(keccak256(code))?.is_some() {
        return Ok(Vec::new());
    }
    let signer = reached.signer().unwrap_or_default();
    let contract = deployment::key_contract(code)?;
    let mut receipts: Vec<_> = contract.make(reached.chain(), signer)?.into_iter().collect();
    if let Outcome::Done(more) = reached.client.carry_out(&Act::AddKey { vk: contract.address }, signer)? {
        receipts.extend(more);
    }
    Ok(receipts)
}
