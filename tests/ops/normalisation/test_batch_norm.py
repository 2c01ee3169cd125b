"""Batch normalisation: statistics by NumPy, gradients against differences, folding into weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from knoll.graph import Graph, Value, evaluate, spec_of
from knoll.ops.differentiate import differentiate
from knoll.ops.normalisation.batch_norm import batch_norm, batch_statistics, fold_bias, fold_weight, running_average

RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((3, 2, 2, 2))
MEAN, VARIANCE, SCALE, SHIFT = RANDOM.standard_normal(2), RANDOM.uniform(0.5, 2, 2), *RANDOM.standard_normal((2, 2))


def test_statistics_are_numpys() -> None:
    mean, variance, unbiased = batch_statistics.meaning(X)
    np.testing.assert_allclose(mean, X.mean((0, 2, 3)))
    np.testing.assert_allclose(variance, X.var((0, 2, 3)))
    np.testing.assert_allclose(unbiased, X.var((0, 2, 3), ddof=1))
    assert np.array_equal(batch_statistics.meaning(np.zeros((0, 2))), np.zeros((3, 2))), "a channel without pixels"


@pytest.mark.parametrize("learned", [(), (SCALE, SHIFT)], ids=["plain", "learned"])
def test_gradient_with_given_statistics(check_gradient: Callable[..., None], learned: tuple[np.ndarray, ...]) -> None:
    wrt = (0, 3, 4)[: 1 + len(learned)]
    check_gradient(batch_norm, X, MEAN, VARIANCE, *learned, wrt=wrt, epsilon=1e-2, own=False)


def test_gradient_goes_through_statistics_of_the_same_x() -> None:
    x = Value(spec_of(X))
    mean, variance, _ = batch_statistics.node(x).outputs
    graph = Graph((x,), (batch_norm(x, mean, variance, epsilon=1e-2, own=True),))
    seed, step = RANDOM.standard_normal(X.shape), 1e-6
    (_, found) = evaluate(differentiate(graph, (0,)).joint, [X, seed])
    for place in np.ndindex(X.shape):
        moved = np.zeros_like(X)
        moved[place] = step
        up, down = ((evaluate(graph, [X + sign * moved])[0] * seed).sum() for sign in (1, -1))
        np.testing.assert_allclose(found[place], (up - down) / (2 * step), rtol=1e-5, atol=1e-7)


def test_weights_and_bias_take_the_normalisation_along() -> None:
    w, b = RANDOM.standard_normal((2, 5)), RANDOM.standard_normal(2)
    rows = RANDOM.standard_normal((4, 5))
    truth = batch_norm.meaning(rows @ w.T + b, MEAN, VARIANCE, SCALE, SHIFT, epsilon=1e-3, own=False)[0]
    (weight,) = fold_weight.meaning(w, VARIANCE, SCALE, epsilon=1e-3)
    (bias,) = fold_bias.meaning(MEAN, VARIANCE, b, SCALE, SHIFT, epsilon=1e-3, has_bias=True, is_affine=True)
    np.testing.assert_allclose(rows @ weight.T + bias, truth)


def test_what_is_remembered_moves_by_its_share() -> None:
    assert running_average.meaning(np.array([1.0, 2.0]), np.array([3.0, 6.0]), np.array([0.25]))[0].tolist() == [1.5, 3]
