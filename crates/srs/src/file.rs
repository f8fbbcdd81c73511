//! The setup on disk: a header, then its points.
//!
//! | bytes | what |
//! |---|---|
//! | 0..8 | magic `VEILSRS` and a line feed |
//! | 8..12 | version, 2 |
//! | 12..16 | `k` |
//! | 16..20 | flags: bit 0, unsafe development setup; the others are 0 |
//! | 20..32 | zero |
//! | 32..64 | [`SrsId`] |
//! | 64..96 | Keccak-256 of all that follows |
//! | 96.. | `2^k + 1` powers, `2^k` Lagrange points, `[1]_2`, `[tau]_2`: Montgomery limbs, as halo2 writes points |
//!
//! Integers are little-endian. The digest finds damage, not malice: whoever makes a file makes its digest. Against
//! malice stand the checks of every point, of the pairing and of the id, and [`Srs::verify_full`].

use super::{
    Ceremony, ImportProblem, MAX_K, MIN_K, Points, Srs, SrsError, SrsId, check_k, dev, lagrange, reserve, share, verify,
};
use halo2_proofs::halo2curves::{
    bn256::{G1Affine, G2Affine},
    group::{cofactor::CofactorGroup, prime::PrimeCurveAffine},
    serde::SerdeObject,
};
use rayon::prelude::*;
use sha3::{Digest, Keccak256};
use std::{
    fs::File,
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
    path::Path,
};
use veilmark_files::{self as files, Access, Classified, Existing, Kind};

/// What a setup's file starts with.
pub(super) const MAGIC: [u8; 8] = *b"VEILSRS\n";
/// The one version of the format.
const VERSION: u32 = 2;
/// The flag of the development setup.
const FLAG_UNSAFE: u32 = 1;
/// Bytes of the header.
pub(super) const HEADER: usize = 96;
/// Bytes of a point of the first group.
pub(super) const POINT_G1: usize = 64;
/// Bytes of a point of the second group.
pub(super) const POINT_G2: usize = 128;
/// Points read, checked and hashed at a time: 1 MiB.
const CHUNK: usize = 1 << 14;

/// What is wrong with a setup's file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileProblem {
    /// A folder, a pipe, a device.
    #[error("not a regular file")]
    NotAFile,
    /// Another kind of file.
    #[error("not a Veilmark trusted setup: the magic bytes are {}, expected {}", hex::encode(.got), hex::encode(MAGIC))]
    Magic {
        /// The first bytes of the file.
        got: Vec<u8>,
    },
    /// Made by another version of Veilmark.
    #[error("version {got} of the trusted setup format, expected {VERSION}")]
    Version {
        /// The version in the file.
        got: u32,
    },
    /// A `k` outside what setups have.
    #[error("header field k is {got}: {MIN_K} to {MAX_K} are supported")]
    K {
        /// The `k` in the header.
        got: u32,
    },
    /// Flags that this version does not know.
    #[error("header field flags is {got:#x}: only {FLAG_UNSAFE:#x} is known")]
    Flags {
        /// The flags in the header.
        got: u32,
    },
    /// Reserved bytes are in use.
    #[error("the reserved bytes of the header are not zero")]
    Reserved,
    /// Cut short, or something appended.
    #[error("damaged: {got} bytes long, expected {expected}")]
    Size {
        /// Bytes that the header's `k` asks for.
        expected: u64,
        /// Bytes of the file.
        got: u64,
    },
    /// Not a finite point of the curve.
    #[error("point {index} of the {basis} is not a point of the curve")]
    Point {
        /// `powers` or `Lagrange basis`.
        basis: &'static str,
        /// Counted from 0.
        index: usize,
    },
    /// The bytes changed since they were written.
    #[error("damaged: the digest of the body is {}, the header says {}", hex::encode(.got), hex::encode(.expected))]
    Digest {
        /// The digest in the header.
        expected: [u8; 32],
        /// The digest of the body.
        got: [u8; 32],
    },
    /// A basis does not start at the generator.
    #[error("the {group} points do not start with the generator")]
    Generator {
        /// `G1` or `G2`.
        group: &'static str,
    },
    /// `[tau]_2` is not in the group.
    #[error("[tau]_2 is not a finite point of the second group")]
    TauG2,
    /// `[tau]_1` and `[tau]_2` have different secrets.
    #[error("[tau]_1 and [tau]_2 do not hold the same secret")]
    Pairing,
    /// `[tau]_1` is a pinned ceremony's and `[tau]_2` is not.
    #[error("[tau]_1 is that of {ceremony}, but [tau]_2 holds another secret: it is of another setup")]
    OtherTauG2 {
        /// Whose `[tau]_1` it is.
        ceremony: Ceremony,
    },
    /// The secret is public, and the file does not say so.
    #[error("this is the development setup, whose secret is public, without its unsafe flag")]
    Disguised,
    /// Marked as the development setup, which it is not.
    #[error("marked as the development setup, but its secret is another one")]
    NotDevelopment,
    /// The id is of another setup.
    #[error("the points are those of setup {got}, the header says {expected}")]
    Id {
        /// The id in the header.
        expected: SrsId,
        /// The id of the points.
        got: SrsId,
    },
}

impl Classified for FileProblem {
    fn kind(&self) -> Kind {
        match self {
            Self::NotAFile | Self::Magic { .. } => Kind::WrongFile,
            Self::Version { .. } | Self::K { .. } => Kind::Unsupported,
            _ => Kind::BadSetup,
        }
    }
}

/// The first 96 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) k: u32,
    pub(super) is_unsafe: bool,
    pub(super) id: SrsId,
    pub(super) digest: [u8; 32],
}

impl Header {
    /// Reads as much as the header of a file needs, and checks it against the file's length.
    pub(super) fn read(file: &mut File) -> Result<Self, ReadError> {
        let length = file.metadata()?.len();
        let mut bytes = Vec::with_capacity(HEADER);
        file.take(HEADER as u64).read_to_end(&mut bytes)?;
        Ok(Self::parse(&bytes, length)?)
    }

    fn parse(mut bytes: &[u8], length: u64) -> Result<Self, FileProblem> {
        let magic = bytes.get(..MAGIC.len()).unwrap_or(bytes);
        if magic != MAGIC {
            return Err(FileProblem::Magic { got: magic.to_vec() });
        }
        let short = FileProblem::Size { expected: HEADER as u64, got: length };
        let mut next = |n: usize| {
            let (field, rest) = bytes.split_at_checked(n)?;
            bytes = rest;
            Some(field)
        };
        let mut field = |n: usize| next(n).ok_or_else(|| short.clone());
        let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, &byte| (word << 8) | u32::from(byte));

        field(MAGIC.len())?;
        let version = word(field(4)?);
        if version != VERSION {
            return Err(FileProblem::Version { got: version });
        }
        let k = word(field(4)?);
        if !(MIN_K..=MAX_K).contains(&k) {
            return Err(FileProblem::K { got: k });
        }
        let flags = word(field(4)?);
        if flags & !FLAG_UNSAFE != 0 {
            return Err(FileProblem::Flags { got: flags });
        }
        if field(12)?.iter().any(|&byte| byte != 0) {
            return Err(FileProblem::Reserved);
        }
        let (mut id, mut digest) = ([0; 32], [0; 32]);
        id.copy_from_slice(field(32)?);
        digest.copy_from_slice(field(32)?);
        if length != file_len(k) {
            return Err(FileProblem::Size { expected: file_len(k), got: length });
        }
        Ok(Self { k, is_unsafe: flags == FLAG_UNSAFE, id: SrsId(id), digest })
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER);
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(self.k.to_le_bytes());
        bytes.extend(if self.is_unsafe { FLAG_UNSAFE } else { 0 }.to_le_bytes());
        bytes.extend([0; 12]);
        bytes.extend(self.id.0);
        bytes.extend(self.digest);
        bytes
    }
}

/// Bytes of the whole file.
pub(super) fn file_len(k: u32) -> u64 {
    HEADER as u64 + (POINT_G1 as u64) * ((2 << k) + 1) + 2 * POINT_G2 as u64
}

/// An error before the path is known.
#[derive(Debug)]
pub(super) enum ReadError {
    Io(io::Error),
    Problem(FileProblem),
    Import(ImportProblem),
    Other(SrsError),
}

impl ReadError {
    pub(super) fn at(self, path: &Path) -> SrsError {
        match self {
            Self::Io(source) => SrsError::Io { path: path.into(), source },
            Self::Problem(problem) => SrsError::File { path: path.into(), problem },
            Self::Import(problem) => SrsError::Import { path: path.into(), problem },
            Self::Other(error) => error,
        }
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<FileProblem> for ReadError {
    fn from(problem: FileProblem) -> Self {
        Self::Problem(problem)
    }
}

impl From<ImportProblem> for ReadError {
    fn from(problem: ImportProblem) -> Self {
        Self::Import(problem)
    }
}

impl From<SrsError> for ReadError {
    fn from(error: SrsError) -> Self {
        Self::Other(error)
    }
}

impl Srs {
    /// Reads a setup and checks all but the higher powers (see [`Srs::verify_full`]).
    ///
    /// Nothing is allocated before the file's length fits its header; at most one mebibyte is held beyond the points.
    pub fn read(path: &Path) -> Result<Self, SrsError> {
        let mut file = files::open(path)?;
        read_points_of(&mut file, None, &mut |_| ()).map(Points::assemble).map_err(|error| error.at(path))
    }

    /// [`Srs::read`] for a smaller domain: what [`Srs::downsized`] makes of it, in the memory of the smaller setup.
    ///
    /// The whole file is read for its digest; of its points only those that the smaller domain has are looked at.
    /// `progress` hears the fraction of the Lagrange basis, which is computed.
    pub fn read_at(path: &Path, k: u32, progress: &mut dyn FnMut(f64)) -> Result<Self, SrsError> {
        check_k(k)?;
        let mut file = files::open(path)?;
        read_points_of(&mut file, Some(k), progress).map(Points::assemble).map_err(|error| error.at(path))
    }

    /// [`Srs::read`] or [`Srs::read_at`], and then every check of [`Srs::verify_full`], in the memory of the setup that
    /// comes out and a few mebibytes.
    pub fn read_verified(path: &Path, k: Option<u32>, progress: &mut dyn FnMut(f64)) -> Result<Self, SrsError> {
        if let Some(k) = k {
            check_k(k)?;
        }
        let mut file = files::open(path)?;
        let until = if k.is_some() { 0.9 } else { 0.1 };
        let points = read_points_of(&mut file, k, &mut share(progress, 0.0, until)).map_err(|error| error.at(path))?;
        points.verify(&mut share(progress, until, 1.0))?;
        Ok(points.assemble())
    }

    /// Writes the setup to `path`, whole or not at all.
    ///
    /// The bytes go to a temporary file in the same folder, which then takes the name in one step: no reader sees half
    /// a file, and of two writers one wins. On any error, a full disk included, the temporary file is removed.
    pub fn write(&self, path: &Path, existing: Existing) -> Result<(), SrsError> {
        files::write_atomically(path, existing, Access::Umask, |file| {
            file.write_all(&[0; HEADER])?;
            let mut body = BufWriter::with_capacity(1 << 20, Hashing { inner: &mut *file, hash: Keccak256::new() });
            for point in self.powers.iter().chain(&self.lagrange) {
                point.write_raw(&mut body)?;
            }
            G2Affine::generator().write_raw(&mut body)?;
            self.tau_g2().write_raw(&mut body)?;
            let digest = body.into_inner().map_err(io::IntoInnerError::into_error)?.hash.finalize().into();
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&self.header(digest).to_bytes())
        })
        .map_err(SrsError::from)
    }

    fn header(&self, digest: [u8; 32]) -> Header {
        Header { k: self.k(), is_unsafe: self.is_unsafe(), id: self.id(), digest }
    }
}

/// Header and body, cut to a smaller `k` if there is one.
fn read_points_of(file: &mut File, k: Option<u32>, progress: &mut dyn FnMut(f64)) -> Result<Points, ReadError> {
    let header = Header::read(file)?;
    read_body(file, &header, k.unwrap_or(header.k), progress)
}

/// Hashes what passes through.
struct Hashing<W> {
    inner: W,
    hash: Keccak256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn read_body(
    reader: &mut (impl Read + Send),
    header: &Header,
    k: u32,
    progress: &mut dyn FnMut(f64),
) -> Result<Points, ReadError> {
    if k > header.k {
        return Err(SrsError::TooSmall { wanted: k, have: header.k }.into());
    }
    let mut hash = Keccak256::new();
    let (n, all) = (1usize << k, 1u64 << header.k);
    let powers = read_points(reader, Some(&mut hash), n + 1, "powers")?;
    let stored = if k == header.k {
        Some(read_points(reader, Some(&mut hash), n, "Lagrange basis")?)
    } else {
        // The powers beyond, and the whole basis of the larger domain.
        pass_over(reader, &mut hash, (2 * all - n as u64) * POINT_G1 as u64)?;
        None
    };
    let mut g2 = [[0; POINT_G2]; 2];
    for bytes in &mut g2 {
        reader.read_exact(bytes)?;
        hash.update(&bytes);
    }
    let digest: [u8; 32] = hash.finalize().into();
    if digest != header.digest {
        return Err(FileProblem::Digest { expected: header.digest, got: digest }.into());
    }
    if reader.read(&mut [0])? != 0 {
        // The length fitted when the file was opened: someone is still writing.
        return Err(FileProblem::Size { expected: file_len(header.k), got: file_len(header.k) + 1 }.into());
    }

    let (tau_g1, tau_g2) = heads(&powers, &g2)?;
    match (header.is_unsafe, tau_g2 == dev::tau_g2()) {
        (false, true) => return Err(FileProblem::Disguised.into()),
        (true, false) => return Err(FileProblem::NotDevelopment.into()),
        _ => {}
    }
    let id = SrsId::compute(header.is_unsafe, tau_g1, tau_g2).ok_or(FileProblem::Pairing)?;
    if id != header.id {
        return Err(FileProblem::Id { expected: header.id, got: id }.into());
    }
    let lagrange = match stored {
        Some(lagrange) => lagrange,
        None if header.is_unsafe => dev::lagrange(k, progress)?,
        None => lagrange::of_powers(k, &powers, progress)?,
    };
    Ok(Points { k, powers, lagrange, tau_g2, id })
}

/// Hashes bytes that are not needed.
fn pass_over(reader: &mut impl Read, hash: &mut Keccak256, mut bytes: u64) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK * POINT_G1];
    while bytes > 0 {
        let piece = usize::try_from(bytes).unwrap_or(usize::MAX).min(buffer.len());
        buffer.truncate(piece);
        reader.read_exact(&mut buffer)?;
        hash.update(&buffer);
        bytes -= piece as u64;
    }
    Ok(())
}

/// `[tau]_1` and `[tau]_2`, once both groups start with their generators and the two hold the same secret.
pub(super) fn heads(powers: &[G1Affine], g2: &[[u8; POINT_G2]; 2]) -> Result<(G1Affine, G2Affine), FileProblem> {
    let [one_g2, tau_g2] = g2;
    if G2Affine::from_raw_bytes(one_g2) != Some(G2Affine::generator()) {
        return Err(FileProblem::Generator { group: "G2" });
    }
    let tau_g2 = group_g2(tau_g2).ok_or(FileProblem::TauG2)?;
    match powers {
        [one, tau_g1, ..] if *one == G1Affine::generator() => {
            if verify::same_secret(*one, *tau_g1, tau_g2) {
                return Ok((*tau_g1, tau_g2));
            }
            Err(Ceremony::of(*tau_g1).map_or(FileProblem::Pairing, |ceremony| FileProblem::OtherTauG2 { ceremony }))
        }
        _ => Err(FileProblem::Generator { group: "G1" }),
    }
}

/// Reads `n` points, each a finite point of the curve.
pub(super) fn read_points(
    reader: &mut impl Read,
    hash: Option<&mut Keccak256>,
    n: usize,
    basis: &'static str,
) -> Result<Vec<G1Affine>, ReadError> {
    let mut points = reserve(n)?;
    read_pieces(reader, hash, n, basis, &mut |piece| points.extend_from_slice(piece))?;
    Ok(points)
}

/// Reads `n` points and hands them over in pieces, each a finite point of the curve; hashing and checking run side by
/// side.
pub(super) fn read_pieces(
    reader: &mut impl Read,
    mut hash: Option<&mut Keccak256>,
    n: usize,
    basis: &'static str,
    take: &mut dyn FnMut(&[G1Affine]),
) -> Result<(), ReadError> {
    let mut bytes = vec![0; CHUNK.min(n) * POINT_G1];
    let mut points = vec![G1Affine::identity(); CHUNK.min(n)];
    let mut first = 0;
    while first < n {
        points.truncate(n - first);
        bytes.truncate(points.len() * POINT_G1);
        reader.read_exact(&mut bytes)?;
        // Infinity stands for a bad point: no basis contains it, as tau is neither 0 nor in the domain.
        let (_, bad) = rayon::join(
            || hash.as_deref_mut().map(|hash| hash.update(&bytes)),
            || {
                points.par_iter_mut().zip(bytes.par_chunks_exact(POINT_G1)).for_each(|(point, bytes)| {
                    *point = G1Affine::from_raw_bytes(bytes).unwrap_or(G1Affine::identity());
                });
                points.iter().position(|point| bool::from(point.is_identity()))
            },
        );
        if let Some(index) = bad {
            return Err(FileProblem::Point { basis, index: first + index }.into());
        }
        take(&points);
        first += points.len();
    }
    Ok(())
}

/// A finite point of the second group: on the curve, and in the subgroup of order `r`, which is a small part of it.
fn group_g2(bytes: &[u8; POINT_G2]) -> Option<G2Affine> {
    let point = G2Affine::from_raw_bytes(bytes)?;
    let in_group = point.to_curve().is_torsion_free() & !point.is_identity();
    bool::from(in_group).then_some(point)
}

#[cfg(test)]
#[path = "file_tests.rs"]
pub(super) mod tests;
