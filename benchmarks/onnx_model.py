"""A network as an ONNX file, for the rivals that read one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.network import Array, Convolution, Flatten, Layer, Linear, MaxPool, Network

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
    for place, layer in enumerate(network.layers):
        kind, attributes, parameters = _node(layer)
        names = [f"{place}.{word}" for word in ("weight", "bias")][: len(parameters)]
        arrays += [numpy_helper.from_array(a, name) for a, name in zip(parameters, names, strict=True)]
        result = "y" if layer is network.layers[-1] else str(place)
        nodes.append(helper.make_node(kind, [str(place - 1) if place else "x", *names], [result], **attributes))
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [n, *network.image])
    rank = 2 if Flatten() in network.layers else 4
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [n] + [None] * (rank - 1))
    graph = helper.make_graph(nodes, "network", [x], [y], arrays)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


def _node(layer: Layer) -> tuple[str, dict[str, Any], list[Array]]:
    """Operator, attributes, parameters."""
    match layer:
        case Convolution(weight, bias, padding):
            return "Conv", {"kernel_shape": weight.shape[2:], "pads": [padding] * 4}, [weight, bias]
        case MaxPool(size):
            return "MaxPool", {"kernel_shape": [size, size], "strides": [size, size]}, []
        case Flatten():
            return "Flatten", {}, []
        case Linear(weight, bias):
            return "Gemm", {"transB": 1}, [np.ascontiguousarray(weight), bias]
