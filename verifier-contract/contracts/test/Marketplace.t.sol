// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IClaimRouter} from "../src/IClaimRouter.sol";
import {IContentRegistry} from "../src/IContentRegistry.sol";
import {Record} from "../src/Types.sol";
import {Base} from "./Base.sol";
import {Marketplace} from "./examples/Marketplace.sol";
import {vm} from "./Forge.sol";
import {MockClaimVerifier} from "./MockClaimVerifier.sol";

/// @dev The example that docs/contracts.md shows: what it lets through, and each line of its list left out in turn by a seller who
/// has no right to sell.
contract MarketplaceTest is Base {
    Marketplace private market;
    Marketplace private other;
    address private maker = address(0x3a4e4);
    address private buyer = address(0xb0b);
    /// @dev Of a ceremony; the keys that `Base` begins with are of a development setup.
    bytes32 private vkCeremony;
    Record private record;

    function setUp() public override {
        super.setUp();
        market = new Marketplace(content, GENERATION, maker);
        other = new Marketplace(content, GENERATION, maker);
        vm.deal(buyer, 1 ether);
        vkCeremony = router.addKey(key(GENERATION, SRS, 0, 77));
        review(vkCeremony);
        record = registered(vkCeremony, maker);
    }

    function test_APictureIsOfferedBoughtAndPaidFor() public {
        bytes memory proof = proofFor(market, alice);
        vm.prank(alice);
        bytes32 recordId = market.offer(record, proof, 3);
        vm.prank(buyer);
        market.buy{value: 3}(record);
        vm.assertEq(market.credit(alice), 3);
        vm.prank(alice);
        market.withdraw();
        vm.assertEq(alice.balance, 3);
        vm.expectRevert(abi.encodeWithSelector(Marketplace.NoOffer.selector, recordId, 3));
        vm.prank(buyer);
        market.buy{value: 3}(record);
    }

    function test_RevertWhen_AProofIsReplayedAtAnotherMarket() public {
        bytes memory proof = proofFor(market, alice);
        vm.prank(alice);
        market.offer(record, proof, 3);
        // The seller's own, but bound to the first market; and the registration's, bound to the registry.
        vm.expectPartialRevert(MockClaimVerifier.MockRejected.selector);
        vm.prank(alice);
        other.offer(record, proof, 3);
        bytes memory registration = prove(record, points(1, 2, 3));
        vm.expectPartialRevert(MockClaimVerifier.MockRejected.selector);
        vm.prank(alice);
        market.offer(record, registration, 3);
        // On the other side of a fork it is another market.
        vm.chainId(1);
        vm.expectPartialRevert(MockClaimVerifier.MockRejected.selector);
        vm.prank(alice);
        market.offer(record, proof, 3);
    }

    function test_RevertWhen_ProofAndRecordAreCopied() public {
        bytes memory proof = proofFor(market, alice);
        vm.expectRevert(abi.encodeWithSelector(Marketplace.NotSeller.selector, alice, mallory));
        vm.prank(mallory);
        market.offer(record, proof, 1);
        // With a record of her own she has no proof: only the opening makes one.
        record.registrant = mallory;
        vm.expectPartialRevert(IContentRegistry.UnknownRecord.selector);
        vm.prank(mallory);
        market.offer(record, proof, 1);
    }

    function test_RevertWhen_TheRecordIsRevoked() public {
        bytes memory proof = proofFor(market, alice);
        vm.prank(alice);
        bytes32 recordId = market.offer(record, proof, 3);
        vm.prank(alice);
        content.revoke(record);
        bytes memory refusal =
            abi.encodeWithSelector(Marketplace.DoesNotCount.selector, recordId, IContentRegistry.Status.Revoked);
        vm.expectRevert(refusal);
        vm.prank(buyer);
        market.buy{value: 3}(record);
        vm.expectRevert(refusal);
        vm.prank(alice);
        market.offer(record, proof, 3);
    }

    function test_RevertWhen_TheKeyHasEnded() public {
        bytes memory proof = proofFor(market, alice);
        vm.prank(alice);
        market.offer(record, proof, 3);
        vm.prank(owner);
        router.removeKey(vkCeremony, IClaimRouter.Reason.Broken);
        vm.expectPartialRevert(Marketplace.DoesNotCount.selector);
        vm.prank(buyer);
        market.buy{value: 3}(record);
    }

    /// @dev On a development chain routers take such keys, and owners may vouch for them.
    function test_RevertWhen_TheKeyIsOfAnUnsafeSetup() public {
        record = registered(vkGeneration, maker);
        bytes memory proof = proofFor(market, alice);
        vm.expectRevert(abi.encodeWithSelector(Marketplace.UnsafeKey.selector, vkGeneration));
        vm.prank(alice);
        market.offer(record, proof, 3);
    }

    function test_RevertWhen_NobodyReviewedTheKey() public {
        bytes32 unreviewed = router.addKey(key(GENERATION, SRS, 0, 78));
        record = registered(unreviewed, maker);
        bytes memory proof = proofFor(market, alice);
        vm.expectPartialRevert(Marketplace.DoesNotCount.selector);
        vm.prank(alice);
        market.offer(record, proof, 3);
    }

    function test_RevertWhen_SomethingElseWasProved() public {
        bytes memory proof;
        (record, proof) = fingerprintRecord(1, FP, 0, alice);
        registerAs(alice, record, proof);
        vm.expectRevert(abi.encodeWithSelector(Marketplace.OtherClaim.selector, GENERATION, FINGERPRINT));
        vm.prank(alice);
        market.offer(record, proof, 3);
    }

    /// @dev Whoever has a model's public hash registers it too; what counts is whose registration the record names.
    function test_RevertWhen_TheModelIsSomebodyElsesRegistration() public {
        record = registered(vkCeremony, mallory);
        bytes memory proof = proofFor(market, alice);
        vm.expectRevert(abi.encodeWithSelector(Marketplace.OtherModelOwner.selector, maker, mallory));
        vm.prank(alice);
        market.offer(record, proof, 3);
    }

    /// @dev A record of alice's under a key, of a registration of the model that `by` owns.
    function registered(bytes32 vkHash, address by) private returns (Record memory made) {
        (made,) = generationRecord(1, 2, 3, 0, alice);
        made.vkHash = vkHash;
        vm.prank(by);
        made.modelId = models.registerModel(modelOf(made));
        registerAs(alice, made, prove(made, points(1, 2, 3)));
    }

    /// @dev What `veilmark prove --registry MARKET` makes of the record's statement.
    function proofFor(Marketplace where, address seller) private view returns (bytes memory) {
        uint256[] memory inputs =
            router.publicInputsOf(router.keyOf(record.vkHash).claimId, record.statement, where.contextOf(seller));
        return proveInputs(record.vkHash, inputs, points(1, 2, 3));
    }
}
