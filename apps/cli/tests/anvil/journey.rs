//! Everything once, and what it costs.

use super::{
    OWNER, OWNER_KEY, THIEF, THIEF_KEY, USER, USER_KEY,
    node::Anvil,
    schemas::check_file,
    world::{World, connect, picture, records, refusal, submission, verifier_gas},
};
use alloy_primitives::B256;
use image::codecs::jpeg::JpegEncoder;
use serde_json::{Value, json};
use std::{fs, path::Path};
use veilmark::{
    bundle::Bundle,
    chain::{
        Chain,
        client::RegistryClient,
        deployment::{Manifest, verifier_contract},
        embedded::EmbeddedChain,
        practice,
    },
    keys::{self, ClaimShape},
    srs::Srs,
};
use veilmark_contract_bindings::claims;

const MODEL: &str = "resize_x3.onnx";

#[test]
#[allow(clippy::too_many_lines)] // one story
fn the_whole_journey_on_anvil() {
    let anvil = Anvil::start(31337);
    let world = World::new();
    let url = anvil.url();
    let rpc = ["--rpc", &url];
    let with = |arguments: &[&str]| -> Vec<String> {
        arguments.iter().chain(&rpc).map(|argument| (*argument).to_owned()).collect()
    };
    let on_chain = |key: Option<&str>, arguments: &[&str]| {
        let arguments = with(arguments);
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        world.run("home", key, &arguments)
    };
    let owner = |arguments: &[&str]| on_chain(Some(OWNER_KEY), arguments);
    // The user's key is in a keystore, as wallets write them; the owner's in the environment.
    let keystore = world.keystore("user.key", USER_KEY);
    let keystore = keystore.each_ref().map(String::as_str);
    let user = |arguments: &[&str]| on_chain(None, &[arguments, &keystore].concat());

    // Files
    world.ok(None, &["srs", "dev", "--k", "14"]);
    let onnx = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/models").join(MODEL);
    let onnx = onnx.to_str().unwrap();
    world.ok(None, &["model", "import", onnx, "--for", "generation", "--k", "14", "--proofs", "3", "-o", "m.model"]);
    world.ok(None, &["model", "export", "m.model", "-o", "m.pub"]);
    let generate =
        ["generate", "--model", "m.model", "--prompt", "a test", "-o", "art.png", "--latent-out", "art.latent"];
    world.ok(None, &generate);
    world.ok(None, &["commit", "art.png", "--for", "generation", "--model", "m.model", "-o", "art.opening"]);
    picture().save(world.path("photo.png")).unwrap();
    let mut jpeg = fs::File::create(world.path("copy.jpg")).unwrap();
    picture().write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, 60)).unwrap();
    world.ok(None, &["commit", "photo.png", "-o", "photo.opening"]);

    // Deployment
    let deploy = ["contracts", "deploy", "--model", "m.pub", "--for", "generation"];
    let dry = owner(&[&deploy[..], &["--dry-run", "--owner", &OWNER.to_string()]].concat()).ends(0).json();
    assert_eq!(anvil.ask("eth_blockNumber", json!([])), "0x0", "a dry run sends nothing: {dry}");
    let deployed = owner(&deploy).ends(0).json();
    let again = owner(&deploy).ends(0).json();
    assert_eq!(
        (&again["gas_used"], &again["registry"]),
        (&json!(0), &deployed["registry"]),
        "nothing is deployed twice"
    );
    for contract in deployed["contracts"].as_array().unwrap() {
        let gas = contract["gas_used"].as_u64().unwrap();
        println!("gas: deploy {} {gas}", contract["name"]);
        assert!(gas < 1 << 24);
    }
    owner(&["contracts", "verify"]).ends(5);
    owner(&["contracts", "verify", "--allow-unsafe"]).ends(5);
    let verified = owner(&["contracts", "verify", "--allow-unsafe", "--model", "m.pub", "--for", "generation"]);
    assert_eq!(verified.ends(0).json()["keys"][0]["computed_here"], true);
    on_chain(None, &["contracts", "export", "-o", "exported"]).ends(0);
    check_file(&world.path("exported/deployment.json"), "deployment");
    let file = Manifest::read(&world.path("exported/deployment.json"), 31337).unwrap();
    assert!(file.complete && json!(file.deployment().content().to_string()) == deployed["registry"]);
    assert_eq!(file.keys.len(), 1, "the key that was there from the beginning");

    // The fingerprint of a photograph
    let registrant = USER.to_string();
    let prove = |claim: &str, image: &str, opening: &str, output: &str, more: &[&str]| {
        let arguments = ["prove", "--claim", claim, "--image", image, "--opening", opening, "-o", output];
        on_chain(None, &[&arguments[..], &["--registrant", &registrant], more].concat())
    };
    let warned = prove("fingerprint", "photo.png", "photo.opening", "photo.veil.json", &[]).ends(0);
    assert!(warned.err.contains("does not know verifying key"), "{}", warned.err);
    user(&["register", "photo.veil.json"]).ends(4);
    let add = ["contracts", "add", "--bundle", "photo.veil.json"];
    assert_eq!(owner(&add).ends(0).json()["keys"][0]["state"], "reviewed");
    assert_eq!(owner(&add).ends(0).json()["keys"][0]["state"], "there already");
    // what a front end reads: the key is listed with the size that it serves
    on_chain(None, &["contracts", "export", "-o", "exported", "--force"]).ends(0);
    let pinned = Manifest::read(&world.path("exported/deployment.json"), 31337).unwrap().keys.pop().unwrap();
    let bundle = Bundle::read(&world.path("photo.veil.json")).unwrap();
    assert_eq!((pinned.vk_hash, pinned.width, pinned.height), (bundle.vk_hash.into(), 64, 48));
    assert_eq!((pinned.claim.as_str(), pinned.k, pinned.architecture), ("fingerprint", bundle.k, None));
    assert!(!connect(&url, USER_KEY).code(pinned.vk).unwrap().is_empty(), "its data contract");
    let dry = on_chain(None, &["register", "photo.veil.json", "--dry-run"]).ends(0).json();
    let estimate = dry["gas_estimate"].as_u64().unwrap();
    assert!(dry["data"].as_str().unwrap().len() > 1000);
    on_chain(None, &["register", "photo.veil.json"]).ends(2);
    let registered = user(&["register", "photo.veil.json"]).ends(0).json();
    let gas = registered["gas_used"].as_u64().unwrap();
    println!("gas: register fingerprint {gas}");
    assert!(estimate.abs_diff(gas) < 60_000, "estimated {estimate}, took {gas}");
    let again = user(&["register", "photo.veil.json"]).ends(0).json();
    assert_eq!((&again["already_done"], &again["gas_used"]), (&json!(true), &Value::Null), "no second record");

    // A generated picture
    let model = ["model", "register", "m.pub", "--for", "generation"];
    println!("gas: register model {}", owner(&model).ends(0).json()["gas_used"]);
    assert_eq!(owner(&model).ends(0).json()["already_done"], true);
    let more = ["--model", "m.model", "--latent", "art.latent"];
    prove("generation", "art.png", "art.opening", "art.veil.json", &more).ends(0);
    let art = user(&["register", "art.veil.json", "--model", "m.pub"]).ends(0).json();
    println!("gas: register generation {}", art["gas_used"]);
    let mint = ["mint", "art.veil.json", "--model", "m.pub", "--uri", "https://example.org/art.png"];
    let minted = user(&mint).ends(0).json();
    println!("gas: mint {}", minted["gas_used"]);
    assert_eq!(user(&mint).ends(0).json()["already_done"], true);
    let client = RegistryClient::new(connect(&url, USER_KEY), file.deployment());
    let thief_address = THIEF.to_string();
    on_chain(Some(OWNER_KEY), &["transfer", "art.veil.json", &thief_address]).ends(2);
    let transfer = ["transfer", minted["token_id"].as_str().unwrap(), &thief_address];
    let dry = on_chain(None, &[&transfer[..], &["--dry-run"]].concat()).ends(0).json();
    assert_eq!((&dry["from"], &dry["dry_run"]), (&json!(USER.to_string()), &json!(true)));
    println!("gas: transfer token {}", user(&transfer).ends(0).json()["gas_used"]);
    let again = on_chain(None, &["transfer", "art.veil.json", &thief_address, "--dry-run"]).ends(0).json();
    assert_eq!(
        (&again["already_done"], &again["owner"]),
        (&json!(true), &json!(THIEF.to_string())),
        "nothing is left to do"
    );
    on_chain(Some(THIEF_KEY), &["transfer", "art.veil.json", &file.deployment().router().to_string()]).ends(8);

    // A reservation comes first, then the registration, which another account pays for, then it is shown
    let later = Path::new("later.png");
    picture().rotate90().save(world.path("later.png")).unwrap();
    world.ok(None, &["commit", "later.png", "-o", "later.opening"]);
    let reserve = ["reserve", "later.opening", "--registrant", &registrant, "-o", "later.seal"];
    println!("gas: reserve {}", owner(&reserve).ends(0).json()["gas_used"]);
    prove("fingerprint", later.to_str().unwrap(), "later.opening", "later.veil.json", &[]).ends(0);
    owner(&["contracts", "add", "--bundle", "later.veil.json"]).ends(0);
    user(&["sign", "later.veil.json", "-o", "later.sig"]).ends(0);
    let relayed = owner(&["register", "later.veil.json", "--signature", "later.sig"]).ends(0).json();
    println!("gas: registerFor fingerprint {}", relayed["gas_used"]);
    assert_eq!(relayed["registrant"].as_str().unwrap().to_lowercase(), registrant.to_lowercase());
    println!("gas: reveal {}", user(&["reveal", "later.seal", "later.veil.json"]).ends(0).json()["gas_used"]);

    // What a model's owner does; a second registration is made from the first
    let model_gas = |what: &str, ran: super::world::Ran| println!("gas: {what} {}", ran.ends(0).json()["gas_used"]);
    user(&["model", "register", "m.pub", "--for", "generation"]).ends(0);
    owner(&["model", "update", "1", "--parent", "2"]).ends(2);
    let hash = B256::repeat_byte(7).to_string();
    model_gas("model update, lineage", user(&["model", "update", "m.pub", "--parent", "1", "--hash", &hash]));
    let again = user(&["model", "update", "2", "--parent", "1", "--hash", &hash]).ends(0).json();
    assert_eq!((&again["already_done"], &again["parent"]), (&json!(true), &json!(1)));
    user(&["model", "update", "2", "--parent", "1"]).ends(3);
    let shown = on_chain(None, &["model", "show", "1"]).ends(0).json();
    assert_eq!((&shown["updates"][0]["model_id"], &shown["updates"][0]["by_parent_owner"]), (&json!(2), &json!(false)));
    model_gas("model update, uri", user(&["model", "update", "2", "--uri", "ipfs://model"]));
    owner(&["model", "accept", "2"]).ends(2);
    let offer = ["model", "transfer", "2", &thief_address];
    owner(&offer).ends(2);
    model_gas("model transfer, offer", user(&offer));
    assert_eq!(user(&offer).ends(0).json()["already_done"], true);
    assert_eq!(user(&["model", "transfer", "2", "--withdraw"]).ends(0).json()["offered_to"], Value::Null);
    user(&offer).ends(0);
    let accept = ["model", "accept", "m.pub"];
    model_gas("model transfer, accept", on_chain(Some(THIEF_KEY), &accept));
    assert_eq!(on_chain(Some(THIEF_KEY), &["model", "accept", "2"]).ends(0).json()["already_done"], true);
    user(&["model", "deprecate", "2"]).ends(2);
    model_gas("model deprecate", on_chain(Some(THIEF_KEY), &["model", "deprecate", "2"]));
    let again = on_chain(Some(THIEF_KEY), &["model", "deprecate", "2"]).ends(0).json();
    assert_eq!(
        (&again["already_done"], &again["deprecated"], &again["owner"]),
        (&json!(true), &json!(true), &json!(THIEF.to_string()))
    );

    // The claim of both
    world.ok(None, &["srs", "dev", "--k", "15"]);
    world.ok(None, &["model", "import", onnx, "--k", "15", "--proofs", "3", "-o", "both.model"]);
    world.ok(None, &["model", "export", "both.model", "-o", "both.pub"]);
    let generate =
        ["generate", "--model", "both.model", "--prompt", "a test", "-o", "both.png", "--latent-out", "both.latent"];
    world.ok(None, &generate);
    world.ok(None, &["commit", "both.png", "--for", "authenticity", "--model", "both.model", "-o", "both.opening"]);
    owner(&["contracts", "add", "--model", "both.pub"]).ends(0);
    owner(&["model", "register", "both.pub"]).ends(0);
    let more = ["--model", "both.model", "--latent", "both.latent"];
    prove("authenticity", "both.png", "both.opening", "both.veil.json", &more).ends(0);
    let both = user(&["register", "both.veil.json", "--model", "both.pub"]).ends(0).json();
    println!("gas: register authenticity {}", both["gas_used"]);

    // Copies, and a second machine, which has the bundle, the published picture and the URL
    let found = on_chain(None, &["lookup", "copy.jpg"]).ends(0).json();
    assert_eq!(found["matches"][0]["record_id"], registered["record_id"]);
    on_chain(None, &["lookup", "copy.jpg"]).ends(0);
    let second = |arguments: &[&str]| world.run("second-home", None, arguments);
    second(&["srs", "dev", "--k", "14"]).ends(0);
    let registry = file.deployment().content().to_string();
    let check =
        ["verify", "photo.veil.json", "--image", "copy.jpg", "--rpc", &url, "--allow-unsafe", "--registry", &registry];
    let nobody = ["verify", "photo.veil.json", "--rpc", &url, "--allow-unsafe"];
    assert!(second(&nobody).ends(5).says().contains("nobody vouched for"));
    second(&[&nobody[..], &["--any-registry"]].concat()).ends(0);
    let verdicts = second(&check).ends(0).json()["verdicts"].clone();
    let verdict = |name: &str| verdicts[name]["verdict"].as_str().unwrap().to_owned();
    assert_eq!(["proof", "file_match", "registration"].map(verdict), ["valid", "match", "registered"]);
    let check_art =
        ["verify", "art.veil.json", "--model", "m.pub", "--rpc", &url, "--allow-unsafe", "--registry", &registry];
    assert_eq!(second(&check_art).ends(0).json()["verdicts"]["registration"]["verdict"], "registered");

    // Copied proofs: another account, another registry, another chain
    let bundle = Bundle::read(&world.path("photo.veil.json")).unwrap();
    on_chain(Some(THIEF_KEY), &["register", "photo.veil.json"]).ends(2);
    let thief = RegistryClient::new(connect(&url, THIEF_KEY), file.deployment());
    assert_eq!(refusal(thief.register(&submission(&bundle, None, THIEF))), "ProofInvalid");
    let other =
        owner(&["contracts", "deploy", "--delay", "60", "--contracts", "other.json", "--bundle", "photo.veil.json"]);
    let other = other.ends(0).json();
    assert_ne!(other["registry"], deployed["registry"]);
    user(&["register", "photo.veil.json", "--contracts", "other.json"]).ends(3);
    let other = Manifest::read(&world.path("other.json"), 31337).unwrap();
    let elsewhere = RegistryClient::new(connect(&url, USER_KEY), other.deployment());
    assert_eq!(refusal(elsewhere.register(&submission(&bundle, None, USER))), "ProofInvalid");
    let second_chain = Anvil::start(1337);
    let arguments = ["--model", "m.pub", "--for", "generation", "--rpc", &second_chain.url()];
    let there = world.ok(Some(OWNER_KEY), &[&["contracts", "deploy"][..], &arguments].concat());
    assert_eq!(there["registry"], deployed["registry"], "the same address on every chain");
    world.ok(Some(OWNER_KEY), &[&add[..], &["--rpc", &second_chain.url()]].concat());
    world.run("home", Some(USER_KEY), &["register", "photo.veil.json", "--rpc", &second_chain.url()]).ends(3);
    let elsewhere = RegistryClient::new(connect(&second_chain.url(), USER_KEY), file.deployment());
    assert_eq!(refusal(elsewhere.register(&submission(&bundle, None, USER))), "ProofInvalid");
    assert_eq!(records(&client), 4);

    // Unsafe keys are for development
    let main = Anvil::start(5);
    let refused =
        world.run("home", Some(OWNER_KEY), &[&deploy[..], &["--same-guardian", "--rpc", &main.url()]].concat());
    refused.ends(5);
    assert_eq!(main.ask("eth_getTransactionCount", json!([OWNER, "pending"])), "0x0", "nothing was sent");

    // The verifier costs the same everywhere
    let folder = tempfile::tempdir().unwrap();
    let embedded = RegistryClient::new(EmbeddedChain::open(folder.path()).unwrap(), practice::deployment());
    let srs = Srs::dev(14, &mut |_| ()).unwrap();
    let shape = ClaimShape::of_picture(bundle.claim, bundle.size, bundle.k).unwrap();
    let cache = keys::KeyCache::open(&world.path("home/keys")).unwrap();
    let key = cache.verifying_key(&srs, &shape, &|_| ()).unwrap();
    let code = keys::vk_data(&srs, &key, &shape).unwrap().runtime_code();
    let claim = claims::of(bundle.claim);
    practice::ensure_key(&embedded, &claim.description, &verifier_contract(claim.verifier), &code).unwrap();
    let gas = verifier_gas(&client, &bundle, USER);
    println!("gas: verify as a transaction {gas}, and the verifying key's address");
    assert_eq!(gas, verifier_gas(&embedded, &bundle, USER));

    // A pause, the end of a claim, and a revocation
    let pause = ["contracts", "pause", "--claim", "fingerprint"];
    on_chain(Some(THIEF_KEY), &pause).ends(2);
    on_chain(None, &[&pause[..], &["--safe-json", "pause.json"]].concat()).ends(0);
    let safe: Value = serde_json::from_slice(&fs::read(world.path("pause.json")).unwrap()).unwrap();
    assert_eq!(safe["transactions"][0]["to"], json!(file.deployment().router().to_string()));
    assert_eq!(owner(&pause).ends(0).json()["state"], "done");
    assert_eq!(owner(&pause).ends(0).json()["state"], "done already");
    owner(&["contracts", "unpause", "--claim", "fingerprint"]).ends(0);
    owner(&["contracts", "stop", "--claim", "fingerprint", "--reason", "broken"]).ends(0);
    let stopped = second(&check).json();
    let verdict = stopped["verdicts"]["registration"]["verdict"].as_str().unwrap().to_owned();
    assert!(["registered before the stop", "verifier stopped"].contains(&verdict.as_str()), "{verdict}");
    assert!(stopped["verdicts"]["registration"]["ended_at"].is_u64());
    on_chain(Some(THIEF_KEY), &["revoke", "art.veil.json"]).ends(2);
    println!("gas: revoke {}", user(&["revoke", "art.veil.json"]).ends(0).json()["gas_used"]);
    assert_eq!(second(&check_art).ends(4).json()["verdicts"]["registration"]["verdict"], "revoked");
    drop(anvil);
    let lost = second(&check).ends(8);
    assert!(lost.json()["error"]["message"].as_str().unwrap().contains("cannot be reached"), "{}", lost.out);
}
