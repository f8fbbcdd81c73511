//! What a machine remembers beside the master secret: its name, the names of machines before it, and how many numbers were taken of what.
//!
//! A number is on disk as taken before anything is made of it. Name and numbers are in one file, so they are lost together: a machine
//! whose file is lost, or that is restored from words or a backup, takes a new name, and cannot take a number twice though it remembers none.
//!
//! The file holds no picture: what numbers are of stands there as a word that follows from the master secret, and says nothing without it.
//!
//! What the caller must believe: whoever puts an older copy of this file back, or works on two machines with copies of it, takes
//! numbers twice. A backup is restored under another name for that reason; a folder that was copied by hand is not noticed.
use crate::error::SecretError;
use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use std::{
    fs::File,
    path::{Path, PathBuf},
};
use veilmark_files::{
    self as files, Access, Existing, FileError,
    envelope::{Envelope, EnvelopeError},
};

const KIND: Envelope = Envelope { format: "veilmark machine", version: 1, max_bytes: 1 << 24, access: Access::Owner };

/// The name of the machine on which a master secret was made. It is this one, so that the words alone make its openings again.
pub const FIRST: &str = "first";
/// Bytes of the longest name.
const MAX_NAME: usize = 32;
/// The most machines that are remembered.
const MAX_MACHINES: usize = 256;

/// What something that was counted is called.
pub(crate) type Word = [u8; 16];
/// Bytes of a word and its count.
const ENTRY: usize = 20;

/// What a machine remembers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Memory {
    /// The machine's name.
    pub(crate) name: String,
    /// Names before this one, the latest first.
    pub(crate) former: Vec<String>,
    taken: Vec<(Word, u32)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    note: String,
    name: String,
    former: Vec<String>,
}

const NOTE: &str = "which commitments were made under the master secret beside it; do not put an older copy back";

/// Whether a text may be a machine's name.
///
/// # Errors
/// [`SecretError::Name`].
pub fn check_name(name: &str) -> Result<(), SecretError> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(allowed) {
        let name = name.chars().take(MAX_NAME).collect();
        return Err(SecretError::Name { name, problem: "names have 1 to 32 letters a to z, digits and hyphens" });
    }
    Ok(())
}

/// A name that no other machine has.
pub(crate) fn new_name(rng: &mut (impl RngCore + CryptoRng)) -> String {
    let mut bytes = [0; 8];
    rng.fill_bytes(&mut bytes);
    format!("m-{}", hex::encode(bytes))
}

impl Memory {
    pub(crate) const fn new(name: String, former: Vec<String>) -> Self {
        Self { name, former, taken: Vec::new() }
    }

    /// How many numbers of something were taken.
    pub(crate) fn taken(&self, word: &Word) -> u32 {
        self.taken.iter().find(|(known, _)| known == word).map_or(0, |(_, count)| *count)
    }

    /// The same machine's memory under another name.
    pub(crate) fn renamed(mut self, name: String) -> Self {
        let old = std::mem::replace(&mut self.name, name);
        self.former.insert(0, old);
        self
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let (wire, body) = KIND.parse::<Wire>(bytes)?;
        let Wire { name, former, .. } = wire;
        let names_are_sound = former.len() < MAX_MACHINES
            && former.iter().chain([&name]).all(|name| check_name(name).is_ok())
            && !former.contains(&name);
        if !names_are_sound {
            return Err(KIND.malformed("its names are none"));
        }
        let (entries, rest) = body.as_chunks::<ENTRY>();
        if !rest.is_empty() {
            return Err(KIND.malformed("its last entry is cut short"));
        }
        let taken = entries.iter().map(|entry| {
            let (word, count) = entry.split_at(16);
            (word.try_into().unwrap_or_default(), u32::from_be_bytes(count.try_into().unwrap_or_default()))
        });
        Ok(Self { name, former, taken: taken.collect() })
    }

    pub(crate) fn write(&self, path: &Path, existing: Existing) -> Result<(), EnvelopeError> {
        let wire = Wire { note: NOTE.into(), name: self.name.clone(), former: self.former.clone() };
        let body: Vec<u8> =
            self.taken.iter().flat_map(|(word, count)| [&word[..], &count.to_be_bytes()].concat()).collect();
        KIND.write(path, existing, &wire, &body)
    }

    fn read_from(file: &File, path: &Path) -> Result<Self, EnvelopeError> {
        Self::parse(&files::read_opened(file, path, KIND.max_bytes)?)
    }
}

/// The file of a machine's memory.
#[derive(Clone, Debug)]
pub(crate) struct MachineFile(pub(crate) PathBuf);

impl MachineFile {
    fn at(&self) -> impl FnOnce(EnvelopeError) -> SecretError {
        let path = self.0.clone();
        |source| match source {
            EnvelopeError::File(error) => error.into(),
            source => SecretError::Machine { path, source },
        }
    }

    pub(crate) fn read(&self) -> Result<Memory, SecretError> {
        Memory::read_from(&files::open(&self.0)?, &self.0).map_err(self.at())
    }

    pub(crate) fn bytes(&self) -> Result<Vec<u8>, SecretError> {
        Ok(files::read_limited(&self.0, KIND.max_bytes)?)
    }

    pub(crate) fn write(&self, memory: &Memory, existing: Existing) -> Result<(), SecretError> {
        memory.write(&self.0, existing).map_err(self.at())
    }

    /// Writes what a new machine remembers, unless another process was first.
    pub(crate) fn write_first(&self, memory: &Memory) -> Result<(), SecretError> {
        match self.write(memory, Existing::Keep) {
            Err(SecretError::File(FileError::Exists { .. })) => Ok(()),
            written => written,
        }
    }

    /// Takes the next number of something for the machine of that name; it is on disk when this returns.
    pub(crate) fn take(&self, machine: &str, word: Word) -> Result<u32, SecretError> {
        let file = files::lock(&self.0)?;
        let mut memory = Memory::read_from(&file, &self.0).map_err(self.at())?;
        if memory.name != machine {
            let problem = "the machine was given another one meanwhile";
            return Err(SecretError::Name { name: machine.into(), problem });
        }
        let number = memory.taken(&word);
        let after = number.checked_add(1).ok_or(SecretError::NoNumber)?;
        match memory.taken.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count = after,
            None => memory.taken.push((word, after)),
        }
        self.write(&memory, Existing::Replace)?;
        Ok(number)
    }
}
