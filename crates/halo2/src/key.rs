//! Keys: what of a proof no witness changes.
use crate::{
    column::Column,
    error::Error,
    fft::{self, Domain, generator, reverse},
    field::{Limbs, Scalar, ZERO, mul, scalar_limbs, sub},
    msm,
    setup::Setup,
    synthesis::{Copies, Shape},
    work::{Options, Phase, Work},
};
use ff::{Field, PrimeField, WithSmallOrderMulGroup};
use group::Curve;
use halo2_proofs::{
    halo2curves::bn256::{Fr, G1Affine},
    plonk::{self, Any, Circuit, ConstraintSystem, VerifyingKey, permutation},
    poly::EvaluationDomain,
};
use rayon::prelude::*;
use std::fmt;

/// The verifier's domain of `2^k` rows for constraints of this degree, without Halo2's tables for transforms, which take 448 bytes a row and
/// which verifying never reads.
///
/// Halo2's own proving and key generation look the tables up and would panic; this crate's do not.
///
/// # Panics
/// Where the field has no such domain: `k` above 28, or a degree of 0.
pub fn light_domain(degree: usize, k: u32) -> EvaluationDomain<Fr> {
    let quotient_poly_degree = degree as u64 - 1;
    let mut extended_k = k;
    while 1u64 << extended_k < quotient_poly_degree << k {
        extended_k += 1;
    }
    assert!(extended_k <= Fr::S, "the field has no root of unity of this order");
    let invert = |x: Fr| x.invert().expect("roots of unity and powers of two are not zero");
    let (omega, extended_omega) = (generator(k), generator(extended_k));
    let n_inverse = invert(Fr::from(1 << k));
    EvaluationDomain {
        n: 1 << k,
        k,
        extended_k,
        omega,
        omega_inv: invert(omega),
        extended_omega,
        extended_omega_inv: invert(extended_omega),
        g_coset: Fr::ZETA,
        g_coset_inv: Fr::ZETA.square(),
        quotient_poly_degree,
        ifft_divisor: n_inverse,
        extended_ifft_divisor: invert(Fr::from(1 << extended_k)),
        t_evaluations: Vec::new(),
        barycentric_weight: n_inverse,
        fft_data: Default::default(),
    }
}

/// The key of a circuit for proving: its verifying key, fixed columns and copies, the latter two also as polynomials.
pub struct ProvingKey {
    pub(crate) vk: VerifyingKey<G1Affine>,
    pub(crate) domain: Domain,
    /// The fixed columns' values, for the copy argument.
    pub(crate) fixed: Vec<Column>,
    /// Their coefficients.
    pub(crate) fixed_coefficients: Vec<Vec<Limbs>>,
    /// The columns under equality.
    pub(crate) permuted: Vec<plonk::Column<Any>>,
    /// The cell that follows each cell of them in its cycle; cell `column n + row`.
    pub(crate) next: Vec<u32>,
    /// The coefficients of the permutation's polynomials.
    pub(crate) sigma_coefficients: Vec<Vec<Limbs>>,
}

impl fmt::Debug for ProvingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProvingKey").field("k", &self.k()).finish_non_exhaustive()
    }
}

/// A laid circuit before its key.
struct Laid {
    k: u32,
    cs: ConstraintSystem<Fr>,
    fixed: Vec<Column>,
    copies: Copies,
    selectors: Vec<Vec<bool>>,
}

fn lay<C: Circuit<Fr>>(k: u32, circuit: &C, compress: bool) -> Result<Laid, Error> {
    let mut cs = ConstraintSystem::default();
    let config = C::configure_with_params(&mut cs, circuit.params());
    let Shape { mut fixed, selectors, copies, .. } = Shape::of(k, circuit, &cs, config)?;
    let (cs, columns) = if compress {
        cs.compress_selectors(selectors.clone())
    } else {
        cs.directly_convert_selectors_to_fixed(selectors.clone())
    };
    fixed.extend(columns.into_iter().map(|values| {
        let mut column = Column::zeros(values.len());
        values.iter().enumerate().for_each(|(row, value)| column.set(row, &scalar_limbs(value)));
        column
    }));
    check(&cs)?;
    Ok(Laid { k, cs, fixed, copies, selectors: if compress { selectors } else { Vec::new() } })
}

impl Laid {
    /// Fixed columns and columns under equality.
    fn columns(&self) -> usize {
        self.fixed.len() + (self.copies.next.len() >> self.k)
    }

    /// Units of work of all commitments.
    fn commitments(&self) -> u64 {
        msm::small_cost(self.columns() << self.k)
    }

    fn verifying_key(
        &self,
        setup: &Setup<'_>,
        domain: &Domain,
        work: &Work<'_>,
    ) -> Result<VerifyingKey<G1Affine>, Error> {
        let (k, copies) = (self.k, &self.copies.next);
        work.stage(Phase::Key, self.commitments(), self.commitments())?;
        let (fixed, sigma) = work.run(|| {
            let fixed = self.fixed.iter().map(|column| column.combine(setup.lagrange(), work).to_affine()).collect();
            // the polynomial of a column without copies is delta^column X; the rest is sparse
            let sigma = (0..copies.len() >> k)
                .map(|column| {
                    let mut difference = sigma_values(domain, copies, column);
                    let scale = scalar_limbs(&delta(column));
                    difference.par_iter_mut().enumerate().for_each(|(row, value)| {
                        *value = sub::<Scalar>(value, &mul::<Scalar>(&domain.power(row), &scale));
                    });
                    let sparse = Column::from_limbs(difference).combine(setup.lagrange(), work);
                    (setup.powers()[1] * delta(column) + sparse).to_affine()
                })
                .collect();
            (fixed, sigma)
        });
        work.check()?;
        let permutation = permutation::VerifyingKey::from_commitments(sigma);
        let (light, cs) = (light_domain(self.cs.degree(), k), self.cs.clone());
        Ok(VerifyingKey::from_parts(light, fixed, permutation, cs, self.selectors.clone(), false))
    }
}

/// The verifying key of a circuit: the same as Halo2's `keygen_vk` makes without compression of selectors, with a [`light_domain`].
///
/// # Errors
/// As [`ProvingKey::generate`].
pub fn verifying_key<C: Circuit<Fr>>(
    setup: &Setup<'_>,
    circuit: &C,
    options: &Options<'_>,
) -> Result<VerifyingKey<G1Affine>, Error> {
    let laid = lay(setup.k(), circuit, false)?;
    let work = Work::new(options, laid.commitments(), Phase::Key)?;
    let domain = work.run(|| Domain::new(laid.k));
    laid.verifying_key(setup, &domain, &work)
}

/// The verifying key of a circuit from its points, as they stand in [`VerifyingKey::fixed_commitments`] and [`permutation::VerifyingKey::commitments`]. That
/// they are this circuit's is for the caller to know.
///
/// # Errors
/// [`Error::Size`] where there are more or fewer points than the circuit has fixed columns and columns under equality;
/// [`Error::Unsupported`] for a circuit with selectors, whose columns no points tell.
pub fn verifying_key_of_points<C: Circuit<Fr>>(
    k: u32,
    params: C::Params,
    points: &[G1Affine],
) -> Result<VerifyingKey<G1Affine>, Error> {
    let mut cs = ConstraintSystem::default();
    C::configure_with_params(&mut cs, params);
    if cs.num_selectors() > 0 {
        return Err(Error::Unsupported { what: "selectors" });
    }
    let (fixed, equal) = (cs.num_fixed_columns(), cs.permutation().get_columns().len());
    let (expected, got) = (fixed + equal, points.len());
    if expected != got {
        return Err(Error::Size { what: "points of the key", expected, got });
    }
    let permutation = permutation::VerifyingKey::from_commitments(points[fixed..].to_vec());
    let domain = light_domain(cs.degree(), k);
    Ok(VerifyingKey::from_parts(domain, points[..fixed].to_vec(), permutation, cs, Vec::new(), false))
}

/// That this prover has all that the constraint system asks for.
fn check(cs: &ConstraintSystem<Fr>) -> Result<(), Error> {
    if !cs.lookups().is_empty() {
        return Err(Error::Unsupported { what: "lookup arguments" });
    }
    let expected = cs.degree();
    for gate in cs.gates() {
        for (i, polynomial) in gate.polynomials().iter().enumerate() {
            let got = polynomial.degree();
            if got > expected {
                let name = format!("{}/{}", gate.name(), gate.constraint_name(i));
                return Err(Error::Degree { name, expected, got });
            }
        }
    }
    Ok(())
}

impl ProvingKey {
    /// The proving and verifying key of a circuit: the latter is [`verifying_key`]'s.
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Degree`], [`Error::Row`], [`Error::Circuit`], [`Error::Cancelled`].
    pub fn generate<C: Circuit<Fr>>(setup: &Setup<'_>, circuit: &C, options: &Options<'_>) -> Result<Self, Error> {
        let laid = lay(setup.k(), circuit, false)?;
        let units = laid.commitments() + transforms(laid.columns(), laid.k);
        let work = Work::new(options, units, Phase::Key)?;
        let domain = work.run(|| Domain::new(laid.k));
        let vk = laid.verifying_key(setup, &domain, &work)?;
        Self::assemble(vk, domain, laid.fixed, laid.copies, &work)
    }

    /// The proving key for a verifying key that is there. That the two belong together is not checked beyond the numbers of
    /// columns: a proof of another circuit's key does not verify.
    ///
    /// # Errors
    /// As [`ProvingKey::generate`], and [`Error::Size`] where the verifying key has other columns.
    pub fn new<C: Circuit<Fr>>(vk: VerifyingKey<G1Affine>, circuit: &C, options: &Options<'_>) -> Result<Self, Error> {
        let k = vk.get_domain().k();
        let Laid { fixed, copies, .. } = lay(k, circuit, vk.compress_selectors())?;
        let columns = copies.next.len() >> k;
        for (what, expected, got) in [
            ("fixed columns", vk.fixed_commitments().len(), fixed.len()),
            ("columns under equality", vk.permutation().commitments().len(), columns),
        ] {
            if expected != got {
                return Err(Error::Size { what, expected, got });
            }
        }
        let work = Work::new(options, transforms(columns + fixed.len(), k), Phase::Key)?;
        let domain = work.run(|| Domain::new(k));
        Self::assemble(vk, domain, fixed, copies, &work)
    }

    fn assemble(
        vk: VerifyingKey<G1Affine>,
        domain: Domain,
        fixed: Vec<Column>,
        copies: Copies,
        work: &Work<'_>,
    ) -> Result<Self, Error> {
        let next = copies.next;
        let (k, n) = (domain.k(), 1usize << domain.k());
        let units = transforms(fixed.len() + (next.len() >> k), k);
        work.stage(Phase::Key, units, units)?;
        let (fixed_coefficients, sigma_coefficients) = work.run(|| {
            let fixed = fixed.par_iter().map(|column| coefficients(&domain, column, work)).collect();
            let sigma = (0..next.len() >> k)
                .into_par_iter()
                .map(|column| {
                    let values = sigma_values(&domain, &next, column);
                    let mut a = vec![ZERO; n];
                    values.iter().enumerate().for_each(|(row, value)| a[reverse(row, k)] = *value);
                    domain.interpolate(Fr::ONE, &mut a, work);
                    a
                })
                .collect();
            (fixed, sigma)
        });
        work.check()?;
        let permuted = vk.cs().permutation().get_columns();
        Ok(Self { vk, domain, fixed, fixed_coefficients, permuted, next, sigma_coefficients })
    }

    /// The verifying key.
    pub fn vk(&self) -> &VerifyingKey<G1Affine> {
        &self.vk
    }

    /// The logarithm of the number of rows.
    pub fn k(&self) -> u32 {
        self.domain.k()
    }

    /// The permutation's value of a cell: that of the cell which follows it.
    #[inline(always)]
    pub(crate) fn sigma(&self, deltas: &[Limbs], cell: u32) -> Limbs {
        let k = self.k();
        let (column, row) = (cell as usize >> k, cell as usize & ((1 << k) - 1));
        mul::<Scalar>(&self.domain.power(row), &deltas[column])
    }
}

fn transforms(columns: usize, k: u32) -> u64 {
    columns as u64 * fft::cost(k)
}

/// `delta^column`, which tells the cosets of the columns under equality apart.
pub(crate) fn delta(column: usize) -> Fr {
    Fr::DELTA.pow_vartime([column as u64])
}

/// `delta^column omega^row` of the cell that follows each cell of a column.
fn sigma_values(domain: &Domain, next: &[u32], column: usize) -> Vec<Limbs> {
    let k = domain.k();
    let deltas: Vec<Limbs> = (0..next.len() >> k).map(|column| scalar_limbs(&delta(column))).collect();
    next[column << k..(column + 1) << k]
        .par_iter()
        .map(|&cell| {
            let (column, row) = (cell as usize >> k, cell as usize & ((1 << k) - 1));
            mul::<Scalar>(&domain.power(row), &deltas[column])
        })
        .collect()
}

/// The coefficients of the polynomial that has a column's values.
pub(crate) fn coefficients(domain: &Domain, column: &Column, work: &Work<'_>) -> Vec<Limbs> {
    let k = domain.k();
    let mut a = vec![ZERO; 1 << k];
    column.write(&mut a, |row| reverse(row, k));
    domain.interpolate(Fr::ONE, &mut a, work);
    a
}

/// The value at `x` of `sum_i coefficients_i X^i`, for what is so short that no thread helps.
pub(crate) fn horner(coefficients: &[Fr], x: Fr) -> Fr {
    coefficients.iter().rev().fold(Fr::ZERO, |sum, c| sum * x + c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_domains_are_halo2s_without_tables() {
        for (degree, k) in [(3, 1), (4, 4), (5, 5), (9, 3), (6, 6)] {
            let (light, stock) = (light_domain(degree, k), EvaluationDomain::<Fr>::new(degree as u32, k));
            assert_eq!(format!("{:?}", light.pinned()), format!("{:?}", stock.pinned()));
            assert_eq!(light.get_quotient_poly_degree(), stock.get_quotient_poly_degree());
            assert_eq!(
                light.rotate_omega(Fr::from(5), halo2_proofs::poly::Rotation(-2)),
                stock.rotate_omega(Fr::from(5), halo2_proofs::poly::Rotation(-2))
            );
            let x = Fr::from(77);
            let xn = x.pow_vartime([1 << k]);
            assert_eq!(light.l_i_range(x, xn, -3..3), stock.l_i_range(x, xn, -3..3));
            let strip = |domain: &EvaluationDomain<Fr>| {
                let mut domain = domain.clone();
                (domain.t_evaluations, domain.fft_data) = Default::default();
                format!("{domain:?}")
            };
            assert_eq!(strip(&light), strip(&stock));
        }
    }
}
