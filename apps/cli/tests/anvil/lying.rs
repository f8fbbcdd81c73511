//! A node that lies about money, sends more than it should, and writes for the terminal: before the binary.

use super::{
    USER, USER_KEY,
    node::{Anvil, http},
    proxy::{Answer, Proxy, lie},
    world::{Ran, Stage},
};
use serde_json::{Value, json};
use std::{
    io::{BufReader, Write},
    net::TcpListener,
    time::{Duration, Instant},
};

fn register(stage: &Stage, url: &str, more: &[&str]) -> Ran {
    let command = ["register", "photo.veil.json", "--rpc", url, "--rpc-timeout", "5", "--patience", "3"];
    stage.world.run("home", Some(USER_KEY), &[&command[..], more].concat())
}

fn balance(anvil: &Anvil) -> u128 {
    let text = anvil.ask("eth_getBalance", json!([USER, "latest"]));
    u128::from_str_radix(text.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
}

/// The audit's M3: hardly any base fee, a tip of two thousand gwei.
#[test]
fn a_lying_node_does_not_spend_the_sender_s_money() {
    let stage = Stage::get();
    let anvil = stage.anvil();
    let proxy = Proxy::before(&anvil);
    let url = format!("http://127.0.0.1:{}", proxy.port);
    let before = balance(&anvil);
    // The tip is cut to three gwei, whatever the node proposes.
    proxy.set(lie("eth_maxPriorityFeePerGas", |tip| *tip = json!("0x1d1a94a2000")));
    register(&stage, &url, &[]).ends(0);
    let spent = before - balance(&anvil);
    assert!(spent < 10_000_000_000_000_000, "{spent} wei for one registration");

    // The base fee is compared with the history, and the sum with what the user allows.
    let anvil = stage.anvil();
    let proxy = Proxy::before(&anvil);
    let url = format!("http://127.0.0.1:{}", proxy.port);
    let before = balance(&anvil);
    proxy.set(lie("eth_getBlockByNumber", |block| block["baseFeePerGas"] = json!("0x174876e800")));
    let refused = register(&stage, &url, &[]).ends(8);
    assert!(refused.says().contains("base fee is another"), "{}", refused.out);
    proxy.set(|question, pass| {
        let Some(answer) = pass() else { return Answer::Drop };
        let mut answer: Value = serde_json::from_str(&answer).unwrap();
        if question.contains("eth_getBlockByNumber") && !answer["result"].is_null() {
            answer["result"]["baseFeePerGas"] = json!("0x2e90edd000");
        }
        if question.contains("eth_feeHistory") {
            let fees = answer["result"]["baseFeePerGas"].as_array().map_or(1, Vec::len);
            answer["result"]["baseFeePerGas"] = json!(vec!["0x2e90edd000"; fees]);
        }
        Answer::Body(Some(answer.to_string()))
    });
    let refused = register(&stage, &url, &[]).ends(8);
    assert!(refused.says().contains("gas costs up to"), "{}", refused.out);
    // Within the fee that the user allows, the cost is bounded still; nobody can be asked here.
    let refused = register(&stage, &url, &["--max-fee", "1000"]).ends(8);
    assert!(refused.says().contains("the transaction may cost"), "{}", refused.out);
    assert_eq!(balance(&anvil), before, "nothing was sent");
    let refused = register(&stage, &url, &["--expect-chain-id", "1"]).ends(3);
    assert!(refused.says().contains("31337"), "{}", refused.out);
}

/// The audit's M5, L4 and M7.
#[test]
fn a_lying_node_takes_neither_memory_nor_the_terminal() {
    let stage = Stage::get();
    let anvil = stage.anvil();
    let proxy = Proxy::before(&anvil);
    let url = format!("http://127.0.0.1:{}", proxy.port);

    // 64 MiB of JSON to the first question: not read.
    let huge = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[{}{{\"\":0}}]}}", "{\"\":0},".repeat(8 << 20));
    proxy.set(move |_, _| Answer::Body(Some(huge.clone())));
    let start = Instant::now();
    let refused = register(&stage, &url, &[]).ends(8);
    assert!(refused.says().contains("more than 4096 bytes"), "{}", refused.out);
    assert!(start.elapsed() < Duration::from_secs(30));

    // The last block that there can be, after the transaction is out: no panic, and the record is found.
    proxy.set(lie("eth_blockNumber", |number| *number = json!("0xffffffffffffffff")));
    let ran = register(&stage, &url, &[]);
    assert!(ran.code == 0 || ran.code == 8, "{}{}", ran.out, ran.err);
    assert!(!ran.err.contains("panicked"), "{}", ran.err);

    // What a node writes for a terminal is not obeyed.
    let words = "\u{1b}[2J\u{1b}[31mOWNED\u{1b}[0m\r\nerror: none\u{202e}";
    proxy.set(move |question, pass| {
        if question.contains("eth_call") {
            let error = json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": -32000, "message": words } });
            return Answer::Body(Some(error.to_string()));
        }
        Answer::Body(pass())
    });
    let refused = register(&stage, &url, &[]).ends(8);
    for text in [&refused.out, &refused.err] {
        assert!(!text.contains(['\u{1b}', '\r', '\u{202e}']), "{text:?}");
    }
    assert!(refused.says().contains("OWNED"));
}

/// Every third question is answered with HTTP 429 and Retry-After, with a body that is an error.
#[test]
fn a_node_that_is_asked_too_often_is_asked_again() {
    let stage = Stage::get();
    let anvil = stage.anvil();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, behind) = (listener.local_addr().unwrap().port(), anvil.port);
    std::thread::spawn(move || {
        for (asked, stream) in listener.incoming().flatten().enumerate() {
            let mut reader = BufReader::new(stream);
            let Some(question) = super::node::read_body(&mut reader) else { continue };
            let mut stream = reader.into_inner();
            let busy =
                json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": -32005, "message": "rate limit exceeded" } });
            let (status, more, body) = match asked % 3 {
                0 => ("429 Too Many Requests", "Retry-After: 1\r\n", busy.to_string()),
                _ => ("200 OK", "", http(behind, &question).unwrap_or_default()),
            };
            let head =
                format!("HTTP/1.1 {status}\r\n{more}Connection: close\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = stream.write_all((head + &body).as_bytes());
        }
    });
    let url = format!("http://127.0.0.1:{port}");
    let found = stage.world.run("home", None, &["lookup", "photo.png", "--rpc", &url]).ends(4);
    assert!(found.says().contains("no record") && found.err.contains("waiting for 1s"), "{}{}", found.out, found.err);
}
