//! The polynomials of one proof, by number: advice columns, fixed columns, permutation, copy products, instances.
//!
//! A polynomial is kept as coefficients, or, where memory is scarce and its column holds small values, as that column: its coefficients
//! are then made anew whenever they are needed.
use crate::{
    column::Column,
    error::Error,
    field::Limbs,
    key::{self, ProvingKey},
    work::Work,
};
use halo2_proofs::plonk::{self, Any};
use std::borrow::Cow;

/// One polynomial of the witness.
pub(crate) enum Kept {
    /// As a column of values.
    Values(Column),
    /// As coefficients.
    Coefficients(Vec<Limbs>),
}

/// All polynomials of a proof.
pub(crate) struct Polynomials<'k> {
    key: &'k ProvingKey,
    advice: Vec<Kept>,
    products: Vec<Kept>,
    instances: Vec<Kept>,
}

impl<'k> Polynomials<'k> {
    /// Interpolates columns of values, one after the other, so that few are held twice; narrow ones stay values where memory is scarce.
    pub(crate) fn new(
        key: &'k ProvingKey,
        [advice, products, instances]: [Vec<Column>; 3],
        scarce: bool,
        work: &Work<'_>,
    ) -> Result<Self, Error> {
        let keep = |columns: Vec<Column>| -> Result<Vec<Kept>, Error> {
            let kept = columns.into_iter().map(|column| {
                if scarce && column.is_narrow() {
                    return Ok(Kept::Values(column));
                }
                let coefficients = work.run(|| key::coefficients(&key.domain, &column, work));
                work.check()?;
                Ok(Kept::Coefficients(coefficients))
            });
            kept.collect()
        };
        Ok(Self { key, advice: keep(advice)?, products: keep(products)?, instances: keep(instances)? })
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.of_instance(0) + self.instances.len()
    }

    /// The number of an advice column.
    pub(crate) fn of_advice(&self, column: usize) -> usize {
        column
    }

    /// The number of a fixed column.
    pub(crate) fn of_fixed(&self, column: usize) -> usize {
        self.advice.len() + column
    }

    /// The number of the permutation's polynomial for a column under equality.
    pub(crate) fn of_sigma(&self, column: usize) -> usize {
        self.of_fixed(self.key.fixed_coefficients.len()) + column
    }

    /// The number of a copy product.
    pub(crate) fn of_product(&self, product: usize) -> usize {
        self.of_sigma(self.key.sigma_coefficients.len()) + product
    }

    /// The number of an instance column.
    pub(crate) fn of_instance(&self, column: usize) -> usize {
        self.of_product(self.products.len()) + column
    }

    /// The number of any column.
    pub(crate) fn of(&self, column: &plonk::Column<Any>) -> usize {
        match column.column_type() {
            Any::Advice(_) => self.of_advice(column.index()),
            Any::Fixed => self.of_fixed(column.index()),
            Any::Instance => self.of_instance(column.index()),
        }
    }

    /// Copy products.
    pub(crate) fn products(&self) -> usize {
        self.products.len()
    }

    /// The coefficients of a polynomial by number.
    pub(crate) fn coefficients(&self, number: usize, work: &Work<'_>) -> Cow<'_, [Limbs]> {
        let key = self.key;
        let kept = if number < self.of_fixed(0) {
            &self.advice[number]
        } else if number < self.of_sigma(0) {
            return Cow::Borrowed(&key.fixed_coefficients[number - self.of_fixed(0)]);
        } else if number < self.of_product(0) {
            return Cow::Borrowed(&key.sigma_coefficients[number - self.of_sigma(0)]);
        } else if number < self.of_instance(0) {
            &self.products[number - self.of_product(0)]
        } else {
            &self.instances[number - self.of_instance(0)]
        };
        match kept {
            Kept::Coefficients(coefficients) => Cow::Borrowed(coefficients),
            Kept::Values(column) => Cow::Owned(key::coefficients(&key.domain, column, work)),
        }
    }
}
