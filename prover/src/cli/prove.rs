//! `veilmark prove`.

use super::{
    Claim, address,
    checking::Prover,
    estimate::Estimate,
    failure::{Exit, Failure},
    home::{self, Home},
    picture,
    ui::{self, Report, Ui},
};
use alloy_primitives::Address;
use serde_json::json;
use std::path::PathBuf;
use veilmark::{
    bundle::{Binding, hex0x},
    chain::{embedded::CHAIN_ID, registry::RegistryClient},
    decode,
    keys::ClaimShape,
    opening::{self, Opening, OpeningError},
};
use veilmark_circuits::statement::{
    fingerprint::{Fingerprint, MATCH_DISTANCE},
    public::FingerprintPublic,
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
    /// The opening file of its commitment.
    #[arg(long, value_name = "X.opening")]
    opening: PathBuf,
    /// The public fingerprint [default: the picture's own].
    #[arg(long, value_name = "HASH")]
    against: Option<Fingerprint>,
    /// The largest distance to claim, in bits, at most 31 [default: 0, with --against 31].
    #[arg(long, value_name = "BITS", value_parser = clap::value_parser!(u8).range(..=i64::from(MATCH_DISTANCE)))]
    tolerance: Option<u8>,
    /// The embedded chain to register on later: its registry is looked at before the work is done. All embedded chains
    /// have the same id and the same address of the registry, so the proof is good for any of them.
    #[arg(long, value_name = "DIR")]
    chain: Option<PathBuf>,
    /// The account that will register [default: the account that embedded chains register with].
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
    let Claim::Fingerprint = arguments.claim;
    let existing = picture::existing(arguments.force);
    picture::check_output(&arguments.output, existing, &[&arguments.image, &arguments.opening], false)?;
    let at_opening = |error: OpeningError| Failure::from(error).at(&arguments.opening);
    let opened = Opening::read(&arguments.opening).map_err(at_opening)?;
    if opening::is_readable_by_others(&arguments.opening) {
        ui.warn(&format!("{} is readable by others: chmod 600 keeps it secret", arguments.opening.display()));
    }
    if opened.remaining() == Some(0) {
        return Err(at_opening(OpeningError::UsedUp { made: opened.proofs_made }));
    }
    let picture = decode::decode(&arguments.image)?;
    if picture.decoder != opened.decoder {
        ui.note(&format!("the picture was decoded by {}, now by {}", opened.decoder, picture.decoder));
    }
    opened.check_picture(&picture.raster).map_err(at_opening)?;

    let pdq = picture::pdq(&picture);
    picture::require_quality(&pdq)?;
    let fingerprint = arguments.against.unwrap_or(pdq.fingerprint);
    let tolerance = arguments.tolerance.unwrap_or(if arguments.against.is_some() { MATCH_DISTANCE } else { 0 });
    let distance = pdq.fingerprint.distance(fingerprint);
    if distance > u32::from(tolerance) {
        return Err(veilmark::proof::ProofError::ClaimFalse { distance, tolerance }.into());
    }
    let registrant = arguments.registrant.unwrap_or_else(RegistryClient::default_registrant);
    if let Some(chain) = &arguments.chain {
        // a chain that will refuse is better known now
        home.existing_registry(Some(chain))?.map(|client| client.record_count()).transpose()?;
    }
    let binding =
        Binding { chain_id: CHAIN_ID, registry: RegistryClient::address().into(), registrant: registrant.into() };
    let public = FingerprintPublic { fingerprint, tolerance, context: binding.context() };

    let shape = ClaimShape { width: opened.width, height: opened.height, k: opened.k };
    Estimate::new(opened.k).announce(ui);
    let srs = home.load_srs(ui, opened.k, Some(opened.srs_id))?;
    home::warn_unsafe(ui, srs.id());
    let prover = Prover::new(ui, &srs, &home.keys()?, shape)?;
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
    let progress = ui.progress("proving");
    let bundle = prover.prove(&picture, &spent, &commitment, &public, binding, &|phase| progress.phase(phase))?;
    let time = progress.end();
    bundle.write(&arguments.output, existing)?;

    let (commitment, left) = (hex0x(&bundle.image_commitment), spent.remaining());
    let json = json!({
        "bundle": ui::json_path(&arguments.output), "claim": "fingerprint", "image_commitment": commitment,
        "fingerprint": fingerprint.to_string(), "tolerance": tolerance, "distance": distance,
        "registrant": hex0x(&binding.registrant), "vk_hash": hex0x(&bundle.vk_hash),
        "srs_id": srs.id().to_string(), "unsafe_development": srs.is_unsafe(), "k": shape.k,
        "proof_bytes": bundle.proof.len(), "prove_seconds": ui::json_seconds(time),
        "peak_memory_bytes": super::machine::peak_memory(),
        "proofs_made": spent.proofs_made, "proofs_left": left,
    });
    let text = ui::table(&[
        (
            "bundle",
            format!("{} ({} bytes of proof, {})", arguments.output.display(), bundle.proof.len(), ui::seconds(time)),
        ),
        ("commitment", commitment),
        ("fingerprint", format!("{fingerprint}, at most {tolerance} bits away")),
        ("registrant", hex0x(&binding.registrant)),
        ("opening", left.map_or_else(|| "hides nothing".into(), |left| format!("serves {left} more proofs"))),
    ]);
    Ok(Report::new(json, text))
}
