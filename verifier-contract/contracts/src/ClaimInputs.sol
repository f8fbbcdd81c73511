// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

// What every claim's public inputs have in common.

/// @dev Largest Hamming distance at which two PDQ fingerprints match.
uint8 constant MAX_TOLERANCE = 31;

bytes32 constant CONTEXT_DOMAIN = keccak256("veilmark context v1");

/// @dev The public input that binds a proof to this chain, a contract and a registrant.
function proofContext(address registry, address registrant) view returns (uint256) {
    // One byte is dropped so that the value is below the order of the scalar field.
    return uint256(keccak256(abi.encode(CONTEXT_DOMAIN, block.chainid, registry, registrant))) >> 8;
}

/// @dev The public inputs of any claim; a committed fingerprint has its salted hash in the fingerprint's place, which its
/// circuit does not read, and a claim without one has zeros.
function claimInputs(bytes32 fingerprint, uint8 tolerance, uint256 context) pure returns (uint256[4] memory) {
    return [uint256(uint128(uint256(fingerprint))), uint256(fingerprint) >> 128, uint256(tolerance), context];
}
