//! Veilmark's statements and the Halo2 circuits that prove them.
//!
//! Read `docs/statement.md` first: it is the relation in mathematics. [`statement`] is the same relation in plain Rust,
//! with no proof system in it; [`mod@column`]s hold what is committed to, and [`committed`] says on which rows; [`commitment`] ties every
//! proof to it; [`relation`] is what a claim implements; [`chips`] own the gates; [`claims`] compose chips into the circuits that are proved; [`transcript`] is the
//! Fiat–Shamir transcript that prover, native verifier and contract share. No I/O happens in this crate.

pub mod chips;
pub mod claims;
pub mod column;
pub mod commitment;
pub mod committed;
pub mod disclosure;
pub mod relation;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use veilmark_statement as statement;
pub use veilmark_transcript as transcript;
