// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Registry of hidden pictures: their fingerprints, the models they come from, who registered them and when
/// @notice A record says: at this time, this registrant proved the claim of this verifying key about the picture under this
/// commitment.
/// @dev A fingerprint identifies nothing: anyone can make a picture with any given fingerprint. Identity comes from the
/// commitment, the registrant and the time, so records are keyed by all that was proved, by whom, and under which key;
/// nobody's record shuts out another's, and look-ups return lists, oldest first.
///
/// What a caller must believe: the router, for what a verifying key means; the owner of the `modelId` that a record names,
/// for what the model is; nothing else. Nobody but a record's registrant can change it, and all that it can do is revoke
/// it, and show a reservation it had made. A model deprecated later changes no record.
interface IContentRegistry {
    /// @notice Whether a record counts.
    enum Status {
        /// It does.
        Valid,
        /// The claim or its verifying key was stopped or removed since: the proof may have been a forgery.
        VerifierStopped,
        /// The registrant took it back.
        Revoked
    }

    /// @notice One registration.
    /// @param imageCommitment Commitment to the hidden picture.
    /// @param fingerprint Perceptual fingerprint, as a big-endian number; its salted hash where `claimId` is that of a committed
    /// fingerprint; zero for a claim without one.
    /// @param modelHash The model; zero for a claim without one.
    /// @param promptCommitment Commitment to the model's hidden input; zero for a claim without a model.
    /// @param claimId The claim proved.
    /// @param vkHash Verifying key of the proof.
    /// @param modelId Registration of the model that the registrant named; zero for a claim without one.
    /// @param registrant Account that registered.
    /// @param timestamp Time of the block, in seconds since 1970.
    /// @param blockNumber Number of the block.
    /// @param reservedAt Time of the reservation shown; zero when none was.
    /// @param revokedAt Time of the revocation; zero when there is none.
    /// @param tolerance Largest Hamming distance proved between the picture's fingerprint and `fingerprint`.
    struct Record {
        bytes32 imageCommitment;
        bytes32 fingerprint;
        bytes32 modelHash;
        bytes32 promptCommitment;
        bytes32 claimId;
        bytes32 vkHash;
        uint256 modelId;
        address registrant;
        uint64 timestamp;
        uint64 blockNumber;
        uint64 reservedAt;
        uint64 revokedAt;
        uint8 tolerance;
    }

    /// @notice A registration was made.
    /// @param imageCommitment Commitment to the hidden picture.
    /// @param fingerprint Perceptual fingerprint, as a big-endian number, or its salted hash; zero for a claim without one.
    /// @param registrant Account that registered.
    /// @param recordId Identifies the record: see `recordIdOf`.
    /// @param vkHash Verifying key of the proof.
    /// @param tolerance Largest Hamming distance proved.
    /// @param timestamp Time of the block, in seconds since 1970.
    event ContentRegistered(
        bytes32 indexed imageCommitment,
        bytes32 indexed fingerprint,
        address indexed registrant,
        bytes32 recordId,
        bytes32 vkHash,
        uint8 tolerance,
        uint64 timestamp
    );
    /// @notice Beside it, for a claim about a model: which.
    event ContentGenerated(
        bytes32 indexed modelHash, uint256 indexed modelId, bytes32 indexed promptCommitment, bytes32 recordId
    );
    /// @notice A registrant took a record back.
    event ContentRevoked(bytes32 indexed recordId, address indexed registrant);
    /// @notice A time was reserved under a seal.
    event Reserved(bytes32 indexed seal, uint64 timestamp);
    /// @notice A registrant showed what its seal was for.
    event ReservationShown(bytes32 indexed recordId, bytes32 indexed seal, uint64 reservedAt);
    /// @notice ERC-7053: data about a digital asset, by its content identifier. A registration emits one too: recorder is the
    /// registrant, `assetCid` the commitment and `commitData` the record's id, both as `0x` and 64 hex digits. Anyone can
    /// emit one of the same words by `commit`: `ContentRegistered` is what only a proof emits.
    event Commit(address indexed recorder, string indexed assetCid, string commitData);

    /// @notice The registry of models, at deployment, works with another router.
    error OtherRouter(address expected, address got);
    /// @notice Fingerprints match up to `max` bits of difference, no further.
    error ToleranceTooLarge(uint8 got, uint8 max);
    /// @notice The claim has no fingerprint: fingerprint and tolerance have to be zero.
    error NoFingerprint(bytes32 claimId);
    /// @notice The proof is about another committed fingerprint than the one whose salted hash was named.
    error FingerprintMismatch(bytes32 expected, bytes32 got);
    /// @notice The claim has no model: the model's id has to be zero.
    error NoModel(bytes32 claimId);
    /// @notice The proof is about another picture than the one named.
    error CommitmentMismatch(bytes32 expected, bytes32 got);
    /// @notice The record exists. Its id leaves out the tolerance and the model's registration: a proof of the same with another
    /// tolerance makes no second record.
    error AlreadyRegistered(bytes32 recordId);
    /// @notice There is no record of this id.
    error UnknownRecord(bytes32 recordId);
    /// @notice Only the registrant may do this.
    error NotRegistrant(bytes32 recordId, address caller);
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
    /// @notice The list has no such entry.
    error IndexOutOfRange(uint256 index, uint256 count);
    /// @notice The cursor is the position of no record with this key.
    error CursorOfAnotherList(uint256 cursor);

    /// @notice Registers the caller.
    /// @param vkHash The router's verifying key.
    /// @param fingerprint Perceptual fingerprint, as a big-endian number, or its salted hash; zero for a claim without one.
    /// @param tolerance Largest Hamming distance proved; at most 31.
    /// @param modelId Registration of the model, which must be the proof's and not deprecated; zero for a claim without one.
    /// @param proof Proof of the claim, bound to this chain, this contract and the caller.
    /// @return recordId Identifies the record.
    function register(bytes32 vkHash, bytes32 fingerprint, uint8 tolerance, uint256 modelId, bytes calldata proof)
        external
        returns (bytes32 recordId);

    /// @notice Registers another account, which signed for it (EIP-712, or ERC-1271 for a contract). Who sends this does not
    /// matter: the proof is bound to the registrant. A signature registers at most once, as a proof does.
    /// @param vkHash The router's verifying key.
    /// @param fingerprint Perceptual fingerprint, as a big-endian number, or its salted hash; zero for a claim without one.
    /// @param tolerance Largest Hamming distance proved; at most 31.
    /// @param modelId Registration of the model; zero for a claim without one.
    /// @param proof Proof of the claim, bound to this chain, this contract and the registrant.
    /// @param registrant Account to register.
    /// @param deadline Latest time of the registration.
    /// @param signature By the registrant, of `Register(address registrant,bytes32 vkHash,bytes32 fingerprint,uint8
    /// tolerance,uint256 modelId,bytes32 proofHash,uint256 deadline)`, `proofHash` being the proof's Keccak-256.
    /// @return recordId Identifies the record.
    function registerFor(
        bytes32 vkHash,
        bytes32 fingerprint,
        uint8 tolerance,
        uint256 modelId,
        bytes calldata proof,
        address registrant,
        uint256 deadline,
        bytes calldata signature
    ) external returns (bytes32 recordId);

    /// @notice Returns when `register` by `registrant` would find the proof valid, and reverts otherwise.
    /// @dev Registers nothing, and asks neither whether the record exists already nor for the model.
    /// @param vkHash The router's verifying key.
    /// @param imageCommitment The commitment that the proof must be about.
    /// @param fingerprint Perceptual fingerprint, as a big-endian number, or its salted hash; zero for a claim without one.
    /// @param tolerance Largest Hamming distance proved; at most 31.
    /// @param registrant Account that the proof is bound to.
    /// @param proof Proof of the claim.
    function check(
        bytes32 vkHash,
        bytes32 imageCommitment,
        bytes32 fingerprint,
        uint8 tolerance,
        address registrant,
        bytes calldata proof
    ) external view;

    /// @notice Takes a record back, for good.
    /// @param recordId Identifies the record; the caller's.
    function revoke(bytes32 recordId) external;

    /// @notice Writes down the time for a seal; does nothing where it has one. For whoever needs priority: a registration
    /// in the mempool shows the commitment, a seal shows nothing.
    /// @param seal `sealOf` commitment, registrant and salt.
    function reserve(bytes32 seal) external;

    /// @notice Opens a seal: the caller's record of a commitment gets the time at which it was reserved.
    /// @param recordId Identifies the record; the caller's.
    /// @param salt The salt of the seal.
    function showReservation(bytes32 recordId, bytes32 salt) external;

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

    /// @notice The public input that binds a proof to this chain, this contract and a registrant.
    /// @param registrant Account that will register.
    function contextOf(address registrant) external view returns (uint256);

    /// @notice What hides a commitment until its registration.
    /// @param imageCommitment The commitment.
    /// @param registrant Account that will register: nobody else gains by the seal.
    /// @param salt Random.
    function sealOf(bytes32 imageCommitment, address registrant, bytes32 salt) external view returns (bytes32);

    /// @notice When a seal was reserved; zero when it was not.
    /// @param seal The seal.
    function reservedAt(bytes32 seal) external view returns (uint64);

    /// @notice The id of a record, whether it exists or not: `keccak256(abi.encode(…))` of the parameters.
    /// @param imageCommitment Commitment to the hidden picture.
    /// @param fingerprint Perceptual fingerprint, as a big-endian number, or its salted hash.
    /// @param modelHash The model.
    /// @param promptCommitment Commitment to the model's hidden input.
    /// @param vkHash Verifying key of the proof.
    /// @param registrant Account that registered.
    function recordIdOf(
        bytes32 imageCommitment,
        bytes32 fingerprint,
        bytes32 modelHash,
        bytes32 promptCommitment,
        bytes32 vkHash,
        address registrant
    ) external pure returns (bytes32);

    /// @notice The router that checks proofs.
    function router() external view returns (address);

    /// @notice The registry of models.
    function models() external view returns (address);

    /// @notice The record of an id; reverts when there is none.
    /// @param recordId Identifies the record.
    function record(bytes32 recordId) external view returns (Record memory);

    /// @notice How many records there are.
    function recordCount() external view returns (uint256);

    /// @notice The record at a position, in the order of registration.
    /// @param index Position, from 0.
    function recordAt(uint256 index) external view returns (Record memory);

    /// @notice A page of the records about a commitment, oldest first.
    /// @param imageCommitment Commitment to the hidden picture.
    /// @param cursor 0 for the first page, afterwards `next` of the page before.
    /// @param limit Most records to return.
    /// @return page The records.
    /// @return next Where the next page begins; 0 when this page is the last.
    function recordsByCommitment(bytes32 imageCommitment, uint256 cursor, uint256 limit)
        external
        view
        returns (Record[] memory page, uint256 next);

    /// @notice A page of the records with exactly this fingerprint, or this salted hash of one, oldest first.
    /// @dev Anyone can make a picture with any fingerprint, and so make this list long: read it in pages.
    /// @param fingerprint Perceptual fingerprint, as a big-endian number, or a salted hash.
    /// @param cursor 0 for the first page, afterwards `next` of the page before.
    /// @param limit Most records to return.
    /// @return page The records.
    /// @return next Where the next page begins; 0 when this page is the last.
    function recordsByFingerprint(bytes32 fingerprint, uint256 cursor, uint256 limit)
        external
        view
        returns (Record[] memory page, uint256 next);

    /// @notice A page of the records of a model's outputs, oldest first.
    /// @param modelHash The model.
    /// @param cursor 0 for the first page, afterwards `next` of the page before.
    /// @param limit Most records to return.
    /// @return page The records.
    /// @return next Where the next page begins; 0 when this page is the last.
    function recordsByModel(bytes32 modelHash, uint256 cursor, uint256 limit)
        external
        view
        returns (Record[] memory page, uint256 next);
}
