// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {ClaimRouter} from "../src/ClaimRouter.sol";
import {IClaimRouter} from "../src/IClaimRouter.sol";
import {Base} from "./Base.sol";
import {bound, vm} from "./Forge.sol";
import {MockClaimVerifier} from "./MockClaimVerifier.sol";

/// @dev Takes every proof: what a broken verifier is like.
contract BrokenVerifier {
    bytes32 public constant constraintSystemDigest = bytes32(type(uint256).max / 255 * 0xc5);

    function verify(address, uint256[4] calldata, bytes calldata) external view {}
}

contract ClaimRouterTest is Base {
    function test_VerifyReturnsWhatTheProofIsAbout() public view {
        uint256[4] memory inputs = inputsOf("fp", 7, alice);
        IClaimRouter.Facts memory facts =
            router.verify(vkAuthenticity, inputs, prove(vkAuthenticity, inputs, points(1, 2, 3)));
        vm.assertEq(facts.claimId, AUTHENTICITY);
        vm.assertEq(uint256(facts.statement), uint256(IClaimRouter.Statement.Authenticity));
        vm.assertEq(facts.keyIndex, 2);
        vm.assertEq(facts.imageCommitment, imageCommitment(1));
        vm.assertEq(facts.promptCommitment, promptCommitment(2));
        vm.assertEq(facts.modelHash, modelHash(3));
        vm.assertEq(facts.architecture, ARCHITECTURE);
        facts = router.verify(vkFingerprint, inputs, prove(vkFingerprint, inputs, points(1)));
        vm.assertEq(facts.imageCommitment, imageCommitment(1));
        vm.assertEq(facts.modelHash, 0);
        vm.assertEq(facts.promptCommitment, 0);
    }

    function testFuzz_RevertWhen_AnythingOfTheProofDiffers(uint256 row, uint256 change, uint256 place, uint8 bits)
        public
    {
        uint256[4] memory inputs = inputsOf("fp", 7, alice);
        bytes memory proof = prove(vkGeneration, inputs, points(1, 2, 3));
        uint256[4] memory others = [inputs[0], inputs[1], inputs[2], inputs[3]];
        others[row % 4] ^= bound(change, 1, type(uint256).max);
        vm.expectRevert();
        router.verify(vkGeneration, others, proof);
        proof[place % proof.length] ^= bytes1(uint8(bound(bits, 1, 255)));
        vm.expectRevert();
        router.verify(vkGeneration, inputs, proof);
    }

    function test_RevertWhen_KeyOrProofIsUnknown() public {
        uint256[4] memory inputs;
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.UnknownVerifyingKey.selector, bytes32("x")));
        router.verify("x", inputs, "");
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.ProofTooShort.selector, 191, 192));
        router.verify(vkFingerprint, inputs, new bytes(191));
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.ProofTooShort.selector, 767, 768));
        router.verify(vkGeneration, inputs, new bytes(767));
        // Long enough: the verifier's to refuse.
        vm.expectPartialRevert(MockClaimVerifier.MockRejected.selector);
        router.verify(vkFingerprint, inputs, new bytes(192));
    }

    function test_AdditionsWaitAndOnlyTheOwnerMakesThem() public {
        address vk = key(1, 0, 9);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, mallory));
        vm.prank(mallory);
        router.proposeKey(FINGERPRINT, vk);
        vm.expectPartialRevert(IClaimRouter.NotProposed.selector);
        vm.prank(owner);
        router.addKey(FINGERPRINT, vk);

        vm.prank(owner);
        bytes32 proposal = router.proposeKey(FINGERPRINT, vk);
        uint256 ready = router.readyAt(proposal);
        vm.assertEq(ready, block.timestamp + DELAY);
        vm.warp(ready - 1);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotReady.selector, proposal, ready));
        vm.prank(owner);
        router.addKey(FINGERPRINT, vk);
        vm.warp(ready);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, mallory));
        vm.prank(mallory);
        router.addKey(FINGERPRINT, vk);
        // Another claim's is another proposal.
        vm.expectPartialRevert(IClaimRouter.NotProposed.selector);
        vm.prank(owner);
        router.addKey(GENERATION, vk);
        vm.prank(owner);
        bytes32 vkHash = router.addKey(FINGERPRINT, vk);
        vm.assertEq(router.keyAt(4).vkHash, vkHash);
        vm.assertTrue(router.answers(vkHash));
    }

    function test_RevertWhen_ProposalIsStaleOrCancelled() public {
        address vk = key(1, 0, 9);
        vm.prank(owner);
        bytes32 proposal = router.proposeKey(FINGERPRINT, vk);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.AlreadyProposed.selector, proposal));
        vm.prank(owner);
        router.proposeKey(FINGERPRINT, vk);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotGuardian.selector, mallory));
        vm.prank(mallory);
        router.cancel(proposal);
        vm.prank(guardian);
        router.cancel(proposal);
        vm.warp(block.timestamp + DELAY);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotProposed.selector, proposal));
        vm.prank(owner);
        router.addKey(FINGERPRINT, vk);

        vm.prank(owner);
        router.proposeKey(FINGERPRINT, vk);
        vm.warp(block.timestamp + DELAY + 30 days + 1);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotProposed.selector, proposal));
        vm.prank(owner);
        router.addKey(FINGERPRINT, vk);
        vm.prank(owner);
        router.proposeKey(FINGERPRINT, vk);
    }

    function test_RevertWhen_VerifierCodeChangedWhileItWaited() public {
        address late = address(new MockClaimVerifier());
        vm.prank(owner);
        router.proposeClaim("new", IClaimRouter.Statement.Fingerprint, late);
        vm.warp(block.timestamp + DELAY);
        vm.etch(late, address(new BrokenVerifier()).code);
        vm.expectPartialRevert(IClaimRouter.NotProposed.selector);
        vm.prank(owner);
        router.addClaim("new", IClaimRouter.Statement.Fingerprint, late);
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
        vm.expectRevert(IClaimRouter.ZeroGuardian.selector);
        vm.prank(owner);
        router.setGuardian(address(0));
    }

    function test_OwnershipChangesInTwoSteps() public {
        vm.prank(owner);
        router.transferOwnership(alice);
        vm.assertEq(router.owner(), owner);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, mallory));
        vm.prank(mallory);
        router.acceptOwnership();
        vm.prank(alice);
        router.acceptOwnership();
        vm.assertEq(router.owner(), alice);
    }

    function test_ATombstoneIsNeverReused() public {
        vm.prank(owner);
        router.removeKey(vkFingerprint);
        refusesForGood(vkFingerprint);
        address vk = router.keyOf(vkFingerprint).vk;
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.KeyTaken.selector, vkFingerprint));
        vm.prank(owner);
        router.proposeKey(FINGERPRINT, vk);
        // The same bytes at another address are the same key.
        address twin = deploy(vk.code);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.KeyTaken.selector, vkFingerprint));
        vm.prank(owner);
        router.proposeKey(FINGERPRINT, twin);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.KeyIsRemoved.selector, vkFingerprint));
        vm.prank(owner);
        router.removeKey(vkFingerprint);

        vm.prank(owner);
        router.removeClaim(GENERATION);
        refusesForGood(vkGeneration);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.ClaimIdTaken.selector, GENERATION));
        vm.prank(owner);
        router.proposeClaim(GENERATION, IClaimRouter.Statement.Generation, address(verifier));
        address other = key(1, ARCHITECTURE, 9);
        vm.expectRevert(
            abi.encodeWithSelector(IClaimRouter.ClaimInactive.selector, GENERATION, IClaimRouter.State.Removed)
        );
        vm.prank(owner);
        router.proposeKey(GENERATION, other);
    }

    function test_AProposalDoesNotOutliveTheClaim() public {
        address vk = key(1, 0, 9);
        vm.prank(owner);
        router.proposeKey(FINGERPRINT, vk);
        vm.prank(guardian);
        router.stop(FINGERPRINT);
        vm.warp(block.timestamp + DELAY);
        vm.expectRevert(
            abi.encodeWithSelector(IClaimRouter.ClaimInactive.selector, FINGERPRINT, IClaimRouter.State.Stopped)
        );
        vm.prank(owner);
        router.addKey(FINGERPRINT, vk);
    }

    function test_GuardianAndOwnerStopNobodyElse() public {
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotGuardian.selector, mallory));
        vm.prank(mallory);
        router.stop(FINGERPRINT);
        vm.prank(guardian);
        router.stop(FINGERPRINT);
        vm.prank(owner);
        router.stop(GENERATION);
        refusesForGood(vkFingerprint);
        refusesForGood(vkGeneration);
        vm.assertTrue(router.answers(vkAuthenticity));
        // Stopped is stopped: it is not turned into something milder.
        vm.expectRevert(
            abi.encodeWithSelector(IClaimRouter.ClaimInactive.selector, FINGERPRINT, IClaimRouter.State.Stopped)
        );
        vm.prank(owner);
        router.removeClaim(FINGERPRINT);
    }

    function testFuzz_AnyoneStopsWithAProofOfTheImpossible(address anyone, uint256 tolerance) public {
        uint256[4] memory inputs = [uint256(1), 2, bound(tolerance, 512, type(uint256).max), 3];
        bytes memory proof = prove(vkFingerprint, inputs, points(1));
        vm.prank(anyone);
        router.stopWithProof(vkFingerprint, inputs, proof);
        refusesForGood(vkFingerprint);
        proof = prove(vkAuthenticity, inputs, points(1, 2, 3));
        vm.prank(anyone);
        router.stopWithProof(vkAuthenticity, inputs, proof);
        refusesForGood(vkAuthenticity);
        inputs = [bound(tolerance, 1, type(uint256).max), 0, 0, 0];
        proof = prove(vkGeneration, inputs, points(1, 2, 3));
        vm.prank(anyone);
        router.stopWithProof(vkGeneration, inputs, proof);
        refusesForGood(vkGeneration);
    }

    function testFuzz_RevertWhen_StoppingWithAPossibleStatement(uint256 tolerance, uint256 low) public {
        uint256[4] memory inputs = [low, 2, bound(tolerance, 0, 511), 3];
        bytes memory proof = prove(vkFingerprint, inputs, points(1));
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotImpossible.selector, IClaimRouter.Statement.Fingerprint));
        router.stopWithProof(vkFingerprint, inputs, proof);
        // A claim without a fingerprint has no tolerance that could be impossible.
        inputs = [uint256(0), 0, 512, 3];
        proof = prove(vkGeneration, inputs, points(1, 2, 3));
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotImpossible.selector, IClaimRouter.Statement.Generation));
        router.stopWithProof(vkGeneration, inputs, proof);
        // Impossible, and not proved.
        inputs = [uint256(0), 0, 512, 3];
        vm.expectPartialRevert(MockClaimVerifier.MockRejected.selector);
        router.stopWithProof(vkFingerprint, inputs, bytes.concat(points(1), bytes32(0)));
    }

    function test_RevertWhen_CodeChanges() public {
        uint256[4] memory inputs = inputsOf("fp", 7, alice);
        bytes memory proof = prove(vkFingerprint, inputs, points(1));
        vm.etch(address(verifier), address(new BrokenVerifier()).code);
        vm.assertFalse(router.answers(vkFingerprint));
        vm.expectPartialRevert(IClaimRouter.CodeChanged.selector);
        router.verify(vkFingerprint, inputs, proof);
        setUp();
        address vk = router.keyOf(vkFingerprint).vk;
        vm.etch(vk, keyCode(1, 0, 77));
        vm.assertFalse(router.answers(vkFingerprint));
        vm.expectPartialRevert(IClaimRouter.CodeChanged.selector);
        router.verify(vkFingerprint, inputs, proof);
    }

    function test_RevertWhen_KeyIsCrafted() public {
        bytes memory code = keyCode(1, 0, 9);
        code[0] = 0x5b;
        refusesKey(deploy(code), IClaimRouter.NotAVerifyingKey.selector);
        code = keyCode(1, 0, 9);
        code[1] ^= 0x01;
        refusesKey(deploy(code), IClaimRouter.NotAVerifyingKey.selector);
        refusesKey(key(2, 0, 9), IClaimRouter.NotAVerifyingKey.selector);
        refusesKey(key(1 << 255, 0, 9), IClaimRouter.NotAVerifyingKey.selector);
        code = keyCode(1, 0, 9);
        code[40] ^= 0x01;
        refusesKey(deploy(code), IClaimRouter.VerifierMismatch.selector);
        // Shorter than a header.
        code = keyCode(1, 0, 9);
        assembly ("memory-safe") {
            mstore(code, 256)
        }
        refusesKey(deploy(code), IClaimRouter.NotAVerifyingKey.selector);
        refusesKey(key(1, ARCHITECTURE, 9), IClaimRouter.ArchitectureMismatch.selector);
        refusesKey(address(0xdead), IClaimRouter.NoCode.selector);
        address without = key(1, 0, 9);
        vm.expectPartialRevert(IClaimRouter.ArchitectureMismatch.selector);
        vm.prank(owner);
        router.proposeKey(GENERATION, without);
    }

    function test_RevertWhen_KeyIsForDevelopmentAndTheChainIsNot() public {
        address vk = key(1, 0, 9);
        vm.chainId(1);
        refusesKey(vk, IClaimRouter.UnsafeDevelopmentKey.selector);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.DelayTooShort.selector, 0, 2 days));
        new ClaimRouter(owner, guardian, 0, new IClaimRouter.ClaimInput[](0));
        IClaimRouter.ClaimInput[] memory claims = new IClaimRouter.ClaimInput[](1);
        claims[0] = claimInput(FINGERPRINT, IClaimRouter.Statement.Fingerprint, vk);
        vm.expectPartialRevert(IClaimRouter.UnsafeDevelopmentKey.selector);
        new ClaimRouter(owner, guardian, DELAY, claims);
        claims[0] = claimInput(FINGERPRINT, IClaimRouter.Statement.Fingerprint, key(0, 0, 9));
        vm.assertFalse(new ClaimRouter(owner, guardian, DELAY, claims).keyAt(0).unsafeDevelopment);
    }

    function test_RevertWhen_AClaimHasNoName() public {
        address late = address(new MockClaimVerifier());
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.UnknownClaim.selector, bytes32(0)));
        vm.prank(owner);
        router.proposeClaim(0, IClaimRouter.Statement.Fingerprint, late);
        IClaimRouter.ClaimInput[] memory claims = new IClaimRouter.ClaimInput[](1);
        claims[0] = claimInput(0, IClaimRouter.Statement.Fingerprint, key(1, 0, 77));
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.UnknownClaim.selector, bytes32(0)));
        new ClaimRouter(owner, guardian, DELAY, claims);
    }

    /// @dev Without a delay too a proposal that was carried out is none any more.
    function test_AProposalIsUsedUpWithoutADelay() public {
        vm.chainId(31337);
        ClaimRouter other = new ClaimRouter(owner, guardian, 0, new IClaimRouter.ClaimInput[](0));
        address late = address(new MockClaimVerifier());
        vm.prank(owner);
        bytes32 proposal = other.proposeClaim("new", IClaimRouter.Statement.Fingerprint, late);
        vm.assertEq(other.readyAt(proposal), block.timestamp);
        vm.prank(owner);
        other.addClaim("new", IClaimRouter.Statement.Fingerprint, late);
        vm.assertEq(other.readyAt(proposal), 0);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotProposed.selector, proposal));
        vm.prank(owner);
        other.cancel(proposal);
    }

    /// @dev Records keep a key's position in 24 bits: one more would read as another key's record.
    function test_RevertWhen_RecordsCouldNotNameTheKey() public {
        // owner, its successor, guardian, proposals, claims, then the list of keys
        bytes32 slot = bytes32(uint256(5));
        vm.store(address(router), slot, bytes32(uint256(1 << 24)));
        address vk = key(1, 0, 78);
        vm.prank(owner);
        router.proposeKey(FINGERPRINT, vk);
        vm.warp(block.timestamp + DELAY);
        vm.expectRevert(IClaimRouter.TooManyKeys.selector);
        vm.prank(owner);
        router.addKey(FINGERPRINT, vk);
        vm.store(address(router), slot, bytes32(uint256((1 << 24) - 1)));
        vm.assertEq(router.keyCount(), (1 << 24) - 1);
        vm.prank(owner);
        router.addKey(FINGERPRINT, vk);
    }

    function test_AClaimIsAddedAsItWasProposed() public {
        address late = address(new MockClaimVerifier());
        IClaimRouter.Statement statement = IClaimRouter.Statement.Generation;
        bytes32 proposal = keccak256(
            abi.encode(
                keccak256("veilmark router proposal: claim"), bytes32("new"), statement, late, address(late).codehash
            )
        );
        uint256 ready = block.timestamp + DELAY;
        vm.expectEmit(true, true, true, true, address(router));
        emit IClaimRouter.Proposed(proposal, "new", late, ready);
        vm.prank(owner);
        vm.assertEq(router.proposeClaim("new", statement, late), proposal);
        vm.warp(ready);
        // What the claim states is a part of what was proposed.
        vm.expectPartialRevert(IClaimRouter.NotProposed.selector);
        vm.prank(owner);
        router.addClaim("new", IClaimRouter.Statement.Fingerprint, late);
        vm.expectEmit(true, true, true, true, address(router));
        emit IClaimRouter.ClaimAdded("new", statement, late, late.codehash);
        vm.prank(owner);
        router.addClaim("new", statement, late);
        vm.assertEq(router.claimCount(), 5);
        IClaimRouter.Claim memory expected =
            IClaimRouter.Claim("new", statement, IClaimRouter.State.Active, late, late.codehash);
        vm.assertEq(abi.encode(router.claimAt(4)), abi.encode(expected));
        vm.assertEq(router.readyAt(proposal), 0);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotProposed.selector, proposal));
        vm.prank(owner);
        router.addClaim("new", statement, late);
    }

    function test_OfTwoClaimsThatWaitUnderOneIdOneIsAdded() public {
        address other = address(new BrokenVerifier());
        vm.prank(owner);
        router.proposeClaim("new", IClaimRouter.Statement.Fingerprint, address(verifier));
        vm.prank(owner);
        router.proposeClaim("new", IClaimRouter.Statement.Fingerprint, other);
        vm.warp(block.timestamp + DELAY);
        vm.prank(owner);
        router.addClaim("new", IClaimRouter.Statement.Fingerprint, address(verifier));
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.ClaimIdTaken.selector, bytes32("new")));
        vm.prank(owner);
        router.addClaim("new", IClaimRouter.Statement.Fingerprint, other);
        vm.assertEq(router.claimOf("new").verifier, address(verifier));
    }

    function test_OfTwoAddressesOfOneKeyThatWaitOneIsAdded() public {
        address vk = key(1, 0, 9);
        address twin = key(1, 0, 9);
        vm.prank(owner);
        router.proposeKey(FINGERPRINT, vk);
        vm.prank(owner);
        router.proposeKey(FINGERPRINT, twin);
        vm.warp(block.timestamp + DELAY);
        vm.prank(owner);
        router.addKey(FINGERPRINT, vk);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.KeyTaken.selector, vk.codehash));
        vm.prank(owner);
        router.addKey(FINGERPRINT, twin);
    }

    function test_RevertWhen_AClaimIsNone() public {
        IClaimRouter.ClaimInput[] memory claims = new IClaimRouter.ClaimInput[](1);
        claims[0] = claimInput("new", IClaimRouter.Statement.Fingerprint, key(1, 0, 9));
        claims[0].verifier = address(0xdead);
        refusesClaim(claims, abi.encodeWithSelector(IClaimRouter.NoCode.selector, address(0xdead)));
        claims[0] = claimInput("new", IClaimRouter.Statement.None, key(1, 0, 9));
        refusesClaim(claims, abi.encodeWithSelector(IClaimRouter.UnknownClaim.selector, bytes32("new")));
        address vk = key(1, 0, 9);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.UnknownClaim.selector, bytes32("none")));
        vm.prank(owner);
        router.proposeKey("none", vk);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.UnknownClaim.selector, bytes32("none")));
        vm.prank(owner);
        router.removeClaim("none");
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.UnknownClaim.selector, bytes32("none")));
        vm.prank(owner);
        router.stop("none");
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.UnknownVerifyingKey.selector, bytes32("none")));
        vm.prank(owner);
        router.removeKey("none");
        vm.assertFalse(router.answers("none"));
    }

    function test_RevertWhen_AVerifierDoesNotJustAnswerItsDigest() public {
        // One answers with a word too many, the other reverts with the digest.
        bytes memory start = bytes.concat(hex"7f", verifier.constraintSystemDigest(), hex"5f52");
        address[2] memory verifiers =
            [deploy(bytes.concat(start, hex"60405ff3")), deploy(bytes.concat(start, hex"60205ffd"))];
        IClaimRouter.ClaimInput[] memory claims = new IClaimRouter.ClaimInput[](1);
        claims[0] = claimInput("new", IClaimRouter.Statement.Fingerprint, key(1, 0, 9));
        for (uint256 i = 0; i < 2; ++i) {
            claims[0].verifier = verifiers[i];
            vm.expectRevert(
                abi.encodeWithSelector(IClaimRouter.VerifierMismatch.selector, verifiers[i], claims[0].keys[0])
            );
            new ClaimRouter(owner, guardian, DELAY, claims);
        }
    }

    function test_TheGuardianDoesNothingOfTheOwners() public {
        address vk = key(1, 0, 9);
        IClaimRouter.Statement statement = IClaimRouter.Statement.Fingerprint;
        bytes[8] memory calls = [
            abi.encodeCall(router.proposeClaim, ("new", statement, address(verifier))),
            abi.encodeCall(router.addClaim, ("new", statement, address(verifier))),
            abi.encodeCall(router.proposeKey, (FINGERPRINT, vk)),
            abi.encodeCall(router.addKey, (FINGERPRINT, vk)),
            abi.encodeCall(router.proposeGuardian, (mallory)),
            abi.encodeCall(router.setGuardian, (mallory)),
            abi.encodeCall(router.removeClaim, (FINGERPRINT)),
            abi.encodeCall(router.removeKey, (vkFingerprint))
        ];
        // All of it waits and is ready, and without the owner nothing of it is done.
        for (uint256 i = 0; i < 6; i += 2) {
            vm.prank(owner);
            (bool proposed,) = address(router).call(calls[i]);
            vm.assertTrue(proposed);
        }
        vm.warp(block.timestamp + DELAY);
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(guardian);
            (bool success, bytes memory reason) = address(router).call(calls[i]);
            vm.assertFalse(success);
            vm.assertEq(reason, abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, guardian));
        }
    }

    function test_TheOwnerCancelsAnyProposal() public {
        vm.expectEmit(true, true, true, true, address(router));
        emit IClaimRouter.Proposed(
            keccak256(abi.encode(keccak256("veilmark router proposal: guardian"), alice)),
            0,
            alice,
            block.timestamp + DELAY
        );
        vm.prank(owner);
        bytes32 proposal = router.proposeGuardian(alice);
        vm.expectEmit(true, true, true, true, address(router));
        emit IClaimRouter.Cancelled(proposal);
        vm.prank(owner);
        router.cancel(proposal);
        vm.warp(block.timestamp + DELAY);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotProposed.selector, proposal));
        vm.prank(owner);
        router.setGuardian(alice);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotProposed.selector, proposal));
        vm.prank(owner);
        router.cancel(proposal);
    }

    function test_TheGuardianIsNeverZero() public {
        vm.expectRevert(IClaimRouter.ZeroGuardian.selector);
        new ClaimRouter(owner, address(0), DELAY, new IClaimRouter.ClaimInput[](0));
        vm.expectRevert(IClaimRouter.ZeroGuardian.selector);
        vm.prank(owner);
        router.proposeGuardian(address(0));
        vm.expectEmit(true, true, true, true);
        emit IClaimRouter.GuardianChanged(address(0), alice);
        ClaimRouter other = new ClaimRouter(owner, alice, 0, new IClaimRouter.ClaimInput[](0));
        vm.expectRevert(IClaimRouter.ZeroGuardian.selector);
        vm.prank(owner);
        other.setGuardian(address(0));
        vm.expectEmit(true, true, true, true, address(other));
        emit IClaimRouter.GuardianChanged(alice, guardian);
        vm.prank(owner);
        other.setGuardian(guardian);
    }

    function test_OnADevelopmentChainAnAdditionMayNotWait() public {
        address vk = key(1, 0, 9);
        uint16[2] memory chains = [31337, 1337];
        for (uint256 i = 0; i < 2; ++i) {
            vm.chainId(chains[i]);
            ClaimRouter other = new ClaimRouter(owner, guardian, 0, new IClaimRouter.ClaimInput[](0));
            vm.prank(owner);
            other.addClaim("new", IClaimRouter.Statement.Fingerprint, address(verifier));
            vm.prank(owner);
            vm.assertTrue(other.answers(other.addKey("new", vk)));
        }
        vm.chainId(1);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.DelayTooShort.selector, 2 days - 1, 2 days));
        new ClaimRouter(owner, guardian, 2 days - 1, new IClaimRouter.ClaimInput[](0));
    }

    function test_AProposalIsGoodForThirtyDays() public {
        address vk = key(1, 0, 9);
        vm.expectEmit(true, true, true, true, address(router));
        emit IClaimRouter.Proposed(
            keccak256(abi.encode(keccak256("veilmark router proposal: key"), FINGERPRINT, vk, vk.codehash)),
            FINGERPRINT,
            vk,
            block.timestamp + DELAY
        );
        vm.prank(owner);
        bytes32 proposal = router.proposeKey(FINGERPRINT, vk);
        vm.warp(router.readyAt(proposal) + 30 days);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.AlreadyProposed.selector, proposal));
        vm.prank(owner);
        router.proposeKey(FINGERPRINT, vk);
        vm.expectEmit(true, true, true, true, address(router));
        emit IClaimRouter.KeyAdded(vk.codehash, FINGERPRINT, vk);
        vm.prank(owner);
        router.addKey(FINGERPRINT, vk);
        vm.assertEq(router.readyAt(proposal), 0);
    }

    function test_EveryEndIsAnEvent() public {
        vm.expectEmit(true, true, true, true, address(router));
        emit IClaimRouter.KeyRemoved(vkFingerprint, FINGERPRINT);
        vm.prank(owner);
        router.removeKey(vkFingerprint);
        vm.expectEmit(true, true, true, true, address(router));
        emit IClaimRouter.ClaimRemoved(FINGERPRINT);
        vm.prank(owner);
        router.removeClaim(FINGERPRINT);
        vm.expectEmit(true, true, true, true, address(router));
        emit IClaimRouter.ClaimStopped(GENERATION, guardian, 0);
        vm.prank(guardian);
        router.stop(GENERATION);
        uint256[4] memory inputs = [uint256(0), 0, 512, 0];
        bytes memory proof = prove(vkAuthenticity, inputs, points(1, 2, 3));
        vm.expectEmit(true, true, true, true, address(router));
        emit IClaimRouter.ClaimStopped(AUTHENTICITY, mallory, vkAuthenticity);
        vm.prank(mallory);
        router.stopWithProof(vkAuthenticity, inputs, proof);
    }

    function test_ListsSayWhatWasAdded() public {
        vm.assertEq(router.claimCount(), 4);
        vm.assertEq(router.keyCount(), 4);
        IClaimRouter.Claim memory claim = IClaimRouter.Claim(
            GENERATION,
            IClaimRouter.Statement.Generation,
            IClaimRouter.State.Active,
            address(verifier),
            address(verifier).codehash
        );
        vm.assertEq(abi.encode(router.claimAt(1)), abi.encode(claim));
        IClaimRouter.Key memory expected = IClaimRouter.Key({
            vkHash: vkGeneration,
            claimId: GENERATION,
            statement: IClaimRouter.Statement.Generation,
            state: IClaimRouter.State.Active,
            verifier: address(verifier),
            vk: router.keyAt(1).vk,
            index: 1,
            unsafeDevelopment: true,
            srsId: SRS,
            k: K,
            width: 640,
            height: 480,
            architecture: ARCHITECTURE
        });
        vm.assertEq(expected.vk.codehash, vkGeneration);
        vm.assertEq(abi.encode(router.keyAt(1)), abi.encode(expected));
        vm.assertEq(router.vkHashAt(1), vkGeneration);
        vm.prank(guardian);
        router.stop(GENERATION);
        vm.assertEq(uint256(router.keyAt(1).state), uint256(IClaimRouter.State.Stopped));
        vm.assertEq(uint256(router.claimOf(GENERATION).state), uint256(IClaimRouter.State.Stopped));
        vm.prank(owner);
        router.removeKey(vkGeneration);
        vm.assertEq(uint256(router.keyAt(1).state), uint256(IClaimRouter.State.Removed));
        vm.assertEq(uint256(router.claimOf("none").state), uint256(IClaimRouter.State.Unknown));
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NoSuchEntry.selector, 4, 4));
        router.claimAt(4);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NoSuchEntry.selector, 4, 4));
        router.keyAt(4);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.UnknownVerifyingKey.selector, bytes32("none")));
        router.keyOf("none");
    }

    function refusesClaim(IClaimRouter.ClaimInput[] memory claims, bytes memory reason) private {
        vm.expectRevert(reason);
        new ClaimRouter(owner, guardian, DELAY, claims);
        vm.expectRevert(reason);
        vm.prank(owner);
        router.proposeClaim(claims[0].claimId, claims[0].statement, claims[0].verifier);
    }

    function refusesKey(address vk, bytes4 selector) private {
        vm.expectPartialRevert(selector);
        vm.prank(owner);
        router.proposeKey(FINGERPRINT, vk);
    }

    function refusesForGood(bytes32 vkHash) private {
        vm.assertFalse(router.answers(vkHash));
        uint256[4] memory inputs = inputsOf("fp", 7, alice);
        bytes memory proof = prove(vkHash, inputs, points(1, 2, 3));
        vm.expectRevert();
        router.verify(vkHash, inputs, proof);
    }
}
