//! Element-wise operators of several tensors.
use super::{
    super::{
        error::{Checked, ensure, fault},
        graph::Graph,
        pairwise::Pairwise,
        tensor::{Data, Tensor, Type, broadcast},
    },
    Call,
    elementwise::swish_of,
};

macro_rules! pairs {
    ($($name:ident: $kind:ident;)*) => {
        $(pub(super) fn $name(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
            graph.pairwise(Pairwise::$kind, call.input(0)?, call.input(1)?)
        })*
    };
}

pairs! {
    add: Add;
    sub: Sub;
    mul: Mul;
    div: Div;
    less: Less;
    less_or_equal: LessOrEqual;
    equal: Equal;
    and: And;
    or: Or;
    xor: Xor;
}

pub(super) fn greater(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    graph.pairwise(Pairwise::Less, call.input(1)?, call.input(0)?)
}

pub(super) fn greater_or_equal(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    graph.pairwise(Pairwise::LessOrEqual, call.input(1)?, call.input(0)?)
}

fn all(graph: &mut Graph, call: &Call<'_>, kind: Pairwise) -> Checked<Tensor> {
    let mut made = call.input(0)?.clone();
    for index in 1..call.inputs.len() {
        made = graph.pairwise(kind, &made, call.input(index)?)?;
    }
    Ok(made)
}

pub(super) fn max(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    all(graph, call, Pairwise::Max)
}

pub(super) fn min(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    all(graph, call, Pairwise::Min)
}

pub(super) fn sum(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    all(graph, call, Pairwise::Add)
}

pub(super) fn mean(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let made = all(graph, call, Pairwise::Add)?;
    graph.uniform(&made, 1.0 / call.inputs.len() as f64, 0.0)
}

pub(super) fn pow(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let (base, exponent) = (call.input(0)?, call.input(1)?);
    if base.kind.is_float()
        && let Data::Integers(list) = &exponent.data
    {
        let floats = Tensor::rounded(exponent.shape.clone(), Type::Double, list.iter().map(|value| *value as f64))?;
        return graph.pairwise(Pairwise::Power, base, &floats);
    }
    graph.pairwise(Pairwise::Power, base, exponent)
}

pub(super) fn modulo(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let kind = match call.attributes.integer("fmod", 0)? {
        0 => Pairwise::Modulo,
        1 => Pairwise::Remainder,
        other => return Err(fault("fmod", "0 or 1", other)),
    };
    graph.pairwise(kind, call.input(0)?, call.input(1)?)
}

pub(super) fn p_relu(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let (x, slope) = (call.input(0)?, call.input(1)?);
    slope.as_floats("the slope")?;
    let own = &x.shape;
    let fits = broadcast(own, &slope.shape).is_ok_and(|shape| shape == *own);
    // a slope of shape [C] in older exports belongs to channels
    let channels = own.get(1).copied().unwrap_or(0);
    if !fits && slope.shape == [channels] {
        let shape = std::iter::once(channels).chain(own.iter().skip(2).map(|_| 1)).collect();
        return graph.pairwise(Pairwise::Slope, x, &slope.with_shape(shape));
    }
    ensure(fits, "the slope's shape", format!("such as broadcasts to {own:?}"), format!("{:?}", slope.shape))?;
    graph.pairwise(Pairwise::Slope, x, slope)
}

pub(super) fn choose(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let condition = call.input(0)?;
    ensure(!condition.kind.is_float(), "the condition", "booleans", condition.describe())?;
    graph.choose(condition, call.input(1)?, call.input(2)?)
}

pub(super) fn swi_glu(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let (gate, value) = (call.input(0)?, call.input(1)?);
    ensure(
        gate.shape == value.shape,
        "the inputs' shapes",
        "equal",
        format!("{:?} and {:?}", gate.shape, value.shape),
    )?;
    let alpha = f64::from(call.attributes.float("alpha", 1.0)?);
    let gate = graph.unary(gate, &|f, x| swish_of(f, x, alpha))?;
    graph.pairwise(Pairwise::Mul, &gate, value)
}
