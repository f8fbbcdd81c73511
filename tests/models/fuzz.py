"""Random graphs over all operators: the importer's floats and integer pictures against onnxruntime.

    python fuzz.py READER COUNT [--seed N] [--keep FOLDER] [--folder FOLDER]     (needs tests/models/requirements-fuzz.txt)

READER is `target/release/examples/read_many`, built with `cargo build --release -p veilmark-onnx --examples`. A graph is a dense
layer, some operators that are drawn at random with random attributes, and a last convolution. Each must be read as
onnxruntime reads it, or be refused with an error; a difference is printed, kept, and ends the script with 1.
--keep stores every graph that is read, with onnxruntime's answer, as the files of `tests/models` are.
"""

import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

ort.set_default_logger_severity(4)
UNARY = """Abs Acos Asin Asinh Atan Atanh Ceil Celu Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid HardSwish LeakyRelu Mish Neg
Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Tanh ThresholdedRelu Tan""".split()


class Net:
    def __init__(self, rng):
        self.rng, self.nodes, self.stored, self.count, self.names = rng, [], [], 0, []
        self.opset = int(rng.choice([20, 21, 22]))

    def store(self, value, kind=np.float32):
        self.count += 1
        self.stored.append(numpy_helper.from_array(np.asarray(value, kind), f"w{self.count}"))
        return f"w{self.count}"

    def ints(self, *values):
        return self.store(list(values), np.int64)

    def normal(self, *shape, gain=1.0):
        fan = int(np.prod(shape[1:])) if len(shape) > 1 else 4
        return self.store(self.rng.normal(0, gain / max(fan, 1) ** 0.5, shape))

    def op(self, kind, *inputs, outputs=1, **attributes):
        self.count += 1
        made = [f"t{self.count}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), made, name=f"{kind}_{self.count}", **attributes))
        self.names.append(kind)
        return made if outputs > 1 else made[0]

    def pick(self, *choices):
        return choices[int(self.rng.integers(len(choices)))]

    def below(self, n):
        return int(self.rng.integers(n))


def step(n, x, shape):
    """One random operator on a tensor of shape [1, c, h, w]; the new tensor and its shape."""
    _, c, h, w = shape
    same = shape
    kind = n.below(62)
    if kind < 8:
        name = n.pick(*UNARY)
        attributes = {}
        if name in ("Celu", "Elu", "ThresholdedRelu", "LeakyRelu"):
            attributes["alpha"] = float(n.pick(0.2, 0.7, 1.0, 2.0))
        if name == "Shrink":
            attributes = {"lambd": float(n.pick(0.2, 0.5)), "bias": float(n.pick(0.0, 0.3))}
        if name == "Gelu":
            attributes["approximate"] = n.pick("none", "tanh")
        if name in ("Acos", "Asin", "Atanh"):
            x = n.op("Mul", n.op("Tanh", x), n.store(0.9))
        if name == "Tan":
            x = n.op("Tanh", x)
        return n.op(name, x, **attributes), same
    if kind == 8:
        limit = n.store(float(n.pick(-0.5, 0.0, 0.4)))
        condition = n.op(n.pick("Greater", "Less", "GreaterOrEqual", "LessOrEqual"), x, limit)
        if n.below(2):
            condition = n.op("Not", condition)
        return n.op("Where", condition, x, n.op("Mul", x, n.store(0.1))), same
    if kind == 9:
        return n.op("Pow", n.op("Abs", x), n.store(float(n.pick(0.5, 1.5, 2.0, 3.0)))), same
    if kind == 10:
        return n.op("Clip", x, n.pick("", n.store(-0.5)), n.store(float(n.pick(0.4, 1.5)))), same
    if kind == 11:
        other = n.normal(*n.pick((), (1,), (c, 1, 1), (1, c, 1, 1), (h, w), (w,)), gain=1.0)
        return n.op(n.pick("Add", "Sub", "Mul", "Max", "Min"), *n.pick((x, other), (other, x))), same
    if kind == 12:
        return n.op("Div", x, n.store(n.rng.uniform(0.5, 2, (c, 1, 1)))), same
    if kind == 13:
        other = n.op("Conv", x, n.normal(c, c, 3, 3), pads=[1] * 4)
        return n.op(n.pick("Add", "Sub", "Mul", "Max", "Min", "Mean", "Sum"), x, other), same
    if kind == 14:
        out, groups = n.pick((4, 1), (6, 1), (c, c), (2 * c, c))
        k, stride, dilation = n.pick(1, 2, 3), n.pick(1, 1, 2), n.pick(1, 1, 2)
        reach = dilation * (k - 1)
        pads = [n.below(reach + 2) for _ in range(4)]
        sides = [(side + pads[d] + pads[d + 2] - reach - 1) // stride + 1 for d, side in enumerate((h, w))]
        if min(sides) < 1 or (h + pads[0] + pads[2]) <= reach or (w + pads[1] + pads[3]) <= reach:
            return x, same
        y = n.op("Conv", x, n.normal(out, c // groups, k, k), n.normal(out), pads=pads, strides=[stride] * 2,
                 dilations=[dilation] * 2, group=groups)
        return y, [1, out, *sides]
    if kind == 15:
        k, stride = n.pick(2, 3, 4), n.pick(1, 2)
        if h > 12:
            return x, same
        y = n.op("ConvTranspose", x, n.normal(c, 4, k, k), n.normal(4), strides=[stride] * 2)
        return y, [1, 4, stride * (h - 1) + k, stride * (w - 1) + k]
    if kind == 16:
        k, stride, up = n.pick(2, 3), n.pick(1, 2), n.below(2)
        pads = [n.below(2)] * 4
        sides = [-(-(side + 2 * pads[0] - k) // stride) + 1 if up else (side + 2 * pads[0] - k) // stride + 1 for side in (h, w)]
        sides = [s - 1 if up and (s - 1) * stride >= side + pads[0] else s for s, side in zip(sides, (h, w))]
        if min(sides) < 2:
            return x, same
        name = n.pick("AveragePool", "MaxPool", "LpPool")
        more = {"count_include_pad": n.below(2)} if name == "AveragePool" else {}
        y = n.op(name, x, kernel_shape=[k, k], strides=[stride] * 2, pads=pads, ceil_mode=up, **more)
        return y, [1, c, *sides]
    if kind in (17, 18, 19):
        mode = n.pick("nearest", "linear", "linear", "cubic")
        coordinates = n.pick("half_pixel", "pytorch_half_pixel", "half_pixel_symmetric", "asymmetric", "align_corners")
        attributes = {"mode": mode, "coordinate_transformation_mode": coordinates}
        if mode == "nearest":
            attributes["nearest_mode"] = n.pick("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
        if mode == "cubic":
            attributes["cubic_coeff_a"] = float(n.pick(-0.5, -0.75))
            attributes["exclude_outside"] = n.below(2)
        if n.below(2):
            scales = [float(n.pick(0.5, 1.0, 1.5, 2.0, 3.0, 0.75)) for _ in range(2)]
            sides = [int(np.floor(np.float32(side) * np.float32(scale))) for side, scale in zip((h, w), scales)]
            if min(sides) < 2 or max(sides) > 24:
                return x, same
            return n.op("Resize", x, "", n.store([1, 1, *scales]), **attributes), [1, c, *sides]
        sides = [2 + n.below(14) for _ in range(2)]
        policy = n.pick("stretch", "stretch", "not_larger", "not_smaller")
        if policy != "stretch":
            ratios = [np.float32(s) / np.float32(side) for s, side in zip(sides, (h, w))]
            scale = min(ratios) if policy == "not_larger" else max(ratios)
            real = [int(np.floor(scale * side + np.float32(0.5))) for side in (h, w)]
            if min(real) < 2 or max(real) > 40:
                return x, same
            y = n.op("Resize", x, "", "", n.ints(*sides), axes=[2, 3], keep_aspect_ratio_policy=policy, **attributes)
            return y, [1, c, *real]
        return n.op("Resize", x, "", "", n.ints(1, c, *sides), **attributes), [1, c, *sides]
    if kind == 20:
        mode = n.pick("constant", "reflect", "edge")
        top, left, bottom, right = (n.below(min(h, w, 3)) for _ in range(4))
        y = n.op("Pad", x, n.ints(0, 0, top, left, 0, 0, bottom, right), n.store(float(n.pick(0.0, 0.5))), mode=mode)
        return y, [1, c, h + top + bottom, w + left + right]
    if kind == 21:
        if h < 4 or w < 4:
            return x, same
        y = n.op("Slice", x, n.ints(1, -1), n.ints(h, -w - 1), n.ints(2, 3), n.ints(1, -1))
        return y, [1, c, h - 1, w]
    if kind == 22:
        order = n.rng.permutation(c)
        which = n.below(3)
        if which == 0:
            return n.op("Gather", x, n.ints(*order.tolist()), axis=1), same
        if which == 1:
            return n.op("GatherND", x, n.store([[[0, int(i)] for i in order]], np.int64)), same
        index = n.rng.integers(0, w, (1, c, h, w))
        return n.op("GatherElements", x, n.store(index, np.int64), axis=3), same
    if kind == 23:
        updates = n.op("Mul", n.op("Gather", x, n.ints(0), axis=1), n.store(0.5))
        return n.op("ScatterND", x, n.store([[[0, c - 1]]], np.int64), updates), same
    if kind == 24:
        y = n.op("Flatten", x, axis=n.pick(1, -3))
        y = n.op("Gemm", y, n.normal(c * h * w, c * h * w, gain=1.0), n.normal(c * h * w), alpha=0.8, transB=1)
        return n.op("Reshape", y, n.ints(1, c, h, -1)), same
    if kind == 25:
        y = n.op("Einsum", x, n.normal(5, c), equation=n.pick("bchw,oc->bohw", "zcyx,ic->ziyx"))
        return y, [1, 5, h, w]
    if kind == 26:
        return n.op("MatMul", x, n.normal(*n.pick((w, w), (1, c, w, w)))), same
    if kind == 27:
        return n.op("MatMul", n.normal(*n.pick((h, h), (1, c, h, h))), x), same
    if kind == 28:
        name = n.pick("InstanceNormalization", "GroupNormalization", "LayerNormalization", "LpNormalization")
        ones, zeros = n.store(n.rng.uniform(0.5, 1.5, c)), n.normal(c)
        if h * w < 6:
            return x, same
        if name == "InstanceNormalization":
            return n.op(name, x, ones, zeros), same
        if name == "GroupNormalization":
            if n.opset < 21:
                return x, same
            return n.op(name, x, ones, zeros, num_groups=n.pick(1, c)), same
        if name == "LayerNormalization":
            return n.op(name, x, n.store(n.rng.uniform(0.5, 1.5, w)), n.normal(w), axis=-1), same
        return n.op(name, x, axis=1, p=n.pick(1, 2)), same
    if kind == 29:
        y = n.op("BatchNormalization", x, n.store(n.rng.uniform(0.5, 1.5, c)), n.normal(c), n.normal(c),
                 n.store(n.rng.uniform(0.5, 2, c)))
        return y, same
    if kind == 30:
        name = n.pick("ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare",
                      "ReduceLogSumExp")
        axes = n.pick([1], [2, 3], [-1], [2])
        y = n.op("Mul", n.op(name, x, n.ints(*axes), keepdims=1), n.store(0.2))
        return n.op("Add", x, y), same
    if kind == 31:
        return n.op("Mul", x, n.op("Sigmoid", n.op(n.pick("GlobalAveragePool", "GlobalMaxPool"), x))), same
    if kind == 32 and c % 4 == 0 and h < 10:
        return n.op("DepthToSpace", x, blocksize=2, mode=n.pick("DCR", "CRD")), [1, c // 4, 2 * h, 2 * w]
    if kind == 33 and h % 2 == 0 and w % 2 == 0 and c < 5:
        return n.op("SpaceToDepth", x, blocksize=2), [1, 4 * c, h // 2, w // 2]
    if kind == 34:
        order = n.pick([0, 2, 3, 1], [0, 1, 3, 2])
        y = n.op(n.pick("Relu", "Sin"), n.op("Transpose", x, perm=order))
        if order[1] == 1:
            return y, [1, c, w, h]
        return n.op("Transpose", y, perm=[0, 3, 1, 2]), same
    if kind == 35:
        a, b = n.op("Split", x, n.ints(1, c - 1), outputs=2, axis=1) if c > 1 else (x, x)
        return (n.op("Concat", b, a, axis=1) if c > 1 else x), same
    if kind == 36 and h < 12:
        return n.op("Tile", x, n.ints(1, 1, 2, 1)), [1, c, 2 * h, w]
    if kind == 37:
        angle = n.rng.uniform(-0.6, 0.6)
        theta = [[[np.cos(angle), -np.sin(angle), 0.1], [np.sin(angle), np.cos(angle), -0.2]]]
        grid = n.op("AffineGrid", n.store(theta), n.ints(1, 1, h, w), align_corners=0)
        mode = n.pick("linear", "nearest")
        y = n.op("GridSample", x, grid, mode=mode, padding_mode=n.pick("zeros", "border", "reflection"), align_corners=n.below(2))
        return y, same
    if kind == 38:
        return n.op("PRelu", x, n.store(n.rng.uniform(-0.3, 0.6, n.pick((1,), (c, 1, 1))))), same
    if kind == 39:
        return n.op("Softmax", x, axis=n.pick(1, -1)), same
    if kind == 40:
        return n.op("CumSum", x, n.store(n.pick(2, 3), np.int64), reverse=n.below(2), exclusive=n.below(2)), same
    if kind == 41:
        return n.op("Trilu", x, upper=n.below(2)), same
    if kind == 42:
        half = n.store(n.rng.normal(0, 0.3, (4, c, 1, 1)), np.float16)
        y = n.op("Conv", x, n.op("Cast", half, to=TensorProto.FLOAT))
        return y, [1, 4, h, w]
    if kind == 43:
        chosen = n.op("Equal", n.op("Size", x), n.store(c * h * w if n.below(2) else 1, np.int64))
        branches = []
        for index, gain in enumerate((0.5, -0.7)):
            constant = helper.make_node("Constant", [], [f"k{n.count}_{index}"], value_float=gain)
            node = helper.make_node("Mul", [x, f"k{n.count}_{index}"], [f"b{n.count}_{index}"])
            info = helper.make_tensor_value_info(f"b{n.count}_{index}", TensorProto.FLOAT, None)
            branches.append(helper.make_graph([constant, node], "branch", [], [info]))
        return n.op("If", chosen, then_branch=branches[0], else_branch=branches[1]), same
    if kind == 44:
        steps, zero = n.store(0.1), n.store(0, np.uint8 if n.below(2) else np.int8)
        return n.op("DequantizeLinear", n.op("QuantizeLinear", x, steps, zero), steps, zero), same
    if kind == 45:
        return n.op("Mod", x, n.store(1.0), fmod=1), same
    if kind == 46:
        away = n.op("Add", n.op("Abs", x), n.store(0.5))
        return n.op(n.pick("Reciprocal", "Sqrt", "Log"), away), same
    if kind == 47:
        name, axes = n.pick("ReduceLogSum", "ReduceProd", "ReduceLogSumExp"), n.pick([1], [-1], [2, 3])
        y = n.op(name, n.op("Add", n.op("Sigmoid", x), n.store(0.5)), n.ints(*axes), keepdims=0)
        y = n.op("Unsqueeze", y, n.ints(*(axis % 4 for axis in axes)))
        return n.op("Add", x, n.op("Mul", y, n.store(0.1))), same
    if kind == 48:
        return n.op("LogSoftmax", x, axis=n.pick(1, -1)), same
    if kind == 49:
        y = n.op("Squeeze", n.op("Unsqueeze", x, n.ints(0, 3)), n.ints(0))
        return n.op("Reshape", y, n.op("Shape", x)), same
    if kind == 50:
        keep = n.rng.integers(0, 2, c).astype(bool)
        keep[0] = True
        return n.op("Compress", x, n.store(keep, bool), axis=1), [1, int(keep.sum()), h, w]
    if kind == 51:
        sides = [3 + n.below(8), 3 + n.below(8)]
        return n.op("CenterCropPad", x, n.ints(*sides), axes=[2, 3]), [1, c, *sides]
    if kind == 52:
        return n.op("Mul", x, n.op("Sigmoid", n.op("GlobalLpPool", x, p=n.pick(1, 2)))), same
    if kind == 53:
        if h * w < 6:
            return x, same
        return n.op("MeanVarianceNormalization", x, axes=n.pick([0, 2, 3], [0, 1, 2, 3])), same
    if kind == 54:
        index = n.rng.permutation(h)[:2].reshape(1, 1, 2, 1)
        index = np.broadcast_to(index, (1, c, 2, w))
        updates = n.op("Slice", n.op("Neg", x), n.ints(0), n.ints(2), n.ints(2))
        return n.op("ScatterElements", x, n.store(index, np.int64), updates, axis=2, reduction=n.pick("none", "add")), same
    if kind == 55:
        first = n.op("Greater", x, n.store(float(n.pick(-0.3, 0.2))))
        second = n.op("Less", x, n.store(float(n.pick(0.1, 0.6))))
        chosen = n.op(n.pick("And", "Or", "Xor"), first, second)
        return n.op("Where", chosen, x, n.op("Mul", x, n.store(0.5))), same
    if kind == 56:
        found = n.op(n.pick("IsNaN", "IsInf"), x)
        return n.op("Where", found, n.store(0.0), n.op("Identity", x)), same
    if kind == 57:
        filled = n.op("ConstantOfShape", n.op("Shape", x), value=helper.make_tensor("v", TensorProto.FLOAT, [1], [0.25]))
        return n.op(n.pick("Max", "Min", "Sum", "Mean"), x, filled, *n.pick([], [x])), same
    if kind == 58:
        steps = n.op("Cast", n.op("Range", n.store(0, np.int64), n.store(w, np.int64), n.store(1, np.int64)), to=TensorProto.FLOAT)
        return n.op("Add", x, n.op("Expand", n.op("Mul", steps, n.store(0.05)), n.ints(1, 1, h, w))), same
    if kind == 59:
        hot = n.op("OneHot", n.store(n.rng.integers(0, c, c), np.int64), n.store(c, np.int64), n.store([0.0, 1.0]))
        y = n.op("MatMul", hot, n.op("Reshape", x, n.ints(c, h * w)))
        return n.op("Reshape", y, n.ints(1, c, h, w)), same
    if kind == 60:
        y = n.op("MatMul", x, n.op("EyeLike", n.store(np.zeros((w, w))), k=n.pick(0, 1, -1)))
        return n.op("CastLike", n.op("Dropout", y), x), same
    split = n.op("Split", x, n.ints(c // 2, c - c // 2), outputs=2, axis=1) if c > 1 else [x, x]
    return n.op("Concat", n.op("Relu", split[1]), n.op("Relu", n.op("Neg", split[0])), x, axis=1), [1, 2 * c if c > 1 else 3, h, w]


def graph(seed):
    rng = np.random.default_rng(seed)
    n = Net(rng)
    c, h, w = int(rng.choice([2, 3, 4])), int(rng.integers(3, 7)), int(rng.integers(3, 7))
    x = n.op("Gemm", "z", n.normal(c * h * w, 8), n.normal(c * h * w), transB=1)
    x = n.op("Reshape", x, n.ints(1, c, h, w))
    shape = [1, c, h, w]
    for _ in range(1 + n.below(4)):
        x, shape = step(n, x, shape)
    if min(shape[2:]) < 5:
        scale = -(-5 // min(shape[2:]))
        x = n.op("Tile", x, n.ints(1, 1, scale, scale))
    x = n.op("Conv", x, n.normal(3, shape[1], 1, 1), n.normal(3))
    x = n.op(n.pick("Tanh", "Sigmoid"), x)
    inputs = [helper.make_tensor_value_info("z", TensorProto.FLOAT, [1, 8])]
    outputs = [helper.make_tensor_value_info(x, TensorProto.FLOAT, None)]
    proto = helper.make_graph(n.nodes, "fuzz", inputs, outputs, n.stored)
    model = helper.make_model(proto, opset_imports=[helper.make_opsetid("", n.opset)], ir_version=9)
    z = (np.clip(np.round(rng.standard_normal((1, 8)) * 32), -127, 127) / 32).astype("<f4")
    return model.SerializeToString(deterministic=True), z, n.names


def runtime(data, z):
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    try:
        session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        (picture,) = session.run(None, {"z": z})
    except Exception as error:  # the runtime has no kernel, or refuses what the checker accepts
        return None, str(error)
    return picture.astype("<f4"), ""


def beyond(own, theirs, data, z):
    """How far numbers are from all that the runtime gives of latents that differ in their last bits.

    Where a function jumps, the last bit of its argument decides, and sums have it in the order of their terms.
    """
    low, high, random = theirs.copy(), theirs.copy(), np.random.default_rng(1)
    for _ in range(12):
        nudged = (z * (1 + random.choice([-3e-7, -1e-7, 1e-7, 3e-7], z.shape))).astype("<f4")
        other = runtime(data, nudged)[0].ravel()
        low, high = np.minimum(low, other), np.maximum(high, other)
    return np.maximum(low - own, own - high).max()


def loss(answer, out, theirs):
    """The PSNR of the integer picture from the runtime's."""
    low, high = (0, 1) if answer["range"] == "zero-to-one" else (-1, 1)
    levels = np.clip((theirs - low) * 255 / (high - low), 0, 255).round()
    integers = np.fromfile(f"{out}.u8", np.uint8).astype(float)
    error = ((levels - integers) ** 2).mean()
    return 100 if error == 0 else min(100, 10 * np.log10(255 * 255 / error))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("reader")
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep")
    parser.add_argument("--folder", default=tempfile.gettempdir())
    arguments = parser.parse_args()
    folder = pathlib.Path(arguments.folder)
    reader = subprocess.Popen([arguments.reader], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    tally, refused, operators, wrong, qualities = collections.Counter(), collections.Counter(), collections.Counter(), 0, []
    for seed in range(arguments.seed, arguments.seed + arguments.count):
        data, z, names = graph(seed)
        picture, why = runtime(data, z)
        if picture is None or not np.isfinite(picture).all():
            tally["not run by onnxruntime"] += 1
            refused["onnxruntime: " + (why or "not finite")[:90]] += 1
            continue
        model, latent, out = folder / "fuzz.onnx", folder / "fuzz.in", folder / "fuzz.out"
        model.write_bytes(data)
        latent.write_bytes(z.tobytes())
        reader.stdin.write(f"{model} {latent} {out}\n")
        reader.stdin.flush()
        answer = json.loads(reader.stdout.readline() or '{"broken": "no answer: the reader ended"}')
        if "broken" in answer:
            print(f"seed {seed} {names}: {answer}")
            (folder / f"wrong_{seed}.onnx").write_bytes(data)
            return 1
        if "error" in answer and not answer.get("floats"):
            tally["refused"] += 1
            refused[f"{answer['kind']} {answer['operator']}: {answer['error'][:140]}"] += 1
            continue
        own = np.fromfile(f"{out}.f32", "<f4")
        theirs = picture.ravel()
        apart = np.abs(own - theirs).max() if own.shape == theirs.shape else np.inf
        operators.update(set(names))
        if np.isfinite(apart) and apart > 2e-3 and beyond(own, theirs, data, z) <= 2e-3:
            tally["on the other side of a jump, as onnxruntime with other last bits"] += 1
            continue
        if apart > 2e-3:
            wrong += 1
            print(f"seed {seed} {names}: apart by {apart}")
            (folder / f"wrong_{seed}.onnx").write_bytes(data)
            continue
        if "error" in answer:
            tally["floats read, not imported"] += 1
            refused[f"{answer['kind']} {answer['operator']}: {answer['error'][:140]}"] += 1
        else:
            tally["imported"] += 1
            qualities.append((answer["psnr"], answer["worst"], seed))
            own_psnr = loss(answer, out, theirs)
            # a value at a jump falls on either side, whatever other latents do; the floats above are equal all the same
            tally["with a jump"] += answer["jumps"]
            if own_psnr < answer["worst"] - 12 and not answer["jumps"]:
                # 48 latents do not show how far a neuron goes; what counts is what `model import` says, of as many as it measures
                tally["measured whole"] += 1
                reader.stdin.write(f"{model} {latent} {out} whole\n")
                reader.stdin.flush()
                answer = json.loads(reader.stdout.readline())
                own_psnr = loss(answer, out, theirs)
                print(f"seed {seed} {names}: {own_psnr:.1f} dB, {answer['worst']:.1f} at worst of 1,000")
            if own_psnr < answer["worst"] - 12 and not answer["jumps"]:
                wrong += 1
                print(f"seed {seed} {names}: the picture is {own_psnr:.1f} dB from onnxruntime's, {answer['worst']:.1f} at worst said")
            tally["tract " + str(answer["tract_outcome"])] += 1
        if arguments.keep:
            keep = pathlib.Path(arguments.keep)
            name = f"fuzz_{seed}"
            (keep / f"{name}.onnx").write_bytes(data)
            (keep / f"{name}.in.f32").write_bytes(z.tobytes())
            (keep / f"{name}.out.f32").write_bytes(picture.tobytes())
    reader.stdin.close()
    print(dict(tally))
    for text, count in refused.most_common(25):
        print(f"  {count:5} {text}")
    if qualities:
        mean = sorted(q[0] for q in qualities)
        print(f"integer pictures: median {mean[len(mean) // 2]:.1f} dB, below 25 dB {sum(q < 25 for q in mean)}, least {mean[0]:.1f}")
    print(f"{len(operators)} operators: {' '.join(sorted(operators))}")
    print(f"{wrong} silent differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
