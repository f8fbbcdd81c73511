//! Finding records by what they say.
//!
//! There is one look-up: an [`Index`] of the registrations, brought up to date from the chain's events, and for each record
//! that it finds the question to the chain whether it is there and counts. Only the second is believed. Looking in an index
//! tells the node nothing about what is looked for, but for the blocks of what was found.

use super::{
    RegistryClient,
    claims::{Key, Standing},
    not_registered,
    records::{Stored, record_id},
};
use crate::{Chain, ChainError, abi::IContentRegistry, index::Index};
use alloy_primitives::B256;
use std::collections::{BTreeMap, btree_map::Entry};
use veilmark_contract_bindings::{claims, interfaces::Role};
use veilmark_statement::fingerprint::{Fingerprint, MATCH_DISTANCE};

/// How a record was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Its fingerprint is this many bits from the one looked for.
    Fingerprint(u32),
    /// Its salted hash is the word looked for.
    SaltedHash,
    /// Its commitment is the word looked for.
    Commitment,
    /// The commitment of the picture that it was made from is the word looked for.
    Source,
}

/// A record that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// How.
    pub by: By,
    /// The record, as the chain has it.
    pub stored: Stored,
    /// Its verifying key, as the router has it.
    pub key: Key,
    /// What the router says of key and claim now.
    pub standing: Standing,
}

/// Whether records of a claim have the salted hash of a fingerprint in the fingerprint's place.
pub fn hides_fingerprint(claim_id: B256) -> bool {
    claims::by_id(claim_id)
        .is_some_and(|claim| claim.description.segments.iter().any(|segment| segment.role == Role::Fingerprint))
}

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Records of pictures that look like this.
    Picture(Fingerprint),
    /// The same, and records that name this word: a salted hash, a commitment, a source.
    Word(B256),
}

impl<C: Chain> RegistryClient<C> {
    /// Brings an index of this registry up to date.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn update(&self, index: &mut Index, first_block: u64) -> Result<crate::index::Update, ChainError> {
        match self.exists()? {
            true => index.update(self.chain(), first_block),
            false => Ok(crate::index::Update::default()),
        }
    }

    /// An index of every registration from a block on, read now.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn index(&self, first_block: u64) -> Result<Index, ChainError> {
        let mut index = Index::new(self.chain().chain_id()?, self.deployment().content());
        self.update(&mut index, first_block)?;
        Ok(index)
    }

    /// The records that are looked for: those that name the word first, then the nearest, then the oldest.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn search(&self, index: &Index, wanted: Wanted) -> Result<Vec<Found>, ChainError> {
        let (fingerprint, word) = match wanted {
            Wanted::Picture(fingerprint) => (fingerprint, None),
            // zero is no commitment: it stands where a record has no source
            Wanted::Word(word) => (Fingerprint::from_bytes(word.0), (!word.is_zero()).then_some(word)),
        };
        let mut places: BTreeMap<(usize, u64), B256> = BTreeMap::new();
        for (at, entry) in index.entries().iter().enumerate() {
            let near = entry.fingerprint.is_some_and(|one| one.distance(fingerprint) <= u32::from(MATCH_DISTANCE));
            let named = word.is_some_and(|word| word == entry.commitment || word == entry.source);
            if near || named {
                places.insert((at, entry.block), entry.record_id);
            }
        }
        super::within_bounds(places.len())?;
        let (mut found, mut keys) = (Vec::new(), BTreeMap::<B256, (Key, Standing)>::new());
        for ((_, block), id) in places {
            // an index may have been read from a node that invented it: what the chain does not have is passed over
            let Some(stored) = self.stored_at(block, id)? else { continue };
            let vk_hash = stored.record.vkHash;
            if let Entry::Vacant(place) = keys.entry(vk_hash) {
                let unknown = || not_registered(format!("verifying key {vk_hash}"));
                let key = self.key(vk_hash)?.ok_or_else(unknown())?;
                place.insert((key, self.standing(vk_hash)?.ok_or_else(unknown())?));
            }
            let Some((key, standing)) = keys.get(&vk_hash).cloned() else { continue };
            let statement = stored.statement();
            let distance = stored.fingerprint().map(|one| one.distance(fingerprint));
            let by = match (word, distance) {
                (Some(word), _) if word == statement.imageCommitment => By::Commitment,
                (Some(word), _) if word == statement.sourceCommitment => By::Source,
                // a picture with any given fingerprint can be made, a salted hash for one included: a salted hash is found
                // by those who name it, and distance means nothing to it
                (_, Some(distance)) if hides_fingerprint(key.claimId) => match (word, distance) {
                    (Some(_), 0) => By::SaltedHash,
                    _ => continue,
                },
                (_, Some(distance)) if distance <= u32::from(MATCH_DISTANCE) => By::Fingerprint(distance),
                _ => continue,
            };
            found.push(Found { by, stored, key, standing });
        }
        found.sort_by_key(|found| match found.by {
            By::Commitment | By::SaltedHash => 0,
            By::Source => 1,
            By::Fingerprint(distance) => 2 + distance,
        });
        Ok(found)
    }

    /// The record of an id that was registered in a block; `None` where there is none.
    fn stored_at(&self, block: u64, id: B256) -> Result<Option<Stored>, ChainError> {
        let events: Vec<(u64, IContentRegistry::ContentRegistered)> =
            self.registrations(block, Some(block), Vec::new())?;
        let Some((_, event)) = events.into_iter().find(|(_, event)| event.recordId == id) else { return Ok(None) };
        debug_assert_eq!(record_id(&event.record), id);
        match self.stored(&event.record) {
            Ok(stored) => Ok(Some(stored)),
            Err(ChainError::NotRegistered { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
