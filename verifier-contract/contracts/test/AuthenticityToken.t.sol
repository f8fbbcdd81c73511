// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";

import {toHex} from "../src/Hex.sol";
import {IAuthenticityToken} from "../src/IAuthenticityToken.sol";
import {IClaimRouter} from "../src/IClaimRouter.sol";
import {IERC7007} from "../src/IERC7007.sol";
import {IModelRegistry} from "../src/IModelRegistry.sol";
import {Record} from "../src/Types.sol";
import {Base} from "./Base.sol";
import {HungryVerifier} from "./ContentRegistry.t.sol";
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

/// @dev A contract that receives no tokens.
contract Deaf {
    function mint(IAuthenticityToken token, IAuthenticityToken.Mint calldata request) external {
        token.mint(request);
    }
}

contract AuthenticityTokenTest is Base {
    uint256 private modelId;

    function setUp() public override {
        super.setUp();
        modelId = registerModel(3, owner);
    }

    function requestOf(address creator) private view returns (IAuthenticityToken.Mint memory) {
        (Record memory record, bytes memory proof) = generationRecord(1, 2, 3, modelId, creator);
        return mintOf(record, proof);
    }

    function authenticityOf(address creator) private view returns (IAuthenticityToken.Mint memory) {
        (Record memory record, bytes memory proof) = authenticityRecord(1, 2, 3, modelId, creator);
        return mintOf(record, proof);
    }

    function mintAs(address by, IAuthenticityToken.Mint memory request) private returns (uint256) {
        vm.prank(by);
        return token.mint(request);
    }

    function test_VerifyRunsTheVerifier() public {
        IAuthenticityToken.Mint memory request = requestOf(alice);
        vm.assertTrue(token.verify(request.prompt, request.aigcData, request.proof));
        vm.expectRevert(IAuthenticityToken.PromptMismatch.selector);
        token.verify(abi.encode(promptCommitment(9)), request.aigcData, request.proof);
        vm.expectRevert(IAuthenticityToken.PromptMismatch.selector);
        token.verify(bytes.concat(request.prompt, hex"00"), request.aigcData, request.proof);
        // Another registrant's: the public inputs are others.
        bytes memory others = requestOf(mallory).aigcData;
        vm.expectPartialRevert(MockClaimVerifier.MockRejected.selector);
        token.verify(request.prompt, others, request.proof);
        stopClaim(GENERATION, IClaimRouter.Reason.Broken);
        vm.expectPartialRevert(IClaimRouter.ClaimHasEnded.selector);
        token.verify(request.prompt, request.aigcData, request.proof);
    }

    function testFuzz_RevertWhen_AnyByteDiffers(uint256 place, uint8 bits, uint8 which) public {
        IAuthenticityToken.Mint memory request = requestOf(alice);
        bytes memory changed = which % 3 == 0 ? request.prompt : which % 3 == 1 ? request.aigcData : request.proof;
        changed[place % changed.length] ^= bytes1(uint8(bound(bits, 1, 255)));
        // What the proof does not say, the model's registration, is not `verify`'s to see.
        vm.assume(which % 3 != 1 || place % changed.length / 32 != 3);
        vm.expectRevert();
        token.verify(request.prompt, request.aigcData, request.proof);
    }

    function test_RevertWhen_AigcDataIsMalformed() public {
        IAuthenticityToken.Mint memory request = requestOf(alice);
        // Where the record is; above the registrant's address; where the statement is; the tolerance; where its extra words are,
        // and their number.
        uint256[6] memory places = [uint256(0), 64, 128, 32 * 10, 32 * 11, 32 * 12];
        for (uint256 i = 0; i < places.length; ++i) {
            bytes memory dirty = bytes.concat(request.aigcData);
            dirty[places[i]] = 0x01;
            malformed(request, dirty);
        }
        malformed(request, bytes.concat(request.aigcData, bytes32(0)));
        malformed(request, bytes.concat(request.aigcData, hex"00"));
        malformed(request, "");
        bytes memory shorter = bytes.concat(request.aigcData);
        assembly ("memory-safe") {
            mstore(shorter, sub(mload(shorter), 32))
        }
        malformed(request, shorter);
    }

    function malformed(IAuthenticityToken.Mint memory request, bytes memory data) private {
        vm.expectRevert(IAuthenticityToken.MalformedAigcData.selector);
        token.verify(request.prompt, data, request.proof);
    }

    function test_AContentMintsOnceToItsCreator() public {
        IAuthenticityToken.Mint memory request = requestOf(alice);
        uint256 id = token.tokenIdOf(imageCommitment(1), vkGeneration);
        vm.assertEq(bytes32(id), keccak256(abi.encode(imageCommitment(1), vkGeneration)));
        // A copy out of the mempool mints nothing.
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.NotCreator.selector, alice, mallory));
        mintAs(mallory, request);
        vm.expectEmit(true, true, true, true, address(token));
        emit IAuthenticityToken.ContentMinted(
            imageCommitment(1), modelHash(3), alice, id, vkGeneration, keccak256(request.aigcData)
        );
        vm.expectEmit(true, true, true, true, address(token));
        emit IERC7007.AigcData(id, request.prompt, request.aigcData, request.proof);
        vm.expectEmit(true, true, true, true, address(token));
        emit IAuthenticityToken.ContentProved(id, vkGeneration, 0, 0, modelId);
        vm.assertEq(mintAs(alice, request), id);
        vm.assertEq(token.tokenOf(imageCommitment(1)), id);
        vm.assertEq(token.ownerOf(id), alice);
        (address receiver, uint256 amount) = token.royaltyInfo(id, 10_000);
        vm.assertEq(receiver, alice);
        vm.assertEq(amount, 250);
        vm.prank(alice);
        token.transferFrom(alice, mallory, id);
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.AlreadyMinted.selector, id));
        mintAs(alice, request);
        // Under another claim that is in force it is the same content.
        request = authenticityOf(alice);
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.AlreadyMinted.selector, id));
        mintAs(alice, request);
    }

    /// @dev Who loses a race does not pay for the verifier.
    function test_CheapRefusalsComeBeforeTheVerifier() public {
        IAuthenticityToken.Mint memory request = requestOf(alice);
        uint256 id = mintAs(alice, request);
        address verifier = router.claimOf(GENERATION).verifier;
        bytes memory code = verifier.code;
        IAuthenticityToken.Mint memory other = requestOf(mallory);
        (Record memory record, bytes memory proof) = generationRecord(8, 2, 3, 9, alice);
        vm.etch(verifier, address(new HungryVerifier()).code);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelNotFound.selector, 9));
        mintAs(alice, mintOf(record, proof));
        // With its code another a verifier is not in force: so it is put back.
        vm.etch(verifier, code);
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.AlreadyMinted.selector, id));
        mintAs(mallory, other);
    }

    function test_RevertWhen_TheModelIsNotUsable() public {
        (Record memory record, bytes memory proof) = generationRecord(1, 2, 3, registerModel(4, owner), alice);
        vm.expectRevert(IModelRegistry.ModelMismatch.selector);
        mintAs(alice, mintOf(record, proof));
        vm.prank(owner);
        models.deprecateModel(modelId);
        IAuthenticityToken.Mint memory request = requestOf(alice);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelIsDeprecated.selector, modelId));
        mintAs(alice, request);
    }

    function test_RevertWhen_TheClaimIsNotAboutAModel() public {
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, alice);
        IAuthenticityToken.Mint memory request = mintOf(record, proof);
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.NotAGeneratedContent.selector, vkFingerprint));
        token.verify(request.prompt, request.aigcData, request.proof);
        (record, proof) = generationRecord(1, 2, 3, modelId, alice);
        record.statement.imageCommitment = 0;
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.NotAGeneratedContent.selector, vkGeneration));
        mintAs(alice, mintOf(record, proof));
        // What the circuit leaves free.
        (record, proof) = generationRecord(1, 2, 3, modelId, alice);
        record.statement.fingerprint = FP;
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotInTheClaim.selector, GENERATION, 2));
        mintAs(alice, mintOf(record, proof));
    }

    function test_AReceiverThatReentersFindsTheTokenMinted() public {
        Greedy greedy = new Greedy(token);
        greedy.mint(requestOf(address(greedy)));
        uint256 id = token.tokenOf(imageCommitment(1));
        vm.assertEq(token.ownerOf(id), address(greedy));
        vm.assertEq(greedy.refusal(), abi.encodeWithSelector(IAuthenticityToken.AlreadyMinted.selector, id));
    }

    function test_RevertWhen_TheCreatorReceivesNoTokens() public {
        Deaf deaf = new Deaf();
        IAuthenticityToken.Mint memory request = requestOf(address(deaf));
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721InvalidReceiver.selector, address(deaf)));
        deaf.mint(token, request);
    }

    /// @dev The audit's L10: a forged token shuts nobody out, once its claim has ended; and takes nothing from who owns it.
    function test_AForgedTokenIsReplacedByWhoCanProveIt() public {
        uint256 forged = mintAs(mallory, requestOf(mallory));
        vm.prank(mallory);
        token.transferFrom(mallory, owner, forged);
        IAuthenticityToken.Mint memory request = authenticityOf(alice);
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.AlreadyMinted.selector, forged));
        mintAs(alice, request);
        // A pause is no end.
        vm.prank(guardian);
        router.pause(GENERATION);
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.AlreadyMinted.selector, forged));
        mintAs(alice, request);
        vm.prank(owner);
        router.removeKey(vkGeneration, IClaimRouter.Reason.Broken);
        vm.expectEmit(true, true, true, true, address(token));
        emit IAuthenticityToken.MetadataUpdate(forged);
        uint256 id = mintAs(alice, request);
        vm.assertTrue(id != forged);
        vm.assertEq(token.ownerOf(id), alice);
        vm.assertEq(token.ownerOf(forged), owner);
        vm.assertEq(token.tokenOf(imageCommitment(1)), id);
        vm.assertEq(token.contentOf(forged).replacedBy, id);
        string memory json = decoded(token.tokenURI(forged));
        vm.assertFalse(vm.parseJsonBool(json, ".verifier_active"));
        vm.assertEq(vm.parseJsonString(json, ".replaced_by"), Strings.toString(id));
        request = authenticityOf(mallory);
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.AlreadyMinted.selector, id));
        mintAs(mallory, request);
    }

    function test_ACreatorRenewsATokenWhoeverOwnsIt() public {
        uint256 id = mintAs(alice, requestOf(alice));
        vm.prank(alice);
        token.transferFrom(alice, mallory, id);
        stopClaim(GENERATION, IClaimRouter.Reason.Retired);
        IAuthenticityToken.Mint memory request = authenticityOf(alice);
        request.uri = "";
        request.royaltyBps = 1000;
        uint256 created = token.contentOf(id).createdAt;
        vm.expectEmit(true, true, true, true, address(token));
        emit IAuthenticityToken.MetadataUpdate(id);
        vm.assertEq(mintAs(alice, request), id);
        vm.assertEq(token.ownerOf(id), mallory);
        IAuthenticityToken.Content memory said = token.contentOf(id);
        vm.assertEq(said.vkHash, vkAuthenticity);
        vm.assertEq(said.fingerprint, FP);
        vm.assertEq(said.createdAt, created);
        vm.assertEq(said.uri, "ipfs://picture");
        (, uint256 amount) = token.royaltyInfo(id, 10_000);
        vm.assertEq(amount, 250);
        vm.assertTrue(vm.parseJsonBool(decoded(token.tokenURI(id)), ".verifier_active"));
    }

    function test_MetadataThatChangesIsTold() public {
        uint256 id = mintAs(alice, requestOf(alice));
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.NothingToRefresh.selector, id));
        token.refresh(id);
        stopClaim(GENERATION, IClaimRouter.Reason.Broken);
        vm.expectEmit(true, true, true, true, address(token));
        emit IAuthenticityToken.MetadataUpdate(id);
        vm.prank(mallory);
        token.refresh(id);
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.NothingToRefresh.selector, id));
        token.refresh(id);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, id + 1));
        token.refresh(id + 1);
    }

    function test_ACreatorPublishesOnce() public {
        IAuthenticityToken.Mint memory request = requestOf(alice);
        request.uri = "";
        uint256 id = mintAs(alice, request);
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.NotCreator.selector, alice, mallory));
        vm.prank(mallory);
        token.publish(id, "ipfs://mallory");
        vm.expectRevert(IAuthenticityToken.BadUri.selector);
        vm.prank(alice);
        token.publish(id, "");
        vm.expectRevert(IAuthenticityToken.BadUri.selector);
        vm.prank(alice);
        token.publish(id, "ipfs://a b");
        vm.expectEmit(true, true, true, true, address(token));
        emit IAuthenticityToken.MetadataUpdate(id);
        vm.prank(alice);
        token.publish(id, "ipfs://picture");
        vm.assertEq(vm.parseJsonString(decoded(token.tokenURI(id)), ".image"), "ipfs://picture");
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.AlreadyPublished.selector, id));
        vm.prank(alice);
        token.publish(id, "ipfs://another");
    }

    function test_FurtherProofsAreAddedByTheTokensOwnerAboutItsContent() public {
        uint256 id = mintAs(alice, requestOf(alice));
        IAuthenticityToken.Mint memory further = authenticityOf(alice);
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.NotAuthorized.selector, id, mallory));
        addAs(mallory, id, further);
        vm.expectEmit(true, true, true, true, address(token));
        emit IERC7007.AigcData(id, further.prompt, further.aigcData, further.proof);
        vm.expectEmit(true, true, true, true, address(token));
        emit IAuthenticityToken.ContentProved(id, vkAuthenticity, FP, 9, modelId);
        addAs(alice, id, further);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, id + 1));
        addAs(alice, id + 1, further);
        (Record memory record, bytes memory proof) = authenticityRecord(7, 2, 3, modelId, alice);
        IAuthenticityToken.Mint memory another = mintOf(record, proof);
        vm.expectRevert(
            abi.encodeWithSelector(IAuthenticityToken.TokenMismatch.selector, imageCommitment(1), imageCommitment(7))
        );
        addAs(alice, id, another);
        // The picture is known to whoever was given its opening: a proof of theirs is no word of the creator's.
        vm.prank(alice);
        token.transferFrom(alice, mallory, id);
        IAuthenticityToken.Mint memory others = authenticityOf(mallory);
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.NotCreator.selector, alice, mallory));
        addAs(mallory, id, others);
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.NotAuthorized.selector, id, alice));
        addAs(alice, id, further);
        vm.prank(mallory);
        token.approve(owner, id);
        addAs(owner, id, further);
        further.proof[0] ^= 0x01;
        vm.expectPartialRevert(IClaimRouter.CommitmentMismatch.selector);
        addAs(mallory, id, further);
    }

    function addAs(address by, uint256 id, IAuthenticityToken.Mint memory further) private {
        vm.prank(by);
        token.addAigcData(id, further.prompt, further.aigcData, further.proof);
    }

    function test_MetadataSaysWhatTheTokenSays() public {
        uint256 id = mintAs(alice, authenticityOf(alice));
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
                toHex(FP),
                '","tolerance":9,"verifying_key":"',
                toHex(vkAuthenticity),
                // Checksummed.
                '","creator":"0x00000000000000000000000000000000000A11cE","created_at":1800000000,',
                '"verifier_active":true,"replaced_by":""}'
            )
        );
        string memory collection = decoded(token.contractURI());
        vm.assertEq(vm.parseJsonString(collection, ".name"), "Veilmark");
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, id + 1));
        token.contentOf(id + 1);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, id + 1));
        token.tokenURI(id + 1);
        vm.assertEq(token.router(), address(router));
        vm.assertEq(token.models(), address(models));
        vm.assertEq(token.registry(), address(content));
    }

    function test_MetadataIsJsonWhateverTheUri() public {
        IAuthenticityToken.Mint memory request = requestOf(alice);
        request.uri = 'https://example.org/"},"proof_type":"\\forged';
        string memory json = decoded(token.tokenURI(mintAs(alice, request)));
        vm.assertEq(vm.parseJsonString(json, ".proof_type"), "validity (zkML)");
        vm.assertEq(vm.parseJsonString(json, ".image"), request.uri);
        vm.assertEq(vm.parseJsonString(json, ".aigc_data"), request.uri);
    }

    function test_WhatWasProvedIsWrittenWhole() public {
        IAuthenticityToken.Mint memory request = authenticityOf(alice);
        request.royaltyBps = 1000;
        bytes memory uri = new bytes(1024);
        for (uint256 i = 0; i < uri.length; ++i) {
            uri[i] = i % 2 == 0 ? bytes1(0x21) : bytes1(0x7e);
        }
        request.uri = string(uri);
        uint256 id = mintAs(alice, request);
        IAuthenticityToken.Content memory expected = IAuthenticityToken.Content({
            imageCommitment: imageCommitment(1),
            vkHash: vkAuthenticity,
            modelHash: modelHash(3),
            promptCommitment: promptCommitment(2),
            fingerprint: FP,
            creator: alice,
            createdAt: uint40(block.timestamp),
            tolerance: 9,
            shownActive: true,
            modelId: uint32(modelId),
            replacedBy: 0,
            uri: request.uri
        });
        vm.assertEq(abi.encode(token.contentOf(id)), abi.encode(expected));
        (, uint256 amount) = token.royaltyInfo(id, 10_000);
        vm.assertEq(amount, 1000);
    }

    function testFuzz_RevertWhen_TheUriOrTheRoyaltyIsNone(bytes1 character) public {
        vm.assume(character < 0x21 || character > 0x7e);
        IAuthenticityToken.Mint memory request = requestOf(alice);
        request.uri = string(abi.encodePacked("ipfs://", character));
        vm.expectRevert(IAuthenticityToken.BadUri.selector);
        mintAs(alice, request);
        bytes memory uri = new bytes(1025);
        for (uint256 i = 0; i < uri.length; ++i) {
            uri[i] = "a";
        }
        request.uri = string(uri);
        vm.expectRevert(IAuthenticityToken.BadUri.selector);
        mintAs(alice, request);
        request.uri = "";
        request.royaltyBps = 1001;
        vm.expectRevert(abi.encodeWithSelector(IAuthenticityToken.RoyaltyTooHigh.selector, 1001, 1000));
        mintAs(alice, request);
    }

    function test_SupportsTheInterfaces() public view {
        vm.assertTrue(token.supportsInterface(0x702c55a6));
        vm.assertTrue(token.supportsInterface(0x80ac58cd));
        vm.assertTrue(token.supportsInterface(0x5b5e139f));
        vm.assertTrue(token.supportsInterface(0x2a55205a));
        vm.assertTrue(token.supportsInterface(0x49064906));
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
