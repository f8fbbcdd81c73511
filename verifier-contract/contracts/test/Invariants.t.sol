// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ClaimRouter} from "../src/ClaimRouter.sol";
import {ContentRegistry} from "../src/ContentRegistry.sol";
import {IClaimRouter} from "../src/IClaimRouter.sol";
import {IContentRegistry} from "../src/IContentRegistry.sol";
import {Record} from "../src/Types.sol";
import {Base} from "./Base.sol";
import {bound, vm} from "./Forge.sol";

/// @dev Whatever anyone may do, in any order: honest and dishonest registrations, revocations, pauses, proofs of the impossible,
/// reviews, removals. Keeps an account of what ought to be there.
contract Actor is Base {
    /// @dev Four keys of two setups: three reviewed, the last one crafted by anyone.
    bytes32[4] public keys;
    bytes32[] public expected;
    mapping(bytes32 recordId => bytes) public recordOf;
    mapping(bytes32 recordId => uint256) public registeredAt;
    mapping(bytes32 recordId => bool) public revoked;
    mapping(bytes32 vkHash => bool) public dead;
    bool public claimDead;
    uint256 public pausedUntil;
    uint256 public reviewed = 3;
    bool public forged;

    constructor() {
        setUp();
        keys[0] = vkFingerprint;
        keys[1] = router.addKey(key(FINGERPRINT, bytes32(uint256(0xbad)), 1, 10));
        keys[2] = router.addKey(key(FINGERPRINT, bytes32(uint256(0xbad)), 1, 11));
        keys[3] = router.addKey(key(FINGERPRINT, bytes32(uint256(0xbaad)), 1, 12));
        review(keys[1]);
        review(keys[2]);
    }

    function theRouter() external view returns (ClaimRouter) {
        return router;
    }

    function registry() external view returns (ContentRegistry) {
        return content;
    }

    function claim() external view returns (bytes32) {
        return FINGERPRINT;
    }

    function expectedCount() external view returns (uint256) {
        return expected.length;
    }

    function someone(uint256 seed) private pure returns (address) {
        return address(uint160(0x1000 + seed % 3));
    }

    function recordFor(uint256 which, uint256 image, address registrant)
        private
        view
        returns (Record memory record, bytes memory proof)
    {
        (record,) = fingerprintRecord(1, FP, 9, registrant);
        record.vkHash = keys[which % 4];
        bytes32 srsId = router.keyOf(record.vkHash).srsId;
        record.statement.imageCommitment = keccak256(
            bytes.concat(
                abi.encode(keccak256("veilmark image commitment v1"), srsId, K, WIDTH, HEIGHT), points(image % 5, 3)
            )
        );
        proof = prove(record, points(image % 5, 3));
    }

    /// @dev The same proof is tried by its registrant and by others, once and again.
    function register(uint256 which, uint256 image, uint256 registrant, uint256 sender) external {
        (Record memory record, bytes memory proof) = recordFor(which, image, someone(registrant));
        tryRegister(record, proof, someone(sender), someone(registrant) == someone(sender));
    }

    function registerForged(uint256 which, uint256 image, uint256 sender, uint256 place, uint8 bits) external {
        (Record memory record, bytes memory proof) = recordFor(which, image, someone(sender));
        proof[place % proof.length] ^= bytes1(uint8(bound(bits, 1, 255)));
        tryRegister(record, proof, someone(sender), false);
    }

    function tryRegister(Record memory record, bytes memory proof, address sender, bool honest) private {
        vm.prank(sender);
        try content.register(record, proof) returns (bytes32 recordId) {
            bool refuses = dead[record.vkHash] || claimDead || block.timestamp < pausedUntil;
            if (!honest || refuses || registeredAt[recordId] != 0) forged = true;
            expected.push(recordId);
            recordOf[recordId] = abi.encode(record);
            registeredAt[recordId] = block.timestamp;
        } catch {}
    }

    function revoke(uint256 which, uint256 sender) external {
        if (expected.length == 0) return;
        bytes32 recordId = expected[which % expected.length];
        Record memory record = abi.decode(recordOf[recordId], (Record));
        vm.prank(someone(sender));
        try content.revoke(record) {
            if (someone(sender) != record.registrant || revoked[recordId]) forged = true;
            revoked[recordId] = true;
        } catch {}
    }

    function pause(uint256 seed) external {
        vm.prank(seed % 4 == 0 ? guardian : someone(seed));
        try router.pause(FINGERPRINT) {
            if (seed % 4 != 0 || (pausedUntil != 0 && block.timestamp < pausedUntil + 14 days)) forged = true;
            pausedUntil = block.timestamp + 14 days;
        } catch {}
    }

    /// @dev Rarely, or there is nothing left to do.
    function proveTheImpossible(uint256 which, uint256 seed) external {
        if (seed % 8 != 0) return;
        uint256[] memory inputs = new uint256[](4);
        inputs[2] = 512;
        bytes32 vkHash = keys[which % 4];
        bytes memory proof = proveInputs(vkHash, inputs, points(1, 3));
        vm.prank(someone(seed));
        try router.stopWithProof(vkHash, inputs, proof) {
            if (dead[vkHash] || claimDead) forged = true;
            dead[vkHash] = true;
        } catch {}
        // The owner removes nothing here: dead reviewed keys of both setups died by proof.
        bool isReviewed = which % 4 < reviewed;
        if (isReviewed && dead[keys[0]] && (dead[keys[1]] || dead[keys[2]] || (reviewed == 4 && dead[keys[3]]))) {
            claimDead = true;
        }
        // A fourth key, reviewed, is of a third setup.
        if (isReviewed && reviewed == 4 && dead[keys[3]] && !crafted && (dead[keys[1]] || dead[keys[2]])) {
            claimDead = true;
        }
    }

    /// @dev The crafted key ended before it was reviewed: it counts for nothing.
    bool public crafted;

    function reviewCrafted(uint256 seed) external {
        if (seed % 8 != 0) return;
        if (dead[keys[3]] && reviewed == 3) crafted = true;
        vm.prank(owner);
        try router.proposeReview(keys[3]) {} catch {}
        vm.prank(seed % 16 == 0 ? owner : someone(seed));
        try router.reviewKey(keys[3]) {
            if (seed % 16 != 0 || dead[keys[3]] || claimDead) forged = true;
            reviewed = 4;
        } catch {}
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + time % 10 days);
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
        targets[0].selectors[4] = Actor.pause.selector;
        targets[0].selectors[5] = Actor.proveTheImpossible.selector;
        targets[0].selectors[6] = Actor.reviewCrafted.selector;
        targets[0].selectors[7] = Actor.wait.selector;
    }

    function invariant_NobodyRegistersWithoutAValidProofOfTheirOwn() external view {
        vm.assertFalse(_actor.forged());
    }

    function invariant_ARecordIsWhatItWasAndItsStatusFollows() external view {
        ContentRegistry registry = _actor.registry();
        for (uint256 i = 0; i < _actor.expectedCount(); ++i) {
            bytes32 recordId = _actor.expected(i);
            Record memory record = abi.decode(_actor.recordOf(recordId), (Record));
            (IContentRegistry.Entry memory entry, IContentRegistry.Status status) = registry.read(record);
            vm.assertEq(registry.recordIdOf(record), recordId);
            vm.assertEq(entry.timestamp, _actor.registeredAt(recordId));
            vm.assertEq(entry.vkHash, record.vkHash);
            vm.assertEq(entry.revokedAt != 0, _actor.revoked(recordId));
            vm.assertEq(status == IContentRegistry.Status.Revoked, _actor.revoked(recordId));
            IClaimRouter.Standing memory standing = _actor.theRouter().standingOf(record.vkHash);
            if (status == IContentRegistry.Status.Valid) {
                vm.assertTrue(standing.reviewed && standing.reason == IClaimRouter.Reason.None);
            }
            if (status == IContentRegistry.Status.ValidBeforeStop) {
                vm.assertTrue(standing.reviewed && entry.timestamp < standing.doubtfulSince);
            }
        }
    }

    function invariant_AnEndIsForGoodAndOneSetupEndsNoClaim() external view {
        ClaimRouter router = _actor.theRouter();
        bool paused = block.timestamp < _actor.pausedUntil();
        vm.assertEq(router.claimOf(_actor.claim()).endedAt != 0, _actor.claimDead());
        for (uint256 i = 0; i < 4; ++i) {
            bytes32 vkHash = _actor.keys(i);
            bool ended = _actor.dead(vkHash) || _actor.claimDead();
            vm.assertEq(router.standingOf(vkHash).endedAt != 0, ended);
            vm.assertEq(router.answers(vkHash), !ended && !paused);
        }
    }
}
