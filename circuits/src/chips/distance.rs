//! The tolerance: the image's bits differ from the given fingerprint in no more places than the public tolerance.
//!
//! The given fingerprint is public, or committed in a column of its own: two halves, wherever they are copied from.
//!
//! # Why this is sound
//! Let `h_k = 1/2 - b_k` be the image's centred bits, and `g_k = 1/2 - f_k` those of 256 phase-0 cells `f_k` proved bits.
//! `h_k g_k` is `1/4` where the bits agree and `-1/4` where they differ. One accumulator proves three relations at once, each under
//! a power of `sigma` of its own:
//!
//! ```text
//! sigma^0:  sum_k h_k g_k            = 64 - (tolerance - spare) / 2        distance = tolerance - spare
//! sigma^1:  sum_(k < 128) 2^k g_k    = (2^128 - 1)/2 - low                 the f_k are the given fingerprint's
//! sigma^2:  sum_(k < 128) 2^k g_(128+k) = (2^128 - 1)/2 - high
//! ```
//!
//! An instruction has one cell, so `f_k` meets all its factors in one: `u_k = h_k + sigma 2^k` (or `sigma^2`). The bits of a
//! number below `2^128` are unique, and a half `>= 2^128` has none. `spare` is a byte, so `distance <= tolerance`; and
//! a distance is at most 256, so a public tolerance outside `0..=511` is refused whatever the contract does.
//!
//! | relation             | what breaks without it                                 |
//! |----------------------|----------------------------------------------------------|
//! | `sigma^0`            | any distance                                            |
//! | `sigma^1`, `sigma^2` | the distance to some other fingerprint                  |
//! | `spare` is a byte    | a negative spare: any distance                          |
//! | `f_k` are bits       | halves decomposed into numbers that shorten the distance |
use super::trace::{CellRef, ONE, Part, TraceBuilder, half};
use crate::statement::{
    claim::{Claim, Meaning},
    fingerprint::{BITS, Fingerprint},
};
use ff::{Field, PrimeField};
use halo2_proofs::halo2curves::bn256::Fr;

/// Where the fingerprint that is compared with, and the tolerance, are copied from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprints {
    /// The lower and the higher half.
    pub halves: [CellRef; 2],
    /// The tolerance.
    pub tolerance: CellRef,
}

impl Fingerprints {
    /// Public inputs of the claim; of one that hides its fingerprint, the rows of the fingerprint's column.
    ///
    /// # Panics
    /// For a claim without a fingerprint.
    pub fn of(claim: Claim) -> Self {
        let public = |meaning| CellRef::Public(claim.position(meaning).expect("a claim about a fingerprint"));
        let halves = if claim.hides_fingerprint() {
            [CellRef::Committed(0), CellRef::Committed(1)]
        } else {
            [Meaning::FingerprintLow, Meaning::FingerprintHigh].map(public)
        };
        Self { halves, tolerance: public(Meaning::Tolerance) }
    }
}

/// What the prover supplies; nothing of it is trusted.
#[derive(Clone)]
pub struct DistanceHint {
    /// The bits of the given fingerprint.
    pub bits: Vec<Fr>,
    /// Tolerance less distance.
    pub spare: Fr,
}

/// The spare part tells the distance, the bits may be secret.
impl std::fmt::Debug for DistanceHint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DistanceHint(secret)")
    }
}

impl DistanceHint {
    /// The honest hint; `spare` is no byte where the statement is false.
    pub fn of(image: Fingerprint, given: Fingerprint, tolerance: u8) -> Self {
        Self {
            bits: (0..BITS).map(|k| Fr::from(u64::from(given.bit(k)))).collect(),
            spare: Fr::from(u64::from(tolerance)) - Fr::from(u64::from(image.distance(given))),
        }
    }
}

/// Constrains the given fingerprint and the public tolerance to the image's centred bits.
///
/// # Trust
/// Takes: `centred`, the cells of `1/2 - b_k` with `b_k` proved bits; the halves, which mean the fingerprint's lower and higher 128
/// bits. Gives: the statement's last clause, and that each half is below `2^128`.
pub fn within_tolerance(
    builder: &mut TraceBuilder,
    zero: CellRef,
    centred: &[CellRef],
    Fingerprints { halves: [low, high], tolerance }: Fingerprints,
    hint: &DistanceHint,
) {
    let mut shifted = |from: CellRef, times: usize| {
        let mut acc = builder.accumulator("distance/power of sigma", Part::Plain, from);
        (0..times).for_each(|_| acc.shift(ONE, Fr::ZERO));
        acc.end()
    };
    let sigma = [shifted(ONE, 1), shifted(ONE, 2)];
    // twice what the cells below are compared with
    let all_ones = Fr::from_u128(u128::MAX);
    let two = Fr::from(2);
    let mut acc = builder.accumulator("distance/expected", Part::Plain, zero);
    acc.add(high, two);
    acc.add(ONE, -all_ones);
    acc.shift(low, two);
    acc.add(ONE, -all_ones);
    acc.shift(tolerance, Fr::ONE);
    acc.add(ONE, -Fr::from(128));
    let expected = acc.end();

    let weighted: Vec<CellRef> = (0..BITS)
        .map(|k| {
            let mut acc = builder.accumulator("distance/factor", Part::Plain, centred[k]);
            acc.add(sigma[k / 128], Fr::from_u128(1 << (k % 128)));
            acc.end()
        })
        .collect();

    let mut acc = builder.accumulator("distance/relations", Part::LookedUp, zero);
    weighted.iter().zip(&hint.bits).for_each(|(&factor, &bit)| acc.add_centred_bit(factor, bit));
    acc.add(expected, half());
    acc.add_cell(ONE, -half(), hint.spare);
    let difference = acc.end();
    builder.assert_equal(difference, zero);
}
