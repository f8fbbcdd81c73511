// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IArbSys} from "../src/BlockNumber.sol";
import {ClaimRouter} from "../src/ClaimRouter.sol";
import {ContentRegistry} from "../src/ContentRegistry.sol";
import {toHex} from "../src/Hex.sol";
import {AuthenticityToken} from "../src/AuthenticityToken.sol";
import {IAuthenticityToken} from "../src/IAuthenticityToken.sol";
import {IClaimRouter} from "../src/IClaimRouter.sol";
import {IContentRegistry} from "../src/IContentRegistry.sol";
import {IModelRegistry} from "../src/IModelRegistry.sol";
import {ModelRegistry} from "../src/ModelRegistry.sol";
import {Record} from "../src/Types.sol";
import {Base} from "./Base.sol";
import {bound, vm} from "./Forge.sol";
import {MockClaimVerifier} from "./MockClaimVerifier.sol";

/// @dev Arbitrum's system contract.
contract ArbSys is IArbSys {
    function arbBlockNumber() external pure returns (uint256) {
        return 987_654_321;
    }
}

/// @dev A verifier that counts nothing and burns what it is given, as one without enough gas does.
contract HungryVerifier {
    function verify(address, uint256[] calldata, bytes calldata) external pure {
        assembly ("memory-safe") {
            invalid()
        }
    }
}

/// @dev A verifier whose precompile refused.
contract StarvedVerifier {
    error PrecompileFailed();

    function verify(address, uint256[] calldata, bytes calldata) external pure {
        revert PrecompileFailed();
    }
}

/// @dev Records: who makes them, what is stored, what is told.
contract ContentRegistryTest is Base {
    function testFuzz_ARecordTakesOneSlotAndItsEventHasTheRest(uint128 image, bytes32 fingerprint, uint8 tolerance)
        public
    {
        (Record memory record, bytes memory proof) =
            fingerprintRecord(image, fingerprint, uint8(bound(tolerance, 0, 31)), alice);
        bytes32 recordId = keccak256(abi.encode(record));
        vm.assertEq(content.recordIdOf(record), recordId);
        vm.expectEmit(true, true, true, true, address(content));
        emit IContentRegistry.ContentRegistered(
            imageCommitment(image), fingerprint, alice, recordId, FINGERPRINT, true, uint64(block.timestamp), record
        );
        vm.expectEmit(true, true, true, true, address(content));
        emit IContentRegistry.Commit(alice, toHex(imageCommitment(image)), toHex(recordId));
        vm.record();
        vm.assertEq(registerAs(alice, record, proof), recordId);
        (, bytes32[] memory writes) = vm.accesses(address(content));
        for (uint256 i = 1; i < writes.length; ++i) {
            vm.assertEq(writes[i], writes[0]);
        }
        IContentRegistry.Entry memory entry = content.entryOf(recordId);
        vm.assertEq(entry.timestamp, block.timestamp);
        vm.assertEq(entry.blockNumber, block.number);
        vm.assertEq(entry.reservedAt, 0);
        vm.assertEq(entry.revokedAt, 0);
        vm.assertEq(entry.vkHash, vkFingerprint);
        vm.assertEq(statusOf(recordId), uint256(IContentRegistry.Status.Valid));
        IContentRegistry.Status status;
        (entry, status) = content.read(record);
        vm.assertEq(entry.timestamp, block.timestamp);
        vm.assertEq(uint256(status), uint256(IContentRegistry.Status.Valid));
    }

    /// @dev Whoever reads a record on chain gives its data, and cannot give another's.
    function testFuzz_RevertWhen_TheDataIsAnothers(uint256 field, uint256 change) public {
        uint256 modelId = registerModel(3, alice);
        (Record memory record, bytes memory proof) = authenticityRecord(1, 2, 3, modelId, alice);
        registerAs(alice, record, proof);
        bytes32 changed = bytes32(bound(change, 1, type(uint256).max));
        if (field % 10 == 0) record.vkHash ^= changed;
        if (field % 10 == 1) record.registrant = address(uint160(record.registrant) ^ uint160(bound(change, 1, 1e40)));
        if (field % 10 == 2) record.modelId ^= uint256(changed);
        if (field % 10 == 3) record.statement.imageCommitment ^= changed;
        if (field % 10 == 4) record.statement.sourceCommitment ^= changed;
        if (field % 10 == 5) record.statement.fingerprint ^= changed;
        if (field % 10 == 6) record.statement.modelHash ^= changed;
        if (field % 10 == 7) record.statement.promptCommitment ^= changed;
        if (field % 10 == 8) record.statement.tolerance ^= uint8(bound(change, 1, 255));
        if (field % 10 == 9) record.statement.extra = new bytes32[](1);
        bytes32 recordId = content.recordIdOf(record);
        bytes memory unknown = abi.encodeWithSelector(IContentRegistry.UnknownRecord.selector, recordId);
        vm.expectRevert(unknown);
        content.read(record);
        vm.expectRevert(unknown);
        content.status(recordId);
        vm.expectRevert(unknown);
        vm.prank(record.registrant);
        content.revoke(record);
        vm.expectRevert(unknown);
        vm.prank(record.registrant);
        content.showReservation(record, "salt");
    }

    function test_GeneratedContentIsToldByItsModel() public {
        uint256 modelId = registerModel(3, alice);
        (Record memory record, bytes memory proof) = authenticityRecord(1, 2, 3, modelId, alice);
        vm.expectEmit(true, true, true, true, address(content));
        emit IContentRegistry.ContentDerived(0, modelHash(3), modelId, content.recordIdOf(record));
        registerAs(alice, record, proof);
    }

    function test_ACopiedProofIsWorthlessAndTheVictimLosesNothing() public {
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, alice);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.NotRegistrant.selector, alice, mallory));
        registerAs(mallory, record, proof);
        record.registrant = mallory;
        vm.expectPartialRevert(MockClaimVerifier.MockRejected.selector);
        registerAs(mallory, record, proof);
        record.registrant = alice;
        registerAs(alice, record, proof);
    }

    function test_RevertWhen_TheProofIsForAnotherChainOrRegistry() public {
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, alice);
        ContentRegistry other = new ContentRegistry(router, models);
        vm.expectPartialRevert(MockClaimVerifier.MockRejected.selector);
        vm.prank(alice);
        other.register(record, proof);
        vm.chainId(1337);
        vm.expectPartialRevert(MockClaimVerifier.MockRejected.selector);
        registerAs(alice, record, proof);
    }

    function test_EverythingSaidIsAnotherRecord() public {
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 7, alice);
        bytes32 first = registerAs(alice, record, proof);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.AlreadyRegistered.selector, first));
        registerAs(alice, record, proof);
        (record, proof) = fingerprintRecord(1, FP, 8, alice);
        vm.assertTrue(registerAs(alice, record, proof) != first);
    }

    /// @dev Who loses a race does not pay for the verifier: what is refused here is refused before it is asked.
    function test_CheapRefusalsComeBeforeTheVerifier() public {
        uint256 modelId = registerModel(3, alice);
        (Record memory record, bytes memory proof) = generationRecord(1, 2, 3, modelId, alice);
        bytes32 recordId = registerAs(alice, record, proof);
        (Record memory another, bytes memory anothersProof) = generationRecord(5, 2, 3, modelId, alice);
        vm.etch(router.claimOf(GENERATION).verifier, address(new HungryVerifier()).code);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.AlreadyRegistered.selector, recordId));
        registerAs(alice, record, proof);
        another.modelId = 9;
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelNotFound.selector, 9));
        registerAs(alice, another, anothersProof);
        another.modelId = registerModelUnder(4, alice);
        vm.expectRevert(IModelRegistry.ModelMismatch.selector);
        registerAs(alice, another, anothersProof);
        vm.prank(alice);
        models.deprecateModel(modelId);
        another.modelId = modelId;
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelIsDeprecated.selector, modelId));
        registerAs(alice, another, anothersProof);
    }

    function registerModelUnder(uint256 weights, address by) private returns (uint256) {
        IModelRegistry.ModelCommitment memory commitment = model(weights);
        commitment.vkHash = vkAuthenticity;
        vm.prank(by);
        return models.registerModel(commitment);
    }

    function test_RevertWhen_AModelIsNamedWhereThereIsNone() public {
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, alice);
        record.modelId = 1;
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.NoModel.selector, 1));
        registerAs(alice, record, proof);
        (record, proof) = committedRecord(1, 5, 0, alice);
        record.modelId = 1;
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.NoModel.selector, 1));
        registerAs(alice, record, proof);
        record.modelId = 0;
        registerAs(alice, record, proof);
    }

    function test_RevertWhen_ThereIsNoPicture() public {
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, alice);
        record.statement.imageCommitment = 0;
        vm.expectRevert(IContentRegistry.NoPicture.selector);
        registerAs(alice, record, proof);
        vm.expectRevert(IContentRegistry.NoPicture.selector);
        content.check(record, true, proof);
    }

    function test_ACommittedFingerprintIsTheProofs() public {
        (Record memory record, bytes memory proof) = committedRecord(1, 5, 31, alice);
        registerAs(alice, record, proof);
        record.statement.fingerprint = FP;
        proof = prove(record, bytes.concat(points(1, 3), points(5, 1)));
        vm.expectPartialRevert(IClaimRouter.CommitmentMismatch.selector);
        registerAs(alice, record, proof);
    }

    function test_OnlyTheRegistrantRevokesAndOnce() public {
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, alice);
        bytes32 recordId = registerAs(alice, record, proof);
        vm.warp(block.timestamp + 5);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.NotRegistrant.selector, alice, mallory));
        vm.prank(mallory);
        content.revoke(record);
        vm.expectEmit(true, true, true, true, address(content));
        emit IContentRegistry.ContentRevoked(recordId, alice);
        vm.prank(alice);
        content.revoke(record);
        vm.assertEq(statusOf(recordId), uint256(IContentRegistry.Status.Revoked));
        vm.assertEq(content.entryOf(recordId).revokedAt, block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.AlreadyRevoked.selector, recordId));
        vm.prank(alice);
        content.revoke(record);
        // A revoked record is not registered anew, nor is a revocation undone by an end.
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.AlreadyRegistered.selector, recordId));
        registerAs(alice, record, proof);
        vm.prank(owner);
        router.removeKey(vkFingerprint, IClaimRouter.Reason.Broken);
        vm.assertEq(statusOf(recordId), uint256(IContentRegistry.Status.Revoked));
    }

    /// @dev A record says that nobody has reviewed its key until somebody has; then it counts like those after.
    function test_RecordsUnderAnUnreviewedKeySaySo() public {
        bytes32 vkHash = router.addKey(key(FINGERPRINT, SRS, 1, 9));
        (Record memory record,) = fingerprintRecord(1, FP, 0, alice);
        record.vkHash = vkHash;
        bytes memory proof = prove(record, points(1, 3));
        bytes32 recordId = content.recordIdOf(record);
        vm.expectEmit(true, true, true, true, address(content));
        emit IContentRegistry.ContentRegistered(
            imageCommitment(1), FP, alice, recordId, FINGERPRINT, false, uint64(block.timestamp), record
        );
        registerAs(alice, record, proof);
        vm.assertEq(statusOf(recordId), uint256(IContentRegistry.Status.Unreviewed));
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.KeyNotReviewed.selector, vkHash));
        content.check(record, false, proof);
        vm.assertFalse(content.holds(record, false, proof));
        vm.assertTrue(content.holds(record, true, proof));
        review(vkHash);
        vm.assertEq(statusOf(recordId), uint256(IContentRegistry.Status.Valid));
        vm.assertTrue(content.holds(record, false, proof));
    }

    /// @dev A key that ended unreviewed never had anyone who vouched for it: its records count for nothing.
    function test_AnUnreviewedKeyThatEndedLeavesNothing() public {
        bytes32 vkHash = router.addKey(key(FINGERPRINT, SRS, 1, 9));
        (Record memory record,) = fingerprintRecord(1, FP, 0, alice);
        record.vkHash = vkHash;
        bytes32 recordId = registerAs(alice, record, prove(record, points(1, 3)));
        vm.warp(block.timestamp + 5);
        vm.prank(owner);
        router.removeKey(vkHash, IClaimRouter.Reason.Retired);
        vm.assertEq(statusOf(recordId), uint256(IContentRegistry.Status.VerifierStopped));
    }

    /// @dev A thief with a key that proves nothing copies a picture's points: the record is the thief's, and says unreviewed; and it
    /// cannot hang on the victim's model.
    function test_AThiefsKeyTouchesNobodyElse() public {
        uint256 victims = registerModel(3, alice);
        (Record memory record, bytes memory proof) = generationRecord(1, 2, 3, victims, alice);
        bytes32 recordId = registerAs(alice, record, proof);
        bytes32 crafted = router.addKey(key(GENERATION, SRS, 1, 666));
        record.vkHash = crafted;
        record.registrant = mallory;
        proof = prove(record, points(1, 2, 3));
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.ModelOfAnotherKey.selector, victims, crafted));
        registerAs(mallory, record, proof);
        vm.prank(mallory);
        record.modelId = models.registerModel(modelOf(record));
        proof = prove(record, points(1, 2, 3));
        bytes32 thiefs = registerAs(mallory, record, proof);
        vm.assertEq(statusOf(thiefs), uint256(IContentRegistry.Status.Unreviewed));
        vm.assertEq(statusOf(recordId), uint256(IContentRegistry.Status.Valid));
        // Nobody is registered by it but who sends or signs.
        record.registrant = alice;
        proof = prove(record, points(1, 2, 3));
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.NotRegistrant.selector, alice, mallory));
        registerAs(mallory, record, proof);
        IAuthenticityToken.Mint memory request;
        record.registrant = mallory;
        request = mintOf(record, prove(record, points(1, 2, 3)));
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.KeyNotReviewed.selector, crafted));
        vm.prank(mallory);
        token.mint(request);
    }

    function test_AVerifierWhoseCodeChangedVouchesForNothing() public {
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, alice);
        bytes32 recordId = registerAs(alice, record, proof);
        vm.etch(router.claimOf(FINGERPRINT).verifier, hex"00");
        vm.assertEq(statusOf(recordId), uint256(IContentRegistry.Status.VerifierStopped));
    }

    function test_CheckAndHoldsSayTheSame() public {
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, alice);
        content.check(record, false, proof);
        vm.assertTrue(content.holds(record, false, proof));
        proof[0] ^= 0x01;
        vm.expectPartialRevert(IClaimRouter.CommitmentMismatch.selector);
        content.check(record, false, proof);
        vm.assertFalse(content.holds(record, false, proof));
        proof[0] ^= 0x01;
        proof[proof.length - 1] ^= 0x01;
        vm.assertFalse(content.holds(record, false, proof));
    }

    /// @dev A call that ran out of gas says neither yes nor no.
    function testFuzz_HoldsNeverSaysNoForWantOfGas(uint256 gas) public view {
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, alice);
        (bool success, bytes memory answer) = address(content).staticcall{gas: bound(gas, 1_000, 120_000)}(
            abi.encodeCall(content.holds, (record, false, proof))
        );
        vm.assertTrue(!success || abi.decode(answer, (bool)));
    }

    function test_RevertWhen_TheVerifierHadTooLittleGas() public {
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, alice);
        address verifier = router.claimOf(FINGERPRINT).verifier;
        bytes memory code = address(new StarvedVerifier()).code;
        swapCode(verifier, code);
        vm.expectRevert(IContentRegistry.CannotTell.selector);
        content.holds(record, false, proof);
        swapCode(verifier, address(new HungryVerifier()).code);
        vm.expectRevert(IContentRegistry.CannotTell.selector);
        content.holds(record, false, proof);
    }

    /// @dev Another verifier, of which the router thinks that it always was there.
    function swapCode(address verifier, bytes memory code) private {
        bytes memory old = abi.encodePacked(verifier.codehash);
        address data = address(uint160(uint256(vm.load(address(router), keccak256(abi.encode(0, 7))))));
        vm.etch(verifier, code);
        bytes memory words = data.code;
        // The second word of the claim's data is the hash of the verifier's code.
        for (uint256 i = 0; i < 32; ++i) {
            require(words[33 + i] == old[i], "not the claim's data");
            words[33 + i] = bytes32(verifier.codehash)[i];
        }
        vm.etch(data, words);
    }

    function test_AReservationGivesAnEarlierTimeToItsMakerOnly() public {
        bytes32 seal = content.sealOf(imageCommitment(1), alice, "salt");
        uint256 reserved = block.timestamp;
        vm.expectEmit(true, true, true, true, address(content));
        emit IContentRegistry.Reserved(seal, uint64(reserved));
        vm.prank(mallory);
        content.reserve(seal);
        vm.warp(reserved + 100);
        content.reserve(seal);
        vm.assertEq(content.reservedAt(seal), reserved);
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, alice);
        bytes32 recordId = registerAs(alice, record, proof);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.NotRegistrant.selector, alice, mallory));
        vm.prank(mallory);
        content.showReservation(record, "salt");
        bytes32 none = content.sealOf(imageCommitment(1), alice, "other");
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.NotReserved.selector, none));
        vm.prank(alice);
        content.showReservation(record, "other");
        vm.expectEmit(true, true, true, true, address(content));
        emit IContentRegistry.ReservationShown(recordId, seal, uint64(reserved));
        vm.prank(alice);
        content.showReservation(record, "salt");
        vm.assertEq(content.entryOf(recordId).reservedAt, reserved);
        vm.assertEq(content.entryOf(recordId).timestamp, reserved + 100);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.AlreadyShown.selector, recordId));
        vm.prank(alice);
        content.showReservation(record, "salt");
        // Another's picture, or another's seal.
        (record, proof) = fingerprintRecord(1, FP, 0, mallory);
        registerAs(mallory, record, proof);
        vm.expectPartialRevert(IContentRegistry.NotReserved.selector);
        vm.prank(mallory);
        content.showReservation(record, "salt");
    }

    function test_AReservationIsOlderThanTheRecord() public {
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, alice);
        registerAs(alice, record, proof);
        vm.warp(block.timestamp + 1);
        content.reserve(content.sealOf(imageCommitment(1), alice, "late"));
        vm.expectPartialRevert(IContentRegistry.NotReserved.selector);
        vm.prank(alice);
        content.showReservation(record, "late");
        (record, proof) = fingerprintRecord(2, FP, 0, alice);
        content.reserve(content.sealOf(imageCommitment(2), alice, "now"));
        registerAs(alice, record, proof);
        vm.prank(alice);
        content.showReservation(record, "now");
    }

    /// @dev After a fork with another id the reservations of before can be shown, though proofs are for the new chain.
    function test_AReservationOutlivesAFork() public {
        bytes32 seal = content.sealOf(imageCommitment(1), alice, "salt");
        content.reserve(seal);
        uint256 before = content.contextOf(alice);
        vm.chainId(1337);
        vm.assertEq(content.sealOf(imageCommitment(1), alice, "salt"), seal);
        vm.assertTrue(content.contextOf(alice) != before);
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, alice);
        registerAs(alice, record, proof);
        vm.prank(alice);
        content.showReservation(record, "salt");
    }

    function test_ContextAndSealNameChainAndRegistry() public view {
        vm.assertEq(
            content.contextOf(alice),
            uint256(keccak256(abi.encode(keccak256("veilmark context v1"), block.chainid, content, alice))) >> 8
        );
        vm.assertEq(
            content.sealOf("c", alice, "s"),
            keccak256(
                abi.encode(
                    keccak256("veilmark reservation v1"), block.chainid, content, bytes32("c"), alice, bytes32("s")
                )
            )
        );
    }

    function test_CommitHasErc7053sShape() public {
        vm.expectEmit(true, true, true, true, address(content));
        emit IContentRegistry.Commit(alice, "cid", "data");
        vm.prank(alice);
        vm.assertEq(content.commit("cid", "data"), block.number);
        vm.assertEq(content.recordLogs("cid", 0), block.number);
        // A registration's `Commit` is not in the list: two slots for what its own event says.
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, alice);
        registerAs(alice, record, proof);
        string memory cid = toHex(imageCommitment(1));
        vm.expectRevert();
        content.recordLogs(cid, 0);
    }

    /// @dev On Arbitrum `block.number` is another chain's, and finds no event.
    function test_BlocksAreTheChainsOwn() public {
        vm.etch(address(100), address(new ArbSys()).code);
        content = new ContentRegistry(router, models);
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, alice);
        bytes32 recordId = registerAs(alice, record, proof);
        vm.assertEq(content.entryOf(recordId).blockNumber, 987_654_321);
        vm.assertEq(content.commit("cid", "data"), 987_654_321);
        vm.assertEq(content.recordLogs("cid", 0), 987_654_321);
    }

    function test_RevertWhen_DeployedWithContractsOfAnotherRouter() public {
        ClaimRouter other = new ClaimRouter(deployment(new IClaimRouter.ClaimInput[](0)));
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.OtherRouter.selector, address(other), address(router)));
        new ContentRegistry(other, models);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.NotAContract.selector, address(7)));
        new ContentRegistry(ClaimRouter(address(7)), models);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.NotAContract.selector, address(7)));
        new ContentRegistry(router, ModelRegistry(address(7)));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotAContract.selector, address(7)));
        new ModelRegistry(ClaimRouter(address(7)));
        ModelRegistry otherModels = new ModelRegistry(router);
        vm.expectRevert(
            abi.encodeWithSelector(IAuthenticityToken.OtherDeployment.selector, address(otherModels), address(models))
        );
        new AuthenticityToken(router, otherModels, content);
        vm.expectRevert(
            abi.encodeWithSelector(IAuthenticityToken.OtherDeployment.selector, address(other), address(router))
        );
        new AuthenticityToken(other, models, content);
        vm.assertEq(content.router(), address(router));
        vm.assertEq(content.models(), address(models));
    }

    /// @dev The audit's H1, inverted: whoever deploys writes his own creation code, which stores anything and then returns exactly
    /// our runtime code. So equal code proves nothing, which is why tools recompute addresses; and at *our* address nobody
    /// else's creation code ran, which is what they rely on.
    function test_SameCodeForgedStorageIsAtAnotherAddress() public {
        bytes memory runtime = address(content).code;
        (Record memory record,) = fingerprintRecord(1, FP, 0, mallory);
        bytes32 recordId = content.recordIdOf(record);
        // Slot of the record: timestamp 2015, key 0.
        bytes32 slot = keccak256(abi.encode(recordId, uint256(2 + 2)));
        bytes memory init = bytes.concat(hex"7f", bytes32(uint256(1_430_000_000)), hex"7f", slot, hex"55");
        uint256 offset = init.length + 13;
        init = bytes.concat(
            init, hex"61", bytes2(uint16(runtime.length)), hex"8061", bytes2(uint16(offset)), hex"5f395ff30000", runtime
        );
        address made;
        assembly ("memory-safe") {
            made := create2(0, add(init, 32), mload(init), 0)
        }
        vm.assertEq(made.codehash, address(content).codehash);
        vm.assertEq(IContentRegistry(made).entryOf(recordId).timestamp, 1_430_000_000);
        vm.assertEq(uint256(IContentRegistry(made).status(recordId)), uint256(IContentRegistry.Status.Valid));
        // What `addresses::registry` computes.
        bytes memory ours = abi.encodePacked(type(ContentRegistry).creationCode, abi.encode(router, models));
        address expected =
            address(uint160(uint256(keccak256(abi.encodePacked(hex"ff", address(this), bytes32(0), keccak256(ours))))));
        vm.assertTrue(made != expected);
        vm.assertEq(address(new ContentRegistry{salt: 0}(router, models)), expected);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.UnknownRecord.selector, recordId));
        ContentRegistry(expected).entryOf(recordId);
    }
}
