"""What the tests of resampling kernels share: what can be done with an axis, drawn at random."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from knoll.graph import Window
from knoll.ops.resample.axes import PADDINGS, Adaptive, Average, Axis, Linear, Nearest, Padded

# Sums of few terms that cancel: of the largest number, or of one.
CLOSELY: Any = {"tolerance": {"float32": 2e-6, "float64": 4e-15}, "least": 1.0}


@st.composite
def axes(draw: st.DrawFn) -> tuple[int, Axis]:
    """The size of an axis, and something that can be done with it."""
    size = draw(st.integers(2, 34))
    return size, draw(st.one_of(averages(size), st.builds(Adaptive, st.integers(1, 36)), enlarged(), padded(size)))


def averages(size: int) -> st.SearchStrategy[Axis]:
    """Windows that fit, with or without padding, hanging over, divided by a number of one's own."""
    windows = st.integers(1, size).flatmap(
        lambda kernel: st.builds(
            lambda stride, padding, ceil: Window(kernel, stride, padding, padding, ceil=ceil),
            st.integers(1, 5),
            st.integers(0, kernel // 2),
            st.booleans(),
        )
    )
    return st.builds(Average, windows, st.booleans(), st.none() | st.just(-3))


def enlarged() -> st.SearchStrategy[Axis]:
    """Results between elements."""
    sizes, scales = st.integers(1, 50), st.none() | st.sampled_from([0.3, 1.5, 2.0, 3.0])
    return st.one_of(
        st.builds(Nearest, sizes, scales, st.booleans()),
        st.builds(Linear, sizes, scales, st.booleans()),
        st.builds(lambda k: Linear(k * 8), st.integers(1, 4)),
    )


def padded(size: int) -> st.SearchStrategy[Axis]:
    """More on both sides, or less on one."""
    ends = st.integers(0, size - 1) | st.just(-1)
    return st.builds(Padded, ends, st.integers(0, size - 1), st.sampled_from(PADDINGS))
