//! `veilmark prove`.

use crate::{
    claim::Claim,
    commands::{
        chain::{address, connection::ChainArguments, reach::Reached},
        image::picture,
        secret::keeping::{self, SecretArguments},
        tools::estimate,
    },
    failure::{Failure, Kind},
    hearing::Hearing,
    home::Home,
    output::{self, Report, Ui},
};
use alloy_primitives::Address;
use serde_json::json;
use std::{path::PathBuf, sync::Arc};
use veilmark::{
    chain::practice,
    files::hex0x,
    machine,
    proving::{GeneratorFiles, ProofRequest, Proved},
    secrets::keeper::Keeper,
    statement::public::Binding,
};
use veilmark_circuits::statement::{
    claim,
    fingerprint::{Fingerprint, MATCH_DISTANCE},
};

/// Prove a claim about a committed picture.
///
/// Writes a bundle: the proof and all that a checker needs, and nothing of the picture but the fingerprint named. The
/// proof is bound to the registrant: nobody else can register with it. Each proof counts against the opening, before it
/// is made; an opening with no proofs left is refused (exit 2).
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What to prove.
    #[arg(long, value_enum)]
    claim: Claim,
    /// The very picture that was committed to.
    #[arg(long, value_name = "IMAGE")]
    image: PathBuf,
    #[command(flatten)]
    reading: picture::Reading,
    /// The opening file of its commitment.
    #[arg(long, value_name = "X.opening")]
    opening: PathBuf,
    /// In a claim with a model: the owner's file of the model that made the picture.
    #[arg(long, value_name = "M.model")]
    model: Option<PathBuf>,
    /// In a claim with a model: the latent that it was made from.
    #[arg(long, value_name = "L.latent")]
    latent: Option<PathBuf>,
    /// The fingerprint to claim [default: the picture's own]. It is public, but in the claim committed-fingerprint.
    #[arg(long, value_name = "HASH")]
    against: Option<Fingerprint>,
    /// The largest distance to claim, in bits, at most 31 [default: 0, with --against 31].
    #[arg(long, value_name = "BITS", value_parser = clap::value_parser!(u8).range(..=i64::from(MATCH_DISTANCE)))]
    tolerance: Option<u8>,
    /// In the claim committed-fingerprint: where the fingerprint and its salts go, a secret file with which whoever is
    /// given it can compare pictures.
    #[arg(long, value_name = "X.fingerprint")]
    fingerprint_out: Option<PathBuf>,
    #[command(flatten)]
    secret: SecretArguments,
    // The chain to register on later: its registry is looked at before the work is done. All embedded chains have the
    // same id and the same address of the registry, so a proof for one is good for any of them.
    #[command(flatten)]
    chain: ChainArguments,
    /// Without a node: the id of the chain to register on later; --registry names the content registry there.
    #[arg(long, value_name = "N", requires = "registry", conflicts_with_all = ["rpc", "chain"])]
    chain_id: Option<u64>,
    /// The account that will register [default: on an embedded chain, the account that those
    /// register with].
    #[arg(long, value_name = "ADDRESS", value_parser = address::parse)]
    registrant: Option<Address>,
    /// Where the bundle goes.
    #[arg(short, long, value_name = "OUT.veil.json")]
    output: PathBuf,
    /// Replace an existing file; no picture, and no secret file.
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    let claim = claim::Claim::from(arguments.claim);
    let request = request(ui, home, arguments, claim)?;
    let checked = request.check(&Hearing::new(ui))?;
    picture::say(ui, checked.notes());
    let notes = picture::json_notes(checked.notes());
    let (binding, reached) = bound(ui, home, arguments)?;
    let estimate = checked.estimate(machine::threads());
    estimate::announce(ui, &estimate);
    let hearing = Hearing::expecting(ui, estimate.prove);
    let prepared = checked.prepare(home.store(), binding, ui.memory(), &hearing)?;
    if let Some(reached) = &reached
        && reached.client.key(prepared.vk_hash().into())?.is_none()
    {
        let hash = hex0x(&prepared.vk_hash());
        ui.warn(&format!("the chain's router does not know verifying key {hash} yet: veilmark contracts add adds it"));
    }
    let Proved { bundle, distance, proofs_made, proofs_left: left } = prepared.prove(&hearing)?;
    let time = hearing.end();
    let (fingerprint, tolerance, k) = (bundle.fingerprint, bundle.tolerance, bundle.k);
    let (srs_id, secret) = (bundle.srs_id, &arguments.fingerprint_out);

    let commitment = hex0x(&bundle.image_commitment());
    let practice = binding.chain_id == practice::CHAIN_ID
        && binding.registry == <[u8; 20]>::from(practice::deployment().content());
    let json = json!({
        "chain_id": binding.chain_id, "practice_chain": practice,
        "bundle": output::json_path(&arguments.output), "claim": claim.name(), "image_commitment": commitment,
        "model_hash": bundle.model_hash().map(|hash| hex0x(&hash)),
        "prompt_commitment": bundle.prompt_commitment().map(|digest| hex0x(&digest)),
        "fingerprint": fingerprint.to_string(), "fingerprint_committed": secret.is_some(),
        "fingerprint_file": secret.as_deref().map(output::json_path), "tolerance": tolerance,
        "distance": distance, "registrant": output::account(binding.registrant.into()), "vk_hash": hex0x(&bundle.vk_hash),
        "srs_id": srs_id.word(), "unsafe_development": srs_id.is_unsafe(), "k": k,
        "proof_bytes": bundle.proof.len(), "seconds": output::json_seconds(time),
        "peak_memory_bytes": machine::peak_memory(),
        "proofs_made": proofs_made, "proofs_left": left, "notes": notes,
    });
    let mut rows = vec![
        (
            "bundle",
            format!(
                "{} ({} bytes of proof, {})",
                arguments.output.display(),
                bundle.proof.len(),
                output::seconds(time)
            ),
        ),
        ("commitment", commitment),
        ("registrant", Address::from(binding.registrant).to_string()),
        ("for", if practice { practice::NOTICE.to_owned() } else { format!("chain {}", binding.chain_id) }),
        ("opening", left.map_or_else(|| "hides nothing".into(), |left| format!("serves {left} more proofs"))),
    ];
    if claim.shows_fingerprint() {
        rows.push(("fingerprint", format!("{fingerprint}, at most {tolerance} bits away")));
    }
    if let Some(path) = secret {
        rows.push(("fingerprint", format!("{} (keep it secret), at most {tolerance} bits away", path.display())));
        rows.push(("salted hash", fingerprint.to_string()));
    }
    if let (Some(model), Some(prompt)) = (bundle.model_hash(), bundle.prompt_commitment()) {
        rows.push(("model", hex0x(&model)));
        rows.push(("prompt", hex0x(&prompt)));
    }
    Ok(Report::new(json, output::table(&rows)))
}

/// The library's request. What is missing or too much is said with the option's name.
fn request(ui: &Ui, home: &Home, arguments: &Arguments, claim: claim::Claim) -> Result<ProofRequest, Failure> {
    let name = claim.name();
    let generator = match (&arguments.model, &arguments.latent) {
        (None, None) => None,
        (Some(model), Some(latent)) => Some(GeneratorFiles { model: model.clone(), latent: latent.clone() }),
        _ => {
            return Err(Failure::new(
                Kind::Usage,
                format!("the {name} claim needs the model's file and the latent's"),
                "name them with --model and --latent: veilmark generate --latent-out writes the latent's",
            ));
        }
    };
    Ok(ProofRequest {
        claim,
        image: arguments.image.clone(),
        reading: arguments.reading.options(),
        opening: arguments.opening.clone(),
        generator,
        against: arguments.against,
        tolerance: arguments.tolerance,
        fingerprint_out: arguments.fingerprint_out.clone(),
        secret: secret(ui, home, arguments, claim)?,
        output: arguments.output.clone(),
        existing: picture::existing(arguments.force),
    })
}

/// The master secret, which only a committed fingerprint follows from.
fn secret(ui: &Ui, home: &Home, arguments: &Arguments, claim: claim::Claim) -> Result<Option<Arc<Keeper>>, Failure> {
    if arguments.fingerprint_out.is_none() || !claim.hides_fingerprint() {
        return Ok(None);
    }
    let keeper = arguments.secret.keeper(ui, home)?;
    if keeper.is_none() {
        keeping::say_random(ui, "a fingerprint's file");
    }
    Ok(keeper)
}

/// The binding of the proof, and the chain if a node was named.
fn bound(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<(Binding, Option<Reached>), Failure> {
    let named = || {
        let hint = "name the account with --registrant: nobody else can register with the proof";
        arguments.registrant.ok_or_else(|| Failure::new(Kind::Usage, "nobody is named who will register", hint))
    };
    if let (Some(chain_id), Some(registry)) = (arguments.chain_id, arguments.chain.registry) {
        return Ok((Binding { chain_id, registry: registry.into(), registrant: named()?.into() }, None));
    }
    if arguments.chain.rpc.is_some() {
        let registrant = named()?.into();
        let reached = Reached::open(ui, home, &arguments.chain, None)?;
        reached.client.require()?;
        let (chain_id, registry) = (reached.chain().chain_id()?, reached.client.deployment().content().into());
        return Ok((Binding { chain_id, registry, registrant }, Some(reached)));
    }
    let registrant = arguments.registrant.unwrap_or_else(practice::default_registrant);
    if arguments.chain.chain.as_ref().is_some_and(|folder| folder.exists()) {
        // a chain that will refuse is better known now
        Reached::existing(ui, home, &arguments.chain, None)?.client.exists()?;
    } else {
        arguments.chain.node(ui, None)?;
    }
    let registry = practice::deployment().content().into();
    Ok((Binding { chain_id: practice::CHAIN_ID, registry, registrant: registrant.into() }, None))
}
