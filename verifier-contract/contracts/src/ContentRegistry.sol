// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IClaimVerifier} from "./IClaimVerifier.sol";
import {IContentRegistry} from "./IContentRegistry.sol";
import {
    VK_FLAG_UNSAFE_DEVELOPMENT,
    VK_MAGIC,
    VK_WORD_CONSTRAINT_SYSTEM,
    VK_WORD_FLAGS,
    VK_WORD_HEIGHT,
    VK_WORD_K,
    VK_WORD_MAGIC,
    VK_WORD_SRS_ID,
    VK_WORD_WIDTH,
    VK_WORDS
} from "./VerifyingKeyLayout.sol";

/// @title Registry of hidden images and their fingerprints
/// @dev Not upgradeable, holds no funds, calls nothing but `view` functions of pinned verifiers.
contract ContentRegistry is IContentRegistry {
    /// @dev A record as it is stored, in four slots. Lists are linked through `next…`: the position of the next record
    /// of the same commitment (fingerprint), plus one.
    struct Entry {
        bytes32 imageCommitment;
        bytes32 fingerprint;
        address registrant;
        uint40 timestamp;
        uint48 blockNumber;
        uint8 tolerance;
        uint32 pin;
        uint64 nextByCommitment;
        uint64 nextByFingerprint;
    }

    /// @dev First and last record of a list, as positions plus one; zero when the list is empty.
    struct List {
        uint64 first;
        uint64 last;
    }

    /// @dev A pinned pair as it is stored.
    struct Pair {
        address verifier;
        uint32 index;
        address vk;
        bytes32 verifierCodeHash;
    }

    /// @dev Largest Hamming distance at which two PDQ fingerprints match.
    uint8 private constant MAX_TOLERANCE = 31;
    /// @dev The three points that commit to the image come first in every proof.
    uint256 private constant COMMITMENT_BYTES = 192;
    bytes32 private constant COMMITMENT_DOMAIN = keccak256("veilmark image commitment v1");
    bytes32 private constant CONTEXT_DOMAIN = keccak256("veilmark context v1");

    /// @inheritdoc IContentRegistry
    address public owner;
    /// @inheritdoc IContentRegistry
    address public pendingOwner;

    bytes32[] private _pins;
    mapping(bytes32 vkHash => Pair) private _pairs;

    Entry[] private _entries;
    /// @dev Position of a record plus one.
    mapping(bytes32 recordId => uint256) private _positions;
    mapping(bytes32 imageCommitment => List) private _byCommitment;
    mapping(bytes32 fingerprint => List) private _byFingerprint;

    /// @param firstOwner The only account that may pin further pairs.
    /// @param firstPins Pairs pinned from the beginning.
    constructor(address firstOwner, PinInput[] memory firstPins) {
        if (firstOwner == address(0)) revert ZeroOwner();
        owner = firstOwner;
        emit OwnershipTransferred(address(0), firstOwner);
        for (uint256 i = 0; i < firstPins.length; ++i) {
            _pin(firstPins[i].verifier, firstPins[i].vk);
        }
    }

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    /// @inheritdoc IContentRegistry
    function transferOwnership(address newOwner) external onlyOwner {
        pendingOwner = newOwner;
        emit OwnershipOffered(msg.sender, newOwner);
    }

    /// @inheritdoc IContentRegistry
    function acceptOwnership() external {
        if (msg.sender != pendingOwner) revert NotPendingOwner(msg.sender);
        emit OwnershipTransferred(owner, msg.sender);
        owner = msg.sender;
        delete pendingOwner;
    }

    /// @inheritdoc IContentRegistry
    function pin(address verifier, address vk) external onlyOwner returns (bytes32 vkHash) {
        return _pin(verifier, vk);
    }

    /// @inheritdoc IContentRegistry
    function pinOf(bytes32 vkHash) public view returns (Pin memory) {
        Pair storage pair = _pairs[vkHash];
        address vk = pair.vk;
        if (vk == address(0)) revert UnknownVerifyingKey(vkHash);
        uint256[VK_WORDS] memory header = _header(vk);
        return Pin({
            vkHash: vkHash,
            verifier: pair.verifier,
            vk: vk,
            unsafeDevelopment: header[VK_WORD_FLAGS] & VK_FLAG_UNSAFE_DEVELOPMENT != 0,
            srsId: bytes32(header[VK_WORD_SRS_ID]),
            k: header[VK_WORD_K],
            width: header[VK_WORD_WIDTH],
            height: header[VK_WORD_HEIGHT]
        });
    }

    /// @inheritdoc IContentRegistry
    function pinCount() external view returns (uint256) {
        return _pins.length;
    }

    /// @inheritdoc IContentRegistry
    function pinAt(uint256 index) external view returns (Pin memory) {
        if (index >= _pins.length) revert IndexOutOfRange(index, _pins.length);
        return pinOf(_pins[index]);
    }

    /// @inheritdoc IContentRegistry
    function register(bytes32 vkHash, bytes32 fingerprint, uint8 tolerance, bytes calldata proof)
        external
        returns (bytes32 recordId)
    {
        // The verifier is called with STATICCALL, so nothing can come in between the check and the record.
        bytes32 imageCommitment = _verify(vkHash, fingerprint, tolerance, msg.sender, proof);
        recordId = recordIdOf(imageCommitment, fingerprint, msg.sender);
        if (_positions[recordId] != 0) revert AlreadyRegistered(recordId);
        _entries.push(
            Entry({
                imageCommitment: imageCommitment,
                fingerprint: fingerprint,
                registrant: msg.sender,
                timestamp: uint40(block.timestamp),
                blockNumber: uint48(block.number),
                tolerance: tolerance,
                pin: _pairs[vkHash].index,
                nextByCommitment: 0,
                nextByFingerprint: 0
            })
        );
        // A position is at most the number of transactions there will ever be: 64 bits hold it.
        uint64 position = uint64(_entries.length);
        _positions[recordId] = position;

        List storage list = _byCommitment[imageCommitment];
        if (list.last == 0) list.first = position;
        else _entries[list.last - 1].nextByCommitment = position;
        list.last = position;

        list = _byFingerprint[fingerprint];
        if (list.last == 0) list.first = position;
        else _entries[list.last - 1].nextByFingerprint = position;
        list.last = position;

        emit ContentRegistered(
            imageCommitment, fingerprint, msg.sender, recordId, vkHash, tolerance, uint64(block.timestamp)
        );
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
        bytes32 got = _verify(vkHash, fingerprint, tolerance, registrant, proof);
        if (got != imageCommitment) revert CommitmentMismatch(imageCommitment, got);
    }

    /// @inheritdoc IContentRegistry
    function contextOf(address registrant) public view returns (uint256) {
        // One byte is dropped so that the value is below the order of the scalar field.
        return uint256(keccak256(abi.encode(CONTEXT_DOMAIN, block.chainid, address(this), registrant))) >> 8;
    }

    /// @inheritdoc IContentRegistry
    function recordIdOf(bytes32 imageCommitment, bytes32 fingerprint, address registrant)
        public
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(imageCommitment, fingerprint, registrant));
    }

    /// @inheritdoc IContentRegistry
    function record(bytes32 recordId) external view returns (Record memory) {
        uint256 position = _positions[recordId];
        if (position == 0) revert UnknownRecord(recordId);
        return _record(_entries[position - 1]);
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

    /// @dev Checks a proof against a pinned pair and returns the commitment that it is about.
    function _verify(bytes32 vkHash, bytes32 fingerprint, uint8 tolerance, address registrant, bytes calldata proof)
        private
        view
        returns (bytes32 imageCommitment)
    {
        if (tolerance > MAX_TOLERANCE) revert ToleranceTooLarge(tolerance, MAX_TOLERANCE);
        if (proof.length < COMMITMENT_BYTES) revert ProofTooShort(proof.length, COMMITMENT_BYTES);
        Pair storage pair = _pairs[vkHash];
        (address verifier, address vk) = (pair.verifier, pair.vk);
        if (vk == address(0)) revert UnknownVerifyingKey(vkHash);
        // A verifying key's code begins with STOP, so it cannot destroy itself; a verifier's code can vanish if it was
        // made and destroyed in the transaction that pinned it, and a delegated account's can change: both are asked.
        if (vk.codehash != vkHash) revert CodeChanged(vk, vkHash, vk.codehash);
        bytes32 codeHash = pair.verifierCodeHash;
        if (verifier.codehash != codeHash) revert CodeChanged(verifier, codeHash, verifier.codehash);

        IClaimVerifier(verifier)
            .verify(
                vk,
                [
                    uint256(uint128(uint256(fingerprint))),
                    uint256(fingerprint) >> 128,
                    uint256(tolerance),
                    contextOf(registrant)
                ],
                proof
            );

        uint256[VK_WORDS] memory header = _header(vk);
        // The verifier has refused coordinates that are not reduced, so one commitment has one encoding.
        imageCommitment = keccak256(
            abi.encode(
                COMMITMENT_DOMAIN,
                header[VK_WORD_SRS_ID],
                header[VK_WORD_K],
                header[VK_WORD_WIDTH],
                header[VK_WORD_HEIGHT],
                abi.decode(proof[:COMMITMENT_BYTES], (uint256[6]))
            )
        );
    }

    function _pin(address verifier, address vk) private returns (bytes32 vkHash) {
        if (verifier.code.length == 0) revert NoCode(verifier);
        if (vk.code.length == 0) revert NoCode(vk);
        vkHash = vk.codehash;
        if (_pairs[vkHash].vk != address(0)) revert AlreadyPinned(vkHash);
        // STOP comes first so that a verifying key can never run; the rest is words.
        if (vk.code.length <= 32 * VK_WORDS || vk.code[0] != 0) revert NotAVerifyingKey(vk);
        uint256[VK_WORDS] memory header = _header(vk);
        if (header[VK_WORD_MAGIC] != uint256(VK_MAGIC)) revert NotAVerifyingKey(vk);
        // A flag of a later version might be a warning.
        if (header[VK_WORD_FLAGS] & ~VK_FLAG_UNSAFE_DEVELOPMENT != 0) revert NotAVerifyingKey(vk);
        if (header[VK_WORD_FLAGS] & VK_FLAG_UNSAFE_DEVELOPMENT != 0) {
            if (block.chainid != 31337 && block.chainid != 1337) revert UnsafeDevelopmentKey(vkHash, block.chainid);
        }
        // A verifier says yes by not reverting, and so does any code that stops: a key's, were the two interchanged,
        // would take every proof, for good.
        (bool answered, bytes memory digest) =
            verifier.staticcall(abi.encodeCall(IClaimVerifier.constraintSystemDigest, ()));
        if (!answered || digest.length != 32 || uint256(bytes32(digest)) != header[VK_WORD_CONSTRAINT_SYSTEM]) {
            revert VerifierMismatch(verifier, vk);
        }
        // The owner will not live to pin 2^32 pairs.
        _pairs[vkHash] = Pair({
            verifier: verifier, index: uint32(_pins.length), vk: vk, verifierCodeHash: verifier.codehash
        });
        _pins.push(vkHash);
        emit Pinned(vkHash, verifier, vk);
    }

    function _header(address vk) private view returns (uint256[VK_WORDS] memory header) {
        assembly ("memory-safe") {
            // The words follow the STOP; beyond the end of the code EXTCODECOPY writes zeros.
            extcodecopy(vk, header, 1, mul(32, VK_WORDS))
        }
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

    function _record(Entry storage entry) private view returns (Record memory) {
        return Record({
            imageCommitment: entry.imageCommitment,
            fingerprint: entry.fingerprint,
            vkHash: _pins[entry.pin],
            registrant: entry.registrant,
            timestamp: entry.timestamp,
            blockNumber: entry.blockNumber,
            tolerance: entry.tolerance
        });
    }
}
