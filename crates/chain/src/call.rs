//! Questions to contracts that any account may ask.

use crate::ChainError;
use alloy_primitives::Address;
use alloy_sol_types::SolCall;

/// Who asks where it does not matter who does.
pub(crate) const READER: Address = Address::ZERO;

/// What a contract answered.
pub(crate) fn decode<F: SolCall>(address: Address, output: &[u8]) -> Result<F::Return, ChainError> {
    F::abi_decode_returns_validate(output)
        .map_err(|_| ChainError::Malformed { address, function: F::SIGNATURE.split('(').next().unwrap_or_default() })
}
