// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @dev Words of a statement's encoding before its extra words: five hashes, the tolerance, where the extra words begin, and
/// their number.
uint256 constant STATEMENT_WORDS = 8;

/// @dev Whether `data` ends with a statement that begins at a word, in the one encoding that `abi.encode` gives: one thing stated,
/// one encoding. What passes can be decoded.
function endsWithStatement(bytes calldata data, uint256 word) pure returns (bool) {
    if (data.length < 32 * (word + STATEMENT_WORDS) || data.length % 32 != 0) return false;
    uint256 extra = data.length / 32 - word - STATEMENT_WORDS;
    return wordAt(data, word + 5) <= type(uint8).max && wordAt(data, word + 6) == 32 * (STATEMENT_WORDS - 1)
        && wordAt(data, word + 7) == extra;
}

/// @dev Whether a word of `data` is an address. The word must be within the data.
function isAddress(bytes calldata data, uint256 word) pure returns (bool) {
    return wordAt(data, word) >> 160 == 0;
}

/// @dev A word of `data`, which must be within it.
function wordAt(bytes calldata data, uint256 word) pure returns (uint256) {
    return uint256(bytes32(data[32 * word:32 * word + 32]));
}
