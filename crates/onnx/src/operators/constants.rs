//! Operators that make constants, say shapes, and change types.
use super::{
    super::{
        error::{Checked, Kind, ensure, fault},
        function::{Number, Unary},
        graph::Graph,
        proto::tensor,
        tensor::{Data, MAX_ELEMENTS, Tensor, Type, count},
    },
    Call, axis_of, constant_integers,
    pick::{reindex, strides},
    sizes,
};
use std::sync::Arc;

pub(super) fn constant(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let at = &call.attributes;
    let floats = |shape, list: &[f32]| Tensor::rounded(shape, Type::Float, list.iter().map(|v| f64::from(*v)));
    let made = if let Some(proto) = at.tensor("value") {
        tensor(proto).map_err(|error| fault("the value", "a sound tensor", &error).of(error.kind()))
    } else if let Some(attribute) = at.find("value_float") {
        floats(vec![], &[attribute.f])
    } else if let Some(attribute) = at.find("value_floats") {
        floats(vec![attribute.floats.len()], &attribute.floats)
    } else if let Some(attribute) = at.find("value_int") {
        Ok(Tensor::integers(vec![], vec![attribute.i]))
    } else if let Some(attribute) = at.find("value_ints") {
        Ok(Tensor::integers(vec![attribute.ints.len()], attribute.ints.clone()))
    } else {
        Err(fault("the value", "a tensor or numbers", "another kind"))
    }?;
    graph.spend_constants(made.len())?;
    Ok(made)
}

pub(super) fn constant_of_shape(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let shape = sizes(constant_integers(call.input(0)?, "the shape")?)?;
    let size = count(&shape, MAX_ELEMENTS)?;
    graph.spend_constants(size)?;
    let value = match call.attributes.tensor("value") {
        Some(proto) => tensor(proto).map_err(|error| fault("the value", "a sound tensor", error))?,
        None => Tensor::floats(vec![1], vec![0.0]),
    };
    ensure(value.len() == 1, "the value", "one number", value.len())?;
    reindex(&value, shape, &vec![0; size])
}

pub(super) fn eye_like(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let &[rows, columns] = &x.shape[..] else { return Err(fault("the input's rank", 2, x.shape.len())) };
    graph.spend_constants(x.len())?;
    let kind = match call.attributes.find("dtype") {
        Some(attribute) => type_of(attribute.i)?,
        None => x.kind,
    };
    let diagonal = call.attributes.integer("k", 0)?;
    let one = |at: usize| u8::from((at % columns) as i64 == ((at / columns) as i64).saturating_add(diagonal));
    if kind.is_float() {
        return Tensor::rounded(x.shape.clone(), kind, (0..rows * columns).map(|at| f64::from(one(at))));
    }
    let made = Tensor::integers(x.shape.clone(), (0..rows * columns).map(|at| i64::from(one(at))).collect());
    Ok(Tensor { kind, ..made })
}

pub(super) fn range(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    call.attributes.integer("stash_type", 1)?;
    let kind = call.input(0)?.kind;
    let most = 1 << 20;
    if kind.is_float() {
        let one = |index: usize| call.input(index)?.as_scalar("start, limit and delta");
        let (start, end, step) = (one(0)?, one(1)?, one(2)?);
        ensure(step != 0.0, "the delta", "not 0", step)?;
        let len = ((end - start) / step).ceil().max(0.0);
        ensure(len <= f64::from(most), "the numbers", "at most 2^20", len)?;
        graph.spend_constants(len as usize)?;
        return Tensor::rounded(vec![len as usize], kind, (0..len as usize).map(|i| start + step * i as f64));
    }
    let one = |index: usize| -> Checked<i128> {
        match constant_integers(call.input(index)?, "start, limit and delta")? {
            [value] => Ok(i128::from(*value)),
            list => Err(fault("start, limit and delta", "one number", list.len())),
        }
    };
    let (start, end, step) = (one(0)?, one(1)?, one(2)?);
    ensure(step != 0, "the delta", "not 0", step)?;
    let (gap, size) = if step > 0 { (end - start, step) } else { (start - end, -step) };
    let len = usize::try_from(gap.max(0)).unwrap_or(usize::MAX).div_ceil(usize::try_from(size).unwrap_or(usize::MAX));
    ensure(len <= most as usize, "the numbers", "at most 2^20", len)?;
    graph.spend_constants(len)?;
    let made = Tensor::integers(vec![len], (0..len as i128).map(|i| (start + step * i) as i64).collect());
    Ok(Tensor { kind, ..made })
}

pub(super) fn shape(_: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let rank = x.shape.len() as i64;
    let bound = |value: i64| (if value < 0 { value.saturating_add(rank) } else { value }).clamp(0, rank) as usize;
    let (from, to) = (bound(call.attributes.integer("start", 0)?), bound(call.attributes.integer("end", rank)?));
    let sides: Vec<i64> = x.shape[from..to.max(from)].iter().map(|side| *side as i64).collect();
    Ok(Tensor::integers(vec![sides.len()], sides))
}

pub(super) fn size(_: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    Ok(Tensor::integers(vec![], vec![call.input(0)?.len() as i64]))
}

pub(super) fn one_hot(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let (index, values) = (call.input(0)?, call.input(2)?);
    let depth = call.input(1)?.as_scalar("the depth")?;
    ensure((1.0..=f64::from(1 << 20)).contains(&depth), "the depth", "1..=2^20", depth)?;
    let depth = depth as usize;
    ensure(values.len() == 2, "the values", "two", values.len())?;
    let rank = index.shape.len() + 1;
    let axis = axis_of(call.attributes.integer("axis", -1)?, rank)?;
    let mut shape = index.shape.clone();
    shape.insert(axis, depth);
    graph.spend_constants(count(&shape, MAX_ELEMENTS)?)?;
    let index = index.as_numbers("the indices").map_err(|fault| fault.of(Kind::ControlDependsOnLatent))?;
    let inner: usize = shape[axis + 1..].iter().product();
    let size: usize = shape.iter().product();
    let pick = |at: usize| {
        let (outer, place) = (at / (inner * depth), at / inner % depth);
        let wanted = index[outer * inner + at % inner];
        let wanted = if wanted < 0.0 { wanted + depth as f64 } else { wanted };
        usize::from(wanted == place as f64)
    };
    reindex(values, shape, &(0..size).map(pick).collect::<Vec<_>>())
}

pub(super) fn non_zero(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let rank = x.shape.len();
    count(&x.shape, MAX_ELEMENTS)?;
    graph.spend_constants(x.len().saturating_mul(rank + 1))?;
    let list = x.as_numbers("the input").map_err(|fault| fault.of(Kind::ControlDependsOnLatent))?;
    let strides = strides(&x.shape);
    let found: Vec<usize> = (0..list.len()).filter(|at| list[*at] != 0.0).collect();
    let made = (0..rank)
        .flat_map(|axis| found.iter().map(move |at| (axis, *at)))
        .map(|(axis, at)| (at / strides[axis] % x.shape[axis]) as i64)
        .collect();
    Ok(Tensor::integers(vec![rank, found.len()], made))
}

fn type_of(number: i64) -> Checked<Type> {
    let kind = i32::try_from(number).ok().and_then(Type::of);
    kind.ok_or_else(|| {
        let name = i32::try_from(number).ok().and_then(|n| tract_onnx::pb::tensor_proto::DataType::try_from(n).ok());
        let got = name.map_or_else(|| format!("type {number}"), |name| format!("{name:?}"));
        fault("the type", "a float of 16 to 64 bits, an integer or a boolean", got).of(Kind::Type)
    })
}

pub(super) fn cast(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    float8_only(call)?;
    let to = type_of(call.attributes.integer("to", 0)?)?;
    convert(graph, call.input(0)?, to)
}

pub(super) fn cast_like(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    float8_only(call)?;
    convert(graph, call.input(0)?, call.input(1)?.kind)
}

/// `round_mode` and `saturate` are about types that are refused.
fn float8_only(call: &Call<'_>) -> Checked<()> {
    call.attributes.text("round_mode", "up")?;
    call.attributes.integer("saturate", 1)?;
    Ok(())
}

fn convert(graph: &mut Graph, x: &Tensor, to: Type) -> Checked<Tensor> {
    if let Data::Elements(_) = x.data {
        return match (x.kind, to) {
            (_, to) if to.is_float() => Ok(Tensor { kind: to, ..x.clone() }),
            (from, Type::Bool) if from != Type::Bool => {
                let made = graph.unary(x, &|f, x| {
                    let zero = f.unary(Unary::IsZero, x);
                    f.affine(zero, -1.0, 1.0)
                })?;
                Ok(made.with_type(to))
            }
            (from, to) if from.is_float() => Ok(graph.unary(x, &|f, x| f.unary(Unary::Truncate, x))?.with_type(to)),
            _ => Ok(Tensor { kind: to, ..x.clone() }),
        };
    }
    graph.spend_constants(x.len())?;
    let shape = x.shape.clone();
    match &x.data {
        Data::Integers(list) if !to.is_float() => {
            let wrap = |value: i64| match to {
                Type::Bool => i64::from(value != 0),
                Type::Integer(64, _) => value,
                Type::Integer(bits, true) => value << (64 - bits) >> (64 - bits),
                Type::Integer(bits, false) => value & ((1 << bits) - 1),
                _ => value,
            };
            let made = Tensor::integers(shape, list.iter().map(|value| wrap(*value)).collect());
            Ok(Tensor { kind: to, ..made })
        }
        Data::Floats(_) if x.kind == to => Ok(x.clone()),
        Data::Floats(list) if to == Type::Float => Ok(Tensor { shape, kind: to, data: Data::Floats(list.clone()) }),
        _ if to.is_float() => Tensor::rounded(shape, to, x.as_numbers("the input")?.into_iter()),
        _ => {
            let (low, high) = to.ends();
            let whole = |value: f64| -> Checked<i64> {
                if to == Type::Bool {
                    return Ok(i64::from(value != 0.0));
                }
                let cut = value.trunc();
                ensure(
                    (low as f64..=high as f64).contains(&cut),
                    "a number to cast",
                    format!("{low}..={high}"),
                    value,
                )?;
                Ok(cut as i64)
            };
            let list = x.as_numbers("the input")?.into_iter().map(whole).collect::<Checked<_>>()?;
            Ok(Tensor { kind: to, ..Tensor::integers(shape, list) })
        }
    }
}

/// The scale and the zero point of each element, as numbers that broadcast.
fn quantisation(call: &Call<'_>, x: &Tensor) -> Checked<(Vec<f64>, Vec<f64>)> {
    ensure(call.attributes.integer("block_size", 0)? == 0, "block_size", "0", "others")?;
    let scale = call.input(1)?;
    let scales = scale.as_numbers("the scale")?;
    let zeros = match call.optional(2) {
        Some(zero) => zero.as_numbers("the zero point")?,
        None => vec![0.0; scales.len()],
    };
    ensure(zeros.len() == scales.len(), "the zero points", scales.len(), zeros.len())?;
    ensure(scales.iter().all(|s| *s > 0.0), "a scale", "above 0", "others")?;
    if scales.len() == 1 {
        return Ok((vec![scales[0]; x.len()], vec![zeros[0]; x.len()]));
    }
    let axis = axis_of(call.attributes.integer("axis", 1)?, x.shape.len())?;
    ensure(scales.len() == x.shape[axis], "the scales", x.shape[axis], scales.len())?;
    let inner: usize = x.shape[axis + 1..].iter().product();
    let at = |at: usize| at / inner % x.shape[axis];
    Ok(((0..x.len()).map(|i| scales[at(i)]).collect(), (0..x.len()).map(|i| zeros[at(i)]).collect()))
}

pub(super) fn dequantize_linear(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    graph.spend_constants(2 * x.len())?;
    let kind = match call.attributes.integer("output_dtype", 0)? {
        0 => call.input(1)?.kind,
        other => type_of(other)?,
    };
    let (scales, zeros) = quantisation(call, x)?;
    if x.is_constant() {
        let list = x.as_numbers("the input")?;
        return Tensor::rounded(x.shape.clone(), kind, (0..list.len()).map(|i| (list[i] - zeros[i]) * scales[i]));
    }
    let pairs: Vec<_> = scales.iter().zip(&zeros).map(|(scale, zero)| (*scale, -zero * scale)).collect();
    Ok(graph.affine(x, &pairs)?.with_type(kind))
}

pub(super) fn quantize_linear(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    call.attributes.integer("saturate", 1)?;
    call.attributes.integer("precision", 0)?;
    graph.spend_constants(2 * x.len())?;
    let kind = match (call.attributes.integer("output_dtype", 0)?, call.optional(2)) {
        (0, Some(zero)) => zero.kind,
        (0, None) => Type::Integer(8, false),
        (other, _) => type_of(other)?,
    };
    ensure(matches!(kind, Type::Integer(8 | 16, _)), "the quantised type", "an integer of 8 or 16 bits", "another")?;
    let (scales, zeros) = quantisation(call, x)?;
    let (low, high) = kind.ends();
    let scaled: Vec<_> = scales.iter().map(|scale| (1.0 / scale, 0.0)).collect();
    let made = graph.affine(x, &scaled)?;
    let made = graph.unary(&made, &|f, x| f.unary(Unary::Round, x))?;
    let shifted: Vec<_> = zeros.iter().map(|zero| (1.0, *zero)).collect();
    let made = graph.affine(&made, &shifted)?;
    let (low, high) = (Number::new(low as f64), Number::new(high as f64));
    let made = graph.unary(&made, &|f, x| f.unary(Unary::Clip(low, high), x))?;
    Ok(match made.data {
        Data::Doubles(list) => {
            let list = list.iter().map(|value| *value as i64).collect();
            Tensor { shape: made.shape, kind, data: Data::Integers(Arc::new(list)) }
        }
        _ => made.with_type(kind),
    })
}
