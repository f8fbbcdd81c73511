//! The median split: which of the 256 coefficients are above their 128th smallest, ties included.
//!
//! # Why this is sound
//! Take the coefficients as integers `B_k` (they are: pixels are bytes, the constants integers, nothing wraps) and a
//! phase-0 cell `m`. [`compare`] proves, for a threshold `t = m + 1/2` or `t = m - 1/2`, one identity in `sigma`,
//!
//! ```text
//! sum_i sigma^(16 i) E_i(sigma)  =  sum_k sigma^k (t - h_k (2 gap_k + 1)),      h_k = 1/2 - b_k
//! ```
//!
//! (all of it halved: a looked-up instruction has no other constant) whose coefficients say `B_k = t - h_k (2 gap_k + 1)`, with
//! `b_k` a bit and `gap_k` a number of 13 bytes, all of phase 0. So `b_k = 1` gives `B_k = t + 1/2 + gap_k > t` and `b_k = 0`
//! gives `B_k = t - 1/2 - gap_k < t`. All 256 sides differ from one field element `t` by half-integers below `2^104 + 1`: `t`
//! is a half-integer between the integers, and nothing is near `r`. Honest gaps fit: see [`crate::statement::pdq`].
//!
//! With `t = m + 1/2` the bits are `[B_k > m]`, and no more than 128 are ones; with `t = m - 1/2` they are `[B_k >= m]`,
//! and no fewer than 129 are. So at most 127 coefficients are below `m` and at most 128 above: `m` is one of them, the
//! 128th smallest. That fixes `m` and with it the bits, ties or not.
//!
//! | relation                      | what breaks without it                                            |
//! |-------------------------------|--------------------------------------------------------------------|
//! | identity above                | bits that have nothing to do with the picture                     |
//! | identity below                | `m` too high when the median is tied: ones dropped at will         |
//! | at most 128 above             | `m` too low: ones added at will                                   |
//! | at least 129 not below        | `m` too high: ones dropped at will                                |
//! | gap bytes, bits (lookups)     | a negative gap: any bit                                           |
use super::trace::{CellRef, ONE, Part, TraceBuilder, half};
use crate::statement::{fingerprint::BITS, pdq::GAP_BYTES};
use ff::{Field, PrimeField};
use halo2_proofs::halo2curves::bn256::Fr;

/// One comparison of all coefficients with a threshold; nothing of it is trusted.
#[derive(Clone)]
pub struct CompareHint {
    /// Whether each coefficient is above the threshold.
    pub bits: Vec<Fr>,
    /// How far each coefficient is from the threshold, less one half: little-endian bytes.
    pub gaps: Vec<[Fr; GAP_BYTES]>,
}

/// The picture shows in it.
impl std::fmt::Debug for CompareHint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CompareHint(secret)")
    }
}

impl CompareHint {
    /// The honest comparison with `threshold - 1/2`, coefficient by coefficient.
    pub fn of(coefficients: &[i128; BITS], threshold: i128) -> Self {
        let above = |b: i128| b >= threshold;
        let gap = |b: i128| if above(b) { b - threshold } else { threshold - 1 - b };
        let bytes = |b: i128| std::array::from_fn(|l| Fr::from(u64::from(gap(b).to_le_bytes()[l])));
        Self {
            bits: coefficients.iter().map(|&b| Fr::from(u64::from(above(b)))).collect(),
            gaps: coefficients.iter().map(|&b| bytes(b)).collect(),
        }
    }

    fn ones(&self) -> Fr {
        self.bits.iter().sum()
    }
}

/// What the prover supplies for the split.
#[derive(Clone)]
pub struct SplitHint {
    /// The 128th smallest coefficient.
    pub median: Fr,
    /// The comparison with `median + 1/2`.
    pub above: CompareHint,
    /// The comparison with `median - 1/2`.
    pub not_below: CompareHint,
    /// `128 -` the ones of `above`.
    pub spare_above: Fr,
    /// The ones of `not_below` `- 129`.
    pub spare_not_below: Fr,
}

/// The picture shows in it.
impl std::fmt::Debug for SplitHint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SplitHint(secret)")
    }
}

impl SplitHint {
    /// The honest split around `median`.
    pub fn of(coefficients: &[i128; BITS], median: i128) -> Self {
        let magnitude = Fr::from_u128(median.unsigned_abs());
        let above = CompareHint::of(coefficients, median + 1);
        let not_below = CompareHint::of(coefficients, median);
        Self {
            median: if median < 0 { -magnitude } else { magnitude },
            spare_above: Fr::from(128) - above.ones(),
            spare_not_below: not_below.ones() - Fr::from(129),
            above,
            not_below,
        }
    }
}

/// Compares the coefficients given by `E_0 … E_15` with a threshold `t`: the cells of `h_k = 1/2 - b_k`.
///
/// # Trust
/// Takes: `rows` from [`super::bilinear`], `minus_t` fixed by phase-0 cells. Gives: `b_k` is a bit, one where `B_k > t`,
/// zero where `B_k < t`.
///
/// `labels` are those of the bits and of the identity.
pub fn compare(
    builder: &mut TraceBuilder,
    zero: CellRef,
    terms: &[(usize, CellRef)],
    minus_t: CellRef,
    hint: &CompareHint,
    labels: [&'static str; 2],
) -> Vec<CellRef> {
    let centred: Vec<CellRef> = hint
        .bits
        .iter()
        .map(|&bit| {
            let mut acc = builder.accumulator(labels[0], Part::LookedUp, zero);
            acc.add_centred_bit(ONE, bit);
            acc.end()
        })
        .collect();
    let mut acc = builder.accumulator(labels[1], Part::LookedUp, zero);
    for k in (0..BITS).rev() {
        acc.shift(minus_t, half());
        acc.add(centred[k], half());
        let mut weight = Fr::ONE;
        for &byte in &hint.gaps[k] {
            acc.add_cell(centred[k], weight, byte);
            weight *= Fr::from(256);
        }
        for &(_, term) in terms.iter().filter(|(power, _)| *power == k) {
            acc.add(term, half());
        }
    }
    let difference = acc.end();
    builder.assert_equal(difference, zero);
    centred
}

/// The cells of `1/2 - b_k`, `b_k` the bits of the fingerprint.
///
/// # Trust
/// Takes: `rows` from [`super::bilinear`]. Gives: `b_k = [B_k > the 128th smallest]`.
pub fn median_split(
    builder: &mut TraceBuilder,
    zero: CellRef,
    terms: &[(usize, CellRef)],
    hint: &SplitHint,
) -> Vec<CellRef> {
    let mut acc = builder.accumulator("split/median", Part::Plain, zero);
    acc.add_cell(ONE, Fr::ONE, hint.median);
    let median = acc.end();
    let [above, below] = [half(), -half()].map(|offset| {
        let mut acc = builder.accumulator("split/threshold", Part::Plain, zero);
        acc.add(median, -Fr::ONE);
        acc.add(ONE, -offset);
        acc.end()
    });
    let bits = compare(builder, zero, terms, above, &hint.above, ["split/bit above", "split/identity above"]);
    let not_below =
        compare(builder, zero, terms, below, &hint.not_below, ["split/bit not below", "split/identity not below"]);

    // 128 - ones = sum of h_k: a byte, hence not negative (both sides halved, here and below)
    let mut acc = builder.accumulator("split/at most 128 above", Part::LookedUp, zero);
    bits.iter().for_each(|&h| acc.add(h, half()));
    acc.add_cell(ONE, -half(), hint.spare_above);
    let at_most_128 = acc.end();
    builder.assert_equal(at_most_128, zero);

    // ones - 129 = -1 - sum of h_k: a byte
    let mut acc = builder.accumulator("split/at least 129 not below", Part::LookedUp, zero);
    not_below.iter().for_each(|&h| acc.add(h, half()));
    acc.add(ONE, half());
    acc.add_cell(ONE, half(), hint.spare_not_below);
    let at_least_129 = acc.end();
    builder.assert_equal(at_least_129, zero);
    bits
}
