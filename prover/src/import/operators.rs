//! What each ONNX operator does to tensors.
use super::{
    error::{Checked, ensure, fault},
    function::{Binary, FunctionId, Functions, Number, Unary},
    graph::{
        Combination, Data, Element, Elements, Geometry, Graph, MAX_ELEMENTS, Pairwise, Tensor, broadcast, count,
        expand, indices,
    },
    proto::{Attributes, tensor},
};
use std::sync::Arc;
use tract_onnx::pb::{NodeProto, tensor_proto::DataType};
use veilmark_circuits::statement::model::MAX_WEIGHTS;

/// The operators that are understood.
pub const OPERATORS: &[&str] = &[
    "Abs",
    "Add",
    "AveragePool",
    "BatchNormalization",
    "Cast",
    "Ceil",
    "Celu",
    "Clip",
    "Concat",
    "Constant",
    "ConstantOfShape",
    "Conv",
    "ConvTranspose",
    "DepthToSpace",
    "Div",
    "Dropout",
    "Elu",
    "Equal",
    "Erf",
    "Exp",
    "Expand",
    "Flatten",
    "Floor",
    "Gather",
    "Gelu",
    "Gemm",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "HardSigmoid",
    "HardSwish",
    "Identity",
    "LeakyRelu",
    "Log",
    "MatMul",
    "Max",
    "MaxPool",
    "Mean",
    "Min",
    "Mish",
    "Mul",
    "Neg",
    "PRelu",
    "Pad",
    "Pow",
    "Range",
    "Reciprocal",
    "ReduceMean",
    "ReduceSum",
    "Relu",
    "Reshape",
    "Resize",
    "Selu",
    "Shape",
    "Sigmoid",
    "Size",
    "Slice",
    "Softplus",
    "Softsign",
    "SpaceToDepth",
    "Split",
    "Sqrt",
    "Squeeze",
    "Sub",
    "Sum",
    "Swish",
    "Tanh",
    "Tile",
    "Transpose",
    "Unsqueeze",
    "Upsample",
    "Where",
];

/// A node with its inputs at hand.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) operator: &'a str,
    pub(super) inputs: Vec<Option<&'a Tensor>>,
    pub(super) attributes: Attributes<'a>,
    pub(super) outputs: usize,
    pub(super) opset: i64,
}

impl<'a> Call<'a> {
    pub(super) fn new(node: &'a NodeProto, inputs: Vec<Option<&'a Tensor>>, opset: i64) -> Self {
        Self {
            operator: &node.op_type,
            inputs,
            attributes: Attributes(&node.attribute),
            outputs: node.output.len(),
            opset,
        }
    }

    fn optional(&self, index: usize) -> Option<&'a Tensor> {
        self.inputs.get(index).copied().flatten()
    }

    fn input(&self, index: usize) -> Checked<&'a Tensor> {
        self.optional(index).ok_or_else(|| fault("the inputs", format!("at least {}", index + 1), self.inputs.len()))
    }

    /// Integers that are an attribute in older operator sets and an input in newer ones.
    fn listed(&self, name: &str, index: usize) -> Checked<Option<Vec<i64>>> {
        match (self.attributes.integers(name), self.optional(index)) {
            (Some(list), _) => Ok(Some(list.to_vec())),
            (None, Some(tensor)) => Ok(Some(tensor.as_integers(name)?.to_vec())),
            (None, None) => Ok(None),
        }
    }
}

type Build<'a> = &'a dyn Fn(&mut Functions, FunctionId) -> FunctionId;

/// What a node gives for its outputs; the ones behind the first may be left out. `None` for an unknown operator.
pub(super) fn evaluate(graph: &mut Graph, call: &Call<'_>) -> Option<Checked<Vec<Tensor>>> {
    if !OPERATORS.contains(&call.operator) {
        return None;
    }
    let may_be_empty = ["Cast", "Concat", "Constant", "ConstantOfShape", "Identity", "Shape", "Size"];
    if !may_be_empty.contains(&call.operator) && call.optional(0).is_some_and(|tensor| tensor.len() == 0) {
        return Some(Err(fault("the input", "not empty", "no elements")));
    }
    Some(if call.operator == "Split" { split(graph, call) } else { single(graph, call).map(|tensor| vec![tensor]) })
}

fn single(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let at = &call.attributes;
    let x = || call.input(0);
    let unary = |graph: &mut Graph, build: Build<'_>| graph.unary(x()?, build);
    let simple = |graph: &mut Graph, function: Unary| graph.unary(x()?, &|f, x| f.unary(function, x));
    let number = |value: f32| Number::new(f64::from(value));
    match call.operator {
        "Relu" => simple(graph, Unary::Relu),
        "Tanh" => simple(graph, Unary::Tanh),
        "Sigmoid" => simple(graph, Unary::Sigmoid),
        "Exp" => simple(graph, Unary::Exp),
        "Log" => simple(graph, Unary::Log),
        "Erf" => simple(graph, Unary::Erf),
        "Sqrt" => match x()?.data {
            Data::Integers(_) | Data::Doubles(_) => Err(fault("the input", "floats", x()?.kind())),
            _ => simple(graph, Unary::Sqrt),
        },
        "Abs" => simple(graph, Unary::Abs),
        "Reciprocal" => simple(graph, Unary::Reciprocal),
        "Softplus" => simple(graph, Unary::Softplus),
        "LeakyRelu" => {
            let slope = number(at.float("alpha", 0.01)?);
            simple(graph, Unary::Leaky(slope))
        }
        "Elu" => {
            let alpha = number(at.float("alpha", 1.0)?);
            simple(graph, Unary::Elu(alpha))
        }
        "Celu" => {
            let alpha = f64::from(at.float("alpha", 1.0)?);
            ensure(alpha != 0.0, "alpha", "not 0", alpha)?;
            unary(graph, &|f, x| {
                let x = f.affine(x, 1.0 / alpha, 0.0);
                let x = f.unary(Unary::Elu(Number::new(1.0)), x);
                f.affine(x, alpha, 0.0)
            })
        }
        "Selu" => {
            let alpha = number(at.float("alpha", 1.673_263_2)?);
            let gamma = f64::from(at.float("gamma", 1.050_701)?);
            unary(graph, &|f, x| {
                let x = f.unary(Unary::Elu(alpha), x);
                f.affine(x, gamma, 0.0)
            })
        }
        "HardSigmoid" => {
            let (alpha, beta) = (at.float("alpha", 0.2)?, at.float("beta", 0.5)?);
            unary(graph, &|f, x| hard_sigmoid(f, x, f64::from(alpha), f64::from(beta)))
        }
        "HardSwish" => unary(graph, &|f, x| {
            let gate = hard_sigmoid(f, x, 1.0 / 6.0, 0.5);
            f.binary(Binary::Mul, x, gate)
        }),
        "Swish" => {
            let alpha = f64::from(at.float("alpha", 1.0)?);
            unary(graph, &|f, x| {
                let gate = f.affine(x, alpha, 0.0);
                let gate = f.unary(Unary::Sigmoid, gate);
                f.binary(Binary::Mul, x, gate)
            })
        }
        "Mish" => unary(graph, &|f, x| {
            let gate = f.unary(Unary::Softplus, x);
            let gate = f.unary(Unary::Tanh, gate);
            f.binary(Binary::Mul, x, gate)
        }),
        "Gelu" => {
            let tanh = at.text("approximate", "none")? == "tanh";
            unary(graph, &|f, x| {
                let gate = if tanh {
                    let square = f.binary(Binary::Mul, x, x);
                    let inner = f.affine(square, 0.044_715, 1.0);
                    let inner = f.binary(Binary::Mul, inner, x);
                    let inner = f.affine(inner, std::f64::consts::FRAC_2_PI.sqrt(), 0.0);
                    f.unary(Unary::Tanh, inner)
                } else {
                    let inner = f.affine(x, std::f64::consts::FRAC_1_SQRT_2, 0.0);
                    f.unary(Unary::Erf, inner)
                };
                let gate = f.affine(gate, 0.5, 0.5);
                f.binary(Binary::Mul, x, gate)
            })
        }
        "Softsign" => unary(graph, &|f, x| {
            let size = f.unary(Unary::Abs, x);
            let size = f.affine(size, 1.0, 1.0);
            f.binary(Binary::Div, x, size)
        }),
        "Clip" => {
            let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
            if call.opset < 11 {
                low = at.find("min").map_or(low, |a| f64::from(a.f));
                high = at.find("max").map_or(high, |a| f64::from(a.f));
            } else {
                if let Some(bound) = call.optional(1) {
                    low = f64::from(bound.as_scalar("min")?);
                }
                if let Some(bound) = call.optional(2) {
                    high = f64::from(bound.as_scalar("max")?);
                }
            }
            ensure(low <= high, "min and max", "in order", format!("{low} and {high}"))?;
            match (low, high) {
                (0.0, f64::INFINITY) => simple(graph, Unary::Relu),
                _ => simple(graph, Unary::Clip(Number::new(low), Number::new(high))),
            }
        }
        "Neg" => match &x()?.data {
            Data::Integers(list) => {
                Ok(Tensor::integers(x()?.shape.clone(), list.iter().map(|v| v.wrapping_neg()).collect()))
            }
            _ => {
                let pairs = vec![(-1.0, 0.0); x()?.len()];
                graph.affine(x()?, &pairs)
            }
        },
        "Floor" | "Ceil" => {
            let list = x()?.as_floats("the input")?;
            let round = |v: &f32| if call.operator == "Floor" { v.floor() } else { v.ceil() };
            Ok(Tensor::floats(x()?.shape.clone(), list.iter().map(round).collect()))
        }
        "Add" => pairwise(graph, call, Pairwise::Add),
        "Sub" => pairwise(graph, call, Pairwise::Sub),
        "Mul" => pairwise(graph, call, Pairwise::Mul),
        "Div" => pairwise(graph, call, Pairwise::Div),
        "Pow" => {
            let exponent = match &call.input(1)?.data {
                Data::Integers(list) => {
                    Tensor::floats(call.input(1)?.shape.clone(), list.iter().map(|v| *v as f32).collect())
                }
                _ => call.input(1)?.clone(),
            };
            graph.binary(Pairwise::Power, x()?, &exponent)
        }
        "PRelu" => {
            let slope = call.input(1)?;
            slope.as_floats("the slope")?;
            let own = &x()?.shape;
            let fits = broadcast(own, &slope.shape).is_ok_and(|shape| shape == *own);
            // a slope of shape [C] in older exports belongs to channels
            let channels = x()?.shape.get(1).copied().unwrap_or(0);
            if !fits && slope.shape == [channels] {
                let shape = std::iter::once(channels).chain(x()?.shape.iter().skip(2).map(|_| 1)).collect();
                return graph.binary(Pairwise::Slope, x()?, &slope.with_shape(shape));
            }
            ensure(
                fits,
                "the slope's shape",
                format!("such as broadcasts to {:?}", x()?.shape),
                format!("{:?}", slope.shape),
            )?;
            graph.binary(Pairwise::Slope, x()?, slope)
        }
        "Max" | "Min" | "Sum" | "Mean" => {
            let kind = match call.operator {
                "Max" => Pairwise::Max,
                "Min" => Pairwise::Min,
                _ => Pairwise::Add,
            };
            let mut made = x()?.clone();
            for index in 1..call.inputs.len() {
                made = pair(graph, kind, &made, call.input(index)?)?;
            }
            if call.operator == "Mean" {
                let pairs = vec![(1.0 / call.inputs.len() as f64, 0.0); made.len()];
                made = graph.affine(&made, &pairs)?;
            }
            Ok(made)
        }
        "Equal" => {
            let (a, b) = (x()?.as_integers("the first input")?, call.input(1)?.as_integers("the second input")?);
            let shape = broadcast(&x()?.shape, &call.input(1)?.shape)?;
            graph.spend(count(&shape, MAX_ELEMENTS)?)?;
            let a = expand(a, &x()?.shape, &shape);
            let b = expand(b, &call.input(1)?.shape, &shape);
            Ok(Tensor::integers(shape, a.iter().zip(&b).map(|(a, b)| i64::from(a == b)).collect()))
        }
        "Where" => {
            let condition = x()?.as_integers("the condition")?;
            let shape = broadcast(&broadcast(&x()?.shape, &call.input(1)?.shape)?, &call.input(2)?.shape)?;
            let size = count(&shape, MAX_ELEMENTS)?;
            graph.spend(3 * size)?;
            let condition = expand(condition, &x()?.shape, &shape);
            let full = |tensor: &Tensor| indices_of_expanded(tensor, &shape);
            let (yes, no) = (full(call.input(1)?), full(call.input(2)?));
            let joined = join(&[call.input(1)?.clone(), call.input(2)?.clone()])?;
            let offset = call.input(1)?.len();
            let pick = condition.iter().enumerate().map(|(at, &c)| if c != 0 { yes[at] } else { offset + no[at] });
            reindex(&joined, shape.clone(), &pick.collect::<Vec<_>>())
        }
        "Identity" | "Dropout" => Ok(x()?.clone()),
        "Cast" => cast(x()?, at.integer("to", 0)),
        "Constant" => constant(call),
        "ConstantOfShape" => {
            let shape = sizes(x()?.as_integers("the shape")?)?;
            let size = count(&shape, MAX_ELEMENTS)?;
            graph.spend(size)?;
            let value = match at.tensor("value") {
                Some(proto) => tensor(proto).map_err(|error| fault("the value", "a sound tensor", error))?,
                None => Tensor::floats(vec![1], vec![0.0]),
            };
            ensure(value.len() == 1, "the value", "one number", value.len())?;
            reindex(&value, shape, &vec![0; size])
        }
        "Range" => {
            let one = |index: usize| -> Checked<i64> {
                match call.input(index)?.as_integers("start, limit and delta")? {
                    [value] => Ok(*value),
                    list => Err(fault("start, limit and delta", "one number", list.len())),
                }
            };
            let (start, end, step) = (i128::from(one(0)?), i128::from(one(1)?), i128::from(one(2)?));
            ensure(step != 0, "the delta", "not 0", step)?;
            let steps = (end - start).div_euclid(step) + i128::from((end - start).rem_euclid(step) != 0);
            let len = usize::try_from(steps.max(0)).unwrap_or(usize::MAX);
            ensure(len <= 1 << 20, "the numbers", "at most 2^20", len)?;
            Ok(Tensor::integers(vec![len], (0..len as i128).map(|i| (start + step * i) as i64).collect()))
        }
        "Shape" => {
            let rank = x()?.shape.len() as i64;
            let bound = |value: i64| (if value < 0 { value + rank } else { value }).clamp(0, rank) as usize;
            let (from, to) = (bound(at.integer("start", 0)), bound(at.integer("end", rank)));
            let sides: Vec<i64> = x()?.shape[from..to.max(from)].iter().map(|side| *side as i64).collect();
            Ok(Tensor::integers(vec![sides.len()], sides))
        }
        "Size" => Ok(Tensor::integers(vec![], vec![x()?.len() as i64])),
        "Reshape" => {
            let wanted = match at.integers("shape") {
                Some(shape) if call.opset < 5 => shape,
                _ => call.input(1)?.as_integers("the shape")?,
            };
            reshape(x()?, wanted, at.integer("allowzero", 0) != 0)
        }
        "Flatten" => {
            let rank = x()?.shape.len();
            let axis = axis_of(at.integer("axis", 1), rank + 1)?;
            let rows: usize = x()?.shape[..axis].iter().product();
            let columns: usize = x()?.shape[axis..].iter().product();
            Ok(x()?.with_shape(vec![rows, columns]))
        }
        "Squeeze" => {
            let shape = &x()?.shape;
            let axes = match call.listed("axes", 1)? {
                Some(axes) => axes.iter().map(|axis| axis_of(*axis, shape.len())).collect::<Checked<Vec<_>>>()?,
                None => (0..shape.len()).filter(|axis| shape[*axis] == 1).collect(),
            };
            ensure(
                axes.iter().all(|axis| shape[*axis] == 1),
                "the squeezed sides",
                "1",
                format!("{axes:?} of {shape:?}"),
            )?;
            let kept = shape.iter().enumerate().filter(|(axis, _)| !axes.contains(axis)).map(|(_, side)| *side);
            Ok(x()?.with_shape(kept.collect()))
        }
        "Unsqueeze" => {
            let axes = call.listed("axes", 1)?.ok_or_else(|| fault("the axes", "given", "nothing"))?;
            ensure(axes.len() <= 8, "the axes", "at most 8", axes.len())?;
            let rank = x()?.shape.len() + axes.len();
            let axes = axes.iter().map(|axis| axis_of(*axis, rank)).collect::<Checked<Vec<_>>>()?;
            let mut sides = x()?.shape.iter();
            let shape: Vec<usize> = (0..rank)
                .filter_map(|axis| if axes.contains(&axis) { Some(1) } else { sides.next().copied() })
                .collect();
            ensure(shape.len() == rank, "the axes", "distinct", format!("{axes:?}"))?;
            Ok(x()?.with_shape(shape))
        }
        "Transpose" => {
            let rank = x()?.shape.len();
            let order = match at.integers("perm") {
                Some(order) => order.iter().map(|axis| axis_of(*axis, rank)).collect::<Checked<Vec<_>>>()?,
                None => (0..rank).rev().collect(),
            };
            transpose(graph, x()?, &order)
        }
        "Concat" => concat(graph, call),
        "Gather" => {
            let shape = &x()?.shape;
            let axis = axis_of(at.integer("axis", 0), shape.len())?;
            let index = call.input(1)?;
            let side = shape[axis] as i64;
            let list = index.as_integers("the indices")?.iter().map(|&i| {
                let i = if i < 0 { i.saturating_add(side) } else { i };
                if (0..side).contains(&i) { Ok(i as usize) } else { Err(fault("an index", format!("below {side}"), i)) }
            });
            let list = list.collect::<Checked<Vec<_>>>()?;
            let mut lists = whole(shape);
            lists[axis] = list;
            let picked = select(graph, x()?, &lists)?;
            let sides = shape[..axis].iter().chain(&index.shape).chain(&shape[axis + 1..]);
            Ok(picked.with_shape(sides.copied().collect()))
        }
        "Slice" => slice(graph, call),
        "Expand" => {
            let wanted = sizes(call.input(1)?.as_integers("the shape")?)?;
            let shape = broadcast(&x()?.shape, &wanted)?;
            graph.spend(count(&shape, MAX_ELEMENTS)?)?;
            let list = indices_of_expanded(x()?, &shape);
            reindex(x()?, shape, &list)
        }
        "Tile" => {
            let shape = &x()?.shape;
            let repeats = sizes(call.input(1)?.as_integers("the repeats")?)?;
            ensure(repeats.len() == shape.len(), "the repeats", shape.len(), repeats.len())?;
            let made: Vec<usize> =
                shape.iter().zip(&repeats).map(|(side, times)| side.saturating_mul(*times)).collect();
            count(&made, MAX_ELEMENTS)?;
            let lists: Vec<Vec<usize>> =
                made.iter().zip(shape).map(|(&made, &side)| (0..made).map(|at| at % side).collect()).collect();
            select(graph, x()?, &lists)
        }
        "Pad" => pad(graph, call),
        "Upsample" | "Resize" => resize(graph, call),
        "DepthToSpace" | "SpaceToDepth" => shuffle(graph, call),
        "BatchNormalization" => batch_norm(graph, call),
        "Gemm" => gemm(graph, call),
        "MatMul" => matmul(graph, call),
        "Conv" => conv(graph, call),
        "ConvTranspose" => conv_transpose(graph, call),
        "AveragePool" | "MaxPool" => pool(graph, call),
        "GlobalAveragePool" | "GlobalMaxPool" => {
            let rank = x()?.shape.len();
            ensure(rank >= 3, "the input's rank", "3 or more", rank)?;
            let axes: Vec<usize> = (2..rank).collect();
            reduce(graph, x()?, &axes, true, if call.operator == "GlobalMaxPool" { Reduce::Max } else { Reduce::Mean })
        }
        "ReduceMean" | "ReduceSum" => {
            let rank = x()?.shape.len();
            let axes = call.listed("axes", 1)?.unwrap_or_default();
            if axes.is_empty() && at.integer("noop_with_empty_axes", 0) != 0 {
                return Ok(x()?.clone());
            }
            let mut axes = axes.iter().map(|axis| axis_of(*axis, rank)).collect::<Checked<Vec<_>>>()?;
            if axes.is_empty() {
                axes = (0..rank).collect();
            }
            let kind = if call.operator == "ReduceSum" { Reduce::Sum } else { Reduce::Mean };
            reduce(graph, x()?, &axes, at.integer("keepdims", 1) != 0, kind)
        }
        other => Err(fault("the operator", "one of the list", other)),
    }
}

fn hard_sigmoid(f: &mut Functions, x: FunctionId, alpha: f64, beta: f64) -> FunctionId {
    let x = f.affine(x, alpha, beta);
    f.unary(Unary::Clip(Number::new(0.0), Number::new(1.0)), x)
}

fn pairwise(graph: &mut Graph, call: &Call<'_>, kind: Pairwise) -> Checked<Tensor> {
    pair(graph, kind, call.input(0)?, call.input(1)?)
}

fn pair(graph: &mut Graph, kind: Pairwise, a: &Tensor, b: &Tensor) -> Checked<Tensor> {
    let (Data::Integers(left), Data::Integers(right)) = (&a.data, &b.data) else { return graph.binary(kind, a, b) };
    let shape = broadcast(&a.shape, &b.shape)?;
    graph.spend(count(&shape, MAX_ELEMENTS)?)?;
    let (left, right) = (expand(left, &a.shape, &shape), expand(right, &b.shape, &shape));
    let combine = |(&a, &b): (&i64, &i64)| match kind {
        Pairwise::Add => a.checked_add(b),
        Pairwise::Sub => a.checked_sub(b),
        Pairwise::Mul => a.checked_mul(b),
        Pairwise::Div => a.checked_div(b),
        Pairwise::Max => Some(a.max(b)),
        Pairwise::Min => Some(a.min(b)),
        Pairwise::Slope | Pairwise::Power => None,
    };
    let made = left.iter().zip(&right).map(combine).collect::<Option<Vec<_>>>();
    made.map(|list| Tensor::integers(shape, list))
        .ok_or_else(|| fault("an integer result", "within 64 bits", "outside"))
}

/// An axis that may be counted from the end.
fn axis_of(axis: i64, rank: usize) -> Checked<usize> {
    let rank = rank as i64;
    let from_start = if axis < 0 { axis.saturating_add(rank) } else { axis };
    ensure((0..rank).contains(&from_start), "an axis", format!("{}..={}", -rank, rank - 1), axis)?;
    Ok(from_start as usize)
}

fn sizes(list: &[i64]) -> Checked<Vec<usize>> {
    ensure(list.len() <= 8, "the dimensions", "at most 8", list.len())?;
    list.iter().map(|&side| usize::try_from(side).map_err(|_| fault("a side", "0 or more", side))).collect()
}

/// All indices of every axis.
fn whole(shape: &[usize]) -> Vec<Vec<usize>> {
    shape.iter().map(|&side| (0..side).collect()).collect()
}

/// The elements of the given indices, under a new shape.
fn reindex(tensor: &Tensor, shape: Vec<usize>, list: &[usize]) -> Checked<Tensor> {
    fn of<T: Copy>(list: &[usize], data: &[T]) -> Checked<Vec<T>> {
        let pick = list.iter().map(|&at| data.get(at).copied()).collect::<Option<_>>();
        pick.ok_or_else(|| fault("an element", "in the tensor", "outside"))
    }
    Ok(match &tensor.data {
        Data::Floats(data) => Tensor::floats(shape, of(list, data)?),
        Data::Integers(data) => Tensor::integers(shape, of(list, data)?),
        Data::Doubles(data) => Tensor { shape, data: Data::Doubles(Arc::new(of(list, data)?)) },
        Data::Elements(data) => Tensor::elements(shape, of(list, data)?),
    })
}

/// For each axis the indices that are kept.
fn select(graph: &mut Graph, tensor: &Tensor, lists: &[Vec<usize>]) -> Checked<Tensor> {
    let shape: Vec<usize> = lists.iter().map(Vec::len).collect();
    let constant = !matches!(tensor.data, Data::Elements(_));
    let size = count(&shape, if constant { MAX_WEIGHTS } else { MAX_ELEMENTS })?;
    if !constant || size > tensor.len() {
        graph.spend(size)?;
    }
    reindex(tensor, shape, &indices(&tensor.shape, lists))
}

fn indices_of_expanded(tensor: &Tensor, shape: &[usize]) -> Vec<usize> {
    let own: Vec<usize> = (0..tensor.len()).collect();
    expand(&own, &tensor.shape, shape)
}

/// The data of tensors behind each other, all of one kind.
fn join(tensors: &[Tensor]) -> Checked<Tensor> {
    let size = tensors.iter().map(Tensor::len).sum();
    let integers: Option<Vec<&[i64]>> = tensors.iter().map(|t| t.as_integers("").ok()).collect();
    if let Some(lists) = integers {
        return Ok(Tensor::integers(vec![size], lists.concat()));
    }
    let floats: Option<Vec<&[f32]>> = tensors.iter().map(|t| t.as_floats("").ok().map(|list| &list[..])).collect();
    if let Some(lists) = floats {
        return Ok(Tensor::floats(vec![size], lists.concat()));
    }
    let lists = tensors.iter().map(|tensor| tensor.as_elements("an input")).collect::<Checked<Vec<_>>>()?;
    let list = lists.iter().flat_map(|list| list.iter().copied()).collect();
    Ok(Tensor::elements(vec![size], list))
}

fn transpose(graph: &mut Graph, tensor: &Tensor, order: &[usize]) -> Checked<Tensor> {
    let rank = tensor.shape.len();
    let mut seen = vec![false; rank];
    order.iter().for_each(|&axis| seen[axis] = true);
    ensure(
        order.len() == rank && seen.iter().all(|seen| *seen),
        "the permutation",
        format!("of {rank} axes"),
        format!("{order:?}"),
    )?;
    let mut strides = vec![1; rank];
    for axis in (1..rank).rev() {
        strides[axis - 1] = strides[axis] * tensor.shape[axis];
    }
    if !matches!(tensor.data, Data::Floats(_)) {
        graph.spend(tensor.len())?;
    }
    let shape: Vec<usize> = order.iter().map(|&axis| tensor.shape[axis]).collect();
    let mut list = vec![0];
    for (&axis, &side) in order.iter().zip(&shape) {
        list =
            list.iter().flat_map(|&at| (0..side).map(move |i| (at, i))).map(|(at, i)| at + i * strides[axis]).collect();
    }
    reindex(tensor, shape, &list)
}

fn reshape(tensor: &Tensor, wanted: &[i64], keep_zero: bool) -> Checked<Tensor> {
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
    let known = shape.iter().try_fold(1usize, |size, side| size.checked_mul(*side)).unwrap_or(usize::MAX);
    if let Some(axis) = open {
        ensure(
            known > 0 && tensor.len().is_multiple_of(known),
            "the shape",
            format!("of {} elements", tensor.len()),
            format!("{wanted:?}"),
        )?;
        shape[axis] = tensor.len() / known;
    }
    let fits = shape.iter().try_fold(1usize, |size, side| size.checked_mul(*side)) == Some(tensor.len());
    ensure(fits, "the shape", format!("of {} elements", tensor.len()), format!("{wanted:?}"))?;
    Ok(tensor.with_shape(shape))
}

fn cast(tensor: &Tensor, to: i64) -> Checked<Tensor> {
    let kind = i32::try_from(to).ok().and_then(|to| DataType::try_from(to).ok());
    let shape = tensor.shape.clone();
    let to_floats = |list: Vec<f32>| -> Checked<Tensor> {
        ensure(list.iter().all(|v| v.is_finite()), "the numbers", "finite", "others")?;
        Ok(Tensor::floats(shape.clone(), list))
    };
    match (kind, &tensor.data) {
        (Some(DataType::Float), Data::Floats(_) | Data::Elements(_)) => Ok(tensor.clone()),
        (Some(DataType::Float), Data::Integers(list)) => to_floats(list.iter().map(|v| *v as f32).collect()),
        (Some(DataType::Float), Data::Doubles(list)) => to_floats(list.iter().map(|v| *v as f32).collect()),
        (Some(DataType::Double), Data::Doubles(_)) => Ok(tensor.clone()),
        (Some(DataType::Int64 | DataType::Int32), Data::Integers(_)) => Ok(tensor.clone()),
        (Some(DataType::Int64 | DataType::Int32), Data::Floats(list)) => {
            Ok(Tensor::integers(shape, list.iter().map(|v| *v as i64).collect()))
        }
        (Some(DataType::Int64 | DataType::Int32), Data::Doubles(list)) => {
            Ok(Tensor::integers(shape, list.iter().map(|v| *v as i64).collect()))
        }
        (Some(DataType::Bool), Data::Integers(list)) => {
            Ok(Tensor::integers(shape, list.iter().map(|v| i64::from(*v != 0)).collect()))
        }
        _ => Err(fault(
            "the type to cast to",
            "float, or an integer for constants",
            format!("{kind:?} from {}", tensor.kind()),
        )),
    }
}

fn constant(call: &Call<'_>) -> Checked<Tensor> {
    let at = &call.attributes;
    let floats = |shape, list: Vec<f32>| {
        ensure(list.iter().all(|v| v.is_finite()), "the numbers", "finite", "others")?;
        Ok(Tensor::floats(shape, list))
    };
    if let Some(proto) = at.tensor("value") {
        return tensor(proto).map_err(|error| fault("the value", "a sound tensor", error));
    }
    if let Some(attribute) = at.find("value_float") {
        return floats(vec![], vec![attribute.f]);
    }
    if let Some(attribute) = at.find("value_floats") {
        return floats(vec![attribute.floats.len()], attribute.floats.clone());
    }
    if let Some(attribute) = at.find("value_int") {
        return Ok(Tensor::integers(vec![], vec![attribute.i]));
    }
    if let Some(attribute) = at.find("value_ints") {
        return Ok(Tensor::integers(vec![attribute.ints.len()], attribute.ints.clone()));
    }
    Err(fault("the value", "a tensor or numbers", "another kind"))
}

fn concat(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let tensors = (0..call.inputs.len()).map(|index| call.input(index).cloned()).collect::<Checked<Vec<_>>>()?;
    let first = call.input(0)?;
    let axis = call.attributes.find("axis").ok_or_else(|| fault("the axis", "given", "nothing"))?.i;
    let axis = axis_of(axis, first.shape.len())?;
    let mut shape = first.shape.clone();
    shape[axis] = 0;
    for tensor in &tensors {
        let others = |shape: &[usize]| -> Vec<usize> {
            shape.iter().enumerate().filter(|(at, _)| *at != axis).map(|(_, side)| *side).collect()
        };
        let fits = tensor.shape.len() == shape.len() && others(&tensor.shape) == others(&shape);
        ensure(
            fits,
            "the inputs' shapes",
            format!("{:?} but for axis {axis}", first.shape),
            format!("{:?}", tensor.shape),
        )?;
        shape[axis] += tensor.shape[axis];
    }
    let size = count(&shape, MAX_ELEMENTS)?;
    graph.spend(2 * size)?;
    let inner: usize = shape[axis + 1..].iter().product();
    let outer: usize = shape[..axis].iter().product();
    let mut list = Vec::with_capacity(size);
    for o in 0..outer {
        let mut start = 0;
        for tensor in &tensors {
            let block = tensor.shape[axis] * inner;
            list.extend((0..block).map(|i| start + o * block + i));
            start += tensor.len();
        }
    }
    reindex(&join(&tensors)?, shape, &list)
}

fn split(graph: &mut Graph, call: &Call<'_>) -> Checked<Vec<Tensor>> {
    let x = call.input(0)?;
    let axis = axis_of(call.attributes.integer("axis", 0), x.shape.len())?;
    let side = x.shape[axis];
    let parts = match call.listed("split", 1)? {
        Some(parts) => parts
            .iter()
            .map(|&p| usize::try_from(p).map_err(|_| fault("a part", "0 or more", p)))
            .collect::<Checked<Vec<_>>>()?,
        None => {
            let parts = usize::try_from(call.attributes.integer("num_outputs", call.outputs as i64)).unwrap_or(0);
            ensure(parts > 0 && parts <= side, "the parts", format!("1..={side}"), parts)?;
            let each = side.div_ceil(parts);
            (0..parts).map(|part| each.min(side.saturating_sub(part * each))).collect()
        }
    };
    let sum = parts.iter().fold(0usize, |sum, part| sum.saturating_add(*part));
    ensure(sum == side && parts.len() <= side + call.outputs, "the parts", format!("{side} in all"), sum)?;
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

fn slice(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let starts = call.listed("starts", 1)?.ok_or_else(|| fault("the starts", "given", "nothing"))?;
    let ends = call.listed("ends", 2)?.ok_or_else(|| fault("the ends", "given", "nothing"))?;
    let axes = call.listed("axes", 3)?.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = call.listed("steps", 4)?.unwrap_or_else(|| vec![1; starts.len()]);
    let same = [ends.len(), axes.len(), steps.len()].iter().all(|len| *len == starts.len());
    ensure(same, "starts, ends, axes and steps", "of one length", format!("{} and others", starts.len()))?;
    let mut lists = whole(&x.shape);
    for (((&start, &end), &axis), &step) in starts.iter().zip(&ends).zip(&axes).zip(&steps) {
        let axis = axis_of(axis, x.shape.len())?;
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
        ensure(!lists[axis].is_empty(), "a slice", "not empty", format!("{start}..{end} of {side}"))?;
    }
    select(graph, x, &lists)
}

/// A tensor with sides added before and behind: with a constant, or by repeating what is there.
fn padded(graph: &mut Graph, tensor: &Tensor, pads: &[(i64, i64)], mode: &str, fill: f32) -> Checked<Tensor> {
    let mut lists: Vec<Vec<Option<usize>>> = Vec::with_capacity(pads.len());
    let mut size = 1usize;
    for (&side, &(before, after)) in tensor.shape.iter().zip(pads) {
        let most = MAX_ELEMENTS as i64;
        let sane = (-most..=most).contains(&before) && (-most..=most).contains(&after);
        let n = side as i64;
        let made = if sane { n + before + after } else { -1 };
        ensure(
            made > 0 && made <= most,
            "a padded side",
            format!("1..={most}"),
            format!("{n} padded by {before} and {after}"),
        )?;
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
                "reflect" if n > 1 => {
                    let i = i.rem_euclid(2 * (n - 1));
                    Some(i.min(2 * (n - 1) - i) as usize)
                }
                "reflect" => Some(0),
                _ => return Err(fault("the mode", "constant, edge, reflect or wrap", mode)),
            })
        };
        lists.push((-before..n + after).map(at).collect::<Checked<_>>()?);
    }
    graph.spend(size)?;
    // index 0 is the fill, so that every index is a number
    let mut list: Vec<Option<usize>> = vec![Some(0)];
    for (&side, indices) in tensor.shape.iter().zip(&lists) {
        list = list.iter().flat_map(|&at| indices.iter().map(move |&i| Some(at? * side + i?))).collect();
    }
    let elements = tensor.as_elements("the input")?;
    let made = super::graph::gather(&elements, list.into_iter(), Element::Constant(fill));
    Ok(Tensor::elements(lists.iter().map(Vec::len).collect(), made))
}

fn pad(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let name = if call.opset < 2 { "paddings" } else { "pads" };
    let list = call.listed(name, 1)?.ok_or_else(|| fault("the pads", "given", "nothing"))?;
    let rank = x.shape.len();
    let axes = match call.optional(3) {
        Some(axes) => {
            axes.as_integers("the axes")?.iter().map(|axis| axis_of(*axis, rank)).collect::<Checked<Vec<_>>>()?
        }
        None => (0..rank).collect(),
    };
    ensure(list.len() == 2 * axes.len(), "the pads", 2 * axes.len(), list.len())?;
    let mut pads = vec![(0, 0); rank];
    for (at, &axis) in axes.iter().enumerate() {
        pads[axis] = (list[at], list[axes.len() + at]);
    }
    let fill = match call.optional(2) {
        Some(fill) => fill.as_scalar("the constant")?,
        None => call.attributes.float("value", 0.0)?,
    };
    padded(graph, x, &pads, call.attributes.text("mode", "constant")?, fill)
}

/// `Upsample` and `Resize`: nearest neighbours, by whole factors.
fn resize(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let at = &call.attributes;
    let mode = at.text("mode", "nearest")?;
    ensure(mode == "nearest", "the mode", "nearest", mode)?;
    let old = call.operator == "Upsample" || call.opset < 11;
    let rank = x.shape.len();
    let axes = match at.integers("axes") {
        Some(axes) => axes.iter().map(|axis| axis_of(*axis, rank)).collect::<Checked<Vec<_>>>()?,
        None => (0..rank).collect(),
    };
    let scales = match (at.find("scales"), call.optional(if old { 1 } else { 2 })) {
        (Some(attribute), _) => attribute.floats.clone(),
        (None, Some(tensor)) => tensor.as_floats("the scales")?.to_vec(),
        (None, None) => vec![],
    };
    let mut shape = x.shape.clone();
    let mut factors = vec![1.0f64; rank];
    if let Some(wanted) = call.optional(3).filter(|_| !old) {
        let wanted = sizes(wanted.as_integers("the sizes")?)?;
        ensure(wanted.len() == axes.len(), "the sizes", axes.len(), wanted.len())?;
        for (&axis, &side) in axes.iter().zip(&wanted) {
            shape[axis] = side;
            factors[axis] = side as f64 / x.shape[axis] as f64;
        }
    } else {
        ensure(scales.len() == axes.len(), "the scales", axes.len(), scales.len())?;
        for (&axis, &scale) in axes.iter().zip(&scales) {
            ensure(scale > 0.0 && scale.is_finite(), "a scale", "above 0", scale)?;
            factors[axis] = f64::from(scale);
            shape[axis] = (x.shape[axis] as f64 * f64::from(scale)).floor() as usize;
        }
    }
    count(&shape, MAX_ELEMENTS)?;
    let coordinates = at.text("coordinate_transformation_mode", if old { "asymmetric" } else { "half_pixel" })?;
    let rounding = at.text("nearest_mode", if old { "floor" } else { "round_prefer_floor" })?;
    let mut lists = Vec::with_capacity(rank);
    for axis in 0..rank {
        let (from, to, scale) = (x.shape[axis], shape[axis], factors[axis]);
        ensure(to > 0, "a side", "1 or more", to)?;
        let whole = to.is_multiple_of(from) && scale == (to / from) as f64;
        ensure(whole, "a factor", "a whole number", scale)?;
        let source = |o: usize| -> Checked<usize> {
            let o = o as f64;
            let at = match coordinates {
                "half_pixel" => (o + 0.5) / scale - 0.5,
                "pytorch_half_pixel" => {
                    if to > 1 {
                        (o + 0.5) / scale - 0.5
                    } else {
                        0.0
                    }
                }
                "half_pixel_symmetric" => (o + 0.5) / scale - 0.5,
                "asymmetric" => o / scale,
                "align_corners" => {
                    if to > 1 {
                        o * (from as f64 - 1.0) / (to as f64 - 1.0)
                    } else {
                        0.0
                    }
                }
                "tf_half_pixel_for_nn" => (o + 0.5) / scale,
                other => return Err(fault("coordinate_transformation_mode", "one of ONNX'", other)),
            };
            let at = match rounding {
                "round_prefer_floor" => (at - 0.5).ceil(),
                "round_prefer_ceil" => (at + 0.5).floor(),
                "floor" => at.floor(),
                "ceil" => at.ceil(),
                other => return Err(fault("nearest_mode", "one of ONNX'", other)),
            };
            Ok((at.max(0.0) as usize).min(from - 1))
        };
        lists.push((0..to).map(source).collect::<Checked<Vec<_>>>()?);
    }
    select(graph, x, &lists)
}

fn shuffle(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let [n, c, h, w] = x.shape[..] else {
        return Err(fault("the input's rank", 4, x.shape.len()));
    };
    let block = usize::try_from(call.attributes.integer("blocksize", 0)).unwrap_or(0);
    ensure((1..=4096).contains(&block), "the block's side", "1..=4096", block)?;
    if call.operator == "SpaceToDepth" {
        ensure(
            h.is_multiple_of(block) && w.is_multiple_of(block),
            "the plane's sides",
            format!("multiples of {block}"),
            format!("{h}x{w}"),
        )?;
        let six = x.with_shape(vec![n, c, h / block, block, w / block, block]);
        return Ok(transpose(graph, &six, &[0, 3, 5, 1, 2, 4])?.with_shape(vec![
            n,
            c * block * block,
            h / block,
            w / block,
        ]));
    }
    ensure(c.is_multiple_of(block * block), "the channels", format!("a multiple of {}", block * block), c)?;
    let deep = c / (block * block);
    let (shape, order) = match call.attributes.text("mode", "DCR")? {
        "DCR" => (vec![n, block, block, deep, h, w], [0, 3, 4, 1, 5, 2]),
        "CRD" => (vec![n, deep, block, block, h, w], [0, 1, 4, 2, 5, 3]),
        other => return Err(fault("the mode", "DCR or CRD", other)),
    };
    Ok(transpose(graph, &x.with_shape(shape), &order)?.with_shape(vec![n, deep, h * block, w * block]))
}

fn batch_norm(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let at = &call.attributes;
    ensure(at.integer("training_mode", 0) == 0, "training_mode", 0, 1)?;
    ensure(at.integer("spatial", 1) == 1, "spatial", 1, 0)?;
    ensure(x.shape.len() >= 2, "the input's rank", "2 or more", x.shape.len())?;
    let channels = x.shape[1];
    let list = |index: usize, what: &str| -> Checked<&Arc<Vec<f32>>> {
        let list = call.input(index)?.as_floats(what)?;
        ensure(list.len() == channels, what, format!("{channels} numbers"), list.len())?;
        Ok(list)
    };
    let (scale, shift, mean, variance) =
        (list(1, "the scale")?, list(2, "the shift")?, list(3, "the mean")?, list(4, "the variance")?);
    let epsilon = f64::from(at.float("epsilon", 1e-5)?);
    let mut pairs = Vec::with_capacity(channels);
    for c in 0..channels {
        let spread = f64::from(variance[c]) + epsilon;
        ensure(variance[c] >= 0.0 && spread > 0.0, "a variance", "0 or more, with epsilon above 0", variance[c])?;
        let factor = f64::from(scale[c]) / spread.sqrt();
        pairs.push((factor, f64::from(shift[c]) - f64::from(mean[c]) * factor));
    }
    let inner: usize = x.shape[2..].iter().product();
    graph.spend(x.len())?;
    let full: Vec<_> = (0..x.len()).map(|at| pairs[at / inner % channels]).collect();
    graph.affine(x, &full)
}

/// A dense layer, or a 1x1 convolution over many positions: `out[o][p] = sum_i w[o][i] x[i][p] + bias[o]`.
fn dense(
    graph: &mut Graph,
    input: Elements,
    places: usize,
    weights: Vec<f32>,
    outputs: usize,
    bias: Vec<f64>,
) -> Checked<Vec<Element>> {
    let inputs = input.len() / places.max(1);
    let geometry = Geometry::pointwise(inputs, [places, 1], 1);
    let map = Combination::Product { input, geometry, weights: Arc::new(weights), bias };
    graph.node([outputs, places, 1], map, false)
}

fn gemm(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let at = &call.attributes;
    let (alpha, beta) = (f64::from(at.float("alpha", 1.0)?), f64::from(at.float("beta", 1.0)?));
    let matrix = |graph: &mut Graph, index: usize, flag: &str| -> Checked<Tensor> {
        let tensor = call.input(index)?;
        ensure(tensor.shape.len() == 2, "a matrix", "of rank 2", format!("{:?}", tensor.shape))?;
        if at.integer(flag, 0) != 0 { transpose(graph, tensor, &[1, 0]) } else { Ok(tensor.clone()) }
    };
    let (a, b) = (matrix(graph, 0, "transA")?, matrix(graph, 1, "transB")?);
    let mut made = product(graph, &a, &b)?;
    if alpha != 1.0 {
        let pairs = vec![(alpha, 0.0); made.len()];
        made = graph.affine(&made, &pairs)?;
    }
    let Some(c) = call.optional(2) else { return Ok(made) };
    ensure(
        broadcast(&made.shape, &c.shape).is_ok_and(|shape| shape == made.shape),
        "the bias",
        format!("such as broadcasts to {:?}", made.shape),
        format!("{:?}", c.shape),
    )?;
    let c = if beta == 1.0 { c.clone() } else { graph.affine(c, &vec![(beta, 0.0); c.len()])? };
    graph.binary(Pairwise::Add, &made, &c)
}

/// `[m, k] x [k, n]`, one of them constant.
fn product(graph: &mut Graph, a: &Tensor, b: &Tensor) -> Checked<Tensor> {
    let (&[m, k], &[rows, n]) = (&a.shape[..], &b.shape[..]) else {
        return Err(fault("the matrices", "of rank 2", format!("{:?} and {:?}", a.shape, b.shape)));
    };
    ensure(
        k == rows && k > 0 && m > 0 && n > 0,
        "the matrices",
        "such as multiply",
        format!("{:?} and {:?}", a.shape, b.shape),
    )?;
    let shape = vec![m, n];
    match (&a.data, &b.data) {
        (Data::Elements(list), Data::Floats(_)) => {
            let weights = transpose(graph, b, &[1, 0])?.as_floats("the weights")?.to_vec();
            let input = if m == 1 { list.clone() } else { transpose(graph, a, &[1, 0])?.as_elements("the input")? };
            let made = dense(graph, input, m, weights, n, vec![0.0; n])?;
            transpose(graph, &Tensor::elements(vec![n, m], made), &[1, 0])
        }
        (Data::Floats(weights), Data::Elements(list)) => {
            let made = dense(graph, list.clone(), n, weights.to_vec(), m, vec![0.0; m])?;
            Ok(Tensor::elements(shape, made))
        }
        (Data::Floats(left), Data::Floats(right)) => {
            ensure(
                m.saturating_mul(n).saturating_mul(k) <= 1 << 28,
                "a product of constants",
                "at most 2^28 multiplications",
                "more",
            )?;
            let entry = |at: usize| -> f32 {
                let (row, column) = (at / n, at % n);
                (0..k).map(|i| f64::from(left[row * k + i]) * f64::from(right[i * n + column])).sum::<f64>() as f32
            };
            count(&shape, MAX_ELEMENTS)?;
            Ok(Tensor::floats(shape, (0..m * n).map(entry).collect()))
        }
        _ => Err(fault("one of the matrices", "constant floats", format!("{} and {}", a.kind(), b.kind()))),
    }
}

fn matmul(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let (a, b) = (call.input(0)?, call.input(1)?);
    let (Some(&k), Some(&columns)) = (a.shape.last(), b.shape.last()) else {
        return Err(fault("the matrices", "of rank 1 or more", "a number"));
    };
    // leading sides of 1 of the right matrix mean nothing, those of the left one are rows
    let lead = b.shape.len().saturating_sub(2);
    ensure(b.shape[..lead].iter().all(|side| *side == 1), "the second matrix", "of rank 2", format!("{:?}", b.shape))?;
    ensure(
        lead == 0 || lead + 2 <= a.shape.len(),
        "the second matrix's rank",
        "at most the first's",
        format!("{:?}", b.shape),
    )?;
    let vector = b.shape.len() == 1;
    let flat_b = b.with_shape(if vector { vec![columns, 1] } else { b.shape[lead..].to_vec() });
    let flat_a = a.with_shape(vec![a.len() / k.max(1), k]);
    let made = product(graph, &flat_a, &flat_b)?;
    let mut shape = a.shape[..a.shape.len() - 1].to_vec();
    if !vector {
        shape.push(columns);
    }
    Ok(made.with_shape(shape))
}

/// Strides, dilations, kernel sides and padding of a window over two axes; one axis is the second of two.
#[derive(Debug)]
struct Window {
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    before: [usize; 2],
    after: [usize; 2],
}

/// A spatial attribute, `[1, x]` for one axis.
fn spatial(call: &Call<'_>, name: &str, axes: usize, otherwise: usize, fill: usize) -> Checked<[usize; 2]> {
    let list = match call.attributes.integers(name) {
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

/// An input as `[1, C, H, W]`.
fn planes(x: &Tensor) -> Checked<([usize; 4], usize)> {
    match x.shape[..] {
        [1, c, h, w] => Ok(([1, c, h, w], 2)),
        [1, c, w] => Ok(([1, c, 1, w], 1)),
        _ => Err(fault("the input's shape", "[1, C, H, W] or [1, C, W]", format!("{:?}", x.shape))),
    }
}

/// The window of an operator on planes of the given sides.
fn window(call: &Call<'_>, kernel: [usize; 2], axes: usize, sides: [usize; 2]) -> Checked<Window> {
    let stride = spatial(call, "strides", axes, 1, 1)?;
    let dilation = spatial(call, "dilations", axes, 1, 1)?;
    let (mut before, mut after) = ([0; 2], [0; 2]);
    match call.attributes.text("auto_pad", "NOTSET")? {
        "NOTSET" | "" => {
            let pads = call
                .attributes
                .integers("pads")
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
    weights.as_floats("the weights")?;
    let shape = match weights.shape[..] {
        [a, b, h, w] if axes == 2 => [a, b, h, w],
        [a, b, w] if axes == 1 => [a, b, 1, w],
        _ => return Err(fault("the weights' rank", axes + 2, weights.shape.len())),
    };
    ensure(shape.iter().all(|side| *side > 0), "the weights' shape", "not empty", format!("{shape:?}"))?;
    ensure(shape[2].max(shape[3]) <= 4096, "the kernel's sides", "at most 4096", format!("{shape:?}"))?;
    if let Some(declared) = call.attributes.integers("kernel_shape").filter(|list| !list.is_empty()) {
        let own: Vec<i64> = weights.shape[2..].iter().map(|side| *side as i64).collect();
        ensure(declared == own, "kernel_shape", format!("{own:?}, as the weights"), format!("{declared:?}"))?;
    }
    Ok((weights, shape))
}

fn bias_of(call: &Call<'_>, outputs: usize) -> Checked<Vec<f64>> {
    let Some(bias) = call.optional(2) else { return Ok(vec![0.0; outputs]) };
    let list = bias.as_floats("the bias")?;
    ensure(list.len() == outputs, "the bias", format!("{outputs} numbers"), list.len())?;
    Ok(list.iter().map(|v| f64::from(*v)).collect())
}

fn groups_of(call: &Call<'_>) -> Checked<usize> {
    let groups = call.attributes.integer("group", 1);
    ensure((1..=1 << 20).contains(&groups), "group", "1 or more", groups)?;
    Ok(groups as usize)
}

fn restore(axes: usize, shape: [usize; 3], list: Vec<Element>) -> Tensor {
    let [c, h, w] = shape;
    Tensor::elements(if axes == 1 { vec![1, c, w] } else { vec![1, c, h, w] }, list)
}

fn conv(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let ([_, c, h, w], axes) = planes(call.input(0)?)?;
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
    let mut x = call.input(0)?.with_shape(vec![1, c, h, w]);
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
    Ok(restore(axes, shape, graph.node(shape, map, false)?))
}

fn conv_transpose(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let ([_, c, h, w], axes) = planes(call.input(0)?)?;
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
    let wanted = call.attributes.integers("output_shape").filter(|list| !list.is_empty());
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
    let input = call.input(0)?.as_elements("the input")?;
    let map = Combination::Product { input, geometry, weights: Arc::new(ordered), bias: bias_of(call, outputs)? };
    let shape = [outputs, made[0], made[1]];
    Ok(restore(axes, shape, graph.node(shape, map, false)?))
}

fn pool(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let ([_, c, h, w], axes) = planes(x)?;
    ensure(call.attributes.integers("kernel_shape").is_some(), "kernel_shape", "given", "nothing")?;
    let kernel = spatial(call, "kernel_shape", axes, 1, 1)?;
    let window = window(call, kernel, axes, [h, w])?;
    ensure(call.attributes.integer("storage_order", 0) == 0, "storage_order", 0, 1)?;
    ensure(call.outputs == 1, "the outputs", "one: indices are not supported", call.outputs)?;
    let up = call.attributes.integer("ceil_mode", 0) != 0;
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
    let output = if axes == 1 { vec![1, c, made[1]] } else { vec![1, c, made[0], made[1]] };
    if call.operator == "MaxPool" {
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
    let include = call.attributes.integer("count_include_pad", 0) != 0;
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

/// The element-wise maximum of many lists, in pairs.
fn maxima(graph: &mut Graph, shape: &[usize], mut terms: Vec<Elements>) -> Checked<Tensor> {
    while terms.len() > 1 {
        let mut next = Vec::with_capacity(terms.len().div_ceil(2));
        for pair in terms.chunks(2) {
            next.push(match pair {
                [a, b] => {
                    let (a, b) = (
                        Tensor { shape: shape.to_vec(), data: Data::Elements(a.clone()) },
                        Tensor { shape: shape.to_vec(), data: Data::Elements(b.clone()) },
                    );
                    graph.binary(Pairwise::Max, &a, &b)?.as_elements("a maximum")?
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

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reduce {
    Sum,
    Mean,
    Max,
}

fn reduce(graph: &mut Graph, x: &Tensor, axes: &[usize], keep: bool, kind: Reduce) -> Checked<Tensor> {
    let shape = &x.shape;
    let kept: Vec<usize> = (0..shape.len()).filter(|axis| !axes.contains(axis)).collect();
    let order: Vec<usize> = kept.iter().chain(axes).copied().collect();
    let moved = transpose(graph, x, &order)?;
    let size: usize = kept.iter().map(|axis| shape[*axis]).product();
    let terms = x.len() / size.max(1);
    ensure((1..=4096).contains(&terms), "the reduced elements", "1..=4096", terms)?;
    let made: Vec<usize> = if keep {
        (0..shape.len()).map(|axis| if axes.contains(&axis) { 1 } else { shape[axis] }).collect()
    } else {
        kept.iter().map(|axis| shape[*axis]).collect()
    };
    let list = moved.as_elements("the input")?;
    let views: Vec<Elements> =
        (0..terms).map(|t| Arc::new((0..size).map(|at| list[at * terms + t]).collect())).collect();
    if kind == Reduce::Max {
        return maxima(graph, &made, views);
    }
    if matches!(x.data, Data::Floats(_)) {
        let factor = if kind == Reduce::Mean { 1.0 / terms as f64 } else { 1.0 };
        let of = |at: usize| {
            views.iter().map(|view| if let Element::Constant(c) = view[at] { f64::from(c) } else { 0.0 }).sum::<f64>()
                * factor
        };
        return Ok(Tensor::floats(made, (0..size).map(|at| of(at) as f32).collect()));
    }
    let factor = if kind == Reduce::Mean { 1.0 / terms as f64 } else { 1.0 };
    graph.sum(&made, views.into_iter().map(|view| (factor, view)).collect(), false)
}
