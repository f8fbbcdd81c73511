//! Where the parts of a trace lie, in rows.
use super::{CellRef, Instruction, Part, TraceBuilder};

/// Where the parts lie, in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Pixels occupy rows `0..pixels`; the latent's entries follow.
    pub pixels: usize,
    /// First row of the tables.
    pub tables: usize,
    /// First row of the looked-up part.
    pub looked_up: usize,
    /// The row of [`RowKind::Bound`](super::super::logup::RowKind::Bound) that ends the lookup sum.
    pub bound: usize,
    /// First row of the plain part.
    pub plain: usize,
    /// One past the last row.
    pub end: usize,
}

impl Layout {
    /// The row of a sum.
    ///
    /// # Panics
    /// For what stands outside the trace, which is no sum.
    pub fn row(&self, wire: CellRef) -> usize {
        match wire {
            CellRef::Pixel(row) => row,
            CellRef::Instruction(Part::LookedUp, index) => self.looked_up + index,
            CellRef::Instruction(Part::Plain, index) => self.plain + index,
            CellRef::Public(_) | CellRef::Committed(_) => unreachable!("what is given has no row among the sums"),
        }
    }

    pub(super) fn rows<'s>(
        &self,
        builder: &'s TraceBuilder,
    ) -> impl Iterator<Item = (usize, &'s Instruction)> + use<'s> {
        (self.looked_up..).zip(&builder.looked_up).chain((self.plain..).zip(&builder.plain))
    }
}
