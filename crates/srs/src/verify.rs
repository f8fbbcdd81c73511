//! The full check of a setup: every power, and the Lagrange basis against the powers.
//!
//! With `rho` drawn after the points are fixed, let `S = sum_i rho^i g_i`, `i < n`, of the `n + 1` powers. For wrong powers
//!
//! ```text
//! e(sum rho^i g_(i+1), [1]_2) = e(S, [tau]_2)
//! ```
//!
//! holds for at most `n` of the `r` values of `rho`. Likewise the Lagrange basis: `S` commits to the polynomial
//! `sum_i rho^i X^i`, whose value at `omega^j` is `(rho^n - 1)/(rho omega^j - 1)`, so that these scalars times the
//! Lagrange points must give `S`. The vectors of such values for `n` different `rho` span all vectors, so two different
//! bases agree for fewer than `n` of them.

use super::{Points, Srs, SrsError, domain_generator};
use halo2_proofs::{
    arithmetic::best_multiexp,
    halo2curves::{
        bn256::{Bn256, Fr, G1, G1Affine, G2Affine},
        ff::{BatchInverter, Field},
        group::{Curve, Group},
        pairing::Engine,
    },
};
use rand_core::OsRng;

/// Points summed at a time: scalars and buckets of a piece are a few mebibytes, whatever the setup has.
const PIECE: usize = 1 << 16;

/// Whether `tau_g1` is `tau` times the generator for the `tau` of `tau_g2`.
pub(super) fn same_secret(one: G1Affine, tau_g1: G1Affine, tau_g2: G2Affine) -> bool {
    Bn256::pairing(&tau_g1, &G2Affine::generator()) == Bn256::pairing(&one, &tau_g2)
}

/// `rho`, and what is computed from it once.
struct Challenge {
    k: u32,
    rho: Fr,
    rho_inverse: Fr,
    /// `rho^n - 1`.
    above: Fr,
}

impl Challenge {
    /// Drawn afresh for every setup that is checked.
    fn draw(k: u32) -> Self {
        // rho = 0 or in the domain would divide by 0 below; either has probability 2^-230.
        loop {
            let rho = Fr::random(OsRng);
            let above = rho.pow_vartime([1u64 << k]) - Fr::ONE;
            if let (Some(rho_inverse), false) = (Option::<Fr>::from(rho.invert()), bool::from(above.is_zero())) {
                return Self { k, rho, rho_inverse, above };
            }
        }
    }

    /// Checks the powers, and gives `S`.
    fn powers(&self, powers: &[G1Affine], tau_g2: G2Affine, done: &mut dyn FnMut(f64)) -> Result<G1, SrsError> {
        let (Some(first), Some(last)) = (powers.first(), powers.last()) else { return Err(SrsError::Powers) };
        if *first != G1Affine::generator() {
            return Err(SrsError::Powers);
        }
        let mut scalar = Fr::ONE;
        let mut scalars = Vec::with_capacity(PIECE.min(powers.len()));
        let all = sum_in_pieces(powers, done, |_, piece| {
            scalars.clear();
            for _ in piece {
                scalars.push(scalar);
                scalar *= self.rho;
            }
            best_multiexp(&scalars, piece)
        });
        // scalar is rho^(n + 1) by now
        let head = all - last * (scalar * self.rho_inverse);
        let tail = (all - first) * self.rho_inverse;
        let fits = same_secret(head.to_affine(), tail.to_affine(), tau_g2);
        if fits { Ok(head) } else { Err(SrsError::Powers) }
    }

    /// The values of the polynomial behind `S` on the domain, from row `start` on.
    fn values(&self, start: usize, values: &mut [Fr]) {
        let omega = domain_generator(self.k);
        let mut point = self.rho * omega.pow_vartime([start as u64]);
        for value in values.iter_mut() {
            *value = point - Fr::ONE;
            point *= omega;
        }
        BatchInverter::invert_with_external_scratch(values, &mut vec![Fr::ZERO; values.len()]);
        for value in values {
            *value *= self.above;
        }
    }

    /// Checks the Lagrange basis against `S`.
    fn lagrange(&self, lagrange: &[G1Affine], sum: G1, done: &mut dyn FnMut(f64)) -> Result<(), SrsError> {
        let mut values = vec![Fr::ZERO; PIECE.min(lagrange.len())];
        let committed = sum_in_pieces(lagrange, done, |start, piece| {
            values.truncate(piece.len());
            self.values(start, &mut values);
            best_multiexp(&values, piece)
        });
        if committed == sum { Ok(()) } else { Err(SrsError::Lagrange) }
    }
}

/// The sum of what `of` makes of each piece, the index of whose first point it is told.
fn sum_in_pieces(points: &[G1Affine], done: &mut dyn FnMut(f64), mut of: impl FnMut(usize, &[G1Affine]) -> G1) -> G1 {
    let (mut sum, mut start) = (G1::identity(), 0);
    for piece in points.chunks(PIECE) {
        sum += of(start, piece);
        start += piece.len();
        done(start as f64 / points.len() as f64);
    }
    sum
}

/// Both checks, in pieces: beside the points a few mebibytes are held.
fn check(
    k: u32,
    [powers, lagrange]: [&[G1Affine]; 2],
    tau_g2: G2Affine,
    progress: &mut dyn FnMut(f64),
) -> Result<(), SrsError> {
    let challenge = Challenge::draw(k);
    let sum = challenge.powers(powers, tau_g2, &mut |done| progress(done / 2.0))?;
    challenge.lagrange(lagrange, sum, &mut |done| progress(0.5 + done / 2.0))
}

impl Points {
    /// [`Srs::verify_full`], before there is an [`Srs`].
    pub(super) fn verify(&self, progress: &mut dyn FnMut(f64)) -> Result<(), SrsError> {
        check(self.k, [&self.powers, &self.lagrange], self.tau_g2, progress)
    }
}

impl Srs {
    /// Checks every power and the whole Lagrange basis, with fresh randomness: two large multi-scalar multiplications.
    /// [`Srs::import`] and [`Srs::read_verified`] have done so before they return.
    ///
    /// # Errors
    /// [`SrsError::Powers`] or [`SrsError::Lagrange`].
    pub fn verify_full(&self, progress: &mut dyn FnMut(f64)) -> Result<(), SrsError> {
        check(self.k, [&self.powers, &self.lagrange], self.tau_g2(), progress)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SrsId, dev};
    use super::*;

    fn with(k: u32, change: impl Fn(&mut Vec<G1Affine>, &mut Vec<G1Affine>)) -> Points {
        let (mut powers, mut lagrange) = dev::points(k, &mut |_| ()).expect("k is small");
        change(&mut powers, &mut lagrange);
        Points { k, powers, lagrange, tau_g2: dev::tau_g2(), id: SrsId::DEVELOPMENT }
    }

    /// Both forms of the check, which agree.
    fn verdict(points: Points) -> Result<(), SrsError> {
        let mut heard = Vec::new();
        let in_pieces = points.verify(&mut |done| heard.push(done));
        assert!(heard.is_sorted() && (in_pieces.is_err() || heard.last() == Some(&1.0)), "{heard:?}");
        let at_once = points.assemble().verify_full(&mut |_| ());
        assert_eq!(format!("{in_pieces:?}"), format!("{at_once:?}"));
        in_pieces
    }

    #[test]
    fn honest_setups_pass() {
        for k in [1, 2, 6, 9] {
            verdict(with(k, |_, _| ())).expect("honest");
        }
    }

    #[test]
    fn every_piece_is_looked_at() {
        let n = 2 * PIECE;
        let mut points = with(n.ilog2(), |_, _| ());
        points.verify(&mut |_| ()).expect("honest");
        for i in [PIECE - 1, PIECE, n - 1] {
            let power = i + usize::from(i == n - 1);
            points.powers[power] = -points.powers[power];
            assert!(matches!(points.verify(&mut |_| ()), Err(SrsError::Powers)), "{power}");
            points.powers[power] = -points.powers[power];
            points.lagrange[i] = -points.lagrange[i];
            assert!(matches!(points.verify(&mut |_| ()), Err(SrsError::Lagrange)), "{i}");
            points.lagrange[i] = -points.lagrange[i];
        }
        points.assemble().verify_full(&mut |_| ()).expect("honest");
    }

    #[test]
    fn any_wrong_power_is_found() {
        let n = 1 << 6;
        for (i, j) in [(0, 1), (1, 2), (5, 40), (n - 2, n - 1), (n - 1, n)] {
            let swapped = with(6, |powers, _| powers.swap(i, j));
            assert!(matches!(verdict(swapped), Err(SrsError::Powers)), "{i} and {j}");
        }
        for i in [0, 1, 2, n / 2, n - 1, n] {
            let replaced = with(6, |powers, _| powers[i] = (powers[i] + G1Affine::generator()).to_affine());
            assert!(matches!(verdict(replaced), Err(SrsError::Powers)), "{i}");
        }
        // Powers of another secret, consistent among themselves.
        let squares = with(6, |powers, _| {
            let (all, _) = dev::points(7, &mut |_| ()).expect("k is small"); // 129 powers, 65 squares
            *powers = all.into_iter().step_by(2).collect();
        });
        assert!(matches!(verdict(squares), Err(SrsError::Powers)));
    }

    #[test]
    fn any_wrong_lagrange_point_is_found() {
        let n = 1 << 6;
        for (i, j) in [(0, 1), (7, 50), (n - 2, n - 1)] {
            let swapped = with(6, |_, lagrange| lagrange.swap(i, j));
            assert!(matches!(verdict(swapped), Err(SrsError::Lagrange)), "{i} and {j}");
        }
        // Two errors that cancel in the plain sum of the basis.
        let cancelling = with(6, |_, lagrange| {
            lagrange[3] = (lagrange[3] + G1Affine::generator()).to_affine();
            lagrange[4] = (lagrange[4] - G1Affine::generator()).to_affine();
        });
        assert!(matches!(verdict(cancelling), Err(SrsError::Lagrange)));
    }

    #[test]
    fn another_secret_in_g2_is_found() {
        let (powers, lagrange) = dev::points(6, &mut |_| ()).expect("k is small");
        let other = (G2Affine::generator() * Fr::from(5)).to_affine();
        let points = Points { k: 6, powers, lagrange, tau_g2: other, id: SrsId::DEVELOPMENT };
        assert!(matches!(verdict(points), Err(SrsError::Powers)));
    }
}
