//! The fingerprint file: a committed fingerprint and the seed of its salts, which open the salted hash on chain.
//!
//! Secret: it is the blurry sketch that the salted hash hides. Whoever is given it can check that it is the registered one
//! ([`FingerprintFile::commitment`]) and compare pictures with it. One proof is made from one file, so nothing is counted.
use rand_core::{OsRng, RngCore};
use serde::{Deserialize, Serialize};
use std::{fmt, path::Path};
use veilmark_circuits::{
    column::{SALT_ROWS, Salts},
    commitment::{Commitment, DoesNotFit},
    relation::HiddenFingerprint,
    statement::{
        claim::{FINGERPRINT, Header},
        fingerprint::Fingerprint,
    },
};
use veilmark_files::envelope::{Envelope, EnvelopeError};
use veilmark_files::{Access, Existing, hex0x};
use veilmark_srs::Srs;
use zeroize::Zeroizing;

const KIND: Envelope =
    Envelope { format: "veilmark fingerprint", version: 1, max_bytes: 1 << 16, access: Access::Owner };

const WARNING: &str = "secret: give this file only to whom may know the fingerprint";

/// A fingerprint and its salts.
#[derive(Clone)]
pub struct FingerprintFile {
    /// The fingerprint.
    pub fingerprint: Fingerprint,
    seed: Zeroizing<[u8; 32]>,
}

/// All of it is secret.
impl fmt::Debug for FingerprintFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintFile(secret)")
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    warning: String,
    fingerprint: Zeroizing<String>,
    seed: Zeroizing<String>,
}

impl FingerprintFile {
    /// A fingerprint with fresh salts.
    pub fn new(fingerprint: Fingerprint) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        OsRng.fill_bytes(&mut *seed);
        Self::with_seed(fingerprint, seed)
    }

    /// A fingerprint whose salts follow from a seed that no other proof has.
    pub const fn with_seed(fingerprint: Fingerprint, seed: Zeroizing<[u8; 32]>) -> Self {
        Self { fingerprint, seed }
    }

    /// What a proof is made from.
    pub fn opened(&self) -> HiddenFingerprint {
        HiddenFingerprint { fingerprint: self.fingerprint, salts: Salts::expand(&self.seed, SALT_ROWS) }
    }

    /// The commitment under a setup; its digest is the salted hash.
    ///
    /// # Errors
    /// [`DoesNotFit`] where the setup has too few rows.
    pub fn commitment(&self, srs: &Srs) -> Result<Commitment, DoesNotFit> {
        let header = Header { srs_id: srs.id().0, k: srs.k(), ..Header::default() };
        Commitment::new(&srs.setup(), &FINGERPRINT, &header, &[self.opened().column()])
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`EnvelopeError`]; no secret is in it.
    pub fn read(path: &Path) -> Result<Self, EnvelopeError> {
        let (wire, body) = KIND.read::<Wire>(&veilmark_files::open(path)?, path)?;
        if !body.is_empty() {
            return Err(KIND.malformed("something follows its head"));
        }
        let fingerprint = wire.fingerprint.parse().map_err(|_| KIND.malformed("its `fingerprint` is none"))?;
        let digits = wire.seed.strip_prefix("0x").and_then(|digits| hex::decode(digits).ok()).map(Zeroizing::new);
        let seed = digits.and_then(|bytes| <[u8; 32]>::try_from(&bytes[..]).ok());
        let seed = Zeroizing::new(seed.ok_or_else(|| KIND.malformed("its `seed` is no word"))?);
        Ok(Self { fingerprint, seed })
    }

    /// Writes the file for its owner alone, whole or not at all.
    ///
    /// # Errors
    /// [`EnvelopeError`].
    pub fn write(&self, path: &Path, existing: Existing) -> Result<(), EnvelopeError> {
        let wire = Wire {
            warning: WARNING.into(),
            fingerprint: Zeroizing::new(self.fingerprint.to_string()),
            seed: Zeroizing::new(hex0x(&*self.seed)),
        };
        KIND.write(path, existing, &wire, &[])
    }
}

/// Whether a file that begins with these bytes is a fingerprint file.
pub fn is_fingerprint(first_bytes: &[u8]) -> bool {
    KIND.is_begun_by(first_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use veilmark_files::{Classified, Kind};

    #[test]
    fn what_is_written_is_read_and_opens_the_same_hash() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.fingerprint");
        let file = FingerprintFile::new(Fingerprint::from_bits(|k| k % 3 == 0));
        file.write(&path, Existing::Keep).unwrap();
        assert!(is_fingerprint(&fs::read(&path).unwrap()));
        assert!(file.write(&path, Existing::Keep).is_err());
        let srs = Srs::dev(8, &mut |_| {}).unwrap();
        let again = FingerprintFile::read(&path).unwrap();
        assert_eq!(again.commitment(&srs), file.commitment(&srs));
        // another salt, another hash: the hash does not betray the fingerprint
        let other = FingerprintFile::new(file.fingerprint);
        assert_ne!(other.commitment(&srs).unwrap().digest(), file.commitment(&srs).unwrap().digest());
        assert_eq!(format!("{file:?}"), "FingerprintFile(secret)");
    }

    #[test]
    fn damaged_files_are_refused_without_a_word_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.fingerprint");
        let file = FingerprintFile::new(Fingerprint::from_bits(|k| k % 5 == 0));
        file.write(&path, Existing::Keep).unwrap();
        let honest = fs::read(&path).unwrap();
        for at in 0..honest.len() {
            let mut damaged = honest.clone();
            damaged[at] ^= 1;
            fs::write(&path, &damaged).unwrap();
            let error = FingerprintFile::read(&path).unwrap_err();
            assert!(matches!(error.kind(), Kind::FileDamaged | Kind::WrongFile), "byte {at}: {error}");
            assert!(!error.to_string().contains(&file.fingerprint.to_string()[..16]), "{error}");
        }
        for cut in [0, 1, 40, honest.len() - 1] {
            fs::write(&path, &honest[..cut]).unwrap();
            let error = FingerprintFile::read(&path).unwrap_err();
            assert!(matches!(error.kind(), Kind::FileDamaged | Kind::WrongFile), "cut at {cut}: {error}");
        }
        fs::write(&path, [&honest[..], b"x"].concat()).unwrap();
        assert_eq!(FingerprintFile::read(&path).unwrap_err().kind(), Kind::FileDamaged);
    }
}
