//! The compiled contracts: committed artefacts, their ABI in Rust, and reverts in words.
//!
//! The artefacts are written by `cargo xtask contracts` and are part of this crate, so nobody needs a compiler at run
//! time. What the caller must believe: that they come from the sources beside them, which `cargo xtask contracts
//! --check` shows by making them again.

use crate::revert::Refusal;
use alloy_primitives::{Address, U256, hex, keccak256};
use alloy_sol_types::SolValue;
use serde_json::Value;
use std::fmt;
use std::ops::Range;
use std::sync::LazyLock;
use veilmark_statement::claim::Claim;

pub use bindings::{
    IAuthenticityToken, IClaimRouter, IClaimVerifier, IContentRegistry, IERC721, IERC7007, IModelRegistry,
};

/// Rust types of the interfaces, from their sources.
#[allow(missing_docs, missing_debug_implementations, clippy::all)]
mod bindings {
    alloy_sol_types::sol!("contracts/src/IClaimVerifier.sol");
    alloy_sol_types::sol! {
        #![sol(all_derives)]
        "contracts/src/IClaimRouter.sol"
    }
    alloy_sol_types::sol! {
        #![sol(all_derives)]
        "contracts/src/IModelRegistry.sol"
    }
    alloy_sol_types::sol! {
        #![sol(all_derives)]
        "contracts/src/IContentRegistry.sol"
    }
    alloy_sol_types::sol! {
        #![sol(all_derives)]
        "contracts/src/IAuthenticityToken.sol"
    }
    alloy_sol_types::sol!("contracts/src/IERC7007.sol");
    alloy_sol_types::sol! {
        /// What the tool asks of the token as an ERC-721.
        interface IERC721 {
            function ownerOf(uint256 tokenId) external view returns (address owner);
            function tokenURI(uint256 tokenId) external view returns (string memory uri);
            function safeTransferFrom(address from, address to, uint256 tokenId) external;
            function supportsInterface(bytes4 interfaceId) external view returns (bool supported);
        }
    }
}

/// A compiled contract.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// The contract's name.
    pub name: &'static str,
    /// The committed artefact: ABI, bytecodes, the compiler and its settings.
    pub json: &'static str,
    /// What a transaction that deploys it carries, constructor arguments excepted.
    pub init_code: Vec<u8>,
    /// What is at its address afterwards, but for what the constructor writes into it.
    pub runtime_code: Vec<u8>,
    /// Where that is.
    immutables: Vec<Range<usize>>,
    errors: Vec<ErrorAbi>,
}

/// A typed error of a contract.
#[derive(Clone, Debug)]
struct ErrorAbi {
    selector: [u8; 4],
    name: String,
    /// Names and types.
    inputs: Vec<(String, String)>,
}

/// The router: which verifiers and keys stand for a claim.
pub static CLAIM_ROUTER: LazyLock<Artifact> =
    LazyLock::new(|| Artifact::parse("ClaimRouter", include_str!("../artifacts/ClaimRouter.json")));

/// The registry of models.
pub static MODEL_REGISTRY: LazyLock<Artifact> =
    LazyLock::new(|| Artifact::parse("ModelRegistry", include_str!("../artifacts/ModelRegistry.json")));

/// The registry of content.
pub static CONTENT_REGISTRY: LazyLock<Artifact> =
    LazyLock::new(|| Artifact::parse("ContentRegistry", include_str!("../artifacts/ContentRegistry.json")));

/// The tokens.
pub static AUTHENTICITY_TOKEN: LazyLock<Artifact> =
    LazyLock::new(|| Artifact::parse("AuthenticityToken", include_str!("../artifacts/AuthenticityToken.json")));

/// The verifiers, in the order of [`Claim::ALL`].
static VERIFIERS: LazyLock<[Artifact; 4]> = LazyLock::new(|| {
    [
        Artifact::parse("FingerprintVerifier", include_str!("../artifacts/FingerprintVerifier.json")),
        Artifact::parse("GenerationVerifier", include_str!("../artifacts/GenerationVerifier.json")),
        Artifact::parse("AuthenticityVerifier", include_str!("../artifacts/AuthenticityVerifier.json")),
        Artifact::parse("CommittedFingerprintVerifier", include_str!("../artifacts/CommittedFingerprintVerifier.json")),
    ]
});

/// The verifier of a claim, for every shape.
///
/// # Panics
///
/// For a claim that is not of this program.
pub fn verifier(claim: Claim) -> &'static Artifact {
    let name = claim.verifier();
    VERIFIERS.iter().find(|artifact| artifact.name == name).expect("a claim of this program has a verifier")
}

/// Every hand-written contract whose errors are to be told in words.
fn all() -> [&'static Artifact; 4] {
    [&CLAIM_ROUTER, &MODEL_REGISTRY, &CONTENT_REGISTRY, &AUTHENTICITY_TOKEN]
}

/// Every contract of a deployment.
pub fn exported() -> impl Iterator<Item = &'static Artifact> {
    all().into_iter().chain(Claim::ALL.map(verifier))
}

impl Artifact {
    /// Reads a committed artefact.
    ///
    /// # Panics
    ///
    /// If it is not what `cargo xtask contracts` writes: it is a part of this program, not input.
    fn parse(name: &'static str, json: &'static str) -> Self {
        let artifact: Value = serde_json::from_str(json).expect("a committed artefact is JSON");
        assert_eq!(artifact["contractName"], name, "a committed artefact carries the name of its file");
        let code = |kind: &str| {
            let text = artifact[kind].as_str().expect("a committed artefact has bytecode");
            hex::decode(text).expect("a committed artefact's bytecode is hexadecimal")
        };
        let errors = artifact["abi"].as_array().expect("a committed artefact has an ABI").iter();
        let errors = errors.filter(|item| item["type"] == "error").map(ErrorAbi::parse).collect();
        let place = |text: &str| {
            let (start, length) = text.split_once('+').expect("a place in code is a start and a length");
            let number = |text: &str| text.parse::<usize>().expect("a place in code is two numbers");
            number(start)..number(start) + number(length)
        };
        let immutables = artifact["immutables"].as_str().unwrap_or_default().split_whitespace().map(place).collect();
        Self { name, json, init_code: code("bytecode"), runtime_code: code("deployedBytecode"), immutables, errors }
    }

    /// Whether code on a chain is this contract's, whatever its constructor was given.
    pub fn is_code_of(&self, code: &[u8]) -> bool {
        let mut blank = code.to_vec();
        for place in &self.immutables {
            let Some(bytes) = blank.get_mut(place.clone()) else { return false };
            bytes.fill(0);
        }
        blank == self.runtime_code
    }
}

impl ErrorAbi {
    fn parse(item: &Value) -> Self {
        let text = |value: &Value| value.as_str().expect("the ABI names its errors, parameters and types").to_owned();
        let name = text(&item["name"]);
        let inputs: Vec<_> = item["inputs"].as_array().into_iter().flatten().collect();
        let inputs: Vec<_> = inputs.iter().map(|input| (text(&input["name"]), text(&input["type"]))).collect();
        let types: Vec<_> = inputs.iter().map(|(_, kind)| kind.as_str()).collect();
        let signature = keccak256(format!("{name}({})", types.join(",")));
        Self { selector: [signature[0], signature[1], signature[2], signature[3]], name, inputs }
    }
}

/// The code that deploys a router: `owner` may add, after `delay` seconds, `guardian` may stop; `claims` are there from
/// the beginning.
pub fn router_init_code(
    owner: Address,
    guardian: Address,
    delay: u64,
    claims: Vec<IClaimRouter::ClaimInput>,
) -> Vec<u8> {
    let arguments = (owner, guardian, U256::from(delay), claims).abi_encode_params();
    [CLAIM_ROUTER.init_code.clone(), arguments].concat()
}

/// The code that deploys a registry of models.
pub fn model_registry_init_code(router: Address) -> Vec<u8> {
    [MODEL_REGISTRY.init_code.clone(), router.abi_encode()].concat()
}

/// The code that deploys a registry of content.
pub fn content_registry_init_code(router: Address, models: Address) -> Vec<u8> {
    [CONTENT_REGISTRY.init_code.clone(), (router, models).abi_encode_params()].concat()
}

/// The code that deploys the tokens; proofs are bound to `registry`.
pub fn token_init_code(router: Address, models: Address, registry: Address) -> Vec<u8> {
    [AUTHENTICITY_TOKEN.init_code.clone(), (router, models, registry).abi_encode_params()].concat()
}

/// The code that deploys a data contract: whatever `runtime_code` is, it is what lies at the address afterwards.
///
/// `None` if the code is longer than EIP-170 allows.
pub fn data_contract_init_code(runtime_code: &[u8]) -> Option<Vec<u8>> {
    const EIP170_LIMIT: usize = 24_576;
    let length = u16::try_from(runtime_code.len()).ok().filter(|length| usize::from(*length) <= EIP170_LIMIT)?;
    let [high, low] = length.to_be_bytes();
    // PUSH2 length, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN: ten bytes, so the data begins at byte 10.
    let prefix = [0x61, high, low, 0x80, 0x60, 10, 0x5f, 0x39, 0x5f, 0xf3];
    Some([&prefix[..], runtime_code].concat())
}

/// What a generated verifier is called where a contract's name is said.
pub const VERIFIER: &str = "verifier";

/// Why a call reverted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revert {
    /// The contract whose error it is, [`VERIFIER`] for any of the generated ones; `None` for Solidity's own errors and
    /// for unknown ones.
    pub contract: Option<&'static str>,
    /// The error's name; empty when nothing is known about it.
    pub error: String,
    /// The parameters: names and values.
    pub arguments: Vec<(String, String)>,
    /// The revert data as it came.
    pub data: Vec<u8>,
}

impl Revert {
    /// Decodes revert data by the ABI of every contract of ours. Any bytes are fine.
    pub fn decode(data: &[u8]) -> Self {
        let known = |contract, error: &str, arguments| Self {
            contract,
            error: error.to_owned(),
            arguments,
            data: data.to_vec(),
        };
        let Some((selector, body)) = data.split_first_chunk::<4>() else {
            return known(None, "", Vec::new());
        };
        if let Some(refusal) = Refusal::decode(data) {
            let values = body.chunks_exact(32).map(|word| U256::from_be_slice(word).to_string());
            let names = refusal.parameters().iter().map(|name| (*name).to_owned());
            return known(Some(VERIFIER), refusal.name(), names.zip(values).collect());
        }
        for artifact in all() {
            for error in artifact.errors.iter().filter(|error| error.selector == *selector) {
                if let Some(arguments) = words(body, &error.inputs) {
                    return known(Some(artifact.name), &error.name, arguments);
                }
            }
        }
        // Solidity's own: Error(string) of `require`, Panic(uint256) of `assert`, overflow and the like.
        match selector {
            [0x08, 0xc3, 0x79, 0xa0] => match String::abi_decode_validate(body) {
                Ok(reason) => known(None, "Error", vec![("reason".to_owned(), reason)]),
                Err(_) => known(None, "", Vec::new()),
            },
            [0x4e, 0x48, 0x7b, 0x71] => match U256::abi_decode_validate(body) {
                Ok(code) => known(None, "Panic", vec![("code".to_owned(), format!("{code:#x}"))]),
                Err(_) => known(None, "", Vec::new()),
            },
            _ => known(None, "", Vec::new()),
        }
    }
}

impl fmt::Display for Revert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.error.is_empty() {
            // A revert's data may be long, and is the contract's choice: enough to look the error up.
            let shown = self.data.get(..36).unwrap_or(&self.data);
            let more = if shown.len() < self.data.len() { "…" } else { "" };
            return match shown {
                [] => f.write_str("no reason given"),
                shown => write!(f, "unknown error 0x{}{more}", hex::encode(shown)),
            };
        }
        if let Some(contract) = self.contract {
            write!(f, "{contract}: ")?;
        }
        let arguments: Vec<_> = self.arguments.iter().map(|(name, value)| format!("{name} {value}")).collect();
        write!(f, "{}({})", self.error, arguments.join(", "))
    }
}

/// The values of parameters that take one word each; `None` if the data is not exactly such words, or a type is longer.
fn words(body: &[u8], inputs: &[(String, String)]) -> Option<Vec<(String, String)>> {
    if body.len() != 32 * inputs.len() {
        return None;
    }
    inputs
        .iter()
        .zip(body.chunks_exact(32))
        .map(|((name, kind), word)| Some((name.clone(), value(kind, word)?)))
        .collect()
}

/// One word as a value of a type.
fn value(kind: &str, word: &[u8]) -> Option<String> {
    if kind.ends_with(']') || kind == "bytes" || kind == "string" {
        return None;
    }
    Some(if kind == "address" {
        Address::from_slice(word.get(12..)?).to_string()
    } else if kind.starts_with("uint") {
        U256::from_be_slice(word).to_string()
    } else if kind == "bool" {
        U256::from_be_slice(word).bit(0).to_string()
    } else {
        format!("0x{}", hex::encode(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::B256;
    use alloy_sol_types::{SolCall, SolError};

    #[test]
    fn the_artefacts_fit_the_bindings_and_the_chain() {
        let names = |artifact: &Artifact| artifact.errors.iter().map(|error| error.name.clone()).collect::<Vec<_>>();
        assert!(names(&CLAIM_ROUTER).contains(&"ClaimInactive".to_owned()));
        assert!(names(&CLAIM_ROUTER).contains(&"OwnableUnauthorizedAccount".to_owned()), "inherited ones too");
        assert!(names(&MODEL_REGISTRY).contains(&"ModelNotFound".to_owned()));
        assert!(names(&CONTENT_REGISTRY).contains(&"AlreadyRegistered".to_owned()));
        assert!(names(&AUTHENTICITY_TOKEN).contains(&"AlreadyMinted".to_owned()));
        for artifact in exported() {
            assert!(artifact.runtime_code.len() <= 24_576, "{}: EIP-170", artifact.name);
            assert!(artifact.init_code.len() <= 2 * 24_576, "{}: EIP-3860", artifact.name);
        }
        let id = |a: [u8; 4], b: [u8; 4]| std::array::from_fn::<u8, 4, _>(|i| a[i] ^ b[i]);
        let id = id(IERC7007::addAigcDataCall::SELECTOR, IERC7007::verifyCall::SELECTOR);
        assert_eq!(id, [0x70, 0x2c, 0x55, 0xa6], "ERC-7007's");
    }

    #[test]
    fn reverts_are_told_in_words() {
        let data = IContentRegistry::ToleranceTooLarge { got: 40, max: 31 }.abi_encode();
        let revert = Revert::decode(&data);
        assert_eq!(revert.contract, Some("ContentRegistry"));
        assert_eq!(revert.to_string(), "ContentRegistry: ToleranceTooLarge(got 40, max 31)");

        let data = IClaimRouter::NotGuardian { caller: Address::repeat_byte(0xab) }.abi_encode();
        let said = Revert::decode(&data).to_string().to_lowercase();
        assert_eq!(said, format!("claimrouter: notguardian(caller 0x{})", "ab".repeat(20)));

        let data = IContentRegistry::UnknownRecord { recordId: B256::repeat_byte(7) }.abi_encode();
        assert!(Revert::decode(&data).to_string().contains(&"07".repeat(32)));
        assert_eq!(Revert::decode(&data[..35]).error, "", "cut short, it is not that error");
    }

    #[test]
    fn a_verifier_s_refusals_are_told_in_words() {
        let mut data = Refusal::CalldataLength.selector().to_vec();
        data.extend([U256::from(1), U256::from(2)].abi_encode());
        let revert = Revert::decode(&data);
        assert_eq!(revert.contract, Some(VERIFIER));
        assert_eq!(revert.to_string(), "verifier: CalldataLength(expected 1, got 2)");
        assert_eq!(Revert::decode(&Refusal::ProofInvalid.selector()).to_string(), "verifier: ProofInvalid()");
    }

    #[test]
    fn solidity_s_own_and_unknown_reverts_are_told_too() {
        let error = [&[0x08, 0xc3, 0x79, 0xa0][..], &"too bad".to_owned().abi_encode()].concat();
        assert_eq!(Revert::decode(&error).to_string(), "Error(reason too bad)");
        let panic = [&[0x4e, 0x48, 0x7b, 0x71][..], &U256::from(0x11).abi_encode()].concat();
        assert_eq!(Revert::decode(&panic).to_string(), "Panic(code 0x11)");
        assert_eq!(Revert::decode(&[]).to_string(), "no reason given");
        assert_eq!(Revert::decode(&[1, 2, 3]).to_string(), "unknown error 0x010203");
        let long = Revert::decode(&[9; 100]).to_string();
        assert!(long.ends_with('…') && long.len() < 100);
    }

    #[test]
    fn a_data_contract_is_no_longer_than_the_chain_allows() {
        assert!(data_contract_init_code(&vec![0; 24_576]).is_some());
        assert!(data_contract_init_code(&vec![0; 24_577]).is_none());
        assert!(data_contract_init_code(&vec![0; 70_000]).is_none());
    }
}
