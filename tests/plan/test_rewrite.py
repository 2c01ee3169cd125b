"""Rewrites leave the meaning as it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll.graph import Graph, Spec, Value, evaluate
from knoll.ops.adaptive_max_pool2d import adaptive_max_pool2d
from knoll.ops.elementwise import exp, relu, sigmoid, tanh
from knoll.ops.max_pool2d import max_pool2d
from knoll.ops.reshape import stop_gradient
from knoll.plan.rewrite import rewritten, without_stops

POOL = {"kernel": (2, 2), "stride": (2, 2), "padding": (0, 0), "dilation": (1, 1), "ceil": False}


def image() -> Value:
    return Value(Spec((2, 3, 6, 6), np.dtype(np.float64)))


def names(graph: Graph) -> list[str]:
    return [node.op.name for node in graph.nodes]


def same_meaning(one: Graph, two: Graph) -> None:
    x = [np.random.default_rng(0).standard_normal(v.spec.shape) for v in one.inputs]
    for a, b in zip(evaluate(one, x), evaluate(two, x), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("activation", [relu, sigmoid, tanh])
def test_pooling_moves_before_a_monotone_activation(activation: Any) -> None:
    x = image()
    graph = Graph((x,), (max_pool2d(activation(x), **POOL),))
    moved = rewritten(graph)
    assert names(moved) == ["max_pool2d", activation.name]
    same_meaning(graph, moved)


def test_pooling_stays_where_moving_would_show() -> None:
    x = image()
    y = relu(x)
    both = Graph((x,), (max_pool2d(y, **POOL), y))
    assert rewritten(both) is both
    with_indices = Graph((x,), max_pool2d.node(relu(x), **POOL).outputs)
    assert rewritten(with_indices) is with_indices
    other = Graph((x,), (max_pool2d(exp(x), **POOL),))
    assert rewritten(other) is other


def test_pooling_stays_where_a_window_sees_nothing() -> None:
    x = Value(Spec((2, 3, 1, 6), np.dtype(np.float64)))
    slide = {"kernel": (2, 2), "stride": (1, 1), "padding": (1, 0), "dilation": (2, 1), "ceil": False}
    steps_over = Graph((x,), (max_pool2d(sigmoid(x), **slide),))
    assert rewritten(steps_over) is steps_over
    assert np.isneginf(evaluate(steps_over, [np.ones(x.spec.shape)])[0]).all()


def test_even_adaptive_windows_are_plain_ones() -> None:
    x = image()
    for size, name in (((3, 2), "max_pool2d"), ((1, 6), "max_pool2d"), ((4, 3), "adaptive_max_pool2d")):
        graph = Graph((x,), adaptive_max_pool2d.node(x, size=size).outputs)
        assert names(rewritten(graph)) == [name]
        same_meaning(graph, rewritten(graph))
    late = rewritten(Graph((x,), (adaptive_max_pool2d(relu(x), size=(2, 2)),)))
    assert names(late) == ["max_pool2d", "relu"]


def test_without_gradient_nothing_is_stopped() -> None:
    x = image()
    graph = Graph((x,), (relu(stop_gradient(relu(x))), stop_gradient(x)))
    plain = without_stops(graph)
    assert names(plain) == ["relu", "relu"]
    same_meaning(graph, plain)
