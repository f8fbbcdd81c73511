//! Files as exporters write them, and random graphs: read as onnxruntime reads them, or refused with the error of their kind.
//! `tests/models/make_cases.py` writes the first and their table, `tests/models/fuzz.py --keep` the second.
use serde_json::Value;
use std::path::{Path, PathBuf};
use veilmark_onnx::{
    ImportError, Imported, Kind, OnnxFile, Options, Outcome, QUALITY_FLOOR_DB, floats, import, operator_table,
};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/models").join(name)
}

fn numbers(path: &Path) -> Vec<f32> {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

fn read(path: &Path, options: &Options) -> Result<Imported, ImportError> {
    import(&OnnxFile::open(path)?, options, &|_| ())
}

/// How far the importer's floats are from onnxruntime's, in parts of the largest number.
fn apart(path: &Path, options: &Options) -> Result<f32, ImportError> {
    let latent = numbers(&path.with_extension("in.f32"));
    let expected = numbers(&path.with_extension("out.f32"));
    let made = floats(&OnnxFile::open(path)?, options, &latent)?;
    assert_eq!(made.len(), expected.len(), "{}", path.display());
    let largest = expected.iter().fold(1.0f32, |most, value| most.max(value.abs()));
    Ok(made.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / largest)
}

fn options_of(entry: &Value) -> Options {
    let mut options = Options::default();
    (options.calibration, options.compared) = (128, 64);
    options.label = entry["options"]["label"].as_u64().map(|label| label as u32);
    options.output = entry["options"]["output"].as_str().map(str::to_owned);
    options
}

fn table() -> serde_json::Map<String, Value> {
    let text = std::fs::read_to_string(folder("cases").join("cases.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Reads a case as onnxruntime does, or refuses it with the error of its kind and a sentence that names what it is about.
fn ends_as_its_table_says(name: &str) {
    let entry = &table()[name];
    let path = folder("cases").join(format!("{name}.onnx"));
    let options = options_of(entry);
    match (entry["error"].as_str(), read(&path, &options)) {
        (None, Ok(imported)) => {
            let (apart, psnr) = (apart(&path, &options).unwrap(), imported.report.psnr_db);
            assert!(apart <= 3e-4 && psnr >= QUALITY_FLOOR_DB, "floats apart by {apart}, {psnr:.1} dB");
        }
        (Some(kind), Err(error)) => assert_eq!(format!("{:?}", error.kind()), kind, "{error}"),
        (expected, got) => panic!("{expected:?}, got {:?}", got.map(|made| made.report.psnr_db)),
    }
}

/// A test of its own for each case.
macro_rules! cases {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            ends_as_its_table_says(stringify!($name));
        })*

        #[test]
        fn every_case_is_a_test() {
            let tests = [$(stringify!($name)),*];
            assert_eq!(table().keys().collect::<Vec<_>>(), tests);
        }
    };
}

cases! {
    batch_of_64 batch_of_8_flat batch_symbol bfloat_weights_cast celu_alpha_2 channels_by_gather_nd constant_border
    cos_layer cube double_weights_cast einsum_dense einsum_pointwise erf_layer external_data external_missing
    external_short flatten_axis_minus_3 fused_conv gather_elements gelu_layer gelu_written_out grid_sample group_norm
    group_norm_as_exported half_weights_cast if_of_activations if_of_shapes instance_norm label_beyond
    label_embedding label_embedding_3 label_one_hot_2 latent_cancels latent_normalised latent_vanishes layer_norm
    layer_norm_of_flat_rows leaky_by_where letterbox local_function local_function_attribute local_function_default
    local_function_missing matmul_of_activations mish_layer modulated_conv newest_opset no_last_activation
    no_such_operator noise oldest_gemm relu_both_ways resize_antialias resize_cubic resize_cubic_excluded
    resize_linear_align_corners resize_linear_half_pixel resize_nearest_fraction resize_nearest_half
    resize_not_larger resize_not_smaller scatter_nd second_input_unused sin_layer two_outputs two_outputs_named
    uint8_output weight_norm where_that_jumps
}

/// Channels with different biases have one table, whatever a function was written with.
#[test]
fn channels_share_a_table() {
    for name in ["leaky_by_where", "relu_both_ways", "where_that_jumps", "gelu_written_out"] {
        let made = read(&folder("cases").join(format!("{name}.onnx")), &options_of(&Value::Null)).unwrap();
        assert!(made.report.tables <= 8, "{name}: {} tables", made.report.tables);
    }
}

/// No sample of latents bounds the error of those whose values lie at a jump, so that it is said.
#[test]
fn a_function_that_jumps_is_named() {
    let jump = |name: &str| {
        let made = read(&folder("cases").join(format!("{name}.onnx")), &options_of(&Value::Null)).unwrap();
        let page = made.html(name);
        let origin = made.report.first_jump().map(|(_, layer)| layer.origin.clone());
        assert_eq!(page.contains("jumps: latents whose values"), origin.is_some(), "{name}");
        origin
    };
    assert!(jump("where_that_jumps").is_some_and(|origin| origin.contains("Gemm")));
    for name in ["leaky_by_where", "cube", "celu_alpha_2", "sin_layer", "uint8_output", "instance_norm"] {
        assert_eq!(jump(name), None, "{name}");
    }
}

/// What tract reads otherwise is named, and the figures are not its.
#[test]
fn a_reader_that_disagrees_is_named() {
    let imported = read(&folder("cases").join("celu_alpha_2.onnx"), &options_of(&Value::Null)).unwrap();
    assert_eq!(imported.report.second.outcome, Outcome::Disagrees);
    assert!(imported.report.psnr_db > 30.0, "{}", imported.report.psnr_db);
    let page = imported.html("<celu>.onnx");
    assert!(page.contains("tract reads this file otherwise") && page.contains("&lt;celu&gt;"));
    assert!(page.contains("data:image/png;base64,") && !page.contains("<script") && !page.contains("<celu>"));
}

#[test]
fn random_graphs_are_read_as_onnxruntime_reads_them() {
    let mut count = 0;
    for entry in std::fs::read_dir(folder("fuzz")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "onnx") {
            let apart = apart(&path, &Options::default()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert!(apart < 2e-3, "{}: apart by {apart}", path.display());
            count += 1;
        }
    }
    assert!(count >= 30, "{count} graphs");
}

#[test]
fn the_table_of_operators_is_the_list_of_the_code() {
    let page = std::fs::read_to_string(folder("../../docs/models.md")).unwrap();
    assert!(
        page.replace("\r\n", "\n").ends_with(&format!("\n\n{}", operator_table())),
        "`cargo run --release -p veilmark-onnx --example operator_table` writes it anew"
    );
}

/// Weights beside the model come by a plain name from its folder, and from nowhere else.
#[test]
fn files_of_weights_are_plain_names() {
    let source = folder("cases");
    let model = std::fs::read(source.join("external_data.onnx")).unwrap();
    let data = std::fs::read(source.join("external_data.data")).unwrap();
    let place = tempfile::tempdir().unwrap();
    let (inner, name) = (place.path().join("inner"), b"external_data.data");
    std::fs::create_dir(&inner).unwrap();
    std::fs::write(place.path().join("outside"), &data).unwrap();
    let kind = |location: &[u8; 18]| {
        let mut bytes = model.clone();
        for at in 0..bytes.len() - name.len() {
            if &bytes[at..at + name.len()] == name {
                bytes[at..at + name.len()].copy_from_slice(location);
            }
        }
        std::fs::write(inner.join("m.onnx"), bytes).unwrap();
        read(&inner.join("m.onnx"), &options_of(&Value::Null)).map_err(|error| error.kind()).map(|_| ())
    };
    assert_eq!(kind(b"external_data.data"), Err(Kind::Io));
    for location in [b"../////////outside", b"/etc/hostname/////", b"inner/../outside..", b".//////////outside"] {
        assert_eq!(kind(location), Err(Kind::ExternalData), "{location:?}");
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(place.path().join("outside"), inner.join("external_data.data")).unwrap();
    #[cfg(unix)]
    assert_eq!(kind(b"external_data.data"), Err(Kind::ExternalData));
    let _ = std::fs::remove_file(inner.join("external_data.data"));
    std::fs::write(inner.join("external_data.data"), &data).unwrap();
    assert_eq!(kind(b"external_data.data"), Ok(()));
}
