// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Tokens of generated pictures whose provenance was proved
/// @notice A token says: its creator proved that the picture under this commitment is an output of this model. It says
/// nothing about rights in the picture.
/// @dev ERC-721 with ERC-7007, whose `verify` runs the real verifier, and ERC-2981. For both functions of ERC-7007,
/// `prompt` is the 32 bytes of the prompt commitment (the prompt itself stays hidden) and `aigcData` is
/// `abi.encode(bytes32 vkHash, bytes32 imageCommitment, bytes32 modelHash, bytes32 fingerprint, uint8 tolerance,
/// address creator)`, fingerprint and tolerance zero for the generation claim. The token's id is the commitment, so that
/// a content mints once, whoever owns it later. Only the creator mints, and the proof is bound to the creator by the
/// context of the content registry: a copied proof mints nothing, and the proof that registers is the proof that mints.
interface IAuthenticityToken {
    /// @notice What a mint says.
    /// @param prompt As for `verify`.
    /// @param aigcData As for `verify`.
    /// @param proof As for `verify`.
    /// @param modelId Registration of the model, which must be the proof's and not deprecated.
    /// @param uri Where the picture is published; may be empty. Printable ASCII without blanks, as URIs are; of any scheme, so
    /// whoever shows a token treats it as a stranger's.
    /// @param royaltyBps The creator's part of a sale (ERC-2981), in hundredths of a percent.
    struct Mint {
        bytes prompt;
        bytes aigcData;
        bytes proof;
        uint256 modelId;
        string uri;
        uint96 royaltyBps;
    }

    /// @notice What a token says.
    /// @param vkHash Verifying key of the proof.
    /// @param modelHash The model.
    /// @param promptCommitment Commitment to the model's hidden input.
    /// @param fingerprint Perceptual fingerprint; zero for the generation claim.
    /// @param creator Who proved and minted.
    /// @param createdAt Time of the block, in seconds since 1970.
    /// @param tolerance Largest Hamming distance proved between the picture's fingerprint and `fingerprint`.
    /// @param modelId Registration of the model.
    /// @param uri Where the picture is published, so says the creator; may be empty.
    struct Content {
        bytes32 vkHash;
        bytes32 modelHash;
        bytes32 promptCommitment;
        bytes32 fingerprint;
        address creator;
        uint40 createdAt;
        uint8 tolerance;
        uint32 modelId;
        string uri;
    }

    /// @notice A token was minted.
    event ContentMinted(
        bytes32 indexed imageCommitment, bytes32 indexed modelHash, address indexed creator, uint256 modelId
    );

    /// @notice The content registry, at deployment, works with another router or registry of models.
    error OtherDeployment(address expected, address got);
    /// @notice `aigcData` is not encoded as it has to be.
    error MalformedAigcData();
    /// @notice The prompt is not the commitment that the proof is about.
    error PromptMismatch();
    /// @notice The proof is about another picture or another model.
    error ContentMismatch(bytes32 imageCommitment, bytes32 modelHash);
    /// @notice The claim of this verifying key is not about a model, or has no fingerprint and one was given.
    error NotAGeneratedContent(bytes32 vkHash);
    /// @notice Only the creator that the proof is bound to may do this.
    error NotCreator(address creator, address caller);
    /// @notice The content has a token already.
    error AlreadyMinted(uint256 tokenId);
    /// @notice Only the token's owner or whom it approved may do this.
    error NotAuthorized(uint256 tokenId, address caller);
    /// @notice The data is about another token's content.
    error TokenMismatch(uint256 expected, uint256 got);
    /// @notice The royalty is above the most there may be.
    error RoyaltyTooHigh(uint96 got, uint96 max);
    /// @notice The URI is too long or has a character that no URI has.
    error BadUri();

    /// @notice Mints the token of a content to its creator, the caller.
    /// @param request What it says.
    /// @return tokenId The commitment to the picture, as a number.
    function mint(Mint calldata request) external returns (uint256 tokenId);

    /// @notice What a token says.
    /// @param tokenId The token.
    function contentOf(uint256 tokenId) external view returns (Content memory);

    /// @notice The router that checks proofs.
    function router() external view returns (address);

    /// @notice The registry of models.
    function models() external view returns (address);

    /// @notice The content registry whose context proofs carry.
    function registry() external view returns (address);
}
