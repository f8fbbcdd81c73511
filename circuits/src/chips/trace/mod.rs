//! The trace below the pixels: accumulators of instructions, written by gadgets, laid in rows and evaluated here.
//!
//! A gadget opens an [`Accumulator`] at a [`CellRef`], adds instructions to it and gets the cell of its last sum; the
//! [`TraceBuilder`] turns each reference into a copy constraint. The trace has two parts, one after the other: the *looked-up* part,
//! where every instruction's pair `(constant, cell)` must be in the table, and the *plain* part, where cells are free.
//!
//! The table begins with the pairs `(0, byte)` and `(1/2, bit)`. So in the looked-up part an instruction's constant is also its
//! tag: with the constant 0 the cell is a byte, with one half it is a bit, and there are no other constants.
//!
//! A claim with a model adds its own tables, rows for the latent's entries between the pixels and the tables, and two
//! kinds of looked-up instructions ([`Lookup`]): one reads a cell that was written elsewhere, one writes a neuron. What they mean
//! is in [`super::logup`] and [`super::network`].
//!
//! What the caller must believe: every reference that is used becomes a copy ([`TraceBuilder::assign_sums`] is the only place that
//! lays factors and accumulators' first sums), and every cell is laid in phase 0.

mod assign;
mod builder;
mod instruction;
mod layout;
mod lookups;
mod table;
mod tamper;
mod values;

pub use assign::NetworkColumns;
pub use builder::{Accumulator, Span, TraceBuilder};
pub use instruction::{Instruction, LatentEntry, Lookup, Neuron, latent_byte, latent_byte_query};
pub use layout::Layout;
pub use table::{FIRST_ADDRESS, FIRST_TABLE, RANGE_OFFSET, TABLE_ROWS, TableRow, base_table, half};
pub use tamper::{Tamper, Target};
pub use values::{InputColumns, InputValues, Values};

/// A part of the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Every instruction is looked up.
    LookedUp,
    /// Cells are free.
    Plain,
}

/// Where a factor or an accumulator's first sum is copied from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellRef {
    /// The sum before pixel `i`; before pixel 0 it is one.
    Pixel(usize),
    /// The sum before instruction `i` of a part.
    Instruction(Part, usize),
    /// A row of the instance column.
    Public(usize),
    /// A row of the committed fingerprint's column.
    Committed(usize),
}

impl CellRef {
    /// Whether it is no sum.
    #[cfg(test)]
    pub(crate) fn is_given(self) -> bool {
        matches!(self, Self::Public(_) | Self::Committed(_))
    }
}

/// The sum on the first row.
pub const ONE: CellRef = CellRef::Pixel(0);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chips::{
        bilinear,
        distance::{self, DistanceHint},
        split::{self, SplitHint},
    };
    use ff::Field;
    use halo2_proofs::halo2curves::bn256::Fr;

    #[test]
    fn the_table_is_the_bytes_and_the_bits() {
        let row = |tag, value| TableRow { tag, value, second: Fr::ZERO };
        let bytes = (0..=u8::MAX).map(|byte| row(Fr::ZERO, Fr::from(u64::from(byte))));
        let bits = [row(half(), Fr::ZERO), row(half(), Fr::ONE)];
        assert_eq!(base_table().collect::<Vec<_>>(), bytes.chain(bits).collect::<Vec<_>>());
        assert_eq!(base_table().count(), TABLE_ROWS);
    }

    /// A cell that nobody looks up is the prover's to choose, even against the field's wrap-around.
    #[test]
    fn the_median_is_the_one_free_cell_of_the_fingerprint() {
        let mut builder = TraceBuilder::default();
        let zero = builder.zero();
        let coefficients: [i128; 256] = std::array::from_fn(|k| k as i128);
        let rows = bilinear::rows(&mut builder, zero, &[[1; 16]; 5], 5);
        let bits = split::median_split(&mut builder, zero, &rows, &SplitHint::of(&coefficients, 127));
        let hint = DistanceHint::of(Default::default(), Default::default(), 0);
        let fingerprints = distance::Fingerprints::of(crate::statement::claim::Claim::FINGERPRINT);
        distance::within_tolerance(&mut builder, zero, &bits, fingerprints, &hint);
        let free: Vec<_> = builder.plain.iter().filter(|line| line.weight != Fr::ZERO).map(|line| line.cell).collect();
        assert_eq!(free, [Fr::from(127)]);
    }
}
