"""Activations of straight pieces at their bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll.graph import Op
from knoll.ops.activation import piecewise


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_hardsigmoid_is_strictly_inside_where_its_slope_is(dtype: Any) -> None:
    bounds = np.array([-3, 3], dtype)
    (y,) = piecewise.hardsigmoid.meaning(np.concatenate([np.nextafter(bounds, dtype(0)), bounds]))
    assert 0 < y[0] < y[1] < 1
    assert y[2:].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("op", "numbers", "expected"),
    [
        (piecewise.leaky_relu, {"negative_slope": 0.5}, [-1.0, -0.5, 0.0, 1.0, 2.0]),
        (piecewise.hardtanh, {"low": -1.0, "high": 1.5}, [-1.0, -1.0, 0.0, 1.0, 1.5]),
        (piecewise.threshold, {"threshold": 0.5, "value": 7.0}, [7.0, 7.0, 7.0, 1.0, 2.0]),
        (piecewise.hardshrink, {"lambd": 1.0}, [-2.0, 0.0, 0.0, 0.0, 2.0]),
        (piecewise.softshrink, {"lambd": 0.5}, [-1.5, -0.5, 0.0, 0.5, 1.5]),
        (piecewise.hardswish, {}, [-2 / 6, -2 / 6, 0.0, 4 / 6, 10 / 6]),
    ],
    ids=lambda case: str(case) if isinstance(case, Op) else "",
)
def test_pieces_by_hand(op: Op, numbers: dict[str, float], expected: list[float]) -> None:
    x = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    np.testing.assert_allclose(op.meaning(x, **numbers)[0], expected, rtol=1e-15)
