// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @dev The part of Arbitrum's system contract that is asked.
interface IArbSys {
    /// @notice The number of the current block of this chain.
    function arbBlockNumber() external view returns (uint256);
}

/// @dev Where Arbitrum's chains have it; no other chain has anything there, and nobody can deploy there.
IArbSys constant ARB_SYS = IArbSys(address(100));

/// @dev Whether `block.number` is another chain's: on Arbitrum it is about Ethereum's, and finds no block of this one.
function countsBlocksElsewhere() view returns (bool) {
    (bool success, bytes memory answer) = address(ARB_SYS).staticcall(abi.encodeCall(IArbSys.arbBlockNumber, ()));
    return success && answer.length == 32;
}
