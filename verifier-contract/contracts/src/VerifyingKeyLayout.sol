// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

bytes32 constant VK_MAGIC = "veilmark vk v1";
uint256 constant VK_FLAG_UNSAFE_DEVELOPMENT = 1;
uint256 constant VK_HEADER_WORDS = 7;
uint256 constant VK_WORD_MAGIC = 0;
uint256 constant VK_WORD_SRS_ID = 2;
uint256 constant VK_WORD_FLAGS = 3;
uint256 constant VK_WORD_K = 4;
uint256 constant VK_WORD_WIDTH = 5;
uint256 constant VK_WORD_HEIGHT = 6;
