//! Honest proofs are accepted, and what that costs.

use crate::{
    circuits::{Bytes, Fibonacci, Phases, fingerprint_claim},
    proving::{Deployed, key_data, keys, params, prove},
};
use halo2_proofs::{halo2curves::bn256::Fr, plonk::Circuit};
use veilmark_contract_bindings::addresses::data_contract_init_code;
use veilmark_verifier_contract::{Refusal, encode_verify_call};

/// The contract's size that the registry's design counts on, in bytes.
const MAX_CODE: usize = 10 * 1024;
/// Checks, transcript, field arithmetic and calls of precompiles, over the precompiles themselves.
const MAX_OVERHEAD_PERCENT: u64 = 15;

pub(crate) fn bytes_circuit(pixels: usize) -> Bytes {
    Bytes { pixels: (0..pixels).map(|i| [i as u8, (7 * i) as u8, (i / 3) as u8]).collect() }
}

/// What any transaction pays: itself, and its data.
fn intrinsic(data: &[u8]) -> u64 {
    21_000 + data.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum::<u64>()
}

fn accepted<C: Circuit<Fr> + Clone>(name: &str, k: u32, circuit: &C, instances: Vec<Fr>) {
    let mut deployed = Deployed::new(k, circuit, instances);
    assert!(deployed.verify_natively());
    assert_eq!(deployed.proof.len(), deployed.protocol.proof_length());
    let answer = deployed.call(deployed.calldata());
    assert!(answer.accepted(), "{name}: {answer:?}");
    let (intrinsic, precompiles) = (intrinsic(&deployed.calldata()), answer.precompile_gas());
    let rest = answer.gas - intrinsic - precompiles;
    println!(
        "{name}: {} gas = {precompiles} precompiles + {intrinsic} data + {rest}; code {}, proof {} bytes; {:?}",
        answer.gas,
        deployed.code.runtime_code.len(),
        deployed.proof.len(),
        answer.precompiles,
    );
    assert!(deployed.code.runtime_code.len() <= MAX_CODE);
    assert!(rest * 100 <= precompiles * MAX_OVERHEAD_PERCENT, "{name}: {rest} gas beside the precompiles");

    let mut wrong = deployed.instances.clone();
    wrong[0] += Fr::from(1);
    let refused = deployed.call(encode_verify_call(deployed.key.into(), &wrong, &deployed.proof));
    assert_eq!(refused.refusal(), Some(Refusal::ProofInvalid), "{name}: {refused:?}");
}

#[test]
fn three_products_and_a_negative_rotation() {
    let circuit = Fibonacci { constant: 5, steps: 20 };
    accepted("fibonacci", 6, &circuit, circuit.instances());
}

#[test]
fn a_challenge_and_two_phases() {
    let circuit = bytes_circuit(900);
    accepted("bytes", 10, &circuit, circuit.instances());
}

#[test]
fn the_fingerprint_claim() {
    let (k, circuit, instances) = fingerprint_claim();
    accepted("fingerprint claim", k, &circuit, instances);
}

#[test]
fn consecutive_challenges_without_permutation_and_deep_expressions() {
    let circuit = Phases { value: 9 };
    accepted("phases", 5, &circuit, circuit.instances());
}

#[test]
fn one_contract_serves_every_key_of_its_constraint_system() {
    let circuits = [
        (6, Fibonacci { constant: 5, steps: 20 }),
        (6, Fibonacci { constant: 6, steps: 20 }),
        (8, Fibonacci { constant: 5, steps: 100 }),
    ];
    let mut first = Deployed::new(circuits[0].0, &circuits[0].1, circuits[0].1.instances());
    let mut proofs = Vec::new();
    for (k, circuit) in &circuits {
        let params = params(*k);
        let pk = keys(&params, circuit);
        let data = key_data(&first.protocol, &params, pk.get_vk());
        let key = first.chain.deploy(data_contract_init_code(&data.runtime_code()).unwrap());
        proofs.push((
            key,
            circuit.instances(),
            prove(&params, &pk, &data.vk_hash(), circuit.clone(), &circuit.instances()),
        ));
    }
    for (proved_under, (_, instances, proof)) in proofs.iter().enumerate() {
        for (checked_under, (key, _, _)) in proofs.iter().enumerate() {
            let answer = first.chain.call(first.verifier, encode_verify_call((*key).into(), instances, proof));
            if proved_under == checked_under {
                assert!(answer.accepted(), "{proved_under}: {answer:?}");
            } else {
                assert_eq!(answer.refusal(), Some(Refusal::ProofInvalid), "{proved_under} {checked_under}");
            }
        }
    }
}
