"""Whether a module does the same with any number of samples, and its graph for another number."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

from knoll.graph import Graph, Shape, Spec, Value


def operations(graph: Graph) -> list[tuple[str, list[int], dict[str, Any]]]:
    """What is done to what, whatever the number of samples is: only a reshape names it, in its first axis."""
    return [
        (
            node.op.name,
            [graph.numbers[value] for value in node.inputs],
            {k: v[1:] if node.op.name == "reshape" else v for k, v in node.attributes.items()},
        )
        for node in graph.nodes
    ]


def with_samples(graph: Graph, batched: Collection[int], samples: int) -> Graph:
    """The same operations for so many samples in the inputs numbered in `batched`."""
    before = graph.inputs[min(batched)].spec.shape[0]
    inputs = [
        Value(Spec((samples, *value.spec.shape[1:]), value.spec.dtype) if index in batched else value.spec)
        for index, value in enumerate(graph.inputs)
    ]
    new = dict(zip(graph.inputs, inputs, strict=True))
    for node in graph.nodes:
        read, attributes = [new[value] for value in node.inputs], node.attributes
        if node.op.name == "reshape":
            attributes = {**attributes, "shape": _reshaped(attributes["shape"], read[0].spec.size, before, samples)}
        new.update(zip(node.outputs, node.op.node(*read, **attributes).outputs, strict=True))
    return Graph(tuple(inputs), tuple(new[value] for value in graph.outputs))


def _reshaped(shape: Shape, elements: int, before: int, samples: int) -> Shape:
    """The shape to give so many elements where only the first axis may follow the number of samples."""
    rest = math.prod(shape[1:])
    if not shape or not rest:
        return (samples, *shape[1:]) if shape[:1] == (before,) else shape
    return (elements // rest, *shape[1:])
