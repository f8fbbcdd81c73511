//! The lookup tables that every claim has, and the tags that keep tables and addresses apart.
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;

/// Rows of the tables that every claim has: 256 bytes, 2 bits.
pub const TABLE_ROWS: usize = 258;

/// The tag of neuron `0`'s address; neuron `n` has the one `n` higher.
pub const FIRST_ADDRESS: u64 = 1;
/// The tag of table `0` of a model; table `t` has the one `t` higher.
pub const FIRST_TABLE: u64 = 1 << 33;
/// What is added to a table's tag for the range of its remainders.
pub const RANGE_OFFSET: u64 = 1 << 33;

/// A row of a table: what is looked up as `value + sigma tag + sigma^2 second`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TableRow {
    /// Names the table.
    pub tag: Fr,
    /// The value, or the pair's first.
    pub value: Fr,
    /// The pair's second, or zero.
    pub second: Fr,
}

/// One half: the tag of the bits.
pub fn half() -> Fr {
    Fr::from(2).invert().expect("2 is not 0")
}

/// The rows every claim has: every byte under zero, then the two bits under one half.
pub fn base_table() -> impl Iterator<Item = TableRow> {
    let row = |tag, value| TableRow { tag, value, second: Fr::ZERO };
    let bytes = (0..256).map(move |byte| row(Fr::ZERO, Fr::from(byte)));
    bytes.chain([Fr::ZERO, Fr::ONE].map(|bit| row(half(), bit)))
}

/// Compresses a tag and a value. Two different pairs fixed in phase 0 collide for at most one of the `r` challenges.
pub(super) fn tagged(sigma: Fr, tag: Fr, value: Fr) -> Fr {
    value + sigma * tag
}

impl TableRow {
    pub(super) fn compressed(&self, sigma: Fr) -> Fr {
        self.value + sigma * (self.tag + sigma * self.second)
    }
}
