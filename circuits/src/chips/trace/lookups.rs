//! What the lookup argument reads of a trace: every entry below the pixels, and how often each table row is looked up.
use super::{
    Instruction, LatentEntry, Lookup, RANGE_OFFSET, TableRow, TraceBuilder, base_table, latent_byte, table::tagged,
};
use crate::chips::logup::Entry;
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use std::collections::HashMap;

impl TraceBuilder {
    pub(super) fn table(&self) -> impl Iterator<Item = TableRow> + '_ {
        base_table().chain(self.tables.iter().copied())
    }

    /// How often each row of the table is looked up. `samples` counts the bytes looked up by the pixels.
    pub fn multiplicities(&self, samples: &[u64; 256]) -> Vec<Fr> {
        let rows: Vec<TableRow> = self.table().collect();
        let positions: HashMap<TableRow, usize> = rows.iter().enumerate().map(|(at, &row)| (row, at)).collect();
        let mut counts: Vec<u64> = vec![0; rows.len()];
        counts[..256].copy_from_slice(samples);
        // what is in no table is not counted: the sum will not vanish
        let mut count = |tag, value, second| {
            if let Some(&at) = positions.get(&TableRow { tag, value, second }) {
                counts[at] += 1;
            }
        };
        for entry in &self.latent {
            count(Fr::ZERO, latent_byte(entry.value), Fr::ZERO);
        }
        for line in &self.looked_up {
            match line.kind {
                Lookup::Pair => count(line.constant, line.cell, Fr::ZERO),
                Lookup::Read { .. } | Lookup::Send | Lookup::RowStart => {}
                Lookup::Neuron(neuron) => {
                    count(line.constant, neuron.value, line.cell - neuron.remainder);
                    count(line.constant + Fr::from(RANGE_OFFSET), neuron.remainder, Fr::ZERO);
                }
            }
        }
        counts.into_iter().map(Fr::from).collect()
    }

    /// What the lookup argument reads below the pixels, row by row: the latent, the table with its `multiplicities`, then
    /// the looked-up part.
    ///
    /// `written` gives the term of a [`Lookup::Send`] and of a [`Lookup::RowStart`], by its index in the looked-up part.
    pub fn entries<'s>(
        &'s self,
        multiplicities: &'s [Fr],
        sigma: Fr,
        written: impl Fn(usize, &Instruction) -> Entry + 's,
    ) -> impl Iterator<Item = Entry> + 's {
        let address = move |address: u64, value: Fr| tagged(sigma, Fr::from(address), value);
        let latent = move |entry: &LatentEntry| Entry::Latent {
            byte: latent_byte(entry.value),
            written: address(entry.address, entry.value),
            reads: Fr::from(u64::from(entry.reads)),
        };
        let row =
            move |(row, &multiplicity): (TableRow, &Fr)| Entry::Table { value: row.compressed(sigma), multiplicity };
        let line = move |(index, line): (usize, &Instruction)| match line.kind {
            Lookup::Send | Lookup::RowStart => written(index, line),
            Lookup::Pair => Entry::One(tagged(sigma, line.constant, line.cell)),
            Lookup::Read { address: at } => Entry::One(address(at, line.cell)),
            Lookup::Neuron(neuron) => {
                let second = line.cell - neuron.remainder;
                Entry::Neuron {
                    activation: TableRow { tag: line.constant, value: neuron.value, second }.compressed(sigma),
                    remainder: tagged(sigma, line.constant + Fr::from(RANGE_OFFSET), neuron.remainder),
                    written: address(neuron.address, neuron.value),
                    reads: Fr::from(u64::from(neuron.reads)),
                }
            }
        };
        let tables = self.table().zip(multiplicities).map(row);
        self.latent.iter().map(latent).chain(tables).chain(self.looked_up.iter().enumerate().map(line))
    }
}
