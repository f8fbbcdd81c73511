// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {ARB_SYS, countsBlocksElsewhere} from "./BlockNumber.sol";
import {proofContext} from "./Context.sol";
import {toHex} from "./Hex.sol";
import {IClaimRouter} from "./IClaimRouter.sol";
import {IContentRegistry} from "./IContentRegistry.sol";
import {IModelRegistry} from "./IModelRegistry.sol";
import {Record, Statement} from "./Types.sol";

/// @title Registry of hidden pictures: what was proved about them, who registered them and when
/// @dev Not upgradeable, no owner, holds no funds; calls nothing but `view` functions, so nothing can come in between a
/// check and what is written upon it. Knows no claim: the router makes public inputs of a statement.
contract ContentRegistry is IContentRegistry, EIP712 {
    /// @dev A record as it is stored, in one slot. Times end in the year 36812.
    struct Slot {
        uint40 timestamp;
        uint40 blockNumber;
        uint40 reservedAt;
        uint40 revokedAt;
        uint32 keyIndex;
    }

    bytes32 private constant SEAL_DOMAIN = keccak256("veilmark reservation v1");
    string private constant STATEMENT_TYPE =
        "Statement(bytes32 imageCommitment,bytes32 sourceCommitment,bytes32 fingerprint,bytes32 modelHash,bytes32 promptCommitment,uint8 tolerance,bytes32[] extra)";
    bytes32 private constant STATEMENT_TYPEHASH = keccak256(bytes(STATEMENT_TYPE));
    string private constant RECORD_TYPE =
        "Record(bytes32 vkHash,address registrant,uint256 modelId,Statement statement)";
    bytes32 private constant RECORD_TYPEHASH = keccak256(bytes.concat(bytes(RECORD_TYPE), bytes(STATEMENT_TYPE)));
    bytes32 private constant REGISTER_TYPEHASH = keccak256(
        bytes.concat(
            "Register(Record record,bytes32 proofHash,uint256 deadline)", bytes(RECORD_TYPE), bytes(STATEMENT_TYPE)
        )
    );
    /// @dev `PrecompileFailed()` of the generated verifiers: gas ran short, or a key's points are no points.
    bytes4 private constant PRECOMPILE_FAILED = bytes4(keccak256("PrecompileFailed()"));

    IClaimRouter private immutable ROUTER;
    IModelRegistry private immutable MODELS;
    /// @dev The chain's id at deployment.
    uint256 private immutable CHAIN_ID;
    /// @dev Whether the chain's own block number has to be asked for.
    bool private immutable ASK_BLOCK_NUMBER;

    /// @inheritdoc IContentRegistry
    mapping(bytes32 seal => uint64) public reservedAt;
    /// @inheritdoc IContentRegistry
    mapping(string assetCid => uint256[]) public recordLogs;

    mapping(bytes32 recordId => Slot) private _slots;

    /// @param claimRouter Checks the proofs.
    /// @param modelRegistry Knows the models.
    constructor(IClaimRouter claimRouter, IModelRegistry modelRegistry) EIP712("Veilmark ContentRegistry", "1") {
        if (address(claimRouter).code.length == 0) revert NotAContract(address(claimRouter));
        if (address(modelRegistry).code.length == 0) revert NotAContract(address(modelRegistry));
        if (modelRegistry.router() != address(claimRouter)) {
            revert OtherRouter(address(claimRouter), modelRegistry.router());
        }
        ROUTER = claimRouter;
        MODELS = modelRegistry;
        CHAIN_ID = block.chainid;
        ASK_BLOCK_NUMBER = countsBlocksElsewhere();
    }

    /// @inheritdoc IContentRegistry
    function register(Record calldata record, bytes calldata proof) external returns (bytes32 recordId) {
        if (record.registrant != msg.sender) revert NotRegistrant(record.registrant, msg.sender);
        return _register(record, proof);
    }

    /// @inheritdoc IContentRegistry
    function registerFor(Record calldata record, bytes calldata proof, uint256 deadline, bytes calldata signature)
        external
        returns (bytes32 recordId)
    {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        bytes32 digest =
            _hashTypedDataV4(keccak256(abi.encode(REGISTER_TYPEHASH, _hashRecord(record), keccak256(proof), deadline)));
        // No nonce: the same registration is refused the second time.
        if (!SignatureChecker.isValidSignatureNow(record.registrant, digest, signature)) {
            revert InvalidSignature(record.registrant);
        }
        return _register(record, proof);
    }

    /// @inheritdoc IContentRegistry
    function check(Record calldata record, bool acceptUnreviewed, bytes calldata proof) public view {
        if (record.statement.imageCommitment == 0) revert NoPicture();
        ROUTER.verify(record.vkHash, record.statement, contextOf(record.registrant), acceptUnreviewed, proof);
    }

    /// @inheritdoc IContentRegistry
    function holds(Record calldata record, bool acceptUnreviewed, bytes calldata proof) external view returns (bool) {
        try this.check(record, acceptUnreviewed, proof) {
            return true;
        } catch (bytes memory reason) {
            // Every refusal is a typed error; a call that runs out of gas says nothing.
            if (reason.length < 4 || bytes4(reason) == PRECOMPILE_FAILED) revert CannotTell();
            return false;
        }
    }

    /// @inheritdoc IContentRegistry
    function revoke(Record calldata record) external {
        (bytes32 recordId, Slot storage slot) = _own(record);
        if (slot.revokedAt != 0) revert AlreadyRevoked(recordId);
        slot.revokedAt = uint40(block.timestamp);
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
    function showReservation(Record calldata record, bytes32 salt) external {
        (bytes32 recordId, Slot storage slot) = _own(record);
        bytes32 seal = sealOf(record.statement.imageCommitment, msg.sender, salt);
        uint64 time = reservedAt[seal];
        if (time == 0 || time > slot.timestamp) revert NotReserved(seal);
        if (slot.reservedAt != 0) revert AlreadyShown(recordId);
        slot.reservedAt = uint40(time);
        emit ReservationShown(recordId, seal, time);
    }

    /// @inheritdoc IContentRegistry
    function commit(string calldata assetCid, string calldata commitData) external returns (uint256 blockNumber) {
        blockNumber = _blockNumber();
        recordLogs[assetCid].push(blockNumber);
        emit Commit(msg.sender, assetCid, commitData);
    }

    /// @inheritdoc IContentRegistry
    function status(bytes32 recordId) external view returns (Status) {
        Entry memory entry = entryOf(recordId);
        return _status(entry);
    }

    /// @inheritdoc IContentRegistry
    function entryOf(bytes32 recordId) public view returns (Entry memory entry) {
        Slot memory slot = _slots[recordId];
        if (slot.timestamp == 0) revert UnknownRecord(recordId);
        return Entry({
            timestamp: slot.timestamp,
            blockNumber: slot.blockNumber,
            reservedAt: slot.reservedAt,
            revokedAt: slot.revokedAt,
            vkHash: ROUTER.vkHashAt(slot.keyIndex)
        });
    }

    /// @inheritdoc IContentRegistry
    function read(Record calldata record) external view returns (Entry memory entry, Status recordStatus) {
        entry = entryOf(recordIdOf(record));
        return (entry, _status(entry));
    }

    /// @inheritdoc IContentRegistry
    function recordIdOf(Record calldata record) public pure returns (bytes32) {
        return keccak256(abi.encode(record));
    }

    /// @inheritdoc IContentRegistry
    function contextOf(address registrant) public view returns (uint256) {
        return proofContext(address(this), registrant);
    }

    /// @inheritdoc IContentRegistry
    function sealOf(bytes32 imageCommitment, address registrant, bytes32 salt) public view returns (bytes32) {
        return keccak256(abi.encode(SEAL_DOMAIN, CHAIN_ID, address(this), imageCommitment, registrant, salt));
    }

    /// @inheritdoc IContentRegistry
    function router() external view returns (address) {
        return address(ROUTER);
    }

    /// @inheritdoc IContentRegistry
    function models() external view returns (address) {
        return address(MODELS);
    }

    function _register(Record calldata record, bytes calldata proof) private returns (bytes32 recordId) {
        Statement calldata statement = record.statement;
        recordId = recordIdOf(record);
        // What costs little comes first: who loses a race pays for no verifier.
        Slot storage slot = _slots[recordId];
        if (slot.timestamp != 0) revert AlreadyRegistered(recordId);
        if (statement.imageCommitment == 0) revert NoPicture();
        if (statement.modelHash != 0) {
            MODELS.requireUsable(record.modelId, statement.modelHash);
        } else if (record.modelId != 0) {
            revert NoModel(record.modelId);
        }
        (bytes32 claimId, uint256 keyIndex, bool reviewed) =
            ROUTER.verify(record.vkHash, statement, contextOf(record.registrant), true, proof);
        if (!reviewed && statement.modelHash != 0 && MODELS.vkHashOf(record.modelId) != record.vkHash) {
            revert ModelOfAnotherKey(record.modelId, record.vkHash);
        }

        // The router has at most 2^32 keys.
        slot.timestamp = uint40(block.timestamp);
        slot.blockNumber = uint40(_blockNumber());
        slot.keyIndex = uint32(keyIndex);
        _announce(record, recordId, claimId, reviewed);
    }

    function _announce(Record calldata record, bytes32 recordId, bytes32 claimId, bool reviewed) private {
        Statement calldata statement = record.statement;
        emit ContentRegistered(
            statement.imageCommitment,
            statement.fingerprint,
            record.registrant,
            recordId,
            claimId,
            reviewed,
            uint64(block.timestamp),
            record
        );
        if (statement.sourceCommitment != 0 || statement.modelHash != 0) {
            emit ContentDerived(statement.sourceCommitment, statement.modelHash, record.modelId, recordId);
        }
        emit Commit(record.registrant, toHex(statement.imageCommitment), toHex(recordId));
    }

    function _status(Entry memory entry) private view returns (Status) {
        if (entry.revokedAt != 0) return Status.Revoked;
        IClaimRouter.Standing memory standing = ROUTER.standingOf(entry.vkHash);
        if (standing.codeChanged) return Status.VerifierStopped;
        if (standing.reason == IClaimRouter.Reason.None) {
            return standing.reviewed ? Status.Valid : Status.Unreviewed;
        }
        if (!standing.reviewed || entry.timestamp >= standing.doubtfulSince) return Status.VerifierStopped;
        return Status.ValidBeforeStop;
    }

    /// @dev The caller's record.
    function _own(Record calldata record) private view returns (bytes32 recordId, Slot storage slot) {
        recordId = recordIdOf(record);
        slot = _slots[recordId];
        if (slot.timestamp == 0) revert UnknownRecord(recordId);
        if (record.registrant != msg.sender) revert NotRegistrant(record.registrant, msg.sender);
    }

    function _blockNumber() private view returns (uint256) {
        return ASK_BLOCK_NUMBER ? ARB_SYS.arbBlockNumber() : block.number;
    }

    /// @dev EIP-712's hash of a record.
    function _hashRecord(Record calldata record) private pure returns (bytes32) {
        Statement calldata statement = record.statement;
        bytes32 statementHash = keccak256(
            abi.encode(
                STATEMENT_TYPEHASH,
                statement.imageCommitment,
                statement.sourceCommitment,
                statement.fingerprint,
                statement.modelHash,
                statement.promptCommitment,
                statement.tolerance,
                keccak256(abi.encodePacked(statement.extra))
            )
        );
        return keccak256(abi.encode(RECORD_TYPEHASH, record.vkHash, record.registrant, record.modelId, statementHash));
    }
}
