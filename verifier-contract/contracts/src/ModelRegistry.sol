// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {proofContext} from "./Context.sol";
import {endsWithStatement, isAddress} from "./Encoding.sol";
import {IClaimRouter} from "./IClaimRouter.sol";
import {IModelRegistry} from "./IModelRegistry.sol";
import {Statement} from "./Types.sol";

/// @title Registry of models and of what they were made from
/// @dev Not upgradeable, no owner, holds no funds, calls nothing but `view` functions of the router.
contract ModelRegistry is IModelRegistry {
    /// @dev A model as it is stored.
    struct Entry {
        ModelCommitment commitment;
        address owner;
        bool deprecated;
        uint32 parentId;
        address pendingOwner;
    }

    /// @dev The only proof system there is here.
    bytes4 private constant PROOF_SYSTEM_ID = bytes4(keccak256("halo2-kzg-bn254-v1"));
    /// @dev ERC-7992's registry, its verifier, and ERC-165.
    bytes4 private constant REGISTRY_INTERFACE = IModelRegistry.registerModel.selector
        ^ IModelRegistry.updateModel.selector ^ IModelRegistry.deprecateModel.selector
        ^ IModelRegistry.getModel.selector;
    bytes4 private constant VERIFIER_INTERFACE = IModelRegistry.verifyInference.selector
        ^ IModelRegistry.proofSystemOf.selector ^ IModelRegistry.registry.selector;
    bytes4 private constant ERC165_INTERFACE = IModelRegistry.supportsInterface.selector;
    /// @dev Word of `output` at which the statement begins: see `verifyInference`.
    uint256 private constant OUTPUT_HEAD = 3;

    IClaimRouter private immutable ROUTER;

    /// @dev Model `id` is at `id - 1`.
    Entry[] private _models;
    mapping(bytes32 key => uint256 modelId) private _ids;
    mapping(bytes32 modelHash => uint256[]) private _byHash;
    mapping(uint256 parentId => Update[]) private _updates;

    /// @param claimRouter Checks the proofs.
    constructor(IClaimRouter claimRouter) {
        if (address(claimRouter).code.length == 0) revert NotAContract(address(claimRouter));
        ROUTER = claimRouter;
    }

    modifier onlyModelOwner(uint256 modelId) {
        if (_entry(modelId).owner != msg.sender) revert NotModelOwner(modelId, msg.sender);
        _;
    }

    /// @inheritdoc IModelRegistry
    function registerModel(ModelCommitment calldata commitment) external returns (uint256 modelId) {
        if (commitment.modelHash == 0 || commitment.circuitHash == 0) revert EmptyCommitment();
        if (commitment.proofSystemId != PROOF_SYSTEM_ID) revert UnsupportedProofSystem(commitment.proofSystemId);
        IClaimRouter.Key memory key = ROUTER.keyOf(commitment.vkHash);
        if (!ROUTER.answers(commitment.vkHash) || key.architecture == 0) {
            revert NotAModelKey(commitment.vkHash);
        }
        if (key.architecture != commitment.circuitHash) {
            revert CircuitMismatch(key.architecture, commitment.circuitHash);
        }
        bytes32 idKey = _idKey(commitment.modelHash, commitment.vkHash, msg.sender);
        if (_ids[idKey] != 0) revert ModelAlreadyRegistered(_ids[idKey]);

        Entry storage entry = _models.push();
        entry.commitment = commitment;
        entry.owner = msg.sender;
        modelId = _models.length;
        // Content records keep an id in 32 bits.
        if (modelId > type(uint32).max) revert RegistryFull();
        _ids[idKey] = modelId;
        _byHash[commitment.modelHash].push(modelId);
        emit ModelRegistered(modelId, msg.sender, commitment);
        emit ModelNamed(commitment.modelHash, commitment.circuitHash, modelId);
    }

    /// @inheritdoc IModelRegistry
    function updateModel(uint256 modelId, ModelCommitment calldata newCommitment) external onlyModelOwner(modelId) {
        ModelCommitment memory old = _entry(modelId).commitment;
        if (
            newCommitment.modelHash != old.modelHash || newCommitment.circuitHash != old.circuitHash
                || newCommitment.vkHash != old.vkHash || newCommitment.proofSystemId != old.proofSystemId
        ) {
            revert CommitmentImmutable(modelId);
        }
        _entry(modelId).commitment.uri = newCommitment.uri;
        emit ModelUpdated(modelId, old, newCommitment);
    }

    /// @inheritdoc IModelRegistry
    function deprecateModel(uint256 modelId) external onlyModelOwner(modelId) {
        Entry storage entry = _entry(modelId);
        if (entry.deprecated) revert ModelIsDeprecated(modelId);
        entry.deprecated = true;
        emit ModelDeprecated(modelId);
    }

    /// @inheritdoc IModelRegistry
    function getModel(uint256 modelId)
        external
        view
        returns (ModelCommitment memory commitment, bool deprecated, address owner)
    {
        Entry storage entry = _entry(modelId);
        return (entry.commitment, entry.deprecated, entry.owner);
    }

    /// @inheritdoc IModelRegistry
    function modelCount() external view returns (uint256) {
        return _models.length;
    }

    /// @inheritdoc IModelRegistry
    function modelIdOf(bytes32 modelHash, bytes32 vkHash, address registrant) external view returns (uint256) {
        return _ids[_idKey(modelHash, vkHash, registrant)];
    }

    /// @inheritdoc IModelRegistry
    function modelsByHash(bytes32 modelHash, uint256 offset, uint256 limit)
        external
        view
        returns (uint256[] memory modelIds)
    {
        uint256[] storage list = _byHash[modelHash];
        modelIds = new uint256[](_pageSize(list.length, offset, limit));
        for (uint256 i = 0; i < modelIds.length; ++i) {
            modelIds[i] = list[offset + i];
        }
    }

    /// @inheritdoc IModelRegistry
    function vkHashOf(uint256 modelId) external view returns (bytes32) {
        return _entry(modelId).commitment.vkHash;
    }

    /// @inheritdoc IModelRegistry
    function requireUsable(uint256 modelId, bytes32 modelHash) external view {
        Entry storage entry = _entry(modelId);
        if (entry.commitment.modelHash != modelHash) revert ModelMismatch();
        if (entry.deprecated) revert ModelIsDeprecated(modelId);
    }

    /// @inheritdoc IModelRegistry
    function transferModel(uint256 modelId, address newOwner) external onlyModelOwner(modelId) {
        _entry(modelId).pendingOwner = newOwner;
        emit ModelOffered(modelId, msg.sender, newOwner);
    }

    /// @inheritdoc IModelRegistry
    function acceptModel(uint256 modelId) external {
        Entry storage entry = _entry(modelId);
        if (entry.pendingOwner != msg.sender) revert NotPendingModelOwner(modelId, msg.sender);
        emit ModelTransferred(modelId, entry.owner, msg.sender);
        entry.owner = msg.sender;
        delete entry.pendingOwner;
    }

    /// @inheritdoc IModelRegistry
    function pendingOwnerOf(uint256 modelId) external view returns (address) {
        return _entry(modelId).pendingOwner;
    }

    /// @inheritdoc IModelRegistry
    function submitUpdate(uint256 parentId, uint256 childId, bytes32 updateHash) external onlyModelOwner(childId) {
        Entry storage child = _entry(childId);
        address parentOwner = _entry(parentId).owner;
        if (child.parentId != 0 || parentId >= childId) revert NotAParent(parentId, childId);
        // At most `childId`, which 32 bits hold.
        child.parentId = uint32(parentId);
        bool byParentOwner = parentOwner == msg.sender;
        _updates[parentId].push(
            Update({
                childId: childId,
                updateHash: updateHash,
                submitter: msg.sender,
                timestamp: uint64(block.timestamp),
                byParentOwner: byParentOwner
            })
        );
        emit UpdateSubmitted(parentId, childId, updateHash, byParentOwner);
    }

    /// @inheritdoc IModelRegistry
    function getUpdates(uint256 parentId, uint256 offset, uint256 limit) external view returns (Update[] memory page) {
        Update[] storage list = _updates[parentId];
        page = new Update[](_pageSize(list.length, offset, limit));
        for (uint256 i = 0; i < page.length; ++i) {
            page[i] = list[offset + i];
        }
    }

    /// @inheritdoc IModelRegistry
    function parentOf(uint256 childId) external view returns (uint256 parentId) {
        return _entry(childId).parentId;
    }

    /// @inheritdoc IModelRegistry
    function verifyInference(uint256 modelId, bytes32 inputCommitment, bytes calldata output, bytes calldata proof)
        external
    {
        Entry storage entry = _entry(modelId);
        if (entry.deprecated) revert VerificationRefused_ModelDeprecated(modelId);
        // One output, one encoding: no dirty bits above an address or the tolerance, nothing out of its place.
        if (
            !endsWithStatement(output, OUTPUT_HEAD) || !isAddress(output, 0) || !isAddress(output, 1)
                || uint256(bytes32(output[64:96])) != 32 * OUTPUT_HEAD
        ) {
            revert OutputMismatch();
        }
        (address boundTo, address registrant, Statement memory statement) =
            abi.decode(output, (address, address, Statement));
        if (statement.modelHash != entry.commitment.modelHash) revert ModelMismatch();
        if (statement.promptCommitment != inputCommitment) revert InputCommitmentMismatch();
        ROUTER.verify(entry.commitment.vkHash, statement, proofContext(boundTo, registrant), false, proof);
        emit InferenceVerified(modelId, inputCommitment, output, msg.sender);
    }

    /// @inheritdoc IModelRegistry
    function proofSystemOf(uint256 modelId) external view returns (bytes4) {
        return _entry(modelId).commitment.proofSystemId;
    }

    /// @inheritdoc IModelRegistry
    function registry() external view returns (address) {
        return address(this);
    }

    /// @inheritdoc IModelRegistry
    function router() external view returns (address) {
        return address(ROUTER);
    }

    /// @inheritdoc IModelRegistry
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == REGISTRY_INTERFACE || interfaceId == VERIFIER_INTERFACE || interfaceId == ERC165_INTERFACE;
    }

    function _entry(uint256 modelId) private view returns (Entry storage) {
        if (modelId == 0 || modelId > _models.length) revert ModelNotFound(modelId);
        return _models[modelId - 1];
    }

    function _idKey(bytes32 modelHash, bytes32 vkHash, address registrant) private pure returns (bytes32) {
        return keccak256(abi.encode(modelHash, vkHash, registrant));
    }

    function _pageSize(uint256 length, uint256 offset, uint256 limit) private pure returns (uint256) {
        if (offset >= length) return 0;
        return limit < length - offset ? limit : length - offset;
    }
}
