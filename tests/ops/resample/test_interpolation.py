"""Cubic interpolation and antialiasing along an axis: weights, what they reproduce, how fields move."""

from __future__ import annotations

import numpy as np
import pytest

from knoll.graph import Array
from knoll.ops.resample.axes import FLOAT32, FLOAT64, Axis
from knoll.ops.resample.interpolation import KERNELS, Antialiased, Cubic, keys

AXES = [
    Cubic(9), Cubic(9, corners=True), Cubic(9, scale=1.3), Cubic(3), Cubic(1, corners=True),
    *(Antialiased(n, kernel=kernel) for n in (3, 9, 17) for kernel in KERNELS),
    Antialiased(4, corners=True), Antialiased(3, scale=0.4, kernel="cubic"),
]  # fmt: skip


def dense(axis: Axis, size: int, dtype: np.dtype[np.floating] = FLOAT64) -> Array:
    """The table as a matrix (results, elements)."""
    table = axis.table(size, dtype)
    matrix = np.zeros((table.results, size))
    for result in range(table.results):
        start = table.starts[result]
        for entry, place in enumerate(table.of(result)):
            matrix[result, place] += 1 if table.weights is None else table.weights[start + entry]
    return matrix


@pytest.mark.parametrize("axis", AXES, ids=str)
def test_weights_sum_to_one(axis: Axis) -> None:
    np.testing.assert_allclose(dense(axis, 7).sum(1), 1, rtol=1e-14)
    np.testing.assert_allclose(dense(axis, 7, FLOAT32).sum(1), 1, rtol=1e-6)


@pytest.mark.parametrize("axis", [Cubic(7), Cubic(7, corners=True), Antialiased(7), Antialiased(7, kernel="cubic")])
def test_an_axis_of_the_same_size_stays_as_it_is(axis: Axis) -> None:
    np.testing.assert_array_equal(dense(axis, 7), np.eye(7))
    assert axis.table(7).weights is None


def test_the_cubic_follows_a_parabola_inside() -> None:
    size, factor = 12, 4
    x, at = np.arange(size), (np.arange(size * factor) + 0.5) / factor - 0.5
    weights = dense(Antialiased(size * factor, kernel="cubic"), size)  # a = −1/2 is exact for parabolas
    inside = (at > 2) & (at < size - 3)
    np.testing.assert_allclose((weights @ x**2)[inside], at[inside] ** 2, rtol=1e-12)


def test_a_smaller_axis_covers_all_elements() -> None:
    assert (dense(Cubic(2), 20) != 0).any(axis=0).sum() == 8
    assert (dense(Antialiased(2), 20) != 0).any(axis=0).all()


@pytest.mark.parametrize("a", [-0.5, -0.75])
def test_keys_cubic_has_no_step_and_no_corner(a: float) -> None:
    np.testing.assert_array_equal(keys(np.array([0.0, 1, 2, 3]), a), [1, 0, 0, 0])
    for d in (1.0, 2.0):
        below, above = ((keys(np.array([d + s * 1e-6]), a) - keys(np.array([d]), a)) / (s * 1e-6) for s in (-1, 1))
        np.testing.assert_allclose(below, above, atol=1e-5)


def test_fields_move_by_the_ratio_of_the_sizes() -> None:
    assert Cubic(8).reach(4).stride == 1
    assert Cubic(8).reach(4).per == 2
    assert Antialiased(4).pace(8) == (8, 4)
    assert Cubic(5, corners=True).pace(9) == (8, 4)
