"""Axes that are permuted twice are permuted once, or not at all."""

from __future__ import annotations

from knoll.graph import Graph, Node, Value
from knoll.graph.rebuild import rebuilt
from knoll.ops.shapes.reshape import permute


def merge_permutations(graph: Graph) -> Graph:
    """The graph with neighbouring permutations merged."""

    def rule(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        x = new[node.inputs[0]] if node.inputs else None
        if node.op is not permute or x is None or x.node is None or x.node.op is not permute:
            return None
        axes = tuple(x.node.attributes["axes"][axis] for axis in node.attributes["axes"])
        (before,) = x.node.inputs
        return (before,) if axes == tuple(range(len(axes))) else permute.node(before, axes=axes).outputs

    return rebuilt(graph, rule) if any(map(_follows_another, graph.nodes)) else graph


def _follows_another(node: Node) -> bool:
    before = node.inputs[0].node if node.inputs else None
    return node.op is permute and before is not None and before.op is permute
