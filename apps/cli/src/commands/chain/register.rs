//! `veilmark register`.

use crate::{
    commands::{
        chain::{
            address,
            connection::{ChainArguments, SigningArguments},
            reach::{AnyChain, Reached},
            relay,
        },
        image::checking::{self, Checked},
    },
    failure::{Failure, Kind},
    home::{self, Home},
    output::{self, Report, Ui},
};
use alloy_primitives::Address;
use halo2_proofs::{halo2curves::bn256::G1Affine, plonk::VerifyingKey};
use serde_json::json;
use std::path::{Path, PathBuf};
use veilmark::{
    bundle::Bundle,
    chain::{
        client::{
            models::Model,
            records::{Registration, Status},
        },
        deployment::verifier_contract,
        practice,
    },
    keys::{self, ClaimShape},
    registrar::{self, ModelChoice, Registrar},
    srs::Srs,
};
use veilmark_contract_bindings::claims;

/// Register a proof's statement on chain.
///
/// The registry's contract checks the proof and writes down who registered what and when. The bundle is checked here first,
/// so that no invalid proof costs gas. On a practice chain the tool deploys the contracts and adds the verifying key that it
/// computed itself.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The bundle that veilmark prove wrote.
    pub(crate) bundle: PathBuf,
    #[command(flatten)]
    pub(crate) model: ModelArguments,
    /// For a registrant who signed for it (veilmark sign): anyone's key may send, and pays.
    #[arg(long, value_name = "X.sig", conflicts_with_all = ["model_id", "model_owner"])]
    signature: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) chain: ChainArguments,
    #[command(flatten)]
    pub(crate) signing: SigningArguments,
}

// Not a doc comment, which clap would take for the command's: which model, and whose registration of it.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ModelArguments {
    /// In a claim with a model: the model's public file, or its owner's.
    #[arg(long, value_name = "M.pub")]
    pub(crate) model: Option<PathBuf>,
    /// In a claim with a model: its registration, by number [default: the registrant's own, or else the only one].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=u64::from(u32::MAX)))]
    pub(crate) model_id: Option<u64>,
    /// In a claim with a model: its registration, by its owner.
    #[arg(long, value_name = "ADDRESS", value_parser = address::parse, conflicts_with = "model_id")]
    pub(crate) model_owner: Option<Address>,
}

impl ModelArguments {
    pub(crate) fn choice(&self) -> ModelChoice {
        match (self.model_id, self.model_owner) {
            (Some(id), _) => ModelChoice::Id(id),
            (None, Some(owner)) => ModelChoice::OfOwner(owner),
            (None, None) => ModelChoice::Default,
        }
    }
}

/// The use cases of registering on a chain.
pub(crate) fn registrar(reached: &Reached) -> Registrar<'_, AnyChain> {
    Registrar::new(&reached.client, reached.first_block)
}

/// Makes sure that the chain knows the verifying key: a practice chain is given it, on another the router's owner or anyone
/// adds it.
pub(crate) fn ensure_key(
    reached: &Reached,
    srs: &Srs,
    key: &VerifyingKey<G1Affine>,
    shape: &ClaimShape,
) -> Result<(), Failure> {
    let data = keys::vk_data(srs, key, shape)?;
    if !reached.is_practice() {
        return Ok(registrar(reached).require_key(data.vk_hash())?);
    }
    let claim = claims::of(shape.claim());
    let verifier = verifier_contract(claim.verifier);
    practice::ensure_key(&reached.client, &claim.description, &verifier, &data.runtime_code())?;
    Ok(())
}

/// What the chain has of the bundle already, whatever became of its claim since: nothing is left to do then.
pub(crate) fn already(reached: &Reached, bundle: &Bundle) -> Result<Option<Report>, Failure> {
    let Some(stored) = registrar(reached).existing(bundle)? else { return Ok(None) };
    let stopped = stored.status == Status::VerifierStopped;
    let mut report = report(reached, bundle, &Registration { stored, receipt: None }, None);
    if stopped {
        let hint = "the claim or its verifying key was stopped on this chain: prove and register anew where it is not";
        let message = "it is registered, and does not count any more: its verifier was stopped";
        report.failure = Some(Failure::new(Kind::NotRegistered, message, hint));
    }
    Ok(Some(report))
}

/// Checks a bundle's proof before it costs gas, and remembers that its key was computed here; returns the key.
pub(crate) fn checked(
    ui: &Ui,
    home: &Home,
    bundle: &Bundle,
    model: Option<&Path>,
) -> Result<(Srs, Box<VerifyingKey<G1Affine>>, ClaimShape), Failure> {
    let shape = checking::shape_of(ui, bundle, model)?;
    let srs = home.load_srs(ui, bundle.k, Some(bundle.srs_id))?;
    home::warn_unsafe(ui, srs.id());
    match checking::check(ui, &srs, &home.keys()?, &shape, bundle)? {
        Checked::Valid(key) => {
            home.remember_key(bundle.vk_hash.into())?;
            Ok((srs, key, shape))
        }
        Checked::Invalid(failure) => Err(failure),
    }
}

/// Says once what a public chain will hold for ever.
fn warn_of_sketch(ui: &Ui, bundle: &Bundle) {
    if bundle.claim.shows_fingerprint() {
        ui.warn(
            "this puts the picture's fingerprint on a public chain for ever: a blurry sketch of the picture can be made of it; \
             the claim committed-fingerprint shows a salted hash instead",
        );
    }
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    if let Some(signature) = &arguments.signature {
        return relay::run(ui, home, arguments, signature);
    }
    let bundle = checking::read_bundle(&arguments.bundle)?;
    let registrant = Address::from(bundle.binding.registrant);
    if arguments.chain.rpc.is_none() {
        // before a chain is made for what it will not take
        require_practice(&bundle)?;
    }
    let reached = Reached::open(ui, home, &arguments.chain, Some(&arguments.signing))?;
    let registrar = registrar(&reached);
    registrar.require_bound(bundle.binding)?;
    if !arguments.signing.sends_nothing() {
        reached.chain().require_sender(registrant)?;
        if let Some(report) = already(&reached, &bundle)? {
            return Ok(report);
        }
    }
    let (srs, key, shape) = checked(ui, home, &bundle, arguments.model.model.as_deref())?;
    ensure_key(&reached, &srs, &key, &shape)?;
    let model = registrar.model(&bundle, arguments.model.choice())?;
    let submission = registrar::submission(&bundle, model.as_ref().map(|model| model.model_id));
    let content = reached.client.deployment().content();
    if !reached.is_practice() {
        warn_of_sketch(ui, &bundle);
    }
    if let Some(report) = reached.instead("register content", registrant, content, &submission.call())? {
        return Ok(report);
    }
    let registration = reached.client.register(&submission)?;
    Ok(report(&reached, &bundle, &registration, model.as_ref()))
}

/// That a bundle is for practice chains, which all have one registry.
pub(crate) fn require_practice(bundle: &Bundle) -> Result<(), Failure> {
    let (registry, here) = (Address::from(bundle.binding.registry), practice::deployment().content());
    if (bundle.binding.chain_id, registry) == (practice::CHAIN_ID, here) {
        return Ok(());
    }
    let expected_chain = bundle.binding.chain_id;
    Err(registrar::RegistrarError::OtherRegistry {
        expected: registry,
        expected_chain,
        got: here,
        got_chain: practice::CHAIN_ID,
    }
    .into())
}

/// What was registered, now or earlier.
pub(crate) fn report(reached: &Reached, bundle: &Bundle, registration: &Registration, model: Option<&Model>) -> Report {
    let Registration { stored, receipt } = registration;
    let (entry, record_id) = (&stored.entry, stored.record_id);
    let gas_used = receipt.as_ref().map(|receipt| receipt.gas_used);
    let model_id = (!stored.record.modelId.is_zero()).then(|| stored.record.modelId.saturating_to::<u64>());
    let shown = |account: [u8; 20]| output::account(account.into());
    let json = json!({
        "record_id": record_id, "already_done": receipt.is_none(),
        "revoked": stored.revoked_at().is_some(), "gas_used": gas_used, "block": entry.blockNumber,
        "timestamp": entry.timestamp, "time": output::utc(entry.timestamp), "chain_id": bundle.binding.chain_id,
        "registry": shown(bundle.binding.registry), "registrant": shown(bundle.binding.registrant),
        "image_commitment": stored.statement().imageCommitment, "fingerprint": bundle.fingerprint.to_string(),
        "fingerprint_committed": bundle.claim.hides_fingerprint(),
        "tolerance": bundle.tolerance, "claim": bundle.claim.name(), "vk_hash": stored.record.vkHash,
        "model_hash": registrar::model_hash(bundle), "model_id": model_id,
        "model_owner": model.map(|model| output::account(model.owner)), "chain": reached.name(),
    });
    let mut rows = vec![
        ("record", record_id.to_string()),
        ("commitment", stored.statement().imageCommitment.to_string()),
        (checking::fingerprint_label(bundle.claim), bundle.fingerprint.to_string()),
        ("registrant", Address::from(bundle.binding.registrant).to_string()),
        ("time", format!("{} (block {})", output::utc(entry.timestamp), entry.blockNumber)),
    ];
    rows.extend(model_id.map(|id| {
        let owner = model.map_or_else(String::new, |model| format!(", which {} answers for", model.owner));
        ("model", format!("registration {id}{owner}"))
    }));
    rows.push(("gas", gas_used.map_or_else(|| "none: it was registered already".to_owned(), |gas| gas.to_string())));
    let mut report = Report::new(json, output::table(&rows));
    if let Some(revoked) = stored.revoked_at() {
        report.failure = Some(Failure::new(
            Kind::Revoked,
            format!("the record was revoked by its registrant on {}", output::utc(revoked)),
            "a revocation is for good; commit to the picture anew to register it again",
        ));
    }
    reached.marked(report)
}
