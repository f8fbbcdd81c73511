// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {AuthenticityToken} from "../src/AuthenticityToken.sol";
import {ClaimRouter} from "../src/ClaimRouter.sol";
import {ContentRegistry} from "../src/ContentRegistry.sol";
import {VK_MAGIC} from "../src/generated/VerifyingKeyLayout.sol";
import {IAuthenticityToken} from "../src/IAuthenticityToken.sol";
import {IClaimRouter} from "../src/IClaimRouter.sol";
import {IModelRegistry} from "../src/IModelRegistry.sol";
import {ModelRegistry} from "../src/ModelRegistry.sol";
import {ClaimDescription, Record, Statement} from "../src/Types.sol";
import {Vm, vm} from "./Forge.sol";
import {
    describeAuthenticity,
    describeCommittedFingerprint,
    describeFingerprint,
    describeGeneration
} from "./generated/Claims.sol";
import {MockClaimVerifier} from "./MockClaimVerifier.sol";

/// @dev Every contract, with a mock for each verifier and a reviewed key for each claim; what the mocks accept.
abstract contract Base {
    bytes32 internal constant SRS = bytes32(uint256(0x55));
    bytes32 internal constant ARCHITECTURE = bytes32(uint256(0xa7));
    uint256 internal constant K = 18;
    uint256 internal constant WIDTH = 640;
    uint256 internal constant HEIGHT = 480;
    uint256 internal constant DELAY = 2 days;
    bytes32 internal constant FP = bytes32(type(uint256).max / 3);

    address internal owner = address(0x0123);
    address internal guardian = address(0x4567);
    address internal alice = address(0xa11ce);
    address internal mallory = address(0x3a110e1);

    bytes32 internal immutable FINGERPRINT = idOf(describeFingerprint());
    bytes32 internal immutable GENERATION = idOf(describeGeneration());
    bytes32 internal immutable AUTHENTICITY = idOf(describeAuthenticity());
    bytes32 internal immutable COMMITTED = idOf(describeCommittedFingerprint());

    ClaimRouter internal router;
    ModelRegistry internal models;
    ContentRegistry internal content;
    AuthenticityToken internal token;
    bytes32 internal vkFingerprint;
    bytes32 internal vkGeneration;
    bytes32 internal vkAuthenticity;
    bytes32 internal vkCommitted;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        IClaimRouter.ClaimInput[] memory claims = new IClaimRouter.ClaimInput[](4);
        claims[0] = claimInput(describeFingerprint(), key(FINGERPRINT, SRS, 1, 1));
        claims[1] = claimInput(describeGeneration(), key(GENERATION, SRS, 1, 2));
        claims[2] = claimInput(describeAuthenticity(), key(AUTHENTICITY, SRS, 1, 3));
        claims[3] = claimInput(describeCommittedFingerprint(), key(COMMITTED, SRS, 1, 4));
        vkFingerprint = claims[0].keys[0].codehash;
        vkGeneration = claims[1].keys[0].codehash;
        vkAuthenticity = claims[2].keys[0].codehash;
        vkCommitted = claims[3].keys[0].codehash;
        router = new ClaimRouter(deployment(claims));
        models = new ModelRegistry(router);
        content = new ContentRegistry(router, models);
        token = new AuthenticityToken(router, models, content);
    }

    function deployment(IClaimRouter.ClaimInput[] memory claims)
        internal
        view
        returns (IClaimRouter.Deployment memory made)
    {
        made.owner = owner;
        made.guardian = guardian;
        made.delay = DELAY;
        made.claims = claims;
    }

    function idOf(ClaimDescription memory description) internal pure returns (bytes32) {
        return keccak256(abi.encode(description));
    }

    function mockOf(ClaimDescription memory description) internal returns (address) {
        return address(new MockClaimVerifier(idOf(description), description.inputs.length));
    }

    function claimInput(ClaimDescription memory description, address vk)
        internal
        returns (IClaimRouter.ClaimInput memory input)
    {
        input.description = description;
        input.verifier = mockOf(description);
        input.keys = new address[](1);
        input.keys[0] = vk;
    }

    /// @dev Adds a claim, as the owner does: behind the delay.
    function addClaim(ClaimDescription memory description) internal returns (bytes32 claimId) {
        address verifier = mockOf(description);
        vm.prank(owner);
        router.proposeClaim(description, verifier);
        vm.warp(block.timestamp + DELAY);
        vm.prank(owner);
        return router.addClaim(description, verifier);
    }

    /// @dev Vouches for a key, as the owner does: behind the delay.
    function review(bytes32 vkHash) internal {
        vm.prank(owner);
        router.proposeReview(vkHash);
        vm.warp(block.timestamp + DELAY);
        vm.prank(owner);
        router.reviewKey(vkHash);
    }

    /// @dev Ends a claim, as the owner does: behind the delay.
    function stopClaim(bytes32 claimId, IClaimRouter.Reason reason) internal {
        vm.prank(owner);
        router.proposeStop(claimId, reason);
        vm.warp(block.timestamp + DELAY);
        vm.prank(owner);
        router.stopClaim(claimId, reason);
    }

    /// @dev A data contract that looks like a key.
    function key(bytes32 claimId, bytes32 srsId, uint256 flags, uint256 distinct) internal returns (address) {
        return deploy(keyCode(claimId, srsId, flags, distinct));
    }

    function keyCode(bytes32 claimId, bytes32 srsId, uint256 flags, uint256 distinct)
        internal
        view
        returns (bytes memory)
    {
        bool hasModel = claimId == GENERATION || claimId == AUTHENTICITY;
        bytes memory subject = hasModel ? abi.encode(WIDTH, HEIGHT, ARCHITECTURE) : abi.encode(WIDTH, HEIGHT);
        return keyCode(claimId, srsId, flags, subject, distinct);
    }

    function keyCode(bytes32 claimId, bytes32 srsId, uint256 flags, bytes memory subject, uint256 distinct)
        internal
        pure
        returns (bytes memory)
    {
        return bytes.concat(
            hex"00",
            abi.encode(
                VK_MAGIC, claimId, bytes32(type(uint256).max / 255 * 0xc5), srsId, flags, K, subject.length / 32
            ),
            subject,
            abi.encode(distinct)
        );
    }

    function deploy(bytes memory code) internal returns (address made) {
        bytes memory init = bytes.concat(hex"61", bytes2(uint16(code.length)), hex"80600a5f395ff3", code);
        assembly ("memory-safe") {
            made := create(0, add(init, 32), mload(init))
        }
        require(made != address(0));
    }

    /// @dev So many points that nobody else has.
    function points(uint256 seed, uint256 count) internal pure returns (bytes memory made) {
        for (uint256 i = 0; i < 2 * count; ++i) {
            made = bytes.concat(made, bytes32(seed + i));
        }
    }

    /// @dev The points of a picture; with a latent column and eight of weights.
    function points(uint256 image, uint256 latent, uint256 weights) internal pure returns (bytes memory) {
        return bytes.concat(points(image, 3), points(latent, 1), points(weights, 8));
    }

    /// @dev What the mock accepts of these public inputs.
    function proveInputs(bytes32 vkHash, uint256[] memory inputs, bytes memory leading)
        internal
        view
        returns (bytes memory)
    {
        address vk = router.keyOf(vkHash).vk;
        return bytes.concat(leading, keccak256(abi.encode(vk, inputs, keccak256(leading))));
    }

    /// @dev What the mock accepts of a record.
    function prove(Record memory record, bytes memory leading) internal view returns (bytes memory) {
        uint256[] memory inputs = router.publicInputsOf(
            router.keyOf(record.vkHash).claimId, record.statement, content.contextOf(record.registrant)
        );
        return proveInputs(record.vkHash, inputs, leading);
    }

    function fingerprintRecord(uint256 image, bytes32 fingerprint, uint8 tolerance, address registrant)
        internal
        view
        returns (Record memory record, bytes memory proof)
    {
        record.vkHash = vkFingerprint;
        record.registrant = registrant;
        record.statement.imageCommitment = imageCommitment(image);
        record.statement.fingerprint = fingerprint;
        record.statement.tolerance = tolerance;
        proof = prove(record, points(image, 3));
    }

    function generationRecord(uint256 image, uint256 latent, uint256 weights, uint256 modelId, address registrant)
        internal
        view
        returns (Record memory record, bytes memory proof)
    {
        record.vkHash = vkGeneration;
        record.registrant = registrant;
        record.modelId = modelId;
        record.statement.imageCommitment = imageCommitment(image);
        record.statement.promptCommitment = promptCommitment(latent);
        record.statement.modelHash = modelHash(weights);
        proof = prove(record, points(image, latent, weights));
    }

    function authenticityRecord(uint256 image, uint256 latent, uint256 weights, uint256 modelId, address registrant)
        internal
        view
        returns (Record memory record, bytes memory proof)
    {
        (record,) = generationRecord(image, latent, weights, modelId, registrant);
        record.vkHash = vkAuthenticity;
        record.statement.fingerprint = FP;
        record.statement.tolerance = 9;
        proof = prove(record, points(image, latent, weights));
    }

    /// @dev With a committed fingerprint's column.
    function committedRecord(uint256 image, uint256 column, uint8 tolerance, address registrant)
        internal
        view
        returns (Record memory record, bytes memory proof)
    {
        record.vkHash = vkCommitted;
        record.registrant = registrant;
        record.statement.imageCommitment = imageCommitment(image);
        record.statement.fingerprint = fingerprintCommitment(column);
        record.statement.tolerance = tolerance;
        proof = prove(record, bytes.concat(points(image, 3), points(column, 1)));
    }

    function registerAs(address by, Record memory record, bytes memory proof) internal returns (bytes32) {
        vm.prank(by);
        return content.register(record, proof);
    }

    function fingerprintCommitment(uint256 column) internal pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(abi.encode(keccak256("veilmark fingerprint commitment v1"), SRS, K), points(column, 1))
            );
    }

    function imageCommitment(uint256 image) internal pure returns (bytes32) {
        return keccak256(
            bytes.concat(abi.encode(keccak256("veilmark image commitment v1"), SRS, K, WIDTH, HEIGHT), points(image, 3))
        );
    }

    function promptCommitment(uint256 latent) internal pure returns (bytes32) {
        return keccak256(
            bytes.concat(
                abi.encode(keccak256("veilmark prompt commitment v1"), SRS, K, ARCHITECTURE), points(latent, 1)
            )
        );
    }

    function modelHash(uint256 weights) internal pure returns (bytes32) {
        return keccak256(
            bytes.concat(
                abi.encode(keccak256("veilmark model commitment v1"), SRS, K, ARCHITECTURE), points(weights, 8)
            )
        );
    }

    function model(uint256 weights) internal view returns (IModelRegistry.ModelCommitment memory) {
        return IModelRegistry.ModelCommitment({
            modelHash: modelHash(weights),
            circuitHash: ARCHITECTURE,
            vkHash: vkGeneration,
            proofSystemId: bytes4(keccak256("halo2-kzg-bn254-v1")),
            uri: "ipfs://model"
        });
    }

    /// @dev The model that a record names, under the record's key.
    function modelOf(Record memory record) internal view returns (IModelRegistry.ModelCommitment memory commitment) {
        commitment = model(0);
        commitment.modelHash = record.statement.modelHash;
        commitment.vkHash = record.vkHash;
    }

    function mintOf(Record memory record, bytes memory proof)
        internal
        pure
        returns (IAuthenticityToken.Mint memory request)
    {
        request.prompt = abi.encode(record.statement.promptCommitment);
        request.aigcData = abi.encode(record);
        request.proof = proof;
        request.uri = "ipfs://picture";
        request.royaltyBps = 250;
    }

    function registerModel(uint256 weights, address by) internal returns (uint256) {
        vm.prank(by);
        return models.registerModel(model(weights));
    }

    function statusOf(bytes32 recordId) internal view returns (uint256) {
        return uint256(content.status(recordId));
    }
}
