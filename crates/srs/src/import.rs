//! Setups made by others: halo2's raw files and snarkjs' `.ptau`, from ceremonies that are named and pinned.
//!
//! | format | layout |
//! |---|---|
//! | halo2 raw | `k` (4 bytes), `2^k` powers, `2^k` Lagrange points, `[1]_2`, `[tau]_2` |
//! | `.ptau` | `ptau`, version, number of sections; each section: type (4), length (8), content |
//!
//! Sections of a `.ptau` that are read: 1, the field and the size `p`; 2, the powers, `2^(p+1) - 1` of them; 3, those of
//! the second group, `2^p`; 12, the Lagrange bases of every domain from 1 to `2^(p+1)`, one after the other, where the
//! file is prepared for phase 2. Integers are little-endian and coordinates are Montgomery limbs in both formats. snarkjs takes
//! another root of unity than halo2, so its Lagrange points come in another order.
//!
//! A setup for `2^k` rows has `2^k + 1` powers. A halo2 file has one too few for its own `k`: it makes a setup for `k - 1` at the most, whose
//! Lagrange basis it does not hold.
//!
//! What the caller must believe: what is imported went through [`Srs::verify_full`], and it is the setup of a ceremony
//! pinned here, or the one whose id the caller named. That one participant of the ceremony forgot his secret is what
//! nobody can check.

use super::{
    MAX_K, MIN_K, Points, Srs, SrsError, SrsId, check_k, dev, domain_generator,
    file::{self, FileProblem, POINT_G1, POINT_G2, ReadError},
    lagrange, reserve, share,
};
use halo2_proofs::halo2curves::{
    bn256::{Fq, Fr, G1Affine, G2Affine},
    ff::{Field, PrimeField},
    group::prime::PrimeCurveAffine,
};
use std::{
    fmt,
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
};
use veilmark_files::{self as files, Classified, Kind};

/// What a `.ptau` file starts with.
const PTAU_MAGIC: [u8; 4] = *b"ptau";
/// The one version of `.ptau` files.
const PTAU_VERSION: u32 = 1;
/// More sections than any `.ptau` file has.
const MAX_SECTIONS: u32 = 32;
/// The largest size of a ceremony on this curve: the two-adicity of the field.
const MAX_POWER: u32 = Fr::S;

/// A ceremony whose result is pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ceremony {
    /// Perpetual powers of tau after 54 contributions, as in the files that Hermez and snarkjs distribute.
    Hermez,
    /// Perpetual powers of tau after 85 contributions, as in the files of Axiom, OpenVM and EigenDA.
    Axiom,
}

impl Ceremony {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Hermez, Self::Axiom];

    /// The `x` of `[tau]_1`, which pins `tau` up to its sign.
    fn tau_g1_x(self) -> &'static str {
        match self {
            Self::Hermez => "20728631459180945195599883126918614737332401693345742211369865915898638258639",
            Self::Axiom => "5421624913032980671919055010798735843841011930764711817607050648427876929258",
        }
    }

    /// The ceremony of a `[tau]_1`.
    pub(super) fn of(tau_g1: G1Affine) -> Option<Self> {
        Self::ALL.into_iter().find(|ceremony| Fq::from_str_vartime(ceremony.tau_g1_x()) == Some(tau_g1.x))
    }
}

impl fmt::Display for Ceremony {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hermez => "perpetual powers of tau, contribution 54 (Hermez)",
            Self::Axiom => "perpetual powers of tau, contribution 85 (Axiom)",
        })
    }
}

/// Whose setup may be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// That of a [`Ceremony`].
    Pinned,
    /// The one of this id, which the caller has from elsewhere.
    Id(SrsId),
}

/// Why a file is not imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportProblem {
    /// Neither of the formats.
    #[error("neither a halo2 raw setup nor a .ptau file: it starts with {}", hex::encode(.got))]
    Unrecognised {
        /// The first bytes.
        got: Vec<u8>,
    },
    /// A setup in Veilmark's own format.
    #[error("a Veilmark setup already: there is nothing to import")]
    Own,
    /// Not as long as a halo2 file for its `k`.
    #[error("{got} bytes long; a halo2 raw setup for k = {k}, as it starts, has {expected}")]
    RawSize {
        /// The `k` at the start.
        k: u32,
        /// Bytes that this `k` asks for.
        expected: u64,
        /// Bytes of the file.
        got: u64,
    },
    /// A halo2 file by its length, of a `k` that no setup has.
    #[error("a halo2 raw setup for k = {k}, as it starts: {MIN_K} to {MAX_POWER} are possible")]
    RawK {
        /// The `k` at the start.
        k: u32,
    },
    /// A halo2 file with too few powers for any setup.
    #[error("a halo2 raw setup for k = {MIN_K} has a power too few: one for k = {} or more is needed", MIN_K + 1)]
    RawPowers,
    /// Another version of `.ptau`.
    #[error("version {got} of the .ptau format, expected {PTAU_VERSION}")]
    Version {
        /// The version in the file.
        got: u32,
    },
    /// An absurd number of sections.
    #[error("{got} sections, expected at most {MAX_SECTIONS}")]
    Sections {
        /// The number in the file.
        got: u32,
    },
    /// The file ends within its header or a section.
    #[error("cut short: {what} needs {needed} bytes, {left} are left")]
    Truncated {
        /// What was to be read.
        what: &'static str,
        /// Bytes it needs.
        needed: u64,
        /// Bytes left in the file.
        left: u64,
    },
    /// Bytes after the last section.
    #[error("{bytes} bytes follow the last section")]
    Trailing {
        /// How many.
        bytes: u64,
    },
    /// The same section twice.
    #[error("section {section} is there twice")]
    Duplicate {
        /// Its type.
        section: u32,
    },
    /// A section that every file has.
    #[error("section {section} is missing")]
    Missing {
        /// Its type.
        section: u32,
    },
    /// A section of the wrong length.
    #[error("section {section} has {got} bytes, expected {expected}")]
    SectionSize {
        /// Its type.
        section: u32,
        /// Bytes that the header asks for.
        expected: u64,
        /// Bytes of the section.
        got: u64,
    },
    /// Another curve.
    #[error("a setup of another curve: the field of section 1 is not BN254's")]
    Field,
    /// An impossible size.
    #[error(
        "section 1 says 2^{got} points of a ceremony's 2^{ceremony}: {MIN_K} to {MAX_POWER} are possible, and no more"
    )]
    Power {
        /// The size in the file.
        got: u32,
        /// The size of the ceremony, in the file.
        ceremony: u32,
    },
    /// Nobody known made this setup.
    #[error(
        "setup {id} is of no ceremony known here ([tau]_1.x = {tau_g1_x}): if you know it from elsewhere, name its id"
    )]
    UnknownCeremony {
        /// The setup's id.
        id: SrsId,
        /// The `x` of its `[tau]_1`, as a hexadecimal number.
        tau_g1_x: String,
    },
    /// Not the setup the caller named.
    #[error("this is setup {got}, not {expected}")]
    OtherId {
        /// The id asked for.
        expected: SrsId,
        /// The id of the file.
        got: SrsId,
    },
}

impl Classified for ImportProblem {
    fn kind(&self) -> Kind {
        match self {
            Self::Unrecognised { .. } | Self::Own => Kind::WrongFile,
            Self::RawK { .. } | Self::Version { .. } | Self::Field => Kind::Unsupported,
            Self::UnknownCeremony { .. } => Kind::UntrustedSetup,
            _ => Kind::BadSetup,
        }
    }
}

impl Srs {
    /// The ceremony that made this setup, if it is a pinned one.
    pub fn ceremony(&self) -> Option<Ceremony> {
        Ceremony::of(*self.powers.get(1)?)
    }

    /// Imports a halo2 raw or `.ptau` file, told apart by how it starts, for `k` or else for the largest `k` it serves.
    ///
    /// Whose setup it is comes out before any basis is read. Points are read in pieces and every check runs, those of
    /// [`Srs::verify_full`] included, in the memory of the setup that comes out (`128 * 2^k` bytes) and a few mebibytes.
    /// Where the file has no Lagrange basis for `k`, it is computed (see [`Srs::downsized`]), which takes most of the
    /// time; `progress` hears the fraction done.
    pub fn import(path: &Path, k: Option<u32>, trust: Trust, progress: &mut dyn FnMut(f64)) -> Result<Self, SrsError> {
        let (mut file, source) = Source::open(path, k, trust)?;
        let until = if source.has_basis() { 0.2 } else { 0.9 };
        let points = source.points(&mut file, &mut share(progress, 0.0, until)).map_err(|error| error.at(path))?;
        points.verify(&mut share(progress, until, 1.0))?;
        Ok(points.assemble())
    }

    /// Whose setup [`Srs::import`] would make of a file, and its `k`, from the first points alone.
    pub fn identify(path: &Path, k: Option<u32>, trust: Trust) -> Result<(SrsId, u32), SrsError> {
        let (_, source) = Source::open(path, k, trust)?;
        Ok((source.id, source.k))
    }
}

/// A file to import from, once it is known whose setup it is.
struct Source {
    layout: Layout,
    k: u32,
    id: SrsId,
    tau_g2: G2Affine,
}

impl Source {
    fn open(path: &Path, k: Option<u32>, trust: Trust) -> Result<(File, Self), SrsError> {
        if let Some(k) = k {
            check_k(k)?;
        }
        let mut file = files::open(path)?;
        let source = Self::identify(&mut file, k, trust).map_err(|error| error.at(path))?;
        Ok((file, source))
    }

    fn identify(file: &mut File, k: Option<u32>, trust: Trust) -> Result<Self, ReadError> {
        let layout = Layout::read(file)?;
        let k = k.unwrap_or(layout.k.min(MAX_K));
        if k > layout.k {
            return Err(SrsError::TooSmall { wanted: k, have: layout.k }.into());
        }
        let mut g2 = [[0; POINT_G2]; 2];
        file.seek(SeekFrom::Start(layout.g2))?;
        for bytes in &mut g2 {
            file.read_exact(bytes)?;
        }
        file.seek(SeekFrom::Start(layout.powers))?;
        let first = file::read_points(file, None, 2, "powers")?;
        let (tau_g1, tau_g2) = file::heads(&first, &g2)?;
        if tau_g2 == dev::tau_g2() {
            return Err(FileProblem::Disguised.into());
        }
        let id = SrsId::compute(false, tau_g1, tau_g2).ok_or(FileProblem::Pairing)?;
        match trust {
            Trust::Pinned if Ceremony::of(tau_g1).is_none() => {
                let tau_g1_x = format!("{:?}", tau_g1.x);
                return Err(ImportProblem::UnknownCeremony { id, tau_g1_x }.into());
            }
            Trust::Id(expected) if expected != id => return Err(ImportProblem::OtherId { expected, got: id }.into()),
            _ => {}
        }
        Ok(Self { layout, k, id, tau_g2 })
    }

    /// Whether the Lagrange basis is read rather than computed.
    fn has_basis(&self) -> bool {
        self.layout.bases.is_some()
    }

    fn points(&self, file: &mut File, progress: &mut dyn FnMut(f64)) -> Result<Points, ReadError> {
        let (k, n) = (self.k, 1usize << self.k);
        file.seek(SeekFrom::Start(self.layout.powers))?;
        let powers = file::read_points(file, None, n + 1, "powers")?;
        let lagrange = match self.layout.bases {
            Some(start) => {
                // The bases of the smaller domains come first, 2^k - 1 points in all.
                file.seek(SeekFrom::Start(start + (n as u64 - 1) * POINT_G1 as u64))?;
                reordered(file, k)?
            }
            None => lagrange::of_powers(k, &powers, progress)?,
        };
        progress(1.0);
        // [tau]_1 is read twice; a file that changes meanwhile must not pass under the id of what it was.
        if SrsId::compute(false, *powers.get(1).unwrap_or(&G1Affine::generator()), self.tau_g2) != Some(self.id) {
            return Err(FileProblem::Pairing.into());
        }
        Ok(Points { k, powers, lagrange, tau_g2: self.tau_g2, id: self.id })
    }
}

/// Reads a Lagrange basis in snarkjs' order and puts each point where halo2 has it: their domain starts from the power of
/// 5, the smallest non-residue.
fn reordered(file: &mut File, k: u32) -> Result<Vec<G1Affine>, ReadError> {
    let n = 1usize << k;
    let root = (k..Fr::S).fold(Fr::from(5).pow_vartime(odd_part()), |root, _| root.square());
    let step = logarithm(k, root);
    let mut points = reserve(n)?;
    points.resize(n, G1Affine::identity());
    let mut next = 0usize;
    file::read_pieces(file, None, n, "Lagrange basis", &mut |piece| {
        for point in piece {
            if let Some(place) = points.get_mut(next) {
                *place = *point;
            }
            next = next.wrapping_add(step) & (n - 1);
        }
    })?;
    Ok(points)
}

/// `(r - 1) / 2^28`.
fn odd_part() -> [u64; 4] {
    let mut limbs = [0; 4];
    for (limb, bytes) in limbs.iter_mut().zip((-Fr::ONE).to_repr().chunks_exact(8)) {
        *limb = bytes.iter().rev().fold(0, |limb, &byte| (limb << 8) | u64::from(byte));
    }
    let above = [limbs[1], limbs[2], limbs[3], 0];
    std::array::from_fn(|i| (limbs[i] >> Fr::S) | (above[i] << (u64::BITS - Fr::S)))
}

/// The `e` with `omega^e = root` in the domain `2^k`, bit by bit from the lowest.
fn logarithm(k: u32, root: Fr) -> usize {
    let (mut exponent, mut rest) = (0, root);
    let mut power = domain_generator(k).invert().unwrap_or(Fr::ONE);
    for bit in 0..k {
        if rest.pow_vartime([1u64 << (k - 1 - bit)]) != Fr::ONE {
            exponent |= 1 << bit;
            rest *= power;
        }
        power = power.square();
    }
    exponent
}

/// Where the points are in a file.
struct Layout {
    /// The largest domain that the powers serve.
    k: u32,
    powers: u64,
    g2: u64,
    /// The Lagrange bases of every domain, the smallest first, where the file has them.
    bases: Option<u64>,
}

impl Layout {
    fn read(file: &mut File) -> Result<Self, ReadError> {
        let length = file.metadata()?.len();
        let mut start = Vec::new();
        Read::by_ref(file).take(file::MAGIC.len() as u64).read_to_end(&mut start)?;
        if start == file::MAGIC {
            return Err(ImportProblem::Own.into());
        }
        match start.first_chunk() {
            Some(&PTAU_MAGIC) => Self::of_ptau(file, length),
            Some(&k) if (MIN_K..=MAX_POWER).contains(&u32::from_le_bytes(k)) => {
                Self::of_raw(u32::from_le_bytes(k), length)
            }
            Some(&k) if raw_length(u32::from_le_bytes(k)) == Some(length) => {
                Err(ImportProblem::RawK { k: u32::from_le_bytes(k) }.into())
            }
            _ => Err(ImportProblem::Unrecognised { got: start }.into()),
        }
    }

    fn of_raw(k: u32, length: u64) -> Result<Self, ReadError> {
        let powers = 4;
        let g2 = powers + ((2 * POINT_G1 as u64) << k);
        let expected = g2 + 2 * POINT_G2 as u64;
        if length != expected {
            return Err(ImportProblem::RawSize { k, expected, got: length }.into());
        }
        if k == MIN_K {
            return Err(ImportProblem::RawPowers.into());
        }
        Ok(Self { k: k - 1, powers, g2, bases: None })
    }

    fn of_ptau(file: &mut File, length: u64) -> Result<Self, ReadError> {
        let mut reader = Bounded { file, at: PTAU_MAGIC.len() as u64, length };
        let version = reader.word("the version")?;
        if version != PTAU_VERSION {
            return Err(ImportProblem::Version { got: version }.into());
        }
        let count = reader.word("the number of sections")?;
        if count > MAX_SECTIONS {
            return Err(ImportProblem::Sections { got: count }.into());
        }
        let mut sections: Vec<Section> = Vec::new();
        for _ in 0..count {
            let kind = reader.word("the type of a section")?;
            let mut bytes = [0; 8];
            reader.bytes("the length of a section", &mut bytes)?;
            let size = u64::from_le_bytes(bytes);
            if sections.iter().any(|section| section.kind == kind) {
                return Err(ImportProblem::Duplicate { section: kind }.into());
            }
            sections.push(Section { kind, start: reader.at, size });
            reader.skip("a section", size)?;
        }
        if reader.at != length {
            return Err(ImportProblem::Trailing { bytes: length - reader.at }.into());
        }
        let find = |kind| sections.iter().find(|section| section.kind == kind);
        let section = |kind| find(kind).ok_or(ImportProblem::Missing { section: kind });

        let header = section(1)?;
        header.has(44)?;
        reader.at = header.start;
        let mut modulus = [0; 36];
        reader.bytes("the field", &mut modulus)?;
        let (coordinate, modulus) = modulus.split_at(4);
        if coordinate != 32u32.to_le_bytes() || modulus != modulus_bytes() {
            return Err(ImportProblem::Field.into());
        }
        let (power, ceremony) = (reader.word("the size")?, reader.word("the size of the ceremony")?);
        if !(MIN_K..=MAX_POWER).contains(&power) || power > ceremony {
            return Err(ImportProblem::Power { got: power, ceremony }.into());
        }

        let (powers, g2) = (section(2)?, section(3)?);
        powers.has(((2 << power) - 1) * POINT_G1 as u64)?;
        g2.has((POINT_G2 as u64) << power)?;
        let bases = match find(12) {
            None => None,
            Some(bases) => {
                // The domain 2^(p+1) does not exist for the largest p.
                let largest = (power + 1).min(Fr::S);
                bases.has(((2 << largest) - 1) * POINT_G1 as u64)?;
                Some(bases.start)
            }
        };
        Ok(Self { k: power, powers: powers.start, g2: g2.start, bases })
    }
}

/// Bytes of a halo2 file for `k`, where there can be so many.
fn raw_length(k: u32) -> Option<u64> {
    let points = (2 * POINT_G1 as u64).checked_mul(1u64.checked_shl(k)?)?;
    points.checked_add(4 + 2 * POINT_G2 as u64)
}

/// A section of a `.ptau` file.
struct Section {
    kind: u32,
    start: u64,
    size: u64,
}

impl Section {
    fn has(&self, expected: u64) -> Result<(), ImportProblem> {
        let problem = ImportProblem::SectionSize { section: self.kind, expected, got: self.size };
        if self.size == expected { Ok(()) } else { Err(problem) }
    }
}

/// Reads from a file whose length is known, and never past it.
struct Bounded<'a> {
    file: &'a mut File,
    at: u64,
    length: u64,
}

impl Bounded<'_> {
    /// Steps over bytes that are known to be there.
    fn skip(&mut self, what: &'static str, bytes: u64) -> Result<(), ImportProblem> {
        let left = self.length.saturating_sub(self.at);
        if bytes > left {
            return Err(ImportProblem::Truncated { what, needed: bytes, left });
        }
        self.at += bytes;
        Ok(())
    }

    fn bytes(&mut self, what: &'static str, bytes: &mut [u8]) -> Result<(), ReadError> {
        let start = self.at;
        self.skip(what, bytes.len() as u64)?;
        self.file.seek(SeekFrom::Start(start))?;
        Ok(self.file.read_exact(bytes)?)
    }

    fn word(&mut self, what: &'static str) -> Result<u32, ReadError> {
        let mut bytes = [0; 4];
        self.bytes(what, &mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }
}

/// The modulus `q`, from the lowest byte.
fn modulus_bytes() -> [u8; 32] {
    // q is odd, so q is q - 1 with the lowest bit set.
    let mut bytes = (-Fq::ONE).to_repr();
    bytes[0] |= 1;
    bytes
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
