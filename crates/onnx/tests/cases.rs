//! Files as exporters write them, and random graphs: read as onnxruntime reads them, or refused with the error of their kind.
//! `tests/models/make_cases.py` writes the first and their table, `tests/models/fuzz.py --keep` the second.
use serde_json::Value;
use std::path::{Path, PathBuf};
use veilmark_onnx::{ImportError, Imported, Kind, OnnxFile, Options, Outcome, QUALITY_FLOOR_DB, floats, import};

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

#[test]
fn every_case_ends_as_its_table_says() {
    let text = std::fs::read_to_string(folder("cases").join("cases.json")).unwrap();
    let table: serde_json::Map<String, Value> = serde_json::from_str(&text).unwrap();
    let mut wrong = Vec::new();
    for (name, entry) in table {
        let path = folder("cases").join(format!("{name}.onnx"));
        let options = options_of(&entry);
        match (entry["error"].as_str(), read(&path, &options)) {
            (None, Ok(imported)) => {
                let (apart, psnr) = (apart(&path, &options).unwrap(), imported.report.psnr_db);
                if apart > 3e-4 || psnr < QUALITY_FLOOR_DB {
                    wrong.push(format!("{name}: floats apart by {apart}, {psnr:.1} dB"));
                }
            }
            (Some(kind), Err(error)) if format!("{:?}", error.kind()) == kind => {}
            (expected, got) => {
                wrong.push(format!("{name}: {expected:?}, got {:?}", got.map(|made| made.report.psnr_db)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
