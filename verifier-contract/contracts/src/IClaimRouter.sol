// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Which verifier and which verifying keys stand for a claim
/// @notice A claim is a statement, proved by one circuit and checked by one verifier, for all time: a repaired circuit is
/// another claim. A verifying key fits a claim to a size of picture, a model's architecture and a trusted setup.
/// `verify` returns what a valid proof is about and reverts otherwise.
/// @dev What a caller must believe: the owner, for the verifiers and keys it adds, and that somebody objects during the
/// delay that an addition waits for; nothing else. The guardian can stop and cancel, never add. Removed and stopped are
/// for good: no id, no key is ever answered for again.
interface IClaimRouter {
    /// @notice What a claim's proofs state.
    enum Statement {
        /// No statement: there is no such claim.
        None,
        /// The picture has a fingerprint near the public one.
        Fingerprint,
        /// The picture is the output of the model for the prompt.
        Generation,
        /// Both.
        Authenticity,
        /// The picture has a fingerprint near a committed one, which is not shown.
        CommittedFingerprint
    }

    /// @notice Whether a claim or a key is answered for.
    enum State {
        /// Never added.
        Unknown,
        /// Proofs are checked.
        Active,
        /// Stopped in an emergency, for good.
        Stopped,
        /// Removed by the owner, for good.
        Removed
    }

    /// @notice A claim to begin with.
    /// @param claimId Names the claim.
    /// @param statement What its proofs state.
    /// @param verifier Contract that checks them.
    /// @param keys Data contracts of its verifying keys.
    struct ClaimInput {
        bytes32 claimId;
        Statement statement;
        address verifier;
        address[] keys;
    }

    /// @notice A claim.
    /// @param claimId Names the claim.
    /// @param statement What its proofs state.
    /// @param state Whether it is answered for.
    /// @param verifier Contract that checks its proofs.
    /// @param verifierCodeHash Hash of the verifier's code when it was added.
    struct Claim {
        bytes32 claimId;
        Statement statement;
        State state;
        address verifier;
        bytes32 verifierCodeHash;
    }

    /// @notice A verifying key and what it says about itself.
    /// @param vkHash Keccak-256 of the key's runtime code.
    /// @param claimId The claim it is for.
    /// @param statement What the claim's proofs state.
    /// @param state The claim's state, unless the key itself was removed. `answers` also asks whether the code is what it was.
    /// @param verifier Contract that checks the proofs.
    /// @param vk Data contract whose runtime code is the key.
    /// @param index Position in the order of addition.
    /// @param unsafeDevelopment True when someone knows the secret of the setup and can forge every proof.
    /// @param srsId Identifies the structured reference string.
    /// @param k The circuit has `2^k` rows.
    /// @param width Width of the picture in pixels.
    /// @param height Height of the picture in pixels.
    /// @param architecture Names the architecture of the model; zero for a claim without a model.
    struct Key {
        bytes32 vkHash;
        bytes32 claimId;
        Statement statement;
        State state;
        address verifier;
        address vk;
        uint256 index;
        bool unsafeDevelopment;
        bytes32 srsId;
        uint256 k;
        uint256 width;
        uint256 height;
        bytes32 architecture;
    }

    /// @notice What a valid proof is about.
    /// @param claimId The claim.
    /// @param statement What its proofs state.
    /// @param keyIndex Position of the key in the order of addition.
    /// @param imageCommitment Commitment to the hidden picture.
    /// @param modelHash The model; zero for a claim without one.
    /// @param promptCommitment Commitment to the model's hidden input; zero for a claim without a model.
    /// @param architecture Names the architecture of the model; zero for a claim without one.
    /// @param fingerprintCommitment Salted hash of the fingerprint; zero for a claim that shows it or has none.
    struct Facts {
        bytes32 claimId;
        Statement statement;
        uint256 keyIndex;
        bytes32 imageCommitment;
        bytes32 modelHash;
        bytes32 promptCommitment;
        bytes32 architecture;
        bytes32 fingerprintCommitment;
    }

    /// @notice An addition was proposed; it can be made from `readyAt` on.
    /// @param proposal Identifies the proposal.
    /// @param claimId The claim that is added or gets a key; zero for a change of guardian.
    /// @param subject The verifier, the key or the guardian to be.
    /// @param readyAt Earliest time of the addition.
    event Proposed(bytes32 indexed proposal, bytes32 indexed claimId, address indexed subject, uint256 readyAt);
    /// @notice A proposal was withdrawn.
    event Cancelled(bytes32 indexed proposal);
    /// @notice A claim was added.
    event ClaimAdded(bytes32 indexed claimId, Statement indexed statement, address indexed verifier, bytes32 codeHash);
    /// @notice A verifying key was added.
    event KeyAdded(bytes32 indexed vkHash, bytes32 indexed claimId, address indexed vk);
    /// @notice A claim was removed, for good.
    event ClaimRemoved(bytes32 indexed claimId);
    /// @notice A verifying key was removed, for good.
    event KeyRemoved(bytes32 indexed vkHash, bytes32 indexed claimId);
    /// @notice A claim was stopped, for good.
    /// @param claimId The claim.
    /// @param by Who stopped it.
    /// @param vkHash The key under which an impossible statement was proved; zero if guardian or owner stopped it.
    event ClaimStopped(bytes32 indexed claimId, address indexed by, bytes32 indexed vkHash);
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
    /// @notice The claim's id is or was in use: an id has at most one implementation, ever.
    error ClaimIdTaken(bytes32 claimId);
    /// @notice There is no claim of this id, or it states nothing.
    error UnknownClaim(bytes32 claimId);
    /// @notice The claim is not answered for any more.
    error ClaimInactive(bytes32 claimId, State state);
    /// @notice The router has as many keys as records can name.
    error TooManyKeys();
    /// @notice The verifying key is or was in use: it is never added twice.
    error KeyTaken(bytes32 vkHash);
    /// @notice No verifying key of this hash was added.
    error UnknownVerifyingKey(bytes32 vkHash);
    /// @notice The verifying key was removed.
    error KeyIsRemoved(bytes32 vkHash);
    /// @notice There is no code at an address that is to be added.
    error NoCode(address account);
    /// @notice The code does not begin with STOP and the format's magic word, or has flags that are not known.
    error NotAVerifyingKey(address vk);
    /// @notice The verifier does not answer that it checks proofs of the verifying key's constraint system.
    error VerifierMismatch(address verifier, address vk);
    /// @notice A key of a claim about a model names an architecture, a key of another claim does not.
    error ArchitectureMismatch(Statement statement, bytes32 architecture);
    /// @notice The verifying key is of a setup whose secret is known, and this chain is not a development chain.
    error UnsafeDevelopmentKey(bytes32 vkHash, uint256 chainId);
    /// @notice The code of a contract is not what it was when it was added.
    error CodeChanged(address account, bytes32 expected, bytes32 got);
    /// @notice The proof is too short to hold the points that the claim's proofs begin with.
    error ProofTooShort(uint256 got, uint256 min);
    /// @notice The statement is not one of those that can never be true.
    error NotImpossible(Statement statement);
    /// @notice The list has no such entry.
    error NoSuchEntry(uint256 index, uint256 count);

    /// @notice How long an addition waits after its proposal, in seconds.
    function ADDITION_DELAY() external view returns (uint256);

    /// @notice The account that may stop claims and cancel proposals.
    function guardian() external view returns (address);

    /// @notice When a proposal can be carried out; zero when there is none. Thirty days later it is void, and stays here until
    /// it is cancelled or made again.
    /// @param proposal Identifies the proposal.
    function readyAt(bytes32 proposal) external view returns (uint256);

    /// @notice Proposes a claim.
    /// @param claimId Names the claim.
    /// @param statement What its proofs state.
    /// @param verifier Contract that checks them, deployed already: its code is part of the proposal.
    /// @return proposal Identifies the proposal.
    function proposeClaim(bytes32 claimId, Statement statement, address verifier) external returns (bytes32 proposal);

    /// @notice Adds a proposed claim; without a delay no proposal is needed.
    /// @param claimId Names the claim.
    /// @param statement What its proofs state.
    /// @param verifier Contract that checks them.
    function addClaim(bytes32 claimId, Statement statement, address verifier) external;

    /// @notice Proposes a verifying key.
    /// @param claimId The claim it is for.
    /// @param vk Data contract, deployed already: its code is part of the proposal.
    /// @return proposal Identifies the proposal.
    function proposeKey(bytes32 claimId, address vk) external returns (bytes32 proposal);

    /// @notice Adds a proposed verifying key; without a delay no proposal is needed.
    /// @dev The verifier is asked for its constraint system, which the key has to be of. That keeps mistakes out, not
    /// malice: what else the verifier does, the owner vouches for.
    /// @param claimId The claim it is for.
    /// @param vk Data contract whose runtime code is the key.
    /// @return vkHash The hash by which users name the key.
    function addKey(bytes32 claimId, address vk) external returns (bytes32 vkHash);

    /// @notice Proposes another guardian.
    /// @param newGuardian Guardian to be.
    /// @return proposal Identifies the proposal.
    function proposeGuardian(address newGuardian) external returns (bytes32 proposal);

    /// @notice Changes the guardian, as proposed.
    /// @param newGuardian Guardian to be.
    function setGuardian(address newGuardian) external;

    /// @notice Withdraws a proposal: the owner any, the guardian any but its own replacement.
    /// @param proposal Identifies the proposal.
    function cancel(bytes32 proposal) external;

    /// @notice Removes a claim, for good; at once, since nothing that was refused becomes accepted.
    /// @param claimId The claim.
    function removeClaim(bytes32 claimId) external;

    /// @notice Removes a verifying key, for good.
    /// @param vkHash The key.
    function removeKey(bytes32 vkHash) external;

    /// @notice Stops a claim, for good: guardian or owner.
    /// @param claimId The claim.
    function stop(bytes32 claimId) external;

    /// @notice Stops a claim, for good, upon a proof of a statement that can never be true: anyone. Such a proof shows that
    /// circuit, verifier or setup is broken. Impossible are a tolerance above 511 (public input 2) where a fingerprint is
    /// claimed, and a public input 0 other than zero where only a generation is.
    /// @param vkHash The key under which the proof holds.
    /// @param publicInputs The impossible statement.
    /// @param proof The proof of it.
    function stopWithProof(bytes32 vkHash, uint256[4] calldata publicInputs, bytes calldata proof) external;

    /// @notice Checks a proof; returns what it is about, or reverts.
    /// @dev Where only a generation is claimed, public inputs 1 and 2 mean nothing and the circuit leaves them free:
    /// whoever shows them to anyone has to require that they are zero. Where a committed fingerprint is claimed, public inputs
    /// 0 and 1 are free: whoever shows them has to require that they are the halves of `fingerprintCommitment`.
    /// @param vkHash The verifying key.
    /// @param publicInputs The public inputs.
    /// @param proof The proof.
    function verify(bytes32 vkHash, uint256[4] calldata publicInputs, bytes calldata proof)
        external
        view
        returns (Facts memory facts);

    /// @notice Whether proofs under a key are checked: added, not removed, not stopped, and no code changed.
    /// @param vkHash The key.
    function answers(bytes32 vkHash) external view returns (bool);

    /// @notice A claim; `state` is Unknown where there is none.
    /// @param claimId Names the claim.
    function claimOf(bytes32 claimId) external view returns (Claim memory);

    /// @notice How many claims were ever added.
    function claimCount() external view returns (uint256);

    /// @notice The claim at a position, in the order of addition.
    /// @param index Position, from 0.
    function claimAt(uint256 index) external view returns (Claim memory);

    /// @notice A verifying key; reverts where it was never added.
    /// @param vkHash The key.
    function keyOf(bytes32 vkHash) external view returns (Key memory);

    /// @notice How many verifying keys were ever added.
    function keyCount() external view returns (uint256);

    /// @notice The verifying key at a position, in the order of addition.
    /// @param index Position, from 0.
    function keyAt(uint256 index) external view returns (Key memory);

    /// @notice The hash of the verifying key at a position.
    /// @param index Position, from 0.
    function vkHashAt(uint256 index) external view returns (bytes32);
}
