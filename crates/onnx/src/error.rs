//! What can be wrong with a file.
use std::path::PathBuf;
use veilmark_statement::model::ModelError;

/// What is to be done about an error: one kind for each remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The file, or one beside it, cannot be read.
    Io,
    /// The file is too large, or empty.
    FileSize,
    /// The bytes are no ONNX protobuf.
    Protobuf,
    /// The operator set is not known, or changed an operator that is used.
    OperatorSet,
    /// Weights are in another file that cannot be taken.
    ExternalData,
    /// A type of numbers that is not read.
    Type,
    /// An operator that is not supported.
    Operator,
    /// An operator of a runtime's optimiser (`com.microsoft` and others).
    FusedOperator,
    /// An operator that makes random numbers.
    Random,
    /// A node that does not fit its inputs, or uses what is not supported.
    Node,
    /// A product of two tensors that both depend on the latent.
    BothDependOnLatent,
    /// A convolution whose weights depend on the latent.
    WeightsDependOnLatent,
    /// A condition, index or shape that depends on the latent.
    ControlDependsOnLatent,
    /// The batch is fixed, and not 1.
    Batch,
    /// The inputs are not one latent.
    Inputs,
    /// An input is a label, and no label is given.
    Label,
    /// There are several outputs, and none is chosen.
    Outputs,
    /// The output is no picture.
    Picture,
    /// What the output's numbers mean cannot be guessed.
    OutputRange,
    /// Every latent gives the same picture.
    ConstantPicture,
    /// Activations overflow.
    Overflow,
    /// The integer model's pictures are too far from the float model's.
    Quality,
    /// The file is sound, and larger than a circuit can be.
    TooLarge,
    /// The file contradicts itself.
    Broken,
}

/// Not a model that can be imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// A file cannot be read.
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
    /// The operator set is outside what is known, or changed an operator.
    #[error("{operator} of operator set {got} is not known: {expected}")]
    OperatorSet {
        /// The operator, or "the operators" of a set that is newer than every known one.
        operator: String,
        /// What is known.
        expected: String,
        /// The file's operator set.
        got: i64,
    },
    /// Something about the whole model.
    #[error("{what} must be {expected}, got {got}")]
    Graph {
        /// What is to be done.
        kind: Kind,
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
        /// What is to be done.
        kind: Kind,
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
    #[error("node {node:?}: the operator {operator} is not supported")]
    Operator {
        /// The node.
        node: String,
        /// The operator, with its domain where it is not ONNX' own.
        operator: String,
        /// What is to be done.
        kind: Kind,
    },
    /// A node that does not fit its inputs, or uses what is not supported.
    #[error("node {node:?} ({operator}): {what} must be {expected}, got {got}")]
    Node {
        /// The node.
        node: String,
        /// Its operator.
        operator: String,
        /// What is to be done.
        kind: Kind,
        /// The attribute, input or property.
        what: String,
        /// What it should be.
        expected: String,
        /// What it is.
        got: String,
    },
    /// The batch is fixed, and not 1.
    #[error("the batch must be 1 or a symbol, got {got}: input {input:?} has the shape {shape:?}")]
    Batch {
        /// The latent's name.
        input: String,
        /// Its shape.
        shape: Vec<usize>,
        /// The batch.
        got: usize,
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
    /// Every latent gives the same picture.
    #[error("the picture does not depend on the latent: {reason}")]
    ConstantPicture {
        /// How that was found.
        reason: &'static str,
    },
    /// The integer model's pictures are too far from the float model's.
    #[error(
        "the integer model is {psnr_db:.1} dB from the float model, below {floor_db:.0} dB; {layer} loses most, {signal_db:.1} dB"
    )]
    Quality {
        /// What it is.
        psnr_db: f64,
        /// What it must be.
        floor_db: f64,
        /// The layer that is furthest from its floats, by its number and the node that made it.
        layer: String,
        /// That layer's signal to noise ratio.
        signal_db: f64,
    },
    /// The numbers leave the model's limits.
    #[error("the quantised model: {0}")]
    Model(#[from] ModelError),
}

impl ImportError {
    /// What is to be done about it.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Io { .. } => Kind::Io,
            Self::FileSize { .. } => Kind::FileSize,
            Self::Protobuf { .. } => Kind::Protobuf,
            Self::OperatorSet { .. } => Kind::OperatorSet,
            Self::Graph { kind, .. }
            | Self::Tensor { kind, .. }
            | Self::Operator { kind, .. }
            | Self::Node { kind, .. } => *kind,
            Self::Batch { .. } => Kind::Batch,
            Self::OutputRange { .. } => Kind::OutputRange,
            Self::ConstantPicture { .. } => Kind::ConstantPicture,
            Self::Quality { .. } => Kind::Quality,
            Self::Model(_) => Kind::TooLarge,
        }
    }

    /// The operator of the node that the error is about.
    pub fn operator(&self) -> Option<&str> {
        match self {
            Self::Operator { operator, .. } | Self::Node { operator, .. } | Self::OperatorSet { operator, .. } => {
                Some(operator)
            }
            _ => None,
        }
    }
}

/// An error inside a node that is not yet named.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    pub(crate) what: String,
    pub(crate) expected: String,
    pub(crate) got: String,
}

impl Fault {
    /// The same with another remedy.
    pub(crate) fn of(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }
}

/// The result of an operator.
pub(crate) type Checked<T> = Result<T, Fault>;

#[expect(clippy::needless_pass_by_value, reason = "numbers and texts are both given as they are")]
pub(crate) fn fault(what: impl ToString, expected: impl ToString, got: impl ToString) -> Fault {
    Fault { kind: Kind::Node, what: what.to_string(), expected: expected.to_string(), got: got.to_string() }
}

pub(crate) fn ensure(holds: bool, what: impl ToString, expected: impl ToString, got: impl ToString) -> Checked<()> {
    if holds { Ok(()) } else { Err(fault(what, expected, got)) }
}

#[expect(clippy::needless_pass_by_value, reason = "numbers and texts are both given as they are")]
pub(crate) fn graph_error(kind: Kind, what: &'static str, expected: impl ToString, got: impl ToString) -> ImportError {
    ImportError::Graph { kind, what, expected: expected.to_string(), got: got.to_string() }
}

/// An error that belongs to no node.
pub(crate) fn whole(fault: Fault) -> ImportError {
    ImportError::Node {
        node: "output".to_owned(),
        operator: "the whole network".to_owned(),
        kind: fault.kind,
        what: fault.what,
        expected: fault.expected,
        got: fault.got,
    }
}

impl veilmark_files::Classified for ImportError {
    fn kind(&self) -> veilmark_files::Kind {
        use veilmark_files::Kind as Common;
        match self {
            Self::Io { source, .. } => Common::of_io(source),
            error => match error.kind() {
                Kind::Protobuf => Common::FileDamaged,
                Kind::Label | Kind::Outputs => Common::Usage,
                _ => Common::Unsupported,
            },
        }
    }
}
