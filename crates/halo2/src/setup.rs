//! The points of a trusted setup, as the prover reads them.
use crate::error::Error;
use halo2_proofs::halo2curves::bn256::G1Affine;
use std::fmt;

/// The points of a trusted setup for `2^k` rows; borrowed, never copied.
///
/// Whether they are the powers of one secret is for the caller to know: a proof of wrong points does not verify, but commitments to them need
/// not hide.
#[derive(Clone, Copy)]
pub struct Setup<'a> {
    powers: &'a [G1Affine],
    lagrange: &'a [G1Affine],
}

impl fmt::Debug for Setup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup").field("k", &self.k()).finish_non_exhaustive()
    }
}

impl<'a> Setup<'a> {
    /// `powers` are `[s^i]_1` from `i = 0` on, one more than rows at least; `lagrange` are `[L_i(s)]_1` of the domain's `2^k` rows, in
    /// order.
    ///
    /// # Errors
    /// [`Error::Size`] where `lagrange` is not a power of two, [`Error::Powers`] where there are too few powers: the one past the
    /// rows, `[s^n]_1`, blinds the quotient, and no proof is made without it.
    pub fn new(powers: &'a [G1Affine], lagrange: &'a [G1Affine]) -> Result<Self, Error> {
        let n = lagrange.len();
        if !n.is_power_of_two() {
            return Err(Error::Size { what: "points of the Lagrange basis", expected: n.next_power_of_two(), got: n });
        }
        if powers.len() <= n {
            return Err(Error::Powers { expected: n + 1, got: powers.len() });
        }
        Ok(Self { powers: &powers[..=n], lagrange })
    }

    /// The logarithm of the number of rows.
    pub fn k(&self) -> u32 {
        self.lagrange.len().ilog2()
    }

    /// `[s^i]_1` for `i` from 0 to the number of rows, which is included.
    pub fn powers(&self) -> &'a [G1Affine] {
        self.powers
    }

    /// `[L_i(s)]_1` for every row.
    pub fn lagrange(&self) -> &'a [G1Affine] {
        self.lagrange
    }
}
