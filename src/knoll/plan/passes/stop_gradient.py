"""Where no gradient is wanted, none has to be stopped."""

from __future__ import annotations

from knoll.graph import Graph, Node, Value
from knoll.graph.rebuild import rebuilt
from knoll.ops.shapes.reshape import stop_gradient


def drop_stop_gradient(graph: Graph) -> Graph:
    """The graph without its stop_gradient nodes."""

    def rule(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        return (new[node.inputs[0]],) if node.op is stop_gradient else None

    return rebuilt(graph, rule) if any(node.op is stop_gradient for node in graph.nodes) else graph
