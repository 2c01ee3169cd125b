"""The networks of `knoll.vision.models` as networks that belong to no library."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.layers import (
    Add,
    Array,
    BatchNorm,
    Convolution,
    Flatten,
    Layer,
    Linear,
    MaxPool,
    MeanPool,
    Relu,
    Tanh,
    Unpool,
)
from benchmarks.network import IMAGE, Network, practice
from knoll.errors import UnsupportedError
from knoll.graph import Node, Value
from knoll.messages import say

if TYPE_CHECKING:
    from knoll.nn import Module


def network_named(name: str, size: tuple[int, int] | None = None) -> Network:
    """A network of `knoll.vision.models` with random weights, for images of some size.

    Raises ArgumentError, UnsupportedError.
    """
    if name == "practice":
        return practice()
    import knoll
    from knoll.vision.models import get_model

    knoll.manual_seed(0)
    model = get_model(name, **({"input_shape": (3, *size)} if size else {}))
    return network_of(_settled(model))


def features_named(name: str, size: tuple[int, int], classes: int = 10) -> Network:
    """The convolutions of a VGG and one linear layer, as it is trained on images of 32 × 32."""
    import knoll
    from knoll.nn import Flatten as Flat
    from knoll.nn import Linear as Rows
    from knoll.nn import Sequential
    from knoll.vision.models import get_model

    knoll.manual_seed(0)
    model = Sequential(get_model(name).features, Flat(), Rows(512, classes))
    model.input_shape = (3, *size)
    return network_of(_settled(model))


def _settled(model: Module) -> Module:
    """A network in eval mode, the numbers of whose layers stay near one."""
    import knoll
    from knoll.nn import BatchNorm2d

    for norm in model.modules():
        if isinstance(norm, BatchNorm2d):
            norm.momentum = 1.0
    with knoll.no_grad():
        model(knoll.randn(2, *model.input_shape))  # batch norms that have seen nothing would let the numbers grow
    return model.eval()


def network_of(model: Module) -> Network:
    """The layers that an image passes in a model that has its `input_shape`. Raises UnsupportedError."""
    import knoll
    from knoll.tensor.record import traced

    image = knoll.zeros(1, *model.input_shape)
    with knoll.no_grad():
        graph, leaves = traced(model, image)
    arrays = {
        value: np.array(leaf.detach()) for value, leaf in zip(graph.inputs, leaves, strict=True) if leaf is not image
    }
    layers: list[Layer] = []
    sources: list[tuple[int, ...]] = []
    place_of: dict[Value, int] = {}
    read = {value for node in graph.nodes for value in node.inputs}
    for node in graph.nodes:
        reads = tuple(place_of.get(value, IMAGE) for value in node.inputs if value not in arrays)
        if node.inputs[0].spec == node.outputs[0].spec and node.op.name not in _SAME_SHAPE:
            place_of[node.outputs[0]] = reads[0]  # an average over single pixels
            continue
        layers.append(_layer(node, [arrays[value] for value in node.inputs if value in arrays], read))
        sources.append(reads)
        place_of |= dict.fromkeys(node.outputs, len(layers) - 1)
    return Network(tuple(layers), model.input_shape, tuple(sources))


_SAME_SHAPE = frozenset({"conv2d", "batch_norm", "relu", "hardtanh", "tanh", "add", "linear", "max_pool2d"})


def _layer(node: Node, arrays: list[Array], read: Collection[Value]) -> Layer:
    given = node.attributes
    match node.op.name:
        case "conv2d":
            bias = arrays[1] if len(arrays) > 1 else None
            return Convolution(arrays[0], bias, given["padding"][0][0], given["stride"][0], given["groups"])
        case "batch_norm":
            mean, variance, scale, shift = arrays
            return BatchNorm(scale, shift, mean, variance, given["epsilon"])
        case "relu":
            return Relu()
        case "hardtanh" if given["low"] == 0:
            return Relu(given["high"])
        case "tanh":
            return Tanh()
        case "max_pool2d":
            window = given["kernel"][0], given["stride"][0], given["padding"][0]
            return MaxPool(*window, indices=node.outputs[1] in read)
        case "max_unpool2d":
            return Unpool(node.outputs[0].spec.shape[2] // node.inputs[0].spec.shape[2])
        case "resample2d":
            before, after = (value.spec.shape[2] for value in (node.inputs[0], node.outputs[0]))
            return MeanPool(None if after == 1 else before // after)
        case "add":
            return Add()
        case "reshape":
            return Flatten()
        case "linear":
            return Linear(*arrays)
    raise UnsupportedError(say("bench.no_layer", name=node.op.name))
