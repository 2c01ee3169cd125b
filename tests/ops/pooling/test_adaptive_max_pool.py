"""Adaptive max pooling by its meaning: which windows there are, and what they see."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knoll.errors import ShapeError, UnsupportedError
from knoll.graph import AdaptiveWindow, Spec, spec_of
from knoll.ops.pooling.adaptive_max_pool import adaptive_max_pool2d
from knoll.ops.pooling.max_pool import max_pool2d


@given(st.integers(1, 40), st.integers(1, 60))
@settings(max_examples=200, deadline=None)
def test_windows_share_an_axis_out(size: int, count: int) -> None:
    share = AdaptiveWindow(size, count)
    windows = [range(math.floor(i * size / count), math.ceil((i + 1) * size / count)) for i in range(count)]
    assert list(map(range, share.starts(), share.stops())) == windows
    assert [[int(i) for i in row if i >= 0] for row in share.seen()] == [list(window) for window in windows]
    assert share.kernel == max(map(len, windows)) == share.seen().shape[1]
    assert share.is_even == (len({len(window) for window in windows}) == 1 and size >= count and size % count == 0)
    assert {element for window in windows for element in window} == set(range(size))


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 12), st.integers(0, 12), st.integers(0, 9))
@settings(max_examples=80, deadline=None)
def test_meaning_is_the_first_largest_of_each_window(h: int, w: int, rows: int, columns: int, seed: int) -> None:
    x = np.random.default_rng(seed).integers(0, 4, (2, 2, h, w)).astype(np.float64)
    values, indices = adaptive_max_pool2d.meaning(x, size=(rows, columns))
    assert (spec_of(values), spec_of(indices)) == adaptive_max_pool2d.shape(spec_of(x), size=(rows, columns))
    for n, c, i, j in np.ndindex(values.shape):
        top, bottom = i * h // rows, math.ceil((i + 1) * h / rows)
        left, right = j * w // columns, math.ceil((j + 1) * w / columns)
        window = x[n, c, top:bottom, left:right]
        row, column = np.unravel_index(window.argmax(), window.shape)
        assert values[n, c, i, j] == window.max()
        assert indices[n, c, i, j] == (top + row) * w + left + column


def test_even_windows_are_those_of_plain_pooling() -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 6, 9))
    slide = {"kernel": (3, 3), "stride": (3, 3), "padding": (0, 0), "dilation": (1, 1), "ceil": False}
    for one, other in zip(adaptive_max_pool2d.meaning(x, size=(2, 3)), max_pool2d.meaning(x, **slide), strict=True):
        np.testing.assert_array_equal(one, other)


def test_nan_wins_and_the_last_is_remembered() -> None:
    x = np.array([[[[1.0, math.nan, 2.0, math.nan, 3.0]]]])
    values, indices = adaptive_max_pool2d.meaning(x, size=(1, 1))
    assert math.isnan(values.item())
    assert indices.item() == 3


def test_gradient_by_differences(check_gradient: Any) -> None:
    x = np.random.default_rng(0).permutation(2 * 2 * 7 * 6).reshape(2, 2, 7, 6).astype(np.float64)
    check_gradient(adaptive_max_pool2d, x, wrt=(0,), size=(3, 4))


@pytest.mark.parametrize(
    ("shape", "size", "words"),
    [
        ((8, 8), (2, 2), "adaptive_max_pool2d(): Expected 3D or 4D tensor, but got: [8, 8]"),
        ((1, 0, 8, 8), (2, 2), "but input has sizes [1, 0, 8, 8] with dimension 1 being empty"),
        ((2, 8, 0), (2, 2), "but input has sizes [2, 8, 0] with dimension 2 being empty"),
        ((1, 2, 8, 8), (-1, 2), "Trying to create tensor with negative dimension -1: [1, 2, -1, 2]"),
    ],
)
def test_what_does_not_fit_is_refused(shape: Any, size: Any, words: str) -> None:
    with pytest.raises(ShapeError) as caught:
        adaptive_max_pool2d.shape(Spec(shape, np.dtype("f")), size=size)
    assert words in caught.value.reason


def test_integers_are_refused_as_in_pytorch() -> None:
    with pytest.raises(UnsupportedError, match="\"adaptive_max_pool2d\" not implemented for 'Int'"):
        adaptive_max_pool2d.shape(Spec((1, 1, 2, 2), np.dtype("i4")), size=(1, 1))
