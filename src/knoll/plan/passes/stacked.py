"""The mean or the sum of results that were stacked: they are stacked behind the samples, which stay in front.

`torch.stack([head(x) for head in heads]).mean(0)` puts the heads before the samples, and takes their mean.
"""

from __future__ import annotations

from knoll.graph import Graph, Node, Value
from knoll.graph.rebuild import rebuilt
from knoll.ops.reduction.reduce import mean, sum_
from knoll.ops.shapes.reshape import concatenate, reshape


def stack_behind_samples(graph: Graph) -> Graph:
    """The graph with what is stacked in front of the samples, and reduced there, stacked and reduced behind them."""

    def rule(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        parts = _stacked(node)
        if not parts:
            return None
        columns = [reshape(new[part], shape=(part.spec.shape[0], 1, *part.spec.shape[1:])) for part in parts]
        return (node.op(concatenate(*columns, axis=1), axes=(1,), keep=False),)

    return rebuilt(graph, rule) if any(map(_stacked, graph.nodes)) else graph


def _stacked(node: Node) -> list[Value]:
    """What was stacked along the first axis, over which a node takes the mean or the sum; nothing for another node."""
    reduces = node.op in (mean, sum_) and node.attributes["axes"] == (0,) and not node.attributes["keep"]
    joined = node.inputs[0].node if reduces else None
    if joined is None or joined.op is not concatenate or joined.attributes["axis"] != 0:
        return []
    parts = []
    for value in joined.inputs:
        before = value.node
        if before is None or before.op is not reshape:
            return []
        (part,) = before.inputs
        if part.spec.rank < 2 or value.spec.shape != (1, *part.spec.shape):
            return []
        parts.append(part)
    return parts
