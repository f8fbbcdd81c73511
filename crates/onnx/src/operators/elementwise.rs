//! Operators of one element each: whatever their name, they end in a table.
use super::{
    super::{
        error::{Checked, ensure, fault},
        function::{Binary, FunctionId, Functions, Number, Unary},
        graph::Graph,
        tensor::{Data, Tensor, Type},
    },
    Call,
};

macro_rules! functions {
    ($($name:ident: $function:expr;)*) => {
        $(pub(super) fn $name(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
            apply(graph, call, &|f, x| f.unary($function, x))
        })*
    };
}

functions! {
    relu: Unary::Relu;
    abs: Unary::Abs;
    sign: Unary::Sign;
    floor: Unary::Floor;
    ceil: Unary::Ceil;
    round: Unary::Round;
    tanh: Unary::Tanh;
    sigmoid: Unary::Sigmoid;
    exp: Unary::Exp;
    log: Unary::Log;
    sqrt: Unary::Sqrt;
    erf: Unary::Erf;
    reciprocal: Unary::Reciprocal;
    softplus: Unary::Softplus;
    sin: Unary::Sin;
    cos: Unary::Cos;
    tan: Unary::Tan;
    asin: Unary::Asin;
    acos: Unary::Acos;
    atan: Unary::Atan;
    sinh: Unary::Sinh;
    cosh: Unary::Cosh;
    asinh: Unary::Asinh;
    acosh: Unary::Acosh;
    atanh: Unary::Atanh;
}

fn apply(
    graph: &mut Graph,
    call: &Call<'_>,
    build: &dyn Fn(&mut Functions, FunctionId) -> FunctionId,
) -> Checked<Tensor> {
    let x = call.input(0)?;
    let whole_numbers = matches!(x.data, Data::Integers(_)) && !["Abs", "Relu", "Sign", "Neg"].contains(&call.operator);
    ensure(!whole_numbers, "the input", "floats", x.describe())?;
    graph.unary(x, build)
}

/// An attribute that is one number.
fn number(call: &Call<'_>, name: &str, otherwise: f32) -> Checked<f64> {
    call.attributes.float(name, otherwise).map(f64::from)
}

pub(super) fn neg(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    match &x.data {
        Data::Integers(list) => {
            let made = Tensor::integers(x.shape.clone(), list.iter().map(|value| value.wrapping_neg()).collect());
            Ok(Tensor { kind: x.kind, ..made })
        }
        _ => graph.uniform(x, -1.0, 0.0),
    }
}

pub(super) fn not(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    ensure(x.kind == Type::Bool, "the input", "booleans", x.describe())?;
    graph.unary(x, &|f, x| f.affine(x, -1.0, 1.0))
}

pub(super) fn is_na_n(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    Ok(apply(graph, call, &|f, x| f.unary(Unary::NotANumber, x))?.with_type(Type::Bool))
}

/// Activations that are infinite are refused, so that none is.
pub(super) fn is_inf(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    call.attributes.integer("detect_negative", 1)?;
    call.attributes.integer("detect_positive", 1)?;
    Ok(apply(graph, call, &|f, _| f.constant(0.0))?.with_type(Type::Bool))
}

pub(super) fn leaky_relu(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let slope = Number::new(number(call, "alpha", 0.01)?);
    apply(graph, call, &|f, x| f.unary(Unary::Leaky(slope), x))
}

pub(super) fn elu(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let alpha = Number::new(number(call, "alpha", 1.0)?);
    apply(graph, call, &|f, x| f.unary(Unary::Elu(alpha), x))
}

pub(super) fn celu(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let alpha = number(call, "alpha", 1.0)?;
    ensure(alpha != 0.0, "alpha", "not 0", alpha)?;
    // max(0, x) + min(0, alpha (exp(x / alpha) - 1))
    apply(graph, call, &|f, x| {
        let positive = f.unary(Unary::Relu, x);
        let inner = f.affine(x, 1.0 / alpha, 0.0);
        let inner = f.unary(Unary::Exp, inner);
        let inner = f.affine(inner, alpha, -alpha);
        let negative = f.unary(Unary::Clip(Number::new(f64::NEG_INFINITY), Number::new(0.0)), inner);
        f.binary(Binary::Add, positive, negative)
    })
}

pub(super) fn selu(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let alpha = Number::new(number(call, "alpha", 1.673_263_2)?);
    let gamma = number(call, "gamma", 1.050_701)?;
    apply(graph, call, &|f, x| {
        let x = f.unary(Unary::Elu(alpha), x);
        f.affine(x, gamma, 0.0)
    })
}

pub(super) fn thresholded_relu(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let alpha = number(call, "alpha", 1.0)?;
    apply(graph, call, &|f, x| {
        let (least, zero) = (f.constant(alpha), f.constant(0.0));
        let above = f.binary(Binary::Less, least, x);
        f.select(above, x, zero)
    })
}

pub(super) fn shrink(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let (lambda, bias) = (number(call, "lambd", 0.5)?, number(call, "bias", 0.0)?);
    apply(graph, call, &|f, x| {
        let (low, high, zero) = (f.constant(-lambda), f.constant(lambda), f.constant(0.0));
        let (below, above) = (f.binary(Binary::Less, x, low), f.binary(Binary::Less, high, x));
        let (up, down) = (f.affine(x, 1.0, bias), f.affine(x, 1.0, -bias));
        let otherwise = f.select(above, down, zero);
        f.select(below, up, otherwise)
    })
}

fn hard_sigmoid_of(f: &mut Functions, x: FunctionId, alpha: f64, beta: f64) -> FunctionId {
    let x = f.affine(x, alpha, beta);
    f.unary(Unary::Clip(Number::new(0.0), Number::new(1.0)), x)
}

pub(super) fn hard_sigmoid(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let (alpha, beta) = (number(call, "alpha", 0.2)?, number(call, "beta", 0.5)?);
    apply(graph, call, &|f, x| hard_sigmoid_of(f, x, alpha, beta))
}

pub(super) fn hard_swish(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    apply(graph, call, &|f, x| {
        let gate = hard_sigmoid_of(f, x, 1.0 / 6.0, 0.5);
        f.binary(Binary::Mul, x, gate)
    })
}

/// `x * Sigmoid(alpha * x)`.
pub(super) fn swish_of(f: &mut Functions, x: FunctionId, alpha: f64) -> FunctionId {
    let gate = f.affine(x, alpha, 0.0);
    let gate = f.unary(Unary::Sigmoid, gate);
    f.binary(Binary::Mul, x, gate)
}

pub(super) fn swish(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let alpha = number(call, "alpha", 1.0)?;
    apply(graph, call, &|f, x| swish_of(f, x, alpha))
}

pub(super) fn mish(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    apply(graph, call, &|f, x| {
        let gate = f.unary(Unary::Softplus, x);
        let gate = f.unary(Unary::Tanh, gate);
        f.binary(Binary::Mul, x, gate)
    })
}

pub(super) fn softsign(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    apply(graph, call, &|f, x| {
        let size = f.unary(Unary::Abs, x);
        let size = f.affine(size, 1.0, 1.0);
        f.binary(Binary::Div, x, size)
    })
}

pub(super) fn gelu(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let tanh = match call.attributes.text("approximate", "none")? {
        "none" => false,
        "tanh" => true,
        other => return Err(fault("approximate", "none or tanh", other)),
    };
    apply(graph, call, &|f, x| {
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

pub(super) fn clip(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    if call.since < 11 {
        low = call.attributes.find("min").map_or(low, |a| f64::from(a.f));
        high = call.attributes.find("max").map_or(high, |a| f64::from(a.f));
    } else {
        if let Some(bound) = call.optional(1) {
            low = bound.as_scalar("min")?;
        }
        if let Some(bound) = call.optional(2) {
            high = bound.as_scalar("max")?;
        }
    }
    ensure(!low.is_nan() && !high.is_nan(), "min and max", "numbers", format!("{low} and {high}"))?;
    if low > high {
        // what ONNX says of bounds out of order
        return graph.uniform(call.input(0)?, 0.0, high);
    }
    match (low, high) {
        (0.0, f64::INFINITY) => graph.unary(call.input(0)?, &|f, x| f.unary(Unary::Relu, x)),
        _ => graph.unary(call.input(0)?, &|f, x| f.unary(Unary::Clip(Number::new(low), Number::new(high)), x)),
    }
}
