//! The opening file: what only the owner of a commitment has, and the count of the proofs made from it.
//!
//! Whoever reads it can confirm a guess at the picture; whoever has it and the picture can make proofs. Its salts hide
//! the picture for a limited number of proofs, [`MAX_PROOFS`], so each proof is counted *before* it is made: a
//! crash may count a proof that was never made, and never the other way round. Two processes count one after the other.
//!
//! An opening whose salts follow from a master secret can be made again when it is lost. Nobody knows then how many proofs were made
//! before, so it is marked: it shows the very picture and discloses it, and proves nothing.
//!
//! What the caller must believe: a copy of the file counts for itself. Whoever copies an opening and spends both halves
//! spends the budget twice. The mark is a word in the file, which its owner could remove, as the count could be.
use crate::bundle::is_decoder_name;
use ff::PrimeField;
use halo2_proofs::halo2curves::bn256::Fr;
use serde::{Deserialize, Serialize};
use sha3::{Digest, Keccak256};
use std::{fmt, fs::File, io::Write, path::Path};
use veilmark_circuits::{
    column::{SALT_ROWS, Salts},
    commitment::{Commitment, MAX_PROOFS},
    statement::raster::Raster,
};
use veilmark_files::{self as files, Access, Classified, Existing, FileError, Kind, hex0x};
use veilmark_srs::SrsId;
use zeroize::{Zeroize, Zeroizing};

/// What `format` says.
pub const FORMAT: &str = "veilmark opening";
/// What `version` says.
pub const VERSION: u32 = 1;
/// Separates the digests of openings from every other hash of ours.
pub const DIGEST_DOMAIN: &str = "veilmark opening v1";
/// Bytes of the longest file that is read.
pub const MAX_BYTES: u64 = 1 << 16;

const WARNING: &str = "secret: keep this file to yourself, and do not copy it";

/// An opening cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpeningError {
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Not an opening of this version. Where the text is wrong is said, the text is not.
    #[error("not a Veilmark opening of version {VERSION}: {0}")]
    Malformed(String),
    /// The content is not the one the digest was made of.
    #[error("the opening was changed or damaged: its digest is not that of its content")]
    Digest,
    /// The picture is not the one committed to.
    #[error("the opening is for another picture: {0}")]
    OtherPicture(String),
    /// The points are not those of the commitment.
    #[error("picture and salts do not open the commitment {expected}, but {got}")]
    OtherCommitment {
        /// The opening's commitment.
        expected: String,
        /// The commitment recomputed.
        got: String,
    },
    /// The salts have hidden as many proofs as they can.
    #[error("{made} proofs were made from this opening, the most that its salts hide ({MAX_PROOFS})")]
    UsedUp {
        /// Proofs counted.
        made: u32,
    },
    /// It was made again, and how many proofs its salts hide already is not known.
    #[error(
        "the opening was made again after it was lost, and nobody knows how many proofs its salts hide already: it proves nothing"
    )]
    MadeAgain,
}

impl Classified for OpeningError {
    fn kind(&self) -> Kind {
        match self {
            Self::File(error) => error.kind(),
            Self::Malformed(_) => Kind::WrongFile,
            Self::Digest => Kind::FileDamaged,
            Self::OtherPicture(_) | Self::OtherCommitment { .. } => Kind::Mismatch,
            Self::UsedUp { .. } | Self::MadeAgain => Kind::ProofsUsedUp,
        }
    }
}

/// Where the salts stand that follow from a master secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derived {
    /// The machine that took the number.
    pub machine: String,
    /// The number, which counts the commitments to one picture from 0.
    pub number: u32,
}

/// A commitment's opening.
#[derive(Clone, PartialEq, Eq)]
pub struct Opening {
    /// The trusted setup of the commitment.
    pub srs_id: SrsId,
    /// The domain of the commitment has `2^k` rows.
    pub k: u32,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Whether the salts are random; otherwise anyone who has the picture can recompute the commitment.
    pub hiding: bool,
    /// The picture's path when it was committed to, for people.
    pub image: String,
    /// What turned the picture's file into pixels.
    pub decoder: String,
    /// Digest of the commitment.
    pub image_commitment: [u8; 32],
    /// Proofs counted.
    pub proofs_made: u32,
    /// Where its salts stand, if they follow from a master secret.
    pub derived: Option<Derived>,
    /// Whether it was made again after it was lost, and proves nothing.
    pub made_again: bool,
    pixels: [u8; 32],
    salts: Salts,
}

/// Pixels and salts stay out of logs.
impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opening").field("image_commitment", &hex0x(&self.image_commitment)).finish_non_exhaustive()
    }
}

/// The file, field by field.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    format: String,
    version: u32,
    warning: String,
    srs_id: String,
    k: u32,
    width: u32,
    height: u32,
    hiding: bool,
    image: String,
    decoder: String,
    image_commitment: String,
    proofs_made: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    machine: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<u32>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    made_again: bool,
    pixels: String,
    salts: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.salts.zeroize();
        self.pixels.zeroize();
    }
}

impl Wire {
    fn content_digest(&mut self) -> Result<String, OpeningError> {
        let digest = self.digest.take();
        let content = serde_json::to_vec(self).map(Zeroizing::new).map_err(|error| malformed(&error));
        self.digest = digest;
        Ok(hex0x(&Keccak256::new().chain_update(DIGEST_DOMAIN).chain_update(&*content?).finalize()))
    }
}

/// An error of the JSON reader may quote what it read: only its place is told.
fn malformed(error: &serde_json::Error) -> OpeningError {
    OpeningError::Malformed(format!("line {}, column {} is not what belongs there", error.line(), error.column()))
}

fn value(field: &str) -> OpeningError {
    OpeningError::Malformed(format!("field `{field}` is not what belongs there"))
}

/// A digest of the pixels, to tell one picture from another.
pub fn pixel_digest(image: &Raster) -> [u8; 32] {
    let mut hash = Keccak256::new();
    hash.update(image.width().to_be_bytes());
    hash.update(image.height().to_be_bytes());
    hash.update(image.pixels().as_flattened());
    hash.finalize().into()
}

fn word(field: &str, text: &str) -> Result<[u8; 32], OpeningError> {
    let mut bytes = [0; 32];
    let digits = text.strip_prefix("0x").ok_or_else(|| value(field))?;
    hex::decode_to_slice(digits, &mut bytes).map_err(|_| value(field))?;
    Ok(bytes)
}

fn salts_of(text: &str) -> Option<Salts> {
    let bytes = Zeroizing::new(hex::decode(text).ok()?);
    let (words, rest) = bytes.as_chunks::<32>();
    let mut scalars = words.iter().map(|word| Option::<Fr>::from(Fr::from_repr(*word)));
    let mut rows = Vec::with_capacity(SALT_ROWS);
    while rows.len() < SALT_ROWS {
        rows.push([scalars.next()??, scalars.next()??, scalars.next()??]);
    }
    let complete = scalars.next().is_none() && rest.is_empty();
    Salts::from_rows(rows).filter(|_| complete)
}

impl Opening {
    /// The opening of a commitment just made.
    pub fn new(
        commitment: &Commitment,
        image: &Raster,
        salts: Salts,
        hiding: bool,
        path: &Path,
        decoder: &str,
    ) -> Self {
        Self {
            srs_id: SrsId(commitment.srs_id()),
            k: commitment.k(),
            width: image.width(),
            height: image.height(),
            hiding,
            image: path.to_string_lossy().into_owned(),
            decoder: decoder.to_owned(),
            image_commitment: commitment.digest(),
            proofs_made: 0,
            derived: None,
            made_again: false,
            pixels: pixel_digest(image),
            salts,
        }
    }

    /// The salts.
    pub fn salts(&self) -> &Salts {
        &self.salts
    }

    /// Proofs that may still be made; `None` where the salts hide nothing, so that none can be too many.
    pub fn remaining(&self) -> Option<u32> {
        self.hiding.then(|| if self.made_again { 0 } else { MAX_PROOFS.saturating_sub(self.proofs_made) })
    }

    /// That another proof may be made.
    ///
    /// # Errors
    /// [`OpeningError::UsedUp`] or [`OpeningError::MadeAgain`].
    pub fn require_proofs_left(&self) -> Result<(), OpeningError> {
        match self.remaining() {
            Some(0) if self.made_again => Err(OpeningError::MadeAgain),
            Some(0) => Err(OpeningError::UsedUp { made: self.proofs_made }),
            _ => Ok(()),
        }
    }

    /// Whether `image` is the picture committed to.
    ///
    /// # Errors
    /// [`OpeningError::OtherPicture`]; sizes are told, pixels are not.
    pub fn check_picture(&self, image: &Raster) -> Result<(), OpeningError> {
        let (own, other) = ((self.width, self.height), (image.width(), image.height()));
        if own != other {
            let text = format!("it has {}x{} pixels, this one {}x{}", own.0, own.1, other.0, other.1);
            return Err(OpeningError::OtherPicture(text));
        }
        if self.pixels != pixel_digest(image) {
            return Err(OpeningError::OtherPicture("the size is the same, the pixels are others".into()));
        }
        Ok(())
    }

    /// Whether a recomputed commitment is the opening's.
    ///
    /// # Errors
    /// [`OpeningError::OtherCommitment`].
    pub fn check_commitment(&self, commitment: &Commitment) -> Result<(), OpeningError> {
        if commitment.digest() == self.image_commitment {
            return Ok(());
        }
        let (expected, got) = (hex0x(&self.image_commitment), hex0x(&commitment.digest()));
        Err(OpeningError::OtherCommitment { expected, got })
    }

    /// Reads an opening. It may be spent by another process at once; see [`Opening::spend`].
    ///
    /// # Errors
    /// [`OpeningError`]; no secret is in it.
    pub fn read(path: &Path) -> Result<Self, OpeningError> {
        Self::read_from(&files::open(path)?, path)
    }

    fn read_from(file: &File, path: &Path) -> Result<Self, OpeningError> {
        Self::parse(&Zeroizing::new(files::read_opened(file, path, MAX_BYTES)?))
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// [`OpeningError`]; no secret is in it.
    pub fn parse(bytes: &[u8]) -> Result<Self, OpeningError> {
        let mut wire: Wire = serde_json::from_slice(bytes).map_err(|error| malformed(&error))?;
        for (field, right) in [("format", wire.format == FORMAT), ("version", wire.version == VERSION)] {
            if !right {
                return Err(value(field));
            }
        }
        let digest = wire.content_digest()?;
        if wire.digest.as_ref() != Some(&digest) {
            return Err(OpeningError::Digest);
        }
        if !is_decoder_name(&wire.decoder) {
            return Err(value("decoder"));
        }
        let salts = salts_of(&wire.salts).ok_or_else(|| value("salts"))?;
        if wire.hiding == (salts == Salts::public()) {
            return Err(value("hiding"));
        }
        let derived = match (wire.machine.take(), wire.number) {
            (Some(machine), Some(number)) if machine.len() <= 64 => Some(Derived { machine, number }),
            (None, None) => None,
            (_, None) => return Err(value("number")),
            _ => return Err(value("machine")),
        };
        Ok(Self {
            srs_id: wire.srs_id.parse().map_err(|_| value("srs_id"))?,
            k: wire.k,
            width: wire.width,
            height: wire.height,
            hiding: wire.hiding,
            image: std::mem::take(&mut wire.image),
            decoder: std::mem::take(&mut wire.decoder),
            image_commitment: word("image_commitment", &wire.image_commitment)?,
            proofs_made: wire.proofs_made,
            derived,
            made_again: wire.made_again,
            pixels: word("pixels", &wire.pixels)?,
            salts,
        })
    }

    /// Writes the opening for its owner alone, whole or not at all.
    ///
    /// # Errors
    /// [`OpeningError::File`].
    pub fn write(&self, path: &Path, existing: Existing) -> Result<(), OpeningError> {
        let mut salts = String::with_capacity(SALT_ROWS * 3 * 64);
        for scalar in self.salts.rows().iter().flatten() {
            let mut digits = Zeroizing::new([0; 64]);
            // 32 bytes are 64 digits
            if hex::encode_to_slice(scalar.to_repr(), &mut *digits).is_ok() {
                salts.extend(digits.iter().copied().map(char::from));
            }
        }
        let mut wire = Wire {
            format: FORMAT.into(),
            version: VERSION,
            warning: WARNING.into(),
            srs_id: self.srs_id.word(),
            k: self.k,
            width: self.width,
            height: self.height,
            hiding: self.hiding,
            image: self.image.clone(),
            decoder: self.decoder.clone(),
            image_commitment: hex0x(&self.image_commitment),
            proofs_made: self.proofs_made,
            machine: self.derived.as_ref().map(|derived| derived.machine.clone()),
            number: self.derived.as_ref().map(|derived| derived.number),
            made_again: self.made_again,
            pixels: hex0x(&self.pixels),
            salts,
            digest: None,
        };
        wire.digest = Some(wire.content_digest()?);
        let text = serde_json::to_vec_pretty(&wire).map(Zeroizing::new).map_err(|error| malformed(&error))?;
        Ok(files::write_atomically(path, existing, Access::Owner, |file| file.write_all(&text))?)
    }

    /// Counts one proof, before it is made, and returns the opening to make it from.
    ///
    /// # Errors
    /// [`OpeningError::UsedUp`] where the budget is spent, [`OpeningError::MadeAgain`] where nobody knows; nothing is counted then.
    pub fn spend(path: &Path) -> Result<Self, OpeningError> {
        let file = files::lock(path)?;
        let mut opening = Self::read_from(&file, path)?;
        opening.require_proofs_left()?;
        opening.proofs_made = opening.proofs_made.saturating_add(1);
        opening.write(path, Existing::Replace)?;
        Ok(opening)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_proofs::halo2curves::bn256::G1Affine;
    use rand_core::OsRng;
    use veilmark_circuits::statement::claim::{Header, PICTURE};
    use veilmark_files::is_readable_by_others;

    fn picture(shade: u8) -> Raster {
        Raster::new(5, 6, vec![[shade, 1, 2]; 30]).unwrap()
    }

    fn opening(salts: Salts, hiding: bool) -> Opening {
        let header = Header { srs_id: SrsId::DEVELOPMENT.0, k: 14, size: (5, 6), ..Header::default() };
        let commitment = Commitment::of_points(&PICTURE, &header, vec![G1Affine::generator(); 3]);
        Opening::new(&commitment, &picture(0), salts, hiding, Path::new("a.png"), "png")
    }

    #[test]
    fn what_is_written_is_read_and_private() {
        let folder = tempfile::tempdir().unwrap();
        for (name, opening) in [("a", opening(Salts::random(OsRng), true)), ("b", opening(Salts::public(), false))] {
            let path = folder.path().join(name);
            opening.write(&path, Existing::Keep).unwrap();
            assert!(Opening::read(&path).unwrap() == opening);
            assert!(!is_readable_by_others(&path));
        }
        assert_eq!(format!("{:?}", opening(Salts::public(), false)).matches("0x").count(), 1);
    }

    #[test]
    fn an_opening_that_was_made_again_proves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mut again = opening(Salts::random(OsRng), true);
        again.derived = Some(Derived { machine: "first".into(), number: 3 });
        again.made_again = true;
        again.write(&path, Existing::Keep).unwrap();
        let read = Opening::read(&path).unwrap();
        assert!(read == again && read.remaining() == Some(0));
        read.check_picture(&picture(0)).unwrap();
        let before = std::fs::read(&path).unwrap();
        let error = Opening::spend(&path).unwrap_err();
        assert!(matches!(error, OpeningError::MadeAgain) && error.kind() == Kind::ProofsUsedUp, "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), before);
        // the mark is under the file's digest
        let text = String::from_utf8(before).unwrap();
        for changed in [text.replace("\"made_again\": true", "\"made_again\": false"), text.replace("3,", "4,")] {
            assert_ne!(changed, text);
            std::fs::write(&path, changed).unwrap();
            assert!(matches!(Opening::read(&path), Err(OpeningError::Digest)));
        }
        // one that hides nothing has nothing to use up
        let mut public = opening(Salts::public(), false);
        public.made_again = true;
        public.require_proofs_left().unwrap();
    }

    #[test]
    fn another_picture_is_refused() {
        let opening = opening(Salts::public(), false);
        opening.check_picture(&picture(0)).unwrap();
        assert_eq!(opening.check_picture(&picture(1)).unwrap_err().kind(), Kind::Mismatch);
        let turned = Raster::new(6, 5, vec![[0, 1, 2]; 30]).unwrap();
        assert!(opening.check_picture(&turned).unwrap_err().to_string().contains("5x6"));
    }

    #[test]
    fn the_budget_is_spent_once_each_and_no_further() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        opening(Salts::random(OsRng), true).write(&path, Existing::Keep).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| (0..MAX_PROOFS / 3).for_each(|_| drop(Opening::spend(&path).unwrap())));
            }
        });
        assert_eq!(Opening::read(&path).unwrap().proofs_made, MAX_PROOFS / 3 * 3);
        while Opening::read(&path).unwrap().remaining() != Some(0) {
            Opening::spend(&path).unwrap();
        }
        let error = Opening::spend(&path).unwrap_err();
        assert!(matches!(error, OpeningError::UsedUp { made: MAX_PROOFS }), "{error}");
        assert_eq!((error.kind(), Opening::read(&path).unwrap().proofs_made), (Kind::ProofsUsedUp, MAX_PROOFS));
        assert!(!is_readable_by_others(&path));

        let path = folder.path().join("public");
        Opening { proofs_made: MAX_PROOFS, ..opening(Salts::public(), false) }.write(&path, Existing::Keep).unwrap();
        assert_eq!(Opening::spend(&path).unwrap().proofs_made, MAX_PROOFS + 1);
    }

    /// Whoever gives an opening away would otherwise write lines of their own into what is said of it.
    #[test]
    fn the_name_of_a_decoder_is_one_short_printable_line() {
        let folder = tempfile::tempdir().unwrap();
        let read = |decoder: &str| {
            let path = folder.path().join("a");
            let named = Opening { decoder: decoder.to_owned(), ..opening(Salts::public(), false) };
            named.write(&path, Existing::Replace).unwrap();
            Opening::read(&path)
        };
        assert_eq!(read("png 1.2 (8 bits)").unwrap().decoder, "png 1.2 (8 bits)");
        let long = "x".repeat(200);
        for hostile in ["png\nproofs left  any number", "\x1b[2J", "png\t1", "png\u{202e}1", long.as_str()] {
            let error = read(hostile).unwrap_err();
            assert!(error.to_string().contains("`decoder`") && error.kind() == Kind::WrongFile, "{error}");
        }
    }

    #[test]
    fn damage_is_refused_and_no_secret_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        opening(Salts::random(OsRng), true).write(&path, Existing::Keep).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        let salts = text.split_once("\"salts\": \"").unwrap().1.split('"').next().unwrap();
        assert_eq!(salts.len(), SALT_ROWS * 3 * 64);
        for at in (0..bytes.len()).step_by(7) {
            let mut changed = bytes.clone();
            changed[at] = if changed[at] == b'1' { b'2' } else { b'1' };
            match Opening::parse(&changed) {
                Err(error) => {
                    let said = format!("{error} {error:?}");
                    assert!(!salts.as_bytes().windows(16).any(|part| said.as_bytes().windows(16).any(|s| s == part)));
                }
                Ok(_) => panic!("position {at}"),
            }
            assert!(Opening::parse(&bytes[..at]).is_err());
        }
        assert!(Opening::read(folder.path()).is_err());
        let huge = format!("{text}{}", " ".repeat(MAX_BYTES as usize));
        std::fs::write(&path, huge).unwrap();
        assert!(matches!(Opening::read(&path), Err(OpeningError::File(FileError::TooLong { .. }))));
    }
}
