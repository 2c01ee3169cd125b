"""Transposed convolutions and gradients of strided ones, phase by phase, against their meaning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import check, elements, examples, machines, value
from knoll.graph import Graph
from knoll.machine import Machine, host
from knoll.ops.activation.relu_sigmoid_tanh import tanh
from knoll.ops.convolution.conv import conv2d
from knoll.ops.convolution.conv_transpose import conv_transpose2d
from knoll.plan.lower import lower


@st.composite
def graphs(draw: st.DrawFn, dtype: str) -> Graph:
    """A transposed convolution of any kind, small, and a tanh that wants its result."""
    pair = lambda low, high: tuple(draw(st.integers(low, high)) for _ in range(2))  # noqa: E731 (two draws)
    kernel, stride, dilation, size = pair(1, 4), pair(1, 3), pair(1, 3), pair(1, 6)
    groups, c, k = draw(st.sampled_from([(1, 7, 5), (1, 17, 20), (3, 2, 1), (2, 5, 9), (20, 1, 1), (4, 8, 4)]))
    spans = [d * (r - 1) + 1 for d, r in zip(dilation, kernel, strict=True)]
    more = [draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation, strict=True)]
    whole = [(h - 1) * s + span + o for h, s, span, o in zip(size, stride, spans, more, strict=True)]
    cut = [draw(st.integers(0, min(2, (n - 1) // 2))) for n in whole]

    inputs = [value(dtype, draw(st.integers(1, 3)), groups * c, *size), value(dtype, groups * c, k, *kernel)]
    inputs += [value(dtype, groups * k)] if draw(st.booleans()) else []
    y = conv_transpose2d(
        *inputs,
        size=tuple(n - 2 * p for n, p in zip(whole, cut, strict=True)),
        stride=stride,
        padding=tuple((p, p - o) for p, o in zip(cut, more, strict=True)),
        dilation=dilation,
        groups=groups,
    )
    return Graph(tuple(inputs), (tanh(y) if draw(st.booleans()) else y,))


@machines
@elements
@examples(7)
@given(st.data())
def test_kernels(machine: Machine, dtype: str, data: st.DataObject) -> None:
    check(data.draw(graphs(dtype)), machine)


@st.composite
def strided(draw: st.DrawFn, dtype: str) -> Graph:
    """The gradient of a convolution with any stride, whose windows may leave gaps, meet padding, or stand still."""
    pair = lambda low, high: tuple(draw(st.integers(low, high)) for _ in range(2))  # noqa: E731 (two draws)
    kernel, stride, dilation = pair(1, 12), pair(1, 20), tuple(draw(st.sampled_from([1, 1, 2, 3, 6])) for _ in range(2))
    groups, c, k = draw(st.sampled_from([(1, 3, 5), (1, 17, 20), (3, 2, 1), (2, 5, 9), (20, 1, 1)]))
    spans = [d * (r - 1) + 1 for d, r in zip(dilation, kernel, strict=True)]
    padding = tuple((draw(st.integers(0, span // 2)), draw(st.integers(0, span // 2))) for span in spans)
    size = [max(draw(st.integers(1, 40)), span - sum(sides)) for span, sides in zip(spans, padding, strict=True)]
    x, w = value(dtype, draw(st.integers(1, 2)), groups * c, *size), value(dtype, groups * k, c, *kernel)
    y = conv2d(x, w, stride=stride, padding=padding, dilation=dilation, groups=groups)
    return Graph((x, w), (tanh(y),))


@machines
@elements
@examples(4)
@given(st.data())
def test_gradients_of_strided_convolutions(machine: Machine, dtype: str, data: st.DataObject) -> None:
    check(data.draw(strided(dtype)), machine)


def written(stride: int, groups: int, kernel: int) -> tuple[int, int]:
    """How many kernels a transposed convolution becomes, and lines of code."""
    c = 32 // groups
    x, w = value("float32", 1, 32, 3, 3), value("float32", 32, c, kernel, kernel)
    size = 2 * stride + kernel
    y = conv_transpose2d(
        x, w, size=(size, size), stride=(stride,) * 2, padding=((0, 0),) * 2, dilation=(1, 1), groups=groups
    )
    plan = lower(Graph((x, w), (y,)), frozenset({x, y}), host())
    kernels = {step.kernel for phase in plan.phases for step in phase.steps}
    return len(kernels), sum(each.written().length for each in kernels)


@pytest.mark.parametrize("groups", [1, 4, 32])
@pytest.mark.parametrize("factor", [0.5, 1, 1.5, 2])
def test_code_does_not_grow_with_the_stride(groups: int, factor: float) -> None:
    small, large = (written(stride, groups, int(factor * stride)) for stride in (8, 64))
    assert large[0] == small[0]
    assert large[1] < 1.1 * small[1]
