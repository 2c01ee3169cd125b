"""The inverse of the error function, beside the error function itself and beside PyTorch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import knoll
from knoll.ops.elementwise.inverse_error import inverse_error

ERF = np.vectorize(math.erf)
ERFC = np.vectorize(math.erfc)


def test_the_error_function_of_the_result_is_the_argument() -> None:
    x = np.concatenate([np.linspace(-0.999, 0.999, 2001), 1 - np.logspace(-15, -3, 100)])
    y = inverse_error(x)
    near = np.abs(x) < 0.5
    np.testing.assert_allclose(ERF(y[near]), x[near], rtol=1e-15, atol=0)  # some ten roundings
    # erfc falls by 2y + 1/y of its size for each unit of y: a few units in the last place of y
    slack = 1e-15 * (1 + 2 * y[~near] ** 2)
    left = np.abs(ERFC(np.abs(y[~near])) / (1 - np.abs(x[~near])) - 1)
    assert (left <= slack).all()


def test_tiny_arguments_keep_their_digits() -> None:
    x = np.logspace(-300, -9, 100)
    np.testing.assert_allclose(inverse_error(x), x * math.sqrt(math.pi) / 2, rtol=1e-15)


def test_the_edge_and_beyond() -> None:
    with np.errstate(all="ignore"):
        y = inverse_error(np.array([1.0, -1.0, 1.5, -1.5, np.nan, -0.0], np.float32))
    np.testing.assert_array_equal(y, np.array([np.inf, -np.inf, np.nan, np.nan, np.nan, -0.0], np.float32))
    assert y.dtype == np.float32
    assert np.signbit(y[-1])


def test_results_and_slopes_are_those_of_pytorch(torch: Any) -> None:
    x = np.random.default_rng(0).uniform(-1, 1, 1000)
    theirs = torch.tensor(x, requires_grad=True)
    y = theirs.erfinv()
    y.sum().backward()
    np.testing.assert_allclose(inverse_error(x), y.detach().numpy(), rtol=2e-15)
    ours = knoll.tensor(x, requires_grad=True)
    ours.erfinv().sum().backward()
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=2e-13)
