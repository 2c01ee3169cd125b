"""Diagonals and windows as views: what NumPy sees, their gradients, and where an element is seen twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import check, elements, machines, value
from knoll.graph import Graph
from knoll.machine import Machine
from knoll.ops.elementwise.arithmetic import add
from knoll.ops.shapes.strided import (
    ALL,
    Axes,
    is_distinct,
    keeps_samples,
    strided,
    strided_dx,
    strided_view,
)

DIAGONAL: Axes = ((ALL, (1, 0, 0)), (3, (0, 1, 1)))
APART: Axes = ((ALL, (1, 0, 0)), (2, (0, 2, 0)), (ALL, (0, 0, 1)), (2, (0, 1, 0)))
OVERLAPPING: Axes = ((ALL, (1, 0, 0)), (ALL, (0, 1, 0)), (4, (0, 0, 1)), (3, (0, 0, 1)))
CASES = [((0, 0, 1), DIAGONAL), ((0, 1, 0), APART), ((0, 0, 0), OVERLAPPING)]


def test_a_diagonal_is_that_of_numpy() -> None:
    x = np.arange(30).reshape(2, 3, 5)
    np.testing.assert_array_equal(strided_view(x, (0, 0, 1), DIAGONAL), x.diagonal(1, 1, 2))
    assert np.may_share_memory(strided_view(x, (0, 0, 1), DIAGONAL), x)
    assert not np.may_share_memory(*strided.meaning(x, start=(0, 0, 1), axes=DIAGONAL), x)


def test_windows_are_those_of_numpy_however_x_lies() -> None:
    x = np.arange(60).reshape(6, 5, 2).transpose(2, 1, 0)
    np.testing.assert_array_equal(
        strided_view(x, (0, 0, 0), OVERLAPPING), np.lib.stride_tricks.sliding_window_view(x, 3, 2)
    )


@pytest.mark.parametrize(("start", "axes"), CASES)
@machines
@elements
def test_machine_code_means_the_same(machine: Machine, dtype: str, start: tuple[int, ...], axes: Axes) -> None:
    x = value(dtype, 4, 5, 6)
    check(Graph((x,), (strided(x, start=start, axes=axes),)), machine)


@machines
def test_what_samples_share_is_seen_before_all_calls(machine: Machine) -> None:
    x, shared = value("float32", 2, 3), value("float32", 3, 4)
    check(Graph((x, shared), (add(x, strided(shared, start=(0, 1), axes=((3, (1, 1)),))),)), machine)


@given(st.lists(st.tuples(st.integers(1, 4), st.tuples(st.integers(0, 3), st.integers(0, 3))), min_size=1, max_size=3))
def test_distinct_views_see_no_element_twice(axes: list[tuple[int, tuple[int, int]]]) -> None:
    x = np.arange(40 * 40).reshape(40, 40)
    seen = strided_view(x, (0, 0), tuple(axes))
    if is_distinct(tuple(axes)):
        assert len(np.unique(seen)) == seen.size


def test_the_gradient_of_what_is_seen_twice_is_a_sum() -> None:
    dy = np.ones((2, 5, 4, 3))
    (dx,) = strided_dx.meaning(dy, shape=(2, 5, 6), start=(0, 0, 0), axes=OVERLAPPING)
    np.testing.assert_array_equal(dx[0, 0], [1, 2, 3, 3, 2, 1])


def test_samples_stay_only_where_their_axis_is_whole_and_alone() -> None:
    assert keeps_samples((0, 0), ((ALL, (1, 0)), (2, (0, 2))))
    for start, axes in [((1, 0), DIAGONAL), ((0, 0), ((2, (1, 0)),)), ((0, 0), ((ALL, (1, 0)), (2, (1, 0))))]:
        assert not keeps_samples(start, axes)
