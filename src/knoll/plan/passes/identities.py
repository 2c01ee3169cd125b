"""Nodes that give back their operand as it is disappear."""

from __future__ import annotations

from knoll.graph import Graph, Node, Value
from knoll.graph.rebuild import rebuilt
from knoll.ops.reduction.reduce import is_copy
from knoll.ops.shapes.reshape import reshape


def drop_identities(graph: Graph) -> Graph:
    """The graph without reshapes to the same shape, and without expansions that repeat nothing."""

    def rule(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        return (new[node.inputs[0]],) if _is_identity(node) else None

    return rebuilt(graph, rule) if any(map(_is_identity, graph.nodes)) else graph


def _is_identity(node: Node) -> bool:
    return is_copy(node) or (node.op is reshape and node.inputs[0].spec == node.specs[0])
