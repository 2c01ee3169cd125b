from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knoll.errors import ArgumentError, ShapeError, UnsupportedError
from knoll.graph import Spec, Window, spec_of
from knoll.ops.pooling.max_pool import max_pool2d, max_pool2d_dx

PLAIN: dict[str, Any] = {"kernel": (2, 2), "stride": (2, 2), "padding": (0, 0), "dilation": (1, 1), "ceil": False}


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "ceil", "count"),
    [(5, 3, 3, 0, False, 1), (5, 3, 3, 0, True, 2), (6, 1, 2, 0, True, 3), (9, 4, 4, 2, True, 3),
     (32, 1, 2, 0, True, 16), (7, 3, 2, 1, False, 4), (32, 8, 4, 0, True, 7)],
)  # fmt: skip
def test_how_many_windows_fit(size: int, kernel: int, stride: int, padding: int, ceil: bool, count: int) -> None:
    attributes = {
        "kernel": (kernel, kernel),
        "stride": (stride, stride),
        "padding": (padding, padding),
        "dilation": (1, 1),
    }
    values, indices = max_pool2d.shape(Spec((1, 1, size, size), np.dtype("f")), **attributes, ceil=ceil)
    assert values.shape == indices.shape == (1, 1, count, count)


@st.composite
def pools(draw: Any) -> tuple[np.ndarray, dict[str, Any]]:
    """Images with ties, and attributes that fit."""
    kernel, stride, dilation = ((draw(st.integers(1, 3)), draw(st.integers(1, 3))) for _ in range(3))
    padding = tuple(draw(st.integers(0, (d * (k - 1) + 1) // 2)) for k, d in zip(kernel, dilation, strict=True))
    spans = [d * (k - 1) + 1 - 2 * p for k, d, p in zip(kernel, dilation, padding, strict=True)]
    size = [max(span, 1) + draw(st.integers(0, 5)) for span in spans]
    x = np.random.default_rng(draw(st.integers(0, 99))).integers(0, 4, (draw(st.integers(0, 2)), 2, *size))
    return x.astype(draw(st.sampled_from(["float32", "float64", "int8", "uint8", "int64"]))), {
        "kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation, "ceil": draw(st.booleans()),
    }  # fmt: skip


@given(pools())
@settings(max_examples=60, deadline=None)
def test_meaning_is_the_first_largest_of_each_window(case: Any) -> None:
    x, attributes = case
    values, indices = max_pool2d.meaning(x, **attributes)
    assert (spec_of(values), spec_of(indices)) == max_pool2d.shape(spec_of(x), **attributes)
    rows, columns = (
        Window(
            *(attributes[key][axis] for key in ("kernel", "stride", "padding", "padding", "dilation")),
            attributes["ceil"],
        )
        for axis in (0, 1)
    )
    height, width = x.shape[2:]
    for n, c, i, j in np.ndindex(values.shape):
        taps = [
            (row, column)
            for row in (rows.start(i) + r * rows.dilation for r in range(rows.kernel))
            for column in (columns.start(j) + s * columns.dilation for s in range(columns.kernel))
            if 0 <= row < height and 0 <= column < width
        ]
        if not taps:
            assert indices[n, c, i, j] == -1
            continue
        best = max(taps, key=lambda place: x[n, c, *place])
        assert values[n, c, i, j] == x[n, c, *best]
        assert indices[n, c, i, j] == best[0] * width + best[1]


def counted(i: int, k: int, s: int, p: int, d: int, ceil: bool) -> int:
    """How many windows there are, found by moving one.

    It must lie inside; with `ceil` it need only begin before the right padding, if the one before leaves something.
    """
    span, long, count = d * (k - 1) + 1, i + 2 * p, 0
    while count * s + span <= long or (ceil and count * s < i + p and (count - 1) * s + span < long):
        count += 1
    return count


@given(st.integers(1, 12), st.integers(1, 5), st.integers(1, 5), st.integers(0, 7), st.integers(1, 3), st.booleans())
@settings(max_examples=1500, deadline=None)
def test_the_rule_of_sizes_by_counting(i: int, k: int, s: int, p: int, d: int, ceil: bool) -> None:
    p = min(p, (d * (k - 1) + 1) // 2)
    window = Window(k, s, p, p, d, ceil)
    assert max(window.positions(i), 0) == counted(i, k, s, p, d, ceil)
    if window.positions(i) > 0:
        starts = map(window.start, range(window.positions(i)))
        taps = [[tap for tap in range(start, start + window.span, d) if 0 <= tap < i] for start in starts]
        assert [[int(tap) for tap in row if tap >= 0] for row in window.seen(i)] == taps
        assert window.meets(i) == all(taps)


def test_huge_windows_look_only_where_there_is_something() -> None:
    slide: dict[str, Any] = {"kernel": (10**9,) * 2, "stride": (2, 2), "padding": (5 * 10**8,) * 2, "dilation": (1, 1)}
    values, indices = max_pool2d.meaning(np.arange(64.0).reshape(1, 1, 8, 8), **slide, ceil=False)
    assert (values == 63).all()
    assert values.shape == (1, 1, 5, 5)
    assert (indices == 63).all()


def test_padding_never_wins() -> None:
    values, indices = max_pool2d.meaning(np.full((1, 1, 2, 2), -5.0), **{**PLAIN, "padding": (1, 1)})
    assert (values == -5).all()
    assert indices.tolist() == [[[[0, 1], [2, 3]]]]


def test_nan_wins_and_the_last_is_remembered() -> None:
    x = np.array([[[[1.0, math.nan, 2.0, math.nan]]]])
    values, indices = max_pool2d.meaning(x, **{**PLAIN, "kernel": (1, 4), "stride": (1, 4)})
    assert math.isnan(values.item())
    assert indices.item() == 3


def test_a_window_without_a_pixel_gives_no_gradient() -> None:
    attributes = {"kernel": (1, 2), "stride": (1, 1), "padding": (0, 1), "dilation": (1, 2), "ceil": False}
    values, indices = max_pool2d.meaning(np.ones((1, 1, 1, 1)), **attributes)
    assert values.item() == -math.inf
    assert indices.item() == -1
    assert max_pool2d_dx.meaning(np.ones_like(values), indices, size=(1, 1))[0].item() == 0


def test_gradient_by_differences(check_gradient: Any) -> None:
    x = np.random.default_rng(0).permutation(2 * 2 * 7 * 6).reshape(2, 2, 7, 6).astype(np.float64)
    check_gradient(max_pool2d, x, wrt=(0,), **{**PLAIN, "kernel": (3, 3), "padding": (1, 1), "ceil": True})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"stride": (2, 0)}, "stride should not be zero"),
        ({"stride": (-1, 2)}, "stride should be greater than zero, but got dH: -1 dW: 2"),
        ({"kernel": (0, 2)}, "kernel size should be greater than zero, but got kH: 0 kW: 2"),
        ({"dilation": (1, 0)}, "dilation should be greater than zero, but got dilationH: 1 dilationW: 0"),
        ({"kernel": (2, 2**31)}, "value cannot be converted to type int without overflow"),
        ({"padding": (0, -1)}, "pad must be non-negative, but got pad: -1"),
        (
            {"padding": (2, 0)},
            "pad should be at most half of effective kernel size, but got pad=2, kernel_size=2 and dilation=1",
        ),
    ],
)
def test_what_no_image_makes_right_is_refused(changes: Any, words: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        max_pool2d.shape(Spec((1, 1, 8, 8), np.dtype("f")), **{**PLAIN, **changes})
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((8, 8), "non-empty 3D or 4D (batch mode) tensor expected for input"),
        ((1, 0, 8, 8), "but got:[1, 0, 8, 8]"),
        ((1, 3, 1, 8), "Given input size: (3x1x8). Calculated output size: (3x0x4). Output size is too small"),
    ],
)
def test_images_that_do_not_fit_are_refused(shape: Any, words: str) -> None:
    with pytest.raises(ShapeError) as caught:
        max_pool2d.shape(Spec(shape, np.dtype("f")), **PLAIN)
    assert words in str(caught.value)


def test_bools_have_no_largest() -> None:
    with pytest.raises(UnsupportedError, match="not implemented for 'Bool'"):
        max_pool2d.shape(Spec((1, 1, 8, 8), np.dtype("bool")), **PLAIN)
