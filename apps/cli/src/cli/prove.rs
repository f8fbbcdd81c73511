//! `veilmark prove`.

use super::{
    Claim, address,
    checking::{self, Beside, Generator, Prover},
    connection::ChainArguments,
    estimate::Estimate,
    failure::{Exit, Failure},
    home::{self, Home},
    picture,
    ui::{self, Report, Ui},
};
use alloy_primitives::Address;
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use veilmark::{
    chain::{Chain, embedded::CHAIN_ID, registry::RegistryClient, rpc::RpcChain},
    decode::Decoded,
    files::{Existing, hex0x},
    fingerprint_file::FingerprintFile,
    keys::ClaimShape,
    latent_file::LatentFile,
    model_file::ModelFile,
    opening::{self, Opening, OpeningError},
    proof::ProofError,
    statement::public::Binding,
};
use veilmark_circuits::statement::{
    fingerprint::{Fingerprint, MATCH_DISTANCE},
    public::{self, FingerprintPublic},
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
    /// Replace an existing file.
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    let claim = public::Claim::from(arguments.claim);
    let generator = generator_files(arguments, claim)?;
    let existing = picture::existing(arguments.force);
    let mut inputs: Vec<&Path> = vec![&arguments.image, &arguments.opening];
    inputs.extend(arguments.model.iter().chain(&arguments.latent).map(PathBuf::as_path));
    picture::check_output(&arguments.output, existing, &inputs, picture::MayReplace::Nothing)?;
    check_fingerprint_out(arguments, claim, existing, &inputs)?;
    let at_opening = |error: OpeningError| Failure::from(error).at(&arguments.opening);
    let opened = Opening::read(&arguments.opening).map_err(at_opening)?;
    if opening::is_readable_by_others(&arguments.opening) {
        ui.warn(&format!("{} is readable by others: chmod 600 keeps it secret", arguments.opening.display()));
    }
    if !opened.hiding && claim == public::Claim::CommittedFingerprint {
        let message = "the opening holds no salts: whoever guesses the picture can confirm it, and has its fingerprint";
        return Err(Failure::new(Exit::Usage, message, "commit without --public").at(&arguments.opening));
    }
    if opened.remaining() == Some(0) {
        return Err(at_opening(OpeningError::UsedUp { made: opened.proofs_made }));
    }
    let picture = arguments.reading.decode(ui, &arguments.image)?;
    if picture.decoder != opened.decoder {
        ui.note(&format!("the picture was decoded by {}, now by {}", opened.decoder, picture.decoder));
    }
    opened.check_picture(&picture.raster).map_err(at_opening)?;

    if let Some(Files { owned, latent, .. }) = &generator {
        check_generated(arguments, &opened, &picture, owned, latent)?;
    }
    let Claimed { fingerprint, tolerance, distance } = claimed(arguments, claim, &picture)?;
    let (binding, client) = bound(ui, home, arguments)?;
    let k = opened.k;
    let model = generator
        .as_ref()
        .and_then(|files| ClaimShape::of_model(claim, Arc::new(files.owned.model.architecture().clone()), k));
    let picture_alone = || ClaimShape::of_picture(claim, (opened.width, opened.height), k);
    let shape = model.or_else(picture_alone).ok_or_else(|| {
        Failure::new(Exit::Internal, format!("no circuit of the claim {}", claim.name()), "please report it")
    })?;
    Estimate::new(claim, k).require(ui)?;
    let srs = home.load_srs(ui, opened.k, Some(opened.srs_id))?;
    home::warn_unsafe(ui, srs.id());
    let opened_generator = match &generator {
        Some(files) => Some(Generator::new(&srs, &files.owned, &files.latent)?),
        None => None,
    };
    let secret = arguments.fingerprint_out.as_ref().map(|path| (path, FingerprintFile::new(fingerprint)));
    let fingerprint = match &secret {
        Some((_, file)) => Fingerprint::from_bytes(checking::committed(file, &srs)?.digest()),
        None => fingerprint,
    };
    let public = FingerprintPublic { fingerprint, tolerance, context: binding.context() };
    let beside = match (&opened_generator, &secret) {
        (Some(generator), _) => Beside::Model(generator),
        (None, Some((_, file))) => Beside::Fingerprint(file),
        (None, None) => Beside::Nothing,
    };
    let prover = Prover::new(ui, &srs, &home.keys()?, shape)?;
    if let Some(client) = &client
        && !client.knows_key(prover.vk_hash().into())?
    {
        let hash = hex0x(&prover.vk_hash());
        ui.warn(&format!("the chain's router does not know verifying key {hash} yet: its owner has to add it first"));
    }
    let commitment = prover.commitment(&picture, &opened).map_err(|failure| failure.at(&arguments.opening))?;

    // Counted first: a crash from here on counts a proof too many, never one too few.
    let spent = Opening::spend(&arguments.opening).map_err(at_opening)?;
    if spent.image_commitment != opened.image_commitment {
        return Err(Failure::new(
            Exit::Mismatch,
            format!("{} became the opening of another commitment meanwhile", arguments.opening.display()),
            "run the command again",
        ));
    }
    if let Some(Files { model, latent_path, owned, latent }) = &generator {
        let counted = LatentFile::spend(latent_path).map_err(|error| Failure::from(error).at(latent_path))?;
        if counted.salts() != latent.salts() {
            return Err(replaced(latent_path));
        }
        let counted = ModelFile::spend(model).map_err(|error| Failure::from(error).at(model))?;
        if counted.model_hash != owned.model_hash {
            return Err(replaced(model));
        }
    }
    let progress = ui.progress("proving");
    let bundle =
        prover.prove(&picture, &spent, &commitment, &beside, &public, binding, &|phase| progress.phase(phase))?;
    let time = progress.end();
    // before the bundle: a salted hash that nobody can open is worth nothing
    if let Some((path, file)) = &secret {
        file.write(path, existing).map_err(|error| Failure::from(error).at(path))?;
    }
    bundle.write(&arguments.output, existing)?;

    let (commitment, left) = (hex0x(&bundle.image_commitment), spent.remaining());
    let json = json!({
        "bundle": ui::json_path(&arguments.output), "claim": claim.name(), "image_commitment": commitment,
        "model_hash": bundle.model.map(|model| hex0x(&model.model_hash)),
        "prompt_commitment": bundle.model.map(|model| hex0x(&model.prompt_commitment)),
        "fingerprint": fingerprint.to_string(), "fingerprint_committed": secret.is_some(),
        "fingerprint_file": secret.as_ref().map(|(path, _)| ui::json_path(path)), "tolerance": tolerance,
        "distance": distance, "registrant": hex0x(&binding.registrant), "vk_hash": hex0x(&bundle.vk_hash),
        "srs_id": srs.id().to_string(), "unsafe_development": srs.is_unsafe(), "k": k,
        "proof_bytes": bundle.proof.len(), "prove_seconds": ui::json_seconds(time),
        "peak_memory_bytes": super::machine::peak_memory(),
        "proofs_made": spent.proofs_made, "proofs_left": left, "notes": picture::json_notes(&picture.notes),
    });
    let mut rows = vec![
        (
            "bundle",
            format!("{} ({} bytes of proof, {})", arguments.output.display(), bundle.proof.len(), ui::seconds(time)),
        ),
        ("commitment", commitment),
        ("registrant", hex0x(&binding.registrant)),
        ("opening", left.map_or_else(|| "hides nothing".into(), |left| format!("serves {left} more proofs"))),
    ];
    if claim.shows_fingerprint() {
        rows.push(("fingerprint", format!("{fingerprint}, at most {tolerance} bits away")));
    }
    if let Some((path, _)) = &secret {
        rows.push(("fingerprint", format!("{} (keep it secret), at most {tolerance} bits away", path.display())));
        rows.push(("salted hash", fingerprint.to_string()));
    }
    if let Some(model) = bundle.model {
        rows.push(("model", hex0x(&model.model_hash)));
        rows.push(("prompt", hex0x(&model.prompt_commitment)));
    }
    Ok(Report::new(json, ui::table(&rows)))
}

/// The claim of a committed fingerprint, and no other, writes the fingerprint's file.
fn check_fingerprint_out(
    arguments: &Arguments,
    claim: public::Claim,
    existing: Existing,
    inputs: &[&Path],
) -> Result<(), Failure> {
    let committed = claim == public::Claim::CommittedFingerprint;
    let usage = |message: String, hint| Err(Failure::new(Exit::Usage, message, hint));
    match &arguments.fingerprint_out {
        None if committed => usage(
            "the fingerprint will be hidden, and nobody could open its salted hash".into(),
            "say with --fingerprint-out X.fingerprint where fingerprint and salts go",
        ),
        Some(_) if !committed => usage(
            format!("the {} claim hides no fingerprint", claim.name()),
            "leave --fingerprint-out out, or say --claim committed-fingerprint",
        ),
        Some(path) if picture::is_one_output(path, &arguments.output) => {
            usage("bundle and fingerprint cannot go to the same file".into(), "name two files")
        }
        Some(path) => picture::check_output(path, existing, inputs, picture::MayReplace::Nothing),
        None => Ok(()),
    }
}

/// Whom the proof is for; and the chain, where it can be asked.
fn bound(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<(Binding, Option<RegistryClient<RpcChain>>), Failure> {
    let named = || {
        let hint = "name the account with --registrant: nobody else can register with the proof";
        arguments.registrant.ok_or_else(|| Failure::new(Exit::Usage, "nobody is named who will register", hint))
    };
    if let (Some(chain_id), Some(registry)) = (arguments.chain_id, arguments.chain.registry) {
        return Ok((Binding { chain_id, registry: registry.into(), registrant: named()?.into() }, None));
    }
    if let Some(node) = arguments.chain.node(ui, None)? {
        let registrant = named()?.into();
        let (client, _) = arguments.chain.client(home, node)?;
        client.record_count()?;
        let (chain_id, registry) = (client.chain().chain_id()?, client.deployment().content.into());
        return Ok((Binding { chain_id, registry, registrant }, Some(client)));
    }
    let registrant = arguments.registrant.unwrap_or_else(RegistryClient::default_registrant);
    if let Some(chain) = &arguments.chain.chain {
        // a chain that will refuse is better known now
        home.existing_registry(Some(chain))?.map(|client| client.record_count()).transpose()?;
    }
    let registry = RegistryClient::address().into();
    Ok((Binding { chain_id: CHAIN_ID, registry, registrant: registrant.into() }, None))
}

/// The proof would count against another file's salts than the ones it uses up.
fn replaced(path: &Path) -> Failure {
    let message = format!("{} became another file meanwhile", path.display());
    Failure::new(Exit::Mismatch, message, "run the command again")
}

/// The secret files of a claim with a model.
struct Files {
    model: PathBuf,
    latent_path: PathBuf,
    owned: ModelFile,
    latent: LatentFile,
}

fn generator_files(arguments: &Arguments, claim: public::Claim) -> Result<Option<Files>, Failure> {
    let name = claim.name();
    match (&arguments.model, &arguments.latent, claim.has_model()) {
        (None, None, false) => Ok(None),
        (Some(model), Some(latent_path), true) => {
            let owned = ModelFile::read(model).map_err(|error| Failure::from(error).at(model))?;
            let latent = LatentFile::read(latent_path).map_err(|error| Failure::from(error).at(latent_path))?;
            latent.check_model(owned.model.architecture()).map_err(|error| Failure::from(error).at(latent_path))?;
            Ok(Some(Files { model: model.clone(), latent_path: latent_path.clone(), owned, latent }))
        }
        (_, _, true) => Err(Failure::new(
            Exit::Usage,
            format!("the {name} claim needs the model's file and the latent's"),
            "name them with --model and --latent: veilmark generate --latent-out writes the latent's",
        )),
        (_, _, false) => Err(Failure::new(
            Exit::Usage,
            format!("the {name} claim has neither model nor latent"),
            "leave --model and --latent out, or say --claim authenticity",
        )),
    }
}

/// What is known of a generated picture before any work: that the model made it, and that everything is committed alike.
fn check_generated(
    arguments: &Arguments,
    opened: &Opening,
    picture: &Decoded,
    owned: &ModelFile,
    latent: &LatentFile,
) -> Result<(), Failure> {
    if (opened.srs_id, opened.k) != (owned.srs_id, owned.k) {
        let message = format!(
            "the picture is committed under {} at k = {}, the model under {} at k = {}",
            opened.srs_id, opened.k, owned.srs_id, owned.k
        );
        return Err(
            Failure::new(Exit::Mismatch, message, "commit with --for authenticity and --model").at(&arguments.opening)
        );
    }
    let architecture = owned.model.architecture();
    let (expected, got) = (architecture.latent as usize, latent.entries().len());
    if expected != got {
        return Err(ProofError::Latent { expected, got }.into());
    }
    let (expected, got) = ((architecture.width, architecture.height), (opened.width, opened.height));
    if expected != got {
        return Err(ProofError::PictureSize { expected, got }.into());
    }
    let made = owned.model.generate(latent.entries());
    let different = made.pixels().iter().zip(picture.raster.pixels()).filter(|(a, b)| a != b).count();
    if different > 0 {
        let pixels = made.pixels().len();
        return Err(Failure::from(ProofError::OtherPicture { different, pixels }).at(&arguments.image));
    }
    let used_up = |what: &str| {
        let message = format!("{what} has no proofs left that its salts would hide");
        Failure::new(Exit::Usage, message, "generate the picture, or import the model, anew")
    };
    if latent.remaining() == 0 {
        return Err(used_up("the latent"));
    }
    if owned.remaining() == Some(0) {
        return Err(used_up("the model"));
    }
    Ok(())
}

/// What the fingerprint clause claims: zero in a claim without one.
struct Claimed {
    fingerprint: Fingerprint,
    tolerance: u8,
    distance: Option<u32>,
}

fn claimed(arguments: &Arguments, claim: public::Claim, picture: &Decoded) -> Result<Claimed, Failure> {
    if !claim.has_fingerprint() {
        if arguments.against.is_some() || arguments.tolerance.is_some() {
            let message = format!("the {} claim names no fingerprint", claim.name());
            return Err(Failure::new(Exit::Usage, message, "leave --against and --tolerance out"));
        }
        return Ok(Claimed { fingerprint: Fingerprint::default(), tolerance: 0, distance: None });
    }
    let pdq = picture::pdq(picture);
    picture::require_quality(&pdq)?;
    let fingerprint = arguments.against.unwrap_or(pdq.fingerprint);
    let tolerance = arguments.tolerance.unwrap_or(if arguments.against.is_some() { MATCH_DISTANCE } else { 0 });
    let distance = pdq.fingerprint.distance(fingerprint);
    if distance > u32::from(tolerance) {
        return Err(ProofError::ClaimFalse { distance, tolerance }.into());
    }
    Ok(Claimed { fingerprint, tolerance, distance: Some(distance) })
}
