//! Which chain a command is about, and who signs there.

use crate::{
    commands::chain::address,
    failure::{Failure, Kind},
    home::Home,
    output::{self, Report, Ui},
};
use alloy_primitives::{Address, U256};
use serde_json::json;
use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use veilmark::{
    chain::{
        Chain, ChainError,
        deploying::DeploymentFile,
        registry::{Deployment, RegistryClient},
        rpc::{self, RpcChain, Settings, Signer, Step},
    },
    files::{self, hex0x},
};
use zeroize::Zeroizing;

/// The environment variable of the private key.
pub(crate) const KEY_VARIABLE: &str = "VEILMARK_PRIVATE_KEY";
/// The environment variable of the node's URL; read only where `--rpc env` asks for it.
pub(crate) const URL_VARIABLE: &str = "VEILMARK_RPC_URL";
/// The word that stands for [`URL_VARIABLE`].
const FROM_ENVIRONMENT: &str = "env";
/// Bytes of the longest keystore, password or deployment file.
const MAX_FILE: u64 = 1 << 20;

// Not a doc comment, which clap would take for the command's: which chain.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ChainArguments {
    /// The folder of an embedded chain [default: the one at home].
    #[arg(long, value_name = "DIR", conflicts_with_all = ["rpc", "contracts", "registry"])]
    pub(crate) chain: Option<PathBuf>,
    /// A chain behind a node's JSON-RPC, http or https, instead of an embedded one. Of the URL only scheme and host are
    /// ever shown. The word env takes the URL from the variable VEILMARK_RPC_URL, so that a key in it stands in no list
    /// of processes; without --rpc the variable means nothing.
    #[arg(long, value_name = "URL|env")]
    pub(crate) rpc: Option<String>,
    /// Where the contracts are on it, as veilmark contracts deploy wrote it [default: the file at home of the chain's id].
    #[arg(long, value_name = "FILE", conflicts_with = "registry")]
    pub(crate) contracts: Option<PathBuf>,
    /// Where the content registry is on it, instead of a file; the other contracts but the tokens follow from it.
    #[arg(long, value_name = "ADDRESS", value_parser = address::parse)]
    pub(crate) registry: Option<Address>,
    /// How long the node may take for an answer.
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) rpc_timeout: u64,
}

// Not a doc comment either: who signs, and how. The key is never an argument: it is in a keystore, in VEILMARK_PRIVATE_KEY, or typed.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct SigningArguments {
    /// With --rpc: the key's file, as wallets write it. Without one the key is taken from the variable
    /// VEILMARK_PRIVATE_KEY, or asked for.
    #[arg(long, value_name = "FILE", requires = "rpc")]
    keystore: Option<PathBuf>,
    /// The keystore's password, in a file; without one it is asked for.
    #[arg(long, value_name = "FILE", requires = "keystore")]
    password_file: Option<PathBuf>,
    /// With --rpc: how many blocks deep a transaction has to be.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) confirmations: u64,
    /// With --rpc: how long a transaction may wait for its block and its confirmations.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) patience: u64,
    /// With --rpc: send nothing; show what the gas would cost, and the calldata for a key that is elsewhere.
    #[arg(long, requires = "rpc")]
    pub(crate) dry_run: bool,
}

fn usage(message: impl Into<String>, hint: impl Into<String>) -> Failure {
    Failure::new(Kind::Usage, message, hint)
}

impl SigningArguments {
    /// The key; nothing is asked for where nothing will be sent.
    pub(crate) fn signer(&self) -> Result<Option<Signer>, Failure> {
        if self.dry_run {
            return Ok(None);
        }
        key(self.keystore.as_deref(), self.password_file.as_deref()).map(Some)
    }
}

/// A key: of a keystore, or else of the environment, or else typed.
pub(crate) fn key(keystore_file: Option<&Path>, password_file: Option<&Path>) -> Result<Signer, Failure> {
    if let Some(path) = keystore_file {
        return keystore(path, password_file);
    }
    if let Ok(text) = std::env::var(KEY_VARIABLE) {
        return parse_key(&Zeroizing::new(text));
    }
    if !std::io::stdin().is_terminal() {
        let hint = format!("name a keystore with --keystore, or set {KEY_VARIABLE}; never on the command line");
        return Err(usage("there is no key to sign with", hint));
    }
    parse_key(&prompt("private key (not shown): ")?)
}

/// The URL that `--rpc` means.
fn url_of(told: &str) -> Result<Zeroizing<String>, Failure> {
    if told != FROM_ENVIRONMENT {
        return Ok(Zeroizing::new(told.to_owned()));
    }
    std::env::var(URL_VARIABLE).ok().filter(|url| !url.is_empty()).map(Zeroizing::new).ok_or_else(|| {
        let hint = format!("set {URL_VARIABLE} to the node's URL, or name it: --rpc URL");
        usage(format!("--rpc env takes the URL from {URL_VARIABLE}, which is not set"), hint)
    })
}

fn prompt(what: &str) -> Result<Zeroizing<String>, Failure> {
    let typed = rpassword::prompt_password(what);
    typed.map(Zeroizing::new).map_err(|_| usage("there is no terminal to ask at", "name a file instead"))
}

fn parse_key(text: &str) -> Result<Signer, Failure> {
    let no_key = || usage("that is no private key", "it is 64 hexadecimal digits, with or without 0x");
    let mut bytes = Zeroizing::new([0; 32]);
    let text = text.trim();
    hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut bytes[..]).map_err(|_| no_key())?;
    Signer::from_slice(&bytes[..]).map_err(|_| no_key())
}

/// Whether the decoder neither panics on a keystore's parameters nor takes more than a gibibyte, or hours.
fn is_usable(text: &[u8]) -> bool {
    let Ok(file) = serde_json::from_slice::<serde_json::Value>(text) else { return false };
    let crypto = &file["crypto"];
    let parameter = |name: &str| crypto["kdfparams"][name].as_u64();
    let memory = || parameter("n")?.checked_mul(parameter("r")?)?.checked_mul(128);
    let cheap = match parameter("c") {
        Some(rounds) => rounds <= 10_000_000,
        None => memory().is_some_and(|bytes| bytes <= 1 << 30) && parameter("p").is_some_and(|p| p <= 16),
    };
    let iv = crypto["cipherparams"]["iv"].as_str().is_some_and(|iv| iv.len() == 32);
    cheap && iv && parameter("dklen").is_some_and(|bytes| bytes >= 32)
}

fn keystore(path: &Path, password_file: Option<&Path>) -> Result<Signer, Failure> {
    // its own errors are said in our words
    let bytes = Zeroizing::new(files::read_limited(path, MAX_FILE)?);
    if !is_usable(&bytes) {
        let message = "that is no keystore, or one that takes more memory or time than wallets ask for";
        return Err(usage(message, "make it again with a wallet").at(path));
    }
    let password = match password_file {
        Some(file) => {
            let bytes = Zeroizing::new(files::read_limited(file, MAX_FILE)?);
            let text = std::str::from_utf8(&bytes).map_err(|_| usage("the password is no text", "check the file"));
            Zeroizing::new(text.map_err(|failure| failure.at(file))?.trim_end_matches(['\r', '\n']).to_owned())
        }
        None => prompt("keystore password (not shown): ")?,
    };
    Signer::decrypt_keystore(path, password.as_bytes()).map_err(|_| {
        let message = "the keystore cannot be opened: the password is another's, or it is no keystore";
        usage(message, "check the file and the password").at(path)
    })
}

/// Whether a transaction is on its way, or was: an interruption does not take it back.
pub(crate) static SENT: AtomicBool = AtomicBool::new(false);

/// Says on stderr what becomes of a transaction.
fn tell(step: &Step) {
    match step {
        Step::Earlier { count } => {
            output::note(&format!(
                "{count} transactions that were sent earlier are not in a block yet: waiting for them"
            ));
        }
        Step::Sending { hash, nonce, most } => {
            SENT.store(true, Ordering::Relaxed);
            output::note(&format!("sending transaction {hash}, nonce {nonce}, for at most {} ETH", ether(*most)));
        }
        Step::Included { block, confirmations, wanted } => {
            output::note(&format!("in block {block}, {confirmations} of {wanted} confirmations"));
        }
        Step::NonceTaken { nonce } => {
            output::note(&format!("nonce {nonce} was taken by another transaction: once more, with the next"));
        }
        Step::Reorganised { block } => output::note(&format!("block {block} was taken back: waiting for another")),
        Step::Retrying { reason } => output::note(&format!("{reason}; trying again")),
        _ => {}
    }
}

/// An amount as people read it.
pub(crate) fn ether(wei: U256) -> String {
    let digits = format!("{wei:0>19}");
    let (whole, part) = digits.split_at(digits.len() - 18);
    let part = part.trim_end_matches('0');
    if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") }
}

impl ChainArguments {
    /// Connects to the node of `--rpc`, if it was given.
    pub(crate) fn node(&self, ui: &Ui, signing: Option<&SigningArguments>) -> Result<Option<RpcChain>, Failure> {
        let Some(told) = &self.rpc else {
            if self.contracts.is_some() || self.registry.is_some() {
                let hint = "name the node with --rpc URL";
                return Err(usage("--contracts and --registry are about a chain behind a node", hint));
            }
            return Ok(None);
        };
        let url = url_of(told)?;
        if url.starts_with("http://") && !rpc::is_loopback(&url) {
            ui.warn("http without TLS: whoever is on the way can change what the node answers");
        }
        let mut settings = Settings::default();
        settings.timeout = Duration::from_secs(self.rpc_timeout);
        let mut signer = None;
        if let Some(signing) = signing {
            settings.confirmations = signing.confirmations;
            settings.patience = Duration::from_secs(signing.patience);
            signer = signing.signer()?;
        }
        let node = RpcChain::connect(&url, signer, settings, Box::new(tell))?;
        node.wait_for_earlier()?;
        Ok(Some(node))
    }

    /// Reads the deployment file of a chain.
    pub(crate) fn file(&self, home: &Home, chain_id: u64) -> Result<Option<DeploymentFile>, Failure> {
        let path = self.contracts.clone().unwrap_or_else(|| home.deployment(chain_id));
        if self.contracts.is_none() && !path.exists() {
            return Ok(None);
        }
        let bytes = files::read_limited(&path, MAX_FILE)?;
        let file: DeploymentFile = serde_json::from_slice(&bytes).map_err(|_| {
            let hint = "name a file that veilmark contracts deploy wrote";
            Failure::new(Kind::Unsupported, "that is no deployment file", hint).at(&path)
        })?;
        if file.format != DeploymentFile::FORMAT || file.chain_id != chain_id {
            let message = format!("the file is of chain {}, the node's is {chain_id}", file.chain_id);
            return Err(Failure::new(Kind::Mismatch, message, "name the file of this chain").at(&path));
        }
        Ok(Some(file))
    }

    /// The contracts' client on a node's chain, and a block before the first event.
    pub(crate) fn client(&self, home: &Home, node: RpcChain) -> Result<(RegistryClient<RpcChain>, u64), Failure> {
        let chain_id = node.chain_id()?;
        if let Some(registry) = self.registry {
            let deployment = Deployment::of_registry(&node, registry)?;
            return Ok((RegistryClient::new(node, deployment), 0));
        }
        match self.file(home, chain_id)? {
            Some(file) => Ok((RegistryClient::new(node, file.deployment()), file.first_block)),
            None => Err(usage(
                format!("where the contracts are on chain {chain_id} is not known here"),
                "name the file with --contracts, or the content registry with --registry; veilmark contracts deploy makes them",
            )),
        }
    }
}

/// The refusal to send for somebody whose key is not here.
pub(crate) fn require_signer(node: &RpcChain, who: Address) -> Result<(), Failure> {
    match node.signer() {
        Some(have) if have == who => Ok(()),
        have => Err(ChainError::NoKey { from: who, have }.into()),
    }
}

/// What `--dry-run` answers: what it would cost, and what would be sent.
pub(crate) fn dry_run(node: &RpcChain, what: &str, from: Address, to: Address, data: &[u8]) -> Result<Report, Failure> {
    let gas = node.estimate(from, Some(to), data)?;
    let (most, _) = node.fees()?;
    let cost = U256::from(gas) * U256::from(most);
    let (chain_id, data) = (node.chain_id()?, hex0x(data));
    let json = json!({
        "dry_run": true, "what": what, "chain_id": chain_id, "from": from, "to": to, "value": "0x0", "data": data,
        "gas_estimate": gas, "max_fee_per_gas": most.to_string(), "max_cost_wei": cost.to_string(),
    });
    let text = output::table(&[
        ("dry run", format!("{what}: nothing was sent")),
        ("chain", chain_id.to_string()),
        ("from", from.to_string()),
        ("to", to.to_string()),
        ("gas", format!("{gas}, at most {} ETH now", ether(cost))),
        ("data", data),
    ]);
    Ok(Report::new(json, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_told_in_ether() {
        for (wei, told) in [(0_u64, "0"), (1, "0.000000000000000001"), (1_500_000_000_000_000_000, "1.5")] {
            assert_eq!(ether(U256::from(wei)), told);
        }
        assert_eq!(ether(U256::from(10).pow(U256::from(21))), "1000");
    }

    #[test]
    fn what_is_no_key_is_not_repeated() {
        let secret = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";
        let right = parse_key(&format!(" 0x{secret}\n")).unwrap();
        assert_eq!(right.address().to_string(), "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23");
        assert!(!format!("{right:?}").contains("4c0883"));
        for wrong in [&secret[1..], &"0".repeat(64), &"f".repeat(64), "", "0x"] {
            let failure = parse_key(wrong).unwrap_err();
            assert!(
                failure.exit == Kind::Usage && !failure.message.contains(&wrong[..wrong.len().min(4)].to_owned())
                    || wrong.len() < 4
            );
        }
    }

    #[test]
    fn a_keystore_is_opened_with_its_password_only() {
        let folder = tempfile::tempdir().unwrap();
        let (path, right, wrong) =
            (folder.path().join("key"), folder.path().join("right"), folder.path().join("wrong"));
        // Test vector of the Web3 Secret Storage Definition, PBKDF2.
        let text = r#"{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},
            "ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2",
            "kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256",
            "salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
            "mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},
            "id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}"#;
        std::fs::write(&path, text).unwrap();
        std::fs::write(&right, "testpassword\n").unwrap();
        std::fs::write(&wrong, "Testpassword\n").unwrap();
        let signer = keystore(&path, Some(&right)).unwrap();
        assert_eq!(signer.address().to_string().to_lowercase(), "0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b");
        let failure = keystore(&path, Some(&wrong)).unwrap_err();
        assert!(failure.exit == Kind::Usage && !failure.message.contains("estpassword"));
    }

    /// What another decoder panics on, or would take hours and terabytes for.
    #[test]
    fn hostile_keystores_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let [path, password] = ["key.json", "password"].map(|name| folder.path().join(name));
        std::fs::write(&password, "x").unwrap();
        let (zeros, iv) = ("00".repeat(32), "00".repeat(16));
        let store = |kdf: &str, parameters: serde_json::Value, iv: &str| {
            let mut parameters = parameters;
            parameters["salt"] = json!(zeros);
            let crypto = json!({
                "cipher": "aes-128-ctr", "cipherparams": { "iv": iv }, "ciphertext": zeros, "kdf": kdf,
                "kdfparams": parameters, "mac": zeros,
            });
            json!({ "crypto": crypto, "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6", "version": 3 }).to_string()
        };
        let pbkdf2 = |c: u64, dklen: u64| store("pbkdf2", json!({ "c": c, "dklen": dklen, "prf": "hmac-sha256" }), &iv);
        let scrypt =
            |n: u64, r: u64, p: u64, iv: &str| store("scrypt", json!({ "dklen": 32, "n": n, "p": p, "r": r }), iv);
        let hostile = [
            pbkdf2(1000, 16),
            pbkdf2(u64::from(u32::MAX), 32),
            scrypt(1 << 31, 8, 1, &iv),
            scrypt(1 << 10, u64::MAX, 1, &iv),
            scrypt(1 << 10, 8, 1 << 20, &iv),
            scrypt(1 << 10, 8, 1, "00"),
            "{}".to_owned(),
            "[]".to_owned(),
            String::new(),
        ];
        for text in hostile {
            std::fs::write(&path, &text).unwrap();
            let failure = keystore(&path, Some(&password)).unwrap_err();
            assert!(failure.message.contains("no keystore"), "{text}: {}", failure.message);
        }
        // sound, and of another password
        std::fs::write(&path, pbkdf2(1000, 32)).unwrap();
        let failure = keystore(&path, Some(&password)).unwrap_err();
        assert!(failure.message.contains("password is another's"), "{}", failure.message);
    }
}
