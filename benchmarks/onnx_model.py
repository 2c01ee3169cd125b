"""A network as an ONNX file, for the rivals that read one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.layers import (
    Add,
    Array,
    BatchNorm,
    Convolution,
    Flatten,
    Function,
    Layer,
    Linear,
    MaxPool,
    MeanPool,
    Relu,
    Tanh,
    Transposed,
    Unpool,
    pair,
)
from benchmarks.network import IMAGE, Network
from knoll.errors import UnsupportedError
from knoll.messages import say

if TYPE_CHECKING:
    import onnx

OPSET = 20  # the first with GELU
IR_VERSION = 9  # the format of that opset's time, which every reader knows


def onnx_bytes(network: Network, n: int) -> bytes:
    """The model for batches of `n`, from "x" to "y"."""
    return bytes(model_of(network, n).SerializeToString())


def model_of(network: Network, n: int) -> onnx.ModelProto:
    """One node for each layer; the arrays are initialisers."""
    from onnx import TensorProto, helper, numpy_helper

    nodes, arrays = [], []
    results = {IMAGE: "x", len(network.layers) - 1: "y"}
    for place, (layer, reads) in enumerate(zip(network.layers, network.reads, strict=True)):
        kind, attributes, parameters = _node(layer)
        names = [f"{place}.array{number}" for number in range(len(parameters))]
        arrays += [numpy_helper.from_array(a, name) for a, name in zip(parameters, names, strict=True)]
        inputs = [results.get(source, str(source)) for source in reads]
        if layer == Function("SiLU"):  # no operator before opset 24: x · sigmoid(x)
            nodes.append(helper.make_node("Sigmoid", inputs, [f"{place}.sigmoid"]))
            inputs = [*inputs, f"{place}.sigmoid"]
        outputs = [results.get(place, str(place))]
        if isinstance(layer, Unpool):
            inputs[1] += ".indices"
        if isinstance(layer, MaxPool) and layer.indices:
            outputs.append(f"{outputs[0]}.indices")
        nodes.append(helper.make_node(kind, [*inputs, *names], outputs, **attributes))
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [n, *network.image])
    rank = 2 if Flatten() in network.layers else 1 + len(network.image)
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [n] + [None] * (rank - 1))
    graph = helper.make_graph(nodes, "network", [x], [y], arrays)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


def _node(layer: Layer) -> tuple[str, dict[str, Any], list[Array]]:
    """Operator, attributes, parameters."""
    match layer:
        case Convolution(weight, bias, padding, stride, groups, dilation):
            slide = {"pads": pair(padding) * 2, "strides": pair(stride), "dilations": pair(dilation)}
            shape = {"kernel_shape": weight.shape[2:], "group": groups} | slide
            return "Conv", shape, [weight] if bias is None else [weight, bias]
        case Transposed(weight, bias, padding, stride):
            shape = {"kernel_shape": weight.shape[2:], "pads": [padding] * 4, "strides": [stride] * 2}
            return "ConvTranspose", shape, [weight, bias]
        case Function():
            return _function(layer)
        case BatchNorm(scale, shift, mean, variance, epsilon):
            return "BatchNormalization", {"epsilon": epsilon}, [scale, shift, mean, variance]
        case Relu(None):
            return "Relu", {}, []
        case Relu(most):
            return "Clip", {}, [np.array(bound, np.float32) for bound in (0, most)]
        case Tanh():
            return "Tanh", {}, []
        case MaxPool(size, stride, padding):
            return "MaxPool", {"kernel_shape": [size] * 2, "strides": [stride or size] * 2, "pads": [padding] * 4}, []
        case Unpool(size):
            return "MaxUnpool", {"kernel_shape": [size] * 2, "strides": [size] * 2}, []
        case MeanPool(None):
            return "GlobalAveragePool", {}, []
        case MeanPool(size):
            return "AveragePool", {"kernel_shape": [size] * 2, "strides": [size] * 2}, []
        case Add():
            return "Add", {}, []
        case Flatten():
            return "Flatten", {}, []
        case Linear(weight, bias):
            return "Gemm", {"transB": 1}, [np.ascontiguousarray(weight), bias]


def _function(layer: Function) -> tuple[str, dict[str, Any], list[Array]]:
    """Operator, attributes, constant inputs. Raises UnsupportedError where ONNX has none."""
    given: dict[str, Any] = dict(layer.arguments)
    match layer.name:
        case "ReLU" | "GELU" | "Sigmoid" | "Tanh" | "Hardswish":
            return {"ReLU": "Relu", "GELU": "Gelu", "Hardswish": "HardSwish"}.get(layer.name, layer.name), {}, []
        case "SiLU":
            return "Mul", {}, []
        case "LeakyReLU":
            return "LeakyRelu", {"alpha": given["negative_slope"]}, []
        case "Softmax" | "LogSoftmax":
            return layer.name, {"axis": given["dim"]}, []
        case "LayerNorm" | "InstanceNorm2d":
            kind = {"LayerNorm": "LayerNormalization", "InstanceNorm2d": "InstanceNormalization"}[layer.name]
            return kind, {"epsilon": 1e-5}, list(layer.state().values())
        case "LocalResponseNorm":
            return "LRN", {"size": given["size"]}, []
        case "PixelShuffle":
            return "DepthToSpace", {"blocksize": given["upscale_factor"], "mode": "CRD"}, []
        case "ReflectionPad2d":
            return "Pad", {"mode": "reflect"}, [np.array([0, 0, *[given["padding"]] * 2] * 2, np.int64)]
        case "AvgPool2d":
            size, stride, padding = given["kernel_size"], given["stride"], given["padding"]
            shape = {"kernel_shape": [size] * 2, "strides": [stride] * 2, "pads": [padding] * 4}
            return "AveragePool", shape | {"count_include_pad": 1}, []
        case "Upsample":
            mode = {"nearest": ("nearest", "asymmetric"), "bilinear": ("linear", "pytorch_half_pixel")}[given["mode"]]
            how = {"mode": mode[0], "coordinate_transformation_mode": mode[1], "nearest_mode": "floor"}
            scales = np.array([1, 1, given["scale_factor"], given["scale_factor"]], np.float32)
            return "Resize", how, [np.array([], np.float32), scales]
    raise UnsupportedError(say("bench.no_layer", name=layer.name))
