//! A forged proof, made with the public secret of the development setup.
//!
//! A proof ends in `e(W', [tau]_2) = e(SUM, [1]_2)`, where `SUM` is `u W'` and what came before `W'`. Whoever knows `tau` takes
//! anything for the rest of the proof and solves for `W'`: this takes an honest proof's, and lets the verifier itself
//! compute `SUM` and `u`, which stand in its calls of the precompiles.

use crate::node::Anvil;
use alloy_primitives::{Address, B256, U256, hex};
use alloy_sol_types::SolCall;
use halo2_proofs::halo2curves::{
    bn256::{Fq, Fr, G1Affine},
    ff::{FromUniformBytes, PrimeField},
    group::Curve,
};
use serde_json::{Value, json};
use sha3::{Digest, Keccak256};
use veilmark::{
    bundle::Bundle,
    chain::{Chain, client::RegistryClient},
    registrar,
};
use veilmark_contract_bindings::{claims, interfaces::IClaimVerifier};

/// The public inputs of a bundle's statement.
pub(super) fn inputs<C: Chain>(client: &RegistryClient<C>, bundle: &Bundle) -> Vec<U256> {
    let context = U256::from_be_slice(&bundle.binding.context());
    client.public_inputs(claims::of(bundle.claim).id, &registrar::statement_of(bundle), context).unwrap()
}

/// The development setup's secret: a hash of a public text.
fn tau() -> Fr {
    let text = "veilmark development setup v1: this tau is public and protects nothing";
    let half = |counter: u8| Keccak256::new().chain_update(text).chain_update([counter]).finalize();
    Fr::from_uniform_bytes(&[half(0), half(1)].concat().try_into().unwrap())
}

fn field<F: PrimeField<Repr = impl From<[u8; 32]>>>(word: &[u8]) -> F {
    let mut word: [u8; 32] = word.try_into().unwrap();
    word.reverse();
    F::from_repr(word.into()).unwrap()
}

fn point(words: &[u8]) -> G1Affine {
    G1Affine { x: field::<Fq>(&words[..32]), y: field::<Fq>(&words[32..64]) }
}

/// A proof of these public inputs, whatever they say.
pub(super) fn forge<C: Chain>(
    anvil: &Anvil,
    client: &RegistryClient<C>,
    vk_hash: B256,
    inputs: &[U256],
    honest: &[u8],
) -> Vec<u8> {
    let key = client.key(vk_hash).unwrap().unwrap();
    let verifier = client.claim(key.claimId).unwrap().unwrap().verifier;
    let call = IClaimVerifier::verifyCall { vk: key.vk, publicInputs: inputs.to_vec(), proof: honest.to_vec().into() };
    let transaction = json!({ "from": Address::ZERO, "to": verifier, "data": hex::encode_prefixed(call.abi_encode()) });
    let trace = anvil.ask("debug_traceCall", json!([transaction, "latest", { "tracer": "callTracer" }]));
    let calls = trace["calls"].as_array().unwrap_or_else(|| panic!("{trace}"));
    let last = |precompile: u8| -> Vec<u8> {
        let to = json!(Address::with_last_byte(precompile));
        let call: &Value = calls.iter().rfind(|call| call["to"] == to).unwrap_or_else(|| panic!("{trace}"));
        hex::decode(call["input"].as_str().unwrap()).unwrap()
    };
    // the last multiplication is u W', and the pairing's second point SUM
    let (product, pairing) = (last(7), last(8));
    let split = honest.len() - 64;
    assert_eq!(product[..64], honest[split..], "u W' comes last");
    let (u, w, sum): (Fr, _, _) = (field(&product[64..96]), point(&honest[split..]), point(&pairing[192..256]));
    let solved = ((sum - w * u) * (tau() - u).invert().unwrap()).to_affine();
    let coordinate = |value: Fq| value.to_repr().as_ref().iter().rev().copied().collect::<Vec<u8>>();
    [&honest[..split], &coordinate(solved.x), &coordinate(solved.y)].concat()
}
