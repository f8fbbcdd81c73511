//! The one seam where a test may put a false value into a phase-1 cell. In production it is the identity.
//!
//! Phase-0 values need no seam: they are hints, which a test replaces before anything is laid.
use halo2_proofs::halo2curves::bn256::Fr;

/// A phase-1 column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Factors of the Horner chip.
    Factor,
    /// Sums of the Horner chip.
    Sum,
    /// The sum of the LogUp chip.
    Lookup,
    /// The canvas's sum of inverses of the left pixel.
    First,
    /// The canvas's sum of inverses of the right pixel.
    Second,
    /// The canvas's powers and polynomials.
    Power,
    /// The canvas's weighed sum.
    Weighed,
    /// Factors of the chip of products.
    ProductFactor,
    /// Sums of the chip of products.
    ProductSum,
}

/// Changes no value. It is made and copied as the tests' one, which holds something.
#[cfg(not(test))]
#[derive(Clone, Debug, Default)]
pub struct Tamper {}

#[cfg(not(test))]
impl Tamper {
    /// The value that is laid where `honest` should be.
    #[inline(always)]
    pub fn apply(&self, _: Target, _: usize, honest: Fr) -> Fr {
        honest
    }
}

/// What a cheating prover adds to honest values, by column and row. Everything after follows the false value.
#[cfg(test)]
#[derive(Clone, Debug, Default)]
pub struct Tamper(std::collections::BTreeMap<(Target, usize), Fr>);

#[cfg(test)]
impl Tamper {
    /// The value that is laid where `honest` should be.
    pub fn apply(&self, target: Target, row: usize, honest: Fr) -> Fr {
        self.0.get(&(target, row)).map_or(honest, |added| honest + added)
    }

    /// Adds this much on a row, instead of what was added there before.
    pub fn set(&mut self, target: Target, row: usize, added: Fr) {
        self.0.insert((target, row), added);
    }

    /// Adds this much more on a row.
    pub fn add(&mut self, target: Target, row: usize, added: Fr) {
        *self.0.entry((target, row)).or_default() += added;
    }
}
