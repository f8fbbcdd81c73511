//! Sampling on a constant grid: a fixed linear map, however the grid was made.
use super::{
    super::{
        error::{Checked, Kind, ensure, fault},
        graph::Graph,
        tensor::{MAX_ELEMENTS, Tensor, count},
    },
    Call, constant_integers,
    fixed::{Taps, place, sparse},
    sizes,
};

pub(super) fn affine_grid(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let theta = call.input(0)?;
    let wanted = sizes(constant_integers(call.input(1)?, "the size")?)?;
    let &[n, _, h, w] = &wanted[..] else { return Err(fault("the size", "of four sides", format!("{wanted:?}"))) };
    ensure(theta.shape == [n, 2, 3], "theta's shape", format!("[{n}, 2, 3]"), format!("{:?}", theta.shape))?;
    let theta = theta.as_numbers("theta").map_err(|fault| fault.of(Kind::ControlDependsOnLatent))?;
    let corners = call.attributes.integer("align_corners", 0)? != 0;
    let shape = vec![n, h, w, 2];
    let size = count(&shape, MAX_ELEMENTS)?;
    graph.spend_constants(size)?;
    let step = |index: usize, side: usize| {
        let (index, side) = (index as f64, side as f64);
        match (corners, side > 1.0) {
            (true, true) => 2.0 * index / (side - 1.0) - 1.0,
            (true, false) => -1.0,
            (false, _) => (2.0 * index + 1.0) / side - 1.0,
        }
    };
    let of = |at: usize| {
        let (row, rest) = (at % 2, at / 2);
        let (x, y, image) = (step(rest % w, w), step(rest / w % h, h), rest / (w * h));
        let line = &theta[(image * 2 + row) * 3..];
        line[0] * x + line[1] * y + line[2]
    };
    Tensor::rounded(shape, call.input(0)?.kind, (0..size).map(of))
}

pub(super) fn grid_sample(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let (x, grid) = (call.input(0)?, call.input(1)?);
    let &[n, c, h, w] = &x.shape[..] else { return Err(fault("the input's rank", 4, x.shape.len())) };
    let &[images, rows, columns, 2] = &grid.shape[..] else {
        return Err(fault("the grid's shape", "[N, H, W, 2]", format!("{:?}", grid.shape)));
    };
    ensure(images == n, "the grid's batch", n, images)?;
    let points = grid.as_numbers("the grid").map_err(|fault| fault.of(Kind::ControlDependsOnLatent))?;
    let at = &call.attributes;
    let mode = match at.text("mode", if call.since < 20 { "bilinear" } else { "linear" })? {
        "linear" | "bilinear" => Mode::Linear,
        "nearest" => Mode::Nearest,
        "cubic" | "bicubic" => Mode::Cubic,
        other => return Err(fault("the mode", "linear, nearest or cubic", other)),
    };
    let padding = match at.text("padding_mode", "zeros")? {
        "zeros" => Padding::Zeros,
        "border" => Padding::Border,
        "reflection" => Padding::Reflection,
        other => return Err(fault("the padding", "zeros, border or reflection", other)),
    };
    let corners = at.integer("align_corners", 0)? != 0;
    let shape = vec![n, c, rows, columns];
    let size = count(&shape, MAX_ELEMENTS)?;
    if x.is_constant() {
        graph.spend_constants(16 * size)?
    } else {
        graph.spend(size)?
    }
    let mut made: Vec<Taps> = Vec::with_capacity(size);
    for image in 0..n {
        let own: Vec<[Taps; 2]> = (0..rows * columns)
            .map(|point| {
                let at = (image * rows * columns + point) * 2;
                [(points[at + 1], h), (points[at], w)].map(|(t, side)| axis_taps(t, side, mode, padding, corners))
            })
            .collect();
        for channel in 0..c {
            for [vertical, horizontal] in &own {
                let pairs = vertical.iter().flat_map(|v| horizontal.iter().map(move |u| (v, u)));
                made.push(pairs.map(|(v, u)| (place(&x.shape, &[image, channel, v.0, u.0]), v.1 * u.1)).collect());
            }
        }
    }
    sparse(graph, x, shape, &made)
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Mode {
    Linear,
    Nearest,
    Cubic,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Padding {
    Zeros,
    Border,
    Reflection,
}

/// The taps along one axis of a point in `-1..=1`.
fn axis_taps(point: f64, side: usize, mode: Mode, padding: Padding, corners: bool) -> Taps {
    let last = side as f64 - 1.0;
    // in 32 bits, as runtimes do: at a tie the last bit decides
    let (t, n) = (point as f32, side as f32);
    let at = f64::from(if corners { (t + 1.0) / 2.0 * (n - 1.0) } else { ((t + 1.0) * n - 1.0) / 2.0 });
    let (low, high) = if corners { (0.0, last) } else { (-0.5, last + 0.5) };
    let reflect = |at: f64| {
        let span = high - low;
        if span <= 0.0 {
            return 0.0;
        }
        let rest = (at - low).rem_euclid(2.0 * span);
        low + rest.min(2.0 * span - rest)
    };
    let inside = |at: f64| match padding {
        Padding::Zeros => at,
        Padding::Border => at.clamp(0.0, last),
        Padding::Reflection => reflect(at).clamp(0.0, last),
    };
    let tap = |index: f64, weight: f64| -> Option<(usize, f64)> {
        let index = if padding == Padding::Zeros { index } else { inside(index) };
        ((0.0..=last).contains(&index)).then_some((index as usize, weight))
    };
    let taps: Vec<Option<(usize, f64)>> = match mode {
        Mode::Nearest => vec![tap(inside(at).round_ties_even(), 1.0)],
        Mode::Linear => {
            let at = inside(at);
            let part = at - at.floor();
            vec![tap(at.floor(), 1.0 - part), tap(at.floor() + 1.0, part)]
        }
        Mode::Cubic => {
            const A: f64 = -0.75;
            let part = at - at.floor();
            let far = |t: f64| ((A * t - 5.0 * A) * t + 8.0 * A) * t - 4.0 * A;
            let near = |t: f64| ((A + 2.0) * t - (A + 3.0)) * t * t + 1.0;
            let weights = [far(part + 1.0), near(part), near(1.0 - part), far(2.0 - part)];
            weights.into_iter().enumerate().map(|(k, weight)| tap(at.floor() + k as f64 - 1.0, weight)).collect()
        }
    };
    taps.into_iter().flatten().filter(|(_, weight)| *weight != 0.0).collect()
}
