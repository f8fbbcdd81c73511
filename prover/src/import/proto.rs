//! The protobuf: nothing of a declared size is made before the size is checked, and nothing that is not needed is looked at.
use super::{
    ImportError,
    error::{Checked, ensure, fault},
    graph::{Data, Tensor},
};
use std::{collections::HashMap, sync::Arc};
use tract_onnx::{
    pb::{
        AttributeProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, tensor_proto::DataLocation,
        tensor_proto::DataType, tensor_shape_proto::dimension::Value as Dimension, type_proto::Value as TypeValue,
    },
    prelude::Framework,
};
use veilmark_circuits::statement::model::{MAX_LATENT, MAX_WEIGHTS};

/// The most bytes of a file.
pub const MAX_FILE_BYTES: u64 = 640 << 20;
/// The most nodes of a graph.
const MAX_NODES: usize = 1 << 16;
/// The most messages inside the file: an empty one takes two bytes there, and hundreds in memory.
const MAX_MESSAGES: usize = 1 << 20;
/// The operator sets whose meaning is known.
const OPSETS: std::ops::RangeInclusive<i64> = 7..=23;

#[expect(clippy::needless_pass_by_value, reason = "numbers and texts are both given as they are")]
fn graph_error(what: &'static str, expected: impl ToString, got: impl ToString) -> ImportError {
    ImportError::Graph { what, expected: expected.to_string(), got: got.to_string() }
}

#[expect(clippy::needless_pass_by_value, reason = "numbers and texts are both given as they are")]
fn tensor_error(tensor: &str, what: &'static str, expected: impl ToString, got: impl ToString) -> ImportError {
    ImportError::Tensor { tensor: shown(tensor), what, expected: expected.to_string(), got: got.to_string() }
}

/// A name that is not too long to show.
fn shown(name: &str) -> String {
    name.chars().take(120).collect()
}

/// A graph whose references are sound: nodes in an order in which each reads only what is there before, and only those that
/// the output needs.
#[derive(Debug)]
pub(super) struct Onnx {
    pub(super) proto: ModelProto,
    pub(super) opset: i64,
    /// Indices of nodes.
    pub(super) order: Vec<usize>,
    pub(super) input: String,
    /// The latent's shape, batch 1.
    pub(super) input_shape: Vec<usize>,
    pub(super) output: String,
}

/// What the fields of ONNX' messages are that hold messages or names: `(message, field) -> message`.
fn inner(message: u8, field: u64) -> Option<u8> {
    const MODEL: u8 = 0;
    const GRAPH: u8 = 1;
    const NODE: u8 = 2;
    const ATTRIBUTE: u8 = 3;
    const LEAF: u8 = 4;
    Some(match (message, field) {
        (MODEL, 7) => GRAPH,
        (MODEL, 25) => GRAPH,
        (MODEL, 8 | 14) => LEAF,
        (GRAPH, 1) => NODE,
        (GRAPH, 7) => NODE,
        (GRAPH, 4..=6 | 9 | 11..=16) => LEAF,
        (NODE, 5) => ATTRIBUTE,
        (NODE, 1 | 2 | 7) => LEAF,
        (ATTRIBUTE, 6 | 11) => GRAPH,
        (ATTRIBUTE, 5 | 9 | 10 | 14 | 15 | 22 | 23) => LEAF,
        (LEAF, _) => LEAF,
        _ => return None,
    })
}

/// Walks the wire format and counts messages and names, so that a small file cannot become a large structure.
fn scan(bytes: &[u8], message: u8, depth: u32, messages: &mut usize) -> Result<(), ImportError> {
    let cut = || ImportError::Protobuf { reason: "it is cut short or not a protobuf".to_owned() };
    let mut at = 0;
    let varint = |at: &mut usize| -> Result<u64, ImportError> {
        let mut value = 0u64;
        for shift in 0..10 {
            let byte = *bytes.get(*at).ok_or_else(cut)?;
            *at += 1;
            value |= u64::from(byte & 0x7f).checked_shl(7 * shift).unwrap_or(0);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(cut())
    };
    while at < bytes.len() {
        let key = varint(&mut at)?;
        let skip = match key & 7 {
            0 => {
                varint(&mut at)?;
                0
            }
            1 => 8,
            2 => {
                let length = varint(&mut at)?;
                let length = usize::try_from(length).map_err(|_| cut())?;
                let end = at.checked_add(length).filter(|end| *end <= bytes.len()).ok_or_else(cut)?;
                if message == 0 && key >> 3 == 20 {
                    return Err(graph_error("training information", "none", "some"));
                }
                if let Some(inner) = inner(message, key >> 3) {
                    *messages += 1;
                    if *messages > MAX_MESSAGES {
                        return Err(graph_error("the messages of the file", format!("at most {MAX_MESSAGES}"), "more"));
                    }
                    if depth >= 64 {
                        return Err(graph_error("the graphs inside graphs", "at most 64 deep", "more"));
                    }
                    // a leaf's fields may be numbers and names: only known messages are entered
                    if inner != 4 {
                        scan(&bytes[at..end], inner, depth + 1, messages)?;
                    } else if length > 1 {
                        count_leaf(&bytes[at..end], messages)?;
                    }
                }
                length
            }
            5 => 4,
            _ => return Err(cut()),
        };
        at = at.checked_add(skip).filter(|end| *end <= bytes.len()).ok_or_else(cut)?;
    }
    Ok(())
}

/// Counts what may be messages inside a leaf; bytes that are no message count for nothing.
fn count_leaf(bytes: &[u8], messages: &mut usize) -> Result<(), ImportError> {
    let mut at = 0;
    let mut count = 0usize;
    let read = |at: &mut usize| -> Option<u64> {
        let mut value = 0u64;
        for shift in 0..10 {
            let byte = *bytes.get(*at)?;
            *at += 1;
            value |= u64::from(byte & 0x7f).checked_shl(7 * shift).unwrap_or(0);
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    };
    while at < bytes.len() {
        let Some(key) = read(&mut at) else { break };
        let skip = match key & 7 {
            0 => {
                if read(&mut at).is_none() {
                    break;
                }
                0
            }
            1 => 8,
            2 => {
                let Some(length) = read(&mut at) else { break };
                count += 1;
                usize::try_from(length).unwrap_or(usize::MAX)
            }
            5 => 4,
            _ => break,
        };
        at = at.saturating_add(skip);
    }
    *messages = messages.saturating_add(count);
    if *messages > MAX_MESSAGES {
        return Err(graph_error("the messages of the file", format!("at most {MAX_MESSAGES}"), "more"));
    }
    Ok(())
}

impl Onnx {
    /// Reads and checks the structure of a file.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ImportError> {
        let got = bytes.len() as u64;
        if got == 0 || got > MAX_FILE_BYTES {
            return Err(ImportError::FileSize { limit: MAX_FILE_BYTES, got });
        }
        scan(bytes, 0, 0, &mut 0)?;
        let proto = tract_onnx::onnx()
            .proto_model_for_read(&mut &bytes[..])
            .map_err(|error| ImportError::Protobuf { reason: error.to_string() })?;
        Self::check(proto)
    }

    fn check(proto: ModelProto) -> Result<Self, ImportError> {
        let own = |domain: &str| domain.is_empty() || domain == "ai.onnx";
        let opset = proto.opset_import.iter().find(|set| own(&set.domain)).map(|set| set.version);
        let opset = opset.ok_or_else(|| graph_error("the operator set", "named", "none"))?;
        if !OPSETS.contains(&opset) {
            return Err(graph_error("the operator set", format!("{} to {}", OPSETS.start(), OPSETS.end()), opset));
        }
        let graph = proto.graph.as_ref().ok_or_else(|| graph_error("the graph", "there", "none"))?;
        if !graph.sparse_initializer.is_empty() {
            return Err(graph_error("sparse tensors", "none", graph.sparse_initializer.len()));
        }
        if graph.node.len() > MAX_NODES {
            return Err(graph_error("the nodes", format!("at most {MAX_NODES}"), graph.node.len()));
        }
        let mut weights = 0usize;
        let mut names = HashMap::new();
        for tensor in &graph.initializer {
            weights = weights.saturating_add(check_tensor(tensor)?);
            if names.insert(tensor.name.as_str(), ()).is_some() {
                return Err(tensor_error(&tensor.name, "the name", "given once", "given twice"));
            }
        }
        if weights > MAX_WEIGHTS {
            return Err(graph_error("the stored numbers", format!("at most {MAX_WEIGHTS}"), weights));
        }
        let inputs: Vec<_> = graph.input.iter().filter(|input| !names.contains_key(input.name.as_str())).collect();
        let listed = |list: &[&ValueInfoProto]| {
            let names: Vec<_> = list.iter().map(|info| shown(&info.name)).take(5).collect();
            format!("{} ({})", list.len(), names.join(", "))
        };
        let [input] = inputs[..] else {
            return Err(graph_error("the inputs", "one, the latent", listed(&inputs)));
        };
        let [output] = &graph.output[..] else {
            return Err(graph_error(
                "the outputs",
                "one, the picture",
                listed(&graph.output.iter().collect::<Vec<_>>()),
            ));
        };
        let input_shape = input_shape(input)?;
        let order = order(&graph.node, &names, &input.name, &output.name)?;
        let [input, output] = [input, output].map(|info| info.name.clone());
        Ok(Self { opset, order, input, input_shape, output, proto })
    }

    pub(super) fn nodes(&self) -> &[NodeProto] {
        self.proto.graph.as_ref().map_or(&[], |graph| &graph.node)
    }

    pub(super) fn initializers(&self) -> &[TensorProto] {
        self.proto.graph.as_ref().map_or(&[], |graph| &graph.initializer)
    }

    /// Checks the output's shape against the declared one, where there is one.
    pub(super) fn check_output(&self, shape: &[usize]) -> Result<(), ImportError> {
        let Some(info) = self.proto.graph.as_ref().and_then(|graph| graph.output.first()) else { return Ok(()) };
        let Some(declared) = declared(info) else { return Ok(()) };
        let fits = declared.len() == shape.len()
            && declared.iter().zip(shape).all(|(declared, &side)| declared.is_none_or(|d| d == side as i64));
        if fits {
            return Ok(());
        }
        let side = |side: &Option<i64>| side.map_or_else(|| "any".to_owned(), |side| side.to_string());
        let declared = declared.iter().map(side).collect::<Vec<_>>().join(", ");
        Err(graph_error("the output's shape", format!("[{declared}], as declared"), format!("{shape:?}")))
    }
}

/// The declared sides of a value, `None` where they are symbols.
fn declared(info: &ValueInfoProto) -> Option<Vec<Option<i64>>> {
    let TypeValue::TensorType(tensor) = info.r#type.as_ref()?.value.as_ref()?;
    let shape = tensor.shape.as_ref()?;
    let side = |value: &Option<Dimension>| if let Some(Dimension::DimValue(side)) = value { Some(*side) } else { None };
    Some(shape.dim.iter().map(|dim| side(&dim.value)).collect())
}

fn input_shape(input: &ValueInfoProto) -> Result<Vec<usize>, ImportError> {
    let error = |what, expected: &str, got: String| tensor_error(&input.name, what, expected, got);
    if let Some(TypeValue::TensorType(tensor)) = input.r#type.as_ref().and_then(|kind| kind.value.as_ref())
        && tensor.elem_type != DataType::Float as i32
    {
        return Err(error("the latent's type", "float (32 bits)", format!("type {}", tensor.elem_type)));
    }
    let sides = declared(input).ok_or_else(|| error("the latent's shape", "declared", "nothing".to_owned()))?;
    if sides.len() > 8 {
        return Err(error("the latent's dimensions", "at most 8", sides.len().to_string()));
    }
    let mut shape = Vec::with_capacity(sides.len());
    for (axis, side) in sides.iter().enumerate() {
        shape.push(match *side {
            None if axis == 0 && sides.len() > 1 => 1,
            // some exporters write a batch that is not known as -1 or 0
            Some(-1 | 0) if axis == 0 && sides.len() > 1 => 1,
            Some(side) if side > 0 && side <= i64::from(MAX_LATENT) => side as usize,
            None => {
                return Err(error(
                    "the latent's dimensions",
                    "numbers, but for the batch",
                    format!("dimension {axis} is a symbol"),
                ));
            }
            Some(side) => {
                return Err(error("a dimension of the latent", &format!("1..={MAX_LATENT}"), side.to_string()));
            }
        });
    }
    let entries = shape.iter().try_fold(1usize, |n, &side| n.checked_mul(side)).unwrap_or(usize::MAX);
    if entries > MAX_LATENT as usize {
        return Err(error("the latent's entries", &format!("at most {MAX_LATENT}"), entries.to_string()));
    }
    Ok(shape)
}

/// The name of a node for people: its own, or what it makes.
pub(super) fn node_name(node: &NodeProto) -> String {
    let output = || node.output.first().map_or("", String::as_str);
    shown(if node.name.is_empty() { output() } else { &node.name })
}

/// An order in which every node reads only what was made before, without the nodes that the output does not need.
fn order(
    nodes: &[NodeProto],
    initializers: &HashMap<&str, ()>,
    input: &str,
    output: &str,
) -> Result<Vec<usize>, ImportError> {
    let named = |node: &NodeProto, what: &str, expected: &str, got: &str| ImportError::Node {
        node: node_name(node),
        operator: shown(&node.op_type),
        what: what.to_owned(),
        expected: expected.to_owned(),
        got: format!("{:?}", shown(got)),
    };
    let mut makers = HashMap::new();
    for (index, node) in nodes.iter().enumerate() {
        for name in node.output.iter().filter(|name| !name.is_empty()) {
            let taken = initializers.contains_key(name.as_str()) || name == input;
            if taken || makers.insert(name.as_str(), index).is_some() {
                return Err(named(node, "an output's name", "given once", name));
            }
        }
    }
    if !makers.contains_key(output) {
        return Err(graph_error("the output", "made by a node", format!("{:?}", shown(output))));
    }
    // Kahn's algorithm, smallest index first
    let mut waits = vec![0usize; nodes.len()];
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (index, node) in nodes.iter().enumerate() {
        for name in node.input.iter().filter(|name| !name.is_empty()) {
            if let Some(&maker) = makers.get(name.as_str()) {
                waits[index] += 1;
                readers[maker].push(index);
            } else if !initializers.contains_key(name.as_str()) && name != input {
                return Err(named(node, "an input", "made by a node or stored", name));
            }
        }
    }
    let mut ready: std::collections::BTreeSet<usize> = (0..nodes.len()).filter(|index| waits[*index] == 0).collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(index) = ready.pop_first() {
        order.push(index);
        for &reader in &readers[index] {
            waits[reader] -= 1;
            if waits[reader] == 0 {
                ready.insert(reader);
            }
        }
    }
    if let Some(index) = (0..nodes.len()).find(|index| waits[*index] > 0) {
        return Err(named(&nodes[index], "the inputs", "made before it", "a cycle"));
    }
    let mut marked = Vec::new();
    let mut needed = vec![false; nodes.len()];
    if let Some(&last) = makers.get(output) {
        needed[last] = true;
    }
    for &index in order.iter().rev() {
        for name in nodes[index].input.iter().filter(|_| needed[index]) {
            if let Some(&maker) = makers.get(name.as_str()) {
                marked.push(maker);
            }
        }
        marked.drain(..).for_each(|maker| needed[maker] = true);
    }
    order.retain(|index| needed[*index]);
    Ok(order)
}

/// Checks a stored tensor without making anything; its number of elements.
fn check_tensor(tensor: &TensorProto) -> Result<usize, ImportError> {
    let error = |what, expected: String, got: String| tensor_error(&tensor.name, what, expected, got);
    if tensor.data_location == Some(DataLocation::External as i32) || !tensor.external_data.is_empty() {
        return Err(error("the data", "in the file itself".to_owned(), "in another file".to_owned()));
    }
    if tensor.segment.is_some() {
        return Err(error("the data", "whole".to_owned(), "a segment".to_owned()));
    }
    if tensor.dims.len() > 8 {
        return Err(error("the dimensions", "at most 8".to_owned(), tensor.dims.len().to_string()));
    }
    let mut elements = 1usize;
    for &side in &tensor.dims {
        let side = usize::try_from(side).map_err(|_| error("a dimension", "0 or more".to_owned(), side.to_string()))?;
        elements = elements
            .checked_mul(side)
            .filter(|count| *count <= MAX_WEIGHTS)
            .ok_or_else(|| error("the elements", format!("at most {MAX_WEIGHTS}"), format!("{:?}", tensor.dims)))?;
    }
    let kind = DataType::try_from(tensor.data_type).ok();
    let width = match kind {
        Some(DataType::Float | DataType::Int32) => 4,
        Some(DataType::Double | DataType::Int64) => 8,
        Some(DataType::Int8 | DataType::Uint8 | DataType::Bool) => 1,
        _ => {
            let got = kind.map_or_else(|| tensor.data_type.to_string(), |kind| format!("{kind:?}"));
            return Err(error("the type", "float, double, int64, int32, int8, uint8 or bool".to_owned(), got));
        }
    };
    let typed = match kind {
        Some(DataType::Float) => tensor.float_data.len(),
        Some(DataType::Double) => tensor.double_data.len(),
        Some(DataType::Int64) => tensor.int64_data.len(),
        _ => tensor.int32_data.len(),
    };
    if tensor.raw_data.is_empty() {
        if typed != elements {
            return Err(error("the numbers stored", elements.to_string(), typed.to_string()));
        }
    } else if tensor.raw_data.len() != elements * width {
        return Err(error("the bytes stored", (elements * width).to_string(), tensor.raw_data.len().to_string()));
    }
    Ok(elements)
}

/// A stored tensor.
pub(super) fn tensor(proto: &TensorProto) -> Result<Tensor, ImportError> {
    check_tensor(proto)?;
    let shape = proto.dims.iter().map(|side| usize::try_from(*side).unwrap_or(0)).collect();
    let raw = &proto.raw_data[..];
    fn chunks<const N: usize, T>(raw: &[u8], read: impl Fn([u8; N]) -> T) -> Vec<T> {
        raw.as_chunks::<N>().0.iter().map(|bytes| read(*bytes)).collect()
    }
    let stored = raw.is_empty();
    let integers = |list: Vec<i64>| Data::Integers(Arc::new(list));
    let narrow = || integers(proto.int32_data.iter().map(|v| i64::from(*v)).collect());
    let data = match DataType::try_from(proto.data_type) {
        Ok(DataType::Float) => {
            let list = if stored { proto.float_data.clone() } else { chunks(raw, f32::from_le_bytes) };
            if let Some(bad) = list.iter().find(|value| !value.is_finite()) {
                return Err(tensor_error(&proto.name, "the numbers", "finite", bad));
            }
            Data::Floats(Arc::new(list))
        }
        Ok(DataType::Double) => {
            Data::Doubles(Arc::new(if stored { proto.double_data.clone() } else { chunks(raw, f64::from_le_bytes) }))
        }
        Ok(DataType::Int64) => {
            integers(if stored { proto.int64_data.clone() } else { chunks(raw, i64::from_le_bytes) })
        }
        Ok(DataType::Int32) if !stored => integers(chunks(raw, |bytes| i64::from(i32::from_le_bytes(bytes)))),
        Ok(DataType::Int8) if !stored => integers(raw.iter().map(|b| i64::from(*b as i8)).collect()),
        Ok(_) if !stored => integers(raw.iter().map(|b| i64::from(*b)).collect()),
        _ => narrow(),
    };
    Ok(Tensor { shape, data })
}

/// The attributes of a node.
#[derive(Debug)]
pub(super) struct Attributes<'a>(pub(super) &'a [AttributeProto]);

impl<'a> Attributes<'a> {
    pub(super) fn find(&self, name: &str) -> Option<&'a AttributeProto> {
        self.0.iter().find(|attribute| attribute.name == name)
    }

    pub(super) fn integer(&self, name: &str, otherwise: i64) -> i64 {
        self.find(name).map_or(otherwise, |attribute| attribute.i)
    }

    pub(super) fn float(&self, name: &str, otherwise: f32) -> Checked<f32> {
        let value = self.find(name).map_or(otherwise, |attribute| attribute.f);
        ensure(value.is_finite(), name, "finite", value)?;
        Ok(value)
    }

    pub(super) fn integers(&self, name: &str) -> Option<&'a [i64]> {
        self.find(name).map(|attribute| &attribute.ints[..])
    }

    pub(super) fn text(&self, name: &str, otherwise: &'a str) -> Checked<&'a str> {
        let Some(attribute) = self.find(name) else { return Ok(otherwise) };
        std::str::from_utf8(&attribute.s).map_err(|_| fault(name, "text", "other bytes"))
    }

    pub(super) fn tensor(&self, name: &str) -> Option<&'a TensorProto> {
        self.find(name).and_then(|attribute| attribute.t.as_ref())
    }
}
