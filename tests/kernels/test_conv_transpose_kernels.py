"""Transposed convolution against its meaning, on every machine, forward and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knoll.graph import Graph, Spec, Value, gradient
from knoll.machine import NAMED, Machine, host
from knoll.ops.conv_transpose2d import conv_transpose2d
from knoll.ops.elementwise import add, tanh
from knoll.run.build import compiled
from knoll.run.reference import Reference

MACHINES = [m for m in NAMED.values() if m.vector_bytes <= host().vector_bytes]
TOLERANCE = {"float32": 2e-5, "float64": 1e-12}


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

    def value(*shape: int) -> Value:
        return Value(Spec(shape, np.dtype(dtype)))

    inputs = [value(draw(st.integers(1, 3)), groups * c, *size), value(groups * c, k, *kernel)]
    inputs += [value(groups * k)] if draw(st.booleans()) else []
    y = conv_transpose2d(
        *inputs,
        size=tuple(n - 2 * p for n, p in zip(whole, cut, strict=True)),
        stride=stride,
        padding=tuple((p, p - o) for p, o in zip(cut, more, strict=True)),
        dilation=dilation,
        groups=groups,
    )
    return Graph(tuple(inputs), (tanh(y) if draw(st.booleans()) else y,))


def close(mine: np.ndarray[Any, Any], truth: np.ndarray[Any, Any]) -> None:
    assert mine.shape == truth.shape
    scale = max(float(np.abs(truth).max(initial=0)), 1e-3)
    np.testing.assert_allclose(mine, truth, rtol=0, atol=TOLERANCE[truth.dtype.name] * scale)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@settings(max_examples=20, deadline=None)
@given(st.data())
def test_kernels(machine: Machine, dtype: str, data: st.DataObject) -> None:
    graph = data.draw(graphs(dtype))
    wanted = tuple(range(len(graph.inputs)))
    program, reference = compiled(graph, wanted, machine), Reference(graph, gradient(graph, wanted, add))
    assert program is not None
    generator = np.random.default_rng(0)
    arrays = [generator.standard_normal(v.spec.shape).astype(dtype) for v in graph.inputs]
    (mine,), saved = program.forward(arrays)
    (truth,), known = reference.forward(arrays)
    close(mine, truth)
    seed = generator.standard_normal(truth.shape).astype(dtype)
    for one, other in zip(program.backward(saved, [seed]), reference.backward(known, [seed]), strict=True):
        close(one, other)
