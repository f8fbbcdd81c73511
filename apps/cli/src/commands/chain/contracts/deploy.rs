//! `veilmark contracts deploy`.

use super::{Keys, codes, require_node};
use crate::{
    commands::chain::{
        address,
        connection::{ChainArguments, SigningArguments},
        reach,
    },
    failure::{Failure, Kind},
    home::{self, Home},
    output::{self, Report, Ui},
};
use alloy_primitives::Address;
use serde_json::json;
use veilmark::{
    chain::{
        Chain,
        client::RegistryClient,
        deployment::{self, DEPLOYER, DEVELOPMENT_CHAINS, MIN_DELAY, Plan},
        safe::Transaction,
    },
    files::{self, Access, Existing, hex0x},
};
use veilmark_contract_bindings::claims;

/// Bring router, registries, tokens and verifiers to a chain.
///
/// Every address follows from what is deployed, so a run that was broken off is completed by running it again with the
/// same arguments, and nothing is deployed twice. Writes the manifest, from which others recompute every address. Verifying
/// keys under unsafe development parameters are refused off chain ids 31337 and 1337, before anything is sent. The verifying
/// keys named are reviewed from the beginning; others wait for the delay (veilmark contracts add).
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    keys: Keys,
    /// The router's owner, who may add, review and remove [default: whoever signs].
    #[arg(long, value_name = "ADDRESS", value_parser = address::parse)]
    owner: Option<Address>,
    /// Who may pause a claim and cancel proposals in an emergency [default on a development chain: the owner].
    #[arg(long, value_name = "ADDRESS", value_parser = address::parse)]
    guardian: Option<Address>,
    /// Let one account be owner and guardian, now and later. Whoever has its key can do everything at once.
    #[arg(long)]
    same_guardian: bool,
    /// How long a change of the router waits [default: two days, the least; 0 on a development chain].
    #[arg(long, value_name = "SECONDS")]
    delay: Option<u64>,
    #[command(flatten)]
    chain: ChainArguments,
    #[command(flatten)]
    signing: SigningArguments,
}

fn plan(arguments: &Arguments, chain_id: u64, signer: Option<Address>) -> Result<Plan, Failure> {
    let owner = arguments.owner.or(signer).ok_or_else(|| {
        Failure::new(Kind::Usage, "nobody is named who owns the router", "name the account with --owner")
    })?;
    let development = DEVELOPMENT_CHAINS.contains(&chain_id);
    let delay = arguments.delay.unwrap_or(if development { 0 } else { MIN_DELAY });
    if !development && delay < MIN_DELAY {
        let message = format!("the delay is at least {MIN_DELAY} seconds on chain {chain_id}");
        return Err(Failure::new(Kind::Usage, message, "leave --delay out, or give more"));
    }
    let may_be_one = arguments.same_guardian || development;
    let guardian = arguments.guardian.or(may_be_one.then_some(owner)).ok_or_else(|| {
        let message = "owner and guardian would be one account: whoever has its key could do everything at once";
        Failure::new(Kind::Usage, message, "name another account with --guardian, or say --same-guardian")
    })?;
    if guardian == owner && !may_be_one {
        let message = "owner and guardian are one account";
        return Err(Failure::new(Kind::Usage, message, "name another with --guardian, or say --same-guardian"));
    }
    let (allow_same_guardian, claims) = (arguments.same_guardian, claims::all().iter().collect());
    Ok(Plan { owner, guardian, delay, allow_same_guardian, claims, keys: Vec::new() })
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    require_node(&arguments.chain)?;
    let Some(node) = arguments.chain.node(ui, Some(&arguments.signing))? else { return Ok(Report::default()) };
    let chain_id = node.chain_id()?;
    let mut plan = plan(arguments, chain_id, node.signer())?;
    plan.keys = codes(ui, home, &arguments.keys)?;
    let sender = node.signer().unwrap_or(plan.owner);
    let path = arguments.chain.contracts.clone().unwrap_or_else(|| home.deployment(chain_id));
    let before = match path.exists() {
        true => reach::manifest(home, &arguments.chain, chain_id)?,
        false => None,
    };
    let first_block = match &before {
        Some((_, manifest)) => manifest.first_block,
        None => node.block_number()?,
    };
    let (contracts, mut manifest) = plan.contracts(chain_id, first_block)?;
    let deployment = manifest.deployment();
    if let Some((_, before)) = before {
        if before.deployment() != deployment {
            let content = before.deployment().content();
            let message = format!("the manifest is of another deployment, whose content registry is at {content}");
            let hint = "give the arguments that it was made with, or name another file with --contracts";
            return Err(Failure::new(Kind::Usage, message, hint).at(&path));
        }
        before.keys.into_iter().for_each(|key| manifest.add_key(key));
    }
    deployment::require_deployer(&node)?;
    let (mut rows, mut missing, mut gas_total) = (Vec::new(), Vec::new(), 0);
    if !arguments.signing.sends_nothing() {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            home::make_folder(folder)?;
        }
        manifest.write(&path, Existing::Replace)?;
    }
    for contract in &contracts {
        let mut row = json!({
            "name": contract.name, "address": output::account(contract.address), "code_bytes": contract.init_code.len(),
        });
        if arguments.signing.sends_nothing() {
            let there = contract.exists(&node)?;
            // what needs contracts that are not there yet cannot be estimated
            let gas = if there { None } else { node.estimate(sender, Some(DEPLOYER), &contract.calldata()).ok() };
            if !there {
                let what = format!("deploy {}", contract.name);
                missing.push(Transaction { what, to: DEPLOYER, data: contract.calldata() });
            }
            row["already_done"] = json!(there);
            row["gas_estimate"] = json!(gas);
            row["to"] = output::account(DEPLOYER);
            row["data"] = json!(hex0x(&contract.calldata()));
            gas_total += gas.unwrap_or_default();
        } else {
            let receipt = contract.make(&node, sender)?;
            let gas = receipt.map(|receipt| receipt.gas_used);
            let told = gas.map_or_else(|| "there already".to_owned(), |gas| format!("{gas} gas"));
            ui.note(&format!("{} at {}: {told}", contract.name, contract.address));
            row["already_done"] = json!(gas.is_none());
            row["gas_used"] = json!(gas);
            gas_total += gas.unwrap_or_default();
        }
        rows.push(row);
    }
    if let Some(file) = &arguments.signing.safe_json {
        let text = veilmark::chain::safe::batch(chain_id, sender, &missing, output::now());
        files::write_atomically(file, Existing::Keep, Access::Umask, |file| {
            std::io::Write::write_all(file, text.as_bytes())
        })?;
    } else if !arguments.signing.dry_run {
        RegistryClient::new(node, deployment).require()?;
        manifest.complete = true;
        manifest.write(&path, Existing::Replace)?;
    }
    let Plan { owner, guardian, delay, .. } = plan;
    let json = json!({
        "dry_run": arguments.signing.sends_nothing(), "chain_id": chain_id, "contracts": rows, "gas_used": gas_total,
        "owner": output::account(owner), "guardian": output::account(guardian), "delay": delay,
        "router": output::account(deployment.router()), "models": output::account(deployment.models()),
        "registry": output::account(deployment.content()), "token": output::account(deployment.token()),
        "manifest": output::json_path(&path),
    });
    let text = output::table(&[
        ("router", deployment.router().to_string()),
        ("models", deployment.models().to_string()),
        ("content", deployment.content().to_string()),
        ("token", deployment.token().to_string()),
        ("owner", format!("{owner}, changes wait {delay} s")),
        ("guardian", guardian.to_string()),
        ("gas", gas_total.to_string()),
        ("file", path.display().to_string()),
    ]);
    Ok(Report::new(json, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        deploy: Arguments,
    }

    const OWNER: Address = Address::repeat_byte(0x11);
    const OTHER: Address = Address::repeat_byte(0x22);

    fn planned(chain_id: u64, arguments: &[&str]) -> Result<Plan, Failure> {
        let line = Line::try_parse_from([&["deploy"][..], arguments].concat()).unwrap();
        plan(&line.deploy, chain_id, Some(OWNER))
    }

    /// One key would otherwise pause, cancel, add and remove: the guardian guards nothing against an owner whose key was
    /// taken.
    #[test]
    fn owner_and_guardian_are_one_account_off_development_chains_only_where_it_is_said() {
        let (owner, other) = (OWNER.to_string(), OTHER.to_string());
        for chain_id in [1, 10, 11_155_111] {
            for arguments in [&[][..], &["--guardian", &owner], &["--owner", &other, "--guardian", &other]] {
                let failure = planned(chain_id, arguments).unwrap_err();
                assert!(failure.kind == Kind::Usage && failure.hint.contains("--same-guardian"), "{failure:?}");
            }
            let apart = planned(chain_id, &["--guardian", &other]).unwrap();
            assert_eq!((apart.owner, apart.guardian, apart.delay), (OWNER, OTHER, MIN_DELAY));
            assert!(!apart.allow_same_guardian, "and stay apart");
            for arguments in [&["--same-guardian"][..], &["--same-guardian", "--guardian", &owner]] {
                let same = planned(chain_id, arguments).unwrap();
                assert_eq!((same.owner, same.guardian, same.allow_same_guardian), (OWNER, OWNER, true));
            }
        }
        for chain_id in DEVELOPMENT_CHAINS {
            assert_eq!(planned(chain_id, &[]).unwrap().guardian, OWNER);
        }
    }
}
