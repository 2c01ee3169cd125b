"""Logarithms of running sums of exponentials: against plain sums, their gradients against differences."""

from __future__ import annotations

import numpy as np
import pytest

import knoll
from knoll.ops.reduction.running import logcumsumexp_meaning

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
