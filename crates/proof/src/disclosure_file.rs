//! The disclosure file: a commitment's points, and a proof that a picture or a latent is what they commit to.
//!
//! Whoever has it *and* the picture, or the prompt, can check that this is the committed one, and cannot prove with it: the salts are
//! not in it ([`veilmark_circuits::disclosure`]). It can be made again as long as there is the opening. Who has the file alone can
//! confirm a guess of the picture, so it is written for its owner, to be sent with the picture or after it.
use serde::{Deserialize, Serialize};
use std::path::Path;
use veilmark_circuits::{
    commitment::Commitment,
    disclosure::{BYTES, Disclosure},
    statement::claim::{Header, PICTURE, PROMPT, Role, Segment, Word},
    transcript::{POINT, point_from_words, point_to_words},
};
use veilmark_files::envelope::{Envelope, EnvelopeError};
use veilmark_files::{Access, Existing, hex0x};
use veilmark_srs::{MAX_K, SrsId};

use crate::bundle::is_decoder_name;

const KIND: Envelope =
    Envelope { format: "veilmark disclosure", version: 1, max_bytes: 1 << 14, access: Access::Owner };

/// A disclosure, and the commitment that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisclosureFile {
    /// The commitment.
    pub commitment: Commitment,
    /// What turned the picture's file into pixels when it was committed to; empty for a latent.
    pub decoder: String,
    /// The proof.
    pub disclosure: Disclosure,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    note: String,
    about: String,
    commitment: String,
    srs_id: String,
    k: u32,
    width: u32,
    height: u32,
    architecture: String,
    points: Vec<String>,
    decoder: String,
}

const NOTE: &str = "shows that a picture or a prompt is the committed one; gives no right to prove. Whoever has this file can \
confirm a guess: give it to those who may see the picture";

/// The segments that are disclosed, by what the file says it is about.
const SEGMENTS: [(&str, &Segment); 2] = [("picture", &PICTURE), ("prompt", &PROMPT)];

fn word(field: &str, text: &str) -> Result<[u8; 32], EnvelopeError> {
    array(text).ok_or_else(|| KIND.malformed(format!("its `{field}` is no word")))
}

fn array<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text.strip_prefix("0x")?, &mut bytes).ok()?;
    Some(bytes)
}

impl DisclosureFile {
    /// What is disclosed: [`Role::Picture`] or [`Role::Prompt`].
    pub const fn role(&self) -> Role {
        self.commitment.segment().role
    }

    /// The commitment's setup.
    pub fn srs_id(&self) -> SrsId {
        SrsId(self.commitment.srs_id())
    }

    /// Reads a file. Its points are points and its digest is theirs; whether it shows anything is not known yet.
    ///
    /// # Errors
    /// [`EnvelopeError`].
    pub fn read(path: &Path) -> Result<Self, EnvelopeError> {
        let (wire, body) = KIND.read::<Wire>(&veilmark_files::open(path)?, path)?;
        let wrong = |field: &str| KIND.malformed(format!("its `{field}` is not what belongs there"));
        let (_, segment) =
            SEGMENTS.into_iter().find(|(about, _)| *about == wire.about).ok_or_else(|| wrong("about"))?;
        if wire.k > MAX_K {
            return Err(wrong("k"));
        }
        let srs_id: SrsId = wire.srs_id.parse().map_err(|_| wrong("srs_id"))?;
        let architecture = word("architecture", &wire.architecture)?;
        let header =
            Header { srs_id: srs_id.0, k: wire.k, size: (wire.width, wire.height), architecture, ..Header::default() };
        // what does not enter the digest says nothing
        let unused = |word: Word, zero: bool| segment.words.contains(&word) || zero;
        if !unused(Word::Width, wire.width == 0) || !unused(Word::Height, wire.height == 0) {
            return Err(wrong("width"));
        }
        if !unused(Word::Architecture, architecture == [0; 32]) {
            return Err(wrong("architecture"));
        }
        if wire.points.len() != segment.points {
            return Err(wrong("points"));
        }
        // the point at infinity is none here, as in proofs
        let points = wire.points.iter().map(|text| array::<POINT>(text).as_ref().and_then(point_from_words));
        let points = points.collect::<Option<Vec<_>>>().ok_or_else(|| wrong("points"))?;
        let commitment = Commitment::of_points(segment, &header, points);
        if commitment.digest() != word("commitment", &wire.commitment)? {
            return Err(wrong("commitment"));
        }
        let named =
            if segment.role == Role::Picture { is_decoder_name(&wire.decoder) } else { wire.decoder.is_empty() };
        if !named {
            return Err(wrong("decoder"));
        }
        let bytes: [u8; BYTES] = body[..].try_into().map_err(|_| KIND.malformed("its proof has another length"))?;
        Ok(Self { commitment, decoder: wire.decoder, disclosure: Disclosure::from_bytes(bytes) })
    }

    /// Writes the file for its owner, whole or not at all.
    ///
    /// # Errors
    /// [`EnvelopeError`], also for a commitment that is not disclosed: of anything else, or with a column that is no point.
    pub fn write(&self, path: &Path, existing: Existing) -> Result<(), EnvelopeError> {
        let segment = self.commitment.segment();
        let (about, _) = SEGMENTS
            .into_iter()
            .find(|(_, known)| *known == segment)
            .ok_or_else(|| KIND.malformed("nothing of the kind is disclosed"))?;
        let points = self.commitment.points().iter().map(|point| point_to_words(*point).map(|words| hex0x(&words)));
        let wire = Wire {
            note: NOTE.into(),
            about: about.into(),
            commitment: hex0x(&self.commitment.digest()),
            srs_id: self.srs_id().word(),
            k: self.commitment.k(),
            width: self.commitment.number(Word::Width),
            height: self.commitment.number(Word::Height),
            architecture: hex0x(&self.commitment.word(Word::Architecture)),
            points: points.collect::<Option<_>>().ok_or_else(|| KIND.malformed("a column is no point"))?,
            decoder: self.decoder.clone(),
        };
        KIND.write(path, existing, &wire, self.disclosure.as_bytes())
    }
}

/// Whether a file that begins with these bytes is a disclosure.
pub fn is_disclosure(first_bytes: &[u8]) -> bool {
    KIND.is_begun_by(first_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_proofs::halo2curves::bn256::G1Affine;
    use std::fs;
    use veilmark_circuits::statement::claim::FINGERPRINT;
    use veilmark_files::{Classified, Kind};

    fn file(segment: &'static Segment) -> DisclosureFile {
        let size = if segment.role == Role::Picture { (5, 6) } else { (0, 0) };
        let header = Header { srs_id: SrsId::DEVELOPMENT.0, k: 14, size, ..Header::default() };
        let commitment = Commitment::of_points(segment, &header, vec![G1Affine::generator(); segment.points]);
        let decoder = if segment.role == Role::Picture { "png 1" } else { "" }.to_owned();
        DisclosureFile { commitment, decoder, disclosure: Disclosure::from_bytes([7; BYTES]) }
    }

    #[test]
    fn what_is_written_is_read_and_private() {
        let folder = tempfile::tempdir().unwrap();
        for segment in [&PICTURE, &PROMPT] {
            let path = folder.path().join(segment.role.name());
            file(segment).write(&path, Existing::Keep).unwrap();
            assert_eq!(DisclosureFile::read(&path).unwrap(), file(segment));
            assert!(is_disclosure(&fs::read(&path).unwrap()) && !veilmark_files::is_readable_by_others(&path));
        }
        assert!(file(&FINGERPRINT).write(&folder.path().join("none"), Existing::Keep).is_err());
    }

    #[test]
    fn damaged_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.disclosure");
        file(&PICTURE).write(&path, Existing::Keep).unwrap();
        let honest = fs::read(&path).unwrap();
        for at in (0..honest.len()).step_by(3) {
            let mut damaged = honest.clone();
            damaged[at] ^= 1;
            fs::write(&path, &damaged).unwrap();
            let error = DisclosureFile::read(&path).unwrap_err();
            assert!(matches!(error.kind(), Kind::FileDamaged | Kind::WrongFile), "byte {at}: {error}");
        }
        for cut in [0, 1, 40, honest.len() - 1] {
            fs::write(&path, &honest[..cut]).unwrap();
            assert!(DisclosureFile::read(&path).is_err(), "cut at {cut}");
        }
        fs::write(&path, [&honest[..], &vec![b' '; 1 << 14]].concat()).unwrap();
        let error = DisclosureFile::read(&path).unwrap_err();
        assert!(matches!(error, EnvelopeError::File(veilmark_files::FileError::TooLong { .. })), "{error}");
    }

    /// Behind a right digest of the file, which anybody can write.
    #[test]
    fn no_field_can_contradict_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.disclosure");
        let honest = || {
            let file = file(&PICTURE);
            let point = point_to_words(G1Affine::generator()).map(|words| hex0x(&words)).unwrap();
            Wire {
                note: NOTE.into(),
                about: "picture".into(),
                commitment: hex0x(&file.commitment.digest()),
                srs_id: SrsId::DEVELOPMENT.to_string(),
                k: 14,
                width: 5,
                height: 6,
                architecture: hex0x(&[0; 32]),
                points: vec![point; 3],
                decoder: "png 1".into(),
            }
        };
        let read = |change: &dyn Fn(&mut Wire), body: &[u8]| {
            let mut wire = honest();
            change(&mut wire);
            KIND.write(&path, Existing::Replace, &wire, body).unwrap();
            DisclosureFile::read(&path)
        };
        let body = [7; BYTES];
        read(&|_| (), &body).unwrap();
        let infinity = hex0x(&[0; POINT]);
        let changes: [&dyn Fn(&mut Wire); 13] = [
            &|wire| wire.about = "model".into(),
            &|wire| wire.about = "prompt".into(),
            &|wire| wire.commitment = hex0x(&[1; 32]),
            &|wire| wire.srs_id = "0x00".into(),
            &|wire| wire.k = 15,
            &|wire| wire.k = u32::MAX,
            &|wire| wire.width = 6,
            &|wire| wire.architecture = hex0x(&[1; 32]),
            &|wire| wire.points.truncate(2),
            &|wire| wire.points.extend(honest().points),
            &|wire| wire.points[1] = infinity.clone(),
            &|wire| wire.points[1] = hex0x(&[0xff; POINT]),
            &|wire| wire.decoder = "png\nvery picture  yes".into(),
        ];
        for (number, change) in changes.iter().enumerate() {
            assert_eq!(read(change, &body).unwrap_err().kind(), Kind::WrongFile, "change {number}");
        }
        for body in [&body[1..], &[7; BYTES + 1]] {
            assert_eq!(read(&|_| (), body).unwrap_err().kind(), Kind::WrongFile);
        }
    }
}
