//! Decides whether a laid constraint system says what the statement says, coefficient by coefficient.
//!
//! The checker knows nothing of the chips that lay a circuit. It takes gates, fixed cells and copies from key generation
//! ([`Laid`]), follows copies and rows, carries every running sum as a polynomial in the challenge `sigma` over polynomials
//! in the cells of the first phase ([`sums`]), and solves the lookups ([`lookups`]). What is left is a list of equations and of facts about
//! cells that were committed before any challenge ([`Solved`]). A claim's [`meaning`] compares every one of them, and every
//! coefficient, with the statement. `docs/checker.md` says what that proves and what it takes on trust.

pub mod claims;
mod explain;
pub mod laid;
pub mod lookups;
pub mod meaning;
pub mod mutate;
pub mod node;
pub mod poly;
mod rows;
mod solved;
pub mod sums;

pub use explain::{Explanation, explain};
pub use laid::Laid;
pub use solved::Solved;

/// A circuit does not say what the statement says, or the checker cannot tell.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{what}", self.place())]
pub struct Fault {
    row: Option<usize>,
    gate: String,
    what: String,
}

impl Fault {
    /// A fault of no one row.
    pub fn new(what: impl Into<String>) -> Self {
        Self { row: None, gate: String::new(), what: what.into() }
    }

    /// The fault on a row, in a gate; an inner place stands.
    #[must_use]
    pub fn at(mut self, row: usize, gate: &str) -> Self {
        if self.row.is_none() {
            (self.row, self.gate) = (Some(row), gate.into());
        }
        self
    }

    fn place(&self) -> String {
        match self.row {
            None => String::new(),
            Some(row) if self.gate.is_empty() => format!("row {row}: "),
            Some(row) => format!("row {row}, gate {}: ", self.gate),
        }
    }
}
