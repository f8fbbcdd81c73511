//! Element-wise operators of two (and three) tensors that broadcast.
//!
//! Cheapest first: two constants are computed; a constant scale or shift goes into weights; functions of one accumulator
//! become one function; only what truly combines two accumulators makes nodes.
use super::{
    error::{Checked, fault},
    function::{Binary, INPUT, Number, Unary},
    graph::{Combination, Form, Graph, constant},
    tensor::{Data, Element, MAX_ELEMENTS, Tensor, Type, broadcast, count, expand, layer_shape},
};
use std::{collections::HashMap, sync::Arc};
use veilmark_statement::model::MAX_WEIGHTS;

/// Element-wise operators of two tensors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Pairwise {
    Add,
    Sub,
    Mul,
    Div,
    Max,
    Min,
    /// `PRelu`.
    Slope,
    Power,
    Less,
    LessOrEqual,
    Equal,
    And,
    Or,
    Xor,
    /// The remainder of a division that rounds down.
    Modulo,
    /// The remainder of a division that rounds towards 0.
    Remainder,
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
            Self::Slope if a < 0.0 => a * b,
            Self::Slope => a,
            Self::Power => libm::pow(a, b),
            Self::Less => Binary::Less.apply(a, b),
            Self::LessOrEqual => Binary::LessOrEqual.apply(a, b),
            Self::Equal => Binary::Equal.apply(a, b),
            Self::And => a * b,
            Self::Or => a.max(b),
            Self::Xor => (a - b).abs(),
            Self::Modulo => Binary::Modulo.apply(a, b),
            Self::Remainder => Binary::Remainder.apply(a, b),
        }
    }

    /// `None` where the result leaves 64 bits or divides by 0.
    fn apply_integers(self, a: i64, b: i64) -> Option<i64> {
        match self {
            Self::Add => a.checked_add(b),
            Self::Sub => a.checked_sub(b),
            Self::Mul => a.checked_mul(b),
            Self::Div => a.checked_div(b),
            Self::Max => Some(a.max(b)),
            Self::Min => Some(a.min(b)),
            Self::Slope if a < 0 => a.checked_mul(b),
            Self::Slope => Some(a),
            Self::Power => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
            Self::Less => Some(i64::from(a < b)),
            Self::LessOrEqual => Some(i64::from(a <= b)),
            Self::Equal => Some(i64::from(a == b)),
            Self::And => Some(i64::from(a != 0 && b != 0)),
            Self::Or => Some(i64::from(a != 0 || b != 0)),
            Self::Xor => Some(i64::from((a != 0) != (b != 0))),
            Self::Modulo => {
                a.checked_rem(b).map(|rest| if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest })
            }
            Self::Remainder => a.checked_rem(b),
        }
    }

    /// The type of the result for operands of a type.
    fn kind(self, of: Type) -> Type {
        match self {
            Self::Less | Self::LessOrEqual | Self::Equal | Self::And | Self::Or | Self::Xor => Type::Bool,
            _ => of,
        }
    }

    /// The function of two expressions, where one operation is it.
    fn function(self) -> Option<Binary> {
        Some(match self {
            Self::Add => Binary::Add,
            Self::Mul | Self::And => Binary::Mul,
            Self::Div => Binary::Div,
            Self::Max | Self::Or => Binary::Max,
            Self::Min => Binary::Min,
            Self::Power => Binary::Power,
            Self::Less => Binary::Less,
            Self::LessOrEqual => Binary::LessOrEqual,
            Self::Equal => Binary::Equal,
            Self::Modulo => Binary::Modulo,
            Self::Remainder => Binary::Remainder,
            Self::Sub | Self::Slope | Self::Xor => return None,
        })
    }
}

/// One number of a list that is broadcast by repetition.
fn at<T: Copy>(list: &[T], index: usize) -> T {
    if let [one] = list { *one } else { list[index] }
}

impl Graph {
    /// An element-wise operator of two tensors that broadcast.
    pub(crate) fn pairwise(&mut self, kind: Pairwise, left: &Tensor, right: &Tensor) -> Checked<Tensor> {
        let shape = broadcast(&left.shape, &right.shape)?;
        if left.is_constant() && right.is_constant() {
            return self.folded_pair(kind, left, right, shape);
        }
        if !(left.kind.is_float() && right.kind.is_float())
            && matches!(kind, Pairwise::Div | Pairwise::Power | Pairwise::Modulo | Pairwise::Remainder)
        {
            return Err(fault("the operands", "floats, or constants", left.describe()));
        }
        let size = count(&shape, MAX_ELEMENTS)?;
        self.spend(size)?;
        let [a, b] = [left.as_elements("the first input")?, right.as_elements("the second input")?];
        let [a, b] = [expand(&a, &left.shape, &shape), expand(&b, &right.shape, &shape)];
        let result = kind.kind(left.kind);
        let made = self.pair_of_elements(kind, &shape, a, b, right.describe())?;
        self.check_functions()?;
        Ok(made.with_type(result))
    }

    fn pair_of_elements(
        &mut self,
        kind: Pairwise,
        shape: &[usize],
        a: Vec<Element>,
        b: Vec<Element>,
        second: &str,
    ) -> Checked<Tensor> {
        let constants = |list: &[Element]| -> Option<Vec<f64>> {
            list.iter().map(|e| if let Element::Constant(c) = e { Some(f64::from(*c)) } else { None }).collect()
        };
        let elements = |list: Vec<Element>| Tensor::elements(shape.to_vec(), list);
        if let Some(b) = constants(&b) {
            let pairs: Option<Vec<(f64, f64)>> = match kind {
                Pairwise::Add => Some(b.iter().map(|&b| (1.0, b)).collect()),
                Pairwise::Sub => Some(b.iter().map(|&b| (1.0, -b)).collect()),
                Pairwise::Mul => Some(b.iter().map(|&b| (b, 0.0)).collect()),
                Pairwise::Div => Some(b.iter().map(|&b| (1.0 / b, 0.0)).collect()),
                _ => None,
            };
            if let Some(pairs) = pairs {
                return self.affine(&elements(a), &pairs);
            }
        } else if let Some(a) = constants(&a) {
            let b = elements(b.clone());
            let scaled = |by: f64| -> Vec<(f64, f64)> { a.iter().map(|&a| (a * by, 0.0)).collect() };
            let shifted = || -> Vec<(f64, f64)> { a.iter().map(|&a| (1.0, a)).collect() };
            match kind {
                Pairwise::Add => return self.affine(&b, &shifted()),
                Pairwise::Mul => return self.affine(&b, &scaled(1.0)),
                Pairwise::Sub => {
                    let b = self.unary(&b, &|f, x| f.affine(x, -1.0, 0.0))?;
                    return self.affine(&b, &shifted());
                }
                Pairwise::Div => {
                    let b = self.unary(&b, &|f, x| f.unary(Unary::Reciprocal, x))?;
                    return self.affine(&b, &scaled(1.0));
                }
                _ => {}
            }
        }
        // functions of one accumulator stay forms
        let one = |(a, b): (&Element, &Element)| match (a, b) {
            (Element::Of { accumulator: a, .. }, Element::Of { accumulator: b, .. }) => {
                a == b && kind != Pairwise::Slope
            }
            (Element::Constant(_), Element::Of { .. }) => kind != Pairwise::Slope,
            _ => true,
        };
        if a.iter().zip(&b).all(one) {
            let mut known = HashMap::new();
            let made = a.iter().zip(&b).map(|(a, b)| self.pair_of_forms(kind, *a, *b, &mut known));
            return Ok(elements(made.collect::<Checked<_>>()?));
        }
        let gap = |graph: &mut Self, a, b| graph.sum(shape, vec![(1.0, Arc::new(b)), (-1.0, Arc::new(a))], true);
        match kind {
            Pairwise::Add => self.sum(shape, vec![(1.0, Arc::new(a)), (1.0, Arc::new(b))], false),
            Pairwise::Sub => self.sum(shape, vec![(1.0, Arc::new(a)), (-1.0, Arc::new(b))], false),
            Pairwise::Mul | Pairwise::And => {
                let list = self.node(layer_shape(shape), Combination::Mul(Arc::new(a), Arc::new(b)), false)?;
                Ok(elements(list))
            }
            Pairwise::Div => {
                let inverse = self.unary(&elements(b), &|f, x| f.unary(Unary::Reciprocal, x))?;
                self.pairwise(Pairwise::Mul, &elements(a), &inverse)
            }
            Pairwise::Max | Pairwise::Min | Pairwise::Or => {
                self.maximum(shape, Arc::new(a), Arc::new(b), kind == Pairwise::Min)
            }
            Pairwise::Less | Pairwise::LessOrEqual => {
                let gap = gap(self, a, b)?;
                self.unary(&gap, &|f, x| f.unary(Unary::IsPositive(kind == Pairwise::LessOrEqual), x))
            }
            Pairwise::Equal => {
                let gap = gap(self, a, b)?;
                self.unary(&gap, &|f, x| f.unary(Unary::IsZero, x))
            }
            Pairwise::Xor => {
                let gap = gap(self, a, b)?;
                self.unary(&gap, &|f, x| f.unary(Unary::Abs, x))
            }
            Pairwise::Slope | Pairwise::Power | Pairwise::Modulo | Pairwise::Remainder => {
                Err(fault("the second input", "a constant, or a function of the same element", second))
            }
        }
    }

    /// Two elements of at most one accumulator.
    fn pair_of_forms(
        &mut self,
        kind: Pairwise,
        a: Element,
        b: Element,
        known: &mut HashMap<(u64, u64), u32>,
    ) -> Checked<Element> {
        const FORM: u64 = 1 << 63;
        let key = |element: Element| match element {
            Element::Constant(c) => u64::from(c.to_bits()),
            Element::Of { form, .. } => FORM | u64::from(form),
        };
        let (accumulator, kept) = match (a, b) {
            (Element::Constant(a), Element::Constant(b)) => {
                return constant(kind.apply(f64::from(a), f64::from(b)));
            }
            (Element::Of { accumulator, .. }, _) | (_, Element::Of { accumulator, .. }) => {
                (accumulator, known.get(&(key(a), key(b))).copied())
            }
        };
        let form = if let Some(form) = kept {
            form
        } else {
            let form = match (a, b) {
                (Element::Of { form, .. }, Element::Constant(c)) => self.with_constant(kind, form, f64::from(c)),
                (Element::Constant(c), Element::Of { form, .. }) => {
                    let first = self.constant_form(f64::from(c));
                    self.pair_form(kind, first, form)
                }
                (Element::Of { form: a, .. }, Element::Of { form: b, .. }) => self.pair_form(kind, a, b),
                _ => return Err(fault("an element", "of one kind", "another")),
            };
            known.insert((key(a), key(b)), form);
            form
        };
        // what cancels is a constant
        let Form { pre, function, .. } = self.forms[form as usize];
        if function == INPUT && pre.0.get() == 0.0 {
            return constant(pre.1.get());
        }
        Ok(Element::Of { accumulator, form })
    }

    fn pair_form(&mut self, kind: Pairwise, a: u32, b: u32) -> u32 {
        match (kind.function(), kind) {
            (Some(binary), _) => self.binary_form(binary, a, b),
            (None, Pairwise::Xor) => {
                let gap = self.pair_form(Pairwise::Sub, a, b);
                self.unary_form(gap, &|f, x| f.unary(Unary::Abs, x))
            }
            (None, _) => {
                let negated = self.affine_form(b, -1.0, 0.0);
                self.binary_form(Binary::Add, a, negated)
            }
        }
    }

    fn with_constant(&mut self, kind: Pairwise, form: u32, c: f64) -> u32 {
        let number = Number::new(c);
        self.unary_form(form, &|f, x| match kind {
            Pairwise::Add => f.affine(x, 1.0, c),
            Pairwise::Sub => f.affine(x, 1.0, -c),
            Pairwise::Mul => f.affine(x, c, 0.0),
            Pairwise::Max if c == 0.0 => f.unary(Unary::Relu, x),
            Pairwise::Max => f.unary(Unary::Clip(number, Number::new(f64::INFINITY)), x),
            Pairwise::Min => f.unary(Unary::Clip(Number::new(f64::NEG_INFINITY), number), x),
            Pairwise::Slope => f.unary(Unary::Leaky(number), x),
            Pairwise::Power if c == 2.0 => f.binary(Binary::Mul, x, x),
            Pairwise::Power => f.unary(Unary::Power(number), x),
            Pairwise::Xor => {
                let gap = f.affine(x, 1.0, -c);
                f.unary(Unary::Abs, gap)
            }
            other => {
                let second = f.constant(c);
                f.binary(other.function().unwrap_or(Binary::Mul), x, second)
            }
        })
    }

    fn folded_pair(&mut self, kind: Pairwise, left: &Tensor, right: &Tensor, shape: Vec<usize>) -> Checked<Tensor> {
        let size = count(&shape, MAX_WEIGHTS)?;
        self.spend_constants(size)?;
        let repeated = |tensor: &Tensor| tensor.shape != shape && tensor.len() != 1;
        let result = kind.kind(left.kind);
        if let (Data::Integers(a), Data::Integers(b)) = (&left.data, &right.data) {
            let [a, b] = [(a, left), (b, right)].map(|(list, tensor)| {
                if repeated(tensor) { Arc::new(expand(list, &tensor.shape, &shape)) } else { list.clone() }
            });
            let made = (0..size).map(|index| kind.apply_integers(at(&a, index), at(&b, index)));
            let made: Option<Vec<i64>> = made.collect();
            let (low, high) = result.ends();
            let made = made.filter(|list| list.iter().all(|value| (low..=high).contains(value)));
            let list = made.ok_or_else(|| fault("an integer result", format!("{low}..={high}"), "outside"))?;
            return Ok(Tensor { kind: result, ..Tensor::integers(shape, list) });
        }
        let numbers = |tensor: &Tensor| -> Checked<Vec<f64>> {
            let list = tensor.as_numbers("a constant")?;
            Ok(if repeated(tensor) { expand(&list, &tensor.shape, &shape) } else { list })
        };
        let (a, b) = (numbers(left)?, numbers(right)?);
        let made = (0..size).map(|index| kind.apply(at(&a, index), at(&b, index)));
        if result == Type::Bool {
            let list = made.map(|value| value as i64).collect();
            return Ok(Tensor { kind: result, ..Tensor::integers(shape, list) });
        }
        Tensor::rounded(shape.clone(), result, made)
    }

    /// `Where`: the second tensor's element where the condition holds, else the third's.
    pub(crate) fn choose(&mut self, condition: &Tensor, yes: &Tensor, no: &Tensor) -> Checked<Tensor> {
        let shape = broadcast(&broadcast(&condition.shape, &yes.shape)?, &no.shape)?;
        let constant = condition.is_constant() && yes.is_constant() && no.is_constant();
        let size = count(&shape, if constant { MAX_WEIGHTS } else { MAX_ELEMENTS })?;
        if constant {
            self.spend_constants(3 * size)?
        } else {
            self.spend(3 * size)?
        }
        let kind = if yes.kind == Type::Double { no.kind } else { yes.kind };
        if let (true, Data::Integers(yes_list), Data::Integers(no_list)) =
            (condition.is_constant(), &yes.data, &no.data)
        {
            let condition = expand(condition.as_integers("the condition")?, &condition.shape, &shape);
            let (yes, no) = (expand(yes_list, &yes.shape, &shape), expand(no_list, &no.shape, &shape));
            let made = condition.iter().enumerate().map(|(i, &c)| if c != 0 { yes[i] } else { no[i] }).collect();
            return Ok(Tensor { kind, ..Tensor::integers(shape, made) });
        }
        if constant {
            let condition = expand(condition.as_integers("the condition")?, &condition.shape, &shape);
            let [yes, no] = [yes, no].map(|t| t.as_numbers("an input").map(|list| expand(&list, &t.shape, &shape)));
            let (yes, no) = (yes?, no?);
            let made = condition.iter().enumerate().map(|(i, &c)| if c != 0 { yes[i] } else { no[i] });
            return Tensor::rounded(shape, kind, made);
        }
        let [c, a, b] = [condition, yes, no];
        let c = expand(&c.as_elements("the condition")?, &c.shape, &shape);
        let a = expand(&a.as_elements("the second input")?, &a.shape, &shape);
        let b = expand(&b.as_elements("the third input")?, &b.shape, &shape);
        let one = |index: usize| {
            let owner = |e: Element| if let Element::Of { accumulator, .. } = e { Some(accumulator) } else { None };
            let owners = [owner(c[index]), owner(a[index]), owner(b[index])];
            let first = owners[0];
            first.is_none() || owners.iter().flatten().all(|other| Some(*other) == first)
        };
        if (0..size).all(one) {
            let mut made = Vec::with_capacity(size);
            let mut known: HashMap<[u64; 3], u32> = HashMap::new();
            for index in 0..size {
                made.push(match c[index] {
                    Element::Constant(value) => {
                        if value != 0.0 {
                            a[index]
                        } else {
                            b[index]
                        }
                    }
                    Element::Of { accumulator, form } => {
                        let key = [c[index], a[index], b[index]].map(|e| match e {
                            Element::Constant(c) => u64::from(c.to_bits()),
                            Element::Of { form, .. } => 1 << 63 | u64::from(form),
                        });
                        let form = if let Some(form) = known.get(&key) {
                            *form
                        } else {
                            let [yes, no] = [a[index], b[index]].map(|e| match e {
                                Element::Constant(c) => self.constant_form(f64::from(c)),
                                Element::Of { form, .. } => form,
                            });
                            let form = self.select_form([form, yes, no]);
                            known.insert(key, form);
                            form
                        };
                        Element::Of { accumulator, form }
                    }
                });
            }
            self.check_functions()?;
            return Ok(Tensor::elements(shape, made).with_type(kind));
        }
        // no + c (yes - no)
        let [c, yes, no] = [c, a, b].map(|list| Tensor::elements(shape.clone(), list));
        let gap = self.pairwise(Pairwise::Sub, &yes, &no)?;
        let gap = self.pairwise(Pairwise::Mul, &c, &gap)?;
        Ok(self.pairwise(Pairwise::Add, &no, &gap)?.with_type(kind))
    }
}
