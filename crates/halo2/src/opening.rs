//! The multi-opening argument SHPLONK, as Halo2's verifier checks it.
//!
//! Polynomials that are opened at the same points form a set. With `Z_S` the vanishing polynomial of a set's points and `R` what a
//! polynomial's values there interpolate to, the first point is the commitment of `W = sum_S v^S sum_i y^i (P_i - R_i) / Z_S`, the
//! second that of the quotient by `X - u` of what is left of that equation at `u`.
use crate::{
    column::add_scaled,
    error::Error,
    fft::evaluate_at,
    field::{Limbs, Scalar, ZERO, add, mul, scalar_limbs, sub},
    key::horner,
    msm::{self, Point},
    setup::Setup,
    work::Work,
};
use ff::Field;
use group::Curve;
use halo2_proofs::{
    arithmetic::lagrange_interpolate,
    halo2curves::bn256::{Fr, G1Affine},
    transcript::{EncodedChallenge, TranscriptWrite},
};
use std::{borrow::Cow, collections::BTreeSet};

/// A polynomial's openings: rotations, taken modulo the number of rows, and values, in the order of the queries.
pub(crate) struct Opened {
    /// The polynomial's number.
    pub(crate) polynomial: usize,
    /// Where it is opened, and to what.
    pub(crate) at: Vec<(usize, Fr)>,
}

impl Opened {
    /// Opens a polynomial at rotations of a point, of which `point` gives the value.
    pub(crate) fn new(
        polynomial: usize,
        coefficients: &[Limbs],
        rotations: &[usize],
        point: impl Fn(usize) -> Fr,
    ) -> Self {
        let mut at: Vec<(usize, Fr)> = Vec::new();
        for rotation in rotations {
            if at.iter().all(|(have, _)| have != rotation) {
                at.push((*rotation, evaluate_at(coefficients, point(*rotation))));
            }
        }
        Self { polynomial, at }
    }

    /// The value at a rotation that it is opened at.
    pub(crate) fn value(&self, rotation: usize) -> Fr {
        self.at.iter().find(|(have, _)| *have == rotation).map_or(Fr::ZERO, |(_, value)| *value)
    }
}

/// A set of polynomials that are opened at the same rotations.
struct Set<'o> {
    rotations: Vec<usize>,
    members: Vec<&'o Opened>,
}

/// The sets in the order of the first query of each.
fn sets(opened: &[Opened]) -> Vec<Set<'_>> {
    let mut sets: Vec<Set<'_>> = Vec::new();
    for member in opened {
        let mut rotations: Vec<usize> = member.at.iter().map(|(rotation, _)| *rotation).collect();
        rotations.sort_unstable();
        match sets.iter_mut().find(|set| set.rotations == rotations) {
            Some(set) => set.members.push(member),
            None => sets.push(Set { rotations, members: vec![member] }),
        }
    }
    sets
}

/// Writes the two points that open all polynomials. `opened` is in the order of their first queries; `n + 1` coefficients are enough for
/// each of them.
pub(crate) fn open<'p, E, T>(
    setup: &Setup<'_>,
    opened: &[Opened],
    coefficients: impl Fn(usize) -> Cow<'p, [Limbs]> + Sync,
    point: impl Fn(usize) -> Fr,
    transcript: &mut T,
    work: &Work<'_>,
) -> Result<(), Error>
where
    E: EncodedChallenge<G1Affine>,
    T: TranscriptWrite<G1Affine, E>,
{
    let size = setup.powers().len();
    let y = *transcript.squeeze_challenge_scalar::<()>();
    let v = *transcript.squeeze_challenge_scalar::<()>();
    let sets = sets(opened);

    let mut w = vec![ZERO; size];
    let mut remainders = Vec::with_capacity(sets.len());
    let mut power_of_v = Fr::ONE;
    for Set { rotations, members } in &sets {
        let mut sum = vec![ZERO; size];
        let mut values = vec![Fr::ZERO; rotations.len()];
        let mut power_of_y = Fr::ONE;
        for member in members {
            work.run(|| add_scaled(&mut sum, &coefficients(member.polynomial), power_of_y));
            work.tick(size as u64);
            work.check()?;
            values.iter_mut().zip(rotations).for_each(|(value, r)| *value += power_of_y * member.value(*r));
            power_of_y *= y;
        }
        let points: Vec<Fr> = rotations.iter().map(|rotation| point(*rotation)).collect();
        let remainder = lagrange_interpolate(&points, &values);
        for (coefficient, of_remainder) in sum.iter_mut().zip(&remainder) {
            *coefficient = sub::<Scalar>(coefficient, &scalar_limbs(of_remainder));
        }
        for root in points {
            divide(&mut sum, root);
            work.tick(size as u64);
            work.check()?;
        }
        work.run(|| add_scaled(&mut w, &sum, power_of_v));
        power_of_v *= v;
        remainders.push(remainder);
    }
    transcript.write_point(commit(setup, &w, work)?)?;
    let u = *transcript.squeeze_challenge_scalar::<()>();

    let all: BTreeSet<usize> = sets.iter().flat_map(|set| set.rotations.iter().copied()).collect();
    let vanishing = |without: &[usize]| -> Fr {
        all.iter().filter(|rotation| !without.contains(rotation)).map(|rotation| u - point(*rotation)).product()
    };
    let Some(first) = sets.first().map(|set| vanishing(&set.rotations)) else {
        return Ok(());
    };
    // in w's place: the verifier scales by the first set's factor
    let scale =
        Option::<Fr>::from(first.invert()).ok_or(Error::Unsupported { what: "a challenge among the points" })?;
    let whole = -vanishing(&[]) * scale;
    let mut left = std::mem::take(&mut w);
    work.run(|| scale_all(&mut left, whole));
    let mut power_of_v = scale;
    for (Set { rotations, members }, remainder) in sets.iter().zip(remainders) {
        let factor = power_of_v * vanishing(rotations);
        let mut power_of_y = factor;
        for member in members {
            work.run(|| add_scaled(&mut left, &coefficients(member.polynomial), power_of_y));
            work.tick(size as u64);
            work.check()?;
            power_of_y *= y;
        }
        left[0] = sub::<Scalar>(&left[0], &scalar_limbs(&(horner(&remainder, u) * factor)));
        power_of_v *= v;
    }
    divide(&mut left, u);
    transcript.write_point(commit(setup, &left, work)?)?;
    Ok(())
}

fn scale_all(a: &mut [Limbs], by: Fr) {
    use rayon::prelude::*;
    let by = scalar_limbs(&by);
    a.par_iter_mut().with_min_len(1 << 12).for_each(|a| *a = mul::<Scalar>(a, &by));
}

/// The quotient by `X - root`, in place; the remainder is dropped.
fn divide(polynomial: &mut [Limbs], root: Fr) {
    let root = scalar_limbs(&root);
    let mut carry = ZERO;
    for coefficient in polynomial.iter_mut().rev() {
        let next = add::<Scalar>(coefficient, &mul::<Scalar>(&carry, &root));
        *coefficient = carry;
        carry = next;
    }
}

/// The commitment of a polynomial by its coefficients.
pub(crate) fn commit(setup: &Setup<'_>, coefficients: &[Limbs], work: &Work<'_>) -> Result<G1Affine, Error> {
    let powers = setup.powers();
    let point =
        work.run(|| msm::combination(coefficients.len(), |i| coefficients[i], |i| Point::new(&powers[i]), work));
    work.check()?;
    Ok(point.to_affine())
}
