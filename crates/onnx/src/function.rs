//! Functions of one variable: what stands between two linear layers, whatever operators it was written with.
//!
//! `x * Sigmoid(x)`, `1 / (1 + Exp(-x))`, `Clip(x + 3, 0, 6) * x / 6` and their like are one expression in one accumulator, and
//! become one table. Expressions are kept once each; an expression's parts have smaller numbers than itself. Values are
//! computed with `libm`, so that they are the same on every machine.
use std::collections::HashMap;

/// The most expressions of an import.
const MAX_EXPRESSIONS: usize = 1 << 20;
/// The most steps of all substitutions.
const MAX_STEPS: usize = 1 << 25;
/// The most parts of one function: what a table is made with.
pub(super) const MAX_PARTS: usize = 1 << 10;

/// A number of an expression.
pub(super) type FunctionId = u32;

/// The accumulator itself.
pub(super) const INPUT: FunctionId = 0;

/// A constant that can be compared and hashed: its bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct Number(u64);

impl Number {
    pub(super) const fn new(value: f64) -> Self {
        Self(if value == 0.0 { 0 } else { value.to_bits() })
    }

    pub(super) fn get(self) -> f64 {
        f64::from_bits(self.0)
    }
}

/// Elementary functions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Unary {
    Relu,
    Leaky(Number),
    Clip(Number, Number),
    Tanh,
    Sigmoid,
    Exp,
    Log,
    Sqrt,
    Abs,
    Erf,
    Softplus,
    Elu(Number),
    Reciprocal,
    Power(Number),
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Asinh,
    Acosh,
    Atanh,
    Floor,
    Ceil,
    /// To the nearest whole number, halves to the even one.
    Round,
    /// Towards 0.
    Truncate,
    Sign,
    /// 1 where the argument is not a number, else 0.
    NotANumber,
    /// 1 where the argument is 0, else 0.
    IsZero,
    /// 1 where the argument is positive (with `true`: or 0), else 0.
    IsPositive(bool),
    /// A sample of the picture: clamped to 0..=255 and, once quantised, a byte.
    Picture,
}

/// Functions of two expressions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Binary {
    Add,
    Mul,
    Div,
    Max,
    Min,
    Power,
    /// 1 where the first is less than the second, else 0.
    Less,
    LessOrEqual,
    Equal,
    /// The remainder of a division that rounds down.
    Modulo,
    /// The remainder of a division that rounds towards 0.
    Remainder,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Expression {
    Input,
    Constant(Number),
    /// The second where the first is not 0, else the third.
    Select(FunctionId, FunctionId, FunctionId),
    Affine(FunctionId, Number, Number),
    Unary(Unary, FunctionId),
    Binary(Binary, FunctionId, FunctionId),
}

/// All expressions of an import.
#[derive(Debug)]
pub(super) struct Functions {
    list: Vec<Expression>,
    index: HashMap<Expression, FunctionId>,
    /// Steps that substitutions have taken; they are bounded, since a chain of them takes the square of its length.
    steps: usize,
}

impl Functions {
    pub(super) fn new() -> Self {
        Self { list: vec![Expression::Input], index: HashMap::from([(Expression::Input, INPUT)]), steps: 0 }
    }

    fn intern(&mut self, expression: Expression) -> FunctionId {
        let next = self.list.len() as FunctionId;
        let id = *self.index.entry(expression).or_insert(next);
        if id == next {
            self.list.push(expression);
        }
        id
    }

    /// `scale * of + shift`.
    pub(super) fn affine(&mut self, of: FunctionId, scale: f64, shift: f64) -> FunctionId {
        if scale == 1.0 && shift == 0.0 {
            return of;
        }
        match self.list[of as usize] {
            Expression::Affine(inner, a, b) => self.affine(inner, scale * a.get(), scale * b.get() + shift),
            _ => self.intern(Expression::Affine(of, Number::new(scale), Number::new(shift))),
        }
    }

    pub(super) fn constant(&mut self, value: f64) -> FunctionId {
        self.intern(Expression::Constant(Number::new(value)))
    }

    /// The second where the first is not 0, else the third.
    pub(super) fn select(&mut self, condition: FunctionId, yes: FunctionId, no: FunctionId) -> FunctionId {
        self.intern(Expression::Select(condition, yes, no))
    }

    /// Whether what was asked for so far is more than any network needs.
    pub(super) fn is_excessive(&self) -> bool {
        self.list.len() > MAX_EXPRESSIONS || self.steps > MAX_STEPS
    }

    pub(super) fn is_constant(&self, of: FunctionId) -> bool {
        matches!(self.list[of as usize], Expression::Constant(_))
    }

    /// How many parts an expression has.
    pub(super) fn size(&self, of: FunctionId) -> usize {
        self.parts(of).len()
    }

    pub(super) fn unary(&mut self, unary: Unary, of: FunctionId) -> FunctionId {
        self.intern(Expression::Unary(unary, of))
    }

    pub(super) fn binary(&mut self, binary: Binary, left: FunctionId, right: FunctionId) -> FunctionId {
        self.intern(Expression::Binary(binary, left, right))
    }

    /// The numbers of all parts of an expression, in order; itself is the last.
    fn parts(&self, of: FunctionId) -> Vec<FunctionId> {
        let mut wanted = std::collections::BTreeSet::from([of]);
        let mut parts = Vec::new();
        // parts have smaller numbers, so that the largest wanted number is never wanted again
        while let Some(id) = wanted.pop_last() {
            parts.push(id);
            match self.list[id as usize] {
                Expression::Input | Expression::Constant(_) => {}
                Expression::Select(condition, yes, no) => wanted.extend([condition, yes, no]),
                Expression::Affine(inner, ..) | Expression::Unary(_, inner) => {
                    wanted.insert(inner);
                }
                Expression::Binary(_, left, right) => wanted.extend([left, right]),
            }
        }
        parts.reverse();
        parts
    }

    /// The expression with `scale * x + shift` for `x`.
    pub(super) fn substitute(&mut self, of: FunctionId, scale: f64, shift: f64) -> FunctionId {
        if scale == 1.0 && shift == 0.0 {
            return of;
        }
        let mut made = HashMap::new();
        let parts = self.parts(of);
        self.steps = self.steps.saturating_add(parts.len());
        for id in parts {
            let new = match self.list[id as usize] {
                Expression::Input => self.affine(INPUT, scale, shift),
                Expression::Constant(_) => id,
                Expression::Select(condition, yes, no) => self.select(made[&condition], made[&yes], made[&no]),
                Expression::Affine(inner, a, b) => self.affine(made[&inner], a.get(), b.get()),
                Expression::Unary(unary, inner) => self.unary(unary, made[&inner]),
                Expression::Binary(binary, left, right) => self.binary(binary, made[&left], made[&right]),
            };
            made.insert(id, new);
        }
        made[&of]
    }

    /// Whether the expression's values are the picture's samples.
    pub(super) fn is_picture(&self, of: FunctionId) -> bool {
        matches!(self.list[of as usize], Expression::Unary(Unary::Picture, _))
    }

    /// Something that computes the expression's values.
    pub(super) fn tape(&self, of: FunctionId) -> Tape {
        let parts = self.parts(of);
        let place: HashMap<FunctionId, usize> = parts.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let step = |id: &FunctionId| match self.list[*id as usize] {
            Expression::Input => Step::Input,
            Expression::Constant(value) => Step::Constant(value.get()),
            Expression::Select(condition, yes, no) => Step::Select(place[&condition], place[&yes], place[&no]),
            Expression::Affine(inner, a, b) => Step::Affine(place[&inner], a.get(), b.get()),
            Expression::Unary(unary, inner) => Step::Unary(unary, place[&inner]),
            Expression::Binary(binary, left, right) => Step::Binary(binary, place[&left], place[&right]),
        };
        Tape { steps: parts.iter().map(step).collect() }
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Input,
    Constant(f64),
    Select(usize, usize, usize),
    Affine(usize, f64, f64),
    Unary(Unary, usize),
    Binary(Binary, usize, usize),
}

/// An expression, ready to be evaluated.
#[derive(Clone, Debug)]
pub(super) struct Tape {
    steps: Vec<Step>,
}

impl Unary {
    pub(super) fn apply(self, x: f64) -> f64 {
        match self {
            Self::Relu => x.max(0.0),
            Self::Leaky(slope) => {
                if x < 0.0 {
                    slope.get() * x
                } else {
                    x
                }
            }
            Self::Clip(low, high) => x.max(low.get()).min(high.get()),
            Self::Tanh => libm::tanh(x),
            Self::Sigmoid => 1.0 / (1.0 + libm::exp(-x)),
            Self::Exp => libm::exp(x),
            Self::Log => libm::log(x),
            Self::Sqrt => x.sqrt(),
            Self::Abs => x.abs(),
            Self::Erf => libm::erf(x),
            Self::Softplus => x.max(0.0) + libm::log1p(libm::exp(-x.abs())),
            Self::Elu(alpha) => {
                if x < 0.0 {
                    alpha.get() * libm::expm1(x)
                } else {
                    x
                }
            }
            Self::Reciprocal => 1.0 / x,
            Self::Power(exponent) => libm::pow(x, exponent.get()),
            Self::Sin => libm::sin(x),
            Self::Cos => libm::cos(x),
            Self::Tan => libm::tan(x),
            Self::Asin => libm::asin(x),
            Self::Acos => libm::acos(x),
            Self::Atan => libm::atan(x),
            Self::Sinh => libm::sinh(x),
            Self::Cosh => libm::cosh(x),
            Self::Asinh => libm::asinh(x),
            Self::Acosh => libm::acosh(x),
            Self::Atanh => libm::atanh(x),
            Self::Floor => single(x).floor(),
            Self::Ceil => single(x).ceil(),
            Self::Round => single(x).round_ties_even(),
            Self::Truncate => single(x).trunc(),
            Self::Sign => {
                if x == 0.0 || x.is_nan() {
                    x
                } else {
                    x.signum()
                }
            }
            Self::NotANumber => truth(x.is_nan()),
            Self::IsZero => truth(x == 0.0),
            Self::IsPositive(zero) => truth(x > 0.0 || zero && x == 0.0),
            Self::Picture => x.clamp(0.0, 255.0),
        }
    }

    /// The values' bounds for arguments within `(low, high)`.
    fn bounds(self, (low, high): (f64, f64)) -> (f64, f64) {
        match self {
            Self::Relu | Self::Clip(..) | Self::Tanh | Self::Sigmoid | Self::Exp | Self::Erf | Self::Softplus => {
                (self.apply(low), self.apply(high))
            }
            Self::Leaky(slope) if slope.get() >= 0.0 => (self.apply(low), self.apply(high)),
            Self::Abs => {
                (if low <= 0.0 && high >= 0.0 { 0.0 } else { low.abs().min(high.abs()) }, low.abs().max(high.abs()))
            }
            Self::Picture => (0.0, 255.0),
            Self::Floor | Self::Ceil | Self::Round | Self::Truncate | Self::Sinh | Self::Asinh | Self::Atan => {
                (self.apply(low), self.apply(high))
            }
            Self::Sqrt | Self::Cosh => (0.0, f64::INFINITY),
            Self::Sin | Self::Cos | Self::Sign => (-1.0, 1.0),
            Self::NotANumber | Self::IsZero | Self::IsPositive(_) => (0.0, 1.0),
            _ => (f64::NEG_INFINITY, f64::INFINITY),
        }
    }
}

impl Binary {
    pub(super) fn apply(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Add => a + b,
            Self::Mul => a * b,
            Self::Div => a / b,
            Self::Max => a.max(b),
            Self::Min => a.min(b),
            Self::Power => libm::pow(a, b),
            Self::Less => truth(single(a) < single(b)),
            Self::LessOrEqual => truth(single(a) <= single(b)),
            Self::Equal => truth(single(a) == single(b)),
            Self::Modulo => {
                let rest = a % b;
                if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
            }
            Self::Remainder => a % b,
        }
    }
}

/// An argument of a function that jumps, in 32 bits as runtimes have it: at a jump the last bit decides.
fn single(x: f64) -> f64 {
    f64::from(x as f32)
}

fn truth(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

impl Tape {
    /// The value at `x`, with room to work in.
    pub(super) fn at(&self, x: f64, room: &mut Vec<f64>) -> f64 {
        room.clear();
        for step in &self.steps {
            let value = match *step {
                Step::Input => x,
                Step::Constant(value) => value,
                Step::Select(condition, yes, no) => room[if room[condition] != 0.0 { yes } else { no }],
                Step::Affine(of, a, b) => a * room[of] + b,
                Step::Unary(unary, of) => unary.apply(room[of]),
                Step::Binary(binary, left, right) => binary.apply(room[left], room[right]),
            };
            room.push(value);
        }
        room.last().copied().unwrap_or(x)
    }

    /// Whether the values jump somewhere between two arguments, by more than a two-hundredth of all that they span.
    pub(super) fn jumps(&self, low: f64, high: f64) -> bool {
        const POINTS: u32 = 1024;
        const LEAST: f64 = 0.005;
        let mut room = Vec::new();
        let mut at = |x: f64| self.at(x, &mut room);
        let step = (high - low) / f64::from(POINTS);
        let values: Vec<f64> = (0..=POINTS).map(|i| at(low + f64::from(i) * step)).collect();
        let fold = |(low, high): (f64, f64), value: &f64| (low.min(*value), high.max(*value));
        let (least, most) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), fold);
        let limit = LEAST * (most - least);
        if !(step > 0.0 && limit > 0.0 && limit.is_finite()) {
            return false;
        }
        (0..POINTS).zip(values.windows(2)).any(|(i, ends)| {
            let (mut left, mut right) = (low + f64::from(i) * step, low + f64::from(i + 1) * step);
            let [mut below, mut above] = [ends[0], ends[1]];
            // a slope, however steep, is halved with its interval; a jump stays in one half
            for _ in 0..30 {
                if !(above - below).is_finite() || (above - below).abs() <= limit {
                    return false;
                }
                let middle = (left + right) / 2.0;
                let value = at(middle);
                if (value - below).abs() >= (above - value).abs() {
                    (right, above) = (middle, value);
                } else {
                    (left, below) = (middle, value);
                }
            }
            true
        })
    }

    /// Bounds of the values at all `x`; infinite where they are not known.
    pub(super) fn bounds(&self) -> (f64, f64) {
        let mut room: Vec<(f64, f64)> = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let (low, high) = match *step {
                Step::Input => (f64::NEG_INFINITY, f64::INFINITY),
                Step::Affine(of, a, b) => {
                    let ends = [a * room[of].0 + b, a * room[of].1 + b];
                    (ends[0].min(ends[1]), ends[0].max(ends[1]))
                }
                Step::Unary(unary, of) => unary.bounds(room[of]),
                Step::Binary(Binary::Max, l, r) => (room[l].0.max(room[r].0), room[l].1.max(room[r].1)),
                Step::Binary(Binary::Min, l, r) => (room[l].0.min(room[r].0), room[l].1.min(room[r].1)),
                Step::Binary(Binary::Add, l, r) => (room[l].0 + room[r].0, room[l].1 + room[r].1),
                Step::Binary(Binary::Less | Binary::LessOrEqual | Binary::Equal, ..) => (0.0, 1.0),
                Step::Constant(value) => (value, value),
                Step::Select(_, l, r) => (room[l].0.min(room[r].0), room[l].1.max(room[r].1)),
                Step::Binary(..) => (f64::NEG_INFINITY, f64::INFINITY),
            };
            let known = |end: f64, otherwise: f64| if end.is_nan() { otherwise } else { end };
            room.push((known(low, f64::NEG_INFINITY), known(high, f64::INFINITY)));
        }
        room.last().copied().unwrap_or((f64::NEG_INFINITY, f64::INFINITY))
    }
}
