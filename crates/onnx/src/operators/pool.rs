//! Windows of which the mean, the largest element or a norm is taken.
use super::{
    super::{
        error::{Checked, ensure, fault},
        function::{FunctionId, Functions, Number, Unary},
        graph::Graph,
        tensor::{Element, MAX_ELEMENTS, Tensor, count},
    },
    Call,
    conv::{each, planes, spatial, window},
    reduce::{Reduce, maxima, reduce},
};
use std::sync::Arc;

/// What is done with the elements of a window.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Pool {
    Max,
    Average,
    /// The root of this degree of the sum of powers.
    Norm(f64),
}

pub(super) fn average_pool(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    pool(graph, call, Pool::Average)
}

pub(super) fn max_pool(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    pool(graph, call, Pool::Max)
}

pub(super) fn lp_pool(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let degree = call.attributes.integer("p", 2)?;
    ensure((1..=16).contains(&degree), "p", "1..=16", degree)?;
    pool(graph, call, Pool::Norm(degree as f64))
}

fn global(graph: &mut Graph, call: &Call<'_>, kind: Reduce) -> Checked<Tensor> {
    let x = call.input(0)?;
    let rank = x.shape.len();
    ensure(rank >= 3, "the input's rank", "3 or more", rank)?;
    let axes: Vec<usize> = (2..rank).collect();
    reduce(graph, x, &axes, true, kind)
}

pub(super) fn global_average_pool(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    global(graph, call, Reduce::Mean)
}

pub(super) fn global_max_pool(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    global(graph, call, Reduce::Max)
}

pub(super) fn global_lp_pool(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let degree = call.attributes.integer("p", 2)?;
    ensure((1..=16).contains(&degree), "p", "1..=16", degree)?;
    let degree = degree as f64;
    let powers = graph.unary(call.input(0)?, &|f, x| power_of_size(f, x, degree))?;
    let call = Call { inputs: vec![Some(&powers)], attributes: call.attributes, ..*call };
    let sums = global(graph, &call, Reduce::Sum)?;
    graph.unary(&sums, &|f, x| f.unary(Unary::Power(Number::new(1.0 / degree)), x))
}

fn power_of_size(f: &mut Functions, x: FunctionId, degree: f64) -> FunctionId {
    let size = f.unary(Unary::Abs, x);
    f.unary(Unary::Power(Number::new(degree)), size)
}

fn pool(graph: &mut Graph, call: &Call<'_>, kind: Pool) -> Checked<Tensor> {
    let x = call.input(0)?;
    let (shape, axes) = planes(x)?;
    ensure(call.outputs == 1, "the outputs", "one: indices are not supported", call.outputs)?;
    let declared = call.attributes.integers("kernel_shape")?.is_some();
    ensure(declared, "kernel_shape", "given", "nothing")?;
    if let Pool::Norm(degree) = kind {
        let powers = graph.unary(x, &|f, x| power_of_size(f, x, degree))?;
        let sums = each(graph, &powers, shape, axes, &|graph, x| pool_one(graph, call, x, axes, kind))?;
        return graph.unary(&sums, &|f, x| f.unary(Unary::Power(Number::new(1.0 / degree)), x));
    }
    each(graph, x, shape, axes, &|graph, x| pool_one(graph, call, x, axes, kind))
}

fn pool_one(graph: &mut Graph, call: &Call<'_>, x: &Tensor, axes: usize, kind: Pool) -> Checked<Tensor> {
    let ([_, c, h, w], _) = planes(x)?;
    let kernel = spatial(call, "kernel_shape", axes, 1, 1)?;
    let window = window(call, kernel, axes, [h, w])?;
    ensure(call.attributes.integer("storage_order", 0)? == 0, "storage_order", 0, 1)?;
    let up = call.attributes.integer("ceil_mode", 0)? != 0;
    let sides = [h, w];
    let mut made = [0; 2];
    for d in 0..2 {
        let reach = window.dilation[d] * (kernel[d] - 1);
        let padded = sides[d] + window.before[d] + window.after[d];
        ensure(padded > reach, "the padded input", format!("{} or wider", reach + 1), padded)?;
        let steps = padded - reach - 1;
        made[d] = if up { steps.div_ceil(window.stride[d]) } else { steps / window.stride[d] } + 1;
        // no window starts in the padding behind
        if up && (made[d] - 1) * window.stride[d] >= sides[d] + window.before[d] {
            made[d] -= 1;
        }
    }
    let list = x.as_elements("the input")?;
    let shape = [c, made[0], made[1]];
    let size = count(&shape, MAX_ELEMENTS)?;
    let taps = kernel[0] * kernel[1];
    ensure(taps <= 4096, "the window", "at most 4096 elements", taps)?;
    graph.spend(size.saturating_mul(taps))?;
    // for each tap and output the input's element, where there is one
    let tap = |tap: usize| {
        let m = [tap / kernel[1], tap % kernel[1]];
        (0..size).map(move |at| {
            let (channel, o) = (at / (made[0] * made[1]), at % (made[0] * made[1]));
            let o = [o / made[1], o % made[1]];
            let place = |d: usize| {
                (o[d] * window.stride[d] + m[d] * window.dilation[d])
                    .checked_sub(window.before[d])
                    .filter(|p| *p < sides[d])
            };
            Some(channel * h * w + place(0)? * w + place(1)?)
        })
    };
    let output = vec![1, c, made[0], made[1]];
    if kind == Pool::Max {
        // an element that is missing is one that is there, which changes no maximum
        let mut some: Vec<Option<usize>> = vec![None; size];
        for t in 0..taps {
            some.iter_mut().zip(tap(t)).for_each(|(some, at)| *some = some.or(at));
        }
        let some = some
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| fault("a window", "not all padding", "all padding"))?;
        let terms = (0..taps)
            .map(|t| Arc::new(tap(t).zip(&some).map(|(at, some)| list[at.unwrap_or(*some)]).collect()))
            .collect();
        return maxima(graph, &output, terms);
    }
    let include = call.attributes.integer("count_include_pad", 0)? != 0;
    let mut counts = vec![0usize; size];
    for t in 0..taps {
        counts.iter_mut().zip(tap(t)).for_each(|(count, at)| *count += usize::from(at.is_some()));
    }
    if include {
        // the padding counts, what lies beyond it (ceil_mode) does not
        let ends: [usize; 2] = std::array::from_fn(|d| sides[d] + window.before[d] + window.after[d]);
        for (at, count) in counts.iter_mut().enumerate() {
            let o = at % (made[0] * made[1]);
            let o = [o / made[1], o % made[1]];
            let inside = |d: usize| {
                (0..kernel[d]).filter(|m| o[d] * window.stride[d] + m * window.dilation[d] < ends[d]).count()
            };
            *count = inside(0) * inside(1);
        }
    }
    ensure(counts.iter().all(|count| *count > 0), "a window", "not all padding", "all padding")?;
    if let Pool::Norm(_) = kind {
        counts.fill(1);
    }
    let most = counts.iter().copied().max().unwrap_or(1);
    let terms = (0..taps).map(|t| {
        let elements = tap(t).map(|at| at.map_or(Element::Constant(0.0), |at| list[at])).collect();
        (1.0 / most as f64, Arc::new(elements))
    });
    let terms = terms.collect();
    let summed = graph.sum(&output, terms, false)?;
    let pairs: Vec<(f64, f64)> = counts.iter().map(|count| (most as f64 / *count as f64, 0.0)).collect();
    graph.affine(&summed, &pairs)
}
