// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {ClaimData, ClaimWords} from "./ClaimData.sol";
import {IClaimRouter} from "./IClaimRouter.sol";
import {IClaimVerifier} from "./IClaimVerifier.sol";
import {ClaimDescription, Statement} from "./Types.sol";
import {
    VK_FLAG_UNSAFE_DEVELOPMENT,
    VK_HEADER_WORDS,
    VK_MAGIC,
    VK_READ_WORDS,
    VK_WORD_CLAIM_ID,
    VK_WORD_CONSTRAINT_SYSTEM,
    VK_WORD_FLAGS,
    VK_WORD_K,
    VK_WORD_MAGIC,
    VK_WORD_SRS_ID,
    VK_WORD_SUBJECT_WORDS
} from "./generated/VerifyingKeyLayout.sol";

/// @title Which verifier and which verifying keys stand for a claim
/// @dev Not upgradeable, holds no funds, calls nothing but `view` functions of the verifiers it was given. Knows no claim: what a
/// proof states is read by the claim's data (`ClaimData`).
contract ClaimRouter is IClaimRouter, Ownable2Step {
    /// @dev A claim as it is stored, in one slot.
    /// @param data Contract that holds its words.
    /// @param pausedUntil Time of the end of its latest pause.
    /// @param ended Whether it ended; `_ends` has when and why.
    struct ClaimEntry {
        address data;
        uint40 pausedUntil;
        bool ended;
    }

    /// @dev A key as it is stored, in one slot.
    struct KeyEntry {
        address vk;
        uint32 index;
        uint16 claim;
        bool reviewed;
        bool ended;
    }

    /// @dev How a claim or a key ended.
    struct End {
        uint40 endedAt;
        uint40 doubtfulSince;
        Reason reason;
    }

    /// @dev Shortest delay on a chain that is not for development.
    uint256 private constant MIN_DELAY = 2 days;
    /// @dev A proposal that nobody carried out for so long after it was ready is void: it would surprise.
    uint256 private constant PROPOSAL_LIFETIME = 30 days;
    /// @dev How long a pause lasts, and how long after it there is none.
    uint256 private constant PAUSE = 14 days;
    /// @dev How far doubt reaches back before an end.
    uint256 private constant MAX_DOUBT = 30 days;

    /// @inheritdoc IClaimRouter
    uint256 public immutable ADDITION_DELAY;
    /// @inheritdoc IClaimRouter
    bool public immutable SAME_GUARDIAN_ALLOWED;
    /// @inheritdoc IClaimRouter
    address public guardian;
    /// @inheritdoc IClaimRouter
    mapping(bytes32 proposal => uint256) public readyAt;

    bytes32[] private _claimIds;
    bytes32[] private _vkHashes;
    /// @dev Position of a claim plus one.
    mapping(bytes32 claimId => uint256) private _claimPositions;
    /// @dev By position: a mapping, as an array would be asked for its length each time.
    mapping(uint256 position => ClaimEntry) private _claims;
    mapping(bytes32 vkHash => KeyEntry) private _keys;
    mapping(bytes32 id => End) private _ends;
    /// @dev The setup of the first reviewed key under which the impossible was proved.
    mapping(bytes32 claimId => bytes32 srsId) private _impossibleUnder;
    /// @dev The guardian may not cancel these.
    mapping(bytes32 proposal => bool) private _replacesGuardian;

    /// @param deployment What the router is made with.
    constructor(Deployment memory deployment) Ownable(deployment.owner) {
        bool isDevelopment = _isDevelopmentChain();
        if (deployment.delay < MIN_DELAY && !isDevelopment) revert DelayTooShort(deployment.delay, MIN_DELAY);
        ADDITION_DELAY = deployment.delay;
        bool mayBeOne = deployment.allowSameGuardian || isDevelopment;
        SAME_GUARDIAN_ALLOWED = mayBeOne;
        _requireApart(deployment.owner, deployment.guardian, mayBeOne);
        guardian = deployment.guardian;
        emit GuardianChanged(address(0), deployment.guardian);
        for (uint256 i = 0; i < deployment.claims.length; ++i) {
            ClaimInput memory input = deployment.claims[i];
            _addClaim(input.description, input.verifier);
            for (uint256 j = 0; j < input.keys.length; ++j) {
                _reviewKey(_addKey(input.keys[j]));
            }
        }
    }

    /// @inheritdoc IClaimRouter
    function proposeClaim(ClaimDescription calldata description, address verifier)
        external
        onlyOwner
        returns (bytes32 proposal)
    {
        // Asked now as well as later, so that a mistake does not cost the delay.
        bytes32 claimId = _checkClaim(description, verifier);
        ClaimData.encode(description, claimId, verifier);
        // The code is a part of what is proposed: another at the same address is another proposal.
        return _propose(claimId, abi.encodeCall(this.addClaim, (description, verifier)), verifier.codehash);
    }

    /// @inheritdoc IClaimRouter
    function addClaim(ClaimDescription calldata description, address verifier)
        external
        onlyOwner
        returns (bytes32 claimId)
    {
        _consume(abi.encodeCall(this.addClaim, (description, verifier)), verifier.codehash);
        return _addClaim(description, verifier);
    }

    /// @inheritdoc IClaimRouter
    function addKey(address vk) external returns (bytes32 vkHash) {
        return _addKey(vk);
    }

    /// @inheritdoc IClaimRouter
    function proposeReview(bytes32 vkHash) external onlyOwner returns (bytes32 proposal) {
        _checkReview(vkHash);
        return _propose(vkHash, abi.encodeCall(this.reviewKey, (vkHash)), 0);
    }

    /// @inheritdoc IClaimRouter
    function reviewKey(bytes32 vkHash) external onlyOwner {
        _consume(abi.encodeCall(this.reviewKey, (vkHash)), 0);
        _checkReview(vkHash);
        _reviewKey(vkHash);
    }

    /// @inheritdoc IClaimRouter
    function proposeGuardian(address newGuardian) external onlyOwner returns (bytes32 proposal) {
        _requireApart(owner(), newGuardian, SAME_GUARDIAN_ALLOWED);
        proposal = _propose(bytes32(uint256(uint160(newGuardian))), abi.encodeCall(this.setGuardian, (newGuardian)), 0);
        _replacesGuardian[proposal] = true;
    }

    /// @inheritdoc IClaimRouter
    function setGuardian(address newGuardian) external onlyOwner {
        _consume(abi.encodeCall(this.setGuardian, (newGuardian)), 0);
        _requireApart(owner(), newGuardian, SAME_GUARDIAN_ALLOWED);
        emit GuardianChanged(guardian, newGuardian);
        guardian = newGuardian;
    }

    /// @inheritdoc IClaimRouter
    function proposeStop(bytes32 claimId, Reason reason) external onlyOwner returns (bytes32 proposal) {
        _requireOwnersReason(reason);
        _ongoing(claimId);
        return _propose(claimId, abi.encodeCall(this.stopClaim, (claimId, reason)), 0);
    }

    /// @inheritdoc IClaimRouter
    function stopClaim(bytes32 claimId, Reason reason) external onlyOwner {
        _requireOwnersReason(reason);
        _consume(abi.encodeCall(this.stopClaim, (claimId, reason)), 0);
        _endClaim(_ongoing(claimId), claimId, reason);
    }

    /// @inheritdoc IClaimRouter
    function removeKey(bytes32 vkHash, Reason reason) external onlyOwner {
        _requireOwnersReason(reason);
        _endKey(vkHash, reason);
    }

    /// @inheritdoc IClaimRouter
    function proposeDoubt(bytes32 id, uint64 since) external onlyOwner returns (bytes32 proposal) {
        _checkDoubt(id, since);
        return _propose(id, abi.encodeCall(this.castDoubt, (id, since)), 0);
    }

    /// @inheritdoc IClaimRouter
    function castDoubt(bytes32 id, uint64 since) external onlyOwner {
        _consume(abi.encodeCall(this.castDoubt, (id, since)), 0);
        _checkDoubt(id, since);
        _ends[id].doubtfulSince = uint40(since);
        emit DoubtCast(id, since);
    }

    /// @inheritdoc IClaimRouter
    function cancel(bytes32 proposal) external {
        if (msg.sender != owner() && (msg.sender != guardian || _replacesGuardian[proposal])) {
            revert NotGuardian(msg.sender);
        }
        if (readyAt[proposal] == 0) revert NotProposed(proposal);
        delete readyAt[proposal];
        emit Cancelled(proposal, msg.sender);
    }

    /// @inheritdoc IClaimRouter
    function pause(bytes32 claimId) external {
        _requireGuardian();
        ClaimEntry storage claim = _ongoing(claimId);
        uint256 last = claim.pausedUntil;
        if (last != 0 && block.timestamp < last + PAUSE) revert PausedLately(claimId, last + PAUSE);
        uint64 until = uint64(block.timestamp + PAUSE);
        claim.pausedUntil = uint40(until);
        emit ClaimPaused(claimId, msg.sender, until);
    }

    /// @inheritdoc IClaimRouter
    function unpause(bytes32 claimId) external {
        _requireGuardian();
        ClaimEntry storage claim = _ongoing(claimId);
        if (claim.pausedUntil <= block.timestamp) revert ClaimIsNotPaused(claimId);
        claim.pausedUntil = uint40(block.timestamp);
        emit ClaimPaused(claimId, msg.sender, uint64(block.timestamp));
    }

    /// @inheritdoc IClaimRouter
    function stopWithProof(bytes32 vkHash, uint256[] calldata publicInputs, bytes calldata proof) external {
        KeyEntry memory key = _keys[vkHash];
        // A pause is no reason to refuse the proof of what is wrong.
        ClaimWords words = ClaimData.load(_requireOngoing(vkHash, key).data);
        bytes32 claimId = words.claimId();
        if (publicInputs.length != words.inputCount()) revert InputCount(words.inputCount(), publicInputs.length);
        if (!words.isImpossible(publicInputs)) revert NotImpossible(claimId);
        // The proof is bound to nobody: whoever copies it ends the same key.
        _requireCode(vkHash, key.vk, words);
        IClaimVerifier(words.verifier()).verify(key.vk, publicInputs, proof);

        bytes32 srsId = bytes32(_header(key.vk)[VK_WORD_SRS_ID]);
        _endKey(vkHash, Reason.Impossible);
        emit ImpossibleProved(vkHash, srsId, msg.sender);
        // A key that nobody reviewed may be made so that it proves anything: it says nothing about the claim.
        if (!key.reviewed) return;
        bytes32 first = _impossibleUnder[claimId];
        if (first == 0) {
            _impossibleUnder[claimId] = srsId;
        } else if (first != srsId) {
            _endClaim(_claims[key.claim], claimId, Reason.Impossible);
        }
    }

    /// @inheritdoc IClaimRouter
    function verify(
        bytes32 vkHash,
        Statement calldata statement,
        uint256 context,
        bool acceptUnreviewed,
        bytes calldata proof
    ) external view returns (bytes32 claimId, uint256 keyIndex, bool reviewed) {
        KeyEntry memory key = _keys[vkHash];
        ClaimEntry memory claim = _requireOngoing(vkHash, key);
        if (!key.reviewed && !acceptUnreviewed) revert KeyNotReviewed(vkHash);
        ClaimWords words = ClaimData.load(claim.data);
        claimId = words.claimId();
        if (block.timestamp < claim.pausedUntil) revert ClaimIsPaused(claimId, claim.pausedUntil);
        _requireCode(vkHash, key.vk, words);
        // What costs little comes first; the verifier has the last word.
        uint256[] memory inputs = words.publicInputs(statement, context);
        uint256[VK_READ_WORDS] memory header = _header(key.vk);
        _requireSafe(vkHash, header);
        words.checkCommitments(header, statement, inputs, proof);
        IClaimVerifier(words.verifier()).verify(key.vk, inputs, proof);
        return (claimId, key.index, key.reviewed);
    }

    /// @inheritdoc IClaimRouter
    function publicInputsOf(bytes32 claimId, Statement calldata statement, uint256 context)
        external
        view
        returns (uint256[] memory)
    {
        return ClaimData.load(_claim(claimId).data).publicInputs(statement, context);
    }

    /// @inheritdoc IClaimRouter
    function answers(bytes32 vkHash) external view returns (bool) {
        if (_keys[vkHash].vk == address(0)) return false;
        Standing memory standing = standingOf(vkHash);
        return standing.reason == Reason.None && !standing.paused && !standing.codeChanged;
    }

    /// @inheritdoc IClaimRouter
    function standingOf(bytes32 vkHash) public view returns (Standing memory standing) {
        KeyEntry memory key = _key(vkHash);
        ClaimEntry memory claim = _claims[key.claim];
        ClaimWords words = ClaimData.load(claim.data);
        standing.claimId = words.claimId();
        standing.reviewed = key.reviewed;
        standing.paused = block.timestamp < claim.pausedUntil;
        standing.codeChanged = key.vk.codehash != vkHash || words.verifier().codehash != words.verifierCodeHash();
        End memory first = _ends[vkHash];
        End memory second = _ends[standing.claimId];
        if (first.endedAt == 0 || (second.endedAt != 0 && second.endedAt < first.endedAt)) {
            (first, second) = (second, first);
        }
        standing.endedAt = first.endedAt;
        standing.reason = first.reason;
        // In doubt is what either end puts in doubt.
        standing.doubtfulSince = second.endedAt != 0 && second.doubtfulSince < first.doubtfulSince
            ? second.doubtfulSince
            : first.doubtfulSince;
    }

    /// @inheritdoc IClaimRouter
    function claimOf(bytes32 claimId) public view returns (Claim memory found) {
        ClaimEntry storage claim = _claim(claimId);
        ClaimWords words = ClaimData.load(claim.data);
        End memory end = _ends[claimId];
        return Claim({
            claimId: claimId,
            verifier: words.verifier(),
            verifierCodeHash: words.verifierCodeHash(),
            pausedUntil: claim.pausedUntil,
            endedAt: end.endedAt,
            doubtfulSince: end.doubtfulSince,
            reason: end.reason
        });
    }

    /// @inheritdoc IClaimRouter
    function claimCount() external view returns (uint256) {
        return _claimIds.length;
    }

    /// @inheritdoc IClaimRouter
    function claimAt(uint256 index) external view returns (Claim memory) {
        if (index >= _claimIds.length) revert NoSuchEntry(index, _claimIds.length);
        return claimOf(_claimIds[index]);
    }

    /// @inheritdoc IClaimRouter
    function keyOf(bytes32 vkHash) public view returns (Key memory found) {
        KeyEntry memory key = _key(vkHash);
        ClaimWords words = ClaimData.load(_claims[key.claim].data);
        uint256[VK_READ_WORDS] memory header = _header(key.vk);
        End memory end = _ends[vkHash];
        found.vkHash = vkHash;
        found.claimId = words.claimId();
        found.vk = key.vk;
        found.index = key.index;
        found.reviewed = key.reviewed;
        found.unsafeDevelopment = header[VK_WORD_FLAGS] & VK_FLAG_UNSAFE_DEVELOPMENT != 0;
        found.srsId = bytes32(header[VK_WORD_SRS_ID]);
        found.k = header[VK_WORD_K];
        uint256 architecture = words.architectureWord();
        if (architecture != 0) found.architecture = bytes32(header[architecture]);
        found.subject = new bytes32[](words.subjectWords());
        for (uint256 i = 0; i < found.subject.length; ++i) {
            found.subject[i] = bytes32(header[VK_HEADER_WORDS + i]);
        }
        found.endedAt = end.endedAt;
        found.doubtfulSince = end.doubtfulSince;
        found.reason = end.reason;
    }

    /// @inheritdoc IClaimRouter
    function keyCount() external view returns (uint256) {
        return _vkHashes.length;
    }

    /// @inheritdoc IClaimRouter
    function keyAt(uint256 index) external view returns (Key memory) {
        return keyOf(vkHashAt(index));
    }

    /// @inheritdoc IClaimRouter
    function vkHashAt(uint256 index) public view returns (bytes32) {
        if (index >= _vkHashes.length) revert NoSuchEntry(index, _vkHashes.length);
        return _vkHashes[index];
    }

    /// @dev Disabled: see `OwnershipIsNeeded`.
    function renounceOwnership() public pure override {
        revert OwnershipIsNeeded();
    }

    /// @dev Keeps owner and guardian apart when the owner changes. While the constructor runs there is no guardian yet.
    function _transferOwnership(address newOwner) internal override {
        if (guardian != address(0)) _requireApart(newOwner, guardian, SAME_GUARDIAN_ALLOWED);
        super._transferOwnership(newOwner);
    }

    function _propose(bytes32 subject, bytes memory call, bytes32 codeHash) private returns (bytes32 proposal) {
        proposal = keccak256(abi.encode(call, codeHash));
        uint256 old = readyAt[proposal];
        // Proposing again would only put it off; a void one may be renewed.
        if (old != 0 && block.timestamp <= old + PROPOSAL_LIFETIME) revert AlreadyProposed(proposal);
        uint256 ready = block.timestamp + ADDITION_DELAY;
        readyAt[proposal] = ready;
        emit Proposed(proposal, subject, bytes4(call), ready, call);
    }

    function _consume(bytes memory call, bytes32 codeHash) private {
        bytes32 proposal = keccak256(abi.encode(call, codeHash));
        uint256 ready = readyAt[proposal];
        delete readyAt[proposal];
        if (ADDITION_DELAY == 0) return;
        if (ready == 0 || block.timestamp > ready + PROPOSAL_LIFETIME) revert NotProposed(proposal);
        if (block.timestamp < ready) revert NotReady(proposal, ready);
    }

    /// @dev What a claim must be before its description is looked at in full; returns its id.
    function _checkClaim(ClaimDescription memory description, address verifier) private view returns (bytes32 claimId) {
        claimId = keccak256(abi.encode(description));
        if (_claimPositions[claimId] != 0) revert ClaimIdTaken(claimId);
        if (verifier.code.length == 0) revert NoCode(verifier);
        bytes32 got = _ask(verifier, IClaimVerifier.claimId.selector);
        if (got != claimId) revert VerifierOfAnotherClaim(verifier, claimId, got);
        bytes32 count = _ask(verifier, IClaimVerifier.publicInputCount.selector);
        if (uint256(count) != description.inputs.length) {
            revert VerifierOfAnotherClaim(verifier, bytes32(description.inputs.length), count);
        }
    }

    function _addClaim(ClaimDescription memory description, address verifier) private returns (bytes32 claimId) {
        claimId = _checkClaim(description, verifier);
        // A key keeps its claim's position in 16 bits.
        uint256 position = _claimIds.length;
        if (position >= type(uint16).max) revert Full();
        _claims[position].data = ClaimData.store(description, claimId, verifier);
        _claimPositions[claimId] = position + 1;
        _claimIds.push(claimId);
        emit ClaimAdded(claimId, verifier, verifier.codehash, description);
    }

    function _addKey(address vk) private returns (bytes32 vkHash) {
        if (vk.code.length == 0) revert NoCode(vk);
        vkHash = vk.codehash;
        if (_keys[vkHash].vk != address(0)) revert KeyTaken(vkHash);
        // STOP comes first so that a verifying key can never run; the rest is words.
        if (vk.code.length <= 32 * VK_HEADER_WORDS || vk.code[0] != 0) revert NotAVerifyingKey(vk);
        uint256[VK_READ_WORDS] memory header = _header(vk);
        if (header[VK_WORD_MAGIC] != uint256(VK_MAGIC)) revert NotAVerifyingKey(vk);
        // A flag of a later version might be a warning.
        if (header[VK_WORD_FLAGS] & ~VK_FLAG_UNSAFE_DEVELOPMENT != 0) revert NotAVerifyingKey(vk);
        _requireSafe(vkHash, header);
        bytes32 claimId = bytes32(header[VK_WORD_CLAIM_ID]);
        ClaimWords words = ClaimData.load(_ongoing(claimId).data);
        if (header[VK_WORD_SUBJECT_WORDS] != words.subjectWords()) revert NotAVerifyingKey(vk);
        uint256 architecture = words.architectureWord();
        if (architecture != 0 && header[architecture] == 0) revert NotAVerifyingKey(vk);
        // A verifier says yes by not reverting, and so does any code that stops: a key's, were the two interchanged,
        // would take every proof, for good.
        if (
            uint256(_ask(words.verifier(), IClaimVerifier.constraintSystemDigest.selector))
                != header[VK_WORD_CONSTRAINT_SYSTEM]
        ) {
            revert VerifierMismatch(words.verifier(), vk);
        }
        uint256 index = _vkHashes.length;
        // Records keep a key's position in 32 bits.
        if (index > type(uint32).max) revert Full();
        _keys[vkHash] = KeyEntry({
            vk: vk, index: uint32(index), claim: uint16(_claimPositions[claimId] - 1), reviewed: false, ended: false
        });
        _vkHashes.push(vkHash);
        emit KeyAdded(vkHash, claimId, msg.sender, vk, index, bytes32(header[VK_WORD_SRS_ID]));
    }

    function _checkReview(bytes32 vkHash) private view {
        KeyEntry memory key = _keys[vkHash];
        ClaimEntry memory claim = _requireOngoing(vkHash, key);
        if (key.reviewed) revert AlreadyReviewed(vkHash);
        _requireCode(vkHash, key.vk, ClaimData.load(claim.data));
    }

    function _reviewKey(bytes32 vkHash) private {
        KeyEntry storage key = _keys[vkHash];
        key.reviewed = true;
        emit KeyReviewed(vkHash, _claimIds[key.claim]);
    }

    function _endClaim(ClaimEntry storage claim, bytes32 claimId, Reason reason) private {
        claim.ended = true;
        _ends[claimId] = End(uint40(block.timestamp), uint40(block.timestamp), reason);
        emit ClaimEnded(claimId, reason);
    }

    function _endKey(bytes32 vkHash, Reason reason) private {
        KeyEntry storage key = _keys[vkHash];
        if (key.vk == address(0)) revert UnknownVerifyingKey(vkHash);
        if (key.ended) revert KeyHasEnded(vkHash, _ends[vkHash].reason);
        key.ended = true;
        _ends[vkHash] = End(uint40(block.timestamp), uint40(block.timestamp), reason);
        emit KeyEnded(vkHash, _claimIds[key.claim], reason);
    }

    /// @dev Doubt only grows, and only so far.
    function _checkDoubt(bytes32 id, uint64 since) private view {
        End memory end = _ends[id];
        uint256 earliest = end.endedAt < MAX_DOUBT ? 0 : end.endedAt - MAX_DOUBT;
        if (end.endedAt == 0 || since >= end.doubtfulSince || since < earliest) {
            revert BadDoubt(id, since, uint64(earliest));
        }
    }

    /// @dev A claim that has not ended.
    function _ongoing(bytes32 claimId) private view returns (ClaimEntry storage claim) {
        claim = _claim(claimId);
        if (claim.ended) revert ClaimHasEnded(claimId, _ends[claimId].reason);
    }

    function _claim(bytes32 claimId) private view returns (ClaimEntry storage) {
        uint256 position = _claimPositions[claimId];
        if (position == 0) revert UnknownClaim(claimId);
        return _claims[position - 1];
    }

    function _key(bytes32 vkHash) private view returns (KeyEntry memory key) {
        key = _keys[vkHash];
        if (key.vk == address(0)) revert UnknownVerifyingKey(vkHash);
    }

    /// @dev That a key was added and neither it nor its claim has ended; returns the claim.
    function _requireOngoing(bytes32 vkHash, KeyEntry memory key) private view returns (ClaimEntry memory claim) {
        if (key.vk == address(0)) revert UnknownVerifyingKey(vkHash);
        if (key.ended) revert KeyHasEnded(vkHash, _ends[vkHash].reason);
        claim = _claims[key.claim];
        if (claim.ended) {
            bytes32 claimId = _claimIds[key.claim];
            revert ClaimHasEnded(claimId, _ends[claimId].reason);
        }
    }

    /// @dev A verifying key's code begins with STOP, so it cannot destroy itself; a verifier's code can vanish if it was made and
    /// destroyed in the transaction that added it, and a delegated account's can change: both are asked.
    function _requireCode(bytes32 vkHash, address vk, ClaimWords words) private view {
        if (vk.codehash != vkHash) revert CodeChanged(vk, vkHash, vk.codehash);
        address verifier = words.verifier();
        bytes32 expected = words.verifierCodeHash();
        if (verifier.codehash != expected) revert CodeChanged(verifier, expected, verifier.codehash);
    }

    /// @dev Asked at every use, as a chain for development may fork into one that is none.
    function _requireSafe(bytes32 vkHash, uint256[VK_READ_WORDS] memory header) private view {
        if (header[VK_WORD_FLAGS] & VK_FLAG_UNSAFE_DEVELOPMENT != 0 && !_isDevelopmentChain()) {
            revert UnsafeDevelopmentKey(vkHash, block.chainid);
        }
    }

    function _requireGuardian() private view {
        if (msg.sender != guardian && msg.sender != owner()) revert NotGuardian(msg.sender);
    }

    function _requireApart(address theOwner, address theGuardian, bool mayBeOne) private pure {
        if (theGuardian == address(0)) revert ZeroGuardian();
        if (theOwner == theGuardian && !mayBeOne) revert GuardianIsOwner(theOwner);
    }

    function _requireOwnersReason(Reason reason) private pure {
        if (reason != Reason.Retired && reason != Reason.Broken) revert BadReason(reason);
    }

    /// @dev One word that a contract answers; zero where it answers anything else.
    function _ask(address account, bytes4 selector) private view returns (bytes32) {
        (bool success, bytes memory answer) = account.staticcall(abi.encodeWithSelector(selector));
        return success && answer.length == 32 ? bytes32(answer) : bytes32(0);
    }

    function _isDevelopmentChain() private view returns (bool) {
        return block.chainid == 31337 || block.chainid == 1337;
    }

    function _header(address vk) private view returns (uint256[VK_READ_WORDS] memory header) {
        assembly ("memory-safe") {
            // The words follow the STOP; beyond the end of the code EXTCODECOPY writes zeros.
            extcodecopy(vk, header, 1, mul(32, VK_READ_WORDS))
        }
    }
}
