//! What halo2's own prover needs to make proofs of our claims: the reference that ours is held against.
//!
//! It overwrites the last rows of every advice column with blinding scalars; for phase-0 columns it draws them first, column by column in
//! order of index, 64 bytes a scalar.
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroize;

/// The prover's randomness: zeros for the blinding rows of the committed columns, `R` for everything else.
#[derive(Debug)]
pub struct CommittedColumnsRng<R> {
    zeros: usize,
    inner: R,
}

impl<R: RngCore + CryptoRng> CommittedColumnsRng<R> {
    /// For a circuit whose first `columns` are committed and whose columns have `blinding_rows` rows overwritten:
    /// `cs.blinding_factors() + 1`.
    pub fn new(columns: usize, blinding_rows: usize, inner: R) -> Self {
        const BYTES_PER_SCALAR: usize = 64;
        Self { zeros: columns * blinding_rows * BYTES_PER_SCALAR, inner }
    }
}

impl<R: RngCore> RngCore for CommittedColumnsRng<R> {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        let (zero, random) = out.split_at_mut(self.zeros.min(out.len()));
        self.zeros -= zero.len();
        zero.zeroize();
        self.inner.fill_bytes(random);
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(out);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;
    use halo2_proofs::halo2curves::bn256::Fr;
    use rand::{SeedableRng, rngs::StdRng};

    /// Zeros for as many scalars as halo2 draws for the committed columns' blinding rows, and not one more.
    #[test]
    fn the_committed_columns_have_no_blinding_and_everything_else_has() {
        let mut rng = CommittedColumnsRng::new(3, 6, StdRng::seed_from_u64(1));
        assert!((0..3 * 6).all(|_| Fr::random(&mut rng) == Fr::ZERO));
        assert!((0..3 * 6).all(|_| Fr::random(&mut rng) != Fr::ZERO));
    }
}
