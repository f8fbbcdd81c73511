//! Tensors while a network is read: constants, or lists of elements that depend on the latent.
//!
//! An *accumulator* is an output of a linear (or bilinear) node of the [graph](super::graph); an [`Element`] is a constant or a
//! function of one accumulator. So operators that move elements cost nothing.
use super::error::{Checked, ensure, fault};
use std::sync::Arc;
use tract_onnx::pb::tensor_proto::DataType;
use veilmark_statement::model::MAX_NEURONS;

/// The most elements of a tensor that is not a constant.
pub(crate) const MAX_ELEMENTS: usize = MAX_NEURONS;

/// The number of a form.
pub(crate) type FormId = u32;

/// An element of a tensor.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Element {
    Constant(f32),
    Of { accumulator: u32, form: FormId },
}

/// Elements in order.
pub(crate) type Elements = Arc<Vec<Element>>;

/// The type of a tensor's numbers. Floats of all widths that depend on the latent are computed in 32 bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Type {
    Float,
    Double,
    Half,
    Bfloat,
    /// Bits, and whether there is a sign.
    Integer(u8, bool),
    Bool,
}

impl Type {
    /// The type of ONNX' number for it.
    pub(crate) fn of(kind: i32) -> Option<Self> {
        Some(match DataType::try_from(kind).ok()? {
            DataType::Float => Self::Float,
            DataType::Double => Self::Double,
            DataType::Float16 => Self::Half,
            DataType::Bfloat16 => Self::Bfloat,
            DataType::Int8 => Self::Integer(8, true),
            DataType::Int16 => Self::Integer(16, true),
            DataType::Int32 => Self::Integer(32, true),
            DataType::Int64 => Self::Integer(64, true),
            DataType::Uint8 => Self::Integer(8, false),
            DataType::Uint16 => Self::Integer(16, false),
            DataType::Uint32 => Self::Integer(32, false),
            DataType::Uint64 => Self::Integer(64, false),
            DataType::Bool => Self::Bool,
            _ => return None,
        })
    }

    pub(crate) fn is_float(self) -> bool {
        matches!(self, Self::Float | Self::Double | Self::Half | Self::Bfloat)
    }

    /// The least and the greatest value of an integer type.
    pub(crate) fn ends(self) -> (i64, i64) {
        match self {
            Self::Integer(64, false) => (0, i64::MAX),
            Self::Integer(bits, true) => (i64::MIN >> (64 - bits), i64::MAX >> (64 - bits)),
            Self::Integer(bits, false) => (0, (1 << bits) - 1),
            _ => (0, 1),
        }
    }

    /// A number rounded to a float type.
    pub(crate) fn round(self, value: f64) -> f64 {
        match self {
            Self::Half => half::f16::from_f64(value).to_f64(),
            Self::Bfloat => half::bf16::from_f64(value).to_f64(),
            Self::Double => value,
            _ => f64::from(value as f32),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Data {
    Floats(Arc<Vec<f32>>),
    Doubles(Arc<Vec<f64>>),
    /// Integers and booleans of any width.
    Integers(Arc<Vec<i64>>),
    Elements(Elements),
}

#[derive(Clone, Debug)]
pub(crate) struct Tensor {
    pub(crate) shape: Vec<usize>,
    pub(crate) kind: Type,
    pub(crate) data: Data,
}

/// The number of elements of a shape; an error where it is more than `limit`.
pub(crate) fn count(shape: &[usize], limit: usize) -> Checked<usize> {
    let count = shape.iter().try_fold(1usize, |count, &side| count.checked_mul(side)).filter(|count| *count <= limit);
    count.ok_or_else(|| fault("the size of a tensor", format!("at most {limit} elements"), format!("{shape:?}")))
}

impl Tensor {
    pub(crate) fn len(&self) -> usize {
        match &self.data {
            Data::Floats(list) => list.len(),
            Data::Doubles(list) => list.len(),
            Data::Integers(list) => list.len(),
            Data::Elements(list) => list.len(),
        }
    }

    pub(crate) fn integers(shape: Vec<usize>, list: Vec<i64>) -> Self {
        Self { shape, kind: Type::Integer(64, true), data: Data::Integers(Arc::new(list)) }
    }

    pub(crate) fn floats(shape: Vec<usize>, list: Vec<f32>) -> Self {
        Self { shape, kind: Type::Float, data: Data::Floats(Arc::new(list)) }
    }

    /// Constant floats of a type, from numbers that are rounded to it.
    pub(crate) fn rounded(shape: Vec<usize>, kind: Type, list: impl Iterator<Item = f64>) -> Checked<Self> {
        let mut finite = true;
        let mut round = |value: f64| {
            let value = kind.round(value);
            finite &= value.is_finite();
            value
        };
        let data = if kind == Type::Double {
            Data::Doubles(Arc::new(list.map(round).collect()))
        } else {
            Data::Floats(Arc::new(list.map(|value| round(value) as f32).collect()))
        };
        ensure(finite, "a computed constant", "finite", "infinite or not a number")?;
        Ok(Self { shape, kind, data })
    }

    /// A tensor of elements; one of constants where they all are.
    pub(crate) fn elements(shape: Vec<usize>, list: Vec<Element>) -> Self {
        let constants: Option<Vec<f32>> = match list.first() {
            Some(Element::Of { .. }) => None,
            _ => list.iter().map(|e| if let Element::Constant(c) = e { Some(*c) } else { None }).collect(),
        };
        match constants {
            Some(list) => Self::floats(shape, list),
            None => Self { shape, kind: Type::Float, data: Data::Elements(Arc::new(list)) },
        }
    }

    /// The same numbers under another type: whole ones become integers where all are constant.
    pub(crate) fn with_type(self, kind: Type) -> Self {
        let Self { shape, data, .. } = self;
        let data = match data {
            Data::Floats(list) if !kind.is_float() => {
                Data::Integers(Arc::new(list.iter().map(|value| *value as i64).collect()))
            }
            Data::Floats(list) if kind == Type::Double => {
                Data::Doubles(Arc::new(list.iter().map(|value| f64::from(*value)).collect()))
            }
            data => data,
        };
        Self { shape, kind, data }
    }

    pub(crate) fn with_shape(&self, shape: Vec<usize>) -> Self {
        Self { shape, kind: self.kind, data: self.data.clone() }
    }

    /// Whether nothing of it depends on the latent.
    pub(crate) fn is_constant(&self) -> bool {
        !matches!(self.data, Data::Elements(_))
    }

    /// What it is, for errors.
    pub(crate) fn describe(&self) -> &'static str {
        match (&self.data, self.kind) {
            (Data::Floats(_), _) => "constant floats",
            (Data::Doubles(_), _) => "constant doubles",
            (Data::Integers(_), Type::Bool) => "constant booleans",
            (Data::Integers(_), _) => "constant integers",
            (Data::Elements(_), kind) if kind.is_float() => "floats that depend on the latent",
            (Data::Elements(_), Type::Bool) => "booleans that depend on the latent",
            (Data::Elements(_), _) => "integers that depend on the latent",
        }
    }

    pub(crate) fn as_integers(&self, what: &str) -> Checked<&[i64]> {
        match &self.data {
            Data::Integers(list) => Ok(list),
            _ => Err(fault(what, "constant integers", self.describe())),
        }
    }

    pub(crate) fn as_floats(&self, what: &str) -> Checked<Arc<Vec<f32>>> {
        match &self.data {
            Data::Floats(list) => Ok(list.clone()),
            Data::Doubles(list) => Ok(Arc::new(list.iter().map(|value| *value as f32).collect())),
            _ => Err(fault(what, "constant floats", self.describe())),
        }
    }

    /// Constant numbers of any type.
    pub(crate) fn as_numbers(&self, what: &str) -> Checked<Vec<f64>> {
        match &self.data {
            Data::Floats(list) => Ok(list.iter().map(|value| f64::from(*value)).collect()),
            Data::Doubles(list) => Ok(list.to_vec()),
            Data::Integers(list) => Ok(list.iter().map(|value| *value as f64).collect()),
            Data::Elements(_) => Err(fault(what, "constant", self.describe())),
        }
    }

    /// One constant number.
    pub(crate) fn as_scalar(&self, what: &str) -> Checked<f64> {
        ensure(self.len() == 1, what, "one number", format!("shape {:?}", self.shape))?;
        self.as_numbers(what).map(|list| list[0])
    }

    /// Elements, constant or not.
    pub(crate) fn as_elements(&self, what: &str) -> Checked<Elements> {
        let constants = |list: &mut dyn Iterator<Item = f32>| -> Checked<Elements> {
            count(&self.shape, MAX_ELEMENTS)?;
            Ok(Arc::new(list.map(Element::Constant).collect()))
        };
        match &self.data {
            Data::Floats(list) => constants(&mut list.iter().copied()),
            Data::Doubles(list) => constants(&mut list.iter().map(|value| *value as f32)),
            Data::Integers(list) => {
                let exact = list.iter().all(|value| value.unsigned_abs() <= 1 << 24);
                ensure(exact, what, "whole numbers up to 2^24, as floats are exact", "larger ones")?;
                constants(&mut list.iter().map(|value| *value as f32))
            }
            Data::Elements(list) => Ok(list.clone()),
        }
    }
}

/// The channels, height and width under which a tensor's elements are a layer.
pub(crate) fn layer_shape(shape: &[usize]) -> [usize; 3] {
    match *shape {
        [1, c, h, w] => [c, h, w],
        _ => [1, 1, shape.iter().product()],
    }
}

/// The shape to which two shapes broadcast.
pub(crate) fn broadcast(a: &[usize], b: &[usize]) -> Checked<Vec<usize>> {
    let rank = a.len().max(b.len());
    let side = |shape: &[usize], axis: usize| (axis + shape.len()).checked_sub(rank).map_or(1, |axis| shape[axis]);
    let sides = (0..rank).map(|axis| match (side(a, axis), side(b, axis)) {
        (a, b) if a == b => Some(a),
        (1, b) => Some(b),
        (a, 1) => Some(a),
        _ => None,
    });
    sides
        .collect::<Option<_>>()
        .ok_or_else(|| fault("the inputs' shapes", "such as broadcast", format!("{a:?} and {b:?}")))
}

/// The elements of a tensor repeated to a shape to which it broadcasts.
pub(crate) fn expand<T: Copy>(list: &[T], from: &[usize], to: &[usize]) -> Vec<T> {
    if from == to {
        return list.to_vec();
    }
    if let [one] = list {
        return vec![*one; to.iter().product()];
    }
    let lead = to.len() - from.len();
    let lists: Vec<Vec<usize>> = to
        .iter()
        .enumerate()
        .map(|(axis, &side)| {
            let kept = axis >= lead && from[axis - lead] == side;
            (0..side).map(|at| if kept { at } else { 0 }).collect()
        })
        .collect();
    let padded: Vec<usize> = std::iter::repeat_n(1, lead).chain(from.iter().copied()).collect();
    indices(&padded, &lists).into_iter().map(|at| list[at]).collect()
}

/// The index of every element that is picked from a tensor of `shape` by a list of indices for each axis.
pub(crate) fn indices(shape: &[usize], lists: &[Vec<usize>]) -> Vec<usize> {
    let mut made = vec![0];
    for (&side, list) in shape.iter().zip(lists) {
        made = made.iter().flat_map(|&at| list.iter().map(move |&index| at * side + index)).collect();
    }
    made
}
