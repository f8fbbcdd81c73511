//! A thief sees transactions before they are in a block, copies them and pays more: the copy is refused, or serves whoever
//! it was copied from.

use super::{
    OWNER, OWNER_KEY, THIEF, THIEF_KEY, USER, USER_KEY,
    node::Anvil,
    world::{Ran, Stage, refusal},
};
use alloy_primitives::Address;
use alloy_sol_types::SolCall;
use serde_json::{Value, json};
use std::{
    thread::{scope, sleep},
    time::{Duration, Instant},
};
use veilmark::chain::{Chain, seal::Seal};
use veilmark_contract_bindings::interfaces::IContentRegistry;

/// The transaction of an account that waits for its block, unless who would send it has ended.
fn waiting(anvil: &Anvil, account: Address, ended: impl Fn() -> bool) -> Option<Value> {
    let start = Instant::now();
    loop {
        let pool = anvil.ask("txpool_content", json!([]));
        let mut senders = pool["pending"].as_object().into_iter().flatten();
        let own = senders.find(|(sender, _)| sender.parse() == Ok(account));
        if let Some(transaction) = own.and_then(|(_, all)| all.as_object()?.values().next()) {
            return Some(transaction.clone());
        }
        if ended() || start.elapsed() > Duration::from_secs(60) {
            return None;
        }
        sleep(Duration::from_millis(20));
    }
}

/// Whether a transaction succeeded, and its place in the block.
fn outcome(anvil: &Anvil, hash: &Value) -> (bool, String) {
    let receipt = anvil.ask("eth_getTransactionReceipt", json!([hash]));
    (receipt["status"] == "0x1", receipt["transactionIndex"].as_str().unwrap().to_owned())
}

/// Runs a command of `victim`; before its transaction is in a block the thief copies it and pays more. What the command
/// said, and whether the thief's transaction succeeded and the victim's.
fn copied(anvil: &Anvil, victim: Address, command: impl FnOnce() -> Ran + Send) -> (Ran, bool, bool) {
    anvil.ask("evm_setAutomine", json!([false]));
    let ran = scope(|scope| {
        let running = scope.spawn(command);
        let Some(original) = waiting(anvil, victim, || running.is_finished()) else {
            let ran = running.join().unwrap();
            panic!("nothing was sent: {}{}", ran.out, ran.err)
        };
        let copy = json!({
            "from": THIEF, "to": original["to"], "data": original["input"], "gas": original["gas"],
            "maxFeePerGas": "0x174876e800", "maxPriorityFeePerGas": "0x4a817c800",
        });
        let theirs = anvil.ask("eth_sendTransaction", json!([copy]));
        anvil.ask("evm_mine", json!([]));
        let (first, second) = (outcome(anvil, &theirs), outcome(anvil, &original["hash"]));
        assert_eq!((first.1.as_str(), second.1.as_str()), ("0x0", "0x1"), "the thief was first");
        (running.join().unwrap(), first.0, second.0)
    });
    anvil.ask("evm_setAutomine", json!([true]));
    ran
}

/// What was sent and is in no block yet is waited for, not sent again: whatever the command, one transaction is paid for.
#[test]
fn what_waits_for_its_block_is_not_sent_again() {
    let stage = Stage::get();
    let (world, anvil) = (&stage.world, stage.anvil());
    let url = anvil.url();
    let run = |arguments: &[&str]| {
        world.run("home", Some(USER_KEY), &[arguments, &["--rpc", &url, "--patience", "1"]].concat())
    };
    let sent = || anvil.ask("eth_getTransactionCount", json!([USER, "pending"]));
    let before = sent();
    let commands = [&["reserve", "photo.veil.json", "-o", "waits.seal"][..], &["register", "photo.veil.json"]];
    for command in commands {
        anvil.ask("evm_setAutomine", json!([false]));
        let first = run(command).ends(8);
        assert!(first.says().contains("is in no block"), "{}", first.out);
        let once = sent();
        for _ in 0..2 {
            let again = run(command).ends(8);
            assert!(again.says().contains("sent earlier"), "{}", again.out);
            assert_eq!(sent(), once, "nothing is sent again");
        }
        anvil.ask("evm_setAutomine", json!([true]));
        anvil.ask("evm_mine", json!([]));
        assert_eq!(run(command).ends(0).json()["already_done"], true);
        assert_eq!(sent(), once);
    }
    assert_ne!(sent(), before);
}

#[test]
fn a_copy_with_a_higher_tip_takes_nothing() {
    let stage = Stage::get();
    let (world, anvil) = (&stage.world, stage.anvil());
    let url = anvil.url();
    let run = |key: &str, arguments: &[&str]| world.run("home", Some(key), &[arguments, &["--rpc", &url]].concat());
    let client = stage.client(&anvil, THIEF_KEY);
    let one_record = || {
        let all = client.registrations(0, None, Vec::new()).unwrap();
        assert_eq!(all.iter().map(|(_, event)| event.registrant).collect::<Vec<_>>(), [USER]);
    };
    let mut snapshot = anvil.snapshot();

    // A registration is bound to its registrant: the copy is refused.
    let (ran, theirs, own) = copied(&anvil, USER, || run(USER_KEY, &["register", "photo.veil.json"]));
    assert_eq!((theirs, own, &ran.ends(0).json()["already_done"]), (false, true, &json!(false)));
    one_record();
    snapshot = anvil.back_to(&snapshot);

    // A registration for somebody serves that somebody, whoever sends it: the copy pays, the original finds it done.
    run(USER_KEY, &["sign", "photo.veil.json", "-o", "copied.sig"]).ends(0);
    let relay = ["register", "photo.veil.json", "--signature", "copied.sig"];
    let (ran, theirs, own) = copied(&anvil, OWNER, || run(OWNER_KEY, &relay));
    assert_eq!((theirs, own, &ran.ends(0).json()["already_done"]), (true, false, &json!(true)));
    one_record();
    anvil.back_to(&snapshot);

    // A seal that is copied is reserved for its maker, and shown by its maker only.
    let reserve = ["reserve", "photo.opening", "-o", "copied.seal"];
    let (ran, theirs, own) = copied(&anvil, USER, || run(USER_KEY, &reserve));
    assert!(theirs && own);
    let reserved = ran.ends(0).json()["reserved_at"].clone();
    run(USER_KEY, &["register", "photo.veil.json"]).ends(0);
    let seal = Seal::read(&world.path("copied.seal")).unwrap();
    let (_, event) = client.registrations(0, None, Vec::new()).unwrap().remove(0);
    let call = IContentRegistry::showReservationCall { record: event.record, salt: seal.salt() };
    let content = client.deployment().content();
    assert_eq!(refusal(client.chain().query(THIEF, content, call.abi_encode())), "NotRegistrant");
    // what shows it can be copied too
    let (ran, theirs, own) = copied(&anvil, USER, || run(USER_KEY, &["reveal", "copied.seal"]));
    assert_eq!((theirs, own, &ran.ends(0).json()["reserved_at"]), (false, true, &reserved));
    one_record();
}
