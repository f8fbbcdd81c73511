//! The embedded chain's state, in memory and as a file.
//!
//! # The file
//!
//! Numbers are big-endian; a list is a `u32` count and its items; bytes are a `u32` length and the bytes.
//!
//! | part | bytes |
//! |---|---|
//! | `veilmark chain` and a zero | 15 |
//! | format version | 1 |
//! | block number, timestamp | 8 + 8 |
//! | codes: bytes each, sorted by hash | |
//! | accounts, sorted: address, nonce, balance, code hash, list of (slot, value), sorted | 20 + 8 + 32 + 32 + … |
//! | logs: block number, address, list of topics, data | 8 + 20 + … |
//! | Keccak-256 of everything before | 32 |
//!
//! One state has one encoding. The file is replaced as a whole, by renaming: a crash leaves the old state or the new one.
//! The price is that a transaction writes all of it: with ten thousand registrations 8 MB, in some 40 ms.

use super::{ChainError, ChainLog};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use revm::DatabaseRef;
use revm::primitives::KECCAK_EMPTY;
use revm::state::{AccountInfo, Bytecode, EvmState};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

const MAGIC: &[u8; 15] = b"veilmark chain\0";
const VERSION: u8 = 1;
const HEADER: usize = MAGIC.len() + 1;
const SEAL: usize = 32;
/// Nothing larger is read into memory.
const MAX_FILE: u64 = 4 << 30;
/// New states are written under names that begin like this, then renamed.
const TEMPORARY: &str = ".chain-state-";

/// Everything that a transaction can see or change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    pub(super) block_number: u64,
    pub(super) timestamp: u64,
    codes: BTreeMap<B256, Bytes>,
    accounts: BTreeMap<Address, Account>,
    pub(super) logs: Vec<ChainLog>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Account {
    nonce: u64,
    balance: U256,
    code_hash: B256,
    storage: BTreeMap<U256, U256>,
}

impl State {
    pub(super) fn nonce(&self, address: Address) -> u64 {
        self.accounts.get(&address).map_or(0, |account| account.nonce)
    }

    /// The runtime code at an address; empty where there is none.
    pub(super) fn code(&self, address: Address) -> Bytes {
        let hash = self.accounts.get(&address).map_or(KECCAK_EMPTY, |account| account.code_hash);
        self.codes.get(&hash).cloned().unwrap_or_default()
    }

    /// Takes over what a transaction changed.
    pub(super) fn commit(&mut self, changes: EvmState) {
        for (address, change) in changes {
            if !change.is_touched() {
                continue;
            }
            if change.is_selfdestructed() || change.is_empty() {
                self.accounts.remove(&address);
                continue;
            }
            if let Some(code) = change.info.code.as_ref().filter(|code| !code.is_empty()) {
                self.codes.insert(change.info.code_hash, code.original_bytes());
            }
            let before = self.accounts.remove(&address).filter(|_| !change.is_created());
            let mut storage = before.map(|account| account.storage).unwrap_or_default();
            for (slot, value) in change.changed_storage_slots() {
                match value.present_value() {
                    U256::ZERO => storage.remove(slot),
                    value => storage.insert(*slot, value),
                };
            }
            let info = change.info;
            let account = Account { nonce: info.nonce, balance: info.balance, code_hash: info.code_hash, storage };
            self.accounts.insert(address, account);
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend(MAGIC);
        out.push(VERSION);
        out.extend(self.block_number.to_be_bytes());
        out.extend(self.timestamp.to_be_bytes());
        put_length(&mut out, self.codes.len());
        for code in self.codes.values() {
            put_bytes(&mut out, code);
        }
        put_length(&mut out, self.accounts.len());
        for (address, account) in &self.accounts {
            out.extend(address);
            out.extend(account.nonce.to_be_bytes());
            out.extend(account.balance.to_be_bytes::<32>());
            out.extend(account.code_hash);
            put_length(&mut out, account.storage.len());
            for (slot, value) in &account.storage {
                out.extend(slot.to_be_bytes::<32>());
                out.extend(value.to_be_bytes::<32>());
            }
        }
        put_length(&mut out, self.logs.len());
        for log in &self.logs {
            out.extend(log.block_number.to_be_bytes());
            out.extend(log.address);
            put_length(&mut out, log.topics.len());
            log.topics.iter().for_each(|topic| out.extend(topic));
            put_bytes(&mut out, &log.data);
        }
        let seal = keccak256(&out);
        out.extend(seal);
        out
    }

    /// Decodes a file whose seal has been checked.
    fn decode(body: &[u8]) -> Result<Self, &'static str> {
        let mut input = Input(body);
        let mut state = Self { block_number: input.u64()?, timestamp: input.u64()?, ..Self::default() };
        for _ in 0..input.count(4)? {
            let code = input.bytes()?;
            // The EVM's own constructor panics on what it does not know.
            Bytecode::new_raw_checked(code.clone()).map_err(|_| "a contract's code is not EVM code")?;
            state.codes.insert(keccak256(&code), code);
        }
        for _ in 0..input.count(20 + 8 + 32 + 32 + 4)? {
            let address = Address::from(input.array()?);
            let nonce = input.u64()?;
            let balance = input.number()?;
            let code_hash = B256::from(input.array()?);
            if code_hash != KECCAK_EMPTY && !state.codes.contains_key(&code_hash) {
                return Err("a contract's code is missing");
            }
            let mut storage = BTreeMap::new();
            for _ in 0..input.count(64)? {
                storage.insert(input.number()?, input.number()?);
            }
            state.accounts.insert(address, Account { nonce, balance, code_hash, storage });
        }
        for _ in 0..input.count(8 + 20 + 4 + 4)? {
            let block_number = input.u64()?;
            let address = Address::from(input.array()?);
            let topics = (0..input.count(32)?).map(|_| input.array().map(B256::from)).collect::<Result<_, _>>()?;
            state.logs.push(ChainLog { block_number, address, topics, data: input.bytes()? });
        }
        if !input.0.is_empty() {
            return Err("there is something behind its end");
        }
        Ok(state)
    }
}

/// Reads are answered from memory; everything an account refers to is there once a file is decoded.
impl DatabaseRef for State {
    type Error = Infallible;

    fn basic_ref(&self, address: Address) -> Result<Option<AccountInfo>, Infallible> {
        Ok(self.accounts.get(&address).map(|account| AccountInfo {
            balance: account.balance,
            nonce: account.nonce,
            code_hash: account.code_hash,
            code: None,
            ..AccountInfo::default()
        }))
    }

    fn code_by_hash_ref(&self, code_hash: B256) -> Result<Bytecode, Infallible> {
        Ok(self.codes.get(&code_hash).map(|code| Bytecode::new_raw(code.clone())).unwrap_or_default())
    }

    fn storage_ref(&self, address: Address, slot: U256) -> Result<U256, Infallible> {
        let account = self.accounts.get(&address);
        Ok(account.and_then(|account| account.storage.get(&slot)).copied().unwrap_or_default())
    }

    fn block_hash_ref(&self, number: u64) -> Result<B256, Infallible> {
        Ok(keccak256(number.to_be_bytes()))
    }
}

fn put_length(out: &mut Vec<u8>, length: usize) {
    let length = u32::try_from(length).expect("a state that fits in memory has lists of less than 2^32 items");
    out.extend(length.to_be_bytes());
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_length(out, bytes.len());
    out.extend(bytes);
}

/// Bytes not yet decoded.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    const ENDS: &'static str = "it ends too early";

    fn array<const N: usize>(&mut self) -> Result<[u8; N], &'static str> {
        let (head, tail) = self.0.split_first_chunk().ok_or(Self::ENDS)?;
        self.0 = tail;
        Ok(*head)
    }

    fn u64(&mut self) -> Result<u64, &'static str> {
        self.array().map(u64::from_be_bytes)
    }

    fn number(&mut self) -> Result<U256, &'static str> {
        self.array().map(U256::from_be_bytes::<32>)
    }

    /// The number of a list's items, each of at least `item` bytes: never more than can follow.
    fn count(&mut self, item: usize) -> Result<usize, &'static str> {
        let count = usize::try_from(u32::from_be_bytes(self.array()?)).map_err(|_| Self::ENDS)?;
        if count > self.0.len() / item { Err(Self::ENDS) } else { Ok(count) }
    }

    fn bytes(&mut self) -> Result<Bytes, &'static str> {
        let length = self.count(1)?;
        let (head, tail) = self.0.split_at_checked(length).ok_or(Self::ENDS)?;
        self.0 = tail;
        Ok(Bytes::copy_from_slice(head))
    }
}

/// The hash at the end of a state file: it tells one state from another.
pub(super) type Seal = [u8; SEAL];

/// The seal of the state on disk, read without the rest; `None` where there is no file yet.
pub(super) fn peek(path: &Path) -> Result<Option<Seal>, ChainError> {
    let io = |source| ChainError::Io { doing: "read", path: path.to_owned(), source };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
    };
    let length = file.metadata().map_err(io)?.len();
    if length < (HEADER + SEAL) as u64 {
        return Err(ChainError::Damaged { path: path.to_owned(), what: Input::ENDS });
    }
    let mut seal = [0; SEAL];
    file.seek(SeekFrom::Start(length - SEAL as u64)).and_then(|_| file.read_exact(&mut seal)).map_err(io)?;
    Ok(Some(seal))
}

/// Reads and checks a state file; `None` where there is none yet.
pub(super) fn load(path: &Path) -> Result<Option<(State, Seal)>, ChainError> {
    let io = |source| ChainError::Io { doing: "read", path: path.to_owned(), source };
    let damaged = |what| ChainError::Damaged { path: path.to_owned(), what };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
    };
    if file.metadata().map_err(io)?.len() > MAX_FILE {
        return Err(damaged("it is larger than any state this program writes"));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(io)?;

    let (header, rest) = bytes.split_at_checked(HEADER).ok_or(damaged(Input::ENDS))?;
    let [magic @ .., version] = header else { return Err(damaged(Input::ENDS)) };
    if magic != MAGIC {
        return Err(damaged("it is not a chain's state"));
    }
    if *version != VERSION {
        return Err(ChainError::OtherVersion { path: path.to_owned(), expected: VERSION, got: *version });
    }
    let (body, seal) = rest.split_last_chunk::<SEAL>().ok_or(damaged(Input::ENDS))?;
    if keccak256(bytes.get(..HEADER + body.len()).unwrap_or_default()) != *seal {
        return Err(damaged("its checksum does not match, part of it was changed or is missing"));
    }
    Ok(Some((State::decode(body).map_err(damaged)?, *seal)))
}

/// Replaces the state file, at once or not at all. Only the holder of the chain's lock may call this.
pub(super) fn save(state: &State, folder: &Path, path: &Path) -> Result<Seal, ChainError> {
    let io = |source| ChainError::Io { doing: "write", path: path.to_owned(), source };
    // What a process that was killed while it wrote has left behind.
    for entry in std::fs::read_dir(folder).map_err(io)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
            std::fs::remove_file(entry.path()).map_err(io)?;
        }
    }
    let bytes = state.encode();
    let mut seal = [0; SEAL];
    seal.copy_from_slice(bytes.get(bytes.len() - SEAL..).unwrap_or(&[0; SEAL]));
    let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder).map_err(io)?;
    file.write_all(&bytes).and_then(|()| file.as_file().sync_all()).map_err(io)?;
    file.persist(path).map_err(|error| io(error.error))?;
    // The rename is durable once the folder is; only Unix lets a folder be opened for that.
    #[cfg(unix)]
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)?;
    Ok(seal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some_state() -> State {
        let code = Bytes::from_static(&[0x5f, 0x5f, 0xf3]);
        let account = |nonce, code_hash| Account {
            nonce,
            balance: U256::from(7),
            code_hash,
            storage: BTreeMap::from([(U256::from(1), U256::MAX), (U256::MAX, U256::from(2))]),
        };
        State {
            block_number: 3,
            timestamp: 5,
            codes: BTreeMap::from([(keccak256(&code), code.clone())]),
            accounts: BTreeMap::from([
                (Address::repeat_byte(1), account(9, keccak256(&code))),
                (Address::repeat_byte(2), account(0, KECCAK_EMPTY)),
            ]),
            logs: vec![ChainLog {
                block_number: 3,
                address: Address::repeat_byte(1),
                topics: vec![B256::repeat_byte(4), B256::ZERO],
                data: Bytes::from_static(b"data"),
            }],
        }
    }

    #[test]
    fn a_state_comes_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let seal = save(&some_state(), folder.path(), &path).unwrap();
        assert_eq!(peek(&path).unwrap(), Some(seal));
        assert_eq!(load(&path).unwrap(), Some((some_state(), seal)));
        let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(files.len(), 1, "nothing temporary stays");
    }

    #[test]
    fn what_a_killed_writer_left_is_cleared_away() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        std::fs::write(folder.path().join(format!("{TEMPORARY}abc")), b"half").unwrap();
        std::fs::write(folder.path().join("mine"), b"not ours").unwrap();
        save(&some_state(), folder.path(), &path).unwrap();
        let mut names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["mine", "state"]);
    }

    /// Even behind a right checksum: the reader must not trust lengths.
    #[test]
    fn bodies_that_end_early_or_lie_about_lengths_are_refused() {
        let whole = some_state().encode();
        let body = &whole[HEADER..whole.len() - SEAL];
        assert!(State::decode(body).is_ok());
        for end in 0..body.len() {
            assert!(State::decode(&body[..end]).is_err(), "cut at {end}");
        }
        assert!(State::decode(&[body, &[0]].concat()).is_err());
        // Sixteen bytes of numbers, then the number of codes.
        let mut liar = body.to_vec();
        liar[16..20].fill(0xff);
        assert_eq!(State::decode(&liar), Err(Input::ENDS));
    }

    #[test]
    fn every_changed_byte_of_a_file_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let whole = some_state().encode();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            std::fs::write(&path, &bytes).unwrap();
            match load(&path) {
                Err(ChainError::OtherVersion { .. }) => assert_eq!(at, MAGIC.len()),
                Err(ChainError::Damaged { path: named, .. }) => assert_eq!(named, path),
                other => panic!("byte {at}: {other:?}"),
            }
        }
        for end in 0..whole.len() {
            std::fs::write(&path, &whole[..end]).unwrap();
            assert!(matches!(load(&path), Err(ChainError::Damaged { .. })), "cut at {end}");
        }
    }
}
