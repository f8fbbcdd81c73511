// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {IClaimRouter} from "./IClaimRouter.sol";
import {IClaimVerifier} from "./IClaimVerifier.sol";
import {
    VK_FLAG_UNSAFE_DEVELOPMENT,
    VK_MAGIC,
    VK_WORD_ARCHITECTURE,
    VK_WORD_CONSTRAINT_SYSTEM,
    VK_WORD_FLAGS,
    VK_WORD_HEIGHT,
    VK_WORD_K,
    VK_WORD_MAGIC,
    VK_WORD_SRS_ID,
    VK_WORD_WIDTH,
    VK_WORDS
} from "./VerifyingKeyLayout.sol";

/// @title Which verifier and which verifying keys stand for a claim
/// @dev Not upgradeable, holds no funds, calls nothing but `view` functions of the verifiers it was given.
contract ClaimRouter is IClaimRouter, Ownable2Step {
    /// @dev A claim as it is stored.
    struct ClaimEntry {
        address verifier;
        Statement statement;
        State state;
        bytes32 verifierCodeHash;
    }

    /// @dev A key as it is stored.
    struct KeyEntry {
        address vk;
        uint32 index;
        bool removed;
        bytes32 claimId;
    }

    /// @dev Shortest delay on a chain that is not for development.
    uint256 private constant MIN_DELAY = 2 days;
    /// @dev A proposal that nobody carried out for so long after it was ready is void: it would surprise.
    uint256 private constant PROPOSAL_LIFETIME = 30 days;
    /// @dev Points that a proof begins with: R, G, B; then, with a model, the latent column and eight columns of weights; or the
    /// committed fingerprint's column.
    uint256 private constant IMAGE_BYTES = 3 * 64;
    uint256 private constant LATENT_BYTES = 64;
    uint256 private constant WEIGHT_BYTES = 8 * 64;
    uint256 private constant MODEL_CLAIM_BYTES = IMAGE_BYTES + LATENT_BYTES + WEIGHT_BYTES;
    uint256 private constant COMMITTED_CLAIM_BYTES = IMAGE_BYTES + 64;
    /// @dev A distance is at most 256 and the gap to the tolerance is proved to be a byte.
    uint256 private constant MAX_POSSIBLE_TOLERANCE = 511;

    bytes32 private constant IMAGE_DOMAIN = keccak256("veilmark image commitment v1");
    bytes32 private constant MODEL_DOMAIN = keccak256("veilmark model commitment v1");
    bytes32 private constant PROMPT_DOMAIN = keccak256("veilmark prompt commitment v1");
    bytes32 private constant FINGERPRINT_DOMAIN = keccak256("veilmark fingerprint commitment v1");
    bytes32 private constant PROPOSE_CLAIM = keccak256("veilmark router proposal: claim");
    bytes32 private constant PROPOSE_KEY = keccak256("veilmark router proposal: key");
    bytes32 private constant PROPOSE_GUARDIAN = keccak256("veilmark router proposal: guardian");

    /// @inheritdoc IClaimRouter
    uint256 public immutable ADDITION_DELAY;
    /// @inheritdoc IClaimRouter
    address public guardian;
    /// @inheritdoc IClaimRouter
    mapping(bytes32 proposal => uint256) public readyAt;

    bytes32[] private _claimIds;
    bytes32[] private _vkHashes;
    mapping(bytes32 claimId => ClaimEntry) private _claims;
    mapping(bytes32 vkHash => KeyEntry) private _keys;
    /// @dev The guardian may not cancel these.
    mapping(bytes32 proposal => bool) private _replacesGuardian;

    /// @param firstOwner May add, after the delay, and remove.
    /// @param firstGuardian May stop and cancel.
    /// @param additionDelay Seconds that an addition waits; at least two days, on a development chain any.
    /// @param firstClaims Claims and keys added from the beginning: everyone sees them before relying on this contract.
    constructor(address firstOwner, address firstGuardian, uint256 additionDelay, ClaimInput[] memory firstClaims)
        Ownable(firstOwner)
    {
        if (firstGuardian == address(0)) revert ZeroGuardian();
        if (additionDelay < MIN_DELAY && !_isDevelopmentChain()) revert DelayTooShort(additionDelay, MIN_DELAY);
        ADDITION_DELAY = additionDelay;
        guardian = firstGuardian;
        emit GuardianChanged(address(0), firstGuardian);
        for (uint256 i = 0; i < firstClaims.length; ++i) {
            ClaimInput memory input = firstClaims[i];
            _addClaim(input.claimId, input.statement, input.verifier);
            for (uint256 j = 0; j < input.keys.length; ++j) {
                _addKey(input.claimId, input.keys[j]);
            }
        }
    }

    /// @inheritdoc IClaimRouter
    function proposeClaim(bytes32 claimId, Statement statement, address verifier)
        external
        onlyOwner
        returns (bytes32 proposal)
    {
        if (verifier.code.length == 0) revert NoCode(verifier);
        if (statement == Statement.None || claimId == 0) revert UnknownClaim(claimId);
        if (_claims[claimId].state != State.Unknown) revert ClaimIdTaken(claimId);
        proposal = _claimProposal(claimId, statement, verifier);
        _propose(proposal, claimId, verifier);
    }

    /// @inheritdoc IClaimRouter
    function addClaim(bytes32 claimId, Statement statement, address verifier) external onlyOwner {
        _consume(_claimProposal(claimId, statement, verifier));
        _addClaim(claimId, statement, verifier);
    }

    /// @inheritdoc IClaimRouter
    function proposeKey(bytes32 claimId, address vk) external onlyOwner returns (bytes32 proposal) {
        // Asked now as well as later, so that a mistake does not cost the delay.
        _requireActive(claimId);
        _checkKey(claimId, vk);
        proposal = _keyProposal(claimId, vk);
        _propose(proposal, claimId, vk);
    }

    /// @inheritdoc IClaimRouter
    function addKey(bytes32 claimId, address vk) external onlyOwner returns (bytes32 vkHash) {
        _consume(_keyProposal(claimId, vk));
        return _addKey(claimId, vk);
    }

    /// @inheritdoc IClaimRouter
    function proposeGuardian(address newGuardian) external onlyOwner returns (bytes32 proposal) {
        if (newGuardian == address(0)) revert ZeroGuardian();
        proposal = keccak256(abi.encode(PROPOSE_GUARDIAN, newGuardian));
        _replacesGuardian[proposal] = true;
        _propose(proposal, bytes32(0), newGuardian);
    }

    /// @inheritdoc IClaimRouter
    function setGuardian(address newGuardian) external onlyOwner {
        if (newGuardian == address(0)) revert ZeroGuardian();
        _consume(keccak256(abi.encode(PROPOSE_GUARDIAN, newGuardian)));
        emit GuardianChanged(guardian, newGuardian);
        guardian = newGuardian;
    }

    /// @inheritdoc IClaimRouter
    function cancel(bytes32 proposal) external {
        if (msg.sender != owner() && (msg.sender != guardian || _replacesGuardian[proposal])) {
            revert NotGuardian(msg.sender);
        }
        if (readyAt[proposal] == 0) revert NotProposed(proposal);
        delete readyAt[proposal];
        emit Cancelled(proposal);
    }

    /// @inheritdoc IClaimRouter
    function removeClaim(bytes32 claimId) external onlyOwner {
        State state = _claims[claimId].state;
        if (state == State.Unknown) revert UnknownClaim(claimId);
        // A stopped claim stays stopped: that says more.
        if (state != State.Active) revert ClaimInactive(claimId, state);
        _claims[claimId].state = State.Removed;
        emit ClaimRemoved(claimId);
    }

    /// @inheritdoc IClaimRouter
    function removeKey(bytes32 vkHash) external onlyOwner {
        KeyEntry storage key = _keys[vkHash];
        if (key.vk == address(0)) revert UnknownVerifyingKey(vkHash);
        if (key.removed) revert KeyIsRemoved(vkHash);
        key.removed = true;
        emit KeyRemoved(vkHash, key.claimId);
    }

    /// @inheritdoc IClaimRouter
    function stop(bytes32 claimId) external {
        if (msg.sender != guardian && msg.sender != owner()) revert NotGuardian(msg.sender);
        _requireActive(claimId);
        _stop(claimId, bytes32(0));
    }

    /// @inheritdoc IClaimRouter
    function stopWithProof(bytes32 vkHash, uint256[4] calldata publicInputs, bytes calldata proof) external {
        // The proof is bound to nobody: whoever copies it stops the same claim.
        Facts memory facts = verify(vkHash, publicInputs, proof);
        bool impossible =
            facts.statement == Statement.Generation ? publicInputs[0] != 0 : publicInputs[2] > MAX_POSSIBLE_TOLERANCE;
        if (!impossible) revert NotImpossible(facts.statement);
        _stop(facts.claimId, vkHash);
    }

    /// @inheritdoc IClaimRouter
    function verify(bytes32 vkHash, uint256[4] calldata publicInputs, bytes calldata proof)
        public
        view
        returns (Facts memory facts)
    {
        KeyEntry storage key = _keys[vkHash];
        address vk = key.vk;
        if (vk == address(0)) revert UnknownVerifyingKey(vkHash);
        if (key.removed) revert KeyIsRemoved(vkHash);
        facts.claimId = key.claimId;
        facts.keyIndex = key.index;
        ClaimEntry storage claim = _claims[facts.claimId];
        if (claim.state != State.Active) revert ClaimInactive(facts.claimId, claim.state);
        facts.statement = claim.statement;
        uint256 min = _hasModel(facts.statement)
            ? MODEL_CLAIM_BYTES
            : facts.statement == Statement.CommittedFingerprint ? COMMITTED_CLAIM_BYTES : IMAGE_BYTES;
        if (proof.length < min) revert ProofTooShort(proof.length, min);

        // A verifying key's code begins with STOP, so it cannot destroy itself; a verifier's code can vanish if it was
        // made and destroyed in the transaction that added it, and a delegated account's can change: both are asked.
        if (vk.codehash != vkHash) revert CodeChanged(vk, vkHash, vk.codehash);
        address verifier = claim.verifier;
        if (verifier.codehash != claim.verifierCodeHash) {
            revert CodeChanged(verifier, claim.verifierCodeHash, verifier.codehash);
        }
        IClaimVerifier(verifier).verify(vk, publicInputs, proof);

        // The verifier has refused coordinates that are not reduced, so one commitment has one encoding. Every part of
        // what is hashed has a fixed length.
        uint256[VK_WORDS] memory header = _header(vk);
        facts.imageCommitment = keccak256(
            bytes.concat(
                abi.encode(
                    IMAGE_DOMAIN,
                    header[VK_WORD_SRS_ID],
                    header[VK_WORD_K],
                    header[VK_WORD_WIDTH],
                    header[VK_WORD_HEIGHT]
                ),
                proof[:IMAGE_BYTES]
            )
        );
        if (facts.statement == Statement.CommittedFingerprint) {
            facts.fingerprintCommitment = keccak256(
                bytes.concat(
                    abi.encode(FINGERPRINT_DOMAIN, header[VK_WORD_SRS_ID], header[VK_WORD_K]),
                    proof[IMAGE_BYTES:COMMITTED_CLAIM_BYTES]
                )
            );
        } else if (_hasModel(facts.statement)) {
            facts.architecture = bytes32(header[VK_WORD_ARCHITECTURE]);
            facts.promptCommitment = keccak256(
                bytes.concat(
                    abi.encode(PROMPT_DOMAIN, header[VK_WORD_SRS_ID], header[VK_WORD_K], facts.architecture),
                    proof[IMAGE_BYTES:IMAGE_BYTES + LATENT_BYTES]
                )
            );
            facts.modelHash = keccak256(
                bytes.concat(
                    abi.encode(MODEL_DOMAIN, header[VK_WORD_SRS_ID], header[VK_WORD_K], facts.architecture),
                    proof[IMAGE_BYTES + LATENT_BYTES:MODEL_CLAIM_BYTES]
                )
            );
        }
    }

    /// @inheritdoc IClaimRouter
    function answers(bytes32 vkHash) external view returns (bool) {
        KeyEntry storage key = _keys[vkHash];
        ClaimEntry storage claim = _claims[key.claimId];
        return key.vk != address(0) && !key.removed && claim.state == State.Active && key.vk.codehash == vkHash
            && claim.verifier.codehash == claim.verifierCodeHash;
    }

    /// @inheritdoc IClaimRouter
    function claimOf(bytes32 claimId) public view returns (Claim memory) {
        ClaimEntry storage claim = _claims[claimId];
        return Claim({
            claimId: claimId,
            statement: claim.statement,
            state: claim.state,
            verifier: claim.verifier,
            verifierCodeHash: claim.verifierCodeHash
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
    function keyOf(bytes32 vkHash) public view returns (Key memory key) {
        KeyEntry storage entry = _keys[vkHash];
        if (entry.vk == address(0)) revert UnknownVerifyingKey(vkHash);
        ClaimEntry storage claim = _claims[entry.claimId];
        uint256[VK_WORDS] memory header = _header(entry.vk);
        key.vkHash = vkHash;
        key.claimId = entry.claimId;
        key.statement = claim.statement;
        key.state = entry.removed ? State.Removed : claim.state;
        key.verifier = claim.verifier;
        key.vk = entry.vk;
        key.index = entry.index;
        key.unsafeDevelopment = header[VK_WORD_FLAGS] & VK_FLAG_UNSAFE_DEVELOPMENT != 0;
        key.srsId = bytes32(header[VK_WORD_SRS_ID]);
        key.k = header[VK_WORD_K];
        key.width = header[VK_WORD_WIDTH];
        key.height = header[VK_WORD_HEIGHT];
        key.architecture = bytes32(header[VK_WORD_ARCHITECTURE]);
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

    /// @dev The code is a part of what is proposed: another at the same address is another proposal.
    function _claimProposal(bytes32 claimId, Statement statement, address verifier) private view returns (bytes32) {
        return keccak256(abi.encode(PROPOSE_CLAIM, claimId, statement, verifier, verifier.codehash));
    }

    function _keyProposal(bytes32 claimId, address vk) private view returns (bytes32) {
        return keccak256(abi.encode(PROPOSE_KEY, claimId, vk, vk.codehash));
    }

    function _propose(bytes32 proposal, bytes32 claimId, address subject) private {
        uint256 old = readyAt[proposal];
        // Proposing again would only put it off; a void one may be renewed.
        if (old != 0 && block.timestamp <= old + PROPOSAL_LIFETIME) revert AlreadyProposed(proposal);
        uint256 ready = block.timestamp + ADDITION_DELAY;
        readyAt[proposal] = ready;
        emit Proposed(proposal, claimId, subject, ready);
    }

    function _consume(bytes32 proposal) private {
        uint256 ready = readyAt[proposal];
        if (ADDITION_DELAY == 0) {
            delete readyAt[proposal];
            return;
        }
        if (ready == 0 || block.timestamp > ready + PROPOSAL_LIFETIME) revert NotProposed(proposal);
        if (block.timestamp < ready) revert NotReady(proposal, ready);
        delete readyAt[proposal];
    }

    function _addClaim(bytes32 claimId, Statement statement, address verifier) private {
        if (verifier.code.length == 0) revert NoCode(verifier);
        if (statement == Statement.None || claimId == 0) revert UnknownClaim(claimId);
        if (_claims[claimId].state != State.Unknown) revert ClaimIdTaken(claimId);
        _claims[claimId] = ClaimEntry({
            verifier: verifier, statement: statement, state: State.Active, verifierCodeHash: verifier.codehash
        });
        _claimIds.push(claimId);
        emit ClaimAdded(claimId, statement, verifier, verifier.codehash);
    }

    function _addKey(bytes32 claimId, address vk) private returns (bytes32 vkHash) {
        _requireActive(claimId);
        vkHash = _checkKey(claimId, vk);
        // Records keep a key's position in 24 bits.
        if (_vkHashes.length > type(uint24).max) revert TooManyKeys();
        _keys[vkHash] = KeyEntry({vk: vk, index: uint32(_vkHashes.length), removed: false, claimId: claimId});
        _vkHashes.push(vkHash);
        emit KeyAdded(vkHash, claimId, vk);
    }

    function _stop(bytes32 claimId, bytes32 vkHash) private {
        _claims[claimId].state = State.Stopped;
        emit ClaimStopped(claimId, msg.sender, vkHash);
    }

    function _requireActive(bytes32 claimId) private view {
        State state = _claims[claimId].state;
        if (state == State.Unknown) revert UnknownClaim(claimId);
        if (state != State.Active) revert ClaimInactive(claimId, state);
    }

    function _checkKey(bytes32 claimId, address vk) private view returns (bytes32 vkHash) {
        ClaimEntry storage claim = _claims[claimId];
        if (vk.code.length == 0) revert NoCode(vk);
        vkHash = vk.codehash;
        if (_keys[vkHash].vk != address(0)) revert KeyTaken(vkHash);
        // STOP comes first so that a verifying key can never run; the rest is words.
        if (vk.code.length <= 32 * VK_WORDS || vk.code[0] != 0) revert NotAVerifyingKey(vk);
        uint256[VK_WORDS] memory header = _header(vk);
        if (header[VK_WORD_MAGIC] != uint256(VK_MAGIC)) revert NotAVerifyingKey(vk);
        // A flag of a later version might be a warning.
        if (header[VK_WORD_FLAGS] & ~VK_FLAG_UNSAFE_DEVELOPMENT != 0) revert NotAVerifyingKey(vk);
        if (header[VK_WORD_FLAGS] & VK_FLAG_UNSAFE_DEVELOPMENT != 0 && !_isDevelopmentChain()) {
            revert UnsafeDevelopmentKey(vkHash, block.chainid);
        }
        if (_hasModel(claim.statement) != (header[VK_WORD_ARCHITECTURE] != 0)) {
            revert ArchitectureMismatch(claim.statement, bytes32(header[VK_WORD_ARCHITECTURE]));
        }
        // A verifier says yes by not reverting, and so does any code that stops: a key's, were the two interchanged,
        // would take every proof, for good.
        address verifier = claim.verifier;
        (bool answered, bytes memory digest) =
            verifier.staticcall(abi.encodeCall(IClaimVerifier.constraintSystemDigest, ()));
        if (!answered || digest.length != 32 || uint256(bytes32(digest)) != header[VK_WORD_CONSTRAINT_SYSTEM]) {
            revert VerifierMismatch(verifier, vk);
        }
    }

    function _hasModel(Statement statement) private pure returns (bool) {
        return statement == Statement.Generation || statement == Statement.Authenticity;
    }

    function _isDevelopmentChain() private view returns (bool) {
        return block.chainid == 31337 || block.chainid == 1337;
    }

    function _header(address vk) private view returns (uint256[VK_WORDS] memory header) {
        assembly ("memory-safe") {
            // The words follow the STOP; beyond the end of the code EXTCODECOPY writes zeros.
            extcodecopy(vk, header, 1, mul(32, VK_WORDS))
        }
    }
}
