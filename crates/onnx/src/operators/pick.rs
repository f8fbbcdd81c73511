//! Operators that pick elements by constant indices. What is picked costs nothing of its own.
use super::{
    super::{
        error::{Checked, ensure, fault},
        graph::Graph,
        pairwise::Pairwise,
        tensor::{Data, Element, MAX_ELEMENTS, Tensor, count, indices},
    },
    Call, axes_of, axis_of, constant_integers,
    shape::join,
    sizes,
};
use std::sync::Arc;
use veilmark_statement::model::MAX_WEIGHTS;

/// All indices of every axis.
pub(super) fn whole(shape: &[usize]) -> Vec<Vec<usize>> {
    shape.iter().map(|&side| (0..side).collect()).collect()
}

/// How far apart neighbours along each axis are.
pub(super) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// The elements of the given indices, under a new shape.
pub(super) fn reindex(tensor: &Tensor, shape: Vec<usize>, list: &[usize]) -> Checked<Tensor> {
    fn of<T: Copy>(list: &[usize], data: &[T]) -> Checked<Vec<T>> {
        let pick = list.iter().map(|&at| data.get(at).copied()).collect::<Option<_>>();
        pick.ok_or_else(|| fault("an element", "in the tensor", "outside"))
    }
    let data = match &tensor.data {
        Data::Floats(data) => Data::Floats(Arc::new(of(list, data)?)),
        Data::Integers(data) => Data::Integers(Arc::new(of(list, data)?)),
        Data::Doubles(data) => Data::Doubles(Arc::new(of(list, data)?)),
        Data::Elements(data) => return Ok(Tensor::elements(shape, of(list, data)?).with_type(tensor.kind)),
    };
    Ok(Tensor { shape, kind: tensor.kind, data })
}

/// Accounts for what is picked from a tensor.
fn spend(graph: &mut Graph, tensor: &Tensor, shape: &[usize]) -> Checked<()> {
    if tensor.is_constant() {
        let size = count(shape, MAX_WEIGHTS)?;
        return graph.spend_constants(size);
    }
    let size = count(shape, MAX_ELEMENTS)?;
    graph.spend(size)
}

/// For each axis the indices that are kept.
pub(super) fn select(graph: &mut Graph, tensor: &Tensor, lists: &[Vec<usize>]) -> Checked<Tensor> {
    let shape: Vec<usize> = lists.iter().map(Vec::len).collect();
    spend(graph, tensor, &shape)?;
    reindex(tensor, shape, &indices(&tensor.shape, lists))
}

/// An index along an axis of a side, counted from either end.
fn index_of(index: i64, side: usize) -> Checked<usize> {
    let side = side as i64;
    let from_start = if index < 0 { index.saturating_add(side) } else { index };
    ensure((0..side).contains(&from_start), "an index", format!("{}..{side}", -side), index)?;
    Ok(from_start as usize)
}

pub(super) fn gather(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let (x, index) = (call.input(0)?, call.input(1)?);
    let shape = &x.shape;
    let axis = axis_of(call.attributes.integer("axis", 0)?, shape.len())?;
    let list = constant_integers(index, "the indices")?.iter().map(|&i| index_of(i, shape[axis]));
    let mut lists = whole(shape);
    lists[axis] = list.collect::<Checked<Vec<_>>>()?;
    let picked = select(graph, x, &lists)?;
    let sides = shape[..axis].iter().chain(&index.shape).chain(&shape[axis + 1..]);
    Ok(picked.with_shape(sides.copied().collect()))
}

/// Where in a tensor of `shape` each index of a list of indices along one axis points to.
fn along(shape: &[usize], axis: usize, index: &Tensor) -> Checked<Vec<usize>> {
    ensure(index.shape.len() == shape.len(), "the indices' rank", shape.len(), index.shape.len())?;
    let fits = (0..shape.len()).all(|at| at == axis || index.shape[at] <= shape[at]);
    ensure(fits, "the indices' shape", format!("within {shape:?}"), format!("{:?}", index.shape))?;
    let list = constant_integers(index, "the indices")?;
    let (own, theirs) = (strides(&index.shape), strides(shape));
    let place = |(at, &i): (usize, &i64)| -> Checked<usize> {
        let i = index_of(i, shape[axis])?;
        let of = |d: usize| if d == axis { i } else { at / own[d] % index.shape[d] };
        Ok((0..shape.len()).map(|d| of(d) * theirs[d]).sum())
    };
    list.iter().enumerate().map(place).collect()
}

pub(super) fn gather_elements(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let (x, index) = (call.input(0)?, call.input(1)?);
    let axis = axis_of(call.attributes.integer("axis", 0)?, x.shape.len())?;
    spend(graph, x, &index.shape)?;
    reindex(x, index.shape.clone(), &along(&x.shape, axis, index)?)
}

/// Where in a tensor of `shape` each tuple of indices begins, how many elements it names, and the tuples' shape.
fn tuples(shape: &[usize], batch: usize, index: &Tensor) -> Checked<(Vec<usize>, usize, Vec<usize>)> {
    let rank = index.shape.len();
    ensure(rank > 0 && batch < rank, "the indices' rank", format!("above {batch}"), rank)?;
    let deep = index.shape[rank - 1];
    ensure(batch + deep <= shape.len() && deep > 0, "a tuple", format!("1..={} indices", shape.len() - batch), deep)?;
    ensure(
        shape[..batch] == index.shape[..batch],
        "the batch",
        format!("{:?}", &shape[..batch]),
        format!("{:?}", index.shape),
    )?;
    let list = constant_integers(index, "the indices")?;
    let steps = strides(shape);
    let lead = &index.shape[..rank - 1];
    let count: usize = lead.iter().product();
    let per_batch = lead[batch..].iter().product::<usize>().max(1);
    let batch_size: usize = shape[batch..].iter().product();
    let first = |at: usize| -> Checked<usize> {
        let mut place = at / per_batch * batch_size;
        for d in 0..deep {
            place += index_of(list[at * deep + d], shape[batch + d])? * steps[batch + d];
        }
        Ok(place)
    };
    let starts = (0..count).map(first).collect::<Checked<_>>()?;
    Ok((starts, shape[batch + deep..].iter().product(), lead.to_vec()))
}

pub(super) fn gather_nd(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let (x, index) = (call.input(0)?, call.input(1)?);
    let batch = call.attributes.integer("batch_dims", 0)?;
    let batch = usize::try_from(batch).map_err(|_| fault("batch_dims", "0 or more", batch))?;
    ensure(batch < x.shape.len(), "batch_dims", format!("below {}", x.shape.len()), batch)?;
    let (starts, block, mut shape) = tuples(&x.shape, batch, index)?;
    shape.extend(&x.shape[batch + index.shape.last().copied().unwrap_or(0)..]);
    spend(graph, x, &shape)?;
    let list: Vec<usize> = starts.iter().flat_map(|start| *start..start + block).collect();
    reindex(x, shape, &list)
}

/// A tensor with some of its elements replaced: `places` are theirs, one for each update.
fn scattered(graph: &mut Graph, call: &Call<'_>, places: &[usize]) -> Checked<Tensor> {
    let (x, updates) = (call.input(0)?, call.input(2)?);
    ensure(updates.len() == places.len(), "the updates", places.len(), updates.len())?;
    let constant = x.is_constant() && updates.is_constant();
    let size = count(&x.shape, if constant { MAX_WEIGHTS } else { MAX_ELEMENTS })?;
    if constant {
        graph.spend_constants(3 * size)?
    } else {
        graph.spend(3 * size)?
    }
    let kind = match call.attributes.text("reduction", "none")? {
        "none" => None,
        "add" => Some(Pairwise::Add),
        "mul" => Some(Pairwise::Mul),
        "max" => Some(Pairwise::Max),
        "min" => Some(Pairwise::Min),
        other => return Err(fault("the reduction", "none, add, mul, max or min", other)),
    };
    let mut list: Vec<usize> = (0..size).collect();
    for (update, &place) in places.iter().enumerate() {
        let slot = list.get_mut(place).ok_or_else(|| fault("an index", "in the tensor", "outside"))?;
        ensure(*slot == place || kind.is_none(), "the places of a reduction", "distinct", "one given twice")?;
        *slot = size + update;
    }
    let updates = match kind {
        None => updates.with_shape(vec![updates.len()]),
        Some(kind) => {
            let old = reindex(x, vec![places.len()], places)?;
            graph.pairwise(kind, &old, &updates.with_shape(vec![places.len()]))?
        }
    };
    let joined = join(&[x.with_shape(vec![size]), updates])?;
    reindex(&joined, x.shape.clone(), &list)
}

pub(super) fn scatter(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    scatter_elements(graph, call)
}

pub(super) fn scatter_elements(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let (x, index) = (call.input(0)?, call.input(1)?);
    let axis = axis_of(call.attributes.integer("axis", 0)?, x.shape.len())?;
    ensure(index.shape == call.input(2)?.shape, "the updates' shape", format!("{:?}", index.shape), "another")?;
    let places = along(&x.shape, axis, index)?;
    scattered(graph, call, &places)
}

pub(super) fn scatter_nd(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let (x, index) = (call.input(0)?, call.input(1)?);
    let (starts, block, _) = tuples(&x.shape, 0, index)?;
    ensure(
        starts.len().saturating_mul(block) <= MAX_ELEMENTS,
        "the updates",
        format!("at most {MAX_ELEMENTS}"),
        "more",
    )?;
    let places: Vec<usize> = starts.iter().flat_map(|start| *start..start + block).collect();
    scattered(graph, call, &places)
}

pub(super) fn slice(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let starts = call.listed("starts", 1)?.ok_or_else(|| fault("the starts", "given", "nothing"))?;
    let ends = call.listed("ends", 2)?.ok_or_else(|| fault("the ends", "given", "nothing"))?;
    let axes = call.listed("axes", 3)?.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = call.listed("steps", 4)?.unwrap_or_else(|| vec![1; starts.len()]);
    let same = [ends.len(), axes.len(), steps.len()].iter().all(|len| *len == starts.len());
    ensure(same, "starts, ends, axes and steps", "of one length", format!("{} and others", starts.len()))?;
    let axes = axes_of(&axes, x.shape.len())?;
    let mut lists = whole(&x.shape);
    for (((&start, &end), &axis), &step) in starts.iter().zip(&ends).zip(&axes).zip(&steps) {
        let side = x.shape[axis] as i64;
        ensure(step != 0, "a step", "not 0", step)?;
        let from_start = |at: i64| if at < 0 { at.saturating_add(side) } else { at };
        lists[axis] = if step > 0 {
            let (start, end) = (from_start(start).clamp(0, side), from_start(end).clamp(0, side));
            (start..end).step_by(usize::try_from(step).unwrap_or(usize::MAX)).map(|at| at as usize).collect()
        } else {
            let (start, end) = (from_start(start).clamp(0, side - 1), from_start(end).clamp(-1, side - 1));
            let step = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
            (end + 1..=start).rev().step_by(step).map(|at| at as usize).collect()
        };
        // a list of sides may be cut to nothing, the picture's planes may not
        let empty = lists[axis].is_empty() && !x.is_constant();
        ensure(!empty, "a slice", "not empty", format!("{start}..{end} of {side}"))?;
    }
    select(graph, x, &lists)
}

/// A tensor with sides added before and behind: with a constant, or by repeating what is there.
pub(super) fn padded(
    graph: &mut Graph,
    tensor: &Tensor,
    pads: &[(i64, i64)],
    mode: &str,
    fill: f64,
) -> Checked<Tensor> {
    let mut lists: Vec<Vec<Option<usize>>> = Vec::with_capacity(pads.len());
    let mut size = 1usize;
    for (&side, &(before, after)) in tensor.shape.iter().zip(pads) {
        let most = MAX_ELEMENTS as i64;
        let sane = (-most..=most).contains(&before) && (-most..=most).contains(&after);
        let n = side as i64;
        let made = if sane { n + before + after } else { -1 };
        let got = format!("{n} padded by {before} and {after}");
        ensure(made > 0 && made <= most, "a padded side", format!("1..={most}"), got)?;
        size = size
            .checked_mul(made as usize)
            .filter(|size| *size <= MAX_ELEMENTS)
            .ok_or_else(|| fault("the padded tensor", format!("at most {MAX_ELEMENTS} elements"), "more"))?;
        let at = |i: i64| -> Checked<Option<usize>> {
            if (0..n).contains(&i) {
                return Ok(Some(i as usize));
            }
            Ok(match mode {
                "constant" => None,
                "edge" => Some(i.clamp(0, n - 1) as usize),
                "wrap" => Some(i.rem_euclid(n) as usize),
                "reflect" => {
                    // runtimes differ in what a side mirrors that is padded by more than itself
                    ensure(
                        before < n && after < n,
                        "a mirrored padding",
                        format!("below the side, {n}"),
                        before.max(after),
                    )?;
                    let i = i.rem_euclid((2 * (n - 1)).max(1));
                    Some(i.min(2 * (n - 1) - i) as usize)
                }
                _ => return Err(fault("the mode", "constant, edge, reflect or wrap", mode)),
            })
        };
        lists.push((-before..n + after).map(at).collect::<Checked<_>>()?);
    }
    if tensor.is_constant() {
        graph.spend_constants(size)?
    } else {
        graph.spend(size)?
    }
    let mut list: Vec<Option<usize>> = vec![Some(0)];
    for (&side, indices) in tensor.shape.iter().zip(&lists) {
        list = list.iter().flat_map(|&at| indices.iter().map(move |&i| Some(at? * side + i?))).collect();
    }
    let shape: Vec<usize> = lists.iter().map(Vec::len).collect();
    if let Data::Integers(data) = &tensor.data {
        let made = list.iter().map(|at| at.map_or(fill as i64, |at| data[at])).collect();
        return Ok(Tensor { kind: tensor.kind, ..Tensor::integers(shape, made) });
    }
    let fill = Element::Constant(fill as f32);
    let elements = tensor.as_elements("the input")?;
    let made = list.into_iter().map(|at| at.map_or(fill, |at| elements[at])).collect();
    Ok(Tensor::elements(shape, made).with_type(tensor.kind))
}

pub(super) fn pad(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let list = call.listed("pads", 1)?.ok_or_else(|| fault("the pads", "given", "nothing"))?;
    let rank = x.shape.len();
    let axes = match call.optional(3) {
        Some(axes) => axes_of(constant_integers(axes, "the axes")?, rank)?,
        None => (0..rank).collect(),
    };
    ensure(list.len() == 2 * axes.len(), "the pads", 2 * axes.len(), list.len())?;
    let mut pads = vec![(0, 0); rank];
    for (at, &axis) in axes.iter().enumerate() {
        pads[axis] = (list[at], list[axes.len() + at]);
    }
    let fill = match call.optional(2) {
        Some(fill) => fill.as_scalar("the constant")?,
        None => f64::from(call.attributes.float("value", 0.0)?),
    };
    padded(graph, x, &pads, call.attributes.text("mode", "constant")?, fill)
}

pub(super) fn center_crop_pad(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let rank = x.shape.len();
    let axes = match call.attributes.integers("axes")? {
        Some(axes) => axes_of(axes, rank)?,
        None => (0..rank).collect(),
    };
    let wanted = sizes(constant_integers(call.input(1)?, "the shape")?)?;
    ensure(wanted.len() == axes.len(), "the shape", axes.len(), wanted.len())?;
    let mut pads = vec![(0, 0); rank];
    for (&axis, &side) in axes.iter().zip(&wanted) {
        ensure(side <= MAX_ELEMENTS, "a side", format!("at most {MAX_ELEMENTS}"), side)?;
        let (from, to) = (x.shape[axis] as i64, side as i64);
        let gap = (from - to).abs();
        // the smaller half comes before
        pads[axis] = if to < from { (-(gap / 2), -(gap - gap / 2)) } else { (gap / 2, gap - gap / 2) };
    }
    padded(graph, x, &pads, "constant", 0.0)
}

pub(super) fn trilu(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let rank = x.shape.len();
    ensure(rank >= 2, "the input's rank", "2 or more", rank)?;
    let (rows, columns) = (x.shape[rank - 2], x.shape[rank - 1]);
    let shift = match call.optional(1) {
        Some(shift) => match constant_integers(shift, "k")? {
            [shift] => *shift,
            list => return Err(fault("k", "one number", list.len())),
        },
        None => 0,
    };
    let upper = call.attributes.integer("upper", 1)? != 0;
    spend(graph, x, &x.shape)?;
    let kept = |at: usize| {
        let gap = (at % columns) as i64 - (at / columns % rows) as i64;
        if upper { gap >= shift } else { gap <= shift }
    };
    let zero = reindex(
        &join(&[x.with_shape(vec![x.len()]), zero_like(x)])?,
        x.shape.clone(),
        &(0..x.len()).map(|at| if kept(at) { at } else { x.len() }).collect::<Vec<_>>(),
    )?;
    Ok(zero)
}

/// One zero of a tensor's type.
fn zero_like(x: &Tensor) -> Tensor {
    Tensor::floats(vec![1], vec![0.0]).with_type(x.kind)
}

pub(super) fn compress(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let (x, condition) = (call.input(0)?, constant_integers(call.input(1)?, "the condition")?);
    let (x, axis) = match call.attributes.find("axis") {
        Some(attribute) => (x.clone(), axis_of(attribute.i, x.shape.len())?),
        None => (x.with_shape(vec![x.len()]), 0),
    };
    ensure(condition.len() <= x.shape[axis], "the condition", format!("at most {}", x.shape[axis]), condition.len())?;
    let mut lists = whole(&x.shape);
    lists[axis] = condition.iter().enumerate().filter(|(_, kept)| **kept != 0).map(|(at, _)| at).collect();
    ensure(!lists[axis].is_empty(), "the kept elements", "1 or more", 0)?;
    select(graph, &x, &lists)
}
