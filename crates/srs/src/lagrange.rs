//! The Lagrange basis from the powers, where the secret is not known: a Fourier transform of curve points.
//!
//! `L_i = 1/n sum_j omega^(-ij) g_j`, so the basis is the inverse transform of the powers. Every butterfly is a
//! multiple of a point, and they are computed in lanes; the proof system's own transform takes ten times as long.

use super::{
    SrsError, domain_generator,
    lanes::{self, LANES, Scratch},
    reserve,
};
use halo2_proofs::halo2curves::{
    bn256::{Fr, G1Affine},
    ff::{Field, PrimeField},
};
use rayon::prelude::*;

/// The Lagrange basis of the domain `2^k` from the first `2^k` powers.
pub(super) fn of_powers(k: u32, powers: &[G1Affine], progress: &mut dyn FnMut(f64)) -> Result<Vec<G1Affine>, SrsError> {
    let n = 1usize << k;
    let mut points = reserve(n)?;
    points.extend(powers.iter().take(n));
    for i in 0..points.len() {
        let j = i.reverse_bits() >> (usize::BITS - k);
        if i < j {
            points.swap(i, j);
        }
    }
    let root = domain_generator(k).invert().unwrap_or(Fr::ONE);
    let scale = Fr::TWO_INV.pow_vartime([u64::from(k)]);
    for level in 0..k {
        let layer = Layer {
            half: 1 << level,
            root: root.pow_vartime([1u64 << (k - 1 - level)]),
            scale: (level + 1 == k).then_some(scale),
        };
        layer.apply(&mut points, &mut |done| progress((f64::from(level) + done) / f64::from(k)));
    }
    Ok(points)
}

/// One layer of butterflies: `(a, b) -> (a + w b, a - w b)` for points `half` apart, `w = root^i`, both scaled.
struct Layer {
    half: usize,
    root: Fr,
    /// The last layer divides by `n` on the way.
    scale: Option<Fr>,
}

impl Layer {
    fn apply(&self, points: &mut [G1Affine], progress: &mut dyn FnMut(f64)) {
        // Threads share a stretch of whole blocks, or one large block; progress is heard in between.
        let total = points.len();
        let stretch = (total / 16).max(2 * self.half);
        let mut done = 0;
        for points in points.chunks_mut(stretch) {
            if self.half < LANES {
                points.par_chunks_mut(2 * LANES).for_each(|points| self.small_blocks(points));
            } else {
                for block in points.chunks_mut(2 * self.half) {
                    let (low, high) = block.split_at_mut(self.half);
                    low.par_chunks_mut(LANES)
                        .zip(high.par_chunks_mut(LANES))
                        .enumerate()
                        .for_each(|(chunk, (low, high))| self.butterflies(low, high, chunk * LANES));
                }
            }
            done += points.len();
            progress(done as f64 / total as f64);
        }
    }

    /// Blocks smaller than the lanes are gathered, so that the lanes are full.
    fn small_blocks(&self, points: &mut [G1Affine]) {
        let (mut low, mut high) = (Vec::with_capacity(LANES), Vec::with_capacity(LANES));
        for block in points.chunks_exact(2 * self.half) {
            let (first, second) = block.split_at(self.half);
            low.extend_from_slice(first);
            high.extend_from_slice(second);
        }
        self.butterflies(&mut low, &mut high, 0);
        let halves = low.chunks_exact(self.half).zip(high.chunks_exact(self.half));
        for (block, (first, second)) in points.chunks_exact_mut(2 * self.half).zip(halves) {
            let (low, high) = block.split_at_mut(self.half);
            low.copy_from_slice(first);
            high.copy_from_slice(second);
        }
    }

    /// Butterflies of neighbouring lanes, the first of which is lane `start` of its block.
    fn butterflies(&self, low: &mut [G1Affine], high: &mut [G1Affine], start: usize) {
        let mut scratch = Scratch::default();
        let scale = self.scale.unwrap_or(Fr::ONE);
        if self.half > 1 || self.scale.is_some() {
            let mut scalars = vec![scale * self.root.pow_vartime([start as u64]); high.len()];
            for lane in 1..scalars.len() {
                let is_new_block = (start + lane).is_multiple_of(self.half);
                scalars[lane] = if is_new_block { scale } else { scalars[lane - 1] * self.root };
            }
            lanes::multiply(high, &scalars, &mut scratch);
        }
        if self.scale.is_some() {
            lanes::multiply(low, &vec![scale; low.len()], &mut scratch);
        }
        let added = high.to_vec();
        for (high, added) in high.iter_mut().zip(&added) {
            *high = -added;
        }
        lanes::add(high, low, &mut scratch);
        lanes::add(low, &added, &mut scratch);
    }
}

#[cfg(test)]
mod tests {
    use super::super::dev;
    use super::*;

    #[test]
    fn the_transform_gives_what_the_secret_gives() {
        // 9 to 11: blocks smaller than the lanes, as large, and larger.
        for k in [1, 2, 5, 9, 10, 11] {
            let (powers, lagrange) = dev::points(k, &mut |_| ()).expect("k is small");
            let mut heard = Vec::new();
            let computed = of_powers(k, &powers, &mut |done| heard.push(done)).expect("k is small");
            assert!(computed == lagrange, "k = {k}");
            assert!(heard.is_sorted());
            assert_eq!(heard.last(), Some(&1.0));
        }
    }
}
