//! A ceremony's file of some size comes in through the real binary, in the memory of the setup and little more.
//!
//! The ceremony is made here: the development setup with its secret negated, as a `.ptau` of which only what is read is
//! written, the rest being holes. `VEILMARK_CEREMONY_K=20 cargo test --release -p veilmark --test ceremony` makes it larger.

use halo2_proofs::{
    SerdeFormat,
    halo2curves::{
        bn256::{Fq, Fr, G1Affine, G2Affine},
        ff::{Field, PrimeField},
        serde::SerdeObject,
    },
};
use serde_json::Value;
use std::{
    fs::File,
    io::{BufWriter, Seek, SeekFrom, Write},
    path::Path,
    process::Command,
};
use veilmark::srs::Srs;

const POINT: u64 = 64;
/// Bytes beside the points: the program itself, and one piece of everything.
const BESIDE: u64 = 30_000_000;

/// The same secret, negated: odd powers change their sign.
fn negated(powers: &[G1Affine]) -> impl Iterator<Item = G1Affine> {
    powers.iter().enumerate().map(|(i, point)| if i % 2 == 0 { *point } else { -*point })
}

/// A `.ptau` file of size `k`, prepared for phase 2: it has the Lagrange bases of `k` and of `small`.
fn write_ptau(path: &Path, k: u32, small: u32) {
    let large = Srs::dev(k + 1, &mut |_| ()).unwrap();
    let n = 1u64 << k;
    let mut file = BufWriter::new(File::create(path).unwrap());
    let section = |file: &mut BufWriter<File>, kind: u32, size: u64| {
        file.write_all(&kind.to_le_bytes()).unwrap();
        file.write_all(&size.to_le_bytes()).unwrap();
        file.stream_position().unwrap()
    };
    file.write_all(b"ptau\x01\0\0\0\x04\0\0\0").unwrap();
    section(&mut file, 1, 44);
    let mut modulus = (-Fq::ONE).to_repr();
    modulus[0] |= 1;
    for part in [&32u32.to_le_bytes()[..], &modulus, &k.to_le_bytes(), &28u32.to_le_bytes()] {
        file.write_all(part).unwrap();
    }
    section(&mut file, 2, (2 * n - 1) * POINT);
    for point in negated(large.setup().powers()).take(2 * n as usize - 1) {
        point.write_raw(&mut file).unwrap();
    }
    let start = section(&mut file, 3, n * 2 * POINT);
    G2Affine::generator().write_raw(&mut file).unwrap();
    (-large.tau_g2()).write_raw(&mut file).unwrap();
    file.seek(SeekFrom::Start(start + n * 2 * POINT)).unwrap();
    let start = section(&mut file, 12, (4 * n - 1) * POINT);
    for k in [small, k] {
        file.seek(SeekFrom::Start(start + ((1 << k) - 1) * POINT)).unwrap();
        write_basis(&mut file, k);
    }
    let file = file.into_inner().unwrap();
    file.set_len(start + (4 * n - 1) * POINT).unwrap();
}

/// The Lagrange basis of the domain `2^k` in snarkjs' order.
///
/// Lagrange points of the negated secret are those of the secret, half the domain further. snarkjs starts its domain from
/// the power of 5: row `i` of theirs is row `e` of ours where `omega^e` is the `i`-th power of their root.
fn write_basis(file: &mut impl Write, k: u32) {
    let n = 1usize << k;
    let mut raw = Vec::new();
    Srs::dev(k, &mut |_| ()).unwrap().to_params().write_custom(&mut raw, SerdeFormat::RawBytes).unwrap();
    let lagrange: Vec<_> = raw[4..].chunks_exact(POINT as usize).skip(n).take(n).collect();
    let omega = (k..Fr::S).fold(Fr::ROOT_OF_UNITY, |root, _| root.square());
    // 5 to the power of (r - 1) / 2^28, by its bits
    let exponent = (-Fr::ONE).to_repr();
    let bit = |at: usize| exponent.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1);
    let root = (28..256).rev().fold(Fr::ONE, |power, at| {
        let square = power.square();
        if bit(at) { square * Fr::from(5) } else { square }
    });
    let root = (k..Fr::S).fold(root, |root, _| root.square());
    let step = std::iter::successors(Some(Fr::ONE), |x| Some(*x * omega)).take(n).position(|x| x == root).unwrap();
    for i in 0..n {
        file.write_all(lagrange[(i * step + n / 2) % n]).unwrap();
    }
}

fn veilmark(folder: &Path, arguments: &[&str]) -> (i32, Value, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_veilmark"));
    command.args(arguments).arg("--json").current_dir(folder).env("VEILMARK_HOME", folder.join("home"));
    let output = command.output().unwrap();
    let value = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.code().unwrap(), value, String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_ceremony_takes_the_memory_of_its_points() {
    let k: u32 = std::env::var("VEILMARK_CEREMONY_K").map_or(18, |k| k.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let small = k - 6;
    write_ptau(&folder.join("x.ptau"), k, small);

    let (code, refused, _) = veilmark(folder, &["srs", "import", "x.ptau"]);
    assert_eq!(code, 5, "{refused}");
    let message = refused["error"]["message"].as_str().unwrap();
    let id = message.split("setup ").find_map(|text| text.split_once(" is of no ceremony")).unwrap().0.to_owned();

    let fits = |what: &str, k: u32, (code, said, err): (i32, Value, String)| {
        assert_eq!(code, 0, "{what}: {said} {err}");
        assert_eq!((&said["srs_id"], &said["k"]), (&id.as_str().into(), &k.into()), "{what}");
        let (points, peak) = ((2 * POINT) << k, said["peak_memory_bytes"].as_u64());
        println!("{what} k = {k}: {points} bytes of points, peak {peak:?}, {} s", said["seconds"]);
        if let Some(peak) = peak {
            assert!(peak < points + BESIDE, "{what}: {peak} bytes for {points} bytes of points");
        }
        said
    };
    let import = ["srs", "import", "x.ptau", "--trust-id", &id];
    let imported = fits("import", k, veilmark(folder, &import));
    let stored = imported["file"].as_str().unwrap();
    fits("verify", k, veilmark(folder, &["srs", "verify", stored]));
    let small_k = small.to_string();
    let truncated = fits("truncate", small, veilmark(folder, &["srs", "truncate", "--from", &id, "--k", &small_k]));
    let again = [&import[..], &["--k", &small_k, "-o", "small.srs"]].concat();
    fits("import", small, veilmark(folder, &again));
    let bytes = |name: &str| std::fs::read(folder.join(name)).unwrap();
    assert!(bytes("small.srs") == bytes(truncated["file"].as_str().unwrap()), "the same to the byte");
}
