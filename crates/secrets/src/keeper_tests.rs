use super::*;
use std::collections::BTreeSet;
use veilmark_files::{Classified, Kind, is_readable_by_others};

const SUBJECT: Subject = Subject { digest: [1; 32], setup: [2; 32], k: 14 };
const PASSWORD: &str = "a password of a test";

fn home() -> (tempfile::TempDir, Folder, Master) {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::at(home.path());
    (home, folder, Master::random(&mut OsRng))
}

#[test]
fn a_secret_is_kept_private_sealed_and_never_replaced() {
    let (_home, folder, master) = home();
    assert!(!folder.exists());
    folder.create(&master, Some(PASSWORD)).unwrap();
    assert!(folder.exists() && folder.is_sealed().unwrap());
    assert!(!is_readable_by_others(&folder.master()) && !is_readable_by_others(&folder.machine()));
    let on_disk = fs::read(folder.master()).unwrap();
    let words = master.words();
    assert!(words.split(' ').all(|word| word.len() < 4 || !String::from_utf8_lossy(&on_disk).contains(word)));
    assert_eq!(*folder.open(Some(PASSWORD)).unwrap().words(), *words);
    assert!(matches!(folder.open(None), Err(SecretError::Sealed)));
    let error = folder.open(Some("another")).unwrap_err();
    assert!(matches!(error, SecretError::WrongPassword { .. }), "{error}");
    let other = Master::random(&mut OsRng);
    for refused in [folder.create(&other, None), folder.restore(&other, None, None)] {
        assert_eq!(refused.unwrap_err().kind(), Kind::FileExists);
    }
    assert_eq!(fs::read(folder.master()).unwrap(), on_disk);
    assert_eq!(*folder.open(Some(PASSWORD)).unwrap().words(), *words);
    let keeper = folder.open(Some(PASSWORD)).unwrap();
    assert!(!format!("{keeper:?}").contains(words.split(' ').next().unwrap()));
}

#[test]
fn every_number_is_given_once_to_whoever_asks_at_once() {
    let (_home, folder, master) = home();
    folder.create(&master, None).unwrap();
    let taken: Vec<Taken> = std::thread::scope(|scope| {
        let ask = || {
            let keeper = folder.open(None).unwrap();
            (0..20).map(|_| keeper.take(Purpose::Opening, &SUBJECT).unwrap()).collect::<Vec<_>>()
        };
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(taken.iter().map(|taken| taken.number).collect::<BTreeSet<_>>(), (0..60).collect());
    assert_eq!(taken.iter().map(|taken| *taken.seed).collect::<BTreeSet<_>>().len(), 60);
    let keeper = folder.open(None).unwrap();
    assert_eq!(keeper.taken(Purpose::Opening, FIRST, &SUBJECT).unwrap(), 60);
    // what was not asked for is not counted
    assert_eq!(keeper.taken(Purpose::Latent, FIRST, &SUBJECT).unwrap(), 0);
    assert_eq!(keeper.taken(Purpose::Opening, "other", &SUBJECT).unwrap(), 0);
    assert_eq!(keeper.take(Purpose::Opening, &Subject { k: 15, ..SUBJECT }).unwrap().number, 0);
    assert_eq!(keeper.take(Purpose::Latent, &SUBJECT).unwrap().number, 0);
    // the same number, the same seed
    let again = keeper.again(Purpose::Opening, FIRST, &SUBJECT, 7);
    assert_eq!(again.seed, taken.iter().find(|taken| taken.number == 7).unwrap().seed);
    assert!(!format!("{again:?}").contains(&hex::encode(*again.seed)[..8]));
}

/// From the words alone: what was made can be made again, and no seed is given a second time.
#[test]
fn restored_from_words_nothing_is_given_twice() {
    let (_home, folder, master) = home();
    folder.create(&master, None).unwrap();
    let lost = folder.open(None).unwrap().take(Purpose::Opening, &SUBJECT).unwrap();
    let mut given = vec![lost.seed.clone()];
    let mut names = vec![FIRST.to_owned()];
    for _ in 0..3 {
        let (_home, folder, _) = home();
        let words = Master::from_words(&master.words()).unwrap();
        let name = folder.restore(&words, Some(PASSWORD), None).unwrap();
        assert!(!names.contains(&name), "{name}");
        names.push(name);
        let keeper = folder.open(Some(PASSWORD)).unwrap();
        let fresh = keeper.take(Purpose::Opening, &SUBJECT).unwrap();
        assert_eq!(fresh.number, 0);
        assert!(!given.contains(&fresh.seed));
        given.push(fresh.seed);
        assert_eq!(keeper.again(Purpose::Opening, FIRST, &SUBJECT, lost.number).seed, lost.seed);
        assert_eq!(keeper.machines().unwrap()[1..], [FIRST.to_owned()]);
    }
    for wrong in [FIRST, "", "Upper", "a b", "../x", &"x".repeat(33)] {
        let (_home, folder, _) = home();
        let error = folder.restore(&master, None, Some(wrong)).unwrap_err();
        assert!(matches!(error, SecretError::Name { .. }) && !folder.exists(), "{wrong:?}: {error}");
    }
}

/// What a machine remembered of another secret is nothing to a new one.
#[test]
fn a_memory_without_its_secret_is_not_gone_on_with() {
    let (_home, folder, master) = home();
    assert_eq!(folder.create(&master, None).unwrap(), FIRST);
    folder.open(None).unwrap().take(Purpose::Opening, &SUBJECT).unwrap();
    fs::remove_file(folder.master()).unwrap();
    let name = folder.restore(&master, None, None).unwrap();
    let keeper = folder.open(None).unwrap();
    assert!(name != FIRST && keeper.machine() == name);
    // a process that was slower: it finds the secret, and resets no number
    let taken = keeper.take(Purpose::Opening, &SUBJECT).unwrap();
    let late = Memory::new(FIRST.to_owned(), Vec::new());
    assert!(folder.put(b"another", &late).is_err());
    MachineFile(folder.machine()).write_first(&late).unwrap();
    let next = folder.open(None).unwrap().take(Purpose::Opening, &SUBJECT).unwrap();
    assert_eq!((next.machine, next.number), (taken.machine, taken.number + 1));
}

/// Numbers and name are lost together.
#[test]
fn a_machine_that_forgot_its_numbers_is_another_machine() {
    let (_home, folder, master) = home();
    folder.create(&master, None).unwrap();
    let before = folder.open(None).unwrap();
    let first = before.take(Purpose::Opening, &SUBJECT).unwrap();
    fs::remove_file(folder.machine()).unwrap();
    let keeper = folder.open(None).unwrap();
    assert!(keeper.is_new_name() && keeper.machine() != FIRST);
    let second = keeper.take(Purpose::Opening, &SUBJECT).unwrap();
    assert!(first.seed != second.seed);
    // who opened it before does not go on under the old name
    assert!(matches!(before.take(Purpose::Opening, &SUBJECT), Err(SecretError::Name { .. })));
    assert!(!folder.open(None).unwrap().is_new_name());
}

#[test]
fn damaged_files_are_refused_with_their_names() {
    let (_home, folder, master) = home();
    folder.create(&master, None).unwrap();
    folder.open(None).unwrap().take(Purpose::Opening, &SUBJECT).unwrap();
    let honest = fs::read(folder.machine()).unwrap();
    for at in 0..honest.len() {
        let mut changed = honest.clone();
        changed[at] ^= 1;
        fs::write(folder.machine(), &changed).unwrap();
        let error = folder.open(None).unwrap_err();
        assert!(matches!(error, SecretError::Machine { .. }) && error.to_string().contains("machine"), "{at}: {error}");
    }
    for cut in [0, 10, honest.len() - 1, honest.len() - 20] {
        fs::write(folder.machine(), &honest[..cut]).unwrap();
        assert!(folder.open(None).is_err(), "cut at {cut}");
    }
    fs::write(folder.machine(), &honest).unwrap();
    folder.open(None).unwrap();
    for content in [&b""[..], b"word", b"\xff\xff", &vec![b'a'; 1 << 13]] {
        fs::write(folder.master(), content).unwrap();
        let error = folder.open(None).unwrap_err();
        assert!(matches!(error, SecretError::Words { .. } | SecretError::File(_)), "{error}");
    }
    let words = format!("{} ", "abandon ".repeat(23));
    fs::write(folder.master(), words + "zoo").unwrap();
    assert!(matches!(folder.open(None), Err(SecretError::Words { .. })));
}

#[cfg(unix)]
#[test]
fn a_missing_secret_is_missing() {
    let (_home, folder, _) = home();
    assert_eq!(folder.open(None).unwrap_err().kind(), Kind::FileMissing);
}
