// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";

import {IAuthenticityToken} from "../src/IAuthenticityToken.sol";
import {IClaimRouter} from "../src/IClaimRouter.sol";
import {IERC7007} from "../src/IERC7007.sol";
import {IModelRegistry} from "../src/IModelRegistry.sol";
import {toHex} from "../src/Hex.sol";
import {Base} from "./Base.sol";
import {bound, vm} from "./Forge.sol";
import {MockClaimVerifier} from "./MockClaimVerifier.sol";

/// @dev A creator that tries to mint again when it receives the token.
contract Greedy {
    IAuthenticityToken private immutable TOKEN;
    IAuthenticityToken.Mint private _request;
    bytes public refusal;

    constructor(IAuthenticityToken token) {
        TOKEN = token;
    }

    function mint(IAuthenticityToken.Mint calldata request) external {
        _request = request;
        TOKEN.mint(request);
    }

    function onERC721Received(address, address, uint256, bytes calldata) external returns (bytes4) {
        try TOKEN.mint(_request) {}
        catch (bytes memory reason) {
            refusal = reason;
        }
        return this.onERC721Received.selector;
    }
}

contract AuthenticityTokenTest is Base {
    uint256 private modelId;

    function setUp() public override {
        super.setUp();
        modelId = registerModel(3, owner);
    }

    function requestOf(address creator) private view returns (IAuthenticityToken.Mint memory request) {
        request.prompt = abi.encode(promptCommitment(2));
        request.aigcData = abi.encode(vkGeneration, imageCommitment(1), modelHash(3), bytes32(0), uint8(0), creator);
        request.proof = generationProof(1, 2, 3, creator);
        request.modelId = modelId;
        request.uri = "ipfs://picture";
        request.royaltyBps = 250;
    }

    function test_VerifyRunsTheVerifier() public {
        IAuthenticityToken.Mint memory request = requestOf(alice);
        vm.assertTrue(token.verify(request.prompt, request.aigcData, request.proof));
        vm.expectRevert(IAuthenticityToken.PromptMismatch.selector);
        token.verify(abi.encode(promptCommitment(9)), request.aigcData, request.proof);
        vm.expectRevert(IAuthenticityToken.PromptMismatch.selector);
        token.verify(bytes.concat(request.prompt, hex"00"), request.aigcData, request.proof);
        bytes memory data = abi.encode(vkGeneration, imageCommitment(9), modelHash(3), bytes32(0), uint8(0), alice);
        vm.expectPartialRevert(IAuthenticityToken.ContentMismatch.selector);
        token.verify(request.prompt, data, request.proof);
        data = abi.encode(vkGeneration, imageCommitment(1), modelHash(9), bytes32(0), uint8(0), alice);
        vm.expectPartialRevert(IAuthenticityToken.ContentMismatch.selector);
        token.verify(request.prompt, data, request.proof);
        data = abi.encode(vkGeneration, imageCommitment(1), modelHash(3), bytes32(0), uint8(0), mallory);
        vm.expectPartialRevert(MockClaimVerifier.MockRejected.selector);
        token.verify(request.prompt, data, request.proof);
        vm.expectRevert(IAuthenticityToken.MalformedAigcData.selector);
        token.verify(request.prompt, bytes.concat(request.aigcData, bytes32(0)), request.proof);
        data = bytes.concat(request.aigcData);
        data[160] = 0x01;
        vm.expectRevert(IAuthenticityToken.MalformedAigcData.selector);
        token.verify(request.prompt, data, request.proof);
        vm.prank(guardian);
        router.stop(GENERATION);
        vm.expectPartialRevert(IClaimRouter.ClaimInactive.selector);
        token.verify(request.prompt, request.aigcData, request.proof);
    }

    function testFuzz_RevertWhen_AnyByteDiffers(uint256 place, uint8 bits, uint8 which) public {
        IAuthenticityToken.Mint memory request = requestOf(alice);
        bytes memory changed = which % 3 == 0 ? request.prompt : which % 3 == 1 ? request.aigcData : request.proof;
        changed[place % changed.length] ^= bytes1(uint8(bound(bits, 1, 255)));
        vm.expectRevert();
        token.verify(request.prompt, request.aigcData, request.proof);
    }

    function test_AContentMintsOnceToItsCreator() public {
        IAuthenticityToken.Mint memory request = requestOf(alice);
        // A copy out of the mempool mints nothing.
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.NotCreator.selector, alice, mallory));
        vm.prank(mallory);
        token.mint(request);
        vm.expectEmit(true, true, true, true, address(token));
        emit IERC7007.AigcData(uint256(imageCommitment(1)), request.prompt, request.aigcData, request.proof);
        vm.prank(alice);
        uint256 id = token.mint(request);
        vm.assertEq(bytes32(id), imageCommitment(1));
        vm.assertEq(token.ownerOf(id), alice);
        IAuthenticityToken.Content memory said = token.contentOf(id);
        vm.assertEq(said.modelHash, modelHash(3));
        vm.assertEq(said.promptCommitment, promptCommitment(2));
        vm.assertEq(said.creator, alice);
        vm.assertEq(said.createdAt, block.timestamp);
        (address receiver, uint256 amount) = token.royaltyInfo(id, 10_000);
        vm.assertEq(receiver, alice);
        vm.assertEq(amount, 250);
        vm.prank(alice);
        token.transferFrom(alice, mallory, id);
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.AlreadyMinted.selector, id));
        vm.prank(alice);
        token.mint(request);
    }

    function test_RevertWhen_TheModelIsNotUsable() public {
        IAuthenticityToken.Mint memory request = requestOf(alice);
        request.modelId = registerModel(4, owner);
        vm.expectRevert(IModelRegistry.ModelMismatch.selector);
        vm.prank(alice);
        token.mint(request);
        vm.prank(owner);
        models.deprecateModel(modelId);
        request.modelId = modelId;
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelIsDeprecated.selector, modelId));
        vm.prank(alice);
        token.mint(request);
    }

    function test_RevertWhen_TheClaimIsNotAboutAModel() public {
        IAuthenticityToken.Mint memory request = requestOf(alice);
        request.aigcData = abi.encode(vkFingerprint, imageCommitment(1), bytes32(0), bytes32("fp"), uint8(0), alice);
        request.proof = fingerprintProof(1, "fp", 0, alice);
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.NotAGeneratedContent.selector, vkFingerprint));
        token.verify(request.prompt, request.aigcData, request.proof);
        bytes32 high = bytes32(uint256(1) << 128);
        request.aigcData = abi.encode(vkGeneration, imageCommitment(1), modelHash(3), high, uint8(0), alice);
        request.proof = prove(vkGeneration, inputsOf(high, 0, alice), points(1, 2, 3));
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.NotAGeneratedContent.selector, vkGeneration));
        token.verify(request.prompt, request.aigcData, request.proof);
    }

    function test_AReceiverThatReentersFindsTheTokenMinted() public {
        Greedy greedy = new Greedy(token);
        greedy.mint(requestOf(address(greedy)));
        uint256 id = uint256(imageCommitment(1));
        vm.assertEq(token.ownerOf(id), address(greedy));
        vm.assertEq(greedy.refusal(), abi.encodeWithSelector(IAuthenticityToken.AlreadyMinted.selector, id));
    }

    function test_FurtherProofsAreAddedByTheTokensOwnerAboutItsContent() public {
        IAuthenticityToken.Mint memory request = requestOf(alice);
        vm.prank(alice);
        uint256 id = token.mint(request);
        bytes memory data = abi.encode(vkAuthenticity, imageCommitment(1), modelHash(3), bytes32("fp"), uint8(3), alice);
        bytes memory proof = prove(vkAuthenticity, inputsOf("fp", 3, alice), points(1, 2, 3));
        bytes memory prompt = abi.encode(promptCommitment(2));
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.NotAuthorized.selector, id, mallory));
        vm.prank(mallory);
        token.addAigcData(id, prompt, data, proof);
        vm.expectEmit(true, true, true, true, address(token));
        emit IERC7007.AigcData(id, prompt, data, proof);
        vm.prank(alice);
        token.addAigcData(id, prompt, data, proof);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, id + 1));
        vm.prank(alice);
        token.addAigcData(id + 1, prompt, data, proof);
        data = abi.encode(vkAuthenticity, imageCommitment(7), modelHash(3), bytes32("fp"), uint8(3), alice);
        proof = prove(vkAuthenticity, inputsOf("fp", 3, alice), points(7, 2, 3));
        vm.expectRevert(
            abi.encodeWithSelector(IAuthenticityToken.TokenMismatch.selector, id, uint256(imageCommitment(7)))
        );
        vm.prank(alice);
        token.addAigcData(id, prompt, data, proof);
    }

    function test_MetadataIsJsonWithTheStandardsKeys() public {
        IAuthenticityToken.Mint memory request = requestOf(alice);
        request.uri = 'https://example.org/"},"proof_type":"\\forged';
        vm.prank(alice);
        uint256 id = token.mint(request);
        string memory json = decoded(token.tokenURI(id));
        vm.assertEq(vm.parseJsonString(json, ".proof_type"), "validity (zkML)");
        vm.assertEq(vm.parseJsonString(json, ".image"), request.uri);
        vm.assertEq(vm.parseJsonString(json, ".aigc_data"), request.uri);
        vm.assertEq(vm.parseJsonString(json, ".aigc_type"), "image");
        vm.assertEq(vm.parseJsonString(json, ".prompt"), toHex(promptCommitment(2)));
        vm.assertEq(vm.parseJsonString(json, ".model_hash"), toHex(modelHash(3)));
        vm.assertEq(vm.parseJsonString(json, ".image_commitment"), toHex(imageCommitment(1)));
        vm.assertTrue(vm.parseJsonBool(json, ".verifier_active"));
        vm.prank(guardian);
        router.stop(GENERATION);
        vm.assertFalse(vm.parseJsonBool(decoded(token.tokenURI(id)), ".verifier_active"));
    }

    function testFuzz_RevertWhen_TheUriIsNone(bytes1 character) public {
        vm.assume(character < 0x21 || character > 0x7e);
        IAuthenticityToken.Mint memory request = requestOf(alice);
        request.uri = string(abi.encodePacked("ipfs://", character));
        vm.expectRevert(IAuthenticityToken.BadUri.selector);
        vm.prank(alice);
        token.mint(request);
        request.uri = "";
        request.royaltyBps = 1001;
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.RoyaltyTooHigh.selector, 1001, 1000));
        vm.prank(alice);
        token.mint(request);
    }

    function authenticityOf(address creator) private view returns (IAuthenticityToken.Mint memory request) {
        request = requestOf(creator);
        request.aigcData =
            abi.encode(vkAuthenticity, imageCommitment(1), modelHash(3), bytes32("fp"), uint8(31), creator);
        request.proof = prove(vkAuthenticity, inputsOf("fp", 31, creator), points(1, 2, 3));
    }

    function test_WhatWasProvedIsWrittenAndToldWhole() public {
        IAuthenticityToken.Mint memory request = authenticityOf(alice);
        request.royaltyBps = 1000;
        bytes memory uri = new bytes(1024);
        for (uint256 i = 0; i < uri.length; ++i) {
            uri[i] = i % 2 == 0 ? bytes1(0x21) : bytes1(0x7e);
        }
        request.uri = string(uri);
        vm.expectEmit(true, true, true, true, address(token));
        emit IAuthenticityToken.ContentMinted(imageCommitment(1), modelHash(3), alice, modelId);
        vm.prank(alice);
        uint256 id = token.mint(request);
        IAuthenticityToken.Content memory expected = IAuthenticityToken.Content({
            vkHash: vkAuthenticity,
            modelHash: modelHash(3),
            promptCommitment: promptCommitment(2),
            fingerprint: "fp",
            creator: alice,
            createdAt: uint40(block.timestamp),
            tolerance: 31,
            modelId: uint32(modelId),
            uri: request.uri
        });
        vm.assertEq(abi.encode(token.contentOf(id)), abi.encode(expected));
        (, uint256 amount) = token.royaltyInfo(id, 10_000);
        vm.assertEq(amount, 1000);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, id + 1));
        token.contentOf(id + 1);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, id + 1));
        token.tokenURI(id + 1);
        vm.assertEq(token.router(), address(router));
        vm.assertEq(token.models(), address(models));
        vm.assertEq(token.registry(), address(content));
    }

    function test_MetadataSaysWhatTheTokenSays() public {
        IAuthenticityToken.Mint memory request = authenticityOf(alice);
        vm.prank(alice);
        uint256 id = token.mint(request);
        vm.assertEq(
            decoded(token.tokenURI(id)),
            string.concat(
                '{"name":"Veilmark ',
                toHex(imageCommitment(1)),
                '","description":"A generated picture whose provenance was proved in zero knowledge.",',
                '"image":"ipfs://picture","prompt":"',
                toHex(promptCommitment(2)),
                '","aigc_type":"image","aigc_data":"ipfs://picture","proof_type":"validity (zkML)","image_commitment":"',
                toHex(imageCommitment(1)),
                '","model_hash":"',
                toHex(modelHash(3)),
                '","model_id":1,"fingerprint":"',
                toHex("fp"),
                '","verifying_key":"',
                toHex(vkAuthenticity),
                // Checksummed.
                '","creator":"0x00000000000000000000000000000000000A11cE","created_at":1800000000,"verifier_active":true}'
            )
        );
    }

    function test_RevertWhen_AigcDataIsMalformed() public {
        IAuthenticityToken.Mint memory request = requestOf(alice);
        // A tolerance that no registry takes, and one of a claim without a fingerprint.
        request.proof = prove(vkAuthenticity, inputsOf("fp", 32, alice), points(1, 2, 3));
        request.aigcData = abi.encode(vkAuthenticity, imageCommitment(1), modelHash(3), bytes32("fp"), uint8(32), alice);
        vm.expectRevert(IAuthenticityToken.MalformedAigcData.selector);
        token.verify(request.prompt, request.aigcData, request.proof);
        request.proof = prove(vkGeneration, inputsOf(0, 5, alice), points(1, 2, 3));
        request.aigcData = abi.encode(vkGeneration, imageCommitment(1), modelHash(3), bytes32(0), uint8(5), alice);
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.NotAGeneratedContent.selector, vkGeneration));
        token.verify(request.prompt, request.aigcData, request.proof);
    }

    function test_FurtherProofsAreTheCreatorsWhoeverOwnsTheToken() public {
        IAuthenticityToken.Mint memory request = requestOf(alice);
        vm.prank(alice);
        uint256 id = token.mint(request);
        vm.prank(alice);
        token.transferFrom(alice, mallory, id);
        // The picture is known to whoever was given its opening: a proof of theirs is no word of the creator's.
        IAuthenticityToken.Mint memory further = authenticityOf(mallory);
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.NotCreator.selector, alice, mallory));
        vm.prank(mallory);
        token.addAigcData(id, further.prompt, further.aigcData, further.proof);
        further = authenticityOf(alice);
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.NotAuthorized.selector, id, alice));
        vm.prank(alice);
        token.addAigcData(id, further.prompt, further.aigcData, further.proof);
        vm.prank(mallory);
        token.approve(owner, id);
        vm.prank(owner);
        token.addAigcData(id, further.prompt, further.aigcData, further.proof);
    }

    function test_RevertWhen_TheUriIsTooLong() public {
        IAuthenticityToken.Mint memory request = requestOf(alice);
        bytes memory uri = new bytes(1025);
        for (uint256 i = 0; i < uri.length; ++i) {
            uri[i] = "a";
        }
        request.uri = string(uri);
        vm.expectRevert(IAuthenticityToken.BadUri.selector);
        vm.prank(alice);
        token.mint(request);
    }

    function test_SupportsTheInterfaces() public view {
        vm.assertTrue(token.supportsInterface(0x702c55a6));
        vm.assertTrue(token.supportsInterface(0x80ac58cd));
        vm.assertTrue(token.supportsInterface(0x5b5e139f));
        vm.assertTrue(token.supportsInterface(0x2a55205a));
        vm.assertTrue(token.supportsInterface(0x01ffc9a7));
        vm.assertFalse(token.supportsInterface(0xffffffff));
    }

    function decoded(string memory uri) private pure returns (string memory) {
        bytes memory all = bytes(uri);
        uint256 prefix = bytes("data:application/json;base64,").length;
        bytes memory encoded = new bytes(all.length - prefix);
        for (uint256 i = 0; i < encoded.length; ++i) {
            encoded[i] = all[prefix + i];
        }
        return string(Base64.decode(string(encoded)));
    }
}
