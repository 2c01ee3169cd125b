"""Nodes that run apart: what exchanges samples, makes samples of windows, or has another number of them."""

from __future__ import annotations

from knoll.graph import Graph, Node
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import add, exp
from knoll.ops.indexing.index import take
from knoll.ops.linear_algebra.linear import linear
from knoll.ops.shapes.reshape import reshape
from knoll.plan.roles.apart import contradicting
from knoll.plan.roles.batch_axis import batched_values
from planned import SLIDE, value


def mixed(samples: int = 4) -> tuple[Graph, Node]:
    """A batch whose samples are exchanged before a convolution."""
    x, w, index = value(samples, 3, 5, 5), value(8, 3, 3, 3), value(samples, dtype="int64")
    other = take.node(x, index, axes=(0,))
    return Graph((x, w, index), (conv2d(add(x, other.outputs[0]), w, **SLIDE),)), other


def test_what_exchanges_samples_runs_apart() -> None:
    graph, other = mixed()
    assert batched_values(graph) is None
    assert contradicting(graph) == {other}


def test_what_makes_samples_of_windows_runs_apart() -> None:
    x, w = value(2, 3, 8), value(5, 8)
    v = value(4, 5)
    windows = reshape.node(linear(x, w), shape=(6, 5))
    graph = Graph((x, w, v), (linear(windows.outputs[0], v),))
    assert windows in contradicting(graph)


def test_what_has_another_number_of_samples_runs_apart() -> None:
    x, y = value(2, 3), value(5, 3)
    first, odd = exp.node(x), exp.node(y)
    graph = Graph((x, y), (relu(relu(first.outputs[0])), odd.outputs[0]))
    assert contradicting(graph) == {odd}
    assert not contradicting(Graph((x,), (exp(x),)))
