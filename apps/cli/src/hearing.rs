//! What long work tells, as lines and a bar on stderr.

use crate::{
    output::{Ui, note, seconds},
    secrets,
};
use indicatif::ProgressBar;
use std::{
    io::{self, IsTerminal},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use veilmark::{
    Event,
    progress::{Phase, Step},
};

/// Without a terminal a line is told this often.
const LINE: Duration = Duration::from_secs(2);
/// A bar is drawn again this often, whether or not the prover told anything.
const TICK: Duration = Duration::from_millis(500);

/// Hears a use case for a person.
pub(crate) struct Hearing<'u> {
    ui: &'u Ui,
    expected: Duration,
    proving: Mutex<Option<Proving>>,
}

impl<'u> Hearing<'u> {
    /// For work without a proof.
    pub(crate) fn new(ui: &'u Ui) -> Self {
        Self::expecting(ui, Duration::ZERO)
    }

    /// For a proof that is expected to take so long, until its own speed is known.
    pub(crate) fn expecting(ui: &'u Ui, expected: Duration) -> Self {
        Self { ui, expected, proving: Mutex::new(None) }
    }

    /// Ends the bar, and says how long the proof took.
    pub(crate) fn end(&self) -> Duration {
        let proving = self.proving.lock().unwrap_or_else(PoisonError::into_inner).take();
        proving.map_or(Duration::ZERO, |proving| proving.start.elapsed())
    }
}

impl veilmark::Progress for Hearing<'_> {
    fn event(&self, event: Event<'_>) {
        let ui = self.ui;
        match event {
            Event::ReadingSetup(path) => {
                ui.note(&format!("reading and checking the trusted setup {}", path.display()));
            }
            Event::CuttingSetup { id, from, to } => ui.note(&format!(
                "bringing the trusted setup from k = {from} to k = {to}: this may take minutes, every time; veilmark srs \
                 truncate --from {id} --k {to} does it once"
            )),
            Event::SetupPassedOver(what) => {
                ui.warn(&format!("{what}; it is passed over: delete it, and make or import it again"));
            }
            Event::UnsafeSetup => ui.warn(
                "unsafe development parameters: their secret is public, so anyone can forge every proof under them",
            ),
            Event::ReadableByOthers(path) => secrets::warn(ui, path),
            Event::OtherDecoder { committed, now } => {
                ui.note(&format!("the picture was decoded by {committed}, now by {now}"));
            }
            Event::Keys(text) => ui.note(text),
            Event::Proving(step) => {
                let mut proving = self.proving.lock().unwrap_or_else(PoisonError::into_inner);
                proving.get_or_insert_with(|| Proving::start(ui, self.expected)).tell(step);
            }
            _ => {}
        }
    }
}

/// A proof on its way.
struct Proving {
    start: Instant,
    expected: Duration,
    bar: Option<ProgressBar>,
    told: Instant,
    phase: Option<Phase>,
}

impl Proving {
    fn start(ui: &Ui, expected: Duration) -> Self {
        let bar = io::stderr().is_terminal().then(|| ui.bar("proving"));
        match &bar {
            Some(bar) => bar.enable_steady_tick(TICK),
            None => note("proving …"),
        }
        let now = Instant::now();
        Self { start: now, expected, bar, told: now, phase: None }
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn tell(&mut self, step: Step) {
        let now = Instant::now();
        let percent = (step.fraction() * 100.0) as u64;
        let label = step.phase.label();
        let text = || match left(step.fraction(), now - self.start, self.expected) {
            Some(left) => format!("{label}, about {} left", seconds(left)),
            None => label.to_owned(),
        };
        if let Some(bar) = &self.bar {
            bar.set_position(percent);
            bar.set_message(text());
        } else if self.phase != Some(step.phase) || now - self.told >= LINE {
            note(&format!("  {percent:>3} %  {}", text()));
            (self.phase, self.told) = (Some(step.phase), now);
        }
    }
}

impl Drop for Proving {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// The time left: by this proof's own speed, once it has one, and before that by what was expected. Nothing is told of the last moments.
fn left(done: f64, spent: Duration, expected: Duration) -> Option<Duration> {
    let left = if done >= 0.05 { spent.mul_f64((1.0 - done) / done) } else { expected.saturating_sub(spent) };
    (left >= Duration::from_secs(2)).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_follows_the_proofs_own_speed() {
        let seconds = Duration::from_secs;
        assert_eq!(left(0.01, seconds(3), seconds(100)), Some(seconds(97)), "too early to know");
        assert_eq!(left(0.25, seconds(10), seconds(100)), Some(seconds(30)));
        assert_eq!(left(0.01, seconds(200), seconds(100)), None);
        assert_eq!(left(0.99, seconds(60), seconds(100)), None);
    }
}
