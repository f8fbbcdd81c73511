//! Which input is the latent, which are labels, and which output is the picture.
use super::{
    error::{ImportError, Kind, graph_error},
    proto::{shown, tensor_error},
    tensor::{Tensor, Type},
};
use tract_onnx::pb::{
    GraphProto, ModelProto, ValueInfoProto, tensor_shape_proto::dimension::Value as Dimension,
    type_proto::Value as TypeValue,
};
use veilmark_statement::model::MAX_LATENT;

/// The inputs of a network: one latent, and what is fixed.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) input: String,
    pub(crate) input_shape: Vec<usize>,
    pub(crate) batch: Option<usize>,
    pub(crate) fixed: Vec<(String, Tensor)>,
}

/// Names with their shapes, for people.
fn listed(list: &[&ValueInfoProto]) -> String {
    let side = |side: &Option<i64>| side.map_or_else(|| "?".to_owned(), |side| side.to_string());
    let shape = |info: &ValueInfoProto| {
        declared(info).map_or_else(String::new, |s| format!(" [{}]", s.iter().map(side).collect::<Vec<_>>().join(", ")))
    };
    let names: Vec<_> = list.iter().take(8).map(|info| format!("{:?}{}", shown(&info.name), shape(info))).collect();
    format!("{}: {}", list.len(), names.join(", "))
}

/// The output that is the picture.
pub(crate) fn output_of(graph: &GraphProto, wanted: Option<&str>) -> Result<String, ImportError> {
    let all: Vec<&ValueInfoProto> = graph.output.iter().collect();
    match (wanted, &all[..]) {
        (None, [one]) => Ok(one.name.clone()),
        (None, _) => Err(graph_error(Kind::Outputs, "the outputs", "one, the picture", listed(&all))),
        (Some(name), _) if all.iter().any(|info| info.name == name) => Ok(name.to_owned()),
        (Some(name), _) => {
            let expected = format!("one of the file's {}", listed(&all));
            Err(graph_error(Kind::Outputs, "the output's name", expected, format!("{:?}", shown(name))))
        }
    }
}

/// The declared type; a file that does not say it means floats.
fn kind_of(info: &ValueInfoProto) -> Result<Type, ImportError> {
    let Some(TypeValue::TensorType(tensor)) = info.r#type.as_ref().and_then(|kind| kind.value.as_ref()) else {
        return Ok(Type::Float);
    };
    let got = || format!("type {}", tensor.elem_type);
    Type::of(tensor.elem_type)
        .ok_or_else(|| tensor_error(Kind::Type, &info.name, "the input's type", "floats or integers", got()))
}

/// Tells the latent from labels, among the inputs that are read.
pub(crate) fn bind(used: &[&ValueInfoProto], label: Option<u32>) -> Result<Bound, ImportError> {
    let mut floats = Vec::new();
    let mut labels = Vec::new();
    for info in used {
        if kind_of(info)?.is_float() { floats.push(*info) } else { labels.push(*info) }
    }
    // two inputs of floats, and a label: the second is the label, one of its entries 1
    if let (Some(_), [first, second]) = (label, &floats[..])
        && labels.is_empty()
    {
        labels.push(*second);
        floats = vec![*first];
    }
    let [latent] = floats[..] else {
        if used.is_empty() {
            return Err(ImportError::ConstantPicture { reason: "no input is read" });
        }
        return Err(graph_error(Kind::Inputs, "the inputs of floats", "one, the latent", listed(&floats)));
    };
    match (label, &labels[..]) {
        (None, []) => {}
        (None, _) => {
            return Err(graph_error(Kind::Label, "the inputs", "one, the latent, or a label beside it", listed(used)));
        }
        (Some(_), [_]) => {}
        (Some(_), _) => {
            let expected = "one, an integer or a list with one 1, beside the latent";
            return Err(graph_error(Kind::Label, "the labels", expected, listed(&labels)));
        }
    }
    let fixed = match (label, &labels[..]) {
        (Some(label), [info]) => vec![(info.name.clone(), label_of(info, label)?)],
        _ => vec![],
    };
    let (input_shape, batch) = latent_shape(latent)?;
    Ok(Bound { input: latent.name.clone(), input_shape, batch, fixed })
}

/// A label as its input has it: a number, or a list of zeros and one 1.
fn label_of(info: &ValueInfoProto, label: u32) -> Result<Tensor, ImportError> {
    let kind = kind_of(info)?;
    let sides = declared(info).unwrap_or_default();
    let error = |what, expected: String, got: String| tensor_error(Kind::Label, &info.name, what, expected, got);
    let one = |side: &Option<i64>| match *side {
        None | Some(-1 | 0) => Ok(1),
        Some(side) => usize::try_from(side)
            .ok()
            .filter(|side| *side <= 1 << 20)
            .ok_or_else(|| error("a dimension of the label", "1..=2^20".to_owned(), side.to_string())),
    };
    let shape = sides.iter().map(one).collect::<Result<Vec<_>, _>>()?;
    if shape.len() > 8 {
        return Err(error("the label's dimensions", "at most 8".to_owned(), shape.len().to_string()));
    }
    let size = shape.iter().try_fold(1usize, |size, side| size.checked_mul(*side)).unwrap_or(usize::MAX);
    let hot = size > 1;
    if hot && (label as usize >= size || size > 1 << 20) {
        return Err(error("the label", format!("below {size}"), label.to_string()));
    }
    if i64::from(label) > kind.ends().1 && !kind.is_float() {
        return Err(error("the label", format!("at most {}", kind.ends().1), label.to_string()));
    }
    let numbers = (0..size).map(|at| if hot { i64::from(at == label as usize) } else { i64::from(label) });
    if kind.is_float() {
        let made = Tensor::rounded(shape, kind, numbers.map(|value| value as f64));
        return made.map_err(super::error::whole);
    }
    Ok(Tensor { kind, ..Tensor::integers(shape, numbers.collect()) })
}

/// The declared sides of a value, `None` where they are symbols.
fn declared(info: &ValueInfoProto) -> Option<Vec<Option<i64>>> {
    let TypeValue::TensorType(tensor) = info.r#type.as_ref()?.value.as_ref()?;
    let shape = tensor.shape.as_ref()?;
    let side = |value: &Option<Dimension>| if let Some(Dimension::DimValue(side)) = value { Some(*side) } else { None };
    Some(shape.dim.iter().map(|dim| side(&dim.value)).collect())
}

/// The latent's shape with batch 1, and the batch where it is fixed and another.
fn latent_shape(input: &ValueInfoProto) -> Result<(Vec<usize>, Option<usize>), ImportError> {
    let error = |kind, what, expected: &str, got: String| tensor_error(kind, &input.name, what, expected, got);
    let missing = || error(Kind::Inputs, "the latent's shape", "declared", "nothing".to_owned());
    let sides = declared(input).ok_or_else(missing)?;
    if sides.len() > 8 {
        return Err(error(Kind::TooLarge, "the latent's dimensions", "at most 8", sides.len().to_string()));
    }
    let mut shape = Vec::with_capacity(sides.len());
    for (axis, side) in sides.iter().enumerate() {
        shape.push(match *side {
            None if axis == 0 && sides.len() > 1 => 1,
            // some exporters write a batch that is not known as -1 or 0
            Some(-1 | 0) if axis == 0 && sides.len() > 1 => 1,
            Some(side) if side > 0 && side <= i64::from(MAX_LATENT) => side as usize,
            None => {
                let got = format!("dimension {axis} is a symbol");
                return Err(error(Kind::Inputs, "the latent's dimensions", "numbers, but for the batch", got));
            }
            Some(side) => {
                let expected = format!("1..={MAX_LATENT}");
                return Err(error(Kind::Inputs, "a dimension of the latent", &expected, side.to_string()));
            }
        });
    }
    let entries = shape.iter().try_fold(1usize, |n, &side| n.checked_mul(side)).unwrap_or(usize::MAX);
    if entries > MAX_LATENT as usize {
        let expected = format!("at most {MAX_LATENT}");
        return Err(error(Kind::TooLarge, "the latent's entries", &expected, entries.to_string()));
    }
    let batch = shape.first().copied().filter(|batch| *batch > 1 && shape.len() > 1);
    Ok((shape, batch))
}

/// Checks the picture's shape against the declared one, where there is one.
pub(crate) fn check_output(proto: &ModelProto, name: &str, shape: &[usize]) -> Result<(), ImportError> {
    let info = proto.graph.iter().flat_map(|graph| &graph.output).find(|info| info.name == name);
    let Some(declared) = info.and_then(declared) else { return Ok(()) };
    let fits = declared.len() == shape.len()
        && declared.iter().zip(shape).all(|(declared, &side)| declared.is_none_or(|d| d == side as i64 || d <= 0));
    if fits {
        return Ok(());
    }
    let side = |side: &Option<i64>| side.map_or_else(|| "any".to_owned(), |side| side.to_string());
    let declared = declared.iter().map(side).collect::<Vec<_>>().join(", ");
    Err(graph_error(Kind::Broken, "the output's shape", format!("[{declared}], as declared"), format!("{shape:?}")))
}
