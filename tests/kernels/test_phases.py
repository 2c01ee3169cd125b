"""Phases of outputs a stride apart: together they are all outputs, each once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knoll.kernels.convolution.phases import ALONE, Phases, Polyphase


@given(st.integers(1, 9), st.integers(1, 4), st.integers(0, 8), st.integers(1, 40))
def test_phases_share_out_the_outputs(stride: int, dilation: int, shift: int, size: int) -> None:
    axis = Phases(stride, dilation, shift, size, count=stride)
    outputs = [
        first + i * stride
        for phase in range(stride)
        for first, length in [(int(axis.first(phase)), int(axis.length(phase)))]  # type: ignore[call-overload]
        for i in range(length)
    ]
    assert sorted(outputs) == list(range(size))
    assert axis.lengths.sum() == size


@given(st.integers(1, 9), st.integers(1, 4), st.integers(0, 8))
def test_outputs_of_a_phase_leave_the_same_remainder(stride: int, dilation: int, shift: int) -> None:
    axis = Phases(stride, dilation, shift, 50, count=stride)
    for phase in range(axis.turn):
        assert axis.first(phase) == (phase * dilation + shift) % stride
        assert axis.earlier(phase) * stride + axis.first(phase) == phase * dilation + shift  # type: ignore[operator]


def test_rows_times_columns() -> None:
    both = Polyphase(Phases(stride=2, size=5, count=2), Phases(stride=3, size=3, count=3))
    assert (both.count, both.apart) == (6, (2, 3))
    assert both.outputs((3, 1)) == 5 * 3
    assert both.least((3, 1)) == (2, 1)
    assert (ALONE.count, ALONE.apart, ALONE.least((7, 8)), ALONE.outputs((7, 8))) == (1, (1, 1), (7, 8), 56)
