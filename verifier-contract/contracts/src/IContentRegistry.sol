// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Registry of hidden images and their fingerprints
/// @notice A record says: at this time, this registrant proved that it knows an image under this commitment whose
/// perceptual fingerprint is within `tolerance` bits of this fingerprint.
/// @dev A fingerprint identifies nothing: anyone can make an image with any given fingerprint. Identity comes from the
/// commitment, the registrant and the time, so records are keyed by commitment, fingerprint and registrant together,
/// nobody's record shuts out another's, and look-ups return lists, oldest first.
///
/// What a caller must believe: the owner, for the (verifier, verifying key) pairs it pins; nothing else.
interface IContentRegistry {
    /// @notice A verifier and a verifying key to pin.
    /// @param verifier Contract that checks the claim's proofs.
    /// @param vk Data contract whose runtime code is the verifying key.
    struct PinInput {
        address verifier;
        address vk;
    }

    /// @notice A pinned pair and what the verifying key says about itself.
    /// @param vkHash Keccak-256 of the verifying key's runtime code.
    /// @param verifier Contract that checks the claim's proofs.
    /// @param vk Data contract whose runtime code is the verifying key.
    /// @param unsafeDevelopment True when someone knows the secret of the setup and can forge every proof.
    /// @param srsId Identifies the structured reference string.
    /// @param k The circuit has `2^k` rows.
    /// @param width Width of the image in pixels.
    /// @param height Height of the image in pixels.
    struct Pin {
        bytes32 vkHash;
        address verifier;
        address vk;
        bool unsafeDevelopment;
        bytes32 srsId;
        uint256 k;
        uint256 width;
        uint256 height;
    }

    /// @notice One registration.
    /// @param imageCommitment Commitment to the hidden image.
    /// @param fingerprint Perceptual fingerprint, as a big-endian number.
    /// @param vkHash Verifying key of the proof.
    /// @param registrant Account that registered.
    /// @param timestamp Time of the block, in seconds since 1970.
    /// @param blockNumber Number of the block.
    /// @param tolerance Largest Hamming distance proved between the image's fingerprint and `fingerprint`.
    struct Record {
        bytes32 imageCommitment;
        bytes32 fingerprint;
        bytes32 vkHash;
        address registrant;
        uint64 timestamp;
        uint64 blockNumber;
        uint8 tolerance;
    }

    /// @notice A registration was made.
    /// @param imageCommitment Commitment to the hidden image.
    /// @param fingerprint Perceptual fingerprint, as a big-endian number.
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

    /// @notice A pair was pinned, for good.
    /// @param vkHash Keccak-256 of the verifying key's runtime code.
    /// @param verifier Contract that checks the claim's proofs.
    /// @param vk Data contract whose runtime code is the verifying key.
    event Pinned(bytes32 indexed vkHash, address indexed verifier, address vk);

    /// @notice A transfer of ownership awaits the new owner's acceptance.
    /// @param owner Present owner.
    /// @param pendingOwner Owner to be.
    event OwnershipOffered(address indexed owner, address indexed pendingOwner);

    /// @notice The owner changed.
    /// @param previous Owner before.
    /// @param owner Owner from now on.
    event OwnershipTransferred(address indexed previous, address indexed owner);

    /// @notice Only the owner may do this.
    error NotOwner(address caller);
    /// @notice Only the account to which ownership was offered may accept it.
    error NotPendingOwner(address caller);
    /// @notice The first owner may not be the zero address.
    error ZeroOwner();
    /// @notice There is no code at an address that is to be pinned.
    error NoCode(address account);
    /// @notice The code does not begin with STOP and the format's magic word, or has flags that are not known.
    error NotAVerifyingKey(address vk);
    /// @notice The verifier does not answer that it checks proofs of the verifying key's constraint system.
    error VerifierMismatch(address verifier, address vk);
    /// @notice The verifying key is of a setup whose secret is known, and this chain is not a development chain.
    error UnsafeDevelopmentKey(bytes32 vkHash, uint256 chainId);
    /// @notice The verifying key is pinned already; a pin is never replaced.
    error AlreadyPinned(bytes32 vkHash);
    /// @notice No verifying key of this hash is pinned.
    error UnknownVerifyingKey(bytes32 vkHash);
    /// @notice The code of a pinned contract is not what it was when it was pinned.
    error CodeChanged(address account, bytes32 expected, bytes32 got);
    /// @notice Fingerprints match up to `max` bits of difference, no further.
    error ToleranceTooLarge(uint8 got, uint8 max);
    /// @notice The proof is too short to hold the image's commitment.
    error ProofTooShort(uint256 got, uint256 min);
    /// @notice The proof is about another image than the one named.
    error CommitmentMismatch(bytes32 expected, bytes32 got);
    /// @notice This registrant has registered this commitment with this fingerprint before.
    error AlreadyRegistered(bytes32 recordId);
    /// @notice There is no record of this id.
    error UnknownRecord(bytes32 recordId);
    /// @notice The list has no such entry.
    error IndexOutOfRange(uint256 index, uint256 count);
    /// @notice The cursor was not returned by a look-up of this list.
    error CursorOfAnotherList(uint256 cursor);

    /// @notice The only account that may pin.
    function owner() external view returns (address);

    /// @notice The account to which ownership is offered; zero when none is.
    function pendingOwner() external view returns (address);

    /// @notice Offers ownership to `newOwner`, who has to accept it; zero withdraws an offer.
    /// @param newOwner Owner to be.
    function transferOwnership(address newOwner) external;

    /// @notice Accepts the ownership offered to the caller.
    function acceptOwnership() external;

    /// @notice Adds a pair, for good: pins are never removed or replaced.
    /// @dev The verifier is asked for its constraint system, which the key has to be of. That keeps mistakes out, not
    /// malice: what else the verifier does, the owner vouches for.
    /// @param verifier Contract that checks the claim's proofs.
    /// @param vk Data contract whose runtime code is the verifying key.
    /// @return vkHash The hash by which users name the pair.
    function pin(address verifier, address vk) external returns (bytes32 vkHash);

    /// @notice The pair pinned under a hash.
    /// @param vkHash Keccak-256 of the verifying key's runtime code.
    function pinOf(bytes32 vkHash) external view returns (Pin memory);

    /// @notice How many pairs are pinned.
    function pinCount() external view returns (uint256);

    /// @notice The pair at a position, in the order of pinning.
    /// @param index Position, from 0.
    function pinAt(uint256 index) external view returns (Pin memory);

    /// @notice Registers the caller for a hidden image and a fingerprint.
    /// @param vkHash Names the pinned verifier and verifying key.
    /// @param fingerprint Perceptual fingerprint, as a big-endian number.
    /// @param tolerance Largest Hamming distance proved; at most 31.
    /// @param proof Proof of the fingerprint claim, bound to this chain, this contract and the caller.
    /// @return recordId Identifies the record.
    function register(bytes32 vkHash, bytes32 fingerprint, uint8 tolerance, bytes calldata proof)
        external
        returns (bytes32 recordId);

    /// @notice Returns when `register` by `registrant` would find the proof valid, and reverts otherwise.
    /// @dev Registers nothing, and does not ask whether the record exists already.
    /// @param vkHash Names the pinned verifier and verifying key.
    /// @param imageCommitment The commitment that the proof must be about.
    /// @param fingerprint Perceptual fingerprint, as a big-endian number.
    /// @param tolerance Largest Hamming distance proved; at most 31.
    /// @param registrant Account that the proof is bound to.
    /// @param proof Proof of the fingerprint claim.
    function check(
        bytes32 vkHash,
        bytes32 imageCommitment,
        bytes32 fingerprint,
        uint8 tolerance,
        address registrant,
        bytes calldata proof
    ) external view;

    /// @notice The public input that binds a proof to this chain, this contract and a registrant.
    /// @param registrant Account that will register.
    function contextOf(address registrant) external view returns (uint256);

    /// @notice The id of the record of a commitment, a fingerprint and a registrant, whether it exists or not.
    /// @param imageCommitment Commitment to the hidden image.
    /// @param fingerprint Perceptual fingerprint, as a big-endian number.
    /// @param registrant Account that registered.
    function recordIdOf(bytes32 imageCommitment, bytes32 fingerprint, address registrant)
        external
        pure
        returns (bytes32);

    /// @notice The record of an id; reverts when there is none.
    /// @param recordId Identifies the record.
    function record(bytes32 recordId) external view returns (Record memory);

    /// @notice How many records there are.
    function recordCount() external view returns (uint256);

    /// @notice The record at a position, in the order of registration.
    /// @param index Position, from 0.
    function recordAt(uint256 index) external view returns (Record memory);

    /// @notice A page of the records about a commitment, oldest first.
    /// @param imageCommitment Commitment to the hidden image.
    /// @param cursor 0 for the first page, afterwards `next` of the page before.
    /// @param limit Most records to return.
    /// @return page The records.
    /// @return next Where the next page begins; 0 when this page is the last.
    function recordsByCommitment(bytes32 imageCommitment, uint256 cursor, uint256 limit)
        external
        view
        returns (Record[] memory page, uint256 next);

    /// @notice A page of the records with exactly this fingerprint, oldest first.
    /// @param fingerprint Perceptual fingerprint, as a big-endian number.
    /// @param cursor 0 for the first page, afterwards `next` of the page before.
    /// @param limit Most records to return.
    /// @return page The records.
    /// @return next Where the next page begins; 0 when this page is the last.
    function recordsByFingerprint(bytes32 fingerprint, uint256 cursor, uint256 limit)
        external
        view
        returns (Record[] memory page, uint256 next);
}
