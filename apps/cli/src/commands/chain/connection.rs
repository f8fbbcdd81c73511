//! How a node is reached, who signs there, and what that may cost.

use crate::{
    commands::chain::address,
    failure::{Failure, Kind},
    output::{self, Ui},
    secrets,
};
use alloy_primitives::{Address, U256};
use std::{
    io::{BufRead, IsTerminal, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use veilmark::chain::{
    keystore,
    rpc::{self, Observer, RpcChain, Settings, Signer, Step},
};
use zeroize::Zeroizing;

/// The environment variable of the private key.
pub(crate) const KEY_VARIABLE: &str = "VEILMARK_PRIVATE_KEY";
/// The environment variable of the node's URL; read only where `--rpc env` asks for it.
pub(crate) const URL_VARIABLE: &str = "VEILMARK_RPC_URL";
/// The word that stands for [`URL_VARIABLE`].
const FROM_ENVIRONMENT: &str = "env";
/// Bytes of the longest password file.
const MAX_PASSWORD: u64 = 1 << 16;
/// Decimal places of a gwei and of an ether, in wei.
const GWEI: usize = 9;
const ETHER: usize = 18;

// Not a doc comment, which clap would take for the command's: which chain.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ChainArguments {
    /// The folder of a practice chain [default: the one at home].
    #[arg(long, value_name = "DIR", conflicts_with_all = ["rpc", "contracts", "registry"])]
    pub(crate) chain: Option<PathBuf>,
    /// A chain behind a node's JSON-RPC, http or https, instead of a practice chain. Of the URL only scheme and host are
    /// ever shown. The word env takes the URL from the variable VEILMARK_RPC_URL, so that a key in it stands in no list
    /// of processes; without --rpc the variable means nothing.
    #[arg(long, value_name = "URL|env")]
    pub(crate) rpc: Option<String>,
    /// The only chain that will do, by its id.
    #[arg(long, value_name = "N", requires = "rpc")]
    pub(crate) expect_chain_id: Option<u64>,
    /// The deployment's manifest, as veilmark contracts deploy wrote it; every address in it is recomputed [default: the file
    /// at home of the chain's id].
    #[arg(long, visible_alias = "deployment", value_name = "FILE", conflicts_with = "registry")]
    pub(crate) contracts: Option<PathBuf>,
    /// The content registry's address, instead of a manifest; the other contracts follow from it, and their origin is proved.
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
    pub(crate) keystore: Option<PathBuf>,
    /// The keystore's password, in a file; without one it is asked for.
    #[arg(long, value_name = "FILE", requires = "keystore")]
    pub(crate) password_file: Option<PathBuf>,
    /// With --rpc: how many blocks deep a transaction has to be.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) confirmations: u64,
    /// With --rpc: how long a transaction may wait for its block and its confirmations.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) patience: u64,
    /// With --rpc: the most that a unit of gas may cost.
    #[arg(long, value_name = "GWEI", default_value = "100", value_parser = gwei)]
    pub(crate) max_fee: U256,
    /// With --rpc: the most that one transaction may cost. Beyond it the command asks, or refuses where nobody can be asked.
    #[arg(long, value_name = "ETH", default_value = "0.05", value_parser = eth)]
    pub(crate) max_cost: U256,
    /// With --rpc: send nothing; show what the gas would cost, and the calldata for a key that is elsewhere.
    #[arg(long, requires = "rpc")]
    pub(crate) dry_run: bool,
    /// With --rpc: send nothing; write what would be sent as a file for Safe's transaction builder.
    #[arg(long, value_name = "FILE", requires = "rpc", conflicts_with = "dry_run")]
    pub(crate) safe_json: Option<PathBuf>,
}

pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Failure {
    Failure::new(Kind::Usage, message, hint)
}

fn gwei(text: &str) -> Result<U256, String> {
    decimal(text, GWEI)
}

fn eth(text: &str) -> Result<U256, String> {
    decimal(text, ETHER)
}

/// A decimal number as a number of its smallest parts.
fn decimal(text: &str, places: usize) -> Result<U256, String> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && part.is_empty()) || !digits(whole) || !digits(part) || whole.len() > 20 {
        return Err("a decimal number is expected, such as 0.05".to_owned());
    }
    if part.len() > places {
        return Err(format!("at most {places} decimal places are expected"));
    }
    format!("{whole}{part:0<places$}").parse().map_err(|_| "the number is too large".to_owned())
}

impl SigningArguments {
    /// Whether nothing is to be sent.
    pub(crate) fn sends_nothing(&self) -> bool {
        self.dry_run || self.safe_json.is_some()
    }

    /// The key; nothing is asked for where nothing will be sent.
    fn signer(&self, ui: &Ui) -> Result<Option<Signer>, Failure> {
        if self.sends_nothing() {
            return Ok(None);
        }
        key(ui, self.keystore.as_deref(), self.password_file.as_deref()).map(Some)
    }
}

/// A key: of a keystore, or else of the environment, or else typed.
pub(crate) fn key(ui: &Ui, keystore_file: Option<&Path>, password_file: Option<&Path>) -> Result<Signer, Failure> {
    if let Some(path) = keystore_file {
        return keystore(ui, path, password_file);
    }
    if let Ok(text) = std::env::var(KEY_VARIABLE) {
        return parse_key(&Zeroizing::new(text));
    }
    if !std::io::stdin().is_terminal() {
        let hint = format!("name a keystore with --keystore, or set {KEY_VARIABLE}; never on the command line");
        return Err(usage("there is no key to sign with", hint));
    }
    parse_key(&prompt("private key (not shown): ", "--keystore FILE")?)
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

pub(crate) fn prompt(what: &str, instead: &str) -> Result<Zeroizing<String>, Failure> {
    let typed = rpassword::prompt_password(what);
    typed.map(Zeroizing::new).map_err(|_| usage("there is no terminal to ask at", format!("name {instead}")))
}

fn parse_key(text: &str) -> Result<Signer, Failure> {
    let no_key = || usage("that is no private key", "it is 64 hexadecimal digits, with or without 0x");
    let mut bytes = Zeroizing::new([0; 32]);
    let text = text.trim();
    hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut bytes[..]).map_err(|_| no_key())?;
    Signer::from_slice(&bytes[..]).map_err(|_| no_key())
}

/// The password in a file, without the end of its line.
pub(crate) fn password_of(ui: &Ui, file: &Path) -> Result<Zeroizing<String>, Failure> {
    let bytes = secrets::bytes(ui, file, MAX_PASSWORD)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| usage("the password is no text", "check the file"));
    Ok(Zeroizing::new(text.map_err(|failure| failure.at(file))?.trim_end_matches(['\r', '\n']).to_owned()))
}

/// A password for a new file: of a file, or typed twice.
pub(crate) fn new_password(ui: &Ui, password_file: Option<&Path>) -> Result<Zeroizing<String>, Failure> {
    if let Some(file) = password_file {
        return password_of(ui, file);
    }
    let once = prompt("new password (not shown): ", "--password-file FILE")?;
    if prompt("the same again: ", "--password-file FILE")? == once {
        return Ok(once);
    }
    Err(usage("the two passwords are not the same", "type it again, or name its file: --password-file FILE"))
}

fn keystore(ui: &Ui, path: &Path, password_file: Option<&Path>) -> Result<Signer, Failure> {
    let bytes = secrets::bytes(ui, path, keystore::MAX_BYTES)?;
    let password = match password_file {
        Some(file) => password_of(ui, file)?,
        None => prompt("keystore password (not shown): ", "--password-file FILE")?,
    };
    keystore::open(&bytes, password.as_bytes()).map_err(|error| Failure::from(error).at(path))
}

/// Whether a transaction is on its way, or was: an interruption does not take it back.
pub(crate) static SENT: AtomicBool = AtomicBool::new(false);

/// Says on stderr what becomes of a transaction, and asks where it costs more than was allowed.
struct Teller;

impl Observer for Teller {
    fn notice(&self, step: &Step) {
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
            Step::Reorganised { block } => {
                output::note(&format!("block {block} was taken back: waiting for another"));
            }
            Step::Retrying { reason } => output::note(&format!("{reason}; trying again")),
            _ => {}
        }
    }

    fn approve(&self, most: U256) -> bool {
        confirm(&format!("the transaction may cost {} ETH, more than --max-cost allows: send it?", ether(most)))
    }
}

/// Asks at the terminal; no where there is none.
fn confirm(question: &str) -> bool {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return false;
    }
    let _ = write!(std::io::stderr(), "{question} [y/N] ");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

/// An amount as people read it.
pub(crate) fn ether(wei: U256) -> String {
    let digits = format!("{wei:0>19}");
    let (whole, part) = digits.split_at(digits.len() - ETHER);
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
        settings.expect_chain_id = self.expect_chain_id;
        let mut signer = None;
        if let Some(signing) = signing {
            settings.confirmations = signing.confirmations;
            settings.patience = Duration::from_secs(signing.patience);
            settings.max_fee_per_gas = signing.max_fee.saturating_to();
            settings.max_cost = signing.max_cost;
            signer = signing.signer(ui)?;
        }
        let node = RpcChain::connect(&url, signer, settings, Box::new(Teller))?;
        node.wait_for_earlier()?;
        Ok(Some(node))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_told_in_ether() {
        for (wei, told) in [(0_u64, "0"), (1, "0.000000000000000001"), (1_500_000_000_000_000_000, "1.5")] {
            assert_eq!(ether(U256::from(wei)), told);
            assert_eq!(eth(told), Ok(U256::from(wei)));
        }
        assert_eq!(ether(U256::from(10).pow(U256::from(21))), "1000");
        assert_eq!(gwei("0.5"), Ok(U256::from(500_000_000)));
        for wrong in ["", ".", "-1", "1e3", "0x1", "1.0000000000", "100000000000000000000000"] {
            assert!(gwei(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_key_is_not_repeated() {
        let secret = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";
        let right = parse_key(&format!(" 0x{secret}\n")).unwrap();
        assert_eq!(right.address().to_string(), "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23");
        assert!(!format!("{right:?}").contains("4c0883"));
        for wrong in [&secret[1..], &"0".repeat(64), &"f".repeat(64), "", "0x"] {
            let failure = parse_key(wrong).unwrap_err();
            let shown = wrong.len() >= 4 && failure.message.contains(&wrong[..4]);
            assert!(failure.kind == Kind::Usage && !shown, "{}", failure.message);
        }
    }

    #[test]
    fn a_keystore_is_opened_with_its_password_only() {
        let folder = tempfile::tempdir().unwrap();
        let [path, right, wrong] = ["key", "right", "wrong"].map(|name| folder.path().join(name));
        std::fs::write(&path, include_bytes!("../../../../../crates/chain/tests/keystores/ethers.json")).unwrap();
        std::fs::write(&right, "a password of a test\n").unwrap();
        std::fs::write(&wrong, "another password\n").unwrap();
        let ui = Ui::new(false);
        let signer = keystore(&ui, &path, Some(&right)).unwrap();
        assert_eq!(signer.address().to_string(), "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23");
        let failure = keystore(&ui, &path, Some(&wrong)).unwrap_err();
        assert!(failure.kind == Kind::NotAllowed && !failure.message.contains("another password"));
    }
}
