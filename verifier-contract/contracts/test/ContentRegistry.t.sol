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

/// @dev A wallet that answers with what it was made with, or with nothing but all the gas it was given.
contract HostileWallet {
    bytes private _answer;

    constructor(bytes memory answer) {
        _answer = answer;
    }

    fallback() external {
        bytes memory answer = _answer;
        assembly ("memory-safe") {
            if iszero(mload(answer)) { invalid() }
            return(add(answer, 32), mload(answer))
        }
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
        uint256 modelId = registerModel(3, owner);
        proof = generationProof(1, 2, 3, alice);
        vm.prank(alice);
        bytes32 other = content.register(vkGeneration, 0, 0, modelId, proof);
        vm.prank(owner);
        router.removeKey(vkFingerprint);
        // Of its own key.
        vm.assertEq(uint256(content.status(other)), uint256(IContentRegistry.Status.Valid));
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
        return digestOf(
            abi.encode(registrant, vkFingerprint, FP, uint8(0), uint256(0), keccak256(proof), deadline),
            chainId,
            registry
        );
    }

    function digestOf(bytes memory values, uint256 chainId, address registry) private pure returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Veilmark ContentRegistry"),
                keccak256("1"),
                chainId,
                registry
            )
        );
        bytes32 typeHash = keccak256(
            "Register(address registrant,bytes32 vkHash,bytes32 fingerprint,uint8 tolerance,uint256 modelId,bytes32 proofHash,uint256 deadline)"
        );
        return keccak256(bytes.concat(hex"1901", domain, keccak256(bytes.concat(typeHash, values))));
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

    function test_EverythingOfARegistrationIsSignedWrittenAndTold() public {
        address bob = vm.addr(KEY);
        registerModel(4, owner);
        uint256 modelId = registerModel(3, owner);
        bytes memory proof = prove(vkAuthenticity, inputsOf(FP, 5, bob), points(1, 2, 3));
        bytes memory values = abi.encode(bob, vkAuthenticity, FP, uint8(5), modelId, keccak256(proof), block.timestamp);
        bytes memory signature = sign(digestOf(values, block.chainid, address(content)));
        // The relayer may change nothing, a model's registration by another owner included.
        uint256 another = registerModel(3, mallory);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.InvalidSignature.selector, bob));
        content.registerFor(vkAuthenticity, FP, 5, another, proof, bob, block.timestamp, signature);

        bytes32 id = content.recordIdOf(imageCommitment(1), FP, modelHash(3), promptCommitment(2), vkAuthenticity, bob);
        vm.expectEmit(true, true, true, true, address(content));
        emit IContentRegistry.ContentRegistered(
            imageCommitment(1), FP, bob, id, vkAuthenticity, 5, uint64(block.timestamp)
        );
        vm.expectEmit(true, true, true, true, address(content));
        emit IContentRegistry.ContentGenerated(modelHash(3), modelId, promptCommitment(2), id);
        vm.expectEmit(true, true, true, true, address(content));
        emit IContentRegistry.Commit(bob, toHex(imageCommitment(1)), toHex(id));
        vm.assertEq(content.registerFor(vkAuthenticity, FP, 5, modelId, proof, bob, block.timestamp, signature), id);
        IContentRegistry.Record memory expected = IContentRegistry.Record({
            imageCommitment: imageCommitment(1),
            fingerprint: FP,
            modelHash: modelHash(3),
            promptCommitment: promptCommitment(2),
            claimId: AUTHENTICITY,
            vkHash: vkAuthenticity,
            modelId: modelId,
            registrant: bob,
            timestamp: uint64(block.timestamp),
            blockNumber: uint64(block.number),
            reservedAt: 0,
            revokedAt: 0,
            tolerance: 5
        });
        vm.assertEq(abi.encode(content.record(id)), abi.encode(expected));
        vm.assertEq(abi.encode(content.recordAt(0)), abi.encode(expected));
        vm.assertEq(content.recordCount(), 1);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.IndexOutOfRange.selector, 1, 1));
        content.recordAt(1);
    }

    function test_RevertWhen_AWalletAnswersAnythingButYes() public {
        bytes[4] memory answers = [
            // All gas, another word, the right word's first bytes and others behind, and too few bytes.
            bytes(""),
            abi.encode(bytes4(0xffffffff)),
            abi.encode(0x1626ba7e << 224 | 1),
            abi.encodePacked(bytes4(0x1626ba7e))
        ];
        for (uint256 i = 0; i < answers.length; ++i) {
            address wallet = address(new HostileWallet(answers[i]));
            bytes memory proof = fingerprintProof(1, FP, 0, wallet);
            vm.expectRevert(abi.encodeWithSelector(IContentRegistry.InvalidSignature.selector, wallet));
            content.registerFor(vkFingerprint, FP, 0, 0, proof, wallet, block.timestamp, "");
        }
    }

    function test_CheckIsAboutThePictureNamed() public {
        bytes memory proof = fingerprintProof(1, FP, 3, alice);
        content.check(vkFingerprint, imageCommitment(1), FP, 3, alice, proof);
        vm.expectRevert(
            abi.encodeWithSelector(IContentRegistry.CommitmentMismatch.selector, imageCommitment(9), imageCommitment(1))
        );
        content.check(vkFingerprint, imageCommitment(9), FP, 3, alice, proof);
        vm.expectPartialRevert(MockClaimVerifier.MockRejected.selector);
        content.check(vkFingerprint, imageCommitment(1), FP, 3, mallory, proof);
    }

    function test_ContextAndSealNameChainAndRegistry() public view {
        bytes32 context =
            keccak256(abi.encode(keccak256("veilmark context v1"), block.chainid, address(content), alice));
        vm.assertEq(content.contextOf(alice), uint256(context) >> 8);
        bytes32 domain = keccak256("veilmark reservation v1");
        vm.assertEq(
            content.sealOf("image", alice, "salt"),
            keccak256(abi.encode(domain, block.chainid, address(content), bytes32("image"), alice, bytes32("salt")))
        );
        vm.assertEq(
            content.recordIdOf("i", "f", "m", "p", "v", alice),
            keccak256(abi.encode(bytes32("i"), bytes32("f"), bytes32("m"), bytes32("p"), bytes32("v"), alice))
        );
        vm.assertEq(content.router(), address(router));
        vm.assertEq(content.models(), address(models));
    }

    function test_AReservationOfTheRecordsOwnBlockCounts() public {
        bytes32 seal = content.sealOf(imageCommitment(1), alice, "salt");
        vm.expectEmit(true, true, true, true, address(content));
        emit IContentRegistry.Reserved(seal, uint64(block.timestamp));
        content.reserve(seal);
        uint256 modelId = registerModel(3, owner);
        bytes memory proof = prove(vkAuthenticity, inputsOf(FP, 0, alice), points(1, 2, 3));
        vm.prank(alice);
        bytes32 id = content.register(vkAuthenticity, FP, 0, modelId, proof);
        vm.expectEmit(true, true, true, true, address(content));
        emit IContentRegistry.ReservationShown(id, seal, uint64(block.timestamp));
        vm.prank(alice);
        content.showReservation(id, "salt");
        vm.assertEq(content.record(id).reservedAt, block.timestamp);
        vm.expectEmit(true, true, true, true, address(content));
        emit IContentRegistry.ContentRevoked(id, alice);
        vm.prank(alice);
        content.revoke(id);
    }

    function test_EveryListIsReadInPagesAndByItsOwnCursors() public {
        uint256 modelId = registerModel(3, owner);
        // 1 and 4: authenticity; 2: fingerprint; 3: generation, which has none.
        for (uint256 i = 0; i < 4; ++i) {
            bytes memory proof;
            if (i == 1) {
                proof = fingerprintProof(1, FP, 0, alice);
                vm.prank(alice);
                content.register(vkFingerprint, FP, 0, 0, proof);
            } else if (i == 2) {
                proof = generationProof(1, 2, 3, alice);
                vm.prank(alice);
                content.register(vkGeneration, 0, 0, modelId, proof);
            } else {
                address by = i == 0 ? alice : mallory;
                proof = prove(vkAuthenticity, inputsOf(FP, 0, by), points(1, 2, 3));
                vm.prank(by);
                content.register(vkAuthenticity, FP, 0, modelId, proof);
            }
        }
        uint8[4] memory images = [1, 2, 3, 4];
        uint8[3] memory fingerprints = [1, 2, 4];
        uint8[3] memory outputs = [1, 3, 4];
        uint256 cursor;
        IContentRegistry.Record[] memory page;
        for (uint256 i = 0; i < 4; ++i) {
            (page, cursor) = content.recordsByCommitment(imageCommitment(1), cursor, 1);
            isPage(page, cursor, images[i], i == 3 ? 0 : images[i + 1]);
        }
        for (uint256 i = 0; i < 3; ++i) {
            (page, cursor) = content.recordsByFingerprint(FP, cursor, 1);
            isPage(page, cursor, fingerprints[i], i == 2 ? 0 : fingerprints[i + 1]);
        }
        for (uint256 i = 0; i < 3; ++i) {
            (page, cursor) = content.recordsByModel(modelHash(3), cursor, 1);
            isPage(page, cursor, outputs[i], i == 2 ? 0 : outputs[i + 1]);
        }
        (page,) = content.recordsByFingerprint(0, 0, 1);
        vm.assertEq(page.length, 0);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.CursorOfAnotherList.selector, 1));
        content.recordsByCommitment(imageCommitment(9), 1, 1);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.CursorOfAnotherList.selector, 3));
        content.recordsByFingerprint(FP, 3, 1);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.CursorOfAnotherList.selector, 2));
        content.recordsByModel(modelHash(3), 2, 1);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.CursorOfAnotherList.selector, 5));
        content.recordsByCommitment(imageCommitment(1), 5, 1);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.CursorOfAnotherList.selector, 5));
        content.recordsByModel(modelHash(3), 5, 1);
    }

    function isPage(IContentRegistry.Record[] memory page, uint256 next, uint256 position, uint256 expectedNext)
        private
        view
    {
        vm.assertEq(page.length, 1);
        vm.assertEq(abi.encode(page[0]), abi.encode(content.recordAt(position - 1)));
        vm.assertEq(next, expectedNext);
    }

    function test_RevertWhen_DeployedWithoutContracts() public {
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NoCode.selector, address(0xdead)));
        new ContentRegistry(ClaimRouter(address(0xdead)), models);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NoCode.selector, address(0xdead)));
        new ContentRegistry(router, ModelRegistry(address(0xdead)));
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
