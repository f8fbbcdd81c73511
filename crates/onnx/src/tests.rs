//! Files of others' exporters, each operator alone, random networks, and files that mean harm.
use super::*;
use prost::Message;
use std::path::{Path, PathBuf};
use tract_onnx::pb::{self, ModelProto, NodeProto, TensorProto};
use veilmark_statement::model::Model;

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/models")
}

/// `tests/models/manifest.json`: names, and what is said of them.
fn manifest() -> Vec<(String, serde_json::Value)> {
    let text = std::fs::read_to_string(models().join("manifest.json")).unwrap();
    let all: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
    all.into_iter().collect()
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(models().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn stored_floats(name: &str) -> Vec<f32> {
    file(name).as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

fn onnx(bytes: &[u8]) -> OnnxFile {
    OnnxFile::from_bytes(bytes.to_vec())
}

fn imported(bytes: &[u8], options: &Options) -> Result<Imported, ImportError> {
    import(&onnx(bytes), options, &|_| ())
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
        match floats(
            &onnx(&file(&format!("{name}.onnx"))),
            &Options::default(),
            &stored_floats(&format!("{name}.in.f32")),
        ) {
            Ok(got) => {
                let apart = got.iter().zip(&expected).map(|(a, b)| f64::from((a - b).abs())).fold(0.0, f64::max);
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

/// Every operator alone between a dense layer and a convolution, and whole networks of other exporters: the integer model
/// against tract's floats.
///
/// The bound: an 8-bit neuron is off by at most half a step, 1/510 of its layer's range, and a weight by 1/254 of its
/// channel's largest. These networks are untrained and end in `Tanh` of a steep slope, so that such errors are magnified up
/// to ten times before they reach a byte: 28 dB is a root mean square of 10 of 255. Trained networks are far above.
#[test]
fn stored_models_quantise_well() {
    let mut wrong = Vec::new();
    for (name, entry) in manifest() {
        // doubling makes 4x2 pixels no raster yet
        if entry["expect"] == "error" || name == "slice_negative" {
            continue;
        }
        let bytes = doubled(&file(&format!("{name}.onnx")));
        let options = Options { compared: 32, ..Options::default() };
        let guessed = imported(&bytes, &options);
        let made = match guessed {
            Err(ImportError::OutputRange { .. }) => {
                let options = Options { output_range: Some(OutputRange::ZeroToOne), ..options };
                imported(&bytes, &options)
            }
            other => other,
        };
        match made {
            Ok(Imported { report, .. }) => {
                let apart = report.second.difference.unwrap_or(0.0);
                if report.psnr_db < 28.0 || apart > 0.01 {
                    wrong.push(format!("{name}: {:.1} dB, floats apart by {apart}", report.psnr_db));
                }
            }
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn broken_files_are_refused() {
    for (name, entry) in manifest() {
        if entry["expect"] == "error" {
            match imported(&file(&format!("{name}.onnx")), &Options::default()) {
                Ok(_) => panic!("{name} was imported"),
                Err(error) => assert!(error.kind() != Kind::Io, "{name}: {error}"),
            }
        }
    }
}

/// The figures of the decision record.
#[test]
#[ignore = "prints a table of measurements; run it when a choice of the quantisation is in question"]
fn choices_measured() {
    // further files, separated by commas
    let extra = std::env::var("VEILMARK_ONNX").ok();
    let base = Choices::default();
    let variants = [
        ("as chosen", base, 256),
        ("64 latents", base, 64),
        ("512 latents", base, 512),
        ("no headroom", Choices { headroom: 1.0, ..base }, 256),
        ("no scales of channels", Choices { own: false, ..base }, 256),
        ("nor finer weights", Choices { own: false, finer: 0, ..base }, 256),
        ("2048 rows", Choices { rows: 2048, ..base }, 256),
        ("512 rows", Choices { rows: 512, ..base }, 256),
        ("rows never traded", Choices { rows: 1 << 40, ..base }, 256),
        ("step 1/4", Choices { step: 0.25, ..base }, 256),
        ("step 1", Choices { step: 1.0, ..base }, 256),
        ("7 bits", Choices { most: 127.0, ..base }, 256),
        ("9 bits", Choices { most: 511.0, ..base }, 256),
    ];
    for (what, choices, calibration) in variants {
        let (mut sum, mut worst, mut rows, mut count) = (0.0, f64::INFINITY, 0, 0);
        for (name, entry) in manifest() {
            if extra.is_some() || entry["expect"] != "ok" || name == "slice_negative" {
                continue;
            }
            let range = (name == "end_linear").then_some(OutputRange::ZeroToOne);
            let options = Options { output_range: range, choices, calibration, ..Options::default() };
            let report = imported(&doubled(&file(&format!("{name}.onnx"))), &options).unwrap().report;
            if report.psnr_db < 35.0 && what == "as chosen" {
                println!("{name} {:.2} {:.2} {}", report.psnr_db, report.worst_psnr_db, report.saturated);
            }
            sum += report.psnr_db;
            worst = f64::min(worst, report.psnr_db);
            rows += report.table_rows;
            count += 1;
        }
        for path in extra.iter().flat_map(|paths| paths.split(',')) {
            let options = Options { choices, calibration, ..Options::default() };
            let imported = imported(&std::fs::read(path).unwrap(), &options).unwrap();
            let report = imported.report;
            println!(
                "{what:30} {path} {:.2} dB, worst {:.2}, {} rows, shift {}, tail {}",
                report.psnr_db, report.worst_psnr_db, report.table_rows, report.largest_shift, report.saturated
            );
        }
        if count > 0 {
            println!(
                "{what:30} mean {:.2} dB, worst {worst:.2} dB, {} rows a model",
                sum / f64::from(count),
                rows / count as usize
            );
        }
    }
}

/// Writes small networks.
struct Writer {
    proto: ModelProto,
    random: u64,
    made: usize,
}

fn info(name: &str, shape: &[i64]) -> pb::ValueInfoProto {
    use pb::{tensor_shape_proto::Dimension, tensor_shape_proto::dimension::Value, type_proto};
    let dim = |side: &i64| Dimension { value: Some(Value::DimValue(*side)), ..Default::default() };
    let shape = Some(pb::TensorShapeProto { dim: shape.iter().map(dim).collect() });
    let kind = type_proto::Value::TensorType(type_proto::Tensor { elem_type: 1, shape });
    let kind = pb::TypeProto { value: Some(kind), ..Default::default() };
    pb::ValueInfoProto { name: name.to_owned(), r#type: Some(kind), ..Default::default() }
}

impl Writer {
    fn new(seed: u64, opset: i64, latent: &[i64]) -> Self {
        let graph = pb::GraphProto { input: vec![info("latent", latent)], name: "g".to_owned(), ..Default::default() };
        let set = pb::OperatorSetIdProto { domain: String::new(), version: opset };
        let proto = ModelProto { ir_version: 8, opset_import: vec![set], graph: Some(graph), ..Default::default() };
        Self { proto, random: seed.wrapping_mul(2).wrapping_add(1), made: 0 }
    }

    fn graph(&mut self) -> &mut pb::GraphProto {
        self.proto.graph.as_mut().unwrap()
    }

    fn name(&mut self, stem: &str) -> String {
        self.made += 1;
        format!("{stem}{}", self.made)
    }

    fn bits(&mut self) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.random >> 33
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.bits() % bound
    }

    /// Numbers of mean 0 and the given deviation.
    fn floats(&mut self, shape: &[i64], deviation: f32) -> String {
        let count: i64 = shape.iter().product();
        let mut one =
            || (0..4).map(|_| self.bits() as f32 / (1u64 << 31) as f32 - 0.5).sum::<f32>() * 1.732 * deviation;
        let float_data = (0..count).map(|_| one()).collect();
        self.stored(TensorProto { dims: shape.to_vec(), data_type: 1, float_data, ..Default::default() })
    }

    fn integers(&mut self, list: &[i64]) -> String {
        let dims = vec![list.len() as i64];
        self.stored(TensorProto { dims, data_type: 7, int64_data: list.to_vec(), ..Default::default() })
    }

    fn stored(&mut self, mut tensor: TensorProto) -> String {
        let name = self.name("w");
        tensor.name.clone_from(&name);
        self.graph().initializer.push(tensor);
        name
    }

    fn node(&mut self, operator: &str, inputs: &[&str], attributes: Vec<pb::AttributeProto>) -> String {
        let name = self.name("t");
        let node = NodeProto {
            input: inputs.iter().map(|name| (*name).to_owned()).collect(),
            output: vec![name.clone()],
            op_type: operator.to_owned(),
            attribute: attributes,
            ..Default::default()
        };
        self.graph().node.push(node);
        name
    }

    fn finish(mut self, output: &str) -> Vec<u8> {
        self.graph().output.push(pb::ValueInfoProto { name: output.to_owned(), ..Default::default() });
        self.proto.encode_to_vec()
    }

    fn dense(&mut self, x: &str, inputs: i64, outputs: i64) -> String {
        let (w, b) = (self.floats(&[inputs, outputs], 1.0 / (inputs as f32).sqrt()), self.floats(&[outputs], 0.2));
        self.node("Gemm", &[x, &w, &b], vec![])
    }

    fn conv(&mut self, x: &str, inputs: i64, outputs: i64, gain: f32) -> String {
        let (w, b) =
            (self.floats(&[outputs, inputs, 3, 3], gain / (9.0 * inputs as f32).sqrt()), self.floats(&[outputs], 0.1));
        self.node("Conv", &[x, &w, &b], vec![ints("pads", &[1, 1, 1, 1])])
    }
}

fn ints(name: &str, list: &[i64]) -> pb::AttributeProto {
    pb::AttributeProto { name: name.to_owned(), r#type: 7, ints: list.to_vec(), ..Default::default() }
}

fn int(name: &str, value: i64) -> pb::AttributeProto {
    pb::AttributeProto { name: name.to_owned(), r#type: 2, i: value, ..Default::default() }
}

fn float(name: &str, value: f32) -> pb::AttributeProto {
    pb::AttributeProto { name: name.to_owned(), r#type: 1, f: value, ..Default::default() }
}

fn text(name: &str, value: &str) -> pb::AttributeProto {
    pb::AttributeProto { name: name.to_owned(), r#type: 3, s: value.as_bytes().to_vec(), ..Default::default() }
}

/// A random network with operators of every kind; their names.
fn random_network(seed: u64) -> (Vec<u8>, Vec<&'static str>) {
    let mut w = Writer::new(seed, 13 + (seed % 3) as i64 * 2, &[1, 8]);
    let (mut c, mut side) = (4 * (1 + w.below(2) as i64), 3 + w.below(3) as i64);
    let x = w.dense("latent", 8, c * side * side);
    let shape = w.integers(&[1, c, side, side]);
    let mut x = w.node("Reshape", &[&x, &shape], vec![]);
    let mut used = Vec::new();
    for _ in 0..2 + w.below(4) {
        let before = x.clone();
        let (name, made): (&'static str, String) = match w.below(30) {
            0 => ("Relu", w.node("Relu", &[&x], vec![])),
            1 => ("LeakyRelu", w.node("LeakyRelu", &[&x], vec![float("alpha", 0.2)])),
            2 => {
                let slope = w.floats(&[c, 1, 1], 0.3);
                ("PRelu", w.node("PRelu", &[&x, &slope], vec![]))
            }
            3 => ("Tanh", w.node("Tanh", &[&x], vec![])),
            4 => {
                let gate = w.node("Sigmoid", &[&x], vec![]);
                ("SiLU", w.node("Mul", &[&x, &gate], vec![]))
            }
            5 => {
                let gate = w.node("HardSigmoid", &[&x], vec![float("alpha", 0.2)]);
                ("HardSwish", w.node("Mul", &[&gate, &x], vec![]))
            }
            6 => {
                let (s, b) = (w.floats(&[c], 1.0), w.floats(&[c], 0.3));
                let mean = w.floats(&[c], 0.3);
                let variance = w.stored(TensorProto {
                    dims: vec![c],
                    data_type: 1,
                    float_data: vec![0.7; c as usize],
                    ..Default::default()
                });
                ("BatchNormalization", w.node("BatchNormalization", &[&x, &s, &b, &mean, &variance], vec![]))
            }
            7 => {
                let inner = w.conv(&x, c, c, 1.0);
                ("Add", w.node("Add", &[&inner, &x], vec![]))
            }
            8 => {
                let gate = w.conv(&x, c, c, 1.0);
                let gate = w.node("Sigmoid", &[&gate], vec![]);
                ("Mul", w.node("Mul", &[&x, &gate], vec![]))
            }
            9 => {
                let other = w.conv(&x, c, 2, 1.0);
                let other = w.node("Relu", &[&other], vec![]);
                c += 2;
                ("Concat", w.node("Concat", &[&x, &other], vec![int("axis", 1)]))
            }
            10 => {
                let y = w.node("Transpose", &[&x], vec![ints("perm", &[0, 2, 3, 1])]);
                let y = w.node("Relu", &[&y], vec![]);
                ("Transpose", w.node("Transpose", &[&y], vec![ints("perm", &[0, 3, 1, 2])]))
            }
            11 if side < 10 => {
                side *= 2;
                let scales = TensorProto {
                    dims: vec![4],
                    data_type: 1,
                    float_data: vec![1.0, 1.0, 2.0, 2.0],
                    ..Default::default()
                };
                let scales = w.stored(scales);
                let nearest = vec![
                    text("mode", "nearest"),
                    text("coordinate_transformation_mode", "asymmetric"),
                    text("nearest_mode", "floor"),
                ];
                ("Resize", w.node("Resize", &[&x, "", &scales], nearest))
            }
            12 if side < 10 && c % 4 == 0 => {
                (c, side) = (c / 4, side * 2);
                let mode = ["DCR", "CRD"][w.below(2) as usize];
                ("DepthToSpace", w.node("DepthToSpace", &[&x], vec![int("blocksize", 2), text("mode", mode)]))
            }
            13 if side > 3 => {
                side -= 1;
                ("AveragePool", w.node("AveragePool", &[&x], vec![ints("kernel_shape", &[2, 2])]))
            }
            14 if side > 3 => {
                side -= 1;
                ("MaxPool", w.node("MaxPool", &[&x], vec![ints("kernel_shape", &[2, 2])]))
            }
            15 => {
                side += 2;
                let pads = w.integers(&[0, 0, 1, 0, 0, 0, 1, 2]);
                let y = w.node("Pad", &[&x, &pads], vec![]);
                // square again
                let (from, to, axis) = (w.integers(&[0]), w.integers(&[side]), w.integers(&[3]));
                ("Pad", w.node("Slice", &[&y, &from, &to, &axis], vec![]))
            }
            16 if side > 3 => {
                side -= 1;
                let (from, to, axes) = (w.integers(&[1, 0]), w.integers(&[9999, -1]), w.integers(&[2, 3]));
                ("Slice", w.node("Slice", &[&x, &from, &to, &axes], vec![]))
            }
            17 if side < 10 => {
                let outputs = 2 + w.below(4) as i64;
                let k = 2 + w.below(3) as i64;
                let weights = w.floats(&[c, outputs, k, k], 1.5 / ((c * k * k) as f32 / 4.0).sqrt());
                let attributes = vec![ints("strides", &[2, 2]), ints("output_padding", &[1, 1])];
                (c, side) = (outputs, 2 * (side - 1) + k + 1);
                ("ConvTranspose", w.node("ConvTranspose", &[&x, &weights], attributes))
            }
            18 if c % 2 == 0 => {
                let outputs = c;
                let (weights, bias) =
                    (w.floats(&[outputs, c / 2, 3, 3], 1.0 / (4.5 * c as f32).sqrt()), w.floats(&[outputs], 0.1));
                let attributes = vec![int("group", 2), ints("pads", &[2, 2, 2, 2]), ints("dilations", &[2, 2])];
                ("Conv, grouped and dilated", w.node("Conv", &[&x, &weights, &bias], attributes))
            }
            19 => {
                let y = w.node("GlobalAveragePool", &[&x], vec![]);
                ("GlobalAveragePool", w.node("Add", &[&x, &y], vec![]))
            }
            20 => ("Identity", w.node("Identity", &[&x], vec![])),
            21 => {
                let factor = w.floats(&[1, c, 1, 1], 1.0);
                ("Mul by constants", w.node("Mul", &[&x, &factor], vec![]))
            }
            22 => {
                let offset = w.floats(&[c, 1, 1], 1.0);
                let y = w.node("Relu", &[&x], vec![]);
                ("Sub of constants", w.node("Sub", &[&y, &offset], vec![]))
            }
            23 => {
                let (low, high) = (w.floats(&[], 0.0), w.floats(&[], 0.0));
                let graph = w.graph();
                let last = graph.initializer.len() - 1;
                (graph.initializer[last - 1].float_data, graph.initializer[last].float_data) = (vec![-0.5], vec![1.5]);
                ("Clip", w.node("Clip", &[&x, &low, &high], vec![]))
            }
            24 => {
                let flat = w.node("Flatten", &[&x], vec![]);
                let inner = w.dense(&flat, c * side * side, c * side * side);
                let shape = w.integers(&[0, c, side, -1]);
                ("Flatten", w.node("Reshape", &[&inner, &shape], vec![]))
            }
            25 => ("Softplus", w.node("Softplus", &[&x], vec![])),
            26 => ("Elu", w.node("Elu", &[&x], vec![float("alpha", 0.7)])),
            _ => {
                let outputs = 4;
                let y = w.conv(&x, c, outputs, 1.4);
                c = outputs;
                ("Conv", y)
            }
        };
        x = made;
        if x != before {
            used.push(name);
        }
    }
    if side < 5 {
        let repeats = w.integers(&[1, 1, 2, 2]);
        x = w.node("Tile", &[&x, &repeats], vec![]);
    }
    let x = w.conv(&x, c, 3, 0.7);
    let last = ["Tanh", "Sigmoid"][w.below(2) as usize];
    let x = w.node(last, &[&x], vec![]);
    (w.finish(&x), used)
}

/// Networks of any operators: they are imported, our floats are tract's, and the integers follow them. Quality is a matter of
/// statistics, so the seeds are always the same; the least of the bounds allows for eleven layers of one byte each that magnify each
/// other's errors. Among them is padding that a dense layer reads, whose weights once made all others coarse.
#[test]
fn random_networks_are_imported() {
    let seeds = (0..200u64).map(|i| i * 838_861_003 % (1 << 40));
    let mut all = Vec::new();
    for seed in seeds.chain([102_341_042_366, 359_032_509_284, 503_587_607_744]) {
        let (bytes, used) = random_network(seed);
        let options = Options { calibration: 96, compared: 16, ..Options::default() };
        let Imported { model, report, .. } =
            imported(&bytes, &options).unwrap_or_else(|error| panic!("seed {seed}, {used:?}: {error}"));
        assert!(report.psnr_db > 27.0, "seed {seed}, {used:?}: {report:?}");
        assert!(report.second.difference.is_some_and(|apart| apart < 0.05), "seed {seed}, {used:?}: {report:?}");
        assert_eq!(Model::from_bytes(&model.to_bytes()).unwrap(), model, "seed {seed}");
        all.push(report.psnr_db);
    }
    all.sort_by(f64::total_cmp);
    assert!(all[all.len() / 2] > 45.0, "median {}", all[all.len() / 2]);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 160, failure_persistence: None, ..Default::default() })]

    /// Whatever is changed in a file, the answer is a model or an error.
    #[test]
    fn changed_files_do_no_harm(seed in 0u64..64, changes in proptest::collection::vec((0u32.., 0u8..), 1..6), cut in 0u32..) {
        let (mut bytes, _) = random_network(seed);
        // the structure is at the file's ends, the weights are between
        for (at, value) in changes {
            let at = at as usize % bytes.len();
            bytes[at] = value;
        }
        if cut % 4 == 0 {
            bytes.truncate(cut as usize / 4 % bytes.len());
        }
        let options = Options { calibration: 2, compared: 2, ..Options::default() };
        if let Err(error) = imported(&bytes, &options) {
            proptest::prop_assert!(error.kind() != Kind::Io);
        }
    }
}

/// Every node, attribute and tensor of stored files made strange, one at a time.
#[test]
fn strange_fields_do_no_harm() {
    let odd = [i64::MIN, -1, 0, 1, 2, 7, 4096, 1 << 40, i64::MAX];
    let options = Options { calibration: 1, compared: 1, ..Options::default() };
    for seed in [1, 4, 6] {
        let proto = ModelProto::decode(&random_network(seed).0[..]).unwrap();
        let graph = proto.graph.as_ref().unwrap();
        let check = |change: &dyn Fn(&mut pb::GraphProto)| {
            let mut changed = proto.clone();
            change(changed.graph.as_mut().unwrap());
            if let Err(error) = imported(&changed.encode_to_vec(), &options) {
                assert!(error.kind() != Kind::Io && error.to_string().len() < 4000, "{error}");
            }
        };
        for (n, node) in graph.node.iter().enumerate() {
            check(&|g| g.node[n].input.truncate(1));
            check(&|g| g.node[n].input.clear());
            check(&|g| g.node[n].attribute.clear());
            check(&|g| g.node[n].input.push("latent".to_owned()));
            check(&|g| g.node[n].output.clear());
            for operator in OPERATORS {
                check(&|g| g.node[n].op_type = operator.name.to_owned());
            }
            for (a, attribute) in node.attribute.iter().enumerate() {
                for value in odd {
                    check(&|g| g.node[n].attribute[a].i = value);
                    for at in 0..attribute.ints.len() {
                        check(&|g| g.node[n].attribute[a].ints[at] = value);
                    }
                }
                check(&|g| g.node[n].attribute[a].f = f32::NAN);
                check(&|g| g.node[n].attribute[a].ints.clear());
                check(&|g| g.node[n].attribute[a].s = vec![0xff, 0xfe]);
            }
        }
        for (t, tensor) in graph.initializer.iter().enumerate() {
            for value in odd {
                for at in 0..tensor.dims.len() {
                    check(&|g| g.initializer[t].dims[at] = value);
                }
                for at in 0..tensor.int64_data.len() {
                    check(&|g| g.initializer[t].int64_data[at] = value);
                }
            }
            check(&|g| g.initializer[t].dims = vec![0]);
            check(&|g| g.initializer[t].dims.clear());
            if !tensor.float_data.is_empty() {
                for value in [f32::NAN, f32::INFINITY, f32::MAX, f32::MIN_POSITIVE] {
                    check(&|g| g.initializer[t].float_data[0] = value);
                }
            }
        }
    }
}

#[test]
fn import_is_a_function_of_the_file() {
    let (bytes, _) = random_network(7);
    let digest = |bytes: &[u8]| {
        use sha3::{Digest, Keccak256};
        let model = imported(bytes, &Options::default()).unwrap().model;
        hex::encode(Keccak256::digest(model.to_bytes()))
    };
    assert_eq!(digest(&bytes), digest(&bytes));
    // the same on every machine; a change of the quantisation changes it, and every model's hash with it
    assert_eq!(digest(&bytes), "6d33c3e0b7376cfafa3d947a9fa835477e8ffd76c3bd0ce9d6628ccea386fbfc");
}

/// A dense layer to `outputs` numbers, then an operator.
fn flat(outputs: i64, last: &str) -> Vec<u8> {
    let mut w = Writer::new(3, 17, &[1, 6]);
    let x = w.dense("latent", 6, outputs);
    let x = if last.is_empty() { x } else { w.node(last, &[&x], vec![]) };
    w.finish(&x)
}

#[test]
fn what_the_file_does_not_say_is_asked_for() {
    let grey = imported(&flat(784, "Sigmoid"), &Options::default()).unwrap().report;
    assert_eq!((grey.width, grey.height, grey.channels, grey.output_range), (28, 28, 1, OutputRange::ZeroToOne));
    let flat_colour = flat(8 * 6 * 3, "Tanh");
    let error = |bytes: &[u8], options: &Options| imported(bytes, options).unwrap_err().to_string();
    let asked = Options { size: Some((8, 6)), ..Options::default() };
    let report = imported(&flat_colour, &asked).unwrap().report;
    assert_eq!((report.width, report.height, report.channels), (8, 6, 3));
    assert!(error(&flat(8 * 6, "Tanh"), &Options::default()).contains("whose size is given"));
    assert!(error(&flat_colour, &Options { size: Some((7, 6)), ..Options::default() }).contains("7x6"));
    assert!(error(&flat(784, ""), &Options::default()).contains("say what range"));
    assert!(error(&flat(784, "Relu"), &Options::default()).contains("say what range"));
    let told = Options { output_range: Some(OutputRange::MinusOneToOne), ..Options::default() };
    assert_eq!(imported(&flat(784, ""), &told).unwrap().report.output_range, OutputRange::MinusOneToOne);
    assert!(error(&flat(784, "Tanh"), &Options { classes: 6, ..Options::default() }).contains("classes"));
    let conditional = imported(&flat(784, "Tanh"), &Options { classes: 3, ..Options::default() }).unwrap();
    assert_eq!(conditional.model.architecture().classes, 3);
}

#[test]
fn a_missing_or_huge_file_is_said_so() {
    let missing = OnnxFile::open(Path::new("/nowhere/at/all.onnx")).unwrap_err();
    assert_eq!(missing.kind(), Kind::Io);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("huge.onnx");
    std::fs::File::create(&path).unwrap().set_len(MAX_FILE_BYTES + 1).unwrap();
    assert!(matches!(OnnxFile::open(&path), Err(ImportError::FileSize { .. })));
    // two bytes each in the file, hundreds in memory
    let many = [[0x0a, 0x00]; 2 << 20].concat();
    let mut bytes = vec![0x3a];
    let mut length = many.len();
    while length >= 0x80 {
        bytes.push(length as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend(many);
    let error = imported(&bytes, &Options::default()).unwrap_err().to_string();
    assert!(error.contains("messages"), "{error}");
}

/// DCGAN for 64x64 pictures with 64 base filters: 3.6 M weights, 100 M multiplications.
#[test]
#[ignore = "takes most of a minute"]
fn a_large_generator_is_imported() {
    let mut w = Writer::new(5, 17, &[1, 100]);
    let x = w.dense("latent", 100, 512 * 16);
    let shape = w.integers(&[1, 512, 4, 4]);
    let x = w.node("Reshape", &[&x, &shape], vec![]);
    let mut x = w.node("Relu", &[&x], vec![]);
    for (from, to) in [(512, 256), (256, 128), (128, 64), (64, 3)] {
        let weights = w.floats(&[from, to, 4, 4], 1.4 / (4.0 * from as f32).sqrt());
        x = w.node("ConvTranspose", &[&x, &weights], vec![ints("strides", &[2, 2]), ints("pads", &[1, 1, 1, 1])]);
        x = w.node(if to == 3 { "Tanh" } else { "Relu" }, &[&x], vec![]);
    }
    let bytes = w.finish(&x);
    let start = std::time::Instant::now();
    let report = imported(&bytes, &Options::default()).unwrap().report;
    println!("{:.1} s, {report:?}", start.elapsed().as_secs_f64());
    assert!(report.psnr_db > 35.0 && report.table_rows < 1 << 17);
}
