// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IClaimRouter} from "../src/IClaimRouter.sol";
import {IModelRegistry} from "../src/IModelRegistry.sol";
import {Record, Role} from "../src/Types.sol";
import {Base} from "./Base.sol";
import {vm} from "./Forge.sol";
import {MockClaimVerifier} from "./MockClaimVerifier.sol";

contract ModelRegistryTest is Base {
    function outputOf(Record memory record) private view returns (bytes memory) {
        return abi.encode(address(content), record.registrant, record.statement);
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
        router.pause(GENERATION);
        refuses(model(3), IModelRegistry.NotAModelKey.selector);
        vm.warp(block.timestamp + 14 days);
        vm.prank(owner);
        router.removeKey(vkGeneration, IClaimRouter.Reason.Retired);
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
        (Record memory record, bytes memory proof) = generationRecord(1, 2, 3, id, alice);
        bytes memory output = outputOf(record);
        vm.expectEmit(true, true, true, true, address(models));
        emit IModelRegistry.InferenceVerified(id, promptCommitment(2), output, address(this));
        models.verifyInference(id, promptCommitment(2), output, proof);

        vm.expectRevert(IModelRegistry.InputCommitmentMismatch.selector);
        models.verifyInference(id, promptCommitment(9), output, proof);
        record.statement.imageCommitment = imageCommitment(9);
        vm.expectPartialRevert(IClaimRouter.CommitmentMismatch.selector);
        models.verifyInference(id, promptCommitment(2), outputOf(record), proof);
        // Bound to another registrant: the public inputs are others.
        (record,) = generationRecord(1, 2, 3, id, mallory);
        vm.expectPartialRevert(MockClaimVerifier.MockRejected.selector);
        models.verifyInference(id, promptCommitment(2), outputOf(record), proof);
        uint256 another = registerModel(4, alice);
        vm.expectRevert(IModelRegistry.ModelMismatch.selector);
        models.verifyInference(another, promptCommitment(2), output, proof);
        vm.prank(alice);
        models.deprecateModel(id);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.VerificationRefused_ModelDeprecated.selector, id));
        models.verifyInference(id, promptCommitment(2), output, proof);
    }

    /// @dev One output, one encoding: a word changed, added or left out is refused, by name.
    function test_RevertWhen_AnOutputIsEncodedOtherwise() public {
        uint256 id = registerModel(3, alice);
        (Record memory record, bytes memory proof) = generationRecord(1, 2, 3, id, alice);
        bytes memory output = outputOf(record);
        refusesOutput(id, bytes.concat(output, bytes32(0)), proof);
        refusesOutput(id, bytes.concat(output, hex"00"), proof);
        refusesOutput(id, "", proof);
        bytes memory shorter = bytes.concat(output);
        assembly ("memory-safe") {
            mstore(shorter, sub(mload(shorter), 32))
        }
        refusesOutput(id, shorter, proof);
        // Above the registry's and the registrant's address; where the statement is; the tolerance; where its extra words are,
        // and their number.
        uint256[6] memory places = [uint256(0), 32, 64, 32 * 8, 32 * 9, 32 * 10];
        for (uint256 i = 0; i < places.length; ++i) {
            bytes memory dirty = bytes.concat(output);
            dirty[places[i]] = 0x01;
            refusesOutput(id, dirty, proof);
        }
    }

    function refusesOutput(uint256 id, bytes memory output, bytes memory proof) private {
        vm.expectRevert(IModelRegistry.OutputMismatch.selector);
        models.verifyInference(id, promptCommitment(2), output, proof);
    }

    /// @dev A key that proves nothing proves no inference.
    function test_RevertWhen_TheKeyOfAnInferenceIsNotReviewed() public {
        bytes32 vkHash = router.addKey(key(GENERATION, SRS, 1, 9));
        (Record memory record,) = generationRecord(1, 2, 3, 1, alice);
        record.vkHash = vkHash;
        bytes memory proof = prove(record, points(1, 2, 3));
        vm.prank(alice);
        uint256 id = models.registerModel(modelOf(record));
        vm.assertEq(models.vkHashOf(id), vkHash);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.KeyNotReviewed.selector, vkHash));
        models.verifyInference(id, promptCommitment(2), outputOf(record), proof);
    }

    function test_EveryChangeIsAnEvent() public {
        IModelRegistry.ModelCommitment memory old = model(3);
        IModelRegistry.ModelCommitment memory changed = model(3);
        changed.uri = "ipfs://elsewhere";
        vm.expectEmit(true, true, true, true, address(models));
        emit IModelRegistry.ModelRegistered(1, alice, old);
        vm.expectEmit(true, true, true, true, address(models));
        emit IModelRegistry.ModelNamed(modelHash(3), ARCHITECTURE, 1);
        uint256 id = registerModel(3, alice);
        vm.expectEmit(true, true, true, true, address(models));
        emit IModelRegistry.ModelUpdated(id, old, changed);
        vm.prank(alice);
        models.updateModel(id, changed);
        vm.expectEmit(true, true, true, true, address(models));
        emit IModelRegistry.ModelOffered(id, alice, mallory);
        vm.prank(alice);
        models.transferModel(id, mallory);
        vm.expectEmit(true, true, true, true, address(models));
        emit IModelRegistry.ModelTransferred(id, alice, mallory);
        vm.prank(mallory);
        models.acceptModel(id);
        (,, address by) = models.getModel(id);
        vm.assertEq(by, mallory);
        // Still who registered it.
        vm.assertEq(models.modelIdOf(modelHash(3), vkGeneration, alice), id);
        vm.expectEmit(true, true, true, true, address(models));
        emit IModelRegistry.ModelDeprecated(id);
        vm.prank(mallory);
        models.deprecateModel(id);
        (, bool deprecated,) = models.getModel(id);
        vm.assertTrue(deprecated);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelIsDeprecated.selector, id));
        vm.prank(mallory);
        models.deprecateModel(id);
    }

    function test_RevertWhen_AnyHashOfAModelChanges() public {
        uint256 id = registerModel(3, alice);
        IModelRegistry.ModelCommitment[4] memory changed = [model(3), model(3), model(3), model(3)];
        changed[0].modelHash = "other";
        changed[1].circuitHash = "other";
        changed[2].vkHash = vkAuthenticity;
        changed[3].proofSystemId = "othr";
        for (uint256 i = 0; i < 4; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IModelRegistry.CommitmentImmutable.selector, id));
            vm.prank(alice);
            models.updateModel(id, changed[i]);
        }
        changed[1].circuitHash = 0;
        refuses(changed[1], IModelRegistry.EmptyCommitment.selector);
    }

    function test_OneAccountRegistersAModelUnderEachKey() public {
        uint256 id = registerModel(3, alice);
        IModelRegistry.ModelCommitment memory other = model(3);
        other.vkHash = vkAuthenticity;
        vm.prank(alice);
        vm.assertEq(models.registerModel(other), id + 1);
        vm.assertEq(models.modelIdOf(modelHash(3), vkAuthenticity, alice), id + 1);
        vm.assertEq(models.modelCount(), 2);
        vm.assertEq(models.modelsByHash(modelHash(3), 0, 1).length, 1);
        vm.assertEq(models.modelsByHash(modelHash(3), 1, 2).length, 1);
        vm.assertEq(models.modelsByHash(modelHash(3), 3, 1).length, 0);
        vm.assertEq(models.proofSystemOf(id), bytes4(keccak256("halo2-kzg-bn254-v1")));
        vm.assertEq(models.registry(), address(models));
        vm.assertEq(models.router(), address(router));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelNotFound.selector, 3));
        models.getModel(3);
    }

    /// @dev A key is active and not answered for where its verifier's code is another than the one that was added.
    function test_RevertWhen_TheVerifiersCodeChanged() public {
        IModelRegistry.ModelCommitment memory commitment = model(3);
        vm.etch(router.claimOf(GENERATION).verifier, hex"00");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotAModelKey.selector, vkGeneration));
        vm.prank(alice);
        models.registerModel(commitment);
    }

    function test_RevertWhen_AnIdWouldNotFitARecord() public {
        // The list's length is in the first slot.
        vm.store(address(models), 0, bytes32(uint256(type(uint32).max) - 1));
        vm.assertEq(registerModel(3, alice), type(uint32).max);
        IModelRegistry.ModelCommitment memory another = model(4);
        refuses(another, IModelRegistry.RegistryFull.selector);
    }

    function test_UpdatesAreWrittenDownWholeAndReadInPages() public {
        uint256 parent = registerModel(3, alice);
        uint256 first = registerModel(4, mallory);
        uint256 second = registerModel(5, alice);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelNotFound.selector, 0));
        vm.prank(alice);
        models.submitUpdate(0, second, "none");
        vm.expectEmit(true, true, true, true, address(models));
        emit IModelRegistry.UpdateSubmitted(parent, first, "first", false);
        vm.prank(mallory);
        models.submitUpdate(parent, first, "first");
        vm.prank(alice);
        models.submitUpdate(parent, second, "second");
        IModelRegistry.Update[] memory page = models.getUpdates(parent, 0, 1);
        vm.assertEq(page.length, 1);
        vm.assertEq(
            abi.encode(page[0]),
            abi.encode(IModelRegistry.Update(first, "first", mallory, uint64(block.timestamp), false))
        );
        page = models.getUpdates(parent, 1, 10);
        vm.assertEq(page.length, 1);
        vm.assertEq(
            abi.encode(page[0]),
            abi.encode(IModelRegistry.Update(second, "second", alice, uint64(block.timestamp), true))
        );
        vm.assertEq(models.parentOf(parent), 0);
    }

    function test_AnInferenceWithAFingerprintNamesIt() public {
        IModelRegistry.ModelCommitment memory both = model(3);
        both.vkHash = vkAuthenticity;
        vm.prank(alice);
        uint256 id = models.registerModel(both);
        (Record memory record, bytes memory proof) = authenticityRecord(1, 2, 3, id, alice);
        models.verifyInference(id, promptCommitment(2), outputOf(record), proof);
        record.statement.tolerance = 32;
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.ToleranceTooLarge.selector, 32, 31));
        models.verifyInference(id, promptCommitment(2), outputOf(record), proof);
    }

    function test_RevertWhen_WhatTheCircuitLeavesFreeIsUsed() public {
        uint256 id = registerModel(3, alice);
        (Record memory record, bytes memory proof) = generationRecord(1, 2, 3, id, alice);
        record.statement.fingerprint = FP;
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotInTheClaim.selector, GENERATION, 2));
        models.verifyInference(id, promptCommitment(2), outputOf(record), proof);
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
