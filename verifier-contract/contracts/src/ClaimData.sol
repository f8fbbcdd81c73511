// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IClaimRouter} from "./IClaimRouter.sol";
import {ClaimDescription, Meaning, Role, Segment, Statement} from "./Types.sol";
import {VK_HEADER_WORDS, VK_MAX_SUBJECT_WORDS, VK_READ_WORDS, VK_WORD_SRS_ID} from "./generated/VerifyingKeyLayout.sol";

/// @dev A claim's data in memory: the words of its data contract.
type ClaimWords is uint256;

/// @title How the router stores a claim and reads a statement by it
/// @dev A claim is the code of a data contract that the router deploys: one STOP byte, then words. One cold account is cheaper
/// than three cold slots, and code that begins with STOP cannot change.
///
///     0  claim id
///     1  hash of the verifier's code
///     2  packed, from the low end: verifier (160 bits), then a byte each: inputs, segments, points in all, largest tolerance,
///        extra words, fields, words of the key's subject, architecture word, impossible input, extra words that are inputs
///     3  what each public input means, one byte each, from the high end
///     4  above what the impossible input is impossible
///     5  the first segment: domain; then packed from the high end, a byte each: field of the statement, points, number of
///        words, words
///     7  the second segment …
///
/// `fields` has a bit for each field of `Statement` that the claim says something about. What `store` has checked the other
/// functions rely on: their assembly reads no position that was not checked.
library ClaimData {
    uint256 private constant MAX_INPUTS = 32;
    uint256 private constant MAX_SEGMENTS = 16;
    uint256 private constant MAX_POINTS = 255;
    uint256 private constant MAX_SEGMENT_WORDS = 29;
    uint256 private constant MAX_NAME_BYTES = 64;
    uint256 private constant FIXED_WORDS = 5;
    /// @dev From here on a byte of `Segment.words` is a public input.
    uint256 private constant INPUT_WORD = 0x80;
    /// @dev A claim without an impossible statement.
    uint256 private constant NO_INPUT = 255;

    // What `BadDescription` names.
    uint256 private constant NAME = 1;
    uint256 private constant SEGMENTS = 2;
    uint256 private constant INPUTS = 3;
    uint256 private constant WORDS = 4;
    uint256 private constant ARCHITECTURE = 5;
    uint256 private constant TOLERANCE = 6;
    uint256 private constant IMPOSSIBLE = 7;

    // Positions in `Statement`.
    uint256 private constant FIELD_SOURCE = 1;
    uint256 private constant FIELD_FINGERPRINT = 2;
    uint256 private constant FIELD_MODEL = 3;
    uint256 private constant FIELD_PROMPT = 4;
    uint256 private constant FIELD_TOLERANCE = 5;
    /// @dev Fields before the extra words.
    uint256 private constant FIELDS = 6;

    // Where a byte of the packed word begins.
    uint256 private constant AT_INPUTS = 160;
    uint256 private constant AT_SEGMENTS = 168;
    uint256 private constant AT_POINTS = 176;
    uint256 private constant AT_MAX_TOLERANCE = 184;
    uint256 private constant AT_EXTRA = 192;
    uint256 private constant AT_FIELDS = 200;
    uint256 private constant AT_SUBJECT_WORDS = 208;
    uint256 private constant AT_ARCHITECTURE_WORD = 216;
    uint256 private constant AT_IMPOSSIBLE_INPUT = 224;
    uint256 private constant AT_EXTRA_INPUTS = 232;

    /// @dev Checks a description and deploys its data.
    function store(ClaimDescription memory description, bytes32 id, address checker) internal returns (address data) {
        uint256[] memory words = encode(description, id, checker);
        uint256 length = 1 + 32 * words.length;
        // PUSH2 length, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN; then STOP and the words.
        bytes memory init =
            bytes.concat(hex"61", bytes2(uint16(length)), hex"80600a5f395ff300", abi.encodePacked(words));
        assembly ("memory-safe") {
            data := create(0, add(init, 32), mload(init))
        }
        if (data == address(0)) revert IClaimRouter.NoCode(data);
    }

    /// @dev Checks a description and lays out its words.
    function encode(ClaimDescription memory description, bytes32 id, address checker)
        internal
        view
        returns (uint256[] memory words)
    {
        uint256 nameLength = bytes(description.name).length;
        require(nameLength != 0 && nameLength <= MAX_NAME_BYTES, IClaimRouter.BadDescription(NAME));
        require(description.subjectWords <= VK_MAX_SUBJECT_WORDS, IClaimRouter.BadDescription(WORDS));
        require(description.segments.length <= MAX_SEGMENTS, IClaimRouter.BadDescription(SEGMENTS));

        words = new uint256[](FIXED_WORDS + 2 * description.segments.length);
        (uint256 meanings, uint256 fields, uint256 extra) = _inputs(description.inputs);
        words[2] = uint160(checker) | extra << AT_EXTRA_INPUTS | _packed(description);
        uint256 points;
        (points, fields, extra) = _segments(description, words, fields, extra);
        _checkBounds(description, fields);
        words[0] = uint256(id);
        words[1] = uint256(checker.codehash);
        words[2] |= points << AT_POINTS | extra << AT_EXTRA | fields << AT_FIELDS;
        words[3] = meanings;
        words[4] = description.impossibleAbove;
    }

    /// @dev Reads a claim's data.
    function load(address data) internal view returns (ClaimWords words) {
        assembly ("memory-safe") {
            let length := sub(extcodesize(data), 1)
            words := mload(0x40)
            mstore(0x40, add(words, length))
            extcodecopy(data, words, 1, length)
        }
    }

    function claimId(ClaimWords words) internal pure returns (bytes32) {
        return bytes32(_word(words, 0));
    }

    function verifierCodeHash(ClaimWords words) internal pure returns (bytes32) {
        return bytes32(_word(words, 1));
    }

    function verifier(ClaimWords words) internal pure returns (address) {
        return address(uint160(_word(words, 2)));
    }

    function inputCount(ClaimWords words) internal pure returns (uint256) {
        return _byte(words, AT_INPUTS);
    }

    function subjectWords(ClaimWords words) internal pure returns (uint256) {
        return _byte(words, AT_SUBJECT_WORDS);
    }

    function architectureWord(ClaimWords words) internal pure returns (uint256) {
        return _byte(words, AT_ARCHITECTURE_WORD);
    }

    /// @dev Whether a statement can never be true. The inputs must be as many as the claim has.
    function isImpossible(ClaimWords words, uint256[] calldata inputs) internal pure returns (bool) {
        uint256 input = _byte(words, AT_IMPOSSIBLE_INPUT);
        return input != NO_INPUT && inputs[input] > _word(words, 4);
    }

    /// @dev The public inputs of a statement; refuses a statement that says more or less than the claim.
    function publicInputs(ClaimWords words, Statement calldata statement, uint256 context)
        internal
        pure
        returns (uint256[] memory inputs)
    {
        _checkFields(words, statement);
        bytes32[] calldata extra = statement.extra;
        uint256 expected = _byte(words, AT_EXTRA);
        if (extra.length != expected) revert IClaimRouter.ExtraWords(claimId(words), expected, extra.length);
        uint256 count = inputCount(words);
        uint256 meanings = _word(words, 3);
        assembly ("memory-safe") {
            inputs := mload(0x40)
            mstore(inputs, count)
            let next := add(inputs, 32)
            let end := add(next, shl(5, count))
            mstore(0x40, end)
            // There are as many inputs without a field of their own as the description has, which is no more than extra words.
            let word := extra.offset
            for {} lt(next, end) { next := add(next, 32) } {
                let value := 0
                switch byte(0, meanings)
                // Zero
                case 1 {}
                // FingerprintLow, FingerprintHigh: the third field
                case 2 { value := shr(128, shl(128, calldataload(add(statement, 64)))) }
                case 3 { value := shr(128, calldataload(add(statement, 64))) }
                // Tolerance: the sixth
                case 4 { value := calldataload(add(statement, 160)) }
                // Context
                case 5 { value := context }
                default {
                    value := calldataload(word)
                    word := add(word, 32)
                }
                mstore(next, value)
                meanings := shl(8, meanings)
            }
        }
    }

    /// @dev Compares every commitment that the proof begins with with the statement, whose public inputs `inputs` are.
    /// @param header The first `VK_READ_WORDS` words of the key.
    function checkCommitments(
        ClaimWords words,
        uint256[VK_READ_WORDS] memory header,
        Statement calldata statement,
        uint256[] memory inputs,
        bytes calldata proof
    ) internal pure {
        uint256 length = 64 * _byte(words, AT_POINTS);
        if (proof.length < length) revert IClaimRouter.ProofTooShort(proof.length, length);
        uint256 other;
        {
            // The digests of the role Other are the last of the extra words.
            bytes32[] calldata extra = statement.extra;
            uint256 extraInputs = _byte(words, AT_EXTRA_INPUTS);
            assembly ("memory-safe") {
                other := add(extra.offset, shl(5, extraInputs))
            }
        }
        uint256 segment;
        uint256 end;
        uint256 count = _byte(words, AT_SEGMENTS);
        uint256 points;
        assembly ("memory-safe") {
            segment := add(words, 160)
            end := add(segment, shl(6, count))
            points := proof.offset
        }
        while (segment != end) {
            (bytes32 got, uint256 next) = _digest(segment, header, inputs, points);
            bytes32 expected;
            uint256 field;
            assembly ("memory-safe") {
                field := byte(0, mload(add(segment, 32)))
                switch eq(field, FIELDS)
                case 0 { expected := calldataload(add(statement, shl(5, field))) }
                default {
                    expected := calldataload(other)
                    other := add(other, 32)
                }
                points := next
                segment := add(segment, 64)
            }
            if (got != expected) revert IClaimRouter.CommitmentMismatch(_roleOf(field), expected, got);
        }
    }

    /// @dev A digest never is zero, so a field of zeros is one that a claim with this commitment refuses: no need to ask whether
    /// a statement leaves something out.
    function _checkFields(ClaimWords words, Statement calldata statement) private pure {
        uint256 fields = _byte(words, AT_FIELDS);
        uint256 unknown = FIELDS;
        assembly ("memory-safe") {
            for { let i := 0 } lt(i, FIELDS) { i := add(i, 1) } {
                if iszero(and(shr(i, fields), 1)) {
                    if calldataload(add(statement, shl(5, i))) {
                        unknown := i
                        break
                    }
                }
            }
        }
        if (unknown != FIELDS) revert IClaimRouter.NotInTheClaim(claimId(words), unknown);
        uint256 tolerance = _byte(words, AT_MAX_TOLERANCE);
        if (statement.tolerance > tolerance) revert IClaimRouter.ToleranceTooLarge(statement.tolerance, tolerance);
    }

    /// @dev The digest of a segment, and where the next one's points are. Every part of what is hashed has a fixed length, and the
    /// verifier refuses coordinates that are not reduced: one commitment has one digest.
    /// @param segment Where its two words are in memory.
    /// @param points Where its points are in calldata; as many as there are, the caller has seen.
    function _digest(uint256 segment, uint256[VK_READ_WORDS] memory header, uint256[] memory inputs, uint256 points)
        private
        pure
        returns (bytes32 digest, uint256 end)
    {
        assembly ("memory-safe") {
            let spec := mload(add(segment, 32))
            let start := mload(0x40)
            mstore(start, mload(segment))
            let next := add(start, 32)
            let words := shl(24, spec)
            for { let i := byte(2, spec) } i { i := sub(i, 1) } {
                let word := byte(0, words)
                words := shl(8, words)
                switch lt(word, 0x80)
                case 1 { mstore(next, mload(add(header, shl(5, word)))) }
                default { mstore(next, mload(add(inputs, shl(5, sub(word, 0x7f))))) }
                next := add(next, 32)
            }
            let length := shl(6, byte(1, spec))
            calldatacopy(next, points, length)
            digest := keccak256(start, sub(add(next, length), start))
            end := add(points, length)
        }
    }

    function _word(ClaimWords words, uint256 index) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(words, shl(5, index)))
        }
    }

    function _byte(ClaimWords words, uint256 shift) private pure returns (uint256) {
        return uint8(_word(words, 2) >> shift);
    }

    /// @dev What each input means, one byte each; the fields of `Statement` among them; and how many are extra words.
    function _inputs(Meaning[] memory inputs) private pure returns (uint256 meanings, uint256 fields, uint256 extra) {
        require(inputs.length <= MAX_INPUTS, IClaimRouter.BadDescription(INPUTS));
        uint256 seen = 0;
        for (uint256 i = 0; i < inputs.length; ++i) {
            Meaning meaning = inputs[i];
            uint256 bit = 1 << uint256(meaning);
            bool repeats = meaning == Meaning.Zero || meaning == Meaning.Other;
            require(meaning != Meaning.None && (repeats || seen & bit == 0), IClaimRouter.BadDescription(INPUTS));
            seen |= bit;
            meanings |= uint256(meaning) << (248 - 8 * i);
            if (uint256(meaning) >= uint256(Meaning.Width)) ++extra;
        }
        bool low = seen & (1 << uint256(Meaning.FingerprintLow)) != 0;
        bool high = seen & (1 << uint256(Meaning.FingerprintHigh)) != 0;
        bool context = seen & (1 << uint256(Meaning.Context)) != 0;
        require(low == high && context, IClaimRouter.BadDescription(INPUTS));
        if (low) fields |= 1 << FIELD_FINGERPRINT;
        if (seen & (1 << uint256(Meaning.Tolerance)) != 0) fields |= 1 << FIELD_TOLERANCE;
    }

    /// @dev Lays out the segments; returns their points, and adds to the fields and the extra words.
    function _segments(ClaimDescription memory description, uint256[] memory words, uint256 fields, uint256 extra)
        private
        pure
        returns (uint256, uint256, uint256)
    {
        uint256 points = 0;
        for (uint256 i = 0; i < description.segments.length; ++i) {
            Segment memory segment = description.segments[i];
            words[FIXED_WORDS + 2 * i] = uint256(segment.domain);
            words[FIXED_WORDS + 2 * i + 1] = _segment(segment, description);
            points += segment.points;
            if (segment.role == Role.Other) {
                ++extra;
                continue;
            }
            uint256 field = 1 << _fieldOf(segment.role);
            // A fingerprint may be committed and be shown as public inputs: then both are one word.
            require(
                fields & field == 0 || (segment.role == Role.Fingerprint && !_hasRole(description, i, segment.role)),
                IClaimRouter.BadDescription(SEGMENTS)
            );
            fields |= field;
        }
        require(points != 0 && points <= MAX_POINTS, IClaimRouter.BadDescription(SEGMENTS));
        return (points, fields, extra);
    }

    /// @dev The part of the packed word that the description says as it stands.
    function _packed(ClaimDescription memory description) private pure returns (uint256) {
        return description.inputs.length << AT_INPUTS | description.segments.length << AT_SEGMENTS
            | uint256(description.maxTolerance) << AT_MAX_TOLERANCE | uint256(description.subjectWords)
            << AT_SUBJECT_WORDS | uint256(description.architectureWord) << AT_ARCHITECTURE_WORD
            | uint256(description.impossibleInput) << AT_IMPOSSIBLE_INPUT;
    }

    function _segment(Segment memory segment, ClaimDescription memory description)
        private
        pure
        returns (uint256 packed)
    {
        require(segment.role != Role.None && segment.points != 0, IClaimRouter.BadDescription(SEGMENTS));
        require(segment.words.length <= MAX_SEGMENT_WORDS, IClaimRouter.BadDescription(WORDS));
        packed = _fieldOf(segment.role) << 248 | uint256(segment.points) << 240 | segment.words.length << 232;
        for (uint256 i = 0; i < segment.words.length; ++i) {
            uint256 word = uint8(segment.words[i]);
            // The header's first words are the same for all keys of a claim, and say nothing about a commitment.
            bool inHeader = word >= VK_WORD_SRS_ID && word < VK_HEADER_WORDS + description.subjectWords;
            bool inInputs = word >= INPUT_WORD && word - INPUT_WORD < description.inputs.length;
            require(inHeader || inInputs, IClaimRouter.BadDescription(WORDS));
            packed |= word << (224 - 8 * i);
        }
    }

    /// @dev Whether a role occurs before a position.
    function _hasRole(ClaimDescription memory description, uint256 before, Role role) private pure returns (bool) {
        for (uint256 i = 0; i < before; ++i) {
            if (description.segments[i].role == role) return true;
        }
        return false;
    }

    function _checkBounds(ClaimDescription memory description, uint256 fields) private pure {
        uint256 word = description.architectureWord;
        bool hasModel = fields & (1 << _fieldOf(Role.Model)) != 0;
        bool isSubject = word >= VK_HEADER_WORDS && word < VK_HEADER_WORDS + description.subjectWords;
        require(hasModel ? isSubject : word == 0, IClaimRouter.BadDescription(ARCHITECTURE));
        bool hasTolerance = fields & (1 << FIELD_TOLERANCE) != 0;
        require(hasTolerance || description.maxTolerance == 0, IClaimRouter.BadDescription(TOLERANCE));
        uint256 input = description.impossibleInput;
        if (input == NO_INPUT) {
            require(description.impossibleAbove == 0, IClaimRouter.BadDescription(IMPOSSIBLE));
            return;
        }
        require(input < description.inputs.length, IClaimRouter.BadDescription(IMPOSSIBLE));
        Meaning meaning = description.inputs[input];
        // What an honest proof may hold must not be impossible.
        require(
            meaning != Meaning.Context && meaning != Meaning.FingerprintLow && meaning != Meaning.FingerprintHigh
                && (meaning != Meaning.Tolerance || description.impossibleAbove >= description.maxTolerance),
            IClaimRouter.BadDescription(IMPOSSIBLE)
        );
    }

    /// @dev Where `Statement` has a commitment; `FIELDS` for one that is among its extra words.
    function _fieldOf(Role role) private pure returns (uint256) {
        if (role == Role.Picture) return 0;
        if (role == Role.Source) return FIELD_SOURCE;
        if (role == Role.Fingerprint) return FIELD_FINGERPRINT;
        if (role == Role.Model) return FIELD_MODEL;
        if (role == Role.Prompt) return FIELD_PROMPT;
        return FIELDS;
    }

    function _roleOf(uint256 field) private pure returns (Role) {
        if (field == 0) return Role.Picture;
        if (field == FIELD_SOURCE) return Role.Source;
        if (field == FIELD_FINGERPRINT) return Role.Fingerprint;
        if (field == FIELD_MODEL) return Role.Model;
        return field == FIELD_PROMPT ? Role.Prompt : Role.Other;
    }
}

using ClaimData for ClaimWords global;
