"""Max pooling goes before activations that keep the order of numbers, where nothing shows of it."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import same_meaning
from knoll.graph import Graph, Op, Spec, Value, evaluate
from knoll.ops.activation import elu, piecewise, self_gated, softplus
from knoll.ops.activation.relu_sigmoid_tanh import relu, sigmoid, tanh
from knoll.ops.differentiate import differentiate
from knoll.ops.elementwise.arithmetic import exp
from knoll.ops.pooling.max_pool import max_pool2d
from planned import POOL
from simplified import for_training, image, names

# Each with numbers for which the order of elements is kept, if there are any to choose.
KEEPS_ORDER: list[tuple[Op, dict[str, float]]] = [
    (relu, {}), (sigmoid, {}), (tanh, {}), (piecewise.hardsigmoid, {}), (elu.selu, {}), (softplus.log_sigmoid, {}),
    (softplus.softsign, {}), (piecewise.leaky_relu, {"negative_slope": 0.2}),
    (piecewise.hardtanh, {"low": 0.0, "high": 6.0}), (piecewise.threshold, {"threshold": 1.0, "value": -2.0}),
    (piecewise.hardshrink, {"lambd": 2.0}), (piecewise.softshrink, {"lambd": 1.5}), (elu.elu, {"alpha": 0.7}),
    (elu.celu, {"alpha": 1.5}), (softplus.softplus, {"beta": 1.0, "threshold": 40.0}),
]  # fmt: skip


MIXES_ORDER: list[tuple[Op, dict[str, float]]] = [
    (exp, {}), (self_gated.silu, {}), (self_gated.gelu, {}), (piecewise.hardswish, {}),
    (piecewise.leaky_relu, {"negative_slope": -0.2}), (piecewise.leaky_relu, {"negative_slope": 0.0}),
    (piecewise.threshold, {"threshold": 1.0, "value": 2.0}), (elu.elu, {"alpha": -1.0}),
    (softplus.softplus, {"beta": 1.0, "threshold": 1.0}), (softplus.softplus, {"beta": -1.0, "threshold": 40.0}),
]  # fmt: skip


@pytest.mark.parametrize(("activation", "numbers"), KEEPS_ORDER, ids=str)
def test_pooling_moves_before_a_monotone_activation(activation: Op, numbers: dict[str, float]) -> None:
    x = image()
    graph = Graph((x,), (max_pool2d(activation(x, **numbers), **POOL),))
    moved = for_training(graph)
    assert names(moved) == ["max_pool2d", activation.name]
    same_meaning(graph, moved)


@pytest.mark.parametrize(("activation", "numbers"), KEEPS_ORDER, ids=str)
def test_moving_the_pooling_changes_no_gradient(activation: Op, numbers: dict[str, float]) -> None:
    """Whole numbers, so that a bound is met often and many results are equal."""
    x = image()
    graph = Graph((x,), (max_pool2d(activation(x, **numbers), **POOL),))
    for seed in range(20):
        generator = np.random.default_rng(seed)
        arrays = [
            generator.integers(-9, 10, x.spec.shape).astype(x.spec.dtype),
            generator.standard_normal((2, 3, 3, 3)),
        ]
        before, after = (evaluate(differentiate(g, (0,)).joint, arrays) for g in (graph, for_training(graph)))
        np.testing.assert_array_equal(before[1], after[1])


@pytest.mark.parametrize(("activation", "numbers"), KEEPS_ORDER, ids=str)
def test_moving_the_pooling_keeps_what_is_no_number(activation: Op, numbers: dict[str, float]) -> None:
    x = image()
    graph = Graph((x,), (max_pool2d(activation(x, **numbers), **POOL),))
    for seed in range(20):
        array = np.random.default_rng(seed).choice(
            [np.inf, -np.inf, np.nan, -1e308, 0.0, 1.0, 3.0, 1e308], x.spec.shape
        )
        (before,), (after,) = (evaluate(g, [array]) for g in (graph, for_training(graph)))
        np.testing.assert_array_equal(before, after)


def test_pooling_moves_before_several() -> None:
    x = image()
    graph = Graph((x,), (max_pool2d(tanh(relu(x)), **POOL),))
    assert names(for_training(graph)) == ["max_pool2d", "relu", "tanh"]
    same_meaning(graph, for_training(graph))


@pytest.mark.parametrize(("activation", "numbers"), MIXES_ORDER, ids=str)
def test_pooling_stays_behind_what_may_mix_the_order(activation: Op, numbers: dict[str, float]) -> None:
    x = image()
    graph = Graph((x,), (max_pool2d(activation(x, **numbers), **POOL),))
    assert for_training(graph) is graph


def test_pooling_stays_where_moving_would_show() -> None:
    x = image()
    y = relu(x)
    both = Graph((x,), (max_pool2d(y, **POOL), y))
    assert for_training(both) is both
    with_indices = Graph((x,), max_pool2d.node(relu(x), **POOL).outputs)
    assert for_training(with_indices) is with_indices


def test_pooling_stays_where_a_window_sees_nothing() -> None:
    x = Value(Spec((2, 3, 1, 6), np.dtype(np.float64)))
    slide = {"kernel": (2, 2), "stride": (1, 1), "padding": (1, 0), "dilation": (2, 1), "ceil": False}
    steps_over = Graph((x,), (max_pool2d(sigmoid(x), **slide),))
    assert for_training(steps_over) is steps_over
    assert np.isneginf(evaluate(steps_over, [np.ones(x.spec.shape)])[0]).all()
