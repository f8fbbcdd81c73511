//! `veilmark register`.

use super::{
    checking::{self, Checked},
    failure::{Exit, Failure},
    home::{self, Home},
    ui::{self, Report, Ui},
};
use alloy_primitives::U256;
use halo2_proofs::{halo2curves::bn256::G1Affine, plonk::VerifyingKey};
use serde_json::json;
use std::path::PathBuf;
use veilmark::{
    bundle::{Bundle, hex0x},
    chain::{
        embedded::CHAIN_ID,
        registry::{Registration, RegistryClient, Submission},
    },
    keys::{self, ClaimShape, PUBLIC_INPUTS},
    srs::Srs,
};
use veilmark_circuits::{claims::fingerprint::FingerprintClaim, transcript::scalar_to_word};
use veilmark_verifier_contract::artifacts::verifier;

/// Register a proof's statement on chain.
///
/// The registry's contract checks the proof and writes down commitment, fingerprint, registrant and time. The bundle is
/// checked here first, so that no invalid proof costs gas. On an embedded chain the tool deploys the contracts and pins
/// the verifying key that it computed itself.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The bundle that veilmark prove wrote.
    bundle: PathBuf,
    /// In a claim with a model: the model's public file, or its owner's.
    #[arg(long, value_name = "M.pub")]
    model: Option<PathBuf>,
    /// The folder of an embedded chain [default: the one at home].
    #[arg(long, value_name = "DIR")]
    chain: Option<PathBuf>,
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
fn model_id(client: &RegistryClient, bundle: &Bundle) -> Result<Option<u64>, Failure> {
    let Some(model) = bundle.model else { return Ok(None) };
    let models = client.models_by_hash(model.model_hash.into())?;
    let usable = models.iter().find(|model| !model.deprecated).map(|model| model.model_id);
    let hash = hex0x(&model.model_hash);
    match (usable, models.is_empty()) {
        (Some(id), _) => Ok(Some(id)),
        (None, true) => Err(Failure::new(
            Exit::NotRegistered,
            format!("model {hash} is not registered on this chain"),
            "its owner registers it first: veilmark model register M.model",
        )),
        (None, false) => Err(Failure::new(
            Exit::NotRegistered,
            format!("every registration of model {hash} is deprecated by its owner"),
            "generate the picture with a model that is in use",
        )),
    }
}

/// The instance column as the contract takes it.
pub(crate) fn public_inputs(bundle: &Bundle) -> [U256; PUBLIC_INPUTS] {
    let mut words = [U256::ZERO; PUBLIC_INPUTS];
    for (word, value) in words.iter_mut().zip(FingerprintClaim::instance(&bundle.public())) {
        *word = U256::from_be_bytes(scalar_to_word(value));
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
pub(crate) fn register(client: &RegistryClient, bundle: &Bundle) -> Result<Registration, Failure> {
    Ok(client.register_content(&submission(bundle, model_id(client, bundle)?))?)
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    let bundle = checking::read_bundle(&arguments.bundle)?;
    let own = (CHAIN_ID, RegistryClient::address().into());
    if (bundle.binding.chain_id, bundle.binding.registry) != own {
        return Err(Failure::new(
            Exit::Mismatch,
            format!(
                "the proof is for registry {} on chain {}, this one is {} on chain {CHAIN_ID}",
                hex0x(&bundle.binding.registry),
                bundle.binding.chain_id,
                RegistryClient::address()
            ),
            "prove again for this chain",
        ));
    }
    let shape = checking::shape_of(&bundle, arguments.model.as_deref())?;
    let srs = home.load_srs(ui, bundle.k, Some(bundle.srs_id))?;
    home::warn_unsafe(ui, srs.id());
    let key = match checking::check(ui, &srs, &home.keys()?, &shape, &bundle)? {
        Checked::Valid(key) => key,
        Checked::Invalid(failure) => return Err(failure),
    };
    let client = home.registry(arguments.chain.as_deref())?;
    pin(&client, &srs, &key, &shape)?;
    let Registration { record_id, record, receipt } = register(&client, &bundle)?;
    let gas_used = receipt.as_ref().map(|receipt| receipt.gas_used);
    let json = json!({
        "record_id": hex0x(record_id.as_slice()), "already_registered": receipt.is_none(),
        "revoked": record.revokedAt != 0, "gas_used": gas_used, "block": record.blockNumber,
        "timestamp": record.timestamp, "time": ui::utc(record.timestamp), "chain_id": CHAIN_ID,
        "registry": hex0x(&bundle.binding.registry), "registrant": hex0x(&bundle.binding.registrant),
        "image_commitment": hex0x(&bundle.image_commitment), "fingerprint": bundle.fingerprint.to_string(),
        "tolerance": bundle.tolerance, "claim": bundle.claim.name(),
        "model_hash": bundle.model.map(|model| hex0x(&model.model_hash)), "chain": ui::json_path(client.chain().folder()),
    });
    let text = ui::table(&[
        ("record", hex0x(record_id.as_slice())),
        ("commitment", hex0x(&bundle.image_commitment)),
        ("fingerprint", bundle.fingerprint.to_string()),
        ("registrant", hex0x(&bundle.binding.registrant)),
        ("time", format!("{} (block {})", ui::utc(record.timestamp), record.blockNumber)),
        ("gas", gas_used.map_or_else(|| "none: it was registered already".to_owned(), |gas| gas.to_string())),
    ]);
    let mut report = Report::new(json, text);
    if record.revokedAt != 0 {
        report.failure = Some(Failure::new(
            Exit::NotRegistered,
            format!("the record was revoked by its registrant on {}", ui::utc(record.revokedAt)),
            "a revocation is for good; commit to the picture anew to register it again",
        ));
    }
    Ok(report)
}
