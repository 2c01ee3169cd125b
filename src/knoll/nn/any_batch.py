"""Whether a module does the same with any number of samples, and its graph for another number."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from knoll.graph import Graph, Node, Spec, Value
from knoll.graph.rebuild import copy_nodes


def operations(graph: Graph) -> list[tuple[str, list[int], dict[str, Any], tuple[Spec, ...]]]:
    """What is done to what, and what comes out; without attributes that follow from the number of samples."""
    return [
        (
            node.op.name,
            [graph.numbers[value] for value in node.inputs],
            node.attributes if node.op.rebatched is None else node.per_sample,
            node.specs,
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

    def rule(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        if node.op.rebatched is None:
            return None
        read = tuple(new[value] for value in node.inputs)
        return node.op.node(*read, **node.op.rebatched(node, read, before, samples)).outputs

    copy_nodes(graph.nodes, new, rule)
    return Graph(tuple(inputs), tuple(new[value] for value in graph.outputs))
