//! One row below the pixels: what it computes, and what it is in the lookup argument.
use super::CellRef;
use crate::chips::horner::Opcode;
use halo2_proofs::{halo2curves::bn256::Fr, plonk::Expression};

/// One row of the Horner chip.
#[derive(Clone)]
pub struct Instruction {
    pub(crate) start: Option<CellRef>,
    pub(crate) factor: Option<CellRef>,
    pub(crate) constant: Fr,
    pub(crate) weight: Fr,
    pub(crate) cell: Fr,
    pub(crate) step: Opcode,
    pub(crate) kind: Lookup,
}

/// Cells are the witness.
impl std::fmt::Debug for Instruction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instruction").field("step", &self.step).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// What an instruction is in the lookup argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// Of the looked-up part: the pair `(constant, cell)` is in the table. Of the plain part: nothing.
    Pair,
    /// The cell is the one written under this address.
    Read {
        /// The address, as a tag.
        address: u64,
    },
    /// A neuron: `constant + cell` is its accumulator.
    Neuron(Neuron),
    /// Sends `weight * factor` to the address on `sum`, under the tag `constant` ([`crate::chips::canvas`]).
    Send,
    /// A row of the picture begins at the address on `sum` if the cell is one ([`crate::chips::canvas`]).
    RowStart,
}

/// The cells of a neuron's row beside its instruction's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Neuron {
    /// The address, as a tag.
    pub address: u64,
    /// How often it is read: not zero.
    pub reads: u32,
    /// What is left of the accumulator.
    pub remainder: Fr,
    /// The neuron.
    pub value: Fr,
}

impl std::fmt::Debug for Neuron {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Neuron").field("address", &self.address).field("reads", &self.reads).finish_non_exhaustive()
    }
}

/// An entry of the latent.
#[derive(Clone, Copy)]
pub struct LatentEntry {
    /// The address, as a tag.
    pub address: u64,
    /// How often it is read: not zero.
    pub reads: u32,
    /// The entry: an integer from -128 to 127.
    pub value: Fr,
}

impl std::fmt::Debug for LatentEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LatentEntry").field("address", &self.address).finish_non_exhaustive()
    }
}

/// What an entry of the latent is looked up as.
pub fn latent_byte(value: Fr) -> Fr {
    value + Fr::from(128)
}

/// [`latent_byte`] as the gates see it.
pub fn latent_byte_query(value: Expression<Fr>) -> Expression<Fr> {
    value + Expression::Constant(Fr::from(128))
}
