// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IClaimVerifier} from "../src/IClaimVerifier.sol";

/// @title Stands in for a generated verifier in tests of the contracts' own logic
/// @notice Proves nothing. A "proof" is the points that the claim's proofs begin with, and the digest of everything that
/// the router passes on, so that a test sees any difference in what is passed.
contract MockClaimVerifier is IClaimVerifier {
    /// @notice The last word of the "proof" is not the digest of the call.
    error MockRejected(bytes32 expected, bytes32 got);

    /// @inheritdoc IClaimVerifier
    bytes32 public immutable claimId;
    /// @inheritdoc IClaimVerifier
    uint256 public immutable publicInputCount;
    /// @inheritdoc IClaimVerifier
    bytes32 public constant constraintSystemDigest = bytes32(type(uint256).max / 255 * 0xc5);

    constructor(bytes32 claim, uint256 inputs) {
        claimId = claim;
        publicInputCount = inputs;
    }

    /// @inheritdoc IClaimVerifier
    function verify(address vk, uint256[] calldata publicInputs, bytes calldata proof) external pure {
        uint256 points = proof.length - 32;
        bytes32 expected = keccak256(abi.encode(vk, publicInputs, keccak256(proof[:points])));
        bytes32 got = bytes32(proof[points:]);
        if (got != expected) revert MockRejected(expected, got);
    }
}
