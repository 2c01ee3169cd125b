"""Softmax and its logarithm: gradients against differences, shares that sum to one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from knoll.errors import UnsupportedError
from knoll.graph import Op, Spec
from knoll.ops.activation.softmax import log_softmax, safe_softmax, softmax

Check = Callable[..., None]


RNG = np.random.default_rng(7)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_gradients_along_an_axis(check_gradient: Check, axis: int) -> None:
    x = RNG.standard_normal((2, 4, 6))
    for op in (softmax, safe_softmax, log_softmax):
        check_gradient(op, x, wrt=(0,), axis=axis)


@pytest.mark.parametrize("shape", [(), (4,), (3, 0), (2, 5)])
def test_shares_sum_to_one_and_keep_their_logarithm(shape: tuple[int, ...]) -> None:
    x = np.asarray(RNG.standard_normal(shape) * 300)
    (shares,), (logarithms,) = softmax.meaning(x, axis=-1), log_softmax.meaning(x, axis=-1)
    if shares.size:
        np.testing.assert_allclose(shares.sum(-1) if shape else shares, 1, rtol=1e-15)
    np.testing.assert_allclose(np.exp(logarithms), shares, rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize(("op", "name"), [(softmax, "softmax"), (log_softmax, "log_softmax")])
def test_integers_are_refused_by_the_name_of_the_kernel(op: Op, name: str) -> None:
    x = Spec((2, 3), np.dtype(np.int64))
    with pytest.raises(UnsupportedError, match=f"\"{name}_lastdim_kernel_impl\" not implemented for 'Long'"):
        op.shape(x, axis=1)
    with pytest.raises(UnsupportedError, match=f"\"{name}_kernel_impl\" not implemented for 'Long'"):
        op.shape(x, axis=0)


def test_a_row_without_a_finite_number_gives_zeros() -> None:
    x = np.array([[-np.inf, -np.inf], [-np.inf, -3], [np.finfo(float).min, np.finfo(float).min], [np.nan, -np.inf]])
    (shares,) = safe_softmax.meaning(x, axis=-1)
    np.testing.assert_array_equal(shares, [[0, 0], [0, 1], [0.5, 0.5], [np.nan, np.nan]])
    np.testing.assert_array_equal(safe_softmax.meaning(x[1:], axis=-1)[0], softmax.meaning(x[1:], axis=-1)[0])
