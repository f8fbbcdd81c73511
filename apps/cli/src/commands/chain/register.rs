//! `veilmark register`.

use crate::{
    commands::{
        chain::{
            connection::{self, ChainArguments, SigningArguments},
            relay,
        },
        image::checking::{self, Checked},
    },
    failure::{Failure, Kind},
    home::{self, Home},
    output::{self, Report, Ui},
};
use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::{SolCall, SolValue};
use halo2_proofs::{halo2curves::bn256::G1Affine, plonk::VerifyingKey};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use veilmark::{
    bundle::Bundle,
    chain::{
        Chain, ChainError,
        embedded::CHAIN_ID,
        registry::{Registration, RegistryClient, Status, Submission},
    },
    files::hex0x,
    keys::{self, ClaimShape},
    srs::Srs,
    statement::public::Binding,
};
use veilmark_verifier_contract::artifacts::verifier;

/// Register a proof's statement on chain.
///
/// The registry's contract checks the proof and writes down commitment, fingerprint, registrant and time. The bundle is
/// checked here first, so that no invalid proof costs gas. On an embedded chain the tool deploys the contracts and pins
/// the verifying key that it computed itself.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The bundle that veilmark prove wrote.
    pub(crate) bundle: PathBuf,
    /// In a claim with a model: the model's public file, or its owner's.
    #[arg(long, value_name = "M.pub")]
    pub(crate) model: Option<PathBuf>,
    /// For a registrant who signed for it (veilmark sign): anyone's key may send, and pays.
    #[arg(long, value_name = "X.sig")]
    signature: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) chain: ChainArguments,
    #[command(flatten)]
    pub(crate) signing: SigningArguments,
}

/// Makes sure that the chain knows verifier and verifying key.
pub(crate) fn pin(
    client: &RegistryClient,
    srs: &Srs,
    key: &VerifyingKey<G1Affine>,
    shape: &ClaimShape,
) -> Result<(), Failure> {
    let code = keys::vk_data(srs, key, shape)?.runtime_code();
    client.ensure_pinned(shape.claim(), &verifier(shape.claim()).init_code, &code)?;
    Ok(())
}

/// The registration of a bundle's model that a record can name: the oldest that its owner has not deprecated.
pub(crate) fn model_id<C: Chain>(client: &RegistryClient<C>, bundle: &Bundle) -> Result<Option<u64>, Failure> {
    let Some(model_hash) = bundle.model_hash() else { return Ok(None) };
    let models = client.models_by_hash(model_hash.into())?;
    let usable = models.iter().find(|model| !model.deprecated).map(|model| model.model_id);
    let hash = hex0x(&model_hash);
    match (usable, models.is_empty()) {
        (Some(id), _) => Ok(Some(id)),
        (None, true) => Err(Failure::new(
            Kind::NotRegistered,
            format!("model {hash} is not registered on this chain"),
            "its owner registers it first: veilmark model register M.pub",
        )),
        (None, false) => Err(Failure::new(
            Kind::NotRegistered,
            format!("every registration of model {hash} is deprecated by its owner"),
            "generate the picture with a model that is in use",
        )),
    }
}

/// The instance column as the contract takes it.
pub(crate) fn public_inputs(bundle: &Bundle) -> [U256; 4] {
    let mut words = [U256::ZERO; 4];
    for (word, value) in words.iter_mut().zip(bundle.public_inputs()) {
        *word = U256::from_be_bytes(value);
    }
    words
}

/// A bundle as the registry takes it.
pub(crate) fn submission(bundle: &Bundle, model_id: Option<u64>) -> Submission<'_> {
    Submission {
        vk_hash: bundle.vk_hash.into(),
        fingerprint: bundle.claim.has_fingerprint().then_some(bundle.fingerprint),
        tolerance: bundle.tolerance,
        model_id,
        registrant: bundle.binding.registrant.into(),
        proof: &bundle.proof,
    }
}

/// Sends the transaction.
pub(crate) fn register<C: Chain>(client: &RegistryClient<C>, bundle: &Bundle) -> Result<Registration, Failure> {
    Ok(client.register_content(&submission(bundle, model_id(client, bundle)?))?)
}

/// The id that the bundle's record has, if there is one.
pub(crate) fn record_id(bundle: &Bundle) -> B256 {
    let [model, prompt] = [bundle.model_hash(), bundle.prompt_commitment()].map(Option::unwrap_or_default);
    let fingerprint = if bundle.claim.has_fingerprint() { bundle.fingerprint.to_bytes() } else { [0; 32] };
    let words = [bundle.image_commitment(), fingerprint, model, prompt, bundle.vk_hash].map(B256::from);
    keccak256((words, Address::from(bundle.binding.registrant)).abi_encode())
}

/// That a bundle is for a registry.
pub(crate) fn require_binding(bundle: &Bundle, chain_id: u64, registry: Address) -> Result<(), Failure> {
    require_bound(bundle.binding, chain_id, registry)
}

/// The same for what a bundle is bound to.
pub(crate) fn require_bound(binding: Binding, chain_id: u64, registry: Address) -> Result<(), Failure> {
    if (binding.chain_id, binding.registry) == (chain_id, registry.into()) {
        return Ok(());
    }
    Err(Failure::new(
        Kind::Mismatch,
        format!(
            "the proof is for registry {} on chain {}, this one is {registry} on chain {chain_id}",
            hex0x(&binding.registry),
            binding.chain_id,
        ),
        "prove again for this chain",
    ))
}

/// That a chain's router knows the key of a bundle that was checked.
pub(crate) fn require_key<C: Chain>(client: &RegistryClient<C>, vk_hash: [u8; 32]) -> Result<(), Failure> {
    if client.knows_key(vk_hash.into())? {
        return Ok(());
    }
    Err(Failure::new(
        Kind::NotRegistered,
        format!("the chain's router does not know verifying key {}", hex0x(&vk_hash)),
        "the router's owner adds it: veilmark contracts pin --bundle BUNDLE --rpc URL, or --model M.pub",
    ))
}

/// What the chain has of the bundle already, whatever became of its claim since: nothing is left to do then.
pub(crate) fn already<C: Chain>(
    client: &RegistryClient<C>,
    bundle: &Bundle,
    chain: &Value,
) -> Result<Option<Report>, Failure> {
    let record_id = record_id(bundle);
    let record = match client.record(record_id) {
        Ok(record) => record,
        Err(ChainError::NotRegistered { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut report = report(bundle, Registration { record_id, record, receipt: None }, chain.clone());
    if client.status(record_id)? == Status::VerifierStopped {
        let hint = "the claim or its verifying key was stopped on this chain: prove and register anew where it is not";
        let message = "it is registered, and does not count any more: its verifier was stopped";
        report.failure = Some(Failure::new(Kind::NotRegistered, message, hint));
    }
    Ok(Some(report))
}

/// Checks a bundle's proof before it costs gas; returns the key.
pub(crate) fn checked(
    ui: &Ui,
    home: &Home,
    bundle: &Bundle,
    model: Option<&Path>,
) -> Result<(Srs, Box<VerifyingKey<G1Affine>>, ClaimShape), Failure> {
    let shape = checking::shape_of(bundle, model)?;
    let srs = home.load_srs(ui, bundle.k, Some(bundle.srs_id))?;
    home::warn_unsafe(ui, srs.id());
    match checking::check(ui, &srs, &home.keys()?, &shape, bundle)? {
        Checked::Valid(key) => Ok((srs, key, shape)),
        Checked::Invalid(failure) => Err(failure),
    }
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    if let Some(signature) = &arguments.signature {
        return relay::run(ui, home, arguments, signature);
    }
    let bundle = checking::read_bundle(&arguments.bundle)?;
    let model = arguments.model.as_deref();
    if let Some(node) = arguments.chain.node(ui, Some(&arguments.signing))? {
        let (client, _) = arguments.chain.client(home, node)?;
        let node = client.chain();
        require_binding(&bundle, node.chain_id()?, client.deployment().content)?;
        let registrant = Address::from(bundle.binding.registrant);
        if !arguments.signing.dry_run {
            connection::require_signer(node, registrant)?;
            if let Some(report) = already(&client, &bundle, &json!(node.endpoint()))? {
                return Ok(report);
            }
        }
        checked(ui, home, &bundle, model)?;
        require_key(&client, bundle.vk_hash)?;
        if arguments.signing.dry_run {
            let call = submission(&bundle, model_id(&client, &bundle)?).call().abi_encode();
            return connection::dry_run(node, "register content", registrant, client.deployment().content, &call);
        }
        let registration = register(&client, &bundle)?;
        return Ok(report(&bundle, registration, json!(node.endpoint())));
    }
    require_binding(&bundle, CHAIN_ID, RegistryClient::address())?;
    let (srs, key, shape) = checked(ui, home, &bundle, model)?;
    let client = home.registry(arguments.chain.chain.as_deref())?;
    pin(&client, &srs, &key, &shape)?;
    let registration = register(&client, &bundle)?;
    Ok(report(&bundle, registration, output::json_path(client.chain().folder())))
}

#[allow(clippy::needless_pass_by_value)] // made for this report
pub(crate) fn report(bundle: &Bundle, registration: Registration, chain: Value) -> Report {
    let Registration { record_id, record, receipt } = registration;
    let gas_used = receipt.as_ref().map(|receipt| receipt.gas_used);
    let json = json!({
        "record_id": hex0x(record_id.as_slice()), "already_registered": receipt.is_none(),
        "revoked": record.revokedAt != 0, "gas_used": gas_used, "block": record.blockNumber,
        "timestamp": record.timestamp, "time": output::utc(record.timestamp), "chain_id": bundle.binding.chain_id,
        "registry": hex0x(&bundle.binding.registry), "registrant": hex0x(&bundle.binding.registrant),
        "image_commitment": hex0x(&bundle.image_commitment()), "fingerprint": bundle.fingerprint.to_string(),
        "fingerprint_committed": bundle.claim.hides_fingerprint(),
        "tolerance": bundle.tolerance, "claim": bundle.claim.name(),
        "model_hash": bundle.model_hash().map(|hash| hex0x(&hash)), "chain": chain,
    });
    let text = output::table(&[
        ("record", hex0x(record_id.as_slice())),
        ("commitment", hex0x(&bundle.image_commitment())),
        (checking::fingerprint_label(bundle.claim), bundle.fingerprint.to_string()),
        ("registrant", hex0x(&bundle.binding.registrant)),
        ("time", format!("{} (block {})", output::utc(record.timestamp), record.blockNumber)),
        ("gas", gas_used.map_or_else(|| "none: it was registered already".to_owned(), |gas| gas.to_string())),
    ]);
    let mut report = Report::new(json, text);
    if record.revokedAt != 0 {
        report.failure = Some(Failure::new(
            Kind::NotRegistered,
            format!("the record was revoked by its registrant on {}", output::utc(record.revokedAt)),
            "a revocation is for good; commit to the picture anew to register it again",
        ));
    }
    report
}
