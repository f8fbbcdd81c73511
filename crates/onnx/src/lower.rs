//! From accumulators and forms to layers: which function each layer's neurons are, and who reads which neuron.
//!
//! An affine function right behind a product goes into its weights. Where all readers of a node want the same function of
//! its accumulators, that is the layer's function. Where they want several, the layer's neurons are the accumulators
//! themselves and each further function is a layer of its own.
use super::{
    error::{Checked, ensure},
    function::{FunctionId, INPUT, MAX_PARTS, Unary},
    graph::{Combination, Graph, IDENTITY, Node, relative},
    network::{FloatLayer, FloatMap, Network, Origin, Read},
    tensor::{Element, Elements, FormId, Tensor, count},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};
use veilmark_statement::model::{MAX_LAYERS, MAX_NEURONS};

fn inputs(map: &Combination) -> Vec<&Elements> {
    match map {
        Combination::Latent => vec![],
        Combination::Product { input, .. } => vec![input],
        Combination::Sum(terms) => terms.iter().map(|(_, view)| view).collect(),
        Combination::Mul(left, right) => vec![left, right],
    }
}

/// What becomes of a node's accumulators.
#[derive(Default, Debug)]
struct Uses {
    /// Forms by channel.
    channels: Vec<BTreeSet<FormId>>,
    live: bool,
}

/// Lowers a graph whose output are the picture's samples, `[0, 255]`.
pub(super) fn lower(mut graph: Graph, output: &Tensor) -> Checked<Network> {
    let output = graph.unary(output, &|f, x| f.unary(Unary::Picture, x))?.as_elements("the output")?;
    // who is read, and as what: readers come after what they read
    let mut uses: Vec<Uses> =
        graph.nodes.iter().map(|node| Uses { channels: vec![BTreeSet::new(); node.shape[0]], live: false }).collect();
    let mark = |uses: &mut Vec<Uses>, list: &[Element]| {
        let mut last = None;
        for element in list {
            let Element::Of { accumulator, form } = *element else { continue };
            let node = graph.node_of(accumulator);
            let channel = (accumulator - graph.nodes[node].first) as usize / graph.nodes[node].plane();
            if last != Some((node, channel, form)) {
                uses[node].live = true;
                uses[node].channels[channel].insert(form);
                last = Some((node, channel, form));
            }
        }
    };
    mark(&mut uses, &output);
    for node in (1..graph.nodes.len()).rev() {
        if uses[node].live {
            for list in inputs(&graph.nodes[node].map) {
                mark(&mut uses, list);
            }
        }
    }
    let mut lowering =
        Lowering { layers: Vec::new(), neurons: 0, places: HashMap::new(), cores: HashMap::new(), base: vec![] };
    let nodes = std::mem::take(&mut graph.nodes);
    graph.nodes = nodes.iter().map(|node| Node { map: Combination::Latent, ..node.clone() }).collect();
    // which accumulators are wanted as which function, where a layer alone does not say it
    let mut wanted: Vec<BTreeMap<FunctionId, BTreeSet<u32>>> = vec![BTreeMap::new(); nodes.len()];
    let mut direct = vec![false; nodes.len()];
    let mut functions: Vec<Vec<FunctionId>> = vec![Vec::new(); nodes.len()];
    let mut folds: Vec<Vec<(f64, f64)>> = vec![Vec::new(); nodes.len()];
    for (index, node) in nodes.iter().enumerate().filter(|(index, _)| uses[*index].live) {
        let product = matches!(node.map, Combination::Product { .. });
        let mut distinct: Vec<BTreeSet<FunctionId>> = Vec::with_capacity(node.shape[0]);
        for (channel, forms) in uses[index].channels.iter().enumerate() {
            let pres: BTreeSet<_> = forms.iter().map(|form| graph.forms[*form as usize].pre).collect();
            // of several affine functions one goes into the weights, and the others are functions of it
            let base = pres.iter().find(|pre| product && pre.0.get() != 0.0).copied().unwrap_or(IDENTITY);
            folds[index].push((base.0.get(), base.1.get()));
            let mut cores = BTreeSet::new();
            for &id in forms {
                let form = graph.forms[id as usize];
                let (scale, shift) = relative(base, form.pre);
                let function = graph.functions.substitute(form.function, scale, shift);
                let core = graph.functions.affine(function, form.post.0.get(), form.post.1.get());
                lowering.cores.insert((index as u32, channel as u32, id), core);
                cores.insert(core);
            }
            distinct.push(cores);
        }
        direct[index] = index > 0 && distinct.iter().all(|cores| cores.len() <= 1);
        functions[index] = if direct[index] {
            let any = distinct.iter().find_map(|cores| cores.first().copied()).unwrap_or(INPUT);
            distinct.iter().map(|cores| cores.first().copied().unwrap_or(any)).collect()
        } else {
            vec![INPUT; node.shape[0]]
        };
    }
    let mut want = |list: &[Element]| {
        for element in list {
            let Element::Of { accumulator, form } = *element else { continue };
            let node = graph.node_of(accumulator);
            if !direct[node] {
                let channel = (accumulator - nodes[node].first) as usize / nodes[node].plane();
                let core = lowering.cores[&(node as u32, channel as u32, form)];
                if core != INPUT {
                    wanted[node].entry(core).or_default().insert(accumulator);
                }
            }
        }
    };
    want(&output);
    for (index, node) in nodes.iter().enumerate().filter(|(index, _)| uses[*index].live) {
        if index > 0 {
            inputs(&node.map).into_iter().for_each(|list| want(list));
        }
    }
    for (index, node) in nodes.iter().enumerate() {
        lowering.base.push(lowering.neurons);
        if index == 0 {
            lowering.neurons = node.len();
        } else if !uses[index].live {
            continue;
        } else {
            let read = |list: &Elements| lowering.read(&graph, &nodes, &direct, list);
            let map = match &node.map {
                Combination::Latent => continue,
                Combination::Product { input, geometry, weights, bias } => {
                    let input = read(input);
                    let plain = folds[index].iter().all(|fold| *fold == (1.0, 0.0));
                    let len = geometry.kernel_len();
                    let folded = || {
                        let channel = weights.chunks(len).zip(&folds[index]);
                        channel
                            .flat_map(|(list, (a, _))| list.iter().map(move |w| (f64::from(*w) * a) as f32))
                            .collect()
                    };
                    let weights = if plain { weights.clone() } else { Arc::new(folded()) };
                    let bias = bias.iter().zip(&folds[index]).map(|(bias, (a, b))| bias * a + b).collect();
                    FloatMap::Product { input, geometry: geometry.clone(), weights, bias }
                }
                Combination::Sum(terms) => FloatMap::Sum(terms.iter().map(|(c, list)| (*c, read(list))).collect()),
                Combination::Mul(left, right) => FloatMap::Mul(read(left), read(right)),
            };
            let functions = std::mem::take(&mut functions[index]);
            lowering.push(FloatLayer {
                shape: node.shape,
                map,
                functions,
                exact: node.exact,
                origin: node.origin.clone(),
            })?;
        }
        lowering.further(index, (node.first, &node.origin), &wanted[index])?;
    }
    let output = lowering.read(&graph, &nodes, &direct, &output);
    let functions = graph.functions;
    let network = Network { latent: nodes[0].len(), layers: lowering.layers, output, functions };
    for &function in network.layers.iter().flat_map(|layer| &layer.functions).collect::<BTreeSet<_>>() {
        let size = network.functions.size(function);
        ensure(size <= MAX_PARTS, "a function of one element", format!("of at most {MAX_PARTS} steps"), size)?;
    }
    Ok(network)
}

#[derive(Debug)]
struct Lowering {
    layers: Vec<FloatLayer>,
    neurons: usize,
    /// The neuron of an accumulator's function, where it is not its node's own.
    places: HashMap<(u32, FunctionId), u32>,
    /// The function that a form is, by node and channel.
    cores: HashMap<(u32, u32, FormId), FunctionId>,
    /// Each node's first neuron.
    base: Vec<usize>,
}

impl Lowering {
    fn push(&mut self, layer: FloatLayer) -> Checked<()> {
        count(&[self.neurons + layer.len()], MAX_NEURONS)?;
        let most = MAX_LAYERS;
        ensure(self.layers.len() < most, "the layers", format!("at most {most}"), self.layers.len() + 1)?;
        self.neurons += layer.len();
        self.layers.push(layer);
        Ok(())
    }

    /// Layers of one function each; one layer for all where they are read equally often.
    fn further(
        &mut self,
        index: usize,
        (first, origin): (u32, &Origin),
        wanted: &BTreeMap<FunctionId, BTreeSet<u32>>,
    ) -> Checked<()> {
        let sizes: BTreeSet<usize> = wanted.values().map(BTreeSet::len).collect();
        let groups: Vec<Vec<FunctionId>> = match sizes.len() {
            1 => vec![wanted.keys().copied().collect()],
            _ => wanted.keys().map(|function| vec![*function]).collect(),
        };
        for group in groups {
            let mut view = Vec::new();
            for function in &group {
                for &accumulator in &wanted[function] {
                    self.places.insert((accumulator, *function), (self.neurons + view.len()) as u32);
                    view.push(Read::Neuron((self.base[index] + (accumulator - first) as usize) as u32));
                }
            }
            let shape = [group.len(), 1, view.len() / group.len()];
            let (map, origin) = (FloatMap::Sum(vec![(1.0, view)]), origin.clone());
            self.push(FloatLayer { shape, map, functions: group, exact: false, origin })?;
        }
        Ok(())
    }

    fn read(&self, graph: &Graph, nodes: &[Node], direct: &[bool], list: &Elements) -> Vec<Read> {
        let of = |element: &Element| match *element {
            Element::Constant(c) => Read::Constant(c),
            Element::Of { accumulator, form } => {
                let node = graph.node_of(accumulator);
                let at = (accumulator - nodes[node].first) as usize;
                let own = Read::Neuron((self.base[node] + at) as u32);
                if direct[node] {
                    return own;
                }
                let channel = at / nodes[node].plane();
                let core = self.cores[&(node as u32, channel as u32, form)];
                if core == INPUT { own } else { Read::Neuron(self.places[&(accumulator, core)]) }
            }
        };
        list.iter().map(of).collect()
    }
}

impl Network {
    /// That every sample of the picture is a neuron of one layer, and equally far from the pixel's other ones: what the statement
    /// asks of a picture. Where it is not so (borders of constants, planes of several layers), one more layer copies the samples.
    pub(super) fn gather_samples(&mut self, channels: usize, plane: [usize; 2]) -> Checked<()> {
        let pixels = plane[0] * plane[1];
        let mut first = self.latent as u32;
        let one_layer = self.layers.iter().any(|layer| {
            let range = first..first + layer.len() as u32;
            first = range.end;
            self.output.iter().all(|read| matches!(read, Read::Neuron(at) if range.contains(at)))
        });
        let at = |index: usize| if let Read::Neuron(at) = self.output[index] { i64::from(at) } else { 0 };
        let even = |p: usize| {
            let [r, g, b] = [0, 1, 2].map(|c| at(c * pixels + p));
            g - r == b - g
        };
        if one_layer && (channels == 1 || channels == 3 && (0..pixels).all(even)) {
            return Ok(());
        }
        let whole = |read: &Read| match *read {
            Read::Constant(c) => Read::Constant(c.round_ties_even()),
            neuron @ Read::Neuron(_) => neuron,
        };
        let view: Vec<Read> = self.output.iter().map(whole).collect();
        let function = self.functions.unary(Unary::Picture, INPUT);
        let first = self.latent + self.layers.iter().map(FloatLayer::len).sum::<usize>();
        count(&[first + view.len()], MAX_NEURONS)?;
        self.output = (first..first + view.len()).map(|at| Read::Neuron(at as u32)).collect();
        self.layers.push(FloatLayer {
            shape: [channels, plane[0], plane[1]],
            map: FloatMap::Sum(vec![(1.0, view)]),
            functions: vec![function; channels],
            exact: false,
            origin: "the picture".into(),
        });
        Ok(())
    }
}
