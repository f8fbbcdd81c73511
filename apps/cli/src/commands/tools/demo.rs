//! `veilmark demo`: the whole journey, each step of which has to have happened.

use crate::{
    commands::{
        image::{
            checking::{self, Checked},
            picture,
        },
        model::{generate, import},
        tools::estimate,
    },
    failure::{Failure, Kind},
    hearing::Hearing,
    home::Home,
    output::{self, Report, Ui},
    secrets,
};
use alloy_primitives::{Address, U256};
use image::{DynamicImage, ImageFormat, codecs::jpeg::JpegEncoder, imageops::FilterType};
use serde_json::{Map, Value, json};
use std::{
    cell::RefCell,
    fs::{self, File},
    io::{self, BufWriter},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};
use veilmark::{
    bundle::Bundle,
    chain::{
        ChainError,
        client::{
            RegistryClient,
            records::{Record, Registration, Submission},
            search::{By, Found, Wanted},
        },
        deployment::verifier_contract,
        embedded::EmbeddedChain,
        practice::{self, CHAIN_ID},
    },
    committing::{require_quality, write_opening},
    decode,
    estimate::Estimate,
    files::{self, Access, Existing, FileError, hex0x},
    import::{Imported, Options},
    keys::{ClaimShape, KeyCache},
    latent_file::LatentFile,
    machine,
    model_file::{ModelFile, PublicModel},
    proving::{GeneratorFiles, ProofRequest},
    registrar,
    srs::Srs,
    statement::public::Binding,
};
use veilmark_circuits::statement::{
    claim::Claim,
    fingerprint::{Fingerprint, MATCH_DISTANCE},
    latent,
    model::Model,
    pdq,
    raster::Raster,
};
use veilmark_contract_bindings::claims;

/// The whole journey on an embedded chain, narrated.
///
/// Takes over a generator, makes a picture with it, commits, proves that this model made it and that its fingerprint is
/// the public one, registers both; finds copies, refuses strangers, forgers and another model. Everything happens in a
/// temporary folder, under UNSAFE development parameters. Ends with 0 only if every step did what it says.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A generator of yours, an ONNX file [default: one that paints landscapes, which is built in].
    #[arg(long, value_name = "FILE.onnx")]
    model: Option<PathBuf>,
    /// What the picture is made from.
    #[arg(long, value_name = "TEXT", default_value = "a house by the lake at dusk")]
    prompt: String,
    /// Another number, another picture of the same prompt.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Keep what is made in this folder, which must be new or empty.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// The generator that is built in; `models/README.md` says how it was made.
const LANDSCAPE: &[u8] = include_bytes!("../../../../../models/landscape.onnx");

/// The folder of the demonstration; a temporary one goes when this does.
struct Folder {
    path: PathBuf,
    /// In this order: removed first, forgotten then.
    _temporary: Option<(tempfile::TempDir, files::Temporary)>,
}

impl Folder {
    fn new(keep: Option<&Path>) -> Result<Self, Failure> {
        let io = |doing, path: &Path| {
            let path = path.to_owned();
            move |source| Failure::from(FileError::Io { doing, path, source })
        };
        if let Some(path) = keep {
            fs::create_dir_all(path).map_err(io("make", path))?;
            if fs::read_dir(path).map_err(io("read", path))?.next().is_some() {
                return Err(Failure::new(
                    Kind::FileExists,
                    format!("{} is not empty and is left as it is", path.display()),
                    "name a new folder with --keep",
                ));
            }
            return Ok(Self { path: path.to_owned(), _temporary: None });
        }
        let folder = tempfile::Builder::new()
            .prefix("veilmark-demo-")
            .tempdir()
            .map_err(io("make a temporary folder in", &std::env::temp_dir()))?;
        let guard = files::Temporary::new(folder.path());
        Ok(Self { path: folder.path().to_owned(), _temporary: Some((folder, guard)) })
    }
}

/// The narrator: numbers the steps, and keeps what they found out for `--json`.
struct Story<'u> {
    ui: &'u Ui,
    steps: RefCell<Vec<Value>>,
}

impl Story<'_> {
    fn step(&self, title: &str) {
        let number = self.steps.borrow().len() + 1;
        self.ui.say(&format!("\n{number}. {title}"));
    }

    fn line(&self, text: &str) {
        self.ui.say(&format!("   {text}"));
    }

    /// The step did what it says.
    fn done(&self, name: &str, facts: Value) {
        let mut step = Map::from_iter([("step".to_owned(), json!(name))]);
        if let Value::Object(facts) = facts {
            step.extend(facts);
        }
        self.steps.borrow_mut().push(Value::Object(step));
    }
}

/// What must be true for the demonstration to be one.
fn must(holds: bool, what: &str) -> Result<(), Failure> {
    if holds {
        return Ok(());
    }
    let message = format!("the demonstration failed: {what}");
    Err(Failure::new(Kind::Bug, message, "please report it; with --keep DIR its files stay"))
}

fn write_image(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&mut File>) -> image::ImageResult<()>,
) -> Result<(), Failure> {
    files::write_atomically(path, Existing::Keep, Access::Umask, |file| {
        let mut file = BufWriter::new(file);
        write(&mut file).map_err(|error| match error {
            image::ImageError::IoError(error) => error,
            error => io::Error::other(error),
        })?;
        io::Write::flush(&mut file)
    })?;
    Ok(())
}

fn timed<T>(run: impl FnOnce() -> Result<T, Failure>) -> Result<(T, Duration), Failure> {
    let start = Instant::now();
    Ok((run()?, start.elapsed()))
}

/// The error with which a contract refused, and the gas that it cost; anything else is no refusal.
fn refusal(answer: Result<u64, ChainError>) -> Result<(String, u64), Failure> {
    match answer {
        Err(ChainError::Reverted { revert, gas_used }) => Ok((revert.to_string(), gas_used)),
        Err(error) => Err(error.into()),
        Ok(_) => must(false, "the contract accepted what it must refuse").map(|()| (String::new(), 0)),
    }
}

/// What a step of the demonstration has, and the ones after it need.
struct Scene<'s, 'u> {
    story: &'s Story<'u>,
    folder: &'s Path,
    home: &'s Home,
}

impl Scene<'_, '_> {
    fn own(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

pub(crate) fn run(ui: &Ui, arguments: &Arguments) -> Result<Report, Failure> {
    let begin = Instant::now();
    let folder = Folder::new(arguments.keep.as_deref())?;
    let home = Home::at(&folder.path);
    let story = Story { ui, steps: RefCell::default() };
    let scene = Scene { story: &story, folder: &folder.path, home: &home };
    ui.say("Veilmark: prove which model made a picture without showing picture, prompt or weights.");
    ui.say("Everything here is under UNSAFE development parameters, on a chain inside this process.");

    // The model
    story.step("A generator, taken over as integers");
    let onnx = own_model(&scene, arguments)?;
    let Imported { model, report, .. } = import::quantised(ui, &onnx, &Options::default())?;
    let architecture = Arc::new(model.architecture().clone());
    story.line(&format!(
        "{} parameters, {} multiplications; {:.1} dB from the float model",
        architecture.parameters(),
        architecture.multiplications(),
        report.psnr_db
    ));
    story.done("model", json!({ "parameters": architecture.parameters(), "psnr_db": report.psnr_db }));

    // The setup
    let proofs = Some(10);
    let k = import::needed_k(Claim::AUTHENTICITY, &model, proofs);
    let estimate = Estimate::new(Claim::AUTHENTICITY, k, machine::threads());
    estimate::require(ui, &estimate)?;
    story.step("A trusted setup, for development only: its secret is public");
    let (srs, setup_time) = timed(|| {
        let progress = ui.progress(&format!("making the development setup for k = {k}"));
        let srs = Srs::dev(k, &mut |done| progress.fraction(done))?;
        srs.store(home.srs_dir(), Existing::Keep)?;
        Ok(srs)
    })?;
    story.line(&format!("{} for 2^{k} rows, {}", srs.id(), output::seconds(setup_time)));
    story.done("setup", json!({ "k": k, "srs_id": srs.id().word(), "seconds": output::json_seconds(setup_time) }));

    // Registering the model
    story.step("Register the model: a hash of commitments to its weights, and its architecture");
    let model_path = scene.own("landscape.model");
    let owned = import::commit(&srs, model, proofs, &onnx, &model_path, Existing::Keep)?;
    PublicModel::of(&owned, &srs)?.write(&scene.own("landscape.pub"), Existing::Keep)?;
    let cache = home.keys()?;
    let shape = ClaimShape::of_model(Claim::AUTHENTICITY, architecture.clone(), k).ok_or_else(bug)?;
    let (_, keys_time) = timed(|| Ok(cache.proving_key(&srs, &shape, &|text| ui.note(text))?))?;
    let client = RegistryClient::new(EmbeddedChain::open(home.chain_dir())?, practice::deployment());
    let register_model = |path: &Path| {
        let import::Registrable { commitment, shape, key_code } =
            import::registrable(ui, &home, path, Claim::AUTHENTICITY, "")?;
        let known = claims::of(shape.claim());
        practice::ensure_key(&client, &known.description, &verifier_contract(known.verifier), &key_code)?;
        Ok::<_, Failure>(client.register_model(commitment, practice::default_registrant())?)
    };
    let registered = register_model(&scene.own("landscape.pub"))?;
    let model_gas = registered.receipt.as_ref().map(|receipt| receipt.gas_used);
    let model_hash = hex0x(&owned.model_hash);
    story.line(&format!("model {}, hash {model_hash}", registered.model_id));
    story.line(&format!(
        "keys {}, {} gas; the weights stay here",
        output::seconds(keys_time),
        model_gas.unwrap_or_default()
    ));
    story.done("register_model", json!({ "model_hash": model_hash, "gas_used": model_gas }));

    // Generating
    story.step("Generate a picture, by the very integers that will be proved");
    let entries = latent::latent(&architecture, &arguments.prompt, arguments.seed, None)
        .map_err(|error| Failure::new(Kind::Unsupported, error.to_string(), "take a model without classes"))?;
    let raster = owned.model.generate(&entries);
    let picture_path = scene.own("picture.png");
    generate::write_png(&picture_path, &raster, Existing::Keep)?;
    let latent_path = scene.own("picture.latent");
    LatentFile::new(&architecture, entries).write(&latent_path, Existing::Keep)?;
    let original = decode::decode(&picture_path, &decode::Options::default())?;
    must(original.raster == raster, "the picture's file has other pixels than the model made")?;
    let pdq = picture::pdq(&original);
    require_quality(&pdq)?;
    let (width, height) = (raster.width(), raster.height());
    story.line(&format!("{width}x{height} pixels, from a prompt that nobody is shown: \"{}\"", arguments.prompt));
    story.line(&format!("fingerprint {} (PDQ-512), quality {}", pdq.fingerprint, pdq.quality));
    story.done("generate", json!({ "width": width, "height": height, "fingerprint": pdq.fingerprint.to_string() }));

    // Committing
    story.step("Commit: one number that hides the picture and binds to it");
    let opening_path = scene.own("picture.opening");
    let (commitment, commit_time) =
        timed(|| Ok(write_opening(&srs, &original, &picture_path, &opening_path, false, Existing::Keep)?))?;
    let digest = hex0x(&commitment.digest());
    story.line(&format!("commitment {digest}, {}", output::seconds(commit_time)));
    let again = write_opening(&srs, &original, &picture_path, &scene.own("again.opening"), false, Existing::Keep)?;
    must(again.digest() != commitment.digest(), "the same picture committed twice gave the same commitment")?;
    story.line("committed a second time, the same picture gave another number: nobody can confirm a guess");
    story.done("commit", json!({ "image_commitment": digest, "seconds": output::json_seconds(commit_time) }));

    // Proving
    story.step("Prove, in zero knowledge and in one proof: this model made it, and this is its fingerprint");
    let registrant = practice::default_registrant();
    let binding = Binding {
        chain_id: CHAIN_ID,
        registry: practice::deployment().content().into(),
        registrant: registrant.into(),
    };
    let request = ProofRequest {
        claim: Claim::AUTHENTICITY,
        image: picture_path.clone(),
        reading: decode::Options::default(),
        opening: opening_path,
        generator: Some(GeneratorFiles { model: model_path, latent: latent_path.clone() }),
        against: None,
        tolerance: None,
        fingerprint_out: None,
        secret: None,
        output: scene.own("picture.veil.json"),
        existing: Existing::Keep,
    };
    let hearing = Hearing::expecting(ui, estimate.prove);
    let prepared = request.check(&hearing)?.prepare(home.store(), binding, ui.memory(), &hearing)?;
    let (bundle, prove_time) = timed(|| Ok(prepared.prove(&hearing)?.bundle))?;
    hearing.end();
    must(bundle.image_commitment() == commitment.digest(), "the proof is about another commitment")?;
    must(bundle.model_hash() == Some(owned.model_hash), "the proof is about another model")?;
    let bytes = bundle.proof.len();
    story.line(&format!("{} ({bytes} bytes)", output::seconds(prove_time)));
    story.line("proved: the registered model made the committed picture, whose fingerprint is exactly the public one");
    story.line("not proved: that the picture shows anything that happened, or who asked the model for it");
    story.done("prove", json!({ "proof_bytes": bytes, "seconds": output::json_seconds(prove_time) }));

    // Verifying
    story.step("Verify off chain, from the bundle and the model's public file alone");
    let bundle = Bundle::read(&scene.own("picture.veil.json"))?;
    let public_shape = checking::shape_of(ui, &bundle, Some(&scene.own("landscape.pub")))?;
    let (checked, verify_time) = timed(|| checking::check(ui, &srs, &cache, &public_shape, &bundle))?;
    if let Checked::Invalid(failure) = checked {
        return Err(failure);
    }
    story.line(&format!(
        "valid, {}: the verifying key follows from the model's architecture",
        output::seconds(verify_time)
    ));
    story.done("verify", json!({ "valid": true, "seconds": output::json_seconds(verify_time) }));

    // Registering
    story.step("Register the picture: the contract checks the proof, and that the model is the registered one");
    let vk_hash = bundle.vk_hash.into();
    let context = U256::from_be_slice(&client.context_of(registrant)?);
    let submission = registrar::submission(&bundle, Some(registered.model_id));
    let known = claims::of(bundle.claim);
    let inputs = client.public_inputs(known.id, &submission.record.statement, context)?;
    let gas_to_verify = client.verify(vk_hash, &inputs, &bundle.proof)?.gas_used;
    let registration = client.register(&submission)?;
    let stored = &registration.stored;
    let gas = sent(&registration).unwrap_or_default();
    must(stored.statement().imageCommitment.0 == commitment.digest(), "the chain has another commitment")?;
    must(stored.record.registrant == registrant, "the chain has another registrant")?;
    story
        .line(&format!("accepted: {gas} gas, of which {gas_to_verify} for a bare check of the proof as a transaction"));
    story.line(&format!("record {}, time {}", stored.record_id, output::utc(stored.entry.timestamp)));
    story.done(
        "register",
        json!({ "gas_used": gas, "verify_gas": gas_to_verify, "record_id": hex0x(stored.record_id.as_slice()) }),
    );

    copies(&scene, &client, &raster, &registration)?;
    stranger(&scene, &client, &owned, &arguments.prompt, pdq.fingerprint)?;
    forgers(&scene, &srs, &cache, &client, &public_shape, &bundle, registered.model_id)?;
    another_model(&scene, &srs, &client, &owned, &latent_path, &original, &bundle)?;
    must(client.index(0)?.len() == 1, "the chain has records that nobody may have made")?;

    let total = begin.elapsed();
    ui.say(
        "\nWhat this shows to anyone: the model registered here made a hidden picture with this fingerprint, and this",
    );
    ui.say("registrant proved it at this time. A fingerprint alone identifies nothing: anyone can make a picture with");
    ui.say("any given one.");
    let peak = machine::peak_memory();
    let peak_text = peak.map_or_else(String::new, |peak| format!(", {} of memory at most", output::bytes(peak)));
    ui.say(&format!("\nAll of this happened: {} in total{peak_text}.", output::seconds(total)));
    if let Some(keep) = &arguments.keep {
        ui.say(&format!(
            "Its files are in {}; VEILMARK_HOME={} lets the other commands use them.",
            keep.display(),
            keep.display()
        ));
    }
    let json = json!({
        "ok": true, "steps": story.steps.into_inner(), "proof_bytes": bytes, "register_gas": gas,
        "verify_gas": gas_to_verify, "prove_seconds": output::json_seconds(prove_time),
        "seconds": output::json_seconds(total), "peak_memory_bytes": peak, "unsafe_development": true,
        "kept": arguments.keep.as_deref().map(output::json_path),
    });
    Ok(Report::new(json, ""))
}

/// Gas of what was sent; nothing is where the record was there already.
fn sent(registration: &Registration) -> Option<u64> {
    registration.receipt.as_ref().map(|receipt| receipt.gas_used)
}

fn bug() -> Failure {
    Failure::new(Kind::Bug, "the authenticity claim has a model", "please report it")
}

/// The generator's file: the user's, or the built-in one written out.
fn own_model(scene: &Scene<'_, '_>, arguments: &Arguments) -> Result<PathBuf, Failure> {
    if let Some(path) = &arguments.model {
        return Ok(path.clone());
    }
    let path = scene.own("landscape.onnx");
    files::write_atomically(&path, Existing::Keep, Access::Umask, |file| io::Write::write_all(file, LANDSCAPE))?;
    Ok(path)
}

/// The records near a fingerprint.
fn near(client: &RegistryClient<EmbeddedChain>, fingerprint: Fingerprint) -> Result<Vec<Found>, Failure> {
    Ok(client.search(&client.index(0)?, Wanted::Picture(fingerprint))?)
}

fn copies(
    scene: &Scene<'_, '_>,
    client: &RegistryClient<EmbeddedChain>,
    raster: &Raster,
    registration: &Registration,
) -> Result<(), Failure> {
    scene.story.step("Copies are found by their fingerprint");
    let (width, height) = (raster.width(), raster.height());
    let decoded = image::RgbImage::from_vec(width, height, raster.pixels().as_flattened().to_vec());
    let decoded = DynamicImage::from(decoded.unwrap_or_default());
    let jpeg = scene.own("recompressed.jpg");
    write_image(&jpeg, |file| decoded.write_with_encoder(JpegEncoder::new_with_quality(file, 80)))?;
    let resized = scene.own("resized.png");
    write_image(&resized, |file| {
        decoded.resize_exact(4 * width, 4 * height, FilterType::Triangle).write_to(file, ImageFormat::Png)
    })?;
    let mut distances = Vec::new();
    for (what, path) in [("re-compressed as JPEG, quality 80", &jpeg), ("four times as large", &resized)] {
        let copy = picture::pdq(&decode::decode(path, &decode::Options::default())?).fingerprint;
        let hits = near(client, copy)?;
        let found = hits.iter().find(|hit| hit.stored.record_id == registration.stored.record_id);
        must(found.is_some(), &format!("the copy {what} was not found"))?;
        let distance = found.map_or(0, |hit| if let By::Fingerprint(distance) = hit.by { distance } else { 0 });
        scene.story.line(&format!("{what}: found, {distance} bits away (at most {MATCH_DISTANCE})"));
        distances.push(distance);
    }
    scene
        .story
        .done("copies", json!({ "recompressed_distance": distances.first(), "resized_distance": distances.get(1) }));
    Ok(())
}

fn stranger(
    scene: &Scene<'_, '_>,
    client: &RegistryClient<EmbeddedChain>,
    owned: &ModelFile,
    prompt: &str,
    fingerprint: Fingerprint,
) -> Result<(), Failure> {
    scene.story.step("Another picture of the same model is not found");
    let other = |seed: u64| {
        let entries = latent::latent(owned.model.architecture(), prompt, seed, None).ok()?;
        let print = pdq::pdq(&owned.model.generate(&entries)).fingerprint;
        (print.distance(fingerprint) > 2 * u32::from(MATCH_DISTANCE)).then_some(print)
    };
    let found = (1000..1100).find_map(other);
    must(found.is_some(), "a hundred seeds gave pictures that all look alike")?;
    let other = found.unwrap_or_default();
    let distance = other.distance(fingerprint);
    must(near(client, other)?.is_empty(), "another picture was found")?;
    scene.story.line(&format!("{distance} bits away: no record"));
    scene.story.done("other_picture", json!({ "found": false, "distance": distance }));
    Ok(())
}

fn forgers(
    scene: &Scene<'_, '_>,
    srs: &Srs,
    cache: &KeyCache,
    client: &RegistryClient<EmbeddedChain>,
    shape: &ClaimShape,
    bundle: &Bundle,
    model_id: u64,
) -> Result<(), Failure> {
    let story = scene.story;
    story.step("Forged proofs are refused, off chain and by the contract; a copied one is worthless to the copier");
    let mut damaged = bundle.clone();
    if let Some(last) = damaged.proof.last_mut() {
        *last ^= 1;
    }
    let other = Fingerprint::from_bits(|k| !bundle.fingerprint.bit(k));
    let mut refusals = Vec::new();
    for (what, forged) in [
        ("the proof, for another fingerprint", Bundle { fingerprint: other, ..bundle.clone() }),
        ("the proof, with one bit changed", damaged),
    ] {
        let Checked::Invalid(_) = checking::check(story.ui, srs, cache, shape, &forged)? else {
            return must(false, "a forged proof passed off chain");
        };
        let submission = registrar::submission(&forged, Some(model_id));
        let (reason, gas) = refusal(client.check(&submission, true))?;
        story.line(&format!("{what}: invalid off chain; the contract reverts with {reason}, {gas} gas"));
        refusals.push(json!({ "forgery": what, "revert": reason, "gas_used": gas }));
    }
    let thief = Address::repeat_byte(0x66);
    let Submission { record, proof } = registrar::submission(bundle, Some(model_id));
    let stolen = Submission { record: Record { registrant: thief, ..record }, proof };
    let stolen = client.register(&stolen);
    let (reason, gas) = refusal(stolen.map(|registration| sent(&registration).unwrap_or_default()))?;
    story.line(&format!("the same proof sent by {thief}: refused with {reason}, {gas} gas"));
    refusals.push(json!({ "forgery": "copied", "revert": reason, "gas_used": gas }));
    story.done("forgeries", json!({ "refused": refusals }));
    Ok(())
}

/// The same picture claimed for another model, by whoever has everything of it: before proving, and on chain.
fn another_model(
    scene: &Scene<'_, '_>,
    srs: &Srs,
    client: &RegistryClient<EmbeddedChain>,
    owned: &ModelFile,
    latent_path: &Path,
    original: &decode::Decoded,
    bundle: &Bundle,
) -> Result<(), Failure> {
    let story = scene.story;
    story.step("The same picture, claimed for another model: refused");
    // the same architecture, one weight changed until the picture notices
    let entries = secrets::latent(story.ui, latent_path)?;
    let mut found = None;
    for at in 0..64 {
        let mut weights = owned.model.weights().to_vec();
        let Some(layer) = weights.iter_mut().rev().flatten().next() else { return Err(bug()) };
        let index = at * layer.kernel.len() / 64;
        layer.kernel[index] = if layer.kernel[index] > 0 { -layer.kernel[index] } else { layer.kernel[index] + 1 };
        let Ok(other) = Model::new(owned.model.architecture().clone(), weights) else { continue };
        if other.generate(entries.entries()) != original.raster {
            found = Some(other);
            break;
        }
    }
    let other = found.ok_or_else(bug)?;
    let path = scene.own("other.model");
    let other = import::commit(srs, other, Some(10), Path::new("one weight changed"), &path, Existing::Keep)?;
    let made = other.model.generate(entries.entries());
    let different = made.pixels().iter().zip(original.raster.pixels()).filter(|(a, b)| a != b).count();
    must(different > 0, "the other model makes the same picture")?;
    story.line(&format!(
        "one weight changed gives modelHash {} and another picture ({different} pixels): the prover refuses to begin",
        hex0x(&other.model_hash)
    ));
    let import::Registrable { commitment, .. } =
        import::registrable(story.ui, scene.home, &path, Claim::AUTHENTICITY, "")?;
    let other_id = client.register_model(commitment, practice::default_registrant())?.model_id;
    let submission = registrar::submission(bundle, Some(other_id));
    let answer = client.register(&submission);
    let (reason, gas) = refusal(answer.map(|registration| sent(&registration).unwrap_or_default()))?;
    story
        .line(&format!("the proof, sent under that model's registration {other_id}: refused with {reason}, {gas} gas"));
    story.done("another_model", json!({ "different_pixels": different, "revert": reason, "gas_used": gas }));
    Ok(())
}
