"""Bytes are interpolated in whole numbers: weights of 15 bits, columns first, rounded and clamped after each axis."""

from __future__ import annotations

import numpy as np
import pytest

from knoll.ops.resample.axes import FLOAT64, Linear
from knoll.ops.resample.fixed_point import digits, interpolated
from knoll.ops.resample.interpolation import Cubic
from knoll.ops.resample.tables import Table


@pytest.mark.parametrize(("weights", "expected"), [([1.0], 14), ([0.5, 0.5], 15), ([1.2, -0.2], 14), ([2.0, -1.0], 13)])
def test_the_largest_weight_fits(weights: list[float], expected: int) -> None:
    one = np.ones(1, np.int64)
    table = Table(2, 0 * one, len(weights) * one, np.ones(1), np.array(weights))
    assert digits(table) == expected
    assert 0.5 + max(weights) * (1 << expected) < 1 << 15 <= 0.5 + max(weights) * (1 << (expected + 1))


def test_results_beyond_a_byte_are_clamped() -> None:
    x = np.array([0, 0, 255, 255], np.uint8).reshape(1, 1, 1, 4)
    exact = Cubic(16).table(4, FLOAT64)
    y = interpolated(x, Cubic(1).table(1, FLOAT64), exact)
    assert y.dtype == np.uint8
    assert y.min() == 0
    assert y.max() == 255


def test_halves_are_rounded_up_after_each_axis() -> None:
    x = np.array([[0, 1], [0, 0]], np.uint8).reshape(1, 1, 2, 2)
    half = Linear(1).table(2, FLOAT64)
    assert interpolated(x, half, half).item() == 1  # 0.5 → 1 along the row, then 0.5 → 1
    assert interpolated(x.swapaxes(2, 3).copy(), half, half).item() == 0 + 1
