//! Fixed linear maps of planes: what resizing and sampling on a constant grid are.
//!
//! A map is given by its *taps*: for each output the inputs that it is a sum of, with their weights.
use super::{
    super::{
        error::{Checked, ensure},
        graph::Graph,
        tensor::{Element, MAX_ELEMENTS, Tensor, count, indices},
    },
    linear::dense,
    pick::{reindex, select, strides},
    shape::permute,
};
use std::sync::Arc;
use veilmark_statement::model::MAX_WEIGHTS;

/// The inputs of an output and their weights.
pub(super) type Taps = Vec<(usize, f64)>;

/// The most taps of an output that are read in one sum; more are read in one dense layer for each axis.
const MAX_SUMMED: usize = 4;

/// Whether the map only picks.
fn picks(rows: &[Taps]) -> Option<Vec<usize>> {
    rows.iter().map(|row| if let [(index, 1.0)] = row[..] { Some(index) } else { None }).collect()
}

/// The taps with the largest weight first.
fn ordered(row: &Taps) -> Taps {
    let mut row = row.clone();
    row.sort_by(|a, b| b.1.total_cmp(&a.1));
    row
}

/// Whether all outputs have the same weights, their largest first.
fn is_uniform(rows: &[Taps]) -> bool {
    let near = |a: &Taps, b: &Taps| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a.1 - b.1).abs() < 1e-6);
    rows.windows(2).all(|pair| near(&pair[0], &pair[1]))
}

/// A map along each axis, `None` where the axis stays.
pub(super) fn separable(graph: &mut Graph, x: &Tensor, maps: &[Option<Vec<Taps>>]) -> Checked<Tensor> {
    let shape: Vec<usize> = maps.iter().zip(&x.shape).map(|(map, side)| map.as_ref().map_or(*side, Vec::len)).collect();
    count(&shape, MAX_ELEMENTS)?;
    // axes that only pick, at once
    let lists: Vec<Vec<usize>> = maps
        .iter()
        .zip(&x.shape)
        .map(|(map, side)| map.as_deref().and_then(picks).unwrap_or_else(|| (0..*side).collect()))
        .collect();
    let x = &select(graph, x, &lists)?;
    let rest: Vec<(usize, &Vec<Taps>)> = maps
        .iter()
        .enumerate()
        .filter_map(|(axis, map)| map.as_ref().filter(|map| picks(map).is_none()).map(|m| (axis, m)))
        .collect();
    if rest.is_empty() {
        return Ok(x.clone());
    }
    let sorted: Vec<(usize, Vec<Taps>)> =
        rest.iter().map(|(axis, rows)| (*axis, rows.iter().map(ordered).collect())).collect();
    let taps: usize = sorted.iter().map(|(_, rows)| rows.first().map_or(0, Vec::len)).product();
    if !x.is_constant() && taps <= MAX_SUMMED && sorted.iter().all(|(_, rows)| is_uniform(rows)) {
        return summed(graph, x, &sorted, shape, taps);
    }
    let mut made = x.clone();
    for (axis, rows) in rest {
        made = along(graph, &made, axis, rows)?;
    }
    Ok(made)
}

/// All axes in one sum.
fn summed(
    graph: &mut Graph,
    x: &Tensor,
    maps: &[(usize, Vec<Taps>)],
    shape: Vec<usize>,
    taps: usize,
) -> Checked<Tensor> {
    let list = x.as_elements("the input")?;
    graph.spend(count(&shape, MAX_ELEMENTS)?.saturating_mul(taps))?;
    let mut terms = Vec::with_capacity(taps);
    for tap in 0..taps {
        let (mut coefficient, mut rest) = (1.0, tap);
        let mut picked: Vec<Vec<usize>> = x.shape.iter().map(|side| (0..*side).collect()).collect();
        for (axis, rows) in maps {
            let len = rows[0].len();
            coefficient *= rows[0][rest % len].1;
            picked[*axis] = rows.iter().map(|row| row[rest % len].0).collect();
            rest /= len;
        }
        let view: Vec<Element> = indices(&x.shape, &picked).into_iter().map(|at| list[at]).collect();
        terms.push((coefficient, Arc::new(view)));
    }
    graph.sum(&shape, terms, false)
}

/// One axis as a dense layer.
fn along(graph: &mut Graph, x: &Tensor, axis: usize, rows: &[Taps]) -> Checked<Tensor> {
    let (side, made) = (x.shape[axis], rows.len());
    let mut order: Vec<usize> = (0..x.shape.len()).filter(|at| *at != axis).collect();
    order.insert(0, axis);
    let moved = permute(graph, x, &order)?;
    let places = x.len() / side.max(1);
    let mut shape = moved.shape.clone();
    shape[0] = made;
    let size = count(&shape, MAX_ELEMENTS)?;
    let result = if x.is_constant() {
        graph.spend_constants(size)?;
        let numbers = moved.as_numbers("the input")?;
        let of = |at: usize| rows[at / places].iter().map(|(i, w)| w * numbers[i * places + at % places]).sum::<f64>();
        Tensor::rounded(shape, x.kind, (0..size).map(of))?
    } else {
        let len = count(&[made, side], MAX_WEIGHTS)?;
        graph.spend_constants(len)?;
        let mut weights = vec![0.0f64; len];
        for (row, taps) in rows.iter().enumerate() {
            taps.iter().for_each(|(index, weight)| weights[row * side + index] += weight);
        }
        let weights = weights.into_iter().map(|weight| weight as f32).collect();
        let list = dense(graph, moved.as_elements("the input")?, places, weights, made, vec![0.0; made])?;
        Tensor::elements(shape, list)
    };
    let mut back = vec![0; order.len()];
    order.iter().enumerate().for_each(|(to, &from)| back[from] = to);
    permute(graph, &result, &back)
}

/// Any map: `rows` are for each output its taps among the tensor's elements.
pub(super) fn sparse(graph: &mut Graph, x: &Tensor, shape: Vec<usize>, rows: &[Taps]) -> Checked<Tensor> {
    let size = count(&shape, MAX_ELEMENTS)?;
    ensure(rows.len() == size, "the outputs", size, rows.len())?;
    if x.is_constant() {
        graph.spend_constants(size)?;
        let numbers = x.as_numbers("the input")?;
        let of = |row: &Taps| row.iter().map(|(at, weight)| weight * numbers[*at]).sum::<f64>();
        return Tensor::rounded(shape, x.kind, rows.iter().map(of));
    }
    if let Some(list) = picks(rows) {
        graph.spend(size)?;
        return reindex(x, shape, &list);
    }
    let rows: Vec<Taps> = rows.iter().map(ordered).collect();
    let taps = rows.iter().map(Vec::len).max().unwrap_or(0);
    graph.spend(size.saturating_mul(taps.max(1)))?;
    let list = x.as_elements("the input")?;
    let uniform = is_uniform(&rows);
    let mut terms = Vec::with_capacity(taps);
    for tap in 0..taps {
        let pick = |row: &Taps| row.get(tap).map_or(Element::Constant(0.0), |(at, _)| list[*at]);
        let view: Vec<Element> = rows.iter().map(pick).collect();
        if uniform {
            terms.push((rows[0][tap].1, Arc::new(view)));
        } else {
            let pairs: Vec<_> = rows.iter().map(|row| (row.get(tap).map_or(0.0, |(_, weight)| *weight), 0.0)).collect();
            let scaled = graph.affine(&Tensor::elements(shape.clone(), view), &pairs)?;
            terms.push((1.0, scaled.as_elements("a tap")?));
        }
    }
    if terms.is_empty() {
        return Ok(Tensor::floats(shape, vec![0.0; size]));
    }
    graph.sum(&shape, terms, false)
}

/// Where an element of a plane of a batch of channels stands.
pub(super) fn place(shape: &[usize], index: &[usize]) -> usize {
    strides(shape).iter().zip(index).map(|(stride, index)| stride * index).sum()
}
