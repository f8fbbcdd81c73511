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
        // Init code that returns the two bytes PUSH0 SELFDESTRUCT.
        bytes memory initCode = hex"615fff5f526002601ef3";
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
