use super::{
    claims::Reason,
    records::{Status, Submission, record_id},
    search::{By, Wanted},
    testing::*,
    *,
};
use crate::{
    CallResult, ChainLog, LogFilter, Nature, Quote,
    acts::{Act, Outcome},
    deployment::{self, Plan},
    embedded::EmbeddedChain,
    header::KeyHeader,
    index::IndexEntry,
    practice,
};
use alloy_primitives::{B256, Bytes, keccak256};
use veilmark_contract_bindings::{claims, interfaces::IContentRegistry};
use veilmark_files::{Classified, Kind};
use veilmark_statement::{claim::Claim, fingerprint::Fingerprint};

fn code() -> Vec<u8> {
    vk_code(claims::of(Claim::FINGERPRINT), 1, 1)
}

#[test]
fn a_registration_is_recorded_and_found_every_way() {
    let (folder, client, vk) = client();
    let image = commitment(&code(), &POINTS);
    let record = record(vk, 3, 12, 9, image);
    let proof = proof(&client, &record, &POINTS);
    let submission = Submission { record: record.clone(), proof: &proof };
    assert!(client.check(&submission, false).unwrap() > 21_000);
    let done = client.register(&submission).unwrap();
    let stored = done.stored.clone();
    let receipt = done.receipt.as_ref().unwrap();
    assert_eq!((stored.entry.blockNumber, stored.entry.timestamp), (receipt.block_number, receipt.timestamp));
    assert_eq!((stored.record_id, stored.status), (record_id(&record), Status::Valid));

    drop(client);
    let client = RegistryClient::new(EmbeddedChain::open(folder.path()).unwrap(), practice::deployment());
    assert_eq!(client.record(stored.record_id).unwrap(), stored);
    let index = client.index(0).unwrap();
    assert_eq!(index.len(), 1);
    let fingerprint = Fingerprint::from_bytes(record.statement.fingerprint.0);
    let near = Fingerprint::from_bits(|k| fingerprint.bit(k) != (k < 31));
    for (wanted, by) in [
        (Wanted::Picture(fingerprint), By::Fingerprint(0)),
        (Wanted::Picture(near), By::Fingerprint(31)),
        (Wanted::Word(image), By::Commitment),
        (Wanted::Word(record.statement.fingerprint), By::Fingerprint(0)),
    ] {
        let found = client.search(&index, wanted).unwrap();
        assert_eq!(found.iter().map(|one| (one.by, &one.stored)).collect::<Vec<_>>(), [(by, &stored)], "{wanted:?}");
        assert!(found[0].key.reviewed);
    }
    let far = Fingerprint::from_bits(|k| fingerprint.bit(k) != (k < 32));
    assert!(client.search(&index, Wanted::Picture(far)).unwrap().is_empty());

    // The same again: the record that there is.
    let before = client.chain().block_number().unwrap();
    assert!(client.register(&submission).unwrap().already());
    assert_eq!(client.chain().block_number().unwrap(), before);

    // Revoked is revoked.
    client.revoke(&record).unwrap();
    assert_eq!(client.stored(&record).unwrap().status, Status::Revoked);
    assert_eq!(client.revoke(&record).unwrap_err().kind(), Kind::Revoked);
}

#[test]
fn looking_up_on_an_empty_chain_finds_nothing_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let client = RegistryClient::new(EmbeddedChain::open(folder.path()).unwrap(), practice::deployment());
    let index = client.index(0).unwrap();
    assert!(index.is_empty() && client.search(&index, Wanted::Word(B256::ZERO)).unwrap().is_empty());
    assert_eq!(client.record(B256::ZERO).unwrap_err().kind(), Kind::NotRegistered);
    assert_eq!(client.chain().block_number().unwrap(), 0);
}

#[test]
fn a_proof_is_good_for_what_it_says_and_nothing_else() {
    let (_folder, client, vk) = client();
    let right = record(vk, 3, 12, 9, commitment(&code(), &POINTS));
    let proof = proof(&client, &right, &POINTS);
    let check = |record: &records::Record| client.check(&Submission { record: record.clone(), proof: &proof }, true);
    check(&right).unwrap();
    let mut other = right.clone();
    other.statement.imageCommitment = B256::repeat_byte(7);
    assert_eq!(refused(check(&other)), "CommitmentMismatch");
    let mut other = right.clone();
    other.statement.tolerance = 32;
    assert_eq!(refused(check(&other)), "ToleranceTooLarge");
    let mut other = right.clone();
    other.statement.modelHash = B256::repeat_byte(7);
    assert_eq!(refused(check(&other)), "NotInTheClaim");
    for change in [
        (|record| record.statement.tolerance = 13) as fn(&mut records::Record),
        |record| record.statement.fingerprint.0[0] ^= 1,
        |record| record.registrant.0[0] ^= 1,
    ] {
        let mut other = right.clone();
        change(&mut other);
        let ChainError::Reverted { revert, .. } = check(&other).unwrap_err() else { panic!() };
        assert_eq!(revert.data[..4], keccak256("MockRejected(bytes32,bytes32)")[..4]);
    }
}

/// An index may have been read from a node that invented it.
#[test]
fn an_index_with_inventions_in_it_finds_what_is_there() {
    let (_folder, client, vk) = client();
    let record = record(vk, 3, 0, 9, commitment(&code(), &POINTS));
    let proof = proof(&client, &record, &POINTS);
    let stored = client.register(&Submission { record: record.clone(), proof: &proof }).unwrap().stored;
    let honest = client.index(0).unwrap();
    let mut index = crate::index::Index::new(practice::CHAIN_ID, practice::deployment().content());
    let entry = honest.entries()[0];
    let fingerprint = entry.fingerprint.unwrap();
    let other = Fingerprint::from_bits(|k| fingerprint.bit(k) != (k < 100));
    index.insert(IndexEntry { record_id: B256::repeat_byte(7), ..entry });
    index.insert(IndexEntry { fingerprint: Some(other), ..entry });
    index.insert(IndexEntry { block: entry.block + 1, ..entry });
    index.insert(entry);
    let found = client.search(&index, Wanted::Picture(fingerprint)).unwrap();
    assert_eq!(found.iter().map(|found| found.stored.record_id).collect::<Vec<_>>(), [stored.record_id]);
    assert!(client.search(&index, Wanted::Picture(other)).unwrap().is_empty(), "its fingerprint is the record's");
}

#[test]
fn a_key_that_nobody_reviewed_says_so_until_it_is_reviewed() {
    let (_folder, client, _) = client();
    let claim = claims::of(Claim::FINGERPRINT);
    let code = vk_code(claim, 1, 2);
    let vk = keccak256(&code);
    let contract = deployment::key_contract(&code).unwrap();
    let stranger = Address::repeat_byte(0x66);
    contract.make(client.chain(), stranger).unwrap();
    assert!(matches!(client.carry_out(&Act::AddKey { vk: contract.address }, stranger).unwrap(), Outcome::Done(_)));
    let header = KeyHeader::read(&code).unwrap();
    let key = client.key(vk).unwrap().unwrap();
    assert!(!key.reviewed && key.unsafeDevelopment && key.srsId == header.srs_id && key.claimId == header.claim_id);
    let record = record(vk, 3, 0, 9, commitment(&code, &POINTS));
    let proof = proof(&client, &record, &POINTS);
    let submission = Submission { record: record.clone(), proof: &proof };
    assert_eq!(refused(client.check(&submission, false)), "KeyNotReviewed");
    client.register(&submission).unwrap();
    assert_eq!(client.stored(&record).unwrap().status, Status::Unreviewed);
    assert_eq!(refused(client.carry_out(&Act::ReviewKey { vk_hash: vk }, stranger)), "OwnableUnauthorizedAccount");
    client.carry_out(&Act::ReviewKey { vk_hash: vk }, practice::owner()).unwrap();
    assert_eq!(client.stored(&record).unwrap().status, Status::Valid);

    // What ends keeps its date.
    client.carry_out(&Act::RemoveKey { vk_hash: vk, reason: Reason::Retired }, practice::owner()).unwrap();
    let standing = client.standing(vk).unwrap().unwrap();
    assert!(standing.endedAt != 0 && standing.reason == Reason::Retired);
    let status = client.stored(&record).unwrap().status;
    assert!(matches!(status, Status::ValidBeforeStop | Status::VerifierStopped), "{status:?}");
    assert_eq!(client.register(&Submission { record: record.clone(), proof: &proof }).unwrap().stored.status, status);
}

#[test]
fn a_pause_refuses_new_proofs_only() {
    let (_folder, client, vk) = client();
    let claim_id = claims::of(Claim::FINGERPRINT).id;
    let image = commitment(&code(), &POINTS);
    let record = record(vk, 3, 0, 9, image);
    let proof = proof(&client, &record, &POINTS);
    client.register(&Submission { record: record.clone(), proof: &proof }).unwrap();
    let stranger = Address::repeat_byte(0x66);
    assert_eq!(refused(client.carry_out(&Act::Pause { claim_id }, stranger)), "NotGuardian");
    client.carry_out(&Act::Pause { claim_id }, practice::owner()).unwrap();
    let mut other = record.clone();
    other.registrant = Address::repeat_byte(8);
    let submission = Submission { record: other, proof: &proof };
    let error = client.check(&submission, true).unwrap_err();
    assert_eq!((error.revert_name(), error.kind()), (Some("ClaimIsPaused"), Kind::ClaimStopped));
    assert_eq!(client.stored(&record).unwrap().status, Status::Valid);
    client.carry_out(&Act::Unpause { claim_id }, practice::owner()).unwrap();
    let act = Act::StopClaim { claim_id, reason: Reason::Broken };
    client.carry_out(&act, practice::owner()).unwrap();
    assert_eq!(client.claim(claim_id).unwrap().unwrap().reason, Reason::Broken);
}

#[test]
fn a_reservation_is_earlier_than_its_record() {
    let (_folder, client, vk) = client();
    let image = commitment(&code(), &POINTS);
    let (record, salt) = (record(vk, 3, 0, 9, image), B256::repeat_byte(5));
    let registry = client.deployment().content();
    let seal = reservations::seal(practice::CHAIN_ID, registry, image, record.registrant, salt);
    let (time, receipt) = client.reserve(seal, Address::repeat_byte(1)).unwrap();
    assert!(receipt.is_some() && client.reserve(seal, Address::repeat_byte(1)).unwrap() == (time, None));
    let proof = proof(&client, &record, &POINTS);
    client.register(&Submission { record: record.clone(), proof: &proof }).unwrap();
    client.show_reservation(&record, salt).unwrap();
    assert_eq!(client.stored(&record).unwrap().reserved_at(), Some(time));
}

#[test]
fn a_deployment_is_found_from_its_registry_and_a_forged_one_is_not() {
    let (_folder, client, _) = client();
    let content = client.deployment().content();
    let (deployment, beginnings) = deployment::of_registry(client.chain(), content).unwrap();
    assert_eq!((deployment, beginnings), (practice::deployment(), practice::beginnings()));

    // A deployment of somebody else's, with claims from the beginning.
    let (owner, guardian) = (Address::repeat_byte(1), Address::repeat_byte(2));
    let claims = claims::all().iter().collect();
    let plan = Plan { owner, guardian, delay: 7, allow_same_guardian: false, claims, keys: Vec::new() };
    let (contracts, manifest) = plan.contracts(practice::CHAIN_ID, 0).unwrap();
    for contract in &contracts {
        contract.make(client.chain(), owner).unwrap();
    }
    let theirs = manifest.deployment();
    let (found, beginnings) = deployment::of_registry(client.chain(), theirs.content()).unwrap();
    assert_eq!((found, beginnings), (theirs, manifest.beginnings));

    // The same code, made by other creation code.
    let code = client.chain().code(content).unwrap();
    let init_code = veilmark_contract_bindings::addresses::data_contract_init_code(&code).unwrap();
    let forged = client.chain().deploy(init_code, owner).unwrap().created.unwrap();
    assert_eq!(client.chain().code(forged).unwrap(), code);
    let error = deployment::of_registry(client.chain(), forged).unwrap_err();
    assert!(matches!(error, ChainError::UnknownOrigin { address } if address == forged), "{error}");
    assert_eq!(error.kind(), Kind::UntrustedDeployment);
}

#[test]
fn changes_wait_are_listed_and_can_be_withdrawn() {
    let (_folder, practice, _) = client();
    let (owner, guardian) = (Address::repeat_byte(1), Address::repeat_byte(2));
    let claims = claims::all().iter().collect();
    let plan = Plan { owner, guardian, delay: 1000, allow_same_guardian: false, claims, keys: Vec::new() };
    let (contracts, manifest) = plan.contracts(practice::CHAIN_ID, 0).unwrap();
    for contract in &contracts {
        contract.make(practice.chain(), owner).unwrap();
    }
    let chain = EmbeddedChain::open(practice.chain().folder()).unwrap();
    let client = RegistryClient::new(chain, manifest.deployment());
    let act = Act::SetGuardian { guardian: Address::repeat_byte(3) };
    let Outcome::Waits { ready_at, receipts } = client.carry_out(&act, owner).unwrap() else { panic!() };
    assert_eq!(receipts.len(), 1);
    assert!(matches!(client.carry_out(&act, owner).unwrap(), Outcome::Waits { receipts, .. } if receipts.is_empty()));
    let open = client.proposals(0).unwrap();
    assert_eq!((open.len(), open[0].ready_at, Act::of_call(&open[0].call)), (1, ready_at, Some(act)));
    let proposal = open[0].id;
    assert_eq!(refused(client.carry_out(&Act::Cancel { proposal }, guardian)), "NotGuardian", "its own replacement");
    client.carry_out(&Act::Cancel { proposal }, owner).unwrap();
    assert!(client.proposals(0).unwrap().is_empty());
    let governance = client.governance().unwrap();
    assert_eq!((governance.owner, governance.guardian, governance.delay), (owner, guardian, 1000));
    assert!(governance.pending_owner.is_none());
    client.carry_out(&Act::OfferOwnership { owner: Address::repeat_byte(4) }, owner).unwrap();
    assert_eq!(client.governance().unwrap().pending_owner, Some(Address::repeat_byte(4)));
}

/// A count is whatever a node says it is.
#[test]
fn a_list_longer_than_anybody_reads_is_refused_before_its_first_entry_is_asked_for() {
    let (_folder, client, _) = client();
    for count in [U256::from(MOST_LISTED + 1), U256::from(u64::MAX), U256::MAX] {
        let answer: Result<Vec<()>, _> = client.list(count, |index| panic!("entry {index} of {count} is asked for"));
        assert!(matches!(answer, Err(ChainError::ListTooLong { limit: MOST_LISTED })), "{answer:?}");
    }
    let most = client.list(U256::from(MOST_LISTED), Ok).unwrap();
    assert_eq!((most.len(), most.last()), (MOST_LISTED, Some(&U256::from(MOST_LISTED - 1))));
}

/// A chain as real ones are: receipts have no output, and the connection breaks after every other transaction.
#[derive(Debug)]
struct Flaky {
    chain: EmbeddedChain,
    breaks: std::cell::Cell<bool>,
}

impl Chain for Flaky {
    fn nature(&self) -> Nature {
        self.chain.nature()
    }
    fn name(&self) -> String {
        Chain::name(&self.chain)
    }
    fn chain_id(&self) -> Result<u64, ChainError> {
        Chain::chain_id(&self.chain)
    }
    fn block_number(&self) -> Result<u64, ChainError> {
        self.chain.block_number()
    }
    fn block_hash(&self, number: u64) -> Result<Option<B256>, ChainError> {
        self.chain.block_hash(number)
    }
    fn code(&self, address: Address) -> Result<Bytes, ChainError> {
        self.chain.code(address)
    }
    fn call(&self, from: Address, to: Address, data: Vec<u8>) -> Result<CallResult, ChainError> {
        self.chain.call(from, to, data)
    }
    fn signer(&self) -> Option<Address> {
        None
    }
    fn require_sender(&self, _: Address) -> Result<(), ChainError> {
        Ok(())
    }
    fn quote(&self, from: Address, to: Address, data: &[u8]) -> Result<Quote, ChainError> {
        self.chain.quote(from, to, data)
    }
    fn transact(&self, from: Address, to: Address, data: Vec<u8>) -> Result<Receipt, ChainError> {
        let receipt = self.chain.transact(from, to, data)?;
        match self.breaks.replace(!self.breaks.get()) {
            true => Err(ChainError::Rejected { reason: "the connection broke".to_owned() }),
            false => Ok(Receipt { output: Bytes::new(), ..receipt }),
        }
    }
    fn deploy(&self, from: Address, init_code: Vec<u8>) -> Result<Receipt, ChainError> {
        self.chain.deploy(init_code, from)
    }
    fn logs(&self, filter: &LogFilter) -> Result<Vec<ChainLog>, ChainError> {
        Chain::logs(&self.chain, filter)
    }
}

#[test]
fn a_second_run_completes_what_a_broken_connection_left() {
    let (_folder, home, vk) = client();
    let chain = EmbeddedChain::open(home.chain().folder()).unwrap();
    let client = RegistryClient::new(Flaky { chain, breaks: std::cell::Cell::new(true) }, practice::deployment());
    let record = record(vk, 3, 0, 9, commitment(&code(), &POINTS));
    let proof = proof(&home, &record, &POINTS);
    let submission = Submission { record, proof: &proof };
    assert!(matches!(client.register(&submission), Err(ChainError::Rejected { .. })));
    assert!(client.register(&submission).unwrap().already());
    assert_eq!(client.index(0).unwrap().len(), 1);
}

#[test]
fn the_contract_s_context_is_the_statement_s() {
    let (_folder, client, _) = client();
    for who in [Address::ZERO, Address::repeat_byte(0xff), practice::default_registrant()] {
        let call = IContentRegistry::contextOfCall { registrant: who };
        let on_chain = client.ask(client.deployment().content(), &call).unwrap();
        assert_eq!(on_chain.to_be_bytes::<32>()[1..], practice::context(who));
    }
}
