//! A practice chain with mock verifiers: they take a digest of the call for a proof, so that every difference in what the
//! router passes on is seen.

use super::{RegistryClient, records::*};
use crate::{ChainError, deployment::Planned, embedded::EmbeddedChain, practice};
use alloy_primitives::{Address, B256, U256, hex, keccak256};
use alloy_sol_types::SolValue;
use veilmark_contract_bindings::{addresses, claims, interfaces::Statement};
use veilmark_statement::claim::Claim;

pub(crate) const POINTS: [u8; 192] = [1; 192];

/// A verifier that proves nothing, of a claim.
pub(crate) fn mock_verifier(claim: &claims::Claim) -> Planned {
    let artifact: serde_json::Value =
        serde_json::from_str(include_str!("../../../../verifier-contract/artifacts/test/MockClaimVerifier.json"))
            .unwrap();
    let code = hex::decode(artifact["bytecode"].as_str().unwrap()).unwrap();
    let inputs = U256::from(claim.description.inputs.len());
    let made = addresses::Deployment::of([code, (claim.id, inputs).abi_encode_params()].concat());
    Planned::mock(made)
}

/// The code of a key that the mock is told to be for.
pub(crate) fn vk_code(claim: &claims::Claim, flags: u8, distinct: u8) -> Vec<u8> {
    // the constraint system is what the mock answers
    crate::testing::vk_code(claim, B256::repeat_byte(0xc5), flags, distinct)
}

/// Opens a chain with the mock verifier of the fingerprint claim and one reviewed key.
pub(crate) fn client() -> (tempfile::TempDir, RegistryClient<EmbeddedChain>, B256) {
    let folder = tempfile::tempdir().unwrap();
    let client = RegistryClient::new(EmbeddedChain::open(folder.path()).unwrap(), practice::deployment());
    let claim = claims::of(Claim::FINGERPRINT);
    let code = vk_code(claim, 1, 1);
    let vk_hash = practice::ensure_key(&client, &claim.description, &mock_verifier(claim), &code).unwrap();
    (folder, client, vk_hash)
}

/// The digest of the commitment that the mock's points are of.
pub(crate) fn commitment(code: &[u8], points: &[u8; 192]) -> B256 {
    let segment = &claims::of(Claim::FINGERPRINT).description.segments[0];
    let word = |at: usize| code[1 + 32 * at..33 + 32 * at].to_vec();
    let words: Vec<u8> = segment.words.iter().flat_map(|at| word(usize::from(*at))).collect();
    keccak256([segment.domain.as_slice(), &words, points].concat())
}

/// What the mock accepts for a record.
pub(crate) fn proof(client: &RegistryClient<EmbeddedChain>, record: &Record, points: &[u8; 192]) -> Vec<u8> {
    let context = U256::from_be_slice(&client.context_of(record.registrant).unwrap());
    let key = client.key(record.vkHash).unwrap().unwrap();
    let inputs = client.public_inputs(key.claimId, &record.statement, context).unwrap();
    let digest = keccak256((key.vk, inputs, keccak256(points)).abi_encode_params());
    [&points[..], digest.as_slice()].concat()
}

pub(crate) fn record(vk_hash: B256, fingerprint: u8, tolerance: u8, registrant: u8, commitment: B256) -> Record {
    let statement = Statement {
        imageCommitment: commitment,
        fingerprint: B256::repeat_byte(fingerprint),
        tolerance,
        ..Statement::default()
    };
    Record { vkHash: vk_hash, registrant: Address::repeat_byte(registrant), modelId: U256::ZERO, statement }
}

/// The contract's error's name.
pub(crate) fn refused<T: std::fmt::Debug>(answer: Result<T, ChainError>) -> String {
    let error = answer.unwrap_err();
    error.revert_name().unwrap_or_else(|| panic!("{error}")).to_owned()
}
