//! Threads, progress and cancellation of long work.
//!
//! A kernel tells [`Work::tick`] what it has done, and stops early, its result worthless, where the answer is `false`; whoever
//! called it asks [`Work::check`] before the result is used. Workers call the progress function themselves, at most some times
//! a second, so that a cancellation is heard in every phase.
use crate::error::Error;
use std::{
    ops::ControlFlow,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// The time between two calls of the progress function.
const INTERVAL: Duration = Duration::from_millis(100);

/// How far the work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// Units of work done; never decreases.
    pub done: u64,
    /// Units of work in all, fixed from the first call on. A unit is about one field multiplication.
    pub total: u64,
}

impl Progress {
    /// The fraction done, from 0 to 1.
    #[allow(clippy::cast_precision_loss)]
    pub fn fraction(self) -> f64 {
        self.done as f64 / self.total.max(1) as f64
    }
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Fixed columns and copies of a key.
    Key,
    /// The cells of the witness, and commitments of their columns.
    Witness,
    /// The products of the copy argument.
    Copies,
    /// The quotient of all constraints.
    Quotient,
    /// The openings of all commitments.
    Opening,
}

impl Phase {
    /// What a person is told.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Key => "making the key",
            Self::Witness => "committing to the witness",
            Self::Copies => "copy argument",
            Self::Quotient => "quotient of all constraints",
            Self::Opening => "opening the commitments",
        }
    }
}

/// Called from any thread of the pool; `Break` cancels the work, which then ends with [`Error::Cancelled`].
pub type OnProgress<'o> = &'o (dyn Fn(Progress) -> ControlFlow<()> + Sync);

/// How to work.
#[derive(Clone, Copy, Default)]
pub struct Options<'o> {
    /// Threads; 0 for those of the global pool.
    pub threads: usize,
    /// The most memory in bytes that a proof may take beside its key, its setup and what the circuit itself holds. Less memory
    /// costs time; [`Error::Memory`] says how much is needed at least.
    pub memory: Option<u64>,
    /// Hears of progress, and may cancel.
    pub progress: Option<OnProgress<'o>>,
}

impl std::fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("threads", &self.threads).field("memory", &self.memory).finish_non_exhaustive()
    }
}

/// One piece of work: its pool, and what is done of it.
pub(crate) struct Work<'o> {
    pool: Option<rayon::ThreadPool>,
    progress: Option<OnProgress<'o>>,
    cancelled: AtomicBool,
    total: u64,
    stage: Mutex<Stage>,
    /// Units done in this stage.
    done: AtomicU64,
}

struct Stage {
    phase: Phase,
    /// Units of all stages before.
    before: u64,
    /// What this stage counts for.
    weight: u64,
    /// What its kernels will tick.
    units: u64,
    told: Option<Instant>,
}

impl<'o> Work<'o> {
    /// Work of `total` units.
    pub(crate) fn new(options: &Options<'o>, total: u64, phase: Phase) -> Result<Self, Error> {
        let pool = match options.threads {
            0 => None,
            threads => Some(
                rayon::ThreadPoolBuilder::new()
                    .num_threads(threads)
                    .build()
                    .map_err(|error| Error::Threads { threads, reason: error.to_string() })?,
            ),
        };
        Ok(Self {
            pool,
            progress: options.progress,
            cancelled: AtomicBool::new(false),
            total: total.max(1),
            stage: Mutex::new(Stage { phase, before: 0, weight: 0, units: 1, told: None }),
            done: AtomicU64::new(0),
        })
    }

    /// Runs on the threads asked for.
    pub(crate) fn run<T: Send>(&self, f: impl FnOnce() -> T + Send) -> T {
        match &self.pool {
            Some(pool) => pool.install(f),
            None => f(),
        }
    }

    /// Begins a stage that counts for `weight` and whose kernels will tick `units` in all.
    pub(crate) fn stage(&self, phase: Phase, weight: u64, units: u64) -> Result<(), Error> {
        {
            let mut stage = self.stage.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            stage.before = stage.before.saturating_add(stage.weight).min(self.total);
            (stage.phase, stage.weight, stage.units) = (phase, weight, units.max(1));
            self.done.store(0, Ordering::Relaxed);
        }
        self.tick(0);
        self.check()
    }

    /// Counts units done; `false` where the work is cancelled.
    pub(crate) fn tick(&self, units: u64) -> bool {
        self.done.fetch_add(units, Ordering::Relaxed);
        if let Some(progress) = self.progress
            && let Ok(mut stage) = self.stage.try_lock()
            && stage.told.is_none_or(|told| told.elapsed() >= INTERVAL)
        {
            stage.told = Some(Instant::now());
            let share = self.done.load(Ordering::Relaxed).min(stage.units) as f64 / stage.units as f64;
            let done = (stage.before + (stage.weight as f64 * share) as u64).min(self.total);
            if progress(Progress { phase: stage.phase, done, total: self.total }).is_break() {
                self.cancelled.store(true, Ordering::Relaxed);
            }
        }
        !self.cancelled.load(Ordering::Relaxed)
    }

    /// Whether the work goes on, without counting.
    pub(crate) fn goes_on(&self) -> bool {
        !self.cancelled.load(Ordering::Relaxed)
    }

    /// # Errors
    /// [`Error::Cancelled`].
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.goes_on() { Ok(()) } else { Err(Error::Cancelled) }
    }
}
