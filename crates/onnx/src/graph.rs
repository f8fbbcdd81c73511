//! The network while it is read: nodes that combine accumulators, and the functions of one accumulator between them.
//!
//! Operators that move elements cost nothing, element-wise operators only change forms ([`Form`]), and only what truly combines
//! accumulators makes a [`Node`]. A node of constants alone is computed at once, and is a constant.
use super::{
    error::{Checked, ensure},
    float,
    function::{Binary, FunctionId, Functions, INPUT, Number},
    network::{FloatLayer, FloatMap, Geometry, Origin, Read},
    tensor::{Data, Element, Elements, FormId, MAX_ELEMENTS, Tensor, count, layer_shape},
};
use std::{collections::HashMap, sync::Arc};
use veilmark_statement::model::MAX_NEURONS;

/// The most elements of all tensors that are made, constants aside.
const MAX_WORK: usize = 1 << 27;
/// The most numbers of all constants that are made.
const MAX_CONSTANTS: usize = 1 << 29;
/// The most multiplications of constants.
const MAX_FOLDED: usize = 1 << 33;

/// `x * a + b`.
pub(super) type Affine = (Number, Number);

pub(super) const IDENTITY: Affine = (Number::new(1.0), Number::new(0.0));

/// `post * f(pre * x)`, both affine; `post` is the identity where `f` is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct Form {
    pub(super) pre: Affine,
    pub(super) function: FunctionId,
    pub(super) post: Affine,
}

/// The accumulator itself.
pub(super) const PLAIN: FormId = 0;

#[derive(Clone, Debug)]
pub(super) enum Combination {
    Latent,
    Product { input: Elements, geometry: Geometry, weights: Arc<Vec<f32>>, bias: Vec<f64> },
    Sum(Vec<(f64, Elements)>),
    Mul(Elements, Elements),
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Its first accumulator.
    pub(super) first: u32,
    pub(super) shape: [usize; 3],
    pub(super) map: Combination,
    /// The node of the file that made it.
    pub(super) origin: Origin,
    /// The neurons should have the scale of what is read, so that nothing is rounded (maxima).
    pub(super) exact: bool,
}

impl Node {
    pub(super) fn len(&self) -> usize {
        self.shape.iter().product()
    }

    pub(super) fn plane(&self) -> usize {
        self.shape[1] * self.shape[2]
    }
}

#[derive(Debug)]
pub(super) struct Graph {
    pub(super) functions: Functions,
    pub(super) forms: Vec<Form>,
    index: HashMap<Form, FormId>,
    pub(super) nodes: Vec<Node>,
    accumulators: usize,
    work: usize,
    constants: usize,
    folded: usize,
    origin: Origin,
}

impl Graph {
    /// A graph of nothing but a latent.
    pub(super) fn new(latent: usize) -> Self {
        let plain = Form { pre: IDENTITY, function: INPUT, post: IDENTITY };
        let latent_node = Node {
            first: 0,
            shape: [latent, 1, 1],
            map: Combination::Latent,
            origin: "the latent".into(),
            exact: false,
        };
        Self {
            functions: Functions::new(),
            forms: vec![plain],
            index: HashMap::from([(plain, PLAIN)]),
            nodes: vec![latent_node],
            accumulators: latent,
            work: 0,
            constants: 0,
            folded: 0,
            origin: "the latent".into(),
        }
    }

    /// Says which node of the file is being evaluated.
    pub(super) fn enter(&mut self, node: &str, operator: &str) {
        self.origin = format!("{node} ({operator})").into();
    }

    /// Accounts for elements before they are made.
    pub(super) fn spend(&mut self, elements: usize) -> Checked<()> {
        self.work = self.work.saturating_add(elements);
        ensure(self.work <= MAX_WORK, "the elements of all tensors", format!("at most {MAX_WORK}"), self.work)
    }

    /// Accounts for numbers of constants before they are made.
    pub(super) fn spend_constants(&mut self, numbers: usize) -> Checked<()> {
        self.constants = self.constants.saturating_add(numbers);
        let most = MAX_CONSTANTS;
        ensure(self.constants <= most, "the numbers of all constants", format!("at most {most}"), self.constants)
    }

    /// Accounts for multiplications of constants.
    pub(super) fn spend_folding(&mut self, multiplications: usize) -> Checked<()> {
        self.folded = self.folded.saturating_add(multiplications);
        let most = MAX_FOLDED;
        ensure(self.folded <= most, "the multiplications of constants", format!("at most {most}"), self.folded)
    }

    pub(super) fn form(&mut self, form: Form) -> FormId {
        let next = self.forms.len() as FormId;
        let id = *self.index.entry(form).or_insert(next);
        if id == next {
            self.forms.push(form);
        }
        id
    }

    /// The node of an accumulator.
    pub(super) fn node_of(&self, accumulator: u32) -> usize {
        self.nodes.partition_point(|node| node.first <= accumulator) - 1
    }

    /// `scale * form + shift`.
    pub(super) fn affine_form(&mut self, form: FormId, scale: f64, shift: f64) -> FormId {
        let mut form = self.forms[form as usize];
        let inner = if form.function == INPUT { &mut form.pre } else { &mut form.post };
        *inner = (Number::new(inner.0.get() * scale), Number::new(inner.1.get() * scale + shift));
        self.form(form)
    }

    /// A function of a form.
    pub(super) fn unary_form(
        &mut self,
        form: FormId,
        build: &dyn Fn(&mut Functions, FunctionId) -> FunctionId,
    ) -> FormId {
        let form = self.forms[form as usize];
        let inner = self.functions.affine(form.function, form.post.0.get(), form.post.1.get());
        let function = build(&mut self.functions, inner);
        self.wrap(form.pre, function)
    }

    /// A function of two forms of one accumulator.
    pub(super) fn binary_form(&mut self, binary: Binary, left: FormId, right: FormId) -> FormId {
        let [a, b] = [left, right].map(|id| self.forms[id as usize]);
        if binary == Binary::Add && a.function == INPUT && b.function == INPUT {
            let sum = |a: Number, b: Number| Number::new(a.get() + b.get());
            return self.wrap((sum(a.pre.0, b.pre.0), sum(a.pre.1, b.pre.1)), INPUT);
        }
        let (pre, [left, right]) = self.on_one([left, right]);
        let function = self.functions.binary(binary, left, right);
        self.wrap(pre, function)
    }

    /// Forms of one accumulator as functions of one affine function of it.
    ///
    /// That affine function goes into the weights of the layer that makes the accumulator, channel by channel, so that channels
    /// with different biases have one function, and one table.
    fn on_one<const N: usize>(&mut self, forms: [FormId; N]) -> (Affine, [FunctionId; N]) {
        let forms = forms.map(|id| self.forms[id as usize]);
        let outer = forms.map(|form| self.functions.affine(form.function, form.post.0.get(), form.post.1.get()));
        let varies: [bool; N] =
            std::array::from_fn(|at| forms[at].pre.0.get() != 0.0 && !self.functions.is_constant(outer[at]));
        let base = varies.iter().position(|varies| *varies).map_or(IDENTITY, |at| forms[at].pre);
        let on_base = std::array::from_fn(|at| {
            let (scale, shift) = if varies[at] { relative(base, forms[at].pre) } else { (0.0, forms[at].pre.1.get()) };
            self.functions.substitute(outer[at], scale, shift)
        });
        (base, on_base)
    }

    fn wrap(&mut self, pre: Affine, function: FunctionId) -> FormId {
        self.form(Form { pre, function, post: IDENTITY })
    }

    /// A function of three forms of one accumulator: the second where the first is not 0, else the third.
    pub(super) fn select_form(&mut self, forms: [FormId; 3]) -> FormId {
        let (pre, [condition, yes, no]) = self.on_one(forms);
        let function = self.functions.select(condition, yes, no);
        self.wrap(pre, function)
    }

    /// A form that is a constant, whatever its accumulator.
    pub(super) fn constant_form(&mut self, value: f64) -> FormId {
        let function = self.functions.constant(value);
        self.wrap(IDENTITY, function)
    }

    /// Applies a function to every element.
    pub(super) fn unary(
        &mut self,
        tensor: &Tensor,
        build: &dyn Fn(&mut Functions, FunctionId) -> FunctionId,
    ) -> Checked<Tensor> {
        let whole = build(&mut self.functions, INPUT);
        let tape = self.functions.tape(whole);
        let mut room = Vec::new();
        if tensor.is_constant() {
            self.spend_constants(tensor.len())?;
            let numbers = tensor.as_numbers("the input")?;
            if let Data::Integers(_) = tensor.data {
                let exact = |value: f64| value.abs() <= (1u64 << 53) as f64 && value.fract() == 0.0;
                ensure(numbers.iter().all(|value| exact(*value)), "the integers", "at most 2^53", "larger ones")?;
                let made: Vec<f64> = numbers.iter().map(|value| tape.at(*value, &mut room)).collect();
                ensure(made.iter().all(|value| exact(*value)), "the result", "whole numbers", "others")?;
                let list = made.into_iter().map(|value| value as i64).collect();
                let made = Tensor::integers(tensor.shape.clone(), list);
                return Ok(Tensor { kind: tensor.kind, ..made });
            }
            let made = numbers.iter().map(|value| tape.at(*value, &mut room));
            return Tensor::rounded(tensor.shape.clone(), tensor.kind, made);
        }
        let list = tensor.as_elements("the input")?;
        self.spend(list.len())?;
        let mut known = HashMap::new();
        let mut element = |element: &Element| -> Checked<Element> {
            Ok(match *element {
                Element::Constant(c) => constant(tape.at(f64::from(c), &mut room))?,
                Element::Of { accumulator, form } => {
                    let form = *known.entry(form).or_insert_with(|| self.unary_form(form, build));
                    Element::Of { accumulator, form }
                }
            })
        };
        let made = list.iter().map(&mut element).collect::<Checked<_>>()?;
        self.check_functions()?;
        Ok(Tensor::elements(tensor.shape.clone(), made).with_type(tensor.kind))
    }

    pub(super) fn check_functions(&self) -> Checked<()> {
        ensure(!self.functions.is_excessive(), "the functions of one variable", "as simple as a network's", "too many")
    }

    /// `scale * x + shift` for every element.
    pub(super) fn uniform(&mut self, tensor: &Tensor, scale: f64, shift: f64) -> Checked<Tensor> {
        if !tensor.is_constant() {
            return self.affine(tensor, &vec![(scale, shift); tensor.len()]);
        }
        self.spend_constants(tensor.len())?;
        let made = tensor.as_numbers("the input")?.into_iter().map(|value| value * scale + shift);
        Tensor::rounded(tensor.shape.clone(), tensor.kind, made)
    }

    /// `scale * x + shift` with a pair for each element. Where the pairs differ and no layer before takes them, a
    /// depthwise layer is made.
    pub(super) fn affine(&mut self, tensor: &Tensor, pairs: &[(f64, f64)]) -> Checked<Tensor> {
        if tensor.is_constant() {
            self.spend_constants(tensor.len())?;
            let numbers = tensor.as_numbers("the input")?.into_iter();
            let made = numbers.zip(pairs).map(|(value, (scale, shift))| value * scale + shift);
            return Tensor::rounded(tensor.shape.clone(), tensor.kind, made);
        }
        let list = tensor.as_elements("the input")?;
        self.spend(list.len())?;
        ensure(pairs.iter().all(|p| p.0.is_finite() && p.1.is_finite()), "scale and shift", "finite", "others")?;
        let same = pairs.windows(2).all(|pair| pair[0] == pair[1]);
        let absorbed = same || self.absorbs(&list, pairs);
        let varies = list.iter().any(|element| matches!(element, Element::Of { .. }));
        if varies && !absorbed {
            return self.depthwise(tensor, &list, pairs);
        }
        let mut known: HashMap<(FormId, u64, u64), FormId> = HashMap::new();
        let mut element = |(element, &(scale, shift)): (&Element, &(f64, f64))| -> Checked<Element> {
            Ok(match *element {
                Element::Constant(c) => constant(f64::from(c) * scale + shift)?,
                Element::Of { .. } if scale == 0.0 => constant(shift)?,
                Element::Of { accumulator, form } => {
                    let key = (form, scale.to_bits(), shift.to_bits());
                    let form = *known.entry(key).or_insert_with(|| self.affine_form(form, scale, shift));
                    Element::Of { accumulator, form }
                }
            })
        };
        let made = list.iter().zip(pairs).map(&mut element).collect::<Checked<_>>()?;
        Ok(Tensor::elements(tensor.shape.clone(), made).with_type(tensor.kind))
    }

    /// Whether the products that the elements come from can take the pairs into their weights, one for each channel.
    fn absorbs(&self, list: &[Element], pairs: &[(f64, f64)]) -> bool {
        let mut channels: HashMap<(usize, usize), (FormId, (f64, f64))> = HashMap::new();
        list.iter().zip(pairs).all(|(element, pair)| {
            let Element::Of { accumulator, form } = *element else { return true };
            let node = self.node_of(accumulator);
            let channel = (accumulator - self.nodes[node].first) as usize / self.nodes[node].plane();
            matches!(self.nodes[node].map, Combination::Product { .. })
                && self.forms[form as usize].function == INPUT
                && *channels.entry((node, channel)).or_insert((form, *pair)) == (form, *pair)
        })
    }

    /// One weight and one bias for each index of the only axis along which the pairs vary, or for each element.
    fn depthwise(&mut self, tensor: &Tensor, list: &Elements, pairs: &[(f64, f64)]) -> Checked<Tensor> {
        let shape = &tensor.shape;
        let along = |axis: usize| {
            let inner: usize = shape[axis + 1..].iter().product();
            let index = |at: usize| at / inner % shape[axis];
            let mut seen: Vec<Option<(f64, f64)>> = vec![None; shape[axis]];
            pairs.iter().enumerate().all(|(at, pair)| *seen[index(at)].get_or_insert(*pair) == *pair)
        };
        let axis = (0..shape.len()).find(|axis| along(*axis));
        let (channels, plane, order): (usize, [usize; 2], Vec<usize>) = match axis {
            Some(axis) => {
                let inner: usize = shape[axis + 1..].iter().product();
                let outer: usize = shape[..axis].iter().product();
                let order = (0..shape[axis])
                    .flat_map(|c| (0..outer).flat_map(move |o| (0..inner).map(move |i| (o, c, i))))
                    .map(|(o, c, i)| (o * shape[axis] + c) * inner + i)
                    .collect();
                let plane = if axis + 2 < shape.len() {
                    [outer * inner / shape[shape.len() - 1], shape[shape.len() - 1]]
                } else {
                    [outer * inner, 1]
                };
                (shape[axis], plane, order)
            }
            None => (list.len(), [1, 1], (0..list.len()).collect()),
        };
        let size = plane[0] * plane[1];
        let input: Vec<Element> = order.iter().map(|&at| list[at]).collect();
        let of = |c: usize| pairs[order[c * size]];
        let weights: Vec<f32> = (0..channels).map(|c| of(c).0 as f32).collect();
        let bias = (0..channels).map(|c| of(c).1).collect();
        let geometry = Geometry::pointwise(channels, plane, channels);
        let map = Combination::Product { input: Arc::new(input), geometry, weights: Arc::new(weights), bias };
        let made = self.node([channels, plane[0], plane[1]], map, false)?;
        let mut back = vec![Element::Constant(0.0); list.len()];
        for (from, &to) in order.iter().enumerate() {
            back[to] = made[from];
        }
        Ok(Tensor::elements(shape.clone(), back).with_type(tensor.kind))
    }

    /// Makes a node; its accumulators.
    pub(super) fn node(&mut self, shape: [usize; 3], map: Combination, exact: bool) -> Checked<Vec<Element>> {
        let len = count(&shape, MAX_ELEMENTS)?;
        ensure(len > 0, "an output", "not empty", format!("{shape:?}"))?;
        self.spend(len)?;
        if let Some(map) = constant_map(&map) {
            let layer = FloatLayer { shape, map, functions: vec![], exact, origin: self.origin.clone() };
            self.spend_folding(usize::try_from(layer.multiplications()).unwrap_or(usize::MAX))?;
            return float::accumulate(&layer, &[]).into_iter().map(|value| constant(f64::from(value))).collect();
        }
        let first = self.accumulators;
        self.accumulators += len;
        let most = MAX_NEURONS;
        ensure(self.accumulators <= most, "the neurons", format!("at most {most}"), self.accumulators)?;
        self.nodes.push(Node { first: first as u32, shape, map, origin: self.origin.clone(), exact });
        Ok((first..first + len).map(|at| Element::Of { accumulator: at as u32, form: PLAIN }).collect())
    }

    /// A sum of tensors of one shape.
    pub(super) fn sum(&mut self, shape: &[usize], terms: Vec<(f64, Elements)>, exact: bool) -> Checked<Tensor> {
        let list = self.node(layer_shape(shape), Combination::Sum(terms), exact)?;
        Ok(Tensor::elements(shape.to_vec(), list))
    }

    /// `max(a, b) = b + relu(a - b)`; `min(a, b) = b - relu(b - a)`.
    pub(super) fn maximum(&mut self, shape: &[usize], a: Elements, b: Elements, least: bool) -> Checked<Tensor> {
        let sign = if least { -1.0 } else { 1.0 };
        let gap = self.sum(shape, vec![(sign, a), (-sign, b.clone())], true)?;
        let gap = self.unary(&gap, &|f, x| f.unary(super::function::Unary::Relu, x))?;
        self.sum(shape, vec![(1.0, b), (sign, gap.as_elements("a maximum")?)], true)
    }
}

/// The affine function that makes `of` of `base`: scale and shift.
///
/// They are rounded, since what is one number in the file must be one number here for every `base`: rounding errors would make
/// a table for each channel.
pub(super) fn relative(base: Affine, of: Affine) -> (f64, f64) {
    if base == of {
        return (1.0, 0.0);
    }
    let [(a, b), (c, d)] = [base, of].map(|(scale, shift)| (scale.get(), shift.get()));
    let scale = rounded(c / a);
    let shift = d - b * scale;
    // of the rounding above, too
    let is_error = shift.abs() <= 1e-10 * (d.abs() + (b * scale).abs());
    (scale, if is_error { 0.0 } else { rounded(shift) })
}

/// To 37 bits: more than the 24 of a file's numbers, fewer by far than those that differ by rounding.
fn rounded(x: f64) -> f64 {
    const DROPPED: u32 = 16;
    let kept = x.to_bits().saturating_add(1 << (DROPPED - 1)) >> DROPPED << DROPPED;
    if x.is_finite() { f64::from_bits(kept) } else { x }
}

/// A map all of whose inputs are constants, as numbers.
fn constant_map(map: &Combination) -> Option<FloatMap> {
    let reads = |list: &Elements| -> Option<Vec<Read>> {
        if let Some(Element::Of { .. }) = list.first() {
            return None;
        }
        list.iter().map(|e| if let Element::Constant(c) = e { Some(Read::Constant(*c)) } else { None }).collect()
    };
    Some(match map {
        Combination::Latent => return None,
        Combination::Product { input, geometry, weights, bias } => FloatMap::Product {
            input: reads(input)?,
            geometry: geometry.clone(),
            weights: weights.clone(),
            bias: bias.clone(),
        },
        Combination::Sum(terms) => {
            FloatMap::Sum(terms.iter().map(|(c, list)| Some((*c, reads(list)?))).collect::<Option<_>>()?)
        }
        Combination::Mul(left, right) => FloatMap::Mul(reads(left)?, reads(right)?),
    })
}

/// A constant that is a number.
pub(super) fn constant(value: f64) -> Checked<Element> {
    let value = value as f32;
    ensure(value.is_finite(), "a computed constant", "finite", value)?;
    Ok(Element::Constant(value))
}
