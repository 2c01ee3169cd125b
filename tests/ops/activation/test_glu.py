"""The gated linear unit: its gradient against differences, and the axes that it can halve."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from knoll.errors import ShapeError, UnsupportedError
from knoll.graph import Spec
from knoll.ops.activation.glu import glu


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_gradients_along_an_axis(check_gradient: Callable[..., None], axis: int) -> None:
    check_gradient(glu, np.random.default_rng(7).standard_normal((2, 4, 6)), wrt=(0,), axis=axis)


def test_the_second_half_gates_the_first() -> None:
    x = np.array([[1.0, -2.0, 0.0, np.inf], [3.0, 4.0, -np.inf, 0.0]])
    np.testing.assert_array_equal(glu.meaning(x, axis=1)[0], [[0.5, -2.0], [0.0, 2.0]])


def test_an_axis_of_odd_size_has_no_halves() -> None:
    assert glu.shape(Spec((2, 6), np.dtype("f")), axis=1) == (Spec((2, 3), np.dtype("f")),)
    with pytest.raises(ShapeError, match="Halving dimension must be even, but dimension 1 is size 5"):
        glu.shape(Spec((2, 5), np.dtype("f")), axis=1)
    with pytest.raises(UnsupportedError, match="\"glu_cpu\" not implemented for 'Long'"):
        glu.shape(Spec((2, 6), np.dtype("i8")), axis=1)
