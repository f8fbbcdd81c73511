//! The costs that do not depend on the machine: rows, columns, bytes, gas. Their golden file is `cost.json`.
use alloy_primitives::U256;
use halo2_proofs::{halo2curves::bn256::G1Affine, plonk::VerifyingKey};
use serde::{Deserialize, Serialize};
use veilmark::{
    chain::{client::RegistryClient, deployment::verifier_contract, embedded::EmbeddedChain, practice},
    keys::{self, ClaimShape},
    srs::Srs,
};
use veilmark_circuits::{relation::instance, statement::public::PublicInputs};
use veilmark_contract_bindings::claims;
use veilmark_verifier_contract::encode_verify_call;

/// What a proof of one shape costs everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// The domain has `2^k` rows.
    pub k: u32,
    /// Advice columns.
    pub advice: usize,
    /// Fixed columns.
    pub fixed: usize,
    /// Columns in the copy argument.
    pub equality: usize,
    /// The highest degree of a constraint.
    pub degree: usize,
    /// Bytes of a proof.
    pub proof_bytes: usize,
    /// Gas of the verifier's execution, without the transaction's 21,000 and its calldata.
    pub verifier_gas: u64,
    /// Bytes of the verifier's code.
    pub verifier_bytes: usize,
    /// Bytes of the verifying key's data contract.
    pub key_bytes: usize,
}

/// A transaction's price before any code runs: 21,000, and 16 or 4 for each byte of calldata (EIP-2028).
pub fn intrinsic_gas(calldata: &[u8]) -> u64 {
    calldata.iter().map(|&byte| if byte == 0 { 4 } else { 16 }).sum::<u64>() + 21_000
}

/// The costs of a finished proof, its gas measured on the embedded chain.
///
/// # Panics
/// Where the proof is refused, or the machine has no room for a temporary chain.
pub fn of_proof(
    srs: &Srs,
    key: &VerifyingKey<G1Affine>,
    shape: &ClaimShape,
    public: &PublicInputs,
    proof: &[u8],
) -> Cost {
    let code = keys::vk_data(srs, key, shape).expect("a key with a form on chain").runtime_code();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let chain = EmbeddedChain::open(folder.path()).expect("a chain");
    let chain = RegistryClient::new(chain, practice::deployment());
    let claim = claims::of(shape.claim());
    let verifier = verifier_contract(claim.verifier);
    let vk_hash = practice::ensure_key(&chain, &claim.description, &verifier, &code).expect("a key that is added");
    let instance = instance(shape.claim(), public);
    let words: Vec<_> = public.to_words(shape.claim()).into_iter().map(U256::from_be_bytes).collect();
    let vk = chain.key(vk_hash).expect("a chain").expect("the key is added").vk;
    let answer = chain.verify(vk_hash, &words, proof).expect("the proof is accepted");
    let calldata = encode_verify_call(vk.into_array(), &instance, proof);
    let cs = key.cs();
    Cost {
        k: shape.k,
        advice: cs.num_advice_columns(),
        fixed: cs.num_fixed_columns(),
        equality: cs.permutation().get_columns().len(),
        degree: cs.degree(),
        proof_bytes: proof.len(),
        verifier_gas: answer.gas_used - intrinsic_gas(&calldata),
        verifier_bytes: claim.verifier.runtime_code.len(),
        key_bytes: code.len(),
    }
}

/// The rows that a claim needs, without salts for a model's weights.
///
/// # Panics
/// For a size that has no circuit.
pub fn rows(shape: &ClaimShape) -> usize {
    shape.rows(0).expect("a shape with a circuit")
}
