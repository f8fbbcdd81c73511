//! Proves the fingerprint claim with the stock prover and with this one, in one process, and prints what each takes.
//!
//! `cargo run --release -p veilmark-halo2 --example compare -- WIDTH HEIGHT [RUNS] [own|stock|both] [MEMORY_MB]`
//!
//! Peak memory is the process's up to then: run `own` and `stock` apart to compare it. CPU times and their ratio hold on a busy machine, wall
//! times do not.
#[path = "../tests/support/mod.rs"]
mod support;

use halo2_proofs::{
    halo2curves::bn256::{Bn256, Fr},
    plonk::{ProvingKey as StockKey, create_proof, keygen_pk},
    poly::kzg::{commitment::KZGCommitmentScheme, multiopen::ProverSHPLONK},
};
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{RngCore, SeedableRng},
};
use std::{ops::ControlFlow, sync::Mutex, time::Instant};
use support::{Known, VK_HASH};
use veilmark_circuits::{
    claims::fingerprint::FingerprintClaim,
    column::Salts,
    relation::{Picture, Relation, Shape},
    testing::stock::CommittedColumnsRng,
};
use veilmark_halo2::{Column, Options, Phase, Progress, ProvingKey, commit};
use veilmark_statement::{pdq, public::PublicInputs, raster::Raster};
use veilmark_transcript::KeccakTranscript;

/// CPU seconds of this process, and its peak memory in MB.
fn usage() -> (f64, f64) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |i: usize| fields.get(i).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(0.0);
    ((ticks(11) + ticks(12)) / 100.0, peak / 1024.0)
}

fn timed<T>(what: &str, f: impl FnOnce() -> T) -> (T, f64) {
    let (before, start) = (usage().0, Instant::now());
    let result = f();
    let (cpu, peak) = usage();
    println!("{what:32} wall {:7.2} s, CPU {:7.2} s, peak {peak:6.0} MB", start.elapsed().as_secs_f64(), cpu - before);
    (result, cpu - before)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize| arguments.get(i).and_then(|a| a.parse::<u32>().ok());
    let (Some(width), Some(height)) = (number(0), number(1)) else {
        return eprintln!("usage: compare WIDTH HEIGHT [RUNS] [own|stock|both] [MEMORY_MB]");
    };
    let runs = number(2).unwrap_or(1);
    let which = arguments.get(3).map_or("both", String::as_str);
    let memory = number(4).map(|megabytes| u64::from(megabytes) << 20);

    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let pixel = |i: u32| {
        let (x, y, noise) = (i % width, i / width, rng.next_u32());
        [
            (x * 255 / width) ^ (noise & 31),
            (y * 255 / height) ^ ((noise >> 8) & 31),
            ((x + y) / 4) ^ ((noise >> 16) & 15),
        ]
        .map(|sample| sample as u8)
    };
    let image = Raster::new(width, height, (0..width * height).map(pixel).collect()).expect("a size of pictures");
    let public = PublicInputs::new(pdq::pdq(&image).fingerprint, 10, [7; 31]);
    let salts = Salts::expand(&[1; 32], 64);
    let k = FingerprintClaim::min_k(&Shape::Picture { width, height }, 0).expect("a size of pictures");
    println!("{width}x{height}, k = {k}, {} threads", rayon::current_num_threads());
    let (known, _) = timed("setup", || Known::new(k));
    let circuit = FingerprintClaim::new(Picture { image: image.clone(), salts }, &public);
    let instance = FingerprintClaim::instance(&public);
    let instances: &[&[Fr]] = &[&instance];

    let red = Column::from_bytes(image.pixels().iter().map(|pixel| pixel[0]).collect());
    timed("commitment of a byte column", || commit(&known.lagrange, &red, &Options::default()).expect("fits"));
    let own_key =
        timed("own keys (both)", || ProvingKey::generate(&known.setup(), &circuit, &Options::default()).expect("fits"))
            .0;
    let vk = own_key.vk().clone();
    let stock_key: Option<StockKey<_>> = (which != "own").then(|| {
        let vk = timed("stock verifying key", || support::stock_vk(&known, &circuit)).0;
        timed("stock proving key", || keygen_pk(&known.params, vk, &circuit).expect("fits")).0
    });
    for _ in 0..runs {
        let stock = stock_key.as_ref().map(|pk| {
            let (proof, cpu) = timed("stock proof", || {
                let rng = CommittedColumnsRng::new(3, vk.cs().blinding_factors() + 1, rand_core::OsRng);
                let mut transcript = KeccakTranscript::new(&VK_HASH, Vec::new());
                create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
                    &known.params,
                    pk,
                    std::slice::from_ref(&circuit),
                    &[instances],
                    rng,
                    &mut transcript,
                )
                .expect("proved");
                transcript.into_stream()
            });
            assert!(known.accepts(&vk, instances, &proof));
            cpu
        });
        if which == "stock" {
            continue;
        }
        let phases: Mutex<Vec<(Phase, u64, f64, f64)>> = Mutex::new(Vec::new());
        let start = Instant::now();
        let hear = |progress: Progress| {
            let mut phases = phases.lock().expect("no panic");
            if phases.last().is_none_or(|(phase, ..)| *phase != progress.phase) {
                phases.push((
                    progress.phase,
                    progress.done * 100 / progress.total,
                    start.elapsed().as_secs_f64(),
                    usage().0,
                ));
            }
            ControlFlow::Continue(())
        };
        let options = Options { memory, progress: Some(&hear), ..Options::default() };
        let (proof, cpu) =
            timed("own proof", || known.own(&own_key, &circuit, instances, 3, 5, &options).expect("proved"));
        assert!(known.accepts(&vk, instances, &proof));
        for pair in phases.lock().expect("no panic").windows(2) {
            println!("  {:30?} CPU {:7.2} s, from {} %", pair[0].0, pair[1].3 - pair[0].3, pair[0].1);
        }
        if let Some(stock) = stock {
            println!("CPU, stock to own: {:.2}", stock / cpu);
        }
    }
}
