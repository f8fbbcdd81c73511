//! Untrained models of the shapes that others are measured with.
use rand::{SeedableRng, rngs::StdRng};
use veilmark_circuits::statement::model::{
    Model,
    testing::{Builder, Curve, Tensor},
};

/// Dense to 4x4, then transposed convolutions (kernel 4, stride 2, padding 1), each twice as large; `widths` are the channels.
pub fn dcgan(latent: u32, widths: &[u32]) -> Model {
    let (mut builder, z) = Builder::new(latent, StdRng::seed_from_u64(1));
    let mut x: Tensor = builder.dense(&z, [widths[0], 4, 4], Curve::Relu, 9);
    for (i, &width) in widths[1..].iter().enumerate() {
        let curve = if i + 2 == widths.len() { Curve::Bent } else { Curve::Relu };
        x = builder.conv(&x, width, 1, 4, [2, 1, 1, 0], true, curve, 10);
    }
    builder.finish(&x)
}

/// Two dense layers, 64-256-784: a grey picture of 28x28.
pub fn perceptron() -> Model {
    let (mut builder, z) = Builder::new(64, StdRng::seed_from_u64(2));
    let x = builder.dense(&z, [256, 1, 1], Curve::Relu, 9);
    let y = builder.dense(&x, [1, 28, 28], Curve::Bent, 10);
    builder.finish(&y)
}

/// A latent to `channels` planes of `side` x `side`, a convolution with a kernel of `kernel`, three planes of as much.
pub fn convolution(channels: u32, side: u32, kernel: u32) -> Model {
    let (mut builder, z) = Builder::new(4, StdRng::seed_from_u64(3));
    let x = builder.dense(&z, [channels, side, side], Curve::Relu, 8);
    let y = builder.conv(&x, 3, 1, kernel, [1, kernel / 2, 1, 0], false, Curve::Bent, 9);
    builder.finish(&y)
}

/// Two dense layers around a hidden one.
pub fn dense(hidden: u32) -> Model {
    let (mut builder, z) = Builder::new(32, StdRng::seed_from_u64(4));
    let x = builder.dense(&z, [hidden, 1, 1], Curve::Relu, 8);
    let y = builder.dense(&x, [1, 16, 16], Curve::Bent, 9);
    builder.finish(&y)
}
