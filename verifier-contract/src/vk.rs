//! The verifying key as a data contract: one list of named words, which Rust writes and Solidity reads.
//!
//! Code of the contract: one `STOP` byte, so that a call does nothing, then 32-byte words, big-endian, in the order of
//! [`layout`]. `vkHash`, the key's name everywhere, is Keccak-256 of that code: what `EXTCODEHASH` answers.
//!
//! The first [`HEADER_WORDS`] words are the same for every circuit; the last of them says how many words of the caller's
//! follow. [`VkHeader::read`] reads both. The rest depends on the constraint system: what the verifier needs of the setup, the
//! roots of unity and interpolation weights its rotations need, then fixed and permutation commitments as `x ‖ y`.
//!
//! What the caller must believe: a verifier checks the code's length, the magic word, the claim and the digest of the constraint
//! system, nothing more. The transcript begins with `vkHash`, so no proof holds under two keys. Which key is the right one, and
//! that its points are the circuit's, is what `vkHash` is compared for.

use crate::{
    Error,
    protocol::{Protocol, RotationSet},
};
use ff::{Field, PrimeField};
use group::prime::PrimeCurveAffine;
use halo2_proofs::{
    halo2curves::bn256::{Fq, Fr, G1Affine, G2Affine},
    plonk::VerifyingKey,
    poly::Rotation,
};
use sha3::{Digest, Keccak256};
use std::fmt;
use veilmark_transcript::{WORD, point_to_words, scalar_to_word};

/// What the magic word is the Keccak-256 of: another layout gets another text.
pub const MAGIC_TEXT: &str = "veilmark verifying key v1";
/// Bit of the flags word: the parameters are for development, their secret is known.
pub const FLAG_UNSAFE_DEV: u8 = 1;
/// Words every key begins with, before those of [`Subject::words`].
pub const HEADER_WORDS: usize = 7;
/// The most words that say what a key is for: as many as the router reads.
pub const MAX_SUBJECT_WORDS: usize = 8;
/// EIP-170: the most code a contract may have.
pub const MAX_CODE: usize = 24_576;
/// The code's first byte: `STOP`.
const STOP: u8 = 0;

/// The words of a verifying key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VkWord {
    /// Keccak-256 of [`MAGIC_TEXT`].
    Magic,
    /// Names the claim that the key is for.
    ClaimId,
    /// [`Protocol::digest`].
    ConstraintSystem,
    /// Names the trusted setup.
    SrsId,
    /// Bit 0: [`FLAG_UNSAFE_DEV`].
    Flags,
    /// The domain has `2^k` rows.
    K,
    /// How many words follow that say what the key is for.
    SubjectWords,
    /// One of those, by its name.
    Subject(&'static str),
    /// Halo2's representation of the verifying key in the transcript.
    TranscriptRepr,
    /// `1 / 2^k`.
    RowsInverse,
    /// `[tau]_2`, in the order of the pairing precompile: `x = X1 u + X0`.
    TauX1,
    /// See [`Self::TauX1`].
    TauX0,
    /// `y = Y1 u + Y0`.
    TauY1,
    /// See [`Self::TauY1`].
    TauY0,
    /// `omega` to the power of a rotation other than zero.
    Omega(i32),
    /// For a rotation `p` of a rotation set: the inverse of the product of `omega^p - omega^q` over the set's other
    /// `q`.
    Weight {
        /// The set's index.
        set: usize,
        /// The rotation.
        rotation: i32,
    },
    /// A fixed column's commitment, `x`.
    FixedX(usize),
    /// A fixed column's commitment, `y`.
    FixedY(usize),
    /// A permutation polynomial's commitment, `x`.
    SigmaX(usize),
    /// A permutation polynomial's commitment, `y`.
    SigmaY(usize),
}

/// A rotation in a name: `0`, `1`, `MINUS_1`.
pub(crate) fn rotation_name(rotation: i32) -> String {
    if rotation < 0 { format!("MINUS_{}", rotation.unsigned_abs()) } else { rotation.to_string() }
}

impl fmt::Display for VkWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic => write!(f, "MAGIC"),
            Self::ClaimId => write!(f, "CLAIM_ID"),
            Self::ConstraintSystem => write!(f, "CONSTRAINT_SYSTEM"),
            Self::SrsId => write!(f, "SRS_ID"),
            Self::Flags => write!(f, "FLAGS"),
            Self::K => write!(f, "K"),
            Self::SubjectWords => write!(f, "SUBJECT_WORDS"),
            Self::Subject(name) => write!(f, "SUBJECT_{name}"),
            Self::TranscriptRepr => write!(f, "TRANSCRIPT_REPR"),
            Self::RowsInverse => write!(f, "ROWS_INVERSE"),
            Self::TauX1 => write!(f, "TAU_X1"),
            Self::TauX0 => write!(f, "TAU_X0"),
            Self::TauY1 => write!(f, "TAU_Y1"),
            Self::TauY0 => write!(f, "TAU_Y0"),
            Self::Omega(rotation) => write!(f, "OMEGA_{}", rotation_name(*rotation)),
            Self::Weight { set, rotation } => write!(f, "WEIGHT_{set}_{}", rotation_name(*rotation)),
            Self::FixedX(column) => write!(f, "FIXED_{column}_X"),
            Self::FixedY(column) => write!(f, "FIXED_{column}_Y"),
            Self::SigmaX(column) => write!(f, "SIGMA_{column}_X"),
            Self::SigmaY(column) => write!(f, "SIGMA_{column}_Y"),
        }
    }
}

/// A claim, as its verifier and its keys name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Names the claim: what `claimId()` answers.
    pub id: [u8; WORD],
    /// Names of the header words that say what a key is for: capital letters, digits and `_`, each at most 32.
    pub subject: Vec<&'static str>,
}

impl Claim {
    /// Checks the names, which become parts of Solidity identifiers.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.subject.len() > MAX_SUBJECT_WORDS {
            return Err(Error::TooMany { what: "subject words", limit: MAX_SUBJECT_WORDS, got: self.subject.len() });
        }
        let is_name = |name: &str| {
            name.starts_with(|first: char| first.is_ascii_uppercase())
                && name.len() <= 32
                && name.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
        };
        for (index, name) in self.subject.iter().enumerate() {
            if !is_name(name) || self.subject[..index].contains(name) {
                return Err(Error::SubjectName { name: (*name).to_owned() });
            }
        }
        Ok(())
    }
}

/// The words of every key of a claim's constraint system, in order.
pub fn layout(protocol: &Protocol, claim: &Claim) -> Vec<VkWord> {
    use VkWord::*;
    let header: [VkWord; HEADER_WORDS] = [Magic, ClaimId, ConstraintSystem, SrsId, Flags, K, SubjectWords];
    let setup = [TranscriptRepr, RowsInverse, TauX1, TauX0, TauY1, TauY0];
    let mut omegas = protocol.rotations();
    omegas.extend([1, protocol.last_rotation()]);
    omegas.sort_unstable();
    omegas.dedup();
    let sets = protocol.rotation_sets();
    let weights = sets.iter().enumerate().filter(|(_, set)| set.rotations.len() > 1);
    header
        .into_iter()
        .chain(claim.subject.iter().copied().map(Subject))
        .chain(setup)
        .chain(omegas.into_iter().filter(|rotation| *rotation != 0).map(Omega))
        .chain(weights.flat_map(|(index, set)| {
            set.rotations.iter().map(move |&rotation| Weight { set: index, rotation }).collect::<Vec<_>>()
        }))
        .chain((0..protocol.fixed_columns()).flat_map(|column| [FixedX(column), FixedY(column)]))
        .chain((0..protocol.permutation().len()).flat_map(|column| [SigmaX(column), SigmaY(column)]))
        .collect()
}

/// What a key is for, beyond its circuit: goes into the header, is covered by `vkHash`, and is what a router reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Names the trusted setup.
    pub srs_id: [u8; WORD],
    /// The setup is for development: its secret is known to whoever made it.
    pub unsafe_dev: bool,
    /// The domain has `2^k` rows; must be the verifying key's.
    pub k: u32,
    /// The claim's own words, as many as [`Claim::subject`] names.
    pub words: Vec<[u8; WORD]>,
}

/// The magic word.
pub fn magic() -> [u8; WORD] {
    Keccak256::digest(MAGIC_TEXT).into()
}

/// A number as one big-endian word.
pub fn integer_to_word(value: u32) -> [u8; WORD] {
    let mut word = [0; WORD];
    word[WORD - 4..].copy_from_slice(&value.to_be_bytes());
    word
}

fn coordinate_to_word(coordinate: Fq) -> [u8; WORD] {
    let mut word = coordinate.to_repr();
    word.reverse();
    word
}

/// A verifying key in the form the chain holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VkData {
    words: Vec<(VkWord, [u8; WORD])>,
}

impl VkData {
    /// Lays out a key of the protocol's constraint system. `tau_g2` is `[tau]_2` of the setup the key was made with.
    ///
    /// # Errors
    /// [`Error`], where the key is not the protocol's, the subject not the claim's, or the domain too small for the circuit.
    pub fn new(
        protocol: &Protocol,
        vk: &VerifyingKey<G1Affine>,
        claim: &Claim,
        subject: &Subject,
        tau_g2: G2Affine,
    ) -> Result<Self, Error> {
        let digest = Protocol::new(vk, protocol.public_inputs())?.digest();
        if digest != protocol.digest() {
            return Err(Error::ConstraintSystem { expected: hex::encode(protocol.digest()), got: hex::encode(digest) });
        }
        claim.check()?;
        if subject.words.len() != claim.subject.len() {
            let (expected, got) = (claim.subject.len(), subject.words.len());
            return Err(Error::SubjectWords { expected, got });
        }
        let domain = vk.get_domain();
        if subject.k != domain.k() {
            return Err(Error::SubjectK { expected: domain.k(), got: subject.k });
        }
        check_domain(protocol, domain.k())?;
        let fixed = commitments("fixed", vk.fixed_commitments(), protocol.fixed_columns())?;
        let sigmas = commitments("permutation", vk.permutation().commitments(), protocol.permutation().len())?;
        let tau = tau_words(tau_g2)?;
        let rows_inverse = Option::<Fr>::from(Fr::from(domain.get_n()).invert()).ok_or(Error::K {
            min: 1,
            max: Fr::S,
            got: domain.k(),
        })?;

        let omega = |rotation: i32| domain.rotate_omega(Fr::ONE, Rotation(rotation));
        let sets = protocol.rotation_sets();
        let value = |word: VkWord| -> Result<[u8; WORD], Error> {
            Ok(match word {
                VkWord::Magic => magic(),
                VkWord::ClaimId => claim.id,
                VkWord::ConstraintSystem => digest,
                VkWord::SrsId => subject.srs_id,
                VkWord::Flags => integer_to_word(if subject.unsafe_dev { u32::from(FLAG_UNSAFE_DEV) } else { 0 }),
                VkWord::K => integer_to_word(subject.k),
                VkWord::SubjectWords => integer_to_word(subject.words.len() as u32),
                VkWord::Subject(name) => claim
                    .subject
                    .iter()
                    .zip(&subject.words)
                    .find(|(named, _)| **named == name)
                    .map_or([0; WORD], |w| *w.1),
                VkWord::TranscriptRepr => scalar_to_word(vk.transcript_repr()),
                VkWord::RowsInverse => scalar_to_word(rows_inverse),
                VkWord::TauX1 => tau[0],
                VkWord::TauX0 => tau[1],
                VkWord::TauY1 => tau[2],
                VkWord::TauY0 => tau[3],
                VkWord::Omega(rotation) => scalar_to_word(omega(rotation)),
                VkWord::Weight { set, rotation } => scalar_to_word(weight(&sets[set], rotation, omega, domain.k())?),
                VkWord::FixedX(column) => fixed[column].0,
                VkWord::FixedY(column) => fixed[column].1,
                VkWord::SigmaX(column) => sigmas[column].0,
                VkWord::SigmaY(column) => sigmas[column].1,
            })
        };
        let words = layout(protocol, claim)
            .into_iter()
            .map(|word| Ok((word, value(word)?)))
            .collect::<Result<Vec<_>, Error>>()?;
        let length = code_length(words.len());
        if length > MAX_CODE {
            return Err(Error::KeyTooLong { limit: MAX_CODE, got: length });
        }
        Ok(Self { words })
    }

    /// The words, named, in order.
    pub fn words(&self) -> &[(VkWord, [u8; WORD])] {
        &self.words
    }

    /// The contract's code: `STOP`, then the words.
    pub fn runtime_code(&self) -> Vec<u8> {
        let mut code = Vec::with_capacity(code_length(self.words.len()));
        code.push(STOP);
        code.extend(self.words.iter().flat_map(|(_, word)| word));
        code
    }

    /// The key's name: Keccak-256 of [`Self::runtime_code`].
    pub fn vk_hash(&self) -> [u8; WORD] {
        Keccak256::digest(self.runtime_code()).into()
    }
}

/// Length of the code that holds so many words.
pub(crate) fn code_length(words: usize) -> usize {
    1 + words * WORD
}

fn check_domain(protocol: &Protocol, k: u32) -> Result<(), Error> {
    // Rows that hold something: the blinding factors, the last row, and every public input.
    let rows = protocol.blinding_factors() + 1 + protocol.public_inputs();
    let min = rows.next_power_of_two().trailing_zeros();
    if !(min..=Fr::S).contains(&k) {
        return Err(Error::K { min, max: Fr::S, got: k });
    }
    let mut points = protocol.rotations();
    points.iter_mut().for_each(|rotation| *rotation = rotation.rem_euclid(1 << k));
    points.sort_unstable();
    if points.windows(2).any(|pair| pair[0] == pair[1]) { Err(Error::RotationsCoincide { k }) } else { Ok(()) }
}

/// The barycentric weight of one point of a rotation set, for `x = 1`.
fn weight(set: &RotationSet, rotation: i32, omega: impl Fn(i32) -> Fr, k: u32) -> Result<Fr, Error> {
    let others = set.rotations.iter().filter(|other| **other != rotation);
    let product: Fr = others.map(|&other| omega(rotation) - omega(other)).product();
    Option::from(product.invert()).ok_or(Error::RotationsCoincide { k })
}

type PointWords = ([u8; WORD], [u8; WORD]);

fn commitments(kind: &'static str, points: &[G1Affine], expected: usize) -> Result<Vec<PointWords>, Error> {
    if points.len() != expected {
        return Err(Error::KeyShape { what: "commitments", expected, got: points.len() });
    }
    let words = points.iter().enumerate().map(|(index, point)| {
        let words = point_to_words(*point)
            .ok_or_else(|| Error::IdentityCommitment { commitment: format!("{kind} commitment {index}") })?;
        let (mut x, mut y) = ([0; WORD], [0; WORD]);
        x.copy_from_slice(&words[..WORD]);
        y.copy_from_slice(&words[WORD..]);
        Ok((x, y))
    });
    words.collect()
}

fn tau_words(tau_g2: G2Affine) -> Result<[[u8; WORD]; 4], Error> {
    if bool::from(tau_g2.is_identity()) {
        return Err(Error::IdentityTau);
    }
    Ok(g2_words(tau_g2))
}

/// A point of the second group in the order of the pairing precompile.
fn g2_words(point: G2Affine) -> [[u8; WORD]; 4] {
    [point.x.c1, point.x.c0, point.y.c1, point.y.c0].map(coordinate_to_word)
}

/// `-[1]_2` in the order of the pairing precompile.
pub(crate) fn negated_g2_words() -> [[u8; WORD]; 4] {
    g2_words(-G2Affine::generator())
}

/// The part of a key's code that every circuit has: what tools show and routers read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VkHeader {
    /// The claim the key is for.
    pub claim_id: [u8; WORD],
    /// The constraint system the key belongs to.
    pub constraint_system: [u8; WORD],
    /// What the key is for.
    pub subject: Subject,
}

impl VkHeader {
    /// Reads the header out of a contract's code (with its leading `STOP`).
    ///
    /// # Errors
    /// [`Error::NotAKey`], with the field that is wrong. Any bytes are fine.
    pub fn read(code: &[u8]) -> Result<Self, Error> {
        let refused = |field, problem| Err(Error::NotAKey { field, problem });
        let Some((&stop, words)) = code.split_first() else { return refused("code", "is empty") };
        if stop != STOP {
            return refused("code", "does not begin with STOP");
        }
        if code.len() > MAX_CODE || words.len() % WORD != 0 || words.len() / WORD < HEADER_WORDS {
            return refused("code", "has a length no key has");
        }
        let mut words = words.chunks_exact(WORD).map(|chunk| {
            let mut word = [0; WORD];
            word.copy_from_slice(chunk);
            word
        });
        let mut next = |field| words.next().ok_or(Error::NotAKey { field, problem: "is missing" });
        if next("magic")? != magic() {
            return refused("magic", "is another version's, or no key's");
        }
        let claim_id = next("claim id")?;
        let constraint_system = next("constraint system")?;
        let srs_id = next("srs id")?;
        let flags = next("flags")?;
        if flags[..WORD - 1].iter().any(|byte| *byte != 0) || flags[WORD - 1] & !FLAG_UNSAFE_DEV != 0 {
            return refused("flags", "have unknown bits");
        }
        let unsafe_dev = flags[WORD - 1] & FLAG_UNSAFE_DEV != 0;
        let mut integer = |field| {
            let word = next(field)?;
            let (high, low) = word.split_at(WORD - 4);
            match <[u8; 4]>::try_from(low) {
                Ok(low) if high.iter().all(|byte| *byte == 0) => Ok(u32::from_be_bytes(low)),
                _ => Err(Error::NotAKey { field, problem: "is above 2^32" }),
            }
        };
        let (k, count) = (integer("k")?, integer("subject words")? as usize);
        if k > Fr::S {
            return refused("k", "is above the field's 28");
        }
        if count > MAX_SUBJECT_WORDS {
            return refused("subject words", "are more than the 8 there can be");
        }
        let words = (0..count).map(|_| next("subject")).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { claim_id, constraint_system, subject: Subject { srs_id, unsafe_dev, k, words } })
    }
}
