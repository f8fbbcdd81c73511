//! The costs that do not depend on the machine: rows, columns, bytes, gas. Their golden file is `cost.json`.
use alloy_primitives::U256;
use halo2_proofs::{halo2curves::bn256::G1Affine, plonk::VerifyingKey};
use serde::{Deserialize, Serialize};
use veilmark::{
    chain::registry::RegistryClient,
    keys::{self, ClaimShape},
    srs::Srs,
};
use veilmark_circuits::{relation::instance, statement::public::PublicInputs};
use veilmark_verifier_contract::{artifacts::verifier, encode_verify_call};

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
    let chain = RegistryClient::open(folder.path()).expect("a chain");
    let vk_hash = chain.ensure_pinned(shape.claim(), &verifier(shape.claim()).init_code, &code).expect("a pinned key");
    let instance = instance(shape.claim(), public);
    let inputs = public.to_words(shape.claim());
    let words = std::array::from_fn(|row| U256::from_be_bytes(inputs[row]));
    let vk = chain.pin(vk_hash).expect("the key is pinned").vk;
    let answer = chain.verify(vk_hash, words, proof).expect("the proof is accepted");
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
        verifier_bytes: verifier(shape.claim()).runtime_code.len(),
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
