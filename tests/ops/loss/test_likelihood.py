"""What likelihoods of counts and normal numbers are made of: values by hand, edges, gradients against differences."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from knoll.errors import ArgumentError
from knoll.ops.loss.likelihood import stirling, variance, xlogy

Check = Callable[..., None]


def test_nothing_times_the_logarithm_of_nothing_is_nothing() -> None:
    x, y = np.array([0.0, 0.0, 2.0, 2.0, 0.0]), np.array([0.0, -1.0, 0.0, math.e, np.nan])
    np.testing.assert_array_equal(xlogy.meaning(x, y)[0], [0, 0, -np.inf, 2, np.nan])


def test_gradient_of_x_times_log_y(check_gradient: Check) -> None:
    random = np.random.default_rng(0)
    check_gradient(xlogy, random.uniform(0.5, 2, (3, 4)), random.uniform(0.5, 2, (3, 4)), wrt=(0, 1))


def test_stirling_is_near_the_logarithm_of_the_factorial(check_gradient: Check) -> None:
    t = np.array([0.0, 1.0, 5.0, 20.0])
    (y,) = stirling.meaning(t)
    assert y[:2].tolist() == [0, 0]
    np.testing.assert_allclose(y[2:], [math.lgamma(6), math.lgamma(21)], rtol=4e-3)
    check_gradient(stirling, np.array([1.5, 2.0, 7.0]), wrt=(0,))


def test_variances_are_lifted_and_negative_ones_refused() -> None:
    assert variance.meaning(np.array([0.0, 0.5, 2.0]), least=0.5)[0].tolist() == [0.5, 0.5, 2.0]
    with pytest.raises(ArgumentError, match="var has negative entry/entries"):
        variance.meaning(np.array([1.0, -1e-9]), least=0.5)
