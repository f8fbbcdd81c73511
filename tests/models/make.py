"""Writes the small ONNX files the importer is tested on, and manifest.json which says what each must give.

    python make.py plain      # onnx.helper: one file per operator family, and the hostile ones
    python make.py torch      # PyTorch's exporters                (models/requirements.txt)
    python make.py keras      # Keras through tf2onnx              (tests/models/requirements-keras.txt)

Each run replaces the files of its own group. For a file that loads, NAME.in.f32 is one latent and NAME.out.f32 the
picture onnxruntime makes of it, as little-endian float32 in the order of the tensors: an implementation that is not ours.
"expect" is "ok", "error", or "optional": outside what we promise, so refused with an error or computed rightly.
"""

import json
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).parent
SEED = 7


# --- what is written ---------------------------------------------------------------------------------------------

class Shelf:
    """The files of one group and their lines in the manifest."""

    def __init__(self, group):
        self.group, self.lines = group, {}
        self.path = HERE / "manifest.json"
        self.others = json.loads(self.path.read_text()) if self.path.exists() else {}
        for name in [n for n, line in self.others.items() if line["group"] == group]:
            del self.others[name]
            for old in (f"{name}.onnx", f"{name}.in.f32", f"{name}.out.f32"):
                (HERE / old).unlink(missing_ok=True)

    def good(self, name, what, model, exporter="onnx.helper", expect="ok"):
        """A model that must load (or, if `expect` is "optional", may be refused but never misread); a proto or its bytes."""
        import onnxruntime

        data = model if isinstance(model, bytes) else model.SerializeToString(deterministic=True)
        onnx.checker.check_model(onnx.load_from_string(data), full_check=True)
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = 3
        run = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        (latent,) = run.get_inputs()
        shape = [d if isinstance(d, int) else 1 for d in latent.shape]
        z = np.random.default_rng(SEED).standard_normal(shape)
        z = (np.clip(np.round(z * 32), -127, 127) / 32).astype("<f4")
        (picture,) = run.run(None, {latent.name: z})
        picture = picture.astype("<f4")
        assert np.isfinite(picture).all() and picture.std() > 0.01, (name, picture.std())
        (HERE / f"{name}.onnx").write_bytes(data)
        (HERE / f"{name}.in.f32").write_bytes(z.tobytes())
        (HERE / f"{name}.out.f32").write_bytes(picture.tobytes())
        assert len(data) < 60_000, (name, len(data))
        graph = onnx.load_from_string(data)
        self.lines[name] = {
            "group": self.group, "what": what, "exporter": exporter, "expect": expect,
            "opset": graph.opset_import[0].version,
            "operators": sorted({n.op_type for n in graph.graph.node}),
            "input": [latent.name, shape], "output": [run.get_outputs()[0].name, list(picture.shape)],
            "range": [round(float(picture.min()), 4), round(float(picture.max()), 4)],
        }

    def bad(self, name, what, model, reason):
        """A file that must be refused, with an error and not a panic; `reason` is a word of why."""
        data = model if isinstance(model, bytes) else model.SerializeToString(deterministic=True)
        assert len(data) < 60_000, (name, len(data))
        (HERE / f"{name}.onnx").write_bytes(data)
        self.lines[name] = {
            "group": self.group, "what": what, "exporter": "by hand", "expect": "error", "reason": reason,
        }

    def close(self):
        lines = dict(sorted({**self.others, **self.lines}.items()))
        self.path.write_text("{\n" + ",\n".join(f'  {json.dumps(n)}: {json.dumps(line)}' for n, line in lines.items()) + "\n}\n")
        size = sum((HERE / f"{n}.onnx").stat().st_size for n in self.lines)
        print(f"{self.group}: {len(self.lines)} files, {size} bytes")


class Net:
    """A graph put together by hand."""

    def __init__(self, opset=17, seed=SEED):
        self.rng = np.random.default_rng(seed)
        self.opset, self.nodes, self.weights, self.inputs, self.count = opset, [], [], [], 0

    def node(self, op, *inputs, outputs=1, **attributes):
        self.count += 1
        names = [f"{op.lower()}_{self.count}" + (f"_{i}" if outputs > 1 else "") for i in range(outputs)]
        self.nodes.append(helper.make_node(op, list(inputs), names, name=f"{op}_{self.count}", **attributes))
        return names[0] if outputs == 1 else names

    def tensor(self, array, dtype=np.float32):
        self.count += 1
        name = f"tensor_{self.count}"
        self.weights.append(numpy_helper.from_array(np.asarray(array, dtype), name))
        return name

    def ints(self, *values):
        return self.tensor(values, np.int64)

    def normal(self, *shape, fan):
        return self.tensor(self.rng.standard_normal(shape) * (1.4 / fan**0.5))

    def bias(self, n):
        return self.tensor(self.rng.standard_normal(n) * 0.2)

    def input(self, shape, name="latent"):
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def start(self, c=4, side=4, latent=8):
        """latent -> dense -> [1, c, side, side]."""
        z = self.input([1, latent])
        x = self.node("Gemm", z, self.normal(c * side * side, latent, fan=latent), self.bias(c * side * side), transB=1)
        return self.node("Reshape", x, self.ints(1, c, side, side))

    def conv(self, x, a, b, k=3, groups=1, bias=True, **attributes):
        w = self.normal(b, a // groups, k, k, fan=a // groups * k * k)
        if groups != 1:
            attributes["group"] = groups
        return self.node("Conv", x, w, *([self.bias(b)] if bias else []), kernel_shape=[k, k], **attributes)

    def deconv(self, x, a, b, k, groups=1, **attributes):
        w = self.normal(a, b // groups, k, k, fan=a * k * k / 4)
        if groups != 1:
            attributes["group"] = groups
        return self.node("ConvTranspose", x, w, self.bias(b), kernel_shape=[k, k], **attributes)

    def picture(self, x, c=4):
        """A 1x1 convolution to three channels, and tanh."""
        return self.node("Tanh", self.conv(x, c, 3, k=1))

    def model(self, out, shape=None):
        info = helper.make_tensor_value_info(out, TensorProto.FLOAT, shape)
        graph = helper.make_graph(self.nodes, "net", self.inputs, [info], self.weights)
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)])
        made.ir_version = 8
        if shape is None:
            inferred = onnx.shape_inference.infer_shapes(made, data_prop=True)
            made.graph.output[0].CopyFrom(inferred.graph.output[0])
        return made


# --- one file per operator family -----------------------------------------------------------------------------------

def middle(step, c=4, side=4, after=None, opset=17):
    """dense -> `step` -> picture, `step` taking [1, c, side, side] and giving `after` channels."""
    net = Net(opset)
    return net.model(net.picture(step(net, net.start(c, side)), after or c))


def plain(shelf):
    def ok(name, what, step, **kw):
        shelf.good(name, what, middle(step, **kw))

    def maybe(name, what, step, **kw):
        shelf.good(name, what, middle(step, **kw), expect="optional")

    same = {"pads": [1, 1, 1, 1]}

    # Dense.
    net = Net()
    x = net.input([1, 8])
    x = net.node("Relu", net.node("Gemm", x, net.normal(16, 8, fan=8), net.bias(16), transB=1))
    x = net.node("Gemm", x, net.normal(16, 48, fan=16), net.bias(48), alpha=0.5, beta=2.0)
    shelf.good("gemm", "Gemm with transB, and without it with alpha and beta",
               net.model(net.node("Tanh", net.node("Reshape", x, net.ints(1, 3, 4, 4)))))
    net = Net()
    x = net.node("Gemm", net.input([1, 8]), net.normal(48, 8, fan=8), transB=1)
    shelf.good("gemm_no_bias", "Gemm without a bias",
               net.model(net.node("Sigmoid", net.node("Reshape", x, net.ints(1, 3, 4, 4)))))
    net = Net()
    x = net.node("Add", net.node("MatMul", net.input([1, 8]), net.normal(8, 16, fan=8)), net.bias(16))
    x = net.node("Relu", x)
    x = net.node("Add", net.bias(48), net.node("MatMul", x, net.normal(16, 48, fan=16)))
    shelf.good("matmul_bias", "MatMul then Add of a bias, on either side",
               net.model(net.node("Tanh", net.node("Reshape", x, net.ints(1, 3, 4, 4)))))
    net = Net()
    x = net.input([1, 8])
    for n, m, act in ((8, 24, "Relu"), (24, 24, "Relu"), (24, 64, "Sigmoid")):
        x = net.node(act, net.node("Gemm", x, net.normal(m, n, fan=n), net.bias(m), transB=1))
    shelf.good("mlp_grey", "a perceptron with a grey 8x8 picture in [0, 1]", net.model(net.node("Reshape", x, net.ints(1, 1, 8, 8))))
    net = Net()
    x = net.node("Flatten", net.input([1, 8, 1, 1]))
    x = net.node("Gemm", x, net.normal(48, 8, fan=8), net.bias(48), transB=1)
    shelf.good("latent_4d", "latent of shape [1, 8, 1, 1], flattened",
               net.model(net.node("Tanh", net.node("Reshape", x, net.ints(1, 3, 4, 4)))))

    # Convolution.
    ok("conv_k3", "Conv 3x3, padding 1", lambda n, x: n.conv(x, 4, 6, **same), after=6)
    ok("conv_k3_s2", "Conv 3x3, stride 2, padding 1", lambda n, x: n.conv(x, 4, 6, strides=[2, 2], **same), side=8, after=6)
    ok("conv_k5", "Conv 5x5, padding 2, no bias", lambda n, x: n.conv(x, 4, 4, k=5, bias=False, pads=[2] * 4), side=6)
    ok("conv_valid", "Conv 3x3 without padding: the picture shrinks", lambda n, x: n.conv(x, 4, 4), side=6)
    ok("conv_groups", "Conv in two groups", lambda n, x: n.conv(x, 4, 6, groups=2, **same), after=6)
    ok("conv_depthwise", "depthwise Conv, then 1x1", lambda n, x: n.conv(n.conv(x, 4, 4, groups=4, **same), 4, 8, k=1), after=8)
    ok("conv_dilation", "Conv 3x3, dilation 2, padding 2", lambda n, x: n.conv(x, 4, 4, dilations=[2, 2], pads=[2] * 4), side=6)
    ok("conv_asymmetric", "Conv 3x3 with pads 0,0,1,1 and stride 2 (as from SAME of other frameworks)",
       lambda n, x: n.conv(x, 4, 4, strides=[2, 2], pads=[0, 0, 1, 1]), side=8)
    maybe("conv_auto_pad", "Conv with auto_pad SAME_UPPER", lambda n, x: n.conv(x, 4, 4, auto_pad="SAME_UPPER"), side=5)
    net = Net()
    x = net.start(4, 6)
    w = net.normal(4, 4, 3, 5, fan=60)
    shelf.good("conv_rectangular", "Conv 3x5: kernel and padding differ by axis",
               net.model(net.picture(net.node("Conv", x, w, net.bias(4), kernel_shape=[3, 5], pads=[1, 2, 1, 2]))))

    # Transposed convolution.
    ok("deconv_k4_s2", "ConvTranspose 4x4, stride 2, padding 1", lambda n, x: n.deconv(x, 4, 4, 4, strides=[2, 2], **same))
    ok("deconv_k3_s2", "ConvTranspose 3x3, stride 2, padding 1, output padding 1",
       lambda n, x: n.deconv(x, 4, 4, 3, strides=[2, 2], output_padding=[1, 1], **same))
    ok("deconv_k2_s2", "ConvTranspose 2x2, stride 2", lambda n, x: n.deconv(x, 4, 4, 2, strides=[2, 2]))
    ok("deconv_k5_s1", "ConvTranspose 5x5, stride 1, padding 2", lambda n, x: n.deconv(x, 4, 4, 5, pads=[2] * 4))
    ok("deconv_groups", "ConvTranspose in two groups", lambda n, x: n.deconv(x, 4, 6, 4, groups=2, strides=[2, 2], **same), after=6)
    ok("deconv_from_1x1", "first layer of DCGAN: latent as [1, 8, 1, 1], ConvTranspose 4x4, stride 1",
       lambda n, x: n.node("Relu", n.deconv(x, 8, 4, 4, strides=[1, 1])), c=8, side=1, after=4)
    maybe("deconv_output_shape", "ConvTranspose whose padding follows from output_shape",
       lambda n, x: n.deconv(x, 4, 4, 4, strides=[2, 2], output_shape=[8, 8]))
    maybe("deconv_k2_s3", "ConvTranspose 2x2, stride 3: some outputs see the bias only", lambda n, x: n.deconv(x, 4, 4, 2, strides=[3, 3]))

    # Normalisation.
    def norm(n, x, c):
        return n.node("BatchNormalization", x, n.tensor(n.rng.uniform(.5, 1.5, c)), n.bias(c), n.bias(c),
                      n.tensor(n.rng.uniform(.5, 2, c)), epsilon=1e-3)

    ok("norm_after_conv", "Conv, BatchNormalization, Relu", lambda n, x: n.node("Relu", norm(n, n.conv(x, 4, 4, **same), 4)))
    ok("norm_after_deconv", "ConvTranspose, BatchNormalization, Relu",
       lambda n, x: n.node("Relu", norm(n, n.deconv(x, 4, 4, 4, strides=[2, 2], **same), 4)))
    ok("norm_before_conv", "BatchNormalization and Relu before a Conv, so that it folds into nothing before it",
       lambda n, x: n.conv(n.node("Relu", norm(n, n.node("Relu", x), 4)), 4, 4, **same))
    net = Net()
    x = norm(net, net.node("Gemm", net.input([1, 8]), net.normal(48, 8, fan=8), transB=1), 48)
    shelf.good("norm_after_gemm", "BatchNormalization of a dense layer",
               net.model(net.node("Tanh", net.node("Reshape", x, net.ints(1, 3, 4, 4)))))

    # Activations.
    ok("relu", "Relu", lambda n, x: n.node("Relu", x))
    ok("leaky_relu", "LeakyRelu, slope 0.2", lambda n, x: n.node("LeakyRelu", x, alpha=0.2))
    ok("leaky_relu_default", "LeakyRelu with the default slope of 0.01", lambda n, x: n.node("LeakyRelu", x))
    ok("prelu_shared", "PRelu, one slope", lambda n, x: n.node("PRelu", x, n.tensor([0.25])))
    ok("prelu_channel", "PRelu, a slope per channel", lambda n, x: n.node("PRelu", x, n.tensor([[[.1]], [[.25]], [[-.3]], [[.6]]])))
    ok("clip_attributes", "Clip of opset 6: bounds are attributes (ReLU6)", lambda n, x: n.node("Clip", x, min=0.0, max=6.0), opset=10)
    ok("clip_inputs", "Clip of opset 11: bounds are inputs", lambda n, x: n.node("Clip", x, n.tensor(0.0), n.tensor(1.0)), opset=11)
    ok("clip_one_side", "Clip with a lower bound only", lambda n, x: n.node("Clip", x, n.tensor(-0.5)), opset=13)
    ok("tanh", "Tanh in the middle", lambda n, x: n.node("Tanh", x))
    ok("sigmoid", "Sigmoid in the middle", lambda n, x: n.node("Sigmoid", x))
    ok("silu", "SiLU: x * Sigmoid(x)", lambda n, x: n.node("Mul", x, n.node("Sigmoid", x)))
    ok("hardswish_parts", "x * HardSigmoid(x)", lambda n, x: n.node("Mul", x, n.node("HardSigmoid", x, alpha=1 / 6, beta=0.5)), opset=13)
    ok("hardswish", "HardSwish", lambda n, x: n.node("HardSwish", x))
    maybe("elu", "Elu", lambda n, x: n.node("Elu", x, alpha=1.0))
    maybe("softplus", "Softplus", lambda n, x: n.node("Softplus", x))
    net = Net()
    x = net.node("Clip", net.conv(net.start(), 4, 3, k=1), net.tensor(0.0), net.tensor(1.0))
    shelf.good("end_clip", "the picture ends in Clip to [0, 1]", net.model(x))
    net = Net()
    shelf.good("end_linear", "the picture ends in a Conv, no nonlinearity", net.model(net.conv(net.start(), 4, 3, k=1)))
    net = Net()
    x = net.node("Tanh", net.conv(net.start(), 4, 3, k=1))
    x = net.node("Add", net.node("Mul", x, net.tensor(0.5)), net.tensor(0.5))
    shelf.good("end_rescaled", "Tanh, then times 0.5 and plus 0.5", net.model(x))
    net = Net()
    x = net.node("Mul", net.node("Sigmoid", net.conv(net.start(), 4, 3, k=1)), net.tensor(255.0))
    shelf.good("end_bytes", "Sigmoid times 255", net.model(x))
    net = Net()
    shelf.good("end_grey", "one channel", net.model(net.node("Tanh", net.conv(net.start(), 4, 1, k=1))))

    # Arithmetic.
    ok("add_residual", "x + Conv(Relu(x))", lambda n, x: n.node("Relu", n.node("Add", x, n.conv(n.node("Relu", x), 4, 4, **same))))
    ok("add_constant", "plus a constant of one value a channel", lambda n, x: n.node("Add", x, n.tensor(np.linspace(-1, 1, 4).reshape(4, 1, 1))))
    ok("mul_scalar", "times a scalar", lambda n, x: n.node("Relu", n.node("Mul", x, n.tensor(0.37))))
    ok("mul_channel", "times a constant of one value a channel", lambda n, x: n.node("Mul", n.tensor([[[[.5]], [[-1.]], [[2.]], [[.1]]]]), x))
    ok("mul_gate", "one activation times another", lambda n, x: n.node("Mul", n.conv(x, 4, 4, **same), n.node("Sigmoid", n.conv(x, 4, 4, **same))))
    maybe("sub_div", "Sub and Div by constants", lambda n, x: n.node("Div", n.node("Sub", x, n.tensor(0.5)), n.tensor(2.0)))
    maybe("neg", "Neg", lambda n, x: n.node("Relu", n.node("Neg", x)))
    ok("concat", "Concat of two branches along channels",
       lambda n, x: n.node("Concat", n.node("Relu", x), n.conv(x, 4, 2, **same), axis=1), after=6)
    ok("concat_negative_axis", "Concat along axis -3", lambda n, x: n.node("Concat", x, n.node("Relu", x), axis=-3), after=8)
    ok("channel_gate", "squeeze and excite: GlobalAveragePool, 1x1 Conv, Sigmoid, Mul broadcast over the plane",
       lambda n, x: n.node("Mul", x, n.node("Sigmoid", n.conv(n.node("GlobalAveragePool", x), 4, 4, k=1))))

    # Shape.
    ok("reshape_minus_one", "Reshape with -1 and 0", lambda n, x: n.node("Reshape", n.node("Reshape", x, n.ints(0, -1)), n.ints(-1, 4, 4, 4)))
    ok("flatten", "Flatten, Gemm, Reshape", lambda n, x: n.node(
        "Reshape", n.node("Gemm", n.node("Flatten", x), n.normal(64, 64, fan=64), n.bias(64), transB=1), n.ints(1, 4, 4, 4)))
    ok("transpose", "Transpose to channels-last and back around a Relu",
       lambda n, x: n.node("Transpose", n.node("Relu", n.node("Transpose", x, perm=[0, 2, 3, 1])), perm=[0, 3, 1, 2]))
    maybe("transpose_plane", "Transpose that swaps height and width", lambda n, x: n.node("Transpose", x, perm=[0, 1, 3, 2]))
    maybe("squeeze", "Unsqueeze then Squeeze", lambda n, x: n.node("Squeeze", n.node("Unsqueeze", x, n.ints(2)), n.ints(2)))
    ok("identity", "Identity and Dropout, which do nothing", lambda n, x: n.node("Dropout", n.node("Identity", x)))

    def constant(n, x):
        value = numpy_helper.from_array(np.array([1, 4, 4, 4], np.int64))
        half = numpy_helper.from_array(np.array(0.5, np.float32))
        return n.node("Mul", n.node("Reshape", x, n.node("Constant", value=value)), n.node("Constant", value=half))

    ok("constant", "shape and factor from Constant nodes", constant)
    maybe("constant_of_shape", "plus a ConstantOfShape, which is a constant", lambda n, x: n.node(
        "Add", x, n.node("ConstantOfShape", n.ints(1, 4, 1, 1), value=helper.make_tensor("v", TensorProto.FLOAT, [1], [0.25]))))
    ok("shape_of", "Reshape to a shape computed with Shape, Gather, Unsqueeze, Concat", lambda n, x: n.node(
        "Reshape", x, n.node("Concat", n.node("Unsqueeze", n.node("Gather", n.node("Shape", x), n.tensor(0, np.int64), axis=0), n.ints(0)),
                             n.ints(4, 4, 4), axis=0)))

    # Resampling.
    ok("upsample_9", "Upsample of opset 9, nearest, x2", lambda n, x: n.node("Upsample", x, n.tensor([1, 1, 2, 2]), mode="nearest"), opset=9)
    for k in (2, 3):
        ok(f"resize_x{k}", f"Resize nearest x{k} (asymmetric, floor)", lambda n, x, k=k: n.node(
            "Resize", x, "", n.tensor([1, 1, k, k]), mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"))
    maybe("resize_default", "Resize nearest x2 with default modes (half_pixel, round_prefer_floor)",
       lambda n, x: n.node("Resize", x, "", n.tensor([1, 1, 2, 2]), mode="nearest"))
    ok("resize_sizes", "Resize nearest to given sizes", lambda n, x: n.node(
        "Resize", x, "", "", n.ints(1, 4, 8, 8), mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"))
    ok("resize_10", "Resize of opset 10: two inputs", lambda n, x: n.node("Resize", x, n.tensor([1, 1, 2, 2]), mode="nearest"), opset=10)
    ok("depth_to_space_dcr", "DepthToSpace, DCR", lambda n, x: n.node("DepthToSpace", x, blocksize=2, mode="DCR"), c=8, after=2)
    ok("depth_to_space_crd", "DepthToSpace, CRD (PyTorch's pixel shuffle)",
       lambda n, x: n.node("DepthToSpace", x, blocksize=2, mode="CRD"), c=8, after=2)
    maybe("space_to_depth", "SpaceToDepth", lambda n, x: n.node("SpaceToDepth", x, blocksize=2), c=2, side=8, after=8)

    # Pooling.
    ok("average_pool", "AveragePool 2x2, stride 2", lambda n, x: n.node("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2]), side=8)
    for count in (0, 1):
        ok(f"average_pool_k3_count{count}", f"AveragePool 3x3, stride 1, padding 1, count_include_pad {count}", lambda n, x, count=count: n.node(
            "AveragePool", x, kernel_shape=[3, 3], strides=[1, 1], count_include_pad=count, **same))
    ok("global_average_pool", "GlobalAveragePool, added back to every pixel", lambda n, x: n.node("Add", x, n.node("GlobalAveragePool", x)))
    ok("max_pool", "MaxPool 2x2, stride 2", lambda n, x: n.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]), side=8)

    # Borders.
    ok("pad", "Pad by zeros, then Conv without padding", lambda n, x: n.conv(n.node("Pad", x, n.ints(0, 0, 1, 1, 0, 0, 1, 1)), 4, 4))
    ok("pad_value", "Pad by 0.5, more on one side", lambda n, x: n.node("Pad", x, n.ints(0, 0, 0, 1, 0, 0, 2, 1), n.tensor(0.5)))
    ok("pad_2", "Pad of opset 2: attributes", lambda n, x: n.node("Pad", x, pads=[0, 0, 1, 1, 0, 0, 1, 1], value=0.0), opset=10)
    ok("slice", "Slice of a window", lambda n, x: n.node("Slice", x, n.ints(1, 1), n.ints(5, 5), n.ints(2, 3)), side=6)
    ok("slice_channels", "Slice of channels, with an end beyond them", lambda n, x: n.node("Slice", x, n.ints(2), n.ints(2**31 - 1), n.ints(1)), after=2)
    ok("slice_negative", "Slice with negative start, end and axis", lambda n, x: n.node("Slice", x, n.ints(-3), n.ints(-1), n.ints(-1)))
    maybe("slice_steps", "Slice with a step of 2", lambda n, x: n.node("Slice", x, n.ints(0, 0), n.ints(8, 8), n.ints(2, 3), n.ints(2, 2)), side=8)
    maybe("split", "Split of channels in two, then a gate", lambda n, x: (
        lambda halves: n.node("Mul", halves[0], n.node("Sigmoid", halves[1])))(n.node("Split", x, n.ints(2, 2), axis=1, outputs=2)), after=2, opset=13)

    # Wholes.
    net = Net()
    x = net.node("Relu", norm(net, net.start(16), 16))
    x = net.node("Relu", norm(net, net.deconv(x, 16, 8, 4, strides=[2, 2], **same), 8))
    x = net.node("Tanh", net.deconv(x, 8, 3, 4, strides=[2, 2], **same))
    shelf.good("dcgan16", "a DCGAN down to 16x16", net.model(x))
    net = Net()
    x = net.node("Relu", net.start(8))
    for _ in range(2):
        y = net.conv(net.node("Mul", x, net.node("Sigmoid", x)), 8, 8, **same)
        x = net.node("Add", x, net.conv(net.node("Relu", y), 8, 8, **same))
        x = net.node("Resize", x, "", net.tensor([1, 1, 2, 2]), mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    shelf.good("resnet16", "residual blocks and nearest upsampling to 16x16", net.model(net.picture(x, 8)))

    net = Net()
    x = net.node("Add", net.node("MatMul", net.input([1, 8]), net.normal(8, 64, fan=8)), net.bias(64))
    x = net.node("Reshape", net.node("LeakyRelu", x, alpha=0.3), net.ints(1, 4, 4, 4))
    for step in (lambda y: net.deconv(y, 4, 6, 4, strides=[2, 2], **same), lambda y: net.conv(y, 6, 4, **same), lambda y: net.deconv(y, 4, 3, 4, strides=[2, 2], **same)):
        y = net.node("Transpose", x, perm=[0, 3, 1, 2])
        x = net.node("Transpose", step(y), perm=[0, 2, 3, 1])
        x = net.node("LeakyRelu", x, alpha=0.3)
    shelf.good("channels_last", "channels last throughout, Transpose nodes around every convolution (tf2onnx before its optimiser)",
               net.model(net.node("Tanh", x)))

    hostile(shelf)


# --- files that must be refused -----------------------------------------------------------------------------------

def hostile(shelf):
    def small():
        net = Net()
        return net.model(net.picture(net.start()))

    whole = small().SerializeToString(deterministic=True)
    shelf.bad("bad_empty", "no bytes at all", b"", "empty")
    shelf.bad("bad_text", "not a protobuf", b"This is a text file, not a model.\n", "parse")
    shelf.bad("bad_truncated", "the first half of a good file", whole[: len(whole) // 2], "parse")
    shelf.bad("bad_length", "a field whose length runs far beyond the file", whole[:40] + b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "parse")

    net = Net()
    x = net.start()
    a = helper.make_node("Add", [x, "b"], ["a"], name="A")
    b = helper.make_node("Relu", ["a"], ["b"], name="B")
    net.nodes += [a, b]
    shelf.bad("bad_cycle", "two nodes that read each other", net.model(net.picture("b"), [1, 3, 4, 4]), "cycle")

    net = Net()
    x = net.node("Relu", "nowhere")
    net.input([1, 8])
    shelf.bad("bad_undefined", "a node reads a tensor that nothing makes", net.model(x, [1, 3, 4, 4]), "undefined")

    made = small()
    made.graph.node[1].output[0] = made.graph.node[0].output[0]
    shelf.bad("bad_twice", "two nodes make the same tensor", made, "duplicate")

    made = small()
    del made.graph.output[:]
    shelf.bad("bad_no_output", "no output", made, "output")

    def swap(made, dims, keep=False):
        t = made.graph.initializer[0]
        del t.dims[:]
        t.dims.extend(dims)
        if not keep:
            t.ClearField("raw_data")
        return made

    shelf.bad("bad_2gb", "a weight declared as 2 GB, with no data", swap(small(), [1 << 16, 1 << 13]), "size")
    shelf.bad("bad_overflow", "a weight whose element count overflows 64 bits", swap(small(), [1 << 62, 8]), "size")
    shelf.bad("bad_negative_dim", "a weight with a negative dimension", swap(small(), [-64, -8], keep=True), "dimension")
    shelf.bad("bad_short_data", "a weight with fewer bytes than its shape needs", swap(small(), [64, 9], keep=True), "size")
    made = small()
    made.graph.input[0].type.tensor_type.shape.dim[1].dim_value = -8
    shelf.bad("bad_negative_input", "an input with a negative dimension", made, "dimension")
    made = small()
    made.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 1 << 40
    shelf.bad("bad_huge_input", "a latent of 2^40 entries", made, "size")
    made = small()
    made.graph.input[0].type.tensor_type.shape.dim[1].dim_param = "n"
    shelf.bad("bad_symbolic_latent", "a latent of unknown length that contradicts nothing but is not said", made, "dimension")

    for word, value in (("nan", np.nan), ("inf", np.inf)):
        made = small()
        w = numpy_helper.to_array(made.graph.initializer[0]).copy()
        w[3, 3] = value
        made.graph.initializer[0].CopyFrom(numpy_helper.from_array(w, made.graph.initializer[0].name))
        shelf.bad(f"bad_{word}", f"a weight that is {word}", made, "finite")
    net = Net()
    x = net.start()
    x = net.node("BatchNormalization", x, net.bias(4), net.bias(4), net.bias(4), net.tensor([1, 1, -1, 1]))
    shelf.bad("bad_variance", "batch norm with a negative variance", net.model(net.picture(x)), "variance")

    net = Net()
    x = net.node("Reshape", net.input([1, 8]), net.ints(1, 1, 8))
    x, _, _ = net.node("LSTM", x, net.normal(1, 48, 8, fan=8), net.normal(1, 48, 12, fan=12), outputs=3, hidden_size=12)
    shelf.bad("bad_lstm", "an LSTM", net.model(net.node("Reshape", x, net.ints(1, 3, 2, 2)), [1, 3, 2, 2]), "operator")
    shelf.bad("bad_softmax", "a Softmax", middle(lambda n, x: n.node("Softmax", x, axis=1)), "operator")
    made = small()
    made.graph.node[-1].domain = "com.example"
    made.opset_import.append(helper.make_opsetid("com.example", 1))
    shelf.bad("bad_domain", "an operator of a foreign domain that is called Tanh", made, "operator")
    shelf.bad("bad_random", "RandomNormalLike: the picture would not follow from the latent",
              middle(lambda n, x: n.node("Add", x, n.node("RandomNormalLike", x))), "operator")
    net = Net()
    x = net.start()
    branch = helper.make_graph([helper.make_node("Identity", [x], ["y"])], "branch", [], [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])
    x = net.node("If", net.tensor(True, np.bool_), then_branch=branch, else_branch=branch)
    shelf.bad("bad_if", "an If with two subgraphs", net.model(net.picture(x), [1, 3, 4, 4]), "operator")
    shelf.bad("bad_train_norm", "BatchNormalization in training mode", middle(lambda n, x: n.node(
        "BatchNormalization", x, n.bias(4), n.bias(4), n.bias(4), n.tensor([1, 1, 1, 1]), training_mode=1, outputs=3)[0]), "attribute")
    made = small()
    made.opset_import[0].version = 999
    shelf.bad("bad_opset", "an operator set of the future", made, "opset")

    net = Net()
    x = net.start()
    shelf.bad("bad_two_inputs", "two inputs", net.model(net.picture(net.node("Add", x, net.input([1, 4, 4, 4], "noise")))), "input")
    net = Net()
    net.weights.append(numpy_helper.from_array(np.zeros((1, 3, 4, 4), np.float32), "picture"))
    net.input([1, 8])
    shelf.bad("bad_constant_picture", "the picture does not depend on the latent", net.model(net.node("Tanh", "picture"), [1, 3, 4, 4]), "input")

    made = small()
    t = made.graph.initializer[0]
    t.ClearField("raw_data")
    t.data_location = TensorProto.EXTERNAL
    for k, v in (("location", "../../../../etc/passwd"), ("offset", "0"), ("length", "2048")):
        t.external_data.add(key=k, value=v)
    shelf.bad("bad_external", "a weight that lives in another file", made, "external")

    made = small()
    t = made.graph.initializer[0]
    t.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(t).astype(np.float64), t.name))
    shelf.bad("bad_double", "a weight of the type double where float is due", made, "type")

    # Attributes from hell.
    same = {"pads": [1, 1, 1, 1]}
    wild = {
        "stride_0": ("Conv with stride 0", lambda n, x: n.conv(x, 4, 4, strides=[0, 0], **same)),
        "stride_huge": ("ConvTranspose with a stride of 2^40", lambda n, x: n.deconv(x, 4, 4, 4, strides=[1 << 40, 1 << 40])),
        "pads_negative": ("Conv with negative padding that leaves nothing", lambda n, x: n.conv(x, 4, 4, pads=[-4] * 4)),
        "pads_huge": ("Conv with a padding of 2^62", lambda n, x: n.conv(x, 4, 4, pads=[1 << 62] * 4)),
        "group_0": ("Conv in no groups", lambda n, x: n.node("Conv", x, n.normal(4, 4, 3, 3, fan=36), n.bias(4), group=0, **same)),
        "group_3": ("Conv with groups that do not divide the channels", lambda n, x: n.node("Conv", x, n.normal(4, 4, 3, 3, fan=36), n.bias(4), group=3, **same)),
        "kernel": ("kernel_shape contradicts the weight", lambda n, x: n.node("Conv", x, n.normal(4, 4, 3, 3, fan=36), n.bias(4), kernel_shape=[5, 5], **same)),
        "channels": ("Conv whose weight wants 5 channels of 4", lambda n, x: n.conv(x, 5, 4, **same)),
        "bias": ("Conv whose bias is too short", lambda n, x: n.node("Conv", x, n.normal(4, 4, 3, 3, fan=36), n.bias(3), kernel_shape=[3, 3], **same)),
        "reshape": ("Reshape to another number of elements", lambda n, x: n.node("Reshape", x, n.ints(1, 4, 5, 5))),
        "reshape_two": ("Reshape with two -1", lambda n, x: n.node("Reshape", x, n.ints(1, -1, -1, 4))),
        "resize_huge": ("Resize by 10^6", lambda n, x: n.node("Resize", x, "", n.tensor([1, 1, 1e6, 1e6]), mode="nearest")),
        "transpose": ("Transpose by what is no permutation", lambda n, x: n.node("Transpose", x, perm=[0, 0, 2, 7])),
        "concat_axis": ("Concat along axis 9", lambda n, x: n.node("Concat", x, x, axis=9)),
        "block_0": ("DepthToSpace with blocks of 0", lambda n, x: n.node("DepthToSpace", x, blocksize=0)),
        "pool_kernel": ("AveragePool wider than the plane", lambda n, x: n.node("AveragePool", x, kernel_shape=[9, 9])),
        "add_shapes": ("Add of shapes that do not broadcast", lambda n, x: n.node("Add", x, n.tensor(np.ones((1, 3, 1, 1))))),
    }
    for name, (what, step) in wild.items():
        net = Net()
        shelf.bad(f"bad_{name}", what, net.model(net.picture(step(net, net.start())), [1, 3, 4, 4]), "shape")
    net = Net()
    x = net.node("Gemm", net.input([1, 8]), net.normal(12, 8, fan=8), transB=1)
    shelf.bad("bad_no_picture", "the output is a vector of 12", net.model(x), "picture")
    net = Net()
    shelf.bad("bad_channels_5", "the output has five channels", net.model(net.conv(net.start(), 4, 5, k=1)), "picture")
    made = small()
    made.graph.output[0].type.tensor_type.shape.dim[2].dim_value = 7
    shelf.bad("bad_declared_shape", "the declared output is not what the graph gives", made, "shape")


# --- PyTorch -----------------------------------------------------------------------------------------------------------

def torch_(shelf):
    import io

    import torch
    from torch import nn
    from torch.nn import functional as F

    said = f"PyTorch {torch.__version__.split('+')[0]}"

    class Dcgan(nn.Module):
        """The usual tutorial's generator, by way of view(x.size(0), ...)."""

        def __init__(self, identity=False):
            super().__init__()
            self.project = nn.Linear(16, 128)
            self.norm = nn.BatchNorm1d(128)
            self.up = nn.Sequential(
                nn.ConvTranspose2d(8, 8, 4, 2, 1, bias=False), nn.BatchNorm2d(8), nn.Identity() if identity else nn.ReLU(True),
                nn.LeakyReLU(0.2), nn.Dropout(0.3), nn.ConvTranspose2d(8, 3, 4, 2, 1), nn.Tanh(),
            )

        def forward(self, z):
            x = F.relu(self.norm(self.project(z)))
            return self.up(x.view(x.size(0), 8, 4, 4))

    class Classic(nn.Module):
        """DCGAN as in the paper: the latent is [1, 16, 1, 1]."""

        def __init__(self):
            super().__init__()
            self.main = nn.Sequential(
                nn.ConvTranspose2d(16, 12, 4, 1, 0, bias=False), nn.BatchNorm2d(12), nn.ReLU(True),
                nn.ConvTranspose2d(12, 8, 4, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(True),
                nn.ConvTranspose2d(8, 3, 4, 2, 1, bias=False), nn.Tanh(),
            )

        def forward(self, z):
            return self.main(z)

    class Modern(nn.Module):
        """SiLU residual blocks, nearest upsampling, pixel shuffle, a gate, a skip by concatenation."""

        def __init__(self):
            super().__init__()
            self.project = nn.Linear(16, 8 * 16)
            self.a, self.b = nn.Conv2d(8, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)
            self.norm, self.slope = nn.BatchNorm2d(8), nn.PReLU(8)
            self.mix, self.gate = nn.Conv2d(16, 16, 1), nn.Conv2d(8, 8, 1)
            self.shuffle, self.end = nn.PixelShuffle(2), nn.Conv2d(2, 3, 3, padding=1)

        def forward(self, z):
            x = self.project(z).reshape(-1, 8, 4, 4)
            x = x + self.b(F.silu(self.norm(self.a(F.silu(x)))))
            x = F.interpolate(x, scale_factor=2, mode="nearest")
            x = x * torch.sigmoid(self.gate(F.adaptive_avg_pool2d(x, 1)))
            y, g = self.mix(torch.cat([x, self.slope(x)], dim=1)).chunk(2, dim=1)
            x = self.shuffle(F.hardswish(y) * torch.sigmoid(g))
            return (self.end(F.pad(x, (1, 1, 1, 1)))[:, :, 1:-1, 1:-1]).clamp(-1, 1) * 0.5 + 0.5

    class Resnet(nn.Module):
        """The common core of the above: nothing but blocks that every exporter writes plainly."""

        def __init__(self):
            super().__init__()
            self.project = nn.Linear(16, 8 * 16)
            self.a, self.b = nn.Conv2d(8, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)
            self.norm, self.slope = nn.BatchNorm2d(8), nn.PReLU()
            self.up, self.mix = nn.Upsample(scale_factor=2, mode="nearest"), nn.Conv2d(16, 8, 1)
            self.shuffle, self.end = nn.PixelShuffle(2), nn.Conv2d(2, 3, 3, padding=1)

        def forward(self, z):
            x = self.project(z).reshape(-1, 8, 4, 4)
            x = self.up(x + self.b(F.silu(self.norm(self.a(F.silu(x))))))
            x = F.hardswish(self.mix(torch.cat([x, self.slope(x)], dim=1)))
            return torch.sigmoid(self.end(self.shuffle(x)))

    class Perceptron(nn.Module):
        def __init__(self):
            super().__init__()
            self.main = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 64, bias=False), nn.ReLU6(), nn.Linear(64, 64), nn.Sigmoid())

        def forward(self, z):
            return self.main(z).view(-1, 1, 8, 8)

    class Shared(nn.Module):
        """Two layers with equal parameters: the exporter writes one and an Identity."""

        def __init__(self):
            super().__init__()
            self.a, self.b, self.end = nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 3, 1)
            self.b.load_state_dict(self.a.state_dict())
            self.na, self.nb = nn.BatchNorm2d(4), nn.BatchNorm2d(4)

        def forward(self, z):
            x = z.view(z.size(0), 4, 2, 2)
            x = F.interpolate(F.relu(self.na(self.a(x))), scale_factor=2.0)
            return torch.tanh(self.end(F.relu(self.nb(self.b(x)))))

    def make(kind, **kw):
        torch.manual_seed(SEED)
        net = kind(**kw)
        for m in net.modules():
            if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)) and kind is not Shared:
                m.running_mean.normal_(0, 0.1), m.running_var.uniform_(0.5, 1.5)
                m.weight.data.uniform_(0.8, 1.4), m.bias.data.normal_(0, 0.2)
        return net.eval()

    def legacy(name, what, net, shape=(1, 16), expect="ok", **kw):
        out = io.BytesIO()
        torch.onnx.export(net, torch.zeros(*shape), out, dynamo=False, **kw)
        shelf.good(name, what, out.getvalue(), f"{said}, TorchScript exporter", expect)

    dynamic = {"input_names": ["z"], "output_names": ["out"], "dynamic_axes": {"z": {0: "batch"}, "out": {0: "batch"}}}
    keep = {"training": torch.onnx.TrainingMode.PRESERVE, "do_constant_folding": False}
    legacy("torch_view_11", "view(size(0), ...), opset 11, batch norm fused by the exporter", make(Dcgan), opset_version=11)
    legacy("torch_view_11_dynamic", "view(size(0), ...) with a symbolic batch: Shape, Gather, Unsqueeze, Concat", make(Dcgan), opset_version=11, **dynamic)
    legacy("torch_view_9", "opset 9", make(Dcgan), opset_version=9, **dynamic)
    legacy("torch_identity_13", "opset 13, nothing folded: batch norm, Identity and Constant nodes stay", make(Dcgan, identity=True), opset_version=13, **keep, **dynamic)
    legacy("torch_shared_17", "equal parameters written once", make(Shared), opset_version=17, **keep)
    legacy("torch_classic_17", "DCGAN of the paper, latent [1, 16, 1, 1], opset 17, batch norm kept", make(Classic), shape=(1, 16, 1, 1), opset_version=17, **keep)
    legacy("torch_classic_18", "the same, opset 18, batch norm fused, named tensors", make(Classic), shape=(1, 16, 1, 1), opset_version=18, input_names=["latent"], output_names=["image"])
    for opset in (11, 17, 20):
        legacy(f"torch_resnet_{opset}", f"SiLU, residual, upsampling, concatenation, HardSwish, pixel shuffle; opset {opset}", make(Resnet), opset_version=opset)
    for opset in (11, 18):
        legacy(f"torch_modern_{opset}", f"the same with a gate, chunk, pad and slice, their bounds computed in the graph; opset {opset}",
               make(Modern), expect="optional", opset_version=opset)
    legacy("torch_perceptron_17", "perceptron, grey", make(Perceptron), opset_version=17)

    for opset in (18, 21):
        for label, kind, shape in (("view", Dcgan, (1, 16)), ("classic", Classic, (1, 16, 1, 1)), ("resnet", Resnet, (1, 16)), ("modern", Modern, (1, 16)), ("perceptron", Perceptron, (1, 16))):
            if opset == 18 and label not in ("view", "resnet"):
                continue
            program = torch.onnx.export(make(kind), (torch.zeros(*shape),), dynamo=True, opset_version=opset, verbose=False)
            proto = program.model_proto
            for n in proto.graph.node:  # stack traces name the machine's paths
                del n.metadata_props[:]
            for v in [*proto.graph.value_info, *proto.graph.input, *proto.graph.output, *proto.graph.initializer]:
                del v.metadata_props[:]
            del proto.graph.metadata_props[:]
            shelf.good(f"torch_dynamo_{label}_{opset}", f"{label}, opset {opset}", proto, f"{said}, dynamo exporter", "optional" if kind is Modern else "ok")


# --- Keras ---------------------------------------------------------------------------------------------------------

def keras_(shelf):
    import os

    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf
    import tf2onnx

    layers = tf.keras.layers
    said = f"Keras {tf.keras.__version__} on TensorFlow {tf.__version__}, tf2onnx {tf2onnx.__version__}"

    def export(name, what, stack, opset, latent=16, expect="ok"):
        tf.keras.utils.set_random_seed(SEED)
        model = tf.keras.Sequential([tf.keras.Input((latent,), name="latent"), *stack()])
        rng = np.random.default_rng(SEED)
        for layer in model.layers:
            if isinstance(layer, layers.BatchNormalization):
                layer.set_weights([rng.uniform(.5, 1.5, w.shape) for w in layer.get_weights()])
            else:  # Glorot's pictures are nearly flat, and biases start at zero
                layer.set_weights([w * 1.5 if w.ndim > 1 else rng.normal(0, 0.2, w.shape) for w in layer.get_weights()])
        call = tf.function(lambda z: model(z, training=False), input_signature=[tf.TensorSpec((1, latent), tf.float32, name="latent")])
        proto, _ = tf2onnx.convert.from_function(call, input_signature=call.input_signature, opset=opset)
        shelf.good(name, what, proto, said, expect)

    def dcgan():
        return [
            layers.Dense(4 * 4 * 8, use_bias=False), layers.BatchNormalization(), layers.LeakyReLU(), layers.Reshape((4, 4, 8)),
            layers.Conv2DTranspose(8, 5, strides=1, padding="same", use_bias=False), layers.BatchNormalization(), layers.LeakyReLU(),
            layers.Conv2DTranspose(8, 5, strides=2, padding="same", use_bias=False), layers.BatchNormalization(), layers.LeakyReLU(),
            layers.Conv2DTranspose(3, 4, strides=2, padding="same", activation="tanh"),
        ]

    def simple():
        return [
            layers.Dense(4 * 4 * 8, activation="relu"), layers.Reshape((4, 4, 8)),
            layers.Conv2DTranspose(8, 4, strides=2, padding="same", activation="relu"),
            layers.Conv2D(8, 3, padding="same", activation="relu"), layers.Conv2DTranspose(1, 3, strides=2, padding="same", activation="sigmoid"),
        ]

    def upsample():
        return [
            layers.Dense(4 * 4 * 8, activation="relu"), layers.Reshape((4, 4, 8)), layers.UpSampling2D(),
            layers.Conv2D(8, 3, padding="same"), layers.BatchNormalization(momentum=0.8), layers.Activation("relu"), layers.UpSampling2D(),
            layers.Conv2D(8, 3, padding="same", activation="swish"), layers.Conv2D(1, 3, padding="same", activation="sigmoid"),
        ]

    def odd():
        return [
            layers.Dense(64), layers.ReLU(max_value=6.0), layers.Reshape((4, 4, 4)), layers.Conv2DTranspose(4, 3, strides=2, padding="same"),
            layers.PReLU(shared_axes=[1, 2]), layers.DepthwiseConv2D(3, padding="same"), layers.Conv2D(8, 3, strides=2, padding="same"),
            layers.Activation("relu"), layers.ZeroPadding2D(1), layers.Conv2D(3, 3), layers.Rescaling(0.5, 0.5),
        ]

    for opset in (13, 17):
        export(f"keras_dcgan_{opset}", f"TensorFlow's DCGAN tutorial in small: channels last, LeakyRelu, Transpose nodes; opset {opset}", dcgan, opset)
    export("keras_simple_15", "Conv2DTranspose and Conv2D, grey, channels last", simple, 15)
    export("keras_upsample_15", "UpSampling2D, which becomes Tile in six dimensions, and Conv2D, grey", upsample, 15, expect="optional")
    export("keras_odd_17", "ReLU6, Conv2DTranspose 3x3, PReLU as two Relu, depthwise, stride 2, ZeroPadding2D, Rescaling, channels last", odd, 17, expect="optional")


GROUPS = {"plain": plain, "torch": torch_, "keras": keras_}

if __name__ == "__main__":
    if not sys.argv[1:] or set(sys.argv[1:]) - set(GROUPS):
        sys.exit(__doc__)
    for group in sys.argv[1:]:
        shelf = Shelf(group)
        GROUPS[group](shelf)
        shelf.close()
