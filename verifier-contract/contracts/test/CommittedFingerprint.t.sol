// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IAuthenticityToken} from "../src/IAuthenticityToken.sol";
import {IClaimRouter} from "../src/IClaimRouter.sol";
import {IContentRegistry} from "../src/IContentRegistry.sol";
import {IModelRegistry} from "../src/IModelRegistry.sol";
import {Base} from "./Base.sol";
import {bound, vm} from "./Forge.sol";

/// @dev The claim whose fingerprint is a salted hash on chain: what is registered is what the proof's fourth point says.
contract CommittedFingerprintTest is Base {
    function testFuzz_TheSaltedHashIsRecordedAndFound(uint128 column, uint8 tolerance) public {
        tolerance = uint8(bound(tolerance, 0, 31));
        bytes32 hash = fingerprintCommitment(column);
        bytes memory proof = committedProof(1, column, hash, tolerance, alice);
        vm.prank(alice);
        bytes32 id = content.register(vkCommitted, hash, tolerance, 0, proof);
        vm.assertEq(id, content.recordIdOf(imageCommitment(1), hash, 0, 0, vkCommitted, alice));
        IContentRegistry.Record memory found = content.record(id);
        vm.assertEq(found.fingerprint, hash);
        vm.assertEq(found.claimId, COMMITTED);
        vm.assertEq(found.modelHash, 0);
        (IContentRegistry.Record[] memory page,) = content.recordsByFingerprint(hash, 0, 10);
        vm.assertEq(page.length, 1);
        content.check(vkCommitted, imageCommitment(1), hash, tolerance, alice, proof);
        IClaimRouter.Facts memory facts = router.verify(vkCommitted, inputsOf(hash, tolerance, alice), proof);
        vm.assertEq(facts.fingerprintCommitment, hash);
        vm.assertEq(facts.architecture, 0);
    }

    /// @dev The circuit does not read the public inputs in the fingerprint's place: a proof of any word verifies.
    function testFuzz_RevertWhen_TheWordIsNotTheProofs(uint128 column, bytes32 word) public {
        bytes32 hash = fingerprintCommitment(column);
        vm.assume(word != hash);
        bytes memory proof = committedProof(1, column, word, 0, alice);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.FingerprintMismatch.selector, word, hash));
        vm.prank(alice);
        content.register(vkCommitted, word, 0, 0, proof);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.FingerprintMismatch.selector, word, hash));
        content.check(vkCommitted, imageCommitment(1), word, 0, alice, proof);
    }

    function test_OtherClaimsHaveNoCommittedFingerprint() public view {
        bytes memory proof = fingerprintProof(1, "fp", 0, alice);
        vm.assertEq(router.verify(vkFingerprint, inputsOf("fp", 0, alice), proof).fingerprintCommitment, 0);
        proof = generationProof(1, 2, 3, alice);
        vm.assertEq(router.verify(vkGeneration, inputsOf(0, 0, alice), proof).fingerprintCommitment, 0);
    }

    function test_RevertWhen_TheFourthPointIsMissing() public {
        uint256[4] memory inputs = inputsOf("fp", 0, alice);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.ProofTooShort.selector, 255, 256));
        router.verify(vkCommitted, inputs, new bytes(255));
    }

    function test_RevertWhen_AModelIsNamed() public {
        bytes32 hash = fingerprintCommitment(5);
        bytes memory proof = committedProof(1, 5, hash, 0, alice);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.NoModel.selector, COMMITTED));
        vm.prank(alice);
        content.register(vkCommitted, hash, 0, 1, proof);
        IModelRegistry.ModelCommitment memory commitment = model(3);
        commitment.vkHash = vkCommitted;
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotAModelKey.selector, vkCommitted));
        models.registerModel(commitment);
        bytes memory aigcData = abi.encode(vkCommitted, imageCommitment(1), bytes32(0), hash, uint8(0), alice);
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.NotAGeneratedContent.selector, vkCommitted));
        token.verify(abi.encode(bytes32(0)), aigcData, proof);
    }

    function test_AKeyWithAnArchitectureIsNotForIt() public {
        address vk = key(1, ARCHITECTURE, 9);
        vm.expectRevert(
            abi.encodeWithSelector(
                IClaimRouter.ArchitectureMismatch.selector, IClaimRouter.Statement.CommittedFingerprint, ARCHITECTURE
            )
        );
        vm.prank(owner);
        router.proposeKey(COMMITTED, vk);
    }

    function test_AnImpossibleToleranceStopsIt() public {
        uint256[4] memory inputs = [uint256(1), 2, 511, 3];
        bytes memory leading = bytes.concat(points(1), abi.encode(uint256(5), uint256(6)));
        bytes memory proof = prove(vkCommitted, inputs, leading);
        vm.expectRevert(
            abi.encodeWithSelector(IClaimRouter.NotImpossible.selector, IClaimRouter.Statement.CommittedFingerprint)
        );
        router.stopWithProof(vkCommitted, inputs, proof);
        inputs[2] = 512;
        proof = prove(vkCommitted, inputs, leading);
        router.stopWithProof(vkCommitted, inputs, proof);
        vm.assertEq(router.answers(vkCommitted), false);
        vm.assertEq(router.answers(vkFingerprint), true);
    }
}
