//! Small models, and what a model must not be.
use super::*;

/// `y = clamp(x rounded, low, high)` for accumulators from `-reach` to `reach`.
fn clamp(shift: u8, reach: i64, low: i16, high: i16) -> Table {
    let mut table = Table { shift, first: 0, outputs: vec![] };
    let [first, last] = [-reach, reach].map(|end| table.quotient(end));
    table.first = i32::try_from(first).unwrap();
    table.outputs = (first..=last).map(|q| q.clamp(i64::from(low), i64::from(high)) as i16).collect();
    table
}

/// Two latent entries, dense to 25 grey samples.
fn dense() -> (Architecture, Vec<Option<Weights>>) {
    let product = Product {
        input: View::neurons(0, 2),
        input_shape: [2, 1, 1],
        groups: 1,
        kernel: [1, 1],
        input_step: [1, 1],
        kernel_step: [1, 1],
        output_step: [1, 1],
        offset: [0, 0],
    };
    let weights = Weights { kernel: (0..50).map(|w| w - 25).collect(), bias: (0..25).map(|b| b * 100).collect() };
    let architecture = Architecture {
        latent: 2,
        classes: 0,
        width: 5,
        height: 5,
        channels: 1,
        tables: vec![clamp(4, 10_000, 0, 255)],
        layers: vec![Layer { shape: [25, 1, 1], map: Map::Product(product), tables: vec![0; 25] }],
        output: View::neurons(2, 25),
    };
    (architecture, vec![Some(weights)])
}

#[test]
fn a_dense_layer_is_its_formula() {
    let (architecture, weights) = dense();
    let model = Model::new(architecture, weights).unwrap();
    let picture = model.generate(&[100, -7]);
    for (e, pixel) in picture.pixels().iter().enumerate() {
        let e = e as i64;
        let sum = 100 * (2 * e - 25) - 7 * (2 * e - 24) + 100 * e;
        let expected = ((sum + 8) >> 4).clamp(0, 255) as u8;
        assert_eq!(*pixel, [expected; 3]);
    }
    assert_eq!(Model::from_bytes(&model.to_bytes()).unwrap(), model);
}

/// The definition of convolution, position by position, against the product of polynomials.
#[test]
fn convolutions_are_products() {
    let (height, width) = (4usize, 6usize);
    let x: Vec<i64> = (0..height * width).map(|i| (i * i % 11) as i64 - 5).collect();
    let kernel = |k: usize| -> Vec<i8> { (0..k * k).map(|i| (i * 7 % 13) as i8 - 6).collect() };
    let layer = |[h, w]: [usize; 2]| Layer { shape: [1, h as u32, w as u32], map: Map::Sum(vec![]), tables: vec![0] };
    let product = |k: usize, input_step: usize, kernel_step: usize, output_step: usize, offset: usize| Product {
        input: View::neurons(0, height * width),
        input_shape: [1, height as u32, width as u32],
        groups: 1,
        kernel: [k as u32; 2],
        input_step: [input_step as u32; 2],
        kernel_step: [kernel_step as u32; 2],
        output_step: [output_step as u32; 2],
        offset: [offset as u32; 2],
    };
    for (k, stride, pad, dilation) in
        [(3, 1, 1, 1), (3, 2, 1, 1), (5, 1, 2, 1), (1, 1, 0, 1), (3, 1, 2, 2), (4, 2, 1, 1)]
    {
        let w = kernel(k);
        let reversed = Weights { kernel: w.iter().rev().copied().collect(), bias: vec![0] };
        let size = |n: usize| (n + 2 * pad - dilation * (k - 1) - 1) / stride + 1;
        let out = [size(height), size(width)];
        let p = product(k, 1, dilation, stride, dilation * (k - 1) - pad);
        let full = p.multiply(&x, &reversed, &layer(out));
        let [_, columns] = p.full(out.map(|side| side as u32));
        for o in 0..out[0] * out[1] {
            let mut expected = 0;
            for (m, &w) in w.iter().enumerate() {
                let y = (o / out[1] * stride + m / k * dilation).checked_sub(pad).filter(|y| *y < height);
                let x_ = (o % out[1] * stride + m % k * dilation).checked_sub(pad).filter(|x| *x < width);
                if let (Some(y), Some(x_)) = (y, x_) {
                    expected += i64::from(w) * x[y * width + x_];
                }
            }
            let [y, x_] = p.kept(o, out[1]);
            assert_eq!(full[y * columns + x_], expected, "convolution {k} {stride} {pad} {dilation}, output {o}");
        }
    }
    for (k, stride, pad, extra) in [(4, 2, 1, 0), (3, 2, 1, 1), (2, 2, 0, 0), (3, 1, 1, 0), (2, 3, 0, 1)] {
        let w = kernel(k);
        let weights = Weights { kernel: w.clone(), bias: vec![0] };
        let size = |n: usize| (n - 1) * stride + k + extra - 2 * pad;
        let out = [size(height), size(width)];
        let p = product(k, stride, 1, 1, pad);
        let full = p.multiply(&x, &weights, &layer(out));
        let [_, columns] = p.full(out.map(|side| side as u32));
        let mut expected = vec![0; out[0] * out[1]];
        for (i, &x) in x.iter().enumerate() {
            for (m, &w) in w.iter().enumerate() {
                let y = (i / width * stride + m / k).checked_sub(pad).filter(|y| *y < out[0]);
                let x_ = (i % width * stride + m % k).checked_sub(pad).filter(|x| *x < out[1]);
                if let (Some(y), Some(x_)) = (y, x_) {
                    expected[y * out[1] + x_] += i64::from(w) * x;
                }
            }
        }
        for (o, expected) in expected.into_iter().enumerate() {
            let [y, x_] = p.kept(o, out[1]);
            assert_eq!(full[y * columns + x_], expected, "transposed {k} {stride} {pad} {extra}, output {o}");
        }
    }
}

#[test]
fn an_inconsistent_model_is_refused_with_its_place() {
    let refused = |change: &dyn Fn(&mut Architecture, &mut Vec<Option<Weights>>), names: &str| {
        let (mut architecture, mut weights) = dense();
        change(&mut architecture, &mut weights);
        let error = Model::new(architecture, weights).unwrap_err().to_string();
        assert!(error.contains(names), "{error}");
    };
    refused(&|a, _| a.width = 4, "5");
    refused(&|a, _| a.channels = 2, "channels");
    refused(&|a, _| a.latent = 0, "latent");
    refused(&|a, _| a.classes = 2, "classes");
    refused(&|a, _| a.layers[0].shape = [u32::MAX; 3], "outputs");
    refused(&|a, _| a.layers[0].tables[3] = 1, "a table");
    refused(&|a, _| a.output = View::neurons(3, 25), "neurons below 27");
    refused(&|a, _| a.output = View::neurons(1, 25), "latent");
    refused(&|a, _| a.output = [Source::Constant(3)].into_iter().cycle().take(25).collect(), "computed");
    refused(&|a, _| a.tables[0].outputs[0] = 256, "0..=255");
    refused(&|a, _| a.tables[0].outputs.truncate(100), "domain");
    refused(&|a, _| a.tables.push(clamp(1, 5, 0, 1)), "used");
    refused(&|_, w| w[0] = None, "weights");
    refused(&|_, w| w[0].as_mut().unwrap().bias[7] = i32::MAX, "channel 7");
    refused(&|_, w| w[0].as_mut().unwrap().kernel.truncate(49), "49");
    let later = |a: &mut Architecture| {
        let Map::Product(product) = &mut a.layers[0].map else { unreachable!() };
        product.input = View::neurons(1, 2);
    };
    refused(&|a, _| later(a), "neurons below 2");
}

#[test]
fn no_byte_of_a_model_is_free() {
    let (architecture, weights) = dense();
    let model = Model::new(architecture, weights).unwrap();
    let bytes = model.to_bytes();
    for at in 0..bytes.len() {
        assert!(Model::from_bytes(&bytes[..at]).is_err(), "cut at {at}");
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        if let Ok(other) = Model::from_bytes(&changed) {
            assert!(other != model && other.to_bytes() == changed, "byte {at}");
        }
    }
    assert!(matches!(Model::from_bytes(&[&bytes[..], &[0]].concat()), Err(CodecError::NotCanonical)));
}

#[test]
fn views_are_kept_in_one_way() {
    use Source::{Constant as C, Neuron as N};
    let lists = [
        vec![],
        vec![N(4)],
        vec![N(4), N(4), N(4), N(5), N(6), N(7)],
        vec![C(0), C(0), N(1), N(0), C(3), N(9), N(7), N(5), N(0)],
        vec![N(u32::MAX), N(0), N(1)],
    ];
    for list in lists {
        let view: View = list.iter().copied().collect();
        assert_eq!(view.sources().collect::<Vec<_>>(), list);
        assert_eq!(view.len(), list.len());
    }
}
