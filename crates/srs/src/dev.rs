//! The development setup: its `tau` is a hash of a public text.
//!
//! Anyone computes `tau`, so anyone can open any commitment under this setup to anything: that it is the same on every
//! machine is the point, and makes it impossible to mistake for a ceremony's.

use super::{SrsError, domain_generator, fixed_base::FixedBase, lanes::LANES, reserve};
use halo2_proofs::halo2curves::{
    bn256::{Fr, G1Affine, G2Affine},
    ff::{BatchInverter, Field, FromUniformBytes, PrimeField},
    group::{Curve, prime::PrimeCurveAffine},
};
use rayon::prelude::*;
use sha3::{Digest, Keccak256};

/// What `tau` is the hash of.
const TAU_DOMAIN: &str = "veilmark development setup v1: this tau is public and protects nothing";

/// The public secret: 512 bits of Keccak modulo `r`.
pub(super) fn tau() -> Fr {
    let mut wide = [0; 64];
    for (half, counter) in wide.chunks_exact_mut(32).zip(0u8..) {
        half.copy_from_slice(&Keccak256::new().chain_update(TAU_DOMAIN).chain_update([counter]).finalize());
    }
    Fr::from_uniform_bytes(&wide)
}

/// `[tau]_1`.
#[cfg(test)]
pub(super) fn tau_g1() -> G1Affine {
    (G1Affine::generator() * tau()).to_affine()
}

/// `[tau]_2`, which tells the development setup from every other.
pub(super) fn tau_g2() -> G2Affine {
    (G2Affine::generator() * tau()).to_affine()
}

/// `2^k + 1` powers, and the Lagrange basis of the domain `2^k`.
pub(super) fn points(k: u32, progress: &mut dyn FnMut(f64)) -> Result<(Vec<G1Affine>, Vec<G1Affine>), SrsError> {
    let (base, n) = (FixedBase::generator(2 << k), 1 << k);
    let powers = multiples(&base, n + 1, &power_scalars, &mut |done| progress(done / 2.0))?;
    let lagrange = multiples(&base, n, &LagrangeScalars::of(k).at(), &mut |done| progress(0.5 + done / 2.0))?;
    Ok((powers, lagrange))
}

/// The Lagrange basis alone.
pub(super) fn lagrange(k: u32, progress: &mut dyn FnMut(f64)) -> Result<Vec<G1Affine>, SrsError> {
    multiples(&FixedBase::generator(1 << k), 1 << k, &LagrangeScalars::of(k).at(), progress)
}

/// Fills the scalars of the rows from `start` on.
type Scalars<'a> = dyn Fn(u64, &mut [Fr]) + Sync + 'a;

/// The multiples of the generator by the first `n` scalars.
fn multiples(
    base: &FixedBase,
    n: usize,
    scalars_from: &Scalars<'_>,
    progress: &mut dyn FnMut(f64),
) -> Result<Vec<G1Affine>, SrsError> {
    let mut points = reserve(n)?;
    points.resize(n, G1Affine::identity());
    // Blocks are worked on in turn and threads share each of them, so that progress is heard on this thread.
    let block = n.div_ceil(32).max(LANES);
    for (index, points) in points.chunks_mut(block).enumerate() {
        let first = index * block;
        points.par_chunks_mut(LANES).enumerate().for_each(|(chunk, points)| {
            let mut scalars = [Fr::ZERO; LANES];
            let scalars = &mut scalars[..points.len()];
            scalars_from((first + chunk * LANES) as u64, scalars);
            base.multiply(scalars, points);
        });
        progress((first + points.len()) as f64 / n as f64);
    }
    Ok(points)
}

/// `tau^i`.
fn power_scalars(start: u64, scalars: &mut [Fr]) {
    let tau = tau();
    let mut power = tau.pow_vartime([start]);
    for scalar in scalars {
        *scalar = power;
        power *= tau;
    }
}

/// `L_i(tau) = (tau^n - 1)/n * omega^i / (tau - omega^i)`.
struct LagrangeScalars {
    omega: Fr,
    factor: Fr,
}

impl LagrangeScalars {
    fn of(k: u32) -> Self {
        let n = 1u64 << k;
        Self {
            omega: domain_generator(k),
            factor: (tau().pow_vartime([n]) - Fr::ONE) * Fr::TWO_INV.pow_vartime([u64::from(k)]),
        }
    }

    fn at(&self) -> impl Fn(u64, &mut [Fr]) + Sync {
        |start, scalars| {
            let (tau, first) = (tau(), self.omega.pow_vartime([start]));
            let mut root = first;
            for scalar in scalars.iter_mut() {
                *scalar = tau - root;
                root *= self.omega;
            }
            BatchInverter::invert_with_external_scratch(scalars, &mut vec![Fr::ZERO; scalars.len()]);
            let mut numerator = self.factor * first;
            for scalar in scalars {
                *scalar *= numerator;
                numerator *= self.omega;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tau_is_pinned_and_outside_every_domain() {
        let word = veilmark_transcript::scalar_to_word(tau());
        assert_eq!(hex::encode(word), "1a43dcedb47f53567066feaaa5104a8f3468de4d1620e376006c8fac591a8d0a");
        // No power of two up to the largest subgroup makes it 1, so the Lagrange denominators are not 0.
        assert_ne!(tau().pow_vartime([1u64 << Fr::S]), Fr::ONE);
    }
}
