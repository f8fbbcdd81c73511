//! What long work tells, as lines and a bar on stderr.
//!
//! Between the phases that the prover names the bar follows this machine's own speed, as the phases before have shown it, and
//! stops short of the next phase: it never says that more is done than was.

use crate::output::{Ui, note, seconds};
use indicatif::ProgressBar;
use std::{
    cell::RefCell,
    io::{self, IsTerminal},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};
use veilmark::{Event, proof::Phase};

/// Without a terminal a line is told this often.
const LINE: Duration = Duration::from_secs(10);
const TICK: Duration = Duration::from_secs(1);

/// The phases in order, to know where each ends.
const PHASES: [Phase; 6] = [Phase::Witness, Phase::Sums, Phase::Copies, Phase::Quotient, Phase::Opening, Phase::Check];

/// Hears a use case for a person.
pub(crate) struct Hearing<'u> {
    ui: &'u Ui,
    expected: Duration,
    proving: RefCell<Option<Ticker>>,
}

impl<'u> Hearing<'u> {
    /// For work without a proof.
    pub(crate) fn new(ui: &'u Ui) -> Self {
        Self::expecting(ui, Duration::ZERO)
    }

    /// For a proof that is expected to take so long, until its own speed is known.
    pub(crate) fn expecting(ui: &'u Ui, expected: Duration) -> Self {
        Self { ui, expected, proving: RefCell::new(None) }
    }

    /// Ends the bar, and says how long the proof took.
    pub(crate) fn end(&self) -> Duration {
        self.proving.borrow_mut().take().map_or(Duration::ZERO, Ticker::end)
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
            Event::ReadableByOthers(path) => {
                ui.warn(&format!("{} is readable by others: chmod 600 keeps it secret", path.display()));
            }
            Event::OtherDecoder { committed, now } => {
                ui.note(&format!("the picture was decoded by {committed}, now by {now}"));
            }
            Event::Keys(text) => ui.note(text),
            Event::Proving(phase) => {
                let mut proving = self.proving.borrow_mut();
                proving.get_or_insert_with(|| Ticker::start(ui, self.expected)).enter(phase);
            }
            _ => {}
        }
    }
}

/// Where a proof is.
struct State {
    phase: Phase,
    start: Instant,
    entered: Instant,
    told: Instant,
    expected: Duration,
    ended: bool,
}

impl State {
    /// The fraction done: the phase's own, and what the time since then makes likely, short of the next phase.
    fn fraction(&self, now: Instant) -> f64 {
        let from = self.phase.fraction();
        let next = PHASES.iter().map(|phase| phase.fraction()).find(|next| *next > from).unwrap_or(1.0);
        let whole = self.whole().as_secs_f64();
        if whole <= 0.0 {
            return from;
        }
        let done = from + (now - self.entered).as_secs_f64() / whole;
        done.min(from + 0.98 * (next - from))
    }

    /// The time that the whole is likely to take: from the phases done on this machine, or else as was expected.
    fn whole(&self) -> Duration {
        let from = self.phase.fraction();
        let spent = self.entered - self.start;
        if from >= 0.05 && spent > Duration::ZERO { spent.div_f64(from) } else { self.expected }
    }

    fn left(&self, now: Instant) -> Option<Duration> {
        let left = self.whole().mul_f64(1.0 - self.fraction(now));
        (left >= Duration::from_secs(2)).then_some(left)
    }
}

struct Ticker {
    shared: Arc<(Mutex<State>, Condvar)>,
    bar: Option<ProgressBar>,
    thread: Option<JoinHandle<()>>,
}

fn told(state: &State, now: Instant) -> String {
    let label = state.phase.label();
    state.left(now).map_or_else(|| label.to_owned(), |left| format!("{label}, about {} left", seconds(left)))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn percent(fraction: f64) -> u64 {
    (fraction * 100.0) as u64
}

impl Ticker {
    fn start(ui: &Ui, expected: Duration) -> Self {
        let bar = io::stderr().is_terminal().then(|| ui.bar("proving"));
        if bar.is_none() {
            note("proving …");
        }
        let now = Instant::now();
        let state = State { phase: Phase::Witness, start: now, entered: now, told: now, expected, ended: false };
        let shared = Arc::new((Mutex::new(state), Condvar::new()));
        let (theirs, their_bar) = (Arc::clone(&shared), bar.clone());
        let thread = std::thread::spawn(move || {
            let mut state = theirs.0.lock().unwrap_or_else(PoisonError::into_inner);
            while !state.ended {
                let waited = theirs.1.wait_timeout(state, TICK);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
                let now = Instant::now();
                let done = percent(state.fraction(now));
                match &their_bar {
                    _ if state.ended => {}
                    Some(bar) => {
                        bar.set_position(done);
                        bar.set_message(told(&state, now));
                    }
                    None if now - state.told >= LINE => {
                        state.told = now;
                        note(&format!("  {done:>3} %  {}", told(&state, now)));
                    }
                    None => {}
                }
            }
        });
        Self { shared, bar, thread: Some(thread) }
    }

    fn enter(&self, phase: Phase) {
        let mut state = self.shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        (state.phase, state.entered, state.told) = (phase, now, now);
        let (done, text) = (percent(phase.fraction()), told(&state, now));
        match &self.bar {
            Some(bar) => {
                bar.set_position(done);
                bar.set_message(text);
            }
            None => note(&format!("  {done:>3} %  {text}")),
        }
    }

    fn end(mut self) -> Duration {
        self.stop()
    }

    fn stop(&mut self) -> Duration {
        let time = {
            let mut state = self.shared.0.lock().unwrap_or_else(PoisonError::into_inner);
            state.ended = true;
            state.start.elapsed()
        };
        self.shared.1.notify_all();
        if let Some(thread) = self.thread.take() {
            // a bar that panicked has nothing more to show
            let _ = thread.join();
        }
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        time
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_moves_between_phases_and_never_passes_the_next() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let state = |phase, entered| State {
            phase,
            start,
            entered: at(entered),
            told: start,
            expected: Duration::from_secs(100),
            ended: false,
        };
        let first = state(Phase::Witness, 0);
        assert!(first.fraction(at(2)) > first.fraction(at(0)) && first.fraction(at(60)) < 0.08);
        // 40 seconds for the first 40 percent: the whole takes 100
        let quotient = state(Phase::Quotient, 40);
        assert!((quotient.whole().as_secs_f64() - 100.0).abs() < 1e-6);
        assert!((quotient.fraction(at(60)) - 0.6).abs() < 1e-6);
        assert!((quotient.left(at(60)).unwrap().as_secs_f64() - 40.0).abs() < 1e-6);
        assert!(quotient.fraction(at(500)) < 0.85);
    }
}
