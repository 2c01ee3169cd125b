"""Graphs for many examples: what depends on none of them stays as it is, the rest has one more axis."""

from __future__ import annotations

import numpy as np

from knoll.graph import Graph, Spec, Value, evaluate
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.batching import batched
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import add, exp, multiply
from knoll.ops.linear_algebra.linear import linear
from knoll.ops.reduction.reduce import sum_
from knoll.ops.shapes.reshape import reshape

FLOAT = np.dtype("float32")


def value(*shape: int) -> Value:
    return Value(Spec(shape, FLOAT))


def test_what_is_the_same_for_all_is_computed_once() -> None:
    x, w = value(3), value(3)
    shared = exp(w)
    graph, has = batched(Graph((x, w), (multiply(x, shared), shared)), {0}, 5)
    assert has == (True, False)
    assert graph.outputs[1] is shared
    assert [node.specs[0].shape for node in graph.nodes] == [(3,), (5, 3)]


def test_operands_of_fewer_axes_broadcast() -> None:
    a, b = value(2, 3), value(3)
    graph, _ = batched(Graph((a, b), (add(a, b),)), {0, 1}, 4)
    assert [node.op.name for node in graph.nodes] == ["reshape", "add"]
    assert graph.nodes[0].specs[0].shape == (4, 1, 3)
    given = np.random.default_rng(0).standard_normal((4, 2, 3)), np.arange(12.0).reshape(4, 3)
    np.testing.assert_array_equal(evaluate(graph, given)[0], given[0] + given[1][:, None])


def test_examples_are_samples_where_they_share_the_weights() -> None:
    x, w = value(2, 3, 8, 8), value(4, 3, 3, 3)
    slide = {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1}
    first = conv2d(x, w, **slide)
    graph, _ = batched(Graph((x, w), (first,)), {0}, 5)
    (convolution,) = (node for node in graph.nodes if node.op is conv2d)
    assert convolution.inputs[0].spec.shape == (10, 3, 8, 8)
    assert convolution.inputs[1] is w
    graph, _ = batched(Graph((x, w), (first,)), {0, 1}, 5)
    (convolution,) = (node for node in graph.nodes if node.op is conv2d)
    assert convolution.attributes["groups"] == 5
    assert convolution.inputs[0].spec.shape == (2, 15, 8, 8)


def test_one_reshape_takes_the_place_of_several() -> None:
    x, w = value(1, 3, 8, 8), value(3, 3, 1, 1)
    slide = {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1}
    y = conv2d(conv2d(x, w, **slide), w, **slide)
    graph, _ = batched(Graph((x, w), (reshape(y, shape=(192,)),)), {0}, 5)
    assert [node.op.name for node in graph.nodes] == ["reshape", "conv2d", "conv2d", "reshape"]


def test_axes_and_results_of_no_axis() -> None:
    x, w = value(2, 3), value(4, 3)
    y = sum_(relu(linear(x, w)), axes=(0, 1), keep=False)
    graph, (has,) = batched(Graph((x, w), (y,)), {1}, 6)
    assert has
    assert graph.outputs[0].spec.shape == (6,)
