// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {AuthenticityToken} from "../src/AuthenticityToken.sol";
import {ClaimRouter} from "../src/ClaimRouter.sol";
import {ContentRegistry} from "../src/ContentRegistry.sol";
import {FingerprintVerifier} from "../src/generated/FingerprintVerifier.sol";
import {IAuthenticityToken} from "../src/IAuthenticityToken.sol";
import {ModelRegistry} from "../src/ModelRegistry.sol";
import {Base} from "./Base.sol";
import {vm} from "./Forge.sol";

/// @dev What the contracts' own logic costs, the verifier's work excepted, which is a mock's here: `snapshots/gas.json`,
/// compared by `cargo xtask test`. And EIP-170's limit, and EIP-7825's for a deployment.
contract GasTest is Base {
    bytes32 private constant FP = bytes32(type(uint256).max / 3);

    function test_Gas() public {
        bytes memory proof = fingerprintProof(1, FP, 0, alice);
        vm.prank(alice);
        bytes32 id = content.register(vkFingerprint, FP, 0, 0, proof);
        vm.snapshotGasLastCall("gas", "register a fingerprint, less its verifier's work");
        vm.prank(alice);
        models.registerModel(model(3));
        vm.snapshotGasLastCall("gas", "register a model");
        proof = generationProof(1, 2, 3, alice);
        vm.prank(alice);
        content.register(vkGeneration, 0, 0, 1, proof);
        vm.snapshotGasLastCall("gas", "register a generation, less its verifier's work");
        vm.prank(alice);
        content.revoke(id);
        vm.snapshotGasLastCall("gas", "revoke");
        IAuthenticityToken.Mint memory request = IAuthenticityToken.Mint({
            prompt: abi.encode(promptCommitment(2)),
            aigcData: abi.encode(vkGeneration, imageCommitment(1), modelHash(3), bytes32(0), uint8(0), alice),
            proof: proof,
            modelId: 1,
            uri: "ipfs://picture",
            royaltyBps: 250
        });
        vm.prank(alice);
        token.mint(request);
        vm.snapshotGasLastCall("gas", "mint, less its verifier's work");
        token.verify(request.prompt, request.aigcData, request.proof);
        vm.snapshotGasLastCall("gas", "verify by ERC-7007, less its verifier's work");
        vm.prank(guardian);
        router.stop(FINGERPRINT);
        vm.snapshotGasLastCall("gas", "emergency stop");
    }

    function test_CodeFits() public {
        fits("ClaimRouter", address(router), type(ClaimRouter).creationCode.length);
        fits("ModelRegistry", address(models), type(ModelRegistry).creationCode.length);
        fits("ContentRegistry", address(content), type(ContentRegistry).creationCode.length);
        fits("AuthenticityToken", address(token), type(AuthenticityToken).creationCode.length);
        FingerprintVerifier generated = new FingerprintVerifier();
        fits("FingerprintVerifier", address(generated), type(FingerprintVerifier).creationCode.length);
    }

    function fits(string memory name, address account, uint256 creationBytes) private {
        vm.snapshotValue("bytes", name, account.code.length);
        require(account.code.length <= 24_576, "EIP-170");
        // 200 gas a byte of code, 16 a byte of calldata, 32,000 and 21,000, and the constructor's own work.
        require(200 * account.code.length + 16 * creationBytes + 1_000_000 < 1 << 24, "EIP-7825");
    }
}
