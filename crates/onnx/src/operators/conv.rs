//! Convolutions and transposed ones, over one axis or two.
use super::{
    super::{
        error::{Checked, Fault, Kind, ensure, fault},
        graph::{Combination, Geometry, Graph},
        pairwise::Pairwise,
        tensor::{MAX_ELEMENTS, Tensor},
    },
    Call,
    pick::{padded, select, whole},
    shape::stack,
};
use std::sync::Arc;

/// Strides, dilations, kernel sides and padding of a window over two axes; one axis is the second of two.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) dilation: [usize; 2],
    pub(super) before: [usize; 2],
    pub(super) after: [usize; 2],
}

/// A spatial attribute, `[1, x]` for one axis.
pub(super) fn spatial(call: &Call<'_>, name: &str, axes: usize, otherwise: usize, fill: usize) -> Checked<[usize; 2]> {
    let list = match call.attributes.integers(name)? {
        Some(list) if !list.is_empty() => list.to_vec(),
        _ => vec![otherwise as i64; axes],
    };
    ensure(list.len() == axes, name, format!("{axes} numbers"), list.len())?;
    let mut made = [fill; 2];
    for (at, &value) in list.iter().enumerate() {
        let least = i64::from(name != "output_padding");
        ensure((least..=4096).contains(&value), name, format!("{least}..=4096"), value)?;
        made[2 - axes + at] = value as usize;
    }
    Ok(made)
}

/// An input as `[N, C, H, W]`, and how many spatial axes it has.
pub(super) fn planes(x: &Tensor) -> Checked<([usize; 4], usize)> {
    match x.shape[..] {
        [n, c, h, w] => Ok(([n, c, h, w], 2)),
        [n, c, w] => Ok(([n, c, 1, w], 1)),
        _ => Err(fault("the input's shape", "[N, C, H, W] or [N, C, W]", format!("{:?}", x.shape))),
    }
}

/// Applies something to each member of a batch, which has the shape `[1, C, H, W]`.
pub(super) fn each(
    graph: &mut Graph,
    x: &Tensor,
    [n, c, h, w]: [usize; 4],
    axes: usize,
    apply: &dyn Fn(&mut Graph, &Tensor) -> Checked<Tensor>,
) -> Checked<Tensor> {
    ensure((1..=4096).contains(&n), "the batch", "1..=4096", n)?;
    let mut made = Vec::with_capacity(n);
    for at in 0..n {
        let one = if n == 1 {
            x.clone()
        } else {
            let mut lists = whole(&x.shape);
            lists[0] = vec![at];
            select(graph, x, &lists)?
        };
        made.push(apply(graph, &one.with_shape(vec![1, c, h, w]))?);
    }
    let made = stack(graph, &made, 0)?;
    match made.shape[..] {
        [n, c, _, w] if axes == 1 => Ok(made.with_shape(vec![n, c, w])),
        _ => Ok(made),
    }
}

/// The window of an operator on planes of the given sides.
pub(super) fn window(call: &Call<'_>, kernel: [usize; 2], axes: usize, sides: [usize; 2]) -> Checked<Window> {
    let stride = spatial(call, "strides", axes, 1, 1)?;
    let dilation = spatial(call, "dilations", axes, 1, 1)?;
    let (mut before, mut after) = ([0; 2], [0; 2]);
    match call.attributes.text("auto_pad", "NOTSET")? {
        "NOTSET" | "" => {
            let pads = call
                .attributes
                .integers("pads")?
                .filter(|list| !list.is_empty())
                .map_or(vec![0; 2 * axes], <[i64]>::to_vec);
            ensure(pads.len() == 2 * axes, "pads", format!("{} numbers", 2 * axes), pads.len())?;
            for at in 0..axes {
                for (side, value) in [(&mut before, pads[at]), (&mut after, pads[axes + at])] {
                    ensure((0..=4096).contains(&value), "pads", "0..=4096", value)?;
                    side[2 - axes + at] = value as usize;
                }
            }
        }
        "VALID" => {}
        mode @ ("SAME_UPPER" | "SAME_LOWER") => {
            for d in 0..2 {
                let outputs = sides[d].div_ceil(stride[d]);
                let all = ((outputs - 1) * stride[d] + dilation[d] * (kernel[d] - 1) + 1).saturating_sub(sides[d]);
                let more = all - all / 2;
                (before[d], after[d]) = if mode == "SAME_UPPER" { (all - more, more) } else { (more, all - more) };
            }
        }
        other => return Err(fault("auto_pad", "NOTSET, VALID, SAME_UPPER or SAME_LOWER", other)),
    }
    Ok(Window { kernel, stride, dilation, before, after })
}

/// The weights of a convolution and its bias.
fn kernel_of<'a>(call: &Call<'a>, axes: usize) -> Checked<(&'a Tensor, [usize; 4])> {
    let weights = call.input(1)?;
    let control = |fault: Fault| if weights.is_constant() { fault } else { fault.of(Kind::WeightsDependOnLatent) };
    weights.as_floats("the weights").map_err(control)?;
    let shape = match weights.shape[..] {
        [a, b, h, w] if axes == 2 => [a, b, h, w],
        [a, b, w] if axes == 1 => [a, b, 1, w],
        _ => return Err(fault("the weights' rank", axes + 2, weights.shape.len())),
    };
    ensure(shape.iter().all(|side| *side > 0), "the weights' shape", "not empty", format!("{shape:?}"))?;
    ensure(shape[2].max(shape[3]) <= 4096, "the kernel's sides", "at most 4096", format!("{shape:?}"))?;
    if let Some(declared) = call.attributes.integers("kernel_shape")?.filter(|list| !list.is_empty()) {
        let own: Vec<i64> = weights.shape[2..].iter().map(|side| *side as i64).collect();
        ensure(declared == own, "kernel_shape", format!("{own:?}, as the weights"), format!("{declared:?}"))?;
    }
    Ok((weights, shape))
}

fn bias_of(call: &Call<'_>, outputs: usize) -> Checked<Vec<f64>> {
    let Some(bias) = call.optional(2) else { return Ok(vec![0.0; outputs]) };
    // a bias that depends on the latent is added behind
    if !bias.is_constant() {
        return Ok(vec![0.0; outputs]);
    }
    let list = bias.as_floats("the bias")?;
    ensure(list.len() == outputs, "the bias", format!("{outputs} numbers"), list.len())?;
    Ok(list.iter().map(|v| f64::from(*v)).collect())
}

fn groups_of(call: &Call<'_>) -> Checked<usize> {
    let groups = call.attributes.integer("group", 1)?;
    ensure((1..=1 << 20).contains(&groups), "group", "1 or more", groups)?;
    Ok(groups as usize)
}

pub(super) fn conv(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let (shape, axes) = planes(x)?;
    let made = each(graph, x, shape, axes, &|graph, x| conv_one(graph, call, x, axes))?;
    add_bias(graph, call, made)
}

/// Adds a bias that depends on the latent.
fn add_bias(graph: &mut Graph, call: &Call<'_>, made: Tensor) -> Checked<Tensor> {
    let Some(bias) = call.optional(2).filter(|bias| !bias.is_constant()) else { return Ok(made) };
    ensure(bias.len() == made.shape[1], "the bias", format!("{} numbers", made.shape[1]), bias.len())?;
    let mut shape = vec![1; made.shape.len()];
    shape[1] = bias.len();
    graph.pairwise(Pairwise::Add, &made, &bias.with_shape(shape))
}

fn conv_one(graph: &mut Graph, call: &Call<'_>, x: &Tensor, axes: usize) -> Checked<Tensor> {
    let ([_, c, h, w], _) = planes(x)?;
    let (weights, [outputs, group_inputs, kh, kw]) = kernel_of(call, axes)?;
    let groups = groups_of(call)?;
    let whole = c == group_inputs.saturating_mul(groups) && outputs.is_multiple_of(groups);
    ensure(whole, "the input's channels", format!("{group_inputs} for each of {groups} groups"), c)?;
    let mut window = window(call, [kh, kw], axes, [h, w])?;
    let mut sides = [h, w];
    let mut made = [0; 2];
    // padding beyond the kernel's own reach has to be there
    let mut extra = [0; 2];
    for d in 0..2 {
        let reach = window.dilation[d] * (window.kernel[d] - 1);
        let padded = sides[d] + window.before[d] + window.after[d];
        ensure(padded > reach, "the padded input", format!("{} or wider", reach + 1), padded)?;
        made[d] = (padded - reach - 1) / window.stride[d] + 1;
        extra[d] = window.before[d].saturating_sub(reach);
        window.before[d] -= extra[d];
    }
    let mut x = x.clone();
    if extra != [0, 0] {
        let pads: Vec<(i64, i64)> = [0, 0, extra[0], extra[1]].iter().map(|pad| (*pad as i64, 0)).collect();
        x = padded(graph, &x, &pads, "constant", 0.0)?;
        sides = [h + extra[0], w + extra[1]];
    }
    let input = x.as_elements("the input")?;
    let kernel = kh * kw;
    let reversed =
        weights.as_floats("the weights")?.chunks(kernel).flat_map(|plane| plane.iter().rev().copied()).collect();
    let geometry = Geometry {
        input_shape: [c, sides[0], sides[1]],
        groups,
        kernel: [kh, kw],
        input_step: [1, 1],
        kernel_step: window.dilation,
        output_step: window.stride,
        offset: std::array::from_fn(|d| window.dilation[d] * (window.kernel[d] - 1) - window.before[d]),
    };
    let map = Combination::Product { input, geometry, weights: Arc::new(reversed), bias: bias_of(call, outputs)? };
    let shape = [outputs, made[0], made[1]];
    let [c, h, w] = shape;
    Ok(Tensor::elements(vec![1, c, h, w], graph.node(shape, map, false)?))
}

pub(super) fn conv_transpose(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let (shape, axes) = planes(x)?;
    let made = each(graph, x, shape, axes, &|graph, x| conv_transpose_one(graph, call, x, axes))?;
    add_bias(graph, call, made)
}

fn conv_transpose_one(graph: &mut Graph, call: &Call<'_>, x: &Tensor, axes: usize) -> Checked<Tensor> {
    let ([_, c, h, w], _) = planes(x)?;
    let (weights, [inputs, group_outputs, kh, kw]) = kernel_of(call, axes)?;
    let groups = groups_of(call)?;
    ensure(
        c == inputs && c.is_multiple_of(groups),
        "the input's channels",
        format!("{inputs}, a multiple of {groups}"),
        c,
    )?;
    let outputs = group_outputs
        .checked_mul(groups)
        .filter(|n| *n <= MAX_ELEMENTS)
        .ok_or_else(|| fault("the output's channels", "fewer", "too many"))?;
    let stride = spatial(call, "strides", axes, 1, 1)?;
    let dilation = spatial(call, "dilations", axes, 1, 1)?;
    let extra = spatial(call, "output_padding", axes, 0, 0)?;
    let mode = call.attributes.text("auto_pad", "NOTSET")?;
    let (kernel, sides) = ([kh, kw], [h, w]);
    let full: [usize; 2] = std::array::from_fn(|d| stride[d] * (sides[d] - 1) + dilation[d] * (kernel[d] - 1) + 1);
    let (mut before, mut made) = ([0; 2], [0; 2]);
    let wanted = call.attributes.integers("output_shape")?.filter(|list| !list.is_empty());
    if wanted.is_some() || mode.starts_with("SAME") {
        for d in 2 - axes..2 {
            made[d] = match wanted {
                Some(list) => {
                    // the spatial sides are the last ones
                    let side = list.len().checked_sub(2 - d).and_then(|at| list.get(at)).copied().unwrap_or(0);
                    ensure((1..=MAX_ELEMENTS as i64).contains(&side), "output_shape", "1 or more", side)?;
                    side as usize
                }
                None => sides[d] * stride[d],
            };
            // what ONNX says: the padding that gives this shape, its larger half before unless SAME_UPPER
            let all = (full[d] + extra[d]).saturating_sub(made[d]);
            before[d] = if mode == "SAME_UPPER" { all / 2 } else { all - all / 2 };
        }
        if axes == 1 {
            made[0] = 1;
        }
    } else {
        let window = window(call, kernel, axes, sides)?;
        before = window.before;
        for d in 0..2 {
            let padded = full[d] + extra[d];
            let cut = window.before[d] + window.after[d];
            ensure(padded > cut, "the output's side", "1 or more", format!("{padded} less {cut}"))?;
            made[d] = padded - cut;
        }
    }
    let taken = weights.as_floats("the weights")?;
    let (plane, group_inputs, per_group) = (kh * kw, c / groups, group_outputs);
    let mut ordered = Vec::with_capacity(taken.len());
    for co in 0..outputs {
        let (group, o) = (co / per_group, co % per_group);
        for ci in 0..group_inputs {
            let at = ((group * group_inputs + ci) * per_group + o) * plane;
            ordered.extend_from_slice(&taken[at..at + plane]);
        }
    }
    let geometry = Geometry {
        input_shape: [c, h, w],
        groups,
        kernel,
        // one input has no steps between inputs
        input_step: std::array::from_fn(|d| if sides[d] == 1 { 1 } else { stride[d] }),
        kernel_step: dilation,
        output_step: [1, 1],
        offset: before,
    };
    let input = x.as_elements("the input")?;
    let map = Combination::Product { input, geometry, weights: Arc::new(ordered), bias: bias_of(call, outputs)? };
    let shape = [outputs, made[0], made[1]];
    let [c, h, w] = shape;
    Ok(Tensor::elements(vec![1, c, h, w], graph.node(shape, map, false)?))
}
