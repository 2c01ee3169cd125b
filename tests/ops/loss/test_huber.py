"""Huber's loss: a parabola near zero, a straight line beyond."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll.ops.loss.huber import huber, huber_slope

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize(("delta", "scale"), [(1.0, 1.0), (0.5, 2.0)])
def test_huber(check_gradient: Any, delta: float, scale: float) -> None:
    check_gradient(huber, RANDOM.standard_normal((3, 4)), wrt=(0,), delta=delta, scale=scale)


def test_the_line_is_the_tangent_of_the_parabola() -> None:
    x = np.array([-3.0, -1.0, 0.5, 1.0, 3.0, np.inf])
    np.testing.assert_array_equal(huber.meaning(x, delta=1.0, scale=2.0)[0], [5.0, 1.0, 0.25, 1.0, 5.0, np.inf])
    np.testing.assert_array_equal(huber_slope.meaning(x, delta=1.0, scale=2.0)[0], [-2, -2, 1, 2, 2, 2])
