// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

// The part of a verifying key's code that every circuit has: one STOP byte, then words. The generator of the verifiers
// defines the layout; a test compares what the registry reads by these constants with what the generator reads.

/// @dev Names the format and its version.
bytes32 constant VK_MAGIC = keccak256("veilmark verifying key v1");
/// @dev How many words the registry reads.
uint256 constant VK_WORDS = 8;
uint256 constant VK_WORD_MAGIC = 0;
uint256 constant VK_WORD_CONSTRAINT_SYSTEM = 1;
uint256 constant VK_WORD_SRS_ID = 2;
uint256 constant VK_WORD_FLAGS = 3;
uint256 constant VK_WORD_K = 4;
uint256 constant VK_WORD_WIDTH = 5;
uint256 constant VK_WORD_HEIGHT = 6;
/// @dev Names the model's architecture; zero for a claim without a model.
uint256 constant VK_WORD_ARCHITECTURE = 7;
/// @dev The only flag: someone knows the secret of the setup.
uint256 constant VK_FLAG_UNSAFE_DEVELOPMENT = 1;
