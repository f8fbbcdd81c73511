// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// @title Checks proofs of one claim
/// @notice One implementation per claim is generated from its circuit. It is stateless and immutable; the verifying
/// key, and with it the parameters of the trusted setup, is data of another contract.
interface IClaimVerifier {
    /// @notice Returns without a value when `proof` proves the claim, and reverts with a typed error otherwise.
    /// @dev Says nothing about where `vk` comes from: the caller must name a verifying key that it trusts. The transcript begins
    /// with the hash of the key's code, so a proof holds under one key only.
    /// @param vk Contract whose runtime code is the verifying key.
    /// @param publicInputs The claim's public inputs; each must be below the order of the scalar field.
    /// @param proof The proof; it begins with the points of the claim's commitments.
    function verify(address vk, uint256[] calldata publicInputs, bytes calldata proof) external view;

    /// @notice The claim whose proofs are checked.
    function claimId() external view returns (bytes32);

    /// @notice The constraint system whose proofs are checked; a verifying key of it carries the same digest.
    /// @dev Code that is no verifier may answer `verify` with a success that means nothing; it does not answer this.
    function constraintSystemDigest() external view returns (bytes32);

    /// @notice How many public inputs a statement has.
    function publicInputCount() external view returns (uint256);
}
