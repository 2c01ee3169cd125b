"""Changes to a graph that leave its meaning as it is and make it cheaper."""

from __future__ import annotations

from collections.abc import Callable

from knoll.graph import Graph, Node, Value
from knoll.ops.adaptive_max_pool2d import adaptive_max_pool2d, shares
from knoll.ops.linear import linear
from knoll.ops.max_pool2d import max_pool2d, windows
from knoll.ops.reshape import permute
from knoll.plan.alone import batch_of_one

# The results that take the place of a node's, given what its inputs have become; None leaves the node as it is.
Rule = Callable[[Node, dict[Value, Value]], tuple[Value, ...] | None]


def rewritten(graph: Graph) -> Graph:
    """The graph with all that is below."""
    return pooled_early(pooled_evenly(ordered_once(in_batches(graph))))


def in_batches(graph: Graph) -> Graph:
    """A line of numbers that a linear layer reads is a batch of one."""
    lines = any(node.op is linear and node.inputs[0].spec.rank == 1 for node in graph.nodes)
    return _replaced(graph, batch_of_one) if lines else graph


def ordered_once(graph: Graph) -> Graph:
    """Axes that change their order twice change it once, or not at all."""

    def rule(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        x = new[node.inputs[0]] if node.inputs else None
        if node.op is not permute or x is None or x.node is None or x.node.op is not permute:
            return None
        axes = tuple(x.node.attributes["axes"][axis] for axis in node.attributes["axes"])
        (before,) = x.node.inputs
        return (before,) if axes == tuple(range(len(axes))) else permute.node(before, axes=axes).outputs

    return _replaced(graph, rule) if sum(node.op is permute for node in graph.nodes) > 1 else graph


def pooled_evenly(graph: Graph) -> Graph:
    """Adaptive windows that are equally wide are plain ones, which a convolution can take along."""

    def even(node: Node) -> bool:
        return node.op is adaptive_max_pool2d and all(
            share.is_even for share in shares(node.inputs[0].spec, node.attributes["size"])
        )

    def rule(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        if not even(node):
            return None
        rows, columns = shares(node.inputs[0].spec, node.attributes["size"])
        kernel = rows.kernel, columns.kernel
        slide = {"kernel": kernel, "stride": kernel, "padding": (0, 0), "dilation": (1, 1), "ceil": False}
        return max_pool2d.node(new[node.inputs[0]], **slide).outputs

    return _replaced(graph, rule) if any(map(even, graph.nodes)) else graph


def pooled_early(graph: Graph) -> Graph:
    """Pool before the activation, not after it: max(f(x)) = f(max(x)), with a quarter of the work.

    A window that sees only padding gives −∞ and not f(−∞), so there must be none.
    The gradient goes to the same element, or to another where the slope is zero for both.
    """
    while any(_pools_late(node, graph) for node in graph.nodes):
        graph = _pooled_earlier(graph)
    return graph


def _pooled_earlier(graph: Graph) -> Graph:
    """Every pooling that can moves before one activation."""

    def rule(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        if not _pools_late(node, graph):
            return None
        activation = node.inputs[0].node
        assert activation is not None
        value, index = node.op.node(new[activation.inputs[0]], **node.attributes).outputs
        return activation.op(value, **activation.attributes), index

    return _replaced(graph, rule)


def without_stops(graph: Graph) -> Graph:
    """No gradient is wanted, so none has to be stopped."""

    def rule(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        return (new[node.inputs[0]],) if node.op.name == "stop_gradient" else None

    return _replaced(graph, rule) if any(node.op.name == "stop_gradient" for node in graph.nodes) else graph


def _replaced(graph: Graph, rule: Rule) -> Graph:
    """The same graph with the nodes replaced for which the rule has something else."""
    new: dict[Value, Value] = {value: value for value in graph.inputs}
    for node in graph.nodes:
        results = rule(node, new)
        if results is None:
            results = node.op.node(*(new[value] for value in node.inputs), **node.attributes).outputs
        new.update(zip(node.outputs, results, strict=True))
    return Graph(graph.inputs, tuple(new[value] for value in graph.outputs))


def _pools_late(node: Node, graph: Graph) -> bool:
    if node.op.name != "max_pool2d" or node.inputs[0].node is None:
        return False
    activation, (_, index) = node.inputs[0].node, node.outputs
    alone = graph.readers[node.inputs[0]] == [node] and node.inputs[0] not in graph.outputs
    indices_used = index in graph.readers or index in graph.outputs
    sizes = node.inputs[0].spec.shape[2:]
    seen = all(window.meets(size) for window, size in zip(windows(**node.attributes), sizes, strict=True))
    return activation.is_monotone and alone and not indices_used and seen
