"""A network as an ONNX file, for the rivals that read one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.layers import Add, Array, BatchNorm, Convolution, Flatten, Layer, Linear, MaxPool, MeanPool, Relu, Tanh
from benchmarks.network import IMAGE, Network

if TYPE_CHECKING:
    import onnx

OPSET = 17
IR_VERSION = 8  # the format of that opset's time, which every reader knows


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
        nodes.append(helper.make_node(kind, [*inputs, *names], [results.get(place, str(place))], **attributes))
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [n, *network.image])
    rank = 2 if Flatten() in network.layers else 4
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [n] + [None] * (rank - 1))
    graph = helper.make_graph(nodes, "network", [x], [y], arrays)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


def _node(layer: Layer) -> tuple[str, dict[str, Any], list[Array]]:
    """Operator, attributes, parameters."""
    match layer:
        case Convolution(weight, bias, padding, stride, groups):
            shape = {"kernel_shape": weight.shape[2:], "pads": [padding] * 4, "strides": [stride] * 2, "group": groups}
            return "Conv", shape, [weight] if bias is None else [weight, bias]
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
