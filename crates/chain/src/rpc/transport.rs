//! One question and its answer, over HTTP: bounded in length and time, asked again where that can help.

use super::{RpcChain, Step, parse::Data};
use crate::ChainError;
use alloy_primitives::Bytes;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Value, json, value::RawValue};
use std::{thread::sleep, time::Duration};

/// How much of a node's own words is repeated.
const WORDS: usize = 300;
/// The longest pause that a node may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The longest answer to a method, in bytes. What a node sends beyond is not read.
fn limit_of(method: &str) -> u64 {
    const KIB: u64 = 1 << 10;
    match method {
        // the code of a contract is at most 24,576 bytes
        "eth_getCode" => 128 * KIB,
        // a refusal carries the contract's reason
        "eth_estimateGas" | "eth_sendRawTransaction" => 64 * KIB,
        "eth_getTransactionReceipt" | "eth_getTransactionByHash" => 512 * KIB,
        "eth_call" => 1024 * KIB,
        // the hashes of all transactions of a block
        "eth_getBlockByNumber" => 4096 * KIB,
        "eth_feeHistory" => 16 * KIB,
        "eth_getLogs" => 64 * 1024 * KIB,
        _ => 4 * KIB,
    }
}

/// What went wrong with one question.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The connection failed.
    Connection(String),
    /// The node asks to be left alone for a while.
    Busy { status: u16, pause: Option<Duration> },
    /// The response is not valid JSON-RPC, or not what the method returns.
    Garbage(&'static str),
    /// The response is longer than any of its method.
    TooLong { limit: u64 },
    /// The node returned an error.
    Node { code: i64, message: String, data: Option<Bytes> },
}

/// The part of a response that is read; what else it says is passed over without being kept.
#[derive(Deserialize)]
struct Response<'a> {
    #[serde(default, borrow, deserialize_with = "raw")]
    id: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "raw")]
    result: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "raw")]
    error: Option<&'a RawValue>,
}

/// Keeps an explicit `null` apart from a field that is missing.
fn raw<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

#[derive(Deserialize)]
struct NodeError<'a> {
    #[serde(default)]
    code: i64,
    #[serde(default)]
    message: Option<String>,
    #[serde(default, borrow, deserialize_with = "raw")]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Nested {
    data: Data,
}

impl NodeError<'_> {
    /// The revert data, which some nodes wrap once more.
    fn revert_data(&self) -> Option<Bytes> {
        let data = self.data?.get();
        let plain = serde_json::from_str::<Data>(data).ok();
        plain.or_else(|| serde_json::from_str::<Nested>(data).ok().map(|nested| nested.data)).map(|data| data.0)
    }
}

/// A node's own words, on one line and cut short.
pub(super) fn words(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WORDS).collect()
}

pub(super) fn longer(pause: Duration) -> Duration {
    (pause * 2).min(Duration::from_secs(2))
}

impl RpcChain {
    /// Asks one question, once.
    pub(super) fn exchange<T: DeserializeOwned>(&self, method: &str, params: &Value) -> Result<T, Trouble> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let mut request = self.agent.post(&self.url).header("Content-Type", "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        let limit = limit_of(method);
        // ureq's own message of a bad URL would repeat it
        let lost = |error: ureq::Error| match error {
            ureq::Error::BodyExceedsLimit(_) => Trouble::TooLong { limit },
            ureq::Error::Timeout(_) => Trouble::Connection(format!("no answer within {:?}", self.settings.timeout)),
            ureq::Error::BadUri(_) => Trouble::Connection("the URL cannot be used".to_owned()),
            error => Trouble::Connection(words(&error.to_string())),
        };
        let mut response = request.send(body.as_bytes()).map_err(lost)?;
        let status = response.status().as_u16();
        if matches!(status, 429 | 503) {
            let header = response.headers().get("Retry-After").and_then(|value| value.to_str().ok());
            let pause = header.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
            return Err(Trouble::Busy { status, pause });
        }
        let bytes = response.body_mut().with_config().limit(limit).read_to_vec().map_err(lost)?;
        let answer: Response<'_> = match serde_json::from_slice(&bytes) {
            Ok(answer) => answer,
            Err(_) if status != 200 => {
                return Err(Trouble::Connection(format!("the node answers HTTP status {status}")));
            }
            Err(_) => return Err(Trouble::Garbage("it is not JSON-RPC")),
        };
        if let Some(error) = answer.error.filter(|error| error.get() != "null") {
            let error: NodeError<'_> =
                serde_json::from_str(error.get()).map_err(|_| Trouble::Garbage("its error has no code or message"))?;
            let message = words(error.message.as_deref().unwrap_or("no reason given"));
            return Err(match error.code {
                429 => Trouble::Busy { status: 429, pause: None },
                code => Trouble::Node { code, message, data: error.revert_data() },
            });
        }
        if status != 200 {
            return Err(Trouble::Connection(format!("the node answers HTTP status {status}")));
        }
        if answer.id.map(RawValue::get) != Some("1") {
            return Err(Trouble::Garbage("it is the answer to another question"));
        }
        let result = answer.result.ok_or(Trouble::Garbage("it has neither result nor error"))?;
        serde_json::from_str(result.get()).map_err(|_| Trouble::Garbage("the result is not of the method's type"))
    }

    /// Asks something that may be asked any number of times.
    #[allow(clippy::needless_pass_by_value)] // every caller makes it for this question
    pub(super) fn ask<T: DeserializeOwned>(&self, method: &str, params: Value) -> Result<T, Trouble> {
        let mut pause = self.settings.pause;
        for attempt in 1.. {
            let trouble = match self.exchange(method, &params) {
                Ok(answer) => return Ok(answer),
                Err(trouble) => trouble,
            };
            let (reason, wait) = match &trouble {
                Trouble::Connection(reason) => (reason.clone(), pause),
                Trouble::Busy { status, pause: asked } => {
                    let wait = asked.unwrap_or(pause * 4).min(LONGEST_PAUSE);
                    (format!("the node is busy (HTTP status {status}): waiting for {wait:?}"), wait)
                }
                Trouble::Garbage(what) => (format!("the answer is no use: {what}"), pause),
                Trouble::Node { .. } | Trouble::TooLong { .. } => return Err(trouble),
            };
            if attempt >= self.settings.attempts {
                return Err(trouble);
            }
            self.observer.notice(&Step::Retrying { reason });
            sleep(wait);
            pause = longer(pause);
        }
        Err(Trouble::Garbage("it was not asked"))
    }

    /// Asks something whose refusal has no meaning of its own.
    pub(super) fn read<T: DeserializeOwned>(&self, method: &'static str, params: Value) -> Result<T, ChainError> {
        self.ask(method, params).map_err(|trouble| self.failed(method, trouble))
    }

    pub(super) fn failed(&self, method: &'static str, trouble: Trouble) -> ChainError {
        let endpoint = self.endpoint.clone();
        match trouble {
            Trouble::Connection(reason) => ChainError::Unreachable { endpoint, reason },
            Trouble::Busy { status, .. } => {
                ChainError::Unreachable { endpoint, reason: format!("it is too busy (HTTP status {status})") }
            }
            Trouble::Garbage(what) => ChainError::Garbage { endpoint, method, what },
            Trouble::TooLong { limit } => ChainError::AnswerTooLong { endpoint, method, limit },
            Trouble::Node { code, message, .. } => ChainError::Node { endpoint, method, code, message },
        }
    }

    pub(super) fn garbage(&self, method: &'static str, what: &'static str) -> ChainError {
        ChainError::Garbage { endpoint: self.endpoint.clone(), method, what }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_s_words_are_one_short_line() {
        assert_eq!(words("a\u{1b}[2Jb\nc"), "a [2Jb c");
        assert_eq!(words(&"x".repeat(1000)).len(), WORDS);
    }

    #[test]
    fn null_is_an_answer_and_nothing_is_none() {
        let of = |text: &'static str| serde_json::from_str::<Response<'_>>(text).unwrap();
        assert_eq!(of("{\"result\":null}").result.map(RawValue::get), Some("null"));
        assert!(of("{}").result.is_none());
    }

    #[test]
    fn reasons_are_found_where_nodes_put_them() {
        let data = |text: &'static str| serde_json::from_str::<NodeError<'_>>(text).unwrap().revert_data();
        assert_eq!(data("{\"code\":3,\"message\":\"x\",\"data\":\"0x0102\"}").unwrap()[..], [1, 2]);
        assert_eq!(data("{\"data\":{\"data\":\"0x03\",\"more\":[]}}").unwrap()[..], [3]);
        assert_eq!(data("{\"data\":[1]}"), None);
    }
}
