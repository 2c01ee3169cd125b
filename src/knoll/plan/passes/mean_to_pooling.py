"""The mean or the sum over all pixels of each channel is average pooling with one window.

So `x.mean((2, 3))` runs in the same machine code as `AdaptiveAvgPool2d(1)`, forward and backward.
"""

from __future__ import annotations

from knoll.graph import Graph, Node, Value, Window
from knoll.graph.rebuild import rebuilt
from knoll.ops.reduction.reduce import mean, sum_
from knoll.ops.resample.axes import Average
from knoll.ops.resample.resample import resample2d
from knoll.ops.shapes.reshape import reshape

PIXELS = (2, 3)


def mean_to_pooling(graph: Graph) -> Graph:
    """The graph with means and sums over pixels as poolings."""

    def rule(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        return (_pooled(node, new[node.inputs[0]]),) if _is_over_pixels(node) else None

    return rebuilt(graph, rule) if any(map(_is_over_pixels, graph.nodes)) else graph


def _pooled(node: Node, x: Value) -> Value:
    divisor = None if node.op is mean else 1
    rows, columns = (Average(Window(kernel=size, stride=size), divisor=divisor) for size in x.spec.shape[2:])
    return reshape(resample2d(x, rows=rows, columns=columns), shape=node.specs[0].shape)


def _is_over_pixels(node: Node) -> bool:
    if node.op not in (mean, sum_):
        return False
    (x,) = node.inputs
    return node.attributes["axes"] == PIXELS and x.spec.is_float and x.spec.rank == 4 and 0 not in x.spec.shape[1:]
