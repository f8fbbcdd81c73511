//! Why a call reverted: the contracts' typed errors, as their ABI has them.
//!
//! [`ContractError`] is made of enums whose variants the ABI gives, so a renamed Solidity error is a compile error where it is
//! matched. [`Revert`] shows any of them in words.

use crate::{
    artifact,
    interfaces::{
        IAuthenticityToken::IAuthenticityTokenErrors, IClaimRouter::IClaimRouterErrors,
        IContentRegistry::IContentRegistryErrors, IInherited::IInheritedErrors, IModelRegistry::IModelRegistryErrors,
        IVerifier::IVerifierErrors,
    },
};
use alloy_primitives::{Address, U256, hex, keccak256};
use alloy_sol_types::{SolInterface, SolValue};
use serde_json::Value;
use std::{collections::BTreeMap, fmt, sync::LazyLock};

/// What a generated verifier is called where a contract's name is said.
pub const VERIFIER: &str = "verifier";
/// What stands for OpenZeppelin's contracts, which ours inherit.
pub const INHERITED: &str = "OpenZeppelin";

/// A typed error of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContractError {
    /// The router's.
    Router(IClaimRouterErrors),
    /// The registry of models'.
    Models(IModelRegistryErrors),
    /// The registry of content's.
    Content(IContentRegistryErrors),
    /// The tokens'.
    Token(IAuthenticityTokenErrors),
    /// A generated verifier's.
    Verifier(IVerifierErrors),
    /// Of the libraries that the contracts inherit.
    Inherited(IInheritedErrors),
    /// `require` with a text, of a contract that is none of ours.
    Reason(String),
    /// Solidity's own checks: overflow, an index, and the like.
    Panic(U256),
    /// None that is known, or none at all.
    Unknown,
}

impl ContractError {
    /// Decodes revert data. Any bytes are fine.
    pub fn decode(data: &[u8]) -> Self {
        fn of<E: SolInterface>(data: &[u8], make: fn(E) -> ContractError) -> Option<ContractError> {
            let selector = *data.first_chunk::<4>()?;
            E::valid_selector(selector).then(|| E::abi_decode_validate(data).ok()).flatten().map(make)
        }
        // Errors of several contracts may have one selector: they mean the same, and the first is named.
        of(data, Self::Verifier)
            .or_else(|| of(data, Self::Router))
            .or_else(|| of(data, Self::Models))
            .or_else(|| of(data, Self::Content))
            .or_else(|| of(data, Self::Token))
            .or_else(|| of(data, Self::Inherited))
            .or_else(|| match data.split_first_chunk::<4>()? {
                ([0x08, 0xc3, 0x79, 0xa0], body) => String::abi_decode_validate(body).ok().map(Self::Reason),
                ([0x4e, 0x48, 0x7b, 0x71], body) => U256::abi_decode_validate(body).ok().map(Self::Panic),
                _ => None,
            })
            .unwrap_or(Self::Unknown)
    }

    /// Whose error it is; `None` for Solidity's own errors and for unknown ones.
    pub const fn contract(&self) -> Option<&'static str> {
        match self {
            Self::Router(_) => Some("ClaimRouter"),
            Self::Models(_) => Some("ModelRegistry"),
            Self::Content(_) => Some("ContentRegistry"),
            Self::Token(_) => Some("AuthenticityToken"),
            Self::Verifier(_) => Some(VERIFIER),
            Self::Inherited(_) => Some(INHERITED),
            Self::Reason(_) | Self::Panic(_) | Self::Unknown => None,
        }
    }
}

/// Why a call reverted, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revert {
    /// The error.
    pub error: ContractError,
    /// Its name; empty when nothing is known about it.
    pub name: &'static str,
    /// Its parameters: names and values.
    pub arguments: Vec<(String, String)>,
    /// The revert data as it came.
    pub data: Vec<u8>,
}

/// A typed error as an ABI describes it.
#[derive(Debug)]
struct Described {
    name: String,
    /// Names and types.
    parameters: Vec<(String, String)>,
}

/// Every error of every artefact, by its selector.
static DESCRIBED: LazyLock<BTreeMap<[u8; 4], Described>> = LazyLock::new(|| {
    let errors = artifact::all().flat_map(artifact::Artifact::abi).filter(|item| item["type"] == "error");
    errors.map(|item| describe(&item)).collect()
});

fn describe(item: &Value) -> ([u8; 4], Described) {
    let text = |value: &Value| value.as_str().expect("the ABI names its errors, parameters and types").to_owned();
    let name = text(&item["name"]);
    let inputs = item["inputs"].as_array().into_iter().flatten();
    let parameters: Vec<_> = inputs.map(|input| (text(&input["name"]), text(&input["type"]))).collect();
    let types: Vec<_> = parameters.iter().map(|(_, kind)| kind.as_str()).collect();
    let signature = keccak256(format!("{name}({})", types.join(",")));
    ([signature[0], signature[1], signature[2], signature[3]], Described { name, parameters })
}

impl Revert {
    /// Decodes revert data by the ABI of every contract of ours. Any bytes are fine.
    pub fn decode(data: &[u8]) -> Self {
        let error = ContractError::decode(data);
        let (name, arguments) = match &error {
            ContractError::Unknown => ("", Vec::new()),
            ContractError::Reason(reason) => ("Error", vec![("reason".to_owned(), reason.clone())]),
            ContractError::Panic(code) => ("Panic", vec![("code".to_owned(), format!("{code:#x}"))]),
            _ => data
                .split_first_chunk::<4>()
                .and_then(|(selector, body)| {
                    let described = DESCRIBED.get(selector)?;
                    // Longer parameters are left out: the name says enough.
                    Some((described.name.as_str(), words(body, &described.parameters).unwrap_or_default()))
                })
                .unwrap_or_default(),
        };
        Self { error, name, arguments, data: data.to_vec() }
    }
}

impl fmt::Display for Revert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.is_empty() {
            // A revert's data may be long, and is the contract's choice: enough to look the error up.
            let shown = self.data.get(..36).unwrap_or(&self.data);
            let more = if shown.len() < self.data.len() { "…" } else { "" };
            return match shown {
                [] => f.write_str("no reason given"),
                shown => write!(f, "unknown error 0x{}{more}", hex::encode(shown)),
            };
        }
        if let Some(contract) = self.error.contract() {
            write!(f, "{contract}: ")?;
        }
        let arguments: Vec<_> = self.arguments.iter().map(|(name, value)| format!("{name} {value}")).collect();
        write!(f, "{}({})", self.name, arguments.join(", "))
    }
}

/// The values of parameters that take one word each; `None` if the data is not exactly such words, or a type is longer.
fn words(body: &[u8], parameters: &[(String, String)]) -> Option<Vec<(String, String)>> {
    if body.len() != 32 * parameters.len() {
        return None;
    }
    parameters
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
    use crate::interfaces::{IClaimRouter, IContentRegistry, IInherited, IVerifier, Role};
    use alloy_primitives::B256;
    use alloy_sol_types::SolError;

    /// Every error that any artefact's ABI has is one that is decoded, under its own name.
    #[test]
    fn every_error_of_the_abi_is_known() {
        assert!(DESCRIBED.len() > 80, "{}", DESCRIBED.len());
        for (selector, described) in DESCRIBED.iter() {
            let data = [&selector[..], &vec![0; 32 * described.parameters.len()]].concat();
            let revert = Revert::decode(&data);
            assert!(revert.error.contract().is_some(), "{}", described.name);
            assert_eq!(revert.name, described.name);
        }
    }

    #[test]
    fn reverts_are_told_in_words() {
        let data = IClaimRouter::ToleranceTooLarge { got: U256::from(40), max: U256::from(31) }.abi_encode();
        assert_eq!(Revert::decode(&data).to_string(), "ClaimRouter: ToleranceTooLarge(got 40, max 31)");

        let data = IClaimRouter::NotGuardian { caller: Address::repeat_byte(0xab) }.abi_encode();
        let said = Revert::decode(&data).to_string().to_lowercase();
        assert_eq!(said, format!("claimrouter: notguardian(caller 0x{})", "ab".repeat(20)));

        let data = IContentRegistry::UnknownRecord { recordId: B256::repeat_byte(7) }.abi_encode();
        assert!(Revert::decode(&data).to_string().contains(&"07".repeat(32)));
        assert_eq!(ContractError::decode(&data[..35]), ContractError::Unknown, "cut short, it is not that error");

        let (expected, got) = (B256::ZERO, B256::repeat_byte(1));
        let mismatch = IClaimRouter::CommitmentMismatch { role: Role::Source, expected, got };
        let revert = Revert::decode(&mismatch.abi_encode());
        assert_eq!(revert.error, ContractError::Router(IClaimRouterErrors::CommitmentMismatch(mismatch)));
        assert!(revert.to_string().starts_with("ClaimRouter: CommitmentMismatch(role 2, expected 0x00"));

        let data = IInherited::OwnableUnauthorizedAccount { account: Address::ZERO }.abi_encode();
        assert_eq!(Revert::decode(&data).error.contract(), Some(INHERITED));
    }

    #[test]
    fn a_verifier_s_refusals_are_told_in_words() {
        let data = IVerifier::CalldataLength { expected: U256::from(1), got: U256::from(2) }.abi_encode();
        assert_eq!(Revert::decode(&data).to_string(), "verifier: CalldataLength(expected 1, got 2)");
        assert_eq!(Revert::decode(&IVerifier::ProofInvalid {}.abi_encode()).to_string(), "verifier: ProofInvalid()");
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
}
