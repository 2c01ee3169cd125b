"""Nodes that give back their operand as it is disappear."""

from __future__ import annotations

from knoll.graph import Graph, Node, Value
from knoll.graph.rebuild import rebuilt
from knoll.ops.reduce import expand
from knoll.ops.reshape import reshape


def drop_identities(graph: Graph) -> Graph:
    """The graph without reshapes to the same shape, and without expansions that repeat nothing."""

    def rule(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        return (new[node.inputs[0]],) if _is_identity(node) else None

    return rebuilt(graph, rule) if any(map(_is_identity, graph.nodes)) else graph


def _is_identity(node: Node) -> bool:
    if node.op not in (expand, reshape) or node.inputs[0].spec != node.specs[0]:
        return False
    repeats = any(node.specs[0].shape[axis] != 1 for axis in node.attributes.get("axes", ()))
    return not repeats and node.attributes.get("scale", 1.0) == 1.0
