#![allow(clippy::unwrap_used)]

use super::*;

const JPEG: &[u8] = include_bytes!("../tests/seeds/pillow-64.jpg");
const CMYK: &[u8] = include_bytes!("../tests/seeds/cmyk-8.jpg");
const PNG: &[u8] = include_bytes!("../tests/seeds/apng-1.png");

fn refused(bytes: &[u8]) -> Problem {
    decode_bytes(bytes, &Options::default()).map(|_| ()).unwrap_err()
}

/// A PNG's header alone.
fn header(width: u32, height: u32, depth: u8, colours: u8) -> Vec<u8> {
    let [w, h] = [width, height].map(u32::to_be_bytes);
    let body = [b"IHDR".as_slice(), &w, &h, &[depth, colours, 0, 0, 0]].concat();
    [png::SIGNATURE, &13u32.to_be_bytes(), &body, &crc32fast::hash(&body).to_be_bytes()].concat()
}

#[test]
fn other_content() {
    assert!(matches!(refused(b""), Problem::Empty));
    for bytes in [b"hello, this is text".as_slice(), &[0; 100], b"\x89PNG", b"\xff\xd8"] {
        assert!(matches!(refused(bytes), Problem::NotAPicture), "{bytes:?}");
    }
    for (bytes, expected) in [
        (b"GIF89a\x05\0\x05\0\0\0\0;".as_slice(), "GIF"),
        (b"\0\0\0\x20ftypavif\0\0\0\0", "AVIF"),
        (b"\0\0\0\x20ftypheic\0\0\0\0", "HEIF"),
        (b"BM\x46\0\0\0\0\0\0\0", "BMP"),
        (b"<svg xmlns='x'/>", "SVG"),
    ] {
        let problem = refused(bytes);
        assert!(matches!(problem, Problem::Format { name } if name == expected), "{problem}");
        assert!(problem.hint().starts_with("convert to PNG"));
    }
    let problem = refused(CMYK);
    assert!(matches!(problem, Problem::Components { components: 4 }) && problem.to_string().contains("CMYK"));
}

#[test]
fn every_truncation() {
    for (bytes, format) in [(PNG, Format::Png), (JPEG, Format::Jpeg)] {
        assert!(decode_bytes(bytes, &Options::default()).is_ok());
        for end in 0..bytes.len() {
            match refused(&bytes[..end]) {
                Problem::Truncated { format: got } => assert_eq!(got, format),
                Problem::Empty | Problem::NotAPicture => assert!(end < 8, "{format} cut at {end}"),
                problem => assert_eq!(problem.kind(), Kind::Damaged, "{format} cut at {end}: {problem}"),
            }
        }
    }
}

#[test]
fn sizes_are_checked_before_anything_is_allocated() {
    for (width, height) in [(0, 10), (10, 0), (4, 9), (9, 4)] {
        assert!(matches!(refused(&header(width, height, 8, 2)), Problem::TooSmall { .. }), "{width}x{height}");
    }
    for (width, height) in [(60_000, 60_000), (65_536, 5), (5, 65_536), (u32::MAX, u32::MAX)] {
        assert!(matches!(refused(&header(width, height, 8, 2)), Problem::TooLarge { .. }), "{width}x{height}");
    }
    assert!(check::size(11_648, 8_736).is_ok(), "a hundred megapixels");
    let mut sink = ToRaster::default();
    let begun = sink.begin(5712, 4284, Orientation::UPRIGHT);
    assert!(matches!(begun, Err(Problem::TooLarge { limit: 16_777_216, .. })), "too large to be proved");
}

#[test]
fn orientation_turns_rasters_and_fingerprints_alike() {
    let (width, height) = (24u32, 10u32);
    let stored: Vec<[u8; 3]> = (0..width * height).map(|i| [i as u8, (i * 7) as u8, (i / 3) as u8]).collect();
    for number in 1..=8 {
        let orientation = Orientation::from_exif(number).unwrap();
        let (mut raster, mut sums) = (ToRaster::default(), ToPdq::default());
        raster.begin(width, height, orientation).unwrap();
        sums.begin(width, height, orientation).unwrap();
        for row in stored.chunks(width as usize) {
            raster.row(row).unwrap();
            sums.row(row).unwrap();
        }
        let upright = raster.finish().unwrap();
        for y in 0..upright.height() {
            for x in 0..upright.width() {
                // where EXIF says that this pixel is stored
                let (sx, sy) = match number {
                    2 => (width - 1 - x, y),
                    3 => (width - 1 - x, height - 1 - y),
                    4 => (x, height - 1 - y),
                    5 => (y, x),
                    6 => (y, height - 1 - x),
                    7 => (width - 1 - y, height - 1 - x),
                    8 => (width - 1 - y, x),
                    _ => (x, y),
                };
                let expected = stored[(sy * width + sx) as usize];
                assert_eq!(upright.pixels()[(y * upright.width() + x) as usize], expected, "{number}: ({x}, {y})");
            }
        }
        let (pdq, w, h) = sums.finish().unwrap();
        assert_eq!((pdq, w, h), (veilmark_statement::pdq::pdq(&upright), upright.width(), upright.height()));
    }
}

#[test]
fn files_that_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let kind = |path: &Path| {
        let error = decode(path, &Options::default()).unwrap_err();
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
        assert!(!error.hint().is_empty() && !is_picture(path));
        error.kind()
    };
    assert_eq!(kind(folder.path()), Kind::Unsupported, "a folder");
    assert_eq!(kind(&at("missing.png")), Kind::Io);
    fs::write(at("empty.png"), []).unwrap();
    assert_eq!(kind(&at("empty.png")), Kind::Unsupported);
    assert_eq!(kind(&at("empty.png/below")), Kind::Io, "below a file");
    File::create(at("long.png")).unwrap().set_len(MAX_FILE_BYTES + 1).unwrap();
    assert_eq!(kind(&at("long.png")), Kind::TooLarge);
    #[cfg(unix)]
    assert_eq!(kind(Path::new("/dev/zero")), Kind::Unsupported, "a device");
    // Content decides, not the name.
    fs::write(at("photo.png"), JPEG).unwrap();
    assert_eq!(decode(&at("photo.png"), &Options::default()).unwrap().decoder, JPEG_DECODER);
    assert!(is_picture(&at("photo.png")));
}

#[test]
fn decoder_names_are_those_of_the_lock_file() {
    let lock = include_str!("../../../Cargo.lock").replace("\r\n", "\n");
    for decoder in [png::DECODER, webp::DECODER] {
        let (name, version) = decoder.split_once(' ').unwrap();
        assert!(lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"\n")), "{decoder}");
    }
}
