"""Graphs for other numbers of samples whose attributes follow from the number, operation by operation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from knoll.graph import Graph, Node, Spec, Value
from knoll.graph.rebuild import copy_nodes
from knoll.nn.tracing.family import Family, NotAFamilyError, same_elements
from knoll.nn.tracing.trace import Trace
from knoll.ops.reduction.reduce import expand
from knoll.tensor import Tensor


class Rebatched(Family):
    """Operations of each sample by itself, or of all: their attributes follow by `Op.rebatched`.

    A leaf with a row for each sample, all alike, is that row, which is repeated.
    """

    is_one_program = True

    def at(self, samples: int) -> Trace:
        trace = self._in_form(self.one)
        if trace is None:
            raise NotAFamilyError
        batched = [trace.given[number] for number in self.batched]
        graph = _with_samples(trace.graph, batched, samples) if batched else trace.graph
        return replace(trace, samples=samples, graph=graph)

    def _in_form(self, trace: Trace) -> Trace | None:
        if len(trace.leaves) != len(self.one.leaves):
            return None
        rows = {}
        for place, (a, b) in enumerate(zip(self.one.leaves, self.two.leaves, strict=True)):
            if place not in self.one.given and a.shape != b.shape:
                row = _row(trace.leaves[place], trace.samples)
                if row is None:
                    return None
                rows[place] = row
        return _repeating(trace, rows) if rows else trace


def _row(leaf: Tensor, samples: int) -> Tensor | None:
    """The row that a leaf has for each sample, if all are alike."""
    array = leaf._realize()
    if (
        array.shape[:1] != (samples,)
        or not samples
        or not same_elements(array, np.broadcast_to(array[:1], array.shape))
    ):
        return None
    return Tensor._over(array[:1].copy())


def _repeating(trace: Trace, rows: dict[int, Tensor]) -> Trace:
    """A trace that begins with these rows in place of leaves with one for each sample."""
    leaves = tuple(rows.get(place, leaf) for place, leaf in enumerate(trace.leaves))
    inputs = [
        Value(Spec(leaf.shape, leaf._dtype)) if place in rows else value
        for place, (leaf, value) in enumerate(zip(leaves, trace.graph.inputs, strict=True))
    ]
    new = dict(zip(trace.graph.inputs, inputs, strict=True))
    for place in rows:
        value = trace.graph.inputs[place]
        new[value] = expand(inputs[place], shape=value.spec.shape, axes=(0,), scale=1.0)
    copy_nodes(trace.graph.nodes, new)
    graph = Graph(tuple(inputs), tuple(new[value] for value in trace.graph.outputs))
    return replace(trace, graph=graph, leaves=leaves)


def _with_samples(graph: Graph, batched: Collection[int], samples: int) -> Graph:
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
