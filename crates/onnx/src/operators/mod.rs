//! What each ONNX operator does to tensors: one table, and a file for each family.
//!
//! Nothing is read that is not known. An operator has the versions whose meaning is implemented, and the attributes that they
//! have; a version or an attribute that is not listed is refused, so that none is ignored.
mod combine;
mod constants;
mod conv;
mod elementwise;
mod fixed;
mod grid;
mod linear;
mod norm;
mod pick;
mod pool;
mod reduce;
mod resize;
mod shape;

use super::{
    error::{Checked, Fault, ensure, fault},
    graph::Graph,
    proto::Attributes,
    tensor::Tensor,
};
use Apply::{Many, One};

/// The newest operator set whose changes are known.
pub const NEWEST_OPERATOR_SET: i64 = 28;

/// An operator that is read.
#[derive(Clone, Copy, Debug)]
pub struct Operator {
    /// Its name.
    pub name: &'static str,
    /// The operator sets in which a meaning of it begins that is read.
    pub since: &'static [i64],
    /// Its attributes.
    pub attributes: &'static [&'static str],
    apply: Apply,
}

/// The table of `docs/models.md`: a line for each operator of [`OPERATORS`].
pub fn operator_table() -> String {
    let list = |items: Vec<String>| items.join(", ");
    let line = |operator: &Operator| {
        let since = list(operator.since.iter().map(ToString::to_string).collect());
        let attributes = list(operator.attributes.iter().map(ToString::to_string).collect());
        format!("| {} | {since} | {attributes} |\n", operator.name)
    };
    let head = format!(
        "| operator | read in the meanings that begin with operator set (up to {NEWEST_OPERATOR_SET}) | attributes |\n|---|---|---|\n"
    );
    head + &OPERATORS.iter().map(line).collect::<String>()
}

/// How an operator is applied.
#[derive(Clone, Copy, Debug)]
enum Apply {
    One(fn(&mut Graph, &Call<'_>) -> Checked<Tensor>),
    Many(fn(&mut Graph, &Call<'_>) -> Checked<Vec<Tensor>>),
}

const fn op(name: &'static str, since: &'static [i64], attributes: &'static [&'static str], apply: Apply) -> Operator {
    Operator { name, since, attributes, apply }
}

/// The operators that are understood, in order of their names. `If` and a model's own functions are read beside them.
pub const OPERATORS: &[Operator] = &[
    op("Abs", &[6, 13], &[], One(elementwise::abs)),
    op("Acos", &[7, 22], &[], One(elementwise::acos)),
    op("Acosh", &[9, 22], &[], One(elementwise::acosh)),
    op("Add", &[7, 13, 14], &[], One(combine::add)),
    op("AffineGrid", &[20], &["align_corners"], One(grid::affine_grid)),
    op("And", &[7], &[], One(combine::and)),
    op("Asin", &[7, 22], &[], One(elementwise::asin)),
    op("Asinh", &[9, 22], &[], One(elementwise::asinh)),
    op("Atan", &[7, 22], &[], One(elementwise::atan)),
    op("Atanh", &[9, 22], &[], One(elementwise::atanh)),
    op(
        "AveragePool",
        &[7, 10, 11, 19, 22],
        &["auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides"],
        One(pool::average_pool),
    ),
    op(
        "BatchNormalization",
        &[7, 9, 14, 15],
        &["epsilon", "momentum", "spatial", "training_mode"],
        One(norm::batch_normalization),
    ),
    op("Cast", &[6, 9, 13, 19, 21, 23, 24, 25, 28], &["round_mode", "saturate", "to"], One(constants::cast)),
    op("CastLike", &[15, 19, 21, 23, 24, 25], &["round_mode", "saturate"], One(constants::cast_like)),
    op("Ceil", &[6, 13], &[], One(elementwise::ceil)),
    op("Celu", &[12, 28], &["alpha"], One(elementwise::celu)),
    op("CenterCropPad", &[18], &["axes"], One(pick::center_crop_pad)),
    op("Clip", &[6, 11, 12, 13], &["max", "min"], One(elementwise::clip)),
    op("Compress", &[9, 11, 28], &["axis"], One(pick::compress)),
    op("Concat", &[4, 11, 13], &["axis"], One(shape::concat)),
    op(
        "Constant",
        &[1, 9, 11, 12, 13, 19, 21, 23, 24, 25],
        &["value", "value_float", "value_floats", "value_int", "value_ints"],
        One(constants::constant),
    ),
    op("ConstantOfShape", &[9, 20, 21, 23, 24, 25], &["value"], One(constants::constant_of_shape)),
    op("Conv", &[1, 11, 22], &["auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"], One(conv::conv)),
    op(
        "ConvTranspose",
        &[1, 11, 22],
        &["auto_pad", "dilations", "group", "kernel_shape", "output_padding", "output_shape", "pads", "strides"],
        One(conv::conv_transpose),
    ),
    op("Cos", &[7, 22], &[], One(elementwise::cos)),
    op("Cosh", &[9, 22], &[], One(elementwise::cosh)),
    op("CumSum", &[11, 14], &["exclusive", "reverse"], One(linear::cum_sum)),
    op("DepthToSpace", &[1, 11, 13, 28], &["blocksize", "mode"], One(shape::depth_to_space)),
    op(
        "DequantizeLinear",
        &[10, 13, 19, 21, 23, 24, 25, 28],
        &["axis", "block_size", "output_dtype"],
        One(constants::dequantize_linear),
    ),
    op("Div", &[7, 13, 14], &[], One(combine::div)),
    op("Dropout", &[7, 10, 12, 13, 22], &["ratio", "seed"], One(shape::dropout)),
    op("Einsum", &[12, 28], &["equation"], One(linear::einsum)),
    op("Elu", &[6, 22], &["alpha"], One(elementwise::elu)),
    op("Equal", &[7, 11, 13, 19], &[], One(combine::equal)),
    op("Erf", &[9, 13], &[], One(elementwise::erf)),
    op("Exp", &[6, 13], &[], One(elementwise::exp)),
    op("Expand", &[8, 13], &[], One(shape::expand)),
    op("EyeLike", &[9, 22], &["dtype", "k"], One(constants::eye_like)),
    op("Flatten", &[1, 9, 11, 13, 21, 23, 24, 25], &["axis"], One(shape::flatten)),
    op("Floor", &[6, 13], &[], One(elementwise::floor)),
    op("Gather", &[1, 11, 13], &["axis"], One(pick::gather)),
    op("GatherElements", &[11, 13], &["axis"], One(pick::gather_elements)),
    op("GatherND", &[11, 12, 13], &["batch_dims"], One(pick::gather_nd)),
    op("Gelu", &[20], &["approximate"], One(elementwise::gelu)),
    op("Gemm", &[7, 9, 11, 13], &["alpha", "beta", "transA", "transB"], One(linear::gemm)),
    op("GlobalAveragePool", &[1, 22], &[], One(pool::global_average_pool)),
    op("GlobalLpPool", &[2, 22], &["p"], One(pool::global_lp_pool)),
    op("GlobalMaxPool", &[1, 22], &[], One(pool::global_max_pool)),
    op("Greater", &[7, 9, 13], &[], One(combine::greater)),
    op("GreaterOrEqual", &[12, 16], &[], One(combine::greater_or_equal)),
    op("GridSample", &[16, 20, 22], &["align_corners", "mode", "padding_mode"], One(grid::grid_sample)),
    op("GroupNormalization", &[18, 21], &["epsilon", "num_groups", "stash_type"], One(norm::group_normalization)),
    op("HardSigmoid", &[6, 22], &["alpha", "beta"], One(elementwise::hard_sigmoid)),
    op("HardSwish", &[14, 22], &[], One(elementwise::hard_swish)),
    op("Identity", &[1, 13, 14, 16, 19, 21, 23, 24, 25], &[], One(shape::identity)),
    op("InstanceNormalization", &[6, 22], &["epsilon"], One(norm::instance_normalization)),
    op("IsInf", &[10, 20], &["detect_negative", "detect_positive"], One(elementwise::is_inf)),
    op("IsNaN", &[9, 13, 20], &[], One(elementwise::is_na_n)),
    op("LayerNormalization", &[17], &["axis", "epsilon", "stash_type"], One(norm::layer_normalization)),
    op("LeakyRelu", &[6, 16], &["alpha"], One(elementwise::leaky_relu)),
    op("Less", &[7, 9, 13], &[], One(combine::less)),
    op("LessOrEqual", &[12, 16], &[], One(combine::less_or_equal)),
    op("Log", &[6, 13], &[], One(elementwise::log)),
    op("LogSoftmax", &[1, 11, 13], &["axis"], One(norm::log_softmax)),
    op("LpNormalization", &[1, 22], &["axis", "p"], One(norm::lp_normalization)),
    op(
        "LpPool",
        &[2, 11, 18, 22],
        &["auto_pad", "ceil_mode", "dilations", "kernel_shape", "p", "pads", "strides"],
        One(pool::lp_pool),
    ),
    op("MatMul", &[1, 9, 13], &[], One(linear::mat_mul)),
    op("Max", &[6, 8, 12, 13], &[], One(combine::max)),
    op(
        "MaxPool",
        &[1, 8, 10, 11, 12, 22],
        &["auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides"],
        One(pool::max_pool),
    ),
    op("Mean", &[6, 8, 13], &[], One(combine::mean)),
    op("MeanVarianceNormalization", &[9, 13], &["axes"], One(norm::mean_variance_normalization)),
    op("Min", &[6, 8, 12, 13], &[], One(combine::min)),
    op("Mish", &[18, 22], &[], One(elementwise::mish)),
    op("Mod", &[10, 13, 28], &["fmod"], One(combine::modulo)),
    op("Mul", &[7, 13, 14], &[], One(combine::mul)),
    op("Neg", &[6, 13], &[], One(elementwise::neg)),
    op("NonZero", &[9, 13], &[], One(constants::non_zero)),
    op("Not", &[1], &[], One(elementwise::not)),
    op("OneHot", &[9, 11, 28], &["axis"], One(constants::one_hot)),
    op("Or", &[7], &[], One(combine::or)),
    op("PRelu", &[7, 9, 16], &[], One(combine::p_relu)),
    op("Pad", &[2, 11, 13, 18, 19, 21, 23, 24, 25], &["mode", "pads", "value"], One(pick::pad)),
    op("Pow", &[7, 12, 13, 15], &[], One(combine::pow)),
    op(
        "QuantizeLinear",
        &[10, 13, 19, 21, 23, 24, 25, 28],
        &["axis", "block_size", "output_dtype", "precision", "saturate"],
        One(constants::quantize_linear),
    ),
    op("RMSNormalization", &[23], &["axis", "epsilon", "stash_type"], One(norm::rms_normalization)),
    op("Range", &[11, 27], &["stash_type"], One(constants::range)),
    op("Reciprocal", &[6, 13], &[], One(elementwise::reciprocal)),
    op("ReduceL1", &[1, 11, 13, 18], &["axes", "keepdims", "noop_with_empty_axes"], One(reduce::reduce_l1)),
    op("ReduceL2", &[1, 11, 13, 18], &["axes", "keepdims", "noop_with_empty_axes"], One(reduce::reduce_l2)),
    op(
        "ReduceLogSum",
        &[1, 11, 13, 18, 28],
        &["axes", "keepdims", "noop_with_empty_axes"],
        One(reduce::reduce_log_sum),
    ),
    op(
        "ReduceLogSumExp",
        &[1, 11, 13, 18, 28],
        &["axes", "keepdims", "noop_with_empty_axes"],
        One(reduce::reduce_log_sum_exp),
    ),
    op("ReduceMax", &[1, 11, 12, 13, 18, 20], &["axes", "keepdims", "noop_with_empty_axes"], One(reduce::reduce_max)),
    op("ReduceMean", &[1, 11, 13, 18], &["axes", "keepdims", "noop_with_empty_axes"], One(reduce::reduce_mean)),
    op("ReduceMin", &[1, 11, 12, 13, 18, 20], &["axes", "keepdims", "noop_with_empty_axes"], One(reduce::reduce_min)),
    op("ReduceProd", &[1, 11, 13, 18], &["axes", "keepdims", "noop_with_empty_axes"], One(reduce::reduce_prod)),
    op("ReduceSum", &[1, 11, 13], &["axes", "keepdims", "noop_with_empty_axes"], One(reduce::reduce_sum)),
    op(
        "ReduceSumSquare",
        &[1, 11, 13, 18],
        &["axes", "keepdims", "noop_with_empty_axes"],
        One(reduce::reduce_sum_square),
    ),
    op("Relu", &[6, 13, 14], &[], One(elementwise::relu)),
    op("Reshape", &[5, 13, 14, 19, 21, 23, 24, 25], &["allowzero"], One(shape::reshape)),
    op(
        "Resize",
        &[10, 11, 13, 18, 19],
        &[
            "antialias",
            "axes",
            "coordinate_transformation_mode",
            "cubic_coeff_a",
            "exclude_outside",
            "extrapolation_value",
            "keep_aspect_ratio_policy",
            "mode",
            "nearest_mode",
        ],
        One(resize::resize),
    ),
    op("Round", &[11, 22], &[], One(elementwise::round)),
    op("Scatter", &[9], &["axis"], One(pick::scatter)),
    op("ScatterElements", &[11, 13, 16, 18], &["axis", "reduction"], One(pick::scatter_elements)),
    op("ScatterND", &[11, 13, 16, 18], &["reduction"], One(pick::scatter_nd)),
    op("Selu", &[6, 22], &["alpha", "gamma"], One(elementwise::selu)),
    op("Shape", &[1, 13, 15, 19, 21, 23, 24, 25], &["end", "start"], One(constants::shape)),
    op("Shrink", &[9], &["bias", "lambd"], One(elementwise::shrink)),
    op("Sigmoid", &[6, 13], &[], One(elementwise::sigmoid)),
    op("Sign", &[9, 13], &[], One(elementwise::sign)),
    op("Sin", &[7, 22], &[], One(elementwise::sin)),
    op("Sinh", &[9, 22], &[], One(elementwise::sinh)),
    op("Size", &[1, 13, 19, 21, 23, 24, 25], &[], One(constants::size)),
    op("Slice", &[1, 10, 11, 13], &["axes", "ends", "starts"], One(pick::slice)),
    op("Softmax", &[1, 11, 13], &["axis"], One(norm::softmax)),
    op("Softplus", &[1, 22], &[], One(elementwise::softplus)),
    op("Softsign", &[1, 22], &[], One(elementwise::softsign)),
    op("SpaceToDepth", &[1, 13, 28], &["blocksize", "mode"], One(shape::space_to_depth)),
    op("Split", &[2, 11, 13, 18], &["axis", "num_outputs", "split"], Many(shape::split)),
    op("Sqrt", &[6, 13], &[], One(elementwise::sqrt)),
    op("Squeeze", &[1, 11, 13, 21, 23, 24, 25], &["axes"], One(shape::squeeze)),
    op("Sub", &[7, 13, 14], &[], One(combine::sub)),
    op("Sum", &[6, 8, 13], &[], One(combine::sum)),
    op("SwiGLU", &[28], &["alpha"], One(combine::swi_glu)),
    op("Swish", &[24], &["alpha"], One(elementwise::swish)),
    op("Tan", &[7, 22], &[], One(elementwise::tan)),
    op("Tanh", &[6, 13], &[], One(elementwise::tanh)),
    op("ThresholdedRelu", &[10, 22], &["alpha"], One(elementwise::thresholded_relu)),
    op("Tile", &[6, 13], &[], One(shape::tile)),
    op("Transpose", &[1, 13, 21, 23, 24, 25], &["perm"], One(shape::transpose)),
    op("Trilu", &[14], &["upper"], One(pick::trilu)),
    op("Unsqueeze", &[1, 11, 13, 21, 23, 24, 25], &["axes"], One(shape::unsqueeze)),
    op("Upsample", &[7, 9], &["mode", "scales"], One(resize::upsample)),
    op("Where", &[9, 16], &[], One(combine::choose)),
    op("Xor", &[7], &[], One(combine::xor)),
];

/// The operator of a name.
pub(crate) fn find(name: &str) -> Option<&'static Operator> {
    OPERATORS.binary_search_by_key(&name, |operator| operator.name).ok().map(|at| &OPERATORS[at])
}

/// Every version of the operators that are read, where it is not read: the operator sets in which a meaning begins that is not
/// implemented. Between two entries of [`Operator::since`] an operator is unchanged.
const CHANGED: &[(&str, &[i64])] = &[("Scatter", &[11]), ("Upsample", &[10])];

impl Operator {
    /// The operator set in which the meaning began that holds in `opset`; `None` where that one is not read.
    pub(crate) fn version(&self, opset: i64) -> Option<i64> {
        let changed = CHANGED.iter().filter(|(name, _)| *name == self.name).flat_map(|(_, sets)| *sets);
        let read = self.since.iter().filter(|since| **since <= opset).max()?;
        let newer = changed.filter(|since| **since <= opset).max();
        newer.is_none_or(|newer| newer < read).then_some(*read)
    }
}

/// A node with its inputs at hand.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) operator: &'a str,
    pub(crate) inputs: Vec<Option<&'a Tensor>>,
    pub(crate) attributes: Attributes<'a>,
    pub(crate) outputs: usize,
    /// The operator set in which the meaning of the operator began.
    pub(crate) since: i64,
}

impl<'a> Call<'a> {
    fn optional(&self, index: usize) -> Option<&'a Tensor> {
        self.inputs.get(index).copied().flatten()
    }

    fn input(&self, index: usize) -> Checked<&'a Tensor> {
        self.optional(index).ok_or_else(|| fault("the inputs", format!("at least {}", index + 1), self.inputs.len()))
    }

    /// Integers that are an attribute in older operator sets and an input in newer ones.
    fn listed(&self, name: &str, index: usize) -> Checked<Option<Vec<i64>>> {
        match (self.attributes.integers(name)?, self.optional(index)) {
            (Some(list), _) => Ok(Some(list.to_vec())),
            (None, Some(tensor)) => Ok(Some(constant_integers(tensor, name)?.to_vec())),
            (None, None) => Ok(None),
        }
    }
}

/// Integers that decide what is computed.
fn constant_integers<'t>(tensor: &'t Tensor, what: &str) -> Checked<&'t [i64]> {
    let controls =
        |fault: Fault| if tensor.is_constant() { fault } else { fault.of(super::Kind::ControlDependsOnLatent) };
    tensor.as_integers(what).map_err(controls)
}

/// What a node gives for its outputs; the ones behind the first may be left out.
pub(crate) fn evaluate(operator: &Operator, graph: &mut Graph, call: &Call<'_>) -> Checked<Vec<Tensor>> {
    for attribute in call.attributes.names() {
        let known = operator.attributes.contains(&attribute);
        ensure(known, format!("the attribute {attribute:?}"), "one of the operator's", "one that is not known")?;
    }
    let may_be_empty =
        ["Cast", "CastLike", "Concat", "Constant", "ConstantOfShape", "Expand", "Identity", "Shape", "Size", "Reshape"];
    if !may_be_empty.contains(&call.operator) && call.optional(0).is_some_and(|tensor| tensor.len() == 0) {
        return Err(fault("the input", "not empty", "no elements"));
    }
    match operator.apply {
        One(apply) => apply(graph, call).map(|tensor| vec![tensor]),
        Many(apply) => apply(graph, call),
    }
}

/// An axis that may be counted from the end.
fn axis_of(axis: i64, rank: usize) -> Checked<usize> {
    let rank = rank as i64;
    let from_start = if axis < 0 { axis.saturating_add(rank) } else { axis };
    ensure((0..rank).contains(&from_start), "an axis", format!("{}..={}", -rank, rank - 1), axis)?;
    Ok(from_start as usize)
}

/// Distinct axes that may be counted from the end.
fn axes_of(axes: &[i64], rank: usize) -> Checked<Vec<usize>> {
    ensure(axes.len() <= rank, "the axes", format!("at most {rank}"), axes.len())?;
    let made = axes.iter().map(|axis| axis_of(*axis, rank)).collect::<Checked<Vec<_>>>()?;
    let distinct = (0..made.len()).all(|at| !made[..at].contains(&made[at]));
    ensure(distinct, "the axes", "distinct", format!("{axes:?}"))?;
    Ok(made)
}

/// Sides of a shape.
fn sizes(list: &[i64]) -> Checked<Vec<usize>> {
    ensure(list.len() <= 8, "the dimensions", "at most 8", list.len())?;
    list.iter().map(|&side| usize::try_from(side).map_err(|_| fault("a side", "0 or more", side))).collect()
}

#[cfg(test)]
mod tests {
    use super::OPERATORS;

    #[test]
    fn the_table_is_in_order() {
        assert!(OPERATORS.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert!(OPERATORS.iter().all(|operator| operator.since.is_sorted() && operator.attributes.is_sorted()));
    }
}
