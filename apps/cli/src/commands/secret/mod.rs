//! `veilmark secret`: the master secret of this home.

pub(crate) mod backup;
pub(crate) mod keeping;

use crate::{
    commands::{
        chain::connection,
        image::{checking, picture},
    },
    failure::{Failure, Kind},
    hearing::Hearing,
    home::Home,
    output::{self, Report, Ui},
    secrets,
};
use rand_core::OsRng;
use serde_json::json;
use std::{
    io::{self, IsTerminal, Read},
    path::{Path, PathBuf},
};
use veilmark::{
    again::{self, FingerprintRequest},
    secrets::{
        keeper::Folder,
        master::{Master, WORDS},
    },
    statement::fingerprint::Fingerprint,
};
use zeroize::Zeroizing;

/// Bytes of 24 words, and of much space between them.
const MAX_WORDS: u64 = 1 << 12;

/// Make one secret that lost files follow from, and get it back.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    New(New),
    Restore(Restore),
    Show(Show),
    Fingerprint(Refound),
}

/// How the master secret is kept on disk.
#[derive(Debug, clap::Args)]
pub(crate) struct Keeping {
    /// The password that seals it, in a file; without one it is taken from the variable VEILMARK_SECRET_PASSWORD, or asked for,
    /// twice.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Keep it as it is, without a password: for a disk that is encrypted, or a machine where nobody can be asked.
    #[arg(long, conflicts_with = "password_file")]
    unsealed: bool,
}

/// Make the master secret of this home, and show its 24 words once.
///
/// Write the words down on paper: openings, latents, seals and salted fingerprints that are made from now on follow from them, so a lost file can be
/// made again. What is made again proves nothing more, but shows the very picture. The secret is kept sealed with a
/// password; whoever has the words needs none.
#[derive(Debug, clap::Args)]
pub(crate) struct New {
    #[command(flatten)]
    keeping: Keeping,
}

/// Bring a master secret back from its 24 words.
///
/// The words are read from a file, or from standard input, or asked for; they are never an argument. This machine gets a name of
/// its own, so that it never proves with salts that another machine may have used up.
#[derive(Debug, clap::Args)]
pub(crate) struct Restore {
    /// The 24 words, in a file.
    #[arg(long, value_name = "FILE")]
    words_file: Option<PathBuf>,
    /// The name of this machine, one that no machine with this secret ever had [default: a random one].
    #[arg(long, value_name = "NAME")]
    machine: Option<String>,
    #[command(flatten)]
    keeping: Keeping,
}

/// Show the 24 words again, and the names of the machines.
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    /// The password, in a file; without one it is taken from the variable VEILMARK_SECRET_PASSWORD, or asked for.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// Make the file of a committed fingerprint again, as it was.
///
/// The salted hash on chain is opened by it as before. It takes the bundle and the picture, and the master secret under which the bundle was made.
#[derive(Debug, clap::Args)]
pub(crate) struct Refound {
    /// The bundle, or a copy of it.
    bundle: PathBuf,
    /// The picture that was proved.
    #[arg(long)]
    image: PathBuf,
    #[command(flatten)]
    reading: picture::Reading,
    /// The fingerprint that was claimed, where it was not the picture's own: 64 hex digits.
    #[arg(long, value_name = "HEX")]
    against: Option<Fingerprint>,
    /// Where the fingerprint's file goes, a secret file.
    #[arg(short, long, value_name = "X.fingerprint")]
    output: PathBuf,
    #[command(flatten)]
    secret: keeping::SecretArguments,
}

pub(crate) fn run(ui: &Ui, home: &Home, command: &Command) -> Result<Report, Failure> {
    match command {
        Command::New(arguments) => new(ui, home, arguments),
        Command::Restore(arguments) => restore(ui, home, arguments),
        Command::Show(arguments) => show(ui, home, arguments),
        Command::Fingerprint(arguments) => fingerprint(ui, home, arguments),
    }
}

/// Refuses early what would be refused after a password was asked for.
fn require_none(folder: &Folder) -> Result<(), Failure> {
    if folder.exists() {
        return Err(veilmark::secrets::SecretError::Exists { path: folder.master() }.into());
    }
    Ok(())
}

fn new_password(ui: &Ui, keeping: &Keeping) -> Result<Option<Zeroizing<String>>, Failure> {
    if keeping.unsealed {
        ui.warn("--unsealed: whoever reads the file has the secret");
        return Ok(None);
    }
    let password = match (&keeping.password_file, keeping::from_environment()) {
        (None, Some(password)) => password,
        (file, _) => connection::new_password(ui, file.as_deref())?,
    };
    if password.is_empty() {
        let hint = "choose one of some length, or say --unsealed";
        return Err(Failure::new(Kind::Usage, "an empty password protects nothing", hint));
    }
    Ok(Some(password))
}

/// Words as people copy them: numbered, four in a line.
fn numbered(words: &str) -> Zeroizing<String> {
    let words: Vec<&str> = words.split(' ').collect();
    let mut text = Zeroizing::new(String::with_capacity(1024));
    for (row, line) in words.chunks(4).enumerate() {
        for (column, word) in line.iter().enumerate() {
            text.push_str(&format!("{:>3} {word:<10}", 4 * row + column + 1));
        }
        text.push('\n');
    }
    text
}

fn rows(folder: &Folder, keeping: &Keeping, machine: &str) -> Vec<(&'static str, String)> {
    let how = if keeping.unsealed { "NOT sealed" } else { "sealed with the password, as age has it" };
    vec![("file", format!("{} ({how})", folder.master().display())), ("machine", machine.to_owned())]
}

fn new(ui: &Ui, home: &Home, arguments: &New) -> Result<Report, Failure> {
    let folder = home.secret();
    require_none(&folder)?;
    let password = new_password(ui, &arguments.keeping)?;
    let master = Master::random(&mut OsRng);
    let machine = folder.create(&master, password.as_deref().map(String::as_str))?;
    let words = master.words();
    let json = json!({
        "words": *words, "file": output::json_path(&folder.master()), "sealed": password.is_some(), "machine": machine,
    });
    let text = format!(
        "{}\n{}\n\nWrite the {WORDS} words down, on paper, and keep them apart from this machine: whoever has them has what follows from \
         them.\nFrom now on commit, generate, reserve and prove take their salts from it.",
        *numbered(&words),
        output::table(&rows(&folder, &arguments.keeping, &machine)).trim_end()
    );
    Ok(Report::new(json, text))
}

/// The words: of a file, of standard input, or typed.
fn read_words(ui: &Ui, file: Option<&Path>) -> Result<Zeroizing<String>, Failure> {
    let bytes = match file {
        Some(path) => secrets::bytes(ui, path, MAX_WORDS)?,
        None if io::stdin().is_terminal() => {
            return connection::prompt("the 24 words (not shown): ", "--words-file FILE");
        }
        None => {
            let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_WORDS as usize + 1));
            let read = io::stdin().lock().take(MAX_WORDS + 1).read_to_end(&mut bytes);
            read.map_err(|error| Failure::new(Kind::FileIo, format!("standard input: {error}"), "name --words-file"))?;
            bytes
        }
    };
    let text = std::str::from_utf8(&bytes).map(str::to_owned).map(Zeroizing::new);
    text.map_err(|_| {
        Failure::new(Kind::Usage, "the words are no text", "give the 24 words that veilmark secret new showed")
    })
}

fn restore(ui: &Ui, home: &Home, arguments: &Restore) -> Result<Report, Failure> {
    let folder = home.secret();
    require_none(&folder)?;
    let master = Master::from_words(&read_words(ui, arguments.words_file.as_deref())?)?;
    let password = new_password(ui, &arguments.keeping)?;
    let name = folder.restore(&master, password.as_deref().map(String::as_str), arguments.machine.as_deref())?;
    let json = json!({ "file": output::json_path(&folder.master()), "sealed": password.is_some(), "machine": name });
    let text = format!(
        "{}\n\nWrite the machine's name down beside the words: what is committed to here is made again under it.",
        output::table(&rows(&folder, &arguments.keeping, &name)).trim_end()
    );
    Ok(Report::new(json, text))
}

fn show(ui: &Ui, home: &Home, arguments: &Show) -> Result<Report, Failure> {
    let keeper = keeping::required(ui, home, arguments.password_file.as_deref(), keeping::PASSWORD_FILE)?;
    let (words, machines) = (keeper.words(), keeper.machines()?);
    let json = json!({ "words": *words, "machine": keeper.machine(), "machines": machines });
    let former = machines[1..].join(", ");
    let mut rows = vec![("machine", keeper.machine().to_owned())];
    if !former.is_empty() {
        rows.push(("before", former));
    }
    Ok(Report::new(json, format!("{}\n{}", *numbered(&words), output::table(&rows).trim_end())))
}

fn fingerprint(ui: &Ui, home: &Home, arguments: &Refound) -> Result<Report, Failure> {
    let bundle = checking::read_bundle(&arguments.bundle)?;
    let keeper = arguments.secret.required(ui, home)?;
    let request = FingerprintRequest {
        image: arguments.image.clone(),
        reading: arguments.reading.options(),
        against: arguments.against,
        output: arguments.output.clone(),
    };
    again::fingerprint_again(home.store(), &bundle, &request, &keeper, &Hearing::new(ui))?;
    let json = json!({
        "fingerprint_file": output::json_path(&arguments.output), "fingerprint": bundle.fingerprint.to_string(),
        "image_commitment": veilmark::files::hex0x(&bundle.image_commitment()),
    });
    let text = output::table(&[
        ("fingerprint", format!("{} (keep it secret)", arguments.output.display())),
        ("salted hash", bundle.fingerprint.to_string()),
    ]);
    Ok(Report::new(json, text))
}
