//! The full check of a setup: every power, and the Lagrange basis against the powers.
//!
//! With `rho` drawn after the points are fixed, let `S = sum_i rho^i g_i`, `i < n`. The sums over the first and over
//! the last `n - 1` points follow from it, and for wrong powers
//!
//! ```text
//! e(sum rho^i g_(i+1), [1]_2) = e(sum rho^i g_i, [tau]_2)
//! ```
//!
//! holds for fewer than `n` of the `r` values of `rho`. Likewise the Lagrange basis: `S` commits to the polynomial
//! `sum_i rho^i X^i`, whose value at `omega^j` is `(rho^n - 1)/(rho omega^j - 1)`, so that these scalars times the
//! Lagrange points must give `S`. The vectors of such values for `n` different `rho` span all vectors, so two different
//! bases agree for fewer than `n` of them.

use super::{Srs, SrsError, domain_generator};
use halo2_proofs::{
    arithmetic::best_multiexp,
    halo2curves::{
        bn256::{Bn256, Fr, G1Affine, G2Affine},
        ff::{BatchInverter, Field},
        group::Curve,
        pairing::Engine,
    },
    poly::{
        EvaluationDomain,
        commitment::{Blind, Params, ParamsProver},
    },
};
use rand_core::OsRng;

/// Whether `tau_g1` is `tau` times the generator for the `tau` of `tau_g2`.
pub(super) fn same_secret(one: G1Affine, tau_g1: G1Affine, tau_g2: G2Affine) -> bool {
    Bn256::pairing(&tau_g1, &G2Affine::generator()) == Bn256::pairing(&one, &tau_g2)
}

impl Srs {
    /// Checks every power and the whole Lagrange basis, with fresh randomness: two large multi-scalar multiplications.
    pub fn verify_full(&self) -> Result<(), SrsError> {
        let powers = self.params().get_g();
        let (Some(first), Some(last)) = (powers.first(), powers.last()) else { return Err(SrsError::Powers) };
        if *first != G1Affine::generator() {
            return Err(SrsError::Powers);
        }
        let n = 1usize << self.k();
        // rho = 0 or in the domain would divide by 0 below; either has probability 2^-230.
        let (rho, rho_inverse, above) = loop {
            let rho = Fr::random(OsRng);
            let above = rho.pow_vartime([n as u64]) - Fr::ONE;
            if let (Some(inverse), false) = (Option::<Fr>::from(rho.invert()), bool::from(above.is_zero())) {
                break (rho, inverse, above);
            }
        };

        let mut scalars: Vec<Fr> = std::iter::successors(Some(Fr::ONE), |s| Some(*s * rho)).take(n).collect();
        let all = best_multiexp(&scalars, powers);
        let tail = (all - first) * rho_inverse;
        let head = all - last * rho.pow_vartime([n as u64 - 1]);
        if !same_secret(head.to_affine(), tail.to_affine(), self.tau_g2()) {
            return Err(SrsError::Powers);
        }

        let (omega, mut point) = (domain_generator(self.k()), rho);
        for scalar in &mut scalars {
            *scalar = point - Fr::ONE;
            point *= omega;
        }
        let mut scratch = vec![Fr::ZERO; n];
        BatchInverter::invert_with_external_scratch(&mut scalars, &mut scratch);
        drop(scratch);
        for scalar in &mut scalars {
            *scalar *= above;
        }
        let values = EvaluationDomain::new(1, self.k()).lagrange_from_vec(scalars);
        if self.params().commit_lagrange(&values, Blind::default()) == all { Ok(()) } else { Err(SrsError::Lagrange) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{assemble, dev, tests::dev as dev_srs};
    use super::*;

    fn with(k: u32, change: impl Fn(&mut Vec<G1Affine>, &mut Vec<G1Affine>)) -> Srs {
        let (mut powers, mut lagrange) = dev::points(k, &mut |_| ()).expect("k is small");
        change(&mut powers, &mut lagrange);
        Srs { params: assemble(k, powers, lagrange, dev::tau_g2()), id: super::super::SrsId::DEVELOPMENT }
    }

    #[test]
    fn honest_setups_pass() {
        for k in [1, 2, 6, 9] {
            dev_srs(k).verify_full().expect("honest");
        }
    }

    #[test]
    fn any_wrong_power_is_found() {
        let n = 1 << 6;
        for (i, j) in [(0, 1), (1, 2), (5, 40), (n - 2, n - 1)] {
            let swapped = with(6, |powers, _| powers.swap(i, j));
            assert!(matches!(swapped.verify_full(), Err(SrsError::Powers)), "{i} and {j}");
        }
        for i in [0, 1, 2, n / 2, n - 1] {
            let replaced = with(6, |powers, _| powers[i] = (powers[i] + G1Affine::generator()).to_affine());
            assert!(matches!(replaced.verify_full(), Err(SrsError::Powers)), "{i}");
        }
        // Powers of another secret, consistent among themselves.
        let squares = with(6, |powers, _| {
            let (all, _) = dev::points(7, &mut |_| ()).expect("k is small");
            *powers = all.into_iter().step_by(2).collect();
        });
        assert!(matches!(squares.verify_full(), Err(SrsError::Powers)));
    }

    #[test]
    fn any_wrong_lagrange_point_is_found() {
        let n = 1 << 6;
        for (i, j) in [(0, 1), (7, 50), (n - 2, n - 1)] {
            let swapped = with(6, |_, lagrange| lagrange.swap(i, j));
            assert!(matches!(swapped.verify_full(), Err(SrsError::Lagrange)), "{i} and {j}");
        }
        // Two errors that cancel in the plain sum of the basis.
        let cancelling = with(6, |_, lagrange| {
            lagrange[3] = (lagrange[3] + G1Affine::generator()).to_affine();
            lagrange[4] = (lagrange[4] - G1Affine::generator()).to_affine();
        });
        assert!(matches!(cancelling.verify_full(), Err(SrsError::Lagrange)));
    }

    #[test]
    fn another_secret_in_g2_is_found() {
        let (powers, lagrange) = dev::points(6, &mut |_| ()).expect("k is small");
        let other = (G2Affine::generator() * Fr::from(5)).to_affine();
        let srs = Srs { params: assemble(6, powers, lagrange, other), id: super::super::SrsId::DEVELOPMENT };
        assert!(matches!(srs.verify_full(), Err(SrsError::Powers)));
    }
}
