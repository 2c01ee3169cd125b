"""Extremes along one axis without their places: against those with places, and finite differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from knoll.graph import Op
from knoll.ops.reduction import along_axis
from knoll.ops.reduction.first_extreme import first_extreme_dx, first_max, first_min

PAIRS = [(first_max, along_axis.max_along), (first_min, along_axis.min_along)]


@pytest.mark.parametrize(("alone", "with_place"), PAIRS, ids=lambda op: op.name)
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_as_with_places(check_gradient: Callable[..., None], alone: Op, with_place: Op, axis: int) -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 4))
    np.testing.assert_array_equal(alone.meaning(x, axis=axis)[0], with_place.meaning(x, axis=axis)[0])
    check_gradient(alone, x, axis=axis, wrt=(0,))


@pytest.mark.parametrize(("alone", "with_place"), PAIRS, ids=lambda op: op.name)
def test_the_first_of_those_that_tie_has_the_gradient(alone: Op, with_place: Op) -> None:
    x = np.array([[1.0, 3.0, 3.0, 1.0], [np.nan, 2.0, np.nan, 5.0], [-np.inf] * 4])
    dy = np.array([2.0, np.inf, -1.0])
    y, place = with_place.meaning(x, axis=1)
    (truth,) = along_axis.extreme_dx.meaning(dy, place, shape=x.shape, axis=1)
    np.testing.assert_array_equal(first_extreme_dx.meaning(dy, x, alone.meaning(x, axis=1)[0], axis=1)[0], truth)
    np.testing.assert_array_equal(alone.meaning(x, axis=1)[0], y)
