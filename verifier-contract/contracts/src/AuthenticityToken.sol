// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC2981} from "@openzeppelin/contracts/token/common/ERC2981.sol";
import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {claimInputs, MAX_TOLERANCE, proofContext} from "./ClaimInputs.sol";
import {toHex} from "./Hex.sol";
import {IAuthenticityToken} from "./IAuthenticityToken.sol";
import {IClaimRouter} from "./IClaimRouter.sol";
import {IContentRegistry} from "./IContentRegistry.sol";
import {IERC7007} from "./IERC7007.sol";
import {IModelRegistry} from "./IModelRegistry.sol";

/// @title Tokens of generated pictures whose provenance was proved
/// @dev Not upgradeable, no owner, holds no funds. Calls `view` functions, and the receiver of a new token, last of all.
contract AuthenticityToken is IAuthenticityToken, IERC7007, ERC721, ERC2981 {
    /// @dev Words of `aigcData`.
    uint256 private constant AIGC_DATA_BYTES = 6 * 32;
    uint256 private constant MAX_URI_BYTES = 1024;
    /// @dev A tenth.
    uint96 private constant MAX_ROYALTY_BPS = 1000;

    IClaimRouter private immutable ROUTER;
    IModelRegistry private immutable MODELS;
    address private immutable REGISTRY;

    mapping(uint256 tokenId => Content) private _contents;

    /// @param claimRouter Checks the proofs.
    /// @param modelRegistry Knows the models.
    /// @param contentRegistry Proofs are bound to it.
    constructor(IClaimRouter claimRouter, IModelRegistry modelRegistry, IContentRegistry contentRegistry)
        ERC721("Veilmark", "VEIL")
    {
        // The registry was deployed with contracts that fit each other.
        if (contentRegistry.router() != address(claimRouter)) {
            revert OtherDeployment(address(claimRouter), contentRegistry.router());
        }
        if (contentRegistry.models() != address(modelRegistry)) {
            revert OtherDeployment(address(modelRegistry), contentRegistry.models());
        }
        ROUTER = claimRouter;
        MODELS = modelRegistry;
        REGISTRY = address(contentRegistry);
    }

    /// @inheritdoc IAuthenticityToken
    function mint(Mint calldata request) external returns (uint256 tokenId) {
        Content memory content;
        (tokenId, content) = _check(request.prompt, request.aigcData, request.proof);
        if (content.creator != msg.sender) revert NotCreator(content.creator, msg.sender);
        if (_ownerOf(tokenId) != address(0) || _contents[tokenId].creator != address(0)) revert AlreadyMinted(tokenId);
        MODELS.requireUsable(request.modelId, content.modelHash);
        if (request.royaltyBps > MAX_ROYALTY_BPS) revert RoyaltyTooHigh(request.royaltyBps, MAX_ROYALTY_BPS);
        _checkUri(bytes(request.uri));
        content.createdAt = uint40(block.timestamp);
        content.modelId = uint32(request.modelId);
        content.uri = request.uri;
        _contents[tokenId] = content;
        if (request.royaltyBps != 0) _setTokenRoyalty(tokenId, msg.sender, request.royaltyBps);
        emit ContentMinted(bytes32(tokenId), content.modelHash, msg.sender, request.modelId);
        emit AigcData(tokenId, request.prompt, request.aigcData, request.proof);
        // The receiver is called last: it finds the token minted.
        _safeMint(msg.sender, tokenId);
    }

    /// @notice Adds a further proof about a token's content, the creator's, by the token's owner or whom it approved: an event, no
    /// more. See `IERC7007`.
    /// @inheritdoc IERC7007
    function addAigcData(uint256 tokenId, bytes calldata prompt, bytes calldata aigcData, bytes calldata proof)
        external
    {
        if (!_isAuthorized(_requireOwned(tokenId), msg.sender, tokenId)) {
            revert NotAuthorized(tokenId, msg.sender);
        }
        (uint256 got, Content memory content) = _check(prompt, aigcData, proof);
        if (got != tokenId) revert TokenMismatch(tokenId, got);
        address creator = _contents[tokenId].creator;
        if (content.creator != creator) revert NotCreator(creator, content.creator);
        emit AigcData(tokenId, prompt, aigcData, proof);
    }

    /// @notice True, or a revert with the verifier's typed error: there is no `false` that a caller might not look at.
    /// @inheritdoc IERC7007
    function verify(bytes calldata prompt, bytes calldata aigcData, bytes calldata proof)
        external
        view
        returns (bool success)
    {
        _check(prompt, aigcData, proof);
        return true;
    }

    /// @inheritdoc IAuthenticityToken
    function contentOf(uint256 tokenId) external view returns (Content memory) {
        _requireOwned(tokenId);
        return _contents[tokenId];
    }

    /// @inheritdoc IAuthenticityToken
    function router() external view returns (address) {
        return address(ROUTER);
    }

    /// @inheritdoc IAuthenticityToken
    function models() external view returns (address) {
        return address(MODELS);
    }

    /// @inheritdoc IAuthenticityToken
    function registry() external view returns (address) {
        return REGISTRY;
    }

    /// @notice The token's metadata, as a `data:` URI of JSON with ERC-7007's keys. `verifier_active` is false once the claim
    /// or its key was stopped or removed: the proof may then have been a forgery.
    /// @param tokenId The token.
    function tokenURI(uint256 tokenId) public view override returns (string memory) {
        _requireOwned(tokenId);
        Content storage content = _contents[tokenId];
        string memory commitment = toHex(bytes32(tokenId));
        string memory uri = Strings.escapeJSON(content.uri);
        bytes memory json = bytes.concat(
            '{"name":"Veilmark ',
            bytes(commitment),
            '","description":"A generated picture whose provenance was proved in zero knowledge.","image":"',
            bytes(uri),
            '","prompt":"',
            bytes(toHex(content.promptCommitment)),
            '","aigc_type":"image","aigc_data":"',
            bytes(uri),
            '","proof_type":"validity (zkML)"'
        );
        json = bytes.concat(
            json,
            ',"image_commitment":"',
            bytes(commitment),
            '","model_hash":"',
            bytes(toHex(content.modelHash)),
            '","model_id":',
            bytes(Strings.toString(content.modelId)),
            ',"fingerprint":"',
            bytes(toHex(content.fingerprint)),
            '","verifying_key":"',
            bytes(toHex(content.vkHash)),
            '","creator":"'
        );
        json = bytes.concat(
            json,
            bytes(Strings.toChecksumHexString(content.creator)),
            '","created_at":',
            bytes(Strings.toString(content.createdAt)),
            ',"verifier_active":',
            ROUTER.answers(content.vkHash) ? bytes("true}") : bytes("false}")
        );
        return string.concat("data:application/json;base64,", Base64.encode(json));
    }

    /// @notice ERC-165.
    /// @param interfaceId The interface asked for.
    function supportsInterface(bytes4 interfaceId) public view override(ERC721, ERC2981) returns (bool) {
        return interfaceId == type(IERC7007).interfaceId || super.supportsInterface(interfaceId);
    }

    /// @dev Checks a proof; returns the token it is about, and what of its content the proof says.
    function _check(bytes calldata prompt, bytes calldata aigcData, bytes calldata proof)
        private
        view
        returns (uint256 tokenId, Content memory content)
    {
        if (aigcData.length != AIGC_DATA_BYTES) revert MalformedAigcData();
        uint256[6] memory words = abi.decode(aigcData, (uint256[6]));
        // One content, one encoding: no dirty bits above an address or the tolerance.
        if (words[4] > MAX_TOLERANCE || words[5] >> 160 != 0) revert MalformedAigcData();
        content.vkHash = bytes32(words[0]);
        content.fingerprint = bytes32(words[3]);
        content.tolerance = uint8(words[4]);
        content.creator = address(uint160(words[5]));
        IClaimRouter.Facts memory facts = ROUTER.verify(
            content.vkHash,
            claimInputs(content.fingerprint, content.tolerance, proofContext(REGISTRY, content.creator)),
            proof
        );
        if (facts.modelHash == 0) revert NotAGeneratedContent(content.vkHash);
        // A circuit without a fingerprint leaves these inputs free.
        if (facts.statement == IClaimRouter.Statement.Generation && (words[3] | words[4]) != 0) {
            revert NotAGeneratedContent(content.vkHash);
        }
        if (facts.imageCommitment != bytes32(words[1]) || facts.modelHash != bytes32(words[2])) {
            revert ContentMismatch(facts.imageCommitment, facts.modelHash);
        }
        if (prompt.length != 32 || bytes32(prompt) != facts.promptCommitment) revert PromptMismatch();
        content.modelHash = facts.modelHash;
        content.promptCommitment = facts.promptCommitment;
        return (words[1], content);
    }

    /// @dev What passes needs no more than the escapes of `"` and `\` to stand in JSON.
    function _checkUri(bytes calldata uri) private pure {
        if (uri.length > MAX_URI_BYTES) revert BadUri();
        for (uint256 i = 0; i < uri.length; ++i) {
            if (uri[i] < 0x21 || uri[i] > 0x7e) revert BadUri();
        }
    }
}
