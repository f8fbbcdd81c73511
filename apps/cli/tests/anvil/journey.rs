//! Everything once, and what it costs.

use super::{
    OWNER, OWNER_KEY, THIEF, THIEF_KEY, USER, USER_KEY,
    node::Anvil,
    world::{World, connect, picture, refusal, submission, verifier_gas},
};
use alloy_primitives::B256;
use image::codecs::jpeg::JpegEncoder;
use serde_json::{Value, json};
use std::{fs, path::Path};
use veilmark::{
    bundle::Bundle,
    chain::{
        deploying::DeploymentFile,
        embedded::EmbeddedChain,
        registry::{Deployment, RegistryClient},
    },
    keys::{self, ClaimShape},
    srs::Srs,
};
use veilmark_verifier_contract::artifacts::verifier;

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
    assert_eq!((&again["gas"], &again["content"]), (&json!(0), &deployed["content"]), "nothing is deployed twice");
    for contract in deployed["contracts"].as_array().unwrap() {
        let gas = contract["gas_used"].as_u64().unwrap();
        println!("gas: deploy {} {gas}", contract["name"]);
        assert!(gas < 1 << 24);
    }
    owner(&["contracts", "verify"]).ends(5);
    let verified = owner(&["contracts", "verify", "--allow-unsafe", "--model", "m.pub", "--for", "generation"]);
    assert_eq!(verified.ends(0).json()["keys"][0]["computed_here"], true);
    on_chain(None, &["contracts", "export", "-o", "exported"]).ends(0);
    let file: DeploymentFile =
        serde_json::from_slice(&fs::read(world.path("exported/deployment.json")).unwrap()).unwrap();
    assert!(file.complete && json!(file.content) == deployed["content"]);

    // The fingerprint of a photograph
    let registrant = USER.to_string();
    let prove = |claim: &str, image: &str, opening: &str, output: &str, more: &[&str]| {
        let arguments = ["prove", "--claim", claim, "--image", image, "--opening", opening, "-o", output];
        on_chain(None, &[&arguments[..], &["--registrant", &registrant], more].concat())
    };
    let warned = prove("fingerprint", "photo.png", "photo.opening", "photo.veil.json", &[]).ends(0);
    assert!(warned.err.contains("does not know verifying key"), "{}", warned.err);
    user(&["register", "photo.veil.json"]).ends(4);
    let pin = ["contracts", "pin", "--bundle", "photo.veil.json"];
    assert_eq!(owner(&pin).ends(0).json()["keys"][0]["state"], "added");
    assert_eq!(owner(&pin).ends(0).json()["keys"][0]["state"], "there already");
    let dry = on_chain(None, &["register", "photo.veil.json", "--dry-run"]).ends(0).json();
    let estimate = dry["gas_estimate"].as_u64().unwrap();
    assert!(dry["data"].as_str().unwrap().len() > 1000);
    on_chain(None, &["register", "photo.veil.json"]).ends(2);
    let registered = user(&["register", "photo.veil.json"]).ends(0).json();
    let gas = registered["gas_used"].as_u64().unwrap();
    println!("gas: register fingerprint {gas}");
    assert!(estimate.abs_diff(gas) < 60_000, "estimated {estimate}, took {gas}");
    let again = user(&["register", "photo.veil.json"]).ends(0).json();
    assert_eq!((&again["already_registered"], &again["gas_used"]), (&json!(true), &Value::Null), "no second record");

    // A generated picture
    let model = ["model", "register", "m.pub", "--for", "generation"];
    println!("gas: register model {}", owner(&model).ends(0).json()["gas_used"]);
    assert_eq!(owner(&model).ends(0).json()["already_registered"], true);
    let more = ["--model", "m.model", "--latent", "art.latent"];
    prove("generation", "art.png", "art.opening", "art.veil.json", &more).ends(0);
    let art = user(&["register", "art.veil.json", "--model", "m.pub"]).ends(0).json();
    println!("gas: register generation {}", art["gas_used"]);
    let mint = ["mint", "art.veil.json", "--model", "m.pub", "--uri", "https://example.org/art.png"];
    let minted = user(&mint).ends(0).json();
    println!("gas: mint {}", minted["gas_used"]);
    assert_eq!(user(&mint).ends(0).json()["already_minted"], true);
    let client = RegistryClient::new(connect(&url, USER_KEY), file.deployment());
    let thief_address = THIEF.to_string();
    on_chain(Some(OWNER_KEY), &["transfer", "art.veil.json", &thief_address]).ends(2);
    let transfer = ["transfer", minted["token_id"].as_str().unwrap(), &thief_address];
    let dry = on_chain(None, &[&transfer[..], &["--dry-run"]].concat()).ends(0).json();
    assert_eq!((&dry["from"], &dry["dry_run"]), (&json!(USER), &json!(true)));
    println!("gas: transfer token {}", user(&transfer).ends(0).json()["gas_used"]);
    let again = on_chain(None, &["transfer", "art.veil.json", &thief_address, "--dry-run"]).ends(0).json();
    assert_eq!((&again["already_there"], &again["owner"]), (&json!(true), &json!(THIEF)), "nothing is left to do");
    on_chain(Some(THIEF_KEY), &["transfer", "art.veil.json", &file.router.to_string()]).ends(7);

    // A reservation comes first, then the registration, which another account pays for, then it is shown
    let later = Path::new("later.png");
    picture().rotate90().save(world.path("later.png")).unwrap();
    world.ok(None, &["commit", "later.png", "-o", "later.opening"]);
    let reserve = ["reserve", "later.opening", "--registrant", &registrant, "-o", "later.seal"];
    println!("gas: reserve {}", owner(&reserve).ends(0).json()["gas_used"]);
    prove("fingerprint", later.to_str().unwrap(), "later.opening", "later.veil.json", &[]).ends(0);
    owner(&["contracts", "pin", "--bundle", "later.veil.json"]).ends(0);
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
    assert_eq!((&again["already"], &again["parent"]), (&json!(true), &json!(1)));
    user(&["model", "update", "2", "--parent", "1"]).ends(3);
    let shown = on_chain(None, &["model", "show", "1"]).ends(0).json();
    assert_eq!((&shown["updates"][0]["model_id"], &shown["updates"][0]["by_parent_owner"]), (&json!(2), &json!(false)));
    model_gas("model update, uri", user(&["model", "update", "2", "--uri", "ipfs://model"]));
    owner(&["model", "accept", "2"]).ends(2);
    let offer = ["model", "transfer", "2", &thief_address];
    owner(&offer).ends(2);
    model_gas("model transfer, offer", user(&offer));
    assert_eq!(user(&offer).ends(0).json()["already"], true);
    assert_eq!(user(&["model", "transfer", "2", "--withdraw"]).ends(0).json()["offered_to"], Value::Null);
    user(&offer).ends(0);
    let accept = ["model", "accept", "m.pub"];
    model_gas("model transfer, accept", on_chain(Some(THIEF_KEY), &accept));
    assert_eq!(on_chain(Some(THIEF_KEY), &["model", "accept", "2"]).ends(0).json()["already"], true);
    user(&["model", "deprecate", "2"]).ends(2);
    model_gas("model deprecate", on_chain(Some(THIEF_KEY), &["model", "deprecate", "2"]));
    let again = on_chain(Some(THIEF_KEY), &["model", "deprecate", "2"]).ends(0).json();
    assert_eq!((&again["already"], &again["deprecated"], &again["owner"]), (&json!(true), &json!(true), &json!(THIEF)));

    // The claim of both
    world.ok(None, &["srs", "dev", "--k", "15"]);
    world.ok(None, &["model", "import", onnx, "--k", "15", "--proofs", "3", "-o", "both.model"]);
    world.ok(None, &["model", "export", "both.model", "-o", "both.pub"]);
    let generate =
        ["generate", "--model", "both.model", "--prompt", "a test", "-o", "both.png", "--latent-out", "both.latent"];
    world.ok(None, &generate);
    world.ok(None, &["commit", "both.png", "--for", "authenticity", "--model", "both.model", "-o", "both.opening"]);
    owner(&["contracts", "pin", "--model", "both.pub"]).ends(0);
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
    let check = ["verify", "photo.veil.json", "--image", "copy.jpg", "--rpc", &url, "--allow-unsafe"];
    let verdicts = second(&check).ends(0).json()["verdicts"].clone();
    let verdict = |name: &str| verdicts[name]["verdict"].as_str().unwrap().to_owned();
    assert_eq!(["proof", "file_match", "registration"].map(verdict), ["valid", "match", "registered"]);
    let check_art = ["verify", "art.veil.json", "--model", "m.pub", "--rpc", &url, "--allow-unsafe"];
    assert_eq!(second(&check_art).ends(0).json()["verdicts"]["registration"]["verdict"], "registered");

    // Copied proofs: another account, another registry, another chain
    let bundle = Bundle::read(&world.path("photo.veil.json")).unwrap();
    on_chain(Some(THIEF_KEY), &["register", "photo.veil.json"]).ends(2);
    let thief = RegistryClient::new(connect(&url, THIEF_KEY), file.deployment());
    assert_eq!(refusal(thief.register_content(&submission(&bundle, None, THIEF))), "ProofInvalid");
    let other =
        owner(&["contracts", "deploy", "--delay", "60", "--contracts", "other.json", "--bundle", "photo.veil.json"]);
    let other = other.ends(0).json();
    assert_ne!(other["content"], deployed["content"]);
    user(&["register", "photo.veil.json", "--contracts", "other.json"]).ends(3);
    let other: DeploymentFile = serde_json::from_slice(&fs::read(world.path("other.json")).unwrap()).unwrap();
    let elsewhere = RegistryClient::new(connect(&url, USER_KEY), other.deployment());
    assert_eq!(refusal(elsewhere.register_content(&submission(&bundle, None, USER))), "ProofInvalid");
    let second_chain = Anvil::start(1337);
    let arguments = ["--model", "m.pub", "--for", "generation", "--rpc", &second_chain.url()];
    let there = world.ok(Some(OWNER_KEY), &[&["contracts", "deploy"][..], &arguments].concat());
    assert_eq!(there["content"], deployed["content"], "the same address on every chain");
    world.ok(Some(OWNER_KEY), &[&pin[..], &["--rpc", &second_chain.url()]].concat());
    world.run("home", Some(USER_KEY), &["register", "photo.veil.json", "--rpc", &second_chain.url()]).ends(3);
    let elsewhere = RegistryClient::new(connect(&second_chain.url(), USER_KEY), file.deployment());
    assert_eq!(refusal(elsewhere.register_content(&submission(&bundle, None, USER))), "ProofInvalid");
    assert_eq!(client.record_count().unwrap(), 4);

    // Unsafe keys are for development
    let main = Anvil::start(5);
    let refused = world.run("home", Some(OWNER_KEY), &[&deploy[..], &["--rpc", &main.url()]].concat());
    refused.ends(5);
    assert_eq!(main.ask("eth_getTransactionCount", json!([OWNER, "pending"])), "0x0", "nothing was sent");

    // The verifier costs the same everywhere
    let folder = tempfile::tempdir().unwrap();
    let embedded = RegistryClient::new(EmbeddedChain::open(folder.path()).unwrap(), Deployment::embedded());
    let srs = Srs::dev(14, &mut |_| ()).unwrap();
    let shape = ClaimShape::of_picture(bundle.claim, bundle.size, bundle.k).unwrap();
    let cache = keys::KeyCache::open(&world.path("home/keys")).unwrap();
    let key = cache.verifying_key(&srs, &shape, &|_| ()).unwrap();
    let code = keys::vk_data(&srs, &key, &shape).unwrap().runtime_code();
    embedded.ensure_pinned(bundle.claim, &verifier(bundle.claim).init_code, &code).unwrap();
    let gas = verifier_gas(&client, &bundle, USER);
    println!("gas: verify as a transaction {gas}, and the verifying key's address");
    assert_eq!(gas, verifier_gas(&embedded, &bundle, USER));

    // The emergency stop, and a revocation
    on_chain(Some(THIEF_KEY), &["contracts", "stop", "--claim", "fingerprint"]).ends(2);
    owner(&["contracts", "stop", "--claim", "fingerprint"]).ends(0);
    let stopped = second(&check).ends(4).json();
    assert_eq!(stopped["verdicts"]["registration"]["verdict"], "verifier stopped");
    assert_eq!(on_chain(None, &["lookup", "copy.jpg"]).ends(4).json()["matches"][0]["status"], "verifier stopped");
    on_chain(Some(THIEF_KEY), &["revoke", "art.veil.json"]).ends(2);
    println!("gas: revoke {}", user(&["revoke", "art.veil.json"]).ends(0).json()["gas_used"]);
    assert_eq!(second(&check_art).ends(4).json()["verdicts"]["registration"]["verdict"], "revoked");
    drop(anvil);
    let lost = second(&check).ends(7);
    assert!(lost.json()["error"]["message"].as_str().unwrap().contains("cannot be reached"), "{}", lost.out);
}
