"""Resampling against differences, NumPy's padding and averages by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knoll.graph import Value, Window, spec_of
from knoll.ops.resample.axes import PADDINGS, SAME, Adaptive, Average, Axis, Linear, Nearest, Padded
from knoll.ops.resample.resample import resample2d

WAYS: list[Axis] = [
    Average(Window(3, 2, 1, 1)),
    Average(Window(3, 2, 1, 1, ceil=True), counts_padding=False),
    Average(Window(2, 3), divisor=-5),
    Adaptive(4),
    Adaptive(0),
    Nearest(9),
    Nearest(7, scale=1.6, exact=True),
    Linear(11),
    Linear(4, corners=True),
    *(Padded(3, 2, mode) for mode in PADDINGS),
    Padded(-2, 1, "circular"),
]
NUMPY = dict(zip(PADDINGS, ("constant", "reflect", "edge", "wrap", "symmetric"), strict=True))


@pytest.mark.parametrize("rows", WAYS, ids=repr)
def test_gradient_by_differences(check_gradient: Any, rows: Axis) -> None:
    x = np.random.default_rng(0).standard_normal((2, 1, 6, 3))
    check_gradient(resample2d, x, wrt=(0,), rows=rows, columns=Padded(1, 0, "reflect"))
    check_gradient(resample2d, x.swapaxes(2, 3).copy(), wrt=(0,), rows=Linear(2), columns=rows)


@pytest.mark.parametrize("way", WAYS, ids=repr)
def test_the_gradient_of_the_gradient_is_the_way_itself(way: Axis) -> None:
    x = Value(spec_of(np.zeros((1, 1, 6, 6))))
    node = resample2d.node(x, rows=way, columns=SAME)
    (dx,) = resample2d.gradient(node, node.outputs[0])
    assert dx.spec == x.spec
    (again,) = resample2d.gradient(dx.node, x)
    assert again.node.attributes == node.attributes


@given(st.sampled_from(PADDINGS), st.integers(1, 5), st.integers(1, 5), st.data())
@settings(max_examples=60, deadline=None)
def test_padding_is_numpys(mode: str, height: int, width: int, data: Any) -> None:
    ends = [tuple(data.draw(st.integers(0, size - (mode == "reflect"))) for _ in range(2)) for size in (height, width)]
    x = np.arange(2.0 * height * width).reshape(1, 2, height, width)
    (y,) = resample2d.meaning(x, rows=Padded(*ends[0], mode), columns=Padded(*ends[1], mode))
    np.testing.assert_array_equal(y, np.pad(x, ((0, 0), (0, 0), *ends), NUMPY[mode]))


@given(st.integers(1, 12), st.integers(1, 5), st.integers(1, 5), st.integers(0, 2), st.booleans(), st.booleans())
def test_averages_by_hand(size: int, kernel: int, stride: int, padding: int, ceil: bool, counts: bool) -> None:
    window = Window(kernel, stride, min(padding, kernel // 2), min(padding, kernel // 2), ceil=ceil)
    x, padded = np.arange(1.0, size + 1), np.full(size + 2 * window.before, 0.0)
    padded[window.before : window.before + size] = x
    real = np.zeros_like(padded)
    real[window.before : window.before + size] = 1
    expected = []
    for position in range(max(window.positions(size), 0)):
        under = slice(position * stride, position * stride + kernel)
        expected.append(padded[under].sum() / (len(padded[under]) if counts else real[under].sum()))
    (y,) = resample2d.meaning(x.reshape(1, 1, 1, -1), rows=SAME, columns=Average(window, counts))
    np.testing.assert_allclose(y.ravel(), expected, rtol=1e-15)


def test_half_precision_is_summed_in_a_wider_type() -> None:
    x = np.full((1, 1, 1, 4096), 1, np.float16)
    assert resample2d.meaning(x, rows=SAME, columns=Adaptive(1))[0].tolist() == [[[[1]]]]


def test_whole_numbers_are_cut_off_or_rounded() -> None:
    x = np.array([[[[1, 2, -1, -2]]]])
    assert resample2d.meaning(x, rows=SAME, columns=Average(Window(2, 2)))[0].tolist() == [[[[1, -1]]]]
    x = np.array([[[[0, 2]]]], np.uint8)
    assert resample2d.meaning(x, rows=SAME, columns=Linear(4))[0].tolist() == [[[[0, 1, 2, 2]]]]


def test_cost_counts_places() -> None:
    x = Value(spec_of(np.zeros((2, 3, 4, 4), np.float32)))
    node = resample2d.node(x, rows=Average(Window(2, 2)), columns=Average(Window(3)))
    assert resample2d.cost(node) == 2 * 3 * (2 * 2) * (2 * 3)
