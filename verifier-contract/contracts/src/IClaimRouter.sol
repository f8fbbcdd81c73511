// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import {ClaimDescription, Role, Statement} from "./Types.sol";

/// @title Which verifier and which verifying keys stand for a claim
/// @notice A claim is a statement, proved by one circuit and checked by one verifier, for all time: a repaired circuit is
/// another claim. A verifying key fits a claim to a trusted setup and, where the claim has one, to a model's architecture.
/// `verify` returns when a proof shows a statement and reverts otherwise.
/// @dev What a caller must believe: the owner, for the verifiers it adds and the keys it reviews, and that somebody objects during
/// the delay that these wait for; nothing else. Anyone may add a key. Until the owner has reviewed it, it is *unreviewed*: it may
/// be of a circuit that proves nothing, and whatever its header says is its maker's word. The guardian can pause and cancel,
/// never add. What ended is ended for good: no claim, no key is ever answered for again.
interface IClaimRouter {
    /// @notice Why a claim or a key ended.
    enum Reason {
        /// It did not.
        None,
        /// The owner retired it; nothing is known to be wrong with it.
        Retired,
        /// The owner says that it is broken, or that its setup's secret leaked.
        Broken,
        /// A statement that can never be true was proved under it.
        Impossible
    }

    /// @notice A claim to begin with.
    /// @param description What the claim is.
    /// @param verifier Contract that checks its proofs.
    /// @param keys Data contracts of its verifying keys, which count as reviewed.
    struct ClaimInput {
        ClaimDescription description;
        address verifier;
        address[] keys;
    }

    /// @notice What a router is made with. All of it enters the address.
    /// @param owner May add and review, after the delay, and remove.
    /// @param guardian May pause and cancel.
    /// @param delay Seconds that a change waits; at least two days, on a development chain any.
    /// @param allowSameGuardian Whether one account may be owner and guardian; on a development chain it always may.
    /// @param claims Claims and keys added from the beginning: everyone sees them before relying on the router.
    struct Deployment {
        address owner;
        address guardian;
        uint256 delay;
        bool allowSameGuardian;
        ClaimInput[] claims;
    }

    /// @notice A claim and how it stands.
    /// @param claimId Hash of its description, which `ClaimAdded` shows.
    /// @param verifier Contract that checks its proofs.
    /// @param verifierCodeHash Hash of the verifier's code when it was added.
    /// @param pausedUntil No proof is checked before this time; zero or past when it is not paused.
    /// @param endedAt Time of its end; zero while it has not ended.
    /// @param doubtfulSince Records from this time on are in doubt; zero while it has not ended.
    /// @param reason Why it ended.
    struct Claim {
        bytes32 claimId;
        address verifier;
        bytes32 verifierCodeHash;
        uint64 pausedUntil;
        uint64 endedAt;
        uint64 doubtfulSince;
        Reason reason;
    }

    /// @notice A verifying key, what it says about itself, and how it stands.
    /// @param vkHash Keccak-256 of the key's runtime code.
    /// @param claimId The claim it is for.
    /// @param vk Data contract whose runtime code is the key.
    /// @param index Position in the order of addition.
    /// @param reviewed Whether the owner vouches for it. If not, all that follows is its maker's word.
    /// @param unsafeDevelopment True when someone knows the secret of the setup and can forge every proof.
    /// @param srsId Identifies the structured reference string.
    /// @param k The circuit has `2^k` rows.
    /// @param architecture Names the architecture of the model; zero for a claim without a model.
    /// @param subject The words of the header that say what the key is for.
    /// @param endedAt Time of its own end, not of the claim's; zero while it has not ended.
    /// @param doubtfulSince Records from this time on are in doubt; zero while it has not ended.
    /// @param reason Why it ended.
    struct Key {
        bytes32 vkHash;
        bytes32 claimId;
        address vk;
        uint256 index;
        bool reviewed;
        bool unsafeDevelopment;
        bytes32 srsId;
        uint256 k;
        bytes32 architecture;
        bytes32[] subject;
        uint64 endedAt;
        uint64 doubtfulSince;
        Reason reason;
    }

    /// @notice What a record under a key is worth.
    /// @param claimId The claim of the key.
    /// @param reviewed Whether the owner vouches for the key.
    /// @param paused Whether new proofs are refused for now.
    /// @param codeChanged Whether the code of the verifier or the key is not what it was: nothing is answered for.
    /// @param endedAt When the key or the claim ended, whichever was first; zero while neither has.
    /// @param doubtfulSince Records from this time on are in doubt; zero while neither has ended.
    /// @param reason Why it ended.
    struct Standing {
        bytes32 claimId;
        bool reviewed;
        bool paused;
        bool codeChanged;
        uint64 endedAt;
        uint64 doubtfulSince;
        Reason reason;
    }

    /// @notice A change was proposed; it can be made from `readyAt` on.
    /// @param proposal Identifies the proposal.
    /// @param subject The claim's id, the key's hash, or the guardian to be as a number.
    /// @param kind What is to be done: `addClaim`, `reviewKey`, `stopClaim`, `castDoubt` or `setGuardian`, as the selector of the
    /// function.
    /// @param readyAt Earliest time of the change.
    /// @param call What the owner calls then.
    event Proposed(bytes32 indexed proposal, bytes32 indexed subject, bytes4 indexed kind, uint256 readyAt, bytes call);
    /// @notice A proposal was withdrawn.
    event Cancelled(bytes32 indexed proposal, address indexed by);
    /// @notice A claim was added.
    event ClaimAdded(
        bytes32 indexed claimId, address indexed verifier, bytes32 verifierCodeHash, ClaimDescription description
    );
    /// @notice A verifying key was added, by anyone: unreviewed unless `KeyReviewed` says otherwise.
    event KeyAdded(
        bytes32 indexed vkHash, bytes32 indexed claimId, address indexed by, address vk, uint256 index, bytes32 srsId
    );
    /// @notice The owner vouches for a verifying key.
    event KeyReviewed(bytes32 indexed vkHash, bytes32 indexed claimId);
    /// @notice A claim is paused, or the pause was ended early: `until` is then now.
    event ClaimPaused(bytes32 indexed claimId, address indexed by, uint64 until);
    /// @notice A claim ended, for good.
    event ClaimEnded(bytes32 indexed claimId, Reason indexed reason);
    /// @notice A verifying key ended, for good.
    event KeyEnded(bytes32 indexed vkHash, bytes32 indexed claimId, Reason indexed reason);
    /// @notice The owner says since when records of what has ended are in doubt.
    /// @param id A claim's id or a key's hash.
    event DoubtCast(bytes32 indexed id, uint64 doubtfulSince);
    /// @notice A statement that can never be true was proved under a key.
    /// @param vkHash The key, which has ended.
    /// @param srsId Its setup.
    /// @param by Who showed it.
    event ImpossibleProved(bytes32 indexed vkHash, bytes32 indexed srsId, address indexed by);
    /// @notice The guardian changed.
    event GuardianChanged(address indexed previous, address indexed guardian);

    /// @notice The delay is too short for a chain that is not for development.
    error DelayTooShort(uint256 got, uint256 min);
    /// @notice There is no such proposal, or it was used, cancelled, or left for too long.
    error NotProposed(bytes32 proposal);
    /// @notice The proposal still has to wait.
    error NotReady(bytes32 proposal, uint256 readyAt);
    /// @notice The same proposal waits already.
    error AlreadyProposed(bytes32 proposal);
    /// @notice Only the guardian or the owner may do this.
    error NotGuardian(address caller);
    /// @notice The guardian may not be the zero address.
    error ZeroGuardian();
    /// @notice Owner and guardian are one account, which this router was not deployed to allow.
    error GuardianIsOwner(address account);
    /// @notice Ownership cannot be given up: a key of a leaked setup could never be removed.
    error OwnershipIsNeeded();
    /// @notice The claim is or was in use: a claim has at most one implementation, ever.
    error ClaimIdTaken(bytes32 claimId);
    /// @notice There is no claim of this id.
    error UnknownClaim(bytes32 claimId);
    /// @notice The description is none that this router can follow.
    /// @param field Which part: 1 name, 2 segments, 3 inputs, 4 words, 5 architecture, 6 tolerance, 7 impossible.
    error BadDescription(uint256 field);
    /// @notice The verifier is of another claim, or of another number of public inputs.
    error VerifierOfAnotherClaim(address verifier, bytes32 expected, bytes32 got);
    /// @notice The claim ended.
    error ClaimHasEnded(bytes32 claimId, Reason reason);
    /// @notice The claim is paused.
    error ClaimIsPaused(bytes32 claimId, uint256 until);
    /// @notice The claim was paused lately, and cannot be paused again before this time.
    error PausedLately(bytes32 claimId, uint256 notBefore);
    /// @notice The claim is not paused.
    error ClaimIsNotPaused(bytes32 claimId);
    /// @notice There is no room for more claims or keys.
    error Full();
    /// @notice The verifying key is or was in use: it is never added twice.
    error KeyTaken(bytes32 vkHash);
    /// @notice No verifying key of this hash was added.
    error UnknownVerifyingKey(bytes32 vkHash);
    /// @notice The verifying key ended.
    error KeyHasEnded(bytes32 vkHash, Reason reason);
    /// @notice The verifying key is not reviewed, and the caller wants one that is.
    error KeyNotReviewed(bytes32 vkHash);
    /// @notice The verifying key is reviewed already.
    error AlreadyReviewed(bytes32 vkHash);
    /// @notice There is no code at an address that is to be added.
    error NoCode(address account);
    /// @notice The code does not begin with STOP and the format's magic word, or its header is none of the claim's.
    error NotAVerifyingKey(address vk);
    /// @notice The verifier does not check proofs of the verifying key's constraint system.
    error VerifierMismatch(address verifier, address vk);
    /// @notice The verifying key is of a setup whose secret is known, and this chain is not a development chain.
    error UnsafeDevelopmentKey(bytes32 vkHash, uint256 chainId);
    /// @notice The code of a contract is not what it was when it was added.
    error CodeChanged(address account, bytes32 expected, bytes32 got);
    /// @notice The proof is too short to hold the points that the claim's proofs begin with.
    error ProofTooShort(uint256 got, uint256 min);
    /// @notice The proof is about another commitment than the one stated.
    error CommitmentMismatch(Role role, bytes32 expected, bytes32 got);
    /// @notice Fingerprints match up to `max` bits of difference, no further.
    error ToleranceTooLarge(uint256 got, uint256 max);
    /// @notice The statement has a value for something that the claim says nothing about.
    /// @param field Position of the field in `Statement`.
    error NotInTheClaim(bytes32 claimId, uint256 field);
    /// @notice The statement has more or fewer extra words than the claim.
    error ExtraWords(bytes32 claimId, uint256 expected, uint256 got);
    /// @notice The claim has another number of public inputs.
    error InputCount(uint256 expected, uint256 got);
    /// @notice The statement is not one that can never be true.
    error NotImpossible(bytes32 claimId);
    /// @notice Reasons of the owner are `Retired` and `Broken`.
    error BadReason(Reason reason);
    /// @notice Doubt reaches back a limited time, never forward, and only for what has ended.
    error BadDoubt(bytes32 id, uint64 since, uint64 earliest);
    /// @notice The list has no such entry.
    error NoSuchEntry(uint256 index, uint256 count);

    /// @notice How long an addition, a review and an end wait after their proposal, in seconds.
    function ADDITION_DELAY() external view returns (uint256);

    /// @notice Whether one account may be owner and guardian.
    function SAME_GUARDIAN_ALLOWED() external view returns (bool);

    /// @notice The account that may pause claims and cancel proposals.
    function guardian() external view returns (address);

    /// @notice When a proposal can be carried out; zero when there is none. Thirty days later it is void, and stays here until
    /// it is cancelled or made again.
    /// @param proposal Identifies the proposal.
    function readyAt(bytes32 proposal) external view returns (uint256);

    /// @notice Proposes a claim.
    /// @param description What the claim is.
    /// @param verifier Contract that checks its proofs, deployed already: its code is part of the proposal.
    /// @return proposal Identifies the proposal.
    function proposeClaim(ClaimDescription calldata description, address verifier) external returns (bytes32 proposal);

    /// @notice Adds a proposed claim; without a delay no proposal is needed.
    /// @param description What the claim is.
    /// @param verifier Contract that checks its proofs.
    /// @return claimId Hash of the description.
    function addClaim(ClaimDescription calldata description, address verifier) external returns (bytes32 claimId);

    /// @notice Adds a verifying key, unreviewed: anyone.
    /// @dev The key's header names its claim, so a key cannot be added to another. The verifier is asked for its constraint
    /// system, which the key has to be of. That keeps mistakes out, not malice: see `KeyNotReviewed`.
    /// @param vk Data contract whose runtime code is the key.
    /// @return vkHash The hash by which users name the key.
    function addKey(address vk) external returns (bytes32 vkHash);

    /// @notice Proposes to vouch for a verifying key that was added.
    /// @param vkHash The key.
    /// @return proposal Identifies the proposal.
    function proposeReview(bytes32 vkHash) external returns (bytes32 proposal);

    /// @notice Vouches for a verifying key, as proposed; without a delay no proposal is needed. Records made under it before count
    /// as those after: the key was the same.
    /// @param vkHash The key.
    function reviewKey(bytes32 vkHash) external;

    /// @notice Proposes another guardian.
    /// @param newGuardian Guardian to be.
    /// @return proposal Identifies the proposal.
    function proposeGuardian(address newGuardian) external returns (bytes32 proposal);

    /// @notice Changes the guardian, as proposed.
    /// @param newGuardian Guardian to be.
    function setGuardian(address newGuardian) external;

    /// @notice Proposes to end a claim.
    /// @param claimId The claim.
    /// @param reason `Retired` or `Broken`.
    /// @return proposal Identifies the proposal.
    function proposeStop(bytes32 claimId, Reason reason) external returns (bytes32 proposal);

    /// @notice Ends a claim, for good, as proposed; without a delay no proposal is needed. Its records keep a standing of their
    /// own.
    /// @param claimId The claim.
    /// @param reason `Retired` or `Broken`.
    function stopClaim(bytes32 claimId, Reason reason) external;

    /// @notice Ends a verifying key, for good: the owner, at once, since nothing that was refused becomes accepted. Its records
    /// keep a standing of their own.
    /// @param vkHash The key.
    /// @param reason `Retired` or `Broken`.
    function removeKey(bytes32 vkHash, Reason reason) external;

    /// @notice Proposes to say since when records of an ended claim or key are in doubt.
    /// @param id A claim's id or a key's hash.
    /// @param since Not later than it is now, and at most thirty days before the end.
    /// @return proposal Identifies the proposal.
    function proposeDoubt(bytes32 id, uint64 since) external returns (bytes32 proposal);

    /// @notice Says since when records of an ended claim or key are in doubt, as proposed.
    /// @param id A claim's id or a key's hash.
    /// @param since Not later than it is now, and at most thirty days before the end.
    function castDoubt(bytes32 id, uint64 since) external;

    /// @notice Withdraws a proposal: the owner any, the guardian any but its own replacement.
    /// @param proposal Identifies the proposal.
    function cancel(bytes32 proposal) external;

    /// @notice Pauses a claim: guardian or owner. New proofs are refused for fourteen days, records stay what they are. It ends by
    /// itself, and cannot be repeated for as long again.
    /// @param claimId The claim.
    function pause(bytes32 claimId) external;

    /// @notice Ends a pause early: guardian or owner.
    /// @param claimId The claim.
    function unpause(bytes32 claimId) external;

    /// @notice Ends a verifying key, for good, upon a proof of a statement that can never be true: anyone. Such a proof shows that
    /// circuit, verifier or setup is broken. The second one under a reviewed key, and of another setup than the first, ends the
    /// claim: no single setup's secret can do that.
    /// @param vkHash The key under which the proof holds.
    /// @param publicInputs The impossible statement.
    /// @param proof The proof of it.
    function stopWithProof(bytes32 vkHash, uint256[] calldata publicInputs, bytes calldata proof) external;

    /// @notice Returns when a proof shows a statement, and reverts otherwise.
    /// @dev The public inputs are made from the statement by the claim's description, so that a caller can forget none: those
    /// that the circuit leaves free are fixed, the tolerance is bounded, and every commitment is recomputed from the proof. The
    /// caller has to make `context` from whom the proof is for: see `IContentRegistry.contextOf`.
    /// @param vkHash The verifying key.
    /// @param statement What is to be shown.
    /// @param context The public input that binds the proof.
    /// @param acceptUnreviewed Whether a key will do that may prove nothing.
    /// @param proof The proof.
    /// @return claimId The claim of the key.
    /// @return keyIndex Position of the key in the order of addition.
    /// @return reviewed Whether the owner vouches for the key.
    function verify(
        bytes32 vkHash,
        Statement calldata statement,
        uint256 context,
        bool acceptUnreviewed,
        bytes calldata proof
    ) external view returns (bytes32 claimId, uint256 keyIndex, bool reviewed);

    /// @notice The public inputs of a statement under a claim.
    /// @param claimId The claim.
    /// @param statement The statement.
    /// @param context The public input that binds a proof.
    function publicInputsOf(bytes32 claimId, Statement calldata statement, uint256 context)
        external
        view
        returns (uint256[] memory);

    /// @notice Whether proofs under a key are checked now: added, not ended, not paused, and no code changed. Says nothing about
    /// a review.
    /// @param vkHash The key.
    function answers(bytes32 vkHash) external view returns (bool);

    /// @notice What a record under a key is worth; reverts where the key was never added.
    /// @param vkHash The key.
    function standingOf(bytes32 vkHash) external view returns (Standing memory);

    /// @notice A claim; reverts where it was never added.
    /// @param claimId Hash of its description.
    function claimOf(bytes32 claimId) external view returns (Claim memory);

    /// @notice How many claims were ever added.
    function claimCount() external view returns (uint256);

    /// @notice The claim at a position, in the order of addition.
    /// @param index Position, from 0.
    function claimAt(uint256 index) external view returns (Claim memory);

    /// @notice A verifying key; reverts where it was never added.
    /// @param vkHash The key.
    function keyOf(bytes32 vkHash) external view returns (Key memory);

    /// @notice How many verifying keys were ever added, by anyone.
    function keyCount() external view returns (uint256);

    /// @notice The verifying key at a position, in the order of addition.
    /// @param index Position, from 0.
    function keyAt(uint256 index) external view returns (Key memory);

    /// @notice The hash of the verifying key at a position.
    /// @param index Position, from 0.
    function vkHashAt(uint256 index) external view returns (bytes32);
}
