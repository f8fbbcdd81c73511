// SPDX-License-Identifier: MIT OR Apache-2.0
// The interfaces of `contracts/src`, one after the other. Do not edit: `cargo xtask contracts` makes this file.

// The words that the contracts share: what a claim is, what a proof states, what a record holds.

/// @notice What a commitment at the start of a claim's proofs is about.
enum Role {
    /// Not a role.
    None,
    /// The picture that the statement is about.
    Picture,
    /// The picture that it was made from.
    Source,
    /// The hidden input of the model.
    Prompt,
    /// The weights of the model.
    Model,
    /// A fingerprint that is not shown.
    Fingerprint,
    /// Anything else: its digest is one of the statement's `extra` words.
    Other
}

/// @notice What a public input of a claim is.
enum Meaning {
    /// Not a meaning.
    None,
    /// The circuit does not read it, or requires zero: it is zero.
    Zero,
    /// The low 128 bits of the statement's `fingerprint`.
    FingerprintLow,
    /// The high 128 bits of the statement's `fingerprint`.
    FingerprintHigh,
    /// The statement's `tolerance`.
    Tolerance,
    /// What binds the proof to a chain, a contract and a registrant.
    Context,
    /// Width of the picture in pixels: the next `extra` word.
    Width,
    /// Height of the picture in pixels: the next `extra` word.
    Height,
    /// Width of the source in pixels: the next `extra` word.
    SourceWidth,
    /// Height of the source in pixels: the next `extra` word.
    SourceHeight,
    /// Anything else: the next `extra` word.
    Other
}

/// @notice A commitment at the start of a claim's proofs. Its digest is Keccak-256 of `domain`, the words and the points, each
/// of 32 or 64 bytes.
/// @param domain Separates digests of different kinds.
/// @param role What it is about. Each role occurs once at most, but for `Other`.
/// @param points How many points it takes.
/// @param words Which words enter the digest, one byte each: below 0x80 the position of a word in the key's header, from
/// 0x80 on a public input's position plus 0x80.
struct Segment {
    bytes32 domain;
    Role role;
    uint8 points;
    bytes words;
}

/// @notice Describes a claim. The claim's id is `keccak256(abi.encode(description))`, so an id has one meaning on every chain.
/// @param name Names the circuit and its version: a repaired circuit has another name, and is another claim.
/// @param segments The commitments that its proofs begin with, in order, with no gap between their points.
/// @param inputs What each public input is; exactly one is the context.
/// @param subjectWords How many words of a key's header say what the key is for.
/// @param architectureWord Position in the key's header of the word that names the model's architecture; zero for a claim without
/// a model.
/// @param maxTolerance Largest tolerance that `verify` accepts; zero for a claim without one.
/// @param impossibleInput Position of the public input by which a statement is impossible; 255 for a claim that has no such
/// statement.
/// @param impossibleAbove A statement is impossible when that input is above this.
struct ClaimDescription {
    string name;
    Segment[] segments;
    Meaning[] inputs;
    uint8 subjectWords;
    uint8 architectureWord;
    uint8 maxTolerance;
    uint8 impossibleInput;
    uint64 impossibleAbove;
}

/// @notice What a proof states. A field that the claim says nothing about is zero.
/// @param imageCommitment Commitment to the picture.
/// @param sourceCommitment Commitment to the picture that it was made from.
/// @param fingerprint Perceptual fingerprint as a big-endian number; its salted hash for a claim that hides it.
/// @param modelHash The model.
/// @param promptCommitment Commitment to the model's hidden input.
/// @param tolerance Largest Hamming distance proved between the picture's fingerprint and `fingerprint`.
/// @param extra What the claim states besides: the public inputs that have no field here, in their order, then the digests of
/// the commitments of role `Other`, in theirs.
struct Statement {
    bytes32 imageCommitment;
    bytes32 sourceCommitment;
    bytes32 fingerprint;
    bytes32 modelHash;
    bytes32 promptCommitment;
    uint8 tolerance;
    bytes32[] extra;
}

/// @notice What a registration says. Its id is `keccak256(abi.encode(record))`.
/// @param vkHash Verifying key of the proof, which fixes the claim.
/// @param registrant Account that registers: the proof is bound to it.
/// @param modelId Registration of the model that the registrant relies on; zero for a claim without a model.
/// @param statement What was proved.
struct Record {
    bytes32 vkHash;
    address registrant;
    uint256 modelId;
    Statement statement;
}

/// @title Checks proofs of one claim
/// @notice One implementation per claim is generated from its circuit. It is stateless and immutable; the verifying
/// key, and with it the parameters of the trusted setup, is data of another contract.
interface IClaimVerifier {
    /// @notice Returns without a value when `proof` proves the claim, and reverts with a typed error otherwise.
    /// @dev Says nothing about where `vk` comes from: the caller must name a verifying key that it trusts. The transcript begins
    /// with the hash of the key's code, so a proof holds under one key only.
    /// @param vk Contract whose runtime code is the verifying key.
    /// @param publicInputs The claim's public inputs; each must be below the order of the scalar field.
    /// @param proof The proof; it begins with the points of the claim's commitments.
    function verify(address vk, uint256[] calldata publicInputs, bytes calldata proof) external view;

    /// @notice The claim whose proofs are checked.
    function claimId() external view returns (bytes32);

    /// @notice The constraint system whose proofs are checked; a verifying key of it carries the same digest.
    /// @dev Code that is no verifier may answer `verify` with a success that means nothing; it does not answer this.
    function constraintSystemDigest() external view returns (bytes32);

    /// @notice How many public inputs a statement has.
    function publicInputCount() external view returns (uint256);
}

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

/// @title Registry of models and of what they were made from
/// @notice A registration says: this owner names this model. It says nothing about who trained it: nobody's registration
/// shuts out another's, and whoever relies on a model relies on the owner of the `modelId` that a record names. So there
/// is nothing to gain by copying somebody's registration out of the mempool.
/// @dev The interfaces of ERC-7992 as merged into ethereum/ERCs on 2026-01-16, a draft (registry and verifier in one contract),
/// with these differences: the draft has an event and an error both named ModelDeprecated, which no compiler accepts, so only the
/// event is kept; a commitment never changes (a new one is a new `modelId`), `updateModel` changes the `uri` only; the draft's
/// `InvalidProof()` is the router's or the verifier's own error, which says more. ERC-165 answers for both interfaces of the
/// draft by the exclusive or of their functions' selectors.
///
/// The key may be one that nobody has reviewed: ask the router (`keyOf`), and see `IContentRegistry.ModelOfAnotherKey`. A `uri`
/// may change, and with it what old records lead to: `ModelUpdated` has every text that there was. Ownership may pass, and who
/// owns a model today need not be who owned it when a record named it: `ModelTransferred` has them all.
///
/// `modelHash` is what every proof of the model recomputes from its weight commitments, `circuitHash` its architecture,
/// `vkHash` the router's verifying key, `proofSystemId` `bytes4(keccak256("halo2-kzg-bn254-v1"))`.
interface IModelRegistry {
    /// @notice A model, as ERC-7992 has it.
    /// @param modelHash Commitment to weights and architecture.
    /// @param circuitHash The architecture, as the verifying key names it.
    /// @param vkHash Verifying key of the circuit that runs the model.
    /// @param proofSystemId Names the proof system.
    /// @param uri Where more is written; may be empty.
    struct ModelCommitment {
        bytes32 modelHash;
        bytes32 circuitHash;
        bytes32 vkHash;
        bytes4 proofSystemId;
        string uri;
    }

    /// @notice A model made from another.
    /// @param childId The model made.
    /// @param updateHash Hash of whatever describes the making: data, parameters, a licence.
    /// @param submitter The child's owner at that time.
    /// @param timestamp Time of the block.
    /// @param byParentOwner True when the parent's owner is the same: otherwise only the child says so.
    struct Update {
        uint256 childId;
        bytes32 updateHash;
        address submitter;
        uint64 timestamp;
        bool byParentOwner;
    }

    /// @notice A model was registered.
    event ModelRegistered(uint256 indexed modelId, address indexed owner, ModelCommitment commitment);
    /// @notice Beside the draft's event: a model by its hash.
    event ModelNamed(bytes32 indexed modelHash, bytes32 indexed circuitHash, uint256 indexed modelId);
    /// @notice A model's `uri` changed.
    event ModelUpdated(uint256 indexed modelId, ModelCommitment oldCommitment, ModelCommitment newCommitment);
    /// @notice A model was deprecated by its owner, for good.
    event ModelDeprecated(uint256 indexed modelId);
    /// @notice A transfer of a model awaits the new owner's acceptance; zero withdraws it.
    event ModelOffered(uint256 indexed modelId, address indexed owner, address indexed pendingOwner);
    /// @notice A model has another owner.
    event ModelTransferred(uint256 indexed modelId, address indexed previous, address indexed owner);
    /// @notice A model was declared to be made from another.
    event UpdateSubmitted(
        uint256 indexed parentId, uint256 indexed childId, bytes32 indexed updateHash, bool byParentOwner
    );
    /// @notice A proof of an inference was checked.
    event InferenceVerified(
        uint256 indexed modelId, bytes32 indexed inputCommitment, bytes output, address indexed caller
    );

    /// @notice There is no such model.
    error ModelNotFound(uint256 modelId);
    /// @notice Only the model's owner may do this.
    error NotModelOwner(uint256 modelId, address caller);
    /// @notice Only the account to which the model was offered may accept it.
    error NotPendingModelOwner(uint256 modelId, address caller);
    /// @notice This account has registered this model with this verifying key before.
    error ModelAlreadyRegistered(uint256 modelId);
    /// @notice The model is deprecated already.
    error ModelIsDeprecated(uint256 modelId);
    /// @notice A hash is zero.
    error EmptyCommitment();
    /// @notice A model's commitment never changes: register another.
    error CommitmentImmutable(uint256 modelId);
    /// @notice There is no code at the address of the router that this registry is to work with.
    error NotAContract(address account);
    /// @notice The verifying key is not answered for, or is of a claim without a model.
    error NotAModelKey(bytes32 vkHash);
    /// @notice The architecture is not the verifying key's.
    error CircuitMismatch(bytes32 expected, bytes32 got);
    /// @notice The proof system is not this registry's.
    error UnsupportedProofSystem(bytes4 proofSystemId);
    /// @notice The proof is of another model.
    error ModelMismatch();
    /// @notice The proof is of another input.
    error InputCommitmentMismatch();
    /// @notice The output is not encoded as it has to be, or the proof is of another output.
    error OutputMismatch();
    /// @notice The model is deprecated: its inferences are not verified any more.
    error VerificationRefused_ModelDeprecated(uint256 modelId);
    /// @notice The model has a parent already, or the parent was registered after it.
    error NotAParent(uint256 parentId, uint256 childId);
    /// @notice There is no more room for models.
    error RegistryFull();

    /// @notice Registers a model for the caller.
    /// @param commitment The model.
    /// @return modelId Identifies the registration: 1, 2, 3 …
    function registerModel(ModelCommitment calldata commitment) external returns (uint256 modelId);

    /// @notice Changes a model's `uri`; everything else has to be what it was.
    /// @param modelId Identifies the registration.
    /// @param newCommitment The model with another `uri`.
    function updateModel(uint256 modelId, ModelCommitment calldata newCommitment) external;

    /// @notice Deprecates a model, for good: no content is registered with it, no inference verified, any more. What was
    /// registered stays.
    /// @param modelId Identifies the registration.
    function deprecateModel(uint256 modelId) external;

    /// @notice A model, whether it is deprecated, and its owner.
    /// @param modelId Identifies the registration.
    function getModel(uint256 modelId)
        external
        view
        returns (ModelCommitment memory commitment, bool deprecated, address owner);

    /// @notice How many models are registered; their ids are 1 to this.
    function modelCount() external view returns (uint256);

    /// @notice The registration of a model by an account; zero where there is none.
    /// @param modelHash The model.
    /// @param vkHash The verifying key.
    /// @param registrant Who registered it, whoever owns it now.
    function modelIdOf(bytes32 modelHash, bytes32 vkHash, address registrant) external view returns (uint256);

    /// @notice A page of the registrations of a model, oldest first.
    /// @param modelHash The model.
    /// @param offset How many to skip.
    /// @param limit Most to return.
    function modelsByHash(bytes32 modelHash, uint256 offset, uint256 limit)
        external
        view
        returns (uint256[] memory modelIds);

    /// @notice The verifying key that a model was registered with.
    /// @param modelId Identifies the registration.
    function vkHashOf(uint256 modelId) external view returns (bytes32);

    /// @notice Reverts unless content may be registered with a model now: registered, of this hash, not deprecated.
    /// @param modelId Identifies the registration.
    /// @param modelHash What a proof says.
    function requireUsable(uint256 modelId, bytes32 modelHash) external view;

    /// @notice Offers a model to another owner, who has to accept it; zero withdraws an offer. In two steps, so that no
    /// model is lost to a mistyped address and nobody comes to own what they did not ask for.
    /// @param modelId Identifies the registration.
    /// @param newOwner Owner to be.
    function transferModel(uint256 modelId, address newOwner) external;

    /// @notice Accepts a model offered to the caller.
    /// @param modelId Identifies the registration.
    function acceptModel(uint256 modelId) external;

    /// @notice The account to which a model is offered; zero when none is.
    /// @param modelId Identifies the registration.
    function pendingOwnerOf(uint256 modelId) external view returns (address);

    /// @notice Declares that the caller's model was made from another. Once, and only from an older registration, so that
    /// lineage has no circles.
    /// @param parentId The model it was made from.
    /// @param childId The caller's model.
    /// @param updateHash Hash of whatever describes the making.
    function submitUpdate(uint256 parentId, uint256 childId, bytes32 updateHash) external;

    /// @notice A page of what was made from a model, oldest first.
    /// @param parentId The model.
    /// @param offset How many to skip.
    /// @param limit Most to return.
    function getUpdates(uint256 parentId, uint256 offset, uint256 limit) external view returns (Update[] memory);

    /// @notice What a model was made from; zero where it says nothing.
    /// @param childId The model.
    function parentOf(uint256 childId) external view returns (uint256 parentId);

    /// @notice Checks a proof of an inference and says so in an event; reverts unless it holds.
    /// @dev Nothing is written, and anyone may show anyone's proof again: `output` says whom it is bound to.
    /// @param modelId Identifies the registration.
    /// @param inputCommitment The prompt commitment.
    /// @param output `abi.encode(address registry, address registrant, Statement statement)`: what the proof is bound to, and what
    /// it shows.
    /// @param proof The proof.
    function verifyInference(uint256 modelId, bytes32 inputCommitment, bytes calldata output, bytes calldata proof)
        external;

    /// @notice The proof system of a model.
    /// @param modelId Identifies the registration.
    function proofSystemOf(uint256 modelId) external view returns (bytes4);

    /// @notice Where the models are registered: here.
    function registry() external view returns (address);

    /// @notice The router that checks proofs.
    function router() external view returns (address);

    /// @notice ERC-165.
    /// @param interfaceId The interface asked for.
    function supportsInterface(bytes4 interfaceId) external view returns (bool);
}

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

/// @title Tokens of generated pictures whose provenance was proved
/// @notice A token says: its creator proved that the picture under this commitment is an output of this model. It says
/// nothing about rights in the picture.
/// @dev ERC-721 with ERC-7007, whose `verify` runs the real verifier, ERC-2981, ERC-4906 and ERC-7572. For both functions of
/// ERC-7007, `prompt` is the 32 bytes of the prompt commitment (the prompt itself stays hidden) and `aigcData` is
/// `abi.encode(Record record)`, the record that the content registry takes, whose registrant is the creator. Only the creator
/// mints, and the proof is bound to the creator by the context of the content registry: a copied proof mints nothing, and the
/// proof that registers is the proof that mints. Keys that nobody has reviewed mint nothing: they could prove another's picture.
///
/// One content has one token at a time. While the verifying key of a content's token is answered for, nobody mints another of
/// it. Once the key or its claim has ended, its creator may prove the content anew, which renews the token, whoever owns it now;
/// and anyone else who can prove it under a key in force gets a token of their own: a forged token shuts nobody out. The older
/// token stays its owner's, and its metadata names the newer.
interface IAuthenticityToken {
    /// @notice What a mint says.
    /// @param prompt As for `verify`.
    /// @param aigcData As for `verify`.
    /// @param proof As for `verify`.
    /// @param uri Where the picture is published; may be empty. Printable ASCII without blanks, as URIs are; of any scheme, so
    /// whoever shows a token treats it as a stranger's.
    /// @param royaltyBps The creator's part of a sale (ERC-2981), in hundredths of a percent; not read when a token is renewed.
    struct Mint {
        bytes prompt;
        bytes aigcData;
        bytes proof;
        string uri;
        uint96 royaltyBps;
    }

    /// @notice What a token says.
    /// @param imageCommitment Commitment to the picture.
    /// @param vkHash Verifying key of the proof.
    /// @param modelHash The model.
    /// @param promptCommitment Commitment to the model's hidden input.
    /// @param fingerprint Perceptual fingerprint; zero for a claim without one.
    /// @param creator Who proved and minted.
    /// @param createdAt Time of the block, in seconds since 1970.
    /// @param tolerance Largest Hamming distance proved between the picture's fingerprint and `fingerprint`.
    /// @param shownActive What the metadata said of the verifier at the last `MetadataUpdate`.
    /// @param modelId Registration of the model.
    /// @param replacedBy The content's newer token; zero while there is none.
    /// @param uri Where the picture is published, so says the creator; may be empty.
    struct Content {
        bytes32 imageCommitment;
        bytes32 vkHash;
        bytes32 modelHash;
        bytes32 promptCommitment;
        bytes32 fingerprint;
        address creator;
        uint40 createdAt;
        uint8 tolerance;
        bool shownActive;
        uint32 modelId;
        uint256 replacedBy;
        string uri;
    }

    /// @notice A token was minted, or renewed under another key.
    /// @param imageCommitment Commitment to the picture.
    /// @param modelHash The model.
    /// @param creator Who proved it.
    /// @param tokenId The token.
    /// @param vkHash Verifying key of the proof.
    /// @param recordId The id that the same record has in the content registry, whether it is registered or not.
    event ContentMinted(
        bytes32 indexed imageCommitment,
        bytes32 indexed modelHash,
        address indexed creator,
        uint256 tokenId,
        bytes32 vkHash,
        bytes32 recordId
    );
    /// @notice Beside `AigcData`, which has only the hash of it: what was proved besides.
    event ContentProved(
        uint256 indexed tokenId, bytes32 indexed vkHash, bytes32 fingerprint, uint8 tolerance, uint256 modelId
    );
    /// @notice ERC-4906: the metadata of a token changed.
    event MetadataUpdate(uint256 _tokenId);
    /// @notice ERC-4906: the metadata of a range of tokens changed. Never emitted here.
    event BatchMetadataUpdate(uint256 _fromTokenId, uint256 _toTokenId);

    /// @notice The content registry, at deployment, works with another router or registry of models.
    error OtherDeployment(address expected, address got);
    /// @notice `aigcData` is not encoded as it has to be.
    error MalformedAigcData();
    /// @notice The prompt is not the commitment that the proof is about.
    error PromptMismatch();
    /// @notice The statement is not about a picture and a model.
    error NotAGeneratedContent(bytes32 vkHash);
    /// @notice Only the creator that the proof is bound to may do this.
    error NotCreator(address creator, address caller);
    /// @notice The content has a token whose verifying key is in force.
    error AlreadyMinted(uint256 tokenId);
    /// @notice Only the token's owner or whom it approved may do this.
    error NotAuthorized(uint256 tokenId, address caller);
    /// @notice The data is about another token's content.
    error TokenMismatch(bytes32 expected, bytes32 got);
    /// @notice The royalty is above the most there may be.
    error RoyaltyTooHigh(uint96 got, uint96 max);
    /// @notice The URI is empty, too long, or has a character that no URI has.
    error BadUri();
    /// @notice The token names an address already.
    error AlreadyPublished(uint256 tokenId);
    /// @notice What the metadata says of the verifier is what it said.
    error NothingToRefresh(uint256 tokenId);

    /// @notice Mints the token of a content to its creator, the caller; or renews it, if the key of the one it has ended.
    /// @param request What it says.
    /// @return tokenId The token.
    function mint(Mint calldata request) external returns (uint256 tokenId);

    /// @notice Says where the picture of a token is published, once: its creator.
    /// @param tokenId The token.
    /// @param uri As for `mint`.
    function publish(uint256 tokenId, string calldata uri) external;

    /// @notice Emits `MetadataUpdate` where the verifier of a token has ended since the last one, or a code changed: anyone.
    /// @param tokenId The token.
    function refresh(uint256 tokenId) external;

    /// @notice The newest token of a content; zero when there is none.
    /// @param imageCommitment Commitment to the picture.
    function tokenOf(bytes32 imageCommitment) external view returns (uint256);

    /// @notice The id that a token minted under a key would get: `uint256(keccak256(abi.encode(imageCommitment, vkHash)))`.
    /// @param imageCommitment Commitment to the picture.
    /// @param vkHash Verifying key of the proof.
    function tokenIdOf(bytes32 imageCommitment, bytes32 vkHash) external pure returns (uint256);

    /// @notice What a token says.
    /// @param tokenId The token.
    function contentOf(uint256 tokenId) external view returns (Content memory);

    /// @notice ERC-7572: what the collection is, as a `data:` URI of JSON.
    function contractURI() external view returns (string memory);

    /// @notice The router that checks proofs.
    function router() external view returns (address);

    /// @notice The registry of models.
    function models() external view returns (address);

    /// @notice The content registry whose context proofs carry.
    function registry() external view returns (address);
}

/// @title ERC-7007 (Final): verifiable AI-generated content tokens
/// @dev The ERC-165 identifier is 0x702c55a6.
interface IERC7007 {
    /// @notice Data was added to a token.
    event AigcData(uint256 indexed tokenId, bytes indexed prompt, bytes indexed aigcData, bytes proof);

    /// @notice Adds data to a token.
    /// @param tokenId The token.
    /// @param prompt The prompt, or its commitment.
    /// @param aigcData What was generated, or its commitment.
    /// @param proof Shows that the one comes of the other.
    function addAigcData(uint256 tokenId, bytes calldata prompt, bytes calldata aigcData, bytes calldata proof) external;

    /// @notice Whether a proof holds.
    /// @param prompt The prompt, or its commitment.
    /// @param aigcData What was generated, or its commitment.
    /// @param proof Shows that the one comes of the other.
    /// @return success Whether it does.
    function verify(bytes calldata prompt, bytes calldata aigcData, bytes calldata proof)
        external
        view
        returns (bool success);
}

interface IERC721 {
    function ownerOf(uint256 tokenId) external view returns (address owner);
    function tokenURI(uint256 tokenId) external view returns (string memory uri);
    function safeTransferFrom(address from, address to, uint256 tokenId) external;
    function supportsInterface(bytes4 interfaceId) external view returns (bool supported);
}

interface IVerifier {
    error CalldataLength(uint256 expected, uint256 got);
    error CalldataNotCanonical();
    error DegenerateChallenge();
    error PointNotOnCurve(uint256 index);
    error PrecompileFailed();
    error ProofInvalid();
    error PublicInputNotCanonical(uint256 index);
    error ScalarNotCanonical(uint256 index);
    error UnknownFunction();
    error VerifyingKeyMismatch();
}

interface IInherited {
    error ERC2981InvalidDefaultRoyalty(uint256 numerator, uint256 denominator);
    error ERC2981InvalidDefaultRoyaltyReceiver(address receiver);
    error ERC2981InvalidTokenRoyalty(uint256 tokenId, uint256 numerator, uint256 denominator);
    error ERC2981InvalidTokenRoyaltyReceiver(uint256 tokenId, address receiver);
    error ERC721IncorrectOwner(address sender, uint256 tokenId, address owner);
    error ERC721InsufficientApproval(address operator, uint256 tokenId);
    error ERC721InvalidApprover(address approver);
    error ERC721InvalidOperator(address operator);
    error ERC721InvalidOwner(address owner);
    error ERC721InvalidReceiver(address receiver);
    error ERC721InvalidSender(address sender);
    error ERC721NonexistentToken(uint256 tokenId);
    error InvalidShortString();
    error OwnableInvalidOwner(address owner);
    error OwnableUnauthorizedAccount(address account);
    error StringTooLong(string str);
    error StringsInsufficientHexLength(uint256 value, uint256 length);
}
