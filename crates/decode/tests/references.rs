//! Pictures that `tests/pictures/seeds.py` wrote, with the pixels that libjpeg-turbo, libpng, libwebp and libtiff have of
//! them; and that JPEG data which are cut short are never read.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    path::{Path, PathBuf},
};
use veilmark_decode::{Background, Kind, Options, Problem, decode_bytes, fingerprint_bytes};
use veilmark_statement::pdq::pdq;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/seeds")
}

/// A picture's file.
struct Seed {
    name: String,
    bytes: Vec<u8>,
    /// The size and the checksum of its pixels, or nothing where it is refused.
    expected: Option<(String, u32)>,
}

fn seeds() -> Vec<Seed> {
    let list = fs::read_to_string(folder().join("pixels.txt")).unwrap();
    let seed = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let expected = match words[1..] {
            ["refused"] => None,
            [size, checksum] => Some((size.to_owned(), u32::from_str_radix(checksum, 16).unwrap())),
            _ => unreachable!("{line}"),
        };
        Seed { name: words[0].to_owned(), bytes: fs::read(folder().join(words[0])).unwrap(), expected }
    };
    list.lines().map(seed).collect()
}

#[test]
fn pixels_are_those_of_the_references() {
    let seeds = seeds();
    assert!(seeds.len() >= 40);
    for Seed { name, bytes, expected } in seeds {
        match (decode_bytes(&bytes, &Options::default()), expected) {
            (Ok(decoded), Some(expected)) => {
                let size = format!("{}x{}", decoded.raster.width(), decoded.raster.height());
                assert_eq!((size, crc32fast::hash(decoded.raster.pixels().as_flattened())), expected, "{name}");
                let streamed = fingerprint_bytes(&bytes, &Options::default()).unwrap();
                assert_eq!(streamed.pdq, pdq(&decoded.raster), "{name}");
            }
            (Err(problem), None) => {
                let damaged = ["cut-", "lost-", "png-cut", "png-flip"].iter().any(|start| name.starts_with(start));
                assert_eq!(problem.kind() == Kind::Damaged, damaged, "{name}: {problem}");
                assert!(!problem.hint().is_empty());
            }
            (Ok(_), None) => panic!("{name} is read"),
            (Err(problem), Some(_)) => panic!("{name}: {problem}"),
        }
    }
}

#[test]
fn notes_say_what_is_not_followed() {
    for (name, expected) in [
        ("gama.png", &["gamma_ignored"][..]),
        ("junk.jpg", &["bytes_skipped"]),
        ("padded.jpg", &["bytes_skipped"]),
        ("exif-6-then-1.jpg", &["later_exif_ignored"]),
        ("fill.jpg", &[]),
        ("app11-before-end.jpg", &[]),
        ("exif-6-6.png", &[]),
    ] {
        let decoded = decode_bytes(&fs::read(folder().join(name)).unwrap(), &Options::default()).unwrap();
        assert_eq!(decoded.notes.iter().map(veilmark_decode::Note::name).collect::<Vec<_>>(), expected, "{name}");
    }
}

#[test]
fn a_background_makes_transparent_pictures_readable() {
    let bytes = fs::read(folder().join("alpha-254.png")).unwrap();
    assert!(matches!(decode_bytes(&bytes, &Options::default()), Err(Problem::Transparent)));
    let on = |colour| decode_bytes(&bytes, &Options { background: Some(Background(colour)) }).unwrap();
    let (black, white) = (on([0; 3]), on([255; 3]));
    assert_eq!(black.notes.iter().map(veilmark_decode::Note::name).collect::<Vec<_>>(), ["on_background"]);
    let differing = black.raster.pixels().iter().zip(white.raster.pixels()).filter(|(a, b)| a != b).count();
    assert_eq!(differing, 1);
}

#[test]
fn a_jpeg_cut_anywhere_is_refused_with_or_without_an_end() {
    for Seed { name, bytes, expected } in seeds() {
        if !name.ends_with(".jpg") || expected.is_none() {
            continue;
        }
        let scan = bytes.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
        // the last bytes may be padding, an end marker, or a segment behind the pixels
        let end = bytes.len() - if name.starts_with("app11") || name == "between.jpg" { 80 } else { 8 };
        for cut in scan..end {
            for tail in [&[][..], &[0xff, 0xd9]] {
                let cut = [&bytes[..cut], tail].concat();
                let problem = decode_bytes(&cut, &Options::default()).map(|_| ()).unwrap_err();
                assert_eq!(problem.kind(), Kind::Damaged, "{name} cut to {}: {problem}", cut.len());
            }
        }
    }
}
