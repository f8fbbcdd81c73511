//! The content registry on the embedded chain.
//!
//! The registry is the first contract of its owner, so its address is known before it exists, and with it the context
//! that a proof is bound to. Verifiers and verifying keys are deployed by senders of their own, derived from the code:
//! each has one address, whatever the order. On an embedded chain the tool itself is the owner and pins what it is
//! given; it must be given only verifying keys that it made, or that the user trusts.

use super::embedded::{CHAIN_ID, EmbeddedChain, Session};
use super::{CallResult, ChainError, ChainLog, Receipt};
use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::{SolCall, SolEvent};
use std::path::Path;
use veilmark_circuits::statement::fingerprint::{Fingerprint, MATCH_DISTANCE};
use veilmark_circuits::statement::public;
use veilmark_verifier_contract::artifacts::{
    CONTENT_REGISTRY, IClaimVerifier, IContentRegistry, data_contract_init_code, registry_init_code,
};

pub use IContentRegistry::{Pin, Record};

/// Records in one answer of the registry.
const PAGE: u64 = 100;

/// A registration that the chain accepted.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Identifies the record.
    pub record_id: B256,
    /// The record, as the chain has it.
    pub record: Record,
    /// What the transaction did and cost.
    pub receipt: Receipt,
}

/// A record whose fingerprint is near one that was looked for.
#[derive(Clone, Debug)]
pub struct Match {
    /// Bits in which the fingerprints differ.
    pub distance: u32,
    /// Identifies the record.
    pub record_id: B256,
    /// The record, as the chain has it.
    pub record: Record,
}

/// The registry's client.
#[derive(Debug)]
pub struct RegistryClient {
    chain: EmbeddedChain,
}

impl RegistryClient {
    /// Opens the chain of a folder. Nothing is deployed before it is needed.
    ///
    /// # Errors
    ///
    /// If the chain cannot be opened.
    pub fn open(folder: &Path) -> Result<Self, ChainError> {
        Ok(Self { chain: EmbeddedChain::open(folder)? })
    }

    /// The chain itself.
    pub fn chain(&self) -> &EmbeddedChain {
        &self.chain
    }

    /// The registry's owner on every embedded chain.
    pub fn owner() -> Address {
        sender(b"registry owner", &[])
    }

    /// Who registers on an embedded chain, unless somebody else is named.
    pub fn default_registrant() -> Address {
        sender(b"registrant", &[])
    }

    /// The registry's address on every embedded chain, whether it is there yet or not.
    pub fn address() -> Address {
        Self::owner().create(0)
    }

    /// The context of a proof by `registrant`.
    pub fn context(registrant: Address) -> [u8; 31] {
        public::context(CHAIN_ID, Self::address().into(), registrant.into())
    }

    /// Makes sure that a verifying key is pinned to a verifier, deploying what is missing, and returns the key's hash.
    ///
    /// `verifier_init_code` deploys the verifier; `vk_code` is the verifying key's runtime code.
    ///
    /// # Errors
    ///
    /// If the registry refuses the pair, has the key pinned to another verifier (`AlreadyPinned`), or the chain fails.
    pub fn ensure_pinned(&self, verifier_init_code: &[u8], vk_code: &[u8]) -> Result<B256, ChainError> {
        let vk_hash = keccak256(vk_code);
        let verifier = sender(b"verifier", verifier_init_code).create(0);
        // Most of the time everything is there, and looking takes no lock.
        if self.exists()? && not_found(self.pin(vk_hash))?.is_some_and(|pin| pin.verifier == verifier) {
            return Ok(vk_hash);
        }
        self.chain.exclusively(|session| {
            deploy_registry(session)?;
            deploy_once(session, sender(b"verifier", verifier_init_code), verifier_init_code.to_vec())?;
            let too_large = ChainError::CodeTooLarge { limit: super::embedded::CODE_LIMIT };
            let vk_init_code = data_contract_init_code(vk_code).ok_or(too_large)?;
            let vk = deploy_once(session, sender(b"verifying key", vk_code), vk_init_code)?;
            // Another process may have been faster.
            let pin_of = IContentRegistry::pinOfCall { vkHash: vk_hash };
            match not_found(call_in(session, &pin_of))? {
                Some(pin) if pin.verifier == verifier => {}
                _ => {
                    let pin = IContentRegistry::pinCall { verifier, vk };
                    session.transact(Self::owner(), Self::address(), pin.abi_encode())?;
                }
            }
            Ok(vk_hash)
        })
    }

    /// A pinned pair.
    ///
    /// # Errors
    ///
    /// [`ChainError::NotRegistered`] or a revert with `UnknownVerifyingKey` if the key is not pinned.
    pub fn pin(&self, vk_hash: B256) -> Result<Pin, ChainError> {
        self.ask(&IContentRegistry::pinOfCall { vkHash: vk_hash })
    }

    /// Registers `registrant`, upon a proof bound to it.
    ///
    /// # Errors
    ///
    /// If the registry or the verifier refuses.
    pub fn register(
        &self,
        vk_hash: B256,
        fingerprint: Fingerprint,
        tolerance: u8,
        registrant: Address,
        proof: &[u8],
    ) -> Result<Registration, ChainError> {
        let call = IContentRegistry::registerCall {
            vkHash: vk_hash,
            fingerprint: fingerprint.to_bytes().into(),
            tolerance,
            proof: proof.to_vec().into(),
        };
        self.require()?;
        let receipt = self.chain.transact(registrant, Self::address(), call.abi_encode())?;
        let record_id = decode::<IContentRegistry::registerCall>(&receipt.output)?;
        Ok(Registration { record_id, record: self.record(record_id)?, receipt })
    }

    /// Asks the chain whether `register` by `registrant` would find the proof valid, and returns the gas it takes.
    ///
    /// # Errors
    ///
    /// If the registry or the verifier refuses; `CommitmentMismatch` if the proof is about another image.
    pub fn check(
        &self,
        vk_hash: B256,
        commitment: B256,
        fingerprint: Fingerprint,
        tolerance: u8,
        registrant: Address,
        proof: &[u8],
    ) -> Result<u64, ChainError> {
        let call = IContentRegistry::checkCall {
            vkHash: vk_hash,
            imageCommitment: commitment,
            fingerprint: fingerprint.to_bytes().into(),
            tolerance,
            registrant,
            proof: proof.to_vec().into(),
        };
        self.require()?;
        Ok(self.chain.call(registrant, Self::address(), call.abi_encode())?.gas_used)
    }

    /// Calls the verifier that a verifying key is pinned to, as it is called for any other contract's sake.
    ///
    /// # Errors
    ///
    /// If the key is not pinned or the verifier refuses.
    pub fn verify(&self, vk_hash: B256, public_inputs: [U256; 4], proof: &[u8]) -> Result<CallResult, ChainError> {
        let pin = self.pin(vk_hash)?;
        let call = IClaimVerifier::verifyCall { vk: pin.vk, publicInputs: public_inputs, proof: proof.to_vec().into() };
        self.chain.call(Self::default_registrant(), pin.verifier, call.abi_encode())
    }

    /// The record of an id.
    ///
    /// # Errors
    ///
    /// [`ChainError::NotRegistered`] if there is none.
    pub fn record(&self, record_id: B256) -> Result<Record, ChainError> {
        not_found(self.ask(&IContentRegistry::recordCall { recordId: record_id }))?
            .ok_or_else(|| ChainError::NotRegistered { what: format!("record {record_id}") })
    }

    /// How many records there are.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn record_count(&self) -> Result<u64, ChainError> {
        Ok(not_found(self.ask(&IContentRegistry::recordCountCall {}))?.map_or(0, |count| count.saturating_to()))
    }

    /// The record at a position, in the order of registration.
    ///
    /// # Errors
    ///
    /// If there are not so many, or the chain fails.
    pub fn record_at(&self, index: u64) -> Result<Record, ChainError> {
        self.ask(&IContentRegistry::recordAtCall { index: U256::from(index) })
    }

    /// Every record about a commitment, oldest first.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn records_by_commitment(&self, commitment: B256) -> Result<Vec<Record>, ChainError> {
        self.pages(|cursor| {
            let call = IContentRegistry::recordsByCommitmentCall {
                imageCommitment: commitment,
                cursor,
                limit: U256::from(PAGE),
            };
            self.ask(&call).map(|answer| (answer.page, answer.next))
        })
    }

    /// Every record with exactly this fingerprint, oldest first.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn records_by_fingerprint(&self, fingerprint: Fingerprint) -> Result<Vec<Record>, ChainError> {
        self.pages(|cursor| {
            let call = IContentRegistry::recordsByFingerprintCall {
                fingerprint: fingerprint.to_bytes().into(),
                cursor,
                limit: U256::from(PAGE),
            };
            self.ask(&call).map(|answer| (answer.page, answer.next))
        })
    }

    /// Every record whose fingerprint matches, nearest first, then oldest first.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn search(&self, fingerprint: Fingerprint) -> Result<Vec<Match>, ChainError> {
        let matches = self.index()?.search(fingerprint, u32::from(MATCH_DISTANCE));
        let found = matches
            .into_iter()
            .map(|(distance, record_id)| Ok(Match { distance, record_id, record: self.record(record_id)? }));
        found.collect()
    }

    /// The fingerprints of all records.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn index(&self) -> Result<FingerprintIndex, ChainError> {
        let logs = self.chain.logs(Self::address(), &[Some(IContentRegistry::ContentRegistered::SIGNATURE_HASH)])?;
        let mut index = FingerprintIndex::default();
        for log in logs {
            let (fingerprint, record_id) = registered(&log)?;
            index.insert(fingerprint, record_id);
        }
        Ok(index)
    }

    fn pages(&self, page: impl Fn(U256) -> Result<(Vec<Record>, U256), ChainError>) -> Result<Vec<Record>, ChainError> {
        let mut records = Vec::new();
        let mut cursor = U256::ZERO;
        loop {
            let Some((page, next)) = not_found(page(cursor))? else { return Ok(records) };
            records.extend(page);
            if next.is_zero() {
                return Ok(records);
            }
            cursor = next;
        }
    }

    /// Whether the registry is deployed.
    fn exists(&self) -> Result<bool, ChainError> {
        let code = self.chain.code(Self::address())?;
        if !code.is_empty() && code[..] != CONTENT_REGISTRY.runtime_code[..] {
            return Err(ChainError::OtherRegistry { address: Self::address() });
        }
        Ok(!code.is_empty())
    }

    fn require(&self) -> Result<(), ChainError> {
        if self.exists()? {
            return Ok(());
        }
        Err(ChainError::NotRegistered { what: "the chain has no registry yet".to_owned() })
    }

    fn ask<C: SolCall>(&self, call: &C) -> Result<C::Return, ChainError> {
        self.require()?;
        decode::<C>(&self.chain.call(Self::default_registrant(), Self::address(), call.abi_encode())?.output)
    }
}

/// An account of the tool's: nobody signs on an embedded chain, so a name is enough.
fn sender(role: &[u8], code: &[u8]) -> Address {
    let hash = keccak256([b"veilmark embedded chain ", role, b"\0", keccak256(code).as_slice()].concat());
    Address::from_word(hash)
}

fn deploy_registry(session: &mut Session) -> Result<(), ChainError> {
    let code = session.code(RegistryClient::address());
    if code.is_empty() {
        session.deploy(registry_init_code(RegistryClient::owner(), &[]), RegistryClient::owner())?;
    } else if code[..] != CONTENT_REGISTRY.runtime_code[..] {
        return Err(ChainError::OtherRegistry { address: RegistryClient::address() });
    }
    Ok(())
}

/// Deploys as the sender's first contract, unless that is done.
fn deploy_once(session: &mut Session, from: Address, init_code: Vec<u8>) -> Result<Address, ChainError> {
    let address = from.create(0);
    if session.code(address).is_empty() {
        session.deploy(init_code, from)?;
    }
    Ok(address)
}

fn call_in<C: SolCall>(session: &Session, call: &C) -> Result<C::Return, ChainError> {
    let (from, to) = (RegistryClient::default_registrant(), RegistryClient::address());
    decode::<C>(&session.call(from, to, call.abi_encode())?.output)
}

fn decode<C: SolCall>(output: &[u8]) -> Result<C::Return, ChainError> {
    let address = RegistryClient::address();
    C::abi_decode_returns_validate(output)
        .map_err(|_| ChainError::Malformed { address, function: C::SIGNATURE.split('(').next().unwrap_or_default() })
}

fn registered(log: &ChainLog) -> Result<(Fingerprint, B256), ChainError> {
    let event = IContentRegistry::ContentRegistered::decode_raw_log_validate(log.topics.iter().copied(), &log.data)
        .map_err(|_| ChainError::Malformed { address: log.address, function: "ContentRegistered" })?;
    Ok((Fingerprint::from_bytes(event.fingerprint.0), event.recordId))
}

/// `None` where the chain says that there is no such thing.
fn not_found<T>(answer: Result<T, ChainError>) -> Result<Option<T>, ChainError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(ChainError::NotRegistered { .. }) => Ok(None),
        Err(error) if matches!(error.revert_name(), Some("UnknownRecord" | "UnknownVerifyingKey")) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Fingerprints in memory, 64 bytes each, searched one after the other: a million take milliseconds.
#[derive(Clone, Debug, Default)]
pub struct FingerprintIndex {
    entries: Vec<(Fingerprint, B256)>,
}

impl FingerprintIndex {
    /// Adds a record.
    pub fn insert(&mut self, fingerprint: Fingerprint, record_id: B256) {
        self.entries.push((fingerprint, record_id));
    }

    /// How many records it has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The records at most `max_distance` bits away, with the distance, nearest first, then in the order of insertion.
    pub fn search(&self, fingerprint: Fingerprint, max_distance: u32) -> Vec<(u32, B256)> {
        let near = self.entries.iter().filter_map(|(candidate, record_id)| {
            let distance = candidate.distance(fingerprint);
            (distance <= max_distance).then_some((distance, *record_id))
        });
        let mut found: Vec<_> = near.collect();
        found.sort_by_key(|(distance, _)| *distance);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::hex;
    use alloy_sol_types::SolValue;
    use veilmark_verifier_contract::VkHeader;

    fn mock(json: &str) -> Vec<u8> {
        let artifact: serde_json::Value = serde_json::from_str(json).unwrap();
        hex::decode(artifact["bytecode"].as_str().unwrap()).unwrap()
    }

    fn mock_verifier() -> Vec<u8> {
        mock(include_str!("../../../verifier-contract/artifacts/test/MockClaimVerifier.json"))
    }

    /// A verifying key's code: a header, and a word that makes it different from others.
    fn vk_code(flags: u8, distinct: u8) -> Vec<u8> {
        let magic = keccak256(veilmark_verifier_contract::vk::MAGIC_TEXT);
        let mut code = vec![0];
        code.extend(magic);
        code.extend([0xc5; 32]);
        code.extend([0x55; 32]);
        for number in [u32::from(flags), 18, 640, 480] {
            code.extend(U256::from(number).to_be_bytes::<32>());
        }
        code.extend([0; 32]);
        for _ in 8..veilmark_verifier_contract::vk::HEADER_WORDS {
            code.extend([distinct; 32]);
        }
        code
    }

    /// Opens a chain with a mock verifier and one verifying key.
    fn client() -> (tempfile::TempDir, RegistryClient, B256) {
        let folder = tempfile::tempdir().unwrap();
        let client = RegistryClient::open(folder.path()).unwrap();
        let vk_hash = client.ensure_pinned(&mock_verifier(), &vk_code(1, 1)).unwrap();
        (folder, client, vk_hash)
    }

    fn fingerprint(byte: u8) -> Fingerprint {
        let mut bytes = [byte; 32];
        bytes[0] = 0xfe;
        Fingerprint::from_bytes(bytes)
    }

    fn registrant(byte: u8) -> Address {
        Address::repeat_byte(byte)
    }

    fn commitment(points: &[u8; 192]) -> B256 {
        let domain = keccak256("veilmark image commitment v1");
        let words = [U256::from(18), U256::from(640), U256::from(480)].abi_encode();
        keccak256([domain.as_slice(), &[0x55; 32], &words, points].concat())
    }

    /// What the mock accepts: computed here from the statement's own definition of the public inputs.
    fn proof(
        client: &RegistryClient,
        vk_hash: B256,
        image: u8,
        fp: Fingerprint,
        tolerance: u8,
        who: Address,
    ) -> Vec<u8> {
        let points = [image; 192];
        let mut context = [0; 32];
        context[1..].copy_from_slice(&RegistryClient::context(who));
        let inputs = [U256::from(fp.low()), U256::from(fp.high()), U256::from(tolerance), U256::from_be_bytes(context)];
        let vk = client.pin(vk_hash).unwrap().vk;
        let digest = keccak256((vk, inputs, keccak256(points)).abi_encode());
        [&points[..], digest.as_slice()].concat()
    }

    fn register(
        client: &RegistryClient,
        vk: B256,
        image: u8,
        fp: Fingerprint,
        tolerance: u8,
        who: Address,
    ) -> Result<Registration, ChainError> {
        client.register(vk, fp, tolerance, who, &proof(client, vk, image, fp, tolerance, who))
    }

    fn refused<T: std::fmt::Debug>(answer: Result<T, ChainError>) -> String {
        let error = answer.unwrap_err();
        error.revert_name().unwrap_or_else(|| panic!("{error}")).to_owned()
    }

    #[test]
    fn a_registration_is_recorded_and_found_every_way() {
        let (folder, client, vk) = client();
        let (fp, who) = (fingerprint(3), registrant(9));
        let done = register(&client, vk, 1, fp, 12, who).unwrap();
        let record = &done.record;
        assert_eq!(record.imageCommitment, commitment(&[1; 192]));
        assert_eq!(record.fingerprint.0, fp.to_bytes());
        assert_eq!((record.vkHash, record.registrant, record.tolerance), (vk, who, 12));
        assert_eq!((record.blockNumber, record.timestamp), (done.receipt.block_number, done.receipt.timestamp));
        let id = keccak256((record.imageCommitment, record.fingerprint, who).abi_encode());
        assert_eq!(done.record_id, id);

        let event = IContentRegistry::ContentRegistered::decode_raw_log_validate(
            done.receipt.logs[0].topics.iter().copied(),
            &done.receipt.logs[0].data,
        )
        .unwrap();
        assert_eq!((event.recordId, event.registrant, event.tolerance), (id, who, 12));

        drop(client);
        let client = RegistryClient::open(folder.path()).unwrap();
        assert_eq!(client.record_count().unwrap(), 1);
        assert_eq!(client.record(id).unwrap(), *record);
        assert_eq!(client.record_at(0).unwrap(), *record);
        assert_eq!(client.records_by_commitment(record.imageCommitment).unwrap(), std::slice::from_ref(record));
        assert_eq!(client.records_by_fingerprint(fp).unwrap(), std::slice::from_ref(record));
        assert_eq!(client.search(fp).unwrap()[0].record, *record);
        assert_eq!(refused(client.record_at(1)), "IndexOutOfRange");
        let error = client.record(B256::ZERO).unwrap_err();
        assert!(matches!(error, ChainError::NotRegistered { .. }) && error.exit_code() == 4);
    }

    #[test]
    fn looking_up_on_an_empty_chain_finds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let client = RegistryClient::open(folder.path()).unwrap();
        assert_eq!(client.record_count().unwrap(), 0);
        assert_eq!(client.records_by_commitment(B256::ZERO).unwrap(), []);
        assert_eq!(client.records_by_fingerprint(fingerprint(0)).unwrap(), []);
        assert!(client.search(fingerprint(0)).unwrap().is_empty());
        assert_eq!(client.record(B256::ZERO).unwrap_err().exit_code(), 4);
        let nothing = client.register(B256::ZERO, fingerprint(0), 0, registrant(1), &[0; 224]);
        assert_eq!(nothing.unwrap_err().exit_code(), 4);
        assert_eq!(client.chain().block_number().unwrap(), 0, "looking changes nothing");
    }

    #[test]
    fn nobody_shuts_out_another_and_lists_are_oldest_first() {
        let (_folder, client, vk) = client();
        let fp = fingerprint(3);
        for who in 1..=3 {
            register(&client, vk, 1, fp, 5, registrant(who)).unwrap();
        }
        register(&client, vk, 2, fp, 5, registrant(1)).unwrap();
        register(&client, vk, 1, fingerprint(4), 5, registrant(1)).unwrap();
        let who = |records: Vec<Record>| records.iter().map(|r| r.registrant.0[0]).collect::<Vec<_>>();
        assert_eq!(who(client.records_by_commitment(commitment(&[1; 192])).unwrap()), [1, 2, 3, 1]);
        assert_eq!(who(client.records_by_fingerprint(fp).unwrap()), [1, 2, 3, 1]);
        assert_eq!(who(client.records_by_fingerprint(fingerprint(4)).unwrap()), [1]);
        assert_eq!(client.record_count().unwrap(), 5);

        // The same again, even with another tolerance.
        let error = register(&client, vk, 1, fp, 6, registrant(1)).unwrap_err();
        assert_eq!((error.revert_name(), error.exit_code()), (Some("AlreadyRegistered"), 2));
    }

    #[test]
    fn lists_come_in_pages() {
        let (_folder, client, vk) = client();
        let fp = fingerprint(3);
        for who in 1..=5 {
            register(&client, vk, 1, fp, 0, registrant(who)).unwrap();
        }
        register(&client, vk, 2, fingerprint(4), 0, registrant(9)).unwrap();
        let page = |cursor: u64, limit: U256| {
            let commitment = commitment(&[1; 192]);
            let cursor = U256::from(cursor);
            let call = IContentRegistry::recordsByCommitmentCall { imageCommitment: commitment, cursor, limit };
            let answer = client.ask(&call)?;
            let who: Vec<_> = answer.page.iter().map(|record| record.registrant.0[0]).collect();
            Ok::<_, ChainError>((who, answer.next.to::<u64>()))
        };
        assert_eq!(page(0, U256::from(2)).unwrap(), (vec![1, 2], 3));
        assert_eq!(page(3, U256::from(2)).unwrap(), (vec![3, 4], 5));
        assert_eq!(page(5, U256::from(2)).unwrap(), (vec![5], 0));
        assert_eq!(page(0, U256::MAX).unwrap(), (vec![1, 2, 3, 4, 5], 0));
        assert_eq!(page(0, U256::ZERO).unwrap(), (vec![], 1));
        assert_eq!(refused(page(6, U256::from(2))), "CursorOfAnotherList");
        assert_eq!(refused(page(7, U256::from(2))), "CursorOfAnotherList");
        let of_other = IContentRegistry::recordsByFingerprintCall {
            fingerprint: fp.to_bytes().into(),
            cursor: U256::from(6),
            limit: U256::from(1),
        };
        assert_eq!(refused(client.ask(&of_other)), "CursorOfAnotherList");
    }

    #[test]
    fn a_proof_is_good_for_what_it_says_and_nothing_else() {
        let (_folder, client, vk) = client();
        let other_vk = client.ensure_pinned(&mock_verifier(), &vk_code(1, 2)).unwrap();
        let (fp, who) = (fingerprint(3), registrant(9));
        let proof = proof(&client, vk, 1, fp, 12, who);
        let right = commitment(&[1; 192]);
        client.check(vk, right, fp, 12, who, &proof).unwrap();

        let error = client.check(vk, B256::ZERO, fp, 12, who, &proof).unwrap_err();
        assert_eq!((error.revert_name(), error.exit_code()), (Some("CommitmentMismatch"), 3));
        let not = |answer: Result<u64, ChainError>| {
            let Err(ChainError::Reverted { revert, .. }) = answer else { panic!("{answer:?}") };
            assert_eq!(revert.data[..4], keccak256("MockRejected(bytes32,bytes32)")[..4]);
        };
        not(client.check(other_vk, right, fp, 12, who, &proof));
        not(client.check(vk, right, fingerprint(4), 12, who, &proof));
        not(client.check(vk, right, fp, 13, who, &proof));
        not(client.check(vk, right, fp, 12, registrant(8), &proof));
        let mut of_other_points = proof.clone();
        of_other_points[0] ^= 1;
        not(client.check(vk, right, fp, 12, who, &of_other_points));

        assert_eq!(refused(client.check(vk, right, fp, 32, who, &proof)), "ToleranceTooLarge");
        assert_eq!(refused(client.check(vk, right, fp, 12, who, &proof[..191])), "ProofTooShort");
        assert_eq!(refused(client.check(B256::ZERO, right, fp, 12, who, &proof)), "UnknownVerifyingKey");
        assert_eq!(refused(client.register(vk, fp, 32, who, &proof)), "ToleranceTooLarge");
        assert_eq!(client.record_count().unwrap(), 0);
    }

    #[test]
    fn the_registry_reads_a_key_as_the_generator_does() {
        let (_folder, client, vk) = client();
        let pin = client.pin(vk).unwrap();
        let header = VkHeader::read(&client.chain().code(pin.vk).unwrap()).unwrap();
        assert_eq!(pin.vkHash, keccak256(vk_code(1, 1)));
        assert_eq!(pin.srsId.0, header.subject.srs_id);
        assert_eq!(pin.unsafeDevelopment, header.subject.unsafe_dev);
        assert_eq!(pin.k, U256::from(header.subject.k));
        assert_eq!((pin.width, pin.height), (U256::from(header.subject.width), U256::from(header.subject.height)));
        let first: Pin = client.ask(&IContentRegistry::pinAtCall { index: U256::ZERO }).unwrap();
        assert_eq!(first, pin);
        assert_eq!(refused(client.ask(&IContentRegistry::pinAtCall { index: U256::from(1) })), "IndexOutOfRange");
    }

    #[test]
    fn pins_are_for_good_and_only_the_owner_s() {
        let (_folder, client, vk) = client();
        let before = client.chain().block_number().unwrap();
        assert_eq!(client.ensure_pinned(&mock_verifier(), &vk_code(1, 1)).unwrap(), vk);
        assert_eq!(client.chain().block_number().unwrap(), before, "pinned once is pinned");

        let pin = client.pin(vk).unwrap();
        let transact = |from, call: Vec<u8>| client.chain().transact(from, RegistryClient::address(), call);
        let call = |verifier, vk| IContentRegistry::pinCall { verifier, vk }.abi_encode();
        let owner = RegistryClient::owner();
        assert_eq!(refused(transact(registrant(1), call(pin.verifier, pin.vk))), "NotOwner");
        assert_eq!(refused(transact(owner, call(pin.verifier, pin.vk))), "AlreadyPinned");
        assert_eq!(refused(transact(owner, call(registrant(1), pin.vk))), "NoCode");
        assert_eq!(refused(transact(owner, call(pin.verifier, registrant(1)))), "NoCode");
        // The same key with another verifier: never replaced.
        assert_eq!(
            refused(client.ensure_pinned(&data_contract_init_code(&[0]).unwrap(), &vk_code(1, 1))),
            "AlreadyPinned"
        );

        // What would not revert, or is for other keys: a key, a contract that returns nothing, one that returns another
        // word, and the verifier with a key of another constraint system.
        let deployed = |code: &[u8]| {
            let receipt = client.chain().deploy(data_contract_init_code(code).unwrap(), registrant(1)).unwrap();
            receipt.created.unwrap()
        };
        let key = deployed(&vk_code(1, 3));
        let mut of_another = vk_code(1, 3);
        of_another[33..65].fill(0xc6);
        let of_another = deployed(&of_another);
        let silent = deployed(&hex!("5f5ff3"));
        let other_word = deployed(&hex!("602a5f5260205ff3"));
        for (verifier, vk) in [(key, key), (silent, key), (other_word, key), (pin.verifier, of_another)] {
            assert_eq!(refused(transact(owner, call(verifier, vk))), "VerifierMismatch");
        }

        let mut runs = vk_code(0, 1);
        runs[0] = 1;
        let mut other_magic = vk_code(0, 1);
        other_magic[1] ^= 1;
        for bad in [runs, other_magic, vk_code(2, 1), vk_code(0, 1)[..256].to_vec()] {
            assert_eq!(refused(client.ensure_pinned(&mock_verifier(), &bad)), "NotAVerifyingKey");
        }
        assert_eq!(client.ask(&IContentRegistry::pinCountCall {}).unwrap(), U256::from(1));
    }

    #[test]
    fn an_unsafe_key_is_pinned_on_development_chains_only() {
        let pinned = |chain_id: u64, flags: u8| {
            let mut session = Session::on(chain_id);
            let from = registrant(1);
            let verifier = session.deploy(mock_verifier(), from)?.created.unwrap();
            let vk = session.deploy(data_contract_init_code(&vk_code(flags, 1)).unwrap(), from)?.created.unwrap();
            session.deploy(registry_init_code(from, &[(verifier, vk)]), from)
        };
        for chain_id in [31337, 1337] {
            pinned(chain_id, 1).unwrap();
        }
        for chain_id in [1, 31336, 11_155_111] {
            pinned(chain_id, 0).unwrap();
            let error = pinned(chain_id, 1).unwrap_err();
            assert_eq!((error.revert_name(), error.exit_code()), (Some("UnsafeDevelopmentKey"), 5), "{chain_id}");
        }
    }

    #[test]
    fn ownership_changes_in_two_steps() {
        let (_folder, client, _) = client();
        let transact = |from, call: Vec<u8>| client.chain().transact(from, RegistryClient::address(), call);
        let offer = |to| IContentRegistry::transferOwnershipCall { newOwner: to }.abi_encode();
        let accept = IContentRegistry::acceptOwnershipCall {}.abi_encode();
        let (owner, next) = (RegistryClient::owner(), registrant(1));
        assert_eq!(refused(transact(next, offer(next))), "NotOwner");
        assert_eq!(refused(transact(next, accept.clone())), "NotPendingOwner");
        transact(owner, offer(next)).unwrap();
        assert_eq!(client.ask(&IContentRegistry::ownerCall {}).unwrap(), owner, "offered is not taken");
        transact(next, accept.clone()).unwrap();
        assert_eq!(client.ask(&IContentRegistry::ownerCall {}).unwrap(), next);
        assert_eq!(client.ask(&IContentRegistry::pendingOwnerCall {}).unwrap(), Address::ZERO);
        assert_eq!(refused(transact(owner, offer(owner))), "NotOwner");
        assert_eq!(refused(transact(next, accept)), "NotPendingOwner");

        let nobody = client.chain().deploy(registry_init_code(Address::ZERO, &[]), owner);
        assert_eq!(refused(nobody), "ZeroOwner");
    }

    #[test]
    fn a_registry_may_be_deployed_with_its_pins() {
        let (_folder, client, vk) = client();
        let pin = client.pin(vk).unwrap();
        let init_code = registry_init_code(registrant(1), &[(pin.verifier, pin.vk)]);
        let registry = client.chain().deploy(init_code, registrant(2)).unwrap().created.unwrap();
        let call = IContentRegistry::pinOfCall { vkHash: vk }.abi_encode();
        let output = client.chain().call(registrant(2), registry, call).unwrap().output;
        assert_eq!(IContentRegistry::pinOfCall::abi_decode_returns_validate(&output).unwrap(), pin);
    }

    #[test]
    fn a_verifier_that_vanished_is_noticed() {
        let (_folder, client, vk) = client();
        let pin = client.pin(vk).unwrap();
        let init_code = mock(include_str!("../../../verifier-contract/artifacts/test/MockVanishingOwner.json"));
        let init_code = [init_code, pin.vk.abi_encode()].concat();
        let owner = client.chain().deploy(init_code, registrant(1)).unwrap().created.unwrap();
        // The owner's first contract is the verifier, its second the registry.
        assert!(client.chain().code(owner.create(1)).unwrap().is_empty());
        let call = IContentRegistry::checkCall {
            vkHash: vk,
            imageCommitment: B256::ZERO,
            fingerprint: B256::ZERO,
            tolerance: 0,
            registrant: registrant(1),
            proof: vec![0; 224].into(),
        };
        let answer = client.chain().call(registrant(1), owner.create(2), call.abi_encode());
        assert_eq!(refused(answer), "CodeChanged");
    }

    #[test]
    fn the_contract_s_context_is_the_statement_s() {
        let (_folder, client, _) = client();
        for who in [registrant(0), registrant(0xff), RegistryClient::default_registrant()] {
            let on_chain = client.ask(&IContentRegistry::contextOfCall { registrant: who }).unwrap();
            assert_eq!(on_chain.to_be_bytes::<32>()[1..], RegistryClient::context(who));
        }
    }

    #[test]
    fn another_version_s_registry_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let client = RegistryClient::open(folder.path()).unwrap();
        let other = data_contract_init_code(&[0x5f, 0x5f, 0xf3]).unwrap();
        client.chain().deploy(other, RegistryClient::owner()).unwrap();
        assert!(matches!(client.record_count(), Err(ChainError::OtherRegistry { .. })));
        let pinned = client.ensure_pinned(&mock_verifier(), &vk_code(1, 1));
        assert!(matches!(pinned, Err(ChainError::OtherRegistry { .. })));
    }

    #[test]
    fn search_sorts_by_distance_among_a_million() {
        let mut index = FingerprintIndex::default();
        // Far from zero, all of them: half of each one's bits are set.
        for number in 0..1_000_000_u64 {
            let id = keccak256(number.to_be_bytes());
            let half = Fingerprint::from_bits(|k| (id.0[k % 128 / 8] >> (k % 8)) & 1 == u8::from(k < 128));
            index.insert(half, id);
        }
        let near = |distance: usize| Fingerprint::from_bits(|k| k * 7 % 256 < distance);
        let id = B256::with_last_byte;
        index.insert(near(31), id(31));
        index.insert(near(32), id(32));
        index.insert(near(4), id(4));
        index.insert(near(31), id(131));
        index.insert(near(0), id(0));
        let found = index.search(near(0), 31);
        assert_eq!(found, [(0, id(0)), (4, id(4)), (31, id(31)), (31, id(131))]);
        assert_eq!(index.len(), 1_000_005);
    }
}
