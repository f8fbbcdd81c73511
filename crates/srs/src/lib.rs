//! The trusted setup: the powers of a secret `tau` that KZG commitments stand on.
//!
//! A setup is `[tau^i]_1` for `i <= 2^k`, the Lagrange basis of the domain `2^k`, and `[tau]_2`. (The last power hides the
//! quotient of a proof, see `docs/zero-knowledge.md`.) Whoever
//! knows `tau` opens every commitment to anything, so a setup is worth what its ceremony is worth. Commitments,
//! verifying keys and proofs agree only where the setup does; [`SrsId`] names it everywhere it matters.
//!
//! What the caller must believe: [`Srs::read`] returns points of the curve, the first two of which fit `[tau]_2`, under
//! an id that was recomputed from them. The powers beyond and the Lagrange basis are believed until
//! [`Srs::verify_full`] has run, which is for a file from elsewhere before its first use: a verifier reads `[tau]_2`
//! alone, but keys computed from wrong points are keys of another circuit, and commitments to them need not hide. The
//! development setup ([`Srs::dev`]) has a *public* `tau` and protects nothing: its id says `unsafe-dev-`, no file can
//! drop that mark, and none can carry it with another secret.

mod dev;
mod file;
mod fixed_base;
mod import;
mod lagrange;
mod lanes;
mod store;
mod verifier;
mod verify;

pub use file::FileProblem;
pub use import::{Ceremony, ImportProblem, Trust};
pub use store::{Listing, Stored, default_dir, file_name, find, list, stored_at};
pub use verifier::SrsVerifier;

use halo2_proofs::{
    SerdeFormat,
    halo2curves::{
        bn256::{Bn256, Fr, G1Affine, G2Affine},
        ff::PrimeField,
        serde::SerdeObject,
    },
    poly::kzg::commitment::ParamsKZG,
};
use sha3::{Digest, Keccak256};
use std::{fmt, io, path::PathBuf, str::FromStr};
use veilmark_files::{Classified, FileError, Kind};
use veilmark_halo2::Setup;
use veilmark_transcript::{WORD, point_to_words};

/// The smallest `k` of a setup: below, `[tau]_1` is not one of its points.
pub const MIN_K: u32 = 1;
/// The largest `k` of a setup: 2 GiB of points.
pub const MAX_K: u32 = 24;
/// Separates setup ids from every other hash of ours.
pub const ID_DOMAIN: &str = "veilmark srs v1";
/// What the text form of an unsafe setup's id starts with.
pub const UNSAFE_PREFIX: &str = "unsafe-dev-";

/// The name of a setup: a hash of `[tau]_1` and `[tau]_2`, the same for every `k`.
///
/// `keccak256("veilmark srs v1" ‖ flags ‖ [tau]_1 as x ‖ y ‖ [tau]_2 as x.c0 ‖ x.c1 ‖ y.c0 ‖ y.c1)`, big-endian words;
/// flags is the byte 1 for the development setup and 0 for any other.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SrsId(pub [u8; WORD]);

impl SrsId {
    /// The one unsafe setup there is: [`Srs::dev`]'s, whose `tau` is public.
    pub const DEVELOPMENT: Self = Self([
        0x2b, 0xd4, 0x58, 0xd5, 0x69, 0x29, 0x45, 0x72, 0x68, 0xba, 0x8e, 0xa3, 0xa0, 0x26, 0x12, 0x43, 0x2c, 0x71,
        0xb3, 0x8f, 0xf9, 0x5e, 0x36, 0x4e, 0x75, 0xc5, 0xae, 0xbd, 0x9c, 0x2d, 0xcb, 0xbe,
    ]);

    /// The id as a word, as files and JSON have it: `0x` and 64 digits. Whether the setup is unsafe is said beside it.
    pub fn word(&self) -> String {
        format!("0x{}", hex::encode(self.0))
    }

    /// Whether this is the development setup, under which any statement can be "proved".
    pub fn is_unsafe(&self) -> bool {
        *self == Self::DEVELOPMENT
    }

    /// The id of a setup; `None` where `[tau]_1` is the point at infinity.
    fn compute(is_unsafe: bool, tau_g1: G1Affine, tau_g2: G2Affine) -> Option<Self> {
        let mut hash = Keccak256::new();
        hash.update(ID_DOMAIN);
        hash.update([u8::from(is_unsafe)]);
        hash.update(point_to_words(tau_g1)?);
        for coordinate in [tau_g2.x.c0, tau_g2.x.c1, tau_g2.y.c0, tau_g2.y.c1] {
            let mut word = coordinate.to_repr();
            word.reverse();
            hash.update(word);
        }
        Some(Self(hash.finalize().into()))
    }
}

impl fmt::Display for SrsId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = if self.is_unsafe() { UNSAFE_PREFIX } else { "" };
        write!(f, "{prefix}0x{}", hex::encode(self.0))
    }
}

impl fmt::Debug for SrsId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SrsId({self})")
    }
}

impl FromStr for SrsId {
    type Err = SrsIdError;

    /// Reads the word, as files and JSON have it, and the text that people are shown, which has `unsafe-dev-` before the development
    /// setup's word.
    fn from_str(text: &str) -> Result<Self, SrsIdError> {
        let mut bytes = [0; WORD];
        let digits = text.strip_prefix(UNSAFE_PREFIX).unwrap_or(text);
        let digits = digits.strip_prefix("0x").unwrap_or(digits);
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| SrsIdError::NotHex)?;
        let id = Self(bytes);
        // a ceremony's digits may stand alone, as elsewhere; the development setup's never without a mark of some kind
        let is_spelled = id.word() == text || id.to_string() == text || (!id.is_unsafe() && hex::encode(bytes) == text);
        if is_spelled { Ok(id) } else { Err(SrsIdError::NotCanonical { expected: id }) }
    }
}

/// Why a text is not a setup's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SrsIdError {
    /// Not 64 hexadecimal digits.
    #[error("a setup id is 0x and 64 hexadecimal digits")]
    NotHex,
    /// The right bytes in another spelling, or the mark of the development setup dropped or added.
    #[error("this setup id is written {expected}")]
    NotCanonical {
        /// The id as it is written.
        expected: SrsId,
    },
}

/// A trusted setup in memory.
#[derive(Clone)]
pub struct Srs {
    k: u32,
    /// `2^k + 1` of them.
    powers: Vec<G1Affine>,
    /// `2^k` of them.
    lagrange: Vec<G1Affine>,
    verifier: SrsVerifier,
}

impl fmt::Debug for Srs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Srs").field("k", &self.k()).field("id", &self.id()).finish_non_exhaustive()
    }
}

impl Srs {
    /// The development setup: a *public* `tau`, the same on every machine, so that keys, commitments and bundles agree.
    ///
    /// `progress` hears the fraction done, from 0 to 1, on the calling thread.
    pub fn dev(k: u32, progress: &mut dyn FnMut(f64)) -> Result<Self, SrsError> {
        check_k(k)?;
        let (powers, lagrange) = dev::points(k, progress)?;
        Ok(Points { k, powers, lagrange, tau_g2: dev::tau_g2(), id: SrsId::DEVELOPMENT }.assemble())
    }

    /// The logarithm of the number of rows.
    pub fn k(&self) -> u32 {
        self.k
    }

    /// The points, for whoever commits or proves.
    ///
    /// # Panics
    /// Never: a setup has as many points as it says.
    pub fn setup(&self) -> Setup<'_> {
        Setup::new(&self.powers, &self.lagrange).expect("a setup has 2^k Lagrange points and a power more")
    }

    /// A copy of the points as halo2's own prover takes them: for tests, which hold ours against it.
    pub fn to_params(&self) -> ParamsKZG<Bn256> {
        let powers = self.powers[..1 << self.k].to_vec();
        assemble(self.k, powers, self.lagrange.clone(), self.tau_g2())
    }

    /// The setup's name, which does not depend on `k`.
    pub fn id(&self) -> SrsId {
        self.verifier.id()
    }

    /// Whether `tau` is public: development only.
    pub fn is_unsafe(&self) -> bool {
        self.id().is_unsafe()
    }

    /// `[tau]_2`, the one point of the setup a verifier needs.
    pub fn tau_g2(&self) -> G2Affine {
        self.verifier.tau_g2()
    }

    /// The same setup for a smaller domain, under the same id.
    ///
    /// The Lagrange basis of the smaller domain is not part of the larger one and is computed again: at once where
    /// `tau` is public, and otherwise by a Fourier transform of curve points, which takes a minute at `k` = 18 and
    /// twice as long for every next one.
    pub fn downsized(self, k: u32) -> Result<Self, SrsError> {
        self.downsized_with(k, &mut |_| ())
    }

    /// [`Srs::downsized`], telling `progress` the fraction done.
    pub fn downsized_with(mut self, k: u32, progress: &mut dyn FnMut(f64)) -> Result<Self, SrsError> {
        check_k(k)?;
        if k > self.k() {
            return Err(SrsError::TooSmall { wanted: k, have: self.k() });
        }
        if k < self.k() {
            let mut powers = std::mem::take(&mut self.powers);
            powers.truncate((1 << k) + 1);
            let lagrange = match self.is_unsafe() {
                true => dev::lagrange(k, progress)?,
                false => lagrange::of_powers(k, &powers, progress)?,
            };
            self = Points { k, powers, lagrange, tau_g2: self.tau_g2(), id: self.id() }.assemble();
        }
        Ok(self)
    }
}

/// The points of a setup on their way to one.
struct Points {
    k: u32,
    powers: Vec<G1Affine>,
    lagrange: Vec<G1Affine>,
    tau_g2: G2Affine,
    id: SrsId,
}

impl Points {
    /// Moves the points; none is copied.
    fn assemble(self) -> Srs {
        let Self { k, powers, lagrange, tau_g2, id } = self;
        let tau_g1 = powers.get(1).copied().unwrap_or_default();
        Srs { k, powers, lagrange, verifier: SrsVerifier::of_checked(k, id, tau_g1, tau_g2) }
    }
}

impl fmt::Debug for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Points").field("k", &self.k).field("id", &self.id).finish_non_exhaustive()
    }
}

/// Progress of one step among several, which takes the whole from one fraction to another.
fn share(progress: &mut dyn FnMut(f64), from: f64, to: f64) -> impl FnMut(f64) {
    move |done| progress(from + done * (to - from))
}

fn check_k(k: u32) -> Result<(), SrsError> {
    if (MIN_K..=MAX_K).contains(&k) { Ok(()) } else { Err(SrsError::UnsupportedK { got: k }) }
}

/// The proof system's parameters around given points.
///
/// For the reference prover, and with one power for verifiers. Its only constructor from points is a method of parameters that exist, and its own setup must not run, so the method
/// is called on parameters of one point that are read from bytes.
fn assemble(k: u32, powers: Vec<G1Affine>, lagrange: Vec<G1Affine>, tau_g2: G2Affine) -> ParamsKZG<Bn256> {
    let (g1, g2) = (G1Affine::generator(), G2Affine::generator());
    let mut bytes = 0u32.to_le_bytes().to_vec();
    for part in [g1.to_raw_bytes(), g1.to_raw_bytes(), g2.to_raw_bytes(), g2.to_raw_bytes()] {
        bytes.extend(part);
    }
    let tiny = ParamsKZG::<Bn256>::read_custom(&mut bytes.as_slice(), SerdeFormat::RawBytes)
        .expect("the bytes hold the counter and the four generators that are read");
    tiny.from_parts(k, powers, Some(lagrange), g2, tau_g2)
}

/// The generator of the domain `2^k`.
fn domain_generator(k: u32) -> Fr {
    (k..Fr::S).fold(Fr::ROOT_OF_UNITY, |root, _| root.square())
}

/// Room for `n` points, or an error where the machine has none.
fn reserve(n: usize) -> Result<Vec<G1Affine>, SrsError> {
    let mut points = Vec::new();
    points.try_reserve_exact(n).map_err(|_| SrsError::Memory { bytes: n.saturating_mul(file::POINT_G1) })?;
    Ok(points)
}

/// Why there is no setup.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SrsError {
    /// The operating system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// A file is in the way.
    #[error("{path}: exists already and is left as it is")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Nothing stored is large enough.
    #[error("no trusted setup for k = {k} in {dir}{}", passed_over(.unusable))]
    Missing {
        /// The `k` wanted.
        k: u32,
        /// Where it was looked for.
        dir: PathBuf,
        /// What is wrong with files there that were passed over.
        unusable: Vec<String>,
    },
    /// Nothing stored is the setup that is asked for, at this size.
    #[error("trusted setup {id} for k = {k} is not in {dir}{}", passed_over(.unusable))]
    MissingId {
        /// The setup wanted.
        id: SrsId,
        /// The `k` wanted.
        k: u32,
        /// Where it was looked for.
        dir: PathBuf,
        /// What is wrong with files there that were passed over.
        unusable: Vec<String>,
    },
    /// No folder is known to keep setups in.
    #[error("no home folder to keep trusted setups in: set VEILMARK_HOME")]
    NoHome,
    /// More memory than there is.
    #[error("no memory for {bytes} bytes of points: close other programs or take a smaller k")]
    Memory {
        /// Bytes asked for.
        bytes: usize,
    },
    /// A `k` outside what setups have.
    #[error("k = {got} is not supported: {MIN_K} to {MAX_K} are")]
    UnsupportedK {
        /// The `k` asked for.
        got: u32,
    },
    /// A setup cannot grow.
    #[error("a trusted setup for k = {have} does not serve k = {wanted}: take one for k >= {wanted}")]
    TooSmall {
        /// The `k` wanted.
        wanted: u32,
        /// The `k` there is.
        have: u32,
    },
    /// A file that is no setup, or a damaged one.
    #[error("{path}: {problem}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: FileProblem,
    },
    /// A file of another program that cannot be imported.
    #[error("{path}: {problem}")]
    Import {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: ImportProblem,
    },
    /// The points are not the powers of one secret.
    #[error("the points of the trusted setup are not the powers of the secret behind [tau]_2: do not use it")]
    Powers,
    /// The two bases do not belong together.
    #[error("the Lagrange basis of the trusted setup does not fit its powers: do not use it")]
    Lagrange,
}

/// What an error says of files that might have been what was looked for.
fn passed_over(unusable: &[String]) -> String {
    match unusable {
        [] => String::new(),
        some => format!("; passed over: {}", some.join("; ")),
    }
}

impl From<FileError> for SrsError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Io { path, source, .. } => Self::Io { path, source },
            FileError::Exists { path } => Self::Exists { path },
            // Nothing here is read with a limit: what is too long for its kind is no setup either.
            FileError::NotAFile { path } | FileError::TooLong { path, .. } => {
                Self::File { path, problem: FileProblem::NotAFile }
            }
        }
    }
}

impl Classified for SrsError {
    fn kind(&self) -> Kind {
        match self {
            Self::Io { source, .. } => Kind::of_io(source),
            Self::Exists { .. } => Kind::FileExists,
            Self::Missing { .. } | Self::MissingId { .. } | Self::TooSmall { .. } => Kind::SetupMissing,
            Self::NoHome => Kind::FileMissing,
            Self::Memory { .. } => Kind::MemoryShort,
            Self::UnsupportedK { .. } => Kind::Unsupported,
            Self::File { problem, .. } => problem.kind(),
            Self::Import { problem, .. } => problem.kind(),
            Self::Powers | Self::Lagrange => Kind::BadSetup,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_proofs::{
        halo2curves::{
            bn256::G1,
            ff::Field,
            group::{Curve, Group, prime::PrimeCurveAffine},
        },
        poly::commitment::ParamsProver,
    };

    pub(super) fn dev(k: u32) -> Srs {
        Srs::dev(k, &mut |_| ()).expect("k is small")
    }

    #[test]
    fn ids_are_stable_and_say_unsafe() {
        let id = SrsId::compute(true, dev::tau_g1(), dev::tau_g2()).expect("not infinity");
        assert_eq!(hex::encode(id.0), "2bd458d56929457268ba8ea3a02612432c71b38ff95e364e75c5aebd9c2dcbbe");
        assert_eq!(id, SrsId::DEVELOPMENT);
        assert!(id.is_unsafe());
        assert_eq!(id.to_string(), format!("unsafe-dev-0x{}", hex::encode(id.0)));

        let generators = SrsId::compute(false, G1Affine::generator(), G2Affine::generator()).expect("not infinity");
        assert!(!generators.is_unsafe());
        assert_eq!(generators.to_string(), "0x9ffa028e8bd8daa3c75d27cfb9716cf9417eef9849c2191e70ab93d0e93df33c");
        let unmarked = SrsId::compute(false, dev::tau_g1(), dev::tau_g2()).expect("not infinity");
        assert_ne!(unmarked, id);
        assert_eq!(SrsId::compute(false, G1Affine::identity(), G2Affine::generator()), None);
    }

    #[test]
    fn ids_are_words_and_the_unsafe_one_is_marked_for_people() {
        let unsafe_text = SrsId::DEVELOPMENT.to_string();
        let safe = SrsId([7; WORD]);
        assert_eq!(unsafe_text.parse(), Ok(SrsId::DEVELOPMENT));
        assert_eq!(safe.to_string().parse(), Ok(safe));
        let expected = SrsId::DEVELOPMENT;
        assert_eq!(expected.word().parse(), Ok(expected), "as files have it");
        assert_eq!(expected.word()[2..].parse::<SrsId>(), Err(SrsIdError::NotCanonical { expected }));
        assert_eq!(safe.word()[2..].parse(), Ok(safe));
        assert_eq!(format!("{UNSAFE_PREFIX}{safe}").parse::<SrsId>(), Err(SrsIdError::NotCanonical { expected: safe }));
        assert_eq!(
            hex::encode_upper([0xab; WORD]).parse::<SrsId>(),
            Err(SrsIdError::NotCanonical { expected: SrsId([0xab; WORD]) })
        );
        assert_eq!("07".parse::<SrsId>(), Err(SrsIdError::NotHex));
        assert_eq!("".parse::<SrsId>(), Err(SrsIdError::NotHex));
    }

    #[test]
    fn dev_points_are_the_powers_and_the_lagrange_values() {
        for k in [1, 6, 9, 10] {
            let srs = dev(k);
            let (tau, n) = (dev::tau(), 1usize << k);
            let omega = domain_generator(k);
            assert_eq!(srs.k(), k);
            assert_eq!(srs.tau_g2(), (G2Affine::generator() * tau).to_affine());

            let mut power = Fr::ONE;
            for point in &srs.powers {
                assert_eq!(*point, (G1Affine::generator() * power).to_affine());
                power *= tau;
            }
            let lagrange = &srs.lagrange;
            assert_eq!((srs.powers.len(), lagrange.len()), (n + 1, n));
            // L_i(tau) by its definition, a product over the domain, for a few rows.
            let domain: Vec<Fr> = std::iter::successors(Some(Fr::ONE), |x| Some(*x * omega)).take(n).collect();
            for row in [0, 1, n / 2, n - 1] {
                let value = (0..n).filter(|&j| j != row).fold(Fr::ONE, |value, j| {
                    let below = (domain[row] - domain[j]).invert().expect("the points differ");
                    value * (tau - domain[j]) * below
                });
                assert_eq!(lagrange[row], (G1Affine::generator() * value).to_affine(), "k = {k}, row {row}");
            }
        }
    }

    #[test]
    fn dev_is_the_crates_setup_on_the_same_secret() {
        // The crate's constructor computes the Lagrange basis by its own transform where it is not given.
        for k in [6, 8] {
            let params = dev(k).to_params();
            let theirs = params.from_parts(k, params.get_g().to_vec(), None, params.g2(), params.s_g2());
            let raw = |params: &ParamsKZG<Bn256>| {
                let mut bytes = Vec::new();
                params.write_custom(&mut bytes, SerdeFormat::RawBytes).expect("memory");
                bytes
            };
            assert!(raw(&theirs) == raw(&params));
        }
    }

    #[test]
    fn progress_rises_to_one() {
        let mut heard = Vec::new();
        Srs::dev(12, &mut |done| heard.push(done)).expect("k is small");
        assert!(heard.len() > 4);
        assert!(heard.is_sorted());
        assert!(heard.iter().all(|done| (0.0..=1.0).contains(done)));
        assert_eq!(heard.last(), Some(&1.0));
    }

    #[test]
    fn downsized_is_the_smaller_setup() {
        for k in [1, 6, 8] {
            let small = dev(8).downsized(k).expect("smaller");
            assert!(points(&small) == points(&dev(k)));
            assert_eq!(small.id(), SrsId::DEVELOPMENT);
        }
        // A setup whose secret is not known takes the other road; the same points must come out.
        let id = SrsId([7; WORD]);
        let small = dev(8).renamed(id).downsized(6).expect("smaller");
        assert!(points(&small) == points(&dev(6)));
        assert_eq!(small.id(), id);
        assert!(matches!(dev(6).downsized(7), Err(SrsError::TooSmall { wanted: 7, have: 6 })));
    }

    #[test]
    fn k_out_of_range_is_refused_before_any_work() {
        for k in [0, MAX_K + 1, 32, u32::MAX] {
            let error = Srs::dev(k, &mut |_| ()).expect_err("out of range");
            assert!(matches!(error, SrsError::UnsupportedK { got } if got == k));
            assert_eq!(error.kind(), Kind::Unsupported);
        }
        assert!(matches!(dev(6).downsized(0), Err(SrsError::UnsupportedK { got: 0 })));
    }

    impl Srs {
        /// The same points under another id, as if nobody knew their secret.
        pub(super) fn renamed(self, id: SrsId) -> Self {
            let Self { k, powers, lagrange, verifier } = self;
            Points { k, powers, lagrange, tau_g2: verifier.tau_g2(), id }.assemble()
        }
    }

    /// All points of a setup.
    pub(super) fn points(srs: &Srs) -> (&[G1Affine], &[G1Affine], G2Affine) {
        (&srs.powers, &srs.lagrange, srs.tau_g2())
    }

    #[test]
    fn lagrange_points_sum_to_the_generator() {
        let sum = dev(10).lagrange.iter().fold(G1::identity(), |s, p| s + p);
        assert_eq!(sum.to_affine(), G1Affine::generator());
    }
}
