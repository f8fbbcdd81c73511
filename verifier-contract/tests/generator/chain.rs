//! A main net after Osaka, in memory, one transaction a call.

use alloy_primitives::{Address, Bytes, TxKind, U256};
use revm::{
    Context, ExecuteCommitEvm, InspectEvm, Inspector, MainBuilder, MainContext,
    context::{
        TxEnv,
        result::{ExecutionResult, Output},
    },
    database::{CacheDB, EmptyDB},
    interpreter::{CallInputs, CallOutcome},
    primitives::hardfork::SpecId,
};
use std::collections::BTreeMap;
use veilmark_verifier_contract::Refusal;

/// EIP-7825.
const GAS_LIMIT: u64 = 1 << 24;

#[derive(Debug, Default)]
pub(crate) struct Chain {
    db: CacheDB<EmptyDB>,
    nonce: u64,
}

/// What the chain said to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// `Ok` with the output, `Err` with the revert data; `None` where the EVM halted.
    pub(crate) result: Option<Result<Bytes, Bytes>>,
    /// Gas of the whole transaction.
    pub(crate) gas: u64,
    /// Calls and gas of each precompile.
    pub(crate) precompiles: BTreeMap<Address, (u64, u64)>,
}

impl Answer {
    pub(crate) fn accepted(&self) -> bool {
        matches!(&self.result, Some(Ok(output)) if output.is_empty())
    }

    /// The typed error; `None` for anything else, an acceptance included.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        match &self.result {
            Some(Err(data)) => Refusal::decode(data),
            _ => None,
        }
    }

    pub(crate) fn precompile_gas(&self) -> u64 {
        self.precompiles.values().map(|(_, gas)| gas).sum()
    }
}

#[derive(Debug, Default)]
struct Precompiles(BTreeMap<Address, (u64, u64)>);

impl<CTX> Inspector<CTX> for Precompiles {
    fn call_end(&mut self, _: &mut CTX, inputs: &CallInputs, outcome: &mut CallOutcome) {
        if inputs.bytecode_address <= Address::with_last_byte(0xff) {
            let (calls, gas) = self.0.entry(inputs.bytecode_address).or_default();
            *calls += 1;
            *gas += outcome.result.gas.total_gas_spent();
        }
    }
}

impl Chain {
    pub(crate) fn deploy(&mut self, init_code: Vec<u8>) -> Address {
        let tx = self.transaction(TxKind::Create, init_code, GAS_LIMIT);
        let mut evm = Context::mainnet()
            .with_db(&mut self.db)
            .modify_cfg_chained(|cfg| cfg.set_spec_and_mainnet_gas_params(SpecId::OSAKA))
            .build_mainnet();
        self.nonce += 1;
        match evm.transact_commit(tx).expect("the transaction is well formed") {
            ExecutionResult::Success { output: Output::Create(_, Some(address)), .. } => address,
            other => panic!("not deployed: {other:?}"),
        }
    }

    pub(crate) fn call(&mut self, to: Address, data: Vec<u8>) -> Answer {
        self.call_with_gas(to, data, GAS_LIMIT)
    }

    pub(crate) fn call_with_gas(&mut self, to: Address, data: Vec<u8>, gas_limit: u64) -> Answer {
        let tx = self.transaction(TxKind::Call(to), data, gas_limit);
        let mut precompiles = Precompiles::default();
        let result = Context::mainnet()
            .with_db(&mut self.db)
            .modify_cfg_chained(|cfg| cfg.set_spec_and_mainnet_gas_params(SpecId::OSAKA))
            .build_mainnet_with_inspector(&mut precompiles)
            .inspect_tx(tx)
            .expect("the transaction is well formed")
            .result;
        let gas = result.tx_gas_used();
        let result = match result {
            ExecutionResult::Success { output, .. } => Some(Ok(output.into_data())),
            ExecutionResult::Revert { output, .. } => Some(Err(output)),
            ExecutionResult::Halt { .. } => None,
        };
        Answer { result, gas, precompiles: precompiles.0 }
    }

    fn transaction(&self, kind: TxKind, data: Vec<u8>, gas_limit: u64) -> TxEnv {
        TxEnv::builder()
            .caller(Address::repeat_byte(0xaa))
            .kind(kind)
            .data(data.into())
            .value(U256::ZERO)
            .gas_limit(gas_limit)
            .nonce(self.nonce)
            .build()
            .expect("the transaction is complete")
    }
}
