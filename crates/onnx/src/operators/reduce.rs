//! Sums, means, maxima, norms and products over axes.
use super::{
    super::{
        error::{Checked, ensure, fault},
        function::{Binary, Unary},
        graph::Graph,
        pairwise::Pairwise,
        tensor::{Data, Elements, Tensor},
    },
    Call, axes_of,
    shape::permute,
};
use std::sync::Arc;
use veilmark_statement::model::MAX_TERMS;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reduce {
    Sum,
    Mean,
    Max,
    Min,
    Product,
}

/// The axes that an operator names: an attribute before operator set 13 or 18, an input since. `None`: none, and it does nothing.
fn axes(call: &Call<'_>) -> Checked<Option<Vec<usize>>> {
    let rank = call.input(0)?.shape.len();
    let axes = call.listed("axes", 1)?.unwrap_or_default();
    if axes.is_empty() {
        let nothing = call.attributes.integer("noop_with_empty_axes", 0)? != 0;
        return Ok(if nothing { None } else { Some((0..rank).collect()) });
    }
    axes_of(&axes, rank).map(Some)
}

fn reduced(graph: &mut Graph, call: &Call<'_>, x: &Tensor, kind: Reduce) -> Checked<Tensor> {
    let keep = call.attributes.integer("keepdims", 1)? != 0;
    match axes(call)? {
        Some(axes) => reduce(graph, x, &axes, keep, kind),
        None => Ok(x.clone()),
    }
}

macro_rules! reductions {
    ($($name:ident: $kind:ident;)*) => {
        $(pub(super) fn $name(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
            reduced(graph, call, call.input(0)?, Reduce::$kind)
        })*
    };
}

reductions! {
    reduce_sum: Sum;
    reduce_mean: Mean;
    reduce_max: Max;
    reduce_min: Min;
    reduce_prod: Product;
}

pub(super) fn reduce_l1(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let sizes = graph.unary(call.input(0)?, &|f, x| f.unary(Unary::Abs, x))?;
    reduced(graph, call, &sizes, Reduce::Sum)
}

pub(super) fn reduce_sum_square(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let squares = graph.unary(call.input(0)?, &|f, x| f.binary(Binary::Mul, x, x))?;
    reduced(graph, call, &squares, Reduce::Sum)
}

pub(super) fn reduce_l2(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let squares = reduce_sum_square(graph, call)?;
    graph.unary(&squares, &|f, x| f.unary(Unary::Sqrt, x))
}

pub(super) fn reduce_log_sum(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let sums = reduced(graph, call, call.input(0)?, Reduce::Sum)?;
    graph.unary(&sums, &|f, x| f.unary(Unary::Log, x))
}

pub(super) fn reduce_log_sum_exp(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let powers = graph.unary(call.input(0)?, &|f, x| f.unary(Unary::Exp, x))?;
    let sums = reduced(graph, call, &powers, Reduce::Sum)?;
    graph.unary(&sums, &|f, x| f.unary(Unary::Log, x))
}

/// Reduces a tensor over axes; a sum of very many terms in two steps.
pub(super) fn reduce(graph: &mut Graph, x: &Tensor, axes: &[usize], keep: bool, kind: Reduce) -> Checked<Tensor> {
    let shape = &x.shape;
    let kept: Vec<usize> = (0..shape.len()).filter(|axis| !axes.contains(axis)).collect();
    let order: Vec<usize> = kept.iter().chain(axes).copied().collect();
    let moved = permute(graph, x, &order)?;
    let size: usize = kept.iter().map(|axis| shape[*axis]).product();
    let terms = x.len() / size.max(1);
    let made: Vec<usize> = if keep {
        (0..shape.len()).map(|axis| if axes.contains(&axis) { 1 } else { shape[axis] }).collect()
    } else {
        kept.iter().map(|axis| shape[*axis]).collect()
    };
    ensure(terms > 0, "the reduced elements", "1 or more", terms)?;
    if x.is_constant() {
        return folded(graph, &moved, made, terms, kind);
    }
    if terms > MAX_TERMS {
        let parts = (2..=MAX_TERMS).rev().find(|parts| terms.is_multiple_of(*parts));
        let parts = parts.ok_or_else(|| fault("the reduced elements", "at most 4096, or a product of such", terms))?;
        let first = reduce(graph, &moved.with_shape(vec![size, terms / parts, parts]), &[2], false, kind)?;
        return Ok(reduce(graph, &first, &[1], false, kind)?.with_shape(made));
    }
    let list = moved.as_elements("the input")?;
    let views: Vec<Elements> =
        (0..terms).map(|t| Arc::new((0..size).map(|at| list[at * terms + t]).collect())).collect();
    let made = match kind {
        Reduce::Max => maxima(graph, &made, views)?,
        Reduce::Min => {
            let negated = graph.uniform(&moved, -1.0, 0.0)?;
            let most = reduce(graph, &negated.with_shape(vec![size, terms]), &[1], false, Reduce::Max)?;
            graph.uniform(&most, -1.0, 0.0)?.with_shape(made)
        }
        Reduce::Product => {
            ensure(terms <= 64, "the multiplied elements", "at most 64", terms)?;
            let mut factors = views.into_iter().map(|view| Tensor::elements(made.clone(), view.to_vec()));
            let first = factors.next().ok_or_else(|| fault("the reduced elements", "1 or more", 0))?;
            factors.try_fold(first, |product, next| graph.pairwise(Pairwise::Mul, &product, &next))?
        }
        Reduce::Sum | Reduce::Mean => {
            let factor = if kind == Reduce::Mean { 1.0 / terms as f64 } else { 1.0 };
            graph.sum(&made, views.into_iter().map(|view| (factor, view)).collect(), false)?
        }
    };
    Ok(made.with_type(x.kind))
}

/// The same of constants.
fn folded(graph: &mut Graph, moved: &Tensor, shape: Vec<usize>, terms: usize, kind: Reduce) -> Checked<Tensor> {
    graph.spend_constants(moved.len())?;
    if let Data::Integers(list) = &moved.data {
        let of = |list: &[i64]| -> Option<i64> {
            match kind {
                Reduce::Max => list.iter().copied().max(),
                Reduce::Min => list.iter().copied().min(),
                Reduce::Sum => list.iter().try_fold(0i64, |sum, value| sum.checked_add(*value)),
                Reduce::Product => list.iter().try_fold(1i64, |product, value| product.checked_mul(*value)),
                Reduce::Mean => {
                    list.iter().try_fold(0i64, |sum, value| sum.checked_add(*value)).map(|s| s / terms as i64)
                }
            }
        };
        let list = list.chunks(terms).map(of).collect::<Option<Vec<_>>>();
        let list = list.ok_or_else(|| fault("an integer result", "within 64 bits", "outside"))?;
        return Ok(Tensor { kind: moved.kind, ..Tensor::integers(shape, list) });
    }
    let numbers = moved.as_numbers("the input")?;
    let of = |list: &[f64]| match kind {
        Reduce::Max => list.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Reduce::Min => list.iter().copied().fold(f64::INFINITY, f64::min),
        Reduce::Sum => list.iter().sum::<f64>(),
        Reduce::Product => list.iter().product::<f64>(),
        Reduce::Mean => list.iter().sum::<f64>() / terms as f64,
    };
    Tensor::rounded(shape, moved.kind, numbers.chunks(terms).map(of))
}

/// The element-wise maximum of many lists, in pairs.
pub(super) fn maxima(graph: &mut Graph, shape: &[usize], mut terms: Vec<Elements>) -> Checked<Tensor> {
    while terms.len() > 1 {
        let mut next = Vec::with_capacity(terms.len().div_ceil(2));
        for pair in terms.chunks(2) {
            next.push(match pair {
                [a, b] => {
                    let [a, b] = [a, b].map(|list| Tensor::elements(shape.to_vec(), list.to_vec()));
                    graph.pairwise(Pairwise::Max, &a, &b)?.as_elements("a maximum")?
                }
                _ => pair[0].clone(),
            });
        }
        terms = next;
    }
    match terms.pop() {
        Some(list) => Ok(Tensor::elements(shape.to_vec(), list.to_vec())),
        None => Err(fault("the window", "not empty", "empty")),
    }
}
