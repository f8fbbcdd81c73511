//! The same faults before the binary: a clear message, exit code 8, and a second run of the same command that leaves
//! exactly one record.

use super::{
    THIEF, USER, USER_KEY,
    node::Anvil,
    proxy::{Answer, Proxy, honest, lie, lost_after_the_send, reorganised},
    world::{Ran, Stage, connect, records},
};
use alloy_primitives::B256;
use serde_json::json;
use veilmark::chain::deployment::key_contract;

struct Scene {
    stage: std::sync::Arc<Stage>,
    anvil: Anvil,
    proxy: Proxy,
}

impl Scene {
    fn register(&self, more: &[&str]) -> Ran {
        let variables = [("VEILMARK_PRIVATE_KEY", USER_KEY), ("VEILMARK_RPC_URL", &self.proxy.url())];
        let command = ["register", "photo.veil.json", "--rpc", "env", "--rpc-timeout", "1", "--patience", "3"];
        let ran = self.stage.world.run_with("home", &variables, &[&command[..], more].concat());
        for hidden in ["a-password", "a-key"] {
            assert!(!ran.out.contains(hidden) && !ran.err.contains(hidden), "{}{}", ran.out, ran.err);
        }
        ran
    }

    /// The fault is set: the run ends with 8 and says so; the next one, with an honest node, has the one record.
    fn fails_once(&self, says: &str, more: &[&str], sent: bool) {
        let broken = self.register(more);
        assert!(broken.code == 8 && broken.says().contains(says), "{says}: {}{}", broken.out, broken.err);
        assert!(!broken.json()["error"]["hint"].as_str().unwrap().is_empty());
        self.completes(sent);
    }

    fn completes(&self, already: bool) {
        self.proxy.set(honest);
        assert_eq!(self.register(&[]).ends(0).json()["already_done"], already);
        assert_eq!(records(&self.stage.client(&self.anvil, USER_KEY)), 1);
    }
}

#[test]
fn every_fault_before_the_binary_ends_with_8_and_a_second_run_completes() {
    let stage = Stage::get();
    let anvil = stage.anvil();
    let proxy = Proxy::before(&anvil);
    let scene = Scene { stage, anvil, proxy };
    let mut snapshot = scene.anvil.snapshot();

    // The connection is lost after the send: what became of it is found out by the second run.
    scene.proxy.set(lost_after_the_send());
    scene.fails_once("what became of it is not known", &[], true);
    snapshot = scene.anvil.back_to(&snapshot);

    // Garbage, a node that stalls, and lies about the receipt.
    scene.proxy.set(|_, _| Answer::Body(Some("<html>".to_owned())));
    scene.fails_once("returned an invalid response", &[], false);
    snapshot = scene.anvil.back_to(&snapshot);
    scene.proxy.set(|_, _| Answer::Stall);
    scene.fails_once("no answer within", &[], false);
    snapshot = scene.anvil.back_to(&snapshot);
    scene.proxy.set(lie("eth_getTransactionReceipt", |receipt| receipt["from"] = json!(THIEF)));
    scene.fails_once("is not to be believed", &[], true);
    snapshot = scene.anvil.back_to(&snapshot);
    scene.proxy.set(lie("eth_getTransactionReceipt", |receipt| receipt["blockHash"] = json!(B256::repeat_byte(7))));
    scene.fails_once("taken back", &[], true);
    snapshot = scene.anvil.back_to(&snapshot);

    // Out of funds.
    scene.proxy.set(honest);
    let balance = scene.anvil.ask("eth_getBalance", json!([USER, "latest"]));
    scene.anvil.ask("anvil_setBalance", json!([USER, "0x1"]));
    let broken = scene.register(&[]);
    assert!(broken.code == 8 && broken.says().contains("has 1 wei"), "{}", broken.out);
    scene.anvil.ask("anvil_setBalance", json!([USER, balance]));
    scene.completes(false);
    snapshot = scene.anvil.back_to(&snapshot);

    // Another program takes the nonce: the command makes the transaction anew, and says so.
    let (url, mut raced) = (scene.anvil.url(), false);
    scene.proxy.set(move |question, pass| {
        if question.contains("eth_sendRawTransaction") && !std::mem::replace(&mut raced, true) {
            key_contract(&[0, 100]).unwrap().make(&connect(&url, USER_KEY), USER).unwrap();
        }
        Answer::Body(pass())
    });
    let raced = scene.register(&[]).ends(0);
    assert!(raced.err.contains("was taken by another transaction"), "{}", raced.err);
    scene.completes(true);
    snapshot = scene.anvil.back_to(&snapshot);

    // The block is taken back before it has its confirmations.
    scene.proxy.set(reorganised(&scene.anvil, snapshot));
    scene.fails_once("is in no block", &["--confirmations", "3"], false);
}
