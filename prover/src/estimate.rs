//! What a proof takes, before it is begun.
//!
//! What the caller must believe: bytes of memory are counted from the constraint system and hold everywhere; times are multiplications
//! counted, at the speed that a tenth of a second of them has on this machine now.

use crate::{
    error::{Error, Limit},
    machine,
};
use std::{sync::LazyLock, time::Duration};
use veilmark_circuits::relation::ShapeError;
use veilmark_halo2::{Cost, Options, seconds_per_unit};
use veilmark_proof::{claims, keys::ClaimShape};
use veilmark_srs::MAX_K;
use veilmark_statement::claim::Claim;

/// Bytes of a setup for each row.
const SETUP_BYTES: u64 = 128;
/// Bytes of the witness and of what the circuit computes from it, for each row.
const WITNESS_BYTES: u64 = 32;
/// Bytes a process has before the first row.
const BASE_BYTES: u64 = 40_000_000;
/// Seconds of a proof's units to those of transforms, which the speed is measured by; of a verifying key's, whose sums of points are slower.
/// Both were measured at 2^19 rows (`benches/RESULTS.md`).
const PROOF: f64 = 0.8;
const VERIFYING_KEY: f64 = 2.5;
/// Seconds of a unit of work where the machine would not tell its speed.
const USUAL_SPEED: f64 = 40e-9;

/// What a proof takes.
#[derive(Clone, Copy, Debug)]
pub struct Estimate {
    /// Rows, as a power of two.
    pub k: u32,
    /// Time to prove on this machine's threads.
    pub prove: Duration,
    /// Time for the verifying key, the first time.
    pub keys: Duration,
    /// Bytes of memory of the fastest way.
    pub memory: u64,
    /// Bytes of memory of the way that takes the least, and longer.
    pub least_memory: u64,
    /// Bytes of the setup on disk; a key has a kilobyte.
    pub disk: u64,
    /// Bytes of memory that are not the prover's to choose: program, setup, key and witness.
    fixed: u64,
}

impl Estimate {
    /// For a claim of this program, a domain of `2^k` rows and so many threads.
    pub fn new(claim: Claim, k: u32, threads: usize) -> Self {
        let k = k.min(32);
        let system = claims::find(claim).map_or_else(Default::default, |entry| entry.constraint_system());
        let cost = Cost::of(&system, k, claim.committed_points(), threads);
        let around = BASE_BYTES + ((SETUP_BYTES + WITNESS_BYTES) << k);
        Self {
            k,
            prove: time(cost.units + cost.key_units, PROOF),
            keys: time(cost.verifying_key_units, VERIFYING_KEY),
            memory: around + cost.memory,
            least_memory: around + cost.least_memory,
            disk: SETUP_BYTES << k,
            fixed: around + cost.key_memory,
        }
    }

    /// The memory that a proof may take beside its key, its setup and its witness: what the user allows, or what is free. `None` where
    /// neither is known. Never below what a proof needs.
    pub fn allowance(&self, allowed: Option<u64>) -> Option<u64> {
        let bytes = allowed.or_else(machine::memory_available)?;
        Some(bytes.max(self.least_memory).saturating_sub(self.fixed))
    }

    /// Whether this machine has the memory free that a proof needs at least; `None` where it does not tell.
    pub fn fits(&self) -> Option<bool> {
        machine::memory_available().map(|available| available >= self.least_memory)
    }

    /// Refuses what this machine cannot hold at all, or what needs more than `allowed` bytes, before any work.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn require(&self, allowed: Option<u64>) -> Result<(), Error> {
        let limits = [allowed.map(Limit::Allowed), machine::memory_total().map(Limit::Machine)];
        let short = limits.into_iter().flatten().find(|limit| {
            let (Limit::Machine(bytes) | Limit::Allowed(bytes)) = limit;
            *bytes < self.least_memory
        });
        short.map_or(Ok(()), |limit| Err(Error::Memory { k: self.k, needed: self.least_memory, limit }))
    }
}

/// How long so many units of work take here, each so much of a transform's.
#[allow(clippy::cast_precision_loss)]
fn time(units: u64, each: f64) -> Duration {
    static SPEED: LazyLock<f64> = LazyLock::new(|| seconds_per_unit(&Options::default()).unwrap_or(USUAL_SPEED));
    Duration::from_secs_f64(units as f64 * each * *SPEED)
}

/// The smallest `k` of a claim about a picture alone.
///
/// # Errors
/// [`Error::Raster`] where the size has no circuit.
pub fn min_k(claim: Claim, size: (u32, u32)) -> Result<u32, Error> {
    let shape = ClaimShape::of_picture(claim, size, 0).ok_or(Error::Needs { claim, what: "a model" })?;
    shape.min_k().map_err(|error| match error {
        ShapeError::Raster(error) => Error::Raster(error),
        error => Error::DoesNotFit(error.to_string()),
    })
}

/// The largest copy of a `width` x `height` picture that can be proved in `memory` bytes, in the same proportions; `None`
/// where not even a small one can.
pub fn largest_copy((width, height): (u32, u32), memory: u64) -> Option<(u32, u32)> {
    let fits = |width: u32, height: u32| {
        min_k(Claim::FINGERPRINT, (width, height))
            .is_ok_and(|k| k <= MAX_K && Estimate::new(Claim::FINGERPRINT, k, 1).least_memory <= memory)
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
        let needed =
            |w, h| Estimate::new(Claim::FINGERPRINT, min_k(Claim::FINGERPRINT, (w, h)).unwrap(), 1).least_memory;
        assert!(needed(width, height) <= memory, "{width}x{height}");
        assert!(needed(width + 8, height + 8) > memory, "{width}x{height}");
        assert!((f64::from(width) / f64::from(height) - 4.0 / 3.0).abs() < 0.01);
        assert_eq!(largest_copy((4000, 3000), 1_000_000), None);
    }

    #[test]
    fn what_is_more_than_allowed_is_refused() {
        let estimate = Estimate::new(Claim::FINGERPRINT, 16, 2);
        let error = estimate.require(Some(estimate.least_memory - 1)).unwrap_err();
        assert!(matches!(error, Error::Memory { k: 16, limit: Limit::Allowed(_), .. }), "{error}");
        estimate.require(Some(estimate.least_memory)).unwrap();
        assert!(estimate.least_memory < estimate.memory);
        assert_eq!(estimate.allowance(Some(0)), Some(estimate.least_memory - estimate.fixed));
        assert_eq!(estimate.allowance(Some(estimate.memory)), Some(estimate.memory - estimate.fixed));
    }
}
