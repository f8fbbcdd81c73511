//! Claims as data: what a claim's proofs begin with, and what its public inputs mean.
//!
//! A [`Description`] is all that anybody but the circuit needs to know of a claim. Keys, bundles, the command line and the
//! generator read it, and a router on chain is given the same data. So a claim that nobody has thought of yet is a
//! description more, and no change elsewhere.
//!
//! A repaired circuit is another claim: another version, whose description stands beside the old one.

use super::fingerprint::MATCH_DISTANCE;
use sha3::{Digest, Keccak256};
use std::{fmt, hash};

/// What a commitment at the start of a proof is about. A claim has each role once at most, but for [`Role::Other`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The picture that the statement is about.
    Picture,
    /// The picture that it was made from, or is compared with.
    Source,
    /// The hidden input of the model.
    Prompt,
    /// The weights of the model.
    Model,
    /// A fingerprint that is not shown.
    Fingerprint,
    /// Anything else.
    Other,
}

impl Role {
    /// The role's name in bundles and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Source => "source",
            Self::Prompt => "prompt",
            Self::Model => "model",
            Self::Fingerprint => "fingerprint",
            Self::Other => "other",
        }
    }
}

/// A word that may enter a commitment's digest, or stand in a verifying key's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Word {
    /// The trusted setup's id.
    SetupId,
    /// The domain has `2^k` rows.
    K,
    /// Width of the picture in pixels.
    Width,
    /// Height of the picture in pixels.
    Height,
    /// Width of the source in pixels.
    SourceWidth,
    /// Height of the source in pixels.
    SourceHeight,
    /// The hash of the model's architecture.
    Architecture,
}

/// A commitment at the start of a claim's proofs.
///
/// Its digest is `keccak256(abi.encode(keccak256(domain), words…, points…))`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// What it is about.
    pub role: Role,
    /// Separates its digests from every other hash of ours.
    pub domain: &'static str,
    /// Committed columns, each a point of the proof.
    pub points: usize,
    /// The words that enter the digest before the points.
    pub words: &'static [Word],
}

impl Segment {
    /// The digest of these words and points, each point as `x ‖ y`.
    pub fn digest(&self, words: &[[u8; 32]], points: &[[u8; 64]]) -> [u8; 32] {
        let mut hash = Keccak256::new_with_prefix(Keccak256::digest(self.domain));
        hash.update(words.as_flattened());
        hash.update(points.as_flattened());
        hash.finalize().into()
    }
}

/// The values of [`Word`]s: what a verifying key is for, and what commitments are made under. A word that a claim does not
/// have is zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The trusted setup's id.
    pub srs_id: [u8; 32],
    /// The domain has `2^k` rows.
    pub k: u32,
    /// Width and height of the picture in pixels.
    pub size: (u32, u32),
    /// Width and height of the source in pixels.
    pub source_size: (u32, u32),
    /// The hash of the model's architecture.
    pub architecture: [u8; 32],
}

impl Header {
    /// The value of a word.
    pub fn word(&self, word: Word) -> [u8; 32] {
        let number = |number: u32| super::public::word(&number.to_be_bytes());
        match word {
            Word::SetupId => self.srs_id,
            Word::K => number(self.k),
            Word::Width => number(self.size.0),
            Word::Height => number(self.size.1),
            Word::SourceWidth => number(self.source_size.0),
            Word::SourceHeight => number(self.source_size.1),
            Word::Architecture => self.architecture,
        }
    }
}

/// What a public input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// Nothing: it is zero.
    Zero,
    /// Bits 0..128 of the fingerprint, as `sum b_k 2^k`; or of a committed fingerprint's salted hash.
    FingerprintLow,
    /// Bits 128..256 of the same.
    FingerprintHigh,
    /// The largest Hamming distance accepted between fingerprints.
    Tolerance,
    /// What the proof is bound to: chain, contract and registrant. No gate reads it.
    Context,
    /// Anything else: the next of [`PublicInputs::extra`](crate::public::PublicInputs::extra).
    Other(&'static str),
}

impl Meaning {
    /// The input's name in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::FingerprintLow => "fingerprint_low",
            Self::FingerprintHigh => "fingerprint_high",
            Self::Tolerance => "tolerance",
            Self::Context => "context",
            Self::Other(name) => name,
        }
    }
}

/// A statement of a claim that can never be true: whoever proves it shows that the key proves anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Impossible {
    /// The position of a public input.
    pub input: usize,
    /// The statement is impossible where that input is above this.
    pub above: u64,
}

/// Everything about a claim but its circuit.
#[derive(Debug, PartialEq, Eq)]
pub struct Description {
    /// The claim's name in bundles, on the command line and in messages.
    pub name: &'static str,
    /// The version of its circuit. A change of any verifying key is a new version.
    pub version: u32,
    /// The commitments that its proofs begin with, in order.
    pub segments: &'static [Segment],
    /// What each public input is, in the order of the instance column. Exactly one is the context.
    pub inputs: &'static [Meaning],
    /// What a verifying key is for, setup and `k` aside.
    pub subject: &'static [Word],
    /// The largest tolerance that means a match; zero for a claim without one.
    pub max_tolerance: u8,
    /// A statement that can never be true.
    pub impossible: Impossible,
}

/// A claim: its [`Description`], compared by name and version.
#[derive(Clone, Copy)]
pub struct Claim(&'static Description);

impl PartialEq for Claim {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Claim {}

impl PartialOrd for Claim {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Claim {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl hash::Hash for Claim {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

/// The circuit's name: `fingerprint-v1`.
impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.circuit())
    }
}

impl std::ops::Deref for Claim {
    type Target = Description;

    fn deref(&self) -> &Description {
        self.0
    }
}

impl Claim {
    /// Every claim of this program. The circuits are in the registry of `veilmark-proof`, in the same order.
    pub const ALL: [Self; 4] = [Self::FINGERPRINT, Self::GENERATION, Self::AUTHENTICITY, Self::COMMITTED_FINGERPRINT];

    /// The committed picture has a fingerprint near the public one.
    pub const FINGERPRINT: Self = Self(&Description {
        name: "fingerprint",
        version: 1,
        segments: &[PICTURE],
        inputs: FINGERPRINT_INPUTS,
        subject: &[Word::Width, Word::Height],
        max_tolerance: MATCH_DISTANCE,
        impossible: IMPOSSIBLE_TOLERANCE,
    });

    /// The committed picture was generated by the committed model from the committed latent.
    pub const GENERATION: Self = Self(&Description {
        name: "generation",
        version: 1,
        segments: &[PICTURE, PROMPT, MODEL],
        inputs: &[Meaning::Zero, Meaning::Zero, Meaning::Zero, Meaning::Context],
        subject: &[Word::Width, Word::Height, Word::Architecture],
        max_tolerance: 0,
        impossible: Impossible { input: 0, above: 0 },
    });

    /// Both, of one picture.
    pub const AUTHENTICITY: Self = Self(&Description {
        name: "authenticity",
        version: 1,
        segments: &[PICTURE, PROMPT, MODEL],
        inputs: FINGERPRINT_INPUTS,
        subject: &[Word::Width, Word::Height, Word::Architecture],
        max_tolerance: MATCH_DISTANCE,
        impossible: IMPOSSIBLE_TOLERANCE,
    });

    /// The committed picture has a fingerprint near a committed one. In the public fingerprint's place is its salted hash, which no
    /// gate reads: whoever checks a proof compares it with the proof's fourth point.
    pub const COMMITTED_FINGERPRINT: Self = Self(&Description {
        name: "committed-fingerprint",
        version: 1,
        segments: &[PICTURE, FINGERPRINT],
        inputs: FINGERPRINT_INPUTS,
        subject: &[Word::Width, Word::Height],
        max_tolerance: MATCH_DISTANCE,
        impossible: IMPOSSIBLE_TOLERANCE,
    });

    /// The claim of a description: for claims that are not among [`Claim::ALL`].
    pub const fn new(description: &'static Description) -> Self {
        Self(description)
    }

    /// The claim of this name in its newest version.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().filter(|claim| claim.name == name).max_by_key(|claim| claim.version)
    }

    const fn key(&self) -> (&'static str, u32) {
        (self.0.name, self.0.version)
    }

    /// The claim's name.
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// The name of the claim's circuit and of its version.
    pub fn circuit(self) -> String {
        format!("{}-v{}", self.name, self.version)
    }

    /// The name of its verifier's contract: `CommittedFingerprintVerifier`.
    pub fn verifier(self) -> String {
        let capital = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
        self.name.split('-').map(capital).collect::<String>() + "Verifier"
    }

    /// The commitments that its proofs begin with.
    pub const fn segments(self) -> &'static [Segment] {
        self.0.segments
    }

    /// The commitment of a role, where the claim has one.
    pub fn segment(self, role: Role) -> Option<&'static Segment> {
        self.0.segments.iter().find(|segment| segment.role == role)
    }

    /// The position of a public input, where the claim has one.
    pub const fn position(self, meaning: Meaning) -> Option<usize> {
        let mut position = 0;
        while position < self.0.inputs.len() {
            let same = match (self.0.inputs[position], meaning) {
                (Meaning::FingerprintLow, Meaning::FingerprintLow)
                | (Meaning::FingerprintHigh, Meaning::FingerprintHigh)
                | (Meaning::Tolerance, Meaning::Tolerance)
                | (Meaning::Context, Meaning::Context) => true,
                _ => false,
            };
            if same {
                return Some(position);
            }
            position += 1;
        }
        None
    }

    /// Whether the claim is about a model.
    pub fn has_model(self) -> bool {
        self.segment(Role::Model).is_some()
    }

    /// Whether the claim is about a fingerprint, public or committed: the tolerance is zero otherwise.
    pub fn has_fingerprint(self) -> bool {
        self.position(Meaning::FingerprintLow).is_some()
    }

    /// Whether the fingerprint is committed to: its salted hash is in the public one's place then.
    pub fn hides_fingerprint(self) -> bool {
        self.segment(Role::Fingerprint).is_some()
    }

    /// Whether the fingerprint is public.
    pub fn shows_fingerprint(self) -> bool {
        self.has_fingerprint() && !self.hides_fingerprint()
    }

    /// Points of committed columns at the start of a proof.
    pub fn committed_points(self) -> usize {
        self.segments.iter().map(|segment| segment.points).sum()
    }
}

/// The R, G and B columns of a picture.
pub const PICTURE: Segment = Segment {
    role: Role::Picture,
    domain: "veilmark image commitment v1",
    points: 3,
    words: &[Word::SetupId, Word::K, Word::Width, Word::Height],
};

/// The column of a latent. On which rows its entries stand follows from the architecture.
pub const PROMPT: Segment = Segment {
    role: Role::Prompt,
    domain: "veilmark prompt commitment v1",
    points: 1,
    words: &[Word::SetupId, Word::K, Word::Architecture],
};

/// The columns of a model's weights. Its digest is the `modelHash`.
pub const MODEL: Segment = Segment {
    role: Role::Model,
    domain: "veilmark model commitment v1",
    points: 8,
    words: &[Word::SetupId, Word::K, Word::Architecture],
};

/// The column of a fingerprint that is not shown. Its digest, the salted hash, names neither picture nor claim.
pub const FINGERPRINT: Segment = Segment {
    role: Role::Fingerprint,
    domain: "veilmark fingerprint commitment v1",
    points: 1,
    words: &[Word::SetupId, Word::K],
};

/// The public inputs of claims about a fingerprint.
pub const FINGERPRINT_INPUTS: &[Meaning] =
    &[Meaning::FingerprintLow, Meaning::FingerprintHigh, Meaning::Tolerance, Meaning::Context];

/// No two fingerprints are further apart than 256 bits, and the circuits accept up to 511.
pub const IMPOSSIBLE_TOLERANCE: Impossible = Impossible { input: 2, above: 511 };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_description_is_consistent() {
        for claim in Claim::ALL {
            let count = |meaning| claim.inputs.iter().filter(|&&input| input == meaning).count();
            assert_eq!(count(Meaning::Context), 1, "{claim:?}");
            assert_eq!(count(Meaning::FingerprintLow), count(Meaning::FingerprintHigh), "{claim:?}");
            assert_eq!(claim.segments[0].role, Role::Picture, "{claim:?}");
            assert!(claim.impossible.input < claim.inputs.len(), "{claim:?}");
            assert_eq!(claim.has_model(), claim.subject.contains(&Word::Architecture), "{claim:?}");
            // whatever enters a digest is in the key's header
            for word in claim.segments.iter().flat_map(|segment| segment.words) {
                assert!(matches!(word, Word::SetupId | Word::K) || claim.subject.contains(word), "{claim:?}: {word:?}");
            }
            assert_eq!(Claim::named(claim.name), Some(claim));
        }
        assert_eq!(Claim::COMMITTED_FINGERPRINT.verifier(), "CommittedFingerprintVerifier");
        assert_eq!(Claim::ALL.map(Claim::committed_points), [3, 12, 12, 4]);
        assert_eq!(Claim::ALL.map(Claim::has_fingerprint), [true, false, true, true]);
        assert_eq!(Claim::ALL.map(Claim::shows_fingerprint), [true, false, true, false]);
    }

    #[test]
    fn versions_stand_side_by_side() {
        static NEXT: Description = Description {
            name: "fingerprint",
            version: 2,
            segments: &[PICTURE],
            inputs: FINGERPRINT_INPUTS,
            subject: &[],
            max_tolerance: 31,
            impossible: IMPOSSIBLE_TOLERANCE,
        };
        let next = Claim::new(&NEXT);
        assert_ne!(next, Claim::FINGERPRINT);
        assert_eq!([Claim::FINGERPRINT, next].map(Claim::circuit), ["fingerprint-v1", "fingerprint-v2"]);
    }

    #[test]
    fn a_digest_is_of_the_words_of_the_abi() {
        let [word, point] = [[7; 32].to_vec(), [9; 64].to_vec()];
        let expected = Keccak256::digest([Keccak256::digest(FINGERPRINT.domain).to_vec(), word, point].concat());
        assert_eq!(FINGERPRINT.digest(&[[7; 32]], &[[9; 64]]), <[u8; 32]>::from(expected));
    }
}
