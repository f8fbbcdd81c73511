//! Why there is no key or no proof.
use halo2_proofs::plonk;
use std::io;

/// A key or a proof was not made. No error holds a value of the witness.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The circuit uses a part of Halo2 that this prover does not have.
    #[error("circuits with {what} are not supported by this prover")]
    Unsupported {
        /// The part.
        what: &'static str,
    },
    /// A constraint has a higher degree than the constraint system counts with: its proofs would not verify.
    #[error(
        "constraint `{name}` has degree {got}, the constraint system counts with {expected}: set its minimum degree"
    )]
    Degree {
        /// The constraint.
        name: String,
        /// Degree of the constraint system.
        expected: usize,
        /// Degree of the constraint.
        got: usize,
    },
    /// The setup has too few powers: one more than rows are needed, for the blinds of the quotient.
    #[error("the setup has {got} powers, {expected} are needed: one more than rows, to blind the quotient")]
    Powers {
        /// Powers needed.
        expected: usize,
        /// Powers given.
        got: usize,
    },
    /// Two things that belong together are of different sizes.
    #[error("{what}: expected {expected}, got {got}")]
    Size {
        /// What was counted.
        what: &'static str,
        /// How many there should be.
        expected: usize,
        /// How many there are.
        got: usize,
    },
    /// Committed columns are the first advice columns, in the first phase.
    #[error("{committed} committed columns are not the first columns of the first phase")]
    Committed {
        /// Committed columns asked for.
        committed: usize,
    },
    /// The circuit wrote to a row that is not there, or that belongs to the blinding.
    #[error("the circuit uses row {row} of a column, {usable} rows are usable: take a larger k")]
    Row {
        /// The row.
        row: usize,
        /// Rows below which cells may be.
        usable: usize,
    },
    /// The circuit left the value of a cell open.
    #[error("the circuit gave no value for row {row} of advice column {column}")]
    NoValue {
        /// The column.
        column: usize,
        /// The row.
        row: usize,
    },
    /// Synthesis failed.
    #[error("the circuit was not laid: {0}")]
    Circuit(plonk::Error),
    /// The witness does not satisfy the constraints: nothing was proved.
    #[error("the witness does not satisfy the circuit")]
    Unsatisfied,
    /// The proof does not fit the memory allowed.
    #[error("a proof needs at least {needed} bytes of memory, {allowed} are allowed")]
    Memory {
        /// Bytes of the plan that takes the least.
        needed: u64,
        /// Bytes allowed.
        allowed: u64,
    },
    /// The threads could not be started.
    #[error("{threads} threads could not be started: {reason}")]
    Threads {
        /// Threads asked for.
        threads: usize,
        /// What the operating system said.
        reason: String,
    },
    /// The transcript refused a point or a scalar: an empty committed column is the point at infinity, which no proof can hold.
    #[error("the transcript takes no such value: {0}")]
    Transcript(#[from] io::Error),
    /// The progress function said so.
    #[error("cancelled")]
    Cancelled,
}
