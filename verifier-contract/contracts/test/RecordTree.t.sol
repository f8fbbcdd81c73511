// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {vm} from "./Forge.sol";

/// @dev An append-only Merkle tree of records, as a deposit contract has it: what decision 14 compares one slot a record with.
contract RecordTree {
    uint256 private constant DEPTH = 32;

    uint256 public count;
    bytes32 public root;
    bytes32[DEPTH] private _frontier;
    bytes32[DEPTH] private _zeros;

    constructor() {
        for (uint256 i = 1; i < DEPTH; ++i) {
            _zeros[i] = keccak256(abi.encode(_zeros[i - 1], _zeros[i - 1]));
        }
        // Slots that are written at some time anyway count as written.
        for (uint256 i = 0; i < DEPTH; ++i) {
            _frontier[i] = bytes32(uint256(1));
        }
        count = 1;
        root = bytes32(uint256(1));
    }

    /// @dev One record, or the root of a batch of them.
    function append(bytes32 leaf) external {
        uint256 position = count++;
        uint256 level = 0;
        while (position >> level & 1 == 1) {
            leaf = keccak256(abi.encode(_frontier[level], leaf));
            ++level;
        }
        _frontier[level] = leaf;
    }

    /// @dev With the root kept for readers on chain, which would otherwise recompute it.
    function seal() external {
        bytes32 node = 0;
        uint256 size = count;
        for (uint256 i = 0; i < DEPTH; ++i) {
            node =
                size >> i & 1 == 1 ? keccak256(abi.encode(_frontier[i], node)) : keccak256(abi.encode(node, _zeros[i]));
        }
        root = node;
    }

    /// @dev What a reader on chain pays to see one record.
    function read(bytes32 leaf, uint256 position, bytes32[] calldata path) external view returns (bool) {
        for (uint256 i = 0; i < path.length; ++i) {
            leaf = position >> i & 1 == 1 ? keccak256(abi.encode(path[i], leaf)) : keccak256(abi.encode(leaf, path[i]));
        }
        return leaf == root;
    }
}

/// @dev One slot a record.
contract RecordSlots {
    mapping(bytes32 recordId => uint256) private _slots;

    function append(bytes32 recordId) external {
        _slots[recordId] = block.timestamp;
    }

    function read(bytes32 recordId) external view returns (uint256) {
        return _slots[recordId];
    }

    function revoke(bytes32 recordId) external {
        _slots[recordId] |= 1 << 40;
    }
}

/// @dev The figures of `docs/decisions/0014-one-slot-a-record.md`.
contract RecordTreeTest {
    /// forge-config: default.isolate = true
    function test_Gas() external {
        RecordTree tree = new RecordTree();
        RecordSlots slots = new RecordSlots();
        tree.append("a");
        tree.append("b");
        vm.snapshotGasLastCall("decision-14", "tree: append, the mean of levels");
        tree.seal();
        vm.snapshotGasLastCall("decision-14", "tree: make the root");
        vm.cool(address(tree));
        tree.read("a", 5, new bytes32[](20));
        vm.snapshotGasLastCall("decision-14", "tree: read a record, path of 20");
        slots.append("a");
        vm.snapshotGasLastCall("decision-14", "slots: append");
        vm.cool(address(slots));
        slots.read("a");
        vm.snapshotGasLastCall("decision-14", "slots: read a record");
        slots.revoke("a");
        vm.snapshotGasLastCall("decision-14", "slots: revoke");
    }
}
