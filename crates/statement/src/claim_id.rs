//! A claim's id: what a router on chain knows it by.
//!
//! A router is given a description when a claim is added, and reads every statement by it. The description's hash is the claim's id, so an
//! id means the same on every chain, and a changed description is another claim.
//!
//! What the caller must believe: [`Description::id`] is `keccak256(abi.encode(description))` of the Solidity struct
//! `ClaimDescription`, which the contracts' bindings test against an ABI encoder that is not ours.

use super::claim::{Claim, Description, Meaning, Role, Segment, Word};
use sha3::{Digest, Keccak256};

/// Words that the header of a verifying key has before those that say what the key is for.
pub const KEY_HEADER_WORDS: u8 = 7;
/// Position in a key's header of the word that names the setup.
pub const KEY_WORD_SRS_ID: u8 = 3;
/// Position in a key's header of `k`.
pub const KEY_WORD_K: u8 = 5;
/// From here on a byte of a segment's words is a public input.
const INPUT_WORD: u8 = 0x80;

impl Role {
    /// The role's number in Solidity.
    pub const fn number(self) -> u8 {
        match self {
            Self::Picture => 1,
            Self::Source => 2,
            Self::Prompt => 3,
            Self::Model => 4,
            Self::Fingerprint => 5,
            Self::Other => 6,
        }
    }
}

impl Meaning {
    /// The meaning's number in Solidity.
    pub const fn number(self) -> u8 {
        match self {
            Self::Zero => 1,
            Self::FingerprintLow => 2,
            Self::FingerprintHigh => 3,
            Self::Tolerance => 4,
            Self::Context => 5,
            Self::Width => 6,
            Self::Height => 7,
            Self::SourceWidth => 8,
            Self::SourceHeight => 9,
            Self::Other(_) => 10,
        }
    }

    /// The word of a digest that this input can be.
    const fn word(self) -> Option<Word> {
        match self {
            Self::Width => Some(Word::Width),
            Self::Height => Some(Word::Height),
            Self::SourceWidth => Some(Word::SourceWidth),
            Self::SourceHeight => Some(Word::SourceHeight),
            _ => None,
        }
    }
}

impl Segment {
    /// The hash of the domain, which digests begin with.
    pub fn domain_hash(&self) -> [u8; 32] {
        Keccak256::digest(self.domain).into()
    }
}

impl Claim {
    /// The claim's id on chain: [`Description::id`] of its description.
    pub fn id(self) -> [u8; 32] {
        Description::id(&self)
    }
}

impl Description {
    /// The name of the circuit and of its version: `fingerprint-v1`.
    pub fn circuit(&self) -> String {
        format!("{}-v{}", self.name, self.version)
    }

    /// The position in a key's header of the word that names the architecture; zero where there is none.
    pub fn architecture_word(&self) -> u8 {
        let position = self.subject.iter().position(|word| *word == Word::Architecture);
        position.map_or(0, |position| KEY_HEADER_WORDS + position as u8)
    }

    /// How a description on chain says a word of a segment: by its position in the key's header, or as a public input.
    ///
    /// # Panics
    /// If neither key nor public inputs have the word: the description is none, which its test sees.
    pub fn word_byte(&self, word: Word) -> u8 {
        match word {
            Word::SetupId => return KEY_WORD_SRS_ID,
            Word::K => return KEY_WORD_K,
            _ => {}
        }
        if let Some(position) = self.subject.iter().position(|subject| *subject == word) {
            return KEY_HEADER_WORDS + position as u8;
        }
        let position = self.inputs.iter().position(|input| input.word() == Some(word));
        INPUT_WORD + position.expect("a segment's words are the key's or public") as u8
    }

    /// [`Description::word_byte`] of each word of a segment.
    pub fn word_bytes(&self, segment: &Segment) -> Vec<u8> {
        segment.words.iter().map(|word| self.word_byte(*word)).collect()
    }

    /// The claim's id: Keccak-256 of the description as Solidity's `abi.encode` lays it out.
    pub fn id(&self) -> [u8; 32] {
        let mut segments = vec![word(self.segments.len() as u64)];
        let encoded: Vec<_> = self.segments.iter().map(|segment| self.encode(segment)).collect();
        let mut offset = 32 * encoded.len() as u64;
        for segment in &encoded {
            segments.push(word(offset));
            offset += 32 * segment.len() as u64;
        }
        segments.extend(encoded.into_iter().flatten());
        let mut inputs = vec![word(self.inputs.len() as u64)];
        inputs.extend(self.inputs.iter().map(|input| word(u64::from(input.number()))));

        const HEAD: u64 = 8;
        let name = bytes(self.circuit().as_bytes());
        let at_segments = HEAD + name.len() as u64;
        let mut words = vec![
            word(32),
            word(32 * HEAD),
            word(32 * at_segments),
            word(32 * (at_segments + segments.len() as u64)),
            word(self.subject.len() as u64),
            word(u64::from(self.architecture_word())),
            word(u64::from(self.max_tolerance)),
            word(self.impossible.input as u64),
            word(self.impossible.above),
        ];
        words.extend(name.into_iter().chain(segments).chain(inputs));
        Keccak256::digest(words.concat()).into()
    }

    fn encode(&self, segment: &Segment) -> Vec<[u8; 32]> {
        let [role, points] = [u64::from(segment.role.number()), segment.points as u64];
        let mut words = vec![segment.domain_hash(), word(role), word(points), word(4 * 32)];
        words.extend(bytes(&self.word_bytes(segment)));
        words
    }
}

fn word(value: u64) -> [u8; 32] {
    super::word::word(&value.to_be_bytes())
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
    use crate::claim::{FINGERPRINT_INPUTS, IMPOSSIBLE_TOLERANCE, Impossible, MODEL, PICTURE};

    #[test]
    fn ids_differ_with_every_part() {
        const BASE: Description = Description {
            name: "fingerprint",
            version: 1,
            segments: &[PICTURE],
            inputs: FINGERPRINT_INPUTS,
            subject: &[Word::Width, Word::Height],
            max_tolerance: 31,
            impossible: IMPOSSIBLE_TOLERANCE,
        };
        assert_eq!(BASE.id(), Claim::FINGERPRINT.id());
        let mut ids: Vec<_> = Claim::ALL.iter().map(|claim| claim.id()).collect();
        let changed = [
            Description { version: 2, ..BASE },
            Description { name: "fingerprinT", ..BASE },
            Description { segments: &[], ..BASE },
            Description { segments: &[Segment { points: 2, ..PICTURE }], ..BASE },
            Description { segments: &[Segment { role: Role::Source, ..PICTURE }], ..BASE },
            Description { segments: &[Segment { domain: MODEL.domain, ..PICTURE }], ..BASE },
            Description { segments: &[Segment { words: &[Word::K, Word::SetupId], ..PICTURE }], ..BASE },
            Description { inputs: &[Meaning::Context, Meaning::Zero, Meaning::Zero], ..BASE },
            Description { subject: &[Word::Width, Word::Height, Word::SourceWidth], ..BASE },
            Description { subject: &[Word::Width, Word::Height, Word::Architecture], ..BASE },
            Description { subject: &[], inputs: &[Meaning::Width, Meaning::Height, Meaning::Zero], ..BASE },
            Description { max_tolerance: 30, ..BASE },
            Description { impossible: Impossible { input: 2, above: 512 }, ..BASE },
            Description { impossible: Impossible { input: 1, above: 511 }, ..BASE },
        ];
        ids.extend(changed.iter().map(Description::id));
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }
}
