//! What a fingerprint proof costs on this machine: one JSON object a size, on stdout.
//!
//! `cargo run --release -p veilmark-benches -- 512x512 1280x720` proves each size three times and prints medians; progress
//! goes to stderr. The parameters are the development ones, made in memory. `benches/RESULTS.md` keeps the results.
use rand_core::OsRng;
use serde_json::json;
use std::{fs, process::ExitCode, time::Instant};
use veilmark::{
    keys::{self, ClaimShape},
    proof::{self, prove_fingerprint},
    srs::Srs,
};
use veilmark_benches::{cost, picture};
use veilmark_circuits::{
    claims::fingerprint::FingerprintClaim,
    commitment::{ImageCommitment, Salts},
    statement::{pdq, public::FingerprintPublic},
};

const RUNS: usize = 3;

fn main() -> ExitCode {
    let sizes: Option<Vec<(u32, u32)>> = std::env::args()
        .skip(1)
        .map(|size| size.split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?))))
        .collect();
    match sizes {
        Some(sizes) if !sizes.is_empty() => {
            sizes.into_iter().for_each(|(width, height)| println!("{}", measure(width, height)));
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("usage: veilmark-benches WIDTHxHEIGHT …");
            ExitCode::from(2)
        }
    }
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> (T, f64) {
    eprint!("{what} … ");
    let start = Instant::now();
    let result = work();
    let seconds = start.elapsed().as_secs_f64();
    eprintln!("{seconds:.3} s");
    (result, seconds)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Peak resident memory of this process so far, in MiB; 0 where the system does not tell.
fn peak_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).map_or(0, |kib| kib / 1024)
}

fn measure(width: u32, height: u32) -> serde_json::Value {
    let image = picture(width, height);
    let k = FingerprintClaim::min_k(width, height).expect("a size with a circuit");
    eprintln!("{width}x{height}, 2^{k} rows");
    let (srs, srs_s) = timed("development parameters", || Srs::dev(k, &mut |_| {}).expect("parameters"));
    let shape = &ClaimShape::fingerprint(width, height, k);
    let (vk, vk_s) = timed("verifying key", || keys::generate_verifying_key(&srs, shape).expect("a key"));
    let (pk, pk_s) = timed("proving key", || keys::generate_proving_key(&srs, shape, vk).expect("a key"));
    let salts = Salts::random(OsRng);
    let (commitment, commit_s) =
        timed("commitment", || ImageCommitment::new(srs.params(), srs.id().0, &image, &salts).expect("it fits"));
    let public = FingerprintPublic { fingerprint: pdq::pdq(&image).fingerprint, tolerance: 0, context: [1; 31] };
    let (mut prove, mut verify, mut proof) = (vec![], vec![], vec![]);
    for run in 1..=RUNS {
        let (made, prove_s) = timed(&format!("proof {run}"), || {
            prove_fingerprint(&srs, &pk, &image, &salts, &commitment, &public, &|_| {}).expect("a proof")
        });
        let start = Instant::now();
        proof::verify(&srs, pk.get_vk(), &public, &made).expect("it verifies");
        verify.push(start.elapsed().as_secs_f64());
        prove.push(prove_s);
        proof = made;
    }
    json!({
        "size": format!("{width}x{height}"), "cost": cost::of_proof(&srs, pk.get_vk(), shape, &public, &proof),
        "parameters_s": srs_s, "verifying_key_s": vk_s, "proving_key_s": pk_s, "commit_s": commit_s,
        "prove_s": median(prove), "verify_ms": 1e3 * median(verify), "peak_mib": peak_mib(),
    })
}
