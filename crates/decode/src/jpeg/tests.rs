//! What no encoder writes, by hand.
#![allow(clippy::unwrap_used)]

use crate::{Options, Problem, decode_bytes};

const GREY: &[u8] = include_bytes!("../../tests/seeds/grey-17-1.jpg");
const COLOUR: &[u8] = include_bytes!("../../tests/seeds/fill.jpg");
const SCANS: &[u8] = include_bytes!("../../tests/seeds/between.jpg");

fn refused(bytes: &[u8]) -> Problem {
    decode_bytes(bytes, &Options::default()).map(|_| ()).unwrap_err()
}

fn at(bytes: &[u8], marker: u8) -> usize {
    bytes.windows(2).position(|pair| pair == [0xff, marker]).unwrap()
}

/// The file with a byte of its frame header changed; 0 is the marker's first byte.
fn framed(bytes: &[u8], place: usize, value: u8) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let frame = (0xc0..=0xc2).find_map(|sof| bytes.windows(2).position(|pair| pair == [0xff, sof])).unwrap();
    bytes[frame + place] = value;
    bytes
}

#[test]
fn frames_that_are_not_read() {
    for process in [3, 5, 9, 10, 11] {
        assert!(
            matches!(refused(&framed(COLOUR, 1, 0xc0 + process)), Problem::Process { process: got } if got == process)
        );
    }
    assert!(matches!(refused(&framed(COLOUR, 4, 12)), Problem::Depth { bits: 12, .. }));
    assert!(matches!(refused(&framed(COLOUR, 9, 2)), Problem::Components { components: 2 }));
    assert!(matches!(refused(&framed(COLOUR, 11, 0x30)), Problem::Malformed { .. }));
    assert!(matches!(refused(&framed(&framed(COLOUR, 11, 0x31), 14, 0x21)), Problem::Sampling));
    assert!(matches!(refused(&framed(COLOUR, 13, 1)), Problem::Malformed { .. }), "two components of one name");
    assert!(matches!(refused(&framed(&framed(COLOUR, 7, 0), 8, 3)), Problem::TooSmall { width: 3, .. }));
}

/// Motion JPEG leaves the standard's codes out; a progressive file may not, as libjpeg has it.
#[test]
fn only_sequential_files_may_lack_their_codes() {
    let without = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        let codes: Vec<usize> = (2..at(&bytes, 0xda)).filter(|&i| bytes[i..i + 2] == [0xff, 0xc4]).collect();
        // a comment instead
        codes.into_iter().for_each(|i| bytes[i + 1] = 0xfe);
        bytes
    };
    assert!(at(GREY, 0xc2) < at(GREY, 0xda), "a progressive file");
    let missing = |problem: &Problem| matches!(problem, Problem::Malformed { what: "a Huffman table is missing", .. });
    assert!(missing(&refused(&without(GREY))));
    let sequential = without(COLOUR);
    assert_ne!(sequential, COLOUR);
    assert!(!decode_bytes(&sequential, &Options::default()).is_err_and(|problem| missing(&problem)));
}

#[test]
fn a_large_frame_in_a_small_file_allocates_nothing() {
    let mut large = GREY.to_vec();
    for (place, value) in [(5, 0x7f), (6, 0xff), (7, 0x0f), (8, 0xff)] {
        large = framed(&large, place, value);
    }
    assert!(matches!(refused(&large), Problem::Damaged { .. }));
    for (place, value) in [(5, 0xff), (6, 0xff), (7, 0xff), (8, 0xff)] {
        large = framed(&large, place, value);
    }
    assert!(matches!(refused(&large), Problem::TooLarge { .. }));
}

#[test]
fn scans_must_add_up_to_the_picture() {
    // The second scan is of the first component again, or is missing.
    let second = at(&SCANS[at(SCANS, 0xda) + 2..], 0xda) + at(SCANS, 0xda) + 2;
    let mut twice = SCANS.to_vec();
    twice[second + 5] = 1;
    assert!(matches!(refused(&twice), Problem::Malformed { .. }));
    let missing = [&SCANS[..second], &[0xff, 0xd9]].concat();
    assert!(matches!(refused(&missing), Problem::Damaged { .. }));
    let frame = at(COLOUR, 0xc0);
    let frames = [&COLOUR[..frame], &COLOUR[frame..frame + 19], &COLOUR[frame..]].concat();
    assert!(matches!(refused(&frames), Problem::Malformed { .. }));
    assert!(matches!(refused(b"\xff\xd8\xff\xd9"), Problem::Malformed { .. }));
}
