//! Signing for others, reserving and showing: what the commands refuse, and what they find when they are run again.

use super::{
    THIEF, THIEF_KEY, USER, USER_KEY,
    node::Anvil,
    proxy::{Answer, Proxy},
    schemas::check_file,
    world::{Stage, records, refusal, signer, submission},
};
use alloy_primitives::{B256, Bytes};
use alloy_sol_types::{SolCall, SolValue};
use serde_json::json;
use std::fs;
use veilmark::{
    bundle::Bundle,
    chain::{Chain, authorization::Authorization, seal::Seal},
    files::Existing,
};
use veilmark_contract_bindings::interfaces::IContentRegistry;

fn nonce(anvil: &Anvil, account: impl serde::Serialize) -> String {
    anvil.ask("eth_getTransactionCount", json!([account, "pending"])).as_str().unwrap().to_owned()
}

#[test]
#[allow(clippy::too_many_lines)] // one list
fn a_signature_registers_one_bundle_for_one_registrant_until_it_expires() {
    let stage = Stage::get();
    let (world, anvil) = (&stage.world, stage.anvil());
    let url = anvil.url();
    let run = |key: Option<&str>, arguments: &[&str]| world.run("home", key, arguments);
    let relay = |bundle: &str, signature: &str, more: &[&str]| {
        let arguments = ["register", bundle, "--signature", signature, "--rpc", &url];
        run(Some(THIEF_KEY), &[&arguments[..], more].concat())
    };

    // Signed without a node, by a keystore; found again; nobody else's key will do.
    let registry = stage.file.deployment().content().to_string();
    let offline = ["sign", "photo.veil.json", "--chain-id", "31337", "--registry", &registry, "-o", "photo.sig"];
    let keystore = world.keystore("signer.key", USER_KEY);
    let keystore = keystore.each_ref().map(String::as_str);
    let signed = run(None, &[&offline[..], &keystore].concat()).ends(0).json();
    assert_eq!(signed["already_done"], false);
    check_file(&world.path("photo.sig"), "signature");
    assert_eq!(run(Some(USER_KEY), &offline).ends(0).json()["already_done"], true);
    let by_another = ["sign", "photo.veil.json", "--rpc", &url, "-o", "another.sig"];
    let refused = run(Some(THIEF_KEY), &by_another).ends(2);
    assert!(refused.says().contains("the proof is for registrant"), "{}", refused.out);
    run(Some(USER_KEY), &["sign", "photo.veil.json", "--chain-id", "1", "--registry", &registry, "-o", "x.sig"])
        .ends(3);
    run(Some(USER_KEY), &["sign", "photo.veil.json", "-o", "x.sig"]).ends(3);
    run(None, &by_another).ends(2);
    assert!(!world.path("another.sig").exists() && !world.path("x.sig").exists());

    // Refused before anything is sent: another bundle's, another's, expired by this clock, expired by the chain's.
    let bundle = Bundle::read(&world.path("photo.veil.json")).unwrap();
    let good = Authorization::read(&world.path("photo.sig")).unwrap();
    let write = |name: &str, signed: &Authorization| signed.write(&world.path(name), Existing::Replace).unwrap();
    let before = nonce(&anvil, THIEF);
    let refused = relay("again.veil.json", "photo.sig", &[]).ends(3);
    assert!(refused.says().contains("another bundle"), "{}", refused.out);
    let forged = submission(&bundle, None, THIEF);
    let binding = veilmark::statement::public::Binding { registrant: THIEF.into(), ..bundle.binding };
    let theirs = Authorization::sign(binding, &forged, good.deadline, &signer(THIEF_KEY)).unwrap();
    write("theirs.sig", &theirs);
    let refused = relay("photo.veil.json", "theirs.sig", &[]).ends(3);
    assert!(refused.says().contains("is for registrant"), "{}", refused.out);
    write("forged.sig", &Authorization { signature: theirs.signature, ..good.clone() });
    let refused = relay("photo.veil.json", "forged.sig", &[]).ends(3);
    assert!(refused.says().contains("not by the registrant"), "{}", refused.out);
    let own = submission(&bundle, None, USER);
    write("old.sig", &Authorization::sign(bundle.binding, &own, 1_700_000_000, &signer(USER_KEY)).unwrap());
    let refused = relay("photo.veil.json", "old.sig", &[]).ends(2);
    assert!(refused.says().contains("was good until"), "{}", refused.out);
    let text = fs::read_to_string(world.path("photo.sig")).unwrap();
    fs::write(world.path("broken.sig"), text.replace("\"deadline\":1", "\"deadline\":2")).unwrap();
    relay("photo.veil.json", "broken.sig", &[]).ends(6);
    let snapshot = anvil.snapshot();
    anvil.ask("evm_increaseTime", json!([8 * 86_400]));
    anvil.ask("evm_mine", json!([]));
    let refused = relay("photo.veil.json", "photo.sig", &[]).ends(2);
    assert!(refused.says().contains("SignatureExpired"), "{}", refused.out);
    anvil.ask("evm_revert", json!([snapshot]));
    // The contract says the same of what the client would not send.
    let thief = stage.client(&anvil, THIEF_KEY);
    let sent = |deadline, signature: &[u8]| thief.register_for(&own, deadline, signature, THIEF);
    assert_eq!(refusal(sent(good.deadline + 1, &good.signature)), "InvalidSignature");
    assert_eq!(refusal(sent(good.deadline, &theirs.signature)), "InvalidSignature");
    assert_eq!(nonce(&anvil, THIEF), before, "nothing was sent");

    // Anyone's key pays; the record is the registrant's; running it again finds it, after the deadline too.
    let dry = relay("photo.veil.json", "photo.sig", &["--dry-run"]).ends(0).json();
    assert!(dry["gas_estimate"].as_u64().unwrap() > 300_000);
    let done = relay("photo.veil.json", "photo.sig", &[]).ends(0).json();
    assert_eq!((&done["already_done"], &done["registrant"]), (&json!(false), &json!(USER.to_string())));
    assert_eq!(relay("photo.veil.json", "photo.sig", &[]).ends(0).json()["already_done"], true);
    assert_eq!(relay("photo.veil.json", "old.sig", &[]).ends(0).json()["already_done"], true);
    assert_eq!(records(&thief), 1);
    let inspected = run(None, &["inspect", "photo.sig"]).ends(0).json();
    assert_eq!((&inspected["kind"], &inspected["expired"]), (&json!("signature"), &json!(false)));

    // On a practice chain nobody pays.
    let registrant = USER.to_string();
    let prove = ["prove", "--claim", "fingerprint", "--image", "photo.png", "--opening", "photo.opening"];
    world.ok(None, &[&prove[..], &["-o", "home.veil.json", "--registrant", &registrant]].concat());
    world.ok(Some(USER_KEY), &["sign", "home.veil.json", "-o", "home.sig"]);
    let reserve = ["reserve", "photo.opening", "--registrant", &registrant, "-o", "home.seal", "--chain", "chain"];
    assert_eq!(world.ok(None, &reserve)["already_done"], false);
    let register = ["register", "home.veil.json", "--signature", "home.sig", "--chain", "chain"];
    assert_eq!(world.ok(None, &register)["registrant"], json!(USER.to_string()));
    assert_eq!(world.ok(None, &register)["already_done"], true);
    world.ok(None, &["reveal", "home.seal", "--chain", "chain"]);
    assert!(world.ok(None, &["lookup", "photo.png", "--chain", "chain"])["matches"][0]["reserved_at"].is_u64());
}

#[test]
#[allow(clippy::too_many_lines)] // one list
fn a_reservation_is_on_disk_before_it_is_sent_and_shown_after_the_registration() {
    let stage = Stage::get();
    let (world, anvil) = (&stage.world, stage.anvil());
    let (url, registrant) = (anvil.url(), USER.to_string());
    let run = |key: Option<&str>, arguments: &[&str]| world.run("home", key, &[arguments, &["--rpc", &url]].concat());

    // The seal's file is there when the node hears of it, and a run that is broken off then is completed by the next.
    let proxy = Proxy::before(&anvil);
    let path = world.path("photo.seal");
    let mut lost = false;
    proxy.set(move |question, pass| {
        if question.contains("eth_sendRawTransaction") {
            assert!(Seal::read(&path).is_ok(), "the salt is on disk");
            lost = true;
        }
        if lost { Answer::Drop } else { Answer::Body(pass()) }
    });
    let reserve = ["reserve", "photo.opening", "--registrant", &registrant, "-o", "photo.seal"];
    let through = proxy.url();
    let broken =
        world.run("home", Some(THIEF_KEY), &[&reserve[..], &["--rpc", &through, "--rpc-timeout", "2"]].concat());
    assert!(broken.ends(8).says().contains("was sent"));
    let seal = Seal::read(&world.path("photo.seal")).unwrap();
    assert_eq!(run(Some(THIEF_KEY), &reserve).ends(0).json()["already_done"], false, "whoever pays");
    let again = run(None, &[&reserve[..], &["--dry-run"]].concat()).ends(0).json();
    assert_eq!((&again["already_done"], &again["seal"]), (&json!(true), &json!(seal.hash())), "the same salt");
    assert!(!again.to_string().contains(&hex::encode(seal.salt())), "the salt is not shown");
    // by the commitment, and by the bundle, it is the same; of something else it is not
    let commitment = seal.covered.image_commitment.to_string();
    for what in [&commitment, "photo.veil.json"] {
        let same = run(Some(USER_KEY), &["reserve", what, "-o", "photo.seal"]).ends(0).json();
        assert_eq!(same["seal"], json!(seal.hash()));
    }
    run(Some(THIEF_KEY), &["reserve", "photo.opening", "-o", "photo.seal"]).ends(3);
    run(Some(USER_KEY), &["reserve", &B256::ZERO.to_string(), "-o", "photo.seal"]).ends(3);
    run(Some(THIEF_KEY), &["reserve", "photo.veil.json", "--registrant", &THIEF.to_string(), "-o", "t.seal"]).ends(3);
    // the seal is the contract's
    let client = stage.client(&anvil, USER_KEY);
    let call = IContentRegistry::sealOfCall {
        imageCommitment: seal.covered.image_commitment,
        registrant: USER,
        salt: seal.salt(),
    };
    let answer: Bytes = client.chain().query(USER, stage.file.deployment().content(), call.abi_encode()).unwrap();
    assert_eq!(B256::abi_decode(&answer).unwrap(), seal.hash());

    // Shown only when there is a record, by its registrant; once.
    let reveal = ["reveal", "photo.seal"];
    run(Some(USER_KEY), &reveal).ends(4);
    anvil.ask("evm_increaseTime", json!([60]));
    run(Some(USER_KEY), &["register", "photo.veil.json"]).ends(0);
    let late = ["reserve", "photo.opening", "--registrant", &registrant, "-o", "late.seal"];
    anvil.ask("evm_increaseTime", json!([60]));
    run(Some(THIEF_KEY), &late).ends(0);
    let refused = run(Some(USER_KEY), &["reveal", "late.seal"]).ends(3);
    assert!(refused.says().contains("before the seal was reserved"), "{}", refused.out);
    run(Some(THIEF_KEY), &reveal).ends(2);
    let dry = run(None, &[&reveal[..], &["--dry-run"]].concat()).ends(0).json();
    assert_eq!(dry["from"], json!(USER.to_string()));
    let shown = run(Some(USER_KEY), &reveal).ends(0).json();
    assert!(shown["reserved_at"].as_u64().unwrap() + 60 <= shown["timestamp"].as_u64().unwrap());
    assert_eq!(run(Some(USER_KEY), &["reveal", "photo.seal", "photo.veil.json"]).ends(0).json()["already_done"], true);
    assert!(run(Some(USER_KEY), &["reveal", "late.seal"]).ends(2).says().contains("another reservation"));
    let found = run(None, &["lookup", "photo.png"]).ends(0).json();
    assert_eq!(found["matches"][0]["reserved_at"], shown["reserved_at"]);
    let verified = run(None, &["verify", "photo.veil.json", "--allow-unsafe"]).ends(0).json();
    assert_eq!(verified["verdicts"]["registration"]["reserved_at"], shown["reserved_at"]);
    assert_eq!(world.ok(None, &["inspect", "photo.seal"])["kind"], "seal");
}

/// The URL of a node may stand in the environment, and means nothing there unless it is asked for.
#[test]
fn the_environment_names_no_chain_unless_it_is_asked() {
    let stage = Stage::get();
    let world = &stage.world;
    // nobody listens there
    let url = "http://user:a-password@127.0.0.1:1/a-key";
    let run = |variables: &[(&str, &str)], arguments: &[&str]| world.run_with("home", variables, arguments);
    let named = [("VEILMARK_RPC_URL", url)];
    let lookup = ["lookup", "photo.png", "--chain", "no-chain"];
    assert!(run(&named, &lookup).ends(7).says().contains("there is no chain in no-chain"));
    assert!(run(&named, &["lookup", "photo.png"]).ends(4).says().contains("no record"), "the practice chain was asked");
    let asked = run(&named, &["lookup", "photo.png", "--rpc", "env"]).ends(8);
    assert!(asked.says().contains("cannot be reached") && !asked.err.contains("a-key"), "{}", asked.out);
    for none in [&[][..], &[("VEILMARK_RPC_URL", "")][..]] {
        let mut command = none.to_vec();
        command.retain(|(_, value)| !value.is_empty());
        assert!(run(&command, &["lookup", "photo.png", "--rpc", "env"]).ends(2).says().contains("is not set"));
    }
    let bad = run(&[("VEILMARK_RPC_URL", "ftp://a-key")], &["lookup", "photo.png", "--rpc", "env"]).ends(2);
    assert!(!bad.out.contains("a-key"), "{}", bad.out);
}
