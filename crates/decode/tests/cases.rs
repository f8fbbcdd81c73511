//! One picture of each kind that people bring and decoders differ about, by name: read to the pixels that the references
//! have, or refused with the reason. `tests/pictures/cases.py` writes them and says what the references have.
#![allow(clippy::unwrap_used)]

use std::{f64::consts::TAU, fs, path::Path};
use veilmark_decode::{Background, Decoded, Kind, Note, Options, Problem, decode_bytes, fingerprint_bytes};
use veilmark_statement::{pdq::pdq, raster::Raster};

const PLAIN: (&str, u32) = ("160x105", 0x56b1_84b8);
const SMALL: (&str, u32) = ("80x52", 0x2c77_e160);

fn file(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name)).unwrap()
}

fn seen(decoded: &Decoded) -> (String, u32) {
    let raster = &decoded.raster;
    (format!("{}x{}", raster.width(), raster.height()), crc32fast::hash(raster.pixels().as_flattened()))
}

fn names(notes: &[Note]) -> Vec<&'static str> {
    notes.iter().map(Note::name).collect()
}

/// Reads a case whole and row by row: the reference's pixels, their fingerprint, and these notes.
fn reads(name: &str, (size, checksum): (&str, u32), notes: &[&str]) {
    let decoded = decode_bytes(&file(name), &Options::default()).unwrap();
    assert_eq!(seen(&decoded), (size.to_owned(), checksum), "{name}");
    assert_eq!(names(&decoded.notes), notes, "{name}");
    let fingerprinted = fingerprint_bytes(&file(name), &Options::default()).unwrap();
    assert_eq!(fingerprinted.pdq, pdq(&decoded.raster), "{name}");
    assert_eq!(names(&fingerprinted.notes), notes, "{name}");
}

/// Is refused, whole and row by row, for this reason.
fn refuses(name: &str, kind: Kind, reason: &str) {
    let whole = decode_bytes(&file(name), &Options::default()).map(|_| ()).unwrap_err();
    let rows = fingerprint_bytes(&file(name), &Options::default()).map(|_| ()).unwrap_err();
    for problem in [whole, rows] {
        assert!(problem.kind() == kind && problem.to_string().contains(reason), "{name}: {problem}");
        assert!(!problem.hint().is_empty());
    }
}

#[test]
fn one_scan_each_420() {
    reads("one_scan_each_420.jpg", ("160x105", 0x1ced_ebd1), &[]);
}

#[test]
fn app11_before_end() {
    reads("app11_before_end.jpg", PLAIN, &[]);
    reads("plain.jpg", PLAIN, &[]);
}

#[test]
fn adobe_ycc_named_rgb() {
    reads("adobe_ycc_named_rgb.jpg", PLAIN, &[]);
}

#[test]
fn two_exif_6_then_1() {
    reads("two_exif_6_then_1.jpg", ("105x160", 0xb999_ad93), &["later_exif_ignored"]);
}

#[test]
fn exif_6_with_prefix() {
    reads("exif_6_with_prefix.png", ("52x80", 0xbb2d_52f1), &[]);
}

#[test]
fn exif_6_in_a_text() {
    reads("exif_6_in_a_text.png", SMALL, &["text_orientation_ignored"]);
}

#[test]
fn lost_in_the_middle() {
    refuses("lost_in_the_middle.jpg", Kind::Damaged, "data are missing");
}

#[test]
fn half_with_end() {
    refuses("half_with_end.jpg", Kind::Damaged, "a scan ends before its last block");
}

#[test]
fn extended_sequential() {
    reads("extended_sequential.jpg", PLAIN, &[]);
}

#[test]
fn junk_between_segments() {
    reads("junk_between_segments.jpg", PLAIN, &["bytes_skipped"]);
}

#[test]
fn height_after_scan() {
    refuses("height_after_scan.jpg", Kind::Unsupported, "height is not in its header");
}

#[test]
fn apng_of_one_frame() {
    reads("apng_of_one_frame.png", SMALL, &[]);
}

#[test]
fn deep_16() {
    reads("deep_16.png", SMALL, &["rounded_to_8_bits"]);
}

#[test]
fn photo_webp() {
    reads("photo.webp", ("160x105", 0x4f83_5235), &[]);
    reads("photo_lossless.webp", ("160x105", 0x8a70_f3d0), &[]);
}

#[test]
fn photo_tif() {
    reads("photo.tif", ("160x105", 0x8a70_f3d0), &[]);
}

#[test]
fn one_pixel_alpha_254() {
    refuses("one_pixel_alpha_254.png", Kind::Unsupported, "transparent in places");
    let on_white = Options { background: Some(Background([255; 3])) };
    let decoded = decode_bytes(&file("one_pixel_alpha_254.png"), &on_white).unwrap();
    assert_eq!(names(&decoded.notes), ["on_background"]);
    let opaque = decode_bytes(&file("linear_gamma.png"), &Options::default()).unwrap();
    let differ = decoded.raster.pixels().iter().zip(opaque.raster.pixels()).filter(|(a, b)| a != b).count();
    assert!(differ <= 1, "{differ} pixels differ");
}

#[test]
fn linear_gamma() {
    reads("linear_gamma.png", SMALL, &["gamma_ignored"]);
}

#[test]
fn data_that_end_too_soon_under_sound_lengths_and_checksums() {
    refuses("cut_behind_its_length.webp", Kind::Damaged, "data are missing");
    refuses("cut_inside.png", Kind::Damaged, "compressed data");
    refuses("without_adler.png", Kind::Damaged, "end before their checksum");
    refuses("strip_of_no_bytes.tif", Kind::Damaged, "data are missing");
}

#[test]
fn lossy_webps_about_which_decoders_differ() {
    refuses("ends_too_soon.webp", Kind::Damaged, "data are missing");
    refuses("large_coefficient.webp", Kind::Damaged, "a coefficient is larger");
    refuses("filter_out_of_range.webp", Kind::Unsupported, "loop filter leaves its range");
    reads("filter_in_range.webp", ("40x24", 0x2e8b_fb8b), &[]);
}

#[test]
fn a_lossless_webp_with_a_colour_out_of_an_empty_place() {
    reads("empty_place.webp", ("17x33", 0x9cda_d73d), &[]);
}

#[test]
fn soft_alpha_of_a_lossy_webp() {
    refuses("soft_alpha.webp", Kind::Unsupported, "transparent in places");
    let on_blue = Options { background: Some(Background([48, 96, 144])) };
    let decoded = decode_bytes(&file("soft_alpha.webp"), &on_blue).unwrap();
    assert_eq!(seen(&decoded), ("80x52".to_owned(), 0xb95a_11c7));
}

#[test]
fn a_predictor_that_libtiff_passes_over() {
    refuses("predictor_packbits.tif", Kind::Unsupported, "predictor");
}

#[test]
fn other_tiffs_than_photo_tif() {
    reads("tiles_lzw.tif", SMALL, &[]);
    reads("planes.tif", SMALL, &[]);
    reads("palette.tif", ("80x52", 0x9113_8517), &[]);
    reads("two_colours.tif", ("80x52", 0x9994_b03e), &[]);
}

/// A grey JPEG of flat blocks of 8x8 pixels, of which this function says the samples.
fn flat_blocks(columns: u16, rows: u16, sample: impl Fn(u16, u16) -> u8) -> Vec<u8> {
    /// Huffman codes of differences by their number of bits: their lengths, and the codes.
    const CODES: [(u32, u32); 9] = [(2, 0), (3, 2), (3, 3), (3, 4), (3, 5), (3, 6), (4, 14), (5, 30), (6, 62)];
    let segment =
        |marker: u8, body: &[u8]| [&[0xff, marker][..], &(body.len() as u16 + 2).to_be_bytes(), body].concat();
    let [width, height] = [columns, rows].map(|blocks| (8 * blocks).to_be_bytes());
    let mut file = vec![0xff, 0xd8];
    file.extend(segment(0xdb, &[&[0][..], &[8; 64]].concat()));
    file.extend(segment(0xc0, &[&[8][..], &height, &width, &[1, 1, 0x11, 0]].concat()));
    file.extend(segment(0xc4, &[&[0, 0, 1, 5, 1, 1, 1][..], &[0; 10], &[0, 1, 2, 3, 4, 5, 6, 7, 8]].concat()));
    file.extend(segment(0xc4, &[&[0x10, 1][..], &[0; 15], &[0]].concat()));
    file.extend(segment(0xda, &[1, 1, 0, 0, 63, 0]));
    let (mut bits, mut count, mut last) = (0u64, 0, 128);
    for (x, y) in (0..rows).flat_map(|y| (0..columns).map(move |x| (x, y))) {
        let step = i32::from(sample(x, y)) - last;
        last += step;
        let size = 32 - step.unsigned_abs().leading_zeros();
        let (length, code) = CODES[size as usize];
        let low = if step < 0 { step - 1 } else { step } as u32 & ((1 << size) - 1);
        // the block's end is one zero bit
        bits = (bits << length | u64::from(code)) << (size + 1) | u64::from(low) << 1;
        count += length + size + 1;
        while count >= 8 {
            count -= 8;
            let byte = (bits >> count) as u8;
            file.push(byte);
            if byte == 0xff {
                file.push(0);
            }
        }
        bits &= 0xff;
    }
    if count > 0 {
        file.push((bits as u8) << (8 - count) | (0xff >> count));
    }
    file.extend([0xff, 0xd9]);
    file
}

#[test]
fn megapixels_24() {
    let (columns, rows) = (714u16, 536u16);
    let sample = |x: u16, y: u16| {
        let (x, y) = (f64::from(x) / f64::from(columns), f64::from(y) / f64::from(rows));
        let waves = [(1.3, 2.1, 0.4), (3.7, 0.9, 1.9), (2.2, 5.4, 2.8), (6.1, 4.3, 0.7)];
        let sum: f64 = waves.iter().map(|(a, b, phase)| (TAU * (a * x + b * y) + phase).sin()).sum();
        (128.0 + 28.0 * sum).round() as u8
    };
    let large = flat_blocks(columns, rows, sample);
    let made = fingerprint_bytes(&large, &Options::default()).unwrap();
    assert_eq!((made.width, made.height), (5712, 4288));
    // The same picture, one pixel a block.
    let pixels = (0..rows).flat_map(|y| (0..columns).map(move |x| [sample(x, y); 3])).collect();
    let small = pdq(&Raster::new(columns.into(), rows.into(), pixels).unwrap());
    let apart = made.pdq.fingerprint.distance(small.fingerprint);
    assert!(apart <= 2 && made.pdq.quality == 100, "{apart} bits");
    // What would have to be proved is refused before anything of its size is held.
    let problem = decode_bytes(&large, &Options::default()).map(|_| ()).unwrap_err();
    assert!(matches!(problem, Problem::TooLarge { width: 5712, height: 4288, limit: 16_777_216 }), "{problem}");
}

#[test]
fn flat_blocks_are_what_they_say() {
    let sample = |x: u16, y: u16| (x * 31 + y * 57) as u8;
    let decoded = decode_bytes(&flat_blocks(5, 4, sample), &Options::default()).unwrap();
    for (index, pixel) in (0..).zip(decoded.raster.pixels()) {
        assert_eq!(*pixel, [sample(index % 40 / 8, index / 40 / 8); 3]);
    }
}
