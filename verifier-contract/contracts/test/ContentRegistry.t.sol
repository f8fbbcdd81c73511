// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {AuthenticityToken} from "../src/AuthenticityToken.sol";
import {ClaimRouter} from "../src/ClaimRouter.sol";
import {ContentRegistry} from "../src/ContentRegistry.sol";
import {IAuthenticityToken} from "../src/IAuthenticityToken.sol";
import {ModelRegistry} from "../src/ModelRegistry.sol";
import {IClaimRouter} from "../src/IClaimRouter.sol";
import {IContentRegistry} from "../src/IContentRegistry.sol";
import {IModelRegistry} from "../src/IModelRegistry.sol";
import {toHex} from "../src/Hex.sol";
import {Base} from "./Base.sol";
import {bound, vm} from "./Forge.sol";
import {MockClaimVerifier} from "./MockClaimVerifier.sol";

/// @dev A wallet that is a contract: signs what its owner said.
contract Wallet {
    mapping(bytes32 => bool) public said;

    function say(bytes32 digest) external {
        said[digest] = true;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return said[digest] ? this.isValidSignature.selector : bytes4(0);
    }
}

contract ContentRegistryTest is Base {
    bytes32 private constant FP = bytes32(type(uint256).max / 3);
    uint256 private constant KEY = 0xb0b;

    function testFuzz_ARegistrationIsRecordedAndFoundEveryWay(uint128 image, bytes32 fingerprint, uint8 tolerance)
        public
    {
        tolerance = uint8(bound(tolerance, 0, 31));
        bytes memory proof = fingerprintProof(image, fingerprint, tolerance, alice);
        vm.prank(alice);
        bytes32 id = content.register(vkFingerprint, fingerprint, tolerance, 0, proof);
        bytes32 commitment = imageCommitment(image);
        vm.assertEq(id, content.recordIdOf(commitment, fingerprint, 0, 0, vkFingerprint, alice));
        IContentRegistry.Record memory found = content.record(id);
        vm.assertEq(found.imageCommitment, commitment);
        vm.assertEq(found.fingerprint, fingerprint);
        vm.assertEq(found.vkHash, vkFingerprint);
        vm.assertEq(found.claimId, FINGERPRINT);
        vm.assertEq(found.registrant, alice);
        vm.assertEq(found.timestamp, block.timestamp);
        vm.assertEq(found.tolerance, tolerance);
        vm.assertEq(found.modelHash, 0);
        (IContentRegistry.Record[] memory page, uint256 next) = content.recordsByCommitment(commitment, 0, 10);
        vm.assertEq(keccak256(abi.encode(page[0])), keccak256(abi.encode(found)));
        vm.assertEq(next, 0);
        (page,) = content.recordsByFingerprint(fingerprint, 0, 10);
        vm.assertEq(page.length, 1);
        vm.assertEq(uint256(content.status(id)), uint256(IContentRegistry.Status.Valid));
        content.check(vkFingerprint, commitment, fingerprint, tolerance, alice, proof);
        // A replay makes no second record.
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.AlreadyRegistered.selector, id));
        vm.prank(alice);
        content.register(vkFingerprint, fingerprint, tolerance, 0, proof);
    }

    function test_RegistrationEmitsForIndexers() public {
        bytes memory proof = fingerprintProof(1, FP, 0, alice);
        bytes32 id = content.recordIdOf(imageCommitment(1), FP, 0, 0, vkFingerprint, alice);
        vm.expectEmit(true, true, true, true, address(content));
        emit IContentRegistry.ContentRegistered(
            imageCommitment(1), FP, alice, id, vkFingerprint, 0, uint64(block.timestamp)
        );
        vm.expectEmit(true, true, true, true, address(content));
        emit IContentRegistry.Commit(alice, toHex(imageCommitment(1)), toHex(id));
        vm.prank(alice);
        content.register(vkFingerprint, FP, 0, 0, proof);
        vm.assertEq(
            toHex(0x00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0),
            "0x00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0"
        );
    }

    function test_ACopiedProofIsWorthlessAndTheVictimLosesNothing() public {
        bytes memory proof = fingerprintProof(1, FP, 0, alice);
        vm.expectPartialRevert(MockClaimVerifier.MockRejected.selector);
        vm.prank(mallory);
        content.register(vkFingerprint, FP, 0, 0, proof);
        // Mallory's own proof of a picture with the same fingerprint shuts nobody out.
        bytes memory own = fingerprintProof(9, FP, 0, mallory);
        vm.prank(mallory);
        content.register(vkFingerprint, FP, 0, 0, own);
        vm.prank(alice);
        content.register(vkFingerprint, FP, 0, 0, proof);
        (IContentRegistry.Record[] memory page,) = content.recordsByFingerprint(FP, 0, 10);
        vm.assertEq(page.length, 2);
        vm.assertEq(page[1].registrant, alice);
    }

    function test_RevertWhen_TheProofIsForAnotherChainOrRegistry() public {
        bytes memory proof = fingerprintProof(1, FP, 0, alice);
        ContentRegistry other = new ContentRegistry(router, models);
        vm.expectPartialRevert(MockClaimVerifier.MockRejected.selector);
        vm.prank(alice);
        other.register(vkFingerprint, FP, 0, 0, proof);
        vm.chainId(1);
        vm.expectPartialRevert(MockClaimVerifier.MockRejected.selector);
        vm.prank(alice);
        content.register(vkFingerprint, FP, 0, 0, proof);
    }

    function testFuzz_RevertWhen_TheStatementIsAnother(bytes32 fingerprint, uint8 tolerance) public {
        bytes memory proof = fingerprintProof(1, FP, 3, alice);
        vm.assume(fingerprint != FP || tolerance != 3);
        vm.expectRevert();
        vm.prank(alice);
        content.register(vkFingerprint, fingerprint, tolerance, 0, proof);
        vm.assertEq(content.recordCount(), 0);
    }

    function testFuzz_RevertWhen_ToleranceIsTooLarge(uint8 tolerance) public {
        tolerance = uint8(bound(tolerance, 32, 255));
        bytes memory proof = fingerprintProof(1, FP, tolerance, alice);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.ToleranceTooLarge.selector, tolerance, 31));
        vm.prank(alice);
        content.register(vkFingerprint, FP, tolerance, 0, proof);
    }

    function test_GeneratedContentNeedsItsModel() public {
        bytes memory proof = generationProof(1, 2, 3, alice);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelNotFound.selector, 0));
        vm.prank(alice);
        content.register(vkGeneration, 0, 0, 0, proof);
        uint256 id = registerModel(3, owner);
        uint256 other = registerModel(4, owner);
        vm.expectRevert(IModelRegistry.ModelMismatch.selector);
        vm.prank(alice);
        content.register(vkGeneration, 0, 0, other, proof);
        vm.prank(alice);
        bytes32 recordId = content.register(vkGeneration, 0, 0, id, proof);
        IContentRegistry.Record memory found = content.record(recordId);
        vm.assertEq(found.modelHash, modelHash(3));
        vm.assertEq(found.promptCommitment, promptCommitment(2));
        vm.assertEq(found.modelId, id);
        (IContentRegistry.Record[] memory page,) = content.recordsByModel(modelHash(3), 0, 10);
        vm.assertEq(page.length, 1);
        // Deprecated: nothing new, and what is there stays.
        vm.prank(owner);
        models.deprecateModel(id);
        proof = generationProof(9, 2, 3, alice);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelIsDeprecated.selector, id));
        vm.prank(alice);
        content.register(vkGeneration, 0, 0, id, proof);
        vm.assertEq(uint256(content.status(recordId)), uint256(IContentRegistry.Status.Valid));
    }

    function test_RevertWhen_WhatTheCircuitLeavesFreeIsUsed() public {
        uint256 id = registerModel(3, owner);
        bytes32 high = bytes32(uint256(1) << 128);
        bytes memory proof = prove(vkGeneration, inputsOf(high, 0, alice), points(1, 2, 3));
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.NoFingerprint.selector, GENERATION));
        vm.prank(alice);
        content.register(vkGeneration, high, 0, id, proof);
        proof = prove(vkGeneration, inputsOf(0, 5, alice), points(1, 2, 3));
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.NoFingerprint.selector, GENERATION));
        vm.prank(alice);
        content.register(vkGeneration, 0, 5, id, proof);
        proof = fingerprintProof(1, FP, 0, alice);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.NoModel.selector, FINGERPRINT));
        vm.prank(alice);
        content.register(vkFingerprint, FP, 0, id, proof);
    }

    function test_AuthenticityIsFoundByEverything() public {
        uint256 id = registerModel(3, owner);
        bytes memory proof = prove(vkAuthenticity, inputsOf(FP, 5, alice), points(1, 2, 3));
        vm.prank(alice);
        content.register(vkAuthenticity, FP, 5, id, proof);
        // The same picture under another claim is another record.
        proof = fingerprintProof(1, FP, 5, alice);
        vm.prank(alice);
        content.register(vkFingerprint, FP, 5, 0, proof);
        (IContentRegistry.Record[] memory page,) = content.recordsByCommitment(imageCommitment(1), 0, 10);
        vm.assertEq(page.length, 2);
        (page,) = content.recordsByFingerprint(FP, 0, 10);
        vm.assertEq(page.length, 2);
        (page,) = content.recordsByModel(modelHash(3), 0, 10);
        vm.assertEq(page.length, 1);
    }

    function test_OnlyTheRegistrantRevokesAndOnce() public {
        bytes memory proof = fingerprintProof(1, FP, 0, alice);
        vm.prank(alice);
        bytes32 id = content.register(vkFingerprint, FP, 0, 0, proof);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.NotRegistrant.selector, id, mallory));
        vm.prank(mallory);
        content.revoke(id);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.NotRegistrant.selector, id, owner));
        vm.prank(owner);
        content.revoke(id);
        vm.prank(alice);
        content.revoke(id);
        vm.assertEq(uint256(content.status(id)), uint256(IContentRegistry.Status.Revoked));
        vm.assertEq(content.record(id).revokedAt, block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.AlreadyRevoked.selector, id));
        vm.prank(alice);
        content.revoke(id);
        // Revoked for good: the same proof brings nothing back.
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.AlreadyRegistered.selector, id));
        vm.prank(alice);
        content.register(vkFingerprint, FP, 0, 0, proof);
    }

    function test_StatusFollowsTheRouter() public {
        bytes memory proof = fingerprintProof(1, FP, 0, alice);
        vm.prank(alice);
        bytes32 id = content.register(vkFingerprint, FP, 0, 0, proof);
        vm.prank(owner);
        router.removeKey(vkFingerprint);
        vm.assertEq(uint256(content.status(id)), uint256(IContentRegistry.Status.VerifierStopped));
        vm.assertEq(content.record(id).imageCommitment, imageCommitment(1));
        vm.prank(alice);
        content.revoke(id);
        vm.assertEq(uint256(content.status(id)), uint256(IContentRegistry.Status.Revoked));
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.UnknownRecord.selector, bytes32(0)));
        content.status(0);
    }

    function digestOf(address registrant, bytes memory proof, uint256 deadline, uint256 chainId, address registry)
        private
        view
        returns (bytes32)
    {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Veilmark ContentRegistry"),
                keccak256("1"),
                chainId,
                registry
            )
        );
        bytes32 message = keccak256(
            abi.encode(
                keccak256(
                    "Register(address registrant,bytes32 vkHash,bytes32 fingerprint,uint8 tolerance,uint256 modelId,bytes32 proofHash,uint256 deadline)"
                ),
                registrant,
                vkFingerprint,
                FP,
                uint8(0),
                uint256(0),
                keccak256(proof),
                deadline
            )
        );
        return keccak256(bytes.concat(hex"1901", domain, message));
    }

    function sign(bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digest);
        return abi.encodePacked(r, s, v);
    }

    function test_AnotherRegistersForWhoeverSigned() public {
        address bob = vm.addr(KEY);
        bytes memory proof = fingerprintProof(1, FP, 0, bob);
        uint256 deadline = block.timestamp + 1 hours;
        bytes memory signature = sign(digestOf(bob, proof, deadline, block.chainid, address(content)));
        vm.prank(mallory);
        bytes32 id = content.registerFor(vkFingerprint, FP, 0, 0, proof, bob, deadline, signature);
        vm.assertEq(content.record(id).registrant, bob);
        // Replayed, or by its malleable twin: no second record.
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.AlreadyRegistered.selector, id));
        content.registerFor(vkFingerprint, FP, 0, 0, proof, bob, deadline, signature);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digestOf(bob, proof, deadline, block.chainid, address(content)));
        s = bytes32(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141 - uint256(s));
        bytes memory twin = abi.encodePacked(r, s, v == 27 ? uint8(28) : uint8(27));
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.InvalidSignature.selector, bob));
        content.registerFor(vkFingerprint, FP, 0, 0, proof, bob, deadline, twin);
    }

    function test_RevertWhen_TheSignatureIsOfSomethingElse() public {
        address bob = vm.addr(KEY);
        bytes memory proof = fingerprintProof(1, FP, 0, bob);
        uint256 deadline = block.timestamp;
        bytes[4] memory signatures = [
            sign(digestOf(bob, proof, deadline, 1, address(content))),
            sign(digestOf(bob, proof, deadline, block.chainid, address(models))),
            sign(digestOf(bob, proof, deadline + 1, block.chainid, address(content))),
            sign(digestOf(bob, points(2), deadline, block.chainid, address(content)))
        ];
        for (uint256 i = 0; i < 4; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IContentRegistry.InvalidSignature.selector, bob));
            content.registerFor(vkFingerprint, FP, 0, 0, proof, bob, deadline, signatures[i]);
        }
        bytes memory good = sign(digestOf(bob, proof, deadline, block.chainid, address(content)));
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.InvalidSignature.selector, alice));
        content.registerFor(vkFingerprint, FP, 0, 0, proof, alice, deadline, good);
        // A failed recovery is nobody's signature, the zero address's least of all.
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.InvalidSignature.selector, address(0)));
        content.registerFor(vkFingerprint, FP, 0, 0, proof, address(0), deadline, new bytes(65));
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.SignatureExpired.selector, deadline));
        content.registerFor(vkFingerprint, FP, 0, 0, proof, bob, deadline, good);
    }

    function test_AContractSignsToo() public {
        Wallet wallet = new Wallet();
        bytes memory proof = fingerprintProof(1, FP, 0, address(wallet));
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.InvalidSignature.selector, address(wallet)));
        content.registerFor(vkFingerprint, FP, 0, 0, proof, address(wallet), block.timestamp, "");
        wallet.say(digestOf(address(wallet), proof, block.timestamp, block.chainid, address(content)));
        content.registerFor(vkFingerprint, FP, 0, 0, proof, address(wallet), block.timestamp, "");
    }

    function test_AReservationGivesAnEarlierTimeToItsMakerOnly() public {
        bytes32 seal = content.sealOf(imageCommitment(1), alice, "salt");
        uint64 then = uint64(block.timestamp);
        // Whoever copies it out of the mempool does its maker a favour.
        vm.prank(mallory);
        content.reserve(seal);
        vm.warp(block.timestamp + 100);
        vm.prank(alice);
        content.reserve(seal);
        bytes memory proof = fingerprintProof(1, FP, 0, alice);
        vm.prank(alice);
        bytes32 id = content.register(vkFingerprint, FP, 0, 0, proof);
        vm.expectPartialRevert(IContentRegistry.NotReserved.selector);
        vm.prank(alice);
        content.showReservation(id, "other salt");
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.NotRegistrant.selector, id, mallory));
        vm.prank(mallory);
        content.showReservation(id, "salt");
        vm.prank(alice);
        content.showReservation(id, "salt");
        vm.assertEq(content.record(id).reservedAt, then);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.AlreadyShown.selector, id));
        vm.prank(alice);
        content.showReservation(id, "salt");
        // Reserved after the record is no priority.
        bytes32 late = content.sealOf(imageCommitment(5), alice, "salt");
        proof = fingerprintProof(5, FP, 0, alice);
        vm.prank(alice);
        id = content.register(vkFingerprint, FP, 0, 0, proof);
        vm.warp(block.timestamp + 1);
        content.reserve(late);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.NotReserved.selector, late));
        vm.prank(alice);
        content.showReservation(id, "salt");
    }

    function test_RevertWhen_DeployedWithContractsOfAnotherRouter() public {
        ClaimRouter other = new ClaimRouter(owner, guardian, DELAY, new IClaimRouter.ClaimInput[](0));
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.OtherRouter.selector, address(other), address(router)));
        new ContentRegistry(other, models);
        vm.expectRevert(
            abi.encodeWithSelector(IAuthenticityToken.OtherDeployment.selector, address(other), address(router))
        );
        new AuthenticityToken(other, models, content);
        ModelRegistry others = new ModelRegistry(router);
        vm.expectRevert(
            abi.encodeWithSelector(IAuthenticityToken.OtherDeployment.selector, address(others), address(models))
        );
        new AuthenticityToken(router, others, content);
        vm.expectPartialRevert(IClaimRouter.NoCode.selector);
        new ModelRegistry(IClaimRouter(address(0xdead)));
    }

    function test_CommitIsErc7053() public {
        vm.expectEmit(true, true, true, true, address(content));
        emit IContentRegistry.Commit(alice, "bafy", "said");
        vm.prank(alice);
        vm.assertEq(content.commit("bafy", "said"), block.number);
        vm.assertEq(content.recordLogs("bafy", 0), block.number);
    }

    function testFuzz_ListsComeInPagesWhateverTheirLength(uint8 length, uint8 limit) public {
        uint256 count = bound(length, 0, 12);
        limit = uint8(bound(limit, 1, 5));
        for (uint256 i = 0; i < count; ++i) {
            bytes memory proof = fingerprintProof(i * 10, FP, 0, alice);
            vm.prank(alice);
            content.register(vkFingerprint, FP, 0, 0, proof);
        }
        uint256 seen;
        uint256 cursor;
        do {
            (IContentRegistry.Record[] memory page, uint256 next) = content.recordsByFingerprint(FP, cursor, limit);
            for (uint256 i = 0; i < page.length; ++i) {
                vm.assertEq(page[i].imageCommitment, imageCommitment((seen + i) * 10));
            }
            seen += page.length;
            cursor = next;
        } while (cursor != 0);
        vm.assertEq(seen, count);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.CursorOfAnotherList.selector, count + 1));
        content.recordsByFingerprint(FP, count + 1, limit);
    }
}
