//! The network while it is read: tensors whose elements are functions of accumulators.
//!
//! An *accumulator* is an output of a linear (or bilinear) node; an element of a tensor is a constant or a function of one
//! accumulator ([`Form`]). So operators that move elements cost nothing, element-wise operators only change forms, and only
//! what truly combines accumulators makes a [`Node`].
use super::{
    error::{Checked, ensure, fault},
    function::{Binary, FunctionId, Functions, INPUT, Number, Unary},
};
use std::{collections::HashMap, sync::Arc};
use veilmark_circuits::statement::model::MAX_NEURONS;

/// The most elements of a tensor that is not a constant.
pub(super) const MAX_ELEMENTS: usize = MAX_NEURONS;
/// The most elements of all tensors that are made, constants aside.
const MAX_WORK: usize = 1 << 27;

/// `post * f(pre * x)`, both affine; `post` is the identity where `f` is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct Form {
    pub(super) pre: (Number, Number),
    pub(super) function: FunctionId,
    pub(super) post: (Number, Number),
}

/// The number of a form.
pub(super) type FormId = u32;

/// The accumulator itself.
pub(super) const PLAIN: FormId = 0;

/// An element of a tensor.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Element {
    Constant(f32),
    Of { accumulator: u32, form: FormId },
}

/// Elements in order.
pub(super) type Elements = Arc<Vec<Element>>;

#[derive(Clone, Debug)]
pub(super) enum Data {
    Floats(Arc<Vec<f32>>),
    Doubles(Arc<Vec<f64>>),
    /// Integers and booleans of any width.
    Integers(Arc<Vec<i64>>),
    Elements(Elements),
}

#[derive(Clone, Debug)]
pub(super) struct Tensor {
    pub(super) shape: Vec<usize>,
    pub(super) data: Data,
}

/// A product of polynomials; the fields are those of the integer model's.
#[derive(Clone, Debug)]
pub(super) struct Geometry {
    pub(super) input_shape: [usize; 3],
    pub(super) groups: usize,
    pub(super) kernel: [usize; 2],
    pub(super) input_step: [usize; 2],
    pub(super) kernel_step: [usize; 2],
    pub(super) output_step: [usize; 2],
    pub(super) offset: [usize; 2],
}

impl Geometry {
    /// Every output of a channel is a combination of all inputs at its own place.
    pub(super) fn pointwise(channels: usize, plane: [usize; 2], groups: usize) -> Self {
        Self {
            input_shape: [channels, plane[0], plane[1]],
            groups,
            kernel: [1; 2],
            input_step: [1; 2],
            kernel_step: [1; 2],
            output_step: [1; 2],
            offset: [0; 2],
        }
    }

    pub(super) fn kernel_len(&self) -> usize {
        self.input_shape[0] / self.groups * self.kernel[0] * self.kernel[1]
    }
}

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
}

/// The number of elements of a shape; an error where it is more than `limit`.
pub(super) fn count(shape: &[usize], limit: usize) -> Checked<usize> {
    let count = shape.iter().try_fold(1usize, |count, &side| count.checked_mul(side)).filter(|count| *count <= limit);
    count.ok_or_else(|| fault("the size of a tensor", format!("at most {limit} elements"), format!("{shape:?}")))
}

impl Tensor {
    pub(super) fn len(&self) -> usize {
        match &self.data {
            Data::Floats(list) => list.len(),
            Data::Doubles(list) => list.len(),
            Data::Integers(list) => list.len(),
            Data::Elements(list) => list.len(),
        }
    }

    pub(super) fn integers(shape: Vec<usize>, list: Vec<i64>) -> Self {
        Self { shape, data: Data::Integers(Arc::new(list)) }
    }

    pub(super) fn floats(shape: Vec<usize>, list: Vec<f32>) -> Self {
        Self { shape, data: Data::Floats(Arc::new(list)) }
    }

    /// A tensor of elements; one of constants where they all are.
    pub(super) fn elements(shape: Vec<usize>, list: Vec<Element>) -> Self {
        let constants: Option<Vec<f32>> = match list.first() {
            Some(Element::Of { .. }) => None,
            _ => list.iter().map(|e| if let Element::Constant(c) = e { Some(*c) } else { None }).collect(),
        };
        match constants {
            Some(list) => Self::floats(shape, list),
            None => Self { shape, data: Data::Elements(Arc::new(list)) },
        }
    }

    pub(super) fn with_shape(&self, shape: Vec<usize>) -> Self {
        Self { shape, data: self.data.clone() }
    }

    /// The type's name, for errors.
    pub(super) fn kind(&self) -> &'static str {
        match &self.data {
            Data::Floats(_) => "constant floats",
            Data::Doubles(_) => "doubles",
            Data::Integers(_) => "integers",
            Data::Elements(_) => "floats that depend on the latent",
        }
    }

    pub(super) fn as_integers(&self, what: &str) -> Checked<&[i64]> {
        match &self.data {
            Data::Integers(list) => Ok(list),
            _ => Err(fault(what, "constant integers", self.kind())),
        }
    }

    pub(super) fn as_floats(&self, what: &str) -> Checked<&Arc<Vec<f32>>> {
        match &self.data {
            Data::Floats(list) => Ok(list),
            _ => Err(fault(what, "constant floats", self.kind())),
        }
    }

    /// One constant float.
    pub(super) fn as_scalar(&self, what: &str) -> Checked<f32> {
        match self.as_floats(what)?[..] {
            [one] => Ok(one),
            _ => Err(fault(what, "one number", format!("shape {:?}", self.shape))),
        }
    }

    /// Floats, constant or not.
    pub(super) fn as_elements(&self, what: &str) -> Checked<Elements> {
        match &self.data {
            Data::Floats(list) => {
                count(&self.shape, MAX_ELEMENTS)?;
                Ok(Arc::new(list.iter().map(|c| Element::Constant(*c)).collect()))
            }
            Data::Elements(list) => Ok(list.clone()),
            _ => Err(fault(what, "floats", self.kind())),
        }
    }
}

/// What the elements of a tensor become, index by index.
pub(super) fn gather<T: Copy>(list: &[T], indices: impl Iterator<Item = Option<usize>>, fill: T) -> Vec<T> {
    indices.map(|index| index.map_or(fill, |index| list[index])).collect()
}

impl Graph {
    /// A graph of nothing but a latent.
    pub(super) fn new(latent: usize) -> Self {
        let one = (Number::new(1.0), Number::new(0.0));
        let plain = Form { pre: one, function: INPUT, post: one };
        let latent_node = Node { first: 0, shape: [latent, 1, 1], map: Combination::Latent, exact: false };
        Self {
            functions: Functions::new(),
            forms: vec![plain],
            index: HashMap::from([(plain, PLAIN)]),
            nodes: vec![latent_node],
            accumulators: latent,
            work: 0,
        }
    }

    /// Accounts for elements before they are made.
    pub(super) fn spend(&mut self, elements: usize) -> Checked<()> {
        self.work = self.work.saturating_add(elements);
        ensure(self.work <= MAX_WORK, "the elements of all tensors", format!("at most {MAX_WORK}"), self.work)
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
    fn binary_form(&mut self, binary: Binary, left: FormId, right: FormId) -> FormId {
        let [left, right] = [left, right].map(|id| self.forms[id as usize]);
        let (a, b) = (left.pre.0.get(), left.pre.1.get());
        let (c, d) = (right.pre.0.get(), right.pre.1.get());
        if binary == Binary::Add && left.function == INPUT && right.function == INPUT {
            return self.wrap((Number::new(a + c), Number::new(b + d)), INPUT);
        }
        let first = self.functions.affine(left.function, left.post.0.get(), left.post.1.get());
        let second = self.functions.affine(right.function, right.post.0.get(), right.post.1.get());
        let (pre, first, second) = if left.pre == right.pre {
            (left.pre, first, second)
        } else if a != 0.0 {
            (left.pre, first, self.functions.substitute(second, c / a, d - b * c / a))
        } else {
            let plain = (Number::new(1.0), Number::new(0.0));
            (plain, self.functions.substitute(first, a, b), self.functions.substitute(second, c, d))
        };
        let function = self.functions.binary(binary, first, second);
        self.wrap(pre, function)
    }

    fn wrap(&mut self, pre: (Number, Number), function: FunctionId) -> FormId {
        let post = (Number::new(1.0), Number::new(0.0));
        self.form(Form { pre, function, post })
    }

    /// Applies a function to every element.
    pub(super) fn unary(
        &mut self,
        tensor: &Tensor,
        build: &dyn Fn(&mut Functions, FunctionId) -> FunctionId,
    ) -> Checked<Tensor> {
        let list = tensor.as_elements("the input")?;
        self.spend(list.len())?;
        let whole = build(&mut self.functions, INPUT);
        let tape = self.functions.tape(whole);
        let mut room = Vec::new();
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
        Ok(Tensor::elements(tensor.shape.clone(), made))
    }

    /// `scale * x + shift` with a pair for each element. Where the pairs differ and no layer before takes them, a
    /// depthwise layer is made.
    pub(super) fn affine(&mut self, tensor: &Tensor, pairs: &[(f64, f64)]) -> Checked<Tensor> {
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
        Ok(Tensor::elements(tensor.shape.clone(), made))
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
        Ok(Tensor::elements(shape.clone(), back))
    }

    /// Makes a node; its accumulators.
    pub(super) fn node(&mut self, shape: [usize; 3], map: Combination, exact: bool) -> Checked<Vec<Element>> {
        let len = count(&shape, MAX_ELEMENTS)?;
        ensure(len > 0, "an output", "not empty", format!("{shape:?}"))?;
        self.spend(len)?;
        let first = self.accumulators;
        self.accumulators += len;
        let most = MAX_NEURONS;
        ensure(self.accumulators <= most, "the neurons", format!("at most {most}"), self.accumulators)?;
        self.nodes.push(Node { first: first as u32, shape, map, exact });
        Ok((first..first + len).map(|at| Element::Of { accumulator: at as u32, form: PLAIN }).collect())
    }

    /// A sum of tensors of one shape.
    pub(super) fn sum(&mut self, shape: &[usize], terms: Vec<(f64, Elements)>, exact: bool) -> Checked<Tensor> {
        let list = self.node(layer_shape(shape), Combination::Sum(terms), exact)?;
        Ok(Tensor::elements(shape.to_vec(), list))
    }

    /// An element-wise function of two tensors that broadcast.
    pub(super) fn binary(&mut self, kind: Pairwise, left: &Tensor, right: &Tensor) -> Checked<Tensor> {
        let shape = broadcast(&left.shape, &right.shape)?;
        let size = count(&shape, MAX_ELEMENTS)?;
        self.spend(size)?;
        let [a, b] = [left.as_elements("the first input")?, right.as_elements("the second input")?];
        let [a, b] = [expand(&a, &left.shape, &shape), expand(&b, &right.shape, &shape)];
        let constants = |list: &[Element]| -> Option<Vec<f64>> {
            list.iter().map(|e| if let Element::Constant(c) = e { Some(f64::from(*c)) } else { None }).collect()
        };
        let elements = |list: Vec<Element>| Tensor::elements(shape.clone(), list);
        match (constants(&a), constants(&b)) {
            (Some(a), Some(b)) => {
                let made = a.iter().zip(&b).map(|(&a, &b)| constant(kind.apply(a, b))).collect::<Checked<Vec<_>>>()?;
                return Ok(Tensor::elements(shape, made));
            }
            (None, Some(b)) => {
                let pairs: Option<Vec<(f64, f64)>> = match kind {
                    Pairwise::Add => Some(b.iter().map(|&b| (1.0, b)).collect()),
                    Pairwise::Sub => Some(b.iter().map(|&b| (1.0, -b)).collect()),
                    Pairwise::Mul => Some(b.iter().map(|&b| (b, 0.0)).collect()),
                    Pairwise::Div => Some(b.iter().map(|&b| (1.0 / b, 0.0)).collect()),
                    _ => None,
                };
                let a = elements(a);
                return match pairs {
                    Some(pairs) => self.affine(&a, &pairs),
                    None => self.with_constants(kind, &a, &b),
                };
            }
            (Some(a), None) => {
                let b = elements(b);
                let negated = |graph: &mut Self| graph.unary(&b, &|f, x| f.affine(x, -1.0, 0.0));
                return match kind {
                    Pairwise::Add => self.affine(&b, &a.iter().map(|&a| (1.0, a)).collect::<Vec<_>>()),
                    Pairwise::Mul => self.affine(&b, &a.iter().map(|&a| (a, 0.0)).collect::<Vec<_>>()),
                    Pairwise::Sub => {
                        let b = negated(self)?;
                        self.affine(&b, &a.iter().map(|&a| (1.0, a)).collect::<Vec<_>>())
                    }
                    Pairwise::Div => {
                        let b = self.unary(&b, &|f, x| f.unary(Unary::Reciprocal, x))?;
                        self.affine(&b, &a.iter().map(|&a| (a, 0.0)).collect::<Vec<_>>())
                    }
                    Pairwise::Max | Pairwise::Min => self.with_constants(kind, &b, &a),
                    _ => Err(fault("the second input", "a constant", right.kind())),
                };
            }
            (None, None) => {}
        }
        // functions of one accumulator stay forms
        let same = |(a, b): (&Element, &Element)| match (a, b) {
            (Element::Of { accumulator: a, .. }, Element::Of { accumulator: b, .. }) => a == b,
            (Element::Constant(_), Element::Constant(_)) => true,
            _ => false,
        };
        if a.iter().zip(&b).all(same) && !matches!(kind, Pairwise::Slope | Pairwise::Power) {
            let mut known = HashMap::new();
            let made = a.iter().zip(&b).map(|pair| match pair {
                (Element::Of { accumulator, form: a }, Element::Of { form: b, .. }) => {
                    let form = *known.entry((*a, *b)).or_insert_with(|| match kind {
                        Pairwise::Sub => {
                            let negated = self.affine_form(*b, -1.0, 0.0);
                            self.binary_form(Binary::Add, *a, negated)
                        }
                        Pairwise::Add => self.binary_form(Binary::Add, *a, *b),
                        Pairwise::Mul => self.binary_form(Binary::Mul, *a, *b),
                        Pairwise::Div => self.binary_form(Binary::Div, *a, *b),
                        Pairwise::Max => self.binary_form(Binary::Max, *a, *b),
                        _ => self.binary_form(Binary::Min, *a, *b),
                    });
                    // what cancels is a constant
                    let Form { pre, function, .. } = self.forms[form as usize];
                    if function == INPUT && pre.0.get() == 0.0 {
                        return constant(pre.1.get());
                    }
                    Ok(Element::Of { accumulator: *accumulator, form })
                }
                (Element::Constant(a), Element::Constant(b)) => constant(kind.apply(f64::from(*a), f64::from(*b))),
                _ => Err(fault("an element", "of one kind", "another")),
            });
            return Ok(elements(made.collect::<Checked<_>>()?));
        }
        match kind {
            Pairwise::Add => self.sum(&shape, vec![(1.0, Arc::new(a)), (1.0, Arc::new(b))], false),
            Pairwise::Sub => self.sum(&shape, vec![(1.0, Arc::new(a)), (-1.0, Arc::new(b))], false),
            Pairwise::Mul => {
                let list = self.node(layer_shape(&shape), Combination::Mul(Arc::new(a), Arc::new(b)), false)?;
                Ok(elements(list))
            }
            Pairwise::Div => {
                let inverse = self.unary(&elements(b), &|f, x| f.unary(Unary::Reciprocal, x))?;
                self.binary(Pairwise::Mul, &elements(a), &inverse)
            }
            Pairwise::Max | Pairwise::Min => self.maximum(&shape, Arc::new(a), Arc::new(b), kind == Pairwise::Min),
            Pairwise::Slope | Pairwise::Power => Err(fault("the second input", "a constant", right.kind())),
        }
    }

    /// `max(a, b) = b + relu(a - b)`; `min(a, b) = b - relu(b - a)`.
    pub(super) fn maximum(&mut self, shape: &[usize], a: Elements, b: Elements, least: bool) -> Checked<Tensor> {
        let sign = if least { -1.0 } else { 1.0 };
        let gap = self.sum(shape, vec![(sign, a), (-sign, b.clone())], true)?;
        let gap = self.unary(&gap, &|f, x| f.unary(Unary::Relu, x))?;
        self.sum(shape, vec![(1.0, b), (sign, gap.as_elements("a maximum")?)], true)
    }

    fn with_constants(&mut self, kind: Pairwise, tensor: &Tensor, constants: &[f64]) -> Checked<Tensor> {
        let list = tensor.as_elements("the input")?;
        let mut known = HashMap::new();
        let made = list.iter().zip(constants).map(|(element, &c)| match *element {
            Element::Constant(x) => constant(kind.apply(f64::from(x), c)),
            Element::Of { accumulator, form } => {
                let form = *known.entry((form, c.to_bits())).or_insert_with(|| {
                    let number = Number::new(c);
                    self.unary_form(form, &|f, x| match kind {
                        Pairwise::Max if c == 0.0 => f.unary(Unary::Relu, x),
                        Pairwise::Max => f.unary(Unary::Clip(number, Number::new(f64::INFINITY)), x),
                        Pairwise::Min => f.unary(Unary::Clip(Number::new(f64::NEG_INFINITY), number), x),
                        Pairwise::Slope => f.unary(Unary::Leaky(number), x),
                        _ if c == 2.0 => f.binary(Binary::Mul, x, x),
                        _ => f.unary(Unary::Power(number), x),
                    })
                });
                Ok(Element::Of { accumulator, form })
            }
        });
        Ok(Tensor::elements(tensor.shape.clone(), made.collect::<Checked<_>>()?))
    }
}

/// A constant that is a number.
fn constant(value: f64) -> Checked<Element> {
    let value = value as f32;
    ensure(value.is_finite(), "a computed constant", "finite", value)?;
    Ok(Element::Constant(value))
}

/// Element-wise operators of two tensors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pairwise {
    Add,
    Sub,
    Mul,
    Div,
    Max,
    Min,
    /// `PRelu`.
    Slope,
    Power,
}

impl Pairwise {
    fn apply(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Add => a + b,
            Self::Sub => a - b,
            Self::Mul => a * b,
            Self::Div => a / b,
            Self::Max => a.max(b),
            Self::Min => a.min(b),
            Self::Slope => {
                if a < 0.0 {
                    a * b
                } else {
                    a
                }
            }
            Self::Power => libm::pow(a, b),
        }
    }
}

/// The channels, height and width under which a tensor's elements are a layer.
pub(super) fn layer_shape(shape: &[usize]) -> [usize; 3] {
    match *shape {
        [1, c, h, w] => [c, h, w],
        _ => [1, 1, shape.iter().product()],
    }
}

/// The shape to which two shapes broadcast.
pub(super) fn broadcast(a: &[usize], b: &[usize]) -> Checked<Vec<usize>> {
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
pub(super) fn expand<T: Copy>(list: &[T], from: &[usize], to: &[usize]) -> Vec<T> {
    if from == to {
        return list.to_vec();
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
pub(super) fn indices(shape: &[usize], lists: &[Vec<usize>]) -> Vec<usize> {
    let mut made = vec![0];
    for (&side, list) in shape.iter().zip(lists) {
        made = made.iter().flat_map(|&at| list.iter().map(move |&index| at * side + index)).collect();
    }
    made
}
