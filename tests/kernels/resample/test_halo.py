"""Padding in place against its meaning: what is filled, what is folded back, and when it must not happen."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from against_meaning import check_twice, elements, examples, machines, value
from knoll.graph import Graph, Value
from knoll.machine import Machine
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.convolution.conv import conv2d
from knoll.ops.resample.axes import PADDINGS, Padded
from knoll.ops.resample.resample import resample2d


def padded(x: Value, mode: str, rows: tuple[int, int], columns: tuple[int, int]) -> Value:
    return resample2d(x, rows=Padded(*rows, mode), columns=Padded(*columns, mode))


def convolved(x: Value, w: Value, padding: int = 0, groups: int = 1) -> Value:
    return conv2d(x, w, stride=(1, 1), padding=((padding, padding),) * 2, dilation=(1, 1), groups=groups)


@machines
@elements
@examples(4)
@given(
    st.sampled_from(PADDINGS), st.integers(1, 40), st.tuples(*[st.integers(0, 3)] * 4), st.integers(4, 9),
    st.integers(4, 9), st.integers(1, 3), st.integers(1, 20),
)  # fmt: skip
def test_between_two_convolutions(
    machine: Machine, dtype: str, mode: str, c: int, ends: Any, h: int, w: int, n: int, first: int
) -> None:
    x, v1, v2 = value(dtype, n, first, h, w), value(dtype, c, first, 3, 3), value(dtype, 5, c, 3, 2)
    y = relu(convolved(padded(x, mode, (1, 1), (1, 1)), v1))
    plan = check_twice(Graph((x, v1, v2), (convolved(padded(y, mode, ends[:2], ends[2:]), v2),)), machine)
    if any(ends):
        assert "resample2d_" not in plan.split("backward")[0] or first == 1


@machines
def test_a_gradient_that_has_two_readers_is_not_overwritten(machine: Machine) -> None:
    x, v = value("float32", 2, 8, 6, 6), value("float32", 8, 8, 3, 3)
    y = padded(x, "circular", (1, 1), (1, 1))
    check_twice(Graph((x, v), (convolved(y, v), relu(y), y)), machine)
