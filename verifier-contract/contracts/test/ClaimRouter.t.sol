// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {ClaimRouter} from "../src/ClaimRouter.sol";
import {VK_MAGIC} from "../src/generated/VerifyingKeyLayout.sol";
import {IClaimRouter} from "../src/IClaimRouter.sol";
import {ClaimDescription, Record, Role, Statement} from "../src/Types.sol";
import {Base} from "./Base.sol";
import {bound, vm} from "./Forge.sol";
import {describeFingerprint} from "./generated/Claims.sol";
import {MockClaimVerifier} from "./MockClaimVerifier.sol";

/// @dev Takes every proof: what a broken verifier is like.
contract BrokenVerifier {
    function verify(address, uint256[] calldata, bytes calldata) external view {}
}

/// @dev What is proved under which key, and which keys there are.
contract ClaimRouterTest is Base {
    function test_VerifyReturnsWhoVouches() public {
        (Record memory record, bytes memory proof) = authenticityRecord(1, 2, 3, 0, alice);
        (bytes32 claimId, uint256 keyIndex, bool reviewed) = verify(record, proof);
        vm.assertEq(claimId, AUTHENTICITY);
        vm.assertEq(keyIndex, 2);
        vm.assertTrue(reviewed);
        bytes32 vkHash = router.addKey(key(FINGERPRINT, SRS, 1, 9));
        (record,) = fingerprintRecord(1, FP, 0, alice);
        record.vkHash = vkHash;
        (claimId, keyIndex, reviewed) = verify(record, prove(record, points(1, 3)));
        vm.assertEq(claimId, FINGERPRINT);
        vm.assertEq(keyIndex, 4);
        vm.assertFalse(reviewed);
    }

    function verify(Record memory record, bytes memory proof) private view returns (bytes32, uint256, bool) {
        uint256 context = content.contextOf(record.registrant);
        return router.verify(record.vkHash, record.statement, context, true, proof);
    }

    function test_RevertWhen_AKeyIsNotReviewedAndThatIsWanted() public {
        bytes32 vkHash = router.addKey(key(FINGERPRINT, SRS, 1, 9));
        (Record memory record,) = fingerprintRecord(1, FP, 0, alice);
        record.vkHash = vkHash;
        bytes memory proof = prove(record, points(1, 3));
        uint256 context = content.contextOf(alice);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.KeyNotReviewed.selector, vkHash));
        router.verify(vkHash, record.statement, context, false, proof);
        review(vkHash);
        router.verify(vkHash, record.statement, context, false, proof);
    }

    /// @dev Every field and every byte of the proof counts.
    function testFuzz_RevertWhen_AnythingDiffers(uint256 field, uint256 change, uint256 place, uint8 bits) public {
        (Record memory record, bytes memory proof) = authenticityRecord(1, 2, 3, 0, alice);
        uint256 context = content.contextOf(alice);
        proof[place % proof.length] ^= bytes1(uint8(bound(bits, 1, 255)));
        vm.expectRevert();
        router.verify(record.vkHash, record.statement, context, true, proof);
        proof[place % proof.length] ^= bytes1(uint8(bound(bits, 1, 255)));
        router.verify(record.vkHash, record.statement, context, true, proof);

        bytes32 changed = bytes32(bound(change, 1, type(uint256).max));
        Statement memory other = record.statement;
        if (field % 8 == 0) other.imageCommitment ^= changed;
        if (field % 8 == 1) other.sourceCommitment ^= changed;
        if (field % 8 == 2) other.fingerprint ^= changed;
        if (field % 8 == 3) other.modelHash ^= changed;
        if (field % 8 == 4) other.promptCommitment ^= changed;
        if (field % 8 == 5) other.tolerance ^= uint8(bound(change, 1, 255));
        if (field % 8 == 6) other.extra = new bytes32[](1);
        if (field % 8 == 7) context ^= uint256(changed);
        vm.expectRevert();
        router.verify(record.vkHash, other, context, true, proof);
    }

    function test_RevertWhen_CommitmentsAreOthers() public {
        (Record memory record, bytes memory proof) = authenticityRecord(1, 2, 3, 0, alice);
        Statement memory other = record.statement;
        other.imageCommitment = "x";
        refuses(record, proof, Role.Picture, "x", imageCommitment(1));
        other.imageCommitment = imageCommitment(1);
        other.promptCommitment = "x";
        refuses(record, proof, Role.Prompt, "x", promptCommitment(2));
        other.promptCommitment = promptCommitment(2);
        other.modelHash = 0;
        refuses(record, proof, Role.Model, 0, modelHash(3));
        (record, proof) = committedRecord(1, 5, 0, alice);
        record.statement.fingerprint = FP;
        refuses(record, proof, Role.Fingerprint, FP, fingerprintCommitment(5));
    }

    function refuses(Record memory record, bytes memory proof, Role role, bytes32 expected, bytes32 got) private {
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.CommitmentMismatch.selector, role, expected, got));
        router.verify(record.vkHash, record.statement, 0, true, proof);
    }

    /// @dev What a circuit leaves free is fixed here: nobody can show something that was not proved.
    function test_RevertWhen_TheStatementSaysMoreThanTheClaim() public {
        (Record memory record, bytes memory proof) = generationRecord(1, 2, 3, 0, alice);
        record.statement.fingerprint = FP;
        refusesField(record, proof, GENERATION, 2);
        record.statement.fingerprint = 0;
        record.statement.tolerance = 1;
        refusesField(record, proof, GENERATION, 5);
        (record, proof) = fingerprintRecord(1, FP, 0, alice);
        record.statement.sourceCommitment = "x";
        refusesField(record, proof, FINGERPRINT, 1);
        record.statement.sourceCommitment = 0;
        record.statement.modelHash = "x";
        refusesField(record, proof, FINGERPRINT, 3);
        record.statement.modelHash = 0;
        record.statement.promptCommitment = "x";
        refusesField(record, proof, FINGERPRINT, 4);
        record.statement.promptCommitment = 0;
        record.statement.extra = new bytes32[](1);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.ExtraWords.selector, FINGERPRINT, 0, 1));
        router.verify(record.vkHash, record.statement, 0, true, proof);
        record.statement.extra = new bytes32[](0);
        record.statement.tolerance = 32;
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.ToleranceTooLarge.selector, 32, 31));
        router.verify(record.vkHash, record.statement, 0, true, proof);
    }

    function refusesField(Record memory record, bytes memory proof, bytes32 claimId, uint256 field) private {
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotInTheClaim.selector, claimId, field));
        router.verify(record.vkHash, record.statement, 0, true, proof);
    }

    function test_PublicInputsAreMadeOfTheStatement() public view {
        (Record memory record,) = fingerprintRecord(1, bytes32(uint256(5) << 128 | 3), 7, alice);
        uint256[] memory inputs = router.publicInputsOf(FINGERPRINT, record.statement, 11);
        vm.assertEq(abi.encodePacked(inputs), abi.encode(3, 5, 7, 11));
        (record,) = generationRecord(1, 2, 3, 0, alice);
        inputs = router.publicInputsOf(GENERATION, record.statement, 11);
        vm.assertEq(abi.encodePacked(inputs), abi.encode(0, 0, 0, 11));
        (record,) = committedRecord(1, 5, 7, alice);
        inputs = router.publicInputsOf(COMMITTED, record.statement, 11);
        uint256 hash = uint256(fingerprintCommitment(5));
        vm.assertEq(abi.encodePacked(inputs), abi.encode(uint128(hash), hash >> 128, 7, 11));
    }

    function test_RevertWhen_KeyOrProofIsUnknown() public {
        (Record memory record,) = fingerprintRecord(1, FP, 0, alice);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.UnknownVerifyingKey.selector, bytes32("x")));
        router.verify("x", record.statement, 0, true, "");
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.ProofTooShort.selector, 191, 192));
        router.verify(vkFingerprint, record.statement, 0, true, new bytes(191));
        (record,) = generationRecord(1, 2, 3, 0, alice);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.ProofTooShort.selector, 767, 768));
        router.verify(vkGeneration, record.statement, 0, true, new bytes(767));
        // Long enough, and the right points: the verifier's to refuse.
        (record,) = fingerprintRecord(1, FP, 0, alice);
        vm.expectPartialRevert(MockClaimVerifier.MockRejected.selector);
        router.verify(vkFingerprint, record.statement, 0, true, bytes.concat(points(1, 3), bytes32(0)));
    }

    function test_RevertWhen_CodeChanges() public {
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 7, alice);
        address verifier = router.claimOf(FINGERPRINT).verifier;
        vm.etch(verifier, address(new BrokenVerifier()).code);
        vm.assertFalse(router.answers(vkFingerprint));
        vm.assertTrue(router.standingOf(vkFingerprint).codeChanged);
        vm.expectPartialRevert(IClaimRouter.CodeChanged.selector);
        router.verify(vkFingerprint, record.statement, 0, true, proof);
        setUp();
        address vk = router.keyOf(vkFingerprint).vk;
        vm.etch(vk, keyCode(FINGERPRINT, SRS, 1, 77));
        vm.assertFalse(router.answers(vkFingerprint));
        vm.expectPartialRevert(IClaimRouter.CodeChanged.selector);
        router.verify(vkFingerprint, record.statement, 0, true, proof);
        vm.etch(vk, "");
        vm.expectPartialRevert(IClaimRouter.CodeChanged.selector);
        router.verify(vkFingerprint, record.statement, 0, true, proof);
    }

    /// @dev Without its code a verifier's address says yes to everything.
    function test_RevertWhen_TheVerifierVanished() public {
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 7, alice);
        vm.etch(router.claimOf(FINGERPRINT).verifier, "");
        vm.expectPartialRevert(IClaimRouter.CodeChanged.selector);
        router.verify(vkFingerprint, record.statement, 0, true, proof);
    }

    function testFuzz_AnyoneAddsAKeyWhichIsUnreviewed(address anyone, bytes32 srsId) public {
        address vk = key(GENERATION, srsId, 1, 9);
        vm.prank(anyone);
        bytes32 vkHash = router.addKey(vk);
        vm.assertEq(vkHash, vk.codehash);
        IClaimRouter.Key memory found = router.keyOf(vkHash);
        vm.assertEq(found.claimId, GENERATION);
        vm.assertEq(found.vk, vk);
        vm.assertEq(found.index, 4);
        vm.assertEq(router.vkHashAt(4), vkHash);
        vm.assertEq(router.keyCount(), 5);
        vm.assertFalse(found.reviewed);
        vm.assertTrue(found.unsafeDevelopment);
        vm.assertEq(found.srsId, srsId);
        vm.assertEq(found.k, K);
        vm.assertEq(found.architecture, ARCHITECTURE);
        vm.assertEq(abi.encodePacked(found.subject), abi.encode(WIDTH, HEIGHT, ARCHITECTURE));
        vm.assertTrue(router.answers(vkHash));
        vm.assertFalse(router.standingOf(vkHash).reviewed);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.KeyTaken.selector, vkHash));
        router.addKey(vk);
        // The same bytes at another address are the same key.
        address twin = deploy(vk.code);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.KeyTaken.selector, vkHash));
        router.addKey(twin);
    }

    function test_AKeyWithoutAModelNamesNoArchitecture() public view {
        IClaimRouter.Key memory found = router.keyOf(vkFingerprint);
        vm.assertEq(found.architecture, 0);
        vm.assertEq(found.subject.length, 2);
        vm.assertTrue(found.reviewed);
    }

    function test_OnlyTheOwnerReviewsBehindTheDelay() public {
        bytes32 vkHash = router.addKey(key(FINGERPRINT, SRS, 1, 9));
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, mallory));
        vm.prank(mallory);
        router.proposeReview(vkHash);
        vm.expectPartialRevert(IClaimRouter.NotProposed.selector);
        vm.prank(owner);
        router.reviewKey(vkHash);
        vm.prank(owner);
        bytes32 proposal = router.proposeReview(vkHash);
        vm.warp(block.timestamp + DELAY);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, mallory));
        vm.prank(mallory);
        router.reviewKey(vkHash);
        vm.prank(guardian);
        router.cancel(proposal);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotProposed.selector, proposal));
        vm.prank(owner);
        router.reviewKey(vkHash);
        review(vkHash);
        vm.assertTrue(router.standingOf(vkHash).reviewed);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.AlreadyReviewed.selector, vkHash));
        vm.prank(owner);
        router.proposeReview(vkHash);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.UnknownVerifyingKey.selector, bytes32("x")));
        vm.prank(owner);
        router.proposeReview("x");
    }

    function test_RevertWhen_AKeyThatEndedIsReviewed() public {
        bytes32 vkHash = router.addKey(key(FINGERPRINT, SRS, 1, 9));
        vm.prank(owner);
        router.proposeReview(vkHash);
        vm.prank(owner);
        router.removeKey(vkHash, IClaimRouter.Reason.Broken);
        vm.warp(block.timestamp + DELAY);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.KeyHasEnded.selector, vkHash, IClaimRouter.Reason.Broken));
        vm.prank(owner);
        router.reviewKey(vkHash);
    }

    function test_RevertWhen_KeyIsCrafted() public {
        bytes memory code = keyCode(FINGERPRINT, SRS, 1, 9);
        code[0] = 0x5b;
        refusesKey(deploy(code), IClaimRouter.NotAVerifyingKey.selector);
        code = keyCode(FINGERPRINT, SRS, 1, 9);
        code[1] ^= 0x01;
        refusesKey(deploy(code), IClaimRouter.NotAVerifyingKey.selector);
        refusesKey(key(FINGERPRINT, SRS, 2, 9), IClaimRouter.NotAVerifyingKey.selector);
        refusesKey(key(FINGERPRINT, SRS, 1 << 255, 9), IClaimRouter.NotAVerifyingKey.selector);
        // Of another constraint system.
        code = keyCode(FINGERPRINT, SRS, 1, 9);
        code[1 + 2 * 32] ^= 0x01;
        refusesKey(deploy(code), IClaimRouter.VerifierMismatch.selector);
        // Of no claim that there is.
        refusesKey(key("no claim", SRS, 1, 9), IClaimRouter.UnknownClaim.selector);
        // Shorter than a header.
        code = keyCode(FINGERPRINT, SRS, 1, 9);
        assembly ("memory-safe") {
            mstore(code, 224)
        }
        refusesKey(deploy(code), IClaimRouter.NotAVerifyingKey.selector);
        // With fewer or more words about its subject than the claim's keys have.
        refusesKey(deploy(keyCode(FINGERPRINT, SRS, 1, abi.encode(1), 9)), IClaimRouter.NotAVerifyingKey.selector);
        refusesKey(deploy(keyCode(FINGERPRINT, SRS, 1, abi.encode(1, 2, 3), 9)), IClaimRouter.NotAVerifyingKey.selector);
        // About a model, and naming no architecture.
        refusesKey(deploy(keyCode(GENERATION, SRS, 1, abi.encode(1, 2, 0), 9)), IClaimRouter.NotAVerifyingKey.selector);
        refusesKey(address(0xdead), IClaimRouter.NoCode.selector);
        // Code that runs, and begins as a key does.
        refusesKey(address(router), IClaimRouter.NotAVerifyingKey.selector);
    }

    function refusesKey(address vk, bytes4 selector) private {
        vm.expectPartialRevert(selector);
        router.addKey(vk);
    }

    function test_RevertWhen_KeyIsForDevelopmentAndTheChainIsNot() public {
        address vk = key(FINGERPRINT, SRS, 1, 9);
        vm.chainId(1);
        refusesKey(vk, IClaimRouter.UnsafeDevelopmentKey.selector);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.DelayTooShort.selector, 0, 2 days));
        IClaimRouter.Deployment memory made = deployment(new IClaimRouter.ClaimInput[](0));
        made.delay = 0;
        new ClaimRouter(made);
        made.delay = DELAY;
        made.claims = new IClaimRouter.ClaimInput[](1);
        made.claims[0] = claimInput(describeFingerprint(), vk);
        vm.expectPartialRevert(IClaimRouter.UnsafeDevelopmentKey.selector);
        new ClaimRouter(made);
        made.claims[0].keys[0] = key(FINGERPRINT, SRS, 0, 9);
        vm.assertFalse(new ClaimRouter(made).keyAt(0).unsafeDevelopment);
    }

    /// @dev A chain for development that forks into one that is none leaves its keys behind.
    function test_ADevelopmentKeyDoesNotOutliveItsChain() public {
        (Record memory record,) = fingerprintRecord(1, FP, 0, alice);
        vm.chainId(1);
        bytes memory proof = prove(record, points(1, 3));
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.UnsafeDevelopmentKey.selector, vkFingerprint, 1));
        registerAs(alice, record, proof);
    }

    function test_RevertWhen_ListsEnd() public {
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NoSuchEntry.selector, 4, 4));
        router.keyAt(4);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NoSuchEntry.selector, 4, 4));
        router.claimAt(4);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.UnknownVerifyingKey.selector, bytes32("x")));
        router.keyOf("x");
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.UnknownVerifyingKey.selector, bytes32("x")));
        router.standingOf("x");
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.UnknownClaim.selector, bytes32("x")));
        router.claimOf("x");
        vm.assertFalse(router.answers("x"));
        vm.assertEq(router.claimCount(), 4);
        vm.assertEq(router.claimAt(3).claimId, COMMITTED);
    }
}
