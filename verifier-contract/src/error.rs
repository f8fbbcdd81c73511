//! Why a verifier, a key or a call is not made.

use thiserror::Error;

/// What the generator refuses. Halo2 would accept some of these circuits; the contract would not verify them, or not
/// say the same as the native verifier, so they end here and not on chain.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// A native lookup argument: the contract has none (three commitments and five evaluations each).
    #[error(
        "the circuit has {got} native lookup(s), the contract supports none; use a LogUp argument built from challenges"
    )]
    NativeLookups {
        /// Lookups found.
        got: usize,
    },
    /// Public inputs live in exactly one instance column.
    #[error("the circuit has {got} instance columns, expected {expected}")]
    InstanceColumns {
        /// What is supported.
        expected: usize,
        /// Columns found.
        got: usize,
    },
    /// The instance column is read at the current row only.
    #[error("the instance column is queried at rotation {rotation}, only rotation 0 is supported")]
    InstanceRotation {
        /// The rotation found.
        rotation: i32,
    },
    /// A circuit without public inputs states nothing, and `uint256[0]` is no Solidity type.
    #[error("no public inputs: expected 1 to {limit}")]
    NoPublicInputs {
        /// The most that is supported.
        limit: usize,
    },
    /// The same column twice at the same rotation.
    #[error("{column} is queried twice at rotation {rotation}")]
    DuplicateQuery {
        /// The column.
        column: String,
        /// The rotation.
        rotation: i32,
    },
    /// A column used where the list of queries does not have it.
    #[error("{column} is used at rotation {rotation}, which is not among the circuit's queries")]
    MissingQuery {
        /// The column.
        column: String,
        /// The rotation.
        rotation: i32,
    },
    /// A column index outside the circuit.
    #[error("{column} does not exist: the circuit has {limit}")]
    NoSuchColumn {
        /// The column.
        column: String,
        /// How many there are.
        limit: usize,
    },
    /// The constraint system's degree.
    #[error("the constraint system has degree {got}, supported are 3 to {limit}")]
    Degree {
        /// The largest degree supported.
        limit: usize,
        /// The degree found.
        got: usize,
    },
    /// A constraint above the degree the quotient is split for: proofs of it never verify.
    #[error("constraint `{constraint}` has degree {got}, the constraint system only {limit}")]
    ConstraintDegree {
        /// The constraint's name.
        constraint: String,
        /// The constraint system's degree.
        limit: usize,
        /// The constraint's degree.
        got: usize,
    },
    /// No constraint has the constraint system's degree: the last pieces of the quotient are zero, which no proof can
    /// send.
    #[error("the constraint system has degree {expected}, its constraints reach only {got}: lower the minimum degree")]
    DegreeNotReached {
        /// The constraint system's degree.
        expected: usize,
        /// The highest degree of a constraint.
        got: usize,
    },
    /// The number of quotient commitments is the degree less one.
    #[error("the quotient has {got} pieces, expected {expected}")]
    QuotientPieces {
        /// Degree less one.
        expected: usize,
        /// What the domain says.
        got: usize,
    },
    /// Selectors must have become fixed columns.
    #[error("{got} selector(s) are left: the verifying key must hold them as fixed columns")]
    Selectors {
        /// Selectors found.
        got: usize,
    },
    /// A challenge of a phase without advice: the native verifier would never squeeze it.
    #[error("challenge {challenge} is of phase {phase}, the last phase with advice is {last}")]
    ChallengePhase {
        /// The challenge.
        challenge: usize,
        /// Its phase.
        phase: usize,
        /// The last phase.
        last: usize,
    },
    /// More of something than the contract is made for.
    #[error("{got} {what}, supported are {limit}")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// The limit.
        limit: usize,
        /// The count.
        got: usize,
    },
    /// A commitment of the key is the point at infinity: an all-zero column.
    #[error("{commitment} is the point at infinity: its column is all zero")]
    IdentityCommitment {
        /// The commitment.
        commitment: String,
    },
    /// The key has not the shape its constraint system says.
    #[error("the verifying key has {got} {what}, its constraint system says {expected}")]
    KeyShape {
        /// What is counted.
        what: &'static str,
        /// By the constraint system.
        expected: usize,
        /// In the key.
        got: usize,
    },
    /// The key belongs to another constraint system than the verifier.
    #[error("the verifying key is of constraint system {got}, the verifier of {expected}")]
    ConstraintSystem {
        /// The verifier's digest, hexadecimal.
        expected: String,
        /// The key's digest, hexadecimal.
        got: String,
    },
    /// The subject's `k` is not the key's.
    #[error("the subject says k = {got}, the verifying key k = {expected}")]
    SubjectK {
        /// The key's.
        expected: u32,
        /// The subject's.
        got: u32,
    },
    /// The subject has not the words that the claim names.
    #[error("the subject has {got} words, the claim names {expected}")]
    SubjectWords {
        /// By the claim.
        expected: usize,
        /// Given.
        got: usize,
    },
    /// A subject word's name, which becomes part of a Solidity identifier.
    #[error("`{name}` is no name of a subject word: capital letters, digits and `_`, at most 32, each name once")]
    SubjectName {
        /// The name given.
        name: String,
    },
    /// `k` outside what rotations, rows and the field allow.
    #[error("k = {got} is not supported, expected {min} to {max}")]
    K {
        /// The smallest `k` that holds the circuit's own rows.
        min: u32,
        /// The field's two-adicity.
        max: u32,
        /// The key's.
        got: u32,
    },
    /// Two queried points coincide on a domain this small.
    #[error("two rotations of the circuit coincide on a domain of 2^{k} rows")]
    RotationsCoincide {
        /// The domain's size, as a power of two.
        k: u32,
    },
    /// `[tau]_2` must be a point other than infinity.
    #[error("[tau]_2 is the point at infinity")]
    IdentityTau,
    /// The data contract would exceed the EVM's limit on code.
    #[error("the verifying key needs {got} bytes of code, the limit is {limit}")]
    KeyTooLong {
        /// EIP-170.
        limit: usize,
        /// The length.
        got: usize,
    },
    /// Code that is not a verifying key of ours.
    #[error("not a verifying key contract: {field} {problem}")]
    NotAKey {
        /// Which part.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A Solidity identifier is needed.
    #[error("`{name}` is no contract name: letters and digits, a capital first, at most 64")]
    ContractName {
        /// The name given.
        name: String,
    },
}
