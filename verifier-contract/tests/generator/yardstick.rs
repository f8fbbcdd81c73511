//! An independent verifier of the same protocol: snark-verifier's generated contract, given the same proofs.

use crate::{
    accepts::bytes_circuit,
    circuits::{Fibonacci, fingerprint_claim},
    proving::Deployed,
    solc::{self, Compiled},
};
use halo2_proofs::{
    halo2curves::bn256::{Bn256, Fq, Fr},
    poly::commitment::ParamsProver,
};
use serde_json::json;
use snark_verifier::{
    loader::{
        ScalarLoader,
        evm::{EvmLoader, encode_calldata},
    },
    pcs::kzg::{Bdfg21, KzgAs},
    system::halo2::{Config, compile, transcript::evm::EvmTranscript},
    util::transcript::Transcript as _,
    verifier::{SnarkVerifier, plonk::PlonkVerifier},
};
use std::rc::Rc;
use veilmark_transcript::scalar_reduced;
use veilmark_verifier_contract::solidity::SOLC_VERSION;

type Shplonk = PlonkVerifier<KzgAs<Bn256, Bdfg21>>;

/// Snark-verifier's Solidity for a deployed claim; its verifying key is part of the code.
///
/// Our transcript begins with the hash of the key's data contract, a word that theirs does not know. It takes one constant before
/// what is read from the call, so that is the hash, and the key's representation comes as the first public input.
fn theirs(deployed: &Deployed) -> String {
    let inputs = deployed.instances.len();
    let config = Config::kzg().with_num_instance(vec![inputs]);
    let mut protocol = compile(&deployed.params, deployed.pk.get_vk(), config);
    protocol.transcript_initial_state = None;
    let params = &deployed.params;
    let key = (params.get_g()[0], params.g2(), params.s_g2()).into();
    let loader = EvmLoader::new::<Fq, Fr>();
    let protocol = protocol.loaded(&loader);
    let mut transcript = EvmTranscript::<_, Rc<EvmLoader>, _, _>::new(&loader);
    let mut scalars = transcript.load_instances(vec![1 + inputs]).remove(0);
    let instances = vec![scalars.split_off(1)];
    transcript.common_scalar(&loader.load_const(&scalar_reduced(deployed.vk_hash))).expect("a constant, first");
    transcript.common_scalar(&scalars[0]).expect("a word of the call");
    let proof = Shplonk::read_proof(&key, &protocol, &instances, &mut transcript).expect("their reader reads");
    Shplonk::verify(&key, &protocol, &instances, &proof).expect("their verifier renders");
    // Their source names an older compiler, and is none the worse for ours.
    let source = loader.solidity_code();
    let (before, pragma) = source.split_once("pragma solidity ").expect("a pragma");
    let (_, after) = pragma.split_once(';').expect("a version");
    format!("{before}pragma solidity {SOLC_VERSION};{after}")
}

fn compile_theirs(source: &str, optimised: bool) -> Compiled {
    let settings = json!({
        // With the optimizer's Yul steps their source needs more stack than there is.
        "optimizer": { "enabled": optimised, "runs": 200, "details": { "yul": false } },
        "outputSelection": { "*": { "*": ["evm.bytecode.object", "evm.deployedBytecode.object"] } },
    });
    solc::compile_with(source, "Halo2Verifier", &settings).0
}

fn compare(name: &str, mut ours: Deployed) {
    let accepted = ours.call(ours.calldata());
    assert!(accepted.accepted(), "{accepted:?}");
    let source = theirs(&ours);
    let with_repr = |instances: &[Fr]| vec![[&[ours.pk.get_vk().transcript_repr()], instances].concat()];
    let data = encode_calldata(&with_repr(&ours.instances), &ours.proof);
    let mut wrong = ours.instances.clone();
    wrong[0] += Fr::from(1);
    let wrong = encode_calldata(&with_repr(&wrong), &ours.proof);
    println!("{name}: ours {} gas, {} bytes of code", accepted.gas, ours.code.runtime_code.len());
    for optimised in [false, true] {
        let compiled = compile_theirs(&source, optimised);
        let verifier = ours.chain.deploy(compiled.init_code);
        let answer = ours.chain.call(verifier, data.clone());
        assert!(matches!(answer.result, Some(Ok(_))), "snark-verifier refuses a proof of ours: {answer:?}");
        let refused = ours.chain.call(verifier, wrong.clone());
        assert!(!matches!(refused.result, Some(Ok(_))), "snark-verifier accepts anything");
        println!(
            "{name}: snark-verifier, optimizer {optimised}: {} gas, {} bytes of code",
            answer.gas,
            compiled.runtime_code.len()
        );
        assert!(accepted.gas < answer.gas, "{name}: {} gas against {}", accepted.gas, answer.gas);
    }
}

#[test]
fn snark_verifier_accepts_the_same_fibonacci_proof() {
    let circuit = Fibonacci { constant: 5, steps: 20 };
    compare("fibonacci", Deployed::new(6, &circuit, circuit.instances()));
}

#[test]
fn snark_verifier_accepts_the_same_bytes_proof() {
    let circuit = bytes_circuit(900);
    compare("bytes", Deployed::new(10, &circuit, circuit.instances()));
}

#[test]
fn snark_verifier_accepts_the_same_fingerprint_proof() {
    let (k, circuit, instances) = fingerprint_claim();
    compare("fingerprint claim", Deployed::new(k, &circuit, instances));
}
