// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

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
