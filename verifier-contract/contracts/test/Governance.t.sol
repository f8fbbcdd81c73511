// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {ClaimRouter} from "../src/ClaimRouter.sol";
import {IClaimRouter} from "../src/IClaimRouter.sol";
import {IContentRegistry} from "../src/IContentRegistry.sol";
import {ClaimDescription, Record} from "../src/Types.sol";
import {Base} from "./Base.sol";
import {BrokenVerifier} from "./ClaimRouter.t.sol";
import {bound, vm} from "./Forge.sol";
import {describeFingerprint} from "./generated/Claims.sol";
import {MockClaimVerifier} from "./MockClaimVerifier.sol";

/// @dev Who may do what, when, and what an end leaves behind.
contract GovernanceTest is Base {
    bytes32 private constant OTHER_SRS = bytes32(uint256(0xbad));

    function newClaim() private pure returns (ClaimDescription memory description) {
        description = describeFingerprint();
        description.name = "fingerprint-v2";
    }

    function test_ClaimsWaitAndOnlyTheOwnerAddsThem() public {
        ClaimDescription memory description = newClaim();
        address verifier = mockOf(description);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, mallory));
        vm.prank(mallory);
        router.proposeClaim(description, verifier);
        vm.expectPartialRevert(IClaimRouter.NotProposed.selector);
        vm.prank(owner);
        router.addClaim(description, verifier);

        vm.prank(owner);
        bytes32 proposal = router.proposeClaim(description, verifier);
        uint256 ready = router.readyAt(proposal);
        vm.assertEq(ready, block.timestamp + DELAY);
        vm.warp(ready - 1);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotReady.selector, proposal, ready));
        vm.prank(owner);
        router.addClaim(description, verifier);
        vm.warp(ready);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, mallory));
        vm.prank(mallory);
        router.addClaim(description, verifier);
        // Another description is another proposal.
        ClaimDescription memory other = newClaim();
        other.maxTolerance = 30;
        address otherVerifier = mockOf(other);
        vm.expectPartialRevert(IClaimRouter.NotProposed.selector);
        vm.prank(owner);
        router.addClaim(other, otherVerifier);
        vm.prank(owner);
        bytes32 claimId = router.addClaim(description, verifier);
        vm.assertEq(claimId, idOf(description));
        IClaimRouter.Claim memory claim = router.claimAt(4);
        vm.assertEq(claim.claimId, claimId);
        vm.assertEq(claim.verifier, verifier);
        vm.assertEq(claim.verifierCodeHash, verifier.codehash);
        vm.assertEq(router.readyAt(proposal), 0);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.ClaimIdTaken.selector, claimId));
        vm.prank(owner);
        router.proposeClaim(description, verifier);
    }

    function test_RevertWhen_ProposalIsStaleOrCancelled() public {
        ClaimDescription memory description = newClaim();
        address verifier = mockOf(description);
        vm.prank(owner);
        bytes32 proposal = router.proposeClaim(description, verifier);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.AlreadyProposed.selector, proposal));
        vm.prank(owner);
        router.proposeClaim(description, verifier);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotGuardian.selector, mallory));
        vm.prank(mallory);
        router.cancel(proposal);
        vm.prank(guardian);
        router.cancel(proposal);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotProposed.selector, proposal));
        vm.prank(guardian);
        router.cancel(proposal);
        vm.warp(block.timestamp + DELAY);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotProposed.selector, proposal));
        vm.prank(owner);
        router.addClaim(description, verifier);

        vm.prank(owner);
        router.proposeClaim(description, verifier);
        vm.warp(block.timestamp + DELAY + 30 days + 1);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotProposed.selector, proposal));
        vm.prank(owner);
        router.addClaim(description, verifier);
        vm.prank(owner);
        router.proposeClaim(description, verifier);
        vm.warp(block.timestamp + DELAY + 30 days);
        vm.prank(owner);
        router.addClaim(description, verifier);
    }

    function test_RevertWhen_VerifierCodeChangedWhileItWaited() public {
        ClaimDescription memory description = newClaim();
        address verifier = mockOf(description);
        vm.prank(owner);
        router.proposeClaim(description, verifier);
        vm.warp(block.timestamp + DELAY);
        vm.etch(verifier, address(new BrokenVerifier()).code);
        vm.expectPartialRevert(IClaimRouter.NotProposed.selector);
        vm.prank(owner);
        router.addClaim(description, verifier);
    }

    /// @dev Whoever watches the chain sees what a proposal will do, and who was to do it.
    function test_AProposalShowsTheCall() public {
        bytes32 vkHash = router.addKey(key(FINGERPRINT, SRS, 1, 9));
        bytes memory call = abi.encodeCall(router.reviewKey, (vkHash));
        bytes32 proposal = keccak256(abi.encode(call, bytes32(0)));
        vm.expectEmit(true, true, true, true, address(router));
        emit IClaimRouter.Proposed(proposal, vkHash, router.reviewKey.selector, block.timestamp + DELAY, call);
        vm.prank(owner);
        vm.assertEq(router.proposeReview(vkHash), proposal);
        vm.warp(block.timestamp + DELAY);
        vm.prank(owner);
        (bool success,) = address(router).call(call);
        vm.assertTrue(success);
        vm.assertTrue(router.keyOf(vkHash).reviewed);
    }

    function test_GuardianIsReplacedBehindTheDelayAndCannotPreventIt() public {
        vm.prank(owner);
        bytes32 proposal = router.proposeGuardian(alice);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotGuardian.selector, guardian));
        vm.prank(guardian);
        router.cancel(proposal);
        vm.expectPartialRevert(IClaimRouter.NotReady.selector);
        vm.prank(owner);
        router.setGuardian(alice);
        vm.warp(block.timestamp + DELAY);
        vm.prank(owner);
        router.setGuardian(alice);
        vm.assertEq(router.guardian(), alice);
        vm.prank(owner);
        proposal = router.proposeGuardian(guardian);
        vm.prank(owner);
        router.cancel(proposal);
        vm.expectRevert(IClaimRouter.ZeroGuardian.selector);
        vm.prank(owner);
        router.proposeGuardian(address(0));
    }

    function test_OwnerAndGuardianAreTwoUnlessAsked() public {
        IClaimRouter.Deployment memory made = deployment(new IClaimRouter.ClaimInput[](0));
        made.guardian = owner;
        // For development they may be one.
        vm.assertTrue(new ClaimRouter(made).SAME_GUARDIAN_ALLOWED());
        vm.chainId(1);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.GuardianIsOwner.selector, owner));
        new ClaimRouter(made);
        made.allowSameGuardian = true;
        vm.assertTrue(new ClaimRouter(made).SAME_GUARDIAN_ALLOWED());
        made.allowSameGuardian = false;
        made.guardian = guardian;
        ClaimRouter apart = new ClaimRouter(made);
        vm.assertFalse(apart.SAME_GUARDIAN_ALLOWED());
        // Nor do they become one later.
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.GuardianIsOwner.selector, owner));
        vm.prank(owner);
        apart.proposeGuardian(owner);
        vm.prank(owner);
        apart.transferOwnership(guardian);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.GuardianIsOwner.selector, guardian));
        vm.prank(guardian);
        apart.acceptOwnership();
        // A guardian proposed who became owner meanwhile.
        vm.prank(owner);
        apart.proposeGuardian(alice);
        vm.prank(owner);
        apart.transferOwnership(alice);
        vm.prank(alice);
        apart.acceptOwnership();
        vm.warp(block.timestamp + DELAY);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.GuardianIsOwner.selector, alice));
        vm.prank(alice);
        apart.setGuardian(alice);
        made.guardian = address(0);
        vm.expectRevert(IClaimRouter.ZeroGuardian.selector);
        new ClaimRouter(made);
    }

    function test_OwnershipChangesInTwoStepsAndIsNotGivenUp() public {
        vm.prank(owner);
        router.transferOwnership(alice);
        vm.assertEq(router.owner(), owner);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, mallory));
        vm.prank(mallory);
        router.acceptOwnership();
        vm.prank(alice);
        router.acceptOwnership();
        vm.assertEq(router.owner(), alice);
        vm.expectRevert(IClaimRouter.OwnershipIsNeeded.selector);
        vm.prank(alice);
        router.renounceOwnership();
    }

    function test_APauseRefusesNewProofsOnlyAndEnds() public {
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, alice);
        bytes32 recordId = registerAs(alice, record, proof);
        (record, proof) = fingerprintRecord(2, FP, 0, alice);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotGuardian.selector, mallory));
        vm.prank(mallory);
        router.pause(FINGERPRINT);
        vm.prank(guardian);
        router.pause(FINGERPRINT);
        uint256 until = block.timestamp + 14 days;
        vm.assertEq(router.claimOf(FINGERPRINT).pausedUntil, until);
        vm.assertTrue(router.standingOf(vkFingerprint).paused);
        vm.assertFalse(router.answers(vkFingerprint));
        vm.assertTrue(router.answers(vkGeneration));
        // What is registered stays what it is.
        vm.assertEq(statusOf(recordId), uint256(IContentRegistry.Status.Valid));
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.ClaimIsPaused.selector, FINGERPRINT, until));
        registerAs(alice, record, proof);
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.ClaimIsPaused.selector, FINGERPRINT, until));
        registerAs(alice, record, proof);
        vm.warp(until);
        registerAs(alice, record, proof);
    }

    function test_APauseIsNotRenewedForAsLongAgain() public {
        vm.prank(guardian);
        router.pause(FINGERPRINT);
        uint256 until = block.timestamp + 14 days;
        for (uint256 i = 0; i < 2; ++i) {
            // The owner too: two who pause in turn would be one who never ends it.
            vm.expectRevert(abi.encodeWithSelector(IClaimRouter.PausedLately.selector, FINGERPRINT, until + 14 days));
            vm.prank(i == 0 ? guardian : owner);
            router.pause(FINGERPRINT);
            vm.warp(until + 14 days - 1);
        }
        vm.warp(until + 14 days);
        vm.prank(owner);
        router.pause(FINGERPRINT);
    }

    function test_APauseMayEndEarlyAndCountsFromThere() public {
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.ClaimIsNotPaused.selector, FINGERPRINT));
        vm.prank(guardian);
        router.unpause(FINGERPRINT);
        vm.prank(guardian);
        router.pause(FINGERPRINT);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotGuardian.selector, mallory));
        vm.prank(mallory);
        router.unpause(FINGERPRINT);
        vm.warp(block.timestamp + 1 days);
        vm.prank(owner);
        router.unpause(FINGERPRINT);
        vm.assertTrue(router.answers(vkFingerprint));
        uint256 again = block.timestamp + 14 days;
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.PausedLately.selector, FINGERPRINT, again));
        vm.prank(guardian);
        router.pause(FINGERPRINT);
        vm.warp(again);
        vm.prank(guardian);
        router.pause(FINGERPRINT);
    }

    /// @dev Nobody ends a claim in one transaction: not the guardian, not the owner.
    function test_AClaimEndsBehindTheDelay() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, guardian));
        vm.prank(guardian);
        router.proposeStop(FINGERPRINT, IClaimRouter.Reason.Broken);
        vm.expectPartialRevert(IClaimRouter.NotProposed.selector);
        vm.prank(owner);
        router.stopClaim(FINGERPRINT, IClaimRouter.Reason.Broken);
        vm.prank(owner);
        bytes32 proposal = router.proposeStop(FINGERPRINT, IClaimRouter.Reason.Broken);
        vm.prank(guardian);
        router.cancel(proposal);
        vm.prank(owner);
        router.proposeStop(FINGERPRINT, IClaimRouter.Reason.Broken);
        vm.warp(block.timestamp + DELAY);
        // Another reason is another proposal.
        vm.expectPartialRevert(IClaimRouter.NotProposed.selector);
        vm.prank(owner);
        router.stopClaim(FINGERPRINT, IClaimRouter.Reason.Retired);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, mallory));
        vm.prank(mallory);
        router.stopClaim(FINGERPRINT, IClaimRouter.Reason.Broken);
        vm.prank(owner);
        router.stopClaim(FINGERPRINT, IClaimRouter.Reason.Broken);
        refusesForGood(vkFingerprint);
        IClaimRouter.Claim memory claim = router.claimOf(FINGERPRINT);
        vm.assertEq(claim.endedAt, block.timestamp);
        vm.assertEq(claim.doubtfulSince, block.timestamp);
        vm.assertEq(uint256(claim.reason), uint256(IClaimRouter.Reason.Broken));
        vm.assertTrue(router.answers(vkGeneration));
        bytes memory ended =
            abi.encodeWithSelector(IClaimRouter.ClaimHasEnded.selector, FINGERPRINT, IClaimRouter.Reason.Broken);
        vm.expectRevert(ended);
        vm.prank(owner);
        router.proposeStop(FINGERPRINT, IClaimRouter.Reason.Broken);
        vm.expectRevert(ended);
        vm.prank(guardian);
        router.pause(FINGERPRINT);
        address vk = key(FINGERPRINT, SRS, 1, 9);
        vm.expectRevert(ended);
        router.addKey(vk);
        ClaimDescription memory description = describeFingerprint();
        address verifier = mockOf(description);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.ClaimIdTaken.selector, FINGERPRINT));
        vm.prank(owner);
        router.proposeClaim(description, verifier);
    }

    function test_RevertWhen_TheReasonIsNotTheOwners() public {
        for (uint256 i = 0; i < 2; ++i) {
            IClaimRouter.Reason reason = i == 0 ? IClaimRouter.Reason.None : IClaimRouter.Reason.Impossible;
            bytes memory bad = abi.encodeWithSelector(IClaimRouter.BadReason.selector, reason);
            vm.expectRevert(bad);
            vm.prank(owner);
            router.proposeStop(FINGERPRINT, reason);
            vm.expectRevert(bad);
            vm.prank(owner);
            router.stopClaim(FINGERPRINT, reason);
            vm.expectRevert(bad);
            vm.prank(owner);
            router.removeKey(vkFingerprint, reason);
        }
    }

    function test_ARemovedKeyIsATombstone() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, guardian));
        vm.prank(guardian);
        router.removeKey(vkFingerprint, IClaimRouter.Reason.Broken);
        vm.prank(owner);
        router.removeKey(vkFingerprint, IClaimRouter.Reason.Retired);
        refusesForGood(vkFingerprint);
        IClaimRouter.Key memory removed = router.keyOf(vkFingerprint);
        vm.assertEq(removed.endedAt, block.timestamp);
        vm.assertEq(uint256(removed.reason), uint256(IClaimRouter.Reason.Retired));
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.KeyTaken.selector, vkFingerprint));
        router.addKey(removed.vk);
        bytes memory ended =
            abi.encodeWithSelector(IClaimRouter.KeyHasEnded.selector, vkFingerprint, IClaimRouter.Reason.Retired);
        vm.expectRevert(ended);
        vm.prank(owner);
        router.removeKey(vkFingerprint, IClaimRouter.Reason.Broken);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.UnknownVerifyingKey.selector, bytes32("x")));
        vm.prank(owner);
        router.removeKey("x", IClaimRouter.Reason.Broken);
        // The claim and its other keys go on.
        vm.assertEq(router.claimOf(FINGERPRINT).endedAt, 0);
        vm.assertTrue(router.answers(router.addKey(key(FINGERPRINT, SRS, 1, 9))));
    }

    function refusesForGood(bytes32 vkHash) private {
        vm.assertFalse(router.answers(vkHash));
        (Record memory record, bytes memory proof) = fingerprintRecord(77, FP, 0, alice);
        uint256 context = content.contextOf(alice);
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert();
            router.verify(vkHash, record.statement, context, true, proof);
            vm.warp(block.timestamp + 400 days);
        }
        vm.warp(block.timestamp - 1200 days);
    }

    function impossible(bytes32 vkHash, uint256 tolerance) private view returns (uint256[] memory, bytes memory) {
        uint256[] memory inputs = new uint256[](4);
        (inputs[0], inputs[1], inputs[2], inputs[3]) = (1, 2, tolerance, 3);
        return (inputs, proveInputs(vkHash, inputs, points(1, 3)));
    }

    function testFuzz_AProofOfTheImpossibleEndsItsKeyOnly(address anyone, uint256 tolerance) public {
        (uint256[] memory inputs, bytes memory proof) =
            impossible(vkFingerprint, bound(tolerance, 512, type(uint256).max));
        bytes32 other = router.addKey(key(FINGERPRINT, SRS, 1, 9));
        vm.prank(anyone);
        router.stopWithProof(vkFingerprint, inputs, proof);
        refusesForGood(vkFingerprint);
        vm.assertEq(uint256(router.keyOf(vkFingerprint).reason), uint256(IClaimRouter.Reason.Impossible));
        vm.assertTrue(router.answers(other));
        vm.assertEq(router.claimOf(FINGERPRINT).endedAt, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IClaimRouter.KeyHasEnded.selector, vkFingerprint, IClaimRouter.Reason.Impossible)
        );
        router.stopWithProof(vkFingerprint, inputs, proof);
    }

    function test_AGenerationIsImpossibleByItsFirstInput() public {
        uint256[] memory inputs = new uint256[](4);
        inputs[2] = 512;
        bytes memory proof = proveInputs(vkGeneration, inputs, points(1, 2, 3));
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotImpossible.selector, GENERATION));
        router.stopWithProof(vkGeneration, inputs, proof);
        inputs[0] = 1;
        proof = proveInputs(vkGeneration, inputs, points(1, 2, 3));
        router.stopWithProof(vkGeneration, inputs, proof);
        vm.assertFalse(router.answers(vkGeneration));
    }

    function testFuzz_RevertWhen_TheStatementIsPossible(uint256 tolerance) public {
        (uint256[] memory inputs, bytes memory proof) = impossible(vkFingerprint, bound(tolerance, 0, 511));
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotImpossible.selector, FINGERPRINT));
        router.stopWithProof(vkFingerprint, inputs, proof);
        // Impossible, and not proved.
        (inputs,) = impossible(vkFingerprint, 512);
        vm.expectPartialRevert(MockClaimVerifier.MockRejected.selector);
        router.stopWithProof(vkFingerprint, inputs, bytes.concat(points(1, 3), bytes32(0)));
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.InputCount.selector, 4, 3));
        router.stopWithProof(vkFingerprint, new uint256[](3), proof);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.InputCount.selector, 4, 5));
        router.stopWithProof(vkFingerprint, new uint256[](5), proof);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.UnknownVerifyingKey.selector, bytes32("x")));
        router.stopWithProof("x", inputs, proof);
    }

    function test_RevertWhen_TheVerifierOfAnImpossibleProofIsAnother() public {
        (uint256[] memory inputs, bytes memory proof) = impossible(vkFingerprint, 512);
        vm.etch(router.claimOf(FINGERPRINT).verifier, address(new BrokenVerifier()).code);
        vm.expectPartialRevert(IClaimRouter.CodeChanged.selector);
        router.stopWithProof(vkFingerprint, inputs, proof);
    }

    /// @dev The audit's M1: whoever knows one setup's secret forges under its keys, and ends these, no more.
    function test_OneBadSetupDoesNotStopTheOthers() public {
        bytes32[3] memory bad;
        for (uint256 i = 0; i < 3; ++i) {
            bad[i] = router.addKey(key(FINGERPRINT, OTHER_SRS, 1, 10 + i));
            review(bad[i]);
        }
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, alice);
        bytes32 recordId = registerAs(alice, record, proof);
        for (uint256 i = 0; i < 3; ++i) {
            (uint256[] memory inputs, bytes memory forged) = impossible(bad[i], 512);
            vm.prank(mallory);
            router.stopWithProof(bad[i], inputs, forged);
            vm.assertFalse(router.answers(bad[i]));
        }
        vm.assertTrue(router.answers(vkFingerprint));
        vm.assertEq(statusOf(recordId), uint256(IContentRegistry.Status.Valid));
    }

    function test_TwoSetupsStopTheClaim() public {
        bytes32 second = router.addKey(key(FINGERPRINT, OTHER_SRS, 1, 10));
        review(second);
        bytes32 third = router.addKey(key(FINGERPRINT, bytes32(uint256(3)), 1, 11));
        (uint256[] memory inputs, bytes memory proof) = impossible(vkFingerprint, 512);
        router.stopWithProof(vkFingerprint, inputs, proof);
        vm.assertTrue(router.answers(third));
        (inputs, proof) = impossible(second, 512);
        router.stopWithProof(second, inputs, proof);
        vm.assertFalse(router.answers(third));
        IClaimRouter.Claim memory claim = router.claimOf(FINGERPRINT);
        vm.assertEq(uint256(claim.reason), uint256(IClaimRouter.Reason.Impossible));
        vm.assertEq(claim.endedAt, block.timestamp);
    }

    /// @dev A key that nobody reviewed proves anything its maker likes: it ends itself, and says nothing about the claim.
    function test_UnreviewedKeysNeverStopAClaim() public {
        bytes32[3] memory setups = [SRS, OTHER_SRS, bytes32(uint256(3))];
        for (uint256 i = 0; i < 3; ++i) {
            bytes32 crafted = router.addKey(key(FINGERPRINT, setups[i], 1, 20 + i));
            (uint256[] memory inputs, bytes memory proof) = impossible(crafted, 512);
            vm.prank(mallory);
            router.stopWithProof(crafted, inputs, proof);
        }
        vm.assertTrue(router.answers(vkFingerprint));
        // Nor do they count as the first of two.
        (uint256[] memory last, bytes memory lastProof) = impossible(vkFingerprint, 512);
        router.stopWithProof(vkFingerprint, last, lastProof);
        vm.assertEq(router.claimOf(FINGERPRINT).endedAt, 0);
    }

    /// @dev A pause must not protect what is broken.
    function test_AnImpossibleProofCountsDuringAPause() public {
        vm.prank(guardian);
        router.pause(FINGERPRINT);
        (uint256[] memory inputs, bytes memory proof) = impossible(vkFingerprint, 512);
        router.stopWithProof(vkFingerprint, inputs, proof);
        vm.assertEq(router.keyOf(vkFingerprint).endedAt, block.timestamp);
    }

    function test_RecordsKeepAStandingOfTheirOwn() public {
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, alice);
        bytes32 old = registerAs(alice, record, proof);
        vm.warp(block.timestamp + 10 days);
        (record, proof) = fingerprintRecord(2, FP, 0, alice);
        bytes32 young = registerAs(alice, record, proof);
        vm.warp(block.timestamp + 1 days);
        (record, proof) = fingerprintRecord(3, FP, 0, alice);
        bytes32 last = registerAs(alice, record, proof);
        vm.prank(owner);
        router.removeKey(vkFingerprint, IClaimRouter.Reason.Broken);
        uint256 end = block.timestamp;
        vm.assertEq(statusOf(old), uint256(IContentRegistry.Status.ValidBeforeStop));
        vm.assertEq(statusOf(young), uint256(IContentRegistry.Status.ValidBeforeStop));
        // Of the same block: nobody knows which was first.
        vm.assertEq(statusOf(last), uint256(IContentRegistry.Status.VerifierStopped));

        // Doubt reaches back behind the delay, a month at most, and never forward.
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, guardian));
        vm.prank(guardian);
        router.proposeDoubt(vkFingerprint, uint64(end - 2 days));
        refusesDoubt(vkFingerprint, end, end - 30 days);
        refusesDoubt(vkFingerprint, end + 1, end - 30 days);
        refusesDoubt(vkFingerprint, end - 30 days - 1, end - 30 days);
        refusesDoubt(vkGeneration, end - 1, 0);
        refusesDoubt(FINGERPRINT, end - 1, 0);
        vm.prank(owner);
        router.proposeDoubt(vkFingerprint, uint64(end - 2 days));
        vm.expectPartialRevert(IClaimRouter.NotReady.selector);
        vm.prank(owner);
        router.castDoubt(vkFingerprint, uint64(end - 2 days));
        vm.warp(block.timestamp + DELAY);
        vm.prank(owner);
        router.castDoubt(vkFingerprint, uint64(end - 2 days));
        vm.assertEq(statusOf(old), uint256(IContentRegistry.Status.ValidBeforeStop));
        vm.assertEq(statusOf(young), uint256(IContentRegistry.Status.VerifierStopped));
        refusesDoubt(vkFingerprint, end - 1 days, end - 30 days);
        IClaimRouter.Standing memory standing = router.standingOf(vkFingerprint);
        vm.assertEq(standing.endedAt, end);
        vm.assertEq(standing.doubtfulSince, end - 2 days);
        vm.assertEq(uint256(standing.reason), uint256(IClaimRouter.Reason.Broken));
    }

    function refusesDoubt(bytes32 id, uint256 since, uint256 earliest) private {
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.BadDoubt.selector, id, uint64(since), uint64(earliest)));
        vm.prank(owner);
        router.proposeDoubt(id, uint64(since));
    }

    /// @dev Of two ends the first is named, and the doubt of either counts.
    function test_AKeysAndItsClaimsEndsAddUp() public {
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, alice);
        bytes32 recordId = registerAs(alice, record, proof);
        uint256 registered = block.timestamp;
        vm.warp(block.timestamp + 1 days);
        vm.prank(owner);
        router.removeKey(vkFingerprint, IClaimRouter.Reason.Retired);
        uint256 first = block.timestamp;
        vm.warp(block.timestamp + 1 days);
        stopClaim(FINGERPRINT, IClaimRouter.Reason.Broken);
        IClaimRouter.Standing memory standing = router.standingOf(vkFingerprint);
        vm.assertEq(standing.endedAt, first);
        vm.assertEq(uint256(standing.reason), uint256(IClaimRouter.Reason.Retired));
        vm.assertEq(standing.doubtfulSince, first);
        vm.assertEq(statusOf(recordId), uint256(IContentRegistry.Status.ValidBeforeStop));
        vm.prank(owner);
        router.proposeDoubt(FINGERPRINT, uint64(registered));
        vm.warp(block.timestamp + DELAY);
        vm.prank(owner);
        router.castDoubt(FINGERPRINT, uint64(registered));
        vm.assertEq(router.standingOf(vkFingerprint).doubtfulSince, registered);
        vm.assertEq(statusOf(recordId), uint256(IContentRegistry.Status.VerifierStopped));
        // The other way round: the claim ended before its key.
        bytes32 other = router.addKey(key(COMMITTED, SRS, 1, 9));
        stopClaim(COMMITTED, IClaimRouter.Reason.Retired);
        uint256 claimEnd = block.timestamp;
        vm.warp(block.timestamp + 1);
        vm.prank(owner);
        router.removeKey(other, IClaimRouter.Reason.Broken);
        standing = router.standingOf(other);
        vm.assertEq(standing.endedAt, claimEnd);
        vm.assertEq(uint256(standing.reason), uint256(IClaimRouter.Reason.Retired));
    }

    /// @dev What waited for its time is still the owner's to carry out, and only the owner proposes.
    function test_RevertWhen_AnotherDoesWhatTheOwnerProposed() public {
        bytes memory notOwner = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, mallory);
        vm.expectRevert(notOwner);
        vm.prank(mallory);
        router.proposeGuardian(mallory);
        vm.prank(owner);
        router.proposeGuardian(alice);
        vm.prank(owner);
        router.removeKey(vkFingerprint, IClaimRouter.Reason.Broken);
        uint64 since = uint64(block.timestamp - 1 days);
        vm.prank(owner);
        router.proposeDoubt(vkFingerprint, since);
        vm.warp(block.timestamp + DELAY);
        vm.expectRevert(notOwner);
        vm.prank(mallory);
        router.setGuardian(alice);
        vm.expectRevert(notOwner);
        vm.prank(mallory);
        router.castDoubt(vkFingerprint, since);
    }

    /// @dev A key keeps its claim's position in 16 bits, a record its key's in 32.
    function test_RevertWhen_ListsAreFull() public {
        // The lengths of the lists are in these slots.
        vm.store(address(router), bytes32(uint256(5)), bytes32(uint256(type(uint32).max) + 1));
        address vk = key(FINGERPRINT, SRS, 1, 9);
        vm.expectRevert(IClaimRouter.Full.selector);
        router.addKey(vk);
        vm.store(address(router), bytes32(uint256(5)), bytes32(uint256(type(uint32).max)));
        vm.assertEq(router.keyOf(router.addKey(vk)).index, type(uint32).max);
        vm.store(address(router), bytes32(uint256(4)), bytes32(uint256(type(uint16).max)));
        ClaimDescription memory description = newClaim();
        address verifier = mockOf(description);
        vm.prank(owner);
        router.proposeClaim(description, verifier);
        vm.warp(block.timestamp + DELAY);
        vm.expectRevert(IClaimRouter.Full.selector);
        vm.prank(owner);
        router.addClaim(description, verifier);
    }

    function test_NoDelayNoProposal() public {
        IClaimRouter.Deployment memory made = deployment(new IClaimRouter.ClaimInput[](0));
        made.delay = 0;
        router = new ClaimRouter(made);
        ClaimDescription memory description = newClaim();
        address verifier = mockOf(description);
        vm.prank(owner);
        bytes32 claimId = router.addClaim(description, verifier);
        bytes32 vkHash = router.addKey(deploy(keyCode(claimId, SRS, 1, abi.encode(1, 2), 9)));
        // A proposal that was carried out is none any more.
        vm.prank(owner);
        bytes32 proposal = router.proposeReview(vkHash);
        vm.prank(owner);
        router.reviewKey(vkHash);
        vm.assertEq(router.readyAt(proposal), 0);
        vm.prank(owner);
        router.stopClaim(claimId, IClaimRouter.Reason.Retired);
        vm.assertFalse(router.answers(vkHash));
    }
}
