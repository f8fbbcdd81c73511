// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import {Record} from "./Types.sol";

/// @title Registry of hidden pictures: what was proved about them, who registered them and when
/// @notice A record says: at this time, this registrant proved this statement under this verifying key.
/// @dev A fingerprint identifies nothing: anyone can make a picture with any given fingerprint. Identity comes from the
/// commitment, the registrant and the time, so a record's id covers all that was proved, by whom, and under which key; nobody's
/// record shuts out another's.
///
/// A record takes one slot of storage: when, and under which key. What it says is in `ContentRegistered`, and whoever needs it on
/// chain gives it with the call: its hash is the id. Look-ups go by an index of the events.
///
/// What a caller must believe: the router, for what a verifying key means; the owner of the `modelId` that a record names,
/// for what the model is; nothing else. A record under a key that nobody has reviewed may be of a circuit that proves nothing:
/// `Status.Unreviewed`. Nobody but a record's registrant can change it, and all that it can do is revoke it, and show a
/// reservation it had made. A model deprecated later changes no record.
interface IContentRegistry {
    /// @notice Whether a record counts.
    enum Status {
        /// It does.
        Valid,
        /// Nobody has reviewed its verifying key: whether anything was proved, only who makes the key again knows.
        Unreviewed,
        /// The claim or its verifying key ended since, and the record is older than the doubt. Read why it ended.
        ValidBeforeStop,
        /// The claim or its verifying key ended, and the record is not older than the doubt, or its key was never reviewed: the
        /// proof may be a forgery.
        VerifierStopped,
        /// The registrant took it back.
        Revoked
    }

    /// @notice What is stored of a record.
    /// @param timestamp Time of the block, in seconds since 1970.
    /// @param blockNumber Number of the block, as the chain's nodes count.
    /// @param reservedAt Time of the reservation shown; zero when none was.
    /// @param revokedAt Time of the revocation; zero when there is none.
    /// @param vkHash Verifying key of the proof.
    struct Entry {
        uint64 timestamp;
        uint64 blockNumber;
        uint64 reservedAt;
        uint64 revokedAt;
        bytes32 vkHash;
    }

    /// @notice A registration was made. `record` is what the id is the hash of.
    /// @param imageCommitment Commitment to the hidden picture.
    /// @param fingerprint Perceptual fingerprint as a big-endian number, or its salted hash; zero for a claim without one.
    /// @param registrant Account that registered.
    /// @param recordId Identifies the record.
    /// @param claimId The claim proved.
    /// @param reviewed Whether the router's owner vouched for the verifying key at that time.
    /// @param timestamp Time of the block, in seconds since 1970.
    /// @param record All that the record says.
    event ContentRegistered(
        bytes32 indexed imageCommitment,
        bytes32 indexed fingerprint,
        address indexed registrant,
        bytes32 recordId,
        bytes32 claimId,
        bool reviewed,
        uint64 timestamp,
        Record record
    );
    /// @notice Beside it, where a picture was made from another or by a model: the same by what it was made from.
    event ContentDerived(
        bytes32 indexed sourceCommitment, bytes32 indexed modelHash, uint256 indexed modelId, bytes32 recordId
    );
    /// @notice A registrant took a record back.
    event ContentRevoked(bytes32 indexed recordId, address indexed registrant);
    /// @notice A time was reserved under a seal.
    event Reserved(bytes32 indexed seal, uint64 timestamp);
    /// @notice A registrant showed what its seal was for.
    event ReservationShown(bytes32 indexed recordId, bytes32 indexed seal, uint64 reservedAt);
    /// @notice An event of ERC-7053's shape: data about a digital asset, by its content identifier. A registration emits one too:
    /// recorder is the registrant, `assetCid` the commitment and `commitData` the record's id, both as `0x` and 64 hex digits;
    /// `recordLogs` has only those of `commit`. Anyone can emit one of the same words by `commit`: `ContentRegistered` is what only
    /// a proof emits.
    event Commit(address indexed recorder, string indexed assetCid, string commitData);

    /// @notice There is no code at the address of a contract that this one is to work with.
    error NotAContract(address account);
    /// @notice The registry of models, at deployment, works with another router.
    error OtherRouter(address expected, address got);
    /// @notice A record is about a picture: the commitment is zero.
    error NoPicture();
    /// @notice The statement has no model: the model's id has to be zero.
    error NoModel(uint256 modelId);
    /// @notice Under an unreviewed key only a model can be named that is registered with that very key: nobody hangs their content
    /// on another's model by a key that proves nothing.
    error ModelOfAnotherKey(uint256 modelId, bytes32 vkHash);
    /// @notice Only the registrant may do this.
    error NotRegistrant(address registrant, address caller);
    /// @notice The record exists.
    error AlreadyRegistered(bytes32 recordId);
    /// @notice There is no record of this id.
    error UnknownRecord(bytes32 recordId);
    /// @notice The record is revoked already.
    error AlreadyRevoked(bytes32 recordId);
    /// @notice The signature is of an earlier time than now.
    error SignatureExpired(uint256 deadline);
    /// @notice The signature is not the registrant's, or not of this registration.
    error InvalidSignature(address registrant);
    /// @notice Nothing was reserved under the seal before the record.
    error NotReserved(bytes32 seal);
    /// @notice The record has a reservation already.
    error AlreadyShown(bytes32 recordId);
    /// @notice The check ran out of gas, or a key's points are no points: it says neither yes nor no.
    error CannotTell();

    /// @notice Registers the caller.
    /// @dev What costs little is asked first: whether the record exists and whether the model is usable, then the proof.
    /// @param record What is registered; the registrant is the caller. Its model, if it has one, must not be deprecated.
    /// @param proof Proof of the statement, bound to this chain, this contract and the caller.
    /// @return recordId Identifies the record.
    function register(Record calldata record, bytes calldata proof) external returns (bytes32 recordId);

    /// @notice Registers another account, which signed for it (EIP-712, or ERC-1271 for a contract). Who sends this does not
    /// matter: the proof is bound to the registrant. A signature registers at most once, as a proof does.
    /// @param record What is registered.
    /// @param proof Proof of the statement, bound to this chain, this contract and the registrant.
    /// @param deadline Latest time of the registration.
    /// @param signature By the registrant, of `Register(Record record,bytes32 proofHash,uint256 deadline)`, `proofHash` being the
    /// proof's Keccak-256 and `Record` and `Statement` the structs of those names.
    /// @return recordId Identifies the record.
    function registerFor(Record calldata record, bytes calldata proof, uint256 deadline, bytes calldata signature)
        external
        returns (bytes32 recordId);

    /// @notice Returns when `register` by the record's registrant would find the proof valid, and reverts otherwise.
    /// @dev Registers nothing, and asks neither whether the record exists already nor for the model.
    /// @param record What would be registered.
    /// @param acceptUnreviewed Whether a key will do that may prove nothing.
    /// @param proof Proof of the statement.
    function check(Record calldata record, bool acceptUnreviewed, bytes calldata proof) external view;

    /// @notice Whether `check` returns: for callers that want an answer rather than a revert.
    /// @dev Reverts with `CannotTell` when gas ran short: false means that the proof was refused.
    /// @param record What would be registered.
    /// @param acceptUnreviewed Whether a key will do that may prove nothing.
    /// @param proof Proof of the statement.
    function holds(Record calldata record, bool acceptUnreviewed, bytes calldata proof) external view returns (bool);

    /// @notice Takes a record back, for good.
    /// @param record The record; the caller's.
    function revoke(Record calldata record) external;

    /// @notice Writes down the time for a seal; does nothing where it has one. For whoever needs priority: a registration
    /// in the mempool shows the commitment, a seal shows nothing.
    /// @param seal `sealOf` commitment, registrant and salt.
    function reserve(bytes32 seal) external;

    /// @notice Opens a seal: the caller's record of a commitment gets the time at which it was reserved.
    /// @param record The record; the caller's.
    /// @param salt The salt of the seal.
    function showReservation(Record calldata record, bytes32 salt) external;

    /// @notice ERC-7053: says something about a digital asset. Nothing is checked: the caller says so, no more.
    /// @param assetCid Content identifier of the asset.
    /// @param commitData What is said.
    /// @return blockNumber Number of the block.
    function commit(string calldata assetCid, string calldata commitData) external returns (uint256 blockNumber);

    /// @notice ERC-7053: the blocks of the calls of `commit` about an asset.
    /// @param assetCid Content identifier of the asset.
    /// @param index Position, from 0.
    function recordLogs(string calldata assetCid, uint256 index) external view returns (uint256 blockNumber);

    /// @notice Whether a record counts; reverts when there is none.
    /// @param recordId Identifies the record.
    function status(bytes32 recordId) external view returns (Status);

    /// @notice What is stored of a record; reverts when there is none.
    /// @param recordId Identifies the record.
    function entryOf(bytes32 recordId) external view returns (Entry memory);

    /// @notice What is stored of a record that the caller has the data of, and whether it counts; reverts when there is none, so
    /// that whatever the data says was registered.
    /// @param record The record.
    function read(Record calldata record) external view returns (Entry memory entry, Status recordStatus);

    /// @notice The id of a record, whether it exists or not: `keccak256(abi.encode(record))`.
    /// @param record The record.
    function recordIdOf(Record calldata record) external pure returns (bytes32);

    /// @notice The public input that binds a proof to this chain, this contract and a registrant.
    /// @param registrant Account that will register.
    function contextOf(address registrant) external view returns (uint256);

    /// @notice What hides a commitment until its registration. Made with the chain's id at deployment, so that a reservation outlives
    /// a fork.
    /// @param imageCommitment The commitment.
    /// @param registrant Account that will register: nobody else gains by the seal.
    /// @param salt Random.
    function sealOf(bytes32 imageCommitment, address registrant, bytes32 salt) external view returns (bytes32);

    /// @notice When a seal was reserved; zero when it was not.
    /// @param seal The seal.
    function reservedAt(bytes32 seal) external view returns (uint64);

    /// @notice The router that checks proofs.
    function router() external view returns (address);

    /// @notice The registry of models.
    function models() external view returns (address);
}
