"""Transposed convolution against its meaning, on every machine, forward and gradients."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from knoll.graph import Graph
from knoll.machine import Machine
from knoll.ops.conv_transpose2d import conv_transpose2d
from knoll.ops.elementwise import tanh
from meant import check, elements, machines, value


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
@settings(max_examples=20, deadline=None)
@given(st.data())
def test_kernels(machine: Machine, dtype: str, data: st.DataObject) -> None:
    check(data.draw(graphs(dtype)), machine)
