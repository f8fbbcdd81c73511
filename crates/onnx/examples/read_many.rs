//! Reads many files, for `tests/models/fuzz.py`: for each line `MODEL LATENT OUT` of the standard input, the importer's floats of the
//! latent go to `OUT.f32`, the integer model's picture of it to `OUT.u8`. One line of JSON for each. Few latents are measured, as
//! that is where the time goes; with a fourth word, `whole`, as many as `model import` measures.
use std::{
    io::{BufRead as _, Write as _},
    path::Path,
};
use veilmark_onnx::{ImportError, OnnxFile, Options, OutputRange, floats, import};

fn answer(line: &str) -> Result<serde_json::Value, String> {
    let (model, latent, out, is_whole) = match line.split(' ').collect::<Vec<_>>()[..] {
        [model, latent, out] => (model, latent, out, false),
        [model, latent, out, "whole"] => (model, latent, out, true),
        _ => return Err("three paths, and perhaps `whole`".to_owned()),
    };
    let said = |error: ImportError| serde_json::json!({ "error": error.to_string(), "kind": format!("{:?}", error.kind()), "operator": error.operator() });
    let file = match OnnxFile::open(Path::new(model)) {
        Ok(file) => file,
        Err(error) => return Ok(said(error)),
    };
    let bytes = std::fs::read(latent).map_err(|error| error.to_string())?;
    let latent: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let mut options = Options::default();
    options.accept_low_quality = true;
    if !is_whole {
        (options.calibration, options.compared) = (48, 48);
    }
    let made = match floats(&file, &options, &latent) {
        Ok(made) => made,
        Err(error) => return Ok(said(error)),
    };
    let bytes: Vec<u8> = made.iter().flat_map(|value| value.to_le_bytes()).collect();
    std::fs::write(format!("{out}.f32"), bytes).map_err(|error| error.to_string())?;
    let imported = match import(&file, &options, &|_| ()) {
        Err(ImportError::OutputRange { .. }) => {
            options.output_range = Some(OutputRange::MinusOneToOne);
            import(&file, &options, &|_| ())
        }
        other => other,
    };
    Ok(match imported {
        Ok(imported) => {
            let latent: Vec<i8> = latent.iter().map(|value| (value * 32.0).round() as i8).collect();
            let picture = imported.model.run(&latent);
            let sources = imported.model.architecture().output.sources();
            let samples: Vec<u8> = sources
                .map(|source| match source {
                    veilmark_statement::model::Source::Neuron(at) => picture.neurons[at as usize] as u8,
                    veilmark_statement::model::Source::Constant(c) => c as u8,
                })
                .collect();
            std::fs::write(format!("{out}.u8"), samples).map_err(|error| error.to_string())?;
            let report = imported.report;
            serde_json::json!({
                "psnr": report.psnr_db, "worst": report.worst_psnr_db, "range": report.output_range,
                "shape": [report.channels, report.height, report.width],
                "jumps": report.first_jump().is_some(), "tract": report.second.difference, "tract_outcome": report.second.outcome,
            })
        }
        Err(error) => {
            let mut said = said(error);
            said["floats"] = true.into();
            said
        }
    })
}

fn main() {
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        let answer = answer(&line).unwrap_or_else(|error| serde_json::json!({ "broken": error }));
        println!("{answer}");
        std::io::stdout().flush().expect("an open output");
    }
}
