// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// @title ERC-7007 (Final): verifiable AI-generated content tokens
/// @dev The ERC-165 identifier is 0x702c55a6.
interface IERC7007 {
    /// @notice Data was added to a token.
    event AigcData(uint256 indexed tokenId, bytes indexed prompt, bytes indexed aigcData, bytes proof);

    /// @notice Adds data to a token.
    /// @param tokenId The token.
    /// @param prompt The prompt, or its commitment.
    /// @param aigcData What was generated, or its commitment.
    /// @param proof Shows that the one comes of the other.
    function addAigcData(uint256 tokenId, bytes calldata prompt, bytes calldata aigcData, bytes calldata proof) external;

    /// @notice Whether a proof holds.
    /// @param prompt The prompt, or its commitment.
    /// @param aigcData What was generated, or its commitment.
    /// @param proof Shows that the one comes of the other.
    /// @return success Whether it does.
    function verify(bytes calldata prompt, bytes calldata aigcData, bytes calldata proof)
        external
        view
        returns (bool success);
}
