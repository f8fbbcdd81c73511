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
    let product = Product::dense(View::neurons(0, 2), 2);
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

/// Every picture is a latent's where the model only passes on what it is given: the share is what can be seen of that
/// without the weights.
#[test]
fn a_model_whose_latent_is_more_than_an_eighth_of_its_picture_may_copy_it() {
    let (architecture, _) = dense();
    // 25 samples
    for (latent, may_copy) in [(0, false), (3, false), (4, true), (25, true), (u32::MAX, true)] {
        let architecture = Architecture { latent, ..architecture.clone() };
        assert_eq!(architecture.may_copy_its_latent(), may_copy, "{latent} entries");
    }
    let large = Architecture { latent: 16, width: 128, height: 1, ..architecture };
    assert!(!large.may_copy_its_latent(), "an eighth is not more than that");
    assert!(Architecture { latent: 17, ..large }.may_copy_its_latent());

    // what the share is about: the identity is a model, and makes any picture of its size
    let identity = Product::dense(View::neurons(0, 25), 25);
    let kernel = (0..25 * 25).map(|at| i8::from(at % 26 == 0)).collect();
    let weights = Weights { kernel, bias: vec![128; 25] };
    let table = Table { shift: 0, first: 0, outputs: (0..256).collect() };
    let copier = Architecture {
        latent: 25,
        tables: vec![table],
        layers: vec![Layer { shape: [25, 1, 1], map: Map::Product(identity), tables: vec![0; 25] }],
        output: View::neurons(25, 25),
        ..dense().0
    };
    let model = Model::new(copier, vec![Some(weights)]).unwrap();
    assert!(model.architecture().may_copy_its_latent());
    let wanted: Vec<u8> = (0..25).map(|at| at * 10 + 3).collect();
    let latent: Vec<i8> = wanted.iter().map(|byte| (i16::from(*byte) - 128) as i8).collect();
    let made = model.generate(&latent);
    assert_eq!(made.pixels().iter().map(|pixel| pixel[0]).collect::<Vec<_>>(), wanted);
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
    refused(&|a, _| a.tables[0].outputs[0] = -1, "0..=255");
    refused(&|a, _| a.tables[0].outputs.truncate(100), "domain");
    refused(&|a, _| a.tables.push(a.tables[0].clone()), "a copy");
    let sum = |a: &mut Architecture, coefficient, terms: usize, size: usize| {
        let term = (coefficient, std::iter::repeat_n(Source::Constant(1), size).collect());
        let layer = Layer { shape: [1, size as u32, 1], map: Map::Sum(vec![term; terms]), tables: vec![0] };
        a.layers.push(layer);
    };
    refused(&|a, _| sum(a, 0, 1, 1), "a coefficient");
    refused(&|a, _| sum(a, 1, 4097, 1), "the terms");
    refused(&|a, _| sum(a, 1, 4096, MAX_SOURCES / 4096 + 1), "the sources");
    let samples = |a: &mut Architecture, distances: [usize; 2]| {
        let [green, blue] = [2 + distances[0], 2 + distances[0] + distances[1]];
        (a.channels, a.layers[0].shape, a.layers[0].tables) = (3, [75, 1, 1], vec![0; 75]);
        a.output = [2, green, blue]
            .into_iter()
            .flat_map(|first| (first..first + 25).map(|n| Source::Neuron(n as u32)))
            .collect();
    };
    refused(&|a, _| samples(a, [25, 24]), "distances");
    refused(&|a, _| samples(a, [25, 25]), "the weights must be 150");
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

/// A checker has the architecture alone: everything that makes its statement one about a picture is checked without weights.
#[test]
fn an_architecture_whose_samples_are_no_bytes_is_refused() {
    for beyond in [-1, 256, i16::MAX] {
        let (mut architecture, _) = dense();
        Architecture::from_bytes(&architecture.to_bytes()).unwrap();
        architecture.tables[0].outputs[7] = beyond;
        assert!(Architecture::from_bytes(&architecture.to_bytes()).is_err(), "{beyond}");
    }
}

/// Small files that would make large circuits.
#[test]
fn a_small_architecture_of_huge_circuits_is_refused() {
    // tables
    let (mut architecture, _) = dense();
    let first = architecture.tables.len() as u32;
    let wide = |n: i32| Table { shift: MAX_SHIFT, first: n, outputs: vec![0] };
    architecture.tables.extend((0..64).map(wide));
    let sum = |tables: Vec<u32>| Layer {
        shape: [tables.len() as u32, 1, 1],
        map: Map::Sum(vec![(1, std::iter::repeat_n(Source::Neuron(0), tables.len()).collect())]),
        tables,
    };
    architecture.layers.push(sum((first..first + 64).collect()));
    let bytes = architecture.to_bytes();
    assert!(bytes.len() < 4000);
    assert!(Architecture::from_bytes(&bytes).unwrap_err().to_string().contains("rows of all tables"));
    // products
    let (mut architecture, _) = dense();
    let mut layer = architecture.layers[0].clone();
    layer.shape = [1, 1, 1];
    layer.tables = vec![0];
    let Map::Product(product) = &mut layer.map else { unreachable!() };
    product.offset = [0, (1 << 24) - 1];
    architecture.layers.extend([layer.clone(), layer.clone(), layer]);
    let error = Architecture::from_bytes(&architecture.to_bytes()).unwrap_err().to_string();
    assert!(error.contains("monomials in all"), "{error}");
    architecture.layers.truncate(2);
    let one = Architecture::from_bytes(&architecture.to_bytes()).unwrap();
    assert!(one.least_rows() > 1 << 24);
}

/// Whatever passes the checks runs on every latent.
#[test]
fn a_model_runs_on_every_latent() {
    use super::testing::any_product;
    use rand::{Rng, SeedableRng, rngs::StdRng};
    let mut rng = StdRng::seed_from_u64(1);
    for seed in 0..200 {
        let model = any_product(seed);
        for _ in 0..20 {
            let latent: Vec<i8> = (0..model.architecture().latent)
                .map(|_| [i8::MIN, i8::MAX, rng.r#gen()][rng.gen_range(0..3)])
                .collect();
            model.generate(&latent);
        }
    }
}

/// Tables that just hold what accumulators reach, one row shorter at either end.
#[test]
fn a_table_one_row_too_short_is_refused() {
    let model = super::testing::every_kind(3);
    let refused = |architecture: Architecture| {
        let error = Model::new(architecture, model.weights().to_vec()).unwrap_err();
        assert!(matches!(error, ModelError::Domain { .. }), "{error}");
    };
    for index in 0..model.architecture().tables.len() {
        let mut architecture = model.architecture().clone();
        architecture.tables[index].outputs.pop();
        refused(architecture);
        let mut architecture = model.architecture().clone();
        architecture.tables[index].outputs.remove(0);
        architecture.tables[index].first += 1;
        refused(architecture);
    }
}

/// Changed bytes are refused or are another model: nothing panics, and what is a model runs.
#[test]
fn no_bytes_make_the_reader_panic() {
    use super::testing::{every_kind, perceptron};
    use rand::{Rng, SeedableRng, rngs::StdRng};
    let rounds = std::env::var("VEILMARK_FUZZ").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(2000);
    let mut rng = StdRng::seed_from_u64(2);
    let mut models = 0;
    for original in [every_kind(0).to_bytes(), perceptron(0).to_bytes(), Model::smallest().to_bytes()] {
        // the architecture is at the beginning
        let most = original.len().min(1500);
        for _ in 0..rounds {
            let mut bytes = original.clone();
            for _ in 0..rng.gen_range(1..4) {
                let at = rng.gen_range(MODEL_FORMAT.len()..most - 4);
                match rng.gen_range(0..4) {
                    0 => bytes[at] = rng.r#gen(),
                    1 => bytes[at] ^= 1 << rng.gen_range(0..8),
                    2 => drop(bytes.remove(at)),
                    _ => bytes.insert(at, [0, 1, 0x7f, 0x80, 0xff][rng.gen_range(0..5)]),
                }
            }
            let _ = Architecture::from_bytes(&bytes[MODEL_FORMAT.len()..]);
            if let Ok(model) = Model::from_bytes(&bytes) {
                models += 1;
                assert_eq!(model.to_bytes(), bytes);
                for entry in [i8::MIN, i8::MAX] {
                    model.generate(&vec![entry; model.architecture().latent as usize]);
                }
                model.architecture().multiplications();
            }
        }
    }
    assert!(models > 0);
}

/// Outputs beyond the product are nothing but their bias, however far from zero every input is.
#[test]
fn the_reach_of_an_output_in_the_padding_is_its_bias() {
    let product = Product::dense(View::neurons(0, 1), 1);
    let layer = Layer { shape: [2, 1, 2], map: Map::Product(product), tables: vec![0; 2] };
    let weights = Weights { kernel: vec![5, -5], bias: vec![7; 2] };
    let reach = layer_reach(&layer, Some(&weights), &[(3, 251)]);
    assert_eq!(reach, [(7, 5 * 251 + 7), (-5 * 251 + 7, 7)]);
}
