//! `Resize` and `Upsample`: nearest neighbours only pick, linear and cubic interpolation are fixed linear layers.
//!
//! Coordinates are computed in 32 bits, as runtimes do: at a tie the last bit decides which neighbour is nearest.
use super::{
    super::{
        error::{Checked, ensure, fault},
        graph::Graph,
        tensor::{MAX_ELEMENTS, Tensor, count},
    },
    Call, axes_of, constant_integers,
    fixed::{Taps, separable},
    sizes,
};

pub(super) fn upsample(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let scales = match call.attributes.find("scales") {
        Some(attribute) => attribute.floats.clone(),
        None => call.input(1)?.as_floats("the scales")?.to_vec(),
    };
    old(graph, call, &scales)
}

/// Before operator set 11: what runtimes have made of what was not specified.
fn old(graph: &mut Graph, call: &Call<'_>, scales: &[f32]) -> Checked<Tensor> {
    let x = call.input(0)?;
    ensure(scales.len() == x.shape.len(), "the scales", x.shape.len(), scales.len())?;
    let mut axes = Vec::with_capacity(scales.len());
    for (&from, &scale) in x.shape.iter().zip(scales) {
        axes.push(Axis { from, to: scaled(from, scale)?, scale, roi: None });
    }
    let mode = call.attributes.text("mode", "nearest")?;
    let ways = Ways { mode, coordinates: "asymmetric", rounding: "simple", cubic: -0.75, exclude: false };
    ensure(mode != "cubic", "the mode", "nearest or linear", mode)?;
    apply(graph, x, &axes, &ways, 0.0)
}

/// One axis of a resizing.
#[derive(Clone, Copy, Debug)]
struct Axis {
    from: usize,
    to: usize,
    scale: f32,
    /// Where the region of interest begins and ends.
    roi: Option<(f32, f32)>,
}

/// The attributes of a resizing.
#[derive(Clone, Copy, Debug)]
struct Ways<'a> {
    mode: &'a str,
    coordinates: &'a str,
    rounding: &'a str,
    cubic: f64,
    /// Neighbours outside the plane have no weight.
    exclude: bool,
}

fn scaled(from: usize, scale: f32) -> Checked<usize> {
    ensure(scale > 0.0 && scale.is_finite(), "a scale", "above 0", scale)?;
    let to = (from as f32 * scale).floor();
    ensure(to >= 1.0 && to <= MAX_ELEMENTS as f32, "a resized side", format!("1..={MAX_ELEMENTS}"), to)?;
    Ok(to as usize)
}

pub(super) fn resize(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    if call.since < 11 {
        return old(graph, call, &call.input(1)?.as_floats("the scales")?.clone());
    }
    let at = &call.attributes;
    let rank = x.shape.len();
    let axes = match at.integers("axes")? {
        Some(axes) => axes_of(axes, rank)?,
        None => (0..rank).collect(),
    };
    let coordinates = at.text("coordinate_transformation_mode", "half_pixel")?;
    let policy = at.text("keep_aspect_ratio_policy", "stretch")?;
    let mut made: Vec<Axis> =
        x.shape.iter().map(|&side| Axis { from: side, to: side, scale: 1.0, roi: None }).collect();
    if let Some(wanted) = call.optional(3).filter(|wanted| wanted.len() > 0) {
        let wanted = sizes(constant_integers(wanted, "the sizes")?)?;
        ensure(wanted.len() == axes.len(), "the sizes", axes.len(), wanted.len())?;
        let positive = wanted.iter().all(|side| (1..=MAX_ELEMENTS).contains(side));
        ensure(positive, "the sizes", format!("1..={MAX_ELEMENTS}"), format!("{wanted:?}"))?;
        let ratios: Vec<f32> =
            axes.iter().zip(&wanted).map(|(&axis, &side)| side as f32 / x.shape[axis] as f32).collect();
        let common = match policy {
            "stretch" => None,
            "not_larger" => Some(ratios.iter().copied().fold(f32::INFINITY, f32::min)),
            "not_smaller" => Some(ratios.iter().copied().fold(0.0, f32::max)),
            other => return Err(fault("keep_aspect_ratio_policy", "stretch, not_larger or not_smaller", other)),
        };
        for ((&axis, &side), &ratio) in axes.iter().zip(&wanted).zip(&ratios) {
            made[axis].scale = common.unwrap_or(ratio);
            made[axis].to = match common {
                None => side,
                Some(scale) => {
                    let to = (scale * x.shape[axis] as f32).round();
                    ensure(to >= 1.0 && to <= MAX_ELEMENTS as f32, "a resized side", "1 or more", to)?;
                    to as usize
                }
            };
        }
    } else {
        ensure(policy == "stretch", "keep_aspect_ratio_policy", "stretch where scales are given", policy)?;
        let scales = call.optional(2).ok_or_else(|| fault("scales or sizes", "given", "neither"))?;
        let scales = scales.as_floats("the scales")?;
        ensure(scales.len() == axes.len(), "the scales", axes.len(), scales.len())?;
        for (&axis, &scale) in axes.iter().zip(scales.iter()) {
            made[axis].scale = scale;
            made[axis].to = scaled(x.shape[axis], scale)?;
        }
    }
    if coordinates == "tf_crop_and_resize" {
        let roi = call.input(1)?.as_floats("the region of interest")?;
        ensure(roi.len() == 2 * axes.len(), "the region of interest", 2 * axes.len(), roi.len())?;
        for (index, &axis) in axes.iter().enumerate() {
            made[axis].roi = Some((roi[index], roi[axes.len() + index]));
        }
    }
    let shrinks = made.iter().any(|axis| axis.scale < 1.0);
    let mode = at.text("mode", "nearest")?;
    let filtered = at.integer("antialias", 0)? != 0 && shrinks && mode != "nearest";
    ensure(!filtered, "antialias", "0 where a side shrinks", 1)?;
    let exclude = at.integer("exclude_outside", 0)? != 0;
    ensure(!exclude || mode == "cubic", "exclude_outside", "0 unless the mode is cubic", 1)?;
    let ways = Ways {
        mode,
        coordinates,
        rounding: at.text("nearest_mode", "round_prefer_floor")?,
        cubic: f64::from(at.float("cubic_coeff_a", -0.75)?),
        exclude,
    };
    apply(graph, x, &made, &ways, f64::from(at.float("extrapolation_value", 0.0)?))
}

fn apply(graph: &mut Graph, x: &Tensor, axes: &[Axis], ways: &Ways<'_>, outside: f64) -> Checked<Tensor> {
    let shape: Vec<usize> = axes.iter().map(|axis| axis.to).collect();
    count(&shape, MAX_ELEMENTS)?;
    let mut maps = Vec::with_capacity(axes.len());
    let mut beyond: Vec<Vec<bool>> = Vec::with_capacity(axes.len());
    for axis in axes {
        let stays = axis.from == axis.to && axis.scale == 1.0 && axis.roi.is_none();
        let mut rows = Vec::with_capacity(axis.to);
        let mut out = Vec::with_capacity(axis.to);
        for o in 0..axis.to {
            let at = coordinate(axis, o, ways.coordinates)?;
            out.push(ways.coordinates == "tf_crop_and_resize" && !(0.0..=(axis.from - 1) as f32).contains(&at));
            rows.push(taps(axis, at, ways)?);
        }
        beyond.push(out);
        maps.push(if stays { None } else { Some(rows) });
    }
    let made = separable(graph, x, &maps)?;
    if !beyond.iter().flatten().any(|out| *out) {
        return Ok(made);
    }
    let mut mask = vec![0i64];
    for out in &beyond {
        mask = mask.iter().flat_map(|&before| out.iter().map(move |&out| before | i64::from(out))).collect();
    }
    graph.choose(&Tensor::integers(shape, mask), &Tensor::rounded(vec![], x.kind, std::iter::once(outside))?, &made)
}

/// The place in the input that an output stands for.
fn coordinate(axis: &Axis, o: usize, mode: &str) -> Checked<f32> {
    let (from, to, scale, o) = (axis.from as f32, axis.to as f32, axis.scale, o as f32);
    Ok(match mode {
        "half_pixel" => (o + 0.5) / scale - 0.5,
        "pytorch_half_pixel" => {
            if axis.to > 1 {
                (o + 0.5) / scale - 0.5
            } else {
                0.0
            }
        }
        "half_pixel_symmetric" => {
            let adjustment = to / (scale * from);
            from / 2.0 * (1.0 - adjustment) + (o + 0.5) / scale - 0.5
        }
        "asymmetric" => o / scale,
        "align_corners" => {
            if axis.to > 1 {
                o * (from - 1.0) / (to - 1.0)
            } else {
                0.0
            }
        }
        "tf_half_pixel_for_nn" => (o + 0.5) / scale,
        "tf_crop_and_resize" => {
            let (start, end) = axis.roi.unwrap_or((0.0, 1.0));
            if axis.to > 1 {
                start * (from - 1.0) + o * (end - start) * (from - 1.0) / (to - 1.0)
            } else {
                0.5 * (start + end) * (from - 1.0)
            }
        }
        other => return Err(fault("coordinate_transformation_mode", "one of ONNX'", other)),
    })
}

fn taps(axis: &Axis, at: f32, ways: &Ways<'_>) -> Checked<Taps> {
    let last = axis.from as i64 - 1;
    let clamped = |index: i64| index.clamp(0, last) as usize;
    match ways.mode {
        "nearest" => {
            // this mode's coordinates are sums of rounded numbers, so that runtimes differ at a tie
            let jump = if ways.rounding.starts_with("round") { 0.5 } else { 0.0 };
            let tie = (at - jump - (at - jump).round()).abs() < 1e-4;
            let doubtful = tie && ways.coordinates == "half_pixel_symmetric";
            ensure(!doubtful, "a nearest neighbour", "one that half_pixel_symmetric makes sure", "a tie of two")?;
            let at = match ways.rounding {
                "round_prefer_floor" if at == at.trunc() + 0.5 => at.floor(),
                "round_prefer_floor" | "round_prefer_ceil" => at.round(),
                "floor" => at.floor(),
                "ceil" => at.ceil(),
                "simple" if axis.scale < 1.0 => at.ceil(),
                "simple" => at.trunc(),
                other => return Err(fault("nearest_mode", "one of ONNX'", other)),
            };
            Ok(vec![(clamped(at as i64), 1.0)])
        }
        "linear" => {
            let at = at.clamp(0.0, last as f32);
            let (below, part) = (at.floor(), f64::from(at - at.floor()));
            if last == 0 {
                return Ok(vec![(0, 1.0)]);
            }
            Ok(vec![(clamped(below as i64), 1.0 - part), (clamped(below as i64 + 1), part)])
        }
        "cubic" => {
            let below = at.floor();
            let (below, part, a) = (below as i64, f64::from(at - below), ways.cubic);
            let far = |t: f64| ((a * t - 5.0 * a) * t + 8.0 * a) * t - 4.0 * a;
            let near = |t: f64| ((a + 2.0) * t - (a + 3.0)) * t * t + 1.0;
            let weights = [far(part + 1.0), near(part), near(1.0 - part), far(2.0 - part)];
            let mut row: Taps = Vec::with_capacity(4);
            for (index, weight) in (below - 1..).zip(weights) {
                if !ways.exclude || (0..=last).contains(&index) {
                    row.push((clamped(index), weight));
                }
            }
            if ways.exclude {
                let sum: f64 = row.iter().map(|(_, weight)| weight).sum();
                row.iter_mut().for_each(|(_, weight)| *weight /= sum);
            }
            Ok(row)
        }
        other => Err(fault("the mode", "nearest, linear or cubic", other)),
    }
}
