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
use serde_json::{Value, json};
use veilmark::chain::{
    Receipt,
    acts::{self, Act, Calls, Outcome},
    client::claims::Governance,
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
        return unsent(&reached, &codes, &governance);
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
        let (row, line) = told(vk_hash, state, ready_at, gas);
        rows.push(row);
        text.push(line);
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

/// What became of a key, in JSON and in words.
fn told(vk_hash: B256, state: &str, ready_at: Option<u64>, gas: u64) -> (Value, String) {
    let when = ready_at.map_or_else(String::new, |at| format!(": run this again after {}", output::utc(at)));
    let json = json!({ "vk_hash": vk_hash, "state": state, "ready_at": ready_at, "gas_used": gas });
    (json, format!("{vk_hash}: {state}, {gas} gas{when}"))
}

/// What is answered instead of sending: the transactions, and the keys for which there is none.
fn unsent(reached: &Reached, codes: &[Vec<u8>], governance: &Governance) -> Result<Report, Failure> {
    let (mut all, mut rows, mut text) = (Vec::new(), Vec::new(), Vec::new());
    for code in codes {
        let Due { transactions, ready_at } = due(reached, code, governance)?;
        if transactions.is_empty() {
            let state = if ready_at.is_some() { "review proposed" } else { "there already" };
            let (row, line) = told(keccak256(code), state, ready_at, 0);
            rows.push(row);
            text.push(line);
        }
        all.extend(transactions);
    }
    if all.is_empty() {
        let json = json!({ "dry_run": true, "transactions": [], "keys": rows });
        return Ok(Report::new(json, text.join("\n")));
    }
    let mut report = reached.instead_of(governance.owner, &all)?.unwrap_or_default();
    report.json.insert("keys".into(), json!(rows));
    text.push(std::mem::take(&mut report.text));
    report.text = text.join("\n");
    Ok(report)
}

/// What is due of a key.
struct Due {
    /// What is still to be sent, the review included.
    transactions: Vec<Transaction>,
    /// When the review is possible, where it is proposed and waits.
    ready_at: Option<u64>,
}

fn due(reached: &Reached, code: &[u8], governance: &Governance) -> Result<Due, Failure> {
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
    let act = Act::ReviewKey { vk_hash };
    let review = match known {
        Some(key) if key.reviewed => return Ok(Due { transactions: all, ready_at: None }),
        Some(_) => reached.client.due(&act, governance.owner)?,
        // the router cannot be asked about a key that it does not have yet
        None => match act.calls() {
            Calls { propose: Some(propose), .. } if governance.delay > 0 => acts::Due::Proposal(propose),
            Calls { act, .. } => acts::Due::Now(act),
        },
    };
    let ready_at = match review {
        acts::Due::Waits { ready_at } => Some(ready_at),
        acts::Due::Now(data) => {
            all.push(Transaction { what: act.describe(), to: router, data });
            None
        }
        acts::Due::Proposal(data) => {
            all.push(Transaction { what: format!("propose to {}", act.describe()), to: router, data });
            None
        }
    };
    Ok(Due { transactions: all, ready_at })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::chain::reach::AnyChain;
    use alloy_primitives::Address;
    use veilmark::{
        chain::{client::RegistryClient, deployment::Plan, embedded::EmbeddedChain, practice},
        statement::claim::Claim,
    };
    use veilmark_chain::testing;

    /// A router with this delay, and a key of one of its claims that it does not have yet.
    fn router(folder: &std::path::Path, delay: u64) -> (Reached, Vec<u8>) {
        let chain = EmbeddedChain::open(folder).unwrap();
        // the deployer comes with a practice chain's own contracts
        let practice = RegistryClient::new(chain, practice::deployment());
        practice::ensure_contracts(&practice).unwrap();
        let (owner, claim) = (Address::repeat_byte(1), claims::of(Claim::FINGERPRINT));
        let plan = Plan {
            owner,
            guardian: Address::repeat_byte(2),
            delay,
            allow_same_guardian: false,
            claims: vec![claim],
            keys: Vec::new(),
        };
        let (contracts, manifest) = plan.contracts(practice::CHAIN_ID, 0).unwrap();
        for contract in &contracts {
            contract.make(practice.chain(), owner).unwrap();
        }
        let chain: AnyChain = Box::new(EmbeddedChain::open(folder).unwrap());
        let code = testing::key_of(&chain, claim, 7).unwrap();
        (Reached::of(chain, manifest.deployment(), 0), code)
    }

    #[test]
    fn a_review_that_is_proposed_and_waits_is_not_proposed_again() {
        let folder = tempfile::tempdir().unwrap();
        let (reached, code) = router(folder.path(), 1000);
        let governance = reached.client.governance().unwrap();
        let (vk_hash, owner) = (keccak256(&code), governance.owner);
        let act = Act::ReviewKey { vk_hash };
        let whats = |due: &Due| due.transactions.iter().map(|one| one.what.clone()).collect::<Vec<_>>();
        let proposal = format!("propose to {}", act.describe());

        let first = due(&reached, &code, &governance).unwrap();
        let expected = ["deploy verifying key", "add the verifying key at", proposal.as_str()];
        assert!(first.ready_at.is_none() && first.transactions.len() == 3);
        assert!(whats(&first).iter().zip(&expected).all(|(what, start)| what.starts_with(start)));
        for one in &first.transactions {
            reached.chain().transact(owner, one.to, one.data.clone()).unwrap();
        }

        let waiting = due(&reached, &code, &governance).unwrap();
        assert!(waiting.transactions.is_empty(), "{:?}", whats(&waiting));
        let Outcome::Waits { ready_at, .. } = reached.client.carry_out(&act, owner).unwrap() else { panic!() };
        assert_eq!(waiting.ready_at, Some(ready_at));
        let report = unsent(&reached, std::slice::from_ref(&code), &governance).unwrap();
        assert_eq!(report.json["transactions"], json!([]));
        assert_eq!(report.json["keys"][0]["state"], "review proposed");
        assert!(report.text.contains(&output::utc(ready_at)), "{}", report.text);

        // withdrawn, it is proposed anew
        let proposal_id = reached.client.proposals(0).unwrap()[0].id;
        reached.client.carry_out(&Act::Cancel { proposal: proposal_id }, owner).unwrap();
        assert_eq!(whats(&due(&reached, &code, &governance).unwrap()), [proposal]);
    }

    #[test]
    fn a_router_without_a_delay_is_asked_to_review_at_once_and_only_once() {
        let folder = tempfile::tempdir().unwrap();
        let (reached, code) = router(folder.path(), 0);
        let governance = reached.client.governance().unwrap();
        let all = due(&reached, &code, &governance).unwrap().transactions;
        for one in &all {
            reached.chain().transact(governance.owner, one.to, one.data.clone()).unwrap();
        }
        assert!(reached.client.key(keccak256(&code)).unwrap().unwrap().reviewed);
        let after = due(&reached, &code, &governance).unwrap();
        assert!(after.transactions.is_empty() && after.ready_at.is_none());
        let report = unsent(&reached, &[code], &governance).unwrap();
        assert_eq!(report.json["keys"][0]["state"], "there already");
    }
}
