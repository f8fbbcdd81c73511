//! The area filter of a side of any length: what the 512 places of the filter weigh, sent to where the picture's rows, or columns, are.
//!
//! Let `S_n` be the sum of the first `n` of a side's values `v_0, v_1, …`. The 512 places are `side / 512` values wide each, so with
//!
//! ```text
//! 512 n_b + g_b = b side,   0 <= g_b < 512
//! ```
//!
//! 512 times the values left of place `b` are `I_b = (512 - g_b) S_(n_b) + g_b S_(n_b + 1)`. The statement's matrix is `L = C J A`
//! ([`crate::statement::pdq`]): `A` takes the values to `I_(b+1) - I_b`, and `J` taps each place for one of its 64 rows at most. So under a
//! challenge, with `c_t` the sum of `C`'s column `t` by its powers,
//!
//! ```text
//! sum_i x^i (L v)_i  =  sum_b (J[b-1] - J[b]) c_(t(b)) I_b
//! ```
//!
//! is a sum over the 511 places that begin between the ends, whatever the side. What multiplies `S_n` is *sent* to the address `n` ([`super::canvas`]).
//!
//! # Why this is sound
//! `n_b` is a number of two bytes and `g_b` one of a byte and a bit, so the identity holds among integers and has one solution. Everything else is
//! sums and products of cells and constants. `b side` is a running sum of the public side.
//!
//! | relation                    | what breaks without it                                        |
//! |-----------------------------|----------------------------------------------------------------|
//! | `512 n + g = b side`        | places where the prover likes: any fingerprint                  |
//! | bytes and bits of `n`, `g`  | the same: shares below zero, or above the whole                   |
use super::trace::{CellRef, ONE, Part, TraceBuilder, half};
use crate::statement::pdq;
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;

/// Places of the filter along a side.
pub const PLACES: usize = 512;

/// Rows of `J`.
const TENTS: usize = 64;

/// Where the places begin; nothing of it is trusted.
#[derive(Clone, Debug)]
pub struct AreaHint {
    /// The bytes of `n_b`, lower first, for `b` from 1 on.
    pub whole: Vec<[Fr; 2]>,
    /// The lower byte of `g_b`, and its ninth bit.
    pub rest: Vec<[Fr; 2]>,
}

impl AreaHint {
    /// The honest hint.
    pub fn of(side: u32) -> Self {
        let pair = |value: u64, low: u64| [Fr::from(value % low), Fr::from(value / low)];
        let places = || (1..=PLACES as u64).map(|b| b * u64::from(side));
        Self {
            whole: places().map(|at| pair(at / PLACES as u64, 256)).collect(),
            rest: places().map(|at| pair(at % PLACES as u64, 256)).collect(),
        }
    }
}

/// A side of the picture.
#[derive(Clone, Copy, Debug)]
pub struct Side {
    /// Its length.
    pub length: CellRef,
    /// What an address is multiplied by.
    pub step: CellRef,
    /// Separates its addresses from every other.
    pub tag: u64,
}

/// Sends what each `S_n` of a side is weighed with; addresses are 512 times `n` steps. `powers` are `c_0 … c_63`.
pub fn send(builder: &mut TraceBuilder, zero: CellRef, side: Side, powers: &[CellRef], hint: &AreaHint) {
    let whole = Fr::from(PLACES as u64);
    let constant = |builder: &mut TraceBuilder, value: Fr| {
        let mut acc = builder.accumulator("area/constant", Part::Plain, zero);
        acc.add(ONE, value);
        acc.end()
    };
    let [ninth, minus_ninth] = [Fr::from(256), -Fr::from(256)].map(|value| constant(builder, value));
    let mut acc = builder.accumulator("area/places", Part::Plain, zero);
    let places: Vec<CellRef> = (0..PLACES)
        .map(|_| {
            acc.add(side.length, Fr::ONE);
            acc.here()
        })
        .collect();
    acc.end();
    for (b, t, slope) in slopes() {
        let ([n_low, n_high], [g_low, g_high]) = (hint.whole[b - 1], hint.rest[b - 1]);
        let mut acc = builder.accumulator("area/place", Part::LookedUp, zero);
        acc.add_cell(ONE, whole, n_low);
        acc.add_cell(ONE, whole * Fr::from(256), n_high);
        let before = acc.here();
        acc.add_cell(ONE, Fr::ONE, g_low);
        acc.add_centred_bit(minus_ninth, g_high);
        acc.add(ninth, half());
        let end = acc.end();
        builder.assert_equal(end, places[b - 1]);

        let mut acc = builder.accumulator("area/share", Part::Plain, places[b - 1]);
        acc.add(before, -Fr::ONE);
        acc.scale(powers[t]);
        let share = acc.end();

        let mut acc = builder.accumulator("area/address", Part::Plain, before);
        acc.scale(side.step);
        let address = acc.here();
        acc.add(side.step, whole);
        let next = acc.end();

        builder.send(side.tag, address, slope * whole, powers[t]);
        builder.send(side.tag, address, -slope, share);
        builder.send(side.tag, next, slope, share);
    }
}

/// The places `b` whose tap differs from the one before: `b`, the row of `J` it belongs to, and `J[b-1] - J[b]`.
fn slopes() -> impl Iterator<Item = (usize, usize, Fr)> {
    let mut taps = [(0, 0i64); PLACES + 1];
    for t in 0..TENTS {
        let (first, weights) = pdq::tent(t);
        for (tap, &weight) in taps[first as usize..].iter_mut().zip(weights) {
            *tap = (t, i64::from(weight));
        }
    }
    (1..=PLACES).filter_map(move |b| {
        let ([(before, left), (at, right)], slope) = ([taps[b - 1], taps[b]], taps[b - 1].1 - taps[b].1);
        // of two places that are both tapped one row taps both
        assert!(left == 0 || right == 0 || before == at);
        (slope != 0).then(|| (b, if left == 0 { at } else { before }, crate::column::signed(slope)))
    })
}

/// The cells of `c_t = sum_i x^i C[i][t]`, with `x` the challenge `sigma`, or a cell.
pub fn powers(builder: &mut TraceBuilder, zero: CellRef, x: Option<CellRef>) -> Vec<CellRef> {
    let column = |t| {
        let mut acc = builder.accumulator("area/powers", Part::Plain, zero);
        for i in (0..16).rev() {
            let constant = crate::column::signed(pdq::cosine(i, t));
            match x {
                None => acc.shift(ONE, constant),
                Some(x) => {
                    if i < 15 {
                        acc.scale(x);
                    }
                    acc.add(ONE, constant);
                }
            }
        }
        acc.end()
    };
    (0..TENTS).map(column).collect()
}
