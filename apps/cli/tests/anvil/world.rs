//! A folder with its files, the binary, and what several tests begin with.

use super::{OWNER_KEY, USER, node::Anvil, schemas};
use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use image::{DynamicImage, Rgb, RgbImage};
use rand_core::OsRng;
use serde_json::{Value, json};
use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    sync::{Arc, Mutex, PoisonError, Weak},
};
use veilmark::{
    bundle::Bundle,
    chain::{
        Chain, ChainError,
        client::{
            RegistryClient,
            records::{Record, Submission},
        },
        deployment::Manifest,
        rpc::{RpcChain, Settings, Signer, Step},
    },
    registrar,
};
use veilmark_contract_bindings::{claims, interfaces::IClaimVerifier};

/// What a process did.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{}{}", self.out, self.err))
    }

    /// The message of the error.
    pub(crate) fn says(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap_or_default().to_owned()
    }

    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self
    }
}

pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
}

impl World {
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn command(&self, home: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_veilmark"));
        command.args(arguments).current_dir(self.folder.path()).env("VEILMARK_HOME", self.path(home));
        command.stdin(Stdio::null()).env_remove("VEILMARK_PRIVATE_KEY").env_remove("VEILMARK_RPC_URL");
        command
    }

    /// What the binary prints for people.
    pub(crate) fn text(&self, arguments: &[&str]) -> String {
        String::from_utf8(self.command("home", arguments).output().unwrap().stdout).unwrap()
    }

    /// Runs the binary in a home, with these variables and no other of its own; none of their values may be printed.
    pub(crate) fn run_with(&self, home: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
        let mut command = self.command(home, arguments);
        let output = command.arg("--json").envs(variables.iter().copied()).output().unwrap();
        let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        for (name, value) in variables {
            assert!(!out.contains(value) && !err.contains(value), "{name} is printed");
        }
        let ran = Ran { code: output.status.code().unwrap(), out, err };
        schemas::check_answer(arguments, &ran.json());
        ran
    }

    pub(crate) fn run(&self, home: &str, key: Option<&str>, arguments: &[&str]) -> Ran {
        let variables: Vec<_> = key.into_iter().map(|key| ("VEILMARK_PRIVATE_KEY", key)).collect();
        self.run_with(home, &variables, arguments)
    }

    /// A keystore as wallets write them, and its password's file.
    pub(crate) fn keystore(&self, name: &str, key: &str) -> [String; 4] {
        let (password, file) = ("a password of a test", format!("{name}.password"));
        let secret = signer(key).to_bytes();
        Signer::encrypt_keystore(self.folder.path(), &mut OsRng, secret, password, Some(name)).unwrap();
        fs::write(self.path(&file), format!("{password}\n")).unwrap();
        ["--keystore".to_owned(), name.to_owned(), "--password-file".to_owned(), file]
    }

    pub(crate) fn ok(&self, key: Option<&str>, arguments: &[&str]) -> Value {
        self.run("home", key, arguments).ends(0).json()
    }
}

/// Blocks of colours: plain enough to be small, uneven enough for a fingerprint.
pub(crate) fn picture() -> DynamicImage {
    let block = |x: u32, y: u32, channel: u32| {
        let mixed = (x / 6 + 31 * (y / 6) + 977 * channel + 7919).wrapping_mul(2_654_435_761);
        (mixed >> 24) as u8
    };
    RgbImage::from_fn(64, 48, |x, y| Rgb([0, 1, 2].map(|channel| block(x, y, channel)))).into()
}

pub(crate) fn signer(key: &str) -> Signer {
    key.parse().unwrap()
}

pub(crate) fn connect(url: &str, key: &str) -> RpcChain {
    RpcChain::connect(url, Some(signer(key)), Settings::default(), Box::new(|_: &Step| ())).unwrap()
}

/// What a bundle registers, for another registrant than its own.
pub(crate) fn submission(bundle: &Bundle, model_id: Option<u64>, registrant: Address) -> Submission<'_> {
    let Submission { record, proof } = registrar::submission(bundle, model_id);
    Submission { record: Record { registrant, ..record }, proof }
}

/// How many records there are.
pub(crate) fn records<C: Chain>(client: &RegistryClient<C>) -> usize {
    client.index(0).unwrap().len()
}

pub(crate) fn refusal<T: std::fmt::Debug>(answer: Result<T, ChainError>) -> String {
    let error = answer.expect_err("refused");
    error.revert_name().unwrap_or_else(|| panic!("{error}")).to_owned()
}

/// Gas of a call of a verifier as a transaction, but for the bytes of the verifying key's address in it.
pub(crate) fn verifier_gas<C: Chain>(client: &RegistryClient<C>, bundle: &Bundle, from: Address) -> u64 {
    let key = client.key(bundle.vk_hash.into()).unwrap().unwrap();
    let claim = claims::of(bundle.claim);
    let context = U256::from_be_slice(&bundle.binding.context());
    let words = client.public_inputs(claim.id, &registrar::statement_of(bundle), context).unwrap();
    let call = IClaimVerifier::verifyCall { vk: key.vk, publicInputs: words, proof: bundle.proof.clone().into() };
    let verifier = client.claim(claim.id).unwrap().unwrap().verifier;
    let receipt = client.chain().transact(from, verifier, call.abi_encode()).unwrap();
    receipt.gas_used - key.vk.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum::<u64>()
}

/// What several tests begin with, made once for all that run at the same time: a picture whose fingerprint is proved
/// twice for the user, and a chain with contracts that know the verifying key.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) file: Manifest,
    state: Value,
}

impl Stage {
    pub(crate) fn get() -> Arc<Self> {
        static SHARED: Mutex<Weak<Stage>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let stage = Arc::new(Self::make());
            *shared = Arc::downgrade(&stage);
            stage
        })
    }

    fn make() -> Self {
        let (anvil, world) = (Anvil::start(31337), World::new());
        let (url, registrant) = (anvil.url(), USER.to_string());
        world.ok(None, &["srs", "dev", "--k", "14"]);
        picture().save(world.path("photo.png")).unwrap();
        world.ok(None, &["commit", "photo.png", "-o", "photo.opening"]);
        world.ok(Some(OWNER_KEY), &["contracts", "deploy", "--rpc", &url]);
        for output in ["photo.veil.json", "again.veil.json"] {
            let prove = ["prove", "--claim", "fingerprint", "--image", "photo.png", "--opening", "photo.opening"];
            world.ok(None, &[&prove[..], &["-o", output, "--registrant", &registrant, "--rpc", &url]].concat());
        }
        world.ok(Some(OWNER_KEY), &["contracts", "add", "--bundle", "photo.veil.json", "--rpc", &url]);
        let file = Manifest::read(&world.path("home/deployments/31337.json"), 31337).unwrap();
        Self { world, file, state: anvil.ask("anvil_dumpState", json!([])) }
    }

    /// A node with that chain.
    pub(crate) fn anvil(&self) -> Anvil {
        let anvil = Anvil::start(31337);
        assert_eq!(anvil.ask("anvil_loadState", json!([self.state])), true);
        anvil
    }

    /// The library's client of it.
    pub(crate) fn client(&self, anvil: &Anvil, key: &str) -> RegistryClient<RpcChain> {
        RegistryClient::new(connect(&anvil.url(), key), self.file.deployment())
    }
}
