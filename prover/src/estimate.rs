//! What a proof takes, before it is begun.
//!
//! What the caller must believe: times were measured on one machine (see `benches/RESULTS.md`) and scale with its speed; bytes
//! of memory are those of the proof system and hold everywhere.

use crate::{committing::min_k, error::Error, machine};
use std::time::Duration;
use veilmark_srs::MAX_K;
use veilmark_statement::claim::Claim;

/// What a row takes, measured from 2^16 to 2^19 rows.
struct Row {
    /// Seconds of one thread to prove.
    prove: f64,
    /// Seconds of one thread for both keys.
    keys: f64,
    /// Bytes of memory.
    peak: u64,
    /// Bytes of the proving key's file.
    key: u64,
}

const FINGERPRINT_ROW: Row = Row { prove: 120e-6, keys: 25e-6, peak: 2600, key: 608 };
const MODEL_ROW: Row = Row { prove: 320e-6, keys: 50e-6, peak: 5200, key: 1100 };
const SETUP_BYTES: u64 = 128;
/// Bytes a process has before the first row.
const BASE_BYTES: u64 = 40_000_000;

/// What bounds the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The machine has so many bytes.
    Machine(u64),
    /// The caller allows so many bytes.
    Allowed(u64),
}

/// What a proof takes.
#[derive(Clone, Copy, Debug)]
pub struct Estimate {
    /// Rows, as a power of two.
    pub k: u32,
    /// Time to prove on this machine's threads.
    pub prove: Duration,
    /// Time for both keys, the first time.
    pub keys: Duration,
    /// Bytes of memory at the most.
    pub memory: u64,
    /// Bytes of setup and keys on disk.
    pub disk: u64,
}

impl Estimate {
    /// For a claim, a domain of `2^k` rows and so many threads.
    pub fn new(claim: Claim, k: u32, threads: usize) -> Self {
        let rows = 1u64 << k.min(32);
        let row = if claim.has_model() { MODEL_ROW } else { FINGERPRINT_ROW };
        #[allow(clippy::cast_precision_loss)]
        let time = |a_row: f64| Duration::from_secs_f64(rows as f64 * a_row / threads.max(1) as f64);
        Self {
            k,
            prove: time(row.prove),
            keys: time(row.keys),
            memory: BASE_BYTES + rows * row.peak,
            disk: rows * (row.key + SETUP_BYTES),
        }
    }

    /// Whether this machine has the memory free; `None` where it does not tell.
    pub fn fits(&self) -> Option<bool> {
        machine::memory_available().map(|available| available >= self.memory)
    }

    /// Refuses what this machine cannot hold at all, or what is more than `allowed` bytes, before any work.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn require(&self, allowed: Option<u64>) -> Result<(), Error> {
        let limits = [allowed.map(Limit::Allowed), machine::memory_total().map(Limit::Machine)];
        let short = limits.into_iter().flatten().find(|limit| {
            let (Limit::Machine(bytes) | Limit::Allowed(bytes)) = limit;
            *bytes < self.memory
        });
        short.map_or(Ok(()), |limit| Err(Error::Memory { k: self.k, needed: self.memory, limit }))
    }
}

/// The largest copy of a `width` x `height` picture that can be proved in `memory` bytes, in the same proportions; `None`
/// where not even a small one can.
pub fn largest_copy((width, height): (u32, u32), memory: u64) -> Option<(u32, u32)> {
    let fits = |width: u32, height: u32| {
        min_k(Claim::FINGERPRINT, (width, height))
            .is_ok_and(|k| k <= MAX_K && Estimate::new(Claim::FINGERPRINT, k, 1).memory <= memory)
    };
    let scaled =
        |new_width: u32| (new_width, (u64::from(new_width) * u64::from(height) / u64::from(width.max(1))) as u32);
    let (mut low, mut high) = (0, width);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        let (w, h) = scaled(middle);
        if fits(w, h) { low = middle } else { high = middle - 1 }
    }
    let (w, h) = scaled(low);
    fits(w, h).then_some((w, h))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_copy_fits_and_the_next_does_not() {
        let memory = 8_000_000_000;
        let (width, height) = largest_copy((4000, 3000), memory).unwrap();
        let needed = |w, h| Estimate::new(Claim::FINGERPRINT, min_k(Claim::FINGERPRINT, (w, h)).unwrap(), 1).memory;
        assert!(needed(width, height) <= memory, "{width}x{height}");
        assert!(needed(width + 8, height + 8) > memory, "{width}x{height}");
        assert!((f64::from(width) / f64::from(height) - 4.0 / 3.0).abs() < 0.01);
        assert_eq!(largest_copy((4000, 3000), 1_000_000), None);
    }

    #[test]
    fn what_is_more_than_allowed_is_refused() {
        let estimate = Estimate::new(Claim::FINGERPRINT, 16, 2);
        let error = estimate.require(Some(estimate.memory - 1)).unwrap_err();
        assert!(matches!(error, Error::Memory { k: 16, limit: Limit::Allowed(_), .. }), "{error}");
        estimate.require(Some(estimate.memory)).unwrap();
    }
}
