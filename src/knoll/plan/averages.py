"""The mean or the sum over all pixels of each channel is average pooling with one window.

So `x.mean((2, 3))` runs in the same machine code as `AdaptiveAvgPool2d(1)`, forward and backward.
"""

from __future__ import annotations

from knoll.graph import Graph, Node, Value, Window
from knoll.ops.axes import Average
from knoll.ops.resample2d import resample2d
from knoll.ops.reshape import reshape

PIXELS = (2, 3)


def averaged(graph: Graph) -> Graph:
    """The graph with such means and sums as poolings."""
    if not any(_is_over_pixels(node) for node in graph.nodes):
        return graph
    new: dict[Value, Value] = {value: value for value in graph.inputs}
    for node in graph.nodes:
        inputs = [new[value] for value in node.inputs]
        if _is_over_pixels(node):
            new[node.outputs[0]] = _pooled(node, inputs[0])
        else:
            new.update(zip(node.outputs, node.op.node(*inputs, **node.attributes).outputs, strict=True))
    return Graph(graph.inputs, tuple(new[value] for value in graph.outputs))


def _pooled(node: Node, x: Value) -> Value:
    divisor = None if node.op.name == "mean" else 1
    rows, columns = (Average(Window(kernel=size, stride=size), divisor=divisor) for size in x.spec.shape[2:])
    return reshape(resample2d(x, rows=rows, columns=columns), shape=node.specs[0].shape)


def _is_over_pixels(node: Node) -> bool:
    if node.op.name not in ("mean", "sum"):
        return False
    (x,) = node.inputs
    return node.attributes["axes"] == PIXELS and x.spec.is_float and x.spec.rank == 4 and 0 not in x.spec.shape[1:]
