//! A public model file of somebody hostile: small, and of a circuit that would take minutes to count out.

use std::{path::Path, process::Command, time::Instant};
use veilmark::{
    files::Existing,
    model_file::{ModelFile, PublicModel},
    srs::Srs,
};
use veilmark_circuits::{
    commitment::Commitment,
    statement::{
        claim::{Header, MODEL},
        model::{Architecture, Layer, Map, Model, Product, View},
    },
};

fn imported() -> Model {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/models/resize_x3.onnx");
    let bytes = veilmark::import::OnnxFile::open(&path).unwrap();
    veilmark::import::import(&bytes, &veilmark::import::Options::default(), &|_| ()).unwrap().model
}

/// The same points, said to be of the model's architecture in `2^k` rows.
fn committed(model: &PublicModel, k: u32) -> Commitment {
    let header = Header { srs_id: model.srs_id.0, k, architecture: model.architecture.hash(), ..Header::default() };
    Commitment::of_points(&MODEL, &header, model.commitment.points().to_vec())
}

#[test]
fn estimate_does_not_count_out_what_cannot_fit() {
    let folder = tempfile::tempdir().unwrap();
    let estimate = |path: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_veilmark"));
        command.arg("estimate").arg(path).arg("--json").env("VEILMARK_HOME", folder.path().join("home"));
        let start = Instant::now();
        let output = command.output().unwrap();
        let took = start.elapsed();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), took)
    };
    let (srs, model) = (Srs::dev(14, &mut |_| ()).unwrap(), imported());
    let owned = ModelFile::new(model, &srs, None, "resize_x3.onnx").unwrap();
    let honest = PublicModel::of(&owned, &srs).unwrap();
    let path = folder.path().join("m.pub");
    honest.write(&path, Existing::Keep).unwrap();
    assert_eq!(estimate(&path).0, Some(0));

    // The same architecture in fewer rows than it has.
    let mut small = honest.clone();
    small.commitment = committed(&small, 3);
    small.write(&path, Existing::Replace).unwrap();
    let (code, out, _) = estimate(&path);
    assert!(code == Some(6) && out.contains("committed in 8"), "{out}");

    // One more layer, of one neuron far away: a few bytes, and minutes to count out. Whatever `k` the file names.
    let mut hostile = honest;
    let product = Product { offset: [0, (1 << 24) - 1], ..Product::dense(View::neurons(0, 2), 2) };
    hostile.architecture.layers.push(Layer { shape: [1, 1, 1], map: Map::Product(product), tables: vec![0] });
    assert!(Architecture::from_bytes(&hostile.architecture.to_bytes()).is_ok(), "it is an architecture");
    for k in [14, 24, u32::MAX] {
        hostile.commitment = committed(&hostile, k);
        hostile.write(&path, Existing::Replace).unwrap();
        let (code, out, took) = estimate(&path);
        assert!(code == Some(6) && out.contains("the model needs at least"), "k = {k}: {out}");
        // no target, but a guard: counted out it would take many minutes
        assert!(took.as_secs() < 120, "k = {k}: {took:?}");
    }
}
