// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ClaimRouter} from "../src/ClaimRouter.sol";
import {ContentRegistry} from "../src/ContentRegistry.sol";
import {IContentRegistry} from "../src/IContentRegistry.sol";
import {Base} from "./Base.sol";
import {bound, vm} from "./Forge.sol";

/// @dev Whatever anyone may do, in any order: honest and dishonest registrations, revocations, stops, removals. Keeps an
/// account of what ought to be there.
contract Actor is Base {
    bytes32 private constant FP = bytes32(type(uint256).max / 3);

    bytes32[] public expected;
    mapping(bytes32 recordId => bytes32) public hashOf;
    mapping(bytes32 recordId => bool) public revoked;
    mapping(bytes32 vkHash => bool) public dead;
    bool public forged;
    bytes32[3] public keys;
    uint256 private _modelId;

    constructor() {
        setUp();
        keys = [vkFingerprint, vkGeneration, vkAuthenticity];
        _modelId = registerModel(3, owner);
    }

    function theRouter() external view returns (ClaimRouter) {
        return router;
    }

    function registry() external view returns (ContentRegistry) {
        return content;
    }

    function expectedCount() external view returns (uint256) {
        return expected.length;
    }

    function someone(uint256 seed) private pure returns (address) {
        return address(uint160(0x1000 + seed % 3));
    }

    function statement(uint256 which) private pure returns (bytes32 fingerprint, uint8 tolerance) {
        return which % 3 == 1 ? (bytes32(0), 0) : (FP, 9);
    }

    function proofOf(uint256 which, uint256 image, address registrant) public view returns (bytes memory) {
        (bytes32 fingerprint, uint8 tolerance) = statement(which);
        bytes memory leading = which % 3 == 0 ? points(image % 5) : points(image % 5, 2, 3);
        return prove(keys[which % 3], inputsOf(fingerprint, tolerance, registrant), leading);
    }

    /// @dev The same proof is tried by its registrant and by others, once and again.
    function register(uint256 which, uint256 image, uint256 registrant, uint256 sender) external {
        bytes memory proof = proofOf(which, image, someone(registrant));
        tryRegister(which, proof, someone(sender), someone(registrant) == someone(sender));
    }

    function registerForged(uint256 which, uint256 image, uint256 sender, uint256 place, uint8 bits) external {
        bytes memory proof = proofOf(which, image, someone(sender));
        proof[place % proof.length] ^= bytes1(uint8(bound(bits, 1, 255)));
        tryRegister(which, proof, someone(sender), false);
    }

    function tryRegister(uint256 which, bytes memory proof, address sender, bool honest) private {
        (bytes32 fingerprint, uint8 tolerance) = statement(which);
        vm.prank(sender);
        try content.register(keys[which % 3], fingerprint, tolerance, which % 3 == 0 ? 0 : _modelId, proof) returns (
            bytes32 recordId
        ) {
            if (!honest || dead[keys[which % 3]] || hashOf[recordId] != 0) forged = true;
            expected.push(recordId);
            hashOf[recordId] = lastingPart(recordId);
        } catch {}
    }

    function revoke(uint256 which, uint256 sender) external {
        if (expected.length == 0) return;
        bytes32 recordId = expected[which % expected.length];
        address registrant = content.record(recordId).registrant;
        vm.prank(someone(sender));
        try content.revoke(recordId) {
            if (someone(sender) != registrant || revoked[recordId]) forged = true;
            revoked[recordId] = true;
        } catch {}
    }

    /// @dev Rarely, or there is nothing left to do.
    function stop(uint256 which, uint256 seed) external {
        if (seed % 8 != 0) return;
        vm.prank(seed % 16 == 0 ? guardian : someone(seed));
        try router.stop([FINGERPRINT, GENERATION, AUTHENTICITY][which % 3]) {
            if (seed % 16 != 0) forged = true;
            dead[keys[which % 3]] = true;
        } catch {}
    }

    function remove(uint256 which, uint256 seed) external {
        if (seed % 8 != 0) return;
        vm.prank(seed % 16 == 0 ? owner : someone(seed));
        try router.removeKey(keys[which % 3]) {
            if (seed % 16 != 0) forged = true;
            dead[keys[which % 3]] = true;
        } catch {}
    }

    function deprecate(uint256 seed) external {
        if (seed % 16 != 0) return;
        vm.prank(owner);
        try models.deprecateModel(_modelId) {} catch {}
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + time % 30 days);
    }

    /// @dev All of a record that nobody can change.
    function lastingPart(bytes32 recordId) public view returns (bytes32) {
        IContentRegistry.Record memory record = content.record(recordId);
        record.revokedAt = 0;
        return keccak256(abi.encode(record));
    }
}

contract InvariantsTest {
    Actor private _actor;

    function setUp() external {
        _actor = new Actor();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_actor);
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0].addr = address(_actor);
        targets[0].selectors = new bytes4[](8);
        targets[0].selectors[0] = Actor.register.selector;
        // More of this: the rest needs records.
        targets[0].selectors[1] = Actor.register.selector;
        targets[0].selectors[2] = Actor.registerForged.selector;
        targets[0].selectors[3] = Actor.revoke.selector;
        targets[0].selectors[4] = Actor.stop.selector;
        targets[0].selectors[5] = Actor.remove.selector;
        targets[0].selectors[6] = Actor.deprecate.selector;
        targets[0].selectors[7] = Actor.wait.selector;
    }

    function invariant_NobodyRegistersWithoutAValidProofOfTheirOwn() external view {
        vm.assertFalse(_actor.forged());
        vm.assertEq(_actor.registry().recordCount(), _actor.expectedCount());
    }

    function invariant_ARecordChangesOnlyByItsRegistrantsRevocation() external view {
        for (uint256 i = 0; i < _actor.expectedCount(); ++i) {
            bytes32 recordId = _actor.expected(i);
            vm.assertEq(_actor.lastingPart(recordId), _actor.hashOf(recordId));
            bool revoked = _actor.registry().status(recordId) == IContentRegistry.Status.Revoked;
            vm.assertEq(revoked, _actor.revoked(recordId));
        }
    }

    function invariant_ATombstoneNeverAnswers() external view {
        for (uint256 i = 0; i < 3; ++i) {
            bytes32 vkHash = _actor.keys(i);
            vm.assertEq(_actor.theRouter().answers(vkHash), !_actor.dead(vkHash));
            if (!_actor.dead(vkHash)) continue;
            bytes memory proof = _actor.proofOf(i, 1, address(1));
            uint256[4] memory inputs = [uint256(0), 0, 0, _actor.registry().contextOf(address(1))];
            try _actor.theRouter().verify(vkHash, inputs, proof) {
                revert("a tombstone answered");
            } catch {}
        }
    }
}
