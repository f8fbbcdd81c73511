//! Operators that move elements and leave each as it is.
use super::{
    super::{
        error::{Checked, ensure, fault},
        graph::Graph,
        tensor::{Data, MAX_ELEMENTS, Tensor, broadcast, count, expand as expanded},
    },
    Call, axes_of, axis_of, constant_integers,
    pick::{reindex, select, strides, whole},
    sizes,
};
use veilmark_statement::model::MAX_WEIGHTS;

pub(super) fn identity(_: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    call.input(0).cloned()
}

pub(super) fn dropout(_: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    call.attributes.integer("seed", 0)?;
    call.attributes.float("ratio", 0.5)?;
    if let Some(training) = call.optional(2) {
        ensure(training.as_scalar("training_mode")? == 0.0, "training_mode", "false", "true")?;
    }
    ensure(call.outputs == 1, "the outputs", "one: the mask is not supported", call.outputs)?;
    call.input(0).cloned()
}

pub(super) fn reshape(_: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let tensor = call.input(0)?;
    let wanted = constant_integers(call.input(1)?, "the shape")?;
    let keep_zero = call.attributes.integer("allowzero", 0)? != 0;
    ensure(wanted.len() <= 8, "the dimensions", "at most 8", wanted.len())?;
    let mut shape = Vec::with_capacity(wanted.len());
    let mut open = None;
    for (axis, &side) in wanted.iter().enumerate() {
        shape.push(match side {
            0 if !keep_zero => {
                let side = tensor.shape.get(axis).copied();
                side.ok_or_else(|| {
                    fault("a side of 0", "one of the input's", format!("axis {axis} of {:?}", tensor.shape))
                })?
            }
            -1 => {
                ensure(open.replace(axis).is_none(), "sides of -1", "at most one", "two")?;
                1
            }
            side => usize::try_from(side).map_err(|_| fault("a side", "-1 or more", side))?,
        });
    }
    let elements = |shape: &[usize]| shape.iter().try_fold(1usize, |size, side| size.checked_mul(*side));
    let wrong = || fault("the shape", format!("of {} elements", tensor.len()), format!("{wanted:?}"));
    if let Some(axis) = open {
        let known = elements(&shape).filter(|known| *known > 0 && tensor.len().is_multiple_of(*known));
        shape[axis] = tensor.len() / known.ok_or_else(wrong)?;
    }
    if elements(&shape) == Some(tensor.len()) { Ok(tensor.with_shape(shape)) } else { Err(wrong()) }
}

pub(super) fn flatten(_: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let rank = x.shape.len() as i64;
    let axis = call.attributes.integer("axis", 1)?;
    // the axis after the last is one too, but -1 is the last
    let from_start = if axis < 0 { axis.saturating_add(rank) } else { axis };
    ensure((0..=rank).contains(&from_start), "the axis", format!("{}..={rank}", -rank), axis)?;
    let (before, behind) = x.shape.split_at(from_start as usize);
    Ok(x.with_shape(vec![before.iter().product(), behind.iter().product()]))
}

pub(super) fn squeeze(_: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let shape = &x.shape;
    let axes = match call.listed("axes", 1)? {
        Some(axes) => axes_of(&axes, shape.len())?,
        None => (0..shape.len()).filter(|axis| shape[*axis] == 1).collect(),
    };
    let ones = axes.iter().all(|axis| shape[*axis] == 1);
    ensure(ones, "the squeezed sides", "1", format!("{axes:?} of {shape:?}"))?;
    let kept = shape.iter().enumerate().filter(|(axis, _)| !axes.contains(axis)).map(|(_, side)| *side);
    Ok(x.with_shape(kept.collect()))
}

pub(super) fn unsqueeze(_: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let axes = call.listed("axes", 1)?.ok_or_else(|| fault("the axes", "given", "nothing"))?;
    ensure(axes.len() <= 8, "the axes", "at most 8", axes.len())?;
    let rank = x.shape.len() + axes.len();
    let axes = axes_of(&axes, rank)?;
    let mut sides = x.shape.iter();
    let shape = (0..rank).filter_map(|axis| if axes.contains(&axis) { Some(1) } else { sides.next().copied() });
    Ok(x.with_shape(shape.collect()))
}

pub(super) fn transpose(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let rank = x.shape.len();
    let order = match call.attributes.integers("perm")? {
        Some(order) => order.iter().map(|axis| axis_of(*axis, rank)).collect::<Checked<Vec<_>>>()?,
        None => (0..rank).rev().collect(),
    };
    permute(graph, x, &order)
}

/// The tensor whose axis `i` is the axis `order[i]` of this one.
pub(super) fn permute(graph: &mut Graph, tensor: &Tensor, order: &[usize]) -> Checked<Tensor> {
    let rank = tensor.shape.len();
    let mut seen = vec![false; rank];
    order.iter().for_each(|&axis| seen[axis] = true);
    let whole = order.len() == rank && seen.iter().all(|seen| *seen);
    ensure(whole, "the permutation", format!("of {rank} axes"), format!("{order:?}"))?;
    if order.is_sorted() {
        return Ok(tensor.clone());
    }
    let strides = strides(&tensor.shape);
    if tensor.is_constant() {
        graph.spend_constants(tensor.len())?
    } else {
        graph.spend(tensor.len())?
    }
    let shape: Vec<usize> = order.iter().map(|&axis| tensor.shape[axis]).collect();
    let mut list = vec![0];
    for (&axis, &side) in order.iter().zip(&shape) {
        list =
            list.iter().flat_map(|&at| (0..side).map(move |i| (at, i))).map(|(at, i)| at + i * strides[axis]).collect();
    }
    reindex(tensor, shape, &list)
}

/// The data of tensors behind each other, all of one kind.
pub(super) fn join(tensors: &[Tensor]) -> Checked<Tensor> {
    let size = tensors.iter().map(Tensor::len).sum();
    let kind = tensors.first().map_or(super::super::tensor::Type::Float, |tensor| tensor.kind);
    let integers: Option<Vec<&[i64]>> = tensors.iter().map(|t| t.as_integers("").ok()).collect();
    if let Some(lists) = integers {
        return Ok(Tensor { kind, ..Tensor::integers(vec![size], lists.concat()) });
    }
    if tensors.iter().all(Tensor::is_constant) {
        let doubles = tensors.iter().any(|tensor| matches!(tensor.data, Data::Doubles(_)));
        if !doubles {
            let lists = tensors.iter().map(|tensor| tensor.as_floats("an input")).collect::<Checked<Vec<_>>>()?;
            let list = lists.iter().flat_map(|list| list.iter().copied()).collect();
            return Ok(Tensor { kind, ..Tensor::floats(vec![size], list) });
        }
        let lists = tensors.iter().map(|tensor| tensor.as_numbers("an input")).collect::<Checked<Vec<_>>>()?;
        return Tensor::rounded(vec![size], kind, lists.into_iter().flatten());
    }
    let lists = tensors.iter().map(|tensor| tensor.as_elements("an input")).collect::<Checked<Vec<_>>>()?;
    let list = lists.iter().flat_map(|list| list.iter().copied()).collect();
    Ok(Tensor::elements(vec![size], list).with_type(kind))
}

pub(super) fn concat(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let tensors = (0..call.inputs.len()).map(|index| call.input(index).cloned()).collect::<Checked<Vec<_>>>()?;
    let axis = call.attributes.find("axis").ok_or_else(|| fault("the axis", "given", "nothing"))?.i;
    stack(graph, &tensors, axis)
}

/// Tensors behind each other along an axis.
pub(super) fn stack(graph: &mut Graph, tensors: &[Tensor], axis: i64) -> Checked<Tensor> {
    let first = tensors.first().ok_or_else(|| fault("the inputs", "at least 1", 0))?;
    let axis = axis_of(axis, first.shape.len())?;
    let mut shape = first.shape.clone();
    shape[axis] = 0;
    for tensor in tensors {
        let others = |shape: &[usize]| -> Vec<usize> {
            shape.iter().enumerate().filter(|(at, _)| *at != axis).map(|(_, side)| *side).collect()
        };
        let fits = tensor.shape.len() == shape.len() && others(&tensor.shape) == others(&shape);
        let (expected, got) = (format!("{:?} but for axis {axis}", first.shape), format!("{:?}", tensor.shape));
        ensure(fits, "the inputs' shapes", expected, got)?;
        shape[axis] += tensor.shape[axis];
    }
    if let [one] = tensors {
        return Ok(one.clone());
    }
    let constant = tensors.iter().all(Tensor::is_constant);
    let size = count(&shape, if constant { MAX_WEIGHTS } else { MAX_ELEMENTS })?;
    if constant {
        graph.spend_constants(2 * size)?
    } else {
        graph.spend(2 * size)?
    }
    let inner: usize = shape[axis + 1..].iter().product();
    let outer: usize = shape[..axis].iter().product();
    let mut list = Vec::with_capacity(size);
    for o in 0..outer {
        let mut start = 0;
        for tensor in tensors {
            let block = tensor.shape[axis] * inner;
            list.extend((0..block).map(|i| start + o * block + i));
            start += tensor.len();
        }
    }
    reindex(&join(tensors)?, shape, &list)
}

pub(super) fn split(graph: &mut Graph, call: &Call<'_>) -> Checked<Vec<Tensor>> {
    let x = call.input(0)?;
    let axis = axis_of(call.attributes.integer("axis", 0)?, x.shape.len())?;
    let side = x.shape[axis];
    let parts = match call.listed("split", 1)? {
        Some(parts) => parts
            .iter()
            .map(|&p| usize::try_from(p).map_err(|_| fault("a part", "0 or more", p)))
            .collect::<Checked<Vec<_>>>()?,
        None => {
            let wanted = call.attributes.integer("num_outputs", call.outputs as i64)?;
            let parts = usize::try_from(wanted).unwrap_or(0);
            ensure(parts > 0 && parts <= side, "the parts", format!("1..={side}"), parts)?;
            let each = side.div_ceil(parts);
            (0..parts).map(|part| each.min(side.saturating_sub(part * each))).collect()
        }
    };
    let sum = parts.iter().fold(0usize, |sum, part| sum.saturating_add(*part));
    ensure(sum == side && parts.len() <= side + call.outputs, "the parts", format!("{side} in all"), sum)?;
    ensure(parts.len() >= call.outputs, "the parts", format!("{} or more", call.outputs), parts.len())?;
    let mut start = 0;
    let mut made = Vec::with_capacity(parts.len());
    for part in parts {
        let mut lists = whole(&x.shape);
        lists[axis] = (start..start + part).collect();
        start += part;
        made.push(select(graph, x, &lists)?);
    }
    Ok(made)
}

pub(super) fn expand(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let wanted = sizes(constant_integers(call.input(1)?, "the shape")?)?;
    let shape = broadcast(&x.shape, &wanted)?;
    let size = count(&shape, MAX_ELEMENTS)?;
    if x.is_constant() {
        graph.spend_constants(size)?
    } else {
        graph.spend(size)?
    }
    let own: Vec<usize> = (0..x.len()).collect();
    let list = expanded(&own, &x.shape, &shape);
    reindex(x, shape, &list)
}

pub(super) fn tile(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let shape = &x.shape;
    let repeats = sizes(constant_integers(call.input(1)?, "the repeats")?)?;
    ensure(repeats.len() == shape.len(), "the repeats", shape.len(), repeats.len())?;
    let made: Vec<usize> = shape.iter().zip(&repeats).map(|(side, times)| side.saturating_mul(*times)).collect();
    count(&made, MAX_ELEMENTS)?;
    let lists: Vec<Vec<usize>> =
        made.iter().zip(shape).map(|(&made, &side)| (0..made).map(|at| at % side).collect()).collect();
    select(graph, x, &lists)
}

fn block_of(call: &Call<'_>) -> Checked<([usize; 4], usize, bool)> {
    let x = call.input(0)?;
    let [n, c, h, w] = x.shape[..] else { return Err(fault("the input's rank", 4, x.shape.len())) };
    let block = usize::try_from(call.attributes.integer("blocksize", 0)?).unwrap_or(0);
    ensure((1..=4096).contains(&block), "the block's side", "1..=4096", block)?;
    let column_first = match call.attributes.text("mode", "DCR")? {
        "DCR" => false,
        "CRD" => true,
        other => return Err(fault("the mode", "DCR or CRD", other)),
    };
    Ok(([n, c, h, w], block, column_first))
}

pub(super) fn space_to_depth(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let ([n, c, h, w], block, column_first) = block_of(call)?;
    let fits = h.is_multiple_of(block) && w.is_multiple_of(block);
    ensure(fits, "the plane's sides", format!("multiples of {block}"), format!("{h}x{w}"))?;
    let six = call.input(0)?.with_shape(vec![n, c, h / block, block, w / block, block]);
    let order = if column_first { [0, 1, 3, 5, 2, 4] } else { [0, 3, 5, 1, 2, 4] };
    Ok(permute(graph, &six, &order)?.with_shape(vec![n, c * block * block, h / block, w / block]))
}

pub(super) fn depth_to_space(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let ([n, c, h, w], block, column_first) = block_of(call)?;
    ensure(c.is_multiple_of(block * block), "the channels", format!("a multiple of {}", block * block), c)?;
    let deep = c / (block * block);
    let (shape, order) = if column_first {
        (vec![n, deep, block, block, h, w], [0, 1, 4, 2, 5, 3])
    } else {
        (vec![n, block, block, deep, h, w], [0, 3, 4, 1, 5, 2])
    };
    Ok(permute(graph, &call.input(0)?.with_shape(shape), &order)?.with_shape(vec![n, deep, h * block, w * block]))
}
