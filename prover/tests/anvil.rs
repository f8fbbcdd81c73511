//! A real chain: `anvil` from npm, started and ended by each test, and the real binary before it.
//!
//! The second test puts a proxy between the client and the node that breaks and lies: each fault ends in a clear error,
//! and a second run completes.

use alloy_primitives::{Address, B256, U256, address};
use alloy_sol_types::SolCall;
use image::{DynamicImage, Rgb, RgbImage, codecs::jpeg::JpegEncoder};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread::sleep,
    time::{Duration, Instant},
};
use veilmark::{
    bundle::Bundle,
    chain::{
        Chain, ChainError,
        deploying::{DeploymentFile, key_contract},
        embedded::EmbeddedChain,
        registry::{Deployment, RegistryClient, Submission},
        rpc::{RpcChain, Settings, Signer},
    },
    keys::{self, ClaimShape},
    srs::Srs,
};
use veilmark_circuits::claims::fingerprint::FingerprintClaim;
use veilmark_circuits::transcript::scalar_to_word;
use veilmark_verifier_contract::artifacts::{IClaimVerifier, verifier};

/// The accounts of every development chain: their keys are public.
const OWNER_KEY: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const OWNER: Address = address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
const USER_KEY: &str = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const USER: Address = address!("70997970C51812dc3A010C7d01b50e0d17dc79C8");
const THIEF_KEY: &str = "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a";
const THIEF: Address = address!("3C44CdDdB6a900fa2b585dd299e03d12FA4293BC");

/// A node of its own, which ends with the value.
struct Anvil {
    process: Child,
    port: u16,
}

fn contracts_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../verifier-contract/contracts")
}

/// The program itself, not npm's script that starts it: what is started here is ended here.
fn program() -> PathBuf {
    let packages = contracts_dir().join("node_modules/@foundry-rs");
    let find = || {
        let folders = fs::read_dir(&packages).ok()?.flatten();
        folders.map(|folder| folder.path().join("bin/anvil")).find(|path| path.is_file())
    };
    find().unwrap_or_else(|| {
        let status = Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(contracts_dir()).status();
        assert!(status.unwrap().success(), "npm ci");
        find().expect("npm has anvil for this machine")
    })
}

impl Anvil {
    fn start(chain_id: u64) -> Self {
        let program = program();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let arguments = ["--silent", "--host", "127.0.0.1", "--port", &port.to_string(), "--chain-id"];
        let mut command = Command::new(program);
        command.args(arguments).arg(chain_id.to_string()).stdin(Stdio::null()).stdout(Stdio::null());
        let anvil = Self { process: command.spawn().unwrap(), port };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(start.elapsed() < Duration::from_secs(20), "anvil does not start");
            sleep(Duration::from_millis(20));
        }
        anvil
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// One question, past every client.
    #[allow(clippy::needless_pass_by_value)] // made for this question
    fn ask(&self, method: &str, params: Value) -> Value {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let answer = http(self.port, &body).expect("anvil answers");
        serde_json::from_str::<Value>(&answer).unwrap()["result"].clone()
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Posts a body and returns the answer's.
fn http(port: u16, body: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let head = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: \
         {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut stream = BufReader::new(stream);
    read_body(&mut stream)
}

/// The body of a message with a length.
fn read_body(stream: &mut impl BufRead) -> Option<String> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim().to_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    String::from_utf8(body).ok()
}

fn signer(key: &str) -> Signer {
    key.parse().unwrap()
}

fn connect(url: &str, key: &str) -> RpcChain {
    RpcChain::connect(url, Some(signer(key)), Settings::default(), Box::new(|_| ())).unwrap()
}

/// What a process did.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{}{}", self.out, self.err))
    }

    #[track_caller]
    fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self
    }
}

struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, home: &str, key: Option<&str>, arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_veilmark"));
        command.args(arguments).arg("--json").current_dir(self.folder.path()).env("VEILMARK_HOME", self.path(home));
        command.stdin(Stdio::null()).env_remove("VEILMARK_PRIVATE_KEY");
        if let Some(key) = key {
            command.env("VEILMARK_PRIVATE_KEY", key);
        }
        let output = command.output().unwrap();
        let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(key.is_none_or(|key| !out.contains(key) && !err.contains(key)), "the key is printed");
        Ran { code: output.status.code().unwrap(), out, err }
    }

    fn ok(&self, key: Option<&str>, arguments: &[&str]) -> Value {
        self.run("home", key, arguments).ends(0).json()
    }
}

/// Blocks of colours: plain enough to be small, uneven enough for a fingerprint.
fn picture() -> DynamicImage {
    let block = |x: u32, y: u32, channel: u32| {
        let mixed = (x / 6 + 31 * (y / 6) + 977 * channel + 7919).wrapping_mul(2_654_435_761);
        (mixed >> 24) as u8
    };
    RgbImage::from_fn(64, 48, |x, y| Rgb([0, 1, 2].map(|channel| block(x, y, channel)))).into()
}

fn submission(bundle: &Bundle, model_id: Option<u64>, registrant: Address) -> Submission<'_> {
    Submission {
        vk_hash: bundle.vk_hash.into(),
        fingerprint: bundle.claim.has_fingerprint().then_some(bundle.fingerprint),
        tolerance: bundle.tolerance,
        model_id,
        registrant,
        proof: &bundle.proof,
    }
}

fn refusal<T: std::fmt::Debug>(answer: Result<T, ChainError>) -> String {
    let error = answer.expect_err("refused");
    error.revert_name().unwrap_or_else(|| panic!("{error}")).to_owned()
}

/// Gas of a call of a verifier as a transaction, but for the bytes of the verifying key's address in it.
fn verifier_gas<C: Chain>(client: &RegistryClient<C>, bundle: &Bundle, from: Address) -> u64 {
    let key = client.pin(bundle.vk_hash.into()).unwrap();
    let mut words = [U256::ZERO; keys::PUBLIC_INPUTS];
    for (word, value) in words.iter_mut().zip(FingerprintClaim::instance(&bundle.public())) {
        *word = U256::from_be_bytes(scalar_to_word(value));
    }
    let call = IClaimVerifier::verifyCall { vk: key.vk, publicInputs: words, proof: bundle.proof.clone().into() };
    let receipt = client.chain().transact(from, key.verifier, call.abi_encode()).unwrap();
    receipt.gas_used - key.vk.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum::<u64>()
}

#[test]
#[allow(clippy::too_many_lines)] // one story
fn the_whole_journey_on_anvil() {
    let anvil = Anvil::start(31337);
    let world = World { folder: tempfile::tempdir().unwrap() };
    let url = anvil.url();
    let rpc = ["--rpc", &url];
    let with = |arguments: &[&str]| -> Vec<String> {
        arguments.iter().chain(&rpc).map(|argument| (*argument).to_owned()).collect()
    };
    let on_chain = |key: Option<&str>, arguments: &[&str]| {
        let arguments = with(arguments);
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        world.run("home", key, &arguments)
    };
    let owner = |arguments: &[&str]| on_chain(Some(OWNER_KEY), arguments);
    let user = |arguments: &[&str]| on_chain(Some(USER_KEY), arguments);

    // Files
    world.ok(None, &["srs", "dev", "--k", "14"]);
    let onnx = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/models").join(MODEL);
    let onnx = onnx.to_str().unwrap();
    world.ok(None, &["model", "import", onnx, "--for", "generation", "--k", "14", "--proofs", "3", "-o", "m.model"]);
    world.ok(None, &["model", "export", "m.model", "-o", "m.pub"]);
    let generate =
        ["generate", "--model", "m.model", "--prompt", "a test", "-o", "art.png", "--latent-out", "art.latent"];
    world.ok(None, &generate);
    world.ok(None, &["commit", "art.png", "--for", "generation", "--model", "m.model", "-o", "art.opening"]);
    picture().save(world.path("photo.png")).unwrap();
    let mut jpeg = fs::File::create(world.path("copy.jpg")).unwrap();
    picture().write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, 60)).unwrap();
    world.ok(None, &["commit", "photo.png", "-o", "photo.opening"]);

    // Deployment
    let deploy = ["contracts", "deploy", "--model", "m.pub", "--for", "generation"];
    let dry = owner(&[&deploy[..], &["--dry-run", "--owner", &OWNER.to_string()]].concat()).ends(0).json();
    assert_eq!(anvil.ask("eth_blockNumber", json!([])), "0x0", "a dry run sends nothing: {dry}");
    let deployed = owner(&deploy).ends(0).json();
    let again = owner(&deploy).ends(0).json();
    assert_eq!((&again["gas"], &again["content"]), (&json!(0), &deployed["content"]), "nothing is deployed twice");
    for contract in deployed["contracts"].as_array().unwrap() {
        let gas = contract["gas_used"].as_u64().unwrap();
        println!("gas: deploy {} {gas}", contract["name"]);
        assert!(gas < 1 << 24);
    }
    owner(&["contracts", "verify"]).ends(5);
    let verified = owner(&["contracts", "verify", "--allow-unsafe", "--model", "m.pub", "--for", "generation"]);
    assert_eq!(verified.ends(0).json()["keys"][0]["computed_here"], true);
    on_chain(None, &["contracts", "export", "-o", "exported"]).ends(0);
    let file: DeploymentFile =
        serde_json::from_slice(&fs::read(world.path("exported/deployment.json")).unwrap()).unwrap();
    assert!(file.complete && json!(file.content) == deployed["content"]);

    // The fingerprint of a photograph
    let registrant = USER.to_string();
    let prove = |claim: &str, image: &str, opening: &str, output: &str, more: &[&str]| {
        let arguments = ["prove", "--claim", claim, "--image", image, "--opening", opening, "-o", output];
        on_chain(None, &[&arguments[..], &["--registrant", &registrant], more].concat())
    };
    let warned = prove("fingerprint", "photo.png", "photo.opening", "photo.veil.json", &[]).ends(0);
    assert!(warned.err.contains("does not know verifying key"), "{}", warned.err);
    user(&["register", "photo.veil.json"]).ends(4);
    let pin = ["contracts", "pin", "--bundle", "photo.veil.json"];
    assert_eq!(owner(&pin).ends(0).json()["keys"][0]["state"], "added");
    assert_eq!(owner(&pin).ends(0).json()["keys"][0]["state"], "there already");
    let dry = on_chain(None, &["register", "photo.veil.json", "--dry-run"]).ends(0).json();
    let estimate = dry["gas_estimate"].as_u64().unwrap();
    assert!(dry["data"].as_str().unwrap().len() > 1000);
    on_chain(None, &["register", "photo.veil.json"]).ends(2);
    let registered = user(&["register", "photo.veil.json"]).ends(0).json();
    let gas = registered["gas_used"].as_u64().unwrap();
    println!("gas: register fingerprint {gas}, estimated {estimate}");
    let again = user(&["register", "photo.veil.json"]).ends(0).json();
    assert_eq!((&again["already_registered"], &again["gas_used"]), (&json!(true), &Value::Null), "no second record");

    // A generated picture
    let model = ["model", "register", "m.pub", "--for", "generation"];
    println!("gas: register model {}", owner(&model).ends(0).json()["gas_used"]);
    assert_eq!(owner(&model).ends(0).json()["already_registered"], true);
    let more = ["--model", "m.model", "--latent", "art.latent"];
    prove("generation", "art.png", "art.opening", "art.veil.json", &more).ends(0);
    let art = user(&["register", "art.veil.json", "--model", "m.pub"]).ends(0).json();
    println!("gas: register generation {}", art["gas_used"]);
    let mint = ["mint", "art.veil.json", "--model", "m.pub", "--uri", "https://example.org/art.png"];
    let minted = user(&mint).ends(0).json();
    println!("gas: mint {}", minted["gas_used"]);
    assert_eq!(user(&mint).ends(0).json()["already_minted"], true);
    let client = RegistryClient::new(connect(&url, USER_KEY), file.deployment());
    let token: U256 = minted["token_id"].as_str().unwrap().parse().unwrap();
    let transfer = client.transfer_token(token, USER, THIEF).unwrap();
    println!("gas: transfer {}", transfer.gas_used);
    assert_eq!(client.token(token).unwrap().1, THIEF);

    // Copies, and a second machine, which has the bundle, the published picture and the URL
    let found = on_chain(None, &["lookup", "copy.jpg"]).ends(0).json();
    assert_eq!(found["matches"][0]["record_id"], registered["record_id"]);
    on_chain(None, &["lookup", "copy.jpg"]).ends(0);
    let second = |arguments: &[&str]| world.run("second-home", None, arguments);
    second(&["srs", "dev", "--k", "14"]).ends(0);
    let check = ["verify", "photo.veil.json", "--image", "copy.jpg", "--rpc", &url, "--allow-unsafe"];
    let verdicts = second(&check).ends(0).json()["verdicts"].clone();
    let verdict = |name: &str| verdicts[name]["verdict"].as_str().unwrap().to_owned();
    assert_eq!(["proof", "file_match", "registration"].map(verdict), ["valid", "match", "registered"]);
    let check_art = ["verify", "art.veil.json", "--model", "m.pub", "--rpc", &url, "--allow-unsafe"];
    assert_eq!(second(&check_art).ends(0).json()["verdicts"]["registration"]["verdict"], "registered");

    // Copied proofs: another account, another registry, another chain
    let bundle = Bundle::read(&world.path("photo.veil.json")).unwrap();
    on_chain(Some(THIEF_KEY), &["register", "photo.veil.json"]).ends(2);
    let thief = RegistryClient::new(connect(&url, THIEF_KEY), file.deployment());
    assert_eq!(refusal(thief.register_content(&submission(&bundle, None, THIEF))), "ProofInvalid");
    let other =
        owner(&["contracts", "deploy", "--delay", "60", "--contracts", "other.json", "--bundle", "photo.veil.json"]);
    let other = other.ends(0).json();
    assert_ne!(other["content"], deployed["content"]);
    user(&["register", "photo.veil.json", "--contracts", "other.json"]).ends(3);
    let other: DeploymentFile = serde_json::from_slice(&fs::read(world.path("other.json")).unwrap()).unwrap();
    let elsewhere = RegistryClient::new(connect(&url, USER_KEY), other.deployment());
    assert_eq!(refusal(elsewhere.register_content(&submission(&bundle, None, USER))), "ProofInvalid");
    let second_chain = Anvil::start(1337);
    let arguments = ["--model", "m.pub", "--for", "generation", "--rpc", &second_chain.url()];
    let there = world.ok(Some(OWNER_KEY), &[&["contracts", "deploy"][..], &arguments].concat());
    assert_eq!(there["content"], deployed["content"], "the same address on every chain");
    world.ok(Some(OWNER_KEY), &[&pin[..], &["--rpc", &second_chain.url()]].concat());
    world.run("home", Some(USER_KEY), &["register", "photo.veil.json", "--rpc", &second_chain.url()]).ends(3);
    let elsewhere = RegistryClient::new(connect(&second_chain.url(), USER_KEY), file.deployment());
    assert_eq!(refusal(elsewhere.register_content(&submission(&bundle, None, USER))), "ProofInvalid");
    assert_eq!(client.record_count().unwrap(), 2);

    // Unsafe keys are for development
    let main = Anvil::start(5);
    let refused = world.run("home", Some(OWNER_KEY), &[&deploy[..], &["--rpc", &main.url()]].concat());
    refused.ends(5);
    assert_eq!(main.ask("eth_getTransactionCount", json!([OWNER, "pending"])), "0x0", "nothing was sent");

    // The verifier costs the same everywhere
    let folder = tempfile::tempdir().unwrap();
    let embedded = RegistryClient::new(EmbeddedChain::open(folder.path()).unwrap(), Deployment::embedded());
    let srs = Srs::dev(14, &mut |_| ()).unwrap();
    let shape = ClaimShape::fingerprint(bundle.size.0, bundle.size.1, bundle.k);
    let cache = keys::KeyCache::open(&world.path("home/keys")).unwrap();
    let key = cache.verifying_key(&srs, &shape, &|_| ()).unwrap();
    let code = keys::vk_data(&srs, &key, &shape).unwrap().runtime_code();
    embedded.ensure_pinned(bundle.claim, &verifier(bundle.claim).init_code, &code).unwrap();
    let gas = verifier_gas(&client, &bundle, USER);
    println!("gas: verify as a transaction {gas}, and the verifying key's address");
    assert_eq!(gas, verifier_gas(&embedded, &bundle, USER));

    // The emergency stop, and a revocation
    on_chain(Some(THIEF_KEY), &["contracts", "stop", "--claim", "fingerprint"]).ends(7);
    owner(&["contracts", "stop", "--claim", "fingerprint"]).ends(0);
    let stopped = second(&check).ends(4).json();
    assert_eq!(stopped["verdicts"]["registration"]["verdict"], "verifier stopped");
    assert_eq!(on_chain(None, &["lookup", "copy.jpg"]).ends(4).json()["matches"][0]["status"], "verifier stopped");
    on_chain(Some(THIEF_KEY), &["revoke", "art.veil.json"]).ends(2);
    println!("gas: revoke {}", user(&["revoke", "art.veil.json"]).ends(0).json()["gas_used"]);
    assert_eq!(second(&check_art).ends(4).json()["verdicts"]["registration"]["verdict"], "revoked");
    drop(anvil);
    let lost = second(&check).ends(7);
    assert!(lost.json()["error"]["message"].as_str().unwrap().contains("cannot be reached"), "{}", lost.out);
}

const MODEL: &str = "resize_x3.onnx";

/// What the proxy does with a question; it is given the question, and passes it on where it says so.
type Fault = Box<dyn FnMut(&str, &mut dyn FnMut() -> Option<String>) -> Answer + Send>;

/// What the client gets.
enum Answer {
    Body(Option<String>),
    Drop,
    Stall,
}

/// A node between the client and anvil, that breaks and lies.
struct Proxy {
    port: u16,
    fault: Arc<Mutex<Fault>>,
}

impl Proxy {
    fn before(anvil: &Anvil) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, behind) = (listener.local_addr().unwrap().port(), anvil.port);
        let honest: Fault = Box::new(|_, pass| Answer::Body(pass()));
        let fault = Arc::new(Mutex::new(honest));
        let shared = Arc::clone(&fault);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(stream);
                let Some(question) = read_body(&mut reader) else { continue };
                let mut pass = || http(behind, &question);
                let answer = (shared.lock().unwrap())(&question, &mut pass);
                let mut stream = reader.into_inner();
                match answer {
                    Answer::Body(Some(body)) => {
                        let head = format!(
                            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: \
                             {}\r\n\r\n",
                            body.len()
                        );
                        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
                    }
                    Answer::Body(None) | Answer::Drop => {}
                    // held open, and nothing said
                    Answer::Stall => std::mem::forget(stream),
                }
            }
        });
        Self { port, fault }
    }

    fn set(&self, fault: impl FnMut(&str, &mut dyn FnMut() -> Option<String>) -> Answer + Send + 'static) {
        *self.fault.lock().unwrap() = Box::new(fault);
    }

    fn client(&self, key: &str, confirmations: u64) -> Result<RpcChain, ChainError> {
        let mut settings = Settings::default();
        settings.timeout = Duration::from_millis(500);
        settings.patience = Duration::from_secs(2);
        settings.pause = Duration::from_millis(5);
        settings.confirmations = confirmations;
        RpcChain::connect(
            &format!("http://user:secret@127.0.0.1:{}/a-key", self.port),
            Some(signer(key)),
            settings,
            Box::new(|_| ()),
        )
    }
}

#[test]
#[allow(clippy::too_many_lines)] // one list
fn every_fault_ends_in_a_clear_error_and_a_second_run_completes() {
    let anvil = Anvil::start(31337);
    let proxy = Proxy::before(&anvil);
    let client = || proxy.client(USER_KEY, 1);
    let honest = |_: &str, pass: &mut dyn FnMut() -> Option<String>| Answer::Body(pass());
    let sent = || {
        u64::from_str_radix(&anvil.ask("eth_getTransactionCount", json!([USER, "latest"])).as_str().unwrap()[2..], 16)
            .unwrap()
    };
    // Each thing to be done is a contract of its own, which is there or not.
    let thing = |number: u8| key_contract(&[0, number]).unwrap();
    let completes = |number: u8| {
        proxy.set(honest);
        thing(number).make(&client().unwrap(), USER).unwrap();
        assert!(thing(number).exists(&client().unwrap()).unwrap());
    };

    // Connections are dropped, before the node hears of them: one of three, in no pattern.
    let mut state = 1_u64;
    proxy.set(move |_, pass| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        if (state >> 33).is_multiple_of(3) { Answer::Drop } else { Answer::Body(pass()) }
    });
    assert!(thing(1).make(&client().unwrap(), USER).unwrap().is_some());
    assert_eq!(sent(), 1);

    // The answer to the send is lost, once and always: the transaction happens once.
    proxy.set(|question, pass| {
        let answer = pass();
        if question.contains("eth_sendRawTransaction") { Answer::Drop } else { Answer::Body(answer) }
    });
    assert!(thing(2).make(&client().unwrap(), USER).unwrap().is_some());
    assert_eq!(sent(), 2);

    // The node is lost right after the send.
    let mut lost = false;
    let chain = {
        proxy.set(honest);
        client().unwrap()
    };
    proxy.set(move |question, pass| {
        let answer = if lost { None } else { pass() };
        lost |= question.contains("eth_sendRawTransaction");
        if lost { Answer::Drop } else { Answer::Body(answer) }
    });
    let error = thing(3).make(&chain, USER).unwrap_err();
    assert!(matches!(error, ChainError::Unsettled { .. }) && error.exit_code() == 7, "{error}");
    assert!(!error.to_string().contains("secret") && !error.to_string().contains("a-key"), "{error}");
    assert!(!format!("{chain:?}").contains("secret") && !format!("{chain:?}").contains("a-key"));
    completes(3);
    assert_eq!(sent(), 3, "the second run finds it done");

    // Garbage, and answers to other questions.
    for garbage in [
        "<html>",
        "{}",
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":\"0x1\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[]}",
        "[]",
        "",
    ] {
        proxy.set(move |_, _| Answer::Body(Some(garbage.to_owned())));
        let error = client().unwrap_err();
        assert!(matches!(error, ChainError::Garbage { .. }) && error.exit_code() == 7, "{garbage}: {error}");
    }

    // A node that stalls.
    proxy.set(|_, _| Answer::Stall);
    let start = Instant::now();
    let error = client().unwrap_err();
    assert!(matches!(error, ChainError::Unreachable { .. }) && error.to_string().contains("no answer"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(10));

    // Lies about receipts: another block, another transaction, another recipient, a send that never was.
    let lie = |from: &'static str, to: Box<dyn Fn(&mut Value) + Send>| {
        move |question: &str, pass: &mut dyn FnMut() -> Option<String>| {
            let Some(answer) = pass() else { return Answer::Drop };
            if !question.contains(from) {
                return Answer::Body(Some(answer));
            }
            let mut answer: Value = serde_json::from_str(&answer).unwrap();
            if !answer["result"].is_null() {
                to(&mut answer["result"]);
            }
            Answer::Body(Some(answer.to_string()))
        }
    };
    proxy.set(lie("eth_getTransactionReceipt", Box::new(|receipt| receipt["blockHash"] = json!(B256::repeat_byte(7)))));
    let error = thing(4).make(&client().unwrap(), USER).unwrap_err();
    assert!(matches!(error, ChainError::Unconfirmed { .. }), "{error}");
    completes(4);
    for (number, key) in [(5, "transactionHash"), (6, "to"), (7, "from"), (8, "status"), (9, "gasUsed")] {
        proxy
            .set(lie("eth_getTransactionReceipt", Box::new(move |receipt| receipt[key] = json!(B256::repeat_byte(7)))));
        let error = thing(number).make(&client().unwrap(), USER).unwrap_err();
        assert!(matches!(error, ChainError::BadReceipt { .. }), "{key}: {error}");
        completes(number);
    }
    // A transaction that failed is said to have succeeded: what it should have made is not there.
    proxy.set(lie("eth_getCode", Box::new(|code| *code = json!("0x"))));
    let error = thing(10).make(&client().unwrap(), USER).unwrap_err();
    assert!(matches!(error, ChainError::NoCode { .. } | ChainError::NoEffect { .. }), "{error}");
    completes(10);
    // The node pretends to send.
    proxy.set(|question, pass| {
        let answer = if question.contains("eth_sendRawTransaction") { None } else { pass() };
        Answer::Body(answer.or_else(|| Some(json!({ "jsonrpc": "2.0", "id": 1, "result": B256::ZERO }).to_string())))
    });
    let error = thing(11).make(&client().unwrap(), USER).unwrap_err();
    assert!(matches!(error, ChainError::Unsettled { .. }), "{error}");
    completes(11);

    // Another chain answers.
    proxy.set(honest);
    let chain = client().unwrap();
    proxy.set(lie("eth_chainId", Box::new(|id| *id = json!("0x1"))));
    let error = thing(12).make(&chain, USER).unwrap_err();
    assert!(matches!(error, ChainError::OtherChain { expected: 31337, got: 1 }), "{error}");

    // Another program takes the nonce, between the question for it and the send.
    let (url, mut raced) = (anvil.url(), false);
    let before = sent();
    proxy.set(move |question, pass| {
        if question.contains("eth_sendRawTransaction") && !std::mem::replace(&mut raced, true) {
            key_contract(&[0, 100]).unwrap().make(&connect(&url, USER_KEY), USER).unwrap();
        }
        Answer::Body(pass())
    });
    assert!(thing(12).make(&client().unwrap(), USER).unwrap().is_some());
    assert_eq!(sent(), before + 2, "both happened, once each");

    // Out of funds.
    proxy.set(honest);
    let poor = "0000000000000000000000000000000000000000000000000000000000000abc";
    let account = signer(poor).address();
    let error = thing(13).make(&proxy.client(poor, 1).unwrap(), account).unwrap_err();
    assert!(matches!(&error, ChainError::OutOfFunds { account: named, .. } if *named == account), "{error}");
    anvil.ask("anvil_setBalance", json!([account, "0xde0b6b3a7640000"]));
    assert!(thing(13).make(&proxy.client(poor, 1).unwrap(), account).unwrap().is_some());
    let error = thing(14).make(&proxy.client(poor, 1).unwrap(), USER).unwrap_err();
    assert!(matches!(error, ChainError::NoKey { .. }) && error.exit_code() == 2, "{error}");

    // The block is taken back after it was seen.
    let snapshot = anvil.ask("evm_snapshot", json!([]));
    let (port, mut seen) = (anvil.port, 0);
    proxy.set(move |question, pass| {
        if question.contains("eth_getTransactionReceipt") {
            seen += 1;
            if seen == 2 {
                let back = json!({ "jsonrpc": "2.0", "id": 1, "method": "evm_revert", "params": [snapshot] });
                http(port, &back.to_string()).unwrap();
            }
        }
        Answer::Body(pass())
    });
    let error = thing(14).make(&proxy.client(USER_KEY, 3).unwrap(), USER).unwrap_err();
    assert!(matches!(error, ChainError::NotIncluded { .. }), "{error}");
    completes(14);
}
