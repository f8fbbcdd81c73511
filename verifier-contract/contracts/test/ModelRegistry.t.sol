// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IClaimRouter} from "../src/IClaimRouter.sol";
import {IModelRegistry} from "../src/IModelRegistry.sol";
import {Base} from "./Base.sol";
import {vm} from "./Forge.sol";
import {MockClaimVerifier} from "./MockClaimVerifier.sol";

contract ModelRegistryTest is Base {
    function outputOf(uint256 image, address registrant) private view returns (bytes memory) {
        return abi.encode(imageCommitment(image), address(content), registrant, bytes32(0), uint8(0));
    }

    function test_ModelsAreRegisteredByManyAndOwnedByEach() public {
        uint256 first = registerModel(3, alice);
        uint256 second = registerModel(3, mallory);
        vm.assertEq(first, 1);
        vm.assertEq(second, 2);
        (IModelRegistry.ModelCommitment memory found, bool deprecated, address by) = models.getModel(first);
        vm.assertEq(keccak256(abi.encode(found)), keccak256(abi.encode(model(3))));
        vm.assertFalse(deprecated);
        vm.assertEq(by, alice);
        vm.assertEq(models.modelIdOf(modelHash(3), vkGeneration, mallory), second);
        uint256[] memory all = models.modelsByHash(modelHash(3), 0, type(uint256).max);
        vm.assertEq(all.length, 2);
        vm.assertEq(models.modelsByHash(modelHash(3), 1, 5)[0], second);
        vm.assertEq(models.modelsByHash(modelHash(3), 2, 5).length, 0);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelAlreadyRegistered.selector, first));
        vm.prank(alice);
        models.registerModel(model(3));
    }

    function test_RevertWhen_CommitmentDoesNotFitTheKey() public {
        IModelRegistry.ModelCommitment memory bad = model(3);
        bad.modelHash = 0;
        refuses(bad, IModelRegistry.EmptyCommitment.selector);
        bad = model(3);
        bad.circuitHash = "other";
        refuses(bad, IModelRegistry.CircuitMismatch.selector);
        bad = model(3);
        bad.proofSystemId = 0;
        refuses(bad, IModelRegistry.UnsupportedProofSystem.selector);
        bad = model(3);
        bad.vkHash = vkFingerprint;
        refuses(bad, IModelRegistry.NotAModelKey.selector);
        bad.vkHash = "unknown";
        refuses(bad, IClaimRouter.UnknownVerifyingKey.selector);
        vm.prank(guardian);
        router.stop(GENERATION);
        refuses(model(3), IModelRegistry.NotAModelKey.selector);
    }

    function test_OnlyTheOwnerChangesAModelAndOnlyItsUri() public {
        uint256 id = registerModel(3, alice);
        IModelRegistry.ModelCommitment memory changed = model(3);
        changed.uri = "ipfs://elsewhere";
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotModelOwner.selector, id, mallory));
        vm.prank(mallory);
        models.updateModel(id, changed);
        vm.prank(alice);
        models.updateModel(id, changed);
        (IModelRegistry.ModelCommitment memory found,,) = models.getModel(id);
        vm.assertEq(found.uri, "ipfs://elsewhere");
        changed.modelHash = "other";
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.CommitmentImmutable.selector, id));
        vm.prank(alice);
        models.updateModel(id, changed);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotModelOwner.selector, id, mallory));
        vm.prank(mallory);
        models.deprecateModel(id);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelNotFound.selector, 0));
        models.deprecateModel(0);
        vm.prank(alice);
        models.deprecateModel(id);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelIsDeprecated.selector, id));
        models.requireUsable(id, modelHash(3));
    }

    function test_AModelIsTransferredInTwoSteps() public {
        uint256 id = registerModel(3, alice);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotModelOwner.selector, id, mallory));
        vm.prank(mallory);
        models.transferModel(id, mallory);
        vm.prank(alice);
        models.transferModel(id, owner);
        vm.assertEq(models.pendingOwnerOf(id), owner);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotPendingModelOwner.selector, id, mallory));
        vm.prank(mallory);
        models.acceptModel(id);
        vm.prank(owner);
        models.acceptModel(id);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotModelOwner.selector, id, alice));
        vm.prank(alice);
        models.deprecateModel(id);
        // Nobody may accept what is not offered any more.
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotPendingModelOwner.selector, id, owner));
        vm.prank(owner);
        models.acceptModel(id);
    }

    function test_LineageHasNoCirclesAndSaysWhoSaidSo() public {
        uint256 parent = registerModel(3, alice);
        uint256 own = registerModel(4, alice);
        uint256 foreign = registerModel(5, mallory);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotModelOwner.selector, own, mallory));
        vm.prank(mallory);
        models.submitUpdate(parent, own, "update");
        vm.prank(alice);
        models.submitUpdate(parent, own, "update");
        vm.prank(mallory);
        models.submitUpdate(parent, foreign, "claimed");
        IModelRegistry.Update[] memory updates = models.getUpdates(parent, 0, 10);
        vm.assertEq(updates.length, 2);
        vm.assertTrue(updates[0].byParentOwner);
        vm.assertFalse(updates[1].byParentOwner);
        vm.assertEq(updates[1].childId, foreign);
        vm.assertEq(models.parentOf(own), parent);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotAParent.selector, parent, own));
        vm.prank(alice);
        models.submitUpdate(parent, own, "again");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotAParent.selector, own, parent));
        vm.prank(alice);
        models.submitUpdate(own, parent, "circle");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotAParent.selector, parent, parent));
        vm.prank(alice);
        models.submitUpdate(parent, parent, "itself");
    }

    function test_AnInferenceIsVerifiedByTheRealPath() public {
        uint256 id = registerModel(3, alice);
        bytes memory proof = generationProof(1, 2, 3, alice);
        bytes memory output = outputOf(1, alice);
        vm.expectEmit(true, true, true, true, address(models));
        emit IModelRegistry.InferenceVerified(id, promptCommitment(2), output, address(this));
        models.verifyInference(id, promptCommitment(2), output, proof);

        vm.expectRevert(IModelRegistry.InputCommitmentMismatch.selector);
        models.verifyInference(id, promptCommitment(9), output, proof);
        vm.expectRevert(IModelRegistry.OutputMismatch.selector);
        models.verifyInference(id, promptCommitment(2), outputOf(9, alice), proof);
        // Bound to another registrant: the public inputs are others.
        vm.expectPartialRevert(MockClaimVerifier.MockRejected.selector);
        models.verifyInference(id, promptCommitment(2), outputOf(1, mallory), proof);
        vm.expectRevert(IModelRegistry.OutputMismatch.selector);
        models.verifyInference(id, promptCommitment(2), bytes.concat(output, bytes32(0)), proof);
        // Dirty bits above an address.
        bytes memory dirty = bytes.concat(output);
        dirty[32] = 0x01;
        vm.expectRevert(IModelRegistry.OutputMismatch.selector);
        models.verifyInference(id, promptCommitment(2), dirty, proof);
        uint256 another = registerModel(4, alice);
        vm.expectRevert(IModelRegistry.ModelMismatch.selector);
        models.verifyInference(another, promptCommitment(2), output, proof);
        vm.prank(alice);
        models.deprecateModel(id);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.VerificationRefused_ModelDeprecated.selector, id));
        models.verifyInference(id, promptCommitment(2), output, proof);
    }

    function test_SupportsTheInterfaces() public view {
        bytes4 registry = bytes4(keccak256("registerModel((bytes32,bytes32,bytes32,bytes4,string))"))
            ^ bytes4(keccak256("updateModel(uint256,(bytes32,bytes32,bytes32,bytes4,string))"))
            ^ bytes4(keccak256("deprecateModel(uint256)")) ^ bytes4(keccak256("getModel(uint256)"));
        bytes4 inference = bytes4(keccak256("verifyInference(uint256,bytes32,bytes,bytes)"))
            ^ bytes4(keccak256("proofSystemOf(uint256)")) ^ bytes4(keccak256("registry()"));
        vm.assertTrue(models.supportsInterface(registry));
        vm.assertTrue(models.supportsInterface(inference));
        vm.assertTrue(models.supportsInterface(0x01ffc9a7));
        vm.assertFalse(models.supportsInterface(0xffffffff));
    }

    function refuses(IModelRegistry.ModelCommitment memory bad, bytes4 selector) private {
        vm.expectPartialRevert(selector);
        models.registerModel(bad);
    }
}
