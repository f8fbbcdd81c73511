//! Files of others' exporters, each operator alone, random networks, and files that mean harm.
use super::*;
use prost::Message;
use std::path::PathBuf;
use tract_onnx::pb::{self, ModelProto, NodeProto, TensorProto};

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/models")
}

/// `tests/models/manifest.json`: names, and what is said of them.
fn manifest() -> Vec<(String, serde_json::Value)> {
    let Ok(text) = std::fs::read_to_string(models().join("manifest.json")) else { return vec![] };
    let all: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
    all.into_iter().collect()
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(models().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn stored_floats(name: &str) -> Vec<f32> {
    file(name).as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

/// The float network's output, in the order of its elements, by our own reading.
fn own_floats(bytes: &[u8], latent: &[f32]) -> Result<Vec<f64>, ImportError> {
    let onnx = Onnx::read(bytes)?;
    let (mut graph, output) = interpret(&onnx)?;
    // within the picture's 0..=255, whatever they are
    let (scale, shift) = (1.0 / 8.0, 128.0);
    let pairs = vec![(scale, shift); output.len()];
    let samples = graph.affine(&output, &pairs).map_err(whole)?;
    let network = lower::lower(graph, &samples).map_err(whole)?;
    let runner = float::Runner::new(&network);
    Ok(runner.picture(&runner.run(latent)).iter().map(|v| (f64::from(*v) - shift) / scale).collect())
}

/// The model with its picture repeated to twice its sides: small pictures are no rasters.
fn doubled(bytes: &[u8]) -> Vec<u8> {
    let mut proto = ModelProto::decode(bytes).unwrap();
    let graph = proto.graph.as_mut().unwrap();
    let output = graph.output[0].name.clone();
    let shape = graph.output[0].r#type.clone();
    let last = match shape.and_then(|kind| kind.value) {
        Some(pb::type_proto::Value::TensorType(tensor)) => {
            let side = tensor.shape.and_then(|shape| shape.dim.last().and_then(|dim| dim.value.clone()));
            matches!(side, Some(pb::tensor_shape_proto::dimension::Value::DimValue(1 | 3)))
        }
        _ => false,
    };
    let repeats = if last { [1, 2, 2, 1] } else { [1, 1, 2, 2] };
    graph.initializer.push(TensorProto {
        dims: vec![4],
        data_type: 7,
        int64_data: repeats.to_vec(),
        name: "doubled repeats".to_owned(),
        ..Default::default()
    });
    graph.node.push(NodeProto {
        input: vec![output, "doubled repeats".to_owned()],
        output: vec!["doubled".to_owned()],
        op_type: "Tile".to_owned(),
        ..Default::default()
    });
    graph.output[0].name = "doubled".to_owned();
    graph.output[0].r#type = None;
    proto.encode_to_vec()
}

#[test]
fn stored_models_are_read_as_onnxruntime_reads_them() {
    let mut wrong = Vec::new();
    for (name, entry) in manifest() {
        if entry["expect"] == "error" {
            continue;
        }
        let expected = stored_floats(&format!("{name}.out.f32"));
        match own_floats(&file(&format!("{name}.onnx")), &stored_floats(&format!("{name}.in.f32"))) {
            Ok(got) => {
                let apart = got.iter().zip(&expected).map(|(a, b)| (a - f64::from(*b)).abs()).fold(0.0, f64::max);
                let scale = expected.iter().fold(1.0f32, |most, v| most.max(v.abs()));
                if got.len() != expected.len() || apart > 3e-4 * f64::from(scale) {
                    wrong.push(format!("{name}: {} of {} samples, apart by {apart}", got.len(), expected.len()));
                }
            }
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn stored_models_quantise_well() {
    for (name, entry) in manifest() {
        if entry["expect"] == "error" {
            continue;
        }
        let bytes = doubled(&file(&format!("{name}.onnx")));
        let range = (name == "end_linear" || name == "keras_odd_17" || name.contains("modern"))
            .then_some(OutputRange::ZeroToOne);
        let options = Options { output_range: range, ..Options::default() };
        match import(&bytes, &options, &|_| {}) {
            Ok(Imported { report: r, .. }) => println!(
                "{name:30} {:.1} dB, worst {:.1}, {} differs {:?}, saturated {}, {} layers, {} neurons, {} tables {} rows, shift {}",
                r.psnr_db,
                r.worst_psnr_db,
                r.reference,
                r.float_difference,
                r.saturated,
                r.layers,
                r.neurons,
                r.tables,
                r.table_rows,
                r.largest_shift
            ),
            Err(error) => println!("{name:30} {error}"),
        }
    }
}

#[test]
fn broken_files_are_refused() {
    for (name, entry) in manifest() {
        if entry["expect"] == "error" {
            match import(&file(&format!("{name}.onnx")), &Options::default(), &|_| {}) {
                Ok(_) => panic!("{name} was imported"),
                Err(error) => println!("{name:24} {:12} {error}", entry["reason"]),
            }
        }
    }
}
