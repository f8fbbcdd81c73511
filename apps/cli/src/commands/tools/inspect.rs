//! `veilmark inspect`: what a file is. Nothing is proved or checked beyond the file itself.

use crate::{
    commands::image::{checking, picture},
    failure::{Failure, Kind},
    output::{self, Report, Ui},
    secrets,
};
use alloy_primitives::Address;
use serde_json::json;
use std::{io::Read, path::PathBuf};
use veilmark::{
    bundle::{self, Bundle},
    chain::{
        authorization::{self, Authorization},
        seal::{self, Covered},
    },
    decode::{self, Options},
    disclosure_file,
    files::{self, hex0x},
    fingerprint_file, latent_file, model_file, opening,
    srs::Srs,
};
use veilmark_circuits::statement::claim;

/// Say what a file is and what is in it.
///
/// A bundle, a signature, a disclosure, an opening, a seal, a model or a latent (without their secrets), a trusted setup or a
/// picture. Nothing is checked beyond the file itself.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A bundle, a signature, an opening, a seal, a model, a latent, a trusted setup or a picture.
    file: PathBuf,
}

pub(crate) fn run(ui: &Ui, arguments: &Arguments) -> Result<Report, Failure> {
    let path = &arguments.file;
    let mut start = Vec::new();
    let failed = |source| Failure::from(files::FileError::Io { doing: "read", path: path.clone(), source });
    files::open(path)?.take(4096).read_to_end(&mut start).map_err(failed)?;
    let text = String::from_utf8_lossy(&start);
    if model_file::is_owners(&start).is_some() {
        return modelled(ui, arguments);
    }
    if latent_file::is_latent(&start) {
        return latent(ui, arguments);
    }
    if fingerprint_file::is_fingerprint(&start) {
        secrets::fingerprint(ui, path)?;
        let kind =
            "fingerprint of a committed-fingerprint proof, a secret file (veilmark verify --fingerprint opens it)";
        return Ok(Report::new(json!({ "kind": "fingerprint" }), output::table(&[("kind", kind.to_owned())])));
    }
    if disclosure_file::is_disclosure(&start) {
        return disclosed(arguments);
    }
    if authorization::is_authorization(&start) {
        return signature(arguments);
    }
    if seal::is_seal(&start) {
        return sealed(ui, arguments);
    }
    if start.starts_with(b"VEILSRS") {
        return setup(arguments);
    }
    if text.trim_start().starts_with('{') {
        if text.contains(opening::FORMAT) {
            return opened(ui, arguments);
        }
        if text.contains(bundle::FORMAT) {
            return bundled(arguments);
        }
        return Err(Failure::new(
            Kind::Unsupported,
            format!("{} is JSON, but no bundle and no opening", path.display()),
            "name a file that veilmark wrote, or a picture",
        ));
    }
    pictured(arguments)
}

fn modelled(ui: &Ui, arguments: &Arguments) -> Result<Report, Failure> {
    let path = &arguments.file;
    let (kind, hiding, left, source) = match secrets::any_model(ui, path)? {
        veilmark::verifying::AnyModel::Owner(owned) => {
            ("model", Some(owned.is_hiding()), owned.remaining(), Some(owned.source.clone()))
        }
        veilmark::verifying::AnyModel::Public(_) => ("public model", None, None, None),
    };
    let veilmark::committing::ModelDomain { k, srs_id, .. } = checking::read_committed(ui, path)?;
    let (architecture, model_hash) = checking::read_model(ui, path)?;
    let json = json!({
        "kind": kind, "model_hash": hex0x(&model_hash), "architecture": hex0x(&architecture.hash()), "k": k,
        "srs_id": srs_id.word(), "unsafe_development": srs_id.is_unsafe(), "width": architecture.width,
        "height": architecture.height, "channels": architecture.channels, "latent_entries": architecture.latent,
        "samples": architecture.output_samples(), "may_copy_its_latent": architecture.may_copy_its_latent(),
        "classes": architecture.classes, "layers": architecture.layers.len(), "parameters": architecture.parameters(),
        "multiplications": architecture.multiplications(), "neurons": architecture.neurons(), "hiding": hiding,
        "proofs_left": left, "source": source,
    });
    let mut rows = vec![
        ("kind", kind.to_owned()),
        ("model hash", hex0x(&model_hash)),
        ("architecture", hex0x(&architecture.hash())),
        ("picture", format!("{}x{}, {} channels", architecture.width, architecture.height, architecture.channels)),
        (
            "latent",
            format!(
                "{} entries, {} classes, for {} samples{}",
                architecture.latent,
                architecture.classes,
                architecture.output_samples(),
                if architecture.may_copy_its_latent() { ": the model may only copy what it is given" } else { "" }
            ),
        ),
        ("size", format!("{} layers, {} parameters", architecture.layers.len(), architecture.parameters())),
        ("setup", format!("{srs_id}, k = {k}")),
    ];
    if hiding == Some(false) {
        rows.push(("weights", "open: not hidden".to_owned()));
    }
    if let Some(left) = left {
        rows.push(("proofs left", left.to_string()));
    }
    Ok(Report::new(json, output::table(&rows)))
}

fn latent(ui: &Ui, arguments: &Arguments) -> Result<Report, Failure> {
    let latent = secrets::latent(ui, &arguments.file)?;
    let json = json!({
        "kind": "latent", "architecture": hex0x(&latent.architecture), "latent_entries": latent.entries().len(),
        "proofs_made": latent.proofs_made, "proofs_left": latent.remaining(),
        "made_again": latent.made_again,
    });
    let text = output::table(&[
        ("kind", "latent, a secret file".to_owned()),
        ("architecture", hex0x(&latent.architecture)),
        ("entries", latent.entries().len().to_string()),
        ("proofs left", latent.remaining().to_string()),
    ]);
    Ok(Report::new(json, text))
}

fn disclosed(arguments: &Arguments) -> Result<Report, Failure> {
    let file = veilmark::disclosing::read_disclosure(&arguments.file)?;
    let (role, commitment) = (file.role().name(), hex0x(&file.commitment.digest()));
    let (k, srs_id) = (file.commitment.k(), file.srs_id());
    let json = json!({
        "kind": "disclosure", "about": role, "commitment": commitment, "k": k, "srs_id": srs_id.word(),
        "unsafe_development": srs_id.is_unsafe(), "decoder": file.decoder,
    });
    let kind = format!("disclosure of a {role}; what it shows was NOT checked (veilmark verify does)");
    let rows = [("kind", kind), ("commitment", commitment), ("k", k.to_string()), ("setup", srs_id.to_string())];
    Ok(Report::new(json, output::table(&rows)))
}

fn signature(arguments: &Arguments) -> Result<Report, Failure> {
    let path = &arguments.file;
    let Authorization { binding, model_id, deadline, digest, .. } =
        Authorization::read(path).map_err(|error| Failure::from(error).at(path))?;
    let [registrant, registry] = [binding.registrant, binding.registry].map(|one| Address::from(one).to_string());
    let expired = deadline < output::now();
    let json = json!({
        "kind": "signature", "registrant": registrant, "registry": registry, "chain_id": binding.chain_id,
        "model_id": model_id, "deadline": deadline, "deadline_time": output::utc(deadline), "expired": expired, "signed": digest,
    });
    let text = output::table(&[
        ("kind", "signature that lets others register; whose it is was NOT checked (veilmark register does)".into()),
        ("registrant", registrant),
        ("registry", format!("{registry} on chain {}", binding.chain_id)),
        ("good until", format!("{}{}", output::utc(deadline), if expired { ", EXPIRED" } else { "" })),
        ("signed hash", digest.to_string()),
    ]);
    Ok(Report::new(json, text))
}

fn sealed(ui: &Ui, arguments: &Arguments) -> Result<Report, Failure> {
    let seal = secrets::seal(ui, &arguments.file)?;
    let Covered { chain_id, registry, image_commitment, registrant } = seal.covered;
    let json = json!({
        "kind": "seal", "seal": seal.hash(), "image_commitment": image_commitment,
        "registrant": output::account(registrant), "registry": output::account(registry), "chain_id": chain_id,
    });
    let text = output::table(&[
        ("kind", "seal of a reservation (secret until shown; its salt is not shown)".into()),
        ("seal", seal.hash().to_string()),
        ("commitment", image_commitment.to_string()),
        ("registrant", registrant.to_string()),
        ("registry", format!("{registry} on chain {chain_id}")),
    ]);
    Ok(Report::new(json, text))
}

fn setup(arguments: &Arguments) -> Result<Report, Failure> {
    let srs = Srs::read(&arguments.file)?;
    let json = json!({
        "kind": "setup", "k": srs.k(), "srs_id": srs.id().word(), "unsafe_development": srs.is_unsafe(),
        "ceremony": srs.ceremony().map(|ceremony| ceremony.to_string()),
    });
    let text = output::table(&[
        ("kind", "trusted setup".into()),
        ("k", srs.k().to_string()),
        ("id", srs.id().to_string()),
        ("ceremony", crate::commands::setup::srs::origin(&srs)),
        ("checked", "points, pairing and id; veilmark srs verify checks every power".into()),
    ]);
    Ok(Report::new(json, text))
}

fn opened(ui: &Ui, arguments: &Arguments) -> Result<Report, Failure> {
    let opening = secrets::opening(ui, &arguments.file)?;
    let json = json!({
        "kind": "opening", "image_commitment": hex0x(&opening.image_commitment), "image": opening.image,
        "width": opening.width, "height": opening.height, "k": opening.k, "srs_id": opening.srs_id.word(),
        "unsafe_development": opening.srs_id.is_unsafe(), "hiding": opening.hiding, "decoder": opening.decoder,
        "proofs_made": opening.proofs_made, "proofs_left": opening.remaining(), "made_again": opening.made_again,
        "machine": opening.derived.as_ref().map(|derived| &derived.machine),
        "number": opening.derived.as_ref().map(|derived| derived.number),
    });
    let left = match opening.remaining() {
        None => "any number: it hides nothing".to_owned(),
        Some(_) if opening.made_again => "0: it was made again after it was lost".to_owned(),
        Some(left) => left.to_string(),
    };
    let text = output::table(&[
        ("kind", "opening (secret; its secrets are not shown)".into()),
        ("commitment", hex0x(&opening.image_commitment)),
        (
            "picture",
            format!("{:?}, {}x{}, decoded by {}", opening.image, opening.width, opening.height, opening.decoder),
        ),
        ("k", opening.k.to_string()),
        ("setup", opening.srs_id.to_string()),
        ("proofs made", opening.proofs_made.to_string()),
        ("proofs left", left),
    ]);
    Ok(Report::new(json, text))
}

fn bundled(arguments: &Arguments) -> Result<Report, Failure> {
    let bundle = crate::commands::image::checking::read_bundle(&arguments.file)?;
    let Bundle { vk_hash, srs_id, fingerprint, tolerance, binding, decoder, proof, .. } = &bundle;
    let (circuit, (width, height), k) = (bundle.claim.circuit(), bundle.size, bundle.k);
    let architecture = bundle.claim.has_model().then(|| hex0x(&bundle.architecture));
    let commitments: Vec<_> = bundle
        .claim
        .segments
        .iter()
        .zip(&bundle.commitments)
        .map(|(segment, digest)| json!({ "role": segment.role.name(), "digest": hex0x(digest) }))
        .collect();
    let public_inputs: Vec<_> = bundle.public_inputs().iter().map(|word| hex0x(word)).collect();
    let names: Vec<_> = bundle.claim.inputs.iter().map(|meaning| meaning.name()).collect();
    let json = json!({
        "kind": "bundle", "claim": bundle.claim.name(), "circuit": circuit, "architecture": architecture, "commitments": commitments, "vk_hash": hex0x(vk_hash),
        "srs_id": srs_id.word(), "unsafe_development": srs_id.is_unsafe(), "k": k,
        "width": width, "height": height,
        "fingerprint": fingerprint.to_string(),
        "fingerprint_committed": bundle.claim.hides_fingerprint(), "tolerance": tolerance, "chain_id": binding.chain_id,
        "registry": output::account(binding.registry.into()), "registrant": output::account(binding.registrant.into()),
        "decoder": decoder, "public_inputs": public_inputs, "public_input_names": names, "proof_bytes": proof.len(),
    });
    let mut rows = vec![
        ("kind", "bundle, consistent with itself; its proof was NOT checked (veilmark verify does)".into()),
        ("claim", format!("{} ({circuit})", bundle.claim.name())),
        ("commitment", hex0x(&bundle.image_commitment())),
        (checking::fingerprint_label(bundle.claim), format!("{fingerprint}, at most {tolerance} bits away")),
        ("picture", format!("{width}x{height}, k = {k}, decoded by {decoder}")),
        ("registrant", Address::from(binding.registrant).to_string()),
        ("registry", format!("{} on chain {}", Address::from(binding.registry), binding.chain_id)),
        ("setup", srs_id.to_string()),
        ("vk hash", hex0x(vk_hash)),
        ("proof", format!("{} bytes", proof.len())),
    ];
    if let (Some(model), Some(prompt), Some(architecture)) =
        (bundle.model_hash(), bundle.prompt_commitment(), architecture)
    {
        rows.push(("model", hex0x(&model)));
        rows.push(("prompt", hex0x(&prompt)));
        rows.push(("architecture", architecture));
    }
    Ok(Report::new(json, output::table(&rows)))
}

fn pictured(arguments: &Arguments) -> Result<Report, Failure> {
    let picture = decode::fingerprint(&arguments.file, &Options::default())?;
    let pdq = picture.pdq;
    let (width, height) = (picture.width, picture.height);
    let k = crate::commands::image::checking::shape(claim::Claim::FINGERPRINT, (width, height), 0)?.min_k()?;
    let json = json!({
        "kind": "picture", "width": width, "height": height, "decoder": picture.decoder,
        "fingerprint": pdq.fingerprint.to_string(), "quality": pdq.quality, "k": k,
        "notes": picture::json_notes(&picture.notes),
    });
    let text = output::table(&[
        ("kind", format!("picture, {width}x{height}, decoded by {}", picture.decoder)),
        ("fingerprint", pdq.fingerprint.to_string()),
        ("quality", pdq.quality.to_string()),
        ("needs", format!("k = {k} for the fingerprint claim")),
    ]);
    Ok(Report::new(json, text))
}
