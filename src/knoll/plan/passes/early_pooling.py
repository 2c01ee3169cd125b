"""Pool before the activation, not after it: max(f(x)) = f(max(x)) for a monotone f, with less to activate.

A window that sees only padding gives −∞ and not f(−∞), so there must be none. The gradient goes to the same element,
or to another where the slope is zero for both.
"""

from __future__ import annotations

from knoll.graph import Graph, Node, Value
from knoll.graph.rebuild import rebuilt
from knoll.ops.pooling.max_pool import max_pool2d, windows


def pool_before_activations(graph: Graph) -> Graph:
    """The graph with every max pooling moved before the monotone activations in front of it."""
    while any(_pools_late(node, graph) for node in graph.nodes):
        graph = _moved_once(graph)
    return graph


def _moved_once(graph: Graph) -> Graph:
    """Every pooling that can moves before one activation."""

    def rule(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        if not _pools_late(node, graph):
            return None
        activation = node.inputs[0].node
        assert activation is not None
        value, index = node.op.node(new[activation.inputs[0]], **node.attributes).outputs
        return activation.op(value, **activation.attributes), index

    return rebuilt(graph, rule)


def _pools_late(node: Node, graph: Graph) -> bool:
    if node.op is not max_pool2d or node.inputs[0].node is None:
        return False
    activation, (_, index) = node.inputs[0].node, node.outputs
    alone = graph.readers[node.inputs[0]] == [node] and node.inputs[0] not in graph.outputs
    indices_used = index in graph.readers or index in graph.outputs
    sizes = node.inputs[0].spec.shape[2:]
    seen = all(window.meets(size) for window, size in zip(windows(**node.attributes), sizes, strict=True))
    return activation.is_monotone and alone and not indices_used and seen
