//! The registrations of a registry, kept on disk.
//!
//! A file per chain and registry. It is brought up to date by reading only the blocks after its last; hashes of blocks that
//! were read tell whether the chain has taken some back, and then what came from them is forgotten and read again.
//!
//! What the caller must believe: an index is worth what the node was worth that it was read from, and is no proof of
//! anything. Whoever finds something by it asks the chain for the record.
//!
//! # The file
//!
//! Numbers are big-endian. Keccak-256 at the end is a checksum against accidents, not a seal against people.
//!
//! | part | bytes |
//! |---|---|
//! | `veilmark index` and a zero, format version | 15 + 1 |
//! | chain id, registry | 8 + 20 |
//! | number of checkpoints, each: block, hash | 4, 8 + 32 |
//! | number of entries, each: block, fingerprint, commitment, source, record id | 8, 8 + 4 * 32 |
//! | Keccak-256 of everything before | 32 |

use crate::{
    Chain, ChainError, LogFilter,
    event::{ContentRegistered, fingerprint_of, registered},
};
use alloy_primitives::{Address, B256, keccak256};
use alloy_sol_types::SolEvent;
use std::io::Write;
use std::path::Path;
use veilmark_files::{self as files, Access, Existing};
use veilmark_statement::fingerprint::Fingerprint;

const MAGIC: &[u8; 16] = b"veilmark index\0\x02";
const ENTRY: usize = 8 + 4 * 32;
const CHECKPOINT: usize = 8 + 32;
const CHECKPOINTS: usize = 64;
/// Deeper than chains are reorganised.
const DEPTH: u64 = 64;
/// Nothing larger is read into memory.
const MAX_FILE: u64 = 1 << 30;
/// Entries that are kept at the most: what a file holds.
const MOST_ENTRIES: usize = (MAX_FILE as usize) / ENTRY - 100;
/// How often a chain may be reorganised while it is read.
const PATIENCE: u32 = 5;

/// A registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexEntry {
    /// Number of its block.
    pub block: u64,
    /// The fingerprint, or the salted hash of one; `None` for a claim without either.
    pub fingerprint: Option<Fingerprint>,
    /// The commitment to the picture.
    pub commitment: B256,
    /// The commitment to the picture that it was made from; zero where there is none.
    pub source: B256,
    /// Identifies the record.
    pub record_id: B256,
}

/// A registry's registrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    chain_id: u64,
    registry: Address,
    /// Blocks up to which everything was read, oldest first, with their hashes then.
    checkpoints: Vec<(u64, B256)>,
    /// In the order of blocks.
    entries: Vec<IndexEntry>,
}

/// What bringing an index up to date did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Update {
    /// The last block that was read.
    pub last: u64,
    /// Records that are new.
    pub added: usize,
    /// Records whose blocks were taken back.
    pub taken_back: usize,
}

impl Index {
    /// An index with nothing in it.
    pub fn new(chain_id: u64, registry: Address) -> Self {
        Self { chain_id, registry, checkpoints: Vec::new(), entries: Vec::new() }
    }

    /// Reads a file; an index with nothing in it where there is none, or where it is damaged or of something else:
    /// everything in it can be read from the chain again.
    pub fn read(path: &Path, chain_id: u64, registry: Address) -> Self {
        let bytes = files::read_limited(path, MAX_FILE).ok();
        let index = bytes.and_then(|bytes| Self::decode(&bytes));
        index
            .filter(|index| (index.chain_id, index.registry) == (chain_id, registry))
            .unwrap_or_else(|| Self::new(chain_id, registry))
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), files::FileError> {
        let bytes = self.encode();
        files::write_atomically(path, Existing::Replace, Access::Umask, |file| file.write_all(&bytes))
    }

    /// How many records it has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The registrations, oldest first.
    pub fn entries(&self) -> &[IndexEntry] {
        &self.entries
    }

    /// Adds a registration of a block that is not before the last one's.
    pub fn insert(&mut self, entry: IndexEntry) {
        self.entries.push(entry);
    }

    /// The registrations whose fingerprint is at most `max_distance` bits away, with the distance, nearest first, then oldest
    /// first. One after the other is compared: a million take milliseconds.
    pub fn near(&self, fingerprint: Fingerprint, max_distance: u32) -> Vec<(u32, IndexEntry)> {
        let near = self.entries.iter().filter_map(|entry| {
            let distance = entry.fingerprint?.distance(fingerprint);
            (distance <= max_distance).then_some((distance, *entry))
        });
        let mut found: Vec<_> = near.collect();
        found.sort_by_key(|(distance, _)| *distance);
        found
    }

    /// Reads what is new on the chain, from `first_block` where nothing was read yet.
    ///
    /// # Errors
    ///
    /// If the chain fails, or does not come to rest.
    pub fn update<C: Chain + ?Sized>(&mut self, chain: &C, first_block: u64) -> Result<Update, ChainError> {
        let before = self.entries.len();
        self.rewind(chain)?;
        let mut update = Update { taken_back: before - self.entries.len(), ..Update::default() };
        let kept = self.entries.len();
        for _ in 0..PATIENCE {
            let from = self.checkpoints.last().map_or(first_block, |(block, _)| block.saturating_add(1));
            let head = chain.block_number()?;
            update.last = head.max(from.saturating_sub(1));
            if head < from {
                update.added = self.entries.len() - kept;
                return Ok(update);
            }
            // Asked before and after: what was read in between is of one history.
            let anchors = self.anchors(chain, from, head)?;
            let logs = chain.logs(&LogFilter {
                address: self.registry,
                topics: vec![Some(ContentRegistered::SIGNATURE_HASH)],
                from_block: from,
                to_block: Some(head),
            })?;
            if anchors != self.anchors(chain, from, head)? {
                update.taken_back += self.entries.len();
                self.rewind(chain)?;
                update.taken_back -= self.entries.len();
                continue;
            }
            for log in logs {
                let event = registered(&log.topics, &log.data, log.address)?;
                self.insert(IndexEntry {
                    block: log.block_number,
                    fingerprint: fingerprint_of(event.fingerprint),
                    commitment: event.imageCommitment,
                    source: event.record.statement.sourceCommitment,
                    record_id: event.recordId,
                });
            }
            if self.entries.len() > MOST_ENTRIES {
                return Err(ChainError::ListTooLong { limit: MOST_ENTRIES });
            }
            self.checkpoints.extend(anchors);
            let surplus = self.checkpoints.len().saturating_sub(CHECKPOINTS);
            self.checkpoints.drain(..surplus);
            update.added = self.entries.len() - kept;
            return Ok(update);
        }
        Err(ChainError::Restless)
    }

    /// Hashes of the head and of a block deeper than reorganisations go, as far as they are new; and that what was read
    /// before is still so.
    fn anchors<C: Chain + ?Sized>(&self, chain: &C, from: u64, head: u64) -> Result<Vec<(u64, B256)>, ChainError> {
        let deep = head.checked_sub(DEPTH).filter(|deep| *deep >= from);
        let mut anchors = Vec::new();
        for block in deep.into_iter().chain([head]) {
            // a chain that never takes a block back has no hashes, and needs none
            anchors.push((block, chain.block_hash(block)?.unwrap_or_default()));
        }
        Ok(anchors)
    }

    /// Forgets what came from blocks that are no more.
    fn rewind<C: Chain + ?Sized>(&mut self, chain: &C) -> Result<(), ChainError> {
        while let Some((block, hash)) = self.checkpoints.last().copied() {
            if chain.block_hash(block)?.unwrap_or_default() == hash && chain.block_number()? >= block {
                break;
            }
            self.checkpoints.pop();
        }
        let last = self.checkpoints.last().map(|(block, _)| *block);
        self.entries.retain(|entry| last.is_some_and(|last| entry.block <= last));
        Ok(())
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(100 + self.entries.len() * ENTRY);
        out.extend(MAGIC);
        out.extend(self.chain_id.to_be_bytes());
        out.extend(self.registry);
        out.extend(u32::try_from(self.checkpoints.len()).unwrap_or_default().to_be_bytes());
        for (block, hash) in &self.checkpoints {
            out.extend(block.to_be_bytes());
            out.extend(hash);
        }
        out.extend((self.entries.len() as u64).to_be_bytes());
        for entry in &self.entries {
            out.extend(entry.block.to_be_bytes());
            out.extend(entry.fingerprint.map_or([0; 32], Fingerprint::to_bytes));
            for word in [entry.commitment, entry.source, entry.record_id] {
                out.extend(word);
            }
        }
        let sum = keccak256(&out);
        out.extend(sum);
        out
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (body, sum) = bytes.split_last_chunk::<32>()?;
        let mut rest = body.strip_prefix(MAGIC)?;
        if keccak256(body).0 != *sum {
            return None;
        }
        let chain_id = u64::from_be_bytes(take(&mut rest)?);
        let registry = Address::from(take::<20>(&mut rest)?);
        let count = usize::try_from(u32::from_be_bytes(take(&mut rest)?)).ok()?;
        if rest.len() / CHECKPOINT < count {
            return None;
        }
        let mut checkpoints = Vec::with_capacity(count);
        for _ in 0..count {
            checkpoints.push((u64::from_be_bytes(take(&mut rest)?), B256::from(take::<32>(&mut rest)?)));
        }
        let count = usize::try_from(u64::from_be_bytes(take(&mut rest)?)).ok()?;
        if rest.len() != count.checked_mul(ENTRY)? {
            return None;
        }
        let mut entries = Vec::with_capacity(count);
        for _ in 0..count {
            entries.push(IndexEntry {
                block: u64::from_be_bytes(take(&mut rest)?),
                fingerprint: fingerprint_of(B256::from(take::<32>(&mut rest)?)),
                commitment: B256::from(take::<32>(&mut rest)?),
                source: B256::from(take::<32>(&mut rest)?),
                record_id: B256::from(take::<32>(&mut rest)?),
            });
        }
        Some(Self { chain_id, registry, checkpoints, entries })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (chunk, more) = rest.split_first_chunk::<N>()?;
    *rest = more;
    Some(*chunk)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        CallResult, ChainLog, Nature, Quote, Receipt,
        abi::{Record, Statement},
        event::record_id,
    };
    use alloy_primitives::Bytes;
    use std::cell::RefCell;

    /// A chain of which only blocks and events matter: each block has a hash and at most one record.
    #[derive(Debug, Default)]
    struct Blocks(RefCell<Vec<(u8, Option<u8>)>>);

    /// A record that is recognised by the first byte of its commitment.
    fn record(number: u8) -> Record {
        let word = B256::repeat_byte(number);
        let statement = Statement { imageCommitment: word, fingerprint: word, ..Statement::default() };
        Record { statement, ..Record::default() }
    }

    impl Chain for Blocks {
        fn nature(&self) -> Nature {
            Nature::Node
        }
        fn name(&self) -> String {
            String::new()
        }
        fn signer(&self) -> Option<Address> {
            None
        }
        fn require_sender(&self, _: Address) -> Result<(), ChainError> {
            Ok(())
        }
        fn quote(&self, _: Address, to: Address, _: &[u8]) -> Result<Quote, ChainError> {
            Err(ChainError::NoCode { address: to })
        }
        fn chain_id(&self) -> Result<u64, ChainError> {
            Ok(1)
        }
        fn block_number(&self) -> Result<u64, ChainError> {
            Ok(self.0.borrow().len() as u64 - 1)
        }
        fn block_hash(&self, number: u64) -> Result<Option<B256>, ChainError> {
            let blocks = self.0.borrow();
            Ok(blocks.get(number as usize).map(|(hash, _)| B256::repeat_byte(*hash)))
        }
        fn code(&self, _: Address) -> Result<Bytes, ChainError> {
            Ok(Bytes::new())
        }
        fn call(&self, _: Address, to: Address, _: Vec<u8>) -> Result<CallResult, ChainError> {
            Err(ChainError::NoCode { address: to })
        }
        fn transact(&self, _: Address, to: Address, _: Vec<u8>) -> Result<Receipt, ChainError> {
            Err(ChainError::NoCode { address: to })
        }
        fn deploy(&self, from: Address, _: Vec<u8>) -> Result<Receipt, ChainError> {
            Err(ChainError::NoCode { address: from })
        }
        fn logs(&self, filter: &LogFilter) -> Result<Vec<ChainLog>, ChainError> {
            let log = |(block, (_, made)): (usize, &(u8, Option<u8>))| {
                let block = block as u64;
                let wanted = block >= filter.from_block && filter.to_block.is_none_or(|last| block <= last);
                let record = record((*made)?);
                let event = ContentRegistered {
                    imageCommitment: record.statement.imageCommitment,
                    fingerprint: record.statement.fingerprint,
                    registrant: record.registrant,
                    recordId: record_id(&record),
                    claimId: B256::ZERO,
                    reviewed: true,
                    timestamp: 0,
                    record,
                };
                let (topics, data) = event.encode_log_data().split();
                wanted.then_some(ChainLog { block_number: block, address: filter.address, topics, data })
            };
            Ok(self.0.borrow().iter().enumerate().filter_map(log).collect())
        }
    }

    fn ids(index: &Index) -> Vec<u8> {
        index.entries.iter().map(|entry| entry.commitment.0[0]).collect()
    }

    #[test]
    fn only_what_is_new_is_read_and_what_was_taken_back_is_forgotten() {
        let chain = Blocks(RefCell::new(vec![(1, None), (2, Some(20)), (3, None)]));
        let mut index = Index::new(1, Address::ZERO);
        assert_eq!(index.update(&chain, 0).unwrap(), Update { last: 2, added: 1, taken_back: 0 });
        chain.0.borrow_mut().extend([(4, Some(40)), (5, Some(50))]);
        assert_eq!(index.update(&chain, 0).unwrap(), Update { last: 4, added: 2, taken_back: 0 });
        assert_eq!(index.update(&chain, 0).unwrap(), Update { last: 4, added: 0, taken_back: 0 });
        assert_eq!(ids(&index), [20, 40, 50]);
        // The last two blocks are replaced by one.
        chain.0.borrow_mut().truncate(3);
        chain.0.borrow_mut().push((6, Some(60)));
        assert_eq!(index.update(&chain, 0).unwrap(), Update { last: 3, added: 1, taken_back: 2 });
        assert_eq!(ids(&index), [20, 60]);
        // Everything is another history.
        *chain.0.borrow_mut() = vec![(7, Some(70))];
        assert_eq!(index.update(&chain, 0).unwrap(), Update { last: 0, added: 1, taken_back: 2 });
        assert_eq!(ids(&index), [70]);
    }

    #[test]
    fn a_damaged_file_is_no_index() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.index");
        let chain = Blocks(RefCell::new(vec![(1, Some(10)), (2, Some(20))]));
        let mut index = Index::new(1, Address::ZERO);
        index.update(&chain, 0).unwrap();
        index.write(&path).unwrap();
        assert_eq!(Index::read(&path, 1, Address::ZERO), index);
        assert!(Index::read(&path, 2, Address::ZERO).is_empty(), "another chain's");
        let whole = std::fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            assert_eq!(Index::decode(&damaged), None, "byte {at}");
            assert_eq!(Index::decode(&whole[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn a_million_records_are_read_and_searched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("million.index");
        let mut index = Index::new(1, Address::ZERO);
        let mut state = 1_u64;
        for number in 0..1_000_000_u64 {
            let mut bytes = [0; 32];
            for chunk in bytes.chunks_exact_mut(8) {
                // splitmix64
                state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                chunk.copy_from_slice(&(mixed ^ (mixed >> 31)).to_be_bytes());
            }
            let word = B256::from(bytes);
            let fingerprint = Some(Fingerprint::from_bytes(bytes));
            index.insert(IndexEntry { block: number, fingerprint, commitment: word, source: word, record_id: word });
        }
        let wanted = index.entries[765_432];
        let fingerprint = wanted.fingerprint.unwrap();
        let near = Fingerprint::from_bits(|k| fingerprint.bit(k) != (k % 10 == 0));
        index.write(&path).unwrap();
        // how fast is for `cargo bench -p veilmark-benches`
        let index = Index::read(&path, 1, Address::ZERO);
        assert_eq!(index.near(near, 31), [(26, wanted)]);
    }
}
