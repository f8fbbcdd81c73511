// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC721Utils} from "@openzeppelin/contracts/token/ERC721/utils/ERC721Utils.sol";
import {ERC2981} from "@openzeppelin/contracts/token/common/ERC2981.sol";
import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {proofContext} from "./Context.sol";
import {endsWithStatement, isAddress, wordAt} from "./Encoding.sol";
import {toHex} from "./Hex.sol";
import {IAuthenticityToken} from "./IAuthenticityToken.sol";
import {IClaimRouter} from "./IClaimRouter.sol";
import {IContentRegistry} from "./IContentRegistry.sol";
import {IERC7007} from "./IERC7007.sol";
import {IModelRegistry} from "./IModelRegistry.sol";
import {Record} from "./Types.sol";

/// @title Tokens of generated pictures whose provenance was proved
/// @dev Not upgradeable, no owner, holds no funds. Calls `view` functions, and the receiver of a new token, last of all.
contract AuthenticityToken is IAuthenticityToken, IERC7007, ERC721, ERC2981 {
    /// @dev Word of `aigcData` at which the statement begins: where the record is, its three words, where its statement is.
    uint256 private constant RECORD_HEAD = 5;
    uint256 private constant MAX_URI_BYTES = 1024;
    /// @dev A tenth.
    uint96 private constant MAX_ROYALTY_BPS = 1000;
    bytes4 private constant ERC4906_INTERFACE = 0x49064906;

    IClaimRouter private immutable ROUTER;
    IModelRegistry private immutable MODELS;
    address private immutable REGISTRY;

    /// @inheritdoc IAuthenticityToken
    mapping(bytes32 imageCommitment => uint256 tokenId) public tokenOf;

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
        // What costs little comes first: who loses a race pays for no verifier.
        Record memory record = _decode(request.prompt, request.aigcData);
        if (record.registrant != msg.sender) revert NotCreator(record.registrant, msg.sender);
        bytes32 image = record.statement.imageCommitment;
        uint256 old = tokenOf[image];
        if (old != 0 && _inForce(_contents[old].vkHash)) revert AlreadyMinted(old);
        MODELS.requireUsable(record.modelId, record.statement.modelHash);
        if (request.royaltyBps > MAX_ROYALTY_BPS) revert RoyaltyTooHigh(request.royaltyBps, MAX_ROYALTY_BPS);
        if (bytes(request.uri).length != 0) _checkUri(bytes(request.uri));
        _verify(record, request.proof);

        bool renews = old != 0 && _contents[old].creator == msg.sender;
        tokenId = renews ? old : tokenIdOf(image, record.vkHash);
        _write(tokenId, record, request.uri, renews);
        if (!renews) {
            tokenOf[image] = tokenId;
            if (old != 0) {
                _contents[old].replacedBy = tokenId;
                emit MetadataUpdate(old);
            }
            if (request.royaltyBps != 0) _setTokenRoyalty(tokenId, msg.sender, request.royaltyBps);
            _mint(msg.sender, tokenId);
        } else {
            emit MetadataUpdate(tokenId);
        }
        emit ContentMinted(
            image, record.statement.modelHash, msg.sender, tokenId, record.vkHash, keccak256(request.aigcData)
        );
        _announce(tokenId, record, request.prompt, request.aigcData, request.proof);
        // The receiver is called last: it finds the token minted.
        if (!renews) ERC721Utils.checkOnERC721Received(msg.sender, address(0), msg.sender, tokenId, "");
    }

    /// @inheritdoc IAuthenticityToken
    function publish(uint256 tokenId, string calldata uri) external {
        _requireOwned(tokenId);
        Content storage content = _contents[tokenId];
        if (content.creator != msg.sender) revert NotCreator(content.creator, msg.sender);
        if (bytes(content.uri).length != 0) revert AlreadyPublished(tokenId);
        _checkUri(bytes(uri));
        content.uri = uri;
        emit MetadataUpdate(tokenId);
    }

    /// @inheritdoc IAuthenticityToken
    function refresh(uint256 tokenId) external {
        _requireOwned(tokenId);
        Content storage content = _contents[tokenId];
        bool active = _inForce(content.vkHash);
        if (active == content.shownActive) revert NothingToRefresh(tokenId);
        content.shownActive = active;
        emit MetadataUpdate(tokenId);
    }

    /// @notice Adds a further proof about a token's content, the creator's, by the token's owner or whom it approved: events, no
    /// more. See `IERC7007`.
    /// @inheritdoc IERC7007
    function addAigcData(uint256 tokenId, bytes calldata prompt, bytes calldata aigcData, bytes calldata proof)
        external
    {
        if (!_isAuthorized(_requireOwned(tokenId), msg.sender, tokenId)) {
            revert NotAuthorized(tokenId, msg.sender);
        }
        Record memory record = _decode(prompt, aigcData);
        Content storage content = _contents[tokenId];
        if (record.statement.imageCommitment != content.imageCommitment) {
            revert TokenMismatch(content.imageCommitment, record.statement.imageCommitment);
        }
        if (record.registrant != content.creator) revert NotCreator(content.creator, record.registrant);
        _verify(record, proof);
        _announce(tokenId, record, prompt, aigcData, proof);
    }

    /// @notice True, or a revert with the verifier's typed error: there is no `false` that a caller might not look at.
    /// @inheritdoc IERC7007
    function verify(bytes calldata prompt, bytes calldata aigcData, bytes calldata proof)
        external
        view
        returns (bool success)
    {
        _verify(_decode(prompt, aigcData), proof);
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

    /// @inheritdoc IAuthenticityToken
    function tokenIdOf(bytes32 imageCommitment, bytes32 vkHash) public pure returns (uint256) {
        return uint256(keccak256(abi.encode(imageCommitment, vkHash)));
    }

    /// @inheritdoc IAuthenticityToken
    function contractURI() external pure returns (string memory) {
        return string.concat(
            "data:application/json;base64,",
            Base64.encode(
                '{"name":"Veilmark","description":"Generated pictures whose provenance was proved in zero knowledge. A token says nothing about rights in a picture."}'
            )
        );
    }

    /// @notice The token's metadata, as a `data:` URI of JSON with ERC-7007's keys. `verifier_active` is false once the claim
    /// or its key has ended: the proof may then have been a forgery, and `replaced_by` may name a newer token.
    /// @param tokenId The token.
    function tokenURI(uint256 tokenId) public view override returns (string memory) {
        _requireOwned(tokenId);
        Content storage content = _contents[tokenId];
        string memory commitment = toHex(content.imageCommitment);
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
            '","tolerance":',
            bytes(Strings.toString(content.tolerance)),
            ',"verifying_key":"',
            bytes(toHex(content.vkHash)),
            '","creator":"'
        );
        json = bytes.concat(
            json,
            bytes(Strings.toChecksumHexString(content.creator)),
            '","created_at":',
            bytes(Strings.toString(content.createdAt)),
            ',"verifier_active":',
            _inForce(content.vkHash) ? bytes("true") : bytes("false"),
            ',"replaced_by":"',
            content.replacedBy == 0 ? bytes("") : bytes(Strings.toString(content.replacedBy)),
            '"}'
        );
        return string.concat("data:application/json;base64,", Base64.encode(json));
    }

    /// @notice ERC-165.
    /// @param interfaceId The interface asked for.
    function supportsInterface(bytes4 interfaceId) public view override(ERC721, ERC2981) returns (bool) {
        return interfaceId == type(IERC7007).interfaceId || interfaceId == ERC4906_INTERFACE
            || super.supportsInterface(interfaceId);
    }

    /// @dev What a token or its key says must be what was proved: no key that nobody reviewed, as it may prove nothing.
    function _verify(Record memory record, bytes calldata proof) private view {
        uint256 context = proofContext(REGISTRY, record.registrant);
        ROUTER.verify(record.vkHash, record.statement, context, false, proof);
    }

    /// @dev Whether nothing is known against a key: neither it nor its claim has ended. A pause is no end.
    function _inForce(bytes32 vkHash) private view returns (bool) {
        IClaimRouter.Standing memory standing = ROUTER.standingOf(vkHash);
        return standing.reason == IClaimRouter.Reason.None && !standing.codeChanged;
    }

    function _write(uint256 tokenId, Record memory record, string calldata uri, bool renews) private {
        Content storage content = _contents[tokenId];
        content.imageCommitment = record.statement.imageCommitment;
        content.vkHash = record.vkHash;
        content.modelHash = record.statement.modelHash;
        content.promptCommitment = record.statement.promptCommitment;
        content.fingerprint = record.statement.fingerprint;
        content.tolerance = record.statement.tolerance;
        content.shownActive = true;
        content.modelId = uint32(record.modelId);
        if (bytes(uri).length != 0) content.uri = uri;
        if (renews) return;
        content.creator = record.registrant;
        content.createdAt = uint40(block.timestamp);
    }

    function _announce(
        uint256 tokenId,
        Record memory record,
        bytes calldata prompt,
        bytes calldata aigcData,
        bytes calldata proof
    ) private {
        emit AigcData(tokenId, prompt, aigcData, proof);
        emit ContentProved(
            tokenId, record.vkHash, record.statement.fingerprint, record.statement.tolerance, record.modelId
        );
    }

    /// @dev Reads a record in the one encoding that there is, so that its hash is its id.
    function _decode(bytes calldata prompt, bytes calldata aigcData) private pure returns (Record memory record) {
        if (
            !endsWithStatement(aigcData, RECORD_HEAD) || wordAt(aigcData, 0) != 32 || !isAddress(aigcData, 2)
                || wordAt(aigcData, 4) != 32 * (RECORD_HEAD - 1)
        ) {
            revert MalformedAigcData();
        }
        record = abi.decode(aigcData, (Record));
        if (record.statement.modelHash == 0 || record.statement.imageCommitment == 0) {
            revert NotAGeneratedContent(record.vkHash);
        }
        if (prompt.length != 32 || bytes32(prompt) != record.statement.promptCommitment) revert PromptMismatch();
    }

    /// @dev What passes needs no more than the escapes of `"` and `\` to stand in JSON.
    function _checkUri(bytes calldata uri) private pure {
        if (uri.length == 0 || uri.length > MAX_URI_BYTES) revert BadUri();
        for (uint256 i = 0; i < uri.length; ++i) {
            if (uri[i] < 0x21 || uri[i] > 0x7e) revert BadUri();
        }
    }
}
