"""Logarithms of running sums of exponentials: against plain sums, their gradients against differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll.ops.reduction.running import logcumsumexp_meaning, recurrence_meaning

RNG = np.random.default_rng(0)
X = RNG.standard_normal((3, 5))


def test_they_are_logarithms_of_running_sums() -> None:
    np.testing.assert_allclose(logcumsumexp_meaning(X, axis=1)[0], np.log(np.cumsum(np.exp(X), 1)))
    half = logcumsumexp_meaning(X.astype(np.float16), axis=0)[0]
    assert half.dtype == np.float16
    np.testing.assert_allclose(half, np.log(np.cumsum(np.exp(X), 0)), atol=4e-3)


def test_nothing_overflows() -> None:
    np.testing.assert_array_equal(logcumsumexp_meaning(np.array([1e4, 0.0, -1e4]), axis=0)[0], [1e4, 1e4, 1e4])
    assert logcumsumexp_meaning(np.array([-np.inf, 2.0]), axis=0)[0].tolist() == [-np.inf, 2]


@pytest.mark.parametrize("axis", [0, 1])
def test_gradients_are_slopes(axis: int) -> None:
    weights = knoll.tensor(RNG.standard_normal(X.shape))
    x = knoll.tensor(X, requires_grad=True)
    (x.logcumsumexp(axis) * weights).sum().backward()
    for place in np.ndindex(X.shape):
        step = np.zeros_like(X)
        step[place] = 1e-6
        sides = [(knoll.tensor(X + way * step).logcumsumexp(axis) * weights).sum().item() for way in (1, -1)]
        assert x.grad[place].item() == pytest.approx((sides[0] - sides[1]) / 2e-6, rel=1e-6, abs=1e-7)


def test_recurrences() -> None:
    x, a = X, RNG.uniform(-1, 1, X.shape)
    y = recurrence_meaning(x, a, axis=1)[0]
    np.testing.assert_array_equal(y[:, 0], x[:, 0])
    np.testing.assert_allclose(y[:, 1:], x[:, 1:] + a[:, 1:] * y[:, :-1])


@pytest.mark.parametrize("dy", [RNG.standard_normal(X.shape), np.zeros(X.shape), np.where(X > 0, X, 0.0)], ids=str)
@pytest.mark.parametrize("axis", [0, 1])
def test_gradients_of_gradients_are_slopes_where_a_gradient_is_zero_too(dy: Any, axis: int) -> None:
    inputs = knoll.tensor(X, requires_grad=True), knoll.tensor(dy, requires_grad=True)

    def gradient(x: Any, given: Any) -> Any:
        return knoll.autograd.grad(x.logcumsumexp(axis), x, given, create_graph=True)

    assert knoll.autograd.gradcheck(gradient, inputs)
    assert knoll.autograd.gradgradcheck(lambda x: gradient(x, inputs[1].detach()), inputs[:1])


def test_gradients_of_large_and_infinite_numbers() -> None:
    x = knoll.tensor([-np.inf, 1e4, 0.0, -1e4, 1e4], dtype=knoll.float64, requires_grad=True)
    x.logcumsumexp(0).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [1, 3.5, 0, 0, 0.5])
