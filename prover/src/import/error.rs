//! What can be wrong with a file.
use std::path::PathBuf;
use veilmark_circuits::statement::model::ModelError;
use veilmark_files::{Classified, Kind};

/// Not a model that can be imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is too large or empty.
    #[error("the file must have 1 to {limit} bytes, got {got}")]
    FileSize {
        /// The most bytes.
        limit: u64,
        /// Bytes of the file.
        got: u64,
    },
    /// The bytes are no ONNX protobuf, or one cut short.
    #[error("not an ONNX file: {reason}")]
    Protobuf {
        /// What the parser says.
        reason: String,
    },
    /// Something about the whole model.
    #[error("{what} must be {expected}, got {got}")]
    Graph {
        /// What.
        what: &'static str,
        /// What it should be.
        expected: String,
        /// What it is.
        got: String,
    },
    /// A stored tensor is not sound.
    #[error("tensor {tensor:?}: {what} must be {expected}, got {got}")]
    Tensor {
        /// Its name.
        tensor: String,
        /// The field.
        what: &'static str,
        /// What it should be.
        expected: String,
        /// What it is.
        got: String,
    },
    /// An operator that is not supported.
    #[error("node {node:?}: the operator {operator} is not supported; supported are {}", supported.join(", "))]
    Operator {
        /// The node.
        node: String,
        /// The operator, with its domain where it is not ONNX' own.
        operator: String,
        /// The operators that are.
        supported: &'static [&'static str],
    },
    /// A node that does not fit its inputs, or uses what is not supported.
    #[error("node {node:?} ({operator}): {what} must be {expected}, got {got}")]
    Node {
        /// The node.
        node: String,
        /// Its operator.
        operator: String,
        /// The attribute, input or property.
        what: String,
        /// What it should be.
        expected: String,
        /// What it is.
        got: String,
    },
    /// What the output's numbers mean as a picture cannot be guessed.
    #[error(
        "the output's values are within {low}..={high}: say what range a picture's samples have (0..1, -1..1 or 0..255)"
    )]
    OutputRange {
        /// The least value, as far as known.
        low: f64,
        /// The greatest value, as far as known.
        high: f64,
    },
    /// The numbers leave the model's limits.
    #[error("the quantised model: {0}")]
    Model(#[from] ModelError),
}

impl Classified for ImportError {
    fn kind(&self) -> Kind {
        match self {
            Self::Io { source, .. } => Kind::of_io(source),
            _ => Kind::Unsupported,
        }
    }
}

/// An error inside a node that is not yet named.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) what: String,
    pub(super) expected: String,
    pub(super) got: String,
}

/// The result of an operator.
pub(super) type Checked<T> = Result<T, Fault>;

#[expect(clippy::needless_pass_by_value, reason = "numbers and texts are both given as they are")]
pub(super) fn fault(what: impl ToString, expected: impl ToString, got: impl ToString) -> Fault {
    Fault { what: what.to_string(), expected: expected.to_string(), got: got.to_string() }
}

pub(super) fn ensure(holds: bool, what: impl ToString, expected: impl ToString, got: impl ToString) -> Checked<()> {
    if holds { Ok(()) } else { Err(fault(what, expected, got)) }
}
