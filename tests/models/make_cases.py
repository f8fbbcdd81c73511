"""Writes `cases/`: files as exporters write them, and what each must give (needs tests/models/requirements-fuzz.txt).

For a file that is read NAME.in.f32 is a latent and NAME.out.f32 onnxruntime's picture of it. `cases.json` says of each its kind of
error, or null, and the options that it needs.
"""

import json
import pathlib

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper as nh

HERE = pathlib.Path(__file__).parent / "cases"
ort.set_default_logger_severity(4)
lines = {}


class Net:
    """A latent of 8, a dense layer to c planes, then whatever a case adds."""

    def __init__(self, opset=17, shape=(1, 8)):
        self.rng, self.nodes, self.stored, self.count, self.opset = np.random.default_rng(3), [], [], 0, opset
        self.inputs = [h.make_tensor_value_info("z", T.FLOAT, list(shape))]
        self.outputs, self.functions, self.domains, self.x = [], [], [], "z"

    def store(self, value, kind=np.float32):
        self.stored.append(nh.from_array(np.asarray(value, dtype=kind), f"w{len(self.stored)}"))
        return self.stored[-1].name

    def random(self, *shape, scale=None):
        fan = int(np.prod(shape[1:])) if len(shape) > 1 else 50
        return self.store(self.rng.normal(0, scale or 1 / np.sqrt(fan), shape))

    def ints(self, *values):
        return self.store(list(values), np.int64)

    def op(self, kind, *inputs, outputs=1, domain="", **attributes):
        names = [f"t{self.count + i}" for i in range(outputs)]
        self.count += outputs
        self.nodes.append(h.make_node(kind, list(inputs) or [self.x], names, name=f"/{kind}_{self.count}", domain=domain, **attributes))
        self.x = names[0]
        return names if outputs > 1 else names[0]

    def start(self, c=4, side=6, act="Relu"):
        self.op("Gemm", self.x, self.random(c * side * side, 8), self.random(c * side * side), transB=1)
        self.op("Reshape", self.x, self.ints(1, c, side, side))
        if act:
            self.op(act)
        return self

    def rgb(self, c=4, act="Tanh", samples=3):
        self.op("Conv", self.x, self.random(samples, c, 3, 3), self.random(samples), pads=[1] * 4)
        if act:
            self.op(act)
        return self

    def save(self, name, error=None, kind=T.FLOAT, shape=None, default_opset=False, run=True, feed=None, options=None, floor=25, **save):
        graph = h.make_graph(self.nodes, "g", self.inputs, [h.make_tensor_value_info(self.x, kind, shape)] + self.outputs, self.stored)
        sets = [h.make_opsetid("", self.opset)] + [h.make_opsetid(d, 1) for d in self.domains]
        ir = {} if default_opset else {"ir_version": 8 if self.opset < 19 else 10, "opset_imports": sets}
        model = h.make_model(graph, functions=self.functions, **ir)
        onnx.save(model, HERE / f"{name}.onnx", **save)
        lines[name] = {"error": error, "options": options or {}, "floor": floor}
        if error or not run:
            return
        shape = [d.dim_value or 1 for d in self.inputs[0].type.tensor_type.shape.dim]
        z = (np.clip(np.round(np.random.default_rng(7).standard_normal(shape) * 32), -127, 127) / 32).astype("<f4")
        if default_opset:  # the runtime is older than the newest operator set: nothing that is used has changed
            model.opset_import[0].version, model.ir_version = 21, 10
        # weights beside the file are found by its path only
        source = model.SerializeToString() if default_opset else str(HERE / f"{name}.onnx")
        session = ort.InferenceSession(source, providers=["CPUExecutionProvider"])
        half = self.inputs[0].type.tensor_type.elem_type
        feeds = {"z": z.astype({T.FLOAT16: "f2", T.DOUBLE: "f8"}.get(half, "f4")), **(feed or {})}
        picture = session.run([self.x], {i.name: feeds[i.name] for i in session.get_inputs()})[0].astype("<f4")
        (HERE / f"{name}.in.f32").write_bytes(z.tobytes())
        (HERE / f"{name}.out.f32").write_bytes(picture.tobytes())


def resize(name, opset=17, scales=None, sizes=None, side=6, error=None, **attributes):
    n = Net(opset).start(4, side)
    if scales:
        n.op("Resize", n.x, "", n.store(scales), **attributes)
    else:
        n.op("Resize", n.x, "", "", n.ints(*sizes), **attributes)
    n.rgb().save(name, error, shape=["N", 3, "H", "W"])


HERE.mkdir(exist_ok=True)
for old in HERE.iterdir():
    old.unlink()

# Pictures that were read otherwise.
resize("resize_not_smaller", 18, sizes=(12, 18), mode="nearest", axes=[2, 3], keep_aspect_ratio_policy="not_smaller")
resize("resize_not_larger", 18, sizes=(12, 18), mode="linear", axes=[2, 3], keep_aspect_ratio_policy="not_larger")
n = Net().start(act=None); x = n.x; n.op("Celu", x, alpha=2.0); n.op("Add", x, n.x); n.rgb().save("celu_alpha_2")
n = Net(13).start(); n.op("Flatten", axis=-3); n.op("Gemm", n.x, n.random(108, 144), n.random(108), transB=1)
n.op("Reshape", n.x, n.ints(1, 3, 6, 6)); n.op("Tanh"); n.save("flatten_axis_minus_3")
n = Net().start(act=None); n.op("Pow", n.x, n.store(3.0)); n.rgb().save("cube")
n = Net().start(); x = n.x; n.op("Neg", x); n.op("Add", x, n.x); n.rgb().save("latent_cancels", "ConstantPicture")
n = Net().start(); n.op("Mul", n.x, n.store(1e-9)); n.rgb().save("latent_vanishes", "ConstantPicture")

# Files that exporters write.
n = Net().start(); n.domains = ["mine"]
gate = [h.make_node("Sigmoid", ["X"], ["S"]), h.make_node("Mul", ["X", "S"], ["Y"])]
n.functions = [h.make_function("mine", "Gate", ["X"], ["Y"], gate, [h.make_opsetid("", 17)])]
n.op("Gate", n.x, domain="mine"); n.rgb().save("local_function")
n = Net().start(act=None); n.domains = ["mine"]
leaky = h.make_node("LeakyRelu", ["X"], ["Y"]); leaky.attribute.append(onnx.AttributeProto(name="alpha", ref_attr_name="slope", type=onnx.AttributeProto.FLOAT))
n.functions = [h.make_function("mine", "Leak", ["X"], ["Y"], [leaky], [h.make_opsetid("", 17)], attributes=["slope"])]
n.op("Leak", n.x, domain="mine", slope=0.3); n.rgb().save("local_function_attribute")
n = Net().start(act=None); n.domains = ["mine"]
n.functions = [h.make_function("mine", "Leak", ["X"], ["Y"], [leaky], [h.make_opsetid("", 17)], attribute_protos=[h.make_attribute("slope", 0.25)])]
n.op("Leak", n.x, domain="mine"); n.rgb().save("local_function_default")
n = Net().start(); n.domains = ["mine"]; n.op("Gone", n.x, domain="mine"); n.rgb().save("local_function_missing", "Operator")
Net().start().rgb().save("external_data", save_as_external_data=True, location="external_data.data", size_threshold=256)
Net().start().rgb().save("external_missing", "Io", save_as_external_data=True, location="external_missing.data", size_threshold=256)
(HERE / "external_missing.data").unlink()
Net().start().rgb().save("external_short", "ExternalData", save_as_external_data=True, location="external_short.data", size_threshold=256)
(HERE / "external_short.data").write_bytes(b"short")
n = Net().start(); x = n.x; n.op("Cast", n.store(n.rng.normal(0, 0.2, (3, 4, 3, 3)), np.float16), to=T.FLOAT)
n.op("Conv", x, n.x, pads=[1] * 4); n.op("Tanh"); n.save("half_weights_cast")
n = Net().start(); x = n.x; n.op("Cast", n.store(n.rng.normal(0, 0.2, (3, 4, 3, 3)), np.float64), to=T.FLOAT)
n.op("Conv", x, n.x, pads=[1] * 4); n.op("Tanh"); n.save("double_weights_cast")
n = Net().start(); x = n.x; value = nh.from_array(n.rng.normal(0, 0.2, (3, 4, 3, 3)).astype(np.float32), "b")
raw = (np.frombuffer(value.raw_data, "<u4") >> 16).astype("<u2").tobytes()
n.stored.append(onnx.TensorProto(dims=[3, 4, 3, 3], data_type=T.BFLOAT16, raw_data=raw, name="b")); n.op("Cast", "b", to=T.FLOAT)
n.op("Conv", x, n.x, pads=[1] * 4); n.op("Tanh"); n.save("bfloat_weights_cast")
Net(17).start().rgb().save("newest_opset", default_opset=True)
Net(6).start().rgb().save("oldest_gemm", "OperatorSet")
n = Net(shape=(64, 8)); n.op("Gemm", n.x, n.random(144, 8), n.random(144), transB=1)
n.op("Reshape", n.x, n.ints(64, 4, 6, 6)); n.op("Relu"); n.rgb().save("batch_of_64", "Batch")
n = Net(shape=(8, 8)); n.op("Gemm", n.x, n.random(100, 8), n.random(100), transB=1); n.op("Sigmoid"); n.save("batch_of_8_flat", "Batch")
Net(shape=("batch", 8)).start().rgb().save("batch_symbol")
n = Net().start(); n.domains = ["com.microsoft"]
n.op("FusedConv", n.x, n.random(3, 4, 3, 3), n.random(3), domain="com.microsoft", pads=[1] * 4, activation="Tanh"); n.save("fused_conv", "FusedOperator")

# Inputs and outputs.
n = Net().start().rgb(); n.inputs.append(h.make_tensor_value_info("unused", T.FLOAT, [1, 4])); n.save("second_input_unused", feed={"unused": np.zeros((1, 4), "f4")})
def labelled():
    n = Net(); n.inputs.append(h.make_tensor_value_info("label", T.INT64, [1])); n.op("Gather", n.random(10, 8, scale=1), "label")
    n.op("Add", "z", n.x); return n.start().rgb()
labelled().save("label_embedding", "Label")
labelled().save("label_embedding_3", options={"label": 3}, feed={"label": np.array([3])})
labelled().save("label_beyond", "Node", options={"label": 10})
n = Net(); n.inputs.append(h.make_tensor_value_info("y", T.FLOAT, [1, 5])); n.op("Concat", "z", "y", axis=1)
n.op("Gemm", n.x, n.random(144, 13), n.random(144), transB=1); n.op("Reshape", n.x, n.ints(1, 4, 6, 6)); n.rgb()
n.save("label_one_hot_2", options={"label": 2}, feed={"y": np.eye(5, dtype="f4")[2:3]})
n = Net().start().rgb(act="Sigmoid"); n.op("Mul", n.x, n.store(255.0)); n.op("Cast", n.x, to=T.UINT8); n.save("uint8_output", kind=T.UINT8)
Net().start().rgb(act=None).save("no_last_activation", "OutputRange")
n = Net().start(); x = n.x; n.rgb(); n.outputs = [h.make_tensor_value_info(x, T.FLOAT, None)]; n.save("two_outputs", "Outputs")
n = Net().start(); x = n.x; n.rgb(); n.outputs = [h.make_tensor_value_info(x, T.FLOAT, None)]; n.save("two_outputs_named", options={"output": n.x})
n = Net().start().rgb(); n.op("Pad", n.x, n.ints(0, 0, 2, 2, 0, 0, 2, 2), n.store(-1.0)); n.save("constant_border")
n = Net().start().rgb(); x = n.x; n.op("Concat", n.store(np.full((1, 3, 2, 6), -1)), x, n.store(np.full((1, 3, 1, 6), 0.5)), axis=2); n.save("letterbox")

# Layers.
n = Net().start(); n.op("InstanceNormalization", n.x, n.store(np.ones(4)), n.random(4)); n.rgb().save("instance_norm")
n = Net().start(); n.op("Reshape", n.x, n.ints(0, 2, -1)); n.op("InstanceNormalization", n.x, n.store([1, 1]), n.store([0, 0]))
n.op("Reshape", n.x, n.ints(1, 4, 6, 6)); n.op("Mul", n.x, n.random(4, 1, 1)); n.op("Add", n.x, n.random(4, 1, 1)); n.rgb().save("group_norm_as_exported")
n = Net(21).start(); n.op("GroupNormalization", n.x, n.store(np.ones(4)), n.random(4), num_groups=2); n.rgb().save("group_norm")
n = Net().start(); n.op("LayerNormalization", n.x, n.store(np.ones(6)), n.random(6), axis=-1); n.rgb().save("layer_norm_of_flat_rows", "Quality")
n = Net().start(act=None); n.op("LayerNormalization", n.x, n.store(np.ones((4, 6, 6))), n.random(4, 6, 6), axis=1); n.rgb().save("layer_norm")
n = Net().start(4, 6, None); x = n.x; n.op("Transpose", x, perm=[0, 1, 3, 2]); n.op("MatMul", x, n.x); n.rgb(4).save("matmul_of_activations", "BothDependOnLatent")
n = Net().start(); n.op("Einsum", n.x, n.random(5, 4), equation="bchw,oc->bohw"); n.rgb(5).save("einsum_pointwise")
n = Net(); n.op("Einsum", "z", n.random(8, 144), equation="bi,ij->bj"); n.op("Reshape", n.x, n.ints(1, 4, 6, 6)); n.rgb().save("einsum_dense")
resize("resize_linear_half_pixel", scales=(1, 1, 2, 2), mode="linear", coordinate_transformation_mode="half_pixel")
resize("resize_linear_align_corners", sizes=(1, 4, 11, 9), mode="linear", coordinate_transformation_mode="align_corners")
resize("resize_cubic", scales=(1, 1, 2, 2), mode="cubic", coordinate_transformation_mode="pytorch_half_pixel")
resize("resize_cubic_excluded", sizes=(1, 4, 10, 15), mode="cubic", exclude_outside=1)
resize("resize_nearest_half", scales=(1, 1, 0.5, 0.5), side=12, mode="nearest")
resize("resize_nearest_fraction", scales=(1, 1, 1.5, 1.25), side=8, mode="nearest", nearest_mode="floor")
resize("resize_antialias", 18, scales=(1, 1, 0.5, 0.5), side=12, mode="linear", antialias=1, error="Node")
n = Net(); n.op("ReduceL2", "z", axes=[1], keepdims=1); n.op("Div", "z", n.x); n.start().rgb().save("latent_normalised")
n = Net().start(); x = n.x; n.op("ReduceL2", n.random(4, 4, 3, 3), axes=[1, 2, 3], keepdims=1); n.op("Div", n.stored[-1].name, n.x)
n.op("Conv", x, n.x, pads=[1] * 4); n.rgb().save("weight_norm")
n = Net().start(act=None); x = n.x; c = n.op("Greater", x, n.store(0.0)); y = n.op("Mul", x, n.store(0.1)); n.op("Where", c, x, y); n.rgb().save("leaky_by_where")
n = Net().start(act=None); x = n.x; c = n.op("Less", x, n.store(0.4)); y = n.op("Mul", x, n.store(0.1)); n.op("Where", c, x, y); n.rgb().save("where_that_jumps")
n = Net().start(act=None); x = n.x; n.op("Div", x, n.store(2 ** 0.5)); n.op("Erf"); n.op("Add", n.x, n.store(1.0)); n.op("Mul", x, n.x)
n.op("Mul", n.x, n.store(0.5)); n.rgb().save("gelu_written_out")
n = Net().start(act=None); x = n.x; a = n.op("Relu", x); n.op("Neg", x); b = n.op("Relu"); n.op("Concat", a, b, axis=1); n.rgb(8).save("relu_both_ways")
n = Net().start(); n.op("GatherND", n.x, n.store([[[0, c] for c in range(3, -1, -1)]], np.int64)); n.rgb().save("channels_by_gather_nd")
n = Net().start(); n.op("GatherElements", n.x, n.store(n.rng.integers(0, 6, (1, 4, 6, 6)), np.int64), axis=2); n.rgb().save("gather_elements")
n = Net().start(); x = n.x; n.op("Gather", x, n.ints(2), axis=1); n.op("ScatterND", x, n.store([[[0, 0]]], np.int64), n.x); n.rgb().save("scatter_nd")
for name in ("Sin", "Cos", "Erf", "Mish", "Gelu"):
    n = Net(20).start(act=None); n.op(name); n.rgb().save(f"{name.lower()}_layer")
n = Net(20).start(); theta = n.store([[[0.9, -0.3, 0.1], [0.3, 0.9, -0.2]]]); x = n.x
n.op("AffineGrid", theta, n.ints(1, 4, 6, 6)); n.op("GridSample", x, n.x, mode="linear", padding_mode="border"); n.rgb().save("grid_sample")
n = Net().start(); x = n.x; n.op("Shape", x); n.op("Gather", n.x, n.ints(3)); c = n.op("Equal", n.x, n.ints(6)); n.op("Squeeze", c)
branches = []
for i, name in enumerate(("Sin", "Neg")):
    node = h.make_node(name, [x], [f"branch_{i}"]); branches.append(h.make_graph([node], "b", [], [h.make_tensor_value_info(f"branch_{i}", T.FLOAT, None)]))
n.op("If", n.x, then_branch=branches[0], else_branch=branches[1]); n.rgb().save("if_of_shapes")
n = Net().start(); x = n.x; n.op("Gemm", "z", n.random(4, 8), n.random(4), transB=1); n.op("Reshape", n.x, n.ints(1, 4, 1, 1))
n.op("Mul", n.random(4, 4, 3, 3), n.x); n.op("Conv", x, n.x, pads=[1] * 4); n.rgb().save("modulated_conv", "WeightsDependOnLatent")
n = Net().start(); x = n.x; n.op("RandomNormalLike", x); n.op("Add", x, n.x); n.rgb().save("noise", "Random")
n = Net().start(); x = n.x; n.op("ReduceSum", x, keepdims=0); c = n.op("Greater", n.x, n.store(0.0))
n.op("If", c, then_branch=branches[0], else_branch=branches[1]); n.x = n.x; n.rgb().save("if_of_activations", "ControlDependsOnLatent")
n = Net().start(); n.op("NonMaxSuppression", n.x, n.x); n.save("no_such_operator", "Operator")

(HERE / "cases.json").write_text("{\n" + ",\n".join(f'  "{k}": {json.dumps(v)}' for k, v in sorted(lines.items())) + "\n}\n")
print(len(lines), "cases,", sum(f.stat().st_size for f in HERE.iterdir()), "bytes")
