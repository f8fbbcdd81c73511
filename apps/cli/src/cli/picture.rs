//! What every command asks of a picture.

use super::{
    failure::{Exit, Failure},
    ui::Ui,
};
use serde_json::{Value, json};
use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};
use veilmark::{
    chain::seal,
    decode::{self, Background, Decoded, Fingerprinted, Note, Options},
    files::{self, Existing},
    fingerprint_file, latent_file, model_file,
    opening::Opening,
};
use veilmark_circuits::statement::pdq::{self, MIN_QUALITY, Pdq};

/// How a picture's file is read.
#[derive(Debug, clap::Args)]
pub(crate) struct Reading {
    /// The colour behind a picture that is transparent in places, six hex digits; without it such a picture is refused.
    #[arg(long, value_name = "RRGGBB", value_parser = background)]
    background: Option<Background>,
}

fn background(text: &str) -> Result<Background, String> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    let mut colour = [0; 3];
    hex::decode_to_slice(digits, &mut colour).map_err(|_| "a colour is six hex digits: ffffff is white".to_owned())?;
    Ok(Background(colour))
}

impl Reading {
    /// Reads a picture, and says what of its file is not followed.
    pub(crate) fn decode(&self, ui: &Ui, path: &Path) -> Result<Decoded, Failure> {
        let picture = decode::decode(path, &self.options())?;
        say(ui, &picture.notes);
        Ok(picture)
    }

    /// Makes a picture's fingerprint, also of pictures that are too large to be proved.
    pub(crate) fn fingerprint(&self, ui: &Ui, path: &Path) -> Result<Fingerprinted, Failure> {
        let picture = decode::fingerprint(path, &self.options())?;
        say(ui, &picture.notes);
        if !picture.pdq.is_stable() {
            ui.warn(&format!(
                "{} of the 256 bits are noise, as in symmetric or half empty pictures: copies may not be found",
                picture.pdq.unstable_bits
            ));
        }
        Ok(picture)
    }

    fn options(&self) -> Options {
        Options { background: self.background }
    }
}

fn say(ui: &Ui, notes: &[Note]) {
    notes.iter().for_each(|note| ui.note(&note.to_string()));
}

/// Notes as JSON: a name for scripts and a text for people.
pub(crate) fn json_notes(notes: &[Note]) -> Value {
    notes.iter().map(|note| json!({ "name": note.name(), "text": note.to_string() })).collect()
}

/// Fingerprint and quality of a picture.
pub(crate) fn pdq(picture: &Decoded) -> Pdq {
    pdq::pdq(&picture.raster)
}

/// Refuses pictures so plain that their fingerprint matches too many others.
pub(crate) fn require_quality(pdq: &Pdq) -> Result<(), Failure> {
    if pdq.quality >= MIN_QUALITY {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Unsupported,
        format!("the picture's quality is {}, at least {MIN_QUALITY} is needed", pdq.quality),
        "so plain a picture matches too many others: take one with more to see",
    ))
}

/// What `--force` means.
pub(crate) fn existing(force: bool) -> Existing {
    if force { Existing::Replace } else { Existing::Keep }
}

/// What a command may replace with `--force` though it cannot be made again: its own kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MayReplace {
    Nothing,
    Opening,
    Model,
    Latent,
}

/// Refuses an output early: one that cannot be written, and one that is an input or otherwise cannot be made again.
/// `--force` replaces what a command wrote before; it destroys no picture, no committed fingerprint and no seal, and an
/// opening, an owner's model or a latent is replaced by the command that makes such files only.
pub(crate) fn check_output(
    output: &Path,
    existing: Existing,
    inputs: &[&Path],
    may_replace: MayReplace,
) -> Result<(), Failure> {
    files::check_writable(output, existing)?;
    let Ok(target) = fs::canonicalize(output) else { return Ok(()) };
    let refused = |what: String| Err(Failure::new(Exit::Usage, what, "choose another name for the output"));
    for input in inputs {
        if fs::canonicalize(input).is_ok_and(|input| input == target) || is_hard_link(&target, input) {
            return refused(format!(
                "the output {} is the same file as the input {}",
                output.display(),
                input.display()
            ));
        }
    }
    if decode::is_picture(&target) {
        return refused(format!("{} is a picture, which --force does not destroy", output.display()));
    }
    let mut start = Vec::new();
    // what cannot be read is no file of ours
    let _ = files::open(&target).map(|file| file.take(64).read_to_end(&mut start));
    let what = if fingerprint_file::is_fingerprint(&start) {
        "a fingerprint file, without which nobody opens its salted hash"
    } else if seal::is_seal(&start) {
        "a seal, without which its reservation is lost"
    } else if may_replace != MayReplace::Model && model_file::is_owners(&start) == Some(true) {
        "an owner's model, without which nobody proves with it"
    } else if may_replace != MayReplace::Latent && latent_file::is_latent(&start) {
        "a latent, without which its picture is not proved again"
    } else if may_replace != MayReplace::Opening && Opening::read(&target).is_ok() {
        "an opening, without which its commitment is worth nothing"
    } else {
        return Ok(());
    };
    refused(format!("{} is {what}", output.display()))
}

/// Whether two outputs would be one file, whether they exist or not.
pub(crate) fn is_one_output(a: &Path, b: &Path) -> bool {
    let place = |path: &Path| -> PathBuf {
        fs::canonicalize(path).unwrap_or_else(|_| {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let name = path.file_name().unwrap_or_default();
            fs::canonicalize(folder).unwrap_or_else(|_| folder.into()).join(name)
        })
    };
    place(a) == place(b) || is_hard_link(a, b)
}

#[cfg(unix)]
fn is_hard_link(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_hard_link(_: &Path, _: &Path) -> bool {
    false
}
