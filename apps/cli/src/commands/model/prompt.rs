//! A prompt as commands take it: on the command line, or in a file that keeps it out of the list of processes.

use crate::{
    failure::{Failure, Kind},
    output::Ui,
    secrets,
};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use veilmark_circuits::statement::{
    latent::{self, ClassError},
    model::Architecture,
};

/// Bytes of the longest prompt file.
const MAX_PROMPT: u64 = 1 << 20;

/// What a picture is asked for with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prompt {
    pub(crate) prompt: String,
    #[serde(default)]
    pub(crate) class: Option<u32>,
}

impl Prompt {
    /// The words that were given, or those of the file.
    pub(crate) fn read(ui: &Ui, words: Option<&str>, file: Option<&PathBuf>) -> Result<Self, Failure> {
        match file {
            None => Ok(Self { prompt: words.unwrap_or_default().to_owned(), class: None }),
            Some(path) => Self::of_file(ui, path),
        }
    }

    fn of_file(ui: &Ui, path: &Path) -> Result<Self, Failure> {
        let text = secrets::bytes(ui, path, MAX_PROMPT)?;
        serde_json::from_slice(&text).map_err(|error| {
            // the message may quote the prompt
            let (line, column) = (error.line(), error.column());
            let message = format!("{}: not a prompt file, line {line}, column {column}", path.display());
            Failure::new(
                Kind::Unsupported,
                message,
                r#"write {"prompt": "a text"}, or {"prompt": "a text", "class": 3}"#,
            )
        })
    }

    /// What the model is given.
    pub(crate) fn latent(&self, architecture: &Architecture, seed: u64) -> Result<Vec<i8>, Failure> {
        latent::latent(architecture, &self.prompt, seed, self.class).map_err(|error: ClassError| {
            let hint = r#"name the class in a prompt file: --prompt-file FILE with {"prompt": "a text", "class": 3}"#;
            Failure::new(Kind::Usage, error.to_string(), hint)
        })
    }
}
