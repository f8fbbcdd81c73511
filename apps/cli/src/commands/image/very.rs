//! The fourth verdict: is this the very picture under the commitment, and are these the very words?
//!
//! Apart from the others: it says nothing about the proof or the chain. Its `no` is about pixels; a copy that was compressed again has
//! others, and nobody is accused.

use crate::{
    commands::{
        image::{checking, picture},
        model::prompt::Prompt,
    },
    failure::{Failure, Kind},
    hearing::Hearing,
    home::Home,
    output::{self, Ui},
    secrets,
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use veilmark::{
    decode,
    disclosing::{self, Evidence},
    disclosure_file::DisclosureFile,
    files::hex0x,
    srs::SrsId,
};
use veilmark_circuits::statement::claim::Role;

/// What is to be shown, and by what.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Your own opening: is --image the very picture under the commitment?
    #[arg(long, value_name = "X.opening", requires = "image", conflicts_with = "disclosure")]
    pub(crate) opening: Option<PathBuf>,
    /// What veilmark disclose wrote: is --image the very picture, or --prompt the very prompt, under the commitment? Twice for both.
    #[arg(long, value_name = "X.disclosure")]
    pub(crate) disclosure: Vec<PathBuf>,
    /// The prompt that a disclosure is of, with --seed and --model.
    #[arg(long, value_name = "TEXT", conflicts_with = "prompt_file", requires = "disclosure")]
    pub(crate) prompt: Option<String>,
    /// A file with that prompt, as veilmark generate takes it.
    #[arg(long, value_name = "FILE", requires = "disclosure")]
    pub(crate) prompt_file: Option<PathBuf>,
    /// The seed that went with the prompt.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
}

/// What the verdict is about: commitments of a bundle, or one that was named.
#[derive(Clone, Copy, Default)]
pub(crate) struct Commitments {
    pub(crate) picture: Option<[u8; 32]>,
    pub(crate) prompt: Option<[u8; 32]>,
}

/// A verdict, as text and JSON, and why it is not yes.
pub(crate) struct Verdict {
    pub(crate) text: String,
    pub(crate) json: Value,
    pub(crate) failure: Option<Failure>,
}

impl Verdict {
    fn not_asked(how: &str) -> Self {
        Self { text: format!("not asked ({how})"), json: json!({ "verdict": "not asked" }), failure: None }
    }

    /// A yes that binds nobody, as the commitment is under a setup that is not trusted.
    pub(crate) fn weaken(&mut self) {
        const WEAK: &str = "yes under untrusted parameters";
        if self.json["verdict"] == "yes" {
            self.json["verdict"] = WEAK.into();
            self.text = self.text.replacen("yes", WEAK, 1);
        }
    }

    fn of(yes: bool, by: &str, commitment: [u8; 32], what: &Words) -> Self {
        let commitment = hex0x(&commitment);
        let (verdict, text, failure) = if yes {
            ("yes", format!("yes: {} {commitment}, as the {by} shows", what.yes), None)
        } else {
            let failure = Failure::new(Kind::Mismatch, format!("{}, as the {by} has it", what.no), what.hint);
            ("no", format!("no: {} {commitment}", what.not), Some(failure))
        };
        Self { text, json: json!({ "verdict": verdict, "by": by, "commitment": commitment }), failure }
    }
}

struct Words {
    yes: &'static str,
    not: &'static str,
    no: &'static str,
    hint: &'static str,
}

const PICTURE: Words = Words {
    yes: "pixel for pixel the picture under commitment",
    not: "its pixels are not those under commitment",
    no: "the picture is not the very one that was committed to",
    hint: "name the very file that was committed to: a copy that was compressed, resized or sent by a messenger has other pixels",
};

const PROMPT: Words = Words {
    yes: "prompt and seed give the latent under commitment",
    not: "prompt and seed do not give the latent under commitment",
    no: "these are not the very words that were committed to",
    hint: "name prompt, class and seed exactly as they were: every letter counts",
};

/// Both verdicts.
pub(crate) struct Verdicts {
    pub(crate) picture: Verdict,
    pub(crate) prompt: Verdict,
    /// The setups of the commitments that were looked at.
    pub(crate) setups: Vec<(SrsId, u32)>,
}

fn missing(message: &str, hint: &str) -> Failure {
    Failure::new(Kind::Usage, message, hint)
}

impl Arguments {
    /// Whether anything is to be shown of a picture.
    pub(crate) fn about_a_picture(&self, files: &[DisclosureFile]) -> bool {
        self.opening.is_some() || files.iter().any(|file| file.role() == Role::Picture)
    }

    /// The disclosures that are named, at most one of a kind.
    pub(crate) fn read(&self) -> Result<Vec<DisclosureFile>, Failure> {
        let mut files: Vec<DisclosureFile> = Vec::new();
        for path in &self.disclosure {
            let file = disclosing::read_disclosure(path)?;
            if files.iter().any(|other| other.role() == file.role()) {
                let message = format!("{}: a second disclosure of a {}", path.display(), file.role().name());
                return Err(missing(&message, "name one of the picture and one of the prompt at most"));
            }
            files.push(file);
        }
        Ok(files)
    }

    /// The verdicts on the picture and the prompt that are named.
    pub(crate) fn verdicts(
        &self,
        ui: &Ui,
        home: &Home,
        commitments: Commitments,
        files: &[DisclosureFile],
        image: Option<(&Path, &picture::Reading)>,
        model: Option<&Path>,
    ) -> Result<Verdicts, Failure> {
        let of = |role| files.iter().find(|file| file.role() == role);
        let mut setups = Vec::new();
        let opening = self.opening.as_deref().map(|path| secrets::opening(ui, path)).transpose()?;
        let evidence = match (&opening, of(Role::Picture)) {
            (Some(opening), _) => Some((Evidence::Opening(opening), "opening", &opening.decoder)),
            (None, Some(file)) => Some((Evidence::Disclosure(file), "disclosure", &file.decoder)),
            (None, None) => None,
        };
        let shown = match (evidence, image) {
            (None, _) => Verdict::not_asked("--image with --opening or --disclosure asks"),
            (Some(_), None) => {
                return Err(missing("the disclosure is of a picture, and none is named", "name it with --image"));
            }
            (Some((evidence, by, decoder)), Some((path, reading))) => {
                let commitment = commitments.picture.ok_or_else(|| {
                    missing("there is no commitment of a picture here", "name a bundle, or --commitment HASH")
                })?;
                let picture = decode::decode(path, &reading.options())?;
                if picture.decoder != *decoder {
                    ui.note(&format!("the picture was decoded by {decoder}, now by {}", picture.decoder));
                }
                setups.push(match evidence {
                    Evidence::Opening(opening) => (opening.srs_id, opening.k),
                    Evidence::Disclosure(file) => (file.srs_id(), file.commitment.k()),
                });
                let hearing = Hearing::new(ui);
                let yes =
                    disclosing::is_committed_picture(home.store(), commitment, &picture.raster, evidence, &hearing)?;
                Verdict::of(yes, by, commitment, &PICTURE)
            }
        };
        let asked = self.prompt.is_some() || self.prompt_file.is_some();
        let words = match (of(Role::Prompt), asked) {
            (None, false) => Verdict::not_asked("--prompt with --disclosure asks"),
            (None, true) => {
                let hint = "its owner writes one: veilmark disclose L.latent --model M.pub -o FILE";
                return Err(missing("no disclosure of a prompt is named", hint));
            }
            (Some(_), false) => {
                let hint = "name it with --prompt or --prompt-file, and --seed";
                return Err(missing("the disclosure is of a prompt, and none is named", hint));
            }
            (Some(file), true) => {
                let commitment = commitments.prompt.ok_or_else(|| {
                    missing(
                        "there is no commitment of a prompt here",
                        "name a bundle of a claim with a model, or --commitment",
                    )
                })?;
                let model = model.ok_or_else(|| {
                    missing("a prompt is a prompt for a model", "name the model's public file with --model")
                })?;
                let (architecture, _) = checking::read_model(ui, model)?;
                let prompt = Prompt::read(ui, self.prompt.as_deref(), self.prompt_file.as_ref())?;
                let latent = prompt.latent(&architecture, self.seed)?;
                setups.push((file.srs_id(), file.commitment.k()));
                let hearing = Hearing::new(ui);
                let yes =
                    disclosing::is_committed_latent(home.store(), commitment, &architecture, &latent, file, &hearing)?;
                Verdict::of(yes, "disclosure", commitment, &PROMPT)
            }
        };
        Ok(Verdicts { picture: shown, prompt: words, setups })
    }
}

/// What a person is told of the verdicts that were asked for.
pub(crate) fn rows(verdicts: &Verdicts) -> Vec<(&'static str, String)> {
    let mut rows = vec![("very picture", verdicts.picture.text.clone())];
    if verdicts.prompt.json["verdict"] != "not asked" {
        rows.push(("very prompt", verdicts.prompt.text.clone()));
    }
    rows
}

/// A path in JSON, or null.
pub(crate) fn json_path(path: Option<&PathBuf>) -> Value {
    path.map_or(Value::Null, |path| output::json_path(path))
}
