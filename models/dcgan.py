"""Writes untrained generators as ONNX, of any width, to measure the prover on. Needs numpy and onnx only.

    python dcgan.py --size 32 --filters 16 --latent 64 -o dcgan32.onnx      # the 32x32 of the benchmark: 0.1 M weights
    python dcgan.py --size 64 --filters 64 --latent 100 -o dcgan64.onnx     # DCGAN of Radford et al.: 3.6 M weights
    python dcgan.py --mlp 64,256,784 -o mlp28.onnx                          # perceptron, a 28x28 grey picture

`--filters N` are the channels before the last layer; each layer before it has twice as many, down to a dense layer
that gives 4x4 pixels. Weights are drawn so that activations keep their size: the pictures are noise, the costs
are those of a trained model of this shape. Equal options give equal bytes.
"""

import argparse
import math
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Builder:
    def __init__(self, seed):
        self.rng = np.random.Generator(np.random.PCG64(seed))
        self.nodes, self.weights, self.count = [], [], 0

    def tensor(self, name, array):
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array, np.float32), name))
        return name

    def node(self, op, inputs, **attributes):
        self.count += 1
        out = f"{op.lower()}_{self.count}"
        self.nodes.append(helper.make_node(op, inputs, [out], name=f"{op}_{self.count}", **attributes))
        return out

    def normal(self, shape, deviation):
        return self.rng.standard_normal(shape) * deviation

    def dense(self, x, a, b, gain):
        """[1, a] -> [1, b]; every output has variance gain^2 times the mean square of the inputs."""
        w = self.tensor(f"dense{self.count}.weight", self.normal((b, a), gain / math.sqrt(a)))
        c = self.tensor(f"dense{self.count}.bias", self.normal(b, 0.05))
        return self.node("Gemm", [x, w, c], transB=1)

    def deconv(self, x, a, b, gain):
        """Kernel 4, stride 2, padding 1: each output sees 2x2 positions of `a` channels."""
        w = self.tensor(f"deconv{self.count}.weight", self.normal((a, b, 4, 4), gain / math.sqrt(4 * a)))
        c = self.tensor(f"deconv{self.count}.bias", self.normal(b, 0.05))
        return self.node("ConvTranspose", [x, w, c], kernel_shape=[4, 4], strides=[2, 2], pads=[1, 1, 1, 1])

    def norm(self, x, n):
        """Batch norm with statistics near those of the layer before it, so that folding it is no identity."""
        at = f"norm{self.count}"
        values = {
            "gamma": self.rng.uniform(0.9, 1.1, n), "beta": self.normal(n, 0.05),
            "mean": self.normal(n, 0.05), "var": self.rng.uniform(1.6, 2.4, n),
        }
        return self.node("BatchNormalization", [x] + [self.tensor(f"{at}.{k}", v) for k, v in values.items()], epsilon=1e-5)

    def constant(self, name, values):
        self.weights.append(numpy_helper.from_array(np.array(values, np.int64), name))
        return name

    def model(self, name, latent, shape):
        """Closes the graph: what the last node gives is the picture."""
        self.nodes[-1].output[0] = "image"
        graph = helper.make_graph(
            self.nodes, name,
            [helper.make_tensor_value_info("latent", TensorProto.FLOAT, [1, latent])],
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
            self.weights,
        )
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="veilmark dcgan.py")
        made.ir_version = 8
        onnx.checker.check_model(made, full_check=True)
        return made


RELU = math.sqrt(2)  # He: ReLU halves the mean square


def dcgan(size, filters, latent, channels, seed, norm=False):
    stages = int(math.log2(size)) - 2
    if size != 4 << stages or stages < 1:
        raise SystemExit("--size must be 8, 16, 32, 64, ...")
    b, wide = Builder(seed), filters << (stages - 1)
    x = b.dense("latent", latent, wide * 16, RELU)
    x = b.node("Reshape", [x, b.constant("grid", [1, wide, 4, 4])])
    x = b.node("Relu", [b.norm(x, wide) if norm else x])
    for _ in range(stages - 1):
        x = b.deconv(x, wide, wide // 2, RELU)
        wide //= 2
        x = b.node("Relu", [b.norm(x, wide) if norm else x])
    b.node("Tanh", [b.deconv(x, wide, channels, 1.0)])
    return b.model(f"dcgan{size}", latent, [1, channels, size, size])


def mlp(widths, seed):
    side = math.isqrt(widths[-1])
    if len(widths) < 2 or side * side != widths[-1]:
        raise SystemExit("--mlp needs two widths or more, the last one a square")
    b, x = Builder(seed), "latent"
    for i, (n, m) in enumerate(zip(widths, widths[1:])):
        last = i == len(widths) - 2
        x = b.node("Sigmoid" if last else "Relu", [b.dense(x, n, m, 1.5 if last else RELU)])
    b.node("Reshape", [x, b.constant("grid", [1, 1, side, side])])
    return b.model("mlp", widths[0], [1, 1, side, side])


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--size", type=int, default=64, help="side of the picture in pixels, a power of two (64)")
    args.add_argument("--filters", type=int, default=64, help="channels before the last layer (64)")
    args.add_argument("--latent", type=int, default=100, help="entries of the latent (100)")
    args.add_argument("--channels", type=int, default=3, choices=(1, 3), help="grey or colour (3)")
    args.add_argument("--batch-norm", action="store_true", help="batch norm after every layer but the last")
    args.add_argument("--mlp", metavar="N,N,...", help="a perceptron of these widths instead")
    args.add_argument("--seed", type=int, default=0)
    args.add_argument("-o", "--out", type=pathlib.Path, required=True, metavar="FILE")
    args = args.parse_args()
    if args.mlp:
        model = mlp([int(n) for n in args.mlp.split(",")], args.seed)
    else:
        model = dcgan(args.size, args.filters, args.latent, args.channels, args.seed, args.batch_norm)
    args.out.write_bytes(model.SerializeToString(deterministic=True))
    weights = sum(math.prod(t.dims) for t in model.graph.initializer if t.data_type == TensorProto.FLOAT)
    print(f"{args.out}: {weights} weights, {args.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
