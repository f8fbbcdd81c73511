//! What long work tells while it runs, and how it is stopped.

use std::path::Path;
use veilmark_proof::proof::Phase;
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
    /// A phase of proving begins.
    Proving(Phase),
}

/// Hears how work goes on. `()` hears nothing.
pub trait Progress {
    /// Takes note of an event; called on the thread that works.
    fn event(&self, event: Event<'_>);

    /// Whether the work is to stop. It is asked before each step, until a proof is counted: from then on stopping saves
    /// nothing.
    fn cancelled(&self) -> bool {
        false
    }
}

impl Progress for () {
    fn event(&self, _: Event<'_>) {}
}
