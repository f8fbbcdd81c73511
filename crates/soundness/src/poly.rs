//! Polynomials in the challenge `sigma`, over polynomials in cells: the values that the checker computes with.
//!
//! A polynomial is a list of terms. Sums of a circuit grow a few terms a row, over thousands of rows, so terms are appended
//! first and sorted when a list has doubled, or is asked for.
use crate::Fault;
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;

/// A cell, or [`POLE`]. Zero is no variable.
pub type Var = u32;

/// The challenge at which the lookups' poles are taken, as a variable.
pub const POLE: Var = Var::MAX;

/// A product of at most four variables, with repetition: ascending, zeros first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Mono([Var; 4]);

impl Mono {
    /// The empty product.
    pub const ONE: Self = Self([0; 4]);

    /// One variable.
    pub fn var(var: Var) -> Self {
        Self([0, 0, 0, var])
    }

    /// A product of two variables.
    pub fn pair(a: Var, b: Var) -> Self {
        Self([0, 0, a.min(b), a.max(b)])
    }

    /// The variables.
    pub fn vars(&self) -> impl Iterator<Item = Var> + use<> {
        self.0.into_iter().filter(|&var| var != 0)
    }

    /// How many variables are multiplied.
    pub fn degree(&self) -> usize {
        self.vars().count()
    }

    /// The one variable of a product of one.
    pub fn single(&self) -> Option<Var> {
        (self.0[2] == 0 && self.0[3] != 0).then_some(self.0[3])
    }

    /// # Errors
    /// [`Fault`] where more than four variables would be multiplied: no gate of ours does.
    pub fn times(self, other: Self) -> Result<Self, Fault> {
        if other == Self::ONE {
            return Ok(self);
        }
        if self == Self::ONE {
            return Ok(other);
        }
        let mut all = [0; 8];
        all[..4].copy_from_slice(&self.0);
        all[4..].copy_from_slice(&other.0);
        all.sort_unstable();
        if all[3] != 0 {
            return Err(Fault::new("a product of more than four cells"));
        }
        Ok(Self([all[4], all[5], all[6], all[7]]))
    }

    /// The product with each variable renamed.
    pub fn renamed(self, name: impl Fn(Var) -> Var) -> Self {
        let mut vars = self.0.map(|var| if var == 0 { 0 } else { name(var) });
        vars.sort_unstable();
        Self(vars)
    }
}

/// A power of `sigma` and a product of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The power of `sigma`.
    pub sigma: i64,
    /// The cells.
    pub mono: Mono,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Poly {
    /// Added to every term's power of `sigma`.
    shift: i64,
    terms: Vec<(Key, Fr)>,
    /// So many terms are sorted, distinct and not zero.
    sorted: usize,
}

impl Poly {
    /// Zero.
    pub fn zero() -> Self {
        Self::default()
    }

    /// A constant.
    pub fn constant(value: Fr) -> Self {
        Self::term(Key { sigma: 0, mono: Mono::ONE }, value)
    }

    /// A variable.
    pub fn var(var: Var) -> Self {
        Self::term(Key { sigma: 0, mono: Mono::var(var) }, Fr::ONE)
    }

    /// `sigma`.
    pub fn sigma() -> Self {
        Self::term(Key { sigma: 1, mono: Mono::ONE }, Fr::ONE)
    }

    fn term(key: Key, value: Fr) -> Self {
        let mut poly = Self::zero();
        poly.push(key, value);
        poly.normalise();
        poly
    }

    /// Adds a term.
    pub fn push(&mut self, key: Key, value: Fr) {
        if value == Fr::ZERO {
            return;
        }
        self.terms.push((Key { sigma: key.sigma - self.shift, ..key }, value));
        if self.terms.len() - self.sorted > self.sorted.max(64) {
            self.normalise();
        }
    }

    /// Sorts the terms and adds up like ones.
    pub fn normalise(&mut self) {
        if self.sorted == self.terms.len() {
            return;
        }
        let mut tail = self.terms.split_off(self.sorted);
        tail.sort_unstable_by_key(|(key, _)| *key);
        self.terms = merge(std::mem::take(&mut self.terms), tail.into_iter());
        self.sorted = self.terms.len();
    }

    /// The terms, sorted and distinct, with their powers of `sigma`. The polynomial must be normalised.
    pub fn terms(&self) -> impl Iterator<Item = (Key, Fr)> + '_ {
        debug_assert_eq!(self.sorted, self.terms.len(), "normalised");
        self.terms.iter().map(|(key, value)| (Key { sigma: key.sigma + self.shift, ..*key }, *value))
    }

    /// How many terms there are, like ones counted apart until they are added up.
    pub fn size(&self) -> usize {
        self.terms.len()
    }

    /// Whether it is zero. The polynomial must be normalised.
    pub fn is_zero(&self) -> bool {
        debug_assert_eq!(self.sorted, self.terms.len(), "normalised");
        self.terms.is_empty()
    }

    /// Its value, where it is a constant. The polynomial must be normalised.
    pub fn as_constant(&self) -> Option<Fr> {
        match self.terms.as_slice() {
            [] => Some(Fr::ZERO),
            [(key, value)] if key.mono == Mono::ONE && key.sigma + self.shift == 0 => Some(*value),
            _ => None,
        }
    }

    /// Multiplies by a constant.
    pub fn scale(&mut self, by: Fr) {
        if by == Fr::ZERO {
            *self = Self::zero();
        } else if by != Fr::ONE {
            self.terms.iter_mut().for_each(|(_, value)| *value *= by);
        }
    }

    /// Multiplies by a power of `sigma`.
    pub fn shift(&mut self, by: i64) {
        self.shift += by;
    }

    /// Adds `scale * sigma^shift * mono * other`; `other` must be normalised.
    ///
    /// # Errors
    /// [`Fault`] where a product has too many cells.
    pub fn add(&mut self, other: &Self, scale: Fr, shift: i64, mono: Mono) -> Result<(), Fault> {
        if scale == Fr::ZERO {
            return Ok(());
        }
        if mono == Mono::ONE && other.size() > 64 {
            self.normalise();
            let by = other.shift + shift - self.shift;
            let scaled = other.terms.iter().map(|(key, value)| {
                let value = if scale == Fr::ONE { *value } else { *value * scale };
                (Key { sigma: key.sigma + by, ..*key }, value)
            });
            self.terms = merge(std::mem::take(&mut self.terms), scaled);
            self.sorted = self.terms.len();
            return Ok(());
        }
        for (key, value) in other.terms() {
            self.push(Key { sigma: key.sigma + shift, mono: key.mono.times(mono)? }, value * scale);
        }
        Ok(())
    }

    /// The sum; both must be normalised.
    ///
    /// # Errors
    /// None in fact.
    pub fn plus(mut self, other: &Self) -> Result<Self, Fault> {
        self.add(other, Fr::ONE, 0, Mono::ONE)?;
        self.normalise();
        Ok(self)
    }

    /// The product; both must be normalised.
    ///
    /// # Errors
    /// [`Fault`] where a product has too many cells.
    pub fn times(&self, other: &Self) -> Result<Self, Fault> {
        let (small, large) = if self.size() < other.size() { (self, other) } else { (other, self) };
        let mut product = Self::zero();
        for (key, value) in small.terms() {
            product.add(large, value, key.sigma, key.mono)?;
        }
        product.normalise();
        Ok(product)
    }
}

/// Two sorted lists as one; like terms are added, zeros dropped.
fn merge(left: Vec<(Key, Fr)>, right: impl Iterator<Item = (Key, Fr)>) -> Vec<(Key, Fr)> {
    let mut merged: Vec<(Key, Fr)> = Vec::with_capacity(left.len() + right.size_hint().0);
    let mut put = |(key, value): (Key, Fr)| match merged.last_mut() {
        Some((last, sum)) if *last == key => {
            *sum += value;
            if *sum == Fr::ZERO {
                merged.pop();
            }
        }
        _ => merged.push((key, value)),
    };
    let (mut left, mut right) = (left.into_iter().peekable(), right.peekable());
    loop {
        let from_left = match (left.peek(), right.peek()) {
            (None, None) => return merged,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some((l, _)), Some((r, _))) => l <= r,
        };
        let next = if from_left { left.next() } else { right.next() };
        next.into_iter().for_each(&mut put);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(terms: &[(i64, &[Var], i64)]) -> Poly {
        let mut poly = Poly::zero();
        for (sigma, vars, value) in terms {
            let mono = vars.iter().try_fold(Mono::ONE, |mono, &var| mono.times(Mono::var(var))).unwrap();
            let magnitude = Fr::from(value.unsigned_abs());
            poly.push(Key { sigma: *sigma, mono }, if *value < 0 { -magnitude } else { magnitude });
        }
        poly.normalise();
        poly
    }

    fn same(a: &Poly, b: &Poly) -> bool {
        a.terms().eq(b.terms())
    }

    #[test]
    fn arithmetic() {
        let a = of(&[(0, &[1], 2), (3, &[], 5)]);
        let b = of(&[(1, &[2, 1], 1), (0, &[], -1)]);
        let product = of(&[(1, &[1, 1, 2], 2), (0, &[1], -2), (4, &[1, 2], 5), (3, &[], -5)]);
        assert!(same(&a.times(&b).unwrap(), &product));
        assert!(same(&b.times(&a).unwrap(), &product));
        let mut minus = a.clone();
        minus.scale(-Fr::ONE);
        assert!(a.plus(&minus).unwrap().is_zero());
    }

    /// Thousands of terms, some of which cancel, in a shifted polynomial.
    #[test]
    fn long_sums() {
        let mut sum = Poly::zero();
        sum.shift(7);
        for i in (1..1000).rev() {
            sum.push(Key { sigma: i, mono: Mono::var(i as Var) }, Fr::from(2));
        }
        let mut half = Poly::zero();
        (1..500).for_each(|i| half.push(Key { sigma: i, mono: Mono::var(i as Var) }, -Fr::from(1)));
        half.normalise();
        sum.add(&half, Fr::from(2), 0, Mono::ONE).unwrap();
        sum.normalise();
        assert_eq!(sum.size(), 500);
        assert!(sum.terms().all(|(key, value)| key.sigma >= 500 && value == Fr::from(2)));
    }

    #[test]
    fn too_many_cells() {
        let four = of(&[(0, &[1, 2, 3, 4], 1)]);
        assert!(four.times(&Poly::var(1)).is_err());
    }
}
