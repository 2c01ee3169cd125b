"""Shapes as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knoll.errors import ArgumentError
from knoll.graph.shapes import read_shape, shape_text


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=5).map(tuple))
def test_what_is_written_is_read(shape: tuple[int, ...]) -> None:
    assert read_shape(shape_text(shape)) == read_shape(str(shape)) == read_shape(" x ".join(map(str, shape))) == shape


@pytest.mark.parametrize("text", ["", "x", "3xx", "3x", "-3x4", "3.5", "axb", "9" * 19, "3x(4"])
def test_what_is_no_shape_is_told(text: str) -> None:
    with pytest.raises(ArgumentError, match="this is not a shape"):
        read_shape(text)
