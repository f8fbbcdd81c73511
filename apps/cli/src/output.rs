//! The one place that prints.

use crate::failure::{Failure, Kind, exit_code};
use alloy_primitives::Address;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};
use std::{
    cell::Cell,
    io::{self, ErrorKind, IsTerminal, Write},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// What a command found out.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The object that `--json` prints.
    pub(crate) json: Map<String, Value>,
    /// What is printed otherwise; a narrated command has said it already.
    pub(crate) text: String,
    /// Whether the text is this program's own with its colours, which are printed as they are.
    pub(crate) styled: bool,
    /// Set where the answer is not yes.
    pub(crate) failure: Option<Failure>,
}

impl Report {
    /// A report with nothing wrong; `json` is an object.
    pub(crate) fn new(json: Value, text: impl Into<String>) -> Self {
        let Value::Object(json) = json else { return Self::text_only(&text.into()) };
        Self { json, text: text.into(), styled: false, failure: None }
    }

    /// A report that is a text.
    pub(crate) fn text_only(text: &str) -> Self {
        Self::new(json!({ "text": text }), text)
    }

    /// A report that is a text of this program's own, with colours.
    pub(crate) fn styled(text: &str) -> Self {
        Self { styled: true, ..Self::text_only(text) }
    }
}

/// Where things are printed.
#[derive(Debug)]
pub(crate) struct Ui {
    json: bool,
    /// Why stdout could not be written.
    broken: Mutex<Option<ErrorKind>>,
    /// Bytes of memory allowed.
    memory: Mutex<Option<u64>>,
    /// Warnings that are said once.
    warned: Mutex<Vec<String>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Characters of the longest line that is printed.
const LONGEST_LINE: usize = 2000;

/// Whether a terminal, or whoever reads a log, would take a character for something else than a letter: control characters,
/// what turns the direction of writing, line separators, what is invisible.
fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Text as it may be printed: nothing in it is obeyed by a terminal, whoever wrote it. Line feeds and tabs stay: tables have
/// them.
fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(c),
            c if is_obeyed(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// JSON in which such characters are escaped as JSON has it; outside of texts there are none.
fn printable_json(json: &Value) -> String {
    let mut out = String::new();
    for c in json.to_string().chars() {
        if is_obeyed(c) {
            let mut units = [0; 2];
            c.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}

/// A message, which may hold a stranger's words: one line, no longer than anybody reads.
fn one_line(text: &str) -> String {
    let mut line: String = text.chars().take(LONGEST_LINE).map(|c| if c == '\n' { ' ' } else { c }).collect();
    if text.chars().nth(LONGEST_LINE).is_some() {
        line.push('…');
    }
    printable(&line)
}

/// One line on stderr. Nobody is left to tell if that fails.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{}", printable(text));
}

impl Ui {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, broken: Mutex::default(), memory: Mutex::default(), warned: Mutex::default() }
    }

    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// Sets the bytes of memory that work may take.
    pub(crate) fn limit_memory(&self, bytes: Option<u64>) {
        *locked(&self.memory) = bytes;
    }

    /// Bytes of memory that work may take, where the user said so.
    pub(crate) fn memory(&self) -> Option<u64> {
        *locked(&self.memory)
    }

    /// A step of what the command does, or something to know, on stderr.
    pub(crate) fn note(&self, text: &str) {
        note(text);
    }

    /// Something to be careful about, on stderr.
    pub(crate) fn warn(&self, text: &str) {
        note(&format!("warning: {}", one_line(text)));
    }

    /// The same, unless it was said: what is read twice is no worse for that.
    pub(crate) fn warn_once(&self, text: &str) {
        let mut warned = locked(&self.warned);
        if !warned.iter().any(|said| said == text) {
            self.warn(text);
            warned.push(text.to_owned());
        }
    }

    #[cfg(test)]
    pub(crate) fn warned(&self) -> usize {
        locked(&self.warned).len()
    }

    /// Narration: a line on stdout, unless stdout is for JSON.
    pub(crate) fn say(&self, text: &str) {
        if self.json {
            note(text);
        } else {
            self.out(&printable(text));
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
            *locked(&self.broken) = Some(error.kind());
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
            self.out(&printable_json(&Value::Object(report.json)));
        } else {
            match (report.text.is_empty(), report.styled) {
                (true, _) => {}
                (false, true) => self.out(&report.text),
                (false, false) => self.out(&printable(&report.text)),
            }
            if let Some(Failure { message, hint, .. }) = &report.failure {
                note(&format!("error: {}\nhint: {}", one_line(message), one_line(hint)));
            }
        }
        match *locked(&self.broken) {
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
        let now = Instant::now();
        Progress { bar, start: now, told: Cell::new((0, now)) }
    }
}

/// Without a terminal a line is told no more often than this, but for every fourth.
const LINE: Duration = Duration::from_secs(2);

/// How far something is.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    start: Instant,
    /// Percent of the last line, and when it was told.
    told: Cell<(u64, Instant)>,
}

impl Progress {
    /// A fraction is done. Without a terminal every fourth is told, and where that takes long what has come in two seconds.
    pub(crate) fn fraction(&self, done: f64) {
        let percent = percent(done);
        let left = self.left(done).map(|left| format!("about {} left", seconds(left)));
        if let Some(bar) = &self.bar {
            bar.set_position(percent);
            bar.set_message(left.unwrap_or_default());
            return;
        }
        let ((told, at), now) = (self.told.get(), Instant::now());
        if percent >= told + 25 || percent > told && now - at >= LINE {
            self.told.set((percent, now));
            note(&format!("  {percent:>3} %{}", left.map_or_else(String::new, |left| format!("  {left}"))));
        }
    }

    /// The time that is left if it goes on as it went so far; nothing where that is no time, or too early to tell.
    fn left(&self, done: f64) -> Option<Duration> {
        let spent = self.start.elapsed();
        if done < 0.02 || spent < LINE {
            return None;
        }
        let left = spent.mul_f64((1.0 / done.min(1.0)) - 1.0);
        (left >= LINE).then_some(left)
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

pub(crate) use veilmark::files::hex0x;

/// An account or a contract in JSON, spelled as in text: EIP-55.
pub(crate) fn account(address: Address) -> Value {
    json!(address.to_checksum(None))
}

/// Seconds since 1970 by this machine's clock.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
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
    fn nothing_that_is_printed_is_obeyed() {
        let hostile = "a\u{1b}[2J\u{9b}31m\r\u{8}b\u{202e}c\u{2028}d\u{7f}\u{0}e\u{feff}";
        let shown = printable(hostile);
        assert_eq!(shown, r"a\u{1b}[2J\u{9b}31m\u{d}\u{8}b\u{202e}c\u{2028}d\u{7f}\u{0}e\u{feff}");
        assert_eq!(printable("name\tvalue\nÄ 漢"), "name\tvalue\nÄ 漢", "a table, and letters");
        assert_eq!(one_line("a\nerror: none\nverdict: valid"), "a error: none verdict: valid");
        assert_eq!(one_line(&"x".repeat(5000)).chars().count(), LONGEST_LINE + 1);
        let json = json!({ "text": hostile, "tag": "\u{e0041}" });
        let printed = printable_json(&json);
        assert!(printed.is_ascii(), "{printed}");
        assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), json, "and the same to whoever reads it");
    }

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
