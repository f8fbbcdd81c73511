//! `veilmark backup`: what cannot be made again, in one sealed file.

use crate::{
    commands::chain::connection,
    failure::{Failure, Kind},
    home::Home,
    output::{self, Report, Ui},
    secrets,
};
use serde_json::{Value, json};
use std::{
    io::Write,
    path::{Path, PathBuf},
};
use veilmark::{
    files::{self, Access, Existing},
    latent_file::{self, LatentFile},
    model_file,
    opening::Opening,
    secrets::backup::{self, Backup, Kept},
};
use zeroize::Zeroizing;

/// Put what cannot be made again into one sealed file, and get it back.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Make(Make),
    Restore(Restore),
}

/// Seal the master secret and the files that are named into one file.
///
/// The master secret goes in as it is on disk (sealed, if it is), with what this machine remembers; then openings, fingerprint files,
/// seals, keystores, pictures. age -d opens the file too. An owner's model is not taken: its count of proofs would go back.
#[derive(Debug, clap::Args)]
pub(crate) struct Make {
    /// Files to back up besides the master secret.
    files: Vec<PathBuf>,
    /// Where the backup goes; a file that is there is never replaced.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The backup's own password, in a file; without one it is asked for, twice.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// Bring back what is in a backup.
///
/// The master secret comes into this home if it has none, and this machine gets a new name. Files come into a folder, and replace nothing there. A backup is older
/// than what was lost, and nobody knows how many proofs were made since: openings and latents come back used up. They show the very picture, and disclose it; to
/// prove again, commit again.
#[derive(Debug, clap::Args)]
pub(crate) struct Restore {
    /// The backup.
    backup: PathBuf,
    /// The folder where its files go.
    #[arg(long, value_name = "DIR", default_value = ".")]
    into: PathBuf,
    /// The backup's password, in a file; without one it is asked for.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

pub(crate) fn run(ui: &Ui, home: &Home, command: &Command) -> Result<Report, Failure> {
    match command {
        Command::Make(arguments) => make(ui, home, arguments),
        Command::Restore(arguments) => restore(ui, home, arguments),
    }
}

fn kept(ui: &Ui, path: &Path) -> Result<Kept, Failure> {
    // base64 and the seal have to fit as well
    let content = secrets::bytes(ui, path, backup::MAX_BYTES / 2)?;
    if model_file::is_owners(&content[..content.len().min(64)]) == Some(true) {
        let message = format!(
            "{}: an owner's model is not backed up here: restored, its count of proofs would go back",
            path.display()
        );
        let hint = "keep an encrypted copy, and use it only when the file itself is lost";
        return Err(Failure::new(Kind::Unsupported, message, hint));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Kept { name, content })
}

fn make(ui: &Ui, home: &Home, arguments: &Make) -> Result<Report, Failure> {
    files::check_writable(&arguments.output, Existing::Keep)
        .map_err(|error| Failure { hint: "choose another name: no backup is ever replaced".into(), ..error.into() })?;
    let named = arguments.files.iter().map(|path| kept(ui, path)).collect::<Result<Vec<_>, _>>()?;
    let names: Vec<String> = named.iter().map(|kept| kept.name.clone()).collect();
    let backup = Backup::of(&home.secret(), named)?;
    if !backup.has_secret() && names.is_empty() {
        let hint = "name files, or make a master secret first: veilmark secret new";
        return Err(Failure::new(Kind::Usage, "there is nothing to back up", hint));
    }
    let password = connection::new_password(ui, arguments.password_file.as_deref())?;
    if password.is_empty() {
        return Err(Failure::new(Kind::Usage, "an empty password protects nothing", "choose one of some length"));
    }
    backup.write(&arguments.output, &password)?;
    let json = json!({
        "backup": output::json_path(&arguments.output), "master_secret": backup.has_secret(), "files": names,
    });
    let secret = if backup.has_secret() { "in it" } else { "none in this home" };
    let text = output::table(&[
        ("backup", format!("{} (sealed with its password)", arguments.output.display())),
        ("secret", secret.to_owned()),
        ("files", if names.is_empty() { "none".to_owned() } else { names.join(", ") }),
    ]);
    Ok(Report::new(json, text))
}

/// A file as it comes back: one that counts proofs is marked, since its count is older than what was lost.
enum Restored {
    Opening(Opening),
    Latent(LatentFile),
    Other(Zeroizing<Vec<u8>>),
}

impl Restored {
    fn of(content: Zeroizing<Vec<u8>>) -> Result<Self, Failure> {
        if let Ok(mut opening) = Opening::parse(&content) {
            opening.made_again = true;
            return Ok(Self::Opening(opening));
        }
        if latent_file::is_latent(&content) {
            let mut latent = LatentFile::parse(&content)?;
            latent.made_again = true;
            return Ok(Self::Latent(latent));
        }
        if model_file::is_owners(&content[..content.len().min(64)]) == Some(true) {
            let message = "the backup holds an owner's model, whose count of proofs would go back";
            return Err(Failure::new(Kind::Unsupported, message, "age -d opens the backup"));
        }
        Ok(Self::Other(content))
    }

    const fn is_used_up(&self) -> bool {
        match self {
            Self::Opening(opening) => opening.hiding,
            Self::Latent(_) => true,
            Self::Other(_) => false,
        }
    }

    fn write(&self, path: &Path) -> Result<(), Failure> {
        match self {
            Self::Opening(opening) => Ok(opening.write(path, Existing::Keep)?),
            Self::Latent(latent) => Ok(latent.write(path, Existing::Keep)?),
            Self::Other(content) => {
                Ok(files::write_atomically(path, Existing::Keep, Access::Owner, |file| file.write_all(content))?)
            }
        }
    }
}

fn restore(ui: &Ui, home: &Home, arguments: &Restore) -> Result<Report, Failure> {
    let at = |failure: Failure| failure.at(&arguments.backup).recognise(&arguments.backup);
    files::open(&arguments.backup)?;
    let password = match &arguments.password_file {
        Some(file) => connection::password_of(ui, file)?,
        None => connection::prompt("password of the backup (not shown): ", "--password-file FILE")?,
    };
    let mut backup = Backup::read(&arguments.backup, &password).map_err(|error| at(error.into()))?;
    std::fs::create_dir_all(&arguments.into).map_err(|error| {
        Failure::new(Kind::FileIo, format!("{}: {error}", arguments.into.display()), "name a folder")
    })?;
    let mut found = Vec::new();
    for Kept { name, content } in std::mem::take(&mut backup.files) {
        let path = arguments.into.join(&name);
        // nothing is written where something cannot be
        files::check_writable(&path, Existing::Keep)
            .map_err(|error| Failure { hint: "name an empty folder: --into DIR".into(), ..error.into() })?;
        found.push((name, path, Restored::of(content).map_err(at)?));
    }
    let folder = home.secret();
    let machine = if folder.exists() && backup.has_secret() {
        ui.note("there is a master secret in this home already: it stays, and the backup's is left where it is");
        None
    } else {
        backup.restore_secret(&folder)?
    };
    for (_, path, file) in &found {
        file.write(path).map_err(|failure| failure.at(path))?;
    }
    let list: Vec<Value> = found
        .iter()
        .map(|(_, path, file)| json!({ "file": output::json_path(path), "used_up": file.is_used_up() }))
        .collect();
    let json = json!({ "machine": machine, "files": list });
    let mut rows = Vec::new();
    if let Some(name) = &machine {
        rows.push(("secret", format!("{}, with its own password", folder.master().display())));
        rows.push(("machine", format!("{name} (write it down beside the words)")));
    }
    for (_, path, file) in &found {
        let mark = if file.is_used_up() { " (shows and discloses, proves nothing: commit again to prove)" } else { "" };
        rows.push(("file", format!("{}{mark}", path.display())));
    }
    Ok(Report::new(json, output::table(&rows)))
}
