// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {AuthenticityToken} from "../src/AuthenticityToken.sol";
import {ClaimRouter} from "../src/ClaimRouter.sol";
import {ContentRegistry} from "../src/ContentRegistry.sol";
import {IClaimRouter} from "../src/IClaimRouter.sol";
import {IModelRegistry} from "../src/IModelRegistry.sol";
import {ModelRegistry} from "../src/ModelRegistry.sol";
import {VK_MAGIC} from "../src/VerifyingKeyLayout.sol";
import {Vm, vm} from "./Forge.sol";
import {MockClaimVerifier} from "./MockClaimVerifier.sol";

/// @dev Every contract, with a mock for the verifiers and a key for each claim; what the mock accepts.
abstract contract Base {
    bytes32 internal constant FINGERPRINT = "fingerprint-v1";
    bytes32 internal constant GENERATION = "generation-v1";
    bytes32 internal constant AUTHENTICITY = "authenticity-v1";
    bytes32 internal constant COMMITTED = "committed-fingerprint-v1";
    bytes32 internal constant SRS = bytes32(uint256(0x55));
    bytes32 internal constant ARCHITECTURE = bytes32(uint256(0xa7));
    uint256 internal constant K = 18;
    uint256 internal constant DELAY = 2 days;

    address internal owner = address(0x0123);
    address internal guardian = address(0x4567);
    address internal alice = address(0xa11ce);
    address internal mallory = address(0x3a110e1);

    MockClaimVerifier internal verifier;
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
        verifier = new MockClaimVerifier();
        IClaimRouter.ClaimInput[] memory claims = new IClaimRouter.ClaimInput[](4);
        claims[0] = claimInput(FINGERPRINT, IClaimRouter.Statement.Fingerprint, key(1, 0, 1));
        claims[1] = claimInput(GENERATION, IClaimRouter.Statement.Generation, key(1, ARCHITECTURE, 2));
        claims[2] = claimInput(AUTHENTICITY, IClaimRouter.Statement.Authenticity, key(1, ARCHITECTURE, 3));
        claims[3] = claimInput(COMMITTED, IClaimRouter.Statement.CommittedFingerprint, key(1, 0, 4));
        vkFingerprint = claims[0].keys[0].codehash;
        vkGeneration = claims[1].keys[0].codehash;
        vkAuthenticity = claims[2].keys[0].codehash;
        vkCommitted = claims[3].keys[0].codehash;
        router = new ClaimRouter(owner, guardian, DELAY, claims);
        models = new ModelRegistry(router);
        content = new ContentRegistry(router, models);
        token = new AuthenticityToken(router, models, content);
    }

    function claimInput(bytes32 claimId, IClaimRouter.Statement statement, address vk)
        internal
        view
        returns (IClaimRouter.ClaimInput memory input)
    {
        input.claimId = claimId;
        input.statement = statement;
        input.verifier = address(verifier);
        input.keys = new address[](1);
        input.keys[0] = vk;
    }

    /// @dev A data contract that looks like a key.
    function key(uint256 flags, bytes32 architecture, uint256 distinct) internal returns (address) {
        return deploy(keyCode(flags, architecture, distinct));
    }

    function keyCode(uint256 flags, bytes32 architecture, uint256 distinct) internal view returns (bytes memory) {
        return bytes.concat(
            hex"00",
            abi.encode(
                VK_MAGIC, verifier.constraintSystemDigest(), SRS, flags, K, uint256(640), uint256(480), architecture
            ),
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

    function points(uint256 image) internal pure returns (bytes memory) {
        return abi.encode(image, image + 1, image + 2, image + 3, image + 4, image + 5);
    }

    /// @dev With a latent column and eight of weights.
    function points(uint256 image, uint256 latent, uint256 weights) internal pure returns (bytes memory) {
        bytes memory w;
        for (uint256 i = 0; i < 16; ++i) {
            w = bytes.concat(w, bytes32(weights + i));
        }
        return bytes.concat(points(image), abi.encode(latent, latent + 1), w);
    }

    /// @dev What the mock accepts.
    function prove(bytes32 vkHash, uint256[4] memory inputs, bytes memory leading)
        internal
        view
        returns (bytes memory)
    {
        address vk = router.keyOf(vkHash).vk;
        return bytes.concat(leading, keccak256(abi.encode(vk, inputs, keccak256(leading))));
    }

    function inputsOf(bytes32 fingerprint, uint8 tolerance, address registrant)
        internal
        view
        returns (uint256[4] memory)
    {
        return [
            uint256(fingerprint) & type(uint128).max,
            uint256(fingerprint) >> 128,
            uint256(tolerance),
            content.contextOf(registrant)
        ];
    }

    function fingerprintProof(uint256 image, bytes32 fingerprint, uint8 tolerance, address registrant)
        internal
        view
        returns (bytes memory)
    {
        return prove(vkFingerprint, inputsOf(fingerprint, tolerance, registrant), points(image));
    }

    function generationProof(uint256 image, uint256 latent, uint256 weights, address registrant)
        internal
        view
        returns (bytes memory)
    {
        return prove(vkGeneration, inputsOf(0, 0, registrant), points(image, latent, weights));
    }

    /// @dev With a committed fingerprint's column.
    function committedProof(uint256 image, uint256 column, bytes32 saltedHash, uint8 tolerance, address registrant)
        internal
        view
        returns (bytes memory)
    {
        return prove(
            vkCommitted,
            inputsOf(saltedHash, tolerance, registrant),
            bytes.concat(points(image), abi.encode(column, column + 1))
        );
    }

    function fingerprintCommitment(uint256 column) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256("veilmark fingerprint commitment v1"), SRS, K, column, column + 1));
    }

    function imageCommitment(uint256 image) internal pure returns (bytes32) {
        return keccak256(
            bytes.concat(
                abi.encode(keccak256("veilmark image commitment v1"), SRS, K, uint256(640), uint256(480)), points(image)
            )
        );
    }

    function promptCommitment(uint256 latent) internal pure returns (bytes32) {
        return
            keccak256(abi.encode(keccak256("veilmark prompt commitment v1"), SRS, K, ARCHITECTURE, latent, latent + 1));
    }

    function modelHash(uint256 weights) internal pure returns (bytes32) {
        bytes memory w = abi.encode(keccak256("veilmark model commitment v1"), SRS, K, ARCHITECTURE);
        for (uint256 i = 0; i < 16; ++i) {
            w = bytes.concat(w, bytes32(weights + i));
        }
        return keccak256(w);
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

    function registerModel(uint256 weights, address by) internal returns (uint256) {
        vm.prank(by);
        return models.registerModel(model(weights));
    }
}
