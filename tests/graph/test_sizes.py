"""How many pieces cover a length."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knoll.graph.sizes import ceil_div, round_up


@given(st.integers(0, 1 << 60), st.integers(1, 1 << 30))
def test_pieces_cover_a_length_and_one_fewer_does_not(length: int, size: int) -> None:
    count = ceil_div(length, size)
    assert (count - 1) * size < length <= count * size
    assert round_up(length, size) == count * size
