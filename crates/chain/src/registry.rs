//! The contracts' client, for any chain; and how they come to be on an embedded one.
//!
//! On an embedded chain every contract is the first of a sender of its own, so its address is known before it exists, and
//! with it the context that a proof is bound to. Verifiers and verifying keys have senders derived from their code: each
//! has one address, whatever the order. There the tool itself owns the router, without a delay, and adds what it is given;
//! it must be given only verifying keys that it made, or that the user trusts.

use super::embedded::{CHAIN_ID, EmbeddedChain, Session};
use super::{CallResult, Chain, ChainError, ChainLog, LogFilter, Receipt};
use alloy_primitives::{Address, B256, Bytes, FixedBytes, U256, keccak256};
use alloy_sol_types::{SolCall, SolEvent, SolValue};
use std::path::Path;
use std::sync::OnceLock;
use veilmark_statement::fingerprint::{Fingerprint, MATCH_DISTANCE};
use veilmark_statement::{claim::Claim, public};
use veilmark_verifier_contract::artifacts::{
    self, AUTHENTICITY_TOKEN, Artifact, CLAIM_ROUTER, CONTENT_REGISTRY, IAuthenticityToken, IClaimRouter,
    IClaimVerifier, IContentRegistry, IERC721, IERC7007, IModelRegistry, MODEL_REGISTRY, data_contract_init_code,
};

pub use IAuthenticityToken::Content;
pub use IClaimRouter::{Facts, Key, State, Statement};
pub use IContentRegistry::{Record, Status};
pub use IModelRegistry::{ModelCommitment, Update};

/// Records in one answer of the registry.
const PAGE: u64 = 100;
/// Entries of a list that are read at the most: whoever makes one longer, node or griefer, is not waited for.
const MOST_LISTED: usize = 100_000;

/// ERC-7992's name of the proof system.
pub const PROOF_SYSTEM: &str = "halo2-kzg-bn254-v1";

/// [`PROOF_SYSTEM`] as contracts have it.
pub fn proof_system_id() -> FixedBytes<4> {
    FixedBytes::from_slice(&keccak256(PROOF_SYSTEM)[..4])
}

/// A claim's id on chain: Keccak-256 of its circuit's name, so another circuit is another claim.
pub fn claim_id(claim: Claim) -> B256 {
    keccak256(claim.circuit())
}

/// What a claim's proofs state.
pub fn statement_of(claim: Claim) -> Statement {
    match (claim.has_model(), claim.hides_fingerprint(), claim.has_fingerprint()) {
        (true, _, false) => Statement::Generation,
        (true, ..) => Statement::Authenticity,
        (false, true, _) => Statement::CommittedFingerprint,
        (false, ..) => Statement::Fingerprint,
    }
}

/// Where the contracts are on a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// The router.
    pub router: Address,
    /// The registry of models.
    pub models: Address,
    /// The registry of content, which proofs are bound to.
    pub content: Address,
    /// The tokens; `None` where nobody has said.
    pub token: Option<Address>,
}

impl Deployment {
    /// Where they are on every embedded chain, whether they are there yet or not.
    pub fn embedded() -> Self {
        Self {
            router: sender(b"router owner", &[]).create(0),
            models: sender(b"model registry", &[]).create(0),
            content: sender(b"registry owner", &[]).create(0),
            token: Some(sender(b"token", &[]).create(0)),
        }
    }

    /// Where the contracts are that a registry of content names, without the tokens.
    ///
    /// # Errors
    ///
    /// If there is no registry of this program's, or the chain cannot be asked.
    pub fn of_registry<C: Chain>(chain: &C, content: Address) -> Result<Self, ChainError> {
        let code = chain.code(content)?;
        if code.is_empty() {
            return Err(ChainError::NotRegistered { what: format!("there is no registry at {content}") });
        }
        if !CONTENT_REGISTRY.is_code_of(&code) {
            return Err(ChainError::OtherRegistry { address: content });
        }
        let ask = |data| chain.query(RegistryClient::default_registrant(), content, data);
        let router = ask(IContentRegistry::routerCall {}.abi_encode())?;
        let models = ask(IContentRegistry::modelsCall {}.abi_encode())?;
        Ok(Self {
            router: decode::<IContentRegistry::routerCall>(content, &router)?,
            models: decode::<IContentRegistry::modelsCall>(content, &models)?,
            content,
            token: None,
        })
    }

    /// Every contract that is known, and what its code has to be.
    pub fn contracts(&self) -> Vec<(Address, &'static Artifact)> {
        let mut all: Vec<(Address, &'static Artifact)> =
            vec![(self.router, &CLAIM_ROUTER), (self.models, &MODEL_REGISTRY), (self.content, &CONTENT_REGISTRY)];
        if let Some(token) = self.token {
            all.push((token, &AUTHENTICITY_TOKEN));
        }
        all
    }
}

/// What is to be registered, and the proof of it.
#[derive(Clone, Copy, Debug)]
pub struct Submission<'p> {
    /// The verifying key.
    pub vk_hash: B256,
    /// The fingerprint, or the salted hash of the committed one; `None` for a claim without one.
    pub fingerprint: Option<Fingerprint>,
    /// The largest distance proved; 0 for a claim without a fingerprint.
    pub tolerance: u8,
    /// Registration of the model; `None` for a claim without one.
    pub model_id: Option<u64>,
    /// Whom the proof is bound to.
    pub registrant: Address,
    /// The proof.
    pub proof: &'p [u8],
}

impl Submission<'_> {
    /// The call of the content registry that registers it.
    pub fn call(&self) -> IContentRegistry::registerCall {
        IContentRegistry::registerCall {
            vkHash: self.vk_hash,
            fingerprint: fingerprint_word(self.fingerprint),
            tolerance: self.tolerance,
            modelId: U256::from(self.model_id.unwrap_or_default()),
            proof: self.proof.to_vec().into(),
        }
    }
}

/// A registration that the chain accepted, now or earlier.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Identifies the record.
    pub record_id: B256,
    /// The record, as the chain has it.
    pub record: Record,
    /// What the transaction did and cost; `None` where the record was there already and nothing was sent.
    pub receipt: Option<Receipt>,
}

impl Registration {
    /// Whether the record was there already.
    pub fn already(&self) -> bool {
        self.receipt.is_none()
    }
}

/// A model's registration that the chain accepted, now or earlier.
#[derive(Clone, Debug)]
pub struct ModelRegistration {
    /// Identifies the registration.
    pub model_id: u64,
    /// What the transaction did and cost; `None` where the registration was there already and nothing was sent.
    pub receipt: Option<Receipt>,
}

/// A registered model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// Identifies the registration.
    pub model_id: u64,
    /// The model.
    pub commitment: ModelCommitment,
    /// Its owner took it out of use.
    pub deprecated: bool,
    /// Who answers for it.
    pub owner: Address,
}

/// A token that was minted, now or earlier.
#[derive(Clone, Debug)]
pub struct Minted {
    /// Identifies the token.
    pub token_id: U256,
    /// What the transaction did and cost; `None` where the token was there already and nothing was sent.
    pub receipt: Option<Receipt>,
}

/// What a token is to say.
#[derive(Clone, Debug)]
pub struct Minting<'p> {
    /// What is proved, by whom: the registrant is the creator, who mints.
    pub submission: Submission<'p>,
    /// The commitment that the proof is about.
    pub image_commitment: B256,
    /// The model that the proof is about.
    pub model_hash: B256,
    /// The prompt commitment that the proof is about.
    pub prompt_commitment: B256,
    /// Where the picture is published; may be empty.
    pub uri: &'p str,
    /// The creator's part of a sale, in hundredths of a percent; at most 1000.
    pub royalty_bps: u16,
}

impl Minting<'_> {
    /// The call of the tokens' contract that mints it.
    pub fn call(&self) -> IAuthenticityToken::mintCall {
        let Submission { model_id, proof, .. } = self.submission;
        let request = IAuthenticityToken::Mint {
            prompt: Bytes::copy_from_slice(self.prompt_commitment.as_slice()),
            aigcData: self.aigc_data().into(),
            proof: proof.to_vec().into(),
            modelId: U256::from(model_id.unwrap_or_default()),
            uri: self.uri.to_owned(),
            royaltyBps: alloy_primitives::Uint::from(self.royalty_bps),
        };
        IAuthenticityToken::mintCall { request }
    }

    /// ERC-7007's `aigcData`.
    pub fn aigc_data(&self) -> Vec<u8> {
        let Submission { vk_hash, fingerprint, tolerance, registrant, .. } = self.submission;
        let fingerprint = fingerprint_word(fingerprint);
        let tolerance = U256::from(tolerance);
        (vk_hash, self.image_commitment, self.model_hash, fingerprint, tolerance, registrant).abi_encode()
    }
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

/// Whether a record has the salted hash of a fingerprint in the fingerprint's place.
pub fn hides_fingerprint(record: &Record) -> bool {
    record.claimId == claim_id(Claim::COMMITTED_FINGERPRINT)
}

/// The id of a record, as the contract makes it.
pub fn record_id(record: &Record) -> B256 {
    let Record { imageCommitment, fingerprint, modelHash, promptCommitment, vkHash, registrant, .. } = record;
    keccak256((imageCommitment, fingerprint, modelHash, promptCommitment, vkHash, registrant).abi_encode())
}

/// The contracts' client.
#[derive(Debug)]
pub struct RegistryClient<C = EmbeddedChain> {
    chain: C,
    deployment: Deployment,
    /// Set once the contracts were found to be this program's.
    known: OnceLock<()>,
}

impl RegistryClient {
    /// Opens the chain of a folder. Nothing is deployed before it is needed.
    ///
    /// # Errors
    ///
    /// If the chain cannot be opened.
    pub fn open(folder: &Path) -> Result<Self, ChainError> {
        Ok(Self::new(EmbeddedChain::open(folder)?, Deployment::embedded()))
    }

    /// The router's owner and guardian on every embedded chain.
    pub fn owner() -> Address {
        sender(b"router owner", &[])
    }

    /// Who registers on an embedded chain, unless somebody else is named.
    pub fn default_registrant() -> Address {
        sender(b"registrant", &[])
    }

    /// The content registry's address on every embedded chain, whether it is there yet or not.
    pub fn address() -> Address {
        Deployment::embedded().content
    }

    /// Makes sure that the contracts are there, for what needs no verifying key.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn ensure_contracts(&self) -> Result<(), ChainError> {
        if self.exists()? { Ok(()) } else { self.chain.exclusively(deploy_contracts) }
    }

    /// The context of a proof by `registrant` for every embedded chain.
    pub fn context(registrant: Address) -> [u8; 31] {
        public::context(CHAIN_ID, Self::address().into(), registrant.into())
    }

    /// Makes sure that a verifying key stands for a claim, deploying what is missing, and returns the key's hash.
    ///
    /// `verifier_init_code` deploys the verifier; `vk_code` is the verifying key's runtime code.
    ///
    /// # Errors
    ///
    /// If the router refuses the key, has another verifier for the claim, or the chain fails.
    pub fn ensure_pinned(&self, claim: Claim, verifier_init_code: &[u8], vk_code: &[u8]) -> Result<B256, ChainError> {
        let vk_hash = keccak256(vk_code);
        let verifier = sender(b"verifier", verifier_init_code).create(0);
        let fits = |key: &Key| key.claimId == claim_id(claim) && key.verifier == verifier;
        // Most of the time everything is there, and looking takes no lock.
        if self.exists()? && not_found(self.pin(vk_hash))?.is_some_and(|key| fits(&key)) {
            return Ok(vk_hash);
        }
        self.chain.exclusively(|session| {
            deploy_contracts(session)?;
            deploy_once(session, sender(b"verifier", verifier_init_code), verifier_init_code.to_vec())?;
            let too_large = ChainError::CodeTooLarge { limit: super::embedded::CODE_LIMIT };
            let vk_init_code = data_contract_init_code(vk_code).ok_or(too_large)?;
            let vk = deploy_once(session, sender(b"verifying key", vk_code), vk_init_code)?;
            let known = ask_in(session, &IClaimRouter::claimOfCall { claimId: claim_id(claim) })?;
            match known.state {
                State::Unknown => {
                    let (claim_id, statement) = (claim_id(claim), statement_of(claim));
                    let add = IClaimRouter::addClaimCall { claimId: claim_id, statement, verifier };
                    session.transact(Self::owner(), Deployment::embedded().router, add.abi_encode())?;
                }
                _ if known.verifier != verifier || known.statement != statement_of(claim) => {
                    let (claim, got) = (claim.name(), known.verifier);
                    return Err(ChainError::OtherVerifier { claim, expected: verifier, got });
                }
                _ => {}
            }
            // Another process may have been faster.
            match not_found(ask_in(session, &IClaimRouter::keyOfCall { vkHash: vk_hash }))? {
                Some(key) if fits(&key) => {}
                _ => {
                    let add = IClaimRouter::addKeyCall { claimId: claim_id(claim), vk };
                    session.transact(Self::owner(), Deployment::embedded().router, add.abi_encode())?;
                }
            }
            Ok(vk_hash)
        })
    }
}

impl<C: Chain> RegistryClient<C> {
    /// The client of contracts on a chain. Nothing is asked yet.
    pub fn new(chain: C, deployment: Deployment) -> Self {
        Self { chain, deployment, known: OnceLock::new() }
    }

    /// The chain itself.
    pub fn chain(&self) -> &C {
        &self.chain
    }

    /// The chain, for a client that is not needed any more.
    pub fn into_chain(self) -> C {
        self.chain
    }

    /// Where the contracts are.
    pub fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// The context of a proof by `registrant` for this chain and registry.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn context_of(&self, registrant: Address) -> Result<[u8; 31], ChainError> {
        Ok(public::context(self.chain.chain_id()?, self.deployment.content.into(), registrant.into()))
    }

    /// A verifying key that stands for a claim, or did.
    ///
    /// # Errors
    ///
    /// [`ChainError::NotRegistered`] or a revert with `UnknownVerifyingKey` if the router does not know it.
    pub fn pin(&self, vk_hash: B256) -> Result<Key, ChainError> {
        self.ask(self.deployment.router, &IClaimRouter::keyOfCall { vkHash: vk_hash })
    }

    /// Whether the router knows a verifying key, whatever it does with it.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn knows_key(&self, vk_hash: B256) -> Result<bool, ChainError> {
        Ok(not_found(self.pin(vk_hash))?.is_some())
    }

    /// Every claim that the router was ever given, in that order.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn claims(&self) -> Result<Vec<IClaimRouter::Claim>, ChainError> {
        let router = self.deployment.router;
        let count: U256 = self.ask(router, &IClaimRouter::claimCountCall {})?;
        let claim = |index: u64| self.ask(router, &IClaimRouter::claimAtCall { index: U256::from(index) });
        (0..count.saturating_to()).map(claim).collect()
    }

    /// Who may stop claims, and how long additions wait, in seconds.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn router_facts(&self) -> Result<(Address, u64), ChainError> {
        let router = self.deployment.router;
        let guardian = self.ask(router, &IClaimRouter::guardianCall {})?;
        let delay: U256 = self.ask(router, &IClaimRouter::ADDITION_DELAYCall {})?;
        Ok((guardian, delay.saturating_to()))
    }

    /// Every verifying key that the router was ever given, in that order.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn pins(&self) -> Result<Vec<Key>, ChainError> {
        let router = self.deployment.router;
        let count = not_found(self.ask(router, &IClaimRouter::keyCountCall {}))?.unwrap_or_default();
        let key = |index: u64| self.ask(router, &IClaimRouter::keyAtCall { index: U256::from(index) });
        (0..count.saturating_to()).map(key).collect()
    }

    /// Registers `registrant` for a fingerprint, upon a proof bound to it; finds the record where it is there already.
    ///
    /// # Errors
    ///
    /// If registry, router or verifier refuses.
    pub fn register(
        &self,
        vk_hash: B256,
        fingerprint: Fingerprint,
        tolerance: u8,
        registrant: Address,
        proof: &[u8],
    ) -> Result<Registration, ChainError> {
        let fingerprint = Some(fingerprint);
        self.register_content(&Submission { vk_hash, fingerprint, tolerance, model_id: None, registrant, proof })
    }

    /// Registers content under any claim; finds the record where it is there already.
    ///
    /// # Errors
    ///
    /// If registry, router or verifier refuses.
    pub fn register_content(&self, submission: &Submission<'_>) -> Result<Registration, ChainError> {
        let call = submission.call();
        let (output, receipt) =
            self.once(submission.registrant, self.deployment.content, &call, "AlreadyRegistered", "recordId")?;
        let record_id = B256::from(output);
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
        let fingerprint = Some(fingerprint);
        self.check_content(
            commitment,
            &Submission { vk_hash, fingerprint, tolerance, model_id: None, registrant, proof },
        )
    }

    /// The same for any claim.
    ///
    /// # Errors
    ///
    /// As [`Self::check`].
    pub fn check_content(&self, commitment: B256, submission: &Submission<'_>) -> Result<u64, ChainError> {
        let call = IContentRegistry::checkCall {
            vkHash: submission.vk_hash,
            imageCommitment: commitment,
            fingerprint: fingerprint_word(submission.fingerprint),
            tolerance: submission.tolerance,
            registrant: submission.registrant,
            proof: submission.proof.to_vec().into(),
        };
        self.require()?;
        Ok(self.chain.call(submission.registrant, self.deployment.content, call.abi_encode())?.gas_used)
    }

    /// Calls the verifier of a verifying key, as the router does.
    ///
    /// # Errors
    ///
    /// If the router does not know the key or the verifier refuses.
    pub fn verify(&self, vk_hash: B256, public_inputs: [U256; 4], proof: &[u8]) -> Result<CallResult, ChainError> {
        let key = self.pin(vk_hash)?;
        let call = IClaimVerifier::verifyCall { vk: key.vk, publicInputs: public_inputs, proof: proof.to_vec().into() };
        self.chain.call(RegistryClient::default_registrant(), key.verifier, call.abi_encode())
    }

    /// Asks the router for what a proof is about.
    ///
    /// # Errors
    ///
    /// If it does not answer for the key or the verifier refuses.
    pub fn route(&self, vk_hash: B256, public_inputs: [U256; 4], proof: &[u8]) -> Result<Facts, ChainError> {
        let proof = proof.to_vec().into();
        self.ask(
            self.deployment.router,
            &IClaimRouter::verifyCall { vkHash: vk_hash, publicInputs: public_inputs, proof },
        )
    }

    /// Stops a claim, for good; `from` is the router's guardian or owner.
    ///
    /// # Errors
    ///
    /// If the router refuses.
    pub fn stop(&self, claim: Claim, from: Address) -> Result<Receipt, ChainError> {
        let receipt = self.send(from, self.deployment.router, &IClaimRouter::stopCall { claimId: claim_id(claim) })?;
        let state = self.claim(claim)?.state;
        took_effect(state == State::Stopped, "the claim is not stopped").map(|()| receipt)
    }

    /// What the router has of a claim.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn claim(&self, claim: Claim) -> Result<IClaimRouter::Claim, ChainError> {
        self.ask(self.deployment.router, &IClaimRouter::claimOfCall { claimId: claim_id(claim) })
    }

    /// The record of an id.
    ///
    /// # Errors
    ///
    /// [`ChainError::NotRegistered`] if there is none.
    pub fn record(&self, record_id: B256) -> Result<Record, ChainError> {
        not_found(self.ask(self.deployment.content, &IContentRegistry::recordCall { recordId: record_id }))?
            .ok_or_else(|| ChainError::NotRegistered { what: format!("record {record_id}") })
    }

    /// Whether a record counts.
    ///
    /// # Errors
    ///
    /// [`ChainError::NotRegistered`] if there is none.
    pub fn status(&self, record_id: B256) -> Result<Status, ChainError> {
        not_found(self.ask(self.deployment.content, &IContentRegistry::statusCall { recordId: record_id }))?
            .ok_or_else(|| ChainError::NotRegistered { what: format!("record {record_id}") })
    }

    /// Takes a record back, for good; `registrant` is its registrant.
    ///
    /// # Errors
    ///
    /// If the registry refuses.
    pub fn revoke(&self, record_id: B256, registrant: Address) -> Result<Receipt, ChainError> {
        let call = IContentRegistry::revokeCall { recordId: record_id };
        let receipt = self.send(registrant, self.deployment.content, &call)?;
        took_effect(self.status(record_id)? == Status::Revoked, "the record is not revoked").map(|()| receipt)
    }

    /// How many records there are.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn record_count(&self) -> Result<u64, ChainError> {
        let count = self.ask(self.deployment.content, &IContentRegistry::recordCountCall {});
        Ok(not_found(count)?.map_or(0, |count| count.saturating_to()))
    }

    /// The record at a position, in the order of registration.
    ///
    /// # Errors
    ///
    /// If there are not so many, or the chain fails.
    pub fn record_at(&self, index: u64) -> Result<Record, ChainError> {
        self.ask(self.deployment.content, &IContentRegistry::recordAtCall { index: U256::from(index) })
    }

    /// Every record about a commitment, oldest first.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn records_by_commitment(&self, commitment: B256) -> Result<Vec<Record>, ChainError> {
        pages(|cursor| {
            let call = IContentRegistry::recordsByCommitmentCall {
                imageCommitment: commitment,
                cursor,
                limit: U256::from(PAGE),
            };
            self.ask(self.deployment.content, &call).map(|answer| (answer.page, answer.next))
        })
    }

    /// Every record with exactly this fingerprint, oldest first.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn records_by_fingerprint(&self, fingerprint: Fingerprint) -> Result<Vec<Record>, ChainError> {
        pages(|cursor| {
            let call = IContentRegistry::recordsByFingerprintCall {
                fingerprint: fingerprint.to_bytes().into(),
                cursor,
                limit: U256::from(PAGE),
            };
            self.ask(self.deployment.content, &call).map(|answer| (answer.page, answer.next))
        })
    }

    /// Every record of an output of a model, oldest first.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn records_by_model(&self, model_hash: B256) -> Result<Vec<Record>, ChainError> {
        pages(|cursor| {
            let limit = U256::from(PAGE);
            let call = IContentRegistry::recordsByModelCall { modelHash: model_hash, cursor, limit };
            self.ask(self.deployment.content, &call).map(|answer| (answer.page, answer.next))
        })
    }

    /// Every record whose fingerprint matches, nearest first, then oldest first.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn search(&self, fingerprint: Fingerprint) -> Result<Vec<Match>, ChainError> {
        self.search_in(&self.index()?, fingerprint)
    }

    /// The same in an index that the caller has.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn search_in(&self, index: &FingerprintIndex, fingerprint: Fingerprint) -> Result<Vec<Match>, ChainError> {
        let mut found = Vec::new();
        for (_, record_id) in index.search(fingerprint, u32::from(MATCH_DISTANCE)) {
            // an index may have been read from a node that invented it: what the chain does not have is passed over
            let Some(record) = not_found(self.record(record_id))? else { continue };
            let distance = Fingerprint::from_bytes(record.fingerprint.0).distance(fingerprint);
            // a salted hash is what was looked for, or it is nothing: distance means nothing to it
            let most = if hides_fingerprint(&record) { 0 } else { u32::from(MATCH_DISTANCE) };
            if distance <= most {
                found.push(Match { distance, record_id, record });
            }
        }
        found.sort_by_key(|found| found.distance);
        Ok(found)
    }

    /// The fingerprints of all records that have one.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn index(&self) -> Result<FingerprintIndex, ChainError> {
        let logs = self.chain.logs(&LogFilter {
            address: self.deployment.content,
            topics: vec![Some(IContentRegistry::ContentRegistered::SIGNATURE_HASH)],
            from_block: 0,
            to_block: None,
        })?;
        let mut index = FingerprintIndex::default();
        for log in logs {
            if let Some((fingerprint, record_id)) = registered(&log)? {
                index.insert(fingerprint, record_id);
            }
        }
        Ok(index)
    }

    /// Registers a model for `owner`; finds the registration where it is there already.
    ///
    /// # Errors
    ///
    /// If the registry refuses.
    pub fn register_model(&self, model: ModelCommitment, owner: Address) -> Result<ModelRegistration, ChainError> {
        let call = IModelRegistry::registerModelCall { commitment: model };
        let (output, receipt) = self.once(owner, self.deployment.models, &call, "ModelAlreadyRegistered", "modelId")?;
        Ok(ModelRegistration { model_id: output.saturating_to(), receipt })
    }

    /// A registered model.
    ///
    /// # Errors
    ///
    /// [`ChainError::NotRegistered`] if there is none.
    pub fn model(&self, model_id: u64) -> Result<Model, ChainError> {
        let call = IModelRegistry::getModelCall { modelId: U256::from(model_id) };
        let IModelRegistry::getModelReturn { commitment, deprecated, owner } =
            not_found(self.ask(self.deployment.models, &call))?
                .ok_or_else(|| ChainError::NotRegistered { what: format!("model {model_id}") })?;
        Ok(Model { model_id, commitment, deprecated, owner })
    }

    /// Every registration of a model, oldest first.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn models_by_hash(&self, model_hash: B256) -> Result<Vec<Model>, ChainError> {
        let mut models = Vec::new();
        loop {
            let (offset, limit) = (U256::from(models.len()), U256::from(PAGE));
            let call = IModelRegistry::modelsByHashCall { modelHash: model_hash, offset, limit };
            let page = not_found(self.ask(self.deployment.models, &call))?.unwrap_or_default();
            if page.is_empty() {
                return Ok(models);
            }
            within_bounds(models.len() + page.len())?;
            for model_id in page {
                models.push(self.model(model_id.saturating_to())?);
            }
        }
    }

    /// Takes a model out of use, for good; `owner` is its owner.
    ///
    /// # Errors
    ///
    /// If the registry refuses.
    pub fn deprecate_model(&self, model_id: u64, owner: Address) -> Result<Receipt, ChainError> {
        let call = IModelRegistry::deprecateModelCall { modelId: U256::from(model_id) };
        let receipt = self.send(owner, self.deployment.models, &call)?;
        took_effect(self.model(model_id)?.deprecated, "the model is not deprecated").map(|()| receipt)
    }

    /// Declares what a model was made from; `owner` is the child's owner.
    ///
    /// # Errors
    ///
    /// If the registry refuses.
    pub fn submit_update(
        &self,
        parent_id: u64,
        child_id: u64,
        update_hash: B256,
        owner: Address,
    ) -> Result<Receipt, ChainError> {
        let (parent, child) = (U256::from(parent_id), U256::from(child_id));
        let call = IModelRegistry::submitUpdateCall { parentId: parent, childId: child, updateHash: update_hash };
        let receipt = self.send(owner, self.deployment.models, &call)?;
        took_effect(self.parent_of(child_id)? == Some(parent_id), "the model has another parent").map(|()| receipt)
    }

    /// What was made from a model, oldest first.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn updates(&self, parent_id: u64) -> Result<Vec<Update>, ChainError> {
        let mut updates = Vec::new();
        loop {
            let (offset, limit) = (U256::from(updates.len()), U256::from(PAGE));
            let call = IModelRegistry::getUpdatesCall { parentId: U256::from(parent_id), offset, limit };
            let page = not_found(self.ask(self.deployment.models, &call))?.unwrap_or_default();
            if page.is_empty() {
                return Ok(updates);
            }
            within_bounds(updates.len() + page.len())?;
            updates.extend(page);
        }
    }

    /// Mints the token of a content to its creator; finds it where it is there already.
    ///
    /// # Errors
    ///
    /// If token, registry, router or verifier refuses.
    pub fn mint(&self, minting: &Minting<'_>) -> Result<Minted, ChainError> {
        let token = self.token_address()?;
        let registrant = minting.submission.registrant;
        let (token_id, receipt) = self.once(registrant, token, &minting.call(), "AlreadyMinted", "tokenId")?;
        Ok(Minted { token_id, receipt })
    }

    /// Asks the token's contract for ERC-7007's `verify`, which runs the real verifier; returns the gas it takes.
    ///
    /// # Errors
    ///
    /// If token, router or verifier refuses.
    pub fn verify_token(&self, minting: &Minting<'_>) -> Result<u64, ChainError> {
        let call = IERC7007::verifyCall {
            prompt: Bytes::copy_from_slice(minting.prompt_commitment.as_slice()),
            aigcData: minting.aigc_data().into(),
            proof: minting.submission.proof.to_vec().into(),
        };
        self.require()?;
        let token = self.token_address()?;
        let answer = self.chain.call(minting.submission.registrant, token, call.abi_encode())?;
        let malformed = ChainError::Malformed { address: token, function: "verify" };
        match decode::<IERC7007::verifyCall>(token, &answer.output)? {
            true => Ok(answer.gas_used),
            false => Err(malformed),
        }
    }

    /// What a token says, and who owns it.
    ///
    /// # Errors
    ///
    /// [`ChainError::NotRegistered`] if there is none.
    pub fn token(&self, token_id: U256) -> Result<(Content, Address), ChainError> {
        let token = self.token_address()?;
        let content = not_found(self.ask(token, &IAuthenticityToken::contentOfCall { tokenId: token_id }))?
            .ok_or_else(|| ChainError::NotRegistered { what: format!("token {token_id:#066x}") })?;
        Ok((content, self.ask(token, &IERC721::ownerOfCall { tokenId: token_id })?))
    }

    /// A token's metadata, as a `data:` URI.
    ///
    /// # Errors
    ///
    /// [`ChainError::NotRegistered`] if there is none.
    pub fn token_uri(&self, token_id: U256) -> Result<String, ChainError> {
        not_found(self.ask(self.token_address()?, &IERC721::tokenURICall { tokenId: token_id }))?
            .ok_or_else(|| ChainError::NotRegistered { what: format!("token {token_id:#066x}") })
    }

    /// Gives a token to somebody; `from` is its owner. A contract that does not say that it takes tokens gets none.
    ///
    /// # Errors
    ///
    /// If the token's contract refuses.
    pub fn transfer_token(&self, token_id: U256, from: Address, to: Address) -> Result<Receipt, ChainError> {
        let token = self.token_address()?;
        let receipt = self.send(from, token, &IERC721::safeTransferFromCall { from, to, tokenId: token_id })?;
        let owner: Address = self.ask(token, &IERC721::ownerOfCall { tokenId: token_id })?;
        took_effect(owner == to, "the token has another owner").map(|()| receipt)
    }

    /// Where the tokens are.
    ///
    /// # Errors
    ///
    /// [`ChainError::NotRegistered`] where nobody has said.
    pub fn token_address(&self) -> Result<Address, ChainError> {
        let what = || ChainError::NotRegistered { what: "the contract of the tokens".to_owned() };
        self.deployment.token.ok_or_else(what)
    }

    /// Whether the contracts are deployed. That their code is this program's is asked once.
    fn exists(&self) -> Result<bool, ChainError> {
        if self.known.get().is_some() {
            return Ok(true);
        }
        let mut found = true;
        for (address, artifact) in self.deployment.contracts() {
            let code = self.chain.code(address)?;
            if !code.is_empty() && !artifact.is_code_of(&code) {
                return Err(ChainError::OtherRegistry { address });
            }
            found &= !code.is_empty();
        }
        if found {
            self.belong_together()?;
            let _ = self.known.set(());
        }
        Ok(found)
    }

    /// Contracts of the right code may still have been told to work with others.
    fn belong_together(&self) -> Result<(), ChainError> {
        let Deployment { router, models, content, token } = self.deployment;
        let told = |address, role, expected, got| match got == expected {
            true => Ok(()),
            false => Err(ChainError::OtherDeployment { address, role, expected, got }),
        };
        let get = |address| -> Result<_, ChainError> {
            Ok((
                self.ask_unchecked(address, &IAuthenticityToken::routerCall {})?,
                self.ask_unchecked(address, &IAuthenticityToken::modelsCall {})?,
            ))
        };
        told(models, "router", router, self.ask_unchecked(models, &IModelRegistry::routerCall {})?)?;
        for address in std::iter::once(content).chain(token) {
            let (its_router, its_models) = get(address)?;
            told(address, "router", router, its_router)?;
            told(address, "registry of models", models, its_models)?;
        }
        let Some(token) = token else { return Ok(()) };
        told(token, "registry of content", content, self.ask_unchecked(token, &IAuthenticityToken::registryCall {})?)
    }

    fn require(&self) -> Result<(), ChainError> {
        if self.exists()? {
            return Ok(());
        }
        Err(ChainError::NotRegistered { what: "the chain has no registry yet".to_owned() })
    }

    pub(super) fn ask<F: SolCall>(&self, to: Address, call: &F) -> Result<F::Return, ChainError> {
        self.require()?;
        self.ask_unchecked(to, call)
    }

    fn ask_unchecked<F: SolCall>(&self, to: Address, call: &F) -> Result<F::Return, ChainError> {
        decode::<F>(to, &self.chain.query(RegistryClient::default_registrant(), to, call.abi_encode())?)
    }

    pub(super) fn send<F: SolCall>(&self, from: Address, to: Address, call: &F) -> Result<Receipt, ChainError> {
        self.require()?;
        self.chain.transact(from, to, call.abi_encode())
    }

    /// Does what can be done once. Where it was done before, the contract says so in an error that names what it made.
    /// Asked first, so that what would be refused costs nothing.
    ///
    /// Returns the id of what was made, and the receipt if it was made now.
    pub(super) fn once<F: SolCall>(
        &self,
        from: Address,
        to: Address,
        call: &F,
        done: &str,
        id: &str,
    ) -> Result<(U256, Option<Receipt>), ChainError> {
        self.require()?;
        let ask = || self.chain.query(from, to, call.abi_encode());
        let earlier = |error: ChainError| match &error {
            ChainError::Reverted { revert, .. } if revert.error == done => {
                let value = revert.arguments.iter().find(|(name, _)| name == id).map(|(_, value)| value.parse());
                value.and_then(Result::ok).ok_or(error)
            }
            _ => Err(error),
        };
        if let Err(error) = ask() {
            return earlier(error).map(|value| (value, None));
        }
        match self.chain.transact(from, to, call.abi_encode()) {
            // A receipt has no output on every chain: what the contract says now tells the id, and whether it is true.
            Ok(receipt) if receipt.output.len() != 32 => match ask() {
                Err(error) => earlier(error).map(|value| (value, Some(receipt))),
                Ok(_) => Err(ChainError::NoEffect { what: "the contract would do it once more" }),
            },
            Ok(receipt) => Ok((U256::from_be_slice(&receipt.output), Some(receipt))),
            Err(error) => earlier(error).map(|value| (value, None)),
        }
    }
}

pub(super) fn took_effect(holds: bool, what: &'static str) -> Result<(), ChainError> {
    if holds { Ok(()) } else { Err(ChainError::NoEffect { what }) }
}

fn within_bounds(listed: usize) -> Result<(), ChainError> {
    if listed <= MOST_LISTED { Ok(()) } else { Err(ChainError::ListTooLong { limit: MOST_LISTED }) }
}

fn pages(page: impl Fn(U256) -> Result<(Vec<Record>, U256), ChainError>) -> Result<Vec<Record>, ChainError> {
    let mut records = Vec::new();
    let mut cursor = U256::ZERO;
    loop {
        let Some((page, next)) = not_found(page(cursor))? else { return Ok(records) };
        records.extend(page);
        if next.is_zero() {
            return Ok(records);
        }
        within_bounds(records.len())?;
        cursor = next;
    }
}

/// The fingerprint as contracts take it.
fn fingerprint_word(fingerprint: Option<Fingerprint>) -> B256 {
    fingerprint.map_or(B256::ZERO, |fingerprint| fingerprint.to_bytes().into())
}

/// An account of the tool's: nobody signs on an embedded chain, so a name is enough.
fn sender(role: &[u8], code: &[u8]) -> Address {
    let hash = keccak256([b"veilmark embedded chain ", role, b"\0", keccak256(code).as_slice()].concat());
    Address::from_word(hash)
}

/// Deploys what is missing of the contracts, each where [`Deployment::embedded`] says.
fn deploy_contracts(session: &mut Session) -> Result<(), ChainError> {
    let deployment = Deployment::embedded();
    for (address, artifact) in deployment.contracts() {
        let code = session.code(address);
        if !code.is_empty() && !artifact.is_code_of(&code) {
            return Err(ChainError::OtherRegistry { address });
        }
    }
    let Deployment { router, models, content, .. } = deployment;
    let owner = RegistryClient::owner();
    deploy_once(session, owner, artifacts::router_init_code(owner, owner, 0, Vec::new()))?;
    deploy_once(session, sender(b"model registry", &[]), artifacts::model_registry_init_code(router))?;
    deploy_once(session, sender(b"registry owner", &[]), artifacts::content_registry_init_code(router, models))?;
    deploy_once(session, sender(b"token", &[]), artifacts::token_init_code(router, models, content))?;
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

/// Asks the router.
fn ask_in<F: SolCall>(session: &Session, call: &F) -> Result<F::Return, ChainError> {
    let (from, to) = (RegistryClient::default_registrant(), Deployment::embedded().router);
    decode::<F>(to, &session.call(from, to, call.abi_encode())?.output)
}

fn decode<F: SolCall>(address: Address, output: &[u8]) -> Result<F::Return, ChainError> {
    F::abi_decode_returns_validate(output)
        .map_err(|_| ChainError::Malformed { address, function: F::SIGNATURE.split('(').next().unwrap_or_default() })
}

/// The fingerprint of a registration, unless it has none, and the record's id.
pub(super) fn registered(log: &ChainLog) -> Result<Option<(Fingerprint, B256)>, ChainError> {
    let event = IContentRegistry::ContentRegistered::decode_raw_log_validate(log.topics.iter().copied(), &log.data)
        .map_err(|_| ChainError::Malformed { address: log.address, function: "ContentRegistered" })?;
    // Half of a fingerprint's bits are set, and no tolerance reaches from there to none.
    let fingerprint = (!event.fingerprint.is_zero()).then(|| Fingerprint::from_bytes(event.fingerprint.0));
    Ok(fingerprint.map(|fingerprint| (fingerprint, event.recordId)))
}

/// `None` where the chain says that there is no such thing.
pub(super) fn not_found<T>(answer: Result<T, ChainError>) -> Result<Option<T>, ChainError> {
    const NOTHING: [&str; 4] = ["UnknownRecord", "UnknownVerifyingKey", "ModelNotFound", "ERC721NonexistentToken"];
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(ChainError::NotRegistered { .. }) => Ok(None),
        Err(error) if error.revert_name().is_some_and(|name| NOTHING.contains(&name)) => Ok(None),
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
    use veilmark_files::{Classified, Kind};
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
        vk_code_of(flags, distinct, 0)
    }

    /// The same of a claim about a model.
    fn vk_code_of(flags: u8, distinct: u8, architecture: u8) -> Vec<u8> {
        let magic = keccak256(veilmark_verifier_contract::vk::MAGIC_TEXT);
        let mut code = vec![0];
        code.extend(magic);
        code.extend([0xc5; 32]);
        code.extend([0x55; 32]);
        for number in [u32::from(flags), 18, 640, 480] {
            code.extend(U256::from(number).to_be_bytes::<32>());
        }
        code.extend([architecture; 32]);
        for _ in 8..veilmark_verifier_contract::vk::HEADER_WORDS {
            code.extend([distinct; 32]);
        }
        code
    }

    /// Opens a chain with a mock verifier and one verifying key.
    fn client() -> (tempfile::TempDir, RegistryClient, B256) {
        let folder = tempfile::tempdir().unwrap();
        let client = RegistryClient::open(folder.path()).unwrap();
        let vk_hash = client.ensure_pinned(Claim::FINGERPRINT, &mock_verifier(), &vk_code(1, 1)).unwrap();
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
        let receipt = done.receipt.as_ref().unwrap();
        assert_eq!((record.blockNumber, record.timestamp), (receipt.block_number, receipt.timestamp));
        let id = record_id(record);
        assert_eq!(done.record_id, id);
        assert_eq!((record.claimId, client.status(id).unwrap()), (claim_id(Claim::FINGERPRINT), Status::Valid));

        let event = IContentRegistry::ContentRegistered::decode_raw_log_validate(
            receipt.logs[0].topics.iter().copied(),
            &receipt.logs[0].data,
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
        assert!(matches!(error, ChainError::NotRegistered { .. }) && error.kind() == Kind::NotRegistered);
    }

    #[test]
    fn looking_up_on_an_empty_chain_finds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let client = RegistryClient::open(folder.path()).unwrap();
        assert_eq!(client.record_count().unwrap(), 0);
        assert_eq!(client.records_by_commitment(B256::ZERO).unwrap(), []);
        assert_eq!(client.records_by_fingerprint(fingerprint(0)).unwrap(), []);
        assert!(client.search(fingerprint(0)).unwrap().is_empty());
        assert_eq!(client.record(B256::ZERO).unwrap_err().kind(), Kind::NotRegistered);
        let nothing = client.register(B256::ZERO, fingerprint(0), 0, registrant(1), &[0; 224]);
        assert_eq!(nothing.unwrap_err().kind(), Kind::NotRegistered);
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

        // The same again, even with another tolerance: the record that there is.
        let before = client.chain().block_number().unwrap();
        let again = register(&client, vk, 1, fp, 6, registrant(1)).unwrap();
        assert!(again.already() && again.record.tolerance == 5);
        assert_eq!((client.chain().block_number().unwrap(), client.record_count().unwrap()), (before, 5));
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
            let answer = client.ask(client.deployment.content, &call)?;
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
        assert_eq!(refused(client.ask(client.deployment.content, &of_other)), "CursorOfAnotherList");
    }

    #[test]
    fn a_proof_is_good_for_what_it_says_and_nothing_else() {
        let (_folder, client, vk) = client();
        let other_vk = client.ensure_pinned(Claim::FINGERPRINT, &mock_verifier(), &vk_code(1, 2)).unwrap();
        let (fp, who) = (fingerprint(3), registrant(9));
        let proof = proof(&client, vk, 1, fp, 12, who);
        let right = commitment(&[1; 192]);
        client.check(vk, right, fp, 12, who, &proof).unwrap();

        let error = client.check(vk, B256::ZERO, fp, 12, who, &proof).unwrap_err();
        assert_eq!((error.revert_name(), error.kind()), (Some("CommitmentMismatch"), Kind::Mismatch));
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
    fn the_router_reads_a_key_as_the_generator_does() {
        let (_folder, client, _) = client();
        let vk = client.ensure_pinned(Claim::GENERATION, &mock_verifier(), &vk_code_of(1, 1, 0x0a)).unwrap();
        let pin = client.pin(vk).unwrap();
        let header = VkHeader::read(&client.chain().code(pin.vk).unwrap()).unwrap();
        assert_eq!(pin.vkHash, keccak256(vk_code_of(1, 1, 0x0a)));
        assert_eq!(pin.srsId.0, header.subject.srs_id);
        assert_eq!(pin.unsafeDevelopment, header.subject.unsafe_dev);
        assert_eq!(pin.k, U256::from(header.subject.k));
        assert_eq!((pin.width, pin.height), (U256::from(header.subject.width), U256::from(header.subject.height)));
        assert_eq!(pin.architecture.0, header.subject.architecture);
        assert_eq!((pin.statement, pin.state, pin.index), (Statement::Generation, State::Active, U256::from(1)));
        assert_eq!(client.pins().unwrap()[1], pin);
        let beyond = IClaimRouter::keyAtCall { index: U256::from(2) };
        assert_eq!(refused(client.ask(client.deployment.router, &beyond)), "NoSuchEntry");
    }

    #[test]
    fn keys_are_for_good_and_only_the_owner_s() {
        let (_folder, client, vk) = client();
        let before = client.chain().block_number().unwrap();
        assert_eq!(client.ensure_pinned(Claim::FINGERPRINT, &mock_verifier(), &vk_code(1, 1)).unwrap(), vk);
        assert_eq!(client.chain().block_number().unwrap(), before, "added once is added");

        let pin = client.pin(vk).unwrap();
        let router = client.deployment.router;
        let transact = |from, call: Vec<u8>| client.chain().transact(from, router, call);
        let call = |claim: Claim, vk| IClaimRouter::addKeyCall { claimId: claim_id(claim), vk }.abi_encode();
        let add_claim = |id: u8, verifier| {
            let claim_id = B256::repeat_byte(id);
            let statement = Statement::Fingerprint;
            IClaimRouter::addClaimCall { claimId: claim_id, statement, verifier }.abi_encode()
        };
        let owner = RegistryClient::owner();
        let fingerprint = Claim::FINGERPRINT;
        assert_eq!(refused(transact(registrant(1), call(fingerprint, pin.vk))), "OwnableUnauthorizedAccount");
        assert_eq!(refused(transact(owner, call(fingerprint, pin.vk))), "KeyTaken");
        assert_eq!(refused(transact(owner, call(Claim::GENERATION, pin.vk))), "UnknownClaim");
        assert_eq!(refused(transact(owner, add_claim(1, registrant(1)))), "NoCode");
        assert_eq!(refused(transact(owner, call(fingerprint, registrant(1)))), "NoCode");
        // The same claim with another verifier: never replaced.
        let other = data_contract_init_code(&[0]).unwrap();
        let error = client.ensure_pinned(fingerprint, &other, &vk_code(1, 9)).unwrap_err();
        assert!(matches!(error, ChainError::OtherVerifier { got, .. } if got == pin.verifier), "{error}");

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
        assert_eq!(refused(transact(owner, call(fingerprint, of_another))), "VerifierMismatch");
        for (id, code) in [(1, vk_code(1, 4)), (2, hex!("5f5ff3").to_vec()), (3, hex!("602a5f5260205ff3").to_vec())] {
            transact(owner, add_claim(id, deployed(&code))).unwrap();
            let add = IClaimRouter::addKeyCall { claimId: B256::repeat_byte(id), vk: key }.abi_encode();
            assert_eq!(refused(transact(owner, add)), "VerifierMismatch");
        }

        let mut runs = vk_code(0, 1);
        runs[0] = 1;
        let mut other_magic = vk_code(0, 1);
        other_magic[1] ^= 1;
        for bad in [runs, other_magic, vk_code(2, 1), vk_code(0, 1)[..256].to_vec()] {
            assert_eq!(refused(client.ensure_pinned(fingerprint, &mock_verifier(), &bad)), "NotAVerifyingKey");
        }
        let with_model = client.ensure_pinned(fingerprint, &mock_verifier(), &vk_code_of(1, 1, 7));
        assert_eq!(refused(with_model), "ArchitectureMismatch");
        let without = client.ensure_pinned(Claim::AUTHENTICITY, &mock_verifier(), &vk_code(1, 7));
        assert_eq!(refused(without), "ArchitectureMismatch");
        assert_eq!(client.pins().unwrap().len(), 1);
    }

    #[test]
    fn an_unsafe_key_is_for_development_chains_only() {
        let deployed = |chain_id: u64, flags: u8, delay: u64| {
            let mut session = Session::on(chain_id);
            let from = registrant(1);
            let verifier = session.deploy(mock_verifier(), from)?.created.unwrap();
            let vk = session.deploy(data_contract_init_code(&vk_code(flags, 1)).unwrap(), from)?.created.unwrap();
            let claim = IClaimRouter::ClaimInput {
                claimId: claim_id(Claim::FINGERPRINT),
                statement: Statement::Fingerprint,
                verifier,
                keys: vec![vk],
            };
            session.deploy(artifacts::router_init_code(from, from, delay, vec![claim]), from)
        };
        for chain_id in [31337, 1337] {
            deployed(chain_id, 1, 0).unwrap();
        }
        for chain_id in [1, 31336, 11_155_111] {
            deployed(chain_id, 0, 172_800).unwrap();
            assert_eq!(refused(deployed(chain_id, 0, 172_799)), "DelayTooShort");
            let error = deployed(chain_id, 1, 172_800).unwrap_err();
            assert_eq!(
                (error.revert_name(), error.kind()),
                (Some("UnsafeDevelopmentKey"), Kind::UntrustedSetup),
                "{chain_id}"
            );
        }
    }

    #[test]
    fn a_verifier_that_vanished_is_noticed() {
        let (_folder, client, vk) = client();
        let pin = client.pin(vk).unwrap();
        let init_code = mock(include_str!("../../../verifier-contract/artifacts/test/MockVanishingOwner.json"));
        let init_code = [init_code, pin.vk.abi_encode()].concat();
        let owner = client.chain().deploy(init_code, registrant(1)).unwrap().created.unwrap();
        // The owner's first contract is the verifier, its second the router.
        assert!(client.chain().code(owner.create(1)).unwrap().is_empty());
        let proof = vec![0; 224].into();
        let call = IClaimRouter::verifyCall { vkHash: vk, publicInputs: [U256::ZERO; 4], proof };
        assert_eq!(refused(client.chain().call(registrant(1), owner.create(2), call.abi_encode())), "CodeChanged");
        let answers = IClaimRouter::answersCall { vkHash: vk }.abi_encode();
        let answer = client.chain().call(registrant(1), owner.create(2), answers).unwrap().output;
        assert!(!IClaimRouter::answersCall::abi_decode_returns_validate(&answer).unwrap());
    }

    /// What the mock accepts, of a claim about a model: twelve points, of which only the last byte counts here.
    fn model_proof(
        client: &RegistryClient,
        vk_hash: B256,
        inputs: [U256; 4],
        image: u8,
        latent: u8,
        weights: u8,
    ) -> Vec<u8> {
        let points = [vec![image; 192], vec![latent; 64], vec![weights; 512]].concat();
        let digest = keccak256((client.pin(vk_hash).unwrap().vk, inputs, keccak256(&points)).abi_encode());
        [points, digest.to_vec()].concat()
    }

    fn context_word(who: Address) -> U256 {
        let mut context = [0; 32];
        context[1..].copy_from_slice(&RegistryClient::context(who));
        U256::from_be_bytes(context)
    }

    fn model_commitment(vk_hash: B256, weights: u8) -> ModelCommitment {
        let domain = keccak256("veilmark model commitment v1");
        let (k, architecture) = (U256::from(18).to_be_bytes::<32>(), [0x0a; 32]);
        let hash = keccak256([domain.as_slice(), &[0x55; 32], &k, &architecture, &[weights; 512]].concat());
        ModelCommitment {
            modelHash: hash,
            circuitHash: architecture.into(),
            vkHash: vk_hash,
            proofSystemId: proof_system_id(),
            uri: "ipfs://model".to_owned(),
        }
    }

    #[test]
    fn content_of_a_model_is_registered_found_revoked_and_minted() {
        let (_folder, client, _) = client();
        let vk = client.ensure_pinned(Claim::GENERATION, &mock_verifier(), &vk_code_of(1, 1, 0x0a)).unwrap();
        let (owner, who) = (registrant(7), registrant(9));
        let commitment = model_commitment(vk, 3);
        let inputs = [U256::ZERO, U256::ZERO, U256::ZERO, context_word(who)];
        let proof = model_proof(&client, vk, inputs, 1, 2, 3);
        let mut submission = Submission {
            vk_hash: vk,
            fingerprint: None,
            tolerance: 0,
            model_id: Some(1),
            registrant: who,
            proof: &proof,
        };
        assert_eq!(refused(client.register_content(&submission)), "ModelNotFound");
        let model = client.register_model(commitment.clone(), owner).unwrap();
        assert!(model.receipt.is_some() && model.model_id == 1);
        let again = client.register_model(commitment.clone(), owner).unwrap();
        assert!(again.receipt.is_none() && again.model_id == 1);
        assert_eq!(client.register_model(commitment.clone(), who).unwrap().model_id, 2, "nobody shuts out another");
        let found = client.models_by_hash(commitment.modelHash).unwrap();
        assert_eq!(found.iter().map(|model| model.owner).collect::<Vec<_>>(), [owner, who]);
        assert_eq!(client.model(1).unwrap().commitment, commitment);
        assert_eq!(client.model(3).unwrap_err().kind(), Kind::NotRegistered);

        let done = client.register_content(&submission).unwrap();
        let record = &done.record;
        assert_eq!(record.modelHash, commitment.modelHash, "recomputed from the proof's points");
        let prompt = keccak256(
            [
                keccak256("veilmark prompt commitment v1").as_slice(),
                &[0x55; 32],
                &U256::from(18).to_be_bytes::<32>(),
                commitment.circuitHash.as_slice(),
                &[2; 64],
            ]
            .concat(),
        );
        assert_eq!((record.promptCommitment, record.modelId), (prompt, U256::from(1)));
        assert_eq!((record.fingerprint, record.tolerance), (B256::ZERO, 0));
        assert_eq!(client.records_by_model(commitment.modelHash).unwrap(), std::slice::from_ref(record));
        assert!(client.index().unwrap().is_empty(), "no fingerprint to be found by");
        assert!(client.register_content(&submission).unwrap().already());

        // What the circuit leaves free, the contract does not.
        let free = [U256::ZERO, U256::from(1), U256::ZERO, context_word(who)];
        let high = model_proof(&client, vk, free, 1, 2, 3);
        let mut bytes = [0; 32];
        bytes[15] = 1;
        let with_fingerprint =
            Submission { fingerprint: Some(Fingerprint::from_bytes(bytes)), proof: &high, ..submission };
        assert_eq!(refused(client.register_content(&with_fingerprint)), "NoFingerprint");

        // Tokens.
        let minting = Minting {
            submission,
            image_commitment: record.imageCommitment,
            model_hash: commitment.modelHash,
            prompt_commitment: prompt,
            uri: "https://example.org/a\"b\\c.png",
            royalty_bps: 250,
        };
        assert!(client.verify_token(&minting).unwrap() > 21_000);
        let other_prompt = Minting { prompt_commitment: B256::ZERO, ..minting.clone() };
        assert_eq!(refused(client.verify_token(&other_prompt)), "PromptMismatch");
        let token = client.mint(&minting).unwrap();
        assert_eq!(B256::from(token.token_id), record.imageCommitment);
        assert!(client.mint(&minting).unwrap().receipt.is_none());
        let (content, holder) = client.token(token.token_id).unwrap();
        assert_eq!((content.creator, holder, content.modelHash), (who, who, commitment.modelHash));
        let uri = client.token_uri(token.token_id).unwrap();
        assert!(uri.starts_with("data:application/json;base64,"));
        client.transfer_token(token.token_id, who, owner).unwrap();
        assert_eq!(client.token(token.token_id).unwrap().1, owner);
        assert!(client.mint(&minting).unwrap().receipt.is_none(), "minted once is minted");

        // Deprecated: nothing new, and what is there stays.
        client.deprecate_model(1, owner).unwrap();
        let another = model_proof(&client, vk, inputs, 5, 2, 3);
        submission.proof = &another;
        assert_eq!(refused(client.register_content(&submission)), "ModelIsDeprecated");
        assert_eq!(client.status(done.record_id).unwrap(), Status::Valid);
        assert_eq!(refused(client.deprecate_model(1, owner)), "ModelIsDeprecated");

        // Revoked, and stopped.
        assert_eq!(refused(client.revoke(done.record_id, owner)), "NotRegistrant");
        submission.model_id = Some(2);
        let second = client.register_content(&submission).unwrap();
        client.revoke(done.record_id, who).unwrap();
        assert_eq!(client.status(done.record_id).unwrap(), Status::Revoked);
        assert_eq!(client.status(second.record_id).unwrap(), Status::Valid);
        assert_eq!(refused(client.stop(Claim::GENERATION, who)), "NotGuardian");
        client.stop(Claim::GENERATION, RegistryClient::owner()).unwrap();
        assert_eq!(client.status(second.record_id).unwrap(), Status::VerifierStopped);
        let error = client.register_content(&submission).unwrap_err();
        assert_eq!((error.revert_name(), error.kind()), (Some("ClaimInactive"), Kind::ClaimStopped));
    }

    /// A chain as real ones are: receipts have no output, and the connection breaks after every other transaction.
    struct Flaky {
        chain: EmbeddedChain,
        breaks: std::cell::Cell<bool>,
    }

    impl Chain for Flaky {
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
        let breaks = std::cell::Cell::new(true);
        let client = RegistryClient::new(Flaky { chain, breaks }, Deployment::embedded());
        let (fp, who) = (fingerprint(3), registrant(9));
        assert_eq!(client.context_of(who).unwrap(), RegistryClient::context(who));
        let first = proof(&home, vk, 1, fp, 0, who);
        assert!(matches!(client.register(vk, fp, 0, who, &first), Err(ChainError::Rejected { .. })));
        let again = client.register(vk, fp, 0, who, &first).unwrap();
        assert!(again.already());
        assert_eq!(client.record_count().unwrap(), 1);
        let second = proof(&home, vk, 2, fp, 0, who);
        let done = client.register(vk, fp, 0, who, &second).unwrap();
        assert!(!done.already() && done.record.imageCommitment == commitment(&[2; 192]));
        let filter = |from_block, to_block| {
            let address = client.deployment().content;
            client.chain().logs(&LogFilter { address, topics: vec![], from_block, to_block }).unwrap().len()
        };
        let last = client.chain().block_number().unwrap();
        assert_eq!((filter(0, None), filter(last, None), filter(0, Some(last - 1))), (4, 2, 2));
    }

    /// A router may have the right verifier under another statement, and would then compare other things.
    #[test]
    fn a_claim_under_another_statement_is_noticed() {
        let (_folder, client, _) = client();
        let claim = Claim::COMMITTED_FINGERPRINT;
        let verifier = sender(b"verifier", &mock_verifier()).create(0);
        let add = IClaimRouter::addClaimCall { claimId: claim_id(claim), statement: Statement::Fingerprint, verifier };
        let router = client.deployment().router;
        client.chain().transact(RegistryClient::owner(), router, add.abi_encode()).unwrap();
        let pinned = client.ensure_pinned(claim, &mock_verifier(), &vk_code(1, 9));
        assert!(matches!(pinned, Err(ChainError::OtherVerifier { .. })), "{pinned:?}");
    }

    /// What a hostile node put into an index does not hide what is there.
    #[test]
    fn an_index_with_inventions_in_it_finds_what_is_there() {
        let (_folder, client, vk) = client();
        let (fp, who) = (fingerprint(3), registrant(9));
        let id = client.register(vk, fp, 0, who, &proof(&client, vk, 1, fp, 0, who)).unwrap().record_id;
        let other = Fingerprint::from_bits(|k| fp.bit(k) != (k < 100));
        let mut index = FingerprintIndex::default();
        index.insert(fp, B256::repeat_byte(7));
        index.insert(other, id);
        index.insert(fp, id);
        let found = client.search_in(&index, fp).unwrap();
        assert_eq!(found.iter().map(|found| (found.distance, found.record_id)).collect::<Vec<_>>(), [(0, id)]);
        assert!(
            client.search_in(&index, other).unwrap().is_empty(),
            "its fingerprint is the record's, not the index's"
        );
    }

    #[test]
    fn contracts_of_another_deployment_are_noticed() {
        let (_folder, client, _) = client();
        let Deployment { router, models, content, token } = client.deployment;
        let chain = EmbeddedChain::open(client.chain().folder()).unwrap();
        let from = registrant(1);
        let other_router =
            chain.deploy(artifacts::router_init_code(from, from, 0, vec![]), from).unwrap().created.unwrap();
        let mixed = RegistryClient::new(chain, Deployment { router: other_router, models, content, token });
        let error = mixed.record_count().unwrap_err();
        assert!(matches!(error, ChainError::OtherDeployment { got, .. } if got == router), "{error}");
    }

    #[test]
    fn the_contract_s_context_is_the_statement_s() {
        let (_folder, client, _) = client();
        for who in [registrant(0), registrant(0xff), RegistryClient::default_registrant()] {
            let on_chain =
                client.ask(client.deployment.content, &IContentRegistry::contextOfCall { registrant: who }).unwrap();
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
        let pinned = client.ensure_pinned(Claim::FINGERPRINT, &mock_verifier(), &vk_code(1, 1));
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
