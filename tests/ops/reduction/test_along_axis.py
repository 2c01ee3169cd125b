"""Extremes, orders and elements at indices along one axis: against NumPy, gradients against finite differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from knoll.errors import StateError
from knoll.ops.reduction import along_axis

Check = Callable[..., None]
RNG = np.random.default_rng(9)
X = RNG.standard_normal((3, 4, 5))


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_extremes(check_gradient: Check, axis: int) -> None:
    values, places = along_axis.max_along.meaning(X, axis=axis)
    np.testing.assert_array_equal(values, X.max(axis))
    np.testing.assert_array_equal(places, X.argmax(axis))
    for op in (along_axis.max_along, along_axis.min_along):
        check_gradient(op, X, axis=axis, wrt=(0,))


@given(hnp.arrays(np.int64, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.integers(0, 3)), st.booleans())
@settings(max_examples=50, deadline=None)
def test_order_is_stable(x: np.ndarray, descending: bool) -> None:
    (order,) = along_axis.argsort.meaning(x, axis=1, descending=descending)
    expected = np.argsort(-x if descending else x, 1, kind="stable")
    np.testing.assert_array_equal(order, expected)


def test_gathering(check_gradient: Check) -> None:
    places = RNG.integers(0, 4, (3, 2, 5))
    np.testing.assert_array_equal(along_axis.gather.meaning(X, places, axis=1)[0], np.take_along_axis(X, places, 1))
    check_gradient(along_axis.gather, X, places, axis=1, wrt=(0,))
    check_gradient(along_axis.gather, X, places[:2, :, :3] % 3, axis=0, wrt=(0,))
    with pytest.raises(StateError, match="index 9 is out of bounds for dimension 1 with size 4"):
        along_axis.gather.meaning(X, np.full((3, 2, 5), 9), axis=1)
