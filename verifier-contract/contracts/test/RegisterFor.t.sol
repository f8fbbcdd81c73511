// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IContentRegistry} from "../src/IContentRegistry.sol";
import {Record} from "../src/Types.sol";
import {Base} from "./Base.sol";
import {bound, vm} from "./Forge.sol";

/// @dev A wallet that is a contract: signs what its owner said.
contract Wallet {
    mapping(bytes32 => bool) public said;

    function say(bytes32 digest) external {
        said[digest] = true;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return said[digest] ? this.isValidSignature.selector : bytes4(0);
    }
}

/// @dev A wallet that answers with what it was made with, or with nothing but all the gas it was given.
contract HostileWallet {
    bytes private _answer;

    constructor(bytes memory answer) {
        _answer = answer;
    }

    fallback() external {
        bytes memory answer = _answer;
        assembly ("memory-safe") {
            if iszero(mload(answer)) { invalid() }
            return(add(answer, 32), mload(answer))
        }
    }
}

/// @dev Registrations that another sends for whoever signed.
contract RegisterForTest is Base {
    uint256 private constant KEY = 0xb0b;
    string private constant STATEMENT =
        "Statement(bytes32 imageCommitment,bytes32 sourceCommitment,bytes32 fingerprint,bytes32 modelHash,bytes32 promptCommitment,uint8 tolerance,bytes32[] extra)";
    string private constant RECORD = "Record(bytes32 vkHash,address registrant,uint256 modelId,Statement statement)";

    /// @dev EIP-712, written out a second time.
    function digestOf(Record memory record, bytes memory proof, uint256 deadline, uint256 chainId, address registry)
        private
        pure
        returns (bytes32)
    {
        bytes32 statement = keccak256(
            bytes.concat(
                abi.encode(
                    keccak256(bytes(STATEMENT)),
                    record.statement.imageCommitment,
                    record.statement.sourceCommitment,
                    record.statement.fingerprint,
                    record.statement.modelHash
                ),
                abi.encode(
                    record.statement.promptCommitment,
                    record.statement.tolerance,
                    keccak256(abi.encodePacked(record.statement.extra))
                )
            )
        );
        bytes32 hash = keccak256(
            abi.encode(
                keccak256(abi.encodePacked(RECORD, STATEMENT)),
                record.vkHash,
                record.registrant,
                record.modelId,
                statement
            )
        );
        bytes32 typeHash = keccak256(
            abi.encodePacked("Register(Record record,bytes32 proofHash,uint256 deadline)", RECORD, STATEMENT)
        );
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Veilmark ContentRegistry"),
                keccak256("1"),
                chainId,
                registry
            )
        );
        hash = keccak256(abi.encode(typeHash, hash, keccak256(proof), deadline));
        return keccak256(bytes.concat(hex"1901", domain, hash));
    }

    function sign(Record memory record, bytes memory proof, uint256 deadline) private view returns (bytes memory) {
        return sign(digestOf(record, proof, deadline, block.chainid, address(content)));
    }

    function sign(bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digest);
        return abi.encodePacked(r, s, v);
    }

    function test_AnotherRegistersForWhoeverSigned() public {
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, vm.addr(KEY));
        uint256 deadline = block.timestamp + 1 hours;
        bytes memory signature = sign(record, proof, deadline);
        vm.prank(mallory);
        bytes32 id = content.registerFor(record, proof, deadline, signature);
        vm.assertEq(id, content.recordIdOf(record));
        // Replayed, or by its malleable twin: no second record.
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.AlreadyRegistered.selector, id));
        content.registerFor(record, proof, deadline, signature);
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(KEY, digestOf(record, proof, deadline, block.chainid, address(content)));
        s = bytes32(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141 - uint256(s));
        bytes memory twin = abi.encodePacked(r, s, v == 27 ? uint8(28) : uint8(27));
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.InvalidSignature.selector, record.registrant));
        content.registerFor(record, proof, deadline, twin);
    }

    function test_RevertWhen_TheSignatureIsOfSomethingElse() public {
        address bob = vm.addr(KEY);
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, bob);
        uint256 deadline = block.timestamp;
        bytes[4] memory signatures = [
            sign(digestOf(record, proof, deadline, 1, address(content))),
            sign(digestOf(record, proof, deadline, block.chainid, address(models))),
            sign(digestOf(record, proof, deadline + 1, block.chainid, address(content))),
            sign(digestOf(record, points(2, 3), deadline, block.chainid, address(content)))
        ];
        for (uint256 i = 0; i < 4; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IContentRegistry.InvalidSignature.selector, bob));
            content.registerFor(record, proof, deadline, signatures[i]);
        }
        bytes memory good = sign(record, proof, deadline);
        record.registrant = alice;
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.InvalidSignature.selector, alice));
        content.registerFor(record, proof, deadline, good);
        // A failed recovery is nobody's signature, the zero address's least of all.
        record.registrant = address(0);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.InvalidSignature.selector, address(0)));
        content.registerFor(record, proof, deadline, new bytes(65));
        record.registrant = bob;
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.SignatureExpired.selector, deadline));
        content.registerFor(record, proof, deadline, good);
    }

    /// @dev A wallet shows, and signs, all that is registered: the picture's commitment above all.
    function testFuzz_TheSignatureIsOfTheWholeRecord(uint256 field, uint256 change) public {
        address bob = vm.addr(KEY);
        registerModel(4, owner);
        uint256 modelId = registerModel(3, owner);
        (Record memory record, bytes memory proof) = authenticityRecord(1, 2, 3, modelId, bob);
        bytes memory signature = sign(record, proof, block.timestamp);
        bytes memory honest = abi.encode(record);
        bytes32 changed = bytes32(bound(change, 1, type(uint256).max));
        if (field % 9 == 0) record.vkHash ^= changed;
        if (field % 9 == 1) record.modelId ^= uint256(changed);
        if (field % 9 == 2) record.statement.imageCommitment ^= changed;
        if (field % 9 == 3) record.statement.sourceCommitment ^= changed;
        if (field % 9 == 4) record.statement.fingerprint ^= changed;
        if (field % 9 == 5) record.statement.modelHash ^= changed;
        if (field % 9 == 6) record.statement.promptCommitment ^= changed;
        if (field % 9 == 7) record.statement.tolerance ^= uint8(bound(change, 1, 255));
        if (field % 9 == 8) record.statement.extra = new bytes32[](1);
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.InvalidSignature.selector, bob));
        content.registerFor(record, proof, block.timestamp, signature);
        content.registerFor(abi.decode(honest, (Record)), proof, block.timestamp, signature);
    }

    function test_AContractSignsToo() public {
        Wallet wallet = new Wallet();
        (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, address(wallet));
        vm.expectRevert(abi.encodeWithSelector(IContentRegistry.InvalidSignature.selector, address(wallet)));
        content.registerFor(record, proof, block.timestamp, "");
        wallet.say(digestOf(record, proof, block.timestamp, block.chainid, address(content)));
        content.registerFor(record, proof, block.timestamp, "");
    }

    function test_RevertWhen_AWalletAnswersAnythingButYes() public {
        bytes[4] memory answers = [
            // All gas, another word, the right word's first bytes and others behind, and too few bytes.
            bytes(""),
            abi.encode(bytes4(0xffffffff)),
            abi.encode(0x1626ba7e << 224 | 1),
            abi.encodePacked(bytes4(0x1626ba7e))
        ];
        for (uint256 i = 0; i < answers.length; ++i) {
            address wallet = address(new HostileWallet(answers[i]));
            (Record memory record, bytes memory proof) = fingerprintRecord(1, FP, 0, wallet);
            vm.expectRevert(abi.encodeWithSelector(IContentRegistry.InvalidSignature.selector, wallet));
            content.registerFor(record, proof, block.timestamp, "");
        }
    }
}
