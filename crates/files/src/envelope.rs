//! Files of one line of JSON, the head, and bytes, the body: models, latents and committed fingerprints.
//!
//! What the caller must believe: what was read has the digest its head says, over everything else in the file, and its head
//! is spelled in the one way this module writes it. The digest is no signature.
use crate::{self as files, Access, Classified, Existing, FileError, Kind, hex0x};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha3::{Digest, Keccak256};
use std::{fs::File, io::Write, path::Path};
use zeroize::Zeroizing;

/// One kind of file: its name, version, longest length and readers.
#[derive(Clone, Copy, Debug)]
pub struct Envelope {
    /// What `format` says.
    pub format: &'static str,
    /// What `version` says.
    pub version: u32,
    /// Bytes of the longest file that is read.
    pub max_bytes: u64,
    /// Who may read it.
    pub access: Access,
}

/// The head of a file cannot be longer.
const MAX_HEAD: usize = 1 << 16;

/// A file is not of its kind.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Another kind of file, another version, or damaged. Where is said, the text is not.
    #[error("not a {expected}: {problem}")]
    Malformed {
        /// Format and version.
        expected: String,
        /// What is wrong.
        problem: String,
    },
    /// The content is not the one the digest was made of.
    #[error("the {expected} was changed or damaged: its digest is not that of its content")]
    Digest {
        /// Format and version.
        expected: String,
    },
}

impl Classified for EnvelopeError {
    fn kind(&self) -> Kind {
        match self {
            Self::File(error) => error.kind(),
            Self::Malformed { .. } => Kind::WrongFile,
            Self::Digest { .. } => Kind::FileDamaged,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Head<T> {
    format: String,
    version: u32,
    digest: String,
    content: T,
}

impl Envelope {
    fn name(&self) -> String {
        format!("{} of version {}", self.format, self.version)
    }

    /// The error of a file that is not of this kind; `problem` says where, and quotes nothing of the file.
    pub fn malformed(&self, problem: impl Into<String>) -> EnvelopeError {
        EnvelopeError::Malformed { expected: self.name(), problem: problem.into() }
    }

    fn digest(&self, content: &[u8], body: &[u8]) -> String {
        let hash =
            Keccak256::new().chain_update(Keccak256::digest(self.name())).chain_update(Keccak256::digest(content));
        hex0x(&hash.chain_update(body).finalize())
    }

    /// Whether a file begins like one of this kind.
    pub fn is_begun_by(&self, bytes: &[u8]) -> bool {
        bytes.starts_with(format!("{{\"format\":\"{}\"", self.format).as_bytes())
    }

    /// Reads a file that is open.
    ///
    /// # Errors
    /// [`EnvelopeError`].
    pub fn read<T: Serialize + DeserializeOwned>(
        &self,
        file: &File,
        path: &Path,
    ) -> Result<(T, Zeroizing<Vec<u8>>), EnvelopeError> {
        let bytes = Zeroizing::new(files::read_opened(file, path, self.max_bytes)?);
        self.parse(&bytes)
    }

    /// Reads a file's bytes: the head's content and the body.
    ///
    /// # Errors
    /// [`EnvelopeError`] where they are not of this kind, version, spelling or digest.
    pub fn parse<T: Serialize + DeserializeOwned>(
        &self,
        bytes: &[u8],
    ) -> Result<(T, Zeroizing<Vec<u8>>), EnvelopeError> {
        if !self.is_begun_by(bytes) {
            return Err(self.malformed("it begins like another kind of file"));
        }
        let end = bytes.iter().take(MAX_HEAD).position(|&byte| byte == b'\n');
        let (line, body) = bytes.split_at(end.ok_or_else(|| self.malformed("its head does not end"))?);
        let body = &body[1..];
        // serde_json's messages may quote the text, which may be secret
        let at = |error: serde_json::Error| self.malformed(format!("its head, column {}", error.column()));
        let head: Head<T> = serde_json::from_slice(line).map_err(at)?;
        if head.format != self.format || head.version != self.version {
            return Err(self.malformed(format!("its version is {}", head.version)));
        }
        let content = Zeroizing::new(serde_json::to_vec(&head.content).map_err(at)?);
        if head.digest != self.digest(&content, body) {
            return Err(EnvelopeError::Digest { expected: self.name() });
        }
        if *Zeroizing::new(serde_json::to_vec(&head).map_err(at)?) != line {
            return Err(self.malformed("its head is not spelled as heads are"));
        }
        Ok((head.content, Zeroizing::new(body.to_vec())))
    }

    /// Writes a file, whole or not at all.
    ///
    /// # Errors
    /// [`EnvelopeError`]; then no file was made and none was changed.
    pub fn write<T: Serialize>(
        &self,
        path: &Path,
        existing: Existing,
        content: &T,
        body: &[u8],
    ) -> Result<(), EnvelopeError> {
        let unwritable = |error: serde_json::Error| self.malformed(format!("its head, column {}", error.column()));
        let text = Zeroizing::new(serde_json::to_vec(content).map_err(unwritable)?);
        let head =
            Head { format: self.format.into(), version: self.version, digest: self.digest(&text, body), content };
        let line = Zeroizing::new(serde_json::to_vec(&head).map_err(unwritable)?);
        Ok(files::write_atomically(path, existing, self.access, |file| {
            file.write_all(&line)?;
            file.write_all(b"\n")?;
            file.write_all(body)
        })?)
    }

    /// Reads a file, changes it and writes it again, one process after the other.
    ///
    /// # Errors
    /// [`EnvelopeError`], or what `change` and `write` say.
    pub fn update<V, E: From<EnvelopeError>>(
        &self,
        path: &Path,
        change: impl FnOnce(&File) -> Result<V, E>,
        write: impl FnOnce(&V) -> Result<(), E>,
    ) -> Result<V, E> {
        let file = files::lock(path).map_err(EnvelopeError::File)?;
        let value = change(&file)?;
        write(&value)?;
        Ok(value)
    }
}
