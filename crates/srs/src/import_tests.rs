//! Real powers of tau, and files that are none.
use super::super::{
    file::tests::of_secret,
    tests::{dev as dev_srs, points},
};
use super::*;
use halo2_proofs::{SerdeFormat, halo2curves::serde::SerdeObject};
use std::fs;

/// 2^8 real powers of tau, prepared for phase 2; see the README beside it.
const REAL: &[u8] = include_bytes!("testdata/8.ptau");
const REAL_ID: &str = "0xfe2f1093d5ebbeceaaf9c1f7c7c860aa5441d0230e5504d124114822255899b2";
/// Where the sections of that file start: type, content, length.
const FIELD: usize = 24;
const POWERS: usize = 80;
const G2: usize = 32796;
const BASES: usize = 181684;

fn outcome(bytes: &[u8], k: Option<u32>, trust: Trust) -> Result<Srs, SrsError> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.ptau");
    fs::write(&path, bytes).expect("written");
    Srs::import(&path, k, trust, &mut |_| ())
}

fn pinned(bytes: &[u8], k: Option<u32>) -> Srs {
    outcome(bytes, k, Trust::Pinned).expect("a real setup")
}

fn changed(change: impl FnOnce(&mut Vec<u8>)) -> SrsError {
    let mut bytes = REAL.to_vec();
    change(&mut bytes);
    outcome(&bytes, None, Trust::Pinned).expect_err("changed")
}

fn import_problem(change: impl FnOnce(&mut Vec<u8>)) -> ImportProblem {
    match changed(change) {
        SrsError::Import { problem, .. } => problem,
        other => panic!("{other}"),
    }
}

fn file_problem(change: impl FnOnce(&mut Vec<u8>)) -> FileProblem {
    match changed(change) {
        SrsError::File { problem, .. } => problem,
        other => panic!("{other}"),
    }
}

fn word(value: u32) -> [u8; 4] {
    value.to_le_bytes()
}

fn put<const N: usize>(bytes: &mut [u8], at: usize, with: [u8; N]) {
    bytes[at..at + N].copy_from_slice(&with);
}

/// The sections of the real file that `keep` keeps.
fn sections(keep: impl Fn(u32) -> bool) -> Vec<u8> {
    let (mut at, mut kept, mut count) = (12, Vec::new(), 0);
    while at < REAL.len() {
        let kind = u32::from_le_bytes(*REAL[at..].first_chunk().expect("a section"));
        let size = u64::from_le_bytes(*REAL[at + 4..].first_chunk().expect("a section"));
        let end = at + 12 + size as usize;
        if keep(kind) {
            kept.extend_from_slice(&REAL[at..end]);
            count += 1;
        }
        at = end;
    }
    [&REAL[..8], word(count).as_slice(), kept.as_slice()].concat()
}

/// A setup as halo2 writes its parameters.
fn halo2_raw(srs: &Srs) -> Vec<u8> {
    let mut bytes = Vec::new();
    srs.to_params().write_custom(&mut bytes, SerdeFormat::RawBytes).expect("memory");
    bytes
}

#[test]
fn the_real_powers_are_hermezs() {
    let srs = pinned(REAL, None);
    assert_eq!((srs.k(), srs.is_unsafe(), srs.ceremony()), (8, false, Some(Ceremony::Hermez)));
    assert_eq!(srs.id().to_string(), REAL_ID);
    assert!(outcome(REAL, Some(6), Trust::Id(srs.id())).is_ok());
    assert_eq!(dev_srs(6).ceremony(), None);
    // They survive our own file.
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = srs.store(folder.path(), veilmark_files::Existing::Keep).expect("stored");
    assert!(points(&Srs::read(&path).expect("read")) == points(&srs));
}

#[test]
fn a_lagrange_basis_is_the_same_read_or_computed() {
    let unprepared = sections(|kind| kind != 12);
    for k in [1, 2, 5, 7, 8] {
        let read = pinned(REAL, Some(k));
        assert_eq!(read.k(), k);
        assert!(points(&read) == points(&pinned(&unprepared, Some(k))), "k = {k}");
        assert!(points(&read) == points(&pinned(REAL, None).downsized(k).expect("smaller")), "k = {k}");
    }
    assert!(matches!(outcome(REAL, Some(9), Trust::Pinned), Err(SrsError::TooSmall { wanted: 9, have: 8 })));
    assert!(matches!(outcome(REAL, Some(0), Trust::Pinned), Err(SrsError::UnsupportedK { got: 0 })));
}

#[test]
fn sections_may_come_in_any_order_and_unknown_ones_too() {
    let mut bytes = sections(|kind| kind == 12)[12..].to_vec();
    let mut count = 3;
    for kind in [3, 2] {
        bytes.extend_from_slice(&sections(|other| other == kind)[12..]);
    }
    bytes.extend([word(99), word(5), word(0)].concat());
    bytes.extend([7; 5]);
    bytes.extend_from_slice(&sections(|kind| kind == 1)[12..]);
    count += 2;
    let bytes = [&REAL[..8], word(count).as_slice(), &bytes].concat();
    assert!(points(&pinned(&bytes, None)) == points(&pinned(REAL, None)));
    assert!(matches!(outcome(&bytes[..bytes.len() - 1], None, Trust::Pinned), Err(SrsError::Import { .. })));
}

#[test]
fn truncated_is_what_a_smaller_import_is_to_the_byte() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let large = pinned(REAL, None).store(folder.path(), veilmark_files::Existing::Keep).expect("stored");
    for k in [1, 5, 7] {
        let imported = pinned(REAL, Some(k)).store(folder.path(), veilmark_files::Existing::Keep).expect("stored");
        let path = folder.path().join("truncated.srs");
        let truncated = Srs::read_verified(&large, Some(k), &mut |_| ()).expect("honest");
        assert_eq!(truncated.ceremony(), Some(Ceremony::Hermez));
        truncated.write(&path, veilmark_files::Existing::Replace).expect("written");
        assert!(fs::read(&path).expect("read") == fs::read(imported).expect("read"), "k = {k}");
    }
}

#[test]
fn whose_it_is_is_known_from_the_start() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.ptau");
    let mut bytes = REAL.to_vec();
    bytes[BASES + 300 * POINT_G1] ^= 1;
    fs::write(&path, bytes).expect("written");
    let (id, k) = Srs::identify(&path, None, Trust::Pinned).expect("Hermez's");
    assert_eq!((id.to_string().as_str(), k), (REAL_ID, 8));
    assert_eq!(Srs::identify(&path, Some(3), Trust::Pinned).expect("Hermez's").1, 3);
    assert!(matches!(Srs::identify(&path, Some(9), Trust::Pinned), Err(SrsError::TooSmall { .. })));
}

#[test]
fn progress_of_an_import_rises_to_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.ptau");
    for bytes in [REAL.to_vec(), sections(|kind| kind != 12)] {
        fs::write(&path, bytes).expect("written");
        let mut heard = Vec::new();
        Srs::import(&path, None, Trust::Pinned, &mut |done| heard.push(done)).expect("a real setup");
        assert!(heard.is_sorted() && heard.last() == Some(&1.0), "{heard:?}");
    }
}

#[test]
fn a_halo2_file_of_an_impossible_k_is_called_one() {
    let problem = |k: u32, length: u64| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("x.bin");
        fs::write(&path, word(k)).expect("written");
        // A hole: as long as it must be, and no bytes on the disk.
        fs::OpenOptions::new().write(true).open(&path).and_then(|file| file.set_len(length)).expect("a hole");
        match Srs::import(&path, None, Trust::Pinned, &mut |_| ()).expect_err("impossible") {
            SrsError::Import { problem, .. } => problem,
            other => panic!("{other}"),
        }
    };
    assert_eq!(problem(0, 4 + 128 + 256), ImportProblem::RawK { k: 0 });
    assert_eq!(problem(29, 4 + (128 << 29) + 256), ImportProblem::RawK { k: 29 });
    assert!(matches!(problem(0, 400), ImportProblem::Unrecognised { .. }));
    assert!(matches!(problem(u32::MAX, 400), ImportProblem::Unrecognised { .. }));
    assert_eq!(
        problem(28, 4000),
        ImportProblem::RawSize { k: 28, expected: 4 + (128 << 28) + 256, got: 4000 },
        "refused before anything is allocated"
    );
}

#[test]
fn halo2_raw_files_are_read() {
    let srs = pinned(REAL, None);
    let bytes = halo2_raw(&srs);
    // a power too few for its own k
    for (k, of) in [(None, 7), (Some(7), 7), (Some(5), 5)] {
        assert!(points(&pinned(&bytes, k)) == points(&pinned(REAL, Some(of))), "{k:?}");
    }
    assert!(matches!(outcome(&bytes, Some(8), Trust::Pinned), Err(SrsError::TooSmall { wanted: 8, have: 7 })));
    let least = halo2_raw(&pinned(REAL, Some(1)));
    let error = outcome(&least, None, Trust::Pinned).expect_err("too few powers");
    assert!(matches!(&error, SrsError::Import { problem: ImportProblem::RawPowers, .. }), "{error}");
    let refused = |bytes: &[u8]| outcome(bytes, None, Trust::Pinned).expect_err("changed");
    let (expected, got) = (bytes.len() as u64, bytes.len() as u64 - 1);
    let cut = refused(&bytes[..bytes.len() - 1]);
    let problem = ImportProblem::RawSize { k: 8, expected, got };
    assert!(matches!(&cut, SrsError::Import { problem: p, .. } if *p == problem), "{cut}");
    let mut larger = bytes.clone();
    larger[0] = 28;
    assert!(matches!(refused(&larger), SrsError::Import { problem: ImportProblem::RawSize { k: 28, .. }, .. }));
    let mut off = bytes.clone();
    off[4 + 70 * POINT_G1] ^= 1;
    let problem = FileProblem::Point { basis: "powers", index: 70 };
    assert!(matches!(refused(&off), SrsError::File { problem: p, .. } if p == problem));
    let mut swapped = bytes;
    swapped[4 + 70 * POINT_G1..4 + 72 * POINT_G1].rotate_left(POINT_G1);
    assert!(matches!(refused(&swapped), SrsError::Powers));
}

#[test]
fn setups_of_nobody_known_are_refused_unless_named() {
    let file = of_secret(Fr::from(1234), false);
    let (powers, rest) = file[file::HEADER..].split_at(POINT_G1 << 6);
    let bytes = &[&word(6), powers, &rest[POINT_G1..]].concat();
    let error = outcome(bytes, None, Trust::Pinned).expect_err("unknown");
    assert_eq!(error.kind(), Kind::UntrustedSetup);
    let SrsError::Import { problem: ImportProblem::UnknownCeremony { id, .. }, .. } = error else { panic!("{error}") };
    let named = outcome(bytes, None, Trust::Id(id)).expect("named");
    assert_eq!((named.id(), named.ceremony()), (id, None));
    let expected = SrsId([7; 32]);
    let problem = ImportProblem::OtherId { expected, got: id };
    let error = outcome(bytes, None, Trust::Id(expected)).expect_err("another");
    assert!(matches!(error, SrsError::Import { problem: p, .. } if p == problem));
}

#[test]
fn the_development_setup_does_not_come_in_by_this_door() {
    let bytes = halo2_raw(&dev_srs(6));
    for trust in [Trust::Pinned, Trust::Id(SrsId::DEVELOPMENT)] {
        let error = outcome(&bytes, None, trust).expect_err("development");
        assert!(matches!(&error, SrsError::File { problem: FileProblem::Disguised, .. }), "{error}");
    }
}

#[test]
fn other_files_are_refused() {
    assert_eq!(
        import_problem(|b| *b = b"hello there".to_vec()),
        ImportProblem::Unrecognised { got: b"hello th".to_vec() }
    );
    assert_eq!(import_problem(Vec::clear), ImportProblem::Unrecognised { got: vec![] });
    assert_eq!(import_problem(|b| *b = vec![0; 500]), ImportProblem::Unrecognised { got: vec![0; 8] });
    assert_eq!(import_problem(|b| *b = of_secret(Fr::from(7), false)), ImportProblem::Own);
    assert_eq!(import_problem(|b| put(b, 4, word(2))), ImportProblem::Version { got: 2 });
}

#[test]
fn a_malformed_section_table_is_refused() {
    let length = REAL.len() as u64;
    assert_eq!(import_problem(|b| put(b, 8, word(33))), ImportProblem::Sections { got: 33 });
    assert!(matches!(import_problem(|b| put(b, 8, word(12))), ImportProblem::Truncated { left: 0, .. }));
    assert!(matches!(import_problem(|b| put(b, 8, word(10))), ImportProblem::Trailing { bytes: 32716 }));
    assert_eq!(import_problem(|b| b.push(0)), ImportProblem::Trailing { bytes: 1 });
    let what = "a section";
    assert_eq!(
        import_problem(|b| b.truncate(REAL.len() - 1)),
        ImportProblem::Truncated { what, needed: 32704, left: 32703 }
    );
    let left = length - FIELD as u64;
    let needed = u64::MAX;
    assert_eq!(
        import_problem(|b| put(b, FIELD - 8, needed.to_le_bytes())),
        ImportProblem::Truncated { what, needed, left }
    );
    assert!(matches!(import_problem(|b| b.truncate(6)), ImportProblem::Truncated { what: "the version", .. }));
    assert_eq!(import_problem(|b| put(b, POWERS - 12, word(1))), ImportProblem::Duplicate { section: 1 });
    for section in [1, 2, 3] {
        assert_eq!(import_problem(|b| *b = sections(|kind| kind != section)), ImportProblem::Missing { section });
    }
}

#[test]
fn a_malformed_field_or_size_is_refused() {
    assert_eq!(import_problem(|b| put(b, FIELD, word(48))), ImportProblem::Field);
    assert_eq!(import_problem(|b| b[FIELD + 20] ^= 1), ImportProblem::Field);
    let power = FIELD + 36;
    for got in [0, 29, u32::MAX] {
        assert_eq!(import_problem(|b| put(b, power, word(got))), ImportProblem::Power { got, ceremony: 28 });
    }
    assert_eq!(import_problem(|b| put(b, power + 4, word(7))), ImportProblem::Power { got: 8, ceremony: 7 });
    // A size the sections do not have: refused before anything is allocated.
    assert_eq!(
        import_problem(|b| put(b, power, word(28))),
        ImportProblem::SectionSize { section: 2, expected: ((2 << 28) - 1) * 64, got: 32704 }
    );
}

#[test]
fn changed_points_are_refused() {
    let point = |b: &mut Vec<u8>, at: usize| b[at + 3] ^= 1;
    let of = |basis, index| FileProblem::Point { basis, index };
    assert_eq!(file_problem(|b| point(b, POWERS)), of("powers", 0));
    assert_eq!(file_problem(|b| point(b, POWERS + 77 * POINT_G1)), of("powers", 77));
    assert_eq!(file_problem(|b| point(b, BASES + (255 + 9) * POINT_G1)), of("Lagrange basis", 9));
    assert_eq!(file_problem(|b| point(b, G2)), FileProblem::Generator { group: "G2" });
    assert_eq!(file_problem(|b| point(b, G2 + POINT_G2)), FileProblem::TauG2);
    let swap = |b: &mut Vec<u8>, at: usize, size: usize| b[at..at + 2 * size].rotate_left(size);
    assert_eq!(file_problem(|b| swap(b, POWERS, POINT_G1)), FileProblem::Generator { group: "G1" });
    assert_eq!(file_problem(|b| swap(b, POWERS + POINT_G1, POINT_G1)), FileProblem::Pairing);
    let ceremony = Ceremony::Hermez;
    assert_eq!(file_problem(|b| swap(b, G2 + POINT_G2, POINT_G2)), FileProblem::OtherTauG2 { ceremony });
    let other: [u8; POINT_G2] = dev::tau_g2().to_raw_bytes().try_into().expect("a point");
    assert_eq!(file_problem(|b| put(b, G2 + POINT_G2, other)), FileProblem::OtherTauG2 { ceremony });
    assert!(matches!(changed(|b| swap(b, POWERS + 70 * POINT_G1, POINT_G1)), SrsError::Powers));
    assert!(matches!(changed(|b| swap(b, BASES + 300 * POINT_G1, POINT_G1)), SrsError::Lagrange));
}
