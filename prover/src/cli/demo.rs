//! `veilmark demo`: the whole journey, each step of which has to have happened.

use super::{
    checking::{self, Checked, Prover},
    commit,
    estimate::Estimate,
    failure::{Exit, Failure},
    home::Home,
    lookup, machine, picture, register, scene,
    ui::{self, Report, Ui},
};
use alloy_primitives::Address;
use image::{DynamicImage, ImageFormat, codecs::jpeg::JpegEncoder, imageops::FilterType};
use serde_json::{Map, Value, json};
use std::{
    cell::RefCell,
    fs::{self, File},
    io::{self, BufWriter},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use veilmark::{
    bundle::{Binding, Bundle, hex0x},
    chain::{
        ChainError,
        embedded::CHAIN_ID,
        registry::{Registration, RegistryClient},
    },
    decode,
    files::{self, Access, FileError},
    keys::ClaimShape,
    opening::Opening,
    srs::{Existing, Srs},
};
use veilmark_circuits::{
    claims::fingerprint::FingerprintClaim,
    statement::{
        fingerprint::{Fingerprint, MATCH_DISTANCE},
        public::{Claim, FingerprintPublic},
    },
};

/// The whole journey on an embedded chain, narrated.
///
/// Commits to a picture, proves, verifies, registers; finds copies, refuses strangers and forgers. Everything happens in
/// a temporary folder, under UNSAFE development parameters. Ends with 0 only if every step did what it says.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A picture of yours: PNG or JPEG [default: one is drawn].
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
    /// Keep what is made in this folder, which must be new or empty.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

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
                    Exit::Io,
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
    Err(Failure::new(Exit::Internal, message, "please report it; with --keep DIR its files stay"))
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

fn write_png(path: &Path, picture: &DynamicImage) -> Result<(), Failure> {
    write_image(path, |file| picture.write_to(file, ImageFormat::Png))
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

pub(crate) fn run(ui: &Ui, arguments: &Arguments) -> Result<Report, Failure> {
    let begin = Instant::now();
    let folder = Folder::new(arguments.keep.as_deref())?;
    let home = Home::at(&folder.path);
    let story = Story { ui, steps: RefCell::default() };
    let own = |name: &str| folder.path.join(name);
    ui.say("Veilmark: prove where an image comes from without showing the image.");
    ui.say("Everything here is under UNSAFE development parameters, on a chain inside this process.");

    // The picture
    story.step("A picture");
    let path = match &arguments.image {
        Some(path) => path.clone(),
        None => {
            write_png(&own("picture.png"), &scene::lake().into())?;
            own("picture.png")
        }
    };
    let original = decode::decode(&path)?;
    let pdq = picture::pdq(&original);
    picture::require_quality(&pdq)?;
    let (width, height) = (original.raster.width(), original.raster.height());
    story.line(&format!("{}, {width}x{height} pixels, decoded by {}", path.display(), original.decoder));
    story.line(&format!("fingerprint {} (PDQ-512), quality {}", pdq.fingerprint, pdq.quality));
    story.done(
        "picture",
        json!({ "width": width, "height": height, "fingerprint": pdq.fingerprint.to_string(), "quality": pdq.quality }),
    );

    // The setup
    let k = FingerprintClaim::min_k(width, height)?;
    Estimate::new(Claim::Fingerprint, k).announce(ui);
    story.step("A trusted setup, for development only: its secret is public");
    let (srs, setup_time) = timed(|| {
        let progress = ui.progress(&format!("making the development setup for k = {k}"));
        let srs = Srs::dev(k, &mut |done| progress.fraction(done))?;
        srs.store(home.srs_dir(), Existing::Keep)?;
        Ok(srs)
    })?;
    story.line(&format!("{} for 2^{k} rows, {}", srs.id(), ui::seconds(setup_time)));
    story.done("setup", json!({ "k": k, "srs_id": srs.id().to_string(), "seconds": ui::json_seconds(setup_time) }));

    // Committing
    story.step("Commit: one number that hides the picture and binds to it");
    let opening_path = own("picture.opening");
    let (commitment, commit_time) =
        timed(|| commit::commit(&srs, &original, &path, &opening_path, false, Existing::Keep))?;
    let digest = hex0x(&commitment.digest());
    story.line(&format!("commitment {digest}, {}", ui::seconds(commit_time)));
    story.line("the opening file stays secret; it counts the proofs made from it");
    let (again, _) = timed(|| commit::commit(&srs, &original, &path, &own("again.opening"), false, Existing::Keep))?;
    must(again.digest() != commitment.digest(), "the same picture committed twice gave the same commitment")?;
    story.line("committed a second time, the same picture gave another number: nobody can confirm a guess");
    story.done("commit", json!({ "image_commitment": digest, "seconds": ui::json_seconds(commit_time) }));

    // Proving
    story.step("Prove, in zero knowledge: the picture under this commitment has this fingerprint");
    let shape = ClaimShape::fingerprint(width, height, k);
    let registrant = RegistryClient::default_registrant();
    let cache = home.keys()?;
    let (prover, keys_time) = timed(|| Prover::new(ui, &srs, &cache, shape.clone()))?;
    let prove = |fingerprint: Fingerprint, tolerance: u8, registrant: Address| {
        timed(|| {
            let opening = Opening::spend(&opening_path)?;
            let commitment = prover.commitment(&original, &opening)?;
            let registry = RegistryClient::address().into();
            let binding = Binding { chain_id: CHAIN_ID, registry, registrant: registrant.into() };
            let public = FingerprintPublic { fingerprint, tolerance, context: binding.context() };
            let progress = ui.progress("proving");
            prover.prove(&original, &opening, &commitment, None, &public, binding, &|phase| progress.phase(phase))
        })
    };
    let (bundle, prove_time) = prove(pdq.fingerprint, 0, registrant)?;
    bundle.write(&own("picture.veil.json"), Existing::Keep)?;
    must(bundle.image_commitment == commitment.digest(), "the proof is about another commitment")?;
    let bytes = bundle.proof.len();
    story.line(&format!("keys {}, proof {} ({bytes} bytes)", ui::seconds(keys_time), ui::seconds(prove_time)));
    story.line("proved: someone knows a picture under the commitment, and its fingerprint is exactly the public one");
    story.line(
        "not proved: who made it, or that it shows what happened; nothing of the picture is shown but the fingerprint",
    );
    story.done(
        "prove",
        json!({
            "proof_bytes": bytes, "keys_seconds": ui::json_seconds(keys_time),
            "prove_seconds": ui::json_seconds(prove_time),
        }),
    );

    // Verifying
    story.step("Verify off chain, from the bundle alone");
    let bundle = Bundle::read(&own("picture.veil.json"))?;
    let (checked, verify_time) = timed(|| checking::check(ui, &srs, &cache, &shape, &bundle))?;
    let key = match checked {
        Checked::Valid(key) => key,
        Checked::Invalid(failure) => return Err(failure),
    };
    story.line(&format!(
        "valid, {}: the verifying key was computed here, not taken from the bundle",
        ui::seconds(verify_time)
    ));
    story.done("verify", json!({ "valid": true, "seconds": ui::json_seconds(verify_time) }));

    // Registering
    story.step("Register on chain: the contract checks the proof itself");
    let client = home.registry(None)?;
    register::pin(&client, &srs, &key, &shape)?;
    let vk_hash = bundle.vk_hash.into();
    let gas_to_verify = client.verify(vk_hash, register::public_inputs(&bundle), &bundle.proof)?.gas_used;
    let registration = register::register(&client, &bundle)?;
    let sent = |registration: &Registration| registration.receipt.as_ref().map(|receipt| receipt.gas_used);
    let gas = sent(&registration).unwrap_or_default();
    must(!registration.already(), "a new chain has the record already")?;
    must(registration.record.imageCommitment.0 == commitment.digest(), "the chain has another commitment")?;
    must(registration.record.registrant == registrant, "the chain has another registrant")?;
    story
        .line(&format!("accepted: {gas} gas, of which {gas_to_verify} for a bare check of the proof as a transaction"));
    story.line(&format!("record {}, registrant {registrant}", registration.record_id));
    story.line(&format!("time {}", ui::utc(registration.record.timestamp)));
    story.done(
        "register",
        json!({ "gas_used": gas, "verify_gas": gas_to_verify, "record_id": hex0x(registration.record_id.as_slice()) }),
    );

    // Finding copies
    story.step("Copies are found by their fingerprint");
    let decoded = image::RgbImage::from_vec(width, height, original.raster.pixels().as_flattened().to_vec());
    let decoded = DynamicImage::from(decoded.unwrap_or_default());
    let jpeg = own("recompressed.jpg");
    write_image(&jpeg, |file| decoded.write_with_encoder(JpegEncoder::new_with_quality(file, 60)))?;
    let resized = own("resized.png");
    let (half_width, half_height) = ((width / 2).max(5), (height / 2).max(5));
    write_png(&resized, &decoded.resize_exact(half_width, half_height, FilterType::Triangle))?;
    let mut distances = Vec::new();
    let mut copy_fingerprint = pdq.fingerprint;
    for (what, path) in [("re-compressed as JPEG, quality 60", &jpeg), ("resized to a half", &resized)] {
        let copy = picture::pdq(&decode::decode(path)?).fingerprint;
        let hits = lookup::by_fingerprint(&client, copy)?;
        let found = hits.iter().find(|hit| hit.record_id == registration.record_id);
        must(found.is_some(), &format!("the copy {what} was not found"))?;
        let distance = found.and_then(|hit| hit.distance).unwrap_or_default();
        story.line(&format!("{what}: found, {distance} bits away (at most {MATCH_DISTANCE})"));
        distances.push(distance);
        copy_fingerprint = copy;
    }
    story.done("copies", json!({ "recompressed_distance": distances.first(), "resized_distance": distances.get(1) }));

    // A stranger
    story.step("Another picture is not found");
    let other = own("other.png");
    write_png(&other, &scene::town().into())?;
    let other = picture::pdq(&decode::decode(&other)?).fingerprint;
    let distance = other.distance(pdq.fingerprint);
    must(lookup::by_fingerprint(&client, other)?.is_empty(), "another picture was found")?;
    story.line(&format!("{distance} bits away: no record"));
    story.done("other_picture", json!({ "found": false, "distance": distance }));

    // Forgers
    story.step("Forged proofs are refused, off chain and by the contract");
    let mut damaged = bundle.clone();
    if let Some(last) = damaged.proof.last_mut() {
        *last ^= 1;
    }
    let mut refusals = Vec::new();
    for (what, forged) in [
        ("the proof, for another fingerprint", Bundle { fingerprint: other, ..bundle.clone() }),
        ("the proof, with one bit changed", damaged),
    ] {
        let Checked::Invalid(_) = checking::check(ui, &srs, &cache, &shape, &forged)? else {
            return must(false, "a forged proof passed off chain").map(|()| Report::default());
        };
        let answer = client.check(
            vk_hash,
            commitment.digest().into(),
            forged.fingerprint,
            forged.tolerance,
            registrant,
            &forged.proof,
        );
        let (reason, gas) = refusal(answer)?;
        story.line(&format!("{what}: invalid off chain; the contract reverts with {reason}, {gas} gas"));
        refusals.push(json!({ "forgery": what, "revert": reason, "gas_used": gas }));
    }
    story.done("forgeries", json!({ "refused": refusals }));

    // A copier
    story.step("A copied proof is worthless to the copier");
    let thief = Address::repeat_byte(0x66);
    let stolen = client.register(vk_hash, bundle.fingerprint, bundle.tolerance, thief, &bundle.proof);
    let (reason, gas) = refusal(stolen.map(|registration| sent(&registration).unwrap_or_default()))?;
    story.line(&format!("the same proof sent by {thief}: refused with {reason}, {gas} gas"));
    must(client.record_count()? == 1, "the chain has records that nobody may have made")?;
    story.done("copied_proof", json!({ "revert": reason, "gas_used": gas }));

    // One commitment, many proofs
    story.step("A second proof from the same opening: for another registrant, against the resized copy's fingerprint");
    let publisher = Address::repeat_byte(0x77);
    let (second, second_time) = prove(copy_fingerprint, MATCH_DISTANCE, publisher)?;
    must(second.image_commitment == bundle.image_commitment, "two proofs from one opening have two commitments")?;
    must(second.proof != bundle.proof, "two proofs are the same bytes")?;
    let Checked::Valid(_) = checking::check(ui, &srs, &cache, &shape, &second)? else {
        return must(false, "the second proof is invalid").map(|()| Report::default());
    };
    let second_registration = register::register(&client, &second)?;
    let records = client.records_by_commitment(commitment.digest().into())?.len();
    must(records == 2, "the chain does not join the two proofs by their commitment")?;
    let made = Opening::read(&opening_path)?.proofs_made;
    must(made == 2, "the opening did not count its proofs")?;
    story.line(&format!(
        "the same commitment, other bytes, {}; registered for {} gas",
        ui::seconds(second_time),
        sent(&second_registration).unwrap_or_default()
    ));
    story
        .line(&format!("the chain now has {records} records about this commitment; the opening counted {made} proofs"));
    story.done(
        "second_proof",
        json!({
            "prove_seconds": ui::json_seconds(second_time), "gas_used": sent(&second_registration),
            "same_commitment": true,
        }),
    );

    let total = begin.elapsed();
    ui.say(
        "\nWhat a match means: this fingerprint was registered, by this registrant, at this time, for a hidden picture",
    );
    ui.say(
        "under this commitment. Anyone can make a picture with any given fingerprint: identity comes from commitment,",
    );
    ui.say("registrant and time, never from the fingerprint alone.");
    let peak = machine::peak_memory();
    let peak_text = peak.map_or_else(String::new, |peak| format!(", {} of memory at most", ui::bytes(peak)));
    ui.say(&format!("\nAll of this happened: {} in total{peak_text}.", ui::seconds(total)));
    if let Some(keep) = &arguments.keep {
        ui.say(&format!(
            "Its files are in {}; VEILMARK_HOME={} lets the other commands use them.",
            keep.display(),
            keep.display()
        ));
    }
    let json = json!({
        "ok": true, "steps": story.steps.into_inner(), "proof_bytes": bytes, "register_gas": gas,
        "verify_gas": gas_to_verify, "prove_seconds": ui::json_seconds(prove_time),
        "total_seconds": ui::json_seconds(total), "peak_memory_bytes": peak, "unsafe_development": true,
        "kept": arguments.keep.as_deref().map(ui::json_path),
    });
    Ok(Report::new(json, ""))
}
