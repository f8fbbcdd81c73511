//! Backups: what cannot be made again, in one file that is sealed with a password.
//!
//! Inside is JSON, so that `age -d FILE` and any reader of JSON get at it without this program: the master secret's file as it is (sealed,
//! if it is), what the machine remembers, and the files that were named, in base64. What is restored is *older* than what was
//! lost: the machine gets a new name, and whoever restores marks each file that counts proofs as used up.
//!
//! What the caller must believe: names are of files, never of folders or of anything above; nothing is longer than [`MAX_BYTES`].
use crate::{
    error::SecretError,
    keeper::{Folder, MAX_MASTER},
    machine::{self, MachineFile, Memory},
    sealed,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use rand_core::OsRng;
use serde::{Deserialize, Serialize};
use std::{fmt, io::Write, path::Path};
use veilmark_files::{self as files, Access, Existing};
use zeroize::Zeroizing;

const FORMAT: &str = "veilmark backup";
const VERSION: u32 = 1;
/// Bytes of the longest backup.
pub const MAX_BYTES: u64 = 1 << 26;
/// The most files in one.
const MAX_FILES: usize = 10_000;
/// Bytes of the longest name.
const MAX_NAME: usize = 200;
const WHAT: &str = "backup";

/// A file in a backup.
pub struct Kept {
    /// Its name, without a folder.
    pub name: String,
    /// Its content.
    pub content: Zeroizing<Vec<u8>>,
}

/// The content stays out of logs.
impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The master secret's file, and that of its machine.
struct Secret {
    master: Zeroizing<Vec<u8>>,
    machine: Vec<u8>,
    memory: Memory,
}

/// All of it is secret.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(secret)")
    }
}

/// What is backed up.
#[derive(Debug)]
pub struct Backup {
    secret: Option<Secret>,
    /// The files that were named.
    pub files: Vec<Kept>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    format: String,
    version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    master: Option<Zeroizing<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    machine: Option<String>,
    files: Vec<WireFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireFile {
    name: String,
    content: Zeroizing<String>,
}

fn wrong(field: impl Into<String>, expected: &'static str) -> SecretError {
    SecretError::Backup { field: field.into(), expected }
}

/// Whether a text names a file, and no folder, nothing above and nothing that is hidden.
fn check_file_name(name: &str) -> Result<(), SecretError> {
    let refused = |c: char| c.is_control() || "/\\:".contains(c);
    if name.is_empty() || name.len() > MAX_NAME || name.starts_with('.') || name.contains(refused) {
        return Err(wrong("name", "the name of a file, without a folder"));
    }
    Ok(())
}

impl Backup {
    /// What a home keeps, and files that were named.
    ///
    /// # Errors
    /// [`SecretError`]; also for two files of one name, of which one would be lost.
    pub fn of(folder: &Folder, named: Vec<Kept>) -> Result<Self, SecretError> {
        check_files(&named)?;
        let secret = if folder.exists() {
            let machine = MachineFile(folder.machine());
            Some(Secret {
                master: Zeroizing::new(files::read_limited(&folder.master(), MAX_MASTER)?),
                machine: machine.bytes()?,
                memory: machine.read()?,
            })
        } else {
            None
        };
        Ok(Self { secret, files: named })
    }

    /// Whether the master secret is in it.
    pub const fn has_secret(&self) -> bool {
        self.secret.is_some()
    }

    /// Writes a sealed file for its owner alone, whole or not at all.
    ///
    /// # Errors
    /// [`SecretError`].
    pub fn write(&self, path: &Path, password: &str) -> Result<(), SecretError> {
        let encoded = |bytes: &[u8]| Zeroizing::new(BASE64_STANDARD.encode(bytes));
        let wire = Wire {
            format: FORMAT.into(),
            version: VERSION,
            master: self.secret.as_ref().map(|secret| encoded(&secret.master)),
            machine: self.secret.as_ref().map(|secret| BASE64_STANDARD.encode(&secret.machine)),
            files: self
                .files
                .iter()
                .map(|kept| WireFile { name: kept.name.clone(), content: encoded(&kept.content) })
                .collect(),
        };
        let text = serde_json::to_vec(&wire).map(Zeroizing::new).map_err(|_| wrong("files", "what can be written"))?;
        let bytes = sealed::seal(&text, password, &mut OsRng);
        Ok(files::write_atomically(path, Existing::Keep, Access::Owner, |file| file.write_all(&bytes))?)
    }

    /// Reads and opens a backup.
    ///
    /// # Errors
    /// [`SecretError`]; nothing of its content is in it.
    pub fn read(path: &Path, password: &str) -> Result<Self, SecretError> {
        Self::parse(&sealed::open(WHAT, &files::read_limited(path, MAX_BYTES)?, password)?)
    }

    fn parse(text: &[u8]) -> Result<Self, SecretError> {
        // a reader's message may quote what it read
        let wire: Wire = serde_json::from_slice(text).map_err(|_| wrong("content", "the one of a backup"))?;
        if wire.format != FORMAT {
            return Err(wrong("format", FORMAT));
        }
        if wire.version != VERSION {
            return Err(wrong("version", "1"));
        }
        let decoded = |field: &str, text: &str| {
            BASE64_STANDARD.decode(text).map(Zeroizing::new).map_err(|_| wrong(field, "base64"))
        };
        let secret = match (&wire.master, &wire.machine) {
            (None, None) => None,
            (Some(master), Some(machine)) => {
                let machine = decoded("machine", machine)?.to_vec();
                let memory = Memory::parse(&machine).map_err(|_| wrong("machine", "what a machine remembers"))?;
                let master = decoded("master", master)?;
                if master.len() as u64 > MAX_MASTER {
                    return Err(wrong("master", "a master secret's file"));
                }
                Some(Secret { master, machine, memory })
            }
            _ => return Err(wrong("machine", "there, beside `master`")),
        };
        let read = |file: &WireFile| {
            Ok(Kept { name: file.name.clone(), content: decoded(&format!("files.{}", file.name), &file.content)? })
        };
        let files = wire.files.iter().map(read).collect::<Result<Vec<_>, SecretError>>()?;
        check_files(&files)?;
        Ok(Self { secret, files })
    }

    /// Puts the master secret into a home that has none, under a new name of the machine, which is returned; `None` where the backup has no secret.
    ///
    /// # Errors
    /// [`SecretError`]; then nothing was changed.
    pub fn restore_secret(&self, folder: &Folder) -> Result<Option<String>, SecretError> {
        let Some(Secret { master, memory, .. }) = &self.secret else { return Ok(None) };
        Ok(Some(folder.put(master, &memory.clone().renamed(machine::new_name(&mut OsRng)))?))
    }
}

fn check_files(files: &[Kept]) -> Result<(), SecretError> {
    if files.len() > MAX_FILES {
        return Err(wrong("files", "a list of at most 10000"));
    }
    for (at, file) in files.iter().enumerate() {
        check_file_name(&file.name)?;
        // file systems may take them for one
        if files[..at].iter().any(|other| other.name.eq_ignore_ascii_case(&file.name)) {
            return Err(wrong(format!("files.{}", file.name), "there once"));
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "backup_tests.rs"]
mod tests;
