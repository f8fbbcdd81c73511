//! Stored tensors and attributes: nothing of a declared size is made before the size is checked.
use super::{
    error::{Checked, ImportError, Kind, ensure, fault},
    tensor::{Data, Tensor, Type},
};
use std::{collections::HashMap, sync::Arc};
use tract_onnx::pb::{
    AttributeProto, NodeProto, TensorProto, attribute_proto::AttributeType, tensor_proto::DataLocation,
    tensor_proto::DataType,
};
use veilmark_statement::model::MAX_WEIGHTS;

/// An error about a stored tensor.
#[expect(clippy::needless_pass_by_value, reason = "numbers and texts are both given as they are")]
pub(crate) fn tensor_error(
    kind: Kind,
    tensor: &str,
    what: &'static str,
    expected: impl ToString,
    got: impl ToString,
) -> ImportError {
    ImportError::Tensor { kind, tensor: shown(tensor), what, expected: expected.to_string(), got: got.to_string() }
}

/// A name that is not too long to show.
pub(crate) fn shown(name: &str) -> String {
    name.chars().take(120).collect()
}

/// The name of a node for people: its own, or what it makes.
pub(crate) fn node_name(node: &NodeProto) -> String {
    let output = || node.output.first().map_or("", String::as_str);
    shown(if node.name.is_empty() { output() } else { &node.name })
}

/// Whether a tensor's numbers are in another file.
pub(crate) fn is_external(tensor: &TensorProto) -> bool {
    tensor.data_location == Some(DataLocation::External as i32) || !tensor.external_data.is_empty()
}

/// How many elements a tensor has, and the bytes of each; its shape and type are checked, its data are not.
pub(crate) fn declared_size(tensor: &TensorProto) -> Result<(usize, usize), ImportError> {
    let error = |kind, what, expected: String, got: String| tensor_error(kind, &tensor.name, what, expected, got);
    if tensor.dims.len() > 8 {
        return Err(error(Kind::TooLarge, "the dimensions", "at most 8".to_owned(), tensor.dims.len().to_string()));
    }
    let mut elements = 1usize;
    for &side in &tensor.dims {
        let wrong = || error(Kind::Broken, "a dimension", "0 or more".to_owned(), side.to_string());
        let side = usize::try_from(side).map_err(|_| wrong())?;
        elements = elements.checked_mul(side).filter(|count| *count <= MAX_WEIGHTS).ok_or_else(|| {
            error(Kind::TooLarge, "the elements", format!("at most {MAX_WEIGHTS}"), format!("{:?}", tensor.dims))
        })?;
    }
    let width = match Type::of(tensor.data_type) {
        Some(Type::Float) => 4,
        Some(Type::Double) => 8,
        Some(Type::Half | Type::Bfloat) => 2,
        Some(Type::Integer(bits, _)) => usize::from(bits) / 8,
        Some(Type::Bool) => 1,
        None => {
            let kind = DataType::try_from(tensor.data_type).ok();
            let got = kind.map_or_else(|| tensor.data_type.to_string(), |kind| format!("{kind:?}"));
            let expected = "a float of 16, 32 or 64 bits, an integer or a boolean".to_owned();
            return Err(error(Kind::Type, "the type", expected, got));
        }
    };
    Ok((elements, width))
}

/// Checks a stored tensor without making anything; its number of elements.
pub(crate) fn check_tensor(tensor: &TensorProto) -> Result<usize, ImportError> {
    let error = |kind, what, expected: String, got: String| tensor_error(kind, &tensor.name, what, expected, got);
    if is_external(tensor) {
        let (expected, got) = ("in the file itself or in one beside it".to_owned(), "elsewhere".to_owned());
        return Err(error(Kind::ExternalData, "the data", expected, got));
    }
    if tensor.segment.is_some() {
        return Err(error(Kind::Broken, "the data", "whole".to_owned(), "a segment".to_owned()));
    }
    let (elements, width) = declared_size(tensor)?;
    let typed = match Type::of(tensor.data_type) {
        Some(Type::Float) => tensor.float_data.len(),
        Some(Type::Double) => tensor.double_data.len(),
        Some(Type::Integer(64, true)) => tensor.int64_data.len(),
        Some(Type::Integer(32 | 64, false)) => tensor.uint64_data.len(),
        _ => tensor.int32_data.len(),
    };
    if tensor.raw_data.is_empty() {
        if typed != elements {
            return Err(error(Kind::Broken, "the numbers stored", elements.to_string(), typed.to_string()));
        }
    } else if tensor.raw_data.len() != elements * width {
        let (expected, got) = ((elements * width).to_string(), tensor.raw_data.len().to_string());
        return Err(error(Kind::Broken, "the bytes stored", expected, got));
    }
    Ok(elements)
}

/// A stored tensor.
pub(crate) fn tensor(proto: &TensorProto) -> Result<Tensor, ImportError> {
    check_tensor(proto)?;
    let shape: Vec<usize> = proto.dims.iter().map(|side| usize::try_from(*side).unwrap_or(0)).collect();
    let raw = &proto.raw_data[..];
    fn chunks<const N: usize, T>(raw: &[u8], read: impl Fn([u8; N]) -> T) -> Vec<T> {
        raw.as_chunks::<N>().0.iter().map(|bytes| read(*bytes)).collect()
    }
    let stored = raw.is_empty();
    let integers = |list: Vec<i64>| Data::Integers(Arc::new(list));
    let floats = |list: Vec<f32>| -> Result<Data, ImportError> {
        match list.iter().find(|value| !value.is_finite()) {
            Some(bad) => Err(tensor_error(Kind::Broken, &proto.name, "the numbers", "finite", bad)),
            None => Ok(Data::Floats(Arc::new(list))),
        }
    };
    let kind = Type::of(proto.data_type).unwrap_or(Type::Float);
    let half = |bits: u16| {
        if kind == Type::Half { half::f16::from_bits(bits).to_f32() } else { half::bf16::from_bits(bits).to_f32() }
    };
    let narrow = || proto.int32_data.iter().map(|value| i64::from(*value)).collect();
    let data = match kind {
        Type::Float => floats(if stored { proto.float_data.clone() } else { chunks(raw, f32::from_le_bytes) })?,
        Type::Half | Type::Bfloat => floats(if stored {
            proto.int32_data.iter().map(|bits| half(*bits as u16)).collect()
        } else {
            chunks(raw, |bytes| half(u16::from_le_bytes(bytes)))
        })?,
        Type::Double => {
            let list = if stored { proto.double_data.clone() } else { chunks(raw, f64::from_le_bytes) };
            if let Some(bad) = list.iter().find(|value| !(**value as f32).is_finite()) {
                return Err(tensor_error(Kind::Broken, &proto.name, "the numbers", "finite in 32 bits", bad));
            }
            Data::Doubles(Arc::new(list))
        }
        Type::Integer(64, true) => {
            integers(if stored { proto.int64_data.clone() } else { chunks(raw, i64::from_le_bytes) })
        }
        Type::Integer(32 | 64, false) if stored => {
            integers(proto.uint64_data.iter().map(|value| i64::try_from(*value).unwrap_or(i64::MAX)).collect())
        }
        Type::Integer(64, false) => {
            integers(chunks(raw, |bytes| i64::try_from(u64::from_le_bytes(bytes)).unwrap_or(i64::MAX)))
        }
        _ if stored => integers(narrow()),
        Type::Integer(32, true) => integers(chunks(raw, |bytes| i64::from(i32::from_le_bytes(bytes)))),
        Type::Integer(32, false) => integers(chunks(raw, |bytes| i64::from(u32::from_le_bytes(bytes)))),
        Type::Integer(16, true) => integers(chunks(raw, |bytes| i64::from(i16::from_le_bytes(bytes)))),
        Type::Integer(16, false) => integers(chunks(raw, |bytes| i64::from(u16::from_le_bytes(bytes)))),
        Type::Integer(_, true) => integers(raw.iter().map(|byte| i64::from(*byte as i8)).collect()),
        _ => integers(raw.iter().map(|byte| i64::from(*byte)).collect()),
    };
    Ok(Tensor { shape, kind, data })
}

/// What a function's caller gives for the attributes that its nodes refer to.
pub(crate) type Bindings<'a> = HashMap<&'a str, &'a AttributeProto>;

/// The attributes of a node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attributes<'a> {
    pub(crate) list: &'a [AttributeProto],
    pub(crate) bindings: Option<&'a Bindings<'a>>,
}

impl<'a> Attributes<'a> {
    /// The attribute itself, or what it refers to.
    fn resolve(&self, attribute: &'a AttributeProto) -> Option<&'a AttributeProto> {
        match attribute.ref_attr_name.as_str() {
            "" => Some(attribute),
            name => self.bindings.and_then(|bindings| bindings.get(name).copied()),
        }
    }

    pub(crate) fn find(&self, name: &str) -> Option<&'a AttributeProto> {
        self.list.iter().find(|attribute| attribute.name == name).and_then(|attribute| self.resolve(attribute))
    }

    /// The names of those that are given.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.list.iter().filter(|attribute| self.resolve(attribute).is_some()).map(|attribute| attribute.name.as_str())
    }

    /// An attribute of a type; old files do not name types.
    fn of(&self, name: &str, kind: AttributeType) -> Checked<Option<&'a AttributeProto>> {
        let Some(attribute) = self.find(name) else { return Ok(None) };
        let named = attribute.r#type;
        ensure(named == 0 || named == kind as i32, name, format!("{kind:?}"), format!("type {named}"))?;
        Ok(Some(attribute))
    }

    pub(crate) fn integer(&self, name: &str, otherwise: i64) -> Checked<i64> {
        Ok(self.of(name, AttributeType::Int)?.map_or(otherwise, |attribute| attribute.i))
    }

    pub(crate) fn float(&self, name: &str, otherwise: f32) -> Checked<f32> {
        let value = self.of(name, AttributeType::Float)?.map_or(otherwise, |attribute| attribute.f);
        ensure(value.is_finite(), name, "finite", value)?;
        Ok(value)
    }

    pub(crate) fn integers(&self, name: &str) -> Checked<Option<&'a [i64]>> {
        Ok(self.of(name, AttributeType::Ints)?.map(|attribute| &attribute.ints[..]))
    }

    pub(crate) fn text(&self, name: &str, otherwise: &'a str) -> Checked<&'a str> {
        let Some(attribute) = self.of(name, AttributeType::String)? else { return Ok(otherwise) };
        std::str::from_utf8(&attribute.s).map_err(|_| fault(name, "text", "other bytes"))
    }

    pub(crate) fn tensor(&self, name: &str) -> Option<&'a TensorProto> {
        self.find(name).and_then(|attribute| attribute.t.as_ref())
    }
}
