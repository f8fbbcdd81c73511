// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

// The part of a verifying key's code that every circuit has: one STOP byte, then words. The generator of the verifiers
// defines the layout; a test compares what the router reads by these constants with what the generator reads.

/// @dev Names the format and its version.
bytes32 constant VK_MAGIC = keccak256("veilmark verifying key v1");
/// @dev Words before those that say what the key is for.
uint256 constant VK_HEADER_WORDS = 7;
/// @dev Most words that say what a key is for.
uint256 constant VK_MAX_SUBJECT_WORDS = 8;
/// @dev How many words the router reads.
uint256 constant VK_READ_WORDS = 15;
uint256 constant VK_WORD_MAGIC = 0;
/// @dev The claim that the key is for: so nobody can add it to another.
uint256 constant VK_WORD_CLAIM_ID = 1;
uint256 constant VK_WORD_CONSTRAINT_SYSTEM = 2;
uint256 constant VK_WORD_SRS_ID = 3;
uint256 constant VK_WORD_FLAGS = 4;
uint256 constant VK_WORD_K = 5;
/// @dev How many words follow that say what the key is for.
uint256 constant VK_WORD_SUBJECT_WORDS = 6;
/// @dev The only flag: someone knows the secret of the setup.
uint256 constant VK_FLAG_UNSAFE_DEVELOPMENT = 1;
