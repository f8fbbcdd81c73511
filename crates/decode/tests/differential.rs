//! A short differential fuzz: 10,000 pictures, changed at random, against what libjpeg-turbo, libpng, libwebp and libtiff have
//! of them. Each is refused, or read as there, or read with a note that says what is in doubt.
//!
//! `tests/pictures/digests.py` makes the same changes and wrote the references' answers to `changed.txt`; the long fuzz
//! is `tests/pictures/fuzz.py`.
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};
use veilmark_decode::{Background, Note, Options, Problem, decode_bytes};

/// Longer files are slow to decode and no richer.
const MOST_BYTES: usize = 8_000;
/// What is behind transparent pictures.
const BACKGROUND: Background = Background([48, 96, 144]);
/// Notes that a picture may not be what was written, and that it may not be upright.
const DOUBTS: [&str; 2] = ["perhaps_damaged", "bytes_skipped"];
const TURNED: [&str; 2] = ["orientation_unclear", "later_exif_ignored"];

/// The generator of `digests.py`.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit
    }

    fn byte(&mut self) -> u8 {
        self.below(256) as u8
    }
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests"))
}

/// Pictures by folder and name.
fn originals() -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for part in ["cases", "seeds"] {
        let mut paths: Vec<_> = fs::read_dir(folder().join(part)).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let bytes = fs::read(&path).unwrap();
            if path.extension().is_some_and(|extension| extension != "txt") && bytes.len() <= MOST_BYTES {
                found.push((path.file_name().unwrap().to_str().unwrap().to_owned(), bytes));
            }
        }
    }
    found
}

/// A picture with one to four changes; of most PNGs, the checksums are put right again.
fn changed(mut bytes: Vec<u8>, random: &mut Random) -> Vec<u8> {
    for _ in 0..=random.below(4) {
        let mut at = random.below(bytes.len());
        match random.below(6) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.byte(),
            2 => drop(bytes.drain(at..(at + 1 + random.below(30)).min(bytes.len()))),
            3 => bytes.insert(at, random.byte()),
            4 => {
                at = random.below(bytes.len().min(700));
                bytes[at] = random.byte();
            }
            _ => {
                let (source, length) = (random.below(bytes.len()), 1 + random.below(16));
                for step in 0..length {
                    if at.max(source) + step < bytes.len() {
                        bytes[at + step] = bytes[source + step];
                    }
                }
            }
        }
        if bytes.len() < 16 {
            break;
        }
    }
    if random.below(10) < 7 && bytes.starts_with(b"\x89PNG") {
        repair(&mut bytes);
    }
    bytes
}

fn repair(bytes: &mut [u8]) {
    let mut at = 8;
    while let Some(length) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let end = at + 8 + u32::from_be_bytes(*length) as usize;
        if end + 4 > bytes.len() {
            break;
        }
        let sum = crc32fast::hash(&bytes[at + 4..end]);
        bytes[end..end + 4].copy_from_slice(&sum.to_be_bytes());
        at = end + 4;
    }
}

#[test]
fn changed_pictures_are_refused_or_read_as_by_the_references() {
    let answers = fs::read_to_string(folder().join("changed.txt")).unwrap();
    let (originals, mut random) = (originals(), Random(2028));
    let (mut equal, mut count) = (0, 0);
    let mut silent = Vec::new();
    for (round, answer) in answers.lines().enumerate() {
        count += 1;
        let (name, bytes) = &originals[random.below(originals.len())];
        let bytes = changed(bytes.clone(), &mut random);
        let decoded = match decode_bytes(&bytes, &Options { background: Some(BACKGROUND) }) {
            Ok(decoded) => decoded,
            Err(problem) => {
                // what a crate panics at is caught, but nothing of ours may panic
                assert!(!matches!(problem, Problem::DecoderPanicked { .. }), "{name}, round {round}");
                assert!(!problem.to_string().is_empty() && !problem.hint().is_empty());
                continue;
            }
        };
        let has_note = |names: &[&str]| decoded.notes.iter().map(Note::name).any(|note| names.contains(&note));
        let mut sum = crc32fast::Hasher::new();
        sum.update(&decoded.raster.width().to_le_bytes());
        sum.update(&decoded.raster.height().to_le_bytes());
        sum.update(decoded.raster.pixels().as_flattened());
        let sum = format!("{:08x}", sum.finalize());
        let (sums, is_warned) = answer.strip_suffix('?').map_or((answer, false), |sums| (sums, true));
        let is_equal = sums.split('/').any(|other| other == sum);
        equal += usize::from(is_equal);
        let is_doubted = has_note(&DOUBTS);
        if !(is_equal && !is_warned || is_doubted || !is_equal && sums != "-" && has_note(&TURNED)) {
            silent.push(format!("round {round}, {name}: {sum}, the reference has {answer}"));
        }
    }
    assert!(
        silent.is_empty(),
        "read otherwise than by the references, without a word (where seeds or cases have changed, \
         `python tests/pictures/digests.py` writes the answers anew):\n{}",
        silent.join("\n")
    );
    // most changes are noticed; many hit what no checksum covers
    assert!(count == 10_000 && equal > 1_000, "{equal} equal of {count}");
}
