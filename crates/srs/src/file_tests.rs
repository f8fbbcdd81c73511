//! Files as they are written, as they are damaged, and as they are forged.
use super::super::{
    domain_generator,
    tests::{dev as dev_srs, points},
};
use super::*;
use halo2_proofs::halo2curves::{
    CurveAffine,
    bn256::{Fq2, Fr},
    ff::Field,
    group::Curve,
};
use std::fs;
use tempfile::TempDir;

const K: u32 = 6;
const N: usize = 1 << K;
const POWERS: usize = HEADER;
const LAGRANGE: usize = POWERS + (N + 1) * POINT_G1;
const ONE_G2: usize = LAGRANGE + N * POINT_G1;
const TAU_G2: usize = ONE_G2 + POINT_G2;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn honest() -> Vec<u8> {
    let folder = folder();
    let path = folder.path().join("x.srs");
    dev_srs(K).write(&path, Existing::Keep).expect("written");
    fs::read(path).expect("read")
}

/// What reading these bytes says.
fn outcome(bytes: &[u8]) -> Result<Srs, FileProblem> {
    let folder = folder();
    let path = folder.path().join("x.srs");
    fs::write(&path, bytes).expect("written");
    Srs::read(&path).map_err(|error| match error {
        SrsError::File { path: named, problem } if named == path => problem,
        other => panic!("{other}"),
    })
}

fn problem(change: impl FnOnce(&mut Vec<u8>)) -> FileProblem {
    let mut bytes = honest();
    change(&mut bytes);
    outcome(&bytes).expect_err("changed")
}

/// As someone who makes files on purpose would: with the digest that fits.
fn problem_with_digest(change: impl FnOnce(&mut Vec<u8>)) -> FileProblem {
    problem(|bytes| {
        change(bytes);
        redigest(bytes);
    })
}

fn redigest(bytes: &mut [u8]) {
    let digest = Keccak256::digest(&bytes[HEADER..]);
    bytes[64..HEADER].copy_from_slice(&digest);
}

fn swap(bytes: &mut [u8], basis: usize, i: usize, j: usize) {
    for byte in 0..POINT_G1 {
        bytes.swap(basis + i * POINT_G1 + byte, basis + j * POINT_G1 + byte);
    }
}

#[test]
fn what_is_written_is_read() {
    let folder = folder();
    for k in [1, K, 9] {
        let path = folder.path().join(format!("{k}.srs"));
        let srs = dev_srs(k);
        srs.write(&path, Existing::Keep).expect("written");
        assert_eq!(fs::metadata(&path).expect("there").len(), file_len(k));
        let back = Srs::read(&path).expect("read");
        assert!(points(&back) == points(&srs));
        assert_eq!((back.k(), back.id(), back.is_unsafe()), (k, srs.id(), true));
    }
    let left: Vec<_> = fs::read_dir(folder.path()).expect("there").collect();
    assert_eq!(left.len(), 3, "no temporary file stays");
}

#[test]
fn a_damaged_header_is_refused_field_by_field() {
    assert!(matches!(problem(|b| b[0] ^= 1), FileProblem::Magic { got } if got[0] == b'W'));
    assert_eq!(problem(|b| b[8] = 1), FileProblem::Version { got: 1 });
    assert_eq!(problem(|b| b[12] = 25), FileProblem::K { got: 25 });
    assert_eq!(problem(|b| b[12] = 0), FileProblem::K { got: 0 });
    assert_eq!(problem(|b| b[15] = 0xff), FileProblem::K { got: 0xff00_0006 });
    // A k that is allowed, but not this file's: refused by length, before anything is allocated.
    let got = honest().len() as u64;
    assert_eq!(problem(|b| b[12] = 24), FileProblem::Size { expected: file_len(24), got });
    assert_eq!(problem(|b| b[16] = 3), FileProblem::Flags { got: 3 });
    assert_eq!(problem(|b| b[16] = 0), FileProblem::Disguised);
    assert_eq!(problem(|b| b[31] = 1), FileProblem::Reserved);
    assert!(matches!(problem(|b| b[40] ^= 1), FileProblem::Id { got, .. } if got == SrsId::DEVELOPMENT));
    assert!(matches!(problem(|b| b[70] ^= 1), FileProblem::Digest { .. }));
}

#[test]
fn a_wrong_length_is_refused() {
    let whole = honest().len();
    let expected = whole as u64;
    for length in [whole - 1, whole - POINT_G1, HEADER + 4, HEADER] {
        assert_eq!(problem(|b| b.truncate(length)), FileProblem::Size { expected, got: length as u64 });
    }
    for length in [HEADER - 1, 40, MAGIC.len()] {
        let expected = HEADER as u64;
        assert_eq!(problem(|b| b.truncate(length)), FileProblem::Size { expected, got: length as u64 });
    }
    assert_eq!(problem(|b| b.push(0)), FileProblem::Size { expected, got: expected + 1 });
    assert_eq!(problem(Vec::clear), FileProblem::Magic { got: vec![] });
    assert_eq!(problem(|b| b.truncate(3)), FileProblem::Magic { got: b"VEI".to_vec() });
    // Bytes that arrive after the length was taken.
    let mut longer = honest();
    longer.push(0);
    let header = Header::parse(&longer[..HEADER], expected).expect("honest");
    let error = read_body(&mut &longer[HEADER..], &header, K, &mut |_| ()).expect_err("too long");
    assert!(matches!(error, ReadError::Problem(FileProblem::Size { .. })));
}

#[test]
fn a_point_off_the_curve_is_refused_by_name() {
    for (basis, at, index) in [
        ("powers", POWERS, 0),
        ("powers", POWERS, N),
        ("Lagrange basis", LAGRANGE, 0),
        ("Lagrange basis", LAGRANGE, 33),
    ] {
        let place = at + index * POINT_G1;
        let expected = FileProblem::Point { basis, index };
        assert_eq!(problem(|b| b[place + 5] ^= 1), expected);
        assert_eq!(problem_with_digest(|b| b[place + 40] ^= 1), expected);
        // Not below the modulus, and infinity.
        assert_eq!(problem_with_digest(|b| b[place..place + 32].fill(0xff)), expected);
        assert_eq!(problem_with_digest(|b| b[place..place + POINT_G1].fill(0)), expected);
    }
}

#[test]
fn swapped_points_are_refused() {
    assert!(matches!(problem(|b| swap(b, POWERS, 3, 4)), FileProblem::Digest { .. }));
    assert!(matches!(problem(|b| swap(b, LAGRANGE, 3, 4)), FileProblem::Digest { .. }));
    assert_eq!(problem_with_digest(|b| swap(b, POWERS, 0, 4)), FileProblem::Generator { group: "G1" });
    assert_eq!(problem_with_digest(|b| swap(b, POWERS, 1, 4)), FileProblem::Pairing);
    // Behind a digest that fits, the higher powers are for the full check.
    let mut bytes = honest();
    swap(&mut bytes, POWERS, 3, 4);
    redigest(&mut bytes);
    assert!(matches!(outcome(&bytes).expect("no cheap check sees it").verify_full(&mut |_| ()), Err(SrsError::Powers)));
    let mut bytes = honest();
    swap(&mut bytes, LAGRANGE, 3, 4);
    redigest(&mut bytes);
    assert!(matches!(
        outcome(&bytes).expect("no cheap check sees it").verify_full(&mut |_| ()),
        Err(SrsError::Lagrange)
    ));
}

#[test]
fn another_secret_is_refused() {
    let other = (G2Affine::generator() * Fr::from(5)).to_affine().to_raw_bytes();
    let put = |bytes: &mut Vec<u8>| bytes[TAU_G2..].copy_from_slice(&other);
    assert!(matches!(problem(put), FileProblem::Digest { .. }));
    assert_eq!(problem_with_digest(put), FileProblem::Pairing);
    assert_eq!(problem_with_digest(|b| b[TAU_G2] ^= 1), FileProblem::TauG2);
    assert_eq!(problem_with_digest(|b| b[TAU_G2..].fill(0)), FileProblem::TauG2);
    assert_eq!(problem_with_digest(|b| b.copy_within(TAU_G2.., ONE_G2)), FileProblem::Generator { group: "G2" });
    // On the curve of G2, outside the group of order r.
    let outside = (1..)
        .filter_map(|x| {
            let x = Fq2::from(x);
            let y: Option<Fq2> = (x.square() * x + G2Affine::b()).sqrt().into();
            y.map(|y| G2Affine { x, y })
        })
        .find(|point| !bool::from(point.to_curve().is_torsion_free()))
        .expect("most points of the curve are outside");
    assert_eq!(problem_with_digest(|b| b[TAU_G2..].copy_from_slice(&outside.to_raw_bytes())), FileProblem::TauG2);
}

/// The whole file of a setup of any secret.
pub(in super::super) fn of_secret(secret: Fr, is_unsafe: bool) -> Vec<u8> {
    let omega = domain_generator(K);
    let point = |scalar: Fr| (G1Affine::generator() * scalar).to_affine();
    let powers = (0..=N as u64).map(|i| point(secret.pow([i]))).collect::<Vec<_>>();
    let above = (secret.pow([N as u64]) - Fr::ONE) * Fr::from(N as u64).invert().expect("not 0");
    let lagrange: Vec<_> = (0..N as u64)
        .map(|i| omega.pow([i]))
        .map(|root| point(above * root * (secret - root).invert().expect("not in the domain")))
        .collect();
    let tau_g2 = (G2Affine::generator() * secret).to_affine();
    let id = SrsId::compute(is_unsafe, point(secret), tau_g2).expect("not infinity");
    let mut body = Vec::new();
    for point in powers.iter().chain(&lagrange) {
        point.write_raw(&mut body).expect("memory");
    }
    for point in [G2Affine::generator(), tau_g2] {
        point.write_raw(&mut body).expect("memory");
    }
    let header = Header { k: K, is_unsafe, id, digest: Keccak256::digest(&body).into() };
    [header.to_bytes(), body].concat()
}

#[test]
fn the_unsafe_mark_belongs_to_the_development_setup_alone() {
    let safe = outcome(&of_secret(Fr::from(1234), false)).expect("a setup like any other");
    assert!(!safe.is_unsafe());
    assert_eq!(safe.id().to_string().len(), 66);
    safe.verify_full(&mut |_| ()).expect("honest");
    assert_eq!(outcome(&of_secret(Fr::from(1234), true)).expect_err("marked"), FileProblem::NotDevelopment);
    assert_eq!(outcome(&of_secret(dev::tau(), false)).expect_err("unmarked"), FileProblem::Disguised);
    assert!(of_secret(dev::tau(), true) == honest());
}

#[test]
fn a_file_is_read_for_a_smaller_domain_as_it_is_downsized() {
    let folder = folder();
    let path = folder.path().join("x.srs");
    for bytes in [honest(), of_secret(Fr::from(1234), false)] {
        fs::write(&path, &bytes).expect("written");
        for k in [1, 3, K] {
            let expected = Srs::read(&path).and_then(|srs| srs.downsized(k)).expect("smaller");
            let mut heard = Vec::new();
            for small in [
                Srs::read_at(&path, k, &mut |_| ()).expect("read"),
                Srs::read_verified(&path, Some(k), &mut |done| heard.push(done)).expect("honest"),
            ] {
                assert!(points(&small) == points(&expected), "k = {k}");
                assert_eq!((small.k(), small.id()), (k, expected.id()));
            }
            assert!(heard.is_sorted() && heard.last() == Some(&1.0), "{heard:?}");
        }
        let whole = Srs::read_verified(&path, None, &mut |_| ()).expect("honest");
        assert!(points(&whole) == points(&Srs::read(&path).expect("read")));
        let error = Srs::read_at(&path, K + 1, &mut |_| ()).expect_err("larger");
        assert!(matches!(error, SrsError::TooSmall { wanted, have: K } if wanted == K + 1), "{error}");
        let error = Srs::read_verified(&path, Some(0), &mut |_| ()).expect_err("no k");
        assert!(matches!(error, SrsError::UnsupportedK { got: 0 }), "{error}");
    }
}

#[test]
fn a_smaller_domain_excuses_no_damage() {
    let folder = folder();
    let path = folder.path().join("x.srs");
    let at = |bytes: &[u8], k| {
        fs::write(&path, bytes).expect("written");
        Srs::read_verified(&path, Some(k), &mut |_| ())
    };
    // Damage in what is passed over is damage.
    for place in [POWERS + 20 * POINT_G1, LAGRANGE, ONE_G2 - 1] {
        let mut bytes = honest();
        bytes[place] ^= 1;
        let error = at(&bytes, 3).expect_err("damaged");
        assert!(matches!(&error, SrsError::File { problem: FileProblem::Digest { .. }, .. }), "{error}");
    }
    // Malice matters where it is used.
    let mut bytes = honest();
    swap(&mut bytes, POWERS, 5, 6);
    redigest(&mut bytes);
    assert!(matches!(at(&bytes, 3), Err(SrsError::Powers)));
    assert!(matches!(at(&bytes, K), Err(SrsError::Powers)));
    at(&bytes, 2).expect("the first five powers are right");
    let mut bytes = of_secret(dev::tau(), false);
    let error = at(&bytes, 3).expect_err("disguised");
    assert!(matches!(&error, SrsError::File { problem: FileProblem::Disguised, .. }), "{error}");
    bytes.truncate(LAGRANGE);
    assert!(matches!(at(&bytes, 3), Err(SrsError::File { problem: FileProblem::Size { .. }, .. })));
}

#[test]
fn what_is_no_file_is_refused() {
    let folder = folder();
    let error = Srs::read(folder.path()).expect_err("a folder");
    assert!(matches!(&error, SrsError::File { problem: FileProblem::NotAFile, .. }), "{error}");
    assert_eq!(error.kind(), Kind::WrongFile);
    let error = Srs::read(&folder.path().join("absent.srs")).expect_err("absent");
    assert!(matches!(&error, SrsError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound));
    assert_eq!(error.kind(), Kind::FileMissing);
}

#[test]
fn a_file_in_the_way_stays_unless_told() {
    let folder = folder();
    let path = folder.path().join("x.srs");
    fs::write(&path, "precious").expect("written");
    let error = dev_srs(K).write(&path, Existing::Keep).expect_err("in the way");
    assert!(matches!(&error, SrsError::Exists { path: named } if *named == path));
    assert_eq!(error.kind(), Kind::FileExists);
    assert_eq!(fs::read(&path).expect("read"), b"precious");
    dev_srs(K).write(&path, Existing::Replace).expect("told to");
    assert!(fs::read(&path).expect("read") == honest());
}

#[test]
fn a_failed_write_leaves_nothing() {
    let folder = folder();
    let error = dev_srs(K).write(&folder.path().join("absent/x.srs"), Existing::Keep).expect_err("no folder");
    assert!(matches!(&error, SrsError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound));
    assert_eq!(error.kind(), Kind::FileMissing);
    let error = dev_srs(K).write(folder.path(), Existing::Replace).expect_err("a folder");
    assert!(matches!(&error, SrsError::File { problem: FileProblem::NotAFile, .. }), "{error}");
    assert_eq!(fs::read_dir(folder.path()).expect("there").count(), 0);
}

#[test]
fn writers_at_the_same_time_leave_one_whole_file() {
    let folder = folder();
    let path = folder.path().join("x.srs");
    let written = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8).map(|_| scope.spawn(|| dev_srs(K).write(&path, Existing::Keep))).collect();
        writers.into_iter().map(|writer| writer.join().expect("no panic")).filter(Result::is_ok).count()
    });
    assert_eq!(written, 1);
    assert!(fs::read(&path).expect("read") == honest());
    assert_eq!(fs::read_dir(folder.path()).expect("there").count(), 1);
}
