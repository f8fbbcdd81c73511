//! The protocol's words: numbers and bytes as hexadecimal text, blocks, receipts, events.
//!
//! Every answer is read straight into the type that is expected, so that a hostile one takes no more memory than the text
//! it is read from: what does not fit ends the reading where it stands.

use crate::ChainLog;
use alloy_primitives::{Address, B256, Bytes, U256};
use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};
use serde_json::{Value, json};
use std::{borrow::Cow, fmt};

/// Topics of an event.
const TOPICS: usize = 4;

/// A number of at most 64 bits, as `0x` and hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quantity(pub(super) u64);

/// A number of at most 256 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Big(pub(super) U256);

/// Bytes, two digits each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Data(pub(super) Bytes);

fn digits(text: &str) -> Option<&str> {
    text.strip_prefix("0x").filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn read<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    expected: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, D::Error> {
    let text = <Cow<'de, str> as Deserialize>::deserialize(deserializer)?;
    digits(&text).and_then(parse).ok_or_else(|| D::Error::custom(expected))
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, "a number of 64 bits", |digits| u64::from_str_radix(digits, 16).ok()).map(Self)
    }
}

impl<'de> Deserialize<'de> for Big {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parse = |digits: &str| match digits {
            "" => None,
            digits => U256::from_str_radix(digits, 16).ok(),
        };
        read(deserializer, "a number of 256 bits", parse).map(Self)
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, "bytes", |digits| hex::decode(digits).ok()).map(|bytes| Self(bytes.into()))
    }
}

/// What is read of a block that is asked for without its transactions.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Block {
    pub(super) number: Quantity,
    pub(super) hash: B256,
    pub(super) timestamp: Quantity,
    pub(super) base_fee_per_gas: Option<Quantity>,
    pub(super) transactions: Vec<B256>,
}

/// What is read of `eth_feeHistory`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FeeHistory {
    pub(super) base_fee_per_gas: Vec<Quantity>,
}

/// What is read of a transaction.
#[derive(Debug, Deserialize)]
pub(super) struct Transaction {
    pub(super) hash: B256,
}

/// What is read of a receipt.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReceiptAnswer {
    pub(super) transaction_hash: B256,
    pub(super) from: Address,
    pub(super) to: Option<Address>,
    pub(super) contract_address: Option<Address>,
    pub(super) block_number: Quantity,
    pub(super) block_hash: B256,
    pub(super) status: Quantity,
    pub(super) gas_used: Quantity,
    pub(super) logs: Vec<Event>,
}

/// An event, as receipts and filters have it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    address: Address,
    topics: Topics,
    data: Data,
    block_number: Quantity,
    #[serde(default)]
    pub(super) log_index: Option<Quantity>,
    #[serde(default)]
    pub(super) removed: bool,
}

impl From<Event> for ChainLog {
    fn from(event: Event) -> Self {
        Self { block_number: event.block_number.0, address: event.address, topics: event.topics.0, data: event.data.0 }
    }
}

/// At most four words.
#[derive(Debug)]
struct Topics(Vec<B256>);

impl<'de> Deserialize<'de> for Topics {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Few;
        impl<'de> Visitor<'de> for Few {
            type Value = Topics;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("at most four topics")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Topics, A::Error> {
                let mut topics = Vec::new();
                while let Some(topic) = list.next_element()? {
                    if topics.len() == TOPICS {
                        return Err(A::Error::custom("an event has at most four topics"));
                    }
                    topics.push(topic);
                }
                Ok(Topics(topics))
            }
        }
        deserializer.deserialize_seq(Few)
    }
}

/// A transaction as `eth_call` and `eth_estimateGas` take it.
pub(super) fn transaction_json(from: Address, to: Option<Address>, data: &[u8]) -> Value {
    let mut transaction = json!({ "from": from, "data": format!("0x{}", hex::encode(data)) });
    if let Some(to) = to {
        transaction["to"] = json!(to);
    }
    transaction
}

/// A number as the protocol has it.
pub(super) fn quantity_json(number: u64) -> Value {
    json!(format!("{number:#x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_the_protocol_says() {
        let quantity = |text: &str| serde_json::from_str::<Quantity>(text).ok();
        assert_eq!(quantity("\"0x1f\""), Some(Quantity(31)));
        for wrong in ["31", "\"31\"", "\"0x\"", "\"0x+1\"", "\"0x-1\"", "\"0x1ffffffffffffffff\"", "null", "[]"] {
            assert_eq!(quantity(wrong), None, "{wrong}");
        }
        assert!(serde_json::from_str::<Big>("\"0x\"").is_err() && serde_json::from_str::<Data>("\"0x1\"").is_err());
        assert_eq!(serde_json::from_str::<Data>("\"0x\"").unwrap(), Data(Bytes::new()));
    }

    #[test]
    fn events_have_at_most_four_topics() {
        let event = |topics: usize| {
            let topics = vec![B256::ZERO; topics];
            let event = json!({ "address": Address::ZERO, "topics": topics, "data": "0x", "blockNumber": "0x1" });
            serde_json::from_value::<Event>(event).is_ok()
        };
        assert!(event(0) && event(4) && !event(5));
    }
}
