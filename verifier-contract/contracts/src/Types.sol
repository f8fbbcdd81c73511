// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

// The words that the contracts share: what a claim is, what a proof states, what a record holds.

/// @notice What a commitment at the start of a claim's proofs is about.
enum Role {
    /// Not a role.
    None,
    /// The picture that the statement is about.
    Picture,
    /// The picture that it was made from.
    Source,
    /// The hidden input of the model.
    Prompt,
    /// The weights of the model.
    Model,
    /// A fingerprint that is not shown.
    Fingerprint,
    /// Anything else: its digest is one of the statement's `extra` words.
    Other
}

/// @notice What a public input of a claim is.
enum Meaning {
    /// Not a meaning.
    None,
    /// The circuit does not read it, or requires zero: it is zero.
    Zero,
    /// The low 128 bits of the statement's `fingerprint`.
    FingerprintLow,
    /// The high 128 bits of the statement's `fingerprint`.
    FingerprintHigh,
    /// The statement's `tolerance`.
    Tolerance,
    /// What binds the proof to a chain, a contract and a registrant.
    Context,
    /// Width of the picture in pixels: the next `extra` word.
    Width,
    /// Height of the picture in pixels: the next `extra` word.
    Height,
    /// Width of the source in pixels: the next `extra` word.
    SourceWidth,
    /// Height of the source in pixels: the next `extra` word.
    SourceHeight,
    /// Anything else: the next `extra` word.
    Other
}

/// @notice A commitment at the start of a claim's proofs. Its digest is Keccak-256 of `domain`, the words and the points, each
/// of 32 or 64 bytes.
/// @param domain Separates digests of different kinds.
/// @param role What it is about. Each role occurs once at most, but for `Other`.
/// @param points How many points it takes.
/// @param words Which words enter the digest, one byte each: below 0x80 the position of a word in the key's header, from
/// 0x80 on a public input's position plus 0x80.
struct Segment {
    bytes32 domain;
    Role role;
    uint8 points;
    bytes words;
}

/// @notice Describes a claim. The claim's id is `keccak256(abi.encode(description))`, so an id has one meaning on every chain.
/// @param name Names the circuit and its version: a repaired circuit has another name, and is another claim.
/// @param segments The commitments that its proofs begin with, in order, with no gap between their points.
/// @param inputs What each public input is; exactly one is the context.
/// @param subjectWords How many words of a key's header say what the key is for.
/// @param architectureWord Position in the key's header of the word that names the model's architecture; zero for a claim without
/// a model.
/// @param maxTolerance Largest tolerance that `verify` accepts; zero for a claim without one.
/// @param impossibleInput Position of the public input by which a statement is impossible; 255 for a claim that has no such
/// statement.
/// @param impossibleAbove A statement is impossible when that input is above this.
struct ClaimDescription {
    string name;
    Segment[] segments;
    Meaning[] inputs;
    uint8 subjectWords;
    uint8 architectureWord;
    uint8 maxTolerance;
    uint8 impossibleInput;
    uint64 impossibleAbove;
}

/// @notice What a proof states. A field that the claim says nothing about is zero.
/// @param imageCommitment Commitment to the picture.
/// @param sourceCommitment Commitment to the picture that it was made from.
/// @param fingerprint Perceptual fingerprint as a big-endian number; its salted hash for a claim that hides it.
/// @param modelHash The model.
/// @param promptCommitment Commitment to the model's hidden input.
/// @param tolerance Largest Hamming distance proved between the picture's fingerprint and `fingerprint`.
/// @param extra What the claim states besides: the public inputs that have no field here, in their order, then the digests of
/// the commitments of role `Other`, in theirs.
struct Statement {
    bytes32 imageCommitment;
    bytes32 sourceCommitment;
    bytes32 fingerprint;
    bytes32 modelHash;
    bytes32 promptCommitment;
    uint8 tolerance;
    bytes32[] extra;
}

/// @notice What a registration says. Its id is `keccak256(abi.encode(record))`.
/// @param vkHash Verifying key of the proof, which fixes the claim.
/// @param registrant Account that registers: the proof is bound to it.
/// @param modelId Registration of the model that the registrant relies on; zero for a claim without a model.
/// @param statement What was proved.
struct Record {
    bytes32 vkHash;
    address registrant;
    uint256 modelId;
    Statement statement;
}
