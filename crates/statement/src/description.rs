//! What each claim is, as data: the commitments its proofs begin with, and what its public inputs mean.
//!
//! A router of verifiers is given a description when a claim is added, and reads every statement by it. The description's hash is
//! the claim's id, so an id means the same on every chain, and a changed description is another claim. This is the one place where
//! the descriptions of this project's claims stand; contracts, generator and tests take them from here.
//!
//! What the caller must believe: [`Description::id`] is `keccak256(abi.encode(description))` of the Solidity struct
//! `ClaimDescription`, which the contracts' bindings test against an ABI encoder that is not ours.

use crate::public::Claim;
use sha3::{Digest, Keccak256};

/// Separates digests of pictures from all others.
pub const IMAGE_DOMAIN: &str = "veilmark image commitment v1";
/// Separates digests of weights from all others.
pub const MODEL_DOMAIN: &str = "veilmark model commitment v1";
/// Separates digests of a model's hidden input from all others.
pub const PROMPT_DOMAIN: &str = "veilmark prompt commitment v1";
/// Separates digests of a hidden fingerprint from all others.
pub const FINGERPRINT_DOMAIN: &str = "veilmark fingerprint commitment v1";

/// Words that the header of a verifying key has before those that say what the key is for.
pub const KEY_HEADER_WORDS: u8 = 7;
/// Position in a key's header of the word that names the setup.
pub const KEY_WORD_SRS_ID: u8 = 3;
/// Position in a key's header of `k`.
pub const KEY_WORD_K: u8 = 5;
/// From here on a byte of [`DigestWord::byte`] is a public input.
const INPUT_WORD: u8 = 0x80;

/// The largest tolerance that a registry accepts: two fingerprints match up to this Hamming distance.
pub const MAX_TOLERANCE: u8 = 31;
/// A tolerance above this is never proved: a distance is at most 256, and its gap to the tolerance a byte.
pub const MAX_POSSIBLE_TOLERANCE: u64 = 511;

/// What a commitment at the start of a proof is about. The numbers are Solidity's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Role {
    /// The picture that the statement is about.
    Picture = 1,
    /// The picture that it was made from.
    Source = 2,
    /// The hidden input of the model.
    Prompt = 3,
    /// The weights of the model.
    Model = 4,
    /// A fingerprint that is not shown.
    Fingerprint = 5,
    /// Anything else: its digest is one of the statement's extra words.
    Other = 6,
}

/// What a public input is. The numbers are Solidity's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Meaning {
    /// The circuit does not read it, or requires zero: it is zero.
    Zero = 1,
    /// The low 128 bits of the fingerprint.
    FingerprintLow = 2,
    /// The high 128 bits of the fingerprint.
    FingerprintHigh = 3,
    /// The largest Hamming distance proved.
    Tolerance = 4,
    /// What binds the proof to a chain, a contract and a registrant.
    Context = 5,
    /// Width of the picture in pixels.
    Width = 6,
    /// Height of the picture in pixels.
    Height = 7,
    /// Width of the source in pixels.
    SourceWidth = 8,
    /// Height of the source in pixels.
    SourceHeight = 9,
    /// Anything else.
    Other = 10,
}

impl Meaning {
    /// Whether the input's value is one of the statement's extra words: it has no field of its own.
    pub const fn is_extra(self) -> bool {
        self as u8 >= Self::Width as u8
    }
}

/// A word that enters a commitment's digest between domain and points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DigestWord {
    /// The id of the setup, from the key.
    SrsId,
    /// The number of rows as a power of two, from the key.
    K,
    /// A word of the key's subject, by its position in [`Description::subject`].
    Subject(u8),
    /// A public input, by its position.
    Input(u8),
}

impl DigestWord {
    /// How a description on chain says it.
    pub const fn byte(self) -> u8 {
        match self {
            Self::SrsId => KEY_WORD_SRS_ID,
            Self::K => KEY_WORD_K,
            Self::Subject(position) => KEY_HEADER_WORDS + position,
            Self::Input(position) => INPUT_WORD + position,
        }
    }
}

/// A commitment that a claim's proofs begin with. Its digest is Keccak-256 of the domain's hash, the words and the points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// What it is about.
    pub role: Role,
    /// Separates digests of different kinds; hashed on chain.
    pub domain: &'static str,
    /// How many points it takes.
    pub points: u8,
    /// The words of the digest, in order.
    pub words: &'static [DigestWord],
}

/// A claim as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Description {
    /// Names the circuit and its version.
    pub name: &'static str,
    /// The commitments that its proofs begin with, in order.
    pub segments: &'static [Segment],
    /// What each public input is.
    pub inputs: &'static [Meaning],
    /// Names of the words of a key's header that say what the key is for.
    pub subject: &'static [&'static str],
    /// Which of those names the model's architecture; none for a claim without a model.
    pub architecture: Option<u8>,
    /// The largest tolerance that is accepted; zero for a claim without one.
    pub max_tolerance: u8,
    /// A statement is impossible when the public input at this position is above this.
    pub impossible: Option<(u8, u64)>,
}

const PICTURE: Segment = Segment {
    role: Role::Picture,
    domain: IMAGE_DOMAIN,
    points: 3,
    words: &[DigestWord::SrsId, DigestWord::K, DigestWord::Subject(0), DigestWord::Subject(1)],
};
const PROMPT: Segment = Segment {
    role: Role::Prompt,
    domain: PROMPT_DOMAIN,
    points: 1,
    words: &[DigestWord::SrsId, DigestWord::K, DigestWord::Subject(2)],
};
const MODEL: Segment = Segment { role: Role::Model, domain: MODEL_DOMAIN, points: 8, ..PROMPT };
const HIDDEN_FINGERPRINT: Segment = Segment {
    role: Role::Fingerprint,
    domain: FINGERPRINT_DOMAIN,
    points: 1,
    words: &[DigestWord::SrsId, DigestWord::K],
};

/// Words of the subject of a key for pictures of one size.
const SIZE: &[&str] = &["WIDTH", "HEIGHT"];
/// Words of the subject of a key for a model.
const SIZE_AND_MODEL: &[&str] = &["WIDTH", "HEIGHT", "ARCHITECTURE"];
const WITH_FINGERPRINT: &[Meaning] =
    &[Meaning::FingerprintLow, Meaning::FingerprintHigh, Meaning::Tolerance, Meaning::Context];

const FINGERPRINT: Description = Description {
    name: Claim::Fingerprint.circuit(),
    segments: &[PICTURE],
    inputs: WITH_FINGERPRINT,
    subject: SIZE,
    architecture: None,
    max_tolerance: MAX_TOLERANCE,
    impossible: Some((2, MAX_POSSIBLE_TOLERANCE)),
};
const GENERATION: Description = Description {
    name: Claim::Generation.circuit(),
    segments: &[PICTURE, PROMPT, MODEL],
    inputs: &[Meaning::Zero, Meaning::Zero, Meaning::Zero, Meaning::Context],
    subject: SIZE_AND_MODEL,
    architecture: Some(2),
    max_tolerance: 0,
    impossible: Some((0, 0)),
};
const AUTHENTICITY: Description = Description {
    name: Claim::Authenticity.circuit(),
    segments: &[PICTURE, PROMPT, MODEL],
    subject: SIZE_AND_MODEL,
    architecture: Some(2),
    ..FINGERPRINT
};
const COMMITTED_FINGERPRINT: Description = Description {
    name: Claim::CommittedFingerprint.circuit(),
    segments: &[PICTURE, HIDDEN_FINGERPRINT],
    ..FINGERPRINT
};

impl Claim {
    /// The claim as data.
    pub const fn description(self) -> &'static Description {
        match self {
            Self::Fingerprint => &FINGERPRINT,
            Self::Generation => &GENERATION,
            Self::Authenticity => &AUTHENTICITY,
            Self::CommittedFingerprint => &COMMITTED_FINGERPRINT,
        }
    }

    /// The claim's id on chain: [`Description::id`] of its description.
    pub fn id(self) -> [u8; 32] {
        self.description().id()
    }
}

/// What a description says on chain where it has no impossible statement.
pub const NO_INPUT: u8 = 255;

impl Description {
    /// The position in a key's header of the word that names the architecture; zero where there is none.
    pub const fn architecture_word(&self) -> u8 {
        match self.architecture {
            Some(position) => KEY_HEADER_WORDS + position,
            None => 0,
        }
    }

    /// The position of the first public input of a meaning.
    pub fn input(&self, meaning: Meaning) -> Option<usize> {
        self.inputs.iter().position(|input| *input == meaning)
    }

    /// The claim's id: Keccak-256 of the description as Solidity's `abi.encode` lays it out.
    pub fn id(&self) -> [u8; 32] {
        let (impossible, above) = self.impossible.unwrap_or((NO_INPUT, 0));
        let mut segments = vec![word(self.segments.len() as u64)];
        let encoded: Vec<_> = self.segments.iter().map(Segment::encode).collect();
        let mut offset = 32 * encoded.len() as u64;
        for segment in &encoded {
            segments.push(word(offset));
            offset += 32 * segment.len() as u64;
        }
        segments.extend(encoded.into_iter().flatten());
        let mut inputs = vec![word(self.inputs.len() as u64)];
        inputs.extend(self.inputs.iter().map(|input| word(*input as u64)));

        const HEAD: u64 = 8;
        let name = bytes(self.name.as_bytes());
        let at_segments = HEAD + name.len() as u64;
        let mut words = vec![
            word(32),
            word(32 * HEAD),
            word(32 * at_segments),
            word(32 * (at_segments + segments.len() as u64)),
            word(self.subject.len() as u64),
            word(u64::from(self.architecture_word())),
            word(u64::from(self.max_tolerance)),
            word(u64::from(impossible)),
            word(above),
        ];
        words.extend(name.into_iter().chain(segments).chain(inputs));
        Keccak256::digest(words.concat()).into()
    }
}

impl Segment {
    /// The hash of the domain, which digests begin with.
    pub fn domain_hash(&self) -> [u8; 32] {
        Keccak256::digest(self.domain).into()
    }

    /// How a description on chain says the words.
    pub fn word_bytes(&self) -> Vec<u8> {
        self.words.iter().map(|word| word.byte()).collect()
    }

    fn encode(&self) -> Vec<[u8; 32]> {
        let mut words = vec![self.domain_hash(), word(self.role as u64), word(u64::from(self.points)), word(4 * 32)];
        words.extend(bytes(&self.word_bytes()));
        words
    }
}

fn word(value: u64) -> [u8; 32] {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&value.to_be_bytes());
    word
}

/// Bytes as the ABI lays them out: their number, then themselves, padded.
fn bytes(content: &[u8]) -> Vec<[u8; 32]> {
    let mut words = vec![word(content.len() as u64)];
    for chunk in content.chunks(32) {
        let mut padded = [0; 32];
        padded[..chunk.len()].copy_from_slice(chunk);
        words.push(padded);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::public::PublicRow;

    #[test]
    fn descriptions_agree_with_the_claims_and_the_rows() {
        let meanings = [
            (PublicRow::FingerprintLow, Meaning::FingerprintLow),
            (PublicRow::FingerprintHigh, Meaning::FingerprintHigh),
            (PublicRow::Tolerance, Meaning::Tolerance),
            (PublicRow::Context, Meaning::Context),
        ];
        for claim in Claim::ALL {
            let description = claim.description();
            let points: usize = description.segments.iter().map(|segment| usize::from(segment.points)).sum();
            assert_eq!(points, claim.committed_points());
            assert_eq!(description.name, claim.circuit());
            assert_eq!(description.inputs.len(), PublicRow::ALL.len());
            assert_eq!(description.architecture.is_some(), claim.has_model());
            assert_eq!(description.input(Meaning::Tolerance).is_some(), claim.has_fingerprint());
            for (row, meaning) in meanings {
                let place = description.input(meaning);
                assert!(place.is_none_or(|place| place == row as usize), "{}: {meaning:?}", description.name);
            }
        }
    }

    #[test]
    fn ids_differ_with_every_part() {
        let mut ids: Vec<_> = Claim::ALL.iter().map(|claim| claim.id()).collect();
        let changed = [
            Description { name: "fingerprint-v2", ..FINGERPRINT },
            Description { segments: &[], ..FINGERPRINT },
            Description { segments: &[Segment { points: 2, ..PICTURE }], ..FINGERPRINT },
            Description { segments: &[Segment { role: Role::Source, ..PICTURE }], ..FINGERPRINT },
            Description { segments: &[Segment { domain: MODEL_DOMAIN, ..PICTURE }], ..FINGERPRINT },
            Description {
                segments: &[Segment { words: &[DigestWord::K, DigestWord::SrsId], ..PICTURE }],
                ..FINGERPRINT
            },
            Description { inputs: &[Meaning::Context], ..FINGERPRINT },
            Description { subject: &[], ..FINGERPRINT },
            Description { architecture: Some(0), ..FINGERPRINT },
            Description { max_tolerance: 30, ..FINGERPRINT },
            Description { impossible: None, ..FINGERPRINT },
            Description { impossible: Some((2, 512)), ..FINGERPRINT },
            Description { impossible: Some((1, 511)), ..FINGERPRINT },
        ];
        ids.extend(changed.iter().map(Description::id));
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }
}
