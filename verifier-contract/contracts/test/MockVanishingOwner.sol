// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ContentRegistry} from "../src/ContentRegistry.sol";
import {IContentRegistry} from "../src/IContentRegistry.sol";

/// @title Makes a registry and pins a verifier that destroys itself in the same transaction
/// @notice Only in that way can a contract's code vanish; the registry has to notice.
contract MockVanishingOwner {
    /// @notice The registry that this contract made and owns.
    ContentRegistry public registry;

    constructor(address vk) {
        // Init code of a contract that destroys itself upon a call without data, and answers any other with a word: the
        // digest of the mock's constraint system.
        bytes memory initCode = bytes.concat(
            hex"602e8060093d393df3", hex"366006575fff5b7f", bytes32(type(uint256).max / 255 * 0xc5), hex"5f5260205ff3"
        );
        address verifier;
        assembly ("memory-safe") {
            verifier := create(0, add(initCode, 32), mload(initCode))
        }
        registry = new ContentRegistry(address(this), new IContentRegistry.PinInput[](0));
        registry.pin(verifier, vk);
        (bool success,) = verifier.call("");
        require(success);
    }
}
