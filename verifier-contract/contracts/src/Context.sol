// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

bytes32 constant CONTEXT_DOMAIN = keccak256("veilmark context v1");

/// @dev The public input that binds a proof to this chain, a contract and a registrant. The chain's id is asked for every time:
/// after a fork a proof counts on one side only.
function proofContext(address registry, address registrant) view returns (uint256) {
    // One byte is dropped so that the value is below the order of the scalar field.
    return uint256(keccak256(abi.encode(CONTEXT_DOMAIN, block.chainid, registry, registrant))) >> 8;
}
