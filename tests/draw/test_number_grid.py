"""A grid of numbers draws any matrix, and says what it leaves out."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from knoll.draw import Edges, Window, number_grid
from knoll.draw.elements import Rects
from knoll.draw.text import NUMBER
from knoll.errors import DTypeError, ShapeError

MATRICES = arrays.arrays(
    st.sampled_from([np.float32, np.float64, np.int64, np.uint8, np.bool_]),
    arrays.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=20),
)


def texts(svg: str) -> list[str]:
    root = ElementTree.fromstring(svg)  # noqa: S314 (the text is our own)
    return [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")]


@settings(deadline=None)
@given(MATRICES, st.booleans())
def test_any_matrix_can_be_drawn(matrix: np.ndarray, heat: bool) -> None:
    scene = number_grid(matrix, heat=heat, name="x", limit=6)
    assert np.isfinite(scene.size).all()
    svg = scene.svg("light")
    assert svg.count("data-cell") == min(matrix.shape[0], 6) * min(matrix.shape[1], 6)
    assert "nan" not in svg
    assert len(svg) < 40_000


def test_numbers_axes_and_indices_are_written() -> None:
    svg = number_grid([[1, -0.5], [np.inf, np.nan]], axes=("r", "s"), title="weight").svg()
    assert texts(svg) == ["weight", "1", "−0.5", "∞", "NaN", "0", "1", "0", "1", "r", "s"]


def test_padding_is_counted_from_the_first_cell_that_is_none() -> None:
    svg = number_grid(np.zeros((3, 3), int), padding=Edges(1, 1, 1, 1)).svg()
    assert texts(svg)[9:15] == ["−1", "0", "1", "−1", "0", "1"]
    (hatched,) = re.findall(r'<path d="([^"]*)" fill="url\(#\w+-lines-padding\)"', svg)
    assert re.findall(r"h(\d+)v(\d+)", hatched) == [("84", "28"), ("28", "28"), ("28", "28"), ("84", "28")]


def test_a_large_matrix_is_cropped_around_the_focus_and_says_so() -> None:
    scene = number_grid(np.arange(10_000).reshape(100, 100), limit=4, focus=(50, 99))
    assert texts(scene.svg(language="en"))[-1] == "rows 49 to 52 of 100, columns 96 to 99 of 100"
    assert texts(scene.svg(language="zh"))[-1] == "共 100 行 100 列，显示第 49 至 52 行、第 96 至 99 列"
    assert "4996" in texts(scene.svg())


@pytest.mark.parametrize("size", [1, 3, 14, 20, 37])
@pytest.mark.parametrize("limit", [1, 2, 5, 14])
def test_a_cropped_matrix_rests_and_keeps_its_focus(size: int, limit: int) -> None:
    parts = []
    for at in range(size):
        scene = number_grid(np.arange(size)[None], limit=limit, focus=(0, at), name="x", indices=False)
        parts.append([int(text) for text in texts(scene.svg())[:limit] if text.isdigit()])
        assert at in parts[-1]
        assert len(parts[-1]) == min(limit, size)
    moves = sum(one != other for one, other in pairwise(parts))
    assert moves <= size / max(1, limit // 2)


@pytest.mark.parametrize("room", [150.0, 200.0, 476.0])
@pytest.mark.parametrize("scale", [1, 1e-5, 1234.5, 1e8])
def test_where_there_is_no_room_fewer_columns_are_drawn(room: float, scale: float) -> None:
    matrix = np.random.default_rng(0).normal(size=(4, 40)) * scale
    for at in (0, 17, 39):
        scene = number_grid(matrix, focus=(1, at), room=room, name="x")
        assert scene.width <= max(room, 190)  # of words below it
        assert scene.box("x", (1, at))
    whole = number_grid(matrix, region=(range(1, 3), range(20, 38)), name="x")
    part = number_grid(matrix, region=(range(1, 3), range(20, 38)), focus=(1, 30), room=room, name="x")
    assert whole.box("x", (2, 37))
    assert part.box("x", (1, 30))
    assert part.width < whole.width


def test_what_is_not_shown_yet_is_left_empty() -> None:
    assert "7" not in texts(number_grid([[7, 8]], shown=[[False, True]]).svg())
    with pytest.raises(ShapeError, match=r"expected: \(1, 2\)\n  got: \(2,\)"):
        number_grid([[7, 8]], shown=[False, True])


def test_a_window_with_gaps_has_an_outline_around_each_cell() -> None:
    dense = number_grid(np.zeros((5, 5)), windows=[Window((0, 1), (0, 1))])
    gaps = number_grid(np.zeros((5, 5)), windows=[Window((0, 2), (0, 2))])
    outlined = [each for each in gaps.elements if isinstance(each, Rects) and each.style.fill is None]
    assert [len(each.boxes) for each in outlined] == [4]
    assert not any(isinstance(each, Rects) and each.style.fill is None for each in dense.elements)
    outside = number_grid(np.zeros((2, 2)), windows=[Window((7, 8), (7, 8))])
    assert len(outside.elements) == len(number_grid(np.zeros((2, 2))).elements)


@pytest.mark.parametrize("wrong", [[1, 2], [[[1]]], 3])
def test_what_is_no_matrix_is_told(wrong: object) -> None:
    with pytest.raises(ShapeError, match="another number of dimensions"):
        number_grid(wrong)


def test_what_holds_no_numbers_is_told() -> None:
    with pytest.raises(DTypeError, match="complex128 cannot be drawn"):
        number_grid([[1j]])
    with pytest.raises(ShapeError, match="different lengths"):
        number_grid([[1], [1, 2]])


def test_only_the_axis_that_is_cropped_is_told() -> None:
    assert "columns 0 to 13 of 1000" in number_grid(np.zeros((1, 1000))).svg("light", "en")
    assert "rows 0 to 0" not in number_grid(np.zeros((1, 1000))).svg("light", "en")
    assert "rows 0 to 13 of 20" in number_grid(np.zeros((20, 3))).svg("light", "en")
    assert "columns" not in number_grid(np.zeros((20, 3))).svg("light", "en")


def test_dots_of_a_gradient_are_no_decimal_points() -> None:
    svg = number_grid([[24.0]], marks={(0, 0): "gradient"}).svg("light")
    (pattern,) = re.findall(r"<pattern [^>]*dots.*?</pattern>", svg)
    (width,), (opacity,) = (re.findall(rf'{name}="([^"]*)"', pattern) for name in ("stroke-width", "stroke-opacity"))
    assert float(width) > 2 * 0.12 * NUMBER  # wider than the point of a number, and pale
    assert float(opacity) < 0.25
