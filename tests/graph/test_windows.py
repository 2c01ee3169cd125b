"""Windows that slide over an axis, against walking along it; shares of an axis."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knoll.graph import AdaptiveWindow, Window


@given(
    kernel=st.integers(1, 5), stride=st.integers(1, 4), padding=st.integers(0, 3), dilation=st.integers(1, 3),
    size=st.integers(1, 20),
)  # fmt: skip
def test_windows_are_counted_by_walking(kernel: int, stride: int, padding: int, dilation: int, size: int) -> None:
    window = Window(kernel, stride, padding, padding, dilation)
    last = size + padding - window.span
    walked = len(range(-padding, last + 1, stride))
    assert max(window.positions(size), 0) == walked
    if walked:
        assert window.start(0) == -padding
        assert window.start(walked - 1) <= last


@given(size=st.integers(1, 30), count=st.integers(1, 30))
def test_shares_of_an_axis_cover_it_in_order(size: int, count: int) -> None:
    window = AdaptiveWindow(size, count)
    starts, stops = window.starts(), window.stops()
    assert starts[0] == 0
    assert stops[-1] == size
    assert (stops > starts).all()
    assert (starts[1:] <= stops[:-1]).all()  # no element is left out
    assert window.kernel == (stops - starts).max()
    assert window.is_even == ((stops - starts == size // count).all() and bool((starts[1:] == stops[:-1]).all()))


@given(
    kernel=st.integers(1, 4), stride=st.integers(1, 3), padding=st.integers(0, 2), dilation=st.integers(1, 3),
    size=st.integers(1, 9), ceil=st.booleans(),
)  # fmt: skip
def test_what_windows_see_lies_on_the_axis(
    kernel: int, stride: int, padding: int, dilation: int, size: int, ceil: bool
) -> None:
    window = Window(kernel, stride, padding, padding, dilation, ceil)
    seen = window.seen(size)
    expected = [
        [p for tap in range(kernel) if 0 <= (p := window.start(i) + tap * dilation) < size]
        for i in range(window.positions(size))
    ]
    assert [[place for place in row if place >= 0] for row in seen.tolist()] == expected
    assert window.meets(size) == (all(expected) and any(expected))
