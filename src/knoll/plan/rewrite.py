"""Changes to a graph that leave its meaning as it is and make it cheaper."""

from __future__ import annotations

from knoll.graph import Graph, Node, Value
from knoll.ops.max_pool2d import windows

# They keep the order of numbers, so that the largest stays the largest.
MONOTONE = frozenset({"relu", "sigmoid", "tanh"})


def rewritten(graph: Graph) -> Graph:
    """Pool before the activation, not after it: max(f(x)) = f(max(x)), with a quarter of the work.

    A window that sees only padding gives −∞ and not f(−∞), so there must be none.
    Where f makes unequal numbers equal (all negative ones, for ReLU) its slope is zero, so no gradient changes either.
    """
    if not any(_pools_late(node, graph) for node in graph.nodes):
        return graph
    new: dict[Value, Value] = {value: value for value in graph.inputs}
    for node in graph.nodes:
        inputs = [new.get(value, value) for value in node.inputs]
        if _pools_late(node, graph):
            activation = node.inputs[0].node
            assert activation is not None
            pool = node.op.node(new[activation.inputs[0]], **node.attributes)
            results = (activation.op(pool.outputs[0], **activation.attributes), pool.outputs[1])
        else:
            results = node.op.node(*inputs, **node.attributes).outputs  # type: ignore[assignment]
        new.update(zip(node.outputs, results, strict=True))
    return Graph(graph.inputs, tuple(new[value] for value in graph.outputs))


def without_stops(graph: Graph) -> Graph:
    """No gradient is wanted, so none has to be stopped."""
    if not any(node.op.name == "stop_gradient" for node in graph.nodes):
        return graph
    new: dict[Value, Value] = {value: value for value in graph.inputs}
    for node in graph.nodes:
        if node.op.name == "stop_gradient":
            new[node.outputs[0]] = new[node.inputs[0]]
        else:
            copy = node.op.node(*(new[value] for value in node.inputs), **node.attributes)
            new.update(zip(node.outputs, copy.outputs, strict=True))
    return Graph(graph.inputs, tuple(new[value] for value in graph.outputs))


def _pools_late(node: Node, graph: Graph) -> bool:
    if node.op.name != "max_pool2d" or node.inputs[0].node is None:
        return False
    activation, (_, index) = node.inputs[0].node, node.outputs
    alone = graph.readers[node.inputs[0]] == [node] and node.inputs[0] not in graph.outputs
    indices_used = index in graph.readers or index in graph.outputs
    sizes = node.inputs[0].spec.shape[2:]
    seen = all(window.meets(size) for window, size in zip(windows(**node.attributes), sizes, strict=True))
    return activation.op.name in MONOTONE and alone and not indices_used and seen
