// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ClaimRouter} from "../src/ClaimRouter.sol";
import {IClaimRouter} from "../src/IClaimRouter.sol";

/// @title Makes a router and adds a verifier that destroys itself in the same transaction
/// @notice Only in that way can a contract's code vanish; the router has to notice.
contract MockVanishingOwner {
    /// @notice The router that this contract made and owns.
    ClaimRouter public router;

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
        router = new ClaimRouter(address(this), address(this), 0, new IClaimRouter.ClaimInput[](0));
        router.addClaim("vanishing", IClaimRouter.Statement.Fingerprint, verifier);
        router.addKey("vanishing", vk);
        (bool success,) = verifier.call("");
        require(success);
    }
}
