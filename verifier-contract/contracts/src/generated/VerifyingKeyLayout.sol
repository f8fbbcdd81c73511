// SPDX-License-Identifier: MIT OR Apache-2.0
// Generated from the generator's own constants. Do not edit: `cargo xtask contracts` makes this file.
pragma solidity 0.8.37;

// The part of a verifying key's code that every circuit has: one STOP byte, then words.

/// @dev Names the format and its version.
bytes32 constant VK_MAGIC = keccak256("veilmark verifying key v1");
/// @dev Words before those that say what the key is for.
uint256 constant VK_HEADER_WORDS = 7;
/// @dev Most words that say what a key is for.
uint256 constant VK_MAX_SUBJECT_WORDS = 8;
/// @dev How many words the router reads.
uint256 constant VK_READ_WORDS = 15;
/// @dev The only flag: someone knows the secret of the setup.
uint256 constant VK_FLAG_UNSAFE_DEVELOPMENT = 1;
/// @dev Names the format and its version: `VK_MAGIC`.
uint256 constant VK_WORD_MAGIC = 0;
/// @dev The claim that the key is for: so nobody can add it to another.
uint256 constant VK_WORD_CLAIM_ID = 1;
/// @dev The constraint system that the key is of.
uint256 constant VK_WORD_CONSTRAINT_SYSTEM = 2;
/// @dev The trusted setup.
uint256 constant VK_WORD_SRS_ID = 3;
/// @dev `VK_FLAG_UNSAFE_DEVELOPMENT` or nothing.
uint256 constant VK_WORD_FLAGS = 4;
/// @dev The circuit has `2^k` rows.
uint256 constant VK_WORD_K = 5;
/// @dev How many words follow that say what the key is for.
uint256 constant VK_WORD_SUBJECT_WORDS = 6;
