use super::*;
use rand_core::OsRng;
use std::time::Instant;

const PASSWORD: &str = "a password of a test";
const WHAT: &str = "file";

fn sealed(plain: &[u8]) -> Vec<u8> {
    seal_with(plain, PASSWORD, &mut OsRng, 4)
}

#[test]
fn another_implementations_file_is_opened() {
    let file = include_bytes!("testdata/rage.age");
    assert!(is_sealed(file));
    assert_eq!(*open(WHAT, file, PASSWORD).unwrap(), b"words of a test\n");
    let error = open(WHAT, include_bytes!("testdata/keys.age"), PASSWORD).unwrap_err();
    assert!(matches!(error, SecretError::Malformed { .. }) && error.to_string().contains("keys"), "{error}");
}

#[test]
fn what_was_sealed_is_opened_whatever_its_length() {
    for length in [0, 1, 63, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17] {
        let plain: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        let file = sealed(&plain);
        assert!(*open(WHAT, &file, PASSWORD).unwrap() == plain, "{length}");
        assert_ne!(file, sealed(&plain), "keys, salts and nonces are random");
    }
}

#[test]
fn another_password_opens_nothing_and_is_not_told() {
    let error = open(WHAT, &sealed(b"secret content"), "A password of a test").unwrap_err();
    assert!(matches!(error, SecretError::WrongPassword { .. }), "{error}");
    assert!(!error.to_string().contains("of a test"));
}

/// Every byte of the file counts, and so does its end.
#[test]
fn changed_and_cut_files_are_refused() {
    let honest = sealed(b"secret content");
    for at in 0..honest.len() {
        for bit in [1, 0x80] {
            let mut changed = honest.clone();
            changed[at] ^= bit;
            assert!(open(WHAT, &changed, PASSWORD).is_err(), "byte {at}");
        }
        assert!(open(WHAT, &honest[..at], PASSWORD).is_err(), "cut at {at}");
    }
    assert!(open(WHAT, &[&honest[..], b"x"].concat(), PASSWORD).is_err());
    // cut between two chunks, or with them exchanged, each chunk is sound by itself
    let long = sealed(&vec![7; 2 * CHUNK + 5]);
    let head = long.len() - (2 * (CHUNK + TAG) + 5 + TAG);
    let (start, payload) = long.split_at(head);
    let chunk = |n: usize| &payload[n * (CHUNK + TAG)..((n + 1) * (CHUNK + TAG)).min(payload.len())];
    let made =
        |chunks: &[usize]| [&[start], &chunks.iter().map(|n| chunk(*n)).collect::<Vec<_>>()[..]].concat().concat();
    assert!(*open(WHAT, &made(&[0, 1, 2]), PASSWORD).unwrap() == vec![7; 2 * CHUNK + 5]);
    for wrong in [&[0][..], &[0, 1], &[1, 0, 2], &[0, 2], &[2], &[0, 1, 2, 2], &[]] {
        let error = open(WHAT, &made(wrong), PASSWORD).unwrap_err();
        assert!(matches!(error, SecretError::Damaged { .. }), "{wrong:?}: {error}");
    }
}

/// What would take gigabytes is refused before the password is tried.
#[test]
fn hostile_heads_are_refused_at_once() {
    let honest = String::from_utf8_lossy(&sealed(b"x")[..60]).into_owned();
    assert!(honest.contains(" 4\n"));
    let file = sealed(b"x");
    let start = Instant::now();
    let with = |from: &str, to: &str| {
        let end = file.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(3).unwrap().0;
        let head = String::from_utf8(file[..=end].to_vec()).unwrap();
        assert!(head.contains(from), "{head}");
        [head.replacen(from, to, 1).as_bytes(), &file[end + 1..]].concat()
    };
    for log_n in ["21", "30", "63"] {
        let error = open(WHAT, &with(" 4\n", &format!(" {log_n}\n")), PASSWORD).unwrap_err();
        assert!(matches!(error, SecretError::Expensive { .. }), "{log_n}: {error}");
    }
    for wrong in ["64", "256", "04", "+4", "", "4 4", "x"] {
        let error = open(WHAT, &with(" 4\n", &format!(" {wrong}\n")), PASSWORD).unwrap_err();
        assert!(matches!(error, SecretError::Malformed { .. }), "{wrong:?}: {error}");
    }
    for (from, to) in [
        ("-> scrypt", "-> X25519"),
        ("v1\n", "v2\n"),
        ("v1\n", "v1\r\n"),
        ("---", "-> scrypt AAAA 4\nAAAA\n---"),
        ("--- ", "---"),
    ] {
        let error = open(WHAT, &with(from, to), PASSWORD).unwrap_err();
        assert!(matches!(error, SecretError::Malformed { .. }), "{to:?}: {error}");
    }
    for garbage in [&b""[..], b"age-encryption.org/v1", &vec![b'a'; 1 << 20], b"\xff\xfe"] {
        assert!(open(WHAT, garbage, PASSWORD).is_err());
    }
    let endless = [INTRODUCTION.as_bytes(), &vec![b'\n'; 1 << 20]].concat();
    assert!(open(WHAT, &endless, PASSWORD).is_err());
    assert!(start.elapsed().as_secs() < 5);
}

#[test]
fn new_files_ask_for_what_age_asks_for() {
    assert_eq!((LOG_N, MAX_LOG_N), (18, 20));
    let file = seal(b"", PASSWORD, &mut OsRng);
    assert!(String::from_utf8_lossy(&file[..80]).contains(" 18\n"));
    assert!(open(WHAT, &file, PASSWORD).unwrap().is_empty());
}
