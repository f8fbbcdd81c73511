//! The cases of commands that strangers brought: each by its name, each with the answer that it has to have.
mod world;

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};
use world::{K, picture, world};

/// One question and its answer, of a node that is asked too often: every third is answered with HTTP 429 and a JSON body.
fn answer(stream: TcpStream, asked: &AtomicUsize, refused: &AtomicUsize) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut stream = stream;
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let question: serde_json::Value = serde_json::from_slice(&body).ok()?;
        let tired = asked.fetch_add(1, Ordering::SeqCst).is_multiple_of(3);
        let mut reply = serde_json::json!({ "jsonrpc": "2.0", "id": question["id"] });
        if tired {
            refused.fetch_add(1, Ordering::SeqCst);
            reply["error"] = serde_json::json!({ "code": -32005, "message": "rate limit exceeded" });
        } else {
            reply["result"] = match question["method"].as_str()? {
                "eth_chainId" => "0x7a69".into(),
                "eth_blockNumber" => "0x10".into(),
                "eth_getTransactionCount" => "0x0".into(),
                "eth_getCode" | "eth_call" => "0x".into(),
                "eth_getLogs" => serde_json::json!([]),
                _ => serde_json::Value::Null,
            };
        }
        let body = reply.to_string();
        let (status, pause) = if tired { ("429 Too Many Requests", "Retry-After: 1\r\n") } else { ("200 OK", "") };
        let head = format!("HTTP/1.1 {status}\r\n{pause}Content-Length: {}\r\n\r\n", body.len());
        stream.write_all(format!("{head}{body}").as_bytes()).ok()?;
    }
}

#[test]
fn slow_node() {
    let world = world();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let (asked, refused) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (their_asked, their_refused) = (Arc::clone(&asked), Arc::clone(&refused));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (asked, refused) = (Arc::clone(&their_asked), Arc::clone(&their_refused));
            thread::spawn(move || answer(stream, &asked, &refused));
        }
    });
    let registry = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
    let ran = world.veilmark(&["lookup", "picture-1.png", "--registry", registry, "--rpc", &url, "--json"]);
    // it waited and asked again; what ends it is that there are no contracts at this address
    assert!(refused.load(Ordering::SeqCst) >= 1 && asked.load(Ordering::SeqCst) > refused.load(Ordering::SeqCst));
    let error = &ran.json()["error"];
    let message = error["message"].as_str().unwrap();
    assert!(!message.contains("rate limit") && !message.contains("429"), "{message}");
    assert_ne!(error["name"], "node_refused", "{message}");
    assert!(message.contains(registry), "{message}");
}

/// `--force` replaces no picture, whoever made it, and says so before and after.
#[test]
fn generate_twice_with_force() {
    let world = world();
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/models/dcgan16.onnx");
    let k = (K + 1).to_string();
    world.veilmark(&["srs", "dev", "--k", &k]).ok();
    world.veilmark(&["model", "import", model, "-o", "m.model"]).ok();
    let generate = |prompt: &'static str, more: &'static [&'static str]| {
        let words = ["generate", "--model", "m.model", "--prompt", prompt, "-o", "a.png", "--latent-out", "a.latent"];
        [&words[..], more].concat()
    };
    world.veilmark(&generate("a", &[])).ok();
    let before = ["a.png", "a.latent"].map(|name| fs::read(world.path(name)).unwrap());
    world.refused(2, &["a.png", "is a picture", "--force", "delete"], &generate("b", &["--force"]));
    assert_eq!(["a.png", "a.latent"].map(|name| fs::read(world.path(name)).unwrap()), before);
    let help = world.veilmark(&["generate", "--help"]).ok().out;
    assert!(help.contains("no picture"), "{help}");
    // what it says works
    fs::remove_file(world.path("a.png")).unwrap();
    world.veilmark(&generate("b", &["--force"])).ok();
    assert_ne!(fs::read(world.path("a.latent")).unwrap(), before[1]);
}

#[test]
fn srs_import_of_another_file() {
    let world = world();
    picture(9).save(world.path("picture-9.png")).unwrap();
    for (start, what) in [
        ("zkey\u{1}", "a .zkey file: a proving key of snarkjs for one circuit, and no setup"),
        ("r1cs\u{1}", "an .r1cs file: a circuit of circom, and no setup"),
        ("<html><title>404 Not Found</title>", "a web page: the download failed"),
        ("<!DOCTYPE html>", "a web page: the download failed"),
        ("<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code>", "a web page: the download failed"),
    ] {
        fs::write(world.path("fetched"), start.repeat(20)).unwrap();
        world.refused(6, &[what, ".ptau", "srs ceremonies"], &["srs", "import", "fetched"]);
    }
}
