// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @dev `0x` and 64 lower-case hex digits: a few hundred gas, where a loop takes ten thousand.
function toHex(bytes32 word) pure returns (string memory) {
    return string(bytes.concat("0x", _digits(uint128(bytes16(word))), _digits(uint128(uint256(word)))));
}

/// @dev 16 bytes as 32 digits: each half byte moves to a byte of its own, all at once, and becomes a character.
function _digits(uint128 half) pure returns (bytes32) {
    uint256 x = half;
    x = (x | (x << 64)) & 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff;
    x = (x | (x << 32)) & 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;
    x = (x | (x << 16)) & 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff;
    x = (x | (x << 8)) & 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;
    x = (x | (x << 4)) & 0x0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f;
    // Six added carries a digit above nine into bit 4, so this has a one in each byte of a letter.
    uint256 letters = ((x + 0x0606060606060606060606060606060606060606060606060606060606060606) >> 4)
        & 0x0101010101010101010101010101010101010101010101010101010101010101;
    // '0' is 0x30, 'a' is 39 above where it would be; no byte exceeds 0x66, so no product or sum carries over.
    return bytes32(x + 0x3030303030303030303030303030303030303030303030303030303030303030 + letters * 39);
}
