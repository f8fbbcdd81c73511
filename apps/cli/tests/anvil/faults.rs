//! Faults before the library.

use super::{
    USER, USER_KEY,
    node::Anvil,
    proxy::{Answer, Proxy, honest, lie, lost_after_the_send, reorganised},
    world::{connect, signer},
};
use alloy_primitives::B256;
use serde_json::json;
use std::time::{Duration, Instant};
use veilmark::{
    chain::{ChainError, deploying::key_contract},
    files::{Classified, Kind},
};

#[test]
#[allow(clippy::too_many_lines)] // one list
fn every_fault_ends_in_a_clear_error_and_a_second_run_completes() {
    let anvil = Anvil::start(31337);
    let proxy = Proxy::before(&anvil);
    let client = || proxy.client(USER_KEY, 1);
    let sent = || {
        u64::from_str_radix(&anvil.ask("eth_getTransactionCount", json!([USER, "latest"])).as_str().unwrap()[2..], 16)
            .unwrap()
    };
    // Each thing to be done is a contract of its own, which is there or not.
    let thing = |number: u8| key_contract(&[0, number]).unwrap();
    let completes = |number: u8| {
        proxy.set(honest);
        thing(number).make(&client().unwrap(), USER).unwrap();
        assert!(thing(number).exists(&client().unwrap()).unwrap());
    };

    // Connections are dropped, before the node hears of them: one of three, in no pattern.
    let mut state = 1_u64;
    proxy.set(move |_, pass| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        if (state >> 33).is_multiple_of(3) { Answer::Drop } else { Answer::Body(pass()) }
    });
    assert!(thing(1).make(&client().unwrap(), USER).unwrap().is_some());
    assert_eq!(sent(), 1);

    // The answer to the send is lost, once and always: the transaction happens once.
    proxy.set(|question, pass| {
        let answer = pass();
        if question.contains("eth_sendRawTransaction") { Answer::Drop } else { Answer::Body(answer) }
    });
    assert!(thing(2).make(&client().unwrap(), USER).unwrap().is_some());
    assert_eq!(sent(), 2);

    // The node is lost right after the send.
    let chain = client().unwrap();
    proxy.set(lost_after_the_send());
    let error = thing(3).make(&chain, USER).unwrap_err();
    assert!(matches!(error, ChainError::Unsettled { .. }) && error.kind() == Kind::TransactionPending, "{error}");
    assert!(!error.to_string().contains("a-password") && !error.to_string().contains("a-key"), "{error}");
    assert!(!format!("{chain:?}").contains("a-password") && !format!("{chain:?}").contains("a-key"));
    completes(3);
    assert_eq!(sent(), 3, "the second run finds it done");

    // Garbage, and answers to other questions.
    for garbage in [
        "<html>",
        "{}",
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":\"0x1\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[]}",
        "[]",
        "",
    ] {
        proxy.set(move |_, _| Answer::Body(Some(garbage.to_owned())));
        let error = client().unwrap_err();
        assert!(
            matches!(error, ChainError::Garbage { .. }) && error.kind() == Kind::NodeUntrustworthy,
            "{garbage}: {error}"
        );
    }

    // A node that stalls.
    proxy.set(|_, _| Answer::Stall);
    let start = Instant::now();
    let error = client().unwrap_err();
    assert!(matches!(error, ChainError::Unreachable { .. }) && error.to_string().contains("no answer"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(10));

    // Lies about receipts: another block, another transaction, another recipient, a send that never was.
    proxy.set(lie("eth_getTransactionReceipt", |receipt| receipt["blockHash"] = json!(B256::repeat_byte(7))));
    let error = thing(4).make(&client().unwrap(), USER).unwrap_err();
    assert!(matches!(error, ChainError::Unconfirmed { .. }), "{error}");
    completes(4);
    for (number, key) in [(5, "transactionHash"), (6, "to"), (7, "from"), (8, "status"), (9, "gasUsed")] {
        proxy.set(lie("eth_getTransactionReceipt", move |receipt| receipt[key] = json!(B256::repeat_byte(7))));
        let error = thing(number).make(&client().unwrap(), USER).unwrap_err();
        assert!(matches!(error, ChainError::BadReceipt { .. }), "{key}: {error}");
        completes(number);
    }
    // A transaction that failed is said to have succeeded: what it should have made is not there.
    proxy.set(lie("eth_getCode", |code| *code = json!("0x")));
    let error = thing(10).make(&client().unwrap(), USER).unwrap_err();
    assert!(matches!(error, ChainError::NoCode { .. } | ChainError::NoEffect { .. }), "{error}");
    completes(10);
    // The node pretends to send.
    proxy.set(|question, pass| {
        let answer = if question.contains("eth_sendRawTransaction") { None } else { pass() };
        Answer::Body(answer.or_else(|| Some(json!({ "jsonrpc": "2.0", "id": 1, "result": B256::ZERO }).to_string())))
    });
    let error = thing(11).make(&client().unwrap(), USER).unwrap_err();
    assert!(matches!(error, ChainError::Unsettled { .. }), "{error}");
    completes(11);

    // Another chain answers.
    proxy.set(honest);
    let chain = client().unwrap();
    proxy.set(lie("eth_chainId", |id| *id = json!("0x1")));
    let error = thing(12).make(&chain, USER).unwrap_err();
    assert!(matches!(error, ChainError::OtherChain { expected: 31337, got: 1 }), "{error}");

    // Another program takes the nonce, between the question for it and the send.
    let (url, mut raced) = (anvil.url(), false);
    let before = sent();
    proxy.set(move |question, pass| {
        if question.contains("eth_sendRawTransaction") && !std::mem::replace(&mut raced, true) {
            key_contract(&[0, 100]).unwrap().make(&connect(&url, USER_KEY), USER).unwrap();
        }
        Answer::Body(pass())
    });
    assert!(thing(12).make(&client().unwrap(), USER).unwrap().is_some());
    assert_eq!(sent(), before + 2, "both happened, once each");

    // Out of funds.
    proxy.set(honest);
    let poor = "0000000000000000000000000000000000000000000000000000000000000abc";
    let account = signer(poor).address();
    let error = thing(13).make(&proxy.client(poor, 1).unwrap(), account).unwrap_err();
    assert!(matches!(&error, ChainError::OutOfFunds { account: named, .. } if *named == account), "{error}");
    anvil.ask("anvil_setBalance", json!([account, "0xde0b6b3a7640000"]));
    assert!(thing(13).make(&proxy.client(poor, 1).unwrap(), account).unwrap().is_some());
    let error = thing(14).make(&proxy.client(poor, 1).unwrap(), USER).unwrap_err();
    assert!(matches!(error, ChainError::NoKey { .. }) && error.kind() == Kind::NotAllowed, "{error}");

    // The block is taken back after it was seen.
    let snapshot = anvil.ask("evm_snapshot", json!([]));
    proxy.set(reorganised(&anvil, snapshot));
    let error = thing(14).make(&proxy.client(USER_KEY, 3).unwrap(), USER).unwrap_err();
    assert!(matches!(error, ChainError::NotIncluded { .. }), "{error}");
    completes(14);
}
