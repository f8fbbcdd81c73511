//! The Fiat–Shamir transcript that prover, native verifier and contract share: Keccak-256 over EVM words.
//!
//! A point is absorbed and sent as `x ‖ y`, a scalar as itself, every word 32 bytes, big-endian: the proof is what the
//! contract reads from calldata, and no second encoding exists. A challenge is `keccak256(state ‖ absorbed)` reduced
//! modulo `r`, and the unreduced hash is the next state; where nothing was absorbed since the last challenge, one byte
//! `0x01` is hashed in, so that two challenges in a row differ. What is absorbed first is the hash of the verifying key's data
//! contract, reduced modulo `r`: everything that a key says of itself, its setup and its claim is a part of what is proved, and a
//! proof holds under one key only. (The rule is the one of the EVM verifiers in use, so a
//! proof can be shown to an independent verifier.) Reduction of 256 bits modulo the 254-bit `r` is biased: no challenge
//! is more than `6/5` times as likely as under the uniform distribution, which costs soundness less than one bit.
//!
//! What the caller must believe: readers refuse coordinates `>= q`, scalars `>= r`, points off the curve and the point
//! at infinity, so that exactly one byte string encodes a proof.

use ff::PrimeField;
use halo2_proofs::{
    halo2curves::{
        CurveAffine,
        bn256::{Fq, Fr, G1Affine},
        ff::FromUniformBytes,
    },
    transcript::{EncodedChallenge, Transcript, TranscriptRead, TranscriptWrite},
};
use sha3::{Digest, Keccak256};
use std::io::{self, Read, Write};

/// Bytes of one EVM word.
pub const WORD: usize = 32;
/// Bytes of a point: two words.
pub const POINT: usize = 2 * WORD;

/// A scalar as one big-endian word.
pub fn scalar_to_word(scalar: Fr) -> [u8; WORD] {
    let mut word = scalar.to_repr();
    word.reverse();
    word
}

/// The scalar of a big-endian word; `None` where the word is `>= r`.
pub fn scalar_from_word(mut word: [u8; WORD]) -> Option<Fr> {
    word.reverse();
    Fr::from_repr(word).into()
}

/// The scalar a 256-bit big-endian number reduces to.
pub fn scalar_reduced(mut word: [u8; WORD]) -> Fr {
    word.reverse();
    let mut wide = [0; 64];
    wide[..WORD].copy_from_slice(&word);
    Fr::from_uniform_bytes(&wide)
}

/// A point as `x ‖ y`; `None` for the point at infinity, which no proof of ours contains.
pub fn point_to_words(point: G1Affine) -> Option<[u8; POINT]> {
    let coordinates = Option::from(point.coordinates())
        .filter(|_| point != G1Affine::default())
        .map(|c: halo2_proofs::halo2curves::Coordinates<G1Affine>| [*c.x(), *c.y()])?;
    let mut words = [0; POINT];
    for (word, coordinate) in words.chunks_exact_mut(WORD).zip(coordinates) {
        word.copy_from_slice(&coordinate.to_repr());
        word.reverse();
    }
    Some(words)
}

/// The point of `x ‖ y`; `None` where a coordinate is `>= q`, or the pair is not a finite point of the curve.
pub fn point_from_words(words: &[u8; POINT]) -> Option<G1Affine> {
    let mut coordinates = words.chunks_exact(WORD).map(|word| {
        let mut repr = [0; WORD];
        repr.copy_from_slice(word);
        repr.reverse();
        Option::<Fq>::from(Fq::from_repr(repr))
    });
    let (x, y) = (coordinates.next()??, coordinates.next()??);
    Option::<G1Affine>::from(G1Affine::from_xy(x, y)).filter(|p| *p != G1Affine::default())
}

/// A challenge: a Keccak hash reduced modulo `r`.
#[derive(Clone, Copy, Debug)]
pub struct KeccakChallenge(Fr);

impl EncodedChallenge<G1Affine> for KeccakChallenge {
    type Input = [u8; WORD];

    fn new(hash: &[u8; WORD]) -> Self {
        Self(scalar_reduced(*hash))
    }

    fn get_scalar(&self) -> Fr {
        self.0
    }
}

/// The transcript over a stream: a reader for verifiers, a writer for provers.
#[derive(Clone, Debug)]
pub struct KeccakTranscript<S> {
    absorbed: Vec<u8>,
    stream: S,
}

impl<S> KeccakTranscript<S> {
    /// A transcript over a proof to read, or over the buffer to write one to, under the verifying key whose data contract has
    /// this hash.
    pub fn new(vk_hash: &[u8; WORD], stream: S) -> Self {
        Self { absorbed: scalar_to_word(scalar_reduced(*vk_hash)).to_vec(), stream }
    }

    /// The stream: for a verifier, whatever of the proof has not been read.
    pub fn into_stream(self) -> S {
        self.stream
    }
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

impl<S> Transcript<G1Affine, KeccakChallenge> for KeccakTranscript<S> {
    fn squeeze_challenge(&mut self) -> KeccakChallenge {
        if self.absorbed.len() == WORD {
            self.absorbed.push(1);
        }
        let hash: [u8; WORD] = Keccak256::digest(&self.absorbed).into();
        self.absorbed.clear();
        self.absorbed.extend(hash);
        KeccakChallenge::new(&hash)
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        let words = point_to_words(point).ok_or_else(|| malformed("the point at infinity"))?;
        self.absorbed.extend(words);
        Ok(())
    }

    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.absorbed.extend(scalar_to_word(scalar));
        Ok(())
    }
}

impl<R: Read> TranscriptRead<G1Affine, KeccakChallenge> for KeccakTranscript<R> {
    fn read_point(&mut self) -> io::Result<G1Affine> {
        let mut words = [0; POINT];
        self.stream.read_exact(&mut words)?;
        let point = point_from_words(&words).ok_or_else(|| malformed("not a point of the curve"))?;
        self.absorbed.extend(words);
        Ok(point)
    }

    fn read_scalar(&mut self) -> io::Result<Fr> {
        let mut word = [0; WORD];
        self.stream.read_exact(&mut word)?;
        let scalar = scalar_from_word(word).ok_or_else(|| malformed("a scalar is not below r"))?;
        self.absorbed.extend(word);
        Ok(scalar)
    }
}

impl<W: Write> TranscriptWrite<G1Affine, KeccakChallenge> for KeccakTranscript<W> {
    fn write_point(&mut self, point: G1Affine) -> io::Result<()> {
        let words = point_to_words(point).ok_or_else(|| malformed("the point at infinity"))?;
        self.absorbed.extend(words);
        self.stream.write_all(&words)
    }

    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        let word = scalar_to_word(scalar);
        self.absorbed.extend(word);
        self.stream.write_all(&word)
    }
}
