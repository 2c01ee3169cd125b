"""Polyphase components of outputs a stride apart: together they are all outputs, each once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knoll.kernels.convolution.polyphase import ONE_COMPONENT, AxisComponents, Polyphase


@given(st.integers(1, 9), st.integers(1, 4), st.integers(0, 8), st.integers(1, 40))
def test_every_output_is_in_one_component(stride: int, dilation: int, shift: int, size: int) -> None:
    axis = AxisComponents(stride, dilation, shift, size, count=stride)
    outputs = [
        first + i * stride
        for component in range(stride)
        for first, length in [(int(axis.first(component)), int(axis.length(component)))]
        for i in range(length)
    ]
    assert sorted(outputs) == list(range(size))
    assert axis.lengths.sum() == size


@given(st.integers(1, 9), st.integers(1, 4), st.integers(0, 8))
def test_outputs_of_a_component_leave_the_same_remainder(stride: int, dilation: int, shift: int) -> None:
    axis = AxisComponents(stride, dilation, shift, 50, count=stride)
    for component in range(axis.reduced_stride):
        assert axis.first(component) == (component * dilation + shift) % stride
        assert axis.earlier(component) * stride + axis.first(component) == component * dilation + shift


def test_rows_times_columns() -> None:
    both = Polyphase(AxisComponents(stride=2, size=5, count=2), AxisComponents(stride=3, size=3, count=3))
    assert (both.count, both.stride) == (6, (2, 3))
    assert both.outputs((3, 1)) == 5 * 3
    assert both.least((3, 1)) == (2, 1)
    assert (ONE_COMPONENT.count, ONE_COMPONENT.stride, ONE_COMPONENT.least((7, 8)), ONE_COMPONENT.outputs((7, 8))) == (
        1,
        (1, 1),
        (7, 8),
        56,
    )
