//! Verifying keys that prove nothing, for tests of what is done with keys on a chain.
//!
//! What the caller must believe: nothing; with such a key there is no proof.

use crate::{
    Chain, ChainError,
    abi::IClaimVerifier,
    call::{READER, decode},
    deployment::verifier_contract,
};
use alloy_primitives::{B256, U256, keccak256};
use alloy_sol_types::SolCall;
use veilmark_contract_bindings::claims;

/// The code of a key that a router takes for one of the claim's: the header says so, and the rest makes it different from
/// others.
pub fn vk_code(claim: &claims::Claim, constraint_system: B256, flags: u8, distinct: u8) -> Vec<u8> {
    let subject = claim.description.subjectWords;
    let mut code = vec![0];
    code.extend(keccak256("veilmark verifying key v1"));
    code.extend(claim.id);
    code.extend(constraint_system);
    code.extend([0x55; 32]);
    for number in [flags, 18, subject] {
        code.extend(U256::from(number).to_be_bytes::<32>());
    }
    for at in 0..subject {
        code.extend([at + 1; 32]);
    }
    for _ in 0..8 {
        code.extend([distinct; 32]);
    }
    code
}

/// Such a key, unsafe for development, of a claim whose own verifier is on the chain.
///
/// # Errors
///
/// If the verifier cannot be asked.
pub fn key_of<C: Chain + ?Sized>(chain: &C, claim: &claims::Claim, distinct: u8) -> Result<Vec<u8>, ChainError> {
    let verifier = verifier_contract(claim.verifier).address;
    let call = IClaimVerifier::constraintSystemDigestCall {};
    let answer = chain.query(READER, verifier, call.abi_encode())?;
    let constraint_system = decode::<IClaimVerifier::constraintSystemDigestCall>(verifier, &answer)?;
    Ok(vk_code(claim, constraint_system, 1, distinct))
}
