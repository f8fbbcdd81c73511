// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {claimInputs, MAX_TOLERANCE, proofContext} from "./ClaimInputs.sol";
import {toHex} from "./Hex.sol";
import {IClaimRouter} from "./IClaimRouter.sol";
import {IContentRegistry} from "./IContentRegistry.sol";
import {IModelRegistry} from "./IModelRegistry.sol";

/// @title Registry of hidden pictures: their fingerprints, the models they come from, who registered them and when
/// @dev Not upgradeable, no owner, holds no funds; calls nothing but `view` functions, so nothing can come in between a
/// check and what is written upon it.
contract ContentRegistry is IContentRegistry, EIP712 {
    /// @dev A record as it is stored, in six slots. Lists are linked through `next…`: the position of the next record of the
    /// same commitment (fingerprint, model), plus one. Times end in the year 36812.
    struct Entry {
        bytes32 imageCommitment;
        bytes32 fingerprint;
        bytes32 modelHash;
        bytes32 promptCommitment;
        address registrant;
        uint40 timestamp;
        uint40 blockNumber;
        uint8 tolerance;
        uint24 keyIndex;
        uint32 modelId;
        uint40 nextByCommitment;
        uint40 nextByFingerprint;
        uint40 nextByModel;
        uint40 revokedAt;
    }

    /// @dev First and last record of a list, as positions plus one; zero when the list is empty.
    struct List {
        uint40 first;
        uint40 last;
    }

    /// @dev What a registration says.
    struct Request {
        bytes32 vkHash;
        bytes32 fingerprint;
        uint8 tolerance;
        uint256 modelId;
        address registrant;
    }

    bytes32 private constant SEAL_DOMAIN = keccak256("veilmark reservation v1");
    bytes32 private constant REGISTER_TYPEHASH = keccak256(
        "Register(address registrant,bytes32 vkHash,bytes32 fingerprint,uint8 tolerance,uint256 modelId,bytes32 proofHash,uint256 deadline)"
    );

    IClaimRouter private immutable ROUTER;
    IModelRegistry private immutable MODELS;

    /// @inheritdoc IContentRegistry
    mapping(bytes32 seal => uint64) public reservedAt;
    /// @inheritdoc IContentRegistry
    mapping(string assetCid => uint256[]) public recordLogs;

    Entry[] private _entries;
    /// @dev Position of a record plus one.
    mapping(bytes32 recordId => uint256) private _positions;
    /// @dev When the seal of a record was reserved, where it was shown.
    mapping(bytes32 recordId => uint64) private _shown;
    mapping(bytes32 imageCommitment => List) private _byCommitment;
    mapping(bytes32 fingerprint => List) private _byFingerprint;
    mapping(bytes32 modelHash => List) private _byModel;

    /// @param claimRouter Checks the proofs.
    /// @param modelRegistry Knows the models.
    constructor(IClaimRouter claimRouter, IModelRegistry modelRegistry) EIP712("Veilmark ContentRegistry", "1") {
        if (address(claimRouter).code.length == 0) revert IClaimRouter.NoCode(address(claimRouter));
        if (address(modelRegistry).code.length == 0) revert IClaimRouter.NoCode(address(modelRegistry));
        if (modelRegistry.router() != address(claimRouter)) {
            revert OtherRouter(address(claimRouter), modelRegistry.router());
        }
        ROUTER = claimRouter;
        MODELS = modelRegistry;
    }

    /// @inheritdoc IContentRegistry
    function register(bytes32 vkHash, bytes32 fingerprint, uint8 tolerance, uint256 modelId, bytes calldata proof)
        external
        returns (bytes32 recordId)
    {
        return _register(Request(vkHash, fingerprint, tolerance, modelId, msg.sender), proof);
    }

    /// @inheritdoc IContentRegistry
    function registerFor(
        bytes32 vkHash,
        bytes32 fingerprint,
        uint8 tolerance,
        uint256 modelId,
        bytes calldata proof,
        address registrant,
        uint256 deadline,
        bytes calldata signature
    ) external returns (bytes32 recordId) {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        Request memory request = Request(vkHash, fingerprint, tolerance, modelId, registrant);
        bytes32 digest = _hashTypedDataV4(
            keccak256(
                abi.encode(
                    REGISTER_TYPEHASH, registrant, vkHash, fingerprint, tolerance, modelId, keccak256(proof), deadline
                )
            )
        );
        // No nonce: the same registration is refused the second time.
        if (!SignatureChecker.isValidSignatureNow(registrant, digest, signature)) revert InvalidSignature(registrant);
        return _register(request, proof);
    }

    /// @inheritdoc IContentRegistry
    function check(
        bytes32 vkHash,
        bytes32 imageCommitment,
        bytes32 fingerprint,
        uint8 tolerance,
        address registrant,
        bytes calldata proof
    ) external view {
        IClaimRouter.Facts memory facts = _verify(Request(vkHash, fingerprint, tolerance, 0, registrant), proof);
        if (facts.imageCommitment != imageCommitment) {
            revert CommitmentMismatch(imageCommitment, facts.imageCommitment);
        }
    }

    /// @inheritdoc IContentRegistry
    function revoke(bytes32 recordId) external {
        Entry storage entry = _own(recordId);
        if (entry.revokedAt != 0) revert AlreadyRevoked(recordId);
        entry.revokedAt = uint40(block.timestamp);
        emit ContentRevoked(recordId, msg.sender);
    }

    /// @inheritdoc IContentRegistry
    function reserve(bytes32 seal) external {
        // Whoever copies a seal and is first does its maker a favour: the time can only be earlier.
        if (reservedAt[seal] != 0) return;
        reservedAt[seal] = uint64(block.timestamp);
        emit Reserved(seal, uint64(block.timestamp));
    }

    /// @inheritdoc IContentRegistry
    function showReservation(bytes32 recordId, bytes32 salt) external {
        Entry storage entry = _own(recordId);
        bytes32 seal = sealOf(entry.imageCommitment, msg.sender, salt);
        uint64 time = reservedAt[seal];
        if (time == 0 || time > entry.timestamp) revert NotReserved(seal);
        if (_shown[recordId] != 0) revert AlreadyShown(recordId);
        _shown[recordId] = time;
        emit ReservationShown(recordId, seal, time);
    }

    /// @inheritdoc IContentRegistry
    function commit(string calldata assetCid, string calldata commitData) external returns (uint256 blockNumber) {
        recordLogs[assetCid].push(block.number);
        emit Commit(msg.sender, assetCid, commitData);
        return block.number;
    }

    /// @inheritdoc IContentRegistry
    function status(bytes32 recordId) external view returns (Status) {
        Entry storage entry = _entry(recordId);
        if (entry.revokedAt != 0) return Status.Revoked;
        return ROUTER.answers(ROUTER.vkHashAt(entry.keyIndex)) ? Status.Valid : Status.VerifierStopped;
    }

    /// @inheritdoc IContentRegistry
    function contextOf(address registrant) external view returns (uint256) {
        return proofContext(address(this), registrant);
    }

    /// @inheritdoc IContentRegistry
    function sealOf(bytes32 imageCommitment, address registrant, bytes32 salt) public view returns (bytes32) {
        return keccak256(abi.encode(SEAL_DOMAIN, block.chainid, address(this), imageCommitment, registrant, salt));
    }

    /// @inheritdoc IContentRegistry
    function recordIdOf(
        bytes32 imageCommitment,
        bytes32 fingerprint,
        bytes32 modelHash,
        bytes32 promptCommitment,
        bytes32 vkHash,
        address registrant
    ) public pure returns (bytes32) {
        return keccak256(abi.encode(imageCommitment, fingerprint, modelHash, promptCommitment, vkHash, registrant));
    }

    /// @inheritdoc IContentRegistry
    function router() external view returns (address) {
        return address(ROUTER);
    }

    /// @inheritdoc IContentRegistry
    function models() external view returns (address) {
        return address(MODELS);
    }

    /// @inheritdoc IContentRegistry
    function record(bytes32 recordId) external view returns (Record memory) {
        return _record(_entry(recordId));
    }

    /// @inheritdoc IContentRegistry
    function recordCount() external view returns (uint256) {
        return _entries.length;
    }

    /// @inheritdoc IContentRegistry
    function recordAt(uint256 index) external view returns (Record memory) {
        if (index >= _entries.length) revert IndexOutOfRange(index, _entries.length);
        return _record(_entries[index]);
    }

    /// @inheritdoc IContentRegistry
    function recordsByCommitment(bytes32 imageCommitment, uint256 cursor, uint256 limit)
        external
        view
        returns (Record[] memory page, uint256 next)
    {
        uint256 start = cursor == 0 ? _byCommitment[imageCommitment].first : cursor;
        if (cursor > _entries.length || (cursor != 0 && _entries[cursor - 1].imageCommitment != imageCommitment)) {
            revert CursorOfAnotherList(cursor);
        }
        return _page(start, limit, _nextByCommitment);
    }

    /// @inheritdoc IContentRegistry
    function recordsByFingerprint(bytes32 fingerprint, uint256 cursor, uint256 limit)
        external
        view
        returns (Record[] memory page, uint256 next)
    {
        uint256 start = cursor == 0 ? _byFingerprint[fingerprint].first : cursor;
        if (cursor > _entries.length || (cursor != 0 && _entries[cursor - 1].fingerprint != fingerprint)) {
            revert CursorOfAnotherList(cursor);
        }
        return _page(start, limit, _nextByFingerprint);
    }

    /// @inheritdoc IContentRegistry
    function recordsByModel(bytes32 modelHash, uint256 cursor, uint256 limit)
        external
        view
        returns (Record[] memory page, uint256 next)
    {
        uint256 start = cursor == 0 ? _byModel[modelHash].first : cursor;
        if (cursor > _entries.length || (cursor != 0 && _entries[cursor - 1].modelHash != modelHash)) {
            revert CursorOfAnotherList(cursor);
        }
        return _page(start, limit, _nextByModel);
    }

    /// @dev Checks a proof and what a claim of its kind has to leave out.
    function _verify(Request memory request, bytes calldata proof)
        private
        view
        returns (IClaimRouter.Facts memory facts)
    {
        if (request.tolerance > MAX_TOLERANCE) revert ToleranceTooLarge(request.tolerance, MAX_TOLERANCE);
        facts = ROUTER.verify(
            request.vkHash,
            claimInputs(request.fingerprint, request.tolerance, proofContext(address(this), request.registrant)),
            proof
        );
        // Circuits that show no fingerprint leave these inputs free.
        if (facts.statement == IClaimRouter.Statement.CommittedFingerprint) {
            if (request.fingerprint != facts.fingerprintCommitment) {
                revert FingerprintMismatch(request.fingerprint, facts.fingerprintCommitment);
            }
        } else if (facts.statement == IClaimRouter.Statement.Generation) {
            if (request.fingerprint != 0 || request.tolerance != 0) revert NoFingerprint(facts.claimId);
        }
    }

    function _register(Request memory request, bytes calldata proof) private returns (bytes32 recordId) {
        IClaimRouter.Facts memory facts = _verify(request, proof);
        // Of the router's statements exactly those with a model give one.
        if (facts.modelHash != 0) {
            MODELS.requireUsable(request.modelId, facts.modelHash);
        } else if (request.modelId != 0) {
            revert NoModel(facts.claimId);
        }
        recordId = recordIdOf(
            facts.imageCommitment,
            request.fingerprint,
            facts.modelHash,
            facts.promptCommitment,
            request.vkHash,
            request.registrant
        );
        if (_positions[recordId] != 0) revert AlreadyRegistered(recordId);

        // A position is at most the number of transactions there will ever be, 40 bits hold it; the router has at most 2^24
        // keys, the registry of models 2^32 models.
        Entry storage entry = _entries.push();
        uint40 position = uint40(_entries.length);
        _positions[recordId] = position;
        entry.imageCommitment = facts.imageCommitment;
        entry.fingerprint = request.fingerprint;
        entry.registrant = request.registrant;
        entry.timestamp = uint40(block.timestamp);
        entry.blockNumber = uint40(block.number);
        entry.tolerance = request.tolerance;
        entry.keyIndex = uint24(facts.keyIndex);
        uint40 last = _append(_byCommitment[facts.imageCommitment], position);
        if (last != 0) _entries[last - 1].nextByCommitment = position;
        if (facts.statement != IClaimRouter.Statement.Generation) {
            last = _append(_byFingerprint[request.fingerprint], position);
            if (last != 0) _entries[last - 1].nextByFingerprint = position;
        }
        emit ContentRegistered(
            facts.imageCommitment,
            request.fingerprint,
            request.registrant,
            recordId,
            request.vkHash,
            request.tolerance,
            uint64(block.timestamp)
        );
        if (facts.modelHash != 0) {
            entry.modelHash = facts.modelHash;
            entry.promptCommitment = facts.promptCommitment;
            entry.modelId = uint32(request.modelId);
            last = _append(_byModel[facts.modelHash], position);
            if (last != 0) _entries[last - 1].nextByModel = position;
            emit ContentGenerated(facts.modelHash, request.modelId, facts.promptCommitment, recordId);
        }
        emit Commit(request.registrant, toHex(facts.imageCommitment), toHex(recordId));
    }

    /// @dev Makes a record the last of a list and returns the one before.
    function _append(List storage list, uint40 position) private returns (uint40 last) {
        last = list.last;
        if (last == 0) list.first = position;
        list.last = position;
    }

    function _entry(bytes32 recordId) private view returns (Entry storage) {
        uint256 position = _positions[recordId];
        if (position == 0) revert UnknownRecord(recordId);
        return _entries[position - 1];
    }

    /// @dev The caller's record.
    function _own(bytes32 recordId) private view returns (Entry storage entry) {
        entry = _entry(recordId);
        if (entry.registrant != msg.sender) revert NotRegistrant(recordId, msg.sender);
    }

    /// @dev Walks a list twice: memory is taken for the records there are, not for as many as the caller says.
    function _page(uint256 start, uint256 limit, function(uint256) view returns (uint256) nextOf)
        private
        view
        returns (Record[] memory page, uint256 next)
    {
        uint256 count = 0;
        for (next = start; next != 0 && count < limit; ++count) {
            next = nextOf(next);
        }
        page = new Record[](count);
        for (uint256 i = 0; i < count; ++i) {
            page[i] = _record(_entries[start - 1]);
            start = nextOf(start);
        }
    }

    function _nextByCommitment(uint256 position) private view returns (uint256) {
        return _entries[position - 1].nextByCommitment;
    }

    function _nextByFingerprint(uint256 position) private view returns (uint256) {
        return _entries[position - 1].nextByFingerprint;
    }

    function _nextByModel(uint256 position) private view returns (uint256) {
        return _entries[position - 1].nextByModel;
    }

    function _record(Entry storage entry) private view returns (Record memory found) {
        IClaimRouter.Key memory key = ROUTER.keyAt(entry.keyIndex);
        found.imageCommitment = entry.imageCommitment;
        found.fingerprint = entry.fingerprint;
        found.modelHash = entry.modelHash;
        found.promptCommitment = entry.promptCommitment;
        found.claimId = key.claimId;
        found.vkHash = key.vkHash;
        found.modelId = entry.modelId;
        found.registrant = entry.registrant;
        found.timestamp = entry.timestamp;
        found.blockNumber = entry.blockNumber;
        found.revokedAt = entry.revokedAt;
        found.tolerance = entry.tolerance;
        found.reservedAt = _shown[
            recordIdOf(
                found.imageCommitment,
                found.fingerprint,
                found.modelHash,
                found.promptCommitment,
                found.vkHash,
                found.registrant
            )
        ];
    }
}
