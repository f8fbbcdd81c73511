//! A chain inside this process: revm with its state in a folder.
//!
//! Rules of a main net after Osaka, chain id 31337, one transaction a block, no fees, no signatures (the sender is
//! whoever the caller says), at most 2^24 gas a transaction (EIP-7825), at most 24,576 bytes of code a contract
//! (EIP-170). The time of a block is the clock's, and never earlier than the block's before.
//!
//! Any number of processes and threads may use one folder: whoever writes holds a lock of the operating system, which
//! ends with the process; a reader sees the state before a transaction or after it. A transaction that fails leaves no
//! trace, not even a block.

use super::state::{self, Seal, State};
use super::{CallResult, Chain, ChainError, ChainLog, LogFilter, Receipt};
use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use revm::context::result::{EVMError, ExecutionResult, HaltReason, Output, ResultAndState};
use revm::context::{Context, TxEnv};
use revm::database_interface::WrapDatabaseRef;
use revm::primitives::hardfork::SpecId;
use revm::{ExecuteEvm, MainBuilder, MainContext};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use veilmark_verifier_contract::artifacts::Revert;

/// Chain id of every embedded chain.
pub const CHAIN_ID: u64 = 31337;
/// Gas limit of a transaction: EIP-7825's.
pub const GAS_LIMIT: u64 = 1 << 24;
/// Most bytes of a contract's code: EIP-170's.
pub const CODE_LIMIT: usize = 24_576;

const STATE_FILE: &str = "chain.state";
const LOCK_FILE: &str = "chain.lock";
/// After this long, a waiting process says what it waits for.
const PATIENCE: Duration = Duration::from_secs(1);

/// A chain whose state is in a folder.
#[derive(Debug)]
pub struct EmbeddedChain {
    folder: PathBuf,
    /// The state last read or written, and the seal of its file; `None` before the first use and after a failure.
    cache: Mutex<Option<(State, Option<Seal>)>>,
}

impl EmbeddedChain {
    /// Opens the chain of a folder, which is made if it is missing.
    ///
    /// # Errors
    ///
    /// If the folder cannot be made, or holds a state that is damaged or of another version.
    pub fn open(folder: &Path) -> Result<Self, ChainError> {
        std::fs::create_dir_all(folder).map_err(|source| ChainError::Io {
            doing: "make the chain's folder",
            path: folder.to_owned(),
            source,
        })?;
        let chain = Self { folder: folder.to_owned(), cache: Mutex::new(None) };
        chain.read(|_| Ok(()))?;
        Ok(chain)
    }

    /// The folder of the state.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs a contract creation and keeps what it did.
    ///
    /// # Errors
    ///
    /// If the transaction fails, or the state cannot be read or written.
    pub fn deploy(&self, init_code: Vec<u8>, from: Address) -> Result<Receipt, ChainError> {
        self.exclusively(|session| session.deploy(init_code, from))
    }

    /// Runs a transaction and keeps what it did.
    ///
    /// # Errors
    ///
    /// If the transaction fails, or the state cannot be read or written.
    pub fn transact(&self, from: Address, to: Address, data: Vec<u8>) -> Result<Receipt, ChainError> {
        self.exclusively(|session| session.transact(from, to, data))
    }

    /// Runs a call and keeps nothing.
    ///
    /// # Errors
    ///
    /// If the call fails, or the state cannot be read.
    pub fn call(&self, from: Address, to: Address, data: Vec<u8>) -> Result<CallResult, ChainError> {
        self.read(|state| call(state, CHAIN_ID, from, to, data))
    }

    /// The runtime code at an address; empty where there is none.
    ///
    /// # Errors
    ///
    /// If the state cannot be read.
    pub fn code(&self, address: Address) -> Result<Bytes, ChainError> {
        self.read(|state| Ok(state.code(address)))
    }

    /// The number of the last block, which is how many transactions there were.
    ///
    /// # Errors
    ///
    /// If the state cannot be read.
    pub fn block_number(&self) -> Result<u64, ChainError> {
        self.read(|state| Ok(state.block_number))
    }

    /// The events of a contract, oldest first. Each given topic must be equal; `None` stands for any.
    ///
    /// # Errors
    ///
    /// If the state cannot be read.
    pub fn logs(&self, address: Address, topics: &[Option<B256>]) -> Result<Vec<ChainLog>, ChainError> {
        let wanted = |log: &&ChainLog| {
            let matches = |(at, topic): (usize, &Option<B256>)| topic.is_none() || log.topics.get(at) == topic.as_ref();
            log.address == address && topics.iter().enumerate().all(matches)
        };
        self.read(|state| Ok(state.logs.iter().filter(wanted).cloned().collect()))
    }

    /// Runs several transactions as one: nobody else's come in between, and if one fails, none has happened.
    ///
    /// # Errors
    ///
    /// Whatever `run` answers, or if the state cannot be read or written.
    pub fn exclusively<T>(&self, run: impl FnOnce(&mut Session) -> Result<T, ChainError>) -> Result<T, ChainError> {
        // The state is taken out: a panic or an error in `run` leaves none, and the next use reads the file again.
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let _lock = self.lock()?;
        let (state, seal) = self.fresh(cache.take())?;
        let mut session = Session { state, chain_id: CHAIN_ID, changed: false };
        let answer = run(&mut session)?;
        let seal = if session.changed {
            Some(state::save(&session.state, &self.folder, &self.folder.join(STATE_FILE))?)
        } else {
            seal
        };
        *cache = Some((session.state, seal));
        Ok(answer)
    }

    /// Gives `look` the latest state. No lock: the state file is replaced as a whole.
    fn read<T>(&self, look: impl FnOnce(&State) -> Result<T, ChainError>) -> Result<T, ChainError> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let known = cache.take();
        let (state, _) = cache.insert(self.fresh(known)?);
        look(state)
    }

    /// The state in memory if it is that of the file, and the file's otherwise.
    fn fresh(&self, known: Option<(State, Option<Seal>)>) -> Result<(State, Option<Seal>), ChainError> {
        let path = self.folder.join(STATE_FILE);
        if let Some(known) = known
            && known.1 == state::peek(&path)?
        {
            return Ok(known);
        }
        Ok(state::load(&path)?.map_or_else(|| (State::default(), None), |(state, seal)| (state, Some(seal))))
    }

    /// Waits for the right to write. The lock is given back when the file is closed, by whatever end.
    fn lock(&self) -> Result<File, ChainError> {
        let path = self.folder.join(LOCK_FILE);
        let io = |source| ChainError::Io { doing: "lock", path: path.clone(), source };
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(io)?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(error)) => return Err(io(error)),
                Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(TryLockError::WouldBlock) => break,
            }
        }
        tracing::warn!("waiting for another process that writes to the chain in {}", self.folder.display());
        file.lock().map_err(io)?;
        Ok(file)
    }
}

/// Believes the folder.
impl Chain for EmbeddedChain {
    fn chain_id(&self) -> Result<u64, ChainError> {
        Ok(CHAIN_ID)
    }

    fn block_number(&self) -> Result<u64, ChainError> {
        Self::block_number(self)
    }

    /// None: nothing is ever taken back.
    fn block_hash(&self, _number: u64) -> Result<Option<B256>, ChainError> {
        Ok(None)
    }

    fn code(&self, address: Address) -> Result<Bytes, ChainError> {
        Self::code(self, address)
    }

    fn call(&self, from: Address, to: Address, data: Vec<u8>) -> Result<CallResult, ChainError> {
        Self::call(self, from, to, data)
    }

    fn transact(&self, from: Address, to: Address, data: Vec<u8>) -> Result<Receipt, ChainError> {
        Self::transact(self, from, to, data)
    }

    fn deploy(&self, from: Address, init_code: Vec<u8>) -> Result<Receipt, ChainError> {
        Self::deploy(self, init_code, from)
    }

    fn logs(&self, filter: &LogFilter) -> Result<Vec<ChainLog>, ChainError> {
        let blocks = filter.from_block..=filter.to_block.unwrap_or(u64::MAX);
        let mut logs = Self::logs(self, filter.address, &filter.topics)?;
        logs.retain(|log| blocks.contains(&log.block_number));
        Ok(logs)
    }
}

/// The right to write to a chain, for as long as [`EmbeddedChain::exclusively`] lasts.
#[derive(Debug)]
pub struct Session {
    state: State,
    /// [`CHAIN_ID`]; only tests ask how contracts behave on other chains.
    chain_id: u64,
    changed: bool,
}

impl Session {
    /// Runs a contract creation.
    ///
    /// # Errors
    ///
    /// If it fails.
    pub fn deploy(&mut self, init_code: Vec<u8>, from: Address) -> Result<Receipt, ChainError> {
        self.execute(from, TxKind::Create, init_code)
    }

    /// Runs a transaction.
    ///
    /// # Errors
    ///
    /// If it fails.
    pub fn transact(&mut self, from: Address, to: Address, data: Vec<u8>) -> Result<Receipt, ChainError> {
        self.execute(from, TxKind::Call(to), data)
    }

    /// Runs a call and keeps nothing.
    ///
    /// # Errors
    ///
    /// If it fails.
    pub fn call(&self, from: Address, to: Address, data: Vec<u8>) -> Result<CallResult, ChainError> {
        call(&self.state, self.chain_id, from, to, data)
    }

    /// The runtime code at an address; empty where there is none.
    pub fn code(&self, address: Address) -> Bytes {
        self.state.code(address)
    }

    /// An empty chain in memory, of any chain id.
    #[cfg(test)]
    pub(super) fn on(chain_id: u64) -> Self {
        Self { state: State::default(), chain_id, changed: false }
    }

    fn execute(&mut self, from: Address, kind: TxKind, data: Vec<u8>) -> Result<Receipt, ChainError> {
        let timestamp = next_timestamp(&self.state);
        let (result, changes) = evaluate(&self.state, self.chain_id, timestamp, from, kind, data)?;
        let Success { gas_used, output, created, logs } = success(result)?;
        let state = &mut self.state;
        state.commit(changes);
        state.block_number += 1;
        state.timestamp = timestamp;
        let block_number = state.block_number;
        let logs: Vec<_> = logs
            .into_iter()
            .map(|log| {
                let (topics, data) = log.data.split();
                ChainLog { block_number, address: log.address, topics, data }
            })
            .collect();
        state.logs.extend(logs.iter().cloned());
        self.changed = true;
        Ok(Receipt { block_number, timestamp, gas_used, created, output, logs })
    }
}

fn call(state: &State, chain_id: u64, from: Address, to: Address, data: Vec<u8>) -> Result<CallResult, ChainError> {
    let (result, _) = evaluate(state, chain_id, next_timestamp(state), from, TxKind::Call(to), data)?;
    let Success { gas_used, output, .. } = success(result)?;
    Ok(CallResult { output, gas_used })
}

/// The clock's time, unless it runs behind the chain's.
fn next_timestamp(state: &State) -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    now.max(state.timestamp)
}

/// What the EVM answers to a transaction upon a state.
fn evaluate(
    state: &State,
    chain_id: u64,
    timestamp: u64,
    from: Address,
    kind: TxKind,
    data: Vec<u8>,
) -> Result<(ExecutionResult, revm::state::EvmState), ChainError> {
    if let TxKind::Call(to) = kind {
        // The EVM lets a call to nothing succeed; nobody means that.
        if state.code(to).is_empty() {
            return Err(ChainError::NoCode { address: to });
        }
    }
    let rejected = |reason: String| ChainError::Rejected { reason };
    let transaction = TxEnv::builder()
        .caller(from)
        .kind(kind)
        .data(Bytes::from(data))
        .gas_limit(GAS_LIMIT)
        .nonce(state.nonce(from))
        .chain_id(Some(chain_id))
        .build()
        .map_err(|error| rejected(format!("{error:?}")))?;
    let mut evm = Context::mainnet()
        .with_db(WrapDatabaseRef(state))
        .modify_cfg_chained(|cfg| {
            cfg.set_spec_and_mainnet_gas_params(SpecId::OSAKA);
            cfg.chain_id = chain_id;
            cfg.limit_contract_code_size = Some(CODE_LIMIT);
        })
        .modify_block_chained(|block| {
            block.number = U256::from(state.block_number + 1);
            block.timestamp = U256::from(timestamp);
            block.gas_limit = GAS_LIMIT;
            block.basefee = 0;
        })
        .build_mainnet();
    let ResultAndState { result, state: changes } = evm.transact(transaction).map_err(|error| match error {
        EVMError::Transaction(invalid) => rejected(invalid.to_string()),
        other => rejected(other.to_string()),
    })?;
    Ok((result, changes))
}

/// What a transaction that succeeded leaves.
struct Success {
    gas_used: u64,
    output: Bytes,
    created: Option<Address>,
    logs: Vec<revm::primitives::Log>,
}

fn success(result: ExecutionResult) -> Result<Success, ChainError> {
    match result {
        ExecutionResult::Success { gas, logs, output, .. } => {
            let (output, created) = match output {
                Output::Call(output) => (output, None),
                Output::Create(output, created) => (output, created),
            };
            Ok(Success { gas_used: gas.tx_gas_used(), output, created, logs })
        }
        ExecutionResult::Revert { gas, output, .. } => {
            Err(ChainError::Reverted { revert: Box::new(Revert::decode(&output)), gas_used: gas.tx_gas_used() })
        }
        ExecutionResult::Halt { reason, .. } => Err(match reason {
            HaltReason::OutOfGas(_) => ChainError::OutOfGas { limit: GAS_LIMIT },
            HaltReason::CreateContractSizeLimit => ChainError::CodeTooLarge { limit: CODE_LIMIT },
            reason => ChainError::Halted { reason: reason.to_string() },
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::hex;
    use veilmark_files::{Classified, Kind};
    use veilmark_verifier_contract::artifacts::data_contract_init_code;

    const SENDER: Address = Address::repeat_byte(0xaa);
    /// Adds one to slot 0 and emits the sum with topic 42.
    const COUNTER: [u8; 17] = hex!("5f54600101805f555f52602a60205fa100");

    fn deploy(chain: &EmbeddedChain, runtime_code: &[u8]) -> Result<Receipt, ChainError> {
        chain.deploy(data_contract_init_code(runtime_code).unwrap(), SENDER)
    }

    fn counter(chain: &EmbeddedChain) -> Address {
        deploy(chain, &COUNTER).unwrap().created.unwrap()
    }

    fn counted(chain: &EmbeddedChain, counter: Address) -> Vec<U256> {
        let logs = chain.logs(counter, &[Some(B256::with_last_byte(42))]).unwrap();
        logs.iter().map(|log| U256::from_be_slice(&log.data)).collect()
    }

    #[test]
    fn the_state_survives_closing() {
        let folder = tempfile::tempdir().unwrap();
        let chain = EmbeddedChain::open(folder.path()).unwrap();
        let counter = counter(&chain);
        let first = chain.transact(SENDER, counter, Vec::new()).unwrap();
        assert_eq!((first.block_number, first.logs.len()), (2, 1));
        drop(chain);

        let chain = EmbeddedChain::open(folder.path()).unwrap();
        assert_eq!(chain.block_number().unwrap(), 2);
        assert_eq!(chain.code(counter).unwrap()[..], COUNTER);
        let second = chain.transact(SENDER, counter, Vec::new()).unwrap();
        assert!(second.timestamp >= first.timestamp);
        assert_eq!(counted(&chain, counter), [U256::from(1), U256::from(2)]);
        assert!(chain.logs(SENDER, &[]).unwrap().is_empty());
        assert!(chain.logs(counter, &[Some(B256::ZERO)]).unwrap().is_empty());
        assert_eq!(chain.logs(counter, &[None]).unwrap().len(), 2);
    }

    #[test]
    fn a_call_changes_nothing_and_costs_what_the_transaction_costs() {
        let folder = tempfile::tempdir().unwrap();
        let chain = EmbeddedChain::open(folder.path()).unwrap();
        let counter = counter(&chain);
        let called = chain.call(SENDER, counter, vec![1, 2, 3]).unwrap();
        assert!(counted(&chain, counter).is_empty());
        assert_eq!(chain.transact(SENDER, counter, vec![1, 2, 3]).unwrap().gas_used, called.gas_used);
    }

    #[test]
    fn failed_transactions_leave_no_trace_and_say_why() {
        let folder = tempfile::tempdir().unwrap();
        let chain = EmbeddedChain::open(folder.path()).unwrap();
        let at = |code: &[u8]| deploy(&chain, code).unwrap().created.unwrap();
        let endless = at(&hex!("5b5f56"));
        let panics = at(&hex!("634e487b715f5260116020526024601cfd"));
        let silent = at(&hex!("5f5ffd"));
        let invalid = at(&hex!("fe"));
        let before = chain.block_number().unwrap();

        assert!(matches!(chain.transact(SENDER, endless, vec![]), Err(ChainError::OutOfGas { limit: GAS_LIMIT })));
        let error = chain.transact(SENDER, panics, vec![]).unwrap_err();
        assert_eq!(error.to_string(), "the contract refused: Panic(code 0x11)");
        let error = chain.transact(SENDER, silent, vec![]).unwrap_err();
        assert_eq!(error.to_string(), "the contract refused: no reason given");
        assert!(matches!(chain.transact(SENDER, invalid, vec![]), Err(ChainError::Halted { .. })));
        assert!(matches!(chain.transact(SENDER, SENDER, vec![]), Err(ChainError::NoCode { address: SENDER })));
        assert!(matches!(chain.call(SENDER, SENDER, vec![]), Err(ChainError::NoCode { .. })));
        assert_eq!(chain.block_number().unwrap(), before);
    }

    #[test]
    fn code_may_be_as_long_as_a_chain_accepts_and_no_longer() {
        let folder = tempfile::tempdir().unwrap();
        let chain = EmbeddedChain::open(folder.path()).unwrap();
        assert!(deploy(&chain, &vec![0; CODE_LIMIT]).is_ok());
        // Init code that returns one byte more: PUSH2 24577, PUSH0, RETURN.
        let longer = hex!("6160015ff3").to_vec();
        assert!(matches!(chain.deploy(longer, SENDER), Err(ChainError::CodeTooLarge { limit: CODE_LIMIT })));
    }

    #[test]
    fn several_transactions_are_one_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let chain = EmbeddedChain::open(folder.path()).unwrap();
        let counter = counter(&chain);
        let outcome = chain.exclusively(|session| {
            session.transact(SENDER, counter, vec![])?;
            session.transact(SENDER, SENDER, vec![])
        });
        assert!(outcome.is_err());
        assert!(counted(&chain, counter).is_empty());
        chain.exclusively(|session| session.transact(SENDER, counter, vec![])).unwrap();
        assert_eq!(counted(&chain, counter), [U256::from(1)]);
    }

    #[test]
    fn two_handles_of_one_folder_see_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let one = EmbeddedChain::open(folder.path()).unwrap();
        let two = EmbeddedChain::open(folder.path()).unwrap();
        let counter = counter(&one);
        two.transact(SENDER, counter, vec![]).unwrap();
        one.transact(SENDER, counter, vec![]).unwrap();
        assert_eq!(counted(&two, counter), [U256::from(1), U256::from(2)]);
    }

    #[test]
    fn a_damaged_state_is_named_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let chain = EmbeddedChain::open(folder.path()).unwrap();
        let counter = counter(&chain);
        let path = folder.path().join(STATE_FILE);
        let whole = std::fs::read(&path).unwrap();
        let mut garbled = whole.clone();
        garbled[40] ^= 1;
        for damaged in [&whole[..whole.len() / 2], &[], &garbled] {
            std::fs::write(&path, damaged).unwrap();
            let error = EmbeddedChain::open(folder.path()).unwrap_err();
            assert!(matches!(&error, ChainError::Damaged { path: named, .. } if *named == path), "{error}");
            assert!(error.to_string().contains("chain.state") && error.kind() == Kind::ChainDamaged, "{error}");
            assert_eq!(std::fs::read(&path).unwrap(), damaged, "it is left as it is");
        }
        std::fs::write(&path, [&whole[..15], &[9], &whole[16..]].concat()).unwrap();
        let error = EmbeddedChain::open(folder.path()).unwrap_err();
        assert!(matches!(error, ChainError::OtherVersion { expected: 1, got: 9, .. }));
        std::fs::write(&path, &whole).unwrap();
        assert!(counted(&EmbeddedChain::open(folder.path()).unwrap(), counter).is_empty());
    }

    #[test]
    fn time_does_not_run_backwards() {
        let future = u64::MAX / 2;
        let mut session = Session::on(CHAIN_ID);
        session.state.timestamp = future;
        let receipt = session.deploy(data_contract_init_code(&COUNTER).unwrap(), SENDER).unwrap();
        assert_eq!(receipt.timestamp, future);
    }

    #[test]
    fn a_writer_waits_for_another_for_as_long_as_it_takes() {
        let folder = tempfile::tempdir().unwrap();
        let chain = EmbeddedChain::open(folder.path()).unwrap();
        let counter = counter(&chain);
        let (started, wait) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let slow = EmbeddedChain::open(folder.path()).unwrap();
                slow.exclusively(|session| {
                    started.send(()).unwrap();
                    std::thread::sleep(PATIENCE + PATIENCE / 5);
                    session.transact(SENDER, counter, vec![])
                })
                .unwrap();
            });
            wait.recv().unwrap();
            assert!(counted(&chain, counter).is_empty(), "a reader does not wait");
            chain.transact(SENDER, counter, vec![]).unwrap();
        });
        assert_eq!(counted(&chain, counter), [U256::from(1), U256::from(2)]);
    }

    /// In a process of its own if the variable names a folder: see the next test.
    const FOLDER_VARIABLE: &str = "VEILMARK_TEST_CHAIN_FOLDER";

    #[test]
    fn twenty_transactions() {
        let own = tempfile::tempdir().unwrap();
        let folder = std::env::var_os(FOLDER_VARIABLE).map_or_else(|| own.path().to_owned(), PathBuf::from);
        let chain = EmbeddedChain::open(&folder).unwrap();
        let before = chain.block_number().unwrap();
        for _ in 0..20 {
            counter(&chain);
        }
        assert!(chain.block_number().unwrap() >= before + 20);
    }

    #[test]
    fn two_processes_and_two_threads_at_once_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let chain = EmbeddedChain::open(folder.path()).unwrap();
        let counter = counter(&chain);
        let process = || {
            std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "chain::embedded::tests::twenty_transactions"])
                .env(FOLDER_VARIABLE, folder.path())
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap()
        };
        let mut processes = [process(), process()];
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let chain = EmbeddedChain::open(folder.path()).unwrap();
                    for _ in 0..20 {
                        chain.transact(SENDER, counter, vec![]).unwrap();
                    }
                });
            }
        });
        assert!(processes.iter_mut().all(|process| process.wait().unwrap().success()));
        assert_eq!(chain.block_number().unwrap(), 1 + 4 * 20);
        let expected: Vec<_> = (1..=40).map(U256::from).collect();
        assert_eq!(counted(&chain, counter), expected);
    }
}
