#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::*;
use image::{ExtendedColorType, ImageEncoder, codecs::jpeg::JpegEncoder, codecs::png::PngEncoder};
use std::fs;

const CMYK: &[u8] = include_bytes!("cmyk.jpg");
const PROGRESSIVE: &[u8] = include_bytes!("progressive.jpg");

/// A picture in which every pixel tells where it is.
fn sample(width: u32, height: u32) -> Vec<[u8; 3]> {
    (0..height).flat_map(|y| (0..width).map(move |x| [(x * 9) as u8, (y * 13) as u8, (x * y) as u8])).collect()
}

fn encode_png(width: u32, height: u32, samples: &[u8], color: ExtendedColorType) -> Vec<u8> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes).write_image(samples, width, height, color).unwrap();
    bytes
}

fn encode_jpeg(width: u32, height: u32, samples: &[u8], color: ExtendedColorType) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 90).write_image(samples, width, height, color).unwrap();
    bytes
}

fn rgb_png(width: u32, height: u32) -> Vec<u8> {
    encode_png(width, height, sample(width, height).as_flattened(), ExtendedColorType::Rgb8)
}

fn rgb_jpeg(width: u32, height: u32) -> Vec<u8> {
    encode_jpeg(width, height, sample(width, height).as_flattened(), ExtendedColorType::Rgb8)
}

fn refused(bytes: &[u8]) -> Problem {
    match decode_bytes(bytes) {
        Err(problem) => problem,
        Ok(decoded) => panic!("{decoded:?}"),
    }
}

// ---- PNG by hand, for what no encoder at hand writes.

fn crc32(bytes: &[u8]) -> u32 {
    let bit = |crc: u32| (crc >> 1) ^ (0xedb8_8320 * (crc & 1));
    !bytes.iter().fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| bit(crc)))
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [kind.as_slice(), data].concat();
    [&(data.len() as u32).to_be_bytes(), body.as_slice(), &crc32(&body).to_be_bytes()].concat()
}

/// A zlib stream of one stored block.
fn stored(data: &[u8]) -> Vec<u8> {
    let length = data.len() as u16;
    let (a, b) = data.iter().fold((1u32, 0u32), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    [&[0x78, 1, 1], &length.to_le_bytes()[..], &(!length).to_le_bytes(), data, &(b << 16 | a).to_be_bytes()].concat()
}

fn ihdr(width: u32, height: u32, depth: u8, color: u8) -> Vec<u8> {
    let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
    chunk(b"IHDR", &[sides.as_slice(), &[depth, color, 0, 0, 0]].concat())
}

fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
    [PNG_SIGNATURE, &chunks.concat(), &chunk(b"IEND", &[])].concat()
}

/// The same file with `extra` in front of its first chunk of a kind.
fn with_chunk_before(png: &[u8], kind: &[u8; 4], extra: &[u8]) -> Vec<u8> {
    let at = png.windows(4).position(|window| window == kind).unwrap() - 4;
    [&png[..at], extra, &png[at..]].concat()
}

fn exif(orientation: u8) -> Vec<u8> {
    // big-endian TIFF, one directory of one entry: tag 0x0112, type SHORT, count 1
    let mut tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    tiff.extend([orientation, 0, 0, 0, 0, 0, 0]);
    tiff
}

fn with_exif_segment(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let body = [b"Exif\0\0".as_slice(), &exif(orientation)].concat();
    let length = (body.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, &body, &jpeg[2..]].concat()
}

// ---- What is read.

#[test]
fn png_keeps_every_sample() {
    let decoded = decode_bytes(&rgb_png(19, 11)).unwrap();
    assert_eq!((decoded.raster.width(), decoded.raster.height()), (19, 11));
    assert_eq!(decoded.raster.pixels(), sample(19, 11));
    assert_eq!(decoded.decoder, PNG_DECODER);
}

#[test]
fn jpeg_is_close_to_what_was_encoded() {
    let smooth = |width, height| raster_of(width, height, |x, y| [x * 10, y * 15, 100]);
    for (bytes, width, height) in [
        (encode_jpeg(24, 16, smooth(24, 16).as_flattened(), ExtendedColorType::Rgb8), 24, 16),
        (PROGRESSIVE.to_vec(), 24, 16),
    ] {
        let decoded = decode_bytes(&bytes).unwrap();
        assert_eq!((decoded.raster.width(), decoded.raster.height()), (width, height));
        assert_eq!(decoded.decoder, JPEG_DECODER);
        let samples = decoded.raster.pixels().as_flattened().iter().zip(smooth(width, height).into_flattened());
        assert!(samples.map(|(a, b)| a.abs_diff(b)).max().unwrap() <= 12);
    }
}

fn raster_of(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u32; 3]) -> Vec<[u8; 3]> {
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    places.map(|(x, y)| pixel(x, y).map(|v| v as u8)).collect()
}

#[test]
fn content_decides_not_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo.png");
    fs::write(&path, rgb_jpeg(16, 16)).unwrap();
    assert_eq!(decode(&path).unwrap().decoder, JPEG_DECODER);
}

#[test]
fn grey_becomes_three_equal_samples() {
    let greys: Vec<u8> = (0..=255).collect();
    let expected: Vec<[u8; 3]> = greys.iter().map(|&grey| [grey; 3]).collect();
    let png = decode_bytes(&encode_png(16, 16, &greys, ExtendedColorType::L8)).unwrap();
    assert_eq!(png.raster.pixels(), expected);
    let jpeg = decode_bytes(&encode_jpeg(16, 16, &greys, ExtendedColorType::L8)).unwrap();
    let pixels = jpeg.raster.pixels();
    assert!(pixels.iter().zip(expected).all(|(a, b)| a[0] == a[1] && a[1] == a[2] && a[0].abs_diff(b[0]) < 16));
}

#[test]
fn palettes_and_few_bits() {
    let palette = [[1, 2, 3], [250, 0, 9], [7, 77, 177], [40, 50, 60]];
    for depth in [1, 2, 4, 8] {
        // Eight pixels a row, pixel x of colour x mod the palette's part that the depth can name.
        let colors = 4.min(1 << depth);
        let per_byte = 8 / u32::from(depth);
        let byte = |at: u32| {
            let indices = (0..per_byte).map(|i| (at * per_byte + i) % colors);
            indices.fold(0, |byte, index| byte << depth | index) as u8
        };
        let row = [vec![0], (0..8 / per_byte).map(byte).collect()].concat();
        let data = chunk(b"IDAT", &stored(&row.repeat(5)));
        let indexed =
            png(&[ihdr(8, 5, depth, 3), chunk(b"PLTE", palette[..colors as usize].as_flattened()), data.clone()]);
        let expected = raster_of(8, 5, |x, _| palette[(x % colors) as usize].map(u32::from));
        assert_eq!(decode_bytes(&indexed).unwrap().raster.pixels(), expected, "palette, {depth} bits");

        let grey = png(&[ihdr(8, 5, depth, 0), data]);
        let expected = raster_of(8, 5, |x, _| [x % colors * 255 / ((1 << depth) - 1); 3]);
        assert_eq!(decode_bytes(&grey).unwrap().raster.pixels(), expected, "grey, {depth} bits");
    }
}

#[test]
fn alpha_must_be_opaque() {
    let opaque: Vec<u8> = sample(6, 6).iter().flat_map(|&[r, g, b]| [r, g, b, 255]).collect();
    let decoded = decode_bytes(&encode_png(6, 6, &opaque, ExtendedColorType::Rgba8)).unwrap();
    assert_eq!(decoded.raster.pixels(), sample(6, 6));
    let mut last = opaque.clone();
    *last.last_mut().unwrap() = 254;
    assert!(matches!(refused(&encode_png(6, 6, &last, ExtendedColorType::Rgba8)), Problem::Transparent));

    let greys = |alpha| (0..36).flat_map(|grey| [grey, alpha]).collect::<Vec<u8>>();
    assert!(decode_bytes(&encode_png(6, 6, &greys(255), ExtendedColorType::La8)).is_ok());
    assert!(matches!(refused(&encode_png(6, 6, &greys(0), ExtendedColorType::La8)), Problem::Transparent));

    // A transparent colour in the palette counts where a pixel has it.
    let palette = [ihdr(5, 5, 8, 3), chunk(b"PLTE", &[9; 6]), chunk(b"tRNS", &[255, 0])].concat();
    for (index, accepted) in [(0, true), (1, false)] {
        let rows = [0, index, 0, 0, 0, 0].repeat(5);
        let bytes = png(&[palette.clone(), chunk(b"IDAT", &stored(&rows))]);
        assert_eq!(decode_bytes(&bytes).is_ok(), accepted);
    }
}

#[test]
fn colour_profiles_are_ignored() {
    let bytes = rgb_png(8, 8);
    let profile = chunk(b"iCCP", &[b"x\0\0".as_slice(), &stored(&[7; 200])].concat());
    let gamma = chunk(b"gAMA", &100_000u32.to_be_bytes());
    let with = with_chunk_before(&bytes, b"IDAT", &[profile, gamma].concat());
    assert_eq!(decode_bytes(&with).unwrap().raster, decode_bytes(&bytes).unwrap().raster);
}

// ---- Orientation.

/// Where pixel `(x, y)` of the upright picture is in a stored one of width `w` and height `h`.
fn stored_at(orientation: u8, x: u32, y: u32, w: u32, h: u32) -> (u32, u32) {
    match orientation {
        2 => (w - 1 - x, y),
        3 => (w - 1 - x, h - 1 - y),
        4 => (x, h - 1 - y),
        5 => (y, x),
        6 => (y, h - 1 - x),
        7 => (w - 1 - y, h - 1 - x),
        8 => (w - 1 - y, x),
        _ => (x, y),
    }
}

#[test]
fn orientation_is_applied() {
    let (w, h) = (24, 10);
    let (plain_png, plain_jpeg) = (rgb_png(w, h), rgb_jpeg(w, h));
    // 0 and 9 are no orientations
    for orientation in 0..=9 {
        let eight = chunk(b"eXIf", &exif(orientation));
        for (plain, turned) in [
            (&plain_png, with_chunk_before(&plain_png, b"IDAT", &eight)),
            (&plain_png, with_chunk_before(&plain_png, b"IEND", &eight)),
            (&plain_jpeg, with_exif_segment(&plain_jpeg, orientation)),
        ] {
            let stored = decode_bytes(plain).unwrap().raster;
            let upright = decode_bytes(&turned).unwrap().raster;
            let (width, height) = if (5..=8).contains(&orientation) { (h, w) } else { (w, h) };
            assert_eq!((upright.width(), upright.height()), (width, height), "{orientation}");
            for y in 0..height {
                for x in 0..width {
                    let (sx, sy) = stored_at(orientation, x, y, w, h);
                    let expected = stored.pixels()[(sy * w + sx) as usize];
                    assert_eq!(upright.pixels()[(y * width + x) as usize], expected, "{orientation}: ({x}, {y})");
                }
            }
        }
    }
}

// ---- What is refused.

#[test]
fn other_content() {
    assert!(matches!(refused(b""), Problem::Empty));
    for bytes in [b"hello, this is text".as_slice(), &[0; 100], b"\x89PNG", b"\xff\xd8"] {
        assert!(matches!(refused(bytes), Problem::NotAPicture), "{bytes:?}");
    }
    for (bytes, expected) in [
        (b"GIF89a\x05\0\x05\0\0\0\0;".as_slice(), "GIF"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "WebP"),
        (b"\0\0\0\x20ftypavif\0\0\0\0", "AVIF"),
        (b"\0\0\0\x20ftypheic\0\0\0\0", "HEIF"),
        (b"II*\0\x08\0\0\0", "TIFF"),
        (b"BM\x46\0\0\0\0\0\0\0", "BMP"),
        (b"<svg xmlns='x'/>", "SVG"),
    ] {
        match refused(bytes) {
            problem @ Problem::Format { name } => {
                assert_eq!(name, expected);
                assert_eq!(problem.hint(), "convert to PNG");
            }
            problem => panic!("{expected}: {problem}"),
        }
    }
}

#[test]
fn every_truncation() {
    for (bytes, format) in
        [(rgb_png(9, 7), Format::Png), (rgb_jpeg(20, 12), Format::Jpeg), (PROGRESSIVE.to_vec(), Format::Jpeg)]
    {
        assert!(decode_bytes(&bytes).is_ok());
        for end in 0..bytes.len() {
            match refused(&bytes[..end]) {
                Problem::Truncated { format: got } => assert_eq!(got, format),
                Problem::Empty | Problem::NotAPicture => assert!(end < 8, "{format} cut at {end}"),
                problem => panic!("{format} cut at {end}: {problem}"),
            }
        }
    }
}

#[test]
fn sixteen_bits() {
    let samples: Vec<u8> = (0..6 * 6 * 6).collect();
    assert!(matches!(refused(&encode_png(6, 6, &samples, ExtendedColorType::Rgb16)), Problem::Depth { bits: 16 }));
    assert!(matches!(refused(&encode_png(6, 6, &samples[..72], ExtendedColorType::L16)), Problem::Depth { bits: 16 }));
    let jpeg = patched_frame(&rgb_jpeg(8, 8), |frame| frame[4] = 12);
    assert!(matches!(refused(&jpeg), Problem::Depth { bits: 12 }));
}

/// A JPEG with its frame header changed: marker, length, bits, height, width, components from there on.
fn patched_frame(jpeg: &[u8], patch: impl Fn(&mut [u8])) -> Vec<u8> {
    let mut bytes = jpeg.to_vec();
    let at = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    patch(&mut bytes[at..]);
    bytes
}

#[test]
fn rare_jpegs() {
    let problem = refused(CMYK);
    assert!(matches!(problem, Problem::Components { components: 4 }) && problem.to_string().contains("CMYK"));
    let jpeg = rgb_jpeg(8, 8);
    for (marker, process) in [(0xc1, 1), (0xc3, 3), (0xc9, 9)] {
        let problem = refused(&patched_frame(&jpeg, |frame| frame[1] = marker));
        assert!(matches!(problem, Problem::Process { process: got } if got == process), "{problem}");
    }
    assert!(matches!(refused(&patched_frame(&jpeg, |f| f[9] = 2)), Problem::Components { components: 2 }));
    // Two frames, or none, or garbage between segments.
    let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    let twice = [&jpeg[..frame], &jpeg[frame..frame + 19], &jpeg[frame..]].concat();
    let none = [&jpeg[..frame], &jpeg[frame + 19..]].concat();
    let garbage = [&jpeg[..frame], &[0], &jpeg[frame..]].concat();
    let nothing = b"\xff\xd8\xff\xd9".to_vec();
    for bytes in [twice, none, garbage, nothing] {
        assert!(matches!(refused(&bytes), Problem::Malformed { format: Format::Jpeg, .. }));
    }
}

#[test]
fn animated_png() {
    let still = rgb_png(8, 8);
    let animated = with_chunk_before(&still, b"IDAT", &chunk(b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0]));
    assert!(matches!(refused(&animated), Problem::Animated));
}

#[test]
fn sizes() {
    assert!(decode_bytes(&rgb_png(5, 5)).is_ok());
    for (width, height) in [(4, 9), (9, 4), (1, 1)] {
        let problem = refused(&rgb_png(width, height));
        assert!(matches!(problem, Problem::TooSmall { width: w, height: h } if (w, h) == (width, height)));
    }
    // Only a header, so nothing of that size can have been allocated.
    for (width, height) in [(0, 10), (10, 0)] {
        assert!(matches!(refused(&png(&[ihdr(width, height, 8, 2)])), Problem::TooSmall { .. }));
    }
    for (width, height) in [(60_000, 60_000), (65_536, 5), (5, 65_536), (4096, 4097), (u32::MAX, u32::MAX)] {
        assert!(matches!(refused(&png(&[ihdr(width, height, 8, 2)])), Problem::TooLarge { .. }), "{width}x{height}");
    }
    for (width, height) in [(4096, 4096), (60_000, 279)] {
        assert!(Header::new(width, height).is_ok(), "{width}x{height}");
    }
    let jpeg = rgb_jpeg(8, 8);
    assert!(matches!(refused(&patched_frame(&jpeg, |f| f[7..9].fill(0))), Problem::TooSmall { width: 0, .. }));
    assert!(matches!(refused(&patched_frame(&jpeg, |f| f[5..9].fill(0xff))), Problem::TooLarge { .. }));
}

#[test]
fn a_wide_picture_within_the_limits() {
    let raster = decode_bytes(&rgb_png(60_000, 6)).unwrap().raster;
    assert_eq!((raster.width(), raster.height()), (60_000, 6));
}

#[test]
fn malformed_pngs() {
    let bytes = rgb_png(8, 8);
    for broken in [
        png(&[]),
        png(&[chunk(b"IDAT", &[]), ihdr(8, 8, 8, 2)]),
        png(&[ihdr(8, 8, 8, 2), ihdr(9, 9, 8, 2)]),
        png(&[chunk(b"IHDR", &[0; 5])]),
    ] {
        assert!(matches!(refused(&broken), Problem::Malformed { format: Format::Png, .. }));
    }
    // Pixels missing, one byte of them changed, a depth that is none.
    let mut changed = bytes.clone();
    let data = bytes.windows(4).position(|window| window == b"IDAT").unwrap() + 8;
    changed[data] ^= 1;
    for damaged in [
        png(&[ihdr(8, 8, 8, 2), chunk(b"IDAT", &stored(&[0; 25]))]),
        png(&[ihdr(8, 8, 8, 2)]),
        png(&[ihdr(8, 8, 7, 2)]),
        changed,
    ] {
        assert!(matches!(refused(&damaged), Problem::Damaged { format: Format::Png, .. }));
    }
}

#[test]
fn changed_bytes_never_reach_the_caller_as_a_panic_or_an_odd_size() {
    for bytes in [rgb_png(9, 7), rgb_jpeg(9, 7), with_exif_segment(PROGRESSIVE, 6)] {
        for at in 0..bytes.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[at] ^= flip;
                match decode_bytes(&changed) {
                    Ok(Decoded { raster, .. }) => {
                        assert!(u64::from(raster.width()) * u64::from(raster.height()) <= MAX_PIXELS);
                    }
                    Err(problem) => {
                        assert!(!matches!(problem, Problem::DecoderPanicked { .. }), "byte {at}, {flip:#x}");
                        assert!(!problem.to_string().is_empty() && !problem.hint().is_empty());
                    }
                }
            }
        }
    }
}

#[test]
fn files_that_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let kind = |path: &Path| {
        let error = decode(path).unwrap_err();
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
        assert!(!error.hint().is_empty());
        error.kind()
    };
    let at = |name: &str| folder.path().join(name);
    assert_eq!(kind(folder.path()), Kind::WrongFile, "a folder");
    assert_eq!(kind(&at("missing.png")), Kind::FileMissing);
    fs::write(at("empty.png"), []).unwrap();
    assert_eq!(kind(&at("empty.png")), Kind::Unsupported);
    assert_eq!(kind(&at("empty.png/below")), Kind::FileMissing, "below a file");
    fs::File::create(at("long.png")).unwrap().set_len(MAX_FILE_BYTES + 1).unwrap();
    assert_eq!(kind(&at("long.png")), Kind::WrongFile);
    #[cfg(unix)]
    assert_eq!(kind(Path::new("/dev/zero")), Kind::WrongFile, "a device");
}

#[test]
fn decoder_names_are_those_of_the_lock_file() {
    let lock = include_str!("../../../Cargo.lock").replace("\r\n", "\n");
    let packages: Vec<&str> = lock.split("[[package]]\n").collect();
    let versions = |name: &str| {
        let of = format!("name = \"{name}\"\nversion = \"");
        packages.iter().filter_map(move |p| p.strip_prefix(&of)?.split_once('"')).collect::<Vec<_>>()
    };
    for id in [PNG_DECODER, JPEG_DECODER] {
        let (image, codec) = id.split_once(" / ").unwrap();
        let ((image, image_version), (codec, codec_version)) =
            (image.split_once(' ').unwrap(), codec.split_once(' ').unwrap());
        let (_, package) = versions(image).into_iter().find(|(version, _)| *version == image_version).unwrap();
        assert!(versions(codec).iter().any(|(version, _)| *version == codec_version), "{id}");
        // Where the lock file has two versions of a crate, the dependency names its version.
        let dependency = match versions(codec).len() {
            1 => format!(" \"{codec}\",\n"),
            _ => format!(" \"{codec} {codec_version}\",\n"),
        };
        assert!(package.contains(&dependency), "{id}");
    }
}
