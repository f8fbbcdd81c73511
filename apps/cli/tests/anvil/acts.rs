//! What the router's owner and guardian do, and anyone who can prove the impossible: each act as a command that sends, that
//! shows, and that writes for a multisignature; and what readers are told of it.

mod impossible;

use super::{
    OWNER, OWNER_KEY, THIEF, THIEF_KEY, USER, USER_KEY,
    node::Anvil,
    world::{Ran, Stage, connect},
};
use alloy_primitives::{Address, B256, U256, hex};
use serde_json::{Value, json};
use std::{fs, sync::Arc};
use veilmark::{
    bundle::Bundle,
    chain::{
        acts::{Act, Reason},
        client::{RegistryClient, claims::PROPOSAL_LIFETIME},
        deployment::{DEPLOYER, Plan, verifier_contract},
        rpc::RpcChain,
    },
    files::Existing,
    statement::claim::Claim,
};
use veilmark_contract_bindings::claims;

/// How long a change of the router waits, in seconds.
const DELAY: u64 = 3600;

/// A router that knows the claim of a fingerprint and no key, owned by [`OWNER`], guarded by [`USER`].
struct Scene {
    stage: Arc<Stage>,
    anvil: Anvil,
    client: RegistryClient<RpcChain>,
    /// Its manifest's name.
    file: String,
}

impl Scene {
    fn new(name: &str) -> Self {
        let stage = Stage::get();
        let anvil = stage.anvil();
        let chain = connect(&anvil.url(), OWNER_KEY);
        let plan = Plan {
            owner: OWNER,
            guardian: USER,
            delay: DELAY,
            allow_same_guardian: false,
            claims: vec![claims::of(Claim::FINGERPRINT)],
            keys: Vec::new(),
        };
        let (contracts, mut manifest) = plan.contracts(31337, 0).unwrap();
        for contract in &contracts {
            contract.make(&chain, OWNER).unwrap();
        }
        manifest.complete = true;
        let file = format!("{name}.json");
        manifest.write(&stage.world.path(&file), Existing::Replace).unwrap();
        Self { client: RegistryClient::new(chain, manifest.deployment()), stage, anvil, file }
    }

    fn here<'a>(&'a self, arguments: &[&'a str], url: &'a str) -> Vec<&'a str> {
        [arguments, &["--contracts", &self.file, "--rpc", url]].concat()
    }

    fn run(&self, key: Option<&str>, arguments: &[&str]) -> Ran {
        self.stage.world.run("home", key, &self.here(arguments, &self.anvil.url()))
    }

    fn text(&self, arguments: &[&str]) -> String {
        self.stage.world.text(&self.here(arguments, &self.anvil.url()))
    }

    fn passes(&self, seconds: u64) {
        self.anvil.ask("evm_increaseTime", json!([seconds]));
        self.anvil.ask("evm_mine", json!([]));
    }

    fn now(&self) -> u64 {
        let block = self.anvil.ask("eth_getBlockByNumber", json!(["latest", false]));
        u64::from_str_radix(block["timestamp"].as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
    }

    fn router(&self) -> Address {
        self.client.deployment().router()
    }

    /// Nobody's key is here: the command shows these transactions of `from`, writes them for a multisignature, and sends
    /// nothing.
    #[track_caller]
    fn shows(&self, arguments: &[&str], from: Address, transactions: &[(Address, Vec<u8>)]) {
        let block = self.anvil.ask("eth_blockNumber", json!([]));
        let dry = self.run(None, &[arguments, &["--dry-run"]].concat()).ends(0).json();
        let safe = self.stage.world.path(&self.file).with_extension("safe.json");
        let written = self.run(None, &[arguments, &["--safe-json", safe.to_str().unwrap()]].concat()).ends(0).json();
        let batch: Value = serde_json::from_slice(&fs::read(&safe).unwrap()).unwrap();
        fs::remove_file(&safe).unwrap();
        assert_eq!(self.anvil.ask("eth_blockNumber", json!([])), block, "nothing is sent");
        for report in [&dry, &written] {
            assert_eq!((&report["from"], &report["dry_run"]), (&json!(from.to_string()), &json!(true)));
            assert_eq!(report["transactions"].as_array().unwrap().len(), transactions.len());
        }
        assert_eq!(batch["chainId"], "31337");
        assert_eq!(batch["meta"]["createdFromSafeAddress"], json!(from.to_string()));
        assert_eq!(batch["transactions"].as_array().unwrap().len(), transactions.len());
        for (at, (to, data)) in transactions.iter().enumerate() {
            let (to, data) = (json!(to.to_string()), json!(hex::encode_prefixed(data)));
            for shown in [&dry["transactions"][at], &written["transactions"][at], &batch["transactions"][at]] {
                assert_eq!((&shown["to"], &shown["data"]), (&to, &data));
            }
        }
        if let [_] = transactions {
            assert!(dry["gas_estimate"].as_u64().unwrap() > 21_000, "{dry}");
        }
    }

    #[track_caller]
    fn refused(&self, key: &str, arguments: &[&str], code: i32, says: &str) {
        let block = self.anvil.ask("eth_blockNumber", json!([]));
        let ran = self.run(Some(key), arguments).ends(code);
        assert!(ran.says().contains(says), "{}", ran.out);
        assert_eq!(self.anvil.ask("eth_blockNumber", json!([])), block, "nothing is sent");
    }

    /// An act without delay: shown to whoever `from` is, done with `key`, and only once.
    #[track_caller]
    fn at_once(&self, arguments: &[&str], key: &str, from: Address, act: &Act) {
        self.shows(arguments, from, &[(self.router(), act.calls().act)]);
        let done = self.run(Some(key), arguments).ends(0).json();
        assert_eq!((&done["state"], &done["what"]), (&json!("done"), &json!(act.describe())));
        let again = self.run(Some(key), arguments).ends(0).json();
        assert_eq!((&again["state"], &again["gas_used"]), (&json!("done already"), &json!(0)));
    }

    /// The owner's act with a delay up to its proposal, which is returned.
    #[track_caller]
    fn proposed(&self, arguments: &[&str], act: &Act) -> String {
        self.refused(THIEF_KEY, arguments, 2, "OwnableUnauthorizedAccount");
        self.shows(arguments, OWNER, &[(self.router(), act.calls().propose.unwrap())]);
        let proposed = self.run(Some(OWNER_KEY), arguments).ends(0).json();
        let ready_at = self.now() + DELAY;
        assert_eq!((&proposed["state"], &proposed["ready_at"]), (&json!("proposed"), &json!(ready_at)));
        let block = self.anvil.ask("eth_blockNumber", json!([]));
        let again = self.run(Some(OWNER_KEY), arguments).ends(0).json();
        assert_eq!((&again["ready_at"], &again["gas_used"]), (&json!(ready_at), &json!(0)));
        let dry = self.run(None, &[arguments, &["--dry-run"]].concat()).ends(0).json();
        assert_eq!((&dry["ready_at"], &dry["transactions"]), (&json!(ready_at), &json!([])));
        assert_eq!(self.anvil.ask("eth_blockNumber", json!([])), block, "it is proposed once");
        for command in ["proposals", "verify"] {
            let told = self.run(None, &["contracts", command]).json();
            let row = &told["proposals"][0];
            assert_eq!((&row["what"], &row["ready_at"]), (&json!(act.describe()), &json!(ready_at)), "{command}");
            assert_eq!(row["call"], json!(hex::encode_prefixed(act.calls().act)));
            assert_eq!(row["void_after"], json!(ready_at + PROPOSAL_LIFETIME));
            let text = self.text(&["contracts", command]);
            assert!(text.contains(&act.describe()) && text.contains(row["proposal"].as_str().unwrap()), "{text}");
        }
        self.run(None, &["contracts", "proposals"]).json()["proposals"][0]["proposal"].as_str().unwrap().to_owned()
    }

    /// The owner's act with a delay: proposed, and after the delay carried out, once.
    #[track_caller]
    fn waits(&self, arguments: &[&str], act: &Act) {
        let proposal = self.proposed(arguments, act);
        self.passes(DELAY);
        self.at_once(arguments, OWNER_KEY, OWNER, act);
        assert_eq!(self.run(None, &["contracts", "proposals"]).json()["proposals"], json!([]));
        // what was carried out cannot be withdrawn, and nobody is told that it was
        self.refused(OWNER_KEY, &["contracts", "cancel", &proposal], 2, "was carried out");
    }

    /// A bundle of the picture for this registry, its key's hash, and the key added by nobody in particular.
    fn bundle(&self, name: &str) -> (String, B256) {
        let bundle = format!("{name}.veil.json");
        let prove = ["prove", "--claim", "fingerprint", "--image", "photo.png", "--opening", "photo.opening"];
        self.run(None, &[&prove[..], &["-o", &bundle, "--registrant", &USER.to_string()]].concat()).ends(0);
        let add = ["contracts", "add", "--bundle", &bundle];
        assert_eq!(self.run(Some(THIEF_KEY), &add).ends(0).json()["keys"][0]["state"], "unreviewed");
        let vk_hash = Bundle::read(&self.stage.world.path(&bundle)).unwrap().vk_hash;
        (bundle, vk_hash.into())
    }
}

#[test]
fn a_claim_is_added_after_the_delay() {
    let scene = Scene::new("add-claim");
    let claim = claims::of(Claim::COMMITTED_FINGERPRINT);
    let verifier = verifier_contract(claim.verifier);
    let act = Act::AddClaim { description: claim.description.clone(), verifier: verifier.address };
    let add = ["contracts", "add-claim", "--claim", "committed-fingerprint"];

    // The verifier comes first where it is not there.
    let code = scene.anvil.ask("eth_getCode", json!([verifier.address, "latest"]));
    scene.anvil.ask("anvil_setCode", json!([verifier.address, "0x"]));
    let deploy = (DEPLOYER, verifier.calldata());
    scene.shows(&add, OWNER, &[deploy, (scene.router(), act.calls().propose.unwrap())]);
    scene.anvil.ask("anvil_setCode", json!([verifier.address, code]));

    scene.waits(&add, &act);
    let claims = scene.run(None, &["contracts", "verify"]).json()["claims"].clone();
    assert_eq!((&claims[1]["claim"], &claims[1]["state"]), (&json!("committed-fingerprint"), &json!("in force")));
}

#[test]
fn a_key_is_reviewed_after_the_delay_unless_the_guardian_withdraws_that() {
    let scene = Scene::new("review");
    let (bundle, vk_hash) = scene.bundle("review");
    let hash = vk_hash.to_string();
    let review = ["contracts", "review", &hash];
    let unknown = ["contracts", "review", &B256::ZERO.to_string()];
    scene.refused(OWNER_KEY, &unknown, 4, "UnknownVerifyingKey");

    // A record under it says so; whoever made the key again counts it, a stranger does not.
    scene.run(Some(USER_KEY), &["register", &bundle]).ends(0);
    let found = scene.run(None, &["lookup", "photo.png"]).ends(0).json()["matches"][0].clone();
    assert_eq!((&found["status"], &found["key"]["reviewed"]), (&json!("unreviewed key"), &json!(false)));
    assert!(scene.text(&["lookup", "photo.png"]).contains("not reviewed by the router's owner"));
    let url = scene.anvil.url();
    let stranger = scene.stage.world.run("stranger", None, &scene.here(&["lookup", "photo.png"], &url));
    assert!(stranger.ends(5).says().contains("nobody reviewed"));
    let listed = scene.run(None, &["contracts", "verify"]).ends(0).json();
    assert_eq!((&listed["keys"][0]["state"], &listed["ok"]), (&json!("unreviewed"), &json!(true)));

    // Withdrawn by the guardian, and by it once.
    let act = Act::ReviewKey { vk_hash };
    let proposal = scene.proposed(&review, &act);
    let cancel = ["contracts", "cancel", &proposal];
    scene.refused(THIEF_KEY, &cancel, 2, "NotGuardian");
    let withdraw = Act::Cancel { proposal: proposal.parse().unwrap() };
    scene.at_once(&cancel, USER_KEY, USER, &withdraw);
    let none = B256::repeat_byte(1).to_string();
    scene.refused(USER_KEY, &["contracts", "cancel", &none], 4, "there is no proposal");
    assert_eq!(scene.text(&["contracts", "proposals"]), "nothing is proposed\n");
    scene.passes(DELAY);

    // What was withdrawn waits anew.
    scene.waits(&review, &act);
    let found = scene.run(None, &["lookup", "photo.png"]).ends(0).json()["matches"][0].clone();
    assert_eq!((&found["status"], &found["key"]["reviewed"]), (&json!("valid"), &json!(true)));

    // A proposal that nobody carried out in time is proposed anew.
    let stop = ["contracts", "stop", "--claim", "fingerprint", "--reason", "retired"];
    let claim_id = claims::of(Claim::FINGERPRINT).id;
    let act = Act::StopClaim { claim_id, reason: Reason::Retired };
    let void = scene.proposed(&stop, &act);
    scene.passes(DELAY + PROPOSAL_LIFETIME + 1);
    assert_eq!(scene.proposed(&stop, &act), void);
    // the owner withdraws too
    scene.run(Some(OWNER_KEY), &["contracts", "cancel", &void]).ends(0);
}

#[test]
fn guardian_and_owner_are_replaced_and_readers_are_told() {
    let scene = Scene::new("owner");
    let governance = || scene.run(None, &["contracts", "verify"]).ends(0).json();
    let thief = THIEF.to_string();

    // The guardian after the delay. It cannot withdraw its own replacement; the owner can, and is taken for the sender.
    let replace = ["contracts", "guardian", &thief];
    let act = Act::SetGuardian { guardian: THIEF };
    let proposal = scene.proposed(&replace, &act);
    let cancel = ["contracts", "cancel", &proposal];
    scene.refused(USER_KEY, &cancel, 2, "NotGuardian");
    scene.at_once(&cancel, OWNER_KEY, OWNER, &Act::Cancel { proposal: proposal.parse().unwrap() });
    scene.waits(&replace, &act);
    assert_eq!(governance()["guardian"], json!(thief));
    scene.refused(USER_KEY, &["contracts", "pause", "--claim", "fingerprint"], 2, "NotGuardian");
    let zero = Address::ZERO.to_string();
    scene.run(Some(OWNER_KEY), &["contracts", "guardian", &zero]).ends(8);

    // Ownership is offered, taken back, offered again and accepted.
    let user = USER.to_string();
    let (offer, accept) = (["contracts", "owner", &user], ["contracts", "owner", "--accept"]);
    let withdraw = ["contracts", "owner", "--withdraw"];
    scene.refused(THIEF_KEY, &offer, 2, "OwnableUnauthorizedAccount");
    scene.refused(THIEF_KEY, &accept, 2, "OwnableUnauthorizedAccount");
    scene.refused(OWNER_KEY, &["contracts", "owner", &zero], 2, "nobody");
    scene.run(Some(OWNER_KEY), &["contracts", "owner"]).ends(2);
    scene.at_once(&offer, OWNER_KEY, OWNER, &Act::OfferOwnership { owner: USER });
    let told = governance();
    assert_eq!((&told["owner"], &told["pending_owner"]), (&json!(OWNER.to_string()), &json!(user)));
    assert!(scene.text(&["contracts", "verify"]).contains(&format!("owner {OWNER}, offered to {USER}; changes wait")));
    scene.refused(OWNER_KEY, &["contracts", "owner", &OWNER.to_string()], 2, "nobody");
    scene.at_once(&withdraw, OWNER_KEY, OWNER, &Act::WithdrawOffer);
    assert_eq!(governance()["pending_owner"], Value::Null);
    scene.run(Some(OWNER_KEY), &offer).ends(0);
    scene.refused(THIEF_KEY, &accept, 2, "OwnableUnauthorizedAccount");
    scene.at_once(&accept, USER_KEY, USER, &Act::AcceptOwnership);
    let told = governance();
    assert_eq!((&told["owner"], &told["pending_owner"]), (&json!(user), &Value::Null));
    scene.refused(OWNER_KEY, &["contracts", "owner", &OWNER.to_string()], 2, "OwnableUnauthorizedAccount");
    scene.refused(OWNER_KEY, &["contracts", "guardian", &user], 2, "OwnableUnauthorizedAccount");
}

#[test]
fn an_incident_is_told_to_whoever_looks() {
    let scene = Scene::new("incident");
    let (bundle, vk_hash) = scene.bundle("incident");
    let (claim, hash) = (["--claim", "fingerprint"], vk_hash.to_string());
    let claim_id = claims::of(Claim::FINGERPRINT).id;
    let look = || scene.run(None, &["lookup", "photo.png"]).json()["matches"][0].clone();
    let claim_row = || scene.run(None, &["contracts", "verify", "--allow-unsafe"]).json()["claims"][0].clone();
    let review = ["contracts", "review", &hash];
    scene.run(Some(OWNER_KEY), &review).ends(0);
    scene.passes(DELAY);
    scene.run(Some(OWNER_KEY), &review).ends(0);
    let registered = scene.run(Some(USER_KEY), &["register", &bundle]).ends(0).json();
    let registered_at = registered["timestamp"].as_u64().unwrap();

    // A pause: nothing new, and what is there stays.
    let (pause, unpause) = (["contracts", "pause"], ["contracts", "unpause"]);
    let (pause, unpause) = ([&pause[..], &claim].concat(), [&unpause[..], &claim].concat());
    scene.refused(THIEF_KEY, &pause, 2, "NotGuardian");
    scene.at_once(&pause, USER_KEY, USER, &Act::Pause { claim_id });
    assert!(claim_row()["paused_until"].as_u64().unwrap() > scene.now());
    assert!(scene.text(&["contracts", "verify"]).contains("paused until"));
    assert_eq!((&look()["status"], &look()["paused"]), (&json!("valid"), &json!(true)));
    assert!(scene.text(&["lookup", "photo.png"]).contains("the claim is paused"));
    scene.refused(THIEF_KEY, &unpause, 2, "NotGuardian");
    scene.at_once(&unpause, USER_KEY, USER, &Act::Unpause { claim_id });
    assert_eq!(look()["paused"], false);
    scene.refused(USER_KEY, &pause, 8, "PausedLately");
    // By the chain's clock, whatever this machine's says: a pause that has run out is none.
    scene.passes(14 * 86_400);
    assert_eq!(scene.run(Some(USER_KEY), &pause).ends(0).json()["state"], "done");
    scene.passes(14 * 86_400);
    assert_eq!(scene.run(Some(USER_KEY), &unpause).ends(0).json()["state"], "done already");

    // A key is ended. Its record is older than the doubt, until the doubt is dated back.
    let remove = ["contracts", "remove", &hash, "--reason", "broken"];
    scene.refused(THIEF_KEY, &remove, 2, "OwnableUnauthorizedAccount");
    scene.refused(OWNER_KEY, &["contracts", "doubt", &hash, "--since", "1"], 2, "BadDoubt");
    scene.at_once(&remove, OWNER_KEY, OWNER, &Act::RemoveKey { vk_hash, reason: Reason::Broken });
    let ended_at = scene.client.key(vk_hash).unwrap().unwrap().endedAt;
    let found = look();
    assert_eq!((&found["status"], &found["ended_at"]), (&json!("valid before the stop"), &json!(ended_at)));
    let row = scene.run(None, &["contracts", "verify"]).ends(0).json()["keys"][0].clone();
    assert_eq!((&row["ended_at"], &row["doubtful_since"]), (&json!(ended_at), &json!(ended_at)));
    let told = scene.text(&["lookup", "photo.png"]);
    assert!(told.contains("valid before the stop; the key or claim ended") && told.contains("(broken)"), "{told}");
    let verify = ["verify", &bundle, "--allow-unsafe"];
    assert_eq!(
        scene.run(None, &verify).ends(0).json()["verdicts"]["registration"]["verdict"],
        "registered before the stop"
    );

    let since = ended_at - 29 * 86_400;
    assert!(since <= registered_at, "{since} {registered_at}");
    let since_text = since.to_string();
    let doubt = ["contracts", "doubt", &hash, "--since", &since_text];
    scene.waits(&doubt, &Act::CastDoubt { id: vk_hash, since });
    let found = look();
    assert_eq!((&found["status"], &found["doubtful_since"]), (&json!("verifier stopped"), &json!(since)));
    scene.run(None, &["lookup", "photo.png"]).ends(4);
    let stopped = scene.run(None, &verify).ends(4).json()["verdicts"]["registration"].clone();
    assert_eq!((&stopped["verdict"], &stopped["doubtful_since"]), (&json!("verifier stopped"), &json!(since)));
    let row = scene.run(None, &["contracts", "verify"]).ends(0).json()["keys"][0].clone();
    assert_eq!((&row["in_use"], &row["doubtful_since"]), (&json!(false), &json!(since)));

    // The claim is ended during a pause, which comes no sooner than fourteen days after the last: the end is what is told.
    scene.passes(14 * 86_400);
    assert_eq!(scene.run(Some(USER_KEY), &pause).ends(0).json()["state"], "done");
    let stop = [&["contracts", "stop", "--reason", "broken"][..], &claim].concat();
    scene.waits(&stop, &Act::StopClaim { claim_id, reason: Reason::Broken });
    let row = claim_row();
    assert!(row["ended_at"].is_u64() && row["state"] == "broken", "{row}");
    let told = scene.text(&["contracts", "verify"]);
    assert!(told.contains("ended") && !told.contains("paused until"), "{told}");
    scene.refused(USER_KEY, &unpause, 5, "ClaimHasEnded");
    scene.refused(OWNER_KEY, &["contracts", "add", "--bundle", &bundle], 5, "has ended");
}

#[test]
fn a_proof_of_the_impossible_ends_its_key() {
    let scene = Scene::new("impossible");
    let (bundle, vk_hash) = scene.bundle("impossible");
    let world = &scene.stage.world;
    let honest = Bundle::read(&world.path(&bundle)).unwrap();
    let hash = vk_hash.to_string();
    let words = |inputs: &[U256]| inputs.iter().map(std::string::ToString::to_string).collect::<Vec<_>>().join(",");
    let possible = impossible::inputs(&scene.client, &honest);
    let mut inputs = possible.clone();
    inputs[2] = U256::from(512);

    // An honest proof is of nothing impossible, and proves nothing else.
    fs::write(world.path("honest.proof"), &honest.proof).unwrap();
    let act = |inputs: &str, proof: &str| {
        ["contracts", "stop-with-proof", &hash, "--inputs", inputs, "--proof", proof].map(str::to_owned)
    };
    let refused = |inputs: &str, proof: &str, code: i32, says: &str| {
        let act = act(inputs, proof);
        scene.refused(THIEF_KEY, &act.each_ref().map(String::as_str), code, says);
    };
    refused(&words(&possible), "honest.proof", 8, "NotImpossible");
    refused(&words(&inputs), "honest.proof", 1, "ProofInvalid");
    refused(&words(&inputs[..3]), "honest.proof", 2, "InputCount");
    refused("1,two", "honest.proof", 2, "two");
    refused(&words(&inputs), "no.proof", 7, "no.proof");

    // Who knows the setup's secret proves anything. The development setup's is public.
    let forged = impossible::forge(&scene.anvil, &scene.client, vk_hash, &inputs, &honest.proof);
    fs::write(world.path("forged.proof"), format!("{}\n", hex::encode_prefixed(&forged))).unwrap();
    let arguments = act(&words(&inputs), "forged.proof");
    let expected = Act::StopWithProof { vk_hash, public_inputs: inputs, proof: forged.into() };
    scene.at_once(&arguments.each_ref().map(String::as_str), THIEF_KEY, OWNER, &expected);
    let key = scene.client.key(vk_hash).unwrap().unwrap();
    assert!(key.endedAt != 0 && key.reason == Reason::Impossible);
    let row = scene.run(None, &["contracts", "verify"]).ends(0).json()["keys"][0].clone();
    assert!(row["state"].as_str().unwrap().contains("the impossible was proved"), "{row}");
    let again = scene.run(Some(THIEF_KEY), &arguments.each_ref().map(String::as_str)).ends(0).json();
    assert_eq!(again["claim_ended"], false, "one setup's proof ends no claim");
    scene.refused(USER_KEY, &["register", &bundle], 5, "KeyHasEnded");
}
