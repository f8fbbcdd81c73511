//! Every command of README.md and docs/guide.md does what they say: those of the practice chain are run, in order, in an empty folder;
//! the others name only commands and flags that there are (`every_line_is_a_command` in `src/args.rs`).
//!
//! Images and models are small here, so the setups of the guide are made for fewer rows; nothing else of a line is changed.
mod pages;
#[path = "schemas/mod.rs"]
mod schemas;

use image::{Rgb, RgbImage};
use pages::{commands, words};
use schemas::{check_answer, check_file};
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path, process::Command};

/// Rows of the setups here.
const K: &str = "15";

fn photograph(seed: u32) -> RgbImage {
    let block = |x: u32, y: u32, channel: u32| {
        let mixed = (x / 6 + 31 * (y / 6) + 977 * channel + 7919 * seed).wrapping_mul(2_654_435_761);
        (mixed >> 24) as u8
    };
    RgbImage::from_fn(64, 48, |x, y| Rgb([0, 1, 2].map(|channel| block(x, y, channel))))
}

#[test]
fn the_guide_runs_as_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    for (seed, name) in [(1, "photo.png"), (2, "open.png"), (3, "scoop.png")] {
        photograph(seed).save(folder.path().join(name)).unwrap();
    }
    fs::create_dir(folder.path().join("models")).unwrap();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/models/dcgan16.onnx");
    fs::copy(model, folder.path().join("models/landscape.onnx")).unwrap();

    fs::write(folder.path().join("me.password"), "a password of a test").unwrap();
    fs::create_dir(folder.path().join("restored")).unwrap();
    // a ceremony's real file, the smallest that there is
    let ceremony = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/srs/src/testdata/8.ptau");
    fs::copy(ceremony, folder.path().join("powersOfTau28_hez_final_19.ptau")).unwrap();

    let lines = commands("docs/guide.md");
    let mut run = 0;
    let mut commitment = String::new();
    for line in lines.iter().filter(|line| !line.contains("--rpc") && !line.contains("ADDRESS")) {
        let mut words = words(line);
        for word in words.iter_mut().filter(|word| *word == "HASH") {
            word.clone_from(&commitment);
        }
        if words.starts_with(&["srs".to_owned(), "dev".to_owned()]) {
            let k = words.iter().position(|word| word == "--k").expect("a setup has rows") + 1;
            words[k] = K.to_owned();
            words.push("--force".to_owned());
        }
        let output = Command::new(env!("CARGO_BIN_EXE_veilmark"))
            .args(&words)
            .arg("--json")
            .current_dir(folder.path())
            .env("VEILMARK_HOME", folder.path().join("home"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "veilmark {line}\n{said}");
        let answer: Value = serde_json::from_slice(&output.stdout).expect("one object");
        check_answer(&words.iter().map(String::as_str).collect::<Vec<_>>(), &answer);
        if words[..2] == ["commit", "photo.png"] {
            commitment = answer["image_commitment"].as_str().expect("it is told").to_owned();
        }
        run += 1;
    }
    assert!(run >= 40, "the guide has lost its commands: {run} were run");
    // what it left behind
    let mut kinds = BTreeSet::new();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let kind = match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
            "json" if name.ends_with(".veil.json") => "bundle",
            "pub" => "public-model",
            kind @ ("opening" | "seal" | "latent" | "fingerprint" | "disclosure" | "model") => kind,
            _ => continue,
        };
        check_file(&folder.path().join(&name), kind);
        kinds.insert(kind.to_owned());
    }
    assert_eq!(kinds.len(), 8, "{kinds:?}");
}
