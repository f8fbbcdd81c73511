//! Proves something about a small picture, registers it on a practice chain, and finds the record again by the picture.
//!
//! `cargo run --release -p veilmark --example register [FOLDER]`; without a folder everything happens in a temporary one. A
//! practice chain is an EVM in this process with its state in a folder: it takes no node and no key, and convinces nobody else.

use image::{Rgb, RgbImage};
use std::{error::Error, path::Path};
use veilmark::{
    Store,
    chain::{
        client::{RegistryClient, records::Status, search::Wanted},
        deployment::verifier_contract,
        embedded::EmbeddedChain,
        practice,
    },
    committing::{CommitRequest, commit},
    decode::Options,
    files::Existing,
    keys,
    proving::ProofRequest,
    registrar::{ModelChoice, Registrar, submission},
    srs::Srs,
    statement::{claim::Claim, public::Binding},
    verifying,
};
use veilmark_contract_bindings::claims;

/// Commits to a picture of blocks and proves its fingerprint, for the practice chain and its registrant: `picture.veil.json`.
fn prove(store: &Store, folder: &Path) -> Result<(), Box<dyn Error>> {
    // the development setup's secret is public: anyone can forge under it, so it is for trying things out
    Srs::dev(14, &mut |_| ())?.store(store.srs_dir(), Existing::Replace)?;
    let path = |name: &str| folder.join(name);
    let block = |x: u32, y: u32, channel: u32| (((x / 6 + 31 * (y / 6) + 977 * channel) * 40_503) >> 8) as u8;
    RgbImage::from_fn(64, 48, |x, y| Rgb([0, 1, 2].map(|c| block(x, y, c)))).save(path("picture.png"))?;
    let commitment = CommitRequest {
        image: path("picture.png"),
        reading: Options::default(),
        claim: Claim::FINGERPRINT,
        model: None,
        k: None,
        public: false,
        secret: None,
        output: path("picture.opening"),
        existing: Existing::Keep,
    };
    commit(store, &commitment, &())?;
    let request = ProofRequest {
        claim: Claim::FINGERPRINT,
        image: path("picture.png"),
        reading: Options::default(),
        opening: path("picture.opening"),
        generator: None,
        against: None,
        tolerance: None,
        fingerprint_out: None,
        secret: None,
        output: path("picture.veil.json"),
        existing: Existing::Keep,
    };
    // a proof is bound to one chain, one registry and one registrant: copied, it is worth nothing to anybody else
    let binding = Binding {
        chain_id: practice::CHAIN_ID,
        registry: practice::deployment().content().into(),
        registrant: practice::default_registrant().into(),
    };
    request.check(&())?.prepare(store, binding, None, &())?.prove(&())?;
    Ok(())
}

/// Proves, registers and looks up, with every file in one folder.
fn register(folder: &Path) -> Result<(), Box<dyn Error>> {
    let store = Store::at(folder);
    prove(&store, folder)?;

    // checked here first, under a key made here: an invalid proof would cost gas
    let bundle = verifying::read_bundle(&folder.join("picture.veil.json"))?;
    let shape = verifying::shape_of(&bundle, None)?;
    let verified = verifying::verify(&store, &bundle, &shape, &())?;
    if let Some(why) = verified.invalid {
        return Err(why.into());
    }

    // the chain, with its contracts, and the key reviewed by its owner: on a practice chain that is us
    let chain = EmbeddedChain::open(&folder.join("chain"))?;
    let client = RegistryClient::new(chain, practice::deployment());
    let code = keys::vk_data(&verified.setup, &verified.key, &shape)?.runtime_code();
    let claim = claims::of(bundle.claim);
    practice::ensure_key(&client, &claim.description, &verifier_contract(claim.verifier), &code)?;

    // the record: what the contract checks the proof against, and whose hash is the record's id
    let registrar = Registrar::new(&client, 0);
    registrar.require_bound(bundle.binding)?;
    let model = registrar.model(&bundle, ModelChoice::Default)?;
    let registration = client.register(&submission(&bundle, model.map(|model| model.model_id)))?;
    println!("registered {} for {}", registration.stored.record_id, registration.stored.record.registrant);
    println!("gas {}", registration.receipt.map_or(0, |receipt| receipt.gas_used));

    // anyone who has the picture, or a copy of it, finds the record by an index of the registry's events
    let found = client.search(&client.index(0)?, Wanted::Picture(bundle.fingerprint))?;
    for record in &found {
        println!("found {} by {:?}, {:?}", record.stored.record_id, record.by, record.stored.status);
    }
    match &found[..] {
        [record] if record.stored.status == Status::Valid => Ok(()),
        _ => Err("one record is expected, and that it counts".into()),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args_os().nth(1) {
        Some(folder) => register(Path::new(&folder)),
        None => register(tempfile::tempdir()?.path()),
    }
}

#[test]
fn it_runs() {
    register(tempfile::tempdir().unwrap().path()).unwrap();
}
