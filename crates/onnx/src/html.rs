//! The report as one HTML file that needs nothing else: pictures are inside it, and it has no script.
use super::report::{Imported, Outcome, Report, Sample};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::fmt::Write as _;

const STYLE: &str = include_str!("report.css");

impl Imported {
    /// The report as one HTML file, which needs nothing else. `name` is the file's name, shown as text.
    pub fn html(&self, name: &str) -> String {
        page(self, name)
    }
}

/// Text that is shown as it is.
fn text(plain: &str) -> String {
    let mut made = String::with_capacity(plain.len());
    for c in plain.chars() {
        match c {
            '&' => made.push_str("&amp;"),
            '<' => made.push_str("&lt;"),
            '>' => made.push_str("&gt;"),
            '"' => made.push_str("&quot;"),
            '\'' => made.push_str("&#39;"),
            c if c.is_control() => made.push('\u{fffd}'),
            c => made.push(c),
        }
    }
    made
}

/// A picture of channels of planes as an inline PNG.
fn picture(report: &Report, planes: &[u8], alt: &str) -> String {
    let pixels = report.width as usize * report.height as usize;
    let channel = |c: usize| if report.channels == 1 { 0 } else { c };
    let bytes: Vec<u8> = (0..pixels).flat_map(|at| [0, 1, 2].map(|c| planes[channel(c) * pixels + at])).collect();
    let mut png = std::io::Cursor::new(Vec::new());
    let written = image::RgbImage::from_raw(report.width, report.height, bytes)
        .is_some_and(|image| image.write_to(&mut png, image::ImageFormat::Png).is_ok());
    if !written {
        return String::new();
    }
    format!("<img alt=\"{}\" src=\"data:image/png;base64,{}\">", text(alt), STANDARD.encode(png.into_inner()))
}

/// Where the two pictures differ, eight times as strong.
fn difference(sample: &Sample) -> Vec<u8> {
    let pairs = sample.float.iter().zip(&sample.integer);
    pairs.map(|(a, b)| a.abs_diff(*b).saturating_mul(8)).collect()
}

fn db(value: f64) -> String {
    if value >= 100.0 { "equal".to_owned() } else { format!("{value:.1} dB") }
}

fn figure(report: &Report, sample: &Sample) -> String {
    let images = [
        picture(report, &sample.float, "float"),
        picture(report, &sample.integer, "integer"),
        picture(report, &difference(sample), "difference, eight times"),
    ];
    let worst = if sample.seed == report.worst_seed { ", the worst" } else { "" };
    let caption = format!("latent {}{worst}: {}", sample.seed, db(sample.psnr_db));
    format!("<figure>{}<figcaption>{caption}</figcaption></figure>", images.concat())
}

/// Bars of how many samples differ by how many levels, on a logarithmic scale.
fn histogram(report: &Report) -> String {
    let most = report.differences.iter().copied().max().unwrap_or(1).max(1);
    let scale = (most as f64 + 1.0).ln();
    let last = report.differences.len().saturating_sub(1);
    let mut made = String::from("<svg viewBox=\"0 0 700 190\" role=\"img\" aria-label=\"differences\">");
    for (level, &count) in report.differences.iter().enumerate() {
        let height = 140.0 * (count as f64 + 1.0).ln() / scale;
        let x = 10 + 20 * level;
        let _ = write!(
            made,
            "<rect x=\"{x}\" y=\"{:.1}\" width=\"16\" height=\"{height:.1}\"><title>{level}{} levels: {count} samples</title></rect>",
            150.0 - height,
            if level == last { " or more" } else { "" }
        );
        if level % 4 == 0 {
            let _ = write!(made, "<text x=\"{x}\" y=\"168\">{level}{}</text>", if level == last { "+" } else { "" });
        }
    }
    made.push_str("<text x=\"10\" y=\"185\">levels of 255 between the integer and the float sample; bars are logarithmic</text></svg>");
    made
}

fn layers(report: &Report) -> String {
    let most = report.by_layer.iter().map(|layer| layer.rows).max().unwrap_or(1).max(1);
    let mut made = String::from(
        "<table><tr><th>layer</th><th>node</th><th>what</th><th class=\"n\">shape</th><th class=\"n\">multiplications</th><th class=\"n\">rows</th><th></th><th class=\"n\">signal to error</th></tr>",
    );
    for (at, layer) in report.by_layer.iter().enumerate() {
        let [c, h, w] = layer.shape;
        let _ = write!(
            made,
            "<tr><td>{at}</td><td>{}</td><td>{}</td><td class=\"n\">{c}x{h}x{w}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td style=\"width:8rem\"><span class=\"meter\" style=\"width:{:.0}%\"></span></td><td class=\"n\">{}</td></tr>",
            text(&layer.origin),
            layer.kind,
            layer.multiplications,
            layer.rows,
            100.0 * layer.rows as f64 / most as f64,
            db(layer.signal_db)
        );
    }
    made.push_str("</table>");
    made
}

fn second(report: &Report) -> String {
    let reader = report.second.reader;
    let levels = report.second.difference.unwrap_or(0.0);
    match report.second.outcome {
        Outcome::Agrees => format!("<p>{reader} reads the same floats: at most {levels:.4} levels of 255 apart.</p>"),
        Outcome::Disagrees => format!(
            "<p class=\"warn\">{reader} reads this file otherwise: up to {levels:.1} levels of 255 apart. Its floats were not used: all figures here are against the importer's own.</p>"
        ),
        Outcome::CannotRun => format!(
            "<p class=\"note\">{reader} cannot run this file: {}. All figures are against the importer's own floats.</p>",
            text(report.second.reason.as_deref().unwrap_or("no reason"))
        ),
    }
}

/// The whole page.
fn page(imported: &Imported, name: &str) -> String {
    let report = &imported.report;
    let name = text(name);
    let key = |label: &str, value: String| format!("<div>{label}<b>{value}</b></div>");
    let keys = [
        key("PSNR, all pictures", db(report.psnr_db)),
        key("the worst picture", db(report.worst_psnr_db)),
        key("largest difference", format!("{} of 255", report.largest_difference)),
        key("compared on", format!("{} latents", report.compared)),
        key("picture", format!("{}x{}, {} channels", report.width, report.height, report.channels)),
        key("latent", format!("{} entries", report.latent)),
        key("parameters", report.parameters.to_string()),
        key("multiplications", report.multiplications.to_string()),
        key("tables", format!("{} of {} rows", report.tables, report.table_rows)),
    ];
    let warning = if report.worst_psnr_db < super::QUALITY_FLOOR_DB {
        let layer = report.worst_layer().map_or_else(String::new, |(at, layer)| {
            format!(" Layer {at}, of node {}, loses most: {}.", text(&layer.origin), db(layer.signal_db))
        });
        format!("<p class=\"warn\">Some latents give pictures below {} dB.{layer}</p>", super::QUALITY_FLOOR_DB)
    } else {
        String::new()
    };
    let jump = report.first_jump().map_or_else(String::new, |(at, layer)| {
        format!(
            "<p class=\"warn\">The function of layer {at}, of node {}, jumps: latents whose values lie at the jump may give \
             pictures further from the float model's than the worst here.</p>",
            text(&layer.origin)
        )
    });
    let figures: String = imported.samples.iter().map(|sample| figure(report, sample)).collect();
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Import of {name}</title><style>\n{STYLE}</style></head><body>\
         <h1>Import of {name}</h1><p>How far the integer model, which is what is registered and proved, is from the float model of the file.</p>\
         <div class=\"key\">{}</div>{warning}{jump}{}\
         <h2>Pictures</h2><p class=\"note\">By the float model, by the integer model, and their difference eight times as strong.</p><div class=\"pictures\">{figures}</div>\
         <h2>Differences</h2>{}\
         <h2>Layers</h2><p class=\"note\">Rows are what a layer reads and makes in a circuit, tables aside. The error of a layer holds that of all before it.</p>{}\
         </body></html>\n",
        keys.concat(),
        second(report),
        histogram(report),
        layers(report),
    )
}
