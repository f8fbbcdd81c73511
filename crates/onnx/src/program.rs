//! The file as a program: which nodes are evaluated, in which order, with which inputs.
//!
//! Names are resolved as ONNX does: a subgraph of `If` sees what is around it, a function only its inputs. Everything is bounded:
//! the nodes that are evaluated in all, and how deep functions call each other.
use super::{
    error::{Fault, ImportError, Kind, fault, graph_error, whole},
    file::OnnxFile,
    graph::{Graph, PLAIN},
    operators::{self, Call, NEWEST_OPERATOR_SET},
    proto::{Attributes, Bindings, check_tensor, node_name, shown, tensor},
    tensor::{Element, Tensor},
    wire,
};
use prost::Message as _;
use std::collections::{BTreeSet, HashMap, HashSet};
use tract_onnx::pb::{AttributeProto, FunctionProto, ModelProto, NodeProto, TensorProto};
use veilmark_statement::model::MAX_WEIGHTS;

/// The most nodes that are evaluated.
const MAX_NODES: usize = 1 << 16;
/// How deep functions and conditions may stand in each other.
const MAX_DEPTH: u32 = 32;

/// What decoders of functions leave out: the default values of their attributes.
#[derive(Clone, PartialEq, prost::Message)]
struct Defaults {
    #[prost(message, repeated, tag = "11")]
    attributes: Vec<AttributeProto>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct FunctionDefaults {
    #[prost(message, repeated, tag = "25")]
    functions: Vec<Defaults>,
}

/// A file whose structure is sound.
#[derive(Debug)]
pub(crate) struct Onnx {
    pub(crate) proto: ModelProto,
    defaults: Vec<Defaults>,
    opset: i64,
    /// The latent's name.
    pub(crate) input: String,
    /// The latent's shape, batch 1.
    pub(crate) input_shape: Vec<usize>,
    /// The batch that the file says for the latent, where it is not 1.
    pub(crate) batch: Option<usize>,
    /// The picture's name.
    pub(crate) output: String,
    /// Inputs that are fixed: a label.
    pub(crate) fixed: Vec<(String, Tensor)>,
}

/// ONNX' own domain.
fn is_own(domain: &str) -> bool {
    domain.is_empty() || domain == "ai.onnx"
}

impl Onnx {
    /// Reads a file and the weights beside it, and checks the structure.
    pub(crate) fn read(file: &OnnxFile, output: Option<&str>, label: Option<u32>) -> Result<Self, ImportError> {
        let bytes = &file.bytes[..];
        let limit = super::file::MAX_FILE_BYTES;
        if bytes.is_empty() || bytes.len() as u64 > limit {
            return Err(ImportError::FileSize { limit, got: bytes.len() as u64 });
        }
        wire::check(bytes)?;
        let broken = |error: prost::DecodeError| ImportError::Protobuf { reason: error.to_string() };
        let mut proto = ModelProto::decode(bytes).map_err(broken)?;
        let defaults = FunctionDefaults::decode(bytes).map_err(broken)?.functions;
        file.load_external(&mut proto)?;
        let opset = opset(&proto.opset_import.iter().map(|set| (&set.domain[..], set.version)).collect::<Vec<_>>())?;
        let graph = proto.graph.as_ref().ok_or_else(|| graph_error(Kind::Broken, "the graph", "there", "none"))?;
        if !graph.sparse_initializer.is_empty() {
            return Err(graph_error(Kind::Type, "sparse tensors", "none", graph.sparse_initializer.len()));
        }
        let mut weights = 0usize;
        let mut stored = HashSet::new();
        for tensor in &graph.initializer {
            weights = weights.saturating_add(check_tensor(tensor)?);
            if !stored.insert(tensor.name.as_str()) {
                let (expected, got) = ("given once", "given twice");
                return Err(super::proto::tensor_error(Kind::Broken, &tensor.name, "the name", expected, got));
            }
        }
        if weights > MAX_WEIGHTS {
            let expected = format!("at most {MAX_WEIGHTS}");
            return Err(graph_error(Kind::TooLarge, "the stored numbers", expected, weights));
        }
        let output = super::inputs::output_of(graph, output)?;
        let inputs: HashSet<&str> = graph.input.iter().map(|input| input.name.as_str()).collect();
        let known = |name: &str| stored.contains(name) || inputs.contains(name);
        if let Some(node) = graph.node.iter().find(|node| node.output.iter().any(|name| known(name))) {
            let got = shown(&format!("{:?}", node.output));
            let fault = Box::new(fault("an output's name", "given once", got).of(Kind::Broken));
            return Err(ImportError::Node { node: node_name(node), operator: shown(&node.op_type), fault });
        }
        let order = order(&graph.node, &known, &[&output])?;
        let read: HashSet<&str> =
            order.iter().flat_map(|index| reads(&graph.node[*index])).chain(std::iter::once(&output[..])).collect();
        let used: Vec<_> = graph
            .input
            .iter()
            .filter(|input| !stored.contains(input.name.as_str()) && read.contains(input.name.as_str()))
            .collect();
        let bound = super::inputs::bind(&used, label)?;
        let super::inputs::Bound { input, input_shape, batch, fixed } = bound;
        Ok(Self { defaults, opset, input, input_shape, batch, output, fixed, proto })
    }

    /// The nodes of the graph that the picture needs, for whoever else reads it.
    pub(crate) fn needed(&self) -> Vec<usize> {
        let Some(graph) = &self.proto.graph else { return vec![] };
        order(&graph.node, &|_| true, &[&self.output]).unwrap_or_default()
    }

    /// Evaluates the nodes on elements instead of numbers; the graph and the picture.
    pub(crate) fn interpret(&self) -> Result<(Graph, Tensor), ImportError> {
        let batch = |error: ImportError| match self.batch {
            Some(_) => self.batch_error(),
            None => error,
        };
        let (graph, output) = self.evaluate().map_err(batch)?;
        if self.batch.is_some() && self.batch == output.shape.first().copied() {
            return Err(self.batch_error());
        }
        super::inputs::check_output(&self.proto, &self.output, &output.shape)?;
        Ok((graph, output))
    }

    fn batch_error(&self) -> ImportError {
        let (input, shape) = (shown(&self.input), self.input_shape.clone());
        ImportError::Batch { input, shape, got: self.batch.unwrap_or(1) }
    }

    fn evaluate(&self) -> Result<(Graph, Tensor), ImportError> {
        let Some(proto) = &self.proto.graph else {
            return Err(graph_error(Kind::Broken, "the graph", "there", "none"));
        };
        let entries = self.input_shape.iter().product();
        let mut functions = HashMap::new();
        for (index, function) in self.proto.functions.iter().enumerate() {
            let key = (function.domain.as_deref().unwrap_or_default(), function.name.as_deref().unwrap_or_default());
            if functions.insert(key, index).is_some() {
                let got = format!("{:?} twice", shown(key.1));
                return Err(graph_error(Kind::Broken, "the local functions", "of different names", got));
            }
        }
        let mut interpreter = Interpreter { onnx: self, functions, graph: Graph::new(entries), evaluated: 0 };
        let of = |accumulator| Element::Of { accumulator, form: PLAIN };
        let latent = Tensor::elements(self.input_shape.clone(), (0..entries as u32).map(of).collect());
        let mut inputs: Values<'_> = HashMap::from([(self.input.as_str(), latent)]);
        inputs.extend(self.fixed.iter().map(|(name, tensor)| (name.as_str(), tensor.clone())));
        let body = Body { nodes: &proto.node, initializers: &proto.initializer, outputs: vec![&self.output] };
        let place = Place { opset: self.opset, bindings: None, depth: 0, path: "" };
        let mut made = interpreter.run(&body, &mut vec![inputs], &place)?;
        let missing = || graph_error(Kind::Broken, "the output", "made by a node", "nothing");
        Ok((interpreter.graph, made.pop().ok_or_else(missing)?))
    }
}

/// The version of ONNX' own operators that a list of operator sets names.
fn opset(sets: &[(&str, i64)]) -> Result<i64, ImportError> {
    let own = sets.iter().find(|(domain, _)| is_own(domain)).map(|(_, version)| *version);
    let opset = own.ok_or_else(|| graph_error(Kind::OperatorSet, "the operator set", "named", "none"))?;
    if (1..=NEWEST_OPERATOR_SET).contains(&opset) {
        return Ok(opset);
    }
    let expected = format!("1 to {NEWEST_OPERATOR_SET} are");
    Err(ImportError::OperatorSet { operator: "The meaning of the operators".to_owned(), expected, got: opset })
}

type Values<'a> = HashMap<&'a str, Tensor>;

/// A graph or a function.
#[derive(Debug)]
struct Body<'a> {
    nodes: &'a [NodeProto],
    initializers: &'a [TensorProto],
    outputs: Vec<&'a str>,
}

/// Where a body stands.
#[derive(Clone, Copy, Debug)]
struct Place<'b> {
    opset: i64,
    bindings: Option<&'b Bindings<'b>>,
    depth: u32,
    /// The names of the nodes around it.
    path: &'b str,
}

#[derive(Debug)]
struct Interpreter<'a> {
    onnx: &'a Onnx,
    functions: HashMap<(&'a str, &'a str), usize>,
    graph: Graph,
    evaluated: usize,
}

/// A value by its name, from the innermost scope.
fn lookup<'v>(scopes: &'v [Values<'_>], name: &str) -> Option<&'v Tensor> {
    scopes.iter().rev().find_map(|values| values.get(name))
}

impl<'a> Interpreter<'a> {
    /// The outputs of a body in the given scopes.
    fn run(
        &mut self,
        body: &Body<'a>,
        scopes: &mut Vec<Values<'a>>,
        place: &Place<'_>,
    ) -> Result<Vec<Tensor>, ImportError> {
        self.evaluated = self.evaluated.saturating_add(body.nodes.len());
        if self.evaluated > MAX_NODES || place.depth > MAX_DEPTH {
            let expected = format!("at most {MAX_NODES}, and {MAX_DEPTH} functions deep");
            return Err(graph_error(Kind::TooLarge, "the nodes", expected, "more"));
        }
        let stored: HashSet<&str> = body.initializers.iter().map(|tensor| tensor.name.as_str()).collect();
        let known = |name: &str| stored.contains(name) || lookup(scopes, name).is_some();
        let order = order(body.nodes, &known, &body.outputs)?;
        let mut readers: HashMap<&str, usize> = HashMap::new();
        let names = order.iter().flat_map(|index| reads(&body.nodes[*index]));
        names.chain(body.outputs.iter().copied()).for_each(|name| *readers.entry(name).or_default() += 1);
        let mut values = Values::new();
        for proto in body.initializers.iter().filter(|proto| readers.contains_key(proto.name.as_str())) {
            self.graph.spend_constants(check_tensor(proto)?).map_err(whole)?;
            values.insert(&proto.name, tensor(proto)?);
        }
        scopes.push(values);
        for index in order {
            let node = &body.nodes[index];
            let made = self.node(node, scopes, place)?;
            let Some(values) = scopes.last_mut() else { continue };
            for name in reads(node) {
                if let Some(left) = readers.get_mut(name) {
                    *left -= 1;
                    if *left == 0 {
                        values.remove(name);
                    }
                }
            }
            for (name, tensor) in node.output.iter().zip(made) {
                if readers.contains_key(name.as_str()) {
                    values.insert(name, tensor);
                }
            }
        }
        let missing = |name: &str| {
            let got = format!("nothing for {:?}", shown(name));
            graph_error(Kind::Broken, "an output", "made by a node", got)
        };
        let outputs = body.outputs.iter().map(|name| lookup(scopes, name).cloned().ok_or_else(|| missing(name)));
        let outputs = outputs.collect::<Result<_, _>>();
        scopes.pop();
        outputs
    }

    fn node(
        &mut self,
        node: &'a NodeProto,
        scopes: &mut Vec<Values<'a>>,
        place: &Place<'_>,
    ) -> Result<Vec<Tensor>, ImportError> {
        let own = is_own(&node.domain);
        let operator = if own { node.op_type.clone() } else { format!("{}.{}", node.domain, node.op_type) };
        let operator = shown(&operator);
        let name = if place.path.is_empty() { node_name(node) } else { format!("{}/{}", place.path, node_name(node)) };
        let named =
            |fault: Fault| ImportError::Node { node: name.clone(), operator: operator.clone(), fault: Box::new(fault) };
        let attributes = Attributes { list: &node.attribute, bindings: place.bindings };
        if let Some(&function) = self.functions.get(&(node.domain.as_str(), node.op_type.as_str())) {
            return self.call(function, node, &attributes, scopes, &Place { path: &name, ..*place });
        }
        if own && node.op_type == "If" {
            return self.branch(node, scopes, &Place { path: &name, ..*place }, &named);
        }
        let known = if own { operators::find(&node.op_type) } else { None };
        let Some(known) = known else {
            let random = ["RandomNormal", "RandomUniform", "Multinomial", "Bernoulli"];
            let kind = if node.domain.starts_with("com.microsoft") {
                Kind::FusedOperator
            } else if random.iter().any(|prefix| node.op_type.starts_with(prefix)) {
                Kind::Random
            } else {
                Kind::Operator
            };
            return Err(ImportError::Operator { node: name, operator, kind });
        };
        let Some(since) = known.version(place.opset) else {
            let sets: Vec<String> = known.since.iter().map(ToString::to_string).collect();
            let expected = format!("read are the meanings that begin with the operator sets {}", sets.join(", "));
            return Err(ImportError::OperatorSet { operator: known.name.to_owned(), expected, got: place.opset });
        };
        self.graph.enter(&name, &operator);
        let inputs = node.input.iter().map(|name| if name.is_empty() { None } else { lookup(scopes, name) }).collect();
        let outputs = node.output.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
        let call = Call { operator: known.name, inputs, attributes, outputs, since };
        operators::evaluate(known, &mut self.graph, &call).map_err(named)
    }

    /// `If`: the branch that a constant condition chooses.
    fn branch(
        &mut self,
        node: &'a NodeProto,
        scopes: &mut Vec<Values<'a>>,
        place: &Place<'_>,
        named: &dyn Fn(Fault) -> ImportError,
    ) -> Result<Vec<Tensor>, ImportError> {
        let condition = node.input.first().and_then(|name| lookup(scopes, name));
        let condition = condition.ok_or_else(|| named(fault("the condition", "given", "nothing")))?;
        let holds = condition.as_scalar("the condition").map_err(|fault| {
            named(if condition.is_constant() { fault } else { fault.of(Kind::ControlDependsOnLatent) })
        })?;
        let name = if holds != 0.0 { "then_branch" } else { "else_branch" };
        // a subgraph stands in the node itself, not in what the node's function is called with
        let own = node.attribute.iter().find(|attribute| attribute.name == name).and_then(|a| a.g.as_ref());
        let graph = own.ok_or_else(|| named(fault(name, "a graph", "nothing")))?;
        let outputs = graph.output.iter().map(|info| info.name.as_str()).collect();
        let body = Body { nodes: &graph.node, initializers: &graph.initializer, outputs };
        self.run(&body, scopes, &Place { depth: place.depth + 1, ..*place })
    }

    /// A model's own function, in place of the node that calls it.
    fn call(
        &mut self,
        function: usize,
        node: &'a NodeProto,
        attributes: &Attributes<'_>,
        scopes: &[Values<'a>],
        place: &Place<'_>,
    ) -> Result<Vec<Tensor>, ImportError> {
        let onnx = self.onnx;
        let proto: &'a FunctionProto = &onnx.proto.functions[function];
        let sets: Vec<_> = proto.opset_import.iter().map(|set| (&set.domain[..], set.version)).collect();
        let opset = if sets.iter().any(|(domain, _)| is_own(domain)) { opset(&sets)? } else { place.opset };
        let mut bindings = Bindings::new();
        if let Some(defaults) = onnx.defaults.get(function) {
            bindings.extend(defaults.attributes.iter().map(|default| (default.name.as_str(), default)));
        }
        for name in &proto.attribute {
            if let Some(given) = attributes.find(name) {
                bindings.insert(name, given);
            }
        }
        for attribute in &node.attribute {
            if let (true, Some(given)) = (bindings.contains_key(&attribute.name[..]), attributes.find(&attribute.name))
            {
                bindings.insert(&attribute.name, given);
            }
        }
        let mut inputs = Values::new();
        for (name, value) in proto.input.iter().zip(&node.input) {
            if let Some(tensor) = lookup(scopes, value) {
                inputs.insert(name, tensor.clone());
            }
        }
        let body =
            Body { nodes: &proto.node, initializers: &[], outputs: proto.output.iter().map(String::as_str).collect() };
        let place = Place { opset, bindings: Some(&bindings), depth: place.depth + 1, path: place.path };
        self.run(&body, &mut vec![inputs], &place)
    }
}

/// What a node reads: its inputs, and what the graphs inside it take from around it.
fn reads(node: &NodeProto) -> Vec<&str> {
    let mut made: Vec<&str> = node.input.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    for graph in node.attribute.iter().filter_map(|attribute| attribute.g.as_ref()) {
        let inner: HashSet<&str> = graph
            .node
            .iter()
            .flat_map(|node| &node.output)
            .chain(graph.initializer.iter().map(|tensor| &tensor.name))
            .chain(graph.input.iter().map(|info| &info.name))
            .map(String::as_str)
            .collect();
        let outputs = graph.output.iter().map(|info| info.name.as_str());
        made.extend(graph.node.iter().flat_map(reads).chain(outputs).filter(|name| !inner.contains(name)));
    }
    made
}

/// An order in which every node reads only what was made before, without the nodes that the outputs do not need.
fn order(nodes: &[NodeProto], known: &dyn Fn(&str) -> bool, outputs: &[&str]) -> Result<Vec<usize>, ImportError> {
    let named = |node: &NodeProto, what: &str, expected: &str, got: &str| ImportError::Node {
        node: node_name(node),
        operator: shown(&node.op_type),
        fault: Box::new(fault(what, expected, format!("{:?}", shown(got))).of(Kind::Broken)),
    };
    let mut makers = HashMap::new();
    for (index, node) in nodes.iter().enumerate() {
        for name in node.output.iter().filter(|name| !name.is_empty()) {
            if makers.insert(name.as_str(), index).is_some() {
                return Err(named(node, "an output's name", "given once", name));
            }
        }
    }
    for output in outputs {
        if !makers.contains_key(output) && !known(output) {
            return Err(graph_error(Kind::Broken, "the output", "made by a node", format!("{:?}", shown(output))));
        }
    }
    // Kahn's algorithm, smallest index first
    let mut waits = vec![0usize; nodes.len()];
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    let inputs: Vec<Vec<&str>> = nodes.iter().map(reads).collect();
    for (index, node) in nodes.iter().enumerate() {
        for name in &inputs[index] {
            if let Some(&maker) = makers.get(name) {
                waits[index] += 1;
                readers[maker].push(index);
            } else if !known(name) {
                return Err(named(node, "an input", "made by a node or stored", name));
            }
        }
    }
    let mut ready: BTreeSet<usize> = (0..nodes.len()).filter(|index| waits[*index] == 0).collect();
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
    let mut needed = vec![false; nodes.len()];
    outputs.iter().filter_map(|output| makers.get(output)).for_each(|maker| needed[*maker] = true);
    for &index in order.iter().rev() {
        if needed[index] {
            inputs[index].iter().filter_map(|name| makers.get(name)).for_each(|maker| needed[*maker] = true);
        }
    }
    order.retain(|index| needed[*index]);
    Ok(order)
}
