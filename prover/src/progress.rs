//! What long work tells while it runs, and how it is stopped.

use std::path::Path;
pub use veilmark_halo2::{Phase, Progress as Step};
use veilmark_srs::SrsId;

/// Something that happens on the way.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'e> {
    /// A large setup is read and checked.
    ReadingSetup(&'e Path),
    /// The only setup at hand is for more rows, and its Lagrange basis is computed again, which takes minutes.
    CuttingSetup {
        /// The setup.
        id: SrsId,
        /// Its `k`.
        from: u32,
        /// The `k` wanted.
        to: u32,
    },
    /// A file among the setups is none, and was passed over.
    SetupPassedOver(&'e str),
    /// The setup in use is the development one: whoever likes can forge under it.
    UnsafeSetup,
    /// Other users of the machine can read a secret file.
    ReadableByOthers(&'e Path),
    /// The picture was committed to as another decoder read it.
    OtherDecoder {
        /// The decoder at the time of the commitment.
        committed: &'e str,
        /// The decoder now.
        now: &'e str,
    },
    /// A step of making or checking keys.
    Keys(&'e str),
    /// How far a proof is; some times a second, from any thread.
    Proving(Step),
}

/// Hears how work goes on. `()` hears nothing.
pub trait Progress: Sync {
    /// Takes note of an event.
    fn event(&self, event: Event<'_>);

    /// Whether the work is to stop. It is asked before each step, and some times a second while a proof is made. Once a proof is counted
    /// stopping saves time, and does not take the count back.
    fn cancelled(&self) -> bool {
        false
    }
}

impl Progress for () {
    fn event(&self, _: Event<'_>) {}
}
