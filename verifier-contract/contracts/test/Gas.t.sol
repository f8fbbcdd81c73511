// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {AuthenticityToken} from "../src/AuthenticityToken.sol";
import {ClaimRouter} from "../src/ClaimRouter.sol";
import {ContentRegistry} from "../src/ContentRegistry.sol";
import {FingerprintVerifier} from "../src/generated/FingerprintVerifier.sol";
import {IClaimRouter} from "../src/IClaimRouter.sol";
import {IAuthenticityToken} from "../src/IAuthenticityToken.sol";
import {ModelRegistry} from "../src/ModelRegistry.sol";
import {Record} from "../src/Types.sol";
import {Base} from "./Base.sol";
import {vm} from "./Forge.sol";

/// @dev What the contracts' own logic costs as a transaction of its own, the verifier's work excepted, which is a mock's here:
/// `snapshots/gas.json`, compared by `cargo xtask test`. And EIP-170's limit, and EIP-7825's for a deployment.
/// forge-config: default.isolate = true
contract GasTest is Base {
    /// forge-config: default.isolate = true
    function test_Gas() public {
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, alice);
        uint256 context = content.contextOf(alice);
        cool();
        router.verify(record.vkHash, record.statement, context, false, proof);
        vm.snapshotGasLastCall("gas", "verify a fingerprint by the router, less its verifier's work");
        cool();
        registerAs(alice, record, proof);
        vm.snapshotGasLastCall("gas", "register a fingerprint, less its verifier's work");
        vm.prank(alice);
        models.registerModel(model(3));
        vm.snapshotGasLastCall("gas", "register a model");
        (record, proof) = generationRecord(1, 2, 3, 1, alice);
        cool();
        router.verify(record.vkHash, record.statement, context, false, proof);
        vm.snapshotGasLastCall("gas", "verify a generation by the router, less its verifier's work");
        cool();
        registerAs(alice, record, proof);
        vm.snapshotGasLastCall("gas", "register a generation, less its verifier's work");
        cool();
        vm.prank(alice);
        content.revoke(record);
        vm.snapshotGasLastCall("gas", "revoke");
        IAuthenticityToken.Mint memory request = mintOf(record, proof);
        vm.prank(alice);
        token.mint(request);
        vm.snapshotGasLastCall("gas", "mint, less its verifier's work");
        cool();
        token.verify(request.prompt, request.aigcData, request.proof);
        vm.snapshotGasLastCall("gas", "verify by ERC-7007, less its verifier's work");
        address vk = key(FINGERPRINT, SRS, 1, 9);
        router.addKey(vk);
        vm.snapshotGasLastCall("gas", "add a key");
        vm.prank(guardian);
        router.pause(FINGERPRINT);
        vm.snapshotGasLastCall("gas", "pause");
        vm.prank(owner);
        router.removeKey(vkFingerprint, IClaimRouter.Reason.Broken);
        vm.snapshotGasLastCall("gas", "remove a key");
    }

    /// @dev As a transaction of its own finds it.
    function cool() private {
        for (uint256 i = 0; i < 4; ++i) {
            vm.cool(router.keyAt(i).vk);
            vm.cool(router.claimAt(i).verifier);
        }
        vm.cool(address(router));
        vm.cool(address(models));
        vm.cool(address(content));
    }

    /// @dev A refusal that needs no verifier must not cost like one.
    function test_RefusalsAreCheap() public {
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, alice);
        registerAs(alice, record, proof);
        vm.prank(alice);
        (bool success,) = address(content).call(abi.encodeCall(content.register, (record, proof)));
        require(!success, "registered twice");
        // A transaction's own 21,000 among it, and its data.
        require(vm.snapshotGasLastCall("gas", "be refused, as it is registered already") < 45_000, "not cheap");
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
