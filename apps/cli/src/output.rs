//! The one place that prints.

use crate::failure::{Failure, Kind, exit_code};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};
use std::{
    cell::Cell,
    io::{self, ErrorKind, IsTerminal, Write},
    path::Path,
    time::{Duration, Instant},
};

/// What a command found out.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The object that `--json` prints.
    pub(crate) json: Map<String, Value>,
    /// What is printed otherwise; a narrated command has said it already.
    pub(crate) text: String,
    /// Set where the answer is not yes.
    pub(crate) failure: Option<Failure>,
}

impl Report {
    /// A report with nothing wrong; `json` is an object.
    pub(crate) fn new(json: Value, text: impl Into<String>) -> Self {
        let Value::Object(json) = json else { return Self::text_only(&text.into()) };
        Self { json, text: text.into(), failure: None }
    }

    /// A report that is a text.
    pub(crate) fn text_only(text: &str) -> Self {
        Self::new(json!({ "text": text }), text)
    }
}

/// Where things are printed.
#[derive(Debug)]
pub(crate) struct Ui {
    json: bool,
    /// Why stdout could not be written.
    broken: Cell<Option<ErrorKind>>,
    /// Bytes of memory allowed.
    memory: Cell<Option<u64>>,
}

/// One line on stderr. Nobody is left to tell if that fails.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

impl Ui {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, broken: Cell::new(None), memory: Cell::new(None) }
    }

    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// Sets the bytes of memory that work may take.
    pub(crate) fn limit_memory(&self, bytes: Option<u64>) {
        self.memory.set(bytes);
    }

    /// Bytes of memory that work may take, where the user said so.
    pub(crate) fn memory(&self) -> Option<u64> {
        self.memory.get()
    }

    /// A step of what the command does, or something to know, on stderr.
    pub(crate) fn note(&self, text: &str) {
        note(text);
    }

    /// Something to be careful about, on stderr.
    pub(crate) fn warn(&self, text: &str) {
        note(&format!("warning: {text}"));
    }

    /// Narration: a line on stdout, unless stdout is for JSON.
    pub(crate) fn say(&self, text: &str) {
        if self.json {
            note(text);
        } else {
            self.out(text);
        }
    }

    /// clap's text, with colours where somebody looks at them.
    pub(crate) fn styled(&self, text: &clap::builder::StyledStr) -> String {
        if io::stdout().is_terminal() { text.ansi().to_string() } else { text.to_string() }
    }

    fn out(&self, text: &str) {
        let mut stdout = io::stdout().lock();
        if let Err(error) =
            stdout.write_all(text.as_bytes()).and_then(|()| stdout.write_all(b"\n")).and_then(|()| stdout.flush())
        {
            self.broken.set(Some(error.kind()));
        }
    }

    /// Prints the outcome and says how to end.
    pub(crate) fn finish(&self, outcome: Result<Report, Failure>) -> u8 {
        let mut report = outcome.unwrap_or_else(|failure| Report { failure: Some(failure), ..Report::default() });
        let exit = report.failure.as_ref().map_or(0, |failure| exit_code(failure.kind));
        if self.json {
            if let Some(Failure { kind, message, hint }) = &report.failure {
                let error = json!({
                    "code": exit, "name": kind.name(), "retry": kind.retry(), "message": message, "hint": hint,
                });
                report.json.insert("error".into(), error);
            }
            self.out(&Value::Object(report.json).to_string());
        } else {
            if !report.text.is_empty() {
                self.out(&report.text);
            }
            if let Some(Failure { message, hint, .. }) = &report.failure {
                note(&format!("error: {message}\nhint: {hint}"));
            }
        }
        match self.broken.get() {
            // whoever reads has read enough
            None | Some(ErrorKind::BrokenPipe) => exit,
            Some(kind) => {
                note(&format!("error: cannot write to stdout: {kind}\nhint: make room where stdout goes"));
                if exit == 0 { exit_code(Kind::FileIo) } else { exit }
            }
        }
    }

    /// A bar of a hundred steps, on stderr.
    pub(crate) fn bar(&self, what: &str) -> ProgressBar {
        let bar = ProgressBar::new(100);
        let style = ProgressStyle::with_template("{prefix} [{bar:24}] {percent:>3}% {msg} ({elapsed})");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }

    /// Shows how far something is, on stderr: a bar on a terminal, lines otherwise.
    pub(crate) fn progress(&self, what: &str) -> Progress {
        let bar = io::stderr().is_terminal().then(|| self.bar(what));
        if bar.is_none() {
            note(&format!("{what} …"));
        }
        Progress { bar, start: Instant::now(), told: Cell::new(0) }
    }
}

/// How far something is.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    start: Instant,
    /// Percent of the last line.
    told: Cell<u64>,
}

impl Progress {
    /// A fraction is done. Without a terminal every fourth is told.
    pub(crate) fn fraction(&self, done: f64) {
        let percent = percent(done);
        match &self.bar {
            Some(bar) => bar.set_position(percent),
            None if percent >= self.told.get() + 25 => {
                self.told.set(percent);
                note(&format!("  {percent:>3} %"));
            }
            None => {}
        }
    }

    /// Ends it, and says how long it took.
    pub(crate) fn end(self) -> Duration {
        self.start.elapsed()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn percent(fraction: f64) -> u64 {
    (fraction.clamp(0.0, 1.0) * 100.0) as u64
}

/// A duration as people read it.
pub(crate) fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 0.1 {
        format!("{:.1} ms", seconds * 1e3)
    } else if seconds < 100.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{:.0} min", (seconds / 60.0).ceil())
    }
}

/// A number of bytes as people read it.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["bytes", "kB", "MB", "GB"];
    #[allow(clippy::cast_precision_loss)]
    let (mut value, mut unit) = (bytes as f64, 0);
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} bytes") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// A path in JSON, which holds no bytes that are not text.
pub(crate) fn json_path(path: &Path) -> Value {
    json!(path.display().to_string())
}

/// Seconds in JSON, to the millisecond.
pub(crate) fn json_seconds(duration: Duration) -> Value {
    json!((duration.as_secs_f64() * 1e3).round() / 1e3)
}

/// A table of names and values.
pub(crate) fn table(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    rows.iter().map(|(name, value)| format!("{name:width$}  {value}")).collect::<Vec<_>>().join("\n")
}

/// A time on chain, in UTC.
pub(crate) fn utc(timestamp: u64) -> String {
    // Days to a date after Howard Hinnant's `civil_from_days`: eras of 400 years that begin on 1 March.
    let (days, seconds) = (timestamp / 86_400 + 719_468, timestamp % 86_400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_utc() {
        assert_eq!(utc(0), "1970-01-01T00:00:00Z");
        assert_eq!(utc(951_827_696), "2000-02-29T12:34:56Z");
        assert_eq!(utc(1_735_689_599), "2024-12-31T23:59:59Z");
        assert_eq!(utc(4_107_542_400), "2100-03-01T00:00:00Z");
    }

    #[test]
    fn sizes_and_durations_are_told_in_words() {
        assert_eq!(
            (bytes(999), bytes(1500), bytes(2_340_000_000)),
            ("999 bytes".into(), "1.5 kB".into(), "2.3 GB".into())
        );
        assert_eq!(seconds(Duration::from_millis(5)), "5.0 ms");
        assert_eq!(seconds(Duration::from_secs(150)), "3 min");
    }
}
