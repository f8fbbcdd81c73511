//! The folder of a master secret and of what its machine remembers, and the one way to a fresh seed.
//!
//! ```text
//! secret/master    the 24 words, sealed with a password (age), or as they are where its owner wanted that
//! secret/machine   the machine's name, and which numbers were taken
//! ```
//!
//! [`Keeper::take`] gives each number once. [`Keeper::again`] gives a seed that was given before, to make a file again; whatever is
//! made of it has to be marked as used up, by whoever makes it.
//!
//! What the caller must believe: the words are in memory as long as a [`Keeper`] lives, and are wiped after.
use crate::{
    error::SecretError,
    machine::{self, FIRST, MachineFile, Memory},
    master::{Master, Purpose, Seed, Subject},
    sealed,
};
use rand_core::OsRng;
use std::{
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};
use veilmark_files::{self as files, Access, Existing, FileError};
use zeroize::Zeroizing;

/// Bytes of the longest file of a master secret.
pub const MAX_MASTER: u64 = 1 << 12;

/// What the file of a master secret is called in errors.
const WHAT: &str = "master secret";

/// The folder of a master secret.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

/// A master secret that is open, on its machine.
pub struct Keeper {
    master: Master,
    file: MachineFile,
    name: String,
    is_new_name: bool,
}

/// Secrets stay out of logs.
impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").field("machine", &self.name).finish_non_exhaustive()
    }
}

/// A seed, and where it stands.
#[derive(Clone)]
pub struct Taken {
    /// The machine whose number it is.
    pub machine: String,
    /// The number.
    pub number: u32,
    /// The seed.
    pub seed: Seed,
}

/// The seed stays out of logs.
impl fmt::Debug for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Taken").field("machine", &self.machine).field("number", &self.number).finish_non_exhaustive()
    }
}

impl Folder {
    /// The folder of a home; nothing is made yet.
    pub fn at(home: &Path) -> Self {
        Self(home.join("secret"))
    }

    /// The file of the master secret.
    pub fn master(&self) -> PathBuf {
        self.0.join("master")
    }

    /// The file of what the machine remembers.
    pub fn machine(&self) -> PathBuf {
        self.0.join("machine")
    }

    /// Whether there is a master secret; a file that cannot be read is one.
    pub fn exists(&self) -> bool {
        fs::symlink_metadata(self.master()).is_ok()
    }

    /// Whether the master secret needs a password.
    ///
    /// # Errors
    /// [`SecretError::File`] where it cannot be read.
    pub fn is_sealed(&self) -> Result<bool, SecretError> {
        Ok(sealed::is_sealed(&Zeroizing::new(files::read_limited(&self.master(), MAX_MASTER)?)))
    }

    /// The machine's name, and those before it.
    ///
    /// # Errors
    /// [`SecretError`] where there is none, or it cannot be read.
    pub fn machines(&self) -> Result<Vec<String>, SecretError> {
        let Memory { name, former, .. } = MachineFile(self.machine()).read()?;
        Ok([vec![name], former].concat())
    }

    /// Keeps a new master secret, on the machine where it is made, whose name is returned.
    ///
    /// # Errors
    /// [`SecretError`], also where there is one already; then nothing was changed.
    pub fn create(&self, master: &Master, password: Option<&str>) -> Result<String, SecretError> {
        self.keep(master, password, &Memory::new(FIRST.to_owned(), Vec::new()))
    }

    /// Keeps a master secret of before, on a machine with a new name: one of its own, or one that nobody had.
    ///
    /// # Errors
    /// As [`Folder::create`], and for a name that is none or the first machine's.
    pub fn restore(&self, master: &Master, password: Option<&str>, name: Option<&str>) -> Result<String, SecretError> {
        let name = match name {
            Some(FIRST) => {
                let problem = "it is that of the machine on which the secret was made, whose numbers are taken";
                return Err(SecretError::Name { name: FIRST.into(), problem });
            }
            Some(name) => machine::check_name(name).map(|()| name.to_owned())?,
            None => machine::new_name(&mut OsRng),
        };
        self.keep(master, password, &Memory::new(name, vec![FIRST.to_owned()]))
    }

    fn keep(&self, master: &Master, password: Option<&str>, memory: &Memory) -> Result<String, SecretError> {
        let mut text = master.words();
        text.push('\n');
        let bytes = match password {
            Some(password) => Zeroizing::new(sealed::seal(text.as_bytes(), password, &mut OsRng)),
            None => Zeroizing::new(text.as_bytes().to_vec()),
        };
        self.put(&bytes, memory)
    }

    /// Writes the master's file and then the machine's, and returns the machine's name.
    ///
    /// What a machine remembered of another secret is removed before, and nothing is ever written over what one remembers: whoever comes
    /// in between finds no memory, and takes a new name. So no two processes reset each other's numbers.
    pub(crate) fn put(&self, master: &[u8], memory: &Memory) -> Result<String, SecretError> {
        if self.exists() {
            return Err(SecretError::Exists { path: self.master() });
        }
        let failed = |doing, path: &Path| {
            let path = path.to_owned();
            move |source| FileError::Io { doing, path, source }
        };
        fs::create_dir_all(&self.0).map_err(failed("make", &self.0))?;
        let file = MachineFile(self.machine());
        match fs::remove_file(&file.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed("remove", &file.0)(error).into());
            }
            _ => {}
        }
        files::write_atomically(&self.master(), Existing::Keep, Access::Owner, |file| file.write_all(master))?;
        file.write_first(memory)?;
        Ok(file.read()?.name)
    }

    /// Opens the master secret.
    ///
    /// # Errors
    /// [`SecretError`].
    pub fn open(&self, password: Option<&str>) -> Result<Keeper, SecretError> {
        let bytes = Zeroizing::new(files::read_limited(&self.master(), MAX_MASTER)?);
        let text = match (sealed::is_sealed(&bytes), password) {
            (true, None) => return Err(SecretError::Sealed),
            (true, Some(password)) => sealed::open(WHAT, &bytes, password)?,
            (false, _) => bytes,
        };
        let words =
            std::str::from_utf8(&text).map_err(|_| SecretError::Words { problem: "they are no text".into() })?;
        let master = Master::from_words(words)?;
        let file = MachineFile(self.machine());
        let is_new_name = fs::symlink_metadata(&file.0).is_err();
        if is_new_name {
            // its numbers are lost with it, so it must be another machine
            let memory = Memory::new(machine::new_name(&mut OsRng), vec![FIRST.to_owned()]);
            file.write_first(&memory)?;
        }
        let name = file.read()?.name;
        Ok(Keeper { master, file, name, is_new_name })
    }
}

impl Keeper {
    /// The machine's name.
    pub fn machine(&self) -> &str {
        &self.name
    }

    /// Whether what this machine remembered was not there, so that it has got a new name.
    pub const fn is_new_name(&self) -> bool {
        self.is_new_name
    }

    /// The words: secret.
    pub fn words(&self) -> Zeroizing<String> {
        self.master.words()
    }

    fn word(&self, purpose: Purpose, machine: &str, subject: &Subject) -> machine::Word {
        let purpose = match purpose {
            Purpose::Latent => Purpose::LatentsTaken,
            _ => Purpose::OpeningsTaken,
        };
        let seed = self.master.seed(purpose, machine, subject, 0);
        let mut word = machine::Word::default();
        word.copy_from_slice(&seed[..16]);
        word
    }

    /// A seed that was never given before: of the next number, which is taken on disk.
    ///
    /// # Errors
    /// [`SecretError`]; then no seed was given, though a number may be taken.
    pub fn take(&self, purpose: Purpose, subject: &Subject) -> Result<Taken, SecretError> {
        let number = self.file.take(&self.name, self.word(purpose, &self.name, subject))?;
        Ok(self.again(purpose, &self.name, subject, number))
    }

    /// How many numbers a machine has taken, as far as is remembered here.
    ///
    /// # Errors
    /// [`SecretError`] where it cannot be read.
    pub fn taken(&self, purpose: Purpose, machine: &str, subject: &Subject) -> Result<u32, SecretError> {
        Ok(self.file.read()?.taken(&self.word(purpose, machine, subject)))
    }

    /// The names of this machine and of those before it.
    ///
    /// # Errors
    /// [`SecretError`] where they cannot be read.
    pub fn machines(&self) -> Result<Vec<String>, SecretError> {
        let Memory { name, former, .. } = self.file.read()?;
        Ok([vec![name], former].concat())
    }

    /// A seed that may have been given before: for a file that proves nothing.
    pub fn again(&self, purpose: Purpose, machine: &str, subject: &Subject, number: u32) -> Taken {
        let seed = self.master.seed(purpose, machine, subject, number);
        Taken { machine: machine.to_owned(), number, seed }
    }

    /// The seed of something that there is once, and that may be made again as it was.
    pub fn only(&self, purpose: Purpose, subject: &Subject, number: u32) -> Seed {
        self.master.seed(purpose, "", subject, number)
    }
}

#[cfg(test)]
#[path = "keeper_tests.rs"]
mod tests;
