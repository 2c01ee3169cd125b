"""How results along an axis follow from its elements: tables by hand, and their way back."""

from __future__ import annotations

import numpy as np
import pytest

from knoll.graph import Window
from knoll.ops.resample.axes import PADDINGS, SAME, Adaptive, Average, Axis, Linear, Nearest, Padded
from knoll.ops.resample.tables import Table

WAYS: list[Axis] = [
    Average(Window(3, 2, 1, 1)), Average(Window(2, 2, ceil=True), counts_padding=False), Adaptive(4), Nearest(9),
    Linear(11), Linear(4, corners=True), *(Padded(2, 1, mode) for mode in PADDINGS),
]  # fmt: skip


def matrix(table: Table) -> np.ndarray:
    """The linear map of a table."""
    result = np.zeros((table.results, table.size))
    for row in range(table.results):
        entries = range(int(table.starts[row]), int(table.starts[row + 1]))
        for entry, place in zip(entries, table.of(row), strict=True):
            result[row, place] += 1 if table.weights is None else table.weights[entry]
    return result / table.divisors[:, None]


@pytest.mark.parametrize("way", WAYS, ids=repr)
@pytest.mark.parametrize("size", [2, 5, 8])
def test_the_way_back_is_the_transposed_map(way: Axis, size: int) -> None:
    original = way.table(size, np.dtype(np.float64))
    assert original.results == way.positions(size)
    back = way.back(size).table(way.positions(size), np.dtype(np.float64))
    np.testing.assert_allclose(matrix(back), matrix(original).T, rtol=1e-12)
    assert way.back(size).back(way.positions(size)) == way


def test_averages_of_windows_that_hang_over() -> None:
    window = Window(2, 2, ceil=True)
    np.testing.assert_array_equal(matrix(Average(window).table(3)), [[0.5, 0.5, 0], [0, 0, 1]])
    np.testing.assert_array_equal(matrix(Average(window, divisor=4).table(3)), [[0.25, 0.25, 0], [0, 0, 0.25]])


def test_corners_stay_on_corners() -> None:
    np.testing.assert_allclose(matrix(Linear(3, corners=True).table(5)), np.eye(5)[[0, 2, 4]])
    np.testing.assert_allclose(matrix(Linear(4, corners=True).table(2))[1], [2 / 3, 1 / 3], rtol=1e-6)


def test_the_same_axis_has_the_same_table() -> None:
    assert Nearest(7).table(3) is Nearest(7).table(3)
    np.testing.assert_array_equal(matrix(SAME.table(4)), np.eye(4))
