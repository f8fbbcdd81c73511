//! `veilmark verify`.

use super::{
    checking::{self, Checked},
    connection::ChainArguments,
    failure::{Exit, Failure},
    home::Home,
    lookup, picture,
    ui::{self, Report, Ui},
};
use alloy_primitives::Address;
use serde_json::{Value, json};
use std::{path::PathBuf, time::Instant};
use veilmark::{
    bundle::Bundle,
    chain::{
        Chain, ChainError,
        embedded::CHAIN_ID,
        registry::{Deployment, RegistryClient, Status, statement_of},
    },
    files::hex0x,
    fingerprint_file::FingerprintFile,
    keys,
    srs::SrsId,
};
use veilmark_circuits::statement::{
    fingerprint::{Fingerprint, MATCH_DISTANCE},
    public::Claim,
};
use veilmark_verifier_contract::artifacts;

/// Check a proof, offline but for what is asked of a chain.
///
/// Three verdicts, apart from each other: the proof (is the statement proved?), the file match (is a published picture
/// near the fingerprint? only with --image, and for a committed fingerprint --fingerprint), the registration (is it on
/// chain, and does it count? only with --rpc or --chain). The verifying key is computed here, from the claim, the size and
/// the trusted setup, and never taken from the bundle.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The bundle that veilmark prove wrote.
    bundle: PathBuf,
    /// In a claim with a model: the model's public file, or its owner's. The verifying key follows from it.
    #[arg(long, value_name = "M.pub")]
    model: Option<PathBuf>,
    /// A published picture to compare with the fingerprint.
    #[arg(long, value_name = "PUBLISHED")]
    image: Option<PathBuf>,
    #[command(flatten)]
    reading: picture::Reading,
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
    #[command(flatten)]
    chain: ChainArguments,
}

const NOT_PROVED: &str = "not proved: who made the picture, that it is authentic, or that another picture with this fingerprint \
is the same one. Anyone can make a picture with any given fingerprint; it finds and matches. Identity comes from the \
commitment, the registrant and the time on chain";

/// The setup is of no ceremony pinned here: it is worth what whoever made it is worth.
fn unknown_setup(id: SrsId) -> Failure {
    Failure::new(
        Exit::Untrusted,
        format!("the proof is under trusted setup {id}, of no ceremony known here: who made it may know its secret"),
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
            Exit::Untrusted,
            "the proof is under unsafe development parameters, whose secret is public: anyone can forge it",
            "ask for a proof under a ceremony's parameters; --allow-unsafe is for development",
        )
    };
    let unsafe_refused = bundle.srs_id.is_unsafe() && !arguments.allow_unsafe;
    let shape = checking::shape_of(bundle, arguments.model.as_deref())?;
    let srs = match home.load_srs(ui, bundle.k, Some(bundle.srs_id)) {
        Ok(srs) => srs,
        // What is not trusted anyway need not be fetched.
        Err(_) if unsafe_refused => return Ok(("not checked", Some(untrusted()))),
        Err(failure) => return Err(failure),
    };
    // That a setup lies in the folder says nothing about who made it.
    let known = srs.is_unsafe() || srs.ceremony().is_some() || arguments.trust_id == Some(srs.id());
    Ok(match checking::check(ui, &srs, &home.keys()?, &shape, bundle)? {
        Checked::Invalid(failure) => ("invalid", Some(failure)),
        Checked::Valid(_) if unsafe_refused => ("valid under untrusted parameters", Some(untrusted())),
        Checked::Valid(_) if !known => ("valid under untrusted parameters", Some(unknown_setup(srs.id()))),
        Checked::Valid(_) => ("valid", None),
    })
}

/// The verdict on the registration: in words, with the record, and why the answer is no.
struct Registered {
    text: String,
    json: Value,
    failure: Option<Failure>,
}

impl Registered {
    fn no(verdict: &'static str, failure: Failure) -> Self {
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
            let failure = Failure::new(Exit::Mismatch, message, "name a node of the proof's chain");
            return Ok(Some(Registered::no("another chain", failure)));
        }
        let known = match arguments.chain.registry {
            Some(registry) => Some(registry),
            None => arguments.chain.file(home, got)?.map(|file| file.content),
        };
        if known.is_some_and(|known| known != registry) {
            let message = format!("the proof is for registry {registry}, which is not the one known here");
            let failure = Failure::new(Exit::Mismatch, message, "name the registry you trust with --registry");
            return Ok(Some(Registered::no("another registry", failure)));
        }
        // The registry that the proof names may be anybody's: its code has to be this program's, and what its router
        // trusts is compared with what was computed here.
        let deployment = Deployment::of_registry(&node, registry)?;
        return record(&RegistryClient::new(node, deployment), bundle, known.is_some()).map(Some);
    }
    if let Some(folder) = &arguments.chain.chain {
        super::register::require_binding(bundle, CHAIN_ID, RegistryClient::address())?;
        let client = home.existing_registry(Some(folder))?.ok_or_else(|| {
            Failure::new(Exit::Io, format!("there is no chain in {}", folder.display()), "check --chain")
        })?;
        return record(&client, bundle, true).map(Some);
    }
    Ok(None)
}

/// What the chain has of a bundle's statement.
fn record<C: Chain>(client: &RegistryClient<C>, bundle: &Bundle, known: bool) -> Result<Registered, Failure> {
    let record_id = super::register::record_id(bundle);
    let record = match client.record(record_id) {
        Ok(record) => record,
        Err(ChainError::NotRegistered { .. }) => {
            let message = "the chain has no record of this statement by this registrant";
            let failure = Failure::new(Exit::NotRegistered, message, "veilmark register BUNDLE registers it");
            return Ok(Registered::no("not registered", failure));
        }
        Err(error) => return Err(error.into()),
    };
    let said = (record.imageCommitment.0, record.vkHash.0, Address::from(bundle.binding.registrant));
    if said != (bundle.image_commitment, bundle.vk_hash, record.registrant) {
        let message = "the record that the chain gives is of another statement";
        let failure = Failure::new(Exit::Io, message, "do not believe this node; ask another");
        return Ok(Registered::no("contradiction", failure));
    }
    let key = client.pin(bundle.vk_hash.into())?;
    let verifier = client.chain().code(key.verifier)?;
    if key.statement != statement_of(bundle.claim) || !artifacts::verifier(bundle.claim).is_code_of(&verifier) {
        let message = format!("the verifier {} that the chain trusts is not this program's", key.verifier);
        let failure = Failure::new(Exit::Untrusted, message, "do not rely on this deployment");
        return Ok(Registered::no("unknown verifier", failure));
    }
    let status = client.status(record_id)?;
    let verdict = match status {
        Status::Valid => "registered",
        status => lookup::status_name(status),
    };
    let (time, registry) = (ui::utc(record.timestamp), client.deployment().content);
    let whose = if known { "" } else { "; whose registry this is was not told here (--registry, --contracts)" };
    let reserved = lookup::reserved_at(&record);
    let earlier = reserved.map_or_else(String::new, |time| format!(", reserved {}", ui::utc(time)));
    let text = format!("{verdict}: {time}, block {}{earlier}, registry {registry}{whose}", record.blockNumber);
    let json = json!({
        "verdict": verdict, "record_id": record_id, "timestamp": record.timestamp, "time": time,
        "block": record.blockNumber, "registry": registry, "router": client.deployment().router,
        "registry_known": known, "registrant": record.registrant, "reserved_at": reserved,
        "reserved_time": reserved.map(ui::utc),
    });
    let failure = (status != Status::Valid).then(|| {
        let message = format!("the record does not count any more: {verdict}");
        Failure::new(Exit::NotRegistered, message, "ask the registrant, or whoever runs the registry")
    });
    Ok(Registered { text, json, failure })
}

/// The fingerprint to compare with: the public one, or the one that its file opens the salted hash to.
fn opened(ui: &Ui, home: &Home, bundle: &Bundle, arguments: &Arguments) -> Result<Option<Fingerprint>, Failure> {
    let usage = |message: String, hint| Err(Failure::new(Exit::Usage, message, hint));
    let name = bundle.claim.name();
    match &arguments.fingerprint {
        Some(_) if bundle.claim != Claim::CommittedFingerprint => {
            usage(format!("the {name} claim hides no fingerprint"), "leave --fingerprint out")
        }
        Some(path) => {
            let at = |failure: Failure| failure.at(path);
            let file = FingerprintFile::read(path).map_err(|error| at(error.into()))?;
            let srs = home.load_srs(ui, bundle.k, Some(bundle.srs_id))?;
            // from points of somebody's choice a file opens whatever hash they like; a key that is kept asks nothing of them
            keys::check_powers(&srs, &|text| ui.note(text))?;
            let (expected, got) = (bundle.fingerprint, checking::committed(&file, &srs)?.digest());
            if got != expected.to_bytes() {
                let message = format!("its salted hash is {}, the proof's is {expected}", hex::encode(got));
                let hint = "ask whoever made the proof for the file that was written beside it";
                return Err(at(Failure::new(Exit::Mismatch, message, hint)));
            }
            Ok(Some(file.fingerprint))
        }
        None if arguments.image.is_some() && !bundle.claim.has_fingerprint() => usage(
            format!("the {name} claim names no fingerprint to compare a picture with"),
            "leave --image out, or ask for a proof of the authenticity claim",
        ),
        None if arguments.image.is_some() && !bundle.claim.shows_fingerprint() => usage(
            "the fingerprint is committed, and cannot be compared with a picture without its file".into(),
            "ask whoever made the proof for the file and name it with --fingerprint, or leave --image out",
        ),
        None => Ok(bundle.claim.shows_fingerprint().then_some(bundle.fingerprint)),
    }
}

/// The statement in words.
fn proved(bundle: &Bundle) -> String {
    let ((width, height), commitment) = (bundle.size, hex0x(&bundle.image_commitment));
    let mut clauses = Vec::new();
    if let Some(model) = bundle.model {
        clauses.push(format!(
            "model {} made it from the latent under commitment {}",
            hex0x(&model.model_hash),
            hex0x(&model.prompt_commitment)
        ));
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
        hex0x(&bundle.binding.registrant)
    )
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    let bundle = checking::read_bundle(&arguments.bundle)?;
    let fingerprint = opened(ui, home, &bundle, arguments)?;
    let published = match &arguments.image {
        Some(path) => Some(arguments.reading.fingerprint(ui, path)?),
        None => None,
    };
    let start = Instant::now();
    let (proof, mut failure) = proof_verdict(ui, home, &bundle, arguments)?;
    let time = start.elapsed();

    let distance = published.as_ref().zip(fingerprint).map(|(picture, own)| picture.pdq.fingerprint.distance(own));
    let (file_match, file_text) = match distance {
        None => ("not asked", "not asked (--image compares a published picture)".to_owned()),
        Some(distance) if distance <= u32::from(MATCH_DISTANCE) => (
            "match",
            format!(
                "match: {distance} bits from the fingerprint (at most {MATCH_DISTANCE}). Whether it is the very \
                 picture under the commitment cannot be known without the opening"
            ),
        ),
        Some(distance) => ("no match", format!("no match: {distance} bits from the fingerprint")),
    };
    if let (Some(distance), "no match", None) = (distance, file_match, &failure) {
        failure = Some(Failure::new(
            Exit::Mismatch,
            format!("the published picture is {distance} bits from the fingerprint, more than {MATCH_DISTANCE}"),
            "the proof is about another picture than this one",
        ));
    }

    let registered = registration(ui, home, &bundle, arguments)?;
    let (registered_json, registered_text) = match &registered {
        None => (json!({ "verdict": "not checked" }), "not checked (--rpc URL or --chain DIR asks a chain)".to_owned()),
        Some(registered) => (registered.json.clone(), registered.text.clone()),
    };
    failure = failure.or(registered.and_then(|registered| registered.failure));
    let proved = (proof == "valid").then(|| proved(&bundle));
    let json = json!({
        "bundle": ui::json_path(&arguments.bundle),
        "verdicts": {
            "proof": { "verdict": proof, "unsafe_development": bundle.srs_id.is_unsafe() },
            "file_match": { "verdict": file_match, "distance": distance, "max_distance": MATCH_DISTANCE },
            "registration": registered_json,
        },
        "claim": bundle.claim.name(), "model_hash": bundle.model.map(|model| hex0x(&model.model_hash)),
        "prompt_commitment": bundle.model.map(|model| hex0x(&model.prompt_commitment)), "image_commitment": hex0x(&bundle.image_commitment),
        "fingerprint": bundle.fingerprint.to_string(),
        "fingerprint_committed": bundle.claim == Claim::CommittedFingerprint,
        "opened_fingerprint": fingerprint.filter(|_| arguments.fingerprint.is_some()).map(|own| own.to_string()),
        "tolerance": bundle.tolerance, "registrant": hex0x(&bundle.binding.registrant), "srs_id": bundle.srs_id.to_string(),
        "vk_hash": hex0x(&bundle.vk_hash), "proved": proved, "not_proved": NOT_PROVED,
        "verify_seconds": ui::json_seconds(time),
        "notes": published.map(|picture| picture::json_notes(&picture.notes)).unwrap_or_else(|| json!([])),
    });
    let mut rows = vec![
        ("proof", format!("{proof} ({})", ui::seconds(time))),
        ("file match", file_text),
        ("registration", registered_text),
    ];
    if let (Some(fingerprint), Some(_)) = (fingerprint, &arguments.fingerprint) {
        rows.push(("fingerprint", format!("{fingerprint}, which opens the salted hash")));
    }
    if bundle.srs_id.is_unsafe() {
        rows.push(("parameters", "UNSAFE development parameters: anyone can forge a proof".to_owned()));
    }
    let mut text = ui::table(&rows);
    if let Some(proved) = &proved {
        text = format!("{text}\n\nproved: {proved}\n{NOT_PROVED}");
    }
    Ok(Report { failure, ..Report::new(json, text) })
}
