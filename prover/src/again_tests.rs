use super::*;
use crate::committing::commit;
use std::{path::Path, sync::Arc};
use veilmark_files::{Classified, Kind};
use veilmark_proof::opening::{Opening, OpeningError};
use veilmark_secrets::{SecretError, keeper::Folder, machine::FIRST, master::Master};
use veilmark_statement::claim::Claim;

const K: u32 = 14;

/// A home with a setup, a picture and, if wanted, a master secret.
struct World {
    folder: tempfile::TempDir,
    store: Store,
}

impl World {
    fn new() -> Self {
        let (folder, store) = crate::testing::home(K);
        Self { folder, store }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn secret(&self) -> Folder {
        Folder::at(self.folder.path())
    }

    fn request(&self, output: &str, secret: Option<Arc<Keeper>>) -> CommitRequest {
        CommitRequest {
            image: self.path("p.png"),
            reading: decode::Options::default(),
            claim: Claim::FINGERPRINT,
            model: None,
            k: Some(K),
            public: false,
            secret,
            output: self.path(output),
            existing: Existing::Keep,
        }
    }

    fn commit(&self, output: &str, keeper: &Arc<Keeper>) -> Committed {
        commit(&self.store, &self.request(output, Some(keeper.clone())), &()).unwrap()
    }

    fn again(&self, output: &str, keeper: &Keeper, which: &Which) -> Result<Committed, Error> {
        commit_again(&self.store, &self.request(output, None), keeper, which, &())
    }
}

fn of(commitment: [u8; 32]) -> Which {
    Which { commitment: Some(commitment), ..Which::default() }
}

fn read(path: &Path) -> Opening {
    Opening::read(path).unwrap()
}

/// The whole of it: every commitment has its own number, each can be made again from the words alone on another machine, what
/// is made again proves nothing, and a fresh commitment there shares salts with none of before.
#[test]
fn a_lost_opening_is_made_again_and_proves_nothing() {
    let world = World::new();
    let master = Master::random(&mut rand_core::OsRng);
    world.secret().create(&master, None).unwrap();
    let keeper = Arc::new(world.secret().open(None).unwrap());
    let made = [world.commit("0", &keeper), world.commit("1", &keeper)];
    for (number, committed) in (0..).zip(&made) {
        assert_eq!(committed.derived, Some(Derived { machine: FIRST.into(), number }));
        assert_eq!(read(&world.path(&number.to_string())).derived, committed.derived);
    }
    assert_ne!(made[0].commitment.digest(), made[1].commitment.digest());
    // spent to the end, and lost
    while Opening::spend(&world.path("1")).is_ok() {}
    let lost = read(&world.path("1"));
    let error = world.again("x", &keeper, &Which::default()).unwrap_err();
    assert!(matches!(error, Error::SeveralTaken { count: 2 }), "{error}");

    let elsewhere = World::new();
    let words = Master::from_words(&master.words()).unwrap();
    let name = elsewhere.secret().restore(&words, None, None).unwrap();
    let restored = Arc::new(elsewhere.secret().open(None).unwrap());
    for (world, keeper, output) in [(&world, &keeper, "here"), (&elsewhere, &restored, "there")] {
        let again = world.again(output, keeper, &of(lost.image_commitment)).unwrap();
        assert_eq!(again.commitment.digest(), lost.image_commitment);
        let opening = read(&world.path(output));
        assert!(opening.salts() == lost.salts() && opening.made_again && opening.derived == lost.derived);
        opening.check_picture(&again.picture.raster).unwrap();
        assert_eq!((opening.proofs_made, opening.remaining()), (0, Some(0)));
        let error = Opening::spend(&world.path(output)).unwrap_err();
        assert!(matches!(error, OpeningError::MadeAgain), "the count went back: {error}");
    }
    // what is committed to there has other salts
    let fresh = elsewhere.commit("fresh", &restored);
    assert_eq!(fresh.derived, Some(Derived { machine: name, number: 0 }));
    let salts = read(&elsewhere.path("fresh"));
    assert!([0, 1].iter().all(|number| read(&world.path(&number.to_string())).salts() != salts.salts()));
    assert_eq!(salts.remaining(), Some(veilmark_circuits::commitment::MAX_PROOFS));
    // by number, where one remembers it
    let which = |machine: Option<&str>, number| Which { commitment: None, number, machine: machine.map(str::to_owned) };
    let first = elsewhere.again("by number", &restored, &which(Some(FIRST), Some(0))).unwrap();
    assert_eq!(first.commitment.digest(), made[0].commitment.digest());
    elsewhere.again("the only one", &restored, &Which::default()).unwrap();
    assert_eq!(read(&elsewhere.path("the only one")).salts(), salts.salts());
    // making again takes no number
    assert_eq!(world.commit("2", &keeper).derived.unwrap().number, 2);
}

#[test]
fn what_was_never_committed_to_is_not_made_again() {
    let world = World::new();
    world.secret().create(&Master::random(&mut rand_core::OsRng), None).unwrap();
    let keeper = Arc::new(world.secret().open(None).unwrap());
    let error = world.again("x", &keeper, &Which::default()).unwrap_err();
    assert!(matches!(error, Error::NothingTaken) && error.kind() == Kind::Usage, "{error}");
    let committed = world.commit("0", &keeper);
    for (which, kind) in [
        (of([7; 32]), Kind::Mismatch),
        (Which { number: Some(1), ..Which::default() }, Kind::Usage),
        (Which { machine: Some("another".into()), ..Which::default() }, Kind::Usage),
        (Which { machine: Some("another".into()), ..of(committed.commitment.digest()) }, Kind::Mismatch),
    ] {
        assert_eq!(world.again("x", &keeper, &which).unwrap_err().kind(), kind, "{which:?}");
    }
    // another secret
    let other = World::new();
    other.secret().create(&Master::random(&mut rand_core::OsRng), None).unwrap();
    let stranger = other.secret().open(None).unwrap();
    let error = world.again("x", &stranger, &of(committed.commitment.digest())).unwrap_err();
    assert!(matches!(error, Error::NotOfThisSecret { .. }), "{error}");
    assert!(!world.path("x").exists());
    // an opening in the way stays, before anything is computed
    assert_eq!(world.again("0", &keeper, &Which::default()).unwrap_err().kind(), Kind::FileExists);
    let forced = CommitRequest { existing: Existing::Replace, ..world.request("0", Some(keeper.clone())) };
    assert!(matches!(commit(&world.store, &forced, &()), Err(Error::Precious { .. })));
    assert_eq!(read(&world.path("0")).image_commitment, committed.commitment.digest());
}

/// Fingerprints under one commitment never share salts, and each is made again from its proof's number.
#[test]
fn fingerprints_have_salts_of_their_own() {
    let world = World::new();
    world.secret().create(&Master::random(&mut rand_core::OsRng), None).unwrap();
    let keeper = world.secret().open(None).unwrap();
    let srs = Srs::dev(8, &mut |_| ()).unwrap();
    let digest = |commitment: u8, proof: u32, fingerprint: Fingerprint| {
        fingerprint_file(&keeper, &srs, &[commitment; 32], fingerprint, proof).opened().salts
    };
    let (one, two) = (Fingerprint::from_bits(|k| k % 3 == 0), Fingerprint::from_bits(|k| k % 5 == 0));
    assert!(digest(1, 1, one) == digest(1, 1, one));
    for other in [digest(1, 2, one), digest(2, 1, one), digest(1, 1, two)] {
        assert!(digest(1, 1, one) != other);
    }
}

#[test]
fn a_sealed_secret_needs_its_password() {
    let world = World::new();
    world.secret().create(&Master::random(&mut rand_core::OsRng), Some("a password of a test")).unwrap();
    let error = Error::from(world.secret().open(Some("another")).unwrap_err());
    assert!(matches!(&error, Error::Secret(SecretError::WrongPassword { .. })) && error.kind() == Kind::NotAllowed);
}
