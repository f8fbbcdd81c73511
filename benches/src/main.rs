//! What a proof costs on this machine: one JSON object a size or model, on stdout.
//!
//! ```text
//! cargo run --release -p veilmark-benches -- 512x512 1280x720              fingerprints of pictures
//! cargo run --release -p veilmark-benches -- dcgan32 mlp landscape         generations
//! cargo run --release -p veilmark-benches -- landscape:authenticity        both in one proof
//! cargo run --release -p veilmark-benches -- sweep benches/sweep.svg       rows against widths, as a picture
//! ```
//!
//! Each is proved three times, and medians are printed; progress goes to stderr. The parameters are the development ones,
//! made in memory. `dcgan32`, `dcgan64` and `mlp` are untrained models made here, of the shapes in `benches/RESULTS.md`; a
//! path names an ONNX file. `benches/RESULTS.md` keeps the results.
use rand_core::OsRng;
use serde_json::json;
use std::{fs, path::Path, process::ExitCode, sync::Arc, time::Instant};
use veilmark::{
    claims::Under,
    halo2,
    import::{self, Options},
    keys::{self, ClaimShape},
    proof,
    srs::Srs,
};
use veilmark_benches::{cost, models, picture, sweep};
use veilmark_circuits::{
    column::{SALT_ROWS, Salts},
    commitment::Commitment,
    committed,
    relation::{Generator, Inputs, Picture},
    statement::{
        claim::{Claim, MODEL, PICTURE, PROMPT},
        latent,
        model::Model,
        pdq,
        public::PublicInputs,
    },
};

const RUNS: usize = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [command, path] = &arguments[..]
        && command == "sweep"
    {
        fs::write(path, sweep::svg()).expect("a file to write");
        return ExitCode::SUCCESS;
    }
    if arguments.is_empty() {
        eprintln!(
            "usage: veilmark-benches WIDTHxHEIGHT|dcgan32|dcgan64|mlp|landscape|FILE.onnx[:authenticity] … | sweep FILE.svg"
        );
        return ExitCode::from(2);
    }
    for what in arguments {
        let size = what.split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
        let measured = match size {
            Some((width, height)) => measure(width, height),
            None => {
                let (name, claim) = match what.split_once(':') {
                    Some((name, "authenticity")) => (name, Claim::AUTHENTICITY),
                    _ => (what.as_str(), Claim::GENERATION),
                };
                measure_model(name, claim)
            }
        };
        println!("{measured}");
    }
    ExitCode::SUCCESS
}

fn model_of(name: &str) -> Model {
    let landscape = concat!(env!("CARGO_MANIFEST_DIR"), "/../models/landscape.onnx");
    match name {
        "dcgan32" => models::dcgan(64, &[64, 32, 16, 3]),
        "dcgan64" => models::dcgan(100, &[512, 256, 128, 64, 3]),
        "mlp" => models::perceptron(),
        _ => {
            let path = if name == "landscape" { landscape } else { name };
            let bytes = import::OnnxFile::open(Path::new(path)).expect("a file");
            import::import(&bytes, &Options::default(), &|_| {}).expect("a model").model
        }
    }
}

fn measure_model(name: &str, claim: Claim) -> serde_json::Value {
    let (model, import_s) = timed(&format!("{name}: model"), || model_of(name));
    let architecture = Arc::new(model.architecture().clone());
    let mut shape = ClaimShape::of_model(claim, architecture.clone(), 0).expect("a claim with a model");
    shape.k = shape.min_k().expect("a size with a circuit");
    let (k, shape) = (shape.k, &shape);
    eprintln!("{name}, {}, 2^{k} rows", claim.name());
    let (srs, srs_s) = timed("development parameters", || Srs::dev(k, &mut |_| {}).expect("parameters"));
    let (vk, vk_s) = timed("verifying key", || keys::generate_verifying_key(&srs, shape).expect("a key"));
    let (pk, pk_s) = timed("proving key", || keys::generate_proving_key(&srs, shape, vk).expect("a key"));
    let latent = latent::latent(&architecture, "a benchmark", 0, None).expect("no classes");
    let (image, inference_s) = timed("inference", || model.generate(&latent));
    let weights = Arc::new(committed::weights(&model, &Salts::expand(&[3; 32], SALT_ROWS)));
    let (setup, header) = (srs.setup(), shape.header(&srs));
    let (commitment, commit_s) =
        timed("model commitment", || Commitment::new(&setup, &MODEL, &header, &weights).expect("it fits"));
    let picture = Picture { image: image.clone(), salts: Salts::random(OsRng) };
    let generator = Generator::new(&model, latent, Salts::random(OsRng), weights).expect("a latent of the model's");
    let commitments = [
        Commitment::new(&setup, &PICTURE, &header, &picture.columns()).expect("it fits"),
        Commitment::new(&setup, &PROMPT, &header, &[generator.latent_column()]).expect("it fits"),
        commitment,
    ];
    let fingerprint = if claim.has_fingerprint() { pdq::pdq(&image).fingerprint } else { Default::default() };
    let public = PublicInputs::new(fingerprint, 0, [1; 31]);
    let vk_hash = keys::vk_hash(&srs, pk.vk(), shape).expect("a key with a form on chain");
    let under = Under { srs: &srs, key: &pk, vk_hash: &vk_hash };
    let (mut prove, mut verify, mut proof) = (vec![], vec![], vec![]);
    for run in 1..=RUNS {
        let (made, prove_s) = timed(&format!("proof {run}"), || {
            let (pictures, generator) = (vec![picture.clone()], Some(generator.clone()));
            let inputs = Inputs { pictures, generator, ..Inputs::default() };
            shape.entry().prove(under, inputs, &commitments, &public, &halo2::Options::default()).expect("a proof")
        });
        let start = Instant::now();
        proof::verify(&srs, pk.vk(), &vk_hash, shape.claim(), &public, &made).expect("it verifies");
        verify.push(start.elapsed().as_secs_f64());
        prove.push(prove_s);
        proof = made;
    }
    json!({
        "model": name, "claim": claim.name(), "cost": cost::of_proof(&srs, pk.vk(), shape, &public, &proof),
        "rows": cost::rows(shape), "parameters": architecture.parameters(),
        "multiplications": architecture.multiplications(), "neurons": architecture.neurons(), "import_s": import_s,
        "inference_s": inference_s, "parameters_s": srs_s, "verifying_key_s": vk_s, "proving_key_s": pk_s,
        "commit_s": commit_s, "prove_s": median(prove), "verify_ms": 1e3 * median(verify), "peak_mib": peak_mib(),
    })
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
    let mut shape = ClaimShape::of_picture(Claim::FINGERPRINT, (width, height), 0).expect("a claim about a picture");
    shape.k = shape.min_k().expect("a size with a circuit");
    let (k, shape) = (shape.k, &shape);
    eprintln!("{width}x{height}, 2^{k} rows");
    let (srs, srs_s) = timed("development parameters", || Srs::dev(k, &mut |_| {}).expect("parameters"));
    let (vk, vk_s) = timed("verifying key", || keys::generate_verifying_key(&srs, shape).expect("a key"));
    let (pk, pk_s) = timed("proving key", || keys::generate_proving_key(&srs, shape, vk).expect("a key"));
    let picture = Picture { image: image.clone(), salts: Salts::random(OsRng) };
    let (commitment, commit_s) = timed("commitment", || {
        Commitment::new(&srs.setup(), &PICTURE, &shape.header(&srs), &picture.columns()).expect("it fits")
    });
    let public = PublicInputs::new(pdq::pdq(&image).fingerprint, 0, [1; 31]);
    let vk_hash = keys::vk_hash(&srs, pk.vk(), shape).expect("a key with a form on chain");
    let under = Under { srs: &srs, key: &pk, vk_hash: &vk_hash };
    let (mut prove, mut verify, mut proof) = (vec![], vec![], vec![]);
    for run in 1..=RUNS {
        let (made, prove_s) = timed(&format!("proof {run}"), || {
            let inputs = Inputs { pictures: vec![picture.clone()], ..Inputs::default() };
            let commitments = std::slice::from_ref(&commitment);
            shape.entry().prove(under, inputs, commitments, &public, &halo2::Options::default()).expect("a proof")
        });
        let start = Instant::now();
        proof::verify(&srs, pk.vk(), &vk_hash, shape.claim(), &public, &made).expect("it verifies");
        verify.push(start.elapsed().as_secs_f64());
        prove.push(prove_s);
        proof = made;
    }
    json!({
        "size": format!("{width}x{height}"), "cost": cost::of_proof(&srs, pk.vk(), shape, &public, &proof),
        "parameters_s": srs_s, "verifying_key_s": vk_s, "proving_key_s": pk_s, "commit_s": commit_s,
        "prove_s": median(prove), "verify_ms": 1e3 * median(verify), "peak_mib": peak_mib(),
    })
}
