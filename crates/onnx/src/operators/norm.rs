//! Normalisations: by constants they go into weights; by an activation's own statistics they are what they are written out as,
//! means, differences, squares, roots and products.
use super::{
    super::{
        error::{Checked, ensure, fault},
        function::{Binary, Unary},
        graph::Graph,
        pairwise::Pairwise,
        tensor::Tensor,
    },
    Call, axes_of, axis_of,
    reduce::{Reduce, reduce},
};

/// Numbers of each channel.
fn per_channel(call: &Call<'_>, index: usize, what: &str, channels: usize) -> Checked<Vec<f64>> {
    let list = call.input(index)?.as_numbers(what)?;
    ensure(list.len() == channels, what, format!("{channels} numbers"), list.len())?;
    Ok(list)
}

fn epsilon(call: &Call<'_>) -> Checked<f64> {
    call.attributes.float("epsilon", 1e-5).map(f64::from)
}

/// A scale and a shift for each index of axis 1.
fn scaled(graph: &mut Graph, x: &Tensor, pairs: &[(f64, f64)]) -> Checked<Tensor> {
    let inner: usize = x.shape[2..].iter().product();
    if x.is_constant() {
        graph.spend_constants(x.len())?;
    } else {
        graph.spend(x.len())?;
    }
    let full: Vec<_> = (0..x.len()).map(|at| pairs[at / inner % pairs.len()]).collect();
    graph.affine(x, &full)
}

pub(super) fn batch_normalization(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let at = &call.attributes;
    at.float("momentum", 0.9)?;
    ensure(at.integer("training_mode", 0)? == 0, "training_mode", 0, 1)?;
    ensure(at.integer("spatial", 1)? == 1, "spatial", 1, 0)?;
    ensure(call.outputs == 1, "the outputs", "one: statistics are made in training", call.outputs)?;
    ensure(x.shape.len() >= 2, "the input's rank", "2 or more", x.shape.len())?;
    let channels = x.shape[1];
    let list = |index: usize, what: &str| per_channel(call, index, what, channels);
    let (scale, shift, mean, variance) =
        (list(1, "the scale")?, list(2, "the shift")?, list(3, "the mean")?, list(4, "the variance")?);
    let epsilon = epsilon(call)?;
    let mut pairs = Vec::with_capacity(channels);
    for c in 0..channels {
        let spread = variance[c] + epsilon;
        ensure(variance[c] >= 0.0 && spread > 0.0, "a variance", "0 or more, with epsilon above 0", variance[c])?;
        let factor = scale[c] / spread.sqrt();
        pairs.push((factor, shift[c] - mean[c] * factor));
    }
    scaled(graph, x, &pairs)
}

/// What is done with the mean square before it divides.
#[derive(Clone, Copy, Debug)]
enum Spread {
    /// `sqrt(v + e)`.
    Within(f64),
    /// `sqrt(v) + e`.
    Beside(f64),
}

/// `(x - mean) / spread` over the given axes; `centred`: the mean is not taken away otherwise.
fn normalised(graph: &mut Graph, x: &Tensor, axes: &[usize], centred: bool, spread: Spread) -> Checked<Tensor> {
    let gap = if centred {
        let mean = reduce(graph, x, axes, true, Reduce::Mean)?;
        graph.pairwise(Pairwise::Sub, x, &mean)?
    } else {
        x.clone()
    };
    let squares = graph.unary(&gap, &|f, x| f.binary(Binary::Mul, x, x))?;
    let variance = reduce(graph, &squares, axes, true, Reduce::Mean)?;
    let inverse = graph.unary(&variance, &|f, x| {
        let root = match spread {
            Spread::Within(epsilon) => {
                // a mean of squares is never negative, whatever its rounding
                let inner = f.unary(Unary::Relu, x);
                let inner = f.affine(inner, 1.0, epsilon);
                f.unary(Unary::Sqrt, inner)
            }
            Spread::Beside(epsilon) => {
                let inner = f.unary(Unary::Relu, x);
                let root = f.unary(Unary::Sqrt, inner);
                f.affine(root, 1.0, epsilon)
            }
        };
        f.unary(Unary::Reciprocal, root)
    })?;
    graph.pairwise(Pairwise::Mul, &gap, &inverse)
}

pub(super) fn instance_normalization(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let rank = x.shape.len();
    ensure(rank >= 3, "the input's rank", "3 or more", rank)?;
    let axes: Vec<usize> = (2..rank).collect();
    let (scale, shift) =
        (per_channel(call, 1, "the scale", x.shape[1])?, per_channel(call, 2, "the shift", x.shape[1])?);
    let made = normalised(graph, x, &axes, true, Spread::Within(epsilon(call)?))?;
    scaled(graph, &made, &scale.into_iter().zip(shift).collect::<Vec<_>>())
}

pub(super) fn group_normalization(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    call.attributes.integer("stash_type", 1)?;
    ensure(x.shape.len() >= 3, "the input's rank", "3 or more", x.shape.len())?;
    let channels = x.shape[1];
    let groups = usize::try_from(call.attributes.integer("num_groups", 0)?).unwrap_or(0);
    let whole = groups > 0 && channels.is_multiple_of(groups);
    ensure(whole, "num_groups", format!("a divisor of {channels}"), groups)?;
    let grouped = x.with_shape(vec![x.shape[0], groups, x.len() / (x.shape[0] * groups)]);
    let made = normalised(graph, &grouped, &[2], true, Spread::Within(epsilon(call)?))?.with_shape(x.shape.clone());
    // before operator set 21 each group has one scale
    let own = if call.since < 21 { groups } else { channels };
    let (scale, shift) = (per_channel(call, 1, "the scale", own)?, per_channel(call, 2, "the shift", own)?);
    let pairs: Vec<_> = (0..channels).map(|c| c * own / channels).map(|c| (scale[c], shift[c])).collect();
    scaled(graph, &made, &pairs)
}

/// The axes from the one that an operator names to the last.
fn trailing(call: &Call<'_>) -> Checked<Vec<usize>> {
    let rank = call.input(0)?.shape.len();
    Ok((axis_of(call.attributes.integer("axis", -1)?, rank)?..rank).collect())
}

pub(super) fn layer_normalization(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    call.attributes.integer("stash_type", 1)?;
    ensure(call.outputs == 1, "the outputs", "one: mean and deviation are not supported", call.outputs)?;
    let made = normalised(graph, call.input(0)?, &trailing(call)?, true, Spread::Within(epsilon(call)?))?;
    let made = graph.pairwise(Pairwise::Mul, &made, call.input(1)?)?;
    match call.optional(2) {
        Some(shift) => graph.pairwise(Pairwise::Add, &made, shift),
        None => Ok(made),
    }
}

pub(super) fn rms_normalization(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    call.attributes.integer("stash_type", 1)?;
    let made = normalised(graph, call.input(0)?, &trailing(call)?, false, Spread::Within(epsilon(call)?))?;
    graph.pairwise(Pairwise::Mul, &made, call.input(1)?)
}

pub(super) fn mean_variance_normalization(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let axes = axes_of(call.attributes.integers("axes")?.unwrap_or(&[0, 2, 3]), x.shape.len())?;
    normalised(graph, x, &axes, true, Spread::Beside(1e-9))
}

pub(super) fn lp_normalization(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let axis = axis_of(call.attributes.integer("axis", -1)?, x.shape.len())?;
    let square = match call.attributes.integer("p", 2)? {
        1 => false,
        2 => true,
        other => return Err(fault("p", "1 or 2", other)),
    };
    let sizes = graph.unary(x, &|f, x| if square { f.binary(Binary::Mul, x, x) } else { f.unary(Unary::Abs, x) })?;
    let sums = reduce(graph, &sizes, &[axis], true, Reduce::Sum)?;
    let inverse = graph.unary(&sums, &|f, x| {
        let root = if square { f.unary(Unary::Sqrt, x) } else { x };
        f.unary(Unary::Reciprocal, root)
    })?;
    graph.pairwise(Pairwise::Mul, x, &inverse)
}

/// Powers of e over their sum, along the axes of a softmax; and the sum.
fn powers(graph: &mut Graph, call: &Call<'_>) -> Checked<(Tensor, Tensor, Tensor)> {
    let x = call.input(0)?;
    let rank = x.shape.len();
    let flat;
    let (x, axes) = if call.since < 13 {
        // all axes from the named one are one
        let axis = axis_of(call.attributes.integer("axis", 1)?, rank)?;
        let rows: usize = x.shape[..axis].iter().product();
        flat = x.with_shape(vec![rows, x.len() / rows.max(1)]);
        (&flat, vec![1])
    } else {
        (x, vec![axis_of(call.attributes.integer("axis", -1)?, rank)?])
    };
    let powers = graph.unary(x, &|f, x| f.unary(Unary::Exp, x))?;
    let sums = reduce(graph, &powers, &axes, true, Reduce::Sum)?;
    Ok((x.clone(), powers, sums))
}

pub(super) fn softmax(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let (x, powers, sums) = powers(graph, call)?;
    if x.len() == sums.len() {
        // the share of one element of itself: 1 to the last bit, which decides where a function jumps at whole numbers
        let ones = Tensor::rounded(x.shape, x.kind, std::iter::repeat_n(1.0, sums.len()))?;
        return Ok(ones.with_shape(call.input(0)?.shape.clone()));
    }
    let inverse = graph.unary(&sums, &|f, x| f.unary(Unary::Reciprocal, x))?;
    Ok(graph.pairwise(Pairwise::Mul, &powers, &inverse)?.with_shape(call.input(0)?.shape.clone()))
}

pub(super) fn log_softmax(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let (x, _, sums) = powers(graph, call)?;
    if x.len() == sums.len() {
        let zeros = Tensor::rounded(x.shape, x.kind, std::iter::repeat_n(0.0, sums.len()))?;
        return Ok(zeros.with_shape(call.input(0)?.shape.clone()));
    }
    let logarithm = graph.unary(&sums, &|f, x| f.unary(Unary::Log, x))?;
    Ok(graph.pairwise(Pairwise::Sub, &x, &logarithm)?.with_shape(call.input(0)?.shape.clone()))
}
