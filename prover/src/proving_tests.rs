use super::*;
use crate::committing::{CommitRequest, commit};
use crate::progress::{Phase, Step};
use std::{
    fs,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use veilmark_files::{Classified, Kind};

/// Rows of the tests' setup.
const K: u32 = 14;

/// A folder with a setup, a picture and an opening.
struct World {
    folder: tempfile::TempDir,
    store: Store,
}

impl World {
    fn new() -> Self {
        let (folder, store) = crate::testing::home(K);
        let world = Self { folder, store };
        let request = CommitRequest {
            image: world.path("p.png"),
            reading: crate::decode::Options::default(),
            claim: Claim::COMMITTED_FINGERPRINT,
            model: None,
            k: Some(K),
            public: false,
            secret: None,
            output: world.path("p.opening"),
            existing: Existing::Keep,
        };
        commit(&world.store, &request, &()).unwrap();
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn request(&self) -> ProofRequest {
        ProofRequest {
            claim: Claim::COMMITTED_FINGERPRINT,
            image: self.path("p.png"),
            reading: crate::decode::Options::default(),
            opening: self.path("p.opening"),
            generator: None,
            against: None,
            tolerance: None,
            fingerprint_out: Some(self.path("p.fingerprint")),
            secret: None,
            output: self.path("p.veil.json"),
            existing: Existing::Keep,
        }
    }

    fn made(&self) -> u32 {
        Opening::read(&self.path("p.opening")).unwrap().proofs_made
    }
}

const BINDING: Binding = Binding { chain_id: 1, registry: [2; 20], registrant: [3; 20] };

/// Runs something whenever progress is told.
struct At<F>(F);

impl<F: Fn(Step) + Sync> Progress for At<F> {
    fn event(&self, event: Event<'_>) {
        if let Event::Proving(step) = event {
            (self.0)(step);
        }
    }
}

struct Stopped;

impl Progress for Stopped {
    fn event(&self, _: Event<'_>) {}

    fn cancelled(&self) -> bool {
        true
    }
}

/// Stops as soon as a proof is being made.
#[derive(Default)]
struct StoppedOnceProving(AtomicBool);

impl Progress for StoppedOnceProving {
    fn event(&self, event: Event<'_>) {
        self.0.fetch_or(matches!(event, Event::Proving(_)), Ordering::Relaxed);
    }

    fn cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn a_proof_is_counted_before_it_is_made_and_the_secret_is_written_before_the_bundle() {
    let world = World::new();
    let request = world.request();
    let prepared = request.check(&()).unwrap().prepare(&world.store, BINDING, None, &()).unwrap();
    assert_eq!(world.made(), 0, "nothing is counted by looking");
    let seen = Mutex::new(Vec::new());
    let progress = At(|step: Step| {
        let fingerprint = request.fingerprint_out.as_ref().unwrap();
        let mut seen = seen.lock().unwrap();
        let first = seen.is_empty();
        seen.push((step.phase, world.made(), [fingerprint.exists(), first && request.output.exists()]));
        if first {
            // somebody else's file takes the bundle's place
            fs::write(&request.output, "precious").unwrap();
        }
    });
    let error = prepared.prove(&progress).unwrap_err();
    assert_eq!(error.kind(), Kind::FileExists, "{error}");
    let seen = seen.into_inner().unwrap();
    assert_eq!(seen[0].0, Phase::Witness);
    assert!(seen.iter().all(|(_, made, there)| *made == 1 && *there == [false; 2]), "counted before the first step");
    assert_eq!(fs::read(&request.output).unwrap(), b"precious", "nothing is overwritten");
    assert!(FingerprintFile::read(&world.path("p.fingerprint")).is_ok(), "the secret came before the bundle");
    assert_eq!(world.made(), 1);

    // stopped on the way: counted, and nothing is there
    let request =
        ProofRequest { output: world.path("r.veil.json"), fingerprint_out: Some(world.path("r.fp")), ..request };
    let prepared = request.check(&()).unwrap().prepare(&world.store, BINDING, None, &()).unwrap();
    assert_eq!(prepared.prove(&StoppedOnceProving::default()).unwrap_err().kind(), Kind::Cancelled);
    assert_eq!((world.made(), request.output.exists(), world.path("r.fp").exists()), (2, false, false));

    // where nothing is in the way both are there, and the proof holds without the whole setup
    let request =
        ProofRequest { output: world.path("q.veil.json"), fingerprint_out: Some(world.path("q.fp")), ..request };
    let prepared = request.check(&()).unwrap().prepare(&world.store, BINDING, None, &()).unwrap();
    let hash = prepared.vk_hash();
    let proved = prepared.prove(&()).unwrap();
    assert_eq!((proved.proofs_made, proved.bundle.vk_hash, proved.distance), (3, hash, Some(0)));
    let bundle = crate::verifying::read_bundle(&request.output).unwrap();
    let shape = crate::verifying::shape_of(&bundle, None).unwrap();
    let verified = crate::verifying::verify(&world.store, &bundle, &shape, &()).unwrap();
    assert!(verified.invalid.is_none() && verified.setup.is_unsafe());
    let other = Bundle { binding: Binding { chain_id: 2, ..BINDING }, ..bundle };
    let verified = crate::verifying::verify(&world.store, &other, &shape, &()).unwrap();
    assert_eq!(verified.invalid.unwrap().kind(), Kind::ProofInvalid);
}

#[test]
fn whatever_can_be_refused_is_refused_before_a_proof_is_counted() {
    let world = World::new();
    let kind = |request: &ProofRequest| request.check(&()).unwrap_err().kind();
    let request = world.request();
    fs::write(world.path("there"), "precious").unwrap();
    let there = Some(world.path("there"));
    assert_eq!(kind(&ProofRequest { output: world.path("there"), ..request.clone() }), Kind::FileExists);
    assert_eq!(kind(&ProofRequest { fingerprint_out: there, ..request.clone() }), Kind::FileExists);
    assert_eq!(kind(&ProofRequest { fingerprint_out: None, ..request.clone() }), Kind::Usage);
    assert_eq!(kind(&ProofRequest { fingerprint_out: Some(request.output.clone()), ..request.clone() }), Kind::Usage);
    let replaced = ProofRequest { output: world.path("p.png"), existing: Existing::Replace, ..request.clone() };
    assert_eq!(kind(&replaced), Kind::Usage, "an input is no output");
    assert_eq!(kind(&ProofRequest { opening: world.path("none"), ..request.clone() }), Kind::FileMissing);
    let mut far = request.clone();
    far.against = Some(Fingerprint::from_bytes([0; 32]));
    assert_eq!(kind(&far), Kind::ClaimFalse);
    let short = request.check(&()).unwrap().prepare(&world.store, BINDING, Some(1 << 20), &());
    assert_eq!(short.unwrap_err().kind(), Kind::MemoryShort);
    let stopped = request.check(&()).unwrap().prepare(&world.store, BINDING, None, &Stopped);
    assert_eq!(stopped.unwrap_err().kind(), Kind::Cancelled);
    let prepared = request.check(&()).unwrap().prepare(&world.store, BINDING, None, &()).unwrap();
    assert_eq!(prepared.prove(&Stopped).unwrap_err().kind(), Kind::Cancelled);
    assert_eq!((world.made(), request.output.exists()), (0, false));
}
