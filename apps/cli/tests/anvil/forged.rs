//! A registry whose storage was forged behind the genuine code, and a key that says of itself what it is not: nothing that
//! the tools conclude from the chain rests on either.

use super::{
    OWNER, OWNER_KEY, THIEF, THIEF_KEY, USER,
    world::{Stage, connect},
};
use alloy_primitives::{U256, hex, keccak256};
use alloy_sol_types::SolValue;
use serde_json::json;
use std::fs;
use veilmark::chain::{
    Chain,
    acts::{Act, Outcome},
    client::RegistryClient,
    deployment::key_contract,
};

/// `SSTORE(slot, value)`.
fn store(slot: U256, value: U256) -> Vec<u8> {
    [&[0x7f][..], &value.to_be_bytes::<32>(), &[0x7f], &slot.to_be_bytes::<32>(), &[0x55]].concat()
}

/// Creation code that writes what it likes to storage and then returns somebody else's runtime code.
fn forging(stores: &[Vec<u8>], runtime: &[u8]) -> Vec<u8> {
    let stores = stores.concat();
    let (length, offset) = (u16::try_from(runtime.len()).unwrap(), u16::try_from(stores.len() + 13).unwrap());
    let copy =
        [&hex!("61")[..], &length.to_be_bytes(), &hex!("8061"), &offset.to_be_bytes(), &hex!("5f395ff30000")].concat();
    [&stores[..], &copy, runtime].concat()
}

/// The audit's H1: the same code, a record of 2015 in storage.
#[test]
fn a_forged_registry_registers_nothing() {
    let stage = Stage::get();
    let (world, anvil) = (&stage.world, stage.anvil());
    let chain = connect(&anvil.url(), THIEF_KEY);
    let genuine = stage.file.deployment();
    let runtime = chain.code(genuine.content()).unwrap();
    // The forger knows beforehand where the registry will be, and proves for it.
    let nonce = anvil.ask("eth_getTransactionCount", json!([THIEF, "latest"]));
    let nonce = u64::from_str_radix(nonce.as_str().unwrap().trim_start_matches("0x"), 16).unwrap();
    let forged = THIEF.create(nonce);
    let (registry, registrant, url) = (forged.to_string(), USER.to_string(), anvil.url());
    let prove = ["prove", "--claim", "fingerprint", "--image", "photo.png", "--opening", "photo.opening"];
    let bound = ["--chain-id", "31337", "--registry", &registry, "--registrant", &registrant, "-o", "forged.veil.json"];
    world.ok(None, &[&prove[..], &bound].concat());
    let bundle = veilmark::bundle::Bundle::read(&world.path("forged.veil.json")).unwrap();
    let record = veilmark::registrar::record_of(&bundle, None);
    let id = keccak256(record.abi_encode());
    // Whichever of the first slots is the mapping of records, it has an entry: April 2015, block 12.
    let entry = U256::from(1_430_000_000_u64) | U256::from(12_u64) << 40;
    let stores: Vec<_> = (0..8_u64)
        .map(|slot| store(U256::from_be_bytes(keccak256((id, U256::from(slot)).abi_encode_params()).0), entry))
        .collect();
    let made = chain.deploy(THIEF, forging(&stores, &runtime)).unwrap().created.unwrap();
    assert_eq!((made, chain.code(made).unwrap()), (forged, runtime), "the genuine code, at the address foreseen");

    let run = |arguments: &[&str]| world.run("home", None, &[arguments, &["--rpc", &url]].concat());
    let verify = ["verify", "forged.veil.json", "--allow-unsafe"];
    // another than the manifest's; and by itself, on another machine, it is of unknown origin
    run(&verify).ends(3);
    let elsewhere = |arguments: &[&str]| world.run("stranger", None, &[arguments, &["--rpc", &url]].concat());
    world.run("stranger", None, &["srs", "dev", "--k", "14"]).ends(0);
    for more in [&[][..], &["--any-registry"], &["--registry", &registry]] {
        let refused = elsewhere(&[&verify[..], more].concat()).ends(5);
        assert!(refused.says().contains("was not made by its constructor"), "{more:?}: {}", refused.out);
    }
    let checked = elsewhere(&["contracts", "verify", "--registry", &registry, "--allow-unsafe"]).ends(5);
    assert!(checked.says().contains("was not made by its constructor"), "{}", checked.out);
    elsewhere(&["lookup", "photo.png", "--registry", &registry]).ends(5);

    // A manifest that names it is refused as it is read.
    let text = fs::read_to_string(world.path("home/deployments/31337.json")).unwrap();
    fs::write(world.path("forged.json"), text.replace(&genuine.content().to_string(), &registry)).unwrap();
    let refused = elsewhere(&["contracts", "verify", "--contracts", "forged.json", "--allow-unsafe"]).ends(5);
    assert!(refused.says().contains("`registry`") && refused.says().contains("forged.json"), "{}", refused.out);
}

/// The audit's H2: the development key with its flag cleared and another setup's id, added and reviewed.
#[test]
fn a_key_that_was_not_made_again_is_no_success() {
    let stage = Stage::get();
    let (world, anvil) = (&stage.world, stage.anvil());
    let url = anvil.url();
    let chain = connect(&url, OWNER_KEY);
    let client = RegistryClient::new(chain, stage.file.deployment());
    let run = |arguments: &[&str]| world.run("home", None, &[arguments, &["--rpc", &url]].concat());
    let verify = ["contracts", "verify", "--bundle", "photo.veil.json", "--allow-unsafe"];
    let before = run(&verify).ends(0).json();
    assert_eq!((&before["owner"], &before["ok"]), (&json!(OWNER.to_string()), &json!(true)));

    let genuine = client.keys().unwrap().remove(0);
    let mut code = client.chain().code(genuine.vk).unwrap().to_vec();
    code[1 + 32 * 3..1 + 32 * 4].fill(0x22);
    code[1 + 32 * 4..1 + 32 * 5].fill(0);
    let contract = key_contract(&code).unwrap();
    contract.make(client.chain(), OWNER).unwrap();
    client.carry_out(&Act::AddKey { vk: contract.address }, OWNER).unwrap();
    // Nobody reviewed it: anyone could have added it, and it is no failure, but shown.
    let listed = run(&verify).ends(0).json();
    assert_eq!((&listed["keys"][1]["reviewed"], &listed["keys"][1]["in_use"]), (&json!(false), &json!(false)));
    let vk_hash = keccak256(&code);
    let reviewed = client.carry_out(&Act::ReviewKey { vk_hash }, OWNER).unwrap();
    assert!(matches!(reviewed, Outcome::Done(_)));
    let refused = run(&verify).ends(5);
    let key = &refused.json()["keys"][1];
    assert_eq!((&key["unsafe_development"], &key["computed_here"]), (&json!(false), &json!(false)));
    assert!(refused.says().contains("NOT computed here") && refused.says().contains(&vk_hash.to_string()));
    run(&[&verify[..], &["--accept-key", &vk_hash.to_string()]].concat()).ends(0);
    assert_eq!(run(&verify).json()["ok"], false);
}
