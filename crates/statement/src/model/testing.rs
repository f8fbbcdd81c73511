//! Small models of every kind of layer, with tables that just hold what accumulators reach. For tests only.
use super::*;
use rand::{Rng, rngs::StdRng};

/// What a table does to a quotient.
#[derive(Clone, Copy, Debug)]
pub enum Curve {
    /// From -127 to 127.
    Clamp,
    /// From 0 to 255.
    Relu,
    /// A bent curve, from 3 to 251.
    Bent,
}

impl Curve {
    fn of(self, q: i64) -> i16 {
        match self {
            Self::Clamp => q.clamp(-127, 127) as i16,
            Self::Relu => q.clamp(0, 255) as i16,
            Self::Bent => 127 + (q * 124 / (q.abs() + 40)) as i16,
        }
    }
}

/// A part of a model: neurons by channel, row and column.
#[derive(Clone, Debug)]
pub struct Tensor {
    /// Channels, height, width.
    pub shape: [u32; 3],
    /// In this order.
    pub sources: Vec<Source>,
}

/// Adds layer after layer.
#[derive(Debug)]
pub struct Builder {
    architecture: Architecture,
    weights: Vec<Option<Weights>>,
    /// For weights.
    pub rng: StdRng,
}

impl Builder {
    /// A model of nothing but a latent.
    pub fn new(latent: u32, rng: StdRng) -> (Self, Tensor) {
        let architecture = Architecture {
            latent,
            classes: 0,
            width: 5,
            height: 5,
            channels: 3,
            tables: vec![],
            layers: vec![],
            output: View::default(),
        };
        let input = Tensor { shape: [latent, 1, 1], sources: (0..latent).map(Source::Neuron).collect() };
        (Self { architecture, weights: vec![], rng }, input)
    }

    fn table(&mut self, table: Table) -> u32 {
        let tables = &mut self.architecture.tables;
        let found = tables.iter().position(|known| *known == table);
        found.unwrap_or_else(|| {
            tables.push(table);
            tables.len() - 1
        }) as u32
    }

    fn add(&mut self, shape: [u32; 3], map: Map, weights: Option<Weights>, curve: Curve, shift: u8) -> Tensor {
        let first = self.architecture.neurons();
        let blank = Table { shift, first: 0, outputs: vec![0] };
        let known = self.architecture.tables.len();
        self.architecture.tables.push(blank);
        self.architecture.layers.push(Layer { shape, map, tables: vec![known as u32; shape[0] as usize] });
        self.weights.push(weights);
        let reach = reach(&self.architecture, &self.weights).pop().unwrap();
        self.architecture.tables.pop();
        let low = reach.iter().map(|r| r.0).min().unwrap();
        let high = reach.iter().map(|r| r.1).max().unwrap();
        let mut table = Table { shift, first: 0, outputs: vec![] };
        let (from, to) = (table.quotient(low), table.quotient(high));
        table.first = from as i32;
        table.outputs = (from..=to).map(|q| curve.of(q)).collect();
        let table = self.table(table);
        self.architecture.layers.last_mut().unwrap().tables.fill(table);
        let count = self.architecture.layers.last().unwrap().len();
        Tensor { shape, sources: (first..first + count).map(|n| Source::Neuron(n as u32)).collect() }
    }

    /// A convolution, or a transposed one.
    #[allow(clippy::too_many_arguments)]
    pub fn conv(
        &mut self,
        input: &Tensor,
        outputs: u32,
        groups: u32,
        kernel: u32,
        [stride, pad, dilation, extra]: [u32; 4],
        transposed: bool,
        curve: Curve,
        shift: u8,
    ) -> Tensor {
        let [channels, height, width] = input.shape;
        let side = |n: u32| {
            if transposed {
                (n - 1) * stride + dilation * (kernel - 1) + 1 + extra - 2 * pad
            } else {
                (n + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1
            }
        };
        let shape = [outputs, side(height), side(width)];
        let product = Product {
            input: input.sources.iter().copied().collect(),
            input_shape: input.shape,
            groups,
            kernel: [kernel; 2],
            input_step: [if transposed { stride } else { 1 }; 2],
            kernel_step: [dilation; 2],
            output_step: [if transposed { 1 } else { stride }; 2],
            offset: [if transposed { pad } else { dilation * (kernel - 1) - pad }; 2],
        };
        let count = outputs * channels / groups * kernel * kernel;
        let weights = Weights {
            kernel: (0..count).map(|_| self.rng.gen_range(-40..=40)).collect(),
            bias: (0..outputs).map(|_| self.rng.gen_range(-3000..=3000)).collect(),
        };
        self.add(shape, Map::Product(product), Some(weights), curve, shift)
    }

    /// A product of any geometry to outputs of this shape, with weights of every size.
    pub fn product(&mut self, shape: [u32; 3], product: Product, curve: Curve, shift: u8) -> Tensor {
        let weights = Weights {
            kernel: (0..shape[0] as usize * product.kernel_len()).map(|_| self.rng.r#gen()).collect(),
            bias: (0..shape[0]).map(|_| self.rng.gen_range(-3000..=3000)).collect(),
        };
        self.add(shape, Map::Product(product), Some(weights), curve, shift)
    }

    /// A dense layer to a tensor of this shape.
    pub fn dense(&mut self, input: &Tensor, shape: [u32; 3], curve: Curve, shift: u8) -> Tensor {
        let flat = Tensor { shape: [input.sources.len() as u32, 1, 1], sources: input.sources.clone() };
        let outputs = shape.iter().product();
        let Tensor { sources, .. } = self.conv(&flat, outputs, 1, 1, [1, 0, 1, 0], false, curve, shift);
        Tensor { shape, sources }
    }

    /// A sum with coefficients.
    pub fn sum(&mut self, terms: &[(i32, &Tensor)], curve: Curve, shift: u8) -> Tensor {
        let views = terms.iter().map(|(c, tensor)| (*c, tensor.sources.iter().copied().collect())).collect();
        self.add(terms[0].1.shape, Map::Sum(views), None, curve, shift)
    }

    /// An element-wise product.
    pub fn mul(&mut self, left: &Tensor, right: &Tensor, curve: Curve, shift: u8) -> Tensor {
        let [a, b] = [left, right].map(|tensor| tensor.sources.iter().copied().collect());
        self.add(left.shape, Map::Mul(a, b), None, curve, shift)
    }

    /// The model whose picture is this tensor.
    pub fn finish(mut self, output: &Tensor) -> Model {
        [self.architecture.channels, self.architecture.height, self.architecture.width] = output.shape;
        self.architecture.output = output.sources.iter().copied().collect();
        Model::new(self.architecture, self.weights).unwrap()
    }
}

/// Each element twice as wide and high.
pub fn upsampled(input: &Tensor) -> Tensor {
    let [c, h, w] = input.shape;
    let at = |i: u32| {
        let (plane, y, x) = (i / (4 * h * w), i / (2 * w) % (2 * h), i % (2 * w));
        input.sources[(plane * h * w + y / 2 * w + x / 2) as usize]
    };
    Tensor { shape: [c, 2 * h, 2 * w], sources: (0..4 * c * h * w).map(at).collect() }
}

/// A border of a constant.
pub fn padded(input: &Tensor, value: i16) -> Tensor {
    let [c, h, w] = input.shape;
    let at = |i: u32| {
        let (plane, y, x) = (i / ((h + 2) * (w + 2)), i / (w + 2) % (h + 2), i % (w + 2));
        let inside = (1..=h).contains(&y) && (1..=w).contains(&x);
        if inside { input.sources[(plane * h * w + (y - 1) * w + x - 1) as usize] } else { Source::Constant(value) }
    };
    Tensor { shape: [c, h + 2, w + 2], sources: (0..c * (h + 2) * (w + 2)).map(at).collect() }
}

/// One tensor's channels after the other's.
pub fn concatenated(a: &Tensor, b: &Tensor) -> Tensor {
    Tensor { shape: [a.shape[0] + b.shape[0], a.shape[1], a.shape[2]], sources: [&a.sources[..], &b.sources].concat() }
}

/// A model with layers of every kind: 6x6 pixels of three samples.
pub fn every_kind(seed: u64) -> Model {
    use rand::SeedableRng;
    let (mut b, latent) = Builder::new(5, StdRng::seed_from_u64(seed));
    // the latent's last entry is read by nobody
    let four = Tensor { shape: [4, 1, 1], sources: latent.sources[..4].to_vec() };
    let x = b.dense(&four, [10, 3, 3], Curve::Relu, 5);
    let y = b.conv(&x, 9, 1, 4, [2, 1, 1, 0], true, Curve::Clamp, 8);
    let residual = b.conv(&y, 9, 1, 3, [1, 1, 1, 0], false, Curve::Clamp, 8);
    let y = b.sum(&[(2, &y), (-1, &residual)], Curve::Clamp, 1);
    let depthwise = b.conv(&y, 9, 9, 3, [1, 1, 1, 0], false, Curve::Relu, 5);
    let gate = b.conv(&y, 9, 3, 1, [1, 0, 1, 0], false, Curve::Bent, 4);
    let z = b.mul(&depthwise, &gate, Curve::Clamp, 8);
    let small = b.conv(&z, 4, 1, 3, [2, 1, 1, 0], false, Curve::Clamp, 9);
    let wide = b.conv(&small, 3, 1, 3, [1, 2, 2, 0], false, Curve::Relu, 7);
    let z = concatenated(&z, &upsampled(&wide));
    let last = b.conv(&padded(&z, -3), 3, 1, 3, [1, 0, 1, 0], false, Curve::Bent, 9);
    b.finish(&last)
}

/// A product of random geometry between two dense layers, the second of which reads some of its outputs.
pub fn any_product(seed: u64) -> Model {
    use rand::SeedableRng;
    let (mut b, latent) = Builder::new(3, StdRng::seed_from_u64(seed));
    let groups = b.rng.gen_range(1..=3);
    let [inputs, outputs] = [3, 10].map(|most| groups * b.rng.gen_range(1..=most));
    let mut pair = |most: u32| [(); 2].map(|()| b.rng.gen_range(1..=most));
    let ([height, width], [rows, columns]) = (pair(3), pair(4));
    let (kernel, input_step, kernel_step, output_step) = (pair(3), pair(3), pair(3), pair(3));
    let offset = pair(6).map(|one_more| one_more - 1);
    // inputs that are never zero show where padding is
    let curve = if seed.is_multiple_of(2) { Curve::Clamp } else { Curve::Bent };
    let x = b.dense(&latent, [inputs, height, width], curve, 6);
    let input = x.sources.iter().copied().collect();
    let product = Product { input, input_shape: x.shape, groups, kernel, input_step, kernel_step, output_step, offset };
    let mut y = b.product([outputs, rows, columns], product, Curve::Relu, 9);
    if y.sources.len() > 1 {
        y.sources.pop();
    }
    let last = b.dense(&y, [1, 5, 5], Curve::Bent, 9);
    b.finish(&last)
}

/// A grey 7x5 picture by two dense layers.
pub fn perceptron(seed: u64) -> Model {
    use rand::SeedableRng;
    let (mut b, latent) = Builder::new(6, StdRng::seed_from_u64(seed));
    let x = b.dense(&latent, [17, 1, 1], Curve::Relu, 6);
    let y = b.dense(&x, [1, 7, 5], Curve::Bent, 8);
    b.finish(&y)
}
