//! Rows against what a model has: what the design promises, as a picture.
//!
//! Proving time is proportional to the rows, rounded up to a power of two, so rows are what is plotted: the sheet's and the
//! program's together, without tables, pixels and the fingerprint, which do not depend on the width.
use crate::models;
use std::fmt::Write;
use std::sync::Arc;
use veilmark_circuits::{claims::generation::GenerationClaim, statement::model::Model};

/// One model of a sweep.
struct Point {
    x: f64,
    rows: f64,
}

fn rows(model: &Model) -> f64 {
    let (sheet, program) = GenerationClaim::parts(&Arc::new(model.architecture().clone()));
    (sheet + program) as f64
}

fn weights() -> Vec<Point> {
    let of = |model: Model| Point { x: model.architecture().parameters() as f64, rows: rows(&model) };
    [64, 128, 256, 512, 768, 1024, 1536, 2048].map(|hidden| of(models::dense(hidden))).into()
}

fn activations() -> Vec<Point> {
    let of = |model: Model| Point { x: model.architecture().neurons() as f64, rows: rows(&model) };
    [8, 12, 16, 24, 32, 40, 48, 64].map(|side| of(models::convolution(3, side, 3))).into()
}

/// The same weights and neurons in all, and more and more multiplications: the same kernels over larger planes, the dense
/// layer before them smaller by as much.
fn multiplications() -> Vec<Point> {
    let of = |model: &Model| Point { x: model.architecture().multiplications() as f64, rows: rows(model) };
    [1, 3, 5, 7, 9, 11].map(|kernel| of(&models::convolution(8, 32, kernel))).into()
}

/// Three panels: rows against weights, neurons and multiplications.
pub fn svg() -> String {
    let panels = [
        ("weights (dense, 64 to 2048 hidden)", weights()),
        ("neurons (3 planes, 8x8 to 64x64)", activations()),
        ("multiplications (kernels of 1x1 to 11x11, 32x32)", multiplications()),
    ];
    let mut out = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1020\" height=\"330\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"1020\" height=\"330\" fill=\"white\"/>\n",
    );
    for (index, (title, points)) in panels.iter().enumerate() {
        panel(&mut out, 60 + 340 * index, title, points);
    }
    out + "</svg>\n"
}

fn panel(out: &mut String, left: usize, title: &str, points: &[Point]) {
    let (width, height, top) = (250.0, 230.0, 40.0);
    let most = |of: fn(&Point) -> f64| points.iter().map(of).fold(0.0, f64::max) * 1.05;
    let (x_most, y_most) = (most(|p| p.x), most(|p| p.rows));
    let left = left as f64;
    let at = |p: &Point| (left + width * p.x / x_most, top + height * (1.0 - p.rows / y_most));
    let mut line = |text: std::fmt::Arguments<'_>| writeln!(out, "{text}").expect("a string takes it");
    let base = top + height;
    line(format_args!("<text x=\"{left}\" y=\"20\">rows against {title}</text>"));
    line(format_args!("<path d=\"M{left} {top}V{base}H{}\" fill=\"none\" stroke=\"black\"/>", left + width));
    line(format_args!("<text x=\"{left}\" y=\"{}\">0</text>", base + 18.0));
    line(format_args!("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{x_most:.0}</text>", left + width, base + 18.0));
    line(format_args!("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{y_most:.0}</text>", left - 4.0, top + 10.0));
    let path: Vec<String> = points.iter().map(|p| format!("{:.1},{:.1}", at(p).0, at(p).1)).collect();
    line(format_args!("<polyline points=\"{}\" fill=\"none\" stroke=\"#06c\"/>", path.join(" ")));
    for point in points {
        let (x, y) = at(point);
        line(format_args!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"#06c\"/>"));
    }
}
