"""Parts that compute whole rows: which rows they compute and read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knoll.kernels.tile.row_parts import RowParts, RowWindow

ROWS = st.integers(1, 30)


@given(ROWS, st.integers(1, 6), st.integers(1, 4), st.data())
def test_the_parts_of_rows_compute_them(rows: int, height: int, groups: int, data: st.DataObject) -> None:
    parts = RowParts(rows, height, groups, 2, ())
    first = data.draw(st.integers(0, rows - 1))
    wanted = range(first, data.draw(st.integers(first + 1, rows)))
    computed = parts.computed(parts.of_rows(wanted))
    assert computed.start <= wanted.start
    assert computed.stop >= wanted.stop
    assert len(computed) <= len(wanted) + 3 * height


@given(ROWS, st.integers(1, 6), st.integers(1, 4), st.integers(-20, 40), st.integers(1, 9))
def test_rows_outside_of_the_image_need_no_parts(rows: int, height: int, groups: int, first: int, count: int) -> None:
    parts = RowParts(rows, height, groups, 2, ())
    needed = parts.of_rows(range(first, first + count))
    assert 0 <= needed.start <= needed.stop <= parts.runs * groups
    inside = range(max(first, 0), min(first + count, rows))
    assert bool(needed) == bool(inside) or height > 1
    assert not inside or parts.computed(needed).start <= inside.start < inside.stop <= parts.computed(needed).stop


@given(ROWS, st.integers(1, 3), st.integers(-3, 0), st.integers(1, 7))
def test_a_window_is_under_each_of_its_rows(rows: int, stride: int, start: int, extent: int) -> None:
    window = RowWindow(stride, start, extent)
    each = [row for i in range(rows) for row in window.under(range(i, i + 1))]
    assert window.under(range(rows)) == range(min(each), max(each) + 1)
