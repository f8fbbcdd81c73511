//! `veilmark model`.

use crate::{
    commands::{
        chain::{
            connection::{ChainArguments, SigningArguments},
            reach::{self, Reached},
            register,
        },
        image::{checking, picture},
        model::owner,
        tools::estimate,
    },
    failure::{Failure, Kind},
    home::{self, Home},
    output::{self, Report, Ui},
    secrets,
};
use alloy_primitives::Address;
use serde_json::json;
use std::{
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};
use veilmark::{
    chain::{client::claims::proof_system_id, deployment::verifier_contract, practice},
    files::{self, Access, Existing, hex0x},
    import::{self, Options, OutputRange},
    keys::{self, ClaimShape},
    model_file::{DEFAULT_PROOFS, MAX_PROOFS, ModelFile, PublicModel},
    srs::{MAX_K, Srs},
};
use veilmark_circuits::statement::{claim::Claim, model::Model};
use veilmark_contract_bindings::{claims, interfaces::IModelRegistry};

/// What is done with models.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Import(Import),
    Export(Export),
    Register(Register),
    Show(owner::Show),
    Update(owner::Update),
    Deprecate(owner::Deprecate),
    Transfer(owner::Transfer),
    Accept(owner::Accept),
}

/// Register a model on chain: whoever registers pictures made with it names this registration.
///
/// The registry keeps the modelHash and the architecture, nothing of the weights. Registering again finds the registration
/// that is there.
#[derive(Debug, clap::Args)]
pub(crate) struct Register {
    /// The model's public file, or its owner's.
    model: PathBuf,
    /// The claim whose verifying key is named.
    #[arg(long = "for", value_enum, value_name = "CLAIM", default_value = "authenticity")]
    claim: crate::claim::Claim,
    /// The account that answers for the model [default: whoever signs; on an embedded chain the account that those
    /// register with].
    #[arg(long, value_name = "ADDRESS", value_parser = crate::commands::chain::address::parse)]
    owner: Option<Address>,
    /// Where more is written about the model.
    #[arg(long, value_name = "URI", default_value = "")]
    uri: String,
    #[command(flatten)]
    chain: ChainArguments,
    #[command(flatten)]
    signing: SigningArguments,
}

/// Take over a generator from an ONNX file: as integers, and committed.
///
/// The registered model is the integer model, and its PSNR against the float model is measured and shown. Its file is a
/// secret that goes with the commitment, and counts the proofs made with it. The import is deterministic, the salts are
/// not: each import of a hidden model has another modelHash.
#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// The generator: an input of floats, the latent; an output, a picture of 1 or 3 channels. Weights may be in files beside it.
    file: PathBuf,
    /// Where the model goes, a secret file.
    #[arg(short = 'o', value_name = "M.model")]
    model: PathBuf,
    /// The output that is the picture, where the file has several.
    #[arg(long, value_name = "NAME")]
    output: Option<String>,
    /// The label of a network that takes one beside the latent: all of the model's pictures are of it.
    #[arg(long, value_name = "N")]
    label: Option<u32>,
    /// Where a report goes, an HTML file: pictures of both models, their differences, and every layer's rows and error.
    #[arg(long, value_name = "OUT.html")]
    report: Option<PathBuf>,
    /// Take a model whose pictures are less than 25 dB from the float model's.
    #[arg(long)]
    accept_low_quality: bool,
    /// No salts: the modelHash of published weights, which anyone who has them can recompute.
    #[arg(long, conflicts_with = "proofs")]
    open: bool,
    /// Proofs that the salts have to hide.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_PROOFS, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_PROOFS)))]
    proofs: u32,
    /// Rows, as a power of two: more than the claims need.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_K)))]
    k: Option<u32>,
    /// The claims the model has to serve; the generation claim alone may need fewer rows.
    #[arg(long = "for", value_enum, value_name = "CLAIM", default_value = "authenticity")]
    claim: crate::claim::Claim,
    /// What the model's output means [default: guessed from its last activation].
    #[arg(long, value_enum, value_name = "RANGE")]
    output_range: Option<Range>,
    /// The last so many entries of the latent are a class, one of them 1 and the others 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    classes: u32,
    /// Width and height of the picture, where the output is a plain list.
    #[arg(long, value_name = "WIDTHxHEIGHT", value_parser = size)]
    size: Option<(u32, u32)>,
    /// Replace an existing file.
    #[arg(long)]
    force: bool,
}

/// Write what checkers need of a model: its architecture and the commitments of its weights, not the weights.
#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// The model, as veilmark model import wrote it.
    model: PathBuf,
    /// Where the public file goes.
    #[arg(short, long, value_name = "M.pub")]
    output: PathBuf,
    /// Replace an existing file.
    #[arg(long)]
    force: bool,
}

/// What a model's output means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Range {
    /// From 0 to 1.
    Unit,
    /// From -1 to 1.
    Signed,
    /// From 0 to 255.
    Byte,
}

fn size(text: &str) -> Result<(u32, u32), String> {
    let parts = text.split_once(['x', 'X']).and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    parts.ok_or_else(|| "a size is written as 28x28".to_owned())
}

pub(crate) fn run(ui: &Ui, home: &Home, command: Command) -> Result<Report, Failure> {
    match command {
        Command::Import(arguments) => import(ui, home, &arguments),
        Command::Export(arguments) => export(ui, home, &arguments),
        Command::Register(arguments) => register(ui, home, &arguments),
        Command::Show(arguments) => owner::show(ui, home, &arguments),
        Command::Update(arguments) => owner::update(ui, home, &arguments),
        Command::Deprecate(arguments) => owner::deprecate(ui, home, &arguments),
        Command::Transfer(arguments) => owner::transfer(ui, home, &arguments),
        Command::Accept(arguments) => owner::accept(ui, home, &arguments),
    }
}

/// The smallest `k` of a claim with this model and so many proofs.
pub(crate) fn needed_k(claim: Claim, model: &Model, proofs: Option<u32>) -> u32 {
    let salts = proofs.map_or(0, ModelFile::salt_rows_for) as usize;
    let architecture = Arc::new(model.architecture().clone());
    let shape = ClaimShape::of_model(claim, architecture, 0).expect("a claim with a model");
    shape.min_k_with(salts).expect("a model's architecture has a circuit")
}

/// Commits to a model and writes its file.
pub(crate) fn commit(
    srs: &Srs,
    model: Model,
    proofs: Option<u32>,
    source: &Path,
    output: &Path,
    existing: Existing,
) -> Result<ModelFile, Failure> {
    let source = source.file_name().unwrap_or_default().to_string_lossy();
    let owned = ModelFile::new(model, srs, proofs, &source)?;
    owned.write(output, existing).map_err(|error| Failure::from(error).at(output))?;
    Ok(owned)
}

/// Reads and quantises an ONNX file.
pub(crate) fn quantised(ui: &Ui, path: &Path, options: &Options) -> Result<import::Imported, Failure> {
    let file = import::OnnxFile::open(path).map_err(|error| Failure::from(error).at(path))?;
    let progress = ui.progress("importing the model");
    import::import(&file, options, &|done| progress.fraction(done)).map_err(|error| Failure::from(error).at(path))
}

/// Says what a user should know of a model that was taken.
fn warn_of(ui: &Ui, report: &import::Report) {
    let second = &report.second;
    if second.outcome == import::Outcome::Disagrees {
        ui.warn(&format!(
            "{} reads this file otherwise, by up to {:.1} levels of 255; its floats were not used",
            second.reader,
            second.difference.unwrap_or(0.0)
        ));
    }
    if let Some((at, layer)) = report.first_jump() {
        ui.warn(&format!(
            "the function of layer {at}, of node {}, jumps: latents whose values lie at the jump may give pictures further \
             from the float model's than the worst of those that were compared",
            layer.origin
        ));
    }
    if report.worst_psnr_db < import::QUALITY_FLOOR_DB
        && let Some((at, layer)) = report.worst_layer()
    {
        ui.warn(&format!(
            "some latents give pictures {:.1} dB from the float model's, up to {} of 255 off; layer {at}, of node {}, loses \
             most ({:.1} dB): --report OUT.html shows it",
            report.worst_psnr_db, report.largest_difference, layer.origin, layer.signal_db
        ));
    }
}

fn import(ui: &Ui, home: &Home, arguments: &Import) -> Result<Report, Failure> {
    let claim = Claim::from(arguments.claim);
    if !claim.has_model() {
        let message = format!("the {} claim has no model", claim.name());
        return Err(Failure::new(Kind::Usage, message, "say --for generation or --for authenticity"));
    }
    let existing = picture::existing(arguments.force);
    picture::check_output(&arguments.model, existing, &[&arguments.file], picture::MayReplace::Model)?;
    if let Some(report) = &arguments.report {
        picture::check_output(report, existing, &[&arguments.file], picture::MayReplace::Nothing)?;
        if picture::is_one_output(report, &arguments.model) {
            let message = format!("the report and the model would both be {}", report.display());
            return Err(Failure::new(Kind::Usage, message, "name two files"));
        }
    }
    let mut options = Options::default();
    options.output.clone_from(&arguments.output);
    options.label = arguments.label;
    options.accept_low_quality = arguments.accept_low_quality;
    options.output_range = arguments.output_range.map(|range| match range {
        Range::Unit => OutputRange::ZeroToOne,
        Range::Signed => OutputRange::MinusOneToOne,
        Range::Byte => OutputRange::Bytes,
    });
    options.classes = arguments.classes;
    options.size = arguments.size;
    let imported = quantised(ui, &arguments.file, &options)?;
    warn_of(ui, &imported.report);
    if let Some(path) = &arguments.report {
        let name = arguments.file.file_name().unwrap_or_default().to_string_lossy();
        let page = imported.html(&name);
        files::write_atomically(path, existing, Access::Umask, |file| file.write_all(page.as_bytes()))
            .map_err(|error| Failure::from(error).at(path))?;
    }
    let import::Imported { model, report, .. } = imported;
    let proofs = (!arguments.open).then_some(arguments.proofs);
    let needed = needed_k(claim, &model, proofs);
    if needed > MAX_K {
        let message = format!("the model needs 2^{needed} rows; there are at most 2^{MAX_K}");
        return Err(Failure::new(Kind::Unsupported, message, "take a smaller model"));
    }
    let k = arguments.k.unwrap_or(needed);
    if k < needed {
        let message = format!("the model needs k = {needed} for this claim, got --k {k}");
        return Err(Failure::new(Kind::Usage, message, format!("leave --k out, or give at least {needed}")));
    }
    let estimate = veilmark::estimate::Estimate::new(claim, k, veilmark::machine::threads());
    estimate::require(ui, &estimate)?;
    let srs = home.load_srs(ui, k, None)?;
    home::warn_unsafe(ui, srs.id());
    keys::check_powers(&srs, &|text| ui.note(text))?;
    if arguments.open {
        ui.warn("--open: no salts, so anyone who has the weights can recompute the modelHash");
    }
    let owned = commit(&srs, model, proofs, &arguments.file, &arguments.model, existing)?;
    let architecture = owned.model.architecture();
    let (parameters, multiplications) = (architecture.parameters(), architecture.multiplications());
    let json = json!({
        "model": output::json_path(&arguments.model), "model_hash": hex0x(&owned.model_hash),
        "architecture": hex0x(&architecture.hash()), "k": k, "srs_id": srs.id().word(),
        "unsafe_development": srs.is_unsafe(), "hiding": owned.is_hiding(), "proofs_left": owned.remaining(),
        "width": architecture.width, "height": architecture.height, "channels": architecture.channels,
        "latent_entries": architecture.latent, "classes": architecture.classes, "parameters": parameters,
        "multiplications": multiplications, "neurons": architecture.neurons(), "report": report,
        "estimated_prove_seconds": output::json_seconds(estimate.prove), "memory_bytes": estimate.memory,
    });
    let kept = match owned.remaining() {
        None => "open: the weights are not hidden".to_owned(),
        Some(left) => format!("keep it secret; it serves {left} proofs"),
    };
    let text = output::table(&[
        ("model hash", hex0x(&owned.model_hash)),
        ("model", format!("{} ({kept})", arguments.model.display())),
        ("picture", format!("{}x{}, {} channels", architecture.width, architecture.height, architecture.channels)),
        ("latent", format!("{} entries, {} classes", architecture.latent, architecture.classes)),
        ("size", format!("{parameters} parameters, {multiplications} multiplications")),
        (
            "PSNR",
            format!(
                "{:.1} dB against the float model, {:.1} for the worst of {} latents",
                report.psnr_db, report.worst_psnr_db, report.compared
            ),
        ),
        ("rows", format!("2^{k}")),
        (
            "a proof",
            format!(
                "about {} on {} threads, {} of memory",
                output::seconds(estimate.prove),
                veilmark::machine::threads(),
                output::bytes(estimate.memory)
            ),
        ),
    ]);
    Ok(Report::new(json, text))
}

fn export(ui: &Ui, home: &Home, arguments: &Export) -> Result<Report, Failure> {
    let existing = picture::existing(arguments.force);
    picture::check_output(&arguments.output, existing, &[&arguments.model], picture::MayReplace::Nothing)?;
    let owned = secrets::owned_model(ui, &arguments.model)?;
    let srs = home.load_srs(ui, owned.k, Some(owned.srs_id))?;
    let public = PublicModel::of(&owned, &srs)?;
    public.write(&arguments.output, existing).map_err(|error| Failure::from(error).at(&arguments.output))?;
    // what a checker will compute is what the owner has
    let (architecture, model_hash) = checking::read_model(ui, &arguments.output)?;
    let shape = ClaimShape::of_model(Claim::AUTHENTICITY, Arc::new(architecture), owned.k);
    let architecture = shape.map_or([0; 32], |shape| shape.architecture_hash());
    let json = json!({
        "public_model": output::json_path(&arguments.output), "model_hash": hex0x(&model_hash),
        "architecture": hex0x(&architecture), "k": owned.k, "srs_id": owned.srs_id.word(),
        "unsafe_development": owned.srs_id.is_unsafe(),
    });
    let text = output::table(&[
        ("public model", arguments.output.display().to_string()),
        ("model hash", hex0x(&model_hash)),
        ("architecture", hex0x(&architecture)),
    ]);
    Ok(Report::new(json, text))
}

/// What registering a model needs beside the chain.
pub(crate) struct Registrable {
    pub(crate) commitment: IModelRegistry::ModelCommitment,
    pub(crate) shape: ClaimShape,
    pub(crate) key_code: Vec<u8>,
}

/// The verifying key of a claim with the model, computed here.
pub(crate) fn registrable(ui: &Ui, home: &Home, path: &Path, claim: Claim, uri: &str) -> Result<Registrable, Failure> {
    let committed = checking::read_committed(ui, path)?;
    let (architecture, model_hash) = checking::read_model(ui, path)?;
    let shape = ClaimShape::of_model(claim, Arc::new(architecture), committed.k).ok_or_else(|| {
        Failure::new(Kind::Usage, "the fingerprint claim has no model", "say --for generation or --for authenticity")
    })?;
    let srs = home.load_srs(ui, committed.k, Some(committed.srs_id))?;
    home::warn_unsafe(ui, srs.id());
    let key = home.keys()?.verifying_key(&srs, &shape, &|text| ui.note(text))?;
    let data = keys::vk_data(&srs, &key, &shape)?;
    let commitment = IModelRegistry::ModelCommitment {
        modelHash: model_hash.into(),
        circuitHash: shape.architecture_hash().into(),
        vkHash: data.vk_hash().into(),
        proofSystemId: proof_system_id(),
        uri: uri.to_owned(),
    };
    Ok(Registrable { commitment, shape, key_code: data.runtime_code() })
}

fn register(ui: &Ui, home: &Home, arguments: &Register) -> Result<Report, Failure> {
    let claim = Claim::from(arguments.claim);
    let Registrable { commitment, shape, key_code } = registrable(ui, home, &arguments.model, claim, &arguments.uri)?;
    home.remember_key(commitment.vkHash)?;
    let (model_hash, vk_hash) = (commitment.modelHash, commitment.vkHash);
    let reached = Reached::open(ui, home, &arguments.chain, Some(&arguments.signing))?;
    let practice = reached.is_practice().then(practice::default_registrant);
    let owner = arguments.owner.or(reached.signer()).or(practice).ok_or_else(|| {
        Failure::new(Kind::Usage, "nobody is named who answers for the model", "name the account with --owner")
    })?;
    if reached.is_practice() {
        let known = claims::of(shape.claim());
        practice::ensure_key(&reached.client, &known.description, &verifier_contract(known.verifier), &key_code)?;
    } else {
        register::registrar(&reached).require_key(vk_hash.0)?;
    }
    let call = IModelRegistry::registerModelCall { commitment: commitment.clone() };
    let models = reached.client.deployment().models();
    if let Some(report) = reached.instead("register the model", owner, models, &call)? {
        return Ok(report);
    }
    let registration = reached.client.register_model(commitment, owner)?;
    let receipt = registration.receipt.as_ref();
    let json = json!({
        "model_id": registration.model_id, "model_hash": model_hash, "owner": output::account(owner),
        "already_done": receipt.is_none(), "gas_used": receipt.map(|receipt| receipt.gas_used),
        "claim": claim.name(), "vk_hash": vk_hash,
    });
    let text = output::table(&[
        ("model id", registration.model_id.to_string()),
        ("model hash", model_hash.to_string()),
        ("owner", owner.to_string()),
        ("gas", reach::gas(receipt, "it was registered already")),
    ]);
    Ok(reached.marked(Report::new(json, text)))
}
