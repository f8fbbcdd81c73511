//! The file `deployments/<chainId>.json`: where the contracts are on a chain, and all that their addresses follow from.
//!
//! A file from a stranger proves what it says by itself: the addresses are recomputed from the constructors' arguments as
//! it is read, and a file in which one differs is refused. What it cannot prove is that its owner, guardian and keys are
//! to be trusted, nor that the contracts are on the chain; the client asks the chain for their code.

use super::{Beginnings, DEPLOYER, Deployment, Planned, SALT};
use crate::{checksummed, header::KeyHeader};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::SolValue;
use serde::{Deserialize, Serialize};
use std::path::Path;
use veilmark_contract_bindings::claims;
use veilmark_files::{self as files, Access, Classified, Existing, FileError, Kind};

/// Names the format.
const FORMAT: &str = "veilmark deployment v2";
/// Bytes of the longest file.
const MAX_FILE: u64 = 4 << 20;
/// Keys that a file lists at the most.
const MOST_KEYS: usize = 10_000;

/// A manifest cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is not JSON of a deployment.
    #[error("{}: that is no deployment manifest: {what}", path.display())]
    Malformed {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The file is of another chain.
    #[error("{}: the manifest is of chain {got}, the node's is {expected}", path.display())]
    OtherChain {
        /// The file.
        path: std::path::PathBuf,
        /// The node's chain.
        expected: u64,
        /// The file's.
        got: u64,
    },
    /// A field is not what follows from the constructors' arguments.
    #[error("{}: `{field}` is {got}, from this program's contracts and the arguments it would be {expected}", path.display())]
    Contradiction {
        /// The file.
        path: std::path::PathBuf,
        /// The field.
        field: String,
        /// What follows from the rest.
        expected: String,
        /// What the file says.
        got: String,
    },
}

impl Classified for ManifestError {
    fn kind(&self) -> Kind {
        match self {
            Self::File(error) => error.kind(),
            Self::Malformed { .. } => Kind::WrongFile,
            Self::OtherChain { .. } => Kind::Mismatch,
            Self::Contradiction { .. } => Kind::UntrustedDeployment,
        }
    }
}

/// A verifying key that the deployment's maker computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestKey {
    /// Its hash.
    pub vk_hash: B256,
    /// Its data contract.
    #[serde(with = "checksummed")]
    pub vk: Address,
    /// The claim that it is for, by name.
    pub claim: String,
    /// The id of the trusted setup.
    pub srs_id: B256,
    /// Whether somebody knows the setup's secret.
    pub unsafe_development: bool,
    /// The circuit has `2^k` rows.
    pub k: u32,
    /// Width in pixels of the pictures that it is for.
    pub width: u32,
    /// Their height.
    pub height: u32,
    /// The architecture of the models that it is for; `None` for a claim without a model.
    pub architecture: Option<B256>,
}

impl ManifestKey {
    /// What a key's code says of itself.
    pub fn read(code: &[u8], vk: Address) -> Self {
        let none =
            KeyHeader { claim_id: B256::ZERO, srs_id: B256::ZERO, unsafe_development: true, k: 0, subject: Vec::new() };
        let header = KeyHeader::read(code).unwrap_or(none);
        let claim = claims::by_id(header.claim_id).map_or("unknown", |known| known.claim.name()).to_owned();
        let KeyHeader { srs_id, unsafe_development, k, subject, .. } = header;
        let pixels = |at: usize| subject.get(at).map_or(0, |word| U256::from_be_bytes(word.0).saturating_to());
        let (width, height, architecture) = (pixels(0), pixels(1), subject.get(2).copied());
        Self { vk_hash: keccak256(code), vk, claim, srs_id, unsafe_development, k, width, height, architecture }
    }
}

/// A deployment on a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The chain.
    pub chain_id: u64,
    /// A block before the first event.
    pub first_block: u64,
    /// What the router began with.
    pub beginnings: Beginnings,
    /// Verifying keys that were computed by whoever wrote the file, those of the beginning and those added since.
    pub keys: Vec<ManifestKey>,
    /// Whether everything was seen on the chain.
    pub complete: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    format: String,
    chain_id: u64,
    first_block: u64,
    complete: bool,
    #[serde(with = "checksummed")]
    deployer: Address,
    salt: B256,
    #[serde(with = "checksummed")]
    owner: Address,
    #[serde(with = "checksummed")]
    guardian: Address,
    delay: u64,
    same_guardian_allowed: bool,
    #[serde(with = "checksummed")]
    router: Address,
    #[serde(with = "checksummed")]
    models: Address,
    #[serde(with = "checksummed")]
    registry: Address,
    #[serde(with = "checksummed")]
    token: Address,
    contracts: Vec<WireContract>,
    claims: Vec<WireClaim>,
    keys: Vec<ManifestKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireContract {
    name: String,
    #[serde(with = "checksummed")]
    address: Address,
    arguments: Bytes,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireClaim {
    name: String,
    claim_id: B256,
    #[serde(with = "checksummed")]
    verifier: Address,
}

impl Manifest {
    /// Where the contracts are: computed from the beginnings.
    pub fn deployment(&self) -> Deployment {
        Deployment::of(&self.beginnings)
    }

    /// Adds a key that was computed here, unless it is listed.
    pub fn add_key(&mut self, key: ManifestKey) {
        if !self.keys.iter().any(|known| known.vk_hash == key.vk_hash) {
            self.keys.push(key);
        }
    }

    fn wire(&self) -> Wire {
        let Beginnings { owner, guardian, delay, allowSameGuardian, claims } = self.beginnings.clone();
        let contracts = Deployment::contracts(&self.beginnings);
        let deployment = self.deployment();
        let contract = |contract: Planned| WireContract {
            arguments: contract.arguments().to_vec().into(),
            address: contract.address,
            name: contract.name,
        };
        let claim = |input: crate::abi::IClaimRouter::ClaimInput| WireClaim {
            claim_id: claims::id(&input.description),
            name: input.description.name,
            verifier: input.verifier,
        };
        Wire {
            format: FORMAT.to_owned(),
            chain_id: self.chain_id,
            first_block: self.first_block,
            complete: self.complete,
            deployer: DEPLOYER,
            salt: SALT,
            owner,
            guardian,
            delay: delay.saturating_to(),
            same_guardian_allowed: allowSameGuardian,
            router: deployment.router(),
            models: deployment.models(),
            registry: deployment.content(),
            token: deployment.token(),
            contracts: contracts.into_iter().map(contract).collect(),
            claims: claims.into_iter().map(claim).collect(),
            keys: self.keys.clone(),
        }
    }

    /// The file's text.
    ///
    /// # Panics
    ///
    /// Never: everything in it has a form in JSON.
    pub fn to_json(&self) -> String {
        let text =
            serde_json::to_string_pretty(&self.wire()).expect("a manifest has no maps with other keys than text");
        format!("{text}\n")
    }

    /// Reads a manifest and recomputes every address in it.
    ///
    /// # Errors
    ///
    /// [`ManifestError`] that names the file and the field.
    pub fn parse(text: &[u8], path: &Path) -> Result<Self, ManifestError> {
        let malformed = |what: String| ManifestError::Malformed { path: path.to_owned(), what };
        let wire: Wire = serde_json::from_slice(text).map_err(|error| malformed(error.to_string()))?;
        if wire.format != FORMAT {
            return Err(malformed(format!("`format` is not {FORMAT}")));
        }
        if wire.keys.len() > MOST_KEYS {
            return Err(malformed(format!("it lists more than {MOST_KEYS} keys")));
        }
        let router = wire.contracts.first().ok_or_else(|| malformed("`contracts` is empty".to_owned()))?;
        let beginnings = Beginnings::abi_decode_validate(&router.arguments)
            .map_err(|_| malformed("the router's `arguments` are not its constructor's".to_owned()))?;
        let manifest = Self {
            chain_id: wire.chain_id,
            first_block: wire.first_block,
            beginnings,
            keys: wire.keys.clone(),
            complete: wire.complete,
        };
        manifest.compare(&wire, path).map(|()| manifest)
    }

    /// That a file says nothing but what follows from the beginnings.
    fn compare(&self, wire: &Wire, path: &Path) -> Result<(), ManifestError> {
        let value = |wire: &Wire| serde_json::to_value(wire).unwrap_or_default();
        let (expected, got) = (value(&self.wire()), value(wire));
        let differs = |field: &str, expected: &serde_json::Value, got: &serde_json::Value| {
            let (field, expected, got) = (field.to_owned(), expected.to_string(), got.to_string());
            Err(ManifestError::Contradiction { path: path.to_owned(), field, expected, got })
        };
        // the addresses first: they say most clearly what is wrong
        for field in ["router", "models", "registry", "token", "deployer", "salt", "owner", "guardian", "delay"] {
            if expected[field] != got[field] {
                return differs(field, &expected[field], &got[field]);
            }
        }
        for field in ["same_guardian_allowed", "contracts", "claims"] {
            if expected[field] != got[field] {
                return differs(field, &expected[field], &got[field]);
            }
        }
        Ok(())
    }

    /// Reads the file of a chain.
    ///
    /// # Errors
    ///
    /// [`ManifestError`] that names the file and the field.
    pub fn read(path: &Path, chain_id: u64) -> Result<Self, ManifestError> {
        let manifest = Self::parse(&files::read_limited(path, MAX_FILE)?, path)?;
        match manifest.chain_id == chain_id {
            true => Ok(manifest),
            false => {
                Err(ManifestError::OtherChain { path: path.to_owned(), expected: chain_id, got: manifest.chain_id })
            }
        }
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    ///
    /// [`ManifestError::File`].
    pub fn write(&self, path: &Path, existing: Existing) -> Result<(), ManifestError> {
        let text = self.to_json();
        files::write_atomically(path, existing, Access::Umask, |file| {
            std::io::Write::write_all(file, text.as_bytes())
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Plan;
    use super::*;

    fn manifest() -> Manifest {
        let plan = Plan {
            owner: Address::repeat_byte(1),
            guardian: Address::repeat_byte(2),
            delay: 172_800,
            allow_same_guardian: false,
            claims: claims::all().iter().collect(),
            keys: Vec::new(),
        };
        plan.contracts(5, 7).unwrap().1
    }

    #[test]
    fn a_manifest_comes_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("5.json");
        let manifest = manifest();
        manifest.write(&path, Existing::Keep).unwrap();
        assert_eq!(Manifest::read(&path, 5).unwrap(), manifest);
        assert!(matches!(Manifest::read(&path, 6), Err(ManifestError::OtherChain { expected: 6, got: 5, .. })));
    }

    /// Whatever a stranger changes, the addresses that follow are others.
    #[test]
    fn every_changed_field_is_noticed() {
        let text = manifest().to_json();
        let refused = |text: &str| Manifest::parse(text.as_bytes(), Path::new("x.json")).unwrap_err().to_string();
        let other = Address::repeat_byte(9).to_checksum(None);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        for field in ["router", "models", "registry", "token", "owner", "guardian", "deployer"] {
            let mut changed = json.clone();
            changed[field] = other.clone().into();
            let error = refused(&changed.to_string());
            assert!(error.contains(field) && error.contains(&other), "{error}");
        }
        let mut changed = json.clone();
        changed["delay"] = 0.into();
        assert!(refused(&changed.to_string()).contains("delay"));
        // the arguments, and with them every address but the stated ones
        let mut changed = json.clone();
        let arguments =
            changed["contracts"][0]["arguments"].as_str().unwrap().replace(&"01".repeat(20), &"09".repeat(20));
        changed["contracts"][0]["arguments"] = arguments.into();
        assert!(refused(&changed.to_string()).contains("router"));
        let mut changed = json.clone();
        changed["claims"][0]["verifier"] = other.into();
        assert!(refused(&changed.to_string()).contains("claims"));
        for none in ["", "[]", "{}", "null"] {
            assert!(refused(none).contains("no deployment manifest"), "{none}");
        }
    }
}
