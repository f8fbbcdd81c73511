//! Commits to a picture and proves, without showing it, that its fingerprint is the one in the bundle.
//!
//! `cargo run --release -p veilmark --example prove [FOLDER]`; without a folder everything happens in a temporary one.

use image::{Rgb, RgbImage};
use std::{error::Error, path::Path};
use veilmark::{
    Event, Progress, Store,
    committing::{CommitRequest, commit},
    decode::Options,
    files::Existing,
    proving::ProofRequest,
    srs::Srs,
    statement::{claim::Claim, public::Binding},
};

/// Prints how far the proof is.
struct Percents;

impl Progress for Percents {
    fn event(&self, event: Event<'_>) {
        if let Event::Proving(step) = event {
            println!("{:>3.0} %  {}", 100.0 * step.fraction(), step.phase.label());
        }
    }
}

/// Makes `picture.png`, its opening and `picture.veil.json` in a folder, with a setup and keys beside them.
pub fn prove(folder: &Path) -> Result<(), Box<dyn Error>> {
    let store = Store::at(folder);
    // the development setup's secret is public: anyone can forge under it, so it is for trying things out
    Srs::dev(14, &mut |_| ())?.store(store.srs_dir(), Existing::Replace)?;
    let path = |name: &str| folder.join(name);
    let block = |x: u32, y: u32, channel: u32| (((x / 6 + 31 * (y / 6) + 977 * channel) * 40_503) >> 8) as u8;
    RgbImage::from_fn(64, 48, |x, y| Rgb([0, 1, 2].map(|c| block(x, y, c)))).save(path("picture.png"))?;

    let committed = commit(
        &store,
        &CommitRequest {
            image: path("picture.png"),
            reading: Options::default(),
            claim: Claim::FINGERPRINT,
            model: None,
            k: None,
            public: false,
            secret: None,
            output: path("picture.opening"),
            existing: Existing::Keep,
        },
        &(),
    )?;
    println!("committed at 2^{} rows", committed.k);

    let request = ProofRequest {
        claim: Claim::FINGERPRINT,
        image: path("picture.png"),
        reading: Options::default(),
        opening: path("picture.opening"),
        generator: None,
        against: None,
        tolerance: None,
        fingerprint_out: None,
        secret: None,
        output: path("picture.veil.json"),
        existing: Existing::Keep,
    };
    // whoever registers the proof is named in it: nobody else can
    let binding = Binding { chain_id: 31337, registry: [1; 20], registrant: [2; 20] };
    let checked = request.check(&Percents)?;
    let proved = checked.prepare(&store, binding, None, &Percents)?.prove(&Percents)?;
    println!("{} bytes of proof, fingerprint {}", proved.bundle.proof.len(), proved.bundle.fingerprint);
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args_os().nth(1) {
        Some(folder) => prove(Path::new(&folder)),
        None => prove(tempfile::tempdir()?.path()),
    }
}

#[test]
fn it_runs() {
    prove(tempfile::tempdir().unwrap().path()).unwrap();
}
