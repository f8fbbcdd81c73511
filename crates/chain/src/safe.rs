//! Transactions for a multisignature: the file that Safe's transaction builder imports.

use alloy_primitives::{Address, hex};
use serde::Serialize;

/// A transaction that somebody else signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// What it does, for people.
    pub what: String,
    /// The contract that is called.
    pub to: Address,
    /// The call.
    pub data: Vec<u8>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Batch {
    version: &'static str,
    chain_id: String,
    created_at: u64,
    meta: Meta,
    transactions: Vec<Entry>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    name: &'static str,
    description: String,
    tx_builder_version: &'static str,
    created_from_safe_address: String,
    created_from_owner_address: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    to: String,
    value: &'static str,
    data: String,
    contract_method: Option<()>,
    contract_inputs_values: Option<()>,
}

/// The file's text; `safe` is the account that will send, `now` the time in seconds since 1970.
///
/// # Panics
///
/// Never: everything in it has a form in JSON.
pub fn batch(chain_id: u64, safe: Address, transactions: &[Transaction], now: u64) -> String {
    let entry = |transaction: &Transaction| Entry {
        to: transaction.to.to_checksum(None),
        value: "0",
        data: hex::encode_prefixed(&transaction.data),
        contract_method: None,
        contract_inputs_values: None,
    };
    let what: Vec<_> = transactions.iter().map(|transaction| transaction.what.as_str()).collect();
    let batch = Batch {
        version: "1.0",
        chain_id: chain_id.to_string(),
        created_at: now.saturating_mul(1000),
        meta: Meta {
            name: "veilmark",
            description: what.join("; "),
            tx_builder_version: "1.17.1",
            created_from_safe_address: safe.to_checksum(None),
            created_from_owner_address: "",
        },
        transactions: transactions.iter().map(entry).collect(),
    };
    let text = serde_json::to_string_pretty(&batch).expect("a batch has no maps with other keys than text");
    format!("{text}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_what_the_transaction_builder_imports() {
        let transaction =
            Transaction { what: "pause".to_owned(), to: Address::repeat_byte(0xab), data: vec![1, 2, 0xff] };
        let text = batch(11_155_111, Address::repeat_byte(1), &[transaction], 7);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&json["version"], &json["chainId"]), (&"1.0".into(), &"11155111".into()));
        let entry = &json["transactions"][0];
        assert_eq!((&entry["data"], &entry["value"]), (&"0x0102ff".into(), &"0".into()));
        assert_eq!(entry["to"], Address::repeat_byte(0xab).to_checksum(None));
        assert!(entry["contractMethod"].is_null() && json["createdAt"] == 7000);
    }
}
