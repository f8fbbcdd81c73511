//! `veilmark reserve`.

use crate::{
    commands::{
        chain::{
            address,
            connection::{ChainArguments, SigningArguments},
            reach::{self, Reached},
            register,
        },
        image::{checking, picture},
    },
    failure::{Failure, Kind},
    home::Home,
    output::{self, Report, Ui},
};
use alloy_primitives::{Address, B256};
use serde_json::json;
use std::{
    io::Read,
    path::{Path, PathBuf},
};
use veilmark::{
    chain::{
        Chain,
        registry::RegistryClient,
        seal::{Covered, Seal},
    },
    files::{self, Existing, hex0x},
    opening::{self, Opening},
};
use veilmark_verifier_contract::artifacts::IContentRegistry;

/// Reserve a commitment before it is registered, so that nobody who sees the registration coming is earlier.
///
/// What goes on chain is a seal, which says nothing: the hash of commitment, registrant and a random salt. The salt's file
/// is written first, and is needed later: register, then veilmark reveal X.seal. Anyone's key may pay. Running it again
/// with the same file finds the reservation that is there.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The opening that veilmark commit wrote, or 64 hex digits of its commitment, or a bundle.
    #[arg(value_name = "OPENING|COMMITMENT|BUNDLE")]
    what: String,
    /// The account that will register [default: the bundle's; whoever signs; on an embedded chain the account that those
    /// register with].
    #[arg(long, value_name = "ADDRESS", value_parser = address::parse)]
    registrant: Option<Address>,
    /// Where the seal with its salt goes, a secret file. With --dry-run too: the calldata is good for nothing without it.
    #[arg(short, long, value_name = "X.seal")]
    output: PathBuf,
    #[command(flatten)]
    chain: ChainArguments,
    #[command(flatten)]
    signing: SigningArguments,
}

/// What is to be reserved.
struct Wanted {
    image_commitment: B256,
    /// A bundle names its registrant, and what it is bound to.
    binding: Option<veilmark::statement::public::Binding>,
}

fn wanted(ui: &Ui, what: &str) -> Result<Wanted, Failure> {
    let path = Path::new(what);
    if let (Ok(image_commitment), false) = (what.parse::<B256>(), path.exists()) {
        return Ok(Wanted { image_commitment, binding: None });
    }
    let mut start = Vec::new();
    let failed = |source| Failure::from(files::FileError::Io { doing: "read", path: path.into(), source });
    files::open(path)?.take(4096).read_to_end(&mut start).map_err(failed)?;
    if String::from_utf8_lossy(&start).contains(opening::FORMAT) {
        if opening::is_readable_by_others(path) {
            ui.warn(&format!("{what} is readable by others: chmod 600 keeps it secret"));
        }
        let opening = Opening::read(path).map_err(|error| Failure::from(error).at(path))?;
        return Ok(Wanted { image_commitment: opening.image_commitment.into(), binding: None });
    }
    let bundle = checking::read_bundle(path)?;
    Ok(Wanted { image_commitment: bundle.image_commitment().into(), binding: Some(bundle.binding) })
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    let Wanted { image_commitment, binding } = wanted(ui, &arguments.what)?;
    let reached = Reached::open(ui, home, &arguments.chain, Some(&arguments.signing))?;
    let client = &reached.client;
    let (chain_id, registry) = (client.chain().chain_id()?, client.deployment().content);
    let bound = binding.map(|binding| Address::from(binding.registrant));
    if let Some(binding) = binding {
        register::require_bound(binding, chain_id, registry)?;
    }
    if let (Some(named), Some(bound)) =
        (arguments.registrant, bound.filter(|bound| Some(*bound) != arguments.registrant))
    {
        let message = format!("the proof is for registrant {bound}, not for {named}");
        return Err(Failure::new(Kind::Mismatch, message, "leave --registrant out, or prove for that account"));
    }
    let embedded = reached.node().is_none().then(RegistryClient::default_registrant);
    let registrant = arguments.registrant.or(bound).or(reached.signer()).or(embedded).ok_or_else(|| {
        Failure::new(Kind::Usage, "nobody is named who will register", "name the account with --registrant")
    })?;
    let covered = Covered { chain_id, registry, image_commitment, registrant };
    let seal = kept(&arguments.output, covered)?;
    let hash = seal.hash();
    let payer = reached.payer(registrant);
    let before = client.reserved_at(hash)?;
    if before.is_none() {
        if client.records_by_commitment(image_commitment)?.iter().any(|record| record.registrant == registrant) {
            ui.warn("the registrant has a record of this commitment already: a reservation counts for later ones only");
        }
        let call = IContentRegistry::reserveCall { seal: hash };
        if let Some(report) = reached.dry_run("reserve the seal", payer, registry, &call)? {
            return Ok(report);
        }
    }
    let (time, receipt) = client.reserve(hash, payer)?;
    let json = json!({
        "seal": hash, "file": output::json_path(&arguments.output), "image_commitment": image_commitment,
        "registrant": registrant, "registry": registry, "chain_id": chain_id, "chain": reached.name,
        "reserved_at": time, "time": output::utc(time), "already_reserved": receipt.is_none(),
        "gas_used": receipt.as_ref().map(|receipt| receipt.gas_used),
    });
    let text = output::table(&[
        ("seal", hash.to_string()),
        ("file", format!("{} (keep it, and keep it secret: veilmark reveal needs it)", arguments.output.display())),
        ("commitment", hex0x(image_commitment.as_slice())),
        ("registrant", registrant.to_string()),
        ("reserved", output::utc(time)),
        ("gas", reach::gas(receipt.as_ref(), "it was reserved already")),
    ]);
    Ok(Report::new(json, text))
}

/// The seal of the file, which is made where it is missing: durable before anything is sent.
fn kept(path: &Path, covered: Covered) -> Result<Seal, Failure> {
    let at = |error| Failure::from(error).at(path);
    if path.exists() {
        let seal = Seal::read(path).map_err(at)?;
        seal.check(&covered).map_err(at)?;
        return Ok(seal);
    }
    picture::check_output(path, Existing::Keep, &[], picture::MayReplace::Nothing)?;
    let seal = Seal::new(covered);
    seal.write(path, Existing::Keep).map_err(at)?;
    Ok(seal)
}
