//! The pinned compiler.

use serde_json::{Value, json};
use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};
use veilmark_verifier_contract::solidity::SOLC_SETTINGS;

/// Bytecodes of one contract.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    pub(crate) init_code: Vec<u8>,
    pub(crate) runtime_code: Vec<u8>,
}

/// Compiles a contract with the generator's own settings; any warning is a failure.
pub(crate) fn compile(source: &str, contract: &str) -> Compiled {
    let settings = serde_json::from_str(SOLC_SETTINGS).expect("the settings are JSON");
    let (compiled, messages) = compile_with(source, contract, &settings);
    assert_eq!(messages, Vec::<String>::new(), "the generated source compiles without a word");
    compiled
}

/// Compiles with given settings; answers the compiler's warnings too.
pub(crate) fn compile_with(source: &str, contract: &str, settings: &Value) -> (Compiled, Vec<String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts");
    assert!(
        folder.join("node_modules/solc").exists(),
        "the Solidity compiler is missing: run `npm ci` in verifier-contract/contracts"
    );
    let input = json!({
        "language": "Solidity",
        "sources": { "source.sol": { "content": source } },
        "settings": settings,
    });
    let mut node = Command::new("node")
        .arg(folder.join("solc.cjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node runs");
    node.stdin.take().expect("stdin is piped").write_all(input.to_string().as_bytes()).expect("node reads");
    let output = node.wait_with_output().expect("node ends");
    let answer: Value = serde_json::from_slice(&output.stdout).expect("solc answers JSON");
    let messages = answer["errors"].as_array().cloned().unwrap_or_default();
    let told: Vec<_> =
        messages.iter().map(|message| message["formattedMessage"].as_str().unwrap_or_default().to_owned()).collect();
    let failed = messages.iter().any(|message| message["severity"] == "error");
    assert!(!failed, "{}", told.join("\n"));
    let contract = &answer["contracts"]["source.sol"][contract]["evm"];
    let code = |kind: &str| {
        hex::decode(contract[kind]["object"].as_str().expect("solc answers bytecode")).expect("bytecode is hexadecimal")
    };
    (Compiled { init_code: code("bytecode"), runtime_code: code("deployedBytecode") }, told)
}
