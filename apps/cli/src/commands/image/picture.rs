//! What every command asks of a picture and of the files it writes.

use crate::{failure::Failure, output::Ui};
use serde_json::{Value, json};
use std::path::Path;
use veilmark::{
    decode::{self, Background, Decoded, Fingerprinted, Note, Options},
    files::Existing,
    outputs,
};
use veilmark_circuits::statement::pdq::{self, Pdq};

pub(crate) use veilmark::outputs::{MayReplace, is_one_output};

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

    /// The options of the decoder.
    pub(crate) fn options(&self) -> Options {
        Options { background: self.background }
    }
}

/// Says what of a file is not followed.
pub(crate) fn say(ui: &Ui, notes: &[Note]) {
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

/// What `--force` means.
pub(crate) fn existing(force: bool) -> Existing {
    if force { Existing::Replace } else { Existing::Keep }
}

/// Refuses an output early: one that cannot be written, and one that is an input or otherwise cannot be made again.
pub(crate) fn check_output(
    output: &Path,
    existing: Existing,
    inputs: &[&Path],
    may_replace: MayReplace,
) -> Result<(), Failure> {
    Ok(outputs::check_output(output, existing, inputs, may_replace)?)
}
