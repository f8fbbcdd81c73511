use super::*;
use crate::{
    machine::FIRST,
    master::{Master, Purpose, Subject},
};
use std::fs;
use veilmark_files::{Classified, Kind, is_readable_by_others};

const SUBJECT: Subject = Subject { digest: [1; 32], setup: [2; 32], k: 14 };
const PASSWORD: &str = "a password of a test";

fn kept(name: &str, content: &[u8]) -> Kept {
    Kept { name: name.into(), content: Zeroizing::new(content.to_vec()) }
}

/// The count does not go back by a backup that is older than what was lost.
#[test]
fn what_is_restored_takes_no_number_that_was_taken_after_the_backup() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::at(home.path());
    folder.create(&Master::random(&mut OsRng), Some("the secret's own")).unwrap();
    let keeper = folder.open(Some("the secret's own")).unwrap();
    let before = keeper.take(Purpose::Opening, &SUBJECT).unwrap();
    let path = home.path().join("x.backup");
    Backup::of(&folder, vec![kept("a.opening", b"{\"secret\":1}")]).unwrap().write(&path, PASSWORD).unwrap();
    assert!(!is_readable_by_others(&path) && crate::sealed::is_sealed(&fs::read(&path).unwrap()));
    let after = keeper.take(Purpose::Opening, &SUBJECT).unwrap();

    let elsewhere = tempfile::tempdir().unwrap();
    let restored = Folder::at(elsewhere.path());
    let backup = Backup::read(&path, PASSWORD).unwrap();
    assert!(backup.has_secret());
    assert_eq!(backup.files.len(), 1);
    assert_eq!((backup.files[0].name.as_str(), &**backup.files[0].content), ("a.opening", &b"{\"secret\":1}"[..]));
    let name = backup.restore_secret(&restored).unwrap().unwrap();
    let again = restored.open(Some("the secret's own")).unwrap();
    assert_eq!(again.machines().unwrap(), [name.clone(), FIRST.to_owned()]);
    let fresh = again.take(Purpose::Opening, &SUBJECT).unwrap();
    assert!(fresh.seed != before.seed && fresh.seed != after.seed && fresh.machine == name);
    // what was remembered when the backup was made
    assert_eq!(again.taken(Purpose::Opening, FIRST, &SUBJECT).unwrap(), 1);
    assert_eq!(again.again(Purpose::Opening, FIRST, &SUBJECT, after.number).seed, after.seed);
    // never over another secret
    assert_eq!(backup.restore_secret(&restored).unwrap_err().kind(), Kind::FileExists);
    assert_eq!(restored.open(Some("the secret's own")).unwrap().machine(), name);
}

#[test]
fn a_backup_without_a_secret_has_its_files_only() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("x.backup");
    let folder = Folder::at(home.path());
    Backup::of(&folder, vec![kept("a", b"1"), kept("b", b"")]).unwrap().write(&path, PASSWORD).unwrap();
    let backup = Backup::read(&path, PASSWORD).unwrap();
    assert_eq!(backup.restore_secret(&folder).unwrap(), None);
    assert!(!folder.exists());
    assert!(matches!(Backup::read(&path, "another"), Err(SecretError::WrongPassword { .. })));
    // it is never written over another
    let again = Backup::of(&folder, Vec::new()).unwrap().write(&path, PASSWORD).unwrap_err();
    assert_eq!(again.kind(), Kind::FileExists);
}

#[test]
fn hostile_contents_are_refused_with_their_field() {
    let refused = |text: &str, field: &str| {
        let error = Backup::parse(text.as_bytes()).unwrap_err();
        assert!(matches!(&error, SecretError::Backup { field: told, .. } if told.contains(field)), "{text}: {error}");
        assert_eq!(error.kind(), Kind::FileDamaged);
    };
    let with = |files: &str| format!("{{\"format\":\"veilmark backup\",\"version\":1,\"files\":{files}}}");
    Backup::parse(with("[]").as_bytes()).unwrap();
    for name in ["", ".", "..", ".profile", "../x", "a/b", "/etc/x", "a\\\\b", "c:x", "a\\u0000", &"x".repeat(201)] {
        refused(&with(&format!("[{{\"name\":\"{name}\",\"content\":\"\"}}]")), "name");
    }
    refused(&with("[{\"name\":\"a\",\"content\":\"\"},{\"name\":\"A\",\"content\":\"\"}]"), "files.A");
    refused(&with("[{\"name\":\"a\",\"content\":\"?\"}]"), "files.a");
    refused(&with("[{\"name\":\"a\"}]"), "content");
    refused(&with(&"[".repeat(100_000)), "content");
    refused(&with("[]").replace("backup", "opening"), "format");
    refused(&with("[]").replace(":1", ":2"), "version");
    refused(&with("[],\"master\":\"\""), "machine");
    refused(&with("[],\"machine\":\"\""), "machine");
    refused(&with("[],\"master\":\"\",\"machine\":\"AAAA\""), "machine");
    refused("", "content");
    let same = vec![kept("a", b""), kept("a", b"")];
    assert!(Backup::of(&Folder::at(std::path::Path::new("/nowhere")), same).is_err());
}
