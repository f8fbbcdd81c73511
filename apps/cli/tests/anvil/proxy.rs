//! A node between the client and anvil, that breaks and lies.

use super::{
    node::{Anvil, http, read_body},
    world::signer,
};
use serde_json::{Value, json};
use std::{
    io::{BufReader, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    time::Duration,
};
use veilmark::chain::{
    ChainError,
    rpc::{RpcChain, Settings, Step},
};

/// What the proxy does with a question; it is given the question, and passes it on where it says so.
pub(crate) type Fault = Box<dyn FnMut(&str, &mut dyn FnMut() -> Option<String>) -> Answer + Send>;

/// What the client gets.
pub(crate) enum Answer {
    Body(Option<String>),
    Drop,
    Stall,
}

/// The node in between; it is honest until it is told otherwise.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    fault: Arc<Mutex<Fault>>,
}

impl Proxy {
    pub(crate) fn before(anvil: &Anvil) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, behind) = (listener.local_addr().unwrap().port(), anvil.port);
        let honest: Fault = Box::new(|_, pass| Answer::Body(pass()));
        let fault = Arc::new(Mutex::new(honest));
        let shared = Arc::clone(&fault);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(stream);
                let Some(question) = read_body(&mut reader) else { continue };
                let mut pass = || http(behind, &question);
                let answer = (shared.lock().unwrap())(&question, &mut pass);
                let mut stream = reader.into_inner();
                match answer {
                    Answer::Body(Some(body)) => {
                        let head = format!(
                            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: \
                             {}\r\n\r\n",
                            body.len()
                        );
                        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
                    }
                    Answer::Body(None) | Answer::Drop => {}
                    // held open, and nothing said
                    Answer::Stall => std::mem::forget(stream),
                }
            }
        });
        Self { port, fault }
    }

    pub(crate) fn set(&self, fault: impl FnMut(&str, &mut dyn FnMut() -> Option<String>) -> Answer + Send + 'static) {
        *self.fault.lock().unwrap() = Box::new(fault);
    }

    /// A URL with a password and a key in it, neither of which is ever to be shown.
    pub(crate) fn url(&self) -> String {
        format!("http://user:a-password@127.0.0.1:{}/a-key", self.port)
    }

    pub(crate) fn client(&self, key: &str, confirmations: u64) -> Result<RpcChain, ChainError> {
        let mut settings = Settings::default();
        settings.timeout = Duration::from_millis(500);
        settings.patience = Duration::from_secs(2);
        settings.pause = Duration::from_millis(5);
        settings.confirmations = confirmations;
        RpcChain::connect(&self.url(), Some(signer(key)), settings, Box::new(|_: &Step| ()))
    }
}

/// What an honest node does.
pub(crate) fn honest(_: &str, pass: &mut dyn FnMut() -> Option<String>) -> Answer {
    Answer::Body(pass())
}

/// Lies about the answers to one kind of question.
pub(crate) fn lie(
    about: &'static str,
    to: impl Fn(&mut Value) + Send + 'static,
) -> impl FnMut(&str, &mut dyn FnMut() -> Option<String>) -> Answer + Send + 'static {
    move |question, pass| {
        let Some(answer) = pass() else { return Answer::Drop };
        if !question.contains(about) {
            return Answer::Body(Some(answer));
        }
        let mut answer: Value = serde_json::from_str(&answer).unwrap();
        if !answer["result"].is_null() {
            to(&mut answer["result"]);
        }
        Answer::Body(Some(answer.to_string()))
    }
}

/// Loses the answer to a send, and everything after it.
pub(crate) fn lost_after_the_send() -> impl FnMut(&str, &mut dyn FnMut() -> Option<String>) -> Answer + Send + 'static {
    let mut lost = false;
    move |question, pass| {
        let answer = if lost { None } else { pass() };
        lost |= question.contains("eth_sendRawTransaction");
        if lost { Answer::Drop } else { Answer::Body(answer) }
    }
}

/// Takes the chain back to a snapshot when a receipt is asked for the second time.
pub(crate) fn reorganised(
    anvil: &Anvil,
    snapshot: Value,
) -> impl FnMut(&str, &mut dyn FnMut() -> Option<String>) -> Answer + Send + 'static {
    let (port, mut seen) = (anvil.port, 0);
    move |question, pass| {
        if question.contains("eth_getTransactionReceipt") {
            seen += 1;
            if seen == 2 {
                let back = json!({ "jsonrpc": "2.0", "id": 1, "method": "evm_revert", "params": [snapshot] });
                http(port, &back.to_string()).unwrap();
                let mine = json!({ "jsonrpc": "2.0", "id": 1, "method": "evm_mine", "params": [] });
                http(port, &mine.to_string()).unwrap();
            }
        }
        Answer::Body(pass())
    }
}
