//! The generated part of the npm package `@veilmark/contracts`, below `verifier-contract/npm`: ABIs, code, claims, the enums' names, the
//! public deployments, and what its tests compare with, computed here.
//!
//! All of it follows from the artefacts, the statement's claims and the manifests in `verifier-contract/deployments`, so that
//! `cargo xtask contracts --check` sees a package that says something else than the contracts.

use crate::{contracts_dir, read, root};
use alloy_primitives::{Address, U256};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use veilmark_contract_bindings::{
    addresses::{self, Addresses},
    artifact::Artifact,
    claims,
    interfaces::{ClaimDescription, IClaimRouter},
};
use veilmark_statement::{public, record};

/// The package's folder.
pub(crate) fn folder() -> PathBuf {
    root().join("verifier-contract/npm")
}

/// Folders in which nothing stands but what is generated.
pub(crate) fn generated() -> [PathBuf; 2] {
    [folder().join("src/generated"), folder().join("test/generated")]
}

const HEADER: &str = "// Made by `cargo xtask contracts`: do not edit.\n";

/// Every generated file, from the artefacts' texts.
pub(crate) fn files(artifacts: &BTreeMap<PathBuf, String>) -> Result<BTreeMap<PathBuf, String>> {
    let contracts = Contracts::read(artifacts)?;
    let [source, test] = generated();
    Ok(BTreeMap::from([
        (source.join("abi.ts"), contracts.abis()?),
        (source.join("bytecode.ts"), contracts.codes()?),
        (source.join("claims.ts"), claims_source()?),
        (source.join("enums.ts"), enums()?),
        (source.join("deployments.ts"), deployments()?),
        (test.join("vectors.json"), format!("{:#}\n", vectors(&contracts)?)),
    ]))
}

/// The contracts of a deployment, by name.
struct Contracts(BTreeMap<String, Value>);

impl Contracts {
    fn read(artifacts: &BTreeMap<PathBuf, String>) -> Result<Self> {
        let deployed = |path: &Path| path.parent().is_some_and(|parent| parent.ends_with("artifacts"));
        let parse = |text: &String| -> Result<(String, Value)> {
            let artifact: Value = serde_json::from_str(text)?;
            Ok((artifact["contractName"].as_str().context("an artefact without a name")?.to_owned(), artifact))
        };
        let read = artifacts.iter().filter(|(path, _)| deployed(path)).map(|(_, text)| parse(text));
        Ok(Self(read.collect::<Result<_>>()?))
    }

    fn generated(&self) -> impl Iterator<Item = &Value> {
        let is_generated =
            |artifact: &&Value| artifact["sourceName"].as_str().is_some_and(|name| name.contains("/generated/"));
        self.0.values().filter(is_generated)
    }

    /// One constant for each contract, one for the verifiers, whose ABIs are one, and every error that anything may revert with.
    fn abis(&self) -> Result<String> {
        let mut text = HEADER.to_owned();
        let mut errors = BTreeMap::new();
        for (name, artifact) in &self.0 {
            for item in artifact["abi"].as_array().into_iter().flatten().filter(|item| item["type"] == "error") {
                errors.insert(item.to_string(), item.clone());
            }
            if !self.generated().any(|verifier| verifier["contractName"] == name.as_str()) {
                text.push_str(&constant(&format!("{}Abi", lower(name)), &artifact["abi"]));
            }
        }
        let interface = interface_of_verifiers(&read(&contracts_dir().join("src/IClaimVerifier.sol"))?)?;
        text.push_str(&constant("claimVerifierAbi", &interface));
        text.push_str(
            "\n/** Every error of every contract: a registry's call may revert with its router's or a verifier's. Append it to an ABI. */",
        );
        text.push_str(&constant("errorsAbi", &Value::Array(errors.into_values().collect())));
        Ok(text)
    }

    fn codes(&self) -> Result<String> {
        let code =
            |(name, artifact): (&String, &Value)| Some((name.clone(), artifact["bytecode"].as_str()?.to_owned()));
        let codes: BTreeMap<_, _> = self.0.iter().filter_map(code).collect();
        if codes.len() != self.0.len() {
            bail!("an artefact without bytecode");
        }
        let text = serde_json::to_string_pretty(&codes)?;
        Ok(format!(
            "{HEADER}\n/** The contracts' creation code, without arguments. */\nexport const initCode = {text} as const;\n"
        ))
    }

    fn init_code(&self, artifact: &Artifact) -> Result<String> {
        let found = self.0.get(artifact.name).and_then(|artifact| artifact["bytecode"].as_str());
        found.map(str::to_owned).with_context(|| format!("no bytecode of {}", artifact.name))
    }
}

/// What `IClaimVerifier` declares, as an ABI. The generated verifiers answer in a `fallback`, so their own ABIs do not say it.
fn interface_of_verifiers(source: &str) -> Result<Value> {
    for declared in
        ["function verify(", "function claimId(", "function constraintSystemDigest(", "function publicInputCount("]
    {
        if source.matches("    function ").count() != 4 || !source.contains(declared) {
            bail!("IClaimVerifier declares something else than is written here");
        }
    }
    let view = |name: &str, inputs: Value, output: Option<&str>| {
        let outputs: Vec<_> = output.map(|kind| json!({ "name": "", "type": kind })).into_iter().collect();
        json!({ "type": "function", "name": name, "inputs": inputs, "outputs": outputs, "stateMutability": "view" })
    };
    let arguments = json!([
        { "name": "vk", "type": "address" },
        { "name": "publicInputs", "type": "uint256[]" },
        { "name": "proof", "type": "bytes" },
    ]);
    Ok(json!([
        view("verify", arguments, None),
        view("claimId", json!([]), Some("bytes32")),
        view("constraintSystemDigest", json!([]), Some("bytes32")),
        view("publicInputCount", json!([]), Some("uint256")),
    ]))
}

fn lower(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase().to_string() + letters.as_str()).unwrap_or_default()
}

fn constant(name: &str, value: &Value) -> String {
    format!("\nexport const {name} = {value:#} as const;\n")
}

fn description(description: &ClaimDescription) -> Value {
    let segment = |segment: &veilmark_contract_bindings::interfaces::Segment| {
        let role = segment.role as u8;
        json!({ "domain": segment.domain, "role": role, "points": segment.points, "words": segment.words })
    };
    json!({
        "name": description.name,
        "segments": description.segments.iter().map(segment).collect::<Vec<_>>(),
        "inputs": description.inputs.iter().map(|meaning| *meaning as u8).collect::<Vec<_>>(),
        "subjectWords": description.subjectWords, "architectureWord": description.architectureWord,
        "maxTolerance": description.maxTolerance, "impossibleInput": description.impossibleInput,
        "impossibleAbove": description.impossibleAbove.to_string(),
    })
}

const CLAIM_TYPES: &str = r#"
import type { Hex } from 'viem';
import type { MEANINGS } from './enums.js';
import type { initCode } from './bytecode.js';

/** `ClaimDescription` of the contracts: its hash is the claim's id. */
export interface ClaimDescription {
  name: string;
  segments: readonly { domain: Hex; role: number; points: number; words: Hex }[];
  inputs: readonly number[];
  subjectWords: number;
  architectureWord: number;
  maxTolerance: number;
  impossibleInput: number;
  impossibleAbove: bigint;
}

/** A claim that there is a verifier for. */
export interface Claim {
  /** As bundles and the command line name it. */
  name: string;
  /** The same on every chain. */
  id: Hex;
  /** Name of the generated contract. */
  verifier: keyof typeof initCode;
  /** What each public input is, in order. */
  inputs: readonly (typeof MEANINGS)[number][];
  description: ClaimDescription;
}
"#;

fn claims_source() -> Result<String> {
    let mut text = format!("{HEADER}{CLAIM_TYPES}\nexport const claims: readonly Claim[] = [\n");
    for claim in claims::all() {
        let inputs: Vec<_> = claim.description.inputs.iter().map(|meaning| format!("{meaning:?}")).collect();
        let json = json!({
            "name": claim.claim.name(), "id": claim.id, "verifier": claim.verifier.name, "inputs": inputs,
            "description": description(&claim.description),
        });
        // JSON has no big integers
        let above = format!("\"impossibleAbove\": \"{}\"", claim.description.impossibleAbove);
        let literal = format!("\"impossibleAbove\": {}n", claim.description.impossibleAbove);
        let json = format!("{json:#}");
        if !json.contains(&above) {
            bail!("the bound of the impossible is lost");
        }
        text.push_str(&format!("{},\n", json.replace(&above, &literal)));
    }
    text.push_str("];\n");
    Ok(text)
}

/// The names of the contracts' enums, in order: an ABI has numbers only.
fn enums() -> Result<String> {
    let mut text = HEADER.to_owned();
    for (constant, file, name) in [
        ("STATUSES", "IContentRegistry", "Status"),
        ("REASONS", "IClaimRouter", "Reason"),
        ("ROLES", "Types", "Role"),
        ("MEANINGS", "Types", "Meaning"),
    ] {
        let source = read(&contracts_dir().join(format!("src/{file}.sol")))?;
        let names = members(&source, name).with_context(|| format!("{file}.sol has no enum {name}"))?;
        text.push_str(&format!(
            "\n/** `{name}`, in the contracts' order. */\nexport const {constant} = {} as const;\n",
            json!(names)
        ));
    }
    Ok(text)
}

fn members<'s>(source: &'s str, name: &str) -> Option<Vec<&'s str>> {
    let (_, rest) = source.split_once(&format!("enum {name} {{"))?;
    let (body, _) = rest.split_once('}')?;
    let lines = body.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    Some(lines.map(|line| line.trim_end_matches(',')).collect())
}

/// The public deployments, by chain id: the manifests `verifier-contract/deployments/<chainId>.json`, as `contracts deploy` wrote them.
fn deployments() -> Result<String> {
    let folder = root().join("verifier-contract/deployments");
    let mut all = BTreeMap::new();
    let entries =
        if folder.is_dir() { std::fs::read_dir(&folder)?.collect::<Result<Vec<_>, _>>()? } else { Vec::new() };
    for path in entries.into_iter().map(|entry| entry.path()) {
        let manifest: Value = serde_json::from_str(&read(&path)?)?;
        let chain_id = manifest["chain_id"].as_u64().context("a manifest without a chain")?;
        if path.file_stem().is_none_or(|stem| stem.to_string_lossy() != chain_id.to_string()) {
            bail!("{} is of chain {chain_id}", path.display());
        }
        all.insert(chain_id, manifest);
    }
    Ok(format!(
        "{HEADER}import type {{ Deployment }} from '../index.js';\n\n/** Public deployments, by chain id. Whom each trusts is said by \
         `veilmark contracts verify`. */\nexport const deployments: {{ readonly [chainId: number]: Deployment }} = {:#};\n",
        json!(all)
    ))
}

/// What the package's tests compare with: the same, computed by the program.
fn vectors(contracts: &Contracts) -> Result<Value> {
    let verifiers = claims::all()
        .iter()
        .map(|claim| (claim.claim.name(), addresses::verifier(claim.verifier).address.to_checksum(None)));
    let verifiers: BTreeMap<_, _> = verifiers.collect();
    for claim in claims::all() {
        contracts.init_code(claim.verifier)?;
    }
    let account = Address::repeat_byte;
    let input = |claim: &claims::Claim| IClaimRouter::ClaimInput {
        description: claim.description.clone(),
        verifier: addresses::verifier(claim.verifier).address,
        keys: vec![account(7)],
    };
    let beginnings = IClaimRouter::Deployment {
        owner: account(1),
        guardian: account(2),
        delay: U256::from(172_800),
        allowSameGuardian: false,
        claims: claims::all().iter().map(input).collect(),
    };
    let Addresses { router, models, registry, token } = Addresses::on(addresses::router(&beginnings).address);
    let statement = record::Statement {
        image_commitment: [1; 32],
        source_commitment: [0; 32],
        fingerprint: [3; 32],
        model_hash: [4; 32],
        prompt_commitment: [5; 32],
        tolerance: 31,
        extra: vec![[8; 32], [9; 32]],
    };
    let mut model_id = [0; 32];
    model_id[31] = 12;
    let record = record::Record { vk_hash: [10; 32], registrant: [11; 20], model_id, statement };
    let context = public::context(31337, [21; 20], [22; 20]);
    let word =
        |bytes: &[u8]| json!(format!("0x{}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()));
    Ok(json!({
        "verifiers": verifiers,
        "deployment": {
            "owner": account(1).to_checksum(None), "guardian": account(2).to_checksum(None), "delay": 172_800, "key": account(7).to_checksum(None),
            "router": router.to_checksum(None), "models": models.to_checksum(None), "registry": registry.to_checksum(None),
            "token": token.to_checksum(None),
        },
        "record_id": word(&record.id()),
        "context": word(&context),
    }))
}

#[cfg(test)]
mod tests {
    use super::members;

    #[test]
    fn the_members_of_an_enum_are_found_in_order() {
        let source = "enum Other {\n    A\n}\nenum Status {\n    /// It does.\n    Valid,\n    // no\n    Revoked\n}\n";
        assert_eq!(members(source, "Status"), Some(vec!["Valid", "Revoked"]));
        assert_eq!(members(source, "None"), None);
    }
}
