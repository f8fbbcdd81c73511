//! `veilmark verify`.

use crate::{
    commands::{
        chain::{
            connection::ChainArguments,
            lookup,
            reach::{self, AnyChain, Reached},
            register,
        },
        image::{
            checking, picture,
            very::{self, Commitments, Verdicts},
        },
    },
    failure::{Failure, Kind},
    hearing::Hearing,
    home::Home,
    output::{self, Report, Ui},
    secrets,
};
use alloy_primitives::{Address, B256};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    time::Instant,
};
use veilmark::{
    bundle::Bundle,
    chain::{Chain, client::records::Status, practice},
    files::hex0x,
    keys,
    srs::SrsId,
    verifying::{self, Verified},
};
use veilmark_circuits::statement::fingerprint::{Fingerprint, MATCH_DISTANCE};
use veilmark_contract_bindings::claims;

/// Check a proof, offline but for what is asked of a chain.
///
/// Four verdicts, apart from each other: the proof (is the statement proved?), the file match (is a published picture
/// near the fingerprint? only with --image, and for a committed fingerprint --fingerprint), the very picture (is it, pixel for
/// pixel, the one that was committed to? only with --image and --opening or --disclosure), the registration (is it on
/// chain, and does it count? only with --rpc or --chain). The verifying key is computed here, from the claim, the size and
/// the trusted setup, and never taken from the bundle.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The bundle that veilmark prove wrote.
    #[arg(required_unless_present = "commitment")]
    bundle: Option<PathBuf>,
    /// No bundle, but the commitment itself, as a record has it: is a picture published later the very one, or are these the words?
    #[arg(long, value_name = "HASH", conflicts_with_all = ["bundle", "fingerprint", "chain", "rpc"])]
    commitment: Option<B256>,
    /// In a claim with a model: the model's public file, or its owner's. The verifying key follows from it.
    #[arg(long, value_name = "M.pub")]
    model: Option<PathBuf>,
    /// A published picture to compare with the fingerprint.
    #[arg(long, value_name = "PUBLISHED")]
    image: Option<PathBuf>,
    #[command(flatten)]
    reading: picture::Reading,
    #[command(flatten)]
    very: very::Arguments,
    /// Of a committed fingerprint: its file, from whoever proved. It must open the salted hash of the proof.
    #[arg(long, value_name = "X.fingerprint")]
    fingerprint: Option<PathBuf>,
    /// Take a proof under the unsafe development parameters for good. Anyone can forge one.
    #[arg(long)]
    allow_unsafe: bool,
    /// Take a proof under the setup of this id for good, though no ceremony pinned in this program made it. Whoever
    /// made it can forge one, unless its secret is forgotten.
    #[arg(long, value_name = "ID")]
    trust_id: Option<SrsId>,
    /// Take a registration for good though nobody said whose registry it is in. Anyone can make a registry of their own.
    #[arg(long, requires = "rpc")]
    any_registry: bool,
    #[command(flatten)]
    chain: ChainArguments,
}

const NOT_PROVED: &str = "who made the picture, that it is authentic, or that another picture with this fingerprint \
is the same one. Anyone can make a picture with any given fingerprint; it finds and matches. Whoever has a picture can commit \
to it, and whoever knows a latent may copy its latent's picture: neither says who was first. Identity comes from the \
commitment, the registrant and the time on chain";

/// What is not proved of a model.
const NOT_PROVED_OF_MODELS: &str =
    "nor that the model is a generator: it may copy its latent, or hold the picture in its weights";

/// What is not proved of a bundle's statement.
fn not_proved(bundle: &Bundle) -> String {
    if bundle.claim.has_model() { format!("{NOT_PROVED}; {NOT_PROVED_OF_MODELS}") } else { NOT_PROVED.to_owned() }
}

/// The largest distance at which a picture may still be a crop of the one in question.
const NEAR_MISS: u32 = 60;

/// What a distance just above the limit may mean; nothing for one that is far.
pub(crate) fn near_miss(distance: u32) -> &'static str {
    if (u32::from(MATCH_DISTANCE) + 1..=NEAR_MISS).contains(&distance) {
        ". That is not a match, but near: a crop or border of more than 3 %, a caption, or a turn does this to the same \
         picture, and so may an unlike picture by chance"
    } else {
        ""
    }
}

/// The setup is of no ceremony pinned here: it is worth what whoever made it is worth.
fn unknown_setup(what: &str, id: SrsId) -> Failure {
    Failure::new(
        Kind::UntrustedSetup,
        format!("the {what} is under trusted setup {id}, of no ceremony known here: who made it may know its secret"),
        "ask for a proof under a ceremony's parameters; --trust-id ID takes it, if you trust whoever told you the id",
    )
}

/// The verdict on the proof; a failure makes the answer no.
fn proof_verdict(
    ui: &Ui,
    home: &Home,
    bundle: &Bundle,
    arguments: &Arguments,
) -> Result<(&'static str, Option<Failure>), Failure> {
    let untrusted = || {
        Failure::new(
            Kind::UntrustedSetup,
            "the proof is under unsafe development parameters, whose secret is public: anyone can forge it",
            "ask for a proof under a ceremony's parameters; --allow-unsafe is for development",
        )
    };
    let unsafe_refused = bundle.srs_id.is_unsafe() && !arguments.allow_unsafe;
    let shape = checking::shape_of(ui, bundle, arguments.model.as_deref())?;
    if let Some(architecture) = shape.architecture().filter(|architecture| architecture.may_copy_its_latent()) {
        ui.warn(&format!("{}: it may only copy what it is given", checking::latent_share(architecture)));
    }
    let verified = match verifying::verify(home.store(), bundle, &shape, &Hearing::new(ui)) {
        Ok(verified) => verified,
        // What is not trusted anyway need not be fetched.
        Err(veilmark::Error::Setup(_)) if unsafe_refused => return Ok(("not checked", Some(untrusted()))),
        Err(error) => return Err(error.into()),
    };
    // That a setup lies in the folder says nothing about who made it.
    let Verified { invalid, setup, .. } = verified;
    let known = setup.is_unsafe() || setup.ceremony().is_some() || arguments.trust_id == Some(setup.id());
    Ok(match invalid {
        Some(invalid) => ("invalid", Some(invalid.into())),
        None if unsafe_refused => ("valid under untrusted parameters", Some(untrusted())),
        None if !known => ("valid under untrusted parameters", Some(unknown_setup("proof", setup.id()))),
        None => ("valid", None),
    })
}

/// The verdict on the registration: in words, with the record, and why the answer is no.
struct Registered {
    text: String,
    json: Value,
    failure: Option<Failure>,
}

impl Registered {
    fn no(verdict: &str, failure: Failure) -> Self {
        let text = format!("{verdict}: {}", failure.message);
        Self { text, json: json!({ "verdict": verdict }), failure: Some(failure) }
    }
}

fn registration(ui: &Ui, home: &Home, bundle: &Bundle, arguments: &Arguments) -> Result<Option<Registered>, Failure> {
    let registry = Address::from(bundle.binding.registry);
    if let Some(node) = arguments.chain.node(ui, None)? {
        let got = node.chain_id()?;
        if got != bundle.binding.chain_id {
            let message = format!("the proof is for chain {}, the node's is {got}", bundle.binding.chain_id);
            let failure = Failure::new(Kind::WrongChain, message, "name a node of the proof's chain");
            return Ok(Some(Registered::no("another chain", failure)));
        }
        let manifest = match arguments.chain.registry {
            Some(_) => None,
            None => reach::manifest(home, &arguments.chain, got)?,
        };
        let known = arguments.chain.registry.or(manifest.as_ref().map(|(_, one)| one.deployment().content()));
        if known.is_some_and(|known| known != registry) {
            let message = format!("the proof is for registry {registry}, which is not the one known here");
            let failure = Failure::new(Kind::Mismatch, message, "name the registry you trust with --registry");
            return Ok(Some(Registered::no("another registry", failure)));
        }
        // The registry that the proof names may be anybody's: its address has to follow from this program's contracts.
        let node: AnyChain = Box::new(node);
        let reached = match &manifest {
            Some((_, manifest)) => Reached::of(node, manifest.deployment(), manifest.first_block),
            None => Reached::registry(node, registry)?,
        };
        return record(&reached, bundle, arguments, known.is_some()).map(Some);
    }
    if arguments.chain.chain.is_some() {
        register::require_practice(bundle)?;
        let reached = Reached::existing(ui, home, &arguments.chain, None)?;
        return record(&reached, bundle, arguments, true).map(Some);
    }
    Ok(None)
}

/// What the chain has of a bundle's statement. The bundle's key was made again here, so a key that the router's owner did not
/// review is reviewed now.
fn record(reached: &Reached, bundle: &Bundle, arguments: &Arguments, vouched: bool) -> Result<Registered, Failure> {
    let client = &reached.client;
    let Some(stored) = register::registrar(reached).existing(bundle)? else {
        let message = "the chain has no record of this statement by this registrant";
        let failure = Failure::new(Kind::NotRegistered, message, "veilmark register BUNDLE registers it");
        return Ok(Registered::no("not registered", failure));
    };
    let missing = || {
        let failure = Failure::new(
            Kind::NodeUntrustworthy,
            "the chain has a record under a key that its router does not know",
            "do not believe this node; ask another",
        );
        Registered::no("contradiction", failure)
    };
    let (Some(standing), Some(claim)) =
        (client.standing(bundle.vk_hash.into())?, client.claim(claims::of(bundle.claim).id)?)
    else {
        return Ok(missing());
    };
    let ours = claims::of(bundle.claim);
    if standing.claimId != ours.id || !ours.verifier.is_code_of(&reached.chain().code(claim.verifier)?) {
        let message = format!("the verifier {} that the chain trusts is not this program's", claim.verifier);
        let failure = Failure::new(Kind::UntrustedDeployment, message, "do not rely on this deployment");
        return Ok(Registered::no("unknown verifier", failure));
    }
    let (entry, status) = (&stored.entry, stored.status);
    let counts = matches!(status, Status::Valid | Status::Unreviewed | Status::ValidBeforeStop);
    let accepted = vouched || arguments.any_registry;
    let mut verdict = match status {
        Status::Valid | Status::Unreviewed if vouched => "registered".to_owned(),
        Status::Valid | Status::Unreviewed => "registered in a registry nobody vouched for".to_owned(),
        Status::ValidBeforeStop => "registered before the stop".to_owned(),
        status => lookup::status_name(status).to_owned(),
    };
    let (time, registry) = (output::utc(entry.timestamp), client.deployment().content());
    let chain_id = reached.chain().chain_id()?;
    let reserved = stored.reserved_at();
    let mut text = format!("{verdict}: {time}, block {}", entry.blockNumber);
    if let Some(time) = reserved {
        text.push_str(&format!(", reserved {}", output::utc(time)));
    }
    text.push_str(&format!(", registry {registry} on chain {chain_id}"));
    if status == Status::Unreviewed {
        text.push_str("; its key was not reviewed by the router's owner, and was made again here");
    }
    if let Some(ending) = lookup::ending(&standing) {
        text.push_str(&format!("; {ending}"));
    }
    if reached.is_practice() {
        text.push_str(&format!("; {}", practice::NOTICE));
        verdict.push_str(" on a practice chain");
    }
    let json = json!({
        "verdict": if reached.is_practice() { "registered" } else { verdict.as_str() }, "record_id": stored.record_id,
        "timestamp": entry.timestamp, "time": time, "block": entry.blockNumber, "status": lookup::status_name(status),
        "registry": output::account(registry), "router": output::account(client.deployment().router()),
        "chain_id": chain_id, "registry_known": vouched, "registrant": output::account(stored.record.registrant),
        "reserved_at": reserved, "reserved_time": reserved.map(output::utc), "reviewed": standing.reviewed,
        "ended_at": (standing.endedAt != 0).then_some(standing.endedAt),
        "doubtful_since": (standing.endedAt != 0).then_some(standing.doubtfulSince),
        "practice_chain": reached.is_practice(),
    });
    let failure = match (counts, accepted) {
        (false, _) => {
            let message = format!("the record does not count any more: {verdict}");
            Some(Failure::new(Kind::NotRegistered, message, "ask the registrant, or whoever runs the registry"))
        }
        (true, false) => {
            let message =
                format!("it is registered in {registry}, a registry that nobody vouched for: anyone can make one");
            let hint = "name the registry you trust (--registry ADDRESS, or its manifest with --contracts FILE); \
                        --any-registry takes this one for good";
            Some(Failure::new(Kind::UntrustedDeployment, message, hint))
        }
        (true, true) => None,
    };
    Ok(Registered { text, json, failure })
}

/// The fingerprint to compare with: the public one, or the one that its file opens the salted hash to.
fn opened(
    ui: &Ui,
    home: &Home,
    bundle: &Bundle,
    arguments: &Arguments,
    about_a_picture: bool,
) -> Result<Option<Fingerprint>, Failure> {
    // whoever asks whether it is the very picture need not compare fingerprints
    let compared = arguments.image.is_some() && !about_a_picture;
    let usage = |message: String, hint| Err(Failure::new(Kind::Usage, message, hint));
    let name = bundle.claim.name();
    match &arguments.fingerprint {
        Some(_) if !bundle.claim.hides_fingerprint() => {
            usage(format!("the {name} claim hides no fingerprint"), "leave --fingerprint out")
        }
        Some(path) => {
            let at = |failure: Failure| failure.at(path);
            let file = secrets::fingerprint(ui, path)?;
            let srs = home.load_srs(ui, bundle.k, Some(bundle.srs_id))?;
            // from points of somebody's choice a file opens whatever hash they like; a key that is kept asks nothing of them
            keys::check_powers(&srs, &|text| ui.note(text))?;
            let (expected, got) = (bundle.fingerprint, checking::committed(&file, &srs)?.digest());
            if got != expected.to_bytes() {
                let message = format!("its salted hash is {}, the proof's is {expected}", hex::encode(got));
                let hint = "ask whoever made the proof for the file that was written beside it";
                return Err(at(Failure::new(Kind::Mismatch, message, hint)));
            }
            Ok(Some(file.fingerprint))
        }
        None if compared && !bundle.claim.has_fingerprint() => usage(
            format!("the {name} claim names no fingerprint to compare a picture with"),
            "leave --image out, or ask for a proof of the authenticity claim",
        ),
        None if compared && !bundle.claim.shows_fingerprint() => usage(
            "the fingerprint is committed, and cannot be compared with a picture without its file".into(),
            "ask whoever made the proof for the file and name it with --fingerprint, or leave --image out",
        ),
        None => Ok(bundle.claim.shows_fingerprint().then_some(bundle.fingerprint)),
    }
}

/// The statement in words.
fn proved(bundle: &Bundle) -> String {
    let ((width, height), commitment) = (bundle.size, hex0x(&bundle.image_commitment()));
    let mut clauses = Vec::new();
    if let (Some(model), Some(prompt)) = (bundle.model_hash(), bundle.prompt_commitment()) {
        clauses.push(format!("model {} made it from the latent under commitment {}", hex0x(&model), hex0x(&prompt)));
    }
    let near = format!("its fingerprint is at most {} bits from", bundle.tolerance);
    if bundle.claim.shows_fingerprint() {
        clauses.push(format!("{near} {}", bundle.fingerprint));
    } else if bundle.claim.has_fingerprint() {
        clauses.push(format!("{near} the one whose salted hash is {}", bundle.fingerprint));
    }
    format!(
        "someone who knew a {width}x{height} picture under commitment {commitment} proved that {}, for registrant {}",
        clauses.join(" and that "),
        Address::from(bundle.binding.registrant)
    )
}

/// Why a commitment binds nobody, if its setup is not trusted.
fn not_binding(home: &Home, (id, k): (SrsId, u32), arguments: &Arguments) -> Result<Option<Failure>, Failure> {
    if id.is_unsafe() {
        return Ok((!arguments.allow_unsafe).then(|| {
            Failure::new(
                Kind::UntrustedSetup,
                "the commitment is under unsafe development parameters: anyone can open it to any picture or prompt",
                "ask for a commitment under a ceremony's parameters; --allow-unsafe is for development",
            )
        }));
    }
    let known = arguments.trust_id == Some(id) || home.store().verifier_setup(k, id)?.ceremony().is_some();
    Ok((!known).then(|| unknown_setup("commitment", id)))
}

/// Why the verdicts on picture and prompt bind nobody, if they do not; a yes says so then.
fn weakened(home: &Home, arguments: &Arguments, verdicts: &mut Verdicts) -> Result<Option<Failure>, Failure> {
    for setup in verdicts.setups.clone() {
        if let Some(failure) = not_binding(home, setup, arguments)? {
            verdicts.picture.weaken();
            verdicts.prompt.weaken();
            return Ok(Some(failure));
        }
    }
    Ok(None)
}

/// The verdicts about a commitment that comes without a bundle.
fn of_commitment(ui: &Ui, home: &Home, commitment: B256, arguments: &Arguments) -> Result<Report, Failure> {
    let files = arguments.very.read()?;
    if arguments.very.opening.is_none() && files.is_empty() {
        let hint = "--image P with --disclosure FILE or --opening FILE; veilmark lookup COMMITMENT asks a chain for its records";
        return Err(Failure::new(Kind::Usage, "a commitment alone shows nothing: name what shows its picture", hint));
    }
    if files.len() > 1 {
        let message = "one commitment is not of a picture and of a prompt";
        return Err(Failure::new(Kind::Usage, message, "name the disclosure of this commitment"));
    }
    let image = arguments.image.as_deref().map(|path| (path, &arguments.reading));
    if image.is_some() && !arguments.very.about_a_picture(&files) {
        let message = "the disclosure is of a prompt, and a picture is named";
        return Err(Failure::new(Kind::Usage, message, "leave --image out, or name the picture's disclosure"));
    }
    let commitments = Commitments { picture: Some(commitment.0), prompt: Some(commitment.0) };
    let mut verdicts = arguments.very.verdicts(ui, home, commitments, &files, image, arguments.model.as_deref())?;
    let not_binding = weakened(home, arguments, &mut verdicts)?;
    let failure = verdicts.picture.failure.clone().or_else(|| verdicts.prompt.failure.clone()).or(not_binding);
    let setup = verdicts.setups.first().copied();
    let is_unsafe = setup.is_some_and(|(id, _)| id.is_unsafe());
    let json = json!({
        "commitment": commitment, "bundle": Value::Null,
        "verdicts": { "very_picture": verdicts.picture.json, "very_prompt": verdicts.prompt.json },
        "srs_id": setup.map(|(id, _)| id.word()), "unsafe_development": is_unsafe,
        "image": very::json_path(arguments.image.as_ref()),
    });
    let mut rows = very::rows(&verdicts);
    if arguments.image.is_none() {
        rows.remove(0);
    }
    if is_unsafe {
        rows.push(("parameters", "UNSAFE development parameters: anyone can open a commitment to anything".to_owned()));
    }
    Ok(Report { failure, ..Report::new(json, output::table(&rows)) })
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    match (&arguments.bundle, arguments.commitment) {
        (Some(path), _) => of_bundle(ui, home, path, arguments),
        (None, Some(commitment)) => of_commitment(ui, home, commitment, arguments),
        // the definition of the arguments asks for one of them
        (None, None) => Err(Failure::new(Kind::Usage, "no bundle is named", "veilmark verify BUNDLE")),
    }
}

fn of_bundle(ui: &Ui, home: &Home, path: &Path, arguments: &Arguments) -> Result<Report, Failure> {
    let bundle = checking::read_bundle(path)?;
    let files = arguments.very.read()?;
    let about_a_picture = arguments.very.about_a_picture(&files);
    let fingerprint = opened(ui, home, &bundle, arguments, about_a_picture)?;
    let published = match &arguments.image {
        Some(path) => Some(arguments.reading.fingerprint(ui, path)?),
        None => None,
    };
    let commitments = Commitments { picture: Some(bundle.image_commitment()), prompt: bundle.prompt_commitment() };
    let image = arguments.image.as_deref().filter(|_| about_a_picture).map(|path| (path, &arguments.reading));
    let mut very = arguments.very.verdicts(ui, home, commitments, &files, image, arguments.model.as_deref())?;
    let start = Instant::now();
    let (proof, mut failure) = proof_verdict(ui, home, &bundle, arguments)?;
    let time = start.elapsed();

    let distance = published.as_ref().zip(fingerprint).map(|(picture, own)| picture.pdq.fingerprint.distance(own));
    let (file_match, file_text) = match distance {
        None if published.is_some() && bundle.claim.hides_fingerprint() => {
            ("not asked", "not asked (the fingerprint is hidden: --fingerprint FILE opens its salted hash)".to_owned())
        }
        None => ("not asked", "not asked (--image compares a published picture)".to_owned()),
        Some(distance) if distance <= u32::from(MATCH_DISTANCE) => (
            "match",
            format!(
                "match: {distance} bits from the fingerprint (at most {MATCH_DISTANCE}){}",
                if about_a_picture {
                    ""
                } else {
                    ". Whether it is the very picture under the commitment cannot be known without its owner's \
                     --opening, or a --disclosure from them"
                }
            ),
        ),
        Some(distance) => {
            ("no match", format!("no match: {distance} bits from the fingerprint{}", near_miss(distance)))
        }
    };
    if let (Some(distance), "no match", None) = (distance, file_match, &failure) {
        failure = Some(Failure::new(
            Kind::Mismatch,
            format!("the published picture is {distance} bits from the fingerprint, more than {MATCH_DISTANCE}"),
            if near_miss(distance).is_empty() {
                "the proof is about another picture than this one"
            } else {
                "compare with the whole picture, without border or caption; this distance accuses nobody"
            },
        ));
    }

    let registered = registration(ui, home, &bundle, arguments)?;
    let (registered_json, registered_text) = match &registered {
        None => (json!({ "verdict": "not checked" }), "not checked (--rpc URL or --chain DIR asks a chain)".to_owned()),
        Some(registered) => (registered.json.clone(), registered.text.clone()),
    };
    let not_binding = weakened(home, arguments, &mut very)?;
    failure = failure.or(very.picture.failure.clone()).or(very.prompt.failure.clone()).or(not_binding);
    failure = failure.or(registered.and_then(|registered| registered.failure));
    let proved = (proof == "valid").then(|| proved(&bundle));
    let json = json!({
        "bundle": output::json_path(path),
        "verdicts": {
            "proof": { "verdict": proof, "unsafe_development": bundle.srs_id.is_unsafe() },
            "file_match": { "verdict": file_match, "distance": distance, "max_distance": MATCH_DISTANCE },
            "very_picture": very.picture.json, "very_prompt": very.prompt.json,
            "registration": registered_json,
        },
        "claim": bundle.claim.name(), "model_hash": bundle.model_hash().map(|hash| hex0x(&hash)),
        "prompt_commitment": bundle.prompt_commitment().map(|digest| hex0x(&digest)), "image_commitment": hex0x(&bundle.image_commitment()),
        "fingerprint": bundle.fingerprint.to_string(),
        "fingerprint_committed": bundle.claim.hides_fingerprint(),
        "opened_fingerprint": fingerprint.filter(|_| arguments.fingerprint.is_some()).map(|own| own.to_string()),
        "tolerance": bundle.tolerance, "registrant": output::account(bundle.binding.registrant.into()), "srs_id": bundle.srs_id.word(),
        "vk_hash": hex0x(&bundle.vk_hash), "proved": proved, "not_proved": not_proved(&bundle),
        "seconds": output::json_seconds(time),
        "notes": published.map(|picture| picture::json_notes(&picture.notes)).unwrap_or_else(|| json!([])),
    });
    let mut rows = vec![("proof", format!("{proof} ({})", output::seconds(time))), ("file match", file_text)];
    rows.extend(very::rows(&very));
    rows.push(("registration", registered_text));
    if let (Some(fingerprint), Some(_)) = (fingerprint, &arguments.fingerprint) {
        rows.push(("fingerprint", format!("{fingerprint}, which opens the salted hash")));
    }
    if bundle.srs_id.is_unsafe() {
        rows.push(("parameters", "UNSAFE development parameters: anyone can forge a proof".to_owned()));
    }
    let mut text = output::table(&rows);
    if let Some(proved) = &proved {
        text = format!("{text}\n\nproved: {proved}\nnot proved: {}", not_proved(&bundle));
    }
    Ok(Report { failure, ..Report::new(json, text) })
}
