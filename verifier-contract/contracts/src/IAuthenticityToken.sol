// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

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
